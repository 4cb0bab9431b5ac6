/* While a person has the conversation the bot says nothing, by whatever way something comes in: not
 * only what the buyer does, but time, answers and news that were waited for. */
#include "tests/unit/engine/talk.h"

static const char asks[] =
	"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Ask\",\"starts_on\":[\"cancel_"
	"order\"],"
	"\"first\":\"q\",\"slots\":{\"a\":{\"is\":\"text\"}},\"steps\":{"
	"\"q\":{\"ask\":\"question\",\"into\":\"a\",\"then\":\"end\",\"on\":{\"no_reply 10m\":"
	"\"late\"}},\"late\":{\"say\":\"still there?\",\"then\":\"end\"}}}";
static const char calls[] =
	"{\"flow\":\"return_item\",\"version\":1,\"title\":\"Read\",\"starts_on\":[\"return_item\"]"
	","
	"\"first\":\"look\",\"slots\":{\"info\":{\"is\":\"any\"}},\"steps\":{"
	"\"look\":{\"call\":\"shop.info\",\"save\":\"info\",\"within\":\"8s\",\"then\":\"tell\","
	"\"on\":{\"failed\":\"down\",\"slow\":\"moment\"}},"
	"\"tell\":{\"say\":\"shop "
	"{info.name}\",\"then\":\"end\"},\"down\":{\"say\":\"down\",\"then\":"
	"\"end\"},\"moment\":{\"say\":\"moment\",\"then\":\"wait_on\"}}}";
static const char back[] =
	"{\"flow\":\"handoff/back\",\"kind\":\"repair\",\"version\":1,\"title\":\"Back\",\"first\":"
	"\"say\",\"steps\":{\"say\":{\"say\":\"back with me\",\"then\":\"end\"}}}";

static struct talk begin(const char *said)
{
	static const char *const flows[] = {asks, calls, back};
	struct talk t = talk_begin(flows, 3);

	talk_say(&t, said);
	talk_event(
		&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_CLAIMED, .name = S("Mai")});
	assert_said(&t, "");
	return t;
}

static void question__is_not_asked_again__under_a_person(void **state)
{
	struct talk t = begin("cancel my order");

	(void)state;
	talk_later(&t, 11 * 60 * 1000);
	assert_said(&t, "");
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_HANDED_BACK});
	assert_said(&t, "handoff/back/say: back with me\ncancel_order/q: question");
	talk_end(&t);
}

static void put_back__leaves_everything_to_the_next_person(void **state)
{
	struct talk t = begin("cancel my order");

	(void)state;
	talk_event(&t,
		(struct event){.kind = EVENT_AGENT, .action = AGENT_PUT_BACK, .name = S("Mai")});
	assert_said(&t, "");
	assert_int_equal(t.session->owner, OWNER_QUEUE);
	talk_later(&t, 11 * 60 * 1000);
	assert_said(&t, "");
	talk_event(
		&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_CLAIMED, .name = S("Ben")});
	talk_event(&t, (struct event){.kind = EVENT_AGENT, .action = AGENT_HANDED_BACK});
	assert_said(&t, "handoff/back/say: back with me\ncancel_order/q: question");
	talk_end(&t);
}

static void call__that_is_answered_late__is_not_told_under_a_person(void **state)
{
	struct talk t = begin("send it back");

	(void)state;
	talk_later(&t, 4000);
	assert_said(&t, "");
	talk_answer(&t, OUTCOME_OK, "{\"name\":\"Shop\"}");
	assert_said(&t, "");
	talk_later(&t, 60000);
	assert_said(&t, "");
	talk_end(&t);
}

/* Content that brings a person in without a word: the buyer hears that, and not that something went
 * wrong; the designer hears of the silence. */
static void handoff__without_a_word__is_told_as_waiting(void **state)
{
	static const char silent[] =
		"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Hand over\",\"starts_on\":["
		"\"cancel_order\"],\"first\":\"hand\",\"steps\":{\"hand\":{\"handoff\":\"orders\","
		"\"then\":\"end\",\"on\":{\"nobody\":\"late\"}},"
		"\"late\":{\"say\":\"later\",\"then\":\"end\"}}}";
	static const char waiting[] =
		"{\"flow\":\"handoff/waiting\",\"kind\":\"repair\",\"version\":1,\"title\":\"Waiting\","
		"\"first\":\"say\",\"steps\":{\"say\":{\"say\":\"noted\",\"then\":\"end\"}}}";
	static const char *const flows[] = {silent, waiting};
	struct talk t = talk_begin(flows, 2);

	(void)state;
	talk_say(&t, "cancel my order");
	assert_said(&t, "handoff/waiting/say: noted");
	assert_int_equal(t.session->owner, OWNER_QUEUE);
	assert_true(str_is(t.turn.trace.fault,
		"nothing is said to the buyer on the way to 'cancel_order/hand'"));
	talk_end(&t);
}

static void flow__without_a_word__is_a_fault(void **state)
{
	static const char silent[] =
		"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Silent\",\"starts_on\":["
		"\"cancel_order\"],\"first\":\"note\",\"steps\":{\"note\":{\"note\":\"seen\","
		"\"then\":\"end\"}}}";
	static const char error[] =
		"{\"flow\":\"repair/error\",\"kind\":\"repair\",\"version\":1,\"title\":\"Error\","
		"\"first\":\"say\",\"steps\":{\"say\":{\"say\":\"sorry\",\"then\":\"end\"}}}";
	static const char *const flows[] = {silent, error};
	struct talk t = talk_begin(flows, 2);

	(void)state;
	talk_say(&t, "cancel my order");
	assert_said(&t, "repair/error/say: sorry");
	assert_true(str_starts(t.turn.trace.fault,
		S("nothing is said to the buyer on the way to 'cancel_order/")));
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handoff__without_a_word__is_told_as_waiting),
		cmocka_unit_test(flow__without_a_word__is_a_fault),
		cmocka_unit_test(question__is_not_asked_again__under_a_person),
		cmocka_unit_test(put_back__leaves_everything_to_the_next_person),
		cmocka_unit_test(call__that_is_answered_late__is_not_told_under_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
