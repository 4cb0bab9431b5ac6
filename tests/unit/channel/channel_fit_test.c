/* Posts cut to fit a platform. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/channel/channel_fit.h"
#include "adapters/channel/channel_text.h"
#include "bot/base/text.h"
#include "tests/unit/in_arena.h"

#define assert_str(got, wanted)                                                                    \
	do {                                                                                       \
		struct str g = (got);                                                              \
		assert_string_equal(arena_cstr(arena, g), (wanted));                               \
	} while (0)

#define family "👨‍👩‍👧‍👦"

static const struct channel_limits telegram = {
	.text = {4096, CHANNEL_UTF16}, .buttons = 100, .payload = {64, CHANNEL_BYTES}};
static const struct channel_limits whatsapp = {
	.text = {4096, CHANNEL_UTF16},
	.question_text = {1024, CHANNEL_UTF16},
	.buttons = 3,
	.list_rows = 10,
	.label = {20, CHANNEL_UTF16},
	.row_label = {24, CHANNEL_UTF16},
};

static const struct post *post_of(const char *text, const char *const *label, size_t n)
{
	struct post *post = arena_new_of(arena, struct post);
	struct value_builder body = value_build(arena), list = value_build(arena);

	value_put_text(&body, "text", str_of(text));
	for (size_t i = 0; i < n; i++) {
		struct value_builder one = value_build(arena);

		value_put_text(&one, "id", S("whatever"));
		value_put_text(&one, "label", str_of(label[i]));
		value_push(&list, value_record(&one));
	}
	if (n)
		value_put(&body, "choices", value_list(&list));
	*post = (struct post){.n = 12, .who = POST_BOT, .body = value_record(&body)};
	return post;
}

static void text_cluster__takes__what_people_see_as_one(void **state)
{
	static const struct {
		const char *text;
		size_t first;
	} row[] = {
		{"", 0},
		{"a", 1},
		{"ab", 1},
		{"e\u0301x", 3},
		{"\r\nx", 2},
		{family "x", 25},
		{"🇩🇪🇫🇷", 8},
		{"ệx", 3},
		{"각", 3},
		{"\xFFx", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(text_cluster(str_of(row[i].text)), row[i].first);
}

static void measure__counts__in_each_unit(void **state)
{
	(void)state;
	assert_int_equal(channel_measure(S("aệ" family), CHANNEL_BYTES), 29);
	assert_int_equal(channel_measure(S("aệ" family), CHANNEL_CHARACTERS), 9);
	assert_int_equal(channel_measure(S("aệ" family), CHANNEL_UTF16), 13);
	assert_int_equal(channel_measure(S("aệ" family), CHANNEL_GRAPHEMES), 3);
}

static void head__never_ends__inside_a_cluster(void **state)
{
	static const enum channel_unit unit[] = {
		CHANNEL_BYTES, CHANNEL_UTF16, CHANNEL_CHARACTERS, CHANNEL_GRAPHEMES};
	struct str text = S("Hả " family family " e\u0301🇩🇪🇫🇷 ok");

	(void)state;
	for (size_t u = 0; u < 4; u++)
		for (size_t most = 25; most < 120; most++) {
			struct str head = channel_head(text, (struct channel_limit){most, unit[u]});
			size_t at = 0;

			while (at < head.n)
				at += text_cluster(str_sub(text, at, text.n));
			assert_int_equal(at, head.n);
			assert_true(channel_measure(head, unit[u]) <= most);
		}
}

static void head__cuts_a_heap_of_marks__between_characters(void **state)
{
	char heap[1 + 2 * 3000 + 1] = "a";

	(void)state;
	for (size_t i = 1; i + 2 < sizeof(heap); i += 2)
		memcpy(heap + i, "\xCC\x81", 2);
	assert_int_equal(
		channel_head(str_of(heap), (struct channel_limit){1000, CHANNEL_BYTES}).n, 999);
}

static void cut__of_a_label__ends_with_dots_at_a_cluster(void **state)
{
	struct channel_limit label = {20, CHANNEL_GRAPHEMES};

	(void)state;
	assert_str(channel_cut(arena, S("Yes, cancel it"), label), "Yes, cancel it");
	assert_str(channel_cut(arena, S("01234567890123456789"), label), "01234567890123456789");
	assert_str(channel_cut(arena, S("012345678901234567890"), label), "0123456789012345678…");
	assert_str(channel_cut(arena, S(family family family),
			   (struct channel_limit){2, CHANNEL_GRAPHEMES}),
		family "…");
}

static void piece__prefers__sentences_to_words_and_words_to_cuts(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		const char *first, *rest;
	} row[] = {
		{"One two. Three four five", 15, "One two.", "Three four five"},
		{"One two three four five", 15, "One two three", "four five"},
		{"abcdefghijklmnopqrst", 15, "abcdefghijklmno", "pqrst"},
		{"First part.\n\nSecond. Third one", 22, "First part.", "Second. Third one"},
		{"line one\nline two is long", 15, "line one", "line two is long"},
		{"3.50 is no sentence end at", 15, "3.50 is no", "sentence end at"},
		{"可以。取消吗", 15, "可以。", "取消吗"},
		{"fits", 15, "fits", ""},
		{"  blanks  ", 15, "blanks", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct str text = str_of(row[i].text);
		struct channel_limit limit = {row[i].most, CHANNEL_BYTES};

		assert_str(channel_piece(&text, limit), row[i].first);
		assert_str(text, row[i].rest);
	}
}

/* 1001 bytes that end within a letter of three bytes. */
static void fit__of_a_text_one_byte_too_long__splits_whole_letters(void **state)
{
	static const struct channel_limits instagram = {.text = {1000, CHANNEL_BYTES}};
	char text[1002] = "";
	const struct post *m;

	(void)state;
	memset(text, 'x', 998);
	memcpy(text + 998, "ệ", 3);
	assert_int_equal(channel_fit(&instagram, post_of(text, NULL, 0), arena, &m), 2);
	assert_int_equal(value_get_text(m[0].body, "text").n, 998);
	assert_str(value_get_text(m[1].body, "text"), "ệ");
}

static void fit__loses__nothing_of_a_long_text(void **state)
{
	struct buf text, again;
	const struct post *m;
	size_t n;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_init(&again, 1 << 20);
	for (int i = 0; i < 2000; i++)
		buf_addf(&text, "%sSentence number %d ends here.", i ? " " : "", i);
	n = channel_fit(&telegram, post_of(text.p, NULL, 0), arena, &m);
	assert_true(n > 10 && n < 20);
	for (size_t i = 0; i < n; i++) {
		struct str piece = value_get_text(m[i].body, "text");

		assert_true(piece.n <= 4096 && str_ends(piece, S(".")));
		buf_addf(&again, "%s%.*s", i ? " " : "", STR(piece));
	}
	assert_true(str_eq(buf_str(&text), buf_str(&again)));
	buf_release(&text);
	buf_release(&again);
}

static void fit__of_few_choices__gives_buttons_with_handles(void **state)
{
	static const char *const label[] = {"Yes, cancel the order please", "No"};
	const struct post *m;
	const struct value *choices;

	(void)state;
	assert_int_equal(channel_fit(&whatsapp, post_of("Sure?", label, 2), arena, &m), 1);
	choices = value_get(m[0].body, "choices");
	assert_int_equal(value_count(choices), 2);
	assert_str(value_get_text(value_at(choices, 0), "id"), "12.0");
	assert_str(value_get_text(value_at(choices, 0), "label"), "Yes, cancel the ord…");
	assert_str(value_get_text(value_at(choices, 1), "id"), "12.1");
	assert_int_equal(m[0].n, 12);
}

static void fit__of_more_choices__becomes_a_list_then_numbers(void **state)
{
	static const char *const label[] = {"One", "Two", "Three", "Four", "Five", "Six", "Seven",
		"Eight", "Nine", "Ten", "Eleven"};
	const struct post *m;

	(void)state;
	assert_int_equal(channel_fit(&whatsapp, post_of("Which?", label, 10), arena, &m), 1);
	assert_int_equal(value_count(value_get(m[0].body, "choices")), 10);
	assert_int_equal(channel_fit(&whatsapp, post_of("Which?", label, 11), arena, &m), 1);
	assert_int_equal(value_count(value_get(m[0].body, "choices")), 0);
	assert_str(value_get_text(m[0].body, "text"),
		"Which?\n\n1. One\n2. Two\n3. Three\n4. Four\n5. Five\n6. Six\n7. Seven\n8. Eight\n"
		"9. Nine\n10. Ten\n11. Eleven");
}

static void fit__of_labels_that_read_the_same_when_cut__numbers_them(void **state)
{
	static const char *const label[] = {
		"Blue summer dress, size M", "Blue summer dress, size L"};
	const struct post *m;
	const struct value *choices;

	(void)state;
	assert_int_equal(channel_fit(&whatsapp, post_of("Which?", label, 2), arena, &m), 1);
	choices = value_get(m[0].body, "choices");
	assert_str(value_get_text(value_at(choices, 0), "label"), "1. Blue summer dres…");
	assert_str(value_get_text(value_at(choices, 1), "label"), "2. Blue summer dres…");
}

static void fit__puts_buttons__at_the_last_message_within_its_own_limit(void **state)
{
	static const char *const label[] = {"Yes", "No"};
	char text[1501];
	const struct post *m;

	(void)state;
	memset(text, 'x', 1500);
	text[1500] = '\0';
	text[800] = ' ';
	text[799] = '.';
	assert_int_equal(channel_fit(&whatsapp, post_of(text, label, 2), arena, &m), 2);
	assert_int_equal(value_get_text(m[0].body, "text").n, 800);
	assert_int_equal(value_count(value_get(m[0].body, "choices")), 0);
	assert_int_equal(value_count(value_get(m[1].body, "choices")), 2);
}

static void fit__shows_a_card__in_words(void **state)
{
	struct value_builder card = value_build(arena), item = value_build(arena),
			     items = value_build(arena), body = value_build(arena);
	struct post post = {.n = 3, .who = POST_BOT};
	const struct post *m;

	(void)state;
	value_put_text(&item, "title", S("Blue dress"));
	value_put_text(&item, "variant", S("M"));
	value_put(&item, "price", value_money(arena, S("29.90"), S("USD")));
	value_push(&items, value_record(&item));
	value_put_text(&card, "number", S("1002"));
	value_put_text(&card, "status_text", S("On its way"));
	value_put(&card, "items", value_list(&items));
	value_put_text(&body, "text", S("Here it is."));
	value_put(&body, "card", value_record(&card));
	post.body = value_record(&body);
	assert_int_equal(channel_fit(&telegram, &post, arena, &m), 1);
	assert_str(value_get_text(m[0].body, "text"),
		"Here it is.\n\nOrder 1002\nStatus: On its way\n• Blue dress, M, $29.90");
}

static void fit__of_the_buyers_own_words__shows_nothing(void **state)
{
	struct post post = *post_of("Hello", NULL, 0);
	const struct post *m;

	(void)state;
	post.who = POST_BUYER;
	assert_int_equal(channel_fit(&telegram, &post, arena, &m), 0);
	assert_int_equal(channel_fit(&telegram, post_of("  ", NULL, 0), arena, &m), 0);
}

static void handle__reads__only_what_we_write(void **state)
{
	static const char *const wrong[] = {"", ".", "1.", ".1", "0.1", "01.1", "1.01", "1.100",
		"1.1 ", " 1.1", "-1.1", "+1.1", "1.1.1", "4294967296.0", "99999999999999999999.0",
		"1.0x", "1,0", "１.0"};
	struct channel_handle handle = {4294967295u, 99}, read;

	(void)state;
	assert_true(channel_handle_read(channel_handle_write(arena, handle), &read));
	assert_int_equal(read.post, handle.post);
	assert_int_equal(read.choice, handle.choice);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(channel_handle_read(str_of(wrong[i]), &read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cluster__takes__what_people_see_as_one),
		cmocka_unit_test(measure__counts__in_each_unit),
		cmocka_unit_test(head__never_ends__inside_a_cluster),
		cmocka_unit_test(head__cuts_a_heap_of_marks__between_characters),
		cmocka_unit_test(cut__of_a_label__ends_with_dots_at_a_cluster),
		cmocka_unit_test(piece__prefers__sentences_to_words_and_words_to_cuts),
		cmocka_unit_test(fit__of_a_text_one_byte_too_long__splits_whole_letters),
		cmocka_unit_test(fit__loses__nothing_of_a_long_text),
		cmocka_unit_test(fit__of_few_choices__gives_buttons_with_handles),
		cmocka_unit_test(fit__of_more_choices__becomes_a_list_then_numbers),
		cmocka_unit_test(fit__of_labels_that_read_the_same_when_cut__numbers_them),
		cmocka_unit_test(fit__puts_buttons__at_the_last_message_within_its_own_limit),
		cmocka_unit_test(fit__shows_a_card__in_words),
		cmocka_unit_test(fit__of_the_buyers_own_words__shows_nothing),
		cmocka_unit_test(handle__reads__only_what_we_write),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
