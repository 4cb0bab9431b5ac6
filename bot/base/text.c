/* Unicode: validity, width, normalising with a map back to the original bytes. */
#include "bot/base/text.h"

#include <string.h>
#include <utf8proc.h>

#include "bot/base/eight.h"

static size_t sequence_length(struct str s)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p,
		(utf8proc_ssize_t)s.n, &c);

	return n > 0 ? (size_t)n : 0;
}

/* The bytes of @s from @at on that are ASCII without a gap.  What is left at the end is looked at
 * together with some that are known. */
IN_PLACE size_t ascii_run(struct str s, size_t at)
{
	size_t end = at;
	uint64_t high;

	for (; end + 8 <= s.n; end += 8) {
		high = eight_has_high(eight_at(s.p + end));
		if (high)
			return end + eight_before(high) - at;
	}
	if (end > at) {
		high = eight_has_high(eight_at(s.p + s.n - 8));
		return (high ? s.n - 8 + eight_before(high) : s.n) - at;
	}
	while (end < s.n && (unsigned char)s.p[end] < 0x80)
		end++;
	return end - at;
}

/* The same, known to be so up to @i, where ASCII ends. */
ASIDE size_t valid_beyond(struct str s, size_t i)
{
	for (size_t n; i < s.n; i += n + ascii_run(s, i + n)) {
		n = sequence_length(str_sub(s, i, 4));
		if (!n)
			break;
	}
	return i;
}

size_t text_valid_up_to(struct str s)
{
	size_t ascii = ascii_run(s, 0);

	return ascii == s.n ? ascii : valid_beyond(s, ascii);
}

bool text_is_ascii(struct str s)
{
	return ascii_run(s, 0) == s.n;
}

size_t text_utf16(struct str s)
{
	size_t units = 0, n;

	for (size_t at = 0; at < s.n; at += n)
		units += text_decode(str_sub(s, at, s.n), &n) > 0xFFFF ? 2 : 1;
	return units;
}

size_t text_cluster(struct str s)
{
	utf8proc_int32_t state = 0;
	size_t at, n = 0;
	int32_t before, c;

	if (!s.n)
		return 0;
	c = text_decode(s, &n);
	for (at = n; at < s.n; at += n) {
		before = c;
		c = text_decode(str_sub(s, at, s.n), &n);
		if (utf8proc_grapheme_break_stateful(before, c, &state))
			break;
	}
	return at;
}

int32_t text_decode(struct str s, size_t *n)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t got;

	if (s.n && (unsigned char)s.p[0] < 0x80) {
		*n = 1;
		return s.p[0];
	}
	got = utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &c);
	*n = got > 0 ? (size_t)got : (s.n != 0);
	return got > 0 ? c : 0xFFFD;
}

size_t text_encode(int32_t c, char *p)
{
	return (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)p);
}

size_t text_width(struct str s)
{
	size_t width = 0, n;

	for (size_t at = 0; at < s.n; at += n) {
		n = ascii_run(s, at);
		width += n;
		if (!n) {
			int32_t c = text_decode(str_sub(s, at, s.n), &n);

			width += c < 0xA0 ? 1 : (size_t)utf8proc_charwidth(c);
		}
	}
	return width;
}

size_t text_length(struct str s)
{
	size_t length = 0, n;

	for (size_t at = 0; at < s.n; at += n) {
		n = ascii_run(s, at);
		length += n;
		if (!n) {
			text_decode(str_sub(s, at, s.n), &n);
			length++;
		}
	}
	return length;
}

struct str text_clip(struct str s, size_t max_bytes)
{
	if (s.n <= max_bytes)
		return s;
	while (max_bytes && ((unsigned char)s.p[max_bytes] & 0xC0) == 0x80)
		max_bytes--;
	return str_sub(s, 0, max_bytes);
}

struct str text_repaired(struct arena *arena, struct str s)
{
	char *copy, *p;

	if (text_valid_up_to(s) == s.n)
		return arena_str(arena, s);
	p = copy = arena_raw(arena, s.n * 3 + 1);
	for (size_t n; s.n; s = str_sub(s, n, s.n))
		p += text_encode(text_decode(s, &n), p);
	*p = 0;
	return (struct str){copy, (size_t)(p - copy)};
}

bool text_is_letter(int32_t c)
{
	utf8proc_category_t category;

	if (c < 0x80)
		return (c | 32) >= 'a' && (c | 32) <= 'z';
	category = utf8proc_category(c);
	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

bool text_is_digit(int32_t c)
{
	if (c < 0x80)
		return c >= '0' && c <= '9';
	return utf8proc_category(c) == UTF8PROC_CATEGORY_ND;
}

bool text_is_blank(int32_t c)
{
	utf8proc_category_t category;

	if (c < 0x80)
		return c == ' ' || (c >= 9 && c <= 13);
	if (c == 0x85)    /* NEL, a line end */
		return true;
	category = utf8proc_category(c);
	return category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP;
}

/* What a character becomes before NFKC sees it; -1 drops it. */
static int32_t before_folding(int32_t c)
{
	switch (c) {
	case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x2032: case 0xB4: case 0x60:
	case 0x02BC:
		return '\'';
	case 0x201C: case 0x201D: case 0x201E: case 0x201F: case 0x2033: case 0xAB: case 0xBB:
		return '"';
	case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212:
		return '-';
	case 0x2026:
		return '.';
	}
	if (c == '\n')
		return c;
	if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0))
		return ' ';
	if (c == 0xAD || c == 0xFEFF || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E)
		|| (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0x3164)
		return -1;
	return c;
}

struct writer {
	struct arena *arena;
	char *p;
	uint32_t *from;
	size_t n, cap;
};

static struct writer writer_new(struct arena *arena, size_t cap)
{
	return (struct writer){
		.arena = arena,
		.p = arena_raw(arena, cap + 1),
		.from = arena_raw(arena, (cap + 1) * sizeof(uint32_t)),
		.cap = cap,
	};
}

static void make_room(struct writer *w, size_t n)
{
	struct writer bigger;

	if (n <= w->cap - w->n)
		return;
	bigger = writer_new(w->arena, (w->cap + n) * 2);
	memcpy(bigger.p, w->p, w->n);
	memcpy(bigger.from, w->from, w->n * sizeof(*w->from));
	bigger.n = w->n;
	*w = bigger;
}

/* Adds @bytes, all of which come from @from. */
static void put(struct writer *w, struct str bytes, uint32_t from)
{
	make_room(w, bytes.n);
	memcpy(w->p + w->n, bytes.p, bytes.n);
	for (size_t i = 0; i < bytes.n; i++)
		w->from[w->n + i] = from;
	w->n += bytes.n;
}

static struct mapped_text finish(struct writer *w, size_t original)
{
	w->p[w->n] = 0;
	w->from[w->n] = (uint32_t)original;
	return (struct mapped_text){{w->p, w->n}, w->from};
}

static char fold_ascii_char(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + 32);
	if (c == '`')
		return '\'';
	return (c < 0x20 && c != '\n') || c == 0x7F ? ' ' : c;
}

/* Most messages are ASCII without any control character: eight bytes a step. */
static void fold_ascii(const char *in, size_t n, char *out)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t word = eight_at(in + i), upper;
		uint64_t special = eight_has_less(word, 0x20) | eight_has(word, '`') |
				   eight_has(word, 0x7F);

		if (special) {
			for (size_t j = i; j < i + 8; j++)
				out[j] = fold_ascii_char(in[j]);
			continue;
		}
		upper = (word + EIGHT(0x80 - 'A')) & ~(word + EIGHT(0x80 - 'Z' - 1)) & EIGHT(0x80);
		word |= upper >> 2;
		memcpy(out + i, &word, sizeof(word));
	}
	for (; i < n; i++)
		out[i] = fold_ascii_char(in[i]);
}

/* out[i] = first + i */
static void count_up(uint32_t *out, size_t n, uint32_t first)
{
	typedef uint32_t four __attribute__((vector_size(16)));
	four next = {first, first + 1, first + 2, first + 3};
	size_t i = 0;

	for (; i + 4 <= n; i += 4, next += 4)
		memcpy(out + i, &next, sizeof(next));
	for (; i < n; i++)
		out[i] = first + (uint32_t)i;
}

/* Adds s[at .. at + n), which is ASCII. */
static void put_ascii(struct writer *w, struct str s, size_t at, size_t n)
{
	make_room(w, n);
	fold_ascii(s.p + at, n, w->p + w->n);
	count_up(w->from + w->n, n, (uint32_t)at);
	w->n += n;
}

/* The parts that Hangul syllables are composed of. */
enum jamo { NO_JAMO, LEAD, VOWEL, TAIL };

static enum jamo jamo_of(int32_t c)
{
	utf8proc_int32_t plain = c;
	int unused = 0;

	if ((c >= 0x3131 && c <= 0x318E) || (c >= 0xFFA1 && c <= 0xFFDC))
		utf8proc_decompose_char(c, &plain, 1,
			UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &unused);
	if (plain >= 0x1100 && plain <= 0x1112)
		return LEAD;
	if (plain >= 0x1161 && plain <= 0x1175)
		return VOWEL;
	if (plain >= 0x11A8 && plain <= 0x11C2)
		return TAIL;
	if (plain >= 0xAC00 && plain <= 0xD7A3 && (plain - 0xAC00) % 28 == 0)
		return VOWEL;    /* a syllable that still takes a tail */
	return NO_JAMO;
}

/* Whether @c may melt into one character with what stands before it. */
static bool joins(int32_t before, int32_t c)
{
	const utf8proc_property_t *property;
	enum jamo jamo;

	if (before_folding(c) < 0)    /* dropped: what follows it may still be a mark */
		return true;
	if (c < 0x300)
		return false;
	property = utf8proc_get_property(c);
	if (property->combining_class || property->category == UTF8PROC_CATEGORY_MN
		|| property->category == UTF8PROC_CATEGORY_MC)
		return true;
	if (c == 0xFF9E || c == 0xFF9F)    /* halfwidth katakana voice marks */
		return true;
	jamo = jamo_of(c);
	return (jamo == VOWEL && jamo_of(before) == LEAD)
		|| (jamo == TAIL && jamo_of(before) == VOWEL);
}

/* The end of the stretch at @at that composes by itself: a character and the marks after it. */
static size_t cluster_end(struct str s, size_t at)
{
	size_t n;
	int32_t c = text_decode(str_sub(s, at, s.n), &n), before;

	for (at += n; at < s.n; at += n) {
		before = c;
		c = text_decode(str_sub(s, at, s.n), &n);
		if (!joins(before, c))
			break;
	}
	return at;
}

/* Canonical order (Unicode, D109): marks in a row go by their class, ties stay. */
static void order_marks(utf8proc_int32_t *c, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		utf8proc_int32_t moved = c[i];
		int class = utf8proc_get_property(moved)->combining_class;
		size_t j = i;

		for (; class && j && utf8proc_get_property(c[j - 1])->combining_class > class; j--)
			c[j] = c[j - 1];
		c[j] = moved;
	}
}

/* Whether @c by itself comes out of any folding as it is: most letters of most scripts. */
static bool stays(int32_t c)
{
	const utf8proc_property_t *property = utf8proc_get_property(c);

	return property->decomp_seqindex == UINT16_MAX && property->casefold_seqindex == UINT16_MAX
		&& !property->ignorable && property->combining_class == 0
		&& (property->category < UTF8PROC_CATEGORY_MN
			|| property->category > UTF8PROC_CATEGORY_ME)
		&& before_folding(c) == c;
}

/* Folds one cluster.  Of a letter under a heap of marks only the first 40 or so are kept. */
static void put_cluster(struct writer *w, struct str s, size_t at, size_t end, int options)
{
	enum { max_points = 64, longest_decomposition = 18 };
	utf8proc_int32_t point[max_points];
	char bytes[max_points * 4];
	size_t n_points = 0, n_bytes = 0;
	utf8proc_ssize_t n;

	for (size_t i = at, step; i < end; i += step) {
		int32_t c = before_folding(text_decode(str_sub(s, i, s.n), &step));
		int unused = 0;

		if (c < 0 || n_points > max_points - longest_decomposition)
			continue;
		n = utf8proc_decompose_char(c, point + n_points, max_points - (int)n_points,
			(utf8proc_option_t)options, &unused);
		if (n > 0)
			n_points += (size_t)n;
	}
	order_marks(point, n_points);
	n = utf8proc_normalize_utf32(point, (utf8proc_ssize_t)n_points, (utf8proc_option_t)options);
	for (utf8proc_ssize_t i = 0; i < n; i++)
		n_bytes += text_encode(point[i], bytes + n_bytes);
	put(w, (struct str){bytes, n_bytes}, (uint32_t)at);
}

static struct mapped_text fold(struct arena *arena, struct str s, int options)
{
	size_t at = ascii_run(s, 0), end;
	struct writer w = writer_new(arena, at == s.n ? s.n : s.n + s.n / 2);

	for (at = 0; at < s.n; at = end) {
		end = at + ascii_run(s, at);
		end -= end > at && end < s.n;    /* marks may follow the last one */
		if (end > at) {
			put_ascii(&w, s, at, end - at);
		} else {
			size_t n;
			int32_t c = text_decode(str_sub(s, at, s.n), &n);

			end = cluster_end(s, at);
			if (end == at + n && stays(c))
				put(&w, str_sub(s, at, n), (uint32_t)at);
			else
				put_cluster(&w, s, at, end, options);
		}
	}
	return finish(&w, s.n);
}

struct mapped_text text_normalise(struct arena *arena, struct str s)
{
	return fold(arena, s, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE
		| UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

struct mapped_text text_unaccented(struct arena *arena, struct str normalised)
{
	return fold(arena, normalised, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_STRIPMARK);
}

struct str text_digits(struct arena *arena, struct str s)
{
	char *digits = arena_alloc(arena, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digits[n++] = s.p[i];
	return (struct str){digits, n};
}
