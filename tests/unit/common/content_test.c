/* Finding and reading content. */
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

#include "bot/common/content.h"
#include "bot/common/stray.h"

struct shelf {
	char folder[64], start[4096];
	struct arena *arena;
	struct diags diags;
};

static void make_file(const struct shelf *shelf, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", shelf->folder, name);
	for (char *p = path + strlen(shelf->folder) + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			(void)!mkdir(path, 0700);
			*p = '/';
		}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct shelf *shelf = calloc(1, sizeof *shelf);

	assert_non_null(shelf);
	snprintf(shelf->folder, sizeof shelf->folder, "/tmp/tenstep-content-XXXXXX");
	assert_non_null(mkdtemp(shelf->folder));
	assert_non_null(getcwd(shelf->start, sizeof shelf->start));
	unsetenv("TENSTEP_CONTENT");
	shelf->arena = arena_new(1 << 20);
	diags_init(&shelf->diags, shelf->arena);
	make_file(shelf, "intents/packs/en/b.json", "{\"list\":\"b\"}");
	make_file(shelf, "intents/packs/en/a.json", "{\"list\":\"a\"}");
	make_file(shelf, "flows/guide/02_two.json", "{}");
	make_file(shelf, "flows/guide/01_one.json", "{} ");
	make_file(shelf, "flows/lists/reasons.json", "{}");
	make_file(shelf, "flows/repair/stop.json", "{}");
	make_file(shelf, "flows/guide/.01_one.json", "an editor's");
	make_file(shelf, "flows/guide/01_one.json~", "an editor's");
	*state = shelf;
	return 0;
}

static int tear_down(void **state)
{
	struct shelf *shelf = *state;
	char command[128];

	(void)!chdir(shelf->start);
	snprintf(command, sizeof command, "rm -rf '%s'", shelf->folder);
	assert_int_equal(system(command), 0);
	arena_free(shelf->arena);
	free(shelf);
	return 0;
}

static struct content *open_it(struct shelf *shelf)
{
	return content_open(shelf->folder, "en", NULL, &shelf->diags);
}

static void content_open__reads_in_order__and_skips_what_editors_leave(void **state)
{
	struct shelf *shelf = *state;
	struct content *content = open_it(shelf);
	const struct source *source;
	static const char *const wanted[] = {"flows/guide/01_one.json", "flows/guide/02_two.json",
		"flows/lists/reasons.json", "flows/repair/stop.json"};

	assert_non_null(content);
	assert_int_equal(shelf->diags.n, 0);
	assert_int_equal(content_pack(content, &source), 2);
	assert_non_null(strstr(source[0].name, "/intents/packs/en/a.json"));
	assert_true(str_is(source[1].text, "{\"list\":\"b\"}"));
	assert_int_equal(content_flows(content, &source), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(source[i].name + strlen(shelf->folder) + 1, wanted[i]);
		assert_int_equal(strncmp(source[i].name, shelf->folder, strlen(shelf->folder)), 0);
	}
	content_free(content);
}

static void content_open__prefers__the_option_then_the_environment_then_the_folder(void **state)
{
	struct shelf *shelf = *state;
	struct content *content;
	const struct source *source;

	setenv("TENSTEP_CONTENT", shelf->folder, 1);
	content = content_open(NULL, "en", NULL, &shelf->diags);
	assert_string_equal(content_folder(content), shelf->folder);
	content_free(content);
	setenv("TENSTEP_CONTENT", "/nowhere", 1);
	assert_null(content_open(NULL, "en", NULL, &shelf->diags));
	assert_string_equal(shelf->diags.item[0].code, "A001");
	content = open_it(shelf);
	assert_non_null(content);
	content_free(content);
	unsetenv("TENSTEP_CONTENT");
	assert_int_equal(chdir(shelf->folder), 0);
	content = content_open(NULL, "en", NULL, &shelf->diags);
	assert_int_equal(content_flows(content, &source), 4);
	assert_string_equal(source[0].name, "flows/guide/01_one.json");
	content_free(content);
	assert_int_equal(chdir("/"), 0);
	content = content_open(NULL, "en", NULL, &shelf->diags);
	assert_string_equal(content_folder(content), "");
	assert_true(content_flows(content, &source) > 10);
	assert_true(content_dictionary(content).n > 100000);
	content_free(content);
}

static void content_inside_the_program__makes_a_model(void **state)
{
	struct shelf *shelf = *state;
	struct content *content;
	struct model *model;

	assert_int_equal(chdir("/"), 0);
	content = content_open(NULL, "en", NULL, &shelf->diags);
	assert_non_null(content);
	model = content_model(content, &shelf->diags, NULL);
	assert_non_null(model);
	assert_non_null(model_flow(model, S("cancel_order")));
	model_unref(model);
	content_free(content);
}

/* How many findings there are before the first in a file of @room. */
static size_t first_in(const struct diags *diags, const char *room)
{
	size_t i = 0;

	while (i < diags->n &&
		!(diags->item[i].source && strstr(diags->item[i].source->name, room)))
		i++;
	return i;
}

static void content_model__tells__what_is_wrong_in_intents_then_in_flows(void **state)
{
	struct shelf *shelf = *state;
	struct content *content;

	make_file(shelf, "intents/packs/en/a.json", "{");
	make_file(shelf, "flows/guide/01_one.json", "{");
	content = open_it(shelf);
	assert_null(content_model(content, &shelf->diags, NULL));
	assert_in_range(
		first_in(&shelf->diags, "/intents/"), 0, first_in(&shelf->diags, "/flows/") - 1);
	assert_in_range(first_in(&shelf->diags, "/flows/"), 1, shelf->diags.n - 1);
	content_free(content);
}

static void content_digest__is_of_the_files__not_of_the_place(void **state)
{
	struct shelf *shelf = *state;
	struct content *a = open_it(shelf), *b;
	struct digest was = content_digest(a), is;

	assert_int_equal(chdir(shelf->folder), 0);
	b = content_open(".", "en", a, &shelf->diags);
	is = content_digest(b);
	assert_memory_equal(&was, &is, sizeof was);
	make_file(shelf, "flows/guide/01_one.json", "{}");
	b = content_open(".", "en", b, &shelf->diags);
	is = content_digest(b);
	assert_memory_not_equal(&was, &is, sizeof was);
	content_free(b);
}

static void expect_code(struct shelf *shelf, const char *code, const char *words)
{
	struct content *content = open_it(shelf);

	assert_non_null(content);
	assert_int_equal(shelf->diags.n, 1);
	assert_string_equal(shelf->diags.item[0].code, code);
	assert_true(str_find(shelf->diags.item[0].message, str_of(words)) >= 0);
	assert_null(content_model(content, &shelf->diags, NULL));
	content_free(content);
}

static void content_open__finds__a_pipe_without_waiting_for_it(void **state)
{
	struct shelf *shelf = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/flows/guide/03_pipe.json", shelf->folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_code(shelf, "A002", "03_pipe.json': not a plain file");
}

static void content_open__finds__a_link_to_nowhere(void **state)
{
	struct shelf *shelf = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/flows/guide/03_link.json", shelf->folder);
	assert_int_equal(symlink("/nowhere", path), 0);
	expect_code(shelf, "A002", "03_link.json': No such file");
}

static void content_open__finds__a_file_over_the_limit(void **state)
{
	struct shelf *shelf = *state;
	char *text = malloc(max_content_bytes + 2);

	assert_non_null(text);
	memset(text, ' ', max_content_bytes + 1);
	text[max_content_bytes + 1] = '\0';
	make_file(shelf, "flows/guide/03_big.json", text);
	free(text);
	expect_code(shelf, "A003", "03_big.json' is larger than 1 MiB");
}

static void content_open__finds__too_many_files(void **state)
{
	struct shelf *shelf = *state;
	char name[64];

	for (int i = 0; i < max_content_files; i++) {
		snprintf(name, sizeof name, "flows/repair/%04d.json", i);
		make_file(shelf, name, "{}");
	}
	expect_code(shelf, "A004", "more than 2000 files");
}

static void content_open__names_the_languages__when_one_is_missing(void **state)
{
	struct shelf *shelf = *state;
	struct content *content = content_open(shelf->folder, "fr", NULL, &shelf->diags);

	assert_int_equal(shelf->diags.n, 1);
	assert_string_equal(shelf->diags.item[0].code, "A005");
	assert_true(str_is(shelf->diags.item[0].hint, "there is: en"));
	content_free(content);
	assert_null(content_open(shelf->folder, "../../etc", NULL, &shelf->diags));
	assert_string_equal(shelf->diags.item[1].code, "A005");
}

/* Half of a shop of one's own is not the whole of another one. */
static void content_open__takes_this_folder__when_half_of_it_is_there(void **state)
{
	struct shelf *shelf = *state;
	char command[128];
	struct content *content;

	assert_int_equal(chdir(shelf->folder), 0);
	snprintf(command, sizeof command, "rm -rf '%s/flows'", shelf->folder);
	assert_int_equal(system(command), 0);
	content = content_open(NULL, "en", NULL, &shelf->diags);
	assert_string_equal(content_folder(content), ".");
	assert_string_equal(shelf->diags.item[0].code, "A006");
	content_free(content);
}

static void find_strays__names_what_is_not_read__and_nothing_else(void **state)
{
	static const char *const stray[] = {"flows/gifts/one.json", "flows/guide/more/one.json",
		"flows/guide/one.JSON", "flows/guide/one.json.txt", "flows/one.json",
		"intents/one.json", "intents/packs/en/one.jsonc", "intents/packs/one.json"};
	static const char *const fine[] = {"flows/schema.json", "flows/README.md",
		"flows/guide/01_one.json.bak", "flows/guide/.02_two.json.swp",
		"intents/packs/de/a.json", "intents/schema.json", "flows/guide/notes.txt"};
	struct shelf *shelf = *state;

	find_strays(shelf->folder, "en", &shelf->diags);
	assert_int_equal(shelf->diags.n, 0);
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		make_file(shelf, fine[i], "{}");
	find_strays(shelf->folder, "en", &shelf->diags);
	assert_int_equal(shelf->diags.n, 0);
	for (size_t i = 0; i < sizeof stray / sizeof *stray; i++)
		make_file(shelf, stray[i], "{}");
	find_strays(shelf->folder, "en", &shelf->diags);
	assert_int_equal(shelf->diags.n, sizeof stray / sizeof *stray);
	assert_int_equal(shelf->diags.n_errors, 0);
	for (size_t i = 0; i < sizeof stray / sizeof *stray; i++) {
		size_t k = 0;

		while (k < shelf->diags.n && str_find(shelf->diags.item[k].message,
						     arena_printf(shelf->arena, "%s' is not read",
							     stray[i])) < 0)
			k++;
		if (k == shelf->diags.n)
			fail_msg("nothing is said of %s", stray[i]);
		assert_string_equal(shelf->diags.item[k].code, "A007");
	}
	find_strays("", "en", &shelf->diags);
	assert_int_equal(shelf->diags.n, sizeof stray / sizeof *stray);
}

static void content_open__finds__a_folder_without_flows(void **state)
{
	struct shelf *shelf = *state;
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s/flows'", shelf->folder);
	assert_int_equal(system(command), 0);
	expect_code(shelf, "A006", "no flows");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(content_open__reads_in_order__and_skips_what_editors_leave),
		test(content_open__prefers__the_option_then_the_environment_then_the_folder),
		test(content_inside_the_program__makes_a_model),
		test(content_model__tells__what_is_wrong_in_intents_then_in_flows),
		test(content_digest__is_of_the_files__not_of_the_place),
		test(content_open__finds__a_pipe_without_waiting_for_it),
		test(content_open__finds__a_link_to_nowhere),
		test(content_open__finds__a_file_over_the_limit),
		test(content_open__finds__too_many_files),
		test(content_open__names_the_languages__when_one_is_missing),
		test(content_open__finds__a_folder_without_flows),
		test(content_open__takes_this_folder__when_half_of_it_is_there),
		test(find_strays__names_what_is_not_read__and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
