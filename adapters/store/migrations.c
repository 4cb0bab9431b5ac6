/* The store's tables, and how an older file becomes a newer one. */
#include "adapters/store/migrations.h"

#include "adapters/store/journal_row.h"

/* The n-th script makes schema n + 1 out of schema n.  A script that was ever released is never
 * changed: what is wrong in it is put right by the next one. */
static const char *const migration[] = {
	"create table session(conversation text primary key, bytes blob not null,"
	" saved integer not null) strict, without rowid;"
	"create table note(id integer primary key autoincrement, name text not null,"
	" at integer not null, conversation text not null, json text not null) strict;"
	"create index note_of_conversation on note(conversation);"
	"create table card(id integer primary key autoincrement, conversation text not null,"
	" queue text not null, at integer not null, closed integer, json text not null) strict;"
	"create index card_of_conversation on card(conversation);"
	"create table effect(key text primary key, conversation text not null, operation text not "
	"null,"
	" args blob not null, state text not null, answer blob, claimed integer not null,"
	" settled integer, tries integer not null) strict, without rowid;"
	"create index effect_open on effect(claimed) where state in ('sent', 'unknown');"
	"create index effect_of_conversation on effect(conversation);",

	/* Sessions get a number, so that what belongs to one lies together, the newest ones at the
	 * end.  day: of .saved; by it idle ones are found, and it seldom changes. */
	"alter table session rename to session_1;"
	"create table session(id integer primary key, conversation text not null unique,"
	" saved integer not null, day integer not null, due integer, bytes blob) strict;"
	"insert into session(conversation, saved, day, bytes)"
	" select conversation, saved, saved / 86400, bytes from session_1;"
	"drop table session_1;"
	"create index session_idle on session(day);"
	"create index session_due on session(due) where due is not null;"
	/* Posts, and the ids of messages that were taken (n is 0, at_ms when): in one table, so
	 * that all of a conversation lies together.  A post's own id is in .message. */
	"create table post(session integer not null, mid text not null, n integer not null,"
	" at_ms integer not null, who text, name text, message text, body blob,"
	" primary key(session, mid, n)) strict, without rowid;"
	"create index post_taken on post(at_ms) where n = 0;"
	"create table watch(conversation text not null, event text not null, of text not null,"
	" primary key(conversation, event, of)) strict, without rowid;"
	"create index watch_of on watch(event, of);"
	"create table journal(seq integer primary key, conversation text not null,"
	" bytes blob not null) strict;"
	"insert into meta(name, number) select 'sessions', count(*) from session;"
	"insert into meta(name, number) values ('posts', 0);"
	"alter table card add column version integer not null default 1;"
	"alter table card add column person text not null default '';"
	"alter table card add column claimed integer;"
	"create index card_open on card(id) where closed is null;"
	"create table send(id integer primary key autoincrement, key text not null unique,"
	" conversation text not null, body text not null, at integer not null,"
	" tries integer not null, next_at integer, sent integer, dead integer,"
	" error text not null) strict;"
	"create index send_open on send(next_at) where next_at is not null;"
	"create index send_dead on send(id) where dead is not null;"
	"create index send_of_conversation on send(conversation);",

	/* What the shop tells, and what was promised to tell on. */
	"create table shop_order(number text primary key, buyer text not null,"
	" status text not null, refund text not null, returned text not null,"
	" looked_ms integer not null, look_ms integer, tries integer not null)"
	" strict, without rowid;"
	"create index shop_order_look on shop_order(look_ms) where look_ms is not null;"
	"create table notice(id integer primary key autoincrement, at integer not null,"
	" event text not null, buyer text not null, number text not null, fields blob not null)"
	" strict;"
	"create table hook(id text primary key, at_ms integer not null) strict, without rowid;"
	"create index hook_at on hook(at_ms);"
	"create table cursor(name text primary key, value text not null) strict, without rowid;"
	"create table promise(id integer primary key autoincrement, conversation text not null,"
	" event text not null, of text not null, made_ms integer not null,"
	" kept_ms integer, kept integer not null, ended_ms integer) strict;"
	"create index promise_of on promise(conversation, event, of);"
	"create index promise_open on promise(id) where ended_ms is null;"
	"insert into promise(conversation, event, of, made_ms, kept)"
	" select conversation, event, of, 0, 0 from watch where event <> 'buyer';",

	/* Conversations on messaging platforms, and what could not be shown there. */
	"create table peer(conversation text primary key, account text not null,"
	" peer text not null, ticket text not null, ticket_ms integer not null,"
	" heard_ms integer not null, shown integer not null default 0,"
	" part integer not null default 0, next_ms integer,"
	" since_ms integer not null default 0, tries integer not null default 0,"
	" unclear integer not null default 0, sent_ms integer not null default 0,"
	" claimed integer not null default 0, owner integer not null default 0,"
	" error text not null default '')"
	" strict, without rowid;"
	"create index peer_due on peer(account, next_ms) where next_ms is not null;"
	"create index peer_account on peer(account);"
	"create table dead_letter(id integer primary key autoincrement,"
	" conversation text not null, account text not null, post integer not null,"
	" at_ms integer not null, why text not null) strict;"
	"create index dead_letter_at on dead_letter(at_ms);"
	"create index dead_letter_of on dead_letter(conversation);"
	"create index dead_letter_account on dead_letter(account);",

	/* What becomes of an effect whose outcome is not known at once. */
	"alter table effect add column slot text;"
	"alter table effect add column follows text;"
	"alter table effect add column sent integer;"
	"alter table effect add column doubt integer;"
	"alter table effect add column next integer;"
	"alter table effect add column untold integer not null default 0;"
	"alter table effect add column evidence text not null default '';"
	"update effect set sent = claimed;"
	"drop index effect_open;"
	"create index effect_open on effect(claimed)"
	" where state in ('sent', 'unknown', 'follows') or untold = 1;"
	"create index effect_human on effect(claimed) where state = 'human';"
	"create unique index effect_slot on effect(slot)"
	" where slot is not null and state in ('sent', 'unknown', 'human', 'done');",

	/* Buyer chats that can be read again at their platform. */
	"create table chat(conversation text primary key, account text not null,"
	" peer text not null, buyer text not null, buyer_name text not null,"
	" silent integer not null, last text not null, awaited text not null,"
	" read_ms integer, tries integer not null) strict, without rowid;"
	"create index chat_read on chat(account, read_ms) where read_ms is not null;",

	/* Several posts may be one row of .post from now on: who is 'rows', n the number of the
	 * last, body their bytes.  No table changes, but an older program could not read them. */
	"",

	"create index shop_order_looked on shop_order(looked_ms) where look_ms is null;"
	"create index promise_ended on promise(ended_ms) where ended_ms is not null;",

	/* The journal has files of its own.  seq: the newest row of it that is folded into this
	 * conversation; 'folded': up to which all are; 'key': what its files are read with. */
	"alter table session add column seq integer not null default 0;"
	"insert into meta(name, number) values ('folded', 0), ('key', random());",

	/* Where a platform keeps pictures of ours, by what is in them. */
	"create table picture(account text not null, digest text not null, url text not null,"
	" width integer not null, height integer not null, at_ms integer not null,"
	" primary key(account, digest)) strict, without rowid;"
	"create index picture_at on picture(at_ms);",

	/* Ids of a conversation's first posts stand in these posts' rows only.  No table changes,
	 * but an older program would not find them. */
	"",

	/* Conversations in pieces, see tables.h.  .saved: of the session, when that was looked at;
	 * .n_before: pieces before this one; .older: posts that are in .posts; .mids: whether there
	 * are rows in .mid. */
	"create table conversation(id integer primary key, newest integer not null,"
	" saved integer not null, due integer) strict;"
	"create index conversation_idle on conversation(saved);"
	"create index conversation_due on conversation(due) where due is not null;"
	"create table piece(id integer primary key, conversation integer not null,"
	" before integer not null, n_before integer not null, older integer not null,"
	" mids integer not null, seq integer not null, last integer not null, name text not null,"
	" bytes blob not null) strict;"
	"create table posts(id integer primary key, conversation integer not null,"
	" n integer not null, at_ms integer not null, who text not null, name text, message text,"
	" body blob) strict;"
	"create index posts_of on posts(conversation, n);"
	"create table mid(conversation integer not null, mid text not null,"
	" at_ms integer not null, primary key(conversation, mid)) strict, without rowid;"
	"create index mid_taken on mid(at_ms);",

	/* The journal's files have rows of how peers stand; seq: the newest that is in this row. */
	"alter table peer add column seq integer not null default 0;",

	/* Which piece is the newest, where .conversation does not say so yet, see moves.h. */
	"create table moves(id integer primary key, bytes blob not null) strict;",

	/* The first posts, whose ids stand in their rows only, are 8,000 and not 2,000.  No table
	 * changes, but an older program would not find them. */
	"",

	/* Sessions have hashes of messages' ids, not the ids.  No table changes, but an older program
	 * would take such a session for damaged. */
	"",
};

enum { NEWEST = sizeof(migration) / sizeof(migration[0]), PIECES = 12 };

/* What schema 12 does not say in SQL: conversations get a number that follows from their name. */

enum { ROW_MAX = 256 << 20 };

static void add_first_piece(
	struct sql *sql, struct sql_query *session, uint64_t key, struct arena *arena)
{
	struct journal_row row = {.has_session = !sql_is_null(session, "bytes"),
		.session = {sql_int(session, "saved"), sql_int(session, "due"),
			sql_copy(session, arena, "bytes")}};
	struct kept_piece piece = {
		.place = {.n_older = (uint32_t)sql_int(session, "last"),
			.last_post = (uint32_t)sql_int(session, "last"),
			.has_mids = sql_int(session, "mids") != 0},
		.seq = sql_int(session, "seq"),
		.name = sql_copy(session, arena, "conversation"),
	};
	struct sql_query *q = sql_query(sql, "insert into renumbered(was, now) values (?, ?)");

	piece.bytes = journal_row_encode(&row, arena);
	piece.place.number = table_new_number(sql, key, piece.name);
	table_add_piece(sql, NULL, &piece, row.has_session ? &row.session : NULL);
	sql_bind_int(q, sql_int(session, "id"));
	sql_bind_int(q, piece.place.number);
	(void)sql_run(q);
}

static void into_pieces(struct sql *sql)
{
	uint64_t key = (uint64_t)table_number(sql, JOURNAL_KEY);
	struct arena *arena = arena_new(ROW_MAX);
	struct sql_query *q;

	sql_script(sql, "create temp table renumbered(was integer primary key, now integer)");
	q = sql_query(sql,
		"select *, coalesce((select max(n) from post where session = s.id and mid = ''), 0)"
		" as last, exists (select 1 from post where session = s.id and mid > '') as mids"
		" from session s order by saved");
	while (sql_next(q)) {
		arena_reset(arena);
		add_first_piece(sql, q, key, arena);
	}
	sql_end(q);
	sql_script(sql, "insert into posts(conversation, n, at_ms, who, name, message, body)"
			" select now, n, at_ms, who, name, message, body from post"
			" join renumbered on was = session where mid = '' order by session, n;"
			"insert into mid(conversation, mid, at_ms) select now, mid, at_ms from post"
			" join renumbered on was = session where mid > '' and n = 0;"
			"drop table post; drop table session; drop table temp.renumbered;");
	arena_free(arena);
}

static int64_t schema_version(struct sql *sql)
{
	return sql_number(sql_query(sql, "select number from meta where name = 'schema'"));
}

static void set_version(struct sql *sql, int64_t version)
{
	struct sql_query *q =
		sql_query(sql, "insert into meta(name, number) values ('schema', ?)"
			       " on conflict(name) do update set number = excluded.number");

	sql_bind_int(q, version);
	(void)sql_run(q);
}

enum sql_status migrations_apply(struct sql *sql, struct buf *error)
{
	enum sql_status status = sql_begin(sql);
	int64_t version, was;

	if (status != SQL_OK) {
		buf_adds(error, sql_error(sql));
		return status;
	}
	sql_script(sql,
		"create table if not exists meta(name text primary key, number integer not null)"
		" strict, without rowid");
	was = version = schema_version(sql);
	if (version > NEWEST) {
		sql_rollback(sql);
		buf_addf(error,
			"written by a newer tenstep (schema %lld, this one knows %d): start that "
			"one, "
			"or restore the backup from before it",
			(long long)version, NEWEST);
		return SQL_BROKEN;
	}
	for (; version < NEWEST; version++) {
		sql_script(sql, migration[version]);
		if (version + 1 == PIECES)
			into_pieces(sql);
		set_version(sql, version + 1);
	}
	status = sql_commit(sql);
	if (status == SQL_OK && was && was < NEWEST)
		sql_checkpoint(sql); /* all of it may have gone through the log */
	if (status != SQL_OK)
		buf_adds(error, sql_error(sql));
	return status;
}
