/* Whether somebody is at the desk, by the opening hours in the shop's own time. */
#include "bot/desk/desk_hours.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { minute_s = 60, quarter_minutes = 15, searched_days = 8 };

/* The C library knows one zone a process.  It is set once, before there are threads, and not again:
 * looking up a name reads the environment in a thread of its own. */
static void use_zone(struct str zone)
{
	char name[100] = "UTC0";
	const char *now = getenv("TZ");

	if (zone.n && zone.n < sizeof(name) - 1) {
		name[0] = ':'; /* a file of the tz database, never a rule spelt out */
		memcpy(name + 1, zone.p, zone.n);
		name[zone.n + 1] = 0;
	}
	if (now && strcmp(now, name) == 0)
		return;
	setenv("TZ", name, 1);
	tzset();
}

static bool is_open_at(const struct serve_config *config, int64_t at)
{
	time_t t = (time_t)at;
	struct tm local;
	const struct opening *day;
	int minute;

	if (!localtime_r(&t, &local))
		return false;
	day = &config->hours[(local.tm_wday + 6) % 7]; /* Monday first */
	minute = local.tm_hour * 60 + local.tm_min;
	return day->from <= minute && minute < day->to;
}

static int common_divisor(int a, int b)
{
	return b ? common_divisor(b, a % b) : a;
}

/* Zones are whole quarters of an hour off, so a desk opens at such a minute of Unix time too. */
static int64_t step_of(const struct serve_config *config)
{
	int minutes = quarter_minutes;

	for (int day = 0; day < 7; day++)
		if (config->hours[day].from < config->hours[day].to)
			minutes = common_divisor(minutes, config->hours[day].from);
	return (int64_t)minutes * minute_s;
}

static int64_t next_opening(const struct serve_config *config, int64_t now)
{
	int64_t step = step_of(config);

	for (int64_t at = now - now % step + step; at <= now + searched_days * 86400; at += step)
		if (is_open_at(config, at))
			return at;
	return 0;
}

bool desk_open(const struct serve_config *config, int64_t now, int64_t *opens_at)
{
	bool is_open;

	*opens_at = 0;
	if (!config->has_hours)
		return true;
	use_zone(config->timezone);
	is_open = is_open_at(config, now);
	if (!is_open)
		*opens_at = next_opening(config, now);
	return is_open;
}

static int minute_of(int64_t at)
{
	time_t t = (time_t)at;
	struct tm local;

	return localtime_r(&t, &local) ? local.tm_hour * 60 + local.tm_min : 0;
}

static bool is_quiet_at(const struct opening *quiet, int64_t at)
{
	int minute = minute_of(at);

	if (quiet->from < quiet->to)
		return quiet->from <= minute && minute < quiet->to;
	return quiet->from <= minute || minute < quiet->to;
}

/* By the minute: a night in which the clocks are changed is longer or shorter than others. */
bool desk_quiet(const struct serve_config *config, int64_t now, int64_t *ends_at)
{
	const struct opening *quiet = &config->quiet;
	int64_t at = now;

	*ends_at = 0;
	if (quiet->from == quiet->to)
		return false;
	use_zone(config->timezone);
	if (!is_quiet_at(quiet, now))
		return false;
	while (is_quiet_at(quiet, at) && at < now + 2 * 86400)
		at += minute_s - at % minute_s;
	*ends_at = at;
	return true;
}

/* "Monday 09:00", "today 14:00", "tomorrow 09:00" in the shop's time. */
void desk_when(const struct serve_config *config, int64_t now, int64_t at, struct buf *out)
{
	static const char *const day_name[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	time_t from = (time_t)now, to = (time_t)at;
	struct tm today, then;
	int64_t days;

	use_zone(config->timezone);
	if (!localtime_r(&from, &today) || !localtime_r(&to, &then))
		return;
	days = then.tm_year == today.tm_year ? then.tm_yday - today.tm_yday
					     : (at - now) / 86400 + 1;
	if (days == 0)
		buf_adds(out, "today");
	else if (days == 1)
		buf_adds(out, "tomorrow");
	else
		buf_adds(out, day_name[then.tm_wday]);
	buf_addf(out, " at %02d:%02d", then.tm_hour, then.tm_min);
}

void desk_when_plain(const struct serve_config *config, int64_t at, struct buf *out)
{
	time_t t = (time_t)at;
	struct tm then;

	use_zone(config->timezone);
	if (localtime_r(&t, &then))
		buf_addf(out, "%04d-%02d-%02d %02d:%02d", then.tm_year + 1900, then.tm_mon + 1,
			then.tm_mday, then.tm_hour, then.tm_min);
}
