/* Messenger and Instagram: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/graph/graph.h"

static void begin(const struct channel *channel, struct str id)
{
	kit_begin(channel);
	kit_value[GRAPH_ACCOUNT] = id;
	kit_value[GRAPH_TOKEN] = S("EAAtest-token");
	kit_value[GRAPH_APP_SECRET] = S("test_app_secret");
	kit_value[GRAPH_VERIFY_TOKEN] = S("open sesame");
}

static int set_up(void **state)
{
	(void)state;
	begin(&messenger_channel, S("682498302938465"));
	return 0;
}

static int set_up_instagram(void **state)
{
	(void)state;
	begin(&instagram_channel, S("17841405793187218"));
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	kit_set_header(
		"x-hub-signature-256", kit_hmac_hex("sha256=", S("test_app_secret"), str_of(body)));
	return kit_post(str_of(body));
}

static struct channel_taken batch(const char *elements)
{
	return signed_post(arena_printf(arena,
		"{\"object\":\"page\",\"entry\":[{\"id\":\"682498302938465\",\"time\":1,"
		"\"messaging\":[%s]}]}",
		elements)
				   .p);
}

static struct channel_taken element(const char *inside)
{
	return batch(arena_printf(arena,
		"{\"sender\":{\"id\":\"24944\"},\"recipient\":{\"id\":\"682498302938465\"},"
		"\"timestamp\":1749416383000,%s}",
		inside)
			     .p);
}

static struct channel_event event_of(const char *inside)
{
	struct channel_taken taken = element(inside);

	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 1);
	return taken.event[0];
}

/* Vectors 3.2, 3.2n and 5.1 of the wire facts; 3.3 is GitHub's own for the same header. */
static const char vector_3_2[] =
	"{\"object\":\"page\",\"entry\":[{\"id\":\"682498302938465\",\"time\":1749416383000,"
	"\"messaging\":[{\"sender\":{\"id\":\"2494432963985342\"},\"recipient\":{\"id\":"
	"\"682498302938465\"},\"timestamp\":1749416383000,\"message\":{\"mid\":\"m_TEST0001\","
	"\"text\":"
	"\"\\u0110\\u01a1n h\\u00e0ng c\\u1ee7a t\\u00f4i \\u1edf \\u0111\\u00e2u? \\ud83d\\ude00 "
	"a\\/b\"}}]}]}";
static const char vector_3_2n[] =
	"{\"object\":\"page\",\"entry\":[{\"id\":\"682498302938465\",\"time\":1749416383000,"
	"\"messaging\":[{\"sender\":{\"id\":\"2494432963985342\"},\"recipient\":{\"id\":"
	"\"682498302938465\"},\"timestamp\":1749416383000,\"message\":{\"mid\":\"m_TEST0001\","
	"\"text\":"
	"\"Đơn hàng của tôi ở đâu? 😀 a/b\"}}]}]}";
#define SIGNATURE_3_2 "sha256=6d8d0268dfe392ae90b7bc6da47e617d1266ed92e75bc0339b290d1b8aaf36df"

static void take__believes__the_raw_bytes(void **state)
{
	struct channel_taken taken;

	(void)state;
	kit_set_header("x-hub-signature-256", S(SIGNATURE_3_2));
	kit_set_header("x-hub-signature", S("sha1=7eebb0f163a913d6d03221c8734cf282bdbcbb15"));
	taken = kit_post(str_of(vector_3_2));
	assert_int_equal(sizeof(vector_3_2) - 1, 309);
	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 1);
	assert_str(taken.event[0].text, "Đơn hàng của tôi ở đâu? 😀 a/b");
	assert_str(taken.event[0].id, "m_TEST0001");
	assert_str(taken.event[0].peer, "2494432963985342");
	assert_int_equal(taken.event[0].at_ms, 1749416383000);
}

/* A program that verifies what it has written again would take this one for the other. */
static void take__refuses__the_same_document_written_again(void **state)
{
	(void)state;
	assert_int_equal(sizeof(vector_3_2n) - 1, 270);
	kit_set_header("x-hub-signature-256", S(SIGNATURE_3_2));
	assert_int_equal(kit_post(str_of(vector_3_2n)).status, 401);
	kit_set_header("x-hub-signature-256",
		S("sha256=9baae3b0fc2a840b7ee5cfba9f18e114421ca4440740ffebd4c27f952c71d882"));
	assert_int_equal(kit_post(str_of(vector_3_2n)).status, 200);
	assert_int_equal(kit_post(str_of(vector_3_2)).status, 401);
}

static void take__believes__githubs_vector(void **state)
{
	(void)state;
	kit_value[GRAPH_APP_SECRET] = S("It's a Secret to Everybody");
	kit_set_header("x-hub-signature-256",
		S("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));
	assert_int_equal(kit_post(S("Hello, World!")).status, 200); /* signed, but no JSON */
	assert_string_equal(kit_post(S("Hello, World!")).why, "not json");
	assert_int_equal(kit_post(S("Hello, World")).status, 401);
}

static void take__believes__no_forgery(void **state)
{
	(void)state;
	kit_set_header("x-hub-signature-256", S(SIGNATURE_3_2));
	kit_forge(str_of(vector_3_2), "x-hub-signature-256", 20000);
}

static void take__answers__the_challenge(void **state)
{
	(void)state;
	assert_str(
		kit_get("hub.mode=subscribe&hub.verify_token=open%20sesame&hub.challenge=42").body,
		"42");
	assert_int_equal(
		kit_get("hub.mode=subscribe&hub.verify_token=x&hub.challenge=42").status, 403);
}

static void take__reads__instagrams_vector(void **state)
{
	static const char body[] =
		"{\"object\":\"instagram\",\"entry\":[{\"id\":\"17841405793187218\",\"time\":"
		"1749416383000,\"messaging\":[{\"sender\":{\"id\":\"1784140000000001\"},"
		"\"recipient\":{"
		"\"id\":\"17841405793187218\"},\"timestamp\":1749416383000,\"message\":{\"mid\":"
		"\"aWdfTEST0001\",\"text\":\"Hi\",\"quick_reply\":{\"payload\":\"MENU:1\"}}}]}]}";
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(body) - 1, 276);
	kit_set_header("x-hub-signature-256",
		S("sha256=0a00feb300558db6c50f0cadc88d0f66d467f877c2dd41811a49c0da0a9b73b7"));
	taken = kit_post(str_of(body));
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_PRESS);
	assert_str(taken.event[0].text, "MENU:1");
	assert_str(taken.event[0].label, "Hi");
}

static void take__tells_apart__pages_and_instagram(void **state)
{
	(void)state;
	assert_int_equal(
		batch("{\"sender\":{\"id\":\"1\"},\"message\":{\"mid\":\"m\",\"text\":\"a\"}}")
			.n_events,
		0);
}

static void take__reads__presses(void **state)
{
	struct channel_event event =
		event_of("\"postback\":{\"mid\":\"m_2\",\"title\":\"Yes\",\"payload\":\"yes\"}");

	(void)state;
	assert_int_equal(event.kind, CHANNEL_PRESS);
	assert_str(event.text, "yes");
	assert_str(event.label, "Yes");
	assert_str(event.id, "m_2");
	event = event_of("\"postback\":{\"title\":\"Yes\",\"payload\":\"yes\"}");
	assert_str(event.id, "postback/1749416383000");
}

static void take__reads__files(void **state)
{
	struct channel_taken taken = element(
		"\"message\":{\"mid\":\"m\",\"text\":\"see\",\"attachments\":[{\"type\":\"image\","
		"\"payload\":{\"url\":\"https://x.example/1\"}},{\"type\":\"template\"},{\"type\":"
		"\"audio\",\"payload\":{\"url\":\"https://x.example/2\"}},{\"type\":\"image\","
		"\"payload\":{\"sticker_id\":369239263222822,\"url\":\"u\"}}]}");

	(void)state;
	assert_int_equal(taken.n_events, 3);
	assert_str(taken.event[0].file.kind, "image");
	assert_str(taken.event[0].file.id, "https://x.example/1");
	assert_str(taken.event[0].text, "see");
	assert_str(taken.event[0].id, "m");
	assert_str(taken.event[1].file.kind, "voice");
	assert_str(taken.event[1].id, "m/1");
	assert_str(taken.event[1].text, "");
	assert_str(taken.event[2].file.kind, "sticker");
	assert_str(taken.event[2].id, "m/2");
}

static void take__reads__edits(void **state)
{
	struct channel_event event =
		event_of("\"message_edit\":{\"mid\":\"m\",\"text\":\"order 2\",\"num_edit\":2}");

	(void)state;
	assert_int_equal(event.kind, CHANNEL_EDITED);
	assert_str(event.id, "m/edit/2");
	assert_str(event.text, "order 2");
}

static void take__passes_over__what_nobody_said(void **state)
{
	static const struct {
		const char *inside, *why;
	} row[] = {
		{"\"message\":{\"mid\":\"m\",\"text\":\"a\",\"is_echo\":true,\"app_id\":1}",
			"echo"},
		{"\"message\":{\"mid\":\"m\",\"is_deleted\":true}", "unknown"},
		{"\"message\":{\"mid\":\"m\",\"is_unsupported\":true}", "unknown"},
		{"\"message\":{\"mid\":\"m\",\"attachments\":[{\"type\":\"fallback\"}]}",
			"unknown"},
		{"\"message\":{\"text\":\"a\"}", "unknown"},
		{"\"delivery\":{\"mids\":[\"m\"],\"watermark\":1}", "receipt"},
		{"\"read\":{\"watermark\":1}", "receipt"},
		{"\"reaction\":{\"mid\":\"m\",\"action\":\"react\"}", "unknown"},
		{"\"message\":5", "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_taken taken = element(row[i].inside);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, row[i].why);
	}
	assert_int_equal(signed_post("{}").status, 200);
	assert_int_equal(signed_post("{\"object\":\"page\",\"entry\":7}").status, 200);
	assert_string_equal(
		batch("{\"sender\":{\"id\":\"682498302938465\"},\"message\":{\"mid\":\"m\","
		      "\"text\":\"a\"}}")
			.why,
		"echo");
}

static void take__is_silent__when_another_app_answers(void **state)
{
	struct channel_taken taken =
		signed_post("{\"object\":\"page\",\"entry\":[{\"id\":\"682498302938465\","
			    "\"standby\":[{\"sender\":{"
			    "\"id\":\"1\"},\"message\":{\"mid\":\"m\",\"text\":\"a\"}}]}]}");

	(void)state;
	assert_int_equal(taken.n_events, 0);
	assert_string_equal(taken.why, "standby");
}

static void encode__writes__quick_replies(void **state)
{
	static const char *const choice[] = {"yes", "Yes, cancel", "no", "No", NULL};
	struct channel_call call =
		kit_encode(kit_peer("24944", ""), kit_said("Cancel it?", choice));

	(void)state;
	assert_str(call.method, "POST");
	assert_str(call.url, "https://graph.facebook.com/v25.0/me/messages");
	assert_true(kit_has_header(&call, "Authorization: Bearer EAAtest-token"));
	assert_str(call.body,
		"{\"recipient\":{\"id\":\"24944\"},\"messaging_type\":\"RESPONSE\",\"message\":{"
		"\"text\":"
		"\"Cancel it?\",\"quick_replies\":[{\"content_type\":\"text\",\"title\":\"Yes, "
		"cancel\","
		"\"payload\":\"yes\"},{\"content_type\":\"text\",\"title\":\"No\",\"payload\":"
		"\"no\"}]}}");
	assert_str(kit_encode(kit_peer("24944", ""), kit_said("Bye", NULL)).body,
		"{\"recipient\":{\"id\":\"24944\"},\"messaging_type\":\"RESPONSE\",\"message\":{"
		"\"text\":"
		"\"Bye\"}}");
}

/* Instagram shows quick replies on phones only. */
static void encode__repeats_the_choices__on_instagram(void **state)
{
	static const char *const choice[] = {"yes", "Yes", "no", "No", NULL};
	char long_text[999];

	(void)state;
	assert_true(str_find(kit_encode(kit_peer("1", ""), kit_said("Cancel it?", choice)).body,
			    S("\"text\":\"Cancel it?\\n1. Yes\\n2. No\"")) > 0);
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	assert_true(str_find(kit_encode(kit_peer("1", ""), kit_said(long_text, choice)).body,
			    S("1. Yes")) < 0);
}

static void typing__is_shown(void **state)
{
	struct channel_call call;

	(void)state;
	assert_true(codec->typing(&account, kit_peer("7", ""), arena, &call));
	assert_true(call.optional);
	assert_str(call.body, "{\"recipient\":{\"id\":\"7\"},\"sender_action\":\"typing_on\"}");
}

static void judge__goes_by__the_code(void **state)
{
	static const struct {
		unsigned status;
		int code;
		enum channel_verdict verdict;
		int64_t wait_ms;
	} row[] = {
		{400, 10, CHANNEL_NEVER, -1},
		{403, 10, CHANNEL_NEVER, -1},
		{400, 613, CHANNEL_AGAIN, 1000},
		{400, 4, CHANNEL_AGAIN, 60000},
		{401, 190, CHANNEL_LOST, -1},
		{400, 190, CHANNEL_LOST, -1},
		{400, 100, CHANNEL_NEVER, -1},
		{400, 551, CHANNEL_NEVER, -1},
		{500, 2, CHANNEL_AGAIN, 5000},
		{500, 12345, CHANNEL_UNCLEAR, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_judgement judged = kit_judge(row[i].status,
			arena_printf(
				arena, "{\"error\":{\"message\":\"no\",\"code\":%d}}", row[i].code)
				.p);

		assert_int_equal(judged.verdict, row[i].verdict);
		assert_int_equal(judged.wait_ms, row[i].wait_ms);
	}
	assert_str(
		kit_judge(200, "{\"recipient_id\":\"1\",\"message_id\":\"m_9\"}").message, "m_9");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
#define INSTAGRAM(test) cmocka_unit_test_setup_teardown(test, set_up_instagram, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(take__believes__the_raw_bytes),
		CASE(take__refuses__the_same_document_written_again),
		CASE(take__believes__githubs_vector),
		CASE(take__believes__no_forgery),
		CASE(take__answers__the_challenge),
		INSTAGRAM(take__reads__instagrams_vector),
		INSTAGRAM(take__tells_apart__pages_and_instagram),
		CASE(take__reads__presses),
		CASE(take__reads__files),
		CASE(take__reads__edits),
		CASE(take__passes_over__what_nobody_said),
		CASE(take__is_silent__when_another_app_answers),
		CASE(encode__writes__quick_replies),
		INSTAGRAM(encode__repeats_the_choices__on_instagram),
		CASE(typing__is_shown),
		CASE(judge__goes_by__the_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
