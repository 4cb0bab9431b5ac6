/* The HTTP client against a server that does whatever servers should not. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/net/http_client.h"
#include "adapters/net/peer_address.h"

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
	int64_t retry_after_ms;
};

/* --- the server --- */

static void say(int to, const char *text)
{
	(void)!send(to, text, strlen(text), MSG_NOSIGNAL);
}

static void ok(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
}

static void hang(int to)
{
	(void)to;
	sleep(longest_test_s);
}

static void endless(int to)
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

static void huge(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n");
	endless(to);
}

static void long_head(int to)
{
	say(to, "HTTP/1.1 200 OK\r\n");
	while (send(to, "X-Again: and again and again\r\n", 30, MSG_NOSIGNAL) > 0)
		continue;
}

static void drip(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
	while (send(to, "x", 1, MSG_NOSIGNAL) > 0)
		usleep(20000);
}

static void redirect(int to)
{
	say(to, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
}

static void truncated(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
}

static void reset(int to)
{
	struct linger now = {1, 0};

	setsockopt(to, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void swallow(int to)
{
	(void)to;
}

static void gzip(int to)
{
	say(to, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
		"4\r\n\r\n\x1f\x8b\x08z");
}

static void busy(int to)
{
	say(to, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
}

static void busy_until(int to)
{
	time_t at = time(NULL) + 100;
	char line[200], date[60];

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&at));
	snprintf(line, sizeof(line),
		"HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
	say(to, line);
}

static void no_http(int to)
{
	say(to, "220 mail.example ESMTP\r\n");
}

static void no_content(int to)
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
	{"/no_http", no_http, false},
	{"/no_content", no_content, false},
};

/* One request with its body; false when the peer has left. */
static bool read_request(int from, char *text)
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

static void serve_connection(int to, struct seen *seen)
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

static void serve(int listening, struct seen *seen)
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

static int listen_anywhere(int *port)
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

static void start_server(struct home *home)
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

static void make_client(struct home *home, const struct http_client_setup *setup)
{
	struct http_client_setup own = *setup;

	own.loop = home->loop;
	own.user_agent = "test/1";
	home->client = http_client_new(&own);
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

static void keep(char *to, size_t n, struct str s)
{
	snprintf(to, n, "%.*s", (int)(s.n < n ? s.n : n - 1), s.p ? s.p : "");
}

static void done(void *self, const struct http_result *result)
{
	struct home *home = self;

	assert_false(home->inside);
	home->outcome = result->outcome;
	home->status = result->status;
	home->retry_after_ms = result->retry_after_ms;
	home->body_bytes = result->body.n;
	keep(home->body, sizeof(home->body), result->body);
	keep(home->type, sizeof(home->type), result->type);
	keep(home->error, sizeof(home->error), str_of(result->error));
	if (++home->done == home->wanted)
		loop_stop(home->loop);
}

static void begin(struct home *home, const struct http_call *call)
{
	home->inside = true;
	http_client_call(home->client, call, done, home);
	home->inside = false;
}

static void run(struct home *home, const struct http_call *call)
{
	home->done = 0;
	home->wanted = 1;
	begin(home, call);
	loop_run(home->loop);
	assert_int_equal(home->done, 1);
	assert_int_equal(http_client_under_way(home->client), 0);
}

static struct http_call to(struct home *home, const char *method, const char *path, char url[100])
{
	snprintf(url, 100, "http://127.0.0.1:%d%s", home->port, path);
	return (struct http_call){
		.method = str_of(method),
		.url = str_of(url),
		.body = strcmp(method, "POST") == 0 ? S("{\"a\":1}") : S(""),
		.total_ms = 20000,
	};
}

static void ask(struct home *home, const char *method, const char *path)
{
	char url[100];
	struct http_call call = to(home, method, path, url);

	run(home, &call);
}

static void answer__is_given__with_status_body_and_type(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/ok");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 200);
	assert_string_equal(home->body, "hello");
	assert_string_equal(home->type, "text/plain");
	assert_int_equal(home->retry_after_ms, -1);
	assert_string_equal(home->error, "");
	ask(home, "DELETE", "/no_content");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 204);
}

static void request__has_on_the_wire__what_was_meant(void **state)
{
	struct home *home = *state;
	const struct str header[] = {
		S("X-One: 1"), S("X-Empty:"), S("Content-Type: application/json")};
	char url[100], wanted[400];
	struct http_call call = to(home, "POST", "/ok", url);

	call.headers = header;
	call.n_headers = 3;
	run(home, &call);
	snprintf(wanted, sizeof(wanted),
		"POST /ok HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: test/1\r\nAccept: */*\r\n"
		"X-One: 1\r\nX-Empty:\r\nContent-Type: application/json\r\nContent-Length: "
		"7\r\n\r\n"
		"{\"a\":1}",
		home->port);
	assert_string_equal(home->seen->last, wanted);
}

static void long_body__is_sent__without_expecting_anything(void **state)
{
	struct home *home = *state;
	static char body[3000];
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	memset(body, 'b', sizeof(body));
	call.body = (struct str){body, sizeof(body)};
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_null(strstr(home->seen->last, "Expect"));
	assert_null(strstr(home->seen->last, "Content-Type"));
	assert_non_null(strstr(home->seen->last, "Content-Length: 3000"));
}

static void swallowed_post__is_unknown_and_sent__once(void **state)
{
	struct home *home = *state;

	ask(home, "POST", "/swallow");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_int_equal(home->seen->requests, 1);
}

/* libcurl would send the POST again over a new connection: the first one was a reused one. */
static void post_after_a_kept_connection__is_sent__once(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/stays");
	assert_int_equal(home->seen->requests, 1);
	ask(home, "POST", "/swallow");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_int_equal(home->seen->requests, 2);
	ask(home, "POST", "/stays");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	ask(home, "DELETE", "/swallow");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_int_equal(home->seen->requests, 4);
	assert_int_equal(home->seen->connections, 4);
}

static void reads__use_a_connection__again(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/stays");
	ask(home, "GET", "/ok"); /* dies on the kept connection; a read may be repeated */
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->seen->requests, 3);
	assert_int_equal(home->seen->connections, 2);
}

static void post_that_reads__uses_a_connection__again(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	call.reads = true;
	ask(home, "GET", "/stays");
	run(home, &call); /* dies on the kept connection, and may be repeated */
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->seen->requests, 3);
	assert_int_equal(home->seen->connections, 2);
	call.changes = true; /* whoever says both means this */
	run(home, &call);
	assert_int_equal(home->seen->connections, 3);
}

static void slow_answer__is_unknown__after_the_deadline(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "GET", "/hang", url);

	call.total_ms = 200;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	call = to(home, "GET", "/drip", url);
	call.total_ms = 400;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
}

static void answer_without_end__is_unknown(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/endless");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	assert_string_equal(home->error, "the answer is too long");
	ask(home, "GET", "/huge");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	ask(home, "GET", "/long_head");
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
}

static void answer__may_fill_the_ceiling__exactly(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	call.max_answer_bytes = 5;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	call.max_answer_bytes = 4;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
}

static void redirect__is_not_followed(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/redirect");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 302);
	assert_int_equal(home->seen->requests, 1);
}

static void broken_answers__are_unknown(void **state)
{
	static const char *const path[] = {"/truncated", "/reset", "/no_http"};
	struct home *home = *state;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		ask(home, "POST", path[i]);
		assert_int_equal(home->outcome, HTTP_UNKNOWN);
		assert_int_equal(home->seen->requests, i + 1);
		assert_int_not_equal(home->error[0], 0);
	}
}

static void packed_body__is_left_alone(void **state)
{
	struct home *home = *state;

	ask(home, "GET", "/gzip");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->body_bytes, 4);
	assert_memory_equal(home->body, "\x1f\x8b\x08z", 4);
	assert_null(strstr(home->seen->last, "Accept-Encoding"));
}

static void retry_after__is_read__as_seconds_and_as_date(void **state)
{
	struct home *home = *state;

	ask(home, "POST", "/busy");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 429);
	assert_int_equal(home->retry_after_ms, 7000);
	ask(home, "POST", "/busy_until");
	assert_int_equal(home->status, 503);
	assert_in_range(home->retry_after_ms, 1000, 100000);
}

static void closed_port__is_not_sent(void **state)
{
	struct home *home = *state;
	int port;
	char url[100];
	struct http_call call = to(home, "POST", "/", url);

	close(listen_anywhere(&port));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	call.url = str_of(url);
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
}

static void unknown_name__is_not_sent(void **state)
{
	struct home *home = *state;

	run(home, &(struct http_call){.method = S("POST"), .url = S("https://nobody.invalid/")});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
}

static void faulty_call__is_refused__and_told_later(void **state)
{
	static const struct {
		const char *method, *url, *header;
	} faulty[] = {
		{"GET", "http://127.0.0.1:%d/ok", "X-Order: 1\r\nX-Evil: 2"},
		{"GET", "http://127.0.0.1:%d/ok", "X-Order: 1\n"},
		{"GET", "http://127.0.0.1:%d/ok", "X-Order: \x7f"},
		{"GET", "http://127.0.0.1:%d/ok", "X-Order"},
		{"GET", "http://127.0.0.1:%d/ok", "X Order: 1"},
		{"GET", "http://127.0.0.1:%d/ok", ": 1"},
		{"GET", "http://127.0.0.1:%d/ok", ""},
		{"GET", "http://127.0.0.1:%d/o k", NULL},
		{"GET", "http://127.0.0.1:%d/ok\r\nX-Evil: 2", NULL},
		{"GET", "http://me:secret@127.0.0.1:%d/ok", NULL},
		{"GET", "http://[127.0.0.1:%d/ok", NULL},
		{"GET", "127.0.0.1:%d/ok", NULL},
		{"GET", "file:///etc/hostname?%d", NULL},
		{"GET", "gopher://127.0.0.1:%d/x", NULL},
		{"GET", "", NULL},
		{"GET X", "http://127.0.0.1:%d/ok", NULL},
		{"", "http://127.0.0.1:%d/ok", NULL},
	};
	struct home *home = *state;

	for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		struct str header = str_of(faulty[i].header);
		char url[100];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof(url), faulty[i].url, home->port);
#pragma GCC diagnostic pop
		run(home, &(struct http_call){.method = str_of(faulty[i].method),
				  .url = str_of(url),
				  .headers = &header,
				  .n_headers = faulty[i].header != NULL});
		assert_int_equal(home->outcome, HTTP_NOT_SENT);
		assert_int_not_equal(home->error[0], 0);
	}
	assert_int_equal(home->seen->connections, 0);
}

static void header__with_a_nul__is_refused(void **state)
{
	struct home *home = *state;
	struct str header = S("X-A: 1\0002");
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	call.headers = &header;
	call.n_headers = 1;
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	call = to(home, "GET", "/ok", url);
	call.url = S("http://127.0.0.1/\0x");
	run(home, &call);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
}

/* --- addresses --- */

static void private_addresses__are_refused__before_connecting(void **state)
{
	static const char *const url[] = {
		"https://127.0.0.1/",
		"https://[::1]/",
		"https://[::ffff:127.0.0.1]/",
		"https://0.0.0.0/",
		"https://[::]/",
		"https://10.1.2.3/",
		"https://169.254.169.254/",
		"https://192.168.0.1/",
		"https://[fe80::1]/",
		"https://[fd00::1]/",
		"https://[::ffff:10.0.0.1]/",
		"https://[64:ff9b::a9fe:a9fe]/",
		"https://[2002:7f00:1::]/",
		"https://224.0.0.1/",
		"https://0x7f.1/",
		"https://2130706433/",
		"https://localhost/",
	};
	struct home *home = *state;

	http_client_free(home->client);
	make_client(home, &(struct http_client_setup){.allow_plain = true});
	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
		run(home, &(struct http_call){.method = S("POST"), .url = str_of(url[i])});
		assert_int_equal(home->outcome, HTTP_NOT_SENT);
		assert_string_equal(home->error, "refused: this address is not allowed");
	}
}

static void plain_http__is_for_loopback__only(void **state)
{
	struct home *home = *state;

	http_client_free(home->client);
	make_client(
		home, &(struct http_client_setup){.allow_loopback = true, .allow_private = true});
	run(home, &(struct http_call){.method = S("GET"), .url = S("http://10.1.2.3/")});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	assert_string_equal(home->error, "refused: this address is not allowed");
	run(home, &(struct http_call){.method = S("GET"), .url = S("HTTP://203.0.113.9/")});
	assert_string_equal(home->error, "refused: this address is not allowed");
	ask(home, "GET", "/ok");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
}

static void proxies_of_the_environment__are_not_used(void **state)
{
	struct home *home = *state;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	ask(home, "GET", "/ok");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(home->outcome, HTTP_ANSWERED);
}

static enum peer_kind kind_of(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return peer_kind((struct sockaddr *)&in, sizeof(in));
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return peer_kind((struct sockaddr *)&in6, sizeof(in6));
}

static void peer_kind__judges__at_the_edges_of_ranges(void **state)
{
	static const struct {
		const char *address;
		enum peer_kind kind;
	} known[] = {
		{"0.0.0.0", PEER_LOOPBACK},
		{"0.255.255.255", PEER_LOOPBACK},
		{"1.0.0.0", PEER_PUBLIC},
		{"9.255.255.255", PEER_PUBLIC},
		{"10.0.0.0", PEER_PRIVATE},
		{"11.0.0.0", PEER_PUBLIC},
		{"100.63.255.255", PEER_PUBLIC},
		{"100.64.0.0", PEER_PRIVATE},
		{"100.127.255.255", PEER_PRIVATE},
		{"100.128.0.0", PEER_PUBLIC},
		{"126.255.255.255", PEER_PUBLIC},
		{"127.255.255.255", PEER_LOOPBACK},
		{"128.0.0.0", PEER_PUBLIC},
		{"169.253.255.255", PEER_PUBLIC},
		{"169.254.169.254", PEER_PRIVATE},
		{"172.15.255.255", PEER_PUBLIC},
		{"172.16.0.0", PEER_PRIVATE},
		{"172.31.255.255", PEER_PRIVATE},
		{"172.32.0.0", PEER_PUBLIC},
		{"192.168.255.255", PEER_PRIVATE},
		{"192.169.0.0", PEER_PUBLIC},
		{"198.17.255.255", PEER_PUBLIC},
		{"198.19.255.255", PEER_PRIVATE},
		{"198.20.0.0", PEER_PUBLIC},
		{"223.255.255.255", PEER_PUBLIC},
		{"224.0.0.0", PEER_NOBODY},
		{"255.255.255.255", PEER_NOBODY},
		{"::", PEER_LOOPBACK},
		{"::1", PEER_LOOPBACK},
		{"::2", PEER_LOOPBACK},
		{"::8.8.8.8", PEER_PRIVATE},
		{"::ffff:8.8.8.8", PEER_PUBLIC},
		{"::ffff:127.0.0.1", PEER_LOOPBACK},
		{"::ffff:192.168.1.1", PEER_PRIVATE},
		{"64:ff9b::808:808", PEER_PUBLIC},
		{"64:ff9b::7f00:1", PEER_LOOPBACK},
		{"2002:808:808::1", PEER_PUBLIC},
		{"2002:a00:1::", PEER_PRIVATE},
		{"2001::1", PEER_PRIVATE},
		{"2001:4860:4860::8888", PEER_PUBLIC},
		{"2001:db8::1", PEER_PRIVATE},
		{"fbff::1", PEER_PUBLIC},
		{"fc00::1", PEER_PRIVATE},
		{"fdff::1", PEER_PRIVATE},
		{"fe7f::1", PEER_PUBLIC},
		{"fe80::1", PEER_PRIVATE},
		{"febf::1", PEER_PRIVATE},
		{"fec0::1", PEER_PRIVATE},
		{"ff02::1", PEER_NOBODY},
		{"100::1", PEER_NOBODY},
		{"2a00:1450::1", PEER_PUBLIC},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (kind_of(known[i].address) != known[i].kind)
			fail_msg("%s: %d", known[i].address, (int)kind_of(known[i].address));
	assert_int_equal(
		peer_kind(&(struct sockaddr){.sa_family = AF_UNIX}, sizeof(struct sockaddr)),
		PEER_NOBODY);
}

/* --- TLS --- */

static void run_openssl(const char *const *argv)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)!freopen("/dev/null", "w", stdout);
		(void)!freopen("/dev/null", "w", stderr);
		execvp("openssl", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static pid_t start_tls(const char *folder, int port)
{
	char accepted[20], key[100], certificate[100];
	pid_t child;

	snprintf(accepted, sizeof(accepted), "127.0.0.1:%d", port);
	snprintf(key, sizeof(key), "%s/key.pem", folder);
	snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
	run_openssl((const char *const[]){"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
		"subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate, NULL});
	child = fork();
	if (child == 0) {
		(void)!freopen("/dev/null", "r", stdin);
		(void)!freopen("/dev/null", "w", stdout);
		(void)!freopen("/dev/null", "w", stderr);
		execlp("openssl", "openssl", "s_server", "-accept", accepted, "-www", "-key", key,
			"-cert", certificate, (char *)NULL);
		_exit(127);
	}
	return child;
}

static void wait_for_port(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};

	for (;;) {
		int s = socket(AF_INET, SOCK_STREAM, 0);
		bool up = connect(s, (struct sockaddr *)&address, sizeof(address)) == 0;

		close(s);
		if (up)
			return;
		usleep(20000);
	}
}

static void certificate__that_nobody_vouches_for__is_not_sent(void **state)
{
	struct home *home = *state;
	char folder[] = "/tmp/tenstep-tls-XXXXXX", url[60], file[100];
	pid_t server;
	int port;

	assert_non_null(mkdtemp(folder));
	close(listen_anywhere(&port));
	server = start_tls(folder, port);
	wait_for_port(port);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
	run(home, &(struct http_call){.method = S("POST"), .url = str_of(url), .body = S("x")});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	snprintf(file, sizeof(file), "%s/cert.pem", folder);
	http_client_free(home->client);
	make_client(home, &(struct http_client_setup){.allow_loopback = true, .ca_file = file});
	run(home, &(struct http_call){.method = S("GET"), .url = str_of(url)});
	assert_int_equal(home->outcome, HTTP_ANSWERED);
	assert_int_equal(home->status, 200);
	/* Vouched for, but for another host. */
	snprintf(url, sizeof(url), "https://127.0.0.2:%d/", port);
	run(home, &(struct http_call){.method = S("GET"), .url = str_of(url)});
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	/* No TLS there at all. */
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/no_http", home->port);
	run(home, &(struct http_call){.method = S("GET"), .url = str_of(url), .total_ms = 500});
	assert_int_not_equal(home->outcome, HTTP_ANSWERED);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(file);
	snprintf(file, sizeof(file), "%s/key.pem", folder);
	unlink(file);
	rmdir(folder);
}

/* --- several, and the end --- */

static void calls__run_side_by_side__each_told_once(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	home->done = 0;
	home->wanted = 40;
	for (int i = 0; i < 40; i++)
		begin(home, &call);
	assert_int_equal(http_client_under_way(home->client), 40);
	loop_run(home->loop);
	assert_int_equal(home->done, 40);
	assert_int_equal(home->seen->requests, 40);
}

/* Asks again from inside its own done. */
static void ask_again(void *self, const struct http_result *result)
{
	struct home *home = self;
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	assert_int_equal(result->outcome, HTTP_ANSWERED);
	http_client_call(home->client, &call, done, home);
}

static void done__may_call(void **state)
{
	struct home *home = *state;
	char url[100];
	struct http_call call = to(home, "GET", "/ok", url);

	home->wanted = 1;
	http_client_call(home->client, &call, ask_again, home);
	loop_run(home->loop);
	assert_int_equal(home->seen->requests, 2);
}

static void stop(void *self)
{
	loop_stop(self);
}

static void wait_for_request(void *self)
{
	struct home *home = self;

	if (home->seen->requests)
		loop_stop(home->loop);
}

static void free__tells__what_is_under_way(void **state)
{
	struct home *home = *state;
	struct loop_timer timer = {0};
	char url[100];
	struct http_call call = to(home, "POST", "/hang", url);

	begin(home, &call);
	loop_before_sleep(home->loop, wait_for_request, home);
	while (!home->seen->requests) {
		loop_timer_start(home->loop, &timer, 5, stop, home->loop);
		loop_run(home->loop);
	}
	http_client_free(home->client);
	assert_int_equal(home->done, 1);
	assert_int_equal(home->outcome, HTTP_UNKNOWN);
	make_client(home, &(struct http_client_setup){.allow_loopback = true});
	begin(home, &call);
	http_client_free(home->client);
	assert_int_equal(home->done, 2);
	assert_int_equal(home->outcome, HTTP_NOT_SENT);
	make_client(home, &(struct http_client_setup){.allow_loopback = true});
}

static void forgotten_call__goes_on__and_tells_nobody(void **state)
{
	struct home *home = *state;
	struct loop_timer timer = {0};
	char url[100];
	struct http_call call = to(home, "POST", "/ok", url);

	begin(home, &call);
	http_client_forget(home->client, home);
	while (http_client_under_way(home->client)) {
		loop_timer_start(home->loop, &timer, 5, stop, home->loop);
		loop_run(home->loop);
	}
	assert_int_equal(home->seen->requests, 1);
	assert_int_equal(home->done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(answer__is_given__with_status_body_and_type),
		TEST(request__has_on_the_wire__what_was_meant),
		TEST(long_body__is_sent__without_expecting_anything),
		TEST(swallowed_post__is_unknown_and_sent__once),
		TEST(post_after_a_kept_connection__is_sent__once),
		TEST(reads__use_a_connection__again),
		TEST(post_that_reads__uses_a_connection__again),
		TEST(slow_answer__is_unknown__after_the_deadline),
		TEST(answer_without_end__is_unknown),
		TEST(answer__may_fill_the_ceiling__exactly),
		TEST(redirect__is_not_followed),
		TEST(broken_answers__are_unknown),
		TEST(packed_body__is_left_alone),
		TEST(retry_after__is_read__as_seconds_and_as_date),
		TEST(closed_port__is_not_sent),
		TEST(unknown_name__is_not_sent),
		TEST(faulty_call__is_refused__and_told_later),
		TEST(header__with_a_nul__is_refused),
		TEST(private_addresses__are_refused__before_connecting),
		TEST(plain_http__is_for_loopback__only),
		TEST(proxies_of_the_environment__are_not_used),
		cmocka_unit_test(peer_kind__judges__at_the_edges_of_ranges),
		TEST(certificate__that_nobody_vouches_for__is_not_sent),
		TEST(calls__run_side_by_side__each_told_once),
		TEST(done__may_call),
		TEST(free__tells__what_is_under_way),
		TEST(forgotten_call__goes_on__and_tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
