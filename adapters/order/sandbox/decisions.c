/* What a seller decides about a return that a buyer has asked for. */
#include "adapters/order/sandbox/shop.h"

/* In which state of which kind of return a decision makes sense. */
static const struct decision {
	bool for_refund, for_return;
	enum return_state in;
} decision[] = {
	[SELLER_PAYS_BACK] = {true, false, RETURN_WAITING_SELLER},
	[SELLER_TAKES_BACK] = {false, true, RETURN_WAITING_SELLER},
	[SELLER_LETS_KEEP] = {false, true, RETURN_WAITING_SELLER},
	[SELLER_HAS_IT] = {false, true, RETURN_ON_ITS_WAY},
	[SELLER_OFFERS_PART] = {true, true, RETURN_WAITING_SELLER},
	[SELLER_REFUSES_REFUND] = {true, false, RETURN_WAITING_SELLER},
	[SELLER_REFUSES_RETURN] = {false, true, RETURN_WAITING_SELLER},
	[SELLER_REFUSES_PARCEL] = {false, true, RETURN_ON_ITS_WAY},
};

static void note_number(struct sql_query *update, int64_t number, int64_t id)
{
	sql_bind_int(update, number);
	sql_bind_int(update, id);
	(void)sql_run(update);
}

static void offer_part(struct sandbox *shop, const struct return_row *r, int64_t part)
{
	int64_t deadline = shop->now + RETURN_ANSWER_WITHIN;

	note_number(sql_query(shop->sql, "update returns set offer = ? where id = ?"), part, r->id);
	return_move(shop, r, RETURN_OFFERED, deadline, NULL);
}

static void let_keep(struct sandbox *shop, const struct return_row *r)
{
	note_number(sql_query(shop->sql, "update returns set keeps = ? where id = ?"), 1, r->id);
	return_approve(shop, r);
}

enum seller_answer seller_decide_return(struct sandbox *shop, int64_t id,
	enum seller_decision wanted, int64_t part, const char *why)
{
	const struct decision *d = &decision[wanted];
	struct return_row r;

	if (!return_read(shop, shop->scratch, id, &r))
		return SELLER_UNKNOWN;
	if (!(r.refund_only ? d->for_refund : d->for_return))
		return SELLER_MISMATCH;
	if (r.state != d->in)
		return SELLER_NOT_NOW;
	switch (wanted) {
	case SELLER_PAYS_BACK:
	case SELLER_HAS_IT:
		return_approve(shop, &r);
		break;
	case SELLER_TAKES_BACK:
		return_accept(shop, &r);
		break;
	case SELLER_LETS_KEEP:
		let_keep(shop, &r);
		break;
	case SELLER_OFFERS_PART:
		if (part <= 0 || part >= r.amount)
			return SELLER_BAD_AMOUNT;
		offer_part(shop, &r, part);
		break;
	case SELLER_REFUSES_REFUND:
	case SELLER_REFUSES_RETURN:
	case SELLER_REFUSES_PARCEL:
		return_reject(shop, &r, why);
		break;
	}
	return SELLER_DONE;
}
