/* The webhooks of `tenstep shop`: posted, signed, tried again in the shop's time. */
#ifndef TENSTEP_COUNTER_SHOP_HOOKS_H
#define TENSTEP_COUNTER_SHOP_HOOKS_H

#include "adapters/net/http_client.h"
#include "adapters/order/shop_wire/wire.h"
#include "bot/common/log.h"
#include "bot/counter/shop_ledger.h"

struct shop_hooks;

/* All are the caller's and outlive it, except that the client is freed first. */
struct shop_hooks_setup {
	struct loop *loop;
	struct http_client *client;
	struct wire *wire;
	struct shop_ledger *ledger;
	struct log *log;
};
struct shop_hooks *shop_hooks_new(const struct shop_hooks_setup *setup) MUST_CHECK;
void shop_hooks_free(struct shop_hooks *hooks);

/* Posts what is due, a few at once.  Each time something may have become due. */
void shop_hooks_pump(struct shop_hooks *hooks);
/* Nothing is posted while it is off (an outage of the platform's side); it waits and is posted
 * after. */
void shop_hooks_switch(struct shop_hooks *hooks, bool on);

#endif
