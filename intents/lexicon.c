/* The words of a pack and the ordinary words of the language. */
#include "intents/lexicon.h"

#include <stdlib.h>
#include <string.h>

enum {
	max_prefix = 31,
	max_keys = 64,
	max_inflected = 64,
	first_words = 4096, /* room at first: our own packs never have to move */
	first_slots = 2 * first_words,
};

struct slot {
	uint32_t hash, number;          /* of a word; 0: empty */
};

struct lexicon {
	struct arena *arena;
	struct word *word;              /* [0] is unused */
	size_t n_words, room;
	struct slot *slot;              /* open addressing */
	size_t n_slots;
	uint32_t next_key;
	uint32_t prefix_lengths[256];   /* by first byte: bit n says a prefix of n bytes exists */
	struct str dictionary;          /* sorted: it is searched as it stands */
};

static uint32_t hash_step(uint32_t h, char c)
{
	return (h ^ (unsigned char)c) * 16777619u;
}

static uint32_t hash_of(struct str s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = hash_step(h, s.p[i]);
	return h;
}

/* FNV's low bits mix well enough; the high ones are folded in for long tables. */
static size_t slot_of(uint32_t hash, size_t n_slots)
{
	return (hash ^ hash >> 15) & (n_slots - 1);
}

struct lexicon *lexicon_new(struct arena *arena, uint32_t first_key)
{
	struct lexicon *lexicon = arena_new_of(arena, struct lexicon);

	lexicon->arena = arena;
	lexicon->next_key = first_key;
	lexicon->n_slots = first_slots;
	lexicon->slot = arena_array(arena, struct slot, lexicon->n_slots);
	lexicon->room = first_words;
	lexicon->word = arena_raw(arena, lexicon->room * sizeof(*lexicon->word));
	lexicon->word[0] = (struct word){0};
	lexicon->n_words = 1;
	return lexicon;
}

static uint32_t find_hashed(const struct lexicon *lexicon, struct str text, uint32_t hash)
{
	size_t at = slot_of(hash, lexicon->n_slots);

	for (; lexicon->slot[at].number; at = (at + 1) & (lexicon->n_slots - 1))
		if (lexicon->slot[at].hash == hash &&
			str_eq(lexicon->word[lexicon->slot[at].number].text, text))
			return lexicon->slot[at].number;
	return 0;
}

static void insert(struct lexicon *lexicon, struct slot slot)
{
	size_t at = slot_of(slot.hash, lexicon->n_slots);

	while (lexicon->slot[at].number)
		at = (at + 1) & (lexicon->n_slots - 1);
	lexicon->slot[at] = slot;
}

/* Half of the slots stay free. */
static void make_room(struct lexicon *lexicon)
{
	struct word *fewer = lexicon->word;

	if (lexicon->n_words < lexicon->room)
		return;
	lexicon->room *= 2;
	lexicon->word = arena_raw(lexicon->arena, lexicon->room * sizeof(*fewer));
	memcpy(lexicon->word, fewer, lexicon->n_words * sizeof(*fewer));
	lexicon->n_slots *= 2;
	lexicon->slot = arena_array(lexicon->arena, struct slot, lexicon->n_slots);
	for (uint32_t i = 1; i < lexicon->n_words; i++)
		insert(lexicon, (struct slot){lexicon->word[i].hash, i});
}

static uint32_t add_new(struct lexicon *lexicon, struct str text, uint32_t hash)
{
	uint32_t number = (uint32_t)lexicon->n_words;

	make_room(lexicon);
	lexicon->word[lexicon->n_words++] = (struct word){.text = text, .hash = hash};
	insert(lexicon, (struct slot){hash, number});
	return number;
}

uint32_t lexicon_add(struct lexicon *lexicon, struct str text)
{
	uint32_t hash = hash_of(text);
	uint32_t found = find_hashed(lexicon, text, hash);

	return found ? found : add_new(lexicon, arena_str(lexicon->arena, text), hash);
}

uint32_t lexicon_find(const struct lexicon *lexicon, struct str text)
{
	return find_hashed(lexicon, text, hash_of(text));
}

struct word *lexicon_at(struct lexicon *lexicon, uint32_t number)
{
	return &lexicon->word[number];
}

size_t lexicon_count(const struct lexicon *lexicon)
{
	return lexicon->n_words;
}

static uint32_t exact_key(struct lexicon *lexicon, struct word *word)
{
	word->flags |= WORD_TARGET | WORD_LITERAL;
	if (!word->exact)
		word->exact = lexicon->next_key++;
	return word->exact;
}

static uint32_t prefix_key(struct lexicon *lexicon, struct word *word)
{
	struct str text = word->text;

	if (!word->prefix)
		word->prefix = lexicon->next_key++;
	if (text.n && text.n <= max_prefix)
		lexicon->prefix_lengths[(unsigned char)text.p[0]] |= 1u << text.n;
	else if (text.n)
		lexicon->prefix_lengths[(unsigned char)text.p[0]] |= 1u;    /* a long one */
	return word->prefix;
}

uint32_t lexicon_key(struct lexicon *lexicon, uint32_t number, bool prefix)
{
	struct word *word = lexicon_at(lexicon, number);

	return prefix ? prefix_key(lexicon, word) : exact_key(lexicon, word);
}

uint32_t lexicon_exact_key(struct lexicon *lexicon, struct str text)
{
	return lexicon_key(lexicon, lexicon_add(lexicon, text), false);
}

uint32_t lexicon_prefix_key(struct lexicon *lexicon, struct str text)
{
	return lexicon_key(lexicon, lexicon_add(lexicon, text), true);
}

uint32_t lexicon_n_keys(const struct lexicon *lexicon)
{
	return lexicon->next_key;
}

uint64_t lexicon_key_mask(uint32_t key)
{
	return 1ull << (key * 2654435769u >> 26);
}

size_t lexicon_keys(const struct lexicon *lexicon, struct str text, uint32_t *key, size_t max)
{
	uint32_t lengths = text.n ? lexicon->prefix_lengths[(unsigned char)text.p[0]] : 0;
	uint32_t hash = 2166136261u;
	size_t n = 0;

	if (!lengths)
		return 0;
	for (size_t i = 0; i < text.n && n < max; i++) {
		uint32_t number;

		hash = hash_step(hash, text.p[i]);
		if (i < max_prefix ? !(lengths >> (i + 1) & 1) : !(lengths & 1))
			continue;
		number = find_hashed(lexicon, str_sub(text, 0, i + 1), hash);
		if (number && lexicon->word[number].prefix)
			key[n++] = lexicon->word[number].prefix;
	}
	return n;
}

/* --- the dictionary --- */

static struct str line_at(struct str dictionary, size_t begin)
{
	struct str rest = str_sub(dictionary, begin, dictionary.n);

	return str_cut(&rest, '\n');
}

/* Where the first line begins that is not before @text. */
static size_t first_not_before(struct str dictionary, struct str text)
{
	size_t low = 0, high = dictionary.n;

	while (low < high) {
		size_t begin = low + (high - low) / 2;
		struct str line;

		while (begin > low && dictionary.p[begin - 1] != '\n')
			begin--;
		line = line_at(dictionary, begin);
		if (str_cmp(line, text) < 0)
			low = begin + line.n + 1;
		else
			high = begin;
	}
	return low;
}

bool lexicon_ordinary(const struct lexicon *lexicon, struct str text)
{
	return text.n && str_eq(text, line_at(lexicon->dictionary,
					      first_not_before(lexicon->dictionary, text)));
}

struct lines {
	struct str *line;
	size_t n;
};

static void add_lines_with(struct lexicon *lexicon, struct str beginning, struct lines *to)
{
	size_t at = first_not_before(lexicon->dictionary, beginning);
	struct str line = line_at(lexicon->dictionary, at);

	for (; line.n && str_starts(line, beginning); line = line_at(lexicon->dictionary, at)) {
		to->line = arena_grow(lexicon->arena, to->line, to->n, struct str);
		to->line[to->n++] = line;
		at += line.n + 1;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct str *one = a, *other = b;

	return (one->p > other->p) - (one->p < other->p);
}

/* An ordinary word that begins like a `word*` of the pack ("cancelling") may be meant by a typing
 * error too. */
static void add_inflected(struct lexicon *lexicon)
{
	struct lines lines = {0};

	for (size_t i = 1; i < lexicon->n_words; i++)
		if (lexicon->word[i].prefix && lexicon->word[i].text.n)
			add_lines_with(lexicon, lexicon->word[i].text, &lines);
	if (lines.n)
		qsort(lines.line, lines.n, sizeof(*lines.line), by_place);
	for (size_t i = 0; i < lines.n; i++)
		if (lines.line[i].n <= max_inflected)
			lexicon->word[lexicon_add(lexicon, lines.line[i])].flags |= WORD_TARGET;
}

static void work_out_keys(struct lexicon *lexicon, struct word *word)
{
	uint32_t key[max_keys + 1], *kept;
	size_t n = lexicon_keys(lexicon, word->text, key, max_keys);

	if (word->exact)
		key[n++] = word->exact;
	kept = arena_array(lexicon->arena, uint32_t, n);
	for (size_t i = 0; i < n; i++) {
		kept[i] = key[i];
		word->mask |= lexicon_key_mask(key[i]);
	}
	word->key = kept;
	word->n_keys = n;
}

void lexicon_seal(struct lexicon *lexicon, struct str dictionary)
{
	lexicon->dictionary = dictionary;
	add_inflected(lexicon);
	for (size_t i = 1; i < lexicon->n_words; i++)
		work_out_keys(lexicon, &lexicon->word[i]);
}
