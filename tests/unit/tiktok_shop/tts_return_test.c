/* Returns, refunds, lists and the buyer's proof: what is asked, what is told, and every way in
 * which asking for a return may end. */
#include "tests/unit/tiktok_shop/tts_play.h"

#define DAMAGED "ecom_order_delivered_refund_and_return_reason_damaged"
#define ARGS                                                                                       \
	"{\"order\":\"" NUMBER "\",\"items\":[{\"id\":\"" LINE_1                                   \
	"\"}],\"reason\":{\"id\":\"" DAMAGED "\"}}"
#define THE_ORDER "{\"order\":\"" NUMBER "\"}"
#define MADE                                                                                       \
	OK("{\"return_id\":\"4036001\",\"return_status\":\"RETURN_OR_REFUND_REQUEST_PENDING\"}")
#define PENDING RETURN_AT("4036001", "RETURN_OR_REFUND_REQUEST_PENDING", 1740823205)
#define READY                                                                                      \
	READ_ORDER("DELIVERED"), READ_RETURNS(""),                                                 \
	{                                                                                          \
		CALCULATE, LINE_1, 200, REFUND("29.90")                                            \
	}

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

/* --- returns.can_return, returns.reasons --- */

static void can_return__is_per_item(void **state)
{
	const struct value *items;

	(void)state;
	assert_int_equal(
		PLAY(&p, "returns.can_return", THE_ORDER, READ_ORDER("DELIVERED"),
			READ_RETURNS(RETURN("1", "REFUND_OR_RETURN_REQUEST_REJECT")), MAY_RETURN),
		ORDER_OK);
	play_expect(&p, "answer", "partly");
	items = value_get(p.end.value, "items");
	assert_false(value_bool_of(value_get(value_at(items, 0), "may")));
	assert_true(str_is(value_get_text(value_at(items, 0), "why"), "its return was declined"));
	assert_true(value_bool_of(value_get(value_at(items, 1), "may")));
}

static void can_return__sends_the_buyer_to_the_app__when_only_the_buyer_may(void **state)
{
	(void)state;
	PLAY(&p, "returns.can_return", THE_ORDER, READ_ORDER("DELIVERED"), READ_RETURNS(""),
		{ELIGIBILITY, "=SELLER", 200, MAY("RETURN_AND_REFUND", "false", "")},
		{ELIGIBILITY, "=BUYER", 200, MAY("RETURN", "true", "")});
	play_expect(&p, "answer", "no");
	assert_true(str_find(value_get_text(p.end.value, "why"), S("in the app")) >= 0);
}

static void can_return__asks_no_further__when_nothing_has_arrived(void **state)
{
	(void)state;
	PLAY(&p, "returns.can_return", THE_ORDER, READ_ORDER("IN_TRANSIT"), READ_RETURNS(""));
	play_expect(&p, "answer", "no");
	play_expect(&p, "why", "it has not arrived yet");
	PLAY(&p, "returns.can_return", THE_ORDER, READ_ORDER("COMPLETED"), READ_RETURNS(""));
	play_expect(&p, "answer", "no");
}

static void reasons__are_the_platforms__or_the_markets(void **state)
{
	(void)state;
	PLAY(&p, "returns.reasons", THE_ORDER, READ_ORDER("DELIVERED"),
		{ELIGIBILITY, NULL, 200,
			MAY("RETURN_AND_REFUND", "true",
				",\"available_reason_names\":[\"" DAMAGED "\",\"odd\"]")});
	assert_int_equal(value_count(p.end.value), 1);
	assert_true(str_is(value_get_text(value_at(p.end.value, 0), "id"), DAMAGED));
	assert_true(str_is(value_text_of(value_at(tts_job_strange(p.job), 0)), "reason=odd"));
	PLAY(&p, "returns.reasons", THE_ORDER, READ_ORDER("DELIVERED"),
		{ELIGIBILITY, NULL, 404, NO(36009009)},
		{OLD_ELIGIBILITY, NULL, 200, MAY("RETURN_AND_REFUND", "true", "")});
	assert_true(value_count(p.end.value) >= 5);
}

/* --- returns.create --- */

static void create__is_done__under_its_key(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READY, {CREATE, "29.90", 200, MADE},
				 READ_RETURNS(PENDING)),
		ORDER_OK);
	play_expect(&p, "id", "4036001");
	play_expect(&p, "state", "waiting_seller");
	play_expect(&p, "reason", "It arrived damaged");
}

static void create__is_done__when_nothing_can_be_read_afterwards(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READY, {CREATE, NULL, 200, MADE},
				 {FIND_RETURNS, NULL, NOTHING_CAME, NULL}),
		ORDER_OK);
	play_expect(&p, "id", "4036001");
	play_expect(&p, "state", "waiting_seller");
}

static void create__sends_nothing__when_it_makes_no_sense(void **state)
{
	(void)state;
	PLAY(&p, "returns.create", ARGS, READ_ORDER("IN_TRANSIT"), READ_RETURNS(""));
	play_expect(&p, "why", "not_returnable");
	PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(PENDING));
	play_expect(&p, "why", "pending");
	PLAY(&p, "returns.create",
		"{\"order\":\"" NUMBER "\",\"items\":[\"99\"],\"reason\":\"" DAMAGED "\"}",
		READ_ORDER("DELIVERED"), READ_RETURNS(""));
	play_expect(&p, "why", "not_found");
	PLAY(&p, "returns.create",
		"{\"order\":\"" NUMBER "\",\"items\":[],\"reason\":\"" DAMAGED "\"}",
		READ_ORDER("DELIVERED"), READ_RETURNS(""));
	play_expect(&p, "why", "not_found");
	PLAY(&p, "returns.create",
		"{\"order\":\"" NUMBER "\",\"items\":[\"" LINE_1 "\"],\"reason\":\"a b\"}",
		READ_ORDER("DELIVERED"), READ_RETURNS(""));
	play_expect(&p, "why", "bad_reason");
	PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(""),
		{CALCULATE, NULL, 200, NO(25001021)});
	play_expect(&p, "why", "bad_reason");
	PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(""),
		{CALCULATE, NULL, 200, NO(25001003)});
	play_expect(&p, "why", "not_returnable");
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(""),
				 {CALCULATE, NULL, 200, REFUND("99999.00")}),
		ORDER_FAILED); /* more than was paid: an answer that is not believed */
	p.setup.policy.create_return = false;
	PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(""));
	play_expect(&p, "why", "not_returnable");
}

static void create__goes_out_again_under_the_same_key__when_it_is_not_there(void **state)
{
	struct str first;

	(void)state;
	assert_int_equal(
		PLAY(&p, "returns.create", ARGS, READY, {CREATE, NULL, NOTHING_CAME, NULL},
			READ_ORDER("DELIVERED"), READ_RETURNS(""),
			{CALCULATE, NULL, 200, REFUND("29.90")}, {CREATE, NULL, 500, "oops"},
			READ_ORDER("DELIVERED"), READ_RETURNS(PENDING)),
		ORDER_OK);
	assert_int_equal(p.n_changes, 2);
	PLAY(&p, "returns.create", ARGS, READY, {CREATE, NULL, 200, NO(25001028)});
	first = tts_job_request(p.job)->param[0].value;
	PLAY(&p, "returns.create", ARGS, READY, {CREATE, NULL, 429, NO(36009002)});
	assert_true(str_eq(first, tts_job_request(p.job)->param[0].value));
}

static void create__is_only_looked_for__when_the_key_may_be_forgotten(void **state)
{
	(void)state;
	p.again = true;
	p.setup.n_looks = 1;
	p.since = PLAY_NOW - 601;
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(""),
				 READ_ORDER("DELIVERED"), READ_RETURNS("")),
		ORDER_UNKNOWN);
	assert_int_equal(p.n_changes, 0);
	assert_int_equal(
		PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"), READ_RETURNS(PENDING)),
		ORDER_OK);
	p.since = PLAY_NOW - 599;
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READY, {CREATE, NULL, 200, MADE},
				 READ_RETURNS(PENDING)),
		ORDER_OK);
	assert_int_equal(p.n_changes, 1);
}

static void create__does_not_take_an_older_return_for_ours(void **state)
{
	(void)state;
	p.again = true;
	p.setup.n_looks = 0;
	p.since = PLAY_NOW - 100;
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READ_ORDER("DELIVERED"),
				 READ_RETURNS(RETURN_AT(
					 "1", "RETURN_OR_REFUND_REQUEST_COMPLETE", 1740000000))),
		ORDER_UNKNOWN); /* "pending" would be final, and ours may still arrive */
}

static void create__looks__when_the_answer_is_about_other_items(void **state)
{
	(void)state;
	p.setup.n_looks = 1;
	assert_int_equal(PLAY(&p, "returns.create",
				 "{\"order\":\"" NUMBER "\",\"items\":[\"" LINE_2
				 "\"],\"reason\":\"" DAMAGED "\"}",
				 READ_ORDER("DELIVERED"), READ_RETURNS(""),
				 {CALCULATE, NULL, 200, REFUND("29.90")}, {CREATE, NULL, 200, MADE},
				 READ_RETURNS(PENDING), READ_ORDER("DELIVERED"),
				 READ_RETURNS(PENDING), {CALCULATE, NULL, 200, REFUND("29.90")},
				 {CREATE, NULL, 200, MADE}, READ_RETURNS(PENDING)),
		ORDER_UNKNOWN);
}

static void create__tells_each_end(void **state)
{
	static const struct {
		struct exchange end;
		enum order_outcome outcome;
		const char *why;
	} row[] = {
		{{CREATE, NULL, NOT_SENT, NULL}, ORDER_FAILED, ""},
		{{CREATE, NULL, 401, NO(105002)}, ORDER_FAILED, ""},
		{{CREATE, NULL, 400, NO(25001001)}, ORDER_FAILED, ""},
		{{CREATE, NULL, 200, NO(25001021)}, ORDER_REFUSED, "bad_reason"},
		{{CREATE, NULL, 200, NO(25001003)}, ORDER_REFUSED, "not_returnable"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(
			PLAY(&p, "returns.create", ARGS, READY, row[i].end), row[i].outcome);
		play_expect(&p, "why", row[i].why);
	}
	assert_int_equal(PLAY(&p, "returns.create", ARGS, READY, {CREATE, NULL, 200, NO(25001011)},
				 READ_RETURNS(RETURN("7", "BUYER_SHIPPED_ITEM"))),
		ORDER_REFUSED);
	play_expect(&p, "why", "pending");
}

/* --- one return --- */

static void status__is_told_to_its_buyer_only(void **state)
{
	(void)state;
	assert_int_equal(PLAY(&p, "returns.status", "{\"return\":\"4036001\"}",
				 {FIND_RETURNS, "return_ids", 200, RETURNS(PENDING)},
				 READ_ORDER("DELIVERED"), READ_RETURNS(PENDING)),
		ORDER_OK);
	play_expect(&p, "order", NUMBER);
	p.buyer = "7494000000000000002";
	assert_int_equal(PLAY(&p, "returns.status", "{\"return\":\"4036001\"}",
				 {FIND_RETURNS, "return_ids", 200, RETURNS(PENDING)},
				 READ_ORDER("DELIVERED")),
		ORDER_REFUSED);
	play_expect(&p, "why", "not_found");
	assert_int_equal(
		play(&p, "returns.status", "{\"return\":\"R-1\"}", NULL, 0), ORDER_REFUSED);
}

static void tracking__cannot_be_set__and_why_is_said(void **state)
{
	static const char *const way = RETURNS(RETURN("4036001", "AWAITING_BUYER_SHIP"));

	(void)state;
	PLAY(&p, "returns.set_tracking", "{\"return\":\"4036001\",\"number\":\"RW 901001 US\"}",
		{FIND_RETURNS, NULL, 200, way}, READ_ORDER("DELIVERED"),
		{FIND_RETURNS, NULL, 200, way});
	play_expect(&p, "why", "in_app");
	PLAY(&p, "returns.set_tracking", "{\"return\":\"4036001\",\"number\":\"hello\"}",
		{FIND_RETURNS, NULL, 200, way}, READ_ORDER("DELIVERED"),
		{FIND_RETURNS, NULL, 200, way});
	play_expect(&p, "why", "bad_number");
	PLAY(&p, "returns.set_tracking", "{\"return\":\"4036001\",\"number\":\"RW901001US\"}",
		{FIND_RETURNS, NULL, 200, RETURNS(PENDING)}, READ_ORDER("DELIVERED"),
		READ_RETURNS(PENDING));
	play_expect(&p, "why", "wrong_state");
}

/* --- refunds --- */

static void refund__is_told_by_the_newest_request(void **state)
{
	static const struct {
		const char *cancellation, *is;
	} row[] = {
		{CANCELLATIONS(CANCELLATION("1", "BUYER", "CANCELLATION_REQUEST_PENDING")),
			"waiting_seller"},
		{CANCELLATIONS(CANCELLATION("1", "SELLER", "CANCELLATION_REQUEST_SUCCESS")),
			"approved"},
		{CANCELLATIONS(CANCELLATION("1", "SELLER", "CANCELLATION_REQUEST_COMPLETE")),
			"paid"},
		{CANCELLATIONS(CANCELLATION("1", "BUYER", "CANCELLATION_REQUEST_CANCELLED")),
			"rejected"},
		{CANCELLATIONS(CANCELLATION("1", "BUYER", "CANCELLATION_REQUEST_NEW")),
			"requested"},
		{CANCELLATIONS(""), "none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		PLAY(&p, "refunds.status", THE_ORDER, READ_ORDER("CANCELLED"),
			{FIND_CANCELLATIONS, NULL, 200, row[i].cancellation}, READ_RETURNS(""));
		play_expect(&p, "state", row[i].is);
	}
	PLAY(&p, "refunds.status", THE_ORDER, READ_ORDER("DELIVERED"),
		READ_CANCELLATIONS(CANCELLATION("1", "BUYER", "CANCELLATION_REQUEST_CANCEL")),
		READ_RETURNS(PENDING));
	play_expect(&p, "state", "waiting_seller");
	play_expect(&p, "return", "4036001");
	play_expect(&p, "paid_with", "Visa");
}

static void request__of_another_order__is_not_taken_for_ours(void **state)
{
	(void)state;
	PLAY(&p, "refunds.status", THE_ORDER, READ_ORDER("DELIVERED"),
		{FIND_CANCELLATIONS, NULL, 200,
			CANCELLATIONS("{\"cancel_id\":\"1\",\"order_id\":\"2\",\"cancel_status\":"
				      "\"CANCELLATION_REQUEST_SUCCESS\",\"refund_amount\":{"
				      "\"currency\":\"USD\",\"refund_total\":\"5.00\"}}")},
		READ_RETURNS(""));
	play_expect(&p, "state", "none");
}

/* --- lists --- */

#define SEARCH "POST /order/202309/orders/search?page_size=20"
#define FOUND(list, token)                                                                         \
	OK("{\"orders\":[" list "],\"next_page_token\":\"" token "\",\"total_count\":2}")

static void list__keeps_only_the_buyers_orders__over_all_pages(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.list", "{\"status\":\"open\"}",
			{SEARCH, "\"buyer_user_id\":\"" BUYER "\"", 200,
				FOUND("{\"id\":\"1\",\"status\":\"ON_HOLD\",\"user_id\":\"2\"}",
					"next")},
			{SEARCH, "page_token=next", 200, FOUND(ORDER_WITH("ON_HOLD", ""), "")},
			READ_CANCELLATIONS(""), READ_RETURNS("")),
		ORDER_OK);
	assert_int_equal(value_count(p.end.value), 1);
	assert_true(str_is(value_get_text(value_at(p.end.value, 0), "number"), NUMBER));
	assert_true(p.end.elsewhere);
}

#define NAMELESS                                                                                   \
	"{\"id\":\"" NUMBER "\",\"status\":\"ON_HOLD\",\"create_time\":1740700000,\"payment\":{"   \
	"\"currency\":\"USD\",\"total_amount\":\"64.80\"}}"

static void order__that_does_not_say_whose_it_is__is_looked_for_among_the_buyers(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.track", THE_ORDER,
			{GET_ORDER, NULL, 200, OK("{\"orders\":[" NAMELESS "]}")},
			{"POST /order/202309/orders/search",
				"{\"buyer_user_id\":\"" BUYER "\",\"create_time_ge\":1740700000,"
				"\"create_time_lt\":1740700001}",
				200, FOUND(NAMELESS, "")},
			{"GET /fulfillment", NULL, 200, OK("{\"tracking\":[]}")}),
		ORDER_OK);
	assert_int_equal(PLAY(&p, "orders.track", THE_ORDER,
				 {GET_ORDER, NULL, 200, OK("{\"orders\":[" NAMELESS "]}")},
				 {"POST /order/202309/orders/search", NULL, 200, FOUND("", "")}),
		ORDER_REFUSED);
	play_expect(&p, "why", "not_found");
	p.buyer = "";
	assert_int_equal(PLAY(&p, "orders.track", THE_ORDER,
				 {GET_ORDER, NULL, 200, OK("{\"orders\":[" NAMELESS "]}")}),
		ORDER_REFUSED);
	assert_int_equal(
		PLAY(&p, "orders.track", THE_ORDER, {GET_ORDER, NULL, 200, ORDER("ON_HOLD")}),
		ORDER_REFUSED);
}

static void list__is_bounded__when_pages_never_end(void **state)
{
	struct exchange page[10];

	(void)state;
	for (size_t i = 0; i < 10; i++)
		page[i] = (struct exchange){SEARCH, NULL, 200, FOUND("", "again")};
	assert_int_equal(play(&p, "orders.list", "{}", page, 10), ORDER_OK);
	assert_int_equal(value_count(p.end.value), 0);
}

static void list__without_a_buyer__is_refused(void **state)
{
	(void)state;
	p.buyer = "";
	assert_int_equal(play(&p, "orders.list", "{}", NULL, 0), ORDER_REFUSED);
	assert_int_equal(play(&p, "returns.list", "{}", NULL, 0), ORDER_REFUSED);
}

/* --- proof --- */

#define ADDRESS                                                                                    \
	",\"buyer_email\":\"j@shop.example\",\"recipient_address\":{\"name\":"                     \
	"\"J\303\251r\303\264me "                                                                  \
	"Okafor\",\"phone_number\":\"(+1)213-***-1234\",\"postal_code\":\"SW1A 1AA\"}"
#define HIDDEN                                                                                     \
	",\"recipient_address\":{\"name\":\"M*** O***\",\"phone_number\":\"(+1)***-***-**34\","    \
	"\"postal_code\":\"9****\"}"

static enum order_outcome prove(const char *fact, const char *order)
{
	char args[200];
	struct exchange one = {GET_ORDER, NULL, 200, order};

	snprintf(args, sizeof(args), "{\"order\":\"#" NUMBER "\",\"fact\":\"%s\"}", fact);
	p.buyer = "";
	return play(&p, "buyers.verify", args, &one, 1);
}

static void proof__is_any_one_detail(void **state)
{
	static const char *const good[] = {"1234", "my phone ends in 1234", "sw1a 1aa", "SW1A1AA",
		"Okafor", "okafor.", "Jerome Okafor", "it is Okafor", "J@shop.example",
		"my mail is j@shop.example"};
	static const char *const bad[] = {"", "234", "12345", "0000", "SW1A", "Oka", "Jerome", "J",
		"a@shop.example", "1234 5678", "j@shop.example k@shop.example", "*", "***"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (prove(good[i], OK("{\"orders\":[" ORDER_WITH("ON_HOLD", ADDRESS) "]}")) !=
			ORDER_OK)
			fail_msg("'%s' proves nothing", good[i]);
		play_expect(&p, "id", BUYER);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (prove(bad[i], OK("{\"orders\":[" ORDER_WITH("ON_HOLD", ADDRESS) "]}")) !=
			ORDER_REFUSED)
			fail_msg("'%s' is taken for a proof", bad[i]);
		play_expect(&p, "why", "no_match");
	}
}

static void proof__cannot_be_what_is_hidden(void **state)
{
	static const char *const bad[] = {"O***", "M*** O***", "9****", "**34", "34", "9", "O", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
			prove(bad[i], OK("{\"orders\":[" ORDER_WITH("ON_HOLD", HIDDEN) "]}")),
			ORDER_REFUSED);
}

static void proof__of_no_order__is_refused_in_the_same_words(void **state)
{
	struct str there;

	(void)state;
	assert_int_equal(prove("nope", OK("{\"orders\":[" ORDER_WITH("ON_HOLD", ADDRESS) "]}")),
		ORDER_REFUSED);
	there = value_get_text(p.end.value, "why_text");
	assert_int_equal(prove("nope", NO_ORDERS), ORDER_REFUSED);
	play_expect(&p, "why", "no_match");
	assert_true(str_eq(there, value_get_text(p.end.value, "why_text")));
	assert_int_equal(prove("nope", NO(21008111)), ORDER_REFUSED);
	play_expect(&p, "why", "no_match");
	assert_int_equal(play(&p, "buyers.verify", "{\"order\":\"x\",\"fact\":\"1234\"}", NULL, 0),
		ORDER_REFUSED);
	play_expect(&p, "why", "no_match");
}

/* --- the rest --- */

static void info__is_the_configurations(void **state)
{
	(void)state;
	p.setup.about = (struct tts_about){.name = S("Juniper"), .hours = S("9 to 5")};
	assert_int_equal(play(&p, "shop.info", "{}", NULL, 0), ORDER_OK);
	play_expect(&p, "name", "Juniper");
	play_expect(&p, "hours", "9 to 5");
	assert_false(value_is_set(value_get(p.end.value, "policy_cancel")));
}

static void track__is_newest_first(void **state)
{
	(void)state;
	assert_int_equal(
		PLAY(&p, "orders.track", THE_ORDER, READ_ORDER("IN_TRANSIT"),
			{"GET /fulfillment/202309/orders/" NUMBER "/tracking", NULL, 200,
				OK("{\"tracking\":[{\"description\":\"packed\","
				   "\"update_time_millis\":1740000000000},{\"description\":"
				   "\"collected\",\"update_time_millis\":1740100000000},{"
				   "\"description\":\"\"}]}")}),
		ORDER_OK);
	assert_int_equal(value_count(p.end.value), 2);
	assert_true(str_is(value_get_text(value_at(p.end.value, 0), "text"), "collected"));
	assert_int_equal(value_get_int(value_at(p.end.value, 0), "at"), 1740100000);
}

static void operation__that_nobody_knows__fails(void **state)
{
	(void)state;
	assert_int_equal(play(&p, "orders.explode", "{}", NULL, 0), ORDER_FAILED);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(can_return__is_per_item),
		T(can_return__sends_the_buyer_to_the_app__when_only_the_buyer_may),
		T(can_return__asks_no_further__when_nothing_has_arrived),
		T(reasons__are_the_platforms__or_the_markets),
		T(create__is_done__under_its_key),
		T(create__is_done__when_nothing_can_be_read_afterwards),
		T(create__sends_nothing__when_it_makes_no_sense),
		T(create__goes_out_again_under_the_same_key__when_it_is_not_there),
		T(create__is_only_looked_for__when_the_key_may_be_forgotten),
		T(create__does_not_take_an_older_return_for_ours),
		T(create__looks__when_the_answer_is_about_other_items),
		T(create__tells_each_end),
		T(status__is_told_to_its_buyer_only),
		T(tracking__cannot_be_set__and_why_is_said),
		T(refund__is_told_by_the_newest_request),
		T(request__of_another_order__is_not_taken_for_ours),
		T(list__keeps_only_the_buyers_orders__over_all_pages),
		T(order__that_does_not_say_whose_it_is__is_looked_for_among_the_buyers),
		T(list__is_bounded__when_pages_never_end),
		T(list__without_a_buyer__is_refused),
		T(proof__is_any_one_detail),
		T(proof__cannot_be_what_is_hidden),
		T(proof__of_no_order__is_refused_in_the_same_words),
		T(info__is_the_configurations),
		T(track__is_newest_first),
		T(operation__that_nobody_knows__fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
