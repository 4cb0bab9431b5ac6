/* The buyer chat's requests on the shop's line: its codec knows no tokens, the line signs. */
#ifndef TENSTEP_SHOP_SHOP_LINE_H
#define TENSTEP_SHOP_SHOP_LINE_H

#include "bot/config/serve_config.h"
#include "bot/shop/shop_chat.h"
#include "bot/shop/shop_link.h"

/* The shop of a seat of the buyer chat, by its id; the first when it names none.  False: the
 * consent is not for it, or there is none now. */
bool shop_line_shop(
	struct shop_link *link, const struct channel_seat *seat, size_t *shop) MUST_CHECK;

/* Address and headers of @call become those of a signed request; in @arena.  False: not now. */
bool shop_line_authorise(struct shop_link *link, const struct channel_seat *seat,
	struct channel_call *call, struct arena *arena) MUST_CHECK;

/* Reads over the line, for struct shop_chat_setup: one for each seat. */
struct shop_line;
struct shop_line *shop_line_new(struct shop_link *link, const struct channel_seat *seat) MUST_CHECK;
void shop_line_free(struct shop_line *line); /* nobody is told any more */
void shop_line_ask(
	void *line, const struct channel_call *call, shop_chat_heard *heard, void *whose);
void shop_line_forget(void *line, const void *whose);

/* A file, as @call's form: large, and brought again when nobody can tell whether it arrived.
 * @answered comes once, never from inside; its answer lives until it returns. */
void shop_line_upload(struct shop_line *line, const struct channel_call *call,
	shop_answered *answered, void *whose);

#endif
