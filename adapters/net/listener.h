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
 * Frames without a mask are taken: the library does not show it, and no proxy is in danger where a
 * connection carries one request. */
#ifndef TENSTEP_ADAPTERS_NET_LISTENER_H
#define TENSTEP_ADAPTERS_NET_LISTENER_H

#include "adapters/net/loop.h"
#include "bot/base/buf.h"

struct listener;
struct exchange; /* one HTTP request that waits for its answer */
struct socket;   /* one WebSocket */

/* The head of a request; slices live during the callback that is given it. */
struct http_head {
	struct str method; /* "GET", "POST", "OPTIONS", "DELETE", "PUT", "PATCH", "HEAD" */
	struct str path;   /* decoded, begins with "/", no "//", no "/../"; "+" became a blank */
	struct str query;  /* still encoded, without "?"; for http_field() */
	struct str host, origin; /* as sent; origin empty: none */
	struct str authorization, content_type, accept, accept_language, cookie, if_none_match,
		user_agent, accept_encoding;
	struct str address; /* of the peer: "127.0.0.1"; behind a trusted proxy the one it names */
	bool tls;           /* or the trusted proxy says so */
	void *inside;       /* for http_header(); NULL in a head made by hand */
};
/* Another header by its lower-case name ("x-request-id"); empty if absent or if the head was made
 * by hand. */
struct str http_header(const struct http_head *head, const char *name);
/* A field of a query or of an application/x-www-form-urlencoded body, decoded into @out (cleared
 * first); false if absent or badly encoded. */
bool http_field(struct str form, const char *name, struct buf *out) MUST_CHECK;
/* A cookie's value, empty if absent. */
struct str http_cookie(struct str cookies, const char *name);

/* What to do with a request, decided from its head. */
struct http_plan {
	size_t max_body_bytes; /* 0: no body is taken */
	unsigned refuse;       /* a status: refused before the body is read */
};

struct http_answer {
	unsigned status;
	struct str type;           /* "application/json" */
	struct str body;           /* copied */
	const struct str *headers; /* "Name: value" each; values with control bytes are left out */
	size_t n_headers;
	bool body_is_static; /* the bytes outlive the listener: not copied */
	size_t leave_out;    /* bytes at the end of the body that are announced and never sent:
			      * for a sandbox that has to misbehave */
};

struct listener_limits {          /* 0: the default */
	size_t max_connections;   /* 16,384, and at most the descriptor limit − 256 */
	size_t max_per_address;   /* 64; loopback and trusted proxies: no limit of their own */
	unsigned connects_per_s;  /* an address, bursts of four times that: 50 */
	size_t max_message_bytes; /* 16,384 */
	size_t max_queue_bytes;   /* waiting to be written to one socket: 262,144, then 1013 */
	int64_t request_ms;       /* 15,000: head and body together */
	int64_t message_ms;       /* 10,000 */
	int64_t ping_ms, drop_ms; /* 30,000 and 60,000 of silence */
};

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
	void *self; /* given to the functions below */

	struct http_plan (*plan)(void *self, const struct http_head *head);
	/* The whole request.  Answered now or later with exchange_answer(), exactly once. */
	void (*request)(void *self, struct exchange *exchange, const struct http_head *head,
		struct str body);
	/* A WebSocket wants to open: 101 (true), or false with *status set (401, 403, 404 …).  The
	 * caller keeps what it likes with socket_keep(). */
	bool (*open)(
		void *self, struct socket *socket, const struct http_head *head, unsigned *status);
	void (*opened)(void *self, struct socket *socket); /* may write from now on */
	void (*message)(void *self, struct socket *socket, struct str text); /* may be empty */
	/* The last one, for every socket that open() took; the socket is gone afterwards. */
	void (*closed)(void *self, struct socket *socket);
	/* For logs and metrics; may be NULL: "connections_refused", "requests_refused",
	 * "messages_refused", "timeouts", "library", with a word of ours that says why. */
	void (*event)(void *self, const char *what, const char *why);
};

/* NULL with one line in @error ("cannot listen on 127.0.0.1:8080: address already in use"). */
struct listener *listener_open(const struct listener_setup *setup, struct buf *error) MUST_CHECK;
int listener_port(const struct listener *listener);
/* No new connections from now on; open ones go on. */
void listener_drain(struct listener *listener);
/* Reads certificate and key again; false with a line in @error: the old ones stay. */
bool listener_renew(struct listener *listener, struct buf *error) MUST_CHECK;
size_t listener_connections(const struct listener *listener);
/* Everything is closed (1001) and freed; callbacks `closed` come during this call.  Not from inside
 * a callback of the listener.  Exchanges that wait may still be answered afterwards. */
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
/* A small number of the caller's that tells its sockets apart before anything is kept; 0 at first.
 */
void socket_set_sort(struct socket *socket, unsigned sort);
unsigned socket_sort(const struct socket *socket);
/* Of the peer; lives until the next call. */
struct str socket_address(const struct socket *socket);

#endif
