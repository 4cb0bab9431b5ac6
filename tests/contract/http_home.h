/* The HTTP client and a server that does whatever servers should not, in processes of its own. */
#ifndef TENSTEP_TESTS_HTTP_HOME_H
#define TENSTEP_TESTS_HTTP_HOME_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/net/http_client.h"

enum { seen_bytes = 4096, longest_test_s = 120 };

/* What the server saw; shared with its processes. */
struct seen {
	atomic_uint connections, requests;
	char last[seen_bytes];
};

struct home {
	struct loop *loop;
	struct http_client *client;
	struct seen *seen;
	pid_t server;
	int port;

	unsigned done; /* how many calls have ended, and how the last one did */
	unsigned wanted;
	bool inside; /* http_client_call() is running */
	enum http_outcome outcome;
	unsigned status;
	char body[256], type[64], error[300];
	size_t body_bytes;
	int64_t retry_after_ms, date_ms;
};

/* --- the server --- */

static inline void say(int to, const char *text)
{
	(void)!send(to, text, strlen(text), MSG_NOSIGNAL);
}

static inline void ok(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
}

static inline void hang(int to)
{
	(void)to;
	sleep(longest_test_s);
}

static inline void endless(int to)
{
	static const char chunk[] = "400\r\n";
	char piece[0x400];

	memset(piece, 'x', sizeof(piece));
	say(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	while (send(to, chunk, sizeof(chunk) - 1, MSG_NOSIGNAL) > 0 &&
		send(to, piece, sizeof(piece), MSG_NOSIGNAL) > 0 &&
		send(to, "\r\n", 2, MSG_NOSIGNAL) > 0)
		continue;
}

static inline void huge(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n");
	endless(to);
}

static inline void long_head(int to)
{
	say(to, "HTTP/1.1 200 OK\r\n");
	while (send(to, "X-Again: and again and again\r\n", 30, MSG_NOSIGNAL) > 0)
		continue;
}

static inline void drip(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
	while (send(to, "x", 1, MSG_NOSIGNAL) > 0)
		usleep(20000);
}

static inline void redirect(int to)
{
	say(to, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
}

static inline void truncated(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
}

static inline void reset(int to)
{
	struct linger now = {1, 0};

	setsockopt(to, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static inline void swallow(int to)
{
	(void)to;
}

static inline void gzip(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
		"4\r\n\r\n\x1f\x8b\x08z");
}

static inline void busy(int to)
{
	say(to, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
}

static inline void busy_until(int to)
{
	time_t at = time(NULL) + 100;
	char line[200], date[60];

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&at));
	snprintf(line, sizeof(line),
		"HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
	say(to, line);
}

static inline void dated(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"Content-Length: 0\r\n\r\n");
}

static inline void dated_badly(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nDate: long ago\r\nContent-Length: 0\r\n\r\n");
}

static inline void no_http(int to)
{
	say(to, "220 mail.example ESMTP\r\n");
}

static inline void no_content(int to)
{
	say(to, "HTTP/1.1 204 No Content\r\n\r\n");
}

static const struct {
	const char *path;
	void (*answer)(int to);
	bool stays; /* the connection waits for another request, and dies when that comes */
} behaviour[] = {
	{"/ok", ok, false},
	{"/stays", ok, true},
	{"/hang", hang, false},
	{"/endless", endless, false},
	{"/huge", huge, false},
	{"/long_head", long_head, false},
	{"/drip", drip, false},
	{"/redirect", redirect, false},
	{"/truncated", truncated, false},
	{"/reset", reset, false},
	{"/swallow", swallow, false},
	{"/gzip", gzip, false},
	{"/busy", busy, false},
	{"/busy_until", busy_until, false},
	{"/dated", dated, false},
	{"/dated_badly", dated_badly, false},
	{"/no_http", no_http, false},
	{"/no_content", no_content, false},
};

/* One request with its body; false when the peer has left. */
static inline bool read_request(int from, char *text)
{
	size_t n = 0, wanted = 0;

	memset(text, 0, seen_bytes);
	while (n < seen_bytes - 1 && (!wanted || n < wanted)) {
		ssize_t got = recv(from, text + n, seen_bytes - 1 - n, 0);
		const char *end, *length;

		if (got <= 0)
			return false;
		n += (size_t)got;
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end)
			wanted = (size_t)(end + 4 - text) +
				 (length ? strtoul(length + 16, NULL, 10) : 0);
	}
	return true;
}

static inline void serve_connection(int to, struct seen *seen)
{
	char text[seen_bytes];

	for (unsigned round = 0; read_request(to, text); round++) {
		bool stays = false;

		seen->requests++;
		memcpy(seen->last, text, seen_bytes);
		for (size_t i = 0; i < sizeof(behaviour) / sizeof(behaviour[0]) && round == 0;
			i++) {
			size_t n = strlen(behaviour[i].path);
			const char *path = strchr(text, ' ') + 1;

			if (strncmp(path, behaviour[i].path, n) == 0 && path[n] == ' ') {
				behaviour[i].answer(to);
				stays = behaviour[i].stays;
			}
		}
		if (!stays)
			break;
	}
	close(to);
}

static inline void serve(int listening, struct seen *seen)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	for (;;) {
		int to = accept(listening, NULL, NULL);

		if (to < 0)
			_exit(0);
		seen->connections++;
		if (fork() == 0) {
			alarm(longest_test_s);
			close(listening);
			serve_connection(to, seen);
			_exit(0);
		}
		close(to);
	}
}

static inline int listen_anywhere(int *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listening, 64), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &n), 0);
	*port = ntohs(address.sin_port);
	return listening;
}

static inline void start_server(struct home *home)
{
	int listening = listen_anywhere(&home->port);

	fflush(NULL);
	home->server = fork();
	assert_true(home->server >= 0);
	if (home->server == 0) {
		setpgid(0, 0);
		serve(listening, home->seen);
	}
	setpgid(home->server, home->server);
	close(listening);
}

/* --- our side --- */

static inline void make_client(struct home *home, const struct http_client_setup *setup)
{
	struct http_client_setup own = *setup;

	own.loop = home->loop;
	own.user_agent = "test/1";
	home->client = http_client_new(&own);
}

static inline int set_up(void **state)
{
	struct home *home = calloc(1, sizeof(*home));

	alarm(longest_test_s);
	signal(SIGPIPE, SIG_IGN);
	home->seen = mmap(NULL, sizeof(*home->seen), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(home->seen, MAP_FAILED);
	start_server(home);
	home->loop = loop_new();
	make_client(home, &(struct http_client_setup){.allow_loopback = true});
	*state = home;
	return 0;
}

static inline int tear_down(void **state)
{
	struct home *home = *state;

	http_client_free(home->client);
	loop_free(home->loop);
	kill(-home->server, SIGKILL);
	waitpid(home->server, NULL, 0);
	munmap(home->seen, sizeof(*home->seen));
	free(home);
	return 0;
}

static inline void keep(char *to, size_t n, struct str s)
{
	snprintf(to, n, "%.*s", (int)(s.n < n ? s.n : n - 1), s.p ? s.p : "");
}

static inline void done(void *self, const struct http_result *result)
{
	struct home *home = self;

	assert_false(home->inside);
	home->outcome = result->outcome;
	home->status = result->status;
	home->retry_after_ms = result->retry_after_ms;
	home->date_ms = result->date_ms;
	home->body_bytes = result->body.n;
	keep(home->body, sizeof(home->body), result->body);
	keep(home->type, sizeof(home->type), result->type);
	keep(home->error, sizeof(home->error), str_of(result->error));
	if (++home->done == home->wanted)
		loop_stop(home->loop);
}

static inline void begin(struct home *home, const struct http_call *call)
{
	home->inside = true;
	http_client_call(home->client, call, done, home);
	home->inside = false;
}

static inline void run(struct home *home, const struct http_call *call)
{
	home->done = 0;
	home->wanted = 1;
	begin(home, call);
	loop_run(home->loop);
	assert_int_equal(home->done, 1);
	assert_int_equal(http_client_under_way(home->client), 0);
}

static inline struct http_call to(
	struct home *home, const char *method, const char *path, char url[100])
{
	snprintf(url, 100, "http://127.0.0.1:%d%s", home->port, path);
	return (struct http_call){
		.method = str_of(method),
		.url = str_of(url),
		.body = strcmp(method, "POST") == 0 ? S("{\"a\":1}") : S(""),
		.total_ms = 20000,
	};
}

static inline void ask(struct home *home, const char *method, const char *path)
{
	char url[100];
	struct http_call call = to(home, method, path, url);

	run(home, &call);
}

#endif
