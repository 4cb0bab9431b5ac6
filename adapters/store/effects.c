/* The journal of effects on orders. */
#include "adapters/store/store_sqlite.h"

enum { VALUE_MAX = 1 << 20 };

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

enum store_status sqlite_find_effect(
	struct store *store, struct str key, struct arena *arena, struct store_effect *effect)
{
	struct sql_query *q =
		sql_query(sqlite_reading(store), "select * from effect where key = ?");
	bool found;

	sql_bind_text(q, key);
	found = sql_next(q);
	if (found)
		*effect = read_effect(q, arena);
	sql_end(q);
	return sqlite_found(store, found);
}

/* One statement decides: a new row, or an old one that was surely not done. */
enum store_status sqlite_claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
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
	status = sqlite_find_effect(store, effect->key, arena, existing);
	return status == STORE_OK ? STORE_TAKEN : status;
}

void sqlite_settle_effect(struct store *store, struct str key, enum effect_state state,
	const struct value *answer, int64_t now)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
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

enum store_status sqlite_open_effects(
	struct store *store, struct arena *arena, struct store_effect **effects, size_t *n)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from effect where state in ('sent', 'unknown') order by claimed, key");

	*effects = NULL;
	*n = 0;
	while (sql_next(q)) {
		*effects = arena_grow(arena, *effects, *n, struct store_effect);
		(*effects)[(*n)++] = read_effect(q, arena);
	}
	sql_end(q);
	return sqlite_read_status(store);
}
