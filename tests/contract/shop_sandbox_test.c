/* The shop's client and `tenstep shop`, over HTTP: every operation, and what both make of faults.
 */
#include "tests/contract/sandbox_platform.h"

#define ORDER "{\"order\":\"A-1001\"}"
#define DRESS "576461420000100101"
#define MIND "ecom_order_delivered_refund_and_return_reason_no_need_seller"

static struct platform *p;

static int tear_down(void **state)
{
	(void)state;
	platform_close(p);
	return 0;
}

static void open_shop(const char *fixture)
{
	p = platform_open(fixture, NULL, 0, 1);
}

static struct str amount_of(const char *field)
{
	return value_get_text(value_get(p->value, field), "amount");
}

/* --- orders --- */

static void order__is_told_whole(void **state)
{
	(void)state;
	open_shop("delivered_three");
	assert_int_equal(platform_ask(p, "orders.get", ORDER), ORDER_OK);
	platform_expect(p, "status", "DELIVERED");
	platform_expect(p, "status_text", "delivered");
	platform_expect(p, "first_item", "Blue dress");
	platform_expect(p, "carrier", "Redwood Parcel");
	assert_int_equal(value_get_int(p->value, "n_items"), 3);
	assert_true(str_is(amount_of("total"), "77.40"));
	assert_int_equal(platform_ask(p, "orders.track", ORDER), ORDER_OK);
	assert_true(value_count(p->value) > 3);
	assert_true(value_get_int(value_at(p->value, 0), "at") >
		    value_get_int(value_at(p->value, 1), "at"));
}

static void order__of_another_buyer__is_not_there(void **state)
{
	(void)state;
	open_shop("demo");
	p->buyer = "buyer-refund";
	assert_int_equal(platform_ask(p, "orders.get", ORDER), ORDER_REFUSED);
	platform_expect(p, "why", "not_found");
	assert_int_equal(platform_ask(p, "orders.cancel", ORDER), ORDER_REFUSED);
	platform_expect(p, "why", "not_found");
	assert_int_equal(platform_ask(p, "returns.status", "{\"return\":\"4035319600000009999\"}"),
		ORDER_REFUSED);
}

/* Goods of the crowd carry their buyer's name: "Canary07 teapot". */
static void expect_no_canary(const char *operation)
{
	struct buf shown;

	buf_init(&shown, 1 << 20);
	value_show(p->value, &shown);
	if (str_find(buf_str(&shown), S("Canary")) >= 0)
		fail_msg("%s shows %.*s", operation, STR(buf_str(&shown)));
	buf_release(&shown);
}

static void nothing__of_another_buyer__is_shown_or_changed(void **state)
{
	static const char *const operation[] = {"orders.get", "orders.can_cancel", "orders.cancel",
		"orders.track", "refunds.status", "returns.can_return", "returns.reasons",
		"returns.create", "returns.list"};

	(void)state;
	open_shop("crowd");
	for (unsigned order = 5010; order < 5054; order++)
		for (size_t i = 0; order % 10 < 4 && i < sizeof(operation) / sizeof(*operation);
			i++) {
			char args[300];

			snprintf(args, sizeof(args),
				"{\"order\":\"A-%u\",\"items\":[\"576461420000%u01\"],\"reason\":"
				"\"" MIND "\"}",
				order, order);
			p->buyer = order % 2 ? "crowd-09" : "buyer-open";
			p->key = operation[i];
			assert_int_equal(platform_ask(p, operation[i], args), ORDER_REFUSED);
			platform_expect(p, "why", "not_found");
			expect_no_canary(operation[i]);
			p->buyer = "";
			assert_int_equal(platform_ask(p, operation[i], args), ORDER_REFUSED);
		}
	p->buyer = "crowd-01";
	assert_int_equal(platform_ask(p, "orders.can_cancel", "{\"order\":\"A-5010\"}"), ORDER_OK);
	platform_expect(p, "answer", "yes");
}

/* Ten a page, each once, newest first. */
static void list__goes_on_behind_a_number(void **state)
{
	char after[200] = "{}";
	int64_t before = INT64_MAX;
	size_t n = 0, page;

	(void)state;
	open_shop("many_orders");
	p->buyer = "buyer-mixed";
	do {
		assert_int_equal(
			platform_call(p, "orders.list", platform_json(p, after)), ORDER_OK);
		page = value_count(p->value);
		for (size_t i = 0; i < page; i++) {
			int64_t created = value_get_int(value_at(p->value, i), "created");

			assert_true(created <= before);
			before = created;
		}
		n += page;
		if (page)
			snprintf(after, sizeof(after), "{\"after\":\"%.*s\"}",
				STR(value_get_text(value_at(p->value, page - 1), "number")));
	} while (page && n < 100);
	assert_int_equal(n, 30);
}

static void list__keeps_to_what_is_wanted(void **state)
{
	static const char *const wanted[] = {"open", "on_the_way", "returnable", "refunds"};

	(void)state;
	open_shop("many_orders");
	p->buyer = "buyer-mixed";
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		char args[64];

		snprintf(args, sizeof(args), "{\"status\":\"%s\"}", wanted[i]);
		assert_int_equal(platform_call(p, "orders.list", platform_json(p, args)), ORDER_OK);
		assert_true(value_count(p->value) > 0);
		assert_true(value_count(p->value) < 11);
		for (size_t k = 0; k < value_count(p->value); k++) {
			struct str status = value_get_text(value_at(p->value, k), "status");
			struct str refund = value_get_text(value_at(p->value, k), "refund_state");

			if (i == 0)
				assert_true(str_is(status, "UNPAID") || str_is(status, "ON_HOLD") ||
					    str_is(status, "AWAITING_SHIPMENT"));
			if (i == 2)
				assert_true(str_is(status, "DELIVERED"));
			if (i == 3)
				assert_true(refund.n > 0);
		}
	}
}

static void buyer__is_verified__by_what_the_platform_shows(void **state)
{
	(void)state;
	open_shop("one_open_order");
	p->buyer = "";
	assert_int_equal(
		platform_ask(p, "buyers.verify", "{\"order\":\"A-1001\",\"fact\":\"97214\"}"),
		ORDER_OK);
	platform_expect(p, "name", "Maya");
	assert_true(
		str_eq(value_get_text(p->value, "id"), wire_user_id(p->arena, S("buyer-open"))));
	assert_int_equal(platform_ask(p, "buyers.verify",
				 "{\"order\":\"A-1001\",\"fact\":\"it ends in 0142\"}"),
		ORDER_OK);
	assert_int_equal(
		platform_ask(p, "buyers.verify", "{\"order\":\"A-1001\",\"fact\":\"97215\"}"),
		ORDER_REFUSED);
	platform_expect(p, "why", "no_match");
	assert_int_equal(
		platform_ask(p, "buyers.verify", "{\"order\":\"A-9999\",\"fact\":\"97214\"}"),
		ORDER_REFUSED);
	platform_expect(p, "why", "no_match");
}

/* --- cancelling --- */

static void cancel__is_done__and_the_money_is_told(void **state)
{
	(void)state;
	open_shop("two_open_orders");
	p->key = "k1";
	assert_int_equal(platform_ask(p, "orders.can_cancel", ORDER), ORDER_OK);
	platform_expect(p, "answer", "yes");
	assert_true(str_is(amount_of("refund"), "29.90"));
	assert_int_equal(platform_ask(p, "orders.cancel", ORDER), ORDER_OK);
	platform_expect(p, "state", "done");
	assert_true(str_is(amount_of("refund"), "29.90"));
	assert_int_equal(platform_ask(p, "refunds.status", ORDER), ORDER_OK);
	platform_expect(p, "state", "approved");
	assert_int_equal(platform_ask(p, "orders.can_cancel", ORDER), ORDER_OK);
	platform_expect(p, "answer", "cancelled");
	p->key = "k2";
	assert_int_equal(platform_ask(p, "orders.cancel", ORDER), ORDER_REFUSED);
	platform_expect(p, "why", "done_already");
}

static void cancel__follows_the_state_of_the_order(void **state)
{
	static const struct {
		const char *fixture, *answer;
		enum order_outcome outcome;
		const char *field, *is;
	} row[] = {
		{"unpaid", "yes", ORDER_OK, "state", "done"},
		{"on_hold", "yes", ORDER_OK, "state", "done"},
		{"cash_on_delivery", "yes", ORDER_OK, "state", "done"},
		{"cancel_pending", "yes", ORDER_OK, "state", "done"}, /* approved */
		{"partly_shipped", "shipped", ORDER_REFUSED, "why", "shipped"},
		{"packed", "shipped", ORDER_REFUSED, "why", "shipped"},
		{"shipped", "shipped", ORDER_REFUSED, "why", "shipped"},
		{"delivered", "delivered", ORDER_REFUSED, "why", "shipped"},
		{"cancelled_unpaid", "cancelled", ORDER_REFUSED, "why", "done_already"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		if (i)
			platform_close(p);
		open_shop(row[i].fixture);
		p->key = row[i].fixture;
		assert_int_equal(platform_ask(p, "orders.can_cancel", ORDER), ORDER_OK);
		platform_expect(p, "answer", row[i].answer);
		assert_int_equal(platform_ask(p, "orders.cancel", ORDER), row[i].outcome);
		platform_expect(p, row[i].field, row[i].is);
	}
}

/* --- returns --- */

static void return__is_made_and_followed(void **state)
{
	struct str id;

	(void)state;
	open_shop("delivered_three");
	p->key = "k1";
	assert_int_equal(platform_ask(p, "returns.can_return", ORDER), ORDER_OK);
	platform_expect(p, "answer", "partly");
	assert_int_equal(platform_ask(p, "returns.reasons", ORDER), ORDER_OK);
	assert_true(value_count(p->value) > 4);
	assert_int_equal(platform_ask(p, "returns.create",
				 "{\"order\":\"A-1001\",\"items\":[{\"id\":\"" DRESS
				 "\"}],\"reason\":{\"id\":\"" MIND "\"}}"),
		ORDER_OK);
	platform_expect(p, "state", "send_it");
	platform_expect(p, "method", "address");
	assert_true(str_is(amount_of("refund"), "29.90"));
	id = value_get_text(p->value, "id");
	assert_int_equal(
		platform_call(p, "returns.status",
			platform_json(
				p, arena_printf(p->arena, "{\"return\":\"%.*s\"}", STR(id)).p)),
		ORDER_OK);
	platform_expect(p, "state", "send_it");
	assert_int_equal(platform_call(p, "returns.list", &value_none), ORDER_OK);
	assert_int_equal(value_count(p->value), 1);
	assert_int_equal(
		platform_call(p, "returns.set_tracking",
			platform_json(p,
				arena_printf(p->arena,
					"{\"return\":\"%.*s\",\"number\":\"RW901001US\"}", STR(id))
					.p)),
		ORDER_REFUSED);
	platform_expect(p, "why", "in_app");
	p->key = "k2";
	assert_int_equal(
		platform_ask(p, "returns.create",
			"{\"order\":\"A-1001\",\"items\":[\"" DRESS "\"],\"reason\":\"" MIND "\"}"),
		ORDER_REFUSED);
	platform_expect(p, "why", "pending");
}

static void return__tells_each_state(void **state)
{
	static const struct {
		const char *fixture, *state, *refund;
	} row[] = {
		{"return_waiting", "waiting_seller", "waiting_seller"},
		{"return_to_send", "send_it", "requested"},
		{"return_on_its_way", "on_its_way", "requested"},
		{"return_declined", "rejected", "rejected"},
		{"return_refunded", "paid", "paid"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		if (i)
			platform_close(p);
		open_shop(row[i].fixture);
		assert_int_equal(platform_ask(p, "returns.list", ORDER), ORDER_OK);
		assert_int_equal(value_count(p->value), 1);
		assert_true(str_is(value_get_text(value_at(p->value, 0), "state"), row[i].state));
		assert_int_equal(platform_ask(p, "refunds.status", ORDER), ORDER_OK);
		platform_expect(p, "state", row[i].refund);
	}
}

static void return__of_a_strange_order_line__is_not_asked_for(void **state)
{
	(void)state;
	open_shop("delivered");
	p->key = "k1";
	assert_int_equal(
		platform_ask(p, "returns.create",
			"{\"order\":\"A-1001\",\"items\":[\"1\"],\"reason\":\"" MIND "\"}"),
		ORDER_REFUSED);
	assert_int_equal(
		platform_ask(p, "returns.create",
			"{\"order\":\"A-1001\",\"items\":[\"" DRESS "\"],\"reason\":\"nonsense\"}"),
		ORDER_REFUSED);
	platform_expect(p, "why", "bad_reason");
}

#define T(test) cmocka_unit_test_setup_teardown(test, NULL, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(order__is_told_whole),
		T(order__of_another_buyer__is_not_there),
		T(nothing__of_another_buyer__is_shown_or_changed),
		T(list__goes_on_behind_a_number),
		T(list__keeps_to_what_is_wanted),
		T(buyer__is_verified__by_what_the_platform_shows),
		T(cancel__is_done__and_the_money_is_told),
		T(cancel__follows_the_state_of_the_order),
		T(return__is_made_and_followed),
		T(return__tells_each_state),
		T(return__of_a_strange_order_line__is_not_asked_for),
	};

	alarm(120);
	if (getenv("CMOCKA_TEST_FILTER"))
		cmocka_set_test_filter(getenv("CMOCKA_TEST_FILTER"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
