/* What is missed in many places is one finding: the first place is told, and how many others there
 * are. */
#ifndef TENSTEP_BASE_MISSED_H
#define TENSTEP_BASE_MISSED_H

#include "bot/base/diag.h"

struct missed_name;

struct missed {
	struct diags *diags;
	struct missed_name *name;
	size_t n;
};

/* Whether that thing of that kind ("I007", a word of the caller's own) was missed before.  If not,
 * the caller's next finding tells it. */
bool missed_before(struct missed *missed, const char *kind, struct str name);
/* Adds to each finding in how many other places it holds, and begins anew. */
void missed_end(struct missed *missed);

#endif
