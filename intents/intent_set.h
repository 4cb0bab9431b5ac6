/* Everything that is understood in one language: intents, word lists, the language's own words. */
#ifndef TENSTEP_INTENTS_INTENT_SET_H
#define TENSTEP_INTENTS_INTENT_SET_H

#include "bot/base/arena.h"
#include "bot/base/diag.h"

/* How a match is treated (intents/packs/FORMAT.md): info 50/10, task 60/15, danger 75/20; safety intents
 * (person, stop …) are heard at every step; smalltalk (thanks, greeting …) and answer (yes, no)
 * start no flow by themselves. */
enum intent_kind {
	INTENT_INFO, INTENT_TASK, INTENT_DANGER, INTENT_SAFETY, INTENT_SMALLTALK, INTENT_ANSWER
};

struct intent {
	struct str name;        /* "cancel_order" */
	struct str about;       /* one sentence for authors */
	struct str label;       /* a button's words: "Cancel an order" */
	enum intent_kind kind;
	unsigned index;         /* its place in the set */
};

struct intent_set;

/* Compiles a pack.  @sources are the JSON files of one language folder (intents, lists,
 * language.json), in any order; their texts must outlive the set.  @dictionary: the ordinary words
 * of the language, one a line, may be empty; must outlive the set too.  All findings go to @diags;
 * NULL if any is an error.  Phrases are compiled to PCRE2 on first use (JIT where the system allows,
 * @jit false: never).  The caller frees the set; one thread at a time may use it. */
struct intent_set *intent_set_load(const struct source *sources, size_t n, struct str dictionary,
	bool jit, struct diags *diags) MUST_CHECK;
void intent_set_free(struct intent_set *set);

size_t intent_set_count(const struct intent_set *set);
const struct intent *intent_set_at(const struct intent_set *set, size_t index);
const struct intent *intent_set_find(const struct intent_set *set, struct str name);
size_t intent_set_phrases(const struct intent_set *set);
struct str intent_set_language(const struct intent_set *set);      /* "en" */

/* The examples and counter-examples of an intent, for `tenstep check` and for `.chat` tables. */
struct example {
	struct str text;
	/* Empty for an example; for a counter-example "policy_refund", "a|b", "none", "not x". */
	struct str wanted;
};
size_t intent_examples(const struct intent_set *set, const struct intent *intent,
	const struct example **out);
size_t intent_counter_examples(const struct intent_set *set, const struct intent *intent,
	const struct example **out);

/* The slow findings: every example and counter-example is understood, every phrase
 * compiled and measured against hostile texts, hidden and ambiguous phrases, … */
void intent_set_check(struct intent_set *set, struct diags *diags);
/* Adds the finding that no flow listens to @intent; answers (yes, no) are heard by every question.
 * Who knows both the intents and the flows calls it. */
void intent_set_unheard(
	const struct intent_set *set, const struct intent *intent, struct diags *diags);

#endif
