/* Cancelling: whether it may be done, doing it, and finding out whether it was done. */
#include "adapters/order/tiktok_shop/tts_parts.h"

/* --- reading --- */

const struct value *tts_cancellation_of(
	const struct tts_job *job, struct str order, enum tts_cancel_state state)
{
	const struct value *best = &value_none;

	for (size_t i = 0; i < value_count(job->cancellations); i++) {
		const struct value *c = value_at(job->cancellations, i);

		if (str_eq(tts_wire_text(job->arena, c, "order_id"), order) &&
			tts_cancel_state(value_get_text(c, "cancel_status")) == state &&
			value_get_int(c, "create_time") >= value_get_int(best, "create_time"))
			best = c;
	}
	return best;
}

/* A cancellation that went through; NONE. */
static const struct value *that_holds(const struct tts_job *job, struct str order)
{
	const struct value *c = tts_cancellation_of(job, order, TTS_CANCEL_COMPLETE);

	return value_is_set(c) ? c : tts_cancellation_of(job, order, TTS_CANCEL_SUCCESS);
}

static bool is_buyers(const struct value *cancellation)
{
	return str_is(value_get_text(cancellation, "role"), "BUYER");
}

/* --- the verdict --- */

static struct tts_verdict verdict(const char *answer, const char *refusal, struct str why)
{
	return (struct tts_verdict){answer, refusal, why, &value_none, false};
}

#define A_PERSON "a person of the shop decides about this order"

static struct tts_verdict of_pending(const struct tts_job *job, const struct value *pending)
{
	struct tts_verdict v = verdict("pending", "pending",
		S("the seller was already asked to cancel it and has not answered yet"));

	v.cancellation = pending;
	if (is_buyers(pending) && job->setup->policy.approve) {
		v.answer = "yes";
		v.refusal = NULL;
		v.why = S("you have already asked for it, and it has not left the warehouse yet");
		v.approve = true;
	}
	return v;
}

static struct tts_verdict by_policy(const struct tts_job *job, const struct value *order)
{
	bool unpaid = str_is(tts_order_status(job, order).wire, "UNPAID");

	if (!job->setup->policy.cancel)
		return verdict("no", "not_allowed", S(A_PERSON));
	if (job->may_cancel->type == VALUE_TEXT)
		return verdict("no", "not_allowed",
			unpaid ? S("it is not paid yet; you can cancel it in the app, and "
				   "without payment it ends by itself")
			       : S("the platform does not allow the shop to cancel it now"));
	/* Without a word of the platform the rule of its papers holds: not before it is paid. */
	if (unpaid && job->may_cancel->type != VALUE_BOOL)
		return verdict("no", "not_allowed",
			S("it is not paid yet; you can cancel it in the app, and without payment "
			  "it ends by itself"));
	return verdict("yes", NULL,
		unpaid ? S("it is not paid yet, so nothing was charged")
		       : S("it has not left the warehouse yet"));
}

/* The platform has no "rejected": what a buyer took back and what a person of the shop declined
 * look the same, so somebody who may know decides. */
static struct tts_verdict of_open(const struct tts_job *job, const struct value *order)
{
	struct str number = tts_order_id(job, order);
	const struct value *pending = tts_cancellation_of(job, number, TTS_CANCEL_PENDING);
	const struct value *off = tts_cancellation_of(job, number, TTS_CANCEL_OFF);

	if (value_is_set(that_holds(job, number)))
		return verdict("cancelled", "done_already", S("it was already cancelled"));
	if (value_is_set(pending))
		return of_pending(job, pending);
	if (value_is_set(off) && is_buyers(off))
		return verdict("no", "not_allowed",
			S("an earlier request to cancel it was declined or taken back"));
	return by_policy(job, order);
}

static struct str dated(
	const struct tts_job *job, int64_t at, const char *with_day, const char *without)
{
	struct str day;

	if (at <= 0)
		return str_of(without);
	day = tts_wire_day(job->arena, at);
	return arena_printf(job->arena, "%s on %.*s", with_day, STR(day));
}

static struct tts_verdict of_shipped(const struct tts_job *job, const struct value *order)
{
	struct str wire = tts_order_status(job, order).wire;
	int64_t left = value_get_int(order, "collection_time");
	int64_t packed = value_get_int(order, "rts_time");

	if (str_is(wire, "PARTIALLY_SHIPPING"))
		return verdict("shipped", "shipped", S("a part of it has left the warehouse"));
	if (str_is(wire, "AWAITING_COLLECTION"))
		return verdict("shipped", "shipped",
			dated(job, packed, "it was packed for the carrier",
				"it is packed for the carrier"));
	return verdict("shipped", "shipped",
		dated(job, left, "it left the warehouse", "it has left the warehouse"));
}

struct tts_verdict tts_verdict(struct tts_job *job, const struct value *order)
{
	switch (tts_order_status(job, order).group) {
	case TTS_GROUP_OPEN:
		return of_open(job, order);
	case TTS_GROUP_ON_THE_WAY:
		return of_shipped(job, order);
	case TTS_GROUP_DELIVERED:
		return verdict("delivered", "shipped",
			dated(job, value_get_int(order, "delivery_time"), "it was delivered",
				"it was delivered"));
	case TTS_GROUP_OVER:
		if (str_is(tts_order_status(job, order).wire, "CANCELLED"))
			return verdict("cancelled", "done_already",
				dated(job, value_get_int(order, "cancel_time"),
					"it was already cancelled", "it was already cancelled"));
		return verdict("delivered", "shipped", S("it is completed"));
	case TTS_GROUP_STRANGE:
		break;
	}
	return verdict("no", "not_allowed", S(A_PERSON));
}

/* --- orders.can_cancel --- */

static const struct value *what_comes_back(
	const struct tts_job *job, const struct value *cancellation)
{
	const struct value *told =
		tts_wire_refund(job->arena, value_get(cancellation, "refund_amount"));

	if (value_is_set(told))
		return told;
	return value_is_set(job->money) ? job->money : tts_order_paid(job, job->order);
}

static enum tts_step answer_can_cancel(struct tts_job *job)
{
	struct tts_verdict v = tts_verdict(job, job->order);
	struct value_builder b = value_build(job->arena);
	struct str paid_with = tts_order_paid_with(job, job->order);
	const struct value *back = what_comes_back(job, v.cancellation);
	bool may_come_back = !v.refusal || str_is(str_of(v.refusal), "pending");

	value_put_text(&b, "answer", str_of(v.answer));
	value_put_text(&b, "why", v.why);
	if (v.refusal)
		tts_wire_put_time(&b, "deadline", tts_wire_deadline(v.cancellation));
	if (may_come_back && value_is_set(back)) {
		value_put(&b, "refund", back);
		if (paid_with.n)
			value_put_text(&b, "paid_with", paid_with);
	}
	return tts_done(job, value_record(&b));
}

enum tts_step tts_orders_can_cancel(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job,
		WANT_ORDER | WANT_CANCELLATIONS | WANT_MAY_CANCEL | WANT_CANCEL_REFUND,
		answer_can_cancel);
}

/* --- orders.cancel --- */

static enum tts_step heard(struct tts_job *job);

/* What is to be told of a cancellation that stands. */
static enum tts_step done(
	struct tts_job *job, struct str id, const char *state, const struct value *cancellation)
{
	struct value_builder b = value_build(job->arena);

	if (id.n)
		value_put_text(&b, "id", id);
	value_put_text(&b, "state", str_of(state));
	tts_wire_put_if(&b, "refund", what_comes_back(job, cancellation));
	if (str_is(str_of(state), "requested"))
		tts_wire_put_time(&b, "deadline", tts_wire_deadline(cancellation));
	return tts_done(job, value_record(&b));
}

/* The wanted state holds, by whomever: true, and the job is done. */
static bool is_done(struct tts_job *job)
{
	const struct value *holds = that_holds(job, job->number);
	bool off = str_is(tts_order_status(job, job->order).wire, "CANCELLED");

	if (!value_is_set(holds) && !off)
		return false;
	(void)done(job, tts_wire_text(job->arena, holds, "cancel_id"), "done", holds);
	return true;
}

static enum tts_step send_approval(struct tts_job *job)
{
	tts_post(job,
		arena_printf(job->arena, "/return_refund/202309/cancellations/%.*s/approve",
			STR(job->approving)),
		NULL);
	tts_param(job, "idempotency_key", tts_idempotency_key(job));
	job->request.changes = true;
	return tts_send_any(job, heard);
}

static enum tts_step send_cancel(struct tts_job *job)
{
	struct json *body = json_new_object();

	json_put_text(body, "order_id", job->number);
	json_put_text(body, "cancel_reason", job->reason[job->reason_at]);
	tts_post(job, S("/return_refund/202309/cancellations"), body);
	job->request.changes = true;
	return tts_send_any(job, heard);
}

static bool find_reasons(struct tts_job *job)
{
	job->n_reasons =
		tts_cancel_reasons(job->setup->market, tts_order_status(job, job->order).wire,
			tts_argument(job, "reason"), job->cancel_names, job->reason);
	job->reason_at = 0;
	return job->n_reasons;
}

/* The order is as it was just read. */
static enum tts_step act(struct tts_job *job)
{
	struct tts_verdict v = tts_verdict(job, job->order);

	if (!v.refusal && !v.approve && !find_reasons(job))
		v = verdict("no", "not_allowed", S(A_PERSON));
	if (v.refusal)
		return tts_may_close(job) ? tts_refuse(job, v.refusal, v.why) : tts_unsure(job);
	job->approving = (struct str){0};
	if (!v.approve)
		return send_cancel(job);
	job->approving =
		tts_number_of(job->arena, tts_wire_text(job->arena, v.cancellation, "cancel_id"));
	return job->approving.n ? send_approval(job) : tts_fail(job);
}

static const char *refusal_of(enum tts_no no)
{
	switch (no) {
	case TTS_NO_SHIPPED:
		return "shipped";
	case TTS_NO_OTHERS:
		return "not_found";
	case TTS_NO_STATE:
	case TTS_NO_REASON:
	case TTS_NO_ITEMS:
	case TTS_NO_RISK:
	case TTS_NO_RULE:
		break;
	}
	return "not_allowed";
}

/* The platform refused; the order, read again, says why in words. */
static enum tts_step refused(struct tts_job *job)
{
	struct tts_verdict v = tts_verdict(job, job->order);
	bool told = v.refusal && !str_is(str_of(v.answer), "no");

	job->doubt = false;
	if (is_done(job))
		return TTS_END;
	if (!tts_may_close(job))
		return tts_unsure(job);
	if (told)
		return tts_refuse(job, v.refusal, v.why);
	return tts_refuse(job, refusal_of(job->refused_as),
		job->refused_as == TTS_NO_SHIPPED ? S("it has left the warehouse") : S(A_PERSON));
}

static enum tts_step hear_no(struct tts_job *job)
{
	if (job->answer->no == TTS_NO_REASON && !job->approving.n &&
		++job->reason_at < job->n_reasons)
		return send_cancel(job);
	job->refused_as = job->answer->no;
	return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS, refused);
}

/* A good answer, and what the platform shows now. */
static enum tts_step confirmed(struct tts_job *job)
{
	const struct value *pending = tts_cancellation_of(job, job->number, TTS_CANCEL_PENDING);

	if (is_done(job))
		return TTS_END;
	if (value_is_set(pending) && !job->approving.n)
		return done(
			job, tts_wire_text(job->arena, pending, "cancel_id"), "requested", pending);
	job->made = (struct str){0}; /* the answer was about something else */
	return tts_unsure(job);
}

/* From here on a read that fails must not turn "done" into anything less: the answer was clear. */
static enum tts_step hear_good(struct tts_job *job)
{
	struct str id = tts_wire_text(job->arena, job->answer->data, "cancel_id");
	enum tts_cancel_state state =
		tts_cancel_state(value_get_text(job->answer->data, "cancel_status"));

	if (job->approving.n)
		id = job->approving;
	else if (!id.n || state == TTS_CANCEL_OFF)
		return tts_unsure(job);
	job->made = id;
	job->made_pending = !job->approving.n && state == TTS_CANCEL_PENDING;
	return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS, confirmed);
}

static enum tts_step tell_made(struct tts_job *job)
{
	return done(job, job->made, job->made_pending ? "requested" : "done", &value_none);
}

static enum tts_step heard(struct tts_job *job)
{
	switch (job->answer->meaning) {
	case TTS_OK:
		return hear_good(job);
	case TTS_NO:
		return hear_no(job);
	case TTS_ALREADY:
		job->doubt = true;
		job->refused_as = TTS_NO_STATE;
		return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS, refused);
	case TTS_UNCLEAR:
		return tts_unsure(job);
	case TTS_TOKEN:
	case TTS_BUSY:
	case TTS_CLOCK:
	case TTS_DENIED:
	case TTS_MISTAKEN:
	case TTS_NOT_SENT:
		break;
	}
	return job->unsure ? tts_unsure(job) : tts_fail(job); /* this one was surely not done */
}

/* After something of unknown fate left.  The platform refuses to cancel twice and to approve what
 * is not pending any more, so what is seen not to be there may be sent again. */
static enum tts_step looked(struct tts_job *job)
{
	return is_done(job) ? TTS_END : act(job);
}

enum tts_step tts_orders_cancel(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	job->look_wants = WANT_ORDER | WANT_CANCELLATIONS;
	job->looked = looked;
	job->when_made = tell_made;
	if (!job->number.n)
		return tts_not_found(job, false);
	if (job->unsure)
		return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS | WANT_MAY_CANCEL, looked);
	return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS | WANT_MAY_CANCEL, act);
}
