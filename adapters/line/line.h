/* LINE Messaging API.  Pure; README.md has what is mapped to what. */
#ifndef TENSTEP_ADAPTERS_LINE_H
#define TENSTEP_ADAPTERS_LINE_H

#include "adapters/channel/channel.h"

extern const struct channel line_channel;

/* The order of its settings. */
enum line_setting { LINE_SECRET, LINE_TOKEN, LINE_API, n_line_settings };

/* For line.c alone: line_read.c and line_write.c. */
struct channel_taken line_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);
size_t line_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls);
bool line_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call);
size_t line_enroll(const struct channel_account *account, struct str address, struct arena *arena,
	const struct channel_call **calls);

#endif
