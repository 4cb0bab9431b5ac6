/* What a server's callers see of HTTP: heads of requests, plans, answers. */
#ifndef TENSTEP_ADAPTERS_NET_HTTP_H
#define TENSTEP_ADAPTERS_NET_HTTP_H

#include "bot/base/buf.h"

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
	bool forwarded;     /* names others as who asks, and is no trusted proxy */
	const struct http_more *more; /* for http_header(); NULL in a head made by hand */
};

/* Where the other headers are. */
struct http_more {
	struct str (*header)(const struct http_more *more, const char *name);
};

enum { HTTP_MAX_WANTED = 8 };

/* Another header by its lower-case name ("x-request-id"), one that the plan wanted; empty if absent
 * or if the head was made by hand. */
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
	bool judge;            /* the head alone does not tell: judge() is asked */
	/* For http_header() when the request is given: up to HTTP_MAX_WANTED lower-case names and a
	 * NULL, which outlive the listener; NULL: none. */
	const char *const *wanted;
};

/* Whether a WebSocket may open, decided from its head. */
struct socket_plan {
	unsigned refuse; /* a status (401, 403, 404 …); 0: it may */
	unsigned sort;   /* see socket_sort() */
	bool judge;      /* the head alone does not tell: open() is asked */
};

/* What is open for reading becomes a body, from its begin on.  The listener closes it, and reads it
 * as fast as the peer does. */
struct http_file {
	int descriptor;
	size_t n_bytes;
};

struct http_answer {
	unsigned status;
	struct str type;              /* "application/json" */
	struct str body;              /* copied */
	const struct http_file *file; /* instead of @body; NULL: none */
	/* "Name: value" each, up to 16; values with control bytes are left out */
	const struct str *headers;
	size_t n_headers;
	bool body_is_static; /* the bytes outlive the listener: not copied */
	size_t leave_out;    /* bytes at the end of the body that are announced and never sent:
			      * for a sandbox that has to misbehave */
};

#endif
