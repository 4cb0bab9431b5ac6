/* The desk with a real dispatcher, the demo shop, the shipped flows and a store in memory; and
 * buyers who write. */
#ifndef TENSTEP_TESTS_DESK_WORLD_H
#define TENSTEP_TESTS_DESK_WORLD_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/common/content.h"
#include "bot/desk/desk.h"
#include "bot/shop/shop_hours.h"

enum { max_told = 100, longest_test_s = 120 };

struct world {
	struct loop *loop;
	struct store *store;
	struct order_api *shop, *sandbox;
	struct content *content;
	struct model *model;
	struct arena *arena;
	struct serve_config config;
	struct dispatcher *dispatcher;
	struct metrics *metrics;
	struct http_client *client;
	struct desk *desk;
	struct uploads *uploads; /* NULL: none */
	unsigned n_ids;
};

/* --- the world --- */

static inline void handed_off(void *self, const struct store_card *card)
{
	struct world *w = self;

	if (w->desk)
		desk_handed_off(w->desk, card);
}

static inline void open_desk(struct world *w)
{
	w->dispatcher = dispatcher_new(&(struct dispatcher_setup){
		.loop = w->loop,
		.store = w->store,
		.shop = w->shop,
		.model = w->model,
		.language = S("en"),
		.seed = 1,
		.metrics = w->metrics,
		.handed_off = handed_off,
		.self = w,
	});
	w->client = http_client_new(
		&(struct http_client_setup){.loop = w->loop, .allow_loopback = true});
	w->desk = desk_new(&(struct desk_setup){
		.loop = w->loop,
		.dispatcher = w->dispatcher,
		.store = w->store,
		.client = w->client,
		.config = &w->config,
		.metrics = w->metrics,
		.uploads = w->uploads,
	});
}

static inline void close_desk(struct world *w)
{
	desk_free(w->desk);
	w->desk = NULL;
	http_client_free(w->client);
	dispatcher_free(w->dispatcher);
}

/* As after a kill: only the store is left, and the loop, which starts over. */
static inline void restart(struct world *w)
{
	close_desk(w);
	w->shop->free(w->shop);
	loop_free(w->loop);
	w->loop = loop_new();
	w->shop = shop_with_hours(w->sandbox, &w->config, w->loop);
	open_desk(w);
}

static inline int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct diags diags;
	struct buf error;

	alarm(longest_test_s);
	signal(SIGPIPE, SIG_IGN);
	buf_init(&error, 400);
	w->arena = arena_new(1 << 20);
	diags_init(&diags, w->arena);
	w->loop = loop_new();
	w->content = content_open(SOURCE_DIR, "en", NULL, &diags);
	w->model = content_model(w->content, &diags, NULL);
	assert_non_null(w->model);
	w->config.desk_token.bytes = S("desk-token");
	w->config.has_hours = true;
	for (int i = 0; i < 7; i++)
		w->config.hours[i] = (struct opening){0, 24 * 60};
	w->sandbox = sandbox_api(sandbox_open(S("demo"), loop_now_ms(w->loop) / 1000, &error));
	w->shop = shop_with_hours(w->sandbox, &w->config, w->loop);
	w->metrics = metrics_new();
	assert_int_equal(store_open(NULL, &w->store, &error), STORE_OK);
	buf_release(&error);
	open_desk(w);
	*state = w;
	return 0;
}

static inline int tear_down(void **state)
{
	struct world *w = *state;

	close_desk(w);
	store_close(w->store);
	w->shop->free(w->shop);
	w->sandbox->free(w->sandbox);
	loop_free(w->loop);
	model_unref(w->model);
	content_free(w->content);
	metrics_free(w->metrics);
	arena_free(w->arena);
	free(w);
	return 0;
}

static inline void stop(void *self)
{
	loop_stop(self);
}

/* Lets the loop turn. */
static inline void turn(struct world *w, int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(w->loop, &timer, ms, stop, w->loop);
	loop_run(w->loop);
	loop_timer_stop(w->loop, &timer);
}

/* --- a buyer --- */

struct buyer {
	struct world *w;
	char conversation[40];
	struct hearer hearer;
	struct told {
		enum post_who who;
		char name[40], text[400], note[40], file[100];
	} told[max_told];
	size_t n;
	enum owner owner;
	char waiting[200];
	unsigned typing;
};

static inline void put(char *to, size_t n, struct str s)
{
	snprintf(to, n, "%.*s", (int)(s.n < n ? s.n : n - 1), s.p ? s.p : "");
}

static inline void hear_post(void *self, const struct post *post)
{
	struct buyer *b = self;
	struct told *told = &b->told[b->n++];

	assert_true(b->n < max_told);
	told->who = post->who;
	put(told->name, sizeof(told->name), post->name);
	put(told->text, sizeof(told->text), value_get_text(post->body, "text"));
	put(told->file, sizeof(told->file), value_get_text(value_get(post->body, "file"), "name"));
	put(told->note, sizeof(told->note), value_get_text(post->body, "note"));
}

static inline void hear_owner(void *self, enum owner owner, struct str person)
{
	struct buyer *b = self;
	struct arena *arena = arena_new(1 << 12);

	(void)person;
	b->owner = owner;
	if (owner == OWNER_QUEUE)
		put(b->waiting, sizeof(b->waiting),
			desk_waiting_text(
				b->w->desk, str_of(b->conversation), words_of(S("en")), arena));
	arena_free(arena);
}

static inline void hear_typing(void *self, enum post_who who)
{
	((struct buyer *)self)->typing += who == POST_PERSON;
}

static inline void meet(struct world *w, struct buyer *b, const char *name)
{
	*b = (struct buyer){.w = w};
	snprintf(b->conversation, sizeof(b->conversation), "%s", name);
	b->hearer = (struct hearer){
		.post = hear_post, .owner = hear_owner, .typing = hear_typing, .self = b};
	dispatcher_hear(w->dispatcher, str_of(b->conversation), &b->hearer);
}

static inline void write_event(struct buyer *b, struct event event)
{
	char id[20];
	struct letter letter = {.conversation = str_of(b->conversation), .channel = S("widget")};

	snprintf(id, sizeof(id), "t:%u", ++b->w->n_ids);
	event.id = str_of(id);
	letter.event = event;
	dispatcher_take(b->w->dispatcher, &letter, NULL, NULL);
	turn(b->w, 5);
}

static inline void write_text(struct buyer *b, const char *text)
{
	write_event(b, (struct event){.kind = EVENT_TEXT, .text = str_of(text)});
}

static inline const struct told *last_of(const struct buyer *b, enum post_who who)
{
	for (size_t i = b->n; i > 0; i--)
		if (b->told[i - 1].who == who)
			return &b->told[i - 1];
	return NULL;
}

static inline size_t count_of(const struct buyer *b, enum post_who who)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->told[i].who == who;
	return n;
}

static inline void ask_for_person(struct buyer *b)
{
	write_text(b, "I want to talk to a person");
	while (b->owner != OWNER_QUEUE)
		turn(b->w, 5);
	turn(b->w, 5);
}

#endif
