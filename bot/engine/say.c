/* What is said: bubbles, questions with what can be picked, buttons that stay. */
#include "bot/engine/turn.h"

#include <string.h>

void add_effect(struct turn_state *t, struct effect effect)
{
	t->effect = arena_grow(t->arena, t->effect, t->n_effects, struct effect);
	effect.at_ms = t->s->now_ms;
	t->effect[t->n_effects++] = effect;
}

struct visit *add_visit(struct turn_state *t, const struct frame *f, struct str from,
	const char *how, struct str detail)
{
	struct str text = str_of(how);

	if (detail.n)
		text = arena_join(t->arena, text, S(" "), detail);
	t->visit = arena_grow(t->arena, t->visit, t->n_visits, struct visit);
	t->visit[t->n_visits] = (struct visit){
		.at = step_of(f),
		.flow = f->flow_name,
		.step = f->step_name,
		.how = text,
		.from = from,
	};
	return &t->visit[t->n_visits++];
}

/* --- what can be picked --- */

enum { max_words = 24, max_word_bytes = 80, max_items = 30, max_stars = 5 };

struct words {
	struct str word[max_words];
	size_t n;
};

/* Codes of the shop, which nobody says; and states, which are what messages are about: "return it"
 * does not name the order that is "being returned". */
static bool is_code(struct str field)
{
	static const char *const code[] = {
		"can", "status", "status_text", "refund_state", "state", "state_text", "currency"};

	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		if (str_is(field, code[i]))
			return true;
	return false;
}

/* Every short text in a record names it: number, titles, variants, words of a named list. */
static void collect_words(const struct value *v, struct words *words, unsigned depth)
{
	if (depth > 3 || words->n == max_words)
		return;
	switch (v->type) {
	case VALUE_TEXT:
		if (v->text.n && v->text.n <= max_word_bytes && str_find(v->text, S("://")) < 0)
			words->word[words->n++] = v->text;
		break;
	case VALUE_LIST:
		for (size_t i = 0; i < v->list.n; i++)
			collect_words(v->list.item[i], words, depth + 1);
		break;
	case VALUE_RECORD:
		for (size_t i = 0; i < v->record.n; i++)
			if (!is_code(v->record.field[i].name))
				collect_words(v->record.field[i].value, words, depth + 1);
		break;
	case VALUE_NONE:
	case VALUE_BOOL:
	case VALUE_INT:
		break;
	}
}

static struct str item_id(struct turn_state *t, const struct value *item)
{
	static const char *const field[] = {"number", "id", "label", "title"};

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (value_get_text(item, field[i]).n)
			return value_get_text(item, field[i]);
	return shown(t, item);
}

static struct str item_label(struct turn_state *t, const struct frame *f, const struct value *item)
{
	return step_of(f)->show ? render(t, f, step_of(f)->show, item) : shown(t, item);
}

static void add_option(struct turn_state *t, struct question *q, struct str id, struct str label,
	const struct words *words)
{
	struct str *word = arena_array(t->arena, struct str, words ? words->n : 0);

	for (size_t i = 0; words && i < words->n; i++)
		word[i] = words->word[i];
	q->choice[q->n] = (struct choice){id, label};
	q->option[q->n] = (struct option){label, word, words ? words->n : 0};
	q->n++;
}

/* The words of a button that every question may have; the named list "buttons" may reword it. */
static struct str button_label(struct turn_state *t, const char *id, struct str otherwise)
{
	const struct value *list = flow_set_list(model_flows(t->model), S("buttons"));

	for (size_t i = 0; list && i < value_count(list); i++)
		if (str_is(value_get_text(value_at(list, i), "id"), id))
			return value_get_text(value_at(list, i), "label");
	return otherwise;
}

static struct str target_id(const struct target *target)
{
	if (target->name.n)
		return target->name;
	return target->kind == TARGET_NONE ? S("stay") : str_of(target_word[target->kind]);
}

static bool id_taken(const struct question *q, struct str id)
{
	for (size_t i = 0; i < q->n; i++)
		if (str_eq(q->choice[i].id, id))
			return true;
	return false;
}

static void add_offers(struct turn_state *t, const struct frame *f, struct question *q)
{
	const struct step *step = step_of(f);

	for (size_t i = 0; i < step->n_offers; i++) {
		struct str label = render(t, f, step->offer[i].label, NULL);
		struct str id = target_id(&step->offer[i].target);

		if (id_taken(q, id))
			id = label;
		q->kind[q->n] = PICK_OFFER;
		q->offer[q->n] = &step->offer[i];
		add_option(t, q, id, label, NULL);
	}
}

static void add_items(
	struct turn_state *t, const struct frame *f, struct question *q, const struct value *list)
{
	for (size_t i = 0; i < q->n_items; i++) {
		struct words words = {.n = 0};

		collect_words(list->list.item[i], &words, 0);
		q->kind[q->n] = PICK_ITEM;
		q->item[q->n] = list->list.item[i];
		add_option(t, q, item_id(t, list->list.item[i]),
			item_label(t, f, list->list.item[i]), &words);
	}
}

static void add_yes_and_no(struct turn_state *t, struct question *q)
{
	q->kind[q->n] = PICK_YES;
	add_option(t, q, S("yes"), button_label(t, "yes", S("Yes")), NULL);
	q->kind[q->n] = PICK_NO;
	add_option(t, q, S("no"), button_label(t, "no", S("No")), NULL);
}

/* One to five: the id is what a page draws as a star. */
static void add_stars(struct turn_state *t, struct question *q)
{
	for (int64_t stars = 1; stars <= max_stars; stars++) {
		struct str number = arena_printf(t->arena, "%lld", (long long)stars);

		q->kind[q->n] = PICK_ITEM;
		q->item[q->n] = value_int(t->arena, stars);
		add_option(t, q, number, number, NULL);
	}
}

/* The answers to a typed question, where there are only few. */
static void add_answers(struct turn_state *t, const struct frame *f, struct question *q)
{
	const struct slot *slot = flow_slot(f->flow, step_of(f)->into);

	if (slot && slot->is == SLOT_YES_NO)
		add_yes_and_no(t, q);
	else if (slot && slot->is == SLOT_RATING)
		add_stars(t, q);
}

static struct question make_question(struct turn_state *t, const struct frame *f)
{
	const struct step *step = step_of(f);
	const struct value *list = step->from ? eval(t, f, step->from) : &value_none;
	size_t n_items = list->type == VALUE_LIST ? list->list.n : 0, room;
	struct question q = {0};

	q.n_items = n_items > max_items ? max_items : n_items;
	room = q.n_items + step->n_offers + max_stars + 1; /* skip */
	q.option = arena_array(t->arena, struct option, room);
	q.choice = arena_array(t->arena, struct choice, room);
	q.item = arena_array(t->arena, const struct value *, room);
	q.offer = arena_array(t->arena, const struct offer *, room);
	q.kind = arena_alloc(t->arena, room * sizeof(*q.kind));
	add_items(t, f, &q, list);
	if (step->verb == VERB_CONFIRM)
		add_yes_and_no(t, &q);
	if (step->verb == VERB_ASK)
		add_answers(t, f, &q);
	if (step->skip.kind != TARGET_NONE) {
		q.kind[q.n] = PICK_SKIP;
		add_option(t, &q, S("skip"), button_label(t, "skip", S("Skip")), NULL);
	}
	add_offers(t, f, &q);
	return q;
}

struct question question_of(struct turn_state *t, const struct frame *f)
{
	if (t->question_frame != f->id || t->question_step != f->step + 1 ||
		t->question_stamp != t->s->stamps) {
		t->question = make_question(t, f);
		t->question_frame = f->id;
		t->question_step = f->step + 1;
		t->question_stamp = t->s->stamps;
	}
	return t->question;
}

/* --- saying --- */

void say_text(struct turn_state *t, const struct frame *f, struct str text,
	const struct question *q, bool again)
{
	struct effect effect = {.kind = EFFECT_SAY};

	if (f) {
		effect.flow = f->flow_name;
		effect.step = f->step_name;
	}
	effect.say.text = text;
	effect.say.again = again;
	if (q) {
		effect.say.choice = q->choice;
		effect.say.n_choices = q->n;
		effect.say.question = true;
	}
	t->s->said = text;
	add_effect(t, effect);
}

static void add_card(struct turn_state *t, const struct frame *f)
{
	const struct value *card;

	if (!step_of(f)->card || !t->n_effects)
		return;
	card = eval(t, f, step_of(f)->card);
	if (card->type != VALUE_RECORD)
		return;
	t->effect[t->n_effects - 1].say.card = card;
	if (value_get_text(card, "number").n)
		t->s->recent_order = card;
}

/* Buttons that do not wait: kept with the flow as it is now, until something else is offered. */
static void keep_offers(struct turn_state *t, const struct frame *f, const struct question *q)
{
	struct session *s = t->s;

	s->n_offered = 0;
	for (size_t i = 0; i < q->n && s->n_offered < max_offers; i++) {
		const struct target *target = &q->offer[i]->target;
		struct value_builder with = value_build(t->arena);

		for (size_t k = 0; k < target->n_with; k++)
			value_put(&with, arena_cstr(t->arena, target->with[k].name),
				eval(t, f, target->with[k].expr));
		s->offered[s->n_offered++] = (struct offered){
			.choice = q->choice[i],
			.kind = target->kind,
			.target = target->name,
			.with = value_record(&with),
		};
	}
	s->offered_by = *f;
	s->offered_by.wait = WAIT_NONE;
}

void say_step(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct question q = {0};

	if (step->n_offers)
		q = question_of(t, f);
	for (size_t i = 0; i < step->n_text; i++) {
		say_text(t, f, render(t, f, step->text[i], NULL), NULL, false);
		if (i == 0)
			add_card(t, f);
	}
	if (q.n && t->n_effects) {
		struct effect *last = &t->effect[t->n_effects - 1];

		last->say.choice = q.choice;
		last->say.n_choices = q.n;
		keep_offers(t, f, &q);
	}
}

/* For "back": where the question stood, and what was known then. */
static void remember_question(struct turn_state *t, struct frame *f)
{
	if (!f->past)
		f->past = arena_array(t->arena, struct past, max_history);
	else if (f->n_past && f->past[f->n_past - 1].step == f->step)
		return;
	else {
		struct past *copy = arena_array(t->arena, struct past, max_history);

		if (f->n_past == max_history)
			f->n_past--, f->past++;
		memcpy(copy, f->past, f->n_past * sizeof(*copy));
		f->past = copy;
	}
	f->past[f->n_past++] = (struct past){f->step, t->s->stamps};
}

static void open_question(struct turn_state *t, struct frame *f)
{
	remember_question(t, f);
	f->talked = true;
	t->s->n_offered = 0;
	t->s->offered_by = (struct frame){0};
	begin_wait(t, f, WAIT_BUYER);
	start_no_reply_timers(t, f);
}

void ask_step(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct question q = question_of(t, f);

	f->confirmed = false;
	for (size_t i = 0; i < step->n_text; i++) {
		bool last = i + 1 == step->n_text;

		say_text(t, f, render(t, f, step->text[i], NULL), last ? &q : NULL, false);
		if (i == 0)
			add_card(t, f);
	}
	open_question(t, f);
}

void ask_again(struct turn_state *t, struct frame *f)
{
	const struct step *step = step_of(f);
	struct question q;

	if (!waits_for_buyer(f) || !step->n_text)
		return;
	q = question_of(t, f);
	add_visit(t, f, f->step_name, "again", (struct str){0});
	say_text(t, f, render(t, f, step->again ? step->again : step->text[step->n_text - 1], NULL),
		&q, true);
	open_question(t, f);
}
