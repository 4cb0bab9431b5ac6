/* Reasons by the platform's names (market US): which a seller may give, and what they say. */
#include "adapters/order/shop_wire/parts.h"

enum {
	BAD_REASON = 25001014,
	NOT_SELLERS = 25001015,
	WRONG_STATUS = 25001021,
};

#define UNPAID_BY_SELLER "seller_cancel_unpaid_reason_"
#define TO_SHIP "ecom_order_to_ship_canceled_reason_"
#define REFUND_BY "ecom_order_delivered_refund_reason_"
#define RETURN_BY "ecom_order_delivered_refund_and_return_reason_"

/* --- what a seller may give --- */

static const char *const cancels_unpaid[] = {UNPAID_BY_SELLER "out_of_stock",
	UNPAID_BY_SELLER "wrong_price", UNPAID_BY_SELLER "buyer_hasnt_paid_within_time_allowed",
	UNPAID_BY_SELLER "buyer_requested_cancellation", NULL};
static const char *const cancels_paid[] = {"seller_cancel_reason_out_of_stock",
	"seller_cancel_reason_wrong_price", "seller_cancel_paid_reason_address_not_deliver",
	"seller_cancel_paid_reason_buyer_requested_cancellation", NULL};
static const char *const refunds[] = {REFUND_BY "missing_product_seller",
	REFUND_BY "not_received_seller", REFUND_BY "not_match_description_seller",
	REFUND_BY "damaged_seller", REFUND_BY "wrong_product_seller",
	REFUND_BY "missed_delivery_date_seller", NULL};
static const char *const returns[] = {RETURN_BY "no_need_seller", RETURN_BY "does_not_suit_seller",
	RETURN_BY "damaged_seller", RETURN_BY "defective_seller", RETURN_BY "wrong_product_seller",
	RETURN_BY "not_match_description_seller", RETURN_BY "missing_product_seller",
	RETURN_BY "missed_delivery_date_seller", NULL};
static const char *const nothing[] = {NULL};

const char *const *reason_list(enum reason_for what, enum order_status status)
{
	switch (what) {
	case REASON_SELLER_CANCELS:
		if (status == UNPAID)
			return cancels_unpaid;
		return status == ON_HOLD || status == AWAITING_SHIPMENT ? cancels_paid : nothing;
	case REASON_REFUND:
		return status == DELIVERED ? refunds : nothing;
	case REASON_RETURN:
		return status == DELIVERED ? returns : nothing;
	}
	return nothing;
}

static bool is_in(const char *const *list, struct str name)
{
	for (; *list; list++)
		if (str_is(name, *list))
			return true;
	return false;
}

/* A buyer's reason, in a seller's call. */
static bool is_buyers(struct str name)
{
	return str_starts(name, S("ecom_order_")) || str_starts(name, S("buyer_"));
}

/* What is damaged on arrival has one name in both lists of the platform's; the sandbox takes a
 * return's reason with and without the ending that marks a seller's. */
static bool is_return_reason(struct str name)
{
	for (const char *const *list = returns; *list; list++) {
		struct str whole = str_of(*list);

		if (str_eq(name, whole) || str_eq(name, str_sub(whole, 0, whole.n - 7)))
			return true;
	}
	return false;
}

enum reason_fit reason_fits(enum reason_for what, struct str name, enum order_status status)
{
	if (is_in(reason_list(what, status), name))
		return REASON_FITS;
	if (what == REASON_RETURN && is_return_reason(name))
		return status == DELIVERED ? REASON_FITS : REASON_OTHER_STATUS;
	if (is_in(cancels_unpaid, name) || is_in(cancels_paid, name) || is_in(refunds, name) ||
		is_in(returns, name))
		return REASON_OTHER_STATUS;
	return is_buyers(name) ? REASON_NOT_SELLERS : REASON_UNKNOWN;
}

bool reason_accept(struct visit *v, enum reason_for what, struct str name, enum order_status status,
	const char *unknown)
{
	switch (reason_fits(what, name, status)) {
	case REASON_FITS:
		return true;
	case REASON_UNKNOWN:
		return visit_refuse(v, BAD_REASON, unknown);
	case REASON_NOT_SELLERS:
		return visit_refuse(v, NOT_SELLERS, "The reason is not applicable to sellers");
	case REASON_OTHER_STATUS:
		break;
	}
	return visit_refuse(v, WRONG_STATUS, "Reason not match order status");
}

bool reason_is_shops(struct str name)
{
	return str_find(name, S("no_need")) < 0 && str_find(name, S("does_not_suit")) < 0;
}

/* --- what the shop keeps under names of its own --- */

static const struct {
	const char *kept, *cancels, *returns;
} own[] = {
	{"changed_mind", TO_SHIP "no_longer_needed", "no_need"},
	{"no_longer_needed", TO_SHIP "no_longer_needed", "no_need"},
	{"ordered_by_mistake", TO_SHIP "created_by_mistakes", "no_need"},
	{"created_by_mistakes", TO_SHIP "created_by_mistakes", "no_need"},
	{"better_price", TO_SHIP "better_price", "no_need"},
	{"wrong_delivery_info", TO_SHIP "wrong_delivery_info", "no_need"},
	{"not_shipped_on_time", TO_SHIP "not_shipped_on_time", "missed_delivery_date"},
	{"change_payment_method", TO_SHIP "change_payment_method", "no_need"},
	{"high_delivery_costs", TO_SHIP "high_delivery_costs", "no_need"},
	{"not_paid_in_time", "system_cancel_unpaid_time_out", "no_need"},
	{"not_shipped_in_time", "system_cancel_order_reason_shipping_timeout", "no_need"},
	{"does_not_fit", TO_SHIP "no_longer_needed", "does_not_suit"},
	{"damaged", TO_SHIP "no_longer_needed", "damaged"},
	{"faulty", TO_SHIP "no_longer_needed", "defective"},
	{"wrong_item", TO_SHIP "no_longer_needed", "wrong_product"},
	{"not_as_described", TO_SHIP "no_longer_needed", "not_match_description"},
	{"parts_missing", TO_SHIP "no_longer_needed", "missing_product"},
	{"too_late", TO_SHIP "no_longer_needed", "missed_delivery_date"},
};

struct str reason_name(struct arena *arena, struct str kept, bool of_return, bool refund_only)
{
	const char *head = refund_only ? REFUND_BY : RETURN_BY;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (!str_is(kept, own[i].kept))
			continue;
		return of_return ? arena_printf(arena, "%s%s", head, own[i].returns)
				 : str_of(own[i].cancels);
	}
	if (str_find(kept, S("_reason_")) >= 0 || str_starts(kept, S("system_")))
		return kept;
	return of_return ? arena_printf(arena, "%sother", head) : S(TO_SHIP "no_longer_needed");
}

/* "…_reason_not_match_description_seller" reads "Not match description"; the system's likewise. */
struct str reason_text(struct arena *arena, struct str name)
{
	static const struct str cut[] = {S("_reason_"), S("system_cancel_"), S("seller_cancel_")};
	char *text;

	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		long at = str_find(name, cut[i]);

		if (at >= 0)
			name = str_sub(name, (size_t)at + cut[i].n, name.n);
	}
	if (str_ends(name, S("_seller")))
		name.n -= 7;
	text = arena_cstr(arena, name);
	for (size_t i = 0; i < name.n; i++)
		if (text[i] == '_')
			text[i] = ' ';
	if (name.n && text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return (struct str){text, name.n};
}
