/* "09:00-18:00" */
#include "bot/common/opening.h"

const struct str opening_weekday_name[7] = {
	S("monday"),
	S("tuesday"),
	S("wednesday"),
	S("thursday"),
	S("friday"),
	S("saturday"),
	S("sunday"),
};

enum { day_minutes = 24 * 60 };

int opening_weekday(struct str name)
{
	for (int i = 0; i < 7; i++)
		if (str_eq(name, opening_weekday_name[i]))
			return i;
	return -1;
}

static bool read_digits(const char *p, int *number)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*number = (p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

static bool read_time(const char *p, int *minutes)
{
	int hour, minute;

	if (!read_digits(p, &hour) || p[2] != ':' || !read_digits(p + 3, &minute) || minute > 59)
		return false;
	*minutes = hour * 60 + minute;
	return *minutes <= day_minutes;
}

bool opening_read_span(struct str text, struct opening *span)
{
	*span = (struct opening){0, 0};
	return text.n == 11 && text.p[5] == '-' && read_time(text.p, &span->from) &&
	       read_time(text.p + 6, &span->to) && span->from < day_minutes &&
	       span->from != span->to % day_minutes;
}

bool opening_read(struct str text, struct opening *opening)
{
	*opening = (struct opening){0, 0};
	if (str_is(text, "closed"))
		return true;
	return text.n == 11 && text.p[5] == '-' && read_time(text.p, &opening->from) &&
	       read_time(text.p + 6, &opening->to) && opening->from < opening->to;
}
