/* Promises: how they are judged, listed at the desk, and kept. */
#include "tests/unit/desk/desk_world.h"

#include "bot/base/date.h"
#include "bot/desk/promise.h"

/* --- judged --- */

static int64_t ms(const char *utc)
{
	int64_t at = 0;

	assert_true(date_parse(str_of(utc), &at));
	return at * 1000;
}

static enum promise_state judge(struct store_promise promise, const char *now)
{
	struct serve_config config = {.look_every_ms = 5 * 60 * 1000,
		.overdue_after_ms = 15 * 60 * 1000,
		.quiet = {22 * 60, 8 * 60}};

	return promise_judge(&promise, &config, ms(now));
}

static void promise__is_overdue__when_news_wait_too_long(void **state)
{
	struct store_promise p = {.made_ms = 1, .news_ms = ms("2026-03-04 12:00")};

	(void)state;
	assert_int_equal(judge(p, "2026-03-04 12:15"), PROMISE_OPEN);
	assert_int_equal(judge(p, "2026-03-04 12:16"), PROMISE_UNTOLD);
	p.ended_ms = 5;
	assert_int_equal(judge(p, "2026-03-04 12:16"), PROMISE_ENDED);
	p.kept = 1;
	assert_int_equal(judge(p, "2026-03-04 12:16"), PROMISE_KEPT);
}

static void promise__is_not_overdue__at_night(void **state)
{
	struct store_promise evening = {.news_ms = ms("2026-03-04 21:50")},
			     night = {.news_ms = ms("2026-03-05 02:00")};

	(void)state;
	assert_int_equal(judge(evening, "2026-03-05 03:00"), PROMISE_OPEN);
	assert_int_equal(judge(night, "2026-03-05 08:15"), PROMISE_OPEN);
	assert_int_equal(judge(night, "2026-03-05 08:16"), PROMISE_UNTOLD);
	assert_int_equal(judge(evening, "2026-03-05 08:16"), PROMISE_UNTOLD);
}

static void promise__is_overdue__when_the_shop_was_not_reached(void **state)
{
	struct store_promise p = {.looked_ms = ms("2026-03-04 12:00")};

	(void)state;
	assert_int_equal(judge(p, "2026-03-04 12:30"), PROMISE_OPEN);
	assert_int_equal(judge(p, "2026-03-04 12:31"), PROMISE_UNASKED);
	p.looked_ms = 0; /* a shop that is never asked tells by itself */
	assert_int_equal(judge(p, "2026-03-04 12:31"), PROMISE_OPEN);
}

/* --- a shop that has news --- */

struct telling_shop {
	struct order_api api; /* first */
	struct world *world;
	bool has_news;
};

static enum order_outcome shop_call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct telling_shop *shop = (struct telling_shop *)api;

	return shop->world->sandbox->call(shop->world->sandbox, request, arena, answer);
}

static bool shop_next(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct telling_shop *shop = (struct telling_shop *)api;
	struct value_builder b = value_build(arena);

	if (!shop->has_news || after >= 1)
		return false;
	value_put_text(&b, "order", S("A-1202"));
	value_put_text(&b, "state", S("paid"));
	value_put(&b, "amount", value_money(arena, S("29.90"), S("USD")));
	value_put_text(&b, "paid_with", S("Visa"));
	*notice = (struct order_notice){.id = 1,
		.at = loop_now_ms(shop->world->loop) / 1000 + 1,
		.event = S("refund.updated"),
		.buyer = S("buyer-refund"),
		.fields = value_record(&b)};
	return true;
}

static void shop_taken(struct order_api *api, int64_t id)
{
	((struct telling_shop *)api)->has_news = id != 1;
}

static void shop_free(struct order_api *api)
{
	(void)api;
}

static void use_shop(struct world *w, struct order_api *shop)
{
	close_desk(w);
	w->shop->free(w->shop);
	loop_free(w->loop);
	w->loop = loop_new();
	w->shop = shop_with_hours(shop, &w->config, w->loop);
	open_desk(w);
}

static void ask_desk(void *self, unsigned status, struct str json)
{
	assert_int_equal(status, 200);
	put(self, 2000, json);
}

static const char *promises_at_desk(struct world *w, const char *query)
{
	static char text[2000];

	desk_ask(w->desk,
		&(struct desk_question){.method = S("GET"),
			.path = S("/desk/promises"),
			.query = str_of(query),
			.authorization = S("Bearer desk-token"),
			.address = S("127.0.0.1")},
		ask_desk, text);
	return text;
}

#define assert_has(text, part)                                                                     \
	do {                                                                                       \
		if (!strstr((text), (part)))                                                       \
			fail_msg("no %s in %s", (part), (text));                                   \
	} while (0)

static void promise__is_kept__by_writing_to_the_buyer(void **state)
{
	struct world *w = *state;
	struct telling_shop shop = {
		{shop_call, shop_next, shop_taken, NULL, NULL, NULL, NULL, shop_free}, w, false};
	struct buyer b;

	use_shop(w, &shop.api);
	meet(w, &b, "widget:a");
	write_event(&b, (struct event){.kind = EVENT_BUYER, .name = S("buyer-refund")});
	write_text(&b, "where is my refund");
	turn(w, 1500);
	write_text(&b, "A-1202");
	turn(w, 1500);
	write_text(&b, "tell me when it moves");
	write_text(&b, "yes");
	for (int i = 0; i < 100 && !strstr(promises_at_desk(w, ""), "A-1202"); i++)
		turn(w, 50);
	assert_has(promises_at_desk(w, ""), "\"state\":\"open\"");
	assert_has(promises_at_desk(w, ""), "\"overdue\":0");
	shop.has_news = true;
	for (int i = 0; i < 100 && shop.has_news; i++)
		turn(w, 50);
	turn(w, 50);
	assert_non_null(strstr(last_of(&b, POST_BOT)->text, "has been paid out to Visa"));
	assert_has(promises_at_desk(w, ""), "\"promises\":[]");
	assert_has(promises_at_desk(w, "all=1"), "\"state\":\"kept\"");
	assert_has(promises_at_desk(w, "all=1"), "\"times\":1");
	use_shop(w, w->sandbox);
}

static void news__wait__while_it_is_night(void **state)
{
	struct world *w = *state;
	struct telling_shop shop = {
		{shop_call, shop_next, shop_taken, NULL, NULL, NULL, NULL, shop_free}, w, true};
	struct order_api *quiet;
	struct order_notice notice;
	int64_t now = loop_now_ms(w->loop) / 1000;
	int minute = (int)(now % 86400 / 60);

	w->config.quiet = (struct opening){minute, (minute + 30) % (24 * 60)};
	quiet = shop_with_hours(&shop.api, &w->config, w->loop);
	assert_false(quiet->next_notice(quiet, 0, w->arena, &notice));
	w->config.quiet = (struct opening){(minute + 30) % (24 * 60), minute};
	assert_true(quiet->next_notice(quiet, 0, w->arena, &notice));
	w->config.quiet = (struct opening){0, 0};
	quiet->free(quiet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		cmocka_unit_test(promise__is_overdue__when_news_wait_too_long),
		cmocka_unit_test(promise__is_not_overdue__at_night),
		cmocka_unit_test(promise__is_overdue__when_the_shop_was_not_reached),
		TEST(promise__is_kept__by_writing_to_the_buyer),
		TEST(news__wait__while_it_is_night),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
