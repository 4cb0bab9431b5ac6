/* tenstep test as a person uses it: what it returns, what --accept rewrites, and that what was
 * played and saved in a chat passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/app/command.h"
#include "bot/chats/chat_file.h"
#include "bot/common/content.h"
#include "bot/common/options.h"
#include "bot/terminal/talk_record.h"
#include "tests/unit/in_arena.h"

static const char *to_sure(const char *rest)
{
	return arena_printf(arena,
		"shop: two_open_orders\nbuyer: buyer-open, verified\n> cancel order A-1001\n"
		"> i no longer need it\n%s",
		rest)
		.p;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct str read_back(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = arena_alloc(arena, 1 << 16);
	size_t n;

	assert_non_null(file);
	n = fread(text, 1, 1 << 16, file);
	fclose(file);
	return (struct str){text, n};
}

static int run_command(const char *option, const char *path)
{
	char name[] = "tenstep test", where[] = "--content", folder[] = SOURCE_DIR;
	char *argv[] = {name, where, folder, arena_cstr(arena, str_of(option)),
		arena_cstr(arena, str_of(path)), NULL};

	return cmd_test(5, argv);
}

static void accept__rewrites__words_and_never_decisions(void **state)
{
	char path[] = "/tmp/chat_accept_XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_file(path, arena_printf(arena, "test: words\n%stest: step\n%s",
				 to_sure("< cancel_order/sure: Old words\n> no\n< "
					 "cancel_order/kept: = Older words # why\n"),
				 to_sure("< cancel_order/sure: Old words\n    order = A-1002\n"))
				 .p);
	assert_int_equal(run_command("--accept", path), EXIT_FINDINGS);
	assert_int_equal(run_command("--only=words", path), EXIT_GOOD);
	assert_int_equal(run_command("--only=step", path), EXIT_FINDINGS);
	assert_true(str_find(read_back(path), S("Older words")) < 0);
	assert_true(str_find(read_back(path), S("# why")) > 0);
	assert_true(str_find(read_back(path), S("< cancel_order/sure: Old words")) > 0);
	remove(path);
}

static void command__ends__by_what_happened(void **state)
{
	char path[] = "/tmp/chat_status_XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_file(path, "test: a\n> hello\n    intent greeting\n");
	assert_int_equal(run_command("--tap", path), EXIT_GOOD);
	assert_int_equal(run_command("--coverage=100", path), EXIT_FINDINGS);
	assert_int_equal(run_command("--only=nothing like this", path), EXIT_CANNOT);
	write_file(path, "test: a\n> hello\n    intnet greeting\n");
	assert_int_equal(run_command("--tap", path), EXIT_FINDINGS);
	remove(path);
	assert_int_equal(run_command("--tap", path), EXIT_CANNOT);
}

/* What a person played and saved passes when it is run. */
static void recording__passes__when_it_is_run(void **state)
{
	static const char *const line[] = {"pls cancel my order #A-1002", "changed my \\mind",
		"no, the other one", "[brackets]", "caf\xe9 \x01", "how long does a refund take?",
		"yes"};
	char folder[] = "/tmp/chat_record_XXXXXX";
	struct buf error;
	struct sandbox *shop;
	struct record record;
	struct host *host;
	struct host_setup setup = {.conversation = S("c"),
		.channel = S("widget"),
		.language = S("en"),
		.now_ms = chat_default_now * 1000,
		.seed = 1};
	struct value_builder name = value_build(arena);
	const char *path;
	struct diags diags;
	struct content *content;

	(void)state;
	buf_init(&error, 1000);
	diags_init(&diags, arena);
	content = content_open(SOURCE_DIR, "en", NULL, &diags);
	assert_non_null(content);
	setup.model = content_model(content, &diags, NULL);
	assert_non_null(setup.model);
	shop = sandbox_open(S("two_open_orders"), chat_default_now, &error);
	assert_non_null(shop);
	setup.shop = sandbox_api(shop);
	host = host_open(&setup, &error);
	assert_non_null(host);
	record_init(&record);
	record_begin(&record, "buyer-open", "two_open_orders", setup.now_ms, NULL);
	value_put_text(&name, "name", S("Maya"));
	assert_non_null(host_turn(host, &(struct event){.kind = EVENT_BUYER,
						.name = S("buyer-open"),
						.value = value_record(&name)}));
	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		struct event event = {.kind = EVENT_TEXT,
			.text = str_of(line[i]),
			.id = arena_printf(arena, "m%zu", i)};

		record_event(&record, &event, host_turn(host, &event));
	}
	record_after(&record, 3 * 86400000LL, host_advance(host, host_now(host) + 3 * 86400000LL));
	assert_non_null(mkdtemp(folder));
	path = arena_printf(arena, "%s/played.chat", folder).p;
	assert_true(record_save(&record, path, &error));
	assert_int_equal(run_command("--tap", path), EXIT_GOOD);
	remove(path);
	rmdir(folder);
	record_release(&record);
	host_close(host);
	setup.shop->free(setup.shop);
	model_unref(setup.model);
	content_free(content);
	buf_release(&error);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(accept__rewrites__words_and_never_decisions),
		test(command__ends__by_what_happened),
		test(recording__passes__when_it_is_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
