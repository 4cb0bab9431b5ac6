/* What has changed in the shop, asked for instead of told: orders, cancellations and returns by the
 * time of their last change, from where the last sweep ended.  Whatever webhooks were lost, the
 * orders that they were about are found by a few requests, however many are waited for. */
#ifndef TENSTEP_SHOP_SHOP_SWEEP_H
#define TENSTEP_SHOP_SHOP_SWEEP_H

#include "adapters/store/store.h"
#include "bot/common/metrics.h"
#include "bot/shop/shop_link.h"

struct shop_sweep;

struct shop_sweep_setup { /* all of it is the caller's and outlives the sweep */
	struct loop *loop;
	struct store *store;
	struct shop_link *link;
	struct shop_grant *grant;
	int64_t every_ms;
	struct log *log;
	struct metrics *metrics;
	/* A transaction of the store is open, or it is opened now.  False: not now. */
	bool (*write)(void *self);
	void (*changed)(void *self, struct str order); /* in that transaction, perhaps often */
	void (*done)(void *self, bool good);           /* all shops were asked */
	void *self;
};
struct shop_sweep *shop_sweep_new(const struct shop_sweep_setup *setup) MUST_CHECK;
void shop_sweep_start(struct shop_sweep *sweep);
void shop_sweep_free(struct shop_sweep *sweep); /* NULL is fine */

#endif
