/* The expected answer to an open question, on the shipped language. */
#include "tests/unit/intents/pack.h"

static int setup(void **state)
{
	*state = pack_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	pack_free(*state);
	return 0;
}

/* --- yes and no --- */

static void check_yes_no(struct pack *pack, enum yes_no wanted, bool wanted_more,
	const char *const *message, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool more = false;
		enum yes_no got = answer_yes_no(pack->set, pack_read(pack, message[i]), &more);

		if (got != wanted || more != wanted_more)
			fail_msg("'%s': wanted %d/%d, got %d/%d", message[i], wanted, wanted_more,
				got, more);
	}
}
#define ALL(wanted, more, ...) check_yes_no(*state, (wanted), (more),                           \
	(const char *const[]){__VA_ARGS__},                                                     \
	sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void yes_no__hears_yes__in_its_many_forms(void **state)
{
	ALL(ANSWER_YES, false, "yes", "Yes.", "YES!!!", "y", "yep", "yup", "yeah", "ya", "ok", "okay", "k",
		"sure", "yes pls", "yes please", "yeah go ahead", "do it", "please do", "go for it",
		"of course", "sure thing", "yesss", "yse", "\xF0\x9F\x91\x8D", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD",
		"correct", "that is right", "that's right", "i am sure", "i'm sure", "ok thanks",
		"sounds good", "absolutely", "confirm", "yes do it now", "oh yes", "hmm ok");
}

static void yes_no__hears_no__in_its_many_forms(void **state)
{
	ALL(ANSWER_NO, false, "no", "No!", "n", "nope", "nah", "no thanks", "no thank you", "not now",
		"no dont", "no, don't", "please dont", "do not do it", "never", "\xF0\x9F\x91\x8E",
		"keep it", "leave it", "never mind", "nvm", "not really", "no way",
		"i changed my mind", "noooo");
}

static void yes_no__hears_more__behind_a_clear_answer(void **state)
{
	ALL(ANSWER_YES, true, "yes, my name is Ann", "yes cancel it", "ok and track the parcel");
	ALL(ANSWER_NO, true, "no, the other one costs more", "nope i need a refund", "no cancel the dress");
}

static void yes_no__hears_neither__in_doubt(void **state)
{
	ALL(ANSWER_NEITHER, false, "", "not sure", "i'm not sure", "maybe", "i dont know", "what", "why?",
		"yes or no", "yes but not that one", "yes but the blue one", "are you sure?",
		"you sure", "sure?", "ok if i get my money", "good morning", "hello",
		"where is my order", "is that ok with the warehouse", "right now",
		"the parcel never came in good shape");
}

/* --- picking --- */

static const struct str w1[] = {S("1001"), S("Blue Summer Dress"), S("M")};
static const struct str w2[] = {S("1002"), S("Trail Running Shoes"), S("42")};
static const struct str w3[] = {S("576461413038785752"), S("Blue Ceramic Mug")};
static const struct option three[] = {
	{S("1001 \xC2\xB7 Blue Summer Dress \xC2\xB7 $29.90"), w1, 3},
	{S("1002 \xC2\xB7 Trail Running Shoes \xC2\xB7 $89.00"), w2, 3},
	{S("576461413038785752 \xC2\xB7 Blue Ceramic Mug \xC2\xB7 $12.00"), w3, 2},
};

static void check_pick(struct pack *pack, enum pick wanted, size_t at, const char *const *message,
	size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t index[3] = {99, 99, 99}, n_index = 0;
		enum pick got = answer_pick(pack->set, pack_read(pack, message[i]), three, 3, index,
			&n_index);

		if (got != wanted || (wanted == PICK_ONE && (n_index != 1 || index[0] != at)))
			fail_msg("'%s': wanted %d at %zu, got %d at %zu", message[i], wanted, at,
				got, index[0]);
	}
}
#define PICK(wanted, at, ...) check_pick(*state, (wanted), (at),                                \
	(const char *const[]){__VA_ARGS__},                                                     \
	sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void pick__finds_one__by_position(void **state)
{
	PICK(PICK_ONE, 0, "1", "the first one", "first", "1st", "number one", "one", "#1");
	PICK(PICK_ONE, 1, "2", "second", "the second one", "2nd", "order 2", "number 2 please", "#2", "2.",
		"(2)", "teh secnd one");
	PICK(PICK_ONE, 2, "last", "the last one", "third pls", "3");
}

static void pick__finds_one__by_order_number(void **state)
{
	PICK(PICK_ONE, 0, "1001", "#1001", "order 1001", "it is order no 1001");
	PICK(PICK_ONE, 1, "#1002", "1002", "order #1002 please", "002");
	PICK(PICK_ONE, 2, "576461413038785752", "785752", "752");
}

static void pick__finds_one__by_its_words(void **state)
{
	PICK(PICK_ONE, 0, "the blue dress", "blu dress", "dress", "the dres", "dresses", "cancel the dress",
		"the summer one");
	PICK(PICK_ONE, 1, "running shoes pls", "shoes", "the runing shose", "trail");
	PICK(PICK_ONE, 2, "mug", "the blue mug", "ceramic one");
}

static void pick__finds_one__by_its_whole_label(void **state)
{
	PICK(PICK_ONE, 1, "1002 \xC2\xB7 Trail Running Shoes \xC2\xB7 $89.00", "1002 - trail running shoes - $89.00");
}

static void pick__finds_several__when_words_fit_equally(void **state)
{
	size_t index[3], n;

	PICK(PICK_SEVERAL, 0, "the blue one", "blue");
	assert_int_equal(answer_pick(((struct pack *)*state)->set, pack_read(*state, "blue"), three, 3,
		index, &n), PICK_SEVERAL);
	assert_int_equal(n, 2);
	assert_int_equal(index[0], 0);
	assert_int_equal(index[1], 2);
}

static void pick__hears__all_neither_other(void **state)
{
	PICK(PICK_ALL, 0, "both", "all of them", "everything please", "all");
	PICK(PICK_NEITHER, 0, "none of them", "neither", "none of these", "something else");
	PICK(PICK_OTHER, 0, "the other one", "the other");
}

static void pick__finds_nothing__in_another_matter(void **state)
{
	PICK(PICK_NONE, 0, "", "where is my refund", "7", "the ninth", "what do you mean",
		"i would like to talk to somebody about the weather in the blue mountains", "99999");
}

static void pick_told__finds_one__beside_the_wish(void **state)
{
	static const char *const names_it[] = {"i want to cancel the dress",
		"i would like to cancel my shoes order", "i need to cancel the trail shoes please"};
	static const char *const names_none[] = {"i want to cancel my order", "cancel it please",
		"i want to cancel the blue one",
		"i want to cancel, my sister in the mountains bought a dress for the party already"};
	struct pack *pack = pack_shipped(true);
	size_t index;

	(void)state;
	for (size_t i = 0; i < sizeof(names_it) / sizeof(names_it[0]); i++)
		if (!answer_pick_told(pack->set, pack_read(pack, names_it[i]), three, 3, &index) ||
			index != (i > 0))
			fail_msg("'%s': got %zu", names_it[i], index);
	for (size_t i = 0; i < sizeof(names_none) / sizeof(names_none[0]); i++)
		if (answer_pick_told(pack->set, pack_read(pack, names_none[i]), three, 3, &index))
			fail_msg("'%s': got %zu", names_none[i], index);
	pack_free(pack);
}

/* --- typed values --- */

static void check_value(struct pack *pack, const char *type, const char *message,
	const char *wanted)
{
	const struct reading *reading = pack_read(pack, message);
	const struct value *value = answer_value(pack->set, reading, str_of(type), pack->arena);
	struct buf shown;

	buf_init(&shown, 1000);
	if (value)
		value_show(value, &shown);
	if (!str_is(buf_str(&shown), wanted))
		fail_msg("%s of '%s': wanted '%s', got '%.*s'", type, message, wanted,
			STR(buf_str(&shown)));
	buf_release(&shown);
}

static void value__reads__what_the_question_asks_for(void **state)
{
	static const char *const row[][3] = {
		{"text", "  it broke  ", "\"it broke\""},
		{"text", "   ", ""},
		{"number", "2", "2"},
		{"number", "two of them", "2"},
		{"number", "one", "1"},
		{"number", "none here", ""},
		{"email", "it's Ann.Lee@Example.COM, thanks", "\"ann.lee@example.com\""},
		{"email", "ann at example", ""},
		{"phone", "call +1 (415) 555-2671", "\"+14155552671\""},
		{"phone", "415-555-2671", "\"4155552671\""},
		{"phone", "5552671", "\"5552671\""},
		{"phone", "12", ""},
		{"money", "$1,234.50", "{\"amount\":\"1234.50\",\"currency\":\"USD\"}"},
		{"money", "20 euros", "{\"amount\":\"20\",\"currency\":\"EUR\"}"},
		{"money", "500rs", "{\"amount\":\"500\",\"currency\":\"INR\"}"},
		{"money", "20", ""},
		{"order", "#1002", "\"1002\""},
		{"order", "my order is a-1001", "\"A-1001\""},
		{"order", "576461413038785752", "\"576461413038785752\""},
		{"order", "it is x12", "\"X12\""},
		{"order", "i do not know", ""},
		{"rating", "5", "5"},
		{"rating", "five stars", "5"},
		{"rating", "4/5", "4"},
		{"rating", "4 out of 5", "4"},
		{"rating", "\xE2\xAD\x90\xE2\xAD\x90\xE2\xAD\x90", "3"},
		{"rating", "9", ""},
		{"rating", "great", ""},
		{"yes_no", "yep", "true"},
		{"yes_no", "no", "false"},
		{"yes_no", "hm", ""},
		{"date", "2025-03-01", "1740787200"},
		{"date", "march 3", "1740960000"},
		{"date", "3rd of march 2024", "1709424000"},
		{"date", "yesterday", "1762905600"},
		{"date", "3 days ago", "1762732800"},
		{"date", "last week", "1762387200"},
		{"date", "on monday", "1762732800"},
		{"date", "3/12/2025", "1741737600"},
		{"date", "someday", ""},
		{"colour", "blue", ""},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		check_value(*state, row[i][0], row[i][1], row[i][2]);
}

/* --- leaving out, changing --- */

static void skip__hears__that_it_is_left_out(void **state)
{
	static const char *const yes[] = {"skip", "skip it pls", "no reason", "rather not say", "next", "pass"};
	static const char *const no[] = {"", "it broke", "i want the next one cheaper", "skip rope broken"};
	struct pack *pack = *state;

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (!answer_skips(pack->set, pack_read(pack, yes[i])))
			fail_msg("'%s' skips", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (answer_skips(pack->set, pack_read(pack, no[i])))
			fail_msg("'%s' does not skip", no[i]);
}

static void correct__hears__that_what_is_shown_is_wrong(void **state)
{
	static const char *const yes[] = {"no, the other one", "no the other order", "not that one",
		"wrong order", "that is the wrong order", "i meant the blue one", "not this",
		"no i meant 1002"};
	static const char *const no[] = {"", "yes", "no", "i received the wrong item", "cancel my order"};
	struct pack *pack = *state;

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (!answer_corrects(pack->set, pack_read(pack, yes[i])))
			fail_msg("'%s' corrects", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (answer_corrects(pack->set, pack_read(pack, no[i])))
			fail_msg("'%s' does not correct", no[i]);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(yes_no__hears_yes__in_its_many_forms),
		T(yes_no__hears_no__in_its_many_forms),
		T(yes_no__hears_more__behind_a_clear_answer),
		T(yes_no__hears_neither__in_doubt),
		T(pick__finds_one__by_position),
		T(pick__finds_one__by_order_number),
		T(pick__finds_one__by_its_words),
		T(pick__finds_one__by_its_whole_label),
		T(pick__finds_several__when_words_fit_equally),
		T(pick__hears__all_neither_other),
		T(pick__finds_nothing__in_another_matter),
		T(pick_told__finds_one__beside_the_wish),
		T(value__reads__what_the_question_asks_for),
		T(skip__hears__that_it_is_left_out),
		T(correct__hears__that_what_is_shown_is_wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
