/* Messages of ours that may have been shown in the buyer chat: looked for there before they are
 * sent again. */
#ifndef TENSTEP_SHOP_SHOP_SEARCH_H
#define TENSTEP_SHOP_SHOP_SEARCH_H

#include "bot/shop/shop_line.h"

struct shop_search;

/* @loop and @line are the caller's and outlive it. */
struct shop_search *shop_search_new(
	struct loop *loop, const struct channel_seat *seat, struct shop_line *line) MUST_CHECK;
void shop_search_free(struct shop_search *search); /* NULL is fine */

/* Whether what @call sends to @peer is there, and under which id (in @arena); see struct
 * outbox_setup. */
enum outbox_trace shop_search_look(struct shop_search *search, struct str peer,
	const struct channel_call *call, struct arena *arena, struct str *message);

#endif
