/* Words of an answer, and runs of them. */
#include "intents/answer_words.h"

void answer_words_of(
	const struct intent_set *set, const struct reading *reading, struct answer_words *w)
{
	w->set = set;
	w->n = reading->n_tokens < max_words ? reading->n_tokens : max_words;
	for (size_t i = 0; i < w->n; i++) {
		w->text[i] = reading->token[i].text;
		w->number[i] = lexicon_find(set->lexicon, w->text[i]);
		w->flags[i] = w->number[i] ? lexicon_at(set->lexicon, w->number[i])->flags : 0;
	}
}

size_t answer_run_here(const struct answer_words *w, enum run_kind kind, size_t i)
{
	if (!(w->flags[i] & 1u << kind))
		return 0;
	return run_at(&w->set->language.runs[kind], w->number + i, w->text + i, w->n - i);
}

bool answer_has_run(const struct answer_words *w, enum run_kind kind, size_t *at, size_t *length)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t n = answer_run_here(w, kind, i);

		if (n) {
			*at = i;
			*length = n;
			return true;
		}
	}
	return false;
}

bool answer_is_content(const struct answer_words *w, size_t i)
{
	return !(w->flags[i] & (WORD_POLITE | WORD_STOP));
}

bool answer_is_only(const struct answer_words *w, enum run_kind kind)
{
	size_t at, n, rest = 0;

	if (!answer_has_run(w, kind, &at, &n))
		return false;
	for (size_t i = 0; i < w->n; i++)
		rest += (i < at || i >= at + n) && answer_is_content(w, i);
	return !rest;
}

bool answer_has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

/* "dress" for "dresses", "blu" for "blue", "runing" for "running". */
