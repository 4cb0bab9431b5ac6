/* Returns: asking for one, the way back, and the seller's and the buyer's deadlines. */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

enum { ITEMS_MAX = 200, TRACKING_MIN = 8, TRACKING_MAX = 34, TRACKING_DIGITS = 6 };

#define RETURN_ADDRESS "Juniper & Finch Returns, 18 Mill Road, Reno, NV 89501"

/* A return, read and told */

static void read_row(struct sql_query *q, struct arena *arena, struct return_row *r)
{
	*r = (struct return_row){
		.id = sql_int(q, "id"),
		.amount = sql_int(q, "amount"),
		.deadline = sql_int(q, "deadline"),
		.created = sql_int(q, "created"),
		.offer = sql_int(q, "offer"),
		.refund_only = str_is(sql_text(q, "type"), "REFUND"),
		.state = state_of(return_rule, N_RETURN_STATE, sql_text(q, "state")),
		.number = sql_copy(q, arena, "order_number"),
		.reason = sql_copy(q, arena, "reason"),
		.method = sql_copy(q, arena, "method"),
		.tracking = sql_copy(q, arena, "tracking"),
		.why = sql_copy(q, arena, "why"),
	};
}

bool return_read(struct sandbox *shop, struct arena *arena, int64_t id, struct return_row *r)
{
	struct sql_query *q = sql_query(shop->sql, "select * from returns where id = ?");
	bool found;

	sql_bind_int(q, id);
	found = sql_next(q);
	if (found)
		read_row(q, arena, r);
	sql_end(q);
	return found;
}

/* "R-5001", "r5001", "5001"; only the buyer's own. */
static bool call_return(struct call *call, struct return_row *r)
{
	struct str written = order_number_of(call->arena, call_text(call, "return"));
	struct order o;
	int64_t id;

	if (str_starts(written, S("R-")))
		written = str_sub(written, 2, written.n);
	return str_int(written, &id) && return_read(call->shop, call->arena, id, r) &&
	       order_find(call->shop, call->arena, call->request->buyer, r->number, &o);
}

static const char *next_thing(const struct return_row *r)
{
	switch (r->state) {
	case RETURN_WAITING_SELLER:
		return "nothing yet, the seller has to answer first";
	case RETURN_SEND_IT:
		return str_is(r->method, "label")
			       ? "pack the items well, put the label on the parcel, drop it off at "
				 "any parcel shop"
				 " and tell us the tracking number"
			       : "pack the items well, send the parcel to the address"
				 " and tell us the tracking number";
	case RETURN_ON_ITS_WAY:
		return "nothing, the parcel is on its way to us";
	case RETURN_APPROVED:
		return "nothing, the money is being paid out";
	case RETURN_OFFERED:
		return "say whether you take the part of the price that the seller offers";
	case RETURN_PAID:
	case RETURN_REJECTED:
	case RETURN_CLOSED:
	case N_RETURN_STATE:
		break;
	}
	return "nothing";
}

static const struct value *returned_items(struct sandbox *shop, struct arena *arena, int64_t id)
{
	struct value_builder list = value_build(arena);
	struct sql_query *q =
		sql_query(shop->sql, "select item.id, title, variant, item.price from return_item r"
				     " join item on item.id = r.item join product using (sku)"
				     " where of_return = ? order by item.position");

	sql_bind_int(q, id);
	while (sql_next(q)) {
		struct item item = {.id = sql_text(q, "id"),
			.title = sql_text(q, "title"),
			.variant = sql_text(q, "variant"),
			.price = sql_int(q, "price")};
		struct value_builder b = item_record(arena, &item);

		value_push(&list, value_record(&b));
	}
	sql_end(q);
	return value_list(&list);
}

static const struct value *return_value(
	struct sandbox *shop, struct arena *arena, const struct return_row *r)
{
	const struct return_reason *reason = return_reason_find(r->reason);
	bool travels = r->state == RETURN_SEND_IT || r->state == RETURN_ON_ITS_WAY;
	struct value_builder b = value_build(arena);

	value_put_text(&b, "id", arena_printf(arena, "R-%lld", (long long)r->id));
	value_put_text(&b, "order", r->number);
	value_put_text(&b, "state", str_of(return_rule[r->state].wire));
	value_put_text(&b, "state_text", str_of(return_rule[r->state].words));
	value_put(&b, "items", returned_items(shop, arena, r->id));
	value_put_text(&b, "reason", reason ? str_of(reason->label) : r->reason);
	if (r->amount > 0)
		value_put(&b, "refund", money_value(arena, r->amount));
	if (r->deadline)
		value_put_int(&b, "deadline", r->deadline);
	if (travels) {
		value_put_text(&b, "method", r->method);
		if (str_is(r->method, "label"))
			value_put_text(&b, "label",
				arena_printf(arena,
					"https://juniper-finch.example/labels/R-%lld.pdf",
					(long long)r->id));
		else
			value_put_text(&b, "address", S(RETURN_ADDRESS));
	}
	if (r->tracking.n)
		value_put_text(&b, "tracking", r->tracking);
	value_put_int(&b, "created", r->created);
	value_put_text(&b, "next", str_of(next_thing(r)));
	if (r->why.n)
		value_put_text(&b, "why", r->why);
	return value_record(&b);
}

static enum order_outcome answer_return(struct call *call, int64_t id)
{
	struct return_row r;

	if (!return_read(call->shop, call->arena, id, &r))
		return ORDER_FAILED;
	call->answer = return_value(call->shop, call->arena, &r);
	return ORDER_OK;
}

enum order_outcome returns_status(struct call *call)
{
	struct return_row r;

	if (!call_return(call, &r))
		return call_not_found(call, "return");
	return answer_return(call, r.id);
}

enum order_outcome returns_list(struct call *call)
{
	struct value_builder list = value_build(call->arena);
	struct str wanted = call_text(call, "order");
	struct sql_query *q;
	struct order o = {0};

	if (wanted.n && !call_order(call, &o))
		return call_not_found(call, "order");
	q = sql_query(call->shop->sql,
		"select returns.* from returns join orders on number = order_number"
		" where buyer = ?1 and (?2 = '' or order_number = ?2) order by id desc limit ?3");
	sql_bind_text(q, call->request->buyer);
	sql_bind_text(q, o.number);
	sql_bind_int(q, LIST_MAX);
	while (sql_next(q)) {
		struct return_row r;

		read_row(q, call->arena, &r);
		value_push(&list, return_value(call->shop, call->arena, &r));
	}
	sql_end(q);
	call->answer = value_list(&list);
	return ORDER_OK;
}

/* Asking for one */

struct choice {
	const struct item *item[ITEMS_MAX];
	size_t n;
};

static const struct item *item_by_id(const struct items *items, struct str id)
{
	for (size_t i = 0; i < items->n; i++)
		if (str_eq(items->item[i].id, id))
			return &items->item[i];
	return NULL;
}

static bool already_chosen(const struct choice *choice, const struct item *item)
{
	for (size_t i = 0; i < choice->n; i++)
		if (choice->item[i] == item)
			return true;
	return false;
}

/* The items that the caller means: a list, or a single one, of ids or records.  An id that is not
 * of this order, or no item at all, is false. */
static bool choose_items(const struct call *call, const struct items *items, struct choice *choice)
{
	const struct value *named = value_get(call->request->args, "items");
	bool is_list = named && named->type == VALUE_LIST;
	size_t n = is_list ? value_count(named) : value_is_set(named);

	choice->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct value *v = is_list ? value_at(named, i) : named;
		struct str id =
			v->type == VALUE_RECORD ? value_get_text(v, "id") : value_text_of(v);
		const struct item *item = item_by_id(items, id);

		if (!item || choice->n == ITEMS_MAX)
			return false;
		if (!already_chosen(choice, item))
			choice->item[choice->n++] = item;
	}
	return choice->n;
}

/* The items with their tax; the shipping too when the fault is the shop's and everything comes
 * back. */
static int64_t amount_of(struct sandbox *shop, const struct order *o, const struct items *items,
	const struct choice *choice, const struct return_reason *reason)
{
	int64_t room = refund_room(shop, o);
	int64_t amount = 0;

	for (size_t i = 0; i < choice->n; i++)
		amount += choice->item[i]->price + choice->item[i]->tax;
	if (reason->shop_pays && choice->n == items->n)
		amount += o->shipping;
	return amount < room ? amount : room;
}

/* One line of a return's history. */
static void add_step(struct sandbox *shop, int64_t id, enum return_state state, struct str note)
{
	struct sql_query *q = sql_query(shop->sql,
		"insert into return_step(of_return, at, state, note) values (?, ?, ?, ?)");

	sql_bind_int(q, id);
	sql_bind_int(q, shop->now);
	sql_bind_text(q, str_of(return_rule[state].wire));
	sql_bind_optional(q, note);
	(void)sql_run(q);
}

static void add_item(struct sandbox *shop, int64_t id, struct str item)
{
	struct sql_query *q = sql_query(
		shop->sql, "insert into return_item(of_return, item, live) values (?, ?, 1)");

	sql_bind_int(q, id);
	sql_bind_text(q, item);
	(void)sql_run(q);
}

static void plan_deadline(struct sandbox *shop, const struct order *o, const struct return_row *r)
{
	if (r->state == RETURN_SEND_IT) {
		clock_plan(shop, r->deadline, "return_not_sent", o->number, r->id);
		return;
	}
	if (!str_is(o->seller, "silent"))
		clock_plan(shop, shop->now + SELLER_TAKES, "return_answer", o->number, r->id);
	clock_plan(shop, r->deadline, "return_silent", o->number, r->id);
}

/* What is said of a return when it is asked for, beside what is kept of it. */
struct asked {
	const char *role; /* "BUYER", "SELLER" */
	struct str note;
	int64_t photos;
};

static void record_return(struct sandbox *shop, const struct order *o, const struct choice *choice,
	const struct return_row *r, const struct asked *asked)
{
	struct sql_query *q = sql_query(shop->sql,
		"insert into returns(id, order_number, state, reason, note, photos, amount, "
		"method, type, role, deadline, created, updated)"
		" values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?12, ?12)");

	sql_bind_int(q, r->id);
	sql_bind_text(q, o->number);
	sql_bind_text(q, str_of(return_rule[r->state].wire));
	sql_bind_text(q, r->reason);
	sql_bind_optional(q, asked->note);
	sql_bind_int(q, asked->photos);
	sql_bind_int(q, r->amount);
	sql_bind_text(q, r->method);
	sql_bind_text(q, r->refund_only ? S("REFUND") : S("RETURN_AND_REFUND"));
	sql_bind_text(q, str_of(asked->role));
	sql_bind_time(q, r->deadline);
	sql_bind_int(q, shop->now);
	(void)sql_run(q);
	for (size_t i = 0; i < choice->n; i++)
		add_item(shop, r->id, choice->item[i]->id);
	if (r->amount > 0)
		(void)refund_open(shop, o, 0, r->id, r->amount,
			r->state == RETURN_WAITING_SELLER ? REFUND_WAITING_SELLER
							  : REFUND_REQUESTED,
			r->state == RETURN_WAITING_SELLER ? r->deadline : 0);
	add_step(shop, r->id, r->state, asked->note);
	shop_changed(shop, SHOP_RETURN, o->number, r->id);
	if (r->deadline)
		plan_deadline(shop, o, r);
}

static int64_t next_id(struct sandbox *shop)
{
	return sql_number(sql_query(shop->sql, "select coalesce(max(id), 5000) + 1 from returns"));
}

static enum order_outcome refuse_choice(struct call *call, const struct choice *choice)
{
	for (size_t i = 0; i < choice->n; i++) {
		const struct item *item = choice->item[i];

		if (item->why)
			return call_refuse(call, item->returning ? "pending" : "not_returnable",
				arena_printf(call->arena, "%.*s: %s", STR(item->title), item->why));
	}
	return ORDER_OK;
}

enum order_outcome returns_create(struct call *call)
{
	struct sandbox *shop = call->shop;
	const struct return_reason *reason = return_reason_find(call_text(call, "reason"));
	struct return_row r = {0};
	struct choice choice;
	struct items items;
	struct order o;

	if (!call_order(call, &o))
		return call_not_found(call, "order");
	items = items_read(shop, call->arena, &o);
	if (o.status != DELIVERED)
		return call_refuse(call, "not_returnable", return_why_not(call, &o, &items));
	if (!choose_items(call, &items, &choice))
		return call_not_found(call, "item");
	if (refuse_choice(call, &choice) != ORDER_OK)
		return ORDER_REFUSED;
	if (!reason)
		return call_refuse(call, "bad_reason", S("the shop needs one of its own reasons"));
	r.id = next_id(shop);
	r.reason = str_of(reason->id);
	r.amount = amount_of(shop, &o, &items, &choice, reason);
	r.method = str_is(o.may_return, "address") ? S("address") : S("label");
	r.state = reason->photos || str_is(o.may_return, "ask") ? RETURN_WAITING_SELLER
								: RETURN_SEND_IT;
	r.deadline =
		shop->now + (r.state == RETURN_SEND_IT ? SEND_BACK_WITHIN : RETURN_ANSWER_WITHIN);
	record_return(shop, &o, &choice, &r,
		&(struct asked){"BUYER", call_text(call, "note"),
			(int64_t)value_count(value_get(call->request->args, "photos"))});
	return answer_return(call, r.id);
}

/* Steps */

static void tell(struct sandbox *shop, const struct return_row *r, enum return_state state)
{
	struct value_builder b;
	struct order o;

	if (shop->silent || !order_read(shop, shop->scratch, r->number, &o))
		return;
	b = value_build(shop->scratch);
	value_put_text(&b, "order", r->number);
	value_put_text(&b, "return", arena_printf(shop->scratch, "R-%lld", (long long)r->id));
	value_put_text(&b, "state", str_of(return_rule[state].wire));
	value_put_text(&b, "state_text", str_of(return_rule[state].words));
	value_put_int(&b, "at", shop->now);
	notice_add(shop, o.buyer, "return.updated", value_record(&b));
}

void return_move(struct sandbox *shop, const struct return_row *r, enum return_state to,
	int64_t deadline, const char *why)
{
	struct sql_query *q = sql_query(shop->sql,
		"update returns set state = ?, updated = ?, deadline = ?, why = ? where id = ?");

	assert(state_may_become(return_rule, r->state, to));
	sql_bind_text(q, str_of(return_rule[to].wire));
	sql_bind_int(q, shop->now);
	sql_bind_time(q, deadline);
	sql_bind_optional(q, str_of(why));
	sql_bind_int(q, r->id);
	(void)sql_run(q);
	add_step(shop, r->id, to, str_of(why));
	tell(shop, r, to);
	shop_changed(shop, SHOP_RETURN, r->number, r->id);
}

void return_move_refund(
	struct sandbox *shop, int64_t of_return, enum refund_state to, const char *why)
{
	int64_t refund = refund_of_return(shop, of_return);

	if (refund)
		refund_become(shop, refund, to, why);
}

/* The money goes its way: nothing has to come back, or it has arrived. */
void return_approve(struct sandbox *shop, const struct return_row *r)
{
	return_move(shop, r, RETURN_APPROVED, 0, NULL);
	if (r->state == RETURN_WAITING_SELLER || r->state == RETURN_OFFERED)
		return_move_refund(shop, r->id, REFUND_REQUESTED, NULL);
	return_move_refund(shop, r->id, REFUND_APPROVED, NULL);
}

void return_accept(struct sandbox *shop, const struct return_row *r)
{
	int64_t deadline = shop->now + SEND_BACK_WITHIN;

	if (r->refund_only) {
		return_approve(shop, r);
		return;
	}
	return_move(shop, r, RETURN_SEND_IT, deadline, NULL);
	return_move_refund(shop, r->id, REFUND_REQUESTED, NULL);
	clock_plan(shop, deadline, "return_not_sent", r->number, r->id);
}

/* Its items may be part of another return. */
void return_close(struct sandbox *shop, const struct return_row *r, const char *why)
{
	struct sql_query *q;

	return_move(shop, r, RETURN_CLOSED, 0, why);
	return_move_refund(shop, r->id, REFUND_REJECTED, why);
	q = sql_query(shop->sql, "update return_item set live = 0 where of_return = ?");
	sql_bind_int(q, r->id);
	(void)sql_run(q);
}

void return_reject(struct sandbox *shop, const struct return_row *r, const char *why)
{
	return_move(shop, r, RETURN_REJECTED, 0, why);
	return_move_refund(shop, r->id, REFUND_REJECTED, why);
}

static bool waits_for(
	struct sandbox *shop, int64_t id, enum return_state state, struct return_row *r)
{
	return return_read(shop, shop->scratch, id, r) && r->state == state;
}

void return_answered(struct sandbox *shop, int64_t id)
{
	struct return_row r;
	struct order o;

	if (!waits_for(shop, id, RETURN_WAITING_SELLER, &r) ||
		!order_read(shop, shop->scratch, r.number, &o))
		return;
	if (str_is(o.seller, "no"))
		return_reject(shop, &r, "the seller declined the return");
	else
		return_accept(shop, &r);
}

/* A seller who says nothing has agreed. */
void return_silent(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (waits_for(shop, id, RETURN_WAITING_SELLER, &r))
		return_accept(shop, &r);
}

void return_not_sent(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (waits_for(shop, id, RETURN_SEND_IT, &r))
		return_close(shop, &r, "the parcel was not sent in time");
}

void return_arrived(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (waits_for(shop, id, RETURN_ON_ITS_WAY, &r))
		return_approve(shop, &r);
}

void return_paid(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (waits_for(shop, id, RETURN_APPROVED, &r))
		return_move(shop, &r, RETURN_PAID, 0, NULL);
}

/* The number of the parcel */

/* Letters and digits of a tracking number in capitals; empty when it cannot be one. */
static struct str tracking_number(struct arena *arena, struct str written)
{
	char number[TRACKING_MAX];
	size_t n = 0, digits = 0;

	for (size_t i = 0; i < written.n; i++) {
		char c = written.p[i];

		if (c == ' ' || c == '-')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) || n == TRACKING_MAX)
			return S("");
		digits += c >= '0' && c <= '9';
		number[n++] = c;
	}
	if (n < TRACKING_MIN || digits < TRACKING_DIGITS)
		return S("");
	return arena_str(arena, (struct str){number, n});
}

static void take_down(struct sandbox *shop, int64_t id, struct str number)
{
	struct sql_query *q = sql_query(shop->sql, "update returns set tracking = ? where id = ?");

	sql_bind_text(q, number);
	sql_bind_int(q, id);
	(void)sql_run(q);
}

/* The parcel is on its way back; false: none is awaited. */
bool return_sent(struct sandbox *shop, int64_t id, struct str number)
{
	struct return_row r;

	if (!waits_for(shop, id, RETURN_SEND_IT, &r))
		return false;
	take_down(shop, id, number);
	return_move(shop, &r, RETURN_ON_ITS_WAY, 0, NULL);
	clock_plan(shop, shop->now + RETURN_TRAVELS + INSPECTION_TAKES, "return_arrived", r.number,
		id);
	return true;
}

/* A number may be corrected while the parcel travels. */
enum order_outcome returns_set_tracking(struct call *call)
{
	struct sandbox *shop = call->shop;
	struct str number = tracking_number(call->arena, call_text(call, "number"));
	struct return_row r;

	if (!call_return(call, &r))
		return call_not_found(call, "return");
	if (r.state != RETURN_SEND_IT && r.state != RETURN_ON_ITS_WAY)
		return call_refuse(call, "wrong_state",
			arena_printf(call->arena, "the return is %s", return_rule[r.state].words));
	if (!number.n)
		return call_refuse(call, "bad_number",
			S("a tracking number has 8 to 34 letters and digits, at least six of them "
			  "digits"));
	if (!return_sent(shop, r.id, number))
		take_down(shop, r.id, number);
	return answer_return(call, r.id);
}

/* What the seller asks for in the buyer's place */

static bool choose_named(
	const struct items *items, const struct str *item, size_t n, struct choice *choice)
{
	choice->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct item *one = item_by_id(items, item[i]);

		if (!one || choice->n == ITEMS_MAX)
			return false;
		if (!already_chosen(choice, one))
			choice->item[choice->n++] = one;
	}
	return choice->n;
}

/* Goods of the fault of the shop's come back with their shipping when all of them do. */
int64_t seller_return_worth(
	struct sandbox *shop, struct str number, const struct str *item, size_t n, bool shop_pays)
{
	struct return_reason reason = {.shop_pays = shop_pays};
	struct choice choice;
	struct items items;
	struct order o;

	if (!order_read(shop, shop->scratch, number, &o))
		return 0;
	items = items_read(shop, shop->scratch, &o);
	return choose_named(&items, item, n, &choice)
		       ? amount_of(shop, &o, &items, &choice, &reason)
		       : 0;
}

enum seller_answer seller_create_return(
	struct sandbox *shop, const struct seller_return *wish, int64_t *id)
{
	struct return_row r = {.reason = wish->reason, .refund_only = wish->refund_only};
	struct choice choice;
	struct items items;
	struct order o;

	if (!order_read(shop, shop->scratch, wish->number, &o))
		return SELLER_UNKNOWN;
	if (o.status != DELIVERED)
		return order_rule[o.status].group == GROUP_OVER ? SELLER_OVER : SELLER_NOT_NOW;
	items = items_read(shop, shop->scratch, &o);
	if (!choose_named(&items, wish->item, wish->n_items, &choice))
		return SELLER_BAD_ITEM;
	for (size_t i = 0; i < choice.n; i++)
		if (choice.item[i]->why)
			return choice.item[i]->returning ? SELLER_BUSY : SELLER_BAD_ITEM;
	if (wish->amount <= 0 || wish->amount > refund_room(shop, &o))
		return SELLER_BAD_AMOUNT;
	*id = r.id = next_id(shop);
	r.amount = wish->amount;
	r.method = wish->buyer_ships || str_is(o.may_return, "address") ? S("address") : S("label");
	r.state = RETURN_WAITING_SELLER;
	if (!wish->by_buyer)
		r.state = wish->refund_only ? RETURN_APPROVED : RETURN_SEND_IT;
	if (r.state != RETURN_APPROVED)
		r.deadline = shop->now + (wish->by_buyer ? RETURN_ANSWER_WITHIN : SEND_BACK_WITHIN);
	record_return(shop, &o, &choice, &r,
		&(struct asked){wish->by_buyer ? "BUYER" : "SELLER", wish->note, 0});
	if (r.state == RETURN_APPROVED)
		return_move_refund(shop, r.id, REFUND_APPROVED, NULL);
	return SELLER_DONE;
}
