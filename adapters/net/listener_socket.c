/* WebSockets: opened, heard, written to, closed.
 *
 *  - In CONFIRM_UPGRADE the value that the library hands over may be freed memory (CVE-2025-11677):
 *    it is not touched, and no connection gets a second request.
 *  - The library tells nothing of pings; but after a pong it calls WRITEABLE although nobody asked,
 *    and so they are counted.  In a flood it does not come to that: then the bytes tell, which the
 *    kernel counts.
 *  - Writing outside of WRITEABLE is fine as long as nothing of this connection waits in the
 *    library's own buffer.
 *  - A message is a system call of its own, which costs more than all the rest of it.  What one
 *    connection is told in a row is gathered and leaves as one: so the frames' heads are ours. */
#include "adapters/net/listener_inside.h"

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

int on_upgrade(struct socket *s, void *in, size_t n)
{
	struct head *head = &s->listener->head;
	struct guard_upgrade up;
	struct guard_fault fault;
	unsigned status = 403;

	(void)in; /* see CVE-2025-11677 */
	(void)n;
	fault = head_read(s);
	up = upgrade_of(head);
	if (!fault.status)
		fault = guard_websocket(&head->guard, &up);
	if (fault.status) {
		exchange_refuse(s, fault.status, fault.why);
		return -1;
	}
	s->stage = STAGE_OPENING;
	if (!s->listener->setup.open(s->listener->setup.self, s, &head->head, &status)) {
		exchange_refuse(s, status, "open");
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
	socket_deadline(s, at > now ? at - now : 1, tick);
}

/* The library's own ping has no text, and then it does not tell of the pong. */
static void ping(struct socket *s)
{
	unsigned char bytes[LWS_PRE + 1] = {0};

	bytes[LWS_PRE] = 'p';
	s->pinged = true;
	if (!lws_partial_buffered(s->wsi) &&
		lws_write(s->wsi, bytes + LWS_PRE, 1, LWS_WRITE_PING) < 0)
		socket_kill_soon(s);
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
		listener_tell(s->listener, "timeouts", "message");
		socket_close(s, 1002, "message not complete in time");
		return;
	}
	if (now - s->heard_ms >= limits->drop_ms) {
		listener_tell(s->listener, "timeouts", "silent");
		socket_kill_soon(s);
		return;
	}
	if (is_flooding(s)) {
		listener_tell(s->listener, "messages_refused", "control_frames");
		socket_kill_soon(s); /* pongs would go before a close frame for ever */
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

int on_established(struct socket *s, void *in, size_t n)
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

/* From inside a callback for this connection: the return value closes it. */
static int close_with(struct socket *s, unsigned code, const char *reason)
{
	if (s->listener->gathering == s)
		listener_write_gathered(s->listener);
	s->stage = STAGE_CLOSING;
	gather_release(&s->gather);
	lws_close_reason(s->wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)reason,
		strlen(reason));
	socket_close_deadline(s);
	return -1;
}

static int refuse_message(struct socket *s, unsigned code, const char *why)
{
	listener_tell(s->listener, "messages_refused", why);
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

int on_receive(struct socket *s, void *in, size_t n)
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

int on_pong(struct socket *s, void *in, size_t n)
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
int on_drop(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (s->stage != STAGE_OPEN)
		return 0;
	s->stage = STAGE_CLOSING;
	socket_close_deadline(s);
	return 0;
}

int on_peer_close(struct socket *s, void *in, size_t n)
{
	(void)in;
	(void)n;
	if (s->listener->gathering == s)
		listener_write_gathered(s->listener);
	if (s->stage == STAGE_OPEN) {
		s->stage = STAGE_LEAVING;
		socket_close_deadline(s);
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
			socket_ask_to_write(s);
		return true;
	}
	s->broken = true;
	if (!s->inside)
		socket_kill_soon(s);
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
		socket_ask_to_write(s);
}

int on_ws_writable(struct socket *s, void *in, size_t n)
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
	socket_ask_to_write(s);
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

void socket_drop_queue(struct socket *s)
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
void listener_write_gathered(struct listener *listener)
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
	listener_write_gathered(self);
}

static bool gather_text(struct socket *s, struct str text)
{
	struct listener *listener = s->listener;
	size_t most = MAX_FRAME_HEAD + text.n;

	if (listener->gathering &&
		(listener->gathering != s || most > MAX_DIRECT - listener->n_direct))
		listener_write_gathered(listener);
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
		listener_tell(listener, "messages_refused", "queue");
		socket_drop_queue(s);
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
		socket_kill_soon(s);
		return;
	}
	close_with(s, code, reason ? reason : "");
	socket_ask_to_write(s);
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
