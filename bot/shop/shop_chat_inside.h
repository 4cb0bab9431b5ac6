/* What the parts of the buyer chat share: shop_chat.c, shop_chat_read.c and shop_chat_list.c.
 * Nobody else includes this. */
#ifndef TENSTEP_SHOP_SHOP_CHAT_INSIDE_H
#define TENSTEP_SHOP_SHOP_CHAT_INSIDE_H

#include "adapters/store/store_chats.h"
#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/shop/shop_chat.h"
#include "bot/shop/shop_doubts.h"

enum { SHOP_CHAT_PULLS = 4 }; /* conversations that are read at once */

/* A conversation that is being read. */
struct pull {
	struct shop_chat *chat;
	struct arena *arena; /* NULL: free */
	struct str conversation, peer;
	struct store_chat row; /* as it was when the pull began */
	struct str newest;     /* id of the newest message; empty: there is none */
	bool saw_awaited;
	bool is_past; /* where the last pull began, or where nothing is ours to answer */
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
	bool unread; /* the store did not tell of all of them */
	unsigned n_pages;
	int64_t started_s;
};

struct shop_chat {
	struct shop_chat_setup setup;
	struct channels *channels;
	struct dispatcher *dispatcher; /* NULL: not started */
	struct pull pull[SHOP_CHAT_PULLS];
	struct listing listing;
	struct shop_doubts doubts;
	unsigned n_listings;
	bool is_loaded;   /* these two: */
	int64_t since_s;  /* what was written before is not ours to answer */
	int64_t listed_s; /* all conversations were listed then; 0: never */
	int64_t list_ms;  /* steady: when to list again */
	struct loop_timer tick;
	struct arena *scratch;
};

static inline int64_t now_of(const struct shop_chat *chat)
{
	return loop_now_ms(chat->setup.loop);
}

static inline int64_t steady_of(const struct shop_chat *chat)
{
	return loop_steady_ms(chat->setup.loop);
}

static inline bool begin(struct shop_chat *chat)
{
	return chat->dispatcher && dispatcher_write(chat->dispatcher);
}

static inline struct str account_of(const struct shop_chat *chat)
{
	return chat->setup.seat->account.name;
}

/* --- shop_chat.c --- */

/* The row of a conversation, or a new one, in @arena.  False: it cannot be read, which is logged; a
 * new one would be written over what there is. */
bool shop_chat_row(struct shop_chat *chat, struct str peer, struct arena *arena,
	struct store_chat *row) MUST_CHECK;
void shop_chat_count(struct shop_chat *chat, const char *what);
void shop_chat_wake(struct shop_chat *chat);

/* --- shop_chat_read.c: conversations that are read --- */

void shop_chat_read_due(struct shop_chat *chat);
void shop_chat_stop_reading(struct shop_chat *chat);
int64_t shop_chat_wait_ms(int64_t tries); /* before the next */

/* --- shop_chat_list.c: the list of conversations --- */

/* The first start says from when on messages are ours.  False: it cannot be read when that was. */
bool shop_chat_load_cursor(struct shop_chat *chat);
void shop_chat_list_all(struct shop_chat *chat);

#endif
