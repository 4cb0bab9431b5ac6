/* A listening TCP socket on the loop.  The descriptor limit is its business too: when no more can
 * be had it rests a moment instead of spinning. */
#ifndef TENSTEP_ADAPTERS_NET_ACCEPT_H
#define TENSTEP_ADAPTERS_NET_ACCEPT_H

#include "adapters/net/address.h"
#include "adapters/net/loop.h"
#include "bot/base/buf.h"

struct acceptor;

/* A new connection, not blocking; @descriptor now belongs to the one who is told. */
typedef void accept_function(void *self, int descriptor, struct address address);

struct acceptor_setup {
	struct loop *loop;
	const char *address;
	int port;
	accept_function *accepted;
	loop_function *no_descriptor; /* none is left: it rests for 100 ms */
	void *self;
};

/* NULL with one line in @error. */
struct acceptor *acceptor_open(const struct acceptor_setup *setup, struct buf *error) MUST_CHECK;
int acceptor_port(const struct acceptor *acceptor);
void acceptor_close(struct acceptor *acceptor); /* NULL is fine; not from inside accepted() */

#endif
