/* Telegram: what is believed, read, written and judged. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/telegram/telegram_parts.h"

static int set_up(void **state)
{
	(void)state;
	kit_begin(&telegram_channel);
	kit_value[TELEGRAM_TOKEN] = S("123456:ABC-DEF_ghi");
	kit_value[TELEGRAM_SECRET] = S("a-word_of-ours");
	kit_value[TELEGRAM_POLLING] = S("");
	kit_set_header("x-telegram-bot-api-secret-token", S("a-word_of-ours"));
	return 0;
}

static struct channel_taken message(const char *inside)
{
	return kit_post(arena_printf(arena,
		"{\"update_id\":1,\"message\":{\"message_id\":77,\"date\":1749416383,\"from\":{"
		"\"id\":"
		"6,\"first_name\":\"An\",\"last_name\":\"Le\",\"is_bot\":false,\"language_code\":"
		"\"vi\"},\"chat\":{\"id\":6,\"type\":\"private\"},%s}}",
		inside));
}

static void take__believes__the_word_and_nothing_like_it(void **state)
{
	static const char *const other[] = {"", "a-word_of-our", "a-word_of-ours ",
		"A-word_of-ours", "a-word_of-ourt", "xa-word_of-ours"};

	(void)state;
	assert_int_equal(message("\"text\":\"hi\"").n_events, 1);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		kit_set_header("x-telegram-bot-api-secret-token", str_of(other[i]));
		assert_int_equal(message("\"text\":\"hi\"").status, 401);
		assert_int_equal(message("\"text\":\"hi\"").n_events, 0);
	}
	kit_value[TELEGRAM_SECRET] = S("");
	kit_set_header("x-telegram-bot-api-secret-token", S(""));
	assert_int_equal(message("\"text\":\"hi\"").status, 401);
	assert_int_equal(kit_get("").status, 405);
}

static void take__reads__who_writes(void **state)
{
	struct channel_event event = message("\"text\":\"Đơn hàng 😀\"").event[0];

	(void)state;
	assert_int_equal(event.kind, CHANNEL_TEXT);
	assert_str(event.text, "Đơn hàng 😀");
	assert_str(event.peer, "6");
	assert_str(event.id, "m77");
	assert_str(event.user, "6");
	assert_str(event.user_name, "An Le");
	assert_str(event.language, "vi");
	assert_int_equal(event.at_ms, 1749416383000);
	assert_int_equal(event.buyer.n, 0);
}

static void take__reads__commands_as_words(void **state)
{
	static const struct {
		const char *text, *words;
	} row[] = {
		{"/start", "hello"},
		{"/start ref-7", "hello"},
		{"/start@shop_bot", "hello"},
		{"/refund_status@shop_bot", "refund status"},
		{"/cancel A-1001", "cancel A-1001"},
		{"/cancel@shop_bot A-1001", "cancel A-1001"},
		{"/", "/"},
		{"a/b", "a/b"},
		{"//x", "/x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_str(message(arena_printf(arena, "\"text\":\"%s\"", row[i].text).p)
				   .event[0]
				   .text,
			row[i].words);
}

static void take__reads__files_with_their_words(void **state)
{
	static const struct {
		const char *inside, *kind, *id;
	} row[] = {
		{"\"photo\":[{\"file_id\":\"s\"},{\"file_id\":\"L\",\"file_size\":9}]", "image",
			"L"},
		{"\"voice\":{\"file_id\":\"V\"}", "voice", "V"},
		{"\"video_note\":{\"file_id\":\"N\"}", "video", "N"},
		{"\"sticker\":{\"file_id\":\"S\"}", "sticker", "S"},
		{"\"document\":{\"file_id\":\"D\"},\"animation\":{\"file_id\":\"A\"}", "video",
			"A"},
		{"\"document\":{\"file_id\":\"D\"}", "file", "D"},
		{"\"location\":{\"latitude\":1,\"longitude\":2}", "place", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_event event =
			message(arena_printf(arena, "\"caption\":\"broken\",%s", row[i].inside).p)
				.event[0];

		assert_int_equal(event.kind, CHANNEL_ATTACHMENT);
		assert_str(event.file.kind, row[i].kind);
		assert_str(event.file.id, row[i].id);
		assert_str(event.text, "broken");
	}
}

static void take__passes_over__groups_bots_and_news(void **state)
{
	struct channel_taken taken = kit_post(S("{\"message\":{\"message_id\":1,\"text\":\"x\","
						"\"from\":{\"id\":1},\"chat\":{\"id\":-100,"
						"\"type\":\"supergroup\"}}}"));

	(void)state;
	assert_int_equal(taken.status, 200);
	assert_int_equal(taken.n_events, 0);
	assert_string_equal(taken.why, "group");
	taken = kit_post(S("{\"message\":{\"message_id\":1,\"text\":\"x\",\"from\":{\"id\":1,"
			   "\"is_bot\":true},\"chat\":{\"id\":1,\"type\":\"private\"}}}"));
	assert_string_equal(taken.why, "echo");
	assert_string_equal(message("\"new_chat_title\":\"x\"").why, "unknown");
	assert_string_equal(kit_post(S("{\"my_chat_member\":{}}")).why, "unknown");
	assert_string_equal(kit_post(S("[]")).why, "unknown");
	assert_string_equal(kit_post(S("{")).why, "not json");
}

/* The spinner of the button stops with the answer; who asks for updates has no answer to give. */
static void take__stops__the_spinner(void **state)
{
	static const char press[] = "{\"update_id\":9,\"callback_query\":{\"id\":"
				    "\"4382bfdwdsb323b2d9\",\"data\":\"7.1\","
				    "\"from\":{\"id\":6,\"is_bot\":false},\"message\":{\"message_"
				    "id\":70,\"date\":0,\"chat\":"
				    "{\"id\":6,\"type\":\"private\"}}}}";
	struct channel_taken taken = kit_post(str_of(press));

	(void)state;
	assert_int_equal(taken.event[0].kind, CHANNEL_PRESS);
	assert_str(taken.event[0].text, "7.1");
	assert_str(taken.event[0].id, "c4382bfdwdsb323b2d9");
	assert_str(taken.body, "{\"method\":\"answerCallbackQuery\",\"callback_query_id\":"
			       "\"4382bfdwdsb323b2d9\"}");
	kit_value[TELEGRAM_POLLING] = S("true");
	taken = kit_post(str_of(press));
	assert_int_equal(taken.n_events, 1);
	assert_int_equal(taken.body.n, 0);
	assert_str(taken.event[0].ticket, "4382bfdwdsb323b2d9");
}

static void encode__writes__plain_text_and_rows_of_buttons(void **state)
{
	static const char *const choice[] = {"7.0", "Yes", "7.1", "No", "7.2",
		"Something that is much longer than a button", NULL};
	struct channel_call call = kit_encode(kit_peer("6", ""), kit_said("*Sure?* <b>", choice));

	(void)state;
	assert_str(call.method, "POST");
	assert_str(call.url, "https://api.telegram.org/bot123456:ABC-DEF_ghi/sendMessage");
	assert_str(call.body, "{\"chat_id\":6,\"text\":\"*Sure?* "
			      "<b>\",\"link_preview_options\":{\"is_disabled\":true},"
			      "\"reply_markup\":{\"inline_keyboard\":[[{\"text\":\"Yes\","
			      "\"callback_data\":\"7.0\"},"
			      "{\"text\":\"No\",\"callback_data\":\"7.1\"}],[{\"text\":\"Something "
			      "that is much longer "
			      "than a button\",\"callback_data\":\"7.2\"}]]}}");
}

/* Before the first thing that is said to a press, and not when that is long ago. */
static void encode__stops__the_spinner_when_polling(void **state)
{
	const struct channel_call *calls = NULL;
	struct post post = kit_said("Hi", NULL);
	struct channel_peer peer = *kit_peer("6", "438");

	(void)state;
	assert_int_equal(codec->encode(&account, &peer, &post, arena, &calls), 1);
	kit_value[TELEGRAM_POLLING] = S("true");
	assert_int_equal(codec->encode(&account, &peer, &post, arena, &calls), 2);
	assert_true(calls[0].optional && !calls[1].optional);
	assert_str(calls[0].body, "{\"callback_query_id\":\"438\"}");
	peer.sent_ms = peer.ticket_ms + 100; /* it was on its way when the buyer pressed */
	assert_int_equal(codec->encode(&account, &peer, &post, arena, &calls), 2);
	peer.sent_ms = peer.ticket_ms + 300;
	assert_int_equal(codec->encode(&account, &peer, &post, arena, &calls), 1);
	peer.sent_ms = 0;
	peer.ticket_ms = peer.now_ms - 150 * 1000;
	assert_int_equal(codec->encode(&account, &peer, &post, arena, &calls), 1);
}

static void judge__reads__what_telegram_answers(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum channel_verdict verdict;
		int64_t wait_ms;
	} row[] = {
		{200, "{\"ok\":true,\"result\":{\"message_id\":5}}", CHANNEL_SENT, -1},
		{200, "<html>", CHANNEL_UNCLEAR, -1},
		{200, "{\"ok\":false}", CHANNEL_UNCLEAR, -1},
		{400, "{\"ok\":false,\"description\":\"Bad Request: chat not found\"}",
			CHANNEL_NEVER, -1},
		{401, "{\"ok\":false,\"description\":\"Unauthorized\"}", CHANNEL_LOST, -1},
		{403, "{\"ok\":false,\"description\":\"Forbidden: bot was blocked by the user\"}",
			CHANNEL_NEVER, -1},
		{404, "{\"ok\":false,\"description\":\"Not Found\"}", CHANNEL_LOST, -1},
		{429, "{\"ok\":false,\"parameters\":{\"retry_after\":35}}", CHANNEL_AGAIN, 35000},
		{429, "{\"ok\":false,\"parameters\":{\"retry_after\":99999999999}}", CHANNEL_AGAIN,
			24 * 3600 * 1000},
		{429, "{\"ok\":false,\"parameters\":{\"retry_after\":-1}}", CHANNEL_AGAIN, -1},
		{429, "{\"ok\":false,\"parameters\":{\"retry_after\":0.5}}", CHANNEL_AGAIN, -1},
		{429, "{\"ok\":false}", CHANNEL_AGAIN, -1},
		{502, "Bad Gateway", CHANNEL_UNCLEAR, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_judgement judgement = kit_judge(row[i].status, row[i].body);

		assert_int_equal(judgement.verdict, row[i].verdict);
		assert_int_equal(judgement.wait_ms, row[i].wait_ms);
	}
	assert_str(kit_judge(200, row[0].body).message, "5");
	assert_str(kit_judge(403, row[5].body).why, "403 Forbidden: bot was blocked by the user");
}

static void pulled__gives__each_update_and_the_place_behind_it(void **state)
{
	struct channel_answer answer = {200,
		S("{\"ok\":true,\"result\":[{\"update_id\":10, "
		  "\"message\":{}},{\"update_id\":12,\"x\":[1]}"
		  "]}"),
		S("application/json"), -1};
	struct channel_pulled pulled;
	struct channel_call call;

	(void)state;
	assert_false(codec->pull(&account, S(""), arena, &call));
	kit_value[TELEGRAM_POLLING] = S("true");
	assert_true(codec->pull(&account, S(""), arena, &call));
	assert_true(str_find(call.body, S("offset")) < 0);
	pulled = codec->pulled(&account, S(""), &answer, arena);
	assert_int_equal(pulled.verdict, CHANNEL_SENT);
	assert_int_equal(pulled.n_bodies, 2);
	assert_str(pulled.body[0], "{\"update_id\":10, \"message\":{}}");
	assert_str(pulled.body[1], "{\"update_id\":12,\"x\":[1]}");
	assert_str(pulled.cursor, "13");
	assert_true(codec->pull(&account, pulled.cursor, arena, &call));
	assert_true(str_find(call.body, S("\"offset\":13")) > 0);
	answer.body = S("{\"ok\":true,\"result\":[]}");
	pulled = codec->pulled(&account, S("13"), &answer, arena);
	assert_int_equal(pulled.n_bodies, 0);
	assert_str(pulled.cursor, "13");
	answer = (struct channel_answer){
		409, S("{\"ok\":false,\"description\":\"Conflict: webhook\"}"), S(""), -1};
	pulled = codec->pulled(&account, S("13"), &answer, arena);
	assert_true(pulled.verdict != CHANNEL_SENT && pulled.n_bodies == 0);
}

static void fault__names__what_cannot_work(void **state)
{
	static const char *const token[] = {
		"", "ABC", "1:", ":a", "1:a/b", "1:a b", "x:abc", "1:a?b"};

	(void)state;
	assert_null(codec->fault(&account));
	for (size_t i = 0; i < sizeof(token) / sizeof(*token); i++) {
		kit_value[TELEGRAM_TOKEN] = str_of(token[i]);
		assert_non_null(codec->fault(&account));
	}
	kit_value[TELEGRAM_TOKEN] = S("1:a");
	kit_value[TELEGRAM_SECRET] = S("with blank");
	assert_non_null(codec->fault(&account));
	kit_value[TELEGRAM_SECRET] = S("");
	assert_non_null(codec->fault(&account));
	kit_value[TELEGRAM_POLLING] = S("true");
	assert_null(codec->fault(&account));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, kit_end)
	const struct CMUnitTest tests[] = {
		T(take__believes__the_word_and_nothing_like_it),
		T(take__reads__who_writes),
		T(take__reads__commands_as_words),
		T(take__reads__files_with_their_words),
		T(take__passes_over__groups_bots_and_news),
		T(take__stops__the_spinner),
		T(encode__writes__plain_text_and_rows_of_buttons),
		T(encode__stops__the_spinner_when_polling),
		T(judge__reads__what_telegram_answers),
		T(pulled__gives__each_update_and_the_place_behind_it),
		T(fault__names__what_cannot_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
