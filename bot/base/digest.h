/* SHA-256 (FIPS 180-4), HMAC (RFC 2104), Ed25519 (RFC 8032) and base64 (RFC 4648), through
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

/* The bytes that hexadecimal digits of either case stand for; false if they are not 2 × @n of them.
 * In time that depends on @n only. */
bool hex_decode(struct str digits, unsigned char *byte, size_t n) MUST_CHECK;

/* Whether @signature (64 bytes) is Ed25519's of @bytes by whoever has the private half of @key (32
 * bytes); other lengths and keys that are no point of the curve: false. */
bool digest_ed25519(struct str key, struct str bytes, struct str signature) MUST_CHECK;

/* base64url without padding, and the ordinary alphabet with padding.  Decoding refuses what
 * encoding does not write (blanks, missing or spare bits): false. */
void base64url_encode(struct str bytes, struct buf *out);
bool base64url_decode(struct str text, struct buf *out) MUST_CHECK;
void base64_encode(struct str bytes, struct buf *out);
bool base64_decode(struct str text, struct buf *out) MUST_CHECK;

#endif
