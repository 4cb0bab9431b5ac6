/* A piece of work beside the caller's. */
#include "bot/common/aside.h"

#include <signal.h>
#include <stdlib.h>

#include "bot/common/heap.h"

static void *run(void *self)
{
	struct aside *aside = self;
	void *heap = heap_of_thread();

	aside->work(aside->self);
	free(heap);
	return NULL;
}

void aside_begin(struct aside *aside, void (*work)(void *self), void *self)
{
	sigset_t all, before;

	*aside = (struct aside){.work = work, .self = self};
	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before))
		return;
	aside->begun = pthread_create(&aside->thread, NULL, run, aside) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void aside_end(struct aside *aside)
{
	if (aside->begun)
		pthread_join(aside->thread, NULL);
	else
		aside->work(aside->self);
}
