/* What of a conversation goes into the store, and comes back after a kill. */
#ifndef TENSTEP_APP_HOST_KEEP_H
#define TENSTEP_APP_HOST_KEEP_H

#include "adapters/store/store.h"
#include "bot/app/host.h"

/* All that one commit writes.  Everything is the caller's. */
struct keeping {
	struct str conversation;
	const struct session *session;
	struct buf *bytes;           /* gets the session as it was stored */
	const struct effect *effect; /* since the last commit: notes and hand-offs are kept */
	size_t n_effects;
	const struct host_call *settled; /* answered since the last commit */
	size_t n_settled;
	const struct host_call *claim; /* about to leave, or still under way */
	size_t n_claims;
	const struct post *post; /* since the last commit */
	size_t n_posts;
	bool watches_changed;
	int64_t now_ms;
	struct host_commit commit;
};

/* One transaction, or a part of what.commit has open.  False with one line in @error: nothing of it
 * is stored.  @arena is for scratch.
 */
bool keep(struct store *store, const struct keeping *what, struct arena *arena,
	struct buf *error) MUST_CHECK;

/* The kept session in @arena; NULL if there is none.  What cannot be read is an error, not a new
 * conversation.  @each is given every call that was under way,
 * with when it left (Unix seconds). */
bool keep_load(struct store *store, struct str conversation, struct arena *arena,
	struct session **session,
	void (*each)(void *self, const struct host_call *call, int64_t since), void *self,
	struct buf *error) MUST_CHECK;

/* Differs when what the session waits to hear about differs. */
uint64_t keep_watch_mark(const struct session *session);

/* The number of the last post; 0: none. */
uint32_t keep_last_post(struct store *store, struct str conversation);

bool keep_forget(struct store *store, struct str conversation, struct buf *error) MUST_CHECK;

#endif
