/* The line to the shop's platform: addresses, stamps and signs requests, keeps to the rate, waits
 * and tries again where that is safe, and says what each answer means.
 *
 * Reads are tried up to five times (1 s, doubled, at most 60 s, up to 500 ms of chance on top)
 * inside their deadline.  What changes something leaves once; only when it surely was not done (no
 * connection, too many requests, an old token, a clock that was wrong) does it go out again. */
#ifndef TENSTEP_SHOP_SHOP_LINK_H
#define TENSTEP_SHOP_SHOP_LINK_H

#include "bot/common/metrics.h"
#include "bot/shop/shop_grant.h"

struct shop_link;

struct shop_link_setup { /* all of it is the caller's and outlives the link */
	struct loop *loop;
	struct http_client *client;
	struct log *log;
	struct metrics *metrics; /* may be NULL */
	struct shop_grant *grant;
	const struct shop_account *account;
	int64_t backoff_ms; /* before the second try; 0: 1,000 */
	int64_t total_ms;   /* of one try; 0: 10,000 */
};
struct shop_link *shop_link_new(const struct shop_link_setup *setup) MUST_CHECK;
void shop_link_free(struct shop_link *link); /* NULL is fine; nobody is told any more */

struct shop_send {
	const struct tts_request *request; /* lives until the answer */
	size_t shop;                       /* of the grant's shops */
	int64_t within_ms;                 /* when no more tries begin */
	int64_t total_ms;                  /* of one try; 0: the link's */
	struct arena *arena;               /* of the answer; lives until then */
	/* Whether a code that the order API does not know says no; NULL: none does. */
	bool (*is_refusal)(int64_t code);
};
/* @answer's texts are in the arena of the send. */
typedef void shop_answered(void *self, const struct tts_answer *answer);
/* @done is called exactly once, never from inside this function. */
void shop_link_send(
	struct shop_link *link, const struct shop_send *send, shop_answered *done, void *self);
/* Whoever is @self goes away: what waits is dropped, what is on its way is not heard. */
void shop_link_forget(struct shop_link *link, const void *self);

/* Address and headers for a request that somebody else sends (the buyer chat); valid for five
 * minutes.  False: no consent, or no such shop. */
bool shop_link_authorise(struct shop_link *link, const struct tts_request *request, size_t shop,
	struct arena *arena, struct tts_wire *wire) MUST_CHECK;
/* The shop with that id; false: the consent is not for it. */
bool shop_link_find(const struct shop_link *link, struct str id, size_t *shop) MUST_CHECK;

#endif
