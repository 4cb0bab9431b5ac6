/* Direct Line: routes, tokens, what is read and refused, and the bytes that are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/directline/directline.h"
#include "bot/base/digest.h"
#include "tests/unit/value_of.h"

static struct arena *arena;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	arena_free(arena);
	return 0;
}

#define assert_str(s, text) assert_true(str_is((s), (text)))

/* --- routes --- */

static void directline_route__knows_all_routes(void **state)
{
	static const struct {
		const char *method, *path, *conversation;
		enum directline_route_kind kind;
	} route[] = {
		{"POST", "/v3/directline/tokens/generate", "", ROUTE_GENERATE},
		{"POST", "/v3/directline/tokens/refresh", "", ROUTE_REFRESH},
		{"POST", "/v3/directline/conversations", "", ROUTE_START},
		{"GET", "/v3/directline/conversations/aB-_9", "aB-_9", ROUTE_RECONNECT},
		{"GET", "/v3/directline/conversations/x/activities", "x", ROUTE_GET},
		{"POST", "/v3/directline/conversations/x/activities", "x", ROUTE_POST},
		{"POST", "/v3/directline/conversations/x/upload", "x", ROUTE_UPLOAD},
		{"GET", "/v3/directline/conversations/x/stream", "x", ROUTE_STREAM},
		{"OPTIONS", "/v3/directline/conversations/x/activities", "x", ROUTE_PREFLIGHT},
		{"OPTIONS", "/v3/directline/tokens/refresh", "", ROUTE_PREFLIGHT},
		{"GET", "/v3/directline/tokens/generate", "", ROUTE_WRONG_METHOD},
		{"DELETE", "/v3/directline/conversations/x/activities", "x", ROUTE_WRONG_METHOD},
		{"GET", "/v3/directline/session/getsessionid", "", ROUTE_NONE},
		{"GET", "/v3/directline", "", ROUTE_NONE},
		{"GET", "/v3/directline/", "", ROUTE_NONE},
		{"GET", "/v3/directline/conversations/", "", ROUTE_NONE},
		{"GET", "/v3/directline/conversations//activities", "", ROUTE_NONE},
		{"GET", "/v3/directline/conversations/a b", "", ROUTE_NONE},
		{"GET", "/v3/directline/conversations/x/activities/", "", ROUTE_NONE},
		{"GET", "/v3/directline/conversations/x/y", "", ROUTE_NONE},
		{"POST", "/v4/directline/conversations", "", ROUTE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(route) / sizeof(*route); i++) {
		struct directline_route r =
			directline_route(str_of(route[i].method), str_of(route[i].path));

		if (r.kind != route[i].kind || !str_is(r.conversation, route[i].conversation))
			fail_msg("%s %s: %d '%.*s'", route[i].method, route[i].path, r.kind,
				STR(r.conversation));
	}
}

static void directline_route__refuses_a_long_id(void **state)
{
	char path[200] = "/v3/directline/conversations/";
	size_t n = strlen(path);

	(void)state;
	memset(path + n, 'a', 64);
	assert_int_equal(directline_route(S("GET"), str_of(path)).kind, ROUTE_RECONNECT);
	path[n + 64] = 'a';
	assert_int_equal(directline_route(S("GET"), str_of(path)).kind, ROUTE_NONE);
}

static void directline_cors__names_the_origin(void **state)
{
	struct str line[directline_n_cors];

	(void)state;
	directline_cors(S("https://shop.example"), arena, line);
	assert_str(line[0], "Access-Control-Allow-Origin: https://shop.example");
	assert_str(line[1], "Vary: Origin");
	for (size_t i = 0; i < directline_n_cors; i++)
		assert_true(str_find(line[i], S("*")) < 0);
}

/* --- tokens --- */

static const struct str secret[] = {
	S("an old secret of twenty-four!"), S("a secret of the shop, long enough")};

static struct str token_of(enum directline_use use, struct str with)
{
	struct directline_token token = {
		use, S("conv1"), S("dl_7"), S("https://shop.example"), 1800};

	buf_clear(&out);
	directline_token_make(&token, with, &out);
	return buf_str(&out);
}

static void directline_token__is_read__as_made(void **state)
{
	struct str text = token_of(DIRECTLINE_CHAT, secret[1]);
	struct directline_token token;

	(void)state;
	assert_int_equal(
		directline_token_read(text, DIRECTLINE_CHAT, secret, 2, 1799, arena, &token),
		TOKEN_GOOD);
	assert_str(token.conversation, "conv1");
	assert_str(token.user, "dl_7");
	assert_str(token.origin, "https://shop.example");
	assert_int_equal(token.expires, 1800);
}

/* Python: base64url('{"conv":"conv1","user":"dl_7","origin":"https://shop.example","exp":1800}'),
 * then HMAC-SHA256 of "directline-chat-1." and that. */
static void directline_token__is_what__others_compute(void **state)
{
	(void)state;
	assert_str(token_of(DIRECTLINE_CHAT, secret[1]),
		"eyJjb252IjoiY29udjEiLCJ1c2VyIjoiZGxfNyIsIm9yaWdpbiI6Imh0dHBzOi8vc2hvcC"
		"5leGFtcGxlIiwiZXhwIjoxODAwfQ.prRw2i_mHEdC6CI4pNMJYS3oUmqrsnC9Yrr_S6-vC"
		"4M");
}

static void directline_token__expires(void **state)
{
	struct str text = token_of(DIRECTLINE_CHAT, secret[0]);
	struct directline_token token;

	(void)state;
	assert_int_equal(
		directline_token_read(text, DIRECTLINE_CHAT, secret, 2, 1800, arena, &token),
		TOKEN_EXPIRED);
	assert_int_equal(token.conversation.n, 0);
}

static void directline_token__is_good__for_its_use_only(void **state)
{
	struct str text = token_of(DIRECTLINE_STREAM, secret[0]);
	struct directline_token token;

	(void)state;
	assert_int_equal(directline_token_read(text, DIRECTLINE_CHAT, secret, 2, 0, arena, &token),
		TOKEN_BAD);
	assert_int_equal(
		directline_token_read(text, DIRECTLINE_STREAM, secret, 2, 0, arena, &token),
		TOKEN_GOOD);
}

static void directline_token__is_bad__after_any_change(void **state)
{
	struct str text = token_of(DIRECTLINE_CHAT, secret[0]);

	(void)state;
	for (size_t i = 0; i < text.n; i++) {
		struct str copy = arena_str(arena, text);
		struct directline_token token;

		((char *)(uintptr_t)copy.p)[i] = copy.p[i] == 'Q' ? 'R' : 'Q';
		assert_int_equal(
			directline_token_read(copy, DIRECTLINE_CHAT, secret, 2, 0, arena, &token),
			TOKEN_BAD);
	}
}

static void directline_token__is_bad__for_other_and_short_secrets(void **state)
{
	static const struct str other[] = {S("23 bytes are not enough")};
	struct str text = token_of(DIRECTLINE_CHAT, secret[0]);
	struct directline_token token;

	(void)state;
	assert_int_equal(
		directline_token_read(text, DIRECTLINE_CHAT, &secret[1], 1, 0, arena, &token),
		TOKEN_BAD);
	text = token_of(DIRECTLINE_CHAT, other[0]);
	assert_int_equal(directline_token_read(text, DIRECTLINE_CHAT, other, 1, 0, arena, &token),
		TOKEN_BAD);
	assert_int_equal(directline_token_read(S(""), DIRECTLINE_CHAT, secret, 2, 0, arena, &token),
		TOKEN_BAD);
	assert_int_equal(
		directline_token_read(S("."), DIRECTLINE_CHAT, secret, 2, 0, arena, &token),
		TOKEN_BAD);
}

/* --- start --- */

static bool starts(const char *body, bool trusted, struct directline_start *start)
{
	buf_clear(&out);
	return directline_start_read(str_of(body), trusted, arena, start, &out);
}

static void directline_start_read__takes_what_clients_send(void **state)
{
	struct directline_start start;

	(void)state;
	assert_true(starts("", false, &start));
	assert_true(starts("{}", false, &start));
	assert_true(starts("{\"user\":{}}", false, &start));
	assert_true(starts("{\"user\":null,\"trustedOrigins\":[]}", true, &start));
	assert_true(starts("{\"user\":{\"id\":\"u1\",\"name\":\"Anna\"},\"locale\":\"en-US\"}",
		false, &start));
	assert_str(start.user, "u1");
	assert_str(start.user_name, "Anna");
	assert_str(start.language, "en-US");
	assert_true(starts("{\"user\":{\"id\":\"dl_7\"},\"trustedOrigins\":"
			   "[\"https://shop.example\"]}",
		true, &start));
	assert_str(start.user, "dl_7");
	assert_str(start.origin, "https://shop.example");
}

static void directline_start_read__refuses(void **state)
{
	static const struct {
		const char *body;
		bool trusted;
	} bad[] = {
		{"{\"user\":{\"id\":\"dl_7\"}}", false},
		{"{\"user\":{\"id\":\"u7\"}}", true},
		{"{\"user\":{\"id\":7}}", false},
		{"{\"user\":{\"id\":\"a\\u0007\"}}", false},
		{"{\"trustedOrigins\":\"https://a\"}", true},
		{"{\"trustedOrigins\":[\"*\"]}", true},
		{"{\"trustedOrigins\":[\"https://a\",\"https://b\"]}", true},
		{"[]", true},
		{"x", true},
	};
	struct directline_start start;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (starts(bad[i].body, bad[i].trusted, &start))
			fail_msg("taken: %s", bad[i].body);
		assert_true(out.n > 0);
	}
}

/* --- activities --- */

static struct directline_activity activity_of(const char *body)
{
	struct directline_activity activity;

	buf_clear(&out);
	if (!directline_activity_read(str_of(body), arena, &activity, &out))
		fail_msg("%s: %.*s", body, STR(buf_str(&out)));
	return activity;
}

/* As botframework-webchat 4.18.1 sends it. */
static void directline_activity_read__takes_a_text(void **state)
{
	struct directline_activity a = activity_of(
		"{\"channelData\":{\"attachmentSizes\":[],\"clientActivityID\":"
		"\"1732406400000abc\",\"webchat:sequence-id\":12345678901234567890,"
		"\"webchat:send-status\":\"sending\"},\"channelId\":\"webchat\",\"from\":{\"id\":"
		"\"u1\",\"name\":\"\",\"role\":\"user\"},\"locale\":\"en-US\",\"localTimestamp\":"
		"\"2024-11-24T01:00:00.000+01:00\",\"localTimezone\":\"Europe/Berlin\",\"text\":"
		"\" where is it\\n\",\"textFormat\":\"plain\",\"type\":\"message\"}");

	(void)state;
	assert_int_equal(a.kind, DIRECTLINE_TEXT);
	assert_str(a.text, "where is it");
	assert_str(a.id, "1732406400000abc");
	assert_str(a.from, "u1");
	assert_str(a.language, "en-US");
}

static void directline_activity_read__takes_a_press(void **state)
{
	struct directline_activity a =
		activity_of("{\"type\":\"message\",\"text\":\"Yes\",\"value\":{\"choice\":\"yes\","
			    "\"post\":12},\"channelData\":{\"messageBack\":{\"displayText\":"
			    "\"Yes\"}}}");

	(void)state;
	assert_int_equal(a.kind, DIRECTLINE_PRESS);
	assert_str(a.choice, "yes");
	assert_int_equal(a.post, 12);
	a = activity_of("{\"type\":\"message\",\"value\":{\"choice\":\"no\",\"post\":-1}}");
	assert_int_equal(a.kind, DIRECTLINE_PRESS);
	assert_int_equal(a.post, 0);
}

static void directline_activity_read__takes_post_backs_as_text(void **state)
{
	struct directline_activity a = activity_of(
		"{\"type\":\"message\",\"value\":\"yes\",\"channelData\":{\"postBack\":true}}");

	(void)state;
	assert_int_equal(a.kind, DIRECTLINE_TEXT);
	assert_str(a.text, "yes");
	a = activity_of("{\"type\":\"message\",\"text\":\"t\",\"value\":{\"other\":1}}");
	assert_int_equal(a.kind, DIRECTLINE_TEXT);
	assert_str(a.text, "t");
}

static void directline_activity_read__takes_files_by_address(void **state)
{
	struct directline_activity a = activity_of(
		"{\"type\":\"message\",\"text\":\"look\",\"attachments\":[{\"contentType\":"
		"\"image/png\",\"contentUrl\":\"https://x.example/a.png\",\"name\":\"a.png\"}]}");

	(void)state;
	assert_int_equal(a.kind, DIRECTLINE_FILE);
	assert_int_equal(a.n_attachments, 1);
	assert_str(a.attachment[0].url, "https://x.example/a.png");
	assert_str(a.attachment[0].type, "image/png");
	assert_str(a.attachment[0].name, "a.png");
	assert_str(a.text, "look");
}

static void directline_caption_read__takes_a_message__that_may_be_empty(void **state)
{
	struct directline_activity activity;

	(void)state;
	assert_true(directline_caption_read(
		S("{\"type\":\"message\",\"channelData\":{\"clientActivityID\":\"c1\"},"
		  "\"attachments\":["
		  "{\"contentType\":\"image/"
		  "png\",\"name\":\"a.png\",\"thumbnailUrl\":\"data:,\"}]}"),
		arena, &activity, &out));
	assert_str(activity.id, "c1");
	assert_int_equal(activity.text.n, 0);
	assert_int_equal(activity.n_attachments, 0);
	assert_false(directline_caption_read(S("{\"type\":\"typing\"}"), arena, &activity, &out));
	assert_str(buf_str(&out), "what goes along with files is a message");
}

static void directline_activity_read__takes_the_rest(void **state)
{
	struct directline_activity a =
		activity_of("{\"type\":\"event\",\"name\":\"webchat/join\",\"value\":{}}");

	(void)state;
	assert_int_equal(a.kind, DIRECTLINE_EVENT);
	assert_str(a.name, "webchat/join");
	assert_int_equal(activity_of("{\"type\":\"typing\"}").kind, DIRECTLINE_TYPING);
	assert_int_equal(activity_of("{\"type\":\"conversationUpdate\"}").kind, DIRECTLINE_OTHER);
}

static void assert_bad(const char *body, const char *error)
{
	struct directline_activity activity;

	buf_clear(&out);
	assert_false(directline_activity_read(str_of(body), arena, &activity, &out));
	assert_string_equal(out.p, error);
}

static void directline_activity_read__refuses(void **state)
{
	char *huge = malloc(6000);

	(void)state;
	assert_bad("", "this is no JSON object, or too large");
	assert_bad("[]", "this is no JSON object, or too large");
	assert_bad("{\"type\":\"message\",\"type\":\"x\"}", "this is no JSON object, or too large");
	assert_bad("{}", "an activity needs a 'type'");
	assert_bad("{\"type\":\"message\"}", "the message is empty");
	assert_bad("{\"type\":\"message\",\"text\":\" \"}", "the message is empty");
	assert_bad("{\"type\":\"message\",\"text\":\"a\",\"locale\":5}",
		"'locale' is no text, too long, or has control characters");
	assert_bad("{\"type\":\"message\",\"text\":\"a\",\"channelData\":{\"clientActivityID\":"
		   "\"a\\nb\"}}",
		"'clientActivityID' is no text, too long, or has control characters");
	assert_bad("{\"type\":\"message\",\"attachments\":[{\"contentUrl\":"
		   "\"data:image/png;base64,AA\"}]}",
		"an attachment needs a 'contentUrl' of http or https");
	assert_bad("{\"type\":\"message\",\"attachments\":[{\"contentUrl\":"
		   "\"javascript:alert(1)\"}]}",
		"an attachment needs a 'contentUrl' of http or https");
	assert_bad("{\"type\":\"message\",\"attachments\":[7]}",
		"an attachment needs a 'contentUrl' of http or https");
	assert_bad("{\"type\":\"message\",\"attachments\":[{\"contentUrl\":\"http://a\"},"
		   "{\"contentUrl\":\"http://a\"},{\"contentUrl\":\"http://a\"},"
		   "{\"contentUrl\":\"http://a\"},{\"contentUrl\":\"http://a\"}]}",
		"more than 4 attachments");
	assert_non_null(huge);
	memset(huge, 'a', 6000);
	memcpy(huge, "{\"type\":\"message\",\"text\":\"", 26);
	memcpy(huge + 5000, "\"}", 3);
	assert_bad(huge, "'text' is over 4,000 bytes");
	free(huge);
}

static void directline_watermark__takes_only__what_we_made(void **state)
{
	static const char *const bad[] = {
		"x", "-1", "+1", "1.5", " 1", "4294967296", "99999999999", "--"};
	uint32_t after;

	(void)state;
	assert_true(directline_watermark(S(""), &after) && after == 0);
	assert_true(directline_watermark(S("-"), &after) && after == 0);
	assert_true(directline_watermark(S("12"), &after) && after == 12);
	assert_true(directline_watermark(S("4294967295"), &after) && after == UINT32_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (directline_watermark(str_of(bad[i]), &after))
			fail_msg("taken: %s", bad[i]);
}

/* --- writing --- */

static void file_url(void *self, struct str file, struct buf *to)
{
	(void)self;
	buf_addf(to, "https://shop.example/chat/file/%.*s?k=K", STR(file));
}

static const struct directline_view view = {S("C"), S("u1"), S("Tenny"), file_url, NULL};

static struct post post_of(uint32_t n, enum post_who who, const char *body)
{
	return (struct post){
		.n = n, .at_ms = 1732406400000, .who = who, .body = value_of(arena, body)};
}

static void assert_written(struct post post, const char *expected)
{
	struct str whole;

	buf_clear(&out);
	directline_activities(&out, &post, 1, 0, &view);
	whole = arena_printf(arena,
		"{\"activities\":[{\"type\":\"message\",\"channelId\":\"directline\",%s}],"
		"\"watermark\":\"%lu\"}",
		expected, (unsigned long)post.n);
	assert_string_equal(out.p, whole.p);
}

static void directline_activities__echo_the_buyer(void **state)
{
	struct post post = post_of(7, POST_BUYER, "{\"text\":\"hi\"}");

	(void)state;
	post.mid = S("1732abc");
	assert_written(post,
		"\"id\":\"C|0000007\",\"timestamp\":\"2024-11-24T00:00:00.007Z\",\"conversation\":"
		"{\"id\":\"C\"},\"from\":{\"id\":\"u1\",\"role\":\"user\"},\"channelData\":"
		"{\"clientActivityID\":\"1732abc\"},\"text\":\"hi\",\"textFormat\":\"plain\"");
	post = post_of(8, POST_BUYER,
		"{\"text\":\"\",\"file\":{\"id\":\"F\",\"name\":\"a.png\",\"type\":\"image/png\","
		"\"bytes\":3}}");
	assert_written(post,
		"\"id\":\"C|0000008\",\"timestamp\":\"2024-11-24T00:00:00.008Z\",\"conversation\":"
		"{\"id\":\"C\"},\"from\":{\"id\":\"u1\",\"role\":\"user\"},\"textFormat\":"
		"\"plain\",\"attachments\":[{\"contentType\":\"image/png\",\"contentUrl\":"
		"\"https://shop.example/chat/file/F?k=K\",\"name\":\"a.png\"}]");
}

static void directline_activities__write_choices(void **state)
{
	(void)state;
	assert_written(post_of(12, POST_BOT,
			       "{\"text\":\"Sure?\",\"question\":true,\"choices\":[{\"id\":"
			       "\"yes\",\"label\":\"Yes\"}]}"),
		"\"id\":\"C|0000012\",\"timestamp\":\"2024-11-24T00:00:00.012Z\",\"conversation\":"
		"{\"id\":\"C\"},\"from\":{\"id\":\"bot\",\"name\":\"Tenny\",\"role\":\"bot\"},"
		"\"text\":\"Sure?\",\"textFormat\":\"plain\",\"inputHint\":\"expectingInput\","
		"\"suggestedActions\":{\"actions\":[{\"type\":\"messageBack\",\"title\":\"Yes\","
		"\"text\":\"Yes\",\"displayText\":\"Yes\",\"value\":{\"choice\":\"yes\",\"post\":"
		"12}}]}");
}

static void directline_activities__write_an_order_as_receipt(void **state)
{
	(void)state;
	assert_written(
		post_of(1, POST_BOT,
			"{\"card\":{\"number\":\"1002\",\"status\":\"IN_TRANSIT\",\"status_text\":"
			"\"on its way\",\"created\":1732406400,\"total\":{\"amount\":\"29.90\","
			"\"currency\":\"USD\"},\"items\":[{\"title\":\"Mug\",\"quantity\":2,"
			"\"price\":{\"amount\":\"14.95\",\"currency\":\"USD\"}}],\"label\":"
			"\"https://l.example/1\"}}"),
		"\"id\":\"C|0000001\",\"timestamp\":\"2024-11-24T00:00:00.001Z\",\"conversation\":"
		"{\"id\":\"C\"},\"from\":{\"id\":\"bot\",\"name\":\"Tenny\",\"role\":\"bot\"},"
		"\"textFormat\":\"plain\",\"inputHint\":\"acceptingInput\",\"attachments\":["
		"{\"contentType\":\"application/vnd.microsoft.card.receipt\",\"content\":{"
		"\"title\":\"Order 1002\",\"facts\":[{\"key\":\"Status\",\"value\":\"on its way\"},"
		"{\"key\":\"Ordered\",\"value\":\"24 November 2024\"}],\"items\":[{\"title\":"
		"\"Mug \xC3\x97"
		"2\",\"price\":\"$14.95\"}],\"total\":\"$29.90\",\"buttons\":[{\"type\":"
		"\"openUrl\",\"title\":\"Return label\",\"value\":\"https://l.example/1\"}]}}]");
}

static void directline_activities__write_orders_as_a_carousel(void **state)
{
	(void)state;
	assert_written(post_of(1, POST_BOT,
			       "{\"card\":{\"orders\":[{\"number\":\"1\",\"status_text\":\"new\","
			       "\"first_item\":\"Mug\"},{\"number\":\"2\"}]}}"),
		"\"id\":\"C|0000001\",\"timestamp\":\"2024-11-24T00:00:00.001Z\",\"conversation\":"
		"{\"id\":\"C\"},\"from\":{\"id\":\"bot\",\"name\":\"Tenny\",\"role\":\"bot\"},"
		"\"textFormat\":\"plain\",\"inputHint\":\"acceptingInput\",\"attachments\":["
		"{\"contentType\":\"application/vnd.microsoft.card.hero\",\"content\":{\"title\":"
		"\"Order 1\",\"subtitle\":\"new\",\"text\":\"Mug\"}},{\"contentType\":"
		"\"application/vnd.microsoft.card.hero\",\"content\":{\"title\":\"Order 2\"}}],"
		"\"attachmentLayout\":\"carousel\"");
}

/* What is no card, and items that are none, do no harm. */
static void directline_activities__survive_a_body__of_the_wrong_types(void **state)
{
	static const char *const body[] = {"null",
		"{\"card\":5,\"choices\":7,\"text\":[],\"file\":1}", "{\"card\":[],\"choices\":[]}",
		"{\"card\":{\"items\":[5,null]}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(body) / sizeof(*body); i++) {
		struct post post = post_of(1, POST_BOT, body[i]);
		struct source source = {"out", {0}};
		struct json_doc *doc;

		buf_clear(&out);
		directline_activities(&out, &post, 1, 0, &view);
		source.text = buf_str(&out);
		doc = json_parse(&source, 0, NULL, NULL);
		assert_non_null(doc);
		json_doc_free(doc);
		assert_true(str_find(source.text, S("suggestedActions")) < 0);
		assert_int_equal(str_find(source.text, S("attachments")) >= 0, i == 3);
	}
}

static void directline_activities__show_persons_by_name(void **state)
{
	struct post post = post_of(2, POST_PERSON, "{\"text\":\"Hello\"}");

	(void)state;
	post.name = S("Mai");
	assert_written(post,
		"\"id\":\"C|0000002\",\"timestamp\":\"2024-11-24T00:00:00.002Z\",\"conversation\":"
		"{\"id\":\"C\"},\"from\":{\"id\":\"person\",\"name\":\"Mai\",\"role\":\"bot\"},"
		"\"text\":\"Hello\",\"textFormat\":\"plain\"");
}

static void directline_activities__keep_the_watermark__when_there_is_nothing(void **state)
{
	(void)state;
	directline_activities(&out, NULL, 0, 41, &view);
	assert_string_equal(out.p, "{\"activities\":[],\"watermark\":\"41\"}");
}

/* Within a second, over its end and over midnight: the text of a later post sorts behind. */
static void directline_activities__have_times_that_grow(void **state)
{
	struct post post[3] = {{.n = 1, .at_ms = 1732406399998, .who = POST_BOT},
		{.n = 2, .at_ms = 1732406399998, .who = POST_BOT},
		{.n = 3, .at_ms = 1732406399999, .who = POST_BOT}};

	(void)state;
	directline_activities(&out, post, 3, 0, &view);
	assert_true(str_find(buf_str(&out), S("2024-11-23T23:59:59.999Z")) > 0);
	assert_true(str_find(buf_str(&out), S("2024-11-24T00:00:00.000Z")) > 0);
	assert_true(str_find(buf_str(&out), S("2024-11-24T00:00:00.002Z")) > 0);
}

static void directline__answers(void **state)
{
	(void)state;
	directline_typing(&out, S(""), &view);
	directline_typing(&out, S("Mai"), &view);
	directline_end(&out, &view);
	directline_id(&out, S("C"), 12345678);
	directline_conversation(&out, S("C"), S("T"), 1800, S(""));
	directline_conversation(&out, S("C"), S("T"), 1800, S("wss://h"));
	directline_error(&out, directline_code(400), S("no \"x\""));
	buf_addc(&out, '\n');
	directline_stream_url(&out, true, S("shop.example"), S("C"), 0, S("T"));
	buf_addc(&out, '\n');
	directline_stream_url(&out, false, S("127.0.0.1:80"), S("C"), 12, S("T"));
	assert_string_equal(out.p,
		"{\"activities\":[{\"type\":\"typing\",\"channelId\":\"directline\","
		"\"conversation\":{\"id\":\"C\"},\"from\":{\"id\":\"bot\",\"name\":\"Tenny\","
		"\"role\":\"bot\"}}]}"
		"{\"activities\":[{\"type\":\"typing\",\"channelId\":\"directline\","
		"\"conversation\":{\"id\":\"C\"},\"from\":{\"id\":\"person\",\"name\":\"Mai\","
		"\"role\":\"bot\"}}]}"
		"{\"activities\":[{\"type\":\"endOfConversation\",\"channelId\":\"directline\","
		"\"conversation\":{\"id\":\"C\"},\"from\":{\"id\":\"bot\",\"name\":\"Tenny\","
		"\"role\":\"bot\"}}]}"
		"{\"id\":\"C|12345678\"}"
		"{\"conversationId\":\"C\",\"token\":\"T\",\"expires_in\":1800}"
		"{\"conversationId\":\"C\",\"token\":\"T\",\"expires_in\":1800,\"streamUrl\":"
		"\"wss://h\"}"
		"{\"error\":{\"code\":\"BadArgument\",\"message\":\"no \\\"x\\\"\"}}\n"
		"wss://shop.example/v3/directline/conversations/C/stream?watermark=-&t=T\n"
		"ws://127.0.0.1:80/v3/directline/conversations/C/stream?watermark=12&t=T");
	assert_string_equal(directline_code(403), "TokenExpired");
	assert_string_equal(directline_code(599), "ServiceError");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(directline_route__knows_all_routes),
		test(directline_route__refuses_a_long_id),
		test(directline_cors__names_the_origin),
		test(directline_token__is_read__as_made),
		test(directline_token__is_what__others_compute),
		test(directline_token__expires),
		test(directline_token__is_good__for_its_use_only),
		test(directline_token__is_bad__after_any_change),
		test(directline_token__is_bad__for_other_and_short_secrets),
		test(directline_start_read__takes_what_clients_send),
		test(directline_start_read__refuses),
		test(directline_activity_read__takes_a_text),
		test(directline_activity_read__takes_a_press),
		test(directline_activity_read__takes_post_backs_as_text),
		test(directline_activity_read__takes_files_by_address),
		test(directline_caption_read__takes_a_message__that_may_be_empty),
		test(directline_activity_read__takes_the_rest),
		test(directline_activity_read__refuses),
		test(directline_watermark__takes_only__what_we_made),
		test(directline_activities__echo_the_buyer),
		test(directline_activities__write_choices),
		test(directline_activities__write_an_order_as_receipt),
		test(directline_activities__write_orders_as_a_carousel),
		test(directline_activities__survive_a_body__of_the_wrong_types),
		test(directline_activities__show_persons_by_name),
		test(directline_activities__keep_the_watermark__when_there_is_nothing),
		test(directline_activities__have_times_that_grow),
		test(directline__answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
