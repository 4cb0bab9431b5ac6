/* What a seller does about returns: makes one for a buyer, approves, offers a part, rejects. */
#include "adapters/order/shop_wire/parts.h"

enum {
	BAD = 25001001,
	NOT_NOW = 25001003,
	BAD_REASON = 25001014,
	NOT_THESE = 25005010,
	CANNOT_APPROVE = 25011013,
	MISMATCH = 25020004,
};

/* --- the seller makes one for the buyer --- */

static const struct refusal refusal[] = {
	[SELLER_TOO_LATE] = {NOT_NOW, "invalid order status"},
	[SELLER_NOT_NOW] = {NOT_NOW, "invalid order status"},
	[SELLER_BAD_ITEM] = {NOT_THESE, "These line items cannot be returned"},
	[SELLER_BAD_AMOUNT] = {BAD, "Invalid parameter: refund_total"},
};

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
	return did == SELLER_DONE || aftersale_refuse(v, refusal, did);
}

void returns_create_call(struct visit *v)
{
	struct asked asked;
	struct order o;
	int64_t id = 0;

	if (!read_asked(v, &asked))
		return;
	if (!order_read(v->shop, v->arena, number_of_id(v->arena, asked.order_id), &o)) {
		(void)aftersale_refuse(v, refusal, SELLER_UNKNOWN);
		return;
	}
	if (o.status != DELIVERED) {
		(void)aftersale_refuse(v, refusal,
			order_rule[o.status].group == GROUP_OVER ? SELLER_OVER : SELLER_NOT_NOW);
		return;
	}
	if (!reason_accept(v, asked.refund_only ? REASON_REFUND : REASON_RETURN, asked.reason,
		    o.status, "Invalid return reason") ||
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
