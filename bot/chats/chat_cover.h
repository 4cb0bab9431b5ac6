/* Which steps and edges of the flows the tests took. */
#ifndef TENSTEP_CHATS_CHAT_COVER_H
#define TENSTEP_CHATS_CHAT_COVER_H

#include "bot/engine/trace.h"
#include "flows/flow_set.h"

struct cover_edge {
	unsigned from; /* index of the step; no_step: into the flow from outside */
	struct str
		how; /* as trace.visit says it: "then", "on refused", "on no_match #2", "when …" */
	struct str to; /* for people: "done", "-> person", "end", "stays" */
	const struct json *at;
	unsigned hits;
};

enum { no_step = ~0u };

struct cover_flow {
	const struct flow *flow;
	unsigned *entered; /* how often, a step each */
	struct cover_edge *edge;
	size_t n_edges;
};

struct chat_cover {
	struct arena *arena;
	struct cover_flow *flow;
	size_t n_flows;
};

/* All zero, in @arena; points into @flows. */
struct chat_cover *chat_cover_new(const struct flow_set *flows, struct arena *arena);
/* Counts what one step of the engine did.  Visits to flows or steps that are not in the set (older
 * versions) are left out. */
void chat_cover_add(struct chat_cover *cover, const struct trace *trace);

struct cover_sum {
	size_t steps, steps_taken, edges, edges_taken;
};
struct cover_sum cover_sum_of(const struct cover_flow *flow);
struct cover_sum cover_sum_all(const struct chat_cover *cover);
/* Steps and edges together, rounded down: 100 means all. */
unsigned cover_percent(struct cover_sum sum);

/* A line a flow, then every step and edge that nobody took, with its file:line. */
void chat_cover_print(const struct chat_cover *cover, struct buf *out);

#endif
