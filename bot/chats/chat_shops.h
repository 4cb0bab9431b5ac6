/* The shops as they are when tests begin: filled once for each fixture and time, copied for each
 * play. */
#ifndef TENSTEP_CHATS_CHAT_SHOPS_H
#define TENSTEP_CHATS_CHAT_SHOPS_H

#include "adapters/order/sandbox/sandbox.h"

struct chat_shops *chat_shops_new(void) MUST_CHECK;
void chat_shops_free(struct chat_shops *shops); /* NULL is fine */

/* A copy, the caller's; with @shops NULL a shop filled anew.  @now: Unix seconds.  NULL, with one
 * line in @error: there is no such fixture. */
struct sandbox *chat_shops_open(
	struct chat_shops *shops, struct str fixture, int64_t now, struct buf *error) MUST_CHECK;

#endif
