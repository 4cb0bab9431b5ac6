/* The log: what a line looks like, what can never be in one, and a flood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "bot/base/json.h"
#include "bot/common/log.h"

/* 2026-02-03 04:05:06.007 UTC */
#define NOW INT64_C(1770091506007)

static struct {
	FILE *file;
	char *text;
	size_t n;
	struct log *log;
} to;

static int set_up(void **state)
{
	(void)state;
	to.file = open_memstream(&to.text, &to.n);
	if (to.file)
		fflush(to.file); /* makes text and n right */
	to.log = log_new(to.file, LOG_INFO);
	return to.file ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	log_free(to.log);
	fclose(to.file);
	free(to.text);
	return 0;
}

static size_t count_lines(const char *with)
{
	size_t n = 0;

	for (const char *p = to.text; (p = strstr(p, with)); p += strlen(with))
		n++;
	return n;
}

static void log_line__writes_one_object__with_time_level_and_fields(void **state)
{
	(void)state;
	LOG(to.log, LOG_INFO, NOW, "listening", log_word("address", S("::1")),
		log_int("port", 8080));
	assert_string_equal(to.text,
		"{\"time\":\"2026-02-03T04:05:06.007Z\",\"level\":\"info\",\"what\":\"listening\","
		"\"address\":\"::1\",\"port\":8080}\n");
}

static void log_line__leaves_out__what_is_below_its_level(void **state)
{
	(void)state;
	LOG(to.log, LOG_DEBUG, NOW, "quiet", log_int("n", 1));
	assert_int_equal(to.n, 0);
	LOG(to.log, LOG_ERROR, NOW, "loud", log_int("n", 1));
	assert_int_equal(count_lines("\"level\":\"error\""), 1);
}

static void log_line__shows_the_length_only__of_a_private_text(void **state)
{
	(void)state;
	LOG(to.log, LOG_INFO, NOW, "heard", log_private("text", S("my card is 4111 1111")),
		log_private("empty", S("")));
	assert_non_null(strstr(to.text, "\"text\":\"*** (20 bytes)\""));
	assert_non_null(strstr(to.text, "\"empty\":\"*** (0 bytes)\""));
	assert_null(strstr(to.text, "4111"));
	assert_null(strstr(to.text, "card"));
}

/* FIPS 180-4: the digest of "abc" begins with ba7816bf8f01. */
static void log_line__shows_a_digest__of_an_id(void **state)
{
	(void)state;
	LOG(to.log, LOG_INFO, NOW, "opened", log_id("conversation", S("abc")));
	assert_non_null(strstr(to.text, "\"conversation\":\"ba7816bf8f01\"}"));
	assert_null(strstr(to.text, "abc"));
}

static void log_line__stays_one_line_of_json__whatever_bytes_come(void **state)
{
	char bytes[4 * 256];
	struct source source = {"log", {0}};
	struct json_doc *doc;
	struct arena *arena = arena_new(1 << 16);
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	for (int first = 0; first < 256; first += 64) {
		fseeko(to.file, 0, SEEK_SET);
		for (int i = 0; i < 64; i++)
			bytes[i] = (char)(first + i);
		LOG(to.log, LOG_INFO, NOW, "bytes", log_word("word", (struct str){bytes, 64}));
		source.text = (struct str){to.text, to.n - 1};
		assert_int_equal(to.text[to.n - 1], '\n');
		assert_null(memchr(to.text, '\n', to.n - 1));
		doc = json_parse(&source, 0, NULL, &diags);
		assert_non_null(doc);
		json_doc_free(doc);
	}
	arena_free(arena);
}

/* NEL, CSI: a terminal that shows the log must not obey it. */
static void log_line__makes_blanks__of_controls(void **state)
{
	(void)state;
	LOG(to.log, LOG_INFO, NOW, "word",
		log_word("w", S("a\n\x1B[2Jb\x7F"
				"c\xC2\x85"
				"d\xC2\x9B"
				"e \xC3\xA9")));
	assert_non_null(strstr(to.text, "\"w\":\"a  [2Jb c d e \xC3\xA9\""));
}

static void log_line__cuts_a_word__at_300_bytes_and_not_inside_a_character(void **state)
{
	char word[1000];
	const char *value;

	(void)state;
	memset(word, 'x', sizeof(word));
	memcpy(word + 299, "\xC3\xA9", 2);
	LOG(to.log, LOG_INFO, NOW, "long", log_word("w", (struct str){word, sizeof(word)}));
	value = strstr(to.text, "\"w\":\"");
	assert_non_null(value);
	assert_int_equal(strspn(value + 5, "x"), 299);
	assert_string_equal(value + 5 + 299, "\"}\n");
}

static void log_line__counts_a_flood__and_tells_it_afterwards(void **state)
{
	(void)state;
	for (int i = 0; i < 5000; i++)
		LOG(to.log, LOG_INFO, NOW, "flood", log_int("n", i));
	assert_int_equal(count_lines("\n"), 200);
	LOG(to.log, LOG_INFO, NOW + 1000, "after", log_int("n", 1));
	assert_int_equal(count_lines("\n"), 202);
	assert_non_null(
		strstr(to.text, "\"level\":\"warning\",\"what\":\"suppressed\",\"lines\":4800}\n"));
	LOG(to.log, LOG_INFO, NOW + 2000, "after", log_int("n", 2));
	assert_int_equal(count_lines("suppressed"), 1);
}

static void log_line__holds_the_limit__when_told_lines_count_too(void **state)
{
	(void)state;
	for (int second = 0; second < 3; second++)
		for (int i = 0; i < 1000; i++)
			LOG(to.log, LOG_INFO, NOW + second * 1000, "flood", log_int("n", i));
	assert_int_equal(count_lines("\n"), 600);
	assert_int_equal(count_lines("suppressed"), 2);
}

static void log_line__goes_on__when_the_clock_goes_back(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++)
		LOG(to.log, LOG_INFO, NOW, "flood", log_int("n", i));
	LOG(to.log, LOG_INFO, NOW - 3600 * 1000, "earlier", log_int("n", 1));
	assert_int_equal(count_lines("earlier"), 1);
}

static void log_free__tells__what_was_suppressed_last(void **state)
{
	(void)state;
	for (int i = 0; i < 201; i++)
		LOG(to.log, LOG_INFO, NOW, "flood", log_int("n", i));
	log_free(to.log);
	to.log = NULL;
	assert_non_null(strstr(to.text, "\"what\":\"suppressed\",\"lines\":1}\n"));
}

/* Somebody collects the log, and hangs. */
static void log_line__waits_for_nobody__when_a_pipe_is_full(void **state)
{
	static char text[1 << 17];
	FILE *file;
	struct log *log;
	int end[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(end), 0);
	file = fdopen(end[1], "w");
	log = log_new(file, LOG_INFO);
	for (int i = 0; i < 2000; i++) /* 10 a second */
		LOG(log, LOG_INFO, NOW + i * 100, "one of many that nobody reads", log_int("n", i));
	n = read(end[0], text, sizeof(text) - 1);
	assert_true(n > 10000 && n < 70000);
	text[n] = '\0';
	assert_null(strstr(text, "suppressed"));
	assert_true(text[n - 1] == '\n');
	LOG(log, LOG_INFO, NOW + 1000 * 1000, "somebody reads again", LOG_END);
	n = read(end[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, "\"what\":\"suppressed\",\"lines\":1"));
	assert_non_null(strstr(text, "somebody reads again"));
	log_free(log);
	fclose(file);
	close(end[0]);
}

static void log_line__does_nothing__without_a_log(void **state)
{
	(void)state;
	LOG(NULL, LOG_ERROR, NOW, "nobody", log_word("w", S("x")));
	log_free(NULL);
	assert_int_equal(to.n, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(log_line__writes_one_object__with_time_level_and_fields),
		T(log_line__leaves_out__what_is_below_its_level),
		T(log_line__shows_the_length_only__of_a_private_text),
		T(log_line__shows_a_digest__of_an_id),
		T(log_line__stays_one_line_of_json__whatever_bytes_come),
		T(log_line__makes_blanks__of_controls),
		T(log_line__cuts_a_word__at_300_bytes_and_not_inside_a_character),
		T(log_line__counts_a_flood__and_tells_it_afterwards),
		T(log_line__holds_the_limit__when_told_lines_count_too),
		T(log_line__goes_on__when_the_clock_goes_back),
		T(log_line__waits_for_nobody__when_a_pipe_is_full),
		T(log_free__tells__what_was_suppressed_last),
		T(log_line__does_nothing__without_a_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
