/* The door to every kind of store. */
#include "adapters/store/store.h"

#include "adapters/store/store_driver.h"

enum { JSON_MAX = 1 << 20 };

enum store_status store_open(const char *path, struct store **store, struct buf *error)
{
	return store_sqlite_open(path, store, error);
}

void store_close(struct store *store)
{
	if (store)
		store->driver->close(store);
}

const char *store_error(const struct store *store)
{
	return store->driver->error(store);
}

enum store_status store_begin(struct store *store)
{
	return store->driver->begin(store);
}

enum store_status store_commit(struct store *store)
{
	return store->driver->commit(store);
}

void store_rollback(struct store *store)
{
	store->driver->rollback(store);
}

void store_commit_begin(struct store *store, store_over_function *over, void *self)
{
	store->driver->commit_begin(store, over, self);
}

bool store_commit_is_over(struct store *store)
{
	return store->driver->commit_is_over(store);
}

enum store_status store_commit_end(struct store *store)
{
	return store->driver->commit_end(store);
}

enum store_status store_load_session(
	struct store *store, struct str conversation, struct arena *arena, struct str *bytes)
{
	return store->driver->load_session(store, conversation, arena, bytes);
}

void store_save_session(
	struct store *store, struct str conversation, struct str bytes, int64_t now, int64_t due_ms)
{
	store->driver->save_session(store, conversation, bytes, now, due_ms);
}

enum store_status store_due(
	struct store *store, int64_t until_ms, store_due_function *each, void *self)
{
	return store->driver->due(store, until_ms, each, self);
}

void store_add_post(struct store *store, struct str conversation, const struct post *post)
{
	store->driver->add_post(store, conversation, post);
}

void store_know(struct store *store, struct str conversation, struct str mid, int64_t at_ms)
{
	store->driver->know(store, conversation, mid, at_ms);
}

enum store_status store_last_post(struct store *store, struct str conversation, uint32_t *n)
{
	return store->driver->last_post(store, conversation, n);
}

enum store_status store_knows(struct store *store, struct str conversation, struct str mid)
{
	return store->driver->knows(store, conversation, mid);
}

enum store_status store_posts(struct store *store, struct str conversation, uint32_t after,
	int limit, store_post_function *each, void *self)
{
	return store->driver->posts(store, conversation, after, limit, each, self);
}

void store_set_watches(struct store *store, struct str conversation,
	const struct store_watch *watch, size_t n, int64_t now_ms)
{
	store->driver->set_watches(store, conversation, watch, n, now_ms);
}

enum store_status store_watching(
	struct store *store, struct str event, struct str of, store_name_function *each, void *self)
{
	return store->driver->watching(store, event, of, each, self);
}

enum store_status store_promises(
	struct store *store, bool all, store_promise_function *each, void *self)
{
	return store->driver->promises(store, all, each, self);
}

void store_keep_promise(struct store *store, struct str conversation, struct str event,
	struct str of, int64_t now_ms)
{
	store->driver->keep_promise(store, conversation, event, of, now_ms);
}

int64_t store_add_notice(struct store *store, int64_t at, struct str event, struct str buyer,
	struct str order, const struct value *fields)
{
	struct store_notice notice = {.at = at, .event = event, .buyer = buyer};
	struct buf bytes;
	int64_t id;

	buf_init(&bytes, JSON_MAX);
	value_encode(fields, &bytes);
	id = store->driver->add_notice(store, &notice, order, buf_str(&bytes));
	buf_release(&bytes);
	return id;
}

enum store_status store_next_notice(
	struct store *store, int64_t after, struct arena *arena, struct store_notice *notice)
{
	return store->driver->next_notice(store, after, arena, notice);
}

void store_take_notice(struct store *store, int64_t id)
{
	store->driver->take_notice(store, id);
}

void store_put_order(struct store *store, const struct store_order *order)
{
	store->driver->put_order(store, order);
}

enum store_status store_order(
	struct store *store, struct str number, struct arena *arena, struct store_order *order)
{
	return store->driver->order(store, number, arena, order);
}

void store_look_at(struct store *store, struct str number, int64_t at_ms)
{
	store->driver->look_at(store, number, at_ms);
}

void store_look_at_watched(struct store *store, int64_t before_ms, int64_t at_ms)
{
	store->driver->look_at_watched(store, before_ms, at_ms);
}

void store_note_looked(struct store *store, int64_t at_ms)
{
	store->driver->note_looked(store, at_ms);
}

enum store_status store_orders_due(
	struct store *store, int64_t until_ms, int limit, store_order_function *each, void *self)
{
	return store->driver->orders_due(store, until_ms, limit, each, self);
}

bool store_know_hook(struct store *store, struct str id, int64_t at_ms)
{
	return store->driver->know_hook(store, id, at_ms);
}

enum store_status store_cursor(
	struct store *store, struct str name, struct arena *arena, struct str *value)
{
	return store->driver->cursor(store, name, arena, value);
}

void store_set_cursor(struct store *store, struct str name, struct str value)
{
	store->driver->set_cursor(store, name, value);
}

enum store_status store_fold(struct store *store, size_t max_rows, size_t *left)
{
	return store->driver->fold(store, max_rows, left);
}

enum store_status store_fold_aside(struct store *store, enum store_fold what, size_t max_rows)
{
	return store->driver->fold_aside(store, what, max_rows);
}

size_t store_journal(const struct store *store)
{
	return store->driver->journal(store);
}

size_t store_unfolded(const struct store *store)
{
	return store->driver->unfolded(store);
}

int64_t store_mark(const struct store *store)
{
	return store->driver->mark(store);
}

enum store_status store_clear_aside(struct store *store, int64_t mark, bool *is_clear)
{
	return store->driver->clear_aside(store, mark, is_clear);
}

enum store_status store_expire(struct store *store, int64_t before_ms)
{
	return store->driver->expire(store, before_ms);
}

enum store_status store_remove_idle(struct store *store, struct store_idle *idle)
{
	return store->driver->remove_idle(store, idle);
}

enum store_status store_clean(struct store *store)
{
	return store->driver->clean(store);
}

bool store_is_at_work(struct store *store)
{
	return store->driver->is_at_work(store);
}

enum store_status store_watch_files(struct store *store)
{
	return store->driver->watch_files(store);
}

enum store_status store_probe(struct store *store)
{
	return store->driver->probe(store);
}

enum store_status store_measure(struct store *store, struct store_sizes *sizes)
{
	return store->driver->measure(store, sizes);
}

/* Notes and cards are kept as JSON, which people and other programs can read where it lies. */
static void json_of(const struct value *value, struct buf *out)
{
	struct json *tree =
		value && value->type == VALUE_RECORD ? value_to_json(value) : json_new_object();

	buf_init(out, JSON_MAX);
	json_write(tree, out);
	json_free(tree);
}

void store_add_note(struct store *store, struct str name, int64_t at, struct str conversation,
	const struct value *values)
{
	struct buf json;

	json_of(values, &json);
	store->driver->add_note(store, &(struct store_note){.name = name,
					       .at = at,
					       .conversation = conversation,
					       .json = buf_str(&json)});
	buf_release(&json);
}

enum store_status store_notes(
	struct store *store, struct str name, int64_t after, store_note_function *each, void *self)
{
	return store->driver->notes(store, name, after, each, self);
}

int64_t store_add_card(struct store *store, struct str conversation, struct str queue, int64_t at,
	const struct value *card)
{
	struct buf json;
	int64_t id;

	json_of(card, &json);
	id = store->driver->add_card(store, &(struct store_card){.conversation = conversation,
						    .queue = queue,
						    .at = at,
						    .json = buf_str(&json)});
	buf_release(&json);
	return id;
}

bool store_claim_card(
	struct store *store, int64_t id, int64_t version, struct str person, int64_t at)
{
	return store->driver->claim_card(store, id, version, person, at);
}

void store_close_card(struct store *store, int64_t id, int64_t at)
{
	store->driver->close_card(store, id, at);
}

enum store_status store_card(
	struct store *store, int64_t id, struct arena *arena, struct store_card *card)
{
	return store->driver->card(store, id, arena, card);
}

enum store_status store_cards(
	struct store *store, bool closed_too, store_card_function *each, void *self)
{
	return store->driver->cards(store, closed_too, each, self);
}

enum store_status store_claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing)
{
	return store->driver->claim_effect(store, effect, arena, existing);
}

void store_follow_effect(struct store *store, const struct store_effect *effect)
{
	store->driver->follow_effect(store, effect);
}

void store_resend_effect(struct store *store, struct str key, int64_t now)
{
	store->driver->resend_effect(store, key, now);
}

void store_settle_effect(struct store *store, struct str key, const struct store_verdict *verdict)
{
	store->driver->settle_effect(store, key, verdict);
}

void store_told_effect(struct store *store, struct str key)
{
	store->driver->told_effect(store, key);
}

void store_finish_effects(
	struct store *store, struct str conversation, struct str evidence, int64_t now)
{
	store->driver->finish_effects(store, conversation, evidence, now);
}

void store_drop_effect(struct store *store, struct str key)
{
	store->driver->drop_effect(store, key);
}

enum store_status store_find_effect(
	struct store *store, struct str key, struct arena *arena, struct store_effect *effect)
{
	return store->driver->find_effect(store, key, arena, effect);
}

enum store_status store_effects(struct store *store, enum effect_choice choice, struct arena *arena,
	struct store_effect **effects, size_t *n)
{
	return store->driver->effects(store, choice, arena, effects, n);
}

enum store_status store_effects_of(struct store *store, struct str conversation,
	struct arena *arena, struct store_effect **effects, size_t *n)
{
	return store->driver->effects_of(store, conversation, arena, effects, n);
}

int64_t store_add_send(struct store *store, struct str key, struct str conversation,
	struct str body, int64_t at_ms)
{
	return store->driver->add_send(store, conversation,
		&(struct store_send){.key = key, .body = body, .at = at_ms, .next_at = at_ms});
}

void store_mark_send(struct store *store, int64_t id, int64_t tries, int64_t next_at_ms,
	int64_t sent_ms, int64_t dead_ms, struct str error)
{
	store->driver->mark_send(store, &(struct store_send){.id = id,
						.tries = tries,
						.next_at = next_at_ms,
						.sent = sent_ms,
						.dead = dead_ms,
						.error = error});
}

enum store_status store_sends(struct store *store, bool all, store_send_function *each, void *self)
{
	return store->driver->sends(store, all, each, self);
}

void store_put_chat(struct store *store, const struct store_chat *chat)
{
	store->driver->put_chat(store, chat);
}

enum store_status store_chat(
	struct store *store, struct str conversation, struct arena *arena, struct store_chat *chat)
{
	return store->driver->chat(store, conversation, arena, chat);
}

enum store_status store_chats_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_chat_function *each, void *self)
{
	return store->driver->chats_due(store, account, until_ms, limit, each, self);
}

void store_hear_peer(struct store *store, const struct store_peer *peer)
{
	store->driver->hear_peer(store, peer);
}

void store_wake_peer(struct store *store, struct str conversation, int64_t at_ms)
{
	store->driver->wake_peer(store, conversation, at_ms);
}

void store_put_peer(struct store *store, const struct store_peer *peer)
{
	store->driver->put_peer(store, peer);
}

enum store_status store_peer(
	struct store *store, struct str conversation, struct arena *arena, struct store_peer *peer)
{
	return store->driver->peer(store, conversation, arena, peer);
}

enum store_status store_peers_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_peer_function *each, void *self)
{
	return store->driver->peers_due(store, account, until_ms, limit, each, self);
}

int64_t store_peers_next(struct store *store, struct str account)
{
	return store->driver->peers_next(store, account);
}

enum store_status store_release_claims(struct store *store, struct str account, int64_t at_ms)
{
	return store->driver->release_claims(store, account, at_ms);
}

enum store_status store_hasten_peers(
	struct store *store, struct str account, int64_t after_ms, int64_t by_ms, int64_t least_ms)
{
	return store->driver->hasten_peers(store, account, after_ms, by_ms, least_ms);
}

enum store_status store_move_tries(struct store *store, struct str account, int64_t by_ms)
{
	return store->driver->move_tries(store, account, by_ms);
}

void store_put_picture(struct store *store, const struct store_picture *picture)
{
	store->driver->put_picture(store, picture);
}

enum store_status store_picture(struct store *store, struct str account, struct str digest,
	struct arena *arena, struct store_picture *picture)
{
	return store->driver->picture(store, account, digest, arena, picture);
}

void store_add_dead_letter(struct store *store, const struct store_dead_letter *letter)
{
	store->driver->add_dead_letter(store, letter);
}

enum store_status store_dead_letters(
	struct store *store, struct str account, store_dead_letter_function *each, void *self)
{
	return store->driver->dead_letters(store, account, each, self);
}

enum store_status store_account(
	struct store *store, struct str account, struct store_account *counts)
{
	return store->driver->account(store, account, counts);
}

enum store_status store_forget(struct store *store, struct str conversation)
{
	return store->driver->forget(store, conversation);
}
