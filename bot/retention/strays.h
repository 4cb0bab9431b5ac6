/* Stray uploads: files that came long ago, and that no message has named since.  Looked for folder
 * by folder, a few at a time. */
#ifndef TENSTEP_RETENTION_STRAYS_H
#define TENSTEP_RETENTION_STRAYS_H

#include "adapters/store/store.h"
#include "bot/web/uploads_walk.h"

struct strays {
	struct uploads *uploads;
	struct store *store;

	/* What follows is its own, and zero at first. */
	struct uploads_walk *walk;
	int64_t before_ms; /* of the round: younger files may still be named */
	int64_t judged_ms; /* folders that have not changed since were looked at in an earlier one
			    */
	/* Of this round. */
	size_t n_removed;
	bool has_failed; /* a conversation cannot be read: it keeps its files */
};

void strays_begin(struct strays *strays, int64_t before_ms);
/* Goes on with the round; false when it is over. */
bool strays_step(struct strays *strays) MUST_CHECK;
/* Gives the round up; the next one looks at all folders. */
void strays_stop(struct strays *strays);

#endif
