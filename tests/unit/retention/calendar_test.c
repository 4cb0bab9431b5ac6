/* Whether today's date can be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bot/retention/calendar.h"

static const int64_t hour = calendar_hour_ms, day = 24 * (int64_t)calendar_hour_ms;
static const int64_t begin = (int64_t)1750000000 * 1000;

/* It is looked at hourly up to @end. */
static void goes_on(struct calendar *calendar, int64_t end)
{
	for (int64_t now = calendar->last_ms; now <= end; now += hour)
		assert_false(calendar_look(calendar, now));
}

static struct calendar sure_one(void)
{
	struct calendar calendar = {0};

	assert_true(calendar_look(&calendar, begin));
	goes_on(&calendar, begin + calendar_wait_ms);
	assert_true(calendar_is_sure(&calendar));
	return calendar;
}

static void calendar__is_sure__after_three_days(void **state)
{
	struct calendar calendar = {0};

	(void)state;
	assert_false(calendar_is_sure(&calendar));
	assert_true(calendar_look(&calendar, begin));
	assert_false(calendar_is_sure(&calendar));
	goes_on(&calendar, begin + calendar_wait_ms - hour);
	assert_false(calendar_is_sure(&calendar));
	goes_on(&calendar, begin + calendar_wait_ms);
	assert_true(calendar_is_sure(&calendar));
}

static void calendar__that_leaps__has_to_wait_again(void **state)
{
	static const int64_t leap[] = {365, 2, -1, -365};

	(void)state;
	for (size_t i = 0; i < sizeof(leap) / sizeof(*leap); i++) {
		struct calendar calendar = sure_one();
		int64_t now = calendar.last_ms + leap[i] * day;

		assert_true(calendar_look(&calendar, now));
		assert_false(calendar_is_sure(&calendar));
		goes_on(&calendar, now + calendar_wait_ms - hour);
		assert_false(calendar_is_sure(&calendar));
		goes_on(&calendar, now + calendar_wait_ms);
		assert_true(calendar_is_sure(&calendar));
	}
}

/* The program was away for a while, or the clock was put right by a little. */
static void calendar__that_moves_a_little__stays_sure(void **state)
{
	struct calendar calendar = sure_one();

	(void)state;
	assert_false(calendar_look(&calendar, calendar.last_ms + day));
	assert_false(calendar_look(&calendar, calendar.last_ms - hour));
	assert_true(calendar_is_sure(&calendar));
}

static void calendar__as_text__comes_back(void **state)
{
	struct calendar calendar = sure_one(), back;
	struct buf text;

	(void)state;
	buf_init(&text, 100);
	calendar_show(&calendar, &text);
	back = calendar_read(buf_str(&text));
	assert_int_equal(back.last_ms, calendar.last_ms);
	assert_int_equal(back.since_ms, calendar.since_ms);
	buf_release(&text);
}

static void calendar__that_cannot_be_read__is_none(void **state)
{
	static const char *const text[] = {
		"", " ", "1", "1 ", " 1", "2 x", "x 2", "-1 -2", "1 2", "9 8 7"};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct calendar calendar = calendar_read(str_of(text[i]));

		assert_int_equal(calendar.last_ms, 0);
		assert_int_equal(calendar.since_ms, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar__is_sure__after_three_days),
		cmocka_unit_test(calendar__that_leaps__has_to_wait_again),
		cmocka_unit_test(calendar__that_moves_a_little__stays_sure),
		cmocka_unit_test(calendar__as_text__comes_back),
		cmocka_unit_test(calendar__that_cannot_be_read__is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
