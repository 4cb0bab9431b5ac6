/* Limits on guessing a buyer's second fact, by the hour: five misses in one conversation, twenty on
 * one order number whether it exists or not, 2,000 in all.  In memory; a restart forgets. */
#ifndef TENSTEP_SHOP_SHOP_GUESS_H
#define TENSTEP_SHOP_SHOP_GUESS_H

#include "bot/base/str.h"

struct shop_guess;

struct shop_guess *shop_guess_new(void) MUST_CHECK;
void shop_guess_free(struct shop_guess *guess); /* NULL is fine */
/* Takes one guess; false: there is none left.  It counts as a miss from now on, so that many at
 * once are no way around the limits. */
bool shop_guess_take(
	struct shop_guess *guess, struct str who, struct str number, int64_t now_s) MUST_CHECK;
/* It was none: right, or nobody could say. */
void shop_guess_give_back(struct shop_guess *guess, struct str who, struct str number);

#endif
