/* What is counted, and the Prometheus text of it (exposition format 0.0.4).  The names stand in one
 * table in metrics.c; labels are words of ours, never a buyer's text. */
#ifndef TENSTEP_COMMON_METRICS_H
#define TENSTEP_COMMON_METRICS_H

#include "bot/base/buf.h"

struct metrics;

struct metrics *metrics_new(void) MUST_CHECK;
void metrics_free(struct metrics *metrics); /* NULL is fine */

/* @name is as the page shows it, "tenstep_messages_total"; one that is not in the table of
 * metrics.c, or a label that the family does not have, is a bug and stops the program.  @a and @b
 * are the values of its first and second label (NULL: empty), copied on first use, cut at 100
 * bytes.  A family holds at most 2,000 series: what is above goes to the series "other".  NULL
 * metrics: nothing happens. */
void metrics_add(/* counters, by >= 0; gauges */
	struct metrics *metrics, const char *name, const char *a, const char *b, double by);
void metrics_set(/* gauges */
	struct metrics *metrics, const char *name, const char *a, const char *b, double to);
void metrics_observe(/* histograms */
	struct metrics *metrics, const char *name, const char *a, double seconds);
/* A counter or gauge of its own, for who adds to it all the time: looked up once, valid as long as
 * @metrics.  NULL if that is. */
struct series;
struct series *metrics_series(
	struct metrics *metrics, const char *name, const char *a, const char *b);
void series_add(struct series *series, double by); /* NULL: nothing happens */
/* 0 if there is none yet; of a histogram, how many were observed. */
double metrics_value(const struct metrics *metrics, const char *name, const char *a, const char *b);
/* The whole page, with what the process uses.  Content-Type: metrics_type. */
#define metrics_type "text/plain; version=0.0.4; charset=utf-8"
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
