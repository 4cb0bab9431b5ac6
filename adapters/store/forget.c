/* Forgetting, on request and by age. */
#include "adapters/store/store_sqlite.h"

#include "adapters/store/peer_table.h"
#include "adapters/store/tables.h"

/* A call of store_expire() does a bounded amount of work. */
enum { EXPIRE_ROWS = 2000, EXPIRE_SESSIONS = 100, PIECE_ARENA = 256 << 20 };

static void run_on(struct sql_query *q, struct str conversation)
{
	sql_bind_text(q, conversation);
	(void)sql_run(q);
}

/* All is folded. */
static void erase(struct store_sqlite *own, struct str name)
{
	struct arena *arena = arena_new(PIECE_ARENA);
	struct sql *sql = own->sql;
	struct kept_piece newest;

	if (table_find(sql, own->moves, own->key, name, arena, &newest))
		table_erase(sql, own->moves, &newest);
	glance_forget(own->glance);
	arena_free(arena);
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

/* The pages are overwritten (secure_delete); emptying the log removes the older copies there, and
 * the journal's files go as a whole, with what others have in them in the tables. */
enum store_status sqlite_forget(struct store *store, struct str conversation)
{
	struct store_sqlite *own = sqlite_own(store);
	struct sql *sql = sqlite_of(store);
	enum store_status folded = fold_all(own);
	enum sql_status status = folded == STORE_OK ? sql_begin(sql) : SQL_OK;

	if (folded != STORE_OK || status != SQL_OK)
		return folded != STORE_OK ? folded : sqlite_status(status);
	erase(own, conversation);
	table_set_number(sql, JOURNAL_FOLDED, own->last_seq);
	status = moves_commit(own->moves, sql);
	if (status != SQL_OK)
		return sqlite_status(status);
	tail_forget(own->tail, conversation);
	peer_book_forget(own->peers, conversation);
	folded = fold_forget_files(own);
	own->file_failed = folded != STORE_OK;
	sql_checkpoint(sql);
	return folded == STORE_OK ? sqlite_read_status(store) : folded;
}

static void expire_mids(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql,
		"delete from mid where (conversation, mid) in (select conversation, mid from mid"
		" where at_ms < ? order by at_ms limit ?)");

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

/* Brought there again when they are shown again. */
static void expire_pictures(struct sql *sql, int64_t before_ms)
{
	struct sql_query *q = sql_query(sql, "delete from picture where at_ms < ?");

	sql_bind_int(q, before_ms);
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

struct idle {
	struct store_sqlite *own;
	struct arena *arena;
	int64_t before; /* Unix seconds */
	int64_t number[EXPIRE_SESSIONS], saved[EXPIRE_SESSIONS];
	struct str name[EXPIRE_SESSIONS]; /* NULL: it is not idle */
	size_t n;
	int64_t newest_seq; /* of those that are */
};

/* Who has rows in the journal was here just now. */
static bool is_idle(const struct idle *idle, const struct kept_piece *newest, int64_t *saved)
{
	const struct tail_entry *entry = tail_find(idle->own->tail, newest->name);
	struct journal_parts parts;

	if (!journal_parts_of(newest->bytes, &parts))
		return false;
	*saved = entry && entry->session_seq ? entry->saved : parts.session.saved;
	return *saved < idle->before && !(entry && entry->row) &&
	       !peer_book_is_unfolded(idle->own->peers, newest->name);
}

static void note_seq(struct idle *idle, int64_t seq)
{
	if (seq > idle->newest_seq)
		idle->newest_seq = seq;
}

static void look_at(void *self, int64_t number)
{
	struct idle *idle = self;
	struct kept_piece newest;
	size_t n = idle->n;

	if (!table_read(idle->own->sql, idle->own->moves, number, idle->arena, &newest))
		return;
	idle->number[n] = number;
	idle->name[n] = (struct str){NULL, 0};
	if (is_idle(idle, &newest, &idle->saved[n])) {
		idle->name[n] = newest.name;
		note_seq(idle, newest.seq);
		note_seq(idle, peer_table_seq(idle->own->sql, newest.name));
	}
	idle->n++;
}

/* What is still in the journal's files, though folded, would be read from there again. */
static enum store_status leave_files(struct store_sqlite *own, const struct idle *idle)
{
	if (!own->file || idle->newest_seq < journal_file_first(own->file))
		return STORE_OK;
	return fold_over(own);
}

static void erase_idle(struct store_sqlite *own, const struct idle *idle)
{
	for (size_t i = 0; i < idle->n; i++) {
		if (!idle->name[i].p) {
			table_note_saved(own->sql, idle->number[i], idle->saved[i]);
			continue;
		}
		erase(own, idle->name[i]);
		/* Without rows nothing is lost with them. */
		tail_forget(own->tail, idle->name[i]);
		peer_book_forget(own->peers, idle->name[i]);
	}
}

static enum store_status expire_all(
	struct store_sqlite *own, int64_t before_ms, const struct idle *idle)
{
	enum sql_status status = sql_begin(own->sql);

	if (status != SQL_OK)
		return sqlite_status(status);
	tail_cool(own->tail, EXPIRE_ROWS);
	expire_mids(own->sql, before_ms);
	expire_sends(own->sql, before_ms);
	expire_dead_letters(own->sql, before_ms);
	expire_pictures(own->sql, before_ms);
	expire_hooks(own->sql, before_ms);
	expire_orders(own->sql, before_ms);
	erase_idle(own, idle);
	return sqlite_status(moves_commit(own->moves, own->sql));
}

enum store_status sqlite_expire(struct store *store, int64_t before_ms, int64_t idle_before)
{
	struct store_sqlite *own = sqlite_own(store);
	struct idle idle = {.own = own, .arena = arena_new(PIECE_ARENA), .before = idle_before};
	enum store_status status;

	sqlite_settle_commit(own);
	(void)sqlite_reading(store); /* and settled */
	if (idle_before)
		table_idle(own->sql, idle_before, EXPIRE_SESSIONS, look_at, &idle);
	status = leave_files(own, &idle);
	if (status == STORE_OK)
		status = expire_all(own, before_ms, &idle);
	arena_free(idle.arena);
	return status;
}
