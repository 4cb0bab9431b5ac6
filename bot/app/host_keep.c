/* What of a conversation goes into the store.  A call is kept as {call, buyer, args}: enough to ask
 * again about it. */
#include "bot/app/host_keep.h"

static int64_t seconds(int64_t ms)
{
	return ms / 1000;
}

static bool complain(const struct store *store, const char *what, struct buf *error)
{
	buf_addf(error, "cannot %s: %s", what, store_error(store));
	return false;
}

static bool save_session(struct store *store, const struct keeping *what)
{
	int64_t due_ms = 0;

	(void)session_next_due(what->session, &due_ms);
	buf_clear(what->bytes);
	session_encode(what->session, what->bytes);
	if (!what->bytes->over)
		store_save_session(store, what->conversation, buf_str(what->bytes),
			seconds(what->now_ms), due_ms);
	return !what->bytes->over;
}

static void save_effect(
	struct store *store, const struct keeping *what, const struct effect *effect)
{
	int64_t at = seconds(what->now_ms);

	switch (effect->kind) {
	case EFFECT_NOTE:
		store_add_note(
			store, effect->note.name, at, what->conversation, effect->note.values);
		break;
	case EFFECT_HANDOFF:
		(void)store_add_card(
			store, what->conversation, effect->handoff.queue, at, effect->handoff.card);
		break;
	case EFFECT_SAY:
	case EFFECT_CALL:
	case EFFECT_WATCH: /* is in the session */
	case EFFECT_ENDED:
		break;
	}
}

static void settle(struct store *store, const struct host_call *call, int64_t now)
{
	static const enum effect_state state[] = {
		[OUTCOME_OK] = EFFECT_DONE,
		[OUTCOME_REFUSED] = EFFECT_REFUSED,
		[OUTCOME_FAILED] = EFFECT_FAILED,
		[OUTCOME_UNKNOWN] = EFFECT_UNKNOWN,
	};

	store_settle_effect(store, call->key, state[call->outcome], call->value, now);
}

static const struct value *request_of(const struct host_call *call, struct arena *arena)
{
	struct value_builder b = value_build(arena);

	value_put_int(&b, "call", call->number);
	value_put_text(&b, "buyer", call->buyer);
	value_put(&b, "args", call->args ? call->args : &value_none);
	return value_record(&b);
}

/* A key that was claimed before is no obstacle: the shop knows best what was done under it. */
static bool claim_call(struct store *store, const struct keeping *what,
	const struct host_call *call, struct arena *arena)
{
	struct store_effect existing, effect = {
					      .key = call->key,
					      .conversation = what->conversation,
					      .operation = str_of(call->op->name),
					      .args = request_of(call, arena),
					      .state = EFFECT_SENT,
					      .claimed = seconds(what->now_ms),
				      };
	enum store_status status = store_claim_effect(store, &effect, arena, &existing);

	return status == STORE_OK || status == STORE_TAKEN;
}

/* What the conversation waits to hear about.  A flow may wait for any news of its buyer. */
static size_t list_watches(const struct session *s, struct store_watch watch[max_watches + 1])
{
	size_t n = 0;

	for (; n < s->n_watched; n++)
		watch[n] = (struct store_watch){s->watched[n].event, s->watched[n].of};
	if (s->n_frames && s->frame[s->n_frames - 1].wait == WAIT_EVENT && s->buyer.n)
		watch[n++] = (struct store_watch){S("buyer"), s->buyer};
	return n;
}

uint64_t keep_watch_mark(const struct session *session)
{
	struct store_watch watch[max_watches + 1];
	size_t n = list_watches(session, watch);
	uint64_t mark = n;

	for (size_t i = 0; i < n; i++)
		mark = (mark * 31 + str_hash(watch[i].event)) * 31 + str_hash(watch[i].of);
	return mark;
}

static void save_watches(struct store *store, const struct keeping *what)
{
	struct store_watch watch[max_watches + 1];

	store_set_watches(
		store, what->conversation, watch, list_watches(what->session, watch), what->now_ms);
}

static bool save_all(struct store *store, const struct keeping *what, struct arena *arena)
{
	bool good = save_session(store, what);

	for (size_t i = 0; i < what->n_posts; i++)
		store_add_post(store, what->conversation, &what->post[i]);
	for (size_t i = 0; i < what->n_effects; i++)
		save_effect(store, what, &what->effect[i]);
	for (size_t i = 0; i < what->n_settled; i++)
		settle(store, &what->settled[i], seconds(what->now_ms));
	for (size_t i = 0; i < what->n_claims && good; i++)
		good = claim_call(store, what, &what->claim[i], arena);
	if (what->watches_changed)
		save_watches(store, what);
	return good;
}

static bool any_writes(const struct keeping *what)
{
	for (size_t i = 0; i < what->n_claims; i++)
		if (what->claim[i].op->writes)
			return true;
	return false;
}

/* In a transaction that others share.  A call that is about to leave cannot wait for them. */
static bool keep_with_others(
	struct store *store, const struct keeping *what, struct arena *arena, struct buf *error)
{
	if (what->commit.open(what->commit.self) && save_all(store, what, arena) &&
		(!any_writes(what) || what->commit.now(what->commit.self)))
		return true;
	return complain(store, "store the conversation", error);
}

bool keep(struct store *store, const struct keeping *what, struct arena *arena, struct buf *error)
{
	bool good;

	if (!store)
		return true;
	if (what->commit.open)
		return keep_with_others(store, what, arena, error);
	if (store_begin(store) != STORE_OK)
		return complain(store, "store the conversation", error);
	good = save_all(store, what, arena);
	if (!good)
		store_rollback(store);
	if (!good || store_commit(store) != STORE_OK)
		return complain(store, "store the conversation", error);
	return true;
}

uint32_t keep_last_post(struct store *store, struct str conversation)
{
	return store ? store_last_post(store, conversation) : 0;
}

static bool load_session(struct store *store, struct str conversation, struct arena *arena,
	struct session **session, struct buf *error)
{
	struct str bytes;

	switch (store_load_session(store, conversation, arena, &bytes)) {
	case STORE_NONE:
		return true;
	case STORE_OK:
		break;
	case STORE_TAKEN:
	case STORE_BUSY:
	case STORE_FULL:
	case STORE_BROKEN:
		return complain(store, "read the conversation", error);
	}
	*session = session_decode(arena, bytes);
	if (*session)
		return true;
	buf_addf(error,
		"the conversation '%.*s' was kept by another version of the program and cannot be "
		"read; --fresh begins anew",
		STR(conversation));
	return false;
}

static bool awaited(const struct session *session, unsigned number)
{
	for (size_t i = 0; i < session->n_frames; i++)
		if (session->frame[i].wait == WAIT_CALL && session->frame[i].call == number)
			return true;
	return false;
}

bool keep_load(struct store *store, struct str conversation, struct arena *arena,
	struct session **session,
	void (*each)(void *self, const struct host_call *call, int64_t since), void *self,
	struct buf *error)
{
	struct store_effect *open = NULL;
	size_t n = 0;

	*session = NULL;
	if (!store)
		return true;
	if (!load_session(store, conversation, arena, session, error))
		return false;
	if (store_open_effects(store, arena, &open, &n) != STORE_OK)
		return complain(store, "read what is under way", error);
	for (size_t i = 0; i < n && *session; i++) {
		struct host_call call = {
			.number = (unsigned)value_get_int(open[i].args, "call"),
			.op = operation_find(open[i].operation),
			.args = value_get(open[i].args, "args"),
			.buyer = value_get_text(open[i].args, "buyer"),
			.key = open[i].key,
			.outcome = OUTCOME_UNKNOWN,
			.value = &value_none,
		};

		/* What the conversation no longer waits for was told as unknown: a person looks
		 * into it, and it is not sent again behind their back. */
		if (str_eq(open[i].conversation, conversation) && call.op &&
			awaited(*session, call.number))
			each(self, &call, open[i].claimed);
	}
	return true;
}

bool keep_forget(struct store *store, struct str conversation, struct buf *error)
{
	if (store && store_forget(store, conversation) != STORE_OK)
		return complain(store, "forget the conversation", error);
	return true;
}
