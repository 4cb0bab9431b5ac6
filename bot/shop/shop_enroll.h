/* Telling the platform where a shop's webhooks go, kind by kind and shop by shop, and that the
 * shop's chat is answered. */
#ifndef TENSTEP_SHOP_SHOP_ENROLL_H
#define TENSTEP_SHOP_SHOP_ENROLL_H

#include "bot/shop/shop_link.h"

/* What became of one thing that the platform was told; @why is empty when it went well. */
typedef void shop_enrolled_function(void *self, struct str shop, const char *what, struct str why);
/* @good: all of it went well. */
typedef void shop_enroll_done(void *self, bool good);

struct shop_enroll_setup { /* all of it is the caller's and outlives the enrolment */
	struct shop_link *link;
	struct shop_grant *grant;
	struct str address; /* "https://shop.example/shop/webhook" */
	bool chat;          /* the buyer chat too */
	shop_enrolled_function *each;
	shop_enroll_done *done; /* last, once; the enrolment is gone by then */
	void *self;
};
/* There is a consent.  One request after the other. */
void shop_enroll(const struct shop_enroll_setup *setup);

/* NULL: the platform may take it; else why it would not: https, a name and no number, no port, at
 * most 255 bytes.  This machine is fine for a shop that is on it too. */
const char *shop_enroll_fault(struct str address);

#endif
