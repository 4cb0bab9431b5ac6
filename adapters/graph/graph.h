/* Messenger and Instagram: one form of Meta's Graph API with two profiles.  Pure; README.md has
 * what is mapped to what. */
#ifndef TENSTEP_ADAPTERS_GRAPH_H
#define TENSTEP_ADAPTERS_GRAPH_H

#include "adapters/channel/channel.h"

extern const struct channel messenger_channel, instagram_channel;

/* The order of the settings of both. */
enum graph_setting {
	GRAPH_ACCOUNT, /* the Page's id, the Instagram account's id */
	GRAPH_TOKEN,
	GRAPH_APP_SECRET,
	GRAPH_VERIFY_TOKEN,
	GRAPH_API,
	n_graph_settings
};

/* Where the two differ. */
struct graph_profile {
	const char *object;        /* what a batch calls itself */
	bool repeats_choices;      /* in the text: quick replies are not shown everywhere */
	struct channel_limit text; /* of one message, for that */
};

/* For graph.c alone: graph_read.c and graph_write.c. */
struct channel_taken graph_take(const struct graph_profile *profile,
	const struct channel_account *account, const struct channel_request *request,
	struct arena *arena);
size_t graph_encode(const struct graph_profile *profile, const struct channel_account *account,
	const struct channel_peer *peer, const struct post *post, struct arena *arena,
	const struct channel_call **calls);
bool graph_typing(const struct channel_account *account, const struct channel_peer *peer,
	struct arena *arena, struct channel_call *call);

#endif
