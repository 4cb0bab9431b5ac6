/* What happened: the only way anything gets into the engine. */
#ifndef TENSTEP_ENGINE_EVENT_H
#define TENSTEP_ENGINE_EVENT_H

#include "bot/base/value.h"

enum event_kind {
	EVENT_TEXT,       /* the buyer wrote */
	EVENT_PRESS,      /* the buyer pressed a choice */
	EVENT_ATTACHMENT, /* the buyer sent a picture, a voice message, a file, a place … */
	EVENT_ANSWER,     /* a call was answered, or surely was not */
	EVENT_AGAIN,      /* a call left again after a kill: its time begins anew */
	EVENT_TICK,       /* time passed: timers that are due fire */
	EVENT_NOTICE,     /* the shop says something changed */
	EVENT_AGENT,      /* a person of the shop did something */
	EVENT_BUYER,      /* the channel vouches for who is writing */
	EVENT_END,        /* the conversation is over (window closed, erased) */
};

enum outcome {
	OUTCOME_OK,
	OUTCOME_REFUSED, /* surely not done; answer.value.why */
	OUTCOME_FAILED,  /* surely not done: the shop was not reached */
	OUTCOME_UNKNOWN, /* sent, and no answer */
};
extern const char *const outcome_name[4]; /* "ok", "refused", "failed", "unknown" */

/* NOBODY: no person can take it over (closed, or nobody answered in time).  PUT_BACK: the person
 * leaves it to the next one in the queue. */
enum agent_action { AGENT_CLAIMED, AGENT_SAID, AGENT_HANDED_BACK, AGENT_NOBODY, AGENT_PUT_BACK };

/* Slices and values are the caller's; the engine copies what it keeps. */
struct event {
	enum event_kind kind;
	int64_t now_ms;  /* Unix time in milliseconds; never smaller than the last one's (else the
			    last one's is used) */
	uint64_t chance; /* random bits for this turn */
	struct str id;   /* the channel's id of the message: the same id again is ignored; may be
			    empty */
	struct str text; /* TEXT; PRESS: the choice's id; ATTACHMENT: "image", "voice", "file" …;
			    AGENT_SAID, empty when a picture says it all; NOTICE "call.settled": the
			    effect's key */
	struct str reference;      /* ATTACHMENT: where the channel keeps it; AGENT_HANDED_BACK:
				      "flow/step" or empty */
	struct str name;           /* NOTICE: "refund.updated"; AGENT: who; BUYER: the buyer's id */
	const struct value *value; /* ANSWER, NOTICE: a record; BUYER: {name}; else NULL */
	unsigned call;             /* ANSWER, AGAIN: the number of the call */
	enum outcome outcome;      /* ANSWER */
	enum agent_action action;  /* AGENT */
};

#endif
