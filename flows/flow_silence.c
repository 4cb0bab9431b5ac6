/* A buyer who has answered and hears nothing: the program then says that something went wrong.
 *
 *   F045  a way from an answer of the buyer, or from the first message, to a person, a wait or the
 *         end, on which nothing is said
 *
 * A call is something: the shop is asked, and what it answers is no message of the buyer. */
#include "flows/flow_check.h"

struct silence {
	struct check *c;
	const struct step *from; /* NULL: the message that started the flow */
	bool *seen, *told;       /* by step */
	bool ends_alone;         /* the end of this flow is the end of the turn */
};

static bool is_run(const struct check *c, const struct flow *flow)
{
	for (size_t i = 0; i < flow_set_count(c->set); i++) {
		const struct flow *other = flow_set_at(c->set, i);

		for (size_t k = 0; k < other->n_steps; k++)
			if (other->step[k].verb == VERB_RUN &&
				str_eq(other->step[k].flow, flow->name))
				return true;
	}
	return false;
}

static bool ends_alone(const struct check *c, const struct flow *flow)
{
	return (flow->kind == FLOW_TASK || flow->kind == FLOW_INFO) && !engine_starts(flow->name) &&
	       !is_run(c, flow);
}

static void report(struct silence *s, const struct step *at, const char *what, const char *hint)
{
	if (s->told[at->index])
		return;
	s->told[at->index] = true;
	if (s->from)
		found_key(s->c, at->at, "F045", str_of(hint),
			"who has answered '%.*s' hears nothing: at '%.*s' %s", STR(s->from->name),
			STR(at->name), what);
	else
		found_key(s->c, at->at, "F045", str_of(hint),
			"whose message has started this flow hears nothing: at '%.*s' %s",
			STR(at->name), what);
}

static void follow(struct silence *s, const struct step *at);

static void follow_target(struct silence *s, const struct step *from, const struct target *target)
{
	if (target->kind == TARGET_STEP)
		follow(s, &s->c->flow->step[target->step]);
	else if (target->kind == TARGET_END && s->ends_alone)
		report(s, from, "the flow ends", "say in front of it what has become of it");
}

static void follow_edges(struct silence *s, const struct step *at)
{
	struct edges edges = step_edges(at, s->c->arena);

	for (size_t i = 0; i < edges.n; i++)
		follow_target(s, at, &edges.edge[i].target);
}

static void follow(struct silence *s, const struct step *at)
{
	if (s->seen[at->index])
		return;
	s->seen[at->index] = true;
	switch (at->verb) {
	case VERB_HANDOFF:
		report(s, at, "a person is brought in", "say in front of it that a person comes");
		break;
	case VERB_WAIT:
		report(s, at, "it waits", "say in front of it what it waits for");
		break;
	case VERB_END:
		if (s->ends_alone && outcome_returns(at->outcome))
			report(s, at, "the flow ends", "say in front of it what has become of it");
		break;
	case VERB_IF:
	case VERB_SET:
	case VERB_NOTE:
	case VERB_WATCH:
		follow_edges(s, at);
		break;
	default:
		break;
	}
}

/* What the buyer does at a step: not what comes when they are silent. */
static bool is_answer(const struct step *step, const struct edge *edge)
{
	if (edge->kind == EDGE_OFFER)
		return true;
	return verb_asks(step->verb) &&
	       (edge->kind != EDGE_ON || (edge->on->kind != ON_NO_REPLY && !edge->reaction->say));
}

static void begin(struct silence *s, const struct step *from)
{
	s->from = from;
	s->seen = arena_array(s->c->arena, bool, s->c->flow->n_steps + 1);
}

void check_silence(struct check *c)
{
	const struct flow *flow = c->flow;
	struct silence s = {.c = c,
		.told = arena_array(c->arena, bool, flow->n_steps + 1),
		.ends_alone = ends_alone(c, flow)};

	if (flow->n_starts_on && s.ends_alone) {
		begin(&s, NULL);
		follow(&s, &flow->step[flow->first]);
	}
	for (size_t i = 0; i < flow->n_steps; i++) {
		const struct step *step = &flow->step[i];
		struct edges edges = step_edges(step, c->arena);

		for (size_t k = 0; k < edges.n; k++) {
			if (!is_answer(step, &edges.edge[k]))
				continue;
			begin(&s, step);
			follow_target(&s, step, &edges.edge[k].target);
		}
	}
}
