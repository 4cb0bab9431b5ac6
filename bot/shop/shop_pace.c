/* How fast one shop may be asked. */
#include "bot/shop/shop_pace.h"

enum { per_request = 1000, backoff_max_ms = 60 * 1000 };

static void refill(struct shop_pace *pace, int64_t steady_ms)
{
	int64_t full = (int64_t)pace->per_s * per_request;
	int64_t passed = steady_ms - pace->at_ms;

	if (!pace->at_ms || passed * pace->per_s > full - pace->credit)
		pace->credit = full;
	else
		pace->credit +=
			passed * pace->per_s; /* a millisecond is a thousandth of a second */
	pace->at_ms = steady_ms;
}

int64_t shop_pace_take(struct shop_pace *pace, int64_t steady_ms, int64_t most_ms)
{
	int64_t wait_ms = 0, pause_ms = pace->pause_until_ms - steady_ms;

	refill(pace, steady_ms);
	if (pace->credit < per_request)
		wait_ms = (per_request - pace->credit + pace->per_s - 1) / pace->per_s;
	if (pause_ms > wait_ms)
		wait_ms = pause_ms;
	if (wait_ms && wait_ms >= most_ms)
		return -1;
	pace->credit -= per_request;
	return wait_ms;
}

void shop_pace_pause(struct shop_pace *pace, int64_t until_ms)
{
	if (until_ms > pace->pause_until_ms)
		pace->pause_until_ms = until_ms;
}

int64_t shop_backoff_ms(int64_t first_ms, unsigned n, uint64_t chance)
{
	int64_t wait_ms = first_ms;

	while (--n && wait_ms < backoff_max_ms)
		wait_ms *= 2;
	if (wait_ms > backoff_max_ms)
		wait_ms = backoff_max_ms;
	return wait_ms + (int64_t)(chance % ((uint64_t)first_ms / 2 + 1));
}
