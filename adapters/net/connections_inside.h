/* What the parts of the network's side share: connections.c, connections_library.c,
 * connection_http.c and connection_socket.c.  Nobody else includes this: it is the door to the
 * library. */
#ifndef TENSTEP_ADAPTERS_NET_CONNECTIONS_INSIDE_H
#define TENSTEP_ADAPTERS_NET_CONNECTIONS_INSIDE_H

#include <libwebsockets.h>

#include <stdatomic.h>

#include "adapters/net/connections.h"
#include "adapters/net/gather.h"
#include "adapters/net/guard.h"
#include "adapters/net/peers.h"

enum {
	MAX_HEAD = 8192,        /* bytes of header lines that the library keeps */
	SCRATCH = 2 * MAX_HEAD, /* values of this head that stood in several lines */
	PIECE = 16384,          /* of an answer, written at a time */
	MAX_DIRECT = 16384,     /* a longer message gets memory of its own */
	N_LIBRARIES = 3,        /* see connections_library.c */
};

enum stage {
	STAGE_HEAD,
	STAGE_BODY,
	STAGE_WAITING, /* the caller has the request */
	STAGE_ANSWERING,
	STAGE_LINGERING,
	STAGE_DONE,
	STAGE_OPENING, /* open() said yes, the handshake is not yet written */
	STAGE_OPEN,
	STAGE_CLOSING, /* our close frame is to be sent or was */
	STAGE_LEAVING, /* the peer's came */
};

/* A connection, first of HTTP, then perhaps a WebSocket.  There may be many: no buffers here. */
struct connection {
	struct connections *all;
	struct lws *wsi;
	struct connection *next, *prev;
	struct peer *peer;   /* whose count this is; NULL: nobody's */
	struct reply *reply; /* until it is a WebSocket */
	void *own;
	struct loop_timer timer;
	struct address address;
	struct gather gather;
	struct waiting *first, *last;
	int64_t heard_ms, begun_ms; /* begun_ms: an incomplete message since; 0: none */
	size_t held;                /* bytes: see connection_memory.c */
	bool has_file;
	uint32_t queued, minute;
	uint32_t came, said; /* bytes: by the kernel's count at the last tick; of messages since */
	uint8_t stage, controls;
	bool asked;   /* for WRITEABLE */
	bool pinged;  /* since it was heard */
	bool taken;   /* by open() */
	bool proxied; /* its address is what a trusted proxy said */
	bool inside;  /* a callback of the library's for this connection */
	bool broken;  /* writing failed */
};

struct reply {
	struct connection *connection; /* NULL: the peer has left */
	char *body;
	size_t n_body, body_bytes; /* those here, those announced */
	bool is_head;              /* HEAD: no body goes out */
	unsigned char *out;        /* LWS_PRE, then head and perhaps body */
	size_t n_out;
	const char *rest; /* a static body, not in @out … */
	int file;         /* … or one that is read piece by piece; -1: none */
	size_t n_rest, written;
	size_t thrown_away;
	struct http_plan plan;
};

struct head {
	struct http_more more; /* first */
	struct http_head head; /* what callers are given */
	struct guard_head guard;
	struct lws *wsi;
	struct connections *all;
	uint64_t body_bytes;
	char address[ADDRESS_TEXT];
};

struct library {
	struct lws_context *context; /* the library sets it to NULL when it is gone */
	struct lws_vhost *vhost;
};

struct connections {
	struct connections_setup setup;
	struct library library[N_LIBRARIES];
	size_t first_library; /* that is used */
	struct acceptor *acceptor;
	struct peers *peers;
	struct address *trusted;
	struct connection *first;
	struct connection *handled; /* by adopt() or connection_kill(): NULL when it is gone */
	atomic_size_t n;
	size_t held; /* by all connections */
	size_t n_files;
	bool drained;
	int port;
	struct buf query;
	struct head head;           /* the one at hand … */
	struct connection *head_of; /* … and whose it is; NULL: nobody's any more */
	char scratch[SCRATCH];      /* values of this head, then those that callers asked for */
	size_t scratched, head_scratched;
	struct loop_finish at_last;
	struct connection *gathering; /* whose frames are in @direct; NULL: it is empty */
	size_t n_direct;
	unsigned char direct[LWS_PRE + MAX_DIRECT];
	unsigned char piece[LWS_PRE + PIECE]; /* of a file */
};

/* --- connections.c --- */

/* An event for the metrics: see struct connections_setup. */
void connections_tell(const struct connections *all, const char *what, const char *why);

/* All that the library tells. */
int connections_on_event(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n);

/* --- connections_library.c --- */

bool connections_open_library(struct connections *all, struct buf *error) MUST_CHECK;
void connections_close_library(struct connections *all);
/* Where a connection with this descriptor is taken in; NULL: the library could not be opened. */
struct lws_vhost *connections_vhost_for(struct connections *all, int descriptor);

/* --- connections.c again --- */

/* The one deadline that a connection has: @function is called with it. */
void connection_deadline(struct connection *c, int64_t after_ms, loop_function *function);
void connection_no_deadline(struct connection *c);
void connection_close_deadline(struct connection *c); /* for a closing handshake */
/* Ends a connection without further words: now (a loop_function), or when neither the library nor
 * the caller has it in hands. */
void connection_kill(void *c);
void connection_kill_soon(struct connection *c);
void connection_ask_to_write(struct connection *c);

/* What the library tells of a connection.  0, or -1: it is to be closed. */
typedef int reason_function(struct connection *c, void *in, size_t n);

/* --- connection_memory.c: what peers make us keep for as long as deadlines allow --- */

/* Whether so many bytes more may be kept for it. */
bool connection_may_hold(const struct connection *c, size_t n) MUST_CHECK;
/* They are, allowed or not; given back at the end of the connection, if not before. */
void connection_hold(struct connection *c, size_t n);
void connection_let_go(struct connection *c, size_t n);
/* The same of a file that is sent, which takes a descriptor until the end of the connection. */
bool connection_may_have_file(const struct connection *c) MUST_CHECK;
void connection_have_file(struct connection *c);
void connection_drop_file(struct connection *c); /* fine without one */

/* --- connection_head.c --- */

/* Reads and judges the head of the request at hand into all->head; what it points to is there
 * until the next head.  Status 0: good. */
struct guard_fault head_read(struct connection *c);
/* The same again, when the body is there: read anew only if another came in between. */
const struct http_head *head_again(struct connection *c);
struct guard_value head_once(struct head *head, enum lws_token_indexes token);
/* A proxy of the operator's, whose word is taken for who asks. */
bool connections_trusts(const struct connections *all, struct address address);

/* --- connection_answer.c --- */

struct reply *reply_new(struct connection *c);
void reply_free(struct reply *reply);
/* Whether bytes of the request's body are still to come. */
bool reply_lacks_body(const struct reply *reply);
/* Answers with nothing but @status. */
void reply_refuse(struct connection *c, unsigned status, const char *why);
void head_late(void *c); /* the deadline of a head */
reason_function on_http_writable;

/* --- connection_http.c --- */

/* For the library: 0, or -1 when nothing more is to be said. */
int connection_outcome(const struct connection *c);
reason_function on_request, on_body, on_body_end;

/* --- connection_socket.c --- */

void connection_drop_queue(struct connection *c); /* what waits is not sent */
/* Our close frame now, past the library, if nothing of the library's is in the way.  @reason: up to
 * 120 bytes. */
void connection_write_close(struct connection *c, unsigned code, const char *reason);
/* Writes what was gathered for one connection; fine when there is nothing. */
void connections_write_gathered(struct connections *all);
reason_function on_upgrade, on_established, on_receive, on_pong, on_drop, on_peer_close,
	on_ws_writable;

#endif
