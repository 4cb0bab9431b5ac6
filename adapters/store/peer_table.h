/* The table of peers. */
#ifndef TENSTEP_ADAPTERS_STORE_PEER_TABLE_H
#define TENSTEP_ADAPTERS_STORE_PEER_TABLE_H

#include "adapters/store/sqlite/sqlite.h"
#include "adapters/store/store_peers.h"

/* How it stands with row @seq of the journal. */
void peer_table_put(struct sql *sql, const struct store_peer *peer, int64_t seq);

typedef void peer_table_function(void *self, const struct store_peer *peer, int64_t seq);
/* Not called: it is not there. */
void peer_table_find(
	struct sql *sql, struct str conversation, peer_table_function *each, void *self);
/* The row that it stands with; 0: it is not there. */
int64_t peer_table_seq(struct sql *sql, struct str conversation);
/* Of those that wait, a few: from @from_ms up to, and without, the time that is returned.
 * INT64_MAX: all from @from_ms on. */
int64_t peer_table_waiting(struct sql *sql, struct str account, int64_t from_ms,
	peer_table_function *each, void *self);

#endif
