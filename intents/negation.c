/* "Do not cancel it": a negator opens a window; what begins in it is meant the other way round
 * (intents/packs/FORMAT.md). */
#include "intents/message.h"

enum { window_words = 5 };

struct negator {
	unsigned first, end;            /* tokens */
};

static size_t run_from(const struct message *m, enum run_kind kind, unsigned i)
{
	uint32_t word[max_run_words + 1];
	struct str text[max_run_words + 1];
	size_t n = 0;

	if (!(m->token[i].flags & 1u << kind))
		return 0;
	for (; n < max_run_words + 1 && i + n < m->n_tokens; n++) {
		word[n] = m->token[i + n].word;
		text[n] = m->token[i + n].text;
	}
	return run_at(&m->set->language.runs[kind], word, text, n);
}

/* "can not" is inability, a class of its own: its "not" negates nothing. */
static unsigned find_negators(const struct message *m, struct negator *negator)
{
	unsigned n = 0, i = 0;

	while (i < m->n_tokens) {
		size_t able = run_from(m, RUN_INABILITY, i);
		size_t length = able ? 0 : run_from(m, RUN_NEGATOR, i);

		if (able) {
			i += (unsigned)able;
		} else if (length) {
			negator[n++] = (struct negator){i, i + (unsigned)length};
			i += (unsigned)length;
		} else {
			i++;
		}
	}
	return n;
}

/* A phrase that holds the negator meant it: after that match the negator has done its work. */
static bool is_used_up(const struct message *m, const struct negator *negator, unsigned first)
{
	for (unsigned i = 0; i < m->n_hits; i++) {
		const struct hit *hit = &m->hit[i];

		if (hit->first <= negator->first && hit->end >= negator->end && hit->end <= first)
			return true;
	}
	return false;
}

static bool negates(const struct message *m, const struct negator *negator, const struct hit *hit)
{
	const struct lexeme *last = &m->token[negator->end - 1];

	return hit->first >= negator->end && hit->first - negator->end < window_words
		&& m->token[hit->first].clause == last->clause
		&& !is_used_up(m, negator, hit->first);
}

void hits_negate(struct message *m)
{
	struct negator negator[max_tokens];
	unsigned n = 0;

	if (m->flags & 1u << RUN_NEGATOR)
		n = find_negators(m, negator);
	for (unsigned i = 0; i < m->n_hits; i++) {
		m->hit[i].negated = false;
		for (unsigned k = 0; k < n && !m->hit[i].negated; k++)
			m->hit[i].negated = negates(m, &negator[k], &m->hit[i]);
	}
}
