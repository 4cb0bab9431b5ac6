/* Webhooks out and the ledger. */
#include "wire_under_test.h"

#define CANCELLATIONS "/return_refund/202309/cancellations"
#define WANTED "seller_cancel_paid_reason_buyer_requested_cancellation"

static bool next_event(struct under_test *t, struct wire_event *event)
{
	return wire_next_event(t->wire, t->arena, event);
}

static void cancel(struct under_test *t)
{
	good(t, post(t, CANCELLATIONS, "",
			print(t, "{\"order_id\":\"%s\",\"cancel_reason\":\"" WANTED "\"}",
				order_id(t, 1001))));
}

/* The members of an event's data, in a JSON text. */
static void assert_has(const struct wire_event *event, const char *text)
{
	if (str_find(event->body, str_of(text)) < 0)
		fail_msg("no %s in %.*s", text, STR(event->body));
}

static void webhooks__of_a_cancellation__are_signed_and_say_what_happened(void **state)
{
	struct under_test t = open_wire("one_open_order");
	struct wire_event event;

	(void)state;
	wire_set_webhook(t.wire, S("http://127.0.0.1:1/hook"));
	cancel(&t);
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 11);
	assert_true(str_is(event.address, "http://127.0.0.1:1/hook"));
	assert_has(&event, "{\"type\":11,\"tts_notification_id\":\"7380066284");
	assert_has(&event, "\"shop_id\":\"7495540735365777507\"");
	assert_has(&event, "\"data\":{\"order_id\":\"576461413030001001\"");
	assert_has(&event, "\"cancel_status\":\"CANCELLATION_REQUEST_SUCCESS\"");
	assert_has(&event, "\"cancellations_role\":\"SELLER\"");
	assert_true(tts_webhook_sign_is(S(KEY), S(SECRET), event.body, str_of(event.signature)));
	wire_event_done(t.wire, event.id, true);
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 1);
	assert_has(&event, "\"order_status\":\"CANCEL\"");
	wire_event_done(t.wire, event.id, true);
	assert_false(next_event(&t, &event));
	later(&t, 3 * DAYS); /* approved, paid out, complete */
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 67);
	assert_has(&event, "\"refund_status\":\"REFUND_SUCCESS\",\"refund_total\":\"29.90\"");
	assert_has(&event, "\"line_items\":[{\"main_order_id\":\"576461413030001001\",\"sku_id\":");
	assert_true(next_event(&t, &event));
	assert_has(&event, "\"cancel_status\":\"CANCELLATION_REQUEST_COMPLETE\"");
	assert_false(next_event(&t, &event));
	close_wire(&t);
}

static void webhooks__not_taken__come_again_four_times_in_the_shops_time(void **state)
{
	static const int64_t wait[] = {2 * MINUTES, 30 * MINUTES, 3 * HOURS, 12 * HOURS};
	struct under_test t = open_wire("cancel_pending");
	struct wire_event event, again;

	(void)state;
	wire_set_webhook(t.wire, S("http://127.0.0.1:1/hook"));
	assert_true(step(&t, "A-1001", STEP_WITHDRAW));
	assert_true(next_event(&t, &event));
	assert_false(next_event(&t, &again)); /* under way */
	wire_event_done(t.wire, event.id, false);
	for (size_t i = 0; i < 4; i++) {
		later(&t, wait[i] - 1);
		assert_false(next_event(&t, &again));
		assert_int_equal(wire_next_event_at(t.wire), sandbox_now(t.sandbox) + 1);
		later(&t, 1);
		assert_true(next_event(&t, &again));
		assert_int_equal(again.id, event.id);
		assert_int_equal(again.tries, i + 1);
		wire_event_done(t.wire, again.id, false);
	}
	later(&t, 13 * HOURS);
	assert_false(next_event(&t, &again));
	assert_int_equal(wire_next_event_at(t.wire), 0);
	close_wire(&t);
}

static void webhooks__go_to_the_address_of_their_kind__else_to_the_apps(void **state)
{
	struct under_test t = open_wire("one_open_order");
	struct wire_event event;

	(void)state;
	good(&t, ask(&t, "PUT", "/event/202309/webhooks", "",
			 "{\"event_type\":\"CANCELLATION_STATUS_CHANGE\",\"address\":"
			 "\"https://a.example/11\"}"));
	cancel(&t); /* nobody wants type 1 */
	assert_true(next_event(&t, &event));
	assert_true(str_is(event.address, "https://a.example/11"));
	assert_false(next_event(&t, &event));
	good(&t, ask(&t, "DELETE", "/event/202309/webhooks", "",
			 "{\"event_type\":\"CANCELLATION_STATUS_CHANGE\"}"));
	wire_event_done(t.wire, event.id, false);
	later(&t, 3 * MINUTES); /* its address is gone */
	assert_false(next_event(&t, &event));
	close_wire(&t);
}

static void say(struct under_test *t, const char *buyer, const char *role, const char *content)
{
	assert_true(wire_begin(t->wire, "hand"));
	assert_true(talk_say(t->sandbox, talk_with(t->sandbox, str_of(buyer)), role, S("TEXT"),
			    str_of(content)) > 0);
	assert_true(wire_end(t->wire));
}

static void webhooks__of_every_message__the_shops_own_too(void **state)
{
	struct under_test t = open_wire("one_open_order");
	struct wire_event event;
	const char *talk;

	(void)state;
	wire_set_webhook(t.wire, S("http://127.0.0.1:1/hook"));
	say(&t, "buyer-open", "BUYER", "{\"content\":\"hi\"}");
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 14);
	assert_has(&event, "\"content\":\"{\\\"content\\\":\\\"hi\\\"}\"");
	assert_has(&event, "\"role\":\"BUYER\"");
	good(&t, ask(&t, "GET", "/customer_service/202309/conversations", "page_size=1", ""));
	talk = text_at(&t, "conversations.0.id");
	good(&t, post(&t, print(&t, "/customer_service/202309/conversations/%s/messages", talk), "",
			 "{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"yes?\\\"}\"}"));
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 13); /* an agent has come */
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 14);
	assert_has(&event, "\"role\":\"CUSTOMER_SERVICE\"");
	good(&t, post(&t, print(&t, "/customer_service/202309/conversations/%s/messages", talk), "",
			 "{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"?\\\"}\"}"));
	assert_true(next_event(&t, &event));
	assert_int_equal(event.type, 14);
	assert_false(next_event(&t, &event));
	close_wire(&t);
}

static void chat__closed_for_long__cannot_be_written_to(void **state)
{
	struct under_test t = open_wire("window_over");
	const char *talk;

	(void)state;
	say(&t, "buyer-new", "BUYER", "{\"content\":\"hi\"}");
	good(&t, ask(&t, "GET", "/customer_service/202309/conversations", "page_size=1", ""));
	talk = text_at(&t, "conversations.0.id");
	assert_true(json_bool(at(&t, "conversations.0.can_send_message")));
	later(&t, 31 * DAYS);
	good(&t, ask(&t, "GET", "/customer_service/202309/conversations", "page_size=1", ""));
	assert_false(json_bool(at(&t, "conversations.0.can_send_message")));
	assert_int_not_equal(
		post(&t, print(&t, "/customer_service/202309/conversations/%s/messages", talk), "",
			"{\"type\":\"TEXT\",\"content\":\"{\\\"content\\\":\\\"?\\\"}\"}"),
		0);
	close_wire(&t);
}

struct ledger {
	unsigned n, cancellations, with_request;
};

static void note(void *self, struct str line)
{
	struct ledger *ledger = self;
	struct source source = {"line", line};
	struct json_doc *doc = json_parse(&source, 0, NULL, NULL);
	int64_t n;

	assert_non_null(doc);
	assert_true(json_int(json_get(json_root(doc), "n"), &n));
	assert_int_equal(n, ++ledger->n);
	ledger->cancellations +=
		str_is(json_text(json_get(json_root(doc), "what")), "cancellation");
	ledger->with_request += json_text(json_get(json_root(doc), "request_id")).n > 0;
	json_doc_free(doc);
}

static void ledger__has_what_was_done_once__and_nothing_that_was_refused(void **state)
{
	struct under_test t = open_wire("one_open_order");
	struct ledger ledger = {0};

	(void)state;
	wire_effects(t.wire, note, &ledger);
	cancel(&t);
	assert_int_equal(ledger.cancellations, 1);
	assert_int_equal(ledger.with_request, ledger.n);
	assert_int_equal(ledger.n, 2);
	assert_int_equal(post(&t, CANCELLATIONS, "",
				 print(&t, "{\"order_id\":\"%s\",\"cancel_reason\":\"" WANTED "\"}",
					 order_id(&t, 1001))),
		25001051);
	assert_int_equal(ledger.n, 2);
	later(&t, 3 * DAYS);
	assert_int_equal(ledger.with_request, 2); /* the clock's own have none */
	assert_int_equal(ledger.n, 4);
	close_wire(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(webhooks__of_a_cancellation__are_signed_and_say_what_happened),
		cmocka_unit_test(webhooks__not_taken__come_again_four_times_in_the_shops_time),
		cmocka_unit_test(webhooks__go_to_the_address_of_their_kind__else_to_the_apps),
		cmocka_unit_test(webhooks__of_every_message__the_shops_own_too),
		cmocka_unit_test(chat__closed_for_long__cannot_be_written_to),
		cmocka_unit_test(ledger__has_what_was_done_once__and_nothing_that_was_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
