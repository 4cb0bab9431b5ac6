/* Discord: interactions that come to an address of ours, and messages.  Pure; README.md has what is
 * mapped to what. */
#ifndef TENSTEP_ADAPTERS_DISCORD_H
#define TENSTEP_ADAPTERS_DISCORD_H

#include "adapters/channel/channel.h"

extern const struct channel discord_channel;

/* The order of its settings. */
enum discord_setting {
	DISCORD_APPLICATION,
	DISCORD_PUBLIC_KEY,
	DISCORD_TOKEN,
	DISCORD_API,
	n_discord_settings
};

/* For discord.c alone: discord_read.c and discord_write.c. */
struct channel_taken discord_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);
size_t discord_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls);
bool discord_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call);
size_t discord_enroll(const struct channel_account *account, struct str address,
	struct arena *arena, const struct channel_call **calls);

#endif
