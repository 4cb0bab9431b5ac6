/* The small things that lines of a conversation test are made of: words, values, outcomes. */
#ifndef TENSTEP_CHATS_CHAT_SCAN_H
#define TENSTEP_CHATS_CHAT_SCAN_H

#include "bot/chats/chat_file.h"

/* A place in a line; what is read is source->text[pos..end). */
struct chat_scan {
	const struct source *source;
	struct arena *arena;
	struct diags *diags;
	size_t pos, end;
	size_t from; /* where the value of the line began */
	bool failed; /* a finding was added: the line is left out */
};

/* Adds an error about @length bytes at @offset and marks the line as faulty. */
void scan_error(struct chat_scan *scan, const char *code, size_t offset, size_t length,
	struct str hint, const char *format, ...) __attribute__((format(printf, 6, 7)));

struct str scan_rest(const struct chat_scan *scan);
void scan_blanks(struct chat_scan *scan);
bool scan_at_end(struct chat_scan *scan);                 /* skips blanks first */
bool scan_sees(struct chat_scan *scan, const char *what); /* skips blanks first */
/* Takes @what if it is next; of a word, only a whole one. */
bool scan_take(struct chat_scan *scan, const char *what);
/* The next word: up to a blank, a comma or a brace that opens no hole.  Empty at the end. */
struct str scan_word(struct chat_scan *scan);
/* Everything up to @stop (or the end), trimmed; @stop is not taken. */
struct str scan_until(struct chat_scan *scan, const char *stop);
/* A whole number. */
bool scan_number(struct chat_scan *scan, int64_t *number) MUST_CHECK;

/* { … }, [ … ], "…" or bare words up to @stop (',' '}' ']' inside brackets). */
const struct value *scan_value(struct chat_scan *scan, size_t stop) MUST_CHECK;
/* ok, refused shipped, slow 12s, … separated by ',' or "then"; NULL after a finding. */
const struct chat_outcome *scan_outcomes(struct chat_scan *scan, size_t *n) MUST_CHECK;

/* \n \t \# \\ \xHH in what a buyer types. */
struct str scan_unescape(struct arena *arena, struct str text);

bool scan_is_name(struct str s); /* letters, digits, '_' */

#endif
