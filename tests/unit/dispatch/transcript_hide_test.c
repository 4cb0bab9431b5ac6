/* What of a transcript is for whoever holds the browser now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/dispatch/transcript.h"

static struct posts some(struct post post[5])
{
	static const struct post all[5] = {
		{.n = 1, .at_ms = 10, .who = POST_BUYER},
		{.n = 2, .at_ms = 20, .who = POST_PERSON},
		{.n = 3, .at_ms = 30, .who = POST_BUYER},
		{.n = 4, .at_ms = 40, .who = POST_PERSON},
		{.n = 5, .at_ms = 50, .who = POST_BOT},
	};

	for (size_t i = 0; i < 5; i++)
		post[i] = all[i];
	return (struct posts){.post = post, .n = 5};
}

static void transcript__hides_nothing__while_a_proof_stands(void **state)
{
	struct post post[5];
	struct posts posts = some(post);

	(void)state;
	transcript_hide(&posts, &(struct standing){.buyer_ms = 30});
	assert_int_equal(posts.n, 5);
	assert_false(posts.hidden);
}

static void transcript__leaves_what_a_person_wrote__since_the_buyer_was_there(void **state)
{
	struct post post[5];
	struct posts posts = some(post);

	(void)state;
	transcript_hide(&posts, &(struct standing){.buyer_ms = 30, .hides_before_ms = INT64_MAX});
	assert_int_equal(posts.n, 1);
	assert_int_equal(posts.post[0].n, 4);
	assert_true(posts.hidden);
}

static void transcript__hides_what_was_before__and_no_more(void **state)
{
	struct post post[5];
	struct posts posts = some(post);

	(void)state;
	transcript_hide(&posts, &(struct standing){.buyer_ms = 50, .hides_before_ms = 40});
	assert_int_equal(posts.n, 2);
	assert_int_equal(posts.post[0].n, 4);
	assert_true(posts.hidden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transcript__hides_nothing__while_a_proof_stands),
		cmocka_unit_test(transcript__leaves_what_a_person_wrote__since_the_buyer_was_there),
		cmocka_unit_test(transcript__hides_what_was_before__and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
