/* Messages of ours that may have been shown in the buyer chat: looked for there before they are
 * sent again. */
#ifndef TENSTEP_SHOP_SHOP_SEARCH_H
#define TENSTEP_SHOP_SHOP_SEARCH_H

#include "bot/shop/shop_line.h"

struct shop_search;

struct shop_search_setup { /* all of it is the caller's and outlives the search */
	struct loop *loop;
	const struct channel_seat *seat;
	struct shop_line *line;
	/* Whether a message there is known as ours: then it is an earlier one. */
	bool (*knows)(void *self, struct str peer, struct str message);
	void *self;
};
struct shop_search *shop_search_new(const struct shop_search_setup *setup) MUST_CHECK;
void shop_search_free(struct shop_search *search); /* NULL is fine */

/* Whether what @call sends to @peer is there, and under which id (in @arena); see struct
 * outbox_setup. */
enum outbox_trace shop_search_look(struct shop_search *search, struct str peer,
	const struct channel_call *call, struct arena *arena, struct str *message);

#endif
