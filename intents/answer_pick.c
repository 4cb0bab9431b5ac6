/* One of a list: by number, position, name, order number or words. */
#include <string.h>

#include "bot/base/text.h"
#include "intents/answer_words.h"

/* What an option is called, as compared: made when first wanted. */
struct names {
	struct str *entry; /* its label, then its words, each spaced() */
	struct str *word;  /* all words of these, split */
	size_t n;
	bool split;
};

struct picker {
	const struct answer_words *w;
	struct arena *arena;
	const struct option *option;
	struct names *names; /* one an option */
	size_t n;
	size_t *index, *n_index;
	const uint64_t *wish; /* words that say what is wanted, a bit each; NULL: none does */
};

/* The next word of @text: letters and digits; the rest stays in @text. */
static struct str next_word(struct str *text)
{
	struct str word;
	size_t n, i = 0;

	while (text->n) {
		int32_t c = text_decode(*text, &n);

		if (text_is_letter(c) || text_is_digit(c))
			break;
		*text = str_sub(*text, n, text->n);
	}
	for (; i < text->n; i += n) {
		int32_t c = text_decode(str_sub(*text, i, text->n), &n);

		if (!text_is_letter(c) && !text_is_digit(c))
			break;
	}
	word = str_sub(*text, 0, i);
	*text = str_sub(*text, i, text->n);
	return word;
}

/* Letters and digits of ASCII, in lower case; 0: what stands between words. */
static char folded(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return c;
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : 0;
}

static size_t space_ascii(struct str text, char *p)
{
	size_t n = 0;

	p[n++] = ' ';
	for (size_t i = 0; i < text.n; i++) {
		char c = folded(text.p[i]);

		if (c)
			p[n++] = c;
		else if (p[n - 1] != ' ')
			p[n++] = ' ';
	}
	if (p[n - 1] != ' ')
		p[n++] = ' ';
	return n;
}

static size_t space_words(struct str text, char *p)
{
	size_t n = 0;

	p[n++] = ' ';
	for (struct str word = next_word(&text); word.n; word = next_word(&text)) {
		memcpy(p + n, word.p, word.n);
		n += word.n;
		p[n++] = ' ';
	}
	return n;
}

/* The words of a text, lower case, one blank apart and around. */
static struct str spaced(struct arena *arena, struct str text)
{
	bool ascii = text_is_ascii(text);
	char *p;

	if (!ascii)
		text = text_normalise(arena, text_repaired(arena, text)).text;
	p = arena_raw(arena, text.n + 2);
	return (struct str){p, ascii ? space_ascii(text, p) : space_words(text, p)};
}

/* Whether two spaced texts are the same but for their blanks: "e mail" is "email". */
static bool same_letters(struct str a, struct str b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.n && a.p[i] == ' ')
			i++;
		while (j < b.n && b.p[j] == ' ')
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (a.p[i++] != b.p[j++])
			return false;
	}
}

/* Whether a spaced text ends in @tail, blanks left out. */
static bool ends_in(struct str text, struct str tail)
{
	while (tail.n && text.n) {
		char c = text.p[--text.n];

		if (c != ' ' && c != tail.p[--tail.n])
			return false;
	}
	return !tail.n;
}

/* The label (0) or the word @k - 1 of an option. */
static struct str entry_of(const struct picker *p, const struct option *option, size_t k)
{
	struct names *names = &p->names[option - p->option];

	if (!names->entry)
		names->entry = arena_array(p->arena, struct str, option->n_words + 1);
	if (!names->entry[k].p)
		names->entry[k] = spaced(p->arena, k ? option->word[k - 1] : option->label);
	return names->entry[k];
}

static bool is_like(struct str said, struct str word)
{
	unsigned most = said.n >= 8 ? 2 : said.n >= 4 ? 1 : 0;

	if (str_eq(said, word))
		return true;
	if (said.n < 3 || word.n < 3 || said.p[0] != word.p[0] || answer_has_digit(said) ||
		answer_has_digit(word))
		return false;
	if ((str_starts(word, said) && word.n - said.n <= 3) ||
		(str_starts(said, word) && said.n - word.n <= 3))
		return true;
	return str_distance(said, word, most) <= most;
}

static void add_names(struct arena *arena, struct names *names, struct str entry)
{
	struct str rest = entry;

	for (struct str word = next_word(&rest); word.n; word = next_word(&rest)) {
		names->word = arena_grow(arena, names->word, names->n, struct str);
		names->word[names->n++] = word;
	}
}

static const struct names *names_of(const struct picker *p, const struct option *option)
{
	struct names *names = &p->names[option - p->option];

	if (names->split)
		return names;
	names->split = true;
	for (size_t i = 0; i <= option->n_words; i++)
		add_names(p->arena, names, entry_of(p, option, i));
	return names;
}

static bool option_has(
	const struct picker *p, const struct option *option, struct str said, bool exactly)
{
	const struct names *names = names_of(p, option);

	for (size_t i = 0; i < names->n; i++)
		if (exactly ? str_eq(said, names->word[i]) : is_like(said, names->word[i]))
			return true;
	return false;
}

static enum pick picked(const struct picker *p)
{
	if (!*p->n_index)
		return PICK_NONE;
	return *p->n_index == 1 ? PICK_ONE : PICK_SEVERAL;
}

static enum pick pick_at(const struct picker *p, size_t index)
{
	p->index[0] = index;
	*p->n_index = 1;
	return PICK_ONE;
}

/* Letters and digits of a text, lower case, without anything between. */
static struct str bare(struct arena *arena, struct str text)
{
	struct str words = spaced(arena, text);
	char *p = arena_raw(arena, words.n);
	size_t n = 0;

	for (size_t i = 0; i < words.n; i++)
		if (words.p[i] != ' ')
			p[n++] = words.p[i];
	return (struct str){p, n};
}

/* A whole label, as typed or with its shorthand opened ("i dont have it"). */
static enum pick pick_label(const struct picker *p, struct str said, struct str meant)
{
	*p->n_index = 0;
	for (size_t i = 0; said.n > 1 && i < p->n; i++) {
		struct str label = entry_of(p, &p->option[i], 0);

		if (same_letters(said, label) || same_letters(meant, label))
			p->index[(*p->n_index)++] = i;
	}
	return picked(p);
}

/* An order number or its tail of three digits or more: among labels and words. */
static bool has_tail(struct str entry, struct str tail)
{
	struct str rest = entry;

	for (struct str word = next_word(&rest); word.n; word = next_word(&rest))
		if (answer_has_digit(word) && str_ends(word, tail))
			return true;
	return ends_in(entry, tail);
}

static bool option_has_tail(const struct picker *p, const struct option *option, struct str tail)
{
	for (size_t i = 0; i <= option->n_words; i++)
		if (has_tail(entry_of(p, option, i), tail))
			return true;
	return false;
}

static enum pick pick_number_tail(const struct picker *p)
{
	for (size_t t = 0; t < p->w->n; t++) {
		struct str said;

		if (!answer_has_digit(p->w->text[t]))
			continue;
		said = bare(p->arena, p->w->text[t]);
		if (said.n < 3)
			continue;
		*p->n_index = 0;
		for (size_t i = 0; i < p->n; i++)
			if (option_has_tail(p, &p->option[i], said))
				p->index[(*p->n_index)++] = i;
		if (*p->n_index)
			return picked(p);
	}
	return PICK_NONE;
}

/* A word that only leads to a position: "order 2", "the first one", "number two". */
static bool is_filler(const struct answer_words *w, size_t i)
{
	return !answer_is_content(w, i) || (w->flags[i] & WORD_ORDER);
}

static bool digits_of(struct str text, int64_t *out)
{
	if (text.n > 2 && (str_ends(text, S("st")) || str_ends(text, S("nd")) ||
				  str_ends(text, S("rd")) || str_ends(text, S("th"))))
		text.n -= 2;
	return text.n <= 3 && str_int(text, out);
}

/* An ordinal anywhere; a bare number only if the message says nothing else ("2 dresses" is no
 * position).  "one" is a number by itself, and else the pronoun of "the blue one". */
static bool position_of(const struct answer_words *w, int64_t *out)
{
	size_t fillers = 0, numbers = 0;
	int64_t number = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct word *word =
			w->number[i] ? lexicon_at(w->set->lexicon, w->number[i]) : NULL;

		if (word && (word->flags & WORD_ORDINAL)) {
			*out = word->value;
			return true;
		}
		if (digits_of(w->text[i], &number)) {
			*out = number;
			numbers++;
		} else if (word && (word->flags & WORD_NUMBER) &&
			   (answer_is_content(w, i) || w->n == 1 ||
				   (i && (w->flags[i - 1] & WORD_ORDER)))) {
			*out = word->value;
			numbers++;
		} else {
			fillers += is_filler(w, i);
		}
	}
	return numbers == 1 && fillers + 1 == w->n;
}

static enum pick pick_position(const struct picker *p)
{
	int64_t at;

	if (!position_of(p->w, &at))
		return PICK_NONE;
	if (at == -1)
		at = (int64_t)p->n;
	if (at < 1 || at > (int64_t)p->n)
		return PICK_NONE;
	return pick_at(p, (size_t)at - 1);
}

static bool is_wish(const struct picker *p, size_t t)
{
	return p->wish && p->wish[t / 64] >> t % 64 & 1;
}

/* The options that share most words with the message; at least half of what it says beside the wish
 * must be named. */
static enum pick pick_words(const struct picker *p)
{
	size_t best = 0, said = 0, named = 0;
	size_t count[64], n = p->n < 64 ? p->n : 64;

	memset(count, 0, n * sizeof(*count));
	for (size_t t = 0; t < p->w->n; t++) {
		bool any = false;

		if (is_filler(p->w, t) || p->w->text[t].n < 2)
			continue;
		for (size_t i = 0; i < n; i++)
			if (option_has(p, &p->option[i], p->w->text[t], is_wish(p, t))) {
				count[i]++;
				any = true;
			}
		said += any || !is_wish(p, t);
		named += any;
	}
	*p->n_index = 0;
	if (!named || named * 2 < said)
		return PICK_NONE;
	for (size_t i = 0; i < n; i++)
		best = count[i] > best ? count[i] : best;
	for (size_t i = 0; i < n; i++)
		if (count[i] == best)
			p->index[(*p->n_index)++] = i;
	return picked(p);
}

static enum pick pick_meaning(const struct picker *p)
{
	if (answer_is_only(p->w, RUN_NEITHER))
		return PICK_NEITHER;
	if (answer_is_only(p->w, RUN_OTHER))
		return PICK_OTHER;
	if (answer_is_only(p->w, RUN_ALL))
		return PICK_ALL;
	return PICK_NONE;
}

/* @entry stands in the message; a single short word is no label of its own. */
static bool holds_entry(struct str said, struct str meant, struct str entry)
{
	enum { min_word = 5 };
	struct str inside = str_trim(entry);

	if (!inside.n || (inside.n < min_word && !memchr(inside.p, ' ', inside.n)))
		return false;
	return str_find(said, entry) >= 0 || str_find(meant, entry) >= 0;
}

static bool option_is_held(
	const struct picker *p, const struct option *option, struct str said, struct str meant)
{
	for (size_t k = 0; k <= option->n_words; k++)
		if (holds_entry(said, meant, entry_of(p, option, k)))
			return true;
	return false;
}

/* Options of which the message holds a whole label or entry. */
static enum pick pick_entry(const struct picker *p, struct str said, struct str meant)
{
	*p->n_index = 0;
	for (size_t i = 0; i < p->n; i++)
		if (option_is_held(p, &p->option[i], said, meant))
			p->index[(*p->n_index)++] = i;
	return *p->n_index == 1 ? PICK_ONE : PICK_NONE;
}

static enum pick pick_by_any_means(const struct picker *p, struct str raw, struct str opened)
{
	struct str said = spaced(p->arena, raw), meant = spaced(p->arena, opened);
	enum pick pick = pick_label(p, said, meant);

	if (pick == PICK_NONE)
		pick = pick_entry(p, said, meant);
	if (pick == PICK_NONE)
		pick = pick_number_tail(p);
	if (pick == PICK_NONE)
		pick = pick_meaning(p);
	if (pick == PICK_NONE)
		pick = pick_position(p);
	if (pick == PICK_NONE)
		pick = pick_words(p);
	return pick;
}

/* The set's arena for answers, empty. */
static struct arena *blank(const struct intent_set *set)
{
	arena_reset(set->picking);
	return set->picking;
}

enum pick answer_pick(const struct intent_set *set, const struct reading *reading,
	const struct option *option, size_t n, size_t *index, size_t *n_index)
{
	struct answer_words w;
	struct arena *arena = blank(set);
	struct picker p = {
		&w, arena, option, arena_array(arena, struct names, n), n, index, n_index, NULL};
	enum pick pick;

	*n_index = 0;
	answer_words_of(set, reading, &w);
	pick = w.n && n ? pick_by_any_means(&p, str_sub(reading->raw, 0, 600), reading->text)
			: PICK_NONE;
	if (pick != PICK_ONE && pick != PICK_SEVERAL)
		*n_index = 0;
	return pick;
}

bool answer_pick_told(const struct intent_set *set, const struct reading *reading,
	const struct option *option, size_t n, size_t *index)
{
	struct answer_words w;
	struct arena *arena = blank(set);
	size_t *found = arena_array(arena, size_t, n + 1), n_found = 0;
	struct picker p = {&w, arena, option, arena_array(arena, struct names, n), n, found, &n_found,
		reading->n_candidates ? reading->candidate->cover : NULL};
	bool one;

	answer_words_of(set, reading, &w);
	one = pick_words(&p) == PICK_ONE;
	*index = one ? found[0] : 0;
	return one;
}

bool answer_names(const struct intent_set *set, const struct reading *reading,
	const struct option *option, size_t n, size_t *index)
{
	struct arena *arena = blank(set);
	size_t *found = arena_array(arena, size_t, n + 1), n_found = 0;
	struct picker p = {.arena = arena,
		.option = option,
		.names = arena_array(arena, struct names, n),
		.n = n,
		.index = found,
		.n_index = &n_found};
	bool one = pick_entry(&p, spaced(arena, str_sub(reading->raw, 0, 600)),
			   spaced(arena, reading->text)) == PICK_ONE;

	*index = one ? found[0] : 0;
	return one;
}
