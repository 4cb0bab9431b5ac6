/* Inside the engine: the turn in the making.  Coordinators are step.c (events), hear.c (messages)
 * and run.c (steps); the others are their workers, one noun each. */
#ifndef TENSTEP_ENGINE_TURN_H
#define TENSTEP_ENGINE_TURN_H

#include "bot/engine/step.h"
#include "flows/expr.h"
#include "flows/operation.h"
#include "flows/template.h"
#include "intents/answer.h"

/* A question as it stands on screen: what can be picked and how it is named. */
struct question {
	struct option *option;
	struct choice *choice;
	const struct value **item;  /* NULL for yes, no, skip and offers */
	const struct offer **offer; /* NULL for items */
	enum { PICK_ITEM, PICK_YES, PICK_NO, PICK_SKIP, PICK_OFFER } * kind;
	size_t n, n_items;
};

struct turn_state {
	const struct model *model;
	const struct event *event;
	struct session *s;
	struct arena *arena;
	struct effect *effect;
	size_t n_effects;
	struct visit *visit;
	size_t n_visits;
	struct trace trace;
	const struct reading *reading;
	unsigned silent; /* steps entered in this turn */
	bool ignored;
	bool ended_task;    /* a task of the buyer's was finished in this turn */
	struct str outcome; /* how the last subflow ended */
	bool limit_hit;
	bool restarted; /* the open flow begins anew in a newer version */
	/* The question made last: reading, answering and asking again want the same one. */
	struct question question;
	uint32_t question_frame, question_step, question_stamp;
	struct buf blank; /* what texts are rendered in, one after another */
};

/* --- frames.c: the stack --- */
struct frame *top(struct turn_state *t); /* NULL when nothing is open */
/* Puts a flow on the stack, parking the oldest when it is full; NULL (and a fault in the trace) if
 * the content has no flow of that name. */
struct frame *push_flow(struct turn_state *t, struct str name, enum role role, struct str opening,
	const char *how, struct str detail);
void pop_frame(struct turn_state *t);
/* Parks the top task with everything it runs (or drops it, when there is nothing to come back to).
 */
void park_top(struct turn_state *t);
void park_below(struct turn_state *t); /* everything under the top frame */
void park_everything(struct turn_state *t);
/* The newest comes back; false: none, or it is for a buyer who has to prove who they are first. */
bool unpark(struct turn_state *t);
size_t task_root(const struct turn_state *t); /* index of the frame that the top one serves */
void set_slot(struct turn_state *t, struct frame *f, struct str name, const struct value *value,
	enum origin origin);
void clear_slot(struct frame *f, struct str name);
const struct value *get_slot(const struct frame *f, struct str name);
void lend(struct turn_state *t, struct frame *f, const char *name, const struct value *value);
void lend_bindings(struct turn_state *t, struct frame *to, const struct frame *from,
	const struct binding *with, size_t n);
/* Finds each frame's flow and step in the model, moving it to a newer version where the authors say
 * how; names of flows whose step is gone go to @gone (their frames are dropped). */
void resolve_frames(struct turn_state *t, struct str *gone);
const struct step *step_of(const struct frame *f);
bool waits_for_buyer(const struct frame *f);
bool is_open(const struct turn_state *t, struct str flow); /* anywhere on the stack */

/* --- proof.c: who the buyer is, by an order number and a second fact --- */
void prove_buyer(struct turn_state *t, struct str buyer, struct str name);
/* What was said is sealed from now on.  Nothing where the channel vouches. */
void end_proof(struct turn_state *t);
/* It ends when the buyer has done nothing for half an hour: the next person at the same screen may
 * be somebody else.  True: it has ended now. */
bool expire_proof(struct turn_state *t);
/* The buyer takes leave: the proof ends now, and with it what is open below the top frame's task.
 * Nothing where the channel vouches, or where there is none. */
void forget_buyer(struct turn_state *t);
/* What is open names orders: it is parked, and what was said last is forgotten. */
void put_aside(struct turn_state *t);
/* Asks for the proof that goes on with what was put aside; false: nothing was. */
bool prove_again(struct turn_state *t);
/* What is told now without the buyer having asked is sealed too. */
void seal_news(struct turn_state *t);

/* --- scope.c: names --- */
struct frame_scope {
	struct turn_state *t;
	const struct frame *frame;
	const struct value *item; /* of a choice: its fields come first; NULL */
};
struct scope scope_of(struct frame_scope *fs);
struct str render(struct turn_state *t, const struct frame *f, const struct template *text,
	const struct value *item);
const struct value *eval(struct turn_state *t, const struct frame *f, const struct expr *expr);
struct str shown(
	struct turn_state *t, const struct value *v); /* as a text without a filter shows it */

/* The order number that a message holds; NULL: none. */
const struct value *order_number_in(const struct reading *reading);

/* --- say.c: what is said --- */
struct question question_of(struct turn_state *t, const struct frame *f);
void say_text(struct turn_state *t, const struct frame *f, struct str text,
	const struct question *q, bool again);
void say_step(struct turn_state *t, struct frame *f);  /* VERB_SAY */
void ask_step(struct turn_state *t, struct frame *f);  /* the first time */
void ask_again(struct turn_state *t, struct frame *f); /* after a detour */
void add_effect(struct turn_state *t, struct effect effect);
/* Of the frame's step; to change until the next is added. */
struct visit *add_visit(struct turn_state *t, const struct frame *f, struct str from,
	const char *how, struct str detail);

/* --- timers.c --- */
uint32_t begin_wait(struct turn_state *t, struct frame *f, enum wait_kind kind);
void add_timer(struct turn_state *t, const struct frame *f, enum timer_kind kind, int64_t in_ms,
	unsigned on);
void start_no_reply_timers(struct turn_state *t, struct frame *f);
void drop_void_timers(struct turn_state *t);
void fire_due_timers(struct turn_state *t);

/* --- run.c: steps --- */
void run(struct turn_state *t); /* until a step waits or nothing is open */
void ride_along(
	struct turn_state *t, struct frame *f); /* watch and note of a step that succeeded */

/* --- edge.c --- */
/* Makes @step the frame's step, entered anew from the step named @from by the edge @how. */
void enter(struct turn_state *t, struct frame *f, unsigned step, struct str from, const char *how,
	struct str detail);
/* Another flow instead of the top frame and all that it serves. */
void leave_for(struct turn_state *t, struct frame *f, struct str name, const struct binding *with,
	size_t n_with, const char *how, struct str detail);
/* Takes an edge from the frame's step; may pop, park or replace frames. */
void take(struct turn_state *t, struct frame *f, const struct target *target, const char *how,
	struct str detail);
/* How often this was counted before at the frame's step; counts once more. */
unsigned count_use(struct turn_state *t, struct frame *f, struct str key);
/* Counted where the opening message was tried, once and for all in this frame. */
#define heard_key "opening"
/* Uses the next item of an "on" edge. */
void react(struct turn_state *t, struct frame *f, const struct on *on);

/* --- finish.c --- */
void finish(struct turn_state *t, struct str outcome); /* of the top frame */
void go_back(struct turn_state *t, struct frame *f);
void restart_flow(struct turn_state *t, struct frame *f);
void stop_everything(struct turn_state *t); /* nothing open, no buttons, no timers */
/* What is open below the top frame's task ends, but for a hand-off: somebody will come.  Frames
 * move. */
void stop_below(struct turn_state *t);

/* --- start.c --- */
/* A word of the engine's own (repair/…) on top of what is open, with one lent slot or NULL; false
 * if the content has none. */
bool repair(struct turn_state *t, const char *flow, const char *slot, const struct value *value);
/* Starts what an intent starts, with the message as its opening; false if it starts nothing. */
bool start_intent(struct turn_state *t, struct str intent, bool negated, struct str opening,
	bool asked_first);

/* --- call.c --- */
void make_call(struct turn_state *t, struct frame *f);
void answer_call(struct turn_state *t);
void call_again(struct turn_state *t);
void deadline_passed(struct turn_state *t, struct frame *f);
/* What became of a decision whose call nobody waits for any more: once done it is not made again.
 */
void settle_decision(struct turn_state *t, struct str decision, struct str outcome);
void say_slow(struct turn_state *t, struct frame *f);

/* --- answer_step.c: the expected answer --- */
/* Takes @reading as the answer to the open question; false if it is none. */
bool answer_step(struct turn_state *t, struct frame *f, const struct reading *reading);
/* What the step's "on" says of the intent that was accepted; NULL: nothing. */
const struct on *listened_to(const struct frame *f, const struct reading *reading);
bool press_step(struct turn_state *t, struct frame *f, struct str id);
/* Tries the message that started the flow on a question that is reached for the first time. */
bool heard_already(struct turn_state *t, struct frame *f);
bool press_offered(struct turn_state *t, struct str id);
bool answer_offered(struct turn_state *t, const struct reading *reading);

/* --- correct.c --- */
bool correct(struct turn_state *t, struct frame *f, const struct reading *reading, bool said_no);

/* --- hear.c --- */
void hear_text(struct turn_state *t);
void hear_press(struct turn_state *t);
void hear_attachment(struct turn_state *t);
void not_understood(struct turn_state *t);
const struct reading *read_message(struct turn_state *t, struct str text, const struct frame *f);

#endif
