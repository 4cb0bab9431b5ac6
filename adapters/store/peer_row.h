/* How a peer stands, as a row of the journal's files: whole, so that its newest row is enough. */
#ifndef TENSTEP_ADAPTERS_STORE_PEER_ROW_H
#define TENSTEP_ADAPTERS_STORE_PEER_ROW_H

#include "adapters/store/store_peers.h"

/* All but the conversation, which is the row's name. */
void peer_row_encode(const struct store_peer *peer, struct buf *out);
/* Rather than what a conversation has added to itself (journal_row.h). */
bool peer_row_is(struct str bytes);
/* Refuses what encode did not write.  The slices point into @bytes and are @conversation. */
bool peer_row_decode(struct str bytes, struct str conversation, struct store_peer *peer) MUST_CHECK;

#endif
