/* Killing.  A child makes turns of several conversations, in commits of several turns, and folds
 * now and then; it tells a commit through a pipe when it has returned.  It is killed at some
 * moment; then everything it told is there, each commit is there as a whole or not at all, and
 * nothing is there twice. */
#include "tests/contract/store_home.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { conversations = 7, rounds = 60 };

/* What a commit does follows from its number alone: it adds a post to each conversation that
 * takes_part(), and saves its session. */
static bool takes_part(int64_t commit, int conversation)
{
	return (commit * 2654435761u >> 7) % (unsigned)(conversation + 2) < 2;
}

static struct str name_of(int conversation)
{
	static char name[16];

	snprintf(name, sizeof(name), "c%d", conversation);
	return str_of(name);
}

static uint32_t posts_after(int64_t commit, int conversation)
{
	uint32_t n = 0;

	for (int64_t i = 1; i <= commit; i++)
		n += takes_part(i, conversation);
	return n;
}

static void save_turn(struct store *store, struct arena *arena, int64_t commit, int conversation)
{
	struct str text = arena_printf(arena, "commit %lld", (long long)commit);
	struct value_builder b = value_build(arena);
	struct str name = name_of(conversation);
	struct post post = {.n = store_last_post(store, name) + 1,
		.at_ms = commit,
		.who = POST_BUYER,
		.mid = text};

	value_put_text(&b, "text", text);
	post.body = value_record(&b);
	store_save_session(store, name, text, commit, commit);
	store_add_post(store, name, &post);
}

/* Such a commit is one of the tables, the others are the journal's alone. */
static bool has_note(int64_t commit)
{
	return commit % 3 == 0 || commit / 50 % 4 == 1;
}

static void do_commit(struct store *store, struct arena *arena, int64_t commit)
{
	if (store_begin(store) != STORE_OK)
		_exit(3);
	for (int i = 0; i < conversations; i++)
		if (takes_part(commit, i))
			save_turn(store, arena, commit, i);
	store_save_session(store, S("count"), arena_printf(arena, "commit %lld", (long long)commit),
		commit, 0);
	if (has_note(commit))
		store_add_note(store, S("commit"), commit, S("c0"), NULL);
	if (store_commit(store) != STORE_OK)
		_exit(4);
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
		do_commit(store, arena, commit);
		if (write(pipe_end, &commit, sizeof(commit)) != sizeof(commit))
			_exit(5);
		if (commit % 5 == 0 && store_fold(store, 1 + commit % 31, &left) != STORE_OK)
			_exit(6);
		if (commit % 7 == 0 && store_fold_aside(store, 1 + commit % 13) != STORE_OK)
			_exit(7);
		arena_reset(arena);
	}
}

/* Kills a child after @microseconds of work; the last commit that it told. */
static int64_t kill_one(const char *path, int64_t commit, long microseconds)
{
	struct timespec while_it_works = {0, microseconds * 1000};
	int64_t told, last = commit - 1;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		child_works(path, commit, ends[1]);
	}
	close(ends[1]);
	if (read(ends[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	nanosleep(&while_it_works, NULL);
	kill(child, SIGKILL);
	while (read(ends[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

struct checking {
	struct store *store;
	int conversation;
	int64_t commit; /* of the post before */
	uint32_t n;
};

/* The posts of a conversation are those of the commits it takes part in, in order. */
static void check_post(void *self, const struct post *post)
{
	struct checking *c = self;
	struct str text = value_get_text(post->body, "text");
	int64_t commit;

	assert_int_equal(post->n, ++c->n);
	assert_true(str_int(str_sub(text, 7, 20), &commit));
	for (int64_t between = c->commit + 1; between < commit; between++)
		assert_false(takes_part(between, c->conversation));
	assert_true(commit > c->commit && takes_part(commit, c->conversation));
	assert_true(str_eq(post->mid, text));
	c->commit = commit;
}

static void check_conversation(struct home *home, int conversation, int64_t stored)
{
	struct checking c = {.store = home->store, .conversation = conversation};
	struct str name = name_of(conversation), bytes;

	assert_int_equal(store_posts(home->store, name, 0, INT32_MAX, check_post, &c), STORE_OK);
	assert_int_equal(c.n, posts_after(stored, conversation));
	assert_int_equal(store_last_post(home->store, name), c.n);
	if (!c.n)
		return;
	assert_int_equal(store_load_session(home->store, name, home->arena, &bytes), STORE_OK);
	assert_true(str_eq(bytes, arena_printf(home->arena, "commit %lld", (long long)c.commit)));
	assert_true(store_knows(home->store, name, bytes));
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
	int c;

	if (!in)
		return;
	assert_non_null(out);
	while ((c = getc(in)) != EOF)
		putc(c, out);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* The notes are those of the commits that have one, in order. */
static void check_note(void *self, const struct store_note *note)
{
	int64_t *commit = self;

	while (!has_note(++*commit))
		;
	assert_int_equal(note->at, *commit);
}

static int64_t count_commits(struct home *home)
{
	int64_t commit = 0;
	struct str bytes;

	if (store_load_session(home->store, S("count"), home->arena, &bytes) == STORE_OK)
		assert_true(str_int(str_sub(bytes, 7, 20), &commit));
	return commit;
}

static void check_notes(struct home *home, int64_t stored)
{
	int64_t commit = 0;

	assert_int_equal(store_notes(home->store, S("commit"), 0, check_note, &commit), STORE_OK);
	assert_true(commit <= stored);
	while (++commit <= stored)
		assert_false(has_note(commit));
}

/* What is stored after a kill; looked at through a copy, so that the next child finds what the last
 * one left, journal and all. */
static int64_t check_copy(struct home *home)
{
	static const char *const suffix[] = {"", "-wal", "-turns1", "-turns2"};
	char from[128], to[128];
	struct home copy = *home;
	int64_t stored;

	snprintf(copy.path, sizeof(copy.path), "%s/copy.db", home->folder);
	for (size_t i = 0; i < 4; i++) {
		snprintf(from, sizeof(from), "%s%s", home->path, suffix[i]);
		snprintf(to, sizeof(to), "%s%s", copy.path, suffix[i]);
		copy_file(from, to);
	}
	open_store(&copy);
	stored = count_commits(&copy);
	check_notes(&copy, stored);
	for (int i = 0; i < conversations; i++)
		check_conversation(&copy, i, stored);
	store_close(copy.store);
	for (size_t i = 0; i < 4; i++) {
		snprintf(to, sizeof(to), "%s%s", copy.path, suffix[i]);
		(void)unlink(to);
	}
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
		told = kill_one(home->path, next, random / 65536 % 6000);
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
