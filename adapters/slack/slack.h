/* Slack: the Events API, presses, the Web API, and the frames of Socket Mode.  Pure; README.md has
 * what is mapped to what. */
#ifndef TENSTEP_ADAPTERS_SLACK_H
#define TENSTEP_ADAPTERS_SLACK_H

#include "adapters/channel/channel.h"

extern const struct channel slack_channel;

/* The order of its settings. */
enum slack_setting { SLACK_SECRET, SLACK_TOKEN, SLACK_APP_TOKEN, SLACK_API, n_slack_settings };

/* --- Socket Mode: instead of an address of ours, a WebSocket that we open --- */

/* The request whose answer has the socket's address in it. */
struct channel_call slack_open(const struct channel_account *account, struct arena *arena);
/* The address (wss://…); empty, with one line in @why: there is none.  *lost: asking again does not
 * help, the token is refused. */
struct str slack_opened(const struct channel_account *account, const struct channel_answer *answer,
	struct arena *arena, bool *lost, struct str *why);

enum slack_frame_kind {
	SLACK_HELLO,      /* the connection counts from now on */
	SLACK_ENVELOPE,   /* something happened: @taken; then @acknowledge is sent */
	SLACK_DISCONNECT, /* another connection is to be opened, then this one is left */
	SLACK_DISABLED,   /* Socket Mode was switched off: no other connection */
	SLACK_OTHER,
};
struct slack_frame {
	enum slack_frame_kind kind;
	struct channel_taken taken;
	struct str acknowledge; /* to be sent when the events are on disk, within 3 s */
	struct str reason;      /* DISCONNECT: "warning", "refresh_requested" … */
};
struct slack_frame slack_frame_read(struct str text, struct arena *arena);

/* For slack.c and slack_socket.c: slack_read.c and slack_write.c. */
struct codec_events;
struct json;
struct channel_taken slack_take(const struct channel_account *account,
	const struct channel_request *request, struct arena *arena);
void slack_read_payload(const struct json *payload, struct codec_events *events);
size_t slack_encode(const struct channel_account *account, const struct channel_peer *peer,
	const struct post *post, struct arena *arena, const struct channel_call **calls);
/* Slack's escapes: "&lt;b&gt;" is "<b>"; "<https://x|shop>" is "shop". */
struct str slack_plain(struct str text, struct arena *arena);

#endif
