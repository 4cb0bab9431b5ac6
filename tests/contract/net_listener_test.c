/* The listener, HTTP: what reaches the caller and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/contract/net_client.h"

static struct net_child server;
static struct buf answer;

static int start(void **state)
{
	struct listener_setup setup = {.limits = {.request_ms = 60000}};

	(void)state;
	buf_init(&answer, 4 << 20);
	server = net_start(&setup);
	return server.port ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	buf_release(&answer);
	return net_finish(server) ? 0 : -1;
}

static int ask(const char *request)
{
	return net_ask(server.port, str_of(request), &answer);
}

static void has(const char *text)
{
	if (str_find(buf_str(&answer), str_of(text)) < 0)
		fail_msg("'%s' is not in '%.*s'", text, STR(buf_str(&answer)));
}

static void has_not(const char *text)
{
	if (str_find(buf_str(&answer), str_of(text)) >= 0)
		fail_msg("'%s' is in '%.*s'", text, STR(buf_str(&answer)));
}

static void request__is_answered_and_closed(void **state)
{
	(void)state;
	assert_int_equal(ask("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("connection: close\r\n");
	has("x-content-type-options: nosniff\r\n");
	has("referrer-policy: no-referrer\r\n");
	has("content-length: 5\r\n");
	has_not("erver:");
	assert_true(str_is(net_body(&answer), "hello"));
	assert_int_equal(ask("GET / HTTP/1.1\r\nHost: t\r\nConnection: keep-alive\r\n\r\n"), 200);
	assert_int_equal(ask("GET / HTTP/1.0\r\nHost: t\r\n\r\n"), 200);
	assert_int_equal(ask("GET /none HTTP/1.1\r\nHost: t\r\n\r\n"), 404);
}

/* Each packet costs the server as much as all of its own work for a small request. */
static void answer__and_the_end_are_one_packet(void **state)
{
	static const char *const path[] = {"/", "/none", "/late"};

	(void)state;
	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		struct pollfd ready = {.fd = net_connect(server.port), .events = POLLIN};
		char request[100], bytes[4096];

		snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: t\r\n\r\n", path[i]);
		net_puts(ready.fd, request);
		assert_int_equal(poll(&ready, 1, NET_PATIENCE_MS), 1);
		assert_true(recv(ready.fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 100);
		assert_int_equal(recv(ready.fd, bytes, sizeof(bytes), MSG_DONTWAIT), 0);
		close(ready.fd);
	}
}

static void request__is_taken_apart(void **state)
{
	(void)state;
	assert_int_equal(
		ask("GET /head?a=%31&f=%C3%A9+%26&b HTTP/1.1\r\nHost: Shop.example:8080\r\n"
		    "Origin: https://shop.example\r\nX-Test:  two words \r\nCookie: a=b; "
		    "sid=42\r\nContent-Type: text/plain\r\nAuthorization: Bearer x\r\n\r\n"),
		200);
	has("GET /head ?a=1&f=%C3%A9%20%26&b host=Shop.example:8080 origin=https://shop.example "
	    "address=127.0.0.1 tls=0 x-test=two words f=[\xC3\xA9 &] cookie=[42] type=text/plain "
	    "auth=Bearer x");
	assert_int_equal(ask("GET //x/../head HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("GET /head ?");
	assert_int_equal(ask("GET /head%00 HTTP/1.1\r\nHost: t\r\n\r\n"), 0);
	assert_int_equal(ask("DELETE /head HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("DELETE /head");
	assert_int_equal(ask("OPTIONS /head HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("OPTIONS /head");
	assert_int_equal(ask("PUT /head HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("PUT /head");
}

static void proxy_header__of_a_stranger_is_not_believed(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /head HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 9.9.9.9\r\n"
			     "X-Forwarded-Proto: https\r\n\r\n"),
		200);
	has("address=127.0.0.1 tls=0");
}

static void body__is_collected_and_echoed(void **state)
{
	struct buf request;
	int fd;

	(void)state;
	assert_int_equal(ask("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), 200);
	assert_true(str_is(net_body(&answer), "abc"));
	assert_int_equal(ask("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n"), 200);
	assert_true(str_is(net_body(&answer), ""));
	assert_int_equal(ask("POST /x HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	buf_init(&request, 100000);
	buf_adds(&request, "POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 65536\r\n\r\n");
	for (int i = 0; i < 65536; i++)
		buf_addc(&request, (char)('a' + i % 7));
	assert_int_equal(net_ask(server.port, buf_str(&request), &answer), 200);
	assert_int_equal(net_body(&answer).n, 65536);
	assert_true(str_ends(buf_str(&request), net_body(&answer)));
	fd = net_connect(server.port);
	for (const char *p = "POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"; *p; p++)
		net_put(fd, p, 1);
	assert_true(net_read_to_end(fd, &answer));
	assert_true(str_is(net_body(&answer), "abc"));
	close(fd);
	buf_release(&request);
}

static void body__waits_for_the_continue_it_was_promised(void **state)
{
	char line[26] = "";
	int fd = net_connect(server.port);

	(void)state;
	net_puts(fd, "POST /x HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"
		     "Content-Length: 3\r\n\r\n");
	assert_true(net_get(fd, line, 25));
	assert_string_equal(line, "HTTP/1.1 100 Continue\r\n\r\n");
	net_puts(fd, "abc");
	assert_true(net_read_to_end(fd, &answer));
	assert_true(str_is(net_body(&answer), "abc"));
	close(fd);
}

/* The answer must arrive although the client goes on sending. */
static void body__over_the_ceiling_is_refused_and_the_answer_arrives(void **state)
{
	struct buf request;

	(void)state;
	buf_init(&request, 1 << 20);
	buf_adds(&request, "POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 500000\r\n\r\n");
	for (int i = 0; i < 500000; i++)
		buf_addc(&request, 'a');
	assert_int_equal(net_ask(server.port, buf_str(&request), &answer), 413);
	assert_int_equal(ask("GET / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), 413);
	assert_int_equal(
		ask("POST /forbidden HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), 403);
	buf_release(&request);
}

/* Asked for each request anew, and before its body is read. */
static void plan__that_needs_the_caller_is_judged_there(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /judged HTTP/1.1\r\nHost: t\r\n\r\n"), 401);
	assert_int_equal(ask("GET /judged HTTP/1.1\r\nHost: t\r\n\r\n"), 402);
	assert_int_equal(
		ask("POST /judged HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), 200);
	assert_true(str_is(net_body(&answer), "abc"));
	assert_int_equal(ask("POST /judged HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\n"), 413);
}

static void answer__long_or_without_body(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /big?static HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	assert_int_equal(net_body(&answer).n, BIG);
	has("X-One: 1\r\n");
	has("ETag: \"abc\"\r\n");
	has_not("X-Bad");
	has_not("X-Worse");
	assert_int_equal(ask("GET /big HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	assert_int_equal(net_body(&answer).n, BIG);
	for (size_t i = 0; i < BIG; i++)
		assert_int_equal(net_body(&answer).p[i], 'a' + i % 26);
	assert_int_equal(ask("HEAD /big HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("content-length: 300000\r\n");
	assert_int_equal(net_body(&answer).n, 0);
	assert_int_equal(ask("GET /nothing HTTP/1.1\r\nHost: t\r\n\r\n"), 204);
	has_not("content-length");
	assert_int_equal(net_body(&answer).n, 0);
}

static void answer__may_be_a_file(void **state)
{
	int before = net_count(server.port, "descriptors"), fd;

	(void)state;
	assert_int_equal(ask("GET /file HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("content-length: 300000\r\n");
	assert_int_equal(net_body(&answer).n, BIG);
	for (size_t i = 0; i < BIG; i++)
		assert_int_equal(net_body(&answer).p[i], 'a' + i % 26);
	assert_int_equal(ask("HEAD /file HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("content-length: 300000\r\n");
	assert_int_equal(net_body(&answer).n, 0);
	/* A file that has less than it had: the answer is cut, which its length shows. */
	assert_int_equal(ask("GET /file?short HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	has("content-length: 300001\r\n");
	assert_true(net_body(&answer).n < BIG + 1);
	for (int i = 0; i < 20; i++) { /* who asked has left */
		fd = net_connect(server.port);
		net_puts(fd, "GET /file HTTP/1.1\r\nHost: t\r\n\r\n");
		net_pause(i);
		close(fd);
	}
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS;
		net_clock_ms() < until && net_count(server.port, "descriptors") > before;
		net_pause(30))
		;
	assert_int_equal(net_count(server.port, "descriptors"), before);
}

static void answer__may_come_later(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(ask("GET /late HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	assert_true(str_is(net_body(&answer), "late"));
	assert_int_equal(ask("GET /turn HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
	assert_true(str_is(net_body(&answer), "this turn"));
	assert_int_equal(
		ask("POST /late HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), 200);
	for (int i = 0; i < 20; i++) { /* who asked has left before the answer */
		fd = net_connect(server.port);
		net_puts(fd, "GET /late HTTP/1.1\r\nHost: t\r\n\r\n");
		net_pause(i);
		close(fd);
	}
	assert_int_equal(ask("GET /late HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
}

static void pipelined_request__is_not_run(void **state)
{
	(void)state;
	assert_int_equal(ask("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"
			     "GET /big HTTP/1.1\r\nHost: t\r\n\r\n"),
		200);
	assert_true(str_is(net_body(&answer), "abc"));
	ask("GET / HTTP/1.1\r\nHost: t\r\n\r\nGET /big HTTP/1.1\r\nHost: t\r\n\r\n");
	assert_true(answer.n < 1000);
}

/* The one that made the library read freed memory: the second request of a connection. */
static void unknown_upgrade__on_a_second_request_is_never_seen(void **state)
{
	int fd = net_connect(server.port);

	(void)state;
	net_puts(fd, "GET / HTTP/1.1\r\nHost: t\r\nConnection: keep-alive\r\n\r\n");
	net_puts(fd, "GET / HTTP/1.1\r\nHost: t\r\nUpgrade: nonsense\r\n\r\n");
	net_pause(20);
	net_puts(fd, "GET / HTTP/1.1\r\nHost: t\r\nUpgrade: nonsense\r\n\r\n");
	assert_true(net_read_to_end(fd, &answer));
	close(fd);
	assert_int_equal(ask("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
}

#define UP(method, version, more)                                                                  \
	method " /chat HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\n"                             \
	       "Sec-WebSocket-Version: " version "\r\n"                                            \
	       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" more "\r\n"
#define GET(lines) "GET / HTTP/1.1\r\n" lines "\r\n"

static const struct refused {
	const char *request;
	int status; /* 0: closed without an answer, which the library does */
} refused[] = {
	/* Host */
	{GET(""), 400},
	{GET("Host:\r\n"), 400},
	{GET("Host: a\r\nHost: b\r\n"), 400},
	{GET("Host: a\r\nHost: a\r\n"), 400},
	{GET("Host: a,b\r\n"), 400},
	{GET("Host: a b\r\n"), 400},
	{GET("Host: a/b\r\n"), 400},
	{GET("Host: u@a\r\n"), 400},
	{GET("Host: a:b\r\n"), 400},
	{GET("Host: a:123456\r\n"), 400},
	{GET("Host: [::1\r\n"), 400},
	{GET("Host: [::1]x\r\n"), 400},
	/* Transfer-Encoding, in any dress */
	{GET("Host: t\r\nTransfer-Encoding: chunked\r\n"), 400},
	{GET("Host: t\r\nTransfer-Encoding: identity\r\n"), 400},
	{GET("Host: t\r\nTransfer-Encoding:\r\n"), 400},
	{GET("Host: t\r\nTransfer-Encoding : chunked\r\n"), 400},
	{GET("Host: t\r\nTransfer-Encoding\t: chunked\r\n"), 400},
	{GET("Host: t\r\ntRANSFER-eNCODING: xchunked\r\n"), 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: "
	 "chunked\r\n\r\n0\r\n\r\n",
		400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
	/* Content-Length */
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
		400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: +3\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 0x3\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3a\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length:\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 18446744073709551619\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length : 3\r\n\r\nabc", 400},
	{"POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 999999999999999\r\n\r\nabc", 413},
	/* paths and queries; a decoded line feed ends the line for the library, so no version is
	   left */
	{"GET /%00a HTTP/1.1\r\nHost: t\r\n\r\n", 400},
	{"GET /a%00b HTTP/1.1\r\nHost: t\r\n\r\n", 0},
	{"GET /a%0Ab HTTP/1.1\r\nHost: t\r\n\r\n", 505},
	{"GET /a%7F HTTP/1.1\r\nHost: t\r\n\r\n", 400},
	{"GET /a%FF HTTP/1.1\r\nHost: t\r\n\r\n", 400},
	{"GET /a%C0%AF HTTP/1.1\r\nHost: t\r\n\r\n", 400},
	{"GET /a&b HTTP/1.1\r\nHost: t\r\n\r\n", 400},
	{"GET /a;b HTTP/1.1\r\nHost: t\r\n\r\n", 400},
	{"GET /%4 HTTP/1.1\r\nHost: t\r\n\r\n", 403},
	{"GET /%zz HTTP/1.1\r\nHost: t\r\n\r\n", 403},
	{"GET /?a=%0A HTTP/1.1\r\nHost: t\r\n\r\n", 505},
	{"GET /?a=%00 HTTP/1.1\r\nHost: t\r\n\r\n", 0},
	{"GET /?a=%4 HTTP/1.1\r\nHost: t\r\n\r\n", 403},
	{"GET http://t/ HTTP/1.1\r\nHost: t\r\n\r\n", 403},
	/* versions and methods */
	{"GET / HTTP/1.2\r\nHost: t\r\n\r\n", 505},
	{"GET / HTTP/9.9\r\nHost: t\r\n\r\n", 505},
	{"GET / HTTP/1.1 x\r\nHost: t\r\n\r\n", 505},
	{"GET / \r\nHost: t\r\n\r\n", 505},
	{"GET /\r\nHost: t\r\n\r\n", 505},
	{"BREW / HTTP/1.1\r\nHost: t\r\n\r\n", 403},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 403},
	{"CONNECT t:80 HTTP/1.1\r\nHost: t\r\n\r\n", 0},
	{"GET / HTTP/1.1\r\nPOST /x HTTP/1.1\r\nHost: t\r\n\r\n", 0},
	/* a value with control bytes, a header that may stand once twice */
	{GET("Host: t\r\nCookie: a=\001\r\n"), 400},
	{GET("Host: t\r\nOrigin: https://a\r\nOrigin: https://b\r\n"), 400},
	{GET("Host: t\r\nAuthorization: a\r\nAuthorization: b\r\n"), 400},
	/* upgrades */
	{UP("GET", "13", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), 400},
	{UP("GET", "13", "Upgrade: nonsense\r\n"), 403},
	{UP("GET", "13", "Upgrade: websocket, h2c\r\n"), 403},
	{UP("GET", "13", "Upgrade: websocket\r\nUpgrade: h2c\r\n"), 400},
	{UP("GET", "99", "Upgrade: websocket\r\n"), 426},
	{UP("GET", "8", "Upgrade: websocket\r\n"), 426},
	{UP("GET", "13, 8", "Upgrade: websocket\r\n"), 426},
	{UP("GET", "", "Upgrade: websocket\r\n"), 426},
	{UP("POST", "13", "Upgrade: websocket\r\n"), 400},
	{UP("POST", "13", "Content-Length: 3\r\nUpgrade: websocket\r\n"), 400},
	{UP("GET", "13", "Content-Length: 3\r\nUpgrade: websocket\r\n"), 400},
	{UP("GET", "13", "Transfer-Encoding: chunked\r\nUpgrade: websocket\r\n"), 400},
	{UP("GET", "13", "Host: u\r\nUpgrade: websocket\r\n"), 400},
	{UP("GET", "13", "Sec-WebSocket-Key: x\r\nUpgrade: websocket\r\n"), 400},
	{UP("GET", "13", "Sec-WebSocket-Protocol: soap\r\nUpgrade: websocket\r\n"), 400},
	{"GET /chat HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	 "Sec-WebSocket-Version: 13\r\n\r\n",
		400},
	{"GET /chat HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: close\r\n"
	 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		400},
	{"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		400},
	{"GET /other HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		404},
};

static void request__that_should_not_be_is_refused(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		int status = ask(refused[i].request);

		if (status == refused[i].status)
			continue;
		print_error(
			"%d instead of %d:\n%s\n", status, refused[i].status, refused[i].request);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(net_count(server.port, "open"), 0);
	assert_int_equal(ask("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), 200);
}

static void path__over_2000_bytes_and_head_over_8_kilobytes_are_refused(void **state)
{
	struct buf request;

	(void)state;
	buf_init(&request, 100000);
	buf_adds(&request, "GET /");
	for (int i = 0; i < 2000; i++)
		buf_addc(&request, 'a');
	buf_adds(&request, " HTTP/1.1\r\nHost: t\r\n\r\n");
	assert_int_equal(net_ask(server.port, buf_str(&request), &answer), 414);
	buf_clear(&request);
	buf_adds(&request, "GET / HTTP/1.1\r\nHost: t\r\n");
	for (int i = 0; i < 400; i++)
		buf_addf(&request, "X-%d: 0123456789012345678901234567890\r\n", i);
	buf_adds(&request, "\r\n");
	assert_int_equal(net_ask(server.port, buf_str(&request), &answer), 0);
	buf_release(&request);
}

static void port__that_is_taken_is_an_error(void **state)
{
	struct listener_setup setup = {.address = "127.0.0.1", .port = server.port};
	struct buf error, expected;

	(void)state;
	buf_init(&error, 500);
	buf_init(&expected, 500);
	setup.loop = loop_new();
	assert_null(listener_open(&setup, &error));
	buf_addf(&expected, "cannot listen on 127.0.0.1:%d: address already in use", server.port);
	assert_true(str_eq(buf_str(&error), buf_str(&expected)));
	buf_clear(&error);
	setup.address = "localhost";
	assert_null(listener_open(&setup, &error));
	assert_true(str_find(buf_str(&error), S("not an IP address")) > 0);
	buf_clear(&error);
	setup.address = "127.0.0.1";
	setup.port = 0;
	setup.certificate = "/nowhere/cert.pem";
	setup.key = "/nowhere/key.pem";
	assert_null(listener_open(&setup, &error));
	assert_true(str_is(buf_str(&error), "cannot read '/nowhere/cert.pem'"));
	buf_clear(&error);
	setup.certificate = setup.key = SOURCE_DIR "/LICENSE";
	assert_null(listener_open(&setup, &error));
	assert_true(str_starts(buf_str(&error), S("cannot use certificate")));
	loop_free(setup.loop);
	buf_release(&error);
	buf_release(&expected);
}

static struct http_plan plan_nothing(void *self, const struct http_head *head)
{
	(void)self;
	(void)head;
	return (struct http_plan){.refuse = 404};
}

static void listener__that_only_began_takes_nobody(void **state)
{
	struct listener_setup setup = {
		.address = "127.0.0.1", .loop = loop_new(), .plan = plan_nothing, .apart = true};
	struct listener *listener = listener_begin(&setup);
	struct buf error;

	(void)state;
	buf_init(&error, 500);
	assert_int_equal(listener_port(listener), 0);
	listener_close(listener);
	listener = listener_begin(&setup);
	assert_true(listener_listen(listener, &error));
	assert_int_equal(
		net_ask(listener_port(listener), S("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), &answer),
		404);
	listener_close(listener);
	setup.port = server.port;
	listener = listener_begin(&setup);
	assert_false(listener_listen(listener, &error));
	assert_true(str_starts(buf_str(&error), S("cannot listen on 127.0.0.1:")));
	listener_close(listener);
	loop_free(setup.loop);
	buf_release(&error);
}

/* Nobody runs the loop: it is the second one's thread that answers. */
static void listeners__of_one_loop_are_two(void **state)
{
	struct listener_setup setup = {
		.address = "127.0.0.1", .loop = loop_new(), .plan = plan_nothing};
	struct listener *one, *two;
	struct buf error;

	(void)state;
	buf_init(&error, 500);
	one = listener_open(&setup, &error);
	two = listener_open(&setup, &error);
	assert_true(one && two);
	assert_int_equal(
		net_ask(listener_port(two), S("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), &answer), 404);
	listener_drain(two);
	listener_close(one);
	listener_close(two);
	loop_free(setup.loop);
	buf_release(&error);
}

static struct loop *own_loop;
static unsigned n_answered;

static struct http_plan plan_any(void *self, const struct http_head *head)
{
	(void)self;
	(void)head;
	return (struct http_plan){0};
}

static void answer_at_once(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	(void)self;
	(void)head;
	(void)body;
	n_answered++;
	exchange_answer(exchange, &(struct http_answer){.status = 200, .body = S("hello")});
}

static void stop_own_loop(void *self)
{
	(void)self;
	loop_stop(own_loop);
}

static void run_own_loop(void)
{
	struct loop_timer timer = {{0}};

	loop_timer_start(own_loop, &timer, 5, stop_own_loop, NULL);
	loop_run(own_loop);
}

static void send_request(const struct listener *listener)
{
	int fd = net_connect(listener_port(listener));
	unsigned before = n_answered;

	net_puts(fd, "GET / HTTP/1.1\r\nHost: t\r\n\r\n");
	while (n_answered == before)
		run_own_loop();
	run_own_loop();
	close(fd);
}

/* The first has its thread while it has many, and may not have the loop back meanwhile. */
static void listener__that_was_parted_leaves_the_loop_to_another(void **state)
{
	enum { CROWD = 300 };
	struct listener_setup setup = {
		.address = "127.0.0.1", .plan = plan_any, .request = answer_at_once};
	struct listener *one, *two;
	struct buf error;
	int fd[CROWD];

	(void)state;
	buf_init(&error, 500);
	setup.loop = own_loop = loop_new();
	one = listener_open(&setup, &error);
	assert_non_null(one);
	for (int i = 0; i < CROWD; i++) {
		fd[i] = net_connect(listener_port(one));
		if (i % 50 == 49)
			run_own_loop();
	}
	send_request(one);
	two = listener_open(&setup, &error);
	assert_non_null(two);
	send_request(two);
	for (int i = 0; i < CROWD; i++)
		close(fd[i]);
	while (listener_connections(one))
		run_own_loop();
	for (int i = 0; i < 3; i++) {
		send_request(one);
		send_request(two);
	}
	listener_close(two);
	send_request(one);
	listener_close(one);
	loop_free(own_loop);
	buf_release(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request__is_answered_and_closed),
		cmocka_unit_test(answer__and_the_end_are_one_packet),
		cmocka_unit_test(request__is_taken_apart),
		cmocka_unit_test(proxy_header__of_a_stranger_is_not_believed),
		cmocka_unit_test(body__is_collected_and_echoed),
		cmocka_unit_test(body__waits_for_the_continue_it_was_promised),
		cmocka_unit_test(body__over_the_ceiling_is_refused_and_the_answer_arrives),
		cmocka_unit_test(plan__that_needs_the_caller_is_judged_there),
		cmocka_unit_test(answer__long_or_without_body),
		cmocka_unit_test(answer__may_be_a_file),
		cmocka_unit_test(answer__may_come_later),
		cmocka_unit_test(pipelined_request__is_not_run),
		cmocka_unit_test(unknown_upgrade__on_a_second_request_is_never_seen),
		cmocka_unit_test(request__that_should_not_be_is_refused),
		cmocka_unit_test(path__over_2000_bytes_and_head_over_8_kilobytes_are_refused),
		cmocka_unit_test(port__that_is_taken_is_an_error),
		cmocka_unit_test(listener__that_only_began_takes_nobody),
		cmocka_unit_test(listeners__of_one_loop_are_two),
		cmocka_unit_test(listener__that_was_parted_leaves_the_loop_to_another),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
