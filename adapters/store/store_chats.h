/* Conversations of a buyer chat that can be read again at its platform: who the buyer is, and how
 * far its messages were read.  See store.h for transactions. */
#ifndef TENSTEP_ADAPTERS_STORE_CHATS_H
#define TENSTEP_ADAPTERS_STORE_CHATS_H

#include "adapters/store/store.h"

struct store_chat {
	struct str conversation, account, peer;
	struct str buyer, buyer_name; /* as the platform vouches; empty: not known */
	bool silent;                  /* the platform lets nobody write there now */
	struct str last;    /* the newest message that was read, with all before it; empty: none */
	struct str awaited; /* a message that was announced and not read yet; empty: none */
	int64_t read_ms;    /* when to read; 0: nothing waits; Unix ms */
	int64_t tries;      /* since it was last read */
};
/* All of it; made when it is new. */
void store_put_chat(struct store *store, const struct store_chat *chat);
/* In @arena; STORE_NONE. */
enum store_status store_chat(struct store *store, struct str conversation, struct arena *arena,
	struct store_chat *chat) MUST_CHECK;
/* Those of one account to be read up to @until_ms, soonest first, at most @limit; slices live
 * during the call. */
typedef void store_chat_function(void *self, const struct store_chat *chat);
enum store_status store_chats_due(struct store *store, struct str account, int64_t until_ms,
	int limit, store_chat_function *each, void *self) MUST_CHECK;

#endif
