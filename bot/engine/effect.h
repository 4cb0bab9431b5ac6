/* What to do: the only way anything gets out of the engine.  Effects name meaning, not transport.
 */
#ifndef TENSTEP_ENGINE_EFFECT_H
#define TENSTEP_ENGINE_EFFECT_H

#include "bot/base/value.h"

enum effect_kind {
	EFFECT_SAY,     /* one bubble, perhaps with choices and a card */
	EFFECT_CALL,    /* ask the shop; answered by an EVENT_ANSWER with the same number */
	EFFECT_HANDOFF, /* a person is needed: the card */
	EFFECT_NOTE,    /* a milestone or a rating to keep */
	EFFECT_WATCH,   /* notices about this order are wanted from now on (or no longer) */
	EFFECT_ENDED,   /* a flow that the buyer started is finished */
};

struct choice {
	struct str id; /* what a press sends back; its value, not its place */
	struct str label;
};

struct effect {
	enum effect_kind kind;
	struct str flow, step; /* where it comes from, by name; SAY of the engine itself: empty */
	int64_t at_ms;         /* the session's time then; 0: not the engine's */
	union {
		struct {
			struct str text;
			const struct choice *choice;
			size_t n_choices;
			const struct value *card; /* a record, or NULL */
			bool again;               /* a question that was asked before */
			bool question;            /* an answer is waited for */
		} say;
		struct {
			unsigned number; /* counts up in the conversation */
			const struct operation *op;
			const struct value *args; /* a record of texts, numbers, lists */
			struct str buyer;         /* proven; empty when the operation needs none */
			struct str key; /* of a writing call: the same decision has the same key */
			bool confirmed; /* by a clear yes, which this call uses up */
		} call;
		struct {
			struct str queue;
			const struct value *card; /* {buyer, name, channel, order, summary, flow,
						     step, tried, promised, last_said} */
		} handoff;
		struct {
			struct str name;
			const struct value *values; /* a record, may be empty */
		} note;
		struct {
			struct str event, of, starts;
			bool stop;
		} watch;
		struct {
			struct str outcome;
		} ended;
	};
};

#endif
