/* The list of conversations, gone through at the start and now and then: where something is new is
 * to be read. */
#include "bot/shop/shop_chat_inside.h"

enum {
	max_list_pages = 1000, /* of conversations */
	thorough_every = 12,   /* listings; the first is one */
	overlap_s = 600,       /* clocks differ, and lists lag behind */
};

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

static void begin_today(struct shop_chat *chat)
{
	chat->since_s = now_of(chat) / 1000;
	chat->listed_s = 0;
	save_cursor(chat);
}

bool shop_chat_load_cursor(struct shop_chat *chat)
{
	struct str cursor, since;
	enum store_status status;

	if (chat->is_loaded)
		return true;
	arena_reset(chat->scratch);
	status = store_cursor(
		chat->setup.store, cursor_name(chat, chat->scratch), chat->scratch, &cursor);
	if (status != STORE_OK && status != STORE_NONE) {
		LOG(chat->setup.log, LOG_ERROR, now_of(chat),
			"it cannot be read how far a chat was read",
			log_word("channel", account_of(chat)),
			log_word("error", str_of(store_error(chat->setup.store))));
		return false;
	}
	since = str_cut(&cursor, ' ');
	if (!str_int(since, &chat->since_s) || !str_int(cursor, &chat->listed_s))
		begin_today(chat);
	return chat->is_loaded = true;
}

/* Before this, all that was written is known to have been seen. */
static int64_t floor_of(const struct shop_chat *chat)
{
	return (chat->listed_s > chat->since_s ? chat->listed_s : chat->since_s) - overlap_s;
}

/* What is waited for, announced and never there, holds up nothing that is. */
static bool is_to_be_read(const struct shop_chat *chat, const struct store_chat *row)
{
	return !row->read_ms || (row->awaited.n && row->read_ms > now_of(chat));
}

static void note_conversation(struct shop_chat *chat, const struct tiktok_conversation *c)
{
	struct store_chat row;
	bool is_new, known;

	if (!shop_chat_row(chat, c->id, chat->scratch, &row)) {
		chat->listing.unread = true;
		return;
	}
	is_new = c->last.n && !str_eq(c->last, row.last) &&
		 (row.last.n || c->last_s >= chat->since_s);
	known = row.buyer.n && str_eq(row.buyer, c->buyer) && row.silent == !c->can_send;
	if (!is_new && (known || !row.last.n))
		return;
	if (c->buyer.n) {
		row.buyer = c->buyer;
		row.buyer_name = c->buyer_name;
	}
	row.silent = !c->can_send;
	if (is_new && is_to_be_read(chat, &row))
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
	good = good && !chat->listing.unread;
	chat->listing.under_way = false;
	chat->list_ms = steady_of(chat) + (good ? chat->setup.pull_every_ms
						: shop_chat_wait_ms(chat->listing.unread ? 0 : 3));
	if (good) {
		chat->listed_s = chat->listing.started_s;
		save_cursor(chat);
		metrics_set(chat->setup.metrics, "tenstep_shop_read_timestamp_seconds",
			"conversations", NULL, (double)(now_of(chat) / 1000));
		shop_doubts_end(&chat->doubts, loop_steady_ms(chat->setup.loop));
		if (shop_doubts_need_list(&chat->doubts))
			chat->list_ms = steady_of(chat);
	}
	shop_chat_count(chat, good ? "listed" : "list_failed");
	shop_chat_wake(chat);
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

void shop_chat_list_all(struct shop_chat *chat)
{
	chat->listing = (struct listing){.under_way = true,
		.thorough = chat->n_listings++ % thorough_every == 0,
		.started_s = now_of(chat) / 1000};
	shop_doubts_begin(&chat->doubts);
	arena_reset(chat->scratch);
	ask_list(chat, S(""));
}
