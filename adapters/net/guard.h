/* The strict check of a request's head, on values the library has taken apart: what the library
 * lets through although it should not (RFC 9112 sections 3.2, 6.1 and 6.3; RFC 6455 section 4.2.1).
 * Pure. */
#ifndef TENSTEP_ADAPTERS_NET_GUARD_H
#define TENSTEP_ADAPTERS_NET_GUARD_H

#include "bot/base/str.h"

/* A header that must be there once at most. */
struct guard_value {
	struct str text;
	bool there, twice;
};

struct guard_head {
	struct str method;
	struct str path;  /* percent signs decoded */
	struct str query; /* percent signs encoded */
	struct str version;
	bool split_path;   /* the library found a separator or a zero byte in the path */
	bool other_method; /* a second request line among the headers */
	struct guard_value host, content_length, origin, authorization, content_type;
	bool transfer_encoding;  /* there in any spelling */
	const struct str *value; /* of all other headers that are used: no control bytes */
	size_t n_values;
};

/* A status and a word for it; 0: fine. */
struct guard_fault {
	unsigned status;
	const char *why;
};

enum { GUARD_MAX_PATH = 2000 };

/* @body_bytes is what Content-Length says, 0 if there is none. */
struct guard_fault guard_request(const struct guard_head *head, uint64_t *body_bytes);

/* What an upgrade has besides; to be asked after guard_request() is content. */
struct guard_upgrade {
	struct guard_value upgrade, connection, version, key, protocol;
};
struct guard_fault guard_websocket(const struct guard_head *head, const struct guard_upgrade *up);

#endif
