/* WebSockets that we open: against our own listener, with and without TLS, and against what is no
 * WebSocket at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/net/socket_client.h"
#include "tests/contract/net_client.h"

static char folder[] = "/tmp/net_outward_XXXXXX", certificate[64], key[64];
static struct net_child plain, secure;
static struct loop *loop;
static struct socket_client *client;

/* What one connection went through. */
struct tale {
	struct outward *socket;
	const char *say; /* when it is open; NULL: nothing */
	unsigned times;  /* beyond the first */
	unsigned opened, messages, closed, wanted_messages;
	struct buf last;
	char why[200];
	unsigned code;
};

static void opened(void *self, struct outward *socket)
{
	struct tale *tale = self;

	assert_ptr_equal(socket, tale->socket);
	tale->opened++;
	for (unsigned i = 0; tale->say && i <= tale->times; i++)
		assert_true(outward_send(socket, str_of(tale->say)));
}

static void message(void *self, struct outward *socket, struct str text)
{
	struct tale *tale = self;

	tale->messages++;
	buf_clear(&tale->last);
	buf_add(&tale->last, text);
	if (tale->messages == tale->wanted_messages)
		outward_close(socket, 1000);
}

static void closed(void *self, struct outward *socket, unsigned code, const char *why)
{
	struct tale *tale = self;

	assert_ptr_equal(socket, tale->socket);
	tale->closed++;
	tale->code = code;
	snprintf(tale->why, sizeof(tale->why), "%s", why);
	loop_stop(loop);
}

static void out_of_patience(void *self)
{
	(void)self;
	loop_stop(loop);
}

static void run_loop(int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(loop, &timer, ms, out_of_patience, NULL);
	loop_run(loop);
	loop_timer_stop(loop, &timer);
}

static void begin(struct tale *tale, const struct outward_setup *with, const char *url)
{
	struct outward_setup setup = *with;

	buf_init(&tale->last, 1 << 20);
	setup.url = str_of(url);
	setup.self = tale;
	setup.opened = opened;
	setup.message = message;
	setup.closed = closed;
	tale->socket = outward_open(client, &setup);
	assert_int_equal(tale->closed, 0);
}

/* Until it is closed. */
static void live(struct tale *tale, const struct outward_setup *with, const char *url)
{
	begin(tale, with, url);
	run_loop(NET_PATIENCE_MS);
	assert_int_equal(tale->closed, 1);
}

static void finish(struct tale *tale)
{
	buf_release(&tale->last);
}

static const char *address(const char *scheme, const char *host, int port, const char *path)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s://%s:%d%s", scheme, host, port, path);
	return text;
}

static const struct outward_setup usual;

static void a_message__goes_there_and_back(void **state)
{
	static const char *const text[] = {
		"hello", "gr\xC3\xBC\xC3\x9F dich \xF0\x9F\x91\x8B", "x"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct tale tale = {.say = text[i], .wanted_messages = 1};

		live(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/chat?ticket=1"));
		assert_int_equal(tale.opened, 1);
		assert_true(str_is(buf_str(&tale.last), text[i]));
		assert_string_equal(tale.why, "closed");
		finish(&tale);
	}
}

static void a_long_message__arrives_whole(void **state)
{
	struct tale tale = {.say = "big", .wanted_messages = 1};

	(void)state;
	live(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_int_equal(tale.last.n, BIG / 2);
	finish(&tale);
}

static void a_message_that_is_too_long__ends_it(void **state)
{
	struct outward_setup small = {.max_message_bytes = 1000};
	struct tale tale = {.say = "big"};

	(void)state;
	live(&tale, &small, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_int_equal(tale.messages, 0);
	assert_string_equal(tale.why, "a message that is too long, or no text");
	finish(&tale);
}

/* What still comes while we close: libwebsockets has a hole there, see socket_client.c. */
static void a_flood__does_not_keep_it_open(void **state)
{
	struct outward_setup small = {.max_message_bytes = 1000, .close_ms = 500};
	struct tale tale = {.say = "big", .times = 5};
	struct tale polite = {.say = "big", .times = 5, .wanted_messages = 1};

	(void)state;
	live(&tale, &small, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_int_equal(tale.messages, 0);
	finish(&tale);
	live(&polite, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_int_equal(polite.messages, 1);
	finish(&polite);
}

static void many_messages__keep_their_order(void **state)
{
	struct tale tale = {.say = "three", .wanted_messages = 3};

	(void)state;
	live(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_true(str_is(buf_str(&tale.last), "3"));
	finish(&tale);
}

static void the_other_sides_close__is_told(void **state)
{
	struct tale tale = {.say = "bye"};

	(void)state;
	live(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_int_equal(tale.messages, 1);
	assert_true(str_is(buf_str(&tale.last), "last words"));
	assert_string_equal(tale.why, "closed by the other side: 4001");
	assert_int_equal(tale.code, 4001);
	finish(&tale);
}

static void silence__is_broken_by_pings(void **state)
{
	struct outward_setup impatient = {.ping_ms = 50, .drop_ms = 1000};
	struct tale tale = {0};

	(void)state;
	begin(&tale, &impatient, address("ws", "127.0.0.1", plain.port, "/chat"));
	run_loop(1500); /* longer than the silence that would end it */
	assert_int_equal(tale.opened, 1);
	assert_int_equal(tale.closed, 0);
	outward_close(tale.socket, 1000);
	run_loop(NET_PATIENCE_MS);
	assert_int_equal(tale.closed, 1);
	finish(&tale);
}

static void what_is_no_websocket__is_refused(void **state)
{
	struct tale tale = {0};

	(void)state;
	live(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/nothing-here"));
	assert_int_equal(tale.opened, 0);
	assert_true(str_starts(str_of(tale.why), S("cannot connect")));
	finish(&tale);
}

static void nobody_there__is_told(void **state)
{
	struct tale tale = {0};

	(void)state;
	live(&tale, &usual, "ws://127.0.0.1:1/");
	assert_int_equal(tale.opened, 0);
	finish(&tale);
	tale = (struct tale){0};
	live(&tale, &usual, "wss://no-such-host.invalid/");
	assert_int_equal(tale.opened, 0);
	finish(&tale);
}

static int deaf_socket(int *port)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	socklen_t n = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, n), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &n), 0);
	*port = ntohs(name.sin_port);
	return fd;
}

static void whoever_never_answers__is_given_up(void **state)
{
	struct outward_setup impatient = {.open_ms = 200};
	struct tale tale = {0};
	int port, fd = deaf_socket(&port);

	(void)state;
	live(&tale, &impatient, address("ws", "127.0.0.1", port, "/"));
	assert_string_equal(tale.why, "not open in time");
	finish(&tale);
	tale = (struct tale){0};
	live(&tale, &impatient, address("wss", "localhost", port, "/"));
	assert_string_equal(tale.why, "not open in time");
	finish(&tale);
	close(fd);
}

static void addresses__are_looked_at(void **state)
{
	static const struct {
		const char *url, *why;
	} row[] = {
		{"http://127.0.0.1/", "no address of a WebSocket"},
		{"", "no address of a WebSocket"},
		{"wss://", "no address of a WebSocket"},
		{"ws://192.0.2.1/", "without TLS only to this machine"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct tale tale = {0};

		live(&tale, &usual, row[i].url);
		assert_string_equal(tale.why, row[i].why);
		finish(&tale);
	}
}

static void tls__is_checked(void **state)
{
	struct tale tale = {.say = "hello", .wanted_messages = 1};

	(void)state;
	live(&tale, &usual, address("wss", "localhost", secure.port, "/chat"));
	assert_int_equal(tale.opened, 1);
	assert_true(str_is(buf_str(&tale.last), "hello"));
	finish(&tale);
	/* The certificate is for localhost. */
	tale = (struct tale){0};
	live(&tale, &usual, address("wss", "127.0.0.1", secure.port, "/chat"));
	assert_int_equal(tale.opened, 0);
	finish(&tale);
}

static void an_unknown_certificate__is_refused(void **state)
{
	struct socket_client_setup setup = {.loop = loop, .allow_loopback = true};
	struct socket_client *known = client;
	struct tale tale = {0};
	struct buf error;

	(void)state;
	buf_init(&error, 500);
	client = socket_client_new(&setup, &error);
	assert_non_null(client);
	live(&tale, &usual, address("wss", "localhost", secure.port, "/chat"));
	assert_int_equal(tale.opened, 0);
	finish(&tale);
	socket_client_free(client);
	client = known;
	buf_release(&error);
}

static void this_machine__is_not_allowed__unless_said(void **state)
{
	struct socket_client_setup setup = {.loop = loop};
	struct socket_client *known = client;
	struct tale tale = {0};
	struct buf error;

	(void)state;
	buf_init(&error, 500);
	client = socket_client_new(&setup, &error);
	live(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	assert_string_equal(tale.why, "this machine is not allowed");
	finish(&tale);
	socket_client_free(client);
	client = known;
	buf_release(&error);
}

/* Whoever goes away hears nothing any more, at whatever stage. */
static void forgotten__is_silent(void **state)
{
	struct tale early = {0}, open = {.say = "hello"};

	(void)state;
	begin(&early, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	outward_forget(early.socket, 1000);
	begin(&open, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	run_loop(300);
	assert_int_equal(open.messages, 1);
	outward_forget(open.socket, 1000);
	run_loop(300);
	assert_int_equal(early.opened + early.closed + open.closed, 0);
	finish(&early);
	finish(&open);
}

static void the_end__frees_what_is_open(void **state)
{
	struct tale tale = {0}, late = {0};

	(void)state;
	begin(&tale, &usual, address("ws", "127.0.0.1", plain.port, "/chat"));
	run_loop(200);
	begin(&late, &usual, address("wss", "localhost", secure.port, "/chat"));
	assert_int_equal(tale.opened, 1);
	socket_client_free(client);
	client = NULL;
	run_loop(100);
	assert_int_equal(tale.closed + late.closed, 0);
	finish(&tale);
	finish(&late);
}

static int make_certificate(void)
{
	char command[600];

	snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
	snprintf(key, sizeof(key), "%s/key.pem", folder);
	snprintf(command, sizeof(command),
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		"-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout %s -out %s "
		"2>/dev/null",
		key, certificate);
	return system(command);
}

static int start(void **state)
{
	struct listener_setup setup = {.limits = {.max_queue_bytes = 1 << 20}};
	struct socket_client_setup with = {.allow_loopback = true, .ca_file = certificate};
	struct buf error;

	(void)state;
	if (!mkdtemp(folder) || make_certificate())
		return -1;
	plain = net_start(&setup);
	setup.certificate = certificate;
	setup.key = key;
	secure = net_start(&setup);
	loop = loop_new();
	with.loop = loop;
	buf_init(&error, 500);
	client = socket_client_new(&with, &error);
	buf_release(&error);
	return client && plain.port && secure.port ? 0 : -1;
}

static int stop(void **state)
{
	char command[100];
	bool good;

	(void)state;
	socket_client_free(client);
	loop_free(loop);
	good = net_finish(plain) & net_finish(secure);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) == 0 && good ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message__goes_there_and_back),
		cmocka_unit_test(a_long_message__arrives_whole),
		cmocka_unit_test(a_message_that_is_too_long__ends_it),
		cmocka_unit_test(a_flood__does_not_keep_it_open),
		cmocka_unit_test(many_messages__keep_their_order),
		cmocka_unit_test(the_other_sides_close__is_told),
		cmocka_unit_test(silence__is_broken_by_pings),
		cmocka_unit_test(what_is_no_websocket__is_refused),
		cmocka_unit_test(nobody_there__is_told),
		cmocka_unit_test(whoever_never_answers__is_given_up),
		cmocka_unit_test(addresses__are_looked_at),
		cmocka_unit_test(tls__is_checked),
		cmocka_unit_test(an_unknown_certificate__is_refused),
		cmocka_unit_test(this_machine__is_not_allowed__unless_said),
		cmocka_unit_test(forgotten__is_silent),
		cmocka_unit_test(the_end__frees_what_is_open),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
