/* libwebsockets behind listener.h: connections, from accepting to freeing.
 *
 * What must be known of the library (Debian's 4.1.6), here and in the files beside this one:
 *  - It is a guest on the loop; connections are accepted by us and handed to it, so that what is
 *    refused costs it nothing and a taken port is an error.
 *  - Its time-outs can be put off by a trickle, and are kept in a sorted list: every deadline is
 *    ours, and no connection keeps a timer of the library's.
 *  - Under libev its timers and what it has read but not yet looked at are served in an idle
 *    watcher: never, while something is always ready.  Nothing here needs them. */
#include "adapters/net/connections_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

#include "adapters/net/accept.h"

enum {
	SPARE_DESCRIPTORS = 256,
	DEFAULT_CONNECTIONS = 16384,
	MAX_PARTIES = 65536,
	CLOSE_MS = 5000, /* for the other side of a closing handshake; at most message_ms */
};

void connections_tell(const struct connections *all, const char *what, const char *why)
{
	if (all->setup.event)
		all->setup.event(all->setup.self, what, why);
}

/* --- deadlines --- */

void connection_deadline(struct connection *c, int64_t after_ms, loop_function *function)
{
	loop_timer_start(c->all->setup.loop, &c->timer, after_ms, function, c);
}

void connection_no_deadline(struct connection *c)
{
	loop_timer_stop(c->all->setup.loop, &c->timer);
}

/* Ends a connection without further words.  What the library could not yet send would make it wait;
 * a failing write makes it give that up.  What it takes for a polite end takes a second call. */
void connection_kill(void *self)
{
	struct connection *c = self;
	struct connections *all = c->all;
	unsigned char bytes[LWS_PRE + 1] = {0};

	if (lws_partial_buffered(c->wsi)) {
		shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
		c->broken = lws_write(c->wsi, bytes + LWS_PRE, 1, LWS_WRITE_HTTP) < 0;
	}
	all->handled = c;
	for (int i = 0; i < 2 && all->handled; i++)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	all->handled = NULL;
}

/* Not at once: it may be in the library's hands just now, or in the caller's.  And not by the
 * library's own timers, which libev serves only when nothing else is to be done. */
void connection_kill_soon(struct connection *c)
{
	connection_deadline(c, 0, connection_kill);
}

void connection_ask_to_write(struct connection *c)
{
	c->asked = true;
	lws_callback_on_writable(c->wsi);
}

static void too_late(void *self)
{
	struct connection *c = self;

	connections_tell(c->all, "timeouts", "close");
	connection_kill_soon(c);
}

void connection_close_deadline(struct connection *c)
{
	int64_t ms = c->all->setup.limits.message_ms;

	connection_deadline(c, ms < CLOSE_MS ? ms : CLOSE_MS, too_late);
}

/* --- connections --- */

static void end_connection(struct connection *c)
{
	struct connections *all = c->all;

	connection_no_deadline(c);
	if (c->reply) {
		c->reply->connection = NULL;
		if (c->stage != STAGE_WAITING) /* else it is the caller's until it is answered */
			reply_free(c->reply);
	}
	connection_drop_queue(c);
	if (all->gathering == c) {
		all->gathering = NULL;
		all->n_direct = 0;
	}
	if (all->head_of == c)
		all->head_of = NULL;
	gather_release(&c->gather);
	connection_let_go(c, c->held);
	connection_drop_file(c);
	peers_leave(all->peers, c->peer);
	DL_DELETE(all->first, c);
	all->n--;
	if (all->handled == c)
		all->handled = NULL;
	c->stage = STAGE_DONE;
	if (c->taken)
		all->setup.closed(all->setup.self, c);
	else
		free(c);
}

void connection_free(struct connection *c)
{
	free(c);
}

static int on_destroy(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	end_connection(c);
	return 0;
}

static int on_instantiated(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	lws_set_wsi_user(c->wsi, c); /* without it the library does not say DROP_PROTOCOL */
	connection_deadline(c, c->all->setup.limits.request_ms, head_late);
	return 0;
}

static int hang_up(struct connection *c, void *in, size_t n)
{
	(void)c;
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

int connections_on_event(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
	reason_function *function = function_of(reason);
	struct connection *c;
	int result;

	(void)user;
	if (!function) /* some of these come with a wsi that is none */
		return 0;
	c = lws_get_opaque_user_data(wsi);
	if (!c) /* the library's own pipe */
		return 0;
	c->wsi = wsi;
	if (reason == LWS_CALLBACK_WSI_DESTROY)
		return function(c, in, n);
	c->inside = true;
	result = function(c, in, n);
	c->inside = false;
	return result;
}

static const char *why_not(struct connections *all, struct address address, struct peer **peer)
{
	const char *why = NULL;

	*peer = NULL;
	if (all->n >= all->setup.limits.max_connections)
		return "full";
	if (address_is_loopback(address) || connections_trusts(all, address))
		return NULL;
	*peer = peers_enter(all->peers, address, loop_steady_ms(all->setup.loop), &why);
	return why;
}

static void adopt(
	struct connections *all, struct lws_vhost *vhost, struct connection *c, int descriptor)
{
	lws_adopt_desc_t how = {.vh = vhost,
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
		.fd.sockfd = descriptor,
		.opaque = c};

	all->handled = c;
	if (!lws_adopt_descriptor_vhost_via_info(&how) && all->handled)
		end_connection(c);
	all->handled = NULL;
}

static void accepted(void *self, int descriptor, struct address address)
{
	struct connections *all = self;
	struct peer *peer = NULL;
	struct lws_vhost *vhost = connections_vhost_for(all, descriptor);
	const char *why = vhost ? why_not(all, address, &peer) : "library";
	struct connection *c;

	if (why) {
		connections_tell(all, "connections_refused", why);
		close(descriptor);
		return;
	}
	c = calloc(1, sizeof(*c));
	assert(c);
	c->all = all;
	c->peer = peer;
	c->address = address;
	c->begun_ms = loop_steady_ms(all->setup.loop);
	DL_APPEND(all->first, c);
	all->n++;
	adopt(all, vhost, c, descriptor);
}

static void no_descriptor(void *self)
{
	connections_tell(self, "connections_refused", "descriptors");
}

/* --- all of them --- */

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

size_t connections_most(const struct listener_limits *limits)
{
	return limits->max_connections ? limits->max_connections : DEFAULT_CONNECTIONS;
}

void connections_default(struct listener_limits *limits)
{
	struct rlimit files;
	size_t ceiling;

	default_to(&limits->max_connections, connections_most(limits));
	default_to(&limits->max_per_address, 64);
	default_to(&limits->max_message_bytes, 16384);
	default_to(&limits->max_queue_bytes, 262144);
	default_to(&limits->max_held_bytes, 256 << 20);
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

static bool read_trusted(struct connections *all, struct buf *error)
{
	size_t n = all->setup.n_trusted_proxies;

	all->trusted = calloc(n + 1, sizeof(*all->trusted));
	assert(all->trusted);
	for (size_t i = 0; i < n; i++) {
		struct str text = all->setup.trusted_proxy[i];

		if (!address_parse(text, &all->trusted[i])) {
			buf_addf(error, "'%.*s' is no IP address of a proxy", STR(text));
			return false;
		}
	}
	return true;
}

bool connections_listen(struct connections *all, struct buf *error)
{
	struct acceptor_setup setup = {.loop = all->setup.loop,
		.address = all->setup.address,
		.port = all->setup.port,
		.accepted = accepted,
		.no_descriptor = no_descriptor,
		.self = all};

	all->acceptor = acceptor_open(&setup, error);
	if (!all->acceptor)
		return false;
	all->port = acceptor_port(all->acceptor);
	return true;
}

static struct peers *open_peers(const struct listener_limits *limits)
{
	struct peers_limits of = {.max_entries = MAX_PARTIES,
		.max_connections = limits->max_per_address,
		.max_held = limits->max_held_bytes / 4,
		.per_s = limits->connects_per_s,
		.burst = 4 * limits->connects_per_s};

	return peers_new(&of);
}

struct connections *connections_open(const struct connections_setup *setup, struct buf *error)
{
	struct connections *all = calloc(1, sizeof(*all));

	assert(all);
	all->setup = *setup;
	all->peers = open_peers(&all->setup.limits);
	buf_init(&all->query, (size_t)GUARD_MAX_PATH + 2);
	if (read_trusted(all, error) && connections_open_library(all, error))
		return all;
	connections_close(all);
	return NULL;
}

int connections_port(const struct connections *all)
{
	return all->port;
}

void connections_drain(struct connections *all)
{
	acceptor_close(all->acceptor);
	all->acceptor = NULL;
	all->drained = true;
}

size_t connections_count(const struct connections *all)
{
	return all->n;
}

/* The library would write a close frame only in a later turn of the loop, and there is none. */
static void say_going_away(struct connection *c)
{
	if (c->stage == STAGE_OPEN)
		connection_write_close(c, 1001, "");
}

void connections_close(struct connections *all)
{
	struct connection *c;

	if (!all)
		return;
	connections_drain(all);
	connections_write_gathered(all);
	loop_finish_not(all->setup.loop, &all->at_last);
	DL_FOREACH(all->first, c)
	say_going_away(c);
	connections_close_library(all);
	peers_free(all->peers);
	buf_release(&all->query);
	free(all->trusted);
	free(all);
}
