/* What is wrong in an author's file: every finding of a run, each with its place. */
#ifndef TENSTEP_BASE_DIAG_H
#define TENSTEP_BASE_DIAG_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/base/source.h"

enum severity { DIAG_ERROR, DIAG_WARNING };

/* @code is stable ("F012"): letters name the reader (J json, I intents, F flows, C chats, …), one
 * golden example a code stands in tests/diagnostics.  @length 0 marks a place, not a stretch. */
struct diag {
	const char *code;
	enum severity severity;
	const struct source *source; /* NULL: about the whole, not about one file */
	size_t offset, length;
	struct str message; /* lower case, no full stop, the thing in quotes */
	struct str hint;    /* what would be right; may be empty */
};

struct diags {
	struct arena *arena; /* holds the texts; the caller's */
	struct diag *item;
	size_t n, n_errors;
};

void diags_init(struct diags *diags, struct arena *arena);

/* Adds a finding, unless the same was told of the same place.  @hint may be NULL.  After 1,000
 * findings the rest is only counted. */
void diag_add(struct diags *diags, enum severity severity, const char *code,
	const struct source *source, size_t offset, size_t length, struct str hint,
	const char *format, ...) __attribute__((format(printf, 8, 9)));
/* The same for a function with arguments of its own kind. */
void diag_addv(struct diags *diags, enum severity severity, const char *code,
	const struct source *source, size_t offset, size_t length, struct str hint,
	const char *format, va_list ap) __attribute__((format(printf, 8, 0)));

/* Adds the findings of @more, their texts copied. */
void diags_join(struct diags *diags, const struct diags *more);

/* Prints all findings, ordered by file and place, at most @per_code of each code (0: all), as
 *
 *   flows/guide/05_cancel.json:12:34: error[F012]: unknown step 'dun'
 *       12 |   "do_it": {"call": "orders.cancel", "then": "dun"},
 *          |                                              ^^^^^
 *          = did you mean 'done'?
 *
 * Columns count characters as a terminal shows them, from 1.  @colour adds ANSI colours. */
void diags_print(const struct diags *diags, struct buf *out, bool colour, size_t per_code);

/* The same as JSON lines: {"file","line","column","severity","code","message","hint"}. */
void diags_print_json(const struct diags *diags, struct buf *out);

/* The name in @names that is nearest to @name within two edits (and at most half its length), as
 * a hint "did you mean 'x'?" in @arena, else the empty slice. */
struct str diag_nearest(struct arena *arena, struct str name, const struct str *names, size_t n);
/* All of them, as a hint "one of: a, b" in @arena; empty when there are none, or so many (4,000
 * bytes) that nobody would read them. */
struct str diag_one_of(struct arena *arena, const struct str *names, size_t n);

#endif
