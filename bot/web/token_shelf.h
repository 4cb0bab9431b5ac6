/* Direct Line tokens whose signature was checked lately: whoever sends many requests sends the same
 * token with each.  In memory only, of a fixed number. */
#ifndef TENSTEP_WEB_TOKEN_SHELF_H
#define TENSTEP_WEB_TOKEN_SHELF_H

#include "adapters/directline/directline.h"

struct token_shelf;

struct token_shelf *token_shelf_new(void) MUST_CHECK;
void token_shelf_free(struct token_shelf *shelf);

/* Keeps what was read from @text, a good token; another one may lose its place by that. */
void token_shelf_keep(
	struct token_shelf *shelf, struct str text, const struct directline_token *token);
/* What was kept for exactly this text, whatever its time; NULL: nothing.  It holds until the next
 * token_shelf_keep(). */
const struct directline_token *token_shelf_find(const struct token_shelf *shelf, struct str text);

#endif
