/* Loops that never wait: round and round without the buyer, through several flows too.
 *
 *   F034  a loop without a question
 *
 * A call waits for the shop and not for the buyer: trying again and again is such a loop.  A button
 * under `say` is pressed by the buyer and closes no loop; neither does "wait_on", which only waits.
 */
#include "flows/flow_check.h"

struct looker {
	struct check *c;
	size_t *base; /* of each flow: the number of its first step among all */
	bool *passes; /* of each flow: may end without having waited */
	enum { FRESH, OPEN, DONE } * state;
	bool *told;    /* of each step: a loop that begins there was found */
	size_t *trail; /* the steps that are open, in order */
	size_t n_trail;
};

static bool is_silent(const struct edge *edge)
{
	return edge->kind != EDGE_OFFER &&
	       !(edge->kind == EDGE_ON && str_is(edge->on->key, "slow"));
}

/* Which flows may be run through without a question. */

static bool passes_from(struct looker *l, const struct flow *flow, unsigned at, bool *seen)
{
	const struct step *step = &flow->step[at];
	const struct flow *sub =
		step->verb == VERB_RUN ? flow_set_find(l->c->set, step->flow) : NULL;
	struct edges edges;

	if (seen[at] || verb_waits(step->verb))
		return false;
	seen[at] = true;
	if (step->verb == VERB_END)
		return true;
	if (sub && !l->passes[flow_index(l->c, sub)])
		return false;
	edges = step_edges(step, l->c->arena);
	for (size_t i = 0; i < edges.n; i++) {
		const struct target *target = &edges.edge[i].target;

		if (is_silent(&edges.edge[i]) &&
			(target->kind == TARGET_END ||
				(target->kind == TARGET_STEP &&
					passes_from(l, flow, target->step, seen))))
			return true;
	}
	return false;
}

static void find_passing(struct looker *l)
{
	size_t n = flow_set_count(l->c->set);
	bool more = true;

	l->passes = arena_array(l->c->arena, bool, n + 1);
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			const struct flow *flow = flow_set_at(l->c->set, i);

			if (l->passes[i] || !passes_from(l, flow, flow->first,
						    arena_array(l->c->arena, bool, flow->n_steps)))
				continue;
			l->passes[i] = more = true;
		}
	}
}

/* Finding the loops: a step that is met again while it is still open closes one. */

static const struct step *step_at(const struct looker *l, size_t node, const struct flow **flow)
{
	size_t i = flow_set_count(l->c->set) - 1;

	while (l->base[i] > node)
		i--;
	*flow = flow_set_at(l->c->set, i);
	return &(*flow)->step[node - l->base[i]];
}

static void report(struct looker *l, size_t from)
{
	const struct flow *home, *flow;
	const struct step *first = step_at(l, l->trail[from], &home);
	struct buf path;

	if (l->told[l->trail[from]])
		return;
	l->told[l->trail[from]] = true;
	l->c->loops[flow_index(l->c, home)] = true;
	buf_init(&path, 2000);
	for (size_t i = from; i < l->n_trail; i++) {
		const struct step *step = step_at(l, l->trail[i], &flow);

		if (flow != home)
			buf_addf(&path, "%.*s/", STR(flow->name));
		buf_addf(&path, "%.*s → ", STR(step->name));
	}
	l->c->flow = home;
	found_key(l->c, first->at, "F034", S("put a question, a 'wait' or an end into it"),
		"a loop that never waits for the buyer: %.*s%.*s", STR(buf_str(&path)),
		STR(first->name));
	buf_release(&path);
}

static void follow(struct looker *l, const struct flow *flow, unsigned at);

static void enter(struct looker *l, const struct flow *flow, unsigned at)
{
	size_t node = l->base[flow_index(l->c, flow)] + at, from = l->n_trail;

	if (l->state[node] == FRESH) {
		follow(l, flow, at);
		return;
	}
	if (l->state[node] == DONE)
		return;
	while (l->trail[from - 1] != node)
		from--;
	report(l, from - 1);
}

static void follow_target(struct looker *l, const struct flow *flow, const struct target *target)
{
	const struct flow *other;

	if (target->kind == TARGET_STEP)
		enter(l, flow, target->step);
	else if (target->kind == TARGET_FLOW && (other = flow_set_find(l->c->set, target->name)))
		enter(l, other, other->first);
}

static void follow(struct looker *l, const struct flow *flow, unsigned at)
{
	size_t node = l->base[flow_index(l->c, flow)] + at;
	const struct step *step = &flow->step[at];
	const struct flow *sub =
		step->verb == VERB_RUN ? flow_set_find(l->c->set, step->flow) : NULL;
	struct edges edges = step_edges(step, l->c->arena);
	bool goes_on = !verb_waits(step->verb) && (!sub || l->passes[flow_index(l->c, sub)]);

	l->state[node] = OPEN;
	l->trail[l->n_trail++] = node;
	if (sub)
		enter(l, sub, sub->first);
	for (size_t i = 0; goes_on && i < edges.n; i++)
		if (is_silent(&edges.edge[i]))
			follow_target(l, flow, &edges.edge[i].target);
	l->n_trail--;
	l->state[node] = DONE;
}

void check_silent_loops(struct check *c)
{
	size_t n = flow_set_count(c->set), n_steps = 0;
	struct looker l = {.c = c, .base = arena_array(c->arena, size_t, n + 1)};

	for (size_t i = 0; i < n; i++) {
		l.base[i] = n_steps;
		n_steps += flow_set_at(c->set, i)->n_steps;
	}
	l.state = arena_alloc(c->arena, (n_steps + 1) * sizeof(*l.state));
	l.told = arena_array(c->arena, bool, n_steps + 1);
	l.trail = arena_array(c->arena, size_t, n_steps + 1);
	find_passing(&l);
	for (size_t i = 0; i < n; i++) {
		const struct flow *flow = flow_set_at(c->set, i);

		for (size_t k = 0; k < flow->n_steps; k++)
			if (l.state[l.base[i] + k] == FRESH)
				follow(&l, flow, (unsigned)k);
	}
}
