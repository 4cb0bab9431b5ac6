/* Dates without the C library's clock: the proleptic Gregorian calendar, UTC. */
#ifndef TENSTEP_BASE_DATE_H
#define TENSTEP_BASE_DATE_H

#include "bot/base/buf.h"

struct date {
	int64_t year;
	unsigned month, day;             /* from 1 */
	unsigned hour, minute, second;
	unsigned weekday;                /* 0 Sunday */
};

struct date date_of(int64_t unix_seconds);
/* Out-of-range days run over into the next month ("February 30"). */
int64_t date_unix(struct date date);
unsigned date_days_in_month(int64_t year, unsigned month);
extern const char *const date_month_name[13];      /* [1] "January" */
extern const char *const date_weekday_name[7];     /* [0] "Sunday" */

/* "2025-03-01 10:00", "2025-03-01T10:00:00Z" or "2025-03-01". */
bool date_parse(struct str s, int64_t *unix_seconds) MUST_CHECK;
/* "90s", "15m", "8h", "3d", "500ms" (and sums: "1h30m") in milliseconds. */
bool date_duration_ms(struct str s, int64_t *ms) MUST_CHECK;
/* "this machine's clock is 600 s ahead": of somebody who did not believe it and said what time it
 * is; 0: did not. */
void date_show_fault(int64_t ours_ms, int64_t theirs_ms, struct buf *out);
/* "15 minutes", "1 day": the largest unit that divides it. */
void date_duration_show(int64_t ms, struct buf *out);

#endif
