/* Conversations on messaging platforms.  How they stand is in the book (peer_book.h) as far as
 * somebody was interested in it lately, else in the table; what changes it is a row of the journal,
 * like what a turn adds. */
#include "adapters/store/peer_table.h"
#include "adapters/store/store_sqlite.h"

#include <assert.h>

enum { MOST_DUE = 256, LIST_ARENA = 64 << 20 };

static void learn(void *self, const struct store_peer *peer, int64_t seq)
{
	struct store_sqlite *own = self;

	/* What is written of it from now on is newer, even if the journal's files were taken away.
	 */
	if (seq > own->last_seq)
		own->last_seq = seq;
	peer_book_learn(own->peers, peer, seq);
}

/* NULL: there is none, or it cannot be read. */
static const struct store_peer *find(struct store *store, struct str conversation)
{
	struct store_sqlite *own = sqlite_own(store);
	const struct store_peer *peer = peer_book_find(own->peers, conversation);

	if (peer)
		return peer;
	peer_table_find(sqlite_reading(store), conversation, learn, own);
	return peer_book_find(own->peers, conversation);
}

/* Writing */

/* What cannot be read must not be taken for new. */
static const struct store_peer *find_to_write(struct store *store, struct str conversation)
{
	const struct store_peer *peer = find(store, conversation);

	assert(sqlite_own(store)->in_turn);
	if (!peer && sqlite_read_status(store) != STORE_OK)
		sql_fail(sqlite_writing(store), "cannot read how '%.*s' stands", STR(conversation));
	return peer;
}

void sqlite_hear_peer(struct store *store, const struct store_peer *heard)
{
	const struct store_peer *old = find_to_write(store, heard->conversation);
	struct store_peer peer = {.conversation = heard->conversation,
		.account = heard->account,
		.peer = heard->peer};

	if (old)
		peer = *old;
	if (!old || heard->heard_ms > peer.heard_ms)
		peer.heard_ms = heard->heard_ms;
	if (heard->ticket.n) {
		peer.ticket = heard->ticket;
		peer.ticket_ms = heard->heard_ms;
	}
	peer_book_change(sqlite_own(store)->peers, &peer);
}

void sqlite_wake_peer(struct store *store, struct str conversation, int64_t at_ms)
{
	const struct store_peer *old = find_to_write(store, conversation);
	struct store_peer peer;

	if (!old || (old->next_ms && (old->next_ms <= at_ms || old->claimed || old->tries)))
		return;
	peer = *old;
	peer.next_ms = at_ms;
	peer_book_change(sqlite_own(store)->peers, &peer);
}

void sqlite_put_peer(struct store *store, const struct store_peer *put)
{
	const struct store_peer *old = find_to_write(store, put->conversation);
	struct store_peer peer = *put;

	if (!old)
		return;
	peer.account = old->account;
	peer.peer = old->peer;
	peer.ticket = old->ticket;
	peer.ticket_ms = old->ticket_ms;
	peer.heard_ms = old->heard_ms;
	peer_book_change(sqlite_own(store)->peers, &peer);
}

/* Reading */

enum store_status sqlite_peer(
	struct store *store, struct str conversation, struct arena *arena, struct store_peer *peer)
{
	const struct store_peer *found = find(store, conversation);

	*peer = (struct store_peer){0};
	if (!found)
		return sqlite_found(store, false);
	*peer = *found;
	peer->conversation = arena_str(arena, found->conversation);
	peer->account = arena_str(arena, found->account);
	peer->peer = arena_str(arena, found->peer);
	peer->ticket = arena_str(arena, found->ticket);
	peer->error = arena_str(arena, found->error);
	return STORE_OK;
}

/* A few more of those that wait. */
static enum store_status learn_more(struct store *store, struct str account)
{
	struct peer_book *book = sqlite_own(store)->peers;
	struct sql *sql = sqlite_reading(store); /* what is known may be less, then */
	int64_t until_ms = peer_table_waiting(
		sql, account, peer_book_known(book, account), learn, sqlite_own(store));

	if (sql_status(sql) != SQL_OK)
		return sqlite_status(sql_status(sql));
	peer_book_know(book, account, until_ms);
	return STORE_OK;
}

enum store_status sqlite_peers_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_peer_function *each, void *self)
{
	struct peer_book *book = sqlite_own(store)->peers;
	size_t most = limit < MOST_DUE ? (size_t)limit : MOST_DUE, n;
	const struct store_peer *due[MOST_DUE];
	enum store_status status = STORE_OK;

	for (;;) {
		int64_t known_ms = peer_book_known(book, account);

		n = peer_book_due(book, account, until_ms, most, due);
		if (known_ms > until_ms || (n == most && due[n - 1]->next_ms < known_ms))
			break;
		status = learn_more(store, account);
		if (status != STORE_OK)
			return status;
	}
	for (size_t i = 0; i < n; i++)
		each(self, due[i]);
	peer_book_cool(book);
	return STORE_OK;
}

int64_t sqlite_peers_next(struct store *store, struct str account)
{
	struct peer_book *book = sqlite_own(store)->peers;

	for (;;) {
		int64_t next_ms = peer_book_next(book, account);
		int64_t known_ms = peer_book_known(book, account);

		if (known_ms == INT64_MAX || (next_ms && next_ms <= known_ms) ||
			learn_more(store, account) != STORE_OK)
			return next_ms;
	}
}

/* For statements on the whole table: what the book has is put there first. */
static enum store_status fold_peers(struct store_sqlite *own)
{
	struct arena *arena = arena_new(LIST_ARENA);
	enum sql_status status = SQL_OK;
	struct kept_peer *list;
	size_t n;

	sqlite_settle_commit(own);
	sqlite_settle(own);
	n = peer_book_list(own->peers, SIZE_MAX, arena, &list);
	if (n && !own->in_file)
		status = sql_begin_relaxed(own->sql);
	for (size_t i = 0; i < n && status == SQL_OK; i++)
		peer_table_put(own->sql, &list[i].peer, list[i].seq);
	if (n && !own->in_file && status == SQL_OK)
		status = sql_commit(own->sql);
	for (size_t i = 0; i < n && !own->in_file && status == SQL_OK; i++)
		peer_book_folded(own->peers, &list[i]);
	arena_free(arena);
	return sqlite_status(status);
}

/* The tables are changed, and what the book knows of them is over. */
static enum store_status begin_change(struct store_sqlite *own)
{
	enum store_status folded = fold_peers(own);

	return folded == STORE_OK ? sqlite_status(sql_begin(own->sql)) : folded;
}

static enum store_status end_change(struct store_sqlite *own)
{
	enum sql_status status = sql_commit(own->sql);

	if (status == SQL_OK)
		peer_book_clear(own->peers);
	return sqlite_status(status);
}

enum store_status sqlite_release_claims(struct store *store, struct str account, int64_t at_ms)
{
	struct store_sqlite *own = sqlite_own(store);
	enum store_status status = begin_change(own);
	struct sql_query *q;

	if (status != STORE_OK)
		return status;
	q = sql_query(own->sql, "update peer set next_ms = ?2 where account = ?1 and claimed"
				" and next_ms > ?2");
	sql_bind_text(q, account);
	sql_bind_int(q, at_ms);
	(void)sql_run(q);
	return end_change(own);
}

enum store_status sqlite_hasten_peers(
	struct store *store, struct str account, int64_t after_ms, int64_t by_ms, int64_t least_ms)
{
	struct store_sqlite *own = sqlite_own(store);
	enum store_status status = begin_change(own);
	struct sql_query *q;

	if (status != STORE_OK)
		return status;
	q = sql_query(own->sql, "update peer set next_ms = max(next_ms - ?3, ?4)"
				" where account = ?1 and next_ms > ?2");
	sql_bind_text(q, account);
	sql_bind_int(q, after_ms);
	sql_bind_int(q, by_ms);
	sql_bind_int(q, least_ms);
	(void)sql_run(q);
	return end_change(own);
}

enum store_status sqlite_move_tries(struct store *store, struct str account, int64_t by_ms)
{
	struct store_sqlite *own = sqlite_own(store);
	enum store_status status = begin_change(own);
	struct sql_query *q;

	if (status != STORE_OK)
		return status;
	q = sql_query(own->sql, "update peer set since_ms = max(since_ms + ?2, 1)"
				" where account = ?1 and next_ms is not null and since_ms > 0");
	sql_bind_text(q, account);
	sql_bind_int(q, by_ms);
	(void)sql_run(q);
	return end_change(own);
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
	enum store_status folded = fold_peers(sqlite_own(store));
	struct sql *sql = sqlite_reading(store);

	if (folded != STORE_OK)
		return folded;
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
