/* Bot Framework Direct Line 3.0, server side: bytes to meaning and back.  Pure.
 *
 * How the server uses it.  Every request under "/v3/directline": directline_route().  CORS as
 * directline_cors() says; OPTIONS is answered 204 with that alone.  Then the bearer: the secret
 * (digest_same(); for servers, which make tokens) or a token (directline_token_read() with
 * DIRECTLINE_CHAT).  A token opens its own conversation only, and only from its own origin.
 *
 *   ROUTE_GENERATE   secret only; directline_start_read(); 200 directline_conversation() without
 *                    a stream; a new conversation id, not yet in the store
 *   ROUTE_REFRESH    a token; 200 with a new one for the same conversation and user
 *   ROUTE_START      secret or token; 201, with the stream's address; 200 if it exists already
 *   ROUTE_RECONNECT  200, with a new stream's address that has the request's watermark
 *   ROUTE_GET        directline_watermark(), posts above it, 200 directline_activities()
 *   ROUTE_POST       directline_activity_read(), a letter to the dispatcher, and when it is on
 *                    disk 200 directline_id() of the post that it became
 *   ROUTE_UPLOAD     one file as the body (its name in Content-Disposition or X-File-Name), or a
 * form (multipart.h) of files and an "activity", directline_caption_read() ROUTE_STREAM     the
 * WebSocket: credential in the query (t=), token of DIRECTLINE_STREAM, good for 60 s; posts as
 * directline_activities(), the buyer's own too (the echo rule); messages from the client are empty
 * keep-alives, to be ignored; a second socket of the conversation closes the first ("collision")
 *
 * Conversations in the store: "directline:ID". */
#ifndef TENSTEP_ADAPTERS_DIRECTLINE_H
#define TENSTEP_ADAPTERS_DIRECTLINE_H

#include "bot/engine/post.h"

enum {
	directline_token_life_s = 1800,
	directline_stream_life_s = 60,
	directline_max_activity_bytes = 64 * 1024,
	directline_max_caption_bytes = 1024 * 1024,
	directline_max_text_bytes = 4000,
	directline_min_secret_bytes = 24,
	directline_max_attachments = 4,
};

/* --- routes --- */

enum directline_route_kind {
	ROUTE_NONE,         /* 404; also session/getsessionid, which clients expect to fail */
	ROUTE_WRONG_METHOD, /* 405 */
	ROUTE_PREFLIGHT,    /* OPTIONS of any path that exists */
	ROUTE_GENERATE,     /* POST tokens/generate */
	ROUTE_REFRESH,      /* POST tokens/refresh */
	ROUTE_START,        /* POST conversations */
	ROUTE_RECONNECT,    /* GET  conversations/ID */
	ROUTE_GET,          /* GET  conversations/ID/activities */
	ROUTE_POST,         /* POST conversations/ID/activities */
	ROUTE_UPLOAD,       /* POST conversations/ID/upload */
	ROUTE_STREAM,       /* GET  conversations/ID/stream, a WebSocket */
};
struct directline_route {
	enum directline_route_kind kind;
	struct str conversation; /* 1–64 of [A-Za-z0-9_-]; points into the path */
};
struct directline_route directline_route(struct str method, struct str path);
/* The header lines of CORS for an origin that the caller has allowed (never "*"). */
enum { directline_n_cors = 5 };
void directline_cors(struct str origin, struct arena *arena, struct str line[directline_n_cors]);

/* --- tokens --- */

enum directline_use { DIRECTLINE_CHAT, DIRECTLINE_STREAM };
struct directline_token {
	enum directline_use use;
	struct str conversation, user; /* user: begins with "dl_", or empty: not vouched for */
	struct str origin;             /* empty: from anywhere */
	int64_t expires;               /* Unix seconds */
};
enum directline_token_status {
	TOKEN_GOOD,
	TOKEN_BAD,     /* 401 */
	TOKEN_EXPIRED, /* 403 TokenExpired */
};
void directline_token_make(
	const struct directline_token *token, struct str secret, struct buf *out);
/* Any of the @n_secrets may have signed it; those of less than 24 bytes are not used.  Slices are
 * in @arena. */
enum directline_token_status directline_token_read(struct str text, enum directline_use use,
	const struct str *secret, size_t n_secrets, int64_t now, struct arena *arena,
	struct directline_token *token) MUST_CHECK;

/* --- what clients send --- */

/* Of ROUTE_GENERATE and ROUTE_START; an empty body is fine. */
struct directline_start {
	struct str user, user_name, language;
	struct str origin; /* the first of trustedOrigins */
};
/* False with one line in @error (400 BadArgument).  Who holds the secret (@trusted) vouches for the
 * user and must give an id that begins with "dl_", or none; anybody else must not. */
bool directline_start_read(struct str body, bool trusted, struct arena *arena,
	struct directline_start *start, struct buf *error) MUST_CHECK;

enum directline_kind {
	DIRECTLINE_TEXT,
	DIRECTLINE_PRESS,
	DIRECTLINE_FILE, /* attachments by their address, perhaps with a text */
	DIRECTLINE_EVENT,
	DIRECTLINE_TYPING,
	DIRECTLINE_OTHER, /* accepted and ignored: other types, and receivers must allow them */
};
struct directline_activity {
	enum directline_kind kind;
	struct str id;   /* channelData.clientActivityID, the key for repeats; may be empty */
	struct str text; /* TEXT, FILE */
	struct str choice;
	uint32_t post;   /* PRESS: where it was offered; 0: not said */
	struct str name; /* EVENT: "webchat/join" */
	struct str from, language;
	struct directline_attachment {
		struct str type, url, name; /* url: http or https */
	} attachment[directline_max_attachments];
	size_t n_attachments;
};
/* Slices are in @arena.  False with one line in @error (400 BadArgument). */
bool directline_activity_read(struct str body, struct arena *arena,
	struct directline_activity *activity, struct buf *error) MUST_CHECK;

/* The activity that goes along with files: a message that need not say anything.  Its attachments
 * describe those files, Web Chat's with small pictures of them, and are not looked at. */
bool directline_caption_read(struct str body, struct arena *arena,
	struct directline_activity *activity, struct buf *error) MUST_CHECK;

/* "" and "-" are the beginning (0); false for what we have not made (400 BadArgument). */
bool directline_watermark(struct str text, uint32_t *after) MUST_CHECK;

/* --- what we send --- */

struct directline_view {
	struct str conversation; /* its id in addresses */
	struct str user;         /* whose own posts are echoed; empty: "user" */
	struct str bot_name;     /* empty: "bot" */
	/* Writes the address of a file of the buyer's; NULL: none. */
	void (*file_url)(void *self, struct str file, struct buf *out);
	void *self;
};
/* {"activities":[…],"watermark":"12"}.  @after: the watermark when there is no post.  Ids are
 * CONVERSATION|0000012; timestamps grow strictly because a post's number is added to its
 * milliseconds. */
void directline_activities(struct buf *out, const struct post *post, size_t n, uint32_t after,
	const struct directline_view *view);
/* An activity without a post; no watermark, so that the client's stays.  @person: their name, or
 * empty for the bot. */
void directline_typing(struct buf *out, struct str person, const struct directline_view *view);
void directline_end(struct buf *out, const struct directline_view *view);

/* {"id":"CONVERSATION|0000012"} */
void directline_id(struct buf *out, struct str conversation, uint32_t n);
/* {"conversationId","token","expires_in","streamUrl"}; no streamUrl when it is empty. */
void directline_conversation(struct buf *out, struct str conversation, struct str token,
	int64_t expires_in, struct str stream_url);
/* "wss://HOST/v3/directline/conversations/ID/stream?watermark=W&t=TOKEN" */
void directline_stream_url(struct buf *out, bool tls, struct str host, struct str conversation,
	uint32_t after, struct str token);

/* {"error":{"code","message"}} */
void directline_error(struct buf *out, const char *code, struct str message);
/* The code that goes with a status: 400 "BadArgument", 401 "Unauthorized", 403 "TokenExpired" … */
const char *directline_code(unsigned status);

#endif
