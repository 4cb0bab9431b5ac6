/* Golden findings: each tests/diagnostics/flows/X.json, read beside the files of with/, gives exactly
 * what X.expected says; and each code that the sources name has an example.
 *
 * With TENSTEP_ACCEPT set the expected files are written; read what has changed before you keep it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "flows/flow_set.h"
#include "tests/unit/golden.h"

#define FOLDER SOURCE_DIR "/tests/diagnostics/flows/"

enum { max_files = 400, max_text = 1 << 20 };

static const char *const intent[] = {
	"cancel_order", "return_item", "order_status", "contact_support", "help", "yes", "no",
};
enum { n_intents = sizeof(intent) / sizeof(*intent) };

struct file {
	char *path, *name, *text;
	size_t n;
};

static struct file file_read(const char *path)
{
	struct file file = {.path = strdup(path), .text = malloc(max_text)};
	FILE *f = fopen(path, "rb");

	file.name = strrchr(file.path, '/') + 1;
	if (!f)
		return file;
	file.n = fread(file.text, 1, max_text, f);
	assert_true(file.n < max_text);
	fclose(f);
	return file;
}

static void file_free(struct file *file)
{
	free(file->path);
	free(file->text);
}

static struct source source_of(const struct file *file)
{
	return (struct source){file->name, {file->text, file->n}};
}

/* Only what is said about the example itself: the files beside it are used or not as it may be. */
static void keep_findings_about(struct diags *diags, const struct source *source)
{
	size_t n = 0;

	for (size_t i = 0; i < diags->n; i++)
		if (diags->item[i].source == source)
			diags->item[n++] = diags->item[i];
	diags->n = n;
}

static void findings(const struct file *example, struct buf *out)
{
	/* '(' sorts before the examples: of two things of one name the example's is the second. */
	static const char *const beside[] = {"account", "fits", "person", "reasons"};
	static const char *const beside_name[] = {"(account)", "(fits)", "(person)", "(reasons)"};
	enum { n_beside = 4 };
	struct file file[n_beside];
	struct source source[n_beside + 1];
	struct str names[n_intents];
	struct arena *arena = arena_new(1 << 20);
	struct flow_set *set;
	struct diags diags;

	diags_init(&diags, arena);
	for (size_t i = 0; i < n_beside; i++) {
		char path[500];

		snprintf(path, sizeof(path), FOLDER "with/%s.json", beside[i]);
		file[i] = file_read(path);
		source[i] = source_of(&file[i]);
		source[i].name = beside_name[i];
	}
	source[n_beside] = source_of(example);
	for (size_t i = 0; i < n_intents; i++)
		names[i] = str_of(intent[i]);
	set = flow_set_load(source, n_beside + 1, &diags);
	if (set)
		flow_set_check(set, names, n_intents, &diags);
	keep_findings_about(&diags, &source[n_beside]);
	diags_print(&diags, out, false, 0);
	flow_set_free(set);
	arena_free(arena);
	for (size_t i = 0; i < n_beside; i++)
		file_free(&file[i]);
}

static bool example_is_right(const char *path)
{
	struct arena *arena = arena_new(4 << 20);
	struct file example = file_read(path);
	struct str expected = arena_printf(
		arena, "%.*s.expected", (int)(strlen(path) - strlen(".json")), path);
	bool same, shows_code;
	struct buf out;

	buf_init(&out, max_text);
	findings(&example, &out);
	same = golden_is(arena, expected.p, buf_str(&out));
	shows_code = str_find(buf_str(&out), (struct str){example.name, 4}) >= 0;
	if (!shows_code)
		print_error("%s does not show its code, but\n%.*s\n", example.name,
			STR(buf_str(&out)));
	file_free(&example);
	buf_release(&out);
	arena_free(arena);
	return same && shows_code;
}

static void diagnostics__print_exactly__for_each_example(void **state)
{
	size_t n_wrong = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(FOLDER "*.json", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 100);
	for (size_t i = 0; i < found.gl_pathc; i++)
		n_wrong += !example_is_right(found.gl_pathv[i]);
	globfree(&found);
	assert_int_equal(n_wrong, 0);
}

static bool has_example(const char *code)
{
	char pattern[500];
	glob_t found;
	bool any;

	snprintf(pattern, sizeof(pattern), FOLDER "%.4s_*.json", code);
	any = glob(pattern, 0, NULL, &found) == 0;
	if (any)
		globfree(&found);
	return any;
}

/* Every "Fnnn" that stands in quotes in a source of flows/. */
static void diagnostics__have_an_example__for_each_code(void **state)
{
	glob_t found;
	size_t n_codes = 0, n_missing = 0;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/flows/*.c", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct file file = file_read(found.gl_pathv[i]);

		for (size_t k = 0; k + 6 <= file.n; k++) {
			const char *p = file.text + k;

			if (p[0] != '"' || p[1] != 'F' || p[5] != '"' || strspn(p + 2, "0123456789") != 3)
				continue;
			n_codes++;
			if (has_example(p + 1))
				continue;
			n_missing++;
			print_error("%s: no example for %.4s\n", file.name, p + 1);
		}
		file_free(&file);
	}
	globfree(&found);
	assert_true(n_codes > 50);
	assert_int_equal(n_missing, 0);
}

int main(void)
{
	static const struct CMUnitTest test[] = {
		cmocka_unit_test(diagnostics__print_exactly__for_each_example),
		cmocka_unit_test(diagnostics__have_an_example__for_each_code),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}
