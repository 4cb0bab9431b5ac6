/* What a buyer knows of an order: taken from the answers to their conversation's calls, and
 * compared with how the order stands.  No clock and no shop. */
#ifndef TENSTEP_SHOP_SHOP_KNOWN_H
#define TENSTEP_SHOP_SHOP_KNOWN_H

#include "adapters/store/store.h"

/* Whether such a call changes an order. */
bool known_writes(struct str operation);
/* The number of the order that a call is about; empty: none, or several. */
struct str known_order_of(const struct value *args);

/* The answer @value to a call about @order (empty: see above) teaches the buyer how orders stand:
 * written in the open transaction.  What the call itself changed is in its answer and is no news
 * later. */
void known_learn(struct store *store, struct str operation, struct str order, struct str buyer,
	const struct value *value, int64_t now_ms, struct arena *arena);

/* How an order stands now: the answers to orders.get, refunds.status and returns.list. */
struct known_view {
	const struct value *order, *refund, *returns;
};
/* Adds a notice for each thing that @known does not know, and makes @known know it.  How many. */
unsigned known_publish(struct store *store, struct store_order *known,
	const struct known_view *view, int64_t now_ms, struct arena *arena);

#endif
