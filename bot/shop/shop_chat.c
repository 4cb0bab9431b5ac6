/* The buyer chat of a shop: who writes there, and what was written while nobody listened. */
#include "bot/shop/shop_chat.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/store/store_chats.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/shop/shop_doubts.h"

enum {
	max_pulls = 4, /* conversations that are read at once */
	max_pull_bytes = 8 << 20,
	max_scratch_bytes = 4 << 20,
	max_pages = 100,       /* of messages: a conversation with more was not left for a day */
	max_list_pages = 1000, /* of conversations */
	max_missed = 6,        /* times that an announced message was not there yet */
	thorough_every = 12,   /* listings; the first is one */
	tick_ms = 1000,
	busy_ms = 30,     /* how often is looked whether a turn has ended … */
	sending_ms = 300, /* … and whether a message of ours has arrived */
	longest_turn_ms = 20 * 1000,
	max_age_s = 25 * 86400, /* ids of messages are known for 30 days */
	overlap_s = 600,        /* clocks differ, and lists lag behind */
};

/* A conversation that is being read. */
struct pull {
	struct shop_chat *chat;
	struct arena *arena; /* NULL: free */
	struct str conversation, peer;
	struct store_chat row; /* as it was when the pull began */
	struct str newest;     /* id of the newest message; empty: there is none */
	bool saw_awaited;
	struct tiktok_message *agents; /* messages that may be somebody's */
	size_t n_agents;
	const struct channel_event **said; /* newest first; the oldest is handed over first */
	size_t n_said, n_handed;
	struct loop_timer timer;
	int64_t patient_until_ms; /* steady */
	unsigned n_pages;
};

/* The list of conversations, page by page. */
struct listing {
	bool under_way, thorough;
	unsigned n_pages;
	int64_t started_s;
};

struct shop_chat {
	struct shop_chat_setup setup;
	struct channels *channels;
	struct dispatcher *dispatcher; /* NULL: not started */
	struct pull pull[max_pulls];
	struct listing listing;
	struct shop_doubts doubts;
	unsigned n_listings;
	int64_t since_s;  /* what was written before is not ours to answer */
	int64_t listed_s; /* all conversations were listed then; 0: never */
	int64_t list_ms;  /* when to list again */
	struct loop_timer tick;
	struct arena *scratch;
};

static int64_t now_of(const struct shop_chat *chat)
{
	return loop_now_ms(chat->setup.loop);
}

static bool begin(struct shop_chat *chat)
{
	return chat->dispatcher && dispatcher_write(chat->dispatcher);
}

static struct str account_of(const struct shop_chat *chat)
{
	return chat->setup.seat->account.name;
}

static struct str name_of(const struct shop_chat *chat, struct str peer, struct arena *arena)
{
	return arena_printf(arena, "%.*s:%.*s", STR(account_of(chat)), STR(peer));
}

/* The row of a conversation, or a new one. */
static struct store_chat row_of(struct shop_chat *chat, struct str peer, struct arena *arena)
{
	struct str name = name_of(chat, peer, arena);
	struct store_chat row;

	if (store_chat(chat->setup.store, name, arena, &row) != STORE_OK)
		row = (struct store_chat){.conversation = name,
			.account = account_of(chat),
			.peer = arena_str(arena, peer)};
	return row;
}

static void count(struct shop_chat *chat, const char *what)
{
	metrics_add(
		chat->setup.metrics, "tenstep_channel_events_total", account_of(chat).p, what, 1);
}

static void wake(struct shop_chat *chat);

/* --- reading a conversation --- */

static struct pull *pull_of(struct shop_chat *chat, struct str conversation)
{
	for (size_t i = 0; i < max_pulls; i++)
		if (chat->pull[i].arena && str_eq(chat->pull[i].conversation, conversation))
			return &chat->pull[i];
	return NULL;
}

static void release(struct pull *pull)
{
	loop_timer_stop(pull->chat->setup.loop, &pull->timer);
	arena_free(pull->arena);
	*pull = (struct pull){.arena = NULL};
}

static int64_t wait_after(int64_t tries)
{
	static const int64_t wait_s[] = {2, 5, 15, 60, 300};
	enum { n = sizeof wait_s / sizeof *wait_s };

	return wait_s[tries < n ? tries : n - 1] * 1000;
}

static void put_off(struct pull *pull, const char *why)
{
	struct shop_chat *chat = pull->chat;
	struct store_chat row = row_of(chat, pull->peer, pull->arena);

	row.read_ms = now_of(chat) + wait_after(row.tries);
	row.tries++;
	if (begin(chat))
		store_put_chat(chat->setup.store, &row);
	LOG(chat->setup.log, LOG_WARNING, now_of(chat), "a conversation cannot be read",
		log_word("channel", account_of(chat)), log_id("conversation", pull->conversation),
		log_int("tries", row.tries), log_word("error", str_of(why)));
	release(pull);
	wake(chat);
}

/* Lists lag behind: what was announced and is not there yet is waited for a while. */
static void close_row(struct pull *pull, struct store_chat *row)
{
	struct shop_chat *chat = pull->chat;
	bool announced_since = !str_eq(row->awaited, pull->row.awaited);
	bool missing = row->awaited.n && !pull->saw_awaited;

	row->read_ms = 0;
	if (announced_since) {
		row->read_ms = now_of(chat);
		row->tries = 0;
	} else if (missing && row->tries < max_missed) {
		row->read_ms = now_of(chat) + wait_after(row->tries);
		row->tries++;
	} else {
		row->awaited = S("");
		row->tries = 0;
	}
}

/* All of it is on disk: only now is it read. */
static void close_pull(struct pull *pull)
{
	struct shop_chat *chat = pull->chat;
	struct store_chat row = row_of(chat, pull->peer, pull->arena);

	if (pull->newest.n)
		row.last = pull->newest;
	close_row(pull, &row);
	if (begin(chat))
		store_put_chat(chat->setup.store, &row);
	release(pull);
	wake(chat);
}

static void hand_next(void *self);

static void taken(void *self, bool stored, const struct channel_taken *was)
{
	struct pull *pull = self;

	(void)was;
	if (!stored) {
		put_off(pull, "the store failed");
		return;
	}
	pull->n_handed++;
	pull->patient_until_ms = loop_steady_ms(pull->chat->setup.loop) + longest_turn_ms;
	loop_timer_start(pull->chat->setup.loop, &pull->timer, 0, hand_next, pull);
}

static bool is_busy(struct pull *pull)
{
	return loop_steady_ms(pull->chat->setup.loop) < pull->patient_until_ms &&
	       dispatcher_standing(pull->chat->dispatcher, pull->conversation).busy;
}

/* One after the other: what is said while the shop is asked about something else would be answered
 * with a request for patience. */
static void hand_next(void *self)
{
	struct pull *pull = self;
	struct shop_chat *chat = pull->chat;
	struct channel_taken one = {.status = 200, .n_events = 1};

	if (is_busy(pull)) {
		loop_timer_start(chat->setup.loop, &pull->timer, busy_ms, hand_next, pull);
	} else if (pull->n_handed == pull->n_said) {
		close_pull(pull);
	} else {
		one.event = pull->said[pull->n_said - 1 - pull->n_handed];
		count(chat, "read");
		channels_hear(chat->channels, chat->setup.seat, &one, taken, pull);
	}
}

/* Whoever answers in Seller Center has the conversation before what the buyer wrote is heard. */
static void look_for_agents(void *self)
{
	struct pull *pull = self;
	struct shop_chat *chat = pull->chat;
	enum shop_agents_found found = SHOP_AGENTS_NOBODY;

	if (chat->setup.agents && pull->n_agents)
		found = shop_agents_look(
			chat->setup.agents, pull->peer, pull->agents, pull->n_agents);
	if (found != SHOP_AGENTS_LATER) {
		pull->patient_until_ms = loop_steady_ms(chat->setup.loop) + longest_turn_ms;
		hand_next(pull);
	} else if (loop_steady_ms(chat->setup.loop) < pull->patient_until_ms) {
		loop_timer_start(chat->setup.loop, &pull->timer, sending_ms, look_for_agents, pull);
	} else {
		put_off(pull, "a message of ours is on its way for long");
	}
}

static void hand_over(struct pull *pull)
{
	pull->patient_until_ms = loop_steady_ms(pull->chat->setup.loop) + longest_turn_ms;
	look_for_agents(pull);
}

/* True: what is behind it was read before, or is not ours. */
static bool is_old(const struct pull *pull, const struct tiktok_message *m)
{
	int64_t oldest_s = now_of(pull->chat) / 1000 - max_age_s;

	if (str_eq(m->id, pull->row.awaited))
		return false;
	if (oldest_s < pull->chat->since_s)
		oldest_s = pull->chat->since_s;
	return (m->at_s && m->at_s < oldest_s) ||
	       (pull->row.last.n && str_eq(m->id, pull->row.last));
}

static bool keep_messages(struct pull *pull, const struct tiktok_messages *page)
{
	for (size_t i = 0; i < page->n; i++) {
		const struct tiktok_message *m = &page->message[i];

		if (!pull->newest.n)
			pull->newest = m->id;
		if (is_old(pull, m))
			return false;
		if (str_eq(m->id, pull->row.awaited))
			pull->saw_awaited = true;
		if (m->by_agent) {
			pull->agents = arena_grow(
				pull->arena, pull->agents, pull->n_agents, struct tiktok_message);
			pull->agents[pull->n_agents++] = *m;
		}
		if (!m->is_said)
			continue;
		pull->said = arena_grow(
			pull->arena, pull->said, pull->n_said, const struct channel_event *);
		pull->said[pull->n_said++] = &m->event;
	}
	return !arena_over(pull->arena);
}

static void ask_messages(struct pull *pull, struct str token);

static void hear_messages(void *self, const struct value *data, const char *why)
{
	struct pull *pull = self;
	struct tiktok_messages page;

	if (!data) {
		put_off(pull, why);
		return;
	}
	tiktok_chat_read_messages(data, pull->peer, pull->arena, &page);
	if (keep_messages(pull, &page) && page.next.n && ++pull->n_pages < max_pages)
		ask_messages(pull, page.next);
	else
		hand_over(pull);
}

static void ask_messages(struct pull *pull, struct str token)
{
	struct shop_chat *chat = pull->chat;
	struct channel_call call =
		tiktok_chat_messages(&chat->setup.seat->account, pull->peer, token, pull->arena);

	chat->setup.ask(chat->setup.self, &call, hear_messages, pull);
}

/* The conversation without its buyer is better than none. */
static void hear_buyer(void *self, const struct value *data, const char *why)
{
	struct pull *pull = self;
	struct shop_chat *chat = pull->chat;
	struct tiktok_conversation found;
	struct store_chat row;

	if (!data && pull->row.tries < 2) {
		put_off(pull, why);
		return;
	}
	found = tiktok_chat_read_found(data, pull->arena);
	row = row_of(chat, pull->peer, pull->arena);
	if (found.buyer.n) {
		row.buyer = found.buyer;
		row.buyer_name = found.buyer_name;
		if (begin(chat))
			store_put_chat(chat->setup.store, &row);
	}
	ask_messages(pull, S(""));
}

static void begin_pull(struct shop_chat *chat, struct pull *pull, const struct store_chat *row)
{
	struct channel_call call;

	pull->chat = chat;
	pull->arena = arena_new(max_pull_bytes);
	pull->conversation = arena_str(pull->arena, row->conversation);
	pull->peer = arena_str(pull->arena, row->peer);
	pull->row = row_of(chat, pull->peer, pull->arena);
	if (pull->row.buyer.n) {
		ask_messages(pull, S(""));
		return;
	}
	call = tiktok_chat_find(&chat->setup.seat->account, pull->peer, pull->arena);
	chat->setup.ask(chat->setup.self, &call, hear_buyer, pull);
}

/* --- what is due --- */

struct picking {
	struct shop_chat *chat;
	struct store_chat row[max_pulls];
	size_t n;
};

static size_t free_places(const struct shop_chat *chat)
{
	size_t n = 0;

	for (size_t i = 0; i < max_pulls; i++)
		n += !chat->pull[i].arena;
	return n;
}

static struct pull *free_place(struct shop_chat *chat)
{
	for (size_t i = 0; i < max_pulls; i++)
		if (!chat->pull[i].arena)
			return &chat->pull[i];
	return NULL;
}

static void pick(void *self, const struct store_chat *row)
{
	struct picking *picking = self;
	struct arena *arena = picking->chat->scratch;
	struct store_chat *copy;

	if (picking->n == free_places(picking->chat) || pull_of(picking->chat, row->conversation))
		return;
	copy = &picking->row[picking->n++];
	copy->conversation = arena_str(arena, row->conversation);
	copy->peer = arena_str(arena, row->peer);
}

static void read_due(struct shop_chat *chat)
{
	struct picking picking = {.chat = chat};

	arena_reset(chat->scratch);
	if (free_places(chat) && store_chats_due(chat->setup.store, account_of(chat), now_of(chat),
					 2 * max_pulls, pick, &picking) != STORE_OK)
		LOG(chat->setup.log, LOG_ERROR, now_of(chat), "the chats cannot be read",
			log_word("error", str_of(store_error(chat->setup.store))));
	for (size_t i = 0; i < picking.n; i++)
		begin_pull(chat, free_place(chat), &picking.row[i]);
}

/* --- the list of conversations --- */

/* "SINCE LISTED", in Unix seconds. */
static struct str cursor_name(const struct shop_chat *chat, struct arena *arena)
{
	return arena_printf(arena, "chat %.*s", STR(account_of(chat)));
}

static void save_cursor(struct shop_chat *chat)
{
	if (begin(chat))
		store_set_cursor(chat->setup.store, cursor_name(chat, chat->scratch),
			arena_printf(chat->scratch, "%lld %lld", (long long)chat->since_s,
				(long long)chat->listed_s));
}

/* The first start says from when on messages are ours. */
static void load_cursor(struct shop_chat *chat)
{
	struct str cursor =
		store_cursor(chat->setup.store, cursor_name(chat, chat->scratch), chat->scratch);
	struct str since = str_cut(&cursor, ' ');

	if (str_int(since, &chat->since_s) && str_int(cursor, &chat->listed_s))
		return;
	chat->since_s = now_of(chat) / 1000;
	chat->listed_s = 0;
	save_cursor(chat);
}

/* Before this, all that was written is known to have been seen. */
static int64_t floor_of(const struct shop_chat *chat)
{
	return (chat->listed_s > chat->since_s ? chat->listed_s : chat->since_s) - overlap_s;
}

static void note_conversation(struct shop_chat *chat, const struct tiktok_conversation *c)
{
	struct store_chat row = row_of(chat, c->id, chat->scratch);
	bool is_new = c->last.n && !str_eq(c->last, row.last) &&
		      (row.last.n || c->last_s >= chat->since_s);
	bool known = row.buyer.n && str_eq(row.buyer, c->buyer) && row.silent == !c->can_send;

	if (!is_new && (known || !row.last.n))
		return;
	if (c->buyer.n) {
		row.buyer = c->buyer;
		row.buyer_name = c->buyer_name;
	}
	row.silent = !c->can_send;
	if (is_new && !row.read_ms)
		row.read_ms = now_of(chat);
	if (begin(chat))
		store_put_chat(chat->setup.store, &row);
}

/* The newest activity seems to come first, which is written nowhere: now and then all of them are
 * gone through.  True: there may be more behind this page. */
static bool note_page(struct shop_chat *chat, const struct tiktok_conversations *page)
{
	bool recent = false;

	for (size_t i = 0; i < page->n; i++) {
		note_conversation(chat, &page->conversation[i]);
		shop_doubts_see(
			&chat->doubts, page->conversation[i].id, loop_steady_ms(chat->setup.loop));
		recent = recent || page->conversation[i].last_s >= floor_of(chat);
	}
	return (recent || chat->listing.thorough || shop_doubts_need_page(&chat->doubts)) &&
	       page->next.n;
}

static void end_listing(struct shop_chat *chat, bool good)
{
	chat->listing.under_way = false;
	chat->list_ms = now_of(chat) + (good ? chat->setup.pull_every_ms : wait_after(3));
	if (good) {
		chat->listed_s = chat->listing.started_s;
		save_cursor(chat);
		metrics_set(chat->setup.metrics, "tenstep_shop_read_timestamp_seconds",
			"conversations", NULL, (double)(now_of(chat) / 1000));
		shop_doubts_end(&chat->doubts, loop_steady_ms(chat->setup.loop));
		if (shop_doubts_need_list(&chat->doubts))
			chat->list_ms = now_of(chat);
	}
	count(chat, good ? "listed" : "list_failed");
	wake(chat);
}

static void ask_list(struct shop_chat *chat, struct str token);

static void hear_list(void *self, const struct value *data, const char *why)
{
	struct shop_chat *chat = self;
	struct tiktok_conversations page;

	arena_reset(chat->scratch);
	if (!data) {
		LOG(chat->setup.log, LOG_WARNING, now_of(chat),
			"the conversations cannot be listed", log_word("channel", account_of(chat)),
			log_word("error", str_of(why)));
		end_listing(chat, false);
		return;
	}
	tiktok_chat_read_list(data, chat->scratch, &page);
	if (note_page(chat, &page) && ++chat->listing.n_pages < max_list_pages)
		ask_list(chat, page.next);
	else
		end_listing(chat, true);
}

static void ask_list(struct shop_chat *chat, struct str token)
{
	struct channel_call call =
		tiktok_chat_list(&chat->setup.seat->account, token, chat->scratch);

	chat->setup.ask(chat->setup.self, &call, hear_list, chat);
}

static void list_all(struct shop_chat *chat)
{
	chat->listing = (struct listing){.under_way = true,
		.thorough = chat->n_listings++ % thorough_every == 0,
		.started_s = now_of(chat) / 1000};
	shop_doubts_begin(&chat->doubts);
	arena_reset(chat->scratch);
	ask_list(chat, S(""));
}

/* --- webhooks --- */

/* The message itself is let go of: it is read with those before it. */
static bool announce(struct shop_chat *chat, const struct channel_event *event, struct arena *arena)
{
	struct store_chat row = row_of(chat, event->peer, arena);

	row.awaited = event->id;
	row.read_ms = now_of(chat);
	row.tries = 0;
	if (!begin(chat))
		return false;
	store_put_chat(chat->setup.store, &row);
	count(chat, "announced");
	return dispatcher_flush(chat->dispatcher);
}

/* The buyer is known, and nothing said before is waiting. */
static bool is_ready(struct shop_chat *chat, struct str peer, struct arena *arena)
{
	struct store_chat row = row_of(chat, peer, arena);

	return row.buyer.n && !row.read_ms &&
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
		wake(chat);
		answer(self, stored, &got);
	}
	arena_free(arena);
}

struct str shop_chat_vouch(
	struct shop_chat *chat, struct str peer, struct str *name, struct arena *arena)
{
	struct store_chat row = row_of(chat, peer, arena);

	if (row.buyer_name.n)
		*name = row.buyer_name;
	return row.buyer;
}

/* --- whether a conversation may be written to --- */

static void find_out(struct shop_chat *chat, struct str peer)
{
	shop_doubts_ask(&chat->doubts, peer);
	chat->list_ms = now_of(chat);
	wake(chat);
}

static bool is_silent(struct shop_chat *chat, struct str peer)
{
	struct arena *arena = arena_new(max_scratch_bytes);
	bool silent = row_of(chat, peer, arena).silent;

	arena_free(arena);
	return silent;
}

/* That it may be written to is believed, the platform says no soon enough; that it may not is asked
 * again before anything is given up for it. */
enum outbox_leave shop_chat_leave(struct shop_chat *chat, struct str peer)
{
	switch (shop_doubts_of(&chat->doubts, peer, loop_steady_ms(chat->setup.loop))) {
	case SHOP_DOUBT_OPEN:
		return OUTBOX_LEAVE_ASKED;
	case SHOP_DOUBT_ANSWERED:
		return is_silent(chat, peer) ? OUTBOX_LEAVE_NOT : OUTBOX_LEAVE;
	case SHOP_DOUBT_NONE:
		break;
	}
	if (!is_silent(chat, peer))
		return OUTBOX_LEAVE;
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
	struct store_chat row = row_of(chat, peer, arena);

	if (row.last.n && !row.read_ms) {
		row.read_ms = now_of(chat);
		if (begin(chat))
			store_put_chat(chat->setup.store, &row);
	}
	arena_free(arena);
}

static void tick(void *self)
{
	struct shop_chat *chat = self;

	if (chat->setup.agents)
		shop_agents_due(chat->setup.agents, read_again, chat);
	if (!chat->listing.under_way && now_of(chat) >= chat->list_ms)
		list_all(chat);
	read_due(chat);
	loop_timer_start(chat->setup.loop, &chat->tick, tick_ms, tick, chat);
}

static void wake(struct shop_chat *chat)
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
	load_cursor(chat);
	wake(chat);
}

void shop_chat_free(struct shop_chat *chat)
{
	if (!chat)
		return;
	loop_timer_stop(chat->setup.loop, &chat->tick);
	chat->setup.forget(chat->setup.self, chat);
	for (size_t i = 0; i < max_pulls; i++)
		if (chat->pull[i].arena) {
			chat->setup.forget(chat->setup.self, &chat->pull[i]);
			if (chat->channels)
				channels_forget(chat->channels, &chat->pull[i]);
			release(&chat->pull[i]);
		}
	arena_free(chat->scratch);
	free(chat);
}
