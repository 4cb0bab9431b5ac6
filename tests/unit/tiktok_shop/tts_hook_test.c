/* The platform's webhooks: what each names, and how repeats are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_hook.h"
#include "adapters/order/tiktok_shop/tts_sign.h"
#include "tests/unit/in_arena.h"

#define assert_str(s, text) assert_true(str_is((s), (text)))

static struct tts_hook hook_of(int type, const char *data)
{
	struct tts_hook hook;

	assert_true(tts_hook_read(
		arena_printf(arena,
			"{\"type\":%d,\"tts_notification_id\":\"7327112393057371911\",\"shop_id\":"
			"\"7494049642642441621\",\"timestamp\":1644412885,\"data\":%s}",
			type, data),
		arena, &hook));
	assert_str(hook.id, "7327112393057371911");
	assert_str(hook.shop, "7494049642642441621");
	assert_int_equal(hook.at, 1644412885);
	return hook;
}

/* The body whose signature the reference gives. */
static void read__takes_a_signed_cancellation(void **state)
{
	struct str body = S("{\"type\":11,\"tts_notification_id\":\"7327112393057371911\","
			    "\"shop_id\":\"7494049642642441621\",\"timestamp\":1644412885,"
			    "\"data\":{\"order_id\":\"576486316948490001\","
			    "\"cancellations_role\":\"BUYER\",\"cancel_status\":"
			    "\"CANCELLATION_REQUEST_PENDING\",\"cancel_id\":"
			    "\"4035318504086604100\",\"create_time\":1627587600}}");
	struct tts_hook hook;

	(void)state;
	assert_true(tts_webhook_sign_is(S("appk"), S("sandbox_secret_123"), body,
		S("99d3f41987eb297bc226270aea2889c6fb40beb715b83fd2679dc05570be3670")));
	assert_true(tts_hook_read(body, arena, &hook));
	assert_int_equal(hook.kind, TTS_HOOK_CANCELLATION);
	assert_int_equal(hook.n_orders, 1);
	assert_str(hook.order[0], "576486316948490001");
	assert_str(hook.state, "CANCELLATION_REQUEST_PENDING");
}

static void read__names_the_order_of_each(void **state)
{
	static const struct {
		int type;
		const char *data;
		enum tts_hook_kind kind;
		const char *state;
	} row[] = {
		{1, "{\"order_id\":\"5\",\"order_status\":\"CANCEL\"}", TTS_HOOK_ORDER, "CANCEL"},
		{12, "{\"order_id\":\"5\",\"return_status\":\"AWAITING_BUYER_SHIP\"}",
			TTS_HOOK_RETURN, "AWAITING_BUYER_SHIP"},
		{67,
			"{\"refund_status\":\"REFUND_SUCCESS\",\"line_items\":[{\"main_order_id\":"
			"\"5\"},{\"main_order_id\":\"5\"}]}",
			TTS_HOOK_REFUND, "REFUND_SUCCESS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tts_hook hook = hook_of(row[i].type, row[i].data);

		assert_int_equal(hook.kind, row[i].kind);
		assert_int_equal(hook.n_orders, 1);
		assert_str(hook.order[0], "5");
		assert_str(hook.state, row[i].state);
	}
}

static void read__knows_what_is_about_the_authorisation(void **state)
{
	struct tts_hook hook = hook_of(7, "{\"message\":\"x\",\"expiration_time\":\"1700000000\"}");

	(void)state;
	assert_int_equal(hook.kind, TTS_HOOK_EXPIRING);
	assert_int_equal(hook.expires, 1700000000);
	assert_int_equal(hook_of(6, "{\"message\":\"x\"}").kind, TTS_HOOK_DEAUTHORISED);
	assert_int_equal(hook_of(64, "{}").kind, TTS_HOOK_AFTERSALES);
	assert_int_equal(hook_of(14, "{}").kind, TTS_HOOK_MESSAGE);
	assert_int_equal(hook_of(5, "{\"order_id\":\"5\"}").kind, TTS_HOOK_OTHER);
}

static void read__without_an_id__makes_one_of_what_it_says(void **state)
{
	static const char *const body[] = {
		"{\"type\":1,\"timestamp\":1,\"data\":{\"order_id\":\"5\",\"order_status\":"
		"\"UNPAID\",\"update_time\":9}}",
		"{\"type\":1,\"timestamp\":2,\"data\":{\"order_id\":\"5\",\"order_status\":"
		"\"UNPAID\",\"update_time\":9}}",
		"{\"type\":1,\"timestamp\":1,\"data\":{\"order_id\":\"5\",\"order_status\":"
		"\"DELIVERED\",\"update_time\":9}}",
		"{\"type\":1,\"timestamp\":1,\"data\":{\"order_id\":\"6\",\"order_status\":"
		"\"UNPAID\",\"update_time\":9}}",
	};
	struct tts_hook hook[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_true(tts_hook_read(str_of(body[i]), arena, &hook[i]));
	assert_true(str_eq(hook[0].id, hook[1].id));
	assert_false(str_eq(hook[0].id, hook[2].id));
	assert_false(str_eq(hook[0].id, hook[3].id));
}

static void read__refuses_what_is_none(void **state)
{
	static const char *const body[] = {"", "[]", "{}", "{\"type\":\"1\"}", "{\"type\":1.5}"};
	struct tts_hook hook;

	(void)state;
	for (size_t i = 0; i < sizeof body / sizeof *body; i++)
		assert_false(tts_hook_read(str_of(body[i]), arena, &hook));
	hook = hook_of(1, "{\"order_id\":\"a b\",\"order_status\":7}");
	assert_int_equal(hook.n_orders, 0);
	hook = hook_of(67, "{\"line_items\":{}}");
	assert_int_equal(hook.n_orders, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(read__takes_a_signed_cancellation),
		T(read__names_the_order_of_each),
		T(read__knows_what_is_about_the_authorisation),
		T(read__without_an_id__makes_one_of_what_it_says),
		T(read__refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
