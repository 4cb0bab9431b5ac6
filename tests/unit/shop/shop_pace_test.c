/* How fast a shop is asked, how long is waited, and how often may be guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/shop/shop_guess.h"
#include "bot/shop/shop_pace.h"

static void pace__gives_a_burst_and_then_the_rate(void **state)
{
	struct shop_pace pace = {.per_s = 10};
	int64_t now = 5000;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(shop_pace_take(&pace, now, 60000), 0);
	assert_int_equal(shop_pace_take(&pace, now, 60000), 100);
	assert_int_equal(shop_pace_take(&pace, now, 60000), 200);
	assert_int_equal(shop_pace_take(&pace, now + 1000, 60000), 0);
}

static void pace__takes_no_place__that_comes_too_late(void **state)
{
	struct shop_pace pace = {.per_s = 1};

	(void)state;
	assert_int_equal(shop_pace_take(&pace, 5000, 500), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(shop_pace_take(&pace, 5000, 500), -1);
	assert_int_equal(shop_pace_take(&pace, 5600, 500), 400);
}

static void pause__holds_everybody_back(void **state)
{
	struct shop_pace pace = {.per_s = 100};

	(void)state;
	shop_pace_pause(&pace, 9000);
	shop_pace_pause(&pace, 8000); /* a shorter one changes nothing */
	assert_int_equal(shop_pace_take(&pace, 5000, 60000), 4000);
	assert_int_equal(shop_pace_take(&pace, 5000, 3000), -1);
	assert_int_equal(shop_pace_take(&pace, 9000, 3000), 0);
}

static void backoff__doubles_up_to_a_minute(void **state)
{
	static const int64_t wait_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

	(void)state;
	for (unsigned n = 1; n <= 8; n++) {
		assert_int_equal(shop_backoff_ms(1000, n, 0), wait_ms[n - 1]);
		assert_int_equal(shop_backoff_ms(1000, n, 500), wait_ms[n - 1] + 500);
		assert_int_equal(shop_backoff_ms(1000, n, 501), wait_ms[n - 1]);
	}
	assert_int_equal(shop_backoff_ms(1000, 1000, 0), 60000);
}

static void guesses__end_after_five__in_one_conversation(void **state)
{
	struct shop_guess *guess = shop_guess_new();

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(shop_guess_take(guess, S("a"), S("1"), 1000));
	assert_false(shop_guess_take(guess, S("a"), S("2"), 1000));
	assert_true(shop_guess_take(guess, S("b"), S("1"), 1000));
	assert_false(shop_guess_take(guess, S("a"), S("1"), 4599));
	assert_true(shop_guess_take(guess, S("a"), S("1"), 4600));
	shop_guess_free(guess);
}

static void guess__that_was_right__is_given_back(void **state)
{
	struct shop_guess *guess = shop_guess_new();

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_true(shop_guess_take(guess, S("a"), S("1"), 1000));
		shop_guess_give_back(guess, S("a"), S("1"));
	}
	shop_guess_give_back(guess, S("a"), S("7")); /* never taken: nothing happens */
	for (int i = 0; i < 5; i++)
		assert_true(shop_guess_take(guess, S("a"), S("1"), 1000));
	assert_false(shop_guess_take(guess, S("a"), S("1"), 1000));
	shop_guess_give_back(guess, S("a"), S("1"));
	assert_true(shop_guess_take(guess, S("a"), S("1"), 1000));
	shop_guess_free(guess);
}

static void guesses__end_after_twenty__on_one_number_however_it_is_written(void **state)
{
	struct shop_guess *guess = shop_guess_new();
	char who[2] = "a";

	(void)state;
	for (int i = 0; i < 20; i++) {
		who[0] = (char)('a' + i);
		assert_true(shop_guess_take(
			guess, str_of(who), i % 2 ? S("576461") : S("# 576 461"), 1000));
	}
	assert_false(shop_guess_take(guess, S("z"), S("576-461"), 1000));
	assert_true(shop_guess_take(guess, S("z"), S("576462"), 1000));
	for (int i = 0; i < 26; i++) { /* what is no number is not one number */
		who[0] = (char)('A' + i);
		assert_true(shop_guess_take(guess, str_of(who), S("my order"), 1000));
	}
	shop_guess_free(guess);
}

static void guesses__end_for_all__when_too_many_miss(void **state)
{
	struct shop_guess *guess = shop_guess_new();

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char name[] = {(char)('0' + i / 1000), (char)('0' + i / 100 % 10),
			(char)('0' + i / 10 % 10), (char)('0' + i % 10), 0};

		assert_true(shop_guess_take(guess, str_of(name), str_of(name), 1000));
	}
	assert_false(shop_guess_take(guess, S("fresh"), S("99999"), 1000));
	assert_true(shop_guess_take(guess, S("fresh"), S("99999"), 4600));
	shop_guess_free(guess);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pace__gives_a_burst_and_then_the_rate),
		cmocka_unit_test(pace__takes_no_place__that_comes_too_late),
		cmocka_unit_test(pause__holds_everybody_back),
		cmocka_unit_test(backoff__doubles_up_to_a_minute),
		cmocka_unit_test(guesses__end_after_five__in_one_conversation),
		cmocka_unit_test(guess__that_was_right__is_given_back),
		cmocka_unit_test(guesses__end_after_twenty__on_one_number_however_it_is_written),
		cmocka_unit_test(guesses__end_for_all__when_too_many_miss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
