/* Token buckets by name: how often somebody may do something.  A full bucket is forgotten. */
#ifndef TENSTEP_COMMON_RATE_H
#define TENSTEP_COMMON_RATE_H

#include "bot/base/str.h"

struct rate;

/* @burst at once, then @per_minute.  At most @max_names names at a time: when all are in use, who
 * is new has to wait. */
struct rate *rate_new(unsigned per_minute, unsigned burst, size_t max_names) MUST_CHECK;
void rate_free(struct rate *rate); /* NULL is fine */

/* False: not now; *wait_ms (may be NULL) is how long. */
bool rate_take(struct rate *rate, struct str name, int64_t steady_ms, int64_t *wait_ms) MUST_CHECK;
size_t rate_names(const struct rate *rate);

#endif
