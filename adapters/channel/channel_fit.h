/* A post becomes one or several messages that fit a platform: long texts are cut, more choices than
 * buttons become a list that opens or numbered lines, cards become words.
 *
 * What goes behind a button is a short handle of ours, "POST.CHOICE" (at most 16 bytes): it is
 * looked up in the transcript when it comes back, so that platforms with room for 64 bytes have
 * enough, and a button that was never ours presses nothing. */
#ifndef TENSTEP_ADAPTERS_CHANNEL_FIT_H
#define TENSTEP_ADAPTERS_CHANNEL_FIT_H

#include "adapters/channel/channel.h"

/* The messages that @post becomes, in order, in @arena; 0: there is nothing to show.  Each is a
 * post with the number, time and speaker of @post whose body has only
 *
 *   text      within the limit; may be empty when there are choices
 *   choices   a list of {id, label}: id is the handle, label is cut to the limit of a button, or of
 *             a row when there are more than limits->buttons of them (then at most list_rows);
 *             at the last message only
 *   card      as in @post, at the last message, of an order and when limits->cards
 *   question, name (of a note) as in @post
 */
size_t channel_fit(const struct channel_limits *limits, const struct post *post,
	struct arena *arena, const struct post **messages);

/* Whether the choices of @post stand in its text as numbered lines; a number that is written back
 * chooses one of them. */
bool channel_is_numbered(const struct channel_limits *limits, const struct post *post);

struct channel_handle {
	uint32_t post;   /* its number, from 1 */
	unsigned choice; /* from 0 */
};
struct str channel_handle_write(struct arena *arena, struct channel_handle handle);
/* False: not one of ours. */
bool channel_handle_read(struct str payload, struct channel_handle *handle) MUST_CHECK;

/* A card of the flows in words, for platforms without cards: what it is, a line each of what is
 * known, its items.  Empty: it shows nothing. */
struct str channel_card(const struct value *card, struct arena *arena);

#endif
