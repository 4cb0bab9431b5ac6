/* Pictures in the buyer chat. */
#ifndef TENSTEP_ADAPTERS_TIKTOK_CHAT_CHAT_PICTURE_H
#define TENSTEP_ADAPTERS_TIKTOK_CHAT_CHAT_PICTURE_H

#include "adapters/tiktok_chat/tiktok_chat.h"

/* The content of an IMAGE message, of {url, width, height}. */
struct str chat_picture_content(const struct value *picture, struct arena *arena);
/* Whether two addresses of the platform's are of one picture. */
bool chat_picture_is(struct str url, struct str other) MUST_CHECK;

#endif
