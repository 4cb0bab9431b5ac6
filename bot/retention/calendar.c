/* Whether today's date can be believed. */
#include "bot/retention/calendar.h"

bool calendar_look(struct calendar *calendar, int64_t now_ms)
{
	bool leapt = !calendar->last_ms || now_ms - calendar->last_ms > calendar_forward_ms ||
		     now_ms < calendar->last_ms - calendar_back_ms;

	if (leapt)
		calendar->since_ms = now_ms;
	calendar->last_ms = now_ms;
	return leapt;
}

bool calendar_is_sure(const struct calendar *calendar)
{
	return calendar->last_ms && calendar->last_ms - calendar->since_ms >= calendar_wait_ms;
}

void calendar_show(const struct calendar *calendar, struct buf *out)
{
	buf_addf(out, "%lld %lld", (long long)calendar->last_ms, (long long)calendar->since_ms);
}

struct calendar calendar_read(struct str text)
{
	struct calendar read = {0};
	struct str last = str_cut(&text, ' ');

	if (!str_int(last, &read.last_ms) || !str_int(text, &read.since_ms) || read.last_ms < 0 ||
		read.since_ms < 0 || read.since_ms > read.last_ms)
		return (struct calendar){0};
	return read;
}
