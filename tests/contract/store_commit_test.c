/* Commits in two halves: what is seen between them, in which order things become durable, and what
 * a disk that takes nothing does to the transaction after. */
#include "tests/contract/store_home.h"

#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "adapters/store/store_peers.h"

enum { post_bytes = 60000 };

static void say(struct home *home, const char *conversation, const char *mid, size_t n_bytes)
{
	struct str name = str_of(conversation);
	struct value_builder b = value_build(home->arena);
	struct post post = {.n = last_post_of(home->store, name) + 1,
		.at_ms = 5,
		.who = POST_BUYER,
		.mid = str_of(mid)};
	char *text = arena_alloc(home->arena, n_bytes);

	memset(text, 'x', n_bytes);
	value_put_text(&b, "text", (struct str){text, n_bytes});
	post.body = value_record(&b);
	store_save_session(home->store, name, str_of(mid), 5, 50 + post.n);
	store_add_post(home->store, name, &post);
}

static void hear(struct home *home, const char *ticket)
{
	store_hear_peer(home->store, &(struct store_peer){.conversation = S("p:1"),
					     .account = S("p"),
					     .peer = S("1"),
					     .ticket = str_of(ticket),
					     .heard_ms = 5});
}

static void has_ticket(struct home *home, const char *ticket)
{
	struct store_peer peer;

	assert_int_equal(store_peer(home->store, S("p:1"), home->arena, &peer), STORE_OK);
	assert_true(str_is(peer.ticket, ticket));
}

static void has(struct home *home, const char *conversation, uint32_t posts, const char *session)
{
	assert_int_equal(last_post_of(home->store, str_of(conversation)), posts);
	is_session(home, conversation, str_of(session));
}

static bool knows(struct home *home, const char *conversation, const char *mid)
{
	return is_known(home->store, str_of(conversation), str_of(mid));
}

static void post_semaphore(void *self)
{
	sem_post(self);
}

static void first_half(struct home *home)
{
	store_commit_begin(home->store, NULL, NULL);
}

static void two_halves__are_seen_at_once__and_stay(void **state)
{
	struct home *home = *state;

	begin(home);
	say(home, "c", "m1", 10);
	hear(home, "t1");
	first_half(home);
	has(home, "c", 1, "m1");
	begin(home);
	say(home, "c", "m2", 10);
	say(home, "d", "m3", 10);
	hear(home, "t2");
	has(home, "c", 2, "m2");
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	first_half(home);
	assert_true(knows(home, "c", "m1") && knows(home, "c", "m2"));
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	has_ticket(home, "t2");
	reopen(home);
	has(home, "c", 2, "m2");
	has(home, "d", 1, "m3");
	has_ticket(home, "t2");
}

/* What is told is on the disk: a copy of the files has it. */
static void second_half__means__the_disk_has_it(void **state)
{
	struct home *home = *state, copy;

	for (int i = 0; i < 20; i++) {
		begin(home);
		say(home, "c", "m", 3000);
		first_half(home);
		assert_int_equal(store_commit_end(home->store), STORE_OK);
		open_copy(home, &copy);
		assert_int_equal(last_post_of(copy.store, S("c")), i + 1);
		close_copy(&copy);
	}
}

static void over__is_told__when_nothing_is_waited_for_any_more(void **state)
{
	struct home *home = *state;
	struct timespec until;
	sem_t over;

	assert_int_equal(sem_init(&over, 0, 0), 0);
	begin(home);
	say(home, "c", "m1", 10);
	store_commit_begin(home->store, post_semaphore, &over);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &until), 0);
	until.tv_sec += 20;
	assert_int_equal(sem_timedwait(&over, &until), 0);
	assert_true(store_commit_is_over(home->store));
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	/* What is more than conversations is committed at once, and so is nothing at all. */
	begin(home);
	(void)store_add_card(home->store, S("c"), S("q"), 1, NULL);
	store_commit_begin(home->store, post_semaphore, &over);
	assert_true(store_commit_is_over(home->store));
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	begin(home);
	store_commit_begin(home->store, post_semaphore, &over);
	assert_true(store_commit_is_over(home->store));
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	assert_int_equal(sem_trywait(&over), -1);
	sem_destroy(&over);
}

static void what_needs_the_disk__waits_for_it(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;
	size_t left;

	begin(home);
	say(home, "c", "m1", 10);
	first_half(home);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	begin(home);
	say(home, "c", "m2", 10);
	first_half(home);
	assert_int_equal(store_fold(home->store, 10, &left), STORE_OK);
	assert_int_equal(left, 0);
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	begin(home);
	say(home, "c", "m3", 10);
	first_half(home);
	begin(home);
	(void)store_add_card(home->store, S("c"), S("q"), 1, NULL);
	commit(home);
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	begin(home);
	say(home, "c", "m4", 10);
	first_half(home);
	assert_int_equal(store_forget(home->store, S("c")), STORE_OK);
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	assert_int_equal(last_post_of(home->store, S("c")), 0);
	begin(home);
	say(home, "c", "m5", 10);
	first_half(home);
	reopen(home); /* closed with the second half not asked for */
	has(home, "c", 1, "m5");
}

/* The disk is full */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void count_due(void *self, struct str conversation, int64_t due_ms)
{
	(void)conversation;
	assert_int_equal(due_ms, 51);
	++*(int *)self;
}

static int count_all_due(struct home *home)
{
	int n = 0;

	assert_int_equal(store_due(home->store, 1000, count_due, &n), STORE_OK);
	return n;
}

/* c has a row in the journal, old is in the tables, new is nowhere; then one commit of all three
 * that fails. */
static void fail_one(struct home *home)
{
	begin(home);
	say(home, "old", "m0", 10);
	commit(home);
	(void)fold(home, 10);
	begin(home);
	say(home, "c", "m1", 10);
	hear(home, "t1");
	commit(home);
	limit_files(30000);
	begin(home);
	say(home, "c", "m2", post_bytes);
	say(home, "old", "m2", post_bytes);
	say(home, "new", "m2", 10);
	hear(home, "t2");
	first_half(home);
	has(home, "c", 2, "m2");
}

static void is_as_before(struct home *home)
{
	has(home, "c", 1, "m1");
	has(home, "old", 1, "m0");
	has_ticket(home, "t1");
	assert_int_equal(last_post_of(home->store, S("new")), 0);
	assert_false(
		knows(home, "c", "m2") || knows(home, "old", "m2") || knows(home, "new", "m2"));
	assert_false(knows(home, "c", "m3"));
	assert_int_equal(count_all_due(home), 2);
}

static void goes_on(struct home *home)
{
	limit_files(RLIM_INFINITY);
	is_as_before(home);
	begin(home);
	say(home, "c", "m9", 10);
	say(home, "new", "m9", 10);
	first_half(home);
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	(void)fold(home, 100);
	reopen(home);
	has(home, "c", 2, "m9");
	has(home, "old", 1, "m0");
	has(home, "new", 1, "m9");
	has_ticket(home, "t1");
	signal(SIGXFSZ, SIG_DFL);
}

static void full_disk__leaves_nothing_of_it(void **state)
{
	struct home *home = *state;

	signal(SIGXFSZ, SIG_IGN);
	fail_one(home);
	assert_int_equal(store_commit_end(home->store), STORE_FULL);
	assert_non_null(strstr(store_error(home->store), "-turns1"));
	is_as_before(home);
	goes_on(home);
}

static void full_disk__takes_the_open_transaction_with_it(void **state)
{
	struct home *home = *state;

	signal(SIGXFSZ, SIG_IGN);
	fail_one(home);
	begin(home);
	say(home, "c", "m3", 10);
	hear(home, "t3");
	assert_int_equal(store_commit_end(home->store), STORE_FULL);
	limit_files(RLIM_INFINITY);
	assert_int_equal(store_commit(home->store), STORE_FULL);
	goes_on(home);
}

/* Nor in two halves; and what failed once says nothing of what is committed later, whatever that
 * is. */
static void full_disk__is_told_once__and_of_what_it_concerns(void **state)
{
	struct home *home = *state;
	int64_t id;

	signal(SIGXFSZ, SIG_IGN);
	fail_one(home);
	begin(home);
	say(home, "c", "m3", 10);
	assert_int_equal(store_commit_end(home->store), STORE_FULL);
	limit_files(RLIM_INFINITY);
	first_half(home);
	assert_int_equal(store_commit_end(home->store), STORE_FULL);
	is_as_before(home);
	begin(home);
	id = store_add_card(home->store, S("c"), S("q"), 1, NULL);
	first_half(home);
	assert_int_equal(store_commit_end(home->store), STORE_OK);
	assert_int_equal(card_of(home, id).id, id);
	goes_on(home);
}

/* A write of something else finds out. */
static void full_disk__is_not_hidden__by_a_write_into_the_tables(void **state)
{
	struct home *home = *state;
	struct store_card card;
	int64_t id;

	signal(SIGXFSZ, SIG_IGN);
	fail_one(home);
	begin(home);
	say(home, "c", "m3", 10);
	id = store_add_card(home->store, S("c"), S("q"), 1, NULL);
	say(home, "c", "m3", 10);
	limit_files(RLIM_INFINITY);
	assert_int_equal(store_commit(home->store), STORE_FULL);
	assert_int_equal(store_commit_end(home->store), STORE_FULL);
	assert_int_equal(store_card(home->store, id, home->arena, &card), STORE_NONE);
	goes_on(home);
}

static void full_disk__is_found__when_it_is_rolled_back(void **state)
{
	struct home *home = *state;

	signal(SIGXFSZ, SIG_IGN);
	fail_one(home);
	begin(home);
	say(home, "new", "m3", 10);
	store_rollback(home->store);
	assert_int_equal(store_commit_end(home->store), STORE_FULL);
	goes_on(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(two_halves__are_seen_at_once__and_stay),
		T(second_half__means__the_disk_has_it),
		T(over__is_told__when_nothing_is_waited_for_any_more),
		T(what_needs_the_disk__waits_for_it),
		T(full_disk__leaves_nothing_of_it),
		T(full_disk__takes_the_open_transaction_with_it),
		T(full_disk__is_told_once__and_of_what_it_concerns),
		T(full_disk__is_not_hidden__by_a_write_into_the_tables),
		T(full_disk__is_found__when_it_is_rolled_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
