/* People of the shop who answer a buyer in Seller Center: the conversation is theirs from then on,
 * as if they had claimed it at the desk, and the bot is silent.
 *
 * The platform shows their messages and ours with the same sender.  What tells them apart is chosen
 * here and in chat_message.c: a text, picture or video under that sender whose id is not among
 * those that we were given for our own, while nothing of ours is on its way.  Cards and other kinds
 * do not count, and nothing that was written before this was looked at for the first time. */
#ifndef TENSTEP_SHOP_SHOP_AGENTS_H
#define TENSTEP_SHOP_SHOP_AGENTS_H

#include "adapters/tiktok_chat/tiktok_chat.h"
#include "bot/channels/outbox.h"

struct shop_agents;

struct shop_agents_setup { /* all of it is the caller's and outlives the agents */
	struct loop *loop;
	struct store *store;
	const struct channel_seat *seat;
	struct log *log;
	struct metrics *metrics;
	/* A card was committed.  May be NULL. */
	void (*handed_off)(void *self, const struct store_card *card);
	void *self;
};
struct shop_agents *shop_agents_new(const struct shop_agents_setup *setup) MUST_CHECK;
void shop_agents_start(struct shop_agents *agents, struct dispatcher *dispatcher);
void shop_agents_free(struct shop_agents *agents); /* NULL is fine */

/* A message of ours is there, under this id.  In the transaction that is open. */
void shop_agents_know(struct shop_agents *agents, struct str peer, struct str message);
/* Whether it is known as ours, for 30 days. */
bool shop_agents_knows(struct shop_agents *agents, struct str peer, struct str message) MUST_CHECK;

/* Messages that may be somebody's, of one conversation, in any order. */
enum shop_agents_found {
	SHOP_AGENTS_NOBODY,
	SHOP_AGENTS_LATER, /* one of ours is on its way: in a moment */
	SHOP_AGENTS_TAKEN, /* somebody has the conversation now */
};
enum shop_agents_found shop_agents_look(struct shop_agents *agents, struct str peer,
	const struct tiktok_message *message, size_t n) MUST_CHECK;

/* A webhook brought one: when it is none of ours, its conversation is to be read; @read is called
 * for each that is to be read by now. */
void shop_agents_hear(struct shop_agents *agents, struct str peer, struct str message);
typedef void shop_agents_read(void *self, struct str peer);
void shop_agents_due(struct shop_agents *agents, shop_agents_read *read, void *self);

#endif
