/* LINE: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/line/line.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&line_channel);
	kit_value[LINE_SECRET] = S("test_channel_secret");
	kit_value[LINE_TOKEN] = S("line-token");
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	struct digest digest = digest_hmac(S("test_channel_secret"), str_of(body));
	struct buf out;

	buf_init(&out, 100);
	base64_encode((struct str){(const char *)digest.byte, 32}, &out);
	kit_set_header("x-line-signature", arena_str(arena, buf_str(&out)));
	buf_release(&out);
	return kit_post(str_of(body));
}

static struct channel_taken event(const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"destination\":\"U0\",\"events\":[{\"mode\":\"active\",\"timestamp\":"
		"1692251666727,"
		"\"webhookEventId\":\"01H\",\"replyToken\":\"r\",\"source\":{\"type\":\"user\","
		"\"userId\":\"U2\"},%s}]}",
		inside)
				   .p);
}

static const char vector_6_2[] =
	"{\"destination\":\"U00000000000000000000000000000001\",\"events\":[{\"type\":\"message\","
	"\"message\":{\"type\":\"text\",\"id\":\"468789577898262530\",\"quoteToken\":"
	"\"q3Plxr4AgKd\","
	"\"text\":\"Đơn hàng 😀\"},\"webhookEventId\":\"01H810YECXQQZ37VAXPF6H9E6T\","
	"\"deliveryContext\":{\"isRedelivery\":false},\"timestamp\":1692251666727,\"source\":{"
	"\"type\":"
	"\"user\",\"userId\":\"U00000000000000000000000000000002\"},\"replyToken\":"
	"\"38ef843bde154d9b91c21320ffd17a0f\",\"mode\":\"active\"}]}";

/* Vectors 6.1 and 6.2 of the wire facts: accepted by LINE's own library. */
static void take__answers__the_empty_batch(void **state)
{
	static const char body[] =
		"{\"destination\":\"U00000000000000000000000000000001\",\"events\":[]}";
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(body) - 1, 63);
	kit_set_header("x-line-signature", S("8TmhQVR7F6UxjOe+BC7MPoEYWdbTOcwqPoVKo29EQXs="));
	taken = kit_post(str_of(body));
	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 0);
}

static void take__believes__the_computed_vector(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_6_2) - 1, 433);
	kit_set_header("x-line-signature", S("VOG6fcmR8vU1orYlFvFm/73w5gXfqjYcRmbHnfu5vds="));
	taken = kit_post(str_of(vector_6_2));
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_TEXT);
	assert_str(taken.event[0].text, "Đơn hàng 😀");
	assert_str(taken.event[0].peer, "U00000000000000000000000000000002");
	assert_str(taken.event[0].id, "01H810YECXQQZ37VAXPF6H9E6T");
	assert_str(taken.event[0].ticket, "38ef843bde154d9b91c21320ffd17a0f");
	assert_int_equal(taken.event[0].at_ms, 1692251666727);
}

static void take__believes__no_forgery(void **state)
{
	(void)state;
	kit_set_header("x-line-signature", S("VOG6fcmR8vU1orYlFvFm/73w5gXfqjYcRmbHnfu5vds="));
	kit_forge(str_of(vector_6_2), "x-line-signature", 20000);
}

static void take__refuses__what_is_not_signed(void **state)
{
	static const char *const header[] = {"", "VOG6fcmR8vU1orYlFvFm/73w5gXfqjYcRmbHnfu5vds",
		"VOG6fcmR8vU1orYlFvFm/73w5gXfqjYcRmbHnfu5vds= ", "====",
		"54e1ba7dc991f2f535a2b62516f166ffbdf0e605dfaa361c4666c79dfbb9bddb"};

	(void)state;
	for (size_t i = 0; i < sizeof(header) / sizeof(*header); i++) {
		kit_set_header("x-line-signature", str_of(header[i]));
		assert_int_equal(kit_post(str_of(vector_6_2)).status, 401);
	}
}

static void take__reads__presses_and_files(void **state)
{
	struct channel_taken taken =
		event("\"type\":\"postback\",\"postback\":{\"data\":\"7.1\",\"params\":{}}");

	(void)state;
	assert_int_equal(taken.event[0].kind, CHANNEL_PRESS);
	assert_str(taken.event[0].text, "7.1");
	taken = event("\"type\":\"message\",\"message\":{\"type\":\"file\",\"id\":\"325708\","
		      "\"fileName\":\"b.pdf\",\"fileSize\":2138}");
	assert_int_equal(taken.event[0].kind, CHANNEL_ATTACHMENT);
	assert_str(taken.event[0].file.kind, "file");
	assert_str(taken.event[0].file.id, "325708");
	assert_str(taken.event[0].file.name, "b.pdf");
	assert_int_equal(taken.event[0].file.bytes, 2138);
	taken = event("\"type\":\"message\",\"message\":{\"type\":\"sticker\",\"id\":\"1\"}");
	assert_str(taken.event[0].file.kind, "sticker");
	assert_int_equal(event("\"type\":\"unfollow\"").event[0].kind, CHANNEL_CLOSED);
}

static void take__passes_over__what_nobody_said(void **state)
{
	static const struct {
		const char *event, *why;
	} row[] = {
		{"{\"type\":\"message\",\"mode\":\"standby\",\"webhookEventId\":\"a\",\"source\":{"
		 "\"type\":\"user\",\"userId\":\"U\"},\"message\":{\"type\":\"text\",\"text\":"
		 "\"a\"}}",
			"standby"},
		{"{\"type\":\"message\",\"webhookEventId\":\"a\",\"source\":{\"type\":\"group\","
		 "\"groupId\":\"C\",\"userId\":\"U\"},\"message\":{\"type\":\"text\",\"text\":"
		 "\"a\"}}",
			"group"},
		{"{\"type\":\"follow\",\"webhookEventId\":\"a\",\"source\":{\"type\":\"user\","
		 "\"userId\":\"U\"}}",
			"unknown"},
		{"{\"type\":\"message\",\"webhookEventId\":\"a\",\"source\":{\"type\":\"user\","
		 "\"userId\":\"U\"},\"message\":{\"type\":\"hologram\"}}",
			"unknown"},
		{"{\"type\":\"message\",\"source\":{\"type\":\"user\",\"userId\":\"U\"},"
		 "\"message\":{"
		 "\"type\":\"text\",\"text\":\"no id\"}}",
			"unknown"},
		{"5", "group"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_taken taken =
			signed_post(arena_printf(arena, "{\"events\":[%s]}", row[i].event).p);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, row[i].why);
	}
	assert_int_equal(signed_post("").status, 200);
	assert_int_equal(signed_post("{\"events\":").status, 200);
}

static void encode__replies__while_the_token_is_good(void **state)
{
	static const char *const choice[] = {"7.0", "Yes", "7.1", "No", NULL};
	struct channel_call call =
		kit_encode(kit_peer("U2", "r-token"), kit_said("Cancel it?", choice));

	(void)state;
	assert_str(call.url, "https://api.line.me/v2/bot/message/reply");
	assert_int_equal(call.n_headers, 2); /* the key is refused here */
	assert_true(kit_has_header(&call, "Authorization: Bearer line-token"));
	assert_str(call.body,
		"{\"replyToken\":\"r-token\",\"messages\":[{\"type\":\"text\",\"text\":\"Cancel "
		"it?\","
		"\"quickReply\":{\"items\":[{\"type\":\"action\",\"action\":{\"type\":\"postback\","
		"\"label\":\"Yes\",\"data\":\"7.0\",\"displayText\":\"Yes\"}},{\"type\":\"action\","
		"\"action\":{\"type\":\"postback\",\"label\":\"No\",\"data\":\"7.1\","
		"\"displayText\":"
		"\"No\"}}]}}]}");
}

static void encode__pushes_under_its_key__when_the_token_is_old(void **state)
{
	struct channel_peer peer = *kit_peer("U2", "r-token");
	struct channel_call call;

	(void)state;
	peer.ticket_ms = peer.now_ms - 49999;
	assert_str(kit_encode(&peer, kit_said("Hi", NULL)).url,
		"https://api.line.me/v2/bot/message/reply");
	peer.ticket_ms = peer.now_ms - 50000;
	call = kit_encode(&peer, kit_said("Hi", NULL));
	assert_str(call.url, "https://api.line.me/v2/bot/message/push");
	assert_str(call.body, "{\"to\":\"U2\",\"messages\":[{\"type\":\"text\",\"text\":\"Hi\"}]}");
	assert_true(
		kit_has_header(&call, "X-Line-Retry-Key: 01234567-89ab-4def-8123-456789abcdef"));
	peer.ticket = S("");
	peer.ticket_ms = peer.now_ms;
	assert_str(kit_encode(&peer, kit_said("Hi", NULL)).url,
		"https://api.line.me/v2/bot/message/push");
}

static void encode__pushes__what_the_token_is_not_good_for(void **state)
{
	struct channel_peer peer = *kit_peer("U2", "r-token");

	(void)state;
	peer.sent_ms = peer.ticket_ms + 10; /* it was used */
	assert_true(str_ends(kit_encode(&peer, kit_said("Hi", NULL)).url, S("/push")));
	peer.sent_ms = peer.ticket_ms - 10;
	assert_true(str_ends(kit_encode(&peer, kit_said("Hi", NULL)).url, S("/reply")));
	peer.tries = 1;
	assert_true(str_ends(kit_encode(&peer, kit_said("Hi", NULL)).url, S("/push")));
}

static void typing_and_enroll__say__where(void **state)
{
	const struct channel_call *calls;
	struct channel_call call;

	(void)state;
	assert_true(codec->typing(&account, kit_peer("U2", ""), arena, &call));
	assert_str(call.body, "{\"chatId\":\"U2\",\"loadingSeconds\":20}");
	assert_int_equal(
		codec->enroll(&account, S("https://shop.example/channels/line"), arena, &calls), 1);
	assert_str(calls[0].method, "PUT");
	assert_str(calls[0].url, "https://api.line.me/v2/bot/channel/webhook/endpoint");
	assert_str(calls[0].body, "{\"endpoint\":\"https://shop.example/channels/line\"}");
}

static void judge__tells_apart__rate_and_quota(void **state)
{
	struct channel_judgement judged = kit_judge(
		429, "{\"message\":\"The API rate limit has been exceeded. Try again later.\"}");

	(void)state;
	assert_int_equal(judged.verdict, CHANNEL_AGAIN);
	assert_int_equal(judged.wait_ms, -1);
	judged = kit_judge(429, "{\"message\":\"You have reached your monthly limit.\"}");
	assert_int_equal(judged.verdict, CHANNEL_NEVER);
	assert_str(judged.why, "You have reached your monthly limit.");
}

static void judge__knows__the_rest(void **state)
{
	struct channel_judgement judged = kit_judge(
		200, "{\"sentMessages\":[{\"id\":\"461230966842064897\",\"quoteToken\":\"I\"}]}");

	(void)state;
	assert_int_equal(judged.verdict, CHANNEL_SENT);
	assert_str(judged.message, "461230966842064897");
	judged = kit_judge(409, "{\"message\":\"The retry key is already accepted\","
				"\"sentMessages\":[{\"id\":\"4612\"}]}");
	assert_int_equal(judged.verdict, CHANNEL_SENT);
	judged = kit_judge(400, "{\"message\":\"Invalid reply token\"}");
	assert_int_equal(judged.verdict, CHANNEL_AGAIN);
	assert_int_equal(judged.wait_ms, 0);
	assert_int_equal(
		kit_judge(400, "{\"message\":\"The request body has 1 error(s)\"}").verdict,
		CHANNEL_NEVER);
	assert_int_equal(
		kit_judge(401, "{\"message\":\"Authentication failed\"}").verdict, CHANNEL_LOST);
	assert_int_equal(kit_judge(500, "").verdict, CHANNEL_UNCLEAR);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(take__answers__the_empty_batch),
		CASE(take__believes__the_computed_vector),
		CASE(take__believes__no_forgery),
		CASE(take__refuses__what_is_not_signed),
		CASE(take__reads__presses_and_files),
		CASE(take__passes_over__what_nobody_said),
		CASE(encode__replies__while_the_token_is_good),
		CASE(encode__pushes_under_its_key__when_the_token_is_old),
		CASE(encode__pushes__what_the_token_is_not_good_for),
		CASE(typing_and_enroll__say__where),
		CASE(judge__tells_apart__rate_and_quota),
		CASE(judge__knows__the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
