/* What every kind of store keeps to.  The functions under test are those of store.h only. */
#include "tests/contract/store_home.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "adapters/store/sqlite/sqlite.h"

static const struct value *rating(struct arena *arena, int64_t stars)
{
	struct value_builder b = value_build(arena);

	value_put_int(&b, "stars", stars);
	value_put_text(&b, "words", S("\"quick\" – merci"));
	return value_record(&b);
}

/* Sessions */

static void session__unknown__is_none(void **state)
{
	struct home *home = *state;
	struct str bytes = S("x");

	assert_int_equal(
		store_load_session(home->store, S("nobody"), home->arena, &bytes), STORE_NONE);
	assert_int_equal(bytes.n, 0);
}

static void session__comes_back_byte_for_byte_after_reopening(void **state)
{
	struct home *home = *state;
	struct str bytes = {"\0\1\xff session \0", 13};

	begin(home);
	store_save_session(home->store, S("c1"), S("first"), 1, 0);
	store_save_session(home->store, S("c1"), bytes, 2, 0);
	store_save_session(home->store, S("c2"), S("other"), 2, 0);
	commit(home);
	reopen(home);
	is_session(home, "c1", bytes);
	is_session(home, "c2", S("other"));
}

static void session__large__comes_back(void **state)
{
	struct home *home = *state;
	size_t n = 300000;
	char *bytes = malloc(n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31);
	begin(home);
	store_save_session(home->store, S("c1"), (struct str){bytes, n}, 1, 0);
	commit(home);
	is_session(home, "c1", (struct str){bytes, n});
	free(bytes);
}

static void turn__rolled_back__leaves_nothing(void **state)
{
	struct home *home = *state;
	struct str bytes;

	begin(home);
	store_save_session(home->store, S("c1"), S("half"), 1, 0);
	store_add_note(home->store, S("rating"), 1, S("c1"), rating(home->arena, 5));
	store_rollback(home->store);
	assert_int_equal(store_load_session(home->store, S("c1"), home->arena, &bytes), STORE_NONE);
}

/* Notes and cards */

struct seen {
	size_t n;
	int64_t last_id;
	char text[2000];
};

static void see_note(void *self, const struct store_note *note)
{
	struct seen *seen = self;
	size_t used = strlen(seen->text);

	assert_true(note->id > seen->last_id);
	seen->last_id = note->id;
	seen->n++;
	snprintf(seen->text + used, sizeof(seen->text) - used, "%.*s %lld %.*s %.*s|",
		STR(note->name), (long long)note->at, STR(note->conversation), STR(note->json));
}

static void notes__are_listed_in_order_by_name_and_from_an_id_on(void **state)
{
	struct home *home = *state;
	struct seen seen = {0};
	int64_t first;

	begin(home);
	store_add_note(home->store, S("rating"), 10, S("c1"), rating(home->arena, 5));
	store_add_note(home->store, S("cancelled"), 11, S("c2"), NULL);
	store_add_note(home->store, S("rating"), 12, S("c2"), rating(home->arena, 1));
	commit(home);
	assert_int_equal(store_notes(home->store, S("rating"), 0, see_note, &seen), STORE_OK);
	assert_string_equal(seen.text,
		"rating 10 c1 {\"stars\":5,\"words\":\"\\\"quick\\\" – merci\"}|"
		"rating 12 c2 {\"stars\":1,\"words\":\"\\\"quick\\\" – merci\"}|");
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_notes(home->store, S(""), 0, see_note, &seen), STORE_OK);
	assert_int_equal(seen.n, 3);
	first = seen.last_id - 2;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_notes(home->store, S(""), first, see_note, &seen), STORE_OK);
	assert_string_equal(seen.text, "cancelled 11 c2 {}|rating 12 c2 "
				       "{\"stars\":1,\"words\":\"\\\"quick\\\" – merci\"}|");
}

static void see_card(void *self, const struct store_card *card)
{
	struct seen *seen = self;
	size_t used = strlen(seen->text);

	seen->n++;
	seen->last_id = card->id;
	snprintf(seen->text + used, sizeof(seen->text) - used, "%.*s %.*s %lld %s %.*s|",
		STR(card->conversation), STR(card->queue), (long long)card->at,
		card->closed ? "closed" : "open", STR(card->json));
}

static void cards__are_open_until_closed_once(void **state)
{
	struct home *home = *state;
	struct seen seen = {0};
	int64_t id;

	begin(home);
	id = store_add_card(home->store, S("c1"), S("orders"), 5, rating(home->arena, 2));
	(void)store_add_card(home->store, S("c2"), S("general"), 6, NULL);
	commit(home);
	begin(home);
	store_close_card(home->store, id, 9);
	store_close_card(home->store, id, 99);
	commit(home);
	assert_int_equal(store_cards(home->store, false, see_card, &seen), STORE_OK);
	assert_string_equal(seen.text, "c2 general 6 open {}|");
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_cards(home->store, true, see_card, &seen), STORE_OK);
	assert_int_equal(seen.n, 2);
	assert_non_null(strstr(seen.text, "c1 orders 5 closed {\"stars\":2"));
}

static struct store_card card_of(struct home *home, int64_t id)
{
	struct store_card card;

	assert_int_equal(store_card(home->store, id, home->arena, &card), STORE_OK);
	return card;
}

static int64_t new_card(struct home *home)
{
	int64_t id;

	begin(home);
	id = store_add_card(home->store, S("c1"), S("orders"), 5, rating(home->arena, 2));
	commit(home);
	return id;
}

static bool claim_card(struct home *home, int64_t id, int64_t version, const char *person)
{
	bool won;

	begin(home);
	won = store_claim_card(home->store, id, version, str_of(person), 70);
	commit(home);
	return won;
}

static void card__of_no_such_number__is_none(void **state)
{
	struct home *home = *state;
	struct store_card card;

	assert_int_equal(store_card(home->store, 1, home->arena, &card), STORE_NONE);
	assert_false(claim_card(home, 1, 1, "Ana"));
	assert_int_equal(store_card(home->store, 1, home->arena, &card), STORE_NONE);
}

static void card__is_nobodys_at_first(void **state)
{
	struct home *home = *state;
	struct store_card card = card_of(home, new_card(home));

	assert_int_equal(card.version, 1);
	assert_int_equal(card.person.n, 0);
	assert_int_equal(card.claimed, 0);
	assert_int_equal(card.at, 5);
	assert_int_equal(card.closed, 0);
	assert_true(str_is(card.conversation, "c1") && str_is(card.queue, "orders"));
	assert_true(str_starts(card.json, S("{\"stars\":2")));
}

static void card__claimed_by_fifty_at_once__goes_to_one(void **state)
{
	struct home *home = *state;
	int64_t id = new_card(home);
	char name[16];
	int won = 0;

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "person %d", i);
		won += claim_card(home, id, 1, name);
	}
	assert_int_equal(won, 1);
	reopen(home);
	assert_int_equal(card_of(home, id).version, 2);
	assert_true(str_is(card_of(home, id).person, "person 0"));
	assert_int_equal(card_of(home, id).claimed, 70);
}

static void card__given_back__may_be_claimed_again(void **state)
{
	struct home *home = *state;
	int64_t id = new_card(home);

	assert_true(claim_card(home, id, 1, "Ana"));
	assert_true(claim_card(home, id, 2, ""));
	assert_int_equal(card_of(home, id).claimed, 70);
	assert_int_equal(card_of(home, id).person.n, 0);
	assert_false(claim_card(home, id, 1, "Ben"));
	assert_false(claim_card(home, id, 4, "Ben"));
	assert_true(claim_card(home, id, 3, "Ben"));
	assert_true(str_is(card_of(home, id).person, "Ben"));
}

static void card__closed__is_claimed_by_nobody(void **state)
{
	struct home *home = *state;
	int64_t id = new_card(home);

	begin(home);
	store_close_card(home->store, id, 9);
	commit(home);
	assert_int_equal(card_of(home, id).version, 2);
	assert_false(claim_card(home, id, 1, "Ana"));
	assert_false(claim_card(home, id, 2, "Ana"));
	assert_int_equal(card_of(home, id).person.n, 0);
	assert_int_equal(card_of(home, id).closed, 9);
}

static void card__claim_rolled_back__was_not(void **state)
{
	struct home *home = *state;
	int64_t id = new_card(home);

	begin(home);
	assert_true(store_claim_card(home->store, id, 1, S("Ana"), 70));
	assert_true(str_is(card_of(home, id).person, "Ana"));
	store_rollback(home->store);
	assert_int_equal(card_of(home, id).person.n, 0);
	assert_true(claim_card(home, id, 1, "Ben"));
}

/* Messages to other programs */

static void see_send(void *self, const struct store_send *send)
{
	struct seen *seen = self;
	size_t used = strlen(seen->text);

	seen->n++;
	snprintf(seen->text + used, sizeof(seen->text) - used,
		"%.*s %.*s at %lld tries %lld next %lld sent %lld dead %lld %.*s|", STR(send->key),
		STR(send->body), (long long)send->at, (long long)send->tries,
		(long long)send->next_at, (long long)send->sent, (long long)send->dead,
		STR(send->error));
}

static const char *sends(struct home *home, bool all)
{
	static struct seen seen;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_sends(home->store, all, see_send, &seen), STORE_OK);
	return seen.text;
}

static int64_t add_send(struct home *home, const char *key, int64_t at_ms)
{
	int64_t id;

	begin(home);
	id = store_add_send(home->store, str_of(key), S("c"), S("{}"), at_ms);
	commit(home);
	return id;
}

static void mark_send(struct home *home, int64_t id, int64_t next, int64_t sent, int64_t dead)
{
	begin(home);
	store_mark_send(home->store, id, 1, next, sent, dead, S("503"));
	commit(home);
}

static void send__is_added_once_and_waits_until_it_is_sent_or_dead(void **state)
{
	struct home *home = *state;
	int64_t first = add_send(home, "a", 100), second = add_send(home, "b", 50);

	assert_true(first > 0 && second > 0);
	assert_int_equal(add_send(home, "a", 1), 0);
	assert_string_equal(sends(home, false), "b {} at 50 tries 0 next 50 sent 0 dead 0 |a {} at "
						"100 tries 0 next 100 sent 0 dead "
						"0 |");
	mark_send(home, second, 300, 0, 0);
	reopen(home);
	assert_string_equal(sends(home, false),
		"a {} at 100 tries 0 next 100 sent 0 dead 0 |b {} at 50 tries 1 next 300 sent 0 "
		"dead 0 503|");
	mark_send(home, first, 0, 400, 0);
	mark_send(home, second, 0, 0, 500);
	assert_string_equal(sends(home, false), "");
	assert_string_equal(sends(home, true),
		"b {} at 50 tries 1 next 0 sent 0 dead 500 503|a {} at 100 tries 1 next 0 sent 400 "
		"dead 0 503|");
	assert_int_equal(store_expire(home->store, 100, 0), STORE_OK);
	assert_string_equal(sends(home, true), "a {} at 100 tries 1 next 0 sent 400 dead 0 503|");
}

static void send__that_waits__does_not_expire(void **state)
{
	struct home *home = *state;

	assert_true(add_send(home, "a", 1) > 0);
	assert_int_equal(store_expire(home->store, INT64_MAX, 0), STORE_OK);
	assert_true(strlen(sends(home, false)) > 0);
}

/* Effects */

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

/* Forgetting */

static void forget__leaves_no_byte_in_file_or_log(void **state)
{
	struct home *home = *state;
	struct value_builder b = value_build(home->arena);
	struct store_effect effect = {.key = S("key-1"),
		.conversation = S("Xanthippe"),
		.operation = S("orders.cancel"),
		.claimed = 1};
	struct store_effect old;
	struct str bytes;
	char wal[128];

	value_put_text(&b, "words", S("Xanthippe was here"));
	effect.args = value_record(&b);
	snprintf(wal, sizeof(wal), "%s-wal", home->path);
	begin(home);
	store_save_session(home->store, S("Xanthippe"), S("session of Xanthippe"), 1, 0);
	store_save_session(home->store, S("other"), S("Somebody else"), 1, 0);
	store_add_note(home->store, S("rating"), 1, S("Xanthippe"), effect.args);
	(void)store_add_card(home->store, S("Xanthippe"), S("q"), 1, effect.args);
	assert_int_equal(store_claim_effect(home->store, &effect, home->arena, &old), STORE_OK);
	commit(home);
	assert_true(file_holds(home->path, "Xanthippe") || file_holds(wal, "Xanthippe"));
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	assert_false(file_holds(home->path, "Xanthippe"));
	assert_false(file_holds(wal, "Xanthippe"));
	assert_int_equal(
		store_load_session(home->store, S("Xanthippe"), home->arena, &bytes), STORE_NONE);
	is_session(home, "other", S("Somebody else"));
	assert_int_equal(store_find_effect(home->store, S("key-1"), home->arena, &old), STORE_OK);
	assert_int_equal(old.state, EFFECT_SENT);
}

/* Opening */

static void open__of_a_newer_schema__is_refused_untouched(void **state)
{
	struct home *home = *state;
	char command[200];
	struct store *store;

	store_close(home->store);
	home->store = NULL;
	snprintf(command, sizeof(command),
		"sqlite3 %s \"update meta set number = 99 where name = 'schema'\"", home->path);
	if (system(command) != 0)
		skip();
	assert_int_equal(store_open(home->path, &store, &home->error), STORE_BROKEN);
	assert_null(store);
	assert_true(str_find(buf_str(&home->error), S("newer tenstep (schema 99")) > 0);
	assert_true(str_find(buf_str(&home->error), str_of(home->path)) > 0);
}

/* The file as the first version of the program made it. */
static const char schema_1[] =
	"create table meta(name text primary key, number integer not null) strict, without rowid;"
	"insert into meta(name, number) values ('schema', 1);"
	"create table session(conversation text primary key, bytes blob not null,"
	" saved integer not null) strict, without rowid;"
	"create table note(id integer primary key autoincrement, name text not null,"
	" at integer not null, conversation text not null, json text not null) strict;"
	"create index note_of_conversation on note(conversation);"
	"create table card(id integer primary key autoincrement, conversation text not null,"
	" queue text not null, at integer not null, closed integer, json text not null) strict;"
	"create index card_of_conversation on card(conversation);"
	"create table effect(key text primary key, conversation text not null, operation text not "
	"null, args blob not null, state text not null, answer blob, claimed integer not null,"
	" settled integer, tries integer not null) strict, without rowid;"
	"create index effect_open on effect(claimed) where state in ('sent', 'unknown');"
	"create index effect_of_conversation on effect(conversation);"
	"insert into session values ('c1', x'6f6c6400', 1700000000), ('c2', x'', 5);"
	"insert into card(conversation, queue, at, json) values ('c1', 'orders', 7, '{}');"
	"insert into note(name, at, conversation, json) values ('rating', 8, 'c1', '{}');";

static void make_schema_1(struct home *home)
{
	struct sql *sql;

	store_close(home->store);
	home->store = NULL;
	assert_int_equal(unlink(home->path), 0);
	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_OK);
	sql_script(sql, schema_1);
	assert_int_equal(sql_status(sql), SQL_OK);
	sql_close(sql);
}

static void open__of_schema_1__keeps_everything_and_goes_on(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;
	struct seen seen = {0};

	make_schema_1(home);
	open_store(home);
	is_session(home, "c1", (struct str){"old", 4});
	is_session(home, "c2", S(""));
	assert_int_equal(store_last_post(home->store, S("c1")), 0);
	assert_int_equal(card_of(home, 1).version, 1);
	assert_true(claim_card(home, 1, 1, "Ana"));
	assert_int_equal(store_notes(home->store, S(""), 0, see_note, &seen), STORE_OK);
	assert_string_equal(seen.text, "rating 8 c1 {}|");
	begin(home);
	store_save_session(home->store, S("c1"), S("new"), 1700000001, 0);
	commit(home);
	reopen(home);
	is_session(home, "c1", S("new"));
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, 2);
	assert_int_equal(store_expire(home->store, 0, 1700000000), STORE_OK);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, 1);
}

static void open__of_a_damaged_journal__is_refused(void **state)
{
	struct home *home = *state;
	struct store *store;
	struct sql *sql;

	store_close(home->store);
	home->store = NULL;
	assert_int_equal(sql_open(home->path, &sql, &home->error), SQL_OK);
	sql_script(sql, "insert into journal(seq, conversation, bytes) values (5, 'c', x'0100')");
	assert_int_equal(sql_status(sql), SQL_OK);
	sql_close(sql);
	assert_int_equal(store_open(home->path, &store, &home->error), STORE_BROKEN);
	assert_null(store);
	assert_true(str_find(buf_str(&home->error), S("row 5 of the journal is damaged")) > 0);
	assert_true(str_find(buf_str(&home->error), str_of(home->path)) > 0);
}

static void open__in_memory__works_without_a_file(void **state)
{
	struct home *home = *state;
	struct store *store;

	assert_int_equal(store_open(NULL, &store, &home->error), STORE_OK);
	assert_int_equal(store_begin(store), STORE_OK);
	store_save_session(store, S("c"), S("x"), 1, 0);
	assert_int_equal(store_commit(store), STORE_OK);
	store_close(store);
}

/* Killing.  A child does turns as fast as it can and tells each commit through a pipe; it is killed
 * at some moment; what it had told must be there, and a turn is there as a whole or not at all. */

static void turn_of_child(struct store *store, struct arena *arena, int64_t turn)
{
	struct str bytes = arena_printf(arena, "turn %lld", (long long)turn);

	if (store_begin(store) != STORE_OK)
		_exit(3);
	store_save_session(store, S("c1"), bytes, turn, 0);
	store_add_note(store, S("turn"), turn, S("c1"), NULL);
	if (store_commit(store) != STORE_OK)
		_exit(4);
}

static void child_works(const char *path, int64_t turn, int pipe_end)
{
	struct arena *arena = arena_new(1 << 16);
	struct store *store;
	struct buf error;

	buf_init(&error, 1000);
	if (store_open(path, &store, &error) != STORE_OK)
		_exit(2);
	for (;; turn++) {
		turn_of_child(store, arena, turn);
		if (write(pipe_end, &turn, sizeof(turn)) != sizeof(turn))
			_exit(5);
		arena_reset(arena);
	}
}

/* Kills a child after @microseconds of work; the last turn that it told. */
static int64_t kill_one(const char *path, int64_t turn, long microseconds)
{
	struct timespec while_it_works = {0, microseconds * 1000};
	int64_t told, last = turn - 1;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		child_works(path, turn, ends[1]);
	}
	close(ends[1]);
	if (read(ends[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	nanosleep(&while_it_works, NULL);
	kill(child, SIGKILL);
	while (read(ends[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

static void kill__at_any_moment__loses_no_acknowledged_turn(void **state)
{
	struct home *home = *state;
	unsigned random = 12345;
	int64_t turn = 1;

	for (int round = 0; round < 50; round++) {
		struct seen seen = {0};
		struct str bytes;
		int64_t told, stored;

		store_close(home->store);
		home->store = NULL;
		random = random * 1103515245u + 12345u;
		told = kill_one(home->path, turn, random / 65536 % 12000);
		assert_true(told >= turn);
		open_store(home);
		assert_int_equal(
			store_load_session(home->store, S("c1"), home->arena, &bytes), STORE_OK);
		assert_true(
			str_starts(bytes, S("turn ")) && str_int(str_sub(bytes, 5, 20), &stored));
		assert_true(stored == told || stored == told + 1);
		assert_int_equal(store_notes(home->store, S("turn"), 0, see_note, &seen), STORE_OK);
		assert_int_equal(seen.n, stored);
		turn = stored + 1;
		arena_reset(home->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(session__unknown__is_none),
		T(session__comes_back_byte_for_byte_after_reopening),
		T(session__large__comes_back),
		T(turn__rolled_back__leaves_nothing),
		T(notes__are_listed_in_order_by_name_and_from_an_id_on),
		T(cards__are_open_until_closed_once),
		T(card__of_no_such_number__is_none),
		T(card__is_nobodys_at_first),
		T(card__claimed_by_fifty_at_once__goes_to_one),
		T(card__given_back__may_be_claimed_again),
		T(card__closed__is_claimed_by_nobody),
		T(card__claim_rolled_back__was_not),
		T(send__is_added_once_and_waits_until_it_is_sent_or_dead),
		T(send__that_waits__does_not_expire),
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
		T(forget__leaves_no_byte_in_file_or_log),
		T(open__of_a_newer_schema__is_refused_untouched),
		T(open__of_schema_1__keeps_everything_and_goes_on),
		T(open__of_a_damaged_journal__is_refused),
		T(open__in_memory__works_without_a_file),
		T(kill__at_any_moment__loses_no_acknowledged_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
