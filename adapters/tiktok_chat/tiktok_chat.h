/* The buyer chat of TikTok Shop (customer_service 202309) as a channel.  Pure.  The page is
 * README.md of this folder.
 *
 * Requests leave this file without app_key, shop_cipher, timestamp, signature and access token:
 * whoever has the shop's tokens adds them before they are sent. */
#ifndef TENSTEP_ADAPTERS_TIKTOK_CHAT_H
#define TENSTEP_ADAPTERS_TIKTOK_CHAT_H

#include "adapters/channel/channel.h"

enum {
	tiktok_chat_page = 10,                /* messages of a page; the platform's most */
	tiktok_chat_conversations = 20,       /* conversations of a page; the platform's most */
	tiktok_chat_id_bytes = 64,            /* ids have 17 to 19 digits; more is refused */
	tiktok_chat_picture_bytes = 10 << 20, /* the platform's most */
};

/* @account's values.  Only the first is a setting of the channel's own; the others are the shop's,
 * and whoever has these puts them behind it. */
enum tiktok_chat_value {
	TIKTOK_CHAT_SHOP, /* id of one shop of several; empty: any */
	TIKTOK_CHAT_KEY,
	TIKTOK_CHAT_SECRET,
	TIKTOK_CHAT_API, /* base address */
	TIKTOK_CHAT_VALUES
};

extern const struct channel tiktok_chat;

/* --- what is pulled: a conversation's buyer, and messages whose webhook was lost --- */

struct tiktok_conversation {
	struct str id;
	struct str buyer; /* the order API's buyer_user_id; empty: not told */
	struct str buyer_name;
	bool can_send;
	struct str last; /* id of the newest message; empty: none */
	int64_t last_s;  /* when it was written */
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
	struct str name;            /* of the sender */
	bool by_agent;              /* ours, or a person's of the shop: one of the kinds that
				     * people write, under the sender that both have */
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

/* --- pictures: uploaded first, then shown by a message that names where they are --- */

/* "image/png" and so on, by the first bytes; NULL: the platform takes no such file. */
const char *tiktok_chat_picture_type(struct str bytes);
/* May be repeated: the same bytes again are one more copy that nobody sees. */
struct channel_call tiktok_chat_upload(
	const struct channel_account *account, struct str bytes, struct arena *arena);
/* {url, width, height}, as encode() wants a post's `picture`; NULL: that is no answer. */
const struct value *tiktok_chat_read_upload(const struct value *data, struct arena *arena);

/* Whether an answer's code says that a rule of the chat refused what was asked, for good: all that
 * are not known as the gateway's. */
bool tiktok_chat_is_refusal(int64_t code) MUST_CHECK;

/* The `data` of the answers; slices in @arena. */
void tiktok_chat_read_list(
	const struct value *data, struct arena *arena, struct tiktok_conversations *page);
struct tiktok_conversation tiktok_chat_read_found(const struct value *data, struct arena *arena);
/* What is looked for among messages, and what is known of them. */
struct tiktok_chat_trace {
	const struct channel_call *call; /* that sent it, perhaps */
	int64_t oldest_s;                /* Unix seconds: what is older is not looked at */
	/* Whether that message is known as ours: it was sent before, and so was all behind it. */
	bool (*knows)(void *self, struct str message);
	void *self;
};
/* The id of the text, or picture, of ours that the call sends, on one page of messages, which has the
 * newest first; empty: it is not there.  @next: the token of the page that it may be on then; empty:
 * on none. */
struct str tiktok_chat_is_there(const struct value *data, const struct tiktok_chat_trace *trace,
	struct arena *arena, struct str *next) MUST_CHECK;
/* The message of a webhook that take() passed over as an "echo", when it is by_agent. */
bool tiktok_chat_read_echo(struct str body, struct arena *arena, struct str *conversation,
	struct str *message) MUST_CHECK;
void tiktok_chat_read_messages(const struct value *data, struct str conversation,
	struct arena *arena, struct tiktok_messages *page);

#endif
