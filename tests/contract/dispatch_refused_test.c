/* What the dispatcher does when the disk refuses to be read: a message is not taken for new, and
 * nobody is told that a conversation is not there. */
#include "tests/contract/known_disk.h"
#include "tests/unit/dispatch/ground.h"

static struct home *home;

struct receipt {
	unsigned times;
	enum taken taken;
};

static void receive(void *self, enum taken taken, uint32_t n)
{
	struct receipt *receipt = self;

	(void)n;
	receipt->times++;
	receipt->taken = taken;
}

static enum taken say(struct ground *g, const char *id)
{
	struct letter letter = {.conversation = S("widget:a"),
		.channel = S("widget"),
		.event = {.kind = EVENT_TEXT, .id = str_of(id), .text = S("hello")}};
	struct receipt receipt = {.times = 0};

	dispatcher_take(g->dispatcher, &letter, receive, &receipt);
	(void)dispatcher_flush(g->dispatcher);
	assert_int_equal(receipt.times, 1);
	return receipt.taken;
}

static void open_dispatcher(struct ground *g)
{
	struct dispatcher_setup setup = ground_setup(g);

	g->dispatcher = dispatcher_new(&setup);
}

static void restart(struct ground *g)
{
	ground_restart(g, home->path);
	open_dispatcher(g);
}

static int set_up(void **state)
{
	struct ground *g = calloc(1, sizeof(*g));
	void *made;

	setup(&made);
	home = made;
	store_close(home->store);
	(void)unlink(home->path);
	snprintf(disk.folder, sizeof(disk.folder), "%s", home->folder);
	disk.on = true;
	ground_open(g, "demo", home->path);
	open_dispatcher(g);
	*state = g;
	return 0;
}

static int tear_down(void **state)
{
	ground_close(*state);
	free(*state);
	disk.on = false;
	forget_disk();
	open_store(home);
	*state = home;
	return teardown(state);
}

static void message_that_cannot_be_looked_for__is_not_answered_twice(void **state)
{
	struct ground *g = *state;
	struct standing before;

	assert_int_equal(say(g, "m1"), TAKEN);
	assert_true(dispatcher_write(g->dispatcher));
	store_know(g->store, S("widget:a"), S("m2"), 1); /* as what makes no post */
	assert_true(dispatcher_flush(g->dispatcher));
	restart(g);
	before = dispatcher_standing(g->dispatcher, S("widget:a"));
	refuse(FAULT_TABLES, OP_READ);
	assert_int_equal(say(g, "m2"), TAKEN_NOT);
	was_refused();
	assert_int_equal(say(g, "m2"), TAKEN_BEFORE);
	assert_int_equal(dispatcher_standing(g->dispatcher, S("widget:a")).last, before.last);
	assert_int_equal(say(g, "m3"), TAKEN);
}

static void conversation_that_cannot_be_read__is_not_said_to_be_unknown(void **state)
{
	struct ground *g = *state;
	struct standing standing;

	assert_int_equal(say(g, "m1"), TAKEN);
	restart(g);
	refuse(FAULT_TABLES, OP_READ);
	standing = dispatcher_standing(g->dispatcher, S("widget:a"));
	was_refused();
	assert_true(standing.unread);
	standing = dispatcher_standing(g->dispatcher, S("widget:a"));
	assert_false(standing.unread);
	assert_true(standing.known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			message_that_cannot_be_looked_for__is_not_answered_twice, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			conversation_that_cannot_be_read__is_not_said_to_be_unknown, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
