/* What of a conversation is to be sent to its platform next. */
#ifndef TENSTEP_CHANNELS_OUTBOX_NEXT_H
#define TENSTEP_CHANNELS_OUTBOX_NEXT_H

#include "adapters/store/store_peers.h"
#include "bot/channels/outbox.h"

enum outbox_next_kind {
	OUTBOX_NOTHING, /* all is shown; peer->shown says up to where */
	OUTBOX_POST,    /* @call shows a part of @post */
	OUTBOX_LATER,   /* a picture of @post is on its way to the platform */
	OUTBOX_NEVER,   /* a picture of @post cannot be shown, @why not */
	OUTBOX_BROKEN,  /* the transcript cannot be read */
};
struct outbox_next {
	enum outbox_next_kind kind;
	struct channel_call call;
	/* For manners only and before it: sent beside it each time, neither waited for nor counted.
	 */
	const struct channel_call *manner;
	size_t n_manners;
	int64_t post;
	bool last; /* with this one @post is shown */
	struct str why;
};

/* Reads on behind peer->shown, which moves past what is not for showing; the call is in @arena.  Of
 * @setup: the store, the secret, and what concerns pictures. */
struct outbox_next outbox_next(const struct outbox_setup *setup, const struct channel_seat *seat,
	struct store_peer *peer, int64_t now_ms, struct arena *arena);

/* For calls that show no post. */
struct channel_peer outbox_peer(const struct store_peer *peer, int64_t now_ms);

/* When to try again: from 1 s on, doubled each time up to 5 minutes, up to a quarter more or less
 * by chance of @salt; or when the platform said (wait_ms; -1: it did not), if that is later; at
 * most a day. */
int64_t outbox_again_ms(int64_t now_ms, int64_t tries, int64_t wait_ms, uint64_t salt);

#endif
