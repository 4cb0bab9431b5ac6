/* The buyer chat of TikTok Shop: what is believed, heard, sent, and understood of the answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/channel/channel_fit.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/base/digest.h"
#include "bot/base/json.h"

static struct arena *arena;
static struct str value[] = {S(""), S("abcdef"), S("123"), S("http://127.0.0.1:1")};
static const struct channel_account account = {S("tiktok_chat"), value};

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(8 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define assert_str(s, text) assert_true(str_is((s), (text)))

/* --- the webhook --- */

struct envelope {
	struct str authorization;
};

static struct str header(const void *inside, const char *name)
{
	const struct envelope *envelope = inside;

	return strcmp(name, "authorization") == 0 ? envelope->authorization : S("");
}

static struct channel_taken hand_in(const char *method, struct str authorization, struct str body)
{
	struct envelope *envelope = arena_new_of(arena, struct envelope);
	struct channel_request request = {.method = str_of(method),
		.body = body,
		.header = header,
		.inside = envelope,
		.now_ms = 1718305585000};

	envelope->authorization = authorization;
	return tiktok_chat.take(&account, &request, arena);
}

static struct str signature_of(struct str body)
{
	struct str whole = arena_printf(arena, "abcdef%.*s", STR(body));
	char hex[65];

	digest_hex(digest_hmac(S("123"), whole), hex);
	return arena_str(arena, str_of(hex));
}

static struct channel_taken hear(const char *body)
{
	return hand_in("POST", signature_of(str_of(body)), str_of(body));
}

/* @content is the inside of the content's JSON text, escaped once. */
static const char *message(const char *role, const char *type, const char *content)
{
	return arena_printf(arena,
		"{\"type\":14,\"tts_notification_id\":\"7380066284010030891\",\"shop_id\":\"1\","
		"\"timestamp\":1718305585,\"data\":{\"message_id\":\"7300000000000000001\","
		"\"index\":\"5\",\"conversation_id\":\"7200000000000000001\",\"type\":\"%s\","
		"\"content\":\"%s\",\"create_time\":1718305580,\"is_visible\":true,"
		"\"sender\":{\"im_user_id\":\"77\",\"role\":\"%s\"}}}",
		type, content, role)
		.p;
}

static struct channel_event said(const char *type, const char *content)
{
	struct channel_taken taken = hear(message("BUYER", type, content));

	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 1);
	assert_str(taken.event->peer, "7200000000000000001");
	assert_str(taken.event->id, "7300000000000000001");
	return *taken.event;
}

/* The vector that Partner Center publishes: of another event, and believed. */
static void take__believes_the_published_vector(void **state)
{
	struct str body = S("{\"type\":1,\"tts_notification_id\":\"7380066284010030890\","
			    "\"shop_id\":\"7495540735365777507\",\"timestamp\":1718305585,"
			    "\"data\":{\"is_on_hold_order\":true,\"order_id\":"
			    "\"576653688135258178\",\"order_status\":\"UNPAID\","
			    "\"update_time\":1718305585}}");
	struct channel_taken taken = hand_in("POST",
		S("5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"), body);

	(void)state;
	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 0);
	assert_string_equal(taken.why, "unknown");
}

static void take__refuses__what_is_not_signed_so(void **state)
{
	struct str body = str_of(message("BUYER", "TEXT", "{\\\"content\\\":\\\"hi\\\"}"));
	struct str good = signature_of(body), other = signature_of(S("{}"));
	char upper[65];

	(void)state;
	for (int i = 0; i < 64; i++)
		upper[i] = good.p[i] >= 'a' ? (char)(good.p[i] - 32) : good.p[i];
	upper[64] = '\0';
	assert_int_equal(hand_in("POST", good, body).status, 200);
	assert_int_equal(hand_in("POST", S(""), body).status, 401);
	assert_int_equal(hand_in("POST", other, body).status, 401);
	assert_int_equal(hand_in("POST", str_of(upper), body).status, 401);
	assert_int_equal(hand_in("POST", str_sub(good, 0, 63), body).status, 401);
	assert_int_equal(
		hand_in("POST", arena_printf(arena, "Bearer %.*s", STR(good)), body).status, 401);
	assert_int_equal(hand_in("POST", good, str_sub(body, 0, body.n - 1)).status, 401);
	assert_int_equal(
		hand_in("POST", good, arena_printf(arena, "%.*s ", STR(body))).status, 401);
	assert_int_equal(hand_in("GET", good, body).status, 405);
}

static void take__hears_a_text(void **state)
{
	struct channel_event e = said("TEXT", "{\\\"content\\\":\\\"where is \\u00e9 it\\\"}");

	(void)state;
	assert_int_equal(e.kind, CHANNEL_TEXT);
	assert_str(e.text, "where is \xC3\xA9 it");
	assert_str(e.user, "77");
	assert_int_equal(e.at_ms, 1718305580000);
	assert_int_equal(e.buyer.n, 0);
}

static void take__hears_every_type(void **state)
{
	static const struct {
		const char *type, *content, *kind, *text;
	} row[] = {
		{"IMAGE", "{\\\"url\\\":\\\"https://p/1\\\",\\\"width\\\":\\\"10\\\"}", "image",
			"https://p/1"},
		{"VIDEO", "{\\\"vid\\\":\\\"v1\\\",\\\"size\\\":\\\"900\\\"}", "video", "v1"},
		{"EMOTICONS", "{}", "sticker", ""},
		{"EMOTICONS", "not json", "sticker", ""},
		{"PRODUCT_CARD", "{\\\"product_id\\\":\\\"1\\\"}", "file", ""},
		{"COUPON_CARD", "{\\\"coupon_id\\\":\\\"1\\\"}", "file", ""},
		{"HOLOGRAM", "{\\\"x\\\":[1,2]}", "file", ""},
		{"ORDER_CARD", "{\\\"order_id\\\":\\\"a b\\\"}", "file", ""},
		{"ORDER_CARD", "{\\\"order_id\\\":\\\"576461413038785752\\\"}", NULL,
			"order 576461413038785752"},
		{"RETURN_REFUND_CARD",
			"{\\\"order_id\\\":\\\"576461413038785752\\\",\\\"sku_id\\\":\\\"1\\\"}",
			NULL, "order 576461413038785752"},
		{"LOGISTICS_CARD", "{\\\"order_id\\\":576461413038785752}", NULL,
			"order 576461413038785752"},
		{"BUYER_ENTER_FROM_ORDER", "{\\\"order_id\\\":\\\"576461413038785752\\\"}", NULL,
			"order 576461413038785752"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct channel_event e = said(row[i].type, row[i].content);

		assert_int_equal(e.kind, row[i].kind ? CHANNEL_ATTACHMENT : CHANNEL_TEXT);
		if (row[i].kind)
			assert_str(e.file.kind, row[i].kind);
		assert_str(row[i].kind ? e.file.id : e.text, row[i].text);
	}
	assert_int_equal(
		said("VIDEO", "{\\\"vid\\\":\\\"v1\\\",\\\"size\\\":\\\"900\\\"}").file.bytes, 900);
}

static void take__passes_over__what_the_buyer_did_not_say(void **state)
{
	static const char *const role[] = {"SHOP", "CUSTOMER_SERVICE", "SYSTEM", "ROBOT", ""};
	static const char *const entered[] = {"BUYER_ENTER_FROM_PRODUCT",
		"BUYER_ENTER_FROM_TRANSFER", "ALLOCATED_SERVICE", "NOTIFICATION", "OTHER"};
	struct channel_taken taken;
	struct str seen = str_of(message("BUYER", "TEXT", "{}"));
	long at = str_find(seen, S("true"));

	(void)state;
	for (size_t i = 0; i < sizeof role / sizeof *role; i++) {
		taken = hear(message(role[i], "TEXT", "{\\\"content\\\":\\\"hi\\\"}"));
		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, "echo");
	}
	for (size_t i = 0; i < sizeof entered / sizeof *entered; i++) {
		taken = hear(message("BUYER", entered[i], "{}"));
		assert_int_equal(taken.n_events, 0);
		assert_string_equal(taken.why, "entered");
	}
	taken = hear(arena_printf(
		arena, "%.*sfalse%.*s", (int)at, seen.p, STR(str_sub(seen, (size_t)at + 4, seen.n)))
			     .p);
	assert_int_equal(taken.n_events, 0);
	assert_string_equal(taken.why, "hidden");
}

static void take__passes_over__another_shop(void **state)
{
	const char *body = message("BUYER", "TEXT", "{\\\"content\\\":\\\"hi\\\"}");

	(void)state;
	value[TIKTOK_CHAT_SHOP] = S("1");
	assert_int_equal(hear(body).n_events, 1);
	value[TIKTOK_CHAT_SHOP] = S("2");
	assert_int_equal(hear(body).n_events, 0);
	assert_string_equal(hear(body).why, "other_shop");
	value[TIKTOK_CHAT_SHOP] = S("");
}

static void take__answers_well__what_is_signed_and_unreadable(void **state)
{
	static const char *const body[] = {"", "{", "[]", "{\"type\":14}", "{\"type\":\"14\"}",
		"{\"type\":14,\"data\":{\"sender\":{\"role\":\"BUYER\"}}}",
		"{\"type\":14,\"data\":{\"message_id\":\"a/b\",\"conversation_id\":\"c\",\"type\":"
		"\"TEXT\",\"sender\":{\"role\":\"BUYER\"}}}"};

	(void)state;
	for (size_t i = 0; i < sizeof body / sizeof *body; i++) {
		struct channel_taken taken = hear(body[i]);

		assert_int_equal(taken.status, 200);
		assert_int_equal(taken.n_events, 0);
		assert_non_null(taken.why);
	}
}

/* --- sending --- */

static const struct channel_peer peer = {.peer = {"7200000000000000001", 19}};

static struct post post_of(const char *text, const char *label, const struct value *card)
{
	struct value_builder body = value_build(arena), list = value_build(arena);

	value_put_text(&body, "text", str_of(text));
	for (int i = 0; label && i < 2; i++) {
		struct value_builder one = value_build(arena);

		value_put_text(&one, "id", arena_printf(arena, "c%d", i));
		value_put_text(&one, "label", arena_printf(arena, "%s %d", label, i));
		value_push(&list, value_record(&one));
	}
	if (label)
		value_put(&body, "choices", value_list(&list));
	if (card)
		value_put(&body, "card", card);
	return (struct post){.n = 3, .who = POST_BOT, .body = value_record(&body)};
}

static size_t encode(const struct post *post, const struct channel_call **calls)
{
	const struct post *fitted;
	size_t n = channel_fit(&tiktok_chat.limits, post, arena, &fitted);

	assert_true(n > 0);
	return tiktok_chat.encode(&account, &peer, &fitted[n - 1], arena, calls);
}

static void encode__reads_first_and_numbers_the_choices(void **state)
{
	struct post post = post_of("Which \"one\"?", "The dress", NULL);
	const struct channel_call *call;

	(void)state;
	assert_int_equal(encode(&post, &call), 2);
	assert_str(call[0].url, "http://127.0.0.1:1/customer_service/202309/conversations/"
				"7200000000000000001/messages/read");
	assert_true(call[0].optional && !call[0].body.n);
	assert_str(call[1].url, "http://127.0.0.1:1/customer_service/202309/conversations/"
				"7200000000000000001/messages");
	assert_str(call[1].method, "POST");
	assert_str(call[1].body,
		"{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"Which \\\\\\\"one\\\\\\\"?"
		"\\\\n\\\\n1. The dress 0\\\\n2. The dress 1\\\"}\"}");
	assert_false(call[1].optional);
}

static const struct value *order_card(const char *tracking)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "number", S("576461413038785752"));
	value_put_text(&b, "status", S("IN_TRANSIT"));
	value_put_text(&b, "status_text", S("on its way"));
	if (tracking)
		value_put_text(&b, "tracking", str_of(tracking));
	return value_record(&b);
}

static const struct value *return_card(void)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "id", S("4035318504086604100"));
	value_put_text(&b, "order", S("576461413038785752"));
	value_put_text(&b, "state", S("send_it"));
	return value_record(&b);
}

static void encode__shows_an_order_as_the_platforms_card(void **state)
{
	const struct {
		const struct value *card;
		const char *type;
	} row[] = {{order_card(NULL), "ORDER_CARD"}, {order_card("1Z"), "LOGISTICS_CARD"}};
	const struct channel_call *call;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct post post = post_of("Here it is.", NULL, row[i].card);

		assert_int_equal(encode(&post, &call), 3);
		assert_str(call[1].body, "{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":"
					 "\\\"Here it is.\\\"}\"}");
		assert_str(call[2].body, arena_printf(arena,
						 "{\"type\":\"%s\",\"content\":\"{\\\"order_id\\\":"
						 "\\\"576461413038785752\\\"}\"}",
						 row[i].type)
						 .p);
		assert_true(call[2].optional);
	}
}

static void encode__says_in_words_what_the_platform_has_no_card_for(void **state)
{
	struct post post = post_of("Here it is.", NULL, return_card());
	const struct channel_call *call;

	(void)state;
	assert_int_equal(encode(&post, &call), 2);
	assert_true(str_find(call[1].body, S("Return 4035318504086604100")) > 0);
}

static void encode__cuts_long_texts_by_characters(void **state)
{
	char *text = malloc(3 * 4500 + 1);
	const struct post *fitted;
	struct post post;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 4500; i++)
		memcpy(text + 3 * i, i % 10 == 9 ? "\xE2\x80\x8A" : "\xE4\xB8\xAD", 3);
	text[3 * 4500] = '\0';
	post = post_of(text, NULL, NULL);
	n = channel_fit(&tiktok_chat.limits, &post, arena, &fitted);
	assert_true(n >= 3);
	for (size_t i = 0; i < n; i++) {
		const struct channel_call *call;

		assert_int_equal(tiktok_chat.encode(&account, &peer, &fitted[i], arena, &call), 2);
		assert_true(call[1].body.n < 64 << 10);
	}
	free(text);
}

/* --- what the answers mean --- */

static struct channel_judgement judge(unsigned status, const char *body)
{
	struct channel_answer answer = {
		.status = status, .body = str_of(body), .retry_after_ms = status == 429 ? 700 : -1};

	return tiktok_chat.judge(&account, &answer, arena);
}

static void judge__tells_sent_again_never_and_lost_apart(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum channel_verdict verdict;
	} row[] = {
		{200, "{\"code\":0,\"message\":\"Success\",\"data\":{\"message_id\":\"73\"}}",
			CHANNEL_SENT},
		{429, "{\"code\":36009002,\"message\":\"Too many requests\"}", CHANNEL_AGAIN},
		{429, "", CHANNEL_AGAIN},
		{503, "<html>", CHANNEL_UNCLEAR},
		{200, "{\"code\":36009002,\"message\":\"Too many requests\"}", CHANNEL_AGAIN},
		{401, "{\"code\":105002,\"message\":\"Expired credentials\"}", CHANNEL_AGAIN},
		{401, "{\"code\":105005,\"message\":\"Access denied\"}", CHANNEL_LOST},
		{401, "{\"code\":106001,\"message\":\"Invalid credentials\"}", CHANNEL_LOST},
		{401, "", CHANNEL_LOST},
		{500, "", CHANNEL_UNCLEAR},
		{502, "<html>", CHANNEL_UNCLEAR},
		{200, "<html>", CHANNEL_UNCLEAR},
		{200, "{\"code\":36009003,\"message\":\"Internal error\"}", CHANNEL_UNCLEAR},
		{200, "{\"code\":45101002,\"message\":\"cannot send\"}", CHANNEL_NEVER},
		{400, "{\"code\":36009004,\"message\":\"Invalid parameter\"}", CHANNEL_NEVER},
		{400, "{\"code\":36009004,\"message\":\"Invalid timestamp. `timestamp` is old\"}",
			CHANNEL_AGAIN},
		{404, "", CHANNEL_NEVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct channel_judgement j = judge(row[i].status, row[i].body);

		if (j.verdict != row[i].verdict)
			fail_msg("%u %s: %d", row[i].status, row[i].body, j.verdict);
		assert_true((j.verdict == CHANNEL_SENT) == (j.why.n == 0));
	}
	assert_str(judge(200, row[0].body).message, "73");
	assert_int_equal(judge(429, "").wait_ms, 700);
	assert_str(judge(200, row[13].body).why, "45101002: cannot send");
}

/* Signed again when the clock is right it passes: meanwhile a person has to hear what is wrong. */
static void judge__says_how_wrong_our_clock_is(void **state)
{
	static const char body[] = "{\"code\":36009004,\"message\":\"Invalid timestamp\"}";
	static const struct {
		int64_t now_ms, date_ms;
		const char *why;
	} row[] = {
		{1700000600500, 1700000000000,
			"this machine's clock is 600 s ahead (36009004: Invalid timestamp)"},
		{1700000000000, 1700086400000,
			"this machine's clock is 86400 s behind (36009004: Invalid timestamp)"},
		{1700000010000, 1700000000000, /* it was put right meanwhile */
			"this machine's clock was wrong (36009004: Invalid timestamp)"},
		{1700000000000, 0, "this machine's clock is wrong (36009004: Invalid timestamp)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct channel_answer answer = {.status = 400,
			.body = str_of(body),
			.retry_after_ms = -1,
			.now_ms = row[i].now_ms,
			.date_ms = row[i].date_ms};

		assert_str(tiktok_chat.judge(&account, &answer, arena).why, row[i].why);
	}
}

/* --- what is pulled --- */

static const struct value *data_of(const char *json)
{
	struct source source = {"test", str_of(json)};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	const struct value *data;

	assert_non_null(doc);
	data = value_from_json(arena, json_root(doc));
	json_doc_free(doc);
	return data;
}

static void pages__of_conversations_name_the_buyer(void **state)
{
	struct tiktok_conversations page;
	struct tiktok_conversation found;

	(void)state;
	tiktok_chat_read_list(
		data_of("{\"conversations\":[{\"id\":\"72\","
			"\"can_send_message\":false,\"unread_count\":2,\"participants\":[{\"role\":"
			"\"SHOP\",\"user_id\":\"1\"},{\"role\":\"BUYER\",\"user_id\":"
			"\"7494\",\"im_user_id\":\"9\",\"nickname\":\"Ann\"}],\"latest_message\":{"
			"\"id\":"
			"\"75\",\"create_time\":1700000000,\"sender\":{\"role\":\"BUYER\"}}},{"
			"\"id\":"
			"\"a/b\"},{\"id\":\"73\"}],\"next_page_token\":\"20\"}"),
		arena, &page);
	assert_int_equal(page.n, 2);
	assert_str(page.conversation[0].buyer, "7494");
	assert_str(page.conversation[0].buyer_name, "Ann");
	assert_false(page.conversation[0].can_send);
	assert_str(page.conversation[0].last, "75");
	assert_int_equal(page.conversation[0].last_s, 1700000000);
	assert_true(page.conversation[1].can_send);
	assert_str(page.next, "20");
	found = tiktok_chat_read_found(data_of("{\"conversation\":{\"id\":\"72\",\"participants\":"
					       "[{\"role\":\"BUYER\",\"user_id\":\"7494\"}]}}"),
		arena);
	assert_str(found.buyer, "7494");
	assert_true(found.can_send);
	tiktok_chat_read_list(&value_none, arena, &page);
	assert_int_equal(page.n, 0);
	assert_int_equal(tiktok_chat_read_found(data_of("[1]"), arena).id.n, 0);
}

static void pages__of_messages_are_as_the_webhook_tells_them(void **state)
{
	struct tiktok_messages page;

	(void)state;
	tiktok_chat_read_messages(
		data_of("{\"messages\":[{\"id\":\"9\",\"type\":\"TEXT\",\"content\":"
			"\"{\\\"content\\\":\\\"ours\\\"}\",\"create_time\":5,\"sender\":{\"role\":"
			"\"CUSTOMER_SERVICE\"}},{\"id\":\"8\",\"index\":\"8\",\"type\":\"TEXT\","
			"\"content\":\"{\\\"content\\\":\\\"hi\\\"}\",\"create_time\":4,"
			"\"is_visible\":"
			"true,\"sender\":{\"role\":\"BUYER\",\"im_user_id\":\"77\",\"nickname\":"
			"\"Ann\"}}]"
			",\"next_page_token\":\"\"}"),
		S("72"), arena, &page);
	assert_int_equal(page.n, 2);
	assert_false(page.message[0].is_said);
	assert_str(page.message[0].role, "CUSTOMER_SERVICE");
	assert_true(page.message[1].is_said);
	assert_str(page.message[1].event.peer, "72");
	assert_str(page.message[1].event.id, "8");
	assert_str(page.message[1].event.text, "hi");
	assert_str(page.message[1].event.user_name, "Ann");
	assert_int_equal(page.message[1].event.at_ms, 4000);
	assert_int_equal(page.next.n, 0);
	tiktok_chat_read_messages(data_of("{\"messages\":7}"), S("72"), arena, &page);
	assert_int_equal(page.n, 0);
}

static bool knows_7(void *self, struct str message)
{
	(void)self;
	return str_is(message, "7");
}

/* Where it may be, too: *@next. */
static bool is_there_or(const char *sent, const char *messages, struct str *next)
{
	struct channel_call call = {.body = str_of(sent)};
	struct tiktok_chat_trace trace = {.call = &call, .oldest_s = 1000, .knows = knows_7};

	return tiktok_chat_is_there(data_of(messages), &trace, arena, next).n > 0;
}

static bool is_there(const char *sent, const char *messages)
{
	struct str next;

	return is_there_or(sent, messages, &next);
}

/* Each page holds ten: a buyer who writes on moves what was sent to a later one. */
static void is_there__may_be_on_the_next_page(void **state)
{
#define MESSAGE(id, at, role)                                                                      \
	"{\"id\":\"" id "\",\"create_time\":" at ",\"type\":\"TEXT\","                             \
	"\"content\":\"{\\\"content\\\":\\\"hi\\\"}\",\"sender\":{\"role\":\"" role "\"}}"
#define PAGE(messages) "{\"messages\":[" messages "],\"next_page_token\":\"t\"}"
	static const char sent[] =
		"{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"hi\\\"}\"}";
	static const struct {
		const char *page;
		bool there, further;
	} say[] = {
		{PAGE(MESSAGE("9", "2000", "BUYER")), false, true},
		{PAGE(MESSAGE("9", "2000", "BUYER") "," MESSAGE("8", "1999", "CUSTOMER_SERVICE")),
			true, false},
		{PAGE(MESSAGE("9", "2000", "BUYER") "," MESSAGE("7", "1999", "CUSTOMER_SERVICE")),
			false, false},
		{PAGE(MESSAGE("9", "2000", "BUYER") "," MESSAGE("8", "999", "BUYER")), false,
			false},
	};
	struct str next;

	(void)state;
	for (size_t i = 0; i < sizeof say / sizeof *say; i++) {
		assert_int_equal(is_there_or(sent, say[i].page, &next), say[i].there);
		assert_int_equal(next.n > 0, say[i].further);
	}
	assert_false(is_there_or("", say[0].page, &next));
	assert_int_equal(next.n, 0);
#undef MESSAGE
#undef PAGE
}

/* What is known was sent before, be it the same; what was written after it by somebody else hides
 * nothing. */
static void is_there__ends_at_what_is_known(void **state)
{
#define TEXT_OF(id, at, text)                                                                      \
	"{\"id\":\"" id "\",\"create_time\":" at                                                   \
	",\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":"                                       \
	"\\\"" text "\\\"}\",\"sender\":{\"role\":\"CUSTOMER_SERVICE\"}}"
#define PAGE_OF(messages) "{\"messages\":[" messages "]}"
	static const char sent[] =
		"{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"hi\\\"}\"}";

	(void)state;
	assert_true(is_there(sent, PAGE_OF(TEXT_OF("8", "2000", "hi"))));
	assert_false(is_there(sent, PAGE_OF(TEXT_OF("7", "2000", "hi"))));
	assert_true(
		is_there(sent, PAGE_OF(TEXT_OF("8", "2000", "hi") "," TEXT_OF("7", "1999", "hi"))));
	assert_true(is_there(
		sent, PAGE_OF(TEXT_OF("9", "2001", "Mai here") "," TEXT_OF("8", "2000", "hi"))));
	assert_false(is_there(sent, PAGE_OF(TEXT_OF("9", "2001", "Mai here") "," TEXT_OF(
					    "7", "2000", "so") "," TEXT_OF("6", "1999", "hi"))));
	assert_false(is_there(sent, PAGE_OF(TEXT_OF("8", "999", "hi"))));
#undef TEXT_OF
#undef PAGE_OF
}

static void is_there__compares_the_texts_of_ours(void **state)
{
	static const char sent[] =
		"{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"hi \\u00e9\\\"}\"}";
	static const char ours[] =
		"{\"messages\":[{\"id\":\"9\",\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":"
		"\\\"what?\\\"}\",\"sender\":{\"role\":\"BUYER\"}},{\"id\":\"9\",\"type\":\"ORDER_"
		"CARD\","
		"\"content\":\"{}\",\"sender\":{\"role\":\"CUSTOMER_SERVICE\"}},{\"id\":\"9\","
		"\"type\":"
		"\"TEXT\",\"content\":\"{ \\\"content\\\": \\\"hi \xC3\xA9\\\"}\",\"sender\":"
		"{\"role\":\"CUSTOMER_SERVICE\"}}]}";
	(void)state;
	assert_true(is_there(sent, ours));
	assert_false(is_there(sent, "{\"messages\":[]}"));
	assert_false(is_there(sent, "{}"));
	assert_false(is_there("{\"id\":\"9\",\"type\":\"ORDER_CARD\",\"content\":\"{}\"}", ours));
	assert_false(is_there("", ours));
}

/* The address may be signed anew, and served by another host: the picture is the same. */
static void is_there__compares_the_pictures_of_ours(void **state)
{
	static const char sent[] = "{\"id\":\"9\",\"type\":\"IMAGE\",\"content\":\"{\\\"url\\\":"
				   "\\\"https://p16.example/o/2ca5.image?from=1\\\"}\"}";
	static const char ours[] =
		"{\"messages\":[{\"id\":\"9\",\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":"
		"\\\"x\\\"}\","
		"\"sender\":{\"role\":\"CUSTOMER_SERVICE\"}},{\"id\":\"9\",\"type\":\"IMAGE\","
		"\"content\":"
		"\"{\\\"url\\\":\\\"https://p19.example/o/2ca5.image?from=2\\\",\\\"width\\\":"
		"\\\"9\\\"}\",\"sender\":{\"role\":\"CUSTOMER_SERVICE\"}}]}";
	static const char another[] =
		"{\"messages\":[{\"id\":\"9\",\"type\":\"IMAGE\",\"content\":\"{\\\"url\\\":"
		"\\\"https://p16.example/o/other.image?from=1\\\"}\",\"sender\":{\"role\":"
		"\"CUSTOMER_SERVICE\"}}]}";
	static const char buyers[] =
		"{\"messages\":[{\"id\":\"9\",\"type\":\"IMAGE\",\"content\":\"{\\\"url\\\":"
		"\\\"https://p16.example/o/2ca5.image?from=1\\\"}\",\"sender\":{\"role\":"
		"\"BUYER\"}}]}";

	(void)state;
	assert_true(is_there(sent, ours));
	assert_false(is_there(sent, another));
	assert_false(is_there(sent, buyers));
	assert_false(is_there("{\"id\":\"9\",\"type\":\"IMAGE\",\"content\":\"{}\"}", ours));
}

/* --- pictures --- */

/* What people of the shop write has the same sender as what we do; cards and auto-replies are
 * nobody's. */
static void by_agent__is_what_people_write(void **state)
{
	static const struct {
		const char *role, *type;
		bool is;
	} row[] = {{"CUSTOMER_SERVICE", "TEXT", true}, {"CUSTOMER_SERVICE", "IMAGE", true},
		{"CUSTOMER_SERVICE", "VIDEO", true}, {"CUSTOMER_SERVICE", "ORDER_CARD", false},
		{"SHOP", "TEXT", false}, {"ROBOT", "TEXT", false}, {"SYSTEM", "TEXT", false},
		{"BUYER", "TEXT", false}};
	struct str conversation, id;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *text =
			message(row[i].role, row[i].type, "{\\\"content\\\":\\\"hi\\\"}");

		assert_int_equal(
			tiktok_chat_read_echo(str_of(text), arena, &conversation, &id), row[i].is);
		assert_str(conversation, "7200000000000000001");
		assert_str(id, "7300000000000000001");
	}
	assert_false(tiktok_chat_read_echo(S("no JSON"), arena, &conversation, &id));
}

static void upload__is_a_form_with_the_bytes_in_it(void **state)
{
	struct str bytes = S("\x89PNG\r\n\x1a\n--\0\r\n--bytes");
	struct channel_call call = tiktok_chat_upload(&account, bytes, arena);
	struct str type = S("Content-Type: multipart/form-data; boundary="), boundary;

	(void)state;
	assert_str(call.method, "POST");
	assert_str(call.url, "http://127.0.0.1:1/customer_service/202309/images/upload");
	assert_int_equal(call.n_headers, 1);
	assert_true(str_starts(call.headers[0], type));
	boundary = str_sub(call.headers[0], type.n, call.headers[0].n);
	assert_true(boundary.n >= 16 && boundary.n <= 70);
	assert_true(str_starts(call.body, arena_printf(arena, "--%.*s\r\n", STR(boundary))));
	assert_true(str_ends(call.body, arena_printf(arena, "\r\n--%.*s--\r\n", STR(boundary))));
	assert_true(str_find(call.body, S("name=\"data\"; filename=\"picture.png\"")) > 0);
	assert_true(str_find(call.body, S("Content-Type: image/png\r\n\r\n\x89PNG")) > 0);
	assert_true(str_find(call.body, bytes) > 0);
}

/* Whoever can guess the boundary of a picture cannot put it there: then it has another. */
static void upload__has_a_boundary_that_the_picture_has_not(void **state)
{
	struct channel_call call = tiktok_chat_upload(&account, S("GIF89a"), arena);
	struct str first = str_sub(call.headers[0],
		S("Content-Type: multipart/form-data; boundary=").n, call.headers[0].n);

	(void)state;
	assert_true(str_find(S("GIF89a"), first) < 0);
	assert_false(str_eq(
		call.headers[0], tiktok_chat_upload(&account, S("GIF89ab"), arena).headers[0]));
}

static void picture__is_known_by_its_first_bytes(void **state)
{
	(void)state;
	assert_string_equal(tiktok_chat_picture_type(S("\xff\xd8\xff\xe0 jpeg")), "image/jpeg");
	assert_string_equal(tiktok_chat_picture_type(S("\x89PNG\r\n\x1a\n")), "image/png");
	assert_string_equal(tiktok_chat_picture_type(S("GIF89a")), "image/gif");
	assert_string_equal(tiktok_chat_picture_type(S("RIFF1234WEBPVP8 ")), "image/webp");
	assert_null(tiktok_chat_picture_type(S("RIFF1234WAVEfmt ")));
	assert_null(tiktok_chat_picture_type(S("%PDF-1.4")));
	assert_null(tiktok_chat_picture_type(S("<svg")));
	assert_null(tiktok_chat_picture_type(S("")));
}

static void read_upload__gives_what_a_message_needs(void **state)
{
	static const char *const no[] = {"{}", "{\"url\":\"\",\"width\":1,\"height\":1}",
		"{\"url\":\"https://p.example/1\"}", "{\"url\":\"u\",\"width\":0,\"height\":1}",
		"{\"url\":\"u\",\"width\":1,\"height\":-1}", "[]"};
	const struct value *there = tiktok_chat_read_upload(
		data_of("{\"url\":\"https://p.example/1?x=2\",\"width\":1280,\"height\":\"720\"}"),
		arena);

	(void)state;
	assert_non_null(there);
	assert_str(value_get_text(there, "url"), "https://p.example/1?x=2");
	assert_int_equal(value_get_int(there, "width"), 1280);
	assert_int_equal(value_get_int(there, "height"), 720);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_null(tiktok_chat_read_upload(data_of(no[i]), arena));
}

/* Sizes are numbers when they are sent. */
static void encode__shows_a_picture_as_a_message_of_its_own(void **state)
{
	struct value_builder picture = value_build(arena), body = value_build(arena);
	struct post post = post_of("", NULL, NULL);
	const struct channel_call *call;

	(void)state;
	value_put_text(&picture, "url", S("https://p.example/1?x=2"));
	value_put_int(&picture, "width", 1280);
	value_put_int(&picture, "height", 720);
	value_put(&body, "picture", value_record(&picture));
	post.body = value_record(&body);
	assert_int_equal(tiktok_chat.encode(&account, &peer, &post, arena, &call), 2);
	assert_true(call[0].optional && !call[1].optional);
	assert_str(call[1].body,
		"{\"type\":\"IMAGE\",\"content\":\"{\\\"url\\\":\\\"https://p.example/1?x=2\\\","
		"\\\"width\\\":1280,\\\"height\\\":720}\"}");
}

static void refusal__is_every_code_that_is_not_the_gateways(void **state)
{
	(void)state;
	assert_true(tiktok_chat_is_refusal(45101007));
	assert_false(tiktok_chat_is_refusal(36009003));
	assert_false(tiktok_chat_is_refusal(105002));
	assert_false(tiktok_chat_is_refusal(0));
}

static void pages__are_asked_for_by_their_token(void **state)
{
	(void)state;
	assert_str(tiktok_chat_list(&account, S(""), arena).url,
		"http://127.0.0.1:1/customer_service/202309/conversations?page_size=20");
	assert_str(tiktok_chat_list(&account, S("a+b/c=&"), arena).url,
		"http://127.0.0.1:1/customer_service/202309/conversations?page_size=20"
		"&page_token=a%2Bb%2Fc%3D%26");
	assert_str(tiktok_chat_messages(&account, S("72"), S("10"), arena).url,
		"http://127.0.0.1:1/customer_service/202309/conversations/72/messages?page_size=10"
		"&sort_order=DESC&sort_field=index&page_token=10");
	assert_str(tiktok_chat_find(&account, S("72"), arena).url,
		"http://127.0.0.1:1/customer_service/202601/conversations/72");
}

static void enroll__asks_for_messages_and_says_that_we_answer(void **state)
{
	const struct channel_call *call;

	(void)state;
	assert_int_equal(
		tiktok_chat.enroll(&account, S("https://shop.example/x"), arena, &call), 2);
	assert_str(call[0].method, "PUT");
	assert_str(call[0].url, "http://127.0.0.1:1/event/202309/webhooks");
	assert_str(call[0].body,
		"{\"event_type\":\"NEW_MESSAGE\",\"address\":\"https://shop.example/x\"}");
	assert_str(call[1].body, "{\"can_accept_chat\":true}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(take__believes_the_published_vector),
		T(take__refuses__what_is_not_signed_so),
		T(take__hears_a_text),
		T(take__hears_every_type),
		T(take__passes_over__what_the_buyer_did_not_say),
		T(take__passes_over__another_shop),
		T(take__answers_well__what_is_signed_and_unreadable),
		T(encode__reads_first_and_numbers_the_choices),
		T(encode__shows_an_order_as_the_platforms_card),
		T(encode__says_in_words_what_the_platform_has_no_card_for),
		T(encode__cuts_long_texts_by_characters),
		T(judge__tells_sent_again_never_and_lost_apart),
		T(judge__says_how_wrong_our_clock_is),
		T(pages__of_conversations_name_the_buyer),
		T(pages__of_messages_are_as_the_webhook_tells_them),
		T(is_there__compares_the_texts_of_ours),
		T(is_there__may_be_on_the_next_page),
		T(is_there__ends_at_what_is_known),
		T(is_there__compares_the_pictures_of_ours),
		T(by_agent__is_what_people_write),
		T(upload__is_a_form_with_the_bytes_in_it),
		T(upload__has_a_boundary_that_the_picture_has_not),
		T(picture__is_known_by_its_first_bytes),
		T(read_upload__gives_what_a_message_needs),
		T(encode__shows_a_picture_as_a_message_of_its_own),
		T(refusal__is_every_code_that_is_not_the_gateways),
		T(pages__are_asked_for_by_their_token),
		T(enroll__asks_for_messages_and_says_that_we_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
