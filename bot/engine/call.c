/* Calls to the shop: asking once, three outcomes, being slow. */
#include "bot/engine/turn.h"

#include <string.h>

static const struct str nothing = {"", 0};

enum { slow_ms = 3000, default_within_ms = 20000 };

/* Records travel as their number or id; lists of them as a list of those. */
static const struct value *as_argument(struct turn_state *t, const struct value *v)
{
	struct value_builder list;

	if (v->type == VALUE_RECORD) {
		struct str id = value_get_text(v, "number");

		return value_text(t->arena, id.n ? id : value_get_text(v, "id"));
	}
	if (v->type != VALUE_LIST)
		return v;
	list = value_build(t->arena);
	for (size_t i = 0; i < v->list.n; i++)
		value_push(&list, as_argument(t, v->list.item[i]));
	return value_list(&list);
}

static const struct value *arguments(struct turn_state *t, const struct frame *f)
{
	struct value_builder b = value_build(t->arena);
	const struct step *step = step_of(f);

	for (size_t i = 0; i < step->n_send; i++) {
		const struct value *v = as_argument(t, eval(t, f, step->send[i].expr));

		if (value_is_set(v))
			value_put(&b, arena_cstr(t->arena, step->send[i].name), v);
	}
	return value_record(&b);
}

static struct spent *find_spent(struct session *s, struct str key)
{
	for (size_t i = 0; i < s->n_spent; i++)
		if (str_eq(s->spent[i].key, key))
			return &s->spent[i];
	return NULL;
}

static void spend(struct session *s, struct str key, enum spent_state state)
{
	struct spent *spent = find_spent(s, key);

	if (!spent) {
		if (s->n_spent == max_spent) {
			memmove(s->spent, s->spent + 1, (max_spent - 1) * sizeof(*s->spent));
			s->n_spent--;
		}
		spent = &s->spent[s->n_spent++];
	}
	*spent = (struct spent){key, state};
}

static void unspend(struct session *s, struct str key)
{
	struct spent *spent = find_spent(s, key);

	if (spent)
		*spent = s->spent[--s->n_spent];
}

static struct str key_of(struct turn_state *t, const struct frame *f)
{
	return step_of(f)->only_once ? render(t, f, step_of(f)->only_once, NULL) : nothing;
}

static void take_outcome(struct turn_state *t, struct frame *f, const char *outcome);

static bool already_decided(struct turn_state *t, struct frame *f, struct str key)
{
	struct spent *spent = key.n ? find_spent(t->s, key) : NULL;

	if (!spent)
		return false;
	if (spent->state == SPENT_OK) {
		const struct value *what = value_text(t->arena, key);

		finish(t, S("done"));
		repair(t, "repair/once", "what", what);
		return true;
	}
	take_outcome(t, f, "unknown");
	return true;
}

static void refuse_unverified(struct turn_state *t, struct frame *f)
{
	struct value_builder b = value_build(t->arena);

	t->trace.fault = arena_printf(t->arena, "'%s' needs a proven buyer", step_of(f)->op->name);
	value_put_text(&b, "why", S("not_verified"));
	if (step_of(f)->save.n)
		set_slot(t, f, step_of(f)->save, value_record(&b), ORIGIN_CALL);
	while (t->s->n_frames && top(t)->role == ROLE_SUB)
		pop_frame(t);
	finish(t, S("failed"));
	repair(t, "repair/not_verified", NULL, NULL);
}

/* The checker proves that this cannot happen to content; what gets to a step by another way than
 * its flow's does not get through here. */
static void refuse_unconfirmed(struct turn_state *t, struct frame *f)
{
	t->trace.fault =
		arena_printf(t->arena, "'%s' needs the buyer's clear yes", step_of(f)->op->name);
	while (t->s->n_frames && top(t)->role == ROLE_SUB)
		pop_frame(t);
	finish(t, S("failed"));
	repair(t, "repair/error", NULL, NULL);
}

/* A wait of its own: timers of one before it are void. */
static void wait_for_call(struct turn_state *t, struct frame *f)
{
	const struct step *step = &f->flow->step[f->call_step];
	int64_t within = step->within_ms ? step->within_ms : default_within_ms;

	begin_wait(t, f, WAIT_CALL);
	if (step_on(step, ON_OUTCOME, S("slow")) && !f->slow_said)
		add_timer(t, f, TIMER_SLOW, within / 2 < slow_ms ? within / 2 : slow_ms, 0);
	add_timer(t, f, TIMER_DEADLINE, within, 0);
}

void make_call(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct str key = key_of(t, f);

	if (step->op->needs_buyer && !t->s->buyer.n) {
		refuse_unverified(t, f);
		return;
	}
	if (step->op->dangerous && !f->confirmed) {
		refuse_unconfirmed(t, f);
		return;
	}
	if (already_decided(t, f, key))
		return;
	f->call = ++t->s->calls;
	f->call_step = f->step;
	f->slow_said = false;
	f->committed |= step->point_of_no_return;
	if (key.n)
		spend(t->s, key, SPENT_PENDING);
	add_effect(t, (struct effect){
			      .kind = EFFECT_CALL,
			      .flow = f->flow_name,
			      .step = f->step_name,
			      .call = {f->call, step->op, arguments(t, f), t->s->buyer, key,
				      f->confirmed},
		      });
	if (step->op->dangerous)
		f->confirmed = false;
	wait_for_call(t, f);
}

void say_slow(struct turn_state *t, struct frame *f)
{
	const struct on *on = step_on(step_of(f), ON_OUTCOME, S("slow"));

	if (!on || f->slow_said)
		return;
	react(t, f, on);
	if (f->wait == WAIT_NONE)
		run(t); /* the words of the "slow" step, up to its wait_on */
	f = top(t);
	if (f)
		f->slow_said = true;
}

static void take_outcome(struct turn_state *t, struct frame *f, const char *outcome)
{
	const struct on *on = step_on(step_of(f), ON_OUTCOME, str_of(outcome));

	if (!on && strcmp(outcome, "unknown") == 0)
		on = step_on(step_of(f), ON_OUTCOME, S("failed"));
	if (!on && strcmp(outcome, "refused") == 0)
		on = step_on(step_of(f), ON_OUTCOME, S("failed"));
	f->wait = WAIT_NONE;
	if (on) {
		react(t, f, on);
		return;
	}
	t->trace.fault = arena_printf(t->arena, "'%.*s/%.*s' has no edge for '%s'",
		STR(f->flow_name), STR(f->step_name), outcome);
	finish(t, S("failed"));
	repair(t, "repair/error", NULL, NULL);
}

static struct frame *calling(struct turn_state *t, unsigned number)
{
	for (size_t i = 0; i < t->s->n_frames; i++)
		if (t->s->frame[i].wait == WAIT_CALL && t->s->frame[i].call == number)
			return &t->s->frame[i];
	return NULL;
}

static void settle(struct turn_state *t, const struct frame *f, enum outcome outcome)
{
	struct str key = key_of(t, f);

	if (!key.n)
		return;
	if (outcome == OUTCOME_OK)
		spend(t->s, key, SPENT_OK);
	else if (outcome == OUTCOME_UNKNOWN)
		spend(t->s, key, SPENT_UNKNOWN);
	else
		unspend(t->s, key);
}

void settle_decision(struct turn_state *t, struct str decision, struct str outcome)
{
	struct str key = arena_str(t->arena, decision);

	if (!key.n)
		return;
	if (str_is(outcome, "done"))
		spend(t->s, key, SPENT_OK);
	else
		unspend(t->s, key);
}

static void outcome_came(
	struct turn_state *t, struct frame *f, enum outcome outcome, const struct value *answer)
{
	const struct step *step;

	f->step = f->call_step;
	f->step_name = f->flow->step[f->step].name;
	step = step_of(f);
	settle(t, f, outcome);
	if (outcome == OUTCOME_UNKNOWN && !step->op->writes)
		outcome = OUTCOME_FAILED; /* reading twice does no harm */
	if (step->save.n && (outcome == OUTCOME_OK || outcome == OUTCOME_REFUSED))
		set_slot(t, f, step->save, answer, ORIGIN_CALL);
	if (outcome != OUTCOME_OK) {
		take_outcome(t, f, outcome_name[outcome]);
		return;
	}
	if (strcmp(step->op->name, "buyers.verify") == 0)
		prove_buyer(t, value_get_text(answer, "id"), value_get_text(answer, "name"));
	f->wait = WAIT_NONE;
	ride_along(t, f);
	take(t, f, &step->then, "then", nothing);
}

void answer_call(struct turn_state *t)
{
	struct frame *f = calling(t, t->event->call);
	const struct value *answer = t->event->value ? t->event->value : &value_none;

	if (!f || f != top(t)) {
		t->ignored = true;
		return;
	}
	outcome_came(t, f, t->event->outcome, value_copy(t->arena, answer));
	run(t);
}

void call_again(struct turn_state *t)
{
	struct frame *f = calling(t, t->event->call);

	t->ignored = !f;
	if (f)
		wait_for_call(t, f);
}

void deadline_passed(struct turn_state *t, struct frame *f)
{
	outcome_came(t, f, OUTCOME_UNKNOWN, &value_none);
}
