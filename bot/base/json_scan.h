/* The strict scanner: in front of cJSON, for json.c, and by itself, for json_flat.c.  Nobody else
 * uses it. */
#ifndef TENSTEP_BASE_JSON_SCAN_H
#define TENSTEP_BASE_JSON_SCAN_H

#include "bot/base/json.h"

/* Where a value, and the key in front of it, stands. */
struct json_mark {
	const void *node;              /* for json.c: which node of the tree it is */
	struct stretch value, key;
	bool apart;                    /* a text that the copy has empty */
};

/* What is left of a text that was accepted: the canonical copy for cJSON, and a mark a value, in
 * the order in which a walk of the tree (parents first) meets them.  Long texts without escapes are
 * not in the copy: cJSON looks at every byte twice, and json.c puts them in afterwards. */
struct json_scan {
	struct buf copy;
	struct json_mark *mark;
	size_t n_marks;
};

/* A flag: there is no copy, and the marks go where out->mark is, which has room for as many as there
 * may be values. */
enum { JSON_MARKS_ONLY = 1 << 8 };

/* As json_parse(), with the same arguments.  False: a finding was added, @out is empty; else the
 * caller releases it. */
bool json_scan(const struct source *source, unsigned flags, const struct json_limits *limits,
	struct diags *diags, struct json_scan *out) MUST_CHECK;
void json_scan_release(struct json_scan *scan);

#endif
