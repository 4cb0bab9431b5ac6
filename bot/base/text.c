/* Unicode: validity, width, normalising with a map back to the original bytes. */
#include "bot/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static size_t sequence_length(struct str s)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p,
		(utf8proc_ssize_t)s.n, &c);

	return n > 0 ? (size_t)n : 0;
}

size_t text_valid_up_to(struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t n;

		if ((unsigned char)s.p[i] < 0x80) {
			i++;
			continue;
		}
		n = sequence_length(str_sub(s, i, 4));
		if (!n)
			return i;
		i += n;
	}
	return i;
}

bool text_is_ascii(struct str s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return all < 0x80;
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
	size_t width = 0;

	while (s.n) {
		size_t n;
		int32_t c = text_decode(s, &n);
		int w = c < 0x20 || c == 0x7F ? 1 : utf8proc_charwidth(c);

		width += (size_t)(w < 0 ? 1 : w);
		s = str_sub(s, n, s.n);
	}
	return width;
}

size_t text_length(struct str s)
{
	size_t length = 0;

	for (size_t n; s.n; s = str_sub(s, n, s.n), length++)
		text_decode(s, &n);
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
	p = copy = arena_alloc(arena, s.n * 3 + 1);
	for (size_t n; s.n; s = str_sub(s, n, s.n))
		p += text_encode(text_decode(s, &n), p);
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
	char *p;
	uint32_t *from;
	size_t n, cap;
};

static void put(struct writer *w, struct arena *arena, struct str bytes, uint32_t from)
{
	if (w->n + bytes.n + 1 > w->cap) {
		size_t cap = (w->cap + bytes.n) * 2;
		char *p = arena_alloc(arena, cap);
		uint32_t *map = arena_array(arena, uint32_t, cap);

		memcpy(p, w->p, w->n);
		memcpy(map, w->from, w->n * sizeof(*map));
		w->p = p, w->from = map, w->cap = cap;
	}
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

static struct writer writer_new(struct arena *arena, size_t n)
{
	return (struct writer){
		.p = arena_alloc(arena, n + 16),
		.from = arena_array(arena, uint32_t, n + 16),
		.cap = n + 16,
	};
}

static struct mapped_text normalise_ascii(struct arena *arena, struct str s)
{
	struct writer w = writer_new(arena, s.n);

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		else if (c == '`')
			c = '\'';
		else if ((c < 0x20 && c != '\n') || c == 0x7F)
			c = ' ';
		w.p[i] = c;
		w.from[i] = (uint32_t)i;
	}
	w.n = s.n;
	return finish(&w, s.n);
}

/* The end of the stretch at @at that composes by itself: a character and the marks after it. */
static size_t cluster_end(struct str s, size_t at)
{
	size_t n;
	int32_t c = text_decode(str_sub(s, at, s.n), &n);

	for (at += n; at < s.n; at += n) {
		const utf8proc_property_t *property;

		c = text_decode(str_sub(s, at, s.n), &n);
		property = utf8proc_get_property(c);
		if (c < 0x80 || (property->combining_class == 0
			&& property->category != UTF8PROC_CATEGORY_MN
			&& property->category != UTF8PROC_CATEGORY_MC
			&& !(c >= 0x1160 && c <= 0x11FF)))    /* Hangul vowels and finals compose too */
			break;
	}
	return at;
}

static struct mapped_text fold_clusters(struct arena *arena, struct str s, int options)
{
	struct writer w = writer_new(arena, s.n + s.n / 2);

	for (size_t at = 0, end; at < s.n; at = end) {
		utf8proc_int32_t stack[64], *points = stack;
		char bytes[64 * 4];
		size_t n_points = 0, n_bytes = 0;
		utf8proc_ssize_t n;

		end = cluster_end(s, at);
		for (size_t i = at, step; i < end; i += step) {
			int32_t c = before_folding(text_decode(str_sub(s, i, s.n), &step));
			utf8proc_ssize_t room = (utf8proc_ssize_t)(64 - n_points);
			int last = 0;

			if (c < 0 || room < 20)    /* the longest decomposition has 18 points */
				continue;
			n = utf8proc_decompose_char(c, points + n_points, room,
				(utf8proc_option_t)options, &last);
			if (n > 0 && n <= room)
				n_points += (size_t)n;
		}
		n = utf8proc_normalize_utf32(points, (utf8proc_ssize_t)n_points,
			(utf8proc_option_t)options);
		for (utf8proc_ssize_t i = 0; i < n; i++)
			n_bytes += text_encode(points[i], bytes + n_bytes);
		put(&w, arena, (struct str){bytes, n_bytes}, (uint32_t)at);
	}
	return finish(&w, s.n);
}

struct mapped_text text_normalise(struct arena *arena, struct str s)
{
	if (text_is_ascii(s))
		return normalise_ascii(arena, s);
	return fold_clusters(arena, s, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE
		| UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

struct mapped_text text_unaccented(struct arena *arena, struct str normalised)
{
	if (text_is_ascii(normalised))
		return normalise_ascii(arena, normalised);
	return fold_clusters(arena, normalised, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE
		| UTF8PROC_STRIPMARK);
}
