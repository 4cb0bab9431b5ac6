/* The neutral operations that flows call. */
#include "flows/operation.h"

#include <stddef.h>

#define ORDER_FIELDS                                                                               \
	"number", "status", "status_text", "created", "first_item", "items", "n_items", "total",   \
		"paid_with", "carrier", "tracking", "deliver_by", "ship_by", "delivered",          \
		"cancelled", "refund_state", "can", "cod", "market"
#define RETURN_FIELDS                                                                              \
	"id", "order", "state", "state_text", "items", "reason", "refund", "deadline", "method",   \
		"label", "address", "tracking", "created", "next"

const struct operation operation[] = {
	{.name = "shop.info",
		.about = "what the shop says of itself: name, policies, opening hours",
		.gives = {"name", "policy_cancel", "policy_refund", "policy_return", "hours",
			"open", "opens_at"}},
	{.name = "buyers.verify",
		.about = "proves the buyer by an order number and a second fact",
		.argument = {{"order", true}, {"fact", true}},
		.gives = {"id", "name", "why"}},
	{.name = "orders.list",
		.about = "the buyer's orders, newest first, at most ten",
		.argument = {{"status", false}, {"after", false}},
		.gives = {ORDER_FIELDS},
		.gives_list = true,
		.needs_buyer = true},
	{.name = "orders.get",
		.about = "one order",
		.argument = {{"order", true}},
		.gives = {ORDER_FIELDS},
		.needs_buyer = true},
	{.name = "orders.can_cancel",
		.about = "whether an order can be cancelled now, and what comes back",
		.argument = {{"order", true}},
		.gives = {"answer", "why", "deadline", "refund", "paid_with"},
		.needs_buyer = true},
	{.name = "orders.cancel",
		.about = "cancels an order or asks the seller to",
		.argument = {{"order", true}, {"reason", true}, {"note", false}},
		.gives = {"id", "state", "refund", "deadline", "why", "why_text"},
		.needs_buyer = true,
		.writes = true,
		.dangerous = true,
		.same = {"order"}},
	{.name = "orders.track",
		.about = "what the carrier reported, newest first",
		.argument = {{"order", true}},
		.gives = {"at", "text"},
		.gives_list = true,
		.needs_buyer = true},
	{.name = "refunds.status",
		.about = "where the money of an order is",
		.argument = {{"order", true}},
		.gives = {"state", "amount", "paid_with", "requested", "approved", "paid",
			"deadline", "why", "return"},
		.needs_buyer = true},
	{.name = "returns.can_return",
		.about = "which items of an order may come back, until when",
		.argument = {{"order", true}},
		.gives = {"answer", "why", "until", "items"},
		.needs_buyer = true},
	{.name = "returns.reasons",
		.about = "the reasons that may be given for a return",
		.argument = {{"order", true}},
		.gives = {"id", "label", "words", "photos"},
		.gives_list = true,
		.needs_buyer = true},
	{.name = "returns.create",
		.about = "asks for a return",
		.argument = {{"order", true}, {"items", true}, {"reason", true}, {"note", false},
			{"photos", false}},
		.gives = {RETURN_FIELDS, "why", "why_text"},
		.needs_buyer = true,
		.writes = true,
		.dangerous = true,
		.same = {"order", "items"}},
	{.name = "returns.list",
		.about = "the buyer's returns, newest first; of one order if it is named",
		.argument = {{"order", false}},
		.gives = {RETURN_FIELDS},
		.gives_list = true,
		.needs_buyer = true},
	{.name = "returns.status",
		.about = "one return",
		.argument = {{"return", true}},
		.gives = {RETURN_FIELDS},
		.needs_buyer = true},
	{.name = "returns.set_tracking",
		.about = "takes down the tracking number of a parcel sent back",
		.argument = {{"return", true}, {"number", true}},
		.gives = {RETURN_FIELDS, "why", "why_text"},
		.needs_buyer = true,
		.writes = true},
};
const unsigned n_operations = sizeof(operation) / sizeof(operation[0]);

const char *const builtin_variable[] = {
	"me",
	"buyer",
	"now",
	"message",
	"opening",
	"named_order",
	"attachments",
	"recent_order",
	"watching",
	"misses",
	"current",
	"said",
	"committed",
	"outcome",
	"notice",
	"channel",
	NULL,
};

const struct operation *operation_find(struct str name)
{
	for (unsigned i = 0; i < n_operations; i++)
		if (str_is(name, operation[i].name))
			return &operation[i];
	return NULL;
}
