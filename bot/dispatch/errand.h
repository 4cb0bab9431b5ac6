/* A letter and the end of its turn, for channels that answer a request with what it led to: the
 * turn has ended when nothing is waited for from the shop any more. */
#ifndef TENSTEP_DISPATCH_ERRAND_H
#define TENSTEP_DISPATCH_ERRAND_H

#include "bot/dispatch/dispatcher.h"

struct errand;

struct errand_setup {
	struct loop *loop;
	struct dispatcher *dispatcher;
	int64_t max_ms; /* after the commit; what is not there by then comes later */
};

/* Gives @letter to the dispatcher.  @done comes once, after the commit and never from inside this
 * function; the errand is gone by then. */
struct errand *errand_start(const struct errand_setup *setup, const struct letter *letter,
	taken_function *done, void *self) MUST_CHECK;
/* Whoever waits goes away: `done` is not called.  NULL is fine. */
void errand_drop(struct errand *errand);

#endif
