/* How a turn looks, and how it is written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "bot/common/lines.h"
#include "bot/terminal/talk_draw.h"
#include "bot/terminal/talk_record.h"

static struct {
	char *text;
	size_t n;
	FILE *file;
} paper;

static struct view on_paper(size_t width)
{
	paper.file = open_memstream(&paper.text, &paper.n);
	assert_non_null(paper.file);
	return (struct view){paper.file, false, width};
}

static void expect_paper(const char *wanted)
{
	assert_int_equal(fclose(paper.file), 0);
	assert_string_equal(paper.text, wanted);
	free(paper.text);
}

static void draw_bubble__wraps__between_words(void **state)
{
	struct view view = on_paper(20);

	(void)state;
	draw_bubble(&view, S("one two three four five six\nseven"));
	expect_paper("bot  one two three\n     four five six\n     seven\n");
}

static void draw_bubble__cuts_words__that_are_longer_than_the_line(void **state)
{
	struct view view = on_paper(20);

	(void)state;
	draw_bubble(&view, S("https://example.org/a/very/long/link"));
	expect_paper("bot  https://example\n     .org/a/very/lon\n     g/link\n");
}

static void draw_bubble__counts_columns__not_bytes(void **state)
{
	struct view view = on_paper(20);

	(void)state;
	draw_bubble(&view, S("日本語日本語日 本語"));
	expect_paper("bot  日本語日本語日\n     本語\n");
}

static void draw_bubble__never_steers_the_terminal(void **state)
{
	struct view view = on_paper(40);

	(void)state;
	draw_bubble(&view, S("a\033[2Jb\007c\302\233d\342\200\256e\177\377"));
	expect_paper("bot  a [2Jb c d e \377\n");
}

static void draw_bubble__takes__an_empty_text(void **state)
{
	struct view view = on_paper(40);

	(void)state;
	draw_bubble(&view, S(""));
	expect_paper("bot  \n");
}

static void draw_turn__numbers_choices__and_gives_the_last_ones(void **state)
{
	struct view view = on_paper(40);
	const struct choice first[] = {{S("x"), S("X")}},
			    last[] = {{S("a"), S("Apple")}, {S("b"), S("Pear")}};
	const struct effect effect[] = {
		{.kind = EFFECT_SAY, .say = {.text = S("one"), .choice = first, .n_choices = 1}},
		{.kind = EFFECT_SAY, .say = {.text = S("two"), .choice = last, .n_choices = 2}},
		{.kind = EFFECT_SAY, .say = {.text = S("three")}},
	};
	const struct host_turn turn = {.effect = effect, .n_effects = 3};
	const struct choice *choice;
	size_t n;

	(void)state;
	assert_true(draw_turn(&view, &turn, &choice, &n));
	expect_paper("bot  one\n     1. X\nbot  two\n     1. Apple\n     2. Pear\nbot  three\n");
	assert_ptr_equal(choice, last);
	assert_int_equal(n, 2);
}

static void draw_card__shows_an_order__as_a_table(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct value_builder item = value_build(arena), items = value_build(arena),
			     card = value_build(arena);
	struct view view = on_paper(60);

	(void)state;
	value_put_text(&item, "title", S("Blue dress"));
	value_put_text(&item, "variant", S("M"));
	value_put_int(&item, "quantity", 2);
	value_put(&item, "price", value_money(arena, S("14.95"), S("USD")));
	value_push(&items, value_record(&item));
	value_put_text(&card, "number", S("A-1"));
	value_put(&card, "items", value_list(&items));
	value_put_text(&card, "status", S("DELIVERED"));
	value_put_text(&card, "status_text", S("delivered"));
	value_put(&card, "total", value_money(arena, S("29.90"), S("USD")));
	value_put_int(&card, "created", 1740823200);
	draw_card(&view, value_record(&card));
	expect_paper("     ╭ Order A-1 ────────────────────────╮\n"
		     "     │ Item     Blue dress, M ×2, $14.95 │\n"
		     "     │ Status   delivered                │\n"
		     "     │ Total    $29.90                   │\n"
		     "     │ Ordered  1 March 2025             │\n"
		     "     ╰───────────────────────────────────╯\n");
	arena_free(arena);
}

/* --- written down --- */

static void read_file(const char *path, char *text, size_t n)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text[fread(text, 1, n - 1, file)] = '\0';
	fclose(file);
}

static void record_save__writes_a_test__and_never_over_a_file(void **state)
{
	const struct effect effect[] = {
		{.kind = EFFECT_SAY, .flow = S("f"), .step = S("a")},
		{.kind = EFFECT_SAY, .flow = S("f"), .step = S("a")},
		{.kind = EFFECT_SAY, .flow = S("repair/x"), .step = S("b")},
	};
	const struct host_turn turn = {.effect = effect, .n_effects = 3}, silent = {0};
	char folder[] = "/tmp/tenstep-record-XXXXXX", path[64], text[1000];
	struct record record;
	struct buf error;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/too_late.chat", folder);
	record_init(&record);
	record_begin(&record, "buyer-open", NULL, 1740823200000, "a remark");
	record_event(
		&record, &(struct event){.kind = EVENT_TEXT, .text = S("#1 \n a # b\033")}, &turn);
	record_event(&record, &(struct event){.kind = EVENT_PRESS, .text = S("yes")}, &silent);
	record_drop(&record, 1);
	record_after(&record, 7200000, &silent);
	buf_init(&error, 400);
	assert_true(record_save(&record, path, &error));
	read_file(path, text, sizeof text);
	assert_string_equal(text,
		"test: too late\n# a remark\nnow: 2025-03-01 10:00\nbuyer: buyer-open, verified\n\n"
		"> \\#1 \\n a \\# b\\x1b\n< f/a\n< repair/x/b\n\nafter 2h\n\n");
	assert_false(record_save(&record, path, &error));
	assert_non_null(strstr(error.p, "File exists"));
	buf_release(&error);
	record_release(&record);
	unlink(path);
	rmdir(folder);
}

static void line_read__gives_whole_lines__whatever_they_hold(void **state)
{
	static const char bytes[] = "one\r\n\na\0b\n12345678901234567890\nlast";
	FILE *file = fmemopen((void *)(uintptr_t)bytes, sizeof bytes - 1, "r");
	struct buf line;

	(void)state;
	assert_non_null(file);
	buf_init(&line, 10);
	assert_true(line_read(file, &line));
	assert_true(str_is(buf_str(&line), "one"));
	assert_true(line_read(file, &line));
	assert_int_equal(line.n, 0);
	assert_true(line_read(file, &line));
	assert_int_equal(line.n, 3);
	assert_true(line_read(file, &line));
	assert_true(line.over);
	assert_true(str_is(buf_str(&line), "1234567890"));
	assert_true(line_read(file, &line));
	assert_false(line.over);
	assert_true(str_is(buf_str(&line), "last"));
	assert_false(line_read(file, &line));
	buf_release(&line);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draw_bubble__wraps__between_words),
		cmocka_unit_test(draw_bubble__cuts_words__that_are_longer_than_the_line),
		cmocka_unit_test(draw_bubble__counts_columns__not_bytes),
		cmocka_unit_test(draw_bubble__never_steers_the_terminal),
		cmocka_unit_test(draw_bubble__takes__an_empty_text),
		cmocka_unit_test(draw_turn__numbers_choices__and_gives_the_last_ones),
		cmocka_unit_test(draw_card__shows_an_order__as_a_table),
		cmocka_unit_test(record_save__writes_a_test__and_never_over_a_file),
		cmocka_unit_test(line_read__gives_whole_lines__whatever_they_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
