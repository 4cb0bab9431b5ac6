/* Killing.  A child makes turns of several conversations, in commits of several turns, and folds
 * and removes now and then; it tells a commit through a pipe when it has returned.  It is killed at
 * some moment; then everything it told is there, each commit is there as a whole or not at all, and
 * nothing is there twice. */
#include "tests/contract/store_commits.h"
#include "tests/contract/store_killed.h"

enum { rounds = 60 };

static void tell(int64_t commit, int pipe_end)
{
	if (write(pipe_end, &commit, sizeof(commit)) != sizeof(commit))
		_exit(5);
}

static void do_commit(struct store *store, struct arena *arena, int64_t commit, int pipe_end)
{
	static bool is_under_way;

	if (store_begin(store) != STORE_OK)
		_exit(3);
	write_commit(store, arena, commit);
	if (commit % 4 == 0)
		say_as_guest(store, arena, commit);
	if (is_under_way) {
		if (store_commit_end(store) != STORE_OK)
			_exit(8);
		tell(commit - 1, pipe_end);
	}
	is_under_way = is_halved(commit);
	if (is_under_way) {
		store_commit_begin(store, NULL, NULL);
		return;
	}
	if (store_commit(store) != STORE_OK)
		_exit(4);
	tell(commit, pipe_end);
}

/* Who has not talked for long goes. */
static void remove_guests(struct store *store, int64_t commit)
{
	struct store_idle idle = {.before = commit - 8, .most = 2, .may_go = lets_go};
	size_t left;

	if (commit % 2 && store_fold(store, 1000, &left) != STORE_OK)
		_exit(6);
	while (!idle.is_over)
		if (store_remove_idle(store, &idle) != STORE_OK)
			_exit(9);
	if (commit % 4 && store_clean(store) != STORE_OK)
		_exit(10);
}

static void child_works(const char *path, int64_t commit, int pipe_end)
{
	struct arena *arena = arena_new(1 << 16);
	struct store *store;
	struct buf error;
	size_t left;

	buf_init(&error, 1000);
	if (store_open(path, &store, &error) != STORE_OK)
		_exit(2);
	for (;; commit++) {
		do_commit(store, arena, commit, pipe_end);
		if (commit % 5 == 0 && store_fold(store, 1 + commit % 31, &left) != STORE_OK)
			_exit(6);
		if (commit % 7 == 0 && store_fold_aside(store, commit % 2 ? FOLD_ALL : FOLD_OLDER,
					       1 + commit % 13) != STORE_OK)
			_exit(7);
		if (commit % 3 == 0)
			remove_guests(store, commit);
		arena_reset(arena);
	}
}

/* What is stored after a kill; looked at through a copy, so that the next child finds what the last
 * one left, journal and all. */
static int64_t check_copy(const struct home *home)
{
	struct home copy;
	int64_t stored;

	open_copy(home, &copy);
	stored = check_store(&copy);
	close_copy(&copy);
	return stored;
}

static void kill__at_any_moment__loses_doubles_and_halves_nothing(void **state)
{
	struct home *home = *state;
	unsigned random = 54321;
	int64_t next = 1;

	store_close(home->store);
	home->store = NULL;
	for (int round = 0; round < rounds; round++) {
		int64_t told, stored;

		random = random * 1103515245u + 12345u;
		told = store_kill_at_work(child_works, home->path, next, random / 65536 % 6000);
		assert_true(told >= next);
		stored = check_copy(home);
		assert_true(stored == told || stored == told + 1);
		next = stored + 1;
		arena_reset(home->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(kill__at_any_moment__loses_doubles_and_halves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
