/* How the desk's answers look in a terminal.  What buyers wrote is text and stays text: nothing in
 * it moves the cursor, changes colours or turns the reading order. */
#ifndef TENSTEP_DESK_INBOX_PRINT_H
#define TENSTEP_DESK_INBOX_PRINT_H

#include <stdio.h>

#include "bot/base/json.h"

/* @s with line ends kept, other control characters and those that turn the direction made visible
 * as <U+202E>, broken bytes replaced. */
void inbox_clean(struct str s, struct buf *out);

void inbox_print_cards(FILE *to, const struct json *answer); /* of GET /desk/cards */
void inbox_print_card(FILE *to, const struct json *answer);  /* of GET /desk/cards/ID */
void inbox_print_change(FILE *to, const struct json *card);  /* one line: what has changed */
void inbox_print_posts(FILE *to, const struct json *posts);
void inbox_print_sends(FILE *to, const struct json *answer);    /* of GET /desk/sends */
void inbox_print_promises(FILE *to, const struct json *answer); /* of GET /desk/promises */

void inbox_print_channels(FILE *to, const struct json *answer); /* of GET /desk/channels */
void inbox_print_letters(FILE *to, const struct json *answer);  /* the same: what was given up */

#endif
