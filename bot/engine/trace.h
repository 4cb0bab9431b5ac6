/* Why a turn went as it went: printed by `:why`, checked by .chat tests. */
#ifndef TENSTEP_ENGINE_TRACE_H
#define TENSTEP_ENGINE_TRACE_H

#include "bot/engine/session.h"
#include "intents/understand.h"

/* Who got the message (flows/FORMAT.md). */
enum level {
	LEVEL_NOBODY,     /* no message: an answer, a timer, a notice */
	LEVEL_PERSON,     /* a person of the shop owns the conversation */
	LEVEL_SAFETY,     /* stop, a person: heard everywhere */
	LEVEL_ANSWER,     /* the expected answer */
	LEVEL_BUTTON,     /* a button that was still on screen */
	LEVEL_ON,         /* an intent that the waiting step listens to */
	LEVEL_CORRECTION, /* a shown value was corrected */
	LEVEL_INTENT,     /* an intent that starts a flow */
	LEVEL_CLARIFY,    /* "did you mean" */
	LEVEL_NO_MATCH,
	LEVEL_BUSY,    /* a call is under way: told to wait */
	LEVEL_REFUSED, /* too long, empty, an attachment nobody takes */
	N_LEVELS
};
extern const char *const level_name[N_LEVELS];

struct visit {
	const struct step *at; /* NULL: the edge led to no step, and .step is its word */
	struct str flow, step;
	struct str how;  /* the edge that led here: "then", "on no", "when order is set", "starts on
			    cancel_order" … */
	struct str from; /* the step it came from; empty: from outside the flow */
};

struct trace {
	const struct reading *reading; /* NULL: no text was read */
	enum level level;
	struct str at_flow, at_step; /* where the event came in; empty: nothing was open */
	struct str intent; /* what was decided about; several joined with ','; empty: none */
	bool negated;
	int score;
	enum decision decision;
	struct str digression; /* the flow that answers in between; empty: none */
	struct str corrected, corrected_from,
		corrected_to;      /* slot and its values as people read them */
	const struct visit *visit; /* steps entered, in order */
	size_t n_visits;
	struct str fault; /* a fault of the content that was met; empty: none */
};

/* The explanation of the turn for people: the reading, who got it, the steps.  @mask hides private
 * values. */
void trace_explain(const struct trace *trace, bool mask, struct buf *out);

#endif
