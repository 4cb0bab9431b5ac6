/* Who waits, the soonest first (a binary heap); of the same time in the order of their names. */
#ifndef TENSTEP_ADAPTERS_STORE_PEER_QUEUE_H
#define TENSTEP_ADAPTERS_STORE_PEER_QUEUE_H

#include "bot/base/str.h"

/* Part of what is queued, whose it stays. */
struct peer_wait {
	struct str name;
	int64_t at_ms;
	size_t place; /* from 1; 0: it does not wait */
};

struct peer_queue {
	struct peer_wait **at;
	size_t n, room;
};

void peer_queue_release(struct peer_queue *queue);
/* Whether it waited before or not; @at_ms 0: it does not. */
void peer_queue_set(struct peer_queue *queue, struct peer_wait *wait, int64_t at_ms);
/* NULL: nobody waits. */
struct peer_wait *peer_queue_first(const struct peer_queue *queue);

#endif
