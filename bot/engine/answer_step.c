/* The expected answer: yes or no, one of the list, a typed value, a button. */
#include "bot/engine/turn.h"

static const struct str nothing = {"", 0};

enum { strong = 75 };

/* --- taking an answer --- */

static bool must_hold(struct turn_state *t, const struct frame *f, const struct slot *slot,
	const struct value *value)
{
	struct value_builder b = value_build(t->arena);
	struct frame_scope fs = {t, f, NULL};

	value_put(&b, arena_cstr(t->arena, slot->name), value);
	fs.item = value_record(&b);
	for (size_t i = 0; i < slot->n_must; i++)
		if (!expr_true(slot->must[i], scope_of(&fs), t->arena))
			return false;
	return true;
}

static bool take_value(struct turn_state *t, struct frame *f, const struct value *value)
{
	const struct step *step = step_of(f);
	const struct slot *slot = flow_slot(f->flow, step->into);

	if (!value_is_set(value) || (slot && !must_hold(t, f, slot, value)))
		return false;
	set_slot(t, f, step->into, value, ORIGIN_BUYER);
	t->s->attachments = &value_none;
	ride_along(t, f);
	f->wait = WAIT_NONE;
	take(t, f, &step->then, "then", nothing);
	return true;
}

static const struct value *text_value(struct turn_state *t, const struct reading *reading)
{
	return answer_value(model_intents(t->model), reading, S("text"), t->arena);
}

static void take_no(struct turn_state *t, struct frame *f)
{
	const struct on *no = step_on(step_of(f), ON_OUTCOME, S("no"));

	if (no)
		react(t, f, no);
	else
		finish(t, S("done"));
}

static void take_yes(struct turn_state *t, struct frame *f)
{
	ride_along(t, f);
	f->wait = WAIT_NONE;
	f->confirmed = true;
	take(t, f, &step_of(f)->then, "then", nothing);
}

static bool take_many(struct turn_state *t, struct frame *f, const struct question *q,
	const size_t *index, size_t n)
{
	struct value_builder b = value_build(t->arena);

	for (size_t i = 0; i < n; i++)
		if (q->kind[index[i]] != PICK_ITEM)
			return false;
		else
			value_push(&b, q->item[index[i]]);
	return n && take_value(t, f, value_list(&b));
}

static bool take_pick(struct turn_state *t, struct frame *f, const struct question *q, size_t i)
{
	switch (q->kind[i]) {
	case PICK_ITEM:
		return step_of(f)->many ? take_many(t, f, q, &i, 1) : take_value(t, f, q->item[i]);
	case PICK_YES:
	case PICK_NO:
		if (step_of(f)->verb == VERB_ASK)
			return take_value(t, f, value_bool(q->kind[i] == PICK_YES));
		if (q->kind[i] == PICK_YES)
			take_yes(t, f);
		else
			take_no(t, f);
		return true;
	case PICK_SKIP:
		f->wait = WAIT_NONE;
		take(t, f, &step_of(f)->skip, "skip", nothing);
		return true;
	case PICK_OFFER:
		f->wait = WAIT_NONE;
		f->opening = nothing; /* a button is a wish of its own */
		take(t, f, &q->offer[i]->target, "offer", template_text(q->offer[i]->label));
		return true;
	}
	return false;
}

bool press_step(struct turn_state *t, struct frame *f, struct str id)
{
	struct question q = question_of(t, f);

	for (size_t i = 0; i < q.n; i++)
		if (str_eq(q.choice[i].id, id))
			return take_pick(t, f, &q, i);
	return false;
}

static bool exact(const struct question *q, size_t i, const struct reading *reading)
{
	return str_eq_nocase(str_trim(reading->raw), q->choice[i].label) ||
	       str_eq_nocase(str_trim(reading->raw), q->choice[i].id);
}

/* Whether the message says something else so clearly that it is no answer here. */
static bool means_something_else(struct turn_state *t, const struct reading *reading, bool any_kind)
{
	const struct candidate *best = reading->candidate;
	const struct flow *flow;

	if (reading->decision != DECIDE_ACCEPT || best->negated || best->score < strong ||
		best->intent->kind == INTENT_ANSWER)
		return false;
	flow = flow_set_started_by(model_flows(t->model), best->intent->name, false);
	if (!flow || is_open(t, flow->name))
		return false;
	return any_kind || reading->question || best->intent->kind == INTENT_SAFETY;
}

/* "Where is the blue dress?" names an order, but wants something else with it than the question
 * does. */
static bool picks_orders(const struct question *q)
{
	return q->n_items && value_get_text(q->item[0], "number").n;
}

static bool pick_from(struct turn_state *t, struct frame *f, const struct question *q,
	const struct reading *reading)
{
	size_t *index = arena_array(t->arena, size_t, q->n + 1), n = 0;
	bool many = step_of(f)->many;

	if (!q->n)
		return false;
	switch (answer_pick(model_intents(t->model), reading, q->option, q->n, index, &n)) {
	case PICK_ONE:
		if (!exact(q, index[0], reading) &&
			means_something_else(t, reading, picks_orders(q)))
			return false;
		return take_pick(t, f, q, index[0]);
	case PICK_SEVERAL:
		return many && take_many(t, f, q, index, n);
	case PICK_ALL:
		for (size_t i = 0; i < q->n_items; i++)
			index[i] = i;
		if (q->n_items == 1)
			return take_pick(t, f, q, 0);
		return many && take_many(t, f, q, index, q->n_items);
	case PICK_OTHER:
		if (q->n_items == 2) {
			const struct value *now = get_slot(f, step_of(f)->into);

			if (now && value_eq(now, q->item[0]))
				return take_pick(t, f, q, 1);
			if (now && value_eq(now, q->item[1]))
				return take_pick(t, f, q, 0);
		}
		return false;
	case PICK_NEITHER:
	case PICK_NONE:
		return false;
	}
	return false;
}

/* --- by verb --- */

static bool flow_asks_which_is_named(const struct flow *flow)
{
	for (size_t i = 0; i < flow->n_steps; i++)
		for (size_t k = 0; k < flow->step[i].n_branches; k++)
			if (str_find(expr_text(flow->step[i].branch[k].when), S("named_order")) >=
				0)
				return true;
	return false;
}

/* The number of an order that is not in the list: the flow begins again with it, so that the shop
 * is asked about that one and the buyer hears why not, instead of "please tap one". */
static bool name_another(struct turn_state *t, struct frame *f, const struct question *q,
	const struct reading *reading)
{
	if (!order_number_in(reading) || !picks_orders(q) || !flow_asks_which_is_named(f->flow))
		return false;
	restart_flow(t, f);
	f->opening = t->s->last_text;
	return true;
}

static bool answer_confirm(struct turn_state *t, struct frame *f, const struct question *q,
	const struct reading *reading)
{
	bool more = false;
	enum yes_no answer = answer_yes_no(model_intents(t->model), reading, &more);
	const struct intent_set *set = model_intents(t->model);

	if (answer != ANSWER_YES && step_of(f)->n_shows && answer_corrects(set, reading))
		return correct(t, f, reading, answer == ANSWER_NO);
	if (answer != ANSWER_NEITHER && more && means_something_else(t, reading, true))
		return false;
	if (answer == ANSWER_YES && more) {
		/* "yes, but …" is no yes; "yes, cancel my order" is. */
		const struct candidate *best = reading->candidate;
		const struct flow *flow = reading->decision == DECIDE_ACCEPT && !best->negated
						  ? flow_set_started_by(model_flows(t->model),
							    best->intent->name, false)
						  : NULL;

		if (!flow || !str_eq(flow->name, f->flow_name))
			return false;
	}
	if (answer == ANSWER_NO && more && step_of(f)->n_shows) {
		if (correct(t, f, reading, false))
			return true;
		t->trace.level = LEVEL_ANSWER;
	}
	if (answer == ANSWER_YES) {
		take_yes(t, f);
		return true;
	}
	if (answer == ANSWER_NO) {
		take_no(t, f);
		return true;
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->kind[i] == PICK_OFFER)
			return pick_from(t, f, q, reading);
	return false;
}

static const char *type_of(const struct frame *f)
{
	const struct slot *slot = flow_slot(f->flow, step_of(f)->into);

	return slot ? slot_type_name[slot->is] : "text";
}

const struct on *listened_to(const struct frame *f, const struct reading *reading)
{
	const struct candidate *best = reading->candidate;

	if (reading->decision != DECIDE_ACCEPT)
		return NULL;
	return step_on(step_of(f), best->negated ? ON_NOT_INTENT : ON_INTENT, best->intent->name);
}

static bool has_few_answers(const struct slot *slot)
{
	return slot && (slot->is == SLOT_YES_NO || slot->is == SLOT_RATING);
}

/* What the slot's type finds in the message. */
static bool take_typed(struct turn_state *t, struct frame *f, const struct reading *reading)
{
	const struct value *v =
		answer_value(model_intents(t->model), reading, str_of(type_of(f)), t->arena);

	return v && take_value(t, f, v);
}

static bool answer_ask(struct turn_state *t, struct frame *f, const struct question *q,
	const struct reading *reading)
{
	const struct slot *slot = flow_slot(f->flow, step_of(f)->into);
	bool free_text = !slot || slot->is == SLOT_TEXT || slot->is == SLOT_ANY;

	if (q->n && pick_from(t, f, q, reading))
		return true;
	if ((slot && slot->is == SLOT_PHOTOS) || has_few_answers(slot))
		return false;
	if (free_text) {
		if (means_something_else(t, reading, true) || listened_to(f, reading))
			return false;
		return take_value(t, f, text_value(t, reading));
	}
	return take_typed(t, f, reading);
}

bool answer_step(struct turn_state *t, struct frame *f, const struct reading *reading)
{
	const struct step *step = step_of(f);
	struct question q = question_of(t, f);

	/* "yes, it was" is more than the words of a button, and a "no" no wish to skip. */
	if (step->verb == VERB_ASK && has_few_answers(flow_slot(f->flow, step->into)) &&
		take_typed(t, f, reading))
		return true;
	if (step->skip.kind != TARGET_NONE && answer_skips(model_intents(t->model), reading)) {
		f->wait = WAIT_NONE;
		take(t, f, &step->skip, "skip", nothing);
		return true;
	}
	switch (step->verb) {
	case VERB_CONFIRM:
		return answer_confirm(t, f, &q, reading);
	case VERB_CHOOSE:
		return pick_from(t, f, &q, reading) || name_another(t, f, &q, reading);
	case VERB_ASK:
		return answer_ask(t, f, &q, reading);
	default:
		return false;
	}
}

/* --- the message that started the flow --- */

static const struct value *typed_in_opening(
	struct turn_state *t, const struct frame *f, const struct reading *reading)
{
	const struct slot *slot = flow_slot(f->flow, step_of(f)->into);

	if (!slot)
		return NULL;
	switch (slot->is) {
	case SLOT_ORDER:
	case SLOT_EMAIL:
	case SLOT_PHONE:
	case SLOT_DATE:
	case SLOT_MONEY:
		return answer_value(model_intents(t->model), reading, str_of(type_of(f)), t->arena);
	default:
		return NULL; /* a bare number or free words may mean anything */
	}
}

static bool was_asked(const struct frame *f)
{
	for (size_t i = 0; i < f->n_past; i++)
		if (f->past[i].step == f->step)
			return true;
	return false;
}

/* "When will it arrive?", said under an order that is on screen: that one, if it is in the list. */
static bool take_default(struct turn_state *t, struct frame *f, const struct question *q,
	const struct reading *reading)
{
	const struct value *meant =
		step_of(f)->fallback ? eval(t, f, step_of(f)->fallback) : &value_none;
	struct str number = value_get_text(meant, "number");

	if (order_number_in(reading))
		return false; /* another one is named, which the list does not have */
	for (size_t i = 0; i < q->n_items && number.n; i++)
		if (str_eq(value_get_text(q->item[i], "number"), number))
			return take_value(t, f, q->item[i]);
	return false;
}

/* The items by what they are, without the label, which says more: how they stand, what they cost.
 */
static const struct option *by_words(struct turn_state *t, const struct question *q)
{
	struct option *option = arena_array(t->arena, struct option, q->n_items);

	for (size_t i = 0; i < q->n_items; i++) {
		option[i] = q->option[i];
		option[i].label = nothing;
	}
	return option;
}

static void add_title(struct turn_state *t, struct option *option, const struct value *of)
{
	struct str title = value_get_text(of, "title");
	struct str *word = arena_array(t->arena, struct str, option->n_words + 1);

	if (!title.n)
		return;
	for (size_t i = 0; i < option->n_words; i++)
		word[i] = option->word[i];
	word[option->n_words] = title;
	*option = (struct option){nothing, word, option->n_words + 1};
}

/* The items by their titles alone, an order by those of what is in it.  Not by size and colour:
 * "return it, wrong size" names nothing. */
static const struct option *by_titles(struct turn_state *t, const struct question *q)
{
	struct option *option = arena_array(t->arena, struct option, q->n_items);

	for (size_t i = 0; i < q->n_items; i++) {
		const struct value *items = value_get(q->item[i], "items");

		add_title(t, &option[i], q->item[i]);
		for (size_t k = 0; k < value_count(items); k++)
			add_title(t, &option[i], value_at(items, k));
	}
	return option;
}

/* One thing that the first message names beside what is wanted: "the kettle arrived broken", "I
 * want to cancel the dress". */
static bool named_in_opening(struct turn_state *t, const struct question *q,
	const struct reading *reading, size_t *which, size_t *n)
{
	const struct intent_set *intents = model_intents(t->model);

	if (answer_pick(intents, reading, by_words(t, q), q->n_items, which, n) == PICK_ONE)
		return true;
	return !*n && answer_pick_told(intents, reading, by_titles(t, q), q->n_items, which);
}

bool heard_already(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	const struct reading *reading;
	struct question q;

	if (!f->opening.n || step->verb == VERB_CONFIRM || was_asked(f) ||
		count_use(t, f, S(heard_key)))
		return false;
	reading = read_message(t, f->opening, f);
	if (step->verb == VERB_ASK) {
		const struct value *v = typed_in_opening(t, f, reading);

		return v && take_value(t, f, v);
	}
	q = question_of(t, f);
	if (q.n_items) {
		size_t *index = arena_array(t->arena, size_t, q.n + 1), n = 0;

		if (step->many)
			return named_in_opening(t, &q, reading, index, &n) &&
			       take_many(t, f, &q, index, 1);
		if (!picks_orders(
			    &q)) /* a stray word must not choose a reason that the shop is told */
			return answer_names(model_intents(t->model), reading, q.option, q.n_items,
				       index) &&
			       take_value(t, f, q.item[index[0]]);
		if (named_in_opening(t, &q, reading, index, &n))
			return take_value(t, f, q.item[index[0]]);
		if (!n)
			return take_default(t, f, &q, reading);
	}
	return false;
}

/* --- buttons that stayed on screen --- */

static void take_offered(struct turn_state *t, size_t i)
{
	struct session *s = t->s;
	const struct offered offered = s->offered[i];
	struct frame by = s->offered_by, *f = NULL;
	struct target target = {.kind = offered.kind, .name = offered.target};
	struct str label = offered.choice.label;

	for (size_t k = 0; k < s->n_frames; k++)
		if (s->frame[k].id == by.id) {
			s->n_frames = k + 1;
			f = &s->frame[k];
		}
	if (s->owner == OWNER_QUEUE && str_is(by.flow_name, "handoff/waiting"))
		s->owner = OWNER_BOT; /* nobody has taken it yet, and the buyer goes on without */
	if (!f) {
		if (s->n_frames)
			park_everything(t);
		f = &s->frame[s->n_frames++];
		*f = by;
		f->id = ++s->frames;
		f->role = ROLE_TASK;
	}
	f->opening = nothing;
	f->wait = WAIT_NONE;
	s->n_offered = 0;
	s->offered_by = (struct frame){0};
	for (size_t k = 0; k < step_of(f)->n_offers; k++)
		if (str_eq(render(t, f, step_of(f)->offer[k].label, NULL), offered.choice.label))
			label = template_text(step_of(f)->offer[k].label);
	if (target.kind == TARGET_STEP) {
		const struct step *step = flow_step(f->flow, target.name);

		if (!step) {
			finish(t, S("done"));
			return;
		}
		target.step = step->index;
	}
	take(t, f, &target, "offer", label);
	if (target.kind == TARGET_FLOW && top(t))
		for (size_t k = 0; k < offered.with->record.n && offered.with->type == VALUE_RECORD;
			k++)
			set_slot(t, top(t), offered.with->record.field[k].name,
				offered.with->record.field[k].value, ORIGIN_LENT);
}

bool press_offered(struct turn_state *t, struct str id)
{
	for (size_t i = 0; i < t->s->n_offered; i++)
		if (str_eq(t->s->offered[i].choice.id, id)) {
			take_offered(t, i);
			return true;
		}
	return false;
}

static bool starts_a_flow(struct turn_state *t, const struct reading *reading)
{
	return reading->decision == DECIDE_ACCEPT &&
	       flow_set_started_by(model_flows(t->model), reading->candidate->intent->name,
		       reading->candidate->negated);
}

/* A clear wish of its own is not a half-remembered button: whoever types a button's very words has
 * pressed it already. */
bool answer_offered(struct turn_state *t, const struct reading *reading)
{
	struct option option[max_offers];
	size_t index[max_offers], n = 0;

	if (!t->s->n_offered || starts_a_flow(t, reading))
		return false;
	for (size_t i = 0; i < t->s->n_offered; i++)
		option[i] = (struct option){.label = t->s->offered[i].choice.label};
	if (answer_pick(model_intents(t->model), reading, option, t->s->n_offered, index, &n) !=
		PICK_ONE)
		return false;
	take_offered(t, index[0]);
	return true;
}
