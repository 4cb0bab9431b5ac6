/* Numbers in few bytes: both ways, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/varint.h"

static void assert_way_back(uint64_t number, size_t n_bytes)
{
	struct buf out;
	struct str bytes;
	uint64_t back;

	buf_init(&out, 100);
	varint_put(&out, number);
	assert_int_equal(out.n, n_bytes);
	for (size_t n = 0; n < out.n; n++) {
		bytes = (struct str){out.p, n};
		assert_false(varint_take(&bytes, &back));
	}
	buf_adds(&out, "x");
	bytes = buf_str(&out);
	assert_true(varint_take(&bytes, &back));
	assert_true(back == number);
	assert_true(str_is(bytes, "x"));
	buf_release(&out);
}

static void varint__comes_back(void **state)
{
	(void)state;
	assert_way_back(0, 1);
	assert_way_back(127, 1);
	assert_way_back(128, 2);
	assert_way_back(16383, 2);
	assert_way_back(16384, 3);
	assert_way_back(UINT32_MAX, 5);
	assert_way_back(UINT64_MAX >> 1, 9);
	assert_way_back(UINT64_MAX, 10);
}

static void varint__is_refused__when_written_otherwise(void **state)
{
	const struct str bad[] = {S(""), S("\x80"), S("\x80\x00"), S("\xFF\x80\x00"),
		S("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
		S("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x00")};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct str bytes = bad[i];
		uint64_t number;

		assert_false(varint_take(&bytes, &number));
	}
}

static void varint_put_text__writes__the_length_and_the_bytes(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	varint_put_text(&out, S("abc"));
	varint_put_text(&out, S(""));
	assert_true(str_eq(buf_str(&out), S("\x03" "abc" "\x00")));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(varint__comes_back),
		cmocka_unit_test(varint__is_refused__when_written_otherwise),
		cmocka_unit_test(varint_put_text__writes__the_length_and_the_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
