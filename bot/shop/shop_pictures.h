/* Pictures of ours in the buyer chat: brought to the platform once, and where it keeps them is
 * remembered by what is in them.
 *
 *   a person's file ──────────────────┐
 *   an address of the flows ─> GET ───┴─> digest ─> known? ─> where it is
 *                                                   └> upload ─> written down ─> where it is
 *
 * Bringing one is repeated as often as it takes: two copies at the platform are seen by nobody.
 * What shows it, a message that names where it is, is the outbox's and goes out once. */
#ifndef TENSTEP_SHOP_SHOP_PICTURES_H
#define TENSTEP_SHOP_SHOP_PICTURES_H

#include "bot/shop/shop_line.h"
#include "bot/web/uploads.h"

struct shop_pictures;

struct shop_pictures_setup { /* all of it is the caller's and outlives the pictures */
	struct loop *loop;
	struct store *store;
	struct http_client *client; /* for addresses of the flows */
	struct uploads *uploads;    /* for files; NULL: there are none */
	const struct channel_seat *seat;
	struct shop_line *line;
	struct log *log;
	struct metrics *metrics;
	bool (*write)(void *self); /* opens the store's transaction; false: it failed */
	void *self;
};
struct shop_pictures *shop_pictures_new(const struct shop_pictures_setup *setup) MUST_CHECK;
/* Before the line and the client.  NULL is fine. */
void shop_pictures_free(struct shop_pictures *pictures);

/* As in struct outbox_setup: asked again and again until it is there. */
enum outbox_picture shop_pictures_look(struct shop_pictures *pictures, struct str conversation,
	const struct value *picture, struct arena *arena, const struct value **there,
	struct str *why);

#endif
