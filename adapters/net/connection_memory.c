/* What peers make us keep: the bodies that they send, the answers that they do not read.  A file
 * that is asked for a hundred times and read by nobody would be here a hundred times; so there is a
 * most for all, and one for whoever comes from one address. */
#include "adapters/net/connections_inside.h"

enum { ANYWAY = 16384 }; /* of each connection: whatever a chat needs goes on */

bool connection_may_hold(const struct connection *c, size_t n)
{
	const struct connections *all = c->all;

	if (c->held + n <= ANYWAY)
		return true;
	return all->held + n <= all->setup.limits.max_held_bytes &&
	       peers_may_hold(all->peers, c->peer, n);
}

void connection_hold(struct connection *c, size_t n)
{
	c->held += n;
	c->all->held += n;
	peers_hold(c->peer, n);
}

void connection_let_go(struct connection *c, size_t n)
{
	c->held -= n;
	c->all->held -= n;
	peers_let_go(c->peer, n);
}
