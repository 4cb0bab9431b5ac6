/* Errands: when a turn has ended; and what is looked up in a transcript. */
#include "bot/dispatch/errand.h"
#include "bot/dispatch/transcript.h"
#include "tests/unit/dispatch/ground.h"

struct world {
	struct ground g;
	unsigned n_done;
	enum taken taken;
	uint32_t n;
};

static void open_world(struct world *w)
{
	struct dispatcher_setup setup;

	*w = (struct world){.n_done = 0};
	ground_open(&w->g, "demo", NULL);
	setup = ground_setup(&w->g);
	w->g.dispatcher = dispatcher_new(&setup);
}

static void close_world(struct world *w)
{
	ground_close(&w->g);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	open_world(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	close_world(*state);
	free(*state);
	return 0;
}

static void done(void *self, enum taken taken, uint32_t n)
{
	struct world *w = self;

	w->n_done++;
	w->taken = taken;
	w->n = n;
	loop_stop(w->g.loop);
}

static struct errand *start(struct world *w, const char *id, const char *text, int64_t max_ms)
{
	struct errand_setup setup = {w->g.loop, w->g.dispatcher, max_ms};
	struct letter letter = {
		.conversation = S("rasa:a"),
		.channel = S("rasa"),
		.event = {.kind = EVENT_TEXT, .id = str_of(id), .text = str_of(text)},
	};

	return errand_start(&setup, &letter, done, w);
}

static void be_maya(struct world *w)
{
	struct letter letter = {
		.conversation = S("rasa:a"),
		.channel = S("rasa"),
		.event = {.kind = EVENT_BUYER, .name = S("buyer-open")},
	};

	dispatcher_take(w->g.dispatcher, &letter, NULL, NULL);
}

/* The next call of @operation takes @slow_ms. */
static void make_slow(struct world *w, const char *operation, int64_t slow_ms)
{
	struct sandbox_behaviour slow = {.act = SANDBOX_NORMAL, .slow_ms = slow_ms};

	assert_true(sandbox_script(w->g.sandbox, str_of(operation), &slow, 1));
}

static uint32_t last_post(struct world *w)
{
	return dispatcher_standing(w->g.dispatcher, S("rasa:a")).last;
}

static void errand_start__is_done__after_the_commit_never_inside(void **state)
{
	struct world *w = *state;

	assert_non_null(start(w, "m1", "hello", 8000));
	assert_int_equal(w->n_done, 0);
	loop_run(w->g.loop);
	assert_int_equal(w->n_done, 1);
	assert_int_equal(w->taken, TAKEN);
	assert_int_equal(w->n, 1);
	assert_true(last_post(w) >= 2);
	assert_non_null(start(w, "m1", "hello", 8000));
	loop_run(w->g.loop);
	assert_int_equal(w->taken, TAKEN_BEFORE);
}

static void errand_start__waits__for_the_shop(void **state)
{
	struct posts posts;
	struct world *w = *state;

	be_maya(w);
	make_slow(w, "orders.list", 300);
	assert_non_null(start(w, "m1", "cancel my order", 60000));
	loop_run(w->g.loop);
	posts = transcript_page(w->g.dispatcher, S("rasa:a"), 0, 100, w->g.arena);
	assert_true(posts.n >= 2);
	assert_true(value_count(value_get(posts.post[posts.n - 1].body, "choices")) > 1);
}

static void errand_start__goes_on__when_the_shop_takes_too_long(void **state)
{
	struct world *w = *state;

	be_maya(w);
	make_slow(w, "orders.list", 3600 * 1000);
	assert_non_null(start(w, "m1", "cancel my order", 50));
	loop_run(w->g.loop);
	assert_int_equal(w->n_done, 1);
	assert_int_equal(w->taken, TAKEN);
}

static void errand_drop__tells_nothing__any_more(void **state)
{
	struct world *w = *state;

	errand_drop(start(w, "m1", "hello", 8000));
	errand_drop(NULL);
	assert_non_null(start(w, "m2", "hello", 8000));
	loop_run(w->g.loop);
	assert_int_equal(w->n_done, 1);
	assert_true(transcript_of_message(w->g.dispatcher, S("rasa:a"), S("m1")) == 1);
}

static void transcript__finds__messages_and_choices(void **state)
{
	struct str conversation = S("rasa:a"), label = {0}, id;
	struct world *w = *state;
	uint32_t n;

	assert_non_null(start(w, "m1", "cancel my order", 8000));
	loop_run(w->g.loop);
	n = last_post(w);
	id = transcript_choice_called(
		w->g.dispatcher, conversation, S("I do not have it"), w->g.arena);
	assert_true(id.n);
	assert_true(transcript_choice(w->g.dispatcher, conversation, n, id, w->g.arena, &label));
	assert_true(str_is(label, "I do not have it"));
	assert_true(transcript_choice(w->g.dispatcher, conversation, 0, id, w->g.arena, &label));
	assert_false(
		transcript_choice(w->g.dispatcher, conversation, n - 1, id, w->g.arena, &label));
	assert_false(
		transcript_choice(w->g.dispatcher, conversation, n + 1, id, w->g.arena, &label));
	assert_false(transcript_choice(
		w->g.dispatcher, conversation, UINT32_MAX, id, w->g.arena, &label));
	assert_false(
		transcript_choice(w->g.dispatcher, conversation, n, S(""), w->g.arena, &label));
	assert_int_equal(
		transcript_choice_called(w->g.dispatcher, conversation, S("no"), w->g.arena).n, 0);
	assert_int_equal(transcript_of_message(w->g.dispatcher, conversation, S("m2")), 0);
	assert_int_equal(transcript_of_message(w->g.dispatcher, conversation, S("")), 0);
	assert_int_equal(transcript_of_message(w->g.dispatcher, S("rasa:b"), S("m1")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(errand_start__is_done__after_the_commit_never_inside),
		TEST(errand_start__waits__for_the_shop),
		TEST(errand_start__goes_on__when_the_shop_takes_too_long),
		TEST(errand_drop__tells_nothing__any_more),
		TEST(transcript__finds__messages_and_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
