/* Cards of the desk, and messages to other programs: what every kind of store keeps of them. */
#include "tests/contract/store_home.h"

struct seen {
	size_t n;
	int64_t last_id;
	char text[2000];
};

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

static int64_t new_card(struct home *home)
{
	int64_t id;

	begin(home);
	id = store_add_card(home->store, S("c1"), S("orders"), 5, rating(home->arena, 2));
	commit(home);
	return id;
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
	assert_int_equal(store_expire(home->store, 100), STORE_OK);
	assert_string_equal(sends(home, true), "a {} at 100 tries 1 next 0 sent 400 dead 0 503|");
}

static void send__that_waits__does_not_expire(void **state)
{
	struct home *home = *state;

	assert_true(add_send(home, "a", 1) > 0);
	assert_int_equal(store_expire(home->store, INT64_MAX), STORE_OK);
	assert_true(strlen(sends(home, false)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(cards__are_open_until_closed_once),
		T(card__of_no_such_number__is_none),
		T(card__is_nobodys_at_first),
		T(card__claimed_by_fifty_at_once__goes_to_one),
		T(card__given_back__may_be_claimed_again),
		T(card__closed__is_claimed_by_nobody),
		T(card__claim_rolled_back__was_not),
		T(send__is_added_once_and_waits_until_it_is_sent_or_dead),
		T(send__that_waits__does_not_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
