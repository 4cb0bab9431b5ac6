/* Which rows of the journal are not folded yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/store/tail.h"

static struct tail *tail;
static const struct kept_place nowhere;

static int setup(void **state)
{
	(void)state;
	tail = tail_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tail_free(tail);
	return 0;
}

static void add_post(const char *conversation, int64_t seq, uint32_t n, const char *mid)
{
	struct kept_post post = {.n = n, .who = POST_BUYER, .mid = str_of(mid)};

	tail_add(tail, str_of(conversation), &nowhere, seq,
		&(struct journal_row){.post = &post, .n_posts = 1}, S("bytes"));
}

static void add_session(const char *conversation, int64_t number, int64_t seq, int64_t due_ms)
{
	tail_add(tail, str_of(conversation), &(struct kept_place){.number = number}, seq,
		&(struct journal_row){.has_session = true, .session = {1, due_ms, S("s")}}, S(""));
}

static void tail__of_nothing__finds_nothing(void **state)
{
	(void)state;
	assert_null(tail_find(tail, S("c")));
	assert_null(tail_find(tail, S("")));
	assert_int_equal(tail_rows(tail), 0);
	tail_forget(tail, S("c"));
}

static void tail__keeps_rows_in_order_and_gives_them_up_in_order(void **state)
{
	struct tail_entry *entry;

	(void)state;
	add_post("c", 1, 1, "a");
	add_post("d", 2, 1, "a");
	add_post("c", 3, 2, "b");
	add_session("c", 0, 4, 0);
	entry = tail_find(tail, S("c"));
	assert_int_equal(tail_rows(tail), 4);
	assert_int_equal(tail_entries(tail), 2);
	assert_int_equal(tail_new_sessions(tail), 2);
	assert_int_equal(tail_posts(tail), 3);
	assert_int_equal(entry->last_post, 2);
	assert_int_equal(entry->session_seq, 4);
	assert_int_equal(entry->row->seq, 1);
	tail_folded(tail, entry, &(struct kept_place){.number = 9}, 1, false);
	assert_int_equal(entry->row->seq, 3);
	assert_int_equal(entry->place.number, 9);
	assert_int_equal(tail_new_sessions(tail), 1);
	tail_folded(tail, entry, &(struct kept_place){.number = 9}, 2, false);
	assert_null(entry->row);
	assert_ptr_equal(tail_find(tail, S("c")), entry); /* is remembered */
	assert_int_equal(tail_entries(tail), 1);
	assert_int_equal(entry->last_post, 2);
	tail_cool(tail, 5);
	assert_null(tail_find(tail, S("c")));
	assert_int_equal(tail_rows(tail), 1);
	assert_int_equal(tail_posts(tail), 1);
	tail_forget(tail, S("d"));
	assert_int_equal(tail_rows(tail) + (size_t)tail_posts(tail), 0);
	assert_int_equal(tail_new_sessions(tail), 0);
}

static void tail__remembers_the_newest_session_only(void **state)
{
	struct tail_entry *entry;

	(void)state;
	add_session("c", 5, 1, 10);
	add_session("c", 5, 2, 0);
	add_post("c", 3, 1, "");
	entry = tail_find(tail, S("c"));
	assert_int_equal(entry->session_seq, 2);
	assert_int_equal(entry->due_ms, 0);
	tail_folded(tail, entry, &(struct kept_place){.number = 5}, 1, false);
	assert_int_equal(entry->session_seq, 2);
	tail_folded(tail, entry, &(struct kept_place){.number = 5}, 1, false);
	assert_int_equal(entry->session_seq, 0);
	assert_int_equal(tail_new_sessions(tail), 0);
}

static void row__may_hold__what_it_holds(void **state)
{
	struct kept_mid mid = {S("pressed"), 1};
	struct kept_post post[] = {{.n = 1, .mid = S("a")}, {.n = 2}, {.n = 3, .mid = S("b")}};
	const struct tail_row *row;

	(void)state;
	tail_add(tail, S("c"), &nowhere, 1,
		&(struct journal_row){.post = post, .n_posts = 3, .mid = &mid, .n_mids = 1},
		S("its bytes"));
	row = tail_find(tail, S("c"))->row;
	assert_int_equal(row->first, 1);
	assert_int_equal(row->n_posts, 3);
	assert_true(tail_row_may_hold(row, S("a")));
	assert_true(tail_row_may_hold(row, S("b")));
	assert_true(tail_row_may_hold(row, S("pressed")));
	assert_false(tail_row_may_hold(row, S("c")));
	assert_true(str_is(tail_row_bytes(row), "its bytes"));
}

static void collect(void *self, const struct tail_entry *entry)
{
	int64_t *sum = self;

	*sum += entry->due_ms;
}

static int64_t due(int64_t until_ms)
{
	int64_t sum = 0;

	tail_due(tail, until_ms, collect, &sum);
	return sum;
}

static void due__follows_what_is_added_changed_and_folded(void **state)
{
	(void)state;
	assert_int_equal(due(INT64_MAX), 0);
	add_session("c", 1, 1, 100);
	add_session("d", 2, 2, 1000);
	assert_int_equal(due(99), 0);
	assert_int_equal(due(100), 100);
	assert_int_equal(due(1000), 1100);
	add_session("c", 1, 3, 10000);
	assert_int_equal(due(999), 0);
	assert_int_equal(due(INT64_MAX), 11000);
	add_session("d", 2, 4, 7);
	assert_int_equal(due(7), 7);
	tail_folded(tail, tail_find(tail, S("d")), &(struct kept_place){.number = 2}, 1, false);
	assert_int_equal(due(7), 7);
	tail_folded(tail, tail_find(tail, S("d")), &(struct kept_place){.number = 2}, 1, false);
	assert_int_equal(due(9999), 0);
	assert_int_equal(due(10000), 10000);
}

static void oldest__is_who_has_had_rows_for_longest(void **state)
{
	struct tail_entry *entry;

	(void)state;
	assert_null(tail_oldest(tail));
	add_post("c", 1, 1, "");
	add_post("d", 2, 1, "");
	add_post("c", 3, 2, "");
	entry = tail_oldest(tail);
	assert_true(str_is(entry->conversation, "c"));
	assert_true(str_is(tail_next(entry)->conversation, "d"));
	assert_null(tail_next(tail_next(entry)));
	tail_folded(tail, entry, &(struct kept_place){.number = 1}, 2, false);
	assert_true(str_is(tail_oldest(tail)->conversation, "d"));
	add_post("c", 4, 3, "");
	assert_true(str_is(tail_next(tail_oldest(tail))->conversation, "c"));
	assert_int_equal(tail_find(tail, S("c"))->place.number, 1);
}

/* While it was folded more was said. */
static void oldest__is_not_who_has_new_rows_only(void **state)
{
	static const struct kept_place first = {.number = 1};

	(void)state;
	add_post("c", 1, 1, "");
	add_post("c", 2, 2, "");
	add_post("d", 3, 1, "");
	add_post("c", 4, 3, "");
	add_post("c", 5, 4, "");
	assert_int_equal(tail_rows_up_to(tail_find(tail, S("c")), 0, 9), 0);
	assert_int_equal(tail_rows_up_to(tail_find(tail, S("c")), 4, 9), 3);
	assert_int_equal(tail_rows_up_to(tail_find(tail, S("c")), 4, 2), 2);
	assert_int_equal(tail_rows_up_to(tail_find(tail, S("c")), 5, 9), 4);
	assert_int_equal(tail_rows_up_to(tail_find(tail, S("c")), INT64_MAX, 3), 3);
	tail_folded(tail, tail_find(tail, S("c")), &first, 1, true);
	assert_true(str_is(tail_oldest(tail)->conversation, "c"));
	tail_folded(tail, tail_find(tail, S("c")), &first, 1, false);
	assert_true(str_is(tail_oldest(tail)->conversation, "d"));
	assert_true(str_is(tail_next(tail_oldest(tail))->conversation, "c"));
}

/* How many of 1,000 that were never there are thought to be. */
static unsigned mistaken(const struct tail_entry *entry)
{
	unsigned n = 0;
	char id[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "never %d", i);
		n += tail_may_know(entry, str_of(id));
	}
	return n;
}

static void ids__are_known_by_heart__however_many(void **state)
{
	struct tail_entry *entry;
	char id[16];

	(void)state;
	add_post("new", 1, 1, "a");
	entry = tail_find(tail, S("new"));
	assert_true(entry->asked_ids);
	for (int i = 2; i <= 500; i++) {
		snprintf(id, sizeof(id), "i%d", i);
		assert_false(i <= 64 && tail_may_know(entry, str_of(id)));
		add_post("new", i, (uint32_t)i, id);
		assert_true(tail_may_know(entry, str_of(id)));
	}
	tail_folded(tail, entry, &(struct kept_place){.number = 1}, 499, false);
	assert_true(tail_may_know(entry, S("a")));
	for (int i = 2; i <= 500; i++) {
		snprintf(id, sizeof(id), "i%d", i);
		assert_true(tail_may_know(entry, str_of(id)));
	}
	assert_in_range(mistaken(entry), 0, 150);
}

static void ids__in_the_tables__are_learnt_once(void **state)
{
	const struct str old[] = {S("x"), S("y")};
	struct tail_entry *entry;

	(void)state;
	add_session("old", 7, 66, 0);
	add_post("old", 67, 1, "z");
	entry = tail_find(tail, S("old"));
	assert_false(entry->asked_ids);
	assert_int_equal(mistaken(entry), 1000);
	tail_learn_ids(entry, old, 2, true);
	assert_true(entry->asked_ids);
	assert_true(tail_may_know(entry, S("x")) && tail_may_know(entry, S("y")) &&
		    tail_may_know(entry, S("z")));
	assert_int_equal(mistaken(entry), 0);
	tail_learn_ids(entry, old, 2, false); /* there are more: the tables are asked */
	assert_int_equal(mistaken(entry), 1000);
}

static void tail__of_many__finds_each(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		add_post(name, i + 1, (uint32_t)i + 1, "");
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		assert_int_equal(tail_find(tail, str_of(name))->last_post, i + 1);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tail__of_nothing__finds_nothing),
		T(tail__keeps_rows_in_order_and_gives_them_up_in_order),
		T(tail__remembers_the_newest_session_only),
		T(row__may_hold__what_it_holds),
		T(due__follows_what_is_added_changed_and_folded),
		T(oldest__is_who_has_had_rows_for_longest),
		T(oldest__is_not_who_has_new_rows_only),
		T(ids__are_known_by_heart__however_many),
		T(ids__in_the_tables__are_learnt_once),
		T(tail__of_many__finds_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
