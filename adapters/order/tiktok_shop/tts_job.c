/* A job: which operation, what is sent, how it ends. */
#include "adapters/order/tiktok_shop/tts_parts.h"

#include "bot/base/digest.h"

enum { max_strange = 8, max_number = 32, max_body_bytes = 64 << 10 };

static const struct {
	const char *name;
	tts_continue *start;
} operation[] = {
	{"shop.info", tts_shop_info},
	{"buyers.verify", tts_buyers_verify},
	{"orders.list", tts_orders_list},
	{"orders.get", tts_orders_get},
	{"orders.can_cancel", tts_orders_can_cancel},
	{"orders.cancel", tts_orders_cancel},
	{"orders.track", tts_orders_track},
	{"refunds.status", tts_refunds_status},
	{"returns.can_return", tts_returns_can_return},
	{"returns.reasons", tts_returns_reasons},
	{"returns.create", tts_returns_create},
	{"returns.list", tts_returns_list},
	{"returns.status", tts_returns_status},
	{"returns.set_tracking", tts_returns_set_tracking},
};

/* --- life --- */

static struct order_request copied(struct arena *arena, const struct order_request *request)
{
	struct order_request copy = *request;

	copy.operation = arena_str(arena, request->operation);
	copy.buyer = arena_str(arena, request->buyer);
	copy.who = arena_str(arena, request->who);
	copy.key = arena_str(arena, request->key);
	copy.args = request->args ? value_copy(arena, request->args) : &value_none;
	return copy;
}

struct tts_job *tts_job_new(
	struct arena *arena, const struct tts_setup *setup, const struct order_request *request)
{
	struct tts_job *job = arena_new_of(arena, struct tts_job);
	const struct value *none = &value_none;

	*job = (struct tts_job){
		.arena = arena,
		.setup = setup,
		.asked = copied(arena, request),
		.start = tts_fail,
		.strange = value_build(arena),
		.numbers = none,
		.order = none,
		.nameless = none,
		.cancellations = none,
		.returns = none,
		.may_cancel = none,
		.cancel_names = none,
		.may_return = none,
		.return_names = none,
		.money = none,
		.tracking = none,
		.items = none,
		.unsure = request->again,
		.first_left = request->again ? request->since : 0,
	};
	for (size_t i = 0; i < sizeof(operation) / sizeof(*operation); i++)
		if (str_is(request->operation, operation[i].name))
			job->start = operation[i].start;
	return job;
}

enum tts_step tts_job_next(struct tts_job *job, const struct tts_answer *answer, int64_t now)
{
	enum tts_step step;

	job->now = now;
	job->answer = answer;
	if (!answer)
		step = job->start(job);
	else if (answer->meaning != TTS_OK && !job->hears_all)
		step = tts_stuck(job);
	else
		step = job->then(job);
	return step == TTS_SEND && arena_over(job->arena) ? tts_fail(job) : step;
}

const struct tts_request *tts_job_request(const struct tts_job *job)
{
	return &job->request;
}

bool tts_job_is_unsure(const struct tts_job *job)
{
	return job->unsure;
}

struct tts_end tts_job_end(const struct tts_job *job)
{
	return job->end;
}

const struct value *tts_job_strange(const struct tts_job *job)
{
	struct value_builder list = job->strange;

	return value_list(&list);
}

/* --- ends --- */

static enum tts_step end(struct tts_job *job, enum order_outcome outcome, const struct value *value)
{
	job->end.outcome = outcome;
	job->end.value = value;
	return TTS_END;
}

enum tts_step tts_done(struct tts_job *job, const struct value *value)
{
	return end(job, ORDER_OK, value);
}

enum tts_step tts_refuse(struct tts_job *job, const char *why, struct str why_text)
{
	struct value_builder b = value_build(job->arena);

	value_put_text(&b, "why", str_of(why));
	value_put_text(&b, "why_text", why_text);
	return end(job, ORDER_REFUSED, value_record(&b));
}

/* What left before and is of unknown fate makes "surely not done" a lie, and so does a good answer
 * that could not be looked at once more. */
enum tts_step tts_fail(struct tts_job *job)
{
	if (job->made.n)
		return job->when_made(job);
	return end(job, job->unsure || job->doubt ? ORDER_UNKNOWN : ORDER_FAILED, &value_none);
}

enum tts_step tts_not_found(struct tts_job *job, bool elsewhere)
{
	if (job->of_anybody) {
		job->end.elsewhere = elsewhere;
		return tts_refuse(job, "no_match", S(TTS_NO_MATCH));
	}
	if (job->sent) /* it was there a moment ago */
		return tts_blind(job);
	job->end.elsewhere = elsewhere;
	if (!tts_may_close(job)) /* what was sent about it must have had something to be about */
		return tts_fail(job);
	return tts_refuse(job, "not_found", S("I cannot find it among yours"));
}

bool tts_may_close(const struct tts_job *job)
{
	return !job->unsure || job->now - job->first_left >= tts_linger_s;
}

enum tts_step tts_unsure(struct tts_job *job)
{
	job->unsure = true;
	if (job->looks >= job->setup->n_looks || !job->looked)
		return end(job, ORDER_UNKNOWN, &value_none);
	job->next_look = ++job->looks;
	return tts_gather(job, job->look_wants, job->looked);
}

enum tts_step tts_blind(struct tts_job *job)
{
	if (!job->made.n && (job->unsure || job->doubt))
		return tts_unsure(job);
	return tts_fail(job);
}

enum tts_step tts_stuck(struct tts_job *job)
{
	bool is_no = job->answer->meaning == TTS_NO && job->answer->no == TTS_NO_OTHERS;

	return is_no ? tts_not_found(job, true) : tts_blind(job);
}

/* --- requests --- */

static enum tts_step send(struct tts_job *job, tts_continue *then, bool hears_all)
{
	job->request.look = job->next_look;
	job->next_look = 0;
	job->sent |= job->request.changes;
	if (job->request.changes && !job->first_left)
		job->first_left = job->now;
	job->then = then;
	job->hears_all = hears_all;
	return TTS_SEND;
}

enum tts_step tts_send(struct tts_job *job, tts_continue *then)
{
	return send(job, then, false);
}

enum tts_step tts_send_any(struct tts_job *job, tts_continue *then)
{
	return send(job, then, true);
}

void tts_get(struct tts_job *job, struct str path)
{
	job->request = (struct tts_request){.method = "GET", .path = path};
}

void tts_post(struct tts_job *job, struct str path, struct json *body)
{
	struct buf text;

	job->request = (struct tts_request){.method = "POST", .path = path};
	if (!body)
		return;
	buf_init(&text, max_body_bytes);
	json_write(body, &text);
	job->request.body = arena_str(job->arena, buf_str(&text));
	buf_release(&text);
	json_free(body);
}

void tts_param(struct tts_job *job, const char *name, struct str value)
{
	tts_request_param(job->arena, &job->request, name, value);
}

struct str tts_idempotency_key(struct tts_job *job)
{
	struct str piece[] = {S("tiktok shop"), job->asked.operation, job->asked.key};
	char hex[65];

	digest_hex(digest_of_pieces(piece, sizeof(piece) / sizeof(*piece)), hex);
	/* RFC 9562 version 8: the bits are our own. */
	return arena_printf(job->arena, "%.8s-%.4s-8%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12,
		hex + 15, hex + 18);
}

/* --- arguments --- */

struct str tts_argument(const struct tts_job *job, const char *name)
{
	const struct value *v = value_get(job->asked.args, name);
	struct str number = value_get_text(v, "number");

	if (v && v->type == VALUE_RECORD)
		return number.n ? number : value_get_text(v, "id");
	return value_text_of(v);
}

struct str tts_number_of(struct arena *arena, struct str written)
{
	char digits[max_number];
	size_t n = 0;

	for (size_t i = 0; i < written.n; i++) {
		char c = written.p[i];

		if (c == ' ' || c == '#' || c == '-')
			continue;
		if (c < '0' || c > '9' || n == max_number)
			return S("");
		digits[n++] = c;
	}
	return arena_str(arena, (struct str){digits, n});
}

/* --- words that are new --- */

void tts_strange(struct tts_job *job, const char *name, struct str word)
{
	struct str text = arena_printf(job->arena, "%s=%.*s", name, STR(str_sub(word, 0, 80)));

	for (size_t i = 0; i < job->strange.n; i++)
		if (str_eq(value_text_of(job->strange.item[i]), text))
			return;
	if (job->strange.n < max_strange)
		value_push(&job->strange, value_text(job->arena, text));
}

void tts_word(struct tts_job *job, enum tts_field field, const char *name, struct str word)
{
	if (word.n && !tts_word_is_known(field, word))
		tts_strange(job, name, word);
}
