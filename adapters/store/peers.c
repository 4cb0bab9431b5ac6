/* Conversations on messaging platforms.  Each has one row, which a turn touches by its key; what
 * waits is found by an index that has nothing else in it. */
#include "adapters/store/store_sqlite.h"

void sqlite_hear_peer(struct store *store, const struct store_peer *peer)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into peer(conversation, account, peer, ticket, ticket_ms, heard_ms)"
		" values (?1, ?2, ?3, ?4, case ?4 when '' then 0 else ?5 end, ?5)"
		" on conflict(conversation) do update set heard_ms = max(heard_ms, ?5),"
		" ticket = case ?4 when '' then ticket else ?4 end,"
		" ticket_ms = case ?4 when '' then ticket_ms else ?5 end");

	sql_bind_text(q, peer->conversation);
	sql_bind_text(q, peer->account);
	sql_bind_text(q, peer->peer);
	sql_bind_text(q, peer->ticket);
	sql_bind_int(q, peer->heard_ms);
	(void)sql_run(q);
}

void sqlite_wake_peer(struct store *store, struct str conversation, int64_t at_ms)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update peer set next_ms = ?2 where conversation = ?1"
		" and (next_ms is null or (next_ms > ?2 and not claimed and tries = 0))");

	sql_bind_text(q, conversation);
	sql_bind_int(q, at_ms);
	(void)sql_run(q);
}

void sqlite_put_peer(struct store *store, const struct store_peer *peer)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update peer set shown = ?, part = ?, next_ms = ?, since_ms = ?, tries = ?,"
		" unclear = ?, sent_ms = ?, claimed = ?, owner = ?, error = ?"
		" where conversation = ?");

	sql_bind_int(q, peer->shown);
	sql_bind_int(q, peer->part);
	sql_bind_time(q, peer->next_ms);
	sql_bind_int(q, peer->since_ms);
	sql_bind_int(q, peer->tries);
	sql_bind_int(q, peer->unclear);
	sql_bind_int(q, peer->sent_ms);
	sql_bind_bool(q, peer->claimed);
	sql_bind_int(q, peer->owner);
	sql_bind_text(q, peer->error);
	sql_bind_text(q, peer->conversation);
	(void)sql_run(q);
}

static struct store_peer read_peer(struct sql_query *q)
{
	return (struct store_peer){
		.conversation = sql_text(q, "conversation"),
		.account = sql_text(q, "account"),
		.peer = sql_text(q, "peer"),
		.ticket = sql_text(q, "ticket"),
		.ticket_ms = sql_int(q, "ticket_ms"),
		.heard_ms = sql_int(q, "heard_ms"),
		.shown = sql_int(q, "shown"),
		.part = sql_int(q, "part"),
		.next_ms = sql_int(q, "next_ms"),
		.since_ms = sql_int(q, "since_ms"),
		.tries = sql_int(q, "tries"),
		.unclear = sql_int(q, "unclear"),
		.sent_ms = sql_int(q, "sent_ms"),
		.claimed = sql_int(q, "claimed") != 0,
		.owner = sql_int(q, "owner"),
		.error = sql_text(q, "error"),
	};
}

enum store_status sqlite_peer(
	struct store *store, struct str conversation, struct arena *arena, struct store_peer *peer)
{
	struct sql_query *q =
		sql_query(sqlite_reading(store), "select * from peer where conversation = ?");
	bool found;

	*peer = (struct store_peer){0};
	sql_bind_text(q, conversation);
	found = sql_next(q);
	if (found) {
		*peer = read_peer(q);
		peer->conversation = arena_str(arena, peer->conversation);
		peer->account = arena_str(arena, peer->account);
		peer->peer = arena_str(arena, peer->peer);
		peer->ticket = arena_str(arena, peer->ticket);
		peer->error = arena_str(arena, peer->error);
	}
	sql_end(q);
	return sqlite_found(store, found);
}

enum store_status sqlite_peers_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_peer_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from peer where account = ? and next_ms <= ? order by next_ms,"
		" conversation limit ?");

	sql_bind_text(q, account);
	sql_bind_int(q, until_ms);
	sql_bind_int(q, limit);
	while (sql_next(q)) {
		struct store_peer peer = read_peer(q);

		each(self, &peer);
	}
	sql_end(q);
	return sqlite_read_status(store);
}

int64_t sqlite_peers_next(struct store *store, struct str account)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select min(next_ms) from peer where account = ? and next_ms is not null");

	sql_bind_text(q, account);
	return sql_number(q);
}

enum store_status sqlite_release_claims(struct store *store, struct str account, int64_t at_ms)
{
	struct sql *sql = sqlite_of(store);
	enum sql_status status = sql_begin(sql);
	struct sql_query *q;

	if (status != SQL_OK)
		return sqlite_status(status);
	q = sql_query(sql, "update peer set next_ms = ?2 where account = ?1 and claimed"
			   " and next_ms > ?2");
	sql_bind_text(q, account);
	sql_bind_int(q, at_ms);
	(void)sql_run(q);
	return sqlite_status(sql_commit(sql));
}

/* Pictures */

void sqlite_put_picture(struct store *store, const struct store_picture *picture)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert or replace into picture(account, digest, url, width, height, at_ms)"
		" values (?, ?, ?, ?, ?, ?)");

	sql_bind_text(q, picture->account);
	sql_bind_text(q, picture->digest);
	sql_bind_text(q, picture->url);
	sql_bind_int(q, picture->width);
	sql_bind_int(q, picture->height);
	sql_bind_int(q, picture->at_ms);
	(void)sql_run(q);
}

enum store_status sqlite_picture(struct store *store, struct str account, struct str digest,
	struct arena *arena, struct store_picture *picture)
{
	struct sql_query *q = sql_query(
		sqlite_reading(store), "select * from picture where account = ? and digest = ?");
	bool found;

	*picture = (struct store_picture){.account = account, .digest = digest};
	sql_bind_text(q, account);
	sql_bind_text(q, digest);
	found = sql_next(q);
	if (found) {
		picture->url = sql_copy(q, arena, "url");
		picture->width = sql_int(q, "width");
		picture->height = sql_int(q, "height");
		picture->at_ms = sql_int(q, "at_ms");
	}
	sql_end(q);
	return sqlite_found(store, found);
}

/* Dead letters */

void sqlite_add_dead_letter(struct store *store, const struct store_dead_letter *letter)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into dead_letter(conversation, account, post, at_ms, why)"
		" values (?, ?, ?, ?, ?)");

	sql_bind_text(q, letter->conversation);
	sql_bind_text(q, letter->account);
	sql_bind_int(q, letter->post);
	sql_bind_int(q, letter->at_ms);
	sql_bind_text(q, letter->why);
	(void)sql_run(q);
}

enum store_status sqlite_dead_letters(
	struct store *store, struct str account, store_dead_letter_function *each, void *self)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from dead_letter where ?1 = '' or account = ?1"
		" order by id desc limit 1000");

	sql_bind_text(q, account);
	while (sql_next(q))
		each(self, &(struct store_dead_letter){
				   .id = sql_int(q, "id"),
				   .conversation = sql_text(q, "conversation"),
				   .account = sql_text(q, "account"),
				   .post = sql_int(q, "post"),
				   .at_ms = sql_int(q, "at_ms"),
				   .why = sql_text(q, "why"),
			   });
	sql_end(q);
	return sqlite_read_status(store);
}

static int64_t count(struct sql_query *q, struct str account)
{
	sql_bind_text(q, account);
	return sql_number(q);
}

enum store_status sqlite_account(
	struct store *store, struct str account, struct store_account *counts)
{
	struct sql *sql = sqlite_reading(store);

	*counts = (struct store_account){
		.peers = count(
			sql_query(sql, "select count(*) from peer where account = ?"), account),
		.waiting = count(sql_query(sql, "select count(*) from peer where account = ?"
						" and next_ms is not null"),
			account),
		.oldest_ms = count(sql_query(sql, "select min(since_ms) from peer where account = ?"
						  " and next_ms is not null and since_ms > 0"),
			account),
		.dead = count(sql_query(sql, "select count(*) from dead_letter where account = ?"),
			account),
	};
	return sqlite_read_status(store);
}
