/* Inside the checker: what is being looked at, and who looks at what. */
#ifndef TENSTEP_FLOWS_FLOW_CHECK_H
#define TENSTEP_FLOWS_FLOW_CHECK_H

#include "bot/base/json.h"
#include "bot/base/missed.h"
#include "flows/flow_edge.h"
#include "flows/flow_set.h"
#include "flows/shape.h"

struct check {
	const struct flow_set *set;
	const struct str *intent;
	size_t n_intents;
	struct diags *diags;
	struct arena *arena;            /* given back when the check is over */
	const struct flow *flow;        /* the one that is looked at */
	const struct shape *slot_shape; /* of its slots */
	struct missed missed;           /* slots and names that are not there, of the flow */
	struct missed missed_flows;     /* flows that are not there, of all flows */
	bool is_whole; /* nothing was found that may be why something else looks wrong */
	bool *loops;   /* of each flow: a loop that never waits was found in it */
};

/* One flow. */
void check_names(struct check *c); /* F021 … F030: names and fields that do not exist */
void check_fills(struct check *c); /* F039: slots that are filled with what they do not hold */
void check_slots(struct check *c); /* F050, F051: slots that are never filled, never read */
void check_edges(struct check *c); /* F032, F040 … F044: what may happen and is not provided for */
void check_silence(struct check *c); /* F045: who has answered and hears nothing */
void check_reach(struct check *c); /* F031, F033, F035: steps without a way in, without a way out */

/* All flows together. */
void check_unused(struct check *c);       /* F052, F053: lists and flows that nobody uses */
void check_silent_loops(struct check *c); /* F034 */
void check_proof(struct check *c);        /* F060 … F064 */

/* F036 … F038: what is compared, in a condition about the slots of @flow, with what it never is. */
void check_comparison(
	struct check *c, const struct flow *flow, const struct comparison *comparison);
/* F047: what a text does with a value that it is not made for. */
void check_filter(struct check *c, struct shape what, struct str filter, struct stretch at);
/* F037, F038: what is written to go into @name, of which @shape is known. */
void check_value(struct check *c, const struct binding *binding, struct shape shape);

/* What is known of the fields of each slot of @flow, in @c's arena. */
const struct shape *slot_shapes(struct check *c, const struct flow *flow);
struct shape shape_of_builtin(struct str name, bool *known);
/* What is known of the value of @expr in the flow that is looked at; nothing is reported. */
struct shape shape_of_value(struct check *c, const struct expr *expr);
/* How @flow may come back to the flow that runs it: the words of its `end` steps other than those
 * that end or begin anew what is below ("stopped", "restart", "back"), and "done".  A flow that it
 * goes to never comes back. */
const struct str *flow_outcomes(struct check *c, const struct flow *flow, size_t *n);
bool outcome_returns(struct str outcome);
/* The name of a flow that the engine starts by itself. */
bool engine_starts(struct str flow);
/* Nobody else need start it: an intent, the engine, or something watched does; or nobody does at
 * all. */
bool flow_starts_alone(const struct check *c, const struct flow *flow);
/* Where a slot is written down: under "slots", or where a call saves its answer. */
const struct json *slot_place(const struct flow *flow, const struct slot *slot);
bool intent_exists(const struct check *c, struct str name);
size_t flow_index(const struct check *c, const struct flow *flow);
/* Where a flow may begin besides its first step: where chats of older versions are moved to. */
const struct step *move_target(const struct flow *flow, const struct move *move);

/* The member of a step's object that holds a key; for findings. */
#define member(step, key) json_get((step)->at, (key))
#define found(c, node, code, hint, ...)                                                            \
	json_error((c)->diags, (c)->flow->doc, (node), (code), (hint), __VA_ARGS__)
#define found_key(c, node, code, hint, ...)                                                        \
	json_error_key((c)->diags, (c)->flow->doc, (node), (code), (hint), __VA_ARGS__)
void warn_at(struct check *c, const struct json_doc *doc, struct stretch where, const char *code,
	struct str hint, const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
