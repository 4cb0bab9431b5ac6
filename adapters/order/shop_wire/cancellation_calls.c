/* Cancellations: made by the seller, searched, approved, rejected. */
#include "adapters/order/shop_wire/parts.h"

enum {
	BAD = 25001001,
	BAD_REASON = 25001014,
	SHIPPED = 25001045,
	NOT_THESE = 25005010,
	CANNOT_APPROVE = 25011012,
};

/* --- words --- */

static const struct {
	const char *state, *wire;
} cancel_status[] = {
	{"pending", "CANCELLATION_REQUEST_PENDING"},
	{"approved", "CANCELLATION_REQUEST_SUCCESS"},
	{"complete", "CANCELLATION_REQUEST_COMPLETE"},
	{"rejected", "CANCELLATION_REQUEST_CANCELLED"},
};
enum { N_STATUS = sizeof(cancel_status) / sizeof(cancel_status[0]) };

const char *cancel_status_of(struct str state)
{
	for (size_t i = 0; i < N_STATUS; i++)
		if (str_is(state, cancel_status[i].state))
			return cancel_status[i].wire;
	return "CANCELLATION_REQUEST_PENDING";
}

/* The filter's own spelling of the last one is taken too. */
static struct str as_state(struct visit *v, struct str wire)
{
	(void)v;
	if (str_is(wire, "CANCELLATION_REQUEST_CANCEL"))
		return S("rejected");
	for (size_t i = 0; i < N_STATUS; i++)
		if (str_is(wire, cancel_status[i].wire))
			return str_of(cancel_status[i].state);
	return S("-");
}

/* A buyer's own word suffices in the first hour and before payment; later the seller has to agree.
 */
#define TYPE_OF                                                                                    \
	"iif(role = 'BUYER' and (state in ('pending', 'rejected') or reviewed), 'BUYER_CANCEL', "  \
	"'CANCEL')"

/* --- one of them --- */

/* Of some pieces, or of all that were not cancelled before; gives the sums of what was written. */
static struct split write_items(struct visit *v, int64_t cancellation, struct str number, bool paid)
{
	struct sql_query *q = sql_query(v->sql,
		"select item.id, sku, item.price, tax, item.position, title, variant from item"
		" join product using (sku) join cancellation c on c.id = ?1"
		" where item.order_number = ?2 and iif(c.partial, cancellation = ?1, cancellation "
		"is null)"
		" order by item.position");
	struct split sum = {0};

	sql_bind_int(q, cancellation);
	sql_bind_text(q, number);
	json_out_key(v->out, "cancel_line_items");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		struct split one = {sql_int(q, "price"), 0, sql_int(q, "tax")};

		out_piece(v, "cancel_line_item_id", ID_CANCEL_LINE, cancellation,
			paid ? &one : NULL, q);
		sum.subtotal += one.subtotal;
		sum.tax += one.tax;
	}
	sql_end(q);
	json_out_close(v->out, ']');
	return sum;
}

static void write_cancellation(struct visit *v, int64_t id)
{
	struct sql_query *q = sql_query(v->sql,
		"select c.*, " TYPE_OF " as type, (select amount from refund r where"
		" r.cancellation = c.id) as amount from wire_cancellation c where c.id = ?");
	struct str number, reason;
	struct split split;
	int64_t amount;

	sql_bind_int(q, id);
	if (!sql_next(q)) {
		sql_end(q);
		return;
	}
	number = sql_copy(q, v->arena, "order_number");
	reason = reason_name(v->arena, sql_copy(q, v->arena, "reason"), false, false);
	amount = sql_int(q, "amount");
	json_out_open(v->out, '{');
	out_id(v->out, "cancel_id", ID_CANCEL, id);
	json_out_member(v->out, "order_id", wire_order_id(v->arena, number));
	json_out_member(v->out, "cancel_type", sql_text(q, "type"));
	json_out_member(v->out, "cancel_status", str_of(cancel_status_of(sql_text(q, "state"))));
	json_out_member(v->out, "role", sql_text(q, "role"));
	json_out_member(v->out, "cancel_reason", reason);
	json_out_member(v->out, "cancel_reason_text", reason_text(v->arena, reason));
	json_out_member_int(v->out, "create_time", sql_int(q, "created"));
	json_out_member_int(v->out, "update_time", sql_int(q, "updated"));
	if (!sql_is_null(q, "deadline"))
		out_seller_action(v->out, "SELLER_RESPOND_CANCEL", sql_int(q, "deadline"));
	sql_end(q);
	split = write_items(v, id, number, amount);
	split.shipping = amount - split.subtotal - split.tax;
	if (split.shipping < 0)
		split = (struct split){.subtotal = amount};
	if (amount) /* nothing was paid: nothing is told of a refund */
		out_refund(v->out, "refund_amount", &split);
	json_out_close(v->out, '}');
}

/* --- search --- */

#define FILTER AFTERSALE_FILTER(TYPE_OF, "state")

void cancellations_search(struct visit *v)
{
	static const struct listing listing = {
		.rule = {1, 50, 10, false},
		.name = "cancellations",
		.rows = "select row, sort_key, '' as name from"
			" (select *, id as row, iif(?10, updated, created) as sort_key"
			"  from wire_cancellation)"
			" where " FILTER
			" and (?11 = 0 or (?12 * sort_key, ?12 * row) > (?13, ?14))"
			" order by ?12 * sort_key, ?12 * row limit ?15",
		.count = "select count(*) from wire_cancellation where " FILTER,
		.bind = aftersale_filter_bind,
		.write = write_cancellation,
	};
	static const struct aftersale_fields names = {
		"cancel_ids", "cancel_types", "cancel_status"};
	struct aftersale_filter filter;
	struct page page;

	if (page_read(v, &listing.rule, &page) &&
		aftersale_filter_read(v, &names, as_cancellation, as_state, &filter))
		page_answer(v, &listing, &page, &filter);
}

/* --- the seller cancels --- */

static const struct refusal refusal[] = {
	[SELLER_TOO_LATE] = {SHIPPED, "The order has been shipped and cannot be cancelled"},
	[SELLER_NOT_NOW] = {CANNOT_APPROVE, "The request cannot be handled in its current status"},
	[SELLER_BAD_ITEM] = {NOT_THESE, "These line items cannot be cancelled"},
};

static bool may_be_cancelled(struct visit *v, const struct order *o)
{
	enum cancel_rule rule = order_rule[o->status].cancel;

	if (cancellation_of_order(v->shop, o->number) && o->status != CANCELLED)
		return aftersale_refuse(v, refusal, SELLER_BUSY);
	if (rule == CANCEL_SHIPPED || o->status == DELIVERED)
		return aftersale_refuse(v, refusal, SELLER_TOO_LATE);
	return (rule != CANCEL_DONE_ALREADY && rule != CANCEL_DELIVERED) ||
	       aftersale_refuse(v, refusal, SELLER_OVER);
}

void cancellations_create(struct visit *v)
{
	struct chosen *chosen = arena_new_of(v->arena, struct chosen);
	struct str order_id, reason;
	enum seller_answer did;
	struct order o;
	int64_t id = 0;

	if (!body_text_needed(v, "order_id", &order_id) ||
		!body_text_needed(v, "cancel_reason", &reason))
		return;
	if (!order_read(v->shop, v->arena, number_of_id(v->arena, order_id), &o)) {
		(void)aftersale_refuse(v, refusal, SELLER_UNKNOWN);
		return;
	}
	if (!body_items(v, o.number, chosen) || !may_be_cancelled(v, &o) ||
		!reason_accept(v, REASON_SELLER_CANCELS, reason, o.status, "Invalid cancel reason"))
		return;
	if (!chosen->all && !str_is(reason, "seller_cancel_reason_out_of_stock")) {
		(void)aftersale_refuse(v, refusal, SELLER_BAD_ITEM);
		return;
	}
	did = chosen->all ? seller_cancel(v->shop, o.number, reason, &id)
			  : seller_cancel_pieces(
				    v->shop, o.number, reason, chosen->item, chosen->n, &id);
	if (did != SELLER_DONE) {
		(void)aftersale_refuse(v, refusal, did);
		return;
	}
	json_out_start(v->out, '{');
	out_id(v->out, "cancel_id", ID_CANCEL, id);
	json_out_member(v->out, "cancel_status",
		str_of(cancel_status_of(o.paid ? S("approved") : S("complete"))));
	json_out_close(v->out, '}');
}

/* --- the seller answers --- */

static void answer_buyer(struct visit *v, bool yes, struct str why)
{
	enum seller_answer did;
	int64_t id;

	if (!id_own(ID_CANCEL, v->id[0], &id))
		did = SELLER_UNKNOWN;
	else
		did = seller_answer_cancellation(
			v->shop, id, yes, arena_cstr(v->arena, reason_text(v->arena, why)));
	if (did == SELLER_UNKNOWN)
		(void)visit_refuse(v, BAD, "Invalid parameter: cancel_id");
	else if (did != SELLER_DONE)
		(void)aftersale_refuse(v, refusal, did);
}

void cancellations_approve(struct visit *v)
{
	answer_buyer(v, true, S(""));
}

void cancellations_reject(struct visit *v)
{
	struct str reason, comment;

	if (!body_text_needed(v, "reject_reason", &reason) || !body_text(v, "comment", &comment))
		return;
	if (!reject_reason_known(false, reason)) {
		(void)visit_refuse(v, BAD_REASON, "Invalid reject reason");
		return;
	}
	answer_buyer(v, false, reason);
}
