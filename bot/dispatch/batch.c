/* What may be told only after the commit. */
#include "bot/dispatch/batch.h"

#include <stdlib.h>

enum { max_arena_bytes = 64 << 20 };

void batch_init(struct batch *batch)
{
	*batch = (struct batch){.arena = arena_new(max_arena_bytes)};
}

void batch_release(struct batch *batch)
{
	arena_free(batch->arena);
	free(batch->news);
}

void batch_clear(struct batch *batch)
{
	arena_reset(batch->arena);
	batch->n = 0;
	batch->safe = 0;
}

struct news *batch_add(struct batch *batch, enum news_kind kind, struct room *room)
{
	if (batch->n == batch->cap) {
		batch->cap = batch->cap ? 2 * batch->cap : 64;
		batch->news = realloc(batch->news, batch->cap * sizeof(struct news));
		if (!batch->news)
			abort();
	}
	batch->news[batch->n] = (struct news){.kind = kind, .room = room};
	return &batch->news[batch->n++];
}

void batch_add_post(struct batch *batch, struct room *room, const struct post *post)
{
	struct news *news = batch_add(batch, NEWS_POST, room);

	news->post = *post;
}

void batch_forget(struct batch *batch, const void *self)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->news[i].kind == NEWS_DONE && batch->news[i].self == self)
			batch->news[i].done = NULL;
}
