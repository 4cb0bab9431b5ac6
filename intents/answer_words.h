/* The words of an answer, for those who read it (answer.c, answer_pick.c, answer_value.c). */
#ifndef TENSTEP_INTENTS_ANSWER_WORDS_H
#define TENSTEP_INTENTS_ANSWER_WORDS_H

#include "intents/answer.h"
#include "intents/pack.h"

enum { max_words = 128 };

/* The reading's words as numbers of the lexicon, to find runs of words in. */
struct answer_words {
	const struct intent_set *set;
	uint32_t number[max_words];
	struct str text[max_words];
	uint32_t flags[max_words];
	size_t n;
};

void answer_words_of(
	const struct intent_set *set, const struct reading *reading, struct answer_words *w);

/* How many words the run of that kind has that begins at word @i; 0: none does. */
size_t answer_run_here(const struct answer_words *w, enum run_kind kind, size_t i);
/* The first one. */
bool answer_has_run(const struct answer_words *w, enum run_kind kind, size_t *at, size_t *length);
/* Whether the whole message is such a run, politeness aside. */
bool answer_is_only(const struct answer_words *w, enum run_kind kind);
/* Neither polite nor a stop word. */
bool answer_is_content(const struct answer_words *w, size_t i);
bool answer_has_digit(struct str s);

#endif
