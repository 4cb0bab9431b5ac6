/* The shipped pack: it holds what it promises, the index loses nothing, nothing takes for ever. */
#include "intents/message.h"
#include "tests/unit/intents/pack.h"

static int setup(void **state)
{
	*state = pack_shipped(true);
	return 0;
}

static int teardown(void **state)
{
	pack_free(*state);
	return 0;
}

static void shipped_pack__has__no_finding(void **state)
{
	struct pack *pack = *state;

	intent_set_check(pack->set, &pack->diags);
	if (pack->diags.n)
		pack_print_findings(pack);
	assert_int_equal(pack->diags.n, 0);
}

static void shipped_pack__knows__every_intent_of_the_product(void **state)
{
	static const char *const name[] = {"cancel_order", "cancel_status", "refund_request",
		"refund_status", "return_item", "return_status", "policy_cancel", "policy_refund",
		"policy_return", "order_status", "order_history", "change_order", "contact_support",
		"complaint", "feedback", "greeting", "thanks", "goodbye", "yes", "no", "help", "stop",
		"back", "repeat", "start_over", "why", "language"};
	struct pack *pack = *state;

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		const struct intent *intent = intent_set_find(pack->set, str_of(name[i]));

		if (!intent)
			fail_msg("no intent '%s'", name[i]);
		assert_true(intent->label.n && intent->about.n);
	}
}

static void assert_same(struct str message, const struct reading *a, const struct reading *b)
{
	bool same = a->n_candidates == b->n_candidates && a->decision == b->decision;

	for (size_t i = 0; same && i < a->n_candidates; i++)
		same = a->candidate[i].intent == b->candidate[i].intent
			&& a->candidate[i].score == b->candidate[i].score
			&& a->candidate[i].negated == b->candidate[i].negated;
	if (!same)
		fail_msg("the index loses a match of '%.*s'", STR(message));
}

static void check_both_ways(struct pack *pack, struct str message)
{
	const struct reading *with, *without;

	arena_reset(pack->arena);
	with = understand(pack->set, message, &pack->context, pack->arena);
	without = understand_without_index(pack->set, message, &pack->context, pack->arena);
	assert_same(message, with, without);
}

/* Every example and counter-example, and each with its words turned round and one word left out. */
static void index__loses__no_match(void **state)
{
	struct pack *pack = *state;

	for (size_t i = 0; i < intent_set_count(pack->set); i++) {
		const struct intent *intent = intent_set_at(pack->set, i);
		const struct example *example[2];
		size_t n[2] = {intent_examples(pack->set, intent, &example[0]),
			intent_counter_examples(pack->set, intent, &example[1])};

		for (int which = 0; which < 2; which++)
			for (size_t k = 0; k < n[which]; k++) {
				struct str text = example[which][k].text, rest = text;
				char turned[1000];
				size_t at = sizeof(turned);

				check_both_ways(pack, text);
				str_cut(&rest, ' ');
				check_both_ways(pack, rest);
				for (rest = text; rest.n && text.n < 900;) {
					struct str word = str_cut(&rest, ' ');

					turned[--at] = ' ';
					at -= word.n;
					memcpy(turned + at, word.p, word.n);
				}
				check_both_ways(pack, (struct str){turned + at, sizeof(turned) - at});
			}
	}
}

/* All that the pack knows, in one breath: the budget ends it, not the clock. */
static void understand__ends__on_hostile_messages_without_jit(void **state)
{
	static const char *const part[] = {"cancel order refund return where my ", "not ", "a ",
		"i want to cancel my order and the refund of the return that is late ", "1 ", "$1 #2 ",
		"\xF0\x9D\x93\xAC", "c\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81 ", "cacnel ordre refudn retunr ", "'",
		"n't ", "@", "....", "((((", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ", "\xFF", ""};
	struct pack *pack = pack_shipped(false);
	char *text = malloc(16 * 1024);

	(void)state;
	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		size_t n = strlen(part[i]) ? strlen(part[i]) : 1;
		const struct reading *reading;

		for (size_t at = 0; at < 16 * 1024; at++)
			text[at] = part[i][at % n];
		arena_reset(pack->arena);
		reading = understand(pack->set, (struct str){text, 16 * 1024}, &pack->context,
			pack->arena);
		assert_true(reading->too_long);
		assert_int_equal(reading->n_faults, 0);
		assert_true(reading->n_tokens <= 120);
		assert_false(arena_over(pack->arena));
	}
	free(text);
	pack_free(pack);
}

static void understand__says_the_same__with_and_without_jit(void **state)
{
	struct pack *slow = pack_shipped(false), *fast = *state;

	for (size_t i = 0; i < intent_set_count(fast->set); i++) {
		const struct example *example;
		size_t n = intent_examples(fast->set, intent_set_at(fast->set, i), &example);

		for (size_t k = 0; k < n; k++) {
			const char *text = arena_cstr(fast->diag_arena, example[k].text);

			assert_string_equal(pack_outcome(slow, text), pack_outcome(fast, text));
		}
	}
	pack_free(slow);
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(shipped_pack__has__no_finding),
		T(shipped_pack__knows__every_intent_of_the_product),
		T(index__loses__no_match),
		T(understand__ends__on_hostile_messages_without_jit),
		T(understand__says_the_same__with_and_without_jit),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
