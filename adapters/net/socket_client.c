/* libwebsockets' client side behind socket_client.h.
 *
 * What must be known of the library (Debian's 4.1.6), beside what listener.c says:
 *  - It looks names up with getaddrinfo(3), which blocks: it is given addresses (lookup.h) and the
 *    name as the Host, by which it checks the certificate, too.
 *  - A connection may fail inside of lws_client_connect_via_info(), with or without a callback; and
 *    CONNECTION_ERROR, CLOSED and WSI_DESTROY come in different numbers.  The first of them ends
 *    the connection for us, and the end is told by a timer, when the library is done with it.
 *  - RECEIVE must return 0: after anything else it does not empty its buffer, reads on while it
 * waits for the other side's close frame, and writes past the end.  So what came ends nothing at
 * once.
 *  - A TLS context that it makes for clients is never freed: it is given one.
 *  - Its own retries and pings are off; every deadline is ours. */
#include "adapters/net/socket_client.h"

#include <assert.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/net/gather.h"
#include "adapters/net/lookup.h"

enum {
	HEAD_BYTES = 8192,
	PIECE_BYTES = 16384,
};

struct parcel {
	struct parcel *next;
	size_t n;
	unsigned char bytes[]; /* LWS_PRE, then the text */
};

enum outward_stage { OUTWARD_OPENING, OUTWARD_OPEN, OUTWARD_CLOSING, OUTWARD_ENDED };

struct outward {
	struct socket_client *client;
	struct outward *next, *prev;
	struct outward_setup setup;
	enum outward_stage stage;
	struct lookup *lookup;
	struct lws *wsi; /* NULL: none yet, or none any more */
	struct loop_timer timer;
	struct gather gather;
	struct parcel *queue;
	size_t queued;
	unsigned code; /* CLOSING: of our close frame */
	unsigned told; /* of the other side's; 0: none came */
	int64_t heard_ms;
	bool pinged;    /* since it was heard */
	bool ping_due;  /* and the ping is not yet written */
	bool forgotten; /* nobody is told any more */
	char why[120];
	char *url; /* cut into pieces by the library; the rest points into it */
	const char *scheme, *host;
	char *path; /* with the "/" that the cutting takes away */
	int port;
};

struct socket_client {
	struct socket_client_setup setup;
	struct lws_context *context; /* the library sets it to NULL when it is gone */
	struct lws_vhost *vhost;
	SSL_CTX *tls;
	struct outward *outward;
};

/* --- the end of a connection --- */

static void drop_queue(struct outward *o)
{
	struct parcel *parcel, *next;

	LL_FOREACH_SAFE(o->queue, parcel, next)
	{
		LL_DELETE(o->queue, parcel);
		free(parcel);
	}
	o->queued = 0;
}

static void outward_free(struct outward *o)
{
	DL_DELETE(o->client->outward, o);
	loop_timer_stop(o->client->setup.loop, &o->timer);
	lookup_forget(o->lookup);
	gather_release(&o->gather);
	drop_queue(o);
	free(o->path);
	free(o->url);
	free(o);
}

static void tell_end(void *self)
{
	struct outward *o = self;

	if (!o->forgotten)
		o->setup.closed(o->setup.self, o, o->told, o->why);
	outward_free(o);
}

/* The library has nothing of it any more, or never had. */
static void end(struct outward *o, const char *why)
{
	o->wsi = NULL;
	if (o->stage == OUTWARD_ENDED)
		return;
	o->stage = OUTWARD_ENDED;
	if (!*o->why)
		strncat(o->why, why, sizeof(o->why) - 1);
	loop_timer_start(o->client->setup.loop, &o->timer, 0, tell_end, o);
}

static void note(struct outward *o, const char *why)
{
	if (!*o->why)
		strncat(o->why, why, sizeof(o->why) - 1);
}

/* Without further words; a second call, because the first may only begin a polite end. */
static void kill_now(struct outward *o, const char *why)
{
	note(o, why);
	for (int i = 0; i < 2 && o->wsi; i++)
		lws_set_timeout(o->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	end(o, why);
}

/* --- deadlines --- */

static int64_t steady(const struct outward *o)
{
	return loop_steady_ms(o->client->setup.loop);
}

static void too_late(void *self)
{
	struct outward *o = self;

	kill_now(o, o->stage == OUTWARD_OPENING ? "not open in time" : "not closed in time");
}

static void tick(void *self);

static void next_tick(struct outward *o)
{
	int64_t at = o->heard_ms + (o->pinged ? o->setup.drop_ms : o->setup.ping_ms);
	int64_t now = steady(o);

	loop_timer_start(o->client->setup.loop, &o->timer, at > now ? at - now : 1, tick, o);
}

static void tick(void *self)
{
	struct outward *o = self;
	int64_t silent = steady(o) - o->heard_ms;

	if (silent >= o->setup.drop_ms) {
		kill_now(o, "silent");
		return;
	}
	if (silent >= o->setup.ping_ms && !o->pinged) {
		o->pinged = o->ping_due = true;
		lws_callback_on_writable(o->wsi);
	}
	next_tick(o);
}

static void heard(struct outward *o)
{
	o->heard_ms = steady(o);
	o->pinged = false;
}

/* --- what the library tells --- */

static int on_opened(struct outward *o, void *in, size_t n)
{
	(void)in;
	(void)n;
	lws_set_timeout(o->wsi, NO_PENDING_TIMEOUT, 0);
	if (o->stage != OUTWARD_OPENING)
		return -1;
	o->stage = OUTWARD_OPEN;
	heard(o);
	next_tick(o);
	o->setup.opened(o->setup.self, o);
	return 0;
}

/* The frame goes out when the library can write: see the head of this file. */
static void close_with(struct outward *o, unsigned code, const char *why)
{
	note(o, why);
	o->stage = OUTWARD_CLOSING;
	o->code = code;
	loop_timer_start(o->client->setup.loop, &o->timer, o->setup.close_ms, too_late, o);
	lws_callback_on_writable(o->wsi);
}

static int on_received(struct outward *o, void *in, size_t n)
{
	struct gather_piece piece = {.bytes = {in, n},
		.rest = lws_remaining_packet_payload(o->wsi),
		.final = lws_is_final_fragment(o->wsi),
		.binary = lws_frame_is_binary(o->wsi)};
	enum gather_status status;
	struct str text;

	if (o->stage != OUTWARD_OPEN)
		return 0;
	heard(o);
	status = gather_add(&o->gather, &piece, o->setup.max_message_bytes, &text);
	if (status == GATHER_MORE)
		return 0;
	if (status == GATHER_WHOLE)
		o->setup.message(o->setup.self, o, text);
	else
		close_with(o, status, "a message that is too long, or no text");
	gather_release(&o->gather);
	return 0;
}

static int on_pong(struct outward *o, void *in, size_t n)
{
	(void)in;
	(void)n;
	heard(o);
	return 0;
}

static int write_ping(struct outward *o)
{
	unsigned char bytes[LWS_PRE + 1] = {0};

	bytes[LWS_PRE] = 'p'; /* of an empty one the library does not tell the pong */
	o->ping_due = false;
	return lws_write(o->wsi, bytes + LWS_PRE, 1, LWS_WRITE_PING) < 0 ? -1 : 0;
}

static int write_parcel(struct outward *o)
{
	struct parcel *parcel = o->queue;
	bool good = lws_write(o->wsi, parcel->bytes + LWS_PRE, parcel->n, LWS_WRITE_TEXT) >= 0;

	LL_DELETE(o->queue, parcel);
	o->queued -= parcel->n;
	free(parcel);
	lws_callback_on_writable(o->wsi);
	return good ? 0 : -1;
}

/* One frame a time. */
static int on_writable(struct outward *o, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (o->queue)
		return write_parcel(o);
	if (o->stage == OUTWARD_CLOSING) {
		lws_close_reason(o->wsi, (enum lws_close_status)o->code, NULL, 0);
		return -1;
	}
	return o->ping_due ? write_ping(o) : 0;
}

static int on_peer_close(struct outward *o, void *in, size_t n)
{
	const unsigned char *bytes = in;
	char why[40];

	if (n >= 2)
		o->told = (unsigned)bytes[0] << 8 | bytes[1];
	snprintf(why, sizeof(why), "closed by the other side: %u", o->told);
	note(o, why);
	o->stage = OUTWARD_CLOSING;
	loop_timer_start(o->client->setup.loop, &o->timer, o->setup.close_ms, too_late, o);
	return 0; /* the library answers the close frame */
}

/* The library's words: no address, no answer's body is in them. */
static int on_failed(struct outward *o, void *in, size_t n)
{
	char why[100];

	snprintf(why, sizeof(why), "cannot connect: %.*s", (int)(n < 60 ? n : 60),
		in ? (const char *)in : "");
	end(o, why);
	return 0;
}

static int on_gone(struct outward *o, void *in, size_t n)
{
	(void)in;
	(void)n;
	end(o, "the connection was lost");
	return 0;
}

typedef int reason_function(struct outward *o, void *in, size_t n);

static reason_function *function_of(enum lws_callback_reasons reason)
{
	static const struct {
		enum lws_callback_reasons reason;
		reason_function *function;
	} table[] = {
		{LWS_CALLBACK_CLIENT_RECEIVE, on_received},
		{LWS_CALLBACK_CLIENT_WRITEABLE, on_writable},
		{LWS_CALLBACK_CLIENT_ESTABLISHED, on_opened},
		{LWS_CALLBACK_CLIENT_RECEIVE_PONG, on_pong},
		{LWS_CALLBACK_WS_PEER_INITIATED_CLOSE, on_peer_close},
		{LWS_CALLBACK_CLIENT_CONNECTION_ERROR, on_failed},
		{LWS_CALLBACK_CLIENT_CLOSED, on_gone},
		{LWS_CALLBACK_WSI_DESTROY, on_gone},
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
	struct outward *o = function ? lws_get_opaque_user_data(wsi) : NULL;

	(void)user;
	if (!o || o->stage == OUTWARD_ENDED)
		return 0;
	o->wsi = wsi;
	return function(o, in, n);
}

/* --- opening --- */

static const struct lws_protocols protocols[] = {
	{.name = "outward",
		.callback = on_event,
		.rx_buffer_size = PIECE_BYTES,
		.tx_packet_size = PIECE_BYTES},
	{0},
};
static const lws_retry_bo_t no_pings_of_its_own = {0};

static bool is_plain(const struct outward *o)
{
	return strcmp(o->scheme, "ws") == 0;
}

static void connect_to(struct outward *o, struct address address)
{
	char text[ADDRESS_TEXT];
	struct lws_client_connect_info info = {
		.context = o->client->context,
		.vhost = o->client->vhost,
		.port = o->port,
		.ssl_connection = is_plain(o) ? 0 : LCCSCF_USE_SSL,
		.path = o->path,
		.host = o->host,
		.local_protocol_name = "outward",
		.alpn = "http/1.1",
		.opaque_user_data = o,
		.retry_and_idle_policy = &no_pings_of_its_own,
		.pwsi = &o->wsi,
	};

	address_text(address, text);
	info.address = text;
	if (!lws_client_connect_via_info(&info))
		end(o, "cannot connect");
}

static void looked_up(void *self, struct address address, const char *error)
{
	struct outward *o = self;

	o->lookup = NULL;
	if (error)
		end(o, error);
	else if (!o->client->setup.allow_loopback && address_is_loopback(address))
		end(o, "this machine is not allowed");
	else if (is_plain(o) && !address_is_loopback(address))
		end(o, "without TLS only to this machine");
	else
		connect_to(o, address);
}

/* False: it is no address of a WebSocket. */
static bool read_url(struct outward *o, struct str url)
{
	const char *path = "";
	size_t room;

	o->url = calloc(1, url.n + 1);
	assert(o->url);
	memcpy(o->url, url.p, url.n);
	if (strlen(o->url) != url.n || lws_parse_uri(o->url, &o->scheme, &o->host, &o->port, &path))
		return false;
	room = strlen(path) + 2;
	o->path = malloc(room);
	assert(o->path);
	snprintf(o->path, room, "/%s", path);
	return *o->host && (is_plain(o) || strcmp(o->scheme, "wss") == 0);
}

static void bad_url(void *self)
{
	end(self, "no address of a WebSocket");
}

static void default_to(size_t *value, size_t to)
{
	*value = *value ? *value : to;
}

static void default_ms(int64_t *value, int64_t to)
{
	*value = *value ? *value : to;
}

static void set_defaults(struct outward_setup *setup)
{
	default_to(&setup->max_message_bytes, 1 << 20);
	default_to(&setup->max_queue_bytes, 256 << 10);
	default_ms(&setup->open_ms, 10000);
	default_ms(&setup->ping_ms, 15000);
	default_ms(&setup->drop_ms, 30000);
	default_ms(&setup->close_ms, 5000);
}

struct outward *outward_open(struct socket_client *client, const struct outward_setup *setup)
{
	struct outward *o = calloc(1, sizeof(*o));

	assert(o);
	o->client = client;
	o->setup = *setup;
	o->setup.url = (struct str){0};
	set_defaults(&o->setup);
	DL_APPEND(client->outward, o);
	if (!read_url(o, setup->url)) {
		loop_timer_start(client->setup.loop, &o->timer, 0, bad_url, o);
		return o;
	}
	loop_timer_start(client->setup.loop, &o->timer, o->setup.open_ms, too_late, o);
	o->lookup = lookup_start(client->setup.loop, o->host, looked_up, o);
	return o;
}

/* --- what the caller does --- */

bool outward_send(struct outward *o, struct str text)
{
	struct parcel *parcel;

	if (o->stage != OUTWARD_OPEN || o->queued + text.n > o->setup.max_queue_bytes)
		return false;
	parcel = malloc(sizeof(*parcel) + LWS_PRE + text.n + 1);
	assert(parcel);
	parcel->n = text.n;
	if (text.n)
		memcpy(parcel->bytes + LWS_PRE, text.p, text.n);
	LL_APPEND(o->queue, parcel);
	o->queued += text.n;
	lws_callback_on_writable(o->wsi);
	return true;
}

static void give_up_opening(void *self)
{
	kill_now(self, "given up");
}

void outward_close(struct outward *o, unsigned code)
{
	if (o->stage == OUTWARD_OPENING) {
		note(o, "closed");
		lookup_forget(o->lookup);
		o->lookup = NULL;
		loop_timer_start(o->client->setup.loop, &o->timer, 0, give_up_opening, o);
	} else if (o->stage == OUTWARD_OPEN) {
		close_with(o, code, "closed");
	}
}

void outward_forget(struct outward *o, unsigned code)
{
	o->forgotten = true;
	outward_close(o, code);
}

/* --- the library --- */

static struct lws_context_creation_info base_info(void)
{
	struct lws_context_creation_info info = {0};

	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV |
		       LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.max_http_header_data = HEAD_BYTES;
	info.pt_serv_buf_size = PIECE_BYTES;
	info.retry_and_idle_policy = &no_pings_of_its_own;
	return info;
}

/* The library asks each connection for the host's own certificate; whom to believe is said here. */
static bool open_tls(struct socket_client *client)
{
	const char *file = client->setup.ca_file;

	client->tls = SSL_CTX_new(TLS_client_method());
	return client->tls && SSL_CTX_set_min_proto_version(client->tls, TLS1_2_VERSION) &&
	       (file ? SSL_CTX_load_verify_file(client->tls, file)
		     : SSL_CTX_set_default_verify_paths(client->tls)) == 1;
}

static bool open_library(struct socket_client *client)
{
	struct lws_context_creation_info info = base_info();
	void *loops[] = {loop_foreign(client->setup.loop)};

	lws_set_log_level(LLL_ERR | LLL_WARN, NULL); /* to whom the listener says */
	info.foreign_loops = loops;
	info.pcontext = &client->context;
	client->context = lws_create_context(&info);
	if (!client->context)
		return false;
	info = base_info();
	info.vhost_name = "outward";
	info.protocols = protocols;
	info.provided_client_ssl_ctx = client->tls;
	client->vhost = lws_create_vhost(client->context, &info);
	return client->vhost != NULL;
}

struct socket_client *socket_client_new(const struct socket_client_setup *setup, struct buf *error)
{
	struct socket_client *client = calloc(1, sizeof(*client));

	assert(client);
	client->setup = *setup;
	if (open_tls(client) && open_library(client))
		return client;
	if (!client->tls || client->context)
		buf_adds(error, "cannot start libwebsockets for connections of our own");
	else
		buf_addf(error, "cannot read certificates from '%s'",
			setup->ca_file ? setup->ca_file : "the system's place");
	socket_client_free(client);
	return NULL;
}

void socket_client_free(struct socket_client *client)
{
	struct outward *o, *next;

	if (!client)
		return;
	DL_FOREACH_SAFE(client->outward, o, next)
	{
		o->forgotten = true;
		kill_now(o, "the end");
		outward_free(o);
	}
	if (client->context)
		lws_context_destroy(client->context);
	if (client->context) /* it put its end off */
		lws_context_destroy(client->context);
	SSL_CTX_free(client->tls);
	free(client);
}
