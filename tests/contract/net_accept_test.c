/* Accepting: what a connection has from the socket that it came through; how many descriptors a
 * listener wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/net/accept.h"
#include "adapters/net/listener.h"

struct door {
	struct loop *loop;
	int accepted;
};

static void accepted(void *self, int descriptor, struct address address)
{
	struct door *door = self;

	assert_true(address_is_loopback(address));
	door->accepted = descriptor;
	loop_stop(door->loop);
}

static void no_descriptor(void *self)
{
	(void)self;
	fail();
}

static int dial(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void accepted_connections__wait_for_nothing(void **state)
{
	struct door door = {.loop = loop_new()};
	struct acceptor_setup setup = {.loop = door.loop,
		.address = "127.0.0.1",
		.accepted = accepted,
		.no_descriptor = no_descriptor,
		.self = &door};
	struct acceptor *acceptor;
	struct buf error;
	int client, on = 0;
	socklen_t n = sizeof(on);

	(void)state;
	buf_init(&error, 100);
	acceptor = acceptor_open(&setup, &error);
	assert_non_null(acceptor);
	client = dial(acceptor_port(acceptor));
	loop_run(door.loop);
	assert_int_equal(getsockopt(door.accepted, IPPROTO_TCP, TCP_NODELAY, &on, &n), 0);
	assert_true(on);
	assert_true(fcntl(door.accepted, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(door.accepted, F_GETFD) & FD_CLOEXEC);
	close(door.accepted);
	close(client);
	acceptor_close(acceptor);
	loop_free(door.loop);
	buf_release(&error);
}

static void listener_descriptors__are_for_connections_and_for_all_else(void **state)
{
	struct listener_limits few = {.max_connections = 100}, usual = {0};

	(void)state;
	assert_true(listener_descriptors(&few) >= 100 + 512);
	assert_true(listener_descriptors(&few) < 2000);
	assert_true(listener_descriptors(&usual) >= 16384 + 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_connections__wait_for_nothing),
		cmocka_unit_test(listener_descriptors__are_for_connections_and_for_all_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
