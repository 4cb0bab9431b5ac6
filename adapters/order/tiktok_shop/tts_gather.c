/* What an operation has to know first: a table of reads, asked one after the other, those that make
 * no sense for this order left out. */
#include "adapters/order/tiktok_shop/tts_parts.h"

#include "bot/base/money.h"

#define RETURN_REFUND "/return_refund/202309"

enum heard {
	HEARD,       /* and understood */
	HEARD_AGAIN, /* ask once more: another page, another version */
	HEARD_END,   /* the job goes on as job->ending says, and not here */
};

struct want {
	enum tts_want bit;
	bool hears_no; /* an answer that says no is an answer */
	bool (*needed)(const struct tts_job *job);
	void (*ask)(struct tts_job *job);
	enum heard (*hear)(struct tts_job *job);
};

static struct str path_of(struct tts_job *job, const char *format, struct str id)
{
	return arena_printf(job->arena, format, STR(id));
}

static enum heard ends(struct tts_job *job, enum tts_step step)
{
	job->ending = step;
	return HEARD_END;
}

/* What came is about something else: asked once more, then nothing can be learnt here. */
static enum heard mismatch(struct tts_job *job)
{
	if (job->mismatches++ == 0)
		return HEARD_AGAIN;
	return ends(job, tts_blind(job));
}

static enum heard not_found(struct tts_job *job)
{
	return ends(job, tts_not_found(job, true));
}

/* --- an order --- */

/* Orders that are paid for less than an hour come without data of the buyer: whose they are is then
 * asked by searching among the buyer's own of that second. */
static void ask_whose(struct tts_job *job)
{
	int64_t created = value_get_int(job->nameless, "create_time");
	struct json *body = json_new_object();

	json_put_text(body, "buyer_user_id", job->asked.buyer);
	json_put_int(body, "create_time_ge", created);
	json_put_int(body, "create_time_lt", created + 1);
	tts_post(job, S("/order/202309/orders/search"), body);
	tts_param(job, "page_size", S("50"));
}

static void ask_order(struct tts_job *job)
{
	if (value_is_set(job->nameless)) {
		ask_whose(job);
		return;
	}
	tts_get(job, S("/order/202309/orders"));
	tts_param(job, "ids", job->number);
}

static const struct value *record_with(
	struct tts_job *job, const struct value *list, const char *name, struct str id)
{
	for (size_t i = 0; value_is_set(list) && i < value_count(list); i++)
		if (str_eq(tts_wire_text(job->arena, value_at(list, i), name), id))
			return value_at(list, i);
	return NULL;
}

static bool is_whole(const struct value *order)
{
	return value_get_text(order, "status").n;
}

static enum heard take_order(struct tts_job *job, const struct value *order)
{
	struct value_builder numbers = value_build(job->arena);

	job->order = order;
	job->nameless = &value_none;
	value_push(&numbers, value_text(job->arena, job->number));
	job->numbers = value_list(&numbers);
	return HEARD;
}

static enum heard hear_whose(struct tts_job *job)
{
	const struct value *list = value_get(job->answer->data, "orders");
	const struct value *order = job->nameless;

	job->nameless = &value_none;
	return record_with(job, list, "id", job->number) ? take_order(job, order) : not_found(job);
}

static enum heard hear_order(struct tts_job *job)
{
	const struct value *list = value_get(job->answer->data, "orders");
	const struct value *order = record_with(job, list, "id", job->number);
	struct str owner = tts_wire_text(job->arena, order, "user_id");

	if (value_is_set(job->nameless))
		return hear_whose(job);
	if (!order && value_count(list))
		return mismatch(job);
	if (!order)
		return not_found(job);
	if (!is_whole(order))
		return mismatch(job);
	if (!job->of_anybody && !owner.n && job->asked.buyer.n) {
		job->nameless = order;
		return HEARD_AGAIN;
	}
	if (!job->of_anybody && (!owner.n || !str_eq(owner, job->asked.buyer)))
		return not_found(job);
	return take_order(job, order);
}

/* --- searches --- */

static struct json *texts(const struct value *list)
{
	return value_to_json(list);
}

static void ask_search(
	struct tts_job *job, const char *path, const char *filter, const struct value *ids)
{
	struct json *body = json_new_object();

	json_put(body, filter, texts(ids));
	tts_post(job, str_of(path), body);
	tts_param(job, "page_size", S("50"));
	tts_param(job, "sort_field", S("create_time"));
	tts_param(job, "sort_order", S("DESC"));
	if (job->page_token.n)
		tts_param(job, "page_token", job->page_token);
}

/* Only those that belong to an order that was asked for. */
static void keep_page(struct tts_job *job, const struct value *list)
{
	if (!job->page.arena)
		job->page = value_build(job->arena);
	for (size_t i = 0; value_is_set(list) && i < value_count(list); i++) {
		const struct value *record = value_at(list, i);

		if (tts_wire_list_has(job->numbers, tts_wire_text(job->arena, record, "order_id")))
			value_push(&job->page, record);
	}
}

static bool is_more(struct tts_job *job)
{
	job->page_token = value_get_text(job->answer->data, "next_page_token");
	return job->page_token.n && ++job->n_pages < tts_max_pages && !arena_over(job->arena);
}

static const struct value *pages(struct tts_job *job)
{
	const struct value *all = value_list(&job->page);

	job->page = (struct value_builder){0};
	job->page_token = (struct str){0};
	job->n_pages = 0;
	return all;
}

static void ask_cancellations(struct tts_job *job)
{
	ask_search(job, RETURN_REFUND "/cancellations/search", "order_ids", job->numbers);
}

static void note_cancellation_words(struct tts_job *job, const struct value *c)
{
	struct str status = value_get_text(c, "cancel_status");

	if (tts_cancel_state(status) == TTS_CANCEL_STRANGE)
		tts_strange(job, "cancel_status", status);
	tts_word(job, TTS_CANCEL_TYPE, "cancel_type", value_get_text(c, "cancel_type"));
	tts_word(job, TTS_ROLE, "role", value_get_text(c, "role"));
}

static enum heard hear_cancellations(struct tts_job *job)
{
	keep_page(job, value_get(job->answer->data, "cancellations"));
	if (is_more(job))
		return HEARD_AGAIN;
	job->cancellations = pages(job);
	for (size_t i = 0; i < value_count(job->cancellations); i++)
		note_cancellation_words(job, value_at(job->cancellations, i));
	return HEARD;
}

static void ask_returns(struct tts_job *job)
{
	ask_search(job, RETURN_REFUND "/returns/search", "order_ids", job->numbers);
}

static void note_return_words(struct tts_job *job, const struct value *r)
{
	struct str status = value_get_text(r, "return_status");

	if (!tts_return_word(status)->known)
		tts_strange(job, "return_status", status);
	tts_word(job, TTS_RETURN_TYPE, "return_type", value_get_text(r, "return_type"));
	tts_word(job, TTS_ROLE, "role", value_get_text(r, "role"));
	tts_word(job, TTS_ARBITRATION, "arbitration_status",
		value_get_text(r, "arbitration_status"));
	tts_word(job, TTS_RETURN_METHOD, "return_method", value_get_text(r, "return_method"));
	tts_word(job, TTS_SHIPMENT_TYPE, "shipment_type", value_get_text(r, "shipment_type"));
	tts_word(job, TTS_HANDOVER, "handover_method", value_get_text(r, "handover_method"));
	tts_word(job, TTS_DOCUMENT, "return_shipping_document_type",
		value_get_text(r, "return_shipping_document_type"));
}

static enum heard hear_returns(struct tts_job *job)
{
	keep_page(job, value_get(job->answer->data, "return_orders"));
	if (is_more(job))
		return HEARD_AGAIN;
	job->returns = pages(job);
	for (size_t i = 0; i < value_count(job->returns); i++)
		note_return_words(job, value_at(job->returns, i));
	return HEARD;
}

/* There is no call for one return: it is searched, and tells its order. */
static void ask_return(struct tts_job *job)
{
	struct value_builder ids = value_build(job->arena);

	value_push(&ids,
		value_text(job->arena, tts_number_of(job->arena, tts_argument(job, "return"))));
	ask_search(job, RETURN_REFUND "/returns/search", "return_ids", value_list(&ids));
}

static enum heard hear_return(struct tts_job *job)
{
	const struct value *list = value_get(job->answer->data, "return_orders");
	struct str id = tts_number_of(job->arena, tts_argument(job, "return"));
	const struct value *found = record_with(job, list, "return_id", id);

	if (!found && value_count(list))
		return mismatch(job);
	if (!found)
		return not_found(job);
	job->number = tts_number_of(job->arena, tts_wire_text(job->arena, found, "order_id"));
	return job->number.n ? HEARD : mismatch(job);
}

/* --- what may be done --- */

static void ask_eligibility(struct tts_job *job, const char *user, const char *type)
{
	tts_get(job, path_of(job,
			     job->old_version
				     ? RETURN_REFUND "/orders/%.*s/aftersale_eligibility"
				     : "/return_refund/202512/orders/%.*s/aftersale_eligibility",
			     job->number));
	tts_param(job, "initiate_aftersale_user", str_of(user));
	if (!job->old_version)
		tts_param(job, "request_types", str_of(type));
}

/* The newer form names the reasons too, but is not there for everybody. */
static bool is_too_new(struct tts_job *job)
{
	if (job->answer->meaning != TTS_MISTAKEN || job->old_version)
		return false;
	job->old_version = true;
	return true;
}

/* Calls @each for the entries of one type. */
typedef void each_entry(struct tts_job *job, const struct value *entry, void *self);
static void each_eligible(
	struct tts_job *job, const char *type, const char *alias, each_entry *each, void *self)
{
	const struct value *skus = value_get(job->answer->data, "sku_eligibility");

	for (size_t i = 0; value_is_set(skus) && i < value_count(skus); i++) {
		const struct value *entries = value_get(value_at(skus, i), "line_item_eligibility");

		for (size_t k = 0; value_is_set(entries) && k < value_count(entries); k++) {
			const struct value *entry = value_at(entries, k);
			struct str word = value_get_text(entry, "request_type");

			tts_word(job, TTS_REQUEST_TYPE, "request_type", word);
			if (str_is(word, type) || str_is(word, alias))
				each(job, entry, self);
		}
	}
}

struct eligibility {
	size_t n_yes, n_no;
	int64_t code; /* of the first no */
	struct value_builder names, items;
};

static void count_entry(struct tts_job *job, const struct value *entry, void *self)
{
	struct eligibility *all = self;
	const struct value *names = value_get(entry, "available_reason_names");
	const struct value *lines = value_get(entry, "order_line_items_ids");

	if (!value_bool_of(value_get(entry, "eligible"))) {
		if (!all->n_no++)
			all->code = value_get_int(entry, "ineligible_code");
		return;
	}
	all->n_yes++;
	for (size_t i = 0; value_is_set(lines) && i < value_count(lines); i++)
		value_push(&all->items, value_at(lines, i));
	for (size_t i = 0; value_is_set(names) && i < value_count(names); i++)
		value_push(&all->names, value_text(job->arena, value_text_of(value_at(names, i))));
}

static struct eligibility eligibility_of(struct tts_job *job, const char *type, const char *alias)
{
	struct eligibility all = {
		.names = value_build(job->arena), .items = value_build(job->arena)};

	if (job->answer->meaning == TTS_OK)
		each_eligible(job, type, alias, count_entry, &all);
	return all;
}

static const struct value *list_or_none(struct value_builder *list)
{
	return list->n ? value_list(list) : &value_none;
}

static bool can_be_cancelled_at_all(const struct tts_job *job)
{
	return tts_order_status(job, job->order).group == TTS_GROUP_OPEN;
}

static void ask_may_cancel(struct tts_job *job)
{
	ask_eligibility(job, "SELLER", "CANCEL");
}

static enum heard hear_may_cancel(struct tts_job *job)
{
	struct eligibility all;

	if (is_too_new(job))
		return HEARD_AGAIN;
	all = eligibility_of(job, "CANCEL", "CANCEL");
	if (job->answer->meaning != TTS_OK)
		job->may_cancel = value_text(
			job->arena, arena_printf(job->arena, "%lld", (long long)job->answer->code));
	else if (all.n_no)
		job->may_cancel = value_text(
			job->arena, arena_printf(job->arena, "%lld", (long long)all.code));
	else if (all.n_yes)
		job->may_cancel = &value_true;
	job->cancel_names = list_or_none(&all.names);
	return HEARD;
}

static void ask_may_return(struct tts_job *job)
{
	ask_eligibility(job, "SELLER", "RETURN_AND_REFUND");
}

static bool is_delivered(const struct tts_job *job)
{
	return tts_order_status(job, job->order).group == TTS_GROUP_DELIVERED;
}

static enum heard hear_may_return(struct tts_job *job)
{
	struct eligibility all;

	if (is_too_new(job))
		return HEARD_AGAIN;
	all = eligibility_of(job, "RETURN_AND_REFUND", "RETURN");
	job->may_return = value_list(&all.items);
	return HEARD;
}

static void ask_buyer_return(struct tts_job *job)
{
	ask_eligibility(job, "BUYER", "RETURN_AND_REFUND");
}

static bool nothing_by_seller(const struct tts_job *job)
{
	return is_delivered(job) && !value_count(job->may_return);
}

static enum heard hear_buyer_return(struct tts_job *job)
{
	if (is_too_new(job))
		return HEARD_AGAIN;
	job->buyer_may_return = eligibility_of(job, "RETURN_AND_REFUND", "RETURN").n_yes > 0;
	return HEARD;
}

static enum heard hear_reasons(struct tts_job *job)
{
	struct eligibility all;

	if (is_too_new(job))
		return HEARD_AGAIN;
	all = eligibility_of(job, "RETURN_AND_REFUND", "RETURN");
	job->return_names = list_or_none(&all.names);
	return HEARD;
}

/* --- how much --- */

static void ask_calculation(struct tts_job *job, const char *type, struct str reason)
{
	struct json *body = json_new_object();

	json_put_text(body, "order_id", job->number);
	json_put_text(body, "request_type", str_of(type));
	json_put_text(body, "reason_name", reason);
	if (value_count(job->items))
		json_put(body, "order_line_item_ids", texts(job->items));
	tts_post(job, S(RETURN_REFUND "/refunds/calculate"), body);
}

static bool something_may_come_back(const struct tts_job *job)
{
	return can_be_cancelled_at_all(job) && value_is_set(tts_order_paid(job, job->order)) &&
	       job->may_cancel->type != VALUE_TEXT;
}

static void ask_cancel_refund(struct tts_job *job)
{
	struct str name[tts_max_reasons];
	size_t n = tts_cancel_reasons(job->setup->market, value_get_text(job->order, "status"),
		S(""), job->cancel_names, name);

	ask_calculation(job, "CANCEL", n ? name[0] : S(""));
}

/* No more than was paid for the order, whatever an answer says. */
static bool is_within_total(const struct tts_job *job, const struct value *money)
{
	const struct value *total = tts_order_total(job, job->order);
	struct str currency = value_get_text(money, "currency");
	int64_t amount, most;

	return value_is_set(total) && str_eq(value_get_text(total, "currency"), currency) &&
	       money_minor(value_get_text(money, "amount"), currency, &amount) &&
	       money_minor(value_get_text(total, "amount"), currency, &most) && amount <= most;
}

static enum heard hear_money(struct tts_job *job)
{
	const struct value *amount = value_get(job->answer->data, "order_refund_amount");
	const struct value *money = tts_wire_refund(job->arena, amount);

	job->money_was_refused = job->answer->meaning == TTS_NO;
	job->money_refused = job->answer->no;
	job->money = value_is_set(money) && is_within_total(job, money) ? money : &value_none;
	return HEARD;
}

static void ask_return_refund(struct tts_job *job)
{
	ask_calculation(job, "RETURN_AND_REFUND", tts_argument(job, "reason"));
}

/* --- where it is --- */

static void ask_tracking(struct tts_job *job)
{
	tts_get(job, path_of(job, "/fulfillment/202309/orders/%.*s/tracking", job->number));
}

static enum heard hear_tracking(struct tts_job *job)
{
	job->tracking = value_get(job->answer->data, "tracking");
	return HEARD;
}

/* --- the table --- */

static const struct want want[] = {
	{WANT_RETURN, false, NULL, ask_return, hear_return},
	{WANT_ORDER, false, NULL, ask_order, hear_order},
	{WANT_CANCELLATIONS, false, NULL, ask_cancellations, hear_cancellations},
	{WANT_RETURNS, false, NULL, ask_returns, hear_returns},
	{WANT_MAY_CANCEL, true, can_be_cancelled_at_all, ask_may_cancel, hear_may_cancel},
	{WANT_CANCEL_REFUND, true, something_may_come_back, ask_cancel_refund, hear_money},
	{WANT_MAY_RETURN, true, is_delivered, ask_may_return, hear_may_return},
	{WANT_BUYER_RETURN, true, nothing_by_seller, ask_buyer_return, hear_buyer_return},
	{WANT_REASONS, true, is_delivered, ask_may_return, hear_reasons},
	{WANT_RETURN_REFUND, true, NULL, ask_return_refund, hear_money},
	{WANT_TRACKING, false, NULL, ask_tracking, hear_tracking},
};
enum { n_wants = sizeof(want) / sizeof(*want) };

static const struct want *next_want(struct tts_job *job)
{
	for (size_t i = 0; i < n_wants; i++) {
		const struct want *w = &want[i];

		if (!(job->wants & w->bit))
			continue;
		if (!w->needed || w->needed(job))
			return w;
		job->wants &= ~(unsigned)w->bit;
	}
	return NULL;
}

static bool is_no(enum tts_meaning meaning)
{
	return meaning == TTS_NO || meaning == TTS_ALREADY || meaning == TTS_MISTAKEN;
}

static enum tts_step heard_one(struct tts_job *job);

static enum tts_step ask_next(struct tts_job *job)
{
	const struct want *w = next_want(job);

	if (!w)
		return job->gathered(job);
	w->ask(job);
	return tts_send_any(job, heard_one);
}

static enum tts_step heard_one(struct tts_job *job)
{
	const struct want *w = next_want(job);
	enum tts_meaning meaning = job->answer->meaning;

	if (meaning != TTS_OK && !(w->hears_no && is_no(meaning)))
		return tts_stuck(job);
	switch (w->hear(job)) {
	case HEARD:
		job->wants &= ~(unsigned)w->bit;
		break;
	case HEARD_AGAIN:
		break;
	case HEARD_END:
		return job->ending;
	}
	return ask_next(job);
}

enum tts_step tts_gather(struct tts_job *job, unsigned wants, tts_continue *then)
{
	job->wants = wants;
	job->gathered = then;
	job->mismatches = 0;
	return ask_next(job);
}
