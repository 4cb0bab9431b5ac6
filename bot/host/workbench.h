/* Memory that a turn works in, shared by hosts that take turns: only the one that is at work has
 * its session decoded.  Arenas are reused from turn to turn, so that a turn asks the system for
 * nothing. */
#ifndef TENSTEP_HOST_WORKBENCH_H
#define TENSTEP_HOST_WORKBENCH_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

struct host;

struct workbench {
	/* Each step lives in an arena of its own until the next turn begins; arena[0] holds the
	 * session that the turn began with, arena[n_busy - 1] the present one, which points into
	 * those before it. */
	struct arena **arena;
	size_t n_arenas, n_busy;
	struct arena *lists;  /* of this turn */
	struct arena *posts;  /* what is posted; the sharer's, who may want it longer than the turn:
			       * who does not say so gets @lists */
	struct buf bytes;     /* what is being encoded: a session, a post */
	struct host *at_work; /* whose session is in the arenas; NULL: nobody's */
};

struct workbench *workbench_new(void) MUST_CHECK;
void workbench_free(struct workbench *bench); /* NULL is fine */

struct arena *workbench_next(struct workbench *bench);
/* Gives back all arenas but the newest, which becomes arena[0]. */
void workbench_recycle(struct workbench *bench);
/* Gives back everything. */
void workbench_clear(struct workbench *bench);

#endif
