/* Conversations of a buyer chat that can be read again. */
#include "adapters/store/store_sqlite.h"

void sqlite_put_chat(struct store *store, const struct store_chat *chat)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into chat(conversation, account, peer, buyer, buyer_name, silent, last,"
		" awaited, read_ms, tries) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" on conflict(conversation) do update set buyer = excluded.buyer,"
		" buyer_name = excluded.buyer_name, silent = excluded.silent,"
		" last = excluded.last, awaited = excluded.awaited,"
		" read_ms = excluded.read_ms, tries = excluded.tries");

	sql_bind_text(q, chat->conversation);
	sql_bind_text(q, chat->account);
	sql_bind_text(q, chat->peer);
	sql_bind_text(q, chat->buyer);
	sql_bind_text(q, chat->buyer_name);
	sql_bind_bool(q, chat->silent);
	sql_bind_text(q, chat->last);
	sql_bind_text(q, chat->awaited);
	sql_bind_time(q, chat->read_ms);
	sql_bind_int(q, chat->tries);
	(void)sql_run(q);
}

static struct store_chat read_chat(struct sql_query *q)
{
	return (struct store_chat){
		.conversation = sql_text(q, "conversation"),
		.account = sql_text(q, "account"),
		.peer = sql_text(q, "peer"),
		.buyer = sql_text(q, "buyer"),
		.buyer_name = sql_text(q, "buyer_name"),
		.silent = sql_int(q, "silent") != 0,
		.last = sql_text(q, "last"),
		.awaited = sql_text(q, "awaited"),
		.read_ms = sql_int(q, "read_ms"),
		.tries = sql_int(q, "tries"),
	};
}

enum store_status sqlite_chat(
	struct store *store, struct str conversation, struct arena *arena, struct store_chat *chat)
{
	struct sql_query *q =
		sql_query(sqlite_reading(store), "select * from chat where conversation = ?");
	bool found;

	*chat = (struct store_chat){.read_ms = 0};
	sql_bind_text(q, conversation);
	found = sql_next(q);
	if (found) {
		*chat = read_chat(q);
		chat->conversation = arena_str(arena, chat->conversation);
		chat->account = arena_str(arena, chat->account);
		chat->peer = arena_str(arena, chat->peer);
		chat->buyer = arena_str(arena, chat->buyer);
		chat->buyer_name = arena_str(arena, chat->buyer_name);
		chat->last = arena_str(arena, chat->last);
		chat->awaited = arena_str(arena, chat->awaited);
	}
	sql_end(q);
	return sqlite_found(store, found);
}

enum store_status sqlite_chats_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_chat_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from chat where account = ? and read_ms <= ?"
		" order by read_ms, conversation limit ?");

	sql_bind_text(q, account);
	sql_bind_int(q, until_ms);
	sql_bind_int(q, limit);
	while (sql_next(q)) {
		struct store_chat chat = read_chat(q);

		each(self, &chat);
	}
	sql_end(q);
	return sqlite_read_status(store);
}
