/* The ids of the last messages. */
#include "bot/engine/recent_ids.h"

#include <string.h>

#include "bot/base/hash.h"

enum { hash_size = sizeof(uint64_t) };

size_t recent_ids_count(const struct recent_ids *ids)
{
	return ids->bytes.n / hash_size;
}

bool recent_ids_have(const struct recent_ids *ids, struct str id)
{
	uint64_t hash = hash_bytes(id, 0), other;

	for (size_t at = 0; at < ids->bytes.n; at += hash_size) {
		memcpy(&other, ids->bytes.p + at, hash_size);
		if (other == hash)
			return true;
	}
	return false;
}

void recent_ids_add(struct recent_ids *ids, struct str id, struct arena *arena)
{
	size_t too_many = recent_ids_count(ids) == max_recent_ids;
	struct str kept = str_sub(ids->bytes, too_many * hash_size, ids->bytes.n);
	uint64_t hash = hash_bytes(id, 0);
	char *bytes = arena_raw(arena, kept.n + hash_size);

	if (kept.n)
		memcpy(bytes, kept.p, kept.n);
	memcpy(bytes + kept.n, &hash, hash_size);
	ids->bytes = (struct str){bytes, kept.n + hash_size};
}

bool recent_ids_take(struct recent_ids *ids, size_t n, struct str *bytes)
{
	if (n > bytes->n / hash_size)
		return false;
	ids->bytes = str_sub(*bytes, 0, n * hash_size);
	*bytes = str_sub(*bytes, n * hash_size, bytes->n);
	return true;
}
