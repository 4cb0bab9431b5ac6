/* Our clock is wrong by more than the platform allows, and is put right: against `tenstep shop`,
 * whose clock is right. */
#include "tests/contract/sandbox_platform.h"

#include "tests/unit/moved_clock.h"

#define ORDER "{\"order\":\"A-1001\"}"

enum { minutes = 60, put_right_ms = 150 };

static const int64_t wrong_by_s[] = {10 * minutes, -10 * minutes, 86400};
enum { n_wrong = sizeof wrong_by_s / sizeof *wrong_by_s };

/* libev asks the wall clock once in a while only. */
static void set_wrong(int64_t by_s)
{
	shift_s = by_s;
	held_s += 1;
}

static void put_right(void *self)
{
	(void)self;
	set_wrong(0);
}

/* The clock is wrong when it is asked for, and right after a while. */
static void call_by_a_wrong_clock(struct platform *p, const char *operation, const char *args)
{
	struct loop_timer timer = {0};

	loop_timer_start(p->loop, &timer, put_right_ms, put_right, NULL);
	platform_call(p, operation, platform_args(p, args));
	assert_int_equal(shift_s, 0); /* it was not believed before */
	loop_timer_stop(p->loop, &timer);
}

static struct platform *open_by_a_wrong_clock(const char *fixture, int64_t by_s)
{
	struct platform *p = platform_open(fixture, NULL, 0, 1);

	set_wrong(by_s);
	return p;
}

static void read__is_signed_anew__when_the_clock_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_wrong; i++) {
		struct platform *p = open_by_a_wrong_clock("one_open_order", wrong_by_s[i]);

		call_by_a_wrong_clock(p, "orders.get", ORDER);
		assert_int_equal(p->outcome, ORDER_OK);
		platform_close(p);
	}
}

static void change__is_signed_anew__when_the_clock_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_wrong; i++) {
		struct platform *p = open_by_a_wrong_clock("one_open_order", wrong_by_s[i]);

		p->key = "key-1";
		call_by_a_wrong_clock(p, "orders.cancel", ORDER);
		assert_int_equal(p->outcome, ORDER_OK);
		platform_close(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__is_signed_anew__when_the_clock_is_right),
		cmocka_unit_test(change__is_signed_anew__when_the_clock_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
