/* The shops of plays. */
#include "bot/chats/chat_shops.h"

#include <stdlib.h>

enum { max_shops = 64 };

struct chat_shops {
	struct pristine {
		struct str fixture;
		int64_t now;
		struct sandbox *sandbox;
	} shop[max_shops];
	size_t n;
	struct arena *names;
};

struct chat_shops *chat_shops_new(void)
{
	struct chat_shops *shops = calloc(1, sizeof(*shops));

	if (!shops)
		abort();
	shops->names = arena_new(1 << 16);
	return shops;
}

void chat_shops_free(struct chat_shops *shops)
{
	if (!shops)
		return;
	for (size_t i = 0; i < shops->n; i++)
		sandbox_api(shops->shop[i].sandbox)->free(sandbox_api(shops->shop[i].sandbox));
	arena_free(shops->names);
	free(shops);
}

struct sandbox *chat_shops_open(
	struct chat_shops *shops, struct str fixture, int64_t now, struct buf *error)
{
	struct sandbox *fresh;

	for (size_t i = 0; shops && i < shops->n; i++)
		if (shops->shop[i].now == now && str_eq(shops->shop[i].fixture, fixture))
			return sandbox_copy(shops->shop[i].sandbox, error);
	fresh = sandbox_open(fixture, now, error);
	if (!fresh || !shops || shops->n == max_shops)
		return fresh;
	shops->shop[shops->n++] = (struct pristine){arena_str(shops->names, fixture), now, fresh};
	return sandbox_copy(fresh, error);
}
