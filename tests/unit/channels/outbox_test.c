/* What is sent to a platform next, and when again: the same at every try, whatever was in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bot/channels/outbox_next.h"

static struct arena *arena;
static struct store *store;
static struct buf error;

/* A platform that has two requests a message: one for manners before it, and one that counts. */
static size_t encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *into, const struct channel_call **calls)
{
	struct channel_call *call = arena_array(into, struct channel_call, 2);
	bool manners = account->value[0].n > 0;
	size_t n = 0;

	if (str_is(value_get_text(post->body, "text"), "secret"))
		return 0;
	if (manners)
		call[n++] = (struct channel_call){.url = S("manners"), .optional = true};
	call[n++] =
		(struct channel_call){.url = value_get_text(post->body, "text"), .body = peer->key};
	*calls = call;
	return n;
}

static const struct channel platform = {
	.name = "test", .limits = {.text = {20, CHANNEL_BYTES}}, .encode = encode};
static struct str value[1];
static const struct channel_seat seat = {&platform, {{"a", 1}, value}};
static struct store_peer peer;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(4 << 20);
	buf_init(&error, 1000);
	value[0] = S("");
	peer = (struct store_peer){.conversation = S("a:1"), .account = S("a"), .peer = S("1")};
	return store_open(NULL, &store, &error) == STORE_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	buf_release(&error);
	arena_free(arena);
	return 0;
}

static void say(enum post_who who, const char *text)
{
	struct value_builder body = value_build(arena);
	struct post post = {.who = who};

	value_put_text(&body, "text", str_of(text));
	post.body = value_record(&body);
	assert_int_equal(store_last_post(store, S("a:1"), &post.n), STORE_OK);
	post.n++;
	post.at_ms = post.n;
	assert_int_equal(store_begin(store), STORE_OK);
	store_add_post(store, S("a:1"), &post);
	assert_int_equal(store_commit(store), STORE_OK);
}

static struct outbox_next next(void)
{
	struct outbox_setup setup = {.store = store, .secret = S("secret of the server")};

	return outbox_next(&setup, &seat, &peer, 1000, arena);
}

static void is_next(const char *text, int64_t post, bool last)
{
	struct outbox_next n = next();

	assert_int_equal(n.kind, OUTBOX_POST);
	assert_string_equal(arena_cstr(arena, n.call.url), text);
	assert_int_equal(n.post, post);
	assert_int_equal(n.last, last);
}

static void next__is__the_first_post_that_is_not_the_buyers(void **state)
{
	(void)state;
	assert_int_equal(next().kind, OUTBOX_NOTHING);
	say(POST_BUYER, "hi");
	assert_int_equal(next().kind, OUTBOX_NOTHING);
	assert_int_equal(peer.shown, 1);
	say(POST_BOT, "hello");
	say(POST_BOT, "what can I do?");
	is_next("hello", 2, true);
	is_next("hello", 2, true); /* until it is shown */
	peer.shown = 2;
	is_next("what can I do?", 3, true);
	peer.shown = 3;
	assert_int_equal(next().kind, OUTBOX_NOTHING);
}

static void next__goes_past__what_the_platform_does_not_show(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) /* more than a page of the transcript */
		say(i % 2 ? POST_BOT : POST_BUYER, "secret");
	say(POST_PERSON, "I am here");
	is_next("I am here", 21, true);
	assert_int_equal(peer.shown, 20);
}

static void next__of_a_long_post__counts_its_parts(void **state)
{
	(void)state;
	say(POST_BOT, "First sentence. Second sentence. Third one.");
	is_next("First sentence.", 1, false);
	peer.part = 1;
	is_next("Second sentence.", 1, false);
	peer.part = 2;
	is_next("Third one.", 1, true);
	peer.part = 3; /* it was cut in another way before: all is shown */
	assert_int_equal(next().kind, OUTBOX_NOTHING);
	assert_int_equal(peer.shown, 1);
	assert_int_equal(peer.part, 0);
}

/* A codec may have manners today and none tomorrow: what counts keeps its number. */
static void next__counts__no_manners(void **state)
{
	struct outbox_next n;

	(void)state;
	say(POST_BOT, "First sentence. Second sentence.");
	value[0] = S("manners");
	n = next();
	assert_int_equal(n.n_manners, 1);
	assert_string_equal(arena_cstr(arena, n.call.url), "First sentence.");
	peer.part = 1;
	is_next("Second sentence.", 1, true);
	value[0] = S("");
	is_next("Second sentence.", 1, true);
	assert_int_equal(next().n_manners, 0);
}

static void key__is__the_same_at_each_try_and_of_no_other(void **state)
{
	struct outbox_setup other = {.store = store, .secret = S("another secret")};
	struct str first, second;

	(void)state;
	say(POST_BOT, "First sentence. Second sentence.");
	first = next().call.body;
	assert_int_equal(first.n, 32);
	assert_true(str_eq(first, next().call.body));
	peer.tries = 5;
	peer.ticket = S("another");
	assert_true(str_eq(first, next().call.body));
	peer.part = 1;
	second = next().call.body;
	assert_false(str_eq(first, second));
	assert_false(str_eq(first, outbox_next(&other, &seat, &peer, 1000, arena).call.body));
}

static void again__doubles__up_to_five_minutes_with_a_quarter_of_chance(void **state)
{
	static const int64_t wait[] = {
		1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000};

	(void)state;
	for (size_t i = 0; i < sizeof(wait) / sizeof(*wait); i++) {
		int64_t least = INT64_MAX, most = 0;

		for (uint64_t salt = 0; salt < 200000; salt += 7) {
			int64_t at = outbox_again_ms(0, (int64_t)i + 1, -1, salt);

			least = at < least ? at : least;
			most = at > most ? at : most;
		}
		assert_true(least >= wait[i] * 3 / 4 && most <= wait[i] * 5 / 4);
		assert_true(most - least > wait[i] / 4);
	}
	assert_true(outbox_again_ms(0, INT64_MAX, -1, UINT64_MAX) <= 375000);
}

static void again__waits__as_long_as_the_platform_says_but_no_more_than_a_day(void **state)
{
	(void)state;
	assert_int_equal(outbox_again_ms(500, 1, 60000, 1), 60500);
	assert_true(outbox_again_ms(0, 1, 10, 1) >= 750); /* never sooner than without */
	assert_int_equal(outbox_again_ms(0, 1, INT64_MAX, 1), 24 * 3600 * 1000);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(next__is__the_first_post_that_is_not_the_buyers),
		T(next__goes_past__what_the_platform_does_not_show),
		T(next__of_a_long_post__counts_its_parts),
		T(next__counts__no_manners),
		T(key__is__the_same_at_each_try_and_of_no_other),
		T(again__doubles__up_to_five_minutes_with_a_quarter_of_chance),
		T(again__waits__as_long_as_the_platform_says_but_no_more_than_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
