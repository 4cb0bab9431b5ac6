/* An order API as the program calls it: a shop behind a table of functions.  The operations and the
 * fields of their answers are those of flows/OPERATIONS.md. */
#ifndef TENSTEP_ADAPTERS_ORDER_ORDER_API_H
#define TENSTEP_ADAPTERS_ORDER_ORDER_API_H

#include "bot/base/value.h"

enum order_outcome {
	ORDER_OK,
	ORDER_REFUSED, /* surely not done; the answer is {why, why_text} */
	ORDER_FAILED,  /* surely not done: the shop could not be asked */
	ORDER_UNKNOWN, /* writing operations only: sent, and no answer */
	ORDER_LATER,   /* under way: the answer comes to order_api.answered, exactly once, and
			* within 60 s; after that it counts as ORDER_UNKNOWN */
};

struct order_request {
	struct str operation;     /* "orders.cancel" */
	struct str buyer;         /* the proven buyer; empty: nobody.  The shop checks it again */
	struct str who;           /* the conversation, for limits on guessing */
	const struct value *args; /* a record; may be NULL */
	struct str key;           /* one decision of the buyer; empty: none.  What was done under a
				   * key is answered again, never done again */
	unsigned number; /* of the call in its conversation; comes back with a late answer */
	bool again;      /* it may have left before (a kill, a time-out): the shop is asked what
			  * became of it before anything is sent a second time.  FAILED then says
			  * nothing about the earlier try, and REFUSED is believed when that is five
			  * minutes old.  Who gets UNKNOWN asks again so after 2 s, 5 s, 15 s, 60 s,
			  * ... for a day: an API need not do that by itself */
	int64_t since;   /* again: when it may first have left, Unix seconds */
};

struct order_answer {
	const struct value *value; /* NONE unless ok or refused */
	int64_t took_ms;           /* how long the shop pretends to have needed; 0 in real life */
};

/* Something that the shop or the carrier did.  What a call of ours changed is in that call's answer
 * and makes no notice. */
struct order_notice {
	int64_t id;
	int64_t at;
	struct str event; /* "refund.updated", "order.updated", "return.updated" */
	struct str buyer; /* whom it concerns */
	const struct value *fields;
};

/* A late answer to the call @number of @who; @value lives during the call.  Never from inside
 * order_api.call().  An answer with ORDER_UNKNOWN may be followed by one more, when the shop could
 * be asked after all. */
typedef void order_answered_function(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value);

struct order_api {
	/* Answers are built in @arena.  @answer is set unless the outcome is ORDER_LATER. */
	enum order_outcome (*call)(struct order_api *api, const struct order_request *request,
		struct arena *arena, struct order_answer *answer) MUST_CHECK;

	/* The oldest notice with an id above @after that was not taken yet; false: there is none.
	 * It comes again, after a crash too, until notice_taken() says that its consequences are
	 * stored; what concerns somebody else is left for them. */
	bool (*next_notice)(struct order_api *api, int64_t after, struct arena *arena,
		struct order_notice *notice) MUST_CHECK;
	void (*notice_taken)(struct order_api *api, int64_t id);

	/* Moves the shop's clock on and lets happen what is due until then.  An earlier time is
	 * ignored. False: the shop's storage failed.  A real API has no clock to move: NULL. */
	bool (*advance)(struct order_api *api, int64_t to_unix) MUST_CHECK;
	/* When something will happen by itself next; 0: nothing is planned.  NULL as above. */
	int64_t (*next_due)(struct order_api *api);

	/* Who is told of late answers; the dispatcher sets both while it lives, one that wraps
	 * another hands them on.  NULL: nobody listens.  A shop that always answers at once never
	 * calls it. */
	order_answered_function *answered;
	void *answered_self;

	void (*free)(struct order_api *api);
};

#endif
