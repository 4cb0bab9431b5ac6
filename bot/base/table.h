/* Hash tables: uthash (https://troydhanson.github.io/uthash), with its keys hashed as in
 * bot/base/hash.h and the program's end when memory is out, as everywhere else.  Not for keys that
 * somebody could choose so that they fall together. */
#ifndef TENSTEP_BASE_TABLE_H
#define TENSTEP_BASE_TABLE_H

#include <stdlib.h>

#include "bot/base/hash.h"

#define uthash_fatal(message) abort()
#define HASH_FUNCTION(key, n, hash)                                                                \
	((hash) = (unsigned)hash_bytes((struct str){(const char *)(key), (n)}, 0))
#include <uthash.h>

#endif
