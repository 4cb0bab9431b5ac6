/* What the assistant may do by itself: a shop with a policy, the demo shop behind it, answering at
 * once and later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "bot/base/money.h"
#include "bot/shop/shop_policy.h"
#include "tests/unit/dispatch/late_shop.h"

static const struct str limit_30[] = {S("30.00 USD"), S("28.00 EUR")};
static const struct str limit_29[] = {S("29.00 USD")};
static const struct str limit_eur[] = {S("100.00 EUR")};
static const struct str awaiting[] = {S("AWAITING_SHIPMENT"), S("ON_HOLD")};
static const struct str delivered[] = {S("DELIVERED")};

struct world {
	struct arena *arena;
	struct serve_config config;
	struct late_shop late; /* writes down what is sent */
	struct order_api *shop;
	struct order_answer answer;
	unsigned n_heard; /* late answers */
	enum order_outcome heard;
	struct str heard_key;
};

static void hear(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct world *w = self;

	assert_true(str_is(who, "widget:a"));
	assert_int_equal(number, 7);
	w->n_heard++;
	w->heard = outcome;
	w->heard_key = arena_str(w->arena, key);
	w->answer.value = value_copy(w->arena, value ? value : &value_none);
}

/* *state: the name of a fixture, then the world. */
static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *fixture = *state;
	struct buf error;

	w->arena = arena_new(1 << 20);
	buf_init(&error, 200);
	serve_config_default(w->arena, &w->config);
	late_shop_init(&w->late, sandbox_api(sandbox_open(str_of(fixture), 1741000000, &error)));
	w->shop = shop_with_policy(&w->late.api, &w->config);
	w->shop->answered = hear;
	w->shop->answered_self = w;
	buf_release(&error);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	w->shop->free(w->shop);
	w->late.api.free(&w->late.api);
	arena_free(w->arena);
	free(w);
	return 0;
}

static enum order_outcome ask(struct world *w, const char *operation, const char *item, bool again)
{
	struct value_builder args = value_build(w->arena), items = value_build(w->arena);
	struct order_request request = {
		.operation = str_of(operation),
		.buyer = S("buyer-open"),
		.who = S("widget:a"),
		.key = S("k"),
		.number = 7,
		.again = again,
		.since = again ? 1740999999 : 0,
	};

	value_put_text(&args, "order", S("A-1001"));
	if (item) {
		value_push(&items, value_text(w->arena, str_of(item)));
		value_put(&args, "items", value_list(&items));
	}
	value_put_text(&args, "reason", item ? S("too_small") : S("no_longer_needed"));
	request.args = value_record(&args);
	w->answer = (struct order_answer){.value = &value_none};
	return w->shop->call(w->shop, &request, w->arena, &w->answer);
}

static void assert_for_person(struct world *w, const char *words)
{
	assert_true(str_is(value_get_text(w->answer.value, "why"), "needs_person"));
	assert_string_equal(
		arena_cstr(w->arena, value_get_text(w->answer.value, "why_text")), words);
}

static void policy__that_is_silent__lets_everything_pass_unlooked(void **state)
{
	struct world *w = *state;

	w->late.late = "";
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_LATER);
	assert_int_equal(w->late.n_calls, 1);
	assert_true(str_is(w->late.call[0].request.operation, "orders.cancel"));
	assert_int_equal(ask(w, "orders.list", NULL, false), ORDER_LATER);
}

static void policy__that_forbids__refuses_for_a_person_and_sends_nothing(void **state)
{
	struct world *w = *state;

	w->late.late = "";
	w->config.shop.policy.cancel = w->config.shop.policy.create_return = false;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_REFUSED);
	assert_for_person(w, "cancelling an order is for a person of the shop to decide");
	assert_int_equal(ask(w, "returns.create", "x", false), ORDER_REFUSED);
	assert_for_person(w, "returning something is for a person of the shop to decide");
	assert_int_equal(w->late.n_calls, 0);
}

/* The order is 29.90 USD. */
static void amount__up_to_the_limit__passes(void **state)
{
	struct world *w = *state;

	w->config.may_cancel.limit = limit_30;
	w->config.may_cancel.n_limits = 2;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_OK);
}

static void amount__above_the_limit__is_for_a_person(void **state)
{
	struct world *w = *state;

	w->late.late = "orders.cancel";
	w->config.may_cancel.limit = limit_29;
	w->config.may_cancel.n_limits = 1;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_REFUSED);
	assert_for_person(
		w, "cancelling an order of more than $29.00 is for a person of the shop to decide");
	assert_int_equal(w->late.n_calls, 0);
}

static void amount__in_a_currency_that_is_not_named__is_for_a_person(void **state)
{
	struct world *w = *state;

	w->late.late = "orders.cancel";
	w->config.may_cancel.limit = limit_eur;
	w->config.may_cancel.n_limits = 1;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_REFUSED);
	assert_for_person(
		w, "cancelling an order paid in USD is for a person of the shop to decide");
	assert_int_equal(w->late.n_calls, 0);
}

static void state__that_is_not_named__is_for_a_person(void **state)
{
	struct world *w = *state;

	w->config.may_cancel.status = delivered;
	w->config.may_cancel.n_statuses = 1;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_REFUSED);
	assert_true(str_starts(
		value_get_text(w->answer.value, "why_text"), S("cancelling an order that is ")));
	w->config.may_cancel.status = awaiting;
	w->config.may_cancel.n_statuses = 2;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_OK);
}

static void market__that_is_not_named__is_for_a_person(void **state)
{
	static const struct str elsewhere[] = {S("GB"), S("VN")}, here[] = {S("GB"), S("US")};
	struct world *w = *state;

	w->config.may_cancel.market = elsewhere;
	w->config.may_cancel.n_markets = 2;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_REFUSED);
	assert_for_person(w, "cancelling an order in US is for a person of the shop to decide");
	w->config.may_cancel.market = here;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_OK);
}

static const char *first_item(struct world *w)
{
	struct order_request get = {
		.operation = S("orders.get"), .buyer = S("buyer-open"), .who = S("widget:a")};
	struct value_builder args = value_build(w->arena);
	struct order_answer answer;

	value_put_text(&args, "order", S("A-1001"));
	get.args = value_record(&args);
	assert_int_equal(w->late.behind->call(w->late.behind, &get, w->arena, &answer), ORDER_OK);
	return arena_cstr(
		w->arena, value_get_text(value_at(value_get(answer.value, "items"), 0), "id"));
}

static void return__is_measured_by_the_items_that_come_back(void **state)
{
	struct world *w = *state;
	const char *item;

	item = first_item(w);
	w->config.may_return.limit = limit_29;
	w->config.may_return.n_limits = 1;
	w->late.late = "returns.create";
	/* Nothing of the order is meant by that: what it costs cannot be told. */
	assert_int_equal(ask(w, "returns.create", "no-such-item", false), ORDER_REFUSED);
	assert_for_person(
		w, "returning something of more than $29.00 is for a person of the shop to decide");
	w->config.may_return.limit = limit_30;
	w->config.may_return.status = delivered;
	w->config.may_return.n_statuses = 1;
	assert_int_equal(ask(w, "returns.create", item, false), ORDER_LATER);
	assert_int_equal(w->late.n_calls, 1);
}

static void look__that_comes_later__is_judged_then(void **state)
{
	struct world *w = *state;

	w->late.late = "";
	w->config.may_cancel.limit = limit_30;
	w->config.may_cancel.n_limits = 2;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_LATER);
	assert_true(str_is(w->late.call[0].request.operation, "orders.get"));
	assert_int_equal(w->late.call[0].request.key.n, 0);
	late_shop_perform(&w->late, 0, false);
	assert_int_equal(w->n_heard, 0);
	assert_int_equal(w->late.n_calls, 2);
	assert_true(str_is(w->late.call[1].request.operation, "orders.cancel"));
	assert_true(str_is(w->late.call[1].request.key, "k"));
	assert_true(str_is(w->late.call[1].request.buyer, "buyer-open"));
	late_shop_perform(&w->late, 1, false);
	assert_int_equal(w->n_heard, 1);
	assert_int_equal(w->heard, ORDER_OK);
	assert_true(str_is(w->heard_key, "k"));
}

static void look__that_comes_later__may_be_for_a_person(void **state)
{
	struct world *w = *state;

	w->late.late = "";
	w->config.may_cancel.limit = limit_29;
	w->config.may_cancel.n_limits = 1;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_LATER);
	late_shop_perform(&w->late, 0, false);
	assert_int_equal(w->n_heard, 1);
	assert_int_equal(w->heard, ORDER_REFUSED);
	assert_true(str_is(w->heard_key, "k"));
	assert_true(str_is(value_get_text(w->answer.value, "why"), "needs_person"));
	assert_int_equal(w->late.n_calls, 1);
}

/* Nothing was sent, so nothing was done. */
static void look__that_is_not_answered__is_surely_not_done(void **state)
{
	static const enum order_outcome lost[] = {ORDER_FAILED, ORDER_UNKNOWN};
	struct world *w = *state;

	w->late.late = "";
	w->config.may_cancel.limit = limit_30;
	w->config.may_cancel.n_limits = 2;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_LATER);
		late_shop_answer(&w->late, i, lost[i], NULL);
		assert_int_equal(w->n_heard, i + 1);
		assert_int_equal(w->heard, ORDER_FAILED);
	}
}

static void call__that_comes_again__was_judged_before(void **state)
{
	struct world *w = *state;

	w->late.late = "";
	w->config.shop.policy.cancel = false;
	assert_int_equal(ask(w, "orders.cancel", NULL, true), ORDER_LATER);
	assert_true(w->late.call[0].request.again);
	late_shop_perform(&w->late, 0, false);
	assert_int_equal(w->heard, ORDER_OK);
}

static void shop__that_is_closed_while_it_looks__leaves_nothing_behind(void **state)
{
	struct world *w = *state;

	w->late.late = "";
	w->config.may_cancel.limit = limit_30;
	w->config.may_cancel.n_limits = 2;
	assert_int_equal(ask(w, "orders.cancel", NULL, false), ORDER_LATER);
}

static void amount__is_a_decimal_and_its_currency(void **state)
{
	static const char *const bad[] = {"", "100", "100.00", "100.00 usd", "100.00 USDT", "USD",
		"-1.00 USD", "0.00 USD", "1e3 USD", "10.001 USD", "10,00 EUR", "1.50 JPY",
		"100.00  USD", "99999999999999999999.00 USD"};
	struct str currency;
	int64_t minor;

	(void)state;
	assert_true(money_parse(S("100.00 USD"), &currency, &minor));
	assert_int_equal(minor, 10000);
	assert_true(money_parse(S("5000 JPY"), &currency, &minor));
	assert_int_equal(minor, 5000);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(money_parse(str_of(bad[i]), &currency, &minor));
}

static char one_open_order[] = "one_open_order", delivered_order[] = "delivered";

#define IN(fixture, name) cmocka_unit_test_prestate_setup_teardown(name, set_up, tear_down, fixture)
#define T(name) IN(one_open_order, name)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(policy__that_is_silent__lets_everything_pass_unlooked),
		T(policy__that_forbids__refuses_for_a_person_and_sends_nothing),
		T(amount__up_to_the_limit__passes),
		T(amount__above_the_limit__is_for_a_person),
		T(amount__in_a_currency_that_is_not_named__is_for_a_person),
		T(state__that_is_not_named__is_for_a_person),
		T(market__that_is_not_named__is_for_a_person),
		IN(delivered_order, return__is_measured_by_the_items_that_come_back),
		T(look__that_comes_later__is_judged_then),
		T(look__that_comes_later__may_be_for_a_person),
		T(look__that_is_not_answered__is_surely_not_done),
		T(call__that_comes_again__was_judged_before),
		T(shop__that_is_closed_while_it_looks__leaves_nothing_behind),
		cmocka_unit_test(amount__is_a_decimal_and_its_currency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
