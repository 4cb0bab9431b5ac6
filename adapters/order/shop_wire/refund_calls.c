/* What may be cancelled or sent back, and how much would come back. */
#include "adapters/order/shop_wire/parts.h"

enum {
	BAD = 25001001,
	NOT_NOW = 25001003,
	IN_PROCESS = 25001011,
	BAD_REASON = 25001014,
	WRONG_STATUS = 25001021,
	SHIPPED = 25001045,
	OVER = 25001051,
	NOT_THESE = 25005010,
	NO_ORDER = 25020005,
};

/* --- what would be said to a request --- */

struct verdict {
	int code; /* 0: it may be made */
	const char *reason;
};

static struct verdict judge_cancel(
	struct visit *v, const struct order *o, const struct item *item, bool buyer)
{
	if (o->status == CANCELLED || o->status == COMPLETED || item->cancelled)
		return (struct verdict){OVER, "The order is completed or cancelled"};
	if (order_rule[o->status].cancel == CANCEL_SHIPPED || o->status == DELIVERED)
		return (struct verdict){SHIPPED, "The order has been shipped"};
	if (cancellation_of_order(v->shop, o->number))
		return (struct verdict){IN_PROCESS, "there are processing reverse order exists"};
	if (buyer && str_is(o->may_cancel, "never") && o->status == AWAITING_SHIPMENT)
		return (struct verdict){NOT_NOW, "The item is made to order"};
	return (struct verdict){0};
}

static struct verdict judge_return(const struct order *o, const struct item *item)
{
	if (o->status == CANCELLED || o->status == COMPLETED)
		return (struct verdict){OVER, "The order is completed or cancelled"};
	if (o->status != DELIVERED)
		return (struct verdict){NOT_NOW, "invalid order status"};
	if (item->returning)
		return (struct verdict){IN_PROCESS, "there are processing reverse order exists"};
	if (item->why)
		return (struct verdict){NOT_THESE, item->why};
	return (struct verdict){0};
}

/* --- eligibility --- */

static const struct request_type {
	const char *word;
	enum reason_for reasons;
} request_type[] = {
	{"CANCEL", REASON_SELLER_CANCELS},
	{"RETURN_AND_REFUND", REASON_RETURN},
	{"REFUND", REASON_REFUND},
};
enum { N_TYPES = sizeof(request_type) / sizeof(request_type[0]) };

static void write_reasons(
	struct buf *out, const struct request_type *type, enum order_status status)
{
	const char *const *name = reason_list(type->reasons, status);

	json_out_key(out, "available_reason_names");
	json_out_open(out, '[');
	for (; *name; name++)
		json_out_text(out, str_of(*name));
	json_out_close(out, ']');
}

struct asking {
	const struct order *order;
	bool buyer, newer;
};

static void write_line(struct visit *v, const struct asking *a, const struct request_type *type,
	const struct item *item)
{
	struct verdict verdict = type->reasons == REASON_SELLER_CANCELS
					 ? judge_cancel(v, a->order, item, a->buyer)
					 : judge_return(a->order, item);

	json_out_open(v->out, '{');
	json_out_member(v->out, "request_type", str_of(type->word));
	json_out_member_bool(v->out, "eligible", !verdict.code);
	if (verdict.code) {
		json_out_member_int(v->out, "ineligible_code", verdict.code);
		json_out_member(v->out, "ineligible_reason", str_of(verdict.reason));
	} else if (a->newer) {
		write_reasons(v->out, type, a->order->status);
	}
	json_out_key(v->out, "order_line_items_ids");
	json_out_open(v->out, '[');
	json_out_text(v->out, id_of_item(v->arena, item->id));
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}

static struct str sku_of_item(struct visit *v, struct str item)
{
	struct sql_query *q = sql_query(v->sql, "select sku from item where id = ?");
	struct str sku = {0};

	sql_bind_text(q, item);
	if (sql_next(q))
		sku = sql_copy(q, v->arena, "sku");
	sql_end(q);
	return sku;
}

static bool is_wanted(const struct visit *v, const struct request_type *type)
{
	struct str rest = visit_param(v, "request_types");

	if (!rest.n)
		return true;
	while (rest.n)
		if (str_is(str_cut(&rest, ','), type->word))
			return true;
	return false;
}

/* All pieces of one sku stand together, at the place of the first. */
static void write_sku(struct visit *v, const struct asking *a, const struct items *items,
	const struct str *sku, size_t at)
{
	json_out_open(v->out, '{');
	json_out_member(v->out, "sku_id", id_of_name(v->arena, "sku", sku[at]));
	json_out_key(v->out, "line_item_eligibility");
	json_out_open(v->out, '[');
	for (size_t t = 0; t < N_TYPES; t++)
		for (size_t i = at; i < items->n && is_wanted(v, &request_type[t]); i++)
			if (str_eq(sku[i], sku[at]))
				write_line(v, a, &request_type[t], &items->item[i]);
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}

static bool was_before(const struct str *sku, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(sku[i], sku[at]))
			return true;
	return false;
}

void aftersale_eligibility(struct visit *v)
{
	struct str user = visit_param(v, "initiate_aftersale_user"), *sku;
	struct asking asking = {
		.buyer = str_is(user, "BUYER"), .newer = !str_is(v->version, "202309")};
	struct items items;
	struct order o;

	if (user.n && !asking.buyer && !str_is(user, "SELLER")) {
		(void)visit_bad(v, "initiate_aftersale_user", "must be SELLER or BUYER.");
		return;
	}
	if (!order_read(v->shop, v->arena, number_of_id(v->arena, v->id[0]), &o)) {
		(void)visit_refuse(v, NO_ORDER, "No permission for this order");
		return;
	}
	asking.order = &o;
	items = items_read(v->shop, v->arena, &o);
	sku = arena_array(v->arena, struct str, items.n + 1);
	for (size_t i = 0; i < items.n; i++)
		sku[i] = sku_of_item(v, items.item[i].id);
	json_out_start(v->out, '{');
	json_out_key(v->out, "sku_eligibility");
	json_out_open(v->out, '[');
	for (size_t i = 0; i < items.n; i++)
		if (!was_before(sku, i))
			write_sku(v, &asking, &items, sku, i);
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}

/* --- how much --- */

static struct split worth_of(struct visit *v, const struct order *o, const struct chosen *chosen)
{
	struct items items = items_read(v->shop, v->arena, o);
	struct split split = {0};

	for (size_t i = 0; i < items.n; i++)
		for (size_t k = 0; k < chosen->n; k++)
			if (str_eq(items.item[i].id, chosen->item[k])) {
				split.subtotal += items.item[i].price;
				split.tax += items.item[i].tax;
			}
	return split;
}

/* Never more than was paid and is not going back yet. */
static void clip(struct split *split, int64_t room)
{
	int64_t over = split->subtotal + split->shipping + split->tax - (room > 0 ? room : 0);
	int64_t *part[] = {&split->shipping, &split->tax, &split->subtotal};

	for (size_t i = 0; i < 3 && over > 0; i++) {
		int64_t less = *part[i] < over ? *part[i] : over;

		*part[i] -= less;
		over -= less;
	}
}

static void write_worth(struct visit *v, const struct split *split)
{
	json_out_start(v->out, '{');
	json_out_key(v->out, "order_refund_amount");
	json_out_open(v->out, '{');
	json_out_member(v->out, "currency", S(CURRENCY));
	out_money(v->out, "refund_total", split->subtotal + split->shipping + split->tax);
	out_money(v->out, "refund_subtotal", split->subtotal);
	out_money(v->out, "refund_shipping_fee", split->shipping);
	out_money(v->out, "refund_tax", split->tax);
	out_money(v->out, "retail_delivery_fee", 0);
	json_out_close(v->out, '}');
	json_out_close(v->out, '}');
}

static bool may_ask(struct visit *v, const struct order *o, bool cancel, struct str reason,
	enum reason_for what)
{
	struct item any = {0};
	struct verdict verdict = cancel ? judge_cancel(v, o, &any, false) : judge_return(o, &any);

	if (verdict.code)
		return visit_refuse(v, verdict.code, verdict.reason);
	switch (reason_fits(what, reason, o->status)) {
	case REASON_FITS:
		return true;
	case REASON_OTHER_STATUS:
		return visit_refuse(v, WRONG_STATUS, "Reason not match order status");
	case REASON_UNKNOWN:
	case REASON_NOT_SELLERS:
		break;
	}
	return !reason.n || visit_refuse(v, BAD_REASON, "Invalid parameter: reason_name");
}

void refunds_calculate(struct visit *v)
{
	struct chosen *chosen = arena_new_of(v->arena, struct chosen);
	struct str order_id, type, reason;
	const struct request_type *asked = NULL;
	struct split split;
	struct order o;

	if (!body_text_needed(v, "order_id", &order_id) ||
		!body_text_needed(v, "request_type", &type) ||
		!body_text(v, "reason_name", &reason))
		return;
	for (size_t i = 0; i < N_TYPES; i++)
		if (str_is(type, request_type[i].word))
			asked = &request_type[i];
	if (!asked) {
		(void)visit_refuse(v, BAD, "Invalid parameter: request_type");
		return;
	}
	if (!order_read(v->shop, v->arena, number_of_id(v->arena, order_id), &o)) {
		(void)visit_refuse(v, NO_ORDER, "No permission for this order");
		return;
	}
	if (!body_items(v, o.number, chosen) ||
		!may_ask(v, &o, asked->reasons == REASON_SELLER_CANCELS, reason, asked->reasons))
		return;
	split = worth_of(v, &o, chosen);
	if (chosen->all && (asked->reasons == REASON_SELLER_CANCELS || reason_is_shops(reason)))
		split.shipping = o.shipping;
	clip(&split, refund_room(v->shop, &o));
	write_worth(v, &split);
}
