/* Platforms that are asked for what is new (long polling), for servers without a public address:
 * one request after another, the next one when all of the last is on disk. */
#ifndef TENSTEP_CHANNELS_CHANNEL_PULL_H
#define TENSTEP_CHANNELS_CHANNEL_PULL_H

#include "bot/channels/channels.h"

struct channel_pull;

/* Begins to ask.  NULL: this account has everything brought.  To be freed before @channels. */
struct channel_pull *channel_pull_new(struct channels *channels, const struct outbox_setup *setup,
	const struct channel_seat *seat, struct dispatcher *dispatcher) MUST_CHECK;
void channel_pull_free(struct channel_pull *pull); /* NULL is fine */

/* Whether this account asks. */
bool channel_asks(const struct channel_seat *seat);

#endif
