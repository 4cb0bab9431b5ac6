/* Messaging platforms: their webhooks in, and what is told of conversations there.
 *
 *   POST /channels/NAME[/…] ─> codec.take() ─> letters ─> all on disk ─> the answer take() gave
 *
 * A conversation is called "NAME:peer".  Whatever was not taken is answered with 503, and the
 * platform brings it again; what was taken before is known by its id.  Sending is outbox.h. */
#ifndef TENSTEP_CHANNELS_CHANNELS_H
#define TENSTEP_CHANNELS_CHANNELS_H

#include "bot/channels/outbox.h"

struct channels;

struct channels_setup {
	struct outbox_setup outbox;   /* seats, loop, store, client, log, metrics … */
	unsigned messages_per_minute; /* of one conversation; and bursts of 20 */
	/* Who vouches where the message does not: the buyer of a conversation at @seat's platform,
	 * in @arena; empty: nobody does.  May be NULL. */
	struct str (*vouch)(void *self, const struct channel_seat *seat, struct str peer,
		struct str *name, struct arena *arena);
	void *self;
};
/* Before the dispatcher, which is given channels_courier(); goes to work with channels_start(). */
struct channels *channels_new(const struct channels_setup *setup) MUST_CHECK;
struct courier channels_courier(struct channels *channels);
void channels_start(struct channels *channels, struct dispatcher *dispatcher);
/* Before the listener, the dispatcher and the client; requests that wait are answered with 503.
 * NULL is fine. */
void channels_free(struct channels *channels);
struct outbox *channels_outbox(struct channels *channels);

/* A path that begins with "/channels/". */
struct http_plan channels_plan(struct channels *channels, const struct http_head *head);
void channels_request(struct channels *channels, struct exchange *exchange,
	const struct http_head *head, struct str body);

/* The same for whoever has no exchange: @answer comes exactly once, perhaps from inside; @stored
 * false: not all of it is on disk, and it is to be given again. */
typedef void channels_answer_function(void *self, bool stored, const struct channel_taken *taken);
void channels_give(struct channels *channels, const struct channel_seat *seat,
	const struct channel_request *request, channels_answer_function *answer, void *self);
/* The same for what was asked for and not brought: believed, and as much as there is.  @taken lives
 * until this returns, but for its answer. */
void channels_hear(struct channels *channels, const struct channel_seat *seat,
	const struct channel_taken *taken, channels_answer_function *answer, void *self);
/* Whoever is @self goes away. */
void channels_forget(struct channels *channels, const void *self);

#endif
