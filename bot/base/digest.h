/* SHA-256 (FIPS 180-4), HMAC (RFC 2104), base64url (RFC 4648 section 5) and chance, through
 * libcrypto. */
#ifndef TENSTEP_BASE_DIGEST_H
#define TENSTEP_BASE_DIGEST_H

#include "bot/base/buf.h"

struct digest {
	unsigned char byte[32];
};

struct digest digest_of(struct str bytes);
/* The digest of several pieces, each preceded by its length, so that ("ab","c") ≠ ("a","bc"). */
struct digest digest_of_pieces(const struct str *piece, size_t n);
/* 64 hexadecimal digits and a zero byte. */
void digest_hex(struct digest digest, char hex[65]);

/* HMAC-SHA256. */
struct digest digest_hmac(struct str key, struct str bytes);
/* In constant time, for whatever somebody may want to guess.  Slices of different lengths differ;
 * how long they are is no secret. */
bool digest_same(struct str a, struct str b);

/* base64url without padding, and the ordinary alphabet with padding.  Decoding refuses what
 * encoding does not write (blanks, missing or spare bits): false. */
void base64url_encode(struct str bytes, struct buf *out);
bool base64url_decode(struct str text, struct buf *out) MUST_CHECK;
void base64_encode(struct str bytes, struct buf *out);
bool base64_decode(struct str text, struct buf *out) MUST_CHECK;

#endif
