/* From a message to a decision, on a small pack of the test's own. */
#include "tests/unit/intents/pack.h"

static const char json[] =
	"[{\"list\": \"order\", \"words\": [\"order*\", \"parcel*\", \"package*\"]},"
	"{\"part\": \"want\", \"phrases\": [\"want to\", \"would like to\", \"need to\"]},"
	"{\"intent\": \"cancel_order\", \"about\": \"stop an order\", \"takes\": [\"order_number\"],"
	" \"phrases\": [\"(cancel*|call off) ... @order\", \"cancel (it|this|that)\", \"<want> .. cancel\","
	"  \"(do not|no longer) (want|need) ... @order\"],"
	" \"unless\": {\"if .... cancel .... refund*\": \"policy_refund\","
	"  \"(is|was|been) cancelled\": \"cancel_status\"}},"
	"{\"intent\": \"wipe_account\", \"about\": \"delete all\", \"kind\": \"danger\","
	" \"phrases\": [\"= delete everything =\", \"erase .. account\"]},"
	"{\"intent\": \"cancel_status\", \"about\": \"whether it is cancelled\", \"kind\": \"info\","
	" \"phrases\": [\"(is|was|been) cancelled\"]},"
	"{\"intent\": \"policy_refund\", \"about\": \"how refunds work\", \"kind\": \"info\","
	" \"phrases\": [\"how long .. refund*\"]},"
	"{\"intent\": \"refund_request\", \"about\": \"money back\", \"phrases\": [\"(give|want) .. money back\", \"weird refund\"]},"
	"{\"intent\": \"return_item\", \"about\": \"send it back\", \"phrases\": [\"(return|send back) ... (@order|it|this)\", \"{number} .. back please sir\"]},"
	"{\"intent\": \"both\", \"about\": \"a rival\", \"phrases\": [\"weird refund\"]},"
	"{\"intent\": \"greeting\", \"about\": \"hello\", \"kind\": \"smalltalk\", \"phrases\": [\"(hi|hello|hey)\"]},"
	"{\"intent\": \"thanks\", \"about\": \"thanks\", \"kind\": \"smalltalk\", \"phrases\": [\"= thank you =\", \"= thanks =\"]},"
	"{\"intent\": \"weak\", \"about\": \"one word\", \"phrases\": [\"voucher\"]},"
	"{\"intent\": \"coded\", \"about\": \"regex\", \"regex\": [\"coupon +(?<code>[a-z]{3}[0-9]{2})\"]},"
	"{\"intent\": \"dated\", \"about\": \"entity\", \"kind\": \"info\", \"phrases\": [\"bought .. {date:when}\"]}]";

static int setup(void **state)
{
	*state = pack_new(json);
	return 0;
}

static int teardown(void **state)
{
	pack_free(*state);
	return 0;
}

static void check_table(struct pack *pack, const char *const (*row)[2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = pack_outcome(pack, row[i][0]);

		if (strcmp(got, row[i][1]) != 0)
			fail_msg("'%s': wanted '%s', got '%s'", row[i][0], row[i][1], got);
	}
}
#define CHECK(pack, table) check_table((pack), (table), sizeof(table) / sizeof(*(table)))

static void understand__accepts__what_a_phrase_says(void **state)
{
	static const char *const row[][2] = {
		{"cancel my order", "accept cancel_order"},
		{"Please CANCEL the two parcels!!", "accept cancel_order"},
		{"can you call off this big order", "accept cancel_order"},
		{"I would like to quickly cancel", "accept cancel_order"},
		{"i want my money back", "accept refund_request"},
		{"delete everything", "accept wipe_account"},
		{"delete everything please", "accept wipe_account"},
		{"hi, cancel this, thanks", "accept cancel_order"},
	};

	CHECK(*state, row);
}

static void assert_same(const struct reading *a, const struct reading *b)
{
	struct buf x, y;

	buf_init(&x, 1 << 20);
	buf_init(&y, 1 << 20);
	reading_explain(a, false, &x);
	reading_explain(b, false, &y);
	assert_string_equal(x.p, y.p);
	assert_int_equal(a->decision, b->decision);
	assert_int_equal(a->n_tried, b->n_tried);
	buf_release(&x);
	buf_release(&y);
}

static void understand_again__reads__as_if_for_the_first_time(void **state)
{
	static const char *const message[] = {"cancel my order", "hi, is it cancelled? thanks",
		"weird refund", "canel the purse please", "the prse", "bought it on 3 May", "",
		"coupon abc12 and give me my money back"};
	struct pack *pack = *state;
	const struct intent *expected[] = {intent_set_find(pack->set, S("both")),
		intent_set_find(pack->set, S("cancel_status"))};
	const struct str word[] = {S("Red purse")};
	const struct context other = {.now = pack_now, .expected = expected, .n_expected = 2,
		.word = word, .n_words = 1};
	const struct context later = {.now = pack_now + 86400};

	for (size_t i = 0; i < sizeof(message) / sizeof(*message); i++) {
		const struct reading *first = pack_read(pack, message[i]);

		assert_same(understand_again(pack->set, first, &other, pack->arena),
			understand(pack->set, str_of(message[i]), &other, pack->arena));
		/* it is not the last one any more */
		assert_same(understand_again(pack->set, first, &pack->context, pack->arena),
			first);
		assert_same(understand_again(pack->set, first, &later, pack->arena),
			understand(pack->set, str_of(message[i]), &later, pack->arena));
	}
}

static void understand__says_none__when_no_phrase_matches(void **state)
{
	static const char *const row[][2] = {
		{"", "none"},
		{"   \t ", "none"},
		{"???", "none"},
		{"what a lovely day", "none"},
		{"cancel one two three four five six order", "none"},    /* the gap is five */
		{"cancel. my order", "none"},                            /* never across a sentence end */
		{"please delete everything in my garden", "none"},
		{"cancellation", "none"},
		{"recancel my order", "none"},
	};

	CHECK(*state, row);
}

static void understand__mends__typing_errors_and_shorthand(void **state)
{
	static const char *const row[][2] = {
		{"pls cacel my order", "accept cancel_order"},
		{"i wnat to cnacel my ordr", "accept cancel_order"},
		{"CANCLE MY ORDERRR PLZZZZ", "accept cancel_order"},
		{"i dont want this order anymore", "accept cancel_order"},
		{"I don\xE2\x80\x99t want my order", "accept cancel_order"},
		{"wanna cancel", "accept cancel_order"},
		{"retrun it", "accept return_item"},
	};

	CHECK(*state, row);
}

static void understand__leaves__ordinary_words_alone(void **state)
{
	const struct reading *reading = pack_read(*state, "the card said it was late at the border");

	assert_int_equal(reading->n_fixes, 0);
}

static void understand__sees_through__unicode_tricks(void **state)
{
	static const char *const row[][2] = {
		{"\xF0\x9D\x93\xAC\xF0\x9D\x93\xAA\xF0\x9D\x93\xB7\xF0\x9D\x93\xAC\xF0\x9D\x93\xAE\xF0\x9D\x93\xB5 my order",
			"accept cancel_order"},                           /* script letters */
		{"c\xE2\x80\x8B" "ancel my or\xE2\x80\x8D" "der", "accept cancel_order"},   /* zero width */
		{"\xE2\x80\xAE" "cancel my order", "accept cancel_order"},                /* bidi override */
		{"c\xD0\xB0ncel my \xD0\xBErder", "accept cancel_order"},                 /* Cyrillic a, o */
		{"c\xC3\xA1ncel my \xC3\xB3rder", "accept cancel_order"},                 /* accents */
		{"\xEF\xBD\x83\xEF\xBD\x81\xEF\xBD\x8E\xEF\xBD\x83\xEF\xBD\x85\xEF\xBD\x8C my order",
			"accept cancel_order"},                           /* full width */
		{"cancel\xC2\xA0my\xE3\x80\x80order", "accept cancel_order"},             /* odd blanks */
		{"cancel my order \xFF\xFE", "accept cancel_order"},                      /* broken bytes */
	};

	CHECK(*state, row);
}

static void understand__turns_round__what_is_negated(void **state)
{
	static const char *const row[][2] = {
		{"do not cancel my order", "accept not cancel_order"},
		{"please dont cancel it", "accept not cancel_order"},
		{"never cancel my order", "accept not cancel_order"},
		{"stop cancelling my order", "accept not cancel_order"},
		{"i want it without you having to cancel the order", "accept not cancel_order"},
		/* the negator is part of the phrase */
		{"i do not want my order", "accept cancel_order"},
		{"no longer need this order", "accept cancel_order"},
		/* the clause ends, the window ends, inability is no negation */
		{"i am not happy, cancel my order", "accept cancel_order"},
		{"it is not nice but cancel my order", "accept cancel_order"},
		{"i can not cancel my order", "accept cancel_order"},
		{"i could not cancel my order", "accept cancel_order"},
		{"i am unable to cancel my order", "accept cancel_order"},
		/* the first is not meant, the second is */
		{"do not cancel it, return it", "accept return_item"},
		{"do not cancel it. cancel my order", "accept cancel_order"},
	};

	CHECK(*state, row);
}

static void understand__gives_over__to_what_unless_names(void **state)
{
	static const char *const row[][2] = {
		{"my order was cancelled", "accept cancel_status"},
		{"if i cancel my order when is the refund there", "accept policy_refund"},
		{"if i cancel my order what then", "accept cancel_order"},
	};

	CHECK(*state, row);
}

static void understand__asks__which_of_two_equals(void **state)
{
	assert_string_equal(pack_outcome(*state, "weird refund"), "clarify refund_request,both");
}

static void understand__confirms__what_is_likely_but_weak(void **state)
{
	assert_string_equal(pack_outcome(*state, "voucher"), "confirm weak");
	assert_string_equal(pack_outcome(*state, "my blue voucher came with some lovely presents"), "none");
}

static void understand__confirms__danger_that_rests_on_a_repaired_word(void **state)
{
	assert_string_equal(pack_outcome(*state, "erase account"), "accept wipe_account");
	assert_string_equal(pack_outcome(*state, "erase my accuont"), "accept wipe_account");
	assert_string_equal(pack_outcome(*state, "errase my accuont"), "confirm wipe_account");
}

static void understand__takes_the_first__of_two_wishes(void **state)
{
	const struct reading *reading = pack_read(*state, "cancel my order and give me my money back");

	assert_int_equal(reading->decision, DECIDE_ACCEPT);
	assert_true(str_is(reading->candidate[0].intent->name, "cancel_order"));
	assert_non_null(reading->second);
	assert_true(str_is(reading->second->name, "refund_request"));
}

static void understand__steps_aside__with_small_talk(void **state)
{
	static const char *const row[][2] = {
		{"hello", "accept greeting"},
		{"hi there", "accept greeting"},
		{"hello cancel it", "accept cancel_order"},
		{"thanks", "accept thanks"},
		{"hey thank you", "accept thanks"},
	};

	CHECK(*state, row);
}

static void understand__prefers__what_the_conversation_expects(void **state)
{
	struct pack *pack = *state;
	const struct intent *both = intent_set_find(pack->set, S("both"));
	const struct intent *weak = intent_set_find(pack->set, S("weak"));

	pack->context.expected = &both;
	pack->context.n_expected = 1;
	assert_string_equal(pack_outcome(pack, "weird refund"), "accept both");
	pack->context.expected = NULL;
	pack->context.n_expected = 0;
	pack->context.near = &weak;
	pack->context.n_near = 1;
	assert_string_equal(pack_outcome(pack, "voucher"), "accept weak");
	pack->context.n_near = 0;
}

static void understand__adds_up__the_parts_of_each_score(void **state)
{
	const struct reading *reading = pack_read(*state, "pls cacel order #10042, it was cancelled");

	assert_true(reading->n_candidates >= 1);
	for (size_t i = 0; i < reading->n_candidates; i++) {
		int sum = 0;

		for (size_t k = 0; k < reading->candidate[i].n_parts; k++)
			sum += reading->candidate[i].part[k].points;
		assert_int_equal(sum, reading->candidate[i].score);
	}
}

static void understand__repairs_towards__words_of_the_conversation(void **state)
{
	struct pack *pack = *state;
	const struct str word[] = {S("Zyntara Glow Serum"), S("Kowalski")};
	const struct reading *reading;

	pack->context.word = word;
	pack->context.n_words = 2;
	reading = pack_read(pack, "the zyntarra for kowalski");
	assert_int_equal(reading->n_fixes, 1);
	assert_true(str_is(reading->fix[0].to, "zyntara"));
	pack->context.n_words = 0;
}

static void understand__maps_tokens__to_the_bytes_that_were_typed(void **state)
{
	const char *message = "I don\xE2\x80\x99t  want\tthe ORDERRRR";
	const struct reading *reading = pack_read(*state, message);
	const struct token *last = &reading->token[reading->n_tokens - 1];

	assert_true(str_is(reading->text, "i do not want the order"));
	assert_true(str_is(str_sub(str_of(message), last->from, last->to - last->from), "ORDERRRR"));
	assert_true(str_is(str_sub(str_of(message), reading->token[2].from,
		reading->token[2].to - reading->token[2].from), "don\xE2\x80\x99t"));
}

static void understand__keeps__named_groups_and_entities(void **state)
{
	const struct reading *reading;
	bool found = false;

	assert_string_equal(pack_outcome(*state, "coupon abc12"), "accept coded");
	reading = pack_read(*state, "coupon abc12");
	for (size_t i = 0; i < reading->n_entities; i++)
		if (str_is(reading->entity[i].name, "code"))
			found = str_is(value_text_of(reading->entity[i].value), "abc12");
	assert_true(found);
	assert_string_equal(pack_outcome(*state, "i bought it on march 3"), "accept dated");
	assert_string_equal(pack_outcome(*state, "i bought it on sale"), "none");
}

static void understand__flags__anger_questions_length_emptiness(void **state)
{
	char longer[3000];

	assert_true(pack_read(*state, "WHERE IS MY STUFF")->angry);
	assert_true(pack_read(*state, "this is a scam")->angry);
	assert_false(pack_read(*state, "where is it")->angry);
	assert_true(pack_read(*state, "where is it")->question);
	assert_true(pack_read(*state, "you have it?")->question);
	assert_false(pack_read(*state, "cancel it")->question);
	assert_true(pack_read(*state, " \xF0\x9F\xAB\xA0 ... ")->empty);
	assert_false(pack_read(*state, "x")->empty);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_true(pack_read(*state, longer)->too_long);
	for (size_t i = 1; i < sizeof(longer) - 1; i += 2)
		longer[i] = ' ';
	assert_true(pack_read(*state, longer)->too_long);
	assert_false(pack_read(*state, "cancel it")->too_long);
}

static void understand__bears__any_bytes(void **state)
{
	struct pack *pack = *state;
	unsigned seed = 1;

	for (int round = 0; round < 3000; round++) {
		char bytes[300];
		size_t n;

		seed = seed * 1103515245u + 12345u;
		n = seed >> 16 & 255;
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			bytes[i] = round & 1 ? (char)(seed >> 16)
				: " .cancel0#@$order'"[(seed >> 16) % 18];
		}
		arena_reset(pack->arena);
		understand(pack->set, (struct str){bytes, n}, &pack->context, pack->arena);
	}
}

static void explain__names__the_words_a_near_miss_lacked(void **state)
{
	struct pack *pack = *state;
	const struct reading *reading;
	const char *text;
	struct buf out;

	arena_reset(pack->arena);
	reading = understand_explained(pack->set, S("my mail is ann@example.com, return the trousers"),
		&pack->context, pack->arena);
	buf_init(&out, 1 << 16);
	reading_explain(reading, true, &out);
	text = out.p;
	assert_non_null(strstr(text, "return_item"));
	assert_non_null(strstr(text, "lacks: @order, it, this"));
	assert_null(strstr(text, "ann@"));
	assert_null(strstr(text, "example.com"));
	assert_non_null(strstr(text, "decision none"));
	buf_release(&out);
}

static void understand__knows_a_whole_message__however_it_begins_and_ends(void **state)
{
	static const char own[] =
		"[{\"list\": \"berry\", \"words\": [\"straw berry\", \"berries*\"]},"
		"{\"part\": \"may\", \"phrases\": [\"may i [please]\", \"let me\"]},"
		"{\"intent\": \"pick\", \"about\": \"picking\", \"kind\": \"info\","
		" \"phrases\": [\"= [now|[so] then] pluck* [@berry] [quick*] =\", \"= "
		"(go|[kindly]) fetch =\","
		"  \"= .. harvest .. =\", \"= {number:boxes} crates [{date:when}] =\","
		"  \"= <may> gather (@berry|them|[all] of (it|those)) =\"]}]";
	static const char *const row[][2] = {
		{"pluck", "accept pick"},
		{"plucking berriesandmore", "accept pick"},
		{"then pluck straw berry", "accept pick"},
		{"hi, so then pluck straw berry quickly please", "accept pick"},
		{"now pluck quicker", "accept pick"},
		{"straw berry pluck", "none"},
		{"pluck now", "none"},
		{"fetch", "accept pick"},
		{"kindly fetch", "accept pick"},
		{"harvest", "accept pick"},
		{"do a harvest", "accept pick"},
		{"harvest zyntara", "accept pick"},
		{"3 crates", "accept pick"},
		{"3 crates on march 3", "none"},
		{"3 crates march 3", "accept pick"},
		{"may i please gather them", "accept pick"},
		{"let me gather all of those", "accept pick"},
		{"may i gather of it", "accept pick"},
		{"gather them", "none"},
		{"may i gather", "none"},
	};
	struct pack *pack = pack_new(own);

	(void)state;
	CHECK(pack, row);
	pack_free(pack);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(understand__accepts__what_a_phrase_says),
		T(understand_again__reads__as_if_for_the_first_time),
		T(understand__says_none__when_no_phrase_matches),
		T(understand__mends__typing_errors_and_shorthand),
		T(understand__leaves__ordinary_words_alone),
		T(understand__sees_through__unicode_tricks),
		T(understand__turns_round__what_is_negated),
		T(understand__gives_over__to_what_unless_names),
		T(understand__asks__which_of_two_equals),
		T(understand__confirms__what_is_likely_but_weak),
		T(understand__confirms__danger_that_rests_on_a_repaired_word),
		T(understand__takes_the_first__of_two_wishes),
		T(understand__steps_aside__with_small_talk),
		T(understand__prefers__what_the_conversation_expects),
		T(understand__adds_up__the_parts_of_each_score),
		T(understand__repairs_towards__words_of_the_conversation),
		T(understand__maps_tokens__to_the_bytes_that_were_typed),
		T(understand__keeps__named_groups_and_entities),
		T(understand__flags__anger_questions_length_emptiness),
		T(understand__bears__any_bytes),
		T(explain__names__the_words_a_near_miss_lacked),
		T(understand__knows_a_whole_message__however_it_begins_and_ends),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
