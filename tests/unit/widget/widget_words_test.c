/* The server's words in the widget's languages: whole, the same as in the widget, and found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/widget/words.h"

enum { max_file_bytes = 100000 };

static struct str hole_of(const char *text)
{
	struct str rest = str_of(text);

	(void)str_cut(&rest, '{');
	return str_cut(&rest, '}');
}

static void words__are_there__in_every_language_with_their_hole(void **state)
{
	const struct words *english = words_of(S("en"));

	(void)state;
	for (size_t i = 0; i < n_words_known; i++)
		for (size_t w = 0; w < N_WORDS; w++) {
			const char *text = words_known[i]->word[w];

			if (!text || !*text)
				fail_msg("%s has no word %zu", words_known[i]->tag, w);
			if (!str_eq(hole_of(english->word[w]), hole_of(text)))
				fail_msg("%s: the hole of \"%s\"", words_known[i]->tag, text);
		}
}

/* The texts of a file of js/lang. */
static struct str read_js(const char *tag, char *bytes)
{
	char path[200];
	FILE *file;
	size_t n;

	snprintf(path, sizeof path, "%s/adapters/widget/js/lang/%s.js", SOURCE_DIR, tag);
	file = fopen(path, "rb");
	assert_non_null(file);
	n = fread(bytes, 1, max_file_bytes, file);
	fclose(file);
	return (struct str){bytes, n};
}

static void words__say__what_the_widget_says(void **state)
{
	static const struct {
		enum word word;
		const char *key;
	} shared[] = {
		{WORD_CONVERSATION, "log"},
		{WORD_WRITE, "write"},
		{WORD_SEND, "send"},
		{WORD_BUYER, "buyer"},
		{WORD_BOT, "bot"},
		{WORD_PERSON, "person"},
		{WORD_DONE, "done"},
		{WORD_NEXT, "next"},
		{WORD_ERASE, "erase"},
		{WORD_SEALED, "sealed"},
		{WORD_SURE, "sure"},
		{WORD_TOO_LONG, "long"},
		{WORD_WAITING, "is_queue"},
		{WORD_WITH_PERSON, "is_person"},
		{WORD_ORDER, "order"},
		{WORD_RETURN, "return"},
		{WORD_REFUND, "refund"},
		{WORD_TOTAL, "total"},
		{WORD_PAID_WITH, "paid_with"},
		{WORD_CREATED, "created"},
		{WORD_CARRIER, "carrier"},
		{WORD_TRACKING, "tracking"},
		{WORD_DELIVER_BY, "deliver_by"},
		{WORD_SHIP_BY, "ship_by"},
		{WORD_DELIVERED, "delivered"},
		{WORD_CANCELLED, "cancelled"},
		{WORD_REQUESTED, "requested"},
		{WORD_APPROVED, "approved"},
		{WORD_PAID, "paid"},
		{WORD_DEADLINE, "deadline"},
		{WORD_WHY, "why"},
		{WORD_LABEL, "label"},
		{WORD_ADDRESS, "address"},
	};
	char *bytes = malloc(max_file_bytes);

	(void)state;
	for (size_t i = 0; i < n_words_known; i++) {
		struct str js = read_js(words_known[i]->tag, bytes);

		for (size_t s = 0; s < sizeof shared / sizeof *shared; s++) {
			char wanted[1000];

			snprintf(wanted, sizeof wanted, "%s: \"%s\"", shared[s].key,
				words_known[i]->word[shared[s].word]);
			if (str_find(js, str_of(wanted)) < 0)
				fail_msg("not in the widget's %s: %s", words_known[i]->tag, wanted);
		}
	}
	free(bytes);
}

static void words_of__knows_the_first_part_of_a_tag(void **state)
{
	(void)state;
	assert_string_equal(words_of(S("de"))->tag, "de");
	assert_string_equal(words_of(S("de-AT"))->tag, "de");
	assert_string_equal(words_of(S("ZH-Hant"))->tag, "zh");
	assert_string_equal(words_of(S("tlh"))->tag, "en");
	assert_string_equal(words_of(S(""))->tag, "en");
	assert_true(words_are_rtl(words_of(S("he"))));
	assert_false(words_are_rtl(words_of(S("it"))));
}

static void words_asked__takes_the_best_that_there_is(void **state)
{
	static const struct {
		const char *accept, *tag;
	} ask[] = {
		{"", "en"},
		{"de", "de"},
		{"de-AT,de;q=0.9,en;q=0.8", "de"},
		{"tlh, fr;q=0.3, it;q=0.31", "it"},
		{"en;q=0.5,es", "es"},
		{"fr;q=0,en;q=0.1", "en"},
		{"*", "en"},
		{"pt-BR;q=1.000 , vi ; q=0.9", "pt"},
		{",,;;q=,th;q=x", "en"},
		{"id;q=9", "id"},
		{"nl,sv", "en"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof ask / sizeof *ask; i++)
		if (strcmp(words_asked(str_of(ask[i].accept))->tag, ask[i].tag) != 0)
			fail_msg("%s gave %s", ask[i].accept,
				words_asked(str_of(ask[i].accept))->tag);
}

static void words_with__fills_the_hole(void **state)
{
	struct arena *arena = arena_new(10000);

	(void)state;
	assert_true(
		str_is(words_with(words_of(S("en")), WORD_ORDER, S("A-1"), arena), "Order A-1"));
	assert_true(str_is(words_with(words_of(S("de")), WORD_WITH_PERSON, S("{Mai}"), arena),
		"Sie sprechen mit {Mai}"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words__are_there__in_every_language_with_their_hole),
		cmocka_unit_test(words__say__what_the_widget_says),
		cmocka_unit_test(words_of__knows_the_first_part_of_a_tag),
		cmocka_unit_test(words_asked__takes_the_best_that_there_is),
		cmocka_unit_test(words_with__fills_the_hole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
