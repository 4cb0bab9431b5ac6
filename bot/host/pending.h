/* A call that left and is not done with: its answer is to come, its outcome is in doubt, or the
 * buyer has still to be told.  When the shop is asked again and when an outcome may be believed is
 * decided here; what is done about it, in host_call.c. */
#ifndef TENSTEP_HOST_PENDING_H
#define TENSTEP_HOST_PENDING_H

#include "adapters/store/store.h"
#include "bot/host/host.h"

/* A request may be on its way for so many seconds, and still be carried out. */
enum { pending_linger_s = 5 * 60 };

enum pending_stage {
	PENDING_KNOWN,     /* the answer is known and heard at due_ms */
	PENDING_UNDER_WAY, /* the shop has it and answers later; due_ms: nobody waits any longer */
	PENDING_LOST,      /* the program ended in between: the shop is asked at once */
	PENDING_DOUBT,     /* sent, and no answer: the shop is asked at due_ms */
	PENDING_FOLLOWS,   /* another call does the same and is looked at at due_ms */
	PENDING_UNTOLD,    /* the outcome is known; the buyer cannot be told just now */
};

struct pending {
	struct host_call call; /* outcome and value: of the last answer */
	enum pending_stage stage;
	int64_t due_ms;    /* pending_never: nothing happens by itself */
	int64_t since;     /* when it first left; Unix seconds like the next two */
	int64_t sent;      /* when it last left */
	int64_t doubt;     /* when a try of unknown fate last left; 0: none did */
	int64_t tries;     /* how often it left; FOLLOWS: how often the other was looked at */
	bool claimed;      /* it is in the store */
	bool resend;       /* it is about to leave once more */
	struct str leader; /* FOLLOWS: the key of the other */
	struct keep_claim *claim; /* while a turn is being stored */
};

extern const int64_t pending_never;

/* As the store has it. */
struct pending pending_of(const struct host_call *call, const struct store_effect *effect);

/* As after a kill. */
void pending_lose(struct pending *pending);

/* It leaves now.  The time until which an answer is waited for. */
int64_t pending_leaves(struct pending *pending, int64_t now_ms);

/* What the answer to a writing call means.  An answer that says "not done" is not believed while an
 * earlier try may still be on its way: then, and without an answer, UNKNOWN, and due_ms is when the
 * shop is to be asked next; after a day HUMAN. */
enum effect_state pending_judge(struct pending *pending, int64_t now_ms);

/* How a call that does the same stands.  UNKNOWN: look again at due_ms. */
enum effect_state pending_look(
	struct pending *pending, const struct store_effect *leader, int64_t now_ms);

#endif
