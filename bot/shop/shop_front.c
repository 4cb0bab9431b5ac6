/* Everything that a shop on TikTok Shop tells the server. */
#include "bot/shop/shop_front.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/order/tiktok_shop/tts_hook.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/shop/shop_agents.h"
#include "bot/shop/shop_line.h"
#include "bot/shop/shop_news.h"
#include "bot/shop/shop_pictures.h"
#include "bot/shop/shop_search.h"
#include "bot/shop/shop_sweep.h"

enum {
	max_body_bytes = 1 << 20,
	max_arena_bytes = 8 << 20,
};

/* The buyer chat of one shop. */
struct front_chat {
	const struct channel_seat *seat;
	struct shop_line *line;
	struct shop_chat *chat;
	struct shop_search *search;
	struct shop_pictures *pictures;
	struct shop_agents *agents;
};

struct shop_front {
	struct shop_front_setup setup;
	struct shop_news *news;
	struct shop_sweep *sweep;
	struct front_chat *chat;
	size_t n_chats;
	struct dispatcher *dispatcher; /* NULL: not started, or over */
	struct arena *arena;           /* of one request */
};

static int64_t now_of(const struct shop_front *front)
{
	return loop_now_ms(front->setup.loop);
}

static struct shop_link *link_of(const struct shop_front *front)
{
	return shop_service_link(front->setup.service);
}

/* The store's transaction is open. */
static bool write_now(void *self)
{
	struct shop_front *front = self;

	return front->dispatcher && dispatcher_write(front->dispatcher);
}

/* --- the chats --- */

static struct front_chat *chat_of(struct shop_front *front, const struct channel_seat *seat)
{
	for (size_t i = 0; i < front->n_chats; i++)
		if (front->chat[i].seat == seat)
			return &front->chat[i];
	return NULL;
}

static struct str vouch(void *self, const struct channel_seat *seat, struct str peer,
	struct str *name, struct arena *arena)
{
	struct front_chat *chat = chat_of(self, seat);

	return chat ? shop_chat_vouch(chat->chat, peer, name, arena) : (struct str){0};
}

static bool authorise(
	void *self, const struct channel_seat *seat, struct channel_call *call, struct arena *arena)
{
	struct shop_front *front = self;

	return !chat_of(front, seat) || shop_line_authorise(link_of(front), seat, call, arena);
}

static enum outbox_trace trace(void *self, const struct channel_seat *seat, struct str peer,
	const struct channel_call *call)
{
	struct shop_front *front = self;
	struct front_chat *chat = chat_of(front, seat);
	enum outbox_trace found;
	struct str message = {0};

	if (!chat)
		return OUTBOX_TRACE_NONE;
	arena_reset(front->arena);
	found = shop_search_look(chat->search, peer, call, front->arena, &message);
	if (found == OUTBOX_THERE)
		shop_agents_know(chat->agents, peer, message);
	return found;
}

static void shown(void *self, const struct channel_seat *seat, struct str peer, struct str message)
{
	struct front_chat *chat = chat_of(self, seat);

	if (chat)
		shop_agents_know(chat->agents, peer, message);
}

static enum outbox_leave leave(void *self, const struct channel_seat *seat, struct str peer)
{
	struct front_chat *chat = chat_of(self, seat);

	return chat ? shop_chat_leave(chat->chat, peer) : OUTBOX_LEAVE;
}

static void refused(void *self, const struct channel_seat *seat, struct str peer)
{
	struct front_chat *chat = chat_of(self, seat);

	if (chat)
		shop_chat_refused(chat->chat, peer);
}

static enum outbox_picture picture(void *self, const struct channel_seat *seat,
	struct str conversation, const struct value *what, struct arena *arena,
	const struct value **there, struct str *why)
{
	struct front_chat *chat = chat_of(self, seat);

	*why = S("pictures cannot be shown there");
	return chat ? shop_pictures_look(chat->pictures, conversation, what, arena, there, why)
		    : OUTBOX_PICTURE_NOT;
}

void shop_front_join(struct shop_front *front, struct channels_setup *channels)
{
	if (!front)
		return;
	channels->vouch = vouch;
	channels->self = front;
	channels->outbox.authorise = authorise;
	channels->outbox.trace = trace;
	channels->outbox.shown = shown;
	channels->outbox.leave = leave;
	channels->outbox.refused = refused;
	channels->outbox.picture = picture;
	channels->outbox.image_origin = front->setup.config->image_origin;
	channels->outbox.n_image_origins = front->setup.config->n_image_origins;
	channels->outbox.authorise_self = front;
}

static struct shop_pictures *open_pictures(
	struct shop_front *front, const struct channel_seat *seat, struct shop_line *line)
{
	struct shop_pictures_setup setup = {
		.loop = front->setup.loop,
		.store = front->setup.store,
		.client = front->setup.client,
		.uploads = front->setup.uploads,
		.seat = seat,
		.line = line,
		.log = front->setup.log,
		.metrics = front->setup.metrics,
		.write = write_now,
		.self = front,
	};

	return shop_pictures_new(&setup);
}

static struct shop_agents *open_agents(struct shop_front *front, const struct channel_seat *seat)
{
	struct shop_agents_setup setup = {
		.loop = front->setup.loop,
		.store = front->setup.store,
		.seat = seat,
		.log = front->setup.log,
		.metrics = front->setup.metrics,
		.handed_off = front->setup.handed_off,
		.self = front->setup.self,
	};

	return shop_agents_new(&setup);
}

static bool knows(void *self, struct str peer, struct str message)
{
	const struct front_chat *chat = self;

	return shop_agents_knows(chat->agents, peer, message);
}

static struct shop_search *open_search(struct shop_front *front, struct front_chat *chat)
{
	struct shop_search_setup setup = {.loop = front->setup.loop,
		.seat = chat->seat,
		.line = chat->line,
		.knows = knows,
		.self = chat};

	return shop_search_new(&setup);
}

static void open_chat(struct shop_front *front, const struct channel_seat *seat)
{
	struct front_chat *chat = &front->chat[front->n_chats++];
	struct shop_chat_setup setup = {
		.loop = front->setup.loop,
		.store = front->setup.store,
		.seat = seat,
		.pull_every_ms = front->setup.config->shop.pull_every_ms,
		.log = front->setup.log,
		.metrics = front->setup.metrics,
		.ask = shop_line_ask,
		.forget = shop_line_forget,
	};

	chat->seat = seat;
	setup.self = chat->line = shop_line_new(link_of(front), seat);
	setup.agents = chat->agents = open_agents(front, seat);
	chat->chat = shop_chat_new(&setup);
	chat->search = open_search(front, chat);
	chat->pictures = open_pictures(front, seat, chat->line);
}

static void open_chats(struct shop_front *front)
{
	const struct serve_config *config = front->setup.config;

	front->chat = calloc(config->n_channels + 1, sizeof *front->chat);
	if (!front->chat)
		abort();
	for (size_t i = 0; i < config->n_channels; i++)
		if (config->channel[i].codec == &tiktok_chat)
			open_chat(front, &config->channel[i]);
}

/* --- webhooks --- */

static void count(struct shop_front *front, const struct tts_hook *hook, const char *result)
{
	metrics_add(front->setup.metrics, "tenstep_shop_hooks_total", tts_hook_name[hook->kind],
		result, 1);
}

static void answer(struct exchange *exchange, unsigned status)
{
	static const struct str headers[] = {S("Cache-Control: no-store"), S("Retry-After: 2")};

	exchange_answer(exchange, &(struct http_answer){
					  .status = status,
					  .headers = headers,
					  .n_headers = status == 503 ? 2 : 1,
				  });
}

/* The shop was asked about nothing here: the order is looked at when this is on disk. */
static void take_order(
	struct shop_front *front, struct exchange *exchange, const struct tts_hook *hook)
{
	if (!dispatcher_write(front->dispatcher)) {
		answer(exchange, 503);
		return;
	}
	if (store_know_hook(front->setup.store, hook->id, now_of(front))) {
		for (size_t i = 0; i < hook->n_orders; i++)
			shop_news_hint(front->news, hook->order[i]);
		count(front, hook, "taken");
	} else {
		count(front, hook, "repeated");
	}
	answer(exchange, dispatcher_flush(front->dispatcher) ? 200 : 503);
}

static void tell_consent(struct shop_front *front, const struct tts_hook *hook)
{
	bool over = hook->kind == TTS_HOOK_DEAUTHORISED;

	if (over)
		LOG(front->setup.log, LOG_ERROR, now_of(front),
			"the seller has taken the consent back: `tenstep authorize` asks again",
			log_word("shop", hook->shop));
	else
		LOG(front->setup.log, LOG_WARNING, now_of(front),
			"the seller's consent ends: `tenstep authorize` asks again",
			log_word("shop", hook->shop),
			log_int("days", hook->expires
						? (hook->expires - now_of(front) / 1000) / 86400
						: -1));
	metrics_set(front->setup.metrics, "tenstep_shop_consent_ends_seconds", NULL, NULL,
		over ? -1 : (double)hook->expires);
}

static void stored(void *self, bool is_stored, const struct channel_taken *taken)
{
	answer(self, is_stored ? taken->status : 503);
}

static struct str header_of(const void *inside, const char *name)
{
	const struct http_head *head = inside;

	return strcmp(name, "authorization") == 0 ? head->authorization : S("");
}

/* The chat that a message is for, by the shop's id. */
static struct front_chat *chat_for(struct shop_front *front, struct str shop)
{
	for (size_t i = 0; i < front->n_chats; i++) {
		struct str own = front->chat[i].seat->account.value[TIKTOK_CHAT_SHOP];

		if (!own.n || str_eq(own, shop))
			return &front->chat[i];
	}
	return NULL;
}

static void take_message(struct shop_front *front, struct exchange *exchange,
	const struct http_head *head, struct str body, const struct tts_hook *hook)
{
	struct front_chat *chat = chat_for(front, hook->shop);
	struct channel_request request = {
		.method = head->method,
		.query = head->query,
		.body = body,
		.header = header_of,
		.inside = head,
		.now_ms = now_of(front),
	};

	if (!chat) {
		count(front, hook, "no_chat");
		answer(exchange, 200);
		return;
	}
	count(front, hook, "taken");
	shop_chat_give(chat->chat, &request, stored, exchange);
}

static void take_hook(struct shop_front *front, struct exchange *exchange,
	const struct http_head *head, struct str body, const struct tts_hook *hook)
{
	switch (hook->kind) {
	case TTS_HOOK_ORDER:
	case TTS_HOOK_CANCELLATION:
	case TTS_HOOK_RETURN:
	case TTS_HOOK_REFUND:
		take_order(front, exchange, hook);
		return;
	case TTS_HOOK_MESSAGE:
		take_message(front, exchange, head, body, hook);
		return;
	case TTS_HOOK_DEAUTHORISED:
	case TTS_HOOK_EXPIRING:
		tell_consent(front, hook);
		break;
	case TTS_HOOK_AFTERSALES:
		LOG(front->setup.log, LOG_INFO, now_of(front), "a webhook that is only noted",
			log_int("type", hook->type));
		break;
	case TTS_HOOK_OTHER:
		break;
	}
	count(front, hook, "noted");
	answer(exchange, 200);
}

static bool is_signed(const struct shop_front *front, const struct http_head *head, struct str body)
{
	const struct shop_account *shop = &front->setup.config->shop;

	return tts_webhook_sign_is(
		shop->app_key, shop->app_secret.bytes, body, head->authorization);
}

void shop_front_request(struct shop_front *front, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct tts_hook hook = {.kind = TTS_HOOK_OTHER};

	arena_reset(front->arena);
	if (!is_signed(front, head, body)) {
		count(front, &hook, "refused");
		answer(exchange, 401);
	} else if (!front->dispatcher) {
		answer(exchange, 503);
	} else if (!tts_hook_read(body, front->arena, &hook)) {
		count(front, &hook, "unreadable"); /* it would be no better the next time */
		answer(exchange, 200);
	} else {
		take_hook(front, exchange, head, body, &hook);
	}
}

bool shop_front_can_ask(const struct shop_front *front)
{
	return shop_grant_now(shop_service_grant(front->setup.service)) != NULL;
}

/* --- where --- */

static bool is_of_chat(const struct shop_front *front, struct str path)
{
	struct str name = str_sub(path, S("/channels/").n, path.n);

	for (size_t i = 0; i < front->n_chats && str_starts(path, S("/channels/")); i++)
		if (str_eq(name, front->chat[i].seat->account.name))
			return true;
	return false;
}

bool shop_front_owns(const struct shop_front *front, const struct http_head *head)
{
	return front && (str_is(head->path, "/shop/webhook") || is_of_chat(front, head->path));
}

struct http_plan shop_front_plan(struct shop_front *front, const struct http_head *head)
{
	(void)front;
	return str_is(head->method, "POST") ? (struct http_plan){.max_body_bytes = max_body_bytes}
					    : (struct http_plan){.refuse = 405};
}

/* --- what no webhook told --- */

static void has_changed(void *self, struct str order)
{
	shop_news_hint(((struct shop_front *)self)->news, order);
}

static void swept(void *self, bool good)
{
	shop_news_swept(((struct shop_front *)self)->news, good);
}

static void open_sweep(struct shop_front *front)
{
	struct shop_sweep_setup setup = {
		.loop = front->setup.loop,
		.store = front->setup.store,
		.link = link_of(front),
		.grant = shop_service_grant(front->setup.service),
		.every_ms = front->setup.config->look_every_ms,
		.log = front->setup.log,
		.metrics = front->setup.metrics,
		.write = write_now,
		.changed = has_changed,
		.done = swept,
		.self = front,
	};

	front->sweep = shop_sweep_new(&setup);
}

/* --- the door --- */

struct shop_front *shop_front_new(const struct shop_front_setup *setup)
{
	struct shop_front *front = calloc(1, sizeof *front);
	struct shop_news_setup news = {
		.loop = setup->loop,
		.store = setup->store,
		.shop = shop_service_api(setup->service),
		.config = setup->config,
		.log = setup->log,
		.metrics = setup->metrics,
	};

	if (!front)
		abort();
	front->setup = *setup;
	front->arena = arena_new(max_arena_bytes);
	front->news = shop_news_new(&news);
	open_sweep(front);
	open_chats(front);
	return front;
}

struct order_api *shop_front_api(struct shop_front *front)
{
	return shop_news_api(front->news);
}

void shop_front_start(
	struct shop_front *front, struct channels *channels, struct dispatcher *dispatcher)
{
	if (!front)
		return;
	front->dispatcher = dispatcher;
	shop_news_start(front->news, dispatcher);
	shop_sweep_start(front->sweep);
	for (size_t i = 0; i < front->n_chats; i++) {
		shop_agents_start(front->chat[i].agents, dispatcher);
		shop_chat_start(front->chat[i].chat, channels, dispatcher);
	}
}

void shop_front_stop(struct shop_front *front)
{
	if (!front)
		return;
	front->dispatcher = NULL;
	shop_sweep_free(front->sweep);
	front->sweep = NULL;
	for (size_t i = 0; i < front->n_chats; i++) {
		shop_chat_free(front->chat[i].chat);
		shop_search_free(front->chat[i].search);
		shop_pictures_free(front->chat[i].pictures);
		shop_line_free(front->chat[i].line);
		shop_agents_free(front->chat[i].agents);
	}
	front->n_chats = 0;
}

void shop_front_free(struct shop_front *front)
{
	if (!front)
		return;
	shop_front_stop(front);
	shop_news_free(front->news);
	arena_free(front->arena);
	free(front->chat);
	free(front);
}
