/* The engine: one pure function from (model, session, event) to a turn. */
#include "bot/engine/turn.h"

#include <string.h>

static const struct str nothing = {"", 0};

const char *const outcome_name[4] = {"ok", "refused", "failed", "unknown"};

static struct turn_state turn_begin(const struct model *model, struct session *session,
	const struct event *event, struct arena *arena)
{
	struct turn_state t = {
		.model = model,
		.event = event,
		.s = session,
		.arena = arena,
	};

	if (event->now_ms > t.s->now_ms)
		t.s->now_ms = event->now_ms;
	return t;
}

static bool seen_before(struct turn_state *t)
{
	struct str id = t->event->id;

	if (!id.n)
		return false;
	if (recent_ids_have(&t->s->seen, id))
		return true;
	recent_ids_add(&t->s->seen, id, t->arena);
	return false;
}

static void tell_of_lost_step(struct turn_state *t, struct str title)
{
	if (title.n)
		repair(t, "repair/changed_while_you_waited", "title", value_text(t->arena, title));
}

/* --- events that are no messages --- */

/* The flow that a watch starts, which ends with that; @otherwise: there is none. */
static struct str take_watch(
	struct turn_state *t, struct str event, struct str of, struct str otherwise)
{
	struct session *s = t->s;
	struct watched *w = s->watched;

	for (size_t i = 0; i < s->n_watched; i++)
		if (str_eq(w[i].event, event) && str_eq(w[i].of, of)) {
			otherwise = w[i].starts;
			memmove(w + i, w + i + 1, (--s->n_watched - i) * sizeof(*w));
			break;
		}
	return otherwise;
}

/* What became of a call that nobody waits for any more is told in any case: by the flow that
 * promised it, else in general words.  It is told once. */
static void call_settled(struct turn_state *t)
{
	struct session *s = t->s;
	const struct value *notice =
		value_copy(t->arena, t->event->value ? t->event->value : &value_none);
	struct str starts =
		take_watch(t, t->event->name, value_get_text(notice, "order"), S("repair/settled"));
	struct frame *f;

	settle_decision(t, t->event->text, value_get_text(notice, "outcome"));
	if (s->owner == OWNER_PERSON || session_waits_for_call(s) ||
		!model_flow(t->model, starts)) {
		t->ignored = true;
		return;
	}
	s->notice = notice;
	seal_news(t);
	f = push_flow(t, starts, ROLE_NOTICE, nothing, "watch", nothing);
	lend(t, f, "notice", notice);
}

static void notice_came(struct turn_state *t)
{
	struct session *s = t->s;
	const struct value *notice =
		value_copy(t->arena, t->event->value ? t->event->value : &value_none);
	struct str order = value_get_text(notice, "order"), starts = nothing;
	struct frame *f = top(t);

	if (f && f->wait == WAIT_EVENT && str_eq(step_of(f)->wait_event, t->event->name)) {
		s->notice = notice;
		f->wait = WAIT_NONE;
		take(t, f, &step_of(f)->then, "then", nothing);
		return;
	}
	for (size_t i = 0; i < s->n_watched; i++)
		if (str_eq(s->watched[i].event, t->event->name) && str_eq(s->watched[i].of, order))
			starts = s->watched[i].starts;
	if (!starts.n || s->owner == OWNER_PERSON || session_waits_for_call(s)) {
		t->ignored = true;
		return;
	}
	s->notice = notice;
	seal_news(t);
	f = push_flow(t, starts, ROLE_NOTICE, nothing, "watch", nothing);
	lend(t, f, "notice", notice);
}

static void go_where_person_says(struct turn_state *t)
{
	struct str place = t->event->reference;
	size_t at = place.n;
	struct str flow_name;
	const struct flow *flow;
	const struct step *step;
	struct frame *f;

	while (at && place.p[at - 1] != '/')
		at--;
	flow_name = str_sub(place, 0, at ? at - 1 : place.n);
	flow = model_flow(t->model, flow_name);
	step = flow ? flow_step(flow, str_sub(place, at, place.n)) : NULL;
	if (!flow)
		flow = model_flow(t->model, place);
	if (!flow)
		return;
	if (t->s->n_frames)
		park_everything(t);
	f = push_flow(t, flow->name, ROLE_TASK, nothing, "person", nothing);
	if (step) {
		f->step = step->index;
		f->step_name = step->name;
	}
}

static void hand_back(struct turn_state *t)
{
	struct frame *f = top(t);
	const struct on *back =
		f && f->wait == WAIT_EVENT ? step_on(step_of(f), ON_OUTCOME, S("back")) : NULL;

	t->s->owner = OWNER_BOT;
	if (t->event->reference.n) {
		go_where_person_says(t);
		return;
	}
	if (back) {
		f->wait = WAIT_NONE;
		react(t, f, back);
		return;
	}
	if (f && f->wait == WAIT_EVENT && step_of(f)->verb == VERB_HANDOFF) {
		f->wait = WAIT_NONE; /* nobody said what then: the hand-off is over */
		take(t, f, &step_of(f)->then, "then", nothing);
		run(t);
	}
	if (!t->s->n_frames)
		unpark(t);
	repair(t, "handoff/back", NULL, NULL);
}

/* A person has the conversation: a hand-off that waited for that goes on, unless it waits for them
 * to give it back. */
static void take_over(struct turn_state *t)
{
	struct frame *f = top(t);

	t->s->owner = OWNER_PERSON;
	if (f && !(f->wait == WAIT_EVENT && step_of(f)->verb == VERB_HANDOFF)) {
		park_everything(t); /* its timers, answers and news would speak */
		return;
	}
	if (!f || step_on(step_of(f), ON_OUTCOME, S("back")))
		return;
	f->wait = WAIT_NONE;
	take(t, f, &step_of(f)->then, "then", nothing);
}

/* A picture may come without words: what was said before it can be repeated still. */
static void speak_as_person(struct turn_state *t)
{
	struct str before = t->s->said;

	say_text(t, NULL, arena_str(t->arena, t->event->text), NULL, false);
	if (!t->event->text.n)
		t->s->said = before;
}

static void agent_acted(struct turn_state *t)
{
	struct frame *f = top(t);
	const struct on *nobody;

	switch (t->event->action) {
	case AGENT_CLAIMED:
		take_over(t);
		break;
	case AGENT_SAID:
		take_over(t);
		speak_as_person(t);
		break;
	case AGENT_HANDED_BACK:
		hand_back(t);
		break;
	case AGENT_NOBODY:
		t->s->owner = OWNER_BOT;
		nobody = f && f->wait == WAIT_EVENT ? step_on(step_of(f), ON_OUTCOME, S("nobody"))
						    : NULL;
		if (nobody) {
			f->wait = WAIT_NONE;
			react(t, f, nobody);
		}
		break;
	case AGENT_PUT_BACK: /* what was parked when they came stays so until somebody hands back */
		t->s->owner = OWNER_QUEUE;
		break;
	}
}

static void vouch_for_buyer(struct turn_state *t)
{
	if (t->event->name.n)
		prove_buyer(t, t->event->name, value_get_text(t->event->value, "name"));
	else
		t->s->buyer = t->s->buyer_name = nothing;
	t->s->buyer_by_channel = t->s->buyer.n != 0;
}

static void end_conversation(struct turn_state *t)
{
	t->s->n_frames = t->s->n_parked = t->s->n_offered = t->s->n_timers = 0;
	t->s->offered_by = (struct frame){0};
	t->s->second = nothing;
	end_proof(t);
}

/* --- after the steps --- */

static bool said_something(const struct turn_state *t)
{
	for (size_t i = 0; i < t->n_effects; i++)
		if (t->effect[i].kind == EFFECT_SAY || t->effect[i].kind == EFFECT_CALL)
			return true;
	return false;
}

static void offer_second_wish(struct turn_state *t)
{
	const struct intent *intent;
	const struct flow *flow;
	struct value_builder b = value_build(t->arena);
	struct str wish = t->s->second;
	struct frame *f;

	if (!t->ended_task || t->s->n_frames || !wish.n || t->s->owner != OWNER_BOT)
		return;
	t->s->second = nothing;
	intent = intent_set_find(model_intents(t->model), wish);
	flow = flow_set_started_by(model_flows(t->model), wish, false);
	if (!flow)
		return;
	for (size_t i = 0; i < t->n_visits; i++)
		if (str_eq(t->visit[i].flow, flow->name))
			return; /* it was done on the way */
	value_put_text(&b, "id", wish);
	value_put_text(&b, "label", intent && intent->label.n ? intent->label : flow->title);
	f = push_flow(t, S("repair/second_wish"), ROLE_SECOND_WISH, nothing, "engine", nothing);
	lend(t, f, "wanted", value_record(&b));
	run(t);
}

/* Every message is answered, whatever the content forgets. */
static void never_silent(struct turn_state *t)
{
	const struct visit *last = t->n_visits ? &t->visit[t->n_visits - 1] : NULL;
	bool message = t->event->kind == EVENT_TEXT || t->event->kind == EVENT_PRESS ||
		       t->event->kind == EVENT_ATTACHMENT;

	if (!message || t->s->owner == OWNER_PERSON || t->trace.level == LEVEL_BUSY ||
		said_something(t))
		return;
	if (waits_for_buyer(top(t))) {
		ask_again(t, top(t));
		return;
	}
	if (last && !t->trace.fault.n)
		t->trace.fault = arena_printf(t->arena,
			"nothing is said to the buyer on the way to '%.*s/%.*s'", STR(last->flow),
			STR(last->step));
	repair(t, t->s->owner == OWNER_QUEUE ? "handoff/waiting" : "repair/error", NULL, NULL);
	run(t);
}

static struct turn turn_finish(struct turn_state *t)
{
	drop_void_timers(t);
	buf_release(&t->blank);
	t->trace.visit = t->visit;
	t->trace.n_visits = t->n_visits;
	return (struct turn){
		.session = t->s,
		.effect = t->effect,
		.n_effects = t->n_effects,
		.trace = t->trace,
		.ignored = t->ignored,
	};
}

static void handle(struct turn_state *t)
{
	switch (t->event->kind) {
	case EVENT_TEXT:
		hear_text(t);
		break;
	case EVENT_PRESS:
		hear_press(t);
		break;
	case EVENT_ATTACHMENT:
		hear_attachment(t);
		break;
	case EVENT_ANSWER:
		answer_call(t);
		break;
	case EVENT_AGAIN:
		call_again(t);
		break;
	case EVENT_TICK:
		fire_due_timers(t);
		break;
	case EVENT_NOTICE:
		if (str_is(t->event->name, "call.settled"))
			call_settled(t);
		else
			notice_came(t);
		break;
	case EVENT_AGENT:
		agent_acted(t);
		break;
	case EVENT_BUYER:
		vouch_for_buyer(t);
		break;
	case EVENT_END:
		end_conversation(t);
		break;
	}
}

static void note_place(struct turn_state *t)
{
	const struct frame *f = top(t);

	if (!f)
		return;
	t->trace.at_flow = f->flow_name;
	t->trace.at_step = f->step_name;
}

/* Changes @session, which is the turn's own. */
static struct turn take_turn(const struct model *model, struct session *session,
	const struct event *event, struct arena *arena)
{
	struct turn_state t = turn_begin(model, session, event, arena);
	struct str gone = nothing;
	bool expired = false;

	if (seen_before(&t)) {
		t.ignored = true;
		return turn_finish(&t);
	}
	if (event->kind == EVENT_TEXT || event->kind == EVENT_PRESS ||
		event->kind == EVENT_ATTACHMENT) {
		t.s->turn++;
		expired = expire_proof(&t);
	}
	resolve_frames(&t, &gone);
	if (expired)
		put_aside(&t);
	note_place(&t);
	if (gone.n && event->kind != EVENT_ANSWER)
		tell_of_lost_step(&t, gone);
	else if (!t.restarted || event->kind == EVENT_BUYER)
		handle(&t); /* else the flow begins anew: its first question is the answer */
	run(&t);
	never_silent(&t);
	offer_second_wish(&t);
	return turn_finish(&t);
}

struct turn step(const struct model *model, const struct session *session,
	const struct event *event, struct arena *arena)
{
	return take_turn(model, session_copy(arena, session), event, arena);
}

struct turn step_sharing(const struct model *model, const struct session *session,
	const struct event *event, struct arena *arena)
{
	return take_turn(model, session_share(arena, session), event, arena);
}
