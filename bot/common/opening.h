/* Opening hours of one weekday. */
#ifndef TENSTEP_COMMON_OPENING_H
#define TENSTEP_COMMON_OPENING_H

#include "bot/base/str.h"

/* Minutes since midnight; from == to: closed; to may be 24 * 60. */
struct opening {
	int from, to;
};

/* "monday" … "sunday"; its number from 0, or -1. */
extern const struct str opening_weekday_name[7];
int opening_weekday(struct str name);

/* "09:00-18:00", "00:00-24:00" or "closed". */
bool opening_read(struct str text, struct opening *opening) MUST_CHECK;

/* "22:00-08:00": from one day into the next when the end is before the beginning; neither empty nor
 * all day. */
bool opening_read_span(struct str text, struct opening *span) MUST_CHECK;

#endif
