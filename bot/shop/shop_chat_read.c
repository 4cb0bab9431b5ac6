/* A conversation is read: who the buyer is, then messages since the last time, and each goes to the
 * channels when the turn of the one before has ended. */
#include "bot/shop/shop_chat_inside.h"

enum {
	max_pull_bytes = 8 << 20,
	max_pages = 100,  /* of messages: a conversation with more was not left for a day */
	max_missed = 6,   /* times that an announced message was not there yet */
	busy_ms = 30,     /* how often is looked whether a turn has ended … */
	sending_ms = 300, /* … and whether a message of ours has arrived */
	longest_turn_ms = 20 * 1000,
	max_age_s = 25 * 86400, /* ids of messages are known for 30 days */
};

static struct pull *pull_of(struct shop_chat *chat, struct str conversation)
{
	for (size_t i = 0; i < SHOP_CHAT_PULLS; i++)
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

int64_t shop_chat_wait_ms(int64_t tries)
{
	static const int64_t wait_s[] = {2, 5, 15, 60, 300};
	enum { n = sizeof wait_s / sizeof *wait_s };

	return wait_s[tries < n ? tries : n - 1] * 1000;
}

static void put_off(struct pull *pull, const char *why)
{
	struct shop_chat *chat = pull->chat;
	struct store_chat row;

	if (!shop_chat_row(chat, pull->peer, pull->arena, &row)) {
		release(pull); /* it stays due */
		return;
	}
	row.read_ms = now_of(chat) + shop_chat_wait_ms(row.tries);
	row.tries++;
	if (begin(chat))
		store_put_chat(chat->setup.store, &row);
	LOG(chat->setup.log, LOG_WARNING, now_of(chat), "a conversation cannot be read",
		log_word("channel", account_of(chat)), log_id("conversation", pull->conversation),
		log_int("tries", row.tries), log_word("error", str_of(why)));
	release(pull);
	shop_chat_wake(chat);
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
		row->read_ms = now_of(chat) + shop_chat_wait_ms(row->tries);
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
	struct store_chat row;

	if (!shop_chat_row(chat, pull->peer, pull->arena, &row)) {
		release(pull); /* all of it is read again, and known */
		return;
	}
	if (pull->newest.n)
		row.last = pull->newest;
	close_row(pull, &row);
	if (begin(chat))
		store_put_chat(chat->setup.store, &row);
	release(pull);
	shop_chat_wake(chat);
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
		shop_chat_count(chat, "read");
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

static bool is_too_old(const struct pull *pull, const struct tiktok_message *m)
{
	int64_t oldest_s = now_of(pull->chat) / 1000 - max_age_s;

	if (oldest_s < pull->chat->since_s)
		oldest_s = pull->chat->since_s;
	return m->at_s && m->at_s < oldest_s;
}

static void keep_message(struct pull *pull, const struct tiktok_message *m)
{
	if (m->by_agent && !pull->is_past) {
		pull->agents = arena_grow(
			pull->arena, pull->agents, pull->n_agents, struct tiktok_message);
		pull->agents[pull->n_agents++] = *m;
	}
	if (m->is_said) {
		pull->said = arena_grow(
			pull->arena, pull->said, pull->n_said, const struct channel_event *);
		pull->said[pull->n_said++] = &m->event;
	}
}

/* Behind what was read last time is only what was announced looked for, as far as the page goes.
 * False: nothing behind the page is wanted. */
static bool keep_messages(struct pull *pull, const struct tiktok_messages *page)
{
	for (size_t i = 0; i < page->n; i++) {
		const struct tiktok_message *m = &page->message[i];
		bool is_awaited = pull->row.awaited.n && str_eq(m->id, pull->row.awaited);
		bool is_last = pull->row.last.n && str_eq(m->id, pull->row.last);

		if (!pull->newest.n)
			pull->newest = m->id;
		pull->saw_awaited = pull->saw_awaited || is_awaited;
		pull->is_past = pull->is_past || is_last || (is_too_old(pull, m) && !is_awaited);
		if (is_awaited ? !is_last : !pull->is_past)
			keep_message(pull, m);
	}
	return !pull->is_past && !arena_over(pull->arena);
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
	if (!shop_chat_row(chat, pull->peer, pull->arena, &row)) {
		put_off(pull, "the store failed");
		return;
	}
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
	if (!shop_chat_row(chat, pull->peer, pull->arena, &pull->row)) {
		release(pull);
		return;
	}
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
	struct store_chat row[SHOP_CHAT_PULLS];
	size_t n;
};

static size_t free_places(const struct shop_chat *chat)
{
	size_t n = 0;

	for (size_t i = 0; i < SHOP_CHAT_PULLS; i++)
		n += !chat->pull[i].arena;
	return n;
}

static struct pull *free_place(struct shop_chat *chat)
{
	for (size_t i = 0; i < SHOP_CHAT_PULLS; i++)
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

void shop_chat_read_due(struct shop_chat *chat)
{
	struct picking picking = {.chat = chat};

	arena_reset(chat->scratch);
	if (free_places(chat) && store_chats_due(chat->setup.store, account_of(chat), now_of(chat),
					 2 * SHOP_CHAT_PULLS, pick, &picking) != STORE_OK)
		LOG(chat->setup.log, LOG_ERROR, now_of(chat), "the chats cannot be read",
			log_word("error", str_of(store_error(chat->setup.store))));
	for (size_t i = 0; i < picking.n; i++)
		begin_pull(chat, free_place(chat), &picking.row[i]);
}

/* --- the door --- */

void shop_chat_stop_reading(struct shop_chat *chat)
{
	for (size_t i = 0; i < SHOP_CHAT_PULLS; i++)
		if (chat->pull[i].arena) {
			chat->setup.forget(chat->setup.self, &chat->pull[i]);
			if (chat->channels)
				channels_forget(chat->channels, &chat->pull[i]);
			release(&chat->pull[i]);
		}
}
