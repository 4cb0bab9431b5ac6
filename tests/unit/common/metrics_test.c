/* The metrics: values, the text of the page, its bounds, and what is a bug. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <glob.h>

#include "bot/common/metrics.h"
#include "tests/unit/golden.h"

static struct metrics *metrics;
static struct buf page;

static int set_up(void **state)
{
	(void)state;
	metrics = metrics_new();
	buf_init(&page, 16 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	metrics_free(metrics);
	buf_release(&page);
	return 0;
}

static const char *written(void)
{
	buf_clear(&page);
	metrics_write(metrics, &page);
	assert_false(page.over);
	return page.p;
}

static void assert_line(const char *line)
{
	const char *found = strstr(written(), line);

	if (!found || (found > page.p && found[-1] != '\n') || found[strlen(line)] != '\n')
		fail_msg("the line '%s' is not there in:\n%s", line, page.p);
}

static void metrics_series__counts__where_metrics_add_does(void **state)
{
	struct series *in = metrics_series(metrics, "tenstep_messages_total", "widget", "in");

	(void)state;
	series_add(in, 1);
	metrics_add(metrics, "tenstep_messages_total", "widget", "in", 2);
	series_add(in, 1);
	assert_ptr_equal(metrics_series(metrics, "tenstep_messages_total", "widget", "in"), in);
	assert_true(metrics_value(metrics, "tenstep_messages_total", "widget", "in") == 4);
	assert_null(metrics_series(NULL, "tenstep_messages_total", "widget", "in"));
	series_add(NULL, 1);
}

static void metrics_add__sums_up__each_series_for_itself(void **state)
{
	(void)state;
	metrics_add(metrics, "tenstep_messages_total", "widget", "in", 1);
	metrics_add(metrics, "tenstep_messages_total", "widget", "in", 2);
	metrics_add(metrics, "tenstep_messages_total", "widget", "out", 5);
	assert_true(metrics_value(metrics, "tenstep_messages_total", "widget", "in") == 3);
	assert_line("tenstep_messages_total{channel=\"widget\",direction=\"in\"} 3");
	assert_line("tenstep_messages_total{channel=\"widget\",direction=\"out\"} 5");
	assert_line("# TYPE tenstep_messages_total counter");
}

static void metrics_add__tells_apart__where_a_label_ends(void **state)
{
	(void)state;
	metrics_add(metrics, "tenstep_messages_total", "ab", "c", 1);
	metrics_add(metrics, "tenstep_messages_total", "a", "bc", 2);
	assert_true(metrics_value(metrics, "tenstep_messages_total", "ab", "c") == 1);
	assert_true(metrics_value(metrics, "tenstep_messages_total", "a", "bc") == 2);
}

static void metrics_set__replaces__and_may_go_down(void **state)
{
	(void)state;
	metrics_set(metrics, "tenstep_store_bytes", NULL, NULL, 1e6);
	metrics_set(metrics, "tenstep_store_bytes", NULL, NULL, 4096);
	assert_line("tenstep_store_bytes 4096");
	metrics_add(metrics, "tenstep_connections", "websocket", "buyer", 2);
	metrics_add(metrics, "tenstep_connections", "websocket", "buyer", -1);
	assert_line("tenstep_connections{transport=\"websocket\",role=\"buyer\"} 1");
}

static void metrics_observe__counts_into_buckets__that_cumulate(void **state)
{
	(void)state;
	metrics_observe(metrics, "tenstep_handoff_wait_seconds", "care", 5);   /* on the bound */
	metrics_observe(metrics, "tenstep_handoff_wait_seconds", "care", 5.5); /* above it */
	metrics_observe(metrics, "tenstep_handoff_wait_seconds", "care", 100);
	metrics_observe(metrics, "tenstep_handoff_wait_seconds", "care", 1e6); /* above all */
	assert_line("# TYPE tenstep_handoff_wait_seconds histogram");
	assert_line("tenstep_handoff_wait_seconds_bucket{queue=\"care\",le=\"5\"} 1");
	assert_line("tenstep_handoff_wait_seconds_bucket{queue=\"care\",le=\"15\"} 2");
	assert_line("tenstep_handoff_wait_seconds_bucket{queue=\"care\",le=\"60\"} 2");
	assert_line("tenstep_handoff_wait_seconds_bucket{queue=\"care\",le=\"120\"} 3");
	assert_line("tenstep_handoff_wait_seconds_bucket{queue=\"care\",le=\"14400\"} 3");
	assert_line("tenstep_handoff_wait_seconds_bucket{queue=\"care\",le=\"+Inf\"} 4");
	assert_line("tenstep_handoff_wait_seconds_sum{queue=\"care\"} 1000110.5");
	assert_line("tenstep_handoff_wait_seconds_count{queue=\"care\"} 4");
	assert_true(metrics_value(metrics, "tenstep_handoff_wait_seconds", "care", NULL) == 4);
}

static void metrics_write__shows_from_the_start__what_has_no_label(void **state)
{
	(void)state;
	assert_line("tenstep_store_journal_rows 0");
	assert_line("tenstep_store_commit_duration_seconds_bucket{le=\"1e-05\"} 0");
	assert_line("tenstep_store_commit_duration_seconds_bucket{le=\"+Inf\"} 0");
	assert_line("tenstep_store_commit_duration_seconds_count 0");
}

static void metrics_write__escapes__label_values(void **state)
{
	(void)state;
	metrics_add(metrics, "tenstep_step_visits_total", "a\\b\"c\nd", "\xC3\xA9\xFF", 1);
	assert_line("tenstep_step_visits_total{flow=\"a\\\\b\\\"c\\nd\",step=\"\xC3\xA9"
		    "\xEF\xBF\xBD\"} 1");
}

static void metrics_write__shows_numbers__that_read_back_the_same(void **state)
{
	const double number[] = {0.1, 1.0 / 3, 1e-9, 123456789012345, 9007199254740993};
	const char *line;

	(void)state;
	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++) {
		metrics_set(metrics, "tenstep_store_bytes", NULL, NULL, number[i]);
		line = strstr(written(), "\ntenstep_store_bytes ");
		assert_non_null(line);
		assert_true(strtod(line + strlen("\ntenstep_store_bytes "), NULL) == number[i]);
	}
}

/* Each family once, help before type before samples, every line ended. */
static void metrics_write__names_each_family__once(void **state)
{
	const char *help;
	size_t n = 0;

	(void)state;
	metrics_add(metrics, "tenstep_refused_total", "request", "host", 1);
	help = written();
	while ((help = strstr(help, "# HELP "))) {
		char type[100];
		const char *name = help + 7;
		size_t n_name = strcspn(name, " ");

		snprintf(type, sizeof(type), "\n# TYPE %.*s ", (int)n_name, name);
		help = strchr(help, '\n');
		assert_non_null(help);
		assert_memory_equal(help, type, strlen(type));
		assert_null(strstr(help + 1, type));
		n++;
	}
	assert_true(n >= 30);
	assert_int_equal(page.p[page.n - 1], '\n');
}

static void metrics_write__reads_the_process__when_asked(void **state)
{
	const char *line;

	(void)state;
	line = strstr(written(), "\nprocess_resident_memory_bytes ");
	assert_non_null(line);
	assert_true(strtod(strchr(line, ' '), NULL) > 100e3);
	line = strstr(page.p, "\nprocess_open_fds ");
	assert_non_null(line);
	assert_true(strtod(strchr(line, ' '), NULL) >= 3);
	line = strstr(page.p, "\nprocess_start_time_seconds ");
	assert_non_null(line);
	assert_true(strtod(strchr(line, ' '), NULL) > 1.6e9);
	assert_non_null(strstr(page.p, "\nprocess_cpu_seconds_total "));
	assert_non_null(strstr(page.p, "\nprocess_max_fds "));
}

static void metrics_add__goes_to_other__above_2000_series(void **state)
{
	char flow[32];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 2500; i++) {
		snprintf(flow, sizeof(flow), "flow%d", i);
		metrics_add(metrics, "tenstep_step_visits_total", flow, "start", 1);
	}
	assert_line("tenstep_step_visits_total{flow=\"other\",step=\"other\"} 500");
	for (const char *p = page.p; (p = strstr(p, "\ntenstep_step_visits_total{")); p++)
		n++;
	assert_int_equal(n, 2001);
	metrics_add(metrics, "tenstep_step_visits_total", "flow7", "start", 1);
	assert_true(metrics_value(metrics, "tenstep_step_visits_total", "flow7", "start") == 2);
	/* Another family is not touched by it. */
	metrics_add(metrics, "tenstep_unmatched_total", "flow9", "start", 1);
	assert_true(metrics_value(metrics, "tenstep_unmatched_total", "flow9", "start") == 1);
}

static void metrics_add__cuts_a_label__not_inside_a_character(void **state)
{
	char label[300];

	(void)state;
	memset(label, 'x', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	memcpy(label + 99, "\xC3\xA9", 2);
	metrics_add(metrics, "tenstep_feedback_total", label, label, 1);
	label[99] = '\0';
	assert_true(metrics_value(metrics, "tenstep_feedback_total", label, label) == 1);
}

/* @p is behind "metrics_": the name that this call gives, or the empty slice. */
static struct str name_in_call(const char *p)
{
	static const char *const call[] = {"add(", "set(", "observe(", "value("};

	for (size_t i = 0; i < sizeof(call) / sizeof(*call); i++)
		if (strncmp(p, call[i], strlen(call[i])) == 0) {
			p += strcspn(p, "\";{");
			if (*p == '"')
				return (struct str){p + 1, strcspn(p + 1, "\"")};
		}
	return (struct str){0};
}

/* A name that is not in the table would stop the server when it is used first. */
static void metrics__are_in_the_table__wherever_a_source_names_them(void **state)
{
	struct arena *arena = arena_new(256 << 20);
	size_t n = 0, n_unknown = 0;
	const char *all = written();
	glob_t found;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/bot/*/*.c", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *p = golden_read(arena, found.gl_pathv[i]).p;

		while ((p = strstr(p, "metrics_"))) {
			struct str name = name_in_call(p += strlen("metrics_"));

			n += name.n > 0;
			if (!name.n ||
				strstr(all, arena_printf(arena, "# TYPE %.*s ", STR(name)).p))
				continue;
			print_error("%s: '%.*s'\n", found.gl_pathv[i], STR(name));
			n_unknown++;
		}
	}
	globfree(&found);
	arena_free(arena);
	assert_true(n > 5);
	assert_int_equal(n_unknown, 0);
}

/* For tests/system/metrics_page.sh, which has the page read by Prometheus' own tool. */
static void metrics_write__fills_a_file__when_one_is_named(void **state)
{
	const char *path = getenv("METRICS_PAGE");
	FILE *file;

	(void)state;
	if (!path)
		skip();
	metrics_add(metrics, "tenstep_step_visits_total", "a\\b\"c\nd", "\xC3\xA9\xFF", 1);
	metrics_observe(metrics, "tenstep_turn_duration_seconds", "match", 0.002);
	metrics_observe(metrics, "tenstep_handoff_wait_seconds", "", 90);
	metrics_set(metrics, "tenstep_build_info", "0", "abc", 1);
	file = fopen(path, "wb");
	assert_non_null(file);
	fputs(written(), file);
	assert_int_equal(fclose(file), 0);
}

static void metrics__does_nothing__without_them(void **state)
{
	(void)state;
	metrics_add(NULL, "tenstep_messages_total", "a", "b", 1);
	metrics_set(NULL, "tenstep_store_bytes", NULL, NULL, 1);
	metrics_observe(NULL, "tenstep_turn_duration_seconds", "total", 1);
	assert_true(metrics_value(NULL, "tenstep_store_bytes", NULL, NULL) == 0);
	metrics_write(NULL, &page);
	assert_int_equal(page.n, 0);
	metrics_free(NULL);
}

static void unknown_name(void)
{
	metrics_add(metrics, "tenstep_mesages_total", "a", "b", 1);
}

static void label_too_many(void)
{
	metrics_set(metrics, "tenstep_store_bytes", "a", NULL, 1);
}

static void counter_set(void)
{
	metrics_set(metrics, "tenstep_messages_total", "a", "b", 1);
}

static void counter_down(void)
{
	metrics_add(metrics, "tenstep_messages_total", "a", "b", -1);
}

static void gauge_observed(void)
{
	metrics_observe(metrics, "tenstep_handoff_queue_length", "a", 1);
}

static void histogram_added(void)
{
	metrics_add(metrics, "tenstep_turn_duration_seconds", "total", NULL, 1);
}

static void metrics__stops__on_a_use_that_is_a_bug(void **state)
{
	void (*const bug[])(void) = {unknown_name, label_too_many, counter_set, counter_down,
		gauge_observed, histogram_added};
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(bug) / sizeof(*bug); i++) {
		pid_t child = fork();

		if (child == 0) {
			signal(SIGABRT, SIG_DFL);
			fclose(stderr);
			bug[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
			fail_msg("bug %zu was let through", i);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(metrics_series__counts__where_metrics_add_does),
		T(metrics_add__sums_up__each_series_for_itself),
		T(metrics_add__tells_apart__where_a_label_ends),
		T(metrics_set__replaces__and_may_go_down),
		T(metrics_observe__counts_into_buckets__that_cumulate),
		T(metrics_write__shows_from_the_start__what_has_no_label),
		T(metrics_write__escapes__label_values),
		T(metrics_write__shows_numbers__that_read_back_the_same),
		T(metrics_write__names_each_family__once),
		T(metrics_write__reads_the_process__when_asked),
		T(metrics_add__goes_to_other__above_2000_series),
		T(metrics_add__cuts_a_label__not_inside_a_character),
		T(metrics__are_in_the_table__wherever_a_source_names_them),
		T(metrics_write__fills_a_file__when_one_is_named),
		T(metrics__does_nothing__without_them),
		T(metrics__stops__on_a_use_that_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
