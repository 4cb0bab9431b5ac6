/* Skeletons of conversation tests for edges that no test took. */
#ifndef TENSTEP_CHATS_CHAT_MISSING_H
#define TENSTEP_CHATS_CHAT_MISSING_H

#include "bot/chats/chat_cover.h"
#include "intents/intent_set.h"

/* A test an edge: the shortest way to it from the beginning of its flow, what the shop has to
 * answer on the way, what the buyer may say at each question.  Conditions are comments: their data
 * is the author's. */
void chat_missing_print(
	const struct chat_cover *cover, const struct intent_set *intents, struct buf *out);

#endif
