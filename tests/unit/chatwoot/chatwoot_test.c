/* Chatwoot: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/chatwoot/chatwoot.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&chatwoot_channel);
	kit_value[CHATWOOT_URL] = S("https://chat.shop.example");
	kit_value[CHATWOOT_TOKEN] = S("cw-token");
	kit_value[CHATWOOT_SECRET] = S("test_bot_secret");
	kit_set_header("x-chatwoot-timestamp", S("1749416383"));
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	kit_set_header("x-chatwoot-signature", kit_hmac_hex("sha256=", S("test_bot_secret"),
						       arena_printf(arena, "1749416383.%s", body)));
	return kit_post(str_of(body));
}

static struct channel_taken created(const char *status, const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"event\":\"message_created\",\"id\":42,\"sender\":{\"id\":7,\"name\":\"An\"},"
		"\"conversation\":{\"id\":11,\"status\":\"%s\"},\"account\":{\"id\":1},%s}",
		status, inside)
				   .p);
}

static const char vector_11_1[] =
	"{\"event\":\"message_created\",\"id\":42,\"content\":\"Hello\",\"content_type\":\"text\","
	"\"content_attributes\":{},\"message_type\":\"incoming\",\"private\":false,\"created_at\":"
	"\"2025-06-08T20:59:43.000Z\",\"sender\":{\"id\":7,\"type\":\"contact\"},\"inbox\":{\"id\":"
	"3,"
	"\"name\":\"Web\"},\"conversation\":{\"id\":11,\"status\":\"pending\",\"inbox_id\":3},"
	"\"account\":{\"id\":1,\"name\":\"Shop\"}}";
#define SIGNATURE_11_1 "sha256=8a49dbe59c4fb16f7012f7535920e099c1ba878cd80598b88f1b353c389f8823"

static void take__believes__the_computed_vector(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_11_1) - 1, 336);
	kit_set_header("x-chatwoot-signature", S(SIGNATURE_11_1));
	taken = kit_post(str_of(vector_11_1));
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_TEXT);
	assert_str(taken.event[0].text, "Hello");
	assert_str(taken.event[0].peer, "1/11");
	assert_str(taken.event[0].id, "message/42");
	assert_str(taken.event[0].user, "7");
}

static void take__refuses__old_requests(void **state)
{
	(void)state;
	kit_set_header("x-chatwoot-signature", S(SIGNATURE_11_1));
	kit_now_ms = 1749416383000 + 300000;
	assert_int_equal(kit_post(str_of(vector_11_1)).status, 200);
	kit_now_ms = 1749416383000 + 301000;
	assert_int_equal(kit_post(str_of(vector_11_1)).status, 401);
	assert_string_equal(kit_post(str_of(vector_11_1)).why, "replay");
}

static void take__believes__no_forgery(void **state)
{
	(void)state;
	kit_set_header("x-chatwoot-signature", S(SIGNATURE_11_1));
	kit_forge(str_of(vector_11_1), "x-chatwoot-signature", 20000);
	kit_set_header("x-chatwoot-timestamp", S("1749416384"));
	assert_int_equal(kit_post(str_of(vector_11_1)).status, 401);
	kit_set_header("x-chatwoot-timestamp", S(""));
	assert_int_equal(kit_post(str_of(vector_11_1)).status, 401);
}

static unsigned status_at(const char *rest)
{
	struct channel_request request = {.method = S("POST"),
		.rest = str_of(rest),
		.body = str_of(vector_11_1),
		.header = kit_find_header,
		.inside = kit_header,
		.now_ms = kit_now_ms};

	return codec->take(&account, &request, arena).status;
}

/* Old releases sign nothing: a word in the address, and only where there is no secret. */
static void take__believes__a_word_in_the_address(void **state)
{
	(void)state;
	kit_value[CHATWOOT_PATH] = S("a-long-word-nobody-can-guess");
	assert_int_equal(status_at("/a-long-word-nobody-can-guess"), 401);
	kit_value[CHATWOOT_SECRET] = S("");
	assert_int_equal(status_at("/a-long-word-nobody-can-guess"), 200);
	assert_int_equal(status_at("/a-long-word-nobody-can-gues"), 401);
	assert_int_equal(status_at(""), 401);
	kit_value[CHATWOOT_PATH] = S("");
	assert_int_equal(status_at("/"), 401);
	assert_int_equal(status_at(""), 401);
}

static void take__reads__choices_and_files(void **state)
{
	struct channel_taken taken = signed_post(
		"{\"event\":\"message_updated\",\"id\":43,\"message_type\":\"outgoing\",\"content_"
		"type\":"
		"\"input_select\",\"content_attributes\":{\"items\":[],\"submitted_values\":[{"
		"\"title\":"
		"\"Yes\",\"value\":\"7.0\"}]},\"conversation\":{\"id\":11,\"status\":\"pending\"},"
		"\"account\":{\"id\":1}}");

	(void)state;
	assert_int_equal(taken.event[0].kind, CHANNEL_PRESS);
	assert_str(taken.event[0].text, "7.0");
	assert_str(taken.event[0].label, "Yes");
	assert_str(taken.event[0].id, "press/43");
	taken = created("pending",
		"\"message_type\":0,\"content\":null,\"attachments\":[{\"file_type\":"
		"\"image\",\"data_url\":\"https://c/1\",\"file_size\":5},{\"file_type\":"
		"\"audio\",\"data_url\":\"https://c/2\"}]");
	assert_int_equal(taken.n_events, 2);
	assert_str(taken.event[0].file.kind, "image");
	assert_str(taken.event[0].file.id, "https://c/1");
	assert_str(taken.event[0].id, "message/42");
	assert_str(taken.event[1].file.kind, "voice");
	assert_str(taken.event[1].id, "message/42/1");
}

static void take__is_silent__when_a_person_has_it(void **state)
{
	static const char *const status[] = {"open", "resolved", "snoozed", ""};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct channel_taken taken =
			created(status[i], "\"message_type\":\"incoming\",\"content\":\"hi\"");

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, "person");
	}
}

static void take__passes_over__what_no_buyer_said(void **state)
{
	static const struct {
		const char *inside, *why;
	} row[] = {
		{"\"message_type\":\"outgoing\",\"content\":\"a\"", "echo"},
		{"\"message_type\":1,\"content\":\"a\"", "echo"},
		{"\"message_type\":\"template\",\"content\":\"a\"", "echo"},
		{"\"message_type\":\"activity\",\"content\":\"a\"", "echo"},
		{"\"content\":\"a\"", "echo"},
		{"\"message_type\":\"incoming\",\"private\":true,\"content\":\"a\"", "private"},
		{"\"message_type\":\"incoming\",\"content\":null", "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_taken taken = created("pending", row[i].inside);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, row[i].why);
	}
	assert_string_equal(signed_post("{\"event\":\"webwidget_triggered\"}").why, "unknown");
	assert_string_equal(signed_post("{\"event\":\"conversation_opened\"}").why, "unknown");
	assert_int_equal(signed_post("{\"event\":\"message_updated\",\"id\":1}").n_events, 0);
	assert_int_equal(signed_post("").status, 200);
	assert_int_equal(signed_post("[").status, 200);
}

static void take__knows__the_end(void **state)
{
	struct channel_taken taken = signed_post("{\"event\":\"conversation_resolved\",\"id\":11,"
						 "\"status\":\"resolved\",\"timestamp\":"
						 "1749416383,\"account\":{\"id\":1}}");

	(void)state;
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_CLOSED);
	assert_str(taken.event[0].peer, "1/11");
	assert_str(taken.event[0].id, "resolved/11/1749416383");
}

static void encode__writes__choices(void **state)
{
	static const char *const choice[] = {"7.0", "Yes", "7.1", "No", NULL};
	struct channel_call call = kit_encode(kit_peer("1/11", ""), kit_said("Cancel it?", choice));

	(void)state;
	assert_str(
		call.url, "https://chat.shop.example/api/v1/accounts/1/conversations/11/messages");
	assert_true(kit_has_header(&call, "api_access_token: cw-token"));
	assert_str(call.body,
		"{\"content\":\"Cancel it?\",\"message_type\":\"outgoing\",\"private\":false,"
		"\"content_type\":\"input_select\",\"content_attributes\":{\"items\":[{\"title\":"
		"\"Yes\","
		"\"value\":\"7.0\"},{\"title\":\"No\",\"value\":\"7.1\"}]}}");
	assert_str(kit_encode(kit_peer("1/11", ""), kit_said("Hi", NULL)).body,
		"{\"content\":\"Hi\",\"message_type\":\"outgoing\",\"private\":false,\"content_"
		"type\":"
		"\"text\"}");
}

static void owner__opens__the_conversation(void **state)
{
	struct channel_call call;

	(void)state;
	assert_true(codec->owner(&account, kit_peer("1/11", ""), true, arena, &call));
	assert_str(call.url,
		"https://chat.shop.example/api/v1/accounts/1/conversations/11/toggle_status");
	assert_str(call.body, "{\"status\":\"open\"}");
	assert_false(call.optional);
	assert_true(codec->owner(&account, kit_peer("1/11", ""), false, arena, &call));
	assert_str(call.body, "{\"status\":\"pending\"}");
	assert_true(codec->typing(&account, kit_peer("1/11", ""), arena, &call));
	assert_true(call.optional);
}

static void judge__knows__its_statuses(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum channel_verdict verdict;
	} row[] = {
		{200, "{\"id\":44}", CHANNEL_SENT},
		{401, "{\"error\":\"Invalid Access Token\"}", CHANNEL_LOST},
		{404, "{\"error\":\"Resource could not be found\"}", CHANNEL_NEVER},
		{422, "{\"message\":\"no\"}", CHANNEL_NEVER},
		{429, "", CHANNEL_AGAIN},
		{503, "", CHANNEL_AGAIN},
		{500, "", CHANNEL_UNCLEAR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(kit_judge(row[i].status, row[i].body).verdict, row[i].verdict);
	assert_str(kit_judge(200, row[0].body).message, "44");
	assert_str(kit_judge(401, row[1].body).why, "Invalid Access Token");
}

static void fault__needs__some_proof(void **state)
{
	(void)state;
	assert_null(codec->fault(&account));
	kit_value[CHATWOOT_SECRET] = S("");
	assert_non_null(codec->fault(&account));
	kit_value[CHATWOOT_PATH] = S("a-long-word-nobody-can-guess");
	assert_null(codec->fault(&account));
}

static void encode__takes__an_address_with_a_slash(void **state)
{
	(void)state;
	kit_value[CHATWOOT_URL] = S("https://chat.shop.example/");
	assert_str(kit_encode(kit_peer("1/11", ""), kit_said("Hi", NULL)).url,
		"https://chat.shop.example/api/v1/accounts/1/conversations/11/messages");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(fault__needs__some_proof),
		CASE(encode__takes__an_address_with_a_slash),
		CASE(take__believes__the_computed_vector),
		CASE(take__refuses__old_requests),
		CASE(take__believes__no_forgery),
		CASE(take__believes__a_word_in_the_address),
		CASE(take__reads__choices_and_files),
		CASE(take__is_silent__when_a_person_has_it),
		CASE(take__passes_over__what_no_buyer_said),
		CASE(take__knows__the_end),
		CASE(encode__writes__choices),
		CASE(owner__opens__the_conversation),
		CASE(judge__knows__its_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
