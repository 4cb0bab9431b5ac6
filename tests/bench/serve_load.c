/* Whoever talks to a server: thousands of connections in one process, a closed loop on each.
 * WebSocket (RFC 6455) and HTTP by hand: nothing of it is the server's code. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bot/base/digest.h"
#include "tests/bench/serve_bench.h"

enum {
	max_in = 64 * 1024,
	first_in = 4096,
	max_out = 2048,
	post_bytes = 1024,
	opening_at_once = 64,
	n_slots = 600, /* of latencies, each 3 % longer than the one before */
};

static const double slot_ratio = 1.03;

/* --- what is said --- */

/* Each line begins by itself; a button is one of those that the line before it has brought. */
static const struct line {
	const char *text;   /* said; NULL: pressed */
	const char *choice; /* the id */
	bool last;          /* the next line is one of the openers */
} script[] = {
	{"hello", NULL, false},
	{NULL, "order_status", false},
	{"never mind", NULL, true},
	{"what can you do?", NULL, false},
	{NULL, "cancel_order", false},
	{"stop", NULL, true},
	{"how long does shipping take?", NULL, false},
	{NULL, "order_status", false},
	{"stop", NULL, true},
	{"I want to return my dress", NULL, false},
	{"never mind", NULL, true},
	{"thanks", NULL, true},
};
static const size_t opener[] = {0, 3, 6, 9, 11};
static const size_t leaves = 2;
enum { n_openers = sizeof(opener) / sizeof(opener[0]) };

enum peer_state { PEER_CLOSED, PEER_UPGRADING, PEER_GREETING, PEER_READY, PEER_WAITING };

struct peer {
	int fd;
	enum peer_state state;
	char *in;
	size_t n_in, cap;
	size_t line;          /* of the script, said next */
	unsigned long post;   /* the newest with buttons */
	unsigned long number; /* of the next message */
	unsigned long sender;
	bool acknowledged, answered, refused;
	double since;
	char *token, *conversation; /* DIRECT; CHAT has a token only */
	unsigned long last;         /* post that was heard: CHAT */
	double due;                 /* when it comes back */
};

struct crowd {
	enum load_kind kind;
	int port, epoll;
	struct peer *peer;
	size_t n, n_opening;
	size_t active;
	bool over, once; /* no more messages; one a connection */
	double began, ends;
	size_t n_done, n_failed;
	double longest_us;
	unsigned slot[n_slots];
	uint64_t random;
};

static uint64_t chance(struct crowd *crowd)
{
	crowd->random ^= crowd->random << 13;
	crowd->random ^= crowd->random >> 7;
	crowd->random ^= crowd->random << 17;
	return crowd->random;
}

static bool is_websocket(const struct crowd *crowd)
{
	return crowd->kind == LOAD_ECHO || crowd->kind == LOAD_CHAT;
}

/* --- writing --- */

static void put(struct peer *peer, const char *bytes, size_t n)
{
	must(send(peer->fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n, "send");
}

/* RFC 6455 section 5: a client masks. */
static void put_frame(
	struct crowd *crowd, struct peer *peer, unsigned kind, const char *text, size_t n)
{
	unsigned char frame[max_out + 8], mask[4];
	uint64_t random = chance(crowd);
	size_t at = 0;

	memcpy(mask, &random, sizeof(mask));
	frame[at++] = (unsigned char)(0x80 | kind);
	if (n < 126) {
		frame[at++] = (unsigned char)(0x80 | n);
	} else {
		frame[at++] = 0x80 | 126;
		frame[at++] = (unsigned char)(n >> 8);
		frame[at++] = (unsigned char)n;
	}
	memcpy(frame + at, mask, 4);
	at += 4;
	for (size_t i = 0; i < n; i++)
		frame[at + i] = (unsigned char)text[i] ^ mask[i & 3];
	put(peer, (const char *)frame, at + n);
}

static void say_line(struct crowd *crowd, struct peer *peer)
{
	const struct line *line = &script[peer->line];
	char text[512];
	int n;

	if (line->text)
		n = snprintf(text, sizeof(text),
			"{\"t\":\"say\",\"id\":\"%016lx:%lu\",\"text\":\"%s\"}", peer->sender,
			++peer->number, line->text);
	else
		n = snprintf(text, sizeof(text),
			"{\"t\":\"press\",\"id\":\"%016lx:%lu\",\"post\":%lu,\"choice\":\"%s\"}",
			peer->sender, ++peer->number, peer->post, line->choice);
	peer->line = line->last ? opener[chance(crowd) % n_openers] : peer->line + 1;
	put_frame(crowd, peer, 1, text, (size_t)n);
}

/* A request of which the body has just so many bytes. */
static void fill_body(char body[post_bytes + 1], const char *head)
{
	int n = snprintf(body, post_bytes + 1, "%s", head);

	memset(body + n, 'x', (size_t)(post_bytes - n));
	memcpy(body + post_bytes - 2, "\"}", 3);
}

static void put_post(struct peer *peer, const char *path, const char *headers, const char *body)
{
	char text[max_out + post_bytes];
	int all = snprintf(text, sizeof(text),
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
		"Content-Type: application/json\r\nConnection: close\r\n"
		"Content-Length: %d\r\n\r\n%s",
		path, headers, post_bytes, body);

	put(peer, text, (size_t)all);
}

static void post_bytes_to(struct peer *peer, const char *path, const char *token, const char *head)
{
	char body[post_bytes + 1], headers[max_out / 2];

	fill_body(body, head);
	snprintf(headers, sizeof(headers), "Authorization: Bearer %s\r\n", token);
	put_post(peer, path, headers, body);
}

/* Standard Webhooks: a message of a conversation of its own. */
static void post_hook(struct peer *peer)
{
	char body[post_bytes + 1], head[300], headers[400], id[60], *whole;
	long long now = (long long)time(NULL);
	struct digest digest;
	struct buf signature;
	int n;

	snprintf(head, sizeof(head),
		"{\"type\":\"message\",\"conversation\":\"c%lx\",\"text\":\"%s\",\"nonce\":\"",
		peer->sender, script[opener[peer->number++ % n_openers]].text);
	fill_body(body, head);
	n = snprintf(id, sizeof(id), "m%lx-%lu", peer->sender, peer->number);
	whole = malloc((size_t)n + post_bytes + 40);
	must(whole != NULL, "memory");
	n = sprintf(whole, "%s.%lld.%s", id, now, body);
	digest = digest_hmac(S(LOAD_HOOK_SECRET), (struct str){whole, (size_t)n});
	free(whole);
	buf_init(&signature, 100);
	base64_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, &signature);
	snprintf(headers, sizeof(headers),
		"webhook-id: %s\r\nwebhook-timestamp: %lld\r\nwebhook-signature: v1,%s\r\n", id,
		now, signature.p);
	buf_release(&signature);
	put_post(peer, "/channels/bench", headers, body);
}

static void post_line(struct crowd *crowd, struct peer *peer)
{
	char head[256], path[256];

	if (crowd->kind == LOAD_POST) {
		post_bytes_to(peer, "/any", "nobody", "{\"text\":\"");
		return;
	}
	if (crowd->kind == LOAD_HOOK) {
		post_hook(peer);
		return;
	}
	snprintf(head, sizeof(head),
		"{\"type\":\"message\",\"from\":{\"id\":\"u\"},\"text\":\"%s\",\"channelData\":\"",
		script[opener[peer->number++ % n_openers]].text);
	snprintf(path, sizeof(path), "/v3/directline/conversations/%s/activities",
		peer->conversation);
	post_bytes_to(peer, path, peer->token, head);
}

static void dial(struct crowd *crowd, struct peer *peer)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)crowd->port)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
	int on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->fd = socket(AF_INET, SOCK_STREAM, 0);
	must(peer->fd >= 0, "socket");
	must(connect(peer->fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
	must(setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "TCP_NODELAY");
	must(epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, peer->fd, &event) == 0, "epoll");
}

/* By a reset, so that no port is kept waiting: there are fewer than POSTs of a minute. */
static void hang_up(struct peer *peer)
{
	struct linger at_once = {1, 0};

	must(setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0, "linger");
	close(peer->fd);
	peer->fd = -1;
	peer->n_in = 0;
}

static void begin_turn(struct crowd *crowd, struct peer *peer)
{
	if (peer->fd < 0)
		dial(crowd, peer);
	peer->acknowledged = peer->answered = peer->refused = false;
	peer->state = PEER_WAITING;
	peer->since = seconds_now();
	if (is_websocket(crowd))
		say_line(crowd, peer);
	else
		post_line(crowd, peer);
}

static void count_wait(struct crowd *crowd, double us)
{
	size_t slot = us > 1 ? (size_t)(log(us) / log(slot_ratio)) : 0;

	crowd->slot[slot < n_slots ? slot : n_slots - 1]++;
	if (us > crowd->longest_us)
		crowd->longest_us = us;
}

static void end_turn(struct crowd *crowd, struct peer *peer)
{
	double now = seconds_now();

	peer->state = PEER_READY;
	crowd->n_failed += peer->refused;
	crowd->n_done += !peer->refused;
	count_wait(crowd, (now - peer->since) * 1e6);
	crowd->over = crowd->over || now >= crowd->ends;
	if (!crowd->over && !crowd->once)
		begin_turn(crowd, peer);
}

/* --- reading --- */

static bool holds(const char *text, size_t n, const char *what)
{
	return memmem(text, n, what, strlen(what)) != NULL;
}

static bool is_a(const char *text, size_t n, const char *kind)
{
	char start[32];
	int length = snprintf(start, sizeof(start), "{\"t\":\"%s\"", kind);

	return n > (size_t)length && !memcmp(text, start, (size_t)length);
}

static void hear_post(struct peer *peer, const char *text, size_t n)
{
	const char *number = memmem(text, n, "\"n\":", 4);

	if (number)
		peer->last = strtoul(number + 4, NULL, 10);
	if (!holds(text, n, "\"who\":\"bot\""))
		return;
	peer->answered = true;
	if (number && holds(text, n, "\"choices\":["))
		peer->post = strtoul(number + 4, NULL, 10);
}

static char *text_after(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	must(at != NULL, "what the server was expected to say");
	at += strlen(name);
	return strndup(at, strcspn(at, "\""));
}

/* The first time with a token, later with nothing lost. */
static void be_welcome(struct crowd *crowd, struct peer *peer, const char *text, size_t n)
{
	char last[40];

	peer->state = PEER_READY;
	crowd->n_opening--;
	if (!peer->token) {
		peer->token = text_after(text, "\"token\":\"");
		return;
	}
	snprintf(last, sizeof(last), "\"last\":%lu,", peer->last);
	must(holds(text, n, "\"known\":true") && holds(text, n, last), "what was said is there");
	crowd->n_done++;
	count_wait(crowd, (seconds_now() - crowd->began) * 1e6);
}

static void hear_chat(struct crowd *crowd, struct peer *peer, const char *text, size_t n)
{
	if (peer->state == PEER_GREETING && is_a(text, n, "welcome")) {
		be_welcome(crowd, peer, text, n);
	} else if (is_a(text, n, "post")) {
		hear_post(peer, text, n);
	} else if (is_a(text, n, "ack")) {
		peer->acknowledged = true;
	} else if (is_a(text, n, "forgotten")) {
		peer->state = PEER_CLOSED;
	} else if (is_a(text, n, "refused") || is_a(text, n, "error")) {
		if (!crowd->n_failed)
			fprintf(stderr, "refused: %.*s\n", (int)n, text);
		peer->refused = peer->acknowledged = peer->answered = true;
		peer->line = leaves; /* whatever it was in the middle of */
	}
	if (peer->state == PEER_WAITING && peer->acknowledged && peer->answered)
		end_turn(crowd, peer);
}

static void hear_text(struct crowd *crowd, struct peer *peer, const char *text, size_t n)
{
	if (crowd->kind == LOAD_CHAT)
		hear_chat(crowd, peer, text, n);
	else if (peer->state == PEER_WAITING)
		end_turn(crowd, peer);
}

/* One frame at the start of what came; 0: not all of it is there. */
static size_t read_frame(struct crowd *crowd, struct peer *peer, const char *in, size_t n_in)
{
	const unsigned char *p = (const unsigned char *)in;
	size_t head = 2, n;

	if (n_in < 2)
		return 0;
	n = p[1] & 0x7F;
	if (n == 126) {
		if (n_in < 4)
			return 0;
		head = 4;
		n = (size_t)p[2] << 8 | p[3];
	} else if (n == 127) {
		die("the server", "sent a frame of more than 65,535 bytes");
	}
	if (n_in < head + n)
		return 0;
	if ((p[0] & 0x0F) == 9)
		put_frame(crowd, peer, 10, in + head, n);
	else if ((p[0] & 0x0F) == 8 && peer->state != PEER_CLOSED)
		die("the server", "closed a connection");
	else if (p[0] == 0x81)
		hear_text(crowd, peer, in + head, n);
	else if (peer->state != PEER_CLOSED)
		die("the server", "sent a frame in pieces");
	return head + n;
}

static void greet(struct crowd *crowd, struct peer *peer)
{
	char hello[200];
	int n;

	if (crowd->kind == LOAD_CHAT) {
		peer->state = PEER_GREETING;
		if (peer->token)
			n = snprintf(hello, sizeof(hello),
				"{\"t\":\"hello\",\"v\":1,\"token\":\"%s\",\"after\":%lu,\"lang\":"
				"\"en\"}",
				peer->token, peer->last);
		else
			n = snprintf(
				hello, sizeof(hello), "{\"t\":\"hello\",\"v\":1,\"lang\":\"en\"}");
		put_frame(crowd, peer, 1, hello, (size_t)n);
		return;
	}
	peer->state = PEER_READY;
	crowd->n_opening--;
}

/* A whole answer with a length, or the answer to an upgrade; 0: not all of it is there. */
static size_t read_answer(const char *in, size_t n_in, const char **body, size_t *n_body)
{
	const char *end = memmem(in, n_in, "\r\n\r\n", 4);
	size_t head = end ? (size_t)(end - in) + 4 : 0;
	const char *length = end ? strcasestr(in, "\r\ncontent-length:") : NULL;

	*n_body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
	*body = in + head;
	return end && n_in >= head + *n_body ? head + *n_body : 0;
}

static void begin_conversation(struct peer *peer, bool good, const char *in, const char *body)
{
	if (!good)
		die("conversation refused", in);
	peer->conversation = text_after(body, "\"conversationId\":\"");
	peer->token = text_after(body, "\"token\":\"");
	peer->state = PEER_READY;
}

/* One request a connection. */
static void hear_end(struct crowd *crowd, struct peer *peer, bool good, const char *in, size_t n)
{
	if (!good && !crowd->n_failed)
		fprintf(stderr, "refused: %.*s\n", (int)n, in);
	peer->refused = !good;
	hang_up(peer);
	end_turn(crowd, peer);
}

static size_t hear_answer(struct crowd *crowd, struct peer *peer, const char *in, size_t n_in)
{
	const char *body;
	size_t n_body, n = read_answer(in, n_in, &body, &n_body);
	bool good = n && (!memcmp(in + 9, "200", 3) || !memcmp(in + 9, "201", 3));

	if (!n)
		return 0;
	if (peer->state == PEER_UPGRADING && is_websocket(crowd)) {
		if (memcmp(in + 9, "101", 3))
			die("upgrade refused", in);
		greet(crowd, peer);
	} else if (peer->state == PEER_UPGRADING) {
		begin_conversation(peer, good, in, body);
		crowd->n_opening--;
		hang_up(peer);
		return 0;
	} else if (peer->state == PEER_WAITING) {
		hear_end(crowd, peer, good, in, n);
		return 0;
	}
	return n;
}

static bool speaks_http(const struct crowd *crowd, const struct peer *peer)
{
	return peer->state == PEER_UPGRADING || !is_websocket(crowd);
}

static void hear(struct crowd *crowd, struct peer *peer)
{
	size_t at = 0, n;

	do {
		const char *in = peer->in + at;

		n = speaks_http(crowd, peer) ? hear_answer(crowd, peer, in, peer->n_in - at)
					     : read_frame(crowd, peer, in, peer->n_in - at);
		at += n;
	} while (n && at < peer->n_in);
	if (peer->fd < 0 || !peer->n_in)
		return;
	memmove(peer->in, peer->in + at, peer->n_in - at);
	peer->n_in -= at;
	peer->in[peer->n_in] = 0;
}

static void receive(struct crowd *crowd, struct peer *peer)
{
	ssize_t n;

	if (peer->cap - peer->n_in < first_in) {
		peer->cap = peer->cap ? peer->cap * 2 : 2 * first_in;
		must(peer->cap <= max_in, "a longer answer than expected");
		peer->in = realloc(peer->in, peer->cap + 1);
		must(peer->in != NULL, "memory");
	}
	n = recv(peer->fd, peer->in + peer->n_in, peer->cap - peer->n_in, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("the server", "closed a connection");
	peer->n_in += (size_t)n;
	peer->in[peer->n_in] = 0;
	hear(crowd, peer);
}

/* --- the loop --- */

static void turn_loop(struct crowd *crowd, double until)
{
	enum { at_once = 256 };
	struct epoll_event event[at_once];
	double left = until - seconds_now();
	int n = epoll_wait(crowd->epoll, event, at_once, left > 0 ? (int)(left * 1000) + 1 : 0);

	for (int i = 0; i < n; i++)
		receive(crowd, event[i].data.ptr);
}

static void call(struct crowd *crowd, struct peer *peer)
{
	peer->state = PEER_UPGRADING;
	dial(crowd, peer);
	crowd->n_opening++;
}

static void knock(struct crowd *crowd, struct peer *peer)
{
	static const char upgrade[] =
		"GET /chat HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:%d\r\n\r\n";
	static const char begin[] =
		"POST /v3/directline/conversations HTTP/1.1\r\nHost: 127.0.0.1\r\n"
		"Authorization: Bearer for-the-benchmark-only-0123456789\r\n"
		"Content-Length: 0\r\n\r\n";
	static unsigned long senders;
	char text[512];

	if (!peer->sender)
		*peer = (struct peer){.fd = -1, .sender = ++senders << 20 | (unsigned)getpid()};
	if (is_websocket(crowd)) {
		call(crowd, peer);
		put(peer, text,
			(size_t)snprintf(text, sizeof(text), upgrade, crowd->port, crowd->port));
	} else if (crowd->kind == LOAD_DIRECT) {
		call(crowd, peer);
		put(peer, begin, sizeof(begin) - 1);
	} else {
		peer->state = PEER_READY; /* dials when it has something to say */
	}
}

static void open_to(struct crowd *crowd, size_t n)
{
	double patience = seconds_now() + 60;

	while (crowd->n < n || crowd->n_opening) {
		while (crowd->n < n && crowd->n_opening < opening_at_once)
			knock(crowd, &crowd->peer[crowd->n++]);
		turn_loop(crowd, seconds_now() + 1);
		if (seconds_now() > patience)
			die("opening", "the server does not answer");
	}
}

/* All connections end, and the first to say so is the client: the server is to be killed. */
static void leave(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->n; i++) {
		hang_up(&crowd->peer[i]);
		crowd->peer[i].state = PEER_CLOSED;
	}
}

/* Everybody waits by chance, as the widget does after an absence of so many seconds (js/panel.js),
 * and takes up the conversation; the time from now to each welcome is what is measured. */
static void come_back(struct crowd *crowd, double away)
{
	double longest = 0.4 + away / 20;
	size_t n_closed = crowd->n;

	crowd->began = seconds_now();
	for (size_t i = 0; i < crowd->n; i++) {
		double part = (double)(chance(crowd) >> 11) / 9007199254740992.0;

		crowd->peer[i].due = crowd->began + longest * (0.1 + 0.9 * part);
	}
	while (n_closed || crowd->n_opening) {
		double now = seconds_now();

		for (size_t i = 0; n_closed && i < crowd->n; i++)
			if (crowd->peer[i].state == PEER_CLOSED && crowd->peer[i].due <= now) {
				knock(crowd, &crowd->peer[i]);
				n_closed--;
			}
		turn_loop(crowd, now + 0.002);
		if (now > crowd->began + 60)
			die("coming back", "the server does not answer");
	}
}

static size_t n_waiting(const struct crowd *crowd)
{
	size_t n = 0;

	for (size_t i = 0; i < crowd->n; i++)
		n += crowd->peer[i].state == PEER_WAITING;
	return n;
}

static void run(struct crowd *crowd, size_t active, double seconds, bool once)
{
	double patience;

	crowd->ends = seconds_now() + seconds;
	crowd->over = false;
	crowd->once = once;
	for (size_t i = 0; i < active && i < crowd->n; i++) {
		begin_turn(crowd, &crowd->peer[i]);
		if (i % opening_at_once == 0)
			turn_loop(crowd, 0);
	}
	while (!once && seconds_now() < crowd->ends)
		turn_loop(crowd, crowd->ends);
	crowd->over = true;
	patience = seconds_now() + 30;
	while (n_waiting(crowd)) {
		turn_loop(crowd, seconds_now() + 1);
		if (seconds_now() > patience)
			die("a turn", "was not answered");
	}
}

static void idle(struct crowd *crowd, double seconds)
{
	double until = seconds_now() + seconds;

	while (seconds_now() < until)
		turn_loop(crowd, until);
}

static void forget(struct crowd *crowd, struct peer *peer)
{
	static const char forget[] = "{\"t\":\"forget\"}";
	double patience = seconds_now() + 30;

	put_frame(crowd, peer, 1, forget, sizeof(forget) - 1);
	while (peer->state != PEER_CLOSED) {
		turn_loop(crowd, seconds_now() + 1);
		if (seconds_now() > patience)
			die("a conversation", "was not erased");
	}
	hang_up(peer);
}

/* --- orders from the parent --- */

enum order_kind {
	ORDER_OPEN,
	ORDER_RUN,
	ORDER_ONCE,
	ORDER_IDLE,
	ORDER_LEAVE,
	ORDER_RETURN,
	ORDER_FORGET
};

struct order {
	enum order_kind kind;
	size_t n; /* connections; of ORDER_RETURN the port */
	double seconds;
};

static double own_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double at_rank(const struct crowd *crowd, double part)
{
	size_t all = crowd->n_done + crowd->n_failed, seen = 0, i = 0;

	for (; i < n_slots - 1 && (double)(seen += crowd->slot[i]) < part * (double)all; i++)
		;
	return pow(slot_ratio, (double)i + 0.5);
}

static void obey(struct crowd *crowd, const struct order *order)
{
	switch (order->kind) {
	case ORDER_OPEN:
		open_to(crowd, order->n);
		break;
	case ORDER_RUN:
		run(crowd, order->n, order->seconds, false);
		break;
	case ORDER_ONCE:
		run(crowd, crowd->n, 600, true);
		break;
	case ORDER_IDLE:
		idle(crowd, order->seconds);
		break;
	case ORDER_LEAVE:
		leave(crowd);
		break;
	case ORDER_RETURN:
		crowd->port = (int)order->n;
		come_back(crowd, order->seconds);
		break;
	case ORDER_FORGET:
		forget(crowd, &crowd->peer[0]);
		break;
	}
}

static struct load_result carry_out(struct crowd *crowd, const struct order *order)
{
	double started = seconds_now(), cpu = own_cpu();

	crowd->n_done = crowd->n_failed = 0;
	crowd->longest_us = 0;
	memset(crowd->slot, 0, sizeof(crowd->slot));
	obey(crowd, order);
	return (struct load_result){
		.n = crowd->n_done,
		.failed = crowd->n_failed,
		.seconds = seconds_now() - started,
		.cpu = own_cpu() - cpu,
		.median_us = at_rank(crowd, 0.5),
		.late_us = at_rank(crowd, 0.95),
		.worst_us = at_rank(crowd, 0.99),
		.longest_us = crowd->longest_us,
	};
}

static _Noreturn void load_main(enum load_kind kind, int port, int pipe)
{
	static struct crowd crowd;
	struct order order;
	struct rlimit files;

	must(getrlimit(RLIMIT_NOFILE, &files) == 0, "limits");
	files.rlim_cur = files.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &files) == 0, "limits");
	crowd = (struct crowd){.kind = kind,
		.port = port,
		.epoll = epoll_create1(0),
		.random = 88172645463325252u};
	crowd.peer = calloc(files.rlim_cur < 100000 ? files.rlim_cur : 100000, sizeof(*crowd.peer));
	must(crowd.peer != NULL, "memory");
	while (recv(pipe, &order, sizeof(order), MSG_WAITALL) == sizeof(order)) {
		struct load_result result = carry_out(&crowd, &order);

		must(send(pipe, &result, sizeof(result), 0) == sizeof(result), "telling");
	}
	_exit(0);
}

struct load load_start(enum load_kind kind, const struct server *server)
{
	struct load load;
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	fflush(stdout);
	load.pid = fork();
	must(load.pid >= 0, "fork");
	if (!load.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		close(ends[0]);
		load_main(kind, server->port, ends[1]);
	}
	close(ends[1]);
	load.pipe = ends[0];
	return load;
}

static void command(struct load *load, struct order order)
{
	must(send(load->pipe, &order, sizeof(order), MSG_NOSIGNAL) == sizeof(order), "the load");
}

static struct load_result report(struct load *load)
{
	struct load_result result;

	must(recv(load->pipe, &result, sizeof(result), MSG_WAITALL) == sizeof(result), "the load");
	return result;
}

static struct load_result give(struct load *load, struct order order)
{
	command(load, order);
	return report(load);
}

double load_open(struct load *load, size_t n)
{
	return give(load, (struct order){.kind = ORDER_OPEN, .n = n}).seconds;
}

struct load_result load_run(struct load *load, size_t active, double seconds)
{
	return give(load, (struct order){ORDER_RUN, active, seconds});
}

void load_run_begin(struct load *load, size_t active, double seconds)
{
	command(load, (struct order){ORDER_RUN, active, seconds});
}

struct load_result load_run_end(struct load *load)
{
	return report(load);
}

double load_forget(struct load *load)
{
	return give(load, (struct order){.kind = ORDER_FORGET}).seconds;
}

struct load_result load_once(struct load *load)
{
	return give(load, (struct order){.kind = ORDER_ONCE});
}

void load_idle(struct load *load, double seconds)
{
	(void)give(load, (struct order){.kind = ORDER_IDLE, .seconds = seconds});
}

void load_leave(struct load *load)
{
	(void)give(load, (struct order){.kind = ORDER_LEAVE});
}

struct load_result load_return(struct load *load, const struct server *server, double away)
{
	return give(load, (struct order){ORDER_RETURN, (size_t)server->port, away});
}

void load_stop(struct load *load)
{
	close(load->pipe);
	kill(load->pid, SIGKILL);
	waitpid(load->pid, NULL, 0);
}
