/* The expected answer to an open question. */
#include "intents/answer.h"

#include "intents/answer_words.h"

/* --- yes and no --- */

struct verdict {
	unsigned n_yes, n_no, n_unsure;
	enum yes_no first;
	size_t begin; /* where it stands */
	size_t rest;  /* words of content beside */
};

/* The longest run at each place counts: "not sure" is neither "not" nor "sure". */
static struct verdict judge(const struct answer_words *w)
{
	static const enum run_kind kind[] = {RUN_UNSURE, RUN_NO, RUN_YES};
	struct verdict v = {0};

	for (size_t i = 0, n; i < w->n; i += n) {
		enum run_kind found = RUN_UNSURE;
		size_t longest = 0;

		for (size_t k = 0; k < 3; k++) {
			size_t length = answer_run_here(w, kind[k], i);

			if (length > longest) {
				longest = length;
				found = kind[k];
			}
		}
		n = longest ? longest : 1;
		if (!longest) {
			v.rest += answer_is_content(w, i);
			continue;
		}
		v.n_yes += found == RUN_YES;
		v.n_no += found == RUN_NO;
		v.n_unsure += found == RUN_UNSURE;
		if (!v.first && found != RUN_UNSURE) {
			v.first = found == RUN_YES ? ANSWER_YES : ANSWER_NO;
			v.begin = i;
		}
	}
	return v;
}

static size_t after_politeness(const struct answer_words *w)
{
	size_t i = 0;

	while (i < w->n && (w->flags[i] & WORD_POLITE))
		i++;
	return i;
}

/* A yes with a string attached is none: "yes, but …", "ok if …", "sure?". */
static bool is_conditional(const struct answer_words *w, const struct reading *reading)
{
	size_t at, n;

	return str_find(reading->raw, S("?")) >= 0 || answer_has_run(w, RUN_CONDITION, &at, &n) ||
	       answer_has_run(w, RUN_CORRECTION, &at, &n);
}

enum yes_no answer_yes_no(
	const struct intent_set *set, const struct reading *reading, bool *with_more)
{
	struct answer_words w;
	struct verdict v;
	bool at_head;

	if (with_more)
		*with_more = false;
	answer_words_of(set, reading, &w);
	v = judge(&w);
	if (!v.first || v.n_unsure)
		return ANSWER_NEITHER;
	if (v.first == ANSWER_YES && (v.n_no || is_conditional(&w, reading)))
		return ANSWER_NEITHER;
	at_head = v.begin <= after_politeness(&w);
	if (!v.rest && (at_head || !(w.flags[0] & WORD_QUESTION)))
		return v.first;
	if (!at_head)
		return ANSWER_NEITHER; /* "is it still good to go" */
	if (with_more)
		*with_more = true;
	return v.first;
}

/* --- leaving it out, changing it --- */

bool answer_skips(const struct intent_set *set, const struct reading *reading)
{
	struct answer_words w;

	answer_words_of(set, reading, &w);
	return answer_is_only(&w, RUN_SKIP);
}

/* "I received the wrong item" is a complaint, "wrong item" at a question a correction: it starts
 * the message, follows a no, or is all there is. */
bool answer_corrects(const struct intent_set *set, const struct reading *reading)
{
	struct answer_words w;
	struct verdict v;
	size_t at, n;

	answer_words_of(set, reading, &w);
	if (!answer_has_run(&w, RUN_CORRECTION, &at, &n))
		return false;
	v = judge(&w);
	if (v.first == ANSWER_NO && v.begin <= after_politeness(&w))
		return true;
	return at <= after_politeness(&w) || answer_is_only(&w, RUN_CORRECTION);
}
