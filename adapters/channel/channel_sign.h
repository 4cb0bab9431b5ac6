/* What most platforms sign with: HMAC-SHA256 over the raw bytes, a shared word, a time.  All
 * comparisons are in constant time; how long something is is no secret. */
#ifndef TENSTEP_ADAPTERS_CHANNEL_SIGN_H
#define TENSTEP_ADAPTERS_CHANNEL_SIGN_H

#include "bot/base/str.h"

enum channel_encoding {
	CHANNEL_HEX,    /* 64 digits in lower case, nothing else */
	CHANNEL_BASE64, /* 44 characters with padding */
};
/* Whether @given is the HMAC-SHA256 of the pieces, one after the other, under @key.  An empty key
 * signs nothing: false. */
bool channel_signed(struct str key, const struct str *piece, size_t n, struct str given,
	enum channel_encoding encoding) MUST_CHECK;

/* Whether two words are the same and there is one at all. */
bool channel_same(struct str expected, struct str given) MUST_CHECK;

/* Whether @seconds, a Unix time in decimal digits, is within @window_s of now, before or after. */
bool channel_is_fresh(struct str seconds, int64_t now_ms, int64_t window_s) MUST_CHECK;

#endif
