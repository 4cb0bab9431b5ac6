/* Typing errors, by the deletion index: two words one edit apart have a common form with at most one
 * letter taken out of each, so a look-up of the few shortened forms finds all candidates. */
#include "intents/repair.h"

#include <string.h>

enum {
	one_edit_from = 5, two_edits_from = 7,
	free_first_letter_from = 9,
	short_word = 4,
	longest = 24,
};

struct entry {
	uint32_t hash, word;
};

struct repair {
	struct lexicon *lexicon;
	struct arena *arena;
	struct entry *entry;            /* open addressing, one hash may stand often */
	size_t n_entries, n_slots;
};

struct repair *repair_new(struct lexicon *lexicon, struct arena *arena)
{
	struct repair *repair = arena_new_of(arena, struct repair);

	repair->lexicon = lexicon;
	repair->arena = arena;
	return repair;
}

/* The hash of @text without the letters at @skip and @skip2 (text.n: none). */
static uint32_t hash_without(struct str text, size_t skip, size_t skip2)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < text.n; i++)
		if (i != skip && i != skip2)
			h = (h ^ (unsigned char)text.p[i]) * 16777619u;
	return h ? h : 1;
}

typedef void visit_form(struct repair *repair, uint32_t hash, void *to);

/* Every form of @text with up to @edits letters taken out. */
static void each_form(struct repair *repair, struct str text, unsigned edits, visit_form *visit,
	void *to)
{
	visit(repair, hash_without(text, text.n, text.n), to);
	for (size_t i = 0; i < text.n; i++) {
		if (i && text.p[i] == text.p[i - 1])
			continue;    /* the same form again */
		visit(repair, hash_without(text, i, text.n), to);
		for (size_t j = i + 1; edits > 1 && j < text.n; j++)
			visit(repair, hash_without(text, i, j), to);
	}
}

static void count_form(struct repair *repair, uint32_t hash, void *to)
{
	(void)hash;
	(void)to;
	repair->n_entries++;
}

static void add_form(struct repair *repair, uint32_t hash, void *to)
{
	size_t at = (hash ^ hash >> 16) & (repair->n_slots - 1);

	while (repair->entry[at].hash)
		at = (at + 1) & (repair->n_slots - 1);
	repair->entry[at] = (struct entry){hash, *(uint32_t *)to};
}

/* Words shorter than this by two letters can still be meant by a word that gets two edits. */
static unsigned edits_of_target(struct str text)
{
	return text.n + 2 >= two_edits_from ? 2 : 1;
}

static bool is_target(const struct word *word)
{
	return (word->flags & WORD_TARGET) && !word->shorthand && word->text.n >= short_word
		&& word->text.n <= longest;
}

static void build(struct repair *repair)
{
	size_t n = lexicon_count(repair->lexicon);

	for (uint32_t i = 1; i < n; i++) {
		const struct word *word = lexicon_at(repair->lexicon, i);

		if (is_target(word))
			each_form(repair, word->text, edits_of_target(word->text), count_form,
				NULL);
	}
	for (repair->n_slots = 64; repair->n_slots < repair->n_entries * 2;)
		repair->n_slots *= 2;
	repair->entry = arena_array(repair->arena, struct entry, repair->n_slots);
	for (uint32_t i = 1; i < n; i++) {
		const struct word *word = lexicon_at(repair->lexicon, i);

		if (is_target(word))
			each_form(repair, word->text, edits_of_target(word->text), add_form, &i);
	}
}

struct search {
	struct str text;
	unsigned most;          /* edits */
	unsigned best;          /* cost of @word */
	uint32_t word, rival;   /* the likeliest two that cost the same */
};

/* Two inflections of one stem ("cancelled", "cancelling") mean the same to every phrase. */
static bool mean_the_same(const struct word *a, const struct word *b)
{
	return a->n_keys && a->n_keys == b->n_keys
		&& memcmp(a->key, b->key, a->n_keys * sizeof(*a->key)) == 0;
}

static bool is_swap(struct str a, struct str b)
{
	size_t i = 0;

	if (a.n != b.n)
		return false;
	while (i < a.n && a.p[i] == b.p[i])
		i++;
	return i + 1 < a.n && a.p[i] == b.p[i + 1] && a.p[i + 1] == b.p[i]
		&& memcmp(a.p + i + 2, b.p + i + 2, a.n - i - 2) == 0;
}

/* One of the two has a letter twice in a row where the other has it once. */
static bool is_doubling(struct str a, struct str b)
{
	struct str longer = a.n > b.n ? a : b, shorter = a.n > b.n ? b : a;
	size_t i = 0;

	if (longer.n != shorter.n + 1)
		return false;
	while (i < shorter.n && longer.p[i] == shorter.p[i])
		i++;
	return i && longer.p[i] == longer.p[i - 1];
}

enum { edit_cost = 10, slip_cost = 8, first_letter_cost = 1 };

static unsigned cost_of(struct str typed, struct str meant, unsigned edits)
{
	unsigned cost = edits * edit_cost;

	if (edits == 1 && (is_swap(typed, meant) || is_doubling(typed, meant)))
		cost = slip_cost;
	return cost + (typed.p[0] != meant.p[0]) * first_letter_cost;
}

enum { much_likelier = 2 };

static bool is_much_likelier(const struct word *a, const struct word *b)
{
	return a->weight >= much_likelier * (b->weight ? b->weight : 1);
}

static void judge(struct repair *repair, struct search *search, uint32_t number)
{
	const struct word *word = lexicon_at(repair->lexicon, number), *best;
	unsigned edits = str_distance(search->text, word->text, search->most), cost;

	if (edits > search->most || number == search->word || number == search->rival)
		return;
	cost = cost_of(search->text, word->text, edits);
	if (search->word && cost > search->best)
		return;
	if (!search->word || cost < search->best) {
		search->best = cost;
		search->word = number;
		search->rival = 0;
		return;
	}
	best = lexicon_at(repair->lexicon, search->word);
	if (word->weight > best->weight) {
		search->rival = mean_the_same(word, best) ? search->rival : search->word;
		search->word = number;
	} else if (!mean_the_same(word, best) && (!search->rival
		|| word->weight > lexicon_at(repair->lexicon, search->rival)->weight)) {
		search->rival = number;
	}
}

static void look_up(struct repair *repair, uint32_t hash, void *to)
{
	size_t at = (hash ^ hash >> 16) & (repair->n_slots - 1);

	for (; repair->entry[at].hash; at = (at + 1) & (repair->n_slots - 1))
		if (repair->entry[at].hash == hash)
			judge(repair, to, repair->entry[at].word);
}

/* Of four letters so many words are one edit apart that only the plainest slips are mended. */
static bool fits_short(const struct word *word, struct str text)
{
	return word->text.p[0] == text.p[0] && word->text.n >= text.n
		&& (!(word->flags & WORD_STOP) || is_swap(text, word->text));
}

uint32_t repair_word(struct repair *repair, struct str text)
{
	struct search search = {.text = text, .most = text.n >= two_edits_from ? 2 : 1};
	const struct word *meant;

	if (text.n < short_word || text.n > longest)
		return 0;
	if (!repair->n_slots)
		build(repair);
	each_form(repair, text, search.most, look_up, &search);
	if (!search.word)
		return 0;
	meant = lexicon_at(repair->lexicon, search.word);
	if (search.best >= 2 * edit_cost && text.n < free_first_letter_from
		&& meant->text.p[0] != text.p[0])
		return 0;
	if (search.rival && !is_much_likelier(meant, lexicon_at(repair->lexicon, search.rival)))
		return 0;
	if (text.n < one_edit_from && !fits_short(meant, text))
		return 0;
	return search.word;
}
