/* Running steps until one waits: what each verb does. */
#include "bot/engine/turn.h"

#include <assert.h>
#include <string.h>

static const struct str nothing = {"", 0};

/* Slots of the top frame, which may be elsewhere then: a buyer who is forgotten takes along what is
 * open below. */
static void do_set(struct turn_state *t, const struct binding *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(set[i].name, "buyer"))
			forget_buyer(t);
		else
			set_slot(t, top(t), set[i].name, eval(t, top(t), set[i].expr), ORIGIN_SET);
}

static void watch_one(struct turn_state *t, struct frame *f, const struct watch *w, struct str of)
{
	struct session *s = t->s;
	size_t i = 0;

	while (i < s->n_watched &&
		!(str_eq(s->watched[i].event, w->event) && str_eq(s->watched[i].of, of)))
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
				      .watch = {s->watched[i].event, s->watched[i].of,
					      s->watched[i].starts, true},
			      });
	}
	s->n_watched = kept;
}

static struct str identity(struct turn_state *t, const struct value *v)
{
	if (v->type == VALUE_RECORD && value_get_text(v, "number").n)
		return value_get_text(v, "number");
	if (v->type == VALUE_RECORD && value_get_text(v, "id").n)
		return value_get_text(v, "id");
	return shown(t, v);
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
		do_set(t, step->branch[i].set, step->branch[i].n_set);
		take(t, top(t), &step->branch[i].then, "when", expr_text(step->branch[i].when));
		return;
	}
	take(t, f, &step->otherwise, "else", nothing);
}

static void do_run(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct frame caller = *f;
	struct frame *sub = push_flow(t, step->flow, ROLE_SUB, f->opening, "run by",
		arena_join(t->arena, f->flow_name, S("/"), f->step_name));

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
		value_push(&promised, value_text(t->arena, arena_printf(t->arena, "%.*s of %.*s",
								   STR(t->s->watched[i].event),
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
	/* What the buyer was in the middle of is the person's now; it can be taken up again later.
	 */
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

static void do_step(struct turn_state *t)
{
	const struct step *step = step_of(top(t));
	struct frame *f;

	do_set(t, step->set, step->n_set);
	f = top(t);
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

	t->trace.fault =
		arena_printf(t->arena, "more than %d steps without waiting, at '%.*s/%.*s'",
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
	while (top(t) && top(t)->wait == WAIT_NONE) {
		if (++t->silent > max_silent_steps || arena_over(t->arena)) {
			stop_at_limit(t);
			if (t->limit_hit && arena_over(t->arena))
				return;
			continue;
		}
		do_step(t);
	}
}
