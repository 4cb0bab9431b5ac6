/* One message of the buyer chat, as the webhook and the list of messages give it. */
#ifndef TENSTEP_ADAPTERS_TIKTOK_CHAT_CHAT_MESSAGE_H
#define TENSTEP_ADAPTERS_TIKTOK_CHAT_CHAT_MESSAGE_H

#include "adapters/tiktok_chat/tiktok_chat.h"

/* The parts of a message that differ in name between the two. */
struct chat_raw {
	struct str id, conversation, type, content, role, user, user_name;
	int64_t at_s;
	bool hidden; /* from agents: is_visible is false */
};

/* What the buyer said with it, in @event.  Else a word why there is nothing to answer: "echo" (not
 * the buyer's), "hidden", "entered" (the buyer looks at something), "unknown" (it has no id). */
const char *chat_message_read(
	const struct chat_raw *raw, struct arena *arena, struct channel_event *event);

/* @id: what the id is called there.  Slices point into @node. */
struct chat_raw chat_raw_of(const struct value *node, const char *id, struct str conversation);

/* Something that people of the shop write, and we too: see struct tiktok_message. */
bool chat_is_by_agent(const struct chat_raw *raw) MUST_CHECK;

/* An id that may become part of a path and of a conversation's name. */
bool chat_is_id(struct str id);

#endif
