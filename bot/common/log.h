/* The log: one JSON object a line.  Private values cannot get in by accident: text is given as
 * log_word() (a name of ours: a flow, a state), log_id() (hashed unless it is one of ours) or
 * log_private() (its length only). */
#ifndef TENSTEP_COMMON_LOG_H
#define TENSTEP_COMMON_LOG_H

#include <stdio.h>

#include "bot/base/buf.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log;

/* Writes to @to (not closed).  @from: what is lower is not written.  At most 200 lines a second,
 * what is above that is counted and told afterwards ("suppressed", with "lines"; log_free() tells
 * the last of them): a flood fills no disk.  The same happens to lines for which a pipe has no room:
 * nobody waits for a reader that is stuck.  Each line is one write: a reader sees whole lines.
 * {"time": "2026-02-03T04:05:06.007Z", "level": "info", "what": "listening", fields…} */
struct log *log_new(FILE *to, enum log_level from) MUST_CHECK;
void log_free(struct log *log); /* NULL is fine */

/* log_line(log, LOG_INFO, now_ms, "listening", log_word("address", a), log_int("port", p),
 * LOG_END); @what is a few fixed words.  A NULL log takes everything and writes nothing. */
struct log_field {
	const char *name; /* NULL: the end */
	enum { LOG_FIELD_INT, LOG_FIELD_WORD, LOG_FIELD_ID, LOG_FIELD_PRIVATE } kind;
	int64_t number;
	struct str text;
};
#define LOG_END ((struct log_field){0})
struct log_field log_int(const char *name, int64_t number);
struct log_field log_word(
	const char *name, struct str text); /* control bytes become spaces; ≤ 300 */
struct log_field log_id(
	const char *name, struct str id); /* the first 12 hex digits of its SHA-256 */
struct log_field log_private(const char *name, struct str text); /* "***" and the length */
void log_line(struct log *log, enum log_level level, int64_t now_ms, const char *what,
	const struct log_field *field);
#define LOG(log, level, now_ms, what, ...)                                                         \
	log_line((log), (level), (now_ms), (what), (const struct log_field[]){__VA_ARGS__, LOG_END})

#endif
