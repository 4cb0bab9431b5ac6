/* Viber: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/viber/viber.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&viber_channel);
	kit_value[VIBER_TOKEN] = S("445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9");
	kit_value[VIBER_SENDER] = S("Shop");
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	kit_set_header("x-viber-content-signature",
		kit_hmac_hex("", kit_value[VIBER_TOKEN], str_of(body)));
	return kit_post(str_of(body));
}

static struct channel_taken message(const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"event\":\"message\",\"timestamp\":1,\"message_token\":5741311803571721087,"
		"\"sender\":{\"id\":\"u=\",\"name\":\"An\",\"language\":\"vi\"},\"message\":{%s}}",
		inside)
				   .p);
}

static const char vector_9_1[] =
	"{\"event\":\"message\",\"timestamp\":1749416383000,\"message_token\":5741311803571721087,"
	"\"sender\":{\"id\":\"01234567890A=\",\"name\":\"An\",\"language\":\"vi\",\"country\":"
	"\"VN\","
	"\"api_version\":10},\"message\":{\"type\":\"text\",\"text\":\"Hello\",\"tracking_data\":"
	"\"s1\"},"
	"\"silent\":false}";

/* Vector 9.1: a double would make the token 5741311803571721216. */
static void take__keeps__every_digit_of_the_token(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_9_1) - 1, 250);
	kit_set_header("x-viber-content-signature",
		S("90dab91dd82ecc4c6522aeef44f0d94149545737fb086114c82fd3453131fab2"));
	taken = kit_post(str_of(vector_9_1));
	assert_int_equal(taken.n_events, 1);
	assert_str(taken.event[0].id, "5741311803571721087");
	assert_str(taken.event[0].peer, "01234567890A=");
	assert_str(taken.event[0].text, "Hello");
	assert_str(taken.event[0].language, "vi");
	assert_str(taken.event[0].user_name, "An");
	assert_int_equal(taken.event[0].at_ms, 1749416383000);
}

static void take__believes__no_forgery(void **state)
{
	(void)state;
	kit_set_header("x-viber-content-signature",
		S("90dab91dd82ecc4c6522aeef44f0d94149545737fb086114c82fd3453131fab2"));
	kit_forge(str_of(vector_9_1), "x-viber-content-signature", 20000);
}

static void take__tells_apart__a_press_and_the_same_typed(void **state)
{
	struct channel_event event = message("\"type\":\"text\",\"text\":\"\xE2\x96\xB6"
					     "7.1\"")
					     .event[0];

	(void)state;
	assert_int_equal(event.kind, CHANNEL_PRESS);
	assert_str(event.text, "7.1");
	event = message("\"type\":\"text\",\"text\":\"7.1\"").event[0];
	assert_int_equal(event.kind, CHANNEL_TEXT);
}

static void take__reads__files_and_goodbyes(void **state)
{
	struct channel_event event = message("\"type\":\"picture\",\"media\":\"https://v\","
					     "\"file_name\":\"a.jpg\",\"size\":10,\"text\":\"see\"")
					     .event[0];

	(void)state;
	assert_int_equal(event.kind, CHANNEL_ATTACHMENT);
	assert_str(event.file.kind, "image");
	assert_str(event.file.id, "https://v");
	assert_str(event.text, "see");
	event = signed_post("{\"event\":\"unsubscribed\",\"user_id\":\"u=\",\"message_token\":"
			    "5741311803571721088}")
			.event[0];
	assert_int_equal(event.kind, CHANNEL_CLOSED);
	assert_str(event.id, "5741311803571721088");
}

static void take__passes_over__what_nobody_said(void **state)
{
	static const struct {
		const char *body, *why;
	} row[] = {
		{"{\"event\":\"webhook\",\"message_token\":1}", "unknown"},
		{"{\"event\":\"delivered\",\"message_token\":1,\"user_id\":\"u\"}", "receipt"},
		{"{\"event\":\"seen\"}", "receipt"},
		{"{\"event\":\"failed\",\"desc\":\"d\"}", "receipt"},
		{"{\"event\":\"conversation_started\",\"user\":{\"id\":\"u\"}}", "unknown"},
		{"{\"event\":\"message\",\"message\":{\"type\":\"text\"}}", "unknown"},
		{"{}", "unknown"},
		{"", "not json"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_taken taken = signed_post(row[i].body);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, row[i].why);
	}
}

static void encode__writes__a_keyboard(void **state)
{
	static const char *const choice[] = {"7.0", "Yes", NULL};
	struct channel_call call = kit_encode(kit_peer("u=", ""), kit_said("Cancel it?", choice));
	const struct channel_call *calls;

	(void)state;
	assert_str(call.url, "https://chatapi.viber.com/pa/send_message");
	assert_true(kit_has_header(
		&call, "X-Viber-Auth-Token: 445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"));
	assert_str(call.body,
		"{\"receiver\":\"u=\",\"min_api_version\":6,\"sender\":{\"name\":\"Shop\"},"
		"\"type\":"
		"\"text\",\"text\":\"Cancel "
		"it?\",\"keyboard\":{\"Type\":\"keyboard\",\"Buttons\":[{"
		"\"Columns\":6,\"Rows\":1,\"ActionType\":\"reply\",\"ActionBody\":\"\xE2\x96\xB6"
		"7.0\",\"Text\":\"Yes\",\"Silent\":true}]}}");
	assert_int_equal(
		codec->enroll(&account, S("https://shop.example/channels/viber"), arena, &calls),
		1);
	assert_str(calls[0].url, "https://chatapi.viber.com/pa/set_webhook");
}

static void judge__does_not_trust__200(void **state)
{
	static const struct {
		const char *body;
		enum channel_verdict verdict;
		int64_t wait_ms;
	} row[] = {
		{"{\"status\":0,\"status_message\":\"ok\",\"message_token\":5741311803571721087}",
			CHANNEL_SENT, -1},
		{"{\"status\":2,\"status_message\":\"invalidAuthToken\"}", CHANNEL_LOST, -1},
		{"{\"status\":6,\"status_message\":\"notSubscribed\"}", CHANNEL_NEVER, -1},
		{"{\"status\":12,\"status_message\":\"tooManyRequests\"}", CHANNEL_AGAIN, 60000},
		{"{\"status\":999}", CHANNEL_NEVER, -1},
		{"{}", CHANNEL_UNCLEAR, -1},
		{"", CHANNEL_UNCLEAR, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(kit_judge(200, row[i].body).verdict, row[i].verdict);
		assert_int_equal(kit_judge(200, row[i].body).wait_ms, row[i].wait_ms);
	}
	assert_str(kit_judge(200, row[0].body).message, "5741311803571721087");
	assert_str(kit_judge(200, row[1].body).why, "invalidAuthToken");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(take__keeps__every_digit_of_the_token),
		CASE(take__believes__no_forgery),
		CASE(take__tells_apart__a_press_and_the_same_typed),
		CASE(take__reads__files_and_goodbyes),
		CASE(take__passes_over__what_nobody_said),
		CASE(encode__writes__a_keyboard),
		CASE(judge__does_not_trust__200),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
