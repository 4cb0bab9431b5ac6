/* Who the shop knows, for a channel that vouches for its buyers. */
#include "adapters/order/sandbox/shop.h"

bool sandbox_buyer(struct sandbox *sandbox, struct str id, struct arena *arena, struct str *name)
{
	struct sql_query *q;
	bool known;

	sql_clear(sandbox->sql); /* an error of an earlier call is over */
	q = sql_query(sandbox->sql, "select given from buyer where id = ?");
	sql_bind_text(q, id);
	known = sql_next(q);
	if (known)
		*name = sql_copy(q, arena, "given");
	sql_end(q);
	return known;
}

size_t sandbox_buyers(struct sandbox *sandbox, struct arena *arena, struct str **id)
{
	struct sql_query *q;
	size_t n = 0;

	*id = NULL;
	sql_clear(sandbox->sql);
	q = sql_query(sandbox->sql, "select id from buyer order by id");
	while (sql_next(q)) {
		*id = arena_grow(arena, *id, n, struct str);
		(*id)[n++] = sql_copy(q, arena, "id");
	}
	sql_end(q);
	return n;
}
