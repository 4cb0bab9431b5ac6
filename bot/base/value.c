/* A value as slots, calls and templates know it. */
#include "bot/base/value.h"

#include "bot/base/text.h"

const struct value value_none = {.type = VALUE_NONE};
const struct value value_true = {.type = VALUE_BOOL, .yes = true};
const struct value value_false = {.type = VALUE_BOOL, .yes = false};

const struct value *value_bool(bool yes)
{
	return yes ? &value_true : &value_false;
}

static struct value *value_new(struct arena *arena, enum value_type type)
{
	struct value *value = arena_raw(arena, sizeof(*value));

	*value = (struct value){.type = type};
	return value;
}

const struct value *value_int(struct arena *arena, int64_t number)
{
	struct value *value = value_new(arena, VALUE_INT);

	value->number = number;
	return value;
}

/* The text behind the value itself. */
static const struct value *text_in_one_piece(struct arena *arena, struct str text)
{
	struct value *value = arena_raw(arena, sizeof(*value) + text.n + 1);
	char *p = (char *)(value + 1);

	if (text.n)
		memcpy(p, text.p, text.n);
	p[text.n] = 0;
	value->type = VALUE_TEXT;
	value->text = (struct str){p, text.n};
	return value;
}

/* Repaired, so that whatever reads a value later may rely on well-formed text. */
const struct value *value_text(struct arena *arena, struct str text)
{
	if (text_valid_up_to(text) < text.n)
		text = text_repaired(arena, text);
	return text_in_one_piece(arena, text);
}

const struct value *value_money(struct arena *arena, struct str amount, struct str currency)
{
	struct value_builder money = value_build(arena);

	value_put_text(&money, "amount", amount);
	value_put_text(&money, "currency", currency);
	return value_record(&money);
}

/* Building. */

struct value_builder value_build(struct arena *arena)
{
	return (struct value_builder){.arena = arena};
}

void value_push(struct value_builder *b, const struct value *item)
{
	b->item = arena_grow(b->arena, b->item, b->n, const struct value *);
	b->item[b->n++] = item ? item : &value_none;
}

void value_put_str(struct value_builder *b, struct str name, const struct value *value)
{
	if (!value)
		value = &value_none;
	for (size_t i = 0; i < b->n; i++)
		if (str_eq(b->field[i].name, name)) {
			b->field[i].value = value;
			return;
		}
	b->field = arena_grow(b->arena, b->field, b->n, struct field);
	b->field[b->n++] = (struct field){name, value};
}

void value_put_int(struct value_builder *b, const char *name, int64_t number)
{
	value_put(b, name, value_int(b->arena, number));
}

const struct value *value_list(struct value_builder *b)
{
	struct value *value = value_new(b->arena, VALUE_LIST);

	value->list.item = b->item;
	value->list.n = b->n;
	return value;
}

const struct value *value_record(struct value_builder *b)
{
	struct value *value = value_new(b->arena, VALUE_RECORD);

	value->record.field = b->field;
	value->record.n = b->n;
	return value;
}

/* Reading. */

static bool is(const struct value *v, enum value_type type)
{
	return v && v->type == type;
}

bool value_is_set(const struct value *v)
{
	return v && v->type != VALUE_NONE;
}

const struct value *value_get_str(const struct value *record, struct str name)
{
	if (is(record, VALUE_RECORD))
		for (size_t i = 0; i < record->record.n; i++)
			if (str_eq(record->record.field[i].name, name))
				return record->record.field[i].value;
	return &value_none;
}

const struct value *value_at(const struct value *list, size_t index)
{
	if (!is(list, VALUE_LIST) || index >= list->list.n)
		return &value_none;
	return list->list.item[index];
}

size_t value_count(const struct value *v)
{
	if (is(v, VALUE_LIST))
		return v->list.n;
	return value_is_set(v);
}

struct str value_text_of(const struct value *v)
{
	return is(v, VALUE_TEXT) ? v->text : (struct str){"", 0};
}

int64_t value_int_of(const struct value *v)
{
	return is(v, VALUE_INT) ? v->number : 0;
}

bool value_bool_of(const struct value *v)
{
	return is(v, VALUE_BOOL) && v->yes;
}

int64_t value_get_int(const struct value *record, const char *name)
{
	return value_int_of(value_get(record, name));
}

/* Comparing and copying. */

static bool lists_eq(const struct value *a, const struct value *b)
{
	if (a->list.n != b->list.n)
		return false;
	for (size_t i = 0; i < a->list.n; i++)
		if (!value_eq(a->list.item[i], b->list.item[i]))
			return false;
	return true;
}

/* A name stands once in a record: equal counts and all of @a in @b is equality. */
static bool records_eq(const struct value *a, const struct value *b)
{
	if (a->record.n != b->record.n)
		return false;
	for (size_t i = 0; i < a->record.n; i++) {
		const struct field *x = &a->record.field[i], *y = &b->record.field[i];

		for (size_t j = 0; !str_eq(x->name, y->name); j++) {
			if (j == b->record.n)
				return false;
			y = &b->record.field[j];
		}
		if (!value_eq(x->value, y->value))
			return false;
	}
	return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
	a = a ? a : &value_none;
	b = b ? b : &value_none;
	if (a == b)
		return true;
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_NONE:
		return true;
	case VALUE_BOOL:
		return a->yes == b->yes;
	case VALUE_INT:
		return a->number == b->number;
	case VALUE_TEXT:
		return str_eq(a->text, b->text);
	case VALUE_LIST:
		return lists_eq(a, b);
	case VALUE_RECORD:
		return records_eq(a, b);
	}
	return false;
}

/* What is copied is well-formed already, and its size is known: nothing is checked, nothing grows. */

static const struct value *copy_list(struct arena *arena, const struct value *from)
{
	struct value *to = arena_raw(arena, sizeof(*to));
	const struct value **item = arena_raw(arena, from->list.n * sizeof(*item));

	for (size_t i = 0; i < from->list.n; i++)
		item[i] = value_copy(arena, from->list.item[i]);
	to->type = VALUE_LIST;
	to->list.item = item;
	to->list.n = from->list.n;
	return to;
}

static const struct value *copy_record(struct arena *arena, const struct value *from)
{
	struct value *to = arena_raw(arena, sizeof(*to));
	struct field *field = arena_raw(arena, from->record.n * sizeof(*field));

	for (size_t i = 0; i < from->record.n; i++) {
		field[i].name = arena_str(arena, from->record.field[i].name);
		field[i].value = value_copy(arena, from->record.field[i].value);
	}
	to->type = VALUE_RECORD;
	to->record.field = field;
	to->record.n = from->record.n;
	return to;
}

const struct value *value_copy(struct arena *arena, const struct value *v)
{
	if (!v)
		return &value_none;
	switch (v->type) {
	case VALUE_NONE:
		return &value_none;
	case VALUE_BOOL:
		return value_bool(v->yes);
	case VALUE_INT:
		return value_int(arena, v->number);
	case VALUE_TEXT:
		return text_in_one_piece(arena, v->text);
	case VALUE_LIST:
		return copy_list(arena, v);
	case VALUE_RECORD:
		return copy_record(arena, v);
	}
	return &value_none;
}
