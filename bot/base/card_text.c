/* Cards in words. */
#include "bot/base/card_text.h"

#include <string.h>

#include "bot/base/date.h"
#include "bot/base/money.h"

enum { max_parts = 10, max_value_bytes = 4096 };

const struct value *card_part(const struct value *card, size_t index)
{
	const struct value *orders = value_get(card, "orders");

	if (orders && orders->type == VALUE_LIST)
		card = orders;
	if (index >= max_parts || !card)
		return NULL;
	if (card->type == VALUE_LIST)
		return index < card->list.n ? card->list.item[index] : NULL;
	return index == 0 && card->type == VALUE_RECORD ? card : NULL;
}

struct str card_title(const struct value *card, struct arena *arena)
{
	struct str number = value_get_text(card, "number"), id = value_get_text(card, "id");

	if (number.n)
		return arena_printf(arena, "Order %.*s", STR(number));
	if (id.n && value_get_text(card, "order").n)
		return arena_printf(arena, "Return %.*s", STR(id));
	if (value_is_set(value_get(card, "amount")))
		return S("Refund");
	return value_get_text(card, "title");
}

enum form { FORM_TEXT, FORM_CODE, FORM_MONEY, FORM_TIME };

/* In the order in which people read them.  Of fields with one label the first that is there. */
static const struct {
	const char *field, *label;
	enum form form;
} row_of[] = {
	{"status_text", "Status", FORM_TEXT},
	{"state_text", "Status", FORM_TEXT},
	{"state", "Status", FORM_CODE},
	{"status", "Status", FORM_CODE},
	{"refund_state", "Refund", FORM_CODE},
	{"total", "Total", FORM_MONEY},
	{"amount", "Amount", FORM_MONEY},
	{"refund", "Refund", FORM_MONEY},
	{"paid_with", "Paid with", FORM_TEXT},
	{"created", "Ordered", FORM_TIME},
	{"requested", "Requested", FORM_TIME},
	{"approved", "Approved", FORM_TIME},
	{"paid", "Paid out", FORM_TIME},
	{"deadline", "Until", FORM_TIME},
	{"ship_by", "Ships by", FORM_TIME},
	{"deliver_by", "Arrives by", FORM_TIME},
	{"delivered", "Delivered", FORM_TIME},
	{"cancelled", "Cancelled", FORM_TIME},
	{"carrier", "Carrier", FORM_TEXT},
	{"tracking", "Tracking", FORM_TEXT},
	{"label", "Label", FORM_TEXT},
	{"address", "Send to", FORM_TEXT},
	{"why", "Reason", FORM_TEXT},
	{"next", "Next", FORM_TEXT},
};

struct str card_money(const struct value *money, struct arena *arena)
{
	struct str amount = value_get_text(money, "amount"), shown = {0};
	struct buf buf;

	if (!amount.n)
		return shown;
	buf_init(&buf, max_value_bytes);
	money_show(amount, value_get_text(money, "currency"), &buf);
	shown = arena_str(arena, buf_str(&buf));
	buf_release(&buf);
	return shown;
}

static struct str day(int64_t seconds, struct arena *arena)
{
	struct date date = date_of(seconds);

	return arena_printf(
		arena, "%u %s %lld", date.day, date_month_name[date.month], (long long)date.year);
}

/* "on_its_way" -> "on its way"; "IN_TRANSIT" -> "in transit" */
static struct str code_words(struct str code, struct arena *arena)
{
	char *copy = arena_cstr(arena, code);

	for (size_t i = 0; i < code.n; i++) {
		if (copy[i] == '_')
			copy[i] = ' ';
		else if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] |= 0x20;
	}
	return (struct str){copy, code.n};
}

static struct str words_of(enum form form, const struct value *value, struct arena *arena)
{
	switch (form) {
	case FORM_TEXT:
		return value_text_of(value);
	case FORM_CODE:
		return code_words(value_text_of(value), arena);
	case FORM_MONEY:
		return card_money(value, arena);
	case FORM_TIME:
		return value_int_of(value) ? day(value_int_of(value), arena) : S("");
	}
	return S("");
}

static bool has_label(const struct card_row *row, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(row[i].label, label) == 0)
			return true;
	return false;
}

size_t card_rows(const struct value *card, struct arena *arena, struct card_row row[card_max_rows])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(row_of) / sizeof(*row_of); i++) {
		struct str value =
			words_of(row_of[i].form, value_get(card, row_of[i].field), arena);

		if (!value.n || has_label(row, n, row_of[i].label))
			continue;
		row[n++] = (struct card_row){row_of[i].label, value};
	}
	return n;
}

struct str card_item(const struct value *item, struct arena *arena)
{
	struct str variant = value_get_text(item, "variant"), title = value_get_text(item, "title");
	int64_t quantity = value_get_int(item, "quantity");

	if (quantity > 1)
		return arena_printf(arena, "%.*s%s%.*s \303\227%lld", STR(title),
			variant.n ? ", " : "", STR(variant), (long long)quantity);
	return arena_printf(arena, "%.*s%s%.*s", STR(title), variant.n ? ", " : "", STR(variant));
}

struct str card_item_priced(const struct value *item, struct arena *arena)
{
	struct str words = card_item(item, arena);
	struct str price = card_money(value_get(item, "price"), arena);

	return words.n && price.n ? arena_printf(arena, "%.*s, %.*s", STR(words), STR(price))
				  : words;
}
