/* Slack: what is believed, read, written and judged, over HTTP and over a socket. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/slack/slack.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&slack_channel);
	kit_value[SLACK_SECRET] = S("test_signing_secret");
	kit_value[SLACK_TOKEN] = S("xoxb-test-token");
	kit_value[SLACK_APP_TOKEN] = S("xapp-test-token");
	kit_set_header("x-slack-request-timestamp", S("1749416383"));
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	kit_set_header("x-slack-signature", kit_hmac_hex("v0=", kit_value[SLACK_SECRET],
						    arena_printf(arena, "v0:1749416383:%s", body)));
	return kit_post(str_of(body));
}

static struct channel_taken message(const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"type\":\"event_callback\",\"event_id\":\"Ev1\",\"event_time\":1749416383,"
		"\"event\":{"
		"\"type\":\"message\",\"channel\":\"D1\",\"channel_type\":\"im\",\"user\":\"U1\",%"
		"s}}",
		inside)
				   .p);
}

/* Vector 7.1: Slack's published sample, a slash command. */
static const char vector_7_1[] =
	"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id="
	"G8PSS9T3V&"
	"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&"
	"text=&"
	"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%"
	"2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
	"803a0bc887a14d10d2c447fce8b6703c";
static const char vector_7_2[] =
	"{\"token\":\"t\",\"challenge\":\"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P\","
	"\"type\":\"url_verification\"}";
static const char vector_7_3[] =
	"{\"token\":\"t\",\"team_id\":\"T0001\",\"api_app_id\":\"A0001\",\"event\":{\"type\":"
	"\"message\","
	"\"channel\":\"D0001\",\"channel_type\":\"im\",\"user\":\"U0001\",\"text\":\"Where is my "
	"order?\",\"ts\":\"1749416383.000100\",\"client_msg_id\":\"11111111-2222-3333-4444-"
	"555555555555\"},\"type\":\"event_callback\",\"event_id\":\"Ev0001\",\"event_time\":"
	"1749416383}";
static const char vector_7_4[] =
	"payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U0001%22%7D%"
	"2C%"
	"22channel%22%3A%7B%22id%22%3A%22D0001%22%7D%2C%22actions%22%3A%5B%7B%22action_id%22%3A%"
	"22a1%22%"
	"2C%22block_id%22%3A%22b1%22%2C%22type%22%3A%22button%22%2C%22value%22%3A%22MENU%3A1%22%2C%"
	"22action_ts%22%3A%221749416383.000200%22%7D%5D%7D";
#define SIGNATURE_7_3 "v0=4444785f426f946b876d849939486ef7bbf64b531530b053abc2af30431904e2"

static void take__believes__slacks_sample(void **state)
{
	(void)state;
	kit_value[SLACK_SECRET] = S("8f742231b10e8888abcd99yyyzzz85a5");
	kit_set_header("x-slack-request-timestamp", S("1531420618"));
	kit_set_header("x-slack-signature",
		S("v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"));
	kit_now_ms = 1531420618000;
	assert_int_equal(kit_post(str_of(vector_7_1)).status, 200);
	assert_int_equal(kit_post(str_of(vector_7_1)).n_events, 0);
	assert_int_equal(kit_post(str_sub(str_of(vector_7_1), 0, 100)).status, 401);
}

static void take__answers__the_challenge(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_7_2) - 1, 106);
	kit_set_header("x-slack-signature",
		S("v0=4d0485e92981d8e30c2a5f9fc1fcfea1605db3e482a1815abf4b9b1f2d1e939c"));
	taken = kit_post(str_of(vector_7_2));
	assert_int_equal(taken.status, 200);
	assert_str(taken.body, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P");
	assert_str(taken.type, "text/plain");
}

static void take__believes__the_computed_vectors(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_7_3) - 1, 308);
	kit_set_header("x-slack-signature", S(SIGNATURE_7_3));
	taken = kit_post(str_of(vector_7_3));
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_TEXT);
	assert_str(taken.event[0].peer, "D0001");
	assert_str(taken.event[0].id, "Ev0001");
	assert_str(taken.event[0].user, "U0001");
	assert_str(taken.event[0].text, "Where is my order?");
	assert_int_equal(taken.event[0].at_ms, 1749416383000);

	assert_int_equal(sizeof(vector_7_4) - 1, 325);
	kit_set_header("x-slack-signature",
		S("v0=f73a9b6d15ed4ff3a328bbdd4f6900359eb1de716fe7d379c4a5c0e84d9abd31"));
	taken = kit_post(str_of(vector_7_4));
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_PRESS);
	assert_str(taken.event[0].text, "MENU:1");
	assert_str(taken.event[0].peer, "D0001");
	assert_str(taken.event[0].id, "1749416383.000200/a1");
}

static void take__refuses__old_and_future_requests(void **state)
{
	static const struct {
		int64_t late_s;
		unsigned status;
	} row[] = {{0, 200}, {300, 200}, {301, 401}, {-300, 200}, {-301, 401}, {86400, 401}};

	(void)state;
	kit_set_header("x-slack-signature", S(SIGNATURE_7_3));
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		kit_now_ms = 1749416383000 + row[i].late_s * 1000;
		assert_int_equal(kit_post(str_of(vector_7_3)).status, row[i].status);
	}
	kit_now_ms = 1749416383000 + 301000;
	assert_string_equal(kit_post(str_of(vector_7_3)).why, "replay");
}

static void take__believes__no_forgery(void **state)
{
	static const char *const at[] = {"", "1749416384", "01749416383", "1749416383 ", "x"};

	(void)state;
	kit_set_header("x-slack-signature", S(SIGNATURE_7_3));
	kit_forge(str_of(vector_7_3), "x-slack-signature", 20000);
	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		kit_set_header("x-slack-request-timestamp", str_of(at[i]));
		assert_int_equal(kit_post(str_of(vector_7_3)).status, 401);
	}
	/* Without a secret (Socket Mode) nobody is believed here. */
	kit_set_header("x-slack-request-timestamp", S("1749416383"));
	kit_value[SLACK_SECRET] = S("");
	assert_int_equal(signed_post(vector_7_3).status, 401);
}

static void take__undoes__slacks_markup(void **state)
{
	struct channel_taken taken =
		message("\"text\":\"a &lt; b &amp;amp; <https://x.example|the shop> <@U2> <no\"");

	(void)state;
	assert_str(taken.event[0].text, "a < b &amp; the shop @U2 <no");
}

static void take__reads__files_edits_and_threads(void **state)
{
	struct channel_taken taken =
		message("\"subtype\":\"file_share\",\"text\":\"see\",\"files\":[{\"id\":\"F1\","
			"\"name\":\"a.png\","
			"\"mimetype\":\"image/png\",\"size\":12,\"url_private\":\"https://"
			"f\"},{\"id\":\"F2\","
			"\"mimetype\":\"application/pdf\"}]");

	(void)state;
	assert_int_equal(taken.n_events, 2);
	assert_str(taken.event[0].file.kind, "image");
	assert_str(taken.event[0].file.id, "https://f");
	assert_str(taken.event[0].text, "see");
	assert_str(taken.event[1].id, "Ev1/1");
	assert_str(taken.event[1].file.kind, "file");
	assert_str(message("\"thread_ts\":\"17.5\",\"text\":\"a\"").event[0].peer, "D1:17.5");

	taken = message(
		"\"subtype\":\"message_changed\",\"message\":{\"user\":\"U1\",\"text\":\"b\"},"
		"\"previous_message\":{\"text\":\"a\"}");
	assert_int_equal(taken.event[0].kind, CHANNEL_EDITED);
	assert_str(taken.event[0].text, "b");
}

static void take__passes_over__what_nobody_said(void **state)
{
	static const struct {
		const char *inside, *why;
	} row[] = {
		{"\"bot_id\":\"B1\",\"text\":\"a\"", "echo"},
		{"\"subtype\":\"bot_message\",\"text\":\"a\"", "echo"},
		{"\"subtype\":\"message_changed\",\"message\":{\"bot_id\":\"B1\",\"text\":\"b\"}",
			"echo"},
		{"\"subtype\":\"message_changed\",\"message\":{\"text\":\"b\"},\"previous_"
		 "message\":{"
		 "\"text\":\"b\"}",
			"unknown"},
		{"\"subtype\":\"message_deleted\"", "unknown"},
		{"\"subtype\":\"channel_join\",\"text\":\"a\"", "unknown"},
		{"\"text\":\"\"", "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_taken taken = message(row[i].inside);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, row[i].why);
	}
	assert_string_equal(
		signed_post("{\"type\":\"event_callback\",\"event_id\":\"E\",\"event\":{"
			    "\"type\":\"message\",\"channel_type\":\"channel\",\"channel\":"
			    "\"C\",\"text\":\"a\"}}")
			.why,
		"group");
	assert_int_equal(signed_post("{\"type\":\"app_rate_limited\"}").status, 200);
	assert_int_equal(signed_post("{}").status, 200);
	assert_int_equal(signed_post("").status, 200);
	assert_int_equal(signed_post("payload=%7B").status, 200);
	assert_int_equal(signed_post("payload=%ZZ").status, 200);
	assert_int_equal(signed_post("{\"type\":").status, 200);
	kit_set_header("x-slack-signature", S(""));
	assert_int_equal(kit_post(S("ssl_check=1")).status, 200);
}

static void encode__writes__blocks(void **state)
{
	static const char *const choice[] = {"7.0", "Yes", "7.1", "No & no", NULL};
	struct channel_call call =
		kit_encode(kit_peer("D1:17.5", ""), kit_said("Cancel <it> & go?", choice));

	(void)state;
	assert_str(call.url, "https://slack.com/api/chat.postMessage");
	assert_true(kit_has_header(&call, "Authorization: Bearer xoxb-test-token"));
	assert_true(kit_has_header(&call, "Content-Type: application/json; charset=utf-8"));
	assert_str(call.body,
		"{\"channel\":\"D1\",\"thread_ts\":\"17.5\",\"text\":\"Cancel &lt;it&gt; &amp; "
		"go?\","
		"\"mrkdwn\":false,\"unfurl_links\":false,\"blocks\":[{\"type\":\"section\","
		"\"text\":{"
		"\"type\":\"plain_text\",\"text\":\"Cancel &lt;it&gt; &amp; "
		"go?\",\"emoji\":false}},{"
		"\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"text\":{\"type\":"
		"\"plain_text\",\"text\":\"Yes\",\"emoji\":false},\"action_id\":\"choice-0\","
		"\"value\":"
		"\"7.0\"},{\"type\":\"button\",\"text\":{\"type\":\"plain_text\",\"text\":\"No & "
		"no\","
		"\"emoji\":false},\"action_id\":\"choice-1\",\"value\":\"7.1\"}]}]}");
	assert_str(kit_encode(kit_peer("D1", ""), kit_said("Hi", NULL)).body,
		"{\"channel\":\"D1\",\"text\":\"Hi\",\"mrkdwn\":false,\"unfurl_links\":false}");
}

static void judge__does_not_trust__200(void **state)
{
	static const struct {
		const char *body;
		enum channel_verdict verdict;
	} row[] = {
		{"{\"ok\":true,\"channel\":\"D1\",\"ts\":\"1503435956.000247\"}", CHANNEL_SENT},
		{"{\"ok\":false,\"error\":\"channel_not_found\"}", CHANNEL_NEVER},
		{"{\"ok\":false,\"error\":\"invalid_auth\"}", CHANNEL_LOST},
		{"{\"ok\":false,\"error\":\"ratelimited\"}", CHANNEL_AGAIN},
		{"{\"ok\":false,\"error\":\"internal_error\"}", CHANNEL_UNCLEAR},
		{"{\"ok\":false}", CHANNEL_UNCLEAR},
		{"", CHANNEL_UNCLEAR},
	};
	struct channel_answer slow = {429, S(""), S(""), 30000};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(kit_judge(200, row[i].body).verdict, row[i].verdict);
	assert_str(kit_judge(200, row[0].body).message, "1503435956.000247");
	assert_str(kit_judge(200, row[1].body).why, "channel_not_found");
	assert_int_equal(codec->judge(&account, &slow, arena).verdict, CHANNEL_AGAIN);
	assert_int_equal(codec->judge(&account, &slow, arena).wait_ms, 30000);
}

static void socket__is_asked_for(void **state)
{
	struct channel_call call = slack_open(&account, arena);
	struct channel_answer answer = {
		200, S("{\"ok\":true,\"url\":\"wss://x/?ticket=1\"}"), S(""), -1};
	struct str why;
	bool lost;

	(void)state;
	assert_str(call.url, "https://slack.com/api/apps.connections.open");
	assert_true(kit_has_header(&call, "Authorization: Bearer xapp-test-token"));
	assert_str(slack_opened(&account, &answer, arena, &lost, &why), "wss://x/?ticket=1");
	assert_false(lost);
	answer.body = S("{\"ok\":false,\"error\":\"invalid_auth\"}");
	assert_str(slack_opened(&account, &answer, arena, &lost, &why), "");
	assert_true(lost);
	assert_str(why, "invalid_auth");
	answer.body = S("{\"ok\":false,\"error\":\"internal_error\"}");
	assert_str(slack_opened(&account, &answer, arena, &lost, &why), "");
	assert_false(lost);
}

static void socket__says__what_happened(void **state)
{
	struct slack_frame frame;

	(void)state;
	assert_int_equal(
		slack_frame_read(S("{\"type\":\"hello\",\"num_connections\":1}"), arena).kind,
		SLACK_HELLO);
	frame = slack_frame_read(S("{\"type\":\"disconnect\",\"reason\":\"warning\"}"), arena);
	assert_int_equal(frame.kind, SLACK_DISCONNECT);
	assert_str(frame.reason, "warning");
	assert_int_equal(
		slack_frame_read(S("{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}"), arena)
			.kind,
		SLACK_DISABLED);
	frame = slack_frame_read(arena_printf(arena,
					 "{\"envelope_id\":\"e-1\",\"type\":\"events_api\","
					 "\"accepts_response_payload\":false,\"payload\":%s}",
					 vector_7_3),
		arena);
	assert_int_equal(frame.kind, SLACK_ENVELOPE);
	assert_int_equal(frame.taken.n_events, 1);
	assert_str(frame.taken.event[0].id, "Ev0001");
	assert_str(frame.acknowledge, "{\"envelope_id\":\"e-1\"}");
	frame = slack_frame_read(
		S("{\"envelope_id\":\"e-2\",\"type\":\"slash_commands\",\"payload\":{}}"), arena);
	assert_int_equal(frame.taken.n_events, 0);
	assert_str(frame.acknowledge, "{\"envelope_id\":\"e-2\"}");
	assert_int_equal(slack_frame_read(S("nonsense"), arena).kind, SLACK_OTHER);
	assert_int_equal(slack_frame_read(S("[]"), arena).kind, SLACK_OTHER);
}

static void fault__needs__one_way_in(void **state)
{
	(void)state;
	assert_null(codec->fault(&account));
	kit_value[SLACK_SECRET] = S("");
	assert_null(codec->fault(&account));
	kit_value[SLACK_APP_TOKEN] = S("");
	assert_non_null(codec->fault(&account));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(fault__needs__one_way_in),
		CASE(take__believes__slacks_sample),
		CASE(take__answers__the_challenge),
		CASE(take__believes__the_computed_vectors),
		CASE(take__refuses__old_and_future_requests),
		CASE(take__believes__no_forgery),
		CASE(take__undoes__slacks_markup),
		CASE(take__reads__files_edits_and_threads),
		CASE(take__passes_over__what_nobody_said),
		CASE(encode__writes__blocks),
		CASE(judge__does_not_trust__200),
		CASE(socket__is_asked_for),
		CASE(socket__says__what_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
