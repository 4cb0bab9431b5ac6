/* The tables of what conversations keep, once it is out of the journal. */
#ifndef TENSTEP_ADAPTERS_STORE_TABLES_H
#define TENSTEP_ADAPTERS_STORE_TABLES_H

#include "adapters/store/sqlite/sqlite.h"
#include "bot/engine/post.h"

/* A post whose body is still (or again) bytes of value_encode(). */
struct kept_post {
	uint32_t n;
	int64_t at_ms;
	enum post_who who;
	struct str name, mid, body;
};

/* Conversations have a number in these tables; 0: there is none of this name.  @seq: of the newest
 * row of the journal that was folded into it. */
int64_t table_find(struct sql *sql, struct str conversation, int64_t *seq);
int64_t table_add(struct sql *sql, struct str conversation);

struct kept_session {
	int64_t saved, due_ms; /* due_ms 0: none */
	struct str bytes;
};
void table_save(struct sql *sql, int64_t session, const struct kept_session *kept, int64_t seq);
void table_folded(struct sql *sql, int64_t session, int64_t seq);
void table_add_post(struct sql *sql, int64_t session, const struct kept_post *post);
/* Several posts, the last of them @n, as bytes of journal_row_encode(). */
void table_add_chunk(struct sql *sql, int64_t session, uint32_t n, int64_t at_ms, struct str bytes);
/* An id of a message.  Those of a conversation's first posts need none of this: they are looked for
 * in the posts, of which there are a few rows; behind them each has a row of its own. */
enum { table_posts_with_mid = 2000 };
void table_add_mid(struct sql *sql, int64_t session, struct str mid, int64_t at_ms);

bool table_load(
	struct sql *sql, int64_t session, struct arena *arena, struct str *bytes) MUST_CHECK;
typedef void kept_due_function(void *self, struct str conversation, int64_t due_ms);
void table_due(struct sql *sql, int64_t until_ms, kept_due_function *each, void *self);

uint32_t table_last_post(struct sql *sql, int64_t session);
/* @arena is for scratch. */
bool table_has_mid(struct sql *sql, int64_t session, struct str mid, struct arena *arena);
/* All of them, some twice, or more than @max. */
typedef void kept_mid_function(void *self, struct str mid);
void table_mids(struct sql *sql, int64_t session, int64_t max, struct arena *arena,
	kept_mid_function *each, void *self);
/* Those from @first to @last, in order; @arena is for scratch. */
typedef void kept_post_function(void *self, const struct kept_post *post);
void table_posts(struct sql *sql, int64_t session, uint32_t first, uint32_t last,
	struct arena *arena, kept_post_function *each, void *self);

/* Erases all rows of one session. */
void table_erase(struct sql *sql, int64_t session);

/* Single numbers. */
enum table_number {
	COUNT_SESSIONS, /* how many rows there are of what is too much to be counted each time */
	COUNT_POSTS,
	JOURNAL_FOLDED, /* all rows of the journal up to this one are */
	JOURNAL_KEY,
};
int64_t table_number(struct sql *sql, enum table_number of);
void table_counted(struct sql *sql, enum table_number of, int64_t more);
void table_set_number(struct sql *sql, enum table_number of, int64_t number);

#endif
