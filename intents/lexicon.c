/* The words of a pack and the ordinary words of the language. */
#include "intents/lexicon.h"

#include <assert.h>
#include <string.h>

enum { max_prefix = 31, max_keys = 64 };

struct lexicon {
	struct arena *arena;
	struct word *word;              /* [0] is unused */
	size_t n_words;
	uint32_t *slot;                 /* open addressing: word numbers */
	size_t n_slots;
	uint32_t next_key;
	uint32_t prefix_lengths[256];   /* by first byte: bit n says a prefix of n bytes exists */
	struct str dictionary;
	uint32_t *ordinary;             /* open addressing: 1 + offset into the dictionary */
	size_t n_ordinary;
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
	lexicon->n_slots = 1024;
	lexicon->slot = arena_array(arena, uint32_t, lexicon->n_slots);
	lexicon->word = arena_grow(arena, lexicon->word, 0, struct word);
	lexicon->n_words = 1;
	return lexicon;
}

static uint32_t find_hashed(const struct lexicon *lexicon, struct str text, uint32_t hash)
{
	size_t at = slot_of(hash, lexicon->n_slots);

	for (; lexicon->slot[at]; at = (at + 1) & (lexicon->n_slots - 1)) {
		const struct word *word = &lexicon->word[lexicon->slot[at]];

		if (word->hash == hash && word->text.n == text.n
			&& memcmp(word->text.p, text.p, text.n) == 0)
			return lexicon->slot[at];
	}
	return 0;
}

static void insert(struct lexicon *lexicon, uint32_t number)
{
	size_t at = slot_of(lexicon->word[number].hash, lexicon->n_slots);

	while (lexicon->slot[at])
		at = (at + 1) & (lexicon->n_slots - 1);
	lexicon->slot[at] = number;
}

static void make_room(struct lexicon *lexicon)
{
	if (lexicon->n_words * 2 < lexicon->n_slots)
		return;
	lexicon->n_slots *= 4;
	lexicon->slot = arena_array(lexicon->arena, uint32_t, lexicon->n_slots);
	for (uint32_t i = 1; i < lexicon->n_words; i++)
		insert(lexicon, i);
}

static uint32_t add_new(struct lexicon *lexicon, struct str text, uint32_t hash)
{
	uint32_t number = (uint32_t)lexicon->n_words;

	make_room(lexicon);
	lexicon->word = arena_grow(lexicon->arena, lexicon->word, number, struct word);
	lexicon->word[lexicon->n_words++] = (struct word){.text = text, .hash = hash};
	insert(lexicon, number);
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

uint32_t lexicon_exact_key(struct lexicon *lexicon, struct str text)
{
	struct word *word = lexicon_at(lexicon, lexicon_add(lexicon, text));

	word->flags |= WORD_TARGET | WORD_LITERAL;
	if (!word->exact)
		word->exact = lexicon->next_key++;
	return word->exact;
}

uint32_t lexicon_prefix_key(struct lexicon *lexicon, struct str text)
{
	struct word *word = lexicon_at(lexicon, lexicon_add(lexicon, text));

	if (!word->prefix)
		word->prefix = lexicon->next_key++;
	if (text.n && text.n <= max_prefix)
		lexicon->prefix_lengths[(unsigned char)text.p[0]] |= 1u << text.n;
	else if (text.n)
		lexicon->prefix_lengths[(unsigned char)text.p[0]] |= 1u;    /* a long one */
	return word->prefix;
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

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Puts the word at @offset in, unless it is there in another case. */
static void add_ordinary(struct lexicon *lexicon, struct str text, uint32_t hash, size_t offset)
{
	size_t at = slot_of(hash, lexicon->n_ordinary);

	for (; lexicon->ordinary[at]; at = (at + 1) & (lexicon->n_ordinary - 1)) {
		struct str other = str_sub(lexicon->dictionary, lexicon->ordinary[at] - 1, text.n);
		char next = lexicon->ordinary[at] - 1 + text.n < lexicon->dictionary.n
			? lexicon->dictionary.p[lexicon->ordinary[at] - 1 + text.n] : '\n';

		if (next == '\n' && str_eq_nocase(other, text))
			return;
	}
	lexicon->ordinary[at] = (uint32_t)offset + 1;
}

/* An ordinary word that begins like a `word*` of the pack ("cancelling") may be meant by a typing
 * error too. */
static void add_inflected(struct lexicon *lexicon, struct str text)
{
	char small[64];
	uint32_t key[1];

	if (text.n > sizeof(small) || !lexicon->prefix_lengths[(unsigned char)lower(text.p[0])])
		return;
	for (size_t i = 0; i < text.n; i++)
		small[i] = lower(text.p[i]);
	if (lexicon_keys(lexicon, (struct str){small, text.n}, key, 1)) {
		uint32_t number = lexicon_add(lexicon, (struct str){small, text.n});

		lexicon->word[number].flags |= WORD_TARGET;
	}
}

static void read_dictionary(struct lexicon *lexicon, struct str dictionary)
{
	size_t n_lines = 1, begin = 0;

	for (size_t i = 0; i < dictionary.n; i++)
		n_lines += dictionary.p[i] == '\n';
	lexicon->dictionary = dictionary;
	for (lexicon->n_ordinary = 64; lexicon->n_ordinary < n_lines * 2;)
		lexicon->n_ordinary *= 2;
	lexicon->ordinary = arena_array(lexicon->arena, uint32_t, lexicon->n_ordinary);
	while (begin < dictionary.n) {
		uint32_t hash = 2166136261u;
		size_t end = begin;
		bool plain = true;

		for (; end < dictionary.n && dictionary.p[end] != '\n'; end++) {
			plain = plain && dictionary.p[end] != '\'';
			hash = hash_step(hash, lower(dictionary.p[end]));
		}
		if (plain && end > begin) {
			struct str text = str_sub(dictionary, begin, end - begin);

			add_ordinary(lexicon, text, hash, begin);
			add_inflected(lexicon, text);
		}
		begin = end + 1;
	}
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
	read_dictionary(lexicon, dictionary);
	for (size_t i = 1; i < lexicon->n_words; i++)
		work_out_keys(lexicon, &lexicon->word[i]);
}

bool lexicon_ordinary(const struct lexicon *lexicon, struct str text)
{
	size_t at;

	if (!lexicon->n_ordinary)
		return false;
	at = slot_of(hash_of(text), lexicon->n_ordinary);
	for (; lexicon->ordinary[at]; at = (at + 1) & (lexicon->n_ordinary - 1)) {
		size_t begin = lexicon->ordinary[at] - 1;
		struct str other = str_sub(lexicon->dictionary, begin, text.n);
		bool whole = begin + text.n >= lexicon->dictionary.n
			|| lexicon->dictionary.p[begin + text.n] == '\n';

		if (whole && str_eq_nocase(other, text))
			return true;
	}
	return false;
}
