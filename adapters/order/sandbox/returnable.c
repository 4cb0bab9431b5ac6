/* What may come back: which items of an order, until when, for what reasons. */
#include "adapters/order/sandbox/shop.h"

struct items items_read(struct sandbox *shop, struct arena *arena, const struct order *o)
{
	struct items list = {0};
	struct sql_query *q = sql_query(shop->sql,
		"select item.id, title, variant, item.price, item.tax, final_sale, cancellation,"
		" (select state from return_item r join returns on returns.id = r.of_return"
		"  where r.item = item.id and r.live) as return_state"
		" from item join product using (sku) where order_number = ? order by position");

	sql_bind_text(q, o->number);
	while (sql_next(q)) {
		struct item *item;

		list.item = arena_grow(arena, list.item, list.n, struct item);
		item = &list.item[list.n++];
		*item = (struct item){
			.id = sql_copy(q, arena, "id"),
			.title = sql_copy(q, arena, "title"),
			.variant = sql_copy(q, arena, "variant"),
			.price = sql_int(q, "price"),
			.tax = sql_int(q, "tax"),
			.returning = !sql_is_null(q, "return_state"),
			.cancelled = !sql_is_null(q, "cancellation"),
		};
		if (item->cancelled)
			item->why = "it was cancelled";
		else if (str_is(sql_text(q, "return_state"), "rejected"))
			item->why = "the seller has declined its return";
		else if (str_is(sql_text(q, "return_state"), "paid"))
			item->why = "it was returned and refunded";
		else if (item->returning)
			item->why = "it is already being returned";
		else if (sql_int(q, "final_sale"))
			item->why = "it cannot be returned for hygiene reasons";
		list.n_may += !item->why;
	}
	sql_end(q);
	return list;
}

static const char *answer_for(const struct order *o, const struct items *items)
{
	if (o->status != DELIVERED || !items->n_may)
		return "no";
	return items->n_may == items->n ? "yes" : "partly";
}

const char *return_answer(struct sandbox *shop, struct arena *arena, const struct order *order)
{
	struct items items;

	if (order->status != DELIVERED)
		return "no";
	items = items_read(shop, arena, order);
	return answer_for(order, &items);
}

static bool window_is_over(const struct sandbox *shop, const struct order *o)
{
	return shop->now >= o->delivered + RETURN_WINDOW;
}

struct str return_why_not(struct call *call, const struct order *o, const struct items *items)
{
	struct arena *arena = call->arena;

	switch (order_rule[o->status].group) {
	case GROUP_OPEN:
		return o->status == UNPAID ? S("it is not paid yet")
					   : S("it has not left our warehouse yet");
	case GROUP_ON_THE_WAY:
		return S("it has not arrived yet");
	case GROUP_DELIVERED:
		if (items->n == 1)
			return str_of(items->item[0].why);
		return S("nothing in it can be returned any more");
	case GROUP_OVER:
		break;
	}
	if (o->status == CANCELLED)
		return arena_printf(
			arena, "it was cancelled on %.*s", STR(day_text(arena, o->cancelled)));
	if (!window_is_over(call->shop, o))
		return S("everything in it was refunded");
	return arena_printf(arena, "the %d days for returns ended on %.*s", RETURN_WINDOW / DAY,
		STR(day_text(arena, o->delivered + RETURN_WINDOW)));
}

struct value_builder item_record(struct arena *arena, const struct item *item)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "id", item->id);
	value_put_text(&b, "title", item->title);
	if (item->variant.n)
		value_put_text(&b, "variant", item->variant);
	value_put(&b, "price", money_value(arena, item->price));
	return b;
}

static const struct value *eligibility(
	struct arena *arena, const struct order *o, const struct items *items, struct str order_why)
{
	struct value_builder list = value_build(arena);

	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->item[i];
		struct value_builder b = item_record(arena, item);
		bool may = o->status == DELIVERED && !item->why;

		value_put(&b, "may", value_bool(may));
		if (may)
			value_put_int(&b, "until", o->delivered + RETURN_WINDOW);
		else
			value_put_text(&b, "why", item->why ? str_of(item->why) : order_why);
		value_push(&list, value_record(&b));
	}
	return value_list(&list);
}

enum order_outcome returns_can_return(struct call *call)
{
	struct arena *arena = call->arena;
	struct value_builder b = value_build(arena);
	struct str why = {0};
	struct items items;
	const char *answer;
	struct order o;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	items = items_read(call->shop, arena, &o);
	answer = answer_for(&o, &items);
	if (str_is(str_of(answer), "no"))
		why = return_why_not(call, &o, &items);
	else if (str_is(str_of(answer), "partly"))
		why = S("not everything in it can be returned");
	value_put_text(&b, "answer", str_of(answer));
	if (why.n)
		value_put_text(&b, "why", why);
	if (!str_is(str_of(answer), "no"))
		value_put_int(&b, "until", o.delivered + RETURN_WINDOW);
	value_put(&b, "items", eligibility(arena, &o, &items, why));
	call->answer = value_record(&b);
	return ORDER_OK;
}

enum order_outcome returns_reasons(struct call *call)
{
	struct value_builder list = value_build(call->arena);
	struct order o;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	for (unsigned i = 0; i < n_return_reasons; i++) {
		struct value_builder b = value_build(call->arena);
		struct value_builder words = value_build(call->arena);

		for (const char *const *word = return_reason[i].words; *word; word++)
			value_push(&words, value_text(call->arena, str_of(*word)));
		value_put_text(&b, "id", str_of(return_reason[i].id));
		value_put_text(&b, "label", str_of(return_reason[i].label));
		value_put(&b, "words", value_list(&words));
		value_put(&b, "photos", value_bool(return_reason[i].photos));
		value_push(&list, value_record(&b));
	}
	call->answer = value_list(&list);
	return ORDER_OK;
}
