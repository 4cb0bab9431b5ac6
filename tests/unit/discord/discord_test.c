/* Discord: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"
#include "tests/unit/channel/ed25519_kit.h"

#include "adapters/discord/discord.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&discord_channel);
	kit_value[DISCORD_APPLICATION] = S("1000000000000000001");
	kit_value[DISCORD_PUBLIC_KEY] = S(ED25519_PUBLIC);
	kit_value[DISCORD_TOKEN] = S("bot-token");
	kit_set_header("x-signature-timestamp", S("1749416383"));
	return 0;
}

static struct channel_taken signed_post(const char *body)
{
	kit_set_header("x-signature-ed25519",
		ed25519_sign(arena, arena_printf(arena, "1749416383%s", body)));
	return kit_post(str_of(body));
}

/* In a server; behind it, in a direct message. */
static struct channel_taken in_server(const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"id\":\"4\",\"token\":\"tok\",\"channel_id\":\"3\",\"guild_id\":\"9\","
		"\"member\":{"
		"\"user\":{\"id\":\"6\",\"global_name\":\"An\"}},%s}",
		inside)
				   .p);
}

static struct channel_taken direct(const char *inside)
{
	return signed_post(arena_printf(arena,
		"{\"id\":\"4\",\"token\":\"tok\",\"channel_id\":\"3\",\"user\":{\"id\":\"6\"},%s}",
		inside)
				   .p);
}

static const char vector_8_2[] =
	"{\"application_id\":\"1000000000000000001\",\"channel_id\":\"1000000000000000003\","
	"\"data\":{"
	"\"component_type\":2,\"custom_id\":\"MENU:1\"},\"id\":\"1000000000000000004\",\"locale\":"
	"\"vi\",\"message\":{\"id\":\"1000000000000000005\"},\"token\":\"t\",\"type\":3,\"user\":{"
	"\"id\":\"1000000000000000006\"},\"version\":1}";
#define SIGNATURE_8_2                                                                              \
	"42bbca395f591e76e28bd298d306e5fe83c2d37d1093c7ad7c608036b163a4dc"                         \
	"1e6a1a1a729a8c3473bc20a0fb666dfe768412df0129be6a94a570c4b25a5b0e"

/* Vectors 8.1 and 8.2 of the wire facts: accepted by discord-interactions. */
static void take__answers__a_ping(void **state)
{
	static const char body[] =
		"{\"application_id\":\"1000000000000000001\",\"id\":"
		"\"1000000000000000002\",\"token\":\"t\",\"type\":1,\"version\":1}";
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(body) - 1, 100);
	kit_set_header("x-signature-ed25519",
		S("2f03596e971a77eb36404c4144c864791fc0d1e99d230f5e83d1f0791682b296"
		  "f248a2656eedd860943687a0b7a43e6f29bc33f24566e513e3ebe847da6bd80a"));
	taken = kit_post(str_of(body));
	assert_int_equal(taken.status, 200);
	assert_str(taken.body, "{\"type\":1}");
	assert_str(taken.type, "application/json");
	assert_int_equal(taken.n_events, 0);
}

static void take__believes__the_computed_vector(void **state)
{
	struct channel_taken taken;

	(void)state;
	assert_int_equal(sizeof(vector_8_2) - 1, 273);
	kit_set_header("x-signature-ed25519", S(SIGNATURE_8_2));
	taken = kit_post(str_of(vector_8_2));
	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.event[0].kind, CHANNEL_PRESS);
	assert_str(taken.event[0].text, "MENU:1");
	assert_str(taken.event[0].peer, "1000000000000000003");
	assert_str(taken.event[0].user, "1000000000000000006");
	assert_str(taken.event[0].id, "1000000000000000004");
	assert_str(taken.event[0].ticket, "t");
	assert_str(taken.event[0].language, "vi");
	assert_str(taken.body, "{\"type\":6}");
}

/* Discord tries that itself, at set-up and later. */
static void take__refuses__one_wrong_bit(void **state)
{
	char digit[129];

	(void)state;
	for (size_t i = 0; i < 128; i++) {
		memcpy(digit, SIGNATURE_8_2, sizeof(digit));
		digit[i] = digit[i] == '0' ? '1' : '0';
		kit_set_header("x-signature-ed25519", str_of(digit));
		assert_int_equal(kit_post(str_of(vector_8_2)).status, 401);
	}
}

static void take__believes__no_forgery(void **state)
{
	static const char *const sign[] = {"", "42", SIGNATURE_8_2 "00", "zz"};

	(void)state;
	kit_set_header("x-signature-ed25519", S(SIGNATURE_8_2));
	kit_forge(str_of(vector_8_2), "x-signature-ed25519", 3000);
	for (size_t i = 0; i < sizeof(sign) / sizeof(*sign); i++) {
		kit_set_header("x-signature-ed25519", str_of(sign[i]));
		assert_int_equal(kit_post(str_of(vector_8_2)).status, 401);
	}
	kit_set_header("x-signature-ed25519", S(SIGNATURE_8_2));
	kit_value[DISCORD_PUBLIC_KEY] = S("");
	assert_int_equal(kit_post(str_of(vector_8_2)).status, 401);
}

static void take__refuses__old_requests(void **state)
{
	(void)state;
	kit_set_header("x-signature-ed25519", S(SIGNATURE_8_2));
	kit_now_ms = 1749416383000 + 301000;
	assert_int_equal(kit_post(str_of(vector_8_2)).status, 401);
	assert_string_equal(kit_post(str_of(vector_8_2)).why, "replay");
}

static void take__reads__commands(void **state)
{
	struct channel_taken taken = in_server("\"type\":2,\"data\":{\"name\":\"ask\",\"options\":["
					       "{\"name\":\"message\",\"type\":3,"
					       "\"value\":\"where is it\"}]}");

	(void)state;
	assert_int_equal(taken.event[0].kind, CHANNEL_TEXT);
	assert_str(taken.event[0].text, "where is it");
	assert_str(taken.event[0].peer, "3/6");
	assert_str(taken.event[0].user_name, "An");
	assert_str(taken.body, "{\"type\":5,\"data\":{\"flags\":64}}");
	taken = direct("\"type\":2,\"data\":{\"name\":\"help\"}");
	assert_str(taken.event[0].text, "help");
	assert_str(taken.event[0].peer, "3");
	assert_str(taken.body, "{\"type\":5}");
}

static void take__reads__files_and_lists(void **state)
{
	struct channel_taken taken = direct(
		"\"type\":2,\"data\":{\"name\":\"ask\",\"options\":[{\"name\":\"message\",\"type\":"
		"3,"
		"\"value\":\"see\"},{\"name\":\"file\",\"type\":11,\"value\":\"77\"}],\"resolved\":"
		"{"
		"\"attachments\":{\"77\":{\"id\":\"77\",\"filename\":\"a.png\",\"size\":9,\"url\":"
		"\"https://c\",\"content_type\":\"image/png\"}}}}");

	(void)state;
	assert_int_equal(taken.event[0].kind, CHANNEL_ATTACHMENT);
	assert_str(taken.event[0].text, "see");
	assert_str(taken.event[0].file.kind, "image");
	assert_str(taken.event[0].file.id, "https://c");
	assert_int_equal(taken.event[0].file.bytes, 9);
	taken = direct("\"type\":3,\"data\":{\"component_type\":3,\"custom_id\":\"s\",\"values\":["
		       "\"7.2\"]}");
	assert_str(taken.event[0].text, "7.2");
}

static void take__passes_over__what_nobody_said(void **state)
{
	(void)state;
	assert_int_equal(direct("\"type\":4,\"data\":{}").n_events, 0);
	assert_int_equal(direct("\"type\":99").status, 200);
	assert_int_equal(direct("\"type\":3,\"data\":{}").n_events, 0);
	assert_int_equal(signed_post("").status, 200);
	assert_int_equal(signed_post("{\"type\":").status, 200);
	assert_int_equal(signed_post("[]").status, 200);
	assert_int_equal(in_server("\"type\":3,\"data\":{\"custom_id\":\"a\"}").n_events, 1);
	/* A token that would change the address is none. */
	assert_str(
		signed_post(
			"{\"id\":\"4\",\"token\":\"a/../b\",\"channel_id\":\"3\",\"user\":{\"id\":"
			"\"6\"},\"type\":3,\"data\":{\"custom_id\":\"a\"}}")
			.event[0]
			.ticket,
		"");
}

static void encode__answers_by_the_token__while_it_is_good(void **state)
{
	static const char *const choice[] = {
		"7.0", "A", "7.1", "B", "7.2", "C", "7.3", "D", "7.4", "E", "7.5", "F", NULL};
	struct channel_call call = kit_encode(kit_peer("3", "tok"), kit_said("Which?", choice));

	(void)state;
	assert_str(call.url, "https://discord.com/api/v10/webhooks/1000000000000000001/tok");
	assert_int_equal(call.n_headers, 1);
	assert_true(str_starts(call.body, S("{\"content\":\"Which?\",\"allowed_mentions\":{"
					    "\"parse\":[]},\"components\":[{\"type\":"
					    "1,\"components\":[{\"type\":2,\"style\":1,\"label\":"
					    "\"A\",\"custom_id\":\"7.0\"},")));
	assert_true(str_ends(call.body,
		S("\"custom_id\":\"7.4\"}]},{\"type\":1,\"components\":[{\"type\":2,\"style\":1,"
		  "\"label\":\"F\",\"custom_id\":\"7.5\"}]}]}")));
	assert_true(str_ends(
		kit_encode(kit_peer("3/6", "tok"), kit_said("Hi", NULL)).body, S("\"flags\":64}")));
}

static void encode__writes_a_message__when_the_token_is_old(void **state)
{
	struct channel_peer peer = *kit_peer("3", "tok");
	struct channel_call call;

	(void)state;
	peer.ticket_ms = peer.now_ms - 15 * 60 * 1000;
	call = kit_encode(&peer, kit_said("Hi", NULL));
	assert_str(call.url, "https://discord.com/api/v10/channels/3/messages");
	assert_true(kit_has_header(&call, "Authorization: Bot bot-token"));
	assert_str(call.body, "{\"content\":\"Hi\",\"allowed_mentions\":{\"parse\":[]},\"nonce\":"
			      "\"0123456789abcdef012345678\",\"enforce_nonce\":true}");
	/* Never where everybody reads it. */
	peer.peer = S("3/6");
	assert_true(str_find(kit_encode(&peer, kit_said("Hi", NULL)).url, S("/webhooks/")) > 0);
	peer.ticket = S("");
	assert_true(str_find(kit_encode(&peer, kit_said("Hi", NULL)).url, S("/webhooks/")) > 0);
}

static void encode__takes_markup__as_text(void **state)
{
	struct channel_call call = kit_encode(kit_peer("3", "t"),
		kit_said("- 2*3 a_b <@1> https://x.example/a_b_c _c\n> #1", NULL));

	(void)state;
	assert_true(str_starts(call.body,
		S("{\"content\":\"\\\\- 2\\\\*3 a\\\\_b \\\\<@1> https://x.example/a_b_c \\\\_c\\n"
		  "\\\\> #1\"")));
}

static void typing_and_enroll__say__where(void **state)
{
	const struct channel_call *calls;
	struct channel_call call;

	(void)state;
	assert_true(codec->typing(&account, kit_peer("3", ""), arena, &call));
	assert_str(call.url, "https://discord.com/api/v10/channels/3/typing");
	assert_false(codec->typing(&account, kit_peer("3/6", ""), arena, &call));
	assert_int_equal(
		codec->enroll(&account, S("https://shop.example/channels/discord"), arena, &calls),
		2);
	assert_str(calls[0].url,
		"https://discord.com/api/v10/applications/1000000000000000001/commands");
	assert_str(calls[1].method, "PATCH");
	assert_str(calls[1].body,
		"{\"interactions_endpoint_url\":\"https://shop.example/channels/discord\"}");
}

static void judge__obeys__every_kind_of_wait(void **state)
{
	static const struct {
		const char *body;
		int64_t header_ms, wait_ms;
	} row[] = {
		{"{\"message\":\"You are being rate "
		 "limited.\",\"retry_after\":64.5,\"global\":false}",
			-1, 64501},
		{"{\"retry_after\":3}", -1, 3001},
		{"{\"retry_after\":0.3000000000000000444}", 1000, 1000},
		{"{\"retry_after\":1e300}", 2000, 2000},
		{"{\"retry_after\":-5}", -1, -1},
		{"{\"retry_after\":\"soon\"}", -1, -1},
		{"", 5000, 5000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_answer answer = {429, str_of(row[i].body), S(""), row[i].header_ms};
		struct channel_judgement judged = codec->judge(&account, &answer, arena);

		assert_int_equal(judged.verdict, CHANNEL_AGAIN);
		assert_int_equal(judged.wait_ms, row[i].wait_ms);
	}
}

static void judge__knows__the_rest(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum channel_verdict verdict;
	} row[] = {
		{200, "{\"id\":\"99\"}", CHANNEL_SENT},
		{204, "", CHANNEL_SENT},
		{401, "{\"message\":\"401: Unauthorized\",\"code\":0}", CHANNEL_LOST},
		{401, "{\"message\":\"Invalid Webhook Token\",\"code\":50027}", CHANNEL_NEVER},
		{403, "{\"message\":\"Cannot send messages to this user\",\"code\":50007}",
			CHANNEL_NEVER},
		{403, "", CHANNEL_NEVER},
		{404, "{\"message\":\"Unknown Webhook\",\"code\":10015}", CHANNEL_NEVER},
		{400, "{\"message\":\"Invalid Form Body\",\"code\":50035}", CHANNEL_NEVER},
		{502, "", CHANNEL_UNCLEAR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(kit_judge(row[i].status, row[i].body).verdict, row[i].verdict);
	assert_str(kit_judge(200, row[0].body).message, "99");
	assert_str(kit_judge(401, row[3].body).why, "Invalid Webhook Token");
}

static struct discord_frame frame(const char *text)
{
	return discord_frame_read(&account, str_of(text), arena);
}

static void gateway__is_asked_for(void **state)
{
	struct channel_answer answer = {
		200, S("{\"url\":\"wss://gateway.discord.gg\",\"shards\":1}"), S(""), -1};
	struct channel_call call = discord_gateway(&account, arena);
	struct str why;
	bool lost;

	(void)state;
	assert_false(discord_wants_gateway(&account));
	kit_value[DISCORD_GATEWAY] = S("true");
	assert_true(discord_wants_gateway(&account));
	assert_str(call.method, "GET");
	assert_str(call.url, "https://discord.com/api/v10/gateway/bot");
	assert_true(kit_has_header(&call, "Authorization: Bot bot-token"));
	assert_str(discord_gateway_url(&account, &answer, arena, &lost, &why),
		"wss://gateway.discord.gg");
	assert_str(discord_gateway_address(S("wss://g"), arena), "wss://g/?v=10&encoding=json");
	assert_str(discord_gateway_address(S("wss://g/"), arena), "wss://g/?v=10&encoding=json");
	answer = (struct channel_answer){
		401, S("{\"message\":\"401: Unauthorized\",\"code\":0}"), S(""), -1};
	assert_str(discord_gateway_url(&account, &answer, arena, &lost, &why), "");
	assert_true(lost);
	answer.status = 502;
	assert_str(discord_gateway_url(&account, &answer, arena, &lost, &why), "");
	assert_false(lost);
	assert_true(discord_is_final(4004) && discord_is_final(4014));
	assert_false(discord_is_final(4000) || discord_is_final(4009) || discord_is_final(1000));
}

static void gateway__says__how_it_stands(void **state)
{
	struct discord_frame f = frame("{\"op\":10,\"d\":{\"heartbeat_interval\":41250}}");

	(void)state;
	assert_int_equal(f.kind, DISCORD_HELLO);
	assert_int_equal(f.interval_ms, 41250);
	assert_int_equal(frame("{\"op\":10,\"d\":{\"heartbeat_interval\":0}}").interval_ms, 1000);
	assert_int_equal(frame("{\"op\":10}").interval_ms, 1000);
	f = frame("{\"op\":0,\"s\":1,\"t\":\"READY\",\"d\":{\"session_id\":\"s1\",\"resume_gateway_"
		  "url\":"
		  "\"wss://r\"}}");
	assert_int_equal(f.kind, DISCORD_READY);
	assert_int_equal(f.sequence, 1);
	assert_str(f.session, "s1");
	assert_str(f.resume_url, "wss://r");
	assert_int_equal(
		frame("{\"op\":0,\"s\":9,\"t\":\"RESUMED\",\"d\":{}}").kind, DISCORD_RESUMED);
	assert_int_equal(frame("{\"op\":1,\"d\":null}").kind, DISCORD_ASKS_BEAT);
	assert_int_equal(frame("{\"op\":11}").kind, DISCORD_BEAT_HEARD);
	assert_int_equal(frame("{\"op\":7,\"d\":null}").kind, DISCORD_RECONNECT);
	assert_true(frame("{\"op\":9,\"d\":true}").may_resume);
	assert_int_equal(frame("{\"op\":9,\"d\":false}").kind, DISCORD_INVALID);
	assert_false(frame("{\"op\":9,\"d\":false}").may_resume);
	assert_int_equal(frame("{\"op\":\"0\"}").kind, DISCORD_OTHER);
	assert_int_equal(frame("{}").kind, DISCORD_OTHER);
	assert_int_equal(frame("").sequence, -1);
}

#define CREATE(inside)                                                                             \
	"{\"op\":0,\"s\":5,\"t\":\"MESSAGE_CREATE\",\"d\":{\"id\":\"71\",\"channel_id\":"          \
	"\"30\"," inside "}}"
#define BY_MAYA "\"author\":{\"id\":\"6\",\"global_name\":\"Maya\"}"

static void gateway__brings__what_is_written(void **state)
{
	struct discord_frame f =
		frame(CREATE(BY_MAYA ",\"content\":\"where is it\",\"attachments\":[]"));

	(void)state;
	assert_int_equal(f.kind, DISCORD_EVENT);
	assert_int_equal(f.sequence, 5);
	assert_int_equal(f.taken.n_events, 1);
	assert_int_equal(f.taken.event[0].kind, CHANNEL_TEXT);
	assert_str(f.taken.event[0].text, "where is it");
	assert_str(f.taken.event[0].peer, "30");
	assert_str(f.taken.event[0].id, "71");
	assert_str(f.taken.event[0].user_name, "Maya");
	f = frame(CREATE(BY_MAYA ",\"content\":\"see\",\"attachments\":[{\"url\":\"https://a\","
				 "\"content_type\":\"image/png\"},{\"url\":\"https://b\"}]"));
	assert_int_equal(f.taken.n_events, 2);
	assert_str(f.taken.event[0].file.kind, "image");
	assert_str(f.taken.event[1].id, "71/1");
	f = frame("{\"op\":0,\"s\":6,\"t\":\"MESSAGE_UPDATE\",\"d\":{\"id\":\"71\",\"channel_id\":"
		  "\"30\"," BY_MAYA
		  ",\"content\":\"b\",\"edited_timestamp\":\"2026-01-01T00:00:00Z\"}}");
	assert_int_equal(f.taken.event[0].kind, CHANNEL_EDITED);
	assert_str(f.taken.event[0].id, "71/2026-01-01T00:00:00Z");
}

static void gateway__passes_over__what_is_not_for_us(void **state)
{
	(void)state;
	assert_string_equal(
		frame(CREATE("\"author\":{\"id\":\"1\",\"bot\":true},\"content\":\"a\"")).taken.why,
		"echo");
	assert_string_equal(
		frame(CREATE(BY_MAYA ",\"guild_id\":\"9\",\"content\":\"a\"")).taken.why, "group");
	assert_string_equal(frame(CREATE(BY_MAYA ",\"content\":\"\"")).taken.why, "unknown");
	assert_string_equal(
		frame("{\"op\":0,\"s\":5,\"t\":\"TYPING_START\",\"d\":{}}").taken.why, "unknown");
	assert_int_equal(frame("{\"op\":0,\"s\":6,\"t\":\"MESSAGE_UPDATE\",\"d\":{\"id\":\"71\","
			       "\"channel_id\":"
			       "\"30\"," BY_MAYA ",\"content\":\"b\",\"edited_timestamp\":null}}")
				 .taken.n_events,
		0);
}

static void gateway__answers__interactions_by_a_request(void **state)
{
	struct discord_frame f = frame(
		"{\"op\":0,\"s\":5,\"t\":\"INTERACTION_CREATE\",\"d\":{\"id\":\"8\",\"token\":"
		"\"tok\",\"type\":3,"
		"\"channel_id\":\"30\",\"user\":{\"id\":\"6\"},\"data\":{\"custom_id\":\"7.1\"}}}");

	(void)state;
	assert_int_equal(f.taken.event[0].kind, CHANNEL_PRESS);
	assert_str(f.answer.url, "https://discord.com/api/v10/interactions/8/tok/callback");
	assert_str(f.answer.body, "{\"type\":6}");
	f = frame("{\"op\":0,\"s\":5,\"t\":\"INTERACTION_CREATE\",\"d\":{\"type\":4}}");
	assert_int_equal(f.answer.url.n, 0);
}

static void gateway__is_told(void **state)
{
	(void)state;
	assert_str(discord_identify(&account, arena),
		"{\"op\":2,\"d\":{\"token\":\"bot-token\",\"intents\":4096,\"properties\":{\"os\":"
		"\"linux\",\"browser\":"
		"\"tenstep\",\"device\":\"tenstep\"}}}");
	assert_str(discord_resume(&account, S("s1"), 5, arena),
		"{\"op\":6,\"d\":{\"token\":\"bot-token\",\"session_id\":\"s1\",\"seq\":5}}");
	assert_str(discord_beat(5, arena), "{\"op\":1,\"d\":5}");
	assert_str(discord_beat(-1, arena), "{\"op\":1,\"d\":null}");
}

static void fault__looks_at__the_key(void **state)
{
	(void)state;
	assert_null(codec->fault(&account));
	kit_value[DISCORD_PUBLIC_KEY] =
		S("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751zz");
	assert_non_null(codec->fault(&account));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		CASE(fault__looks_at__the_key),
		CASE(gateway__is_asked_for),
		CASE(gateway__says__how_it_stands),
		CASE(gateway__brings__what_is_written),
		CASE(gateway__passes_over__what_is_not_for_us),
		CASE(gateway__answers__interactions_by_a_request),
		CASE(gateway__is_told),
		CASE(take__answers__a_ping),
		CASE(take__believes__the_computed_vector),
		CASE(take__refuses__one_wrong_bit),
		CASE(take__believes__no_forgery),
		CASE(take__refuses__old_requests),
		CASE(take__reads__commands),
		CASE(take__reads__files_and_lists),
		CASE(take__passes_over__what_nobody_said),
		CASE(encode__answers_by_the_token__while_it_is_good),
		CASE(encode__writes_a_message__when_the_token_is_old),
		CASE(encode__takes_markup__as_text),
		CASE(typing_and_enroll__say__where),
		CASE(judge__obeys__every_kind_of_wait),
		CASE(judge__knows__the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
