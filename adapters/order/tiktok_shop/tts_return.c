/* Returns: what may come back and why, and how those that were asked for stand. */
#include "adapters/order/tiktok_shop/tts_parts.h"

enum { tracking_min = 8, tracking_max = 34, tracking_digits = 6 };

/* --- reading --- */

static const struct value *lines_of(const struct value *of_return)
{
	return value_get(of_return, "return_line_items");
}

static bool has_line(struct tts_job *job, const struct value *of_return, struct str line)
{
	const struct value *lines = lines_of(of_return);

	for (size_t i = 0; value_is_set(lines) && i < value_count(lines); i++)
		if (str_eq(tts_wire_text(job->arena, value_at(lines, i), "order_line_item_id"),
			    line))
			return true;
	return false;
}

/* The return that keeps a line; NONE. */
static const struct value *return_of(struct tts_job *job, struct str order, struct str line)
{
	for (size_t i = 0; i < value_count(job->returns); i++) {
		const struct value *r = value_at(job->returns, i);

		if (str_eq(tts_wire_text(job->arena, r, "order_id"), order) &&
			tts_return_word(value_get_text(r, "return_status"))->live &&
			has_line(job, r, line))
			return r;
	}
	return &value_none;
}

bool tts_line_is_returning(struct tts_job *job, struct str order, struct str line)
{
	return value_is_set(return_of(job, order, line));
}

/* Why a line cannot be returned (again). */
static struct str why_not_again(const struct value *of_return)
{
	const char *state = tts_return_word(value_get_text(of_return, "return_status"))->state;

	if (str_is(str_of(state), "rejected"))
		return S("its return was declined");
	if (str_is(str_of(state), "paid"))
		return S("it was returned and refunded");
	return S("it is already being returned");
}

/* --- the value --- */

/* Of a line of the order, if that was read; else of what the return says itself. */
static const struct value *item_value(struct tts_job *job, const struct value *line)
{
	struct str id = tts_wire_text(job->arena, line, "order_line_item_id");
	const struct value *of_order = tts_order_line(job, job->order, id);
	struct str variant = tts_wire_words(job->arena, line, "sku_name");
	struct value_builder b;

	if (value_is_set(of_order)) {
		b = tts_line_record(job, job->order, of_order);
		return value_record(&b);
	}
	b = value_build(job->arena);
	value_put_text(&b, "id", id);
	value_put_text(&b, "title", tts_wire_words(job->arena, line, "product_name"));
	if (variant.n && !str_eq_nocase(variant, S("default")))
		value_put_text(&b, "variant", variant);
	tts_wire_put_if(&b, "price", tts_wire_refund(job->arena, value_get(line, "refund_amount")));
	return value_record(&b);
}

static const struct value *items_of(struct tts_job *job, const struct value *of_return)
{
	const struct value *lines = lines_of(of_return);
	struct value_builder list = value_build(job->arena);

	for (size_t i = 0; value_is_set(lines) && i < value_count(lines) && i < tts_max_items; i++)
		value_push(&list, item_value(job, value_at(lines, i)));
	return value_list(&list);
}

static struct str reason_of(struct tts_job *job, const struct value *of_return)
{
	struct str label = tts_reason_label(value_get_text(of_return, "return_reason"));

	return label.n ? label : tts_wire_words(job->arena, of_return, "return_reason_text");
}

static void put_way_back(struct tts_job *job, struct value_builder *b, const struct value *r)
{
	const struct value *warehouse = value_get(r, "return_warehouse_address");
	struct str address = tts_wire_words(job->arena, warehouse, "full_address");

	if (!address.n || !tts_return_word(value_get_text(r, "return_status"))->travels)
		return;
	value_put_text(b, "method", S("address"));
	value_put_text(b, "address", address);
}

const struct value *tts_return_value(struct tts_job *job, const struct value *r)
{
	const struct tts_return_word *word = tts_return_word(value_get_text(r, "return_status"));
	struct str tracking = tts_wire_words(job->arena, r, "return_tracking_number");
	struct str reason = reason_of(job, r);
	struct value_builder b = value_build(job->arena);

	value_put_text(&b, "id", tts_wire_text(job->arena, r, "return_id"));
	value_put_text(&b, "order", tts_wire_text(job->arena, r, "order_id"));
	value_put_text(&b, "state", str_of(word->state));
	value_put_text(&b, "state_text", str_of(word->words));
	value_put(&b, "items", items_of(job, r));
	if (reason.n)
		value_put_text(&b, "reason", reason);
	tts_wire_put_if(&b, "refund", tts_wire_refund(job->arena, value_get(r, "refund_amount")));
	if (str_is(str_of(word->state), "waiting_seller"))
		tts_wire_put_time(&b, "deadline", tts_wire_deadline(r));
	put_way_back(job, &b, r);
	if (tracking.n)
		value_put_text(&b, "tracking", tracking);
	tts_wire_put_time(&b, "created", value_get_int(r, "create_time"));
	value_put_text(&b, "next", str_of(word->next));
	return value_record(&b);
}

/* --- returns.status, returns.set_tracking --- */

static const struct value *the_return(struct tts_job *job)
{
	struct str id = tts_number_of(job->arena, tts_argument(job, "return"));

	for (size_t i = 0; i < value_count(job->returns); i++)
		if (str_eq(tts_wire_text(job->arena, value_at(job->returns, i), "return_id"), id))
			return value_at(job->returns, i);
	return &value_none;
}

static enum tts_step gather_return(struct tts_job *job, tts_continue *then)
{
	if (!tts_number_of(job->arena, tts_argument(job, "return")).n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_RETURN | WANT_ORDER | WANT_RETURNS, then);
}

static enum tts_step tell_status(struct tts_job *job)
{
	const struct value *r = the_return(job);

	return value_is_set(r) ? tts_done(job, tts_return_value(job, r))
			       : tts_not_found(job, false);
}

enum tts_step tts_returns_status(struct tts_job *job)
{
	return gather_return(job, tell_status);
}

static bool is_tracking_number(struct str written)
{
	size_t n = 0, digits = 0;

	for (size_t i = 0; i < written.n; i++) {
		char c = written.p[i];
		bool digit = c >= '0' && c <= '9';

		if (c == ' ' || c == '-')
			continue;
		if (!digit && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z'))
			return false;
		n++;
		digits += digit;
	}
	return n >= tracking_min && n <= tracking_max && digits >= tracking_digits;
}

/* The platform has no call for it: buyers enter the number themselves, or its own carrier knows. */
static enum tts_step answer_tracking(struct tts_job *job)
{
	const struct value *r = the_return(job);
	const struct tts_return_word *word;

	if (!value_is_set(r))
		return tts_not_found(job, false);
	word = tts_return_word(value_get_text(r, "return_status"));
	if (!word->travels)
		return tts_refuse(job, "wrong_state",
			arena_printf(job->arena, "the return is %s", word->words));
	if (!is_tracking_number(tts_argument(job, "number")))
		return tts_refuse(job, "bad_number",
			S("a tracking number has 8 to 34 letters and digits, at least six of them "
			  "digits"));
	return tts_refuse(
		job, "in_app", S("the number has to be entered in the app, under this return"));
}

enum tts_step tts_returns_set_tracking(struct tts_job *job)
{
	job->unsure = false; /* nothing of it ever leaves */
	return gather_return(job, answer_tracking);
}

/* --- returns.can_return --- */

static struct str why_no_return(struct tts_job *job)
{
	struct tts_order_word word = tts_order_status(job, job->order);

	switch (word.group) {
	case TTS_GROUP_OPEN:
		return str_is(word.wire, "UNPAID") ? S("it is not paid yet")
						   : S("it has not left the warehouse yet");
	case TTS_GROUP_ON_THE_WAY:
		return S("it has not arrived yet");
	case TTS_GROUP_OVER:
		return str_is(word.wire, "CANCELLED") ? S("it was cancelled")
						      : S("the time for returns is over");
	case TTS_GROUP_DELIVERED:
		return job->buyer_may_return
			       ? S("the shop cannot start this one, but you can in the app, under "
				   "the order")
			       : S("the platform does not allow it");
	case TTS_GROUP_STRANGE:
		break;
	}
	return S("a person of the shop decides about this order");
}

struct may_return {
	size_t n, n_may, n_taken; /* taken: in a return already */
	struct str why_taken;     /* of the first */
};

static const struct value *item_eligibility(
	struct tts_job *job, const struct value *line, struct str why, struct may_return *all)
{
	struct value_builder b = tts_line_record(job, job->order, line);
	struct str id = tts_wire_text(job->arena, line, "id");
	const struct value *taken = return_of(job, job->number, id);
	bool may = job->setup->policy.create_return && !value_is_set(taken) &&
		   tts_wire_list_has(job->may_return, id);

	value_put(&b, "may", value_bool(may));
	if (value_is_set(taken)) {
		why = why_not_again(taken);
		all->why_taken = all->n_taken++ ? all->why_taken : why;
	}
	if (!may)
		value_put_text(&b, "why", why);
	all->n++;
	all->n_may += may;
	return value_record(&b);
}

static enum tts_step answer_can_return(struct tts_job *job)
{
	const struct value *lines = tts_order_lines(job->order);
	struct value_builder b = value_build(job->arena), items = value_build(job->arena);
	struct str why = job->setup->policy.create_return
				 ? why_no_return(job)
				 : S("a person of the shop decides about returns");
	struct may_return all = {0};

	for (size_t i = 0; value_is_set(lines) && i < value_count(lines) && i < tts_max_items; i++)
		value_push(&items, item_eligibility(job, value_at(lines, i), why, &all));
	value_put_text(&b, "answer",
		!all.n_may           ? S("no")
		: all.n_may == all.n ? S("yes")
				     : S("partly"));
	if (!all.n_may)
		value_put_text(&b, "why", all.n && all.n_taken == all.n ? all.why_taken : why);
	else if (all.n_may < all.n)
		value_put_text(&b, "why", S("not everything in it can be returned"));
	value_put(&b, "items", value_list(&items));
	return tts_done(job, value_record(&b));
}

enum tts_step tts_returns_can_return(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER | WANT_RETURNS | WANT_MAY_RETURN | WANT_BUYER_RETURN,
		answer_can_return);
}

/* --- returns.reasons --- */

static enum tts_step answer_reasons(struct tts_job *job)
{
	struct value_builder strange = value_build(job->arena);
	const struct value *reasons =
		tts_return_reasons(job->arena, job->setup->market, job->return_names, &strange);

	for (size_t i = 0; i < strange.n; i++)
		tts_strange(job, "reason", value_text_of(strange.item[i]));
	return tts_done(job, reasons);
}

enum tts_step tts_returns_reasons(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER | WANT_REASONS, answer_reasons);
}
