/* The ids of the last messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/engine/recent_ids.h"
#include "tests/unit/in_arena.h"

static struct str id_of(unsigned i)
{
	return arena_printf(arena, "chat:%u", i);
}

static void recent_ids__have__the_last_ones(void **state)
{
	struct recent_ids ids = {{0}};

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_false(recent_ids_have(&ids, id_of(i)));
		recent_ids_add(&ids, id_of(i), arena);
	}
	assert_int_equal(recent_ids_count(&ids), max_recent_ids);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(recent_ids_have(&ids, id_of(i)), i >= 100 - max_recent_ids);
	assert_false(recent_ids_have(&ids, S("chat:9")));
	assert_false(recent_ids_have(&ids, S("Chat:99")));
	assert_false(recent_ids_have(&ids, S("chat:99\x07")));
}

static void recent_ids__keep__long_ones_apart(void **state)
{
	struct recent_ids ids = {{0}};
	char a[300], b[300];

	(void)state;
	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	b[0] = 'b';
	recent_ids_add(&ids, (struct str){a, sizeof(a)}, arena);
	recent_ids_add(&ids, S("x"), arena);
	assert_true(recent_ids_have(&ids, (struct str){a, sizeof(a)}));
	assert_false(recent_ids_have(&ids, (struct str){b, sizeof(b)}));
	assert_false(recent_ids_have(&ids, (struct str){a, sizeof(a) - 1}));
	assert_true(recent_ids_have(&ids, S("x")));
}

static void recent_ids_take__leaves__what_comes_after(void **state)
{
	struct recent_ids ids = {{0}}, again;
	struct str bytes;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		recent_ids_add(&ids, id_of(i), arena);
	bytes = arena_join(arena, ids.bytes, S("rest"), S(""));
	assert_true(recent_ids_take(&again, 3, &bytes));
	assert_true(str_is(bytes, "rest"));
	assert_int_equal(recent_ids_count(&again), 3);
	assert_true(str_eq(again.bytes, ids.bytes));
	bytes = ids.bytes;
	assert_false(recent_ids_take(&again, 4, &bytes));
	bytes = str_sub(ids.bytes, 0, ids.bytes.n - 1);
	assert_false(recent_ids_take(&again, 3, &bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recent_ids__have__the_last_ones),
		cmocka_unit_test(recent_ids__keep__long_ones_apart),
		cmocka_unit_test(recent_ids_take__leaves__what_comes_after),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
