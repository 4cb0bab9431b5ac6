/* Tracking and packages. */
#include "adapters/order/shop_wire/parts.h"

enum { NOT_OURS = 21008111, BAD = 25001001 };

#define PROVIDER "7117858858072016686"

/* --- tracking --- */

void tracking_get(struct visit *v)
{
	struct sql_query *q;
	struct order o;

	if (!order_read(v->shop, v->arena, number_of_id(v->arena, v->id[0]), &o)) {
		(void)visit_refuse(
			v, NOT_OURS, "The order does not exist or does not belong to this shop.");
		return;
	}
	q = sql_query(v->sql,
		"select at, text from scan join parcel on parcel.id = scan.parcel"
		" where order_number = ? and at <= ? order by at desc, scan.rowid desc");
	sql_bind_text(q, o.number);
	sql_bind_int(q, v->shop->now);
	json_out_start(v->out, '{');
	json_out_key(v->out, "tracking");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		json_out_open(v->out, '{');
		json_out_member(v->out, "description", sql_text(q, "text"));
		json_out_member_int(v->out, "update_time_millis", sql_int(q, "at") * 1000);
		json_out_close(v->out, '}');
	}
	sql_end(q);
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}

/* --- packages --- */

static void write_line_ids(struct visit *v, struct str number, int64_t position)
{
	struct sql_query *q = sql_query(v->sql,
		"select id from item where order_number = ? and parcel = ? order by position");

	sql_bind_text(q, number);
	sql_bind_int(q, position);
	json_out_key(v->out, "order_line_item_ids");
	json_out_open(v->out, '[');
	while (sql_next(q))
		json_out_text(v->out, id_of_item(v->arena, sql_text(q, "id")));
	sql_end(q);
	json_out_close(v->out, ']');
}

static void write_orders(struct visit *v, struct str number)
{
	json_out_key(v->out, "orders");
	json_out_open(v->out, '[');
	json_out_open(v->out, '{');
	json_out_member(v->out, "id", wire_order_id(v->arena, number));
	json_out_close(v->out, '}');
	json_out_close(v->out, ']');
}

/* What search and detail share, with the names that each has for it. */
static void write_package(struct visit *v, const char *id, const char *status, struct sql_query *q)
{
	struct str number = sql_text(q, "order_number");

	out_id(v->out, id, ID_PACKAGE, sql_int(q, "row"));
	json_out_member(v->out, status, sql_text(q, "package_status"));
	json_out_member_int(v->out, "create_time", sql_int(q, "created"));
	json_out_member_int(v->out, "update_time", sql_int(q, "updated"));
	json_out_member(v->out, "tracking_number", sql_text(q, "tracking"));
	json_out_member(v->out, "shipping_provider_id", S(PROVIDER));
	json_out_member(v->out, "shipping_provider_name", sql_text(q, "carrier"));
	write_line_ids(v, number, sql_int(q, "position"));
	write_orders(v, number);
}

static bool is_package_status(struct str status)
{
	static const char *const known[] = {
		"TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_is(status, known[i]))
			return true;
	return false;
}

struct filter {
	struct str status;
	struct time_range created, updated;
};

#define FILTER                                                                                     \
	" (?1 = '' or package_status = ?1) and created >= ?2 and created < ?3 and updated >= ?4"   \
	" and updated < ?5"

static void bind_filter(struct sql_query *q, const void *filter)
{
	const struct filter *f = filter;

	sql_bind_text(q, f->status);
	sql_bind_int(q, f->created.from);
	sql_bind_int(q, f->created.to);
	sql_bind_int(q, f->updated.from);
	sql_bind_int(q, f->updated.to);
}

static bool read_filter(struct visit *v, struct filter *f)
{
	if (!body_text(v, "package_status", &f->status) ||
		!body_range(v, "create_time", &f->created) ||
		!body_range(v, "update_time", &f->updated))
		return false;
	return !f->status.n || is_package_status(f->status) ||
	       visit_bad(v, "package_status", "is not a status of packages.");
}

static void write_found(struct visit *v, int64_t row)
{
	struct sql_query *q = sql_query(v->sql, "select * from wire_parcel where row = ?");

	sql_bind_int(q, row);
	if (sql_next(q)) {
		json_out_open(v->out, '{');
		write_package(v, "id", "status", q);
		json_out_close(v->out, '}');
	}
	sql_end(q);
}

void packages_search(struct visit *v)
{
	static const struct listing listing = {
		.rule = {1, 50, 0, true},
		.name = "packages",
		.rows = "select row, sort_key, '' as name from"
			" (select *, iif(?6, updated, created) as sort_key from wire_parcel)"
			" where" FILTER " and (?7 = 0 or (?8 * sort_key, ?8 * row) > (?9, ?10))"
			" order by ?8 * sort_key, ?8 * row limit ?11",
		.count = "select count(*) from wire_parcel where" FILTER,
		.bind = bind_filter,
		.write = write_found,
	};
	struct filter filter;
	struct page page;

	if (page_read(v, &listing.rule, &page) && read_filter(v, &filter))
		page_answer(v, &listing, &page, &filter);
}

void package_detail(struct visit *v)
{
	struct sql_query *q;
	int64_t own = -1;
	bool found;

	if (!id_own(ID_PACKAGE, v->id[0], &own))
		own = -1;
	q = sql_query(v->sql, "select * from wire_parcel where wire_parcel.row = ?");
	sql_bind_int(q, own);
	found = sql_next(q);
	if (found) {
		json_out_start(v->out, '{');
		write_package(v, "package_id", "package_status", q);
		json_out_member(v->out, "shipping_type", S("TIKTOK"));
		json_out_member(v->out, "handover_method", S("PICKUP"));
		json_out_member(v->out, "split_and_combine_tag", S("DEFAULT"));
		json_out_close(v->out, '}');
	}
	sql_end(q);
	if (!found)
		(void)visit_refuse(
			v, NOT_OURS, "The package does not exist or does not belong to this shop.");
}
