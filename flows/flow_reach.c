/* Steps without a way in, steps without a way out.
 *
 *   F031  a step that nothing leads to
 *   F033  a step from which the flow never ends
 *   F035  a confirmation whose "no" leads back to it at once
 */
#include "flows/flow_check.h"

/* All targets of a step that are steps of its flow. */
static void each_next(const struct step *step, struct arena *arena,
	void (*each)(void *self, unsigned next), void *self)
{
	struct edges edges = step_edges(step, arena);

	for (size_t i = 0; i < edges.n; i++)
		if (edges.edge[i].target.kind == TARGET_STEP)
			each(self, edges.edge[i].target.step);
}

/* Going forward. */

struct walk {
	const struct flow *flow;
	struct arena *arena;
	bool *seen;
	unsigned *todo;
	size_t n_todo;
};

static void visit(void *self, unsigned step)
{
	struct walk *w = self;

	if (w->seen[step])
		return;
	w->seen[step] = true;
	w->todo[w->n_todo++] = step;
}

static struct walk walk_new(struct check *c)
{
	return (struct walk){
		.flow = c->flow,
		.arena = c->arena,
		.seen = arena_array(c->arena, bool, c->flow->n_steps + 1),
		.todo = arena_array(c->arena, unsigned, c->flow->n_steps + 1),
	};
}

static bool is_shown(const struct flow *flow, struct str slot)
{
	for (size_t i = 0; i < flow->n_steps; i++)
		for (size_t k = 0; k < flow->step[i].n_shows; k++)
			if (str_eq(flow->step[i].shows[k], slot))
				return true;
	return false;
}

/* Besides the first step: where older chats are moved to, and where "no, the other one" goes back
 * to. */
static void visit_entries(struct walk *w)
{
	visit(w, w->flow->first);
	for (size_t i = 0; i < w->flow->n_moves; i++) {
		const struct step *to = move_target(w->flow, &w->flow->move[i]);

		if (to)
			visit(w, to->index);
	}
	for (size_t i = 0; i < w->flow->n_slots; i++) {
		const struct step *ask_at = flow_step(w->flow, w->flow->slot[i].ask_at);

		if (ask_at && is_shown(w->flow, w->flow->slot[i].name))
			visit(w, ask_at->index);
	}
}

static void walk_on(struct walk *w)
{
	while (w->n_todo)
		each_next(&w->flow->step[w->todo[--w->n_todo]], w->arena, visit, w);
}

static bool *reachable(struct check *c)
{
	struct walk w = walk_new(c);

	visit_entries(&w);
	walk_on(&w);
	return w.seen;
}

/* Going backward: which steps have a way out. */

struct outlook {
	const bool *out;
	bool any;
};

static void look(void *self, unsigned next)
{
	struct outlook *o = self;

	o->any |= o->out[next];
}

/* A missing "then" is a dead end, and that is a finding of its own. */
static bool leaves(const struct step *step, struct arena *arena)
{
	struct edges edges = step_edges(step, arena);

	if (step->verb == VERB_END || step->verb == VERB_GO || !edges.n)
		return true;
	for (size_t i = 0; i < edges.n; i++)
		if (edges.edge[i].target.kind != TARGET_STEP)
			return true;
	return false;
}

static const bool *with_way_out(struct check *c)
{
	bool *out = arena_array(c->arena, bool, c->flow->n_steps + 1), more = true;

	for (size_t i = 0; i < c->flow->n_steps; i++)
		out[i] = leaves(&c->flow->step[i], c->arena);
	while (more) {
		more = false;
		for (size_t i = c->flow->n_steps; i-- > 0;) {
			struct outlook o = {.out = out};

			if (out[i])
				continue;
			each_next(&c->flow->step[i], c->arena, look, &o);
			out[i] = o.any;
			more |= o.any;
		}
	}
	return out;
}

/* "No" that asks the same again: only steps that do not wait lie between. */
static void check_no(struct check *c, const struct step *confirm)
{
	const struct on *no = step_on(confirm, ON_OUTCOME, S("no"));
	struct walk w = walk_new(c);

	if (!no)
		return;
	for (size_t i = 0; i < no->n_items; i++)
		if (no->item[i].target.kind == TARGET_STEP)
			visit(&w, no->item[i].target.step);
	while (w.n_todo) {
		const struct step *step = &c->flow->step[w.todo[--w.n_todo]];

		if (!verb_waits(step->verb))
			each_next(step, c->arena, visit, &w);
	}
	if (w.seen[confirm->index])
		found_key(c, no->at, "F035",
			S("say that nothing was done, and end or ask what to do instead"),
			"a 'no' leads straight back to '%.*s'", STR(confirm->name));
}

/* Not reached: where a part begins that nothing leads to. */

static void mark(void *self, unsigned next)
{
	bool *marks = self;

	marks[next] = true;
}

/* What an unreached step leads to is no finding of its own. */
static void check_reached(struct check *c, bool *in)
{
	bool *led = arena_array(c->arena, bool, c->flow->n_steps + 1);
	struct walk w = walk_new(c);

	w.seen = in;
	for (size_t i = 0; i < c->flow->n_steps; i++)
		if (!in[i])
			each_next(&c->flow->step[i], c->arena, mark, led);
	for (int round = 0; round < 2; round++) /* then those that only lead to each other */
		for (size_t i = 0; i < c->flow->n_steps; i++) {
			const struct step *step = &c->flow->step[i];

			if (in[i] || (round == 0 && led[i]))
				continue;
			found_key(c, step->at, "F031",
				S("lead to it with 'then', 'on' or 'offer', or leave it out"),
				"nothing leads to the step '%.*s'", STR(step->name));
			visit(&w, (unsigned)i);
			walk_on(&w);
		}
}

static void check_way_out(struct check *c, const bool *in)
{
	const bool *out = with_way_out(c);

	for (size_t i = 0; i < c->flow->n_steps; i++) {
		const struct step *step = &c->flow->step[i];

		if (!in[i] || out[i])
			continue;
		found_key(c, step->at, "F033", S("let one of the steps go to \"end\""),
			"from the step '%.*s' the flow never ends", STR(step->name));
		return;
	}
}

void check_reach(struct check *c)
{
	bool *in = reachable(c);

	if (!c->loops[flow_index(c, c->flow)])
		check_way_out(c, in);
	if (c->is_whole)
		check_reached(c, in);
	for (size_t i = 0; i < c->flow->n_steps; i++)
		if (c->flow->step[i].verb == VERB_CONFIRM)
			check_no(c, &c->flow->step[i]);
}
