/* JSON of bodies, by their bytes. */
#include "adapters/widget/post_memo.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/hash.h"

enum { n_slots = 512, max_kept_bytes = 4096 };

struct slot {
	uint64_t seen; /* hash of the newest that is not kept: one that comes once drives out nobody
			*/
	char *kept;    /* a body, then its JSON; NULL: none */
	size_t n_body, n_json;
};

struct post_memo {
	struct slot slot[n_slots];
};

struct post_memo *post_memo_new(void)
{
	struct post_memo *memo = calloc(1, sizeof *memo);

	if (!memo)
		abort();
	return memo;
}

void post_memo_free(struct post_memo *memo)
{
	if (!memo)
		return;
	for (size_t i = 0; i < n_slots; i++)
		free(memo->slot[i].kept);
	free(memo);
}

struct str post_memo_find(const struct post_memo *memo, struct str body)
{
	const struct slot *slot = &memo->slot[hash_bytes(body, 0) % n_slots];

	if (!slot->kept || !str_eq((struct str){slot->kept, slot->n_body}, body))
		return (struct str){0};
	return (struct str){slot->kept + slot->n_body, slot->n_json};
}

static void keep(struct slot *slot, struct str body, struct str json)
{
	free(slot->kept);
	slot->kept = malloc(body.n + json.n);
	if (!slot->kept)
		abort();
	memcpy(slot->kept, body.p, body.n);
	memcpy(slot->kept + body.n, json.p, json.n);
	slot->n_body = body.n;
	slot->n_json = json.n;
}

void post_memo_see(struct post_memo *memo, struct str body, struct str json)
{
	uint64_t hash = hash_bytes(body, 0);
	struct slot *slot = &memo->slot[hash % n_slots];

	if (!body.n || !json.n || body.n + json.n > max_kept_bytes)
		return;
	if (slot->seen == hash)
		keep(slot, body, json);
	slot->seen = hash;
}
