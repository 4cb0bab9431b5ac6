/* What a turn of a conversation test brought, kept after the host has gone on. */
#ifndef TENSTEP_CHATS_CHAT_SEEN_H
#define TENSTEP_CHATS_CHAT_SEEN_H

#include "bot/host/host.h"

struct seen_bubble {
	struct str flow, step; /* of the engine itself: "engine" and empty */
	struct str text;
	const struct choice *choice;
	size_t n_choices;
	const struct value *card; /* NULL: none */
};

struct seen_call {
	unsigned number;
	struct str op;
	const struct value *args;
	bool made, answered; /* in this turn; answered ones may have been made earlier */
	enum outcome outcome;
};

struct seen_item { /* hand-offs and notes: a name and a record; finished flows: a name and an
		      outcome */
	struct str name, outcome;
	const struct value *value;
};

/* Everything lives in .arena. */
struct seen {
	struct arena *arena;
	bool read; /* a message was understood in it: the next fields are about it */
	enum level level;
	enum decision decision;
	struct str intent; /* joined by ',' */
	bool negated;
	int score, lead;
	struct fix *fix;
	size_t n_fixes;
	struct str digression, corrected, corrected_from, corrected_to;
	struct str fault; /* the first one */
	struct str explain;
	struct seen_bubble *bubble;
	size_t n_bubbles;
	struct seen_call *call;
	size_t n_calls;
	struct seen_item *handoff, *note, *ended;
	size_t n_handoffs, n_notes, n_ended;
	struct visit *visit;
	size_t n_visits;
};

/* Adds what @turn brought; a turn of the test may be several of the host's. */
void seen_add(struct seen *seen, const struct host_turn *turn, const struct flow_set *flows);

/* "A-1001" for a record with that number; lists as "[a, b]". */
struct str seen_name(struct arena *arena, const struct value *value);

#endif
