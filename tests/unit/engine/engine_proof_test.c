/* When the proof of who the buyer is ends, and whom what was said is for then. */
#include "tests/unit/engine/talk.h"

static const char flow[] =
	"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Cancel\",\"about\":\"a\",\"starts_"
	"on\":[\"cancel_order\"],"
	"\"first\":\"who\",\"slots\":{\"order_no\":{\"is\":\"order\"},\"why\":{\"is\":\"text\"}},"
	"\"steps\":{"
	"\"who\":{\"ask\":\"Which order?\",\"into\":\"order_no\",\"then\":\"why\"},"
	"\"why\":{\"ask\":\"Why {order_no}?\",\"into\":\"why\",\"then\":\"end\"}}}";

enum { minute_ms = 60 * 1000 };

static struct talk begin(void)
{
	const char *const flows[] = {flow};
	struct talk t = talk_begin(flows, 1);

	talk_say(&t, "cancel my order");
	t.session->buyer = S("buyer-1"); /* as buyers.verify leaves it */
	return t;
}

static void pass(struct talk *t, int minutes)
{
	t->now_ms += (int64_t)minutes * minute_ms;
}

static int64_t hides(const struct talk *t)
{
	return session_hides_before(t->session, t->now_ms);
}

static void proof__that_stands__hides_nothing__one_that_is_over_everything(void **state)
{
	struct talk t = begin();

	(void)state;
	assert_false(session_is_sealed(t.session, t.now_ms));
	pass(&t, 30);
	assert_int_equal(hides(&t), 0);
	pass(&t, 1);
	assert_true(session_is_sealed(t.session, t.now_ms));
	assert_int_equal(hides(&t), INT64_MAX);
	talk_end(&t);
}

static void proof__that_is_over__hides_what_was_said_before(void **state)
{
	struct talk t = begin();

	(void)state;
	pass(&t, 31);
	talk_say(&t, "hm");
	assert_true(session_is_sealed(t.session, t.now_ms));
	assert_int_equal(hides(&t), t.session->now_ms);
	assert_string_equal(arena_cstr(t.content, t.session->former), "buyer-1");
	pass(&t, 90);
	talk_say(&t, "hm");
	assert_true(hides(&t) < t.session->now_ms); /* they have said nothing that is private */
	talk_end(&t);
}

static void proof__of_the_channel__does_not_end(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_buyer(&t, "buyer-1");
	pass(&t, 3000);
	assert_int_equal(hides(&t), 0);
	talk_say(&t, "hm");
	assert_int_equal(hides(&t), 0);
	talk_end(&t);
}

static void proof__ends_with_the_conversation(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_event(&t, (struct event){.kind = EVENT_END});
	assert_true(session_is_sealed(t.session, t.now_ms));
	talk_end(&t);
}

static void proof__made_by_the_channel_of_another__closes_what_was_before_for_good(void **state)
{
	struct talk t = begin();
	int64_t then;

	(void)state;
	pass(&t, 31);
	talk_say(&t, "hm");
	then = hides(&t);
	talk_buyer(&t, "buyer-2");
	assert_false(session_is_sealed(t.session, t.now_ms));
	assert_int_equal(hides(&t), then);
	assert_int_equal(t.session->n_parked, 0);
	talk_end(&t);
}

static void question__that_was_open__is_not_asked_again_without_the_proof(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "A-1001");
	assert_non_null(strstr(talk_said(&t), "Why A-1001?"));
	pass(&t, 31);
	talk_say(&t, "hm");
	assert_null(strstr(talk_said(&t), "A-1001"));
	assert_int_equal(t.session->n_frames, 0);
	assert_int_equal(t.session->n_parked, 1);
	assert_int_equal(t.session->said.n > 0 && str_find(t.session->said, S("A-1001")) >= 0, 0);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof__that_stands__hides_nothing__one_that_is_over_everything),
		cmocka_unit_test(proof__that_is_over__hides_what_was_said_before),
		cmocka_unit_test(proof__of_the_channel__does_not_end),
		cmocka_unit_test(proof__ends_with_the_conversation),
		cmocka_unit_test(
			proof__made_by_the_channel_of_another__closes_what_was_before_for_good),
		cmocka_unit_test(question__that_was_open__is_not_asked_again_without_the_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
