/* The shop of the configuration as an order API: every call is a job of the platform's codec, its
 * requests go over the link, and its answer comes later.
 *
 * A seller may have several shops under one consent: who is asked about an order by its number is
 * found by asking one after the other, and a buyer's lists are put together.
 *
 * A change that left without an answer is asked about after 2 s, 5 s, 15 s and 60 s.  Whoever waits
 * hears ORDER_UNKNOWN when that takes longer than a flow waits, and hears again when it is known. A
 * call under a key that is under way already joins it and sends nothing. */
#ifndef TENSTEP_SHOP_SHOP_CLIENT_H
#define TENSTEP_SHOP_SHOP_CLIENT_H

#include "bot/shop/shop_link.h"

struct shop_client_setup { /* all of it is the caller's and outlives the client */
	struct loop *loop;
	struct log *log;
	struct shop_link *link;
	struct shop_grant *grant;
	const struct shop_account *account;
	const int64_t *look_ms; /* before each look at what became of a change; NULL: as above */
	unsigned n_looks;
	int64_t read_ms;  /* for all requests of a reading call; 0: 7,000 */
	int64_t early_ms; /* after this time ORDER_UNKNOWN is told early; 0: 12,000 */
};

/* Never NULL.  Its free() tells nobody any more. */
struct order_api *shop_client_new(const struct shop_client_setup *setup) MUST_CHECK;
size_t shop_client_under_way(const struct order_api *api);

#endif
