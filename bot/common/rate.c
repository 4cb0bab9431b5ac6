/* Token buckets by name. */
#include "bot/common/rate.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/table.h"

/* Names that came anew.  If it were fewer than those who write at a time, each message would make
 * its bucket again. */
enum { sweep_every = 16384 };

struct bucket {
	UT_hash_handle hh;
	double level;
	int64_t at_ms;
	char name[];
};

struct rate {
	struct bucket *by_name;
	double per_ms, burst;
	size_t max_names, until_sweep;
};

struct rate *rate_new(unsigned per_minute, unsigned burst, size_t max_names)
{
	struct rate *rate = calloc(1, sizeof *rate);

	if (!rate)
		abort();
	rate->per_ms = per_minute / 60000.0;
	rate->burst = burst;
	rate->max_names = max_names;
	rate->until_sweep = sweep_every;
	return rate;
}

void rate_free(struct rate *rate)
{
	struct bucket *bucket, *next;

	if (!rate)
		return;
	HASH_ITER(hh, rate->by_name, bucket, next)
	{
		HASH_DEL(rate->by_name, bucket);
		free(bucket);
	}
	free(rate);
}

static double level_of(const struct rate *rate, const struct bucket *bucket, int64_t now)
{
	double level = bucket->level + (double)(now - bucket->at_ms) * rate->per_ms;

	return level < rate->burst ? level : rate->burst;
}

/* Full buckets say nothing: a new one would be full as well. */
static void sweep(struct rate *rate, int64_t now)
{
	struct bucket *bucket, *next;

	HASH_ITER(hh, rate->by_name, bucket, next)
	if (level_of(rate, bucket, now) >= rate->burst) {
		HASH_DEL(rate->by_name, bucket);
		free(bucket);
	}
	rate->until_sweep = sweep_every;
}

static struct bucket *make(struct rate *rate, struct str name, int64_t now)
{
	struct bucket *bucket;

	if (HASH_COUNT(rate->by_name) >= rate->max_names || !rate->until_sweep--)
		sweep(rate, now);
	if (HASH_COUNT(rate->by_name) >= rate->max_names)
		return NULL;
	bucket = calloc(1, sizeof *bucket + name.n + 1);
	if (!bucket)
		abort();
	memcpy(bucket->name, name.p ? name.p : "", name.n);
	bucket->level = rate->burst;
	bucket->at_ms = now;
	HASH_ADD(hh, rate->by_name, name, name.n, bucket);
	return bucket;
}

bool rate_take(struct rate *rate, struct str name, int64_t steady_ms, int64_t *wait_ms)
{
	struct bucket *bucket;

	HASH_FIND(hh, rate->by_name, name.p ? name.p : "", name.n, bucket);
	if (!bucket)
		bucket = make(rate, name, steady_ms);
	if (wait_ms)
		*wait_ms = 1000;
	if (!bucket)
		return false;
	bucket->level = level_of(rate, bucket, steady_ms);
	bucket->at_ms = steady_ms;
	if (bucket->level >= 1) {
		bucket->level -= 1;
		return true;
	}
	if (wait_ms && rate->per_ms > 0)
		*wait_ms = (int64_t)((1 - bucket->level) / rate->per_ms) + 1;
	return false;
}

size_t rate_names(const struct rate *rate)
{
	return HASH_COUNT(rate->by_name);
}
