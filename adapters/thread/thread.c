/* How a thread begins. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "adapters/thread/thread.h"

#include <signal.h>

bool thread_begin(pthread_t *thread, const char *name, void *(*run)(void *self), void *self)
{
	sigset_t all, before;
	bool begun;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before))
		return false;
	begun = pthread_create(thread, NULL, run, self) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (begun)
		(void)pthread_setname_np(*thread, name);
	return begun;
}
