/* The store in a SQLite file. */
#include "adapters/store/store_sqlite.h"

#include <assert.h>
#include <stdlib.h>

#include "adapters/store/migrations.h"

enum { ERROR_MAX = 8192 };

struct store_sqlite *sqlite_own(struct store *store)
{
	return (struct store_sqlite *)store;
}

struct sql *sqlite_of(const struct store *store)
{
	struct store_sqlite *own = (struct store_sqlite *)(uintptr_t)store;

	sqlite_settle(own);
	return own->sql;
}

struct sql *sqlite_writing(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);

	assert(own->in_turn);
	(void)sqlite_begin_in_file(own); /* an error sticks and comes out at the commit */
	return own->sql;
}

struct sql *sqlite_reading(struct store *store)
{
	if (!sql_in_transaction(sqlite_of(store)))
		sql_clear(sqlite_of(store));
	return sqlite_of(store);
}

enum store_status sqlite_status(enum sql_status status)
{
	switch (status) {
	case SQL_OK:
		return STORE_OK;
	case SQL_BUSY:
		return STORE_BUSY;
	case SQL_FULL:
		return STORE_FULL;
	case SQL_CONSTRAINT:
	case SQL_BROKEN:
		break;
	}
	return STORE_BROKEN;
}

enum store_status sqlite_read_status(struct store *store)
{
	return sqlite_status(sql_status(sqlite_of(store)));
}

enum store_status sqlite_found(struct store *store, bool found)
{
	enum store_status status = sqlite_read_status(store);

	return found || status != STORE_OK ? status : STORE_NONE;
}

/* What concerns all of it */

static void own_free(struct store_sqlite *own)
{
	helper_free(own->helper);
	helper_free(own->committer);
	folds_free(own->folds);
	sql_close(own->sql);
	journal_file_free(own->file);
	drafts_free(own->drafts);
	tail_free(own->tail);
	peer_book_free(own->peers);
	glance_free(own->glance);
	moves_free(own->moves);
	free(own);
}

/* A store that is closed in order leaves no journal. */
static void close_store(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);

	sqlite_settle_commit(own);
	sqlite_settle(own);
	if (own->in_file)
		sql_rollback(own->sql);
	(void)fold_over(own);
	own_free(own);
}

static const char *error_of(const struct store *store)
{
	const struct store_sqlite *own = (const struct store_sqlite *)store;

	if (own->is_gone)
		return "its files were moved or removed while it was open";
	return own->file_failed ? journal_file_error(own->file) : sql_error(sqlite_of(store));
}

/* While a commit is under way the journal's files are the second thread's. */
static bool are_in_place(struct store_sqlite *own)
{
	if (!sql_is_in_place(sqlite_of(&own->store)))
		return false;
	return !own->file || !sqlite_commit_is_over(&own->store) ||
	       journal_file_is_in_place(own->file);
}

static enum store_status watch_files(struct store *store)
{
	struct store_sqlite *own = sqlite_own(store);

	own->is_gone = !are_in_place(own);
	return own->is_gone ? STORE_BROKEN : STORE_OK;
}

static enum store_status probe(struct store *store)
{
	struct sql *sql = sqlite_of(store);
	enum sql_status status;

	sqlite_settle_commit(sqlite_own(store));
	if (watch_files(store) != STORE_OK)
		return STORE_BROKEN;
	status = sql_begin(sql);

	if (status != SQL_OK)
		return sqlite_status(status);
	(void)sql_run(sql_query(sql, "insert into meta(name, number) values ('probes', 1)"
				     " on conflict(name) do update set number = number + 1"));
	return sqlite_status(sql_commit(sql));
}

static enum store_status measure(struct store *store, struct store_sizes *sizes)
{
	const struct store_sqlite *own = sqlite_own(store);
	const struct journal_file *file = own->file;
	struct sql *sql = sqlite_reading(store);
	const struct tail *tail;

	sqlite_settle_commit(sqlite_own(store));
	tail = own->tail;
	*sizes = (struct store_sizes){
		.conversations = table_number(sql, COUNT_SESSIONS) + tail_new_sessions(tail),
		.posts = table_number(sql, COUNT_POSTS) + tail_posts(tail),
		.bytes = sql_bytes(sql) + (file ? journal_file_bytes(file) : 0),
		.cards_open = sql_number(
			sql_query(sql, "select count(*) from card where closed is null")),
		.effects_human = sql_number(
			sql_query(sql, "select count(*) from effect where state = 'human'")),
		.effects_open = sql_number(sql_query(
			sql, "select count(*) from effect where state in ('sent', 'unknown')")),
		.sends_open = sql_number(
			sql_query(sql, "select count(*) from send where next_at is not null")),
		.sends_dead = sql_number(
			sql_query(sql, "select count(*) from send where dead is not null")),
		.promises_open = sql_number(
			sql_query(sql, "select count(*) from promise where ended_ms is null")),
		.notices_open = sql_number(sql_query(sql, "select count(*) from notice")),
	};
	return sqlite_read_status(store);
}

/* Opening */

static const struct store_driver driver = {
	.close = close_store,
	.error = error_of,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.commit_begin = sqlite_commit_begin,
	.commit_is_over = sqlite_commit_is_over,
	.commit_end = sqlite_commit_end,
	.watch_files = watch_files,
	.probe = probe,
	.measure = measure,
	.load_session = sqlite_load_session,
	.save_session = sqlite_save_session,
	.due = sqlite_due,
	.add_post = sqlite_add_post,
	.know = sqlite_know,
	.last_post = sqlite_last_post,
	.knows = sqlite_knows,
	.posts = sqlite_posts,
	.fold = sqlite_fold,
	.fold_aside = sqlite_fold_aside,
	.journal = sqlite_journal,
	.unfolded = sqlite_unfolded,
	.mark = sqlite_mark,
	.clear_aside = sqlite_clear_aside,
	.set_watches = sqlite_set_watches,
	.watching = sqlite_watching,
	.promises = sqlite_promises,
	.keep_promise = sqlite_keep_promise,
	.add_notice = sqlite_add_notice,
	.next_notice = sqlite_next_notice,
	.take_notice = sqlite_take_notice,
	.put_order = sqlite_put_order,
	.order = sqlite_order,
	.look_at = sqlite_look_at,
	.look_at_watched = sqlite_look_at_watched,
	.note_looked = sqlite_note_looked,
	.orders_due = sqlite_orders_due,
	.know_hook = sqlite_know_hook,
	.cursor = sqlite_cursor,
	.set_cursor = sqlite_set_cursor,
	.add_note = sqlite_add_note,
	.notes = sqlite_notes,
	.add_card = sqlite_add_card,
	.claim_card = sqlite_claim_card,
	.close_card = sqlite_close_card,
	.card = sqlite_card,
	.cards = sqlite_cards,
	.add_send = sqlite_add_send,
	.mark_send = sqlite_mark_send,
	.sends = sqlite_sends,
	.claim_effect = sqlite_claim_effect,
	.follow_effect = sqlite_follow_effect,
	.resend_effect = sqlite_resend_effect,
	.settle_effect = sqlite_settle_effect,
	.told_effect = sqlite_told_effect,
	.finish_effects = sqlite_finish_effects,
	.drop_effect = sqlite_drop_effect,
	.find_effect = sqlite_find_effect,
	.put_chat = sqlite_put_chat,
	.chat = sqlite_chat,
	.chats_due = sqlite_chats_due,
	.hear_peer = sqlite_hear_peer,
	.wake_peer = sqlite_wake_peer,
	.put_peer = sqlite_put_peer,
	.peer = sqlite_peer,
	.peers_due = sqlite_peers_due,
	.peers_next = sqlite_peers_next,
	.release_claims = sqlite_release_claims,
	.hasten_peers = sqlite_hasten_peers,
	.move_tries = sqlite_move_tries,
	.add_dead_letter = sqlite_add_dead_letter,
	.put_picture = sqlite_put_picture,
	.picture = sqlite_picture,
	.dead_letters = sqlite_dead_letters,
	.account = sqlite_account,
	.effects = sqlite_effects,
	.effects_of = sqlite_effects_of,
	.forget = sqlite_forget,
	.clean = sqlite_clean,
	.remove_idle = sqlite_remove_idle,
	.is_at_work = sqlite_is_at_work,
	.expire = sqlite_expire,
};

static struct store_sqlite *own_new(struct sql *sql)
{
	struct store_sqlite *own = calloc(1, sizeof(*own));

	if (!own)
		abort();
	own->store.driver = &driver;
	own->sql = sql;
	own->drafts = drafts_new();
	own->tail = tail_new();
	own->peers = peer_book_new();
	own->glance = glance_new();
	own->moves = moves_new();
	own->helper = helper_new("tenstep-fold", HELPER_PATIENT);
	own->committer = helper_new("tenstep-disk", HELPER_BRIEF);
	return own;
}

/* What is in the journal of a store that is not there would be written over. */
static enum sql_status has_its_journal_only(
	struct store_sqlite *own, const char *path, struct buf *error)
{
	enum sql_status status = SQL_OK;
	struct buf name;

	buf_init(&name, ERROR_MAX);
	if (sql_is_empty(own->sql) && journal_file_is_left(path, &name)) {
		buf_addf(error,
			"it is empty, but '%.*s' belongs to one that is not: bring that back, or "
			"move "
			"this away",
			STR(buf_str(&name)));
		status = SQL_BROKEN;
	}
	buf_release(&name);
	return status;
}

/* What was said last is in them, and nothing else would tell that it is gone. */
static enum sql_status has_all_its_journal(
	struct store_sqlite *own, const char *path, struct buf *error)
{
	enum sql_status status = SQL_OK;
	struct buf name;

	buf_init(&name, ERROR_MAX);
	for (unsigned i = 0; i < 2 && status == SQL_OK; i++) {
		if (!(own->noted & 1U << i) || !journal_file_is_missing(path, i, &name))
			continue;
		buf_addf(error,
			"'%.*s' is gone, and has what was said last: bring it back, or make an "
			"empty file of that name to go on without",
			STR(buf_str(&name)));
		status = SQL_BROKEN;
	}
	buf_release(&name);
	return status;
}

static enum sql_status prepare(struct store_sqlite *own, const char *path, struct buf *error)
{
	enum sql_status status = path ? has_its_journal_only(own, path, error) : SQL_OK;

	if (status == SQL_OK)
		status = migrations_apply(own->sql, error);
	if (status != SQL_OK)
		return status;
	own->key = (uint64_t)table_number(own->sql, JOURNAL_KEY);
	own->noted = (unsigned)table_number(own->sql, JOURNAL_FILES);
	status = path ? has_all_its_journal(own, path, error) : SQL_OK;
	if (status != SQL_OK)
		return status;
	if (path)
		own->file = journal_file_new(path, own->key);
	moves_read(own->moves, own->sql);
	status = journal_open(own);
	own->erased_seq = own->last_seq;
	if (status != SQL_OK)
		buf_adds(error, sql_error(own->sql));
	return status;
}

enum store_status store_sqlite_open(const char *path, struct store **store, struct buf *error)
{
	struct store_sqlite *own;
	enum sql_status status;
	struct sql *sql;
	struct buf why;

	*store = NULL;
	status = sql_open(path, &sql, error);
	if (status != SQL_OK)
		return sqlite_status(status);
	own = own_new(sql);
	buf_init(&why, ERROR_MAX);
	status = prepare(own, path, &why);
	if (status == SQL_OK) {
		*store = &own->store;
		(void)sqlite_clean(*store); /* it can be tried later, too */
	} else {
		buf_addf(error, "cannot use '%s': %.*s",
			path ? path : ":memory:", STR(buf_str(&why)));
	}
	buf_release(&why);
	if (status != SQL_OK)
		own_free(own);
	return sqlite_status(status);
}
