/* Conversations that nobody has written in for long: they go, with every byte, and those in which
 * something is still to come do not. */
#include "adapters/store/store_chats.h"
#include "adapters/store/store_peers.h"
#include "tests/contract/store_home.h"

enum { day = 86400, then = 10 * day, limit = 12 * day };

static const struct value *words(struct home *home, const char *text)
{
	struct value_builder b = value_build(home->arena);

	value_put_text(&b, "text", str_of(text));
	return value_record(&b);
}

static void say(struct home *home, const char *conversation, int64_t now, const char *text)
{
	struct str name = str_of(conversation);
	struct post post = {.n = last_post_of(home->store, name) + 1,
		.at_ms = now * 1000,
		.who = POST_BUYER,
		.body = words(home, text)};

	store_save_session(home->store, name, str_of(text), now, 0);
	store_add_post(home->store, name, &post);
}

static void save_at(struct home *home, const char *conversation, int64_t now)
{
	begin(home);
	say(home, conversation, now, "hello");
	commit(home);
}

static bool is_there(struct home *home, const char *conversation)
{
	struct str bytes;
	enum store_status status =
		store_load_session(home->store, str_of(conversation), home->arena, &bytes);

	assert_true(status == STORE_OK || status == STORE_NONE);
	assert_int_equal(last_post_of(home->store, str_of(conversation)) > 0, status == STORE_OK);
	return status == STORE_OK;
}

static void idle__goes__and_no_other(void **state)
{
	struct home *home = *state;

	save_at(home, "idle", then);
	save_at(home, "same day, before", limit - 1);
	save_at(home, "same day, after", limit);
	save_at(home, "came back", then);
	save_at(home, "just came back", then);
	save_at(home, "came back", limit + day);
	assert_int_equal(fold(home, 10), 0);
	save_at(home, "just came back", limit + day);
	assert_int_equal(remove_idle(home, then).n_gone, 0);
	assert_true(is_there(home, "idle"));
	assert_int_equal(remove_idle(home, limit).n_gone, 2);
	assert_false(is_there(home, "idle"));
	assert_false(is_there(home, "same day, before"));
	assert_true(is_there(home, "same day, after"));
	assert_true(is_there(home, "came back"));
	assert_true(is_there(home, "just came back"));
	assert_int_equal(fold(home, 10), 0);
	assert_int_equal(remove_idle(home, limit).n_gone, 0);
	assert_true(is_there(home, "just came back"));
}

/* Those that are kept are the oldest: nobody waits behind them. */
static void idle__of_many__goes_round_by_round(void **state)
{
	enum { many = 450, kept = 40 };
	static const struct store_watch watch = {{"refund.updated", 14}, {"A-1", 3}};
	struct home *home = *state;
	struct store_idle idle;
	struct store_sizes sizes;
	char name[32];

	for (int i = 0; i < many; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		begin(home);
		say(home, name, then - kept + (i < kept ? i : kept), "hello");
		if (i < kept)
			store_set_watches(home->store, str_of(name), &watch, 1, 1);
		commit(home);
	}
	while (fold(home, 100))
		;
	idle = remove_idle(home, limit);
	assert_int_equal(idle.n_gone, many - kept);
	assert_int_equal(idle.n_held, kept);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, kept);
	assert_int_equal(sizes.posts, kept);
	assert_true(is_there(home, "c0"));
	assert_false(is_there(home, "c449"));
}

/* Something is still to come. */

static struct home *of; /* while one of these begins or ends */

static void effect_is(enum effect_state state, bool untold)
{
	struct store_verdict verdict = {.state = state, .now = then, .untold = untold};

	store_settle_effect(of->store, S("key"), &verdict);
}

static void open_effect(void)
{
	struct store_effect old, effect = {.key = S("key"),
					 .conversation = S("c"),
					 .operation = S("orders.cancel"),
					 .args = words(of, "A-1"),
					 .claimed = then};

	assert_int_equal(store_claim_effect(of->store, &effect, of->arena, &old), STORE_OK);
}

static void doubt_effect(void)
{
	open_effect();
	effect_is(EFFECT_UNKNOWN, false);
}

static void leave_effect_to_a_person(void)
{
	open_effect();
	effect_is(EFFECT_HUMAN, false);
}

static void do_effect_untold(void)
{
	open_effect();
	effect_is(EFFECT_DONE, true);
}

static void end_effect(void)
{
	effect_is(EFFECT_DONE, false);
	store_told_effect(of->store, S("key"));
}

static void watch(void)
{
	static const struct store_watch watch = {{"refund.updated", 14}, {"A-1", 3}};

	store_set_watches(of->store, S("c"), &watch, 1, 1);
}

static void end_watch(void)
{
	store_set_watches(of->store, S("c"), NULL, 0, 2);
}

static void open_card(void)
{
	(void)store_add_card(of->store, S("c"), S("q"), then, words(of, "card"));
}

static void close_card(void)
{
	store_close_card(of->store, 1, then);
}

static void add_send(void)
{
	(void)store_add_send(of->store, S("k"), S("c"), S("{}"), 1);
}

static void end_send(void)
{
	store_mark_send(of->store, 1, 1, 0, 2, 0, S(""));
}

static void put_peer(int64_t heard_ms, int64_t next_ms)
{
	struct store_peer peer = {.conversation = S("c"),
		.account = S("a"),
		.peer = S("1"),
		.heard_ms = heard_ms,
		.next_ms = next_ms};

	store_hear_peer(of->store, &peer);
	store_put_peer(of->store, &peer);
}

static void wait_to_be_sent(void)
{
	put_peer(1, 50);
}

static void end_sending(void)
{
	put_peer(1, 0);
}

static void put_chat(int64_t read_ms)
{
	store_put_chat(of->store, &(struct store_chat){.conversation = S("c"),
					  .account = S("a"),
					  .peer = S("1"),
					  .read_ms = read_ms});
}

static void wait_to_be_read(void)
{
	put_chat(5);
}

static void end_reading(void)
{
	put_chat(0);
}

static void set_timer(void)
{
	store_save_session(of->store, S("c"), S("waits"), then, INT64_MAX / 2);
}

static void end_timer(void)
{
	store_save_session(of->store, S("c"), S("waits"), then, 0);
}

static const struct {
	const char *what;
	void (*begin)(void), (*end)(void);
} reason[] = {
	{"an effect that was sent", open_effect, end_effect},
	{"an effect of unknown outcome", doubt_effect, end_effect},
	{"an effect that a person looks into", leave_effect_to_a_person, end_effect},
	{"an outcome that was not told", do_effect_untold, end_effect},
	{"a watch", watch, end_watch},
	{"an open card", open_card, close_card},
	{"a message to another program", add_send, end_send},
	{"a message that waits to be sent", wait_to_be_sent, end_sending},
	{"a message that waits to be read", wait_to_be_read, end_reading},
	{"a timer", set_timer, end_timer},
};

static void idle__in_which_something_is_to_come__goes_when_it_is_over(void **state)
{
	struct home *home = *state;
	struct store_idle idle;

	of = home;
	for (size_t i = 0; i < sizeof(reason) / sizeof(*reason); i++) {
		begin(home);
		say(home, "c", then, "hello");
		reason[i].begin();
		commit(home);
		while (fold(home, 100))
			;
		idle = remove_idle(home, limit);
		if (idle.n_gone || idle.n_held != 1)
			fail_msg("it went, though there is %s", reason[i].what);
		begin(home);
		reason[i].end();
		commit(home);
		while (fold(home, 100))
			;
		idle = remove_idle(home, limit);
		if (idle.n_gone != 1 || idle.n_held)
			fail_msg("it is kept, though this is over: %s", reason[i].what);
		assert_false(is_there(home, "c"));
		teardown((void **)&home);
		setup((void **)&home);
		*state = of = home;
	}
}

static bool keeps(void *self, struct str conversation, struct str session)
{
	(void)self;
	assert_true(str_is(conversation, "c"));
	assert_true(str_is(session, "hello"));
	return false;
}

static void idle__that_may_not_go__stays(void **state)
{
	struct home *home = *state;
	struct store_idle idle = {.before = limit, .most = 5, .may_go = keeps};

	save_at(home, "c", then);
	assert_int_equal(fold(home, 100), 0);
	assert_int_equal(store_remove_idle(home->store, &idle), STORE_OK);
	assert_true(idle.is_over);
	assert_int_equal(idle.n_held, 1);
	assert_true(is_there(home, "c"));
}

/* A message that came to nothing was taken all the same, and may come again. */
static void idle__with_a_newer_id__stays(void **state)
{
	struct home *home = *state;

	save_at(home, "c", then);
	begin(home);
	store_know(home->store, S("c"), S("pressed"), (int64_t)limit * 1000);
	commit(home);
	assert_int_equal(fold(home, 100), 0);
	assert_int_equal(remove_idle(home, limit).n_gone, 0);
	assert_true(is_known(home->store, S("c"), S("pressed")));
	assert_int_equal(remove_idle(home, limit + 1).n_gone, 1);
	assert_false(is_known(home->store, S("c"), S("pressed")));
}

static void idle__that_was_settled__leaves_key_and_state(void **state)
{
	struct home *home = *state;
	struct store_effect old;

	of = home;
	begin(home);
	say(home, "c", then, "hello");
	open_effect();
	effect_is(EFFECT_DONE, false);
	commit(home);
	assert_int_equal(fold(home, 100), 0);
	assert_int_equal(remove_idle(home, limit).n_gone, 1);
	assert_int_equal(store_find_effect(home->store, S("key"), home->arena, &old), STORE_OK);
	assert_int_equal(old.state, EFFECT_DONE);
	assert_true(str_is(old.operation, "orders.cancel"));
	assert_int_equal(old.conversation.n, 0);
}

/* No byte is left: each conversation has a word of its own in all that it stores. */

static unsigned chance = 4711;

static unsigned below(unsigned n)
{
	chance = chance * 1103515245u + 12345u;
	return chance / 65536 % n;
}

static void turn_of(struct home *home, const char *name, int64_t now)
{
	char text[8000] = "";
	size_t used = 0, n = 40 + below(3) * below(2600);

	while (used + 20 < n)
		used += (size_t)snprintf(text + used, n - used, "%s ", name);
	begin(home);
	say(home, name, now, text);
	if (below(8) == 0)
		store_add_note(home->store, S("n"), now, str_of(name), words(home, text));
	commit(home);
	arena_reset(home->arena);
}

enum { old_ones = 40, others = 20 };

static void nothing_of_the_old(struct home *home)
{
	char name[32];

	for (int i = 0; i < old_ones; i++) {
		snprintf(name, sizeof(name), "canary%03d", i);
		if (in_file_or_log(home, name))
			fail_msg("'%s' is left", name);
	}
	assert_true(in_file_or_log(home, "canary040"));
}

/* In the middle of it the program may be killed: the copies are gone when it is back. */
static void idle__is_gone__with_every_byte(void **state)
{
	struct home *home = *state, copy;
	char name[32];

	for (int i = 0; i < 1500; i++) {
		int which = (int)below(old_ones + others);

		snprintf(name, sizeof(name), "canary%03d", which);
		turn_of(home, name, which < old_ones ? then + i : limit + i);
		if (below(10) == 0)
			(void)fold(home, 1 + below(30));
	}
	while (fold(home, 500))
		;
	assert_int_equal(remove_idle(home, limit).n_gone, old_ones);
	open_copy(home, &copy);
	nothing_of_the_old(&copy);
	close_copy(&copy);
	turn_of(home, "canary041", limit + 2000);
	assert_int_equal(store_clean(home->store), STORE_OK);
	nothing_of_the_old(home);
	assert_true(is_there(home, "canary041"));
}

static void idle__that_went__begins_anew(void **state)
{
	struct home *home = *state;

	save_at(home, "c", then);
	save_at(home, "c", then + 1);
	assert_int_equal(fold(home, 100), 0);
	assert_int_equal(remove_idle(home, limit).n_gone, 1);
	save_at(home, "c", limit);
	assert_int_equal(last_post_of(home->store, S("c")), 1);
	reopen(home);
	assert_int_equal(last_post_of(home->store, S("c")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(idle__goes__and_no_other),
		T(idle__of_many__goes_round_by_round),
		T(idle__in_which_something_is_to_come__goes_when_it_is_over),
		T(idle__that_may_not_go__stays),
		T(idle__with_a_newer_id__stays),
		T(idle__that_was_settled__leaves_key_and_state),
		T(idle__is_gone__with_every_byte),
		T(idle__that_went__begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
