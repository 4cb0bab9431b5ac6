/* How much a listener lets the world have of it. */
#ifndef TENSTEP_ADAPTERS_NET_LISTENER_LIMITS_H
#define TENSTEP_ADAPTERS_NET_LISTENER_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct listener_limits {          /* 0: the default */
	size_t max_connections;   /* 16,384, and at most the descriptor limit − 256 */
	size_t max_per_address;   /* 64; loopback and trusted proxies: no limit of their own */
	unsigned connects_per_s;  /* an address, bursts of four times that: 50 */
	size_t max_message_bytes; /* 16,384 */
	size_t max_queue_bytes;   /* waiting to be written to one socket: 262,144, then 1013 */
	/* Bodies, answers and what waits to be written, of all connections: 268,435,456; of one
	 * address, except loopback and trusted proxies, a quarter.  Beyond it 503, or 1013; each
	 * connection may have 16,384 in any case.  A file that is being read counts as a 64th, for
	 * its descriptor. */
	size_t max_held_bytes;
	int64_t request_ms;       /* 15,000: head and body together */
	int64_t message_ms;       /* 10,000 */
	int64_t ping_ms, drop_ms; /* 30,000 and 60,000 of silence */
};

/* What is told at once of what has piled up, in bytes: half of what may wait for a slow reader. Who
 * has much to catch up with would else be sent away with it each time. */
static inline size_t listener_at_once(const struct listener_limits *limits)
{
	return limits->max_queue_bytes / 2;
}

#endif
