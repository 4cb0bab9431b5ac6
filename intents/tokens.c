/* From bytes to words: the gate, normalising, shorthand, contractions, sentence ends. */
#include "intents/message.h"

#include <string.h>

#include "bot/base/text.h"

enum byte_class { LETTER = 1, DIGIT = 2, APOSTROPHE = 4, OTHER = 8, HIGH = 16 };

/* Where in the message the normalised text came from, and the work on it. */
struct splitter {
	struct message *m;
	struct mapped_text text;
	const uint32_t *back; /* from repaired bytes to the message's; NULL: the same */
	unsigned sentence;
	bool ended; /* the next word begins a sentence */
	bool comma;
	bool hash;
};

static unsigned class_of(char c)
{
	unsigned char u = (unsigned char)c;

	if ((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z'))
		return LETTER;
	if (u >= '0' && u <= '9')
		return DIGIT;
	if (u == '\'')
		return APOSTROPHE;
	return u >= 0x80 ? HIGH : OTHER;
}

static unsigned classes(struct str s)
{
	unsigned all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= class_of(s.p[i]);
	return all;
}

static uint32_t raw_offset(const struct splitter *s, size_t at)
{
	uint32_t from = s->text.from[at];

	return s->back ? s->back[from] : from;
}

static size_t offset_of(const struct splitter *s, const char *p)
{
	return (size_t)(p - s->text.text.p);
}

void lexeme_is(struct message *m, struct lexeme *token, uint32_t number)
{
	struct lexicon *lexicon = m->set->lexicon;
	const struct word *word = lexicon_at(lexicon, number);

	token->word = number;
	if (number) {
		token->text = text_clip(word->text, max_token_bytes);
		token->flags = word->flags;
		token->key = word->key;
		token->n_keys = word->n_keys;
		token->mask = word->mask;
	} else {
		uint32_t key[max_phrase_word + 1];
		uint32_t *kept;

		token->flags = 0;
		token->n_keys = lexicon_keys(lexicon, token->text, key, max_phrase_word + 1);
		token->mask = 0;
		kept = token->n_keys ? arena_array(m->arena, uint32_t, token->n_keys) : NULL;
		for (size_t i = 0; i < token->n_keys; i++) {
			kept[i] = key[i];
			token->mask |= lexicon_key_mask(key[i]);
		}
		token->key = kept;
	}
}

/* A token for @text (in the lexicon as @word, or 0) that the buyer wrote at [from, to) of the
 * normalised text. */
static struct lexeme *add_token(
	struct splitter *s, struct str text, uint32_t word, size_t from, size_t to)
{
	struct message *m = s->m;
	struct lexeme *token;

	if (m->n_tokens == max_tokens) {
		m->too_long = true;
		return NULL;
	}
	if (s->ended) {
		s->sentence += m->n_tokens != 0;
		s->ended = false;
	}
	token = &m->token[m->n_tokens++];
	*token = (struct lexeme){
		.text = text_clip(text, max_token_bytes),
		.from = raw_offset(s, from),
		.to = raw_offset(s, to),
		.sentence = s->sentence,
		.comma = s->comma,
		.hash = s->hash,
	};
	s->comma = s->hash = false;
	lexeme_is(m, token, word);
	return token;
}

static void add_opened(struct splitter *s, const uint32_t *word, size_t n, size_t from, size_t to)
{
	for (size_t i = 0; i < n; i++)
		add_token(s, lexicon_at(s->m->set->lexicon, word[i])->text, word[i], from, to);
}

/* A slip that the language lists ("cancle") is a fix to people, though it costs no points: it is
 * sure. */
static void note_slip(struct message *m, struct str text, struct str meant)
{
	enum { min_bytes = 4, max_edits = 2 };

	if (m->n_fixes < max_tokens && text.n >= min_bytes && meant.n && text.p[0] == meant.p[0] &&
		str_distance(text, meant, max_edits) <= max_edits)
		m->fix[m->n_fixes++] = (struct fix){text, meant};
}

/* Adds @text if the lexicon has it, opened if it is shorthand. */
static bool add_known(struct splitter *s, struct str text, size_t from, size_t to)
{
	uint32_t number = lexicon_find(s->m->set->lexicon, text);
	const struct word *word;

	if (!number)
		return false;
	word = lexicon_at(s->m->set->lexicon, number);
	if (word->shorthand) {
		if (word->n_opened == 1)
			note_slip(
				s->m, text, lexicon_at(s->m->set->lexicon, word->opened[0])->text);
		add_opened(s, word->opened, word->n_opened, from, to);
	} else
		add_token(s, word->text, number, from, to);
	return true;
}

/* Runs of three or more equal ASCII letters, cut to @most.  (Equal bytes of another letter are no
 * run.) */
static struct str squeezed(struct message *m, struct str text, size_t most)
{
	char *p = arena_alloc(m->arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0, run; i < text.n; i += run) {
		size_t keep;

		for (run = 1; i + run < text.n && text.p[i + run] == text.p[i]; run++)
			;
		keep = run >= 3 && (unsigned char)text.p[i] < 0x80 ? most : run;
		memset(p + n, text.p[i], keep);
		n += keep;
	}
	return (struct str){p, n};
}

static bool has_run(struct str text)
{
	for (size_t i = 2; i < text.n; i++)
		if (text.p[i] == text.p[i - 1] && text.p[i] == text.p[i - 2])
			return true;
	return false;
}

static bool known(const struct message *m, struct str text)
{
	return lexicon_find(m->set->lexicon, text) || lexicon_ordinary(m->set->lexicon, text);
}

/* A word of letters that is not in the lexicon as it stands. */
static void add_strange(struct splitter *s, struct str text, size_t from, size_t to)
{
	struct message *m = s->m;
	struct lexeme *token;

	if (has_run(text)) {
		struct str twice = squeezed(m, text, 2), once = squeezed(m, text, 1);

		text = known(m, twice) || !known(m, once) ? twice : once;
		if (add_known(s, text, from, to))
			return;
	}
	if (!text_is_ascii(text)) {
		struct str bare = text_unaccented(m->arena, text).text;

		if (!str_eq(bare, text) && known(m, bare)) {
			unsigned before = m->n_tokens;

			if (!add_known(s, bare, from, to))
				add_token(s, bare, 0, from, to);
			for (unsigned i = before; i < m->n_tokens; i++)
				m->token[i].folded = true;
			return;
		}
	}
	token = add_token(s, text, 0, from, to);
	if (!token)
		return;
	token->unknown = !lexicon_ordinary(m->set->lexicon, text);
	token->plain = true;
}

/* "don't", "order's", "'hello'". */
static void add_contraction(struct splitter *s, struct str text)
{
	const struct language *language = &s->m->set->language;
	size_t from = offset_of(s, text.p), to = from + text.n;
	char *joined;
	size_t n = 0;

	if (add_known(s, text, from, to))
		return;
	while (text.n && text.p[0] == '\'')
		text = str_sub(text, 1, text.n);
	while (text.n && text.p[text.n - 1] == '\'')
		text.n--;
	for (size_t i = 0; i < language->n_endings; i++) {
		const struct ending *ending = &language->ending[i];
		struct str stem = str_sub(text, 0, text.n - ending->text.n);

		if (text.n <= ending->text.n || !str_ends(text, ending->text))
			continue;
		if (!add_known(s, stem, from, to))
			add_strange(s, stem, from, to);
		add_opened(s, ending->opened, ending->n_opened, from, to);
		return;
	}
	joined = arena_alloc(s->m->arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\'')
			joined[n++] = text.p[i];
	text = (struct str){joined, n};
	if (n && !add_known(s, text, from, to))
		add_strange(s, text, from, to);
}

static void add_letters(struct splitter *s, struct str text)
{
	size_t from = offset_of(s, text.p);

	if (!add_known(s, text, from, from + text.n))
		add_strange(s, text, from, from + text.n);
}

/* Letters and apostrophes. */
static void add_word(struct splitter *s, struct str text)
{
	if (!text.n)
		return;
	if (memchr(text.p, '\'', text.n))
		add_contraction(s, text);
	else
		add_letters(s, text);
}

static void note_mark(struct splitter *s, char c)
{
	switch (c) {
	case '?':
		s->m->asking = true;
		s->ended = true;
		break;
	case '.':
	case '!':
		s->ended = true;
		break;
	case ',':
	case ';':
	case ':':
	case '(':
	case ')':
	case '-':
		s->comma = true;
		break;
	case '#':
		s->hash = true;
		break;
	}
}

/* A word among others in one chunk ("re-order", "blue/red"), or a digit run. */
static void add_run(struct splitter *s, struct str text)
{
	size_t from = offset_of(s, text.p);
	unsigned class = classes(text);
	struct lexeme *token;

	if (!text.n)
		return;
	if (!(class & DIGIT)) {
		add_word(s, text);
		return;
	}
	if (add_known(s, text, from, from + text.n))
		return;
	token = add_token(s, text, 0, from, from + text.n);
	if (token)
		token->digits = s->m->any_digits = true;
}

/* A symbol: an emoji that the language names becomes its word, anything else separates. */
static void add_symbol(struct splitter *s, struct str symbol)
{
	size_t from = offset_of(s, symbol.p);

	if (class_of(symbol.p[0]) != HIGH)
		note_mark(s, symbol.p[0]);
	else
		add_known(s, symbol, from, from + symbol.n);
}

/* Splits a chunk at everything that is neither letter, digit nor apostrophe. */
static void add_pieces(struct splitter *s, struct str chunk)
{
	struct str run = {chunk.p, 0};

	for (size_t n; chunk.n; chunk = str_sub(chunk, n, chunk.n)) {
		int32_t c = text_decode(chunk, &n);

		if (c == '\'' || text_is_letter(c) || text_is_digit(c)) {
			run.n += n;
			continue;
		}
		add_run(s, run);
		add_symbol(s, str_sub(chunk, 0, n));
		run = (struct str){chunk.p + n, 0};
	}
	add_run(s, run);
}

static bool is_email(struct str chunk)
{
	const char *at = memchr(chunk.p, '@', chunk.n);
	size_t name = at ? (size_t)(at - chunk.p) : 0;
	struct str host = str_sub(chunk, name + 1, chunk.n);

	return at && name && host.n >= 4 && !memchr(host.p, '@', host.n) &&
	       memchr(host.p, '.', host.n) && host.p[0] != '.' &&
	       class_of(host.p[host.n - 1]) == LETTER;
}

static bool is_url(struct str chunk)
{
	return str_starts(chunk, S("http://")) || str_starts(chunk, S("https://")) ||
	       (str_starts(chunk, S("www.")) && chunk.n > 6);
}

static void add_whole(struct splitter *s, struct str chunk, bool digits)
{
	size_t from = offset_of(s, chunk.p);
	struct lexeme *token = add_token(s, chunk, 0, from, from + chunk.n);

	if (!token)
		return;
	token->digits = digits;
	if (digits)
		s->m->any_digits = true;
	else
		s->m->any_at = true;
}

/* Bytes that a number, amount, date, phone or order number may hold between its digits. */
static bool is_numeric(struct str chunk)
{
	for (size_t i = 0; i < chunk.n; i++)
		if (!(class_of(chunk.p[i]) & (DIGIT | LETTER | HIGH)) &&
			!strchr(".,:/-+$%", chunk.p[i]))
			return false;
	return true;
}

static size_t letters_at_start(struct str s)
{
	size_t n = 0;

	while (n < s.n && class_of(s.p[n]) == LETTER)
		n++;
	return n;
}

static size_t digits_at_start(struct str s)
{
	size_t n = 0;

	while (n < s.n && (class_of(s.p[n]) == DIGIT || s.p[n] == '.' || s.p[n] == ','))
		n++;
	return n;
}

static bool in_lexicon(const struct splitter *s, struct str text)
{
	return text.n && lexicon_find(s->m->set->lexicon, text);
}

/* "3rd": the lexicon may know it, and yet it may be part of a date. */
static bool add_known_digits(struct splitter *s, struct str text)
{
	size_t from = offset_of(s, text.p);
	unsigned before = s->m->n_tokens;

	if (!add_known(s, text, from, from + text.n))
		return false;
	for (unsigned i = before; i < s->m->n_tokens; i++)
		s->m->token[i].digits = s->m->any_digits = true;
	return true;
}

/* "500rs" and "order1002" are two words, "2nd" and "a-1001" one. */
static void add_digits(struct splitter *s, struct str chunk)
{
	size_t n = letters_at_start(chunk), d = digits_at_start(chunk);
	struct str after_letters = str_sub(chunk, n, chunk.n);
	struct str after_digits = str_sub(chunk, d, chunk.n);
	const char *hash = memchr(chunk.p, '#', chunk.n);

	if (hash) {
		add_pieces(s, str_sub(chunk, 0, (size_t)(hash - chunk.p)));
		s->hash = true;
		chunk = str_sub(chunk, (size_t)(hash - chunk.p) + 1, chunk.n);
		if (!chunk.n)
			return;
		if (is_numeric(chunk))
			add_whole(s, chunk, true);
		else
			add_pieces(s, chunk);
		return;
	}
	if (add_known_digits(s, chunk))
		return;
	if (n >= 2 && in_lexicon(s, str_sub(chunk, 0, n)) &&
		digits_at_start(after_letters) == after_letters.n) {
		add_word(s, str_sub(chunk, 0, n));
		add_whole(s, after_letters, true);
	} else if (d && after_digits.n >= 2 && letters_at_start(after_digits) == after_digits.n &&
		   in_lexicon(s, after_digits)) {
		add_whole(s, str_sub(chunk, 0, d), true);
		add_word(s, after_digits);
	} else if (is_numeric(chunk)) {
		add_whole(s, chunk, true);
	} else {
		add_pieces(s, chunk);
	}
}

/* Marks around a chunk that are not part of it. */
static struct str strip(struct splitter *s, struct str chunk, struct str *tail)
{
	while (chunk.n && strchr("\"'([{<*_~.,;:!?/\\|>)]}=^", chunk.p[0])) {
		note_mark(s, chunk.p[0]);
		chunk = str_sub(chunk, 1, chunk.n);
	}
	*tail = str_sub(chunk, chunk.n, 0);
	while (chunk.n && strchr("\"([{<*_~.,;:!?/\\|>)]}-=^", chunk.p[chunk.n - 1])) {
		chunk.n--;
		*tail = (struct str){chunk.p + chunk.n, tail->n + 1};
	}
	return chunk;
}

static void add_chunk(struct splitter *s, struct str chunk)
{
	size_t from = offset_of(s, chunk.p);
	unsigned class = classes(chunk);
	struct str tail;

	if (class == LETTER) {
		add_letters(s, chunk);
		return;
	}
	if ((class & OTHER) && add_known(s, chunk, from, from + chunk.n))
		return; /* "w/", "&" */
	chunk = strip(s, chunk, &tail);
	class = classes(chunk);
	if (!(class & ~(unsigned)(LETTER | APOSTROPHE)))
		add_word(s, chunk);
	else if ((class & OTHER) &&
		 add_known(s, chunk, offset_of(s, chunk.p), offset_of(s, chunk.p) + chunk.n))
		;
	else if (is_email(chunk) || is_url(chunk))
		add_whole(s, chunk, false);
	else if (class & DIGIT)
		add_digits(s, chunk);
	else
		add_pieces(s, chunk);
	for (size_t i = 0; i < tail.n; i++)
		note_mark(s, tail.p[i]);
}

/* Characters that look like Latin letters, in words that mix both. */
static char look_alike(int32_t c)
{
	static const struct {
		int32_t c;
		char as;
	} table[] = {
		{0x430, 'a'},
		{0x435, 'e'},
		{0x43E, 'o'},
		{0x440, 'p'},
		{0x441, 'c'},
		{0x443, 'y'},
		{0x445, 'x'},
		{0x455, 's'},
		{0x456, 'i'},
		{0x458, 'j'},
		{0x501, 'd'},
		{0x51B, 'q'},
		{0x43A, 'k'},
		{0x43D, 'h'},
		{0x442, 't'},
		{0x43C, 'm'},
		{0x3B1, 'a'},
		{0x3BF, 'o'},
		{0x3C1, 'p'},
		{0x3BD, 'v'},
		{0x3B9, 'i'},
		{0x3BA, 'k'},
		{0x3C5, 'u'},
		{0x3B5, 'e'},
		{0x261, 'g'},
		{0x131, 'i'},
		{0x1D0F, 'o'},
		{0x1D04, 'c'},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].c == c)
			return table[i].as;
	return 0;
}

/* "cancel" with a Cyrillic a: made Latin if the word has Latin letters too.  The text only gets
 * shorter. */
static struct mapped_text without_look_alikes(struct arena *arena, struct mapped_text text)
{
	char *p = arena_alloc(arena, text.text.n + 1);
	uint32_t *from = arena_array(arena, uint32_t, text.text.n + 1);
	size_t n = 0;

	for (size_t at = 0, end; at < text.text.n; at = end) {
		bool latin = false;

		for (end = at; end < text.text.n && !strchr(" \n", text.text.p[end]); end++)
			latin = latin || class_of(text.text.p[end]) == LETTER;
		end += end < text.text.n;
		for (size_t i = at, step; i < end; i += step) {
			int32_t c = text_decode(str_sub(text.text, i, text.text.n), &step);
			char as = latin && c >= 0x80 ? look_alike(c) : 0;

			for (size_t k = 0; k < (as ? 1 : step); k++, n++) {
				p[n] = as ? as : text.text.p[i + k];
				from[n] = text.from[i + k];
			}
		}
	}
	from[n] = text.from[text.text.n];
	return (struct mapped_text){{p, n}, from};
}

/* The head of the message that is looked at. */
static struct str gate(struct message *m)
{
	struct str raw = m->raw;
	size_t chars = 0;

	if (raw.n <= max_chars)
		return raw;
	for (size_t i = 0; i < raw.n; i++) {
		chars += ((unsigned char)raw.p[i] & 0xC0) != 0x80;
		if (chars > max_chars || i >= max_chars * 4) {
			m->too_long = true;
			return str_sub(raw, 0, i);
		}
	}
	return raw;
}

/* Broken bytes become U+FFFD; @back leads from each byte of the result to the message's. */
static struct str repaired(struct arena *arena, struct str s, const uint32_t **back)
{
	uint32_t *map;
	char *p;
	size_t n = 0;

	if (text_valid_up_to(s) == s.n)
		return s;
	p = arena_alloc(arena, s.n * 3 + 1);
	map = arena_array(arena, uint32_t, s.n * 3 + 1);
	for (size_t at = 0, step; at < s.n; at += step) {
		int32_t c = text_decode(str_sub(s, at, s.n), &step);
		size_t bytes = text_encode(c, p + n);

		for (size_t i = 0; i < bytes; i++)
			map[n + i] = (uint32_t)at;
		n += bytes;
	}
	map[n] = (uint32_t)s.n;
	*back = map;
	return (struct str){p, n};
}

static size_t count_between(struct str s, char first, char last)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] >= first && s.p[i] <= last;
	return n;
}

/* Mostly capitals, over more than one word. */
static bool is_shouting(struct str raw)
{
	size_t capitals = count_between(raw, 'A', 'Z');

	return capitals >= 8 && capitals > count_between(raw, 'a', 'z') * 4 &&
	       count_between(raw, ' ', ' ') >= 2;
}

void tokens_read(struct message *m)
{
	struct splitter s = {.m = m};
	struct str head = gate(m), chunk;

	m->shouting = is_shouting(head) || str_find(head, S("!!!")) >= 0;
	s.text = text_normalise(m->arena, repaired(m->arena, head, &s.back));
	if (!text_is_ascii(s.text.text))
		s.text = without_look_alikes(m->arena, s.text);
	chunk = (struct str){s.text.text.p, 0};
	for (size_t i = 0; i < s.text.text.n; i++) {
		char c = s.text.text.p[i];

		if (c != ' ' && c != '\n') {
			chunk.n++;
			continue;
		}
		if (chunk.n)
			add_chunk(&s, chunk);
		s.ended = s.ended || c == '\n';
		chunk = (struct str){s.text.text.p + i + 1, 0};
	}
	if (chunk.n)
		add_chunk(&s, chunk);
}
