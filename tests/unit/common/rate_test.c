/* Token buckets by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "bot/common/rate.h"

static void rate_take__gives__a_burst_and_then_its_pace(void **state)
{
	struct rate *rate = rate_new(60, 3, 10);
	int64_t wait = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(rate_take(rate, S("a"), 1000, NULL));
	assert_false(rate_take(rate, S("a"), 1000, &wait));
	assert_in_range(wait, 900, 1100);
	assert_false(rate_take(rate, S("a"), 1500, &wait));
	assert_in_range(wait, 400, 600);
	assert_true(rate_take(rate, S("a"), 2010, NULL));
	assert_false(rate_take(rate, S("a"), 2010, NULL));
	rate_free(rate);
}

static void rate_take__keeps__names_apart(void **state)
{
	struct rate *rate = rate_new(60, 1, 10);

	(void)state;
	assert_true(rate_take(rate, S("a"), 0, NULL));
	assert_true(rate_take(rate, S("b"), 0, NULL));
	assert_true(rate_take(rate, S(""), 0, NULL));
	assert_false(rate_take(rate, S("a"), 0, NULL));
	rate_free(rate);
}

static void rate_take__holds__its_ceiling_and_forgets_who_is_calm(void **state)
{
	struct rate *rate = rate_new(60, 2, 100);
	char name[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_true(rate_take(rate, str_of(name), 0, NULL));
	}
	assert_false(rate_take(rate, S("one more"), 10, NULL));
	assert_int_equal(rate_names(rate), 100);
	assert_true(rate_take(rate, S("one more"), 60000, NULL));
	assert_int_equal(rate_names(rate), 1);
	rate_free(rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_take__gives__a_burst_and_then_its_pace),
		cmocka_unit_test(rate_take__keeps__names_apart),
		cmocka_unit_test(rate_take__holds__its_ceiling_and_forgets_who_is_calm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
