/* Orders as the platform tells them, and as flows read them. */
#include "adapters/order/tiktok_shop/tts_parts.h"

#include "bot/base/money.h"

/* --- reading --- */

struct tts_order_word tts_order_status(const struct tts_job *job, const struct value *order)
{
	(void)job;
	return tts_order_word(value_get_text(order, "status"));
}

struct str tts_order_id(const struct tts_job *job, const struct value *order)
{
	return tts_wire_text(job->arena, order, "id");
}

static struct str currency_of(const struct value *order)
{
	return value_get_text(value_get(order, "payment"), "currency");
}

const struct value *tts_order_total(const struct tts_job *job, const struct value *order)
{
	struct str amount = tts_wire_text(job->arena, value_get(order, "payment"), "total_amount");
	struct str currency = currency_of(order);
	int64_t minor;

	if (!currency.n || !money_minor(amount, currency, &minor) || minor < 0)
		return &value_none;
	return value_money(job->arena, amount, currency);
}

static bool is_cod(const struct value *order)
{
	return value_bool_of(value_get(order, "is_cod"));
}

static bool was_charged(const struct tts_job *job, const struct value *order)
{
	return !str_is(tts_order_status(job, order).wire, "UNPAID") && !is_cod(order) &&
	       (!str_is(tts_order_status(job, order).wire, "CANCELLED") ||
		       value_get_int(order, "paid_time") > 0);
}

const struct value *tts_order_paid(const struct tts_job *job, const struct value *order)
{
	struct str amount = tts_wire_text(job->arena, value_get(order, "payment"), "total_amount");

	if (!was_charged(job, order))
		return &value_none;
	return tts_wire_money(job->arena, amount, currency_of(order));
}

struct str tts_order_paid_with(const struct tts_job *job, const struct value *order)
{
	return tts_wire_words(job->arena, order, "payment_method_name");
}

/* --- lines: one a unit --- */

const struct value *tts_order_lines(const struct value *order)
{
	return value_get(order, "line_items");
}

const struct value *tts_order_line(struct tts_job *job, const struct value *order, struct str id)
{
	const struct value *lines = tts_order_lines(order);

	for (size_t i = 0; value_is_set(lines) && i < value_count(lines); i++)
		if (str_eq(tts_wire_text(job->arena, value_at(lines, i), "id"), id))
			return value_at(lines, i);
	return &value_none;
}

static struct str title_of(struct tts_job *job, const struct value *line)
{
	struct str title = tts_wire_words(job->arena, line, "product_name");

	return title.n ? title : S("an item");
}

struct value_builder tts_line_record(
	struct tts_job *job, const struct value *order, const struct value *line)
{
	struct value_builder b = value_build(job->arena);
	struct str variant = tts_wire_words(job->arena, line, "sku_name");
	struct str currency = value_get_text(line, "currency");

	value_put_text(&b, "id", tts_wire_text(job->arena, line, "id"));
	value_put_text(&b, "title", title_of(job, line));
	if (variant.n && !str_eq_nocase(variant, S("default")))
		value_put_text(&b, "variant", variant);
	tts_wire_put_if(&b, "price",
		tts_wire_money(job->arena, tts_wire_text(job->arena, line, "sale_price"),
			currency.n ? currency : currency_of(order)));
	return b;
}

static const struct value *items_value(struct tts_job *job, const struct value *order)
{
	const struct value *lines = tts_order_lines(order);
	struct str number = tts_order_id(job, order);
	struct value_builder list = value_build(job->arena);

	for (size_t i = 0; value_is_set(lines) && i < value_count(lines) && i < tts_max_items;
		i++) {
		const struct value *line = value_at(lines, i);
		struct value_builder b = tts_line_record(job, order, line);
		struct str word = value_get_text(line, "display_status");

		tts_word(job, TTS_DISPLAY_STATUS, "display_status", word);
		value_put_int(&b, "quantity", 1);
		value_put_text(&b, "status_text",
			tts_line_is_returning(job, number, tts_wire_text(job->arena, line, "id"))
				? S("being returned")
				: str_of(tts_order_word(
					  word.n ? word : value_get_text(order, "status"))
						  .words));
		value_push(&list, value_record(&b));
	}
	return value_list(&list);
}

/* --- the value --- */

/* Of the order, else of its first line that has one. */
static struct str first_of(
	struct tts_job *job, const struct value *order, const char *name, const char *of_line)
{
	const struct value *lines = tts_order_lines(order);
	struct str found = tts_wire_words(job->arena, order, name);

	for (size_t i = 0; !found.n && value_is_set(lines) && i < value_count(lines); i++)
		found = tts_wire_words(job->arena, value_at(lines, i), of_line);
	return found;
}

static struct str status_text(struct tts_job *job, const struct value *order)
{
	struct tts_order_word word = tts_order_status(job, order);
	bool pending = value_is_set(
		tts_cancellation_of(job, tts_order_id(job, order), TTS_CANCEL_PENDING));

	if (word.group == TTS_GROUP_STRANGE)
		tts_strange(job, "status", word.wire);
	if (pending && word.group == TTS_GROUP_OPEN)
		return arena_printf(
			job->arena, "%s, and the seller was asked to cancel it", word.words);
	return str_of(word.words);
}

static bool something_may_return(struct tts_job *job, const struct value *order)
{
	const struct value *lines = tts_order_lines(order);
	struct str number = tts_order_id(job, order);

	if (tts_order_status(job, order).group != TTS_GROUP_DELIVERED)
		return false;
	for (size_t i = 0; value_is_set(lines) && i < value_count(lines); i++)
		if (!tts_line_is_returning(
			    job, number, tts_wire_text(job->arena, value_at(lines, i), "id")))
			return true;
	return false;
}

static const struct value *abilities(
	struct tts_job *job, const struct value *order, bool tracked, bool refund)
{
	struct value_builder can = value_build(job->arena);

	if (!tts_verdict(job, order).refusal)
		value_push(&can, value_text(job->arena, S("cancel")));
	if (something_may_return(job, order))
		value_push(&can, value_text(job->arena, S("return")));
	if (tracked)
		value_push(&can, value_text(job->arena, S("track")));
	if (refund)
		value_push(&can, value_text(job->arena, S("refund")));
	return value_list(&can);
}

static void put_deadlines(
	struct value_builder *b, const struct value *order, enum tts_order_group group)
{
	int64_t by = value_get_int(order, "delivery_option_required_delivery_time");
	bool waits = group == TTS_GROUP_OPEN && value_get_int(order, "paid_time") > 0;

	if (!by)
		by = value_get_int(order, "delivery_sla_time");
	if (waits)
		tts_wire_put_time(b, "ship_by", value_get_int(order, "rts_sla_time"));
	if (waits || group == TTS_GROUP_ON_THE_WAY)
		tts_wire_put_time(b, "deliver_by", by);
}

static void put_items(struct tts_job *job, struct value_builder *b, const struct value *order)
{
	const struct value *items = items_value(job, order);

	value_put_text(b, "first_item", title_of(job, value_at(tts_order_lines(order), 0)));
	value_put(b, "items", items);
	value_put_int(b, "n_items", (int64_t)value_count(items));
}

static void put_parcel(struct tts_job *job, struct value_builder *b, const struct value *order)
{
	struct str carrier = first_of(job, order, "shipping_provider", "shipping_provider_name");
	struct str tracking = first_of(job, order, "tracking_number", "tracking_number");

	if (tracking.n && carrier.n)
		value_put_text(b, "carrier", carrier);
	if (tracking.n)
		value_put_text(b, "tracking", tracking);
}

const struct value *tts_order_value(struct tts_job *job, const struct value *order)
{
	struct value_builder b = value_build(job->arena);
	struct tts_order_word word = tts_order_status(job, order);
	struct str refund = value_get_text(tts_refund_value(job, order), "state");
	struct str paid_with = tts_order_paid_with(job, order);
	bool has_refund = !str_is(refund, "none");
	bool tracked = first_of(job, order, "tracking_number", "tracking_number").n;

	value_put_text(&b, "number", tts_order_id(job, order));
	value_put_text(&b, "status", word.wire);
	value_put_text(&b, "status_text", status_text(job, order));
	value_put_int(&b, "created", value_get_int(order, "create_time"));
	put_items(job, &b, order);
	tts_wire_put_if(&b, "total", tts_order_total(job, order));
	if (paid_with.n && (is_cod(order) || was_charged(job, order)))
		value_put_text(&b, "paid_with", paid_with);
	put_parcel(job, &b, order);
	put_deadlines(&b, order, word.group);
	tts_wire_put_time(&b, "delivered", value_get_int(order, "delivery_time"));
	tts_wire_put_time(&b, "cancelled", value_get_int(order, "cancel_time"));
	if (has_refund)
		value_put_text(&b, "refund_state", refund);
	value_put(&b, "can", abilities(job, order, tracked, has_refund));
	value_put(&b, "cod", value_bool(is_cod(order)));
	if (job->setup->region.n)
		value_put_text(&b, "market", job->setup->region);
	return value_record(&b);
}

/* --- operations --- */

static enum tts_step got(struct tts_job *job)
{
	return tts_done(job, tts_order_value(job, job->order));
}

enum tts_step tts_orders_get(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER | WANT_CANCELLATIONS | WANT_RETURNS, got);
}

/* Newest first, whatever order they came in. */
static int64_t newest_before(const struct value *events, int64_t before, size_t *at)
{
	int64_t best = -1;

	for (size_t i = 0; i < value_count(events); i++) {
		int64_t ms = value_get_int(value_at(events, i), "update_time_millis");

		if (ms < before && ms > best) {
			best = ms;
			*at = i;
		}
	}
	return best;
}

static void push_event(
	struct tts_job *job, struct value_builder *list, const struct value *event, int64_t ms)
{
	struct value_builder b = value_build(job->arena);
	struct str text = tts_wire_words(job->arena, event, "description");

	if (!text.n)
		return;
	tts_wire_put_time(&b, "at", ms / 1000);
	value_put_text(&b, "text", text);
	value_push(list, value_record(&b));
}

/* All that happened in one millisecond. */
static void push_events_at(struct tts_job *job, struct value_builder *list, int64_t ms)
{
	for (size_t i = 0; i < value_count(job->tracking); i++)
		if (value_get_int(value_at(job->tracking, i), "update_time_millis") == ms)
			push_event(job, list, value_at(job->tracking, i), ms);
}

static enum tts_step tracked(struct tts_job *job)
{
	struct value_builder list = value_build(job->arena);
	int64_t ms = INT64_MAX;
	size_t at;

	while (value_is_set(job->tracking) && list.n < tts_max_items &&
		(ms = newest_before(job->tracking, ms, &at)) >= 0)
		push_events_at(job, &list, ms);
	return tts_done(job, value_list(&list));
}

enum tts_step tts_orders_track(struct tts_job *job)
{
	job->number = tts_number_of(job->arena, tts_argument(job, "order"));
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER | WANT_TRACKING, tracked);
}
