/* What answers mean: every code that is known, bad statuses, and bodies that are no answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_answer.h"
#include "tests/unit/in_arena.h"

static struct tts_answer read(unsigned status, const char *body)
{
	struct tts_answer answer;

	tts_answer_read(arena, status, str_of(body), &answer);
	return answer;
}

static struct tts_answer read_code(unsigned status, long code, const char *message)
{
	char body[300];

	snprintf(body, sizeof(body),
		"{\"code\":%ld,\"message\":\"%s\",\"request_id\":\"R1\",\"data\":{}}", code,
		message);
	return read(status, body);
}

static void code__has_its_meaning(void **state)
{
	static const struct {
		long code;
		enum tts_meaning meaning;
	} row[] = {
		{0, TTS_OK},
		{36009002, TTS_BUSY},
		{36009003, TTS_UNCLEAR},
		{36009007, TTS_UNCLEAR},
		{36009009, TTS_MISTAKEN},
		{36009010, TTS_MISTAKEN},
		{36009014, TTS_MISTAKEN},
		{36009021, TTS_MISTAKEN},
		{36009022, TTS_MISTAKEN},
		{36009023, TTS_MISTAKEN},
		{36009033, TTS_DENIED},
		{105002, TTS_TOKEN},
		{101000, TTS_TOKEN},
		{105005, TTS_DENIED},
		{106001, TTS_DENIED},
		{106011, TTS_DENIED},
		{106013, TTS_DENIED},
		{36004001, TTS_DENIED},
		{36004004, TTS_DENIED},
		{25001001, TTS_MISTAKEN},
		{11050001, TTS_MISTAKEN},
		{25001003, TTS_NO},
		{25001011, TTS_ALREADY},
		{25001014, TTS_NO},
		{25001015, TTS_NO},
		{25001020, TTS_NO},
		{25001021, TTS_NO},
		{25001028, TTS_BUSY},
		{25001045, TTS_NO},
		{25001046, TTS_NO},
		{25001051, TTS_ALREADY},
		{25005010, TTS_NO},
		{25005011, TTS_NO},
		{25011012, TTS_NO},
		{25011013, TTS_NO},
		{25011014, TTS_NO},
		{25020004, TTS_NO},
		{25020005, TTS_NO},
		{21008111, TTS_NO},
		{10002014, TTS_UNCLEAR},
		{10002015, TTS_UNCLEAR},
		{10037002, TTS_UNCLEAR},
		{10037003, TTS_UNCLEAR},
		{10037004, TTS_UNCLEAR},
		{10006402, TTS_UNCLEAR},
		{105999, TTS_DENIED},
		{106999, TTS_DENIED},
		{25009999, TTS_UNCLEAR}, /* unknown: nobody promises that nothing was done */
		{-1, TTS_UNCLEAR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (read_code(200, row[i].code, "m").meaning != row[i].meaning)
			fail_msg("code %ld is not '%s'", row[i].code,
				tts_meaning_name(row[i].meaning));
}

static void no__says_which(void **state)
{
	static const struct {
		long code;
		enum tts_no no;
	} row[] = {
		{25001003, TTS_NO_STATE},
		{25001014, TTS_NO_REASON},
		{25001021, TTS_NO_REASON},
		{25001045, TTS_NO_SHIPPED},
		{25001046, TTS_NO_RISK},
		{25005010, TTS_NO_ITEMS},
		{25011012, TTS_NO_STATE},
		{25020005, TTS_NO_OTHERS},
		{21008111, TTS_NO_OTHERS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(read_code(200, row[i].code, "m").no, row[i].no);
}

static void overloaded_code__is_told_by_its_message(void **state)
{
	static const struct {
		const char *message;
		enum tts_meaning meaning;
	} row[] = {
		{"Invalid credentials. The `x-tts-access-token` header is invalid", TTS_TOKEN},
		{"Invalid credentials. The `access_token` is invalid", TTS_TOKEN},
		{"Invalid timestamp. The `timestamp` is older than 5 minutes", TTS_CLOCK},
		{"Invalid credentials. The `app_key` is invalid", TTS_DENIED},
		{"Missing credentials. `sign` is missing", TTS_DENIED},
		{"Unexpected identifier `shop_cipher`", TTS_DENIED},
		{"Invalid `shop_id`", TTS_DENIED},
		{"Invalid parameter `page_size`", TTS_MISTAKEN},
		{"", TTS_MISTAKEN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(read_code(400, 36009004, row[i].message).meaning, row[i].meaning);
}

static void status__makes_a_good_code_doubtful(void **state)
{
	(void)state;
	assert_int_equal(read_code(200, 0, "Success").meaning, TTS_OK);
	assert_int_equal(read_code(202, 0, "Success").meaning, TTS_OK);
	assert_int_equal(read_code(400, 0, "Success").meaning, TTS_UNCLEAR);
	assert_int_equal(read_code(500, 0, "Success").meaning, TTS_UNCLEAR);
	assert_int_equal(read_code(502, 25001045, "shipped").meaning, TTS_UNCLEAR);
	assert_int_equal(read_code(503, 36009002, "later").meaning, TTS_BUSY);
	assert_int_equal(read_code(429, 36009002, "later").meaning, TTS_BUSY);
	assert_int_equal(read_code(400, 25001045, "shipped").meaning, TTS_NO);
}

static void body__that_is_no_answer__is_judged_by_its_status(void **state)
{
	static const char *const body[] = {"", "<html>", "[]", "null", "{}", "{\"code\":\"0\"}",
		"{\"code\":0.5}", "{\"code\":null,\"data\":{}}", "{\"code\":0,", "{\"code\":0}x",
		"{\"code\":0,\"code\":1}", "{\"code\":0,\"data\":{\"a\":\"\\u0000\"}}", "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(body) / sizeof(*body); i++) {
		assert_int_equal(read(200, body[i]).meaning, TTS_UNCLEAR);
		assert_int_equal(read(500, body[i]).meaning, TTS_UNCLEAR);
		assert_int_equal(read(503, body[i]).meaning, TTS_UNCLEAR);
		assert_int_equal(read(302, body[i]).meaning, TTS_UNCLEAR);
		assert_int_equal(read(429, body[i]).meaning, TTS_BUSY);
		assert_int_equal(read(401, body[i]).meaning, TTS_TOKEN);
		assert_int_equal(read(403, body[i]).meaning, TTS_DENIED);
		assert_int_equal(read(404, body[i]).meaning, TTS_MISTAKEN);
		assert_false(value_is_set(read(200, body[i]).data));
	}
}

static void id__stays_a_text__however_it_came(void **state)
{
	struct tts_answer answer =
		read(200, "{\"code\":0,\"data\":{\"a\":\"576461413038785752\",\"b\":"
			  "576461413038785752,\"c\":12}}");

	(void)state;
	assert_true(str_is(value_get_text(answer.data, "a"), "576461413038785752"));
	assert_true(str_is(value_get_text(answer.data, "b"), "576461413038785752"));
	assert_int_equal(value_get_int(answer.data, "c"), 12);
}

static void data__that_is_no_object__is_nothing(void **state)
{
	(void)state;
	assert_false(value_is_set(read(200, "{\"code\":0,\"data\":null}").data));
	assert_false(value_is_set(read(200, "{\"code\":0,\"data\":[1]}").data));
	assert_false(value_is_set(read(200, "{\"code\":0}").data));
	assert_false(value_is_set(read(200, "{\"code\":25001045,\"data\":{\"a\":1}}").data));
}

static void words_for_the_log__are_short_and_plain(void **state)
{
	char body[1000] = "{\"code\":1,\"message\":\"a\\nb";
	struct tts_answer answer;

	(void)state;
	memset(body + strlen(body), 'x', 500);
	strcat(body, "\",\"request_id\":\"2026\\u0007\"}");
	answer = read(200, body);
	assert_int_equal(answer.message.n, 200);
	assert_true(str_starts(answer.message, S("a b")));
	assert_true(str_is(answer.request_id, "2026 "));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(code__has_its_meaning),
		T(no__says_which),
		T(overloaded_code__is_told_by_its_message),
		T(status__makes_a_good_code_doubtful),
		T(body__that_is_no_answer__is_judged_by_its_status),
		T(id__stays_a_text__however_it_came),
		T(data__that_is_no_object__is_nothing),
		T(words_for_the_log__are_short_and_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
