/* Orders and cancellations of the demo shop. */
#include "tests/unit/sandbox/shop_under_test.h"

#include "adapters/order/sandbox/rules.h"
#include "flows/operation.h"

#define A1001 "{\"order\":\"A-1001\"}"
#define CANCEL_A1001 "{\"order\":\"A-1001\",\"reason\":\"changed_mind\"}"

/* The contract */

static void shop__knows_every_operation_of_the_flows(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	for (unsigned i = 0; i < n_operations; i++) {
		t.buyer = "buyer-open";
		assert_int_not_equal(ask(&t, operation[i].name, "{}"), ORDER_FAILED);
		t.buyer = "";
		if (operation[i].needs_buyer)
			ask_refused(&t, operation[i].name, A1001, "not_found");
	}
	assert_int_equal(ask(&t, "orders.burn", "{}"), ORDER_FAILED);
	close_shop(&t);
}

static bool is_given(const struct operation *op, struct str name)
{
	for (const char *const *gives = op->gives; *gives; gives++)
		if (str_is(name, *gives))
			return true;
	return false;
}

/* Every field that an answer carries is one that flows/operation.c promises. */
static void shop__gives_only_fields_of_the_contract(void **state)
{
	static const char *const asked[][3] = {
		{"shop.info", "", "{}"},
		{"buyers.verify", "", "{\"order\":\"A-1310\",\"fact\":\"0119\"}"},
		{"orders.list", "buyer-mixed", "{}"},
		{"orders.list", "buyer-mixed", "{\"after\":\"A-1310\"}"},
		{"orders.get", "buyer-mixed", "{\"order\":\"A-1316\"}"},
		{"orders.can_cancel", "buyer-mixed", "{\"order\":\"A-1305\"}"},
		{"orders.cancel", "buyer-mixed", "{\"order\":\"A-1304\",\"reason\":\"x\"}"},
		{"orders.track", "buyer-mixed", "{\"order\":\"A-1309\"}"},
		{"refunds.status", "buyer-mixed", "{\"order\":\"A-1316\"}"},
		{"refunds.status", "buyer-mixed", "{\"order\":\"A-1315\"}"},
		{"returns.can_return", "buyer-mixed", "{\"order\":\"A-1310\"}"},
		{"returns.reasons", "buyer-mixed", "{\"order\":\"A-1310\"}"},
		{"returns.create", "buyer-mixed",
			"{\"order\":\"A-1310\",\"items\":[\"A-1310-1\"],\"reason\":\"changed_"
			"mind\"}"},
		{"returns.list", "buyer-mixed", "{}"},
	};
	struct under_test t = open_shop("demo");

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct operation *op = operation_find(str_of(asked[i][0]));
		const struct value *v, *record;

		t.buyer = asked[i][1];
		ask_ok(&t, asked[i][0], asked[i][2]);
		v = t.answer.value;
		assert_int_equal(v->type, op->gives_list ? VALUE_LIST : VALUE_RECORD);
		record = op->gives_list ? value_at(v, 0) : v;
		assert_true(record->record.n > 0);
		for (size_t k = 0; k < record->record.n; k++)
			if (!is_given(op, record->record.field[k].name))
				fail_msg("%s gives '%.*s'", op->name,
					STR(record->record.field[k].name));
	}
	close_shop(&t);
}

static bool is_told(const char *op, const char *field, const char *word)
{
	const char *const *told = closed_words(operation_find(str_of(op))->closed, str_of(field));

	for (; told && *told; told++)
		if (str_is(str_of(word), *told))
			return true;
	return false;
}

/* Every state that the shop tells is one that the checker takes in a condition. */
static void shop__tells_only_words_of_the_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ORDER_STATUS; i++)
		assert_true(is_told("orders.get", "status", order_rule[i].wire));
	for (size_t i = 0; i < N_RETURN_STATE; i++) {
		assert_true(is_told("returns.status", "state", return_rule[i].wire));
		assert_true(is_told("returns.create", "state", return_rule[i].wire));
	}
	for (size_t i = 0; i < N_REFUND_STATE; i++) {
		assert_true(is_told("refunds.status", "state", refund_rule[i].wire));
		assert_true(is_told("orders.list", "refund_state", refund_rule[i].wire));
	}
	assert_false(is_told("orders.get", "status", "EXCHANGED"));
	assert_false(is_told("orders.get", "first_item", "UNPAID"));
}

static void fixtures__all_open(void **state)
{
	const struct sandbox_fixture *list;
	size_t n = sandbox_fixtures(&list);
	struct buf error;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct under_test t = open_shop(list[i].name);

		ask_ok(&t, "shop.info", "{}");
		close_shop(&t);
	}
	buf_init(&error, 100);
	assert_null(sandbox_open(S("no_such_shop"), NOW, &error));
	assert_string_equal(error.p, "unknown shop 'no_such_shop'");
	buf_release(&error);
}

/* Listing */

static void list__gives_ten_newest_first_and_goes_on_behind_a_number(void **state)
{
	struct under_test t = open_shop("demo");
	size_t seen = 0;
	struct str last = S("");
	int64_t created = INT64_MAX;

	(void)state;
	t.buyer = "buyer-mixed";
	for (;;) {
		char args[64];
		size_t n;

		snprintf(args, sizeof(args), "{\"after\":\"%.*s\"}", STR(last));
		ask_ok(&t, "orders.list", last.n ? args : "{}");
		n = value_count(t.answer.value);
		for (size_t i = 0; i < n; i++) {
			const struct value *o = value_at(t.answer.value, i);

			assert_true(value_get_int(o, "created") <= created);
			created = value_get_int(o, "created");
			last = value_get_text(o, "number");
		}
		seen += n;
		if (!n)
			break;
		assert_int_equal(n, 10);
	}
	assert_int_equal(seen, 30);
	close_shop(&t);
}

static void list__covers_all_nine_statuses_and_each_group(void **state)
{
	static const struct {
		const char *group;
		const char *statuses;
		size_t n;
	} groups[] = {
		{"open",
			"ON_HOLD UNPAID AWAITING_SHIPMENT AWAITING_SHIPMENT AWAITING_SHIPMENT "
			"AWAITING_SHIPMENT ",
			6},
		{"on_the_way", "PARTIALLY_SHIPPING AWAITING_COLLECTION IN_TRANSIT ", 3},
		{"returnable", "DELIVERED DELIVERED DELIVERED DELIVERED DELIVERED ", 5},
		{"refunds", NULL, 8},
	};
	struct under_test t = open_shop("demo");

	(void)state;
	t.buyer = "buyer-mixed";
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		char args[64], got[400] = "";

		snprintf(args, sizeof(args), "{\"status\":\"%s\"}", groups[i].group);
		ask_ok(&t, "orders.list", args);
		for (size_t k = 0; k < value_count(t.answer.value); k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s ",
				STR(value_get_text(value_at(t.answer.value, k), "status")));
		if (groups[i].statuses)
			assert_string_equal(got, groups[i].statuses);
		assert_int_equal(value_count(t.answer.value), groups[i].n);
	}
	status_is(&t, "A-1320", "COMPLETED");
	status_is(&t, "A-1317", "CANCELLED");
	close_shop(&t);
}

static void get__tells_one_line_a_unit_and_sums_that_hold(void **state)
{
	struct under_test t = open_shop("demo");
	int64_t sum = 0;

	(void)state;
	t.buyer = "buyer-mixed";
	ask_ok(&t, "orders.get", "{\"order\":\"#a1321\"}");
	assert_int_equal(value_get_int(t.answer.value, "n_items"), 4);
	for (size_t i = 0; i < 4; i++)
		sum += minor(value_get(value_at(field(&t, "items"), i), "price"));
	assert_int_equal(sum, 4 * 1250);
	is_money(&t, "total", sum + 495 + 4 * 100);
	close_shop(&t);
}

static void get__of_another_buyer__is_as_if_it_did_not_exist(void **state)
{
	struct under_test t = open_shop("demo");
	struct str theirs, nobodys;

	(void)state;
	ask_refused(&t, "orders.get", "{\"order\":\"A-1101\"}", "not_found");
	theirs = value_get_text(t.answer.value, "why_text");
	ask_refused(&t, "orders.get", "{\"order\":\"A-9999\"}", "not_found");
	nobodys = value_get_text(t.answer.value, "why_text");
	assert_true(str_eq(theirs, nobodys));
	close_shop(&t);
}

static void get__takes_the_record_that_a_choice_left(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	ask_ok(&t, "orders.get", "{\"order\":{\"number\":\"A-1002\",\"first_item\":\"x\"}}");
	is_text(&t, "first_item", "Running shoes");
	close_shop(&t);
}

/* Cancelling: what the rule says and what cancelling does, state by state */

static void cancel__answers_by_state(void **state)
{
	static const struct {
		const char *fixture, *answer, *refusal; /* refusal NULL: it is done */
		bool refund;
	} rows[] = {
		{"unpaid", "yes", NULL, false},
		{"on_hold", "yes", NULL, true},
		{"one_open_order", "yes", NULL, true},
		{"ask_seller", "ask_seller", NULL, true},
		{"cash_on_delivery", "yes", NULL, false},
		{"made_to_order", "no", "not_allowed", false},
		{"cancel_pending", "pending", "pending", true},
		{"partly_shipped", "shipped", "shipped", false},
		{"packed", "shipped", "shipped", false},
		{"shipped", "shipped", "shipped", false},
		{"delivered", "delivered", "shipped", false},
		{"window_over", "delivered", "shipped", false},
		{"refund_running", "cancelled", "done_already", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct under_test t = open_shop(rows[i].fixture);

		ask_ok(&t, "orders.can_cancel", A1001);
		is_text(&t, "answer", rows[i].answer);
		assert_true(value_get_text(t.answer.value, "why").n > 0);
		assert_int_equal(value_is_set(field(&t, "refund")), rows[i].refund);
		if (rows[i].refusal)
			ask_refused(&t, "orders.cancel", CANCEL_A1001, rows[i].refusal);
		else
			ask_ok(&t, "orders.cancel", CANCEL_A1001);
		close_shop(&t);
	}
}

static void cancel__changes_the_order_and_sends_the_money_back(void **state)
{
	struct under_test t = open_shop("two_open_orders");

	(void)state;
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	is_text(&t, "state", "done");
	is_money(&t, "refund", 2990);
	status_is(&t, "A-1001", "CANCELLED");
	assert_int_equal(value_get_int(t.answer.value, "cancelled"), NOW);
	status_is(&t, "A-1002", "AWAITING_SHIPMENT");
	refund_is(&t, "A-1001", "requested");
	next_notice_is(&t, "none"); /* the answer has told it */
	at(&t, 31 * MINUTES);
	refund_is(&t, "A-1001", "approved");
	next_notice_is(&t, "refund.updated approved");
	at(&t, 3 * DAYS);
	refund_is(&t, "A-1001", "paid");
	is_money(&t, "amount", 2990);
	is_text(&t, "paid_with", "Visa ••4242");
	next_notice_is(&t, "refund.updated paid");
	at(&t, 60 * DAYS);
	status_is(&t, "A-1001", "CANCELLED");
	close_shop(&t);
}

static void cancel__forgets_what_was_planned_for_the_order(void **state)
{
	struct under_test t = open_shop("one_open_order");

	(void)state;
	assert_int_equal(
		t.api->next_due(t.api), NOW + 4 * DAYS - 5 * HOURS); /* leaves the warehouse */
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	at(&t, 2 * DAYS + 30 * MINUTES); /* the refund is paid */
	assert_int_equal(t.api->next_due(t.api), 0);
	close_shop(&t);
}

static void cancel__twice__is_refused_without_a_key(void **state)
{
	struct under_test t = open_shop("one_open_order");

	(void)state;
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	ask_refused(&t, "orders.cancel", CANCEL_A1001, "done_already");
	close_shop(&t);
}

static void cancel__with_the_same_key__gives_the_first_answer(void **state)
{
	struct under_test t = open_shop("two_open_orders");
	const struct value *first;

	(void)state;
	t.key = "c1/7";
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	first = t.answer.value;
	at(&t, 3 * DAYS);
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	assert_true(value_eq(first, t.answer.value));
	t.buyer = "buyer-mixed"; /* a key is not a way to somebody else's answer */
	ask_refused(&t, "orders.cancel", CANCEL_A1001, "not_found");
	close_shop(&t);
}

static void cancel__refused_under_a_key__is_judged_afresh(void **state)
{
	struct under_test t = open_shop("ask_seller");

	(void)state;
	t.key = "k1";
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	t.key = "k2";
	ask_refused(&t, "orders.cancel", CANCEL_A1001, "pending");
	at(&t, 6 * HOURS);
	ask_refused(&t, "orders.cancel", CANCEL_A1001, "done_already");
	close_shop(&t);
}

static void cancel__asked_of_the_seller__is_approved_hours_later(void **state)
{
	struct under_test t = open_shop("ask_seller");

	(void)state;
	ask_ok(&t, "orders.can_cancel", A1001);
	assert_int_equal(value_get_int(t.answer.value, "deadline"), NOW + 24 * HOURS);
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	is_text(&t, "state", "requested");
	assert_int_equal(value_get_int(t.answer.value, "deadline"), NOW + 24 * HOURS);
	status_is(&t, "A-1001", "AWAITING_SHIPMENT");
	is_text(&t, "status_text", "being prepared, and the seller was asked to cancel it");
	refund_is(&t, "A-1001", "waiting_seller");
	at(&t, 5 * HOURS);
	status_is(&t, "A-1001", "CANCELLED");
	next_notice_is(&t, "order.updated CANCELLED");
	next_notice_is(&t, "refund.updated requested");
	close_shop(&t);
}

static void cancel__declined__keeps_the_order_and_is_not_asked_again(void **state)
{
	struct under_test t = open_shop("seller_declines");

	(void)state;
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	at(&t, 6 * HOURS);
	status_is(&t, "A-1001", "AWAITING_SHIPMENT");
	refund_is(&t, "A-1001", "rejected");
	is_text(&t, "why", "the seller declined to cancel the order");
	ask_refused(&t, "orders.cancel", CANCEL_A1001, "not_allowed");
	is_text(&t, "why_text", "the seller was asked and declined on 1 March");
	close_shop(&t);
}

static void cancel__of_a_silent_seller__is_approved_at_the_deadline(void **state)
{
	struct under_test t = open_shop("cancel_pending");

	(void)state;
	at(&t, 21 * HOURS - 1);
	status_is(&t, "A-1001", "AWAITING_SHIPMENT");
	at(&t, 21 * HOURS);
	status_is(&t, "A-1001", "CANCELLED");
	close_shop(&t);
}

static void cancel__overtaken_by_the_parcel__is_declined(void **state)
{
	struct under_test t = open_shop("cancel_overtaken");

	(void)state;
	at(&t, 10 * HOURS);
	status_is(&t, "A-1001", "AWAITING_COLLECTION");
	next_notice_is(&t, "refund.updated rejected");
	next_notice_is(&t, "order.updated AWAITING_COLLECTION");
	refund_is(&t, "A-1001", "rejected");
	is_text(&t, "why", "the order had already left our warehouse");
	at(&t, 10 * DAYS);
	status_is(&t, "A-1001", "DELIVERED");
	close_shop(&t);
}

/* Time */

static void order__lives_from_paid_to_completed(void **state)
{
	static const struct {
		int64_t after;
		const char *status;
	} life[] = {
		{0, "ON_HOLD"},
		{43 * MINUTES, "AWAITING_SHIPMENT"},
		{30 * HOURS - 20 * MINUTES, "AWAITING_COLLECTION"},
		{36 * HOURS - 20 * MINUTES, "IN_TRANSIT"},
		{4 * DAYS + 36 * HOURS - 20 * MINUTES, "DELIVERED"},
		{34 * DAYS + 36 * HOURS - 20 * MINUTES, "COMPLETED"},
	};
	struct under_test t = open_shop("on_hold");

	(void)state;
	for (size_t i = 0; i < sizeof(life) / sizeof(life[0]); i++) {
		if (i) {
			at(&t, life[i].after - 1);
			status_is(&t, "A-1001", life[i - 1].status);
			assert_int_equal(t.api->next_due(t.api), NOW + life[i].after);
		}
		at(&t, life[i].after);
		status_is(&t, "A-1001", life[i].status);
	}
	assert_int_equal(t.api->next_due(t.api), 0);
	close_shop(&t);
}

static void clock__in_one_leap_or_in_steps__ends_the_same(void **state)
{
	struct under_test leap = open_shop("demo");
	struct under_test steps = open_shop("demo");

	(void)state;
	at(&leap, 40 * DAYS);
	for (int64_t hour = 1; hour <= 40 * 24; hour++)
		at(&steps, hour * HOURS);
	for (;;) {
		struct order_notice a, b;
		struct str text = take_notice(&leap, &a);

		assert_true(str_eq(text, take_notice(&steps, &b)));
		if (str_is(text, "none"))
			break;
		assert_int_equal(a.at, b.at);
		assert_true(str_eq(a.buyer, b.buyer));
		assert_true(value_eq(a.fields, b.fields));
	}
	close_shop(&leap);
	close_shop(&steps);
}

static void clock__never_goes_back(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	at(&t, 5 * DAYS);
	at(&t, 1 * DAYS);
	assert_int_equal(sandbox_now(t.sandbox), NOW + 5 * DAYS);
	close_shop(&t);
}

static void unpaid__ends_by_itself(void **state)
{
	struct under_test t = open_shop("unpaid");

	(void)state;
	at(&t, 43 * HOURS);
	status_is(&t, "A-1001", "CANCELLED");
	refund_is(&t, "A-1001", "none");
	close_shop(&t);
}

static void track__tells_no_future(void **state)
{
	struct under_test t = open_shop("shipped");
	size_t before;

	(void)state;
	ask_ok(&t, "orders.track", A1001);
	before = value_count(t.answer.value);
	for (size_t i = 0; i < before; i++)
		assert_true(value_get_int(value_at(t.answer.value, i), "at") <= NOW);
	at(&t, 3 * DAYS);
	ask_ok(&t, "orders.track", A1001);
	assert_true(value_count(t.answer.value) > before);
	assert_true(str_is(value_get_text(value_at(t.answer.value, 0), "text"),
		"Delivered at the front door"));
	close_shop(&t);
}

static void notice__comes_again_until_it_is_taken(void **state)
{
	struct under_test t = open_shop("refund_running");
	struct order_notice first, again;

	(void)state;
	at(&t, 2 * DAYS);
	assert_true(t.api->next_notice(t.api, 0, t.arena, &first));
	assert_true(t.api->next_notice(t.api, 0, t.arena, &again));
	assert_int_equal(first.id, again.id);
	assert_false(t.api->next_notice(t.api, first.id, t.arena, &again)); /* passed over */
	assert_true(str_is(first.event, "refund.updated"));
	assert_true(str_is(first.buyer, "buyer-open"));
	assert_false(t.api->next_notice(t.api, first.id, t.arena, &again));
	t.api->notice_taken(t.api, first.id);
	assert_false(t.api->next_notice(t.api, 0, t.arena, &again));
	close_shop(&t);
}

static void shop__says_when_it_opens(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	ask_ok(&t, "shop.info", "{}"); /* Saturday */
	assert_false(value_bool_of(field(&t, "open")));
	assert_int_equal(value_get_int(t.answer.value, "opens_at"), NOW + 2 * DAYS - 1 * HOURS);
	at(&t, 2 * DAYS);
	ask_ok(&t, "shop.info", "{}");
	assert_true(value_bool_of(field(&t, "open")));
	is_unset(&t, "opens_at");
	at(&t, 2 * DAYS + 7 * HOURS);
	ask_ok(&t, "shop.info", "{}");
	assert_false(value_bool_of(field(&t, "open")));
	assert_int_equal(value_get_int(t.answer.value, "opens_at"), NOW + 3 * DAYS - 1 * HOURS);
	close_shop(&t);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(shop__knows_every_operation_of_the_flows),
		T(shop__gives_only_fields_of_the_contract),
		T(shop__tells_only_words_of_the_contract),
		T(fixtures__all_open),
		T(list__gives_ten_newest_first_and_goes_on_behind_a_number),
		T(list__covers_all_nine_statuses_and_each_group),
		T(get__tells_one_line_a_unit_and_sums_that_hold),
		T(get__of_another_buyer__is_as_if_it_did_not_exist),
		T(get__takes_the_record_that_a_choice_left),
		T(cancel__answers_by_state),
		T(cancel__changes_the_order_and_sends_the_money_back),
		T(cancel__forgets_what_was_planned_for_the_order),
		T(cancel__twice__is_refused_without_a_key),
		T(cancel__with_the_same_key__gives_the_first_answer),
		T(cancel__refused_under_a_key__is_judged_afresh),
		T(cancel__asked_of_the_seller__is_approved_hours_later),
		T(cancel__declined__keeps_the_order_and_is_not_asked_again),
		T(cancel__of_a_silent_seller__is_approved_at_the_deadline),
		T(cancel__overtaken_by_the_parcel__is_declined),
		T(order__lives_from_paid_to_completed),
		T(clock__in_one_leap_or_in_steps__ends_the_same),
		T(clock__never_goes_back),
		T(unpaid__ends_by_itself),
		T(track__tells_no_future),
		T(notice__comes_again_until_it_is_taken),
		T(shop__says_when_it_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
