/* A flow as it is authored: steps with one verb each, edges by name.  Plain data, const after
 * loading. */
#ifndef TENSTEP_FLOWS_FLOW_H
#define TENSTEP_FLOWS_FLOW_H

#include "bot/base/arena.h"
#include "bot/base/diag.h"
#include "bot/base/value.h"

struct expr;      /* expr.h */
struct template;  /* template.h */
struct operation; /* operation.h */
struct flow;

enum verb {
	VERB_SAY,
	VERB_ASK,
	VERB_CHOOSE,
	VERB_CONFIRM,
	VERB_IF,
	VERB_SET,
	VERB_CALL,
	VERB_RUN,
	VERB_GO,
	VERB_HANDOFF,
	VERB_WAIT,
	VERB_WATCH,
	VERB_NOTE,
	VERB_END,
	N_VERBS
};
extern const char *const verb_name[N_VERBS];

/* name = expression, as in "set", "send", "with", and the values of "note". */
struct binding {
	struct str name;
	const struct expr *expr;
	const struct json *at; /* for findings */
};

enum target_kind {
	TARGET_NONE,    /* nothing was written */
	TARGET_STEP,    /* plain word: a step of this flow */
	TARGET_FLOW,    /* "-> name": another flow; this one is finished */
	TARGET_END,     /* "end": finished, outcome "done" */
	TARGET_PAUSE,   /* "pause": parked; goes on at the question when the buyer writes again */
	TARGET_WAIT_ON, /* "wait_on": go on waiting for what was waited for */
	TARGET_BACK,    /* "back": to the question before the open one */
};

/* The four reserved words, by kind: "end", "pause", "wait_on", "back"; NULL for the other kinds. */
extern const char *const target_word[TARGET_BACK + 1];

struct target {
	enum target_kind kind;
	struct str name; /* of the step or flow */
	unsigned step;   /* TARGET_STEP: index into flow->step (after loading) */
	const struct binding
		*with; /* TARGET_FLOW in its long form {"then": "-> x", "with": {…}}: slots lent */
	size_t n_with;
	const struct json *at; /* for findings */
};

/* One thing an edge does: say something, keep the message in a slot, and/or leave. */
struct reaction {
	const struct template *say; /* NULL: nothing */
	struct str save;            /* slot that takes the whole message; empty: none */
	struct target target;       /* TARGET_NONE: stay and ask again */
	const struct json *at;      /* for findings */
};

/* What an "on" key means.  The set of outcomes is closed: anything else must be an intent. */
enum on_kind {
	ON_OUTCOME, /* no, refused, failed, unknown, slow, nobody, back, or an outcome of a subflow
		     */
	ON_NO_MATCH,
	ON_NO_REPLY, /* "no_reply 15m" */
	ON_INTENT,
	ON_NOT_INTENT, /* "not cancel_order" */
};

struct on {
	enum on_kind kind;
	struct str key;   /* as written; for an intent its name (without "not ") */
	int64_t after_ms; /* ON_NO_REPLY */
	/* Used one after another, each time it happens; after the last one the last is repeated. */
	const struct reaction *item;
	size_t n_items;
	const struct json *at;
};

struct branch {
	const struct expr *when;
	const struct binding *set;
	size_t n_set;
	struct target then;
};

/* A button under something said, in the order of the file. */
struct offer {
	const struct template *label;
	struct target target;
};

struct watch {
	struct str event;      /* "refund.updated"; empty when it stops one */
	const struct expr *of; /* what it is about: an order number */
	struct str starts;     /* the flow that tells the buyer */
	bool stop; /* {"stop": expr}: forget the watches of that order; {"stop": "all"}: all */
};

struct step {
	struct str name;
	unsigned index;
	enum verb verb;
	const struct json *at; /* the step's object, for findings */

	/* say, ask, choose, confirm: what is said.  say may be a list: one bubble each. */
	const struct template *const *text;
	size_t n_text;
	const struct template
		*again; /* the short form when the question is asked again; NULL: the text */
	const struct template *why; /* "why do you ask?"; may be NULL */
	const struct expr
		*card; /* an order, refund or return record to draw as a card; may be NULL */
	const struct offer *offer;
	size_t n_offers;

	struct str into;             /* ask, choose: the slot */
	const struct expr *from;     /* choose: the list (a slot, a call's result, a named list) */
	const struct template *show; /* choose: how one item reads; its fields are in scope */
	const struct expr
		*fallback; /* choose, "default": the item that is meant when the message that
			    * started the flow names none; taken without asking; NULL: none */
	bool many;         /* choose: several may be picked; into gets a list */
	struct target skip;
	const struct str *shows; /* confirm: slots on screen */
	size_t n_shows;

	const struct branch *branch; /* if */
	size_t n_branches;
	struct target otherwise; /* if: "else" */

	const struct binding *set; /* set, or riding along: done before anything is said */
	size_t n_set;

	const struct operation *op; /* call */
	const struct binding *send;
	size_t n_send;
	struct str save;   /* call: slot for the answer; run: nothing */
	int64_t within_ms; /* call: without an answer by then it is "unknown" (reading calls:
			    * "failed"); "slow" is said once after 3 s or half of it, whichever is
			    * less */
	const struct template *only_once;
	bool point_of_no_return;

	struct str flow;            /* run, go */
	const struct binding *with; /* run, go: slots lent */
	size_t n_with;
	const struct binding *
		gives; /* run: {"my slot": "slot of the subflow"}; expr is in the subflow's scope */
	size_t n_gives;

	struct str queue;               /* handoff */
	const struct template *summary; /* handoff */

	struct str wait_event; /* wait: an event … */
	int64_t wait_ms;       /* … or a time */

	const struct watch *watch; /* watch, or riding along; NULL: none */
	struct str note;           /* note, or riding along; empty: none */
	const struct binding *note_with;
	size_t n_note_with;

	struct str
		outcome; /* end: "done", "failed", "stopped", "restart", or a name of one's own */

	struct target then;
	const struct on *on;
	size_t n_on;
};

enum slot_type {
	SLOT_ANY, /* filled by set or call: whatever comes */
	SLOT_TEXT,
	SLOT_NUMBER,
	SLOT_ORDER,
	SLOT_CHOICE,
	SLOT_EMAIL,
	SLOT_PHONE,
	SLOT_DATE,
	SLOT_MONEY,
	SLOT_RATING,
	SLOT_YES_NO,
	SLOT_LIST,
	SLOT_PHOTOS,
	N_SLOT_TYPES
};
extern const char *const slot_type_name[N_SLOT_TYPES]; /* "any", "text", … */

struct slot {
	struct str name;
	enum slot_type is;
	struct str ask_at; /* the step that asks for it: where a correction resumes; may be empty */
	struct str from;   /* a named list that its values come from; may be empty */
	const struct expr *const *must; /* each must be true for a value to be taken */
	size_t n_must;
	bool optional, private;
	bool lent; /* filled by whoever runs or starts the flow */
};

enum flow_kind {
	FLOW_TASK,    /* does something; asked about before it replaces another task */
	FLOW_INFO,    /* answers and returns by itself */
	FLOW_ANYTIME, /* stop, back, repeat …: heard at every step */
	FLOW_REPAIR,  /* started by the engine only */
};

struct move { /* a step's new name for chats that wait on an old version */
	unsigned version;
	struct str from, to;
};

struct flow {
	struct str name;
	enum flow_kind kind;
	unsigned version;
	struct str title; /* "Cancel an order": menus, "Back to …" */
	struct str about;
	const struct str *starts_on; /* intents; "not cancel_order" too */
	size_t n_starts_on;
	unsigned first; /* index of the first step */
	const struct slot *slot;
	size_t n_slots;
	const struct step *step;
	size_t n_steps;
	enum { OPEN_ANSWER_THEN_RETURN, OPEN_REFUSE } questions; /* while_open.questions */
	enum { OPEN_ASK_FIRST, OPEN_SWITCH } other_tasks;        /* while_open.other_tasks */
	const struct move *move;
	size_t n_moves;
	const unsigned *restart; /* versions whose chats start this flow again */
	size_t n_restart;
	const struct json_doc *doc; /* for findings; NULL once the files are gone */
};

const struct step *flow_step(const struct flow *flow, struct str name); /* NULL: none */
const struct slot *flow_slot(const struct flow *flow, struct str name);
const struct on *step_on(const struct step *step, enum on_kind kind, struct str key);

#endif
