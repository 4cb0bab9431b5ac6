/* Every finding about a conversation test, printed: tests/diagnostics/chats/CODE.chat and beside it
 * what is said about it, CODE.expected.  With TENSTEP_ACCEPT set the expected texts are written
 * anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bot/chats/chat_check.h"
#include "bot/common/content.h"
#include "tests/unit/golden.h"

#define FOLDER SOURCE_DIR "/tests/diagnostics/chats/"

static struct arena *arena;
static struct diags content_diags;
static struct content *content;
static struct model *model;
static struct sandbox *demo;
static struct chat_names names;

static int set_up(void **state)
{
	static struct str shop[32];
	const struct sandbox_fixture *fixture;
	struct buf error;

	(void)state;
	arena = arena_new(64 << 20);
	diags_init(&content_diags, arena);
	content = content_open(SOURCE_DIR, "en", NULL, &content_diags);
	model = content ? content_model(content, &content_diags, NULL) : NULL;
	buf_init(&error, 1000);
	demo = sandbox_open(S("demo"), chat_default_now, &error);
	buf_release(&error);
	if (!model || !demo)
		return -1;
	names = (struct chat_names){
		model_flows(model), model_intents(model), shop, sandbox_fixtures(&fixture), demo};
	for (size_t i = 0; i < names.n_shops; i++)
		shop[i] = str_of(fixture[i].name);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sandbox_api(demo)->free(sandbox_api(demo));
	model_unref(model);
	content_free(content);
	arena_free(arena);
	return 0;
}

static const char *path_of(const char *code, const char *end)
{
	return arena_printf(arena, FOLDER "%s%s", code, end).p;
}

static void check_code(const char *code)
{
	struct source source = {arena_printf(arena, "%s.chat", code).p, golden_read(arena, path_of(code, ".chat"))};
	const struct chat_file *file;
	struct diags diags;
	struct buf out;

	diags_init(&diags, arena);
	file = chat_file_read(&source, arena, &diags);
	chat_check(file, &names, &diags);
	chat_check_starts(&file, 1, &names, &diags);
	buf_init(&out, 1 << 16);
	diags_print(&diags, &out, false, 0);
	assert_true(golden_is(arena, path_of(code, ".expected"), buf_str(&out)));
	if (str_find(buf_str(&out), str_of(code)) < 0)
		fail_msg("%s.chat does not show %s", code, code);
	buf_release(&out);
}

/* C021 needs a file of more than a megabyte: chat_file_test.c. */
static void finding__reads__as_the_golden_text_says(void **state)
{
	(void)state;
	for (size_t i = 0; chat_code[i]; i++)
		if (strcmp(chat_code[i], "C021") != 0)
			check_code(chat_code[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding__reads__as_the_golden_text_says),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
