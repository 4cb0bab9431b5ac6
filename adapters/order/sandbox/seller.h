/* The seller's side of the demo shop, and what people may be made to do by hand: what the wire form
 * (adapters/order/shop_wire) and `tenstep shop` need beyond order_api.h.  Every function that
 * changes something runs inside a transaction of the caller's (sandbox_sql()) and tells the
 * watcher. */
#ifndef TENSTEP_ADAPTERS_ORDER_SANDBOX_SELLER_H
#define TENSTEP_ADAPTERS_ORDER_SANDBOX_SELLER_H

#include "adapters/order/sandbox/sandbox.h"

struct sql;

/* --- who is told of changes --- */

enum shop_thing {
	SHOP_ORDER,        /* another status */
	SHOP_CANCELLATION, /* @id: asked for, or another state */
	SHOP_RETURN,       /* @id: asked for, or another state */
	SHOP_PAYOUT,       /* @id of the refund: the money is on its way */
	SHOP_MESSAGE,      /* @id: said in a chat */
	SHOP_AGENT,        /* @id of the talk: somebody of the shop joined */
};
/* Called inside the transaction that changes it, after the change; it may read and write through
 * the same connection.  With a watcher there are no notices (order_api.h). */
struct shop_watcher {
	void (*changed)(void *self, enum shop_thing thing, struct str number, int64_t id);
	void *self;
};
void sandbox_watch(struct sandbox *sandbox, struct shop_watcher watcher);

/* The shop's one connection, for tables of the caller's beside the shop's own. */
struct sql *sandbox_sql(struct sandbox *sandbox);

/* A shop in the file @path, made with @fixture when it is new; otherwise as sandbox_create(). */
struct sandbox *sandbox_create_as(
	const char *path, struct str fixture, int64_t now, struct buf *error) MUST_CHECK;

/* --- what the seller may do --- */

enum seller_answer {
	SELLER_DONE,
	SELLER_UNKNOWN,    /* there is no such order, cancellation or return */
	SELLER_BUSY,       /* it is being cancelled or returned already, or was */
	SELLER_TOO_LATE,   /* it has left */
	SELLER_OVER,       /* completed or cancelled */
	SELLER_NOT_NOW,    /* not in this state */
	SELLER_MISMATCH,   /* a decision about something else */
	SELLER_BAD_ITEM,   /* not of this order, or it cannot come back */
	SELLER_BAD_AMOUNT, /* nothing, or more than was paid and is not going back */
};

/* Stops an order that has not been shipped.  *id: of the cancellation; with SELLER_BUSY of the one
 * that is there already. */
enum seller_answer seller_cancel(
	struct sandbox *sandbox, struct str number, struct str reason, int64_t *id) MUST_CHECK;
/* The same for some of its pieces (ids of items, each once) before it is shipped; all that are
 * left: the whole order. */
enum seller_answer seller_cancel_pieces(struct sandbox *sandbox, struct str number,
	struct str reason, const struct str *item, size_t n, int64_t *id) MUST_CHECK;
enum seller_answer seller_answer_cancellation(
	struct sandbox *sandbox, int64_t id, bool yes, const char *why) MUST_CHECK;

struct seller_return {
	struct str number, reason, note;
	const struct str *item; /* ids of items */
	size_t n_items;
	int64_t amount;   /* minor units */
	bool refund_only; /* nothing comes back */
	bool buyer_ships; /* to the shop's address, without a label */
	bool by_buyer;    /* asked for by the buyer: the seller has to answer */
};
enum seller_answer seller_create_return(
	struct sandbox *sandbox, const struct seller_return *wish, int64_t *id) MUST_CHECK;
/* What would come back for these items at most; 0: one of them is not of this order. */
int64_t seller_return_worth(struct sandbox *sandbox, struct str number, const struct str *item,
	size_t n, bool shop_pays);

enum seller_decision {
	SELLER_PAYS_BACK,   /* of a refund without a return */
	SELLER_TAKES_BACK,  /* the buyer shall send it */
	SELLER_LETS_KEEP,   /* pays, and nothing comes back */
	SELLER_HAS_IT,      /* the parcel arrived and is fine */
	SELLER_OFFERS_PART, /* @part, and nothing comes back */
	SELLER_REFUSES_REFUND,
	SELLER_REFUSES_RETURN,
	SELLER_REFUSES_PARCEL,
};
enum seller_answer seller_decide_return(struct sandbox *sandbox, int64_t id,
	enum seller_decision decision, int64_t part, const char *why) MUST_CHECK;

/* --- what happens to an order, brought about by hand; false: not in this state --- */

enum shop_step {
	STEP_PAY,
	STEP_RELEASE, /* the hour of remorse is over */
	STEP_SHIP,    /* all of its parcels */
	STEP_COLLECT, /* by the carrier */
	STEP_DELIVER,
	STEP_COMPLETE,
	STEP_APPROVE,      /* the seller: what waits for him, a cancellation or a return */
	STEP_REFUSE,       /* likewise */
	STEP_SEND_BACK,    /* the buyer: the parcel of an accepted return */
	STEP_RECEIVE_BACK, /* the seller: that parcel */
	STEP_PAY_OUT,      /* the refund that is under way */
	STEP_ASK_CANCEL,   /* the buyer asks the seller to cancel, whatever the policy */
	STEP_WITHDRAW,     /* the buyer: the wish or the return that waits */
	STEP_ASK_RETURN,   /* the buyer: all that may come back */
	STEP_TAKE_OFFER,   /* the buyer: the part of the price that the seller offers */
	N_SHOP_STEP
};
extern const char *const shop_step_name[N_SHOP_STEP]; /* "pay" … */
bool shop_step(struct sandbox *sandbox, struct str number, enum shop_step step) MUST_CHECK;
/* The steps that an order could take now: bits 1 << step. */
unsigned shop_steps(struct sandbox *sandbox, struct str number);

/* A new order of one buyer, unpaid: @goods are skus separated by blanks.  The number is in @arena;
 * false: there is no such buyer, or one of the goods is not sold here. */
bool shop_order(struct sandbox *sandbox, struct str buyer, struct str goods, struct arena *arena,
	struct str *number) MUST_CHECK;

/* --- the chat between shop and buyers --- */

/* The talk with a buyer, opened if there is none; 0: no such buyer. */
int64_t talk_with(struct sandbox *sandbox, struct str buyer) MUST_CHECK;
/* Somebody of the shop joins or leaves. */
void talk_agent(struct sandbox *sandbox, int64_t talk, bool there);
/* @role: "BUYER", "SHOP", "CUSTOMER_SERVICE", "SYSTEM", "ROBOT"; @content is JSON. */
int64_t talk_say(struct sandbox *sandbox, int64_t talk, const char *role, struct str type,
	struct str content);
/* All of the buyer's messages up to now count as read. */
void talk_read(struct sandbox *sandbox, int64_t talk);

#endif
