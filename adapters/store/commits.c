/* Transactions: begun, committed at once or in a second thread, rolled back. */
#include "adapters/store/store_sqlite.h"

#include <assert.h>

enum { JOURNAL_MAX = 131072 };

/* --- a commit that is under way --- */

/* In the second thread: the file is its own until the helper is waited for. */
static void append(void *self)
{
	struct pending *pending = self;

	pending->status = journal_file_append(pending->file, pending->last_seq);
	atomic_store(&pending->is_over, true);
	if (pending->over)
		pending->over(pending->self);
}

/* What is in memory is what is on the disk again. */
static void undo(struct store_sqlite *own)
{
	sqlite_settle(own);
	drafts_clear(own->drafts);
	peer_book_roll_back(own->peers);
	peer_book_undo(own->peers);
	tail_undo(own->tail, own->pending.sure_seq);
	own->last_seq = own->pending.sure_seq;
	own->file_failed = true;
	own->is_lost = own->in_turn;
}

void sqlite_settle_commit(struct store_sqlite *own)
{
	struct pending *pending = &own->pending;

	if (pending->stage != PENDING_UNDER_WAY)
		return;
	helper_wait(own->committer);
	pending->stage = PENDING_ENDED;
	if (pending->status == SQL_OK)
		peer_book_sure(own->peers);
	else
		undo(own);
}

/* --- transactions --- */

/* A program that never folds by itself does so here, now and then. */
enum store_status sqlite_begin(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);
	size_t left;

	assert(!own->in_turn);
	if (own->is_gone)
		return STORE_BROKEN;
	if (sqlite_journal(store) >= JOURNAL_MAX) {
		enum store_status status = sqlite_fold(store, FOLD_STEP, &left);

		if (status != STORE_OK)
			return status;
	}
	own->in_turn = true;
	own->file_failed = false;
	return STORE_OK;
}

enum sql_status sqlite_begin_in_file(struct store_sqlite *own)
{
	sqlite_settle_commit(own);
	sqlite_settle(own);
	if (own->is_lost)
		sql_fail(own->sql, "%s", journal_file_error(own->file));
	if (own->in_file || own->is_lost)
		return sql_status(own->sql);
	own->in_file = true;
	return sql_begin(own->sql);
}

static enum sql_status commit_in_tables(struct store_sqlite *own)
{
	enum sql_status status = sqlite_begin_in_file(own);

	if (own->file && !journal_file_is_sure(own->file))
		sql_fail(own->sql, "%s", journal_file_error(own->file));
	if (status == SQL_OK)
		journal_write(own);
	if (sql_in_transaction(own->sql))
		status = sql_commit(own->sql);
	return status;
}

static enum sql_status commit_in_files(struct store_sqlite *own)
{
	int64_t last_seq = journal_prepare(own);
	enum sql_status status = SQL_OK;

	if (last_seq > own->last_seq)
		status = journal_file_append(own->file, last_seq);
	own->file_failed = status != SQL_OK;
	return status;
}

static void end_turn(struct store_sqlite *own)
{
	own->in_turn = own->in_file = own->is_lost = false;
	drafts_clear(own->drafts);
	peer_book_roll_back(own->peers);
}

/* Also after a commit of theirs that failed and may be there nevertheless: what the journal's files
 * got now would not follow from it.  So another is written over it first. */
static bool is_for_tables(const struct store_sqlite *own)
{
	return own->in_file || !own->file || sql_is_unsure(own->sql);
}

enum store_status sqlite_commit(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);
	bool in_tables = is_for_tables(own);
	enum sql_status status;

	assert(own->in_turn);
	sqlite_settle_commit(own);
	if (own->is_lost) {
		sqlite_rollback(store);
		return sqlite_status(own->pending.status);
	}
	status = in_tables ? commit_in_tables(own) : commit_in_files(own);
	if (status == SQL_OK)
		journal_written(own, in_tables ? WRITTEN_IN_TABLES : WRITTEN_IN_FILES);
	end_turn(own);
	return sqlite_status(status);
}

void sqlite_rollback(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);

	if (own->in_file)
		sql_rollback(sqlite_of(store));
	end_turn(own);
}

/* --- in the second thread --- */

/* What is written goes to the tables, or there is nothing to write: it is over at once. */
static void commit_at_once(struct store *store)
{
	struct pending *pending = &sqlite_own(store)->pending;

	pending->at_once = sqlite_commit(store);
	pending->status = SQL_OK;
	pending->stage = PENDING_ENDED;
}

void sqlite_commit_begin(struct store *store, store_over_function *over, void *self)
{
	struct store_sqlite *own = sqlite_own(store);
	struct pending *pending = &own->pending;
	int64_t last_seq;

	assert(own->in_turn && pending->stage == PENDING_NONE);
	last_seq = is_for_tables(own) || own->is_lost ? own->last_seq : journal_prepare(own);
	if (last_seq == own->last_seq) {
		commit_at_once(store);
		return;
	}
	pending->stage = PENDING_UNDER_WAY;
	pending->file = own->file;
	pending->sure_seq = own->last_seq;
	pending->last_seq = last_seq;
	pending->at_once = STORE_OK;
	pending->over = over;
	pending->self = self;
	atomic_store(&pending->is_over, false);
	journal_written(own, WRITTEN_MAYBE);
	end_turn(own);
	if (!helper_begin(own->committer, append, pending)) {
		pending->over = NULL;
		append(pending);
	}
}

bool sqlite_commit_is_over(struct store *store)
{
	const struct pending *pending = &sqlite_own(store)->pending;

	return pending->stage != PENDING_UNDER_WAY || atomic_load(&pending->is_over);
}

enum store_status sqlite_commit_end(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);
	struct pending *pending = &own->pending;

	assert(pending->stage != PENDING_NONE);
	sqlite_settle_commit(own);
	pending->stage = PENDING_NONE;
	return pending->status == SQL_OK ? pending->at_once : sqlite_status(pending->status);
}
