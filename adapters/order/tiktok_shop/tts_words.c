/* The platform's words for states, and ours. */
#include "adapters/order/tiktok_shop/tts_words.h"

#include <stddef.h>

/* --- orders --- */

static const struct {
	const char *spelling, *wire, *words;
	enum tts_order_group group;
} order_word[] = {
	{"UNPAID", "UNPAID", "waiting for payment", TTS_GROUP_OPEN},
	{"ON_HOLD", "ON_HOLD", "paid, not yet packed", TTS_GROUP_OPEN},
	{"AWAITING_SHIPMENT", "AWAITING_SHIPMENT", "being prepared", TTS_GROUP_OPEN},
	{"PARTIALLY_SHIPPING", "PARTIALLY_SHIPPING", "partly on its way", TTS_GROUP_ON_THE_WAY},
	{"AWAITING_COLLECTION", "AWAITING_COLLECTION", "packed and waiting for the carrier",
		TTS_GROUP_ON_THE_WAY},
	{"IN_TRANSIT", "IN_TRANSIT", "on its way", TTS_GROUP_ON_THE_WAY},
	{"DELIVERED", "DELIVERED", "delivered", TTS_GROUP_DELIVERED},
	{"COMPLETED", "COMPLETED", "completed", TTS_GROUP_OVER},
	{"CANCELLED", "CANCELLED", "cancelled", TTS_GROUP_OVER},
	/* Webhooks, and names that samples and the platform's own tools use. */
	{"CANCEL", "CANCELLED", "cancelled", TTS_GROUP_OVER},
	{"CANCELED", "CANCELLED", "cancelled", TTS_GROUP_OVER},
	{"TO_SHIP", "AWAITING_SHIPMENT", "being prepared", TTS_GROUP_OPEN},
	{"CANCEL_PENDING", "AWAITING_SHIPMENT", "being prepared", TTS_GROUP_OPEN},
	{"SHIPPED", "IN_TRANSIT", "on its way", TTS_GROUP_ON_THE_WAY},
};

struct tts_order_word tts_order_word(struct str status)
{
	for (size_t i = 0; i < sizeof(order_word) / sizeof(*order_word); i++)
		if (str_is(status, order_word[i].spelling))
			return (struct tts_order_word){str_of(order_word[i].wire),
				order_word[i].words, order_word[i].group};
	return (struct tts_order_word){status, "with the shop", TTS_GROUP_STRANGE};
}

/* --- cancellations --- */

enum tts_cancel_state tts_cancel_state(struct str cancel_status)
{
	static const struct {
		const char *wire;
		enum tts_cancel_state state;
	} word[] = {
		{"CANCELLATION_REQUEST_PENDING", TTS_CANCEL_PENDING},
		{"CANCELLATION_REQUEST_SUCCESS", TTS_CANCEL_SUCCESS},
		{"CANCELLATION_REQUEST_COMPLETE", TTS_CANCEL_COMPLETE},
		{"CANCELLATION_REQUEST_CANCELLED", TTS_CANCEL_OFF},
		{"CANCELLATION_REQUEST_CANCEL", TTS_CANCEL_OFF},
	};

	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (str_is(cancel_status, word[i].wire))
			return word[i].state;
	return TTS_CANCEL_STRANGE;
}

/* --- returns --- */

#define WAITS "waiting for the seller's answer"
#define NOTHING_YET "nothing yet, the seller has to answer first"
#define PAYING "nothing, the money is being paid out"

static const struct {
	const char *wire;
	struct tts_return_word word;
} return_word[] = {
	{"RETURN_OR_REFUND_REQUEST_PENDING",
		{"waiting_seller", WAITS, NOTHING_YET, "waiting_seller", true, false, true}},
	{"AWAITING_BUYER_RESPONSE",
		{"waiting_seller", "waiting for your answer to the seller's offer",
			"look at the seller's offer in the app and answer it there", "requested",
			true, false, true}},
	{"AWAITING_BUYER_SHIP",
		{"send_it", "accepted, waiting for your parcel",
			"pack the items well, send the parcel as the app shows under this return, "
			"and keep the receipt",
			"requested", true, true, true}},
	{"BUYER_SHIPPED_ITEM", {"on_its_way", "on its way back to the shop",
				       "nothing, the parcel is on its way to the shop", "requested",
				       true, true, true}},
	{"RETURN_OR_REFUND_REQUEST_SUCCESS", {"approved", "approved, the money is on its way",
						     PAYING, "approved", true, false, true}},
	{"RETURN_OR_REFUND_REQUEST_COMPLETE",
		{"paid", "finished, the money is paid out", "nothing", "paid", true, false, true}},
	{"REFUND_OR_RETURN_REQUEST_REJECT",
		{"rejected", "declined by the seller", "nothing", "rejected", true, false, true}},
	{"REJECT_RECEIVE_PACKAGE", {"rejected", "declined after the parcel had arrived", "nothing",
					   "rejected", true, false, true}},
	{"RETURN_OR_REFUND_REQUEST_CANCEL",
		{"closed", "closed", "nothing", "rejected", false, false, true}},
	{"REPLACEMENT_REQUEST_PENDING",
		{"waiting_seller", WAITS, NOTHING_YET, NULL, true, false, true}},
	{"REPLACEMENT_REQUEST_REJECT",
		{"rejected", "declined by the seller", "nothing", NULL, true, false, true}},
	{"REPLACEMENT_REQUEST_REFUND_SUCCESS", {"approved", "approved, the money is on its way",
						       PAYING, "approved", true, false, true}},
	{"REPLACEMENT_REQUEST_CANCEL", {"closed", "closed", "nothing", NULL, false, false, true}},
	{"REPLACEMENT_REQUEST_COMPLETE", {"closed", "finished, a new order replaces it", "nothing",
						 NULL, true, false, true}},
};

/* Four names that the overview's prose uses for the same. */
static const struct {
	const char *prose, *wire;
} return_alias[] = {
	{"REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_SUCCESS"},
	{"REQUEST_REJECTED", "REFUND_OR_RETURN_REQUEST_REJECT"},
	{"RECEIVE_REJECTED", "REJECT_RECEIVE_PACKAGE"},
	{"RETURN_OR_REFUND_CANCEL", "RETURN_OR_REFUND_REQUEST_CANCEL"},
	{"RETURN_OR_REFUND_REQUEST_CANCELLED", "RETURN_OR_REFUND_REQUEST_CANCEL"},
	{"REPLACEMENT_REQUEST_CANCELLED", "REPLACEMENT_REQUEST_CANCEL"},
};

static struct str return_wire(struct str status)
{
	for (size_t i = 0; i < sizeof(return_alias) / sizeof(*return_alias); i++)
		if (str_is(status, return_alias[i].prose))
			return str_of(return_alias[i].wire);
	return status;
}

const struct tts_return_word *tts_return_word(struct str return_status)
{
	static const struct tts_return_word strange = {"waiting_seller", "being looked at",
		"nothing yet, the shop is looking at it", "requested", true, false, false};
	struct str wire = return_wire(return_status);

	for (size_t i = 0; i < sizeof(return_word) / sizeof(*return_word); i++)
		if (str_is(wire, return_word[i].wire))
			return &return_word[i].word;
	return &strange;
}

/* --- the rest --- */

bool tts_word_is_known(enum tts_field field, struct str word)
{
	static const char *const known[][10] = {
		[TTS_RETURN_TYPE] = {"REFUND", "RETURN_AND_REFUND", "REPLACEMENT"},
		[TTS_CANCEL_TYPE] = {"CANCEL", "BUYER_CANCEL", "REQUEST_CANCEL_REFUND"},
		[TTS_ROLE] = {"BUYER", "SELLER", "OPERATOR", "SYSTEM"},
		[TTS_ARBITRATION] = {"IN_PROGRESS", "SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED"},
		[TTS_NEXT_ACTION] = {"SELLER_RESPOND_CANCEL", "SELLER_RESPOND_REFUND",
			"SELLER_RESPOND_RETURN", "SELLER_RESPOND_RECEIVE_PACKAGE",
			"SELLER_RESPOND_REPLACEMENT"},
		[TTS_RETURN_METHOD] = {"SELLER_SHIPPED", "BUYER_SHIPPED", "PLATFORM_SHIPPED",
			"SELLER_ARRANGE"},
		[TTS_REQUEST_TYPE] = {"CANCEL", "RETURN_AND_REFUND", "REFUND", "RETURN"},
		[TTS_PACKAGE_STATUS] = {"TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED",
			"CANCELLED"},
		[TTS_DOCUMENT] = {"SHIPPING_LABEL", "QR_CODE"},
		[TTS_SHIPMENT_TYPE] = {"PLATFORM", "BUYER_ARRANGE"},
		[TTS_HANDOVER] = {"DROP_OFF", "PICKUP"},
		[TTS_DISPLAY_STATUS] = {"UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION",
			"IN_TRANSIT", "DELIVERED", "COMPLETED", "CANCELLED", "CANCEL", "TO_SHIP",
			"ON_HOLD"},
		[TTS_INITIATOR] = {"SELLER", "BUYER", "SYSTEM", "OPERATOR"},
	};
	const char *const *row = known[field];

	for (size_t i = 0; i < sizeof(*known) / sizeof(**known) && row[i]; i++)
		if (str_is(word, row[i]))
			return true;
	return false;
}
