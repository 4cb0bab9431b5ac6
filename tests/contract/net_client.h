/* A raw client for the tests of the listener: bytes out, bytes in, no library in between. */
#ifndef TENSTEP_TESTS_NET_CLIENT_H
#define TENSTEP_TESTS_NET_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/contract/net_server.h"

/* How long a test waits for what must come; generous, because machines are slow. */
enum { NET_PATIENCE_MS = 20000 };

struct net_child {
	pid_t pid;
	int port;
};

static inline struct net_child net_start(const struct listener_setup *setup)
{
	struct net_child child = {0};
	int pipe_of[2];

	if (pipe(pipe_of))
		abort();
	child.pid = fork();
	if (!child.pid) {
		close(pipe_of[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		net_serve(setup, pipe_of[1]);
		exit(0);
	}
	close(pipe_of[1]);
	if (read(pipe_of[0], &child.port, sizeof(child.port)) != sizeof(child.port))
		abort();
	close(pipe_of[0]);
	return child;
}

/* Ends the server; true if it ended well (no leak, no fault). */
static inline bool net_finish(struct net_child child)
{
	int status = -1;

	kill(child.pid, SIGTERM);
	return waitpid(child.pid, &status, 0) == child.pid && status == 0;
}

static inline int net_connect_from(int port, const char *from)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in own = {.sin_family = AF_INET};
	struct timeval patience = {NET_PATIENCE_MS / 1000, 0};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	inet_pton(AF_INET, from, &own.sin_addr);
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)))
		abort();
	if (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static inline int net_connect(int port)
{
	return net_connect_from(port, "127.0.0.1");
}

static inline void net_pause(int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

static inline int64_t net_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The other side may have hung up meanwhile: no error. */
static inline void net_put(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

static inline void net_puts(int fd, const char *text)
{
	net_put(fd, text, strlen(text));
}

/* All that comes until the other side closes; false if it did not within the patience. */
static inline bool net_read_to_end(int fd, struct buf *out)
{
	char bytes[65536];

	buf_clear(out);
	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n < 0)
			return errno == ECONNRESET;
		if (n == 0)
			return true;
		buf_add(out, (struct str){bytes, (size_t)n});
	}
}

/* Whether the other side closes within the patience. */
static inline bool net_is_closed(int fd)
{
	struct buf out;
	bool closed;

	buf_init(&out, 1 << 20);
	closed = net_read_to_end(fd, &out);
	buf_release(&out);
	return closed;
}

/* One request over a connection of its own; the status, 0 if there was no answer, -1 if the server
 * did not close. */
static inline int net_ask(int port, struct str request, struct buf *answer)
{
	int fd = net_connect(port), status;
	bool closed;

	if (fd < 0)
		return 0;
	net_put(fd, request.p, request.n);
	closed = net_read_to_end(fd, answer);
	close(fd);
	if (!closed)
		return -1;
	if (answer->n < 12 || strncmp(answer->p, "HTTP/1.", 7))
		return 0;
	status = (int)strtol(answer->p + 9, NULL, 10);
	return status;
}

static inline struct str net_body(const struct buf *answer)
{
	long at = str_find(buf_str(answer), S("\r\n\r\n"));

	return at < 0 ? (struct str){0} : str_sub(buf_str(answer), (size_t)at + 4, answer->n);
}

/* How often the server has reported @what for the reason @why. */
static inline int net_events(int port, const char *what, const char *why)
{
	struct buf answer, key;
	int n = 0;
	long at;

	buf_init(&answer, 65536);
	buf_init(&key, 200);
	buf_addf(&key, "\n%s %s ", what, why);
	if (net_ask(port, S("GET /events HTTP/1.1\r\nHost: t\r\n\r\n"), &answer) == 200) {
		at = str_find(buf_str(&answer), buf_str(&key));
		n = at < 0 ? 0 : (int)strtol(answer.p + at + key.n, NULL, 10);
	}
	buf_release(&answer);
	buf_release(&key);
	return n;
}

/* A number of the first line of /events: "open", "closed", "messages", "connections". */
static inline int net_count(int port, const char *name)
{
	struct buf answer, key;
	int n = -1;
	long at;

	buf_init(&answer, 65536);
	buf_init(&key, 200);
	buf_addf(&key, "%s=", name);
	if (net_ask(port, S("GET /events HTTP/1.1\r\nHost: t\r\n\r\n"), &answer) == 200) {
		at = str_find(net_body(&answer), buf_str(&key));
		n = at < 0 ? -1 : (int)strtol(net_body(&answer).p + at + key.n, NULL, 10);
	}
	buf_release(&answer);
	buf_release(&key);
	return n;
}

#define NET_UPGRADE NET_UPGRADE_OF("/chat")
#define NET_UPGRADE_OF(path)                                                                       \
	"GET " path " HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"           \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

/* A WebSocket whose handshake is done; -1 if it was refused. */
static inline int net_websocket_from(int port, const char *from)
{
	static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; /* RFC 6455 section 1.3 */
	char head[1000];
	size_t n = 0;
	int fd = net_connect_from(port, from);

	if (fd < 0)
		return -1;
	net_puts(fd, NET_UPGRADE);
	while (n + 1 < sizeof(head) && recv(fd, head + n, 1, 0) == 1) {
		head[++n] = 0;
		if (n > 4 && !strcmp(head + n - 4, "\r\n\r\n"))
			break;
	}
	head[n] = 0;
	if (!strncmp(head, "HTTP/1.1 101", 12) && strstr(head, accept))
		return fd;
	close(fd);
	return -1;
}

static inline int net_websocket(int port)
{
	return net_websocket_from(port, "127.0.0.1");
}

enum { NET_CONTINUE = 0, NET_TEXT = 1, NET_BINARY = 2, NET_CLOSE = 8, NET_PING = 9, NET_PONG = 10 };

/* A masked frame; @n_sent bytes of its payload follow the head that announces @n. */
static inline void net_part_of_frame(
	int fd, unsigned first, uint64_t n, const char *payload, size_t n_sent)
{
	unsigned char head[14] = {(unsigned char)first};
	static const unsigned char mask[4] = {0x37, 0xFA, 0x21, 0x3D};
	char *bytes = malloc(14 + n_sent);
	size_t at = 2;

	if (n < 126) {
		head[1] = (unsigned char)(0x80 | n);
	} else if (n < 65536) {
		head[1] = 0x80 | 126;
		head[at++] = (unsigned char)(n >> 8);
		head[at++] = (unsigned char)n;
	} else {
		head[1] = 0x80 | 127;
		for (int i = 7; i >= 0; i--)
			head[at++] = (unsigned char)(n >> (8 * i));
	}
	memcpy(head + at, mask, 4);
	at += 4;
	memcpy(bytes, head, at);
	for (size_t i = 0; i < n_sent; i++)
		bytes[at + i] = (char)(payload[i] ^ mask[i % 4]);
	net_put(fd, bytes, at + n_sent);
	free(bytes);
}

static inline void net_frame(int fd, unsigned opcode, struct str payload)
{
	net_part_of_frame(fd, 0x80 | opcode, payload.n, payload.p, payload.n);
}

static inline void net_say(int fd, const char *text)
{
	net_frame(fd, NET_TEXT, str_of(text));
}

static inline bool net_get(int fd, void *to, size_t n)
{
	return recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

/* The next frame: its opcode, or -1 at the end of the connection; pings are skipped when @pings is
 * false. */
static inline int net_next(int fd, struct buf *payload)
{
	unsigned char head[2], more[8];
	char part[4096];
	uint64_t n;

	buf_clear(payload);
	if (!net_get(fd, head, 2))
		return -1;
	assert(!(head[1] & 0x80) &&
		head[0] & 0x80); /* a server does not mask; ours do not fragment */
	n = head[1];
	if (n > 125) {
		size_t bytes = n == 126 ? 2 : 8;

		if (!net_get(fd, more, bytes))
			return -1;
		n = 0;
		for (size_t i = 0; i < bytes; i++)
			n = n << 8 | more[i];
	}
	while (n) {
		size_t some = n < sizeof(part) ? (size_t)n : sizeof(part);

		if (!net_get(fd, part, some))
			return -1;
		buf_add(payload, (struct str){part, some});
		n -= some;
	}
	return head[0] & 0x0F;
}

/* The code of the close frame that comes next (other frames are skipped); 0: closed without one. */
static inline int net_close_code(int fd)
{
	struct buf payload;
	int opcode, code = 0;

	buf_init(&payload, 1 << 20);
	while ((opcode = net_next(fd, &payload)) >= 0)
		if (opcode == NET_CLOSE) {
			code = payload.n >= 2 ? (unsigned char)payload.p[0] << 8 |
							(unsigned char)payload.p[1]
					      : 1005;
			break;
		}
	buf_release(&payload);
	return code;
}

/* Whether @text comes back for @say. */
static inline bool net_echoes(int fd, const char *say, const char *text)
{
	struct buf payload;
	bool same;

	buf_init(&payload, 1 << 20);
	net_say(fd, say);
	same = net_next(fd, &payload) == NET_TEXT && str_is(buf_str(&payload), text);
	buf_release(&payload);
	return same;
}

#endif
