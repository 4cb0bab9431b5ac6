/* Settings of a conversation test as they are written: shop, buyer, time, and what it is repeated
 * for. */
#include <string.h>

#include "bot/base/date.h"
#include "bot/chats/chat_reader.h"

static struct chat_test *settings(struct chat_reader *reader)
{
	return reader->in_test ? &reader->now.test : &reader->defaults;
}

void chat_read_tags(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_test *test = settings(reader);
	struct str *tag = NULL;

	(void)keyword;
	test->n_tags = 0;
	while (!scan_at_end(scan)) {
		struct str word = scan_word(scan);

		if (word.n) {
			tag = arena_grow(reader->arena, tag, test->n_tags, struct str);
			tag[test->n_tags++] = word;
		} else {
			scan->pos++;
		}
	}
	test->tag = tag;
}

void chat_read_shop(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	(void)keyword;
	settings(reader)->shop_at = chat_line_at(scan);
	settings(reader)->shop = str_trim(scan_rest(scan));
}

void chat_read_buyer(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_test *test = settings(reader);
	struct chat_turn turn = {.what = CHAT_BUYER, .at = chat_line_at(scan)};
	bool verified = false;

	turn.name = scan_word(scan);
	turn.at.length = turn.name.n;
	if (scan_take(scan, ","))
		verified = scan_take(scan, "verified");
	if (!scan_at_end(scan) || !turn.name.n) {
		chat_bad_shape(keyword, scan);
	} else if (reader->in_test && reader->now.acted) {
		chat_add_turn(reader, turn);
	} else {
		test->buyer = turn.name;
		test->buyer_at = turn.at;
		test->verified = verified;
	}
}

void chat_read_now(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct str word = str_trim(scan_rest(scan));

	(void)keyword;
	if (!date_parse(word, &settings(reader)->now))
		scan_error(scan, "C005", scan->pos, word.n, S("write it like 2025-03-01 10:00"),
			"'%.*s' is not a date with a time", STR(word));
}

void chat_read_language(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	(void)keyword;
	settings(reader)->language_at = chat_line_at(scan);
	settings(reader)->language = str_trim(scan_rest(scan));
}

void chat_read_channel(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	(void)keyword;
	settings(reader)->channel = str_trim(scan_rest(scan));
}

static bool repeat(struct chat_reader *reader, struct chat_scan *scan, enum chat_each each)
{
	struct chat_test *test = &reader->now.test;

	if (test->each != EACH_ONCE) {
		scan_error(scan, "C015", scan->pos,
			scan->end > scan->pos ? scan->end - scan->pos : 1,
			S("make two tests of it"), "the test is repeated twice over");
		return false;
	}
	test->each = each;
	test->each_at = chat_line_at(scan);
	return true;
}

void chat_read_table(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	size_t n = strlen(keyword->word) + 1;

	reader->in_table = true;
	reader->bad_table = !repeat(reader, scan, EACH_ROW);
	if (!reader->bad_table)
		reader->now.test.each_at =
			(struct chat_at){scan->pos < n ? 0 : scan->pos - n, n - 1};
}

/* for each phrase in examples of X;  for each phrase, wanted in counter_examples of X */
void chat_read_each(
	struct chat_reader *reader, const struct chat_keyword *keyword, struct chat_scan *scan)
{
	struct chat_test *test = &reader->now.test;
	struct str *column = arena_array(reader->arena, struct str, 2);
	size_t begin = scan->pos, n = 1;
	bool counter = false;

	column[0] = scan_word(scan);
	if (scan_take(scan, ",")) {
		column[1] = scan_word(scan);
		n = 2;
	}
	if (scan_take(scan, "in")) {
		counter = scan_take(scan, "counter_examples");
		if ((counter || scan_take(scan, "examples")) && scan_take(scan, "of") &&
			scan_is_name(column[0]) && (n == 1 || scan_is_name(column[1]))) {
			struct str intent = scan_word(scan);
			struct chat_at at = {(size_t)(intent.p - reader->source->text.p), intent.n};

			if (intent.n && scan_at_end(scan) && (counter || n == 1)) {
				if (!repeat(reader, scan,
					    counter ? EACH_COUNTER_EXAMPLE : EACH_EXAMPLE))
					return;
				test->each_of = intent;
				test->each_at = at;
				test->column = column;
				test->n_columns = n;
				return;
			}
		}
	}
	if (!scan->failed)
		scan_error(scan, "C015", begin, scan->end - begin, str_of(keyword->shape),
			"'for each' is not written like this");
}

static size_t count_cells(struct str line)
{
	size_t n = 1;

	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '|';
	return n;
}

void chat_read_row(struct chat_reader *reader, struct chat_scan *scan)
{
	struct chat_builder *b = &reader->now;
	struct str line = str_trim(scan_rest(scan));
	struct chat_at at = {(size_t)(line.p - scan->source->text.p), line.n};
	bool head = !b->test.n_columns;
	size_t n;

	if (reader->bad_table)
		return;
	if (str_starts(line, S("|")))
		line = str_sub(line, 1, line.n - 1);
	if (str_ends(line, S("|")))
		line.n--;
	n = count_cells(line);
	if (!head && n != b->test.n_columns) {
		scan_error(scan, "C013", at.offset, at.length,
			S("every row has as many cells as the first one has columns"),
			"%zu cell%s in a table of %zu column%s", n, n == 1 ? "" : "s",
			b->test.n_columns, b->test.n_columns == 1 ? "" : "s");
		reader->bad_table = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str cell = str_trim(str_cut(&line, '|'));
		size_t all = head ? i : b->test.n_rows * b->test.n_columns + i;

		if (head && !scan_is_name(cell)) {
			scan_error(scan, "C013", at.offset, at.length,
				S("a column is named by letters, digits and '_'"),
				"'%.*s' cannot name a column", STR(cell));
			b->test.n_columns = 0;
			reader->bad_table = true;
			return;
		}
		if (head) {
			b->column = arena_grow(reader->arena, b->column, all, struct str);
			b->column[all] = cell;
		} else {
			b->cell = arena_grow(reader->arena, b->cell, all, struct str);
			b->cell[all] = scan_unescape(reader->arena, cell);
		}
	}
	if (head)
		b->test.n_columns = n;
	else
		b->test.n_rows++;
	b->test.column = b->column;
}
