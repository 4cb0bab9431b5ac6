/* Who the buyer is, as the shop's own server signs it: a JSON Web Token (RFC 7519, RFC 7515), HS256
 * and nothing else.  Pure; the key is the caller's. */
#ifndef TENSTEP_ADAPTERS_WIDGET_IDENTITY_H
#define TENSTEP_ADAPTERS_WIDGET_IDENTITY_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

enum {
	identity_max_bytes = 2048,
	identity_max_life_s = 15 * 60,
	identity_skew_s = 60,
	identity_min_secret_bytes = 24,
};

struct identity {
	struct str buyer, name; /* sub; name may be empty */
	int64_t expires;        /* Unix seconds */
};

/* Any of the @n_secrets may have signed it (all are tried; compared in constant time).  False with
 * one line in @error that says what is wrong and never shows the token. */
bool identity_read(struct str token, const struct str *secret, size_t n_secrets, int64_t now,
	struct arena *arena, struct identity *identity, struct buf *error) MUST_CHECK;
/* Makes one, for the demo page and tests. */
void identity_make(
	const struct identity *identity, struct str secret, int64_t now, struct buf *out);

#endif
