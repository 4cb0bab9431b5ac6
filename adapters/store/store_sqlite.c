/* The store in a SQLite file. */
#include "adapters/store/store_sqlite.h"

#include <assert.h>
#include <stdlib.h>

#include "adapters/store/migrations.h"

enum { ERROR_MAX = 1024 };

struct sql *sqlite_of(const struct store *store)
{
	return ((const struct store_sqlite *)store)->sql;
}

struct sql *sqlite_writing(struct store *store)
{
	assert(sql_in_transaction(sqlite_of(store)));
	return sqlite_of(store);
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

/* Turns */

static void close_store(struct store *store)
{
	sql_close(sqlite_of(store));
	free(store);
}

static const char *error_of(const struct store *store)
{
	return sql_error(sqlite_of(store));
}

static enum store_status begin(struct store *store)
{
	return sqlite_status(sql_begin(sqlite_of(store)));
}

static enum store_status commit(struct store *store)
{
	return sqlite_status(sql_commit(sqlite_of(store)));
}

static void rollback(struct store *store)
{
	sql_rollback(sqlite_of(store));
}

static enum store_status measure(struct store *store, struct store_sizes *sizes)
{
	struct sql *sql = sqlite_reading(store);

	*sizes = (struct store_sizes){
		.conversations = sql_number(sql_query(sql, "select count(*) from session")),
		.posts = sql_number(sql_query(sql, "select count(*) from post")),
		.bytes = sql_bytes(sql),
		.cards_open = sql_number(
			sql_query(sql, "select count(*) from card where closed is null")),
		.effects_open = sql_number(sql_query(
			sql, "select count(*) from effect where state in ('sent', 'unknown')")),
		.sends_open = sql_number(
			sql_query(sql, "select count(*) from send where next_at is not null")),
		.sends_dead = sql_number(
			sql_query(sql, "select count(*) from send where dead is not null")),
	};
	return sqlite_read_status(store);
}

/* Opening */

static const struct store_driver driver = {
	.close = close_store,
	.error = error_of,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
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
	.journal = sqlite_journal,
	.set_watches = sqlite_set_watches,
	.watching = sqlite_watching,
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
	.settle_effect = sqlite_settle_effect,
	.find_effect = sqlite_find_effect,
	.open_effects = sqlite_open_effects,
	.forget = sqlite_forget,
	.expire = sqlite_expire,
};

enum store_status store_sqlite_open(const char *path, struct store **store, struct buf *error)
{
	struct store_sqlite *opened;
	enum sql_status status;
	struct sql *sql;
	struct buf why;

	*store = NULL;
	status = sql_open(path, &sql, error);
	if (status != SQL_OK)
		return sqlite_status(status);
	buf_init(&why, ERROR_MAX);
	status = migrations_apply(sql, &why);
	if (status != SQL_OK)
		buf_addf(error, "cannot use '%s': %.*s",
			path ? path : ":memory:", STR(buf_str(&why)));
	buf_release(&why);
	if (status != SQL_OK) {
		sql_close(sql);
		return sqlite_status(status);
	}
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		abort();
	opened->store.driver = &driver;
	opened->sql = sql;
	*store = &opened->store;
	return STORE_OK;
}
