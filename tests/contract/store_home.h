/* A store in a folder of its own, for the tests of what every kind of store keeps to.  The
 * functions under test are those of store.h only. */
#ifndef TENSTEP_TESTS_STORE_HOME_H
#define TENSTEP_TESTS_STORE_HOME_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/store/store.h"

struct home {
	char folder[64];
	char path[96];
	struct store *store;
	struct arena *arena;
	struct buf error;
};

static inline void open_store(struct home *home)
{
	assert_int_equal(store_open(home->path, &home->store, &home->error), STORE_OK);
}

static inline void reopen(struct home *home)
{
	store_close(home->store);
	open_store(home);
}

static inline int setup(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	snprintf(home->folder, sizeof(home->folder), "/tmp/tenstep-store-XXXXXX");
	assert_non_null(mkdtemp(home->folder));
	snprintf(home->path, sizeof(home->path), "%s/tenstep.db", home->folder);
	buf_init(&home->error, 1000);
	home->arena = arena_new(1 << 20);
	open_store(home);
	*state = home;
	return 0;
}

static const char *const store_suffix[] = {"", "-wal", "-turns1", "-turns2"};
enum { n_suffixes = sizeof(store_suffix) / sizeof(store_suffix[0]) };

static inline void remove_store(const struct home *home)
{
	char path[128];

	for (size_t i = 0; i < n_suffixes; i++) {
		snprintf(path, sizeof(path), "%s%s", home->path, store_suffix[i]);
		(void)unlink(path);
	}
}

static inline int teardown(void **state)
{
	struct home *home = *state;

	store_close(home->store);
	remove_store(home);
	assert_int_equal(rmdir(home->folder), 0);
	buf_release(&home->error);
	arena_free(home->arena);
	free(home);
	return 0;
}

static inline void begin(struct home *home)
{
	assert_int_equal(store_begin(home->store), STORE_OK);
}

static inline void commit(struct home *home)
{
	if (store_commit(home->store) != STORE_OK)
		fail_msg("%s", store_error(home->store));
}

static inline uint32_t last_post_of(struct store *store, struct str conversation)
{
	uint32_t n;

	assert_int_equal(store_last_post(store, conversation, &n), STORE_OK);
	return n;
}

static inline bool is_known(struct store *store, struct str conversation, struct str mid)
{
	enum store_status status = store_knows(store, conversation, mid);

	assert_true(status == STORE_OK || status == STORE_NONE);
	return status == STORE_OK;
}

static inline void is_session(struct home *home, const char *conversation, struct str want)
{
	struct str got;

	assert_int_equal(
		store_load_session(home->store, str_of(conversation), home->arena, &got), STORE_OK);
	assert_true(str_eq(got, want));
}

static inline size_t fold(struct home *home, size_t max_rows)
{
	size_t left;

	if (store_fold(home->store, max_rows, &left) != STORE_OK)
		fail_msg("%s", store_error(home->store));
	assert_int_equal(left, store_journal(home->store));
	return left;
}

static inline bool lets_go(void *self, struct str conversation, struct str session)
{
	(void)self;
	(void)conversation;
	(void)session;
	return true;
}

/* A round, in which nothing that the store knows no reason for is kept; how many went. */
static inline struct store_idle remove_idle(struct home *home, int64_t before)
{
	struct store_idle idle = {.before = before, .most = 7, .may_go = lets_go};

	while (!idle.is_over)
		if (store_remove_idle(home->store, &idle) != STORE_OK)
			fail_msg("%s", store_error(home->store));
	return idle;
}

/* Whether the file holds these bytes. */
static inline bool file_holds(const char *path, const char *word)
{
	FILE *file = fopen(path, "rb");
	size_t n = strlen(word), matched = 0;
	int c;

	if (!file)
		return false;
	while (matched < n && (c = getc(file)) != EOF)
		matched = c == word[matched] ? matched + 1 : c == word[0];
	fclose(file);
	return matched == n;
}

/* What is not there is not copied. */
static inline void copy_file(const char *from, const char *to)
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

static inline bool in_file_or_log(struct home *home, const char *word)
{
	char path[128];
	bool found = false;

	for (size_t i = 0; i < n_suffixes; i++) {
		snprintf(path, sizeof(path), "%s%s", home->path, store_suffix[i]);
		found = found || file_holds(path, word);
	}
	return found;
}

/* As after a kill: the journal's files and all. */
static inline void open_copy(const struct home *home, struct home *copy)
{
	char from[128], to[128];

	*copy = *home;
	snprintf(copy->path, sizeof(copy->path), "%s/copy.db", home->folder);
	for (size_t i = 0; i < n_suffixes; i++) {
		snprintf(from, sizeof(from), "%s%s", home->path, store_suffix[i]);
		snprintf(to, sizeof(to), "%s%s", copy->path, store_suffix[i]);
		copy_file(from, to);
	}
	open_store(copy);
}

static inline void close_copy(struct home *copy)
{
	store_close(copy->store);
	remove_store(copy);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static inline const struct value *rating(struct arena *arena, int64_t stars)
{
	struct value_builder b = value_build(arena);

	value_put_int(&b, "stars", stars);
	value_put_text(&b, "words", S("\"quick\" – merci"));
	return value_record(&b);
}

static inline struct store_card card_of(struct home *home, int64_t id)
{
	struct store_card card;

	assert_int_equal(store_card(home->store, id, home->arena, &card), STORE_OK);
	return card;
}

static inline bool claim_card(struct home *home, int64_t id, int64_t version, const char *person)
{
	bool won;

	begin(home);
	won = store_claim_card(home->store, id, version, str_of(person), 70);
	commit(home);
	return won;
}

#endif
