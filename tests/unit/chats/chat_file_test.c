/* Conversation tests as they are written: what becomes of each line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bot/chats/chat_file.h"

static struct arena *arena;
static struct source source;
static struct diags diags;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct chat_file *read_text(const char *text)
{
	source = (struct source){"x.chat", str_of(text)};
	diags_init(&diags, arena);
	return chat_file_read(&source, arena, &diags);
}

/* The only test of a file without findings. */
static const struct chat_test *read_test(const char *text)
{
	const struct chat_file *file = read_text(text);
	struct buf out;

	buf_init(&out, 1 << 16);
	diags_print(&diags, &out, false, 0);
	if (diags.n)
		fail_msg("%.*s", STR(buf_str(&out)));
	buf_release(&out);
	assert_int_equal(file->n_tests, 1);
	return file->test;
}

/* The only fact of a test with this one line. */
static const struct chat_fact *read_fact(const char *line)
{
	const struct chat_test *test =
		read_test(arena_printf(arena, "test: t\n> hi\n    %s\n", line).p);

	assert_int_equal(test->turn[0].n_facts, 1);
	return test->turn[0].fact;
}

static void assert_str(struct str got, const char *expected)
{
	if (!str_is(got, expected))
		fail_msg("wanted '%s', got '%.*s'", expected, STR(got));
}

static void assert_finds(const char *text, const char *code)
{
	read_text(text);
	for (size_t i = 0; i < diags.n; i++)
		if (strcmp(diags.item[i].code, code) == 0)
			return;
	fail_msg("no %s in\n%s", code, text);
}

static void settings__hold_for_all_tests__above_the_first(void **state)
{
	const struct chat_file *file = read_text(
		"shop: many_orders\nbuyer: b, verified\n"
		"test: a\n> x\ntest: b\nshop: demo\nnow: 2025-12-24 18:30\ntags: one two\n> y\n");

	(void)state;
	assert_int_equal(diags.n, 0);
	assert_int_equal(file->n_tests, 2);
	assert_str(file->test[0].shop, "many_orders");
	assert_true(file->test[0].now == chat_default_now);
	assert_str(file->test[1].shop, "demo");
	assert_str(file->test[1].buyer, "b");
	assert_true(file->test[1].verified);
	assert_true(file->test[1].now == 1766601000);
	assert_int_equal(file->test[1].n_tags, 2);
	assert_str(file->test[1].tag[1], "two");
}

static void comment__begins__only_between_blanks(void **state)
{
	const struct chat_test *test = read_test("test: t # why\n# a line\n> #2\n> number # "
						 "comment\n    # an indented one\n> a\\#b \\# c\n");

	(void)state;
	assert_str(test->name, "t");
	assert_int_equal(test->n_turns, 3);
	assert_str(test->turn[0].text, "#2");
	assert_str(test->turn[1].text, "number");
	assert_str(test->turn[2].text, "a#b # c");
}

static void message__keeps__what_escapes_say(void **state)
{
	const struct chat_test *test = read_test("test: t\n> a\\nb \\\\ \\xff\\x0\n>\n> [Yes]\n");

	(void)state;
	assert_int_equal(test->turn[0].what, CHAT_TEXT);
	assert_str(test->turn[0].text, "a\nb \\ \xff\\x0");
	assert_int_equal(test->turn[1].text.n, 0);
	assert_int_equal(test->turn[2].what, CHAT_LABEL);
	assert_str(test->turn[2].text, "Yes");
}

static void speech__is_split__into_step_and_words(void **state)
{
	const struct chat_test *test = read_test("test: t\n> hi\n< a/b/c: *x: y*\n< a: = 1 * 2\n"
						 "< a/b:~ soft\n< ...\n< a/b\n");
	const struct chat_speech *s = test->turn[0].speech;

	(void)state;
	assert_int_equal(test->turn[0].n_speeches, 5);
	assert_str(s[0].ref, "a/b/c");
	assert_int_equal(s[0].how, WORDS_PATTERN);
	assert_str(s[0].words, "*x: y*");
	assert_int_equal(s[1].how, WORDS_EXACT);
	assert_str(s[1].words, "1 * 2");
	assert_int_equal(s[2].how, WORDS_NOTED);
	assert_int_equal(s[3].ref.n, 0);
	assert_int_equal(s[4].how, WORDS_ANY);
}

static void facts__share_a_line__when_each_begins_with_its_word(void **state)
{
	const struct chat_test *test =
		read_test("test: t\n> hi\n    nothing said, nothing called\n"
			  "    score >= 60, lead >= 15\n    intent a, b\n    order = A-1001, "
			  "reason is not set\n"
			  "    fixed a -> b, c -> d, intent x\n    note = found it, at home\n");
	const struct chat_fact *f = test->turn[0].fact;

	(void)state;
	assert_int_equal(test->turn[0].n_facts, 10);
	assert_int_equal(f[0].kind, FACT_SAID);
	assert_int_equal(f[1].kind, FACT_CALLED);
	assert_true(f[1].negated);
	assert_int_equal(f[2].compare, COMPARE_GE);
	assert_int_equal(f[3].number, 15);
	assert_str(f[4].name, "a, b");
	assert_str(f[5].value->text, "A-1001");
	assert_null(f[6].value);
	assert_true(f[6].negated);
	assert_int_equal(f[7].n_items, 4);
	assert_str(f[8].name, "x");
	assert_str(f[9].value->text, "found it, at home");
}

static void called__takes__count_all_arguments_and_outcome(void **state)
{
	const struct chat_fact *f = read_fact(
		"called orders.cancel 3 times in all { order: A-1, n: 2, ok: true } -> unknown");

	(void)state;
	assert_str(f->name, "orders.cancel");
	assert_int_equal(f->number, 3);
	assert_true(f->in_all);
	assert_int_equal(value_get(f->value, "n")->type, VALUE_INT);
	assert_true(value_bool_of(value_get(f->value, "ok")));
	assert_str(f->to, "unknown");
	assert_int_equal(read_fact("called orders.cancel")->number, -1);
	assert_int_equal(read_fact("called orders.cancel twice")->number, 2);
	assert_true(read_fact("not called orders.cancel")->negated);
}

static void value__is__what_it_looks_like(void **state)
{
	const struct value *v =
		read_fact("card { long: 576461413038785752, zero: 007, price: 29.90 USD, "
			  "list: [a b, 2], none: none, quoted: \"12, {x}\", text: it is }")
			->value;

	(void)state;
	assert_str(value_get_text(v, "long"), "576461413038785752");
	assert_str(value_get_text(v, "zero"), "007");
	assert_str(value_get_text(value_get(v, "price"), "amount"), "29.90");
	assert_int_equal(value_count(value_get(v, "list")), 2);
	assert_false(value_is_set(value_get(v, "none")));
	assert_str(value_get_text(v, "quoted"), "12, {x}");
	assert_str(value_get_text(v, "text"), "it is");
}

static void buttons__are__split_at_bars(void **state)
{
	const struct chat_fact *f = read_fact("buttons A-1001 · Blue, red | Yes | ...");

	(void)state;
	assert_int_equal(f->n_items, 2);
	assert_str(f->item[0], "A-1001 · Blue, red");
	assert_true(f->and_more);
}

static void api__takes__sequences(void **state)
{
	const struct chat_test *test = read_test("test: t\n"
						 "api: orders.cancel -> slow 12s refused shipped, "
						 "failed then ok { id: 1 }, timeout\n> hi\n");
	const struct chat_turn *api = &test->turn[0];

	(void)state;
	assert_int_equal(api->n_outcomes, 4);
	assert_int_equal(api->outcome[0].kind, CHAT_REFUSED);
	assert_int_equal(api->outcome[0].slow_ms, 12000);
	assert_str(value_get_text(api->outcome[0].value, "why"), "shipped");
	assert_int_equal(api->outcome[1].kind, CHAT_FAILED);
	assert_int_equal(value_get_int(api->outcome[2].value, "id"), 1);
	assert_int_equal(api->outcome[3].kind, CHAT_TIMEOUT);
}

static void out_of_order__takes__the_next_two_messages(void **state)
{
	const struct chat_test *test = read_test("test: t\nout of order\n> one\n> two\n> three\n");

	(void)state;
	assert_int_equal(test->n_turns, 2);
	assert_str(test->turn[0].text, "one");
	assert_str(test->turn[0].second, "two");
	assert_str(test->turn[1].text, "three");
}

static void table__fills__columns_and_leaves_other_braces(void **state)
{
	const struct chat_test *test =
		read_test("test: t\ntable:\n    | words | n |\n    a b | 7\n"
			  "    | c |  |\n> {words} {other_x} { words }\n    order = {n}\n");
	const struct value *v;

	(void)state;
	assert_int_equal(test->n_rows, 2);
	assert_str(chat_fill(arena, test->turn[0].text, test->column, 2, test->cell),
		"a b {other_x} { words }");
	v = chat_fill_value(arena, test->turn[0].fact[0].value, test->column, 2, test->cell);
	assert_int_equal(v->type, VALUE_INT);
	assert_int_equal(test->cell[3].n, 0);
	assert_true(chat_has_hole(test, S("x{n}")));
	assert_false(chat_has_hole(test, S("{m}")));
}

static void never_and_ends__are_read__anywhere(void **state)
{
	const struct chat_test *test = read_test("test: t\nnever: handoff, repair/no_match\n> hi\n"
						 "ends: cancel_order finished, turns <= 6, at a/b, "
						 "nothing open\n    intent x\nturns <= 4\n");

	(void)state;
	assert_int_equal(test->n_rules, 7);
	assert_str(test->rule[1].name, "repair/no_match");
	assert_str(test->rule[2].to, "finished");
	assert_int_equal(test->rule[3].number, 6);
	assert_int_equal(test->rule[4].kind, RULE_AT);
	assert_int_equal(test->rule[5].kind, RULE_NOTHING_OPEN);
	assert_int_equal(test->turn[0].n_facts, 1);
}

static void pattern__matches__stars_and_blanks(void **state)
{
	(void)state;
	assert_true(chat_pattern_matches(S("*A-1001*29.90*"), S("Cancel A-1001 for $29.90?")));
	assert_true(chat_pattern_matches(S("two words"), S("  two \n\t words ")));
	assert_true(chat_pattern_matches(S("a*b*c"), S("aXbXbXc")));
	assert_true(chat_pattern_matches(S("**"), S("")));
	assert_false(chat_pattern_matches(S("a*b"), S("abc")));
	assert_false(chat_pattern_matches(S("A"), S("a")));
	assert_false(chat_pattern_matches(S(""), S("x")));
	assert_false(chat_pattern_matches(S("twowords"), S("two words")));
}

static void reference__is_split__at_the_last_slash(void **state)
{
	struct str flow, step;

	(void)state;
	assert_true(chat_ref_split(S("repair/no_match/first"), &flow, &step));
	assert_str(flow, "repair/no_match");
	assert_str(step, "first");
	assert_false(chat_ref_split(S("review"), &flow, &step));
}

static void faulty_line__is_left_out__and_the_rest_is_there(void **state)
{
	const struct chat_file *file =
		read_text("test: t\n> hi\n    intnet x\n    intent y\nafter soon\n> bye\n");

	(void)state;
	assert_int_equal(diags.n_errors, 2);
	assert_int_equal(file->test[0].n_turns, 2);
	assert_int_equal(file->test[0].turn[0].n_facts, 1);
}

static void file__is_refused__when_it_is_too_large(void **state)
{
	char *text = malloc(max_chat_bytes + 2);

	(void)state;
	assert_non_null(text);
	memset(text, '#', max_chat_bytes + 1);
	text[max_chat_bytes + 1] = '\0';
	assert_finds(text, "C021");
	free(text);
}

static void line_ends__of_any_kind__make_no_difference(void **state)
{
	const struct chat_test *test = read_test("test: t\r\n> hi  \r\n\t intent x\r\n> last");

	(void)state;
	assert_str(test->turn[0].text, "hi");
	assert_str(test->turn[0].fact[0].name, "x");
	assert_str(test->turn[1].text, "last");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings__hold_for_all_tests__above_the_first),
		cmocka_unit_test(comment__begins__only_between_blanks),
		cmocka_unit_test(message__keeps__what_escapes_say),
		cmocka_unit_test(speech__is_split__into_step_and_words),
		cmocka_unit_test(facts__share_a_line__when_each_begins_with_its_word),
		cmocka_unit_test(called__takes__count_all_arguments_and_outcome),
		cmocka_unit_test(value__is__what_it_looks_like),
		cmocka_unit_test(buttons__are__split_at_bars),
		cmocka_unit_test(api__takes__sequences),
		cmocka_unit_test(out_of_order__takes__the_next_two_messages),
		cmocka_unit_test(table__fills__columns_and_leaves_other_braces),
		cmocka_unit_test(never_and_ends__are_read__anywhere),
		cmocka_unit_test(pattern__matches__stars_and_blanks),
		cmocka_unit_test(reference__is_split__at_the_last_slash),
		cmocka_unit_test(faulty_line__is_left_out__and_the_rest_is_there),
		cmocka_unit_test(file__is_refused__when_it_is_too_large),
		cmocka_unit_test(line_ends__of_any_kind__make_no_difference),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
