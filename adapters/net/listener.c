/* libwebsockets behind listener.h.
 *
 * What must be known of the library (Debian's 4.1.6):
 *  - It is a guest on the loop; connections are accepted by us and handed to it, so that what is
 *    refused costs it nothing and a taken port is an error.
 *  - In CONFIRM_UPGRADE the value it hands over may be freed memory (CVE-2025-11677): it is not
 *    touched, and no connection gets a second request.
 *  - Its time-outs can be put off by a trickle, and are kept in a sorted list: every deadline is
 *    ours, and no connection keeps a timer of the library's.
 *  - Under libev its timers and what it has read but not yet looked at are served in an idle
 *    watcher: never, while something is always ready.  Nothing here needs them.
 *  - It tells nothing of pings; but after a pong it calls WRITEABLE although nobody asked, and so
 *    they are counted.  In a flood it does not come to that: then the bytes tell, which the kernel
 *    counts.
 *  - Writing outside of WRITEABLE is fine as long as nothing of this connection waits in the
 *    library's own buffer.
 *  - A message is a system call of its own, which costs more than all the rest of it.  What one
 *    connection is told in a row is gathered and leaves as one: so the frames' heads are ours. */
#include "adapters/net/listener.h"

#include <assert.h>
#include <libwebsockets.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

#include "adapters/net/accept.h"
#include "adapters/net/gather.h"
#include "adapters/net/guard.h"
#include "adapters/net/peers.h"
#include "bot/base/percent.h"

enum {
	MAX_HEAD = 8192,        /* bytes of header lines that the library keeps */
	SCRATCH = 2 * MAX_HEAD, /* values of this head that stood in several lines */
	PIECE = 16384,          /* of an answer, written at a time */
	MAX_DIRECT = 16384,     /* a longer message gets memory of its own */
	MAX_FRAME_HEAD = 10,
	SPARE_DESCRIPTORS = 256,
	MAX_PARTIES = 65536,
	CONTROLS_A_MINUTE = 20,
	SILENT_BYTES = 65536, /* that may come between two ticks without being of a message */
	LINGER_MS = 2000,     /* for a client that still sends the body of a refused request */
	LINGER_BYTES = 1 << 20,
	CLOSE_MS = 5000, /* for the other side of a closing handshake; at most message_ms */
};

/* Frames that wait. */
struct waiting {
	struct waiting *next;
	size_t n;
	unsigned char bytes[]; /* LWS_PRE, then the frames */
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

struct listener {
	struct listener_setup setup;
	struct lws_context *context; /* the library sets it to NULL when it is gone */
	struct lws_vhost *vhost;
	struct acceptor *acceptor;
	struct peers *peers;
	struct address *trusted;
	struct socket *sockets;
	struct socket *handled; /* by adopt() or kill_now(): NULL when it is gone */
	size_t n_sockets;
	int port;
	struct buf query;
	char scratch[SCRATCH]; /* values of the head at hand */
	size_t scratched;
	char address_text[ADDRESS_TEXT];
	struct loop_finish at_last;
	struct socket *gathering; /* whose frames are in @direct; NULL: it is empty */
	size_t n_direct;
	unsigned char direct[LWS_PRE + MAX_DIRECT];
};

static void tell(const struct listener *listener, const char *what, const char *why)
{
	if (listener->setup.event)
		listener->setup.event(listener->setup.self, what, why);
}

/* The library's log: one listener hears it, once a second, without the text, in which a peer's
 * bytes may stand. */
static struct listener *log_listener;

static void library_log(int level, const char *line)
{
	static int64_t told_ms;
	int64_t now;

	(void)line;
	if (!log_listener)
		return;
	now = loop_steady_ms(log_listener->setup.loop);
	if (now - told_ms < 1000)
		return;
	told_ms = now;
	tell(log_listener, "library", level == LLL_ERR ? "error" : "warning");
}

/* ---- deadlines ---- */

static void deadline(struct socket *s, int64_t after_ms, loop_function *function)
{
	loop_timer_start(s->listener->setup.loop, &s->timer, after_ms, function, s);
}

static void no_deadline(struct socket *s)
{
	loop_timer_stop(s->listener->setup.loop, &s->timer);
}

/* Ends a connection without further words.  What the library could not yet send would make it wait;
 * a failing write makes it give that up.  What it takes for a polite end takes a second call. */
static void kill_now(void *self)
{
	struct socket *s = self;
	struct listener *listener = s->listener;
	unsigned char bytes[LWS_PRE + 1] = {0};

	if (lws_partial_buffered(s->wsi)) {
		shutdown(lws_get_socket_fd(s->wsi), SHUT_RDWR);
		s->broken = lws_write(s->wsi, bytes + LWS_PRE, 1, LWS_WRITE_HTTP) < 0;
	}
	listener->handled = s;
	for (int i = 0; i < 2 && listener->handled; i++)
		lws_set_timeout(s->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	listener->handled = NULL;
}

/* Not at once: it may be in the library's hands just now, or in the caller's.  And not by the
 * library's own timers, which libev serves only when nothing else is to be done. */
static void kill_soon(struct socket *s)
{
	deadline(s, 0, kill_now);
}

static void ask_to_write(struct socket *s)
{
	s->asked = true;
	lws_callback_on_writable(s->wsi);
}

static void too_late(void *self)
{
	struct socket *s = self;

	tell(s->listener, "timeouts", "close");
	kill_soon(s);
}

static void close_deadline(struct socket *s)
{
	int64_t ms = s->listener->setup.limits.message_ms;

	deadline(s, ms < CLOSE_MS ? ms : CLOSE_MS, too_late);
}

/* ---- the head of a request ---- */

static char *scratch(struct listener *listener, size_t n)
{
	char *p = listener->scratch + listener->scratched;

	if (n > SCRATCH - listener->scratched)
		return NULL;
	listener->scratched += n;
	return p;
}

/* A value, joined by commas when it stood in several lines. */
static struct str value_of(struct head *head, enum lws_token_indexes token)
{
	int n = lws_hdr_total_length(head->wsi, token);
	char *copy = n > 0 ? scratch(head->listener, (size_t)n + 1) : NULL;

	if (!copy || lws_hdr_copy(head->wsi, copy, n + 1, token) < 0)
		return (struct str){0};
	return (struct str){copy, (size_t)n};
}

static bool is_there(struct lws *wsi, enum lws_token_indexes token)
{
	char any[MAX_HEAD];

	return lws_hdr_total_length(wsi, token) > 0 ||
	       lws_hdr_copy_fragment(wsi, any, sizeof(any), token, 0) >= 0;
}

static bool is_twice(struct lws *wsi, enum lws_token_indexes token)
{
	return lws_hdr_total_length(wsi, token) != lws_hdr_fragment_length(wsi, token, 0);
}

static struct guard_value once(struct head *head, enum lws_token_indexes token)
{
	return (struct guard_value){.text = value_of(head, token),
		.there = is_there(head->wsi, token),
		.twice = is_twice(head->wsi, token)};
}

struct str http_header(const struct http_head *outer, const char *name)
{
	struct head *head = outer->inside;
	char key[64], *copy;
	int n_key, n;

	if (!head || strlen(name) + 2 > sizeof(key))
		return (struct str){0};
	n_key = snprintf(key, sizeof(key), "%s:", name);
	n = lws_hdr_custom_length(head->wsi, key, n_key);
	copy = n < 0 ? NULL : scratch(head->listener, (size_t)n + 1);
	if (!copy || lws_hdr_custom_copy(head->wsi, copy, n + 1, key, n_key) < 0)
		return (struct str){0};
	return str_trim((struct str){copy, (size_t)n});
}

/* The library has cut the query at its separators and decoded it: back to what it was. */
static struct str query_of(struct head *head)
{
	struct buf *query = &head->listener->query;
	char part[GUARD_MAX_PATH + 2];

	buf_clear(query);
	for (int i = 0;; i++) {
		struct str value, name;
		int n = lws_hdr_copy_fragment(
			head->wsi, part, sizeof(part), WSI_TOKEN_HTTP_URI_ARGS, i);

		if (n < 0)
			return buf_str(query);
		value = (struct str){part, (size_t)n};
		if (i)
			buf_addc(query, '&');
		name = str_cut(&value, '=');
		percent_encode(name, query);
		if (name.n < (size_t)n)
			buf_addc(query, '=');
		percent_encode(value, query);
	}
}

static bool has_other_spelling(struct lws *wsi, const char *name)
{
	return lws_hdr_custom_length(wsi, name, (int)strlen(name)) >= 0;
}

static void read_request_line(struct head *head)
{
	static const struct {
		const char *name;
		enum lws_token_indexes token;
	} method[] = {
		[LWSHUMETH_GET] = {"GET", WSI_TOKEN_GET_URI},
		[LWSHUMETH_POST] = {"POST", WSI_TOKEN_POST_URI},
		[LWSHUMETH_OPTIONS] = {"OPTIONS", WSI_TOKEN_OPTIONS_URI},
		[LWSHUMETH_PUT] = {"PUT", WSI_TOKEN_PUT_URI},
		[LWSHUMETH_PATCH] = {"PATCH", WSI_TOKEN_PATCH_URI},
		[LWSHUMETH_DELETE] = {"DELETE", WSI_TOKEN_DELETE_URI},
		[LWSHUMETH_CONNECT] = {"", WSI_TOKEN_CONNECT},
		[LWSHUMETH_HEAD] = {"HEAD", WSI_TOKEN_HEAD_URI},
	};
	char *path;
	int n, which = lws_http_get_uri_and_method(head->wsi, &path, &n);

	head->guard.other_method = which < 0;
	if (which < 0 || (size_t)which >= sizeof(method) / sizeof(method[0]))
		return;
	head->guard.method = str_of(method[which].name);
	head->guard.path = (struct str){path, (size_t)n};
	head->guard.split_path = is_twice(head->wsi, method[which].token);
	head->guard.query = query_of(head);
	head->guard.version = value_of(head, WSI_TOKEN_HTTP);
	if (head->listener->query.over)
		head->guard.path.n = GUARD_MAX_PATH + 1;
}

static bool is_trusted(const struct listener *listener, struct address address)
{
	for (size_t i = 0; i < listener->setup.n_trusted_proxies; i++)
		if (address_eq(listener->trusted[i], address))
			return true;
	return false;
}

/* Who a trusted proxy says it is; that party's count is what matters then. */
static bool believe_proxy(struct socket *s, struct head *head, struct str forwarded_for)
{
	struct listener *listener = s->listener;
	const char *why;

	if (!is_trusted(listener, s->address))
		return true;
	if (str_eq_nocase(http_header(&head->head, "x-forwarded-proto"), S("https")))
		head->head.tls = true;
	s->address = address_forwarded(
		s->address, forwarded_for, listener->trusted, listener->setup.n_trusted_proxies);
	if (is_trusted(listener, s->address) || address_is_loopback(s->address))
		return true;
	s->peer = peers_enter(
		listener->peers, s->address, loop_steady_ms(listener->setup.loop), &why);
	return s->peer != NULL;
}

static void read_values(struct head *head)
{
	struct http_head *outer = &head->head;

	outer->method = head->guard.method;
	outer->path = head->guard.path;
	outer->query = head->guard.query;
	outer->host = head->guard.host.text;
	outer->origin = head->guard.origin.text;
	outer->authorization = head->guard.authorization.text;
	outer->content_type = head->guard.content_type.text;
	outer->accept = value_of(head, WSI_TOKEN_HTTP_ACCEPT);
	outer->accept_language = value_of(head, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE);
	outer->accept_encoding = value_of(head, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
	outer->cookie = value_of(head, WSI_TOKEN_HTTP_COOKIE);
	outer->if_none_match = value_of(head, WSI_TOKEN_HTTP_IF_NONE_MATCH);
	outer->user_agent = value_of(head, WSI_TOKEN_HTTP_USER_AGENT);
}

static struct guard_fault read_head(struct socket *s, struct head *head)
{
	struct str forwarded_for, value[7];
	struct guard_fault fault;
	struct lws *wsi = s->wsi;

	memset(head, 0, sizeof(*head));
	head->wsi = wsi;
	head->listener = s->listener;
	head->head.inside = head;
	head->head.tls = lws_is_ssl(wsi);
	s->listener->scratched = 0;
	read_request_line(head);
	head->guard.host = once(head, WSI_TOKEN_HOST);
	head->guard.content_length = once(head, WSI_TOKEN_HTTP_CONTENT_LENGTH);
	head->guard.content_length.twice |= has_other_spelling(wsi, "content-length :");
	head->guard.origin = once(head, WSI_TOKEN_ORIGIN);
	head->guard.authorization = once(head, WSI_TOKEN_HTTP_AUTHORIZATION);
	head->guard.content_type = once(head, WSI_TOKEN_HTTP_CONTENT_TYPE);
	head->guard.transfer_encoding = is_there(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) ||
					has_other_spelling(wsi, "transfer-encoding :") ||
					has_other_spelling(wsi, "transfer-encoding\t:");
	read_values(head);
	forwarded_for = value_of(head, WSI_TOKEN_X_FORWARDED_FOR);
	value[0] = forwarded_for;
	value[1] = head->head.accept;
	value[2] = head->head.accept_language;
	value[3] = head->head.accept_encoding;
	value[4] = head->head.cookie;
	value[5] = head->head.if_none_match;
	value[6] = head->head.user_agent;
	head->guard.value = value;
	head->guard.n_values = 7;
	fault = guard_request(&head->guard, &head->body_bytes);
	head->guard.value = NULL;
	if (!fault.status && !believe_proxy(s, head, forwarded_for))
		fault = (struct guard_fault){429, "address"};
	head->head.address = address_text(s->address, head->address);
	return fault;
}

/* ---- answers ---- */

static struct exchange *exchange_new(struct socket *s)
{
	struct exchange *e = calloc(1, sizeof(*e));

	assert(e && !s->exchange);
	e->socket = s;
	s->exchange = e;
	return e;
}

static void exchange_free(struct exchange *e)
{
	free(e->body);
	free(e->out);
	free(e);
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return false;
	return true;
}

/* Writes head lines through the library; on the first that does not fit @failed is set. */
struct lines {
	struct lws *wsi;
	unsigned char *at, *end;
	bool failed;
};

static void add_line(struct lines *lines, const char *name, struct str value)
{
	lines->failed =
		lines->failed ||
		lws_add_http_header_by_name(lines->wsi, (const unsigned char *)name,
			(const unsigned char *)value.p, (int)value.n, &lines->at, lines->end);
}

static void add_own_line(struct lines *lines, struct str line)
{
	struct str value = line, name = str_cut(&value, ':');
	char copy[80];

	if (!is_clean(line) || !name.n || name.n + 2 > sizeof(copy))
		return;
	snprintf(copy, sizeof(copy), "%.*s:", STR(name));
	add_line(lines, copy, str_trim(value));
}

static size_t head_room(const struct http_answer *answer)
{
	size_t n = 320 + answer->type.n;

	for (size_t i = 0; i < answer->n_headers; i++)
		n += answer->headers[i].n + 8;
	return n;
}

static bool may_have_body(unsigned status)
{
	return status != 204 && status != 304;
}

/* The answer's bytes: head and body in one piece, except that what is static and long stays where
 * it is. */
static bool compose(struct exchange *e, const struct http_answer *answer)
{
	size_t room = head_room(answer);
	size_t n_body = may_have_body(answer->status) && !e->is_head ? answer->body.n : 0;
	size_t left_out = answer->leave_out < n_body ? answer->leave_out : n_body;
	bool apart = answer->body_is_static && n_body > 1024;
	struct lines lines = {e->socket->wsi, NULL, NULL, false};
	unsigned char *start;

	e->out = malloc(LWS_PRE + room + (apart ? 0 : n_body));
	assert(e->out);
	start = lines.at = e->out + LWS_PRE;
	lines.end = start + room;
	if (lws_add_http_header_status(
		    lines.wsi, answer->status | LWSAHH_FLAG_NO_SERVER_NAME, &lines.at, lines.end))
		return false;
	if (answer->type.n && is_clean(answer->type))
		add_line(&lines, "content-type:", answer->type);
	if (may_have_body(answer->status) &&
		lws_add_http_header_content_length(lines.wsi, answer->body.n, &lines.at, lines.end))
		return false;
	for (size_t i = 0; i < answer->n_headers; i++)
		add_own_line(&lines, answer->headers[i]);
	add_line(&lines, "x-content-type-options:", S("nosniff"));
	add_line(&lines, "referrer-policy:", S("no-referrer"));
	add_line(&lines, "connection:", S("close"));
	if (lines.failed || lws_finalize_http_header(lines.wsi, &lines.at, lines.end))
		return false;
	e->n_out = (size_t)(lines.at - start);
	n_body -= left_out;
	if (apart) {
		e->rest = answer->body.p;
		e->n_rest = n_body;
	} else if (n_body) {
		memcpy(lines.at, answer->body.p, n_body);
		e->n_out += n_body;
	}
	return true;
}

static bool is_body_missing(const struct exchange *e)
{
	return e->n_body + e->thrown_away < e->body_bytes;
}

static void answer_late(void *self)
{
	struct socket *s = self;

	tell(s->listener, "timeouts", "answer");
	kill_soon(s);
}

static void all_written(struct socket *s)
{
	if (is_body_missing(s->exchange)) {
		s->stage = STAGE_LINGERING; /* closing at once would reset what we wrote */
		deadline(s, LINGER_MS, kill_now);
		return;
	}
	s->stage = STAGE_DONE;
	ask_to_write(s); /* there it is closed */
}

/* One piece; the next when the socket is writable again. */
static void write_piece(struct socket *s)
{
	struct exchange *e = s->exchange;
	size_t total = e->n_out + e->n_rest, at = e->written;
	unsigned char *from;
	size_t n;
	int wrote;

	if (at < e->n_out) {
		from = e->out + LWS_PRE + at;
		n = e->n_out - at;
	} else {
		from = (unsigned char *)(uintptr_t)e->rest + (at - e->n_out);
		n = total - at;
	}
	n = n < PIECE ? n : PIECE;
	wrote = lws_write(s->wsi, from, n, at ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_HEADERS);
	if (wrote < 0) {
		s->broken = true;
		s->stage = STAGE_DONE;
		if (!s->inside)
			kill_soon(s);
		return;
	}
	e->written += n; /* what the socket did not take the library keeps */
	if (e->written == total)
		all_written(s);
	else
		ask_to_write(s);
}

void exchange_answer(struct exchange *e, const struct http_answer *answer)
{
	struct socket *s = e->socket;

	assert(!e->out);
	if (!s) {
		exchange_free(e);
		return;
	}
	s->stage = STAGE_ANSWERING;
	deadline(s, 4 * s->listener->setup.limits.request_ms, answer_late);
	if (!compose(e, answer)) {
		s->broken = true;
		kill_soon(s);
		return;
	}
	write_piece(s);
}

void exchange_drop(struct exchange *e)
{
	struct socket *s = e->socket;

	assert(!e->out);
	if (!s) {
		exchange_free(e);
		return;
	}
	s->stage = STAGE_DONE;
	s->broken = true;
	kill_soon(s);
}

static void refuse(struct socket *s, unsigned status, const char *why)
{
	struct http_answer answer = {.status = status, .type = S("text/plain; charset=utf-8")};

	if (!s->exchange)
		exchange_new(s);
	tell(s->listener, "requests_refused", why);
	exchange_answer(s->exchange, &answer);
}

/* ---- requests ---- */

static int outcome(const struct socket *s)
{
	return s->stage == STAGE_DONE || s->broken ? -1 : 0;
}

static void body_late(void *self)
{
	struct socket *s = self;

	tell(s->listener, "timeouts", "body");
	refuse(s, 408, "late");
}

/* The head is not complete: nothing is known of the request, and a TLS handshake may be unfinished.
 */
static void head_late(void *self)
{
	struct socket *s = self;

	tell(s->listener, "timeouts", "head");
	if (!lws_is_ssl(s->wsi)) {
		struct http_answer answer = {.status = 408};

		if (compose(exchange_new(s), &answer) &&
			lws_write(s->wsi, s->exchange->out + LWS_PRE, s->exchange->n_out,
				LWS_WRITE_HTTP) < 0)
			s->broken = true;
	}
	kill_soon(s);
}

static void deliver(struct socket *s, const struct http_head *head)
{
	struct exchange *e = s->exchange;

	s->stage = STAGE_WAITING;
	no_deadline(s);
	s->listener->setup.request(
		s->listener->setup.self, e, head, (struct str){e->body, e->n_body});
}

static void say_continue(struct socket *s)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	unsigned char bytes[LWS_PRE + sizeof(text)];

	memcpy(bytes + LWS_PRE, text, sizeof(text));
	if (lws_write(s->wsi, bytes + LWS_PRE, sizeof(text) - 1, LWS_WRITE_HTTP_HEADERS) < 0)
		s->broken = true;
}

static int on_request(struct socket *s, void *in, size_t n)
{
	struct head head;
	struct guard_fault fault;
	struct http_plan plan;
	struct exchange *e;

	(void)in;
	(void)n;
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
	fault = read_head(s, &head);
	e = exchange_new(s);
	e->body_bytes = head.body_bytes;
	e->is_head = str_is(head.guard.method, "HEAD");
	if (fault.status) {
		refuse(s, fault.status, fault.why);
		return outcome(s);
	}
	plan = s->listener->setup.plan(s->listener->setup.self, &head.head);
	if (plan.refuse) {
		refuse(s, plan.refuse, "plan");
		return outcome(s);
	}
	if (head.body_bytes > plan.max_body_bytes) {
		refuse(s, 413, "body");
		return outcome(s);
	}
	if (!head.body_bytes) {
		deliver(s, &head.head);
		return outcome(s);
	}
	s->stage = STAGE_BODY; /* the deadline of the head goes on */
	deadline(s,
		s->begun_ms + s->listener->setup.limits.request_ms -
			loop_steady_ms(s->listener->setup.loop),
		body_late);
	if (lws_hdr_total_length(s->wsi, WSI_TOKEN_HTTP_EXPECT))
		say_continue(s);
	return outcome(s);
}

static void take_body(struct exchange *e, struct str bytes)
{
	if (!e->body) {
		e->body = malloc(e->body_bytes);
		assert(e->body);
	}
	if (bytes.n > e->body_bytes - e->n_body)
		bytes.n = e->body_bytes - e->n_body;
	memcpy(e->body + e->n_body, bytes.p, bytes.n);
	e->n_body += bytes.n;
}

static int on_body(struct socket *s, void *in, size_t n)
{
	struct exchange *e = s->exchange;
	struct head head;

	if (s->stage == STAGE_BODY) {
		if (n)
			take_body(e, (struct str){in, n});
		if (e->n_body == e->body_bytes) {
			struct guard_fault fault = read_head(s, &head);

			assert(!fault.status);
			deliver(s, &head.head);
		}
		return outcome(s);
	}
	if (!e)
		return 0;
	e->thrown_away += n;
	if (e->thrown_away > LINGER_BYTES)
		return -1;
	return s->stage == STAGE_LINGERING && !is_body_missing(e) ? -1 : outcome(s);
}

static int on_body_end(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	return s->stage == STAGE_LINGERING ? -1 : outcome(s);
}

static int on_http_writable(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	s->asked = false;
	if (s->stage == STAGE_ANSWERING)
		write_piece(s);
	return outcome(s);
}

/* ---- WebSockets ---- */

static struct guard_upgrade upgrade_of(struct head *head)
{
	return (struct guard_upgrade){.upgrade = once(head, WSI_TOKEN_UPGRADE),
		.connection = once(head, WSI_TOKEN_CONNECTION),
		.version = once(head, WSI_TOKEN_VERSION),
		.key = once(head, WSI_TOKEN_KEY),
		.protocol = once(head, WSI_TOKEN_PROTOCOL)};
}

static int on_upgrade(struct socket *s, void *in, size_t n)
{
	struct head head;
	struct guard_upgrade up;
	struct guard_fault fault;
	unsigned status = 403;

	(void)in; /* see CVE-2025-11677 */
	(void)n;
	fault = read_head(s, &head);
	up = upgrade_of(&head);
	if (!fault.status)
		fault = guard_websocket(&head.guard, &up);
	if (fault.status) {
		refuse(s, fault.status, fault.why);
		return -1;
	}
	s->stage = STAGE_OPENING;
	if (!s->listener->setup.open(s->listener->setup.self, s, &head.head, &status)) {
		refuse(s, status, "open");
		return -1;
	}
	s->taken = true;
	return 0;
}

static void tick(void *self);

static void next_tick(struct socket *s)
{
	const struct listener_limits *limits = &s->listener->setup.limits;
	int64_t at = s->heard_ms + (s->pinged ? limits->drop_ms : limits->ping_ms);
	int64_t now = loop_steady_ms(s->listener->setup.loop);

	if (s->begun_ms && s->begun_ms + limits->message_ms < at)
		at = s->begun_ms + limits->message_ms;
	deadline(s, at > now ? at - now : 1, tick);
}

/* The library's own ping has no text, and then it does not tell of the pong. */
static void ping(struct socket *s)
{
	unsigned char bytes[LWS_PRE + 1] = {0};

	bytes[LWS_PRE] = 'p';
	s->pinged = true;
	if (!lws_partial_buffered(s->wsi) &&
		lws_write(s->wsi, bytes + LWS_PRE, 1, LWS_WRITE_PING) < 0)
		kill_soon(s);
}

/* Frames cost little beside their text; TLS adds its records. */
static bool is_flooding(struct socket *s)
{
	struct tcp_info info = {0};
	socklen_t n = sizeof(info);
	uint32_t came;

	if (getsockopt(lws_get_socket_fd(s->wsi), IPPROTO_TCP, TCP_INFO, &info, &n))
		return false;
	came = (uint32_t)info.tcpi_bytes_received - s->came;
	s->came += came;
	came -= came > 32 * (uint64_t)s->said ? 32 * s->said : came;
	s->said = 0;
	return came > SILENT_BYTES;
}

static void tick(void *self)
{
	struct socket *s = self;
	const struct listener_limits *limits = &s->listener->setup.limits;
	int64_t now = loop_steady_ms(s->listener->setup.loop);

	if (s->begun_ms && now - s->begun_ms >= limits->message_ms) {
		tell(s->listener, "timeouts", "message");
		socket_close(s, 1002, "message not complete in time");
		return;
	}
	if (now - s->heard_ms >= limits->drop_ms) {
		tell(s->listener, "timeouts", "silent");
		kill_soon(s);
		return;
	}
	if (is_flooding(s)) {
		tell(s->listener, "messages_refused", "control_frames");
		kill_soon(s); /* pongs would go before a close frame for ever */
		return;
	}
	if (now - s->heard_ms >= limits->ping_ms && !s->pinged)
		ping(s);
	next_tick(s);
}

static void heard(struct socket *s)
{
	s->heard_ms = loop_steady_ms(s->listener->setup.loop);
	s->pinged = false;
}

static int on_established(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
	s->stage = STAGE_OPEN;
	s->begun_ms = 0;
	heard(s);
	next_tick(s);
	s->listener->setup.opened(s->listener->setup.self, s);
	return s->broken ? -1 : 0;
}

static void write_gathered(struct listener *listener);

/* From inside a callback for this connection: the return value closes it. */
static int close_with(struct socket *s, unsigned code, const char *reason)
{
	if (s->listener->gathering == s)
		write_gathered(s->listener);
	s->stage = STAGE_CLOSING;
	gather_release(&s->gather);
	lws_close_reason(s->wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)reason,
		strlen(reason));
	close_deadline(s);
	return -1;
}

static int refuse_message(struct socket *s, unsigned code, const char *why)
{
	tell(s->listener, "messages_refused", why);
	return close_with(s, code, why);
}

static const char *word_of(enum gather_status status)
{
	switch (status) {
	case GATHER_MORE:
	case GATHER_WHOLE:
		break;
	case GATHER_BINARY:
		return "binary";
	case GATHER_NO_TEXT:
		return "not_text";
	case GATHER_TOO_BIG:
		return "too_big";
	}
	return "";
}

static int on_more(struct socket *s)
{
	if (!s->begun_ms) {
		s->begun_ms = s->heard_ms;
		next_tick(s);
	}
	return 0;
}

static int on_message(struct socket *s, struct str text)
{
	s->begun_ms = 0;
	s->listener->setup.message(s->listener->setup.self, s, text);
	gather_release(&s->gather);
	return s->broken ? -1 : 0;
}

static int on_receive(struct socket *s, void *in, size_t n)
{
	struct gather_piece piece = {.bytes = {in, n},
		.rest = lws_remaining_packet_payload(s->wsi),
		.final = lws_is_final_fragment(s->wsi),
		.binary = lws_frame_is_binary(s->wsi)};
	struct str text;
	enum gather_status status;

	if (s->stage != STAGE_OPEN)
		return 0;
	heard(s);
	s->said += (uint32_t)n + 1;
	status = gather_add(&s->gather, &piece, s->listener->setup.limits.max_message_bytes, &text);
	if (status == GATHER_MORE)
		return on_more(s);
	if (status == GATHER_WHOLE)
		return on_message(s, text);
	return refuse_message(s, status, word_of(status));
}

static int count_control(struct socket *s)
{
	uint32_t second = (uint32_t)(s->heard_ms / 1000);

	if (second - s->minute >= 60) {
		s->minute = second;
		s->controls = 0;
	}
	if (++s->controls <= CONTROLS_A_MINUTE)
		return 0;
	return refuse_message(s, 1008, "control_frames");
}

static int on_pong(struct socket *s, void *in, size_t n)
{
	bool expected = s->pinged;

	(void)in;
	(void)n;
	if (s->stage != STAGE_OPEN)
		return 0;
	heard(s);
	return expected ? 0 : count_control(s);
}

/* The library closes: because we said so, or because of a frame that the protocol forbids.  How
 * long the peer may take to agree is not left to the library's timers, which libev delays. */
static int on_drop(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (s->stage != STAGE_OPEN)
		return 0;
	s->stage = STAGE_CLOSING;
	close_deadline(s);
	return 0;
}

static int on_peer_close(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (s->listener->gathering == s)
		write_gathered(s->listener);
	if (s->stage == STAGE_OPEN) {
		s->stage = STAGE_LEAVING;
		close_deadline(s);
	}
	return 0;
}

/* RFC 6455, section 5.2: a whole text in one frame, not masked. */
static size_t put_frame_head(unsigned char *to, size_t n)
{
	size_t n_length = n < 126 ? 0 : n < 65536 ? 2 : 8;

	to[0] = 0x81;
	to[1] = (unsigned char)(n < 126 ? n : n < 65536 ? 126 : 127);
	for (size_t i = 0; i < n_length; i++)
		to[2 + i] = (unsigned char)((uint64_t)n >> 8 * (n_length - 1 - i));
	return 2 + n_length;
}

static size_t put_frame(unsigned char *to, struct str text)
{
	size_t n = put_frame_head(to, text.n);

	if (text.n)
		memcpy(to + n, text.p, text.n);
	return n + text.n;
}

/* @bytes are frames, and have LWS_PRE in front. */
static bool write_frames(struct socket *s, unsigned char *bytes, size_t n)
{
	if (lws_write(s->wsi, bytes, n, LWS_WRITE_HTTP) >= 0) {
		if (lws_partial_buffered(s->wsi))
			ask_to_write(s);
		return true;
	}
	s->broken = true;
	if (!s->inside)
		kill_soon(s);
	return false;
}

static void write_first(struct socket *s)
{
	struct waiting *first = s->first;

	s->first = first->next;
	if (!s->first)
		s->last = NULL;
	s->queued -= (uint32_t)first->n;
	write_frames(s, first->bytes + LWS_PRE, first->n);
	free(first);
	if (s->first)
		ask_to_write(s);
}

static int on_ws_writable(struct socket *s, void *in, size_t n)
{
	bool asked = s->asked;

	(void)in;
	(void)n;
	s->asked = false;
	if (s->first && (s->stage == STAGE_OPEN || s->stage == STAGE_CLOSING)) {
		write_first(s);
		return s->broken ? -1 : 0;
	}
	if (s->stage == STAGE_CLOSING)
		return -1;
	if (s->stage != STAGE_OPEN || asked)
		return 0;
	heard(s); /* it was a ping: see the top */
	return count_control(s);
}

static struct waiting *queue(struct socket *s, size_t max_bytes)
{
	struct waiting *w = malloc(sizeof(*w) + LWS_PRE + max_bytes);

	assert(w);
	w->next = NULL;
	w->n = 0;
	if (s->last)
		s->last->next = w;
	else
		s->first = w;
	s->last = w;
	ask_to_write(s);
	return w;
}

static void queue_text(struct socket *s, struct str text)
{
	struct waiting *w = queue(s, MAX_FRAME_HEAD + text.n);

	w->n = put_frame(w->bytes + LWS_PRE, text);
	s->queued += (uint32_t)w->n;
}

static void queue_frames(struct socket *s, const unsigned char *frames, size_t n)
{
	struct waiting *w = queue(s, n);

	memcpy(w->bytes + LWS_PRE, frames, n);
	w->n = n;
	s->queued += (uint32_t)n;
}

static void drop_queue(struct socket *s)
{
	while (s->first) {
		struct waiting *next = s->first->next;

		free(s->first);
		s->first = next;
	}
	s->last = NULL;
	s->queued = 0;
}

static bool may_write_now(const struct socket *s)
{
	return s->stage == STAGE_OPEN && !s->first && !s->broken && !lws_partial_buffered(s->wsi);
}

/* What was gathered leaves: when another connection is told something, before the loop sleeps, and
 * before this one is closed.  A pong of the library's may have come in between. */
static void write_gathered(struct listener *listener)
{
	struct socket *s = listener->gathering;
	size_t n = listener->n_direct;

	listener->gathering = NULL;
	listener->n_direct = 0;
	if (!s || s->stage != STAGE_OPEN || s->broken)
		return;
	if (may_write_now(s))
		write_frames(s, listener->direct + LWS_PRE, n);
	else
		queue_frames(s, listener->direct + LWS_PRE, n);
}

static void round_off(void *self)
{
	write_gathered(self);
}

static bool gather_text(struct socket *s, struct str text)
{
	struct listener *listener = s->listener;
	size_t most = MAX_FRAME_HEAD + text.n;

	if (listener->gathering &&
		(listener->gathering != s || most > MAX_DIRECT - listener->n_direct))
		write_gathered(listener);
	if (most > MAX_DIRECT || !may_write_now(s))
		return false;
	listener->gathering = s;
	listener->n_direct += put_frame(listener->direct + LWS_PRE + listener->n_direct, text);
	loop_finish(listener->setup.loop, &listener->at_last, round_off, listener);
	return true;
}

bool socket_send(struct socket *s, struct str text)
{
	struct listener *listener = s->listener;

	if ((s->stage != STAGE_OPEN && s->stage != STAGE_OPENING) || s->broken)
		return true;
	if (gather_text(s, text) || s->broken)
		return true;
	if (s->queued + text.n > listener->setup.limits.max_queue_bytes) {
		tell(listener, "messages_refused", "queue");
		drop_queue(s);
		socket_close(s, 1013, "too much is waiting");
		return false;
	}
	queue_text(s, text);
	return true;
}

void socket_close(struct socket *s, unsigned code, const char *reason)
{
	if (s->stage != STAGE_OPEN && s->stage != STAGE_OPENING)
		return;
	if (s->stage == STAGE_OPENING) { /* there is no WebSocket yet that a reason could go to */
		kill_soon(s);
		return;
	}
	close_with(s, code, reason ? reason : "");
	ask_to_write(s);
}

void socket_set_sort(struct socket *s, unsigned sort)
{
	s->sort = (uint8_t)sort;
}

unsigned socket_sort(const struct socket *s)
{
	return s->sort;
}

void socket_keep(struct socket *s, void *own)
{
	s->own = own;
}

void *socket_kept(const struct socket *s)
{
	return s->own;
}

struct str socket_address(const struct socket *s)
{
	return address_text(s->address, s->listener->address_text);
}

/* ---- connections ---- */

static void connection_free(struct socket *s)
{
	struct listener *listener = s->listener;

	no_deadline(s);
	if (s->taken)
		listener->setup.closed(listener->setup.self, s);
	if (s->exchange) {
		s->exchange->socket = NULL;
		if (s->stage != STAGE_WAITING) /* else it is the caller's until it is answered */
			exchange_free(s->exchange);
	}
	drop_queue(s);
	if (listener->gathering == s) {
		listener->gathering = NULL;
		listener->n_direct = 0;
	}
	gather_release(&s->gather);
	peers_leave(listener->peers, s->peer);
	DL_DELETE(listener->sockets, s);
	listener->n_sockets--;
	if (listener->handled == s)
		listener->handled = NULL;
	free(s);
}

static int on_destroy(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	connection_free(s);
	return 0;
}

static int on_instantiated(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	lws_set_wsi_user(s->wsi, s); /* without it the library does not say DROP_PROTOCOL */
	deadline(s, s->listener->setup.limits.request_ms, head_late);
	return 0;
}

static int hang_up(struct socket *s, void *in, size_t n)
{
	(void)s;
	(void)in;
	(void)n;
	return -1;
}

typedef int reason_function(struct socket *s, void *in, size_t n);

static reason_function *function_of(enum lws_callback_reasons reason)
{
	static const struct {
		enum lws_callback_reasons reason;
		reason_function *function;
	} table[] = {
		{LWS_CALLBACK_RECEIVE, on_receive},
		{LWS_CALLBACK_SERVER_WRITEABLE, on_ws_writable},
		{LWS_CALLBACK_HTTP, on_request},
		{LWS_CALLBACK_HTTP_BODY, on_body},
		{LWS_CALLBACK_HTTP_BODY_COMPLETION, on_body_end},
		{LWS_CALLBACK_HTTP_WRITEABLE, on_http_writable},
		{LWS_CALLBACK_HTTP_CONFIRM_UPGRADE, on_upgrade},
		{LWS_CALLBACK_ESTABLISHED, on_established},
		{LWS_CALLBACK_RECEIVE_PONG, on_pong},
		{LWS_CALLBACK_WS_PEER_INITIATED_CLOSE, on_peer_close},
		{LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL, on_drop},
		{LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED, on_instantiated},
		{LWS_CALLBACK_WSI_DESTROY, on_destroy},
		/* CONNECT makes the library leave HTTP altogether */
		{LWS_CALLBACK_RAW_ADOPT, hang_up},
		{LWS_CALLBACK_RAW_RX, hang_up},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].reason == reason)
			return table[i].function;
	return NULL;
}

static int on_event(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
	reason_function *function = function_of(reason);
	struct socket *s;
	int result;

	(void)user;
	if (!function) /* some of these come with a wsi that is none */
		return 0;
	s = lws_get_opaque_user_data(wsi);
	if (!s) /* the library's own pipe */
		return 0;
	s->wsi = wsi;
	if (reason == LWS_CALLBACK_WSI_DESTROY)
		return function(s, in, n);
	s->inside = true;
	result = function(s, in, n);
	s->inside = false;
	return result;
}

static const char *why_not(struct listener *listener, struct address address, struct peer **peer)
{
	const char *why = NULL;

	*peer = NULL;
	if (listener->n_sockets >= listener->setup.limits.max_connections)
		return "full";
	if (address_is_loopback(address) || is_trusted(listener, address))
		return NULL;
	*peer = peers_enter(listener->peers, address, loop_steady_ms(listener->setup.loop), &why);
	return why;
}

static void adopt(struct listener *listener, struct socket *s, int descriptor)
{
	lws_adopt_desc_t how = {.vh = listener->vhost,
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
		.fd.sockfd = descriptor,
		.opaque = s};

	listener->handled = s;
	if (!lws_adopt_descriptor_vhost_via_info(&how) && listener->handled)
		connection_free(s);
	listener->handled = NULL;
}

static void accepted(void *self, int descriptor, struct address address)
{
	struct listener *listener = self;
	struct peer *peer;
	const char *why = why_not(listener, address, &peer);
	struct socket *s;

	if (why) {
		tell(listener, "connections_refused", why);
		close(descriptor);
		return;
	}
	s = calloc(1, sizeof(*s));
	assert(s);
	s->listener = listener;
	s->peer = peer;
	s->address = address;
	s->begun_ms = loop_steady_ms(listener->setup.loop);
	DL_APPEND(listener->sockets, s);
	listener->n_sockets++;
	adopt(listener, s, descriptor);
}

static void no_descriptor(void *self)
{
	tell(self, "connections_refused", "descriptors");
}

/* ---- the listener ---- */

static void default_to(size_t *value, size_t to)
{
	if (!*value)
		*value = to;
}

static void default_ms(int64_t *value, int64_t to)
{
	if (!*value)
		*value = to;
}

static void set_limits(struct listener_limits *limits)
{
	struct rlimit files;
	size_t ceiling;

	default_to(&limits->max_connections, 16384);
	default_to(&limits->max_per_address, 64);
	default_to(&limits->max_message_bytes, 16384);
	default_to(&limits->max_queue_bytes, 262144);
	limits->connects_per_s = limits->connects_per_s ? limits->connects_per_s : 50;
	default_ms(&limits->request_ms, 15000);
	default_ms(&limits->message_ms, 10000);
	default_ms(&limits->ping_ms, 30000);
	default_ms(&limits->drop_ms, 60000);
	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur == RLIM_INFINITY)
		return;
	ceiling = files.rlim_cur > 2 * SPARE_DESCRIPTORS ? files.rlim_cur - SPARE_DESCRIPTORS
							 : files.rlim_cur / 2;
	if (limits->max_connections > ceiling)
		limits->max_connections = ceiling;
}

static const struct lws_protocols protocols[] = {
	{.name = "tenstep",
		.callback = on_event,
		.rx_buffer_size = 512,
		.tx_packet_size = 4 * PIECE},
	{0},
};
static const lws_retry_bo_t no_pings_of_its_own = {0};

static struct lws_context_creation_info base_info(const struct listener *listener)
{
	struct lws_context_creation_info info = {0};

	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV;
	if (listener->setup.certificate)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.max_http_header_data = MAX_HEAD;
	info.pt_serv_buf_size =
		PIECE; /* a whole TLS record: what remains would wait for an idle loop */
	info.timeout_secs = (unsigned)(listener->setup.limits.request_ms / 1000 + 2);
	info.retry_and_idle_policy = &no_pings_of_its_own;
	return info;
}

static bool open_context(struct listener *listener)
{
	struct lws_context_creation_info info = base_info(listener);
	void *loops[] = {loop_foreign(listener->setup.loop)};

	info.port = CONTEXT_PORT_NO_LISTEN;
	info.foreign_loops = loops;
	info.pcontext = &listener->context;
	listener->context = lws_create_context(&info);
	return listener->context != NULL;
}

static struct lws_vhost *open_vhost(struct listener *listener, const char *name)
{
	struct lws_context_creation_info info = base_info(listener);

	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.vhost_name = name;
	info.protocols = protocols;
	info.alpn = "http/1.1";
	info.ssl_cert_filepath = listener->setup.certificate;
	info.ssl_private_key_filepath = listener->setup.key;
	return lws_create_vhost(listener->context, &info);
}

static bool read_trusted(struct listener *listener, struct buf *error)
{
	size_t n = listener->setup.n_trusted_proxies;

	listener->trusted = calloc(n + 1, sizeof(*listener->trusted));
	assert(listener->trusted);
	for (size_t i = 0; i < n; i++) {
		struct str text = listener->setup.trusted_proxy[i];

		if (!address_parse(text, &listener->trusted[i])) {
			buf_addf(error, "'%.*s' is no IP address of a proxy", STR(text));
			return false;
		}
	}
	return true;
}

/* The library takes a file that is not there for one that will come later. */
static bool are_readable(const struct listener *listener, struct buf *error)
{
	const char *file[] = {listener->setup.certificate, listener->setup.key};

	for (size_t i = 0; i < 2 && listener->setup.certificate; i++)
		if (!file[i] || access(file[i], R_OK)) {
			buf_addf(error, "cannot read '%s'", file[i] ? file[i] : "the key");
			return false;
		}
	return true;
}

static bool open_library(struct listener *listener, struct buf *error)
{
	lws_set_log_level(LLL_ERR | LLL_WARN, library_log);
	if (!open_context(listener)) {
		buf_adds(error, "cannot start libwebsockets; is its libev part "
				"(libwebsockets-evlib-ev) installed?");
		return false;
	}
	listener->vhost = open_vhost(listener, "tenstep");
	if (listener->vhost)
		return true;
	buf_addf(error, "cannot use certificate '%s' with key '%s'",
		listener->setup.certificate ? listener->setup.certificate : "",
		listener->setup.key ? listener->setup.key : "");
	return false;
}

static bool open_acceptor(struct listener *listener, struct buf *error)
{
	struct acceptor_setup setup = {.loop = listener->setup.loop,
		.address = listener->setup.address,
		.port = listener->setup.port,
		.accepted = accepted,
		.no_descriptor = no_descriptor,
		.self = listener};

	listener->acceptor = acceptor_open(&setup, error);
	if (!listener->acceptor)
		return false;
	listener->port = acceptor_port(listener->acceptor);
	return true;
}

static struct peers *open_peers(const struct listener_limits *limits)
{
	struct peers_limits of = {.max_entries = MAX_PARTIES,
		.max_connections = limits->max_per_address,
		.per_s = limits->connects_per_s,
		.burst = 4 * limits->connects_per_s};

	return peers_new(&of);
}

struct listener *listener_open(const struct listener_setup *setup, struct buf *error)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	assert(listener);
	listener->setup = *setup;
	set_limits(&listener->setup.limits);
	listener->peers = open_peers(&listener->setup.limits);
	buf_init(&listener->query, (size_t)GUARD_MAX_PATH + 2);
	if (read_trusted(listener, error) && are_readable(listener, error) &&
		open_library(listener, error) && open_acceptor(listener, error)) {
		log_listener = listener;
		return listener;
	}
	listener_close(listener);
	return NULL;
}

int listener_port(const struct listener *listener)
{
	return listener->port;
}

void listener_drain(struct listener *listener)
{
	acceptor_close(listener->acceptor);
	listener->acceptor = NULL;
}

/* What is wrong with the new files shows in a host that nobody uses; the one in use is changed only
 * when that went well. */
bool listener_renew(struct listener *listener, struct buf *error)
{
	struct lws_vhost *trial;

	if (!listener->setup.certificate)
		return true;
	if (!are_readable(listener, error))
		return false;
	trial = open_vhost(listener, "trial");
	if (!trial) {
		buf_addf(error, "cannot use certificate '%s' with key '%s'",
			listener->setup.certificate, listener->setup.key);
		return false;
	}
	lws_vhost_destroy(trial);
	return !lws_tls_cert_updated(listener->context, listener->setup.certificate,
		listener->setup.key, NULL, 0, NULL, 0);
}

size_t listener_connections(const struct listener *listener)
{
	return listener->n_sockets;
}

/* The library would write a close frame only in a later turn of the loop, and there is none. */
static void say_going_away(struct socket *s)
{
	unsigned char bytes[LWS_PRE + 4] = {0};

	if (s->stage != STAGE_OPEN)
		return;
	s->stage = STAGE_CLOSING;
	memcpy(bytes + LWS_PRE, "\x88\x02\x03\xE9", 4);
	if (!lws_partial_buffered(s->wsi) &&
		lws_write(s->wsi, bytes + LWS_PRE, 4, LWS_WRITE_HTTP) < 0)
		s->broken = true;
}

/* The second call is for when the library put its end off (and only then is the context there). */
static void destroy_context(struct listener *listener)
{
	if (listener->context)
		lws_context_destroy(listener->context);
	if (listener->context)
		lws_context_destroy(listener->context);
}

void listener_close(struct listener *listener)
{
	struct socket *s;

	if (!listener)
		return;
	listener_drain(listener);
	write_gathered(listener);
	loop_finish_not(listener->setup.loop, &listener->at_last);
	DL_FOREACH(listener->sockets, s)
	say_going_away(s);
	destroy_context(listener);
	if (log_listener == listener)
		log_listener = NULL;
	peers_free(listener->peers);
	buf_release(&listener->query);
	free(listener->trusted);
	free(listener);
}
