/* Webhooks out. */
#include "bot/counter/shop_hooks.h"

#include <stdlib.h>

enum {
	at_once = 8,
	answer_within_ms = 3000, /* the platform's own patience */
	max_arena_bytes = 4 << 20,
};

struct shop_hooks {
	struct shop_hooks_setup setup;
	struct arena *arena;
	unsigned under_way;
	bool off, pumping;
};

struct delivery {
	struct shop_hooks *hooks;
	int64_t id;
	int type;
	unsigned tries;
};

struct shop_hooks *shop_hooks_new(const struct shop_hooks_setup *setup)
{
	struct shop_hooks *hooks = calloc(1, sizeof *hooks);

	if (!hooks)
		abort();
	hooks->setup = *setup;
	hooks->arena = arena_new(max_arena_bytes);
	return hooks;
}

void shop_hooks_free(struct shop_hooks *hooks)
{
	if (!hooks)
		return;
	arena_free(hooks->arena);
	free(hooks);
}

void shop_hooks_switch(struct shop_hooks *hooks, bool on)
{
	hooks->off = !on;
}

static void told(const struct delivery *d, const struct http_result *result)
{
	struct shop_hooks *hooks = d->hooks;

	LOG(hooks->setup.log, LOG_INFO, loop_now_ms(hooks->setup.loop), "webhook",
		log_int("type", d->type), log_int("status", result->status),
		log_int("try", d->tries + 1));
	shop_ledger_delivery(hooks->setup.ledger, d->id, d->type, d->tries + 1, result->status);
}

static void done(void *self, const struct http_result *result)
{
	struct delivery *d = self;
	struct shop_hooks *hooks = d->hooks;

	told(d, result);
	hooks->under_way--;
	wire_event_done(hooks->setup.wire, d->id,
		result->outcome == HTTP_ANSWERED && result->status == 200);
	free(d);
	shop_hooks_pump(hooks);
}

static void post(struct shop_hooks *hooks, const struct wire_event *event)
{
	const struct str header[] = {
		S("Content-Type: application/json"),
		arena_printf(hooks->arena, "Authorization: %s", event->signature),
	};
	struct http_call call = {
		.method = S("POST"),
		.url = event->address,
		.headers = header,
		.n_headers = 2,
		.body = event->body,
		.changes = true,
		.connect_ms = answer_within_ms,
		.total_ms = answer_within_ms,
	};
	struct delivery *d = malloc(sizeof *d);

	if (!d)
		abort();
	*d = (struct delivery){hooks, event->id, event->type, event->tries};
	hooks->under_way++;
	http_client_call(hooks->setup.client, &call, done, d);
}

void shop_hooks_pump(struct shop_hooks *hooks)
{
	struct wire_event event;

	while (!hooks->off && hooks->under_way < at_once &&
		wire_next_event(hooks->setup.wire, hooks->arena, &event)) {
		post(hooks, &event);
		arena_reset(hooks->arena);
	}
}
