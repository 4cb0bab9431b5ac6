/* Everything that a shop on TikTok Shop tells the server: its webhooks, its buyer chat, news of
 * orders.
 *
 *   POST /shop/webhook, or the address of a buyer chat (/channels/NAME)
 *     ─> signature over the raw bytes, known ids ─> an order to be looked at (shop_news.h)
 *                                               └─> a message of the chat (shop_chat.h)
 *
 * Every kind of webhook is taken at either address: the platform has one for the app, or one for
 * each kind.  401 is not believed; 200 is on disk; 503 is to be brought again. */
#ifndef TENSTEP_SHOP_SHOP_FRONT_H
#define TENSTEP_SHOP_SHOP_FRONT_H

#include "bot/channels/channels.h"
#include "bot/shop/shop_service.h"

struct shop_front;

struct shop_front_setup { /* all of it is the caller's and outlives the front */
	struct loop *loop;
	struct store *store;
	struct shop_service *service;
	struct http_client *client; /* for pictures on the web */
	struct uploads *uploads;    /* for those of the shop's people; NULL: there are none */
	const struct serve_config *config;
	struct log *log;
	struct metrics *metrics;
	/* Somebody answers in Seller Center: the card, after its commit.  May be NULL. */
	void (*handed_off)(void *self, const struct store_card *card);
	void *self;
};
struct shop_front *shop_front_new(const struct shop_front_setup *setup) MUST_CHECK;
/* The order service with news. */
struct order_api *shop_front_api(struct shop_front *front);
/* Who vouches for buyers of the chat, and who signs what is sent there. */
void shop_front_join(struct shop_front *front, struct channels_setup *channels);
/* @channels may be NULL. */
void shop_front_start(
	struct shop_front *front, struct channels *channels, struct dispatcher *dispatcher);
/* Before the channels go; and after the dispatcher, before the service.  NULL is fine. */
void shop_front_stop(struct shop_front *front);
void shop_front_free(struct shop_front *front);

/* Whether there is a seller's consent to ask the shop with. */
bool shop_front_can_ask(const struct shop_front *front);

bool shop_front_owns(const struct shop_front *front, const struct http_head *head);
struct http_plan shop_front_plan(struct shop_front *front, const struct http_head *head);
void shop_front_request(struct shop_front *front, struct exchange *exchange,
	const struct http_head *head, struct str body);

#endif
