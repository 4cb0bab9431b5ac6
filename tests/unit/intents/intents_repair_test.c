/* Typing errors: what is mended and what is left alone. */
#include "intents/repair.h"
#include "tests/unit/intents/pack.h"

struct bench {
	struct arena *arena;
	struct lexicon *lexicon;
	struct repair *repair;
};

static int setup(void **state)
{
	static const char *const target[] = {"cancel", "order", "refund", "return", "delivery",
		"tracking", "address", "change", "charge", "late", "want", "business"};
	struct arena *arena = arena_new(1 << 20);
	struct lexicon *lexicon = lexicon_new(arena, 1);
	struct bench *bench;

	for (size_t i = 0; i < sizeof(target) / sizeof(*target); i++)
		lexicon_exact_key(lexicon, str_of(target[i]));
	lexicon_prefix_key(lexicon, S("track"));
	lexicon_seal(lexicon, S("cancun\ntracked\ntracker\n"));
	bench = arena_new_of(arena, struct bench);
	*bench = (struct bench){arena, lexicon, repair_new(lexicon, arena)};
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	arena_free(((struct bench *)*state)->arena);
	return 0;
}

static void check(void **state, const char *typed, const char *wanted)
{
	struct bench *bench = *state;
	uint32_t word = repair_word(bench->repair, str_of(typed));
	struct str got = word ? lexicon_at(bench->lexicon, word)->text : S("");

	if (!str_is(got, wanted))
		fail_msg("'%s': wanted '%s', got '%.*s'", typed, wanted, STR(got));
}

static void repair__mends__one_edit_from_five_letters_on(void **state)
{
	check(state, "cacel", "cancel");
	check(state, "cancle", "cancel");
	check(state, "refumd", "refund");
	check(state, "ordder", "order");
	check(state, "adress", "address");
	check(state, "trackde", "tracked");     /* an ordinary word that begins like track* */
}

static void repair__mends__two_edits_in_long_words(void **state)
{
	check(state, "delliverey", "delivery");
	check(state, "buisnes", "business");
	check(state, "ordxxr", "");
	check(state, "xeturm", "");             /* two edits, one of them the first letter */
}

static void repair__leaves__a_toss_up(void **state)
{
	check(state, "chabge", "");             /* change, charge */
}

static void repair__mends__four_letters_only_where_it_is_plain(void **state)
{
	check(state, "wnat", "want");
	check(state, "ordr", "order");
	check(state, "lste", "late");
	check(state, "date", "");               /* another first letter */
	check(state, "wat", "");
}

static void repair__bears__any_word(void **state)
{
	check(state, "", "");
	check(state, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "");
	check(state, "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA9", "");
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(repair__mends__one_edit_from_five_letters_on),
		T(repair__mends__two_edits_in_long_words),
		T(repair__leaves__a_toss_up),
		T(repair__mends__four_letters_only_where_it_is_plain),
		T(repair__bears__any_word),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
