/* Values: building, reading, equality, JSON and bytes both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/value.h"
#include "tests/unit/in_arena.h"
#include "tests/unit/value_of.h"

static void assert_shown(const struct value *v, const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	value_show(v, &out);
	assert_string_equal(out.p, expected);
	buf_release(&out);
}

static const struct value *nested(size_t depth)
{
	const struct value *value = value_int(arena, 7);

	while (depth--) {
		struct value_builder b = value_build(arena);

		value_push(&b, value);
		value = value_list(&b);
	}
	return value;
}

static void value__builds__lists_and_records(void **state)
{
	struct value_builder list = value_build(arena), record = value_build(arena);

	(void)state;
	for (int i = 0; i < 9; i++)
		value_push(&list, value_int(arena, i));
	value_push(&list, NULL);
	value_put(&record, "list", value_list(&list));
	value_put_text(&record, "text", S("x"));
	value_put_int(&record, "n", -3);
	value_put(&record, "yes", value_bool(true));
	value_put(&record, "none", NULL);
	value_put_text(&record, "text", S("again"));
	assert_shown(value_record(&record), "{\"list\":[0,1,2,3,4,5,6,7,8,null],\"text\":\"again\","
		"\"n\":-3,\"yes\":true,\"none\":null}");
}

static void value__reads__nothing_where_nothing_is(void **state)
{
	const struct value *record = value_of(arena, "{\"a\":\"x\",\"n\":5,\"l\":[true,false],\"z\":null}");

	(void)state;
	assert_true(str_is(value_get_text(record, "a"), "x"));
	assert_int_equal(value_get_int(record, "n"), 5);
	assert_int_equal(value_get_int(record, "a"), 0);
	assert_int_equal(value_get_text(record, "n").n, 0);
	assert_true(value_bool_of(value_at(value_get(record, "l"), 0)));
	assert_false(value_bool_of(value_at(value_get(record, "l"), 1)));
	assert_int_equal(value_at(value_get(record, "l"), 2)->type, VALUE_NONE);
	assert_int_equal(value_at(record, 0)->type, VALUE_NONE);
	assert_int_equal(value_get(record, "A")->type, VALUE_NONE);
	assert_int_equal(value_get(NULL, "a")->type, VALUE_NONE);
	assert_int_equal(value_get(value_get(record, "a"), "a")->type, VALUE_NONE);
	assert_int_equal(value_count(value_get(record, "l")), 2);
	assert_int_equal(value_count(record), 1);
	assert_int_equal(value_count(value_get(record, "z")), 0);
	assert_int_equal(value_count(NULL), 0);
	assert_false(value_is_set(value_get(record, "z")));
	assert_false(value_is_set(NULL));
	assert_true(value_is_set(&value_false));
}

static void value_text__repairs__broken_bytes(void **state)
{
	(void)state;
	assert_true(str_is(value_text_of(value_text(arena, S("a\xFF"))), "a\uFFFD"));
}

static void value_money__is__a_record(void **state)
{
	(void)state;
	assert_shown(value_money(arena, S("29.90"), S("USD")),
		"{\"amount\":\"29.90\",\"currency\":\"USD\"}");
}

static void value_eq__compares__deeply(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} row[] = {
		{"null", "null", true}, {"1", "1", true}, {"1", "2", false}, {"1", "\"1\"", false},
		{"0", "false", false}, {"null", "false", false}, {"\"a\"", "\"A\"", false},
		{"[1,2]", "[1,2]", true}, {"[1,2]", "[2,1]", false}, {"[1]", "[1,2]", false},
		{"[]", "{}", false}, {"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
		{"{\"a\":1}", "{\"a\":2}", false}, {"{\"a\":1}", "{\"b\":1}", false},
		{"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
		{"{\"a\":1,\"b\":1}", "{\"a\":1,\"c\":1}", false},
		{"{\"a\":null}", "{}", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(value_eq(value_of(arena, row[i].a), value_of(arena, row[i].b)), row[i].equal);
		assert_int_equal(value_eq(value_of(arena, row[i].b), value_of(arena, row[i].a)), row[i].equal);
	}
	assert_true(value_eq(NULL, &value_none));
	assert_false(value_eq(NULL, &value_false));
}

static void value_copy__outlives__the_original(void **state)
{
	struct arena *other = arena_new(1 << 16);
	const struct value *original = value_of(arena, "{\"a\":[1,true,null,\"text\"],\"b\":{\"c\":\"d\"}}");
	const struct value *copy = value_copy(other, original);

	(void)state;
	assert_true(value_eq(original, copy));
	arena_reset(arena);
	memset(arena_alloc(arena, 8000), 0xAA, 8000);
	assert_shown(copy, "{\"a\":[1,true,null,\"text\"],\"b\":{\"c\":\"d\"}}");
	arena_free(other);
}

static void value_from_json__keeps__digits_that_are_not_whole(void **state)
{
	(void)state;
	assert_shown(value_of(arena, "[29.9,1e2,-0.5,1e20,12345678.25]"),
		"[\"29.9\",100,\"-0.5\",\"1e+20\",\"12345678.25\"]");
	assert_int_equal(value_from_json(arena, NULL)->type, VALUE_NONE);
}

static void value_to_json__keeps__every_int64(void **state)
{
	(void)state;
	assert_shown(value_int(arena, INT64_MIN), "-9223372036854775808");
	assert_shown(value_int(arena, INT64_MAX), "9223372036854775807");
	assert_shown(value_int(arena, 9007199254740993), "9007199254740993");
	assert_shown(NULL, "null");
}

static void assert_round_trip(const struct value *v)
{
	const struct value *back;
	struct str bytes;
	struct buf out;

	buf_init(&out, 1 << 20);
	value_encode(v, &out);
	buf_adds(&out, "rest");
	bytes = buf_str(&out);
	assert_true(value_decode(arena, &bytes, &back));
	assert_true(str_is(bytes, "rest"));
	assert_true(value_eq(v, back));
	for (size_t n = 0; n < out.n - 4; n++) {
		struct str cut = str_sub(buf_str(&out), 0, n), before = cut;

		assert_false(value_decode(arena, &cut, &back));
		assert_int_equal(back->type, VALUE_NONE);
		assert_true(cut.p == before.p && cut.n == before.n);
	}
	buf_release(&out);
}

static void value_decode__gives_back__what_was_encoded(void **state)
{
	static const int64_t number[] = {
		0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, INT32_MAX, INT64_MAX, INT64_MIN,
		INT64_MIN + 1,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++)
		assert_round_trip(value_int(arena, number[i]));
	assert_round_trip(&value_none);
	assert_round_trip(&value_true);
	assert_round_trip(&value_false);
	assert_round_trip(value_of(arena, "\"\""));
	assert_round_trip(value_of(arena, "\"héllo 😀\""));
	assert_round_trip(value_text(arena, S("a\0b")));
	assert_round_trip(value_of(arena, "[]"));
	assert_round_trip(value_of(arena, "{}"));
	assert_round_trip(value_of(arena, "{\"a\":[1,[],{},null,{\"b\":\"c\",\"\":true}],\"z\":-5}"));
	assert_round_trip(nested(32));
}

static void value_encode__cuts__what_is_too_deep_to_read(void **state)
{
	const struct value *back;
	struct str bytes;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	value_encode(nested(33), &out);
	bytes = buf_str(&out);
	assert_true(value_decode(arena, &bytes, &back));
	for (int depth = 0; depth < 32; depth++)
		back = value_at(back, 0);
	assert_int_equal(back->type, VALUE_NONE);
	buf_release(&out);
}

static void value_decode__refuses__what_it_did_not_write(void **state)
{
	static const struct str row[] = {
		S(""), S("\x07"), S("\xFF"), S("\x03"), S("\x03\x80"), S("\x03\x80\x00"),
		S("\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
		S("\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), S("\x04\x05" "abcd"),
		S("\x04\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), S("\x04\x01\xFF"),
			S("\x04\x02\xC3("),
		S("\x05\x02\x00"), S("\x05\xFF\xFF\xFF\xFF\x0F\x00\x00"), S("\x06\x01\x01" "a"),
		S("\x06\x02\x01" "a\x01\x01" "a\x02"), S("\x06\x01\x01\xFF\x00"),
		S("\x05\x02\x05\x02\x00\x00"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct str bytes = row[i];
		const struct value *value = NULL;

		if (value_decode(arena, &bytes, &value))
			fail_msg("row %zu was accepted", i);
		assert_int_equal(value->type, VALUE_NONE);
	}
}

static void value_decode__refuses__nesting_past_32(void **state)
{
	char bytes[80];
	struct str in = {bytes, 66};
	const struct value *value;

	(void)state;
	for (int i = 0; i < 33; i++)
		memcpy(bytes + 2 * i, "\x05\x01", 2);
	bytes[65] = 0;
	assert_false(value_decode(arena, &in, &value));
	in = (struct str){bytes + 2, 64};
	assert_true(value_decode(arena, &in, &value));
}

static void value_decode__promises__no_more_than_the_bytes_hold(void **state)
{
	static char bytes[100000];
	struct str in = {bytes, sizeof(bytes)};
	const struct value *value;
	size_t before = arena_used(arena);

	(void)state;
	for (int i = 0; i < 31; i++)    /* each level claims 65,535 elements */
		memcpy(bytes + 4 * i, "\x05\xFF\xFF\x03", 4);
	assert_false(value_decode(arena, &in, &value));
	assert_true(arena_used(arena) - before < 1000000);
}

static void value_decode__stays_quick__with_very_many_fields(void **state)
{
	struct arena *big = arena_new(64 << 20);
	struct value_builder b = value_build(big);
	const struct value *back;
	struct str bytes;
	struct buf out;

	(void)state;
	b.n = 50000;
	b.field = arena_array(big, struct field, b.n);
	for (size_t i = 0; i < b.n; i++)
		b.field[i] = (struct field){arena_printf(big, "f%zu", i), &value_true};
	buf_init(&out, 1 << 20);
	value_encode(value_record(&b), &out);
	bytes = buf_str(&out);
	assert_true(value_decode(big, &bytes, &back));
	assert_int_equal(back->record.n, 50000);
	buf_release(&out);
	arena_free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value__builds__lists_and_records),
		cmocka_unit_test(value__reads__nothing_where_nothing_is),
		cmocka_unit_test(value_text__repairs__broken_bytes),
		cmocka_unit_test(value_money__is__a_record),
		cmocka_unit_test(value_eq__compares__deeply),
		cmocka_unit_test(value_copy__outlives__the_original),
		cmocka_unit_test(value_from_json__keeps__digits_that_are_not_whole),
		cmocka_unit_test(value_to_json__keeps__every_int64),
		cmocka_unit_test(value_decode__gives_back__what_was_encoded),
		cmocka_unit_test(value_encode__cuts__what_is_too_deep_to_read),
		cmocka_unit_test(value_decode__refuses__what_it_did_not_write),
		cmocka_unit_test(value_decode__refuses__nesting_past_32),
		cmocka_unit_test(value_decode__promises__no_more_than_the_bytes_hold),
		cmocka_unit_test(value_decode__stays_quick__with_very_many_fields),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
