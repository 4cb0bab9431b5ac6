/* The conversation that was read from the tables last: a turn asks for the same one several times,
 * and everything that it asks for is in one row. */
#ifndef TENSTEP_ADAPTERS_STORE_GLANCE_H
#define TENSTEP_ADAPTERS_STORE_GLANCE_H

#include "adapters/store/journal_row.h"

struct kept {
	struct kept_piece piece; /* .place.number 0: there is no such conversation */
	struct journal_row row;  /* what is in it */
};

struct glance;

struct glance *glance_new(void) MUST_CHECK;
void glance_free(struct glance *glance); /* NULL is fine */

/* How the conversation stands in the tables; it lives until the next call for another one. */
const struct kept *glance_at(struct glance *glance, struct sql *sql, const struct moves *moves,
	uint64_t key, struct str conversation);
/* The tables change. */
void glance_forget(struct glance *glance);

#endif
