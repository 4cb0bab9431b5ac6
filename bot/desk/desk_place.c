/* Where a person may hand a conversation back to. */
#include "bot/desk/desk_place.h"

#include "flows/flow_edge.h"
#include "flows/operation.h"

enum { near_enough = 6, near_first = 2 }; /* edits; and how much worse than the likeliest */

static struct str last_part(struct str *place)
{
	size_t at = place->n;
	struct str last;

	while (at && place->p[at - 1] != '/')
		at--;
	if (!at)
		return (struct str){0};
	last = str_sub(*place, at, place->n);
	*place = str_sub(*place, 0, at - 1);
	return last;
}

/* --- what may have been meant --- */

struct near {
	struct str wanted;
	struct str name[desk_nearest];
	unsigned distance[desk_nearest];
	size_t n;
};

static void consider(struct near *near, struct str name)
{
	unsigned distance = str_distance(name, near->wanted, near_enough);
	size_t at = near->n;

	while (at && near->distance[at - 1] > distance)
		at--;
	if (at == desk_nearest)
		return;
	if (near->n < desk_nearest)
		near->n++;
	for (size_t i = near->n - 1; i > at; i--) {
		near->name[i] = near->name[i - 1];
		near->distance[i] = near->distance[i - 1];
	}
	near->name[at] = name;
	near->distance[at] = distance;
}

static void tell_near(struct desk_place_fault *fault, const struct near *near, struct str before,
	struct arena *arena)
{
	for (size_t i = 0; i < near->n && near->distance[i] <= near->distance[0] + near_first; i++)
		fault->nearest[fault->n_nearest++] =
			before.n ? arena_printf(arena, "%.*s/%.*s", STR(before), STR(near->name[i]))
				 : near->name[i];
}

static bool is_for_buyers(const struct flow *flow)
{
	return flow->kind == FLOW_TASK || flow->kind == FLOW_INFO;
}

static bool unknown_flow(const struct flow_set *flows, struct str name, struct arena *arena,
	struct desk_place_fault *fault)
{
	struct near near = {.wanted = name};

	for (size_t i = 0; i < flow_set_count(flows); i++)
		if (is_for_buyers(flow_set_at(flows, i)))
			consider(&near, flow_set_at(flows, i)->name);
	tell_near(fault, &near, (struct str){0}, arena);
	fault->message = arena_printf(arena, "there is no flow '%.*s' to go on with", STR(name));
	return false;
}

static bool unknown_step(const struct flow *flow, struct str name, struct arena *arena,
	struct desk_place_fault *fault)
{
	struct near near = {.wanted = name};

	for (size_t i = 0; i < flow->n_steps; i++)
		if (verb_asks(flow->step[i].verb))
			consider(&near, flow->step[i].name);
	tell_near(fault, &near, flow->name, arena);
	fault->message =
		arena_printf(arena, "'%.*s' has no question '%.*s'", STR(flow->name), STR(name));
	return false;
}

/* --- what may come of it --- */

static bool is_dangerous(const struct step *step)
{
	return step->verb == VERB_CALL && step->op && step->op->dangerous;
}

/* Whether a dangerous call of this flow can be reached without passing a confirmation.  Other flows
 * that it runs are entered at their beginning, which was proven when they were loaded. */
static bool leads_to_danger(const struct flow *flow, unsigned from, struct arena *arena)
{
	bool *seen = arena_array(arena, bool, flow->n_steps + 1);
	unsigned *next = arena_array(arena, unsigned, flow->n_steps + 1);
	size_t n = 0;

	next[n++] = from;
	seen[from] = true;
	while (n) {
		const struct step *step = &flow->step[next[--n]];
		struct edges edges;

		if (is_dangerous(step))
			return true;
		if (step->verb == VERB_CONFIRM)
			continue;
		edges = step_edges(step, arena);
		for (size_t i = 0; i < edges.n; i++) {
			const struct target *target = &edges.edge[i].target;

			if (target->kind != TARGET_STEP || seen[target->step])
				continue;
			seen[target->step] = true;
			next[n++] = target->step;
		}
	}
	return false;
}

static bool check_step(const struct flow *flow, const struct step *step, struct arena *arena,
	struct desk_place_fault *fault)
{
	if (step->index == flow->first)
		return true;
	if (!verb_asks(step->verb))
		return unknown_step(flow, step->name, arena, fault);
	if (!leads_to_danger(flow, step->index, arena))
		return true;
	fault->message = arena_printf(arena,
		"from '%.*s/%.*s' on something could be done that the buyer was not asked about; "
		"begin at '%.*s'",
		STR(flow->name), STR(step->name), STR(flow->name));
	fault->nearest[fault->n_nearest++] = flow->name;
	return false;
}

bool desk_place_check(const struct flow_set *flows, struct str place, struct arena *arena,
	struct desk_place_fault *fault)
{
	const struct flow *whole = flow_set_find(flows, place), *flow;
	struct str name = place, step_name = last_part(&name);
	const struct step *step;

	*fault = (struct desk_place_fault){.n_nearest = 0};
	flow = step_name.n ? flow_set_find(flows, name) : NULL;
	step = flow ? flow_step(flow, step_name) : NULL;
	if (step && is_for_buyers(flow))
		return check_step(flow, step, arena, fault);
	if (whole && is_for_buyers(whole))
		return true;
	if (flow && is_for_buyers(flow))
		return unknown_step(flow, step_name, arena, fault);
	return unknown_flow(flows, step_name.n ? name : place, arena, fault);
}
