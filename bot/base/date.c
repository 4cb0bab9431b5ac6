/* Dates without the C library's clock. */
#include "bot/base/date.h"

enum {
	seconds_a_day = 86400,
	days_an_era = 146097,
	years_an_era = 400,
	believed_s = 30, /* nobody minds two clocks that are so near */
};

/* The years before this one and after its negative are cut off: their seconds do not fit. */
static const int64_t last_year = 290000000000;

const char *const date_month_name[13] = {
	"", "January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December",
};

const char *const date_weekday_name[7] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years are counted from March, so that the leap day comes last: then the months before month m
 * (March is 0) have (153 m + 2) / 5 days together.  An era is 400 years: then all repeats. */

static int64_t days_of(int64_t year, unsigned month, int64_t day)
{
	unsigned from_march = (month + 9) % 12;
	int64_t march_year = year - (month <= 2), era = floor_div(march_year, years_an_era);
	int64_t in_era = march_year - era * years_an_era;

	return era * days_an_era + in_era * 365 + in_era / 4 - in_era / 100
		+ (153 * from_march + 2) / 5 + (day - 1) - 719468;    /* 1970-03-01 is day 59 */
}

struct date date_of(int64_t unix_seconds)
{
	int64_t days = floor_div(unix_seconds, seconds_a_day);
	unsigned second = (unsigned)(unix_seconds - days * seconds_a_day);
	int64_t shifted = days + 719468, era = floor_div(shifted, days_an_era);
	int64_t day = shifted - era * days_an_era;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned day_of_year = (unsigned)(day - (365 * year + year / 4 - year / 100));
	unsigned from_march = (5 * day_of_year + 2) / 153;
	unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;

	return (struct date){
		.year = era * years_an_era + year + (month <= 2),
		.month = month,
		.day = day_of_year - (153 * from_march + 2) / 5 + 1,
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
		.weekday = (unsigned)(days - floor_div(days + 4, 7) * 7 + 4),
	};
}

int64_t date_unix(struct date date)
{
	int64_t month = (int64_t)date.month - 1, year = date.year;

	if (year > last_year)
		year = last_year;
	if (year < -last_year)
		year = -last_year;
	year += floor_div(month, 12);
	month -= floor_div(month, 12) * 12;
	return days_of(year, (unsigned)month + 1, date.day) * seconds_a_day
		+ (int64_t)date.hour * 3600 + (int64_t)date.minute * 60 + date.second;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned date_days_in_month(int64_t year, unsigned month)
{
	static const unsigned days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Takes exactly @n digits off @s. */
static bool take_digits(struct str *s, size_t n, unsigned *out)
{
	*out = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(s->p[i] - '0');
	}
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

/* "10:00", "10:00:00", a "Z" behind either. */
static bool take_time(struct str *s, struct date *date)
{
	if (!take_digits(s, 2, &date->hour) || !take_char(s, ':')
		|| !take_digits(s, 2, &date->minute))
		return false;
	if (take_char(s, ':') && !take_digits(s, 2, &date->second))
		return false;
	take_char(s, 'Z');
	return date->hour < 24 && date->minute < 60 && date->second < 60;
}

bool date_parse(struct str s, int64_t *unix_seconds)
{
	struct date date = {0};
	unsigned year;

	if (!take_digits(&s, 4, &year) || !take_char(&s, '-') || !take_digits(&s, 2, &date.month)
		|| !take_char(&s, '-') || !take_digits(&s, 2, &date.day))
		return false;
	date.year = year;
	if (date.day < 1 || date.day > date_days_in_month(date.year, date.month))
		return false;
	if ((take_char(&s, ' ') || take_char(&s, 'T')) && !take_time(&s, &date))
		return false;
	if (s.n)
		return false;
	*unix_seconds = date_unix(date);
	return true;
}

/* The largest first. */
static const struct {
	const char *sign, *name;
	int64_t ms;
} unit[] = {
	{"d", "day", 86400000}, {"h", "hour", 3600000}, {"m", "minute", 60000},
	{"s", "second", 1000}, {"ms", "millisecond", 1},
};

enum { n_units = sizeof(unit) / sizeof(*unit) };

/* Takes "30m" off @s; the unit must be one of @from and later. */
static bool take_part(struct str *s, size_t *from, int64_t *ms)
{
	size_t digits = 0, letters = 0;
	struct str sign;
	int64_t count;

	while (digits < s->n && s->p[digits] >= '0' && s->p[digits] <= '9')
		digits++;
	while (digits + letters < s->n && s->p[digits + letters] >= 'a'
		&& s->p[digits + letters] <= 'z')
		letters++;
	if (!str_int(str_sub(*s, 0, digits), &count))
		return false;
	sign = str_sub(*s, digits, letters);
	*s = str_sub(*s, digits + letters, s->n);
	for (size_t i = *from; i < n_units; i++)
		if (str_is(sign, unit[i].sign)) {
			*from = i + 1;
			return !__builtin_mul_overflow(count, unit[i].ms, ms);
		}
	return false;
}

bool date_duration_ms(struct str s, int64_t *ms)
{
	int64_t sum = 0, part;
	size_t from = 0;

	if (!s.n)
		return false;
	while (s.n)
		if (!take_part(&s, &from, &part) || __builtin_add_overflow(sum, part, &sum))
			return false;
	*ms = sum;
	return true;
}

void date_duration_show(int64_t ms, struct buf *out)
{
	size_t i = 0;
	int64_t count;

	while (ms % unit[i].ms || (ms == 0 && unit[i].ms > 1000))
		i++;
	count = ms / unit[i].ms;
	buf_addf(out, "%lld %s%s", (long long)count, unit[i].name,
		count == 1 || count == -1 ? "" : "s");
}

void date_show_fault(int64_t ours_ms, int64_t theirs_ms, struct buf *out)
{
	int64_t ahead_s = (ours_ms - theirs_ms) / 1000;

	buf_adds(out, "this machine's clock ");
	if (!theirs_ms)
		buf_adds(out, "is wrong");
	else if (ahead_s > believed_s)
		buf_addf(out, "is %lld s ahead", (long long)ahead_s);
	else if (ahead_s < -believed_s)
		buf_addf(out, "is %lld s behind", (long long)-ahead_s);
	else
		buf_adds(out, "was wrong"); /* and is right by now */
}
