/* Cancellations: whether an order can still be stopped, stopping it, and the seller's answer. */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

/* Reading */

struct cancellation {
	int64_t id, deadline, updated;
	enum cancellation_state state;
	struct str number;
};

static bool read_one(struct sql_query *q, struct arena *arena, struct cancellation *c)
{
	bool found = sql_next(q);

	if (found)
		*c = (struct cancellation){
			.id = sql_int(q, "id"),
			.deadline = sql_int(q, "deadline"),
			.updated = sql_int(q, "updated"),
			.state = state_of(
				cancellation_rule, N_CANCELLATION_STATE, sql_text(q, "state")),
			.number = sql_copy(q, arena, "order_number"),
		};
	sql_end(q);
	return found;
}

static bool read_cancellation(struct sandbox *shop, int64_t id, struct cancellation *c)
{
	struct sql_query *q = sql_query(shop->sql, "select * from cancellation where id = ?");

	sql_bind_int(q, id);
	return read_one(q, shop->scratch, c);
}

static bool newest_of_order(struct sandbox *shop, struct str number, struct cancellation *c)
{
	struct sql_query *q = sql_query(shop->sql,
		"select * from cancellation where order_number = ? and not partial"
		" order by id desc limit 1");

	sql_bind_text(q, number);
	return read_one(q, shop->scratch, c);
}

/* The rule */

struct verdict {
	const char *answer;
	const char *refusal;      /* the code of orders.cancel; NULL: may be done */
	struct cancellation last; /* for "pending" and a declined wish */
};

static struct verdict by_policy(struct sandbox *shop, const struct order *o)
{
	struct verdict v = {.answer = "yes"};

	if (newest_of_order(shop, o->number, &v.last)) {
		if (v.last.state == CANCELLATION_PENDING) {
			v.answer = v.refusal = "pending";
			return v;
		}
		v.answer = "no";
		v.refusal = "not_allowed";
	} else if (str_is(o->may_cancel, "never")) {
		v.answer = "no";
		v.refusal = "not_allowed";
	} else if (str_is(o->may_cancel, "ask")) {
		v.answer = "ask_seller";
	}
	return v;
}

static struct verdict judge(struct sandbox *shop, const struct order *o)
{
	switch (order_rule[o->status].cancel) {
	case CANCEL_FREELY:
		return (struct verdict){.answer = "yes"};
	case CANCEL_BY_POLICY:
		return by_policy(shop, o);
	case CANCEL_SHIPPED:
		return (struct verdict){.answer = "shipped", .refusal = "shipped"};
	case CANCEL_DELIVERED:
		return (struct verdict){.answer = "delivered", .refusal = "shipped"};
	case CANCEL_DONE_ALREADY:
		return (struct verdict){.answer = "cancelled", .refusal = "done_already"};
	}
	return (struct verdict){.answer = "no", .refusal = "not_allowed"};
}

const char *cancel_answer(struct sandbox *shop, const struct order *order)
{
	return judge(shop, order).answer;
}

static struct str reason_in_words(
	struct call *call, const struct order *o, const struct verdict *verdict)
{
	struct arena *arena = call->arena;
	struct parcel parcel;

	switch (o->status) {
	case UNPAID:
		return S("it is not paid yet, so nothing was charged");
	case ON_HOLD:
		return S("it was placed less than an hour ago");
	case AWAITING_SHIPMENT:
		if (verdict->last.id && verdict->last.state == CANCELLATION_PENDING)
			return S("the seller was already asked to cancel it and has not answered "
				 "yet");
		if (verdict->last.id)
			return arena_printf(arena, "the seller was asked and declined on %.*s",
				STR(day_text(arena, verdict->last.updated)));
		if (str_is(o->may_cancel, "never"))
			return S("it is made to order and the making has begun");
		if (str_is(o->may_cancel, "ask"))
			return S("it is being packed, so the seller has to agree");
		return S("it has not left our warehouse yet");
	case PARTIALLY_SHIPPING:
	case AWAITING_COLLECTION:
	case IN_TRANSIT:
		parcel = parcel_newest(call->shop, arena, o->number);
		return arena_printf(arena,
			o->status == PARTIALLY_SHIPPING ? "a part of it left our warehouse on %.*s"
			: o->status == IN_TRANSIT       ? "it left our warehouse on %.*s"
							: "it was packed for the carrier on %.*s",
			STR(day_text(arena, parcel.shipped)));
	case DELIVERED:
	case COMPLETED:
		return o->delivered ? arena_printf(arena, "it was delivered on %.*s",
					      STR(day_text(arena, o->delivered)))
				    : S("it is completed");
	case CANCELLED:
		return arena_printf(arena, "it was already cancelled on %.*s",
			STR(day_text(arena, o->cancelled)));
	case N_ORDER_STATUS:
		break;
	}
	return S("the shop does not allow it");
}

static bool may_still_come_back(const struct verdict *v)
{
	return !v->refusal || str_is(str_of(v->refusal), "pending");
}

enum order_outcome orders_can_cancel(struct call *call)
{
	struct value_builder b = value_build(call->arena);
	struct verdict verdict;
	struct order o;
	int64_t back;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	verdict = judge(call->shop, &o);
	value_put_text(&b, "answer", str_of(verdict.answer));
	value_put_text(&b, "why", reason_in_words(call, &o, &verdict));
	if (str_is(str_of(verdict.answer), "ask_seller"))
		value_put_int(&b, "deadline", call->shop->now + CANCEL_ANSWER_WITHIN);
	if (str_is(str_of(verdict.answer), "pending"))
		value_put_int(&b, "deadline", verdict.last.deadline);
	back = str_is(str_of(verdict.answer), "pending") ? o.paid : refund_room(call->shop, &o);
	if (may_still_come_back(&verdict) && back > 0) {
		value_put(&b, "refund", money_value(call->arena, back));
		value_put_text(&b, "paid_with", o.paid_with);
	}
	call->answer = value_record(&b);
	return ORDER_OK;
}

/* Doing */

struct wish {
	const char *role;
	struct str reason, note;
	enum cancellation_state state;
	int64_t deadline;
	bool partial;
};

static int64_t record_wish(struct sandbox *shop, struct str number, const struct wish *wish)
{
	int64_t id = sql_number(
		sql_query(shop->sql, "select coalesce(max(id), 3000) + 1 from cancellation"));
	struct sql_query *q =
		sql_query(shop->sql, "insert into cancellation(id, order_number, state, role, "
				     "reason, note, deadline, partial, created, updated)"
				     " values (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9)");

	sql_bind_int(q, id);
	sql_bind_text(q, number);
	sql_bind_text(q, str_of(cancellation_rule[wish->state].wire));
	sql_bind_text(q, str_of(wish->role));
	sql_bind_text(q, wish->reason);
	sql_bind_optional(q, wish->note);
	sql_bind_time(q, wish->deadline);
	sql_bind_bool(q, wish->partial);
	sql_bind_int(q, shop->now);
	(void)sql_run(q);
	shop_changed(shop, SHOP_CANCELLATION, number, id);
	return id;
}

static void move(struct sandbox *shop, const struct cancellation *c, enum cancellation_state to)
{
	struct sql_query *q = sql_query(shop->sql,
		"update cancellation set state = ?, updated = ?, deadline = null where id = ?");

	assert(state_may_become(cancellation_rule, c->state, to));
	sql_bind_text(q, str_of(cancellation_rule[to].wire));
	sql_bind_int(q, shop->now);
	sql_bind_int(q, c->id);
	(void)sql_run(q);
	shop_changed(shop, SHOP_CANCELLATION, c->number, c->id);
}

static void stop_order(
	struct sandbox *shop, const struct order *o, const char *by, struct str reason)
{
	struct sql_query *q = sql_query(shop->sql,
		"update orders set cancelled_by = ?, cancel_reason = ? where number = ?");

	sql_bind_text(q, str_of(by));
	sql_bind_text(q, reason);
	sql_bind_text(q, o->number);
	(void)sql_run(q);
	clock_forget_order(shop, o->number);
	order_become(shop, o, CANCELLED);
}

/* Stops the order at once; what was paid starts its way back. */
static int64_t cancel_now(struct sandbox *shop, const struct order *o, const char *role,
	struct str reason, struct str note)
{
	int64_t room = refund_room(shop, o);
	struct wish wish = {.role = role,
		.reason = reason,
		.note = note,
		.state = room > 0 ? CANCELLATION_APPROVED : CANCELLATION_COMPLETE};
	int64_t id = record_wish(shop, o->number, &wish);

	stop_order(shop, o, role, reason);
	if (room > 0)
		(void)refund_open(shop, o, id, 0, room, REFUND_REQUESTED, 0);
	return id;
}

void cancel_by_system(struct sandbox *shop, const struct order *order, const char *reason)
{
	struct cancellation pending;

	if (newest_of_order(shop, order->number, &pending) &&
		pending.state == CANCELLATION_PENDING) {
		cancellation_silent(shop, pending.id);
		return;
	}
	(void)cancel_now(shop, order, "SYSTEM", str_of(reason), S(""));
}

static int64_t ask_seller(struct sandbox *shop, const struct order *o, struct str reason,
	struct str note, int64_t deadline)
{
	int64_t room = refund_room(shop, o);
	struct wish wish = {.role = "BUYER",
		.reason = reason,
		.note = note,
		.state = CANCELLATION_PENDING,
		.deadline = deadline};
	int64_t id = record_wish(shop, o->number, &wish);

	if (room > 0)
		(void)refund_open(shop, o, id, 0, room, REFUND_WAITING_SELLER, deadline);
	if (!str_is(o->seller, "silent"))
		clock_plan(shop, shop->now + SELLER_TAKES, "cancel_answer", o->number, id);
	clock_plan(shop, deadline, "cancel_deadline", o->number, id);
	return id;
}

enum order_outcome orders_cancel(struct call *call)
{
	struct value_builder b = value_build(call->arena);
	struct str reason = call_text(call, "reason");
	int64_t deadline = call->shop->now + CANCEL_ANSWER_WITHIN;
	struct verdict verdict;
	struct order o;
	int64_t id, back;
	bool ask;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	verdict = judge(call->shop, &o);
	if (verdict.refusal)
		return call_refuse(call, verdict.refusal, reason_in_words(call, &o, &verdict));
	if (!reason.n)
		reason = S("other");
	ask = str_is(str_of(verdict.answer), "ask_seller");
	back = refund_room(call->shop, &o);
	id = ask ? ask_seller(call->shop, &o, reason, call_text(call, "note"), deadline)
		 : cancel_now(call->shop, &o, "BUYER", reason, call_text(call, "note"));
	value_put_text(&b, "id", arena_printf(call->arena, "C-%lld", (long long)id));
	value_put_text(&b, "state", ask ? S("requested") : S("done"));
	if (back > 0)
		value_put(&b, "refund", money_value(call->arena, back));
	if (ask)
		value_put_int(&b, "deadline", deadline);
	call->answer = value_record(&b);
	return ORDER_OK;
}

/* The seller's answer */

static void approve(struct sandbox *shop, const struct cancellation *c)
{
	int64_t refund = refund_of_cancellation(shop, c->id);
	struct cancellation approved = *c;
	struct order o;

	if (!order_read(shop, shop->scratch, c->number, &o))
		return;
	move(shop, c, CANCELLATION_APPROVED);
	stop_order(shop, &o, "BUYER", S("asked_the_seller"));
	if (refund) {
		refund_become(shop, refund, REFUND_REQUESTED, NULL);
		return;
	}
	approved.state = CANCELLATION_APPROVED;
	move(shop, &approved, CANCELLATION_COMPLETE);
}

static void reject(struct sandbox *shop, const struct cancellation *c, const char *why)
{
	int64_t refund = refund_of_cancellation(shop, c->id);

	move(shop, c, CANCELLATION_REJECTED);
	if (refund)
		refund_become(shop, refund, REFUND_REJECTED, why);
}

void cancellation_answered(struct sandbox *shop, int64_t id)
{
	struct cancellation c;
	struct order o;

	if (!read_cancellation(shop, id, &c) || c.state != CANCELLATION_PENDING ||
		!order_read(shop, shop->scratch, c.number, &o))
		return;
	if (str_is(o.seller, "no"))
		reject(shop, &c, "the seller declined to cancel the order");
	else
		approve(shop, &c);
}

/* A seller who says nothing has agreed. */
void cancellation_silent(struct sandbox *shop, int64_t id)
{
	struct cancellation c;

	if (read_cancellation(shop, id, &c) && c.state == CANCELLATION_PENDING)
		approve(shop, &c);
}

void cancellation_overtaken(struct sandbox *shop, struct str number)
{
	struct cancellation c;

	if (newest_of_order(shop, number, &c) && c.state == CANCELLATION_PENDING)
		reject(shop, &c, "the order had already left our warehouse");
}

void cancellation_paid(struct sandbox *shop, int64_t id)
{
	struct cancellation c;

	if (read_cancellation(shop, id, &c) && c.state == CANCELLATION_APPROVED)
		move(shop, &c, CANCELLATION_COMPLETE);
}

/* By hand: asked whatever the shop's policy for this order is. */
bool cancellation_asked(struct sandbox *shop, const struct order *o)
{
	if (order_rule[o->status].cancel != CANCEL_BY_POLICY ||
		cancellation_of_order(shop, o->number))
		return false;
	(void)ask_seller(shop, o, S("no_longer_needed"), S(""), shop->now + CANCEL_ANSWER_WITHIN);
	return true;
}

/* What the seller does himself */

int64_t cancellation_of_order(struct sandbox *shop, struct str number)
{
	struct cancellation c;

	return newest_of_order(shop, number, &c) && c.state != CANCELLATION_REJECTED ? c.id : 0;
}

enum seller_answer seller_cancel(
	struct sandbox *shop, struct str number, struct str reason, int64_t *id)
{
	struct order o;

	if (!order_read(shop, shop->scratch, number, &o))
		return SELLER_UNKNOWN;
	*id = cancellation_of_order(shop, number);
	if (*id)
		return SELLER_BUSY;
	switch (order_rule[o.status].cancel) {
	case CANCEL_FREELY:
	case CANCEL_BY_POLICY:
		*id = cancel_now(shop, &o, "SELLER", reason, S(""));
		return SELLER_DONE;
	case CANCEL_SHIPPED:
		return SELLER_TOO_LATE;
	case CANCEL_DELIVERED:
	case CANCEL_DONE_ALREADY:
		break;
	}
	return o.status == DELIVERED ? SELLER_TOO_LATE : SELLER_OVER;
}

static const struct item *piece_by_id(const struct items *items, struct str id)
{
	for (size_t i = 0; i < items->n; i++)
		if (str_eq(items->item[i].id, id) && !items->item[i].cancelled)
			return &items->item[i];
	return NULL;
}

static void take_out(struct sandbox *shop, struct str item, int64_t cancellation)
{
	struct sql_query *q = sql_query(shop->sql,
		"update item set cancellation = ? where id = ? and cancellation is null");

	sql_bind_int(q, cancellation);
	sql_bind_text(q, item);
	(void)sql_run(q);
}

/* What was paid for the pieces goes back; the rest of the order goes on. */
static int64_t cancel_some(struct sandbox *shop, const struct order *o, struct str reason,
	const struct str *item, size_t n, int64_t worth)
{
	int64_t room = refund_room(shop, o);
	int64_t back = worth < room ? worth : room;
	struct wish wish = {.role = "SELLER",
		.reason = reason,
		.state = back > 0 ? CANCELLATION_APPROVED : CANCELLATION_COMPLETE,
		.partial = true};
	int64_t id = record_wish(shop, o->number, &wish);

	for (size_t i = 0; i < n; i++)
		take_out(shop, item[i], id);
	if (back > 0)
		(void)refund_open(shop, o, id, 0, back, REFUND_REQUESTED, 0);
	return id;
}

enum seller_answer seller_cancel_pieces(struct sandbox *shop, struct str number, struct str reason,
	const struct str *item, size_t n, int64_t *id)
{
	struct items items;
	struct order o;
	int64_t worth = 0;
	size_t left = 0;

	if (!order_read(shop, shop->scratch, number, &o))
		return SELLER_UNKNOWN;
	if (o.status != AWAITING_SHIPMENT && o.status != ON_HOLD)
		return o.status == UNPAID ? SELLER_NOT_NOW
					  : seller_cancel(shop, number, reason, id);
	if (cancellation_of_order(shop, number))
		return SELLER_BUSY;
	items = items_read(shop, shop->scratch, &o);
	for (size_t i = 0; i < items.n; i++)
		left += !items.item[i].cancelled;
	for (size_t i = 0; i < n; i++) {
		const struct item *piece = piece_by_id(&items, item[i]);

		if (!piece)
			return SELLER_BAD_ITEM;
		worth += piece->price + piece->tax;
	}
	if (n == left) /* nothing would be left of it */
		return seller_cancel(shop, number, reason, id);
	*id = cancel_some(shop, &o, reason, item, n, worth);
	return SELLER_DONE;
}

enum seller_answer seller_answer_cancellation(
	struct sandbox *shop, int64_t id, bool yes, const char *why)
{
	struct cancellation c;

	if (!read_cancellation(shop, id, &c))
		return SELLER_UNKNOWN;
	if (c.state != CANCELLATION_PENDING)
		return SELLER_NOT_NOW;
	if (yes)
		approve(shop, &c);
	else
		reject(shop, &c, why);
	return SELLER_DONE;
}
