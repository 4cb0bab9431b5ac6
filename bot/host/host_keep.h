/* What of a conversation goes into the store, and comes back after a kill. */
#ifndef TENSTEP_HOST_HOST_KEEP_H
#define TENSTEP_HOST_HOST_KEEP_H

#include "adapters/store/store.h"
#include "bot/host/host.h"

/* A call that is about to leave, or still under way, and what the journal says to that. */
struct keep_claim {
	struct host_call call;
	bool resend; /* it left before and is about to leave once more */
	enum {
		CLAIM_NEW,
		CLAIM_AGAIN,     /* the same decision is under way: ask what became of it */
		CLAIM_FOLLOWS,   /* another does the same: it is waited for */
		CLAIM_FORBIDDEN, /* another does the same, for another buyer */
	} came;
	int64_t since;     /* AGAIN: when it first left, Unix seconds */
	struct str leader; /* FOLLOWS: the key of the other */
};

/* What is known of a call now. */
struct keep_verdict {
	struct str key;
	bool writes; /* false: it is not kept any longer */
	struct store_verdict verdict;
};

/* The conversation was told what became of a call. */
struct keep_told {
	struct str key, order;
};

/* A call that the store has something open about. */
typedef void kept_call_function(
	void *self, const struct host_call *call, const struct store_effect *effect);

/* All that one commit writes.  Everything is the caller's. */
struct keeping {
	struct str conversation;
	const struct session *session;
	struct buf *bytes;           /* gets the session as it was stored */
	const struct effect *effect; /* since the last commit: notes and hand-offs are kept */
	size_t n_effects;
	int64_t due_ms; /* when something happens by itself next; 0: nothing is planned */
	const struct keep_verdict *settled; /* since the last commit */
	size_t n_settled;
	const struct keep_told *told; /* since the last commit */
	size_t n_told;
	struct keep_claim *claim;
	size_t n_claims;
	const struct post *post; /* since the last commit */
	size_t n_posts;
	bool watches_changed;
	int64_t now_ms;
	struct host_commit commit;
};

/* One transaction, or a part of what.commit has open.  False with one line in @error: nothing of it
 * is stored.  @arena is for scratch and for what the claims say. */
bool keep(struct store *store, const struct keeping *what, struct arena *arena,
	struct buf *error) MUST_CHECK;

/* The kept session in @arena; NULL if there is none.  What cannot be read is an error, not a new
 * conversation.  @each is given every call that something is
 * open about; what it points to is in @arena. */
bool keep_load(struct store *store, struct str conversation, struct arena *arena,
	struct session **session, kept_call_function *each, void *self,
	struct buf *error) MUST_CHECK;

/* Only the calls; false: the store failed. */
bool keep_load_calls(struct store *store, struct str conversation, struct arena *arena,
	kept_call_function *each, void *self);

/* How an effect stands, by its key; STORE_NONE, also without a store. */
enum store_status keep_find(struct store *store, struct str key, struct arena *arena,
	struct store_effect *effect) MUST_CHECK;
/* The call of an effect; false: of no operation that we know. */
bool keep_call_of(const struct store_effect *effect, struct host_call *call) MUST_CHECK;

/* Differs when what the session waits to hear about differs. */
uint64_t keep_watch_mark(const struct session *session);

/* The number of the last post; 0: none. */
bool keep_last_post(
	struct store *store, struct str conversation, uint32_t *n, struct buf *error) MUST_CHECK;

bool keep_forget(struct store *store, struct str conversation, struct buf *error) MUST_CHECK;

#endif
