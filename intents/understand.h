/* From a message to what it may mean: gate, normalise, repair, entities, match, negation, score,
 * decide. */
#ifndef TENSTEP_INTENTS_UNDERSTAND_H
#define TENSTEP_INTENTS_UNDERSTAND_H

#include "bot/base/value.h"
#include "intents/intent_set.h"

/* What the conversation adds to the words.  All arrays are the caller's and may be empty. */
struct context {
	int64_t now;                          /* Unix seconds UTC: "yesterday", "March 3" */
	const struct intent *const *expected; /* intents this step listens to (+40) */
	size_t n_expected;
	const struct intent *const *near; /* of the same flow (+15) */
	size_t n_near;
	const struct intent *const *below; /* of flows below on the stack (+8) */
	size_t n_below;
	/* Further words that repair may aim at: labels, product names, as shown to the buyer. */
	const struct str *word;
	size_t n_words;
};

struct fix {
	struct str from, to; /* "cancle" -> "cancel" */
};

enum entity_type {
	ENTITY_ORDER_NUMBER, /* text: the number as the shop writes it */
	ENTITY_ORDINAL,      /* int: 1 first … ; -1 the last */
	ENTITY_NUMBER,       /* int */
	ENTITY_MONEY,        /* record {amount, currency} */
	ENTITY_DATE,         /* int: Unix seconds of that day 00:00 UTC */
	ENTITY_EMAIL,        /* text, lower case */
	ENTITY_PHONE,        /* text: '+' and digits only */
	ENTITY_URL,
	ENTITY_CAPTURE, /* a named group of a raw regex */
};

struct entity {
	enum entity_type type;
	struct str name; /* "order_number", or the name given in the phrase */
	struct str raw;  /* as the buyer typed it; points into the message */
	const struct value *value;
};

/* One line of a score that adds up: "+24 explains 4 of 5 words". */
struct score_part {
	int points;
	struct str why;
};

struct candidate {
	const struct intent *intent;
	bool negated; /* "not cancel_order" */
	int score;
	struct str phrase; /* as the author wrote it; of a near miss, the nearest one */
	struct str span;   /* what it matched, in the normalised text */
	uint64_t cover[2];         /* tokens that stand in what it matched, a bit each */
	const struct score_part *part;
	size_t n_parts;
	struct str lacked; /* only from explain(): "return, send back" */
};

enum decision { DECIDE_NONE, DECIDE_CONFIRM, DECIDE_CLARIFY, DECIDE_ACCEPT };
extern const char *const decision_name[4]; /* "none", "confirm", "clarify", "accept" */

struct token {
	struct str text;   /* normalised and repaired */
	uint32_t from, to; /* bytes of the original message */
	bool unknown;      /* in no list */
};

struct reading {
	struct str raw;  /* the message */
	struct str text; /* what was matched: repaired words one blank apart */
	const struct token *token;
	size_t n_tokens;
	const struct fix *fix;
	size_t n_fixes;
	const struct entity *entity;
	size_t n_entities;
	const struct candidate *candidate; /* best first; "not x" is one of its own */
	size_t n_candidates;
	enum decision decision;
	/* What the decision is about: the first n_top of candidate[] (1 for accept and confirm; 2
	 * or 3 for clarify; 0 for none). */
	size_t n_top;
	const struct intent *second; /* another wish ("… and give me my money back"), or NULL */
	bool too_long;               /* past 600 characters or 120 words: not read */
	bool empty;                  /* nothing but blanks, punctuation or symbols */
	bool angry;                  /* signals of anger: capitals, swear words, "!!!" */
	bool question;               /* starts like a question or ends with '?' */
	unsigned n_tried;            /* phrases that the index let pass: for PCRE2 to decide */
	unsigned n_faults;           /* phrases that PCRE2 gave up on (never "did not match") */
};

/* Reads one message.  Anything goes in: broken UTF-8 is repaired first, @message may hold any
 * bytes.  The reading lives in @arena and points
 * into @message and the set.  Never fails. */
const struct reading *understand(struct intent_set *set, struct str message,
	const struct context *context, struct arena *arena);

/* The message of @reading, which is still there with all that it points to, under another context.
 * Mostly it is the message that @set read last: then only the scores are counted anew. */
const struct reading *understand_again(struct intent_set *set, const struct reading *reading,
	const struct context *context, struct arena *arena);

/* The same with near misses: every intent that almost matched is a candidate with score 0, the
 * nearest phrase and the words that it lacked.  For people; slower. */
const struct reading *understand_explained(struct intent_set *set, struct str message,
	const struct context *context, struct arena *arena);

/* Prints the explanation (without the cost line's time, which the caller knows).
 * @mask replaces private entities (e-mail, phone) by their kind. */
void reading_explain(const struct reading *reading, bool mask, struct buf *out);

#endif
