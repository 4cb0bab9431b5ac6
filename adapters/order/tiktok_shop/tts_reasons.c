/* The platform's names for reasons, and our labels. */
#include "adapters/order/tiktok_shop/tts_reasons.h"

enum tts_market tts_market_of(struct str region)
{
	static const struct {
		const char *region;
		enum tts_market market;
	} rule[] = {
		{"US", TTS_US},
		{"GB", TTS_UK},
		{"UK", TTS_UK},
		{"IE", TTS_UK},
		{"DE", TTS_UK},
		{"ES", TTS_UK},
		{"FR", TTS_UK},
		{"IT", TTS_UK},
		{"ID", TTS_SEA},
		{"MY", TTS_SEA},
		{"PH", TTS_SEA},
		{"SG", TTS_SEA},
		{"TH", TTS_SEA},
		{"VN", TTS_SEA},
	};

	for (size_t i = 0; i < sizeof(rule) / sizeof(*rule); i++)
		if (str_eq_nocase(region, str_of(rule[i].region)))
			return rule[i].market;
	return TTS_US;
}

static bool is_offered(const struct value *offered, struct str name)
{
	if (!value_is_set(offered))
		return true;
	for (size_t i = 0; i < value_count(offered); i++)
		if (str_eq(value_text_of(value_at(offered, i)), name))
			return true;
	return false;
}

/* --- cancelling --- */

#define UNPAID_BUYER "seller_cancel_unpaid_reason_buyer_requested_cancellation"
#define UNPAID_LATE "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed"
#define UNPAID_PRICE "seller_cancel_unpaid_reason_wrong_price"
#define PAID_BUYER "seller_cancel_paid_reason_buyer_requested_cancellation"
#define PAID_ADDRESS "seller_cancel_paid_reason_address_not_deliver"
#define PAID_PRICE "seller_cancel_reason_wrong_price"

/* Only the US have a name for what really happened.  Elsewhere the least untrue one that does no
 * harm is taken. */
static const struct cancel_names {
	const char *unpaid[tts_max_reasons], *paid[tts_max_reasons];
} cancel_names[] = {
	[TTS_US] = {{UNPAID_BUYER, UNPAID_LATE}, {PAID_BUYER}},
	[TTS_UK] = {{UNPAID_BUYER, UNPAID_LATE "_uk", UNPAID_PRICE "_uk"},
		{PAID_BUYER, PAID_ADDRESS "_uk", PAID_PRICE "_uk"}},
	[TTS_SEA] = {{UNPAID_BUYER, UNPAID_LATE, UNPAID_PRICE},
		{PAID_BUYER, PAID_ADDRESS, PAID_PRICE}},
};

/* Of those that are not on a market's own list, unless the platform itself offers them. */
static bool is_listed(enum tts_market market, struct str name)
{
	return market == TTS_US || !str_ends(name, S("buyer_requested_cancellation"));
}

size_t tts_cancel_reasons(enum tts_market market, struct str order_status, struct str buyers,
	const struct value *offered, struct str name[tts_max_reasons])
{
	const struct cancel_names *names = &cancel_names[market];
	const char *const *list = str_is(order_status, "UNPAID") ? names->unpaid : names->paid;
	bool by_address = str_is(buyers, "wrong_delivery_info");
	size_t n = 0;

	for (size_t i = 0; i < tts_max_reasons && list[i]; i++) {
		struct str next = str_of(list[i]);

		if (!is_offered(offered, next) ||
			(!value_is_set(offered) && !is_listed(market, next)))
			continue;
		name[n++] = next;
		if (by_address && n > 1 && str_starts(next, S(PAID_ADDRESS))) {
			name[n - 1] = name[0];
			name[0] = next;
		}
	}
	return n;
}

/* --- returns --- */

enum { max_words = 6 };

/* A reason of ours stands for every name of the platform's that has one of these pieces. */
static const struct return_reason {
	const char *piece[3];
	const char *label;
	const char *words[max_words];
	bool photos;
} return_reason[] = {
	{{"damaged", "broken_parts"}, "It arrived damaged",
		{"broken", "cracked", "torn", "scratched"}, true},
	{{"defective", "not_work"}, "It does not work",
		{"faulty", "stopped working", "does not turn on"}, true},
	{{"wrong_product", "wrong_item"}, "I got the wrong item",
		{"something else", "wrong colour", "not what i ordered"}, true},
	{{"not_match"}, "It is not as described", {"looks different", "not like the picture"},
		true},
	{{"missing_product", "missing_item", "missing_parts"}, "Something is missing",
		{"missing parts", "incomplete"}, true},
	{{"size", "does_not_suit"}, "It does not fit",
		{"too small", "too big", "wrong size", "too tight", "too long"}, false},
	{{"no_need", "no_longer_needed", "change_of_mind"}, "I changed my mind",
		{"do not want it", "do not like it", "no longer need it"}, false},
	{{"created_by_mistakes"}, "I ordered by mistake", {"by accident", "ordered twice"}, false},
	{{"missed_delivery_date", "on_time", "late"}, "It came too late", {"late", "not on time"},
		false},
	{{"counterfeit"}, "I think it is not genuine", {"fake", "copy", "not original"}, true},
	{{"quality"}, "The quality is not good", {"bad quality", "cheap"}, true},
	{{"not_received"}, "It never arrived", {"not here", "lost"}, false},
	{{"better_price"}, "I found it cheaper", {"cheaper", "better price"}, false},
	{{"other"}, "Another reason", {"something else", "other"}, false},
};
enum { n_return_reasons = sizeof(return_reason) / sizeof(*return_reason) };

static const struct return_reason *reason_of(struct str name)
{
	for (size_t i = 0; i < n_return_reasons; i++)
		for (size_t p = 0; p < 3 && return_reason[i].piece[p]; p++)
			if (str_find(name, str_of(return_reason[i].piece[p])) >= 0)
				return &return_reason[i];
	return NULL;
}

struct str tts_reason_label(struct str name)
{
	const struct return_reason *reason = reason_of(name);

	return reason ? str_of(reason->label) : S("");
}

#define RETURN "ecom_order_delivered_refund_and_return_reason_"

/* When the platform does not say which names it takes.  Two of them were seen (damaged,
 * wrong_product_seller); the others are formed like the seller's names for refunds. */
static const char *const market_names[][8] = {
	[TTS_US] = {RETURN "damaged_seller", RETURN "wrong_product_seller",
		RETURN "not_match_description_seller", RETURN "missing_product_seller",
		RETURN "missed_delivery_date_seller"},
	[TTS_UK] = {RETURN "damaged_seller_uk", RETURN "wrong_product_seller_uk",
		RETURN "not_match_description_seller_uk", RETURN "missing_product_seller_uk",
		RETURN "missed_delivery_date_seller_uk"},
	[TTS_SEA] = {RETURN "damaged", RETURN "wrong_product_seller"},
};

static const struct value *own_names(struct arena *arena, enum tts_market market)
{
	struct value_builder list = value_build(arena);
	const char *const *name = market_names[market];

	for (size_t i = 0; i < 8 && name[i]; i++)
		value_push(&list, value_text(arena, str_of(name[i])));
	return value_list(&list);
}

static const struct value *reason_value(
	struct arena *arena, struct str name, const struct return_reason *reason)
{
	struct value_builder b = value_build(arena), words = value_build(arena);

	for (size_t i = 0; i < max_words && reason->words[i]; i++)
		value_push(&words, value_text(arena, str_of(reason->words[i])));
	value_put_text(&b, "id", name);
	value_put_text(&b, "label", str_of(reason->label));
	value_put(&b, "words", value_list(&words));
	value_put(&b, "photos", value_bool(reason->photos));
	return value_record(&b);
}

const struct value *tts_return_reasons(struct arena *arena, enum tts_market market,
	const struct value *offered, struct value_builder *strange)
{
	const struct value *names = value_is_set(offered) ? offered : own_names(arena, market);
	struct value_builder list = value_build(arena);
	bool taken[n_return_reasons] = {false};

	for (size_t i = 0; i < value_count(names); i++) {
		struct str name = value_text_of(value_at(names, i));
		const struct return_reason *reason = reason_of(name);

		if (!reason && strange)
			value_push(strange, value_text(arena, name));
		if (!reason || taken[reason - return_reason])
			continue;
		taken[reason - return_reason] = true;
		value_push(&list, reason_value(arena, name, reason));
	}
	return value_list(&list);
}
