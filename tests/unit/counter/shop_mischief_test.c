/* Misbehaviour on demand: which request goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bot/counter/shop_mischief.h"

static struct mischief_rule read_rule(const char *text)
{
	struct mischief_rule rule;
	struct buf error;

	buf_init(&error, 600);
	if (!mischief_read(str_of(text), &rule, &error))
		fail_msg("%.*s", STR(buf_str(&error)));
	buf_release(&error);
	return rule;
}

static void read__of_what_is_none__says_what_there_is(void **state)
{
	static const char *const wrong[] = {
		"", "orders.search", "orders.search:nonsense", ":500", "a:500:x", "a:500:1:x"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct mischief_rule rule;
		struct buf error;

		buf_init(&error, 600);
		assert_false(mischief_read(str_of(wrong[i]), &rule, &error));
		assert_true(error.n > 0 && !error.over);
		buf_release(&error);
	}
}

static void take__strikes_as_often_as_asked__and_only_what_was_named(void **state)
{
	struct mischiefs *m = mischiefs_new(1);
	struct mischief_rule rule = read_rule("cancellations.create:swallow:2");

	(void)state;
	assert_true(mischiefs_add(m, &rule));
	assert_int_equal(mischiefs_take(m, S("orders.search"), false).act, MISCHIEF_NONE);
	assert_int_equal(mischiefs_take(m, S("cancellations.create"), true).act, MISCHIEF_SWALLOW);
	assert_int_equal(mischiefs_take(m, S("cancellations.create"), true).act, MISCHIEF_SWALLOW);
	assert_int_equal(mischiefs_take(m, S("cancellations.create"), true).act, MISCHIEF_NONE);
	mischiefs_free(m);
}

static void take__in_the_order_of_the_rules__a_rule_at_a_time(void **state)
{
	struct mischiefs *m = mischiefs_new(1);
	struct mischief_rule first = read_rule("*:slow:1:7"), second = read_rule("writes:500");
	struct mischief taken;

	(void)state;
	assert_true(mischiefs_add(m, &first) && mischiefs_add(m, &second));
	taken = mischiefs_take(m, S("returns.create"), true);
	assert_int_equal(taken.act, MISCHIEF_SLOW);
	assert_int_equal(taken.ms, 7);
	assert_int_equal(mischiefs_take(m, S("orders.search"), false).act, MISCHIEF_NONE);
	assert_int_equal(mischiefs_take(m, S("returns.create"), true).act, MISCHIEF_ERROR_500);
	mischiefs_clear(m);
	assert_int_equal(mischiefs_take(m, S("returns.create"), true).act, MISCHIEF_NONE);
	mischiefs_free(m);
}

static unsigned strikes(uint64_t seed, unsigned pattern[4])
{
	struct mischiefs *m = mischiefs_new(seed);
	struct mischief_rule rule = read_rule("*:429:0");
	unsigned n = 0;

	rule.permille = 250;
	assert_true(mischiefs_add(m, &rule));
	memset(pattern, 0, 4 * sizeof *pattern);
	for (unsigned i = 0; i < 4000; i++)
		if (mischiefs_take(m, S("orders.search"), false).act != MISCHIEF_NONE) {
			n++;
			pattern[i % 4] = pattern[i % 4] * 31 + i;
		}
	mischiefs_free(m);
	return n;
}

static void chance__is_about_as_often_as_said__and_the_same_for_a_seed(void **state)
{
	unsigned a[4], b[4], c[4], n = strikes(7, a);

	(void)state;
	assert_in_range(n, 850, 1150);
	assert_int_equal(strikes(7, b), n);
	assert_memory_equal(a, b, sizeof a);
	(void)strikes(8, c);
	assert_memory_not_equal(a, c, sizeof a);
}

static void change_ids__of_17_to_19_digits_between_quotes__and_nothing_else(void **state)
{
	char text[] = "{\"code\":0,\"id\":\"576461413030001001\",\"b\":\"576461413030001009\","
		      "\"n\":1740823200,\"s\":\"1234567890123456\",\"t\":\"12345678901234567890\","
		      "\"w\":\"x576461413030001001\"}";

	(void)state;
	mischief_change_ids(text, strlen(text));
	assert_string_equal(text,
		"{\"code\":0,\"id\":\"576461413030001002\",\"b\":\"576461413030001000\","
		"\"n\":1740823200,\"s\":\"1234567890123456\",\"t\":\"12345678901234567890\","
		"\"w\":\"x576461413030001001\"}");
}

static void add__of_too_many_or_wrong_ones__is_refused(void **state)
{
	struct mischiefs *m = mischiefs_new(1);
	struct mischief_rule rule = read_rule("*:500"), wrong = rule;
	const struct mischief_rule *list;

	(void)state;
	wrong.permille = 1001;
	assert_false(mischiefs_add(m, &wrong));
	wrong = rule;
	wrong.ms = -1;
	assert_false(mischiefs_add(m, &wrong));
	for (int i = 0; i < 64; i++)
		assert_true(mischiefs_add(m, &rule));
	assert_false(mischiefs_add(m, &rule));
	assert_int_equal(mischiefs_list(m, &list), 64);
	mischiefs_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__of_what_is_none__says_what_there_is),
		cmocka_unit_test(take__strikes_as_often_as_asked__and_only_what_was_named),
		cmocka_unit_test(take__in_the_order_of_the_rules__a_rule_at_a_time),
		cmocka_unit_test(chance__is_about_as_often_as_said__and_the_same_for_a_seed),
		cmocka_unit_test(change_ids__of_17_to_19_digits_between_quotes__and_nothing_else),
		cmocka_unit_test(add__of_too_many_or_wrong_ones__is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
