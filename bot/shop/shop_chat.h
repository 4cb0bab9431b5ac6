/* The buyer chat of a shop: who writes there, and what was written while nobody listened.
 *
 *   webhook ─> the buyer is known, nothing of theirs is under way: at once to the channels
 *           └> else "to be read" is on disk, 200 ─> who is the buyer? ─> messages since the last
 *              time ─> to the channels, each when the turn of the one before has ended
 *   start, and now and then ─> list of conversations ─> where something is new: to be read
 *
 * A webhook is a hint here too: what it announced and what others failed to announce comes by the
 * same way, and messages that were taken before are known by their ids. */
#ifndef TENSTEP_SHOP_SHOP_CHAT_H
#define TENSTEP_SHOP_SHOP_CHAT_H

#include "bot/channels/channels.h"
#include "bot/shop/shop_agents.h"

struct shop_chat;

/* @data: of the answer, during the call; NULL: there is none, @why says why. */
typedef void shop_chat_heard(void *self, const struct value *data, const char *why);

struct shop_chat_setup {
	struct loop *loop;
	struct store *store;
	const struct channel_seat *seat; /* of tiktok_chat */
	struct shop_agents *agents;      /* NULL: nobody answers beside us */
	int64_t pull_every_ms;
	struct log *log;
	struct metrics *metrics;
	/* Signs and sends a request that reads, and repeats it where that helps; the call lives
	 * until this returns.  @heard comes once, never from inside; nobody named @whose is told
	 * after forget(). */
	void (*ask)(
		void *self, const struct channel_call *call, shop_chat_heard *heard, void *whose);
	void (*forget)(void *self, const void *whose);
	void *self;
};
struct shop_chat *shop_chat_new(const struct shop_chat_setup *setup) MUST_CHECK;
/* After the channels and the dispatcher are there: reads what was missed. */
void shop_chat_start(
	struct shop_chat *chat, struct channels *channels, struct dispatcher *dispatcher);
/* Before the channels.  NULL is fine. */
void shop_chat_free(struct shop_chat *chat);

/* A request to the chat's address; as channels_give(). */
void shop_chat_give(struct shop_chat *chat, const struct channel_request *request,
	channels_answer_function *answer, void *self);
/* The buyer of a conversation, as the platform vouches; for struct channels_setup. */
struct str shop_chat_vouch(
	struct shop_chat *chat, struct str peer, struct str *name, struct arena *arena);
/* Whether the platform lets a conversation be written to, for struct outbox_setup.  It says so in
 * its list only, which is read again when it said no before, and when it has refused a message. */
enum outbox_leave shop_chat_leave(struct shop_chat *chat, struct str peer);
void shop_chat_refused(struct shop_chat *chat, struct str peer);

#endif
