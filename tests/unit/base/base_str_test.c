/* Slices, the growing buffer, the arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"

static void str__compares__bytes(void **state)
{
	(void)state;
	assert_true(str_eq(S("a"), S("a")) && !str_eq(S("a"), S("A")) && !str_eq(S("a"), S("ab")));
	assert_true(str_eq((struct str){0}, S("")));
	assert_true(str_eq(S("a\0b"), S("a\0b")) && !str_eq(S("a\0b"), S("a\0c")));
	assert_true(str_eq_nocase(S("AbZ"), S("aBz")) && !str_eq_nocase(S("@"), S("`")));
	assert_true(str_cmp(S("a"), S("b")) < 0 && str_cmp(S("ab"), S("a")) > 0);
	assert_int_equal(str_cmp(S("a"), S("a")), 0);
	assert_true(str_cmp(S("\xFF"), S("a")) > 0);
	assert_true(str_is(str_of(NULL), ""));
}

static void str__finds_and_cuts(void **state)
{
	struct str rest = S("a,b,,c"), none = {0};

	(void)state;
	assert_int_equal(str_find(S("banana"), S("nan")), 2);
	assert_int_equal(str_find(S("banana"), S("nab")), -1);
	assert_int_equal(str_find(S("a"), S("")), 0);
	assert_int_equal(str_find(none, S("a")), -1);
	assert_true(str_is(str_cut(&rest, ','), "a"));
	assert_true(str_is(str_cut(&rest, ','), "b"));
	assert_true(str_is(str_cut(&rest, ','), ""));
	assert_true(str_is(str_cut(&rest, ','), "c"));
	assert_int_equal(rest.n, 0);
	assert_int_equal(str_cut(&none, ',').n, 0);
	assert_true(str_is(str_trim(S(" \t x y\r\n")), "x y"));
	assert_int_equal(str_trim(S(" \t ")).n, 0);
	assert_true(str_is(str_sub(S("abc"), 1, 1), "b"));
	assert_true(str_is(str_sub(S("abc"), 2, SIZE_MAX), "c"));
	assert_int_equal(str_sub(S("abc"), 9, 1).n, 0);
	assert_int_equal(str_sub(none, 3, 3).n, 0);
	assert_true(str_starts(S("abc"), S("ab")) && !str_starts(S("a"), S("ab")));
	assert_true(str_ends(S("abc"), S("bc")) && !str_ends(S("c"), S("bc")));
}

static void str_int__reads__what_fits(void **state)
{
	static const char *const refused[] = {
		"", "-", "+1", "1 ", " 1", "1a", "1.0", "--1", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999",
	};
	int64_t n = 0;

	(void)state;
	assert_true(str_int(S("0"), &n) && n == 0);
	assert_true(str_int(S("-17"), &n) && n == -17);
	assert_true(str_int(S("007"), &n) && n == 7);
	assert_true(str_int(S("9223372036854775807"), &n) && n == INT64_MAX);
	assert_true(str_int(S("-9223372036854775808"), &n) && n == INT64_MIN);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_false(str_int(str_of(refused[i]), &n));
}

static void str_distance__counts__edits_up_to_max(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned max, distance;
	} row[] = {
		{"", "", 2, 0}, {"a", "", 2, 1}, {"abc", "abc", 2, 0}, {"abc", "abd", 2, 1},
		{"abc", "acb", 2, 1}, {"abcd", "badc", 2, 2}, {"ca", "abc", 4, 3},
		{"kitten", "sitting", 3, 3}, {"kitten", "sitting", 2, 3}, {"abc", "xyz", 1, 2},
		{"abcdef", "", 2, 3}, {"ab", "ba", 0, 1},
	};
	char wide[64];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(str_distance(str_of(row[i].a), str_of(row[i].b), row[i].max),
			row[i].distance);
		assert_int_equal(str_distance(str_of(row[i].b), str_of(row[i].a), row[i].max),
			row[i].distance);
	}
	memset(wide, 'a', sizeof(wide));
	assert_int_equal(str_distance((struct str){wide, 63}, (struct str){wide, 62}, 2), 1);
	assert_int_equal(str_distance((struct str){wide, 64}, (struct str){wide, 64}, 2), 3);
}

static void str_hash__agrees__with_fnv_1a(void **state)
{
	(void)state;
	assert_true(str_hash(S("")) == UINT64_C(0xcbf29ce484222325));
	assert_true(str_hash(S("a")) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(str_hash(S("foobar")) == UINT64_C(0x85944171f73967e8));
}

static void buf__drops_whole_calls__past_its_ceiling(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_int_equal(buf_str(&buf).n, 0);
	buf_add(&buf, S("abc"));
	buf_add(&buf, S("de"));
	assert_false(buf.over);
	assert_string_equal(buf.p, "abcde");
	buf_addc(&buf, 'f');
	assert_true(buf.over);
	assert_string_equal(buf.p, "abcde");
	buf_clear(&buf);
	assert_false(buf.over);
	assert_string_equal(buf.p, "");
	buf_add(&buf, S("abcdef"));
	buf_add(&buf, S("a"));
	assert_true(buf.over && buf.n == 0);
	buf_clear(&buf);
	buf_addf(&buf, "%d%s", 123, "ab");
	assert_string_equal(buf.p, "123ab");
	buf_addf(&buf, "%d", 1);
	assert_true(buf.over);
	assert_string_equal(buf.p, "123ab");
	buf_release(&buf);
	assert_null(buf.p);
	assert_int_equal(buf.max, 5);
}

static void buf__grows__as_needed(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	buf_reserve(&buf, 1000);
	assert_true(buf.cap > 1000 && buf.n == 0);
	for (int i = 0; i < 10000; i++)
		buf_addf(&buf, "%04d", i);
	for (int i = 0; i < 1000; i++)
		buf_addc(&buf, 'x');
	assert_int_equal(buf.n, 41000);
	assert_memory_equal(buf.p + 4 * 1234, "1234", 4);
	assert_int_equal(buf.p[buf.n], 0);
	buf_release(&buf);
}

static void arena__gives__aligned_zeroed_memory(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 3000; n += 7) {
			unsigned char *p = arena_alloc(arena, n);

			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xAA, n);
		}
		arena_reset(arena);
		assert_int_equal(arena_used(arena), 0);
	}
	arena_free(arena);
	arena_free(NULL);
}

static void arena__remembers__that_it_is_over_its_cap(void **state)
{
	struct arena *arena = arena_new(100000);

	(void)state;
	memset(arena_raw(arena, 99984), 1, 99984);
	assert_false(arena_over(arena));
	assert_int_equal(arena_used(arena), 99984);
	memset(arena_raw(arena, 32), 1, 32);
	assert_true(arena_over(arena));
	arena_reset(arena);
	assert_false(arena_over(arena));
	arena_free(arena);
}

static void arena_grow__keeps__what_was_there(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	int *item = NULL, *first = NULL;

	(void)state;
	for (size_t n = 0; n < 1000; n++) {
		item = arena_grow(arena, item, n, int);
		item[n] = (int)n;
		if (n == 4)
			first = item;
		if (n > 4 && n < 8)
			assert_ptr_equal(item, first);
		if (n == 8)
			assert_ptr_not_equal(item, first);
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(item[n], n);
	arena_free(arena);
}

static void arena_str__copies__with_a_zero_byte(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct str copy;

	(void)state;
	memset(arena_raw(arena, 4096), 0xAA, 4096);
	arena_reset(arena);
	copy = arena_str(arena, S("ab\0c"));
	assert_int_equal(copy.n, 4);
	assert_memory_equal(copy.p, "ab\0c", 5);
	assert_string_equal(arena_cstr(arena, (struct str){0}), "");
	copy = arena_printf(arena, "%d-%s", 5, "x");
	assert_true(str_is(copy, "5-x"));
	assert_int_equal(copy.p[3], 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str__compares__bytes),
		cmocka_unit_test(str__finds_and_cuts),
		cmocka_unit_test(str_int__reads__what_fits),
		cmocka_unit_test(str_distance__counts__edits_up_to_max),
		cmocka_unit_test(str_hash__agrees__with_fnv_1a),
		cmocka_unit_test(buf__drops_whole_calls__past_its_ceiling),
		cmocka_unit_test(buf__grows__as_needed),
		cmocka_unit_test(arena__gives__aligned_zeroed_memory),
		cmocka_unit_test(arena__remembers__that_it_is_over_its_cap),
		cmocka_unit_test(arena_grow__keeps__what_was_there),
		cmocka_unit_test(arena_str__copies__with_a_zero_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
