/* Forgetting: all rows of a conversation, and then the copies of them that are left elsewhere. */
#include "adapters/store/store_sqlite.h"

#include "adapters/store/peer_table.h"
#include "adapters/store/tables.h"

enum { PIECE_ARENA = 256 << 20 };

static void run_on(struct sql_query *q, struct str conversation)
{
	sql_bind_text(q, conversation);
	(void)sql_run(q);
}

/* Until then the program may be killed, and the copies wait for its next start. */
static void note_copies(struct sql *sql)
{
	(void)sql_run(sql_query(sql, "insert into meta(name, number) values ('copies', 1)"
				     " on conflict(name) do update set number = 1"));
}

bool forget_left_copies(struct store_sqlite *own)
{
	return sql_number(sql_query(own->sql, "select number from meta where name = 'copies'")) !=
	       0;
}

void forget_erase(struct store_sqlite *own, struct str name)
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
	note_copies(sql);
}

/* The pages are overwritten (secure_delete); emptying the log removes the older copies there. */
static enum store_status empty_log(struct store_sqlite *own)
{
	enum sql_status status;

	sql_clear(own->sql);
	sql_checkpoint(own->sql);
	status = sql_status(own->sql);
	if (status == SQL_OK)
		status = sql_begin(own->sql);
	if (status != SQL_OK)
		return sqlite_status(status);
	(void)sql_run(sql_query(own->sql, "delete from meta where name = 'copies'"));
	return sqlite_status(sql_commit(own->sql));
}

/* Of what was erased before. */
static bool are_files_clean(const struct store_sqlite *own)
{
	return !own->file || journal_file_oldest(own->file) > own->erased_seq;
}

/* The newest row of it, which is in the tables. */
static int64_t newest_row(struct store_sqlite *own, struct str name)
{
	struct arena *arena = arena_new(PIECE_ARENA);
	int64_t peer = peer_table_seq(own->sql, name);
	struct kept_piece newest = {.seq = 0};

	if (!table_find(own->sql, own->moves, own->key, name, arena, &newest))
		newest.seq = 0;
	arena_free(arena);
	return peer > newest.seq ? peer : newest.seq;
}

static bool is_in_journal(struct store_sqlite *own, struct str name)
{
	const struct tail_entry *entry = tail_find(own->tail, name);

	return (entry && entry->row) || peer_book_is_unfolded(own->peers, name) ||
	       (own->file && journal_file_oldest(own->file) <= newest_row(own, name));
}

static enum store_status erase(struct store_sqlite *own, struct str conversation, bool folded)
{
	enum sql_status status = sql_begin(own->sql);

	if (status != SQL_OK)
		return sqlite_status(status);
	forget_erase(own, conversation);
	if (folded) {
		table_set_number(own->sql, JOURNAL_FOLDED, own->last_seq);
		table_set_number(own->sql, JOURNAL_FILES, 0);
	}
	status = moves_commit(own->moves, own->sql);
	if (status != SQL_OK)
		return sqlite_status(status);
	tail_forget(own->tail, conversation);
	peer_book_forget(own->peers, conversation);
	return STORE_OK;
}

/* The journal's files go as a whole, with what others have in them in the tables. */
static enum store_status erase_with_files(struct store_sqlite *own, struct str conversation)
{
	enum store_status status = fold_all(own);

	if (status == STORE_OK)
		status = erase(own, conversation, true);
	if (status != STORE_OK)
		return status;
	own->erased_seq = own->last_seq;
	status = fold_forget_files(own);
	own->file_failed = status != STORE_OK;
	return status;
}

enum store_status sqlite_forget(struct store *store, struct str conversation)
{
	struct store_sqlite *own = sqlite_own(store);
	enum store_status status;
	bool with_files;

	sqlite_settle_commit(own);
	(void)sqlite_reading(store); /* and settled */
	with_files = !are_files_clean(own) || is_in_journal(own, conversation);
	status = sqlite_read_status(store);
	if (status != STORE_OK)
		return status;
	status = with_files ? erase_with_files(own, conversation) : erase(own, conversation, false);
	return status == STORE_OK ? empty_log(own) : status;
}

enum store_status sqlite_clean(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);
	enum store_status status;

	sqlite_settle_commit(own);
	(void)sqlite_reading(store); /* and settled */
	if (!forget_left_copies(own))
		return sqlite_read_status(store);
	status = are_files_clean(own) ? STORE_OK : fold_over(own);
	return status == STORE_OK ? empty_log(own) : status;
}
