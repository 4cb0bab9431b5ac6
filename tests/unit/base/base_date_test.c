/* Dates and durations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/date.h"

static void date_of__walks__eight_hundred_years_day_by_day(void **state)
{
	struct date expected = {.year = 1570, .month = 1, .day = 1, .weekday = 4};
	int64_t first = date_unix(expected), day = first;

	(void)state;
	assert_int_equal(first, INT64_C(-12622780800));
	while (expected.year <= 2370) {
		struct date date = date_of(day + 86399);

		assert_int_equal(date.year, expected.year);
		assert_int_equal(date.month, expected.month);
		assert_int_equal(date.day, expected.day);
		assert_int_equal(date.weekday, expected.weekday);
		assert_int_equal(date.hour * 10000 + date.minute * 100 + date.second, 235959);
		assert_int_equal(date_unix(date), day + 86399);
		assert_int_equal(date_of(day).hour, 0);
		day += 86400;
		expected.weekday = (expected.weekday + 1) % 7;
		if (++expected.day > date_days_in_month(expected.year, expected.month)) {
			expected.day = 1;
			if (++expected.month > 12) {
				expected.month = 1;
				expected.year++;
			}
		}
	}
	assert_int_equal((day - first) / 86400, 292559);    /* 801 years, 194 of them leap years */
}

static void date_of__knows__famous_moments(void **state)
{
	struct date date = date_of(0);

	(void)state;
	assert_int_equal(date.year, 1970);
	assert_int_equal(date.weekday, 4);
	date = date_of(-1);
	assert_int_equal(date.year, 1969);
	assert_int_equal(date.second, 59);
	date = date_of(951782400);
	assert_int_equal(date.month * 100 + date.day, 229);
	date = date_of(INT64_C(253402300799));
	assert_int_equal(date.year, 9999);
	date = date_of(INT64_C(-62167219200));
	assert_int_equal(date.year, 0);
	date = date_of(INT64_MAX);
	assert_int_equal(date.year, INT64_C(292277026596));
	date = date_of(INT64_MIN);
	assert_int_equal(date.year, INT64_C(-292277022657));
}

static void date_unix__runs_over__into_the_next_month(void **state)
{
	(void)state;
	assert_int_equal(date_unix((struct date){.year = 2025, .month = 2, .day = 30}),
		date_unix((struct date){.year = 2025, .month = 3, .day = 2}));
	assert_int_equal(date_unix((struct date){.year = 2025, .month = 13, .day = 1}),
		date_unix((struct date){.year = 2026, .month = 1, .day = 1}));
	assert_int_equal(date_unix((struct date){.year = 2025, .month = 0, .day = 1}),
		date_unix((struct date){.year = 2024, .month = 12, .day = 1}));
	assert_int_equal(date_unix((struct date){.year = 2025, .month = 1, .day = 0}),
		date_unix((struct date){.year = 2024, .month = 12, .day = 31}));
	assert_int_equal(date_unix((struct date){.year = 1970, .month = 1, .day = 1, .hour = 25}),
		90000);
	assert_true(date_unix((struct date){.year = INT64_MAX, .month = UINT32_MAX,
		.day = UINT32_MAX, .hour = UINT32_MAX, .minute = UINT32_MAX,
		.second = UINT32_MAX}) > 0);
	assert_true(date_unix((struct date){.year = INT64_MIN, .month = 1, .day = 1}) < 0);
}

static void date_days_in_month__knows__leap_years(void **state)
{
	(void)state;
	assert_int_equal(date_days_in_month(2024, 2), 29);
	assert_int_equal(date_days_in_month(2025, 2), 28);
	assert_int_equal(date_days_in_month(1900, 2), 28);
	assert_int_equal(date_days_in_month(2000, 2), 29);
	assert_int_equal(date_days_in_month(-4, 2), 29);
	assert_int_equal(date_days_in_month(2025, 0), 0);
	assert_int_equal(date_days_in_month(2025, 13), 0);
}

static void date_parse__accepts__three_forms(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} row[] = {
		{"1970-01-01", 0}, {"2025-03-01", 1740787200}, {"2025-03-01 10:00", 1740823200},
		{"2025-03-01T10:00:00Z", 1740823200}, {"2025-03-01T10:00", 1740823200},
		{"2025-03-01 23:59:59", 1740873599}, {"2024-02-29", 1709164800},
		{"0000-01-01", -62167219200}, {"9999-12-31T23:59:59Z", 253402300799},
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_true(date_parse(str_of(row[i].text), &seconds));
		assert_int_equal(seconds, row[i].seconds);
	}
}

static void date_parse__refuses__everything_else(void **state)
{
	static const char *const row[] = {
		"", "2025", "2025-03", "2025-3-1", "2025-03-1", "25-03-01", "2025-00-01",
		"2025-13-01",
		"2025-02-29", "2025-04-31", "2025-03-00", "2025-03-32", "2025-03-01 ",
		" 2025-03-01",
		"2025-03-01T", "2025-03-01 24:00", "2025-03-01 10:60", "2025-03-01 10:00:60",
		"2025-03-01 10", "2025-03-01 10:0", "2025-03-01 10:00:", "2025-03-01Z",
		"2025-03-01T10:00:00ZZ", "2025-03-01T10:00:00+01:00", "2025/03/01", "-2025-03-01",
		"2025-03-01x", "+025-03-01", "2025-03-01T10:00:00.5Z",
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (date_parse(str_of(row[i]), &seconds))
			fail_msg("'%s' was accepted", row[i]);
}

static void date_duration_ms__reads__units_and_sums(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} row[] = {
		{"0s", 0}, {"500ms", 500}, {"90s", 90000}, {"15m", 900000}, {"8h", 28800000},
		{"3d", 259200000}, {"1h30m", 5400000}, {"1d2h3m4s5ms", 93784005},
		{"9223372036854775807ms", INT64_MAX},
	};
	static const char *const refused[] = {
		"", "5", "m", "5 m", " 5m", "5m ", "-5m", "+5m", "5x", "5M", "1.5h", "30m1h",
		"1h1h", "5mss",
		"1h30", "5m,", "9223372036854775808ms", "106751991168d", "9223372036854775807ms1s",
		"106751991167d9223372036854775807ms", "5min",
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_true(date_duration_ms(str_of(row[i].text), &ms));
		assert_int_equal(ms, row[i].ms);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (date_duration_ms(str_of(refused[i]), &ms))
			fail_msg("'%s' was accepted", refused[i]);
}

static void date_duration_show__takes__the_largest_unit(void **state)
{
	static const struct {
		int64_t ms;
		const char *shown;
	} row[] = {
		{0, "0 seconds"}, {1, "1 millisecond"}, {500, "500 milliseconds"},
		{1000, "1 second"},
		{90000, "90 seconds"}, {60000, "1 minute"}, {900000, "15 minutes"},
		{3600000, "1 hour"},
		{5400000, "90 minutes"}, {86400000, "1 day"}, {172800000, "2 days"},
		{1500, "1500 milliseconds"},
		{-60000, "-1 minute"},
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		buf_clear(&out);
		date_duration_show(row[i].ms, &out);
		assert_string_equal(out.p, row[i].shown);
	}
	buf_release(&out);
}

static void date_show_fault__says__how_wrong_a_clock_is(void **state)
{
	static const struct {
		int64_t ours_ms, theirs_ms;
		const char *shown;
	} row[] = {
		{1000000, 0, "this machine's clock is wrong"},
		{1000000, 400000, "this machine's clock is 600 s ahead"},
		{400000, 1000000, "this machine's clock is 600 s behind"},
		{1030000, 1000000, "this machine's clock was wrong"},
		{1000000, 1030000, "this machine's clock was wrong"},
		{1031000, 1000000, "this machine's clock is 31 s ahead"},
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		buf_clear(&out);
		date_show_fault(row[i].ours_ms, row[i].theirs_ms, &out);
		assert_string_equal(out.p, row[i].shown);
	}
	buf_release(&out);
}

static void date_names__stand__at_their_numbers(void **state)
{
	(void)state;
	assert_string_equal(date_month_name[1], "January");
	assert_string_equal(date_month_name[12], "December");
	assert_string_equal(date_weekday_name[0], "Sunday");
	assert_string_equal(date_weekday_name[6], "Saturday");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date_of__walks__eight_hundred_years_day_by_day),
		cmocka_unit_test(date_of__knows__famous_moments),
		cmocka_unit_test(date_unix__runs_over__into_the_next_month),
		cmocka_unit_test(date_days_in_month__knows__leap_years),
		cmocka_unit_test(date_parse__accepts__three_forms),
		cmocka_unit_test(date_parse__refuses__everything_else),
		cmocka_unit_test(date_duration_ms__reads__units_and_sums),
		cmocka_unit_test(date_duration_show__takes__the_largest_unit),
		cmocka_unit_test(date_show_fault__says__how_wrong_a_clock_is),
		cmocka_unit_test(date_names__stand__at_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
