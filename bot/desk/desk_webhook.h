/* Messages to the shop's own programs: each hand-off is posted to a URL until it arrives, signed as
 * Standard Webhooks (standardwebhooks.com, version 1) have it.  At least once: a receiver knows a
 * repeat by its webhook-id. */
#ifndef TENSTEP_DESK_DESK_WEBHOOK_H
#define TENSTEP_DESK_DESK_WEBHOOK_H

#include "bot/desk/desk.h"

struct webhook;

/* NULL when no URL is configured.  What was not delivered before a restart is tried at once. */
struct webhook *webhook_new(const struct desk_setup *setup) MUST_CHECK;
void webhook_free(struct webhook *webhook); /* NULL is fine, here and below */

/* Writes the card to the outbox, unless it is there already or older than the 24 hours for which
 * delivery is tried.  The row is committed with whatever else is open. */
void webhook_add(struct webhook *webhook, const struct store_card *card);
/* Something may have to be sent now. */
void webhook_wake(struct webhook *webhook);

/* "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". */
void webhook_sign(
	struct str secret, struct str id, int64_t timestamp, struct str body, struct buf *out);
/* When to try again after @tries failures (Unix ms), not before the receiver's wish
 * (@retry_after_ms, -1: none); 0: it is given up. */
int64_t webhook_next_try(int64_t added_ms, int64_t tries, int64_t retry_after_ms, int64_t now_ms);

#endif
