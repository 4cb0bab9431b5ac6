/* The ids of the last messages. */
#include "bot/engine/recent_ids.h"

#include <string.h>

#include "bot/base/varint.h"

/* Cuts the oldest off. */
static bool take_id(struct str *bytes, struct str *id)
{
	uint64_t n;

	if (!varint_take(bytes, &n) || n > bytes->n)
		return false;
	*id = (struct str){bytes->p, (size_t)n};
	bytes->p += n;
	bytes->n -= (size_t)n;
	return true;
}

/* Ids that follow one another differ at their ends. */
static bool is_same(struct str a, struct str b)
{
	return a.n == b.n && a.p[a.n - 1] == b.p[b.n - 1] && memcmp(a.p, b.p, a.n) == 0;
}

bool recent_ids_have(const struct recent_ids *ids, struct str id)
{
	struct str rest = ids->bytes, one;

	while (take_id(&rest, &one))
		if (one.n && is_same(one, id))
			return true;
	return false;
}

void recent_ids_add(struct recent_ids *ids, struct str id, struct arena *arena)
{
	struct str kept = ids->bytes, oldest;
	char *bytes, *p;

	if (ids->n == max_recent_ids && take_id(&kept, &oldest))
		ids->n--;
	bytes = p = arena_raw(arena, kept.n + varint_max_bytes + id.n);
	if (kept.n)
		p = (char *)memcpy(p, kept.p, kept.n) + kept.n;
	p = varint_write(p, id.n);
	p = (char *)memcpy(p, id.p, id.n) + id.n;
	ids->bytes = (struct str){bytes, (size_t)(p - bytes)};
	ids->n++;
}

bool recent_ids_take(struct recent_ids *ids, size_t n, struct str *bytes)
{
	struct str rest = *bytes, one;

	for (size_t i = 0; i < n; i++)
		if (!take_id(&rest, &one))
			return false;
	*ids = (struct recent_ids){{bytes->p, bytes->n - rest.n}, n};
	*bytes = rest;
	return true;
}
