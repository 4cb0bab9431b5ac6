/* Money: decimal strings to minor units and back, and as people read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/money.h"

static void money_minor__accepts__plain_decimals(void **state)
{
	static const struct {
		const char *amount, *currency;
		int64_t minor;
	} row[] = {
		{"29.9", "USD", 2990}, {"29.90", "USD", 2990}, {"29", "USD", 2900}, {"0", "USD", 0},
		{"0.01", "USD", 1}, {"-0.01", "USD", -1}, {"-0", "USD", 0},
		{"29.9000", "USD", 2990},
		{"1200", "JPY", 1200}, {"1200.00", "JPY", 1200}, {"1.234", "KWD", 1234},
		{"1.2345", "CLF", 12345}, {"5", "XXX", 500}, {"5", "", 500}, {"5", "jpy", 5},
		{"92233720368547758.07", "USD", INT64_MAX},
		{"-92233720368547758.08", "USD", INT64_MIN},
		{"9223372036854775807", "JPY", INT64_MAX},
	};
	int64_t minor;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_true(money_minor(str_of(row[i].amount), str_of(row[i].currency), &minor));
		assert_int_equal(minor, row[i].minor);
	}
}

static void money_minor__refuses__everything_else(void **state)
{
	static const char *const usd[] = {
		"", "-", ".", ".5", "5.", "-.5", "+5", "1e2", "1,000", "1 000", " 5", "5 ", "$5",
		"05",
		"00", "-05", "5.999", "5.001", "5.-1", "5.0.0", "0x5", "NaN", "--5", "5-", "٥",
		"92233720368547758.08", "-92233720368547758.09", "99999999999999999999999999",
	};
	int64_t minor;

	(void)state;
	for (size_t i = 0; i < sizeof(usd) / sizeof(*usd); i++)
		if (money_minor(str_of(usd[i]), S("USD"), &minor))
			fail_msg("'%s' was accepted", usd[i]);
	assert_false(money_minor(S("1.5"), S("JPY"), &minor));
	assert_false(money_minor(S("1.2345"), S("KWD"), &minor));
	assert_false(money_minor(S("9223372036854775808"), S("JPY"), &minor));
	assert_false(money_minor(S("5\0"), S("USD"), &minor));
}

static void money_digits__follows__iso_4217(void **state)
{
	(void)state;
	assert_int_equal(money_digits(S("USD")), 2);
	assert_int_equal(money_digits(S("IDR")), 2);
	assert_int_equal(money_digits(S("VND")), 0);
	assert_int_equal(money_digits(S("KRW")), 0);
	assert_int_equal(money_digits(S("TND")), 3);
	assert_int_equal(money_digits(S("UYW")), 4);
	assert_int_equal(money_digits(S("")), 2);
}

static void assert_plain(int64_t minor, const char *currency, const char *expected)
{
	struct buf out;
	int64_t back;

	buf_init(&out, 100);
	money_plain(minor, str_of(currency), &out);
	assert_string_equal(out.p, expected);
	assert_true(money_minor(buf_str(&out), str_of(currency), &back));
	assert_int_equal(back, minor);
	buf_release(&out);
}

static void money_plain__is_read_back__as_the_same(void **state)
{
	(void)state;
	assert_plain(2990, "USD", "29.90");
	assert_plain(0, "USD", "0.00");
	assert_plain(5, "USD", "0.05");
	assert_plain(-5, "USD", "-0.05");
	assert_plain(-100, "USD", "-1.00");
	assert_plain(1200, "JPY", "1200");
	assert_plain(1, "KWD", "0.001");
	assert_plain(INT64_MAX, "USD", "92233720368547758.07");
	assert_plain(INT64_MIN, "USD", "-92233720368547758.08");
	assert_plain(INT64_MIN, "JPY", "-9223372036854775808");
}

static void money_show__reads__as_people_write_it(void **state)
{
	static const struct {
		const char *amount, *currency, *shown;
	} row[] = {
		{"29.9", "USD", "$29.90"}, {"5", "GBP", "£5.00"}, {"12.00", "EUR", "€12.00"},
		{"1200", "JPY", "¥1,200"}, {"1234", "CHF", "1,234.00 CHF"}, {"-5", "USD", "-$5.00"},
		{"0", "USD", "$0.00"}, {"999", "USD", "$999.00"}, {"1000", "USD", "$1,000.00"},
		{"1000000.5", "USD", "$1,000,000.50"}, {"1001", "VND", "1,001 VND"},
		{"-1234567", "CHF", "-1,234,567.00 CHF"}, {"5", "", "5.00"}, {"5", "usd", "$5.00"},
		{"free", "USD", "free"}, {"", "USD", ""}, {"29.999", "USD", "29.999"},
		{"9223372036854775807", "JPY", "¥9,223,372,036,854,775,807"},
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		buf_clear(&out);
		money_show(str_of(row[i].amount), str_of(row[i].currency), &out);
		assert_string_equal(buf_str(&out).p, row[i].shown);
	}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(money_minor__accepts__plain_decimals),
		cmocka_unit_test(money_minor__refuses__everything_else),
		cmocka_unit_test(money_digits__follows__iso_4217),
		cmocka_unit_test(money_plain__is_read_back__as_the_same),
		cmocka_unit_test(money_show__reads__as_people_write_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
