/* What the assistant may do by itself: the shop behind the "policy" of the configuration.  What a
 * person has to decide is refused with {why: "needs_person", why_text} before anything is sent; the
 * flows hand it over with that reason.
 *
 * Where amounts or states are limited, the order is read afresh first: what the buyer was shown may
 * be an hour old. */
#ifndef TENSTEP_SHOP_SHOP_POLICY_H
#define TENSTEP_SHOP_SHOP_POLICY_H

#include "adapters/order/order_api.h"
#include "bot/config/serve_config.h"

/* Wraps @shop, which stays the caller's, as @config does. */
struct order_api *shop_with_policy(
	struct order_api *shop, const struct serve_config *config) MUST_CHECK;

#endif
