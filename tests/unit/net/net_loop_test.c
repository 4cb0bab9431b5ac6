/* The loop: timers, descriptors, signals, what comes before sleep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "adapters/net/loop.h"

static struct loop *loop;
static char seen[200];

static int start(void **state)
{
	(void)state;
	loop = loop_new();
	seen[0] = 0;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

/* What note() writes down. */
static void *letter(char c)
{
	static char all[128];

	all[(unsigned char)c] = c;
	return &all[(unsigned char)c];
}

static void note(void *self)
{
	size_t n = strlen(seen);

	assert_true(n + 2 < sizeof(seen));
	seen[n] = *(const char *)self;
	seen[n + 1] = 0;
}

static void stop(void *self)
{
	(void)self;
	loop_stop(loop);
}

static void timers__fire_in_order_and_not_early(void **state)
{
	struct loop_timer a = {{0}}, b = {{0}}, c = {{0}}, last = {{0}};
	int64_t begin = loop_steady_ms(loop);

	(void)state;
	loop_timer_start(loop, &a, 30, note, letter('a'));
	loop_timer_start(loop, &b, 10, note, letter('b'));
	loop_timer_start(loop, &c, 20, note, letter('c'));
	loop_timer_start(loop, &a, 15, note, letter('A')); /* moves it */
	loop_timer_stop(loop, &c);
	loop_timer_stop(loop, &c);
	loop_timer_start(loop, &last, 50, stop, NULL);
	loop_run(loop);
	assert_string_equal(seen, "bA");
	assert_true(loop_steady_ms(loop) - begin >= 49);
}

/* A turn that takes long does not make the timers it starts come early. */
static struct loop_timer after_work;
static int64_t started_ms;

static void work_long(void *self)
{
	struct timespec long_time = {0, 60 * 1000000};

	(void)self;
	nanosleep(&long_time, NULL);
	started_ms = loop_steady_ms(loop);
	loop_timer_start(loop, &after_work, 40, stop, NULL);
}

static void timer__started_late_in_a_turn_is_not_early(void **state)
{
	struct loop_timer work = {{0}};

	(void)state;
	loop_timer_start(loop, &work, 1, work_long, NULL);
	loop_run(loop);
	assert_true(loop_steady_ms(loop) - started_ms >= 39);
}

static void many_timers__all_fire(void **state)
{
	enum { N = 10000 };
	static struct loop_timer timer[N];
	static char which[] = "x";
	struct loop_timer last = {{0}};

	(void)state;
	for (int i = 0; i < N; i++)
		loop_timer_start(loop, &timer[i], 1000000 + i, note, which);
	for (int i = 0; i < N; i += 100)
		loop_timer_start(loop, &timer[i], i % 7, note, which);
	loop_timer_start(loop, &last, 60, stop, NULL);
	loop_run(loop);
	assert_int_equal(strlen(seen), N / 100);
	for (int i = 0; i < N; i++)
		loop_timer_stop(loop, &timer[i]);
}

static int fd[2];

static void readable(void *self, int descriptor, unsigned ready)
{
	char byte = '?';

	assert_int_equal(descriptor, fd[0]);
	assert_int_equal(ready, LOOP_READ);
	assert_int_equal(read(descriptor, &byte, 1), 1);
	note(&byte);
	if (byte == 'z') {
		loop_io_stop(loop, self);
		loop_stop(loop);
	}
}

static void writable(void *self, int descriptor, unsigned ready)
{
	assert_int_equal(descriptor, fd[1]);
	assert_int_equal(ready, LOOP_WRITE);
	assert_int_equal(write(descriptor, "xyz", 3), 3);
	loop_io_stop(loop, self);
	loop_io_stop(loop, self);
}

static void descriptors__say_when_they_are_ready(void **state)
{
	struct loop_io in = {{0}}, out = {{0}};

	(void)state;
	assert_int_equal(pipe(fd), 0);
	loop_io_start(loop, &in, fd[0], LOOP_READ, readable, &in);
	loop_io_start(loop, &out, fd[1], LOOP_WRITE, writable, &out);
	loop_run(loop);
	assert_string_equal(seen, "xyz");
	close(fd[0]);
	close(fd[1]);
}

/* On a busy machine both timers may be due in one turn: then it goes on. */
static struct loop_timer once_more;

static void stop_after_a_wait(void *self)
{
	if (strstr(seen, "a12"))
		stop(self);
	else
		loop_timer_start(loop, &once_more, 30, stop_after_a_wait, self);
}

static void before_sleep__comes_in_order_before_each_wait(void **state)
{
	struct loop_timer a = {{0}};

	(void)state;
	loop_before_sleep(loop, note, letter('1'));
	loop_before_sleep(loop, note, letter('2'));
	loop_timer_start(loop, &a, 1, note, letter('a'));
	loop_timer_start(loop, &once_more, 30, stop_after_a_wait, NULL);
	loop_run(loop);
	assert_memory_equal(seen, "12", 2);
	assert_non_null(strstr(seen, "a12"));
}

static void finish__comes_once_after_all_that_comes_before_sleep(void **state)
{
	struct loop_finish f = {0}, g = {0}, not = {0};
	struct loop_timer last = {{0}};

	(void)state;
	loop_finish(loop, &f, note, letter('f'));
	loop_finish(loop, &not, note, letter('n'));
	loop_finish(loop, &g, note, letter('g'));
	loop_finish(loop, &f, note, letter('f'));
	loop_finish_not(loop, &not );
	loop_finish_not(loop, &not );
	loop_before_sleep(loop, note, letter('1'));
	loop_timer_start(loop, &last, 5, stop, NULL);
	loop_run(loop);
	assert_memory_equal(seen, "1fg1", strlen(seen) < 4 ? strlen(seen) : 4);
	assert_null(strchr(strchr(seen, 'f') + 1, 'f'));
}

static void signal__comes_inside_the_loop(void **state)
{
	struct loop_timer send = {{0}};

	(void)state;
	loop_signal(loop, SIGUSR1, note, letter('u'));
	loop_signal(loop, SIGUSR2, stop, NULL);
	loop_timer_start(loop, &send, 1000000, note, letter('?'));
	raise(SIGUSR1);
	assert_string_equal(seen, "");
	raise(SIGUSR2);
	loop_run(loop);
	loop_timer_stop(loop, &send);
	if (!strchr(seen, 'u')) { /* both may be delivered in one turn, in any order */
		loop_timer_start(loop, &send, 10, stop, NULL);
		loop_run(loop);
	}
	assert_string_equal(seen, "u");
}

static void loop_now_ms__is_unix_time(void **state)
{
	int64_t now = (int64_t)time(NULL) * 1000;

	(void)state;
	assert_in_range(loop_now_ms(loop), now - 60000, now + 60000);
	loop_free(NULL);
}

static int64_t ahead_ms, late_ms;

static void work_and_look(void *self)
{
	struct timespec long_time = {0, 300 * 1000000};

	(void)self;
	nanosleep(&long_time, NULL);
	late_ms = loop_now_ms(loop) - loop_steady_ms(loop);
	ahead_ms = loop_ahead_ms(loop);
	loop_stop(loop);
}

static void loop_ahead_ms__in_a_long_turn__is_what_it_was(void **state)
{
	struct loop_timer work = {{0}};
	int64_t before_ms = loop_ahead_ms(loop);

	(void)state;
	loop_timer_start(loop, &work, 1, work_and_look, NULL);
	loop_run(loop);
	assert_true(late_ms < before_ms - 250);
	assert_in_range(ahead_ms, before_ms - 100, before_ms + 100);
}

/* --- a loop in another --- */

static struct loop *inner;

static void stop_inner(void *self)
{
	(void)self;
	loop_stop(inner);
}

static void timers__of_an_inner_loop_go_on_in_the_outer_and_after_it(void **state)
{
	struct loop_timer a = {{0}}, b = {{0}}, c = {{0}}, d = {{0}}, last = {{0}};
	int64_t begin = loop_steady_ms(loop);

	(void)state;
	inner = loop_new();
	loop_timer_start(inner, &a, 30, note, letter('a'));
	loop_take_in(loop, inner);
	loop_timer_start(inner, &b, 10, note, letter('b'));
	loop_timer_start(loop, &c, 20, note, letter('c'));
	loop_timer_start(inner, &d, 80, note, letter('d'));
	loop_timer_start(loop, &last, 50, stop, NULL);
	loop_run(loop);
	assert_string_equal(seen, "bca");
	loop_let_out(loop);
	loop_timer_start(inner, &last, 100, stop_inner, NULL);
	loop_run(inner);
	assert_string_equal(seen, "bcad");
	assert_true(loop_steady_ms(loop) - begin >= 79);
	loop_free(inner);
}

static struct loop_io inside;

/* Nothing else wakes the outer loop afterwards but a timer that comes too late. */
static void start_to_read_inside(void *self)
{
	note(self);
	if (!strcmp(seen, "1"))
		loop_io_start(inner, &inside, fd[0], LOOP_READ, readable, &inside);
	if (!strcmp(seen, "1x1"))
		loop_stop(loop);
}

static void what_comes_inside__comes_before_the_outer_loop_sleeps(void **state)
{
	struct loop_timer too_late = {{0}};

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	inner = loop_new();
	loop_take_in(loop, inner);
	loop_before_sleep(loop, start_to_read_inside, letter('1'));
	loop_timer_start(loop, &too_late, 900, note, letter('!'));
	loop_run(loop);
	assert_string_equal(seen, "1x1");
	loop_timer_stop(loop, &too_late);
	loop_io_stop(inner, &inside);
	loop_let_out(loop);
	loop_free(inner);
	close(fd[0]);
	close(fd[1]);
}

static struct loop_finish rounded;

static void begin_inside(void *self)
{
	note(self);
	if (!strcmp(seen, "1"))
		loop_finish(inner, &rounded, note, letter('g'));
}

static void finish__of_an_inner_loop_comes_with_the_outer_s(void **state)
{
	struct loop_finish f = {0};
	struct loop_timer last = {{0}};

	(void)state;
	inner = loop_new();
	loop_take_in(loop, inner);
	loop_before_sleep(loop, begin_inside, letter('1'));
	loop_finish(loop, &f, note, letter('f'));
	loop_timer_start(loop, &last, 5, stop, NULL);
	loop_run(loop);
	assert_memory_equal(seen, "1fg", 3);
	loop_let_out(loop);
	loop_free(inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers__fire_in_order_and_not_early, start, finish),
		cmocka_unit_test_setup_teardown(
			timer__started_late_in_a_turn_is_not_early, start, finish),
		cmocka_unit_test_setup_teardown(many_timers__all_fire, start, finish),
		cmocka_unit_test_setup_teardown(
			descriptors__say_when_they_are_ready, start, finish),
		cmocka_unit_test_setup_teardown(
			before_sleep__comes_in_order_before_each_wait, start, finish),
		cmocka_unit_test_setup_teardown(
			finish__comes_once_after_all_that_comes_before_sleep, start, finish),
		cmocka_unit_test_setup_teardown(signal__comes_inside_the_loop, start, finish),
		cmocka_unit_test_setup_teardown(loop_now_ms__is_unix_time, start, finish),
		cmocka_unit_test_setup_teardown(
			loop_ahead_ms__in_a_long_turn__is_what_it_was, start, finish),
		cmocka_unit_test_setup_teardown(
			timers__of_an_inner_loop_go_on_in_the_outer_and_after_it, start, finish),
		cmocka_unit_test_setup_teardown(
			what_comes_inside__comes_before_the_outer_loop_sleeps, start, finish),
		cmocka_unit_test_setup_teardown(
			finish__of_an_inner_loop_comes_with_the_outer_s, start, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
