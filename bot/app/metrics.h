/* What is counted, and the Prometheus text of it (exposition format 0.0.4).  The names stand in one
 * table in metrics.c; labels are words of ours, never a buyer's text. */
#ifndef TENSTEP_APP_METRICS_H
#define TENSTEP_APP_METRICS_H

#include "bot/base/buf.h"

struct metrics;

struct metrics *metrics_new(void) MUST_CHECK;
void metrics_free(struct metrics *metrics); /* NULL is fine */

/* Each family has at most two labels; the values are copied on first use.  A family holds at most
 * 2,000 series: what is above goes to the series "other".  NULL metrics: nothing happens. */
void metrics_add(
	struct metrics *metrics, const char *name, const char *a, const char *b, double by);
void metrics_set(
	struct metrics *metrics, const char *name, const char *a, const char *b, double to);
void metrics_observe(struct metrics *metrics, const char *name, const char *a, double seconds);
double metrics_value(const struct metrics *metrics, const char *name, const char *a, const char *b);
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
