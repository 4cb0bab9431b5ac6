/* What the parts of the listener share: listener.c (connections, the library), listener_http.c and
 * listener_socket.c.  Nobody else includes this: it is the door to the library. */
#ifndef TENSTEP_ADAPTERS_NET_LISTENER_INSIDE_H
#define TENSTEP_ADAPTERS_NET_LISTENER_INSIDE_H

#include <libwebsockets.h>

#include "adapters/net/address.h"
#include "adapters/net/gather.h"
#include "adapters/net/guard.h"
#include "adapters/net/listener.h"
#include "adapters/net/peers.h"

enum {
	MAX_HEAD = 8192,        /* bytes of header lines that the library keeps */
	SCRATCH = 2 * MAX_HEAD, /* values of this head that stood in several lines */
	PIECE = 16384,          /* of an answer, written at a time */
	MAX_DIRECT = 16384,     /* a longer message gets memory of its own */
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
struct socket {
	struct listener *listener;
	struct lws *wsi;
	struct socket *next, *prev;
	struct peer *peer;         /* whose count this is; NULL: nobody's */
	struct exchange *exchange; /* until it is a WebSocket */
	void *own;
	struct loop_timer timer;
	struct address address;
	struct gather gather;
	struct waiting *first, *last;
	int64_t heard_ms, begun_ms; /* begun_ms: an incomplete message since; 0: none */
	uint32_t queued, minute;
	uint32_t came, said; /* bytes: by the kernel's count at the last tick; of messages since */
	uint8_t stage, controls;
	uint8_t sort; /* the caller's */
	bool asked;   /* for WRITEABLE */
	bool pinged;  /* since it was heard */
	bool taken;   /* by open() */
	bool inside;  /* a callback of the library's for this connection */
	bool broken;  /* writing failed */
};

struct exchange {
	struct socket *socket; /* NULL: the peer has left */
	char *body;
	size_t n_body, body_bytes; /* those here, those announced */
	bool is_head;              /* HEAD: no body goes out */
	unsigned char *out;        /* LWS_PRE, then head and perhaps body */
	size_t n_out;
	const char *rest; /* a static body, not in @out */
	size_t n_rest, written;
	size_t thrown_away;
};

struct head {
	struct http_head head; /* first: what callers are given */
	struct guard_head guard;
	struct lws *wsi;
	struct listener *listener;
	uint64_t body_bytes;
	char address[ADDRESS_TEXT];
};

struct listener_library {
	struct lws_context *context; /* the library sets it to NULL when it is gone */
	struct lws_vhost *vhost;
};

struct listener {
	struct listener_setup setup;
	struct listener_library low, high; /* for descriptors below @low_below; for the others */
	int low_below;
	struct acceptor *acceptor;
	struct peers *peers;
	struct address *trusted;
	struct socket *sockets;
	struct socket *handled; /* by adopt() or socket_kill(): NULL when it is gone */
	size_t n_sockets;
	int port;
	struct buf query;
	struct head head;       /* the one at hand … */
	struct socket *head_of; /* … and whose it is; NULL: nobody's any more */
	char scratch[SCRATCH];  /* values of this head, then those that callers asked for */
	size_t scratched, head_scratched;
	char address_text[ADDRESS_TEXT];
	struct loop_finish at_last;
	struct socket *gathering; /* whose frames are in @direct; NULL: it is empty */
	size_t n_direct;
	unsigned char direct[LWS_PRE + MAX_DIRECT];
};

/* --- listener.c --- */

/* An event for the metrics: see struct listener_setup. */
void listener_tell(const struct listener *listener, const char *what, const char *why);

/* All that the library tells. */
int listener_on_event(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n);

/* --- listener_library.c --- */

bool listener_open_library(struct listener *listener, struct buf *error) MUST_CHECK;
void listener_close_library(struct listener *listener);
/* Where a connection with this descriptor is taken in; NULL: the library could not be opened. */
struct lws_vhost *listener_vhost_for(struct listener *listener, int descriptor);

/* --- listener.c again --- */

/* The one deadline that a connection has: @function is called with it. */
void socket_deadline(struct socket *s, int64_t after_ms, loop_function *function);
void socket_no_deadline(struct socket *s);
void socket_close_deadline(struct socket *s); /* for a closing handshake */
/* Ends a connection without further words: now (a loop_function), or when neither the library nor
 * the caller has it in hands. */
void socket_kill(void *s);
void socket_kill_soon(struct socket *s);
void socket_ask_to_write(struct socket *s);

/* What the library tells of a connection.  0, or -1: it is to be closed. */
typedef int reason_function(struct socket *s, void *in, size_t n);

/* --- listener_http.c --- */

/* Reads and judges the head of the request at hand into @listener->head; what it points to is the
 * listener's, until the next head.  Status 0: good. */
struct guard_fault head_read(struct socket *s);
struct guard_value head_once(struct head *head, enum lws_token_indexes token);
void head_late(void *s); /* the deadline of a head */
/* A proxy of the operator's, whose word is taken for who asks. */
bool listener_trusts(const struct listener *listener, struct address address);
/* Answers with nothing but @status. */
void exchange_refuse(struct socket *s, unsigned status, const char *why);
void exchange_free(struct exchange *exchange);
reason_function on_request, on_body, on_body_end, on_http_writable;

/* --- listener_socket.c --- */

void socket_drop_queue(struct socket *s); /* what waits is not sent */
/* Writes what was gathered for one connection; fine when there is nothing. */
void listener_write_gathered(struct listener *listener);
reason_function on_upgrade, on_established, on_receive, on_pong, on_drop, on_peer_close,
	on_ws_writable;

#endif
