/* Hashes that are quick, not secret: XXH3, 64 bits (https://xxhash.com).  The values stay the same
 * from one version of the program to the next. */
#ifndef TENSTEP_BASE_HASH_H
#define TENSTEP_BASE_HASH_H

#include "bot/base/str.h"

uint64_t hash_bytes(struct str bytes, uint64_t seed);

#endif
