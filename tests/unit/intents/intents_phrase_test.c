/* The phrase notation: what it compiles to, what it refuses, how strong a phrase is. */
#include "intents/message.h"
#include "tests/unit/intents/pack.h"

struct bench {
	struct arena *arena;
	struct lexicon *lexicon;
	const struct node *colours;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct phrase_error error;
	const struct node **kid;

	b->arena = arena_new(1 << 20);
	b->lexicon = lexicon_new(b->arena, 16);
	kid = arena_array(b->arena, const struct node *, 2);
	assert_true(phrase_parse_words(S("red"), b->lexicon, b->arena, &kid[0], &error));
	assert_true(phrase_parse_words(S("dark blue*"), b->lexicon, b->arena, &kid[1], &error));
	b->colours = phrase_choice(b->arena, kid, 2, 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	arena_free(b->arena);
	free(b);
	return 0;
}

static const struct node *colours(void *to, struct str name)
{
	return str_is(name, "colour") ? ((struct bench *)to)->colours : NULL;
}

static bool parse(struct bench *b, const char *text, struct phrase_tree *tree,
	struct phrase_error *error)
{
	struct phrase_names names = {colours, colours, entity_type_of, b};

	return phrase_parse(str_of(text), &names, b->lexicon, b->arena, tree, error);
}

static void phrase__compiles__to_an_expression(void **state)
{
	static const char *const row[][2] = {
		{"cancel", " cancel(?= )"},
		{"  cancel   it ", " cancel it(?= )"},
		{"cancel*", " cancel[^ ]*+(?= )"},
		{"a .. b", " a(?: [^ ]++){0,2}? b(?= )"},
		{"a ... b", " a(?: [^ ]++){0,5}? b(?= )"},
		{"a .... b", " a(?: [^ ]++)*? b(?= )"},
		{"(a|b c) d", "(?: a| b c) d(?= )"},
		{"a [my|the] b", " a(?: my| the)? b(?= )"},
		{"@colour", "(?: red| dark blue[^ ]*+)(?= )"},
		{"<colour> it", "(?: red| dark blue[^ ]*+) it(?= )"},
		{"= yes please =", "\\A yes please(?= ) \\z"},
		{"a+b :x:", " a\\+b \\:x\\:(?= )"},
		{"no {order}", "(?J) no(?<order>(?: [^ ]++){1,5}?)(?C1)(?= )"},
		{"{order:which}", "(?J)(?<which>(?: [^ ]++){1,5}?)(?C1)(?= )"},
		{"((a|b)|[c] d)", "(?:(?: a| b)|(?: c)? d)(?= )"},
		/* many are parted by their first characters, if all begin with a word */
		{"(be|at so|be it|in*|ich|a|bin [so]|\xC3\xA4hm|\xC3\xA4|+)",
			"(?: (?:b(?:e|e it|in(?: so)?)|a(?:t so|)|i(?:n[^ "
			"]*+|ch)|\xC3\xA4(?:hm|)|\\+(?:)))(?= )"},
		{"(a|b|c|d|e|f|g|[h] i)", "(?: a| b| c| d| e| f| g|(?: h)? i)(?= )"},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct phrase_tree tree;
		struct phrase_error error;
		struct buf out;

		buf_init(&out, 1000);
		assert_true(parse(*state, row[i][0], &tree, &error));
		phrase_expression(&tree, &out);
		assert_string_equal(out.p, row[i][1]);
		buf_release(&out);
	}
}

static void phrase__points_at__what_is_wrong(void **state)
{
	static const struct {
		const char *text, *code;
		size_t offset;
	} row[] = {
		{"", "I006", 0}, {"   ", "I006", 0}, {"(a|b", "I006", 0}, {"a (b|) c", "I006", 2},
		{"a ()", "I006", 2}, {"a )", "I006", 2}, {"a|b", "I006", 1}, {"a . b", "I006", 2},
		{"a ..... b", "I006", 2}, {"= yes", "I006", 0}, {"yes =", "I006", 4},
		{"*cancel", "I006", 0}, {"@order", "I007", 0}, {"say @nothing", "I007", 4},
		{"<nothing>", "I009", 0}, {"a <colour", "I006", 2}, {"{nothing}", "I008", 1},
		{"a {order", "I006", 2}, {"a {}", "I006", 2}, {"[a", "I006", 0}, {"@colour*", "I006", 7},
		{"((((((((((a))))))))))", "I006", 8},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct phrase_tree tree;
		struct phrase_error error;

		if (parse(*state, row[i].text, &tree, &error))
			fail_msg("'%s' is no phrase", row[i].text);
		if (strcmp(error.code, row[i].code) != 0 || error.offset != row[i].offset)
			fail_msg("'%s': wanted %s at %zu, got %s at %zu", row[i].text, row[i].code,
				row[i].offset, error.code, error.offset);
		assert_true(error.offset + error.length <= strlen(row[i].text) + 20);
	}
}

static void phrase__is_refused__when_it_is_huge(void **state)
{
	struct phrase_tree tree;
	struct phrase_error error;
	char text[3000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_false(parse(*state, text, &tree, &error));
	text[max_phrase_word + 1] = 0;
	assert_false(parse(*state, text, &tree, &error));
	text[max_phrase_word] = 0;
	assert_true(parse(*state, text, &tree, &error));
}

static void strength__follows__from_words_of_content(void **state)
{
	static const struct {
		const char *text;
		enum strength strength;
	} row[] = {
		{"refund", STRENGTH_WEAK}, {"refund*", STRENGTH_WEAK}, {"(refund|cancel)", STRENGTH_WEAK},
		{"cancel it", STRENGTH_NORMAL}, {"cancel (it|this)", STRENGTH_NORMAL},
		{"cancel ... order", STRENGTH_STRONG}, {"cancel [my] order", STRENGTH_STRONG},
		{"cancel (order|it)", STRENGTH_NORMAL}, {"(cancel order|stop parcel)", STRENGTH_STRONG},
		{"= it =", STRENGTH_WHOLE}, {"{order_number} late", STRENGTH_STRONG},
	};
	struct pack *pack = pack_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct phrase_names names = {NULL, NULL, entity_type_of, NULL};
		struct phrase_tree tree;
		struct phrase_error error;

		assert_true(phrase_parse(str_of(row[i].text), &names, pack->set->lexicon,
			pack->set->arena, &tree, &error));
		assert_int_equal(phrase_strength(pack->set, &tree), row[i].strength);
	}
	pack_free(pack);
}

/* What a name stands for counts, however often it is named. */
static void strength__of_what_is_named__is_its_poorest_alternative(void **state)
{
	struct pack *pack = pack_new("[{\"list\": \"things\", \"about\": \"\", \"words\": "
				     "[\"refund\", \"parcel post\"]},"
				     "{\"list\": \"empty\", \"about\": \"\", \"words\": [\"it\", \"refund\"]},"
				     "{\"part\": \"want\", \"about\": \"\", \"phrases\": [\"cancel order\", "
				     "\"stop @things parcel\"]},"
				     "{\"intent\": \"a\", \"about\": \"a\", \"phrases\": [\"@things\", \"@things now\","
				     "\"@things @things\", \"@empty @things\", \"<want>\", \"[<want>] it\", "
				     "\"(<want>|it)\", \"<want>\"]}]");
	static const enum strength wanted[] = {STRENGTH_WEAK, STRENGTH_NORMAL, STRENGTH_STRONG,
		STRENGTH_NORMAL, STRENGTH_STRONG, STRENGTH_WEAK, STRENGTH_WEAK, STRENGTH_STRONG};

	(void)state;
	assert_int_equal(pack->set->n_phrases, sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < pack->set->n_phrases; i++)
		assert_int_equal(pack->set->phrase[i].strength, wanted[i]);
	pack_free(pack);
}

/* Of a choice each alternative, once; of a row the rarest. */
static void needs__of_a_choice__are_each_key_once(void **state)
{
	struct pack *pack = pack_new("[{\"list\": \"things\", \"about\": \"\", \"words\": "
				     "[\"zebra\", \"yak\", \"zebra\"]},"
				     "{\"intent\": \"a\", \"about\": \"a\", \"phrases\": ["
				     "\"(@things|(yak|(zebra|gnu))|yak)\", \"@things\", \"gnu [@things]\","
				     "\"([gnu]|yak) zebra\"]}]");
	static const size_t n_triggers[] = {3, 2, 1, 1};
	const struct phrase *phrase = pack->set->phrase;

	(void)state;
	for (size_t i = 0; i < sizeof(n_triggers) / sizeof(*n_triggers); i++) {
		uint64_t mask = 0;

		assert_int_equal(phrase[i].n_triggers, n_triggers[i]);
		assert_int_equal(phrase[i].n_needs, 1);
		assert_int_equal(phrase[i].need[0].n_keys, n_triggers[i]);
		for (size_t k = 0; k < n_triggers[i]; k++)
			mask |= lexicon_key_mask(phrase[i].trigger[k]);
		assert_true(phrase[i].need[0].mask == mask);
	}
	assert_string_equal(pack_outcome(pack, "yak"), "accept a");
	assert_string_equal(pack_outcome(pack, "gnu"), "accept a");
	pack_free(pack);
}

static void pattern__gives_up__and_says_so(void **state)
{
	struct matcher *matcher = matcher_new(false);
	struct pattern pattern = {0}, bad = {0};
	struct pattern_error error;
	size_t begin, end;

	(void)state;
	assert_true(pattern_compile(matcher, &pattern, S("(?:\\w+\\W*)+border\\b[!?]"), NULL));
	for (int i = 0; i < 3; i++)
		assert_int_equal(pattern_match(matcher, &pattern,
			S("a message that almost fits the border but does not quite do so at all"), 0,
			&begin, &end), MATCH_GAVE_UP);
	assert_true(pattern.broken);
	assert_false(pattern_compile(matcher, &bad, S("a(b"), &error));
	assert_true(error.message[0]);
	pattern_release(&pattern);
	matcher_free(matcher);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(phrase__compiles__to_an_expression),
		T(phrase__points_at__what_is_wrong),
		T(phrase__is_refused__when_it_is_huge),
		T(strength__follows__from_words_of_content),
		T(strength__of_what_is_named__is_its_poorest_alternative),
		T(needs__of_a_choice__are_each_key_once),
		T(pattern__gives_up__and_says_so),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
