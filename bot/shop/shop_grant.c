/* The seller's consent, kept and renewed. */
#include "bot/shop/shop_grant.h"

#include <stdlib.h>
#include <string.h>

#include "bot/common/shop_file.h"

enum {
	look_ms = 30 * 1000,        /* at the file and at the clock */
	renew_before_s = 24 * 3600, /* the access token lives for seven days */
	again_first_ms = 60 * 1000, /* a renewal that failed is tried again */
	again_last_ms = 3600 * 1000,
	warn_before_s = 30 * 24 * 3600,
	warn_every_ms = 24 * 3600 * 1000,
	renew_soon_s = 300,
	renew_apart_ms = 3600 * 1000,
	fresh_for_ms = 10 * 1000, /* tokens that were just renewed are not renewed again */
	max_why = 300,
	max_answer_bytes = 256 << 10,
};

struct waiter {
	shop_grant_done *done;
	void *self;
};

enum errand { ERRAND_NONE, ERRAND_EXCHANGE, ERRAND_RENEW };

struct shop_grant {
	struct shop_grant_setup setup;
	struct arena *arena; /* of @now */
	struct tts_grant now;
	bool there, over; /* over: the platform does not take the tokens any more */
	bool unsaved;     /* the disk did not take them: tried again */
	int64_t mark;     /* of the file, as it was read or written */
	struct loop_timer timer, tell_timer;
	int64_t again_at_ms, again_after_ms, warned_ms, renewed_ms;

	enum errand errand;
	struct arena *fresh_arena; /* of @fresh: what came and is not kept yet */
	struct tts_grant fresh;
	struct waiter *waiter, *telling; /* telling: those who are being told now */
	size_t n_waiters, n_telling;
	bool good;
	char why[max_why];
};

static void must(const void *p)
{
	if (!p)
		abort();
}

static int64_t now_ms(const struct shop_grant *grant)
{
	return loop_now_ms(grant->setup.loop);
}

/* --- the file --- */

static struct str copied(struct arena *arena, struct str s)
{
	return arena_str(arena, s);
}

static struct tts_grant copy_of(struct arena *arena, const struct tts_grant *from)
{
	struct tts_grant to = *from;
	struct tts_shop *shop = arena_array(arena, struct tts_shop, from->n_shops + 1);

	to.access = copied(arena, from->access);
	to.refresh = copied(arena, from->refresh);
	to.seller = copied(arena, from->seller);
	to.region = copied(arena, from->region);
	for (size_t i = 0; i < from->n_shops; i++)
		shop[i] = (struct tts_shop){copied(arena, from->shop[i].id),
			copied(arena, from->shop[i].name), copied(arena, from->shop[i].region),
			copied(arena, from->shop[i].cipher)};
	to.shop = shop;
	return to;
}

static void use(struct shop_grant *grant, const struct tts_grant *from)
{
	struct arena *arena = arena_new(1 << 20);

	grant->now = copy_of(arena, from);
	arena_free(grant->arena);
	grant->arena = arena;
	grant->there = true;
	grant->over = false;
	grant->again_at_ms = grant->again_after_ms = 0;
}

static void read_file(struct shop_grant *grant)
{
	struct arena *arena = arena_new(1 << 20);
	struct tts_grant read;
	struct buf text, error;

	grant->mark = shop_file_mark(grant->setup.path);
	buf_init(&text, shop_file_max_bytes);
	buf_init(&error, 1000);
	if (shop_file_read(grant->setup.path, &text, &error)) {
		if (tts_grant_read(arena, buf_str(&text), &read))
			use(grant, &read);
		else
			buf_addf(&error, "'%s' holds no tokens", grant->setup.path);
	}
	if (error.n)
		LOG(grant->setup.log, LOG_ERROR, now_ms(grant), "no consent can be read",
			log_word("error", buf_str(&error)));
	if (text.p)
		explicit_bzero(text.p, text.n);
	buf_release(&text);
	buf_release(&error);
	arena_free(arena);
}

static bool keep(struct shop_grant *grant, const struct tts_grant *fresh)
{
	struct buf text, error;
	bool good;

	buf_init(&text, shop_file_max_bytes);
	buf_init(&error, 1000);
	tts_grant_write(fresh, &text);
	good = !text.over && shop_file_write(grant->setup.path, buf_str(&text), &error);
	if (!good) {
		LOG(grant->setup.log, LOG_ERROR, now_ms(grant), "the new tokens are not on disk",
			log_word("error", buf_str(&error)));
		snprintf(grant->why, sizeof(grant->why), "%.*s", STR(buf_str(&error)));
	}
	if (text.p)
		explicit_bzero(text.p, text.n);
	buf_release(&text);
	buf_release(&error);
	grant->mark = shop_file_mark(grant->setup.path);
	return good;
}

/* --- telling --- */

/* Whoever asks again meanwhile waits for the next time. */
static void tell(void *self)
{
	struct shop_grant *grant = self;
	struct waiter *waiter = grant->waiter;
	size_t n = grant->n_waiters;

	grant->waiter = NULL;
	grant->n_waiters = 0;
	grant->telling = waiter;
	grant->n_telling = n;
	for (size_t i = 0; i < n; i++)
		if (waiter[i].done)
			waiter[i].done(waiter[i].self, grant->good, grant->why);
	grant->telling = NULL;
	free(waiter);
}

static void finish(struct shop_grant *grant, bool good)
{
	grant->errand = ERRAND_NONE;
	grant->good = good;
	if (good)
		grant->why[0] = 0;
	arena_free(grant->fresh_arena);
	grant->fresh_arena = NULL;
	loop_timer_start(grant->setup.loop, &grant->tell_timer, 0, tell, grant);
}

static void add_waiter(struct shop_grant *grant, shop_grant_done *done, void *self)
{
	grant->waiter = realloc(grant->waiter, (grant->n_waiters + 1) * sizeof(*grant->waiter));
	must(grant->waiter);
	grant->waiter[grant->n_waiters++] = (struct waiter){done, self};
}

static void forget_among(struct waiter *waiter, size_t n, const void *self)
{
	for (size_t i = 0; waiter && i < n; i++)
		if (waiter[i].self == self)
			waiter[i].done = NULL;
}

void shop_grant_forget(struct shop_grant *grant, const void *self)
{
	forget_among(grant->waiter, grant->n_waiters, self);
	forget_among(grant->telling, grant->n_telling, self);
}

/* --- asking --- */

static struct http_call call_to(struct str url)
{
	return (struct http_call){
		.method = S("GET"),
		.url = url,
		.changes = true, /* tokens are used up by it: over a fresh connection, once */
		.max_answer_bytes = max_answer_bytes,
	};
}

static void read_answer(
	struct arena *arena, const struct http_result *result, struct tts_answer *answer)
{
	*answer = (struct tts_answer){
		.meaning = result->outcome == HTTP_NOT_SENT ? TTS_NOT_SENT : TTS_UNCLEAR,
		.data = &value_none};
	if (result->outcome == HTTP_ANSWERED)
		tts_answer_read(arena, result->status, result->body, answer);
}

static void explain(struct shop_grant *grant, const char *what, const struct http_result *result,
	const struct tts_answer *answer)
{
	if (result->outcome != HTTP_ANSWERED)
		snprintf(grant->why, sizeof(grant->why), "%s: %s", what, result->error);
	else
		snprintf(grant->why, sizeof(grant->why), "%s: %.*s (code %lld, status %u)", what,
			STR(answer->message.n ? answer->message : S("no readable answer")),
			(long long)answer->code, result->status);
	LOG(grant->setup.log, LOG_WARNING, now_ms(grant), what,
		log_word("meaning", str_of(tts_meaning_name(answer->meaning))),
		log_int("code", answer->code), log_int("status", result->status),
		log_word("request", answer->request_id));
}

static void plan_again(struct shop_grant *grant)
{
	int64_t after = grant->again_after_ms ? 2 * grant->again_after_ms : again_first_ms;

	grant->again_after_ms = after < again_last_ms ? after : again_last_ms;
	grant->again_at_ms = now_ms(grant) + grant->again_after_ms;
}

/* --- the shops --- */

static void heard_shops(void *self, const struct http_result *result)
{
	struct shop_grant *grant = self;
	struct tts_answer answer;

	read_answer(grant->fresh_arena, result, &answer);
	if (!tts_grant_take_shops(grant->fresh_arena, &answer, &grant->fresh)) {
		explain(grant, "the shops of this consent cannot be read", result, &answer);
		finish(grant, false);
		return;
	}
	use(grant, &grant->fresh);
	finish(grant, keep(grant, &grant->now));
}

static void ask_shops(struct shop_grant *grant)
{
	const struct shop_account *account = grant->setup.account;
	struct tts_pass pass = {account->api_url, account->app_key, account->app_secret.bytes,
		grant->fresh.access, {0}};
	struct tts_request request;
	struct tts_wire wire;
	struct http_call call;

	tts_grant_ask_shops(&request);
	tts_request_write(grant->fresh_arena, &request, &pass, now_ms(grant) / 1000, &wire);
	call = call_to(wire.url);
	call.headers = wire.header;
	call.n_headers = wire.n_headers;
	http_client_call(grant->setup.client, &call, heard_shops, grant);
}

/* --- the tokens --- */

static void heard_tokens(void *self, const struct http_result *result)
{
	struct shop_grant *grant = self;
	bool exchange = grant->errand == ERRAND_EXCHANGE;
	struct tts_answer answer;

	read_answer(grant->fresh_arena, result, &answer);
	if (!tts_grant_take(grant->fresh_arena, &answer, &grant->fresh)) {
		explain(grant, exchange ? "the code was not taken" : "the tokens were not renewed",
			result, &answer);
		/* A clear no ends it: the seller has taken the consent back, or it is too old. */
		if (!exchange && answer.meaning != TTS_UNCLEAR && answer.meaning != TTS_BUSY &&
			answer.meaning != TTS_CLOCK && answer.meaning != TTS_NOT_SENT &&
			answer.code)
			grant->over = true;
		plan_again(grant);
		finish(grant, false);
		return;
	}
	/* Kept before they are used; if the disk fails they are used all the same, since the old
	 * ones are gone. */
	grant->unsaved = !keep(grant, &grant->fresh);
	if (exchange || !grant->fresh.n_shops) {
		ask_shops(grant);
		return;
	}
	use(grant, &grant->fresh);
	grant->renewed_ms = now_ms(grant);
	LOG(grant->setup.log, LOG_INFO, now_ms(grant), "the shop's tokens are renewed",
		log_int("until", grant->now.access_until));
	finish(grant, true);
}

static void ask_tokens(struct shop_grant *grant, enum errand errand, struct str url)
{
	struct http_call call = call_to(url);

	grant->errand = errand;
	http_client_call(grant->setup.client, &call, heard_tokens, grant);
}

static void begin(struct shop_grant *grant)
{
	arena_free(grant->fresh_arena);
	grant->fresh_arena = arena_new(4 << 20);
	grant->fresh = (struct tts_grant){0};
}

void shop_grant_exchange(
	struct shop_grant *grant, struct str code, shop_grant_done *done, void *self)
{
	const struct shop_account *account = grant->setup.account;

	add_waiter(grant, done, self);
	begin(grant);
	ask_tokens(grant, ERRAND_EXCHANGE,
		tts_grant_exchange_url(grant->fresh_arena, account->token_url, account->app_key,
			account->app_secret.bytes, code));
}

static bool is_fresh(const struct shop_grant *grant)
{
	return grant->renewed_ms && now_ms(grant) - grant->renewed_ms < fresh_for_ms;
}

static void start_renewal(struct shop_grant *grant)
{
	const struct shop_account *account = grant->setup.account;

	begin(grant);
	grant->fresh = copy_of(grant->fresh_arena, &grant->now);
	ask_tokens(grant, ERRAND_RENEW,
		tts_grant_refresh_url(grant->fresh_arena, account->token_url, account->app_key,
			account->app_secret.bytes, grant->now.refresh));
}

/* Somebody may have consented anew meanwhile. */
static void look_at_file(struct shop_grant *grant)
{
	if (grant->errand == ERRAND_NONE && shop_file_mark(grant->setup.path) != grant->mark)
		read_file(grant);
}

void shop_grant_renew(struct shop_grant *grant, shop_grant_done *done, void *self)
{
	int64_t mark = grant->mark;

	add_waiter(grant, done, self);
	look_at_file(grant);
	if (grant->errand != ERRAND_NONE)
		return;
	if (grant->there && !grant->over && (mark != grant->mark || is_fresh(grant))) {
		finish(grant, true); /* there are new ones already */
		return;
	}
	if (grant->there && !grant->over && now_ms(grant) >= grant->again_at_ms) {
		start_renewal(grant);
		return;
	}
	snprintf(grant->why, sizeof(grant->why), "%s", shop_grant_fault(grant));
	finish(grant, false);
}

/* --- time passes --- */

static void nobody(void *self, bool good, const char *why)
{
	(void)self;
	(void)good;
	(void)why;
}

static void warn(struct shop_grant *grant)
{
	int64_t left_s = grant->now.refresh_until - now_ms(grant) / 1000;

	if (!grant->there || (grant->warned_ms && now_ms(grant) - grant->warned_ms < warn_every_ms))
		return;
	if (grant->over)
		LOG(grant->setup.log, LOG_ERROR, now_ms(grant),
			"the shop's consent has ended: run tenstep authorize", LOG_END);
	else if (grant->now.refresh_until && left_s < warn_before_s)
		LOG(grant->setup.log, LOG_WARNING, now_ms(grant),
			"the shop's consent ends soon: run tenstep authorize",
			log_int("days", left_s / 86400));
	else
		return;
	grant->warned_ms = now_ms(grant);
}

/* A day before the end; but tokens that live for less than that are not renewed all the time. */
static bool is_due(const struct shop_grant *grant)
{
	int64_t left_s = grant->now.access_until - now_ms(grant) / 1000;

	if (!grant->there || grant->over || grant->errand != ERRAND_NONE ||
		now_ms(grant) < grant->again_at_ms)
		return false;
	return left_s < renew_soon_s ||
	       (left_s < renew_before_s && now_ms(grant) - grant->renewed_ms > renew_apart_ms);
}

static void look(void *self)
{
	struct shop_grant *grant = self;

	if (grant->unsaved)
		grant->unsaved = !keep(grant, &grant->now);
	else
		look_at_file(grant);
	if (is_due(grant))
		shop_grant_renew(grant, nobody, grant);
	warn(grant);
	loop_timer_start(grant->setup.loop, &grant->timer, look_ms, look, grant);
}

/* --- life --- */

struct shop_grant *shop_grant_new(const struct shop_grant_setup *setup)
{
	struct shop_grant *grant = calloc(1, sizeof *grant);

	must(grant);
	grant->setup = *setup;
	grant->arena = arena_new(1 << 10);
	read_file(grant);
	loop_timer_start(setup->loop, &grant->timer, 0, look, grant);
	return grant;
}

void shop_grant_free(struct shop_grant *grant)
{
	if (!grant)
		return;
	http_client_forget(grant->setup.client, grant);
	loop_timer_stop(grant->setup.loop, &grant->timer);
	loop_timer_stop(grant->setup.loop, &grant->tell_timer);
	arena_free(grant->fresh_arena);
	arena_free(grant->arena);
	free(grant->waiter);
	free(grant);
}

const struct tts_grant *shop_grant_now(const struct shop_grant *grant)
{
	bool lives = grant->there && !grant->over && grant->now.n_shops;

	return lives ? &grant->now : NULL;
}

const char *shop_grant_fault(const struct shop_grant *grant)
{
	if (!grant->there)
		return "the seller has not consented yet: run tenstep authorize";
	if (grant->over)
		return "the shop's consent has ended: run tenstep authorize";
	return grant->now.n_shops ? "the shop's tokens cannot be renewed now"
				  : "the shops of this consent are not known: run tenstep "
				    "authorize";
}
