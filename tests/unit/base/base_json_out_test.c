/* JSON without a tree: commas, escapes, and what a strict reader makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/json.h"
#include "bot/base/json_out.h"

static struct buf out;

static int set_up(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static void json_out__sets_commas__where_they_belong(void **state)
{
	(void)state;
	json_out_start(&out, '{');
	json_out_member(&out, "a", S("x{"));
	json_out_member_if(&out, "none", S(""));
	json_out_member_int(&out, "b", -5);
	json_out_key(&out, "c");
	json_out_open(&out, '[');
	json_out_open(&out, '[');
	json_out_close(&out, ']');
	json_out_int(&out, 1);
	json_out_text(&out, S("["));
	json_out_text(&out, S(""));
	json_out_bool(&out, false);
	json_out_begin_text(&out);
	json_write_characters(S("a\""), &out);
	json_write_characters(S("b"), &out);
	buf_addc(&out, '"');
	json_out_close(&out, ']');
	json_out_member_bool(&out, "d", true);
	json_out_close(&out, '}');
	assert_string_equal(out.p,
		"{\"a\":\"x{\",\"b\":-5,\"c\":[[],1,\"[\",\"\",false,\"a\\\"b\"],"
		"\"d\":true}");
}

static void json_out_start__is_not_separated(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		json_out_start(&out, '[');
		json_out_int(&out, i);
		json_out_close(&out, ']');
	}
	assert_string_equal(out.p, "[0][1]");
}

static void json_out_value__agrees__with_the_tree(void **state)
{
	static const char text[] = "{\"a\":[1,true,null,\"\\u0001\\\"\xE2\x82\xAC\"],\"b\\n\":{},"
				   "\"c\":[],\"d\":-9007199254740992}";
	struct arena *arena = arena_new(1 << 20);
	struct source source = {"value", str_of(text)};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	const struct value *value;
	struct json *tree;
	struct buf written;

	(void)state;
	assert_non_null(doc);
	value = value_from_json(arena, json_root(doc));
	tree = value_to_json(value);
	buf_init(&written, 1 << 20);
	json_write(tree, &written);
	json_out_value(&out, value);
	assert_string_equal(out.p, written.p);
	buf_clear(&out);
	json_out_value(&out, NULL);
	assert_string_equal(out.p, "null");
	buf_release(&written);
	json_free(tree);
	json_doc_free(doc);
	arena_free(arena);
}

static void json_out_int__writes_every_number(void **state)
{
	(void)state;
	json_out_start(&out, '[');
	json_out_int(&out, INT64_MIN);
	json_out_int(&out, -10);
	json_out_int(&out, 0);
	json_out_int(&out, INT64_MAX);
	json_out_close(&out, ']');
	assert_string_equal(out.p, "[-9223372036854775808,-10,0,9223372036854775807]");
}

static void json_write_text__mends__what_json_cannot_hold(void **state)
{
	(void)state;
	json_write_text((struct str){"a\0b\xFF\xC3(\x1F\x7F\"\\\n\xC3", 12}, &out);
	assert_string_equal(out.p,
		"\"a\xEF\xBF\xBD"
		"b\xEF\xBF\xBD\xEF\xBF\xBD(\\u001f\\u007f\\\"\\\\\\n\xEF\xBF\xBD\"");
	buf_clear(&out);
	json_write_text((struct str){0}, &out);
	assert_string_equal(out.p, "\"\"");
}

static void assert_reads_back(struct str text)
{
	struct source source = {"x", {0}};
	struct json_doc *doc;

	buf_clear(&out);
	json_write_text(text, &out);
	source.text = buf_str(&out);
	doc = json_parse(&source, 0, NULL, NULL);
	assert_non_null(doc);
	assert_true(str_eq(json_text(json_root(doc)), text));
	json_doc_free(doc);
}

/* Eight bytes are looked at at a time: whatever stands where, it comes back. */
static void json_write_text__keeps__every_character_in_every_place(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 20; n++)
		for (size_t at = 0; at < n; at++) {
			char text[24] = "....................";

			for (int c = 1; c < 0x80; c++) {
				text[at] = (char)c;
				assert_reads_back((struct str){text, n});
			}
			if (at + 1 < n) {
				memcpy(text + at, "\xC3\xA9", 2);
				assert_reads_back((struct str){text, n});
			}
		}
}

static void json_out__stops__at_the_ceiling(void **state)
{
	struct buf little;

	(void)state;
	for (size_t max = 0; max < 12; max++) {
		buf_init(&little, max);
		json_out_start(&little, '{');
		json_out_member(&little, "key", S("v"));
		json_out_close(&little, '}');
		assert_int_equal(little.over, max < 11);
		assert_true(little.n <= max);
		buf_release(&little);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(json_out__sets_commas__where_they_belong),
		test(json_out_start__is_not_separated),
		test(json_out_value__agrees__with_the_tree),
		test(json_out_int__writes_every_number),
		test(json_write_text__mends__what_json_cannot_hold),
		test(json_write_text__keeps__every_character_in_every_place),
		test(json_out__stops__at_the_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
