/* A piece of work beside the caller's, on another processor where there is one. */
#ifndef TENSTEP_COMMON_ASIDE_H
#define TENSTEP_COMMON_ASIDE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct aside {
	pthread_t thread;
	bool begun; /* else it is done at the end: there could not be a thread */
	size_t megabytes;
	void (*work)(void *self);
	void *self;
};

/* @work must share nothing with what the caller does until aside_end(), which waits for it.  It
 * gets no signals, and takes about so many @megabytes. */
void aside_begin(struct aside *aside, size_t megabytes, void (*work)(void *self), void *self);
void aside_end(struct aside *aside);

#endif
