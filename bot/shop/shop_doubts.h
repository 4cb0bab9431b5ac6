/* Conversations of which it is being found out whether they may be written to.  The platform says
 * so in its list only: a question is open until the conversation was seen there, or a whole list
 * that was begun after it has gone by without it.  In memory; a restart asks anew. */
#ifndef TENSTEP_SHOP_SHOP_DOUBTS_H
#define TENSTEP_SHOP_SHOP_DOUBTS_H

#include "adapters/tiktok_chat/tiktok_chat.h"

enum { shop_doubts_most = 64 }; /* at once */

enum shop_doubt {
	SHOP_DOUBT_NONE, /* nobody asked, or what was answered is old by now */
	SHOP_DOUBT_OPEN,
	SHOP_DOUBT_ANSWERED, /* a moment ago: what is written down of it is true */
};

struct shop_doubts {
	struct shop_doubt_entry {
		char peer[tiktok_chat_id_bytes + 1]; /* empty: free */
		bool answered, listed;               /* a list that was begun since is under way */
		int64_t until_ms;                    /* answered: good until then */
	} entry[shop_doubts_most];
};

/* @now_ms: steady.  What is over by then is forgotten. */
enum shop_doubt shop_doubts_of(
	struct shop_doubts *doubts, struct str peer, int64_t now_ms) MUST_CHECK;
/* Asks, also when it was answered a moment ago.  With too many open ones: nothing. */
void shop_doubts_ask(struct shop_doubts *doubts, struct str peer);

/* A list begins, shows a conversation, and has ended. */
void shop_doubts_begin(struct shop_doubts *doubts);
void shop_doubts_see(struct shop_doubts *doubts, struct str peer, int64_t now_ms);
void shop_doubts_end(struct shop_doubts *doubts, int64_t now_ms);
/* Whether the list has to be read on for one, or read again. */
bool shop_doubts_need_page(const struct shop_doubts *doubts);
bool shop_doubts_need_list(const struct shop_doubts *doubts);

#endif
