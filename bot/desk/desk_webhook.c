/* Messages to the shop's own programs. */
#include "bot/desk/desk_webhook.h"

#include <stdio.h>
#include <stdlib.h>

#include "bot/base/digest.h"
#include "bot/desk/desk_json.h"

enum {
	max_under_way = 4,
	max_body_bytes = 64 << 10,
	max_round_bytes = 1 << 20,
	max_answer_bytes = 16 << 10, /* nobody reads it */
	give_up_ms = 24 * 3600 * 1000,
	store_wait_ms = 10 * 1000, /* when the store fails */
	status_gone = 410,         /* the receiver wants no more of them */
};

struct sending {
	struct webhook *webhook;
	int64_t id; /* 0: free */
	int64_t added_ms, tries;
};

struct webhook {
	struct desk_setup setup;
	struct loop_timer timer;
	struct sending under_way[max_under_way];
	struct arena *arena; /* of one round */
};

static int64_t now_of(const struct webhook *webhook)
{
	return loop_now_ms(webhook->setup.loop);
}

/* --- when --- */

int64_t webhook_next_try(int64_t added_ms, int64_t tries, int64_t retry_after_ms, int64_t now_ms)
{
	static const int64_t wait_s[] = {2, 10, 60, 600, 3600};
	enum { n_waits = sizeof(wait_s) / sizeof(wait_s[0]) };
	int64_t wait_ms = wait_s[tries < 1 ? 0 : tries > n_waits ? n_waits - 1 : tries - 1] * 1000;

	if (retry_after_ms > wait_ms)
		wait_ms = retry_after_ms;
	return now_ms + wait_ms > added_ms + give_up_ms ? 0 : now_ms + wait_ms;
}

/* --- what --- */

void webhook_sign(
	struct str secret, struct str id, int64_t timestamp, struct str body, struct buf *out)
{
	struct digest digest;
	struct buf whole;

	buf_init(&whole, body.n + id.n + 64);
	buf_addf(&whole, "%.*s.%lld.", STR(id), (long long)timestamp);
	buf_add(&whole, body);
	digest = digest_hmac(secret, buf_str(&whole));
	buf_release(&whole);
	buf_adds(out, "v1,");
	base64_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, out);
}

/* The same for a card whenever it is made; another store's card with this number has another. */
static struct str key_of(const struct store_card *card, struct arena *arena)
{
	struct str piece[] = {card->conversation, arena_printf(arena, "%lld", (long long)card->at)};
	char hex[65];

	digest_hex(digest_of_pieces(piece, 2), hex);
	return arena_printf(arena, "handoff_%lld_%.16s", (long long)card->id, hex);
}

static void body_of(const struct store_card *card, struct arena *arena, struct buf *out)
{
	struct json *whole = json_new_object();

	json_put_text(whole, "type", S("handoff.created"));
	json_put_int(whole, "timestamp", card->at);
	json_put(whole, "data", desk_card_json(card, "waiting", card->at, arena));
	json_write(whole, out);
	json_free(whole);
}

void webhook_add(struct webhook *webhook, const struct store_card *card)
{
	struct buf body;

	if (!webhook || now_of(webhook) - card->at * 1000 >= give_up_ms)
		return;
	buf_init(&body, max_body_bytes);
	arena_reset(webhook->arena);
	body_of(card, webhook->arena, &body);
	if (!body.over && dispatcher_write(webhook->setup.dispatcher))
		(void)store_add_send(webhook->setup.store, key_of(card, webhook->arena),
			card->conversation, buf_str(&body), now_of(webhook));
	buf_release(&body);
	webhook_wake(webhook);
}

/* --- how it ended --- */

static void mark(struct webhook *webhook, const struct sending *s, int64_t next_ms, bool sent,
	const char *error)
{
	int64_t now = now_of(webhook);

	if (dispatcher_write(webhook->setup.dispatcher))
		store_mark_send(webhook->setup.store, s->id, s->tries, next_ms, sent ? now : 0,
			!sent && !next_ms ? now : 0, str_of(error));
}

static void count(struct webhook *webhook, const char *result)
{
	metrics_add(webhook->setup.metrics, "tenstep_webhook_sends_total", result, NULL, 1);
}

static void failed(
	struct webhook *webhook, const struct sending *s, const struct http_result *result)
{
	int64_t next_ms =
		webhook_next_try(s->added_ms, s->tries, result->retry_after_ms, now_of(webhook));
	char why[200];

	if (result->outcome == HTTP_ANSWERED)
		snprintf(why, sizeof(why), "answered %u", result->status);
	else
		snprintf(why, sizeof(why), "%s", result->error);
	if (result->outcome == HTTP_ANSWERED && result->status == status_gone)
		next_ms = 0;
	mark(webhook, s, next_ms, false, why);
	count(webhook, next_ms ? "failed" : "dead");
	LOG(webhook->setup.log, next_ms ? LOG_WARNING : LOG_ERROR, now_of(webhook),
		next_ms ? "a hand-off could not be delivered" : "a hand-off is given up",
		log_int("send", s->id), log_int("tries", s->tries), log_word("error", str_of(why)));
}

static void ended(void *self, const struct http_result *result)
{
	struct sending *sending = self, was = *sending;
	struct webhook *webhook = was.webhook;

	*sending = (struct sending){.id = 0};
	if (result->outcome == HTTP_ANSWERED && result->status / 100 == 2) {
		mark(webhook, &was, 0, true, "");
		count(webhook, "delivered");
	} else {
		failed(webhook, &was, result);
	}
	webhook_wake(webhook);
}

/* --- sending --- */

static struct str signature(
	struct webhook *webhook, const struct store_send *send, int64_t timestamp)
{
	struct buf text;
	struct str line;

	buf_init(&text, 200);
	webhook_sign(webhook->setup.config->webhook_secret.bytes, send->key, timestamp, send->body,
		&text);
	line = arena_printf(webhook->arena, "webhook-signature: %.*s", STR(buf_str(&text)));
	buf_release(&text);
	return line;
}

static void post(struct webhook *webhook, struct sending *sending, const struct store_send *send)
{
	int64_t timestamp = now_of(webhook) / 1000;
	struct str header[] = {
		S("Content-Type: application/json"),
		arena_printf(webhook->arena, "webhook-id: %.*s", STR(send->key)),
		arena_printf(webhook->arena, "webhook-timestamp: %lld", (long long)timestamp),
		signature(webhook, send, timestamp),
	};
	struct http_call call = {
		.method = S("POST"),
		.url = webhook->setup.config->webhook_url,
		.headers = header,
		.n_headers = 4,
		.body = send->body,
		.changes = true,
		.max_answer_bytes = max_answer_bytes,
	};

	*sending = (struct sending){webhook, send->id, send->at, send->tries + 1};
	http_client_call(webhook->setup.client, &call, ended, sending);
}

struct round {
	struct webhook *webhook;
	struct store_send send[max_under_way];
	size_t n, room;
	int64_t next_ms; /* of the first that is not due; 0: none */
};

static bool is_under_way(const struct webhook *webhook, int64_t id)
{
	for (size_t i = 0; i < max_under_way; i++)
		if (webhook->under_way[i].id == id)
			return true;
	return false;
}

/* Nothing is put off for longer than it is tried for: by more it was put off by another clock. */
static bool is_to_wait(const struct webhook *webhook, const struct store_send *send)
{
	return send->next_at > now_of(webhook) && send->next_at <= now_of(webhook) + give_up_ms;
}

static void pick(void *self, const struct store_send *send)
{
	struct round *round = self;
	struct arena *arena = round->webhook->arena;

	if (is_under_way(round->webhook, send->id) || round->next_ms || round->n == round->room)
		return;
	if (is_to_wait(round->webhook, send)) {
		round->next_ms = send->next_at;
		return;
	}
	round->send[round->n] = *send;
	round->send[round->n].key = arena_str(arena, send->key);
	round->send[round->n].body = arena_str(arena, send->body);
	round->n++;
}

static struct sending *free_place(struct webhook *webhook)
{
	for (size_t i = 0; i < max_under_way; i++)
		if (!webhook->under_way[i].id)
			return &webhook->under_way[i];
	return NULL;
}

static void set_timer(struct webhook *webhook, int64_t at_ms);

/* Whatever is due leaves, as far as there is room; when one ends, the next round comes. */
static void run_round(void *self)
{
	struct webhook *webhook = self;
	struct round round = {.webhook = webhook};

	for (size_t i = 0; i < max_under_way; i++)
		round.room += !webhook->under_way[i].id;
	if (!round.room)
		return;
	/* What is sent is on disk; and what was sent is marked there, or it would go out again at
	 * once. */
	if (!dispatcher_flush(webhook->setup.dispatcher)) {
		set_timer(webhook, now_of(webhook) + store_wait_ms);
		return;
	}
	arena_reset(webhook->arena);
	if (store_sends(webhook->setup.store, false, pick, &round) != STORE_OK) {
		LOG(webhook->setup.log, LOG_ERROR, now_of(webhook), "the outbox cannot be read",
			log_word("error", str_of(store_error(webhook->setup.store))));
		round.next_ms = now_of(webhook) + store_wait_ms;
	}
	for (size_t i = 0; i < round.n; i++)
		post(webhook, free_place(webhook), &round.send[i]);
	if (round.next_ms)
		set_timer(webhook, round.next_ms);
}

static void set_timer(struct webhook *webhook, int64_t at_ms)
{
	int64_t wait = at_ms - now_of(webhook);

	loop_timer_start(
		webhook->setup.loop, &webhook->timer, wait > 0 ? wait : 0, run_round, webhook);
}

void webhook_wake(struct webhook *webhook)
{
	if (webhook)
		loop_timer_start(webhook->setup.loop, &webhook->timer, 0, run_round, webhook);
}

/* --- the door --- */

struct webhook *webhook_new(const struct desk_setup *setup)
{
	struct webhook *webhook;

	if (!setup->config->webhook_url.n || !setup->client)
		return NULL;
	webhook = calloc(1, sizeof(*webhook));
	if (!webhook)
		abort();
	webhook->setup = *setup;
	webhook->arena = arena_new(max_round_bytes);
	webhook_wake(webhook);
	return webhook;
}

/* What is under way stays due in the store. */
void webhook_free(struct webhook *webhook)
{
	if (!webhook)
		return;
	for (size_t i = 0; i < max_under_way; i++)
		http_client_forget(webhook->setup.client, &webhook->under_way[i]);
	loop_timer_stop(webhook->setup.loop, &webhook->timer);
	arena_free(webhook->arena);
	free(webhook);
}
