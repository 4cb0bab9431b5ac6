/* Inside the strict scanner (json_scan.c): what its parts share. */
#ifndef TENSTEP_BASE_JSON_SCANNER_H
#define TENSTEP_BASE_JSON_SCANNER_H

#include "bot/base/json_scan.h"

/* A key of an object that is still open. */
struct json_member_key {
	struct str name; /* decoded */
	struct stretch where;
};

enum { json_most_digits = 15 }; /* DBL_DIG: what a double gives back unchanged */

struct json_scanner {
	const struct source *source;
	const char *p;
	size_t n, at;
	unsigned flags;
	struct json_limits limits;
	struct diags *diags;
	struct arena *scratch; /* decoded keys and hints; NULL until there are any */
	struct json_scan *out;
	size_t cap_marks, n_nodes;
	struct json_member_key *key, *first_keys; /* a stack: the keys of all open objects */
	size_t n_keys, cap_keys;
};

/* Adds the finding that ends the scan; always false, for the caller to return. */
__attribute__((format(printf, 6, 7))) bool json_refuse(struct json_scanner *s, const char *code,
	size_t offset, size_t length, struct str hint, const char *format, ...);

/* json_text.c.  The first byte from @p on that in a text is not what it looks like, or ends it. */
const char *json_plain_end(const char *p, const char *end);
/* Stands on the opening quote; goes behind the closing one. */
bool json_scan_text(struct json_scanner *s, struct stretch *out);
/* The characters of a text that it has passed; @s is what is between the quotes.  They are never
 * more bytes than @s. */
struct str json_decoded(struct arena *arena, struct str s);
size_t json_decode(struct str s, char *out);

/* json_number.c.  Stands on the first digit or sign; *@big: it is to be a text. */
bool json_scan_number(struct json_scanner *s, bool *big);
/* Everything here that could be meant as one is none: @what. */
bool json_refuse_number(struct json_scanner *s, size_t start, struct str hint, const char *what);

static inline struct str slice(const struct json_scanner *s, size_t from, size_t to)
{
	return (struct str){s->p + from, to - from};
}

static inline bool at_char(const struct json_scanner *s, char c)
{
	return s->at < s->n && s->p[s->at] == c;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
	       c == '$' || c == '-';
}

#endif
