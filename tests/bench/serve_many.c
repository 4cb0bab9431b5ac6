/* Durable turns when few conversations are stored, and when many are: of those that are under way,
 * and of some that nobody has talked in for long. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/common/content.h"
#include "bot/dispatch/dispatcher.h"
#include "tests/bench/serve_bench.h"

enum {
	a_commit = 64, /* turns */
	awake = 128,
	fold_above = 4096, /* less than the dispatcher: it is soon as long as it stays */
	fold_step = 1024,  /* as the dispatcher does */
	under_way = 1000,
	max_path = 2048,
};

struct many {
	struct arena *arena;
	struct content *content;
	struct model *model;
	struct order_api *shop;
	struct loop *loop;
	struct store *store;
	struct dispatcher *dispatcher;
	size_t stored;
	uint64_t random;
};

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void not_taken(void *self, enum taken taken, uint32_t n)
{
	(void)self;
	(void)n;
	must(taken == TAKEN, "a turn");
}

/* Names are spread like those of real conversations, which are random. */
static void take(struct many *many, uint64_t number, const char *text)
{
	char name[64], id[64];
	struct letter letter = {.channel = S("widget"), .event = {.kind = EVENT_TEXT}};

	snprintf(name, sizeof(name), "widget:%016llx%016llx",
		(unsigned long long)(number * 0x9E3779B97F4A7C15u), (unsigned long long)number);
	snprintf(id, sizeof(id), "%016llx:1", (unsigned long long)many->random);
	letter.conversation = str_of(name);
	letter.event.id = str_of(id);
	letter.event.text = str_of(text);
	dispatcher_take(many->dispatcher, &letter, not_taken, many);
}

static void settle(struct many *many)
{
	size_t left = store_journal(many->store);

	must(dispatcher_flush(many->dispatcher), "a commit");
	while (left > fold_above)
		must(store_fold(many->store, fold_step, &left) == STORE_OK, "folding");
}

static uint64_t chance(struct many *many)
{
	many->random ^= many->random << 13;
	many->random ^= many->random >> 7;
	many->random ^= many->random << 17;
	return many->random;
}

static void fill(struct many *many)
{
	for (uint64_t i = 0; i < many->stored; i++) {
		(void)chance(many);
		take(many, i, "hello");
		if (i % a_commit == a_commit - 1)
			settle(many);
	}
	settle(many);
}

static struct dispatcher *open_dispatcher(struct many *many)
{
	struct dispatcher_setup setup = {
		.loop = many->loop,
		.store = many->store,
		.shop = many->shop,
		.model = many->model,
		.language = S("en"),
		.seed = 1,
		.max_awake = awake,
	};

	return dispatcher_new(&setup);
}

struct many *many_open(const char *folder, size_t stored)
{
	struct many *many = calloc(1, sizeof(*many));
	char path[max_path];
	struct diags diags;
	struct buf error;
	bool known;

	must(many != NULL, "memory");
	many->stored = stored;
	many->random = 88172645463325252u + ((uint64_t)time(NULL) << 20);
	many->arena = arena_new(1 << 20);
	diags_init(&diags, many->arena);
	buf_init(&error, 1000);
	many->loop = loop_new();
	many->content = content_open(SOURCE_DIR, "en", NULL, &diags);
	must(many->content != NULL, "the content");
	many->model = content_model(many->content, &diags, NULL);
	must(many->model != NULL, "the content");
	many->shop = sandbox_api(sandbox_open(S("demo"), loop_now_ms(many->loop) / 1000, &error));
	snprintf(path, sizeof(path), "%s/many-%zu.db", folder, stored);
	known = access(path, F_OK) == 0;
	if (store_open(path, &many->store, &error) != STORE_OK)
		die(path, error.p);
	many->dispatcher = open_dispatcher(many);
	if (!known)
		fill(many);
	buf_release(&error);
	return many;
}

static uint64_t pick(struct many *many, enum many_turns which)
{
	if (which == MANY_LEFT_ALONE)
		return chance(many) % many->stored;
	return chance(many) % under_way * (many->stored / under_way);
}

struct many_cost many_run(struct many *many, enum many_turns which, size_t turns)
{
	double wall = seconds_now(), cpu = cpu_now();

	for (size_t i = 0; i < turns; i++) {
		take(many, pick(many, which), "what can you do?");
		if (i % a_commit == a_commit - 1)
			settle(many);
	}
	settle(many);
	return (struct many_cost){
		(seconds_now() - wall) / (double)turns, (cpu_now() - cpu) / (double)turns};
}

void many_close(struct many *many)
{
	dispatcher_free(many->dispatcher);
	store_close(many->store);
	many->shop->free(many->shop);
	loop_free(many->loop);
	model_unref(many->model);
	content_free(many->content);
	arena_free(many->arena);
	free(many);
}
