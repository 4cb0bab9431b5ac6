/* What the program must not lose: sessions, transcripts, notes, hand-off cards, messages to other
 * programs, and the journal of effects on orders. */
#ifndef TENSTEP_ADAPTERS_STORE_STORE_H
#define TENSTEP_ADAPTERS_STORE_STORE_H

#include "bot/engine/post.h"

struct store;

enum store_status {
	STORE_OK,
	STORE_NONE,   /* nothing is kept under that name */
	STORE_TAKEN,  /* the effect was claimed before */
	STORE_BUSY,   /* another tenstep is using the file */
	STORE_FULL,   /* no room on the disk */
	STORE_BROKEN, /* damaged, or a newer program's */
};

/* Opens or makes the store in the file @path (NULL: in memory, for tests) and brings its tables up
 * to date.  On failure one line goes to @error. */
enum store_status store_open(const char *path, struct store **store, struct buf *error) MUST_CHECK;
void store_close(struct store *store); /* NULL is fine */
const char *store_error(const struct store *store);

/* A turn, or several of different conversations (group commit), is one transaction.  What writes
 * stands between begin and commit; its errors stick and come out at the commit, which has then
 * stored nothing.  Reads inside see what was written.  After STORE_OK it survives kill and power
 * cut. */
enum store_status store_begin(struct store *store) MUST_CHECK;
enum store_status store_commit(struct store *store) MUST_CHECK;
void store_rollback(struct store *store);

/* The same as store_commit() in two halves, and the disk is waited for in a second thread.  After
 * the first half all reads see what was written, and another transaction may be begun and written;
 * it is lost too if this commit fails: then store_commit_end() says so, once, nothing of either is
 * stored, and the one that is open cannot be committed.  What needs the disk itself waits for the
 * commit under way: the next commit, the first write of anything but conversations and peers,
 * folding.
 * @over is called in the second thread when store_commit_end() would not wait any more; not if it
 * would not have from the beginning. */
typedef void store_over_function(void *self);
void store_commit_begin(struct store *store, store_over_function *over, void *self);
bool store_commit_is_over(struct store *store) MUST_CHECK;
enum store_status store_commit_end(struct store *store) MUST_CHECK;

/* Sessions: the engine's bytes under a conversation's id.  STORE_NONE: a new conversation.
 *
 * What a turn saves is appended to a journal table and moved into its own tables later, in batches
 * (store_fold()); all reads see both.  Recovery is nothing special: the journal is simply read. */
enum store_status store_load_session(struct store *store, struct str conversation,
	struct arena *arena, struct str *bytes) MUST_CHECK;
/* @due_ms: when a timer of the session is due (Unix ms); 0: none. */
void store_save_session(struct store *store, struct str conversation, struct str bytes, int64_t now,
	int64_t due_ms);
/* Conversations with a timer due up to @until_ms, soonest first; the slice lives during the call.
 */
typedef void store_due_function(void *self, struct str conversation, int64_t due_ms);
enum store_status store_due(
	struct store *store, int64_t until_ms, store_due_function *each, void *self) MUST_CHECK;

/* The transcript.  A post's n is one above the conversation's last; its mid, if it has one, becomes
 * known: the inbox is this table of known ids, written in the same transaction as what the message
 * led to. */
void store_add_post(struct store *store, struct str conversation, const struct post *post);
/* A message that became no post is known from now on all the same. */
void store_know(struct store *store, struct str conversation, struct str mid, int64_t at_ms);
/* The number of the last post; 0: none, or it cannot be read. */
enum store_status store_last_post(
	struct store *store, struct str conversation, uint32_t *n) MUST_CHECK;
/* STORE_OK: a message with this id was taken before; STORE_NONE: it was not.  Known for the time
 * that store_expire() leaves. */
enum store_status store_knows(
	struct store *store, struct str conversation, struct str mid) MUST_CHECK;
/* At most @limit posts with n above @after, oldest first; a negative limit: the last -@limit of
 * those below @after (0: the end), oldest first.  Slices and values live during the call. */
typedef void store_post_function(void *self, const struct post *post);
enum store_status store_posts(struct store *store, struct str conversation, uint32_t after,
	int limit, store_post_function *each, void *self) MUST_CHECK;

/* What a conversation waits to hear about, in place of what it waited for before; {event, of} as in
 * struct watched, or {"buyer", buyer} while it waits for any news of its buyer. */
struct store_watch {
	struct str event, of;
};
void store_set_watches(struct store *store, struct str conversation,
	const struct store_watch *watch, size_t n, int64_t now_ms);
typedef void store_name_function(void *self, struct str conversation);
enum store_status store_watching(struct store *store, struct str event, struct str of,
	store_name_function *each, void *self) MUST_CHECK;

/* Promises to write: each thing that a conversation waits to hear about ({"buyer", …} is none),
 * from the turn that made it a watch to the one that ended it. */
struct store_promise {
	int64_t id;
	struct str conversation, event, of;
	int64_t made_ms;   /* 0: before such things were written down */
	int64_t kept_ms;   /* when the buyer was last written to about it; 0: never */
	int64_t kept;      /* how often */
	int64_t ended_ms;  /* 0: open */
	int64_t news_ms;   /* the oldest notice about it that nobody has taken; 0: none */
	int64_t looked_ms; /* when the shop last told how the order stands; 0: it was never asked */
};
/* The open ones, or @all, at most 1,000 and the newest of those that ended; oldest first. */
typedef void store_promise_function(void *self, const struct store_promise *promise);
enum store_status store_promises(
	struct store *store, bool all, store_promise_function *each, void *self) MUST_CHECK;
/* The buyer was written to about it. */
void store_keep_promise(struct store *store, struct str conversation, struct str event,
	struct str of, int64_t now_ms);

/* What the shop told.  A notice stays until it is taken. */
int64_t store_add_notice(struct store *store, int64_t at, struct str event, struct str buyer,
	struct str order, const struct value *fields);
struct store_notice {
	int64_t id, at; /* Unix seconds */
	struct str event, buyer;
	const struct value *fields;
};
/* The oldest with an id above @after, in @arena; STORE_NONE. */
enum store_status store_next_notice(struct store *store, int64_t after, struct arena *arena,
	struct store_notice *notice) MUST_CHECK;
void store_take_notice(struct store *store, int64_t id);

/* Orders that some buyer was told about: how they stood then, so that what is told later is news.
 * States are the words of flows/OPERATIONS.md; empty: not known. */
struct store_order {
	struct str number, buyer;
	struct str status, refund;
	struct str returned; /* "ID STATE" of the newest return */
	int64_t looked_ms;   /* when the shop last told all this */
	int64_t look_ms;     /* when it is to be asked again; 0: not by itself */
	int64_t tries;       /* since it last answered */
};
void store_put_order(struct store *store, const struct store_order *order);
/* In @arena; STORE_NONE. */
enum store_status store_order(struct store *store, struct str number, struct arena *arena,
	struct store_order *order) MUST_CHECK;
/* It is to be looked at then, or sooner if that was planned; orders that nobody was told about are
 * left alone. */
void store_look_at(struct store *store, struct str number, int64_t at_ms);
/* The same for all that somebody waits to hear about and that were last looked at before
 * @before_ms.
 */
void store_look_at_watched(struct store *store, int64_t before_ms, int64_t at_ms);
/* All that somebody waits to hear about was looked for and has not changed, but for what is to be
 * looked at. */
void store_note_looked(struct store *store, int64_t at_ms);
/* Those to be looked at up to @until_ms, soonest first, at most @limit. */
typedef void store_order_function(void *self, const struct store_order *order);
enum store_status store_orders_due(struct store *store, int64_t until_ms, int limit,
	store_order_function *each, void *self) MUST_CHECK;

/* A message of the shop's server is known from now on, for @before_ms of store_expire().  False: it
 * was before. */
bool store_know_hook(struct store *store, struct str id, int64_t at_ms) MUST_CHECK;

/* How far something was read that is read bit by bit; in @arena.  STORE_NONE: not at all. */
enum store_status store_cursor(
	struct store *store, struct str name, struct arena *arena, struct str *value) MUST_CHECK;
void store_set_cursor(struct store *store, struct str name, struct str value);

/* Moves at most @max_rows rows of the journal into their tables, the oldest and those of the same
 * conversations first; a transaction of its own, in small steps between turns.  How many are left.
 * It is cheaper the more rows a conversation has by then: better not before some thousand are
 * there, while there is something else to do.  (Who never calls it is no worse off than
 * with a slower store_begin() now and then; closing folds the rest.) */
enum store_status store_fold(struct store *store, size_t max_rows, size_t *left) MUST_CHECK;
/* The same in a second thread, and only begun; nothing is while the last one is not over, or in a
 * turn that has written anything but conversations.  What needs the file waits for it, and so does
 * the next commit.  Says how the last one went. */
enum store_fold {
	FOLD_ALL,
	/* The newest row of a conversation that has several stays: what is said next nearly always
	 * asks for it, and would wait for what is being folded then. */
	FOLD_OLDER,
};
enum store_status store_fold_aside(
	struct store *store, enum store_fold what, size_t max_rows) MUST_CHECK;
/* Rows that are not folded yet, which are in memory as well; or more, if they are longer than usual
 * (2 KB). */
size_t store_journal(const struct store *store);
/* Conversations that such rows are of. */
size_t store_unfolded(const struct store *store);

/* Forgets message ids that were taken before @before_ms (platforms repeat for at most 7 days; 30 is
 * the rule), and messages to other programs that were sent or given up and are older than that.  A
 * call does a bounded amount of work: at most 2,000 ids.  It is meant to be called every few
 * seconds; what is left comes next time. */
enum store_status store_expire(struct store *store, int64_t before_ms) MUST_CHECK;

/* Whether the files are still where they were opened.  If not, no transaction begins until they are
 * back: what it wrote would be on a disk where nobody finds it.  To be asked now and then. */
enum store_status store_watch_files(struct store *store) MUST_CHECK;

/* Whether a commit would succeed just now: makes one.  Outside of a transaction. */
enum store_status store_probe(struct store *store) MUST_CHECK;

/* What the store counts, for metrics. */
struct store_sizes {
	int64_t conversations, posts, bytes; /* bytes: file and log */
	int64_t cards_open, effects_open, sends_open, sends_dead;
	int64_t effects_human; /* left to a person */
	int64_t promises_open, notices_open;
};
enum store_status store_measure(struct store *store, struct store_sizes *sizes) MUST_CHECK;

/* Notes: ratings, milestones, whatever a flow notes down. */
struct store_note {
	int64_t id;
	struct str name;
	int64_t at;
	struct str conversation;
	struct str json; /* the values as one JSON object on one line */
};
void store_add_note(struct store *store, struct str name, int64_t at, struct str conversation,
	const struct value *values);
/* Those of one name (empty: all) with an id above @after, oldest first.  The slices live during the
 * call of @each. */
typedef void store_note_function(void *self, const struct store_note *note);
enum store_status store_notes(struct store *store, struct str name, int64_t after,
	store_note_function *each, void *self) MUST_CHECK;

/* Hand-off cards: what a person needs to take over. */
struct store_card {
	int64_t id;
	struct str conversation, queue;
	int64_t at;
	int64_t closed; /* 0: open */
	struct str json;
	int64_t version;   /* counts its changes, from 1 */
	struct str person; /* who has claimed it; empty: nobody */
	int64_t claimed;   /* when it changed hands last; 0: never */
};
int64_t store_add_card(struct store *store, struct str conversation, struct str queue, int64_t at,
	const struct value *card);
/* The card changes hands by compare-and-set: only if it is open and has @version still.  False:
 * somebody was quicker, or there is no such card.  @person empty: given back to the queue. */
bool store_claim_card(
	struct store *store, int64_t id, int64_t version, struct str person, int64_t at) MUST_CHECK;
void store_close_card(struct store *store, int64_t id, int64_t at);
/* One card in @arena; STORE_NONE. */
enum store_status store_card(
	struct store *store, int64_t id, struct arena *arena, struct store_card *card) MUST_CHECK;
typedef void store_card_function(void *self, const struct store_card *card);
/* The open ones, or all; oldest first. */
enum store_status store_cards(
	struct store *store, bool closed_too, store_card_function *each, void *self) MUST_CHECK;

/* Effects: each writing call is claimed before it leaves and settled when its outcome is known.
 * What was sent and never settled had an unknown outcome: after a crash the shop is asked about it.
 *
 *   SENT ──> DONE | REFUSED | FAILED | UNKNOWN        UNKNOWN ──> (asked: SENT again) | HUMAN
 *   HUMAN ──> CLOSED
 *
 * While an effect is SENT, UNKNOWN, HUMAN or DONE no other has its slot: the same thing is not done
 * twice by two conversations.  Who comes second follows the first and hears its outcome.  All times
 * are Unix seconds. */
enum effect_state {
	EFFECT_SENT,    /* claimed; if we were killed now, nobody knows */
	EFFECT_UNKNOWN, /* sent, and no answer: the shop is asked again */
	EFFECT_DONE,
	EFFECT_REFUSED, /* surely not done: may be claimed again */
	EFFECT_FAILED,  /* surely not done: may be claimed again */
	EFFECT_HUMAN,   /* it cannot be found out: a person looks into it */
	EFFECT_FOLLOWS, /* another effect does the same; .follows names it */
	EFFECT_CLOSED,  /* a person has finished it: may be claimed again */
};
struct store_effect {
	struct str key; /* one decision of the buyer */
	struct str conversation, operation;
	struct str slot; /* what it does to what ("orders.cancel A-1001"); empty: it may be done
			  * any number of times */
	struct str follows;
	const struct value *args;
	enum effect_state state;
	const struct value *answer; /* NONE until settled */
	int64_t claimed;            /* when it first left */
	int64_t sent;               /* when it last left */
	int64_t doubt;              /* when a try of unknown fate last left; 0: none did */
	int64_t settled;            /* 0 while open */
	int64_t next;               /* UNKNOWN, FOLLOWS: when to ask; 0: now */
	int64_t tries;              /* how often it left */
	bool untold;         /* the outcome is known and the conversation was not told of it yet */
	struct str evidence; /* a line for everything that became of it */
};
/* Claims the key and the slot for one call.  STORE_TAKEN when the key is open or done already or
 * another effect has the slot; then @existing says which it is and how it stands.  What was done
 * gives its slot up after a day: whoever asks for it then has a reason to.  In a transaction, to be
 * committed before the call leaves. */
enum store_status store_claim_effect(struct store *store, const struct store_effect *effect,
	struct arena *arena, struct store_effect *existing) MUST_CHECK;
/* The slot was taken by @effect.follows: this decision waits for its outcome. */
void store_follow_effect(struct store *store, const struct store_effect *effect);
/* The same call is about to leave once more; in a transaction as above. */
void store_resend_effect(struct store *store, struct str key, int64_t now);
/* What is known of it now. */
struct store_verdict {
	enum effect_state state;
	const struct value *answer; /* NULL: as before */
	int64_t now;
	int64_t doubt, next; /* see above */
	bool untold;         /* see above */
	struct str evidence; /* a line to add, without its end; may be empty */
};
void store_settle_effect(struct store *store, struct str key, const struct store_verdict *verdict);
void store_told_effect(struct store *store, struct str key);
/* A person has finished what was left to them in this conversation (HUMAN); @evidence says who. */
void store_finish_effects(
	struct store *store, struct str conversation, struct str evidence, int64_t now);
/* It never mattered (a reading call that was answered). */
void store_drop_effect(struct store *store, struct str key);
enum store_status store_find_effect(struct store *store, struct str key, struct arena *arena,
	struct store_effect *effect) MUST_CHECK;
/* Those in @arena, oldest first. */
enum effect_choice {
	EFFECTS_OPEN,     /* something is still to be done: asked, followed, told */
	EFFECTS_DOUBTFUL, /* UNKNOWN and HUMAN: what a person may want to see */
};
enum store_status store_effects(struct store *store, enum effect_choice choice, struct arena *arena,
	struct store_effect **effects, size_t *n) MUST_CHECK;
/* The open ones of one conversation. */
enum store_status store_effects_of(struct store *store, struct str conversation,
	struct arena *arena, struct store_effect **effects, size_t *n) MUST_CHECK;

/* Messages to other programs (webhooks) that are sent until they arrive or are given up. */
struct store_send {
	int64_t id;
	struct str key, body;
	int64_t at; /* all times in Unix ms */
	int64_t tries;
	int64_t next_at;  /* of the next try; 0: there will be none */
	int64_t sent;     /* arrived; 0: not yet */
	int64_t dead;     /* given up; 0: not */
	struct str error; /* of the last try */
};
/* To be tried from @at_ms on.  The same key is added once: then 0.  It is forgotten with its
 * conversation. */
int64_t store_add_send(struct store *store, struct str key, struct str conversation,
	struct str body, int64_t at_ms);
void store_mark_send(struct store *store, int64_t id, int64_t tries, int64_t next_at_ms,
	int64_t sent_ms, int64_t dead_ms, struct str error);
/* Those waiting for a try, the soonest first; or @all, the newest first, at most 1,000. */
typedef void store_send_function(void *self, const struct store_send *send);
enum store_status store_sends(
	struct store *store, bool all, store_send_function *each, void *self) MUST_CHECK;

/* Forgets a conversation: session, posts, message ids, watches, notes, cards and messages to other
 * programs are gone from the file and its log; of effects remain key, operation, state, times and,
 * while the outcome is not known, the slot.  A transaction of its own.  A kill may leave copies of
 * it behind; those go when the store is opened again. */
enum store_status store_forget(struct store *store, struct str conversation) MUST_CHECK;
/* The journal's files hold what many conversations said and go as a whole, so that whatever they
 * hold of one is forgotten when all of it is folded: up to half a second in which nobody is
 * answered.  This empties them first, of what was written up to @mark (store_mark(), what is
 * written just now), beside the turns as store_fold_aside() does, some of it in each call.
 * *@is_clear: it is done, and store_forget() of who has written nothing since, and store_clean()
 * of what was removed before, are short. */
int64_t store_mark(const struct store *store);
enum store_status store_clear_aside(struct store *store, int64_t mark, bool *is_clear) MUST_CHECK;

/* Forgets conversations in which nothing was said since .before, some in each call, those first
 * that are idle for longest.  It keeps, and counts in .n_held, those in which something is still to
 * come: an effect, a watch or a timer, an open card, a message that waits to be sent or read.  What
 * was heard of just now waits until it is folded.  A transaction of its own.
 *
 * What was written by a clock that was set since is no older, or no younger, than that.
 *
 * A round: .before to .self are the caller's, all else is zero at first, and the same struct again
 * until .is_over.  After a failure nothing of that call was done. */
struct store_clock_set {
	int64_t mark, at_s; /* store_mark() then, and what the clock shows since; 0: it was not */
};
struct store_idle {
	int64_t before, now_ms; /* Unix seconds; ms: later timers are still to come */
	size_t most;            /* to be looked at in a call; 256 at the most */
	struct store_clock_set forward, back;
	/* Asked last, with the session's bytes (none: empty).  Once it says yes, the conversation
	 * goes with this call, unless that fails. */
	bool (*may_go)(void *self, struct str conversation, struct str session);
	void *self;

	bool is_over;
	size_t n_gone, n_held;
	int64_t saved, number; /* the store's: how far it has looked */
};
enum store_status store_remove_idle(struct store *store, struct store_idle *idle) MUST_CHECK;
/* Copies of what was removed are in the log and in the journal's files until this; as much work as
 * store_forget(), and none if there are no copies. */
enum store_status store_clean(struct store *store) MUST_CHECK;
/* Whether its other threads are, so that who needs the file would wait. */
bool store_is_at_work(struct store *store) MUST_CHECK;

#endif
