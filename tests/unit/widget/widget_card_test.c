/* Cards of the flows as the widget gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/widget/card.h"
#include "tests/unit/value_of.h"

static struct arena *arena;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	arena_free(arena);
	return 0;
}

static const struct str origin[] = {S("https://img.example")};
static const struct frame_view view = {origin, 1, NULL, NULL};

static void assert_card(const char *card, const char *expected)
{
	buf_clear(&out);
	card_write(value_of(arena, card), &view, &out);
	assert_string_equal(out.p, expected);
}

static void card_write__writes_an_order(void **state)
{
	(void)state;
	assert_card(
		"{\"can\":[\"cancel\"],\"number\":\"1002\",\"status\":\"IN_TRANSIT\","
		"\"status_text\":\"on its way\",\"created\":5,\"first_item\":\"Mug\","
		"\"items\":[{\"id\":\"i\",\"title\":\"Mug\",\"variant\":\"blue\",\"quantity\":2,"
		"\"price\":{\"amount\":\"5.00\",\"currency\":\"USD\"},\"image\":"
		"\"https://img.example/a.jpg\"},{\"title\":\"Cup\",\"image\":"
		"\"https://evil.example/a.jpg\"},7],\"total\":{\"amount\":\"10.00\","
		"\"currency\":\"USD\"},\"paid_with\":\"Visa\",\"carrier\":\"DHL\","
		"\"tracking\":\"T1\",\"deliver_by\":9}",
		"{\"card\":\"order\",\"number\":\"1002\",\"status\":\"IN_TRANSIT\",\"status_text\":"
		"\"on its way\",\"created\":5,\"items\":[{\"title\":\"Mug\",\"variant\":\"blue\","
		"\"quantity\":2,\"image\":\"https://img.example/a.jpg\",\"price\":{\"amount\":"
		"\"5.00\",\"currency\":\"USD\"}},{\"title\":\"Cup\"}],\"total\":{\"amount\":"
		"\"10.00\",\"currency\":\"USD\"},\"paid_with\":\"Visa\",\"carrier\":\"DHL\","
		"\"tracking\":\"T1\",\"deliver_by\":9,\"steps\":[{\"text\":\"Ordered\",\"state\":"
		"\"done\"},{\"text\":\"Paid\",\"state\":\"done\"},{\"text\":\"Packed\",\"state\":"
		"\"done\"},{\"text\":\"On its way\",\"state\":\"now\"},{\"text\":\"Delivered\","
		"\"state\":\"next\"}]}");
}

static void card_write__writes_a_refund(void **state)
{
	(void)state;
	assert_card("{\"state\":\"approved\",\"amount\":{\"amount\":\"5\",\"currency\":\"USD\"},"
		    "\"paid_with\":\"Visa\",\"requested\":1,\"approved\":2,\"why\":\"w\"}",
		"{\"card\":\"refund\",\"state\":\"approved\",\"amount\":{\"amount\":\"5\","
		"\"currency\":\"USD\"},\"paid_with\":\"Visa\",\"requested\":1,\"approved\":2,"
		"\"why\":\"w\",\"steps\":[{\"text\":\"Requested\",\"state\":\"done\"},{\"text\":"
		"\"Approved\",\"state\":\"done\"},{\"text\":\"Paid out\",\"state\":\"now\"}]}");
}

static void card_write__writes_a_return__with_a_safe_label_only(void **state)
{
	(void)state;
	assert_card(
		"{\"id\":\"R-1\",\"order\":\"1\",\"state\":\"closed\",\"state_text\":\"closed\","
		"\"items\":[],\"label\":\"https://l.example/1\",\"address\":\"A\\nB\"}",
		"{\"card\":\"return\",\"id\":\"R-1\",\"order\":\"1\",\"state\":\"closed\","
		"\"state_text\":\"closed\",\"items\":[],\"label\":\"https://l.example/1\","
		"\"address\":\"A\\nB\",\"steps\":[{\"text\":\"Requested\",\"state\":\"done\"},"
		"{\"text\":\"Closed\",\"state\":\"done\"}]}");
	assert_card("{\"id\":\"R-1\",\"order\":\"1\",\"state\":\"x\",\"label\":\"javascript:1\"}",
		"{\"card\":\"return\",\"id\":\"R-1\",\"order\":\"1\",\"state\":\"x\"}");
}

static void card_write__writes_orders(void **state)
{
	static const char expected[] =
		"{\"card\":\"orders\",\"orders\":[{\"card\":\"order\",\"number\":\"1\",\"status\":"
		"\"X\"},{\"card\":\"order\",\"number\":\"2\",\"status\":\"X\"}]}";

	(void)state;
	assert_card("[{\"number\":\"1\",\"status\":\"X\"},{\"number\":\"2\",\"status\":\"X\"},5]",
		expected);
	assert_card("{\"orders\":[{\"number\":\"1\",\"status\":\"X\"},{\"number\":\"2\",\"status\":"
		    "\"X\"}]}",
		expected);
}

static void card_write__draws_nothing__of_what_it_does_not_know(void **state)
{
	static const char *const other[] = {"null", "5", "\"x\"", "[]", "{}", "{\"number\":\"1\"}",
		"{\"status\":\"X\"}", "{\"number\":1,\"status\":\"X\"}", "{\"state\":\"none\"}",
		"{\"id\":\"1\",\"state\":\"x\"}", "[[[]]]", "{\"orders\":[{\"orders\":[]}]}",
		"{\"order\":\"1\",\"return\":\"R-1\",\"state\":\"paid\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		assert_card(other[i], "null");
	assert_int_equal(card_kind_of(NULL), CARD_NONE);
}

static void assert_steps(const char *card, const char *expected)
{
	struct card_step step[card_max_steps];
	size_t n = card_steps(value_of(arena, card), step);

	buf_clear(&out);
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s%s %s", i ? ", " : "", step[i].text,
			step_state_name[step[i].state]);
	assert_string_equal(buf_str(&out).p ? out.p : "", expected);
}

static void card_steps__know_how_far_an_order_is(void **state)
{
	(void)state;
	assert_steps("{\"number\":\"1\",\"status\":\"UNPAID\"}",
		"Ordered done, Paid now, Packed next, On its way next, Delivered next");
	assert_steps("{\"number\":\"1\",\"status\":\"ON_HOLD\"}",
		"Ordered done, Paid done, Packed next, On its way next, Delivered next");
	assert_steps("{\"number\":\"1\",\"status\":\"AWAITING_COLLECTION\"}",
		"Ordered done, Paid done, Packed done, On its way next, Delivered next");
	assert_steps("{\"number\":\"1\",\"status\":\"COMPLETED\"}",
		"Ordered done, Paid done, Packed done, On its way done, Delivered done");
	assert_steps("{\"number\":\"1\",\"status\":\"CANCELLED\"}", "Ordered done, Cancelled done");
	assert_steps("{\"number\":\"1\",\"status\":\"AWAITING_SHIPMENT\",\"cod\":true}",
		"Ordered done, Packed now, On its way next, Delivered next");
	assert_steps("{\"number\":\"1\",\"status\":\"SOMETHING\"}", "");
}

static void card_steps__know_how_far_a_return_is(void **state)
{
	(void)state;
	assert_steps("{\"id\":\"R\",\"order\":\"1\",\"state\":\"waiting_seller\"}",
		"Requested done, Accepted now, Sent back next, Received next, Paid out next");
	assert_steps("{\"id\":\"R\",\"order\":\"1\",\"state\":\"paid\"}",
		"Requested done, Accepted done, Sent back done, Received done, Paid out done");
	assert_steps("{\"id\":\"R\",\"order\":\"1\",\"state\":\"rejected\"}",
		"Requested done, Declined done");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(card_write__writes_an_order),
		test(card_write__writes_a_refund),
		test(card_write__writes_a_return__with_a_safe_label_only),
		test(card_write__writes_orders),
		test(card_write__draws_nothing__of_what_it_does_not_know),
		test(card_steps__know_how_far_an_order_is),
		test(card_steps__know_how_far_a_return_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
