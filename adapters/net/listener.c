/* libwebsockets behind listener.h: connections, from accepting to freeing.
 *
 * What must be known of the library (Debian's 4.1.6), here and in the files beside this one:
 *  - It is a guest on the loop; connections are accepted by us and handed to it, so that what is
 *    refused costs it nothing and a taken port is an error.
 *  - Its time-outs can be put off by a trickle, and are kept in a sorted list: every deadline is
 *    ours, and no connection keeps a timer of the library's.
 *  - Under libev its timers and what it has read but not yet looked at are served in an idle
 *    watcher: never, while something is always ready.  Nothing here needs them. */
#include "adapters/net/listener_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

#include "adapters/net/accept.h"

enum {
	SPARE_DESCRIPTORS = 256,
	OTHER_DESCRIPTORS = 1024, /* of the whole process: files, and connections that it opens */
	DEFAULT_CONNECTIONS = 16384,
	MAX_PARTIES = 65536,
	CLOSE_MS = 5000, /* for the other side of a closing handshake; at most message_ms */
};

void listener_tell(const struct listener *listener, const char *what, const char *why)
{
	if (listener->setup.event)
		listener->setup.event(listener->setup.self, what, why);
}

/* --- deadlines --- */

void socket_deadline(struct socket *s, int64_t after_ms, loop_function *function)
{
	loop_timer_start(s->listener->setup.loop, &s->timer, after_ms, function, s);
}

void socket_no_deadline(struct socket *s)
{
	loop_timer_stop(s->listener->setup.loop, &s->timer);
}

/* Ends a connection without further words.  What the library could not yet send would make it wait;
 * a failing write makes it give that up.  What it takes for a polite end takes a second call. */
void socket_kill(void *self)
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
void socket_kill_soon(struct socket *s)
{
	socket_deadline(s, 0, socket_kill);
}

void socket_ask_to_write(struct socket *s)
{
	s->asked = true;
	lws_callback_on_writable(s->wsi);
}

static void too_late(void *self)
{
	struct socket *s = self;

	listener_tell(s->listener, "timeouts", "close");
	socket_kill_soon(s);
}

void socket_close_deadline(struct socket *s)
{
	int64_t ms = s->listener->setup.limits.message_ms;

	socket_deadline(s, ms < CLOSE_MS ? ms : CLOSE_MS, too_late);
}

/* --- connections --- */

static void connection_free(struct socket *s)
{
	struct listener *listener = s->listener;

	socket_no_deadline(s);
	if (s->taken)
		listener->setup.closed(listener->setup.self, s);
	if (s->exchange) {
		s->exchange->socket = NULL;
		if (s->stage != STAGE_WAITING) /* else it is the caller's until it is answered */
			exchange_free(s->exchange);
	}
	socket_drop_queue(s);
	if (listener->gathering == s) {
		listener->gathering = NULL;
		listener->n_direct = 0;
	}
	if (listener->head_of == s)
		listener->head_of = NULL;
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
	socket_deadline(s, s->listener->setup.limits.request_ms, head_late);
	return 0;
}

static int hang_up(struct socket *s, void *in, size_t n)
{
	(void)s;
	(void)in;
	(void)n;
	return -1;
}

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

int listener_on_event(
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
	if (address_is_loopback(address) || listener_trusts(listener, address))
		return NULL;
	*peer = peers_enter(listener->peers, address, loop_steady_ms(listener->setup.loop), &why);
	return why;
}

static void adopt(
	struct listener *listener, struct lws_vhost *vhost, struct socket *s, int descriptor)
{
	lws_adopt_desc_t how = {.vh = vhost,
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
	struct peer *peer = NULL;
	struct lws_vhost *vhost = listener_vhost_for(listener, descriptor);
	const char *why = vhost ? why_not(listener, address, &peer) : "library";
	struct socket *s;

	if (why) {
		listener_tell(listener, "connections_refused", why);
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
	adopt(listener, vhost, s, descriptor);
}

static void no_descriptor(void *self)
{
	listener_tell(self, "connections_refused", "descriptors");
}

/* --- the listener --- */

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

size_t listener_descriptors(const struct listener_limits *limits)
{
	size_t n = limits->max_connections ? limits->max_connections : DEFAULT_CONNECTIONS;

	return n + OTHER_DESCRIPTORS;
}

static void set_limits(struct listener_limits *limits)
{
	struct rlimit files;
	size_t ceiling;

	default_to(&limits->max_connections, DEFAULT_CONNECTIONS);
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
	if (read_trusted(listener, error) && listener_open_library(listener, error) &&
		open_acceptor(listener, error))
		return listener;
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

void listener_close(struct listener *listener)
{
	struct socket *s;

	if (!listener)
		return;
	listener_drain(listener);
	listener_write_gathered(listener);
	loop_finish_not(listener->setup.loop, &listener->at_last);
	DL_FOREACH(listener->sockets, s)
	say_going_away(s);
	listener_close_library(listener);
	peers_free(listener->peers);
	buf_release(&listener->query);
	free(listener->trusted);
	free(listener);
}
