/* Which piece is the newest of a conversation, where its row of .conversation does not say so yet.
 *
 * The rows of conversations that nobody has talked in for long lie anywhere in their table: to
 * write that each has a new piece would be to write a page for each.  So it is noted here, in
 * memory and at the end of a table of its own, and when there are many such notes, those of a part
 * of all conversations go into their rows, several to a page; one part after the other. */
#ifndef TENSTEP_ADAPTERS_STORE_MOVES_H
#define TENSTEP_ADAPTERS_STORE_MOVES_H

#include "adapters/store/sqlite/sqlite.h"

struct moves;

struct moves *moves_new(void) MUST_CHECK;
void moves_free(struct moves *moves); /* NULL is fine */

/* What was noted in the file: once, before anything else.  An error sticks to @sql. */
void moves_read(struct moves *moves, struct sql *sql);

size_t moves_count(const struct moves *moves);
/* The newest piece of the conversation of this number; 0: its row says so. */
int64_t moves_find(const struct moves *moves, int64_t number);

/* In a transaction, which moves_commit() ends. */
/* @piece 0: the row says so from now on. */
void moves_put(struct moves *moves, int64_t number, int64_t piece);
/* What is more than @most goes into its rows, part by part; after it nothing more is put in this
 * transaction. */
void moves_lessen(struct moves *moves, struct sql *sql, size_t most);
/* The transaction with what was noted in it; both are undone together. */
enum sql_status moves_commit(struct moves *moves, struct sql *sql) MUST_CHECK;

#endif
