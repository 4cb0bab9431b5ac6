/* Where a person may hand a conversation back to: "flow" or "flow/step". */
#ifndef TENSTEP_DESK_DESK_PLACE_H
#define TENSTEP_DESK_DESK_PLACE_H

#include "flows/flow_set.h"

enum { desk_nearest = 5 };

struct desk_place_fault {
	struct str message;
	struct str nearest[desk_nearest]; /* places that may have been meant, the likeliest first */
	size_t n_nearest;
};

/* Whether @place is a flow that buyers start, or a question of one, from which no way leads to
 * something dangerous without a confirmation behind it: a person's hand-back must not do what the
 * buyer was not asked about.  False: @fault says why, in @arena. */
bool desk_place_check(const struct flow_set *flows, struct str place, struct arena *arena,
	struct desk_place_fault *fault) MUST_CHECK;

#endif
