/* Every finding of the intent reader, printed: tests/diagnostics/intents/CODE.json and beside it what is
 * said about it, CODE.expected.  language.json of that folder is added, except for files that speak of a
 * "language" themselves.  With TENSTEP_ACCEPT set the expected texts are written anew. */
#include <dirent.h>

#include "tests/unit/golden.h"
#include "tests/unit/intents/pack.h"

#define FOLDER SOURCE_DIR "/tests/diagnostics/intents/"

static const char *path_of(struct arena *arena, const char *name, const char *end)
{
	return arena_printf(arena, FOLDER "%s%s", name, end).p;
}

static struct str read_text(struct arena *arena, const char *name)
{
	return golden_read(arena, path_of(arena, name, ".json"));
}

static void find_all(struct str text, struct str language, const char *name, struct diags *diags)
{
	struct source *source = arena_array(diags->arena, struct source, 2);
	size_t n = str_find(text, S("\"language\"")) >= 0 ? 1 : 2;
	struct intent_set *set;

	source[0] = (struct source){name, text};    /* outlives the findings, which point into it */
	source[1] = (struct source){"language.json", language};
	set = intent_set_load(source, n, S(""), false, diags);
	if (set)
		intent_set_check(set, diags);
	intent_set_free(set);
}

static void check_file(const char *name)
{
	struct arena *arena = arena_new(4 << 20);
	struct str text = read_text(arena, name);
	char file[64];
	struct diags diags;
	struct buf out;

	snprintf(file, sizeof(file), "%s.json", name);
	diags_init(&diags, arena);
	find_all(text, read_text(arena, "language"), file, &diags);
	buf_init(&out, 1 << 16);
	diags_print(&diags, &out, false, 0);
	assert_true(golden_is(arena, path_of(arena, name, ".expected"), buf_str(&out)));
	assert_true(str_find(buf_str(&out), str_of(name)) >= 0);
	buf_release(&out);
	arena_free(arena);
}

static int is_example(const struct dirent *entry)
{
	return entry->d_name[0] == 'I' && strstr(entry->d_name, ".json") != NULL;
}

static void finding__reads__as_the_golden_text_says(void **state)
{
	struct dirent **entry;
	int n = scandir(FOLDER, &entry, is_example, alphasort);

	(void)state;
	assert_true(n > 30);
	for (int i = 0; i < n; i++) {
		char name[16] = {0};

		memcpy(name, entry[i]->d_name, 4);
		check_file(name);
		free(entry[i]);
	}
	free(entry);
}

static void load__bears__files_that_are_cut_or_changed(void **state)
{
	struct arena *arena = arena_new(4 << 20);
	struct str whole = read_text(arena, "I006"), language = read_text(arena, "language");

	(void)state;
	for (size_t n = 0; n < whole.n; n++) {
		struct arena *inner = arena_new(1 << 20);
		char *text = arena_cstr(inner, whole);
		struct diags diags;

		diags_init(&diags, inner);
		find_all(str_sub(whole, 0, n), language, "cut.json", &diags);
		text[n] = (char)(text[n] ^ 0x15);
		find_all((struct str){text, whole.n}, language, "changed.json", &diags);
		assert_true(diags.n_errors > 0);
		arena_free(inner);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding__reads__as_the_golden_text_says),
		cmocka_unit_test(load__bears__files_that_are_cut_or_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
