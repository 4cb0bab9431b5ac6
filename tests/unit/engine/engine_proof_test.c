/* When the proof of who the buyer is ends, and whom what was said is for then. */
#include "tests/unit/engine/talk.h"

static const char flow[] =
	"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Cancel\",\"about\":\"a\",\"starts_"
	"on\":[\"cancel_order\"],"
	"\"first\":\"who\",\"slots\":{\"order_no\":{\"is\":\"order\"},\"why\":{\"is\":\"text\"}},"
	"\"steps\":{"
	"\"who\":{\"ask\":\"Which order?\",\"into\":\"order_no\",\"then\":\"why\"},"
	"\"why\":{\"ask\":\"Why {order_no}?\",\"into\":\"why\",\"then\":\"end\"}}}";

static const char bye[] =
	"{\"flow\":\"goodbye\",\"kind\":\"info\",\"version\":1,\"title\":\"Goodbye\",\"about\":"
	"\"a\","
	"\"starts_on\":[\"goodbye\"],\"first\":\"before\",\"steps\":{"
	"\"before\":{\"say\":\"That was {recent_order}.\",\"then\":\"bye\"},"
	"\"bye\":{\"set\":{\"buyer\":\"none\"},\"say\":\"Bye{buyer.id}.\",\"then\":\"end\"}}}";

static const char person[] =
	"{\"flow\":\"person\",\"version\":1,\"title\":\"A person\",\"about\":\"a\","
	"\"starts_on\":[\"contact_support\"],\"first\":\"come\",\"steps\":{"
	"\"come\":{\"say\":\"Somebody comes.\",\"then\":\"wait\"},"
	"\"wait\":{\"handoff\":\"orders\",\"on\":{\"nobody\":\"no\",\"back\":\"end\"},\"then\":"
	"\"end\"},"
	"\"no\":{\"say\":\"Nobody is there.\",\"then\":\"end\"}}}";

enum { minute_ms = 60 * 1000 };

static struct talk begin(void)
{
	const char *const flows[] = {flow, bye, person};
	struct talk t = talk_begin(flows, 3);

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

static void goodbye__seals_what_was_said_until_then__and_what_was_open_ends(void **state)
{
	struct talk t = begin();
	const struct effect *said;

	(void)state;
	talk_say(&t, "A-1001");
	talk_say(&t, "bye");
	assert_said(&t, "goodbye/before: That was .\ngoodbye/bye: Bye.");
	assert_true(session_is_sealed(t.session, t.now_ms));
	assert_string_equal(arena_cstr(t.content, t.session->former), "buyer-1");
	said = t.turn.effect;
	assert_int_equal(said[0].at_ms, t.now_ms); /* as the message is: not shown any more */
	assert_true(said[0].at_ms < hides(&t));
	assert_int_equal(said[1].kind, EFFECT_ENDED);
	assert_string_equal(arena_cstr(t.content, said[1].ended.outcome), "stopped");
	assert_int_equal(said[2].at_ms, hides(&t));
	assert_int_equal(t.session->n_frames, 0);
	assert_int_equal(t.session->n_parked, 0);
	talk_say(&t, "hm");
	assert_null(strstr(talk_said(&t), "A-1001"));
	talk_end(&t);
}

static void goodbye__that_comes_in_the_same_millisecond__hides_what_was_before(void **state)
{
	struct talk t = begin();
	int64_t then = t.session->now_ms;

	(void)state;
	talk_event(&t, (struct event){.kind = EVENT_TEXT, .text = S("bye"), .now_ms = then});
	assert_true(hides(&t) > then);
	talk_event(
		&t, (struct event){.kind = EVENT_TEXT, .text = S("person please"), .now_ms = then});
	assert_int_equal(t.turn.effect[0].at_ms, hides(&t)); /* and not what comes after it */
	talk_end(&t);
}

static void goodbye__without_a_proof__or_where_the_channel_vouches__ends_none(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_buyer(&t, "buyer-1");
	talk_say(&t, "bye");
	assert_non_null(strstr(talk_said(&t), "Byebuyer-1."));
	assert_false(session_is_sealed(t.session, t.now_ms));
	assert_int_equal(hides(&t), 0);
	assert_int_equal(t.session->n_frames, 1); /* what is open is the flow's affair */
	talk_buyer(&t, "");
	talk_say(&t, "bye");
	assert_int_equal(hides(&t), 0);
	talk_end(&t);
}

static void goodbye__said_while_a_person_is_waited_for__leaves_the_hand_off(void **state)
{
	struct talk t = begin();

	(void)state;
	talk_say(&t, "person please");
	assert_int_equal(t.session->owner, OWNER_QUEUE);
	talk_say(&t, "bye");
	assert_true(session_is_sealed(t.session, t.now_ms));
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_NOBODY});
	assert_said(&t, "person/no: Nobody is there.");
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
		cmocka_unit_test(goodbye__seals_what_was_said_until_then__and_what_was_open_ends),
		cmocka_unit_test(
			goodbye__that_comes_in_the_same_millisecond__hides_what_was_before),
		cmocka_unit_test(goodbye__without_a_proof__or_where_the_channel_vouches__ends_none),
		cmocka_unit_test(goodbye__said_while_a_person_is_waited_for__leaves_the_hand_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
