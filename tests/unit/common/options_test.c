/* Where data goes, and when there is colour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bot/common/options.h"

static char top[64];

static int set_up(void **state)
{
	static const char *const name[] = {"TENSTEP_DATA", "XDG_DATA_HOME", "HOME", "NO_COLOR",
		"CLICOLOR", "CLICOLOR_FORCE", "TERM"};

	(void)state;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		unsetenv(name[i]);
	snprintf(top, sizeof top, "/tmp/tenstep-options-XXXXXX");
	assert_non_null(mkdtemp(top));
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", top);
	return system(command);
}

static void expect_folder(const char *data, const char *below)
{
	struct options options = OPTIONS_DEFAULT;
	char wanted[256];
	struct stat st;
	char *folder;

	options.data = data;
	folder = options_data_folder(&options);
	snprintf(wanted, sizeof wanted, "%s%s", top, below);
	assert_non_null(folder);
	assert_string_equal(folder, wanted);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	free(folder);
}

static void set(const char *name, const char *below)
{
	char path[256];

	snprintf(path, sizeof path, "%s%s", top, below);
	setenv(name, path, 1);
}

static void data_folder__follows__option_environment_xdg_home(void **state)
{
	char option[128];

	(void)state;
	snprintf(option, sizeof option, "%s/option/deep", top);
	set("HOME", "/home");
	expect_folder(NULL, "/home/.local/share/tenstep");
	setenv("XDG_DATA_HOME", "relative", 1);
	expect_folder(NULL, "/home/.local/share/tenstep");
	set("XDG_DATA_HOME", "/xdg");
	expect_folder(NULL, "/xdg/tenstep");
	set("TENSTEP_DATA", "/data");
	expect_folder(NULL, "/data");
	expect_folder(option, "/option/deep");
}

static void data_folder__is_none__when_nothing_is_set(void **state)
{
	struct options options = OPTIONS_DEFAULT;

	(void)state;
	assert_null(options_data_folder(&options));
	setenv("HOME", "", 1);
	assert_null(options_data_folder(&options));
	options.data = "";
	assert_null(options_data_folder(&options));
}

static void data_folder__is_none__when_a_file_is_in_the_way(void **state)
{
	struct options options = OPTIONS_DEFAULT;

	(void)state;
	options.data = "/proc/version";
	assert_null(options_data_folder(&options));
	options.data = "/proc/version/below";
	assert_null(options_data_folder(&options));
}

static void colour__needs_a_terminal__unless_forced(void **state)
{
	struct options options = OPTIONS_DEFAULT;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	setenv("TERM", "xterm", 1);
	assert_false(options_colour(&options, file));
	setenv("CLICOLOR_FORCE", "0", 1);
	assert_false(options_colour(&options, file));
	setenv("CLICOLOR_FORCE", "1", 1);
	assert_true(options_colour(&options, file));
	setenv("NO_COLOR", "", 1);
	assert_true(options_colour(&options, file));
	setenv("NO_COLOR", "1", 1);
	assert_false(options_colour(&options, file));
	options.colour = COLOUR_ALWAYS;
	assert_true(options_colour(&options, file));
	unsetenv("NO_COLOR");
	options.colour = COLOUR_NEVER;
	assert_false(options_colour(&options, file));
	fclose(file);
}

static bool same(const struct model *a, const struct model *b)
{
	return memcmp(model_digest(a).byte, model_digest(b).byte, sizeof(struct digest)) == 0;
}

static void model__is_the_same__when_it_is_read_beside(void **state)
{
	struct options options = OPTIONS_DEFAULT;
	struct content *content, *beside;
	struct model *model, *other;
	struct model_loading *loading;

	(void)state;
	loading = options_model_begin(&options, false);
	model = options_model(&options, false, &content);
	other = options_model_end(loading, &beside);
	assert_non_null(model);
	assert_non_null(other);
	assert_true(same(model, other));
	model_unref(model);
	model_unref(other);
	content_free(content);
	content_free(beside);
}

static void model__is_none__when_content_read_beside_is_not_there(void **state)
{
	struct options options = OPTIONS_DEFAULT;
	struct content *content = (struct content *)top;

	(void)state;
	options.content = "/proc/nowhere";
	assert_null(options_model_end(options_model_begin(&options, false), &content));
	assert_null(content);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(data_folder__follows__option_environment_xdg_home),
		test(data_folder__is_none__when_nothing_is_set),
		test(data_folder__is_none__when_a_file_is_in_the_way),
		test(colour__needs_a_terminal__unless_forced),
		test(model__is_the_same__when_it_is_read_beside),
		test(model__is_none__when_content_read_beside_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
