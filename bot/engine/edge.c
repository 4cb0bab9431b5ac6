/* Edges: going to a step, leaving for another flow, pausing, and the lists behind "on". */
#include "bot/engine/turn.h"

void enter(struct turn_state *t, struct frame *f, unsigned step, struct str from, const char *how,
	struct str detail)
{
	f->step = step;
	f->step_name = f->flow->step[step].name;
	f->wait = WAIT_NONE;
	t->question_frame = 0;
	f->slow_said = false;
	for (size_t i = 0; i < f->n_counters;)
		if (f->counter[i].step == step && !str_is(f->counter[i].key, heard_key))
			f->counter[i] = f->counter[--f->n_counters];
		else
			i++;
	add_visit(t, f, from, how, detail);
}

/* Another flow instead of this one and all that it serves. */
void leave_for(struct turn_state *t, struct frame *f, struct str name, const struct binding *with,
	size_t n_with, const char *how, struct str detail)
{
	struct session *s = t->s;
	struct frame from = *f;
	enum role role;
	struct frame *next;
	const struct flow *flow = model_flow(t->model, name);

	s->n_frames = task_root(t) + 1;
	role = top(t)->role;
	pop_frame(t);
	/* A task that a word of the engine leads to is no detour: what was open is kept for later.
	 */
	if (flow && flow->kind == FLOW_TASK && role != ROLE_TASK && role != ROLE_DIGRESSION) {
		if (s->n_frames)
			park_everything(t);
		role = ROLE_TASK;
	}
	if (flow && flow->kind == FLOW_TASK && role == ROLE_DIGRESSION && s->n_frames == 0)
		role = ROLE_TASK;
	next = push_flow(t, name, role, from.opening, how, detail);
	if (!next)
		return;
	t->visit[t->n_visits - 1].from =
		arena_join(t->arena, from.flow_name, S("/"), from.step_name);
	lend_bindings(t, next, &from, with, n_with);
}

static void wait_on(struct frame *f)
{
	f->step = f->call_step;
	f->step_name = f->flow->step[f->step].name;
	f->wait = WAIT_CALL;
}

static void pause_task(struct turn_state *t)
{
	struct frame *f = top(t);

	/* The question stays the frame's step, so that unparking waits for its answer again. */
	if (f->n_past && step_of(f)->verb != VERB_ASK && step_of(f)->verb != VERB_CHOOSE &&
		step_of(f)->verb != VERB_CONFIRM) {
		f->step = f->past[f->n_past - 1].step;
		f->step_name = f->flow->step[f->step].name;
		f->wait = WAIT_BUYER;
	}
	t->s->frame[task_root(t)].paused = true;
	park_top(t);
}

static void note_edge(struct turn_state *t, const struct frame *f, const struct target *target,
	const char *how, struct str detail)
{
	struct visit *visit;

	if (target->kind == TARGET_STEP || target->kind == TARGET_FLOW)
		return; /* those say it as they enter */
	visit = add_visit(t, f, f->step_name, how, detail);
	visit->at = NULL;
	visit->step =
		str_of(target_word[target->kind == TARGET_NONE ? TARGET_END : target->kind]);
}

void take(struct turn_state *t, struct frame *f, const struct target *target, const char *how,
	struct str detail)
{
	note_edge(t, f, target, how, detail);
	switch (target->kind) {
	case TARGET_STEP:
		enter(t, f, target->step, f->step_name, how, detail);
		break;
	case TARGET_FLOW:
		leave_for(t, f, target->name, target->with, target->n_with, how, detail);
		break;
	case TARGET_END:
	case TARGET_NONE:
		finish(t, S("done"));
		break;
	case TARGET_PAUSE:
		pause_task(t);
		break;
	case TARGET_WAIT_ON:
		wait_on(f);
		break;
	case TARGET_BACK:
		go_back(t, f);
		break;
	}
}

unsigned count_use(struct turn_state *t, struct frame *f, struct str key)
{
	for (size_t i = 0; i < f->n_counters; i++)
		if (f->counter[i].step == f->step && str_eq(f->counter[i].key, key))
			return f->counter[i].n++;
	f->counter = arena_grow(t->arena, f->counter, f->n_counters, struct counter);
	f->counter[f->n_counters++] = (struct counter){f->step, key, 1};
	return 0;
}

void react(struct turn_state *t, struct frame *f, const struct on *on)
{
	unsigned used = count_use(t, f, on->key);
	unsigned i = used < on->n_items ? used : (unsigned)on->n_items - 1;
	const struct reaction *item = &on->item[i];
	struct str detail = on->kind == ON_NOT_INTENT
				    ? arena_printf(t->arena, "not %.*s", STR(on->key))
				    : on->key;

	if (i > 0)
		detail = arena_printf(t->arena, "%.*s #%u", STR(detail), i + 1);
	if (item->save.n)
		set_slot(t, f, item->save, value_text(t->arena, t->s->last_text), ORIGIN_BUYER);
	if (item->say) {
		bool stays = item->target.kind == TARGET_NONE && f->wait == WAIT_BUYER;
		struct question q = {0};

		if (stays)
			q = question_of(t, f);
		say_text(t, f, render(t, f, item->say, NULL), stays ? &q : NULL, stays);
	}
	if (item->target.kind != TARGET_NONE) {
		take(t, f, &item->target, "on", detail);
		return;
	}
	add_visit(t, f, f->step_name, "on", detail);
	if (f->wait == WAIT_NONE) { /* an outcome that only says something: nothing is left to do */
		finish(t, S("done"));
		return;
	}
	if (f->wait == WAIT_BUYER) {
		if (!item->say)
			ask_again(t, f);
		else {
			begin_wait(t, f, WAIT_BUYER);
			start_no_reply_timers(t, f);
		}
	}
}
