/* Rows of the journal from and to bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/store/journal_row.h"

static struct arena *arena;
static struct buf bytes;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&bytes, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&bytes);
	arena_free(arena);
	return 0;
}

static struct journal_row full_row(void)
{
	static struct kept_post post[] = {
		{41, 1700000000123, POST_BUYER, {"", 0}, {"m\0 1", 4}, {"\xff\0", 2}},
		{42, -5, POST_PERSON, {"Ana", 3}, {"", 0}, {"", 0}},
	};
	static struct kept_mid mid[] = {{{"pressed", 7}, INT64_MAX}};

	return (struct journal_row){
		.has_session = true,
		.session = {INT64_MIN, 77, {"session \0 bytes", 15}},
		.post = post,
		.n_posts = 2,
		.mid = mid,
		.n_mids = 1,
	};
}

static struct str encoded(const struct journal_row *row)
{
	buf_clear(&bytes);
	buf_add(&bytes, journal_row_encode(row, arena));
	return buf_str(&bytes);
}

static void same_posts(const struct journal_row *a, const struct journal_row *b)
{
	assert_int_equal(a->n_posts, b->n_posts);
	for (size_t i = 0; i < a->n_posts; i++) {
		assert_int_equal(a->post[i].n, b->post[i].n);
		assert_int_equal(a->post[i].at_ms, b->post[i].at_ms);
		assert_int_equal(a->post[i].who, b->post[i].who);
		assert_true(str_eq(a->post[i].name, b->post[i].name));
		assert_true(str_eq(a->post[i].mid, b->post[i].mid));
		assert_true(str_eq(a->post[i].body, b->post[i].body));
	}
}

static void row__comes_back_as_it_was(void **state)
{
	struct journal_row row = full_row(), got;

	(void)state;
	assert_true(journal_row_decode(arena, encoded(&row), &got));
	assert_true(got.has_session);
	assert_true(got.session.saved == INT64_MIN && got.session.due_ms == 77);
	assert_true(str_eq(got.session.bytes, row.session.bytes));
	same_posts(&row, &got);
	assert_int_equal(got.n_mids, 1);
	assert_true(str_is(got.mid[0].mid, "pressed") && got.mid[0].at_ms == INT64_MAX);
}

static void row__with_nothing_in_it__comes_back(void **state)
{
	struct journal_row row = {0}, got = full_row();

	(void)state;
	assert_true(journal_row_decode(arena, encoded(&row), &got));
	assert_false(got.has_session);
	assert_int_equal(got.n_posts + got.n_mids, 0);
}

/* The bytes in the file are a promise to files that exist already. */
static void row__has_the_bytes_it_always_had(void **state)
{
	static const char want[] = "\1\1"
				   "\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\1\0\0\0s"
				   "\1\0\0\0"
				   "\7\0\0\0\0\1\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\2\0\0\0bb"
				   "\1\0\0\0"
				   "\1\0\0\0m\xff\xff\xff\xff\xff\xff\xff\xff";
	struct kept_post post = {.n = 7, .at_ms = 256, .who = POST_BOT, .body = S("bb")};
	struct kept_mid mid = {S("m"), -1};
	struct journal_row row = {true, {2, 3, S("s")}, &post, 1, &mid, 1};

	(void)state;
	assert_true(str_eq(encoded(&row), (struct str){want, sizeof(want) - 1}));
}

static void row__cut_anywhere_or_with_more_behind__is_refused(void **state)
{
	struct journal_row row = full_row(), got;
	struct str all = encoded(&row);
	char *copy;

	(void)state;
	for (size_t n = 0; n < all.n; n++) {
		copy = malloc(
			n ? n : 1); /* of this size: a sanitizer sees the first step too far */
		memcpy(copy, all.p, n);
		assert_false(journal_row_decode(arena, (struct str){copy, n}, &got));
		free(copy);
	}
	buf_addc(&bytes, '\0');
	assert_false(journal_row_decode(arena, buf_str(&bytes), &got));
}

static void is_refused_with(size_t at, char byte)
{
	struct journal_row row = full_row(), got;
	struct str all = encoded(&row);

	assert_true(at < all.n && bytes.p[at] != byte);
	bytes.p[at] = byte;
	assert_false(journal_row_decode(arena, all, &got));
}

static void row__of_another_format__is_refused(void **state)
{
	(void)state;
	is_refused_with(0, 2);
	is_refused_with(0, 0);
}

static void row__with_impossible_parts__is_refused(void **state)
{
	enum { session = 2 + 8 + 8 + 4 + 15, first_post = session + 4 };

	(void)state;
	is_refused_with(1, 2);                 /* two sessions */
	is_refused_with(session + 3, 127);     /* two thousand million posts */
	is_refused_with(first_post, 40);       /* a gap */
	is_refused_with(first_post, 42);       /* the same number twice */
	is_refused_with(first_post + 12, 4);   /* nobody */
	is_refused_with(first_post + 13, 127); /* a name longer than the row */
}

static void row__with_a_post_of_no_number__is_refused(void **state)
{
	struct kept_post post = {.n = 0, .who = POST_BOT};
	struct journal_row row = {.post = &post, .n_posts = 1}, got;

	(void)state;
	assert_false(journal_row_decode(arena, encoded(&row), &got));
}

static void row__with_an_empty_id__is_refused(void **state)
{
	struct kept_mid mid = {{"", 0}, 1};
	struct journal_row row = {.mid = &mid, .n_mids = 1}, got;

	(void)state;
	assert_false(journal_row_decode(arena, encoded(&row), &got));
}

static void rows__joined__have_the_newest_session_and_all_posts(void **state)
{
	struct kept_post first[] = {{.n = 39, .mid = S("a")}, {.n = 40}}, last = {.n = 43};
	struct journal_row row[] = {
		{.has_session = true, .session = {1, 2, S("old")}, .post = first, .n_posts = 2},
		full_row(),
		{.post = &last, .n_posts = 1},
	};
	struct journal_parts part[3];
	struct journal_row read;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(journal_parts_of(arena_str(arena, encoded(&row[i])), &part[i]));
	assert_int_equal(part[1].last_post, 42);
	assert_int_equal(part[1].last_ms, -5);
	buf_clear(&bytes);
	journal_parts_join(part, 3, &bytes);
	assert_true(journal_row_decode(arena, buf_str(&bytes), &read));
	assert_true(str_eq(read.session.bytes, row[1].session.bytes));
	assert_int_equal(read.session.due_ms, 77);
	assert_int_equal(read.n_posts, 5);
	assert_int_equal(read.post[0].n, 39);
	assert_true(str_is(read.post[0].mid, "a"));
	assert_int_equal(read.post[4].n, 43);
	assert_int_equal(read.n_mids, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(row__comes_back_as_it_was),
		T(row__with_nothing_in_it__comes_back),
		T(row__has_the_bytes_it_always_had),
		T(row__cut_anywhere_or_with_more_behind__is_refused),
		T(row__of_another_format__is_refused),
		T(row__with_impossible_parts__is_refused),
		T(row__with_a_post_of_no_number__is_refused),
		T(row__with_an_empty_id__is_refused),
		T(rows__joined__have_the_newest_session_and_all_posts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
