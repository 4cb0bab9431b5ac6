/* The ids of the last messages. */
#include "bot/engine/recent_ids.h"

#include <string.h>

#include "bot/base/varint.h"

static const char *long_id_at(const char *at, const char *end, size_t *n)
{
	struct str rest = {at, (size_t)(end - at)};
	uint64_t length;

	if (!varint_take(&rest, &length) || length > rest.n)
		return NULL;
	*n = (size_t)length;
	return rest.p;
}

/* Where the bytes of the id are whose length stands at @at; NULL if it does not end by @end. */
IN_PLACE const char *id_at(const char *at, const char *end, size_t *n)
{
	if (at == end || (unsigned char)*at > 0x7F)
		return long_id_at(at, end, n);
	*n = (unsigned char)*at++;
	return *n <= (size_t)(end - at) ? at : NULL;
}

/* Ids that follow one another differ at their ends. */
static bool is_same(struct str a, struct str b)
{
	return a.n == b.n && a.p[a.n - 1] == b.p[b.n - 1] && memcmp(a.p, b.p, a.n) == 0;
}

bool recent_ids_have(const struct recent_ids *ids, struct str id)
{
	const char *at = ids->bytes.p, *end = ids->n ? at + ids->bytes.n : at;

	for (size_t n; at < end && (at = id_at(at, end, &n)); at += n)
		if (n && is_same((struct str){at, n}, id))
			return true;
	return false;
}

static struct str without_oldest(struct str bytes)
{
	size_t n;
	const char *oldest = id_at(bytes.p, bytes.p + bytes.n, &n);

	return oldest ? str_sub(bytes, (size_t)(oldest - bytes.p) + n, bytes.n) : bytes;
}

void recent_ids_add(struct recent_ids *ids, struct str id, struct arena *arena)
{
	struct str kept = ids->bytes;
	char *bytes, *p;

	if (ids->n == max_recent_ids) {
		kept = without_oldest(kept);
		ids->n--;
	}
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
	const char *at = bytes->p, *end = at + bytes->n;

	for (size_t i = 0, length; i < n; i++, at += length)
		if (!(at = id_at(at, end, &length)))
			return false;
	*ids = (struct recent_ids){{bytes->p, (size_t)(at - bytes->p)}, n};
	bytes->n -= ids->bytes.n;
	bytes->p = at;
	return true;
}
