/* What the modules of the demo shop share.  Each module keeps one noun: its rows, its operations
 * and what the clock does to it.  SQL errors stick to the connection (sqlite.h) and come out at the
 * commit of the call, so nothing here returns them. */
#ifndef TENSTEP_ADAPTERS_ORDER_SANDBOX_SHOP_H
#define TENSTEP_ADAPTERS_ORDER_SANDBOX_SHOP_H

#include "adapters/order/order_api.h"
#include "adapters/order/sandbox/rules.h"
#include "adapters/order/sandbox/sandbox.h"
#include "adapters/order/sandbox/seller.h"
#include "adapters/store/sqlite/sqlite.h"
#include "bot/base/money.h"

#define CURRENCY "USD"

struct script;

struct sandbox {
	struct order_api api; /* first: the api is the shop */
	struct sql *sql;
	int64_t now, kept_now; /* the latter: as its file says, 0 when that is not known */
	bool silent;           /* what happens now makes no notices: seeding, a buyer's own call */
	struct script *script; /* misbehaviour that was asked for */
	struct shop_watcher watcher;
	struct arena *scratch; /* for one call or one step of the clock */
};

/* A call being answered. */
struct call {
	struct sandbox *shop;
	const struct order_request *request;
	struct arena *arena; /* of the answer */
	const struct value *answer;
};

typedef enum order_outcome operation_function(struct call *call);

/* Tells the watcher, if there is one, inside the transaction of the change. */
void shop_changed(struct sandbox *shop, enum shop_thing thing, struct str number, int64_t id);

/* sandbox.c */
/* Refuses with a code and a clause for the buyer. */
enum order_outcome call_refuse(struct call *call, const char *why, struct str why_text);
enum order_outcome call_not_found(struct call *call, const char *what);
/* A text argument; of a record its number or id (what a choice leaves in a slot). */
struct str call_text(const struct call *call, const char *argument);

/* schema.c */
void schema_create(struct sql *sql);
bool schema_known(struct sql *sql, struct buf *error) MUST_CHECK;
int64_t meta_get(struct sql *sql, const char *name);
void meta_set(struct sql *sql, const char *name, int64_t number);

/* catalogue.c: what the shop sells and says of itself */
void catalogue_seed(struct sql *sql);
operation_function shop_info;

/* orders.c */
struct order {
	struct str number, buyer, paid_with, may_cancel, may_return, seller;
	enum order_status status;
	bool cod;
	int64_t paid; /* minor units that the buyer has given */
	int64_t total, shipping, tax;
	int64_t created, ship_by, deliver_by;
	int64_t paid_at, delivered, cancelled; /* 0: has not happened */
};
/* An order as people write its number: "a1001", "#A-1001". */
struct str order_number_of(struct arena *arena, struct str written);
/* Only the buyer's own; texts in @arena. */
bool order_find(struct sandbox *shop, struct arena *arena, struct str buyer, struct str number,
	struct order *order) MUST_CHECK;
/* The order that the argument "order" names, if it is the caller's own. */
bool call_order(struct call *call, struct order *order) MUST_CHECK;
/* Whoever's it is; for the clock. */
bool order_read(struct sandbox *shop, struct arena *arena, struct str number,
	struct order *order) MUST_CHECK;
/* A legal step to another status, with its time and its notice. */
void order_become(struct sandbox *shop, const struct order *order, enum order_status to);
const struct value *money_value(struct arena *arena, int64_t minor);
/* "3 March", for clauses. */
struct str day_text(struct arena *arena, int64_t at);
operation_function orders_list, orders_get;
void order_paid(struct sandbox *shop, struct str number);        /* due: "pay" */
void order_lapsed(struct sandbox *shop, struct str number);      /* due: "lapse" */
void order_released(struct sandbox *shop, struct str number);    /* due: "release" */
void order_not_shipped(struct sandbox *shop, struct str number); /* due: "late" */
void order_completed(struct sandbox *shop, struct str number);   /* due: "complete" */

/* parcels.c */
struct parcel {
	struct str carrier, tracking; /* empty: nothing was shipped yet */
	int64_t shipped;
};
struct parcel parcel_newest(struct sandbox *shop, struct arena *arena, struct str number);
operation_function orders_track;
void parcel_shipped(struct sandbox *shop, int64_t parcel);   /* due: "ship" */
void parcel_collected(struct sandbox *shop, int64_t parcel); /* due: "collect" */
void parcel_delivered(struct sandbox *shop, int64_t parcel); /* due: "deliver" */

/* cancellations.c */
operation_function orders_can_cancel, orders_cancel;
/* "yes", "ask_seller", "pending", "shipped", "delivered", "cancelled", "no". */
const char *cancel_answer(struct sandbox *shop, const struct order *order);
void cancellation_answered(struct sandbox *shop, int64_t id);         /* due: the seller answers */
void cancellation_silent(struct sandbox *shop, int64_t id);           /* due: the deadline */
void cancellation_overtaken(struct sandbox *shop, struct str number); /* the parcel has left */
void cancellation_paid(struct sandbox *shop, int64_t id);
bool cancellation_asked(struct sandbox *shop, const struct order *order);
/* The newest cancellation of an order that was not declined; 0: none. */
int64_t cancellation_of_order(struct sandbox *shop, struct str number);
/* The order ends by itself ("not paid in time"); money given comes back. */
void cancel_by_system(struct sandbox *shop, const struct order *order, const char *reason);

/* returnable.c */
struct item {
	struct str id, title, variant;
	int64_t price, tax;
	const char *why; /* NULL: it may come back */
	bool returning;  /* why: it is part of a return already */
	bool cancelled;  /* why: the seller took it out of the order */
};

struct items {
	struct item *item;
	size_t n, n_may;
};
/* In their order; texts in @arena. */
struct items items_read(struct sandbox *shop, struct arena *arena, const struct order *order);
/* {id, title, variant, price}, to be closed by the caller. */
struct value_builder item_record(struct arena *arena, const struct item *item);
/* "yes", "partly" or "no". */
const char *return_answer(struct sandbox *shop, struct arena *arena, const struct order *order);
/* Why nothing of an order may come back, as a clause. */
struct str return_why_not(struct call *call, const struct order *order, const struct items *items);
operation_function returns_can_return, returns_reasons;

/* returns.c */
struct return_row {
	int64_t id, amount, deadline, created, offer;
	enum return_state state;
	bool refund_only;
	struct str number, reason, method, tracking, why;
};
bool return_read(struct sandbox *shop, struct arena *arena, int64_t id,
	struct return_row *r) MUST_CHECK;
/* A legal step with its time, its notice and its line in the history. */
void return_move(struct sandbox *shop, const struct return_row *r, enum return_state to,
	int64_t deadline, const char *why);
/* The refund goes with its return, if there is one. */
void return_move_refund(
	struct sandbox *shop, int64_t of_return, enum refund_state to, const char *why);
void return_accept(struct sandbox *shop, const struct return_row *r);
void return_approve(struct sandbox *shop, const struct return_row *r);
void return_reject(struct sandbox *shop, const struct return_row *r, const char *why);
bool return_sent(struct sandbox *shop, int64_t id, struct str number);
void return_close(struct sandbox *shop, const struct return_row *r, const char *why);
operation_function returns_create, returns_list, returns_status, returns_set_tracking;
void return_answered(struct sandbox *shop, int64_t id); /* due: the seller answers */
void return_silent(struct sandbox *shop, int64_t id);   /* due: the seller's deadline */
void return_not_sent(struct sandbox *shop, int64_t id); /* due: the buyer's deadline */
void return_arrived(struct sandbox *shop, int64_t id);  /* due: parcel inspected */
void return_paid(struct sandbox *shop, int64_t id);

/* refunds.c */
/* A refund of a cancellation or (the other being 0) of a return; state is requested or waiting. */
int64_t refund_open(struct sandbox *shop, const struct order *order, int64_t cancellation,
	int64_t of_return, int64_t amount, enum refund_state state, int64_t deadline);
/* A legal step with its time and notice; @why is for rejected ones. */
void refund_become(struct sandbox *shop, int64_t id, enum refund_state to, const char *why);
/* The refund of a cancellation or return; 0: none. */
int64_t refund_of_cancellation(struct sandbox *shop, int64_t cancellation);
int64_t refund_of_return(struct sandbox *shop, int64_t of_return);
/* What of the money given is not yet going back. */
int64_t refund_room(struct sandbox *shop, const struct order *order);
/* The state of the newest refund of an order; empty: none. */
struct str refund_state_text(struct sandbox *shop, struct arena *arena, struct str number);
operation_function refunds_status;
void refund_checked(struct sandbox *shop, int64_t id);  /* due: "refund_approve" */
void refund_paid_out(struct sandbox *shop, int64_t id); /* due: "refund_pay" */

/* verify.c */
operation_function buyers_verify;

/* clock.c */
/* Plans something: @what is a name of the clock's table; @subject a row's id or 0. */
void clock_plan(
	struct sandbox *shop, int64_t at, const char *what, struct str number, int64_t subject);
/* Nothing that was planned to happen to the order itself happens any more. */
void clock_forget_order(struct sandbox *shop, struct str number);
/* Lets happen what is due; to be called inside a transaction. */
void clock_run(struct sandbox *shop, int64_t to);
void clock_keep(struct sandbox *shop); /* the time, in the transaction that is open */
int64_t clock_next(struct sandbox *shop);

/* notices.c */
void notice_add(
	struct sandbox *shop, struct str buyer, const char *event, const struct value *fields);
bool notice_next(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice);
void notice_taken(struct order_api *api, int64_t id);

/* answers.c: what was done under a key is answered again */
bool answer_recall(struct call *call) MUST_CHECK;
void answer_remember(struct call *call);

/* script.c */
struct script *script_new(void);
void script_free(struct script *script);
/* The next behaviour of an operation, taken off; NULL: none.  Lives until the next call. */
const struct sandbox_behaviour *script_take(struct script *script, struct str operation);
void script_add(
	struct script *script, struct str operation, const struct sandbox_behaviour *behaviour);
void script_clear(struct script *script);

/* seed.c */
/* Fills an empty shop; false: no fixture of that name. */
bool seed_fixture(struct sandbox *shop, struct str name, int64_t now) MUST_CHECK;

#endif
