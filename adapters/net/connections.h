/* The network's side of a listener: connections, HTTP/1.1 and WebSocket, all on one loop and in its
 * thread.  Only listener.c and what is beside it include this; what is refused stands in
 * listener.h. */
#ifndef TENSTEP_ADAPTERS_NET_CONNECTIONS_H
#define TENSTEP_ADAPTERS_NET_CONNECTIONS_H

#include "adapters/net/address.h"
#include "adapters/net/http.h"
#include "adapters/net/listener_limits.h"
#include "adapters/net/loop.h"

struct connections;
struct connection; /* a WebSocket */
struct reply;      /* one HTTP request that waits for its answer */

struct connections_setup {
	struct loop *loop;
	const char *address;
	int port;
	const char *certificate, *key;
	const struct str *trusted_proxy;
	size_t n_trusted_proxies;
	struct listener_limits limits; /* nothing is 0 */
	void *self;                    /* given to the functions below */

	struct http_plan (*plan)(void *self, const struct http_head *head);
	/* The whole request; @body lives until it is answered. */
	void (*request)(void *self, struct reply *reply, const struct http_head *head,
		const struct http_plan *plan, struct str body);
	/* A WebSocket wants to open.  0: it may; or a status. */
	unsigned (*open)(void *self, struct connection *connection, const struct http_head *head);
	void (*opened)(void *self, struct connection *connection);
	void (*message)(void *self, struct connection *connection, struct str text);
	/* The last one of each that open() took: connection_free() is the caller's then, and what
	 * is sent until that is lost. */
	void (*closed)(void *self, struct connection *connection);
	void (*event)(void *self, const char *what, const char *why);
};

size_t connections_most(const struct listener_limits *limits); /* max_connections, or its default */
/* What is 0 gets its default, and no more connections than there may be descriptors. */
void connections_default(struct listener_limits *limits);

/* NULL with one line in @error. */
struct connections *connections_open(
	const struct connections_setup *setup, struct buf *error) MUST_CHECK;
/* They come from now on; false with one line in @error. */
bool connections_listen(struct connections *all, struct buf *error) MUST_CHECK;
int connections_port(const struct connections *all);
void connections_drain(struct connections *all); /* no new ones, and no new WebSockets */
bool connections_renew(struct connections *all, struct buf *error) MUST_CHECK;
size_t connections_count(const struct connections *all); /* may be asked by any thread */
/* All are closed; callbacks `closed` come.  Replies that wait, and connections that open() took,
 * are still the caller's to give back. */
void connections_close(struct connections *all); /* NULL is fine */

/* Exactly one of these ends a reply; a peer that has left is no error. */
void reply_answer(struct reply *reply, const struct http_answer *answer);
void reply_drop(struct reply *reply);

/* Closes it (1013) when too much waits already. */
void connection_send(struct connection *connection, struct str text);
void connection_close(struct connection *connection, unsigned code, const char *reason);
void connection_keep(struct connection *connection, void *own);
void *connection_kept(const struct connection *connection);
struct address connection_address(const struct connection *connection);
void connection_free(struct connection *connection);

#endif
