/* Refunds: the money's way back, from "requested" to "paid". */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

struct refund {
	int64_t id, cancellation, of_return, amount;
	enum refund_state state;
	struct str number;
};

static bool read_refund(struct sandbox *shop, int64_t id, struct refund *r)
{
	struct sql_query *q = sql_query(shop->sql, "select * from refund where id = ?");
	bool found;

	sql_bind_int(q, id);
	found = sql_next(q);
	if (found)
		*r = (struct refund){
			.id = id,
			.cancellation = sql_int(q, "cancellation"),
			.of_return = sql_int(q, "of_return"),
			.amount = sql_int(q, "amount"),
			.state = state_of(refund_rule, N_REFUND_STATE, sql_text(q, "state")),
			.number = sql_copy(q, shop->scratch, "order_number"),
		};
	sql_end(q);
	return found;
}

int64_t refund_of_cancellation(struct sandbox *shop, int64_t cancellation)
{
	struct sql_query *q = sql_query(shop->sql, "select id from refund where cancellation = ?");

	sql_bind_int(q, cancellation);
	return sql_number(q);
}

int64_t refund_of_return(struct sandbox *shop, int64_t of_return)
{
	struct sql_query *q = sql_query(shop->sql, "select id from refund where of_return = ?");

	sql_bind_int(q, of_return);
	return sql_number(q);
}

int64_t refund_room(struct sandbox *shop, const struct order *order)
{
	struct sql_query *q =
		sql_query(shop->sql, "select coalesce(sum(amount), 0) from refund where "
				     "order_number = ? and state <> 'rejected'");

	sql_bind_text(q, order->number);
	return order->paid - sql_number(q);
}

struct str refund_state_text(struct sandbox *shop, struct arena *arena, struct str number)
{
	struct sql_query *q = sql_query(shop->sql,
		"select state from refund where order_number = ? order by id desc limit 1");
	struct str state = {0};

	sql_bind_text(q, number);
	if (sql_next(q))
		state = sql_copy(q, arena, "state");
	sql_end(q);
	return state;
}

enum order_outcome refunds_status(struct call *call)
{
	static const char *const times[] = {"requested", "approved", "paid", "deadline"};
	struct value_builder b = value_build(call->arena);
	struct sql_query *q;
	struct order o;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	q = sql_query(call->shop->sql,
		"select * from refund where order_number = ? order by id desc limit 1");
	sql_bind_text(q, o.number);
	if (!sql_next(q)) {
		value_put_text(&b, "state", S("none"));
	} else {
		value_put_text(&b, "state", sql_text(q, "state"));
		value_put(&b, "amount", money_value(call->arena, sql_int(q, "amount")));
		value_put_text(&b, "paid_with", o.paid_with);
		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			if (!sql_is_null(q, times[i]))
				value_put_int(&b, times[i], sql_int(q, times[i]));
		if (!sql_is_null(q, "why"))
			value_put_text(&b, "why", sql_text(q, "why"));
		if (!sql_is_null(q, "of_return"))
			value_put_text(&b, "return",
				arena_printf(
					call->arena, "R-%lld", (long long)sql_int(q, "of_return")));
	}
	sql_end(q);
	call->answer = value_record(&b);
	return ORDER_OK;
}

/* Steps */

static void tell(struct sandbox *shop, const struct refund *r, enum refund_state state)
{
	struct value_builder b;
	struct order o;

	if (shop->silent || !order_read(shop, shop->scratch, r->number, &o))
		return;
	b = value_build(shop->scratch);
	value_put_text(&b, "order", r->number);
	value_put_text(&b, "state", str_of(refund_rule[state].wire));
	value_put(&b, "amount", money_value(shop->scratch, r->amount));
	value_put_text(&b, "paid_with", o.paid_with);
	value_put_int(&b, "at", shop->now);
	notice_add(shop, o.buyer, "refund.updated", value_record(&b));
}

/* A cancellation's refund is only checked; a return's waits for the parcel. */
static void plan_next(struct sandbox *shop, const struct refund *r, enum refund_state state)
{
	if (state == REFUND_REQUESTED && r->cancellation)
		clock_plan(
			shop, shop->now + REFUND_CHECK_TAKES, "refund_approve", r->number, r->id);
	if (state == REFUND_APPROVED)
		clock_plan(shop, shop->now + PAYOUT_TAKES, "refund_pay", r->number, r->id);
}

int64_t refund_open(struct sandbox *shop, const struct order *order, int64_t cancellation,
	int64_t of_return, int64_t amount, enum refund_state state, int64_t deadline)
{
	struct refund r = {
		.id = sql_number(
			sql_query(shop->sql, "select coalesce(max(id), 7000) + 1 from refund")),
		.cancellation = cancellation,
		.of_return = of_return,
		.amount = amount,
		.state = state,
		.number = order->number,
	};
	struct sql_query *q =
		sql_query(shop->sql, "insert into refund(id, order_number, cancellation, "
				     "of_return, amount, state, requested,"
				     " deadline) values (?, ?, ?, ?, ?, ?, ?, ?)");

	assert(state == REFUND_REQUESTED || state == REFUND_WAITING_SELLER);
	assert(amount > 0 && amount <= refund_room(shop, order));
	sql_bind_int(q, r.id);
	sql_bind_text(q, r.number);
	sql_bind_time(q, cancellation);
	sql_bind_time(q, of_return);
	sql_bind_int(q, amount);
	sql_bind_text(q, str_of(refund_rule[state].wire));
	sql_bind_int(q, shop->now);
	sql_bind_time(q, deadline);
	(void)sql_run(q);
	plan_next(shop, &r, state);
	tell(shop, &r, state);
	return r.id;
}

void refund_become(struct sandbox *shop, int64_t id, enum refund_state to, const char *why)
{
	struct sql_query *q;
	struct refund r;

	if (!read_refund(shop, id, &r))
		return;
	assert(state_may_become(refund_rule, r.state, to));
	q = sql_query(shop->sql,
		"update refund set state = ?1, why = ?3, deadline = null,"
		" approved = iif(?1 = 'approved', ?2, approved), paid = iif(?1 = 'paid', ?2, paid)"
		" where id = ?4");
	sql_bind_text(q, str_of(refund_rule[to].wire));
	sql_bind_int(q, shop->now);
	sql_bind_optional(q, str_of(why));
	sql_bind_int(q, id);
	(void)sql_run(q);
	plan_next(shop, &r, to);
	tell(shop, &r, to);
	if (to == REFUND_PAID)
		shop_changed(shop, SHOP_PAYOUT, r.number, id);
}

void refund_checked(struct sandbox *shop, int64_t id)
{
	struct refund r;

	if (read_refund(shop, id, &r) && r.state == REFUND_REQUESTED)
		refund_become(shop, id, REFUND_APPROVED, NULL);
}

static int64_t paid_back(struct sandbox *shop, struct str number)
{
	struct sql_query *q = sql_query(shop->sql, "select coalesce(sum(amount), 0) from refund "
						   "where order_number = ? and state = 'paid'");

	sql_bind_text(q, number);
	return sql_number(q);
}

/* All the money back ends the after-sales time of an order. */
static void complete_if_all_is_back(struct sandbox *shop, struct str number)
{
	struct order o;

	if (order_read(shop, shop->scratch, number, &o) && o.status == DELIVERED &&
		paid_back(shop, number) == o.paid)
		order_become(shop, &o, COMPLETED);
}

void refund_paid_out(struct sandbox *shop, int64_t id)
{
	struct refund r;

	if (!read_refund(shop, id, &r) || r.state != REFUND_APPROVED)
		return;
	refund_become(shop, id, REFUND_PAID, NULL);
	if (r.cancellation)
		cancellation_paid(shop, r.cancellation);
	if (r.of_return)
		return_paid(shop, r.of_return);
	complete_if_all_is_back(shop, r.number);
}
