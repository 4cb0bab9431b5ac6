/* SHA-256 (FIPS 180-4) through libcrypto. */
#ifndef TENSTEP_BASE_DIGEST_H
#define TENSTEP_BASE_DIGEST_H

#include "bot/base/str.h"

struct digest {
	unsigned char byte[32];
};

struct digest digest_of(struct str bytes);
/* The digest of several pieces, each preceded by its length, so that ("ab","c") ≠ ("a","bc"). */
struct digest digest_of_pieces(const struct str *piece, size_t n);
/* 64 hexadecimal digits and a zero byte. */
void digest_hex(struct digest digest, char hex[65]);

#endif
