/* The shop at a glance, for the people who drive a demo by hand. */
#include "adapters/order/shop_wire/parts.h"

static void write_buyers(struct wire *wire, struct buf *out)
{
	struct sql_query *q = sql_query(wire->sql,
		"select id, given, family, (select count(*) from talk_message m join talk on"
		" talk.id = m.talk where talk.buyer = buyer.id) as messages from buyer order by "
		"id");

	json_out_key(out, "buyers");
	json_out_open(out, '[');
	while (sql_next(q)) {
		json_out_open(out, '{');
		json_out_member(out, "id", sql_text(q, "id"));
		json_out_member(out, "user_id", wire_user_id(wire->arena, sql_text(q, "id")));
		json_out_member(out, "name",
			arena_printf(wire->arena, "%.*s %.*s", STR(sql_text(q, "given")),
				STR(sql_text(q, "family"))));
		json_out_member_int(out, "messages", sql_int(q, "messages"));
		json_out_close(out, '}');
	}
	sql_end(q);
	json_out_close(out, ']');
}

static void write_goods(struct wire *wire, struct buf *out)
{
	struct sql_query *q = sql_query(
		wire->sql, "select sku, title, variant, price from product order by title, sku");

	json_out_key(out, "goods");
	json_out_open(out, '[');
	while (sql_next(q)) {
		json_out_open(out, '{');
		json_out_member(out, "sku", sql_text(q, "sku"));
		json_out_member(out, "title", sql_text(q, "title"));
		json_out_member(out, "variant", sql_text(q, "variant"));
		out_money(out, "price", sql_int(q, "price"));
		json_out_close(out, '}');
	}
	sql_end(q);
	json_out_close(out, ']');
}

static void write_steps(struct wire *wire, struct str number, struct buf *out)
{
	unsigned steps = shop_steps(wire->setup.sandbox, number);

	json_out_key(out, "steps");
	json_out_open(out, '[');
	for (int i = 0; i < N_SHOP_STEP; i++)
		if (steps & 1u << i)
			json_out_text(out, str_of(shop_step_name[i]));
	json_out_close(out, ']');
}

static void write_orders(struct wire *wire, struct buf *out)
{
	struct sql_query *q = sql_query(wire->sql,
		"select number, buyer, status, created, total, given,"
		" (select group_concat(title, ', ') from item join product using (sku)"
		"  where order_number = number) as items,"
		" (select state from cancellation where order_number = number order by id desc "
		"limit 1)"
		"  as cancellation,"
		" (select state from returns where order_number = number order by id desc limit 1)"
		"  as return_state,"
		" (select state from refund where order_number = number order by id desc limit 1)"
		"  as refund"
		" from orders join buyer on buyer.id = buyer order by created desc, number desc");

	json_out_key(out, "orders");
	json_out_open(out, '[');
	while (sql_next(q)) {
		struct str number = sql_text(q, "number");

		json_out_open(out, '{');
		json_out_member(out, "number", number);
		json_out_member(out, "id", wire_order_id(wire->arena, number));
		json_out_member(out, "buyer", sql_text(q, "buyer"));
		json_out_member(out, "name", sql_text(q, "given"));
		json_out_member(out, "status", sql_text(q, "status"));
		json_out_member_int(out, "created", sql_int(q, "created"));
		out_money(out, "total", sql_int(q, "total"));
		json_out_member(out, "items", sql_text(q, "items"));
		json_out_member_if(out, "cancellation", sql_text(q, "cancellation"));
		json_out_member_if(out, "return", sql_text(q, "return_state"));
		json_out_member_if(out, "refund", sql_text(q, "refund"));
		write_steps(wire, number, out);
		json_out_close(out, '}');
		arena_reset(wire->setup.sandbox->scratch);
	}
	sql_end(q);
	json_out_close(out, ']');
}

static void write_webhooks(struct wire *wire, struct buf *out)
{
	struct sql_query *q = sql_query(wire->sql,
		"select count(*) filter (where state = 'taken') as taken,"
		" count(*) filter (where state in ('waiting', 'under way')) as waiting,"
		" count(*) filter (where state = 'dropped') as dropped,"
		" (select group_concat(address, ' ') from (select distinct address from wire_hook))"
		"  as addresses from wire_event");

	json_out_key(out, "webhooks");
	json_out_open(out, '{');
	if (sql_next(q)) {
		json_out_member_int(out, "taken", sql_int(q, "taken"));
		json_out_member_int(out, "waiting", sql_int(q, "waiting"));
		json_out_member_int(out, "dropped", sql_int(q, "dropped"));
		json_out_member(out, "addresses", sql_text(q, "addresses"));
	}
	sql_end(q);
	json_out_close(out, '}');
}

void wire_overview(struct wire *wire, struct buf *out)
{
	sql_clear(wire->sql);
	json_out_start(out, '{');
	json_out_member_int(out, "now", wire->setup.sandbox->now);
	write_buyers(wire, out);
	write_goods(wire, out);
	write_orders(wire, out);
	write_webhooks(wire, out);
	json_out_close(out, '}');
	arena_reset(wire->arena);
}

void wire_talk(struct wire *wire, struct str buyer, struct buf *out)
{
	struct sql_query *q;

	sql_clear(wire->sql);
	q = sql_query(wire->sql,
		"select * from (select m.* from talk_message m join talk on talk.id = m.talk"
		" where buyer = ? order by m.id desc limit 50) order by id");
	sql_bind_text(q, buyer);
	json_out_start(out, '{');
	json_out_key(out, "messages");
	json_out_open(out, '[');
	while (sql_next(q)) {
		json_out_open(out, '{');
		json_out_member(out, "role", sql_text(q, "role"));
		json_out_member(out, "type", sql_text(q, "type"));
		json_out_member(out, "content", sql_text(q, "content"));
		json_out_member_int(out, "at", sql_int(q, "created"));
		json_out_close(out, '}');
	}
	sql_end(q);
	json_out_close(out, ']');
	json_out_close(out, '}');
}
