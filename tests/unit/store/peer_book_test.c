/* Peers in memory: what a commit that failed leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/store/peer_book.h"

static int setup(void **state)
{
	*state = peer_book_new();
	return 0;
}

static int teardown(void **state)
{
	peer_book_free(*state);
	return 0;
}

static void hear(struct peer_book *book, const char *name, int64_t heard_ms)
{
	peer_book_change(book, &(struct store_peer){.conversation = str_of(name),
				       .account = S("p"),
				       .peer = str_of(name),
				       .heard_ms = heard_ms});
}

static void is_list(struct peer_book *book, const int64_t *seq, size_t n)
{
	struct arena *arena = arena_new(1 << 16);
	struct kept_peer *list;

	assert_int_equal(peer_book_list(book, 10, arena, &list), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list[i].seq, seq[i]);
	assert_int_equal(peer_book_oldest(book), seq[0]);
	arena_free(arena);
}

/* Else what is in the older of the journal's files would be taken for folded. */
static void undone__the_oldest_row_is_the_oldest_again(void **state)
{
	struct peer_book *book = *state;

	hear(book, "a", 1);
	assert_int_equal(peer_book_commit(book, 4, false), 5);
	hear(book, "b", 1);
	hear(book, "c", 1);
	hear(book, "d", 1);
	assert_int_equal(peer_book_commit(book, 5, false), 8);
	hear(book, "c", 2);
	hear(book, "a", 2);
	hear(book, "new", 2);
	assert_int_equal(peer_book_commit_maybe(book, 8), 11);
	is_list(book, (const int64_t[]){6, 8, 9, 10, 11}, 5);
	peer_book_undo(book);
	is_list(book, (const int64_t[]){5, 6, 7, 8}, 4);
	assert_int_equal(peer_book_find(book, S("a"))->heard_ms, 1);
	assert_null(peer_book_find(book, S("new")));
}

static void undone__what_is_in_the_tables_is_not_folded(void **state)
{
	struct peer_book *book = *state;

	hear(book, "a", 1);
	assert_int_equal(peer_book_commit(book, 4, true), 5);
	hear(book, "b", 1);
	assert_int_equal(peer_book_commit(book, 5, false), 6);
	hear(book, "a", 2);
	assert_int_equal(peer_book_commit_maybe(book, 6), 7);
	peer_book_undo(book);
	is_list(book, (const int64_t[]){6}, 1);
	assert_false(peer_book_is_unfolded(book, S("a")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(undone__the_oldest_row_is_the_oldest_again),
		T(undone__what_is_in_the_tables_is_not_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
