/* Thousands of decisions against a shop that misbehaves in every way, with kills in between: done
 * at most once each, every buyer told what the shop's own ledger says, nobody left without an
 * answer, hardly anybody passed to a person.
 *
 * TENSTEP_DECISIONS=50000 for a campaign, TENSTEP_SEED to see one run again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/store/store.h"
#include "bot/common/content.h"
#include "bot/host/host.h"

enum { usual_decisions = 400, max_under_way = 8, linger_s = 280 };

static const int64_t start_ms = 1740823200000;

/* --- chance --- */

static uint64_t state_of_chance;

static uint64_t chance(uint64_t below)
{
	uint64_t x = state_of_chance += 0x9E3779B97F4A7C15u;

	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
	return (x ^ (x >> 31)) % below;
}

/* --- the shop --- */

enum act {
	ACT_WELL,    /* as it should be */
	ACT_SLOW,    /* the same, after up to 50 s */
	ACT_FAIL,    /* not reached */
	ACT_LOSE,    /* the request is lost */
	ACT_SWALLOW, /* it is done, the answer is lost */
	ACT_LINGER,  /* no answer; the request arrives up to some minutes later */
	ACT_NEVER,   /* it is done, and nobody ever answers */
	ACT_GRUMPY,  /* refused, for the moment */
	ACT_KILLED,  /* we are killed while it works; it may have been done */
	N_ACTS
};

struct shop {
	struct order_api api; /* first */
	int64_t now;
	int64_t ships_at; /* 0: not in this run */
	bool cancelled, shipped;
	unsigned applied; /* the ledger */
	int64_t under_way[max_under_way];
	size_t n_under_way;
	unsigned n_calls, calm_after; /* from then on it behaves */
	bool killed;
	unsigned seen[N_ACTS];
};

static bool apply(struct shop *shop)
{
	if (shop->cancelled || shop->shipped)
		return false;
	shop->cancelled = true;
	shop->applied++;
	return true;
}

static bool shop_advance(struct order_api *api, int64_t to)
{
	struct shop *shop = (struct shop *)api;

	for (; shop->now < to; shop->now++) {
		if (shop->ships_at && shop->now >= shop->ships_at && !shop->cancelled)
			shop->shipped = true;
		for (size_t i = 0; i < shop->n_under_way; i++)
			if (shop->under_way[i] <= shop->now) {
				(void)apply(shop);
				shop->under_way[i] = INT64_MAX;
			}
		if (shop->now > start_ms / 1000 + 3600) {
			shop->now = to; /* nothing happens any more */
			return true;
		}
	}
	return true;
}

static const struct value *words(struct arena *arena, const char *name, const char *text)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, name, str_of(text));
	return value_record(&b);
}

static const struct value *order_of(const struct shop *shop, struct arena *arena)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "number", S("A-1"));
	value_put_text(&b, "first_item", S("Blue dress"));
	value_put_text(&b, "status", S("AWAITING_SHIPMENT"));
	value_put_text(&b, "status_text", shop->shipped ? S("on its way") : S("being prepared"));
	value_put(&b, "total", value_money(arena, S("29.90"), S("USD")));
	return value_record(&b);
}

static const struct value *may_cancel(const struct shop *shop, struct arena *arena)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "answer",
		shop->cancelled ? S("cancelled")
		: shop->shipped ? S("shipped")
				: S("yes"));
	value_put(&b, "refund", value_money(arena, S("29.90"), S("USD")));
	value_put_text(&b, "paid_with", S("Visa"));
	return value_record(&b);
}

/* What the order says; without a key, like the real one.  Who asks again is told what holds. */
static enum order_outcome cancel(
	struct shop *shop, bool again, struct arena *arena, struct order_answer *answer)
{
	struct value_builder b = value_build(arena);

	if (apply(shop) || (shop->cancelled && again)) {
		value_put_text(&b, "state", S("done"));
		value_put(&b, "refund", value_money(arena, S("29.90"), S("USD")));
		answer->value = value_record(&b);
		return ORDER_OK;
	}
	answer->value = words(arena, "why", shop->shipped ? "shipped" : "done_already");
	return ORDER_REFUSED;
}

static enum act choose_act(struct shop *shop)
{
	enum act act = ++shop->n_calls > shop->calm_after ? ACT_WELL : (enum act)chance(N_ACTS);

	if (act == ACT_LINGER && shop->n_under_way == max_under_way)
		act = ACT_LOSE;
	shop->seen[act]++;
	return act;
}

static enum order_outcome misbehave(
	struct shop *shop, bool again, struct arena *arena, struct order_answer *answer)
{
	enum act act = choose_act(shop);

	if (getenv("TENSTEP_SEED"))
		print_message("%lld: call, act %d%s\n", (long long)(shop->now - start_ms / 1000), act,
			again ? ", again" : "");
	switch (act) {
	case ACT_SLOW:
		answer->took_ms = (int64_t)chance(50000);
		break;
	case ACT_FAIL:
		return ORDER_FAILED;
	case ACT_LOSE:
		return ORDER_UNKNOWN;
	case ACT_SWALLOW:
		(void)apply(shop);
		return ORDER_UNKNOWN;
	case ACT_LINGER:
		shop->under_way[shop->n_under_way++] = shop->now + 1 + (int64_t)chance(linger_s);
		return ORDER_UNKNOWN;
	case ACT_NEVER:
		(void)apply(shop);
		return ORDER_LATER;
	case ACT_GRUMPY: /* who asks first finds what is done */
		if (again && shop->cancelled)
			break;
		answer->value = words(arena, "why", "not_allowed");
		return ORDER_REFUSED;
	case ACT_KILLED:
		shop->killed = true;
		if (chance(2))
			(void)apply(shop);
		return ORDER_LATER;
	case ACT_WELL:
	case N_ACTS:
		break;
	}
	return cancel(shop, again, arena, answer);
}

static enum order_outcome shop_call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct shop *shop = (struct shop *)api;
	struct value_builder list = value_build(arena);

	*answer = (struct order_answer){.value = &value_none};
	if (str_is(request->operation, "orders.cancel"))
		return misbehave(shop, request->again, arena, answer);
	if (str_is(request->operation, "orders.list")) {
		value_push(&list, order_of(shop, arena));
		answer->value = value_list(&list);
	} else if (str_is(request->operation, "orders.can_cancel")) {
		answer->value = may_cancel(shop, arena);
	} else if (str_is(request->operation, "orders.get")) {
		answer->value = order_of(shop, arena);
	}
	return ORDER_OK;
}

static bool shop_next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	(void)api;
	(void)after;
	(void)arena;
	(void)notice;
	return false;
}

/* --- buyers --- */

enum told { TOLD_NOTHING, TOLD_UNKNOWN, TOLD_DONE, TOLD_NOT_DONE, TOLD_PERSON };

static enum told meaning_of(const char *text)
{
	static const struct {
		const char *words;
		enum told told;
	} meaning[] = {
		{"I do not know yet", TOLD_UNKNOWN},
		{"A person finishes it", TOLD_PERSON},
		{"was not cancelled", TOLD_NOT_DONE},
		{"has not been cancelled", TOLD_NOT_DONE},
		{"cannot be cancelled", TOLD_NOT_DONE},
		{"is cancelled", TOLD_DONE},
		{"already cancelled", TOLD_DONE},
	};

	for (size_t i = 0; i < sizeof meaning / sizeof *meaning; i++)
		if (strstr(text, meaning[i].words))
			return meaning[i].told;
	return TOLD_NOTHING;
}

struct buyer {
	const char *conversation;
	struct host *host;
	enum told told; /* last */
	unsigned n_told[5];
	unsigned n_ids;
};

struct run {
	struct model *model;
	struct store *store;
	struct shop shop;
	struct buyer buyer[2];
	size_t n_buyers;
	int64_t now_ms;
	uint64_t seed;
};

#define CHECK(run, good, what)                                                                     \
	do {                                                                                       \
		if (!(good))                                                                       \
			fail_msg("TENSTEP_SEED=%llu: %s", (unsigned long long)(run)->seed, what);  \
	} while (0)

/* What is said must be so when it is said. */
static void hear(struct run *run, struct buyer *buyer, const struct host_turn *turn)
{
	char text[1000];

	for (size_t i = 0; turn && i < turn->n_posts; i++) {
		enum told told;

		if (turn->post[i].who != POST_BOT)
			continue;
		snprintf(
			text, sizeof text, "%.*s", STR(value_get_text(turn->post[i].body, "text")));
		told = meaning_of(text);
		if (told == TOLD_NOTHING)
			continue;
		if (getenv("TENSTEP_SEED"))
			print_message("%lld: %s: %s\n",
				(long long)(run->now_ms - start_ms) / 1000, buyer->conversation,
				text);
		buyer->told = told;
		buyer->n_told[told]++;
		CHECK(run, told != TOLD_DONE || run->shop.cancelled, text);
		CHECK(run, told != TOLD_NOT_DONE || !run->shop.cancelled, text);
	}
}

static void open_host(struct run *run, struct buyer *buyer)
{
	struct host_setup setup = {
		.model = run->model,
		.shop = &run->shop.api,
		.store = run->store,
		.conversation = str_of(buyer->conversation),
		.channel = S("widget"),
		.language = S("en"),
		.now_ms = run->now_ms,
		.seed = run->seed,
	};
	struct buf error;

	buf_init(&error, 400);
	buyer->host = host_open(&setup, &error);
	assert_non_null(buyer->host);
	buf_release(&error);
	hear(run, buyer, host_recover(buyer->host, 0));
}

/* Killed: what the shop says to the old process nobody hears. */
static void be_killed(struct run *run)
{
	for (unsigned round = 0; run->shop.killed && round < 20; round++) {
		run->shop.killed = false;
		for (size_t i = 0; i < run->n_buyers; i++) {
			if (!run->buyer[i].host)
				continue;
			host_close(run->buyer[i].host);
			open_host(run, &run->buyer[i]);
		}
	}
}

static void do_event(struct run *run, struct buyer *buyer, struct event event)
{
	char id[32];

	snprintf(id, sizeof id, "%s %u", buyer->conversation, ++buyer->n_ids);
	event.id = str_of(id);
	hear(run, buyer, host_turn(buyer->host, &event));
	be_killed(run);
}

static void say(struct run *run, struct buyer *buyer, const char *text)
{
	do_event(run, buyer, (struct event){.kind = EVENT_TEXT, .text = str_of(text)});
}

static void pass(struct run *run, int64_t ms)
{
	run->now_ms += ms;
	(void)shop_advance(&run->shop.api, run->now_ms / 1000);
	for (size_t i = 0; i < run->n_buyers; i++)
		hear(run, &run->buyer[i], host_advance(run->buyer[i].host, run->now_ms));
	be_killed(run);
}

static void ask_to_cancel(struct run *run, struct buyer *buyer)
{
	do_event(run, buyer, (struct event){.kind = EVENT_BUYER, .name = S("buyer-1")});
	say(run, buyer, "cancel my order");
	say(run, buyer, "skip");
}

static void run_once(struct model *model, uint64_t seed, unsigned told[5], unsigned seen[N_ACTS])
{
	struct run run = {.model = model, .seed = seed, .now_ms = start_ms, .n_buyers = 1};
	struct buf error;
	int64_t step_ms = 1000;

	state_of_chance = seed;
	run.shop.api = (struct order_api){
		.call = shop_call, .next_notice = shop_next_notice, .advance = shop_advance};
	run.shop.now = start_ms / 1000;
	run.shop.calm_after = 1 + (unsigned)chance(8);
	run.shop.ships_at = chance(4) ? 0 : run.shop.now + 1 + (int64_t)chance(400);
	run.n_buyers += chance(3) == 0;
	run.buyer[0].conversation = "widget:a";
	run.buyer[1].conversation = "telegram:b";
	buf_init(&error, 400);
	assert_int_equal(store_open(NULL, &run.store, &error), STORE_OK);
	buf_release(&error);
	for (size_t i = 0; i < run.n_buyers; i++) {
		open_host(&run, &run.buyer[i]);
		ask_to_cancel(&run, &run.buyer[i]);
	}
	for (size_t i = 0; i < run.n_buyers; i++)
		say(&run, &run.buyer[i], "yes");
	while (run.now_ms < start_ms + 26 * 3600 * 1000) {
		pass(&run, step_ms);
		if (step_ms < 3600 * 1000)
			step_ms += step_ms / 4;
		if (chance(12) == 0) {
			run.shop.killed = true;
			be_killed(&run);
		}
	}
	CHECK(&run, run.shop.applied <= 1, "it was done twice");
	for (size_t i = 0; i < run.n_buyers; i++) {
		CHECK(&run, run.buyer[i].told > TOLD_UNKNOWN, "a buyer was left without an answer");
		CHECK(&run,
			run.n_buyers > 1 || run.buyer[i].told == TOLD_PERSON ||
				(run.buyer[i].told == TOLD_DONE) == run.shop.cancelled,
			"a buyer was told something else than the ledger says");
		told[run.buyer[i].told]++;
		host_close(run.buyer[i].host);
	}
	for (size_t i = 0; i < N_ACTS; i++)
		seen[i] += run.shop.seen[i];
	store_close(run.store);
}

static unsigned number_from(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void decisions__are_done_at_most_once_and_truly_told(void **state)
{
	unsigned told[5] = {0}, seen[N_ACTS] = {0}, n = 0;
	unsigned wanted = number_from("TENSTEP_DECISIONS", usual_decisions);
	struct arena *arena = arena_new(1 << 20);
	struct content *content;
	struct model *model;
	struct diags diags;

	(void)state;
	diags_init(&diags, arena);
	content = content_open(SOURCE_DIR, "en", NULL, &diags);
	model = content_model(content, &diags, NULL);
	assert_non_null(model);
	if (getenv("TENSTEP_SEED"))
		wanted = 0;
	for (uint64_t seed = number_from("TENSTEP_SEED", 1); n <= wanted; seed++) {
		run_once(model, seed, told, seen);
		n = told[TOLD_DONE] + told[TOLD_NOT_DONE] + told[TOLD_PERSON];
	}
	print_message("%u decisions: %u done, %u not done, %u to a person\n", n, told[TOLD_DONE],
		told[TOLD_NOT_DONE], told[TOLD_PERSON]);
	assert_true(told[TOLD_PERSON] * 100 <= n);
	/* A quiet run proves nothing. */
	for (size_t i = 0; wanted && i < N_ACTS; i++)
		assert_true(seen[i] > 0);
	model_unref(model);
	content_free(content);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions__are_done_at_most_once_and_truly_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
