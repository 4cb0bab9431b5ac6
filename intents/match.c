/* Phrases against a message: candidates from the index, then PCRE2. */
#include "intents/message.h"

#include <string.h>

enum { matches_a_phrase = 3, max_spans = max_entities };

bool phrase_ready(struct intent_set *set, const struct phrase *phrase, struct pattern_error *error)
{
	struct buf expression;
	bool ready;

	if (phrase->pattern->broken)
		return false;
	if (phrase->pattern->code)
		return true;
	if (!phrase->tree.root)
		return pattern_compile(set->matcher, phrase->pattern, phrase->text, error);
	buf_init(&expression, 256 * 1024);
	phrase_expression(&phrase->tree, &expression);
	if (expression.over) {
		phrase->pattern->broken = true;
		buf_release(&expression);
		return false;
	}
	ready = pattern_compile(set->matcher, phrase->pattern, buf_str(&expression), error);
	buf_release(&expression);
	return ready;
}

/* The token whose text stands at or after @at. */
static unsigned token_at(const struct message *m, unsigned first, unsigned end, size_t at)
{
	while (first < end && m->token[first].at < at)
		first++;
	return first;
}

struct stretch_of_text {
	uint32_t from, to;
	unsigned first, end;
};

static size_t spans_in(
	const struct message *m, const struct stretch_of_text *where, struct entity_span *span)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_entities && n < max_spans; i++) {
		const struct entity_place *place = &m->entity_place[i];
		const struct lexeme *last = &m->token[place->end - 1];

		if (place->first < where->first || place->end > where->end)
			continue;
		span[n++] = (struct entity_span){
			.from = m->token[place->first].at - where->from,
			.to = last->at + (uint32_t)last->text.n - where->from,
			.type = m->entity[i].type,
		};
	}
	return n;
}

struct capture {
	struct message *m;
	const struct stretch_of_text *where;
	bool raw; /* groups of a raw regex: not checked against entities */
};

static const struct value *value_of_place(
	struct message *m, unsigned first, unsigned end, struct str text)
{
	for (size_t i = 0; i < m->n_entities; i++)
		if (m->entity_place[i].first == first && m->entity_place[i].end == end)
			return m->entity[i].value;
	return value_text(m->arena, text);
}

/* A named group becomes an entity of that name. */
static void keep_group(void *to, struct str name, size_t begin, size_t end)
{
	struct capture *capture = to;
	struct message *m = capture->m;
	const struct stretch_of_text *where = capture->where;
	struct str text = str_trim((struct str){m->text + where->from + begin, end - begin});
	unsigned first = token_at(m, where->first, where->end, where->from + begin);
	unsigned last = token_at(m, where->first, where->end, where->from + end);
	struct entity *entity;

	const struct value *value;

	if (first >= last || m->n_entities == max_entities)
		return;
	value = value_of_place(m, first, last, text);
	for (size_t i = 0; i < m->n_entities; i++)
		if (str_eq(m->entity[i].name, name) && m->entity_place[i].first == first)
			return; /* found already, under its own name */
	m->entity_place[m->n_entities] = (struct entity_place){first, last};
	entity = &m->entity[m->n_entities++];
	*entity = (struct entity){
		.type = ENTITY_CAPTURE,
		.name = arena_str(m->arena, name),
		.raw = str_sub(
			m->raw, m->token[first].from, m->token[last - 1].to - m->token[first].from),
		.value = value,
	};
}

static bool hit_negated_before(const struct message *m, unsigned first);

/* One phrase against one stretch; @keep: matches become hits, else the first one is enough. */
static bool match_in(struct message *m, const struct phrase *phrase,
	const struct stretch_of_text *where, bool keep)
{
	struct str subject = {m->text + where->from, where->to - where->from};
	struct entity_span span[max_spans];
	bool captures = phrase->tree.captures || !phrase->tree.root;
	bool found = false;
	size_t from = 0, begin, end;

	if (m->budget < subject.n || !phrase_ready(m->set, phrase, NULL))
		return false;
	m->budget -= (unsigned)subject.n;
	if (captures)
		matcher_entities(m->set->matcher, span, spans_in(m, where, span));
	for (unsigned i = 0; i < matches_a_phrase; i++) {
		struct capture capture = {m, where, !phrase->tree.root};
		struct hit *hit;
		unsigned first, behind;
		enum match_result result = pattern_match(
			m->set->matcher, phrase->pattern, subject, from, &begin, &end);

		m->n_faults += result == MATCH_GAVE_UP;
		if (result != MATCH_YES || end <= begin) /* \K lets a regex end before it begins */
			break;
		first = token_at(m, where->first, where->end, where->from + begin);
		behind = token_at(m, first, where->end, where->from + end);
		if (first == behind)
			break; /* a regex that matched nothing but the blank before the first word
				*/
		found = true;
		if (!keep || m->n_hits == max_hits)
			break;
		if (captures)
			pattern_groups(m->set->matcher, phrase->pattern, keep_group, &capture);
		hit = &m->hit[m->n_hits++];
		*hit = (struct hit){
			.phrase = phrase,
			.first = first,
			.end = behind,
		};
		hit->negated = hit_negated_before(m, hit->first);
		if (!hit->negated)
			break;
		from = end; /* "do not cancel the first one, cancel the second one" */
	}
	return found;
}

/* A cheap look for a negator anywhere before: whether it counts is decided later; here it only says
 * that another match further on is worth looking for. */
static bool hit_negated_before(const struct message *m, unsigned first)
{
	for (unsigned i = 0; i < first; i++)
		if (m->token[i].flags & 1u << RUN_NEGATOR)
			return true;
	return false;
}

/* A first look, by which most phrases fall. */
static bool may_match(const struct phrase *phrase, uint64_t mask)
{
	for (unsigned i = 0; i < phrase->n_needs; i++)
		if (!(phrase->need[i].mask & mask))
			return false;
	return true;
}

enum { nowhere = max_tokens };

/* The earliest token, from @from on, at which the need can be met. */
static unsigned met_at(const struct intent_set *set, const struct need *need, unsigned from)
{
	unsigned earliest = nowhere;

	for (uint32_t i = 0; i < need->n_groups; i++) {
		const struct key_group *group = &need->group[i];
		uint64_t keys = group->keys & set->fired_keys[group->place];

		for (; keys; keys &= keys - 1) {
			const struct fired *fired = &set->fired[group->place * keys_a_group +
								(unsigned)__builtin_ctzll(keys)];
			unsigned at = fired->first >= from ? fired->first : from;

			if (fired->last >= from && at < earliest)
				earliest = at; /* at the least */
		}
	}
	return earliest;
}

/* All that the phrase needs is in the message, one after another.  Whatever matches passes: each
 * element of a phrase takes at least one word, after those of the elements before it. */
static bool has_needs(const struct message *m, const struct phrase *phrase)
{
	if (m->no_index)
		return true;
	for (unsigned i = 0, from = 0; i < phrase->n_needs; i++) {
		unsigned at = met_at(m->set, &phrase->need[i], from);

		if (at == nowhere)
			return false;
		from = at + 1;
	}
	return true;
}

static bool match_tokens(
	struct message *m, const struct phrase *phrase, unsigned first, unsigned end, bool keep)
{
	const struct lexeme *last = &m->token[end - 1];
	struct stretch_of_text where = {
		m->token[first].at - 1, last->at + (uint32_t)last->text.n + 1, first, end};

	return where.to - where.from <= max_piece && match_in(m, phrase, &where, keep);
}

/* Whether the token fires one of the keys that are wanted at the edge of the message. */
static bool may_stand(const struct message *m, const struct lexeme *token, uint64_t wanted)
{
	return (token->mask & wanted) || wanted == UINT64_MAX || m->no_index;
}

/* The whole message, then with less and less of the politeness around it: in "hey thank you" the
 * phrase "thank you" is polite itself. */
static bool match_whole(struct message *m, const struct phrase *phrase, bool keep)
{
	for (unsigned first = 0; first <= m->core_first && first < m->n_tokens; first++) {
		if (!may_stand(m, &m->token[first], phrase->edges.first))
			continue;
		for (unsigned end = m->n_tokens; end >= m->core_end && end > first; end--)
			if (may_stand(m, &m->token[end - 1], phrase->edges.last) &&
				match_tokens(m, phrase, first, end, keep))
				return true;
	}
	return false;
}

static bool match_phrase(struct message *m, const struct phrase *phrase, bool keep)
{
	bool found = false;

	if (phrase->tree.whole)
		return match_whole(m, phrase, keep);
	for (unsigned i = 0; i < m->n_pieces; i++) {
		const struct piece *piece = &m->piece[i];
		struct stretch_of_text where = {piece->from, piece->to, piece->first, piece->end};

		if (!m->no_index && !may_match(phrase, piece->mask))
			continue;
		if (match_in(m, phrase, &where, keep))
			found = true;
		if (found && !keep)
			break;
	}
	return found;
}

bool phrase_matches(struct message *m, const struct phrase *phrase)
{
	return may_match(phrase, m->mask) && has_needs(m, phrase) && match_phrase(m, phrase, false);
}

static void try_phrase(struct message *m, uint32_t number)
{
	struct intent_set *set = m->set;
	const struct phrase *phrase = &set->phrase[number];

	if (!may_match(phrase, m->mask) || set->tried[number] == set->turn)
		return;
	set->tried[number] = set->turn;
	if (!has_needs(m, phrase))
		return;
	m->n_tried++;
	match_phrase(m, phrase, true);
}

static void try_key(struct message *m, uint32_t key)
{
	const struct index *index = &m->set->index;

	for (uint32_t i = index->from[key]; i < index->from[key + 1]; i++)
		try_phrase(m, index->phrase[i]);
}

static void fire(struct intent_set *set, uint32_t key, unsigned first, unsigned last)
{
	struct fired *fired = &set->fired[key];
	uint64_t *keys = &set->fired_keys[key / keys_a_group], one = 1ull << key % keys_a_group;

	if (!(*keys & one))
		*fired = (struct fired){(uint16_t)first, (uint16_t)last};
	*keys |= one;
	if (first < fired->first)
		fired->first = (uint16_t)first;
	if (last > fired->last)
		fired->last = (uint16_t)last;
}

/* Stamps instead of flags: they need not be cleared for the next message. */
static void begin_tries(struct intent_set *set)
{
	if (++set->turn == 0) {
		memset(set->tried, 0, set->n_phrases * sizeof(*set->tried));
		set->turn = 1;
	}
}

static void fire_keys(struct message *m)
{
	struct intent_set *set = m->set;

	memset(set->fired_keys, 0, intent_set_key_groups(set) * sizeof(*set->fired_keys));
	for (unsigned i = 0; i < m->n_tokens; i++)
		for (size_t k = 0; k < m->token[i].n_keys; k++)
			fire(set, m->token[i].key[k], i, i);
	for (size_t i = 0; i < m->n_entities; i++)
		fire(set, m->entity[i].type + 1, m->entity_place[i].first,
			m->entity_place[i].end - 1);
}

void phrases_match(struct message *m)
{
	struct intent_set *set = m->set;

	begin_tries(set);
	fire_keys(m);
	if (m->no_index) {
		for (uint32_t i = 0; i < set->n_phrases; i++)
			try_phrase(m, i);
		return;
	}
	for (unsigned i = 0; i < m->n_tokens; i++)
		for (size_t k = 0; k < m->token[i].n_keys; k++)
			try_key(m, m->token[i].key[k]);
	for (size_t i = 0, n = m->n_entities; i < n; i++)
		try_key(m, m->entity[i].type + 1);
	for (size_t i = 0; i < set->index.n_always; i++)
		try_phrase(m, set->index.always[i]);
}
