/* What a kind of store provides.  store.c is the door to all of them; what the functions mean
 * stands in store.h. */
#ifndef TENSTEP_ADAPTERS_STORE_STORE_DRIVER_H
#define TENSTEP_ADAPTERS_STORE_STORE_DRIVER_H

#include "adapters/store/store_chats.h"
#include "adapters/store/store_peers.h"

struct store_driver {
	void (*close)(struct store *store);
	const char *(*error)(const struct store *store);
	enum store_status (*begin)(struct store *store);
	enum store_status (*commit)(struct store *store);
	void (*rollback)(struct store *store);
	void (*commit_begin)(struct store *store, store_over_function *over, void *self);
	bool (*commit_is_over)(struct store *store);
	enum store_status (*commit_end)(struct store *store);
	enum store_status (*load_session)(struct store *store, struct str conversation,
		struct arena *arena, struct str *bytes);
	void (*save_session)(struct store *store, struct str conversation, struct str bytes,
		int64_t now, int64_t due_ms);
	enum store_status (*due)(
		struct store *store, int64_t until_ms, store_due_function *each, void *self);
	void (*add_post)(struct store *store, struct str conversation, const struct post *post);
	void (*know)(struct store *store, struct str conversation, struct str mid, int64_t at_ms);
	enum store_status (*last_post)(struct store *store, struct str conversation, uint32_t *n);
	enum store_status (*knows)(struct store *store, struct str conversation, struct str mid);
	enum store_status (*posts)(struct store *store, struct str conversation, uint32_t after,
		int limit, store_post_function *each, void *self);
	void (*set_watches)(struct store *store, struct str conversation,
		const struct store_watch *watch, size_t n, int64_t now_ms);
	enum store_status (*watching)(struct store *store, struct str event, struct str of,
		store_name_function *each, void *self);
	enum store_status (*promises)(
		struct store *store, bool all, store_promise_function *each, void *self);
	void (*keep_promise)(struct store *store, struct str conversation, struct str event,
		struct str of, int64_t now_ms);
	int64_t (*add_notice)(struct store *store, const struct store_notice *notice,
		struct str order, struct str fields);
	enum store_status (*next_notice)(struct store *store, int64_t after, struct arena *arena,
		struct store_notice *notice);
	void (*take_notice)(struct store *store, int64_t id);
	void (*put_order)(struct store *store, const struct store_order *order);
	enum store_status (*order)(struct store *store, struct str number, struct arena *arena,
		struct store_order *order);
	void (*look_at)(struct store *store, struct str number, int64_t at_ms);
	void (*look_at_watched)(struct store *store, int64_t before_ms, int64_t at_ms);
	void (*note_looked)(struct store *store, int64_t at_ms);
	enum store_status (*orders_due)(struct store *store, int64_t until_ms, int limit,
		store_order_function *each, void *self);
	bool (*know_hook)(struct store *store, struct str id, int64_t at_ms);
	enum store_status (*cursor)(
		struct store *store, struct str name, struct arena *arena, struct str *value);
	void (*set_cursor)(struct store *store, struct str name, struct str value);
	enum store_status (*fold)(struct store *store, size_t max_rows, size_t *left);
	enum store_status (*fold_aside)(struct store *store, enum store_fold what, size_t max_rows);
	size_t (*journal)(const struct store *store);
	size_t (*unfolded)(const struct store *store);
	int64_t (*mark)(const struct store *store);
	enum store_status (*clear_aside)(struct store *store, int64_t mark, bool *is_clear);
	enum store_status (*expire)(struct store *store, int64_t before_ms);
	enum store_status (*remove_idle)(struct store *store, struct store_idle *idle);
	enum store_status (*clean)(struct store *store);
	bool (*is_at_work)(struct store *store);
	enum store_status (*watch_files)(struct store *store);
	enum store_status (*probe)(struct store *store);
	enum store_status (*measure)(struct store *store, struct store_sizes *sizes);
	void (*add_note)(struct store *store, const struct store_note *note);
	enum store_status (*notes)(struct store *store, struct str name, int64_t after,
		store_note_function *each, void *self);
	int64_t (*add_card)(struct store *store, const struct store_card *card);
	bool (*claim_card)(
		struct store *store, int64_t id, int64_t version, struct str person, int64_t at);
	void (*close_card)(struct store *store, int64_t id, int64_t at);
	enum store_status (*card)(
		struct store *store, int64_t id, struct arena *arena, struct store_card *card);
	enum store_status (*cards)(
		struct store *store, bool closed_too, store_card_function *each, void *self);
	enum store_status (*claim_effect)(struct store *store, const struct store_effect *effect,
		struct arena *arena, struct store_effect *existing);
	void (*follow_effect)(struct store *store, const struct store_effect *effect);
	void (*resend_effect)(struct store *store, struct str key, int64_t now);
	void (*settle_effect)(
		struct store *store, struct str key, const struct store_verdict *verdict);
	void (*told_effect)(struct store *store, struct str key);
	void (*finish_effects)(
		struct store *store, struct str conversation, struct str evidence, int64_t now);
	void (*drop_effect)(struct store *store, struct str key);
	enum store_status (*find_effect)(struct store *store, struct str key, struct arena *arena,
		struct store_effect *effect);
	enum store_status (*effects)(struct store *store, enum effect_choice choice,
		struct arena *arena, struct store_effect **effects, size_t *n);
	enum store_status (*effects_of)(struct store *store, struct str conversation,
		struct arena *arena, struct store_effect **effects, size_t *n);
	int64_t (*add_send)(
		struct store *store, struct str conversation, const struct store_send *send);
	void (*mark_send)(struct store *store, const struct store_send *send);
	enum store_status (*sends)(
		struct store *store, bool all, store_send_function *each, void *self);
	void (*put_chat)(struct store *store, const struct store_chat *chat);
	enum store_status (*chat)(struct store *store, struct str conversation, struct arena *arena,
		struct store_chat *chat);
	enum store_status (*chats_due)(struct store *store, struct str account, int64_t until_ms,
		int limit, store_chat_function *each, void *self);
	void (*hear_peer)(struct store *store, const struct store_peer *peer);
	void (*wake_peer)(struct store *store, struct str conversation, int64_t at_ms);
	void (*put_peer)(struct store *store, const struct store_peer *peer);
	enum store_status (*peer)(struct store *store, struct str conversation, struct arena *arena,
		struct store_peer *peer);
	enum store_status (*peers_due)(struct store *store, struct str account, int64_t until_ms,
		int limit, store_peer_function *each, void *self);
	int64_t (*peers_next)(struct store *store, struct str account);
	enum store_status (*release_claims)(struct store *store, struct str account, int64_t at_ms);
	enum store_status (*hasten_peers)(struct store *store, struct str account, int64_t after_ms,
		int64_t by_ms, int64_t least_ms);
	enum store_status (*move_tries)(struct store *store, struct str account, int64_t by_ms);
	void (*put_picture)(struct store *store, const struct store_picture *picture);
	enum store_status (*picture)(struct store *store, struct str account, struct str digest,
		struct arena *arena, struct store_picture *picture);
	void (*add_dead_letter)(struct store *store, const struct store_dead_letter *letter);
	enum store_status (*dead_letters)(struct store *store, struct str account,
		store_dead_letter_function *each, void *self);
	enum store_status (*account)(
		struct store *store, struct str account, struct store_account *counts);
	enum store_status (*forget)(struct store *store, struct str conversation);
};

/* Each driver's own struct begins with this one. */
struct store {
	const struct store_driver *driver;
};

enum store_status store_sqlite_open(
	const char *path, struct store **store, struct buf *error) MUST_CHECK;

#endif
