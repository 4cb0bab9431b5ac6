/* HTTP/1.1 and WebSocket, server side: libwebsockets behind a door (nothing else includes
 * libwebsockets.h), with a strict check of our own in front, because Debian's 4.1.6 lets through
 * what it should not.  One request a connection: every answer closes it.
 *
 * What never reaches the caller, each line proved by tests/contract/net_*_test.c:
 *  - an Upgrade to anything but "websocket": h2c, several, unknown ones (400, or the library's own
 *    403), and closed; Sec-WebSocket-Version other than 13 (426); an upgrade that is no GET, has a
 *    body, no proper key, or asks for a subprotocol (there is none);
 *  - a missing, second or malformed Host, in HTTP/1.0 too; any Transfer-Encoding; a second,
 * negative or non-digit Content-Length; a second Origin, Authorization or Content-Type (400); a
 * POST without Content-Length has an empty body;
 *  - a body over the plan's ceiling (413); a body or head that is not complete within request_ms
 *    (408; a head over TLS is just cut); an answer that is not taken within four times that is cut;
 *  - a path or query with control bytes, NUL or broken percent signs, a path that is not UTF-8 or
 * has
 *    "&" or ";" (400, or the library's own 403), over 2,000 bytes (414); a head over 8 KiB;
 *  - a binary frame (closed with 1003), a message that is not UTF-8 or has a NUL (1007), over
 *    max_message_bytes, announced or come, or over 64 fragments (1009);
 *  - control frames at over 20 a minute (1008; a flood of them is cut at the next tick of ping_ms);
 *  - a message not complete within message_ms of its first text (1002); of a frame whose text has
 *    not begun nothing is known: it is silence, and dropped after drop_ms;
 *  - connections over max_connections in all, or max_per_address or connects_per_s of an IPv4
 *    address or an IPv6 /64 network (refused before a byte is read; behind a trusted proxy 429).
 *  - messages that wait to be heard, over max_queue_bytes of one socket or 64 MiB of all (1013);
 *  - a body, or an answer that is not static, over what max_held_bytes leaves (503);
 *  - a file over 64 of all, or over 16 of one address while all have 48 (503).
 * Frames without a mask are taken: the library does not show it, and no proxy is in danger where a
 * connection carries one request.
 *
 * The network has a thread of its own: reading, writing, and judging what comes, TLS too, go on
 * while the caller thinks or waits for its disk.  With up to 256 connections, and without TLS, the
 * caller's thread does all of that: what two threads have to tell each other then costs more than
 * they gain (tests/bench/serve.txt).  So it is for the first listener of a loop; a second one of
 * the same loop stays apart.  The caller sees nothing of it: all functions here are for the thread
 * of its loop, and all of setup's are called there, except where it says so. */
#ifndef TENSTEP_ADAPTERS_NET_LISTENER_H
#define TENSTEP_ADAPTERS_NET_LISTENER_H

#include "adapters/net/http.h"
#include "adapters/net/listener_limits.h"
#include "adapters/net/loop.h"

struct listener;
struct exchange; /* one HTTP request that waits for its answer */
struct socket;   /* one WebSocket */

/* How many descriptors a process should be allowed, for a listener of these limits and all else
 * that it opens.  No more: what libwebsockets does when a connection ends takes longer the more
 * there may be. */
size_t listener_descriptors(const struct listener_limits *limits);

struct listener_setup {
	struct loop *loop;
	const char *address;           /* "127.0.0.1", "::" … */
	int port;                      /* 0: any free one */
	const char *certificate, *key; /* PEM files; NULL: no TLS.  ALPN is http/1.1 only */
	const struct str
		*trusted_proxy; /* addresses whose X-Forwarded-For and -Proto are believed */
	size_t n_trusted_proxies;
	struct listener_limits limits;
	bool apart; /* the network's thread also serves few connections */
	void *self; /* given to the functions below */

	/* These two are called in the network's thread, at any time: they may look at nothing but
	 * @head and what never changes.  admit: NULL: there are no WebSockets (404). */
	struct http_plan (*plan)(void *self, const struct http_head *head);
	struct socket_plan (*admit)(void *self, const struct http_head *head);
	/* What plan left open, once more: the network waits for the answer.  NULL if it never does.
	 */
	struct http_plan (*judge)(void *self, const struct http_head *head);
	/* The whole request.  Answered now or later with exchange_answer(), exactly once. */
	void (*request)(void *self, struct exchange *exchange, const struct http_head *head,
		struct str body);
	/* A WebSocket wants to open of which admit said so: 101 (true), or false with *status set
	 * (401, 403, 404 …).  The network waits for the answer.  The caller keeps what it likes
	 * with socket_keep().  NULL if admit never does. */
	bool (*open)(
		void *self, struct socket *socket, const struct http_head *head, unsigned *status);
	void (*opened)(void *self, struct socket *socket); /* may write from now on */
	void (*message)(void *self, struct socket *socket, struct str text); /* may be empty */
	/* The last one, for every socket that admit or open took; the socket is gone afterwards. */
	void (*closed)(void *self, struct socket *socket);
	/* For logs and metrics; may be NULL: "connections_refused", "requests_refused",
	 * "messages_refused", "timeouts", "library", with a word of ours that says why. */
	void (*event)(void *self, const char *what, const char *why);
};

/* The library is opened beside the caller, and nobody comes until listener_listen().  Only one at a
 * time: opening asks for fewer descriptors of the whole process for a moment.  To be closed even
 * when it does not listen then. */
struct listener *listener_begin(const struct listener_setup *setup) MUST_CHECK;
/* False with one line in @error ("cannot listen on 127.0.0.1:8080: address already in use"). */
bool listener_listen(struct listener *listener, struct buf *error) MUST_CHECK;
/* Both: NULL with one line in @error. */
struct listener *listener_open(const struct listener_setup *setup, struct buf *error) MUST_CHECK;
int listener_port(const struct listener *listener);
/* No new connections from now on, and no new WebSockets (503); open ones go on. */
void listener_drain(struct listener *listener);
/* Reads certificate and key again; false with a line in @error: the old ones stay. */
bool listener_renew(struct listener *listener, struct buf *error) MUST_CHECK;
size_t listener_connections(const struct listener *listener);
/* Everything is closed (1001) and freed; callbacks `opened` and `closed` come during this call, and
 * what else has come in is lost.  Not from inside a callback of the listener.  Exchanges that wait
 * may still be answered afterwards. */
void listener_close(struct listener *listener); /* NULL is fine */

/* Answers; a peer that has left is no error.  Security headers that belong on every answer
 * (X-Content-Type-Options: nosniff, Referrer-Policy: no-referrer) are added here. */
void exchange_answer(struct exchange *exchange, const struct http_answer *answer);

/* Closes the connection without an answer. */
void exchange_drop(struct exchange *exchange);

/* Queues one text message; false when the queue was full: the socket is being closed (1013).  Fine
 * after the peer has left. */
bool socket_send(struct socket *socket, struct str text);
/* What is queued goes out first; then the close frame with @code and @reason (up to 120 bytes). */
void socket_close(struct socket *socket, unsigned code, const char *reason);
void socket_keep(struct socket *socket, void *own);
void *socket_kept(const struct socket *socket);
/* A small number of the caller's that admit gave: tells its sockets apart before anything is kept.
 */
unsigned socket_sort(const struct socket *socket);
/* Of the peer; lives until the next call. */
struct str socket_address(const struct socket *socket);

#endif
