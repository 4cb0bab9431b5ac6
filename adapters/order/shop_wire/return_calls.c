/* Returns and refunds: made for a buyer, searched, approved, rejected, their history. */
#include "adapters/order/shop_wire/parts.h"

enum {
	BAD = 25001001,
	NOT_NOW = 25001003,
	IN_PROCESS = 25001011,
	BAD_REASON = 25001014,
	NOT_SELLERS = 25001015,
	WRONG_STATUS = 25001021,
	OVER = 25001051,
	NOT_THESE = 25005010,
	CANNOT_APPROVE = 25011013,
	MISMATCH = 25020004,
	NO_ORDER = 25020005,
};

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
	const char *action = NULL;
	int64_t deadline = r->deadline;

	if (str_is(r->state, "waiting_seller"))
		action = str_is(r->type, "REFUND") ? "SELLER_RESPOND_REFUND"
						   : "SELLER_RESPOND_RETURN";
	else if (str_is(r->state, "on_its_way"))
		action = "SELLER_RESPOND_RECEIVE_PACKAGE";
	if (!action)
		return;
	json_out_key(v->out, "seller_next_action_response");
	json_out_open(v->out, '[');
	json_out_open(v->out, '{');
	json_out_member(v->out, "action", str_of(action));
	json_out_member_int(v->out, "deadline", deadline);
	json_out_close(v->out, '}');
	json_out_close(v->out, ']');
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

static void write_item(
	struct visit *v, int64_t of_return, const struct split *split, struct sql_query *q)
{
	struct str sku = sql_text(q, "sku");

	json_out_open(v->out, '{');
	out_id(v->out, "return_line_item_id", ID_RETURN_LINE,
		of_return * 100 + sql_int(q, "position"));
	json_out_member(v->out, "order_line_item_id", id_of_item(v->arena, sql_text(q, "id")));
	json_out_member(v->out, "sku_id", id_of_name(v->arena, "sku", sku));
	json_out_member(v->out, "sku_name", sql_text(q, "variant"));
	json_out_member(v->out, "seller_sku", sku);
	json_out_member(v->out, "product_name", sql_text(q, "title"));
	out_picture(v->out, v->arena, sku);
	out_refund(v->out, "refund_amount", split);
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

		write_item(v, r->id, &one, q);
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
	struct str ids, orders, buyers, types, states, proposed, arbitration, locale;
	struct time_range created, updated;
};

static bool read_filter(struct visit *v, struct filter *f)
{
	return body_list(v, "return_ids", as_return, &f->ids) &&
	       body_list(v, "order_ids", as_number, &f->orders) &&
	       body_list(v, "buyer_user_ids", as_buyer, &f->buyers) &&
	       body_list(v, "return_types", NULL, &f->types) &&
	       body_list(v, "return_status", NULL, &f->states) &&
	       body_list(v, "seller_proposed_return_type", NULL, &f->proposed) &&
	       body_list(v, "arbitration_status", NULL, &f->arbitration) &&
	       body_range(v, "create_time", &f->created) &&
	       body_range(v, "update_time", &f->updated) && body_text(v, "locale", &f->locale);
}

#define IN(column, mark)                                                                           \
	"(" mark " = '' or " column " in (select value from json_each(iif(" mark                   \
	" = '', '[]', " mark "))))"
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
	IN("cast(id as text)", "?1")                                                               \
	" and " IN("order_number", "?2") " and " IN("buyer", "?3") " and " IN(                     \
		"type", "?4") " and " IN(STATUS,                                                   \
		"?5") " and " IN("iif(offer is null, '', 'PARTIAL_REFUND')",                       \
		"?6") " and ?7 = '' and created >= ?8 and created < ?9 and updated >= ?10 and "    \
		      "updated < ?11"

static void bind_filter(struct sql_query *q, const struct filter *f)
{
	sql_bind_text(q, f->ids);
	sql_bind_text(q, f->orders);
	sql_bind_text(q, f->buyers);
	sql_bind_text(q, f->types);
	sql_bind_text(q, f->states);
	sql_bind_text(q, f->proposed);
	sql_bind_text(q, f->arbitration);
	sql_bind_int(q, f->created.from);
	sql_bind_int(q, f->created.to);
	sql_bind_int(q, f->updated.from);
	sql_bind_int(q, f->updated.to);
}

void returns_search(struct visit *v)
{
	static const struct page_rule rule = {10, 50, 10, false};
	struct sql_query *q, *count;
	struct filter filter;
	struct page page;
	struct hits hits;

	if (!page_read(v, &rule, &page) || !read_filter(v, &filter))
		return;
	q = sql_query(v->sql,
		"select row, sort_key, '' as name from"
		" (select returns.*, buyer, returns.id as row,"
		"  iif(?12, updated, returns.created) as sort_key"
		"  from returns join (select number, buyer from orders) on number = order_number)"
		" where " FILTER " and (?13 = 0 or (?14 * sort_key, ?14 * row) > (?15, ?16))"
		" order by ?14 * sort_key, ?14 * row limit ?17");
	bind_filter(q, &filter);
	sql_bind_bool(q, page.by_update);
	page_bind(q, &page);
	hits = page_hits(v, &page, q);
	count = sql_query(v->sql,
		"select count(*) from returns"
		" join (select number, buyer from orders) on number = order_number where " FILTER);
	bind_filter(count, &filter);
	json_out_start(v->out, '{');
	json_out_key(v->out, "return_orders");
	json_out_open(v->out, '[');
	for (size_t i = 0; i < hits.n; i++)
		write_return(v, hits.row[i]);
	json_out_close(v->out, ']');
	json_out_member(v->out, "next_page_token", hits.next);
	json_out_member_int(v->out, "total_count", sql_number(count));
	json_out_close(v->out, '}');
}

/* --- the seller makes one for the buyer --- */

static const struct {
	int code;
	const char *message;
} refusal[] = {
	[SELLER_UNKNOWN] = {NO_ORDER, "No permission for this order"},
	[SELLER_BUSY] = {IN_PROCESS, "there are processing reverse order exists"},
	[SELLER_TOO_LATE] = {NOT_NOW, "invalid order status"},
	[SELLER_OVER] = {OVER, "The order is completed or cancelled"},
	[SELLER_NOT_NOW] = {NOT_NOW, "invalid order status"},
	[SELLER_BAD_ITEM] = {NOT_THESE, "These line items cannot be returned"},
	[SELLER_BAD_AMOUNT] = {BAD, "Invalid parameter: refund_total"},
};

static bool reason_is_good(
	struct visit *v, enum reason_for what, struct str reason, enum order_status status)
{
	switch (reason_fits(what, reason, status)) {
	case REASON_FITS:
		return true;
	case REASON_UNKNOWN:
		return visit_refuse(v, BAD_REASON, "Invalid return reason");
	case REASON_NOT_SELLERS:
		return visit_refuse(v, NOT_SELLERS, "The reason is not applicable to sellers");
	case REASON_OTHER_STATUS:
		break;
	}
	return visit_refuse(v, WRONG_STATUS, "Reason not match order status");
}

/* What a body of create return says, before the shop is asked. */
struct asked {
	struct str order_id, type, reason, total, currency, shipment, handover;
	bool refund_only;
	int64_t amount;
};

static bool read_asked(struct visit *v, struct asked *a)
{
	if (!body_text_needed(v, "order_id", &a->order_id) ||
		!body_text_needed(v, "return_type", &a->type) ||
		!body_text_needed(v, "return_reason", &a->reason) ||
		!body_text_needed(v, "refund_total", &a->total) ||
		!body_text_needed(v, "currency", &a->currency) ||
		!body_text(v, "shipment_type", &a->shipment) ||
		!body_text(v, "handover_method", &a->handover))
		return false;
	a->refund_only = str_is(a->type, "REFUND");
	if (!a->refund_only && !str_is(a->type, "RETURN_AND_REFUND"))
		return visit_refuse(v, BAD, "Invalid parameter: return_type");
	if (!str_is(a->currency, CURRENCY) || !money_minor(a->total, a->currency, &a->amount))
		return visit_refuse(v, BAD, "Invalid parameter: refund_total, currency");
	if (a->shipment.n && !str_is(a->shipment, "PLATFORM") &&
		!str_is(a->shipment, "BUYER_ARRANGE"))
		return visit_refuse(v, BAD, "Invalid parameter: shipment_type");
	if (a->handover.n && !str_is(a->handover, "DROP_OFF") && !str_is(a->handover, "PICKUP"))
		return visit_refuse(v, BAD, "Invalid parameter: handover_method");
	return true;
}

static bool make_return(struct visit *v, const struct asked *a, const struct order *o, int64_t *id)
{
	struct chosen *chosen = arena_new_of(v->arena, struct chosen);
	struct seller_return wish = {
		.number = o->number,
		.reason = a->reason,
		.amount = a->amount,
		.refund_only = a->refund_only,
		.buyer_ships = str_is(a->shipment, "BUYER_ARRANGE"),
	};
	enum seller_answer did;

	if (!body_items(v, o->number, chosen))
		return false;
	wish.item = chosen->item;
	wish.n_items = chosen->n;
	if (o->status == DELIVERED && a->amount > seller_return_worth(v->shop, o->number, wish.item,
							  wish.n_items, reason_is_shops(a->reason)))
		return visit_refuse(
			v, BAD, "Invalid parameter: refund_total exceeds the refundable");
	did = seller_create_return(v->shop, &wish, id);
	return did == SELLER_DONE || visit_refuse(v, refusal[did].code, refusal[did].message);
}

void returns_create_call(struct visit *v)
{
	struct asked asked;
	struct order o;
	int64_t id = 0;

	if (!read_asked(v, &asked))
		return;
	if (!order_read(v->shop, v->arena, number_of_id(v->arena, asked.order_id), &o)) {
		(void)visit_refuse(v, NO_ORDER, refusal[SELLER_UNKNOWN].message);
		return;
	}
	if (o.status != DELIVERED) {
		enum seller_answer not =
			order_rule[o.status].group == GROUP_OVER ? SELLER_OVER : SELLER_NOT_NOW;

		(void)visit_refuse(v, refusal[not ].code, refusal[not ].message);
		return;
	}
	if (!reason_is_good(
		    v, asked.refund_only ? REASON_REFUND : REASON_RETURN, asked.reason, o.status) ||
		!make_return(v, &asked, &o, &id))
		return;
	json_out_start(v->out, '{');
	out_id(v->out, "return_id", ID_RETURN, id);
	json_out_member(v->out, "return_status",
		asked.refund_only ? S("RETURN_OR_REFUND_REQUEST_SUCCESS")
				  : S("AWAITING_BUYER_SHIP"));
	json_out_close(v->out, '}');
}

/* --- the seller answers --- */

static const struct {
	const char *word;
	bool approves;
	enum seller_decision decision;
} decision[] = {
	{"APPROVE_REFUND", true, SELLER_PAYS_BACK},
	{"APPROVE_RETURN", true, SELLER_TAKES_BACK},
	{"APPROVE_RECEIVED_PACKAGE", true, SELLER_HAS_IT},
	{"OFFER_PARTIAL_REFUND", true, SELLER_OFFERS_PART},
	{"REJECT_REFUND", false, SELLER_REFUSES_REFUND},
	{"REJECT_RETURN", false, SELLER_REFUSES_RETURN},
	{"REJECT_RECEIVED_PACKAGE", false, SELLER_REFUSES_PARCEL},
};

/* Decisions about replacements are known, but the demo shop has none. */
static bool read_decision(struct visit *v, bool approves, enum seller_decision *wanted)
{
	struct str word;

	if (!body_text_needed(v, "decision", &word))
		return false;
	for (size_t i = 0; i < sizeof(decision) / sizeof(decision[0]); i++)
		if (str_is(word, decision[i].word) && decision[i].approves == approves) {
			*wanted = decision[i].decision;
			return true;
		}
	if (str_find(word, S("REPLACEMENT")) >= 0)
		return visit_refuse(v, MISMATCH, "The decision does not match the return type");
	return visit_refuse(v, BAD, "Invalid parameter: decision");
}

static void decide(struct visit *v, enum seller_decision wanted, int64_t part, struct str why)
{
	enum seller_answer did = SELLER_UNKNOWN;
	int64_t id;

	if (id_own(ID_RETURN, v->id[0], &id))
		did = seller_decide_return(v->shop, id, wanted, part,
			arena_cstr(v->arena, reason_text(v->arena, why)));
	if (did == SELLER_UNKNOWN)
		(void)visit_refuse(v, BAD, "Invalid parameter: return_id");
	else if (did == SELLER_MISMATCH)
		(void)visit_refuse(v, MISMATCH, "The decision does not match the return type");
	else if (did == SELLER_BAD_AMOUNT)
		(void)visit_refuse(v, BAD, "Invalid parameter: partial_refund");
	else if (did != SELLER_DONE)
		(void)visit_refuse(
			v, CANNOT_APPROVE, "The request cannot be handled in its current status");
}

static bool read_part(struct visit *v, int64_t *part)
{
	const struct json *node = v->body ? json_get(v->body, "partial_refund") : NULL;

	*part = 0;
	return (str_is(json_text(json_get(node, "currency")), CURRENCY) &&
		       money_minor(json_text(json_get(node, "amount")), S(CURRENCY), part)) ||
	       visit_refuse(v, BAD, "Invalid parameter: partial_refund");
}

void returns_approve(struct visit *v)
{
	enum seller_decision wanted;
	int64_t part = 0;
	int keeps;

	if (!read_decision(v, true, &wanted) || !body_bool(v, "buyer_keep_item", &keeps))
		return;
	if (keeps > 0 && wanted != SELLER_TAKES_BACK) {
		(void)visit_refuse(v, BAD, "Invalid parameter: buyer_keep_item");
		return;
	}
	if (keeps > 0)
		wanted = SELLER_LETS_KEEP;
	if (wanted == SELLER_OFFERS_PART && !read_part(v, &part))
		return;
	decide(v, wanted, part, S(""));
}

void returns_reject(struct visit *v)
{
	enum seller_decision wanted;
	struct str reason, comment;

	if (!read_decision(v, false, &wanted) || !body_text_needed(v, "reject_reason", &reason) ||
		!body_text(v, "comment", &comment))
		return;
	if (!reject_reason_known(true, reason)) {
		(void)visit_refuse(v, BAD_REASON, "Invalid reject reason");
		return;
	}
	decide(v, wanted, 0, reason);
}

/* --- history --- */

static const struct {
	const char *state, *role, *description;
} record[] = {
	{"waiting_seller", "BUYER", "The buyer asked for a return or refund"},
	{"offered", "SELLER", "The seller offered a part of the price"},
	{"send_it", "SELLER", "The return was accepted; the buyer has to send the parcel"},
	{"on_its_way", "BUYER", "The buyer sent the parcel"},
	{"approved", "SELLER", "The refund was approved"},
	{"paid", "SYSTEM", "The refund was paid out"},
	{"rejected", "SELLER", "The request was rejected"},
	{"closed", "SYSTEM", "The request was closed"},
};

static void write_record(struct visit *v, struct str reason, bool first, struct sql_query *q)
{
	struct str state = sql_text(q, "state");

	json_out_open(v->out, '{');
	json_out_member(v->out, "event", S("ORDER_RETURN"));
	for (size_t i = 0; i < sizeof(record) / sizeof(record[0]); i++)
		if (str_is(state, record[i].state)) {
			json_out_member(v->out, "role",
				first ? sql_text(q, "role") : str_of(record[i].role));
			json_out_member(v->out, "description", str_of(record[i].description));
		}
	if (first)
		json_out_member(v->out, "reason_text", reason_text(v->arena, reason));
	json_out_member_if(v->out, "note", sql_text(q, "note"));
	json_out_member_int(v->out, "create_time", sql_int(q, "at"));
	json_out_close(v->out, '}');
}

void returns_records(struct visit *v)
{
	struct str reason = {0};
	struct sql_query *q;
	bool first = true;
	int64_t id = -1;

	if (!id_own(ID_RETURN, v->id[0], &id))
		id = -1;
	q = sql_query(v->sql,
		"select return_step.at, return_step.state, return_step.note, role, returns.reason,"
		" type from return_step join returns on returns.id = of_return"
		" where of_return = ? order by return_step.rowid");
	sql_bind_int(q, id);
	json_out_start(v->out, '{');
	json_out_key(v->out, "records");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		if (first)
			reason = reason_name(v->arena, sql_copy(q, v->arena, "reason"), true,
				str_is(sql_text(q, "type"), "REFUND"));
		write_record(v, reason, first, q);
		first = false;
	}
	sql_end(q);
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
	if (first)
		(void)visit_refuse(v, BAD, "Invalid parameter: return_id");
}

/* --- why a seller may say no --- */

static const char *const reject_cancel[] = {
	"ecom_reverse_reject_refund_request_package_delivery_multiple_boxes",
	"seller_reject_apply_unable_to_change_address",
	"ecom_reverse_reject_cancel_reason_product_packed", NULL};
static const char *const reject_return[] = {"reverse_reject_request_reason_3",
	"reverse_reject_request_reason_4", "reverse_reject_refund_request_correct_item",
	"reverse_reject_refund_request_package_delivery_multiple_boxes",
	"reverse_reject_refund_request_unclear_evidence",
	"reverse_reject_refund_request_product_function_well",
	"reverse_reject_refund_request_package_delivery_timing",
	"reverse_reject_refund_request_no_reason_shipped_replacement",
	"reverse_reject_refund_request_no_reason_failed_delivery_attempt",
	"reverse_reject_refund_request_incorrect_address", NULL};

bool reject_reason_known(bool of_return, struct str name)
{
	const char *const *list = of_return ? reject_return : reject_cancel;

	for (; *list; list++)
		if (str_is(name, *list))
			return true;
	return false;
}

static struct str reject_text(struct visit *v, const char *name)
{
	if (str_is(str_of(name), "reverse_reject_request_reason_3"))
		return S("The items are not eligible or were used");
	if (str_is(str_of(name), "reverse_reject_request_reason_4"))
		return S("The delivery is on schedule");
	return reason_text(
		v->arena, str_sub(str_of(name),
				  str_starts(str_of(name), S("reverse_reject_")) ? 15 : 0, 200));
}

static bool exists(struct sql_query *count, int64_t id)
{
	sql_bind_int(count, id);
	return sql_number(count);
}

void reject_reasons(struct visit *v)
{
	struct str id = visit_param(v, "return_or_cancel_id");
	const char *const *list = NULL;
	int64_t own;

	if (!id.n) {
		(void)visit_bad(v, "return_or_cancel_id", "is needed.");
		return;
	}
	if (id_own(ID_CANCEL, id, &own) &&
		exists(sql_query(v->sql, "select count(*) from cancellation where id = ?"), own))
		list = reject_cancel;
	else if (id_own(ID_RETURN, id, &own) &&
		 exists(sql_query(v->sql, "select count(*) from returns where id = ?"), own))
		list = reject_return;
	if (!list) {
		(void)visit_refuse(v, BAD, "Invalid parameter: return_or_cancel_id");
		return;
	}
	json_out_start(v->out, '{');
	json_out_key(v->out, "reasons");
	json_out_open(v->out, '[');
	for (; *list; list++) {
		json_out_open(v->out, '{');
		json_out_member(v->out, "name", str_of(*list));
		json_out_member(v->out, "text", reject_text(v, *list));
		json_out_close(v->out, '}');
	}
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}
