/* Starting flows: by an intent, or by the engine itself. */
#include "bot/engine/turn.h"

static const struct str nothing = {"", 0};

/* Says something of the engine's own on top of what is open; false if the content has no such flow.
 */
bool repair(struct turn_state *t, const char *flow, const char *slot, const struct value *value)
{
	struct frame *f = push_flow(t, str_of(flow), ROLE_REPAIR, nothing, "engine", nothing);

	if (f && slot)
		lend(t, f, slot, value);
	return f != NULL;
}

static enum role role_for(struct turn_state *t, const struct flow *flow)
{
	bool idle = t->s->n_frames == 0;

	switch (flow->kind) {
	case FLOW_TASK:
		return idle ? ROLE_TASK : ROLE_DIGRESSION;
	case FLOW_INFO:
	case FLOW_REPAIR:
		return idle ? ROLE_HELLO : ROLE_DIGRESSION;
	case FLOW_ANYTIME:
		return ROLE_ANYTIME;
	}
	return ROLE_TASK;
}

static const struct value *wanted_value(struct turn_state *t, struct str id, struct str label)
{
	struct value_builder b = value_build(t->arena);

	value_put_text(&b, "id", id);
	value_put_text(&b, "label", label);
	return value_record(&b);
}

static bool ask_first(
	struct turn_state *t, struct str intent, const struct flow *wanted, struct str opening)
{
	const struct frame *open = &t->s->frame[task_root(t)];
	struct value_builder current = value_build(t->arena);
	struct frame *f;

	value_put_text(&current, "id", open->flow_name);
	value_put_text(&current, "label", open->flow->title);
	f = push_flow(t, S("repair/ask_first"), ROLE_ASK_FIRST, opening, "engine", nothing);
	lend(t, f, "wanted", wanted_value(t, intent, wanted->title));
	lend(t, f, "current", value_record(&current));
	return f != NULL;
}

/* A question of the engine's own, or a word between: leaves at once when a task is wanted. */
static bool is_light(const struct frame *f)
{
	return f->role == ROLE_HELLO || f->role == ROLE_DID_YOU_MEAN || f->role == ROLE_ASK_FIRST ||
	       f->role == ROLE_SECOND_WISH || f->role == ROLE_NO_MATCH ||
	       f->role == ROLE_WELCOME_BACK || f->role == ROLE_ANYTIME || f->role == ROLE_REPAIR ||
	       f->role == ROLE_NOTICE;
}

/* An answer that asks something back gives way to a task, without being finished first; to another
 * question or to "why?" it does not: its own question is asked again afterwards. */
static bool gives_way(const struct frame *f, const struct flow *to)
{
	if (f->flow->kind == FLOW_INFO)
		return to->kind == FLOW_TASK;
	return is_light(f);
}

bool start_intent(
	struct turn_state *t, struct str intent, bool negated, struct str opening, bool asked_first)
{
	const struct flow *flow = flow_set_started_by(model_flows(t->model), intent, negated);
	struct str how = negated ? arena_printf(t->arena, "not %.*s", STR(intent)) : intent;

	if (!flow) {
		/* A picked button may name a flow instead of an intent. */
		flow = model_flow(t->model, intent);
		if (!flow || negated)
			return false;
	}
	while (t->s->n_frames && gives_way(&t->s->frame[task_root(t)], flow))
		t->s->n_frames = task_root(t);
	if (t->s->n_frames && flow->kind == FLOW_TASK && !asked_first) {
		const struct frame *open = &t->s->frame[task_root(t)];

		if (open->flow->other_tasks == OPEN_ASK_FIRST)
			return ask_first(t, intent, flow, opening);
		t->s->n_frames = task_root(t);
	}
	if (t->s->n_frames && flow->kind != FLOW_ANYTIME && is_open(t, flow->name)) {
		while (!str_eq(top(t)->flow_name, flow->name))
			pop_frame(t);
		pop_frame(t); /* the same thing anew */
		if (t->s->n_frames && top(t)->wait == WAIT_NONE)
			t->s->n_frames = 0; /* it was run by something that is void without it */
	}
	if (t->s->n_frames && flow->kind == FLOW_INFO)
		t->trace.digression = flow->name;
	return push_flow(t, flow->name, role_for(t, flow), opening, "starts on", how) != NULL;
}
