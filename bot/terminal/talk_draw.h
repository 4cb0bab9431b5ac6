/* How a turn looks in a terminal. */
#ifndef TENSTEP_TERMINAL_TALK_DRAW_H
#define TENSTEP_TERMINAL_TALK_DRAW_H

#include <stdio.h>

#include "bot/host/host.h"

struct view {
	FILE *to;
	bool colour;
	size_t width; /* columns */
};

/* The width of the terminal that @to is, else COLUMNS, else 80; at most 100: longer lines are hard
 * to read. */
size_t view_width(FILE *to);

/* What was said: bubbles, cards, numbered choices; false if nothing was.  The choices that a number
 * picks now, valid as long as the turn, go to @choice. */
bool draw_turn(const struct view *view, const struct host_turn *turn, const struct choice **choice,
	size_t *n_choices);
void draw_card(const struct view *view, const struct value *card);
/* One bubble, wrapped. */
void draw_bubble(const struct view *view, struct str text);
/* A line about the program, not of the bot. */
void draw_aside(const struct view *view, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
