/* One conversation between the engine, the shop and the store: gives events to step(), does what
 * the effects ask for, and keeps time.  Used by `chat` and by the runner of .chat files; prints
 * nothing. */
#ifndef TENSTEP_HOST_HOST_H
#define TENSTEP_HOST_HOST_H

#include "adapters/order/order_api.h"
#include "bot/engine/post.h"
#include "bot/engine/step.h"
#include "flows/operation.h"

struct host;
struct workbench; /* bot/host/workbench.h */
struct store;     /* adapters/store/store.h */

/* How a turn gets to disk, for whoever commits several conversations at once.  NULL functions: each
 * turn is a commit of its own. */
struct host_commit {
	/* A transaction is open from now on. */
	bool (*open)(void *self);
	/* What was written so far must be on disk before a call leaves: commits, and opens the next
	 * one.  False: nothing of it was stored, and the host is not to be used again. */
	bool (*now)(void *self);
	void *self;
};

struct host_setup {
	struct model *model;     /* the host takes a reference of its own */
	struct order_api *shop;  /* the caller's; outlives the host */
	struct store *store;     /* the caller's; NULL: nothing is kept */
	struct str conversation; /* its name in the store and for limits on guessing */
	struct str channel, language;
	int64_t now_ms; /* virtual time begins here; a kept conversation may be later already */
	uint64_t seed;  /* of all chance: the same seed and events give the same turns */
	bool fresh;     /* forget what the store has of this conversation */
	struct host_commit commit;
	/* Shared with other hosts, the caller's; NULL: one of its own.  What a host gave is valid
	 * until any host of the bench is used. */
	struct workbench *bench;
	/* Time is the caller's: nothing waits for an answer that is not there yet, and notices are
	 * given to host_notice() by whoever reads them for all conversations. */
	bool served;
};

/* A call to the shop. */
struct host_call {
	unsigned number;
	const struct operation *op;
	const struct value *args;
	struct str buyer, key;
	bool confirmed; /* by the buyer's clear yes */
	bool made;      /* in this turn; false: in an earlier one, and answered now */
	bool answered;  /* false: still under way when the turn ended */
	enum outcome outcome;
	const struct value *value; /* of the answer */
};

/* An event with all that followed from it: calls and their answers, time that passed meanwhile,
 * timers, notices.  Valid until the host is used again. */
struct host_turn {
	const struct session *session; /* as it is now */
	const struct effect *effect;   /* of all steps, in order; EFFECT_CALL too */
	size_t n_effects;
	const struct trace *trace; /* one a step; [0] is about the event itself */
	size_t n_traces;
	const struct host_call *call;
	size_t n_calls;
	const struct post *post; /* what the transcript got */
	size_t n_posts;
	bool ignored;   /* the event was a duplicate or came too late */
	int64_t now_ms; /* when all of it was done */
};

/* Takes the conversation up from the store, or begins it.  NULL, with one line in @error, if the
 * store cannot be read. */
struct host *host_open(const struct host_setup *setup, struct buf *error) MUST_CHECK;
void host_close(struct host *host); /* NULL is fine */

/* Whether the store had the conversation. */
bool host_taken_up(const struct host *host);

/* After host_open(): finds out what became of calls that were under way when the program ended.
 * Reading calls are made again, at @now_ms (0: when it stood still), and whoever waits for an
 * answer waits from then on.  The outcome of a writing one is asked for under its key
 * (order_request.again), which the shop answers again and never does again.  NULL: nothing was
 * under way (or host_failed()). */
const struct host_turn *host_recover(struct host *host, int64_t now_ms);

/* Whether that may say something: an answer is waited for, a call was under way, or an outcome was
 * not told yet. */
bool host_may_recover(struct host *host);

/* Something happened now.  now_ms and chance of @event are filled in here.  While a call is under
 * way the turn waits for it, at most 3 s of virtual time; what takes longer comes with
 * host_advance(). All is in the store before this returns.  NULL: it could not be stored; then
 * host_error() says why and the conversation is as it was before. */
const struct host_turn *host_turn(struct host *host, const struct event *event);

/* A letter: the event with what only the transcript knows. */
struct host_said {
	struct str label;         /* PRESS: what the buyer saw on the button */
	const struct value *file; /* ATTACHMENT, AGENT_SAID: {id, name, type, bytes} */
};
const struct host_turn *host_turn_said(
	struct host *host, const struct event *event, const struct host_said *said);

/* The event is put into the transcript and goes no further: the engine does not see it.  The buyer
 * is told that a person will look at it, and there is a card.  NULL as above. */
const struct host_turn *host_set_aside(
	struct host *host, const struct event *event, const struct host_said *said);

/* The shop's notice, for a host that is served.  *wait: it comes at the wrong moment and is to be
 * given again; NULL then, and when it could not be stored. */
const struct host_turn *host_notice(
	struct host *host, const struct order_notice *notice, bool *wait);

/* The shop's answer to a call that it took with ORDER_LATER.  The value is the caller's. */
struct late_answer {
	unsigned number; /* of the call */
	struct str key;
	enum order_outcome outcome;
	const struct value *value; /* may be NULL */
};
/* It came now.  A turn in which nothing happened when no such call is under way.  NULL as above. */
const struct host_turn *host_answer(
	struct host *host, const struct late_answer *answer, int64_t now_ms);
/* Whether the shop has a call whose answer comes later; a host that is closed meanwhile forgets
 * which. */
bool host_is_calling(const struct host *host);

/* Time passes: answers, timers and the shop's own doings up to @to_ms, each at its time.  NULL as
 * above. A time that has passed already does nothing. */
const struct host_turn *host_advance(struct host *host, int64_t to_ms);
/* When something will happen by itself next; false: nothing is planned. */
bool host_next_due(struct host *host, int64_t *due_ms);

int64_t host_now(const struct host *host);
const struct session *host_session(struct host *host); /* until the host is used again */
/* "cannot write 'x': no room on the disk", after something returned NULL for that reason; else "".
 */
const char *host_error(const struct host *host);

/* Other content from now on. */
void host_use_model(struct host *host, struct model *model);
/* The session goes through its bytes, as it does between two turns of a server.  False: it does not
 * survive that. */
bool host_reread(struct host *host) MUST_CHECK;
/* As if the program had been killed and started again: what is not in the session's bytes is lost.
 * The caller goes on with host_recover(). */
bool host_restart(struct host *host) MUST_CHECK;
/* Puts another state in place of the conversation's (a test's start, going back); calls under way
 * are forgotten.  False: it could not be stored. */
bool host_put_session(struct host *host, const struct session *session) MUST_CHECK;

#endif
