/* One conversation's state: plain data.  step() makes a new one from an old one. */
#ifndef TENSTEP_ENGINE_SESSION_H
#define TENSTEP_ENGINE_SESSION_H

#include "bot/engine/effect.h"
#include "bot/engine/recent_ids.h"
#include "flows/flow.h"

enum owner { OWNER_BOT, OWNER_QUEUE, OWNER_PERSON };
extern const char *const owner_name[3];

enum {
	max_frames = 6, /* four open flows and what the engine puts on top */
	max_parked = 3,
	max_watches = 16,
	max_spent = 32,
	max_history = 12,
	max_timers = 16,
	max_opening_bytes = 600,
	max_silent_steps = 30,
	max_offers = 16,
};

/* Where a slot's value came from; a correction clears what was computed from the corrected one. */
enum origin { ORIGIN_BUYER, ORIGIN_SET, ORIGIN_CALL, ORIGIN_LENT };

struct slot_value {
	struct str name;
	const struct value *value;
	enum origin origin;
	unsigned step;  /* that filled it (index); ORIGIN_LENT: 0 */
	uint32_t stamp; /* counts up in the conversation */
};

/* Why a flow is on the stack: decides what happens when it ends. */
enum role {
	ROLE_TASK,       /* started by the buyer; nothing below waits for its outcome */
	ROLE_SUB,        /* run by the step below it */
	ROLE_DIGRESSION, /* answered in between; the question below is asked again */
	ROLE_ANYTIME,    /* stop, back, repeat … */
	ROLE_HELLO,      /* session/hello, small talk: nothing below */
	ROLE_DID_YOU_MEAN,
	ROLE_ASK_FIRST,
	ROLE_SECOND_WISH,
	ROLE_NO_MATCH,
	ROLE_WELCOME_BACK,
	ROLE_NOTICE, /* the buyer is told about something watched */
	ROLE_REPAIR, /* a word of the engine (repair/corrected …), then the question again */
	N_ROLES
};

enum wait_kind { WAIT_NONE, WAIT_BUYER, WAIT_CALL, WAIT_EVENT, WAIT_TIME };

struct counter { /* how often an edge with a list was used at this question */
	unsigned step;
	struct str key;
	unsigned n;
};

struct past { /* a question that was answered, for "back" */
	unsigned step;
	uint32_t stamp; /* when it was asked: later slot values are forgotten */
};

struct frame {
	const struct flow *flow; /* resolved against the model at the beginning of each turn */
	struct str flow_name, step_name;
	unsigned version, step;
	enum role role;
	uint32_t id; /* counts up in the conversation */
	struct slot_value *slot;
	size_t n_slots;
	struct str opening; /* the message that started it; clipped */
	enum wait_kind wait;
	uint32_t wait_stamp;      /* timers of other waits are void */
	unsigned call, call_step; /* WAIT_CALL: its number; the step that made it */
	bool slow_said;
	bool talked;    /* has waited for the buyer: took more than one turn */
	bool committed; /* past a point of no return */
	bool confirmed; /* the buyer's clear yes, asked for since anything else was; a dangerous
			 * call uses it up */
	bool replaying; /* after a correction: questions with an answer are not asked again */
	bool paused;    /* parked by itself: goes on when the buyer writes */
	struct counter *counter;
	size_t n_counters;
	struct past *past;
	size_t n_past;
};

enum timer_kind { TIMER_NO_REPLY, TIMER_SLOW, TIMER_DEADLINE, TIMER_WAIT };

struct timer {
	int64_t due_ms;
	enum timer_kind kind;
	uint32_t frame, stamp;
	unsigned on; /* TIMER_NO_REPLY: index of the step's on */
};

struct watched {
	struct str event, of, starts;
	int64_t since_ms;
};

struct spent { /* a decision that was carried out or may have been */
	struct str key;
	enum spent_state { SPENT_PENDING, SPENT_OK, SPENT_UNKNOWN } state;
};

struct offered { /* buttons on screen that do not wait: pressed or typed later */
	struct choice choice;
	enum target_kind kind;
	struct str target;        /* flow, or step of .frame's flow */
	const struct value *with; /* a record of lent slots, or NONE */
};

struct session {
	struct str id, channel, language;
	uint32_t turn, stamps, frames, calls;
	int64_t now_ms,
		last_buyer_ms; /* last_buyer_ms: the last thing the buyer did; 0: nothing yet */

	struct str buyer, buyer_name; /* proven; empty: nobody yet */
	bool buyer_by_channel; /* the channel vouches; else the proof ends after 30 idle minutes */
	struct str former; /* whose proof has ended and was not made again; .buyer is empty then */
	int64_t sealed_ms; /* what was said before is the former buyer's only */
	int64_t closed_ms; /* what was said before is nobody's any more: it was another buyer's */
	enum owner owner;

	struct recent_ids seen; /* of messages */

	struct str said;                  /* the last bubble, for "what did you say" */
	struct str last_text;             /* the last message */
	const struct value *recent_order; /* the last order on screen */
	const struct value *notice;       /* that started the newest watch flow */
	const struct value *attachments;  /* references sent at the open question */
	unsigned misses;                  /* messages in a row that were not understood */
	struct str second;                /* an intent that was wished besides; empty: none */
	struct str clarified; /* the pair that was asked about last: twice goes to a person */
	struct frame offered_by; /* the flow that .offered came from, as it was; flow_name empty:
				  * none */

	/* From here on lists.  Mostly they are nearly empty: what is past their ends is not
	 * copied, and holds anything. */
	size_t n_frames, n_parked, n_offered, n_timers, n_watched, n_spent;
	struct frame frame[max_frames];  /* the last one is on top */
	struct frame parked[max_parked]; /* the last one was parked last */
	struct offered offered[max_offers];
	struct timer timer[max_timers];
	struct watched watched[max_watches];
	struct spent spent[max_spent];
};

/* A new conversation in @arena. */
struct session *session_new(
	struct arena *arena, struct str id, struct str channel, struct str language);
/* A deep copy. */
struct session *session_copy(struct arena *arena, const struct session *session);
/* A copy that can be changed, while texts and values stay where @session has them: that memory must
 * live as long as the copy. */
struct session *session_share(struct arena *arena, const struct session *session);
/* When the next timer is due (Unix ms); false if there is none. */
bool session_next_due(const struct session *session, int64_t *due_ms);
/* Whether an answer to a call is waited for. */
bool session_waits_for_call(const struct session *session);
/* When the proof will have ended if the buyer does nothing (Unix ms); INT64_MAX: there is none that
 * ends. */
int64_t session_proof_ends_ms(const struct session *session);
/* Whether a proof has ended at @now_ms and was not made again: what was said is sealed. */
bool session_is_sealed(const struct session *session, int64_t now_ms);
/* Where a browser holds the conversation, not the channel: posts of before this time are not shown
 * at @now_ms.  INT64_MAX: none is shown. */
int64_t session_hides_before(const struct session *session, int64_t now_ms);
/* The value of a slot of the top frame; NONE if unset. */
const struct value *session_slot(const struct session *session, struct str name);
/* All slots of the top frame as a record; @mask hides private ones. */
const struct value *session_slots(const struct session *session, bool mask, struct arena *arena);

/* Bytes both ways.  Decoding refuses what encode did not write (wrong version, lengths, counts):
 * NULL. A decoded session's flows are resolved by the next step(). */
void session_encode(const struct session *session, struct buf *out);
struct session *session_decode(struct arena *arena, struct str bytes) MUST_CHECK;

#endif
