/* Who is connected. */
#include "adapters/net/peers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <uthash.h>

/* The hash is uthash's; what is hashed begins with a secret of this process, so that nobody can
 * choose addresses that fall together. */
struct key {
	unsigned char secret[16];
	struct address party;
};

struct peer {
	struct key key;
	size_t held;
	uint32_t connections, files;
	uint32_t tokens; /* thousandths */
	int64_t at_ms;   /* when that was counted */
	UT_hash_handle hh;
};

struct peers {
	struct peers_limits limits;
	unsigned char secret[16];
	struct peer *table; /* those that came longest ago first */
};

struct peers *peers_new(const struct peers_limits *limits)
{
	struct peers *peers = calloc(1, sizeof(*peers));

	assert(peers);
	peers->limits = *limits;
	if (getrandom(peers->secret, sizeof(peers->secret), 0) != sizeof(peers->secret))
		abort();
	return peers;
}

void peers_free(struct peers *peers)
{
	struct peer *peer, *next;

	if (!peers)
		return;
	HASH_ITER(hh, peers->table, peer, next)
	{
		HASH_DEL(peers->table, peer);
		free(peer);
	}
	free(peers);
}

static uint32_t full(const struct peers *peers)
{
	return peers->limits.burst * 1000;
}

static void refill(const struct peers *peers, struct peer *peer, int64_t now_ms)
{
	int64_t passed = now_ms > peer->at_ms ? now_ms - peer->at_ms : 0;
	int64_t tokens = full(peers);

	if (passed < 3600 * 1000)
		tokens = peer->tokens + passed * peers->limits.per_s;
	peer->tokens = tokens < full(peers) ? (uint32_t)tokens : full(peers);
	peer->at_ms = now_ms;
}

static void to_the_back(struct peers *peers, struct peer *peer)
{
	HASH_DEL(peers->table, peer);
	HASH_ADD(hh, peers->table, key, sizeof(peer->key), peer);
}

/* Looks at a few that came longest ago; one of them without a connection makes room. */
static bool make_room(struct peers *peers)
{
	for (int looked = 0; looked < 64; looked++) {
		struct peer *oldest = peers->table;

		if (HASH_COUNT(peers->table) < peers->limits.max_entries)
			return true;
		if (oldest->connections) {
			to_the_back(peers, oldest);
			continue;
		}
		HASH_DEL(peers->table, oldest);
		free(oldest);
	}
	return HASH_COUNT(peers->table) < peers->limits.max_entries;
}

static struct peer *add(struct peers *peers, const struct key *key, int64_t now_ms)
{
	struct peer *peer;

	if (!make_room(peers))
		return NULL;
	peer = calloc(1, sizeof(*peer));
	assert(peer);
	peer->key = *key;
	peer->tokens = full(peers);
	peer->at_ms = now_ms;
	HASH_ADD(hh, peers->table, key, sizeof(peer->key), peer);
	return peer;
}

static struct peer *find(struct peers *peers, struct address address, int64_t now_ms)
{
	struct key key;
	struct peer *peer;

	memcpy(key.secret, peers->secret, sizeof(key.secret));
	key.party = address_party(address);
	HASH_FIND(hh, peers->table, &key, sizeof(key), peer);
	if (!peer)
		return add(peers, &key, now_ms);
	to_the_back(peers, peer);
	return peer;
}

struct peer *peers_enter(
	struct peers *peers, struct address address, int64_t now_ms, const char **why)
{
	struct peer *peer = find(peers, address, now_ms);

	*why = "table";
	if (!peer)
		return NULL;
	refill(peers, peer, now_ms);
	*why = "address";
	if (peers->limits.max_connections && peer->connections >= peers->limits.max_connections)
		return NULL;
	*why = "rate";
	if (peers->limits.per_s && peer->tokens < 1000)
		return NULL;
	peer->tokens -= peers->limits.per_s ? 1000 : 0;
	peer->connections++;
	*why = NULL;
	return peer;
}

void peers_leave(struct peers *peers, struct peer *peer)
{
	(void)peers;
	if (!peer)
		return;
	assert(peer->connections);
	peer->connections--;
}

bool peers_may_hold(const struct peers *peers, const struct peer *peer, size_t n)
{
	return !peer || !peers->limits.max_held || peer->held + n <= peers->limits.max_held;
}

size_t peers_files(const struct peer *peer)
{
	return peer ? peer->files : 0;
}

void peers_add_file(struct peer *peer)
{
	if (peer)
		peer->files++;
}

void peers_drop_file(struct peer *peer)
{
	if (peer)
		peer->files--;
}

void peers_hold(struct peer *peer, size_t n)
{
	if (peer)
		peer->held += n;
}

void peers_let_go(struct peer *peer, size_t n)
{
	if (peer)
		peer->held -= n;
}

size_t peers_entries(const struct peers *peers)
{
	return HASH_COUNT(peers->table);
}
