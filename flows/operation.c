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

/* The words of OPERATIONS.md. */
#define REFUND_STATES "requested", "waiting_seller", "approved", "paid", "rejected"
#define RETURN_STATES                                                                              \
	"waiting_seller", "offered", "send_it", "on_its_way", "approved", "paid", "rejected",      \
		"closed"

#define ORDER_STATUSES                                                                             \
	"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION",     \
		"IN_TRANSIT", "DELIVERED", "COMPLETED", "CANCELLED"
#define CLOSED_OF_RETURN                                                                           \
	{"state", {RETURN_STATES}},                                                                \
	{                                                                                          \
		"method",                                                                          \
		{                                                                                  \
			"label", "address"                                                         \
		}                                                                                  \
	}

static const struct closed closed_of_order[] = {{"status", {ORDER_STATUSES}},
	{"refund_state", {REFUND_STATES}}, {"can", {"cancel", "return", "track", "refund"}}, {0}};
static const struct closed closed_of_list_argument[] = {
	{"status", {"open", "on_the_way", "returnable", "refunds", "all"}}, {0}};
static const struct closed closed_of_return[] = {CLOSED_OF_RETURN, {0}};
static const struct closed closed_of_proof[] = {{"why", {"no_match", "too_many"}}, {0}};
static const struct closed closed_of_can_cancel[] = {
	{"answer", {"yes", "ask_seller", "pending", "shipped", "delivered", "cancelled", "no"}},
	{0}};
static const struct closed closed_of_cancel[] = {{"state", {"done", "requested"}},
	{"why", {"shipped", "pending", "done_already", "not_allowed", "not_found", "needs_person"}},
	{0}};
static const struct closed closed_of_refund[] = {{"state", {"none", REFUND_STATES}}, {0}};
static const struct closed closed_of_can_return[] = {{"answer", {"yes", "partly", "no"}}, {0}};
static const struct closed closed_of_create[] = {CLOSED_OF_RETURN,
	{"why", {"not_returnable", "pending", "bad_reason", "not_found", "needs_person"}}, {0}};
static const struct closed closed_of_tracking[] = {
	CLOSED_OF_RETURN, {"why", {"bad_number", "wrong_state", "not_found", "in_app"}}, {0}};

/* Whatever happened. */
const struct closed closed_of_notice[] = {
	{"event", {"refund.updated", "order.updated", "return.updated", "call.settled"}},
	{"status", {ORDER_STATUSES}}, {"state", {"done", "requested", RETURN_STATES}},
	{"operation", {"orders.cancel", "returns.create", "returns.set_tracking"}},
	{"outcome", {"done", "refused", "not_done", "person"}}, {"method", {"label", "address"}},
	{"why", {"shipped", "pending", "done_already", "not_allowed", "not_found", "needs_person",
			"not_returnable", "bad_reason", "bad_number", "wrong_state", "in_app"}},
	{0}};

const char *const notice_field[] = {"event", "operation", "outcome", "evidence", "by", "amount",
	"at", "paid_with", "status", "status_text", "return", "why", "why_text", RETURN_FIELDS,
	NULL};

const struct operation operation[] = {
	{.name = "shop.info",
		.about = "what the shop says of itself: name, policies, opening hours",
		.gives = {"name", "policy_cancel", "policy_refund", "policy_return", "hours",
			"open", "opens_at"}},
	{.name = "buyers.verify",
		.about = "proves the buyer by an order number and a second fact",
		.argument = {{"order", true}, {"fact", true}},
		.gives = {"id", "name", "why", "why_text"},
		.closed = closed_of_proof},
	{.name = "orders.list",
		.about = "the buyer's orders, newest first, at most ten",
		.argument = {{"status", false}, {"after", false}},
		.gives = {ORDER_FIELDS},
		.closed = closed_of_order,
		.closed_argument = closed_of_list_argument,
		.gives_list = true,
		.needs_buyer = true},
	{.name = "orders.get",
		.about = "one order",
		.argument = {{"order", true}},
		.gives = {ORDER_FIELDS},
		.closed = closed_of_order,
		.needs_buyer = true},
	{.name = "orders.can_cancel",
		.about = "whether an order can be cancelled now, and what comes back",
		.argument = {{"order", true}},
		.gives = {"answer", "why", "deadline", "refund", "paid_with"},
		.closed = closed_of_can_cancel,
		.needs_buyer = true},
	{.name = "orders.cancel",
		.about = "cancels an order or asks the seller to",
		.argument = {{"order", true}, {"reason", true}, {"note", false}},
		.gives = {"id", "state", "refund", "deadline", "why", "why_text"},
		.closed = closed_of_cancel,
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
		.closed = closed_of_refund,
		.needs_buyer = true},
	{.name = "returns.can_return",
		.about = "which items of an order may come back, until when",
		.argument = {{"order", true}},
		.gives = {"answer", "why", "until", "items"},
		.closed = closed_of_can_return,
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
		.closed = closed_of_create,
		.needs_buyer = true,
		.writes = true,
		.dangerous = true,
		.same = {"order", "items"}},
	{.name = "returns.list",
		.about = "the buyer's returns, newest first; of one order if it is named",
		.argument = {{"order", false}},
		.gives = {RETURN_FIELDS},
		.closed = closed_of_return,
		.gives_list = true,
		.needs_buyer = true},
	{.name = "returns.status",
		.about = "one return",
		.argument = {{"return", true}},
		.gives = {RETURN_FIELDS},
		.closed = closed_of_return,
		.needs_buyer = true},
	{.name = "returns.set_tracking",
		.about = "takes down the tracking number of a parcel sent back",
		.argument = {{"return", true}, {"number", true}},
		.gives = {RETURN_FIELDS, "why", "why_text"},
		.closed = closed_of_tracking,
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

const char *const *closed_words(const struct closed *closed, struct str name)
{
	for (; closed && closed->name; closed++)
		if (str_is(name, closed->name))
			return closed->word;
	return NULL;
}

const struct operation *operation_find(struct str name)
{
	for (unsigned i = 0; i < n_operations; i++)
		if (str_is(name, operation[i].name))
			return &operation[i];
	return NULL;
}
