/* Writing calls to the shop: what every kind of store keeps of them, and what is never done twice.
 */
#include "tests/contract/store_home.h"

static enum store_status claim(struct home *home, const char *key, struct store_effect *existing)
{
	struct store_effect effect = {.key = str_of(key),
		.conversation = S("c1"),
		.operation = S("orders.cancel"),
		.args = rating(home->arena, 3),
		.claimed = 100};

	return store_claim_effect(home->store, &effect, home->arena, existing);
}

static void settle(struct home *home, const char *key, enum effect_state state)
{
	struct store_verdict verdict = {
		.state = state, .answer = rating(home->arena, 4), .now = 120};

	begin(home);
	store_settle_effect(home->store, str_of(key), &verdict);
	commit(home);
}

static void effect__claimed_once__is_taken_then(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	commit(home);
	reopen(home);
	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_TAKEN);
	commit(home);
	assert_int_equal(old.state, EFFECT_SENT);
	assert_int_equal(old.tries, 1);
	assert_int_equal(value_get_int(old.args, "stars"), 3);
	assert_false(value_is_set(old.answer));
}

static void effect__done__stays_taken_and_gives_its_answer(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	commit(home);
	settle(home, "k1", EFFECT_DONE);
	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_TAKEN);
	commit(home);
	assert_int_equal(old.state, EFFECT_DONE);
	assert_int_equal(old.settled, 120);
	assert_int_equal(value_get_int(old.answer, "stars"), 4);
}

static void effect__surely_not_done__may_be_claimed_again(void **state)
{
	static const enum effect_state not_done[] = {EFFECT_REFUSED, EFFECT_FAILED};
	struct home *home = *state;
	struct store_effect old;

	for (size_t i = 0; i < 2; i++) {
		begin(home);
		assert_int_equal(claim(home, "k1", &old), STORE_OK);
		commit(home);
		settle(home, "k1", not_done[i]);
	}
	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	commit(home);
	assert_int_equal(store_find_effect(home->store, S("k1"), home->arena, &old), STORE_OK);
	assert_int_equal(old.state, EFFECT_SENT);
	assert_int_equal(old.tries, 3);
	assert_int_equal(old.settled, 0);
}

static void effect__unknown__stays_taken_and_is_listed_as_open(void **state)
{
	struct home *home = *state;
	struct store_effect old, *open;
	size_t n;

	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	assert_int_equal(claim(home, "k2", &old), STORE_OK);
	assert_int_equal(claim(home, "k3", &old), STORE_OK);
	commit(home);
	settle(home, "k1", EFFECT_UNKNOWN);
	settle(home, "k3", EFFECT_DONE);
	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_TAKEN);
	commit(home);
	assert_int_equal(
		store_effects(home->store, EFFECTS_OPEN, home->arena, &open, &n), STORE_OK);
	assert_int_equal(n, 2);
	assert_true(str_is(open[0].key, "k1") && open[0].state == EFFECT_UNKNOWN);
	assert_true(str_is(open[1].key, "k2") && open[1].state == EFFECT_SENT);
}

static void effect__of_a_rolled_back_turn__was_never_claimed(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	store_rollback(home->store);
	assert_int_equal(store_find_effect(home->store, S("k1"), home->arena, &old), STORE_NONE);
}

/* Slots: the same thing is not done twice at once */

static enum store_status claim_slot(
	struct home *home, const char *key, int64_t now, struct store_effect *existing)
{
	struct store_effect effect = {.key = str_of(key),
		.conversation = str_of(key),
		.operation = S("orders.cancel"),
		.slot = S("orders.cancel A-1001"),
		.args = rating(home->arena, 3),
		.claimed = now};
	enum store_status status;

	begin(home);
	status = store_claim_effect(home->store, &effect, home->arena, existing);
	commit(home);
	return status;
}

static struct store_effect effect_named(struct home *home, const char *key)
{
	struct store_effect effect = {0};

	assert_int_equal(
		store_find_effect(home->store, str_of(key), home->arena, &effect), STORE_OK);
	return effect;
}

static void slot__of_an_open_or_done_effect__is_taken(void **state)
{
	static const enum effect_state holding[] = {
		EFFECT_SENT, EFFECT_UNKNOWN, EFFECT_HUMAN, EFFECT_DONE};
	struct home *home = *state;
	struct store_effect old;

	assert_int_equal(claim_slot(home, "k1", 100, &old), STORE_OK);
	for (size_t i = 0; i < sizeof holding / sizeof *holding; i++) {
		settle(home, "k1", holding[i]);
		assert_int_equal(claim_slot(home, "k2", 130, &old), STORE_TAKEN);
		assert_true(str_is(old.key, "k1"));
		assert_int_equal(old.state, holding[i]);
		assert_int_equal(
			store_find_effect(home->store, S("k2"), home->arena, &old), STORE_NONE);
	}
}

static void slot__of_what_was_surely_not_done__is_free(void **state)
{
	static const enum effect_state not_done[] = {EFFECT_REFUSED, EFFECT_FAILED};
	struct home *home = *state;
	struct store_effect old;
	char key[] = "k0";

	for (size_t i = 0; i < 2; i++, key[1]++) {
		assert_int_equal(claim_slot(home, key, 100, &old), STORE_OK);
		settle(home, key, not_done[i]);
	}
	assert_int_equal(claim_slot(home, key, 100, &old), STORE_OK);
	/* And the one that was refused may not come back while another has it. */
	assert_int_equal(claim_slot(home, "k0", 100, &old), STORE_TAKEN);
	assert_true(str_is(old.key, "k2"));
}

static void slot__of_what_was_done__is_free_after_a_day(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	assert_int_equal(claim_slot(home, "k1", 100, &old), STORE_OK);
	settle(home, "k1", EFFECT_DONE); /* at 120 */
	assert_int_equal(claim_slot(home, "k2", 120 + 24 * 3600, &old), STORE_TAKEN);
	assert_int_equal(claim_slot(home, "k2", 121 + 24 * 3600, &old), STORE_OK);
	assert_int_equal(effect_named(home, "k1").state, EFFECT_DONE);
}

static void slot__of_two_in_one_transaction__goes_to_the_first(void **state)
{
	struct home *home = *state;
	struct store_effect old, effect = {.key = S("k1"),
					 .conversation = S("c"),
					 .operation = S("orders.cancel"),
					 .slot = S("s"),
					 .claimed = 1};

	begin(home);
	assert_int_equal(store_claim_effect(home->store, &effect, home->arena, &old), STORE_OK);
	effect.key = S("k2");
	assert_int_equal(store_claim_effect(home->store, &effect, home->arena, &old), STORE_TAKEN);
	commit(home);
	assert_true(str_is(old.key, "k1"));
}

static size_t list_effects(struct home *home, enum effect_choice choice, const char *first)
{
	struct store_effect *effect;
	size_t n;

	assert_int_equal(store_effects(home->store, choice, home->arena, &effect, &n), STORE_OK);
	if (n && first)
		assert_string_equal(arena_cstr(home->arena, effect[0].key), first);
	return n;
}

static void effect__that_follows_another__is_open_and_has_no_slot(void **state)
{
	struct home *home = *state;
	struct store_effect old, *open,
		follower = {.key = S("k2"),
			.conversation = S("c2"),
			.operation = S("orders.cancel"),
			.follows = S("k1"),
			.args = rating(home->arena, 3),
			.claimed = 130};
	size_t n;

	assert_int_equal(claim_slot(home, "k1", 100, &old), STORE_OK);
	begin(home);
	store_follow_effect(home->store, &follower);
	commit(home);
	reopen(home);
	assert_int_equal(store_effects_of(home->store, S("c2"), home->arena, &open, &n), STORE_OK);
	assert_int_equal(n, 1);
	assert_int_equal(open[0].state, EFFECT_FOLLOWS);
	assert_true(str_is(open[0].follows, "k1"));
	settle(home, "k1", EFFECT_DONE);
	settle(home, "k2", EFFECT_DONE); /* both are done, and no index minds */
	assert_int_equal(list_effects(home, EFFECTS_OPEN, NULL), 0);
}

static void effect__sent_again__keeps_when_it_first_left_and_since_when_it_is_in_doubt(void **state)
{
	struct home *home = *state;
	struct store_verdict verdict = {.state = EFFECT_UNKNOWN,
		.now = 110,
		.doubt = 100,
		.next = 112,
		.evidence = S("110: no answer")};
	struct store_effect effect;

	assert_int_equal(claim_slot(home, "k1", 100, &effect), STORE_OK);
	begin(home);
	store_settle_effect(home->store, S("k1"), &verdict);
	commit(home);
	effect = effect_named(home, "k1");
	assert_int_equal(effect.next, 112);
	assert_int_equal(effect.doubt, 100);
	assert_int_equal(effect.settled, 0);
	begin(home);
	store_resend_effect(home->store, S("k1"), 112);
	commit(home);
	effect = effect_named(home, "k1");
	assert_int_equal(effect.state, EFFECT_SENT);
	assert_int_equal(effect.claimed, 100);
	assert_int_equal(effect.sent, 112);
	assert_int_equal(effect.doubt, 100);
	assert_int_equal(effect.tries, 2);
	begin(home);
	verdict.evidence = S("122: no answer");
	store_settle_effect(home->store, S("k1"), &verdict);
	commit(home);
	assert_string_equal(arena_cstr(home->arena, effect_named(home, "k1").evidence),
		"110: no answer\n122: no answer\n");
	/* What is done leaves no more. */
	settle(home, "k1", EFFECT_DONE);
	begin(home);
	store_resend_effect(home->store, S("k1"), 200);
	commit(home);
	assert_int_equal(effect_named(home, "k1").state, EFFECT_DONE);
}

static void effect__known_and_untold__is_open_until_it_is_told(void **state)
{
	struct home *home = *state;
	struct store_verdict verdict = {.state = EFFECT_DONE, .now = 120, .untold = true};
	struct store_effect old;

	assert_int_equal(claim_slot(home, "k1", 100, &old), STORE_OK);
	begin(home);
	store_settle_effect(home->store, S("k1"), &verdict);
	commit(home);
	assert_int_equal(list_effects(home, EFFECTS_OPEN, "k1"), 1);
	begin(home);
	store_told_effect(home->store, S("k1"));
	commit(home);
	assert_int_equal(list_effects(home, EFFECTS_OPEN, NULL), 0);
}

static void effect__of_doubtful_outcome__is_listed_for_a_person(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	assert_int_equal(claim(home, "k2", &old), STORE_OK);
	assert_int_equal(claim(home, "k3", &old), STORE_OK);
	commit(home);
	settle(home, "k1", EFFECT_HUMAN);
	settle(home, "k2", EFFECT_UNKNOWN);
	assert_int_equal(list_effects(home, EFFECTS_DOUBTFUL, "k1"), 2);
	settle(home, "k1", EFFECT_DONE); /* the person found out */
	assert_int_equal(list_effects(home, EFFECTS_DOUBTFUL, "k2"), 1);
}

static void effect__left_to_a_person__is_closed_by_one_and_may_be_claimed_again(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	assert_int_equal(claim_slot(home, "k1", 100, &old), STORE_OK);
	settle(home, "k1", EFFECT_HUMAN);
	assert_int_equal(claim_slot(home, "k2", 130, &old), STORE_TAKEN);
	begin(home);
	store_finish_effects(home->store, S("somebody else"), S("by Ana"), 140);
	commit(home);
	assert_int_equal(effect_named(home, "k1").state, EFFECT_HUMAN);
	begin(home);
	store_finish_effects(home->store, S("k1"), S("by Mai"), 150);
	commit(home);
	old = effect_named(home, "k1");
	assert_int_equal(old.state, EFFECT_CLOSED);
	assert_int_equal(old.settled, 150);
	assert_string_equal(arena_cstr(home->arena, old.evidence), "by Mai\n");
	assert_int_equal(claim_slot(home, "k1", 160, &old), STORE_OK);
	settle(home, "k1", EFFECT_REFUSED);
	assert_int_equal(claim_slot(home, "k2", 170, &old), STORE_OK);
}

static void effect__that_never_mattered__is_dropped(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	begin(home);
	assert_int_equal(claim(home, "k1", &old), STORE_OK);
	store_drop_effect(home->store, S("k1"));
	commit(home);
	assert_int_equal(store_find_effect(home->store, S("k1"), home->arena, &old), STORE_NONE);
}

static void effect__of_a_forgotten_conversation__keeps_its_slot_while_it_is_open(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	assert_int_equal(claim_slot(home, "k1", 100, &old), STORE_OK);
	assert_int_equal(store_forget(home->store, S("k1")), STORE_OK);
	assert_int_equal(claim_slot(home, "k2", 130, &old), STORE_TAKEN);
	assert_int_equal(old.conversation.n, 0);
	settle(home, "k1", EFFECT_REFUSED);
	assert_int_equal(claim_slot(home, "k2", 130, &old), STORE_OK);
	settle(home, "k2", EFFECT_DONE);
	assert_int_equal(store_forget(home->store, S("k2")), STORE_OK);
	assert_int_equal(claim_slot(home, "k3", 131, &old), STORE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(effect__claimed_once__is_taken_then),
		T(effect__done__stays_taken_and_gives_its_answer),
		T(effect__surely_not_done__may_be_claimed_again),
		T(effect__unknown__stays_taken_and_is_listed_as_open),
		T(effect__of_a_rolled_back_turn__was_never_claimed),
		T(slot__of_an_open_or_done_effect__is_taken),
		T(slot__of_what_was_surely_not_done__is_free),
		T(slot__of_what_was_done__is_free_after_a_day),
		T(slot__of_two_in_one_transaction__goes_to_the_first),
		T(effect__that_follows_another__is_open_and_has_no_slot),
		T(effect__sent_again__keeps_when_it_first_left_and_since_when_it_is_in_doubt),
		T(effect__known_and_untold__is_open_until_it_is_told),
		T(effect__of_doubtful_outcome__is_listed_for_a_person),
		T(effect__left_to_a_person__is_closed_by_one_and_may_be_claimed_again),
		T(effect__that_never_mattered__is_dropped),
		T(effect__of_a_forgotten_conversation__keeps_its_slot_while_it_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
