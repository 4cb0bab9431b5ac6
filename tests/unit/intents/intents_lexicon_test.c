/* The dictionary of ordinary words: found without being read, whatever stands where. */
#include "bot/base/digest.h"
#include "intents/lexicon.h"
#include "tests/unit/intents/pack.h"

static struct lexicon *sealed(struct arena *arena, struct str dictionary)
{
	struct lexicon *lexicon = lexicon_new(arena, 1);

	lexicon_exact_key(lexicon, S("order"));
	lexicon_prefix_key(lexicon, S("cancel"));
	lexicon_prefix_key(lexicon, S("cance"));
	lexicon_seal(lexicon, dictionary);
	return lexicon;
}

static void lexicon_ordinary__knows__whole_lines_only(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct lexicon *lexicon = sealed(arena, S("a\nbe\nbee\nbeen\nz\n"));

	(void)state;
	assert_true(lexicon_ordinary(lexicon, S("a")));
	assert_true(lexicon_ordinary(lexicon, S("be")));
	assert_true(lexicon_ordinary(lexicon, S("bee")));
	assert_true(lexicon_ordinary(lexicon, S("z")));
	assert_false(lexicon_ordinary(lexicon, S("")));
	assert_false(lexicon_ordinary(lexicon, S("b")));
	assert_false(lexicon_ordinary(lexicon, S("beeni")));
	assert_false(lexicon_ordinary(lexicon, S("zz")));
	assert_false(lexicon_ordinary(lexicon, S("\n")));
	assert_false(lexicon_ordinary(lexicon, S("0")));
	arena_free(arena);
}

static void lexicon_ordinary__knows__the_last_line__without_its_end(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	assert_true(lexicon_ordinary(sealed(arena, S("a\nb")), S("b")));
	assert_false(lexicon_ordinary(sealed(arena, S("a\nb")), S("c")));
	assert_false(lexicon_ordinary(sealed(arena, S("")), S("a")));
	assert_false(lexicon_ordinary(sealed(arena, (struct str){0}), S("a")));
	arena_free(arena);
}

static void lexicon_seal__takes_in__inflections_of_what_the_pack_names(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct lexicon *lexicon =
		sealed(arena, S("canal\ncancel\ncanceled\ncancels\ncandle\norders\n"));
	uint32_t number = lexicon_find(lexicon, S("cancels"));

	(void)state;
	assert_true(number > 0);
	assert_true(lexicon_at(lexicon, number)->flags & WORD_TARGET);
	assert_int_equal(lexicon_at(lexicon, number)->n_keys, 2);
	assert_int_equal(lexicon_find(lexicon, S("canal")), 0);
	assert_int_equal(lexicon_find(lexicon, S("orders")), 0);
	assert_int_equal(lexicon_count(lexicon), 1 + 5);    /* order, cance, cancel, -ed, -s */
	arena_free(arena);
}

static void lexicon_add__finds_all_again__past_any_room_it_began_with(void **state)
{
	enum { n = 20000 };
	struct arena *arena = arena_new(64 << 20);
	struct lexicon *lexicon = lexicon_new(arena, 1);
	char text[20];

	(void)state;
	for (uint32_t i = 1; i < n; i++) {
		snprintf(text, sizeof(text), "w%u", i);
		assert_int_equal(lexicon_add(lexicon, str_of(text)), i);
	}
	assert_int_equal(lexicon_count(lexicon), n);
	for (uint32_t i = 1; i < n; i++) {
		snprintf(text, sizeof(text), "w%u", i);
		assert_int_equal(lexicon_find(lexicon, str_of(text)), i);
		assert_true(str_is(lexicon_at(lexicon, i)->text, text));
	}
	assert_int_equal(lexicon_find(lexicon, S("w0")), 0);
	arena_free(arena);
}

/* What bot/app/embed.cmake made of the system's list. */
static void dictionary__is__in_order_and_what_its_digest_says(void **state)
{
	struct str rest = embedded_named("dictionary/en"), before = {0};
	char hex[65];
	size_t n = 0;

	(void)state;
	digest_hex(digest_of(rest), hex);
	assert_true(str_is(embedded_named("dictionary/en.sha256"), hex));
	for (; rest.n; n++) {
		struct str line = str_cut(&rest, '\n');

		assert_true(line.n > 0 && str_cmp(before, line) < 0);
		for (size_t i = 0; i < line.n; i++)
			assert_false((line.p[i] >= 'A' && line.p[i] <= 'Z') || line.p[i] == '\'');
		before = line;
	}
	assert_true(n > 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lexicon_ordinary__knows__whole_lines_only),
		cmocka_unit_test(lexicon_ordinary__knows__the_last_line__without_its_end),
		cmocka_unit_test(lexicon_seal__takes_in__inflections_of_what_the_pack_names),
		cmocka_unit_test(lexicon_add__finds_all_again__past_any_room_it_began_with),
		cmocka_unit_test(dictionary__is__in_order_and_what_its_digest_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
