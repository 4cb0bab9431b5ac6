/* The ledger of `tenstep shop`: what was asked and what was really done, a JSON object a line, for
 * whoever checks a client from outside.  Lines are in the file before the client has its answer. */
#ifndef TENSTEP_COUNTER_SHOP_LEDGER_H
#define TENSTEP_COUNTER_SHOP_LEDGER_H

#include "adapters/net/listener.h"
#include "adapters/order/shop_wire/wire.h"

struct shop_ledger;

/* NULL with a line in @error.  Appends to @path (mode 0600). */
struct shop_ledger *shop_ledger_open(const char *path, struct buf *error) MUST_CHECK;
void shop_ledger_close(struct shop_ledger *ledger); /* NULL is fine */

/* One request as it came and how it was answered: {"kind": "request", …}.  Values that are secrets
 * (the app's secret, codes, refresh tokens) are starred out, the access token is told by its
 * digest; a body that is no text is told by its length. */
struct ledger_request {
	int64_t wall_ms, shop_now;
	const struct wire_request *request;
	struct str query;                 /* as it came */
	const struct wire_answer *answer; /* NULL: it was not handed to the shop */
	const char *operation, *mischief; /* mischief "": none */
};
void shop_ledger_request(struct shop_ledger *ledger, const struct ledger_request *request);
/* {"kind": "effect", …}, a line of wire_effects(). */
void shop_ledger_effect(void *self, struct str line);
/* {"kind": "webhook", …} */
void shop_ledger_delivery(
	struct shop_ledger *ledger, int64_t id, int type, unsigned tries, unsigned status);

#endif
