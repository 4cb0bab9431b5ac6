/* Where the money of an order is.  The platform has no refunds of their own: money moves with a
 * cancellation or a return, and is out when its status says COMPLETE. */
#include "adapters/order/tiktok_shop/tts_parts.h"

struct money_back {
	const char *state; /* NULL: no money is involved */
	const struct value *request, *amount;
	int64_t created, updated;
	struct str of_return;
};

static struct money_back of_cancellation(struct tts_job *job, const struct value *c)
{
	static const char *const state[] = {
		[TTS_CANCEL_STRANGE] = "requested",
		[TTS_CANCEL_PENDING] = "waiting_seller",
		[TTS_CANCEL_SUCCESS] = "approved",
		[TTS_CANCEL_COMPLETE] = "paid",
		[TTS_CANCEL_OFF] = "rejected",
	};

	return (struct money_back){
		.state = state[tts_cancel_state(value_get_text(c, "cancel_status"))],
		.request = c,
		.amount = tts_wire_refund(job->arena, value_get(c, "refund_amount")),
		.created = value_get_int(c, "create_time"),
		.updated = value_get_int(c, "update_time"),
	};
}

static struct money_back of_return(struct tts_job *job, const struct value *r)
{
	return (struct money_back){
		.state = tts_return_word(value_get_text(r, "return_status"))->refund,
		.request = r,
		.amount = tts_wire_refund(job->arena, value_get(r, "refund_amount")),
		.created = value_get_int(r, "create_time"),
		.updated = value_get_int(r, "update_time"),
		.of_return = tts_wire_text(job->arena, r, "return_id"),
	};
}

/* A request without an amount (cash on delivery) moves no money. */
static void take_newer(struct money_back *best, const struct money_back *next)
{
	bool counts = next->state && value_is_set(next->amount);

	if (counts && (!best->state || next->created > best->created))
		*best = *next;
}

static bool is_of(struct tts_job *job, const struct value *request, struct str order)
{
	return str_eq(tts_wire_text(job->arena, request, "order_id"), order);
}

static struct money_back newest(struct tts_job *job, struct str order)
{
	struct money_back best = {0}, next;

	for (size_t i = 0; i < value_count(job->cancellations); i++) {
		next = of_cancellation(job, value_at(job->cancellations, i));
		if (is_of(job, next.request, order))
			take_newer(&best, &next);
	}
	for (size_t i = 0; i < value_count(job->returns); i++) {
		next = of_return(job, value_at(job->returns, i));
		if (is_of(job, next.request, order))
			take_newer(&best, &next);
	}
	return best;
}

const struct value *tts_refund_value(struct tts_job *job, const struct value *order)
{
	struct money_back back = newest(job, tts_order_id(job, order));
	struct value_builder b = value_build(job->arena);
	struct str paid_with = tts_order_paid_with(job, order);

	value_put_text(&b, "state", str_of(back.state ? back.state : "none"));
	if (!back.state)
		return value_record(&b);
	value_put(&b, "amount", back.amount);
	if (paid_with.n)
		value_put_text(&b, "paid_with", paid_with);
	tts_wire_put_time(&b, "requested", back.created);
	if (str_is(str_of(back.state), "approved"))
		tts_wire_put_time(&b, "approved", back.updated);
	if (str_is(str_of(back.state), "paid"))
		tts_wire_put_time(&b, "paid", back.updated);
	if (str_is(str_of(back.state), "waiting_seller"))
		tts_wire_put_time(&b, "deadline", tts_wire_deadline(back.request));
	if (back.of_return.n)
		value_put_text(&b, "return", back.of_return);
	return value_record(&b);
}

static enum tts_step told(struct tts_job *job)
{
	return tts_done(job, tts_refund_value(job, job->order));
}

enum tts_step tts_refunds_status(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS | WANT_RETURNS, told);
}
