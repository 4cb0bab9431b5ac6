/* The wall clock is set while the server runs. */
#include "tests/unit/dispatch/ground.h"

#include "tests/unit/moved_clock.h"

static void stop(void *loop)
{
	loop_stop(loop);
}

static void run_for(struct ground *g, int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(g->loop, &timer, ms, stop, g->loop);
	loop_run(g->loop);
}

static void said(FILE *log, char text[4096])
{
	size_t n;

	rewind(log);
	n = fread(text, 1, 4095, log);
	text[n] = '\0';
}

static void clock__that_is_set__is_told_with_how_far(void **state)
{
	struct ground g;
	struct dispatcher_setup setup;
	char text[4096];
	FILE *to = tmpfile();
	struct log *log = log_new(to, LOG_INFO);

	(void)state;
	assert_non_null(to);
	ground_open(&g, "demo", NULL);
	setup = ground_setup(&g);
	setup.log = log;
	g.dispatcher = dispatcher_new(&setup);
	run_for(&g, 1200);
	said(to, text);
	assert_string_equal(text, "");
	shift_s = -3600;
	run_for(&g, 1200);
	said(to, text);
	assert_non_null(strstr(text, "the clock was set back"));
	assert_non_null(strstr(text, "\"seconds\":3600"));
	assert_null(strstr(text, "forward"));
	shift_s = 0;
	run_for(&g, 1200);
	said(to, text);
	assert_non_null(strstr(text, "the clock was set forward"));
	ground_close(&g);
	log_free(log);
	fclose(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock__that_is_set__is_told_with_how_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
