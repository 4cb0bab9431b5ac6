/* Returns: asking for one, the way back, and the seller's and the buyer's deadlines. */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

enum { ITEMS_MAX = 200, TRACKING_MIN = 8, TRACKING_MAX = 34, TRACKING_DIGITS = 6 };

#define RETURN_ADDRESS "Juniper & Finch Returns, 18 Mill Road, Reno, NV 89501"

/* A return, read and told */

struct return_row {
	int64_t id, amount, deadline, created;
	enum return_state state;
	struct str number, reason, method, tracking, why;
};

static void read_row(struct sql_query *q, struct arena *arena, struct return_row *r)
{
	*r = (struct return_row){
		.id = sql_int(q, "id"),
		.amount = sql_int(q, "amount"),
		.deadline = sql_int(q, "deadline"),
		.created = sql_int(q, "created"),
		.state = state_of(return_rule, N_RETURN_STATE, sql_text(q, "state")),
		.number = sql_copy(q, arena, "order_number"),
		.reason = sql_copy(q, arena, "reason"),
		.method = sql_copy(q, arena, "method"),
		.tracking = sql_copy(q, arena, "tracking"),
		.why = sql_copy(q, arena, "why"),
	};
}

static bool read_return(struct sandbox *shop, struct arena *arena, int64_t id, struct return_row *r)
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
	return str_int(written, &id) && read_return(call->shop, call->arena, id, r) &&
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

	if (!read_return(call->shop, call->arena, id, &r))
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

static void record_return(struct call *call, const struct order *o, const struct choice *choice,
	const struct return_row *r)
{
	struct sandbox *shop = call->shop;
	struct sql_query *q = sql_query(shop->sql,
		"insert into returns(id, order_number, state, reason, note, photos, amount, "
		"method, created,"
		" updated, deadline) values (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9, ?10)");

	sql_bind_int(q, r->id);
	sql_bind_text(q, o->number);
	sql_bind_text(q, str_of(return_rule[r->state].wire));
	sql_bind_text(q, r->reason);
	sql_bind_optional(q, call_text(call, "note"));
	sql_bind_int(q, (int64_t)value_count(value_get(call->request->args, "photos")));
	sql_bind_int(q, r->amount);
	sql_bind_text(q, r->method);
	sql_bind_int(q, shop->now);
	sql_bind_int(q, r->deadline);
	(void)sql_run(q);
	for (size_t i = 0; i < choice->n; i++)
		add_item(shop, r->id, choice->item[i]->id);
	if (r->amount > 0)
		(void)refund_open(shop, o, 0, r->id, r->amount,
			r->state == RETURN_SEND_IT ? REFUND_REQUESTED : REFUND_WAITING_SELLER,
			r->state == RETURN_SEND_IT ? 0 : r->deadline);
	plan_deadline(shop, o, r);
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
	r.id = sql_number(sql_query(shop->sql, "select coalesce(max(id), 5000) + 1 from returns"));
	r.reason = str_of(reason->id);
	r.amount = amount_of(shop, &o, &items, &choice, reason);
	r.method = str_is(o.may_return, "address") ? S("address") : S("label");
	r.state = reason->photos || str_is(o.may_return, "ask") ? RETURN_WAITING_SELLER
								: RETURN_SEND_IT;
	r.deadline =
		shop->now + (r.state == RETURN_SEND_IT ? SEND_BACK_WITHIN : RETURN_ANSWER_WITHIN);
	record_return(call, &o, &choice, &r);
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

static void move(struct sandbox *shop, const struct return_row *r, enum return_state to,
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
	tell(shop, r, to);
}

/* The refund goes with its return, if there is one. */
static void move_refund(
	struct sandbox *shop, int64_t of_return, enum refund_state to, const char *why)
{
	int64_t refund = refund_of_return(shop, of_return);

	if (refund)
		refund_become(shop, refund, to, why);
}

static void accept_wish(struct sandbox *shop, const struct return_row *r)
{
	int64_t deadline = shop->now + SEND_BACK_WITHIN;

	move(shop, r, RETURN_SEND_IT, deadline, NULL);
	move_refund(shop, r->id, REFUND_REQUESTED, NULL);
	clock_plan(shop, deadline, "return_not_sent", r->number, r->id);
}

static bool waits_for(
	struct sandbox *shop, int64_t id, enum return_state state, struct return_row *r)
{
	return read_return(shop, shop->scratch, id, r) && r->state == state;
}

void return_answered(struct sandbox *shop, int64_t id)
{
	static const char declined[] = "the seller declined the return";
	struct return_row r;
	struct order o;

	if (!waits_for(shop, id, RETURN_WAITING_SELLER, &r) ||
		!order_read(shop, shop->scratch, r.number, &o))
		return;
	if (!str_is(o.seller, "no")) {
		accept_wish(shop, &r);
		return;
	}
	move(shop, &r, RETURN_REJECTED, 0, declined);
	move_refund(shop, id, REFUND_REJECTED, declined);
}

/* A seller who says nothing has agreed. */
void return_silent(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (waits_for(shop, id, RETURN_WAITING_SELLER, &r))
		accept_wish(shop, &r);
}

void return_not_sent(struct sandbox *shop, int64_t id)
{
	static const char late[] = "the parcel was not sent in time";
	struct return_row r;
	struct sql_query *q;

	if (!waits_for(shop, id, RETURN_SEND_IT, &r))
		return;
	move(shop, &r, RETURN_CLOSED, 0, late);
	move_refund(shop, id, REFUND_REJECTED, late);
	q = sql_query(shop->sql, "update return_item set live = 0 where of_return = ?");
	sql_bind_int(q, id);
	(void)sql_run(q);
}

void return_arrived(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (!waits_for(shop, id, RETURN_ON_ITS_WAY, &r))
		return;
	move(shop, &r, RETURN_APPROVED, 0, NULL);
	move_refund(shop, id, REFUND_APPROVED, NULL);
}

void return_paid(struct sandbox *shop, int64_t id)
{
	struct return_row r;

	if (waits_for(shop, id, RETURN_APPROVED, &r))
		move(shop, &r, RETURN_PAID, 0, NULL);
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
	take_down(shop, r.id, number);
	if (r.state == RETURN_SEND_IT) {
		move(shop, &r, RETURN_ON_ITS_WAY, 0, NULL);
		clock_plan(shop, shop->now + RETURN_TRAVELS + INSPECTION_TAKES, "return_arrived",
			r.number, r.id);
	}
	return answer_return(call, r.id);
}
