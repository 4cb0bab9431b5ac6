/* Proving buyers, misbehaviour on demand, and the shop in a file. */
#include "tests/unit/sandbox/shop_under_test.h"

#include <unistd.h>

#include "adapters/order/sandbox/shop.h"

#define VERIFY(order, fact) "{\"order\":\"" order "\",\"fact\":\"" fact "\"}"
#define CANCEL_A1001 "{\"order\":\"A-1001\",\"reason\":\"x\"}"

static void verify__wrong__never_says_which_part(void **state)
{
	static const char *const wrong[] = {
		VERIFY("A-1001", "0143"),
		VERIFY("A-9999", "0142"),
		VERIFY("A-1001", "brandt"),
		VERIFY("", "0142"),
		VERIFY("A-1001", ""),
	};
	struct under_test t = open_shop("demo");
	struct str first = S("");

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct str text;

		ask_refused(&t, "buyers.verify", wrong[i], "no_match");
		text = value_get_text(t.answer.value, "why_text");
		assert_true(i == 0 || str_eq(first, text));
		assert_int_equal(t.answer.value->record.n, 2);
		first = text;
	}
	close_shop(&t);
}

static void verify__near_misses__prove_nothing(void **state)
{
	static const char *const near[] = {"142", "10142", "555", "9721", "972145", "97214-33012",
		"okafo", "maya", "example.com", "%", "' or 1=1 --", "97214-", "0 1 4 2 9"};
	struct under_test t = open_shop("demo");

	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		char args[200], who[20];

		snprintf(who, sizeof(who), "c%zu", i);
		t.who = who;
		snprintf(args, sizeof(args), "{\"order\":\"A-1001\",\"fact\":\"%s\"}", near[i]);
		if (strcmp(near[i], "97214-") == 0)
			ask_ok(&t, "buyers.verify", args); /* a dash too much, but the right code */
		else
			ask_refused(&t, "buyers.verify", args, "no_match");
	}
	close_shop(&t);
}

static void verify__a_sentence__is_one_guess(void **state)
{
	static const char *const right[] = {"my phone ends in 0142", "it is maya.okafor@example.com ok",
		"zip 97214", "my family name is Okafor."};
	static const char *const wrong[] = {"0141 0142 0143", "a@example.com maya.okafor@example.com",
		"okafor or brandt", "0142 or 97214"};
	struct under_test t = open_shop("demo");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char args[200], who[20];

		snprintf(who, sizeof(who), "c%zu", i);
		t.who = who;
		snprintf(args, sizeof(args), "{\"order\":\"A-1001\",\"fact\":\"%s\"}", right[i]);
		ask_ok(&t, "buyers.verify", args);
		snprintf(args, sizeof(args), "{\"order\":\"A-1001\",\"fact\":\"%s\"}", wrong[i]);
		ask_refused(&t, "buyers.verify", args, "no_match");
	}
	close_shop(&t);
}

static void verify__five_misses_an_hour__then_too_many(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	for (int i = 0; i < 5; i++)
		ask_refused(&t, "buyers.verify", VERIFY("A-1001", "0000"), "no_match");
	ask_refused(&t, "buyers.verify", VERIFY("A-1001", "0142"),
		"too_many"); /* right, but too late */
	ask_refused(&t, "buyers.verify", VERIFY("A-1101", "0178"), "too_many");
	t.who = "c2";
	ask_ok(&t, "buyers.verify", VERIFY("A-1001", "0142"));
	t.who = "c1";
	at(&t, 59 * MINUTES);
	ask_refused(&t, "buyers.verify", VERIFY("A-1001", "0142"), "too_many");
	at(&t, 60 * MINUTES);
	ask_ok(&t, "buyers.verify", VERIFY("A-1001", "0142"));
	close_shop(&t);
}

static void too_many_for_the_order(struct under_test *t, const char *args)
{
	for (int i = 0; i < 20; i++) {
		char who[20];

		snprintf(who, sizeof(who), "thief-%d", i);
		t->who = who;
		ask_refused(t, "buyers.verify", args, "no_match");
	}
	t->who = "thief-21";
	ask_refused(t, "buyers.verify", args, "too_many");
}

/* From many conversations; and just so for a number that does not exist. */
static void verify__twenty_misses_on_an_order__then_too_many(void **state)
{
	struct under_test t = open_shop("demo");

	(void)state;
	too_many_for_the_order(&t, VERIFY("A-1001", "0000"));
	too_many_for_the_order(&t, VERIFY("A-9999", "0000"));
	t.who = "honest";
	ask_ok(&t, "buyers.verify", VERIFY("A-1002", "0142"));
	close_shop(&t);
}

/* Misbehaviour */

static void script(
	struct under_test *t, const char *operation, const struct sandbox_behaviour *as, size_t n)
{
	assert_true(sandbox_script(t->sandbox, str_of(operation), as, n));
}

static void script__plays_one_behaviour_a_call_and_then_is_over(void **state)
{
	static const struct sandbox_behaviour acts[] = {
		{.act = SANDBOX_FAIL, .slow_ms = 9000},
		{.act = SANDBOX_REFUSE, .why = {"shipped", 7}, .why_text = {"it left", 7}},
		{.act = SANDBOX_LOSE_REQUEST, .slow_ms = 20000},
	};
	struct under_test t = open_shop("one_open_order");

	(void)state;
	script(&t, "orders.cancel", acts, 3);
	ask_ok(&t, "orders.get", "{\"order\":\"A-1001\"}"); /* others go on as ever */
	assert_int_equal(ask(&t, "orders.cancel", CANCEL_A1001), ORDER_FAILED);
	assert_int_equal(t.answer.took_ms, 9000);
	assert_int_equal(t.answer.value->type, VALUE_NONE);
	ask_refused(&t, "orders.cancel", CANCEL_A1001, "shipped");
	is_text(&t, "why_text", "it left");
	assert_int_equal(ask(&t, "orders.cancel", CANCEL_A1001), ORDER_UNKNOWN);
	assert_int_equal(t.answer.took_ms, 20000);
	status_is(&t, "A-1001", "AWAITING_SHIPMENT");
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	assert_int_equal(t.answer.took_ms, 0);
	close_shop(&t);
}

static void script__lost_answer__was_applied(void **state)
{
	static const struct sandbox_behaviour lost = {.act = SANDBOX_LOSE_ANSWER};
	struct under_test t = open_shop("one_open_order");

	(void)state;
	t.key = "k";
	script(&t, "orders.cancel", &lost, 1);
	assert_int_equal(ask(&t, "orders.cancel", CANCEL_A1001), ORDER_UNKNOWN);
	assert_int_equal(t.answer.value->type, VALUE_NONE);
	status_is(&t, "A-1001", "CANCELLED");
	ask_ok(&t, "orders.cancel", CANCEL_A1001); /* asked again under its key */
	is_text(&t, "state", "done");
	close_shop(&t);
}

static void script__lost_reading__is_failed(void **state)
{
	static const struct sandbox_behaviour lost[] = {
		{.act = SANDBOX_LOSE_ANSWER}, {.act = SANDBOX_LOSE_REQUEST}};
	struct under_test t = open_shop("one_open_order");

	(void)state;
	script(&t, "orders.list", lost, 2);
	assert_int_equal(ask(&t, "orders.list", "{}"), ORDER_FAILED);
	assert_int_equal(ask(&t, "orders.list", "{}"), ORDER_FAILED);
	close_shop(&t);
}

static void script__given_answer_and_slowness(void **state)
{
	struct under_test t = open_shop("one_open_order");
	struct value_builder b = value_build(t.arena);
	struct sandbox_behaviour acts[2] = {
		{.act = SANDBOX_ANSWER}, {.act = SANDBOX_NORMAL, .slow_ms = 12000}};

	(void)state;
	value_put_text(&b, "answer", S("ask_seller"));
	acts[0].answer = value_record(&b);
	script(&t, "orders.can_cancel", acts, 2);
	ask_ok(&t, "orders.can_cancel", "{\"order\":\"A-1001\"}");
	is_text(&t, "answer", "ask_seller");
	ask_ok(&t, "orders.can_cancel", "{\"order\":\"A-1001\"}");
	is_text(&t, "answer", "yes");
	assert_int_equal(t.answer.took_ms, 12000);
	close_shop(&t);
}

static void script__cleared_or_unknown__does_nothing(void **state)
{
	static const struct sandbox_behaviour fail_once = {.act = SANDBOX_FAIL};
	struct under_test t = open_shop("one_open_order");

	(void)state;
	assert_false(sandbox_script(t.sandbox, S("orders.burn"), &fail_once, 1));
	script(&t, "orders.list", &fail_once, 1);
	sandbox_script_clear(t.sandbox);
	ask_ok(&t, "orders.list", "{}");
	script(&t, "orders.list", &fail_once, 1);
	assert_int_equal(ask(&t, "orders.list", "{}"), ORDER_FAILED);
	close_shop(&t);
}

/* In a file */

static void file__is_seeded_once_and_goes_on_where_it_was(void **state)
{
	char folder[] = "/tmp/tenstep-shop-XXXXXX", path[64];
	struct under_test t = {
		.buyer = "buyer-open", .who = "c", .key = "", .arena = arena_new(1 << 20)};
	struct buf error;

	(void)state;
	buf_init(&error, 1000);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/shop.db", folder);
	t.sandbox = sandbox_create(path, NOW, &error);
	assert_non_null(t.sandbox);
	t.api = sandbox_api(t.sandbox);
	ask_ok(&t, "orders.cancel", CANCEL_A1001);
	t.api->free(t.api);

	t.sandbox = sandbox_create(path, NOW + 3 * DAYS, &error);
	assert_non_null(t.sandbox);
	t.api = sandbox_api(t.sandbox);
	status_is(&t, "A-1001", "CANCELLED");
	refund_is(&t, "A-1001", "paid"); /* time went on while nobody looked */
	t.api->free(t.api);

	t.sandbox = sandbox_create(path, NOW, &error);
	assert_non_null(t.sandbox);
	assert_int_equal(sandbox_now(t.sandbox), NOW + 3 * DAYS);
	t.api = sandbox_api(t.sandbox);
	close_shop(&t);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	buf_release(&error);
}

/* The time that the file says after the shop was moved on by @seconds and did @operation, if any. */
static int64_t kept_after(
	const char *path, int64_t seconds, const char *operation, const char *args)
{
	struct under_test t = {
		.buyer = "buyer-open", .who = "c", .key = "", .arena = arena_new(1 << 20)};
	struct buf error;
	int64_t kept;

	buf_init(&error, 1000);
	t.sandbox = sandbox_create(path, NOW, &error);
	assert_non_null(t.sandbox);
	t.api = sandbox_api(t.sandbox);
	assert_true(t.api->advance(t.api, NOW + seconds));
	assert_int_equal(sandbox_now(t.sandbox), NOW + seconds);
	if (operation)
		ask_ok(&t, operation, args);
	kept = meta_get(t.sandbox->sql, "now");
	close_shop(&t);
	buf_release(&error);
	return kept;
}

static void file__knows_the_time__of_what_it_did_and_else_to_the_minute(void **state)
{
	char folder[] = "/tmp/tenstep-shop-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/shop.db", folder);
	assert_int_equal(kept_after(path, 10, NULL, NULL), NOW);
	assert_int_equal(kept_after(path, 20, "orders.list", "{}"), NOW);
	assert_int_equal(kept_after(path, 30, "orders.cancel", CANCEL_A1001), NOW + 30);
	assert_int_equal(kept_after(path, 40, NULL, NULL), NOW + 30);
	assert_int_equal(kept_after(path, 100, NULL, NULL), NOW + 100);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(verify__wrong__never_says_which_part),
		T(verify__near_misses__prove_nothing),
		T(verify__a_sentence__is_one_guess),
		T(verify__five_misses_an_hour__then_too_many),
		T(verify__twenty_misses_on_an_order__then_too_many),
		T(script__plays_one_behaviour_a_call_and_then_is_over),
		T(script__lost_answer__was_applied),
		T(script__lost_reading__is_failed),
		T(script__given_answer_and_slowness),
		T(script__cleared_or_unknown__does_nothing),
		T(file__is_seeded_once_and_goes_on_where_it_was),
		T(file__knows_the_time__of_what_it_did_and_else_to_the_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
