/* The buyer chat of a shop: its webhooks, and whether a conversation may be written to. */
#include "bot/shop/shop_chat_inside.h"

#include <stdlib.h>
#include <string.h>

enum {
	max_scratch_bytes = 4 << 20,
	tick_ms = 1000,
	unread_ms = 3 * 1000, /* what the store did not tell */
};

static struct str name_of(const struct shop_chat *chat, struct str peer, struct arena *arena)
{
	return arena_printf(arena, "%.*s:%.*s", STR(account_of(chat)), STR(peer));
}

bool shop_chat_row(
	struct shop_chat *chat, struct str peer, struct arena *arena, struct store_chat *row)
{
	struct str name = name_of(chat, peer, arena);
	enum store_status status = store_chat(chat->setup.store, name, arena, row);

	if (status == STORE_NONE)
		*row = (struct store_chat){.conversation = name,
			.account = account_of(chat),
			.peer = arena_str(arena, peer)};
	else if (status != STORE_OK)
		LOG(chat->setup.log, LOG_ERROR, now_of(chat), "a conversation cannot be read",
			log_word("channel", account_of(chat)), log_id("conversation", name),
			log_word("error", str_of(store_error(chat->setup.store))));
	return status == STORE_OK || status == STORE_NONE;
}

void shop_chat_count(struct shop_chat *chat, const char *what)
{
	metrics_add(
		chat->setup.metrics, "tenstep_channel_events_total", account_of(chat).p, what, 1);
}

/* --- webhooks --- */

/* The message itself is let go of: it is read with those before it. */
static bool announce(struct shop_chat *chat, const struct channel_event *event, struct arena *arena)
{
	struct store_chat row;

	if (!shop_chat_row(chat, event->peer, arena, &row) || !begin(chat))
		return false;
	row.awaited = event->id;
	row.read_ms = now_of(chat);
	row.tries = 0;
	store_put_chat(chat->setup.store, &row);
	shop_chat_count(chat, "announced");
	return dispatcher_flush(chat->dispatcher);
}

/* The buyer is known, and nothing said before is waiting. */
static bool is_ready(struct shop_chat *chat, struct str peer, struct arena *arena)
{
	struct store_chat row;

	return shop_chat_row(chat, peer, arena, &row) && row.buyer.n && !row.read_ms &&
	       !dispatcher_standing(chat->dispatcher, row.conversation).busy;
}

static void hear_echo(struct shop_chat *chat, struct str body, struct arena *arena)
{
	struct str peer, message;

	if (chat->setup.agents && tiktok_chat_read_echo(body, arena, &peer, &message))
		shop_agents_hear(chat->setup.agents, peer, message);
}

void shop_chat_give(struct shop_chat *chat, const struct channel_request *request,
	channels_answer_function *answer, void *self)
{
	const struct channel_seat *seat = chat->setup.seat;
	struct arena *arena = arena_new(max_scratch_bytes);
	struct channel_taken got = seat->codec->take(&seat->account, request, arena);
	bool stored;

	if (got.status == 200 && got.why && strcmp(got.why, "echo") == 0)
		hear_echo(chat, request->body, arena);
	if (!got.n_events || is_ready(chat, got.event->peer, arena)) {
		channels_give(chat->channels, seat, request, answer, self);
	} else {
		stored = announce(chat, got.event, arena);
		shop_chat_wake(chat);
		answer(self, stored, &got);
	}
	arena_free(arena);
}

struct str shop_chat_vouch(
	struct shop_chat *chat, struct str peer, struct str *name, struct arena *arena)
{
	struct store_chat row;

	if (!shop_chat_row(chat, peer, arena, &row))
		return S("");
	if (row.buyer_name.n)
		*name = row.buyer_name;
	return row.buyer;
}

/* --- whether a conversation may be written to --- */

static void find_out(struct shop_chat *chat, struct str peer)
{
	shop_doubts_ask(&chat->doubts, peer);
	chat->list_ms = steady_of(chat);
	shop_chat_wake(chat);
}

static enum outbox_leave leave_by_row(struct shop_chat *chat, struct str peer)
{
	struct arena *arena = arena_new(max_scratch_bytes);
	enum outbox_leave leave = OUTBOX_LEAVE_ASKED; /* while it cannot be read */
	struct store_chat row;

	if (shop_chat_row(chat, peer, arena, &row))
		leave = row.silent ? OUTBOX_LEAVE_NOT : OUTBOX_LEAVE;
	arena_free(arena);
	return leave;
}

/* That it may be written to is believed, the platform says no soon enough; that it may not is asked
 * again before anything is given up for it. */
enum outbox_leave shop_chat_leave(struct shop_chat *chat, struct str peer)
{
	enum outbox_leave leave = OUTBOX_LEAVE_ASKED;

	switch (shop_doubts_of(&chat->doubts, peer, loop_steady_ms(chat->setup.loop))) {
	case SHOP_DOUBT_OPEN:
		return OUTBOX_LEAVE_ASKED;
	case SHOP_DOUBT_ANSWERED:
		return leave_by_row(chat, peer);
	case SHOP_DOUBT_NONE:
		break;
	}
	leave = leave_by_row(chat, peer);
	if (leave != OUTBOX_LEAVE_NOT)
		return leave;
	find_out(chat, peer);
	return OUTBOX_LEAVE_ASKED;
}

void shop_chat_refused(struct shop_chat *chat, struct str peer)
{
	find_out(chat, peer);
}

/* --- the door --- */

/* Only of conversations that we have a part in. */
static void read_again(void *self, struct str peer)
{
	struct shop_chat *chat = self;
	struct arena *arena = arena_new(max_scratch_bytes);
	struct store_chat row;

	if (shop_chat_row(chat, peer, arena, &row) && row.last.n && !row.read_ms) {
		row.read_ms = now_of(chat);
		if (begin(chat))
			store_put_chat(chat->setup.store, &row);
	}
	arena_free(arena);
}

static void tick(void *self)
{
	struct shop_chat *chat = self;

	if (!shop_chat_load_cursor(chat)) {
		loop_timer_start(chat->setup.loop, &chat->tick, unread_ms, tick, chat);
		return;
	}
	if (chat->setup.agents)
		shop_agents_due(chat->setup.agents, read_again, chat);
	if (!chat->listing.under_way && steady_of(chat) >= chat->list_ms)
		shop_chat_list_all(chat);
	shop_chat_read_due(chat);
	loop_timer_start(chat->setup.loop, &chat->tick, tick_ms, tick, chat);
}

void shop_chat_wake(struct shop_chat *chat)
{
	loop_timer_start(chat->setup.loop, &chat->tick, 0, tick, chat);
}

struct shop_chat *shop_chat_new(const struct shop_chat_setup *setup)
{
	struct shop_chat *chat = calloc(1, sizeof *chat);

	if (!chat)
		abort();
	chat->setup = *setup;
	chat->scratch = arena_new(max_scratch_bytes);
	return chat;
}

void shop_chat_start(
	struct shop_chat *chat, struct channels *channels, struct dispatcher *dispatcher)
{
	chat->channels = channels;
	chat->dispatcher = dispatcher;
	(void)shop_chat_load_cursor(chat); /* else later */
	shop_chat_wake(chat);
}

void shop_chat_free(struct shop_chat *chat)
{
	if (!chat)
		return;
	loop_timer_stop(chat->setup.loop, &chat->tick);
	chat->setup.forget(chat->setup.self, chat);
	shop_chat_stop_reading(chat);
	arena_free(chat->scratch);
	free(chat);
}
