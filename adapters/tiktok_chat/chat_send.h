/* What goes out to the buyer chat. */
#ifndef TENSTEP_ADAPTERS_TIKTOK_CHAT_CHAT_SEND_H
#define TENSTEP_ADAPTERS_TIKTOK_CHAT_CHAT_SEND_H

#include "adapters/tiktok_chat/tiktok_chat.h"

/* As in struct channel. */
size_t chat_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls);
struct channel_judgement chat_judge(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena);
size_t chat_enroll(const struct channel_account *account, struct str address, struct arena *arena,
	const struct channel_call **calls);

/* A request to @path of the platform's API; @body empty: none. */
struct channel_call chat_call(const struct channel_account *account, const char *method,
	struct str path, struct str body, struct arena *arena);

/* The envelope of every answer. */
struct chat_envelope {
	struct json_doc *doc; /* to be freed */
	bool readable;
	int64_t code;
	struct str message;
	const struct json *data; /* NULL: none */
};
/* @source must live as long as the envelope's document. */
struct chat_envelope chat_open(struct source *source);

#endif
