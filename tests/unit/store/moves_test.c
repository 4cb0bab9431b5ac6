/* Moves: what they say is what their rows would say if each was written at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/store/moves.h"
#include "adapters/store/tables.h"

enum { n_conversations = 300 };

struct desk {
	struct sql *sql;
	struct moves *moves;
	struct buf error;
	int64_t number[n_conversations], newest[n_conversations]; /* how it must be */
	uint64_t random;
};

static uint64_t below(struct desk *desk, uint64_t n)
{
	desk->random = desk->random * 6364136223846793005u + 1442695040888963407u;
	return (desk->random >> 33) % n;
}

static void script(struct desk *desk, const char *text)
{
	sql_script(desk->sql, text);
	assert_int_equal(sql_status(desk->sql), SQL_OK);
}

static int setup(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	desk->random = 1;
	buf_init(&desk->error, 1000);
	assert_int_equal(sql_open(NULL, &desk->sql, &desk->error), SQL_OK);
	script(desk, "create table moves(id integer primary key, bytes blob not null) strict;"
		     "create table conversation(id integer primary key, newest integer) strict;");
	for (int i = 0; i < n_conversations; i++) {
		struct sql_query *q =
			sql_query(desk->sql, "insert into conversation values (?, ?)");

		desk->number[i] =
			(int64_t)(below(desk, 1u << 22) << 25 | (below(desk, 1u << 20) << 3) | 1);
		desk->newest[i] = i + 1;
		sql_bind_int(q, desk->number[i]);
		sql_bind_int(q, desk->newest[i]);
		assert_int_equal(sql_run(q), 1);
	}
	desk->moves = moves_new();
	*state = desk;
	return 0;
}

static int teardown(void **state)
{
	struct desk *desk = *state;

	moves_free(desk->moves);
	sql_close(desk->sql);
	buf_release(&desk->error);
	free(desk);
	return 0;
}

static int64_t in_row(struct desk *desk, int64_t number)
{
	struct sql_query *q = sql_query(desk->sql, "select newest from conversation where id = ?");

	sql_bind_int(q, number);
	return sql_number(q);
}

static void is_right(struct desk *desk)
{
	for (int i = 0; i < n_conversations; i++) {
		int64_t moved = moves_find(desk->moves, desk->number[i]);

		assert_int_equal(moved ? moved : in_row(desk, desk->number[i]), desk->newest[i]);
	}
}

static void read_again(struct desk *desk)
{
	moves_free(desk->moves);
	desk->moves = moves_new();
	sql_clear(desk->sql);
	moves_read(desk->moves, desk->sql);
	assert_int_equal(sql_status(desk->sql), SQL_OK);
}

static void write_row(struct desk *desk, int i, int64_t piece)
{
	struct sql_query *q =
		sql_query(desk->sql, "update conversation set newest = ? where id = ?");

	sql_bind_int(q, piece);
	sql_bind_int(q, desk->number[i]);
	(void)sql_run(q);
	moves_put(desk->moves, desk->number[i], 0);
}

/* Most are noted, some written at once. */
static void change(struct desk *desk, int i, int64_t piece)
{
	if (below(desk, 8))
		moves_put(desk->moves, desk->number[i], piece);
	else
		write_row(desk, i, piece);
	desk->newest[i] = piece;
}

static void one_round(struct desk *desk, int64_t piece, size_t most)
{
	int64_t before[n_conversations];
	bool fails = below(desk, 5) == 0;

	memcpy(before, desk->newest, sizeof(before));
	assert_int_equal(sql_begin(desk->sql), SQL_OK);
	for (uint64_t n = below(desk, 60); n--;)
		change(desk, (int)below(desk, n_conversations), piece + (int64_t)n);
	moves_lessen(desk->moves, desk->sql, most);
	if (fails)
		sql_fail(desk->sql, "as the test wants it");
	assert_int_equal(moves_commit(desk->moves, desk->sql), fails ? SQL_BROKEN : SQL_OK);
	sql_clear(desk->sql);
	if (fails)
		memcpy(desk->newest, before, sizeof(before));
}

static void rounds(struct desk *desk, size_t most)
{
	for (int64_t k = 0; k < 300; k++) {
		one_round(desk, 1000 * (k + 1), most);
		if (below(desk, 10) == 0)
			read_again(desk);
		is_right(desk);
	}
}

static void moves__in_any_number_of_rounds__are_what_was_put(void **state)
{
	rounds(*state, 50);
}

static void moves__where_none_may_stay__are_what_was_put(void **state)
{
	rounds(*state, 0);
}

static void moves__that_count_no_more__leave_the_file(void **state)
{
	struct desk *desk = *state;
	int64_t bytes;

	rounds(desk, 50);
	assert_in_range(moves_count(desk->moves), 1, 50 + 60); /* the last round may have failed */
	bytes = sql_number(sql_query(desk->sql, "select sum(length(bytes)) from moves"));
	assert_in_range(bytes, 16, 40000); /* and not 300 rounds of 30 */
}

static void moves__of_one_transaction__in_one_row(void **state)
{
	struct desk *desk = *state;

	for (int k = 1; k <= 3; k++) {
		assert_int_equal(sql_begin(desk->sql), SQL_OK);
		for (int i = 0; i < n_conversations; i++)
			moves_put(desk->moves, desk->number[i], k);
		assert_int_equal(moves_commit(desk->moves, desk->sql), SQL_OK);
		assert_int_equal(sql_number(sql_query(desk->sql, "select count(*) from moves")), k);
	}
}

static void moves__of_small_transactions__share_a_row(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < 200; i++) {
		assert_int_equal(sql_begin(desk->sql), SQL_OK);
		moves_put(desk->moves, desk->number[i], 7);
		assert_int_equal(moves_commit(desk->moves, desk->sql), SQL_OK);
	}
	assert_int_equal(sql_number(sql_query(desk->sql, "select count(*) from moves")), 1);
}

static void is_damage(struct desk *desk, const char *insert)
{
	struct moves *moves = moves_new();

	script(desk, "delete from moves");
	script(desk, insert);
	moves_read(moves, desk->sql);
	assert_int_equal(sql_status(desk->sql), SQL_BROKEN);
	assert_string_equal(sql_error(desk->sql), "row 9 of moves is damaged");
	moves_free(moves);
	sql_clear(desk->sql);
}

static void read__of_a_damaged_row__is_an_error(void **state)
{
	struct desk *desk = *state;

	is_damage(desk, "insert into moves values (9, x'0100000000000000')");
	is_damage(desk, "insert into moves values (9, x'010000000000000002000000000000')");
	is_damage(desk, "insert into moves values (9, x'00000000000000000200000000000000')");
	is_damage(desk, "insert into moves values (9, x'bfffffffffffffff0000000000000000')");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(moves__in_any_number_of_rounds__are_what_was_put),
		T(moves__where_none_may_stay__are_what_was_put),
		T(moves__that_count_no_more__leave_the_file),
		T(moves__of_one_transaction__in_one_row),
		T(moves__of_small_transactions__share_a_row),
		T(read__of_a_damaged_row__is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
