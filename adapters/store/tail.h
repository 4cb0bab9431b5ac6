/* The tail: what is in the journal and not folded yet, by conversation, in memory as well as in the
 * file: what was written just now is what is read next.  Conversations that were folded are
 * remembered for a while, so that the next message of one needs no search. */
#ifndef TENSTEP_ADAPTERS_STORE_TAIL_H
#define TENSTEP_ADAPTERS_STORE_TAIL_H

#include "adapters/store/journal_row.h"

/* A row that is not folded. */
struct tail_row {
	struct tail_row *next, *prev; /* of the same conversation */
	int64_t seq;
	bool in_table;           /* and not in one of the journal's files */
	uint32_t first, n_posts; /* its posts are first … first + n_posts - 1 */
	size_t n_mids, n_bytes;
	uint64_t mid[]; /* str_hash() of the ids in it, those of its posts too; then its bytes */
};

enum { tail_max_ids = 65536 }; /* of a conversation that are kept in memory; a few bytes each */

/* A conversation with such rows, or one that had some. */
struct tail_entry {
	struct str conversation;
	struct kept_place place;       /* in the tables */
	uint32_t last_post;            /* those in rows here too */
	int64_t session_seq;           /* the newest row with a session; 0: none here */
	int64_t saved, due_ms;         /* of that */
	struct tail_row *row, *newest; /* in order of seq; NULL: all are folded */
	uint32_t n_rows;
	/* Hashes of all ids that it ever had, wherever those are: a few as a list, more as a table
	 * with empty places (0). */
	bool knows_ids, asked_ids;
	uint32_t n_ids, id_room;
	uint32_t *id;
};

struct tail;

struct tail *tail_new(void) MUST_CHECK;
void tail_free(struct tail *tail); /* NULL is fine */

size_t tail_rows(const struct tail *tail);
size_t tail_bytes(const struct tail *tail);
size_t tail_entries(const struct tail *tail); /* with rows */
/* What is in the rows and not in the tables. */
int64_t tail_new_sessions(const struct tail *tail);
int64_t tail_posts(const struct tail *tail);

/* NULL: it is not remembered. */
struct tail_entry *tail_find(struct tail *tail, struct str conversation);
/* The row @seq, above all others, was written; @bytes are what it was encoded to.  @place is how
 * the conversation stood in the tables before its first row here. */
struct tail_row *tail_add(struct tail *tail, struct str conversation,
	const struct kept_place *place, int64_t seq, const struct journal_row *row,
	struct str bytes);
/* The @n oldest rows of @entry were folded into @place.  @more: of those that it had then others
 * are still to be folded, and it stays among the oldest; else those that are left count as added
 * now: they are new. */
void tail_folded(struct tail *tail, struct tail_entry *entry, const struct kept_place *place,
	size_t n, bool more);
/* The rows above @seq were not written after all; not while anything is being folded. */
void tail_undo(struct tail *tail, int64_t seq);
void tail_forget(struct tail *tail, struct str conversation);
/* Forgets up to @n of those without rows, the ones that were folded longest ago first. */
void tail_cool(struct tail *tail, size_t n);

/* Those with rows: the one that has had some for longest, and the one after it; NULL at the end. */
struct tail_entry *tail_oldest(const struct tail *tail);
struct tail_entry *tail_next(const struct tail_entry *entry);
/* Of its rows those with a seq up to @seq, @most at the most. */
size_t tail_rows_up_to(const struct tail_entry *entry, int64_t seq, size_t most);

struct str tail_row_bytes(const struct tail_row *row);
/* Whether a row may hold this id: true is right nearly always, false always. */
bool tail_row_may_hold(const struct tail_row *row, struct str mid);

/* Ids that are in the tables, told once, which asked_ids says; @complete: these are all.  Those of
 * its rows are known anyway. */
void tail_learn_ids(struct tail_entry *entry, const struct str *mid, size_t n, bool complete);
/* False: surely not; else look. */
bool tail_may_know(const struct tail_entry *entry, struct str mid);

/* Those whose timer is due up to @until_ms, in no order. */
typedef void tail_due_function(void *self, const struct tail_entry *entry);
void tail_due(struct tail *tail, int64_t until_ms, tail_due_function *each, void *self);

#endif
