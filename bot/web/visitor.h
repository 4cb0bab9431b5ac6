/* A buyer in the website's chat: one WebSocket, the frames of adapters/widget/PROTOCOL.md. */
#ifndef TENSTEP_WEB_VISITOR_H
#define TENSTEP_WEB_VISITOR_H

#include "adapters/net/listener.h"
#include "adapters/widget/words.h"
#include "bot/common/rate.h"
#include "bot/config/serve_config.h"
#include "bot/dispatch/dispatcher.h"
#include "bot/web/uploads.h"

/* A chat that could not be read when somebody came; times are steady. */
struct unread {
	uint64_t chat; /* hash of its name */
	int64_t since_ms, last_ms;
};
enum { lobby_unread = 16 };

/* What all visitors share; the server's. */
struct lobby {
	struct loop *loop;
	struct dispatcher *dispatcher;
	struct uploads *uploads;
	const struct serve_config *config;
	const struct buf *opening; /* the first words, where the configuration has no greeting */
	struct str ticket_secret;  /* makes the tokens of verified buyers */
	struct rate *messages;     /* by conversation */
	struct rate *newcomers;    /* by address */
	struct log *log;
	struct metrics *metrics;
	struct arena *arena; /* of one frame */
	struct buf frame;    /* that is being written */
	struct post_memo *posts;
	/* What a buyer who waits for a person is told; in the arena. */
	struct str (*waiting_text)(void *self, struct str conversation, const struct words *words,
		struct arena *arena);
	void *self;
	bool draining;
	struct unread unread[lobby_unread];
};
/* The first thing that a new buyer reads; may be empty. */
struct str lobby_greeting(const struct lobby *lobby);
void lobby_open(struct lobby *lobby);
void lobby_close(struct lobby *lobby);

/* The functions of struct listener_setup, for sockets at /chat.  The origin was checked. */
void visitor_opened(struct lobby *lobby, struct socket *socket);
void visitor_message(struct lobby *lobby, struct socket *socket, struct str text);
void visitor_closed(struct lobby *lobby, struct socket *socket);

/* Whose conversation a token opens, for uploads; false: it is not one of ours or nothing is kept
 * under it.  A signed-in buyer's is good with their signed identity only. */
bool lobby_conversation(struct lobby *lobby, struct str token, struct str identity,
	struct str *conversation) MUST_CHECK;

#endif
