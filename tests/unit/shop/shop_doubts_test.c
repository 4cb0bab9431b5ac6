/* Whether conversations may be written to: when a question is open, and what answers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "bot/shop/shop_doubts.h"

static void doubt__is_open__until_its_conversation_is_seen(void **state)
{
	struct shop_doubts doubts = {0};

	(void)state;
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 0), SHOP_DOUBT_NONE);
	shop_doubts_ask(&doubts, S("t1"));
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 0), SHOP_DOUBT_OPEN);
	shop_doubts_see(&doubts, S("t2"), 5);
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 5), SHOP_DOUBT_OPEN);
	assert_int_equal(shop_doubts_of(&doubts, S("t2"), 5), SHOP_DOUBT_NONE);
	shop_doubts_see(&doubts, S("t1"), 5);
	shop_doubts_see(&doubts, S("t1"), 500); /* the first answer counts */
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 2004), SHOP_DOUBT_ANSWERED);
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 2005), SHOP_DOUBT_NONE);
}

static void doubt__asked_again__is_open_again(void **state)
{
	struct shop_doubts doubts = {0};

	(void)state;
	shop_doubts_ask(&doubts, S("t1"));
	shop_doubts_see(&doubts, S("t1"), 5);
	shop_doubts_ask(&doubts, S("t1"));
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 6), SHOP_DOUBT_OPEN);
}

/* One that is not in the list any more stays as it was; but a list that was half read when somebody
 * asked has perhaps gone past it. */
static void doubt__is_answered__by_a_whole_list_without_it(void **state)
{
	struct shop_doubts doubts = {0};

	(void)state;
	shop_doubts_begin(&doubts);
	shop_doubts_ask(&doubts, S("t1"));
	assert_false(shop_doubts_need_page(&doubts));
	assert_true(shop_doubts_need_list(&doubts));
	shop_doubts_end(&doubts, 5);
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 5), SHOP_DOUBT_OPEN);
	shop_doubts_begin(&doubts);
	assert_true(shop_doubts_need_page(&doubts));
	shop_doubts_end(&doubts, 9);
	assert_int_equal(shop_doubts_of(&doubts, S("t1"), 9), SHOP_DOUBT_ANSWERED);
	assert_false(shop_doubts_need_page(&doubts) || shop_doubts_need_list(&doubts));
}

static void doubts__that_are_too_many__wait_for_room(void **state)
{
	struct shop_doubts doubts = {0};
	char name[20];

	(void)state;
	for (int i = 0; i < shop_doubts_most; i++) {
		snprintf(name, sizeof name, "t%d", i);
		shop_doubts_ask(&doubts, str_of(name));
	}
	shop_doubts_ask(&doubts, S("late"));
	assert_int_equal(shop_doubts_of(&doubts, S("late"), 0), SHOP_DOUBT_NONE);
	shop_doubts_see(&doubts, S("t7"), 1);
	shop_doubts_ask(&doubts, S("late"));
	assert_int_equal(shop_doubts_of(&doubts, S("late"), 1), SHOP_DOUBT_OPEN);
	assert_int_equal(shop_doubts_of(&doubts, S("t7"), 1), SHOP_DOUBT_NONE);
	assert_int_equal(shop_doubts_of(&doubts, S("t8"), 1), SHOP_DOUBT_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubt__is_open__until_its_conversation_is_seen),
		cmocka_unit_test(doubt__asked_again__is_open_again),
		cmocka_unit_test(doubt__is_answered__by_a_whole_list_without_it),
		cmocka_unit_test(doubts__that_are_too_many__wait_for_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
