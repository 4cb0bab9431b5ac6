/* WebSockets that we open (RFC 6455): libwebsockets' client side on the one loop, the other half of
 * the wall that listener.h is.  TLS with the host's certificate checked; plain only to this
 * machine. Nothing here blocks, names included. */
#ifndef TENSTEP_ADAPTERS_NET_SOCKET_CLIENT_H
#define TENSTEP_ADAPTERS_NET_SOCKET_CLIENT_H

#include "adapters/net/loop.h"
#include "bot/base/buf.h"

struct socket_client; /* the library, once */
struct outward;       /* one connection */

struct socket_client_setup {
	struct loop *loop;
	const char *ca_file; /* NULL: Debian's list */
	bool allow_loopback; /* ws:// and wss:// to this machine */
};
/* NULL with one line in @error. */
struct socket_client *socket_client_new(
	const struct socket_client_setup *setup, struct buf *error) MUST_CHECK;
/* Open connections end without a word to anybody.  Not from inside a callback.  NULL is fine. */
void socket_client_free(struct socket_client *client);

struct outward_setup {            /* times: 0: the default */
	struct str url;           /* "wss://host/path?query"; never shown */
	size_t max_message_bytes; /* 1 MiB; a longer message ends the connection with 1009 */
	size_t max_queue_bytes;   /* 256 KiB */
	int64_t open_ms;          /* 10,000: name, connection, TLS and handshake together */
	int64_t ping_ms, drop_ms; /* 15,000 and 30,000 of silence */
	int64_t close_ms;         /* 5,000: for the other side of a closing handshake */
	void *self;               /* given to the functions below */

	void (*opened)(void *self, struct outward *socket);
	void (*message)(void *self, struct outward *socket, struct str text);
	/* The last one, exactly once; @code is of the other side's close frame, 0: there was none;
	 * @why is one line for a log, without anything of the address's.  The connection is gone
	 * afterwards. */
	void (*closed)(void *self, struct outward *socket, unsigned code, const char *why);
};
/* Callbacks come from the loop, never from inside. */
struct outward *outward_open(
	struct socket_client *client, const struct outward_setup *setup) MUST_CHECK;
/* Queues a text; false when the queue was full or the connection is not open. */
bool outward_send(struct outward *socket, struct str text);
/* What is queued goes out, then a close frame with @code (1000: all is well); `closed` comes later.
 */
void outward_close(struct outward *socket, unsigned code);
/* The same, and no callback comes any more: whoever is self goes away. */
void outward_forget(struct outward *socket, unsigned code);

#endif
