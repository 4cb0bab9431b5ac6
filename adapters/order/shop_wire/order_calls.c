/* Orders: searched, shown, and what they cost. */
#include "adapters/order/shop_wire/parts.h"

enum { MAX_IDS = 50, NOT_OURS = 21008111 };

#define WAREHOUSE "7000714532876273420"
#define PROVIDER "7117858858072016686"
#define DELIVERY_OPTION "7091146663229654785"

/* --- one order --- */

static bool is_before_release(enum order_status status)
{
	return status == UNPAID || status == ON_HOLD;
}

static void write_payment(struct buf *out, struct sql_query *q)
{
	int64_t tax = sql_int(q, "tax");

	json_out_key(out, "payment");
	json_out_open(out, '{');
	json_out_member(out, "currency", S(CURRENCY));
	out_money(out, "total_amount", sql_int(q, "total"));
	out_money(out, "sub_total", sql_int(q, "subtotal"));
	out_money(out, "original_total_product_price", sql_int(q, "subtotal"));
	out_money(out, "seller_discount", 0);
	out_money(out, "platform_discount", 0);
	out_money(out, "shipping_fee", sql_int(q, "shipping"));
	out_money(out, "original_shipping_fee", sql_int(q, "shipping"));
	out_money(out, "shipping_fee_seller_discount", 0);
	out_money(out, "shipping_fee_platform_discount", 0);
	out_money(out, "tax", tax);
	out_money(out, "product_tax", tax);
	out_money(out, "shipping_fee_tax", 0);
	json_out_close(out, '}');
}

/* "+1 503 555 0142" is shown as "(+1)503-***-0142". */
static struct str masked_phone(struct arena *arena, struct str phone)
{
	struct str rest = phone, country = str_cut(&rest, ' '), area = str_cut(&rest, ' ');
	struct str last = str_sub(phone, phone.n > 4 ? phone.n - 4 : 0, 4);

	return arena_printf(arena, "(%.*s)%.*s-***-%.*s", STR(country), STR(area), STR(last));
}

static struct str masked(struct arena *arena, struct str text)
{
	return arena_printf(arena, "%.*s***", STR(str_sub(text, 0, 1)));
}

static void write_district(
	struct buf *out, const char *level, const char *level_name, struct str name)
{
	json_out_open(out, '{');
	json_out_member(out, "address_level", str_of(level));
	json_out_member(out, "address_level_name", str_of(level_name));
	json_out_member(out, "address_name", name);
	json_out_close(out, '}');
}

/* TikTok ships: names and streets are masked. */
static void write_address(struct buf *out, struct arena *arena, struct sql_query *buyer)
{
	struct str given = sql_text(buyer, "given"),
		   family = masked(arena, sql_text(buyer, "family"));
	struct str city = sql_text(buyer, "city"), postcode = sql_text(buyer, "postcode");

	json_out_key(out, "recipient_address");
	json_out_open(out, '{');
	json_out_member(out, "name", arena_printf(arena, "%.*s %.*s", STR(given), STR(family)));
	json_out_member(out, "first_name", given);
	json_out_member(out, "last_name", family);
	json_out_member(out, "phone_number", masked_phone(arena, sql_text(buyer, "phone")));
	json_out_member(out, "full_address",
		arena_printf(arena, "United States, %.*s, %.*s, ***", STR(city), STR(postcode)));
	json_out_member(out, "address_detail", S("***"));
	json_out_member(out, "address_line1", S("***"));
	json_out_member(out, "postal_code", postcode);
	json_out_member(out, "region_code", S("US"));
	json_out_key(out, "district_info");
	json_out_open(out, '[');
	write_district(out, "L0", "Country", S("United States"));
	write_district(out, "L2", "City", city);
	json_out_close(out, ']');
	json_out_close(out, '}');
}

static void write_buyer(struct visit *v, struct str buyer, bool address)
{
	struct sql_query *q = sql_query(v->sql, "select * from buyer where id = ?");

	sql_bind_text(q, buyer);
	json_out_member(v->out, "user_id", wire_user_id(v->arena, buyer));
	if (sql_next(q)) {
		json_out_member(v->out, "buyer_email",
			arena_printf(v->arena, "%.8s@scs.tiktokw.us",
				id_of_name(v->arena, "im", buyer).p + 4));
		json_out_member(v->out, "buyer_nickname",
			arena_printf(v->arena, "%.*s.%.*s", STR(sql_text(q, "given")),
				STR(str_sub(sql_text(q, "family"), 0, 1))));
		if (address)
			write_address(v->out, v->arena, q);
	}
	sql_end(q);
}

/* Single units know neither ON_HOLD nor PARTIALLY_SHIPPING. */
static const char *display_status(enum order_status status, struct sql_query *q)
{
	if (!sql_is_null(q, "taken_by"))
		return order_rule[CANCELLED].wire;
	if (status == UNPAID || status == CANCELLED || status == COMPLETED)
		return order_rule[status].wire;
	if (!sql_is_null(q, "delivered"))
		return "DELIVERED";
	if (!sql_is_null(q, "collected"))
		return "IN_TRANSIT";
	return sql_is_null(q, "shipped") ? "AWAITING_SHIPMENT" : "AWAITING_COLLECTION";
}

static const char *package_word(enum order_status status, struct sql_query *q)
{
	if (!sql_is_null(q, "delivered"))
		return "COMPLETED";
	if (!sql_is_null(q, "collected"))
		return "FULFILLING";
	return status == CANCELLED ? "CANCELLED" : "PROCESSING";
}

/* In the US a package is not told before it has left. */
static void write_line_parcel(struct visit *v, enum order_status status, struct sql_query *q)
{
	out_id(v->out, "package_id", ID_PACKAGE, sql_int(q, "parcel_id"));
	json_out_member(v->out, "package_status", str_of(package_word(status, q)));
	json_out_member(v->out, "shipping_provider_id", S(PROVIDER));
	json_out_member(v->out, "shipping_provider_name", sql_text(q, "carrier"));
	json_out_member(v->out, "tracking_number", sql_text(q, "tracking"));
	json_out_member_int(v->out, "rts_time", sql_int(q, "shipped"));
}

static void write_tax(struct buf *out, int64_t tax)
{
	json_out_key(out, "item_tax");
	json_out_open(out, '[');
	json_out_open(out, '{');
	json_out_member(out, "tax_type", S("SALES_TAX"));
	out_money(out, "tax_amount", tax);
	json_out_close(out, '}');
	json_out_close(out, ']');
}

static void write_line(struct visit *v, const struct order *o, struct str by, struct str reason,
	struct sql_query *q)
{
	struct str sku = sql_text(q, "sku"), title = sql_text(q, "title");

	json_out_open(v->out, '{');
	json_out_member(v->out, "id", id_of_item(v->arena, sql_text(q, "id")));
	json_out_member(v->out, "product_id", id_of_name(v->arena, "product", title));
	json_out_member(v->out, "product_name", title);
	json_out_member(v->out, "sku_id", id_of_name(v->arena, "sku", sku));
	json_out_member(v->out, "sku_name", sql_text(q, "variant"));
	json_out_member(v->out, "seller_sku", sku);
	json_out_member(v->out, "sku_image", picture_of(v->arena, sku));
	json_out_member(v->out, "display_status", str_of(display_status(o->status, q)));
	json_out_member(v->out, "currency", S(CURRENCY));
	out_money(v->out, "original_price", sql_int(q, "price"));
	out_money(v->out, "sale_price", sql_int(q, "price"));
	out_money(v->out, "seller_discount", 0);
	out_money(v->out, "platform_discount", 0);
	if (sql_int(q, "tax"))
		write_tax(v->out, sql_int(q, "tax"));
	if (!sql_is_null(q, "taken_by")) {
		by = sql_text(q, "taken_by");
		reason = reason_text(
			v->arena, reason_name(v->arena, sql_text(q, "taken_for"), false, false));
	} else if (!sql_is_null(q, "shipped")) {
		write_line_parcel(v, o->status, q);
	}
	if (by.n) {
		json_out_member(v->out, "cancel_user", by);
		json_out_member(v->out, "cancel_reason", reason);
	}
	json_out_member_bool(v->out, "is_gift", false);
	json_out_close(v->out, '}');
}

static void write_lines(struct visit *v, const struct order *o, struct str by, struct str reason)
{
	struct sql_query *q = sql_query(v->sql,
		"select item.id, item.sku, item.price, item.tax, title, variant, parcel.id as"
		" parcel_id, carrier, tracking, shipped, collected, delivered,"
		" c.role as taken_by, c.reason as taken_for"
		" from item join product using (sku) left join cancellation c on c.id = "
		"cancellation"
		" join parcel on parcel.order_number = item.order_number"
		"  and parcel.position = item.parcel"
		" where item.order_number = ? order by item.position");

	sql_bind_text(q, o->number);
	json_out_key(v->out, "line_items");
	json_out_open(v->out, '[');
	while (sql_next(q))
		write_line(v, o, by, reason, q);
	sql_end(q);
	json_out_close(v->out, ']');
}

static void write_packages(struct visit *v, const struct order *o)
{
	struct sql_query *q =
		sql_query(v->sql, "select id, carrier, tracking from parcel where order_number = ?"
				  " and shipped is not null order by shipped desc, id desc");
	struct str carrier = {0}, tracking = {0};

	sql_bind_text(q, o->number);
	json_out_key(v->out, "packages");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		if (!tracking.n) {
			carrier = sql_copy(q, v->arena, "carrier");
			tracking = sql_copy(q, v->arena, "tracking");
		}
		json_out_open(v->out, '{');
		out_id(v->out, "id", ID_PACKAGE, sql_int(q, "id"));
		json_out_close(v->out, '}');
	}
	sql_end(q);
	json_out_close(v->out, ']');
	if (!tracking.n)
		return;
	json_out_member(v->out, "shipping_provider_id", S(PROVIDER));
	json_out_member(v->out, "shipping_provider", carrier);
	json_out_member(v->out, "tracking_number", tracking);
}

static int64_t first_of(struct sql_query *q, const struct order *o)
{
	sql_bind_text(q, o->number);
	return sql_number(q);
}

static void write_times(struct visit *v, const struct order *o, struct sql_query *q)
{
	struct buf *out = v->out;
	bool open = o->status == AWAITING_SHIPMENT || o->status == PARTIALLY_SHIPPING ||
		    o->status == ON_HOLD;

	json_out_member_int(out, "create_time", o->created);
	json_out_member_int(out, "update_time", sql_int(q, "updated"));
	out_time(out, "paid_time", o->cod ? 0 : o->paid_at);
	out_time(out, "rts_time",
		first_of(
			sql_query(v->sql, "select min(shipped) from parcel where order_number = ?"),
			o));
	out_time(out, "collection_time",
		first_of(sql_query(v->sql,
				 "select min(collected) from parcel where order_number = ?"),
			o));
	out_time(out, "delivery_time", o->delivered);
	out_time(out, "cancel_time", o->cancelled);
	out_time(out, "request_cancel_time", sql_int(q, "asked_to_cancel"));
	if (open) {
		json_out_member_int(out, "rts_sla_time", o->ship_by);
		json_out_member_int(out, "tts_sla_time", o->ship_by + COLLECT_AFTER);
		json_out_member_int(out, "cancel_order_sla_time", o->ship_by + SHIP_LATE_BY);
	}
	if (o->status != UNPAID && o->status != CANCELLED)
		json_out_member_int(out, "delivery_sla_time", o->deliver_by);
}

static void write_method(struct visit *v, const struct order *o)
{
	if (o->status != UNPAID || o->cod)
		json_out_member(v->out, "payment_method_name",
			o->cod ? S("Cash on delivery") : o->paid_with);
}

/* Who ended the order, and why; by nobody: empty. */
struct ended {
	struct str by, reason;
};

static struct ended read_ended(struct visit *v, struct sql_query *q)
{
	struct ended ended = {.by = sql_copy(q, v->arena, "cancelled_by")};
	struct str kept = sql_copy(q, v->arena, "cancel_reason");

	if (ended.by.n)
		ended.reason = reason_text(v->arena, reason_name(v->arena, kept, false, false));
	return ended;
}

/* What of an order is in the row @q. */
static void write_row(struct visit *v, const struct order *o, struct sql_query *q)
{
	struct buf *out = v->out;

	json_out_member(out, "id", wire_order_id(v->arena, o->number));
	json_out_member(out, "status", str_of(order_rule[o->status].wire));
	json_out_member(out, "order_type", S("NORMAL"));
	json_out_member(out, "commerce_platform", S("TIKTOK_SHOP"));
	write_times(v, o, q);
	write_payment(out, q);
	json_out_member_bool(out, "is_cod", o->cod);
	json_out_member_bool(out, "is_sample_order", false);
	json_out_member_bool(out, "is_replacement_order", false);
	json_out_member_bool(out, "is_on_hold_order", true);
	json_out_member_bool(out, "is_buyer_request_cancel", !sql_is_null(q, "asked_to_cancel"));
}

static void write_delivery(struct buf *out)
{
	json_out_member(out, "fulfillment_type", S("FULFILLMENT_BY_SELLER"));
	json_out_member(out, "shipping_type", S("TIKTOK"));
	json_out_member(out, "delivery_type", S("HOME_DELIVERY"));
	json_out_member(out, "delivery_option_id", S(DELIVERY_OPTION));
	json_out_member(out, "delivery_option_name", S("Standard Shipping"));
	json_out_member(out, "warehouse_id", S(WAREHOUSE));
	json_out_member_bool(out, "has_updated_recipient_address", false);
}

/* What only one of the two shapes has, the list's and the detail's, is left out of both. */
static void write_order(struct visit *v, int64_t row)
{
	struct sql_query *q = sql_query(v->sql, "select * from wire_order where row = ?");
	struct ended ended;
	struct order o;

	sql_bind_int(q, row);
	if (!sql_next(q) || !order_read(v->shop, v->arena, sql_text(q, "number"), &o)) {
		sql_end(q);
		return;
	}
	ended = read_ended(v, q);
	json_out_open(v->out, '{');
	write_row(v, &o, q);
	sql_end(q);
	write_delivery(v->out);
	write_method(v, &o);
	if (ended.by.n) {
		json_out_member(v->out, "cancellation_initiator", ended.by);
		json_out_member(v->out, "cancel_reason", ended.reason);
	}
	write_buyer(v, o.buyer, !is_before_release(o.status));
	write_packages(v, &o);
	write_lines(v, &o, ended.by, ended.reason);
	json_out_close(v->out, '}');
}

/* --- search --- */

static bool is_order_status(struct str status)
{
	for (int i = 0; i < N_ORDER_STATUS; i++)
		if (str_is(status, order_rule[i].wire))
			return true;
	return false;
}

struct filter {
	struct str status, shipping_type, user, buyer, warehouses;
	struct time_range created, updated;
	int asked;
};

static bool read_filter(struct visit *v, struct filter *f)
{
	if (!body_text(v, "order_status", &f->status) ||
		!body_text(v, "shipping_type", &f->shipping_type) ||
		!body_text(v, "buyer_user_id", &f->user) ||
		!body_range(v, "create_time", &f->created) ||
		!body_range(v, "update_time", &f->updated) ||
		!body_bool(v, "is_buyer_request_cancel", &f->asked) ||
		!body_list(v, "warehouse_ids", NULL, &f->warehouses))
		return false;
	if (f->status.n && !is_order_status(f->status))
		return visit_bad(v, "order_status", "is not a status of orders.");
	if (f->shipping_type.n && !str_is(f->shipping_type, "TIKTOK") &&
		!str_is(f->shipping_type, "SELLER"))
		return visit_bad(v, "shipping_type", "must be TIKTOK or SELLER.");
	f->buyer = f->user.n ? as_buyer(v, f->user) : f->user;
	return true;
}

#define FILTER                                                                                     \
	" (?1 = '' or status = ?1) and (?2 = '' or buyer = ?2) and created >= ?3 and created < ?4" \
	" and updated >= ?5 and updated < ?6 and (?7 < 0 or (asked_to_cancel is not null) = ?7)"   \
	" and ?8 <> 'SELLER' and (?9 = '' or '" WAREHOUSE                                          \
	"' in (select value from json_each(iif(?9 = '', '[]', ?9))))"

static void bind_filter(struct sql_query *q, const void *filter)
{
	const struct filter *f = filter;

	sql_bind_text(q, f->status);
	sql_bind_text(q, f->buyer);
	sql_bind_int(q, f->created.from);
	sql_bind_int(q, f->created.to);
	sql_bind_int(q, f->updated.from);
	sql_bind_int(q, f->updated.to);
	sql_bind_int(q, f->asked);
	sql_bind_text(q, f->shipping_type);
	sql_bind_text(q, f->warehouses);
}

void orders_search(struct visit *v)
{
	static const struct listing listing = {
		.rule = {1, 100, 0, true},
		.name = "orders",
		.rows = "select row, number as name, sort_key from"
			" (select *, iif(?10, updated, created) as sort_key from wire_order)"
			" where" FILTER " and (?11 = 0 or (?12 * sort_key, ?12 * row) > (?13, ?14))"
			" order by ?12 * sort_key, ?12 * row limit ?15",
		.count = "select count(*) from wire_order where" FILTER,
		.bind = bind_filter,
		.write = write_order,
	};
	struct filter filter;
	struct page page;

	if (page_read(v, &listing.rule, &page) && read_filter(v, &filter))
		page_answer(v, &listing, &page, &filter);
}

/* --- detail --- */

static int64_t row_of(struct visit *v, struct str id)
{
	struct sql_query *q = sql_query(v->sql, "select rowid from orders where number = ?");

	sql_bind_text(q, number_of_id(v->arena, id));
	return sql_number(q);
}

static bool read_ids(struct visit *v, int64_t row[MAX_IDS], size_t *n)
{
	struct str ids = visit_param(v, "ids");

	*n = 0;
	if (!ids.n)
		return visit_bad(v, "ids", "is needed.");
	while (ids.n) {
		struct str id = str_cut(&ids, ',');
		int64_t found = row_of(v, id);

		if (*n == MAX_IDS)
			return visit_bad(v, "ids", "has more than 50.");
		if (!found)
			return visit_refuse(v, NOT_OURS,
				"The order does not exist or does not belong to this shop.");
		row[(*n)++] = found;
	}
	return true;
}

void orders_detail(struct visit *v)
{
	int64_t row[MAX_IDS];
	size_t n;

	if (!read_ids(v, row, &n))
		return;
	json_out_start(v->out, '{');
	json_out_key(v->out, "orders");
	json_out_open(v->out, '[');
	for (size_t i = 0; i < n; i++)
		write_order(v, row[i]);
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}

/* --- price --- */

struct price {
	int64_t list, shipping, tax;
};

static void write_price(struct buf *out, const struct price *p)
{
	json_out_member(out, "currency", S(CURRENCY));
	out_money(out, "sku_list_price", p->list);
	out_money(out, "sku_sale_price", p->list);
	out_money(out, "subtotal_deduction_seller", 0);
	out_money(out, "subtotal_deduction_platform", 0);
	out_money(out, "subtotal_tax_amount", p->tax);
	out_money(out, "subtotal", p->list + p->tax);
	out_money(out, "shipping_list_price", p->shipping);
	out_money(out, "shipping_sale_price", p->shipping);
	out_money(out, "shipping_fee_deduction_seller", 0);
	out_money(out, "shipping_fee_deduction_platform", 0);
	out_money(out, "tax_amount", p->tax);
	out_money(out, "net_price_amount", p->list + p->shipping + p->tax);
	out_money(out, "total", p->list + p->shipping);
	out_money(out, "payment", p->list + p->shipping + p->tax);
	out_money(out, "cod_fee", 0);
}

/* The shipping is the first piece's: the sums of the pieces are the order's. */
void orders_price(struct visit *v)
{
	struct sql_query *q;
	struct price price;
	struct order o;
	bool first = true;

	if (!order_read(v->shop, v->arena, number_of_id(v->arena, v->id[0]), &o)) {
		(void)visit_refuse(
			v, NOT_OURS, "The order does not exist or does not belong to this shop.");
		return;
	}
	price = (struct price){o.total - o.shipping - o.tax, o.shipping, o.tax};
	json_out_start(v->out, '{');
	write_price(v->out, &price);
	json_out_key(v->out, "line_items");
	json_out_open(v->out, '[');
	q = sql_query(
		v->sql, "select id, price, tax from item where order_number = ? order by position");
	sql_bind_text(q, o.number);
	while (sql_next(q)) {
		price = (struct price){
			sql_int(q, "price"), first ? o.shipping : 0, sql_int(q, "tax")};
		first = false;
		json_out_open(v->out, '{');
		json_out_member(v->out, "id", id_of_item(v->arena, sql_text(q, "id")));
		write_price(v->out, &price);
		json_out_close(v->out, '}');
	}
	sql_end(q);
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}
