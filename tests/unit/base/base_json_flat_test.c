/* One small object, read where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/json_flat.h"
#include "tests/unit/in_arena.h"

static const struct json_limits limits = {1000, 8, 4};
static struct json_flat flat;

static bool reads(const char *text)
{
	struct source source = {"test", str_of(text)};

	return json_flat_read(&source, 0, &limits, arena, &flat, NULL);
}

static void json_flat__has__the_members_of_the_object(void **state)
{
	const char *text = " { \"a\" : \"x\", \"n\": -12 ,\"yes\":true,\"no\":null} ";
	int64_t n = 0;

	(void)state;
	assert_true(reads(text));
	assert_true(flat.is_object);
	assert_int_equal(flat.n, 4);
	assert_true(str_is(json_flat_text(&flat, "a"), "x"));
	assert_ptr_equal(json_flat_text(&flat, "a").p, strchr(text, 'x'));
	assert_true(json_flat_int(&flat, "n", &n));
	assert_int_equal(n, -12);
	assert_int_equal(json_flat_get(&flat, "yes")->type, JSON_BOOL);
	assert_int_equal(json_flat_get(&flat, "no")->type, JSON_NULL);
	assert_null(json_flat_get(&flat, "b"));
	assert_int_equal(json_flat_text(&flat, "n").n, 0);
	assert_false(json_flat_int(&flat, "a", &n));
	assert_false(json_flat_int(&flat, "b", &n));
}

static void json_flat__decodes__escapes_in_keys_and_texts(void **state)
{
	(void)state;
	assert_true(reads("{\"\\u0061\":\"\\ud83d\\ude00\\n\",\"b\":\"\"}"));
	assert_true(str_is(json_flat_text(&flat, "a"), "\xF0\x9F\x98\x80\n"));
	assert_int_equal(json_flat_get(&flat, "b")->value.n, 0);
}

static void json_flat__passes_over__what_is_inside_members(void **state)
{
	(void)state;
	assert_true(reads("{\"l\":[{\"t\":1},2],\"o\":{\"t\":{}},\"t\":\"mine\"}"));
	assert_int_equal(flat.n, 3);
	assert_int_equal(json_flat_get(&flat, "l")->type, JSON_ARRAY);
	assert_int_equal(json_flat_get(&flat, "o")->type, JSON_OBJECT);
	assert_true(str_is(json_flat_get(&flat, "o")->value, "{\"t\":{}}"));
	assert_true(str_is(json_flat_text(&flat, "t"), "mine"));
}

static void json_flat__tells__what_is_no_object(void **state)
{
	(void)state;
	assert_true(reads("[{\"t\":1}]"));
	assert_false(flat.is_object);
	assert_int_equal(flat.n, 0);
	assert_true(reads("\"t\""));
	assert_false(flat.is_object);
	assert_true(reads("{}"));
	assert_true(flat.is_object);
}

static void json_flat__takes__whole_numbers_written_as_such(void **state)
{
	int64_t n;

	(void)state;
	assert_true(reads("{\"a\":1.0,\"b\":1e2,\"c\":0,\"d\":999999999999999}"));
	assert_false(json_flat_int(&flat, "a", &n));
	assert_false(json_flat_int(&flat, "b", &n));
	assert_true(json_flat_int(&flat, "c", &n) && n == 0);
	assert_true(json_flat_int(&flat, "d", &n) && n == 999999999999999);
}

static void json_flat__refuses__what_json_parse_refuses(void **state)
{
	static const char *const bad[] = {"", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"",
		"{\"a\":\"x\"", "{\"a\":\"x\",", "{\"a\":01}", "{\"a\":1x}", "{\"a\":1\"b\":2}",
		"{\"a\":x}", "{\"a\":\"x\"}}", "{\"a\":\"x\",,\"b\":1}", "{,\"a\":1}", "{a:1}",
		"{\"a\":\"\t\"}", "{\"a\":\"\xC3\"}", "{\"\xFF\":1}",
		"{\"a\":\"x\",\"b\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":1}",
		"{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1}", "{\"a\":1,}",
		"{\"a\":1,\"a\":2}", "{\"a\":1}x", "{\"a\":\"\xFF\"}", "{\"a\":\"\\u0000\"}",
		"{\"a\":1234567890123456}", "{\"a\":[[[[1]]]]}", "{\"a\":[1,2,3,4,5,6,7]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct source source = {"test", str_of(bad[i])};
		struct json_doc *doc = json_parse(&source, 0, &limits, NULL);

		assert_null(doc);
		assert_false(reads(bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_flat__has__the_members_of_the_object),
		cmocka_unit_test(json_flat__decodes__escapes_in_keys_and_texts),
		cmocka_unit_test(json_flat__passes_over__what_is_inside_members),
		cmocka_unit_test(json_flat__tells__what_is_no_object),
		cmocka_unit_test(json_flat__takes__whole_numbers_written_as_such),
		cmocka_unit_test(json_flat__refuses__what_json_parse_refuses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
