/* Chatwoot as an agent bot: its channels and its inbox of people.  Pure; README.md has what is
 * mapped to what. */
#ifndef TENSTEP_ADAPTERS_CHATWOOT_H
#define TENSTEP_ADAPTERS_CHATWOOT_H

#include "adapters/channel/channel.h"

extern const struct channel chatwoot_channel;

/* The order of its settings. */
enum chatwoot_setting {
	CHATWOOT_URL,
	CHATWOOT_TOKEN,
	CHATWOOT_SECRET,
	CHATWOOT_PATH,
	n_chatwoot_settings
};

/* For chatwoot.c alone: chatwoot_read.c and chatwoot_write.c. */
struct channel_taken chatwoot_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);
size_t chatwoot_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls);
bool chatwoot_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call);
bool chatwoot_owner(const struct channel_account *account, const struct channel_peer *peer,
	bool person, struct arena *arena, struct channel_call *call);

#endif
