/* How often each step is entered: its counter is looked up by name once, then by the step. */
#ifndef TENSTEP_DISPATCH_VISITS_H
#define TENSTEP_DISPATCH_VISITS_H

#include "bot/common/metrics.h"
#include "bot/engine/trace.h"

struct visits {
	struct visited *by_step; /* uthash; a zeroed struct has none */
};

void visits_count(struct visits *visits, struct metrics *metrics, const struct visit *visit);
/* The steps are going: other content comes in their place. */
void visits_forget(struct visits *visits);

/* One more of the family @name, whose labels are a flow and a step. */
void visits_count_named(
	struct metrics *metrics, const char *name, struct str flow, struct str step);

#endif
