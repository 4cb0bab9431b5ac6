/* One WebSocket message that arrives in pieces. */
#include "adapters/net/gather.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/text.h"

void gather_release(struct gather *gather)
{
	free(gather->p);
	memset(gather, 0, sizeof(*gather));
}

/* What a frame announces is only believed as it comes: room for twice what is there. */
static void make_room(struct gather *gather, size_t wanted, size_t announced)
{
	size_t cap = 2 * wanted < announced ? 2 * wanted : announced;

	if (wanted <= gather->cap)
		return;
	gather->p = realloc(gather->p, cap);
	assert(gather->p);
	gather->cap = (uint32_t)cap;
}

static void append(struct gather *gather, struct str bytes, uint64_t rest)
{
	size_t wanted = gather->n + bytes.n;

	if (!bytes.n)
		return;
	make_room(gather, wanted, wanted + rest);
	memcpy(gather->p + gather->n, bytes.p, bytes.n);
	gather->n += (uint32_t)bytes.n;
}

static enum gather_status judged(struct str text)
{
	if (text.n && memchr(text.p, 0, text.n))
		return GATHER_NO_TEXT;
	return text_valid_up_to(text) == text.n ? GATHER_WHOLE : GATHER_NO_TEXT;
}

enum gather_status gather_add(
	struct gather *gather, const struct gather_piece *piece, size_t max_bytes, struct str *text)
{
	bool whole = piece->final && !piece->rest;

	if (piece->binary)
		return GATHER_BINARY;
	if (piece->rest > max_bytes || gather->n + piece->bytes.n + piece->rest > max_bytes)
		return GATHER_TOO_BIG;
	if (!piece->rest && ++gather->fragments > GATHER_MAX_FRAGMENTS)
		return GATHER_TOO_BIG;
	if (whole && !gather->n) {
		*text = piece->bytes; /* the usual case: nothing is copied */
		return judged(*text);
	}
	append(gather, piece->bytes, piece->rest);
	if (!whole)
		return GATHER_MORE;
	*text = (struct str){gather->p, gather->n};
	return judged(*text);
}
