/* A listening TCP socket on the loop. */
#define _GNU_SOURCE /* accept4 */
#include "adapters/net/accept.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who finds the backlog full tries again after a second, then after two more (RFC 6298): after a
 * restart thousands come within one second.  The system cuts it to net.core.somaxconn. */
enum { BACKLOG = 65535, AT_ONCE = 64, REST_MS = 100 };

struct acceptor {
	struct acceptor_setup setup;
	struct loop_io io;
	struct loop_timer rest;
	int descriptor, port;
};

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t name_of(const struct acceptor_setup *setup, union name *name)
{
	in_port_t port = htons((in_port_t)setup->port);

	memset(name, 0, sizeof(*name));
	if (setup->port < 0 || setup->port > 65535)
		return 0;
	if (inet_pton(AF_INET, setup->address, &name->v4.sin_addr) == 1) {
		name->v4.sin_family = AF_INET;
		name->v4.sin_port = port;
		return sizeof(name->v4);
	}
	if (inet_pton(AF_INET6, setup->address, &name->v6.sin6_addr) != 1)
		return 0;
	name->v6.sin6_family = AF_INET6;
	name->v6.sin6_port = port;
	return sizeof(name->v6);
}

static int port_of(int descriptor)
{
	union name name;
	socklen_t n = sizeof(name);

	if (getsockname(descriptor, &name.any, &n))
		return -1;
	return ntohs(name.any.sa_family == AF_INET ? name.v4.sin_port : name.v6.sin6_port);
}

static void ready(void *self, int descriptor, unsigned what);

static void watch(void *self)
{
	struct acceptor *acceptor = self;

	loop_io_start(acceptor->setup.loop, &acceptor->io, acceptor->descriptor, LOOP_READ, ready,
		acceptor);
}

static void rest(struct acceptor *acceptor)
{
	loop_io_stop(acceptor->setup.loop, &acceptor->io);
	loop_timer_start(acceptor->setup.loop, &acceptor->rest, REST_MS, watch, acceptor);
	acceptor->setup.no_descriptor(acceptor->setup.self);
}

/* What accept(2) says of one connection that is gone again is no reason to rest. */
static bool is_short_of_something(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void ready(void *self, int descriptor, unsigned what)
{
	struct acceptor *acceptor = self;

	(void)what;
	for (int i = 0; i < AT_ONCE; i++) {
		union name name;
		socklen_t n = sizeof(name);
		int fd = accept4(descriptor, &name.any, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (is_short_of_something(errno))
				rest(acceptor);
			return;
		}
		acceptor->setup.accepted(acceptor->setup.self, fd, address_of(&name.any));
	}
}

/* Connections have TCP_NODELAY from the socket that they come through. */
static bool bind_and_listen(int fd, const union name *name, socklen_t n)
{
	int one = 1;

	return fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	       !setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) &&
	       !bind(fd, &name->any, n) && !listen(fd, BACKLOG);
}

static int open_descriptor(const struct acceptor_setup *setup)
{
	union name name;
	socklen_t n = name_of(setup, &name);
	int fd, error;

	errno = EINVAL;
	if (!n)
		return -1;
	fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind_and_listen(fd, &name, n))
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

static const char *reason(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "address already in use";
	case EADDRNOTAVAIL:
		return "this machine does not have that address";
	case EACCES:
		return "not allowed";
	case EINVAL:
		return "not an IP address and a port";
	default:
		return strerror(error);
	}
}

struct acceptor *acceptor_open(const struct acceptor_setup *setup, struct buf *error)
{
	struct acceptor *acceptor;
	int fd = open_descriptor(setup);

	if (fd < 0) {
		buf_addf(error, "cannot listen on %s:%d: %s", setup->address, setup->port,
			reason(errno));
		return NULL;
	}
	acceptor = calloc(1, sizeof(*acceptor));
	assert(acceptor);
	acceptor->setup = *setup;
	acceptor->descriptor = fd;
	acceptor->port = port_of(fd);
	watch(acceptor);
	return acceptor;
}

int acceptor_port(const struct acceptor *acceptor)
{
	return acceptor->port;
}

void acceptor_close(struct acceptor *acceptor)
{
	if (!acceptor)
		return;
	loop_io_stop(acceptor->setup.loop, &acceptor->io);
	loop_timer_stop(acceptor->setup.loop, &acceptor->rest);
	close(acceptor->descriptor);
	free(acceptor);
}
