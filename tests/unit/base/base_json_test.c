/* JSON: what the strict scanner refuses, where it points, and what readers and writers give.
 *
 * cJSON 1.7.15 by itself lets through: NUL escapes (the text is cut), broken UTF-8, raw control
 * characters, "\u00zz" (an empty text), keys twice (the first wins), 9007199254740993 (rounded),
 * 1e999 (null), zeros in front of numbers, a byte order mark, and anything after the value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/json.h"

struct parsed {
	struct arena *arena;
	struct source source;
	struct diags diags;
	struct json_doc *doc;
};

static struct parsed *parse(struct str text, unsigned flags, const struct json_limits *limits)
{
	struct parsed *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->arena = arena_new(1 << 20);
	p->source = (struct source){"x.json", text};
	diags_init(&p->diags, p->arena);
	p->doc = json_parse(&p->source, flags, limits, &p->diags);
	return p;
}

static void done(struct parsed *p)
{
	json_doc_free(p->doc);
	arena_free(p->arena);
	free(p);
}

static void assert_written(const struct json *tree, const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	json_write(tree, &out);
	assert_string_equal(buf_str(&out).p, expected);
	buf_release(&out);
}

static void assert_reads(struct str text, unsigned flags, const char *expected)
{
	struct parsed *p = parse(text, flags, NULL);

	if (!p->doc)
		fail_msg("refused: %s: %.*s", text.p, STR(p->diags.item[0].message));
	assert_int_equal(p->diags.n, 0);
	assert_written(json_root(p->doc), expected);
	done(p);
}

static void assert_refused(struct str text, unsigned flags, const char *code, size_t offset,
	size_t length)
{
	struct parsed *p = parse(text, flags, NULL);

	if (p->doc)
		fail_msg("accepted: %s", text.p);
	assert_int_equal(p->diags.n, 1);
	assert_int_equal(p->diags.n_errors, 1);
	if (!str_is(str_of(p->diags.item[0].code), code) || p->diags.item[0].offset != offset
		|| p->diags.item[0].length != length)
		fail_msg("%s: %s at %zu+%zu (%.*s), not %s at %zu+%zu", text.p,
			p->diags.item[0].code, p->diags.item[0].offset, p->diags.item[0].length,
			STR(p->diags.item[0].message), code, offset, length);
	assert_true(p->diags.item[0].message.n > 0);
	done(p);
}

struct refusal {
	struct str text;
	const char *code;
	size_t offset, length;
};

static void assert_all_refused(const struct refusal *r, size_t n, unsigned flags)
{
	for (size_t i = 0; i < n; i++)
		assert_refused(r[i].text, flags, r[i].code, r[i].offset, r[i].length);
}

#define REFUSED(list, flags) assert_all_refused((list), sizeof(list) / sizeof(*(list)), (flags))

static void json__reads__what_rfc_8259_allows(void **state)
{
	(void)state;
	assert_reads(S("null"), 0, "null");
	assert_reads(S(" \t\r\n true \n"), 0, "true");
	assert_reads(S("\"\""), 0, "\"\"");
	assert_reads(S("[]"), 0, "[]");
	assert_reads(S("{}"), 0, "{}");
	assert_reads(S("[1 , -2.5, 0, -0.5e-3 ,1E+2]"), 0, "[1,-2.5,0,-0.0005,100]");
	assert_reads(S("{\"\":{\"a\" : [ ] } }"), 0, "{\"\":{\"a\":[]}}");
	assert_reads(S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), 0, "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
	assert_reads(S("\"\\u00e9\\u20AC\\ud83d\\uDE00\""), 0, "\"é€😀\"");
	assert_reads(S("\"\x7F\\u0001\""), 0, "\"\\u007f\\u0001\"");
	assert_reads(S("{\"a\":1,\"A\":2}"), 0, "{\"a\":1,\"A\":2}");
	assert_reads(S("[{\"a\":1},{\"a\":1}]"), 0, "[{\"a\":1},{\"a\":1}]");
}

static void json__refuses__text_that_ends_too_early(void **state)
{
	static const struct refusal r[] = {
		{S(""), "J001", 0, 0}, {S(" \n "), "J001", 3, 0}, {S("["), "J001", 1, 0},
		{S("[1"), "J001", 2, 0}, {S("[1,"), "J001", 3, 0}, {S("{"), "J001", 1, 0},
		{S("{\"a\""), "J001", 4, 0}, {S("{\"a\":"), "J001", 5, 0},
		{S("{\"a\":1"), "J001", 6, 0}, {S("{\"a\":1,"), "J001", 7, 0},
		{S("[\"abc"), "J001", 1, 1},
	};

	(void)state;
	REFUSED(r, 0);
}

static void json__refuses__broken_utf8(void **state)
{
	static const struct refusal r[] = {
		{S("\"\xFF\""), "J002", 1, 1}, {S("\"\xC0\x80\""), "J002", 1, 1},
		{S("\"\xC1\xBF\""), "J002", 1, 1}, {S("\"\xE0\x80\x80\""), "J002", 1, 1},
		{S("\"\xED\xA0\x80\""), "J002", 1, 1}, {S("\"\xF0\x80\x80\x80\""), "J002", 1, 1},
		{S("\"\xF4\x90\x80\x80\""), "J002", 1, 1}, {S("\"\xC3"), "J002", 1, 1},
		{S("\"\xE2\x82\""), "J002", 1, 1}, {S("[1]\x80"), "J002", 3, 1},
		{S("\xFF\xFE[\0]\0"), "J002", 0, 1},
	};

	(void)state;
	REFUSED(r, 0);
	assert_refused(S("[] // \xFF"), JSON_AUTHORED, "J002", 6, 1);
}

static void json__refuses__byte_order_mark(void **state)
{
	(void)state;
	assert_refused(S("\xEF\xBB\xBF[]"), JSON_AUTHORED, "J003", 0, 3);
	assert_refused(S("[\xEF\xBB\xBF]"), 0, "J004", 1, 3);
}

static void json__refuses__other_grammar(void **state)
{
	static const struct refusal r[] = {
		{S("[1 2]"), "J004", 2, 0}, {S("[1,,2]"), "J004", 3, 1}, {S("[,1]"), "J004", 1, 1},
		{S("[1,]"), "J004", 3, 1}, {S("{\"a\":1,}"), "J004", 7, 1},
		{S("{\"a\":1 \"b\":2}"), "J004", 6, 0}, {S("{a:1}"), "J004", 1, 1},
		{S("{'a':1}"), "J004", 1, 1}, {S("{1:1}"), "J004", 1, 1},
		{S("{\"a\" 1}"), "J004", 5, 1}, {S("{\"a\"=1}"), "J004", 4, 1},
		{S("{\"a\":}"), "J004", 5, 1}, {S("[1}"), "J004", 2, 1},
		{S("{\"a\":1]"), "J004", 6, 1},
		{S("]"), "J004", 0, 1}, {S("True"), "J004", 0, 4}, {S("nul"), "J004", 0, 3},
		{S("nulls"), "J004", 0, 5}, {S("['a']"), "J004", 1, 1}, {S("[\0]"), "J004", 1, 1},
		{S("[\x01]"), "J004", 1, 1}, {S("[\f]"), "J004", 1, 1},
		{S("[\xC2\xA0]"), "J004", 1, 2},
		{S("/* x */ 1"), "J004", 0, 2}, {S("1 // x"), "J004", 2, 2},
		{S("[/]"), "J004", 1, 1},
		{S("[1;2]"), "J004", 2, 1}, {S("[undefined]"), "J004", 1, 9},
		{S("{null:1}"), "J004", 1, 4}, {S("{\"a\"}"), "J004", 4, 1},
		{S("{[]:1}"), "J004", 1, 1},
	};

	(void)state;
	REFUSED(r, 0);
}

static void json__refuses__anything_after_the_value(void **state)
{
	static const struct refusal r[] = {
		{S("[] []"), "J005", 3, 1}, {S("1 2"), "J005", 2, 1}, {S("{}}"), "J005", 2, 1},
		{S("null\0"), "J005", 4, 1}, {S("\"a\"b"), "J005", 3, 1}, {S("[],"), "J005", 2, 1},
	};

	(void)state;
	REFUSED(r, JSON_AUTHORED);
}

static void json__refuses__raw_control_characters(void **state)
{
	char text[] = "\"a?b\"";

	(void)state;
	for (int c = 0; c < 0x20; c++) {
		text[2] = (char)c;
		if (c == '\n' || c == '\r')
			assert_refused((struct str){text, 5}, 0, "J006", 0, 2);
		else
			assert_refused((struct str){text, 5}, 0, "J006", 2, 1);
	}
	text[2] = 0x7F;
	assert_reads((struct str){text, 5}, 0, "\"a\\u007fb\"");
}

static void json__refuses__unknown_escapes(void **state)
{
	static const struct refusal r[] = {
		{S("\"\\x\""), "J007", 1, 2}, {S("\"\\'\""), "J007", 1, 2},
		{S("\"\\\xC3\xA9\""), "J007", 1, 3},
		{S("\"\\u00zz\""), "J007", 1, 2}, {S("\"\\u12\""), "J007", 1, 2},
		{S("\"\\u"), "J007", 1, 2},
		{S("\"\\"), "J007", 1, 1}, {S("\"\\U0041\""), "J007", 1, 2},
		{S("\"\\\0\""), "J007", 1, 2},
		{S("\"\\u+123\""), "J007", 1, 2}, {S("{\"\\q\":1}"), "J007", 2, 2},
	};

	(void)state;
	REFUSED(r, 0);
}

static void json__refuses__escapes_for_what_no_text_holds(void **state)
{
	static const struct refusal r[] = {
		{S("\"a\\u0000\""), "J008", 2, 6}, {S("{\"\\u0000\":1}"), "J008", 2, 6},
		{S("\"\\ud800\""), "J008", 1, 6}, {S("\"\\udc00\""), "J008", 1, 6},
		{S("\"\\ud800\\ud800\""), "J008", 1, 6}, {S("\"\\ud800x\""), "J008", 1, 6},
		{S("\"\\ud800\\n\""), "J008", 1, 6}, {S("\"\\ud83d\\ude0\""), "J008", 1, 6},
		{S("\"\\ude00\\ud83d\""), "J008", 1, 6}, {S("\"\\uDBFF"), "J008", 1, 6},
	};

	(void)state;
	REFUSED(r, 0);
	assert_reads(S("\"\\uD7FF\\uE000\\udbff\\udfff\""), 0,
		"\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"");
}

static void json__refuses__misspelt_numbers(void **state)
{
	static const struct refusal r[] = {
		{S("01"), "J009", 0, 2}, {S("-01"), "J009", 0, 3}, {S("00"), "J009", 0, 2},
		{S("+1"), "J009", 0, 2}, {S(".5"), "J009", 0, 2}, {S("1."), "J009", 0, 2},
		{S("-"), "J009", 0, 1}, {S("--1"), "J009", 0, 3}, {S("1e"), "J009", 0, 2},
		{S("1e+"), "J009", 0, 3}, {S("1.e5"), "J009", 0, 4}, {S("0x1F"), "J009", 0, 4},
		{S("1.2.3"), "J009", 0, 5}, {S("1_000"), "J009", 0, 5}, {S("12px"), "J009", 0, 4},
		{S("[2025-03-01]"), "J009", 1, 10}, {S("-Infinity"), "J009", 0, 9},
		{S("1e5.5"), "J009", 0, 5},
	};

	(void)state;
	REFUSED(r, 0);
	assert_refused(S("NaN"), 0, "J004", 0, 3);
	assert_refused(S("Infinity"), 0, "J004", 0, 8);
}

static void json__refuses__numbers_that_a_double_would_not_keep(void **state)
{
	static const struct refusal r[] = {
		{S("1234567890123456"), "J010", 0, 16}, {S("-1234567890123456"), "J010", 0, 17},
		{S("9007199254740993"), "J010", 0, 16}, {S("0.1234567890123456"), "J010", 0, 18},
		{S("1.000000000000000"), "J010", 0, 17}, {S("1e999"), "J010", 0, 5},
		{S("1e301"), "J010", 0, 5}, {S("1e-302"), "J010", 0, 6},
		{S("1e99999999999999999999"), "J010", 0, 22},
		{S("1e-99999999999999999999"), "J010", 0, 23},
		{S("0.00000000000000000000000000000000000000000000000000000000001"), "J010", 0, 61},
	};

	(void)state;
	REFUSED(r, 0);
	assert_reads(S("123456789012345"), 0, "123456789012345");
	assert_reads(S("-999999999999999"), 0, "-999999999999999");
	assert_reads(S("0.00123456789012345"), 0, "0.00123456789012345");
	assert_reads(S("1e299"), 0, "1e+299");
	assert_reads(S("0e999"), 0, "0");
	assert_reads(S("0.0000000000000000"), 0, "0");
	assert_reads(S("0.0000000000000000000000000000000000000000000000000000000001"), 0, "1e-58");
}

static void json__quotes__big_whole_numbers_when_asked(void **state)
{
	(void)state;
	assert_reads(S("[123456789012345,1234567890123456]"), JSON_BIG_AS_TEXT,
		"[123456789012345,\"1234567890123456\"]");
	assert_reads(S("{\"id\":-576461413038785752,\"b\":1}"), JSON_BIG_AS_TEXT,
		"{\"id\":\"-576461413038785752\",\"b\":1}");
	assert_refused(S("1234567890123456.5"), JSON_BIG_AS_TEXT, "J010", 0, 18);
	assert_refused(S("1234567890123456e1"), JSON_BIG_AS_TEXT, "J010", 0, 18);
	assert_refused(S("01234567890123456"), JSON_BIG_AS_TEXT, "J009", 0, 17);
}

static void json__refuses__a_key_twice(void **state)
{
	static const struct refusal r[] = {
		{S("{\"a\":1,\"a\":1}"), "J011", 7, 3},
		{S("{\"a\":1,\"\\u0061\":1}"), "J011", 7, 8},
		{S("{\"\":1,\"\":1}"), "J011", 6, 2},
		{S("{\"abc\":1,\"a\\u0062c\":1}"), "J011", 9, 10},
		{S("[{\"b\":{\"a\":1,\"b\":2,\"a\":3}}]"), "J011", 19, 3},
		{S("{\"/\":1,\"\\/\":1}"), "J011", 7, 4},
		{S("{\"\\ud83d\\ude00\":1,\"😀\":1}"), "J011", 18, 6},
		{S("{\"b\":1,\"a\":1,\"a\":2,\"b\":2}"), "J011", 13, 3},
	};

	(void)state;
	REFUSED(r, 0);
	assert_refused(S("{\"//\":1,\"//\":1}"), 0, "J011", 8, 4);
	assert_refused(S("{\"a\":1,// x\n\"a\":1}"), JSON_AUTHORED, "J011", 12, 3);
}

static void json__stays_quick__with_very_many_keys(void **state)
{
	struct buf text;
	struct json_limits limits = {.bytes = 4 << 20, .nodes = 200001};

	(void)state;
	buf_init(&text, 4 << 20);
	buf_addc(&text, '{');
	for (int i = 0; i < 200000; i++)
		buf_addf(&text, "%s\"key%d\":%d", i ? "," : "", i, i);
	buf_addc(&text, '}');
	struct parsed *p = parse(buf_str(&text), 0, &limits);
	assert_non_null(p->doc);
	assert_int_equal(json_count(json_root(p->doc)), 200000);
	done(p);
	buf_release(&text);
}

static void json__accepts__what_authors_write(void **state)
{
	(void)state;
	assert_reads(S("// head\n{ /* a */ \"a\" /**/ : // b\r\n 1, /***/ } // tail"),
		JSON_AUTHORED,
		"{\"a\":1}");
	assert_reads(S("[1,2,]"), JSON_AUTHORED, "[1,2]");
	assert_reads(S("[[],{},]"), JSON_AUTHORED, "[[],{}]");
	assert_reads(S("{\"a\":\"// no comment /* */\"}"), JSON_AUTHORED,
		"{\"a\":\"// no comment /* */\"}");
	assert_reads(S("{\"//\":\"x\",\"a\":1,\"//\":[{\"//\":2}],\"b\":2,\"//\":null}"),
		JSON_AUTHORED,
		"{\"a\":1,\"b\":2}");
	assert_reads(S("{\"//\":1,}"), JSON_AUTHORED, "{}");
	assert_reads(S("{\"//\":1}"), JSON_AUTHORED, "{}");
	assert_reads(S("{\"\\/\\/\":1,\"a\":[{\"//\":1}]}"), JSON_AUTHORED, "{\"a\":[{}]}");
	assert_reads(S("{\"// x\":1}"), JSON_AUTHORED, "{\"// x\":1}");
	assert_reads(S("{\"//\":1}"), 0, "{\"//\":1}");
}

static void json__refuses__what_authors_should_not_write(void **state)
{
	static const struct refusal r[] = {
		{S("[,]"), "J004", 1, 1}, {S("{,}"), "J004", 1, 1}, {S("[1,,]"), "J004", 3, 1},
		{S("/* x"), "J001", 0, 2}, {S("[1 /*/ ]"), "J001", 3, 2},
		{S("[1] /"), "J004", 4, 1},
		{S("# x\n1"), "J004", 0, 1}, {S("// only"), "J001", 7, 0},
		{S("{\"//\":\"a\" \"b\":1}"), "J004", 9, 0}, {S("{\"//\":[1,}"), "J004", 9, 1},
		{S("{\"//\":{\"a\":1,\"a\":2}}"), "J011", 13, 3},
	};

	(void)state;
	REFUSED(r, JSON_AUTHORED);
}

static struct str nested(char *text, size_t depth)
{
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return (struct str){text, depth * 2};
}

static void json__keeps__the_depth_limit(void **state)
{
	static char text[4000];
	struct json_limits limits = {.depth = 900};

	(void)state;
	{
		struct parsed *p = parse(nested(text, 32), 0, NULL);
		assert_non_null(p->doc);
		done(p);
	}
	assert_refused(nested(text, 33), 0, "J012", 32, 1);
	assert_refused(nested(text, 2000), 0, "J012", 32, 1);
	{
		struct parsed *p = parse(nested(text, 900), 0, &limits);
		assert_non_null(p->doc);
		done(p);
	}
	{
		struct parsed *p = parse(nested(text, 901), 0, &limits);
		assert_null(p->doc);
		done(p);
	}
	limits.depth = 1;
	{
		struct parsed *p = parse(S("[1,\"a\"]"), 0, &limits);
		assert_non_null(p->doc);
		done(p);
	}
	{
		struct parsed *p = parse(S("[{}]"), 0, &limits);
		assert_null(p->doc);
		assert_int_equal(p->diags.item[0].offset, 1);
		done(p);
	}
}

static void json__keeps__the_node_limit(void **state)
{
	struct json_limits limits = {.nodes = 4};
	static const struct {
		struct str text;
		bool fits;
	} row[] = {
		{S("[1,2,3]"), true}, {S("[1,2,3,4]"), false}, {S("{\"a\":{\"b\":[]}}"), true},
		{S("{\"a\":{\"b\":[[]]}}"), true}, {S("{\"a\":{\"b\":[[1]]}}"), false},
		{S("{\"//\":[1,2],\"a\":1}"), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct parsed *p = parse(row[i].text, JSON_AUTHORED, &limits);
		assert_int_equal(p->doc != NULL, row[i].fits);
		if (!row[i].fits)
			assert_string_equal(p->diags.item[0].code, "J012");
		done(p);
	}
}

static void json__keeps__the_byte_limit(void **state)
{
	size_t n = 1024 * 1024;
	char *text = malloc(n + 1);

	(void)state;
	memset(text, ' ', n + 1);
	text[0] = '1';
	{
		struct parsed *p = parse(((struct str){text, n}), 0, NULL);
		assert_non_null(p->doc);
		done(p);
	}
	assert_refused((struct str){text, n + 1}, 0, "J012", 0, 0);
	free(text);
	{
		struct json_limits limits = {.bytes = 2};
		struct parsed *p = parse(S("[]"), 0, &limits);
		assert_non_null(p->doc);
		done(p);
	}
	{
		struct json_limits limits = {.bytes = 2};
		struct parsed *p = parse(S("[ ]"), 0, &limits);
		assert_null(p->doc);
		done(p);
	}
}

static void json__refuses_silently__without_diags(void **state)
{
	struct source source = {"x", S("[1")};

	(void)state;
	assert_null(json_parse(&source, 0, NULL, NULL));
}

static void assert_stretch(struct str text, struct stretch at, const char *expected)
{
	struct str found = str_sub(text, at.offset, at.length);

	if (!str_is(found, expected))
		fail_msg("'%.*s' is not '%s'", STR(found), expected);
}

static void json_where__points__at_values_and_keys(void **state)
{
	struct str text = S("// c\n{ \"//\": [1, {\"q\": 2}], \"a\": /* v */ 12345678901234567890 , "
		"\"//\": 3, \"b\" : [ \"x\", {\"c\": [true,]}, ], }");
	struct parsed *p = parse(text, JSON_AUTHORED | JSON_BIG_AS_TEXT, NULL);
	const struct json *root = json_root(p->doc), *a = json_get(root, "a"),
		*b = json_get(root, "b");
	const struct json *x = json_first(b), *inner = json_next(x), *c = json_get(inner, "c");
	struct json *foreign = json_new_int(1);

	(void)state;
	assert_int_equal(json_where(p->doc, root).offset, 5);
	assert_int_equal(json_where(p->doc, root).length, text.n - 5);
	assert_stretch(text, json_where(p->doc, a), "12345678901234567890");
	assert_stretch(text, json_where_key(p->doc, a), "\"a\"");
	assert_stretch(text, json_where(p->doc, b), "[ \"x\", {\"c\": [true,]}, ]");
	assert_stretch(text, json_where_key(p->doc, b), "\"b\"");
	assert_stretch(text, json_where(p->doc, x), "\"x\"");
	assert_stretch(text, json_where_key(p->doc, x), "\"x\"");
	assert_stretch(text, json_where(p->doc, inner), "{\"c\": [true,]}");
	assert_stretch(text, json_where_key(p->doc, c), "\"c\"");
	assert_stretch(text, json_where(p->doc, json_first(c)), "true");
	assert_int_equal(json_where(p->doc, foreign).length, 0);
	assert_int_equal(json_where(p->doc, NULL).length, 0);
	json_free(foreign);
	done(p);
}

static void json__reads__types_and_values(void **state)
{
	struct parsed *p = parse(S("{\"n\":null,\"t\":true,\"f\":false,"
		"\"i\":-5,\"d\":2.5,\"s\":\"x\",\"l\":[1,2],\"o\":{}}"),
		0, NULL);
	const struct json *root = json_root(p->doc);
	int64_t number = 7;

	(void)state;
	assert_int_equal(json_type(json_get(root, "n")), JSON_NULL);
	assert_int_equal(json_type(json_get(root, "t")), JSON_BOOL);
	assert_int_equal(json_type(json_get(root, "i")), JSON_NUMBER);
	assert_int_equal(json_type(json_get(root, "s")), JSON_TEXT);
	assert_int_equal(json_type(json_get(root, "l")), JSON_ARRAY);
	assert_int_equal(json_type(json_get(root, "o")), JSON_OBJECT);
	assert_true(json_bool(json_get(root, "t")));
	assert_false(json_bool(json_get(root, "f")));
	assert_false(json_bool(json_get(root, "i")));
	assert_true(json_int(json_get(root, "i"), &number));
	assert_int_equal(number, -5);
	assert_false(json_int(json_get(root, "d"), &number));
	assert_false(json_int(json_get(root, "s"), &number));
	assert_false(json_int(NULL, &number));
	assert_true(json_number(json_get(root, "d")) == 2.5);
	assert_true(str_is(json_text(json_get(root, "s")), "x"));
	assert_int_equal(json_text(json_get(root, "i")).n, 0);
	assert_null(json_get(root, "S"));
	assert_null(json_get(json_get(root, "l"), "x"));
	assert_null(json_get(NULL, "x"));
	assert_int_equal(json_count(root), 8);
	assert_int_equal(json_count(json_get(root, "l")), 2);
	assert_int_equal(json_count(json_get(root, "s")), 0);
	assert_true(str_is(json_key(json_first(root)), "n"));
	assert_int_equal(json_key(root).n, 0);
	assert_int_equal(json_key(json_first(json_get(root, "l"))).n, 0);
	assert_false(json_is(NULL, JSON_NULL));
	done(p);
}

static void json_int__keeps__every_number_of_fifteen_digits(void **state)
{
	static const char *const text[] = {
		"999999999999999", "-999999999999999", "999999999999998", "1e3", "1.0", "-0",
		"90e13",
	};
	static const int64_t expected[] = {
		999999999999999, -999999999999999, 999999999999998, 1000, 1, 0, 900000000000000,
	};
	int64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct parsed *p = parse(str_of(text[i]), 0, NULL);
		assert_true(json_int(json_root(p->doc), &number));
		assert_int_equal(number, expected[i]);
		done(p);
	}
	{
		struct parsed *p = parse(S("1e16"), 0, NULL);
		assert_false(json_int(json_root(p->doc), &number));
		done(p);
	}
}

static void json__builds__what_it_writes(void **state)
{
	struct json *tree = json_new_object(), *list = json_new_array(), *empty = json_new_object();
	struct buf out;

	(void)state;
	json_put_text(tree, "text", S("a\"b\\c\n\x01\x7F/é"));
	json_put_text(tree, "broken", S("a\0b\xFF"));
	json_put_int(tree, "max", INT64_MAX);
	json_put_int(tree, "min", INT64_MIN);
	json_put_int(tree, "edge", 9007199254740992);
	json_put_number(tree, "half", 0.1);
	json_put_number(tree, "nan", 0.0 / (tree ? 0.0 : 1.0));
	json_put_bool(tree, "yes", true);
	json_put_null(tree, "none");
	json_push_text(list, S("x"));
	json_push_int(list, -1);
	json_push(list, json_new_array());
	json_put(tree, "list", list);
	json_put(tree, "empty", empty);
	assert_written(tree,
		"{\"text\":\"a\\\"b\\\\c\\n\\u0001\\u007f/é\",\"broken\":\"a\xEF\xBF\xBD"
		"b\xEF\xBF\xBD\",\"max\":9223372036854775807,\"min\":-9223372036854775808,"
		"\"edge\":9007199254740992,\"half\":0.1,\"nan\":null,\"yes\":true,\"none\":null,"
		"\"list\":[\"x\",-1,[]],\"empty\":{}}");
	assert_int_equal(json_type(json_get(tree, "max")), JSON_NUMBER);
	buf_init(&out, 1000);
	json_write_indented(list, &out);
	assert_string_equal(out.p, "[\n  \"x\",\n  -1,\n  []\n]");
	buf_release(&out);
	json_free(tree);
}

static void json_error__points__at_value_or_key(void **state)
{
	struct parsed *p = parse(S("{\"a\": [1], \"b\": 2}"), 0, NULL);
	const struct json *a = json_get(json_root(p->doc), "a"), *b = json_next(a);

	(void)state;
	assert_ptr_equal(json_source(p->doc), &p->source);
	json_error(&p->diags, p->doc, a, "X001", S("a hint"), "expected %s, not %s",
		json_type_name(JSON_TEXT), json_type_name(json_type(a)));
	json_error_key(&p->diags, p->doc, b, "X002", S(""), "no '%.*s' here", STR(json_key(b)));
	assert_int_equal(p->diags.item[0].offset, 6);
	assert_int_equal(p->diags.item[0].length, 3);
	assert_string_equal(p->diags.item[0].message.p, "expected a text, not a list");
	assert_int_equal(p->diags.item[1].offset, 11);
	assert_int_equal(p->diags.item[1].length, 3);
	assert_string_equal(p->diags.item[1].message.p, "no 'b' here");
	assert_string_equal(json_type_name(JSON_NULL), "null");
	assert_string_equal(json_type_name(JSON_BOOL), "true or false");
	assert_string_equal(json_type_name(JSON_NUMBER), "a number");
	assert_string_equal(json_type_name(JSON_OBJECT), "an object");
	done(p);
}

static void json__says__what_would_be_right(void **state)
{
	static const struct {
		struct str text;
		const char *message, *hint;
	} row[] = {
		{S("[yes]"), "expected a value, not 'yes'", "write true, or the text \"yes\""},
		{S("{name: 1}"), "expected a key in double quotes, not 'name'",
			"put it in double quotes: \"name\""},
		{S("{\"a\":\n[1}"), "the list that begins in line 2 ends with ']', not '}'", ""},
		{S("{\"a\":1\n"), "the text ends inside the object that begins in line 1",
			"close it with '}'"},
		{S("{\n\"a\":1,\n\"a\":2}"), "the key 'a' is already in this object",
			"the first one is in line 2; keep one of the two"},
		{S("\"abc\ndef\""), "this text does not end on its line",
			"close it with '\"'; a line end inside a text is written \\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct parsed *p = parse(row[i].text, JSON_AUTHORED, NULL);
		assert_null(p->doc);
		assert_string_equal(p->diags.item[0].message.p, row[i].message);
		assert_string_equal(p->diags.item[0].hint.p, row[i].hint);
		done(p);
	}
}

/* Texts are looked at eight bytes at a time: whatever is special is seen in every place. */
static void json__sees__what_is_special_in_every_place_of_a_text(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 26; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 1; c < 0x80; c++) {
				char text[32] = "\"..........................";
				bool plain = c >= 0x20 && c != '"' && c != '\\';
				struct parsed *p;

				text[1 + at] = (char)c;
				text[1 + n] = '"';
				p = parse((struct str){text, n + 2}, 0, NULL);
				assert_int_equal(p->doc != NULL, plain);
				done(p);
			}
}

static void json__finds__the_first_repeat_among_few_and_many_keys(void **state)
{
	(void)state;
	for (unsigned n = 2; n <= 30; n++) {
		struct parsed *p;
		struct buf text;
		size_t where = 0;

		buf_init(&text, 4096);
		buf_addc(&text, '{');
		for (unsigned i = 0; i < n; i++)
			buf_addf(&text, "\"k%02u\":0,", 97 * i % 31);
		for (unsigned i = 0; i < 2; i++) {
			if (!i)
				where = text.n;
			buf_addf(&text, "\"k%02u\":0%s", 97 * (n - 1 - i) % 31, i ? "}" : ",");
		}
		p = parse(buf_str(&text), 0, NULL);
		assert_null(p->doc);
		assert_string_equal(p->diags.item[0].code, "J011");
		assert_int_equal(p->diags.item[0].offset, where);
		done(p);
		buf_release(&text);
	}
}

static void add_many(struct buf *text, const char *what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_adds(text, what);
}

/* Wherever they stand. */
static void json__keeps__texts_of_any_length(void **state)
{
	(void)state;
	for (size_t n = 0; n < 90; n++) {
		const struct json *root, *list;
		struct buf text, expected;
		struct parsed *p;

		buf_init(&text, 1 << 16);
		buf_init(&expected, 1 << 16);
		buf_adds(&text, "{\"//\": \"");
		add_many(&text, "a comment ", n);
		buf_adds(&text, "\", \"list\": [\"");
		add_many(&text, "x", n);
		buf_adds(&text, "\", 1, \"");
		add_many(&text, "\xC3\xA9", n);
		buf_adds(&text, "\\n\"], \"last\": \"");
		add_many(&text, "\xC3\xA9", n);
		buf_adds(&text, "\"}");
		add_many(&expected, "\xC3\xA9", n);
		p = parse(buf_str(&text), JSON_AUTHORED, NULL);
		assert_non_null(p->doc);
		root = json_root(p->doc);
		list = json_first(json_get(root, "list"));
		assert_int_equal(json_text(list).n, n);
		assert_int_equal(json_where(p->doc, list).length, n + 2);
		assert_int_equal(json_number(json_next(list)), 1);
		assert_int_equal(json_text(json_next(json_next(list))).n, 2 * n + 1);
		assert_true(str_eq(json_text(json_get(root, "last")), buf_str(&expected)));
		done(p);
		buf_release(&text);
		buf_release(&expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json__keeps__texts_of_any_length),
		cmocka_unit_test(json__sees__what_is_special_in_every_place_of_a_text),
		cmocka_unit_test(json__finds__the_first_repeat_among_few_and_many_keys),
		cmocka_unit_test(json__reads__what_rfc_8259_allows),
		cmocka_unit_test(json__refuses__text_that_ends_too_early),
		cmocka_unit_test(json__refuses__broken_utf8),
		cmocka_unit_test(json__refuses__byte_order_mark),
		cmocka_unit_test(json__refuses__other_grammar),
		cmocka_unit_test(json__refuses__anything_after_the_value),
		cmocka_unit_test(json__refuses__raw_control_characters),
		cmocka_unit_test(json__refuses__unknown_escapes),
		cmocka_unit_test(json__refuses__escapes_for_what_no_text_holds),
		cmocka_unit_test(json__refuses__misspelt_numbers),
		cmocka_unit_test(json__refuses__numbers_that_a_double_would_not_keep),
		cmocka_unit_test(json__quotes__big_whole_numbers_when_asked),
		cmocka_unit_test(json__refuses__a_key_twice),
		cmocka_unit_test(json__stays_quick__with_very_many_keys),
		cmocka_unit_test(json__accepts__what_authors_write),
		cmocka_unit_test(json__refuses__what_authors_should_not_write),
		cmocka_unit_test(json__keeps__the_depth_limit),
		cmocka_unit_test(json__keeps__the_node_limit),
		cmocka_unit_test(json__keeps__the_byte_limit),
		cmocka_unit_test(json__refuses_silently__without_diags),
		cmocka_unit_test(json_where__points__at_values_and_keys),
		cmocka_unit_test(json__reads__types_and_values),
		cmocka_unit_test(json_int__keeps__every_number_of_fifteen_digits),
		cmocka_unit_test(json__builds__what_it_writes),
		cmocka_unit_test(json_error__points__at_value_or_key),
		cmocka_unit_test(json__says__what_would_be_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
