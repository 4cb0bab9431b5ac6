/* Peers in memory: what the open transaction changes, what the journal's files have and the tables
 * do not yet, and what was in use a moment ago.  Of those that wait, the soonest are here: as long
 * as nothing is due that the book does not know of, nobody needs to ask the tables. */
#ifndef TENSTEP_ADAPTERS_STORE_PEER_BOOK_H
#define TENSTEP_ADAPTERS_STORE_PEER_BOOK_H

#include "adapters/store/store_peers.h"

struct peer_book;

struct peer_book *peer_book_new(void) MUST_CHECK;
void peer_book_free(struct peer_book *book); /* NULL is fine */

/* How a peer stands, with what the open transaction has changed; lives until it changes again.
 * NULL: it is not in the book. */
const struct store_peer *peer_book_find(struct peer_book *book, struct str conversation);
/* It stands so in the tables, with row @seq of the journal; what the book knows is newer. */
void peer_book_learn(struct peer_book *book, const struct store_peer *peer, int64_t seq);

/* In the open transaction; what changes nothing is no change. */
void peer_book_change(struct peer_book *book, const struct store_peer *peer);
/* All changes, in the order in which they began. */
typedef void peer_book_function(void *self, const struct store_peer *peer);
void peer_book_changes(struct peer_book *book, peer_book_function *each, void *self);
/* They are committed, as rows of the journal from @seq + 1 on; the last of them. */
int64_t peer_book_commit(struct peer_book *book, int64_t seq, bool in_table);
/* The same into the files, but it may still fail: one of the two follows, before the next commit.
 * Until then nothing is folded or forgotten. */
int64_t peer_book_commit_maybe(struct peer_book *book, int64_t seq);
void peer_book_sure(struct peer_book *book);
void peer_book_undo(struct peer_book *book); /* without an open transaction */
void peer_book_roll_back(struct peer_book *book);

/* Those that are not in the table as they stand, and the seq of the oldest of their rows. */
size_t peer_book_unfolded(const struct peer_book *book);
bool peer_book_is_unfolded(struct peer_book *book, struct str conversation);
int64_t peer_book_oldest(const struct peer_book *book); /* INT64_MAX: there is none */
struct kept_peer {
	struct store_peer peer;
	int64_t seq;
};
/* At most @max of them, the oldest first, in @arena. */
size_t peer_book_list(const struct peer_book *book, size_t max, struct arena *arena,
	struct kept_peer **list) MUST_CHECK;
/* It stands so in the table now. */
void peer_book_folded(struct peer_book *book, const struct kept_peer *kept);

/* Not while a transaction changes it. */
void peer_book_forget(struct peer_book *book, struct str conversation);
/* Forgets what is in the tables: what is too much, and all. */
void peer_book_cool(struct peer_book *book);
void peer_book_clear(struct peer_book *book);

/* All of an account whose time in the tables is before this one are in the book. */
int64_t peer_book_known(struct peer_book *book, struct str account);
void peer_book_know(struct peer_book *book, struct str account, int64_t until_ms);
/* Those in the book: the soonest up to @until_ms, at most @limit, and the time of the first (0:
 * none).  They live until one changes. */
size_t peer_book_due(struct peer_book *book, struct str account, int64_t until_ms, size_t limit,
	const struct store_peer **due) MUST_CHECK;
int64_t peer_book_next(struct peer_book *book, struct str account);

#endif
