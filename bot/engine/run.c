/* Running steps until one waits: verbs, edges, the end of a flow. */
#include "bot/engine/turn.h"

#include <assert.h>
#include <string.h>

static const struct str nothing = {"", 0};

static void stop_everything(struct turn_state *t)
{
	t->s->n_frames = 0;
	t->s->n_offered = 0;
	t->s->offered_by = (struct frame){0};
	drop_void_timers(t);
}

/* Says something of the engine's own on top of what is open; false if the content has no such flow. */
bool repair(struct turn_state *t, const char *flow, const char *slot, const struct value *value)
{
	struct frame *f = push_flow(t, str_of(flow), ROLE_REPAIR, nothing, "engine", nothing);

	if (f && slot)
		lend(t, f, slot, value);
	return f != NULL;
}

/* --- edges --- */

static void enter(struct turn_state *t, struct frame *f, unsigned step, struct str from,
	const char *how, struct str detail)
{
	f->step = step;
	f->step_name = f->flow->step[step].name;
	f->wait = WAIT_NONE;
	t->question_frame = 0;
	f->asked = f->slow_said = false;
	for (size_t i = 0; i < f->n_counters;)
		if (f->counter[i].step == step && !str_is(f->counter[i].key, heard_key))
			f->counter[i] = f->counter[--f->n_counters];
		else
			i++;
	add_visit(t, f->flow_name, f->step_name, from, how, detail);
}

/* Another flow instead of this one and all that it serves. */
static void leave_for(struct turn_state *t, struct frame *f, struct str name,
	const struct binding *with, size_t n_with, const char *how, struct str detail)
{
	struct session *s = t->s;
	struct frame from = *f;
	enum role role;
	struct frame *next;
	const struct flow *flow = model_flow(t->model, name);

	s->n_frames = task_root(t) + 1;
	role = top(t)->role;
	pop_frame(t);
	/* A task that a word of the engine leads to is no detour: what was open is kept for later. */
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
	t->visit[t->n_visits - 1].from = arena_printf(t->arena, "%.*s/%.*s",
		STR(from.flow_name), STR(from.step_name));
	lend_bindings(t, next, &from, with, n_with);
}

static void wait_on(struct turn_state *t, struct frame *f)
{
	(void)t;
	f->step = f->call_step;
	f->step_name = f->flow->step[f->step].name;
	f->wait = WAIT_CALL;
}

static void pause_task(struct turn_state *t)
{
	struct frame *f = top(t);

	/* The question stays the frame's step, so that unparking waits for its answer again. */
	if (f->n_past && step_of(f)->verb != VERB_ASK && step_of(f)->verb != VERB_CHOOSE
		&& step_of(f)->verb != VERB_CONFIRM) {
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
	static const char *const word[] = {
		[TARGET_NONE] = "end", [TARGET_STEP] = "", [TARGET_FLOW] = "", [TARGET_END] = "end",
		[TARGET_PAUSE] = "pause", [TARGET_WAIT_ON] = "wait_on", [TARGET_BACK] = "back",
	};

	if (target->kind != TARGET_STEP && target->kind != TARGET_FLOW)    /* those say it as they enter */
		add_visit(t, f->flow_name, str_of(word[target->kind]), f->step_name, how, detail);
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
		wait_on(t, f);
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
		? arena_printf(t->arena, "not %.*s", STR(on->key)) : on->key;

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
	add_visit(t, f->flow_name, f->step_name, f->step_name, "on", detail);
	if (f->wait == WAIT_NONE) {     /* an outcome that only says something: nothing is left to do */
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

/* --- verbs --- */

static void do_set(struct turn_state *t, struct frame *f, const struct binding *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		set_slot(t, f, set[i].name, eval(t, f, set[i].expr), ORIGIN_SET);
}

static void watch_one(struct turn_state *t, struct frame *f, const struct watch *w, struct str of)
{
	struct session *s = t->s;
	size_t i = 0;

	while (i < s->n_watched && !(str_eq(s->watched[i].event, w->event)
			&& str_eq(s->watched[i].of, of)))
		i++;
	if (i == max_watches) {
		memmove(s->watched, s->watched + 1, (max_watches - 1) * sizeof(*s->watched));
		i--;
	}
	if (i >= s->n_watched)
		s->n_watched = i + 1;
	s->watched[i] = (struct watched){w->event, of, w->starts, s->now_ms};
	add_effect(t, (struct effect){
		.kind = EFFECT_WATCH,
		.flow = f->flow_name,
		.step = f->step_name,
		.watch = {w->event, of, w->starts, false},
	});
}

static void unwatch(struct turn_state *t, struct frame *f, struct str of)
{
	struct session *s = t->s;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_watched; i++) {
		if (!str_is(of, "all") && !str_eq(s->watched[i].of, of)) {
			s->watched[kept++] = s->watched[i];
			continue;
		}
		add_effect(t, (struct effect){
			.kind = EFFECT_WATCH,
			.flow = f->flow_name,
			.step = f->step_name,
			.watch = {s->watched[i].event, s->watched[i].of, s->watched[i].starts, true},
		});
	}
	s->n_watched = kept;
}

static struct str identity(struct turn_state *t, const struct value *v)
{
	struct buf shown;
	struct str text;

	if (v->type == VALUE_RECORD && value_get_text(v, "number").n)
		return value_get_text(v, "number");
	if (v->type == VALUE_RECORD && value_get_text(v, "id").n)
		return value_get_text(v, "id");
	buf_init(&shown, 200);
	value_print(v, &shown);
	text = arena_str(t->arena, buf_str(&shown));
	buf_release(&shown);
	return text;
}

static void do_watch(struct turn_state *t, struct frame *f)
{
	const struct watch *w = step_of(f)->watch;
	struct str of;

	if (!w)
		return;
	of = w->of ? identity(t, eval(t, f, w->of)) : S("all");
	if (w->stop)
		unwatch(t, f, of);
	else if (of.n)
		watch_one(t, f, w, of);
}

static void do_note(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct value_builder b = value_build(t->arena);

	if (!step->note.n)
		return;
	for (size_t i = 0; i < step->n_note_with; i++)
		value_put(&b, arena_cstr(t->arena, step->note_with[i].name),
			eval(t, f, step->note_with[i].expr));
	add_effect(t, (struct effect){
		.kind = EFFECT_NOTE,
		.flow = f->flow_name,
		.step = f->step_name,
		.note = {step->note, value_record(&b)},
	});
}

/* What rides along on a step whose success comes later is done when it leaves by "then". */
void ride_along(struct turn_state *t, struct frame *f)
{
	do_watch(t, f);
	do_note(t, f);
}

static void do_if(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);

	for (size_t i = 0; i < step->n_branches; i++) {
		struct frame_scope fs = {t, f, NULL};

		if (!expr_true(step->branch[i].when, scope_of(&fs), t->arena))
			continue;
		do_set(t, f, step->branch[i].set, step->branch[i].n_set);
		take(t, f, &step->branch[i].then, "when", expr_text(step->branch[i].when));
		return;
	}
	take(t, f, &step->otherwise, "else", nothing);
}

static void do_run(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct frame caller = *f;
	struct frame *sub = push_flow(t, step->flow, ROLE_SUB, f->opening, "run by",
		arena_printf(t->arena, "%.*s/%.*s", STR(f->flow_name), STR(f->step_name)));

	if (!sub) {
		finish(t, S("failed"));
		return;
	}
	lend_bindings(t, sub, &caller, step->with, step->n_with);
}

static const struct value *handoff_card(struct turn_state *t, const struct frame *f)
{
	struct value_builder b = value_build(t->arena);
	const struct step *step = step_of(f);
	struct value_builder promised = value_build(t->arena);
	const struct value *order = t->s->recent_order;

	value_put_text(&b, "buyer", t->s->buyer);
	value_put_text(&b, "name", t->s->buyer_name);
	value_put_text(&b, "channel", t->s->channel);
	value_put_text(&b, "order", value_get_text(order, "number"));
	if (step->summary)
		value_put_text(&b, "summary", render(t, f, step->summary, NULL));
	value_put_text(&b, "flow", f->flow_name);
	value_put_text(&b, "step", f->step_name);
	if (t->s->n_frames > 1)
		value_put_text(&b, "tried", t->s->frame[0].flow->title);
	for (size_t i = 0; i < t->s->n_watched; i++)
		value_push(&promised, value_text(t->arena,
			arena_printf(t->arena, "%.*s of %.*s", STR(t->s->watched[i].event),
				STR(t->s->watched[i].of))));
	value_put(&b, "promised", value_list(&promised));
	value_put_text(&b, "last_said", t->s->last_text);
	return value_record(&b);
}

static void do_handoff(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);

	add_effect(t, (struct effect){
		.kind = EFFECT_HANDOFF,
		.flow = f->flow_name,
		.step = f->step_name,
		.handoff = {step->queue, handoff_card(t, f)},
	});
	t->s->owner = OWNER_QUEUE;
	ride_along(t, f);
	/* What the buyer was in the middle of is the person's now; it can be taken up again later. */
	park_below(t);
	f = top(t);
	if (step_on(step, ON_OUTCOME, S("nobody")) || step_on(step, ON_OUTCOME, S("back")))
		begin_wait(t, f, WAIT_EVENT);
	else
		take(t, f, &step->then, "then", nothing);
}

static void do_wait(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);

	if (step->wait_event.n) {
		begin_wait(t, f, WAIT_EVENT);
		start_no_reply_timers(t, f);
		return;
	}
	begin_wait(t, f, WAIT_TIME);
	add_timer(t, f, TIMER_WAIT, step->wait_ms, 0);
}

static bool has_answer(const struct frame *f)
{
	const struct value *v = step_of(f)->into.n ? get_slot(f, step_of(f)->into) : NULL;

	return v && value_is_set(v);
}

static void do_question(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);

	if (f->replaying && has_answer(f)) {
		take(t, f, &step->then, "then", nothing);
		return;
	}
	if (step->verb == VERB_CONFIRM)
		f->replaying = false;
	if (heard_already(t, f))
		return;
	ask_step(t, f);
}

static void do_step(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);

	do_set(t, f, step->set, step->n_set);
	switch (step->verb) {
	case VERB_SAY:
		say_step(t, f);
		ride_along(t, f);
		take(t, f, &step->then, "then", nothing);
		break;
	case VERB_ASK:
	case VERB_CHOOSE:
	case VERB_CONFIRM:
		do_question(t, f);
		break;
	case VERB_IF:
		ride_along(t, f);
		do_if(t, f);
		break;
	case VERB_SET:
	case VERB_WATCH:
	case VERB_NOTE:
		ride_along(t, f);
		take(t, f, &step->then, "then", nothing);
		break;
	case VERB_CALL:
		make_call(t, f);
		break;
	case VERB_RUN:
		do_run(t, f);
		break;
	case VERB_GO:
		ride_along(t, f);
		leave_for(t, f, step->flow, step->with, step->n_with, "then", nothing);
		break;
	case VERB_HANDOFF:
		do_handoff(t, f);
		break;
	case VERB_WAIT:
		do_wait(t, f);
		break;
	case VERB_END:
		ride_along(t, f);
		finish(t, step->outcome.n ? step->outcome : S("done"));
		break;
	case N_VERBS:
		assert(0);
	}
}

/* A loop that never waits, or a turn that eats memory: named, told, stopped. */
static void stop_at_limit(struct turn_state *t)
{
	struct frame *f = top(t);

	t->trace.fault = arena_printf(t->arena, "more than %d steps without waiting, at '%.*s/%.*s'",
		max_silent_steps, STR(f->flow_name), STR(f->step_name));
	stop_everything(t);
	if (t->limit_hit)
		return;
	t->limit_hit = true;
	t->silent = 0;
	repair(t, "repair/limit", NULL, NULL);
}

void run(struct turn_state *t)
{
	struct frame *f;

	while ((f = top(t)) && f->wait == WAIT_NONE) {
		if (++t->silent > max_silent_steps || arena_over(t->arena)) {
			stop_at_limit(t);
			if (t->limit_hit && arena_over(t->arena))
				return;
			continue;
		}
		do_step(t, f);
	}
}

/* --- ends --- */

static void end_effect(struct turn_state *t, const struct frame *f, struct str outcome)
{
	add_effect(t, (struct effect){
		.kind = EFFECT_ENDED,
		.flow = f->flow_name,
		.step = f->step_name,
		.ended = {outcome},
	});
}

/* The question under a detour is asked again; a longer detour is closed with a word first. */
static void back_to_question(struct turn_state *t, bool was_long)
{
	struct frame *f = top(t);

	if (!waits_for_buyer(f))
		return;
	if (was_long && repair(t, "repair/returned", "title", value_text(t->arena, f->flow->title)))
		return;
	ask_again(t, f);
}

static void return_to_caller(struct turn_state *t, const struct frame *sub, struct str outcome)
{
	struct frame *f = top(t);
	const struct step *step = step_of(f);
	const struct on *on;

	t->outcome = outcome;
	for (size_t i = 0; i < step->n_gives; i++)
		set_slot(t, f, step->gives[i].name, eval(t, sub, step->gives[i].expr), ORIGIN_CALL);
	on = step_on(step, ON_OUTCOME, outcome);
	if (on) {
		react(t, f, on);
		return;
	}
	if (str_is(outcome, "failed")) {        /* nobody said what then: the caller failed too */
		finish(t, outcome);
		return;
	}
	ride_along(t, f);
	take(t, f, &step->then, "then", nothing);
}

/* Buttons that the flow which stops everything offered itself stay; older ones led back into what is over. */
static void drop_tasks(struct turn_state *t, const struct frame *by)
{
	struct frame offered_by = t->s->offered_by;
	size_t n_offered = str_eq(offered_by.flow_name, by->flow_name) ? t->s->n_offered : 0;

	if (t->s->n_frames)
		end_effect(t, &t->s->frame[0], S("stopped"));
	stop_everything(t);
	t->s->second = nothing;
	if (n_offered) {
		t->s->n_offered = n_offered;
		t->s->offered_by = offered_by;
	}
}

static void restart_below(struct turn_state *t)
{
	struct frame *f;

	t->s->n_offered = 0;
	if (!t->s->n_frames) {
		push_flow(t, S("session/hello"), ROLE_HELLO, nothing, "engine", nothing);
		return;
	}
	t->s->n_frames = task_root(t) + 1;
	f = top(t);
	if (f->committed) {
		back_to_question(t, false);
		return;
	}
	restart_flow(t, f);
}

void restart_flow(struct turn_state *t, struct frame *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_slots; i++)
		if (f->slot[i].origin == ORIGIN_LENT)
			f->slot[kept++] = f->slot[i];
	f->n_slots = kept;
	f->n_past = f->n_counters = 0;
	f->opening = nothing;           /* it was heard once; anew means from the first question */
	f->replaying = false;
	enter(t, f, f->flow->first, f->step_name, "engine", nothing);
}

static void picked_meaning(struct turn_state *t, const struct frame *f)
{
	const struct value *picked = get_slot(f, S("picked"));
	struct str intent = picked ? value_get_text(picked, "id") : nothing;

	if (!picked || !start_intent(t, intent, false, f->opening, true))
		back_to_question(t, false);
}

static void answered_ask_first(struct turn_state *t, const struct frame *f, struct str outcome)
{
	const struct value *wanted = get_slot(f, S("wanted"));

	if (str_is(outcome, "switch") && wanted
		&& start_intent(t, value_get_text(wanted, "id"), false, f->opening, true))
		return;
	if (str_is(outcome, "stay") && wanted)
		t->s->second = arena_str(t->arena, value_get_text(wanted, "id"));
	back_to_question(t, false);
}

static void answered_second_wish(struct turn_state *t, const struct frame *f, struct str outcome)
{
	const struct value *wanted = get_slot(f, S("wanted"));

	if (str_is(outcome, "yes") && wanted)
		start_intent(t, value_get_text(wanted, "id"), false, f->opening, true);
}

static void answered_welcome_back(struct turn_state *t, struct str outcome)
{
	if (str_is(outcome, "drop")) {
		t->s->n_parked = 0;
		push_flow(t, S("session/hello"), ROLE_HELLO, nothing, "engine", nothing);
	} else if (unpark(t)) {
		back_to_question(t, false);
	}
}

void finish(struct turn_state *t, struct str outcome)
{
	struct frame f = *top(t);

	pop_frame(t);
	if (str_is(outcome, "stopped")) {
		drop_tasks(t, &f);
		return;
	}
	switch (f.role) {
	case ROLE_SUB:
		return_to_caller(t, &f, outcome);
		return;
	case ROLE_TASK:
		end_effect(t, &f, outcome);
		t->ended_task = true;
		if (t->s->n_frames)
			back_to_question(t, f.talked);
		return;
	case ROLE_DIGRESSION:
	case ROLE_NOTICE:
		end_effect(t, &f, outcome);
		back_to_question(t, f.talked);
		return;
	case ROLE_ANYTIME:
	case ROLE_NO_MATCH:
	case ROLE_REPAIR:
		if (str_is(outcome, "restart"))
			restart_below(t);
		else if (str_is(outcome, "back") && t->s->n_frames)
			go_back(t, top(t));
		else
			back_to_question(t, false);
		return;
	case ROLE_HELLO:
		if (str_is(outcome, "restart"))
			restart_below(t);
		else
			back_to_question(t, false);
		return;
	case ROLE_DID_YOU_MEAN:
		picked_meaning(t, &f);
		return;
	case ROLE_ASK_FIRST:
		answered_ask_first(t, &f, outcome);
		return;
	case ROLE_SECOND_WISH:
		answered_second_wish(t, &f, outcome);
		return;
	case ROLE_WELCOME_BACK:
		answered_welcome_back(t, outcome);
		return;
	case N_ROLES:
		break;
	}
	assert(0);
}

/* --- back --- */

void go_back(struct turn_state *t, struct frame *f)
{
	struct past past;
	size_t kept = 0;

	while (f->n_past && f->past[f->n_past - 1].step == f->step)
		f->n_past--;
	if (f->committed) {
		if (!repair(t, "repair/cannot_correct", NULL, NULL))
			ask_again(t, f);
		return;
	}
	if (!f->n_past) {
		if (f->role == ROLE_SUB && t->s->n_frames > 1) {
			pop_frame(t);
			go_back(t, top(t));
		} else if (waits_for_buyer(f)) {
			ask_again(t, f);
		} else {
			restart_flow(t, f);
		}
		return;
	}
	past = f->past[--f->n_past];
	for (size_t i = 0; i < f->n_slots; i++)
		if (f->slot[i].stamp <= past.stamp || f->slot[i].origin == ORIGIN_LENT)
			f->slot[kept++] = f->slot[i];
	f->n_slots = kept;
	enter(t, f, past.step, f->step_name, "back", nothing);
	f->replaying = false;
}

/* --- starting --- */

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

static bool ask_first(struct turn_state *t, struct str intent, const struct flow *wanted,
	struct str opening)
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
	return f->role == ROLE_HELLO || f->role == ROLE_DID_YOU_MEAN || f->role == ROLE_ASK_FIRST
		|| f->role == ROLE_SECOND_WISH || f->role == ROLE_NO_MATCH
		|| f->role == ROLE_WELCOME_BACK || f->role == ROLE_ANYTIME
		|| f->role == ROLE_REPAIR || f->role == ROLE_NOTICE;
}

/* An answer that asks something back gives way to a task without being finished first. */
static bool gives_way(const struct frame *f, const struct flow *to)
{
	return is_light(f) || (f->flow->kind == FLOW_INFO && to->kind == FLOW_TASK);
}

static bool is_open(const struct turn_state *t, const struct flow *flow)
{
	for (size_t i = 0; i < t->s->n_frames; i++)
		if (str_eq(t->s->frame[i].flow_name, flow->name))
			return true;
	return false;
}

bool start_intent(struct turn_state *t, struct str intent, bool negated, struct str opening,
	bool asked_first)
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
	if (t->s->n_frames && flow->kind != FLOW_ANYTIME && is_open(t, flow)) {
		while (!str_eq(top(t)->flow_name, flow->name))
			pop_frame(t);
		pop_frame(t);           /* the same thing anew */
		if (t->s->n_frames && top(t)->wait == WAIT_NONE)
			t->s->n_frames = 0;     /* it was run by something that is void without it */
	}
	if (t->s->n_frames && flow->kind == FLOW_INFO)
		t->trace.digression = flow->name;
	return push_flow(t, flow->name, role_for(t, flow), opening, "starts on", how) != NULL;
}
