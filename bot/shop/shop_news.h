/* News of a shop whose order service has to be asked: what its buyers know of their orders is
 * written down when they are told, and when an order is looked at again, the difference is news. So
 * it does not matter how often, how late and in what order the shop's webhooks come, nor whether
 * they come: each names an order to be looked at now, and what somebody waits to hear about is
 * looked at now and then anyway.
 *
 *   webhook, or "look_every" is over ─> store_look_at() ─> orders.get, refunds.status, returns.list
 *     ─> compared with what the buyer knows ─> notices, in one transaction with the new knowledge
 *
 * It wraps the order service: calls of conversations pass through, and what they bring is known to
 * their buyers from then on. */
#ifndef TENSTEP_SHOP_SHOP_NEWS_H
#define TENSTEP_SHOP_SHOP_NEWS_H

#include "bot/config/serve_config.h"
#include "bot/dispatch/dispatcher.h"

struct shop_news;

struct shop_news_setup {
	struct loop *loop;
	struct store *store;
	struct order_api *shop; /* the caller's; outlives this */
	const struct serve_config *config;
	struct log *log;
	struct metrics *metrics;
};
struct shop_news *shop_news_new(const struct shop_news_setup *setup) MUST_CHECK;
/* After the dispatcher: who uses the API goes first.  NULL is fine. */
void shop_news_free(struct shop_news *news);

/* The order service with news, for the dispatcher.  Its free() does nothing. */
struct order_api *shop_news_api(struct shop_news *news);
/* Whose transactions are written in; nothing is looked at before. */
void shop_news_start(struct shop_news *news, struct dispatcher *dispatcher);

/* The shop was searched for what has changed, and each of it was hinted at (true); or that failed.
 * While it goes well, what is watched is looked at by itself but seldom. */
void shop_news_swept(struct shop_news *news, bool good);

/* An order is to be looked at now, in the transaction that is open; see dispatcher_write(). */
void shop_news_hint(struct shop_news *news, struct str order);

#endif
