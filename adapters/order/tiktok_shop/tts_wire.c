/* Reading the platform's records. */
#include "adapters/order/tiktok_shop/tts_parts.h"

#include "bot/base/date.h"
#include "bot/base/money.h"
#include "bot/base/text.h"

enum { max_words_bytes = 300 };

struct str tts_wire_text(struct arena *arena, const struct value *record, const char *name)
{
	const struct value *v = value_get(record, name);

	if (v && v->type == VALUE_INT)
		return arena_printf(arena, "%lld", (long long)v->number);
	return value_text_of(v);
}

struct str tts_wire_words(struct arena *arena, const struct value *record, const char *name)
{
	return text_clip(str_trim(tts_wire_text(arena, record, name)), max_words_bytes);
}

const struct value *tts_wire_money(struct arena *arena, struct str amount, struct str currency)
{
	int64_t minor;

	if (!currency.n || !money_minor(amount, currency, &minor) || minor <= 0)
		return &value_none;
	return value_money(arena, amount, currency);
}

const struct value *tts_wire_refund(struct arena *arena, const struct value *refund_amount)
{
	return tts_wire_money(arena, tts_wire_text(arena, refund_amount, "refund_total"),
		value_get_text(refund_amount, "currency"));
}

bool tts_wire_list_has(const struct value *list, struct str text)
{
	for (size_t i = 0; list && list->type == VALUE_LIST && i < list->list.n; i++)
		if (str_eq(value_text_of(list->list.item[i]), text))
			return true;
	return false;
}

void tts_wire_put_time(struct value_builder *b, const char *name, int64_t at)
{
	if (at > 0)
		value_put_int(b, name, at);
}

void tts_wire_put_if(struct value_builder *b, const char *name, const struct value *value)
{
	if (value_is_set(value))
		value_put(b, name, value);
}

struct str tts_wire_day(struct arena *arena, int64_t at)
{
	struct date d = date_of(at);

	return arena_printf(arena, "%u %s", d.day, date_month_name[d.month]);
}

int64_t tts_wire_deadline(const struct value *request)
{
	const struct value *actions = value_get(request, "seller_next_action_response");
	int64_t first = 0;

	for (size_t i = 0; value_is_set(actions) && i < value_count(actions); i++) {
		int64_t at = value_get_int(value_at(actions, i), "deadline");

		if (at > 0 && (!first || at < first))
			first = at;
	}
	return first;
}
