/* The address of a host's name, without holding up the loop: getaddrinfo(3) in a thread that lives
 * as long as the question. */
#ifndef TENSTEP_ADAPTERS_NET_LOOKUP_H
#define TENSTEP_ADAPTERS_NET_LOOKUP_H

#include "adapters/net/address.h"
#include "adapters/net/loop.h"

struct lookup;

/* @error: NULL, and @address is one of the host's; else why there is none. */
typedef void lookup_done(void *self, struct address address, const char *error);

/* @done is called exactly once, never from inside; then the lookup is gone.  IP addresses are
 * answered as they are. */
struct lookup *lookup_start(
	struct loop *loop, const char *host, lookup_done *done, void *self) MUST_CHECK;
/* @done is not called any more.  NULL is fine. */
void lookup_forget(struct lookup *lookup);

#endif
