/* Findings: how they are printed, to the byte, and the nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/diag.h"
#include "tests/unit/in_arena.h"

static void assert_printed(const struct diags *diags, bool colour, size_t per_code,
	const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	diags_print(diags, &out, colour, per_code);
	assert_string_equal(buf_str(&out).p, expected);
	buf_release(&out);
}

/* One finding at @what in @text. */
static void assert_excerpt(struct str text, size_t offset, size_t length, const char *expected)
{
	struct source source = {"a.json", text};
	struct diags diags;

	diags_init(&diags, arena);
	diag_add(&diags, DIAG_ERROR, "X001", &source, offset, length, S(""), "wrong");
	assert_printed(&diags, false, 0, expected);
}

static void diags_print__shows__line_caret_and_hint(void **state)
{
	struct source source = {"flows/guide/05_cancel.json",
		S("{\n\t\"do_it\": {\"call\": \"orders.cancel\", \"then\": \"dun\"},\r\n}\n")};
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	diag_add(&diags, DIAG_ERROR, "F012", &source, 48, 5, S("did you mean 'done'?"),
		"unknown step '%s'", "dun");
	assert_printed(&diags, false, 0,
		"flows/guide/05_cancel.json:2:47: error[F012]: unknown step 'dun'\n"
		"     2 |  \"do_it\": {\"call\": \"orders.cancel\", \"then\": \"dun\"},\n"
		"       |                                               ^^^^^\n"
		"       = did you mean 'done'?\n");
	assert_printed(&diags, true, 0,
		"flows/guide/05_cancel.json:2:47: \033[31merror[F012]\033[0m: unknown step 'dun'\n"
		"     2 |  \"do_it\": {\"call\": \"orders.cancel\", \"then\": \"dun\"},\n"
		"       |                                               ^^^^^\n"
		"       = did you mean 'done'?\n");
}

static void diags_print__marks__a_place_without_length(void **state)
{
	(void)state;
	assert_excerpt(S("abc"), 1, 0, "a.json:1:2: error[X001]: wrong\n"
		"     1 | abc\n"
		"       |  ^\n");
	assert_excerpt(S("abc"), 3, 0, "a.json:1:4: error[X001]: wrong\n"
		"     1 | abc\n"
		"       |    ^\n");
	assert_excerpt(S("abc\n"), 4, 0, "a.json:2:1: error[X001]: wrong\n"
		"     2 |\n"
		"       | ^\n");
	assert_excerpt(S(""), 0, 0, "a.json:1:1: error[X001]: wrong\n"
		"     1 |\n"
		"       | ^\n");
	assert_excerpt(S("abc"), 99, 7, "a.json:1:4: error[X001]: wrong\n"
		"     1 | abc\n"
		"       |    ^\n");
}

static void diags_print__stops__at_the_line_end(void **state)
{
	(void)state;
	assert_excerpt(S("one\ntwo three\r\nfour"), 8, 12, "a.json:2:5: error[X001]: wrong\n"
		"     2 | two three\n"
		"       |     ^^^^^\n");
}

static void diags_print__counts__wide_and_zero_width_characters(void **state)
{
	(void)state;
	assert_excerpt(S("日本: ア"), 8, 3, "a.json:1:7: error[X001]: wrong\n"
		"     1 | 日本: ア\n"
		"       |       ^^\n");
	assert_excerpt(S("e\u0301e\u0301x"), 6, 1, "a.json:1:3: error[X001]: wrong\n"
		"     1 | e\u0301e\u0301x\n"
		"       |   ^\n");
	assert_excerpt(S("a\u0301b"), 1, 2, "a.json:1:2: error[X001]: wrong\n"
		"     1 | a\u0301b\n"
		"       |  ^\n");
}

static void diags_print__disarms__what_a_terminal_would_obey(void **state)
{
	struct source source = {"a\033[2J.json", S("x\033[31m\xC2\x9By\u202Ez\xFF!")};
	struct diags diags;

	(void)state;
	assert_excerpt(S("\t\t\"a\tb\" 1"), 8, 1, "a.json:1:9: error[X001]: wrong\n"
		"     1 |   \"a b\" 1\n"
		"       |         ^\n");
	diags_init(&diags, arena);
	diag_add(&diags, DIAG_WARNING, "X002", &source, 13, 1, S("say \033 it"), "bad\nname");
	assert_printed(&diags, false, 0, "a [2J.json:1:10: warning[X002]: bad name\n"
		"     1 | x [31m yz\uFFFD!\n"
		"       |          ^\n"
		"       = say   it\n");
}

static void diags_print__cuts__long_lines_around_the_place(void **state)
{
	char text[1000], expected[600];
	struct buf out;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + 500, "WRONG", 5);
	buf_init(&out, sizeof(expected));
	buf_addf(&out, "a.json:1:501: error[X001]: wrong\n     1 | …%.*sWRONG%.*s…\n"
		"       | %*s^^^^^\n", 80, text, 75, text, 81, "");
	assert_excerpt((struct str){text, sizeof(text)}, 500, 5, buf_str(&out).p);
	buf_clear(&out);
	buf_addf(&out, "a.json:1:1: error[X001]: wrong\n     1 | %.*s…\n       | ^\n", 160, text);
	assert_excerpt((struct str){text, sizeof(text)}, 0, 1, buf_str(&out).p);
	buf_clear(&out);
	buf_addf(&out, "a.json:1:1000: error[X001]: wrong\n     1 | …%.*s\n       | %*s^\n", 81,
		text, 81, "");
	text[999] = 'a';
	assert_excerpt((struct str){text, sizeof(text)}, 999, 1, buf_str(&out).p);
	buf_clear(&out);
	for (size_t i = 0; i < 333; i++)
		memcpy(text + 3 * i, "日", 3);
	buf_adds(&out, "a.json:1:401: error[X001]: wrong\n     1 | …");
	for (size_t i = 0; i < 53; i++)
		buf_adds(&out, "日");
	buf_addf(&out, "…\n       | %*s^^\n", 53, "");
	assert_excerpt((struct str){text, 999}, 600, 3, buf_str(&out).p);
	buf_release(&out);
}

static void diags_print__orders__by_file_and_place(void **state)
{
	struct source a = {"a.json", S("a b c")}, b = {"b.json", S("x")};
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	diag_add(&diags, DIAG_ERROR, "X002", &b, 0, 1, S(""), "third");
	diag_add(&diags, DIAG_WARNING, "X001", &a, 4, 1, S(""), "second");
	diag_add(&diags, DIAG_ERROR, "X003", &a, 0, 1, S(""), "first");
	diag_add(&diags, DIAG_ERROR, "X003", &a, 0, 1, S(""), "first again");
	diag_add(&diags, DIAG_ERROR, "X004", NULL, 0, 0, S("do something"), "about the whole");
	assert_int_equal(diags.n, 5);
	assert_int_equal(diags.n_errors, 4);
	assert_printed(&diags, false, 0,
		"error[X004]: about the whole\n       = do something\n"
		"a.json:1:1: error[X003]: first\n     1 | a b c\n       | ^\n"
		"a.json:1:1: error[X003]: first again\n     1 | a b c\n       | ^\n"
		"a.json:1:5: warning[X001]: second\n     1 | a b c\n       |     ^\n"
		"b.json:1:1: error[X002]: third\n     1 | x\n       | ^\n");
}

static void diags_print__keeps__the_ceiling_of_each_code(void **state)
{
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	for (int i = 1; i <= 4; i++)
		diag_add(&diags, DIAG_ERROR, "X001", NULL, 0, 0, S(""), "number %d", i);
	diag_add(&diags, DIAG_ERROR, "X002", NULL, 0, 0, S(""), "other");
	assert_printed(&diags, false, 2, "error[X001]: number 1\nerror[X001]: number 2\n"
		"(2 more X001)\nerror[X002]: other\n");
}

static void diag_add__tells_once__what_is_the_same(void **state)
{
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	for (int i = 0; i < 3; i++)
		diag_add(&diags, DIAG_ERROR, "X001", NULL, 7, 1, S(""), "the same");
	assert_int_equal(diags.n, 1);
	assert_int_equal(diags.n_errors, 1);
	diag_add(&diags, DIAG_ERROR, "X001", NULL, 8, 1, S(""), "the same");
	diag_add(&diags, DIAG_ERROR, "X002", NULL, 7, 1, S(""), "the same");
	diag_add(&diags, DIAG_ERROR, "X001", NULL, 7, 1, S(""), "another");
	assert_int_equal(diags.n, 4);
}

static void diag_add__only_counts__after_a_thousand(void **state)
{
	struct diags diags;
	struct buf out;

	(void)state;
	diags_init(&diags, arena);
	for (size_t i = 0; i < 1003; i++)
		diag_add(&diags, DIAG_ERROR, "X001", NULL, i, 0, S(""), "again");
	assert_int_equal(diags.n, 1000);
	assert_int_equal(diags.n_errors, 1003);
	buf_init(&out, 1 << 20);
	diags_print(&diags, &out, false, 1);
	assert_string_equal(out.p, "error[X001]: again\n(999 more X001)\n(3 more errors)\n");
	buf_release(&out);
}

static void diags_join__adds__copies_behind_what_is_there(void **state)
{
	struct arena *other = arena_new(1 << 20);
	struct diags diags, more;

	(void)state;
	diags_init(&diags, arena);
	diags_init(&more, other);
	diag_add(&diags, DIAG_WARNING, "X001", NULL, 0, 0, S(""), "first");
	for (int i = 0; i < 1200; i++)
		diag_add(&more, DIAG_ERROR, "X002", NULL, 0, 0, S("hint"), "number %d", i);
	diags_join(&diags, &more);
	arena_free(other);
	assert_int_equal(diags.n_errors, 1200);
	assert_int_equal(diags.n, 1000);
	assert_string_equal(diags.item[0].message.p, "first");
	assert_string_equal(diags.item[1].message.p, "number 0");
	assert_string_equal(diags.item[999].message.p, "number 998");
	assert_string_equal(diags.item[999].hint.p, "hint");
}

static void diag_add__survives__a_message_too_long(void **state)
{
	static char text[5000];
	struct diags diags;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	diags_init(&diags, arena);
	diag_add(&diags, DIAG_ERROR, "X001", NULL, 0, 0, S(""), "%s", text);
	assert_printed(&diags, false, 0, "error[X001]: (too long to print)\n");
}

static void diags_print_json__writes__a_line_a_finding(void **state)
{
	struct source source = {"a.json", S("日 \"x\"")};
	struct diags diags;
	struct buf out;

	(void)state;
	diags_init(&diags, arena);
	diag_add(&diags, DIAG_ERROR, "X001", &source, 4, 3, S("say \"y\""), "not 'x\n'");
	diag_add(&diags, DIAG_WARNING, "X002", NULL, 0, 0, S(""), "bad \xFF byte");
	buf_init(&out, 10000);
	diags_print_json(&diags, &out);
	assert_string_equal(out.p, "{\"severity\":\"warning\",\"code\":\"X002\","
		"\"message\":\"bad \uFFFD byte\",\"hint\":\"\"}\n"
		"{\"file\":\"a.json\",\"line\":1,\"column\":4,\"severity\":\"error\",\"code\":\"X001\","
		"\"message\":\"not 'x\\n'\",\"hint\":\"say \\\"y\\\"\"}\n");
	buf_release(&out);
}

static void diag_nearest__finds__within_two_edits(void **state)
{
	struct str names[] = {S("done"), S("cancel_order"), S("ask"), S("find"), S("kind")};
	static const struct {
		const char *name, *hint;
	} row[] = {
		{"dun", "did you mean 'done'?"}, {"cancle_order", "did you mean 'cancel_order'?"},
		{"cancel_orders_", "did you mean 'cancel_order'?"}, {"cancel_orders_x", ""},
		{"aks", "did you mean 'ask'?"}, {"bsk", "did you mean 'ask'?"}, {"bk", ""},
		{"", ""},
		{"mind", "did you mean 'find'?"}, {"zzzz", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct str hint = diag_nearest(arena, str_of(row[i].name), names, 5);

		if (!str_is(hint, row[i].hint))
			fail_msg("'%s': '%.*s'", row[i].name, STR(hint));
	}
	assert_int_equal(diag_nearest(arena, S("x"), NULL, 0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diags_print__shows__line_caret_and_hint),
		cmocka_unit_test(diags_print__marks__a_place_without_length),
		cmocka_unit_test(diags_print__stops__at_the_line_end),
		cmocka_unit_test(diags_print__counts__wide_and_zero_width_characters),
		cmocka_unit_test(diags_print__disarms__what_a_terminal_would_obey),
		cmocka_unit_test(diags_print__cuts__long_lines_around_the_place),
		cmocka_unit_test(diags_print__orders__by_file_and_place),
		cmocka_unit_test(diags_print__keeps__the_ceiling_of_each_code),
		cmocka_unit_test(diag_add__tells_once__what_is_the_same),
		cmocka_unit_test(diag_add__only_counts__after_a_thousand),
		cmocka_unit_test(diags_join__adds__copies_behind_what_is_there),
		cmocka_unit_test(diag_add__survives__a_message_too_long),
		cmocka_unit_test(diags_print_json__writes__a_line_a_finding),
		cmocka_unit_test(diag_nearest__finds__within_two_edits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
