/* Unicode: validity, width, clipping, normalising and its maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/text.h"
#include "tests/unit/in_arena.h"

static void assert_str(struct str s, const char *expected)
{
	if (!str_is(s, expected))
		fail_msg("'%.*s' is not '%s'", STR(s), expected);
}

static void text_valid_up_to__finds__first_broken_byte(void **state)
{
	static const struct {
		struct str text;
		size_t valid;
	} row[] = {
		{S(""), 0}, {S("abcdefgh12345678"), 16}, {S("é€😀"), 9}, {S("\0x"), 2},
		{S("abcdefghij\xFFklmnopqrst"), 10}, {S("\x80"), 0}, {S("ab\xC3"), 2},
		{S("ab\xC3x"), 2}, {S("\xC0\x80"), 0}, {S("\xE0\x9F\xBF"), 0},
		{S("\xE0\xA0\x80"), 3},
		{S("\xED\x9F\xBF"), 3}, {S("\xED\xA0\x80"), 0}, {S("\xEF\xBF\xBF"), 3},
		{S("\xF0\x8F\xBF\xBF"), 0}, {S("\xF0\x90\x80\x80"), 4}, {S("\xF4\x8F\xBF\xBF"), 4},
		{S("\xF4\x90\x80\x80"), 0}, {S("\xF8\x88\x80\x80\x80"), 0}, {S("é\xE2\x82"), 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(text_valid_up_to(row[i].text), row[i].valid);
}

/* It is looked at eight bytes at a time. */
static void text_valid_up_to__finds__what_is_broken_in_every_place(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 26; n++)
		for (size_t at = 0; at < n; at++) {
			char text[27] = "abcdefghijklmnopqrstuvwxyz";

			text[at] = '\xC3'; /* begins a character that has two bytes */
			assert_int_equal(text_valid_up_to((struct str){text, n}), at);
			if (at + 1 == n)
				continue;
			text[at + 1] = '\xA9';
			assert_int_equal(text_valid_up_to((struct str){text, n}), n);
		}
}

static void text_width__counts__columns(void **state)
{
	(void)state;
	assert_int_equal(text_width(S("")), 0);
	assert_int_equal(text_width(S("hello, long ASCII line")), 22);
	assert_int_equal(text_width(S("日本")), 4);
	assert_int_equal(text_width(S("é")), 1);
	assert_int_equal(text_width(S("e\u0301")), 1);
	assert_int_equal(text_width(S("a\tb\x7F")), 4);
	assert_int_equal(text_width(S("\xC2\x85")), 1);
	assert_int_equal(text_width(S("a\xFF" "b")), 3);
	assert_int_equal(text_width(S("😀")), 2);
	assert_int_equal(text_width(S("a\u200B")), 1);
}

static void text_length__counts__characters(void **state)
{
	(void)state;
	assert_int_equal(text_length(S("")), 0);
	assert_int_equal(text_length(S("aé日😀b")), 5);
	assert_int_equal(text_length(S("\xFF\xFE" "a")), 3);
	assert_true(text_is_ascii(S("abcdefghi\x7F")) && text_is_ascii(S("")));
	assert_false(text_is_ascii(S("abcdefgh\x80")) || text_is_ascii(S("\xC3\xA9" "bcdefghij")));
}

static void text_clip__never_cuts__a_character(void **state)
{
	static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

	(void)state;
	for (size_t max = 0; max < sizeof(expected) / sizeof(*expected); max++)
		assert_int_equal(text_clip(S("aé日😀"), max).n, expected[max]);
}

static void text_repaired__replaces__each_broken_byte(void **state)
{
	(void)state;
	assert_str(text_repaired(arena, S("a\xFF\xE2\x82z\xC3\xA9")), "a\uFFFD\uFFFD\uFFFDzé");
	assert_str(text_repaired(arena, S("fine é")), "fine é");
	assert_int_equal(text_repaired(arena, S("")).n, 0);
}

static void text_decode__agrees__with_text_encode(void **state)
{
	char bytes[4];
	size_t n, length;

	(void)state;
	for (int32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 37) {
		if (c >= 0xD800 && c < 0xE000)
			continue;
		n = text_encode(c, bytes);
		assert_int_equal(text_decode((struct str){bytes, n}, &length), c);
		assert_int_equal(length, n);
	}
	assert_int_equal(text_decode(S("\xC3"), &length), 0xFFFD);
	assert_int_equal(length, 1);
}

static void text_is__knows__letters_digits_blanks(void **state)
{
	(void)state;
	assert_true(text_is_letter('a') && text_is_letter('Z') && text_is_letter(0xE9));
	assert_true(text_is_letter(0x65E5) && text_is_letter(0x301));
	assert_false(text_is_letter('1') || text_is_letter('@') || text_is_letter('[')
		|| text_is_letter('`') || text_is_letter('{') || text_is_letter(0x1F600));
	assert_true(text_is_digit('0') && text_is_digit('9') && text_is_digit(0x0663));
	assert_false(text_is_digit('/') || text_is_digit(':') || text_is_digit(0xB2));
	assert_true(text_is_blank(' ') && text_is_blank('\t') && text_is_blank('\n')
		&& text_is_blank(0xA0) && text_is_blank(0x3000) && text_is_blank(0x2028));
	assert_false(text_is_blank('a') || text_is_blank(0) || text_is_blank(0x200B));
}

/* Expected: NFKC_Casefold after our own replacements, computed with another implementation. */
static void text_normalise__folds__what_people_type(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{"", ""}, {"Where IS my Order??", "where is my order??"},
		{"@[\\]^_`{|}~ AZaz", "@[\\]^_'{|}~ azaz"},
		{"a\tb\nc\x01" "d\x7F", "a b\nc d "}, {"I\u2019m \u201Cok\u201D", "i'm \"ok\""},
		{"a\u2013b\u2014c\u2212d", "a-b-c-d"}, {"wait\u2026", "wait."},
		{"CAFÉ", "café"}, {"CAFE\u0301", "café"}, {"Straße", "strasse"},
		{"𝓬𝓪𝓷𝓬𝓮𝓵 𝕄𝕐", "cancel my"}, {"ＣＡＮＣＥＬ　１２", "cancel 12"},
		{"can\u200Bcel\u200D", "cancel"}, {"\u202Eabc\u202C", "abc"}, {"\uFEFFhi", "hi"},
		{"e\u200B\u0301", "é"}, {"re\u00ADturn", "return"}, {"a\u0302\u0323", "ậ"},
		{"a\u0323\u0302", "ậ"}, {"ﬁne", "fine"}, {"①②", "12"}, {"½", "1\u20442"},
		{"ΣΊΣΥΦΟΣ", "σίσυφοσ"}, {"ſ", "s"}, {"K", "k"}, {"İ", "i\u0307"},
		{"\u1112\u1161\u11AB", "한"}, {"ㅎㅏㄴ", "하ᄂ"}, {"ㅎㅏㄳ", "핛"}, {"ㅋㅋㅋ", "ᄏᄏᄏ"},
		{"한글", "한글"},
		{"가\u11A8", "각"}, {"ﾡￂ", "가"}, {"ｶﾞﾊﾟ", "ガパ"}, {"か\u3099", "が"},
		{"❤\uFE0F", "❤"}, {"👍🏿", "👍🏿"}, {"ยกเลิก", "ยกเลิก"}, {"रद्द", "रद्द"},
		{"\u0301x", "\u0301x"}, {"№ 5™", "no 5tm"}, {"\u00A0", " "}, {"\xC2\x85", " "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct mapped_text m = text_normalise(arena, str_of(row[i].in));

		assert_str(m.text, row[i].out);
		assert_int_equal(m.text.p[m.text.n], 0);
		assert_int_equal(m.from[m.text.n], strlen(row[i].in));
	}
}

static void text_normalise__agrees__on_ascii_wherever_it_stands(void **state)
{
	char text[40], expected[40];

	(void)state;
	for (int c = 0; c < 0x80; c++)
		for (size_t at = 0; at < 19; at++) {
			struct mapped_text m;
			char folded = (char)c;

			if (c >= 'A' && c <= 'Z')
				folded = (char)(c + 32);
			else if (c == '`')
				folded = '\'';
			else if ((c < 0x20 && c != '\n') || c == 0x7F)
				folded = ' ';
			memset(text, 'Q', 19);
			memset(expected, 'q', 19);
			text[at] = (char)c;
			expected[at] = folded;
			m = text_normalise(arena, (struct str){text, 19});
			assert_int_equal(m.text.n, 19);
			assert_memory_equal(m.text.p, expected, 19);
			for (size_t i = 0; i <= 19; i++)
				assert_int_equal(m.from[i], i);
		}
}

static void assert_map(struct mapped_text m, const uint32_t *from, size_t n)
{
	assert_int_equal(m.text.n + 1, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(m.from[i], from[i]);
}

static void text_normalise__maps__back_to_the_original(void **state)
{
	static const uint32_t plain[] = {0, 1, 2, 3}, wide[] = {0, 3, 6},
		composed[] = {0, 1, 1, 4, 5}, longer[] = {0, 0, 2, 3}, nothing[] = {3};

	(void)state;
	assert_map(text_normalise(arena, S("ABC")), plain, 4);
	assert_map(text_normalise(arena, S("ＡＢ")), wide, 3);
	assert_map(text_normalise(arena, S("ab\u200Bcd")), (const uint32_t[]){0, 1, 5, 6, 7}, 5);
	assert_map(text_normalise(arena, S("a\u200B" "e" "b")), (const uint32_t[]){0, 4, 5, 6}, 4);
	assert_map(text_normalise(arena, S("xe\u0301y")), composed, 5);
	assert_map(text_normalise(arena, S("ßx")), longer, 4);
	assert_map(text_normalise(arena, S("\uFEFF")), nothing, 1);
}

static void text_normalise__bounds__a_heap_of_marks(void **state)
{
	char text[3001] = "h";

	(void)state;
	for (size_t i = 0; i < 1500; i++)
		memcpy(text + 1 + 2 * i, "\u0335", 2);
	assert_true(text_normalise(arena, (struct str){text, 3001}).text.n < 130);
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 3 * i, "ㅠ", 3);
	assert_int_equal(text_normalise(arena, (struct str){text, 3000}).text.n, 3000);
}

static void text_normalise__grows__with_long_compatibility_forms(void **state)
{
	char text[300];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		memcpy(text + 3 * i, "\uFDFA", 3);
	assert_int_equal(text_normalise(arena, (struct str){text, 300}).text.n, 3300);
}

static void text_unaccented__drops__marks_only(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{"", ""}, {"plain text", "plain text"}, {"café crème", "cafe creme"}, {"ậ", "a"},
		{"한글", "한글"}, {"ガパ", "カハ"}, {"straße", "straße"}, {"ø", "ø"}, {"\u0301", ""},
		{"日本 é", "日本 e"}, {"й", "и"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_str(text_unaccented(arena, str_of(row[i].in)).text, row[i].out);
	assert_map(text_unaccented(arena, S("aéb")), (const uint32_t[]){0, 1, 3, 4}, 4);
}

static void text_digits__keeps__digits_of_ascii_only(void **state)
{
	(void)state;
	assert_str(text_digits(arena, S("+1 (415) 555-0142")), "14155550142");
	assert_str(text_digits(arena, S("\u0663 none")), "");
	assert_str(text_digits(arena, S("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_valid_up_to__finds__first_broken_byte),
		cmocka_unit_test(text_valid_up_to__finds__what_is_broken_in_every_place),
		cmocka_unit_test(text_width__counts__columns),
		cmocka_unit_test(text_length__counts__characters),
		cmocka_unit_test(text_clip__never_cuts__a_character),
		cmocka_unit_test(text_repaired__replaces__each_broken_byte),
		cmocka_unit_test(text_decode__agrees__with_text_encode),
		cmocka_unit_test(text_is__knows__letters_digits_blanks),
		cmocka_unit_test(text_normalise__folds__what_people_type),
		cmocka_unit_test(text_normalise__agrees__on_ascii_wherever_it_stands),
		cmocka_unit_test(text_normalise__maps__back_to_the_original),
		cmocka_unit_test(text_normalise__bounds__a_heap_of_marks),
		cmocka_unit_test(text_normalise__grows__with_long_compatibility_forms),
		cmocka_unit_test(text_unaccented__drops__marks_only),
		cmocka_unit_test(text_digits__keeps__digits_of_ascii_only),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
