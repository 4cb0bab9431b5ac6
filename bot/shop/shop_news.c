/* News of a shop whose order service has to be asked. */
#include "bot/shop/shop_news.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bot/shop/shop_known.h"

enum {
	max_looks = 4, /* at once: the shop's limits are for buyers first */
	max_look_bytes = 1 << 20,
	max_calls = 10 * 1000,
	passing_ms = 24 * 3600 * 1000, /* nobody waits for an answer for longer */
	max_scratch_bytes = 1 << 20,
	tick_ms = 1000,
	told_within_ms = 7000, /* what comes later may not have been told: flows wait for 8 s */
	changed_again_ms = 5000,
	late_sweeps = 3, /* without a good one for so long, each order is looked at by itself */
};

static const struct str own_prefix = S("news:");

/* A call of a conversation that is under way. */
struct passing {
	struct passing *prev, *next;
	unsigned number;
	int64_t since_ms;
	struct str who, operation, order, buyer;
	char bytes[];
};

enum look_step { LOOK_ORDER, LOOK_REFUND, LOOK_RETURNS, LOOK_DONE };
static const char *const look_operation[LOOK_DONE] = {
	"orders.get",
	"refunds.status",
	"returns.list",
};

/* An order that is being looked at. */
struct look {
	struct shop_news *news;
	struct arena *arena; /* NULL: free */
	struct str order, buyer, who;
	enum look_step step;
	const struct value *value[LOOK_DONE];
	bool waiting; /* for an answer that comes later */
	bool stale;   /* we changed the order meanwhile: what was read may be of before */
	bool again;   /* there was a hint meanwhile: to be looked at once more */
};

struct shop_news {
	struct order_api api; /* first: this is what callers hold */
	struct shop_news_setup setup;
	struct dispatcher *dispatcher; /* NULL: not started */
	struct passing *passing;
	size_t n_passing;
	struct look look[max_looks];
	struct arena *scratch;
	struct loop_timer tick;
	int64_t planned_ms; /* when watched orders were last gone through */
	int64_t swept_ms;   /* when the shop was last searched for changes; 0: never */
};

static int64_t now_of(const struct shop_news *news)
{
	return loop_now_ms(news->setup.loop);
}

static bool begin(struct shop_news *news)
{
	return news->dispatcher && dispatcher_write(news->dispatcher);
}

/* --- looks --- */

static struct look *look_at(struct shop_news *news, struct str order)
{
	for (size_t i = 0; i < max_looks; i++)
		if (news->look[i].arena && str_eq(news->look[i].order, order))
			return &news->look[i];
	return NULL;
}

static void mark_stale(struct shop_news *news, struct str order)
{
	struct look *look = look_at(news, order);

	if (look)
		look->stale = true;
}

static bool is_changing(const struct shop_news *news, struct str order)
{
	const struct passing *p;

	DL_FOREACH(news->passing, p)
	if (str_eq(p->order, order) && known_writes(p->operation))
		return true;
	return false;
}

static void release(struct look *look)
{
	arena_free(look->arena);
	*look = (struct look){.arena = NULL};
}

static int64_t wait_after(int64_t tries)
{
	static const int64_t wait_s[] = {30, 60, 120, 300, 900};
	enum { n = sizeof wait_s / sizeof *wait_s };

	return wait_s[tries < n ? tries : n - 1] * 1000;
}

static void count(struct shop_news *news, const char *result)
{
	metrics_add(news->setup.metrics, "tenstep_shop_looks_total", result, NULL, 1);
}

/* The order as its row has it now; false: it is gone. */
static bool reload(struct look *look, struct store_order *known)
{
	return begin(look->news) &&
	       store_order(look->news->setup.store, look->order, look->arena, known) == STORE_OK;
}

static void put_off(struct look *look, const char *why, int64_t wait_ms, bool failed)
{
	struct shop_news *news = look->news;
	struct store_order known = {.tries = 0};

	if (reload(look, &known)) {
		known.look_ms = now_of(news) + (wait_ms ? wait_ms : wait_after(known.tries));
		known.tries += failed;
		store_put_order(news->setup.store, &known);
	}
	count(news, why);
	if (failed)
		LOG(news->setup.log, LOG_WARNING, now_of(news), "an order cannot be looked at",
			log_id("order", look->order), log_int("tries", known.tries));
}

static void publish(struct look *look)
{
	struct shop_news *news = look->news;
	struct known_view view = {
		look->value[LOOK_ORDER], look->value[LOOK_REFUND], look->value[LOOK_RETURNS]};
	struct store_order known;
	unsigned n;

	if (!reload(look, &known))
		return;
	n = known_publish(news->setup.store, &known, &view, now_of(news), look->arena);
	known.looked_ms = now_of(news);
	known.look_ms = look->again ? now_of(news) + tick_ms : 0;
	known.tries = 0;
	store_put_order(news->setup.store, &known);
	count(news, n ? "news" : "same");
	if (n)
		LOG(news->setup.log, LOG_INFO, now_of(news), "an order has moved",
			log_id("order", look->order), log_int("notices", n));
}

static void end(struct look *look)
{
	if (look->stale || is_changing(look->news, look->order))
		put_off(look, "changing", changed_again_ms, false);
	else
		publish(look);
	release(look);
}

/* What an answer means for a look.  True: it goes on. */
static bool hear(struct look *look, enum order_outcome outcome, const struct value *value)
{
	look->waiting = false;
	switch (outcome) {
	case ORDER_OK:
		look->value[look->step++] = value_copy(look->arena, value);
		return true;
	case ORDER_LATER:
		look->waiting = true;
		return false;
	case ORDER_REFUSED: /* there is no such order any more */
	case ORDER_FAILED:
	case ORDER_UNKNOWN:
		break;
	}
	put_off(look, "failed", 0, true);
	release(look);
	return false;
}

static enum order_outcome ask(struct look *look, struct order_answer *answer)
{
	struct order_api *shop = look->news->setup.shop;
	struct value_builder args = value_build(look->arena);
	struct order_request request = {
		.operation = str_of(look_operation[look->step]),
		.buyer = look->buyer,
		.who = look->who,
		.number = (unsigned)look->step + 1,
	};

	value_put_text(&args, "order", look->order);
	request.args = value_record(&args);
	return shop->call(shop, &request, look->arena, answer);
}

static void go_on(struct look *look)
{
	bool more = true;

	while (more && look->step < LOOK_DONE) {
		struct order_answer answer = {.value = &value_none};
		enum order_outcome outcome = ask(look, &answer);

		more = hear(look, outcome, answer.value);
	}
	if (more)
		end(look);
}

static void begin_look(struct shop_news *news, struct look *look, const struct store_order *order)
{
	look->news = news;
	look->arena = arena_new(max_look_bytes);
	look->order = arena_str(look->arena, order->number);
	look->buyer = arena_str(look->arena, order->buyer);
	look->who = arena_printf(look->arena, "%.*s%.*s", STR(own_prefix), STR(order->number));
}

/* --- what is due --- */

struct picking {
	struct shop_news *news;
	struct look *look[max_looks];
	size_t n;
};

static struct look *free_place(struct shop_news *news)
{
	for (size_t i = 0; i < max_looks; i++)
		if (!news->look[i].arena)
			return &news->look[i];
	return NULL;
}

static void pick(void *self, const struct store_order *order)
{
	struct picking *picking = self;
	struct look *look = free_place(picking->news);

	if (!look || look_at(picking->news, order->number) || !order->buyer.n)
		return;
	begin_look(picking->news, look, order);
	picking->look[picking->n++] = look;
}

/* As many as there is room for are read, and as many again that are under way already. */
static void look_around(struct shop_news *news)
{
	struct picking picking = {.news = news};

	if (!free_place(news))
		return;
	if (store_orders_due(news->setup.store, now_of(news), 2 * max_looks, pick, &picking) !=
		STORE_OK)
		LOG(news->setup.log, LOG_ERROR, now_of(news), "the orders cannot be read",
			log_word("error", str_of(store_error(news->setup.store))));
	for (size_t i = 0; i < picking.n; i++)
		go_on(picking.look[i]);
}

static void plan_watched(struct shop_news *news)
{
	int64_t every = news->setup.config->look_every_ms, now = now_of(news);

	if (now - news->planned_ms < every / 10 || !begin(news))
		return;
	news->planned_ms = now;
	if (now - news->swept_ms < late_sweeps * every)
		return;
	store_look_at_watched(news->setup.store, now - every, now);
}

void shop_news_swept(struct shop_news *news, bool good)
{
	if (!good || !begin(news))
		return;
	news->swept_ms = now_of(news);
	store_note_looked(news->setup.store, now_of(news));
}

static void tick(void *self)
{
	struct shop_news *news = self;

	plan_watched(news);
	look_around(news);
	loop_timer_start(news->setup.loop, &news->tick, tick_ms, tick, news);
}

void shop_news_hint(struct shop_news *news, struct str order)
{
	struct look *look = look_at(news, order);

	store_look_at(news->setup.store, order, now_of(news));
	if (look) /* what is on its way may have left before this happened */
		look->again = true;
	loop_timer_start(news->setup.loop, &news->tick, 0, tick, news);
}

/* --- calls of conversations --- */

static struct str keep(char **at, struct str text)
{
	struct str kept = {*at, text.n};

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return kept;
}

static void drop_passing(struct shop_news *news, struct passing *p)
{
	DL_DELETE(news->passing, p);
	news->n_passing--;
	free(p);
}

/* One more answer may follow an unclear one, or never. */
static void drop_old_passing(struct shop_news *news)
{
	while (news->passing && now_of(news) - news->passing->since_ms > passing_ms)
		drop_passing(news, news->passing);
}

static void add_passing(struct shop_news *news, const struct order_request *request)
{
	struct str order = known_order_of(request->args);
	struct passing *p;
	char *at;

	drop_old_passing(news);
	p = calloc(1,
		sizeof *p + request->who.n + request->operation.n + order.n + request->buyer.n + 1);
	if (!p)
		abort();
	at = p->bytes;
	p->number = request->number;
	p->since_ms = now_of(news);
	p->who = keep(&at, request->who);
	p->operation = keep(&at, request->operation);
	p->order = keep(&at, order);
	p->buyer = keep(&at, request->buyer);
	DL_APPEND(news->passing, p);
	news->n_passing++;
}

static struct passing *find_passing(struct shop_news *news, struct str who, unsigned number)
{
	struct passing *p;

	DL_FOREACH(news->passing, p)
	if (p->number == number && str_eq(p->who, who))
		return p;
	return NULL;
}

static void learn(struct shop_news *news, struct str operation, struct str order, struct str buyer,
	const struct value *value)
{
	if (!begin(news))
		return;
	arena_reset(news->scratch);
	known_learn(news->setup.store, operation, order, buyer, value, now_of(news), news->scratch);
}

static enum order_outcome call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct shop_news *news = (struct shop_news *)api;
	enum order_outcome outcome;

	if (known_writes(request->operation))
		mark_stale(news, known_order_of(request->args));
	outcome = news->setup.shop->call(news->setup.shop, request, arena, answer);
	if (outcome == ORDER_LATER && news->n_passing < max_calls)
		add_passing(news, request);
	else if (outcome == ORDER_OK)
		learn(news, request->operation, known_order_of(request->args), request->buyer,
			answer->value);
	return outcome;
}

static void answer_look(struct shop_news *news, struct str who, unsigned number,
	enum order_outcome outcome, const struct value *value)
{
	struct look *look = look_at(news, str_sub(who, own_prefix.n, who.n));

	if (look && look->waiting && number == (unsigned)look->step + 1 &&
		hear(look, outcome, value))
		go_on(look);
}

static void learn_passing(struct shop_news *news, struct passing *p, enum order_outcome outcome,
	const struct value *value)
{
	if (known_writes(p->operation))
		mark_stale(news, p->order);
	if (outcome == ORDER_OK &&
		(known_writes(p->operation) || now_of(news) - p->since_ms < told_within_ms))
		learn(news, p->operation, p->order, p->buyer, value);
	if (outcome != ORDER_UNKNOWN) /* one more answer may follow */
		drop_passing(news, p);
}

static void answered(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct shop_news *news = self;
	struct passing *p;

	if (str_starts(who, own_prefix)) {
		answer_look(news, who, number, outcome, value);
		return;
	}
	p = find_passing(news, who, number);
	if (p)
		learn_passing(news, p, outcome, value);
	if (news->api.answered)
		news->api.answered(news->api.answered_self, who, number, key, outcome, value);
}

/* --- notices --- */

static bool next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct shop_news *news = (struct shop_news *)api;
	struct store_notice kept;

	if (store_next_notice(news->setup.store, after, arena, &kept) != STORE_OK)
		return false;
	*notice = (struct order_notice){
		.id = kept.id,
		.at = kept.at,
		.event = kept.event,
		.buyer = kept.buyer,
		.fields = kept.fields,
	};
	return true;
}

static void notice_taken(struct order_api *api, int64_t id)
{
	struct shop_news *news = (struct shop_news *)api;

	if (begin(news))
		store_take_notice(news->setup.store, id);
}

/* --- the door --- */

static void free_nothing(struct order_api *api)
{
	(void)api;
}

struct shop_news *shop_news_new(const struct shop_news_setup *setup)
{
	struct shop_news *news = calloc(1, sizeof *news);

	if (!news)
		abort();
	news->api = (struct order_api){.call = call,
		.next_notice = next_notice,
		.notice_taken = notice_taken,
		.free = free_nothing};
	news->setup = *setup;
	news->scratch = arena_new(max_scratch_bytes);
	setup->shop->answered = answered;
	setup->shop->answered_self = news;
	return news;
}

struct order_api *shop_news_api(struct shop_news *news)
{
	return &news->api;
}

void shop_news_start(struct shop_news *news, struct dispatcher *dispatcher)
{
	news->dispatcher = dispatcher;
	loop_timer_start(news->setup.loop, &news->tick, 0, tick, news);
}

void shop_news_free(struct shop_news *news)
{
	struct passing *p, *next;

	if (!news)
		return;
	loop_timer_stop(news->setup.loop, &news->tick);
	news->setup.shop->answered = NULL;
	DL_FOREACH_SAFE(news->passing, p, next)
	drop_passing(news, p);
	for (size_t i = 0; i < max_looks; i++)
		if (news->look[i].arena)
			release(&news->look[i]);
	arena_free(news->scratch);
	free(news);
}
