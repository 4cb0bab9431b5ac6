/* The line to the shop's platform. */
#include "bot/shop/shop_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "bot/base/date.h"
#include "bot/shop/shop_pace.h"

enum {
	max_tries = 5,
	default_backoff_ms = 1000,
	default_total_ms = 10000,
	connect_ms = 3000,
	max_shops = 100,
	max_answer_bytes = 1 << 20,
	max_path_bytes = 160, /* in the log */
	max_fault_bytes = 100,
	min_id_digits = 7,  /* "202309" is a version */
	token_slack_s = 30, /* one that ends this soon would end on the way */
};

struct sending {
	struct shop_link *link;
	struct sending *next, **back;
	struct shop_send send;
	int64_t until_ms; /* steady */
	unsigned tries;
	bool renewed; /* its token was renewed once */
	struct loop_timer timer;
	struct tts_answer answer; /* while it waits to be told */
	shop_answered *done;
	void *self;
};

struct shop_link {
	struct shop_link_setup setup;
	struct shop_pace pace[max_shops];
	struct sending *sending;
};

static int64_t steady_ms(const struct sending *s)
{
	return loop_steady_ms(s->link->setup.loop);
}

static int64_t now_ms(const struct sending *s)
{
	return loop_now_ms(s->link->setup.loop);
}

static uint64_t chance(void)
{
	uint64_t bits = 0;

	return getrandom(&bits, sizeof bits, 0) == (ssize_t)sizeof bits ? bits : 0;
}

/* --- the end --- */

static void sending_free(struct sending *s)
{
	*s->back = s->next;
	if (s->next)
		s->next->back = s->back;
	loop_timer_stop(s->link->setup.loop, &s->timer);
	free(s);
}

static void tell(void *self)
{
	struct sending *s = self;
	struct sending was = *s;

	sending_free(s);
	if (was.done)
		was.done(was.self, &was.answer);
}

static void tell_soon(struct sending *s, enum tts_meaning meaning, const char *why)
{
	s->answer = (struct tts_answer){
		.meaning = meaning, .message = str_of(why), .data = &value_none};
	loop_timer_start(s->link->setup.loop, &s->timer, 0, tell, s);
}

/* --- a try --- */

static void try_once(void *self);

static const char *operation_of(const struct tts_request *request)
{
	return request->changes ? "change" : "read";
}

/* What changed something can be found by its request id afterwards. */
static enum log_level level_of(const struct tts_request *request, enum tts_meaning meaning)
{
	switch (meaning) {
	case TTS_OK:
		return request->changes ? LOG_INFO : LOG_DEBUG;
	case TTS_CLOCK:
	case TTS_DENIED:
	case TTS_MISTAKEN:
		return LOG_ERROR;
	case TTS_NO:
	case TTS_TOKEN:
	case TTS_BUSY:
	case TTS_NOT_SENT:
	case TTS_ALREADY:
	case TTS_UNCLEAR:
		break;
	}
	return LOG_WARNING;
}

/* "/orders/576461413038785752/tracking" is "/orders/{id}/tracking": numbers of orders and returns
 * are half of what proves a buyer, and stand in the log as digests only. */
static struct str path_of(
	const struct tts_request *request, char out[max_path_bytes], struct str *id)
{
	struct str rest = request->path;
	size_t n = 0;

	*id = (struct str){0};
	while (rest.n && n + sizeof("{id}/") < max_path_bytes) {
		struct str part = str_cut(&rest, '/');
		int64_t number;
		bool is_id = part.n >= min_id_digits && str_int(part, &number);

		if (is_id)
			*id = part;
		n += (size_t)snprintf(out + n, max_path_bytes - n, "%.*s%s",
			STR(is_id ? S("{id}") : part), rest.n ? "/" : "");
		if (n >= max_path_bytes)
			n = max_path_bytes - 1;
	}
	return (struct str){out, n};
}

static void log_answer(
	const struct sending *s, const struct http_result *result, const struct tts_answer *answer)
{
	enum log_level level = level_of(s->send.request, answer->meaning);
	char path[max_path_bytes];
	struct str id, pattern = path_of(s->send.request, path, &id);

	LOG(s->link->setup.log, level, now_ms(s), "the shop answered",
		log_word("kind", str_of(operation_of(s->send.request))), log_word("path", pattern),
		id.n ? log_id("of", id) : log_word("of", id),
		log_word("meaning", str_of(tts_meaning_name(answer->meaning))),
		log_int("status", result->status), log_int("code", answer->code),
		log_word("request", answer->request_id), log_int("try", s->tries),
		log_int("ms", result->took_ms),
		log_word("error", result->outcome == HTTP_ANSWERED ? answer->message
								   : str_of(result->error)));
}

static void count_answer(
	const struct sending *s, const struct http_result *result, const struct tts_answer *answer)
{
	const char *kind = operation_of(s->send.request);

	metrics_add(s->link->setup.metrics, "tenstep_shop_answers_total", kind,
		tts_meaning_name(answer->meaning), 1);
	metrics_observe(s->link->setup.metrics, "tenstep_shop_answer_duration_seconds", kind,
		(double)result->took_ms / 1000);
}

/* Surely nothing was done by this try; or nothing can be. */
static bool may_repeat(const struct sending *s, enum tts_meaning meaning)
{
	switch (meaning) {
	case TTS_BUSY:
	case TTS_CLOCK:
	case TTS_NOT_SENT:
		return true;
	case TTS_UNCLEAR:
		return !s->send.request->changes;
	case TTS_OK:
	case TTS_NO:
	case TTS_TOKEN:
	case TTS_DENIED:
	case TTS_MISTAKEN:
	case TTS_ALREADY:
		break;
	}
	return false;
}

static int64_t wait_of(const struct sending *s, const struct http_result *result)
{
	int64_t wait_ms = shop_backoff_ms(s->link->setup.backoff_ms, s->tries, chance());

	return result->retry_after_ms > wait_ms ? result->retry_after_ms : wait_ms;
}

static bool try_again(struct sending *s, const struct http_result *result, enum tts_meaning meaning)
{
	int64_t wait_ms = wait_of(s, result);

	if (!may_repeat(s, meaning))
		return false;
	if (meaning == TTS_BUSY) /* what waits for this shop waits with it */
		shop_pace_pause(&s->link->pace[s->send.shop], steady_ms(s) + wait_ms);
	if (s->tries >= max_tries || steady_ms(s) + wait_ms >= s->until_ms)
		return false;
	loop_timer_start(s->link->setup.loop, &s->timer, wait_ms, try_once, s);
	return true;
}

static void renewed(void *self, bool good, const char *why)
{
	struct sending *s = self;

	if (good)
		loop_timer_start(s->link->setup.loop, &s->timer, 0, try_once, s);
	else
		tell_soon(s, TTS_DENIED, why);
}

static void renew(struct sending *s)
{
	s->renewed = true;
	shop_grant_renew(s->link->setup.grant, renewed, s);
}

static bool is_trouble(unsigned status)
{
	return status >= 500 || status == 408 || status == 429;
}

/* A refusal stays one, however often it is asked for. */
static void know_refusal(const struct sending *s, unsigned status, struct tts_answer *answer)
{
	if (answer->meaning == TTS_UNCLEAR && !is_trouble(status) && s->send.is_refusal &&
		s->send.is_refusal(answer->code))
		answer->meaning = TTS_NO;
}

/* For everybody who hears of it, and puts it into a log. */
static void explain_clock(
	const struct sending *s, const struct http_result *result, struct tts_answer *answer)
{
	struct buf fault;

	if (answer->meaning != TTS_CLOCK)
		return;
	buf_init(&fault, max_fault_bytes);
	date_show_fault(now_ms(s), result->date_ms, &fault);
	answer->message = arena_printf(
		s->send.arena, "%.*s (%.*s)", STR(buf_str(&fault)), STR(answer->message));
	buf_release(&fault);
}

static void heard(void *self, const struct http_result *result)
{
	struct sending *s = self;
	struct tts_answer answer = {
		.meaning = result->outcome == HTTP_NOT_SENT ? TTS_NOT_SENT : TTS_UNCLEAR,
		.data = &value_none};

	if (result->outcome == HTTP_ANSWERED) {
		tts_answer_read(s->send.arena, result->status, result->body, &answer);
		know_refusal(s, result->status, &answer);
		explain_clock(s, result, &answer);
	}
	log_answer(s, result, &answer);
	count_answer(s, result, &answer);
	if (answer.meaning == TTS_TOKEN && !s->renewed) {
		renew(s);
		return;
	}
	if (try_again(s, result, answer.meaning))
		return;
	s->answer = answer;
	tell(s);
}

/* A read is not waited for beyond its deadline; cutting a change short would only make its fate
 * unknown. */
static int64_t total_ms(const struct sending *s)
{
	int64_t most = s->send.total_ms ? s->send.total_ms : s->link->setup.total_ms;
	int64_t left = s->until_ms - steady_ms(s);

	if (s->send.request->changes || left >= most)
		return most;
	return left > 1 ? left : 1;
}

static void leave(void *self)
{
	struct sending *s = self;
	struct arena *arena = arena_new(1 << 20);
	struct tts_wire wire;
	struct http_call call = {
		.method = str_of(s->send.request->method),
		.body = s->send.request->body,
		.changes = s->send.request->changes,
		.reads = !s->send.request->changes,
		.connect_ms = connect_ms,
		.total_ms = total_ms(s),
		.max_answer_bytes = max_answer_bytes,
	};

	s->tries++;
	if (shop_link_authorise(s->link, s->send.request, s->send.shop, arena, &wire)) {
		call.url = wire.url;
		call.headers = wire.header;
		call.n_headers = wire.n_headers;
		http_client_call(s->link->setup.client, &call, heard, s);
	} else {
		tell_soon(s, TTS_DENIED, shop_grant_fault(s->link->setup.grant));
	}
	arena_free(arena);
}

static void try_once(void *self)
{
	struct sending *s = self;
	const struct tts_grant *grant = shop_grant_now(s->link->setup.grant);
	int64_t wait_ms;

	if (!grant || s->send.shop >= grant->n_shops || s->send.shop >= max_shops) {
		tell_soon(s, TTS_DENIED, shop_grant_fault(s->link->setup.grant));
		return;
	}
	if (grant->access_until <= now_ms(s) / 1000 + token_slack_s && !s->renewed) {
		renew(s);
		return;
	}
	wait_ms = shop_pace_take(
		&s->link->pace[s->send.shop], steady_ms(s), s->until_ms - steady_ms(s));
	if (wait_ms < 0)
		tell_soon(s, TTS_NOT_SENT, "too many requests are waiting");
	else
		loop_timer_start(s->link->setup.loop, &s->timer, wait_ms, leave, s);
}

/* --- the door --- */

void shop_link_send(
	struct shop_link *link, const struct shop_send *send, shop_answered *done, void *self)
{
	struct sending *s = calloc(1, sizeof *s);

	if (!s)
		abort();
	s->link = link;
	s->send = *send;
	s->done = done;
	s->self = self;
	s->until_ms = steady_ms(s) + send->within_ms;
	s->next = link->sending;
	s->back = &link->sending;
	if (s->next)
		s->next->back = &s->next;
	link->sending = s;
	loop_timer_start(link->setup.loop, &s->timer, 0, try_once, s);
}

static void drop(struct sending *s)
{
	http_client_forget(s->link->setup.client, s);
	shop_grant_forget(s->link->setup.grant, s);
	sending_free(s);
}

void shop_link_forget(struct shop_link *link, const void *self)
{
	struct sending *next;

	for (struct sending *s = link->sending; s; s = next) {
		next = s->next;
		if (s->self == self)
			drop(s);
	}
}

bool shop_link_authorise(struct shop_link *link, const struct tts_request *request, size_t shop,
	struct arena *arena, struct tts_wire *wire)
{
	const struct tts_grant *grant = shop_grant_now(link->setup.grant);
	const struct shop_account *account = link->setup.account;
	struct tts_pass pass = {.host = account->api_url,
		.app_key = account->app_key,
		.secret = account->app_secret.bytes};

	if (!grant || shop >= grant->n_shops)
		return false;
	pass.token = grant->access;
	pass.cipher = grant->shop[shop].cipher;
	tts_request_write(arena, request, &pass, loop_now_ms(link->setup.loop) / 1000, wire);
	return true;
}

bool shop_link_find(const struct shop_link *link, struct str id, size_t *shop)
{
	const struct tts_grant *grant = shop_grant_now(link->setup.grant);

	for (size_t i = 0; grant && i < grant->n_shops; i++)
		if (str_eq(grant->shop[i].id, id)) {
			*shop = i;
			return true;
		}
	return false;
}

struct shop_link *shop_link_new(const struct shop_link_setup *setup)
{
	struct shop_link *link = calloc(1, sizeof *link);

	if (!link)
		abort();
	link->setup = *setup;
	if (!link->setup.backoff_ms)
		link->setup.backoff_ms = default_backoff_ms;
	if (!link->setup.total_ms)
		link->setup.total_ms = default_total_ms;
	for (size_t i = 0; i < max_shops; i++)
		link->pace[i].per_s = setup->account->requests_per_s;
	return link;
}

void shop_link_free(struct shop_link *link)
{
	if (!link)
		return;
	while (link->sending)
		drop(link->sending);
	free(link);
}
