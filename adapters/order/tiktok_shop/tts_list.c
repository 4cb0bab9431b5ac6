/* Lists: a buyer's orders and returns, newest first, at most ten. */
#include "adapters/order/tiktok_shop/tts_parts.h"

/* --- which orders --- */

/* All that is listed was searched by the buyer; an order that says otherwise is left out, and one
 * that does not say (the first hour after payment) is the buyer's. */
static bool is_buyers(const struct tts_job *job, const struct value *order)
{
	struct str owner = tts_wire_text(job->arena, order, "user_id");

	return !owner.n || str_eq(owner, job->asked.buyer);
}

static bool is_wanted(const struct tts_job *job, const struct value *order)
{
	struct str wanted = tts_argument(job, "status");
	enum tts_order_group group = tts_order_status(job, order).group;

	if (str_is(wanted, "open"))
		return group == TTS_GROUP_OPEN;
	if (str_is(wanted, "on_the_way"))
		return group == TTS_GROUP_ON_THE_WAY;
	if (str_is(wanted, "returnable"))
		return group == TTS_GROUP_DELIVERED;
	return true;
}

/* Those after job->order, if the list goes on behind one; the search gave those of its second too.
 */
static bool is_behind(struct tts_job *job, const struct value *order)
{
	int64_t from = value_get_int(job->order, "create_time");
	int64_t at = value_get_int(order, "create_time");

	if (!value_is_set(job->order))
		return true;
	if (str_eq(tts_order_id(job, order), job->number)) {
		job->passed = true;
		return false;
	}
	return at < from || (at == from && job->passed);
}

static void keep_orders(struct tts_job *job, const struct value *list)
{
	if (!job->found.arena)
		job->found = value_build(job->arena);
	for (size_t i = 0; value_is_set(list) && i < value_count(list); i++) {
		const struct value *order = value_at(list, i);

		if (job->found.n < tts_list_max && is_behind(job, order) && is_buyers(job, order) &&
			is_wanted(job, order))
			value_push(&job->found, order);
	}
}

static const struct value *numbers_of(struct tts_job *job, const struct value_builder *orders)
{
	struct value_builder numbers = value_build(job->arena);

	for (size_t i = 0; i < orders->n; i++)
		value_push(&numbers, value_text(job->arena, tts_order_id(job, orders->item[i])));
	return value_list(&numbers);
}

/* --- orders.list --- */

static bool still_wanted(struct tts_job *job, const struct value *order)
{
	const struct value *can = value_get(order, "can");
	struct str wanted = tts_argument(job, "status");

	if (str_is(wanted, "returnable"))
		return tts_wire_list_has(can, S("return"));
	if (str_is(wanted, "refunds"))
		return tts_wire_list_has(can, S("refund"));
	return true;
}

static enum tts_step told(struct tts_job *job)
{
	struct value_builder list = value_build(job->arena);

	for (size_t i = 0; i < job->found.n; i++) {
		const struct value *order = tts_order_value(job, job->found.item[i]);

		if (still_wanted(job, order))
			value_push(&list, order);
	}
	job->end.elsewhere = true;
	return tts_done(job, value_list(&list));
}

static enum tts_step with_requests(struct tts_job *job)
{
	job->end.elsewhere = true;
	if (!job->found.n)
		return tts_done(job, value_list(&job->found));
	job->numbers = numbers_of(job, &job->found);
	return tts_gather(job, WANT_CANCELLATIONS | WANT_RETURNS, told);
}

static enum tts_step heard_search(struct tts_job *job);

static enum tts_step search(struct tts_job *job)
{
	struct json *body = json_new_object();

	json_put_text(body, "buyer_user_id", job->asked.buyer);
	if (value_is_set(job->order))
		json_put_int(body, "create_time_lt", value_get_int(job->order, "create_time") + 1);
	if (str_is(tts_argument(job, "status"), "returnable"))
		json_put_text(body, "order_status", S("DELIVERED"));
	tts_post(job, S("/order/202309/orders/search"), body);
	tts_param(job, "page_size", S("20"));
	tts_param(job, "sort_field", S("create_time"));
	tts_param(job, "sort_order", S("DESC"));
	if (job->page_token.n)
		tts_param(job, "page_token", job->page_token);
	return tts_send(job, heard_search);
}

static enum tts_step heard_search(struct tts_job *job)
{
	keep_orders(job, value_get(job->answer->data, "orders"));
	job->page_token = value_get_text(job->answer->data, "next_page_token");
	if (job->page_token.n && job->found.n < tts_list_max && ++job->n_pages < tts_max_pages)
		return search(job);
	job->page_token = (struct str){0};
	job->n_pages = 0;
	return with_requests(job);
}

/* --- those with a refund: found by their cancellations and returns --- */

static enum tts_step heard_orders(struct tts_job *job)
{
	const struct value *list = value_get(job->answer->data, "orders");
	struct value_builder left = value_build(job->arena);

	for (size_t i = 0; value_is_set(list) && i < value_count(list); i++)
		value_push(&left, value_at(list, i));
	/* Newest first: numbers of the platform grow, but nothing promises it. */
	for (size_t i = 1; i < left.n; i++)
		for (size_t k = i; k && value_get_int(left.item[k], "create_time") >
						value_get_int(left.item[k - 1], "create_time");
			k--) {
			const struct value *newer = left.item[k];

			left.item[k] = left.item[k - 1];
			left.item[k - 1] = newer;
		}
	keep_orders(job, value_list(&left));
	return with_requests(job);
}

static enum tts_step read_orders(struct tts_job *job)
{
	struct buf ids;

	if (!job->ids.n) {
		job->end.elsewhere = true;
		return tts_done(job, value_list(&job->ids));
	}
	buf_init(&ids, 4096);
	for (size_t i = 0; i < job->ids.n; i++)
		buf_addf(&ids, "%s%.*s", i ? "," : "", STR(value_text_of(job->ids.item[i])));
	tts_get(job, S("/order/202309/orders"));
	tts_param(job, "ids", arena_str(job->arena, buf_str(&ids)));
	buf_release(&ids);
	return tts_send(job, heard_orders);
}

static void keep_ids(struct tts_job *job, const struct value *requests)
{
	for (size_t i = 0; value_is_set(requests) && i < value_count(requests); i++) {
		struct str id = tts_wire_text(job->arena, value_at(requests, i), "order_id");
		const struct value *so_far = value_list(&job->ids);

		if (tts_number_of(job->arena, id).n && job->ids.n < tts_page_size &&
			!tts_wire_list_has(so_far, id))
			value_push(&job->ids, value_text(job->arena, id));
	}
}

static void ask_by_buyer(struct tts_job *job, const char *path)
{
	struct json *body = json_new_object(), *buyers = json_new_array();

	json_push_text(buyers, job->asked.buyer);
	json_put(body, "buyer_user_ids", buyers);
	tts_post(job, str_of(path), body);
	tts_param(job, "page_size", S("50"));
	tts_param(job, "sort_field", S("create_time"));
	tts_param(job, "sort_order", S("DESC"));
}

static enum tts_step heard_returns(struct tts_job *job)
{
	keep_ids(job, value_get(job->answer->data, "return_orders"));
	return read_orders(job);
}

static enum tts_step heard_cancellations(struct tts_job *job)
{
	keep_ids(job, value_get(job->answer->data, "cancellations"));
	ask_by_buyer(job, "/return_refund/202309/returns/search");
	return tts_send(job, heard_returns);
}

static enum tts_step find(struct tts_job *job)
{
	if (!str_is(tts_argument(job, "status"), "refunds"))
		return search(job);
	job->ids = value_build(job->arena);
	ask_by_buyer(job, "/return_refund/202309/cancellations/search");
	return tts_send(job, heard_cancellations);
}

enum tts_step tts_orders_list(struct tts_job *job)
{
	struct str after = tts_argument(job, "after");

	job->found = value_build(job->arena);
	if (!job->asked.buyer.n)
		return tts_not_found(job, false);
	if (!after.n)
		return find(job);
	job->number = tts_number_of(job->arena, after);
	if (!job->number.n)
		return tts_not_found(job, false);
	return tts_gather(job, WANT_ORDER, find);
}

/* --- returns.list --- */

static enum tts_step tell_returns(struct tts_job *job)
{
	struct value_builder list = value_build(job->arena);

	for (size_t i = 0; i < value_count(job->returns) && list.n < tts_list_max; i++)
		value_push(&list, tts_return_value(job, value_at(job->returns, i)));
	job->end.elsewhere = !job->number.n;
	return tts_done(job, value_list(&list));
}

/* A return says whose order it is only by the order's number: the orders are read too. */
static enum tts_step heard_owners(struct tts_job *job)
{
	const struct value *list = value_get(job->answer->data, "orders");
	struct value_builder own = value_build(job->arena);

	for (size_t i = 0; value_is_set(list) && i < value_count(list); i++)
		if (is_buyers(job, value_at(list, i)))
			value_push(&own, value_at(list, i));
	job->numbers = numbers_of(job, &own);
	job->end.elsewhere = true;
	if (!own.n)
		return tts_done(job, value_list(&own));
	return tts_gather(job, WANT_RETURNS, tell_returns);
}

static enum tts_step heard_all_returns(struct tts_job *job)
{
	enum tts_step step;

	keep_ids(job, value_get(job->answer->data, "return_orders"));
	step = read_orders(job);
	if (step == TTS_SEND)
		job->then = heard_owners;
	return step;
}

enum tts_step tts_returns_list(struct tts_job *job)
{
	struct str written = tts_argument(job, "order");

	if (!job->asked.buyer.n)
		return tts_not_found(job, false);
	if (written.n) {
		job->number = tts_number_of(job->arena, written);
		return job->number.n ? tts_gather(job, WANT_ORDER | WANT_RETURNS, tell_returns)
				     : tts_not_found(job, false);
	}
	job->ids = value_build(job->arena);
	ask_by_buyer(job, "/return_refund/202309/returns/search");
	return tts_send(job, heard_all_returns);
}
