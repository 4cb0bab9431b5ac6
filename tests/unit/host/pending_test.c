/* When the shop is asked again, and when an outcome may be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/host/pending.h"

static const int64_t start_ms = 1740823200000;

/* Sent at @start_ms, and answered so at once. */
static struct pending sent(enum outcome outcome)
{
	struct pending pending = {.since = start_ms / 1000, .call = {.outcome = outcome}};

	(void)pending_leaves(&pending, start_ms);
	return pending;
}

static void first_answer__is_believed(void **state)
{
	struct pending done = sent(OUTCOME_OK), refused = sent(OUTCOME_REFUSED),
		       failed = sent(OUTCOME_FAILED);

	(void)state;
	assert_int_equal(pending_judge(&done, start_ms), EFFECT_DONE);
	assert_int_equal(pending_judge(&refused, start_ms), EFFECT_REFUSED);
	assert_int_equal(pending_judge(&failed, start_ms), EFFECT_FAILED);
}

static void no_answer__is_asked_about__after_2_5_15_60_seconds_and_so_on(void **state)
{
	static const int64_t wanted[] = {2, 5, 15, 60, 300, 900, 3600, 3600};
	struct pending pending = sent(OUTCOME_UNKNOWN);
	int64_t now = start_ms;

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		assert_int_equal(pending_judge(&pending, now), EFFECT_UNKNOWN);
		assert_int_equal(pending.stage, PENDING_DOUBT);
		assert_int_equal(pending.due_ms - now, wanted[i] * 1000);
		now = pending.due_ms;
		(void)pending_leaves(&pending, now);
	}
}

static void no_answer__for_a_day__is_for_a_person(void **state)
{
	struct pending pending = sent(OUTCOME_UNKNOWN);
	int64_t now = start_ms;
	unsigned asked = 0;

	(void)state;
	while (pending_judge(&pending, now) == EFFECT_UNKNOWN) {
		now = pending.due_ms;
		(void)pending_leaves(&pending, now);
		asked++;
	}
	assert_in_range(now - start_ms, 24 * 3600 * 1000, 25 * 3600 * 1000);
	assert_in_range(asked, 25, 35);
}

static void not_done__is_believed__when_no_earlier_try_can_be_on_its_way(void **state)
{
	struct pending pending = sent(OUTCOME_UNKNOWN);

	(void)state;
	assert_int_equal(pending_judge(&pending, start_ms), EFFECT_UNKNOWN);
	pending.call.outcome = OUTCOME_REFUSED;
	(void)pending_leaves(&pending, start_ms + 2000);
	assert_int_equal(pending_judge(&pending, start_ms + 2000), EFFECT_UNKNOWN);
	assert_int_equal(pending.due_ms, start_ms + 300 * 1000);
	(void)pending_leaves(&pending, start_ms + 299 * 1000);
	assert_int_equal(pending_judge(&pending, start_ms + 299 * 1000), EFFECT_UNKNOWN);
	(void)pending_leaves(&pending, start_ms + 300 * 1000);
	assert_int_equal(pending_judge(&pending, start_ms + 300 * 1000), EFFECT_REFUSED);
}

static void failed__says_nothing__about_an_earlier_try(void **state)
{
	struct pending pending = sent(OUTCOME_UNKNOWN);

	(void)state;
	assert_int_equal(pending_judge(&pending, start_ms), EFFECT_UNKNOWN);
	pending.call.outcome = OUTCOME_FAILED;
	(void)pending_leaves(&pending, start_ms + 3600 * 1000);
	assert_int_equal(pending_judge(&pending, start_ms + 3600 * 1000), EFFECT_UNKNOWN);
	pending.call.outcome = OUTCOME_OK;
	(void)pending_leaves(&pending, start_ms + 3700 * 1000);
	assert_int_equal(pending_judge(&pending, start_ms + 3700 * 1000), EFFECT_DONE);
}

static void killed__while_it_was_under_way__leaves_the_try_in_doubt(void **state)
{
	struct store_effect effect = {.state = EFFECT_SENT,
		.claimed = start_ms / 1000,
		.sent = start_ms / 1000 + 62,
		.tries = 2};
	struct host_call call = {.outcome = OUTCOME_UNKNOWN};
	struct pending pending = pending_of(&call, &effect);

	(void)state;
	assert_int_equal(pending.stage, PENDING_LOST);
	assert_int_equal(pending.since, start_ms / 1000);
	assert_int_equal(pending.doubt, start_ms / 1000 + 62);
}

static void follower__hears_what_became_of_the_other(void **state)
{
	struct store_effect leader = {.conversation = S("c"), .state = EFFECT_SENT};
	struct pending pending = {.stage = PENDING_FOLLOWS};

	(void)state;
	assert_int_equal(pending_look(&pending, &leader, start_ms), EFFECT_UNKNOWN);
	assert_int_equal(pending.due_ms, start_ms + 1000);
	leader.state = EFFECT_UNKNOWN;
	assert_int_equal(pending_look(&pending, &leader, start_ms), EFFECT_UNKNOWN);
	leader.state = EFFECT_DONE;
	assert_int_equal(pending_look(&pending, &leader, start_ms), EFFECT_DONE);
	assert_int_equal(pending.call.outcome, OUTCOME_OK);
	leader.state = EFFECT_HUMAN;
	assert_int_equal(pending_look(&pending, &leader, start_ms), EFFECT_HUMAN);
}

static void follower__of_an_erased_conversation__is_for_a_person(void **state)
{
	struct store_effect leader = {.state = EFFECT_UNKNOWN};
	struct pending pending = {.stage = PENDING_FOLLOWS};

	(void)state;
	assert_int_equal(pending_look(&pending, &leader, start_ms), EFFECT_HUMAN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_answer__is_believed),
		cmocka_unit_test(no_answer__is_asked_about__after_2_5_15_60_seconds_and_so_on),
		cmocka_unit_test(no_answer__for_a_day__is_for_a_person),
		cmocka_unit_test(not_done__is_believed__when_no_earlier_try_can_be_on_its_way),
		cmocka_unit_test(failed__says_nothing__about_an_earlier_try),
		cmocka_unit_test(killed__while_it_was_under_way__leaves_the_try_in_doubt),
		cmocka_unit_test(follower__hears_what_became_of_the_other),
		cmocka_unit_test(follower__of_an_erased_conversation__is_for_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
