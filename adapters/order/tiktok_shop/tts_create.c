/* Asking for a return in the buyer's name, and finding out whether that was done. */
#include "adapters/order/tiktok_shop/tts_parts.h"

enum { max_reason_bytes = 120 };

static enum tts_step heard(struct tts_job *job);

/* --- what is wanted --- */

/* The items that the caller means: a list, or a single one, of ids or records.  NONE: one of them
 * is not of this order, or there is none. */
static const struct value *chosen(struct tts_job *job)
{
	const struct value *named = value_get(job->asked.args, "items");
	bool is_list = named && named->type == VALUE_LIST;
	size_t n = is_list ? value_count(named) : value_is_set(named);
	struct value_builder ids = value_build(job->arena);

	for (size_t i = 0; i < n; i++) {
		const struct value *v = is_list ? value_at(named, i) : named;
		struct str id =
			v->type == VALUE_RECORD ? value_get_text(v, "id") : value_text_of(v);

		if (!id.n || !value_is_set(tts_order_line(job, job->order, id)) ||
			ids.n == tts_max_items)
			return &value_none;
		value_push(&ids, value_text(job->arena, id));
	}
	return ids.n ? value_list(&ids) : &value_none;
}

/* Names of reasons are plain: they also hold ' & / ( and commas. */
static bool is_reason(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= 0x20 || (unsigned char)name.p[i] >= 0x7F)
			return false;
	return name.n && name.n <= max_reason_bytes;
}

/* --- whether it is there --- */

static bool holds_all(struct tts_job *job, const struct value *of_return)
{
	const struct value *lines = value_get(of_return, "return_line_items");

	for (size_t i = 0; i < value_count(job->items); i++) {
		struct str id = value_text_of(value_at(job->items, i));
		bool there = false;

		for (size_t k = 0; value_is_set(lines) && k < value_count(lines); k++)
			there |= str_eq(
				tts_wire_text(job->arena, value_at(lines, k), "order_line_item_id"),
				id);
		if (!there)
			return false;
	}
	return value_count(job->items) > 0;
}

/* A living return with these items, made since ours may have left; NONE. */
static const struct value *ours(struct tts_job *job)
{
	for (size_t i = 0; i < value_count(job->returns); i++) {
		const struct value *r = value_at(job->returns, i);

		if (tts_return_word(value_get_text(r, "return_status"))->live &&
			holds_all(job, r) &&
			value_get_int(r, "create_time") >= job->first_left - tts_clock_slack_s)
			return r;
	}
	return &value_none;
}

static const struct value *by_id(struct tts_job *job, struct str id)
{
	for (size_t i = 0; i < value_count(job->returns); i++)
		if (str_eq(tts_wire_text(job->arena, value_at(job->returns, i), "return_id"), id))
			return value_at(job->returns, i);
	return &value_none;
}

/* --- asking --- */

static enum tts_step send_create(struct tts_job *job)
{
	struct json *body = json_new_object();

	json_put_text(body, "order_id", job->number);
	json_put_text(body, "return_type", S("RETURN_AND_REFUND"));
	json_put_text(body, "return_reason", tts_argument(job, "reason"));
	json_put_text(body, "refund_total", value_get_text(job->money, "amount"));
	json_put_text(body, "currency", value_get_text(job->money, "currency"));
	json_put(body, "order_line_item_ids", value_to_json(job->items));
	tts_post(job, S("/return_refund/202309/returns"), body);
	tts_param(job, "idempotency_key", tts_idempotency_key(job));
	job->request.changes = true;
	return tts_send_any(job, heard);
}

static enum tts_step refuse(struct tts_job *job, const char *why, struct str why_text)
{
	return tts_may_close(job) ? tts_refuse(job, why, why_text) : tts_unsure(job);
}

static enum tts_step refuse_for(struct tts_job *job, enum tts_no no)
{
	if (no == TTS_NO_REASON)
		return refuse(job, "bad_reason", S("the platform does not take this reason here"));
	return refuse(job, "not_returnable", S("the platform does not allow it"));
}

static enum tts_step calculated(struct tts_job *job)
{
	if (job->money_was_refused)
		return refuse_for(job, job->money_refused);
	return value_is_set(job->money) ? send_create(job)
					: (job->unsure ? tts_unsure(job) : tts_fail(job));
}

static bool is_running(struct tts_job *job)
{
	for (size_t i = 0; i < value_count(job->items); i++)
		if (tts_line_is_returning(job, job->number, value_text_of(value_at(job->items, i))))
			return true;
	return false;
}

#define A_PERSON "a person of the shop decides about this return"

/* The order and its returns are as they were just read. */
static enum tts_step act(struct tts_job *job)
{
	job->items = chosen(job);
	if (tts_order_status(job, job->order).group != TTS_GROUP_DELIVERED)
		return refuse(job, "not_returnable", S("it is not delivered, or too long ago"));
	if (!job->setup->policy.create_return)
		return refuse(job, "not_returnable", S(A_PERSON));
	if (!value_is_set(job->items))
		return tts_not_found(job, false);
	if (is_running(job))
		return refuse(job, "pending", S("it is already being returned"));
	if (!is_reason(tts_argument(job, "reason")))
		return refuse(job, "bad_reason", S("the shop needs one of its own reasons"));
	return tts_gather(job, WANT_RETURN_REFUND, calculated);
}

/* --- hearing --- */

static enum tts_step tell(struct tts_job *job, const struct value *of_return)
{
	return tts_done(job, tts_return_value(job, of_return));
}

/* It was made, and cannot be read: what the answer itself says. */
static enum tts_step tell_made(struct tts_job *job)
{
	struct value_builder b = value_build(job->arena);

	value_put_text(&b, "return_id", job->made);
	value_put_text(&b, "order_id", job->number);
	value_put_text(&b, "return_status", job->made_status);
	return tell(job, value_record(&b));
}

/* One that does not say what is in it is taken at its word. */
static bool is_what_was_asked(struct tts_job *job, const struct value *of_return)
{
	return value_is_set(of_return) &&
	       (!value_count(value_get(of_return, "return_line_items")) ||
		       holds_all(job, of_return));
}

static enum tts_step confirmed(struct tts_job *job)
{
	const struct value *made = by_id(job, job->made);

	if (!is_what_was_asked(job, made))
		made = ours(job); /* the answer named another one */
	if (value_is_set(made))
		return tell(job, made);
	job->made = (struct str){0};
	return tts_unsure(job);
}

static enum tts_step already(struct tts_job *job)
{
	const struct value *there = ours(job);

	job->doubt = false;
	if (value_is_set(there) && job->unsure)
		return tell(job, there);
	return refuse(job, "pending", S("it is already being returned"));
}

static enum tts_step hear_good(struct tts_job *job)
{
	struct str id = tts_wire_text(job->arena, job->answer->data, "return_id");

	if (!id.n)
		return tts_unsure(job);
	job->made = id;
	job->made_status = value_get_text(job->answer->data, "return_status");
	return tts_gather(job, WANT_RETURNS, confirmed);
}

static enum tts_step heard(struct tts_job *job)
{
	switch (job->answer->meaning) {
	case TTS_OK:
		return hear_good(job);
	case TTS_NO:
		return refuse_for(job, job->answer->no);
	case TTS_ALREADY:
		job->doubt = true;
		return tts_gather(job, WANT_RETURNS, already);
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
	return job->unsure ? tts_unsure(job) : tts_fail(job);
}

/* After something of unknown fate left.  Under its key it may go again while the platform surely
 * remembers the key; later only looking is left, and then a person. */
static enum tts_step looked(struct tts_job *job)
{
	const struct value *there;

	job->items = chosen(job);
	there = ours(job);
	if (value_is_set(there))
		return tell(job, there);
	if (job->now - job->first_left >= tts_resend_within_s)
		return tts_unsure(job);
	return act(job);
}

enum tts_step tts_returns_create(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	job->look_wants = WANT_ORDER | WANT_RETURNS;
	job->looked = looked;
	job->when_made = tell_made;
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER | WANT_RETURNS, job->unsure ? looked : act);
}
