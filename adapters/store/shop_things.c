/* What the shop's server tells: notices that wait to be told on, orders as buyers know them, ids of
 * its messages, and how far was read. */
#include "adapters/store/store_sqlite.h"

/* Notices */

int64_t sqlite_add_notice(
	struct store *store, const struct store_notice *notice, struct str order, struct str fields)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into notice(at, event, buyer, number, fields) values (?, ?, ?, ?, ?)"
		" returning id");

	sql_bind_int(q, notice->at);
	sql_bind_text(q, notice->event);
	sql_bind_text(q, notice->buyer);
	sql_bind_text(q, order);
	sql_bind_blob(q, fields);
	return sql_number(q);
}

static void read_notice(
	struct sql *sql, struct sql_query *q, struct arena *arena, struct store_notice *notice)
{
	struct str bytes = sql_copy(q, arena, "fields");

	*notice = (struct store_notice){
		.id = sql_int(q, "id"),
		.at = sql_int(q, "at"),
		.event = sql_copy(q, arena, "event"),
		.buyer = sql_copy(q, arena, "buyer"),
	};
	if (!value_decode_in_place(arena, &bytes, &notice->fields))
		sql_fail(sql, "notice %lld cannot be read", (long long)notice->id);
}

enum store_status sqlite_next_notice(
	struct store *store, int64_t after, struct arena *arena, struct store_notice *notice)
{
	struct sql *sql = sqlite_reading(store);
	struct sql_query *q =
		sql_query(sql, "select * from notice where id > ? order by id limit 1");
	bool found;

	*notice = (struct store_notice){.fields = &value_none};
	sql_bind_int(q, after);
	found = sql_next(q);
	if (found)
		read_notice(sql, q, arena, notice);
	sql_end(q);
	return sqlite_found(store, found);
}

void sqlite_take_notice(struct store *store, int64_t id)
{
	struct sql_query *q = sql_query(sqlite_writing(store), "delete from notice where id = ?");

	sql_bind_int(q, id);
	(void)sql_run(q);
}

/* Orders */

void sqlite_put_order(struct store *store, const struct store_order *order)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into shop_order(number, buyer, status, refund, returned, looked_ms,"
		" look_ms, tries) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict(number) do update set"
		" buyer = excluded.buyer, status = excluded.status, refund = excluded.refund,"
		" returned = excluded.returned, looked_ms = excluded.looked_ms,"
		" look_ms = excluded.look_ms, tries = excluded.tries");

	sql_bind_text(q, order->number);
	sql_bind_text(q, order->buyer);
	sql_bind_text(q, order->status);
	sql_bind_text(q, order->refund);
	sql_bind_text(q, order->returned);
	sql_bind_int(q, order->looked_ms);
	sql_bind_time(q, order->look_ms);
	sql_bind_int(q, order->tries);
	(void)sql_run(q);
}

static struct store_order read_order(struct sql_query *q)
{
	return (struct store_order){
		.number = sql_text(q, "number"),
		.buyer = sql_text(q, "buyer"),
		.status = sql_text(q, "status"),
		.refund = sql_text(q, "refund"),
		.returned = sql_text(q, "returned"),
		.looked_ms = sql_int(q, "looked_ms"),
		.look_ms = sql_int(q, "look_ms"),
		.tries = sql_int(q, "tries"),
	};
}

enum store_status sqlite_order(
	struct store *store, struct str number, struct arena *arena, struct store_order *order)
{
	struct sql_query *q =
		sql_query(sqlite_reading(store), "select * from shop_order where number = ?");
	bool found;

	*order = (struct store_order){.look_ms = 0};
	sql_bind_text(q, number);
	found = sql_next(q);
	if (found) {
		*order = read_order(q);
		order->number = arena_str(arena, order->number);
		order->buyer = arena_str(arena, order->buyer);
		order->status = arena_str(arena, order->status);
		order->refund = arena_str(arena, order->refund);
		order->returned = arena_str(arena, order->returned);
	}
	sql_end(q);
	return sqlite_found(store, found);
}

void sqlite_look_at(struct store *store, struct str number, int64_t at_ms)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update shop_order set look_ms = min(coalesce(look_ms, ?2), ?2) where number = ?1");

	sql_bind_text(q, number);
	sql_bind_int(q, at_ms);
	(void)sql_run(q);
}

void sqlite_look_at_watched(struct store *store, int64_t before_ms, int64_t at_ms)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update shop_order set look_ms = ? where look_ms is null and looked_ms < ?"
		" and number in (select of from watch where event <> 'buyer')");

	sql_bind_int(q, at_ms);
	sql_bind_int(q, before_ms);
	(void)sql_run(q);
}

void sqlite_note_looked(struct store *store, int64_t at_ms)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update shop_order set looked_ms = ?1 where look_ms is null and looked_ms < ?1"
		" and number in (select of from watch where event <> 'buyer')");

	sql_bind_int(q, at_ms);
	(void)sql_run(q);
}

enum store_status sqlite_orders_due(
	struct store *store, int64_t until_ms, int limit, store_order_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from shop_order where look_ms <= ? order by look_ms, number limit ?");

	sql_bind_int(q, until_ms);
	sql_bind_int(q, limit);
	while (sql_next(q)) {
		struct store_order order = read_order(q);

		each(self, &order);
	}
	sql_end(q);
	return sqlite_read_status(store);
}

/* Messages of the shop's server */

bool sqlite_know_hook(struct store *store, struct str id, int64_t at_ms)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into hook(id, at_ms) values (?, ?) on conflict(id) do nothing");

	sql_bind_text(q, id);
	sql_bind_int(q, at_ms);
	return sql_run(q) == 1;
}

enum store_status sqlite_cursor(
	struct store *store, struct str name, struct arena *arena, struct str *value)
{
	struct sql_query *q =
		sql_query(sqlite_reading(store), "select value from cursor where name = ?");
	bool found;

	*value = (struct str){0};
	sql_bind_text(q, name);
	found = sql_next(q);
	if (found)
		*value = sql_copy(q, arena, "value");
	sql_end(q);
	return sqlite_found(store, found);
}

void sqlite_set_cursor(struct store *store, struct str name, struct str value)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into cursor(name, value) values (?, ?)"
		" on conflict(name) do update set value = excluded.value");

	sql_bind_text(q, name);
	sql_bind_text(q, value);
	(void)sql_run(q);
}
