/* The text that PCRE2 is shown: words one blank apart, cut at sentence ends and where it is long. */
#include "intents/message.h"

#include <string.h>

/* Clauses: a breath (comma) or a word such as "but" begins a new one. */
static void number_clauses(struct message *m)
{
	const struct runs *breaks = &m->set->language.runs[RUN_BREAK];
	unsigned clause = 0;

	for (unsigned i = 0; i < m->n_tokens; i++) {
		struct lexeme *token = &m->token[i];
		bool first = !i || token->sentence != m->token[i - 1].sentence;
		bool breaks_here = false;

		if (token->flags & 1u << RUN_BREAK) {
			for (size_t k = 0; k < breaks->n && !breaks_here; k++)
				breaks_here = breaks->run[k].n == 1
					&& breaks->run[k].word[0] == token->word;
		}
		clause += i && (first || token->comma || breaks_here);
		token->clause = clause;
	}
}

static void add_text(struct message *m, struct lexeme *token)
{
	memcpy(m->text + m->n_text, token->text.p, token->text.n);
	token->at = (uint32_t)m->n_text;
	m->n_text += token->text.n;
	m->text[m->n_text++] = ' ';
}

static void begin_piece(struct message *m, unsigned first)
{
	if (m->n_pieces == max_pieces) {
		m->too_long = true;
		return;
	}
	m->piece[m->n_pieces++] = (struct piece){
		.from = (uint32_t)m->n_text - 1,    /* the blank before */
		.to = (uint32_t)m->n_text,
		.first = first,
		.end = first,
	};
}

static void find_core(struct message *m)
{
	unsigned n = m->n_tokens, first = 0, end = n;

	while (first < n && first < max_polite && (m->token[first].flags & WORD_POLITE))
		first++;
	while (end && n - end < max_polite && (m->token[end - 1].flags & WORD_POLITE))
		end--;
	m->core_first = first;
	m->core_end = end;
}

void pieces_cut(struct message *m)
{
	number_clauses(m);
	m->text[0] = ' ';
	m->n_text = 1;
	for (unsigned i = 0; i < m->n_tokens; i++) {
		struct lexeme *token = &m->token[i];
		struct piece *piece = m->n_pieces ? &m->piece[m->n_pieces - 1] : NULL;

		if (!piece || token->sentence != m->token[i - 1].sentence
			|| m->n_text + token->text.n + 1 - piece->from > max_piece)
			begin_piece(m, i);
		piece = &m->piece[m->n_pieces - 1];
		if (m->n_text + token->text.n + 1 - piece->from > max_piece)
			break;    /* no more pieces: the rest is not matched */
		add_text(m, token);
		piece->to = (uint32_t)m->n_text;
		piece->end = i + 1;
		piece->mask |= token->mask;
		m->mask |= token->mask;
		token->content = !(token->flags & (WORD_STOP | WORD_POLITE));
		m->n_content += token->content;
	}
	for (unsigned p = 0; p < m->n_pieces; p++)
		for (size_t e = 0; e < m->n_entities; e++)
			if (m->entity_place[e].first >= m->piece[p].first
				&& m->entity_place[e].end <= m->piece[p].end)
				m->piece[p].mask |= lexicon_key_mask(m->entity[e].type + 1);
	find_core(m);
}
