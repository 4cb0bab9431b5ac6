/* All ways out of a step, and all that it reads, whatever the verb. */
#ifndef TENSTEP_FLOWS_FLOW_EDGE_H
#define TENSTEP_FLOWS_FLOW_EDGE_H

#include "flows/flow.h"

enum edge_kind {
	EDGE_THEN,
	EDGE_BRANCH,
	EDGE_ELSE,
	EDGE_SKIP,
	EDGE_OFFER,
	EDGE_ON,
	EDGE_GO, /* the verb go */
};

struct edge {
	enum edge_kind kind;
	struct target target;            /* never TARGET_NONE */
	const struct branch *branch;     /* EDGE_BRANCH */
	const struct offer *offer;       /* EDGE_OFFER */
	const struct on *on;             /* EDGE_ON … */
	const struct reaction *reaction; /* … and which of its items */
};

struct edges {
	const struct edge *edge;
	size_t n;
};

/* In the order: branches, then, else, skip, offers, on.  Reactions that stay at the question are
 * not edges. */
struct edges step_edges(const struct step *step, struct arena *arena);

/* Tells @each every name that the step reads in its conditions and texts, with its first field or
 * empty.  What it takes from a subflow ("gives") is read there and not here. */
typedef void name_heard(void *self, struct str name, struct str field);
void step_reads(const struct step *step, struct arena *arena, name_heard *each, void *self);
void bindings_read(const struct binding *binding, size_t n, name_heard *each, void *self);
bool binding_forgets(const struct binding *binding); /* "fact": "none" */

/* Verbs that wait for the buyer or for something to happen; a call waits for the shop and is not
 * one of them. */
bool verb_waits(enum verb verb);
bool verb_asks(enum verb verb); /* ask, choose, confirm */

#endif
