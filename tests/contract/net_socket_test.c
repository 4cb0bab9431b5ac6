/* The listener, WebSockets: messages, ceilings, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/contract/net_client.h"

static struct net_child server;
static struct buf payload;

static int start(void **state)
{
	struct listener_setup setup = {.limits = {.request_ms = 60000, .message_ms = 60000}};

	(void)state;
	buf_init(&payload, 4 << 20);
	server = net_start(&setup);
	return server.port ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	buf_release(&payload);
	return net_finish(server) ? 0 : -1;
}

static void expect_text(int fd, const char *text)
{
	assert_int_equal(net_next(fd, &payload), NET_TEXT);
	assert_true(str_is(buf_str(&payload), text));
}

static void expect_close(int fd, int code)
{
	assert_int_equal(net_close_code(fd), code);
	net_part_of_frame(fd, 0x80 | NET_CLOSE, 2, "\x03\xE8", 2);
	assert_true(net_is_closed(fd));
	close(fd);
}

static void message__is_echoed_whole(void **state)
{
	char long_text[16385] = "";
	int fd = net_websocket(server.port);

	(void)state;
	assert_true(net_echoes(fd, "hello", "hello"));
	assert_true(net_echoes(fd, "", ""));
	assert_true(net_echoes(fd, "gr\xC3\xBC\xC3\x9F dich \xF0\x9F\x91\x8B",
		"gr\xC3\xBC\xC3\x9F dich \xF0\x9F\x91\x8B"));
	for (size_t n = 120; n <= 16384; n = n < 1000                     ? n + 1
					     : n * 2 > 16384 && n < 16384 ? 16384
									  : n * 2) {
		memset(long_text, 'x', n);
		long_text[n] = 0;
		assert_true(net_echoes(fd, long_text, long_text));
	}
	assert_true(net_echoes(fd, "who", "127.0.0.1"));
	close(fd);
}

static void messages__leave_one_a_frame_in_their_order(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_say(fd, "three");
	net_say(fd, "4");
	expect_text(fd, "1");
	expect_text(fd, "2");
	expect_text(fd, "3");
	expect_text(fd, "4");
	net_say(fd, "big"); /* more than a socket takes at once */
	net_say(fd, "after");
	assert_int_equal(net_next(fd, &payload), NET_TEXT);
	assert_int_equal(payload.n, BIG / 2);
	expect_text(fd, "after");
	close(fd);
}

static void message__in_the_handshake_s_segment_is_heard(void **state)
{
	int fd = net_connect(server.port);
	char head[400];
	size_t n = 0;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1000);
	buf_adds(&bytes, NET_UPGRADE);
	buf_add(&bytes, (struct str){"\x81\x85\0\0\0\0early", 11});
	net_put(fd, bytes.p, bytes.n);
	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4))
		assert_true(net_get(fd, head + n++, 1) && n < sizeof(head));
	expect_text(fd, "early");
	buf_release(&bytes);
	close(fd);
}

static void fragments__make_one_message_with_control_frames_between(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_part_of_frame(fd, NET_TEXT, 2, "he", 2);
	net_part_of_frame(fd, 0x80 | NET_PING, 1, "p", 1);
	net_part_of_frame(fd, NET_CONTINUE, 0, "", 0);
	net_part_of_frame(fd, 0x80 | NET_CONTINUE, 3, "llo", 3);
	do
		assert_int_not_equal(net_next(fd, &payload), -1);
	while (!str_is(buf_str(&payload), "hello"));
	net_part_of_frame(fd, NET_TEXT, 3, "a\xF0\x9F", 3); /* a letter in two fragments */
	net_part_of_frame(fd, 0x80 | NET_CONTINUE, 2, "\x91\x8B", 2);
	do
		assert_int_not_equal(net_next(fd, &payload), -1);
	while (!str_is(buf_str(&payload), "a\xF0\x9F\x91\x8B"));
	for (int i = 0; i < 63; i++)
		net_part_of_frame(fd, i ? NET_CONTINUE : NET_TEXT, 1, "x", 1);
	net_part_of_frame(fd, 0x80 | NET_CONTINUE, 1, "y", 1);
	assert_int_equal(net_next(fd, &payload), NET_TEXT);
	assert_int_equal(payload.n, 64);
	close(fd);
}

static void fragments__over_64_close_1009(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	for (int i = 0; i < 1000; i++)
		net_part_of_frame(fd, i ? NET_CONTINUE : NET_TEXT, 0, "", 0);
	expect_close(fd, 1009);
}

static void message__over_the_ceiling_closes_1009_at_its_announcement(void **state)
{
	static char text[17000];
	int fd = net_websocket(server.port);

	(void)state;
	net_part_of_frame(fd, 0x80 | NET_TEXT, 16385, "x", 1); /* nothing more of it comes */
	expect_close(fd, 1009);
	fd = net_websocket(server.port);
	net_part_of_frame(fd, 0x80 | NET_TEXT, INT64_MAX, "x", 1);
	expect_close(fd, 1009);
	fd = net_websocket(server.port);
	memset(text, 'x', sizeof(text));
	net_part_of_frame(fd, NET_TEXT, 10000, text, 10000);
	net_part_of_frame(fd, 0x80 | NET_CONTINUE, 6385, text, 1);
	expect_close(fd, 1009);
}

static void frame__with_the_top_bit_of_its_length_ends_the_connection(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_part_of_frame(fd, 0x80 | NET_TEXT, UINT64_MAX, "x", 1);
	assert_true(net_is_closed(fd));
	close(fd);
}

static void message__that_is_no_text_closes(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		unsigned opcode;
		int code;
	} wrong[] = {
		{"\xFF", 1, NET_TEXT, 1007},
		{"\xC3", 1, NET_TEXT, 1007},
		{"\xC0\xAF", 2, NET_TEXT, 1007},
		{"\xED\xA0\x80", 3, NET_TEXT, 1007},
		{"\xF4\x90\x80\x80", 4, NET_TEXT, 1007},
		{"a\0b", 3, NET_TEXT, 1007},
		{"\0", 1, NET_TEXT, 1007},
		{"abc", 3, NET_BINARY, 1003},
		{"", 0, NET_BINARY, 1003},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int fd = net_websocket(server.port);

		net_frame(fd, wrong[i].opcode, (struct str){wrong[i].bytes, wrong[i].n});
		expect_close(fd, wrong[i].code);
	}
}

/* What the library refuses by itself: closed with 1002 or at once. */
static void frame__that_the_protocol_forbids_ends_the_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} wrong[] = {
		{"\xC1\x80\0\0\0\0", 6}, /* a reserved bit */
		{"\xA1\x80\0\0\0\0", 6}, /* another */
		{"\x91\x80\0\0\0\0", 6}, /* the third */
		{"\x83\x80\0\0\0\0", 6}, /* a reserved opcode */
		{"\x87\x80\0\0\0\0", 6}, {"\x8B\x80\0\0\0\0", 6}, {"\x8F\x80\0\0\0\0", 6},
		{"\x09\x80\0\0\0\0", 6},       /* a ping in fragments */
		{"\x08\x80\0\0\0\0", 6},       /* a close in fragments */
		{"\x89\xFE\0\x7E\0\0\0\0", 8}, /* a ping of 126 bytes */
		{"\x88\xFE\0\x7E\0\0\0\0", 8}, {"\x89\xFF\0\0\0\0\0\0\0\x01\0\0\0\0", 14},
		{"\x80\x80\0\0\0\0", 6}, /* a continuation of nothing */
		{"\x00\x80\0\0\0\0", 6},
		{"\x01\x81\0\0\0\0a\x81\x81\0\0\0\0b", 14}, /* a new message in the middle of one */
		{"\x01\x81\0\0\0\0a\x82\x81\0\0\0\0b", 14},
		{"\x88\x82\0\0\0\0\x03\xE7", 8}, /* close codes that may not be sent */
		{"\x88\x82\0\0\0\0\x03\xED", 8}, {"\x88\x82\0\0\0\0\x03\xEE", 8},
		{"\x88\x81\0\0\0\0\x03", 7}, /* half a code */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int fd = net_websocket(server.port);

		int code;

		net_put(fd, wrong[i].bytes, wrong[i].n);
		code = net_close_code(fd);
		if (code != 1002 && code != 1005 && code != 0)
			fail_msg("frame %zu: close code %d", i, code);
		net_part_of_frame(fd, 0x80 | NET_CLOSE, 0, "", 0);
		if (!net_is_closed(fd))
			fail_msg("frame %zu was taken", i);
		close(fd);
	}
}

/* The library does not show the mask bit; each connection belongs to one peer and is read once, so
 * the proxies that masking protects are not in danger: taken like a masked one. */
/* Nobody waits for ever for the other half of a closing handshake. */
static void close__that_is_not_answered_ends_too(void **state)
{
	struct listener_setup setup = {.limits = {.message_ms = 300}};
	struct net_child other = net_start(&setup);
	int forbidden = net_websocket(other.port), asked = net_websocket(other.port);

	(void)state;
	net_put(forbidden, "\x83\x80\0\0\0\0", 6);
	net_say(asked, "bye");
	assert_int_equal(net_close_code(forbidden), 1002);
	assert_int_equal(net_close_code(asked), 4001);
	assert_true(net_is_closed(forbidden) && net_is_closed(asked));
	close(forbidden);
	close(asked);
	assert_true(net_finish(other));
}

static void frame__without_mask_does_no_harm(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_put(fd, "\x81\x05hello", 7);
	expect_text(fd, "hello");
	net_put(fd, "\x81\x7E\0\0", 4); /* an empty one in the long form: the library swallows it */
	assert_true(net_echoes(fd, "still here", "still here"));
	close(fd);
}

/* One after the other, as the library may take several that come together for one. */
static void pings__over_20_a_minute_close_1008(void **state)
{
	int fd = net_websocket(server.port), n = 0, opcode;

	(void)state;
	for (; n < 20; n++) {
		net_part_of_frame(fd, 0x80 | NET_PING, 2, "pp", 2);
		assert_int_equal(net_next(fd, &payload), NET_PONG);
	}
	assert_true(net_echoes(fd, "fine so far", "fine so far"));
	do {
		net_part_of_frame(fd, 0x80 | NET_PING, 2, "pp", 2);
		opcode = net_next(fd, &payload);
	} while (opcode == NET_PONG && ++n < 10000);
	assert_int_equal(opcode, NET_CLOSE);
	assert_true(str_starts(buf_str(&payload), S("\x03\xF0")));
	close(fd);
}

static void pongs__that_nobody_asked_for_close_1008(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	for (int i = 0; i < 20; i++)
		net_part_of_frame(fd, 0x80 | NET_PONG, 2, "pp", 2);
	assert_true(net_echoes(fd, "fine so far", "fine so far"));
	net_part_of_frame(fd, 0x80 | NET_PONG, 2, "pp", 2);
	expect_close(fd, 1008);
}

/* Without a pause, and pongs without text, of which the library tells nothing at all. */
static void control_frames__in_a_flood_close(void **state)
{
	struct listener_setup setup = {.limits = {.ping_ms = 200, .drop_ms = 100000}};
	struct net_child other = net_start(&setup);

	(void)state;
	for (int i = 0; i < 2; i++) {
		char flood[6000];
		int fd = net_websocket(other.port);
		int64_t until = net_clock_ms() + NET_PATIENCE_MS;

		for (size_t at = 0; at < sizeof(flood); at += 6)
			memcpy(flood + at, i ? "\x8A\x80\0\0\0\0" : "\x89\x80\0\0\0\0", 6);
		while (send(fd, flood, sizeof(flood), MSG_NOSIGNAL) > 0)
			assert_true(net_clock_ms() < until);
		close(fd);
	}
	assert_true(net_events(other.port, "messages_refused", "control_frames") > 0);
	assert_true(net_finish(other));
}

static void queue__over_its_ceiling_closes_1013(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_say(fd, "flood");
	expect_close(fd, 1013);
	assert_true(net_events(server.port, "messages_refused", "queue") > 0);
}

/* The caller is busy, the network goes on hearing. */
static void messages__that_wait_to_be_heard_have_a_ceiling(void **state)
{
	struct listener_setup setup = {.limits = {.max_queue_bytes = 4096}, .apart = true};
	struct net_child other = net_start(&setup);
	int fd = net_websocket(other.port), calm = net_websocket(other.port);

	(void)state;
	net_say(fd, "wait for a sign");
	net_say(calm, "one at a time");
	for (int i = 0; i < 100; i++)
		net_say(fd, "and another thing");
	expect_close(fd, 1013);
	assert_int_equal(kill(other.pid, SIGUSR1), 0);
	expect_text(calm, "one at a time");
	close(calm);
	assert_true(net_events(other.port, "messages_refused", "unheard") > 0);
	assert_true(net_finish(other));
}

static void socket__may_be_let_in_by_its_head_alone(void **state)
{
	struct buf answer;
	int fd = net_connect(server.port);
	char head[12];

	(void)state;
	buf_init(&answer, 4000);
	net_puts(fd, NET_UPGRADE_OF("/plain"));
	assert_true(net_get(fd, head, sizeof(head)));
	assert_memory_equal(head, "HTTP/1.1 101", sizeof(head));
	close(fd);
	assert_int_equal(net_ask(server.port, S(NET_UPGRADE_OF("/nowhere")), &answer), 410);
	assert_int_equal(net_ask(server.port, S(NET_UPGRADE_OF("/none")), &answer), 404);
	buf_release(&answer);
}

static void close__by_the_server_comes_after_what_was_said(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_say(fd, "bye");
	expect_text(fd, "last words");
	assert_int_equal(net_next(fd, &payload), NET_CLOSE);
	assert_true(str_is(buf_str(&payload), "\x0F\xA1"
					      "bye"));
	net_part_of_frame(fd, 0x80 | NET_CLOSE, 2, "\x0F\xA1", 2);
	assert_true(net_is_closed(fd));
	close(fd);
}

static void close__by_the_server_comes_after_what_waits_for_the_socket(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_say(fd, "big"); /* more than a socket takes at once */
	net_say(fd, "big");
	net_say(fd, "bye");
	net_pause(100); /* all of it waits, and nothing is read */
	assert_int_equal(net_next(fd, &payload), NET_TEXT);
	assert_int_equal(net_next(fd, &payload), NET_TEXT);
	expect_text(fd, "last words");
	assert_int_equal(net_close_code(fd), 4001);
	net_part_of_frame(fd, 0x80 | NET_CLOSE, 2, "\x0F\xA1", 2);
	assert_true(net_is_closed(fd));
	close(fd);
}

static void say_number(int fd, int who, int k)
{
	char text[40];

	snprintf(text, sizeof(text), "%d says %d", who, k);
	net_say(fd, text);
}

static void expect_numbers(int fd, int who, int from, int to)
{
	char text[40];

	for (int k = from; k < to; k++) {
		snprintf(text, sizeof(text), "%d says %d", who, k);
		expect_text(fd, text);
	}
}

/* Their number decides which thread serves them; nobody notices. */
static void connections__that_become_many_and_few_again__lose_nothing(void **state)
{
	enum { FEW = 20, MANY = 300, ROUNDS = 4 };
	int fd[MANY], said = 0;

	(void)state;
	for (int i = 0; i < FEW; i++)
		fd[i] = net_websocket(server.port);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = FEW; i < MANY; i++) {
			fd[i] = net_websocket(server.port);
			say_number(fd[i], i, 0);
			say_number(fd[i % FEW], i % FEW, said + (i - FEW) / FEW);
		}
		said += (MANY - FEW) / FEW;
		for (int i = FEW; i < MANY; i++) {
			expect_numbers(fd[i], i, 0, 1);
			close(fd[i]);
			if (i % FEW == 0)
				for (int k = 0; k < FEW; k++)
					say_number(fd[k], k, said + (i - FEW) / FEW);
		}
		said += (MANY - FEW) / FEW;
	}
	for (int i = 0; i < FEW; i++) {
		expect_numbers(fd[i], i, 0, said);
		close(fd[i]);
	}
	assert_int_equal(said, 2 * ROUNDS * (MANY - FEW) / FEW);
}

static void close__by_the_peer_is_answered(void **state)
{
	int fd = net_websocket(server.port);

	(void)state;
	net_part_of_frame(fd, 0x80 | NET_CLOSE, 2, "\x03\xE8", 2);
	assert_int_equal(net_close_code(fd), 1000);
	assert_true(net_is_closed(fd));
	close(fd);
	fd = net_websocket(server.port);
	net_part_of_frame(fd, 0x80 | NET_CLOSE, 0, "", 0);
	assert_int_equal(net_close_code(fd), 1005);
	close(fd);
}

static void every_socket__is_told_closed(void **state)
{
	int fd[20];

	(void)state;
	for (int i = 0; i < 20; i++) {
		fd[i] = net_websocket(server.port);
		net_say(fd[i], "hello");
		if (i % 2)
			close(fd[i]);
	}
	for (int i = 0; i < 20; i += 2) {
		expect_text(fd[i], "hello");
		close(fd[i]);
	}
	for (int64_t until = net_clock_ms() + NET_PATIENCE_MS; net_clock_ms() < until;
		net_pause(20))
		if (net_count(server.port, "connections") == 1) /* the one that asks */
			break;
	assert_int_equal(net_count(server.port, "open"), net_count(server.port, "closed"));
	assert_int_equal(net_count(server.port, "opened"), net_count(server.port, "closed"));
	assert_int_equal(net_count(server.port, "connections"), 1);
}

static void server__that_ends_says_1001(void **state)
{
	struct listener_setup setup = {0};
	struct net_child other = net_start(&setup);
	int fd = net_websocket(other.port), silent = net_connect(other.port);
	int half = net_connect(other.port), never = net_connect(other.port);

	(void)state;
	net_puts(half, "POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\na");
	net_puts(never, "GET /late HTTP/1.1\r\nHost: t\r\n\r\n");
	assert_true(net_echoes(fd, "hello", "hello"));
	assert_true(net_finish(other));
	assert_int_equal(net_close_code(fd), 1001);
	assert_true(net_is_closed(fd) && net_is_closed(silent));
	close(fd);
	close(silent);
	close(half);
	close(never);
}

static void drain__refuses_new_connections_and_keeps_the_old(void **state)
{
	struct listener_setup setup = {0};
	struct net_child other = net_start(&setup);
	struct buf answer;
	int fd = net_websocket(other.port);

	(void)state;
	buf_init(&answer, 10000);
	assert_int_equal(
		net_ask(other.port, S("GET /drain HTTP/1.1\r\nHost: t\r\n\r\n"), &answer), 200);
	assert_int_equal(net_connect(other.port), -1);
	assert_true(net_echoes(fd, "still here", "still here"));
	assert_true(net_finish(other));
	close(fd);
	buf_release(&answer);
}

/* As "net_socket_test serve PORT" it is the server for tests/hostile/hostile.py. */
static int serve(const char *port)
{
	struct listener_setup setup = {.port = (int)strtol(port, NULL, 10)};
	int nobody[2];

	if (pipe(nobody))
		return 1;
	net_serve(&setup, nobody[1]);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message__is_echoed_whole),
		cmocka_unit_test(messages__leave_one_a_frame_in_their_order),
		cmocka_unit_test(message__in_the_handshake_s_segment_is_heard),
		cmocka_unit_test(fragments__make_one_message_with_control_frames_between),
		cmocka_unit_test(fragments__over_64_close_1009),
		cmocka_unit_test(message__over_the_ceiling_closes_1009_at_its_announcement),
		cmocka_unit_test(frame__with_the_top_bit_of_its_length_ends_the_connection),
		cmocka_unit_test(message__that_is_no_text_closes),
		cmocka_unit_test(frame__that_the_protocol_forbids_ends_the_connection),
		cmocka_unit_test(close__that_is_not_answered_ends_too),
		cmocka_unit_test(frame__without_mask_does_no_harm),
		cmocka_unit_test(pings__over_20_a_minute_close_1008),
		cmocka_unit_test(pongs__that_nobody_asked_for_close_1008),
		cmocka_unit_test(control_frames__in_a_flood_close),
		cmocka_unit_test(queue__over_its_ceiling_closes_1013),
		cmocka_unit_test(messages__that_wait_to_be_heard_have_a_ceiling),
		cmocka_unit_test(socket__may_be_let_in_by_its_head_alone),
		cmocka_unit_test(close__by_the_server_comes_after_what_was_said),
		cmocka_unit_test(close__by_the_server_comes_after_what_waits_for_the_socket),
		cmocka_unit_test(connections__that_become_many_and_few_again__lose_nothing),
		cmocka_unit_test(close__by_the_peer_is_answered),
		cmocka_unit_test(every_socket__is_told_closed),
		cmocka_unit_test(server__that_ends_says_1001),
		cmocka_unit_test(drain__refuses_new_connections_and_keeps_the_old),
	};

	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(argv[2]);
	return cmocka_run_group_tests(tests, start, finish);
}
