/* Hash tables: uthash (https://troydhanson.github.io/uthash), with names hashed by XXH3
 * (https://xxhash.com) and the program's end when memory is out, as everywhere else. */
#ifndef TENSTEP_BASE_TABLE_H
#define TENSTEP_BASE_TABLE_H

#include <stdlib.h>

unsigned table_hash(const void *key, size_t n);

#define uthash_fatal(message) abort()
#define HASH_FUNCTION(key, n, hash) ((hash) = table_hash((key), (n)))
#include <uthash.h>

#endif
