/* Texts measured and cut in a platform's own unit, never inside what people take for one sign. */
#ifndef TENSTEP_ADAPTERS_CHANNEL_TEXT_H
#define TENSTEP_ADAPTERS_CHANNEL_TEXT_H

#include "adapters/channel/channel.h"

size_t channel_measure(struct str text, enum channel_unit unit);
/* Whether all of it fits; a limit of 0 is none. */
bool channel_fits(struct str text, struct channel_limit limit);

/* The longest head within @limit that ends between two grapheme clusters.  A cluster that is over
 * the limit by itself (a heap of marks) is cut between characters; never empty if @text is not and
 * one character fits. */
struct str channel_head(struct str text, struct channel_limit limit);

/* All of @text if it fits, else a head of it and "…". */
struct str channel_cut(struct arena *arena, struct str text, struct channel_limit limit);

/* Cuts the next message off @text: the end of a paragraph, a line, a sentence or a word, whichever
 * comes first in this order and is not in the first half of what fits; else between two clusters.
 * Blanks around it are dropped; empty when nothing is left. */
struct str channel_piece(struct str *text, struct channel_limit limit);

#endif
