/* Conversations that wait for a person. */
#include "bot/desk/desk_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/table.h"

enum {
	max_names_bytes = 4 << 20,
	max_queue_bytes = 40,
	measure_ms = 10 * 1000,
	again_ms = 5 * 1000, /* what the store did not take */
};

/* A conversation with an open card; the newest one, if there are several. */
struct waiter {
	struct queue *queue;
	int64_t card, at;      /* at: Unix seconds */
	int64_t since;         /* it waits: since the hand-off, or since it was put back */
	int64_t version;       /* of the card, when it began to wait */
	int64_t nobody_due_ms; /* when nobody will have come; 0: never */
	bool claimed;
	bool nobody_came; /* was told so, for this card */
	bool seen;        /* in the round under way */
	enum owner owner;
	struct hearer hearer;
	char queue_name[max_queue_bytes]; /* as the flow names it; for metrics */
	UT_hash_handle hh;
	size_t n_name;
	char name[];
};

struct queue {
	struct desk_setup setup;
	struct webhook *webhook;
	struct waiter *waiter; /* uthash, by conversation */
	struct loop_timer look, nobody, measure;
	int64_t last_card; /* cards up to this one are in the outbox */
	struct arena *arena;
};

static struct str name_of(const struct waiter *w)
{
	return (struct str){w->name, w->n_name};
}

static struct waiter *find(const struct queue *queue, struct str conversation)
{
	struct waiter *w;

	HASH_FIND(hh, queue->waiter, conversation.p, conversation.n, w);
	return w;
}

static bool is_waiting(const struct waiter *w)
{
	return !w->claimed && w->owner == OWNER_QUEUE;
}

/* --- nobody came --- */

static void set_nobody_timer(struct queue *queue);

/* Known even where it makes no post: a restart must not say it again. */
static void nobody_is_told(void *self, enum taken taken, uint32_t n)
{
	struct waiter *w = self;
	struct queue *queue = w->queue;

	(void)n;
	if (taken == TAKEN_NOT) {
		w->nobody_came = false;
		w->nobody_due_ms = loop_now_ms(queue->setup.loop) + again_ms;
		set_nobody_timer(queue);
		return;
	}
	metrics_add(queue->setup.metrics, "tenstep_handoffs_total", w->queue_name, "nobody", 1);
	LOG(queue->setup.log, LOG_INFO, loop_now_ms(queue->setup.loop), "nobody came",
		log_int("card", w->card), log_id("conversation", name_of(w)));
}

static void tell_nobody(struct queue *queue, struct waiter *w)
{
	struct dispatcher *dispatcher = queue->setup.dispatcher;
	struct letter letter = {
		.conversation = name_of(w),
		.event = {.kind = EVENT_AGENT,
			.action = AGENT_NOBODY,
			.id = arena_printf(queue->arena, "nobody:%lld:%lld", (long long)w->card,
				(long long)w->version)},
	};
	enum store_status known = store_knows(queue->setup.store, name_of(w), letter.event.id);

	w->nobody_came = known == STORE_OK; /* before a restart */
	if (w->nobody_came)
		return;
	if (known != STORE_NONE || !dispatcher_write(dispatcher)) {
		w->nobody_due_ms = loop_now_ms(queue->setup.loop) + again_ms;
		return;
	}
	w->nobody_came = true;
	dispatcher_take(dispatcher, &letter, nobody_is_told, w);
	if (dispatcher_write(dispatcher)) /* what was open may be committed */
		store_know(queue->setup.store, name_of(w), letter.event.id,
			loop_now_ms(queue->setup.loop));
}

/* Waiting begins when the desk is open: whoever leaves a message at night is not told at night that
 * nobody came. */
static int64_t nobody_due_ms(const struct queue *queue, int64_t since)
{
	const struct serve_config *config = queue->setup.config;
	int64_t opens_at;

	if (!config->nobody_after_s)
		return 0;
	if (!desk_open(config, since, &opens_at) && opens_at)
		since = opens_at;
	return (since + config->nobody_after_s) * 1000;
}

static bool is_owed_a_word(const struct waiter *w)
{
	return is_waiting(w) && !w->nobody_came && w->nobody_due_ms;
}

static void nobody_comes(void *self)
{
	struct queue *queue = self;
	int64_t now = loop_now_ms(queue->setup.loop);
	struct waiter *w, *next;

	arena_reset(queue->arena);
	HASH_ITER(hh, queue->waiter, w, next)
	if (is_owed_a_word(w) && w->nobody_due_ms <= now)
		tell_nobody(queue, w);
	set_nobody_timer(queue);
}

static void set_nobody_timer(struct queue *queue)
{
	int64_t due = INT64_MAX, now = loop_now_ms(queue->setup.loop);
	struct waiter *w, *next;

	loop_timer_stop(queue->setup.loop, &queue->nobody);
	HASH_ITER(hh, queue->waiter, w, next)
	if (is_owed_a_word(w) && w->nobody_due_ms < due)
		due = w->nobody_due_ms;
	if (due < INT64_MAX)
		loop_timer_start(queue->setup.loop, &queue->nobody, due > now ? due - now : 0,
			nobody_comes, queue);
}

/* --- the picture --- */

static void owner_changed(void *self, enum owner owner, struct str person)
{
	struct waiter *w = self;

	(void)person;
	w->owner = owner;
	queue_look(w->queue);
}

static void was_forgotten(void *self)
{
	struct waiter *w = self;

	queue_look(w->queue); /* its card is gone with it */
}

static void drop(struct queue *queue, struct waiter *w)
{
	dispatcher_unhear(queue->setup.dispatcher, &w->hearer);
	dispatcher_forget_done(queue->setup.dispatcher, w);
	HASH_DEL(queue->waiter, w);
	free(w);
}

static struct waiter *add(struct queue *queue, struct str conversation)
{
	struct waiter *w = calloc(1, sizeof(*w) + conversation.n + 1);

	if (!w)
		abort();
	w->queue = queue;
	w->n_name = conversation.n;
	memcpy(w->name, conversation.p, conversation.n);
	HASH_ADD(hh, queue->waiter, name, w->n_name, w);
	w->hearer = (struct hearer){.owner = owner_changed, .forgotten = was_forgotten, .self = w};
	dispatcher_hear(queue->setup.dispatcher, name_of(w), &w->hearer);
	w->owner = dispatcher_standing(queue->setup.dispatcher, name_of(w)).owner;
	return w;
}

struct card {
	struct str conversation, queue;
	int64_t id, at, since, version;
	bool claimed;
};
struct cards {
	struct queue *queue;
	struct card *card;
	size_t n;
};

/* The webhook's rows are written after the reading is over. */
static void collect(void *self, const struct store_card *card)
{
	struct cards *cards = self;
	struct arena *arena = cards->queue->arena;

	cards->card = arena_grow(arena, cards->card, cards->n, struct card);
	cards->card[cards->n++] = (struct card){
		.conversation = arena_str(arena, card->conversation),
		.queue = arena_str(arena, card->queue),
		.id = card->id,
		.at = card->at,
		.since = card->claimed ? card->claimed : card->at,
		.version = card->version,
		.claimed = card->person.n > 0,
	};
}

/* Asked for a person again: one card a conversation is enough. */
static void close_older(struct queue *queue, int64_t id)
{
	if (dispatcher_write(queue->setup.dispatcher))
		store_close_card(queue->setup.store, id, loop_now_ms(queue->setup.loop) / 1000);
}

static void place(struct queue *queue, const struct card *card)
{
	struct waiter *w = find(queue, card->conversation);

	if (!w)
		w = add(queue, card->conversation);
	if (w->card && w->card < card->id && !w->claimed)
		close_older(queue, w->card);
	if (w->card != card->id || w->since != card->since) {
		w->nobody_came = false;
		w->nobody_due_ms = nobody_due_ms(queue, card->since);
	}
	w->card = card->id;
	w->at = card->at;
	w->since = card->since;
	w->version = card->version;
	w->claimed = card->claimed;
	w->seen = true;
	snprintf(w->queue_name, sizeof(w->queue_name), "%.*s",
		STR(str_sub(card->queue, 0, max_queue_bytes - 1)));
}

static void send_new(struct queue *queue, const struct cards *cards)
{
	struct arena *arena = arena_new(max_names_bytes);

	for (size_t i = 0; i < cards->n; i++) {
		struct store_card card;

		if (cards->card[i].id <= queue->last_card)
			continue;
		queue->last_card = cards->card[i].id;
		arena_reset(arena);
		if (store_card(queue->setup.store, cards->card[i].id, arena, &card) == STORE_OK)
			webhook_add(queue->webhook, &card);
	}
	arena_free(arena);
}

/* --- what is counted --- */

static const char queue_length[] = "tenstep_handoff_queue_length";
static const char oldest_wait[] = "tenstep_handoff_oldest_wait_seconds";

static void measure_none(const struct queue *queue)
{
	struct waiter *w, *next;

	HASH_ITER(hh, queue->waiter, w, next)
	{
		metrics_set(queue->setup.metrics, queue_length, w->queue_name, NULL, 0);
		metrics_set(queue->setup.metrics, oldest_wait, w->queue_name, NULL, 0);
	}
}

static void measure_one(const struct queue *queue, const struct waiter *w)
{
	struct metrics *metrics = queue->setup.metrics;
	double age = (double)(loop_now_ms(queue->setup.loop) / 1000 - w->at);

	metrics_add(metrics, queue_length, w->queue_name, NULL, 1);
	if (age > metrics_value(metrics, oldest_wait, w->queue_name, NULL))
		metrics_set(metrics, oldest_wait, w->queue_name, NULL, age);
}

/* After measure_none(); again and again while somebody waits, because waiting grows by itself. */
static void measure(struct queue *queue);

static void measure_again(void *self)
{
	measure_none(self);
	measure(self);
}

static void measure(struct queue *queue)
{
	struct waiter *w, *next;
	bool any = false;

	HASH_ITER(hh, queue->waiter, w, next)
	if (is_waiting(w)) {
		measure_one(queue, w);
		any = true;
	}
	if (any)
		loop_timer_start(
			queue->setup.loop, &queue->measure, measure_ms, measure_again, queue);
}

/* --- looking --- */

static void look(void *self)
{
	struct queue *queue = self;
	struct cards cards = {.queue = queue};
	struct waiter *w, *next;

	arena_reset(queue->arena);
	if (!dispatcher_flush(queue->setup.dispatcher) ||
		store_cards(queue->setup.store, false, collect, &cards) != STORE_OK) {
		LOG(queue->setup.log, LOG_ERROR, loop_now_ms(queue->setup.loop),
			"the cards cannot be read",
			log_word("error", str_of(store_error(queue->setup.store))));
		return;
	}
	measure_none(queue);
	for (size_t i = 0; i < cards.n; i++)
		place(queue, &cards.card[i]);
	HASH_ITER(hh, queue->waiter, w, next)
	{
		if (!w->seen)
			drop(queue, w);
		else
			w->seen = false;
	}
	send_new(queue, &cards);
	measure(queue);
	set_nobody_timer(queue);
}

void queue_look(struct queue *queue)
{
	loop_timer_start(queue->setup.loop, &queue->look, 0, look, queue);
}

/* --- what others want to know --- */

const char *queue_state(const struct queue *queue, const struct store_card *card)
{
	const struct waiter *w = find(queue, card->conversation);

	if (card->closed)
		return "closed";
	if (card->person.n)
		return "person";
	return w && w->owner != OWNER_QUEUE ? "with_bot" : "waiting";
}

/* Whoever has just come is not in the picture yet: behind all that are. */
size_t queue_place(const struct queue *queue, struct str conversation)
{
	const struct waiter *own = find(queue, conversation);
	int64_t card = own && is_waiting(own) ? own->card : INT64_MAX;
	struct waiter *w, *next;
	size_t before = 0;

	HASH_ITER(hh, queue->waiter, w, next)
	if (w != own && is_waiting(w) && w->card < card)
		before++;
	return before + 1;
}

/* --- the door --- */

struct queue *queue_new(const struct desk_setup *setup, struct webhook *webhook)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		abort();
	queue->setup = *setup;
	queue->webhook = webhook;
	queue->arena = arena_new(max_names_bytes);
	queue_look(queue);
	return queue;
}

void queue_free(struct queue *queue)
{
	struct waiter *w, *next;

	HASH_ITER(hh, queue->waiter, w, next)
	drop(queue, w);
	loop_timer_stop(queue->setup.loop, &queue->look);
	loop_timer_stop(queue->setup.loop, &queue->nobody);
	loop_timer_stop(queue->setup.loop, &queue->measure);
	arena_free(queue->arena);
	free(queue);
}
