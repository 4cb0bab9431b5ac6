/* What was done under a key, so that a repeated request finds its first answer.  A refusal changed
 * nothing and is judged afresh. */
#include "adapters/order/sandbox/shop.h"

static void bind_key(struct sql_query *q, const struct order_request *request)
{
	sql_bind_text(q, request->buyer);
	sql_bind_text(q, request->operation);
	sql_bind_text(q, request->key);
}

bool answer_recall(struct call *call)
{
	struct sql_query *q = sql_query(call->shop->sql,
		"select value from answer where buyer = ? and operation = ? and key = ?");
	struct str bytes;
	bool found;

	bind_key(q, call->request);
	found = sql_next(q);
	if (found) {
		bytes = sql_copy(q, call->arena, "value");
		found = value_decode(call->arena, &bytes, &call->answer);
	}
	sql_end(q);
	return found;
}

void answer_remember(struct call *call)
{
	struct sql_query *q = sql_query(call->shop->sql,
		"insert into answer(buyer, operation, key, value) values (?, ?, ?, ?)");
	struct buf bytes;

	buf_init(&bytes, 1 << 20);
	value_encode(call->answer, &bytes);
	bind_key(q, call->request);
	sql_bind_blob(q, buf_str(&bytes));
	(void)sql_run(q);
	buf_release(&bytes);
}
