/* Forgetting, on request and, of ids, by age: what is gone is gone from the file too. */
#include "tests/contract/store_home.h"

static const struct value *words(struct home *home, const char *text)
{
	struct value_builder b = value_build(home->arena);

	value_put_text(&b, "text", str_of(text));
	return value_record(&b);
}

static void add(struct home *home, const char *conversation, const char *mid, const char *text)
{
	struct str name = str_of(conversation);
	struct post post = {.n = last_post_of(home->store, name) + 1,
		.at_ms = 1000,
		.who = POST_BUYER,
		.mid = str_of(mid),
		.body = words(home, text)};

	store_add_post(home->store, name, &post);
}

/* A turn that leaves its mark in every table. */
static void turn_of_xanthippe(struct home *home, const char *key)
{
	static const struct store_watch watch = {{"buyer", 5}, {"buyer Xanthippe", 15}};
	struct store_effect old, effect = {.key = str_of(key),
					 .conversation = S("Xanthippe"),
					 .operation = S("orders.cancel"),
					 .args = words(home, "Xanthippe"),
					 .claimed = 1};

	begin(home);
	store_save_session(home->store, S("Xanthippe"), S("session of Xanthippe"), 1, 50);
	add(home, "Xanthippe", "mid of Xanthippe", "I am Xanthippe");
	store_know(home->store, S("Xanthippe"), S("Xanthippe pressed"), 1);
	store_set_watches(home->store, S("Xanthippe"), &watch, 1, 1000);
	store_add_note(home->store, S("rating"), 1, S("Xanthippe"), words(home, "Xanthippe"));
	(void)store_add_card(home->store, S("Xanthippe"), S("q"), 1, words(home, "Xanthippe"));
	(void)store_add_send(home->store, str_of(key), S("Xanthippe"), S("{\"Xanthippe\":1}"), 1);
	assert_int_equal(store_claim_effect(home->store, &effect, home->arena, &old), STORE_OK);
	commit(home);
}

static bool anybody_may_go(void *self, struct str conversation, struct str session)
{
	(void)self;
	(void)conversation;
	(void)session;
	return true;
}

static void turn_of_another(struct home *home)
{
	begin(home);
	store_save_session(home->store, S("other"), S("Somebody else"), 1, 60);
	add(home, "other", "m", "somebody else");
	commit(home);
}

static void count_due(void *self, struct str conversation, int64_t due_ms)
{
	size_t *n = self;

	assert_true(str_is(conversation, "other"));
	assert_int_equal(due_ms, 60);
	++*n;
}

static void nobody(void *self, struct str conversation)
{
	(void)self;
	(void)conversation;
	fail();
}

static void xanthippe_is_gone(struct home *home)
{
	struct store_effect old;
	struct str bytes;
	size_t n = 0;

	assert_false(in_file_or_log(home, "Xanthippe"));
	assert_int_equal(
		store_load_session(home->store, S("Xanthippe"), home->arena, &bytes), STORE_NONE);
	assert_int_equal(last_post_of(home->store, S("Xanthippe")), 0);
	assert_false(is_known(home->store, S("Xanthippe"), S("mid of Xanthippe")));
	assert_int_equal(
		store_watching(home->store, S("buyer"), S("buyer Xanthippe"), nobody, NULL),
		STORE_OK);
	assert_int_equal(store_due(home->store, 1000, count_due, &n), STORE_OK);
	assert_int_equal(n, 1);
	is_session(home, "other", S("Somebody else"));
	assert_int_equal(last_post_of(home->store, S("other")), 1);
	assert_int_equal(store_find_effect(home->store, S("key-1"), home->arena, &old), STORE_OK);
	assert_int_equal(old.state, EFFECT_SENT);
}

static void forget__of_what_is_in_the_journal__leaves_no_byte(void **state)
{
	struct home *home = *state;

	turn_of_xanthippe(home, "key-1");
	turn_of_another(home);
	turn_of_xanthippe(home, "key-2");
	assert_true(in_file_or_log(home, "Xanthippe"));
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	xanthippe_is_gone(home);
	assert_int_equal(store_journal(home->store), 0);
	reopen(home);
	xanthippe_is_gone(home);
}

static void forget__of_what_is_folded__leaves_no_byte(void **state)
{
	struct home *home = *state;

	turn_of_xanthippe(home, "key-1");
	turn_of_another(home);
	turn_of_xanthippe(home, "key-2");
	assert_int_equal(fold(home, 10), 0);
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	xanthippe_is_gone(home);
}

static void forget__of_what_is_in_both__leaves_no_byte(void **state)
{
	struct home *home = *state;

	turn_of_xanthippe(home, "key-1");
	turn_of_another(home);
	assert_int_equal(fold(home, 10), 0);
	turn_of_xanthippe(home, "key-2");
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	xanthippe_is_gone(home);
}

static void turns_of_others(struct home *home, int n)
{
	begin(home);
	for (int i = 0; i < n; i++) {
		struct str name = arena_printf(home->arena, "other %d", i % 50);

		store_save_session(home->store, name, S("Somebody else"), 1, 0);
	}
	commit(home);
}

/* Beside turns of others, as long as it takes. */
static void clear(struct home *home, int64_t mark)
{
	bool is_clear = false;

	for (int i = 0; i < 1000 && !is_clear; i++) {
		turns_of_others(home, 20);
		assert_int_equal(store_clear_aside(home->store, mark, &is_clear), STORE_OK);
		usleep(500);
	}
	assert_true(is_clear);
}

static void forget__of_what_the_journal_was_emptied_of__folds_nothing(void **state)
{
	struct home *home = *state;

	turn_of_xanthippe(home, "key-1");
	turn_of_another(home);
	turns_of_others(home, 500);
	turn_of_xanthippe(home, "key-2");
	clear(home, store_mark(home->store));
	turns_of_others(home, 50);
	assert_true(store_journal(home->store) >= 50);
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	assert_true(store_journal(home->store) >= 50);
	xanthippe_is_gone(home);
	reopen(home);
	xanthippe_is_gone(home);
}

/* Behind the end of a file that is written anew are older rows. */
static void forget__where_files_took_turns__leaves_no_byte(void **state)
{
	struct home *home = *state;

	turn_of_another(home);
	for (int i = 0; i < 3; i++) {
		turn_of_xanthippe(home, i ? i > 1 ? "key-3" : "key-2" : "key-1");
		for (int n = 0; n < 5; n++) /* a file turns at 8,192 rows */
			turns_of_others(home, 2000);
		assert_int_equal(fold(home, 100000), 0);
		assert_int_equal(fold(home, 100000), 0);
	}
	assert_true(in_file_or_log(home, "I am Xanthippe"));
	clear(home, store_mark(home->store));
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	xanthippe_is_gone(home);
}

/* Somebody else was removed, and is in the files still, when one is forgotten that is not. */
static void forget__after_another_was_removed__leaves_no_byte_of_that(void **state)
{
	struct home *home = *state;
	struct store_idle idle = {
		.before = 1000, .now_ms = 1000, .most = 100, .may_go = anybody_may_go};

	begin(home);
	store_save_session(home->store, S("idle"), S("Socrates"), 1, 0);
	commit(home);
	assert_int_equal(fold(home, 10), 0);
	while (!idle.is_over)
		assert_int_equal(store_remove_idle(home->store, &idle), STORE_OK);
	assert_int_equal(idle.n_gone, 1);
	assert_int_equal(store_forget(home->store, S("nobody")), STORE_OK);
	assert_false(in_file_or_log(home, "Socrates"));
}

static void forgotten__begins_anew__with_the_first_post(void **state)
{
	struct home *home = *state;

	turn_of_xanthippe(home, "key-1");
	turn_of_another(home);
	assert_int_equal(fold(home, 1), 1);
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	turn_of_xanthippe(home, "key-3");
	assert_int_equal(fold(home, 10), 0);
	assert_int_equal(last_post_of(home->store, S("Xanthippe")), 1);
	assert_int_equal(store_forget(home->store, S("nobody")), STORE_OK);
	assert_int_equal(store_forget(home->store, S("Xanthippe")), STORE_OK);
	xanthippe_is_gone(home);
}

/* Rows move between pages as others come and go; none may leave a copy behind.  Each conversation
 * has a word of its own in all that it stores, in sessions and posts of all sizes. */

static unsigned chance = 4711;

static unsigned below(unsigned n)
{
	chance = chance * 1103515245u + 12345u;
	return chance / 65536 % n;
}

static void long_text(char *text, size_t n, int conversation)
{
	size_t used = 0;

	while (used + 20 < n)
		used += (size_t)snprintf(text + used, n - used, "canary%03d ", conversation);
}

static void random_turn(struct home *home, int conversation)
{
	char name[32], text[8000] = "", mid[32];

	snprintf(name, sizeof(name), "canary%03d", conversation);
	snprintf(mid, sizeof(mid), "canary%03d-%u", conversation, below(1000000));
	long_text(text, 40 + below(3) * below(2600), conversation);
	begin(home);
	store_save_session(
		home->store, str_of(name), str_of(text), 1, below(2) ? 1 + below(99) : 0);
	long_text(text, 40 + below(2) * below(1500), conversation);
	add(home, name, mid, text);
	if (below(8) == 0)
		store_add_note(home->store, S("n"), 1, str_of(name), words(home, text));
	commit(home);
	arena_reset(home->arena);
}

static void forget__after_much_moving__leaves_no_copy_behind(void **state)
{
	enum { conversations = 60, turns = 1500, forgotten = 30 };
	struct home *home = *state;
	char name[32];

	for (int i = 0; i < turns; i++) {
		random_turn(home, (int)below(conversations));
		if (below(10) == 0)
			(void)fold(home, 1 + below(30));
	}
	for (int i = 0; i < forgotten; i++) {
		snprintf(name, sizeof(name), "canary%03d", i);
		assert_int_equal(store_forget(home->store, str_of(name)), STORE_OK);
		assert_false(in_file_or_log(home, name));
		for (int k = 0; k < 5; k++)
			random_turn(home, forgotten + (int)below(conversations - forgotten));
		if (below(2))
			(void)fold(home, 20);
	}
}

/* Ids, by age */

static void know(struct home *home, const char *mid, int64_t at_ms)
{
	begin(home);
	store_know(home->store, S("c"), str_of(mid), at_ms);
	commit(home);
}

static void expire__forgets_old_ids__and_no_others(void **state)
{
	struct home *home = *state;

	know(home, "old", 99);
	know(home, "new", 100);
	assert_int_equal(fold(home, 10), 0);
	assert_int_equal(store_expire(home->store, 100), STORE_OK);
	assert_false(is_known(home->store, S("c"), S("old")));
	assert_true(is_known(home->store, S("c"), S("new")));
	reopen(home);
	assert_false(is_known(home->store, S("c"), S("old")));
	assert_true(is_known(home->store, S("c"), S("new")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(forget__of_what_is_in_the_journal__leaves_no_byte),
		T(forget__of_what_is_folded__leaves_no_byte),
		T(forget__of_what_is_in_both__leaves_no_byte),
		T(forget__of_what_the_journal_was_emptied_of__folds_nothing),
		T(forget__where_files_took_turns__leaves_no_byte),
		T(forget__after_another_was_removed__leaves_no_byte_of_that),
		T(forgotten__begins_anew__with_the_first_post),
		T(forget__after_much_moving__leaves_no_copy_behind),
		T(expire__forgets_old_ids__and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
