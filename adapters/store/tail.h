/* The tail: which rows of the journal are not folded yet, by conversation.  In memory; what the
 * rows hold stays in the file. */
#ifndef TENSTEP_ADAPTERS_STORE_TAIL_H
#define TENSTEP_ADAPTERS_STORE_TAIL_H

#include "adapters/store/journal_row.h"

/* A row that is not folded. */
struct tail_row {
	struct tail_row *next; /* of the same conversation */
	int64_t seq;
	uint32_t first, n_posts; /* its posts are first … first + n_posts - 1 */
	size_t n_mids;
	uint64_t mid[]; /* str_hash() of the ids in it, those of its posts too */
};

/* A conversation with such rows. */
struct tail_entry {
	struct str conversation;
	int64_t session;               /* its number in the tables; 0: it is not there yet */
	uint32_t last_post;            /* wherever that is kept */
	int64_t session_seq;           /* the newest row with a session; 0: none here */
	int64_t saved, due_ms;         /* of that */
	struct tail_row *row, *newest; /* in order of seq */
};

struct tail;

struct tail *tail_new(void) MUST_CHECK;
void tail_free(struct tail *tail); /* NULL is fine */

size_t tail_rows(const struct tail *tail);
/* What is in the rows and not in the tables. */
int64_t tail_new_sessions(const struct tail *tail);
int64_t tail_posts(const struct tail *tail);

/* NULL: it has no such rows. */
struct tail_entry *tail_find(const struct tail *tail, struct str conversation);
/* The row @seq, above all others, was written.  @session and @last_post are how the conversation
 * stood in the tables before its first row here. */
void tail_add(struct tail *tail, struct str conversation, int64_t session, uint32_t last_post,
	int64_t seq, const struct journal_row *row);
/* The oldest row of @entry was folded into @session; the last one takes the entry along. */
void tail_folded(struct tail *tail, struct tail_entry *entry, int64_t session);
void tail_forget(struct tail *tail, struct str conversation);

/* Whether a row may hold this id: true is right nearly always, false always. */
bool tail_row_may_hold(const struct tail_row *row, struct str mid);

/* Those whose timer is due up to @until_ms, in no order. */
typedef void tail_due_function(void *self, const struct tail_entry *entry);
void tail_due(struct tail *tail, int64_t until_ms, tail_due_function *each, void *self);

#endif
