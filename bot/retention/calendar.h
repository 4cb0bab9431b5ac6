/* Whether today's date can be believed.  What is too old by a clock that is wrong would be gone for
 * ever; so nothing is, until the date has gone on by itself for some days: each time it leaps, a
 * person has that long to set the clock right.  Pure: the time is given, and the caller keeps the
 * calendar where a start finds it again. */
#ifndef TENSTEP_RETENTION_CALENDAR_H
#define TENSTEP_RETENTION_CALENDAR_H

#include "bot/base/buf.h"

struct calendar {
	int64_t last_ms;  /* the newest date that was seen; 0: none */
	int64_t since_ms; /* it has gone on since this one */
};

enum {
	calendar_hour_ms = 3600 * 1000,
	/* Further than this it does not go on, it leaps: forward (or nobody looked at it), back. */
	calendar_forward_ms = 24 * calendar_hour_ms,
	calendar_back_ms = calendar_hour_ms,
	calendar_wait_ms = 3 * 24 * calendar_hour_ms, /* a weekend */
};
/* Nobody is away for so long: rather the clock was wrong before. */
static const int64_t calendar_away_ms = 30 * 24 * (int64_t)calendar_hour_ms;

/* To be shown the time more often than calendar_forward_ms.  True: it has leapt, or this is the
 * first. */
bool calendar_look(struct calendar *calendar, int64_t now_ms);
bool calendar_is_sure(const struct calendar *calendar) MUST_CHECK;

/* As text, and back; what it did not write reads as no calendar. */
void calendar_show(const struct calendar *calendar, struct buf *out);
struct calendar calendar_read(struct str text) MUST_CHECK;

#endif
