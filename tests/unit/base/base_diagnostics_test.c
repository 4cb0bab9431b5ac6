/* Every finding of the JSON reader as it is printed: tests/diagnostics/json/CODE_name.json and beside it
 * CODE_name.expected.  With TENSTEP_ACCEPT set the expected texts are written anew. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bot/base/json.h"
#include "tests/unit/golden.h"

#define FOLDER SOURCE_DIR "/tests/diagnostics/json/"

enum { max_bytes = 64 * 1024, n_codes = 12 };

static void check_file(struct arena *arena, const char *name, bool *seen)
{
	char path[512], expected[512];
	struct source source = {name, {0}};
	struct json_doc *doc;
	struct diags diags;
	struct buf out;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	snprintf(expected, sizeof(expected), FOLDER "%.*s.expected", (int)(strlen(name) - 5), name);
	source.text = golden_read(arena, path);
	diags_init(&diags, arena);
	doc = json_parse(&source, JSON_AUTHORED, NULL, &diags);
	assert_null(doc);
	assert_int_equal(diags.n, 1);
	assert_memory_equal(diags.item[0].code, name, 4);
	seen[atoi(name + 1) - 1] = true;
	buf_init(&out, max_bytes);
	diags_print(&diags, &out, false, 0);
	assert_true(golden_is(arena, expected, buf_str(&out)));
	buf_release(&out);
}

static void json__prints_every_finding__as_expected(void **state)
{
	struct arena *arena = arena_new(16 << 20);
	DIR *folder = opendir(FOLDER);
	bool seen[n_codes] = {false};

	(void)state;
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		if (strstr(entry->d_name, ".json"))
			check_file(arena, entry->d_name, seen);
	closedir(folder);
	for (unsigned i = 0; i < n_codes; i++)
		if (!seen[i])
			fail_msg("J%03u has no example in tests/diagnostics/json", i + 1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json__prints_every_finding__as_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
