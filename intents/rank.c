/* Scores that add up, and the decision. */
#include "intents/message.h"

#include <stdlib.h>
#include <string.h>

enum {
	explain_points = 30,
	takes_points = 8, takes_most = 16,
	further_points = 5, further_most = 10,
	expected_points = 40, near_points = 15, below_points = 8,
	repair_points = 6, folded_points = 3,
	confirm_from = 35,
	max_parts = 8,
	max_ranked = 32,
};

static const struct {
	int points;
	const char *name;
} strength_row[] = {
	[STRENGTH_WEAK] = {25, "weak"},
	[STRENGTH_NORMAL] = {50, "normal"},
	[STRENGTH_STRONG] = {70, "strong"},
	[STRENGTH_WHOLE] = {90, "whole message"},
};

static const struct {
	int accept, lead;
} kind_row[] = {
	[INTENT_INFO] = {50, 10},
	[INTENT_TASK] = {60, 15},
	[INTENT_DANGER] = {75, 20},
	[INTENT_SAFETY] = {60, 15},
	[INTENT_SMALLTALK] = {50, 10},
	[INTENT_ANSWER] = {50, 10},
};

const char *const decision_name[4] = {"none", "confirm", "clarify", "accept"};

/* What is known of one outcome: an intent, or its negation. */
struct tally {
	unsigned intent;
	bool negated;
	const struct hit *best;
	int best_points;
	unsigned n_hits;
	uint64_t cover[2];              /* tokens explained */
	unsigned first;                 /* where its best match begins, and its clause ends */
	unsigned repaired, folded;      /* words inside the best match */
	bool only_repaired;             /* no content word of the best match stood there as typed */
	const struct phrase *unless;    /* this intent took the place of another */
	unsigned instead_of;
	bool removed;
	int went_to;                    /* the intent that took its place, -1: none */
	struct candidate candidate;
};

struct ranking {
	struct message *m;
	struct tally tally[max_ranked];
	unsigned n;
};

static struct tally *tally_of(struct ranking *r, unsigned intent, bool negated)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->tally[i].intent == intent && r->tally[i].negated == negated)
			return &r->tally[i];
	if (r->n == max_ranked)
		return NULL;
	r->tally[r->n] = (struct tally){.intent = intent, .negated = negated};
	return &r->tally[r->n++];
}

static void cover(struct tally *tally, const struct hit *hit)
{
	for (unsigned i = hit->first; i < hit->end; i++)
		tally->cover[i / 64] |= 1ull << i % 64;
}

static void count_words(const struct message *m, const struct hit *hit, struct tally *tally)
{
	unsigned content = 0;

	tally->repaired = tally->folded = 0;
	for (unsigned i = hit->first; i < hit->end; i++) {
		const struct lexeme *token = &m->token[i];

		tally->repaired += token->repaired;
		tally->folded += token->folded;
		content += token->content && !token->repaired;
	}
	tally->only_repaired = tally->repaired && !content;
}

static int points_of(const struct message *m, const struct hit *hit)
{
	int points = strength_row[hit->phrase->strength].points * 4;

	for (unsigned i = hit->first; i < hit->end; i++)
		points += m->token[i].repaired ? -repair_points * 4 : m->token[i].content;
	return points;
}

/* The best hit is the strongest; of equals the one over more words of content. */
static void count_hit(struct ranking *r, const struct hit *hit)
{
	struct tally *tally = tally_of(r, hit->phrase->intent, hit->negated);
	int points = points_of(r->m, hit);

	if (!tally)
		return;
	tally->n_hits++;
	cover(tally, hit);
	if (tally->best && points <= tally->best_points)
		return;
	tally->best = hit;
	tally->best_points = points;
	tally->first = hit->first;
	count_words(r->m, hit, tally);
}

/* --- unless --- */

static const struct unless *unless_of(struct message *m, unsigned intent)
{
	const struct intent_entry *entry = &m->set->intent[intent];

	for (size_t i = 0; i < entry->n_unless; i++)
		if (phrase_matches(m, &entry->unless[i].phrase))
			return &entry->unless[i];
	return NULL;
}

/* Where matches of @instead go: on to what took its place, if it was itself removed.  NULL:
 * nowhere. */
static struct tally *heir_of(struct ranking *r, int instead, bool negated)
{
	for (unsigned steps = 0; instead >= 0 && steps < max_ranked; steps++) {
		struct tally *tally = tally_of(r, (unsigned)instead, negated);

		if (!tally || !tally->removed)
			return tally;
		instead = tally->went_to;
	}
	return NULL;
}

/* What is inherited never counts as a further phrase. */
static void inherit(struct tally *to, const struct tally *from, const struct unless *unless)
{
	to->n_hits += !to->n_hits;
	to->cover[0] |= from->cover[0];
	to->cover[1] |= from->cover[1];
	if (to->best && to->best_points >= from->best_points)
		return;
	to->best = from->best;
	to->best_points = from->best_points;
	to->first = from->first;
	to->repaired = from->repaired;
	to->folded = from->folded;
	to->only_repaired = from->only_repaired;
	to->unless = &unless->phrase;
	to->instead_of = from->intent;
}

/* The intent that was meant gets the matches of the one that matched. */
static void give_over(struct ranking *r, struct tally *from, const struct unless *unless)
{
	struct tally *to;

	from->removed = true;
	from->went_to = unless->instead;
	to = heir_of(r, unless->instead, from->negated);
	if (to)
		inherit(to, from, unless);
}

/* Only intents that matched by themselves are looked at: what comes in another's place stays. */
static void apply_unless(struct ranking *r)
{
	unsigned n = r->n;

	for (unsigned i = 0; i < n; i++) {
		const struct unless *unless = unless_of(r->m, r->tally[i].intent);

		if (unless && unless->instead != (int)r->tally[i].intent)
			give_over(r, &r->tally[i], unless);
	}
}

/* --- scores --- */

struct sum {
	struct message *m;
	struct score_part *part;
	size_t n;
	int total;
};

static void add_points(struct sum *sum, int points, struct str why)
{
	if (sum->n == max_parts)
		return;
	sum->part[sum->n++] = (struct score_part){points, why};
	sum->total += points;
}

static char *put_text(char *p, struct str text)
{
	return (char *)memcpy(p, text.p, text.n) + text.n;
}

/* At most max_tokens, which has three digits. */
static char *put_count(char *p, unsigned n)
{
	if (n >= 100)
		*p++ = (char)('0' + n / 100);
	if (n >= 10)
		*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	return p;
}

/* "explains 4 of 5 words", without printf: this runs for every message. */
static struct str explained_text(struct arena *arena, unsigned explained, unsigned words)
{
	char *text = arena_raw(arena, 40), *p = put_text(text, S("explains "));

	p = put_count(p, explained);
	p = put_text(p, S(" of "));
	p = put_count(p, words);
	p = put_text(p, words == 1 ? S(" word") : S(" words"));
	return (struct str){text, (size_t)(p - text)};
}

static bool is_covered(const struct tally *tally, unsigned i)
{
	return tally->cover[i / 64] >> i % 64 & 1;
}

static void add_explained(struct sum *sum, const struct tally *tally)
{
	const struct message *m = sum->m;
	bool all = !m->n_content;       /* a message of stop words only: they count */
	unsigned words = 0, explained = 0;

	for (unsigned i = 0; i < m->n_tokens; i++) {
		const struct lexeme *token = &m->token[i];

		if (!all && !token->content)
			continue;
		words++;
		explained += is_covered(tally, i) || token->entity
			|| (token->flags & WORD_POLITE);
	}
	if (words)
		add_points(sum, (int)(explain_points * explained / words),
			explained_text(m->arena, explained, words));
}

static void add_takes(struct sum *sum, const struct intent_entry *entry)
{
	const struct message *m = sum->m;
	int points = 0;

	if (!entry->n_takes)
		return;
	for (size_t i = 0; i < m->n_entities && points < takes_most; i++) {
		const struct entity *entity = &m->entity[i];
		bool taken = entity->type != ENTITY_CAPTURE && (entry->takes >> entity->type & 1);

		for (size_t k = 0; !taken && k < entry->n_takes; k++)
			taken = str_eq(entry->takes_name[k], entity->name);
		if (taken)
			points += takes_points;
	}
	if (points)
		add_points(sum, points, S("names what it needs"));
}

static bool is_in(const struct intent *const *intent, size_t n, const struct intent *one)
{
	for (size_t i = 0; i < n; i++)
		if (intent[i]->index == one->index)
			return true;
	return false;
}

static void add_context(struct sum *sum, const struct intent *intent)
{
	const struct context *context = sum->m->context;

	if (is_in(context->expected, context->n_expected, intent))
		add_points(sum, expected_points, S("expected here"));
	else if (is_in(context->near, context->n_near, intent))
		add_points(sum, near_points, S("of the same flow"));
	else if (is_in(context->below, context->n_below, intent))
		add_points(sum, below_points, S("of a flow below"));
}

static void add_blemishes(struct sum *sum, const struct tally *tally)
{
	if (tally->repaired)
		add_points(sum, -repair_points * (int)tally->repaired,
			tally->repaired == 1 ? S("a repaired word") : S("repaired words"));
	if (tally->folded)
		add_points(sum, -folded_points, S("without accents"));
}

static struct str span_text(const struct message *m, const struct hit *hit)
{
	const struct lexeme *last = &m->token[hit->end - 1];

	return str_sub((struct str){m->text, m->n_text}, m->token[hit->first].at,
		last->at + last->text.n - m->token[hit->first].at);
}

static void score(struct message *m, struct tally *tally)
{
	const struct intent_entry *entry = &m->set->intent[tally->intent];
	const struct hit *hit = tally->best;
	unsigned further = tally->n_hits - 1;
	struct sum sum = {.m = m, .part = arena_raw(m->arena, max_parts * sizeof(*sum.part))};

	add_points(&sum, strength_row[hit->phrase->strength].points,
		str_of(strength_row[hit->phrase->strength].name));
	add_explained(&sum, tally);
	add_takes(&sum, entry);
	if (further)
		add_points(&sum, further * further_points > further_most ? further_most
			: (int)further * further_points,
			further == 1 ? S("second phrase") : S("further phrases"));
	if (!tally->negated)
		add_context(&sum, &entry->intent);
	add_blemishes(&sum, tally);
	if (tally->unless)
		add_points(&sum, 0, arena_printf(m->arena, "instead of %.*s, unless \"%.*s\"",
			STR(m->set->intent[tally->instead_of].intent.name),
			STR(tally->unless->text)));
	tally->candidate = (struct candidate){
		.intent = &entry->intent,
		.negated = tally->negated,
		.score = sum.total,
		.phrase = hit->phrase->text,
		.span = span_text(m, hit),
		.cover = {tally->cover[0], tally->cover[1]},
		.part = sum.part,
		.n_parts = sum.n,
	};
}

/* --- the decision --- */

/* Small talk and bare answers step aside for anything else; so does "not x" for a wish. */
static unsigned class_of(const struct tally *tally)
{
	enum intent_kind kind = tally->candidate.intent->kind;

	if (tally->candidate.score < confirm_from)
		return 3;
	if (kind == INTENT_SMALLTALK || kind == INTENT_ANSWER)
		return 2;
	return tally->negated ? 1 : 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct tally *x = *(struct tally *const *)a, *y = *(struct tally *const *)b;

	if (class_of(x) != class_of(y))
		return class_of(x) < class_of(y) ? -1 : 1;
	if (x->candidate.score != y->candidate.score)
		return x->candidate.score > y->candidate.score ? -1 : 1;
	if (x->best_points != y->best_points)
		return x->best_points > y->best_points ? -1 : 1;
	if (x->intent != y->intent)
		return x->intent < y->intent ? -1 : 1;
	return x->negated - y->negated;
}

static bool is_enough(const struct tally *tally)
{
	return tally->candidate.score >= kind_row[tally->candidate.intent->kind].accept;
}

/* In different clauses, and neither match reaches into the other's: two wishes, not two readings. */
static bool stand_apart(const struct message *m, const struct tally *a, const struct tally *b)
{
	return m->token[a->best->first].clause != m->token[b->best->first].clause
		&& (a->best->end <= b->best->first || b->best->end <= a->best->first);
}

static void decide(struct message *m, struct tally **order, unsigned n, struct reading *reading)
{
	struct tally *top = order[0];
	int lead = kind_row[top->candidate.intent->kind].lead;
	unsigned rivals = 1;

	if (top->candidate.score < confirm_from)
		return;
	reading->n_top = 1;
	if (!is_enough(top) || (top->candidate.intent->kind == INTENT_DANGER && top->only_repaired
		&& !top->negated)) {
		reading->decision = DECIDE_CONFIRM;
		return;
	}
	while (rivals < n && class_of(order[rivals]) == class_of(top)
		&& top->candidate.score - order[rivals]->candidate.score < lead)
		rivals++;
	reading->decision = rivals > 1 ? DECIDE_CLARIFY : DECIDE_ACCEPT;
	if (rivals == 2 && is_enough(order[1]) && stand_apart(m, top, order[1])) {
		reading->decision = DECIDE_ACCEPT;
		rivals = 1;
		if (order[1]->first < top->first) {
			order[0] = order[1];
			order[1] = top;
		}
	}
	reading->n_top = rivals > 3 ? 3 : rivals;
}

/* Another wish: enough by itself, elsewhere in the message. */
static void find_second(struct message *m, struct tally **order, unsigned n,
	struct reading *reading)
{
	if (reading->decision != DECIDE_ACCEPT)
		return;
	for (unsigned i = 1; i < n && !reading->second; i++)
		if (class_of(order[i]) == 0 && is_enough(order[i])
			&& order[i]->intent != order[0]->intent
			&& stand_apart(m, order[0], order[i]))
			reading->second = order[i]->candidate.intent;
}

static void copy_tokens(const struct message *m, struct reading *reading)
{
	struct token *token = arena_raw(m->arena, m->n_tokens * sizeof(*token));

	for (unsigned i = 0; i < m->n_tokens; i++)
		token[i] = (struct token){m->token[i].text, m->token[i].from, m->token[i].to,
			m->token[i].unknown};
	reading->token = token;
	reading->n_tokens = m->n_tokens;
}

static void *copy_of(struct arena *arena, const void *items, size_t n, size_t size)
{
	return n ? memcpy(arena_raw(arena, n * size), items, n * size) : NULL;
}

static struct reading *reading_new(const struct message *m)
{
	struct reading *reading = arena_new_of(m->arena, struct reading);
	bool swears = m->flags & WORD_ANGRY;

	reading->raw = m->raw;
	if (m->n_text > 1)
		reading->text = arena_str(m->arena, (struct str){m->text + 1, m->n_text - 2});
	copy_tokens(m, reading);
	reading->fix = copy_of(m->arena, m->fix, m->n_fixes, sizeof(*m->fix));
	reading->n_fixes = m->n_fixes;
	reading->entity = copy_of(m->arena, m->entity, m->n_entities, sizeof(*m->entity));
	reading->n_entities = m->n_entities;
	reading->too_long = m->too_long;
	reading->empty = !m->n_tokens;
	reading->angry = swears || m->shouting;
	reading->question = m->asking || (m->n_tokens && (m->token[0].flags & WORD_QUESTION));
	reading->n_tried = m->n_tried;
	reading->n_faults = m->n_faults;
	return reading;
}

/* In the order of the file, however they were found: equals must come out the same every time. */
static void sort_hits(struct message *m)
{
	for (unsigned i = 1; i < m->n_hits; i++) {
		struct hit hit = m->hit[i];
		unsigned k = i;

		for (; k && m->hit[k - 1].phrase->number > hit.phrase->number; k--)
			m->hit[k] = m->hit[k - 1];
		m->hit[k] = hit;
	}
}

struct reading *hits_rank(struct message *m)
{
	struct reading *reading = reading_new(m);
	struct ranking r; /* the tallies are made one by one */
	struct tally *order[max_ranked];
	struct candidate *candidate;
	unsigned n = 0;

	r.m = m;
	r.n = 0;
	sort_hits(m);
	for (unsigned i = 0; i < m->n_hits; i++)
		count_hit(&r, &m->hit[i]);
	apply_unless(&r);
	for (unsigned i = 0; i < r.n; i++) {
		if (r.tally[i].removed || !r.tally[i].best)
			continue;
		score(m, &r.tally[i]);
		order[n++] = &r.tally[i];
	}
	if (!n)
		return reading;
	qsort(order, n, sizeof(*order), by_rank);
	decide(m, order, n, reading);
	find_second(m, order, n, reading);
	candidate = arena_raw(m->arena, n * sizeof(*candidate));
	for (unsigned i = 0; i < n; i++)
		candidate[i] = order[i]->candidate;
	reading->candidate = candidate;
	reading->n_candidates = n;
	return reading;
}
