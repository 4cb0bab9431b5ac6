/* One line of a conversation's transcript: what somebody said or did, as every channel shows it. */
#ifndef TENSTEP_ENGINE_POST_H
#define TENSTEP_ENGINE_POST_H

#include "bot/base/value.h"

enum post_who {
	POST_BUYER,
	POST_BOT,
	POST_PERSON, /* somebody of the shop */
	POST_NOTE,   /* about the conversation: a person joined, left … */
};
extern const char *const post_who_name[4]; /* "buyer", "bot", "person", "note" */

/* @body is a record; what is absent does not apply:
 *
 *   text      what is said, plain text of the flow or the buyer; lines are separated by "\n"
 *   choices   BOT: a list of {id, label}
 *   card      BOT: a record as flows/OPERATIONS.md describes orders, refunds and returns
 *   question  BOT: true when an answer is waited for
 *   again     BOT: true for a question that was asked before
 *   choice    BUYER: the id of the choice that was pressed; text is its label
 *   file      BUYER: {id, name, type, bytes}; text is empty
 *             PERSON: the same of a picture; text may be empty
 *   note      NOTE: "joined", "handed_back", "put_back" …; text says it in words
 */
struct post {
	uint32_t n;    /* counts up from 1 in its conversation, without gaps */
	int64_t at_ms; /* never smaller than the one before */
	enum post_who who;
	struct str name; /* PERSON: the given name to show; else empty */
	struct str mid;  /* the message's id, as the channel or the desk gave it; may be empty */
	const struct value *body;
	struct str bytes; /* @body as value_encode() writes it; empty: it is not at hand */
};

/* The same post with another body, or with a copy of its own that outlives the bytes. */
static inline struct post post_with_body(const struct post *post, const struct value *body)
{
	struct post other = *post;

	other.body = body;
	other.bytes = S("");
	return other;
}

#endif
