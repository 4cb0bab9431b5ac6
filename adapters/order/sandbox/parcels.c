/* Parcels: what an order travels in, and what the carrier reports. */
#include "adapters/order/sandbox/shop.h"

struct parcel_row {
	struct str number; /* of its order */
	int64_t travels;   /* seconds from the first scan to the door */
	int64_t shipped, collected, delivered;
};

static bool read_parcel(struct sandbox *shop, int64_t id, struct parcel_row *row)
{
	struct sql_query *q = sql_query(shop->sql, "select * from parcel where id = ?");
	bool found;

	sql_bind_int(q, id);
	found = sql_next(q);
	if (found)
		*row = (struct parcel_row){
			.number = sql_copy(q, shop->scratch, "order_number"),
			.travels = sql_int(q, "travels"),
			.shipped = sql_int(q, "shipped"),
			.collected = sql_int(q, "collected"),
			.delivered = sql_int(q, "delivered"),
		};
	sql_end(q);
	return found;
}

struct parcel parcel_newest(struct sandbox *shop, struct arena *arena, struct str number)
{
	struct parcel parcel = {0};
	struct sql_query *q = sql_query(shop->sql,
		"select carrier, tracking, shipped from parcel where order_number = ?"
		" and shipped is not null order by shipped desc, position desc limit 1");

	sql_bind_text(q, number);
	if (sql_next(q))
		parcel = (struct parcel){sql_copy(q, arena, "carrier"),
			sql_copy(q, arena, "tracking"), sql_int(q, "shipped")};
	sql_end(q);
	return parcel;
}

enum order_outcome orders_track(struct call *call)
{
	struct value_builder list = value_build(call->arena);
	struct sql_query *q;
	struct order o;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	q = sql_query(call->shop->sql,
		"select at, text from scan join parcel on parcel.id = scan.parcel"
		" where order_number = ? and at <= ? order by at desc, scan.rowid desc");
	sql_bind_text(q, o.number);
	sql_bind_int(q, call->shop->now);
	while (sql_next(q)) {
		struct value_builder b = value_build(call->arena);

		value_put_int(&b, "at", sql_int(q, "at"));
		value_put_text(&b, "text", sql_text(q, "text"));
		value_push(&list, value_record(&b));
	}
	sql_end(q);
	call->answer = value_list(&list);
	return ORDER_OK;
}

/* Travelling */

static void add_scan(struct sandbox *shop, int64_t parcel, int64_t at, struct str text)
{
	struct sql_query *q =
		sql_query(shop->sql, "insert into scan(parcel, at, text) values (?, ?, ?)");

	sql_bind_int(q, parcel);
	sql_bind_int(q, at);
	sql_bind_text(q, text);
	(void)sql_run(q);
}

static void stamp(struct sandbox *shop, struct sql_query *update, int64_t parcel)
{
	sql_bind_int(update, shop->now);
	sql_bind_int(update, parcel);
	(void)sql_run(update);
}

static int64_t count_not(struct sql_query *q, struct str number)
{
	sql_bind_text(q, number);
	return sql_number(q);
}

static struct str city_of(struct sandbox *shop, struct str buyer)
{
	struct sql_query *q = sql_query(shop->sql, "select city from buyer where id = ?");
	struct str city = {0};

	sql_bind_text(q, buyer);
	if (sql_next(q))
		city = sql_copy(q, shop->scratch, "city");
	sql_end(q);
	return city;
}

/* A pending wish to cancel ends here: what has left cannot be stopped. */
void parcel_shipped(struct sandbox *shop, int64_t id)
{
	struct parcel_row parcel;
	struct order o;
	int64_t waiting;

	if (!read_parcel(shop, id, &parcel) || parcel.shipped ||
		!order_read(shop, shop->scratch, parcel.number, &o) ||
		(o.status != AWAITING_SHIPMENT && o.status != PARTIALLY_SHIPPING))
		return;
	cancellation_overtaken(shop, o.number);
	stamp(shop, sql_query(shop->sql, "update parcel set shipped = ? where id = ?"), id);
	add_scan(shop, id, shop->now, S("Parcel packed, waiting for the carrier"));
	waiting = count_not(
		sql_query(shop->sql,
			"select count(*) from parcel where order_number = ? and shipped is null"),
		o.number);
	if (!waiting)
		order_become(shop, &o, AWAITING_COLLECTION);
	else if (o.status == AWAITING_SHIPMENT)
		order_become(shop, &o, PARTIALLY_SHIPPING);
	clock_plan(shop, shop->now + COLLECT_AFTER, "collect", o.number, id);
}

void parcel_collected(struct sandbox *shop, int64_t id)
{
	struct parcel_row parcel;
	struct order o;
	struct str city;
	int64_t now = shop->now;

	if (!read_parcel(shop, id, &parcel) || !parcel.shipped || parcel.collected ||
		!order_read(shop, shop->scratch, parcel.number, &o) || o.status == CANCELLED)
		return;
	stamp(shop, sql_query(shop->sql, "update parcel set collected = ? where id = ?"), id);
	city = city_of(shop, o.buyer);
	add_scan(shop, id, now, S("Picked up by the carrier in Reno"));
	add_scan(shop, id, now + parcel.travels * 15 / 100, S("Sorted in Salt Lake City"));
	add_scan(shop, id, now + parcel.travels * 70 / 100,
		arena_printf(shop->scratch, "Arrived at the depot in %.*s", STR(city)));
	add_scan(shop, id, now + parcel.travels * 92 / 100, S("Out for delivery"));
	add_scan(shop, id, now + parcel.travels, S("Delivered at the front door"));
	if (o.status == AWAITING_COLLECTION)
		order_become(shop, &o, IN_TRANSIT);
	clock_plan(shop, now + parcel.travels, "deliver", o.number, id);
}

/* At the door: what was taken out before is not paid. */
static void take_cash(struct sandbox *shop, const struct order *o)
{
	struct sql_query *q = sql_query(shop->sql,
		"update orders set paid = total - (select coalesce(sum(price + tax), 0) from item"
		" where order_number = number and cancellation is not null) where number = ?");

	sql_bind_text(q, o->number);
	(void)sql_run(q);
}

void parcel_delivered(struct sandbox *shop, int64_t id)
{
	struct parcel_row parcel;
	struct order o;
	int64_t travelling;

	if (!read_parcel(shop, id, &parcel) || parcel.delivered ||
		!order_read(shop, shop->scratch, parcel.number, &o))
		return;
	stamp(shop, sql_query(shop->sql, "update parcel set delivered = ? where id = ?"), id);
	travelling = count_not(
		sql_query(shop->sql,
			"select count(*) from parcel where order_number = ? and delivered is null"),
		o.number);
	if (travelling || o.status != IN_TRANSIT)
		return;
	if (o.cod)
		take_cash(shop, &o);
	order_become(shop, &o, DELIVERED);
	clock_plan(shop, shop->now + RETURN_WINDOW, "complete", o.number, 0);
}
