/* The journal of effects on orders. */
#include "adapters/store/store_sqlite.h"

enum {
	VALUE_MAX = 1 << 20,
	DONE_KEEPS_SLOT = 24 * 3600, /* seconds */
};

static const char *const state_word[] = {
	[EFFECT_SENT] = "sent",
	[EFFECT_UNKNOWN] = "unknown",
	[EFFECT_DONE] = "done",
	[EFFECT_REFUSED] = "refused",
	[EFFECT_FAILED] = "failed",
	[EFFECT_HUMAN] = "human",
	[EFFECT_FOLLOWS] = "follows",
	[EFFECT_CLOSED] = "closed",
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
		.slot = sql_copy(q, arena, "slot"),
		.follows = sql_copy(q, arena, "follows"),
		.args = read_value(q, arena, "args"),
		.state = state_of(sql_text(q, "state")),
		.answer = read_value(q, arena, "answer"),
		.claimed = sql_int(q, "claimed"),
		.sent = sql_int(q, "sent"),
		.doubt = sql_int(q, "doubt"),
		.settled = sql_int(q, "settled"),
		.next = sql_int(q, "next"),
		.tries = sql_int(q, "tries"),
		.untold = sql_int(q, "untold") != 0,
		.evidence = sql_copy(q, arena, "evidence"),
	};
}

static enum store_status find(
	struct store *store, struct sql_query *q, struct arena *arena, struct store_effect *effect)
{
	bool found = sql_next(q);

	if (found)
		*effect = read_effect(q, arena);
	sql_end(q);
	return sqlite_found(store, found);
}

enum store_status sqlite_find_effect(
	struct store *store, struct str key, struct arena *arena, struct store_effect *effect)
{
	struct sql_query *q =
		sql_query(sqlite_reading(store), "select * from effect where key = ?");

	sql_bind_text(q, key);
	return find(store, q, arena, effect);
}

static void bind_slot(struct sql_query *q, struct str slot)
{
	if (slot.n)
		sql_bind_text(q, slot);
	else
		sql_bind_null(q);
}

static void free_old_slot(struct store *store, const struct store_effect *effect)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update effect set slot = null where slot = ? and state = 'done' and settled < ?");

	sql_bind_text(q, effect->slot);
	sql_bind_int(q, effect->claimed - DONE_KEEPS_SLOT);
	(void)sql_run(q);
}

/* Who has the slot; STORE_NONE: nobody, or the effect itself. */
static enum store_status find_by_slot(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing)
{
	struct sql_query *q;

	if (!effect->slot.n)
		return STORE_NONE;
	free_old_slot(store, effect);
	q = sql_query(sqlite_reading(store), "select * from effect where slot = ? and key <> ?"
					     " and state in ('sent', 'unknown', 'human', 'done')");
	sql_bind_text(q, effect->slot);
	sql_bind_text(q, effect->key);
	return find(store, q, arena, existing);
}

/* One statement decides: a new row, or an old one that was surely not done.  The index on slots
 * would refuse what find_by_slot() let through. */
enum store_status sqlite_claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing)
{
	enum store_status status = find_by_slot(store, effect, arena, existing);
	struct sql_query *q;

	if (status != STORE_NONE)
		return status == STORE_OK ? STORE_TAKEN : status;
	q = sql_query(sqlite_writing(store),
		"insert into effect(key, conversation, operation, slot, args, state, claimed, sent,"
		"  tries) values (?, ?, ?, ?, ?, 'sent', ?6, ?6, 1)"
		" on conflict(key) do update set conversation = excluded.conversation,"
		"  operation = excluded.operation, slot = excluded.slot, args = excluded.args,"
		"  state = 'sent', answer = null, claimed = excluded.claimed, sent = excluded.sent,"
		"  doubt = null, next = null, settled = null, untold = 0, tries = tries + 1"
		"  where state in ('refused', 'failed', 'closed')");
	sql_bind_text(q, effect->key);
	sql_bind_text(q, effect->conversation);
	sql_bind_text(q, effect->operation);
	bind_slot(q, effect->slot);
	bind_value(q, effect->args);
	sql_bind_int(q, effect->claimed);
	if (sql_run(q) == 1)
		return STORE_OK;
	status = sqlite_find_effect(store, effect->key, arena, existing);
	return status == STORE_OK ? STORE_TAKEN : status;
}

void sqlite_follow_effect(struct store *store, const struct store_effect *effect)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"insert into effect(key, conversation, operation, follows, args, state, claimed,"
		"  tries) values (?, ?, ?, ?, ?, 'follows', ?, 0)"
		" on conflict(key) do update set conversation = excluded.conversation,"
		"  operation = excluded.operation, slot = null, follows = excluded.follows,"
		"  args = excluded.args, state = 'follows', answer = null,"
		"  claimed = excluded.claimed, sent = null, doubt = null, next = null,"
		"  settled = null, untold = 0 where state in ('refused', 'failed', 'closed')");

	sql_bind_text(q, effect->key);
	sql_bind_text(q, effect->conversation);
	sql_bind_text(q, effect->operation);
	sql_bind_text(q, effect->follows);
	bind_value(q, effect->args);
	sql_bind_int(q, effect->claimed);
	(void)sql_run(q);
}

void sqlite_resend_effect(struct store *store, struct str key, int64_t now)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update effect set doubt = iif(state = 'sent', coalesce(sent, claimed), doubt),"
		" state = 'sent', sent = ?,"
		" tries = tries + 1, settled = null where key = ? and state in ('sent', "
		"'unknown')");

	sql_bind_int(q, now);
	sql_bind_text(q, key);
	(void)sql_run(q);
}

static void bind_time(struct sql_query *q, int64_t at)
{
	if (at)
		sql_bind_int(q, at);
	else
		sql_bind_null(q);
}

void sqlite_settle_effect(struct store *store, struct str key, const struct store_verdict *verdict)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update effect set state = ?, answer = coalesce(?, answer), settled = ?, doubt = ?,"
		" next = ?, untold = ?, evidence = substr(evidence || ?, -4000) where key = ?");
	bool open = verdict->state == EFFECT_SENT || verdict->state == EFFECT_UNKNOWN ||
		    verdict->state == EFFECT_FOLLOWS;
	struct buf line;

	buf_init(&line, 500);
	if (verdict->evidence.n)
		buf_addf(&line, "%.*s\n", STR(str_sub(verdict->evidence, 0, 400)));
	sql_bind_text(q, str_of(state_word[verdict->state]));
	if (verdict->answer)
		bind_value(q, verdict->answer);
	else
		sql_bind_null(q);
	bind_time(q, open ? 0 : verdict->now);
	bind_time(q, verdict->doubt);
	bind_time(q, verdict->next);
	sql_bind_int(q, verdict->untold);
	sql_bind_text(q, buf_str(&line));
	sql_bind_text(q, key);
	(void)sql_run(q);
	buf_release(&line);
}

static void run_on_key(struct sql_query *q, struct str key)
{
	sql_bind_text(q, key);
	(void)sql_run(q);
}

void sqlite_told_effect(struct store *store, struct str key)
{
	run_on_key(sql_query(sqlite_writing(store), "update effect set untold = 0 where key = ?"),
		key);
}

void sqlite_finish_effects(
	struct store *store, struct str conversation, struct str evidence, int64_t now)
{
	struct sql_query *q = sql_query(sqlite_writing(store),
		"update effect set state = 'closed', settled = ?, untold = 0,"
		" evidence = substr(evidence || ?, -4000) where conversation = ? and state = "
		"'human'");
	struct buf line;

	buf_init(&line, 500);
	buf_addf(&line, "%.*s\n", STR(str_sub(evidence, 0, 400)));
	sql_bind_int(q, now);
	sql_bind_text(q, buf_str(&line));
	sql_bind_text(q, conversation);
	(void)sql_run(q);
	buf_release(&line);
}

void sqlite_drop_effect(struct store *store, struct str key)
{
	run_on_key(sql_query(sqlite_writing(store), "delete from effect where key = ?"), key);
}

static enum store_status list(struct store *store, struct sql_query *q, struct arena *arena,
	struct store_effect **effects, size_t *n)
{
	*effects = NULL;
	*n = 0;
	while (sql_next(q)) {
		*effects = arena_grow(arena, *effects, *n, struct store_effect);
		(*effects)[(*n)++] = read_effect(q, arena);
	}
	sql_end(q);
	return sqlite_read_status(store);
}

enum store_status sqlite_effects(struct store *store, enum effect_choice choice,
	struct arena *arena, struct store_effect **effects, size_t *n)
{
	struct sql *sql = sqlite_reading(store);
	struct sql_query *q =
		choice == EFFECTS_OPEN
			? sql_query(sql,
				  "select * from effect"
				  " where state in ('sent', 'unknown', 'follows') or untold = 1"
				  " order by claimed, key")
			: sql_query(sql, "select * from effect where state in ('unknown', 'human')"
					 " order by claimed, key");

	return list(store, q, arena, effects, n);
}

enum store_status sqlite_effects_of(struct store *store, struct str conversation,
	struct arena *arena, struct store_effect **effects, size_t *n)
{
	struct sql_query *q = sql_query(sqlite_reading(store),
		"select * from effect where conversation = ?"
		" and (state in ('sent', 'unknown', 'follows') or untold = 1)"
		" order by claimed, key");

	sql_bind_text(q, conversation);
	return list(store, q, arena, effects, n);
}
