/* Cards in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bot/base/card_text.h"
#include "tests/unit/in_arena.h"
#include "tests/unit/value_of.h"

static void assert_rows(const char *card, const char *expected)
{
	struct card_row row[card_max_rows];
	size_t n = card_rows(value_of(arena, card), arena, row);
	struct buf out;

	buf_init(&out, 10000);
	buf_adds(&out, "");
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s: %.*s\n", row[i].label, STR(row[i].value));
	assert_string_equal(out.p, expected);
	buf_release(&out);
}

static void card_rows__are_for_people(void **state)
{
	(void)state;
	assert_rows("{\"number\":\"1\",\"status\":\"IN_TRANSIT\",\"status_text\":\"on its way\","
		    "\"created\":1732406400,\"cancelled\":0,\"total\":{\"amount\":\"29.9\","
		    "\"currency\":\"USD\"},\"can\":[\"x\"],\"items\":[{\"title\":\"Mug\"}],\"cod\":"
		    "true}",
		"Status: on its way\nTotal: $29.90\nOrdered: 24 November 2024\n");
	assert_rows("{\"status\":\"ON_HOLD\",\"refund_state\":\"waiting_seller\",\"refund\":{"
		    "\"amount\":\"5\",\"currency\":\"USD\"}}",
		"Status: on hold\nRefund: waiting seller\n");
	assert_rows("{\"status_text\":7,\"created\":\"x\",\"total\":\"5\"}", "");
	assert_rows("null", "");
}

static void card_title__says_what_it_is(void **state)
{
	(void)state;
	assert_true(str_is(card_title(value_of(arena, "{\"number\":\"7\"}"), arena), "Order 7"));
	assert_true(str_is(card_title(value_of(arena, "{\"id\":\"R-7\",\"order\":\"7\"}"), arena),
		"Return R-7"));
	assert_true(str_is(card_title(value_of(arena, "{\"amount\":{}}"), arena), "Refund"));
	assert_true(str_is(card_title(value_of(arena, "{\"title\":\"T\"}"), arena), "T"));
	assert_true(str_is(card_title(value_of(arena, "5"), arena), ""));
}

static void card_part__walks_lists(void **state)
{
	const struct value *orders = value_of(arena, "{\"orders\":[{},{}]}"),
			   *one = value_of(arena, "{\"a\":1}");

	(void)state;
	assert_non_null(card_part(orders, 1));
	assert_null(card_part(orders, 2));
	assert_ptr_equal(card_part(one, 0), one);
	assert_null(card_part(one, 1));
	assert_null(card_part(value_of(arena, "5"), 0));
	assert_null(card_part(NULL, 0));
}

static void card_item__counts(void **state)
{
	(void)state;
	assert_true(str_is(
		card_item(
			value_of(arena, "{\"title\":\"Mug\",\"variant\":\"blue\",\"quantity\":2}"),
			arena),
		"Mug, blue \xC3\x97"
		"2"));
	assert_true(str_is(
		card_item(value_of(arena, "{\"title\":\"Mug\",\"quantity\":1}"), arena), "Mug"));
	assert_true(str_is(card_item(value_of(arena, "5"), arena), ""));
	assert_true(str_is(
		card_item_priced(value_of(arena, "{\"title\":\"Mug\",\"price\":{\"amount\":\"5\","
						 "\"currency\":\"USD\"}}"),
			arena),
		"Mug, $5.00"));
	assert_true(str_is(card_item_priced(value_of(arena, "{\"title\":\"Mug\"}"), arena), "Mug"));
	assert_true(str_is(card_item_priced(value_of(arena, "{\"price\":{}}"), arena), ""));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(card_rows__are_for_people),
		test(card_title__says_what_it_is),
		test(card_part__walks_lists),
		test(card_item__counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
