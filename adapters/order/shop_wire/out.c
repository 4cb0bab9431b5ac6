/* Members of answers that many objects have. */
#include "adapters/order/shop_wire/parts.h"

void out_id(struct buf *out, const char *key, enum id_kind kind, int64_t own)
{
	json_out_key(out, key);
	buf_addf(out, "\"%lld\"", (long long)id_number(kind, own));
}

void out_time(struct buf *out, const char *key, int64_t at)
{
	if (at)
		json_out_member_int(out, key, at);
}

void out_money(struct buf *out, const char *key, int64_t minor)
{
	struct buf amount;

	buf_init(&amount, 32);
	money_plain(minor, S(CURRENCY), &amount);
	json_out_member(out, key, buf_str(&amount));
	buf_release(&amount);
}

void out_refund(struct buf *out, const char *key, const struct split *split)
{
	json_out_key(out, key);
	json_out_open(out, '{');
	json_out_member(out, "currency", S(CURRENCY));
	out_money(out, "refund_total", split->subtotal + split->shipping + split->tax);
	out_money(out, "refund_subtotal", split->subtotal);
	out_money(out, "refund_shipping_fee", split->shipping);
	out_money(out, "refund_tax", split->tax);
	out_money(out, "retail_delivery_fee", 0);
	json_out_close(out, '}');
}

void out_picture(struct buf *out, struct arena *arena, struct str sku)
{
	json_out_key(out, "product_image");
	json_out_open(out, '{');
	json_out_member(out, "url", picture_of(arena, sku));
	json_out_member_int(out, "width", 120);
	json_out_member_int(out, "height", 120);
	json_out_close(out, '}');
}
