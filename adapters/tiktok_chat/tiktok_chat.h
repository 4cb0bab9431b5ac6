/* The buyer chat of TikTok Shop (customer_service 202309) as a channel.  Pure.  The page is
 * README.md of this folder.
 *
 * Requests leave this file without app_key, shop_cipher, timestamp, signature and access token:
 * whoever has the shop's tokens adds them (struct channel_call → "authorise" of bot/app). */
#ifndef TENSTEP_ADAPTERS_TIKTOK_CHAT_H
#define TENSTEP_ADAPTERS_TIKTOK_CHAT_H

#include "adapters/channel/channel.h"
#include "bot/base/json.h"

enum {
	tiktok_chat_page = 10,          /* messages of a page; the platform's most */
	tiktok_chat_conversations = 20, /* conversations of a page; the platform's most */
	tiktok_chat_id_bytes = 64,      /* ids have 17 to 19 digits; more is refused */
};

/* @account's values, in the order of tiktok_chat.setting. */
enum tiktok_chat_setting { TIKTOK_CHAT_KEY, TIKTOK_CHAT_SECRET, TIKTOK_CHAT_API };

extern const struct channel tiktok_chat;

/* --- what is pulled: a conversation's buyer, and messages whose webhook was lost --- */

struct tiktok_conversation {
	struct str id;
	struct str buyer; /* the order API's buyer_user_id; empty: not told */
	struct str buyer_name;
	bool can_send;
	struct str last;     /* id of the newest message; empty: none */
	int64_t last_s;      /* when it was written */
	bool last_is_buyers; /* nobody has answered it yet */
};
struct tiktok_conversations {
	struct tiktok_conversation *conversation;
	size_t n;
	struct str next; /* the token of the next page; empty: that was the last */
};

struct tiktok_message {
	struct str id;
	int64_t at_s;
	struct str role;            /* "BUYER", "SHOP", "CUSTOMER_SERVICE", "SYSTEM", "ROBOT" */
	struct str text;            /* of a TEXT, whoever wrote it; else empty */
	bool is_said;               /* by the buyer, and something to be answered: @event is set */
	struct channel_event event; /* as its webhook would have given it */
};
struct tiktok_messages {
	struct tiktok_message *message; /* in the platform's order */
	size_t n;
	struct str next;
};

/* @token: of the page before; empty: the first. */
struct channel_call tiktok_chat_list(
	const struct channel_account *account, struct str token, struct arena *arena);
struct channel_call tiktok_chat_find(
	const struct channel_account *account, struct str conversation, struct arena *arena);
/* Newest first. */
struct channel_call tiktok_chat_messages(const struct channel_account *account,
	struct str conversation, struct str token, struct arena *arena);
/* "The shop may answer by this program." */
struct channel_call tiktok_chat_accept(const struct channel_account *account, struct arena *arena);

/* Answers to them; slices in @arena.  False: it is no such answer, and *why says what it is, in one
 * line for the log. */
bool tiktok_chat_read_list(struct str body, struct arena *arena, struct tiktok_conversations *page,
	struct str *why) MUST_CHECK;
bool tiktok_chat_read_found(struct str body, struct arena *arena,
	struct tiktok_conversation *conversation, struct str *why) MUST_CHECK;
bool tiktok_chat_read_messages(struct str body, struct str conversation, struct arena *arena,
	struct tiktok_messages *page, struct str *why) MUST_CHECK;

#endif
