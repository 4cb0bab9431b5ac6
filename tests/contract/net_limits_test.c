/* The listener: deadlines, caps, rates, proxies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "tests/contract/net_client.h"

static struct buf answer;

static int start(void **state)
{
	(void)state;
	buf_init(&answer, 4 << 20);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	buf_release(&answer);
	return 0;
}

/* Waits until the server has reported it. */
static bool is_reported(int port, const char *what, const char *why)
{
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS; net_clock_ms() < until;
		net_pause(30))
		if (net_events(port, what, why) > 0)
			return true;
	return false;
}

static bool is_writable(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

/* Sends @text, then one byte every 20 ms until the other side closes; the answer is kept. */
static int trickle(int port, const char *text)
{
	int fd = net_connect(port);

	net_puts(fd, text);
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS;
		is_writable(fd) && net_clock_ms() < until; net_pause(20))
		net_puts(fd, "x");
	net_read_to_end(fd, &answer);
	close(fd);
	return answer.n > 12 ? (int)strtol(answer.p + 9, NULL, 10) : 0;
}

static void request__that_trickles_is_cut_with_408(void **state)
{
	struct listener_setup setup = {.limits = {.request_ms = 300}};
	struct net_child server = net_start(&setup);
	int silent;

	(void)state;
	assert_int_equal(trickle(server.port, "GET / HTTP/1.1\r\nHost: t\r\nX-Long: "), 408);
	assert_true(is_reported(server.port, "timeouts", "head"));
	assert_int_equal(trickle(server.port,
				 "POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 60000\r\n\r\n"),
		408);
	assert_true(is_reported(server.port, "timeouts", "body"));
	silent = net_connect(server.port);
	assert_true(net_is_closed(silent));
	close(silent);
	assert_int_equal(
		net_ask(server.port, S("GET /late HTTP/1.1\r\nHost: t\r\n\r\n"), &answer), 200);
	assert_true(net_finish(server));
}

/* An answer is not waited for by the deadline of the request; an answer not taken is. */
static void answer__that_nobody_reads_is_cut(void **state)
{
	struct listener_setup setup = {.limits = {.request_ms = 50}};
	struct net_child server = net_start(&setup);
	int fd[40], small = 4096;

	(void)state;
	assert_int_equal(
		net_ask(server.port, S("GET /late HTTP/1.1\r\nHost: t\r\n\r\n"), &answer), 200);
	for (int i = 0; i < 40; i++) {
		fd[i] = net_connect(server.port);
		setsockopt(fd[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		net_puts(fd[i], "GET /big?static HTTP/1.1\r\nHost: t\r\n\r\n");
	}
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS; net_clock_ms() < until;
		net_pause(30))
		if (net_count(server.port, "connections") == 1)
			break;
	assert_int_equal(net_count(server.port, "connections"), 1);
	for (int i = 0; i < 40; i++)
		close(fd[i]);
	assert_true(net_finish(server));
}

static void message__not_complete_in_time_closes_1002(void **state)
{
	struct listener_setup setup = {.limits = {.message_ms = 200}};
	struct net_child server = net_start(&setup);
	int half = net_websocket(server.port), fragments = net_websocket(server.port);
	int honest = net_websocket(server.port);

	(void)state;
	net_part_of_frame(half, 0x80 | NET_TEXT, 100, "half", 4);
	net_part_of_frame(fragments, NET_TEXT, 4, "half", 4);
	assert_int_equal(net_close_code(half), 1002);
	assert_int_equal(net_close_code(fragments), 1002);
	assert_true(is_reported(server.port, "timeouts", "message"));
	assert_true(net_echoes(honest, "hello", "hello"));
	close(half);
	close(fragments);
	close(honest);
	assert_true(net_finish(server));
}

static void message__that_trickles_is_cut(void **state)
{
	struct listener_setup setup = {.limits = {.message_ms = 200}};
	struct net_child server = net_start(&setup);
	int fd = net_websocket(server.port);

	(void)state;
	net_part_of_frame(fd, 0x80 | NET_TEXT, 10000, "x", 1);
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS;
		is_writable(fd) && net_clock_ms() < until; net_pause(20))
		net_puts(fd, "x");
	assert_int_equal(net_close_code(fd), 1002);
	close(fd);
	assert_true(net_finish(server));
}

static void socket__that_is_silent_is_pinged_and_dropped(void **state)
{
	struct listener_setup setup = {.limits = {.ping_ms = 150, .drop_ms = 1200}};
	struct net_child server = net_start(&setup);
	int silent = net_websocket(server.port), answers = net_websocket(server.port);
	int half = net_websocket(server.port);
	struct buf payload;

	(void)state;
	buf_init(&payload, 1000);
	net_puts(half, "\x81");        /* half of a frame's head: the library tells nothing of it */
	for (int i = 0; i < 10; i++) { /* longer than drop_ms */
		assert_int_equal(net_next(answers, &payload), NET_PING);
		net_frame(answers, NET_PONG, buf_str(&payload));
	}
	assert_int_equal(net_next(silent, &payload), NET_PING);
	assert_true(net_is_closed(silent) && net_is_closed(half));
	assert_true(is_reported(server.port, "timeouts", "silent"));
	close(silent);
	close(half);
	close(answers);
	assert_true(net_finish(server));
	buf_release(&payload);
}

static void connections__over_the_cap_are_refused(void **state)
{
	struct listener_setup setup = {.limits = {.max_connections = 4}};
	struct net_child server = net_start(&setup);
	int fd[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true((fd[i] = net_websocket(server.port)) >= 0);
	assert_int_equal(net_websocket(server.port), -1);
	for (int i = 0; i < 4; i++)
		assert_true(net_echoes(fd[i], "hello", "hello"));
	close(fd[0]);
	assert_true(is_reported(server.port, "connections_refused", "full"));
	for (int i = 1; i < 4; i++)
		close(fd[i]);
	assert_true(net_finish(server));
}

/* The loopback network counts as one's own machine, so the addresses here come from a proxy. */
static int ask_as(int port, const char *address, const char *path)
{
	struct buf request;
	int status;

	buf_init(&request, 1000);
	buf_addf(&request,
		"GET %s HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 1.2.3.4, %s\r\n"
		"X-Forwarded-Proto: https\r\n\r\n",
		path, address);
	status = net_ask(port, buf_str(&request), &answer);
	buf_release(&request);
	return status;
}

/* A connection that the server has seen the head of, and that waits. */
static int hold_as(int port, const char *address)
{
	struct buf request;
	char line[25];
	int fd = net_connect(port);

	buf_init(&request, 1000);
	buf_addf(&request,
		"POST / HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: %s\r\n"
		"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
		address);
	net_put(fd, request.p, request.n);
	assert_true(net_get(fd, line, sizeof(line)));
	buf_release(&request);
	return fd;
}

/* Asks for an answer that is too large for any socket and reads nothing of it but its status. */
static int ask_huge(int port, const char *path, const char *address, int *status)
{
	struct buf request;
	int fd = net_connect(port), small = 4096;
	char line[13] = "";

	buf_init(&request, 1000);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	buf_addf(&request, "GET %s HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: %s\r\n\r\n", path,
		address);
	net_put(fd, request.p, request.n);
	assert_true(net_get(fd, line, sizeof(line) - 1));
	*status = (int)strtol(line + 9, NULL, 10);
	buf_release(&request);
	return fd;
}

static void answers__that_nobody_reads_have_a_most(void **state)
{
	struct listener_setup setup = {
		.limits = {.max_held_bytes = 3 * HUGE + HUGE / 2, .request_ms = 60000}};
	struct net_child server = net_start(&setup);
	int fd[5], status[5];

	(void)state;
	for (int i = 0; i < 5; i++)
		fd[i] = ask_huge(server.port, "/huge", "", &status[i]);
	for (int i = 0; i < 5; i++)
		assert_int_equal(status[i], i < 3 ? 200 : 503);
	assert_int_equal(net_events(server.port, "requests_refused", "memory"), 2);
	assert_int_equal(
		net_ask(server.port, S("GET /head HTTP/1.1\r\nHost: t\r\n\r\n"), &answer), 200);
	assert_int_equal(
		net_ask(server.port, S("GET /big?static HTTP/1.1\r\nHost: t\r\n\r\n"), &answer),
		200);
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS;
		net_clock_ms() < until && net_count(server.port, "connections") > 1; net_pause(30))
		;
	assert_int_equal(
		net_ask(server.port, S("GET /big HTTP/1.1\r\nHost: t\r\n\r\n"), &answer), 200);
	assert_int_equal(answer.n > BIG, 1);
	assert_true(net_finish(server));
}

static void answers__of_one_address_have_a_quarter(void **state)
{
	const struct str proxy[] = {S("127.0.0.1")};
	struct listener_setup setup = {.trusted_proxy = proxy,
		.n_trusted_proxies = 1,
		.limits = {
			.max_held_bytes = 10 * HUGE, .request_ms = 60000, .connects_per_s = 1000}};
	struct net_child server = net_start(&setup);
	int fd[4], status[4];

	(void)state;
	for (int i = 0; i < 3; i++)
		fd[i] = ask_huge(
			server.port, "/huge", i < 2 ? "2001:db8::1" : "2001:db8::2", &status[i]);
	fd[3] = ask_huge(server.port, "/huge", "2001:db8:0:1::1", &status[3]);
	assert_int_equal(status[0], 200);
	assert_int_equal(status[1], 200);
	assert_int_equal(status[2], 503); /* of the same household */
	assert_int_equal(status[3], 200);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	assert_true(net_finish(server));
}

/* Each has a descriptor, of which there are few. */
static void files__that_nobody_reads_have_a_most(void **state)
{
	struct listener_setup setup = {.limits = {.request_ms = 60000}};
	struct net_child server = net_start(&setup);
	int before = net_count(server.port, "descriptors"), fd[70], status[70], n_taken = 0;

	(void)state;
	for (int i = 0; i < 70; i++) {
		fd[i] = ask_huge(server.port, "/file?huge", "", &status[i]);
		n_taken += status[i] == 200;
	}
	assert_int_equal(n_taken, 64);
	assert_int_equal(net_events(server.port, "requests_refused", "memory"), 6);
	for (int i = 0; i < 70; i++)
		close(fd[i]);
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS;
		net_clock_ms() < until && net_count(server.port, "descriptors") > before;
		net_pause(30))
		;
	assert_int_equal(net_count(server.port, "descriptors"), before);
	assert_int_equal(
		net_ask(server.port, S("GET /file?huge HTTP/1.1\r\nHost: t\r\n\r\n"), &answer),
		200);
	assert_true(net_finish(server));
}

static int ask_files(const struct net_child *server, const char *address, int *fd, int n)
{
	int n_taken = 0, status;

	for (int i = 0; i < n; i++) {
		fd[i] = ask_huge(server->port, "/file?huge", address, &status);
		n_taken += status == 200;
	}
	return n_taken;
}

/* An office has one address. */
static void files__of_one_address__leave_a_quarter_to_others(void **state)
{
	const struct str proxy[] = {S("127.0.0.1")};
	struct listener_setup setup = {.trusted_proxy = proxy,
		.n_trusted_proxies = 1,
		.limits = {.request_ms = 60000, .connects_per_s = 1000, .max_per_address = 1000}};
	struct net_child server = net_start(&setup);
	int fd[100];

	(void)state;
	assert_int_equal(ask_files(&server, "2001:db8::1", fd, 55), 48);
	assert_int_equal(ask_files(&server, "2001:db8:0:1::1", fd + 55, 18), 16);
	assert_int_equal(ask_files(&server, "2001:db8:0:2::1", fd + 73, 1), 0);
	for (int i = 0; i < 74; i++)
		close(fd[i]);
	assert_true(net_finish(server));
}

/* What was asked for is done by then: whoever is told 503 would ask for it again. */
static void answer__that_is_short_always_has_room(void **state)
{
	struct listener_setup setup = {.limits = {.max_held_bytes = 60010}};
	struct net_child server = net_start(&setup);
	char body[60000];
	int fd = net_connect(server.port);

	(void)state;
	memset(body, 'x', sizeof(body));
	net_puts(fd, "POST /nothing HTTP/1.1\r\nHost: t\r\nContent-Length: 60000\r\n\r\n");
	net_put(fd, body, sizeof(body));
	net_read_to_end(fd, &answer);
	close(fd);
	assert_memory_equal(answer.p, "HTTP/1.1 204", 12);
	assert_true(net_finish(server));
}

/* Counted when it is announced, before a byte of it is here. */
static void bodies__have_a_most(void **state)
{
	static const struct str head = S("POST / HTTP/1.1\r\nHost: t\r\nExpect: "
					 "100-continue\r\nContent-Length: 60000\r\n\r\n");
	struct listener_setup setup = {.limits = {.max_held_bytes = 100000}};
	struct net_child server = net_start(&setup);
	int fd = net_connect(server.port);
	char line[25];

	(void)state;
	net_put(fd, head.p, head.n);
	assert_true(net_get(fd, line, sizeof(line)));
	assert_memory_equal(line, "HTTP/1.1 100", 12);
	assert_int_equal(net_ask(server.port, head, &answer), 503);
	assert_int_equal(
		net_ask(server.port,
			S("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), &answer),
		200);
	close(fd);
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS;
		net_clock_ms() < until && net_count(server.port, "connections") > 1; net_pause(30))
		;
	fd = net_connect(server.port);
	net_put(fd, head.p, head.n);
	assert_true(net_get(fd, line, sizeof(line)));
	assert_memory_equal(line, "HTTP/1.1 100", 12);
	close(fd);
	assert_true(net_finish(server));
}

static void address__has_a_cap(void **state)
{
	const struct str proxy[] = {S("127.0.0.1"), S("10.0.0.9")};
	struct listener_setup setup = {.trusted_proxy = proxy,
		.n_trusted_proxies = 2,
		.limits = {.max_per_address = 3, .connects_per_s = 1000}};
	struct net_child server = net_start(&setup);
	int fd[3];

	(void)state;
	assert_int_equal(ask_as(server.port, "203.0.113.7", "/head"), 200);
	assert_true(str_find(buf_str(&answer), S("address=203.0.113.7 tls=1")) > 0);
	assert_int_equal(ask_as(server.port, "2001:db8::7, 10.0.0.9", "/head"), 200);
	assert_true(str_find(buf_str(&answer), S("address=2001:db8::7 ")) > 0);
	for (int i = 0; i < 3; i++)
		fd[i] = hold_as(server.port, "203.0.113.7");
	assert_int_equal(ask_as(server.port, "203.0.113.7", "/"), 429);
	assert_int_equal(ask_as(server.port, "203.0.113.8", "/"), 200);
	for (int i = 0; i < 3; i++) {
		net_puts(fd[i], "abc");
		assert_true(net_is_closed(fd[i]));
		close(fd[i]);
	}
	assert_int_equal(ask_as(server.port, "203.0.113.7", "/"), 200);
	assert_true(net_finish(server));
}

/* Others' heads come between a head and its body: what the proxy said of it holds all the same. */
static void proxy__is_believed__when_the_body_comes_late(void **state)
{
	const struct str proxy[] = {S("127.0.0.1")};
	struct listener_setup setup = {.trusted_proxy = proxy,
		.n_trusted_proxies = 1,
		.limits = {.max_per_address = 1, .connects_per_s = 1000}};
	struct net_child server = net_start(&setup);
	int fd = net_connect(server.port);
	char line[25];

	(void)state;
	net_puts(fd, "POST /head HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 203.0.113.7\r\n"
		     "X-Forwarded-Proto: https\r\nExpect: 100-continue\r\n"
		     "Content-Length: 3\r\n\r\n");
	assert_true(net_get(fd, line, sizeof(line)));
	assert_int_equal(ask_as(server.port, "203.0.113.8", "/head"), 200);
	net_puts(fd, "abc");
	net_read_to_end(fd, &answer);
	close(fd);
	assert_true(str_find(buf_str(&answer), S("address=203.0.113.7 tls=1")) > 0);
	for (int i = 0; i < 2; i++) /* it was one connection of theirs, and that has ended */
		assert_int_equal(ask_as(server.port, "203.0.113.7", "/head"), 200);
	assert_true(net_finish(server));
}

static void address__that_connects_too_fast_is_refused(void **state)
{
	const struct str proxy[] = {S("127.0.0.1")};
	struct listener_setup setup = {
		.trusted_proxy = proxy, .n_trusted_proxies = 1, .limits = {.connects_per_s = 1}};
	struct net_child server = net_start(&setup);
	int refused = 0;

	(void)state;
	for (int i = 0; i < 200 && !refused; i++)
		refused = ask_as(server.port, "203.0.113.7", "/") == 429;
	assert_true(refused);
	assert_int_equal(ask_as(server.port, "203.0.113.8", "/"), 200);
	assert_true(net_events(server.port, "requests_refused", "address") > 0);
	assert_true(net_finish(server));
}

static struct net_child start_with_descriptors(const struct listener_setup *setup, rlim_t n)
{
	struct rlimit few, before;
	struct net_child server;

	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = n;
	setrlimit(RLIMIT_NOFILE, &few);
	server = net_start(setup);
	setrlimit(RLIMIT_NOFILE, &before);
	return server;
}

static int count_refused(const int *fd, int n)
{
	int refused = 0;

	for (int i = 0; i < n; i++)
		refused += !is_writable(fd[i]);
	return refused;
}

static void cap__stays_below_the_descriptor_limit(void **state)
{
	struct listener_setup setup = {.limits = {.max_connections = 100000}};
	struct net_child server = start_with_descriptors(&setup, 80);
	int fd[120], n = 0;
	int64_t until = net_clock_ms() + NET_PATIENCE_MS;

	(void)state;
	for (int i = 0; i < 120; i++) {
		fd[n] = net_connect(server.port);
		n += fd[n] >= 0;
	}
	assert_int_equal(n, 120);
	while (count_refused(fd, n) < 120 - 40 && net_clock_ms() < until)
		net_pause(20);
	assert_int_equal(count_refused(fd, n), 120 - 40);
	for (int i = 0; i < n; i++)
		close(fd[i]);
	assert_true(is_reported(server.port, "connections_refused", "full"));
	assert_int_equal(net_events(server.port, "connections_refused", "descriptors"), 0);
	assert_true(net_finish(server));
}

/* libwebsockets is there several times, for descriptors below 512, below 4096 and for the others:
 * connections on either side are served alike, and end alike. */
static void connections__are_served__whatever_their_descriptors(void **state)
{
	static const char *const hog[] = {"hog to 504", "hog to 4088"};
	struct listener_setup setup = {0};
	struct net_child server;
	struct rlimit files;
	int first, fd[30];

	(void)state;
	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_max < 4600) {
		print_message("not tried: no process may have 4,600 descriptors here\n");
		return;
	}
	server = start_with_descriptors(&setup, 4600);
	first = net_websocket(server.port);
	for (int round = 0; round < 6; round++) {
		if (round % 3 == 0)
			net_say(first, hog[round / 3]);
		assert_true(net_echoes(first, "hello", "hello"));
		for (int i = 0; i < 30; i++)
			fd[i] = net_websocket(server.port);
		for (int i = 0; i < 30; i++)
			assert_true(net_echoes(fd[i], "hello", "hello"));
		assert_int_equal(net_count(server.port, "connections"), 30 + 2);
		for (int i = 0; i < 30; i++)
			close(fd[i]);
	}
	assert_true(net_echoes(first, "hello", "hello"));
	assert_int_equal(net_events(server.port, "connections_refused", "library"), 0);
	fd[0] = net_websocket(server.port); /* one on each side is there at the end */
	close(first);
	assert_true(net_finish(server));
	close(fd[0]);
}

/* Somebody else in the process took them all: the listener rests instead of spinning, and goes on
 * when there are some again. */
static void descriptors__that_run_out_stop_nothing(void **state)
{
	struct listener_setup setup = {0};
	struct net_child server = start_with_descriptors(&setup, 200);
	int fd = net_websocket(server.port), waiting = net_connect(server.port), later;

	(void)state;
	net_puts(waiting, "GET / HTTP/1.1\r\nHost: t\r\n");
	assert_true(net_echoes(fd, "hello", "hello"));
	net_say(fd, "hog");
	assert_true(net_echoes(fd, "hello", "hello"));
	later = net_connect(server.port);
	net_puts(later, "GET / HTTP/1.1\r\nHost: t\r\n\r\n");
	net_pause(350);
	assert_true(is_writable(later));
	net_puts(waiting, "\r\n");
	assert_true(net_is_closed(waiting));
	net_say(fd, "unhog");
	assert_true(net_is_closed(later));
	assert_in_range(net_events(server.port, "connections_refused", "descriptors"), 1, 200);
	close(fd);
	close(waiting);
	close(later);
	assert_true(net_finish(server));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request__that_trickles_is_cut_with_408),
		cmocka_unit_test(answer__that_nobody_reads_is_cut),
		cmocka_unit_test(message__not_complete_in_time_closes_1002),
		cmocka_unit_test(message__that_trickles_is_cut),
		cmocka_unit_test(socket__that_is_silent_is_pinged_and_dropped),
		cmocka_unit_test(connections__over_the_cap_are_refused),
		cmocka_unit_test(answers__that_nobody_reads_have_a_most),
		cmocka_unit_test(answers__of_one_address_have_a_quarter),
		cmocka_unit_test(files__that_nobody_reads_have_a_most),
		cmocka_unit_test(files__of_one_address__leave_a_quarter_to_others),
		cmocka_unit_test(bodies__have_a_most),
		cmocka_unit_test(answer__that_is_short_always_has_room),
		cmocka_unit_test(proxy__is_believed__when_the_body_comes_late),
		cmocka_unit_test(address__has_a_cap),
		cmocka_unit_test(address__that_connects_too_fast_is_refused),
		cmocka_unit_test(cap__stays_below_the_descriptor_limit),
		cmocka_unit_test(connections__are_served__whatever_their_descriptors),
		cmocka_unit_test(descriptors__that_run_out_stop_nothing),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
