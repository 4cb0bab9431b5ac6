/* How fast one shop may be asked: a token bucket, and a pause when the platform wants one.  Begins
 * full, with everything but per_s zero. */
#ifndef TENSTEP_SHOP_SHOP_PACE_H
#define TENSTEP_SHOP_SHOP_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct shop_pace {
	unsigned per_s;                /* and as many at once */
	int64_t credit;                /* thousandths of a request */
	int64_t at_ms, pause_until_ms; /* steady */
};

/* Takes a place in the queue: how long to wait for one's turn, 0 or more; -1: it would be @most_ms
 * or more, and no place was taken. */
int64_t shop_pace_take(struct shop_pace *pace, int64_t steady_ms, int64_t most_ms);
void shop_pace_pause(struct shop_pace *pace, int64_t until_ms);

/* Before try number @n + 1 (n from 1): @first_ms doubled each time, at most a minute, and up to
 * half of @first_ms on top by @chance. */
int64_t shop_backoff_ms(int64_t first_ms, unsigned n, uint64_t chance);

#endif
