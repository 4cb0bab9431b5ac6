/* What of a conversation goes into the store.  A call is kept as {call, buyer, args}: enough to ask
 * again about it. */
#include "bot/host/host_keep.h"

#include <stdlib.h>

enum { max_slot_bytes = 2000 };

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
	buf_clear(what->bytes);
	session_encode(what->session, what->bytes);
	if (!what->bytes->over)
		store_save_session(store, what->conversation, buf_str(what->bytes),
			seconds(what->now_ms), what->due_ms);
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

static const struct value *request_of(const struct host_call *call, struct arena *arena)
{
	struct value_builder b = value_build(arena);

	value_put_int(&b, "call", call->number);
	value_put_text(&b, "buyer", call->buyer);
	value_put(&b, "args", call->args ? call->args : &value_none);
	return value_record(&b);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(value_text_of(*(const struct value *const *)a),
		value_text_of(*(const struct value *const *)b));
}

/* The same things in another order are the same things. */
static const struct value *in_order(struct arena *arena, const struct value *v)
{
	struct value_builder list = value_build(arena);
	const struct value **item;

	if (!v || v->type != VALUE_LIST || !v->list.n)
		return v ? v : &value_none;
	item = arena_array(arena, const struct value *, v->list.n);
	for (size_t i = 0; i < v->list.n; i++)
		item[i] = v->list.item[i];
	qsort(item, v->list.n, sizeof *item, by_text);
	for (size_t i = 0; i < v->list.n; i++)
		value_push(&list, item[i]);
	return value_list(&list);
}

/* "orders.cancel A-1001"; empty: it may be done any number of times. */
static struct str slot_of(const struct host_call *call, struct arena *arena)
{
	struct buf slot;
	struct str kept = {0};

	if (!call->op->same[0])
		return kept;
	buf_init(&slot, max_slot_bytes);
	buf_adds(&slot, call->op->name);
	for (size_t i = 0; i < 4 && call->op->same[i]; i++) {
		buf_adds(&slot, " ");
		value_show(in_order(arena, value_get(call->args, call->op->same[i])), &slot);
	}
	kept = slot.over ? call->key : arena_str(arena, buf_str(&slot));
	buf_release(&slot);
	return kept;
}

/* The key or the slot was taken. */
static void find_claim(struct store *store, struct keep_claim *claim,
	const struct store_effect *effect, const struct store_effect *existing)
{
	struct store_effect follower = *effect;
	struct str buyer = value_get_text(existing->args, "buyer");

	if (str_eq(existing->key, effect->key)) {
		claim->came = CLAIM_AGAIN;
		claim->since = existing->claimed;
		return;
	}
	if (buyer.n && !str_eq(buyer, claim->call.buyer)) {
		claim->came = CLAIM_FORBIDDEN;
		return;
	}
	claim->came = CLAIM_FOLLOWS;
	claim->leader = follower.follows = existing->key;
	store_follow_effect(store, &follower);
}

static bool claim_call(struct store *store, const struct keeping *what, struct keep_claim *claim,
	struct arena *arena)
{
	const struct host_call *call = &claim->call;
	struct store_effect existing, effect = {
					      .key = call->key,
					      .conversation = what->conversation,
					      .operation = str_of(call->op->name),
					      .slot = slot_of(call, arena),
					      .args = request_of(call, arena),
					      .state = EFFECT_SENT,
					      .claimed = seconds(what->now_ms),
				      };
	enum store_status status;

	if (claim->resend) {
		store_resend_effect(store, call->key, effect.claimed);
		return true;
	}
	status = store_claim_effect(store, &effect, arena, &existing);
	if (status == STORE_TAKEN)
		find_claim(store, claim, &effect, &existing);
	return status == STORE_OK || status == STORE_TAKEN;
}

static void settle(struct store *store, const struct keep_verdict *settled)
{
	if (settled->writes)
		store_settle_effect(store, settled->key, &settled->verdict);
	else
		store_drop_effect(store, settled->key);
}

static void note_told(struct store *store, const struct keeping *what, const struct keep_told *told)
{
	store_told_effect(store, told->key);
	store_keep_promise(store, what->conversation, S("call.settled"), told->order, what->now_ms);
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
		settle(store, &what->settled[i]);
	for (size_t i = 0; i < what->n_claims && good; i++)
		good = claim_call(store, what, &what->claim[i], arena);
	if (what->watches_changed)
		save_watches(store, what);
	for (size_t i = 0; i < what->n_told; i++)
		note_told(store, what, &what->told[i]);
	return good;
}

static bool any_writes(const struct keeping *what)
{
	for (size_t i = 0; i < what->n_claims; i++)
		if (what->claim[i].call.op->writes)
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

bool keep_last_post(struct store *store, struct str conversation, uint32_t *n, struct buf *error)
{
	*n = 0;
	return !store || store_last_post(store, conversation, n) == STORE_OK ||
	       complain(store, "read the conversation", error);
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

bool keep_call_of(const struct store_effect *effect, struct host_call *call)
{
	*call = (struct host_call){
		.number = (unsigned)value_get_int(effect->args, "call"),
		.op = operation_find(effect->operation),
		.args = value_get(effect->args, "args"),
		.buyer = value_get_text(effect->args, "buyer"),
		.key = effect->key,
		.outcome = OUTCOME_UNKNOWN,
		.value = &value_none,
	};
	return call->op != NULL;
}

bool keep_load_calls(struct store *store, struct str conversation, struct arena *arena,
	kept_call_function *each, void *self)
{
	struct store_effect *open = NULL;
	struct host_call call;
	size_t n = 0;

	if (!store)
		return true;
	if (store_effects_of(store, conversation, arena, &open, &n) != STORE_OK)
		return false;
	for (size_t i = 0; i < n; i++)
		if (keep_call_of(&open[i], &call))
			each(self, &call, &open[i]);
	return true;
}

bool keep_load(struct store *store, struct str conversation, struct arena *arena,
	struct session **session, kept_call_function *each, void *self, struct buf *error)
{
	*session = NULL;
	if (!store)
		return true;
	if (!load_session(store, conversation, arena, session, error))
		return false;
	if (*session && !keep_load_calls(store, conversation, arena, each, self))
		return complain(store, "read what is under way", error);
	return true;
}

enum store_status keep_find(
	struct store *store, struct str key, struct arena *arena, struct store_effect *effect)
{
	return store && key.n ? store_find_effect(store, key, arena, effect) : STORE_NONE;
}

bool keep_forget(struct store *store, struct str conversation, struct buf *error)
{
	if (store && store_forget(store, conversation) != STORE_OK)
		return complain(store, "forget the conversation", error);
	return true;
}
