/* Conversation tests that are played: what passes, what fails, and what a failure tells.  The
 * shipped content is the stage; each test here stands for a rule of tests/chats/FORMAT.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/chats/chat_missing.h"
#include "bot/chats/chat_report.h"

#define TO_CANCEL "shop: two_open_orders\nbuyer: buyer-open, verified\n"

static struct arena *shared, *arena;
static struct content *content;
static struct chat_stage stage;

static int open_stage(void **state)
{
	struct diags diags;

	(void)state;
	shared = arena_new(64 << 20);
	diags_init(&diags, shared);
	content = content_open(SOURCE_DIR, "en", NULL, &diags);
	stage.model = content ? content_model(content, &diags, NULL) : NULL;
	stage.content = content;
	return stage.model ? 0 : -1;
}

static int close_stage(void **state)
{
	(void)state;
	model_unref(stage.model);
	content_free(content);
	arena_free(shared);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	stage.cover = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct chat_file *read_file(struct str text)
{
	struct source *source = arena_new_of(arena, struct source);
	const struct chat_file *file;
	struct diags diags;
	struct buf out;

	*source = (struct source){"x.chat", text};
	diags_init(&diags, arena);
	file = chat_file_read(source, arena, &diags);
	buf_init(&out, 1 << 16);
	diags_print(&diags, &out, false, 0);
	if (diags.n)
		fail_msg("%.*s", STR(buf_str(&out)));
	buf_release(&out);
	return file;
}

static struct chat_play play(const char *text, size_t row)
{
	const struct chat_file *file = read_file(arena_printf(arena, "test: t\n%s", text));

	return chat_play(&stage, file, &file->test[0], row, arena);
}

static struct str report(const struct chat_play *played)
{
	struct buf out;
	struct str text;

	buf_init(&out, 1 << 20);
	chat_report_play(played, false, &out);
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void assert_passes(const char *text)
{
	struct chat_play played = play(text, 0);

	if (played.failures.n)
		fail_msg("%.*s", STR(report(&played)));
}

/* Fails, for that reason only, at the line that holds @at. */
static void assert_fails(const char *text, enum chat_failure_kind kind, const char *at)
{
	struct chat_play played = play(text, 0);
	struct place place;

	if (played.failures.n != 1 || played.failures.item[0].kind != kind)
		fail_msg("wanted one failure '%s', got %zu\n%.*s", chat_failure_name[kind],
			played.failures.n, STR(report(&played)));
	place = source_place(played.file->source, played.failures.item[0].at.offset);
	if (str_find(place.line_text, str_of(at)) < 0)
		fail_msg("wanted the line with '%s', got '%.*s'", at, STR(place.line_text));
}

static const char *to_sure(const char *rest)
{
	return arena_printf(
		arena, TO_CANCEL "> cancel order A-1001\n> i no longer need it\n%s", rest)
		.p;
}

static void conversation__passes__when_all_is_as_written(void **state)
{
	(void)state;
	assert_passes(to_sure("< cancel_order/sure: *A-1001*\n    order = A-1001, reason is set\n"
			      "    buttons Yes | No\n    at cancel_order/sure\n    open "
			      "cancel_order\n    owner bot\n"
			      "> yes\n    called orders.cancel once { order: A-1001 } -> ok\n    "
			      "no handoff\n< ...\n"
			      "    watching refund.updated of A-1001\n    heard as answer\nnever: "
			      "fault, returns.create\n"
			      "ends: cancel_order finished, turns <= 3\n"));
}

static void step__fails__when_another_one_speaks(void **state)
{
	(void)state;
	assert_fails(to_sure("< cancel_order/done\n"), FAIL_STEP, "cancel_order/done");
	assert_fails(to_sure("    nothing said\n"), FAIL_STEP, "nothing said");
	assert_fails(to_sure("    at cancel_order/reason\n"), FAIL_STEP, "at cancel_order/reason");
	assert_fails(to_sure("    nothing open\n"), FAIL_STEP, "nothing open");
}

static void steps__must_be_all__unless_dots_stand_for_others(void **state)
{
	(void)state;
	assert_passes(to_sure("< cancel_order/sure\n"));
	assert_passes(to_sure("< ...\n< cancel_order/sure\n< ...\n"));
	assert_passes(to_sure("< cancel_order\n"));
	assert_fails(to_sure("< cancel_order/sure\n< cancel_order/done\n"), FAIL_STEP,
		"cancel_order/done");
	assert_fails(to_sure("< ...\n< cancel_order/done\n< ...\n"), FAIL_STEP, "...");
}

static void words__fail__as_text_and_noted_ones_never(void **state)
{
	struct chat_play played;

	(void)state;
	assert_fails(to_sure("< cancel_order/sure: Shall we dance?\n"), FAIL_TEXT, "dance");
	assert_fails(to_sure("< cancel_order/sure: = *\n"), FAIL_TEXT, "= *");
	played = play(to_sure("< cancel_order/sure: ~ Shall we dance?\n"), 0);
	assert_int_equal(played.failures.n, 0);
	assert_int_equal(played.notes.n, 1);
}

static void slot__fails__when_its_value_is_another(void **state)
{
	(void)state;
	assert_passes(to_sure("    order.number = A-1001\n    order.items[1].title = *\n"));
	assert_fails(to_sure("    order = A-1002\n"), FAIL_SLOT, "order = A-1002");
	assert_fails(to_sure("    order is not set\n"), FAIL_SLOT, "is not set");
	assert_fails(to_sure("    rating = 5\n"), FAIL_SLOT, "rating = 5");
	assert_fails(to_sure("    order.items[9].title = *\n"), FAIL_SLOT, "items[9]");
}

static void call__fails__by_count_arguments_and_outcome(void **state)
{
	(void)state;
	assert_passes(to_sure(
		"    not called orders.cancel in all\n    called orders.can_cancel in all\n"));
	assert_fails(to_sure("    called orders.cancel\n"), FAIL_CALL, "called orders.cancel");
	assert_fails(to_sure("> yes\n    called orders.cancel twice in all\n"), FAIL_CALL, "twice");
	assert_fails(to_sure("> yes\n    called orders.cancel { order: A-1002 }\n"), FAIL_CALL,
		"A-1002");
	assert_fails(to_sure("> yes\n    called orders.cancel -> refused\n"), FAIL_CALL, "refused");
	assert_fails(to_sure("> yes\n    nothing called\n"), FAIL_CALL, "nothing called");
	assert_fails(to_sure("    handoff\n"), FAIL_CALL, "handoff");
	assert_fails(to_sure("    watching refund.updated of A-1001\n"), FAIL_CALL, "watching");
	assert_fails(to_sure("    note order_cancelled\n"), FAIL_CALL, "note");
	assert_fails(to_sure("    ended cancel_order\n"), FAIL_CALL, "ended");
}

static void decision__fails__when_something_else_was_understood(void **state)
{
	(void)state;
	assert_passes(TO_CANCEL
		"> pls cacel my order\n    intent cancel_order\n    fixed cacel -> cancel\n"
		"    score >= 60, lead >= 15\n    decision cancel_order\n    decision accept\n    "
		"heard as intent\n");
	assert_fails(TO_CANCEL "> hello\n    intent cancel_order\n", FAIL_DECISION, "intent");
	assert_fails(TO_CANCEL "> hello\n    not intent greeting\n", FAIL_DECISION, "greeting");
	assert_fails(TO_CANCEL "> hello\n    decision none\n", FAIL_DECISION, "none");
	assert_fails(TO_CANCEL "> hello\n    score > 900\n", FAIL_DECISION, "900");
	assert_fails(TO_CANCEL "> hello\n    fixed helo -> hello\n", FAIL_DECISION, "fixed");
	assert_fails(TO_CANCEL "> hello\n    digression policy\n", FAIL_DECISION, "digression");
	assert_fails(TO_CANCEL "> hello\n    corrected order\n", FAIL_DECISION, "corrected");
	assert_fails(TO_CANCEL "> hello\n    language de\n", FAIL_DECISION, "language");
}

static void rules__fail__for_the_whole_test(void **state)
{
	(void)state;
	assert_fails(to_sure("never: cancel_order/sure\n"), FAIL_STEP, "never");
	assert_fails(to_sure("never: orders.can_cancel\n"), FAIL_STEP, "never");
	assert_fails(to_sure("turns <= 1\n"), FAIL_TIMING, "turns <= 1");
	assert_fails(to_sure("ends: cancel_order finished\n"), FAIL_STEP, "ends");
	assert_fails(to_sure("ends: nothing open\n"), FAIL_STEP, "ends");
	assert_passes(to_sure("ends: at cancel_order/sure, turns <= 2\n"));
}

static void shop__answers__as_the_test_says(void **state)
{
	(void)state;
	assert_passes(to_sure("api: orders.cancel -> refused shipped\n> yes\n"
			      "    called orders.cancel once -> refused\n"));
	assert_passes(
		to_sure("api: orders.cancel -> timeout\n> yes\n< ...\n"
			"    called orders.cancel once\n    at cancel_order/do_it\nafter 30s\n"
			"    not open cancel_order\n"));
	assert_passes(to_sure(
		"api: orders.cancel -> slow 6s\n> yes\nafter 10s\n"
		"    called orders.cancel -> ok\n    called orders.cancel 1 time in all\n"));
	assert_passes(to_sure("api: orders.cancel -> failed, ok\n> yes\n"
			      "    called orders.cancel -> failed\n"));
}

/* What one play does to its shop is not seen by the next one. */
static void shop__is_fresh__for_every_play(void **state)
{
	const char *text = to_sure("> yes\n    called orders.cancel once -> ok\n");

	(void)state;
	stage.shops = chat_shops_new();
	assert_passes(text);
	assert_passes(text);
	assert_passes("shop: demo\nbuyer: buyer-refund, verified\n> where is my refund\n    "
		      "nothing fixed\n");
	assert_passes(text);
	chat_shops_free(stage.shops);
	stage.shops = NULL;
}

static void message__is_ignored__when_it_comes_again(void **state)
{
	(void)state;
	assert_passes(to_sure("> yes\nagain\n    nothing said, nothing called\n"
			      "    called orders.cancel 1 time in all\n"));
}

static void button__is_pressed__by_label_or_id(void **state)
{
	(void)state;
	assert_passes(to_sure("> [Yes]\n    called orders.cancel once\n"));
	assert_passes(to_sure("press: yes\n    called orders.cancel once\n"));
	assert_fails(to_sure("> [Perhaps]\n"), FAIL_CANNOT, "Perhaps");
}

static void start__begins__at_a_step_with_slots(void **state)
{
	(void)state;
	assert_passes(TO_CANCEL
		"start: cancel_order/sure { order: A-1001 }\n< cancel_order/sure: *A-1001*\n"
		"    order.number = A-1001\n> yes\n    called orders.cancel once { order: A-1001 "
		"}\n");
}

static void server__restarts__with_the_same_conversation(void **state)
{
	(void)state;
	assert_passes(to_sure(
		"restart server\n    nothing said\n> yes\n    called orders.cancel once\n"));
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The shipped flow with another version and other words. */
static void write_version(const char *path, unsigned version, const char *words)
{
	const struct flow *flow = model_flow(stage.model, S("review"));
	struct str text = json_source(flow->doc)->text;
	const char *number = "\"version\": ", *question = "How was this chat for you?";
	long at = str_find(text, str_of(number)), ask = str_find(text, str_of(question));
	size_t rest = (size_t)ask + strlen(question), begin = (size_t)at + strlen(number);

	assert_true(at > 0 && ask > at);
	write_file(path, arena_printf(arena, "%.*s%u%.*s%s%.*s", (int)begin, text.p, version,
				 (int)((size_t)ask - begin - 1), text.p + begin + 1, words,
				 (int)(text.n - rest), text.p + rest)
				 .p);
}

static void assert_file_passes(const char *name, const char *text)
{
	const struct chat_file *file = read_file(arena_printf(arena, "test: t\n%s", text));
	struct chat_play played;

	((struct source *)file->source)->name = name;
	played = chat_play(&stage, file, &file->test[0], 0, arena);
	if (played.failures.n)
		fail_msg("%.*s", STR(report(&played)));
}

static void version__goes_live__between_turns(void **state)
{
	char folder[] = "/tmp/chat_version_XXXXXX";
	const char *old, *fresh, *name;

	(void)state;
	assert_non_null(mkdtemp(folder));
	old = arena_printf(arena, "%s/review.v8.json", folder).p;
	fresh = arena_printf(arena, "%s/review.v9.json", folder).p;
	name = arena_printf(arena, "%s/x.chat", folder).p;
	write_version(old, 8, "Old words?");
	write_version(fresh, 9, "Fresh words?");
	assert_file_passes(
		name, "load: review version 8\nstart: review/rating\n< review/rating: Old*\n");
	assert_file_passes(name, "load: review version 8\npublish: review version 9\n"
				 "start: review/rating\n< review/rating: Fresh*\n");
	assert_file_passes(name, "load: review version 8\nstart: review/rating\n"
				 "publish: review version 9\n> what did you say?\n< ...\n< "
				 "review/rating: Old*\n< ...\n");
	remove(old);
	remove(fresh);
	rmdir(folder);
}

static void play__repeats__for_rows_and_examples(void **state)
{
	const struct chat_file *file = read_file(S(
		"test: rows\ntable:\n    | words | intent |\n"
		"    | hello | greeting |\n    | bye | greeting |\n> {words}\n    intent {intent}\n"
		"test: examples\nfor each phrase in examples of greeting\n> {phrase}\n    intent "
		"greeting\n"));
	struct chat_play played;

	(void)state;
	assert_int_equal(chat_plays(&stage, &file->test[0]), 2);
	played = chat_play(&stage, file, &file->test[0], 0, arena);
	assert_int_equal(played.failures.n, 0);
	played = chat_play(&stage, file, &file->test[0], 1, arena);
	assert_int_equal(played.failures.n, 1);
	assert_true(str_find(played.name, S("bye")) > 0);
	assert_true(chat_plays(&stage, &file->test[1]) > 1);
}

static void failure__tells__conversation_kind_and_reason(void **state)
{
	struct chat_play played = play(to_sure("< cancel_order/done\n"), 0);
	struct str text = report(&played);

	(void)state;
	assert_true(str_find(text, S("> cancel order A-1001")) >= 0);
	assert_true(str_find(text, S("x.chat:6: step")) >= 0);
	assert_true(str_find(text, S("expected  cancel_order/done")) >= 0);
	assert_true(str_find(text, S("got       cancel_order/sure")) >= 0);
	assert_true(str_find(text, S("heard by")) >= 0);
}

static void tap__is_well_formed__whatever_failed(void **state)
{
	struct chat_play good = play("> hello\n", 0), bad = play("> a <&> b\n    intent x_y\n", 0);
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	chat_report_tap(&good, 1, &out);
	assert_true(str_eq(buf_str(&out), S("ok 1 - t\n")));
	good.name = S("row #1 # SKIP \\ a\nb");
	buf_clear(&out);
	chat_report_tap(&good, 1, &out);
	assert_true(str_eq(buf_str(&out), S("ok 1 - row \\#1 \\# SKIP \\\\ a b\n")));
	buf_clear(&out);
	chat_report_tap(&bad, 2, &out);
	assert_true(str_starts(buf_str(&out), S("not ok 2 - t\n  ---\n")));
	assert_true(str_ends(buf_str(&out), S("\n  ...\n")));
	buf_clear(&out);
	chat_report_junit_begin(1, 1, &out);
	chat_report_junit(&bad, &out);
	chat_report_junit_end(&out);
	assert_true(str_find(buf_str(&out), S("a &lt;&amp;&gt; b")) > 0);
	assert_true(str_find(buf_str(&out), S("a <&> b")) < 0);
	buf_release(&out);
}

static void coverage__counts__steps_and_edges_once_taken(void **state)
{
	struct cover_sum before, after;

	(void)state;
	stage.cover = chat_cover_new(model_flows(stage.model), arena);
	before = cover_sum_all(stage.cover);
	assert_passes(to_sure("> yes\n"));
	after = cover_sum_all(stage.cover);
	assert_int_equal(before.steps_taken, 0);
	assert_true(after.steps_taken > 5 && after.edges_taken > 5);
	assert_true(after.steps == before.steps && after.steps_taken < after.steps);
	assert_true(cover_percent(after) < 100);
}

/* Every skeleton can be read, and names what is there. */
static void missing__prints__tests_that_can_be_read(void **state)
{
	const struct chat_file *file;
	struct cover_sum sum;
	struct buf out;

	(void)state;
	stage.cover = chat_cover_new(model_flows(stage.model), arena);
	sum = cover_sum_all(stage.cover);
	buf_init(&out, 16 << 20);
	chat_missing_print(stage.cover, model_intents(stage.model), &out);
	file = read_file(buf_str(&out));
	assert_true(file->n_tests > sum.edges * 9 / 10 && file->n_tests <= sum.edges);
	assert_true(str_find(buf_str(&out), S("api: orders.cancel -> refused\n")) > 0);
	assert_true(str_find(buf_str(&out), S("after 10m\n")) > 0 ||
		    str_find(buf_str(&out), S("after 15m\n")) > 0);
	buf_release(&out);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(conversation__passes__when_all_is_as_written),
		test(step__fails__when_another_one_speaks),
		test(steps__must_be_all__unless_dots_stand_for_others),
		test(words__fail__as_text_and_noted_ones_never),
		test(slot__fails__when_its_value_is_another),
		test(call__fails__by_count_arguments_and_outcome),
		test(decision__fails__when_something_else_was_understood),
		test(rules__fail__for_the_whole_test),
		test(shop__answers__as_the_test_says),
		test(shop__is_fresh__for_every_play),
		test(message__is_ignored__when_it_comes_again),
		test(button__is_pressed__by_label_or_id),
		test(start__begins__at_a_step_with_slots),
		test(server__restarts__with_the_same_conversation),
		test(version__goes_live__between_turns),
		test(play__repeats__for_rows_and_examples),
		test(failure__tells__conversation_kind_and_reason),
		test(tap__is_well_formed__whatever_failed),
		test(coverage__counts__steps_and_edges_once_taken),
		test(missing__prints__tests_that_can_be_read),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
