/* The history of a return, and why a seller may say no. */
#include "adapters/order/shop_wire/parts.h"

enum { BAD = 25001001 };

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
