/* News of a shop that has to be asked, and answers later: told once, whatever the webhooks do. */
#include "tests/unit/desk/desk_world.h"

#include "bot/shop/shop_known.h"
#include "bot/shop/shop_news.h"
#include "tests/unit/dispatch/late_shop.h"
#include "tests/unit/value_of.h"

struct newsroom {
	struct world *w;
	struct late_shop shop;
	struct shop_news *news;
	struct buyer buyer;
	unsigned heard; /* calls that were answered so far */
};

static void open_newsroom(struct newsroom *room, struct world *w)
{
	*room = (struct newsroom){.w = w};
	close_desk(w);
	w->shop->free(w->shop);
	loop_free(w->loop);
	w->loop = loop_new();
	w->config.look_every_ms = 3600 * 1000;
	w->config.overdue_after_ms = 3600 * 1000;
	late_shop_init(&room->shop, w->sandbox);
	room->shop.late = "";
	room->news = shop_news_new(&(struct shop_news_setup){.loop = w->loop,
		.store = w->store,
		.shop = &room->shop.api,
		.config = &w->config,
		.metrics = w->metrics});
	w->shop = shop_with_hours(shop_news_api(room->news), &w->config, w->loop);
	open_desk(w);
	shop_news_start(room->news, w->dispatcher);
	meet(w, &room->buyer, "widget:a");
	write_event(&room->buyer, (struct event){.kind = EVENT_BUYER, .name = S("buyer-refund")});
}

static void close_newsroom(struct newsroom *room)
{
	struct world *w = room->w;

	close_desk(w);
	w->shop->free(w->shop);
	shop_news_free(room->news);
	loop_free(w->loop);
	arena_free(room->shop.arena);
	w->loop = loop_new();
	w->shop = shop_with_hours(w->sandbox, &w->config, w->loop);
	open_desk(w);
}

/* Answers whatever was asked, for a while. */
static void let_answer(struct newsroom *room, int64_t ms)
{
	for (int64_t t = 0; t < ms; t += 20) {
		turn(room->w, 20);
		while (room->heard < room->shop.n_calls)
			late_shop_perform(&room->shop, room->heard++, false);
	}
}

static void say(struct newsroom *room, const char *text)
{
	write_text(&room->buyer, text);
	let_answer(room, 100);
}

static void promise_about_A1202(struct newsroom *room)
{
	say(room, "where is my refund");
	say(room, "A-1202");
	say(room, "tell me when it moves");
	say(room, "yes");
}

static void pass_days(struct newsroom *room, int days)
{
	struct world *w = room->w;

	assert_true(w->sandbox->advance(
		w->sandbox, loop_now_ms(w->loop) / 1000 + (int64_t)days * 86400));
}

static void hint(struct newsroom *room, const char *order)
{
	assert_true(dispatcher_write(room->w->dispatcher));
	shop_news_hint(room->news, str_of(order));
	assert_true(dispatcher_flush(room->w->dispatcher));
	let_answer(room, 200);
}

static double looks(const struct newsroom *room, const char *result)
{
	return metrics_value(room->w->metrics, "tenstep_shop_looks_total", result, NULL);
}

/* The return of A-1202 is closed after a week because nothing was sent. */
static void hint__is_looked_at__and_told_once(void **state)
{
	struct newsroom room;
	size_t before;

	open_newsroom(&room, *state);
	promise_about_A1202(&room);
	hint(&room, "A-1202");
	assert_true(looks(&room, "same") == 1);
	before = room.buyer.n;
	pass_days(&room, 30);
	hint(&room, "A-1202");
	let_answer(&room, 1200);
	assert_true(looks(&room, "news") == 1);
	assert_int_equal(room.buyer.n, before + 1);
	for (int i = 0; i < 3; i++)
		hint(&room, "A-1202");
	let_answer(&room, 1200);
	assert_true(looks(&room, "news") == 1);
	close_newsroom(&room);
}

static void hint__about_what_nobody_asked__is_not_looked_at(void **state)
{
	struct newsroom room;
	unsigned before;

	open_newsroom(&room, *state);
	before = room.shop.n_calls;
	hint(&room, "A-1301");
	let_answer(&room, 100);
	assert_int_equal(room.shop.n_calls, before);
	close_newsroom(&room);
}

/* No webhook at all. */
static void watched_order__is_looked_at_by_itself(void **state)
{
	struct newsroom room;
	size_t before;

	open_newsroom(&room, *state);
	promise_about_A1202(&room);
	room.w->config.look_every_ms = 500;
	pass_days(&room, 30);
	before = room.buyer.n;
	for (int i = 0; i < 50 && room.buyer.n == before; i++)
		let_answer(&room, 100);
	let_answer(&room, 2500);
	assert_int_equal(room.buyer.n, before + 1);
	assert_true(looks(&room, "news") == 1);
	close_newsroom(&room);
}

static void look__that_fails__is_tried_again_later(void **state)
{
	struct newsroom room;
	struct store_order order;

	open_newsroom(&room, *state);
	promise_about_A1202(&room);
	pass_days(&room, 30);
	assert_true(dispatcher_write(room.w->dispatcher));
	shop_news_hint(room.news, S("A-1202"));
	assert_true(dispatcher_flush(room.w->dispatcher));
	turn(room.w, 50);
	assert_int_equal(room.shop.n_calls, room.heard + 1);
	late_shop_answer(&room.shop, room.heard++, ORDER_FAILED, &value_none);
	turn(room.w, 50);
	assert_true(looks(&room, "failed") == 1);
	assert_int_equal(store_order(room.w->store, S("A-1202"), room.w->arena, &order), STORE_OK);
	assert_int_equal(order.tries, 1);
	assert_in_range(order.look_ms, loop_now_ms(room.w->loop) + 20000,
		loop_now_ms(room.w->loop) + 30000);
	hint(&room, "A-1202");
	let_answer(&room, 1200);
	assert_true(looks(&room, "news") == 1);
	close_newsroom(&room);
}

/* A look that left before our own change came back would tell of it as news. */
static void look__beside_a_change_of_ours__is_thrown_away(void **state)
{
	struct newsroom room;
	struct order_request cancel = {.operation = S("orders.cancel"),
		.buyer = S("buyer-open"),
		.who = S("widget:b"),
		.number = 7};
	struct order_answer answer;
	struct value_builder b;
	struct store_order known = {
		.number = S("A-1001"), .buyer = S("buyer-open"), .status = S("AWAITING_SHIPMENT")};
	struct order_api *api;

	open_newsroom(&room, *state);
	api = shop_news_api(room.news);
	b = value_build(room.w->arena);
	value_put_text(&b, "order", S("A-1001"));
	value_put_text(&b, "reason", S("no_longer_needed"));
	cancel.args = value_record(&b);
	assert_true(dispatcher_write(room.w->dispatcher));
	store_put_order(room.w->store, &known);
	shop_news_hint(room.news, S("A-1001"));
	assert_true(dispatcher_flush(room.w->dispatcher));
	turn(room.w, 50);
	assert_int_equal(room.shop.n_calls, room.heard + 1); /* orders.get, under way */
	assert_int_equal(
		api->call(api, &cancel, room.w->arena, &answer), ORDER_LATER); /* and a change */
	late_shop_perform(&room.shop, room.heard + 1, false);
	late_shop_perform(&room.shop, room.heard, false);
	room.heard += 2;
	let_answer(&room, 100);
	assert_true(looks(&room, "changing") == 1);
	assert_int_equal(store_order(room.w->store, S("A-1001"), room.w->arena, &known), STORE_OK);
	assert_true(str_is(known.status, "CANCELLED"));
	hint(&room, "A-1001");
	assert_true(looks(&room, "news") <= 1);
	close_newsroom(&room);
}

/* --- what is learnt and published --- */

static unsigned publish(struct world *w, struct store_order *known, const char *order,
	const char *refund, const char *returns)
{
	struct known_view view = {
		value_of(w->arena, order), value_of(w->arena, refund), value_of(w->arena, returns)};
	unsigned n;

	assert_int_equal(store_begin(w->store), STORE_OK);
	n = known_publish(w->store, known, &view, 1000000, w->arena);
	assert_int_equal(store_commit(w->store), STORE_OK);
	return n;
}

static void publish__tells_only_what_is_not_known(void **state)
{
	struct world *w = *state;
	struct store_order known = {.number = S("1"), .buyer = S("b")};
	struct store_notice notice;
	int64_t last = 0;

	/* Never told: where it is and what is sent back is no change; a refund is worth a word. */
	assert_int_equal(publish(w, &known, "{\"status\":\"DELIVERED\"}", "{\"state\":\"none\"}",
				 "[{\"id\":\"R\",\"state\":\"send_it\"}]"),
		0);
	assert_int_equal(publish(w, &known, "{\"status\":\"COMPLETED\",\"status_text\":\"over\"}",
				 "{\"state\":\"paid\",\"amount\":{\"amount\":\"1.00\",\"currency\":"
				 "\"USD\"},\"paid_with\":\"Visa\",\"paid\":77}",
				 "[{\"id\":\"R\",\"state\":\"paid\",\"state_text\":\"paid out\"}]"),
		3);
	assert_int_equal(publish(w, &known, "{\"status\":\"COMPLETED\"}", "{\"state\":\"paid\"}",
				 "[{\"id\":\"R\",\"state\":\"paid\"}]"),
		0);
	assert_int_equal(store_next_notice(w->store, last, w->arena, &notice), STORE_OK);
	assert_true(str_is(notice.event, "refund.updated") && str_is(notice.buyer, "b"));
	assert_true(value_eq(notice.fields,
		value_of(w->arena,
			"{\"order\":\"1\",\"state\":\"paid\",\"amount\":{\"amount\":"
			"\"1.00\",\"currency\":\"USD\"},\"paid_with\":\"Visa\",\"at\":77}")));
	assert_int_equal(store_next_notice(w->store, notice.id, w->arena, &notice), STORE_OK);
	assert_true(value_eq(notice.fields,
		value_of(w->arena, "{\"order\":\"1\",\"status\":\"COMPLETED\",\"status_text\":"
				   "\"over\",\"at\":1000}")));
	assert_int_equal(store_next_notice(w->store, notice.id, w->arena, &notice), STORE_OK);
	assert_true(value_eq(notice.fields,
		value_of(w->arena, "{\"order\":\"1\",\"return\":\"R\",\"state\":\"paid\","
				   "\"state_text\":\"paid out\",\"at\":1000}")));
}

static void learn__takes_what_the_buyer_was_told(void **state)
{
	static const struct {
		const char *operation, *value, *status, *refund, *returned;
	} row[] = {
		{"orders.get", "{\"number\":\"1\",\"status\":\"IN_TRANSIT\"}", "IN_TRANSIT", "",
			""},
		{"refunds.status", "{\"state\":\"requested\"}", "IN_TRANSIT", "requested", ""},
		{"returns.create", "{\"id\":\"R\",\"order\":\"1\",\"state\":\"waiting_seller\"}",
			"IN_TRANSIT", "waiting_seller", "R waiting_seller"},
		{"returns.list",
			"[{\"id\":\"S\",\"order\":\"1\",\"state\":\"send_it\"},{\"id\":\"R\","
			"\"order\":\"1\",\"state\":\"closed\"}]",
			"IN_TRANSIT", "waiting_seller", "S send_it"},
		{"orders.cancel", "{\"state\":\"requested\"}", "IN_TRANSIT", "waiting_seller",
			"S send_it"},
		{"orders.cancel", "{\"state\":\"done\"}", "CANCELLED", "approved", "S send_it"},
		{"orders.list", "[{\"number\":\"1\",\"status\":\"COMPLETED\"}]", "COMPLETED",
			"approved", "S send_it"},
	};
	struct world *w = *state;
	struct store_order known;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(store_begin(w->store), STORE_OK);
		known_learn(w->store, str_of(row[i].operation), S("1"), S("b"),
			value_of(w->arena, row[i].value), 5000, w->arena);
		known_learn(w->store, str_of(row[i].operation), S("2"), S(""),
			value_of(w->arena, row[i].value), 5000, w->arena);
		assert_int_equal(store_commit(w->store), STORE_OK);
		assert_int_equal(store_order(w->store, S("1"), w->arena, &known), STORE_OK);
		assert_true(str_is(known.buyer, "b") && str_is(known.status, row[i].status));
		assert_true(str_is(known.refund, row[i].refund));
		assert_true(str_is(known.returned, row[i].returned));
	}
	assert_int_equal(store_order(w->store, S("2"), w->arena, &known), STORE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(hint__is_looked_at__and_told_once),
		TEST(hint__about_what_nobody_asked__is_not_looked_at),
		TEST(watched_order__is_looked_at_by_itself),
		TEST(look__that_fails__is_tried_again_later),
		TEST(look__beside_a_change_of_ours__is_thrown_away),
		TEST(publish__tells_only_what_is_not_known),
		TEST(learn__takes_what_the_buyer_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
