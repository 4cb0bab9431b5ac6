/* What the parts of a host share: host.c (turns, time, storing), host_life.c (opened, at rest,
 * closed), host_call.c (calls to the shop), host_post.c (the transcript).  Nobody else includes
 * this. */
#ifndef TENSTEP_HOST_HOST_INSIDE_H
#define TENSTEP_HOST_HOST_INSIDE_H

#include "bot/host/host_keep.h"
#include "bot/host/pending.h"
#include "bot/host/workbench.h"

enum {
	max_late_bytes = 1 << 20,
	max_steps = 2000, /* of one turn: what keeps itself busy ends there */
	max_error_bytes = 400,
	patience_ms = 3000, /* virtual time that a turn waits for a call */
};

/* What is in the store: a turn that cannot be stored falls back to here. */
struct kept {
	struct session *session;
	int64_t now_ms;
	size_t home; /* the arena of the session */
	size_t n_effects, n_traces, n_calls, n_posts;
	uint32_t last_post;
	bool anything; /* of this turn */
};

struct host {
	struct model *model;
	struct order_api *shop;
	struct store *store;
	char *names; /* holds the next three */
	struct str conversation, channel, language;
	uint64_t seed;
	int64_t now_ms;
	bool taken_up, served;
	struct host_commit commit;
	struct buf error;

	struct workbench *bench;
	bool own_bench;
	struct session *session; /* on the bench; NULL: somebody else is at work, see @rest */
	char *rest;              /* the session's bytes */
	size_t n_rest, rest_room;
	bool rest_is_old;

	struct pending *pending;
	size_t n_pending;
	struct arena *late[2]; /* values of calls that outlive their turn; [0] is in use; NULL:
				  never needed */

	struct effect *effect;
	struct trace *trace;
	struct host_call *call;
	struct post *post;
	uint32_t last_post;
	uint64_t watch_mark;          /* of what the store has */
	const struct host_said *said; /* of the event that is being heard; NULL: nothing */
	const struct post *speaking;  /* what the event is in the transcript; NULL: nothing */
	struct keep_verdict *settled; /* what the store does not know yet */
	size_t n_settled;
	struct keep_told *told;
	size_t n_told;
	bool dirty; /* something is to be stored although there was no step */
	struct host_turn turn;
	unsigned n_steps;
	struct kept kept;
	int64_t passed_over; /* notices up to this one are nobody's here */
};

/* --- host_life.c --- */

/* Its session is on the bench from now on. */
void host_get_to_work(struct host *host);
/* Its session is bytes from now on, which point to nothing, until it is worked on again. */
void host_put_to_rest(struct host *host);
/* An arena of the bench for the session's next state. */
struct arena *host_next_arena(struct host *host);
/* @bytes are the session's: what is left of it when it leaves the bench. */
void host_remember(struct host *host, struct str bytes);

/* --- host.c --- */

/* Stores what happened since the last time.  False with host.error: nothing of it is stored. */
bool host_save(struct host *host) MUST_CHECK;
/* One event through the engine, and the calls that its effects ask for.  False: it was ignored. */
bool host_step(struct host *host, const struct event *event);

/* --- host_post.c --- */

void host_add_post(struct host *host, struct post post);
void host_post_effect(struct host *host, const struct effect *say, const struct event *event);
/* What of the turn's event everybody sees: the buyer's words, a person who joins or leaves; NULL:
 * nothing. */
const struct post *host_post_of_event(
	struct host *host, const struct event *event, const struct host_said *said);

/* --- host_call.c --- */

/* The call that the effect asks for leaves. */
void host_perform(struct host *host, const struct effect *effect);
/* The shop's clock is moved on to ours; false: its storage failed. */
bool host_forward_shop(struct host *host) MUST_CHECK;
/* The one with which something happens by itself first; NULL: there is none. */
struct pending *host_first_pending(struct host *host);
/* What is due with it happens.  False: it could not be stored. */
bool host_hear(struct host *host, struct pending *pending) MUST_CHECK;
/* The call that was answered, to be heard; NULL: none is waited for under that number and key. */
struct pending *host_answered(struct host *host, const struct late_answer *answer);
/* Calls that are still under way move out of the turn's arenas. */
void host_keep_values(struct host *host);
/* In the middle of a call or of a person's sentence nothing is told. */
bool host_must_wait(const struct session *session);
/* What became of a call that nobody waits for any more is told; false: nothing is to be told, or
 * not now. */
bool host_tell_one(struct host *host);
bool host_has_untold(struct host *host);
/* A call that the store has something open about. */
kept_call_function host_add_kept;
/* Calls that were under way when the program ended, and asking what became of them. */
bool host_has_lost(const struct host *host);
bool host_ask_about_lost(struct host *host) MUST_CHECK;

#endif
