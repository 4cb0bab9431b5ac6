/* The platform's state machines of cancellations, returns and refunds; what is done once; pages. */
#include "wire_under_test.h"

#define CANCELLATIONS "/return_refund/202309/cancellations"
#define RETURNS "/return_refund/202309/returns"
#define WANTED "seller_cancel_paid_reason_buyer_requested_cancellation"
#define DAMAGED "ecom_order_delivered_refund_and_return_reason_damaged"

static int cancel(struct under_test *t, int number, const char *reason)
{
	return post(t, CANCELLATIONS, "",
		print(t, "{\"order_id\":\"%s\",\"cancel_reason\":\"%s\"}", order_id(t, number),
			reason));
}

/* The one cancellation, or return, of an order. */
static const char *cancellation_field(struct under_test *t, int number, const char *field)
{
	good(t, post(t, CANCELLATIONS "/search", "",
			print(t, "{\"order_ids\":[\"%s\"]}", order_id(t, number))));
	return text_at(t, print(t, "cancellations.0.%s", field));
}

static const char *return_field(struct under_test *t, const char *id, const char *field)
{
	good(t, post(t, RETURNS "/search", "", print(t, "{\"return_ids\":[\"%s\"]}", id)));
	return text_at(t, print(t, "return_orders.0.%s", field));
}

static const char *order_field(struct under_test *t, int number, const char *field)
{
	good(t, ask(t, "GET", "/order/202309/orders", print(t, "ids=%s", order_id(t, number)), ""));
	return text_at(t, print(t, "orders.0.%s", field));
}

static void seller_cancel__refunds_step_by_step__as_the_platform_does(void **state)
{
	struct under_test t = open_wire("one_open_order");

	(void)state;
	good(&t, cancel(&t, 1001, WANTED));
	assert_string_equal(text_at(&t, "cancel_status"), "CANCELLATION_REQUEST_SUCCESS");
	assert_true(t.answer.changed);
	assert_string_equal(order_field(&t, 1001, "status"), "CANCELLED");
	assert_string_equal(cancellation_field(&t, 1001, "cancel_type"), "CANCEL");
	assert_string_equal(cancellation_field(&t, 1001, "role"), "SELLER");
	assert_string_equal(cancellation_field(&t, 1001, "refund_amount.refund_total"), "29.90");
	later(&t, 2 * DAYS + 40 * MINUTES);
	assert_string_equal(
		cancellation_field(&t, 1001, "cancel_status"), "CANCELLATION_REQUEST_COMPLETE");
	assert_int_equal(cancel(&t, 1001, WANTED), 25001051);
	assert_false(t.answer.changed);
	close_wire(&t);
}

static void seller_cancel__is_refused__in_each_other_state(void **state)
{
	static const struct {
		const char *fixture, *reason;
		int code;
	} row[] = {
		{"unpaid", WANTED, 25001021},
		{"unpaid", "seller_cancel_unpaid_reason_out_of_stock", 0},
		{"on_hold", WANTED, 0},
		{"on_hold", "seller_cancel_unpaid_reason_out_of_stock", 25001021},
		{"on_hold", "no such reason", 25001014},
		{"on_hold", "ecom_order_to_ship_canceled_reason_better_price", 25001015},
		{"ask_seller", WANTED, 0},
		{"made_to_order", WANTED, 0},
		{"cancel_pending", WANTED, 25001011},
		{"partly_shipped", WANTED, 25001045},
		{"packed", WANTED, 25001045},
		{"shipped", WANTED, 25001045},
		{"delivered", WANTED, 25001045},
		{"window_over", WANTED, 25001051},
		{"cancelled_unpaid", WANTED, 25001051},
		{"refund_running", WANTED, 25001051},
		{"no_orders", WANTED, 25020005},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct under_test t = open_wire(row[i].fixture);

		if (cancel(&t, 1001, row[i].reason) != row[i].code || t.answer.status != 200 ||
			t.answer.changed != !row[i].code)
			fail_msg("%s: %.*s", row[i].fixture, STR(t.answer.body));
		close_wire(&t);
	}
}

static int cancel_pieces(struct under_test *t, const char *reason, const char *lines)
{
	return post(t, CANCELLATIONS, "",
		print(t,
			"{\"order_id\":\"%s\",\"cancel_reason\":\"%s\",\"order_line_item_ids\":[%s]"
			"}",
			order_id(t, 1302), reason, lines));
}

static void seller_cancel__of_a_piece_out_of_stock__leaves_the_rest(void **state)
{
	static const char gone[] = "seller_cancel_reason_out_of_stock";
	static const char teapot[] = "\"576461420000130201\"", mug[] = "\"576461420000130202\"";
	struct under_test t = open_wire("demo");
	const char *first;

	(void)state;
	assert_true(step(&t, "A-1302", STEP_PAY));
	assert_int_equal(cancel_pieces(&t, WANTED, teapot), 25005010);
	good(&t, cancel_pieces(&t, gone, teapot));
	first = text_at(&t, "cancel_id");
	assert_string_equal(order_field(&t, 1302, "status"), "ON_HOLD");
	assert_string_equal(order_field(&t, 1302, "line_items.0.display_status"), "CANCELLED");
	assert_string_equal(order_field(&t, 1302, "line_items.0.cancel_user"), "SELLER");
	assert_string_equal(
		order_field(&t, 1302, "line_items.1.display_status"), "AWAITING_SHIPMENT");
	assert_string_equal(cancellation_field(&t, 1302, "refund_amount.refund_total"),
		"36.18"); /* 33.50 and tax */
	assert_string_equal(cancellation_field(&t, 1302, "cancel_line_items.0.order_line_item_id"),
		"576461420000130201");
	assert_null(at(&t, "cancellations.0.cancel_line_items.1"));
	assert_int_equal(cancel_pieces(&t, gone, teapot), 36009004); /* not of the order any more */
	good(&t, cancel_pieces(&t, gone, mug));
	good(&t, cancel(&t, 1302, WANTED)); /* the other mug, and the shipping */
	assert_string_not_equal(text_at(&t, "cancel_id"), first);
	assert_string_equal(order_field(&t, 1302, "status"), "CANCELLED");
	later(&t, 3 * DAYS);
	good(&t, post(&t, CANCELLATIONS "/search", "",
			 print(&t, "{\"order_ids\":[\"%s\"]}", order_id(&t, 1302))));
	assert_string_equal(
		text_at(&t, "cancellations.2.refund_amount.refund_shipping_fee"), "4.95");
	assert_string_equal(text_at(&t, "cancellations.2.refund_amount.refund_total"), "18.45");
	for (int i = 0; i < 3; i++)
		assert_string_equal(text_at(&t, print(&t, "cancellations.%d.cancel_status", i)),
			"CANCELLATION_REQUEST_COMPLETE");
	close_wire(&t);
}

static void buyer_cancel__approved_rejected_withdrawn_or_silent__ends_as_it_should(void **state)
{
	static const struct {
		const char *path; /* NULL: a step by hand */
		const char *body;
		enum shop_step step;
		int64_t wait;
		const char *cancel_status, *order_status;
	} row[] = {
		{"approve", "{}", 0, 0, "CANCELLATION_REQUEST_SUCCESS", "CANCELLED"},
		{"approve", "", 0, 0, "CANCELLATION_REQUEST_SUCCESS", "CANCELLED"},
		{"reject",
			"{\"reject_reason\":\"ecom_reverse_reject_cancel_reason_product_packed\"}",
			0, 0, "CANCELLATION_REQUEST_CANCELLED", "AWAITING_SHIPMENT"},
		{NULL, NULL, STEP_WITHDRAW, 0, "CANCELLATION_REQUEST_CANCELLED",
			"AWAITING_SHIPMENT"},
		{NULL, NULL, STEP_SHIP, 0, "CANCELLATION_REQUEST_CANCELLED", "AWAITING_COLLECTION"},
		{NULL, NULL, N_SHOP_STEP, 22 * HOURS, "CANCELLATION_REQUEST_SUCCESS", "CANCELLED"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct under_test t = open_wire("cancel_pending");
		const char *id = cancellation_field(&t, 1001, "cancel_id");

		assert_string_equal(cancellation_field(&t, 1001, "cancel_type"), "BUYER_CANCEL");
		assert_string_equal(
			cancellation_field(&t, 1001, "seller_next_action_response.0.action"),
			"SELLER_RESPOND_CANCEL");
		if (row[i].path)
			good(&t, post(&t, print(&t, CANCELLATIONS "/%s/%s", id, row[i].path), "",
					 row[i].body));
		else if (row[i].step < N_SHOP_STEP)
			assert_true(step(&t, "A-1001", row[i].step));
		later(&t, row[i].wait);
		assert_string_equal(
			cancellation_field(&t, 1001, "cancel_status"), row[i].cancel_status);
		assert_string_equal(order_field(&t, 1001, "status"), row[i].order_status);
		assert_int_equal(
			post(&t, print(&t, CANCELLATIONS "/%s/approve", id), "", ""), 25011012);
		close_wire(&t);
	}
}

static const char *make_return(struct under_test *t, const char *type, const char *reason)
{
	good(t, post(t, RETURNS, "",
			print(t,
				"{\"order_id\":\"%s\",\"return_type\":\"%s\",\"return_reason\":\"%"
				"s\","
				"\"refund_total\":\"29.90\",\"currency\":\"USD\"}",
				order_id(t, 1001), type, reason)));
	return text_at(t, "return_id");
}

static int decide(struct under_test *t, const char *id, const char *what, const char *body)
{
	return post(t, print(t, RETURNS "/%s/%s", id, what), "", body);
}

static void sellers_return__travels_to_its_end__and_takes_no_wrong_turn(void **state)
{
	struct under_test t = open_wire("delivered");
	const char *id = make_return(&t, "RETURN_AND_REFUND", DAMAGED);

	(void)state;
	assert_string_equal(text_at(&t, "return_status"), "AWAITING_BUYER_SHIP");
	assert_string_equal(return_field(&t, id, "role"), "SELLER");
	assert_int_equal(
		decide(&t, id, "approve", "{\"decision\":\"APPROVE_RECEIVED_PACKAGE\"}"), 25011013);
	assert_true(step(&t, "A-1001", STEP_SEND_BACK));
	assert_string_equal(return_field(&t, id, "return_status"), "BUYER_SHIPPED_ITEM");
	assert_string_equal(return_field(&t, id, "seller_next_action_response.0.action"),
		"SELLER_RESPOND_RECEIVE_PACKAGE");
	assert_int_equal(decide(&t, id, "approve", "{\"decision\":\"APPROVE_REFUND\"}"), 25020004);
	assert_int_equal(
		decide(&t, id, "approve", "{\"decision\":\"APPROVE_REPLACEMENT\"}"), 25020004);
	good(&t, decide(&t, id, "approve", "{\"decision\":\"APPROVE_RECEIVED_PACKAGE\"}"));
	assert_string_equal(
		return_field(&t, id, "return_status"), "RETURN_OR_REFUND_REQUEST_SUCCESS");
	later(&t, 2 * DAYS + 1);
	assert_string_equal(
		return_field(&t, id, "return_status"), "RETURN_OR_REFUND_REQUEST_COMPLETE");
	assert_string_equal(order_field(&t, 1001, "status"), "COMPLETED");
	close_wire(&t);
}

static void a_parcel_that_is_refused__has_a_word_of_its_own(void **state)
{
	struct under_test t = open_wire("delivered");
	const char *id = make_return(&t, "RETURN_AND_REFUND", DAMAGED);

	(void)state;
	assert_true(step(&t, "A-1001", STEP_SEND_BACK));
	good(&t, decide(&t, id, "reject",
			 "{\"decision\":\"REJECT_RECEIVED_PACKAGE\",\"reject_reason\":"
			 "\"reverse_reject_request_reason_3\"}"));
	assert_string_equal(return_field(&t, id, "return_status"), "REJECT_RECEIVE_PACKAGE");
	close_wire(&t);
}

static void a_return_nobody_sends__is_closed(void **state)
{
	struct under_test t = open_wire("delivered");
	const char *id = make_return(&t, "RETURN_AND_REFUND", DAMAGED);

	(void)state;
	later(&t, 7 * DAYS + 1);
	assert_string_equal(
		return_field(&t, id, "return_status"), "RETURN_OR_REFUND_REQUEST_CANCEL");
	close_wire(&t);
}

static void sellers_refund__needs_no_approval(void **state)
{
	struct under_test t = open_wire("delivered");
	const char *id =
		make_return(&t, "REFUND", "ecom_order_delivered_refund_reason_not_received_seller");

	(void)state;
	assert_string_equal(text_at(&t, "return_status"), "RETURN_OR_REFUND_REQUEST_SUCCESS");
	later(&t, 2 * DAYS + 1);
	assert_string_equal(
		return_field(&t, id, "return_status"), "RETURN_OR_REFUND_REQUEST_COMPLETE");
	close_wire(&t);
}

static const char *waiting_return(struct under_test *t)
{
	good(t, post(t, RETURNS "/search", "",
			"{\"return_status\":[\"RETURN_OR_REFUND_REQUEST_PENDING\"]}"));
	return text_at(t, "return_orders.0.return_id");
}

static void buyers_return__is_decided_by_the_seller__in_four_ways(void **state)
{
	static const struct {
		const char *what, *body, *status;
	} row[] = {
		{"approve", "{\"decision\":\"APPROVE_RETURN\"}", "AWAITING_BUYER_SHIP"},
		{"approve", "{\"decision\":\"APPROVE_RETURN\",\"buyer_keep_item\":true}",
			"RETURN_OR_REFUND_REQUEST_SUCCESS"},
		{"approve",
			"{\"decision\":\"OFFER_PARTIAL_REFUND\",\"partial_refund\":{\"amount\":"
			"\"10\","
			"\"currency\":\"USD\"}}",
			"AWAITING_BUYER_RESPONSE"},
		{"reject",
			"{\"decision\":\"REJECT_RETURN\",\"reject_reason\":"
			"\"reverse_reject_request_reason_4\"}",
			"REFUND_OR_RETURN_REQUEST_REJECT"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct under_test t = open_wire("return_waiting");
		const char *id = waiting_return(&t);

		good(&t, decide(&t, id, row[i].what, row[i].body));
		assert_string_equal(return_field(&t, id, "return_status"), row[i].status);
		assert_int_equal(decide(&t, id, row[i].what, row[i].body), 25011013);
		close_wire(&t);
	}
}

static void an_offer_that_is_taken__pays_the_part_and_no_more(void **state)
{
	struct under_test t = open_wire("return_waiting");
	const char *id = waiting_return(&t);

	(void)state;
	assert_int_equal(decide(&t, id, "approve",
				 "{\"decision\":\"OFFER_PARTIAL_REFUND\",\"partial_refund\":{"
				 "\"amount\":\"29.90\",\"currency\":\"USD\"}}"),
		25001001);
	good(&t, decide(&t, id, "approve",
			 "{\"decision\":\"OFFER_PARTIAL_REFUND\",\"partial_refund\":{\"amount\":"
			 "\"10.50\",\"currency\":\"USD\"}}"));
	assert_true(step(&t, "A-1001", STEP_TAKE_OFFER));
	assert_string_equal(return_field(&t, id, "refund_amount.refund_total"), "10.50");
	assert_true(step(&t, "A-1001", STEP_PAY_OUT));
	assert_string_equal(
		return_field(&t, id, "return_status"), "RETURN_OR_REFUND_REQUEST_COMPLETE");
	close_wire(&t);
}

static void create_return__with_too_much_or_twice__is_refused(void **state)
{
	struct under_test t = open_wire("delivered");
	static const char form[] =
		"{\"order_id\":\"%s\",\"return_type\":\"%s\",\"return_reason\":\"%s\","
		"\"refund_total\":\"%s\",\"currency\":\"USD\"}";
	const char *order = order_id(&t, 1001);

	(void)state;
	assert_int_equal(post(&t, RETURNS, "",
				 print(&t, form, order, "RETURN_AND_REFUND", DAMAGED, "29.91")),
		25001001);
	assert_int_equal(
		post(&t, RETURNS, "", print(&t, form, order, "RETURN_AND_REFUND", DAMAGED, "-1")),
		25001001);
	assert_int_equal(
		post(&t, RETURNS, "", print(&t, form, order, "REPLACEMENT", DAMAGED, "29.90")),
		25001001);
	assert_int_equal(
		post(&t, RETURNS, "", print(&t, form, order, "RETURN_AND_REFUND", WANTED, "29.90")),
		25001021);
	(void)make_return(&t, "RETURN_AND_REFUND", DAMAGED);
	assert_int_equal(post(&t, RETURNS, "",
				 print(&t, form, order, "RETURN_AND_REFUND", DAMAGED, "29.90")),
		25001001); /* nothing is left to come back */
	close_wire(&t);
}

static void a_key__gives_the_first_answer_again__and_nothing_is_done_twice(void **state)
{
	struct under_test t = open_wire("delivered_three");
	const char *body = print(&t,
		"{\"order_id\":\"%s\",\"return_type\":\"RETURN_AND_REFUND\",\"return_reason\":"
		"\"" DAMAGED "\",\"refund_total\":\"12.50\",\"currency\":\"USD\","
		"\"order_line_item_ids\":[\"576461420000100102\"]}",
		order_id(&t, 1001));
	const char *first;

	(void)state;
	good(&t, post(&t, RETURNS, "idempotency_key=one", body));
	first = text_at(&t, "return_id");
	assert_true(t.answer.changed);
	good(&t, post(&t, RETURNS, "idempotency_key=one", body));
	assert_string_equal(text_at(&t, "return_id"), first);
	assert_false(t.answer.changed);
	assert_int_equal(post(&t, RETURNS, "idempotency_key=two", body), 25001011);
	assert_int_equal(post(&t, RETURNS, "idempotency_key=two", body), 25001011);
	good(&t, post(&t, RETURNS "/search", "", "{}"));
	assert_int_equal(int_at(&t, "total_count"), 1);
	close_wire(&t);
}

static void pages__neither_repeat_nor_lose__while_orders_come_in(void **state)
{
	struct under_test t = open_wire("demo");
	char seen[64][24];
	const char *token = "";
	size_t n = 0;

	(void)state;
	do {
		good(&t, post(&t, "/order/202309/orders/search",
				 *token ? print(&t, "page_size=5&page_token=%s", token)
					: "page_size=5",
				 "{}"));
		for (const struct json *o = json_first(at(&t, "orders")); o; o = json_next(o)) {
			struct str id = json_text(json_get(o, "id"));

			for (size_t i = 0; i < n; i++)
				assert_false(str_is(id, seen[i]));
			assert_true(n < 64);
			snprintf(seen[n++], sizeof seen[0], "%.*s", STR(id));
		}
		token = text_at(&t, "next_page_token");
		if (n == 10) { /* newer than all: behind those that were shown */
			struct str number;

			assert_true(wire_begin(t.wire, "hand"));
			assert_true(shop_order(
				t.sandbox, S("buyer-new"), S("mug lamp"), t.arena, &number));
			assert_true(wire_end(t.wire));
		}
	} while (*token);
	assert_int_equal(n, 36);
	close_wire(&t);
}

static void page_tokens__of_another_list_or_changed__are_refused(void **state)
{
	struct under_test t = open_wire("demo");
	const char *token;

	(void)state;
	good(&t, post(&t, CANCELLATIONS "/search", "page_size=2", "{}"));
	token = text_at(&t, "next_page_token");
	assert_true(*token);
	good(&t, post(&t, CANCELLATIONS "/search", print(&t, "page_size=2&page_token=%s", token),
			 "{}"));
	assert_int_equal(
		post(&t, RETURNS "/search", print(&t, "page_size=10&page_token=%s", token), "{}"),
		36009004);
	assert_int_equal(
		post(&t, CANCELLATIONS "/search", "page_size=2&page_token=AAAA", "{}"), 36009004);
	close_wire(&t);
}

static void page_sizes__at_their_limits__are_taken_and_no_others(void **state)
{
	static const struct {
		const char *method, *path;
		int least, most;
	} row[] = {
		{"POST", "/order/202309/orders/search", 1, 100},
		{"POST", CANCELLATIONS "/search", 1, 50},
		{"POST", RETURNS "/search", 10, 50},
		{"POST", "/fulfillment/202309/packages/search", 1, 50},
		{"GET", "/customer_service/202309/conversations", 1, 20},
	};
	struct under_test t = open_wire("demo");

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *body = row[i].method[0] == 'P' ? "{}" : "";

		good(&t, ask(&t, row[i].method, row[i].path,
				 print(&t, "page_size=%d", row[i].least), body));
		good(&t, ask(&t, row[i].method, row[i].path, print(&t, "page_size=%d", row[i].most),
				 body));
		assert_int_equal(ask(&t, row[i].method, row[i].path,
					 print(&t, "page_size=%d", row[i].least - 1), body),
			36009004);
		assert_int_equal(ask(&t, row[i].method, row[i].path,
					 print(&t, "page_size=%d", row[i].most + 1), body),
			36009004);
	}
	close_wire(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seller_cancel__refunds_step_by_step__as_the_platform_does),
		cmocka_unit_test(seller_cancel__is_refused__in_each_other_state),
		cmocka_unit_test(seller_cancel__of_a_piece_out_of_stock__leaves_the_rest),
		cmocka_unit_test(
			buyer_cancel__approved_rejected_withdrawn_or_silent__ends_as_it_should),
		cmocka_unit_test(sellers_return__travels_to_its_end__and_takes_no_wrong_turn),
		cmocka_unit_test(a_parcel_that_is_refused__has_a_word_of_its_own),
		cmocka_unit_test(a_return_nobody_sends__is_closed),
		cmocka_unit_test(sellers_refund__needs_no_approval),
		cmocka_unit_test(buyers_return__is_decided_by_the_seller__in_four_ways),
		cmocka_unit_test(an_offer_that_is_taken__pays_the_part_and_no_more),
		cmocka_unit_test(create_return__with_too_much_or_twice__is_refused),
		cmocka_unit_test(a_key__gives_the_first_answer_again__and_nothing_is_done_twice),
		cmocka_unit_test(pages__neither_repeat_nor_lose__while_orders_come_in),
		cmocka_unit_test(page_tokens__of_another_list_or_changed__are_refused),
		cmocka_unit_test(page_sizes__at_their_limits__are_taken_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
