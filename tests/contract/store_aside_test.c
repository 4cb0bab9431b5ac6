/* What is read while a second thread folds: reading waits for it, and what was found in memory
 * before may be elsewhere by then. */
#include <sys/stat.h>

#include "tests/contract/store_home.h"

enum { warm = 16384, a_commit = 1024 }; /* so many folded conversations stay in memory */

static void turn_with(
	struct home *home, struct str conversation, struct str session, int64_t due_ms)
{
	struct post post = {.n = last_post_of(home->store, conversation) + 1,
		.at_ms = 5,
		.who = POST_BUYER,
		.mid = arena_printf(home->arena, "%.*s 1", STR(conversation)),
		.body = &value_none};

	store_save_session(home->store, conversation, session, 5, due_ms);
	store_add_post(home->store, conversation, &post);
}

static void turn(struct home *home, struct str conversation, int64_t due_ms)
{
	turn_with(home, conversation, S("s"), due_ms);
}

static void one_turn(struct home *home, const char *conversation, int64_t due_ms)
{
	begin(home);
	turn(home, str_of(conversation), due_ms);
	commit(home);
}

struct due {
	int n;
	int64_t due_ms;
};

static void note_due(void *self, struct str conversation, int64_t due_ms)
{
	struct due *due = self;

	assert_true(str_is(conversation, "c"));
	due->n++;
	due->due_ms = due_ms;
}

static void due__while_it_is_folded__is_listed_once(void **state)
{
	struct home *home = *state;
	struct due due = {0};

	one_turn(home, "c", 50);
	(void)fold(home, 10);
	one_turn(home, "c", 60);
	assert_int_equal(store_fold_aside(home->store, FOLD_ALL, 10), STORE_OK);
	assert_int_equal(store_due(home->store, 100, note_due, &due), STORE_OK);
	assert_int_equal(due.n, 1);
	assert_int_equal(due.due_ms, 60);
}

static void many_turns(struct home *home, int n)
{
	for (int i = 0; i < n; i++) {
		if (i % a_commit == 0)
			begin(home);
		turn(home, arena_printf(home->arena, "other %d", i), 0);
		if (i % a_commit == a_commit - 1 || i == n - 1) {
			commit(home);
			arena_reset(home->arena);
		}
	}
}

/* The conversation that was folded longest ago is forgotten with the end of the folding that is
 * waited for when its ids are looked for. */
static void knows__when_waiting_makes_the_conversation_forgotten__is_right(void **state)
{
	struct home *home = *state;

	one_turn(home, "c", 0);
	reopen(home); /* which of its ids are in the tables is not known from now on */
	begin(home);
	store_save_session(home->store, S("c"), S("t"), 6, 0);
	commit(home);
	many_turns(home, warm - 1);
	assert_int_equal(fold(home, 2 * warm), 0);
	one_turn(home, "d", 0);
	assert_int_equal(store_fold_aside(home->store, FOLD_ALL, 10), STORE_OK);
	assert_true(is_known(home->store, S("c"), S("c 1")));
	assert_false(is_known(home->store, S("c"), S("c 2")));
	is_session(home, "c", S("t"));
	is_session(home, "d", S("s"));
}

/* Not for all that it was asked to do, which may take long where others want the core. */
static void fold_aside__that_is_waited_for__ends_soon(void **state)
{
	enum { some = 2000, tries = 50 };
	struct home *home = *state;
	struct store_sizes sizes;
	int64_t turns = 0;
	bool soon = false;

	for (; turns < tries && !soon; turns++) { /* now and then it is over before */
		many_turns(home, some);
		assert_int_equal(store_fold_aside(home->store, FOLD_ALL, some), STORE_OK);
		assert_int_equal(store_measure(home->store, &sizes), STORE_OK); /* waits for it */
		soon = store_journal(home->store) > 0;
		assert_true(store_journal(home->store) < some);
	}
	assert_true(soon);
	assert_int_equal(sizes.posts, turns * some);
	is_session(home, "other 0", S("s"));
	is_session(home, "other 1999", S("s"));
	assert_int_equal(fold(home, some), 0);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.posts, turns * some);
}

static void count_post(void *self, const struct post *post)
{
	uint32_t *n = self;

	*n += post->n;
}

/* What a conversation said last is asked for by its next turn, while others are being folded. */
static void fold_aside__of_older_rows__leaves_the_newest_of_each(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;
	uint32_t sum = 0;

	for (int n = 1; n <= 3; n++) {
		begin(home);
		turn_with(home, S("c"), arena_printf(home->arena, "c %d", n), 0);
		turn_with(home, S("d"), arena_printf(home->arena, "d %d", n), 0);
		commit(home);
	}
	one_turn(home, "single", 0);
	assert_int_equal(store_fold_aside(home->store, FOLD_OLDER, 100), STORE_OK);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK); /* waits for it */
	assert_int_equal(store_journal(home->store), 2);
	assert_int_equal(store_posts(home->store, S("c"), 2, 1, count_post, &sum), STORE_OK);
	assert_int_equal(sum, 3);
	is_session(home, "c", S("c 3"));
	is_session(home, "d", S("d 3"));
	is_session(home, "single", S("s"));
	assert_int_equal(store_fold_aside(home->store, FOLD_OLDER, 100), STORE_OK);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(store_journal(home->store), 0); /* they were alone */
	reopen(home);
	is_session(home, "c", S("c 3"));
	assert_int_equal(store_posts(home->store, S("d"), 0, 9, count_post, &sum), STORE_OK);
	assert_int_equal(sum, 3 + 1 + 2 + 3);
}

/* One that is never silent does not keep the others from being folded. */
static void fold_aside__of_older_rows__begins_with_who_waits_longest(void **state)
{
	enum { silent = 20, turns = 40 };
	struct home *home = *state;
	struct store_sizes sizes;

	many_turns(home, silent);
	for (int n = 1; n <= turns; n++) {
		one_turn(home, "talks", 0);
		assert_int_equal(store_fold_aside(home->store, FOLD_OLDER, 1), STORE_OK);
		assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	}
	assert_true(store_journal(home->store) <= silent);
	assert_int_equal(store_fold_aside(home->store, FOLD_OLDER, turns), STORE_OK);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(store_journal(home->store), 1);
}

static off_t length_of(const struct home *home, const char *suffix)
{
	char path[128];
	struct stat about;

	snprintf(path, sizeof(path), "%s%s", home->path, suffix);
	return stat(path, &about) ? 0 : about.st_size;
}

/* While they all go on talking: what was said first is folded first, of each of them, and the
 * journal's files are written anew in turn. */
static void fold_aside__of_older_rows__comes_round_to_all_who_talk(void **state)
{
	enum { talking = 40, rounds = 1200, unfolded = 2000, step = 512, most = 32 << 20 };
	static char session[1500];
	struct home *home = *state;

	memset(session, 's', sizeof(session));
	for (int i = 0; i < rounds; i++) {
		arena_reset(home->arena);
		begin(home);
		for (int n = 0; n < talking; n++)
			turn_with(home, arena_printf(home->arena, "c%d", n),
				(struct str){session, sizeof(session)}, 0);
		commit(home);
		if (store_journal(home->store) > unfolded)
			assert_int_equal(store_fold_aside(home->store, FOLD_OLDER, step), STORE_OK);
	}
	assert_true(length_of(home, "-turns1") > 0);
	assert_true(length_of(home, "-turns2") > 0);
	assert_true(length_of(home, "-turns1") + length_of(home, "-turns2") < most);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(fold_aside__of_older_rows__leaves_the_newest_of_each),
		T(fold_aside__of_older_rows__begins_with_who_waits_longest),
		T(fold_aside__of_older_rows__comes_round_to_all_who_talk),
		T(fold_aside__that_is_waited_for__ends_soon),
		T(due__while_it_is_folded__is_listed_once),
		T(knows__when_waiting_makes_the_conversation_forgotten__is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
