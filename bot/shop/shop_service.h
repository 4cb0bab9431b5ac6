/* All that makes a shop on TikTok Shop an order service: the consent, the line, the order API. */
#ifndef TENSTEP_SHOP_SHOP_SERVICE_H
#define TENSTEP_SHOP_SHOP_SERVICE_H

#include "bot/shop/shop_client.h"

struct shop_service;

struct shop_service_setup { /* all of it is the caller's and outlives the service */
	struct loop *loop;
	struct http_client *client;
	struct log *log;
	struct metrics *metrics;
	const struct shop_account *account;
	const char *folder; /* the tokens are in it */
};
struct shop_service *shop_service_new(const struct shop_service_setup *setup) MUST_CHECK;
/* Before the client that it was given.  NULL is fine. */
void shop_service_free(struct shop_service *service);

/* It goes with the service: its own free() is not to be called. */
struct order_api *shop_service_api(struct shop_service *service);
struct shop_link *shop_service_link(struct shop_service *service);
struct shop_grant *shop_service_grant(struct shop_service *service);

/* Where the tokens are kept in @folder. */
#define SHOP_TOKENS "tiktok_shop.tokens"

#endif
