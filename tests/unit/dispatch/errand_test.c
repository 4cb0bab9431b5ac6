/* Errands: when a turn has ended; and what is looked up in a transcript. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/common/content.h"
#include "bot/dispatch/errand.h"
#include "bot/dispatch/transcript.h"

struct world {
	struct loop *loop;
	struct store *store;
	struct sandbox *sandbox;
	struct order_api *shop;
	struct content *content;
	struct model *model;
	struct dispatcher *dispatcher;
	struct arena *arena;
	unsigned n_done;
	enum taken taken;
	uint32_t n;
};

static void open_world(struct world *w)
{
	struct dispatcher_setup setup = {.language = S("en"), .seed = 1};
	struct diags diags;
	struct buf error;

	*w = (struct world){.arena = arena_new(1 << 20)};
	buf_init(&error, 400);
	diags_init(&diags, w->arena);
	setup.loop = w->loop = loop_new();
	w->content = content_open(SOURCE_DIR, "en", NULL, &diags);
	setup.model = w->model = content_model(w->content, &diags, NULL);
	w->sandbox = sandbox_open(S("demo"), loop_now_ms(w->loop) / 1000, &error);
	setup.shop = w->shop = sandbox_api(w->sandbox);
	assert_int_equal(store_open(NULL, &w->store, &error), STORE_OK);
	setup.store = w->store;
	w->dispatcher = dispatcher_new(&setup);
	buf_release(&error);
}

static void close_world(struct world *w)
{
	dispatcher_free(w->dispatcher);
	store_close(w->store);
	w->shop->free(w->shop);
	loop_free(w->loop);
	model_unref(w->model);
	content_free(w->content);
	arena_free(w->arena);
}

static void done(void *self, enum taken taken, uint32_t n)
{
	struct world *w = self;

	w->n_done++;
	w->taken = taken;
	w->n = n;
	loop_stop(w->loop);
}

static struct errand *start(struct world *w, const char *id, const char *text, int64_t max_ms)
{
	struct errand_setup setup = {w->loop, w->dispatcher, max_ms};
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

	dispatcher_take(w->dispatcher, &letter, NULL, NULL);
}

/* The next call of @operation takes @slow_ms. */
static void make_slow(struct world *w, const char *operation, int64_t slow_ms)
{
	struct sandbox_behaviour slow = {.act = SANDBOX_NORMAL, .slow_ms = slow_ms};

	assert_true(sandbox_script(w->sandbox, str_of(operation), &slow, 1));
}

static uint32_t last_post(struct world *w)
{
	return dispatcher_standing(w->dispatcher, S("rasa:a")).last;
}

static void errand_start__is_done__after_the_commit_never_inside(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	assert_non_null(start(&w, "m1", "hello", 8000));
	assert_int_equal(w.n_done, 0);
	loop_run(w.loop);
	assert_int_equal(w.n_done, 1);
	assert_int_equal(w.taken, TAKEN);
	assert_int_equal(w.n, 1);
	assert_true(last_post(&w) >= 2);
	assert_non_null(start(&w, "m1", "hello", 8000));
	loop_run(w.loop);
	assert_int_equal(w.taken, TAKEN_BEFORE);
	close_world(&w);
}

static void errand_start__waits__for_the_shop(void **state)
{
	struct posts posts;
	struct world w;

	(void)state;
	open_world(&w);
	be_maya(&w);
	make_slow(&w, "orders.list", 300);
	assert_non_null(start(&w, "m1", "cancel my order", 60000));
	loop_run(w.loop);
	posts = transcript_page(w.dispatcher, S("rasa:a"), 0, 100, w.arena);
	assert_true(posts.n >= 2);
	assert_true(value_count(value_get(posts.post[posts.n - 1].body, "choices")) > 1);
	close_world(&w);
}

static void errand_start__goes_on__when_the_shop_takes_too_long(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	be_maya(&w);
	make_slow(&w, "orders.list", 3600 * 1000);
	assert_non_null(start(&w, "m1", "cancel my order", 50));
	loop_run(w.loop);
	assert_int_equal(w.n_done, 1);
	assert_int_equal(w.taken, TAKEN);
	close_world(&w);
}

static void errand_drop__tells_nothing__any_more(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	errand_drop(start(&w, "m1", "hello", 8000));
	errand_drop(NULL);
	assert_non_null(start(&w, "m2", "hello", 8000));
	loop_run(w.loop);
	assert_int_equal(w.n_done, 1);
	assert_true(transcript_of_message(w.dispatcher, S("rasa:a"), S("m1")) == 1);
	close_world(&w);
}

static void transcript__finds__messages_and_choices(void **state)
{
	struct str conversation = S("rasa:a"), label = {0}, id;
	struct world w;
	uint32_t n;

	(void)state;
	open_world(&w);
	assert_non_null(start(&w, "m1", "cancel my order", 8000));
	loop_run(w.loop);
	n = last_post(&w);
	id = transcript_choice_called(w.dispatcher, conversation, S("I do not have it"), w.arena);
	assert_true(id.n);
	assert_true(transcript_choice(w.dispatcher, conversation, n, id, w.arena, &label));
	assert_true(str_is(label, "I do not have it"));
	assert_true(transcript_choice(w.dispatcher, conversation, 0, id, w.arena, &label));
	assert_false(transcript_choice(w.dispatcher, conversation, n - 1, id, w.arena, &label));
	assert_false(transcript_choice(w.dispatcher, conversation, n + 1, id, w.arena, &label));
	assert_false(
		transcript_choice(w.dispatcher, conversation, UINT32_MAX, id, w.arena, &label));
	assert_false(transcript_choice(w.dispatcher, conversation, n, S(""), w.arena, &label));
	assert_int_equal(
		transcript_choice_called(w.dispatcher, conversation, S("no"), w.arena).n, 0);
	assert_int_equal(transcript_of_message(w.dispatcher, conversation, S("m2")), 0);
	assert_int_equal(transcript_of_message(w.dispatcher, conversation, S("")), 0);
	assert_int_equal(transcript_of_message(w.dispatcher, S("rasa:b"), S("m1")), 0);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errand_start__is_done__after_the_commit_never_inside),
		cmocka_unit_test(errand_start__waits__for_the_shop),
		cmocka_unit_test(errand_start__goes_on__when_the_shop_takes_too_long),
		cmocka_unit_test(errand_drop__tells_nothing__any_more),
		cmocka_unit_test(transcript__finds__messages_and_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
