/* What the bot says before the buyer has written anything. */
#ifndef TENSTEP_FLOWS_FLOW_OPENING_H
#define TENSTEP_FLOWS_FLOW_OPENING_H

#include "flows/flow_set.h"

/* The first bubble of "session/hello" for somebody of whom nothing is known, in @arena.  Empty:
 * there is no such flow, or what it says cannot be known before the shop or the buyer has said
 * something. */
struct str flow_set_opening(const struct flow_set *set, struct arena *arena);

#endif
