/* Who gets a message (flows/FORMAT.md): a person; safety; the expected answer; what the step
 * listens to; a correction; an intent; "did you mean"; not understood. */
#include "bot/base/text.h"
#include "bot/engine/turn.h"

static const struct str nothing = {"", 0};

enum {
	safety_score = 70,
	max_kept_text = 4000,
	long_pause_ms = 12 * 3600 * 1000,
	max_context = 64
};

/* --- reading --- */

struct context_lists {
	const struct intent *expected[max_context], *near[max_context], *below[max_context];
	struct str word[max_context * 4];
	struct context context;
};

static void add_intent(struct turn_state *t, const struct intent **list, size_t *n, struct str name)
{
	const struct intent *intent = intent_set_find(model_intents(t->model), name);

	if (intent && *n < max_context)
		list[(*n)++] = intent;
}

static void add_words_of_question(
	struct turn_state *t, const struct frame *f, struct context_lists *c)
{
	struct question q = question_of(t, f);

	for (size_t i = 0; i < q.n; i++) {
		if (c->context.n_words < max_context * 4)
			c->word[c->context.n_words++] = q.option[i].label;
		for (size_t k = 0; k < q.option[i].n_words; k++)
			if (c->context.n_words < max_context * 4)
				c->word[c->context.n_words++] = q.option[i].word[k];
	}
}

const struct reading *read_message(struct turn_state *t, struct str text, const struct frame *f)
{
	struct context_lists *c = arena_raw(t->arena, sizeof(*c)); /* filled as far as needed */
	const struct step *step = f ? step_of(f) : NULL;

	c->context = (struct context){
		.now = t->s->now_ms / 1000,
		.expected = c->expected,
		.near = c->near,
		.below = c->below,
		.word = c->word,
	};
	for (size_t i = 0; step && i < step->n_on; i++)
		if (step->on[i].kind == ON_INTENT || step->on[i].kind == ON_NOT_INTENT)
			add_intent(t, c->expected, &c->context.n_expected, step->on[i].key);
	for (size_t k = t->s->n_frames; k-- > 0;) {
		const struct frame *g = &t->s->frame[k];

		for (size_t i = 0; i < g->flow->n_starts_on; i++)
			if (k + 1 == t->s->n_frames)
				add_intent(t, c->near, &c->context.n_near, g->flow->starts_on[i]);
			else
				add_intent(t, c->below, &c->context.n_below, g->flow->starts_on[i]);
	}
	if (f && (step->verb == VERB_CHOOSE || step->n_offers))
		add_words_of_question(t, f, c);
	for (size_t i = 0; i < t->s->n_offered; i++)
		if (c->context.n_words < max_context * 4)
			c->word[c->context.n_words++] = t->s->offered[i].choice.label;
	if (t->reading && str_eq(t->reading->raw, text))
		return understand_again(
			model_intents(t->model), t->reading, &c->context, t->arena);
	return understand(model_intents(t->model), text, &c->context, t->arena);
}

/* --- what became of it --- */

static void heard(struct turn_state *t, enum level level)
{
	const struct reading *r = t->reading;

	t->trace.level = level;
	if (level != LEVEL_NO_MATCH && level != LEVEL_CLARIFY)
		t->s->misses = 0;
	if (!r)
		return;
	t->trace.decision = r->decision;
	if (!r->n_top)
		return;
	t->trace.score = r->candidate->score;
	t->trace.negated = r->candidate->negated;
	t->trace.intent = r->candidate->intent->name;
	for (size_t i = 1; i < r->n_top; i++)
		t->trace.intent = arena_printf(t->arena, "%.*s,%.*s", STR(t->trace.intent),
			STR(r->candidate[i].intent->name));
}

static const struct candidate *accepted(const struct turn_state *t)
{
	return t->reading->decision == DECIDE_ACCEPT ? t->reading->candidate : NULL;
}

/* --- the levels --- */

static bool takes_any_text(const struct frame *f)
{
	const struct slot *slot;

	if (!waits_for_buyer(f) || step_of(f)->verb != VERB_ASK)
		return false;
	slot = flow_slot(f->flow, step_of(f)->into);
	return !slot || slot->is == SLOT_TEXT;
}

static bool hear_refusals(struct turn_state *t, struct frame *f)
{
	if (t->reading->empty) {
		heard(t, LEVEL_REFUSED);
		repair(t, "repair/empty", NULL, NULL);
		return true;
	}
	if (t->reading->too_long && !takes_any_text(f)) {
		heard(t, LEVEL_REFUSED);
		repair(t, "repair/too_long", NULL, NULL);
		return true;
	}
	return false;
}

static bool hear_busy(struct turn_state *t)
{
	const struct candidate *best = accepted(t);
	const struct flow *wish = NULL;

	if (!session_waits_for_call(t->s))
		return false;
	heard(t, LEVEL_BUSY);
	if (best && !best->negated && best->intent->kind != INTENT_ANSWER)
		wish = flow_set_started_by(model_flows(t->model), best->intent->name, false);
	if (wish && !is_open(t, wish->name))
		t->s->second = best->intent->name;
	say_slow(t, top(t));
	return true;
}

static bool hear_safety(struct turn_state *t)
{
	const struct candidate *best = accepted(t);
	const struct flow *flow;

	if (!best || best->negated || best->intent->kind != INTENT_SAFETY ||
		best->score < safety_score)
		return false;
	flow = flow_set_started_by(model_flows(t->model), best->intent->name, false);
	if (!flow || is_open(t, flow->name))
		return false;
	heard(t, LEVEL_SAFETY);
	return start_intent(t, best->intent->name, false, t->s->last_text, true);
}

/* The words of a button, exactly, are that button, whatever else they may mean. */
static bool label_typed(struct turn_state *t, struct frame *f)
{
	struct question q = {0};
	struct str typed = str_trim(t->reading->raw);

	if (waits_for_buyer(f))
		q = question_of(t, f);
	for (size_t i = 0; i < q.n; i++)
		if (str_eq_nocase(typed, q.choice[i].label)) {
			heard(t, LEVEL_ANSWER);
			return press_step(t, f, q.choice[i].id);
		}
	for (size_t i = 0; i < t->s->n_offered; i++)
		if (str_eq_nocase(typed, t->s->offered[i].choice.label)) {
			heard(t, LEVEL_BUTTON);
			return press_offered(t, t->s->offered[i].choice.id);
		}
	return false;
}

static bool hear_answer(struct turn_state *t, struct frame *f)
{
	unsigned misses = t->s->misses;

	if (!waits_for_buyer(f))
		return false;
	heard(t, LEVEL_ANSWER);
	if (answer_step(t, f, t->reading))
		return true;
	t->s->misses = misses;
	return false;
}

/* A word between ("did you mean …?") that is not answered gives way to the question under it, when
 * the message answers that. */
static bool answer_below(struct turn_state *t)
{
	struct session *s = t->s;
	const struct frame *f = top(t),
			   *below = s->n_frames > 1 ? &s->frame[s->n_frames - 2] : NULL;
	struct frame kept;

	if (!waits_for_buyer(f) || !waits_for_buyer(below) ||
		(f->role != ROLE_DID_YOU_MEAN && f->role != ROLE_ASK_FIRST &&
			f->role != ROLE_NO_MATCH && f->role != ROLE_SECOND_WISH))
		return false;
	kept = *f;
	s->n_frames--;
	t->reading = t->trace.reading = read_message(t, t->event->text, top(t));
	if (hear_answer(t, top(t)))
		return true;
	s->frame[s->n_frames++] = kept;
	return false;
}

static bool hear_button(struct turn_state *t)
{
	if (!t->s->n_offered || !answer_offered(t, t->reading))
		return false;
	heard(t, LEVEL_BUTTON);
	return true;
}

static bool hear_on(struct turn_state *t, struct frame *f)
{
	const struct on *on = waits_for_buyer(f) ? listened_to(f, t->reading) : NULL;

	if (!on)
		return false;
	heard(t, LEVEL_ON);
	react(t, f, on);
	return true;
}

static bool hear_correction(struct turn_state *t, struct frame *f)
{
	unsigned misses = t->s->misses;

	if (!waits_for_buyer(f) || step_of(f)->verb != VERB_CONFIRM || !step_of(f)->n_shows)
		return false;
	/* Without a word like "no, the other" only a plain naming of another value changes
	 * anything. */
	if (t->reading->question || accepted(t))
		return false;
	for (size_t i = 0; i < t->reading->n_entities; i++)
		if (t->reading->entity[i].type == ENTITY_ORDINAL ||
			t->reading->entity[i].type == ENTITY_NUMBER)
			return false; /* a place in a list that is no longer on screen */
	heard(t, LEVEL_CORRECTION);
	if (correct(t, f, t->reading, false))
		return true;
	t->s->misses = misses;
	return false;
}

static const struct value *id_and_label(struct turn_state *t, const struct intent *intent)
{
	const struct flow *flow = flow_set_started_by(model_flows(t->model), intent->name, false);
	struct value_builder b = value_build(t->arena);

	value_put_text(&b, "id", intent->name);
	value_put_text(&b, "label",
		intent->label.n ? intent->label
		: flow          ? flow->title
				: intent->about);
	return value_record(&b);
}

static bool other_order_named(struct turn_state *t, const struct frame *f)
{
	const struct value *order = get_slot(f, S("order"));

	for (size_t i = 0; i < t->reading->n_entities; i++) {
		const struct entity *e = &t->reading->entity[i];

		if (e->type == ENTITY_ORDER_NUMBER && order &&
			!str_eq(value_text_of(e->value), value_get_text(order, "number")))
			return true;
	}
	return false;
}

static bool hear_intent(struct turn_state *t, struct frame *f, bool resumed)
{
	const struct candidate *best = accepted(t);
	const struct flow *flow;

	if (!best)
		return false;
	flow = flow_set_started_by(model_flows(t->model), best->intent->name, best->negated);
	if (!flow && best->negated) {
		heard(t, LEVEL_INTENT);
		return repair(t, "repair/not_meant", "what", id_and_label(t, best->intent));
	}
	if (!flow || (f && best->intent->kind == INTENT_ANSWER))
		return false;
	heard(t, LEVEL_INTENT);
	if (waits_for_buyer(f) && is_open(t, flow->name) && flow->kind == FLOW_TASK) {
		/* We are at it already: the question again, unless another order is meant now. */
		if (!other_order_named(t, &t->s->frame[task_root(t)])) {
			ask_again(t, f);
			return true;
		}
		return start_intent(t, best->intent->name, false, t->s->last_text, true);
	}
	if (flow->kind == FLOW_INFO && waits_for_buyer(f) && f->flow->questions == OPEN_REFUSE)
		return false;
	if (resumed && flow->kind == FLOW_TASK)
		park_top(t);
	if (t->reading->second)
		t->s->second = t->reading->second->name;
	return start_intent(t, best->intent->name, best->negated, t->s->last_text, false);
}

static bool saves_what_is_not_understood(const struct frame *f)
{
	const struct on *on =
		waits_for_buyer(f) ? step_on(step_of(f), ON_NO_MATCH, S("no_match")) : NULL;

	return on && on->item[0].save.n;
}

static bool hear_clarify(struct turn_state *t, struct frame *f)
{
	const struct reading *r = t->reading;
	struct value_builder options = value_build(t->arena);
	struct str pair = {0};
	struct frame *asked;
	size_t n = 0;

	if ((r->decision != DECIDE_CLARIFY && r->decision != DECIDE_CONFIRM) ||
		saves_what_is_not_understood(f))
		return false;
	for (size_t i = 0; i < r->n_top; i++) {
		const struct intent *intent = r->candidate[i].intent;
		const struct flow *flow =
			flow_set_started_by(model_flows(t->model), intent->name, false);

		if (r->candidate[i].negated || !flow || is_open(t, flow->name))
			continue;
		value_push(&options, id_and_label(t, intent));
		pair = arena_printf(t->arena, "%.*s %.*s", STR(pair), STR(intent->name));
		n++;
	}
	if (!n)
		return false;
	heard(t, LEVEL_CLARIFY);
	if (str_eq(pair, t->s->clarified)) {
		t->s->clarified = nothing;
		return start_intent(t, S("contact_support"), false, t->s->last_text, true);
	}
	t->s->clarified = pair;
	asked = push_flow(
		t, S("repair/did_you_mean"), ROLE_DID_YOU_MEAN, t->s->last_text, "engine", nothing);
	lend(t, asked, "options", value_list(&options));
	return asked != NULL;
}

void not_understood(struct turn_state *t)
{
	struct frame *f = top(t);
	const struct on *on =
		waits_for_buyer(f) ? step_on(step_of(f), ON_NO_MATCH, S("no_match")) : NULL;
	bool first = t->s->misses == 0 && t->s->turn == 1;

	heard(t, LEVEL_NO_MATCH);
	t->s->misses++;
	if (on) {
		react(t, f, on);
		return;
	}
	if (t->s->owner == OWNER_QUEUE && !waits_for_buyer(f)) {
		push_flow(t, S("handoff/waiting"), ROLE_NO_MATCH, nothing, "engine", nothing);
		return;
	}
	if (first && !f) {
		push_flow(t, S("session/hello"), ROLE_HELLO, nothing, "engine", nothing);
		return;
	}
	f = push_flow(t, S("repair/no_match"), ROLE_NO_MATCH, t->s->last_text, "engine", nothing);
	lend(t, f, "misses", value_int(t->arena, t->s->misses));
}

/* --- entrances --- */

/* A paused task is on the table again as soon as the buyer writes. */
static bool resume_paused(struct turn_state *t)
{
	struct session *s = t->s;

	if (s->n_frames || s->owner != OWNER_BOT || !s->n_parked ||
		!s->parked[s->n_parked - 1].paused)
		return false;
	if (!unpark(t))
		return false;
	top(t)->paused = false;
	return true;
}

static bool welcome_back(struct turn_state *t, int64_t idle_ms, bool resumed)
{
	const struct candidate *best = accepted(t);
	const struct value *title;
	struct frame *f;

	if (!resumed || idle_ms < long_pause_ms || (best && best->intent->kind != INTENT_SMALLTALK))
		return false;
	title = value_text(t->arena, top(t)->flow->title);
	heard(t, LEVEL_INTENT);
	park_top(t);
	f = push_flow(t, S("session/welcome_back"), ROLE_WELCOME_BACK, nothing, "engine", nothing);
	lend(t, f, "parked", title);
	return f != NULL;
}

static void go_on_with_paused(struct turn_state *t)
{
	struct frame *f = top(t);

	heard(t, LEVEL_NO_MATCH);
	if (waits_for_buyer(f) &&
		!repair(t, "repair/returned", "title", value_text(t->arena, f->flow->title)))
		ask_again(t, f);
}

static int64_t note_buyer(struct turn_state *t)
{
	int64_t idle = t->s->last_buyer_ms ? t->s->now_ms - t->s->last_buyer_ms : 0;

	t->s->last_buyer_ms = t->s->now_ms;
	return idle;
}

void hear_text(struct turn_state *t)
{
	int64_t idle_ms = note_buyer(t);
	struct frame *f;
	bool resumed;

	t->s->last_text = text_clip(
		text_repaired(t->arena, str_sub(t->event->text, 0, max_kept_text)), max_kept_text);
	if (t->s->owner == OWNER_PERSON) {
		t->trace.level = LEVEL_PERSON;
		return;
	}
	resumed = resume_paused(t);
	f = top(t);
	t->reading = t->trace.reading = read_message(t, t->event->text, f);
	if (hear_refusals(t, f) || hear_busy(t) || welcome_back(t, idle_ms, resumed) ||
		label_typed(t, f) || hear_safety(t) || hear_answer(t, f) || answer_below(t))
		return;
	if (hear_button(t) || hear_on(t, f) || hear_correction(t, f) || hear_intent(t, f, resumed))
		return;
	if (resumed) {
		go_on_with_paused(t);
		return;
	}
	if (!hear_clarify(t, f) && !prove_again(t))
		not_understood(t);
}

void hear_press(struct turn_state *t)
{
	struct frame *f;
	bool resumed;

	note_buyer(t);
	if (t->s->owner == OWNER_PERSON) {
		t->trace.level = LEVEL_PERSON;
		return;
	}
	resumed = resume_paused(t);
	f = top(t);
	heard(t, LEVEL_ANSWER);
	if (session_waits_for_call(t->s)) {
		t->trace.level = LEVEL_BUSY;
		say_slow(t, f);
		return;
	}
	if (waits_for_buyer(f) && press_step(t, f, t->event->text))
		return;
	if (press_offered(t, t->event->text)) {
		t->trace.level = LEVEL_BUTTON;
		return;
	}
	/* An old button: nothing happens, what is open is asked again. */
	t->trace.level = LEVEL_NO_MATCH;
	if (resumed || waits_for_buyer(f))
		ask_again(t, f);
	else if (!prove_again(t))
		push_flow(t, S("repair/no_match"), ROLE_NO_MATCH, nothing, "engine", nothing);
}

void hear_attachment(struct turn_state *t)
{
	struct value_builder list = value_build(t->arena), one = value_build(t->arena);
	struct frame *f = top(t);
	const struct slot *slot;

	note_buyer(t);
	if (t->s->owner == OWNER_PERSON) {
		t->trace.level = LEVEL_PERSON;
		return;
	}
	for (size_t i = 0; i < value_count(t->s->attachments) && i < 9; i++)
		value_push(&list, value_at(t->s->attachments, i));
	value_put_text(&one, "kind", t->event->text);
	value_put_text(&one, "id", t->event->reference);
	value_push(&list, value_record(&one));
	t->s->attachments = value_list(&list);
	slot = waits_for_buyer(f) ? flow_slot(f->flow, step_of(f)->into) : NULL;
	if (slot && slot->is == SLOT_PHOTOS && step_of(f)->verb == VERB_ASK) {
		heard(t, LEVEL_ANSWER);
		set_slot(t, f, step_of(f)->into, t->s->attachments, ORIGIN_BUYER);
		t->s->attachments = &value_none;
		f->wait = WAIT_NONE;
		ride_along(t, f);
		take(t, f, &step_of(f)->then, "then", nothing);
		return;
	}
	heard(t, LEVEL_REFUSED);
	f = push_flow(t, S("repair/attachment"), ROLE_REPAIR, nothing, "engine", nothing);
	lend(t, f, "kind", value_text(t->arena, t->event->text));
}
