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
	DISCORD_GATEWAY,
	n_discord_settings
};

/* --- the Gateway: a WebSocket that we open, for what is written without a command --- */

bool discord_wants_gateway(const struct channel_account *account);
/* The request whose answer has the socket's address in it, and the address (wss://…): empty, with
 * one line in @why, if there is none.  *lost: asking again does not help. */
struct channel_call discord_gateway(const struct channel_account *account, struct arena *arena);
struct str discord_gateway_url(const struct channel_account *account,
	const struct channel_answer *answer, struct arena *arena, bool *lost, struct str *why);
/* What is added to an address, the first one's or one for going on: version and form. */
struct str discord_gateway_address(struct str url, struct arena *arena);

enum discord_frame_kind {
	DISCORD_HELLO, /* @interval_ms; then identify or resume */
	DISCORD_READY, /* @session, @resume_url: by which it can go on after a cut */
	DISCORD_RESUMED,
	DISCORD_EVENT,     /* @taken; then, when it is on disk, @answer if it has an address */
	DISCORD_ASKS_BEAT, /* a heartbeat is due at once */
	DISCORD_BEAT_HEARD,
	DISCORD_RECONNECT, /* another connection, and go on there */
	DISCORD_INVALID,   /* the session is no good; @may_resume: it is, but not here */
	DISCORD_OTHER,
};
struct discord_frame {
	enum discord_frame_kind kind;
	int64_t sequence; /* of a dispatch; -1: none */
	int64_t interval_ms;
	bool may_resume;
	struct str session, resume_url;
	struct channel_taken taken;
	struct channel_call answer; /* to an interaction that came this way */
};
struct discord_frame discord_frame_read(
	const struct channel_account *account, struct str text, struct arena *arena);
/* Frames of ours.  @sequence -1: nothing came yet. */
struct str discord_identify(const struct channel_account *account, struct arena *arena);
struct str discord_resume(const struct channel_account *account, struct str session,
	int64_t sequence, struct arena *arena);
struct str discord_beat(int64_t sequence, struct arena *arena);
/* Whether a close code of the Gateway means that trying again does not help. */
bool discord_is_final(unsigned close_code);

/* For discord.c and discord_gateway.c: an interaction, from wherever it came. */
struct json;
bool discord_is_interaction(const struct json *root);
struct channel_taken discord_take_interaction(const struct json *root, struct arena *arena);

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
