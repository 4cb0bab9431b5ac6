/* One account spoken to from the command line: the platform is told our address, or a person is
 * sent a message.  No server is needed, and none is asked. */
#ifndef TENSTEP_CHANNELS_CHANNEL_CLIENT_H
#define TENSTEP_CHANNELS_CHANNEL_CLIENT_H

#include "adapters/net/http_client.h"
#include "bot/config/serve_config.h"

struct channel_client {
	const struct channel_seat *seat;
	struct loop *loop;
	struct http_client *http;
	struct arena *arena; /* holds what is told */
};

/* @seat is the caller's and outlives it. */
void channel_client_open(struct channel_client *client, const struct channel_seat *seat);
void channel_client_close(struct channel_client *client);

/* False, with one line in *why: it was not done, or nobody knows. */
bool channel_client_register(
	struct channel_client *client, struct str address, struct str *why) MUST_CHECK;
bool channel_client_send(struct channel_client *client, struct str peer, struct str text,
	struct str *why) MUST_CHECK;

#endif
