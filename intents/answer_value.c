/* Typed values: a number, an address, a date, stars … */
#include "bot/base/text.h"
#include "intents/answer_words.h"

static const struct value *entity_of(const struct reading *reading, enum entity_type type)
{
	for (size_t i = 0; i < reading->n_entities; i++)
		if (reading->entity[i].type == type)
			return reading->entity[i].value;
	return NULL;
}

static const struct value *text_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	struct str text = str_trim(reading->raw);

	(void)w;
	return text.n ? value_text(arena, text_repaired(arena, text)) : NULL;
}

static bool number_at(const struct answer_words *w, size_t i, int64_t *out)
{
	if (w->number[i] && (w->flags[i] & WORD_NUMBER)) {
		*out = lexicon_at(w->set->lexicon, w->number[i])->value;
		return true;
	}
	return w->text[i].n <= 9 && str_int(w->text[i], out);
}

static const struct value *number_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	const struct value *entity = entity_of(reading, ENTITY_NUMBER);
	int64_t number;

	for (size_t i = 0; !entity && i < w->n; i++)
		if (number_at(w, i, &number))
			return value_int(arena, number);
	return entity;
}

/* "5", "five stars", "4/5", "4 out of 5", ⭐⭐⭐. */
static const struct value *rating_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	int64_t number, stars = 0;

	(void)reading;
	for (size_t i = 0; i < w->n; i++) {
		struct str text = w->text[i];

		if (text.n == 3 && text.p[1] == '/' && text.p[2] == '5')
			text.n = 1;
		if (number_at(w, i, &number) || str_int(text, &number))
			return number >= 1 && number <= 5 ? value_int(arena, number) : NULL;
		stars += str_is(text, "star");
	}
	return stars >= 1 && stars <= 5 && (size_t)stars == w->n ? value_int(arena, stars) : NULL;
}

/* What the question asks for: a single word with a digit in it is taken for an order number too. */
static const struct value *order_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	const struct value *entity = entity_of(reading, ENTITY_ORDER_NUMBER);
	struct str found = {0};
	char *p;

	if (entity)
		return entity;
	for (size_t i = 0; i < w->n; i++) {
		if (!answer_has_digit(w->text[i]) || w->text[i].n < 3 || w->text[i].n > 32)
			continue;
		if (found.n)
			return NULL;
		found = w->text[i];
	}
	if (!found.n)
		return NULL;
	p = arena_cstr(arena, found);
	for (size_t i = 0; i < found.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 32);
	return value_text(arena, (struct str){p, found.n});
}

/* Asked for a phone number, seven digits in a row are one. */
static const struct value *phone_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	const struct value *entity = entity_of(reading, ENTITY_PHONE);

	for (size_t i = 0; !entity && i < w->n; i++) {
		struct str text = w->text[i];
		int64_t number;

		if (text.n >= 7 && text.n <= 15 && text.p[0] != '-' && str_int(text, &number))
			return value_text(arena, text);
	}
	return entity;
}

static const struct value *yes_no_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	enum yes_no answer = answer_yes_no(w->set, reading, NULL);

	(void)arena;
	return answer == ANSWER_NEITHER ? NULL : value_bool(answer == ANSWER_YES);
}

static const struct value *email_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	(void)w;
	(void)arena;
	return entity_of(reading, ENTITY_EMAIL);
}

static const struct value *date_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	(void)w;
	(void)arena;
	return entity_of(reading, ENTITY_DATE);
}

static const struct value *money_value(
	const struct answer_words *w, const struct reading *reading, struct arena *arena)
{
	(void)w;
	(void)arena;
	return entity_of(reading, ENTITY_MONEY);
}

static const struct {
	const char *type;
	const struct value *(*read)(
		const struct answer_words *w, const struct reading *reading, struct arena *arena);
} value_row[] = {
	{"text", text_value},
	{"number", number_value},
	{"email", email_value},
	{"phone", phone_value},
	{"date", date_value},
	{"money", money_value},
	{"order", order_value},
	{"rating", rating_value},
	{"yes_no", yes_no_value},
};

const struct value *answer_value(const struct intent_set *set, const struct reading *reading,
	struct str type, struct arena *arena)
{
	struct answer_words w;

	answer_words_of(set, reading, &w);
	for (size_t i = 0; i < sizeof(value_row) / sizeof(*value_row); i++)
		if (str_is(type, value_row[i].type))
			return value_row[i].read(&w, reading, arena);
	return NULL;
}
