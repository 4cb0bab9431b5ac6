/* Every finding about a configuration, printed: tests/diagnostics/config/CODE_name.json and beside
 * it what is said about it.  And that no secret is ever in it: each secret here has the word
 * CANARY. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <glob.h>

#include "bot/config/serve_config.h"
#include "tests/unit/golden.h"
#include "tests/unit/made_certificate.h"

#define FOLDER SOURCE_DIR "/tests/diagnostics/config/"

static char scratch[] = "/tmp/tenstep-config-XXXXXX";

static const struct {
	const char *name, *text;
	mode_t mode;
} file[] = {
	{"good.secret", "CANARY-good-CANARY-good-CANARY\n", 0600},
	{"open.secret", "CANARY-open-CANARY-open-CANARY\n", 0644},
	{"short.secret", "CANARY-short\n", 0600},
	{"blanks.secret", "CANARY with blanks CANARY with blanks\n", 0600},
};
enum { n_files = sizeof(file) / sizeof(*file) };
static const char *const made[] = {
	"good.pem", "old.pem", "good.key", "open.key", "other.key", "locked.key"};
enum { n_made = sizeof(made) / sizeof(*made) };

static char *path_in(const char *name, char path[200])
{
	snprintf(path, 200, "%s/%s", scratch, name);
	return path;
}

static int write_file(const char *name, const char *text, mode_t mode)
{
	char path[200];
	FILE *f = fopen(path_in(name, path), "w");

	return f && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0 ? 0 : -1;
}

static bool write_certificates(void)
{
	EVP_PKEY *own = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	char path[200];
	bool good = write_certificate(
			    own, path_in("good.pem", path), "20200101000000Z", "29990101000000Z") &&
		    write_certificate(
			    own, path_in("old.pem", path), "20200101000000Z", "20200331000000Z") &&
		    write_key(own, path_in("good.key", path), 0600, NULL) &&
		    write_key(own, path_in("open.key", path), 0644, NULL) &&
		    write_key(other, path_in("other.key", path), 0600, NULL) &&
		    write_key(own, path_in("locked.key", path), 0600, "a password");

	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	return good;
}

static int set_up(void **state)
{
	char text[5001];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "CANARY", 6);
	if (!mkdtemp(scratch) || write_file("long.secret", text, 0600) < 0 || !write_certificates())
		return -1;
	for (int i = 0; i < n_files; i++)
		if (write_file(file[i].name, file[i].text, file[i].mode) < 0)
			return -1;
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("TENSTEP_TEST_NOT_SET");
	setenv("TENSTEP_TEST_SHORT", "CANARY", 1);
	return setenv("TENSTEP_TEST_SECRET", "CANARY-env-CANARY-env-CANARY", 1);
}

static int tear_down(void **state)
{
	char path[200];

	(void)state;
	unlink(path_in("long.secret", path));
	for (int i = 0; i < n_files; i++)
		unlink(path_in(file[i].name, path));
	for (int i = 0; i < n_made; i++)
		unlink(path_in(made[i], path));
	return rmdir(scratch);
}

/* Reads @text; the findings for people, and behind them those for programs. */
static bool read_text(const char *name, struct str text, struct buf *people, struct buf *programs)
{
	struct arena *arena = arena_new(4 << 20);
	struct source source = {name, text};
	struct serve_config config;
	struct diags diags;
	bool good;

	diags_init(&diags, arena);
	good = serve_config_read(&source, str_of(scratch), arena, &config, &diags);
	diags_print(&diags, people, false, 0);
	diags_print_json(&diags, programs);
	assert_int_equal(good, diags.n_errors == 0);
	arena_free(arena);
	return good;
}

static bool example_is_right(struct arena *arena, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct buf people, programs;
	bool right;

	buf_init(&people, 1 << 20);
	buf_init(&programs, 1 << 20);
	read_text(name, golden_read(arena, path), &people, &programs);
	right = golden_is(arena,
		arena_printf(arena, "%.*s.expected", (int)(strlen(path) - strlen(".json")), path).p,
		buf_str(&people));
	if (!strstr(people.p ? people.p : "", arena_printf(arena, "[%.4s]", name).p)) {
		print_error("%s does not show its code\n", name);
		right = false;
	}
	if (strstr(people.p, "CANARY") || strstr(programs.p, "CANARY")) {
		print_error("%s shows a secret\n", name);
		right = false;
	}
	buf_release(&people);
	buf_release(&programs);
	return right;
}

static void finding__reads__as_the_golden_text_says(void **state)
{
	struct arena *arena = arena_new(64 << 20);
	size_t n_wrong = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(FOLDER "*.json", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 27);
	for (size_t i = 0; i < found.gl_pathc; i++)
		n_wrong += !example_is_right(arena, found.gl_pathv[i]);
	globfree(&found);
	arena_free(arena);
	assert_int_equal(n_wrong, 0);
}

static bool has_example(const char *code)
{
	char pattern[500];
	glob_t found;
	bool any;

	snprintf(pattern, sizeof(pattern), FOLDER "%.4s*.json", code);
	any = glob(pattern, 0, NULL, &found) == 0;
	if (any)
		globfree(&found);
	return any;
}

/* Every "Gnnn" in quotes in the sources; G000, no file at all, is below. */
static void finding__has_an_example__for_each_code(void **state)
{
	struct arena *arena = arena_new(64 << 20);
	size_t n_codes = 0, n_missing = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/bot/config/*.c", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *p = golden_read(arena, found.gl_pathv[i]).p;

		while ((p = strstr(p, "\"G"))) {
			p++;
			if (strspn(p + 1, "0123456789") != 3 || p[4] != '"' ||
				!strncmp(p, "G000", 4))
				continue;
			n_codes++;
			if (has_example(p))
				continue;
			n_missing++;
			print_error("no example for %.4s\n", p);
		}
	}
	globfree(&found);
	arena_free(arena);
	assert_true(n_codes > 30);
	assert_int_equal(n_missing, 0);
}

static void serve_config_open__finds__that_there_is_no_file(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct serve_config config;
	struct diags diags;
	struct buf out;
	char path[200];

	(void)state;
	diags_init(&diags, arena);
	assert_false(serve_config_open(path_in("none.json", path), arena, &config, &diags));
	buf_init(&out, 1000);
	diags_print(&diags, &out, false, 0);
	assert_non_null(strstr(out.p, "error[G000]: cannot read the configuration"));
	assert_non_null(strstr(out.p, "none.json': No such file or directory"));
	buf_release(&out);
	assert_false(serve_config_open(scratch, arena, &config, &diags));
	arena_free(arena);
}

/* All secrets in plain text, each beside other things; then every way to break one byte of it. */
static void finding__never_shows_a_secret__however_broken_the_file_is(void **state)
{
	static const char whole[] =
		"{\"log\": \"info\", \"desk\": {\"port\": 80, \"token\": \"CANARY\\\"CANARY\", "
		"\"waiting\": \"x\", \"webhook_url\": \"https://x:CANARY@shop.example/CANARY\"},\n"
		"/* CANARY */ \"website\": {\"identity\": {\"file\": \"good.secret\"}, "
		"\"origins\": "
		"[\"a\", \"b\"], \"identity_before\": 'CANARY', \"title\": \"y\"}, // CANARY\n"
		"\"metrics\": {token: CANARY, \"x\": [\"CANARY\"], \"//\": \"CANARY\"}}";
	static const char put[] = "\"'{}[]:,/*\\ \n#x";
	char text[sizeof(whole)];
	struct buf people, programs;

	(void)state;
	buf_init(&people, 1 << 20);
	buf_init(&programs, 1 << 20);
	for (size_t at = 0; at + 1 < sizeof(whole); at++)
		for (size_t k = 0; k < sizeof(put) + 1; k++) {
			size_t n = sizeof(whole) - 1;

			memcpy(text, whole, sizeof(whole));
			if (k < sizeof(put))
				text[at] = put[k]; /* the last is NUL */
			else
				memmove(text + at, text + at + 1, n-- - at);
			if (k == 0 && at)
				n = at; /* and cut off, once */
			buf_clear(&people);
			buf_clear(&programs);
			assert_false(read_text(
				"broken.json", (struct str){text, n}, &people, &programs));
			if (strstr(people.p, "CANARY") || strstr(programs.p, "CANARY"))
				fail_msg("%.*s\nshows a secret:\n%s%s", (int)n, text, people.p,
					programs.p);
		}
	buf_release(&people);
	buf_release(&programs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding__reads__as_the_golden_text_says),
		cmocka_unit_test(finding__has_an_example__for_each_code),
		cmocka_unit_test(serve_config_open__finds__that_there_is_no_file),
		cmocka_unit_test(finding__never_shows_a_secret__however_broken_the_file_is),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
