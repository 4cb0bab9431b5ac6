/* What peers make us keep: the bodies that they send, the answers that they do not read.  A file
 * that is asked for a hundred times and read by nobody would be here a hundred times; so there is a
 * most for all, and one for whoever comes from one address. */
#include "adapters/net/connections_inside.h"

enum {
	ANYWAY = 16384, /* of each connection: whatever a chat needs goes on */
	MAX_FILES = 64, /* open at a time; a quarter of the descriptors that no connection takes */
	OWN_FILES = MAX_FILES / 4, /* of one address, whatever the others have */
};

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

/* Behind one address may be an office: it has what is free, as long as a quarter is left for those
 * who come from elsewhere. */
bool connection_may_have_file(const struct connection *c)
{
	size_t n = c->all->n_files;

	return n < MAX_FILES &&
	       (!c->peer || peers_files(c->peer) < OWN_FILES || n < MAX_FILES - OWN_FILES);
}

void connection_have_file(struct connection *c)
{
	c->has_file = true;
	c->all->n_files++;
	peers_add_file(c->peer);
}

void connection_drop_file(struct connection *c)
{
	if (!c->has_file)
		return;
	c->has_file = false;
	c->all->n_files--;
	peers_drop_file(c->peer);
}
