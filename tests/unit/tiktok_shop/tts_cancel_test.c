/* Cancelling: what may be cancelled, every way in which the call may end, and what is done when
 * nobody knows. */
#include "tests/unit/tiktok_shop/tts_play.h"

#define ARGS "{\"order\":\"" NUMBER "\",\"reason\":{\"id\":\"no_longer_needed\"}}"
#define PENDING(role) CANCELLATION("4035001", role, "CANCELLATION_REQUEST_PENDING")
#define SUCCESS CANCELLATION("4035002", "SELLER", "CANCELLATION_REQUEST_SUCCESS")
#define APPROVE "POST /return_refund/202309/cancellations/4035001/approve?idempotency_key="

static struct play p;

static int set_up(void **state)
{
	(void)state;
	p = play_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	play_free(&p);
	return 0;
}

/* --- orders.can_cancel --- */

static void can_cancel__says_yes_and_what_comes_back__when_not_shipped(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}",
			READ_ORDER("AWAITING_SHIPMENT"), READ_CANCELLATIONS(""), MAY_CANCEL,
			{CALCULATE, "\"request_type\":\"CANCEL\"", 200, REFUND("60.00")}),
		ORDER_OK);
	play_expect(&p, "answer", "yes");
	play_expect(&p, "paid_with", "Visa");
	assert_true(str_is(value_get_text(value_get(p.end.value, "refund"), "amount"), "60.00"));
}

static void can_cancel__asks_the_older_version__when_the_newer_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("ON_HOLD"),
			READ_CANCELLATIONS(""), {ELIGIBILITY, NULL, 404, NO(36009009)},
			{OLD_ELIGIBILITY, NULL, 200, MAY("CANCEL", "true", "")},
			{CALCULATE, NULL, 200, REFUND("64.80")}),
		ORDER_OK);
	play_expect(&p, "answer", "yes");
}

static void can_cancel__never_shows_more_than_was_paid(void **state)
{
	(void)state;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(""), MAY_CANCEL, {CALCULATE, NULL, 200, REFUND("6480.00")});
	assert_true(str_is(value_get_text(value_get(p.end.value, "refund"), "amount"), "64.80"));
}

static void can_cancel__tells_each_status_apart(void **state)
{
	static const struct {
		const char *order, *answer;
	} row[] = {
		{ORDER("PARTIALLY_SHIPPING"), "shipped"},
		{ORDER("AWAITING_COLLECTION"), "shipped"},
		{ORDER("IN_TRANSIT"), "shipped"},
		{ORDER("SHIPPED"), "shipped"},
		{ORDER("DELIVERED"), "delivered"},
		{ORDER("COMPLETED"), "delivered"},
		{ORDER("CANCELLED"), "cancelled"},
		{ORDER("CANCEL"), "cancelled"},
		{ORDER("ON_THE_MOON"), "no"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(
			PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}",
				{GET_ORDER, NULL, 200, row[i].order}, READ_CANCELLATIONS("")),
			ORDER_OK);
		play_expect(&p, "answer", row[i].answer);
		assert_false(value_is_set(value_get(p.end.value, "refund")));
	}
}

static void can_cancel__says_no__when_the_platform_says_so(void **state)
{
	(void)state;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(""),
		{ELIGIBILITY, NULL, 200, MAY("CANCEL", "false", ",\"ineligible_code\":25001011")});
	play_expect(&p, "answer", "no");
}

static void can_cancel__offers_no_unpaid_order__without_the_platforms_word(void **state)
{
	(void)state;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("UNPAID"),
		READ_CANCELLATIONS(""), {ELIGIBILITY, NULL, 200, OK("{\"sku_eligibility\":[]}")});
	play_expect(&p, "answer", "no");
}

static void can_cancel__grants_what_the_buyer_asked_for__if_it_may(void **state)
{
	(void)state;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(PENDING("BUYER")), MAY_CANCEL,
		{CALCULATE, NULL, 200, REFUND("64.80")});
	play_expect(&p, "answer", "yes");
	p.setup.policy.approve = false;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(PENDING("BUYER")), MAY_CANCEL,
		{CALCULATE, NULL, 200, REFUND("64.80")});
	play_expect(&p, "answer", "pending");
	assert_int_equal(value_get_int(p.end.value, "deadline"), 1740900000);
}

static void can_cancel__leaves_to_a_person__what_is_not_its_own_or_was_declined(void **state)
{
	(void)state;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(CANCELLATION("1", "BUYER", "CANCELLATION_REQUEST_CANCEL")),
		MAY_CANCEL, {CALCULATE, NULL, 200, REFUND("64.80")});
	play_expect(&p, "answer", "no");
	p.setup.policy.cancel = false;
	PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(""), MAY_CANCEL, {CALCULATE, NULL, 200, REFUND("64.80")});
	play_expect(&p, "answer", "no");
}

static void order__is_not_found__when_it_is_anothers_or_not_there(void **state)
{
	(void)state;
	p.buyer = "7494000000000000002";
	assert_int_equal(
		PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}", READ_ORDER("ON_HOLD")),
		ORDER_REFUSED);
	play_expect(&p, "why", "not_found");
	assert_int_equal(PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}",
				 {GET_ORDER, NULL, 200, NO_ORDERS}),
		ORDER_REFUSED);
	play_expect(&p, "why", "not_found");
	assert_true(p.end.elsewhere);
	assert_int_equal(PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}",
				 {GET_ORDER, NULL, 200, NO(21008111)}),
		ORDER_REFUSED);
	assert_int_equal(
		play(&p, "orders.can_cancel", "{\"order\":\"A-1001\"}", NULL, 0), ORDER_REFUSED);
	assert_int_equal(
		play(&p, "orders.can_cancel", "{\"order\":\"../../x\"}", NULL, 0), ORDER_REFUSED);
}

static void read__asks_once_more__when_the_answer_is_about_another_order(void **state)
{
	static const char other[] = OK(
		"{\"orders\":[{\"id\":\"1\",\"status\":\"ON_HOLD\",\"user_id\":\"" BUYER "\"}]}");

	(void)state;
	assert_int_equal(PLAY(&p, "orders.can_cancel", "{\"order\":\"" NUMBER "\"}",
				 {GET_ORDER, NULL, 200, other}, {GET_ORDER, NULL, 200, other}),
		ORDER_FAILED);
}

/* --- orders.cancel --- */

#define READY READ_ORDER("AWAITING_SHIPMENT"), READ_CANCELLATIONS(""), MAY_CANCEL
#define CONFIRMED READ_ORDER("CANCELLED"), READ_CANCELLATIONS(SUCCESS)

static void cancel__is_done__when_answer_and_order_agree(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY,
				 {CANCEL, "seller_cancel_paid_reason_buyer_requested_cancellation",
					 200, CANCELLED_NOW("4035002")},
				 CONFIRMED),
		ORDER_OK);
	play_expect(&p, "state", "done");
	play_expect(&p, "id", "4035002");
	assert_true(str_is(value_get_text(value_get(p.end.value, "refund"), "amount"), "64.80"));
	assert_int_equal(p.n_changes, 1);
}

static void cancel__is_done__when_nothing_can_be_read_afterwards(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY,
				 {CANCEL, NULL, 200, CANCELLED_NOW("4035002")},
				 {GET_ORDER, NULL, NOTHING_CAME, NULL}),
		ORDER_OK);
	play_expect(&p, "state", "done");
}

/* A good answer stays good, whatever is read after it. */
static void cancel__is_done__when_what_is_read_afterwards_is_about_another_order(void **state)
{
	static const char other[] = OK(
		"{\"orders\":[{\"id\":\"1\",\"status\":\"ON_HOLD\",\"user_id\":\"" BUYER "\"}]}");

	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY,
				 {CANCEL, NULL, 200, CANCELLED_NOW("4035002")},
				 {GET_ORDER, NULL, 200, other}, {GET_ORDER, NULL, 200, other}),
		ORDER_OK);
	play_expect(&p, "state", "done");
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY,
				 {CANCEL, NULL, 200, CANCELLED_NOW("4035002")},
				 {GET_ORDER, NULL, 200, NO_ORDERS}),
		ORDER_OK);
	assert_false(p.end.elsewhere);
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY,
				 {CANCEL, NULL, 200, CANCELLED_NOW("4035002")},
				 {GET_ORDER, NULL, 200, NO(21008111)}),
		ORDER_OK);
	p.setup.n_looks = 0;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, NO(25001051)},
				 {GET_ORDER, NULL, 200, other}, {GET_ORDER, NULL, 200, other}),
		ORDER_UNKNOWN);
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, NO(25001051)},
				 {GET_ORDER, NULL, 200, NO_ORDERS}),
		ORDER_UNKNOWN);
}

static void cancel__is_requested__when_the_platform_waits_for_somebody(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READY,
			{CANCEL, NULL, 200,
				OK("{\"cancel_id\":\"4035001\",\"cancel_status\":"
				   "\"CANCELLATION_REQUEST_PENDING\"}")},
			READ_ORDER("AWAITING_SHIPMENT"), READ_CANCELLATIONS(PENDING("SELLER"))),
		ORDER_OK);
	play_expect(&p, "state", "requested");
	assert_int_equal(value_get_int(p.end.value, "deadline"), 1740900000);
}

static void cancel__approves__what_the_buyer_asked_for(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READ_ORDER("AWAITING_SHIPMENT"),
				 READ_CANCELLATIONS(PENDING("BUYER")), MAY_CANCEL,
				 {APPROVE, NULL, 200, OK("{}")}, READ_ORDER("CANCELLED"),
				 READ_CANCELLATIONS(CANCELLATION(
					 "4035001", "BUYER", "CANCELLATION_REQUEST_SUCCESS"))),
		ORDER_OK);
	play_expect(&p, "state", "done");
	assert_int_equal(p.n_changes, 1);
}

static void cancel__sends_nothing__when_it_is_too_late(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READ_ORDER("IN_TRANSIT"), READ_CANCELLATIONS("")),
		ORDER_REFUSED);
	play_expect(&p, "why", "shipped");
	assert_int_equal(p.n_changes, 0);
	PLAY(&p, "orders.cancel", ARGS, READ_ORDER("CANCELLED"), READ_CANCELLATIONS(SUCCESS));
	play_expect(&p, "why", "done_already");
}

static void cancel__tells_each_refusal(void **state)
{
	static const struct {
		const char *answer, *order, *why;
	} row[] = {
		{NO(25001045), ORDER("AWAITING_COLLECTION"), "shipped"},
		{NO(25001045), ORDER("AWAITING_SHIPMENT"), "shipped"},
		{NO(25001003), ORDER("IN_TRANSIT"), "shipped"},
		{NO(25001021), ORDER("AWAITING_SHIPMENT"), "not_allowed"},
		{NO(25001046), ORDER("AWAITING_SHIPMENT"), "not_allowed"},
		{NO(25005010), ORDER("AWAITING_SHIPMENT"), "not_allowed"},
		{NO(25001011), ORDER("AWAITING_SHIPMENT"), "not_allowed"},
		{NO(25001051), ORDER("COMPLETED"), "shipped"},
		{NO(25020005), ORDER("AWAITING_SHIPMENT"), "not_found"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(
			PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, row[i].answer},
				{GET_ORDER, NULL, 200, row[i].order}, READ_CANCELLATIONS("")),
			ORDER_REFUSED);
		play_expect(&p, "why", row[i].why);
	}
}

static void cancel__is_done__when_somebody_was_quicker(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, NO(25001011)},
				 CONFIRMED),
		ORDER_OK);
	play_expect(&p, "state", "done");
}

/* "Done already" may be our own doing: while the order cannot be read nobody may say that it was
 * not. */
static void cancel__does_not_say_failed__when_it_is_done_already_and_cannot_be_read(void **state)
{
	(void)state;
	p.setup.n_looks = 1;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, NO(25001011)},
				 {GET_ORDER, NULL, NOTHING_CAME, NULL},
				 {GET_ORDER, NULL, NOTHING_CAME, NULL}),
		ORDER_UNKNOWN);
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, NO(25001051)},
				 {GET_ORDER, NULL, NOTHING_CAME, NULL}, CONFIRMED),
		ORDER_OK);
}

static void cancel__tries_the_next_reason__when_one_is_not_taken(void **state)
{
	(void)state;
	p.setup.market = TTS_SEA;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READY,
			{CANCEL, "address_not_deliver", 200, NO(25001021)},
			{CANCEL, "seller_cancel_reason_wrong_price", 200, CANCELLED_NOW("4035002")},
			CONFIRMED),
		ORDER_OK);
}

static void cancel__takes_a_reason_that_is_offered(void **state)
{
	(void)state;
	p.setup.market = TTS_SEA;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READ_ORDER("AWAITING_SHIPMENT"),
			READ_CANCELLATIONS(""),
			{ELIGIBILITY, NULL, 200,
				MAY("CANCEL", "true",
					",\"available_reason_names\":[\"seller_cancel_reason_out_"
					"of_"
					"stock\",\"seller_cancel_paid_reason_buyer_requested_"
					"cancellation\"]")},
			{CANCEL, "buyer_requested", 200, CANCELLED_NOW("4035002")}, CONFIRMED),
		ORDER_OK);
}

static void cancel__fails__when_it_surely_was_not_done(void **state)
{
	static const struct exchange end[] = {
		{CANCEL, NULL, NOT_SENT, NULL},
		{CANCEL, NULL, 429, NO(36009002)},
		{CANCEL, NULL, 401, NO(105002)},
		{CANCEL, NULL, 401, NO(106001)},
		{CANCEL, NULL, 400, NO(36009004)},
		{CANCEL, NULL, 200, NO(25001028)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(end) / sizeof(*end); i++)
		assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, end[i]), ORDER_FAILED);
}

#define LOST                                                                                       \
	{                                                                                          \
		CANCEL, NULL, NOTHING_CAME, NULL                                                   \
	}

static void cancel__looks__when_no_answer_came_and_it_was_done(void **state)
{
	static const struct exchange lost[] = {
		LOST,
		{CANCEL, NULL, 500, "<html>"},
		{CANCEL, NULL, 502, CANCELLED_NOW("4035002")},
		{CANCEL, NULL, 504, NO(25001045)},
		{CANCEL, NULL, 503, "busy"},
		{CANCEL, NULL, 200, "{\"code\":0,"},
		{CANCEL, NULL, 200, "{\"code\":0,\"data\":{}}"},
		{CANCEL, NULL, 200, NO(36009003)},
		{CANCEL, NULL, 200, NO(99999999)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		assert_int_equal(
			PLAY(&p, "orders.cancel", ARGS, READY, lost[i], CONFIRMED), ORDER_OK);
		play_expect(&p, "state", "done");
		assert_int_equal(p.n_changes, 1);
	}
}

static void cancel__is_sent_again__only_when_it_is_seen_not_to_be_there(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, LOST,
				 READ_ORDER("AWAITING_SHIPMENT"), READ_CANCELLATIONS(""),
				 {CANCEL, NULL, 200, CANCELLED_NOW("4035002")}, CONFIRMED),
		ORDER_OK);
	assert_int_equal(p.n_changes, 2);
}

static void cancel__believes_no_refusal__while_an_earlier_try_may_arrive(void **state)
{
	(void)state;
	p.setup.n_looks = 2;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READY, LOST, READ_ORDER("IN_TRANSIT"),
			READ_CANCELLATIONS(""), READ_ORDER("IN_TRANSIT"), READ_CANCELLATIONS("")),
		ORDER_UNKNOWN);
	assert_int_equal(p.last_look, 0);
	p.step_s = 301;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, LOST, READ_ORDER("IN_TRANSIT"),
				 READ_CANCELLATIONS("")),
		ORDER_REFUSED);
	play_expect(&p, "why", "shipped");
}

static void cancel__ends_with_a_person__when_the_platform_cannot_be_asked(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READY, LOST, {GET_ORDER, NULL, NOTHING_CAME, NULL},
			{GET_ORDER, NULL, 500, ""}, {GET_ORDER, NULL, 401, NO(105005)},
			{GET_ORDER, NULL, NOT_SENT, NULL}),
		ORDER_UNKNOWN);
	assert_int_equal(p.n_changes, 1);
	assert_int_equal(p.last_look, 4);
	assert_true(tts_job_is_unsure(p.job));
}

static void cancel__sends_nothing_new__when_each_answer_gets_lost_but_it_was_done(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY, LOST,
				 READ_ORDER("AWAITING_SHIPMENT"), READ_CANCELLATIONS(""), LOST,
				 {GET_ORDER, NULL, NOTHING_CAME, NULL}, CONFIRMED),
		ORDER_OK);
	assert_int_equal(p.n_changes, 2);
}

static void cancel__looks__when_the_answer_named_something_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READY, {CANCEL, NULL, 200, CANCELLED_NOW("1")},
			READ_ORDER("AWAITING_SHIPMENT"), READ_CANCELLATIONS(""), CONFIRMED),
		ORDER_OK);
	play_expect(&p, "id", "4035002");
}

static void cancel_again__asks_first__and_is_done(void **state)
{
	(void)state;
	p.again = true;
	p.since = PLAY_NOW - 20;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, CONFIRMED), ORDER_OK);
	assert_int_equal(p.n_changes, 0);
}

static void cancel_again__is_sent_once_more__when_it_is_not_there(void **state)
{
	(void)state;
	p.again = true;
	p.since = PLAY_NOW - 20;
	assert_int_equal(PLAY(&p, "orders.cancel", ARGS, READY,
				 {CANCEL, NULL, 200, CANCELLED_NOW("4035002")}, CONFIRMED),
		ORDER_OK);
	assert_int_equal(p.n_changes, 1);
}

static void cancel_again__does_not_say_refused__before_an_old_try_is_surely_gone(void **state)
{
	(void)state;
	p.again = true;
	p.setup.n_looks = 1;
	p.since = PLAY_NOW - 20;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READ_ORDER("IN_TRANSIT"), READ_CANCELLATIONS(""),
			READ_ORDER("IN_TRANSIT"), READ_CANCELLATIONS("")),
		ORDER_UNKNOWN);
	p.since = PLAY_NOW - 301;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, READ_ORDER("IN_TRANSIT"), READ_CANCELLATIONS("")),
		ORDER_REFUSED);
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, {GET_ORDER, NULL, 200, NO_ORDERS}), ORDER_REFUSED);
	p.since = PLAY_NOW - 20;
	assert_int_equal(
		PLAY(&p, "orders.cancel", ARGS, {GET_ORDER, NULL, 200, NO_ORDERS}), ORDER_UNKNOWN);
}

static void cancel__approves_again_under_the_same_key(void **state)
{
	struct str first, second;

	(void)state;
	PLAY(&p, "orders.cancel", ARGS, READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(PENDING("BUYER")), MAY_CANCEL,
		{APPROVE, NULL, 200, NO(25001028)});
	first = tts_job_request(p.job)->param[0].value;
	assert_int_equal(first.n, 36);
	PLAY(&p, "orders.cancel", ARGS, READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(PENDING("BUYER")), MAY_CANCEL,
		{APPROVE, NULL, NOTHING_CAME, NULL}, READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(PENDING("BUYER")), {APPROVE, NULL, 200, NO(25001028)},
		READ_ORDER("CANCELLED"), READ_CANCELLATIONS(""));
	p.key = "chat-1/cancel 2";
	PLAY(&p, "orders.cancel", ARGS, READ_ORDER("AWAITING_SHIPMENT"),
		READ_CANCELLATIONS(PENDING("BUYER")), MAY_CANCEL,
		{APPROVE, NULL, 200, NO(25001028)});
	second = tts_job_request(p.job)->param[0].value;
	assert_false(str_eq(first, second));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(can_cancel__says_yes_and_what_comes_back__when_not_shipped),
		T(can_cancel__asks_the_older_version__when_the_newer_is_not_there),
		T(can_cancel__never_shows_more_than_was_paid),
		T(can_cancel__tells_each_status_apart),
		T(can_cancel__says_no__when_the_platform_says_so),
		T(can_cancel__offers_no_unpaid_order__without_the_platforms_word),
		T(can_cancel__grants_what_the_buyer_asked_for__if_it_may),
		T(can_cancel__leaves_to_a_person__what_is_not_its_own_or_was_declined),
		T(order__is_not_found__when_it_is_anothers_or_not_there),
		T(read__asks_once_more__when_the_answer_is_about_another_order),
		T(cancel__is_done__when_answer_and_order_agree),
		T(cancel__is_done__when_nothing_can_be_read_afterwards),
		T(cancel__is_done__when_what_is_read_afterwards_is_about_another_order),
		T(cancel__is_requested__when_the_platform_waits_for_somebody),
		T(cancel__approves__what_the_buyer_asked_for),
		T(cancel__sends_nothing__when_it_is_too_late),
		T(cancel__tells_each_refusal),
		T(cancel__is_done__when_somebody_was_quicker),
		T(cancel__does_not_say_failed__when_it_is_done_already_and_cannot_be_read),
		T(cancel__tries_the_next_reason__when_one_is_not_taken),
		T(cancel__takes_a_reason_that_is_offered),
		T(cancel__fails__when_it_surely_was_not_done),
		T(cancel__looks__when_no_answer_came_and_it_was_done),
		T(cancel__is_sent_again__only_when_it_is_seen_not_to_be_there),
		T(cancel__believes_no_refusal__while_an_earlier_try_may_arrive),
		T(cancel__ends_with_a_person__when_the_platform_cannot_be_asked),
		T(cancel__sends_nothing_new__when_each_answer_gets_lost_but_it_was_done),
		T(cancel__looks__when_the_answer_named_something_that_is_not_there),
		T(cancel_again__asks_first__and_is_done),
		T(cancel_again__is_sent_once_more__when_it_is_not_there),
		T(cancel_again__does_not_say_refused__before_an_old_try_is_surely_gone),
		T(cancel__approves_again_under_the_same_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
