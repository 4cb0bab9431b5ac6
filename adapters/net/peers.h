/* Who is connected: connections an address has, and how fast it may make new ones (a token bucket).
 * A table of at most as many entries as were asked for; who has no connection and a full bucket
 * is forgotten first. */
#ifndef TENSTEP_ADAPTERS_NET_PEERS_H
#define TENSTEP_ADAPTERS_NET_PEERS_H

#include "adapters/net/address.h"

struct peers;
struct peer;

struct peers_limits {
	size_t max_entries;
	size_t max_connections; /* of one party; 0: any number */
	size_t max_held;        /* bytes that are kept for one party; 0: any number */
	unsigned per_s, burst;  /* new connections of one party; 0: any number */
};

struct peers *peers_new(const struct peers_limits *limits) MUST_CHECK;
void peers_free(struct peers *peers); /* NULL is fine */

/* One more connection of @address; NULL with a word in @why when it has too many ("address"),
 * makes them too fast ("rate"), or all entries are in use ("table"). */
struct peer *peers_enter(
	struct peers *peers, struct address address, int64_t now_ms, const char **why) MUST_CHECK;
void peers_leave(struct peers *peers, struct peer *peer); /* NULL is fine */
/* Bytes that are kept for a party; NULL: somebody without a limit. */
bool peers_may_hold(const struct peers *peers, const struct peer *peer, size_t n) MUST_CHECK;
void peers_hold(struct peer *peer, size_t n);
void peers_let_go(struct peer *peer, size_t n);
/* Files that are on their way to a party; NULL: somebody without a limit, who has none. */
size_t peers_files(const struct peer *peer);
void peers_add_file(struct peer *peer);
void peers_drop_file(struct peer *peer);
size_t peers_entries(const struct peers *peers);

#endif
