/* The words of a pack, what they fire in the index, and the ordinary words of the language. */
#ifndef TENSTEP_INTENTS_LEXICON_H
#define TENSTEP_INTENTS_LEXICON_H

#include "bot/base/arena.h"

/* Sorts of word that language.json names.  The first ones say that a run of words starts here. */
enum run_kind {
	RUN_NEGATOR, RUN_INABILITY, RUN_BREAK, RUN_YES, RUN_NO, RUN_UNSURE, RUN_SKIP, RUN_ALL,
	RUN_NEITHER, RUN_OTHER, RUN_CORRECTION, RUN_CONDITION, N_RUN_KINDS
};

enum word_flag {
	WORD_STOP = 1 << N_RUN_KINDS,    /* without content */
	WORD_POLITE = WORD_STOP << 1,
	WORD_QUESTION = WORD_STOP << 2,
	WORD_ANGRY = WORD_STOP << 3,
	WORD_ORDINAL = WORD_STOP << 4,
	WORD_NUMBER = WORD_STOP << 5,
	WORD_MONTH = WORD_STOP << 6,
	WORD_WEEKDAY = WORD_STOP << 7,
	WORD_DAY = WORD_STOP << 8,
	WORD_UNIT = WORD_STOP << 9,
	WORD_AGO = WORD_STOP << 10,
	WORD_CURRENCY = WORD_STOP << 11,
	WORD_ORDER = WORD_STOP << 12,
	WORD_TARGET = WORD_STOP << 13,   /* a typing error may have meant it */
	WORD_LITERAL = WORD_STOP << 14,  /* stands in a phrase or list as written */
	WORD_TIMED = WORD_MONTH | WORD_WEEKDAY | WORD_DAY | WORD_UNIT,
	WORD_COUNTED = WORD_ORDINAL | WORD_NUMBER | WORD_CURRENCY,
};

struct word {
	struct str text;
	uint32_t hash;
	uint32_t flags;
	int32_t value;                  /* of a number, month, day …; a currency's place */
	uint32_t weight;                /* how often phrases name it; set by index_build() */
	uint32_t exact, prefix;         /* keys of `cancel` and of `cancel*`; 0: in no phrase */
	const uint32_t *key;            /* all keys that it fires; set by lexicon_seal() */
	size_t n_keys;
	uint64_t mask;                  /* of those keys */
	const uint32_t *opened;         /* shorthand: the words it stands for */
	size_t n_opened;
	bool shorthand;                 /* @opened replaces it, even by nothing */
};

struct lexicon;

/* Keys 1 … @first_key - 1 are left to the caller (entities). */
struct lexicon *lexicon_new(struct arena *arena, uint32_t first_key);

/* The word's number (from 1), added if it is new.  @text is copied. */
uint32_t lexicon_add(struct lexicon *lexicon, struct str text);
/* Its number, or 0. */
uint32_t lexicon_find(const struct lexicon *lexicon, struct str text);
/* Pointers hold until the next lexicon_add(). */
struct word *lexicon_at(struct lexicon *lexicon, uint32_t number);
size_t lexicon_count(const struct lexicon *lexicon);

/* What the word @number fires as it stands, or (@prefix) what all do that begin with it. */
uint32_t lexicon_key(struct lexicon *lexicon, uint32_t number, bool prefix);
/* The same, of a word that is added if it is new. */
uint32_t lexicon_exact_key(struct lexicon *lexicon, struct str text);
uint32_t lexicon_prefix_key(struct lexicon *lexicon, struct str text);
uint32_t lexicon_n_keys(const struct lexicon *lexicon);      /* one more than the last key */
uint64_t lexicon_key_mask(uint32_t key);

/* Takes in the dictionary (lower case, one word a line, in the order of their bytes, so that it can be
 * searched without being read; must outlive the lexicon) and works out what each word fires.  Nothing
 * may be added afterwards. */
void lexicon_seal(struct lexicon *lexicon, struct str dictionary);

/* True if the dictionary has @text (lower case). */
bool lexicon_ordinary(const struct lexicon *lexicon, struct str text);

/* The keys that a word outside the lexicon fires (by its beginning); at most @max. */
size_t lexicon_keys(const struct lexicon *lexicon, struct str text, uint32_t *key, size_t max);

#endif
