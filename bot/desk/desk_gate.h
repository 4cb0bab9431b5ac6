/* Who may use the desk: a bearer token, and a limit on guessing it. */
#ifndef TENSTEP_DESK_DESK_GATE_H
#define TENSTEP_DESK_DESK_GATE_H

#include "bot/base/str.h"

enum gate_answer {
	GATE_OPEN,
	GATE_WRONG,  /* no token, or not the right one */
	GATE_LOCKED, /* too many wrong ones from there: not even looked at */
};

enum { gate_places = 256, gate_tries = 5, gate_window_ms = 60 * 1000 };

/* Zeroed memory is a gate that nobody has tried. */
struct desk_gate {
	struct gate_place {
		uint64_t address; /* hashed; two that meet share a limit */
		int64_t since_ms;
		unsigned wrong;
	} place[gate_places];
};

/* @authorization is the header's value.  An empty @token opens to nobody.  Five wrong ones within a
 * minute from one address (IPv6: from its /64) close it to that address until the minute is over;
 * none is not a wrong one.  When more addresses than places are guessing, the one that began first
 * is forgotten. */
enum gate_answer desk_gate_check(struct desk_gate *gate, struct str token, struct str authorization,
	struct str address, int64_t now_ms);

#endif
