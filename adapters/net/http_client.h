/* HTTP requests of ours: libcurl's multi interface on the one loop, behind a door (nothing else
 * includes curl/curl.h).  Nothing here blocks, and nothing is repeated by itself: libcurl 7.88
 * repeats a POST on a reused connection that dies, so what changes something always goes over a
 * fresh connection that is not kept.
 *
 * The program ignores SIGPIPE: a peer that leaves during TLS would end it. */
#ifndef TENSTEP_ADAPTERS_NET_HTTP_CLIENT_H
#define TENSTEP_ADAPTERS_NET_HTTP_CLIENT_H

#include "adapters/net/loop.h"
#include "bot/base/buf.h"

struct http_client;

struct http_client_setup {
	struct loop *loop;
	const char *user_agent;
	bool allow_plain;   /* http:// to other than loopback; else https only */
	bool allow_private; /* private and link-local addresses; loopback is always judged by
			       allow_loopback */
	bool allow_loopback;
	const char *ca_file; /* NULL: the system's */
};
struct http_client *http_client_new(const struct http_client_setup *setup) MUST_CHECK;
/* Requests under way end with HTTP_UNKNOWN or HTTP_NOT_SENT during this call.  Not from inside a
 * `done`. NULL is fine. */
void http_client_free(struct http_client *client);

enum http_outcome {
	HTTP_ANSWERED, /* whatever the status says */
	HTTP_NOT_SENT, /* surely not: no name, no connection, no TLS, refused by our own rules */
	HTTP_UNKNOWN,  /* sent at least in part, and no whole answer */
};

struct http_call {
	struct str method, url;
	const struct str *headers; /* "Name: value"; control bytes are refused: HTTP_NOT_SENT */
	size_t n_headers;
	struct str body;
	bool changes;            /* fresh connection, not kept (every POST, PUT, DELETE, PATCH) */
	bool reads;              /* a POST that only asks: may go over a kept connection, where
				  * libcurl repeats it when that dies */
	int64_t connect_ms;      /* 0: 3,000 */
	int64_t total_ms;        /* 0: 10,000 */
	size_t max_answer_bytes; /* 0: 1 MiB; a longer answer is HTTP_UNKNOWN */
};

struct http_result {
	enum http_outcome outcome;
	unsigned status;
	struct str body;
	struct str type;        /* Content-Type */
	int64_t retry_after_ms; /* from Retry-After, seconds or a date; -1: none */
	int64_t date_ms;        /* by the peer's clock, from Date; 0: none */
	int64_t took_ms;
	const char *error; /* one line for logs, "" when answered */
};

/* Everything in @call is copied.  @done is called exactly once, never from inside this function;
 * @result lives during that call.  No redirects, no proxy from the environment, no content
 * decoding, no cookies. */
typedef void http_done_function(void *self, const struct http_result *result);
void http_client_call(struct http_client *client, const struct http_call *call,
	http_done_function *done, void *self);
/* Whoever is @self goes away: their `done` are not called any more; the requests go on. */
void http_client_forget(struct http_client *client, const void *self);
size_t http_client_under_way(const struct http_client *client);

#endif
