/* Words that are in no list: typing errors mended. */
#include "intents/message.h"

/* The word among the conversation's own (labels, product names) that @text is, or was meant to be;
 * @exact says which.  Those words are compared one by one: they are few. */
static struct str context_word(const struct message *m, struct str text, bool *exact)
{
	struct str best = {0};
	unsigned most = text.n >= 9 ? 2 : text.n >= 4 ? 1 : 0, nearest = most + 1;
	bool toss_up = false;

	*exact = false;
	for (size_t i = 0; i < m->context->n_words; i++) {
		for (struct str rest = m->context->word[i]; rest.n;) {
			struct str one = str_cut(&rest, ' ');
			char small[64];
			unsigned distance;

			if (!one.n || one.n > sizeof(small))
				continue;
			for (size_t k = 0; k < one.n; k++)
				small[k] = one.p[k] >= 'A' && one.p[k] <= 'Z'
					? (char)(one.p[k] + 32) : one.p[k];
			distance = str_distance(text, (struct str){small, one.n}, most);
			if (distance > most || (distance && one.n < 4) || distance > nearest)
				continue;
			toss_up = distance == nearest && !str_eq_nocase(best, one);
			nearest = distance;
			best = one;
			if (!distance) {
				*exact = true;
				return best;
			}
		}
	}
	return toss_up ? (struct str){0} : best;
}

static struct str lower_copy(struct arena *arena, struct str s)
{
	char *p = arena_alloc(arena, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
	return (struct str){p, s.n};
}

static void note_fix(struct message *m, struct lexeme *token, struct str to)
{
	if (m->n_fixes < max_tokens)
		m->fix[m->n_fixes++] = (struct fix){token->text, to};
	token->repaired = true;
	token->unknown = false;
}

static void repair(struct message *m, struct lexeme *token)
{
	bool exact;
	struct str meant = context_word(m, token->text, &exact);
	uint32_t number;

	if (exact) {
		token->unknown = false;
		return;
	}
	number = repair_word(m->set->repair, token->text);
	if (number) {
		note_fix(m, token, lexicon_at(m->set->lexicon, number)->text);
		lexeme_is(m, token, number);
	} else if (meant.n) {
		meant = lower_copy(m->arena, meant);
		note_fix(m, token, meant);
		token->text = meant;
		lexeme_is(m, token, lexicon_find(m->set->lexicon, meant));
	}
}

void words_repair(struct message *m)
{
	for (unsigned i = 0; i < m->n_tokens; i++)
		if (m->token[i].unknown && m->token[i].plain) {
			repair(m, &m->token[i]);
			m->guessed = true;
		}
}
