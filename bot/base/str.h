/* A slice of bytes that somebody else owns, with its length. */
#ifndef TENSTEP_BASE_STR_H
#define TENSTEP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))
/* In place of each call: the call itself would be most of the work, or the argument is nearly
 * always a literal.  Compilers count lines and think otherwise. */
#define IN_PLACE static inline __attribute__((always_inline))
/* Always a call: the rare way out of a function that is short otherwise, and then need not save
 * what this one would overwrite. */
#define ASIDE static __attribute__((noinline))

struct str {
	const char *p;
	size_t n;
};

/* A slice of a string literal; of a zero-terminated string (NULL gives the empty slice). */
#define S(literal) ((struct str){"" literal, sizeof(literal) - 1})
IN_PLACE struct str str_of(const char *zero_terminated)
{
	return zero_terminated ? (struct str){zero_terminated, strlen(zero_terminated)}
			       : (struct str){"", 0};
}

/* For printf: "%.*s", STR(s). */
#define STR(s) (int)(s).n, (s).p ? (s).p : ""

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || (a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0));
}

IN_PLACE bool str_is(struct str a, const char *b)
{
	if (b && a.n && a.p[0] != b[0])
		return false; /* mostly so, and then nobody need know how long @b is */
	return str_eq(a, str_of(b));
}

/* ASCII letters only; for names and file formats, not for what people write. */
bool str_eq_nocase(struct str a, struct str b);
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str with);
bool str_ends(struct str s, struct str with);
/* The offset of @what in @s, or -1. */
long str_find(struct str s, struct str what);
struct str str_trim(struct str s);
/* @s from @from on, at most @n bytes; both are clipped. */
static inline struct str str_sub(struct str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct str){s.p ? s.p + from : NULL, n};
}

/* Cuts @s at the first @at: returns what is before it and leaves the rest in @s; when there is no
 * @at, all of it is returned and @s is empty. */
struct str str_cut(struct str *s, char at);

/* Reads a decimal number that fills the whole of @s; false if it is not one or does not fit. */
bool str_int(struct str s, int64_t *out) MUST_CHECK;

/* FNV-1a; for tables in memory, not for keys without limit that an attacker may choose. */
uint64_t str_hash(struct str s);

/* The number of single-character edits (a swap of neighbours is one) from @a to @b, up to @max;
 * more than that gives @max + 1.  Bytes, for names; slices over 63 bytes count as too far apart. */
unsigned str_distance(struct str a, struct str b, unsigned max);

#endif
