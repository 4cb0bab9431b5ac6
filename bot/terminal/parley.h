/* A chat with a person at a terminal: what is on screen, and the words that begin with ':'. */
#ifndef TENSTEP_TERMINAL_PARLEY_H
#define TENSTEP_TERMINAL_PARLEY_H

#include "bot/terminal/talk.h"
#include "bot/terminal/talk_draw.h"

struct parley {
	struct talk *talk;
	struct view view;
	struct arena *screen;        /* holds the choices */
	const struct choice *choice; /* that a number picks now */
	size_t n_choices;
	struct buf why; /* the last turn, explained */
	bool tracing, quit, failed;
};

void parley_init(struct parley *parley, struct talk *talk);
void parley_release(struct parley *parley);

/* Draws a turn; NULL tells why it could not be stored. */
void parley_show(struct parley *parley, const struct host_turn *turn);

/* A line that was typed: a word with ':', a choice by its number or its words, or a message. */
void parley_take(struct parley *parley, struct str line);

#endif
