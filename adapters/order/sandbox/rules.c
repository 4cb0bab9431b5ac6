/* What is allowed in which state. */
#include "adapters/order/sandbox/rules.h"

#include <assert.h>

#define B(state) (1u << (state))

/* A buyer cannot cancel single items in this market, so a partly shipped order counts as shipped.
 */
const struct order_rule order_rule[N_ORDER_STATUS] = {
	[UNPAID] = {"UNPAID", "waiting for payment", GROUP_OPEN, CANCEL_FREELY,
		B(ON_HOLD) | B(CANCELLED)},
	[ON_HOLD] = {"ON_HOLD", "paid, not yet packed", GROUP_OPEN, CANCEL_FREELY,
		B(AWAITING_SHIPMENT) | B(CANCELLED)},
	[AWAITING_SHIPMENT] = {"AWAITING_SHIPMENT", "being prepared", GROUP_OPEN, CANCEL_BY_POLICY,
		B(PARTIALLY_SHIPPING) | B(AWAITING_COLLECTION) | B(CANCELLED)},
	[PARTIALLY_SHIPPING] = {"PARTIALLY_SHIPPING", "partly on its way", GROUP_ON_THE_WAY,
		CANCEL_SHIPPED, B(AWAITING_COLLECTION)},
	[AWAITING_COLLECTION] = {"AWAITING_COLLECTION", "packed and waiting for the carrier",
		GROUP_ON_THE_WAY, CANCEL_SHIPPED, B(IN_TRANSIT) | B(COMPLETED) | B(CANCELLED)},
	[IN_TRANSIT] = {"IN_TRANSIT", "on its way", GROUP_ON_THE_WAY, CANCEL_SHIPPED,
		B(DELIVERED) | B(COMPLETED) | B(CANCELLED)},
	[DELIVERED] = {"DELIVERED", "delivered", GROUP_DELIVERED, CANCEL_DELIVERED, B(COMPLETED)},
	[COMPLETED] = {"COMPLETED", "completed", GROUP_OVER, CANCEL_DELIVERED, 0},
	[CANCELLED] = {"CANCELLED", "cancelled", GROUP_OVER, CANCEL_DONE_ALREADY, 0},
};

const struct state_rule cancellation_rule[N_CANCELLATION_STATE] = {
	[CANCELLATION_PENDING] = {"pending", "waiting for the seller",
		B(CANCELLATION_APPROVED) | B(CANCELLATION_REJECTED)},
	[CANCELLATION_APPROVED] = {"approved", "approved", B(CANCELLATION_COMPLETE)},
	[CANCELLATION_COMPLETE] = {"complete", "done", 0},
	[CANCELLATION_REJECTED] = {"rejected", "declined", 0},
};

const struct state_rule return_rule[N_RETURN_STATE] = {
	[RETURN_WAITING_SELLER] = {"waiting_seller", "waiting for the seller's answer",
		B(RETURN_SEND_IT) | B(RETURN_OFFERED) | B(RETURN_APPROVED) | B(RETURN_REJECTED) |
			B(RETURN_CLOSED)},
	[RETURN_OFFERED] = {"offered", "waiting for your answer to the seller's offer",
		B(RETURN_WAITING_SELLER) | B(RETURN_APPROVED) | B(RETURN_CLOSED)},
	[RETURN_SEND_IT] = {"send_it", "accepted, waiting for your parcel",
		B(RETURN_ON_ITS_WAY) | B(RETURN_CLOSED)},
	[RETURN_ON_ITS_WAY] = {"on_its_way", "on its way back to us",
		B(RETURN_APPROVED) | B(RETURN_REJECTED)},
	[RETURN_APPROVED] = {"approved", "received and approved", B(RETURN_PAID)},
	[RETURN_PAID] = {"paid", "finished, the money is paid out", 0},
	[RETURN_REJECTED] = {"rejected", "declined by the seller", 0},
	[RETURN_CLOSED] = {"closed", "closed, nothing was sent in time", 0},
};

const struct state_rule refund_rule[N_REFUND_STATE] = {
	[REFUND_WAITING_SELLER] = {"waiting_seller", "waiting for the seller's answer",
		B(REFUND_REQUESTED) | B(REFUND_REJECTED)},
	[REFUND_REQUESTED] = {"requested", "requested", B(REFUND_APPROVED) | B(REFUND_REJECTED)},
	[REFUND_APPROVED] = {"approved", "approved", B(REFUND_PAID)},
	[REFUND_PAID] = {"paid", "paid out", 0},
	[REFUND_REJECTED] = {"rejected", "declined", 0},
};

bool order_may_become(enum order_status from, enum order_status to)
{
	return order_rule[from].next & B(to);
}

bool state_may_become(const struct state_rule *rule, unsigned from, unsigned to)
{
	return rule[from].next & B(to);
}

enum order_status order_status_of(struct str wire)
{
	for (unsigned i = 0; i < N_ORDER_STATUS; i++)
		if (str_is(wire, order_rule[i].wire))
			return i;
	assert(!"an order status that the shop does not know");
	return CANCELLED;
}

unsigned state_of(const struct state_rule *rule, unsigned n, struct str wire)
{
	for (unsigned i = 0; i < n; i++)
		if (str_is(wire, rule[i].wire))
			return i;
	assert(!"a state that the shop does not know");
	return 0;
}

const struct return_reason return_reason[] = {
	{"changed_mind", "I changed my mind",
		{"do not want it", "do not like it", "no longer need it"}, false, false},
	{"does_not_fit", "It does not fit",
		{"too small", "too big", "wrong size", "too tight", "too long"}, false, false},
	{"damaged", "It arrived damaged", {"broken", "cracked", "torn", "scratched"}, true, true},
	{"faulty", "It does not work", {"defective", "stopped working", "does not turn on"}, true,
		true},
	{"wrong_item", "I got the wrong item",
		{"something else", "wrong colour", "not what i ordered"}, true, true},
	{"not_as_described", "It is not as described", {"looks different", "not like the picture"},
		true, true},
	{"parts_missing", "Something is missing", {"missing parts", "incomplete"}, true, true},
	{"too_late", "It came too late", {"late", "not on time"}, false, true},
};
const unsigned n_return_reasons = sizeof(return_reason) / sizeof(return_reason[0]);

const struct return_reason *return_reason_find(struct str id)
{
	for (unsigned i = 0; i < n_return_reasons; i++)
		if (str_is(id, return_reason[i].id))
			return &return_reason[i];
	return NULL;
}
