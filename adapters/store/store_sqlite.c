/* The store in a SQLite file. */
#include "adapters/store/store_driver.h"

#include <assert.h>
#include <stdlib.h>

#include "adapters/store/migrations.h"
#include "adapters/store/sqlite/sqlite.h"

enum { VALUE_MAX = 1 << 20, ERROR_MAX = 1024 };

struct store_sqlite {
	struct store store; /* first */
	struct sql *sql;
};

static struct sql *sql_of(const struct store *store)
{
	return ((const struct store_sqlite *)store)->sql;
}

/* The connection for a statement that must stand in a transaction. */
static struct sql *writing(struct store *store)
{
	assert(sql_in_transaction(sql_of(store)));
	return sql_of(store);
}

/* The connection for reading; outside a transaction an old error is over. */
static struct sql *reading(struct store *store)
{
	if (!sql_in_transaction(sql_of(store)))
		sql_clear(sql_of(store));
	return sql_of(store);
}

static enum store_status status_of(enum sql_status status)
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

static enum store_status read_status(struct store *store)
{
	return status_of(sql_status(sql_of(store)));
}

/* Turns */

static void close_store(struct store *store)
{
	sql_close(sql_of(store));
	free(store);
}

static const char *error_of(const struct store *store)
{
	return sql_error(sql_of(store));
}

static enum store_status begin(struct store *store)
{
	return status_of(sql_begin(sql_of(store)));
}

static enum store_status commit(struct store *store)
{
	return status_of(sql_commit(sql_of(store)));
}

static void rollback(struct store *store)
{
	sql_rollback(sql_of(store));
}

/* Sessions */

static enum store_status load_session(
	struct store *store, struct str conversation, struct arena *arena, struct str *bytes)
{
	struct sql_query *q =
		sql_query(reading(store), "select bytes from session where conversation = ?");
	bool found;

	*bytes = (struct str){0};
	sql_bind_text(q, conversation);
	found = sql_next(q);
	if (found)
		*bytes = sql_copy(q, arena, "bytes");
	sql_end(q);
	return found ? STORE_OK : read_status(store) == STORE_OK ? STORE_NONE : read_status(store);
}

static void save_session(
	struct store *store, struct str conversation, struct str bytes, int64_t now)
{
	struct sql_query *q = sql_query(writing(store),
		"insert into session(conversation, bytes, saved) values (?, ?, ?)"
		" on conflict(conversation) do update set bytes = excluded.bytes, saved = "
		"excluded.saved");

	sql_bind_text(q, conversation);
	sql_bind_blob(q, bytes);
	sql_bind_int(q, now);
	(void)sql_run(q);
}

/* Notes */

static void add_note(struct store *store, const struct store_note *note)
{
	struct sql_query *q = sql_query(writing(store),
		"insert into note(name, at, conversation, json) values (?, ?, ?, ?)");

	sql_bind_text(q, note->name);
	sql_bind_int(q, note->at);
	sql_bind_text(q, note->conversation);
	sql_bind_text(q, note->json);
	(void)sql_run(q);
}

static enum store_status notes(
	struct store *store, struct str name, int64_t after, store_note_function *each, void *self)
{
	struct sql_query *q = sql_query(reading(store),
		"select * from note where id > ?1 and (?2 = '' or name = ?2) order by id");

	sql_bind_int(q, after);
	sql_bind_text(q, name);
	while (sql_next(q))
		each(self, &(struct store_note){
				   .id = sql_int(q, "id"),
				   .name = sql_text(q, "name"),
				   .at = sql_int(q, "at"),
				   .conversation = sql_text(q, "conversation"),
				   .json = sql_text(q, "json"),
			   });
	sql_end(q);
	return read_status(store);
}

/* Cards */

static int64_t add_card(struct store *store, const struct store_card *card)
{
	struct sql_query *q = sql_query(writing(store),
		"insert into card(conversation, queue, at, json) values (?, ?, ?, ?) returning id");

	sql_bind_text(q, card->conversation);
	sql_bind_text(q, card->queue);
	sql_bind_int(q, card->at);
	sql_bind_text(q, card->json);
	return sql_number(q);
}

static void close_card(struct store *store, int64_t id, int64_t at)
{
	struct sql_query *q = sql_query(
		writing(store), "update card set closed = ? where id = ? and closed is null");

	sql_bind_int(q, at);
	sql_bind_int(q, id);
	(void)sql_run(q);
}

static enum store_status cards(
	struct store *store, bool closed_too, store_card_function *each, void *self)
{
	struct sql_query *q = sql_query(
		reading(store), "select * from card where ? or closed is null order by id");

	sql_bind_bool(q, closed_too);
	while (sql_next(q))
		each(self, &(struct store_card){
				   .id = sql_int(q, "id"),
				   .conversation = sql_text(q, "conversation"),
				   .queue = sql_text(q, "queue"),
				   .at = sql_int(q, "at"),
				   .closed = sql_int(q, "closed"),
				   .json = sql_text(q, "json"),
			   });
	sql_end(q);
	return read_status(store);
}

/* Effects */

static const char *const state_word[] = {
	[EFFECT_SENT] = "sent",
	[EFFECT_UNKNOWN] = "unknown",
	[EFFECT_DONE] = "done",
	[EFFECT_REFUSED] = "refused",
	[EFFECT_FAILED] = "failed",
};

/* A word that no version wrote counts as unknown: then the shop is asked. */
static enum effect_state state_of(struct str word)
{
	for (unsigned i = 0; i < sizeof(state_word) / sizeof(state_word[0]); i++)
		if (str_is(word, state_word[i]))
			return i;
	return EFFECT_UNKNOWN;
}

static void bind_value(struct sql_query *q, const struct value *value)
{
	struct buf bytes;

	buf_init(&bytes, VALUE_MAX);
	value_encode(value ? value : &value_none, &bytes);
	sql_bind_blob(q, buf_str(&bytes));
	buf_release(&bytes);
}

static const struct value *read_value(struct sql_query *q, struct arena *arena, const char *column)
{
	struct str bytes = sql_copy(q, arena, column);
	const struct value *value = &value_none;

	return value_decode(arena, &bytes, &value) ? value : &value_none;
}

static struct store_effect read_effect(struct sql_query *q, struct arena *arena)
{
	return (struct store_effect){
		.key = sql_copy(q, arena, "key"),
		.conversation = sql_copy(q, arena, "conversation"),
		.operation = sql_copy(q, arena, "operation"),
		.args = read_value(q, arena, "args"),
		.state = state_of(sql_text(q, "state")),
		.answer = read_value(q, arena, "answer"),
		.claimed = sql_int(q, "claimed"),
		.settled = sql_int(q, "settled"),
		.tries = sql_int(q, "tries"),
	};
}

static enum store_status find_effect(
	struct store *store, struct str key, struct arena *arena, struct store_effect *effect)
{
	struct sql_query *q = sql_query(reading(store), "select * from effect where key = ?");
	bool found;

	sql_bind_text(q, key);
	found = sql_next(q);
	if (found)
		*effect = read_effect(q, arena);
	sql_end(q);
	return found ? STORE_OK : read_status(store) == STORE_OK ? STORE_NONE : read_status(store);
}

/* One statement decides: a new row, or an old one that was surely not done. */
static enum store_status claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing)
{
	struct sql_query *q = sql_query(writing(store),
		"insert into effect(key, conversation, operation, args, state, claimed, tries)"
		" values (?, ?, ?, ?, 'sent', ?, 1)"
		" on conflict(key) do update set conversation = excluded.conversation,"
		"  operation = excluded.operation, args = excluded.args, state = 'sent', answer = "
		"null,"
		"  claimed = excluded.claimed, settled = null, tries = tries + 1"
		"  where state in ('refused', 'failed')");
	enum store_status status;

	sql_bind_text(q, effect->key);
	sql_bind_text(q, effect->conversation);
	sql_bind_text(q, effect->operation);
	bind_value(q, effect->args);
	sql_bind_int(q, effect->claimed);
	if (sql_run(q) == 1)
		return STORE_OK;
	status = find_effect(store, effect->key, arena, existing);
	return status == STORE_OK ? STORE_TAKEN : status;
}

static void settle_effect(struct store *store, struct str key, enum effect_state state,
	const struct value *answer, int64_t now)
{
	struct sql_query *q = sql_query(writing(store),
		"update effect set state = ?, answer = ?, settled = ? where key = ?");
	bool open = state == EFFECT_SENT || state == EFFECT_UNKNOWN;

	sql_bind_text(q, str_of(state_word[state]));
	bind_value(q, answer);
	if (open)
		sql_bind_null(q);
	else
		sql_bind_int(q, now);
	sql_bind_text(q, key);
	(void)sql_run(q);
}

static enum store_status open_effects(
	struct store *store, struct arena *arena, struct store_effect **effects, size_t *n)
{
	struct sql_query *q = sql_query(reading(store),
		"select * from effect where state in ('sent', 'unknown') order by claimed, key");

	*effects = NULL;
	*n = 0;
	while (sql_next(q)) {
		*effects = arena_grow(arena, *effects, *n, struct store_effect);
		(*effects)[(*n)++] = read_effect(q, arena);
	}
	sql_end(q);
	return read_status(store);
}

/* Forgetting */

static void run_on(struct sql_query *q, struct str conversation)
{
	sql_bind_text(q, conversation);
	(void)sql_run(q);
}

/* The pages are overwritten (secure_delete); emptying the log removes the older copies there. */
static enum store_status forget(struct store *store, struct str conversation)
{
	struct sql *sql = sql_of(store);
	enum sql_status status = sql_begin(sql);

	if (status != SQL_OK)
		return status_of(status);
	run_on(sql_query(sql, "delete from session where conversation = ?"), conversation);
	run_on(sql_query(sql, "delete from note where conversation = ?"), conversation);
	run_on(sql_query(sql, "delete from card where conversation = ?"), conversation);
	run_on(sql_query(sql, "update effect set conversation = '', args = x'', answer = null"
			      " where conversation = ?"),
		conversation);
	status = sql_commit(sql);
	if (status != SQL_OK)
		return status_of(status);
	sql_checkpoint(sql);
	return read_status(store);
}

/* Opening */

static const struct store_driver driver = {
	.close = close_store,
	.error = error_of,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.load_session = load_session,
	.save_session = save_session,
	.add_note = add_note,
	.notes = notes,
	.add_card = add_card,
	.close_card = close_card,
	.cards = cards,
	.claim_effect = claim_effect,
	.settle_effect = settle_effect,
	.find_effect = find_effect,
	.open_effects = open_effects,
	.forget = forget,
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
		return status_of(status);
	buf_init(&why, ERROR_MAX);
	status = migrations_apply(sql, &why);
	if (status != SQL_OK)
		buf_addf(error, "cannot use '%s': %.*s",
			path ? path : ":memory:", STR(buf_str(&why)));
	buf_release(&why);
	if (status != SQL_OK) {
		sql_close(sql);
		return status_of(status);
	}
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		abort();
	opened->store.driver = &driver;
	opened->sql = sql;
	*store = &opened->store;
	return STORE_OK;
}
