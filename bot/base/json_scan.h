/* The strict scanner: for json.c, and for json_flat.c.  Nobody else uses it. */
#ifndef TENSTEP_BASE_JSON_SCAN_H
#define TENSTEP_BASE_JSON_SCAN_H

#include "bot/base/json.h"

/* Where a value, and the key in front of it, stands. */
struct json_mark {
	struct stretch value, key;
	bool big;        /* a whole number that is a text (JSON_BIG_AS_TEXT) */
};

/* What is left of a text that was accepted: a mark a value, parents first, in the order of the text;
 * none for "//" members. */
struct json_scan {
	struct json_mark *mark;
	size_t n_marks;
};

enum { json_number_length = 60 };    /* no number has more characters, but one that is a text */

/* A flag: the marks go where out->mark is, which has room for as many as there may be values. */
enum { JSON_MARKS_THERE = 1 << 8 };

/* As json_parse(), with the same arguments.  False: a finding was added, @out is empty; else the
 * caller releases it. */
bool json_scan(const struct source *source, unsigned flags, const struct json_limits *limits,
	struct diags *diags, struct json_scan *out) MUST_CHECK;
void json_scan_release(struct json_scan *scan);

#endif
