/* A card of the flows (flows/OPERATIONS.md) in words, for whatever shows text: a title, lines of
 * label and value, items. */
#ifndef TENSTEP_BASE_CARD_TEXT_H
#define TENSTEP_BASE_CARD_TEXT_H

#include "bot/base/value.h"

/* The @index-th card (from 0) of a list of cards or of a record's "orders"; of a single card, the
 * card.  NULL behind the last, at most ten. */
const struct value *card_part(const struct value *card, size_t index);

/* "Order 1002", "Return R-7", "Refund"; else the card's own title, which may be empty. */
struct str card_title(const struct value *card, struct arena *arena);

/* Fields that nobody named are for the flows, not for people: they are left out, and so are items
 * (below).  Times are days in UTC. */
struct card_row {
	const char *label; /* "Arrives by" */
	struct str value;  /* "5 March 2025" */
};
enum { card_max_rows = 24 };
size_t card_rows(const struct value *card, struct arena *arena, struct card_row row[card_max_rows]);

/* "Blue dress, M ×2"; its price is "$29.90" or empty. */
struct str card_item(const struct value *item, struct arena *arena);
struct str card_money(const struct value *money, struct arena *arena);
/* "Blue dress, M ×2, $29.90" */
struct str card_item_priced(const struct value *item, struct arena *arena);

#endif
