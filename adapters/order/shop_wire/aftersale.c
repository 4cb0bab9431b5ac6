/* What cancellations and returns have in common: how they are searched, their pieces, what the
 * seller has to do, and why something was refused. */
#include "adapters/order/shop_wire/parts.h"

/* --- search --- */

bool aftersale_filter_read(struct visit *v, const struct aftersale_fields *names,
	translate_function *as_id, translate_function *as_state, struct aftersale_filter *f)
{
	return body_list(v, names->ids, as_id, &f->ids) &&
	       body_list(v, "order_ids", as_number, &f->orders) &&
	       body_list(v, "buyer_user_ids", as_buyer, &f->buyers) &&
	       body_list(v, names->types, NULL, &f->types) &&
	       body_list(v, names->states, as_state, &f->states) &&
	       body_range(v, "create_time", &f->created) &&
	       body_range(v, "update_time", &f->updated) && body_text(v, "locale", &f->locale);
}

void aftersale_filter_bind(struct sql_query *q, const void *filter)
{
	const struct aftersale_filter *f = filter;

	sql_bind_text(q, f->ids);
	sql_bind_text(q, f->orders);
	sql_bind_text(q, f->buyers);
	sql_bind_text(q, f->types);
	sql_bind_text(q, f->states);
	sql_bind_int(q, f->created.from);
	sql_bind_int(q, f->created.to);
	sql_bind_int(q, f->updated.from);
	sql_bind_int(q, f->updated.to);
}

/* --- members --- */

void out_seller_action(struct buf *out, const char *action, int64_t deadline)
{
	json_out_key(out, "seller_next_action_response");
	json_out_open(out, '[');
	json_out_open(out, '{');
	json_out_member(out, "action", str_of(action));
	json_out_member_int(out, "deadline", deadline);
	json_out_close(out, '}');
	json_out_close(out, ']');
}

void out_piece(struct visit *v, const char *key, enum id_kind kind, int64_t of,
	const struct split *refund, struct sql_query *q)
{
	struct str sku = sql_text(q, "sku");

	json_out_open(v->out, '{');
	out_id(v->out, key, kind, of * 100 + sql_int(q, "position"));
	json_out_member(v->out, "order_line_item_id", id_of_item(v->arena, sql_text(q, "id")));
	json_out_member(v->out, "sku_id", id_of_name(v->arena, "sku", sku));
	json_out_member(v->out, "sku_name", sql_text(q, "variant"));
	json_out_member(v->out, "seller_sku", sku);
	json_out_member(v->out, "product_name", sql_text(q, "title"));
	out_picture(v->out, v->arena, sku);
	if (refund)
		out_refund(v->out, "refund_amount", refund);
	json_out_close(v->out, '}');
}

/* --- refusals --- */

static const struct refusal refusal_of_both[SELLER_BAD_AMOUNT + 1] = {
	[SELLER_UNKNOWN] = {25020005, "No permission for this order"},
	[SELLER_BUSY] = {25001011, "there are processing reverse order exists"},
	[SELLER_OVER] = {25001051, "The order is completed or cancelled"},
};

bool aftersale_refuse(struct visit *v, const struct refusal own[], enum seller_answer did)
{
	const struct refusal *r = refusal_of_both[did].code ? &refusal_of_both[did] : &own[did];

	return visit_refuse(v, r->code, r->message);
}
