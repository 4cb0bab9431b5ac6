/* A shop that answers later, or not at all: the shipped content, a real store, the demo shop behind
 * a door that the test opens. */
#include "tests/unit/dispatch/ground.h"
#include "tests/unit/dispatch/late_shop.h"

struct world {
	struct ground g;
	struct late_shop shop; /* before the demo shop */
	char path[max_store_path];
	size_t max_awake;
	unsigned n_sent;
	char last[300]; /* what the bot said last in the conversation that was looked at */
	char all[8000];
};

static void open_dispatcher(struct world *w)
{
	struct dispatcher_setup setup = ground_setup(&w->g);

	setup.max_awake = w->max_awake;
	w->g.dispatcher = dispatcher_new(&setup);
}

static void open_world(struct world *w)
{
	*w = (struct world){.n_sent = 0};
	store_path_fresh(w->path, "late");
	ground_open(&w->g, "one_open_order", w->path);
	late_shop_init(&w->shop, w->g.shop);
	w->g.shop = &w->shop.api;
	open_dispatcher(w);
}

static void close_world(struct world *w)
{
	ground_close(&w->g);
	store_path_remove(w->path);
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

/* As if the program had been killed and started again. */
static void restart(struct world *w)
{
	ground_restart(&w->g, w->path);
	open_dispatcher(w);
	dispatcher_flush(w->g.dispatcher);
}

static void give(struct world *w, const char *conversation, struct event event)
{
	struct letter letter = {
		.conversation = str_of(conversation), .channel = S("widget"), .event = event};

	dispatcher_take(w->g.dispatcher, &letter, NULL, NULL);
	dispatcher_flush(w->g.dispatcher);
}

static void say(struct world *w, const char *conversation, const char *text)
{
	char id[32];

	snprintf(id, sizeof id, "s:%u", ++w->n_sent);
	give(w, conversation,
		(struct event){.kind = EVENT_TEXT, .id = str_of(id), .text = str_of(text)});
}

static void be(struct world *w, const char *conversation, const char *buyer)
{
	give(w, conversation, (struct event){.kind = EVENT_BUYER, .name = str_of(buyer)});
}

static void note_said(void *self, const struct post *post)
{
	struct world *w = self;
	size_t n = strlen(w->all);

	if (post->who != POST_BOT)
		return;
	snprintf(w->last, sizeof w->last, "%.*s", STR(value_get_text(post->body, "text")));
	snprintf(w->all + n, sizeof w->all - n, "%s\n", w->last);
}

static const char *said_last(struct world *w, const char *conversation)
{
	w->last[0] = w->all[0] = '\0';
	dispatcher_flush(w->g.dispatcher);
	dispatcher_posts(w->g.dispatcher, str_of(conversation), 0, 1000, note_said, w);
	return w->last;
}

static void assert_said(struct world *w, const char *conversation, const char *words)
{
	(void)said_last(w, conversation);
	if (!strstr(w->all, words))
		fail_msg("'%s' was not said; said was:\n%s", words, w->all);
}

static void assert_not_said(struct world *w, const char *conversation, const char *words)
{
	(void)said_last(w, conversation);
	if (strstr(w->all, words))
		fail_msg("'%s' was said:\n%s", words, w->all);
}

/* The only open order, up to the yes. */
static void decide_to_cancel(struct world *w, const char *conversation)
{
	be(w, conversation, "buyer-open");
	say(w, conversation, "cancel my order");
	say(w, conversation, "skip");
	assert_said(w, conversation, "Shall I cancel order A-1001");
	w->shop.late = "orders.cancel";
	say(w, conversation, "yes");
}

static enum effect_state effect_of(struct world *w, unsigned call)
{
	struct store_effect effect;

	assert_int_equal(
		store_find_effect(w->g.store, w->shop.call[call].request.key, w->g.arena, &effect),
		STORE_OK);
	return effect.state;
}

static void answer__that_comes_later__goes_on_with_the_flow(void **state)
{
	struct world *w = *state;

	w->shop.late = "";
	be(w, "widget:a", "buyer-open");
	say(w, "widget:a", "show my orders");
	assert_int_equal(w->shop.n_calls, 1);
	assert_true(str_is(w->shop.call[0].request.operation, "orders.list"));
	assert_true(str_is(w->shop.call[0].request.who, "widget:a"));
	assert_int_equal(w->shop.call[0].request.number, 1);
	assert_false(w->shop.call[0].request.again);
	assert_not_said(w, "widget:a", "Here are your orders");
	late_shop_perform(&w->shop, 0, false);
	assert_said(w, "widget:a", "Here are your orders");
}

static void answer__to_a_writing_call__settles_its_effect_in_the_same_commit(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	assert_int_equal(w->shop.n_calls, 1);
	assert_int_equal(effect_of(w, 0), EFFECT_SENT);
	late_shop_perform(&w->shop, 0, false);
	assert_said(w, "widget:a", "Done. Order A-1001 is cancelled");
	assert_int_equal(effect_of(w, 0), EFFECT_DONE);
}

static void answer__to_a_call_nobody_knows__does_nothing(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	w->shop.api.answered(
		w->shop.api.answered_self, S("widget:a"), 99, S("other"), ORDER_OK, NULL);
	w->shop.api.answered(
		w->shop.api.answered_self, S("widget:z"), 1, S("other"), ORDER_OK, NULL);
	assert_not_said(w, "widget:a", "Done");
	assert_int_equal(effect_of(w, 0), EFFECT_SENT);
	late_shop_perform(&w->shop, 0, false);
	assert_said(w, "widget:a", "Done. Order A-1001 is cancelled");
}

static void recovery__of_a_writing_call__says_again_and_since_when(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	restart(w);
	assert_int_equal(w->shop.n_calls, 2);
	assert_true(w->shop.call[1].request.again);
	assert_int_not_equal(w->shop.call[1].request.since, 0);
	assert_true(str_eq(w->shop.call[0].request.key, w->shop.call[1].request.key));
	assert_true(str_is(w->shop.call[1].request.buyer, "buyer-open"));
	late_shop_perform(&w->shop, 1, false);
	assert_said(w, "widget:a", "Done. Order A-1001 is cancelled");
	assert_int_equal(effect_of(w, 0), EFFECT_DONE);
}

static void recovery__of_a_reading_call__asks_anew(void **state)
{
	struct world *w = *state;

	w->shop.late = "";
	be(w, "widget:a", "buyer-open");
	say(w, "widget:a", "show my orders");
	restart(w);
	assert_int_equal(w->shop.n_calls, 2);
	late_shop_perform(&w->shop, 1, false);
	assert_said(w, "widget:a", "Here are your orders");
}

static void stop(void *self)
{
	loop_stop(self);
}

enum { glance_ms = 20, patience_ms = 60000 };

static void pass_glance(struct world *w)
{
	struct loop_timer timer = {0};

	loop_timer_start(w->g.loop, &timer, glance_ms, stop, w->g.loop);
	loop_run(w->g.loop);
	dispatcher_flush(w->g.dispatcher);
}

/* How long that takes is pending_test's matter: on a busy machine the loop's wall clock may be a
 * second off until it is read again, and what is due is late by as much. */
static void wait_for_call(struct world *w, unsigned n)
{
	int64_t end_ms = loop_steady_ms(w->g.loop) + patience_ms;

	while (w->shop.n_calls < n && loop_steady_ms(w->g.loop) < end_ms)
		pass_glance(w);
	assert_int_equal(w->shop.n_calls, n);
}

static void wait_until_said(struct world *w, const char *conversation, const char *words)
{
	int64_t end_ms = loop_steady_ms(w->g.loop) + patience_ms;

	while (loop_steady_ms(w->g.loop) < end_ms) {
		(void)said_last(w, conversation);
		if (strstr(w->all, words))
			return;
		pass_glance(w);
	}
	assert_said(w, conversation, words);
}

/* No answer, as the shop's client says when it has waited long enough. */
static void lose(struct world *w, unsigned call)
{
	late_shop_answer(&w->shop, call, ORDER_UNKNOWN, NULL);
}

static void no_answer__is_told_as_that__and_the_shop_is_asked_again(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	lose(w, 0);
	assert_said(w, "widget:a", "I do not know yet whether order A-1001 was cancelled");
	assert_not_said(w, "widget:a", "person");
	assert_int_equal(effect_of(w, 0), EFFECT_UNKNOWN);
	assert_int_equal(w->shop.n_calls, 1);
	wait_for_call(w, 2);
	assert_true(w->shop.call[1].request.again);
	assert_int_equal(effect_of(w, 0), EFFECT_SENT);
	late_shop_perform(&w->shop, 1, false);
	assert_said(w, "widget:a", "The shop has answered now: order A-1001 is cancelled");
	assert_int_equal(effect_of(w, 0), EFFECT_DONE);
}

static void no_answer__and_one_after_all__is_told_without_asking(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	lose(w, 0);
	late_shop_perform(&w->shop, 0, false);
	assert_said(w, "widget:a", "The shop has answered now: order A-1001 is cancelled");
	assert_int_equal(w->shop.n_calls, 1);
	assert_int_equal(effect_of(w, 0), EFFECT_DONE);
}

static void not_done__is_not_believed__while_an_earlier_try_may_be_on_its_way(void **state)
{
	struct value_builder b;
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	lose(w, 0);
	b = value_build(w->g.arena);
	value_put_text(&b, "why", S("shipped"));
	late_shop_answer(&w->shop, 0, ORDER_REFUSED, value_record(&b));
	assert_int_equal(effect_of(w, 0), EFFECT_UNKNOWN);
	late_shop_answer(&w->shop, 0, ORDER_FAILED, NULL);
	assert_int_equal(effect_of(w, 0), EFFECT_UNKNOWN);
	assert_not_said(w, "widget:a", "answered now");
}

static void outcome__of_a_sleeping_conversation__is_told_after_a_restart(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	lose(w, 0);
	dispatcher_flush(w->g.dispatcher);
	restart(w);
	assert_int_equal(w->shop.n_calls, 1);
	wait_for_call(w, 2);
	assert_true(w->shop.call[1].request.again);
	late_shop_perform(&w->shop, 1, false);
	assert_said(w, "widget:a", "The shop has answered now: order A-1001 is cancelled");
}

/* Room for one conversation: the one that was not answered goes to sleep. */
static void sleeper__is_woken_to_ask_what_became_of_it(void **state)
{
	struct world *w = *state;

	dispatcher_free(w->g.dispatcher);
	loop_free(w->g.loop);
	w->g.loop = loop_new();
	w->max_awake = 1;
	open_dispatcher(w);
	decide_to_cancel(w, "widget:a");
	lose(w, 0);
	dispatcher_flush(w->g.dispatcher);
	say(w, "widget:b", "hello");
	assert_int_equal(dispatcher_awake(w->g.dispatcher), 1);
	assert_int_equal(w->shop.n_calls, 1);
	wait_for_call(w, 2);
	late_shop_perform(&w->shop, 1, false);
	assert_said(w, "widget:a", "The shop has answered now: order A-1001 is cancelled");
}

static void same_decision__in_two_conversations__is_sent_once_and_both_hear(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	w->shop.late = NULL;
	be(w, "telegram:b", "buyer-open");
	say(w, "telegram:b", "cancel my order");
	say(w, "telegram:b", "skip");
	w->shop.late = "orders.cancel";
	say(w, "telegram:b", "yes");
	assert_int_equal(w->shop.n_calls, 1);
	late_shop_perform(&w->shop, 0, false);
	assert_said(w, "widget:a", "Done. Order A-1001 is cancelled");
	wait_until_said(w, "telegram:b", "Done. Order A-1001 is cancelled");
	assert_int_equal(w->shop.n_calls, 1);
}

/* The second is told too when the first gets no answer, the server restarts, and the shop is asked
 * what happened. */
static void same_decision__of_unknown_outcome__is_known_to_both_in_the_end(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	w->shop.late = NULL;
	be(w, "telegram:b", "buyer-open");
	say(w, "telegram:b", "cancel my order");
	say(w, "telegram:b", "skip");
	w->shop.late = "orders.cancel";
	say(w, "telegram:b", "yes");
	lose(w, 0);
	dispatcher_flush(w->g.dispatcher);
	restart(w);
	wait_for_call(w, 2);
	late_shop_perform(&w->shop, 1, false);
	assert_said(w, "widget:a", "The shop has answered now: order A-1001 is cancelled");
	wait_until_said(w, "telegram:b", "Done. Order A-1001 is cancelled");
	assert_int_equal(w->shop.n_calls, 2);
}

static void same_decision__refused_to_one__may_be_made_again(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	late_shop_answer(&w->shop, 0, ORDER_FAILED, NULL);
	assert_said(w, "widget:a", "does not answer right now");
	assert_int_equal(effect_of(w, 0), EFFECT_FAILED);
	w->shop.late = NULL;
	be(w, "telegram:b", "buyer-open");
	say(w, "telegram:b", "cancel my order");
	say(w, "telegram:b", "skip");
	say(w, "telegram:b", "yes");
	assert_said(w, "telegram:b", "Done. Order A-1001 is cancelled");
}

static void same_thing__of_another_buyer__is_refused_and_not_sent(void **state)
{
	struct store_effect old, effect = {
					 .key = S("elsewhere"),
					 .conversation = S("widget:z"),
					 .operation = S("orders.cancel"),
					 .slot = S("orders.cancel \"A-1001\""),
					 .claimed = 1,
				 };
	struct value_builder b;
	struct world *w = *state;

	b = value_build(w->g.arena);
	value_put_text(&b, "buyer", S("somebody else"));
	effect.args = value_record(&b);
	assert_true(dispatcher_write(w->g.dispatcher));
	assert_int_equal(store_claim_effect(w->g.store, &effect, w->g.arena, &old), STORE_OK);
	dispatcher_flush(w->g.dispatcher);
	decide_to_cancel(w, "widget:a");
	assert_int_equal(w->shop.n_calls, 0);
	assert_not_said(w, "widget:a", "Done");
}

/* For a day it could not be found out, and the buyer was told that a person looks. */
static struct str leave_to_a_person(struct world *w)
{
	struct store_verdict human = {.state = EFFECT_HUMAN, .now = 2, .evidence = S("no answer")};
	struct str key;

	decide_to_cancel(w, "widget:a");
	lose(w, 0);
	key = w->shop.call[0].request.key;
	assert_true(dispatcher_write(w->g.dispatcher));
	store_settle_effect(w->g.store, key, &human);
	assert_true(dispatcher_flush(w->g.dispatcher));
	restart(w);
	return key;
}

static const struct value *found_by(struct world *w, const char *because)
{
	struct value_builder b = value_build(w->g.arena);

	value_put_text(&b, "by", S("Mai"));
	if (because)
		value_put_text(&b, "why_text", str_of(because));
	return value_record(&b);
}

static void left_to_a_person__is_settled_by_name__and_the_buyer_is_told(void **state)
{
	struct world *w = *state;
	struct str key = leave_to_a_person(w);
	struct store_effect effect;

	assert_int_equal(dispatcher_settle(w->g.dispatcher, S("widget:a"), S("nothing"), true,
				 found_by(w, NULL)),
		SETTLED_NOT);
	assert_int_equal(
		dispatcher_settle(w->g.dispatcher, S("widget:a"), key, true, found_by(w, NULL)),
		SETTLED);
	assert_said(w, "widget:a", "order A-1001 is cancelled");
	assert_int_equal(store_find_effect(w->g.store, key, w->g.arena, &effect), STORE_OK);
	assert_int_equal(effect.state, EFFECT_DONE);
	assert_true(str_find(effect.evidence, S("ok, found by Mai")) > 0);
	assert_int_equal(
		dispatcher_settle(w->g.dispatcher, S("widget:a"), key, true, found_by(w, NULL)),
		SETTLED_NOT);
	assert_int_equal(w->shop.n_calls, 1);
}

static void left_to_a_person__not_done__may_be_decided_again(void **state)
{
	struct world *w = *state;
	struct str key = leave_to_a_person(w);

	assert_int_equal(dispatcher_settle(w->g.dispatcher, S("widget:a"), key, false,
				 found_by(w, "It was packed already.")),
		SETTLED);
	assert_said(w, "widget:a", "It was packed already.");
	assert_int_equal(effect_of(w, 0), EFFECT_REFUSED);
	say(w, "widget:a", "cancel order A-1001");
	say(w, "widget:a", "skip");
	say(w, "widget:a", "yes");
	assert_int_equal(w->shop.n_calls, 2);
}

/* The last try may still arrive: only that it is done can be known. */
static void left_to_a_person__is_not_settled_as_not_done__too_early(void **state)
{
	struct world *w = *state;
	struct str key = leave_to_a_person(w);
	struct store_verdict human = {
		.state = EFFECT_HUMAN, .now = 2, .doubt = loop_now_ms(w->g.loop) / 1000 - 200};

	assert_true(dispatcher_write(w->g.dispatcher));
	store_settle_effect(w->g.store, key, &human);
	assert_true(dispatcher_flush(w->g.dispatcher));
	assert_int_equal(
		dispatcher_settle(w->g.dispatcher, S("widget:a"), key, false, found_by(w, NULL)),
		SETTLED_TOO_EARLY);
	assert_int_equal(effect_of(w, 0), EFFECT_HUMAN);
	assert_int_equal(
		dispatcher_settle(w->g.dispatcher, S("widget:a"), key, true, found_by(w, NULL)),
		SETTLED);
}

static void erased_conversation__settles_its_effect_and_tells_nobody(void **state)
{
	struct world *w = *state;

	decide_to_cancel(w, "widget:a");
	dispatcher_forget(w->g.dispatcher, S("widget:a"), NULL, NULL);
	late_shop_perform(&w->shop, 0, false);
	dispatcher_flush(w->g.dispatcher);
	assert_int_equal(effect_of(w, 0), EFFECT_DONE);
	assert_false(dispatcher_standing(w->g.dispatcher, S("widget:a")).known);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(answer__that_comes_later__goes_on_with_the_flow),
		T(answer__to_a_writing_call__settles_its_effect_in_the_same_commit),
		T(answer__to_a_call_nobody_knows__does_nothing),
		T(recovery__of_a_writing_call__says_again_and_since_when),
		T(recovery__of_a_reading_call__asks_anew),
		T(no_answer__is_told_as_that__and_the_shop_is_asked_again),
		T(no_answer__and_one_after_all__is_told_without_asking),
		T(not_done__is_not_believed__while_an_earlier_try_may_be_on_its_way),
		T(outcome__of_a_sleeping_conversation__is_told_after_a_restart),
		T(sleeper__is_woken_to_ask_what_became_of_it),
		T(same_decision__in_two_conversations__is_sent_once_and_both_hear),
		T(same_decision__of_unknown_outcome__is_known_to_both_in_the_end),
		T(same_decision__refused_to_one__may_be_made_again),
		T(same_thing__of_another_buyer__is_refused_and_not_sent),
		T(left_to_a_person__is_settled_by_name__and_the_buyer_is_told),
		T(left_to_a_person__not_done__may_be_decided_again),
		T(left_to_a_person__is_not_settled_as_not_done__too_early),
		T(erased_conversation__settles_its_effect_and_tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
