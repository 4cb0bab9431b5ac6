/* Forgetting, on request and by age. */
#include "adapters/store/store_sqlite.h"

#include "adapters/store/tables.h"

/* A call of store_expire() does a bounded amount of work. */
enum { EXPIRE_ROWS = 2000, EXPIRE_SESSIONS = 100 };

static void run_on(struct sql_query *q, struct str conversation)
{
	sql_bind_text(q, conversation);
	(void)sql_run(q);
}

static void erase_journal(struct sql *sql, const struct tail_entry *entry)
{
	for (const struct tail_row *row = entry->row; row; row = row->next) {
		struct sql_query *q = sql_query(sql, "delete from journal where seq = ?");

		sql_bind_int(q, row->seq);
		(void)sql_run(q);
	}
}

static void erase(struct store_sqlite *own, struct str name)
{
	const struct tail_entry *entry = tail_find(own->tail, name);
	int64_t session = entry ? entry->session : table_find(own->sql, name);
	struct sql *sql = own->sql;

	if (entry)
		erase_journal(sql, entry);
	if (session)
		table_erase(sql, session);
	run_on(sql_query(sql, "delete from watch where conversation = ?"), name);
	run_on(sql_query(sql, "delete from promise where conversation = ?"), name);
	run_on(sql_query(sql, "delete from note where conversation = ?"), name);
	run_on(sql_query(sql, "delete from card where conversation = ?"), name);
	run_on(sql_query(sql, "delete from send where conversation = ?"), name);
	/* How far it was read stays: else all of it would be read, and answered, again. */
	run_on(sql_query(sql, "update chat set buyer = '', buyer_name = '', awaited = '',"
			      " read_ms = null, tries = 0 where conversation = ?"),
		name);
	run_on(sql_query(sql, "delete from peer where conversation = ?"), name);
	run_on(sql_query(sql, "delete from dead_letter where conversation = ?"), name);
	run_on(sql_query(sql, "delete from effect where conversation = ? and state = 'follows'"),
		name);
	run_on(sql_query(sql, "update effect set conversation = '', args = x'', answer = null,"
			      " evidence = '', untold = 0, next = null,"
			      " slot = iif(state in ('sent', 'unknown', 'human'), slot, null)"
			      " where conversation = ?"),
		name);
}

/* The pages are overwritten (secure_delete); emptying the log removes the older copies there. */
enum store_status sqlite_forget(struct store *store, struct str conversation)
{
	struct store_sqlite *own = sqlite_own(store);
	struct sql *sql = sqlite_of(store);
	enum sql_status status = sql_begin(sql);

	if (status != SQL_OK)
		return sqlite_status(status);
	erase(own, conversation);
	status = sql_commit(sql);
	if (status != SQL_OK)
		return sqlite_status(status);
	tail_forget(own->tail, conversation);
	sql_checkpoint(sql);
	return sqlite_read_status(store);
}

static void expire_mids(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql,
		"delete from post where (session, mid, n) in (select session, mid, n from post"
		" where n = 0 and at_ms < ? order by at_ms limit ?)");

	sql_bind_int(q, before_ms);
	sql_bind_int(q, EXPIRE_ROWS);
	(void)sql_run(q);
}

static void expire_dead_letters(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q =
		sql_query(sql, "delete from dead_letter where id in (select id from dead_letter"
			       " where at_ms < ? order by id limit ?)");

	sql_bind_int(q, before_ms);
	sql_bind_int(q, EXPIRE_ROWS);
	(void)sql_run(q);
}

static void expire_hooks(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q =
		sql_query(sql, "delete from hook where id in (select id from hook where at_ms < ?"
			       " order by at_ms limit ?)");

	sql_bind_int(q, before_ms);
	sql_bind_int(q, EXPIRE_ROWS);
	(void)sql_run(q);
}

/* What nobody waits to hear about and was not looked at for so long is over. */
static void expire_orders(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql,
		"delete from shop_order where number in (select number from shop_order"
		" where looked_ms < ? and look_ms is null and number not in"
		" (select of from watch) order by looked_ms limit ?)");

	sql_bind_int(q, before_ms);
	sql_bind_int(q, EXPIRE_ROWS);
	(void)sql_run(q);
	q = sql_query(sql,
		"delete from promise where id in (select id from promise where ended_ms < ?"
		" order by ended_ms limit ?)");
	sql_bind_int(q, before_ms);
	sql_bind_int(q, EXPIRE_ROWS);
	(void)sql_run(q);
}

static void expire_sends(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql, "delete from send where next_at is null and at < ?");

	sql_bind_int(q, before_ms);
	(void)sql_run(q);
}

static bool has_rows(const struct tail *tail, struct str conversation)
{
	const struct tail_entry *entry = tail_find(tail, conversation);

	return entry && entry->row;
}

/* Who has rows in the journal was here just now. */
static size_t idle_sessions(
	struct store_sqlite *own, int64_t idle_before, struct arena *arena, struct str *name)
{
	struct sql_query *q = sql_query(own->sql,
		"select conversation from session where day <= ?1 / 86400 and saved < ?1"
		" order by day limit ?2");
	size_t n = 0;

	sql_bind_int(q, idle_before);
	sql_bind_int(q, EXPIRE_SESSIONS);
	while (sql_next(q))
		if (!has_rows(own->tail, sql_text(q, "conversation")))
			name[n++] = sql_copy(q, arena, "conversation");
	sql_end(q);
	return n;
}

static void expire_sessions(struct store_sqlite *own, int64_t idle_before)
{
	struct arena *arena = arena_new(1 << 20);
	struct str *name = arena_array(arena, struct str, EXPIRE_SESSIONS);
	size_t n = idle_sessions(own, idle_before, arena, name);

	for (size_t i = 0; i < n; i++) {
		erase(own, name[i]);
		tail_forget(own->tail, name[i]); /* without rows nothing is lost with it */
	}
	arena_free(arena);
}

enum store_status sqlite_expire(struct store *store, int64_t before_ms, int64_t idle_before)
{
	struct sql *sql = sqlite_of(store);
	enum sql_status status = sql_begin(sql);

	if (status != SQL_OK)
		return sqlite_status(status);
	tail_cool(sqlite_own(store)->tail, EXPIRE_ROWS); /* settled by sqlite_of() */
	expire_mids(sql, before_ms);
	expire_sends(sql, before_ms);
	expire_dead_letters(sql, before_ms);
	expire_hooks(sql, before_ms);
	expire_orders(sql, before_ms);
	if (idle_before)
		expire_sessions(sqlite_own(store), idle_before);
	return sqlite_status(sql_commit(sql));
}
