/* A conversation that is in the tables alone is taken up without being read before, as one is that
 * the program has in memory: whatever the disk refuses, it is not taken for a new one. */
#include "tests/contract/known_disk.h"

static void say(struct home *home, const char *conversation, uint32_t n)
{
	struct post post = {.n = n, .at_ms = 5, .who = POST_BOT, .body = &value_none};

	store_add_post(home->store, str_of(conversation), &post);
}

static void save(struct home *home, const char *conversation, const char *session)
{
	store_save_session(home->store, str_of(conversation), str_of(session), 5, 0);
}

static void known_store(struct home *home)
{
	store_close(home->store);
	snprintf(disk.folder, sizeof(disk.folder), "%s", home->folder);
	disk.on = true;
	open_store(home);
}

static void unknown_store(struct home *home)
{
	store_close(home->store);
	disk.on = false;
	forget_disk();
	open_store(home);
}

/* Two posts, and nothing of it in memory. */
static void make(struct home *home, const char *conversation)
{
	begin(home);
	save(home, conversation, "old");
	say(home, conversation, 1);
	say(home, conversation, 2);
	commit(home);
	reopen(home);
}

static void has(struct home *home, uint32_t posts, const char *session)
{
	assert_int_equal(store_last_post(home->store, S("c")), posts);
	is_session(home, "c", str_of(session));
}

static void fold_that_is_refused__makes_no_conversation_new(void **state)
{
	struct home *home = *state;
	size_t left;

	known_store(home);
	make(home, "c");
	begin(home);
	save(home, "d", "s");
	commit(home);
	refuse(FAULT_TABLES, OP_WRITE);
	assert_int_not_equal(store_fold(home->store, 10, &left), STORE_OK);
	was_refused();
	begin(home);
	save(home, "c", "new");
	commit(home);
	has(home, 2, "new");
	assert_int_equal(fold(home, 10), 0);
	has(home, 2, "new");
	unknown_store(home);
	has(home, 2, "new");
}

static void conversation_that_cannot_be_read__is_not_taken_for_new(void **state)
{
	struct home *home = *state;

	known_store(home);
	make(home, "c");
	begin(home);
	refuse(FAULT_TABLES, OP_READ);
	save(home, "c", "new");
	was_refused();
	assert_int_not_equal(store_commit(home->store), STORE_OK);
	has(home, 2, "old");
	begin(home);
	save(home, "c", "new");
	say(home, "c", 3);
	commit(home);
	has(home, 3, "new");
	unknown_store(home);
	has(home, 3, "new");
}

/* The disk may have all of a commit whose waiting it refused; nobody was told that it has. */
static void commit_in_tables_that_is_refused__is_not_there_after_a_kill(void **state)
{
	struct home *home = *state, copy;

	known_store(home);
	make(home, "c");
	begin(home);
	store_add_note(home->store, S("note"), 1, S("c"), NULL);
	commit(home); /* the log has begun */
	begin(home);
	save(home, "c", "refused");
	say(home, "c", 3);
	store_add_note(home->store, S("note"), 1, S("c"), NULL);
	refuse(FAULT_TABLES, OP_SYNC);
	assert_int_not_equal(store_commit(home->store), STORE_OK);
	was_refused();
	has(home, 2, "old");
	begin(home);
	save(home, "c", "new");
	say(home, "c", 3);
	say(home, "c", 4);
	commit(home);
	open_copy(home, &copy);
	has(&copy, 4, "new");
	close_copy(&copy);
	unknown_store(home);
	has(home, 4, "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(fold_that_is_refused__makes_no_conversation_new),
		T(conversation_that_cannot_be_read__is_not_taken_for_new),
		T(commit_in_tables_that_is_refused__is_not_there_after_a_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
