/* What waits to be sent again, when the clock is set back or the program held up: no longer than it
 * had to, and no shorter. */
#include "tests/unit/dispatch/ground.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/store/store_peers.h"
#include "bot/channels/outbox_parts.h"
#include "tests/unit/moved_clock.h"

enum { hours = 3600 };

/* Nobody listens there: each request is not sent, and is tried again after about a second. */
static const char nobody[] = "http://127.0.0.1:1/";
static char address[sizeof "http://127.0.0.1:65535/"];

static size_t encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls)
{
	struct channel_call *call = arena_array(arena, struct channel_call, 1);

	(void)account, (void)peer, (void)post;
	*call = (struct channel_call){.method = S("POST"), .url = str_of(address), .body = S("{}")};
	*calls = call;
	return 1;
}

static const struct channel platform = {.name = "test",
	.limits = {.text = {200, CHANNEL_BYTES}},
	.resends = true,
	.encode = encode};
static const struct channel_seat seat = {&platform, {{"a", 1}, NULL}};

struct world {
	struct ground ground;
	struct http_client *client;
	struct outbox *outbox;
};

static void say(struct ground *g)
{
	struct value_builder body = value_build(g->arena);
	struct post post = {.n = 1, .at_ms = 1, .who = POST_BOT};
	struct store_peer peer = {.conversation = S("a:1"),
		.account = S("a"),
		.peer = S("1"),
		.heard_ms = loop_now_ms(g->loop)};

	value_put_text(&body, "text", S("hello"));
	post.body = value_record(&body);
	assert_int_equal(store_begin(g->store), STORE_OK);
	store_hear_peer(g->store, &peer);
	store_add_post(g->store, S("a:1"), &post);
	store_wake_peer(g->store, S("a:1"), loop_now_ms(g->loop));
	assert_int_equal(store_commit(g->store), STORE_OK);
}

static void open_outbox(struct world *w)
{
	struct dispatcher_setup setup = ground_setup(&w->ground);

	w->client = http_client_new(
		&(struct http_client_setup){.loop = w->ground.loop, .allow_loopback = true});
	w->outbox = outbox_new(&(struct outbox_setup){.loop = w->ground.loop,
		.store = w->ground.store,
		.client = w->client,
		.seat = &seat,
		.n_seats = 1,
		.secret = S("secret of the server")});
	w->ground.dispatcher = dispatcher_new(&setup);
	outbox_start(w->outbox, w->ground.dispatcher);
}

static void close_outbox(struct world *w)
{
	outbox_free(w->outbox);
	dispatcher_free(w->ground.dispatcher);
	w->ground.dispatcher = NULL;
	http_client_free(w->client);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	shift_s = 0;
	strcpy(address, nobody);
	ground_open(&w->ground, "demo", NULL);
	say(&w->ground);
	open_outbox(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	close_outbox(w);
	ground_close(&w->ground);
	free(w);
	return 0;
}

static void end_loop(void *loop)
{
	loop_stop(loop);
}

static void run_for(struct world *w, int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(w->ground.loop, &timer, ms, end_loop, w->ground.loop);
	loop_run(w->ground.loop);
}

static struct store_peer peer_of(struct world *w)
{
	struct store_peer peer;

	assert_int_equal(store_peer(w->ground.store, S("a:1"), w->ground.arena, &peer), STORE_OK);
	return peer;
}

static int64_t tries(struct world *w)
{
	return peer_of(w).tries;
}

enum { glance_ms = 20, patience_ms = 60000 };

/* What is due may take its time. */
static void wait_for_tries(struct world *w, int64_t n)
{
	for (int ms = 0; ms < patience_ms && tries(w) < n; ms += glance_ms)
		run_for(w, glance_ms);
	assert_int_equal(tries(w), n);
}

/* @claimed: it is on its way */
static void wait_for_claim(struct world *w, bool claimed)
{
	for (int ms = 0; ms < patience_ms && peer_of(w).claimed != claimed; ms += glance_ms)
		run_for(w, glance_ms);
	assert_int_equal(peer_of(w).claimed, claimed);
}

/* As if it had been tried so often, so that the waits are long beside what a busy machine takes. */
static void set_tried(struct world *w, int64_t times, int64_t wait_ms)
{
	struct store_peer peer = peer_of(w);

	peer.tries = times;
	peer.next_ms = loop_now_ms(w->ground.loop) + wait_ms;
	assert_int_equal(store_begin(w->ground.store), STORE_OK);
	store_put_peer(w->ground.store, &peer);
	assert_int_equal(store_commit(w->ground.store), STORE_OK);
}

static void retry__when_the_clock_is_set_back__comes_as_soon(void **state)
{
	struct world *w = *state;

	set_tried(w, 5, 30 * 1000);
	run_for(w, 300);
	shift_s = -2 * hours;
	held_s += 20;
	outbox_posted(w->outbox, S("a:2")); /* the clocks are looked at */
	run_for(w, 300);
	assert_int_equal(tries(w), 5);
	held_s += 10; /* the rest of it */
	wait_for_tries(w, 6);
}

static void restart_with_the_clock_set_back(struct world *w)
{
	close_outbox(w);
	loop_free(w->ground.loop);
	shift_s = -60 * hours;
	w->ground.loop = loop_new();
	open_outbox(w);
}

static void retry__when_the_clock_was_set_back_before_the_start__comes(void **state)
{
	struct world *w = *state;

	set_tried(w, 5, 30 * 1000);
	run_for(w, 300);
	restart_with_the_clock_set_back(w);
	wait_for_tries(w, 6);
}

/* A day of trying is what is given up after, not a day of the calendar. */
static void retry__when_the_clock_is_set_forward__is_not_given_up(void **state)
{
	struct world *w = *state;

	run_for(w, 300);
	assert_int_equal(tries(w), 1);
	shift_s = 60 * hours;
	run_for(w, 1800);
	assert_int_equal(tries(w), 2);
	assert_int_equal(peer_of(w).shown, 0);
}

static void retry__when_the_clock_was_years_ahead__is_given_up_after_a_day_all_the_same(
	void **state)
{
	struct world *w = *state;

	run_for(w, 300);
	assert_int_equal(tries(w), 1);
	restart_with_the_clock_set_back(w);
	run_for(w, 6000);
	assert_int_equal(tries(w), 2);
	assert_true(peer_of(w).since_ms <= loop_now_ms(w->ground.loop));
}

/* In one turn of the loop, which takes what the clocks said at its beginning for now. */
static void be_held_up(void *self)
{
	held_s += 20;
	outbox_run_round(self);
}

static void retry__when_the_program_was_held_up__comes_no_sooner(void **state)
{
	struct world *w = *state;
	struct loop_timer timer = {0};

	set_tried(w, 5, 30 * 1000);
	loop_timer_start(w->ground.loop, &timer, 1, be_held_up, w->outbox);
	run_for(w, 100);
	outbox_posted(w->outbox, S("a:2")); /* somebody else is told something */
	run_for(w, 300);
	assert_int_equal(tries(w), 5);
	held_s += 10; /* the rest of it */
	wait_for_tries(w, 6);
}

/* Somebody who takes requests and answers none: a socket that listens. */
static int open_silence(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof at;
	int silence = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(silence, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(silence, 8), 0);
	assert_int_equal(getsockname(silence, (struct sockaddr *)&at, &n), 0);
	snprintf(address, sizeof address, "http://127.0.0.1:%d/", ntohs(at.sin_port));
	return silence;
}

static void retry__when_the_clock_is_set_back_during_a_request__waits_as_always(void **state)
{
	struct world *w = *state;
	int silence = open_silence();

	set_tried(w, 4, 0);
	wait_for_claim(w, true);
	shift_s = -2 * hours;
	held_s += 1; /* libev asks the wall clock once in a while only */
	close(silence);
	wait_for_claim(w, false);
	assert_int_equal(tries(w), 5);
	held_s += 20; /* the fifth wait is 16 s, more or less */
	wait_for_tries(w, 6);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(retry__when_the_clock_is_set_back__comes_as_soon),
		T(retry__when_the_clock_was_set_back_before_the_start__comes),
		T(retry__when_the_clock_is_set_forward__is_not_given_up),
		T(retry__when_the_clock_was_years_ahead__is_given_up_after_a_day_all_the_same),
		T(retry__when_the_program_was_held_up__comes_no_sooner),
		T(retry__when_the_clock_is_set_back_during_a_request__waits_as_always),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
