/* Returns and refunds: shown and searched. */
#include "adapters/order/shop_wire/parts.h"

#define ADDRESS "Juniper & Finch Returns, 18 Mill Road, Reno, NV 89501, United States"

/* --- words --- */

static const struct {
	const char *state, *wire;
} return_status[] = {
	{"waiting_seller", "RETURN_OR_REFUND_REQUEST_PENDING"},
	{"offered", "AWAITING_BUYER_RESPONSE"},
	{"send_it", "AWAITING_BUYER_SHIP"},
	{"on_its_way", "BUYER_SHIPPED_ITEM"},
	{"approved", "RETURN_OR_REFUND_REQUEST_SUCCESS"},
	{"paid", "RETURN_OR_REFUND_REQUEST_COMPLETE"},
	{"rejected", "REFUND_OR_RETURN_REQUEST_REJECT"},
	{"closed", "RETURN_OR_REFUND_REQUEST_CANCEL"},
};

/* A parcel that was on its way is refused in another word than the wish to send it. */
const char *return_status_of(struct str state, bool travelled)
{
	if (travelled && str_is(state, "rejected"))
		return "REJECT_RECEIVE_PACKAGE";
	for (size_t i = 0; i < sizeof(return_status) / sizeof(return_status[0]); i++)
		if (str_is(state, return_status[i].state))
			return return_status[i].wire;
	return "RETURN_OR_REFUND_REQUEST_PENDING";
}

/* --- one of them --- */

struct shown {
	struct str number, state, type, reason, method, tracking;
	int64_t id, deadline, amount, offer;
	bool keeps;
};

static void write_action(struct visit *v, const struct shown *r)
{
	if (str_is(r->state, "on_its_way"))
		out_seller_action(v->out, "SELLER_RESPOND_RECEIVE_PACKAGE", r->deadline);
	else if (str_is(r->state, "waiting_seller"))
		out_seller_action(v->out,
			str_is(r->type, "REFUND") ? "SELLER_RESPOND_REFUND"
						  : "SELLER_RESPOND_RETURN",
			r->deadline);
}

static void write_transport(struct visit *v, const struct shown *r)
{
	bool label = str_is(r->method, "label");

	if (str_is(r->type, "REFUND"))
		return;
	json_out_member(v->out, "shipment_type", label ? S("PLATFORM") : S("BUYER_ARRANGE"));
	if (label)
		json_out_member(v->out, "handover_method", S("DROP_OFF"));
	json_out_member(
		v->out, "return_method", label ? S("PLATFORM_SHIPPED") : S("BUYER_SHIPPED"));
	if (r->tracking.n) {
		json_out_member(v->out, "return_tracking_number", r->tracking);
		json_out_member(v->out, "return_provider_id", S("7117858858072016686"));
		json_out_member(v->out, "return_provider_name", S("Redwood Parcel"));
	}
	if (label)
		json_out_member(v->out, "return_shipping_document_type", S("SHIPPING_LABEL"));
	json_out_key(v->out, "return_warehouse_address");
	json_out_open(v->out, '{');
	json_out_member(v->out, "full_address", S(ADDRESS));
	json_out_close(v->out, '}');
}

/* The pieces with their shares; what is above their prices and taxes is the shipping. */
static struct split write_items(struct visit *v, const struct shown *r)
{
	struct sql_query *q = sql_query(v->sql,
		"select item.id, sku, item.price, tax, position, title, variant from return_item"
		" join item on item.id = return_item.item join product using (sku)"
		" where of_return = ? order by position");
	struct split sum = {0};

	sql_bind_int(q, r->id);
	json_out_key(v->out, "return_line_items");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		struct split one = {sql_int(q, "price"), 0, sql_int(q, "tax")};

		out_piece(v, "return_line_item_id", ID_RETURN_LINE, r->id, &one, q);
		sum.subtotal += one.subtotal;
		sum.tax += one.tax;
	}
	sql_end(q);
	json_out_close(v->out, ']');
	sum.shipping = r->amount - sum.subtotal - sum.tax;
	if (sum.shipping < 0) /* a part of it was agreed on */
		sum = (struct split){.subtotal = r->amount};
	return sum;
}

static void write_offer(struct visit *v, const struct shown *r)
{
	if (!r->offer)
		return;
	json_out_member(v->out, "seller_proposed_return_type", S("PARTIAL_REFUND"));
	json_out_key(v->out, "partial_refund");
	json_out_open(v->out, '{');
	out_money(v->out, "amount", r->offer);
	json_out_member(v->out, "currency", S(CURRENCY));
	json_out_close(v->out, '}');
}

static void read_shown(struct visit *v, struct sql_query *q, struct shown *r)
{
	bool refund_only = str_is(sql_text(q, "type"), "REFUND");

	*r = (struct shown){
		.id = sql_int(q, "id"),
		.number = sql_copy(q, v->arena, "order_number"),
		.state = sql_copy(q, v->arena, "state"),
		.type = sql_copy(q, v->arena, "type"),
		.reason = reason_name(v->arena, sql_copy(q, v->arena, "reason"), true, refund_only),
		.method = sql_copy(q, v->arena, "method"),
		.tracking = sql_copy(q, v->arena, "tracking"),
		.deadline = sql_int(q, "deadline"),
		.amount = sql_int(q, "amount"),
		.offer = sql_int(q, "offer"),
		.keeps = sql_int(q, "keeps"),
	};
	if (!r->deadline)
		r->deadline = sql_int(q, "updated") + RETURN_TRAVELS + INSPECTION_TAKES;
}

static void write_return(struct visit *v, int64_t id)
{
	struct sql_query *q = sql_query(v->sql, "select * from returns where id = ?");
	struct split split;
	struct shown r;

	sql_bind_int(q, id);
	if (!sql_next(q)) {
		sql_end(q);
		return;
	}
	read_shown(v, q, &r);
	json_out_open(v->out, '{');
	out_id(v->out, "return_id", ID_RETURN, id);
	json_out_member(v->out, "order_id", wire_order_id(v->arena, r.number));
	json_out_member(v->out, "return_type", r.type);
	json_out_member(v->out, "return_status", str_of(return_status_of(r.state, r.tracking.n)));
	json_out_member(v->out, "role", sql_text(q, "role"));
	json_out_member(v->out, "return_reason", r.reason);
	json_out_member(v->out, "return_reason_text", reason_text(v->arena, r.reason));
	json_out_member_int(v->out, "create_time", sql_int(q, "created"));
	json_out_member_int(v->out, "update_time", sql_int(q, "updated"));
	sql_end(q);
	write_action(v, &r);
	write_transport(v, &r);
	write_offer(v, &r);
	split = write_items(v, &r);
	out_refund(v->out, "refund_amount", &split);
	json_out_member_bool(v->out, "can_buyer_keep_item", r.keeps);
	json_out_member_bool(v->out, "is_combined_return", false);
	json_out_member(v->out, "combined_return_id", S("0"));
	json_out_close(v->out, '}');
}

/* --- search --- */

struct filter {
	struct aftersale_filter both;
	struct str proposed, arbitration;
};

static bool read_filter(struct visit *v, struct filter *f)
{
	static const struct aftersale_fields names = {
		"return_ids", "return_types", "return_status"};

	return aftersale_filter_read(v, &names, as_return, NULL, &f->both) &&
	       body_list(v, "seller_proposed_return_type", NULL, &f->proposed) &&
	       body_list(v, "arbitration_status", NULL, &f->arbitration);
}

#define STATUS                                                                                     \
	"case state when 'waiting_seller' then 'RETURN_OR_REFUND_REQUEST_PENDING'"                 \
	" when 'offered' then 'AWAITING_BUYER_RESPONSE' when 'send_it' then 'AWAITING_BUYER_SHIP'" \
	" when 'on_its_way' then 'BUYER_SHIPPED_ITEM'"                                             \
	" when 'approved' then 'RETURN_OR_REFUND_REQUEST_SUCCESS'"                                 \
	" when 'paid' then 'RETURN_OR_REFUND_REQUEST_COMPLETE'"                                    \
	" when 'closed' then 'RETURN_OR_REFUND_REQUEST_CANCEL'"                                    \
	" else iif(tracking is null, 'REFUND_OR_RETURN_REQUEST_REJECT', 'REJECT_RECEIVE_PACKAGE')" \
	" end"
#define FILTER                                                                                     \
	AFTERSALE_FILTER("type", STATUS)                                                           \
	" and " IN("iif(offer is null, '', 'PARTIAL_REFUND')", "?10") " and ?11 = ''"

static void bind_filter(struct sql_query *q, const void *filter)
{
	const struct filter *f = filter;

	aftersale_filter_bind(q, &f->both);
	sql_bind_text(q, f->proposed);
	sql_bind_text(q, f->arbitration);
}

void returns_search(struct visit *v)
{
	static const struct listing listing = {
		.rule = {10, 50, 10, false},
		.name = "return_orders",
		.rows = "select row, sort_key, '' as name from"
			" (select returns.*, buyer, returns.id as row,"
			"  iif(?12, updated, returns.created) as sort_key"
			"  from returns join (select number, buyer from orders)"
			"  on number = order_number)"
			" where " FILTER
			" and (?13 = 0 or (?14 * sort_key, ?14 * row) > (?15, ?16))"
			" order by ?14 * sort_key, ?14 * row limit ?17",
		.count = "select count(*) from returns"
			 " join (select number, buyer from orders) on number = order_number"
			 " where " FILTER,
		.bind = bind_filter,
		.write = write_return,
	};
	struct filter filter;
	struct page page;

	if (page_read(v, &listing.rule, &page) && read_filter(v, &filter))
		page_answer(v, &listing, &page, &filter);
}
