/* language.json: what a language brings besides intents. */
#ifndef TENSTEP_INTENTS_LANGUAGE_H
#define TENSTEP_INTENTS_LANGUAGE_H

#include "bot/base/diag.h"
#include "bot/base/json.h"
#include "intents/lexicon.h"

enum { max_run_words = 6 };

/* Words in a row, "could not"; @ending: the next word must end so ("stop *ing") and is no part of
 * it. */
struct run {
	uint32_t word[max_run_words];
	size_t n;
	struct str ending;
};

struct runs {
	struct run *run;
	size_t n;
};

struct ending {
	struct str text;                /* "n't" */
	const uint32_t *opened;         /* not */
	size_t n_opened;
};

struct language {
	struct str code, name;
	struct runs runs[N_RUN_KINDS];
	struct ending *ending;
	size_t n_endings;
	struct str *currency;           /* ISO codes; word.value is the place in here */
	size_t n_currencies;
};

/* Reads the object @node into @language and @lexicon; findings I002, I003, I042. */
void language_read(struct language *language, const struct json *node, const struct json_doc *doc,
	struct lexicon *lexicon, struct arena *arena, struct diags *diags);

/* The length in tokens of the longest run of @runs that starts at @word[0], 0 if none does. */
size_t run_at(const struct runs *runs, const uint32_t *word, const struct str *text, size_t n);

#endif
