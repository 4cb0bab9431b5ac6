/* The ids of the last messages, as a session's bytes have them: eight bytes of each, whatever its
 * length, so that a session is short and they are taken up and put down in one piece.  That two
 * ids of a conversation have the same hash does not happen by chance (one message in 10^17), and
 * who makes it happen on purpose loses a message of their own. */
#ifndef TENSTEP_ENGINE_RECENT_IDS_H
#define TENSTEP_ENGINE_RECENT_IDS_H

#include "bot/base/arena.h"

enum { max_recent_ids = 32 };

struct recent_ids {
	struct str bytes; /* of each its hash (bot/base/hash.h), newest last */
};

size_t recent_ids_count(const struct recent_ids *ids);
bool recent_ids_have(const struct recent_ids *ids, struct str id);
/* In @arena; the oldest goes when there are too many.  @id is not empty. */
void recent_ids_add(struct recent_ids *ids, struct str id, struct arena *arena);
/* Takes @n of them off @bytes, where they stay.  False: they are not there. */
bool recent_ids_take(struct recent_ids *ids, size_t n, struct str *bytes) MUST_CHECK;

#endif
