/* A thread beside the first.  It is blocked to every signal, for signals are the first thread's,
 * and has a name for those who look at the process. */
#ifndef TENSTEP_ADAPTERS_THREAD_THREAD_H
#define TENSTEP_ADAPTERS_THREAD_THREAD_H

#include <pthread.h>

#include "bot/base/str.h"

/* @name: at most 15 bytes.  False: there can be no thread, and @run will not be called; else
 * @thread is to be joined or detached. */
bool thread_begin(
	pthread_t *thread, const char *name, void *(*run)(void *self), void *self) MUST_CHECK;
/* The calling thread works for some microseconds at a time while others wait for it: where all
 * cores are busy the system lets it in sooner than those that work for longer (Linux 6.12 and
 * later; before, it changes nothing).  False: it may not be said here. */
bool thread_is_brief(void);
/* The calling thread works for milliseconds at a time, and nobody waits for it soon: it lets others
 * in, and does not push them from the core that they are on when it is woken.  It still gets its
 * tenth of a core that is always wanted (SCHED_BATCH and nice 10, sched(7)).  For good: it cannot be
 * taken back without a right.  False: it may not be said here. */
bool thread_is_patient(void);

#endif
