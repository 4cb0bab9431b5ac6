/* Returns and refunds of the demo shop. */
#include "tests/unit/sandbox/shop_under_test.h"

#define A1001 "{\"order\":\"A-1001\"}"
#define R5001 "{\"return\":\"R-5001\"}"
#define SEND "{\"return\":\"R-5001\",\"number\":\"rw 9912-3456 us\"}"

static void return_is(struct under_test *t, const char *state)
{
	ask_ok(t, "returns.status", R5001);
	is_text(t, "state", state);
}

static void can_return__answers_by_state(void **state)
{
	static const struct {
		const char *fixture, *answer, *why;
	} rows[] = {
		{"unpaid", "no", "it is not paid yet"},
		{"one_open_order", "no", "it has not left our warehouse yet"},
		{"partly_shipped", "no", "it has not arrived yet"},
		{"shipped", "no", "it has not arrived yet"},
		{"delivered", "yes", ""},
		{"delivered_three", "partly", "not everything in it can be returned"},
		{"window_over", "no", "the 30 days for returns ended on 19 February"},
		{"return_to_send", "no", "it is already being returned"},
		{"return_refunded", "no", "everything in it was refunded"},
		{"return_declined", "no", "the seller has declined its return"},
		{"refund_running", "no", "it was cancelled on 28 February"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct under_test t = open_shop(rows[i].fixture);

		ask_ok(&t, "returns.can_return", A1001);
		is_text(&t, "answer", rows[i].answer);
		is_text(&t, "why", rows[i].why);
		close_shop(&t);
	}
}

static void can_return__says_which_items(void **state)
{
	struct under_test t = open_shop("delivered_three");
	const struct value *items;

	(void)state;
	ask_ok(&t, "returns.can_return", A1001);
	items = field(&t, "items");
	assert_int_equal(value_count(items), 3);
	assert_true(value_bool_of(value_get(value_at(items, 0), "may")));
	assert_false(value_bool_of(value_get(value_at(items, 2), "may")));
	assert_true(str_is(value_get_text(value_at(items, 2), "why"),
		"it cannot be returned for hygiene reasons"));
	ask_refused(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\",\"A-1001-3\"],\"reason\":\"changed_"
		"mind\"}",
		"not_returnable");
	close_shop(&t);
}

static void return__lives_from_asked_to_paid(void **state)
{
	struct under_test t = open_shop("delivered");

	(void)state;
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":[{\"id\":\"A-1001-1\",\"title\":\"x\"}],"
		"\"reason\":{\"id\":"
		"\"damaged\",\"label\":\"y\"},\"note\":\"torn\",\"photos\":[\"p1\"]}");
	is_text(&t, "id", "R-5001");
	is_text(&t, "state", "waiting_seller");
	assert_int_equal(value_get_int(t.answer.value, "deadline"), NOW + 48 * HOURS);
	is_money(&t, "refund", 2990);
	refund_is(&t, "A-1001", "waiting_seller");
	is_text(&t, "return", "R-5001");

	at(&t, 5 * HOURS);
	return_is(&t, "send_it");
	assert_int_equal(value_get_int(t.answer.value, "deadline"), NOW + 5 * HOURS + 7 * DAYS);
	is_text(&t, "method", "label");
	is_text(&t, "label", "https://juniper-finch.example/labels/R-5001.pdf");
	next_notice_is(&t, "return.updated send_it");
	next_notice_is(&t, "refund.updated requested");

	ask_ok(&t, "returns.set_tracking", SEND);
	is_text(&t, "state", "on_its_way");
	is_text(&t, "tracking", "RW99123456US");
	at(&t, 5 * HOURS + 4 * DAYS);
	return_is(&t, "approved");
	refund_is(&t, "A-1001", "approved");
	at(&t, 5 * HOURS + 6 * DAYS);
	return_is(&t, "paid");
	refund_is(&t, "A-1001", "paid");
	status_is(&t, "A-1001", "COMPLETED"); /* all the money is back */
	close_shop(&t);
}

static void return__without_photos_wanted__is_accepted_at_once(void **state)
{
	struct under_test t = open_shop("delivered");

	(void)state;
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":\"A-1001-1\",\"reason\":\"does_not_fit\"}");
	is_text(&t, "state", "send_it");
	next_notice_is(&t, "none");
	close_shop(&t);
}

static void return__refuses(void **state)
{
	static const struct {
		const char *args, *why;
	} rows[] = {
		{"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\"],\"reason\":\"boredom\"}",
			"bad_reason"},
		{"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\"]}", "bad_reason"},
		{"{\"order\":\"A-1001\",\"items\":[\"A-1003-1\"],\"reason\":\"damaged\"}",
			"not_found"},
		{"{\"order\":\"A-1001\",\"items\":[],\"reason\":\"damaged\"}", "not_found"},
		{"{\"order\":\"A-1001\",\"items\":[17],\"reason\":\"damaged\"}", "not_found"},
		{"{\"order\":\"A-1001\",\"reason\":\"damaged\"}", "not_found"},
		{"{\"order\":\"A-1\",\"items\":[\"A-1001-1\"],\"reason\":\"damaged\"}",
			"not_found"},
		{"{\"order\":7}", "not_found"},
		{"{}", "not_found"},
	};
	struct under_test t = open_shop("delivered");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ask_refused(&t, "returns.create", rows[i].args, rows[i].why);
	refund_is(&t, "A-1001", "none");
	close_shop(&t);
}

static void return__of_the_same_item_twice__is_pending(void **state)
{
	struct under_test t = open_shop("delivered_three");

	(void)state;
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\",\"A-1001-1\"],\"reason\":\"changed_"
		"mind\"}");
	is_money(&t, "refund", 2990); /* named twice, counted once */
	ask_refused(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\"],\"reason\":\"changed_mind\"}",
		"pending");
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":[\"A-1001-2\"],\"reason\":\"changed_mind\"}");
	is_text(&t, "id", "R-5002");
	ask_ok(&t, "returns.list", A1001);
	assert_int_equal(value_count(t.answer.value), 2);
	assert_true(str_is(value_get_text(value_at(t.answer.value, 0), "id"), "R-5002"));
	close_shop(&t);
}

static void return__with_the_same_key__gives_the_first_answer(void **state)
{
	static const char args[] =
		"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\"],\"reason\":\"changed_mind\"}";
	struct under_test t = open_shop("delivered");

	(void)state;
	t.key = "k";
	ask_ok(&t, "returns.create", args);
	ask_ok(&t, "returns.create", args);
	is_text(&t, "id", "R-5001");
	ask_ok(&t, "returns.list", "{}");
	assert_int_equal(value_count(t.answer.value), 1);
	close_shop(&t);
}

static void return__not_sent_in_time__closes_and_may_be_asked_again(void **state)
{
	struct under_test t = open_shop("return_to_send");

	(void)state;
	at(&t, 6 * DAYS);
	return_is(&t, "closed");
	refund_is(&t, "A-1001", "rejected");
	is_text(&t, "why", "the parcel was not sent in time");
	ask_refused(&t, "returns.set_tracking", SEND, "wrong_state");
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1001\",\"items\":[\"A-1001-1\"],\"reason\":\"changed_mind\"}");
	is_text(&t, "id", "R-5002");
	refund_is(&t, "A-1001", "requested");
	close_shop(&t);
}

static void return__declined__takes_the_money_off_again(void **state)
{
	struct under_test t = open_shop("return_declined");

	(void)state;
	return_is(&t, "rejected");
	refund_is(&t, "A-1001", "rejected");
	is_text(&t, "why", "the seller declined the return");
	close_shop(&t);
}

static void return__of_a_silent_seller__is_accepted_at_the_deadline(void **state)
{
	struct under_test t = open_shop("return_waiting");

	(void)state;
	at(&t, 40 * HOURS - 1);
	return_is(&t, "waiting_seller");
	at(&t, 40 * HOURS);
	return_is(&t, "send_it");
	close_shop(&t);
}

static void tracking__is_checked_and_may_be_corrected(void **state)
{
	static const char *const bad[] = {"", "12345", "A-1001", "no number at all", "ÄÖÜ12345678",
		"1234567890123456789012345678901234567890"};
	struct under_test t = open_shop("return_to_send");
	char args[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(args, sizeof(args), "{\"return\":\"R-5001\",\"number\":\"%s\"}", bad[i]);
		ask_refused(&t, "returns.set_tracking", args, "bad_number");
	}
	ask_ok(&t, "returns.set_tracking", SEND);
	ask_ok(&t, "returns.set_tracking",
		"{\"return\":\"5001\",\"number\":\"1Z999AA10123456784\"}");
	is_text(&t, "tracking", "1Z999AA10123456784");
	at(&t, 4 * DAYS);
	return_is(&t, "approved");
	ask_refused(&t, "returns.set_tracking", SEND, "wrong_state");
	close_shop(&t);
}

static void return__of_another_buyer__does_not_exist(void **state)
{
	struct under_test t = open_shop("return_to_send");

	(void)state;
	t.buyer = "buyer-mixed";
	ask_refused(&t, "returns.status", R5001, "not_found");
	ask_refused(&t, "returns.set_tracking", SEND, "not_found");
	ask_ok(&t, "returns.list", "{}");
	assert_int_equal(value_count(t.answer.value), 0);
	close_shop(&t);
}

static void refund__of_a_return_with_our_fault__brings_the_shipping_back(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	t.buyer = "buyer-mixed"; /* A-1310: 29.90 + 24.00 + 35.00 + 12.50, tax of 8 %, shipping 4.95
				  */
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1310\",\"items\":[\"A-1310-1\"],\"reason\":\"damaged\"}");
	is_money(&t, "refund", 2990 + 239); /* not all of it comes back: no shipping */
	t.buyer = "buyer-open";
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1003\",\"items\":[\"A-1003-1\",\"A-1003-2\"],\"reason\":"
		"\"damaged\"}");
	is_money(&t, "refund", 5150);
	t.buyer = "buyer-mixed"; /* A-1311: blanket, 79.00, paid at the door */
	ask_ok(&t, "returns.create",
		"{\"order\":\"A-1311\",\"items\":[\"A-1311-1\"],\"reason\":\"faulty\"}");
	is_money(&t, "refund", 7900 + 632 + 495);
	close_shop(&t);
}

/* README.md of the sandbox promises this of the demo. */
static void demo__has_the_buyers_that_readme_lists(void **state)
{
	static const struct {
		const char *buyer, *order, *status, *email, *phone, *postcode, *name;
	} rows[] = {
		{"buyer-open", "A-1001", "AWAITING_SHIPMENT", "maya.okafor@example.com", "0142",
			"97214", "Okafor"},
		{"buyer-open", "A-1003", "DELIVERED", "Maya.Okafor@Example.com", "+1 503 555 0142",
			"97214-3301", "maya okafor."},
		{"buyer-transit", "A-1101", "IN_TRANSIT", "liam.brandt@example.net", "0178",
			"60622", "brandt"},
		{"buyer-refund", "A-1201", "CANCELLED", "sofia.reyes@example.org", "0163", "78704",
			"REYES"},
		{"buyer-mixed", "A-1310", "DELIVERED", "noah.lindqvist@example.com", "0119",
			"11215", "Lindqvist"},
	};
	struct under_test t = open_shop("demo");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const fact[] = {
			rows[i].email, rows[i].phone, rows[i].postcode, rows[i].name};
		char args[200];

		for (size_t k = 0; k < 4; k++) {
			t.buyer = "";
			snprintf(args, sizeof(args), "{\"order\":\"%s\",\"fact\":\"%s\"}",
				rows[i].order, fact[k]);
			ask_ok(&t, "buyers.verify", args);
			is_text(&t, "id", rows[i].buyer);
		}
		t.buyer = rows[i].buyer;
		status_is(&t, rows[i].order, rows[i].status);
	}
	t.buyer = "buyer-refund";
	refund_is(&t, "A-1201", "approved");
	ask_ok(&t, "returns.status", "{\"return\":\"R-5005\"}");
	is_text(&t, "order", "A-1202");
	is_text(&t, "state", "send_it");
	t.buyer = "buyer-new";
	ask_ok(&t, "orders.list", "{}");
	assert_int_equal(value_count(t.answer.value), 0);
	close_shop(&t);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(can_return__answers_by_state),
		T(can_return__says_which_items),
		T(return__lives_from_asked_to_paid),
		T(return__without_photos_wanted__is_accepted_at_once),
		T(return__refuses),
		T(return__of_the_same_item_twice__is_pending),
		T(return__with_the_same_key__gives_the_first_answer),
		T(return__not_sent_in_time__closes_and_may_be_asked_again),
		T(return__declined__takes_the_money_off_again),
		T(return__of_a_silent_seller__is_accepted_at_the_deadline),
		T(tracking__is_checked_and_may_be_corrected),
		T(return__of_another_buyer__does_not_exist),
		T(refund__of_a_return_with_our_fault__brings_the_shipping_back),
		T(demo__has_the_buyers_that_readme_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
