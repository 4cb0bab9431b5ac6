/* The ids of the last messages, as a session's bytes have them: they are taken up and put down in
 * one piece, however many they are. */
#ifndef TENSTEP_ENGINE_RECENT_IDS_H
#define TENSTEP_ENGINE_RECENT_IDS_H

#include "bot/base/arena.h"

enum { max_recent_ids = 32 };

struct recent_ids {
	struct str bytes; /* of each the length (bot/base/varint.h) and the bytes, newest last */
	size_t n;
};

bool recent_ids_have(const struct recent_ids *ids, struct str id);
/* In @arena; the oldest goes when there are too many.  @id is not empty. */
void recent_ids_add(struct recent_ids *ids, struct str id, struct arena *arena);
/* Takes @n of them off @bytes, where they stay.  False: they are not there. */
bool recent_ids_take(struct recent_ids *ids, size_t n, struct str *bytes) MUST_CHECK;

#endif
