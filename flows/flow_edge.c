/* All ways out of a step. */
#include "flows/flow_edge.h"

static size_t most_edges(const struct step *step)
{
	size_t n = 4 + step->n_branches + step->n_offers;

	for (size_t i = 0; i < step->n_on; i++)
		n += step->on[i].n_items;
	return n;
}

static void add(struct edges *edges, struct edge *room, struct edge edge)
{
	if (edge.target.kind != TARGET_NONE)
		room[edges->n++] = edge;
}

static struct target target_of_go(const struct step *step)
{
	if (step->verb != VERB_GO)
		return (struct target){0};
	return (struct target){
		.kind = TARGET_FLOW,
		.name = step->flow,
		.with = step->with,
		.n_with = step->n_with,
		.at = json_get(step->at, "go"),
	};
}

struct edges step_edges(const struct step *step, struct arena *arena)
{
	struct edge *room = arena_array(arena, struct edge, most_edges(step) + 1);
	struct edges edges = {.edge = room};

	for (size_t i = 0; i < step->n_branches; i++)
		add(&edges, room, (struct edge){EDGE_BRANCH, step->branch[i].then, .branch = &step->branch[i]});
	add(&edges, room, (struct edge){EDGE_THEN, step->then});
	add(&edges, room, (struct edge){EDGE_ELSE, step->otherwise});
	add(&edges, room, (struct edge){EDGE_SKIP, step->skip});
	add(&edges, room, (struct edge){EDGE_GO, target_of_go(step)});
	for (size_t i = 0; i < step->n_offers; i++)
		add(&edges, room, (struct edge){EDGE_OFFER, step->offer[i].target, .offer = &step->offer[i]});
	for (size_t i = 0; i < step->n_on; i++)
		for (size_t k = 0; k < step->on[i].n_items; k++)
			add(&edges, room, (struct edge){EDGE_ON, step->on[i].item[k].target, .on = &step->on[i],
				.reaction = &step->on[i].item[k]});
	return edges;
}

bool verb_asks(enum verb verb)
{
	return verb == VERB_ASK || verb == VERB_CHOOSE || verb == VERB_CONFIRM;
}

bool verb_waits(enum verb verb)
{
	return verb_asks(verb) || verb == VERB_WAIT || verb == VERB_HANDOFF;
}
