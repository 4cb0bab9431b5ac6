/* Zalo: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/zalo/zalo.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&zalo_channel);
	kit_value[ZALO_APP] = S("1000000000000001");
	kit_value[ZALO_SECRET] = S("test_oa_secret");
	kit_value[ZALO_TOKEN] = S("zalo-token");
	return 0;
}

/* The body's time is 5. */
static struct channel_taken signed_post(const char *body)
{
	char hex[65];

	digest_hex(digest_of(arena_printf(arena, "1000000000000001%s5test_oa_secret", body)), hex);
	kit_set_header("x-zevent-signature", arena_printf(arena, "mac=%s", hex));
	return kit_post(str_of(body));
}

static struct channel_taken event(const char *name, const char *message)
{
	return signed_post(arena_printf(arena,
		"{\"event_name\":\"%s\",\"timestamp\":\"5\",\"sender\":{\"id\":"
		"\"3000000000000001\"},"
		"\"message\":{\"msg_id\":\"m1\",%s}}",
		name, message)
				   .p);
}

static const char vector_10_1[] =
	"{\"app_id\":\"1000000000000001\",\"user_id_by_app\":\"2000000000000001\",\"event_name\":"
	"\"user_send_text\",\"timestamp\":\"1749416383000\",\"sender\":{\"id\":"
	"\"3000000000000001\"},"
	"\"recipient\":{\"id\":\"4000000000000001\"},\"message\":{\"msg_id\":\"5000000000000001\","
	"\"text\":\"Đơn hàng của tôi ở đâu?\"}}";
#define SIGNATURE_10_1 "172f4c49c6495ca8d5da436422fb1bf6214d74bd5158a7c89b69c9d85c223b2c"

static void take__believes__the_computed_vector(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_10_1) - 1, 279);
	kit_set_header("x-zevent-signature", S("mac=" SIGNATURE_10_1));
	taken = kit_post(str_of(vector_10_1));
	assert_int_equal(taken.n_events, 1);
	assert_str(taken.event[0].text, "Đơn hàng của tôi ở đâu?");
	assert_str(taken.event[0].peer, "3000000000000001");
	assert_str(taken.event[0].id, "5000000000000001");
	assert_int_equal(taken.event[0].at_ms, 1749416383000);
	kit_set_header("x-zevent-signature", S(SIGNATURE_10_1)); /* some send it so */
	assert_int_equal(kit_post(str_of(vector_10_1)).n_events, 1);
}

static void take__believes__no_forgery(void **state)
{
	static const char *const header[] = {"", "mac=", "mac=17", "mac=mac=" SIGNATURE_10_1};

	(void)state;
	for (size_t i = 0; i < sizeof(header) / sizeof(*header); i++) {
		kit_set_header("x-zevent-signature", str_of(header[i]));
		assert_int_equal(kit_post(str_of(vector_10_1)).status, 401);
	}
	/* An empty body is believed (it says nothing), so nothing is cut off here. */
	for (size_t i = 0; i < kit_forgeries(sizeof(vector_10_1) - 1); i++) {
		struct arena *outer = arena;
		char *body, *sign;

		arena = arena_new(1 << 20);
		body = arena_cstr(arena, str_of(vector_10_1));
		sign = arena_cstr(arena, S("mac=" SIGNATURE_10_1));
		if (i % 2)
			sign[4 + i / 2 % 64] ^= (char)(1 + i / 128 % 15);
		else
			body[i / 2 % (sizeof(vector_10_1) - 1)] ^= (char)(1 + i / 558 % 127);
		kit_set_header("x-zevent-signature", str_of(sign));
		if (kit_post((struct str){body, sizeof(vector_10_1) - 1}).status != 401)
			fail_msg("forgery %zu was believed", i);
		arena_free(arena);
		arena = outer;
	}
	kit_set_header("x-zevent-signature", S("mac=" SIGNATURE_10_1));
	kit_value[ZALO_SECRET] = S("");
	assert_int_equal(kit_post(str_of(vector_10_1)).status, 401);
}

/* The page where the address is set tries it so, without a signature. */
static void take__answers__an_empty_trial(void **state)
{
	(void)state;
	assert_int_equal(kit_post(S("")).status, 200);
	assert_int_equal(kit_post(S("{}")).status, 200);
	assert_int_equal(kit_post(S("{}")).n_events, 0);
	assert_int_equal(kit_post(S("{\"a\":1}")).status, 401);
}

static void take__reads__presses_and_files(void **state)
{
	struct channel_event e = event("user_send_text", "\"text\":\"\xE2\x96\xB6"
							 "7.1\"")
					 .event[0];

	(void)state;
	assert_int_equal(e.kind, CHANNEL_PRESS);
	assert_str(e.text, "7.1");
	e = event("user_send_image",
		"\"text\":\"see\",\"attachments\":[{\"type\":\"image\",\"payload\":{"
		"\"url\":\"https://z\"}}]")
		    .event[0];
	assert_int_equal(e.kind, CHANNEL_ATTACHMENT);
	assert_str(e.file.kind, "image");
	assert_str(e.file.id, "https://z");
	assert_str(e.text, "see");
}

static void take__passes_over__what_no_buyer_said(void **state)
{
	(void)state;
	assert_string_equal(event("oa_send_text", "\"text\":\"a\"").why, "echo");
	assert_string_equal(event("user_seen_message", "\"text\":\"a\"").why, "receipt");
	assert_string_equal(event("follow", "\"text\":\"a\"").why, "unknown");
	assert_string_equal(event("user_send_hologram", "\"text\":\"a\"").why, "unknown");
	assert_string_equal(event("user_send_text", "\"x\":1").why, "unknown");
}

static void encode__writes__buttons(void **state)
{
	static const char *const choice[] = {"7.0", "Yes", NULL};
	struct channel_call call = kit_encode(kit_peer("3", ""), kit_said("Cancel it?", choice));

	(void)state;
	assert_str(call.url, "https://openapi.zalo.me/v3.0/oa/message/cs");
	assert_true(kit_has_header(&call, "access_token: zalo-token"));
	assert_str(call.body,
		"{\"recipient\":{\"user_id\":\"3\"},\"message\":{\"text\":\"Cancel "
		"it?\",\"attachment\":{"
		"\"type\":\"template\",\"payload\":{\"buttons\":[{\"title\":\"Yes\",\"type\":"
		"\"oa.query.hide\",\"payload\":\"\xE2\x96\xB6"
		"7.0\"}]}}}}");
}

static void judge__does_not_trust__200(void **state)
{
	static const struct {
		const char *body;
		enum channel_verdict verdict;
	} row[] = {
		{"{\"error\":0,\"message\":\"Success\",\"data\":{\"message_id\":\"m9\"}}",
			CHANNEL_SENT},
		{"{\"error\":-216,\"message\":\"Access token is invalid\"}", CHANNEL_LOST},
		{"{\"error\":-230,\"message\":\"User has not interacted\"}", CHANNEL_NEVER},
		{"{\"error\":-999}", CHANNEL_NEVER},
		{"{}", CHANNEL_UNCLEAR},
		{"", CHANNEL_UNCLEAR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(kit_judge(200, row[i].body).verdict, row[i].verdict);
	assert_str(kit_judge(200, row[0].body).message, "m9");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(take__believes__the_computed_vector),
		CASE(take__believes__no_forgery),
		CASE(take__answers__an_empty_trial),
		CASE(take__reads__presses_and_files),
		CASE(take__passes_over__what_no_buyer_said),
		CASE(encode__writes__buttons),
		CASE(judge__does_not_trust__200),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
