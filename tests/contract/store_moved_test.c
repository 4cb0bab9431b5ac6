/* Files that were moved or removed while the store is open, or when it is opened: nothing is
 * acknowledged that nobody would find, and nothing is written over. */
#include "tests/contract/store_home.h"

static void turn(struct home *home, const char *session)
{
	begin(home);
	store_save_session(home->store, S("c"), str_of(session), 1, 0);
	commit(home);
}

static const char *with(const char *path, const char *suffix)
{
	static char name[4][128];
	static unsigned next;

	next = (next + 1) % 4;
	snprintf(name[next], sizeof(name[next]), "%s%s", path, suffix);
	return name[next];
}

static void move(const struct home *home, const char *from, const char *to)
{
	assert_int_equal(rename(with(home->path, from), with(home->path, to)), 0);
}

static void takes_nothing(struct home *home)
{
	assert_int_equal(store_watch_files(home->store), STORE_BROKEN);
	assert_non_null(strstr(store_error(home->store), "moved or removed"));
	assert_int_equal(store_begin(home->store), STORE_BROKEN);
	assert_int_equal(store_probe(home->store), STORE_BROKEN);
}

static void store_that_is_moved__takes_nothing__until_it_is_back(void **state)
{
	struct home *home = *state;

	turn(home, "one");
	assert_int_equal(store_watch_files(home->store), STORE_OK);
	move(home, "", ".away");
	takes_nothing(home);
	move(home, ".away", "");
	assert_int_equal(store_probe(home->store), STORE_OK);
	turn(home, "two");
	reopen(home);
	is_session(home, "c", S("two"));
}

static void store_whose_journal_is_moved__takes_nothing__until_it_is_back(void **state)
{
	struct home *home = *state;

	turn(home, "one");
	move(home, "-turns1", ".away");
	takes_nothing(home);
	move(home, ".away", "-turns1");
	assert_int_equal(store_watch_files(home->store), STORE_OK);
	turn(home, "two");
	reopen(home);
	is_session(home, "c", S("two"));
}

static void store_that_is_missing__is_not_made_anew__beside_its_journal(void **state)
{
	struct home *home = *state, copy = *home;

	turn(home, "one");
	snprintf(copy.path, sizeof(copy.path), "%.60s/copy.db", home->folder);
	copy_file(with(home->path, "-turns1"), with(copy.path, "-turns1"));
	assert_int_equal(store_open(copy.path, &copy.store, &home->error), STORE_BROKEN);
	assert_non_null(strstr(home->error.p, "copy.db-turns1' belongs to"));
	for (size_t i = 0; i < n_suffixes; i++) /* now all of it is brought back */
		copy_file(with(home->path, store_suffix[i]), with(copy.path, store_suffix[i]));
	open_store(&copy);
	is_session(&copy, "c", S("one"));
	close_copy(&copy);
}

/* What a kill left, but for one file. */
static void copy_all_but(const struct home *home, const struct home *copy, const char *suffix)
{
	for (size_t i = 0; i < n_suffixes; i++)
		if (strcmp(store_suffix[i], suffix) != 0)
			copy_file(with(home->path, store_suffix[i]),
				with(copy->path, store_suffix[i]));
}

static void store_without_its_journal__is_not_opened__as_if_that_were_empty(void **state)
{
	struct home *home = *state, copy = *home;
	FILE *empty;

	turn(home, "one");
	assert_int_equal(fold(home, 10), 0);
	turn(home, "two");
	snprintf(copy.path, sizeof(copy.path), "%.60s/copy.db", home->folder);
	copy_all_but(home, &copy, "-turns1");
	assert_int_equal(store_open(copy.path, &copy.store, &home->error), STORE_BROKEN);
	assert_non_null(strstr(home->error.p, "copy.db-turns1' is gone"));
	empty = fopen(with(copy.path, "-turns1"), "w"); /* it is lost for good */
	assert_non_null(empty);
	fclose(empty);
	open_store(&copy);
	is_session(&copy, "c", S("one"));
	close_copy(&copy);
}

/* Emptied beside the turns, so that the other file is in use and the first is none. */
static void store_without_its_other_journal__is_not_opened__either(void **state)
{
	struct home *home = *state, copy = *home;
	bool is_clear = false;

	turn(home, "one");
	for (int i = 0; i < 1000 && !is_clear; i++) {
		assert_int_equal(store_clear_aside(home->store, store_mark(home->store), &is_clear),
			STORE_OK);
		usleep(500);
	}
	assert_true(is_clear);
	turn(home, "two");
	snprintf(copy.path, sizeof(copy.path), "%.60s/copy.db", home->folder);
	copy_all_but(home, &copy, "-turns2");
	assert_int_equal(store_open(copy.path, &copy.store, &home->error), STORE_BROKEN);
	assert_non_null(strstr(home->error.p, "copy.db-turns2' is gone"));
	copy_file(with(home->path, "-turns2"), with(copy.path, "-turns2"));
	assert_int_equal(access(with(copy.path, "-turns1"), F_OK), -1);
	open_store(&copy);
	is_session(&copy, "c", S("two"));
	close_copy(&copy);
}

static void store_in_memory__is_always_in_place(void **state)
{
	struct home *home = *state;
	struct store *store;

	assert_int_equal(store_open(NULL, &store, &home->error), STORE_OK);
	assert_int_equal(store_watch_files(store), STORE_OK);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(store_that_is_moved__takes_nothing__until_it_is_back),
		T(store_whose_journal_is_moved__takes_nothing__until_it_is_back),
		T(store_that_is_missing__is_not_made_anew__beside_its_journal),
		T(store_without_its_journal__is_not_opened__as_if_that_were_empty),
		T(store_without_its_other_journal__is_not_opened__either),
		T(store_in_memory__is_always_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
