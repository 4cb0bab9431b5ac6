/* Accounts whose events come over a WebSocket that we open (Slack's Socket Mode, Discord's
 * Gateway): what the two have in common. */
#ifndef TENSTEP_APP_CHANNEL_SOCKET_H
#define TENSTEP_APP_CHANNEL_SOCKET_H

#include "adapters/net/socket_client.h"
#include "bot/channels/channels.h"

struct channel_socket_setup { /* all of it is the caller's and outlives the sockets */
	struct loop *loop;
	struct http_client *client;
	struct channels *channels;
	const struct channel_seat *seat;
	size_t n_seats;
	struct log *log;
};

/* Whether an account asks for one. */
typedef bool channel_socket_wants(const struct channel_seat *seat);
size_t channel_socket_count(const struct channel_socket_setup *setup, channel_socket_wants *wants);

/* The library, once for all accounts of a platform.  NULL: it cannot be started; logged as @fault
 * ("Socket Mode does not work"). */
struct socket_client *channel_socket_client(
	const struct channel_socket_setup *setup, const char *fault) MUST_CHECK;

/* How long to wait before another try: 5 s after the first failure in a row, 10 s after the second,
 * up to a minute; ten minutes when the platform @refused. */
int64_t channel_socket_wait_ms(unsigned failures, bool refused);

#endif
