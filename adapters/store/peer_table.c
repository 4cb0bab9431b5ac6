/* The table of peers.  Each has one row; what waits is found by an index that has nothing else in
 * it. */
#include "adapters/store/peer_table.h"

enum { A_FEW = 64 };

void peer_table_put(struct sql *sql, const struct store_peer *peer, int64_t seq)
{
	struct sql_query *q = sql_query(sql,
		"insert into peer(conversation, account, peer, ticket, ticket_ms, heard_ms, shown,"
		" part, next_ms, since_ms, tries, unclear, sent_ms, claimed, owner, error, seq)"
		" values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
		" ?17) on conflict(conversation) do update set ticket = ?4, ticket_ms = ?5,"
		" heard_ms = ?6, shown = ?7, part = ?8, next_ms = ?9, since_ms = ?10, tries = ?11,"
		" unclear = ?12, sent_ms = ?13, claimed = ?14, owner = ?15, error = ?16,"
		" seq = ?17");

	sql_bind_text(q, peer->conversation);
	sql_bind_text(q, peer->account);
	sql_bind_text(q, peer->peer);
	sql_bind_text(q, peer->ticket);
	sql_bind_int(q, peer->ticket_ms);
	sql_bind_int(q, peer->heard_ms);
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
	sql_bind_int(q, seq);
	(void)sql_run(q);
}

static void show(struct sql_query *q, peer_table_function *each, void *self)
{
	struct store_peer peer = {
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

	each(self, &peer, sql_int(q, "seq"));
}

void peer_table_find(
	struct sql *sql, struct str conversation, peer_table_function *each, void *self)
{
	struct sql_query *q = sql_query(sql, "select * from peer where conversation = ?");

	sql_bind_text(q, conversation);
	if (sql_next(q))
		show(q, each, self);
	sql_end(q);
}

int64_t peer_table_seq(struct sql *sql, struct str conversation)
{
	struct sql_query *q = sql_query(sql, "select seq from peer where conversation = ?");

	sql_bind_text(q, conversation);
	return sql_number(q);
}

int64_t peer_table_waiting(
	struct sql *sql, struct str account, int64_t from_ms, peer_table_function *each, void *self)
{
	struct sql_query *q = sql_query(
		sql, "select * from peer where account = ? and next_ms >= ? order by next_ms");
	int64_t last_ms = 0, until_ms = INT64_MAX;

	sql_bind_text(q, account);
	sql_bind_int(q, from_ms);
	for (int n = 0; sql_next(q); n++) {
		int64_t next_ms = sql_int(q, "next_ms");

		if (n >= A_FEW && next_ms > last_ms) {
			until_ms = next_ms;
			break;
		}
		show(q, each, self);
		last_ms = next_ms;
	}
	sql_end(q);
	return until_ms;
}
