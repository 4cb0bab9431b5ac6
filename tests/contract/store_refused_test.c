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
	assert_int_equal(last_post_of(home->store, S("c")), posts);
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

/* An id that made no post, in a table of its own that was not read yet. */
static void know_one(struct home *home)
{
	known_store(home);
	begin(home);
	store_know(home->store, S("c"), S("m1"), 5);
	save(home, "c", "old");
	commit(home);
	reopen(home);
}

static void is_refused_once_and_then_known(struct home *home)
{
	enum store_status status;

	refuse(FAULT_TABLES, OP_READ);
	status = store_knows(home->store, S("c"), S("m1"));
	was_refused();
	assert_int_not_equal(status, STORE_NONE);
	assert_int_equal(store_knows(home->store, S("c"), S("m1")), STORE_OK);
	assert_int_equal(store_knows(home->store, S("c"), S("m2")), STORE_NONE);
}

static void id_that_cannot_be_looked_for__is_not_taken_for_new(void **state)
{
	struct home *home = *state;

	know_one(home);
	is_refused_once_and_then_known(home);
	unknown_store(home);
}

static void id_behind_what_was_read__is_not_taken_for_new(void **state)
{
	struct home *home = *state;

	know_one(home);
	assert_int_equal(last_post_of(home->store, S("c")), 0);
	is_refused_once_and_then_known(home);
	unknown_store(home);
}

/* The ids of a conversation that goes on are read once; not if they could not be. */
static void ids_of_one_that_goes_on__are_read_again_after_a_refusal(void **state)
{
	struct home *home = *state;

	know_one(home);
	begin(home);
	save(home, "c", "new");
	commit(home);
	is_refused_once_and_then_known(home);
	unknown_store(home);
}

static void last_post_that_cannot_be_read__is_not_said_to_be_none(void **state)
{
	struct home *home = *state;
	uint32_t n;

	known_store(home);
	make(home, "c");
	refuse(FAULT_TABLES, OP_READ);
	assert_int_not_equal(store_last_post(home->store, S("c"), &n), STORE_OK);
	was_refused();
	assert_int_equal(store_last_post(home->store, S("c"), &n), STORE_OK);
	assert_int_equal(n, 2);
	unknown_store(home);
}

static void cursor_that_cannot_be_read__is_not_said_to_be_none(void **state)
{
	struct home *home = *state;
	enum store_status status;
	struct str value;

	known_store(home);
	begin(home);
	store_set_cursor(home->store, S("chat"), S("18"));
	commit(home);
	reopen(home);
	refuse(FAULT_TABLES, OP_READ);
	status = store_cursor(home->store, S("chat"), home->arena, &value);
	was_refused();
	assert_int_not_equal(status, STORE_OK);
	assert_int_not_equal(status, STORE_NONE);
	assert_int_equal(store_cursor(home->store, S("chat"), home->arena, &value), STORE_OK);
	assert_true(str_is(value, "18"));
	unknown_store(home);
}

/* What was forgotten is in none of the files; that they are gone is not said before it is sure. */
static void forgetting__is_not_over__before_the_disk_says_so(void **state)
{
	struct home *home = *state;

	known_store(home);
	begin(home);
	store_add_note(home->store, S("note"), 1, S("d"), NULL);
	commit(home); /* the log has begun */
	begin(home);
	save(home, "c", "a word of c");
	commit(home);
	refuse(FAULT_FOLDER, OP_SYNC);
	assert_int_not_equal(store_forget(home->store, S("c")), STORE_OK);
	was_refused();
	assert_non_null(strstr(store_error(home->store), "removal"));
	assert_int_equal(store_forget(home->store, S("c")), STORE_OK);
	assert_false(in_file_or_log(home, "a word of c"));
	unknown_store(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(fold_that_is_refused__makes_no_conversation_new),
		T(conversation_that_cannot_be_read__is_not_taken_for_new),
		T(commit_in_tables_that_is_refused__is_not_there_after_a_kill),
		T(cursor_that_cannot_be_read__is_not_said_to_be_none),
		T(forgetting__is_not_over__before_the_disk_says_so),
		T(id_that_cannot_be_looked_for__is_not_taken_for_new),
		T(id_behind_what_was_read__is_not_taken_for_new),
		T(ids_of_one_that_goes_on__are_read_again_after_a_refusal),
		T(last_post_that_cannot_be_read__is_not_said_to_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
