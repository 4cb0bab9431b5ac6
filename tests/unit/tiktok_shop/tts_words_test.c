/* Every word of the platform that the papers list, both spellings, and words that they do not; the
 * names of reasons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_reasons.h"
#include "adapters/order/tiktok_shop/tts_words.h"

static void order_status__is_one_of_nine(void **state)
{
	static const struct {
		const char *word, *wire;
		enum tts_order_group group;
	} row[] = {
		{"UNPAID", "UNPAID", TTS_GROUP_OPEN},
		{"ON_HOLD", "ON_HOLD", TTS_GROUP_OPEN},
		{"AWAITING_SHIPMENT", "AWAITING_SHIPMENT", TTS_GROUP_OPEN},
		{"TO_SHIP", "AWAITING_SHIPMENT", TTS_GROUP_OPEN},
		{"CANCEL_PENDING", "AWAITING_SHIPMENT", TTS_GROUP_OPEN},
		{"PARTIALLY_SHIPPING", "PARTIALLY_SHIPPING", TTS_GROUP_ON_THE_WAY},
		{"AWAITING_COLLECTION", "AWAITING_COLLECTION", TTS_GROUP_ON_THE_WAY},
		{"IN_TRANSIT", "IN_TRANSIT", TTS_GROUP_ON_THE_WAY},
		{"SHIPPED", "IN_TRANSIT", TTS_GROUP_ON_THE_WAY},
		{"DELIVERED", "DELIVERED", TTS_GROUP_DELIVERED},
		{"COMPLETED", "COMPLETED", TTS_GROUP_OVER},
		{"CANCELLED", "CANCELLED", TTS_GROUP_OVER},
		{"CANCEL", "CANCELLED", TTS_GROUP_OVER},
		{"LOST_IN_SPACE", "LOST_IN_SPACE", TTS_GROUP_STRANGE},
		{"", "", TTS_GROUP_STRANGE},
		{"unpaid", "unpaid", TTS_GROUP_STRANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct tts_order_word word = tts_order_word(str_of(row[i].word));

		assert_true(str_is(word.wire, row[i].wire));
		assert_int_equal(word.group, row[i].group);
		assert_true(*word.words);
	}
}

static void cancel_status__takes_both_spellings(void **state)
{
	static const struct {
		const char *word;
		enum tts_cancel_state is;
	} row[] = {
		{"CANCELLATION_REQUEST_PENDING", TTS_CANCEL_PENDING},
		{"CANCELLATION_REQUEST_SUCCESS", TTS_CANCEL_SUCCESS},
		{"CANCELLATION_REQUEST_COMPLETE", TTS_CANCEL_COMPLETE},
		{"CANCELLATION_REQUEST_CANCELLED", TTS_CANCEL_OFF},
		{"CANCELLATION_REQUEST_CANCEL", TTS_CANCEL_OFF},
		{"CANCELLATION_REQUEST_REJECTED", TTS_CANCEL_STRANGE},
		{"", TTS_CANCEL_STRANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_int_equal(tts_cancel_state(str_of(row[i].word)), row[i].is);
}

static void return_status__has_a_state_and_words(void **state)
{
	static const struct {
		const char *word, *state, *refund;
	} row[] = {
		{"RETURN_OR_REFUND_REQUEST_PENDING", "waiting_seller", "waiting_seller"},
		{"REFUND_OR_RETURN_REQUEST_REJECT", "rejected", "rejected"},
		{"AWAITING_BUYER_SHIP", "send_it", "requested"},
		{"BUYER_SHIPPED_ITEM", "on_its_way", "requested"},
		{"REJECT_RECEIVE_PACKAGE", "rejected", "rejected"},
		{"RETURN_OR_REFUND_REQUEST_SUCCESS", "approved", "approved"},
		{"RETURN_OR_REFUND_REQUEST_CANCEL", "closed", "rejected"},
		{"RETURN_OR_REFUND_REQUEST_COMPLETE", "paid", "paid"},
		{"AWAITING_BUYER_RESPONSE", "waiting_seller", "requested"},
		{"REPLACEMENT_REQUEST_PENDING", "waiting_seller", NULL},
		{"REPLACEMENT_REQUEST_REJECT", "rejected", NULL},
		{"REPLACEMENT_REQUEST_REFUND_SUCCESS", "approved", "approved"},
		{"REPLACEMENT_REQUEST_CANCEL", "closed", NULL},
		{"REPLACEMENT_REQUEST_COMPLETE", "closed", NULL},
		{"REQUEST_SUCCESS", "approved", "approved"},
		{"REQUEST_REJECTED", "rejected", "rejected"},
		{"RECEIVE_REJECTED", "rejected", "rejected"},
		{"RETURN_OR_REFUND_CANCEL", "closed", "rejected"},
		{"RETURN_OR_REFUND_REQUEST_CANCELLED", "closed", "rejected"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const struct tts_return_word *word = tts_return_word(str_of(row[i].word));

		assert_true(word->known);
		assert_string_equal(word->state, row[i].state);
		assert_true(*word->words && *word->next);
		if (row[i].refund)
			assert_string_equal(word->refund, row[i].refund);
		else
			assert_null(word->refund);
	}
	assert_false(tts_return_word(S("PENDING_REQUEST_REVIEW"))->known);
	assert_true(tts_return_word(S("PENDING_REQUEST_REVIEW"))->live);
}

static void words__of_each_field__are_known(void **state)
{
	static const struct {
		enum tts_field field;
		const char *word[6];
	} row[] = {
		{TTS_RETURN_TYPE, {"REFUND", "RETURN_AND_REFUND", "REPLACEMENT"}},
		{TTS_CANCEL_TYPE, {"CANCEL", "BUYER_CANCEL", "REQUEST_CANCEL_REFUND"}},
		{TTS_ROLE, {"BUYER", "SELLER", "OPERATOR", "SYSTEM"}},
		{TTS_ARBITRATION, {"IN_PROGRESS", "SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED"}},
		{TTS_NEXT_ACTION,
			{"SELLER_RESPOND_CANCEL", "SELLER_RESPOND_REFUND", "SELLER_RESPOND_RETURN",
				"SELLER_RESPOND_RECEIVE_PACKAGE", "SELLER_RESPOND_REPLACEMENT"}},
		{TTS_RETURN_METHOD,
			{"SELLER_SHIPPED", "BUYER_SHIPPED", "PLATFORM_SHIPPED", "SELLER_ARRANGE"}},
		{TTS_REQUEST_TYPE, {"CANCEL", "RETURN_AND_REFUND", "REFUND", "RETURN"}},
		{TTS_PACKAGE_STATUS,
			{"TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED"}},
		{TTS_DOCUMENT, {"SHIPPING_LABEL", "QR_CODE"}},
		{TTS_SHIPMENT_TYPE, {"PLATFORM", "BUYER_ARRANGE"}},
		{TTS_HANDOVER, {"DROP_OFF", "PICKUP"}},
		{TTS_DISPLAY_STATUS, {"UNPAID", "IN_TRANSIT", "CANCELLED", "TO_SHIP"}},
		{TTS_INITIATOR, {"SELLER", "BUYER", "SYSTEM", "OPERATOR"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		for (size_t k = 0; k < 6 && row[i].word[k]; k++)
			assert_true(tts_word_is_known(row[i].field, str_of(row[i].word[k])));
		assert_false(tts_word_is_known(row[i].field, S("SOMETHING_NEW")));
		assert_false(tts_word_is_known(row[i].field, S("")));
	}
}

/* --- reasons --- */

static void market__follows_the_region(void **state)
{
	(void)state;
	assert_int_equal(tts_market_of(S("US")), TTS_US);
	assert_int_equal(tts_market_of(S("GB")), TTS_UK);
	assert_int_equal(tts_market_of(S("de")), TTS_UK);
	assert_int_equal(tts_market_of(S("VN")), TTS_SEA);
	assert_int_equal(tts_market_of(S("MX")), TTS_US);
	assert_int_equal(tts_market_of(S("")), TTS_US);
}

static void cancel_reason__fits_market_and_status(void **state)
{
	static const struct {
		enum tts_market market;
		const char *status, *said, *first;
	} row[] = {
		{TTS_US, "UNPAID", "other",
			"seller_cancel_unpaid_reason_buyer_requested_cancellation"},
		{TTS_US, "ON_HOLD", "other",
			"seller_cancel_paid_reason_buyer_requested_cancellation"},
		{TTS_UK, "UNPAID", "other",
			"seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed_uk"},
		{TTS_UK, "AWAITING_SHIPMENT", "other",
			"seller_cancel_paid_reason_address_not_deliver_uk"},
		{TTS_SEA, "AWAITING_SHIPMENT", "wrong_delivery_info",
			"seller_cancel_paid_reason_address_not_deliver"},
	};
	struct str name[tts_max_reasons];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		size_t n = tts_cancel_reasons(row[i].market, str_of(row[i].status),
			str_of(row[i].said), &value_none, name);

		assert_true(n > 0);
		assert_true(str_is(name[0], row[i].first));
		for (size_t k = 0; k < n; k++)
			assert_true(str_find(name[k], S("out_of_stock")) < 0);
	}
}

static void return_reasons__are_those_that_are_offered(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct value_builder offered = value_build(arena), strange = value_build(arena);
	const struct value *reasons;

	(void)state;
	value_push(&offered, value_text(arena, S("ecom_x_damaged_seller")));
	value_push(&offered, value_text(arena, S("buyer's_damaged/other_way")));
	value_push(&offered, value_text(arena, S("moon_phase")));
	value_push(&offered, value_text(arena, S("ecom_x_no_need_seller_uk")));
	reasons = tts_return_reasons(arena, TTS_US, value_list(&offered), &strange);
	assert_int_equal(value_count(reasons), 2);
	assert_true(str_is(value_get_text(value_at(reasons, 0), "id"), "ecom_x_damaged_seller"));
	assert_true(str_is(value_get_text(value_at(reasons, 0), "label"), "It arrived damaged"));
	assert_int_equal(strange.n, 1);
	assert_true(value_count(tts_return_reasons(arena, TTS_UK, &value_none, NULL)) >= 5);
	assert_int_equal(value_count(tts_return_reasons(arena, TTS_SEA, &value_none, NULL)), 2);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_status__is_one_of_nine),
		cmocka_unit_test(cancel_status__takes_both_spellings),
		cmocka_unit_test(return_status__has_a_state_and_words),
		cmocka_unit_test(words__of_each_field__are_known),
		cmocka_unit_test(market__follows_the_region),
		cmocka_unit_test(cancel_reason__fits_market_and_status),
		cmocka_unit_test(return_reasons__are_those_that_are_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
