/* What is allowed in which state: the state machines of the shop as tables (market US). */
#ifndef TENSTEP_ADAPTERS_ORDER_SANDBOX_RULES_H
#define TENSTEP_ADAPTERS_ORDER_SANDBOX_RULES_H

#include "bot/base/str.h"

enum order_status {
	UNPAID,
	ON_HOLD,
	AWAITING_SHIPMENT,
	PARTIALLY_SHIPPING,
	AWAITING_COLLECTION,
	IN_TRANSIT,
	DELIVERED,
	COMPLETED,
	CANCELLED,
	N_ORDER_STATUS
};

enum cancellation_state {
	CANCELLATION_PENDING,  /* the seller decides */
	CANCELLATION_APPROVED, /* the order is cancelled, the money is on its way */
	CANCELLATION_COMPLETE, /* the money, if there was any, is back */
	CANCELLATION_REJECTED,
	N_CANCELLATION_STATE
};

enum return_state {
	RETURN_WAITING_SELLER,
	RETURN_OFFERED, /* the seller would pay a part and leave the goods; the buyer decides */
	RETURN_SEND_IT,
	RETURN_ON_ITS_WAY,
	RETURN_APPROVED,
	RETURN_PAID,
	RETURN_REJECTED,
	RETURN_CLOSED,
	N_RETURN_STATE
};

enum refund_state {
	REFUND_WAITING_SELLER,
	REFUND_REQUESTED,
	REFUND_APPROVED,
	REFUND_PAID,
	REFUND_REJECTED,
	N_REFUND_STATE
};

/* What a buyer who wants to cancel hears. */
enum cancel_rule {
	CANCEL_FREELY,    /* without the seller */
	CANCEL_BY_POLICY, /* as the shop decided for this order */
	CANCEL_SHIPPED,
	CANCEL_DELIVERED,
	CANCEL_DONE_ALREADY,
};

/* The groups of orders.list. */
enum order_group { GROUP_OPEN, GROUP_ON_THE_WAY, GROUP_DELIVERED, GROUP_OVER };

struct order_rule {
	const char *wire;  /* the API's word, also in the database */
	const char *words; /* fits behind "is" */
	enum order_group group;
	enum cancel_rule cancel;
	unsigned next; /* bits of the statuses that may follow */
};

struct state_rule {
	const char *wire;
	const char *words;
	unsigned next;
};

extern const struct order_rule order_rule[N_ORDER_STATUS];
extern const struct state_rule cancellation_rule[N_CANCELLATION_STATE];
extern const struct state_rule return_rule[N_RETURN_STATE];
extern const struct state_rule refund_rule[N_REFUND_STATE];

bool order_may_become(enum order_status from, enum order_status to);
bool state_may_become(const struct state_rule *rule, unsigned from, unsigned to);

/* The state that a word of the database names; an unknown one is a bug. */
enum order_status order_status_of(struct str wire);
unsigned state_of(const struct state_rule *rule, unsigned n, struct str wire);

/* Seconds. */
enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,

	REMORSE_WINDOW = 1 * HOUR, /* after payment: cancelled without the seller */
	PAY_WITHIN = 48 * HOUR,
	CANCEL_ANSWER_WITHIN = 24 * HOUR, /* silence approves */
	RETURN_WINDOW = 30 * DAY,         /* from delivery; then the order is completed */
	RETURN_ANSWER_WITHIN = 48 * HOUR, /* silence approves */
	SEND_BACK_WITHIN = 7 * DAY,       /* else the return is closed */
	COLLECT_AFTER = 6 * HOUR,         /* from "packed" to the carrier's first scan */
	SHIP_LATE_BY = 4 * DAY,           /* past the promise: the system cancels */

	/* How quick this seller and its bank are. */
	SELLER_TAKES = 5 * HOUR,
	REFUND_CHECK_TAKES = 30 * MINUTE,
	PAYOUT_TAKES = 2 * DAY,
	RETURN_TRAVELS = 3 * DAY,
	INSPECTION_TAKES = 1 * DAY,
};

/* Wrong second facts. */
enum {
	MISS_WINDOW = 1 * HOUR,
	MISSES_A_CONVERSATION = 5,
	MISSES_AN_ORDER = 20,
};

enum { LIST_MAX = 10 };

/* Why somebody sends something back. */
struct return_reason {
	const char *id;
	const char *label;
	const char *words[6]; /* how buyers say it; ended by NULL */
	bool photos;          /* pictures are wanted, and the seller looks at them first */
	bool shop_pays;       /* the shop's fault: the shipping comes back too */
};
extern const struct return_reason return_reason[];
extern const unsigned n_return_reasons;

const struct return_reason *return_reason_find(struct str id); /* NULL: none */

#endif
