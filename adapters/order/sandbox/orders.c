/* Orders: finding the buyer's own, telling about them, and the steps that they take by themselves.
 */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

#include "bot/base/date.h"

/* Reading */

struct str order_number_of(struct arena *arena, struct str written)
{
	struct buf number;
	struct str result;
	bool letters = false;

	buf_init(&number, 64);
	for (size_t i = 0; i < written.n; i++) {
		char c = written.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c >= 'A' && c <= 'Z') {
			buf_addc(&number, c);
			letters = true;
		} else if (c >= '0' && c <= '9') {
			if (letters)
				buf_addc(&number, '-');
			letters = false;
			buf_addc(&number, c);
		}
	}
	result = arena_str(arena, buf_str(&number));
	buf_release(&number);
	return result;
}

static void read_row(struct sql_query *q, struct arena *arena, struct order *o)
{
	*o = (struct order){
		.number = sql_copy(q, arena, "number"),
		.buyer = sql_copy(q, arena, "buyer"),
		.paid_with = sql_copy(q, arena, "paid_with"),
		.may_cancel = sql_copy(q, arena, "may_cancel"),
		.may_return = sql_copy(q, arena, "may_return"),
		.seller = sql_copy(q, arena, "seller"),
		.status = order_status_of(sql_text(q, "status")),
		.cod = sql_int(q, "cod"),
		.paid = sql_int(q, "paid"),
		.total = sql_int(q, "total"),
		.shipping = sql_int(q, "shipping"),
		.tax = sql_int(q, "tax"),
		.created = sql_int(q, "created"),
		.ship_by = sql_int(q, "ship_by"),
		.deliver_by = sql_int(q, "deliver_by"),
		.paid_at = sql_int(q, "paid_at"),
		.delivered = sql_int(q, "delivered"),
		.cancelled = sql_int(q, "cancelled"),
	};
}

bool order_read(struct sandbox *shop, struct arena *arena, struct str number, struct order *order)
{
	struct sql_query *q = sql_query(shop->sql, "select * from orders where number = ?");
	bool found;

	sql_bind_text(q, number);
	found = sql_next(q);
	if (found)
		read_row(q, arena, order);
	sql_end(q);
	return found;
}

bool order_find(struct sandbox *shop, struct arena *arena, struct str buyer, struct str number,
	struct order *order)
{
	return order_read(shop, arena, order_number_of(arena, number), order) &&
	       str_eq(order->buyer, buyer);
}

bool call_order(struct call *call, struct order *order)
{
	return order_find(
		call->shop, call->arena, call->request->buyer, call_text(call, "order"), order);
}

/* Telling */

const struct value *money_value(struct arena *arena, int64_t minor)
{
	const struct value *money;
	struct buf amount;

	buf_init(&amount, 32);
	money_plain(minor, S(CURRENCY), &amount);
	money = value_money(arena, buf_str(&amount), S(CURRENCY));
	buf_release(&amount);
	return money;
}

struct str day_text(struct arena *arena, int64_t at)
{
	struct date d = date_of(at);

	return arena_printf(arena, "%u %s", d.day, date_month_name[d.month]);
}

/* Where a single unit is: it travels with its parcel, and may go back alone. */
static const char *item_words(const struct order *o, struct sql_query *q)
{
	if (o->status == CANCELLED || o->status == UNPAID)
		return order_rule[o->status].words;
	if (!sql_is_null(q, "cancellation"))
		return "cancelled";
	if (sql_int(q, "goes_back"))
		return "being returned";
	if (!sql_is_null(q, "delivered"))
		return "delivered";
	if (!sql_is_null(q, "collected"))
		return "on its way";
	if (!sql_is_null(q, "shipped"))
		return "packed and waiting for the carrier";
	return "being prepared";
}

static const struct value *items_value(
	struct sandbox *shop, struct arena *arena, const struct order *o, struct str *first)
{
	struct value_builder list = value_build(arena);
	struct sql_query *q = sql_query(shop->sql,
		"select item.id, title, variant, item.price, shipped, collected, delivered,"
		" item.cancellation,"
		" exists(select 1 from return_item r where r.item = item.id and r.live) as "
		"goes_back"
		" from item join product using (sku)"
		" join parcel on parcel.order_number = item.order_number and parcel.position = "
		"item.parcel"
		" where item.order_number = ? order by item.position");

	sql_bind_text(q, o->number);
	while (sql_next(q)) {
		struct value_builder b = value_build(arena);

		if (!first->n)
			*first = sql_copy(q, arena, "title");
		value_put_text(&b, "id", sql_text(q, "id"));
		value_put_text(&b, "title", sql_text(q, "title"));
		if (sql_text(q, "variant").n)
			value_put_text(&b, "variant", sql_text(q, "variant"));
		value_put_int(&b, "quantity", 1);
		value_put(&b, "price", money_value(arena, sql_int(q, "price")));
		value_put_text(&b, "status_text", str_of(item_words(o, q)));
		value_push(&list, value_record(&b));
	}
	sql_end(q);
	return value_list(&list);
}

static void put_time(struct value_builder *b, const char *name, int64_t at)
{
	if (at)
		value_put_int(b, name, at);
}

static struct str status_words(struct sandbox *shop, struct arena *arena, const struct order *o)
{
	if (str_is(str_of(cancel_answer(shop, o)), "pending"))
		return arena_printf(arena, "%s, and the seller was asked to cancel it",
			order_rule[o->status].words);
	return str_of(order_rule[o->status].words);
}

static const struct value *abilities(
	struct sandbox *shop, struct arena *arena, const struct order *o, bool shipped, bool refund)
{
	const char *cancel = cancel_answer(shop, o);
	struct value_builder can = value_build(arena);

	if (str_is(str_of(cancel), "yes") || str_is(str_of(cancel), "ask_seller"))
		value_push(&can, value_text(arena, S("cancel")));
	if (!str_is(str_of(return_answer(shop, arena, o)), "no"))
		value_push(&can, value_text(arena, S("return")));
	if (shipped)
		value_push(&can, value_text(arena, S("track")));
	if (refund)
		value_push(&can, value_text(arena, S("refund")));
	return value_list(&can);
}

static const struct value *order_value(
	struct sandbox *shop, struct arena *arena, const struct order *o)
{
	struct value_builder b = value_build(arena);
	struct str first = {0};
	const struct value *items = items_value(shop, arena, o, &first);
	struct parcel parcel = parcel_newest(shop, arena, o->number);
	struct str refund = refund_state_text(shop, arena, o->number);
	bool waits = order_rule[o->status].group == GROUP_OPEN && o->status != UNPAID;
	bool travels = waits || order_rule[o->status].group == GROUP_ON_THE_WAY;

	value_put_text(&b, "number", o->number);
	value_put_text(&b, "status", str_of(order_rule[o->status].wire));
	value_put_text(&b, "status_text", status_words(shop, arena, o));
	value_put_int(&b, "created", o->created);
	value_put_text(&b, "first_item", first);
	value_put(&b, "items", items);
	value_put_int(&b, "n_items", (int64_t)value_count(items));
	value_put(&b, "total", money_value(arena, o->total));
	if (o->status != UNPAID && (o->paid_at || o->cod))
		value_put_text(&b, "paid_with", o->paid_with);
	if (parcel.tracking.n) {
		value_put_text(&b, "carrier", parcel.carrier);
		value_put_text(&b, "tracking", parcel.tracking);
	}
	if (waits)
		value_put_int(&b, "ship_by", o->ship_by);
	if (travels)
		value_put_int(&b, "deliver_by", o->deliver_by);
	put_time(&b, "delivered", o->delivered);
	put_time(&b, "cancelled", o->cancelled);
	if (refund.n)
		value_put_text(&b, "refund_state", refund);
	value_put(&b, "can", abilities(shop, arena, o, parcel.tracking.n, refund.n));
	value_put(&b, "cod", value_bool(o->cod));
	value_put_text(&b, "market", S("US"));
	return value_record(&b);
}

enum order_outcome orders_get(struct call *call)
{
	struct order o;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	call->answer = order_value(call->shop, call->arena, &o);
	return ORDER_OK;
}

/* The list */

static bool belongs(struct call *call, const struct order *o, struct str wanted)
{
	enum order_group group = order_rule[o->status].group;

	if (str_is(wanted, "open"))
		return group == GROUP_OPEN;
	if (str_is(wanted, "on_the_way"))
		return group == GROUP_ON_THE_WAY;
	if (str_is(wanted, "returnable"))
		return !str_is(str_of(return_answer(call->shop, call->arena, o)), "no");
	if (str_is(wanted, "refunds"))
		return refund_state_text(call->shop, call->arena, o->number).n;
	return true;
}

enum order_outcome orders_list(struct call *call)
{
	struct str wanted = call_text(call, "status");
	struct str after = call_text(call, "after");
	struct order from = {.created = INT64_MAX};
	struct value_builder list = value_build(call->arena);
	struct sql_query *q;

	if (after.n && !order_find(call->shop, call->arena, call->request->buyer, after, &from))
		return call_not_found(call, "order");
	q = sql_query(call->shop->sql,
		"select * from orders where buyer = ? and (created, number) < (?, ?)"
		" order by created desc, number desc");
	sql_bind_text(q, call->request->buyer);
	sql_bind_int(q, from.created);
	sql_bind_text(q, from.number);
	while (list.n < LIST_MAX && sql_next(q)) {
		struct order o;

		read_row(q, call->arena, &o);
		if (belongs(call, &o, wanted))
			value_push(&list, order_value(call->shop, call->arena, &o));
	}
	sql_end(q);
	call->answer = value_list(&list);
	return ORDER_OK;
}

/* Steps */

static void tell(struct sandbox *shop, const struct order *o, enum order_status status)
{
	struct value_builder b;

	if (shop->silent)
		return;
	b = value_build(shop->scratch);
	value_put_text(&b, "order", o->number);
	value_put_text(&b, "status", str_of(order_rule[status].wire));
	value_put_text(&b, "status_text", str_of(order_rule[status].words));
	value_put_int(&b, "at", shop->now);
	notice_add(shop, o->buyer, "order.updated", value_record(&b));
}

void order_become(struct sandbox *shop, const struct order *o, enum order_status to)
{
	struct sql_query *q =
		sql_query(shop->sql, "update orders set status = ?1, changed = ?2,"
				     " delivered = iif(?1 = 'DELIVERED', ?2, delivered),"
				     " completed = iif(?1 = 'COMPLETED', ?2, completed),"
				     " cancelled = iif(?1 = 'CANCELLED', ?2, cancelled)"
				     " where number = ?3");

	assert(order_may_become(o->status, to));
	sql_bind_text(q, str_of(order_rule[to].wire));
	sql_bind_int(q, shop->now);
	sql_bind_text(q, o->number);
	(void)sql_run(q);
	tell(shop, o, to);
	shop_changed(shop, SHOP_ORDER, o->number, 0);
}

static void take_money(struct sandbox *shop, struct str number, bool cod)
{
	struct sql_query *q = sql_query(shop->sql,
		"update orders set paid_at = ?, paid = iif(?, 0, total) where number = ?");

	sql_bind_int(q, shop->now);
	sql_bind_bool(q, cod);
	sql_bind_text(q, number);
	(void)sql_run(q);
}

/* For cash on delivery this is the moment when the order is confirmed; no money moves yet. */
void order_paid(struct sandbox *shop, struct str number)
{
	struct order o;

	if (!order_read(shop, shop->scratch, number, &o) || o.status != UNPAID)
		return;
	take_money(shop, number, o.cod);
	order_become(shop, &o, ON_HOLD);
	clock_plan(shop, shop->now + REMORSE_WINDOW, "release", number, 0);
}

void order_lapsed(struct sandbox *shop, struct str number)
{
	struct order o;

	if (order_read(shop, shop->scratch, number, &o) && o.status == UNPAID)
		cancel_by_system(shop, &o, "not_paid_in_time");
}

void order_released(struct sandbox *shop, struct str number)
{
	struct order o;

	if (!order_read(shop, shop->scratch, number, &o) || o.status != ON_HOLD)
		return;
	order_become(shop, &o, AWAITING_SHIPMENT);
	clock_plan(shop, o.ship_by + SHIP_LATE_BY, "late", number, 0);
}

void order_not_shipped(struct sandbox *shop, struct str number)
{
	struct order o;

	if (order_read(shop, shop->scratch, number, &o) && o.status == AWAITING_SHIPMENT)
		cancel_by_system(shop, &o, "not_shipped_in_time");
}

void order_completed(struct sandbox *shop, struct str number)
{
	struct order o;

	if (order_read(shop, shop->scratch, number, &o) && o.status == DELIVERED)
		order_become(shop, &o, COMPLETED);
}
