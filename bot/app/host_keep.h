/* What of a conversation goes into the store, and comes back after a kill. */
#ifndef TENSTEP_APP_HOST_KEEP_H
#define TENSTEP_APP_HOST_KEEP_H

#include "bot/app/host.h"

/* All that one commit writes. */
struct keeping {
	struct str conversation;
	const struct session *session;
	const struct effect *effect;    /* since the last commit; notes, hand-offs and watches are kept */
	size_t n_effects;
	const struct host_call *call;   /* under way: with these, and no others, the store remains */
	size_t n_calls;
	const struct order_notice *notice;      /* for other conversations that watch; NULL: none */
	int64_t now_ms;
};

/* One transaction.  False with one line in @error: nothing of it is stored.  A NULL @store keeps
 * nothing and succeeds. */
bool keep(struct store *store, const struct keeping *what, struct buf *error) MUST_CHECK;

/* What the store has; *session is NULL if it does not know the conversation, and what cannot be read
 * is an error, not a new conversation.  @each is given every call that was under way. */
bool keep_load(struct store *store, struct str conversation, struct arena *arena,
	struct session **session, void (*each)(void *self, const struct host_call *call), void *self,
	struct buf *error) MUST_CHECK;

/* Forgets the conversation. */
bool keep_forget(struct store *store, struct str conversation, struct buf *error) MUST_CHECK;

/* The oldest notice that another program put aside for this conversation; *id is for keep_taken(). */
#endif
