/* Who waits. */
#include "adapters/store/peer_queue.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

void peer_queue_release(struct peer_queue *queue)
{
	free(queue->at);
	*queue = (struct peer_queue){0};
}

static bool is_sooner(const struct peer_wait *a, const struct peer_wait *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : str_cmp(a->name, b->name) < 0;
}

static void place(struct peer_queue *queue, struct peer_wait *wait, size_t i)
{
	queue->at[i - 1] = wait;
	wait->place = i;
}

/* From place @i, which is free or its own, to where it belongs. */
static void rise(struct peer_queue *queue, struct peer_wait *wait, size_t i)
{
	for (; i > 1 && is_sooner(wait, queue->at[i / 2 - 1]); i /= 2)
		place(queue, queue->at[i / 2 - 1], i);
	place(queue, wait, i);
}

static void sink(struct peer_queue *queue, struct peer_wait *wait, size_t i)
{
	for (size_t below; (below = 2 * i) <= queue->n; i = below) {
		if (below < queue->n && is_sooner(queue->at[below], queue->at[below - 1]))
			below++;
		if (!is_sooner(queue->at[below - 1], wait))
			break;
		place(queue, queue->at[below - 1], i);
	}
	place(queue, wait, i);
}

static void settle(struct peer_queue *queue, struct peer_wait *wait)
{
	rise(queue, wait, wait->place);
	sink(queue, wait, wait->place);
}

static void leave(struct peer_queue *queue, struct peer_wait *wait)
{
	struct peer_wait *last = queue->at[--queue->n];

	if (last != wait) {
		place(queue, last, wait->place);
		settle(queue, last);
	}
	wait->place = 0;
}

static void join(struct peer_queue *queue, struct peer_wait *wait)
{
	if (queue->n == queue->room) {
		queue->room = queue->room ? 2 * queue->room : FIRST_ROOM;
		queue->at = realloc(queue->at, queue->room * sizeof(struct peer_wait *));
		if (!queue->at)
			abort();
	}
	rise(queue, wait, ++queue->n);
}

void peer_queue_set(struct peer_queue *queue, struct peer_wait *wait, int64_t at_ms)
{
	if (!at_ms && wait->place)
		leave(queue, wait);
	wait->at_ms = at_ms;
	if (at_ms && wait->place)
		settle(queue, wait);
	else if (at_ms)
		join(queue, wait);
}

struct peer_wait *peer_queue_first(const struct peer_queue *queue)
{
	return queue->n ? queue->at[0] : NULL;
}
