/* What happens to an order, brought about by hand: each step is what the clock, the seller or the
 * buyer would have done, at once. */
#include "adapters/order/sandbox/shop.h"

const char *const shop_step_name[N_SHOP_STEP] = {
	[STEP_PAY] = "pay",
	[STEP_RELEASE] = "release",
	[STEP_SHIP] = "ship",
	[STEP_COLLECT] = "collect",
	[STEP_DELIVER] = "deliver",
	[STEP_COMPLETE] = "complete",
	[STEP_APPROVE] = "approve",
	[STEP_REFUSE] = "refuse",
	[STEP_SEND_BACK] = "send_back",
	[STEP_RECEIVE_BACK] = "receive_back",
	[STEP_PAY_OUT] = "pay_out",
	[STEP_ASK_CANCEL] = "ask_cancel",
	[STEP_WITHDRAW] = "withdraw",
	[STEP_ASK_RETURN] = "ask_return",
	[STEP_TAKE_OFFER] = "take_offer",
};

/* Parcels */

typedef void parcel_function(struct sandbox *shop, int64_t parcel);

static void for_parcels(struct sandbox *shop, struct str number, parcel_function *what)
{
	int64_t parcel[16];
	size_t n = 0;
	struct sql_query *q =
		sql_query(shop->sql, "select id from parcel where order_number = ? order by id");

	sql_bind_text(q, number);
	while (n < sizeof(parcel) / sizeof(parcel[0]) && sql_next(q))
		parcel[n++] = sql_int(q, "id");
	sql_end(q);
	for (size_t i = 0; i < n; i++)
		what(shop, parcel[i]);
}

/* Returns and cancellations */

static int64_t newest_return(struct sandbox *shop, struct str number, enum return_state state)
{
	struct sql_query *q = sql_query(shop->sql,
		"select id from returns where order_number = ? and state = ? order by id desc");

	sql_bind_text(q, number);
	sql_bind_text(q, str_of(return_rule[state].wire));
	return sql_number(q);
}

static bool decide(struct sandbox *shop, const struct order *o, bool yes)
{
	int64_t cancellation = cancellation_of_order(shop, o->number);
	struct return_row r;

	if (cancellation && seller_answer_cancellation(shop, cancellation, yes,
				    "the seller declined to cancel the order") == SELLER_DONE)
		return true;
	if (!return_read(
		    shop, shop->scratch, newest_return(shop, o->number, RETURN_WAITING_SELLER), &r))
		return false;
	if (yes)
		return_accept(shop, &r);
	else
		return_reject(shop, &r, "the seller declined the return");
	return true;
}

static bool send_back(struct sandbox *shop, const struct order *o)
{
	int64_t id = newest_return(shop, o->number, RETURN_SEND_IT);

	return id && return_sent(shop, id,
			     arena_printf(shop->scratch, "RW90%lldUS", (long long)id + 100000));
}

static bool receive_back(struct sandbox *shop, const struct order *o)
{
	int64_t id = newest_return(shop, o->number, RETURN_ON_ITS_WAY);

	if (id)
		return_arrived(shop, id);
	return id;
}

static int64_t payable_refund(struct sandbox *shop, struct str number)
{
	struct sql_query *q = sql_query(shop->sql,
		"select id from refund where order_number = ? and (state = 'approved'"
		" or (state = 'requested' and cancellation is not null)) order by id desc");

	sql_bind_text(q, number);
	return sql_number(q);
}

static bool pay_out(struct sandbox *shop, const struct order *o)
{
	int64_t id = payable_refund(shop, o->number);

	if (!id)
		return false;
	refund_checked(shop, id);
	refund_paid_out(shop, id);
	return true;
}

static bool withdraw(struct sandbox *shop, const struct order *o)
{
	int64_t cancellation = cancellation_of_order(shop, o->number);
	enum return_state state[] = {RETURN_WAITING_SELLER, RETURN_OFFERED, RETURN_SEND_IT};
	struct return_row r;

	if (cancellation && seller_answer_cancellation(shop, cancellation, false,
				    "the buyer took the wish back") == SELLER_DONE)
		return true;
	for (size_t i = 0; i < sizeof(state) / sizeof(state[0]); i++)
		if (return_read(
			    shop, shop->scratch, newest_return(shop, o->number, state[i]), &r)) {
			return_close(shop, &r, "the buyer took the wish back");
			return true;
		}
	return false;
}

static bool ask_return(struct sandbox *shop, const struct order *o)
{
	struct items items = items_read(shop, shop->scratch, o);
	struct str *item = arena_array(shop->scratch, struct str, items.n + 1);
	struct seller_return wish = {
		.number = o->number, .reason = S("changed_mind"), .item = item, .by_buyer = true};
	int64_t id;

	for (size_t i = 0; i < items.n; i++)
		if (!items.item[i].why)
			item[wish.n_items++] = items.item[i].id;
	wish.amount = seller_return_worth(shop, o->number, item, wish.n_items, false);
	return wish.n_items && seller_create_return(shop, &wish, &id) == SELLER_DONE;
}

/* What is agreed on is what goes back. */
static bool take_offer(struct sandbox *shop, const struct order *o)
{
	int64_t id = newest_return(shop, o->number, RETURN_OFFERED);
	struct return_row r;
	struct sql_query *q;

	if (!return_read(shop, shop->scratch, id, &r))
		return false;
	q = sql_query(shop->sql, "update returns set amount = ? where id = ?");
	sql_bind_int(q, r.offer);
	sql_bind_int(q, id);
	(void)sql_run(q);
	q = sql_query(shop->sql, "update refund set amount = ? where of_return = ?");
	sql_bind_int(q, r.offer);
	sql_bind_int(q, id);
	(void)sql_run(q);
	return_approve(shop, &r);
	return true;
}

/* The table */

static bool pay(struct sandbox *shop, const struct order *o)
{
	order_paid(shop, o->number);
	return o->status == UNPAID;
}

static bool release(struct sandbox *shop, const struct order *o)
{
	order_released(shop, o->number);
	return o->status == ON_HOLD;
}

static bool ship(struct sandbox *shop, const struct order *o)
{
	if (o->status == ON_HOLD)
		order_released(shop, o->number);
	for_parcels(shop, o->number, parcel_shipped);
	return o->status == ON_HOLD || o->status == AWAITING_SHIPMENT ||
	       o->status == PARTIALLY_SHIPPING;
}

static bool collect(struct sandbox *shop, const struct order *o)
{
	for_parcels(shop, o->number, parcel_collected);
	return o->status == AWAITING_COLLECTION;
}

static bool deliver(struct sandbox *shop, const struct order *o)
{
	if (o->status != IN_TRANSIT)
		return false;
	for_parcels(shop, o->number, parcel_delivered);
	return true;
}

static bool complete(struct sandbox *shop, const struct order *o)
{
	order_completed(shop, o->number);
	return o->status == DELIVERED;
}

static bool approve(struct sandbox *shop, const struct order *o)
{
	return decide(shop, o, true);
}

static bool refuse(struct sandbox *shop, const struct order *o)
{
	return decide(shop, o, false);
}

static bool (*const step_function[N_SHOP_STEP])(struct sandbox *shop, const struct order *o) = {
	[STEP_PAY] = pay,
	[STEP_RELEASE] = release,
	[STEP_SHIP] = ship,
	[STEP_COLLECT] = collect,
	[STEP_DELIVER] = deliver,
	[STEP_COMPLETE] = complete,
	[STEP_APPROVE] = approve,
	[STEP_REFUSE] = refuse,
	[STEP_SEND_BACK] = send_back,
	[STEP_RECEIVE_BACK] = receive_back,
	[STEP_PAY_OUT] = pay_out,
	[STEP_ASK_CANCEL] = cancellation_asked,
	[STEP_WITHDRAW] = withdraw,
	[STEP_ASK_RETURN] = ask_return,
	[STEP_TAKE_OFFER] = take_offer,
};

bool shop_step(struct sandbox *shop, struct str number, enum shop_step step)
{
	struct order o;

	return order_read(shop, shop->scratch, number, &o) && step_function[step](shop, &o);
}

/* What could be done */

#define B(step) (1u << (step))

static unsigned steps_of_status(enum order_status status)
{
	static const unsigned steps[N_ORDER_STATUS] = {
		[UNPAID] = B(STEP_PAY),
		[ON_HOLD] = B(STEP_RELEASE) | B(STEP_SHIP),
		[AWAITING_SHIPMENT] = B(STEP_SHIP),
		[PARTIALLY_SHIPPING] = B(STEP_SHIP),
		[AWAITING_COLLECTION] = B(STEP_COLLECT),
		[IN_TRANSIT] = B(STEP_DELIVER),
		[DELIVERED] = B(STEP_COMPLETE),
	};

	return steps[status];
}

static unsigned steps_of_returns(struct sandbox *shop, struct str number)
{
	static const struct {
		enum return_state state;
		unsigned steps;
	} rule[] = {
		{RETURN_WAITING_SELLER, B(STEP_APPROVE) | B(STEP_REFUSE) | B(STEP_WITHDRAW)},
		{RETURN_OFFERED, B(STEP_TAKE_OFFER) | B(STEP_WITHDRAW)},
		{RETURN_SEND_IT, B(STEP_SEND_BACK) | B(STEP_WITHDRAW)},
		{RETURN_ON_ITS_WAY, B(STEP_RECEIVE_BACK)},
	};
	unsigned steps = 0;

	for (size_t i = 0; i < sizeof(rule) / sizeof(rule[0]); i++)
		if (newest_return(shop, number, rule[i].state))
			steps |= rule[i].steps;
	return steps;
}

static unsigned steps_of_cancelling(struct sandbox *shop, const struct order *o)
{
	struct sql_query *q = sql_query(shop->sql,
		"select count(*) from cancellation where order_number = ? and state = 'pending'");

	sql_bind_text(q, o->number);
	if (sql_number(q))
		return B(STEP_APPROVE) | B(STEP_REFUSE) | B(STEP_WITHDRAW);
	return order_rule[o->status].cancel == CANCEL_BY_POLICY &&
			       !cancellation_of_order(shop, o->number)
		       ? B(STEP_ASK_CANCEL)
		       : 0;
}

unsigned shop_steps(struct sandbox *shop, struct str number)
{
	struct order o;
	struct items items;
	unsigned steps;

	if (!order_read(shop, shop->scratch, number, &o))
		return 0;
	steps = steps_of_status(o.status) | steps_of_cancelling(shop, &o) |
		steps_of_returns(shop, number);
	if (payable_refund(shop, number))
		steps |= B(STEP_PAY_OUT);
	items = items_read(shop, shop->scratch, &o);
	if (o.status == DELIVERED && items.n_may)
		steps |= B(STEP_ASK_RETURN);
	return steps;
}
