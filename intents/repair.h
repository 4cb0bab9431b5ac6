/* Typing errors: which word of the pack an unknown word was meant to be. */
#ifndef TENSTEP_INTENTS_REPAIR_H
#define TENSTEP_INTENTS_REPAIR_H

#include "intents/lexicon.h"

struct repair;

/* Aims at the words of @lexicon with WORD_TARGET; the index is built on first use in @arena. */
struct repair *repair_new(struct lexicon *lexicon, struct arena *arena);

/* The word meant by @text (letters only, in no list), 0 if none or if it is a toss-up.  One edit from
 * 5 letters on, two from 9 (from 7 if the first letter is kept); a swap of neighbours is one.  Among
 * words equally far away those win that a slip makes sooner (a swap, a letter doubled, the first
 * letter kept), then one that the pack names at least twice as often.  Words of four
 * letters are mended only to words of content (by a swap: any word) with the same first letter. */
uint32_t repair_word(struct repair *repair, struct str text);

#endif
