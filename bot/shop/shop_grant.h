/* The seller's consent: asked for once (`tenstep authorize`), kept in a file, renewed before it
 * ends. The platform gives two new tokens at each renewal and may forget the old ones, so both are
 * on disk before either is used. */
#ifndef TENSTEP_SHOP_SHOP_GRANT_H
#define TENSTEP_SHOP_SHOP_GRANT_H

#include "adapters/net/http_client.h"
#include "adapters/order/tiktok_shop/tts_grant.h"
#include "bot/common/log.h"
#include "bot/config/shop_account.h"

struct shop_grant;

struct shop_grant_setup { /* all of it is the caller's and outlives the grant */
	struct loop *loop;
	struct http_client *client;
	struct log *log;
	const struct shop_account *account;
	const char *path; /* of the file */
};

/* Reads the file, if there is one.  While it runs, the tokens are renewed in time and a file that
 * somebody else wrote (`tenstep authorize`) is taken over. */
struct shop_grant *shop_grant_new(const struct shop_grant_setup *setup) MUST_CHECK;
void shop_grant_free(struct shop_grant *grant); /* NULL is fine; nobody is told any more */

/* Valid until the loop runs again; NULL: the seller has not consented, or not any more. */
const struct tts_grant *shop_grant_now(const struct shop_grant *grant);
/* Why there is none, for people: "run 'tenstep authorize'". */
const char *shop_grant_fault(const struct shop_grant *grant);

/* @why is one line when it went wrong.  Never called from inside the function that takes it. */
typedef void shop_grant_done(void *self, bool good, const char *why);
/* Trades the code of a consent for tokens, reads the shops, and keeps both.  One at a time. */
void shop_grant_exchange(
	struct shop_grant *grant, struct str code, shop_grant_done *done, void *self);
/* New tokens now.  Whoever asks meanwhile is told with the others. */
void shop_grant_renew(struct shop_grant *grant, shop_grant_done *done, void *self);
void shop_grant_forget(struct shop_grant *grant, const void *self);

#endif
