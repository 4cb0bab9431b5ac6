/* What expressions can do with values: comparing them, and the functions. */
#include "bot/base/money.h"
#include "bot/base/text.h"
#include "flows/expr_node.h"
#include "flows/template.h"

enum { max_printed = 16 * 1024 };

/* Comparing. */

static const struct value *identity(const struct value *v)
{
	const struct value *key;

	if (v->type != VALUE_RECORD)
		return v;
	key = value_get(v, "number");
	if (!value_is_set(key))
		key = value_get(v, "id");
	return value_is_set(key) ? key : v;
}

bool value_number(const struct value *v, int64_t *number)
{
	if (v->type == VALUE_TEXT)
		return str_int(v->text, number);
	*number = value_int_of(v);
	return v->type == VALUE_INT;
}

/* Amounts of one currency, in its smallest unit. */
static bool as_money(const struct value *a, const struct value *b, int64_t *x, int64_t *y)
{
	struct str currency = value_get_text(a, "currency");

	return currency.n && str_eq(currency, value_get_text(b, "currency")) &&
	       money_minor(value_get_text(a, "amount"), currency, x) &&
	       money_minor(value_get_text(b, "amount"), currency, y);
}

bool same_value(const struct value *a, const struct value *b)
{
	int64_t x, y;

	a = identity(a);
	b = identity(b);
	if (as_money(a, b, &x, &y))
		return x == y;
	if ((a->type == VALUE_INT) != (b->type == VALUE_INT) && value_number(a, &x) &&
		value_number(b, &y))
		return x == y;
	return value_eq(a, b);
}

bool list_has(const struct value *list, const struct value *wanted)
{
	if (list->type != VALUE_LIST)
		return false;
	for (size_t i = 0; i < list->list.n; i++)
		if (same_value(list->list.item[i], wanted))
			return true;
	return false;
}

bool values_in_order(const struct value *a, const struct value *b, int64_t *x, int64_t *y)
{
	return as_money(a, b, x, y) ||
	       (value_number(identity(a), x) && value_number(identity(b), y));
}

/* Functions. */

static const struct value *call_count(const struct value *const *argument, struct arena *arena)
{
	return value_int(arena, (int64_t)value_count(argument[0]));
}

static const struct value *call_first(const struct value *const *argument, struct arena *arena)
{
	(void)arena;
	return value_at(argument[0], 0);
}

static const struct value *call_last(const struct value *const *argument, struct arena *arena)
{
	size_t n = argument[0]->type == VALUE_LIST ? argument[0]->list.n : 0;

	(void)arena;
	return n ? value_at(argument[0], n - 1) : &value_none;
}

static const struct value *call_only(const struct value *const *argument, struct arena *arena)
{
	struct value_builder b = value_build(arena);

	if (argument[0]->type != VALUE_LIST)
		return &value_none;
	for (size_t i = 0; i < argument[0]->list.n; i++) {
		const struct value *item = argument[0]->list.item[i];

		if (same_value(value_get_str(item, value_text_of(argument[1])), argument[2]))
			value_push(&b, item);
	}
	return value_list(&b);
}

static const struct value *text_of_buf(struct buf *buf, struct arena *arena)
{
	const struct value *text = value_text(arena, buf_str(buf));

	buf_release(buf);
	return text;
}

static bool was_before(const struct value *list, size_t i, struct str field)
{
	for (size_t k = 0; k < i; k++)
		if (value_eq(value_get_str(list->list.item[k], field),
			    value_get_str(list->list.item[i], field)))
			return true;
	return false;
}

/* Equal texts once: two promises about one order name it once. */
static const struct value *call_join(const struct value *const *argument, struct arena *arena)
{
	struct buf out;

	if (argument[0]->type != VALUE_LIST)
		return &value_none;
	buf_init(&out, max_printed);
	for (size_t i = 0; i < argument[0]->list.n; i++) {
		const struct value *part =
			value_get_str(argument[0]->list.item[i], value_text_of(argument[1]));

		if (was_before(argument[0], i, value_text_of(argument[1])))
			continue;
		if (out.n && value_is_set(part))
			buf_adds(&out, ", ");
		value_print(part, &out);
	}
	return text_of_buf(&out, arena);
}

static const struct value *call_text(const struct value *const *argument, struct arena *arena)
{
	struct buf out;

	if (!value_is_set(argument[0]))
		return &value_none;
	buf_init(&out, max_printed);
	value_print(argument[0], &out);
	return text_of_buf(&out, arena);
}

static const struct value *call_lower(const struct value *const *argument, struct arena *arena)
{
	const struct value *text = call_text(argument, arena);

	if (text->type != VALUE_TEXT)
		return text;
	return value_text(arena, text_normalise(arena, text_repaired(arena, text->text)).text);
}

static const struct value *call_has(const struct value *const *argument, struct arena *arena)
{
	(void)arena;
	return value_bool(list_has(argument[0], argument[1]));
}

static const struct value *in_seconds(const struct value *n, int64_t unit, struct arena *arena)
{
	int64_t number;

	if (!value_number(n, &number) || __builtin_mul_overflow(number, unit, &number))
		return &value_none;
	return value_int(arena, number);
}

static const struct value *call_minutes(const struct value *const *argument, struct arena *arena)
{
	return in_seconds(argument[0], 60, arena);
}

static const struct value *call_hours(const struct value *const *argument, struct arena *arena)
{
	return in_seconds(argument[0], 3600, arena);
}

static const struct value *call_days(const struct value *const *argument, struct arena *arena)
{
	return in_seconds(argument[0], 86400, arena);
}

static bool is_money(struct str text)
{
	struct str currency;
	int64_t minor;

	return money_parse(text, &currency, &minor);
}

static const struct value *call_money(const struct value *const *argument, struct arena *arena)
{
	struct str currency = value_text_of(argument[0]), amount;

	if (!is_money(currency))
		return &value_none;
	amount = str_cut(&currency, ' ');
	return value_money(arena, amount, currency);
}

const struct function expr_function[] = {
	{"count", 1, {MAY_BE_LIST | MAY_BE_RECORD}, MAY_BE_NUMBER, RESULT_PLAIN, call_count,
		SECOND_PLAIN},
	{"first", 1, {MAY_BE_LIST}, MAY_BE_ANY, RESULT_ITEM, call_first, SECOND_PLAIN},
	{"last", 1, {MAY_BE_LIST}, MAY_BE_ANY, RESULT_ITEM, call_last, SECOND_PLAIN},
	{"only", 3, {MAY_BE_LIST, MAY_BE_TEXT, MAY_BE_ANY}, MAY_BE_LIST, RESULT_LIST, call_only,
		SECOND_FIELD},
	{"join", 2, {MAY_BE_LIST, MAY_BE_TEXT}, MAY_BE_TEXT, RESULT_PLAIN, call_join, SECOND_FIELD},
	{"text", 1, {MAY_BE_ANY}, MAY_BE_TEXT, RESULT_PLAIN, call_text, SECOND_PLAIN},
	{"lower", 1, {MAY_BE_ANY}, MAY_BE_TEXT, RESULT_PLAIN, call_lower, SECOND_PLAIN},
	{"has", 2, {MAY_BE_LIST, MAY_BE_ANY}, MAY_BE_BOOL, RESULT_PLAIN, call_has, SECOND_ITEM},
	{"money", 1, {MAY_BE_TEXT}, MAY_BE_RECORD, RESULT_PLAIN, call_money, SECOND_PLAIN, is_money,
		"money(\"50.00 USD\")"},
	{"minutes", 1, {MAY_BE_NUMBER}, MAY_BE_NUMBER, RESULT_PLAIN, call_minutes, SECOND_PLAIN},
	{"hours", 1, {MAY_BE_NUMBER}, MAY_BE_NUMBER, RESULT_PLAIN, call_hours, SECOND_PLAIN},
	{"days", 1, {MAY_BE_NUMBER}, MAY_BE_NUMBER, RESULT_PLAIN, call_days, SECOND_PLAIN},
};
const unsigned n_expr_functions = sizeof(expr_function) / sizeof(*expr_function);
