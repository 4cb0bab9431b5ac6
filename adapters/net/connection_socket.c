/* WebSockets: opened, heard, written to, closed.
 *
 *  - In CONFIRM_UPGRADE the value that the library hands over may be freed memory (CVE-2025-11677):
 *    it is not touched, and no connection gets a second request.
 *  - The library tells nothing of pings; but after a pong it calls WRITEABLE although nobody asked,
 *    and so they are counted.  In a flood it does not come to that: then the bytes tell, which the
 *    kernel counts.
 *  - It keeps the close frame that it is to write where the text of the next ping goes.
 *  - Writing outside of WRITEABLE is fine as long as nothing of this connection waits in the
 *    library's own buffer.
 *  - A message is a system call of its own, which costs more than all the rest of it.  What one
 *    connection is told in a row is gathered and leaves as one: so the frames' heads are ours. */
#include "adapters/net/connections_inside.h"

#include <assert.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum {
	MAX_FRAME_HEAD = 10,
	CONTROLS_A_MINUTE = 20,
	SILENT_BYTES = 65536, /* that may come between two ticks without being of a message */
};

/* Frames that wait. */
struct waiting {
	struct waiting *next;
	size_t n;
	unsigned char bytes[]; /* LWS_PRE, then the frames */
};

static struct guard_upgrade upgrade_of(struct head *head)
{
	return (struct guard_upgrade){.upgrade = head_once(head, WSI_TOKEN_UPGRADE),
		.connection = head_once(head, WSI_TOKEN_CONNECTION),
		.version = head_once(head, WSI_TOKEN_VERSION),
		.key = head_once(head, WSI_TOKEN_KEY),
		.protocol = head_once(head, WSI_TOKEN_PROTOCOL)};
}

int on_upgrade(struct connection *c, void *in, size_t n)
{
	struct head *head = &c->all->head;
	struct guard_upgrade up;
	struct guard_fault fault;
	unsigned status;

	(void)in; /* see CVE-2025-11677 */
	(void)n;
	fault = head_read(c);
	up = upgrade_of(head);
	if (!fault.status)
		fault = guard_websocket(&head->guard, &up);
	if (fault.status) {
		reply_refuse(c, fault.status, fault.why);
		return -1;
	}
	c->stage = STAGE_OPENING;
	status = c->all->drained ? 503 : c->all->setup.open(c->all->setup.self, c, &head->head);
	if (status) {
		reply_refuse(c, status, "open");
		return -1;
	}
	c->taken = true;
	return 0;
}

static void tick(void *self);

static void next_tick(struct connection *c)
{
	const struct listener_limits *limits = &c->all->setup.limits;
	int64_t at = c->heard_ms + (c->pinged ? limits->drop_ms : limits->ping_ms);
	int64_t now = loop_steady_ms(c->all->setup.loop);

	if (c->begun_ms && c->begun_ms + limits->message_ms < at)
		at = c->begun_ms + limits->message_ms;
	connection_deadline(c, at > now ? at - now : 1, tick);
}

/* The library's own ping has no text, and then it does not tell of the pong. */
static void ping(struct connection *c)
{
	unsigned char bytes[LWS_PRE + 1] = {0};

	bytes[LWS_PRE] = 'p';
	c->pinged = true;
	if (!lws_partial_buffered(c->wsi) &&
		lws_write(c->wsi, bytes + LWS_PRE, 1, LWS_WRITE_PING) < 0)
		connection_kill_soon(c);
}

/* Frames cost little beside their text; TLS adds its records. */
static bool is_flooding(struct connection *c)
{
	struct tcp_info info = {0};
	socklen_t n = sizeof(info);
	uint32_t came;

	if (getsockopt(lws_get_socket_fd(c->wsi), IPPROTO_TCP, TCP_INFO, &info, &n))
		return false;
	came = (uint32_t)info.tcpi_bytes_received - c->came;
	c->came += came;
	came -= came > 32 * (uint64_t)c->said ? 32 * c->said : came;
	c->said = 0;
	return came > SILENT_BYTES;
}

static void tick(void *self)
{
	struct connection *c = self;
	const struct listener_limits *limits = &c->all->setup.limits;
	int64_t now = loop_steady_ms(c->all->setup.loop);

	if (c->begun_ms && now - c->begun_ms >= limits->message_ms) {
		connections_tell(c->all, "timeouts", "message");
		connection_close(c, 1002, "message not complete in time");
		return;
	}
	if (now - c->heard_ms >= limits->drop_ms) {
		connections_tell(c->all, "timeouts", "silent");
		connection_kill_soon(c);
		return;
	}
	if (is_flooding(c)) {
		connections_tell(c->all, "messages_refused", "control_frames");
		connection_kill_soon(c); /* pongs would go before a close frame for ever */
		return;
	}
	if (now - c->heard_ms >= limits->ping_ms && !c->pinged)
		ping(c);
	next_tick(c);
}

static void heard(struct connection *c)
{
	c->heard_ms = loop_steady_ms(c->all->setup.loop);
	c->pinged = false;
}

int on_established(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	c->stage = STAGE_OPEN;
	c->begun_ms = 0;
	heard(c);
	next_tick(c);
	c->all->setup.opened(c->all->setup.self, c);
	return c->broken ? -1 : 0;
}

/* From inside a callback for this connection: the return value closes it. */
static int close_with(struct connection *c, unsigned code, const char *reason)
{
	if (c->all->gathering == c)
		connections_write_gathered(c->all);
	c->stage = STAGE_CLOSING;
	gather_release(&c->gather);
	lws_close_reason(c->wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)reason,
		strlen(reason));
	connection_close_deadline(c);
	return -1;
}

static int refuse_message(struct connection *c, unsigned code, const char *why)
{
	connections_tell(c->all, "messages_refused", why);
	return close_with(c, code, why);
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

static int on_more(struct connection *c)
{
	if (!c->begun_ms) {
		c->begun_ms = c->heard_ms;
		next_tick(c);
	}
	return 0;
}

static int on_message(struct connection *c, struct str text)
{
	c->begun_ms = 0;
	c->all->setup.message(c->all->setup.self, c, text);
	gather_release(&c->gather);
	return c->broken ? -1 : 0;
}

int on_receive(struct connection *c, void *in, size_t n)
{
	struct gather_piece piece = {.bytes = {in, n},
		.rest = lws_remaining_packet_payload(c->wsi),
		.final = lws_is_final_fragment(c->wsi),
		.binary = lws_frame_is_binary(c->wsi)};
	struct str text;
	enum gather_status status;

	if (c->stage != STAGE_OPEN)
		return 0;
	heard(c);
	c->said += (uint32_t)n + 1;
	status = gather_add(&c->gather, &piece, c->all->setup.limits.max_message_bytes, &text);
	if (status == GATHER_MORE)
		return on_more(c);
	if (status == GATHER_WHOLE)
		return on_message(c, text);
	return refuse_message(c, status, word_of(status));
}

void connection_write_close(struct connection *c, unsigned code, const char *reason)
{
	unsigned char bytes[LWS_PRE + 4 + 120] = {0}, *frame = bytes + LWS_PRE;
	size_t n = strnlen(reason, 120);

	c->stage = STAGE_CLOSING;
	frame[0] = 0x88;
	frame[1] = (unsigned char)(2 + n);
	frame[2] = (unsigned char)(code >> 8);
	frame[3] = (unsigned char)code;
	memcpy(frame + 4, reason, n);
	if (!lws_partial_buffered(c->wsi) && lws_write(c->wsi, frame, 4 + n, LWS_WRITE_HTTP) < 0)
		c->broken = true;
}

/* The next ping might change the library's close frame: see the top. */
static int refuse_controls(struct connection *c)
{
	connections_tell(c->all, "messages_refused", "control_frames");
	if (c->all->gathering == c)
		connections_write_gathered(c->all);
	connection_write_close(c, 1008, "control_frames");
	connection_close_deadline(c);
	return c->broken ? -1 : 0;
}

static int count_control(struct connection *c)
{
	uint32_t second = (uint32_t)(c->heard_ms / 1000);

	if (second - c->minute >= 60) {
		c->minute = second;
		c->controls = 0;
	}
	if (++c->controls <= CONTROLS_A_MINUTE)
		return 0;
	return refuse_controls(c);
}

int on_pong(struct connection *c, void *in, size_t n)
{
	bool expected = c->pinged;

	(void)in;
	(void)n;
	if (c->stage != STAGE_OPEN)
		return 0;
	heard(c);
	return expected ? 0 : count_control(c);
}

/* The library closes: because we said so, or because of a frame that the protocol forbids.  How
 * long the peer may take to agree is not left to the library's timers, which libev delays. */
int on_drop(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (c->stage != STAGE_OPEN)
		return 0;
	c->stage = STAGE_CLOSING;
	connection_close_deadline(c);
	return 0;
}

int on_peer_close(struct connection *c, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (c->all->gathering == c)
		connections_write_gathered(c->all);
	if (c->stage == STAGE_OPEN) {
		c->stage = STAGE_LEAVING;
		connection_close_deadline(c);
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
static bool write_frames(struct connection *c, unsigned char *bytes, size_t n)
{
	if (lws_write(c->wsi, bytes, n, LWS_WRITE_HTTP) >= 0) {
		if (lws_partial_buffered(c->wsi))
			connection_ask_to_write(c);
		return true;
	}
	c->broken = true;
	if (!c->inside)
		connection_kill_soon(c);
	return false;
}

static void write_first(struct connection *c)
{
	struct waiting *first = c->first;

	c->first = first->next;
	if (!c->first)
		c->last = NULL;
	c->queued -= (uint32_t)first->n;
	connection_let_go(c, first->n);
	write_frames(c, first->bytes + LWS_PRE, first->n);
	free(first);
	if (c->first || c->stage == STAGE_CLOSING)
		connection_ask_to_write(c);
}

int on_ws_writable(struct connection *c, void *in, size_t n)
{
	bool asked = c->asked;

	(void)in;
	(void)n;
	c->asked = false;
	if (c->first && (c->stage == STAGE_OPEN || c->stage == STAGE_CLOSING)) {
		write_first(c);
		return c->broken ? -1 : 0;
	}
	if (c->stage == STAGE_CLOSING)
		return -1;
	if (c->stage != STAGE_OPEN || asked)
		return 0;
	heard(c); /* it was a ping: see the top */
	return count_control(c);
}

static struct waiting *queue(struct connection *c, size_t max_bytes)
{
	struct waiting *w = malloc(sizeof(*w) + LWS_PRE + max_bytes);

	assert(w);
	w->next = NULL;
	w->n = 0;
	if (c->last)
		c->last->next = w;
	else
		c->first = w;
	c->last = w;
	connection_ask_to_write(c);
	return w;
}

static void queue_text(struct connection *c, struct str text)
{
	struct waiting *w = queue(c, MAX_FRAME_HEAD + text.n);

	w->n = put_frame(w->bytes + LWS_PRE, text);
	c->queued += (uint32_t)w->n;
	connection_hold(c, w->n);
}

static void queue_frames(struct connection *c, const unsigned char *frames, size_t n)
{
	struct waiting *w = queue(c, n);

	memcpy(w->bytes + LWS_PRE, frames, n);
	w->n = n;
	c->queued += (uint32_t)n;
	connection_hold(c, n);
}

void connection_drop_queue(struct connection *c)
{
	while (c->first) {
		struct waiting *next = c->first->next;

		free(c->first);
		c->first = next;
	}
	c->last = NULL;
	connection_let_go(c, c->queued);
	c->queued = 0;
}

static bool may_write_now(const struct connection *c)
{
	return c->stage == STAGE_OPEN && !c->first && !c->broken && !lws_partial_buffered(c->wsi);
}

/* What was gathered leaves: when another connection is told something, before the loop sleeps, and
 * before this one is closed.  A pong of the library's may have come in between. */
void connections_write_gathered(struct connections *all)
{
	struct connection *c = all->gathering;
	size_t n = all->n_direct;

	all->gathering = NULL;
	all->n_direct = 0;
	if (!c || c->stage != STAGE_OPEN || c->broken)
		return;
	if (may_write_now(c))
		write_frames(c, all->direct + LWS_PRE, n);
	else
		queue_frames(c, all->direct + LWS_PRE, n);
}

static void round_off(void *self)
{
	connections_write_gathered(self);
}

static bool gather_text(struct connection *c, struct str text)
{
	struct connections *all = c->all;
	size_t most = MAX_FRAME_HEAD + text.n;

	if (all->gathering && (all->gathering != c || most > MAX_DIRECT - all->n_direct))
		connections_write_gathered(all);
	if (most > MAX_DIRECT || !may_write_now(c))
		return false;
	all->gathering = c;
	all->n_direct += put_frame(all->direct + LWS_PRE + all->n_direct, text);
	loop_finish(all->setup.loop, &all->at_last, round_off, all);
	return true;
}

void connection_send(struct connection *c, struct str text)
{
	struct connections *all = c->all;

	if ((c->stage != STAGE_OPEN && c->stage != STAGE_OPENING) || c->broken)
		return;
	if (gather_text(c, text) || c->broken)
		return;
	if (c->queued + text.n > all->setup.limits.max_queue_bytes ||
		!connection_may_hold(c, text.n)) {
		connections_tell(all, "messages_refused", "queue");
		connection_drop_queue(c);
		connection_close(c, 1013, "too much is waiting");
		return;
	}
	queue_text(c, text);
}

void connection_close(struct connection *c, unsigned code, const char *reason)
{
	if (c->stage != STAGE_OPEN && c->stage != STAGE_OPENING)
		return;
	if (c->stage == STAGE_OPENING) { /* there is no WebSocket yet that a reason could go to */
		connection_kill_soon(c);
		return;
	}
	close_with(c, code, reason ? reason : "");
	connection_ask_to_write(c);
}

void connection_keep(struct connection *c, void *own)
{
	c->own = own;
}

void *connection_kept(const struct connection *c)
{
	return c->own;
}

struct address connection_address(const struct connection *c)
{
	return c->address;
}
