/* The host: calls, time, notices, what is stored when, and what a kill leaves. */
#include "tests/unit/engine/talk.h"

#include "adapters/store/store_driver.h"
#include "bot/host/host.h"

static const char writes[] =
	"{\"flow\":\"cancel_order\",\"version\":1,\"title\":\"Cancel\",\"starts_on\":[\"cancel_"
	"order\"],\"first\":\"do_it\","
	"\"steps\":{"
	"\"do_it\":{\"call\":\"returns.set_tracking\",\"send\":{\"return\":\"\\\"A-1\\\"\","
	"\"number\":\"\\\"1\\\"\"},\"only_once\":"
	"\"cancel A-1\","
	"\"within\":\"20s\",\"then\":\"done\",\"on\":{\"refused\":\"late\",\"failed\":\"down\","
	"\"unknown\":\"unsure\","
	"\"slow\":\"moment\"}},"
	"\"done\":{\"say\":\"done\",\"watch\":{\"event\":\"refund.updated\",\"of\":\"\\\"A-1\\\"\","
	"\"starts\":\"news\"},"
	"\"note\":\"cancelled\",\"then\":\"end\"},"
	"\"late\":{\"say\":\"late\",\"then\":\"end\"},\"down\":{\"say\":\"down\",\"then\":\"end\"},"
	"\"unsure\":{\"say\":\"unsure\",\"then\":\"end\"},\"moment\":{\"say\":\"moment\",\"then\":"
	"\"wait_on\"}}}";
static const char reads[] =
	"{\"flow\":\"return_item\",\"version\":1,\"title\":\"Read\",\"starts_on\":[\"return_item\"]"
	",\"first\":\"look\","
	"\"steps\":{"
	"\"look\":{\"call\":\"shop.info\",\"save\":\"info\",\"within\":\"8s\",\"then\":\"tell\","
	"\"on\":{\"failed\":\"down\",\"slow\":\"moment\"}},"
	"\"tell\":{\"say\":\"shop "
	"{info.name}\",\"then\":\"end\"},\"down\":{\"say\":\"down\",\"then\":\"end\"},"
	"\"moment\":{\"say\":\"moment\",\"then\":\"wait_on\"}},\"slots\":{\"info\":{\"is\":\"any\"}"
	"}}";
static const char asks[] = "{\"flow\":\"policy_refund\",\"version\":1,\"title\":\"Ask\",\"starts_"
			   "on\":[\"policy_refund\"],\"first\":\"q\","
			   "\"slots\":{\"a\":{\"is\":\"text\"}},\"steps\":{"
			   "\"q\":{\"ask\":\"question\",\"into\":\"a\",\"then\":\"end\",\"on\":{"
			   "\"no_reply 10m\":\"park\"}},"
			   "\"park\":{\"say\":\"parked\",\"then\":\"pause\"}}}";
static const char news[] =
	"{\"flow\":\"news\",\"kind\":\"repair\",\"version\":1,\"title\":\"News\",\"first\":"
	"\"tell\","
	"\"slots\":{\"notice\":{\"is\":\"any\",\"lent\":true}},"
	"\"steps\":{\"tell\":{\"say\":\"news {notice.state}\",\"then\":\"end\"}}}";
static const char lost[] =
	"{\"flow\":\"repair/"
	"error\",\"kind\":\"repair\",\"version\":1,\"title\":\"Error\",\"first\":\"tell\","
	"\"steps\":{\"tell\":{\"say\":\"error\",\"then\":\"end\"}}}";

static const int64_t start_ms = 1740823200000;

/* A shop whose answers, slowness and news the test decides. */
struct fake_shop {
	struct order_api api;
	struct store *store; /* looked into when a writing call arrives */
	enum order_outcome outcome;
	int64_t took_ms;
	unsigned n_calls;
	char key[4][80];
	bool was_claimed;
	unsigned n_notices, n_taken;
	int64_t now, due;
	bool stuck; /* its next doing is never over */
};

static enum order_outcome fake_call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct fake_shop *shop = (struct fake_shop *)api;
	struct value_builder b = value_build(arena);
	struct store_effect effect;

	assert_in_range(shop->n_calls, 0, 3);
	snprintf(shop->key[shop->n_calls++], sizeof shop->key[0], "%.*s", STR(request->key));
	if (shop->store && request->key.n)
		shop->was_claimed =
			store_find_effect(shop->store, request->key, arena, &effect) == STORE_OK &&
			effect.state == EFFECT_SENT;
	value_put_text(&b, "name", S("Larkspur"));
	answer->value = shop->outcome == ORDER_OK ? value_record(&b) : &value_none;
	answer->took_ms = shop->took_ms;
	return shop->outcome;
}

static bool fake_next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct fake_shop *shop = (struct fake_shop *)api;
	struct value_builder b = value_build(arena);

	if (shop->n_taken == shop->n_notices || after >= shop->n_notices)
		return false;
	value_put_text(&b, "order", S("A-1"));
	value_put_text(&b, "state", S("paid"));
	*notice = (struct order_notice){
		.id = (after > shop->n_taken ? after : shop->n_taken) + 1,
		.at = shop->now,
		.event = S("refund.updated"),
		.buyer = S("me"),
		.fields = value_record(&b),
	};
	return true;
}

static void fake_notice_taken(struct order_api *api, int64_t id)
{
	struct fake_shop *shop = (struct fake_shop *)api;

	assert_int_equal(id, shop->n_taken + 1);
	shop->n_taken++;
}

static bool fake_advance(struct order_api *api, int64_t to)
{
	struct fake_shop *shop = (struct fake_shop *)api;

	if (to > shop->now)
		shop->now = to;
	if (shop->due && shop->now >= shop->due && !shop->stuck) {
		shop->due = 0;
		shop->n_notices++;
	}
	return true;
}

static int64_t fake_next_due(struct order_api *api)
{
	return ((struct fake_shop *)api)->due;
}

/* A store whose commits fail when the test wants it. */
static bool disk_is_full;
static enum store_status (*real_commit)(struct store *store);

static enum store_status failing_commit(struct store *store)
{
	if (!disk_is_full)
		return real_commit(store);
	store_rollback(store);
	return STORE_FULL;
}

struct desk {
	struct arena *arena;
	struct model *model;
	struct fake_shop shop;
	struct store *store;
	struct store_driver driver;
	struct host *host;
	int64_t begin_ms;
};

static void desk_open(struct desk *desk, bool fresh)
{
	struct host_setup setup = {
		.model = desk->model,
		.shop = &desk->shop.api,
		.store = desk->store,
		.conversation = S("c"),
		.channel = S("test"),
		.language = S("en"),
		.now_ms = desk->begin_ms,
		.fresh = fresh,
	};
	struct buf error;

	buf_init(&error, 400);
	desk->host = host_open(&setup, &error);
	if (!desk->host)
		fail_msg("%s", error.p);
	buf_release(&error);
}

static void sign_in(struct desk *desk)
{
	assert_non_null(
		host_turn(desk->host, &(struct event){.kind = EVENT_BUYER, .name = S("me")}));
}

static struct desk *desk_new(bool with_store)
{
	static const char *const flows[] = {writes, reads, asks, news, lost};
	struct desk *desk = calloc(1, sizeof *desk);
	struct buf error;

	assert_non_null(desk);
	desk->arena = arena_new(16 << 20);
	desk->model = talk_model(desk->arena, flows, 5, NULL);
	desk->shop.api = (struct order_api){
		fake_call, fake_next_notice, fake_notice_taken, fake_advance, fake_next_due, NULL};
	if (with_store) {
		buf_init(&error, 400);
		assert_int_equal(store_open(NULL, &desk->store, &error), STORE_OK);
		buf_release(&error);
		disk_is_full = false;
		desk->driver = *desk->store->driver;
		real_commit = desk->driver.commit;
		desk->driver.commit = failing_commit;
		desk->store->driver = &desk->driver;
		desk->shop.store = desk->store;
	}
	desk->begin_ms = start_ms;
	desk_open(desk, false);
	sign_in(desk);
	return desk;
}

static void desk_free(struct desk *desk)
{
	host_close(desk->host);
	store_close(desk->store);
	model_unref(desk->model);
	arena_free(desk->arena);
	free(desk);
}

static const struct host_turn *say(struct desk *desk, const char *text)
{
	return host_turn(desk->host, &(struct event){.kind = EVENT_TEXT, .text = str_of(text)});
}

static const struct host_turn *after(struct desk *desk, int64_t ms)
{
	return host_advance(desk->host, host_now(desk->host) + ms);
}

/* All bubbles of a turn, separated by '|'. */
static void expect_said(const struct host_turn *turn, const char *wanted)
{
	struct buf said;

	buf_init(&said, 4000);
	assert_non_null(turn);
	for (size_t i = 0; i < turn->n_effects; i++)
		if (turn->effect[i].kind == EFFECT_SAY)
			buf_addf(&said, "%s%.*s", said.n ? "|" : "", STR(turn->effect[i].say.text));
	assert_string_equal(said.n ? said.p : "", wanted);
	buf_release(&said);
}

/* --- calls and time --- */

static void host_turn__holds_all__when_the_shop_is_quick(void **state)
{
	struct desk *desk = desk_new(false);
	const struct host_turn *turn = say(desk, "send it back");

	(void)state;
	expect_said(turn, "shop Larkspur");
	assert_int_equal(turn->n_calls, 1);
	assert_true(turn->call[0].made && turn->call[0].answered);
	assert_int_equal(turn->call[0].outcome, OUTCOME_OK);
	assert_int_equal(turn->now_ms, start_ms);
	assert_int_equal(turn->n_traces, 2);
	desk_free(desk);
}

static void host_turn__lets_time_pass__when_the_shop_takes_two_seconds(void **state)
{
	struct desk *desk = desk_new(false);
	const struct host_turn *turn;

	(void)state;
	desk->shop.took_ms = 2000;
	turn = say(desk, "send it back");
	expect_said(turn, "shop Larkspur");
	assert_int_equal(turn->now_ms, start_ms + 2000);
	desk_free(desk);
}

static void host_turn__says_slow_and_ends__when_the_shop_takes_longer(void **state)
{
	struct desk *desk = desk_new(false);
	const struct host_turn *turn;

	(void)state;
	desk->shop.took_ms = 5000;
	turn = say(desk, "send it back");
	expect_said(turn, "moment");
	assert_true(turn->call[0].made && !turn->call[0].answered);
	assert_int_equal(turn->now_ms, start_ms + 3000);
	expect_said(after(desk, 1999), "");
	turn = after(desk, 1);
	expect_said(turn, "shop Larkspur");
	assert_int_equal(turn->n_calls, 1);
	assert_true(!turn->call[0].made && turn->call[0].answered);
	assert_string_equal(turn->call[0].op->name, "shop.info");
	desk_free(desk);
}

static void host_advance__gives_up_at_the_deadline__and_the_late_answer_changes_nothing(
	void **state)
{
	struct desk *desk = desk_new(true);
	struct store_effect effect;

	(void)state;
	desk->shop.took_ms = 60000;
	expect_said(say(desk, "cancel it"), "moment");
	expect_said(after(desk, 16999), "");
	expect_said(after(desk, 1), "unsure");
	expect_said(after(desk, 60000), "");
	assert_int_equal(
		store_find_effect(desk->store, str_of(desk->shop.key[0]), desk->arena, &effect),
		STORE_OK);
	assert_int_equal(effect.state, EFFECT_DONE);
	desk_free(desk);
}

static void host_advance__keeps_the_order_of_time__between_timers_and_the_shop(void **state)
{
	struct desk *desk = desk_new(false);

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	expect_said(say(desk, "how long refund"), "question");
	desk->shop.due = start_ms / 1000 + 300;
	expect_said(after(desk, 3600000), "news paid|question|parked");
	assert_int_equal(host_now(desk->host), start_ms + 3600000);
	desk_free(desk);
}

static void host_advance__ends__when_the_shop_never_gets_past_its_own_time(void **state)
{
	struct desk *desk = desk_new(false);

	(void)state;
	desk->shop.due = start_ms / 1000 + 5;
	desk->shop.stuck = true;
	expect_said(after(desk, 3600000), "");
	assert_int_equal(host_now(desk->host), start_ms + 5000);
	desk_free(desk);
}

static void host_advance__does_nothing__for_a_time_that_has_passed(void **state)
{
	struct desk *desk = desk_new(false);

	(void)state;
	expect_said(host_advance(desk->host, start_ms - 5000), "");
	assert_int_equal(host_now(desk->host), start_ms);
	desk_free(desk);
}

/* --- what is stored --- */

static void host_turn__claims_a_writing_call__before_it_leaves(void **state)
{
	struct desk *desk = desk_new(true);
	struct store_effect effect;

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	assert_true(desk->shop.was_claimed);
	assert_int_equal(
		store_find_effect(desk->store, str_of(desk->shop.key[0]), desk->arena, &effect),
		STORE_OK);
	assert_int_equal(effect.state, EFFECT_DONE);
	desk_free(desk);
}

static void count_note(void *self, const struct store_note *note)
{
	*(unsigned *)self += str_is(note->name, "cancelled");
}

static void host_turn__keeps_notes_once(void **state)
{
	struct desk *desk = desk_new(true);
	unsigned n = 0;

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	expect_said(say(desk, "send it back"), "shop Larkspur");
	assert_int_equal(store_notes(desk->store, S(""), 0, count_note, &n), STORE_OK);
	assert_int_equal(n, 1);
	desk_free(desk);
}

static void host_turn__sends_nothing__when_it_cannot_be_written_down(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	disk_is_full = true;
	assert_null(say(desk, "cancel it"));
	assert_int_equal(desk->shop.n_calls, 0);
	assert_true(strlen(host_error(desk->host)) > 0);
	disk_is_full = false;
	expect_said(say(desk, "cancel it"), "done");
	assert_int_equal(desk->shop.n_calls, 1);
	desk_free(desk);
}

static void host_turn__is_undone__when_it_cannot_be_stored(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	disk_is_full = true;
	assert_null(say(desk, "how long refund"));
	assert_int_equal(host_session(desk->host)->n_frames, 0);
	disk_is_full = false;
	expect_said(say(desk, "how long refund"), "question");
	assert_string_equal(host_error(desk->host), "");
	desk_free(desk);
}

static void same_decision__has_one_key__and_another_conversation_another(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.outcome = ORDER_REFUSED;
	expect_said(say(desk, "cancel it"), "late");
	expect_said(say(desk, "cancel it"), "late");
	assert_string_equal(desk->shop.key[0], desk->shop.key[1]);
	host_close(desk->host);
	desk->begin_ms++;
	desk_open(desk, true);
	assert_false(host_taken_up(desk->host));
	sign_in(desk);
	expect_said(say(desk, "cancel it"), "late");
	assert_string_not_equal(desk->shop.key[0], desk->shop.key[2]);
	desk_free(desk);
}

/* --- notices --- */

static void notice__is_told_and_taken__when_it_was_promised(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	desk->shop.n_notices = 1;
	expect_said(after(desk, 1000), "news paid");
	assert_int_equal(desk->shop.n_taken, 1);
	expect_said(after(desk, 1000), "");
	desk_free(desk);
}

static void notice__is_told_once__when_the_kill_came_before_it_was_taken(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	desk->shop.n_notices = 1;
	expect_said(after(desk, 1000), "news paid");
	desk->shop.n_taken = 0;
	host_close(desk->host);
	desk_open(desk, false);
	expect_said(after(desk, 1000), "");
	assert_int_equal(desk->shop.n_taken, 1);
	desk_free(desk);
}

static void notice__is_not_taken__when_it_cannot_be_stored(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	desk->shop.n_notices = 1;
	disk_is_full = true;
	assert_null(after(desk, 1000));
	assert_int_equal(desk->shop.n_taken, 0);
	disk_is_full = false;
	expect_said(after(desk, 1000), "news paid");
	desk_free(desk);
}

static void notice__waits__while_a_call_is_under_way(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	expect_said(say(desk, "cancel it"), "done");
	desk->shop.took_ms = 5000;
	expect_said(say(desk, "send it back"), "moment");
	desk->shop.n_notices = 1;
	expect_said(after(desk, 1000), "");
	assert_int_equal(desk->shop.n_taken, 0);
	expect_said(after(desk, 1000), "shop Larkspur|news paid");
	desk_free(desk);
}

static void notice__that_nobody_here_waits_for__is_left_for_others(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.n_notices = 2;
	expect_said(after(desk, 1000), "");
	assert_int_equal(desk->shop.n_taken, 0);
	desk_free(desk);
}

static void notice__from_before_the_promise__is_not_told(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.n_notices = 1;
	expect_said(after(desk, 5000), "");
	expect_said(say(desk, "cancel it"), "done");
	host_close(desk->host);
	desk_open(desk, false);
	desk->shop.now = start_ms / 1000 - 1; /* when it was */
	expect_said(host_advance(desk->host, host_now(desk->host)), "");
	assert_int_equal(desk->shop.n_taken, 0);
	desk_free(desk);
}

/* --- after a kill --- */

static void reopen(struct desk *desk)
{
	host_close(desk->host);
	desk_open(desk, false);
	assert_true(host_taken_up(desk->host));
}

static void host_open__takes_the_conversation_up(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	expect_said(say(desk, "how long refund"), "question");
	reopen(desk);
	assert_null(host_recover(desk->host, desk->begin_ms));
	assert_string_equal(host_error(desk->host), "");
	assert_int_equal(host_session(desk->host)->n_frames, 1);
	assert_true(str_is(host_session(desk->host)->buyer, "me"));
	expect_said(after(desk, 600000), "parked");
	desk_free(desk);
}

static void host_recover__asks_under_the_same_key__what_became_of_a_writing_call(void **state)
{
	struct desk *desk = desk_new(true);
	const struct host_turn *turn;

	(void)state;
	desk->shop.took_ms = 60000;
	expect_said(say(desk, "cancel it"), "moment");
	desk->shop.took_ms = 0;
	reopen(desk);
	turn = host_recover(desk->host, desk->begin_ms);
	expect_said(turn, "done");
	assert_int_equal(desk->shop.n_calls, 2);
	assert_string_equal(desk->shop.key[0], desk->shop.key[1]);
	assert_int_equal(turn->n_calls, 1);
	assert_false(turn->call[0].made);
	reopen(desk);
	assert_null(host_recover(desk->host, desk->begin_ms));
	assert_int_equal(desk->shop.n_calls, 2);
	desk_free(desk);
}

static void host_recover__does_not_send_again__what_was_told_as_unknown(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.outcome = ORDER_UNKNOWN;
	expect_said(say(desk, "cancel it"), "unsure");
	reopen(desk);
	assert_null(host_recover(desk->host, desk->begin_ms));
	assert_int_equal(desk->shop.n_calls, 1);
	desk_free(desk);
}

static void host_recover__reads_again__what_was_being_read(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.took_ms = 5000;
	expect_said(say(desk, "send it back"), "moment");
	desk->shop.took_ms = 0;
	reopen(desk);
	expect_said(host_recover(desk->host, desk->begin_ms), "shop Larkspur");
	assert_int_equal(desk->shop.n_calls, 2);
	desk_free(desk);
}

/* The time that the program was away is not the shop's. */
static void host_recover__gives_a_read_its_whole_time_again(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.took_ms = 5000;
	expect_said(say(desk, "send it back"), "moment");
	desk->begin_ms = start_ms + 60000;
	reopen(desk);
	expect_said(host_recover(desk->host, desk->begin_ms), "");
	expect_said(after(desk, 5000), "shop Larkspur");
	assert_int_equal(desk->shop.n_calls, 2);
	desk_free(desk);
}

static void host_recover__gives_a_read_no_more_than_its_time(void **state)
{
	struct desk *desk = desk_new(true);

	(void)state;
	desk->shop.took_ms = 60000;
	expect_said(say(desk, "send it back"), "moment");
	desk->begin_ms = start_ms + 60000;
	reopen(desk);
	expect_said(host_recover(desk->host, desk->begin_ms), "");
	expect_said(after(desk, 4000), "");
	reopen(desk); /* killed again */
	expect_said(host_recover(desk->host, desk->begin_ms), "");
	expect_said(after(desk, 7900), "");
	expect_said(after(desk, 200), "down");
	assert_int_equal(desk->shop.n_calls, 3);
	desk_free(desk);
}

static void host_restart__is_like_a_kill__without_a_store(void **state)
{
	struct desk *desk = desk_new(false);

	(void)state;
	desk->shop.took_ms = 60000;
	expect_said(say(desk, "cancel it"), "moment");
	desk->shop.took_ms = 0;
	assert_true(host_restart(desk->host));
	expect_said(host_recover(desk->host, desk->begin_ms), "done");
	assert_string_equal(desk->shop.key[0], desk->shop.key[1]);
	desk_free(desk);
}

static void host_open__refuses__bytes_that_it_cannot_read(void **state)
{
	struct desk *desk = desk_new(true);
	struct host_setup setup = {.model = desk->model,
		.shop = &desk->shop.api,
		.store = desk->store,
		.conversation = S("c"),
		.channel = S("test"),
		.language = S("en")};
	struct buf error;

	(void)state;
	assert_int_equal(store_begin(desk->store), STORE_OK);
	store_save_session(desk->store, S("c"), S("no session"), 0, 0);
	assert_int_equal(store_commit(desk->store), STORE_OK);
	buf_init(&error, 400);
	assert_null(host_open(&setup, &error));
	assert_non_null(strstr(error.p, "--fresh"));
	buf_release(&error);
	desk_free(desk);
}

static void host_put_session__goes_back__and_forgets_calls_under_way(void **state)
{
	struct desk *desk = desk_new(true);
	struct session *before = session_copy(desk->arena, host_session(desk->host));

	(void)state;
	desk->shop.took_ms = 5000;
	expect_said(say(desk, "send it back"), "moment");
	assert_true(host_put_session(desk->host, before));
	expect_said(after(desk, 60000), "");
	assert_int_equal(host_session(desk->host)->n_frames, 0);
	desk_free(desk);
}

/* A model is kept for five more.  A session that nobody has used since points to nothing in it. */
static void host_use_model__keeps_the_conversation__however_often(void **state)
{
	static const char *const flows[] = {writes, reads, asks, news, lost};
	struct desk *desk = desk_new(false);

	(void)state;
	expect_said(say(desk, "how long refund"), "question");
	for (int i = 0; i < 8; i++) {
		struct model *before = desk->model;

		desk->model = talk_model(desk->arena, flows, 5, before);
		model_unref(before);
		host_use_model(desk->host, desk->model);
	}
	assert_int_equal(host_session(desk->host)->n_frames, 1);
	expect_said(after(desk, 600000), "parked");
	desk_free(desk);
}

static void event__with_an_id_seen_before__is_ignored(void **state)
{
	struct desk *desk = desk_new(false);
	struct event event = {.kind = EVENT_TEXT, .text = S("how long refund"), .id = S("m1")};

	(void)state;
	expect_said(host_turn(desk->host, &event), "question");
	assert_true(host_turn(desk->host, &event)->ignored);
	expect_said(host_turn(desk->host, &event), "");
	desk_free(desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_use_model__keeps_the_conversation__however_often),
		cmocka_unit_test(host_turn__holds_all__when_the_shop_is_quick),
		cmocka_unit_test(host_turn__lets_time_pass__when_the_shop_takes_two_seconds),
		cmocka_unit_test(host_turn__says_slow_and_ends__when_the_shop_takes_longer),
		cmocka_unit_test(
			host_advance__gives_up_at_the_deadline__and_the_late_answer_changes_nothing),
		cmocka_unit_test(
			host_advance__keeps_the_order_of_time__between_timers_and_the_shop),
		cmocka_unit_test(host_advance__ends__when_the_shop_never_gets_past_its_own_time),
		cmocka_unit_test(host_advance__does_nothing__for_a_time_that_has_passed),
		cmocka_unit_test(host_turn__claims_a_writing_call__before_it_leaves),
		cmocka_unit_test(host_turn__keeps_notes_once),
		cmocka_unit_test(host_turn__sends_nothing__when_it_cannot_be_written_down),
		cmocka_unit_test(host_turn__is_undone__when_it_cannot_be_stored),
		cmocka_unit_test(same_decision__has_one_key__and_another_conversation_another),
		cmocka_unit_test(notice__is_told_and_taken__when_it_was_promised),
		cmocka_unit_test(notice__is_told_once__when_the_kill_came_before_it_was_taken),
		cmocka_unit_test(notice__is_not_taken__when_it_cannot_be_stored),
		cmocka_unit_test(notice__waits__while_a_call_is_under_way),
		cmocka_unit_test(notice__that_nobody_here_waits_for__is_left_for_others),
		cmocka_unit_test(notice__from_before_the_promise__is_not_told),
		cmocka_unit_test(host_open__takes_the_conversation_up),
		cmocka_unit_test(
			host_recover__asks_under_the_same_key__what_became_of_a_writing_call),
		cmocka_unit_test(host_recover__does_not_send_again__what_was_told_as_unknown),
		cmocka_unit_test(host_recover__reads_again__what_was_being_read),
		cmocka_unit_test(host_recover__gives_a_read_its_whole_time_again),
		cmocka_unit_test(host_recover__gives_a_read_no_more_than_its_time),
		cmocka_unit_test(host_restart__is_like_a_kill__without_a_store),
		cmocka_unit_test(host_open__refuses__bytes_that_it_cannot_read),
		cmocka_unit_test(host_put_session__goes_back__and_forgets_calls_under_way),
		cmocka_unit_test(event__with_an_id_seen_before__is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
