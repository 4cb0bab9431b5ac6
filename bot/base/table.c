/* The hash of a name. */
#include "bot/base/table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

unsigned table_hash(const void *key, size_t n)
{
	return (unsigned)XXH3_64bits(key, n);
}
