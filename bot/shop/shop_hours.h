/* The shop as the flows see it, with the desk's opening hours: `shop.info` tells whether a person
 * is there by the configuration instead of by the order service; and notices wait while buyers are
 * not to be written to (the quiet hours). */
#ifndef TENSTEP_SHOP_SHOP_HOURS_H
#define TENSTEP_SHOP_SHOP_HOURS_H

#include "adapters/net/loop.h"
#include "adapters/order/order_api.h"
#include "bot/config/serve_config.h"

/* Wraps @shop, which stays the caller's, as @config does. */
struct order_api *shop_with_hours(
	struct order_api *shop, const struct serve_config *config, struct loop *loop) MUST_CHECK;

#endif
