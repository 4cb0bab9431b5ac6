/* Rasa's REST channel, server side: whoever talks to a Rasa bot over "rest" can talk to us instead.
 * Pure.  How the server uses it:
 *
 *   GET  /webhooks/rest/          200 {"status":"ok"}
 *   POST /webhooks/rest/webhook   rasa_read(); conversation "rasa:SENDER"; an event PRESS when a
 *                                 choice is set, else TEXT; the event's id is @id (empty: the
 *                                 channel has none, repeats cannot be known); then the posts that
 *                                 followed from it with rasa_write(), 200 application/json
 *   … ?stream=true                each post with rasa_write_line() as it arises, 200
 *                                 text/event-stream (as Rasa labels it)
 *
 * A button's payload is `/choose{"choice":"ID"}`: sent back as a message, it presses that choice.
 */
#ifndef TENSTEP_ADAPTERS_RASA_H
#define TENSTEP_ADAPTERS_RASA_H

#include "bot/engine/post.h"

enum { rasa_max_sender_bytes = 128, rasa_max_message_bytes = 4000 };

struct rasa_message {
	struct str sender;   /* "default" when absent */
	struct str text;     /* what was written; empty for a press */
	struct str choice;   /* the id of the choice that is pressed */
	struct str id;       /* metadata.message_id, if the client is so kind */
	struct str language; /* metadata.language or metadata.locale: "en", "pt-BR" */
};

/* {sender, message, metadata}, at most 64 KiB; slices in @arena.  On a fault false with one line in
 * @error (answer 400). */
bool rasa_read(struct str body, struct arena *arena, struct rasa_message *message,
	struct buf *error) MUST_CHECK;

/* The array [{recipient_id, text, buttons, custom}]: one element for each piece of a post between
 * empty lines; choices are at the last, the card is `custom` as the flows know it.  The buyer's own
 * posts are left out.  @out's ceiling is the caller's. */
void rasa_write(struct buf *out, struct str recipient, const struct post *post, size_t n);
/* The same elements of one post, a line each, without an array. */
void rasa_write_line(struct buf *out, struct str recipient, const struct post *post);

/* {"status":"failure","reason":…} */
void rasa_error(struct buf *out, struct str reason);

#endif
