/* What the program must not lose: sessions, notes, hand-off cards, and the journal of effects on
 * orders. */
#ifndef TENSTEP_ADAPTERS_STORE_STORE_H
#define TENSTEP_ADAPTERS_STORE_STORE_H

#include "bot/base/value.h"

struct store;

enum store_status {
	STORE_OK,
	STORE_NONE,   /* nothing is kept under that name */
	STORE_TAKEN,  /* the effect was claimed before */
	STORE_BUSY,   /* another tenstep is using the file */
	STORE_FULL,   /* no room on the disk */
	STORE_BROKEN, /* damaged, or a newer program's */
};

/* Opens or makes the store in the file @path (NULL: in memory, for tests) and brings its tables up
 * to date.  On failure one line goes to @error. */
enum store_status store_open(const char *path, struct store **store, struct buf *error) MUST_CHECK;
void store_close(struct store *store); /* NULL is fine */
const char *store_error(const struct store *store);

/* A turn is one transaction.  What writes stands between begin and commit; its errors stick and
 * come out at the commit, which has then stored nothing.  After STORE_OK it survives kill and power
 * cut. */
enum store_status store_begin(struct store *store) MUST_CHECK;
enum store_status store_commit(struct store *store) MUST_CHECK;
void store_rollback(struct store *store);

/* Sessions: the engine's bytes under a conversation's id.  STORE_NONE: a new conversation. */
enum store_status store_load_session(struct store *store, struct str conversation,
	struct arena *arena, struct str *bytes) MUST_CHECK;
void store_save_session(
	struct store *store, struct str conversation, struct str bytes, int64_t now);

/* Notes: ratings, milestones, whatever a flow notes down. */
struct store_note {
	int64_t id;
	struct str name;
	int64_t at;
	struct str conversation;
	struct str json; /* the values as one JSON object on one line */
};
void store_add_note(struct store *store, struct str name, int64_t at, struct str conversation,
	const struct value *values);
/* Those of one name (empty: all) with an id above @after, oldest first.  The slices live during the
 * call of @each. */
typedef void store_note_function(void *self, const struct store_note *note);
enum store_status store_notes(struct store *store, struct str name, int64_t after,
	store_note_function *each, void *self) MUST_CHECK;

/* Hand-off cards: what a person needs to take over. */
struct store_card {
	int64_t id;
	struct str conversation, queue;
	int64_t at;
	int64_t closed; /* 0: open */
	struct str json;
};
int64_t store_add_card(struct store *store, struct str conversation, struct str queue, int64_t at,
	const struct value *card);
void store_close_card(struct store *store, int64_t id, int64_t at);
typedef void store_card_function(void *self, const struct store_card *card);
/* The open ones, or all; oldest first. */
enum store_status store_cards(
	struct store *store, bool closed_too, store_card_function *each, void *self) MUST_CHECK;

/* Effects: each writing call is claimed before it leaves and settled when its outcome is known.
 * What was sent and never settled had an unknown outcome: after a crash the shop is asked about it.
 */
enum effect_state {
	EFFECT_SENT,    /* claimed; if we were killed now, nobody knows */
	EFFECT_UNKNOWN, /* sent, and no answer */
	EFFECT_DONE,
	EFFECT_REFUSED, /* surely not done: may be claimed again */
	EFFECT_FAILED,  /* surely not done: may be claimed again */
};
struct store_effect {
	struct str key; /* one decision of the buyer */
	struct str conversation, operation;
	const struct value *args;
	enum effect_state state;
	const struct value *answer; /* NONE until settled */
	int64_t claimed, settled;   /* times; settled is 0 while open */
	int64_t tries;
};
/* Claims @key for one call.  STORE_TAKEN when it is open or done already; then @existing says how
 * it stands.  In a transaction, to be committed before the call leaves. */
enum store_status store_claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing) MUST_CHECK;
void store_settle_effect(struct store *store, struct str key, enum effect_state state,
	const struct value *answer, int64_t now);
enum store_status store_find_effect(struct store *store, struct str key, struct arena *arena,
	struct store_effect *effect) MUST_CHECK;
/* Those whose outcome is not known, oldest first; in @arena. */
enum store_status store_open_effects(struct store *store, struct arena *arena,
	struct store_effect **effects, size_t *n) MUST_CHECK;

/* Forgets a conversation: session, notes and cards are gone from the file and its log; of effects
 * remain key, operation, state and times.  A transaction of its own. */
enum store_status store_forget(struct store *store, struct str conversation) MUST_CHECK;

#endif
