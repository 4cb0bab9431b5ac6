/* How a promise to write stands. */
#ifndef TENSTEP_DESK_PROMISE_H
#define TENSTEP_DESK_PROMISE_H

#include "adapters/store/store.h"
#include "bot/config/serve_config.h"

enum promise_state {
	PROMISE_OPEN,    /* nothing has happened yet */
	PROMISE_KEPT,    /* over, and the buyer was written to */
	PROMISE_ENDED,   /* over without news: the buyer wanted no more of it, or the talk ended */
	PROMISE_UNTOLD,  /* overdue: the shop has told something, and not the buyer */
	PROMISE_UNASKED, /* overdue: the shop was not reached for so long that there may be news */
};
extern const char *const promise_word[PROMISE_UNASKED + 1];

/* @now_ms: Unix ms.  Quiet hours are nobody's delay. */
enum promise_state promise_judge(
	const struct store_promise *promise, const struct serve_config *config, int64_t now_ms);
bool promise_is_overdue(enum promise_state state);

struct promise_sums {
	int64_t open, overdue; /* open: the overdue ones too */
};
/* False: the store failed. */
bool promise_count(struct store *store, const struct serve_config *config, int64_t now_ms,
	struct promise_sums *sums) MUST_CHECK;

#endif
