/* Notices: what the buyer may want to hear about, kept until somebody has seen to it. */
#include "adapters/order/sandbox/shop.h"

void notice_add(
	struct sandbox *shop, struct str buyer, const char *event, const struct value *fields)
{
	struct sql_query *q;
	struct buf bytes;

	if (shop->watcher.changed) /* nobody would ever take them */
		return;
	q = sql_query(
		shop->sql, "insert into notice(at, buyer, event, fields) values (?, ?, ?, ?)");
	buf_init(&bytes, 1 << 16);
	value_encode(fields, &bytes);
	sql_bind_int(q, shop->now);
	sql_bind_text(q, buyer);
	sql_bind_text(q, str_of(event));
	sql_bind_blob(q, buf_str(&bytes));
	(void)sql_run(q);
	buf_release(&bytes);
}

bool notice_next(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct sandbox *shop = (struct sandbox *)api;
	struct sql_query *q;
	struct str fields;
	bool found;

	sql_clear(shop->sql);
	q = sql_query(shop->sql, "select * from notice where id > ? order by id limit 1");
	sql_bind_int(q, after);
	found = sql_next(q);
	if (found) {
		fields = sql_text(q, "fields");
		*notice = (struct order_notice){
			.id = sql_int(q, "id"),
			.at = sql_int(q, "at"),
			.event = sql_copy(q, arena, "event"),
			.buyer = sql_copy(q, arena, "buyer"),
		};
		/* Texts of a decoded value may point into its bytes. */
		fields = arena_str(arena, fields);
		found = value_decode(arena, &fields, &notice->fields);
	}
	sql_end(q);
	return found;
}

void notice_taken(struct order_api *api, int64_t id)
{
	struct sandbox *shop = (struct sandbox *)api;
	struct sql_query *q;

	sql_clear(shop->sql);
	q = sql_query(shop->sql, "delete from notice where id = ?");
	sql_bind_int(q, id);
	(void)sql_run(q);
}
