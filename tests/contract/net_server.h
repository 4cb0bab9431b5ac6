/* A server for the tests of the listener: it echoes, answers late, answers long, and tells what the
 * listener reported.  It runs in a process of its own, so that its end shows leaks and faults. */
#ifndef TENSTEP_TESTS_NET_SERVER_H
#define TENSTEP_TESTS_NET_SERVER_H

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/net/listener.h"

enum { BIG = 300000, HUGE = 16 << 20, MAX_EVENTS = 64, MAX_LATE = 64 };

struct late {
	struct loop_timer timer;
	struct exchange *exchange;
};

struct net_server {
	struct loop *loop;
	struct listener *listener;
	char big[BIG];
	struct {
		const char *what, *why;
		int n;
	} event[MAX_EVENTS];
	size_t n_events;
	struct late late[MAX_LATE];
	size_t n_late;
	int open, opened, closed, messages, pushes, judged;
	bool answers_before_sleep;
	struct exchange *waiting;
	int hogged[4096], n_hogged;
	sigset_t sign; /* SIGUSR1, blocked */
};

/* Takes all descriptors that are left, or those up to @last; gives them back. */
static inline void net_hog_to(struct net_server *server, int last)
{
	int fd = 0;

	while (server->n_hogged < 4096 && fd < last && (fd = dup(1)) >= 0)
		server->hogged[server->n_hogged++] = fd;
}
static inline void net_hog(struct net_server *server)
{
	net_hog_to(server, INT_MAX);
}
static inline void net_unhog(struct net_server *server)
{
	while (server->n_hogged)
		close(server->hogged[--server->n_hogged]);
}

static inline void net_answer(struct exchange *exchange, unsigned status, struct str body)
{
	struct http_answer answer = {
		.status = status, .type = S("text/plain; charset=utf-8"), .body = body};

	exchange_answer(exchange, &answer);
}

static inline void net_late(void *self)
{
	struct late *late = self;

	net_answer(late->exchange, 200, S("late"));
	late->exchange = NULL;
}

static inline struct http_plan net_plan(void *self, const struct http_head *head)
{
	static const char *const wanted[] = {"x-test", "x-never", NULL};

	(void)self;
	if (str_is(head->path, "/forbidden"))
		return (struct http_plan){.refuse = 403};
	if (str_is(head->path, "/judged"))
		return (struct http_plan){.judge = true};
	return (struct http_plan){
		.max_body_bytes = str_is(head->method, "POST") ? 65536 : 0, .wanted = wanted};
}

/* Of what the plan leaves open a GET is refused, the more so the more often it has been asked. */
static inline struct http_plan net_judge(void *self, const struct http_head *head)
{
	struct net_server *server = self;

	if (str_is(head->method, "GET"))
		return (struct http_plan){.refuse = 400 + (unsigned)++server->judged};
	return (struct http_plan){.max_body_bytes = 3};
}

static inline struct socket_plan net_admit(void *self, const struct http_head *head)
{
	(void)self;
	if (str_is(head->path, "/nowhere"))
		return (struct socket_plan){.refuse = 410};
	return (struct socket_plan){.sort = 7, .judge = !str_is(head->path, "/plain")};
}

static inline void net_show_head(
	struct net_server *server, struct exchange *exchange, const struct http_head *head)
{
	struct buf out, field;

	(void)server;
	buf_init(&out, 65536);
	buf_init(&field, 4096);
	buf_addf(&out, "%.*s %.*s ?%.*s host=%.*s origin=%.*s address=%.*s tls=%d x-test=",
		STR(head->method), STR(head->path), STR(head->query), STR(head->host),
		STR(head->origin), STR(head->address), head->tls);
	buf_add(&out, http_header(head, "x-test"));
	if (http_field(head->query, "f", &field))
		buf_addf(&out, " f=[%.*s]", STR(buf_str(&field)));
	buf_addf(&out, " cookie=[%.*s] type=%.*s auth=%.*s", STR(http_cookie(head->cookie, "sid")),
		STR(head->content_type), STR(head->authorization));
	net_answer(exchange, 200, buf_str(&out));
	buf_release(&field);
	buf_release(&out);
}

/* That this process has open. */
static inline int net_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static inline void net_show_events(struct net_server *server, struct exchange *exchange)
{
	struct buf out;

	buf_init(&out, 65536);
	buf_addf(&out, "open=%d opened=%d closed=%d messages=%d connections=%zu descriptors=%d\n",
		server->open, server->opened, server->closed, server->messages,
		listener_connections(server->listener), net_descriptors());
	for (size_t i = 0; i < server->n_events; i++)
		buf_addf(&out, "%s %s %d\n", server->event[i].what, server->event[i].why,
			server->event[i].n);
	net_answer(exchange, 200, buf_str(&out));
	buf_release(&out);
}

static inline void net_renew(struct net_server *server, struct exchange *exchange)
{
	struct buf error;

	buf_init(&error, 500);
	net_answer(exchange, 200,
		listener_renew(server->listener, &error) ? S("renewed") : buf_str(&error));
	buf_release(&error);
}

/* A file of BIG bytes; "?huge": with many zeros behind them; "?short": less than it is said to be.
 */
static inline void net_file(
	struct net_server *server, struct exchange *exchange, const struct http_head *head)
{
	bool huge = str_is(head->query, "huge");
	struct http_file file = {.n_bytes = huge ? HUGE : BIG};
	struct http_answer answer = {.status = 200, .type = S("image/png"), .file = &file};
	char path[] = "/tmp/tenstep-net-XXXXXX";

	file.descriptor = mkstemp(path);
	unlink(path);
	if (write(file.descriptor, server->big, BIG) != BIG ||
		ftruncate(file.descriptor, (off_t)file.n_bytes))
		abort();
	file.n_bytes += str_is(head->query, "short");
	exchange_answer(exchange, &answer);
}

static inline void net_request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	struct net_server *server = self;
	struct str line[] = {S("X-One: 1"), S("X-Bad: a\r\nX-Worse: 2"), S("ETag: \"abc\"")};
	struct http_answer big = {.status = 200,
		.type = S("text/javascript"),
		.body = {server->big, BIG},
		.headers = line,
		.n_headers = 3,
		.body_is_static = str_is(head->query, "static")};

	if (str_is(head->path, "/huge")) { /* more than a kernel takes from us when nobody reads */
		static const char huge[HUGE];

		big.body = (struct str){huge, HUGE};
		exchange_answer(exchange, &big);
	} else if (str_is(head->path, "/file"))
		net_file(server, exchange, head);
	else if (str_is(head->path, "/big"))
		exchange_answer(exchange, &big);
	else if (str_is(head->path, "/head"))
		net_show_head(server, exchange, head);
	else if (str_is(head->path, "/events"))
		net_show_events(server, exchange);
	else if (str_is(head->path, "/renew"))
		net_renew(server, exchange);
	else if (str_is(head->path, "/nothing"))
		net_answer(exchange, 204, S("not to be sent"));
	else if (str_is(head->path, "/late")) {
		struct late *late = &server->late[server->n_late++ % MAX_LATE];

		late->exchange = exchange;
		loop_timer_start(server->loop, &late->timer, 100, net_late, late);
	} else if (str_is(head->path, "/turn")) {
		assert(!server->waiting);
		server->waiting = exchange;
	} else if (str_is(head->path, "/never")) {
		server->waiting = exchange;
	} else if (str_is(head->path, "/drain")) {
		listener_drain(server->listener);
		net_answer(exchange, 200, S("draining"));
	} else if (str_is(head->path, "/stop")) {
		net_answer(exchange, 200, S("stopping"));
		loop_stop(server->loop);
	} else if (str_is(head->method, "POST"))
		net_answer(exchange, 200, body);
	else if (str_is(head->path, "/"))
		net_answer(exchange, 200, S("hello"));
	else
		net_answer(exchange, 404, S("nothing here"));
}

static inline void net_before_sleep(void *self)
{
	struct net_server *server = self;

	if (server->waiting && server->answers_before_sleep) {
		net_answer(server->waiting, 200, S("this turn"));
		server->waiting = NULL;
	}
}

static inline bool net_open(
	void *self, struct socket *socket, const struct http_head *head, unsigned *status)
{
	struct net_server *server = self;

	if (!str_is(head->path, "/chat")) {
		*status = 404;
		return false;
	}
	server->open++;
	socket_keep(socket, server);
	return true;
}

static inline void net_opened(void *self, struct socket *socket)
{
	struct net_server *server = self;

	assert(socket_sort(socket) == 7);
	if (!socket_kept(socket)) { /* nobody was asked */
		server->open++;
		socket_keep(socket, server);
	}
	server->opened++;
}

/* Echoes; a few words do more. */
static inline void net_message(void *self, struct socket *socket, struct str text)
{
	struct net_server *server = self;

	server->messages++;
	if (str_is(text, "{\"t\":\"ping\"}")) {
		socket_send(socket, S("{\"t\":\"pong\"}"));
	} else if (str_is(text, "big")) {
		socket_send(socket, (struct str){server->big, BIG / 2});
	} else if (str_is(text, "three")) {
		socket_send(socket, S("1"));
		socket_send(socket, S("2"));
		socket_send(socket, S("3"));
	} else if (str_is(text, "flood")) {
		while (socket_send(socket, (struct str){server->big, 16000}))
			server->pushes++;
	} else if (str_is(text, "bye")) {
		socket_send(socket, S("last words"));
		socket_close(socket, 4001, "bye");
		socket_send(socket, S("never sent"));
	} else if (str_is(text, "hog")) {
		net_hog(server);
	} else if (str_starts(text, S("hog to "))) {
		int64_t last = 0;

		if (str_int(str_sub(text, strlen("hog to "), text.n), &last))
			net_hog_to(server, (int)last);
	} else if (str_is(text, "unhog")) {
		net_unhog(server);
	} else if (str_is(text, "wait for a sign")) {
		int signal;

		sigwait(&server->sign, &signal);
	} else if (str_is(text, "who")) {
		socket_send(socket, socket_address(socket));
	} else {
		socket_send(socket, text);
	}
}

static inline void net_closed(void *self, struct socket *socket)
{
	struct net_server *server = self;

	assert(socket_kept(socket) == server);
	server->closed++;
}

static inline void net_event(void *self, const char *what, const char *why)
{
	struct net_server *server = self;
	size_t i = 0;

	while (i < server->n_events &&
		(strcmp(server->event[i].what, what) || strcmp(server->event[i].why, why)))
		i++;
	assert(i < MAX_EVENTS);
	if (i == server->n_events) {
		server->event[i].what = what;
		server->event[i].why = why;
		server->n_events++;
	}
	server->event[i].n++;
}

static inline void net_stop(void *self)
{
	loop_stop(((struct net_server *)self)->loop);
}

/* Runs until /stop or SIGTERM; @port_to gets the port, or 0 and no server. */
static inline void net_serve(const struct listener_setup *setup, int port_to)
{
	static struct net_server server;
	struct listener_setup with = *setup;
	struct buf error;
	int port;

	buf_init(&error, 500);
	for (size_t i = 0; i < BIG; i++)
		server.big[i] = (char)('a' + i % 26);
	sigemptyset(&server.sign);
	sigaddset(&server.sign, SIGUSR1);
	sigprocmask(SIG_BLOCK, &server.sign, NULL);
	server.loop = loop_new();
	server.answers_before_sleep = true;
	with.loop = server.loop;
	with.apart |= getenv("TENSTEP_TEST_APART") != NULL;
	with.address = with.address ? with.address : "127.0.0.1";
	with.self = &server;
	with.plan = net_plan;
	with.judge = net_judge;
	with.admit = net_admit;
	with.request = net_request;
	with.open = net_open;
	with.opened = net_opened;
	with.message = net_message;
	with.closed = net_closed;
	with.event = net_event;
	server.listener = listener_open(&with, &error);
	if (!server.listener)
		fprintf(stderr, "%.*s\n", STR(buf_str(&error)));
	port = server.listener ? listener_port(server.listener) : 0;
	if (write(port_to, &port, sizeof(port)) != sizeof(port))
		abort();
	if (server.listener) {
		loop_signal(server.loop, SIGTERM, net_stop, &server);
		loop_before_sleep(server.loop, net_before_sleep, &server);
		loop_run(server.loop);
	}
	listener_close(server.listener);
	for (size_t i = 0; i < MAX_LATE; i++)
		if (server.late[i].exchange) {
			loop_timer_stop(server.loop, &server.late[i].timer);
			net_answer(server.late[i].exchange, 200, S("too late"));
		}
	if (server.waiting)
		net_answer(server.waiting, 200, S("too late"));
	loop_free(server.loop);
	buf_release(&error);
	if (server.open != server.closed)
		abort();
}

#endif
