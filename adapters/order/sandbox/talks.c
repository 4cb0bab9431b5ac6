/* The chat between the shop and its buyers: one talk a buyer. */
#include "adapters/order/sandbox/shop.h"

static int64_t find_talk(struct sandbox *shop, struct str buyer)
{
	struct sql_query *q = sql_query(shop->sql, "select id from talk where buyer = ?");

	sql_bind_text(q, buyer);
	return sql_number(q);
}

static bool is_buyer(struct sandbox *shop, struct str buyer)
{
	struct sql_query *q = sql_query(shop->sql, "select count(*) from buyer where id = ?");

	sql_bind_text(q, buyer);
	return sql_number(q);
}

int64_t talk_with(struct sandbox *shop, struct str buyer)
{
	int64_t talk = find_talk(shop, buyer);
	struct sql_query *q;

	if (talk || !is_buyer(shop, buyer))
		return talk;
	q = sql_query(
		shop->sql, "insert into talk(buyer, created, agent, seen) values (?, ?, 0, 0)");
	sql_bind_text(q, buyer);
	sql_bind_int(q, shop->now);
	(void)sql_run(q);
	return find_talk(shop, buyer);
}

void talk_agent(struct sandbox *shop, int64_t talk, bool there)
{
	struct sql_query *q =
		sql_query(shop->sql, "update talk set agent = ?1 where id = ?2 and agent <> ?1");

	sql_bind_bool(q, there);
	sql_bind_int(q, talk);
	if (sql_run(q))
		shop_changed(shop, SHOP_AGENT, (struct str){0}, talk);
}

int64_t talk_say(
	struct sandbox *shop, int64_t talk, const char *role, struct str type, struct str content)
{
	int64_t id = sql_number(
		sql_query(shop->sql, "select coalesce(max(id), 0) + 1 from talk_message"));
	struct sql_query *q = sql_query(shop->sql,
		"insert into talk_message(id, talk, type, content, role, created, visible)"
		" values (?, ?, ?, ?, ?, ?, 1)");

	sql_bind_int(q, id);
	sql_bind_int(q, talk);
	sql_bind_text(q, type);
	sql_bind_text(q, content);
	sql_bind_text(q, str_of(role));
	sql_bind_int(q, shop->now);
	(void)sql_run(q);
	shop_changed(shop, SHOP_MESSAGE, (struct str){0}, id);
	return id;
}

void talk_read(struct sandbox *shop, int64_t talk)
{
	struct sql_query *q = sql_query(shop->sql,
		"update talk set seen = (select coalesce(max(id), 0) from talk_message"
		" where talk = talk.id) where id = ?");

	sql_bind_int(q, talk);
	(void)sql_run(q);
}
