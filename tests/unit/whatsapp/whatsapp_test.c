/* WhatsApp Cloud API: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/whatsapp/whatsapp.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&whatsapp_channel);
	kit_value[WHATSAPP_NUMBER] = S("106540352242922");
	kit_value[WHATSAPP_TOKEN] = S("EAAtest-token");
	kit_value[WHATSAPP_APP_SECRET] = S("test_app_secret");
	kit_value[WHATSAPP_VERIFY_TOKEN] = S("open sesame");
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	kit_set_header(
		"x-hub-signature-256", kit_hmac_hex("sha256=", S("test_app_secret"), str_of(body)));
	return kit_post(str_of(body));
}

/* What stands around messages and statuses. */
static struct channel_taken batch(const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{"
		"\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"phone_number_id\":"
		"\"106540352242922\"},\"contacts\":[{\"profile\":{\"name\":\"Bo\"},\"wa_id\":"
		"\"2\"},{\"profile\":{\"name\":\"An\"},\"wa_id\":\"1650\"}],%s},"
		"\"field\":\"messages\"}]}]}",
		inside)
				   .p);
}

static struct channel_event message(const char *inside)
{
	struct channel_taken taken = batch(arena_printf(arena,
		"\"messages\":[{\"from\":\"1650\",\"id\":\"wamid.1\",\"timestamp\":"
		"\"1749416383\",%s}]",
		inside)
						   .p);

	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 1);
	return taken.event[0];
}

/* Vector 3.1 of the wire facts: accepted by another verifier and by OpenSSL. */
static const char vector_3_1[] =
	"{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"102290129340398\","
	"\"changes\":[{"
	"\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":"
	"\"15550783881\",\"phone_number_id\":\"106540352242922\"},\"contacts\":[{\"profile\":{"
	"\"name\":"
	"\"Sheena\"},\"wa_id\":\"16505551234\"}],\"messages\":[{\"from\":\"16505551234\",\"id\":"
	"\"wamid.TEST0001\",\"timestamp\":\"1749416383\",\"type\":\"text\",\"text\":{\"body\":"
	"\"Where is my order?\"}}]},\"field\":\"messages\"}]}]}";

static void take__believes__the_computed_vector(void **state)
{
	struct channel_taken taken;

	(void)state;
	kit_set_header("x-hub-signature-256",
		S("sha256=5b6c9fa8df30acee226b5794bfa31a7b35e29625a517da8e2fd8f9c133969f47"));
	taken = kit_post(str_of(vector_3_1));
	assert_int_equal(sizeof(vector_3_1) - 1, 432);
	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_TEXT);
	assert_str(taken.event[0].peer, "16505551234");
	assert_str(taken.event[0].id, "wamid.TEST0001");
	assert_str(taken.event[0].ticket, "wamid.TEST0001");
	assert_str(taken.event[0].text, "Where is my order?");
	assert_str(taken.event[0].user_name, "Sheena");
	assert_int_equal(taken.event[0].at_ms, 1749416383000);
}

static void take__believes__no_forgery(void **state)
{
	(void)state;
	kit_set_header("x-hub-signature-256",
		S("sha256=5b6c9fa8df30acee226b5794bfa31a7b35e29625a517da8e2fd8f9c133969f47"));
	kit_forge(str_of(vector_3_1), "x-hub-signature-256", 20000);
}

static void take__refuses__what_is_not_signed(void **state)
{
	static const char *const header[] = {"", "sha256=", "sha1=5b6c9fa8", "5b6c9fa8",
		"sha256=5b6c9fa8df30acee226b5794bfa31a7b35e29625a517da8e2fd8f9c133969f4",
		"sha256=5b6c9fa8df30acee226b5794bfa31a7b35e29625a517da8e2fd8f9c133969f470"};
	struct channel_taken taken;

	(void)state;
	for (size_t i = 0; i < sizeof(header) / sizeof(*header); i++) {
		kit_set_header("x-hub-signature-256", str_of(header[i]));
		taken = kit_post(str_of(vector_3_1));
		assert_int_equal(taken.status, 401);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, "signature");
	}
	kit_value[WHATSAPP_APP_SECRET] = S("");
	assert_int_equal(batch("\"messages\":[]").status, 401);
}

static void take__answers__the_challenge(void **state)
{
	struct channel_taken taken =
		kit_get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=open+sesame");

	(void)state;
	assert_int_equal(taken.status, 200);
	assert_str(taken.body, "1158201444");
	assert_str(taken.type, "text/plain");
	assert_int_equal(
		kit_get("hub.mode=subscribe&hub.challenge=1&hub.verify_token=open").status, 403);
	assert_int_equal(
		kit_get("hub.mode=delete&hub.challenge=1&hub.verify_token=open+sesame").status,
		403);
	assert_int_equal(
		kit_get("hub.mode=subscribe&hub.challenge=%3Cb%3E+x&hub.verify_token=open+sesame")
			.status,
		403);
	assert_int_equal(kit_get("").status, 403);
	kit_value[WHATSAPP_VERIFY_TOKEN] = S("");
	assert_int_equal(
		kit_get("hub.mode=subscribe&hub.challenge=1&hub.verify_token=").status, 403);
}

static void take__reads__presses(void **state)
{
	struct channel_event event = message("\"type\":\"interactive\",\"interactive\":{\"type\":"
					     "\"button_reply\",\"button_reply\":{\"id\":\"yes\","
					     "\"title\":\"Yes, cancel\"}}");

	(void)state;
	assert_int_equal(event.kind, CHANNEL_PRESS);
	assert_str(event.text, "yes");
	assert_str(event.label, "Yes, cancel");
	assert_str(event.user_name, "An");
	event = message(
		"\"type\":\"interactive\",\"interactive\":{\"type\":\"list_reply\","
		"\"list_reply\":{\"id\":\"o-2\",\"title\":\"Dress\",\"description\":\"d\"}}");
	assert_int_equal(event.kind, CHANNEL_PRESS);
	assert_str(event.text, "o-2");
	event = message("\"type\":\"button\",\"button\":{\"payload\":\"p\",\"text\":\"Track\"}");
	assert_int_equal(event.kind, CHANNEL_PRESS);
	assert_str(event.text, "p");
	assert_str(event.label, "Track");
}

static void take__reads__files(void **state)
{
	struct channel_event event =
		message("\"type\":\"document\",\"document\":{\"id\":\"778\",\"mime_type\":"
			"\"application/pdf\",\"sha256\":\"x\",\"caption\":\"the "
			"bill\",\"filename\":\"b.pdf\"}");

	(void)state;
	assert_int_equal(event.kind, CHANNEL_ATTACHMENT);
	assert_str(event.file.kind, "file");
	assert_str(event.file.id, "778");
	assert_str(event.file.name, "b.pdf");
	assert_str(event.file.type, "application/pdf");
	assert_str(event.text, "the bill");
	event = message("\"type\":\"location\",\"location\":{\"latitude\":1.5,\"longitude\":2}");
	assert_str(event.file.kind, "place");
}

static void take__reads__edits(void **state)
{
	struct channel_event event = message(
		"\"type\":\"edit\",\"edit\":{\"original_message_id\":\"wamid.0\",\"message\":{"
		"\"type\":\"text\",\"text\":{\"body\":\"order 1002\"}}}");

	(void)state;
	assert_int_equal(event.kind, CHANNEL_EDITED);
	assert_str(event.text, "order 1002");
	assert_str(event.id, "wamid.1");
}

static void take__passes_over__what_nobody_said(void **state)
{
	static const struct {
		const char *inside, *why;
	} row[] = {
		{"\"statuses\":[{\"id\":\"wamid.1\",\"status\":\"read\"}]", "receipt"},
		{"\"messages\":[{\"from\":\"1\",\"id\":\"w\",\"type\":\"reaction\",\"reaction\":{}}"
		 "]",
			"unknown"},
		{"\"messages\":[{\"from\":\"1\",\"id\":\"w\",\"type\":\"text\"}]", "unknown"},
		{"\"messages\":[{\"from\":\"1\",\"id\":\"w\",\"type\":\"interactive\","
		 "\"interactive\":{\"type\":\"nfm_reply\"}}]",
			"unknown"},
		{"\"messages\":[{\"from\":\"1 "
		 "2\",\"id\":\"w\",\"type\":\"text\",\"text\":{\"body\":"
		 "\"a\"}}]",
			"unknown"},
		{"\"messages\":[{\"from\":\"1\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}]",
			"unknown"},
		{"\"messages\":[[],5,null]", "unknown"},
		{"\"messages\":{\"a\":1}", "unknown"},
		{"\"errors\":[{\"code\":1}]", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_taken taken = batch(row[i].inside);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		if (row[i].why)
			assert_string_equal(taken.why, row[i].why);
	}
	assert_string_equal(signed_post("{\"entry\":[{\"changes\":[{\"field\":"
					"\"smb_message_echoes\",\"value\":{}}]}]}")
				    .why,
		"unknown");
	assert_int_equal(signed_post("{}").status, 200);
	assert_int_equal(signed_post("").status, 200);
	assert_int_equal(signed_post("{\"entry\":").status, 200);
	assert_int_equal(signed_post("{\"entry\":\"\xFF\"}").status, 200);
}

static void take__leaves_alone__another_number(void **state)
{
	(void)state;
	kit_value[WHATSAPP_NUMBER] = S("5");
	assert_int_equal(signed_post(vector_3_1).n_events, 0);
	assert_string_equal(signed_post(vector_3_1).why, "another number");
}

static void take__knows__buyers_without_a_phone_number(void **state)
{
	struct channel_taken taken =
		batch("\"messages\":[{\"from_user_id\":\"US.13491208655302\","
		      "\"id\":\"w\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}]");
	struct channel_call call;

	(void)state;
	assert_str(taken.event[0].peer, "US.13491208655302");
	call = kit_encode(kit_peer("US.13491208655302", ""), kit_said("Hi", NULL));
	assert_true(str_find(call.body, S("\"recipient\":\"US.13491208655302\"")) > 0);
	assert_true(str_find(call.body, S("\"to\":")) < 0);
}

static void take__reads__a_whole_batch(void **state)
{
	struct channel_taken taken = batch(
		"\"statuses\":[{\"id\":\"x\"}],\"messages\":["
		"{\"from\":\"1650\",\"id\":\"a\",\"type\":\"text\",\"text\":{\"body\":\"1\"}},"
		"{\"from\":\"2\",\"id\":\"b\",\"type\":\"system\"},"
		"{\"from\":\"2\",\"id\":\"c\",\"type\":\"text\",\"text\":{\"body\":\"2\"}}]");

	(void)state;
	assert_int_equal(taken.n_events, 2);
	assert_str(taken.event[1].id, "c");
	assert_str(taken.event[1].user_name, "Bo");
}

static void encode__writes__a_text(void **state)
{
	struct channel_call call = kit_encode(
		kit_peer("1650", ""), kit_said("It is \"on\" its way\n\xF0\x9F\x98\x80", NULL));

	(void)state;
	assert_str(call.method, "POST");
	assert_str(call.url, "https://graph.facebook.com/v25.0/106540352242922/messages");
	assert_true(kit_has_header(&call, "Authorization: Bearer EAAtest-token"));
	assert_str(call.body, "{\"messaging_product\":\"whatsapp\",\"recipient_type\":"
			      "\"individual\",\"to\":\"1650\","
			      "\"type\":\"text\",\"text\":{\"body\":\"It is \\\"on\\\" its "
			      "way\\n\xF0\x9F\x98\x80\","
			      "\"preview_url\":false}}");
	assert_false(call.optional);
}

static void encode__writes__buttons_and_lists(void **state)
{
	static const char *const three[] = {"a", "A", "b", "B", "c", "C ", NULL};
	static const char *const four[] = {"a", "A", "b", "B", "c", "C", "d", "D", NULL};

	(void)state;
	assert_str(kit_encode(kit_peer("1", ""), kit_said("Which?", three)).body,
		"{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":"
		"\"1\","
		"\"type\":\"interactive\",\"interactive\":{\"type\":\"button\",\"body\":{\"text\":"
		"\"Which?\"},\"action\":{\"buttons\":[{\"type\":\"reply\",\"reply\":{\"id\":\"a\","
		"\"title\":\"A\"}},{\"type\":\"reply\",\"reply\":{\"id\":\"b\",\"title\":\"B\"}},{"
		"\"type\":\"reply\",\"reply\":{\"id\":\"c\",\"title\":\"C\"}}]}}}");
	assert_str(kit_encode(kit_peer("1", ""), kit_said("", four)).body,
		"{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":"
		"\"1\","
		"\"type\":\"interactive\",\"interactive\":{\"type\":\"list\",\"body\":{\"text\":"
		"\"\xE2\x80\xA6\"},\"action\":{\"button\":\"\xE2\x98\xB0\",\"sections\":[{\"rows\":"
		"[{"
		"\"id\":\"a\",\"title\":\"A\"},{\"id\":\"b\",\"title\":\"B\"},{\"id\":\"c\","
		"\"title\":"
		"\"C\"},{\"id\":\"d\",\"title\":\"D\"}]}]}}}");
}

static void encode__shows_nothing__of_what_is_not_for_the_buyer(void **state)
{
	const struct channel_call *calls;
	struct post post = kit_said("Hi", NULL);

	(void)state;
	post.who = POST_BUYER;
	assert_int_equal(codec->encode(&account, kit_peer("1", ""), &post, arena, &calls), 0);
	post = kit_said("", NULL);
	assert_int_equal(codec->encode(&account, kit_peer("1", ""), &post, arena, &calls), 0);
}

static void typing__needs__a_message_of_the_buyer(void **state)
{
	struct channel_call call;

	(void)state;
	assert_false(codec->typing(&account, kit_peer("1", ""), arena, &call));
	assert_true(codec->typing(&account, kit_peer("1", "wamid.9"), arena, &call));
	assert_true(call.optional);
	assert_str(call.body,
		"{\"messaging_product\":\"whatsapp\",\"status\":\"read\","
		"\"message_id\":\"wamid.9\",\"typing_indicator\":{\"type\":\"text\"}}");
}

static void enroll__names__an_address_of_the_numbers_own(void **state)
{
	const struct channel_call *calls;

	(void)state;
	assert_int_equal(
		codec->enroll(&account, S("https://shop.example/channels/whatsapp"), arena, &calls),
		1);
	assert_str(calls[0].url, "https://graph.facebook.com/v25.0/106540352242922");
	assert_str(calls[0].body,
		"{\"webhook_configuration\":{\"override_callback_uri\":"
		"\"https://shop.example/channels/whatsapp\",\"verify_token\":\"open sesame\"}}");
}

static void judge__goes_by__the_code(void **state)
{
	static const struct {
		unsigned status;
		int code;
		enum channel_verdict verdict;
		int64_t wait_ms;
	} row[] = {
		{400, 131047, CHANNEL_NEVER, -1},
		{400, 131056, CHANNEL_AGAIN, 6000},
		{429, 130429, CHANNEL_AGAIN, 1000},
		{400, 130429, CHANNEL_AGAIN, 1000},
		{400, 80007, CHANNEL_AGAIN, 60000},
		{401, 190, CHANNEL_LOST, -1},
		{400, 190, CHANNEL_LOST, -1},
		{400, 131026, CHANNEL_NEVER, -1},
		{403, 131049, CHANNEL_NEVER, -1},
		{500, 1, CHANNEL_UNCLEAR, -1},
		{503, 131016, CHANNEL_AGAIN, 5000},
		{400, 999999, CHANNEL_NEVER, -1},
		{200, 131047, CHANNEL_NEVER, -1},
		{500, 999999, CHANNEL_UNCLEAR, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_judgement judged = kit_judge(row[i].status,
			arena_printf(arena,
				"{\"error\":{\"message\":\"(#%d) no\",\"type\":\"OAuthException\","
				"\"code\":%d,\"fbtrace_id\":\"A\"}}",
				row[i].code, row[i].code)
				.p);

		assert_int_equal(judged.verdict, row[i].verdict);
		assert_int_equal(judged.wait_ms, row[i].wait_ms);
	}
	assert_str(kit_judge(400,
			   "{\"error\":{\"message\":\"Re-engagement\\nmessage\",\"code\":131047}}")
			   .why,
		"error 131047: Re-engagement message");
}

static void judge__takes_down__the_messages_id(void **state)
{
	struct channel_judgement judged = kit_judge(200,
		"{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"wa_id\":\"1\"}],"
		"\"messages\":[{\"id\":\"wamid.A\"}]}");

	(void)state;
	assert_int_equal(judged.verdict, CHANNEL_SENT);
	assert_str(judged.message, "wamid.A");
	assert_int_equal(kit_judge(200, "not json").verdict, CHANNEL_SENT);
	assert_int_equal(kit_judge(502, "<html>").verdict, CHANNEL_UNCLEAR);
}

static void judge__keeps__the_token_to_itself(void **state)
{
	struct channel_judgement judged = kit_judge(
		400, "{\"error\":{\"message\":\"bad token EAAtest-token\",\"code\":190}}");

	(void)state;
	assert_true(str_find(judged.why, S("EAAtest-token")) < 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(take__believes__the_computed_vector),
		CASE(take__believes__no_forgery),
		CASE(take__refuses__what_is_not_signed),
		CASE(take__answers__the_challenge),
		CASE(take__reads__presses),
		CASE(take__reads__files),
		CASE(take__reads__edits),
		CASE(take__passes_over__what_nobody_said),
		CASE(take__leaves_alone__another_number),
		CASE(take__knows__buyers_without_a_phone_number),
		CASE(take__reads__a_whole_batch),
		CASE(encode__writes__a_text),
		CASE(encode__writes__buttons_and_lists),
		CASE(encode__shows_nothing__of_what_is_not_for_the_buyer),
		CASE(typing__needs__a_message_of_the_buyer),
		CASE(enroll__names__an_address_of_the_numbers_own),
		CASE(judge__goes_by__the_code),
		CASE(judge__takes_down__the_messages_id),
		CASE(judge__keeps__the_token_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
