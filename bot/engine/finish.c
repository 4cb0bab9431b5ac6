/* The end of a flow: what comes of it depends on why the flow was on the stack.  And going back. */
#include "bot/engine/turn.h"

#include <assert.h>
#include <string.h>

static const struct str nothing = {"", 0};

void stop_everything(struct turn_state *t)
{
	t->s->n_frames = 0;
	t->s->n_offered = 0;
	t->s->offered_by = (struct frame){0};
	drop_void_timers(t);
}

static void end_effect(struct turn_state *t, const struct frame *f, struct str outcome)
{
	add_effect(t, (struct effect){
			      .kind = EFFECT_ENDED,
			      .flow = f->flow_name,
			      .step = f->step_name,
			      .ended = {outcome},
		      });
}

static bool waits_for_person(const struct frame *f)
{
	return f->wait == WAIT_EVENT && step_of(f)->verb == VERB_HANDOFF;
}

void stop_below(struct turn_state *t)
{
	struct session *s = t->s;
	size_t root = task_root(t), kept = 0;

	for (size_t i = 0; i < root; i++)
		if (waits_for_person(&s->frame[i]))
			kept = i + 1;
	if (kept == root)
		return;
	end_effect(t, &s->frame[kept], S("stopped"));
	memmove(s->frame + kept, s->frame + root, (s->n_frames - root) * sizeof(*s->frame));
	s->n_frames -= root - kept;
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
	if (str_is(outcome, "failed")) { /* nobody said what then: the caller failed too */
		finish(t, outcome);
		return;
	}
	ride_along(t, f);
	take(t, f, &step->then, "then", nothing);
}

/* Buttons that the flow which stops everything offered itself stay; older ones led back into what
 * is over. */
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
	f->opening = nothing; /* it was heard once; anew means from the first question */
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

	if (str_is(outcome, "switch") && wanted &&
		start_intent(t, value_get_text(wanted, "id"), false, f->opening, true))
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
		top(t)->paused = false;
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
