/* Slices. */
#define _GNU_SOURCE /* memmem(): linear, whatever it is asked to find */
#include "bot/base/str.h"

#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str with)
{
	return s.n >= with.n && str_eq((struct str){s.p, with.n}, with);
}

bool str_ends(struct str s, struct str with)
{
	return s.n >= with.n && str_eq((struct str){s.p + s.n - with.n, with.n}, with);
}

long str_find(struct str s, struct str what)
{
	const char *at;

	if (what.n == 0)
		return 0;
	if (s.n < what.n)
		return -1;
	at = memchr(s.p, what.p[0], s.n - what.n + 1); /* mostly not even that is there */
	if (at)
		at = memmem(at, s.n - (size_t)(at - s.p), what.p, what.n);
	return at ? (long)(at - s.p) : -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str str_trim(struct str s)
{
	while (s.n && blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_cut(struct str *s, char at)
{
	const char *found = s->n ? memchr(s->p, at, s->n) : NULL;
	struct str head = *s;

	if (!found) {
		*s = str_sub(*s, s->n, 0);
		return head;
	}
	head.n = (size_t)(found - s->p);
	*s = (struct str){found + 1, s->n - head.n - 1};
	return head;
}

bool str_int(struct str s, int64_t *out)
{
	bool negative = s.n && s.p[0] == '-';
	uint64_t value = 0;
	size_t i = negative;

	if (s.n == i)
		return false;
	for (; i < s.n; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, digit, &value))
			return false;
	}
	if (value > (uint64_t)INT64_MAX + negative)
		return false;
	*out = (int64_t)(negative ? 0 - value : value);
	return true;
}

uint64_t str_hash(struct str s)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h;
}

enum { distance_max_bytes = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned str_distance(struct str a, struct str b, unsigned max)
{
	unsigned row[3][distance_max_bytes + 1];
	unsigned *before = row[0], *last = row[1], *now = row[2];

	if (a.n > distance_max_bytes || b.n > distance_max_bytes || a.n > b.n + max ||
		b.n > a.n + max)
		return max + 1;
	for (size_t j = 0; j <= b.n; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned best = now[0] = (unsigned)i, *spare = before;

		for (size_t j = 1; j <= b.n; j++) {
			unsigned differs = a.p[i - 1] != b.p[j - 1];

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + differs);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
			best = least(best, now[j]);
		}
		if (best > max + 1)
			return max + 1;
		before = last, last = now, now = spare;
	}
	return least(last[b.n], max + 1);
}
