/* The tables of what conversations keep, once it is out of the journal.
 *
 * A row of .conversation says no more than where its newest piece is: it is short, so that those of
 * a million lie on few pages.  A piece is a row of the journal again, with the newest session and
 * the posts that came with it; it is only ever added at the end of its table, where others are
 * added too, and says which piece is before it.  So what woke a conversation that nobody has talked
 * in for long is one row that is read and one that is added; where neighbours lie is not touched.
 * When there are table_most_pieces, their posts become a row of .posts and the pieces go. */
#ifndef TENSTEP_ADAPTERS_STORE_TABLES_H
#define TENSTEP_ADAPTERS_STORE_TABLES_H

#include "adapters/store/sqlite/sqlite.h"
#include "adapters/store/moves.h"
#include "bot/engine/post.h"

/* A post whose body is still (or again) bytes of value_encode(). */
struct kept_post {
	uint32_t n;
	int64_t at_ms;
	enum post_who who;
	struct str name, mid, body;
};

struct kept_session {
	int64_t saved, due_ms; /* due_ms 0: none */
	struct str bytes;
};

enum { table_most_pieces = 6 };

/* Where a conversation is. */
struct kept_place {
	int64_t number; /* its own in these tables; 0: it is not there */
	int64_t piece;  /* its newest */
	uint32_t n_pieces;
	uint32_t n_older;   /* posts up to this one are in .posts, those behind it in pieces … */
	uint32_t last_post; /* … up to this one */
	bool has_mids;      /* it may have rows in .mid */
	bool has_row;       /* in .conversation … */
	bool is_timed;      /* … with a timer */
};

struct kept_piece {
	struct kept_place place;
	int64_t before;   /* the piece that was the newest; 0: there was none */
	int64_t seq;      /* of the newest row of the journal that was folded into it */
	struct str name;  /* of the conversation */
	struct str bytes; /* of journal_row_encode(), without ids */
};

/* The newest piece of the conversation of this name; false: there is none, or reading failed.
 * @key: JOURNAL_KEY.  @moves, here and below: NULL where there are none. */
bool table_find(struct sql *sql, const struct moves *moves, uint64_t key, struct str name,
	struct arena *arena, struct kept_piece *piece) MUST_CHECK;
/* The same by its number. */
bool table_read(struct sql *sql, const struct moves *moves, int64_t number, struct arena *arena,
	struct kept_piece *piece) MUST_CHECK;

/* A number for a new conversation.  It is there when its first piece is. */
int64_t table_new_number(struct sql *sql, uint64_t key, struct str name);
/* Adds a piece; where it stands then is its .place.  @session is in its bytes; NULL: none is. */
void table_add_piece(struct sql *sql, struct moves *moves, struct kept_piece *piece,
	const struct kept_session *session);
/* All pieces go; posts up to @n_older are in .posts by now. */
void table_drop_pieces(struct sql *sql, struct kept_place *place, uint32_t n_older);
/* The bytes of all pieces, the oldest first; how many there are. */
size_t table_pieces(struct sql *sql, const struct kept_place *place, struct arena *arena,
	struct str bytes[table_most_pieces]);
/* Several posts, the last of them @n, as bytes of journal_row_encode(). */
void table_add_posts(struct sql *sql, int64_t number, uint32_t n, int64_t at_ms, struct str bytes);
/* An id of a message.  Those of a conversation's first posts need none of this: they are looked for
 * in the posts, of which there are some rows; behind them each has a row of its own, at a place of
 * its own, which costs more than all else that a turn puts into the tables. */
enum { table_posts_with_mid = 8000 };
void table_add_mid(struct sql *sql, int64_t number, struct str mid, int64_t at_ms);

typedef void kept_due_function(void *self, struct str conversation, int64_t due_ms);
void table_due(struct sql *sql, int64_t until_ms, kept_due_function *each, void *self);

/* @arena is for scratch; what was in it is gone. */
bool table_has_mid(
	struct sql *sql, const struct kept_place *place, struct str mid, struct arena *arena);
/* All of them, some twice, or more than @max. */
typedef void kept_mid_function(void *self, struct str mid);
void table_mids(struct sql *sql, const struct kept_place *place, int64_t max, struct arena *arena,
	kept_mid_function *each, void *self);
/* Those from @first to @last, in order; their slices live during the call, those of pieces until
 * @arena, in which they are, is reset. */
typedef void kept_post_function(void *self, const struct kept_post *post);
void table_posts(struct sql *sql, const struct kept_place *place, uint32_t first, uint32_t last,
	struct arena *arena, kept_post_function *each, void *self);

/* Erases all rows of one conversation. */
void table_erase(struct sql *sql, struct moves *moves, const struct kept_piece *newest);

/* Conversations that may be idle since @before (Unix seconds), up to @max of those behind @saved
 * and @number, in that order: when one was saved last is noted when it is new and when it is asked
 * here, not each time. */
typedef void kept_number_function(void *self, int64_t number, int64_t saved);
void table_idle(struct sql *sql, int64_t before, int64_t saved, int64_t number, int max,
	kept_number_function *each, void *self);
void table_note_saved(struct sql *sql, int64_t number, int64_t saved);

/* Single numbers. */
enum table_number {
	COUNT_SESSIONS, /* how many rows there are of what is too much to be counted each time */
	COUNT_POSTS,
	JOURNAL_FOLDED, /* all rows of the journal up to this one are */
	JOURNAL_FILES,  /* which of its files are there, a bit each: one that is gone is missed */
	JOURNAL_KEY,
};
int64_t table_number(struct sql *sql, enum table_number of);
void table_counted(struct sql *sql, enum table_number of, int64_t more);
void table_set_number(struct sql *sql, enum table_number of, int64_t number);

#endif
