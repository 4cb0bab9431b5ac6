/* What all codecs do alike. */
#include "tests/unit/channel/codec_kit.h"

#include "adapters/channel/codec.h"

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return 0;
}

static struct json_doc *doc;
static struct source source;

static const struct json *object(const char *text)
{
	json_doc_free(doc);
	doc = codec_parse(&source, str_of(text));
	assert_non_null(doc);
	return json_root(doc);
}

static int tear_down(void **state)
{
	json_doc_free(doc);
	doc = NULL;
	return kit_end(state);
}

static void codec_id__keeps__every_digit(void **state)
{
	(void)state;
	assert_str(
		codec_id(object("{\"a\":5741311803571721087}"), "a", arena), "5741311803571721087");
	assert_str(codec_id(object("{\"a\":42}"), "a", arena), "42");
	assert_str(codec_id(object("{\"a\":-7}"), "a", arena), "-7");
	assert_str(codec_id(object("{\"a\":\"0042\"}"), "a", arena), "0042");
}

static void codec_id__refuses__what_is_no_name(void **state)
{
	static const char *const text[] = {"{}", "[]", "{\"a\":null}", "{\"a\":\"\"}",
		"{\"a\":\"a b\"}", "{\"a\":\"a\\nb\"}", "{\"a\":\"\xC3\xA9\"}",
		"{\"a\":\"\\u007f\"}", "{\"a\":{}}", "{\"a\":true}", "{\"a\":1.5}"};
	char longest[260] = "{\"a\":\"";

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		assert_int_equal(codec_id(object(text[i]), "a", arena).n, 0);
	assert_int_equal(codec_id(NULL, "a", arena).n, 0);
	memset(longest + 6, 'x', 200);
	memcpy(longest + 206, "\"}", 3);
	assert_int_equal(codec_id(object(longest), "a", arena).n, 200);
	memcpy(longest + 206, "x\"}", 4);
	assert_int_equal(codec_id(object(longest), "a", arena).n, 0);
}

static void codec_int__takes__numbers_and_their_digits(void **state)
{
	(void)state;
	assert_int_equal(codec_int(object("{\"a\":\"1749416383\"}"), "a"), 1749416383);
	assert_int_equal(codec_int(object("{\"a\":-3}"), "a"), -3);
	assert_int_equal(codec_int(object("{\"a\":\"x\"}"), "a"), 0);
	assert_int_equal(codec_int(object("{\"a\":1.5}"), "a"), 0);
	assert_int_equal(codec_int(object("{\"a\":99999999999999999999}"), "a"), 0);
	assert_int_equal(codec_int(NULL, "a"), 0);
}

static void codec_add__keeps_out__the_nameless_and_too_many(void **state)
{
	struct codec_events events = {.arena = arena};
	struct channel_event event = {.peer = S("p")};

	(void)state;
	codec_add(&events, &event);
	assert_int_equal(events.n, 0);
	assert_string_equal(events.why, "unknown");
	event.id = S("i");
	for (size_t i = 0; i < codec_max_events + 5; i++)
		codec_add(&events, &event);
	assert_int_equal(events.n, codec_max_events);
	assert_string_equal(events.why, "too many");
}

static void codec_line__is_one_line__without_the_token(void **state)
{
	char words[400];

	(void)state;
	assert_str(codec_line(arena, S("a\nb\tc\x7F"), S("")), "a b c ");
	assert_true(str_find(codec_line(arena, S("the token abc123 is bad"), S("abc123")),
			    S("abc123")) < 0);
	assert_str(codec_line(arena, S("the token is bad"), S("abc123")), "the token is bad");
	memset(words, 'x', sizeof(words));
	assert_int_equal(codec_line(arena, (struct str){words, sizeof(words)}, S("")).n, 200);
	memcpy(words + 300, "abc123", 6); /* behind what is shown */
	assert_true(codec_line(arena, (struct str){words, sizeof(words)}, S("abc123")).n < 100);
}

static void codec_judge_status__knows__the_usual_ones(void **state)
{
	static const struct {
		unsigned status;
		enum channel_verdict verdict;
	} row[] = {{200, CHANNEL_SENT}, {204, CHANNEL_SENT}, {301, CHANNEL_NEVER},
		{400, CHANNEL_NEVER}, {401, CHANNEL_LOST}, {403, CHANNEL_LOST},
		{404, CHANNEL_NEVER}, {408, CHANNEL_AGAIN}, {413, CHANNEL_NEVER},
		{425, CHANNEL_AGAIN}, {429, CHANNEL_AGAIN}, {500, CHANNEL_UNCLEAR},
		{502, CHANNEL_UNCLEAR}, {503, CHANNEL_AGAIN}, {504, CHANNEL_UNCLEAR}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct channel_answer answer = {row[i].status, S(""), S(""), 7000};
		struct channel_judgement judged = codec_judge_status(&answer, arena);

		assert_int_equal(judged.verdict, row[i].verdict);
		assert_int_equal(judged.wait_ms, 7000);
	}
}

static void codec_judge_code__leaves_alone__what_it_does_not_know(void **state)
{
	static const struct codec_rule rule[] = {{4, CHANNEL_AGAIN, 1000}, {5, CHANNEL_LOST}};
	struct channel_judgement judged = {.verdict = CHANNEL_NEVER, .wait_ms = -1};

	(void)state;
	codec_judge_code(&judged, rule, 2, 6);
	assert_int_equal(judged.verdict, CHANNEL_NEVER);
	codec_judge_code(&judged, rule, 2, 4);
	assert_int_equal(judged.verdict, CHANNEL_AGAIN);
	assert_int_equal(judged.wait_ms, 1000);
	judged.wait_ms = 500; /* what the platform said itself counts */
	codec_judge_code(&judged, rule, 2, 4);
	assert_int_equal(judged.wait_ms, 500);
}

static void codec_base__drops__a_slash(void **state)
{
	(void)state;
	assert_str(codec_base(S("https://x/api/")), "https://x/api");
	assert_str(codec_base(S("https://x/api")), "https://x/api");
	assert_str(codec_base(S("")), "");
}

static void codec_shows__everything_but__the_buyers_own(void **state)
{
	struct post post = kit_said("Hi", NULL);

	(void)state;
	assert_true(codec_shows(&post));
	post.who = POST_NOTE;
	assert_true(codec_shows(&post));
	post.who = POST_BUYER;
	assert_false(codec_shows(&post));
	post = kit_said("", NULL);
	assert_false(codec_shows(&post));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(codec_id__keeps__every_digit),
		CASE(codec_id__refuses__what_is_no_name),
		CASE(codec_int__takes__numbers_and_their_digits),
		CASE(codec_add__keeps_out__the_nameless_and_too_many),
		CASE(codec_line__is_one_line__without_the_token),
		CASE(codec_judge_status__knows__the_usual_ones),
		CASE(codec_judge_code__leaves_alone__what_it_does_not_know),
		CASE(codec_base__drops__a_slash),
		CASE(codec_shows__everything_but__the_buyers_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
