/* What conversations keep, wherever it lies: in the open transaction, in the journal, in the
 * tables. */
#include "tests/contract/store_home.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const struct value *words(struct home *home, const char *text)
{
	struct value_builder b = value_build(home->arena);

	value_put_text(&b, "text", str_of(text));
	return value_record(&b);
}

static void add(struct home *home, const char *conversation, uint32_t n, const char *text)
{
	struct post post = {.n = n, .at_ms = 1000 + n, .who = POST_BOT, .body = words(home, text)};

	store_add_post(home->store, str_of(conversation), &post);
}

static void add_with_mid(struct home *home, const char *conversation, uint32_t n, const char *mid)
{
	struct post post = {.n = n,
		.at_ms = 1000 + n,
		.who = POST_BUYER,
		.mid = str_of(mid),
		.body = words(home, mid)};

	store_add_post(home->store, str_of(conversation), &post);
}

/* A turn of its own with one post. */
static void turn(struct home *home, const char *conversation, uint32_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%s %u", conversation, n);
	begin(home);
	store_save_session(home->store, str_of(conversation), str_of(text), n, 0);
	add(home, conversation, n, text);
	commit(home);
}

/* Posts */

struct heard {
	char text[1000];
};

static void hear(void *self, const struct post *post)
{
	struct heard *heard = self;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%u:%.*s ", post->n,
		STR(value_get_text(post->body, "text")));
}

static const char *range(struct home *home, const char *conversation, uint32_t after, int limit)
{
	static struct heard heard;

	heard.text[0] = '\0';
	assert_int_equal(store_posts(home->store, str_of(conversation), after, limit, hear, &heard),
		STORE_OK);
	return heard.text;
}

struct count_posts {
	uint32_t next;
};

static void count_post(void *self, const struct post *post)
{
	assert_int_equal(post->n, ((struct count_posts *)self)->next++);
}

static void is_first_post(void *self, const struct post *post)
{
	bool *seen = self;

	assert_int_equal(post->n, 1);
	assert_int_equal(post->at_ms, 1700000000123);
	assert_int_equal(post->who, POST_PERSON);
	assert_true(str_is(post->name, "Ana"));
	assert_true(str_is(post->mid, "m-1"));
	assert_true(str_is(value_get_text(post->body, "text"), "Grüße\n\"Ana\""));
	*seen = true;
}

static void first_post_is_there(struct home *home)
{
	bool seen = false;

	assert_int_equal(store_posts(home->store, S("c"), 0, 10, is_first_post, &seen), STORE_OK);
	assert_true(seen);
}

static void post__comes_back_as_it_was__from_everywhere(void **state)
{
	struct home *home = *state;

	begin(home);
	store_add_post(home->store, S("c"),
		&(struct post){1, 1700000000123, POST_PERSON, S("Ana"), S("m-1"),
			words(home, "Grüße\n\"Ana\"")});
	first_post_is_there(home);
	commit(home);
	first_post_is_there(home);
	assert_int_equal(fold(home, 10), 0);
	first_post_is_there(home);
	reopen(home);
	first_post_is_there(home);
}

static void posts__are_given_in_order__across_tables_journal_and_transaction(void **state)
{
	struct home *home = *state;

	for (uint32_t n = 1; n <= 6; n++)
		turn(home, "c", n);
	turn(home, "d", 1);
	assert_int_equal(fold(home, 3), 4);
	begin(home);
	add(home, "c", 7, "seven");
	add(home, "c", 8, "eight");
	assert_int_equal(last_post_of(home->store, S("c")), 8);
	assert_string_equal(
		range(home, "c", 0, 100), "1:c 1 2:c 2 3:c 3 4:c 4 5:c 5 6:c 6 7:seven 8:eight ");
	assert_string_equal(range(home, "c", 2, 3), "3:c 3 4:c 4 5:c 5 ");
	assert_string_equal(range(home, "c", 6, 1), "7:seven ");
	assert_string_equal(range(home, "c", 8, 9), "");
	assert_string_equal(range(home, "c", 0, 0), "");
	assert_string_equal(range(home, "c", 0, -2), "7:seven 8:eight ");
	assert_string_equal(range(home, "c", 7, -4), "3:c 3 4:c 4 5:c 5 6:c 6 ");
	assert_string_equal(range(home, "c", 2, -9), "1:c 1 ");
	assert_string_equal(range(home, "c", 1, -9), "");
	assert_string_equal(range(home, "c", UINT32_MAX, 5), "");
	assert_string_equal(range(home, "nobody", 0, 5), "");
	store_rollback(home->store);
	assert_int_equal(last_post_of(home->store, S("c")), 6);
	assert_string_equal(range(home, "c", 4, 100), "5:c 5 6:c 6 ");
	assert_int_equal(last_post_of(home->store, S("nobody")), 0);
}

static void post_with_a_wrong_number__fails_the_commit(struct home *home, uint32_t n)
{
	begin(home);
	add(home, "c", n, "wrong");
	assert_int_equal(store_commit(home->store), STORE_BROKEN);
	assert_non_null(strstr(store_error(home->store), "does not follow post 2"));
	assert_string_equal(range(home, "c", 0, 100), "1:c 1 2:c 2 ");
}

static void post__with_a_gap_or_twice__is_refused_with_its_transaction(void **state)
{
	struct home *home = *state;

	turn(home, "c", 1);
	turn(home, "c", 2);
	post_with_a_wrong_number__fails_the_commit(home, 2);
	post_with_a_wrong_number__fails_the_commit(home, 4);
	assert_int_equal(fold(home, 9), 0);
	post_with_a_wrong_number__fails_the_commit(home, 0);
	post_with_a_wrong_number__fails_the_commit(home, 5);
	turn(home, "c", 3);
	assert_int_equal(last_post_of(home->store, S("c")), 3);
}

static void post__too_large__is_refused_with_its_transaction(void **state)
{
	struct home *home = *state;
	char *text = malloc(1100001);

	memset(text, 'x', 1100000);
	text[1100000] = '\0';
	turn(home, "c", 1);
	begin(home);
	add(home, "c", 2, text);
	assert_int_equal(store_commit(home->store), STORE_BROKEN);
	assert_non_null(strstr(store_error(home->store), "too large"));
	assert_int_equal(last_post_of(home->store, S("c")), 1);
	free(text);
}

/* Ids of messages */

static bool knows(struct home *home, const char *conversation, const char *mid)
{
	return is_known(home->store, str_of(conversation), str_of(mid));
}

static void mids_are_known(struct home *home)
{
	assert_true(knows(home, "c", "m1"));
	assert_true(knows(home, "c", "m2"));
	assert_true(knows(home, "c", "silent"));
	assert_false(knows(home, "c", "m3"));
	assert_false(knows(home, "d", "m1"));
	assert_false(knows(home, "c", ""));
}

static void mid__is_known_from_its_transaction_on__everywhere(void **state)
{
	struct home *home = *state;

	assert_false(knows(home, "c", "m1"));
	begin(home);
	add_with_mid(home, "c", 1, "m1");
	add_with_mid(home, "c", 2, "m2");
	store_know(home->store, S("c"), S("silent"), 5);
	mids_are_known(home);
	commit(home);
	mids_are_known(home);
	begin(home);
	add(home, "c", 3, "");
	mids_are_known(home);
	commit(home);
	assert_int_equal(fold(home, 1), 1);
	mids_are_known(home);
	reopen(home);
	mids_are_known(home);
}

static void mid__of_a_rolled_back_turn__is_not_known(void **state)
{
	struct home *home = *state;

	begin(home);
	add_with_mid(home, "c", 1, "m1");
	store_rollback(home->store);
	assert_false(knows(home, "c", "m1"));
	begin(home);
	assert_false(knows(home, "c", "m1"));
	commit(home);
}

static void mid__told_twice__is_no_obstacle_to_folding(void **state)
{
	struct home *home = *state;

	for (int i = 0; i < 2; i++) {
		begin(home);
		store_know(home->store, S("c"), S("m"), 5);
		store_know(home->store, S("c"), S("m"), 6);
		commit(home);
	}
	assert_int_equal(fold(home, 10), 0);
	assert_true(knows(home, "c", "m"));
}

static void mids__of_a_long_conversation__are_all_known__and_no_others(void **state)
{
	enum { posts = 8300, a_commit = 20, some = 41, a_fold = 200 };
	struct home *home = *state;
	char mid[16];

	for (uint32_t n = 1; n <= posts;) {
		begin(home);
		for (int i = 0; i < a_commit; i++, n++) {
			snprintf(mid, sizeof(mid), "m%u", n);
			add_with_mid(home, "c", n, mid);
		}
		commit(home);
		if (n % a_fold == 1)
			(void)fold(home, 3);
		arena_reset(home->arena);
	}
	for (int opened = 0; opened < 2; opened++) {
		for (uint32_t n = 1; n <= posts; n += some) {
			snprintf(mid, sizeof(mid), "m%u", n);
			assert_true(knows(home, "c", mid));
			mid[0] = 'x';
			assert_false(knows(home, "c", mid));
		}
		reopen(home);
	}
}

/* Timers */

static void hear_due(void *self, struct str conversation, int64_t due_ms)
{
	struct heard *heard = self;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%.*s@%lld ", STR(conversation),
		(long long)due_ms);
}

static const char *due(struct home *home, int64_t until_ms)
{
	static struct heard heard;

	heard.text[0] = '\0';
	assert_int_equal(store_due(home->store, until_ms, hear_due, &heard), STORE_OK);
	return heard.text;
}

static void save_due(struct home *home, const char *conversation, int64_t due_ms)
{
	store_save_session(home->store, str_of(conversation), S("s"), 1, due_ms);
}

static void due__lists_the_newest_timer_of_each__soonest_first(void **state)
{
	struct home *home = *state;

	begin(home);
	save_due(home, "folded", 500);
	save_due(home, "moved", 100);
	save_due(home, "gone", 100);
	save_due(home, "later", 100);
	commit(home);
	assert_string_equal(due(home, 499), "gone@100 later@100 moved@100 ");
	assert_int_equal(fold(home, 10), 0);
	assert_string_equal(due(home, 500), "gone@100 later@100 moved@100 folded@500 ");
	begin(home);
	save_due(home, "moved", 700);
	save_due(home, "gone", 0);
	save_due(home, "journal", 600);
	commit(home);
	assert_string_equal(due(home, 500), "later@100 folded@500 ");
	begin(home);
	save_due(home, "later", 900);
	save_due(home, "journal", 650);
	save_due(home, "drafted", 1);
	add(home, "folded", 1, "a post moves no timer");
	assert_string_equal(
		due(home, 900), "drafted@1 folded@500 journal@650 moved@700 later@900 ");
	commit(home);
	assert_string_equal(due(home, 899), "drafted@1 folded@500 journal@650 moved@700 ");
	reopen(home);
	assert_string_equal(
		due(home, INT64_MAX), "drafted@1 folded@500 journal@650 moved@700 later@900 ");
	assert_string_equal(due(home, 0), "");
}

/* Watches */

static void hear_name(void *self, struct str conversation)
{
	hear_due(self, conversation, 0);
}

static const char *watching(struct home *home, const char *event, const char *of)
{
	static struct heard heard;

	heard.text[0] = '\0';
	assert_int_equal(store_watching(home->store, str_of(event), str_of(of), hear_name, &heard),
		STORE_OK);
	return heard.text;
}

static void watches__are_replaced_as_a_whole(void **state)
{
	static const struct store_watch before[] = {
		{{"refund.updated", 14}, {"A-1", 3}}, {{"buyer", 5}, {"b-1", 3}}};
	static const struct store_watch after[] = {{{"refund.updated", 14}, {"A-2", 3}}};
	struct home *home = *state;

	begin(home);
	store_set_watches(home->store, S("c"), before, 2, 1000);
	store_set_watches(home->store, S("d"), before, 1, 1000);
	assert_string_equal(watching(home, "buyer", "b-1"), "c@0 ");
	commit(home);
	assert_string_equal(watching(home, "refund.updated", "A-1"), "c@0 d@0 ");
	begin(home);
	store_set_watches(home->store, S("c"), after, 1, 1000);
	store_rollback(home->store);
	assert_string_equal(watching(home, "refund.updated", "A-1"), "c@0 d@0 ");
	begin(home);
	store_set_watches(home->store, S("c"), after, 1, 1000);
	commit(home);
	reopen(home);
	assert_string_equal(watching(home, "refund.updated", "A-1"), "d@0 ");
	assert_string_equal(watching(home, "refund.updated", "A-2"), "c@0 ");
	assert_string_equal(watching(home, "buyer", "b-1"), "");
	begin(home);
	store_set_watches(home->store, S("c"), NULL, 0, 1000);
	commit(home);
	assert_string_equal(watching(home, "refund.updated", "A-2"), "");
}

/* Folding */

static void fold__in_steps__changes_nothing_that_is_read(void **state)
{
	static const char *const name[] = {"b", "a", "c"};
	struct home *home = *state;

	for (uint32_t n = 1; n <= 5; n++)
		for (size_t i = 0; i < 3; i++)
			turn(home, name[i], n);
	for (size_t left = 15; left > 0; left--) {
		assert_int_equal(store_journal(home->store), left);
		for (size_t i = 0; i < 3; i++) {
			char last[16];

			snprintf(last, sizeof(last), "%s 5", name[i]);
			is_session(home, name[i], str_of(last));
			assert_int_equal(last_post_of(home->store, str_of(name[i])), 5);
		}
		assert_string_equal(range(home, "a", 0, 100), "1:a 1 2:a 2 3:a 3 4:a 4 5:a 5 ");
		assert_int_equal(fold(home, 1), left - 1);
	}
	assert_int_equal(fold(home, 1), 0);
	reopen(home);
	is_session(home, "b", S("b 5"));
}

/* A turn of one of many conversations, with an id, and sometimes with something for the tables. */
static void busy_turn(struct home *home, unsigned i, uint32_t n)
{
	char name[16], id[16], text[32];

	snprintf(name, sizeof(name), "c%u", i);
	snprintf(id, sizeof(id), "i%u", n);
	snprintf(text, sizeof(text), "%s %u", name, n);
	assert_false(is_known(home->store, str_of(name), str_of(id)));
	assert_int_equal(last_post_of(home->store, str_of(name)), n - 1);
	begin(home);
	add_with_mid(home, name, n, id);
	store_save_session(home->store, str_of(name), str_of(text), n, 0);
	if (n % 7 == i % 7)
		store_add_note(home->store, S("note"), 1, str_of(name), NULL);
	commit(home);
	assert_true(is_known(home->store, str_of(name), str_of(id)));
	is_session(home, name, str_of(text));
}

static void expect_all_of(struct home *home, unsigned i, uint32_t last)
{
	struct count_posts seen = {.next = 1};
	char name[16];

	snprintf(name, sizeof(name), "c%u", i);
	assert_int_equal(
		store_posts(home->store, str_of(name), 0, 1000, count_post, &seen), STORE_OK);
	assert_int_equal(seen.next, last + 1);
	assert_true(is_known(home->store, str_of(name), S("i1")));
	assert_false(is_known(home->store, str_of(name), S("i0")));
}

/* The first fold of a conversation gives it its number in the tables, also in the middle of a turn
 * that began before. */
static void fold_aside__over_in_the_middle_of_a_turn__hides_no_post(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;

	turn(home, "c", 1);
	assert_int_equal(store_fold_aside(home->store, FOLD_ALL, 10), STORE_OK);
	begin(home);
	add(home, "c", 2, "second");
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK); /* waits for it */
	assert_string_equal(range(home, "c", 0, 9), "1:c 1 2:second ");
	is_session(home, "c", S("c 1"));
	commit(home);
	assert_string_equal(range(home, "c", 0, 9), "1:c 1 2:second ");
}

static void fold_aside__changes_nothing_that_is_read(void **state)
{
	enum { conversations = 25, turns = 90 };
	struct home *home = *state;

	for (uint32_t n = 1; n <= turns; n++) {
		for (unsigned i = 0; i < conversations; i++) {
			busy_turn(home, i, n);
			assert_int_equal(store_fold_aside(home->store,
						 i % 3 ? FOLD_OLDER : FOLD_ALL, 1 + n % 40),
				STORE_OK);
		}
		expect_all_of(home, n % conversations, n);
		arena_reset(home->arena);
		if (n == turns / 2)
			reopen(home);
	}
	assert_int_equal(store_forget(home->store, S("c3")), STORE_OK);
	assert_int_equal(last_post_of(home->store, S("c3")), 0);
	reopen(home);
	for (unsigned i = 0; i < conversations; i++)
		if (i != 3)
			expect_all_of(home, i, turns);
}

static void fold__of_a_conversation_without_session__keeps_its_posts(void **state)
{
	struct home *home = *state;
	struct str bytes;

	begin(home);
	add(home, "c", 1, "one");
	commit(home);
	assert_int_equal(fold(home, 9), 0);
	assert_string_equal(range(home, "c", 0, 9), "1:one ");
	assert_int_equal(store_load_session(home->store, S("c"), home->arena, &bytes), STORE_NONE);
}

static void journal__that_nobody_folds__stays_bounded(void **state)
{
	struct home *home = *state;

	for (uint32_t n = 1; n <= 10000; n++) {
		begin(home);
		for (int i = 0; i < 20; i++) {
			char name[16];

			snprintf(name, sizeof(name), "c%d", i);
			add(home, name, n, "");
		}
		commit(home);
		assert_true(store_journal(home->store) < 132000);
		arena_reset(home->arena);
		if (n * 20 > 140000)
			break;
	}
	assert_int_equal(last_post_of(home->store, S("c7")), 7001);
}

/* They are in memory until they are folded. */
static void journal__of_long_rows__counts_them_as_several(void **state)
{
	enum { rows = 20, long_row = 20000, usual = 2048 };
	static char text[long_row];
	struct home *home = *state;
	size_t left;

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < rows; i++) {
		begin(home);
		store_save_session(home->store, S("c"), (struct str){text, long_row}, 5, 0);
		commit(home);
	}
	left = store_journal(home->store);
	assert_in_range(left, rows * long_row / usual, rows * (long_row + 100) / usual);
	reopen(home);
	assert_int_equal(store_journal(home->store), 0);
	begin(home);
	store_save_session(home->store, S("c"), (struct str){text, long_row}, 5, 0);
	commit(home);
	assert_int_equal(fold(home, 1), 0);
	assert_int_equal(store_journal(home->store), 0);
}

/* An older copy of one file beside a newer one of the other: nothing is made up between them. */
static void files__that_do_not_belong_together__are_refused(void **state)
{
	struct home *home = *state;
	char file[128], older[128], newer[128];

	snprintf(file, sizeof(file), "%s-turns1", home->path);
	snprintf(older, sizeof(older), "%s-older", home->path);
	snprintf(newer, sizeof(newer), "%s-newer", home->path);
	turn(home, "c", 1);
	reopen(home);
	copy_file(home->path, older);
	turn(home, "c", 2);
	reopen(home);
	turn(home, "c", 3);
	copy_file(file, newer);
	store_close(home->store);
	assert_int_equal(rename(older, home->path), 0);
	assert_int_equal(rename(newer, file), 0);
	assert_int_equal(store_open(home->path, &home->store, &home->error), STORE_BROKEN);
	assert_non_null(strstr(home->error.p, "do the store's files belong together?"));
	assert_int_equal(unlink(file), 0);
	open_store(home);
	assert_string_equal(range(home, "c", 0, 9), "1:c 1 ");
}

/* Rows of the tables may be all that there is when the files take turns: still, until those are
 * folded, the files do not turn again, or the newer would be taken for the one that is folded. */
static void files__take_turns_once__while_what_is_aside_is_not_folded(void **state)
{
	enum { commits = 90, a_commit = 100 };
	struct home *home = *state;
	char name[16], one[128], two[128];

	for (uint32_t n = 1; n <= commits; n++) {
		begin(home);
		for (int i = 0; i < a_commit; i++) {
			snprintf(name, sizeof(name), "c%d", i);
			add(home, name, n, "");
		}
		store_add_note(home->store, S("note"), 1, S("c0"), NULL);
		commit(home);
		arena_reset(home->arena);
	}
	for (uint32_t n = 1; n <= 3; n++)
		turn(home, "pure", n);
	snprintf(one, sizeof(one), "%s-turns1", home->path);
	snprintf(two, sizeof(two), "%s-turns2", home->path);
	assert_int_equal((access(one, F_OK) == 0) + (access(two, F_OK) == 0), 1);
	reopen(home);
	assert_string_equal(range(home, "pure", 0, 9), "1:pure 1 2:pure 2 3:pure 3 ");
}

static void files__of_what_is_folded_at_once__do_not_grow(void **state)
{
	enum { commits = 400, bytes = 100000, enough = 12 << 20 };
	static const char session[bytes];
	struct home *home = *state;
	char name[128];
	struct stat about;

	for (int n = 1; n <= commits; n++) {
		begin(home);
		store_save_session(home->store, S("c"), (struct str){session, bytes}, n, 0);
		commit(home);
		assert_int_equal(fold(home, 1), 0);
	}
	for (int i = 1; i <= 2; i++) {
		snprintf(name, sizeof(name), "%s-turns%d", home->path, i);
		assert_int_equal(stat(name, &about), 0);
		assert_true(about.st_size <= enough);
	}
}

/* Group commits */

static void group__of_many_conversations__is_one_commit(void **state)
{
	struct home *home = *state;

	begin(home);
	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%d", i);
		store_save_session(home->store, str_of(name), str_of(name), 1, 0);
		add(home, name, 1, "first");
		add(home, name, 2, "second");
	}
	is_session(home, "c123", S("c123"));
	commit(home);
	assert_int_equal(store_journal(home->store), 300);
	is_session(home, "c299", S("c299"));
	assert_int_equal(fold(home, 100), 200);
	is_session(home, "c0", S("c0"));
	assert_string_equal(range(home, "c77", 0, 9), "1:first 2:second ");
}

static void group__with_two_turns_of_one__keeps_the_second_session_and_all_posts(void **state)
{
	struct home *home = *state;

	begin(home);
	store_save_session(home->store, S("c"), S("old"), 1, 5);
	add(home, "c", 1, "one");
	store_save_session(home->store, S("c"), S("new"), 2, 0);
	add(home, "c", 2, "two");
	commit(home);
	is_session(home, "c", S("new"));
	assert_string_equal(range(home, "c", 0, 9), "1:one 2:two ");
	assert_string_equal(due(home, INT64_MAX), "");
}

/* No room: the file must not grow.  What was there stays, what came after is not there at all, and
 * when there is room again the store goes on. */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static rlim_t size_of(const char *path)
{
	struct stat about;

	assert_int_equal(stat(path, &about), 0);
	return (rlim_t)about.st_size;
}

static enum store_status large_turn(struct home *home, const char *conversation, uint32_t n)
{
	static char bytes[60000];

	memset(bytes, 's', sizeof(bytes));
	begin(home);
	store_save_session(
		home->store, str_of(conversation), (struct str){bytes, sizeof(bytes)}, n, 77);
	add_with_mid(home, conversation, n, "mid-of-full");
	return store_commit(home->store);
}

static void full_disk__leaves_nothing_of_the_turn__and_goes_on_later(void **state)
{
	struct home *home = *state;
	char file[128];

	signal(SIGXFSZ, SIG_IGN);
	snprintf(file, sizeof(file), "%s-turns1", home->path);
	turn(home, "c", 1);
	turn(home, "d", 1);
	limit_files(size_of(file) - 20000);
	assert_int_equal(large_turn(home, "c", 2), STORE_FULL);
	assert_int_equal(large_turn(home, "new", 1), STORE_FULL);
	is_session(home, "c", S("c 1"));
	assert_int_equal(last_post_of(home->store, S("c")), 1);
	assert_int_equal(last_post_of(home->store, S("new")), 0);
	assert_false(knows(home, "c", "mid-of-full"));
	assert_string_equal(due(home, 100), "");
	assert_int_equal(store_journal(home->store), 2);
	limit_files(RLIM_INFINITY);
	assert_int_equal(large_turn(home, "c", 2), STORE_OK);
	assert_true(knows(home, "c", "mid-of-full"));
	assert_int_equal(fold(home, 10), 0);
	turn(home, "c", 3);
	reopen(home);
	is_session(home, "c", S("c 3"));
	assert_int_equal(last_post_of(home->store, S("c")), 3);
	signal(SIGXFSZ, SIG_DFL);
}

static void full_disk__while_folding__leaves_the_journal_as_it_was(void **state)
{
	struct home *home = *state;
	char wal[128];
	size_t journal, left;

	signal(SIGXFSZ, SIG_IGN);
	snprintf(wal, sizeof(wal), "%s-wal", home->path);
	turn(home, "c", 1);
	assert_int_equal(large_turn(home, "c", 2), STORE_OK);
	journal = store_journal(home->store);
	limit_files(size_of(wal) + 10000);
	assert_int_equal(store_fold(home->store, 10, &left), STORE_FULL);
	assert_int_equal(left, journal);
	assert_int_equal(last_post_of(home->store, S("c")), 2);
	assert_true(knows(home, "c", "mid-of-full"));
	limit_files(RLIM_INFINITY);
	assert_int_equal(fold(home, 10), 0);
	assert_string_equal(range(home, "c", 0, 9), "1:c 1 2:mid-of-full ");
	signal(SIGXFSZ, SIG_DFL);
}

/* Measuring */

static void measure__counts_what_is_kept__folded_or_not(void **state)
{
	struct home *home = *state;
	struct store_sizes sizes;

	for (uint32_t n = 1; n <= 3; n++)
		turn(home, "c", n);
	turn(home, "d", 1);
	for (size_t left = 5; left-- > 0;) {
		assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
		assert_int_equal(sizes.conversations, 2);
		assert_int_equal(sizes.posts, 4);
		assert_true(sizes.bytes > 0);
		(void)fold(home, 1);
	}
	turn(home, "d", 2);
	begin(home);
	(void)store_add_card(home->store, S("c"), S("q"), 1, NULL);
	store_close_card(home->store, store_add_card(home->store, S("c"), S("q"), 1, NULL), 2);
	(void)store_add_send(home->store, S("k"), S("d"), S("{}"), 1);
	commit(home);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.posts, 5);
	assert_int_equal(sizes.cards_open, 1);
	assert_int_equal(sizes.effects_open, 0);
	assert_int_equal(sizes.sends_open, 1);
	assert_int_equal(sizes.sends_dead, 0);
	assert_int_equal(store_forget(home->store, S("d")), STORE_OK);
	assert_int_equal(store_measure(home->store, &sizes), STORE_OK);
	assert_int_equal(sizes.conversations, 1);
	assert_int_equal(sizes.posts, 3);
	assert_int_equal(sizes.sends_open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(post__comes_back_as_it_was__from_everywhere),
		T(posts__are_given_in_order__across_tables_journal_and_transaction),
		T(post__with_a_gap_or_twice__is_refused_with_its_transaction),
		T(post__too_large__is_refused_with_its_transaction),
		T(mid__is_known_from_its_transaction_on__everywhere),
		T(mid__of_a_rolled_back_turn__is_not_known),
		T(mid__told_twice__is_no_obstacle_to_folding),
		T(mids__of_a_long_conversation__are_all_known__and_no_others),
		T(due__lists_the_newest_timer_of_each__soonest_first),
		T(watches__are_replaced_as_a_whole),
		T(fold__in_steps__changes_nothing_that_is_read),
		T(fold_aside__over_in_the_middle_of_a_turn__hides_no_post),
		T(fold_aside__changes_nothing_that_is_read),
		T(fold__of_a_conversation_without_session__keeps_its_posts),
		T(journal__that_nobody_folds__stays_bounded),
		T(journal__of_long_rows__counts_them_as_several),
		T(files__that_do_not_belong_together__are_refused),
		T(files__take_turns_once__while_what_is_aside_is_not_folded),
		T(files__of_what_is_folded_at_once__do_not_grow),
		T(group__of_many_conversations__is_one_commit),
		T(group__with_two_turns_of_one__keeps_the_second_session_and_all_posts),
		T(full_disk__leaves_nothing_of_the_turn__and_goes_on_later),
		T(full_disk__while_folding__leaves_the_journal_as_it_was),
		T(measure__counts_what_is_kept__folded_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
