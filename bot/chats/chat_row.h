/* What varies between the plays of one test: a row of its table, or an example of an intent. */
#ifndef TENSTEP_CHATS_CHAT_ROW_H
#define TENSTEP_CHATS_CHAT_ROW_H

#include "bot/chats/chat_run.h"

struct chat_row {
	const struct str *column, *cell;
	size_t n; /* 0: nothing varies */
};

/* The row of play @number; chat_plays() says how many there are. */
struct chat_row chat_row_of(const struct chat_stage *stage, const struct chat_test *test,
	size_t number, struct arena *arena);
/* With the row's cells in the holes; in @arena. */
struct str chat_row_fill(struct arena *arena, struct str text, const struct chat_row *row);
struct chat_turn chat_row_fill_turn(
	struct arena *arena, struct chat_turn turn, const struct chat_row *row);

#endif
