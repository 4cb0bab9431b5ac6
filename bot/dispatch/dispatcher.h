/* All conversations of the server: one mailbox each, turns in order, everything of one round of the
 * loop in one commit, and nothing told to anybody before that commit.
 *
 *   a message ─> dispatcher_take() ─> step() ─> journal, posts, inbox id     one transaction
 *   before the loop sleeps ─> commit ─> acknowledgements, posts to hearers, cards
 *
 * Acceptance and the turn are one transaction: step() never waits and takes microseconds, so a
 * message is acknowledged when it and all that followed from it are on disk.  When many turns are
 * in it, a second thread waits for the disk, and the next turns are thought about meanwhile; they
 * are the next commit.  When a commit fails, every conversation that it or the open one touched is
 * taken up again from the store, and whoever wrote is told that nothing was taken. */
#ifndef TENSTEP_DISPATCH_DISPATCHER_H
#define TENSTEP_DISPATCH_DISPATCHER_H

#include "adapters/net/loop.h"
#include "adapters/order/order_api.h"
#include "adapters/store/store.h"
#include "bot/common/log.h"
#include "bot/common/metrics.h"
#include "bot/engine/step.h"

struct dispatcher;
struct deaths; /* bot/dispatch/deaths.h */

/* Whoever shows conversations in other places without hearing each of them.  Functions may be NULL
 * but for `carries`. */
struct courier {
	bool (*carries)(void *self, struct str conversation);
	/* In the open transaction and before a turn: posts may follow.  Whatever follows is then
	 * committed with it or later, never earlier. */
	void (*expect)(void *self, struct str conversation);
	void (*posted)(void *self, struct str conversation); /* after the commit */
	void (*typing)(void *self, struct str conversation);
	void (*owner)(void *self, struct str conversation, enum owner owner);
	void (*forgotten)(void *self, struct str conversation);
	void *self;
};

struct dispatcher_setup {
	struct loop *loop;
	struct store *store;
	struct order_api *shop;
	struct model *model; /* a reference of its own is taken */
	struct str language;
	struct log *log;
	struct metrics *metrics;
	uint64_t seed;
	size_t max_awake; /* conversations in memory, about 3 KB each; 0: 20,000 */
	/* After the commit: a person is needed.  May be NULL. */
	void (*handed_off)(void *self, const struct store_card *card);
	/* A conversation was erased: what is kept of it elsewhere goes too, before anybody is told.
	 * May be NULL. */
	void (*erased)(void *self, struct str conversation);
	void *self;             /* of these two */
	struct courier courier; /* all NULL: nobody */
	struct deaths *deaths;  /* the caller's; NULL: nothing is noted */
};
struct dispatcher *dispatcher_new(const struct dispatcher_setup *setup) MUST_CHECK;
void dispatcher_free(struct dispatcher *dispatcher); /* commits what is open; NULL is fine */

enum taken {
	TAKEN,
	TAKEN_BEFORE, /* its mid is known: nothing happened again */
	TAKEN_STALE,  /* for agents: the conversation is not theirs (any more) */
	TAKEN_NOT,    /* it could not be stored; nothing happened */
};

/* @n: the number of the post that the message became; 0 if none or not known any more. */
typedef void taken_function(void *self, enum taken taken, uint32_t n);

struct letter {
	struct str conversation;      /* "widget:…"; made when it is new */
	struct str channel, language; /* of a new one */
	struct event event;           /* id: the mid; clock and chance are filled in */
	const struct value *file;     /* ATTACHMENT, AGENT_SAID: {id, name, type, bytes} for the
					 transcript */
	struct str label;             /* PRESS: what the buyer saw; empty: it is looked up */
};
/* Everything is copied.  @done comes once, after the commit, or never if @done is NULL; never from
 * inside this function.  See dispatcher_forget_done(). */
void dispatcher_take(struct dispatcher *dispatcher, const struct letter *letter,
	taken_function *done, void *self);
/* Whoever is @self goes away: their `done` are not called any more. */
void dispatcher_forget_done(struct dispatcher *dispatcher, void *self);

/* Whether messages can be taken: the store's last commit went well, or one that is made to find
 * out, at most once a second. */
bool dispatcher_ready(struct dispatcher *dispatcher);

/* Those who show a conversation.  A listener is the caller's memory, on one conversation at a time.
 */
struct hearer {
	void (*post)(void *self, const struct post *post); /* in order, after their commit */
	void (*owner)(void *self, enum owner owner, struct str person); /* changed */
	void (*typing)(void *self, enum post_who who);
	void (*sealed)(void *self); /* the proof has ended, by a turn: see dispatcher_standing() */
	void (*forgotten)(void *self);
	void *self;
	struct hearer *inside[2]; /* the dispatcher's */
	void *room;               /* the dispatcher's */
};
/* Posts with n above @after that are stored already are not given: see dispatcher_posts(). */
void dispatcher_hear(struct dispatcher *dispatcher, struct str conversation, struct hearer *hearer);
void dispatcher_unhear(struct dispatcher *dispatcher, struct hearer *hearer);

/* Whether anybody shows it now. */
bool dispatcher_is_heard(struct dispatcher *dispatcher, struct str conversation);

/* How a conversation stands, committed or about to be. */
struct standing {
	bool known;    /* there is such a conversation */
	uint32_t last; /* post */
	enum owner owner;
	struct str person; /* who has it, by the name to show; until the dispatcher is used again */
	struct str buyer, buyer_name; /* proven */
	int64_t proof_ends_ms;        /* see session_proof_ends_ms() */
	int64_t hides_before_ms;      /* see session_hides_before() */
	int64_t buyer_ms;             /* the last thing that the buyer did; 0: nothing yet */
	bool sealed;                  /* see session_is_sealed() */
	bool busy;                    /* waits for an answer of the shop */
	bool unread;                  /* the store cannot be read: nothing of this is known */
};
struct standing dispatcher_standing(struct dispatcher *dispatcher, struct str conversation);
/* See store_posts(). */
void dispatcher_posts(struct dispatcher *dispatcher, struct str conversation, uint32_t after,
	int limit, store_post_function *each, void *self);

/* A person has found out what became of a call of this conversation that was left to them
 * (EFFECT_HUMAN), @value as the shop would have answered.  Written down when this returns; the
 * buyer is told, at once or when the person has handed back. */
enum settled {
	SETTLED,
	SETTLED_TOO_EARLY, /* "not done", and the last try may still be carried out */
	SETTLED_NOT,       /* nothing under @key is left to a person */
	SETTLED_FAILED,    /* the store failed */
};
enum settled dispatcher_settle(struct dispatcher *dispatcher, struct str conversation,
	struct str key, bool done, const struct value *value) MUST_CHECK;

/* Somebody types; told to the other hearers. */
void dispatcher_typing(struct dispatcher *dispatcher, struct str conversation, enum post_who who,
	struct hearer *but);
/* Erases it; every hearer is told.  Where much is going on that takes a second or two, in which
 * nothing is taken for that conversation (TAKEN_NOT).  @done comes once, perhaps from inside this
 * function: TAKEN, or TAKEN_NOT if the store failed; or never if it is NULL, or after
 * dispatcher_forget_done(). */
void dispatcher_forget(
	struct dispatcher *dispatcher, struct str conversation, taken_function *done, void *self);

/* Removes some of the conversations that are older than @idle says, see store_remove_idle(); its
 * may_go is ours: a conversation stays while a person has it or is waited for, and while it waits
 * for the shop.  What is kept of one elsewhere goes first: after a kill in between the conversation
 * is still there, and is found again.  Unless @at_once, nothing is done while there is something
 * else to do. */
enum removal {
	REMOVAL_DONE,
	REMOVAL_LATER,  /* there was */
	REMOVAL_FAILED, /* the store failed: logged */
};
enum removal dispatcher_remove_idle(
	struct dispatcher *dispatcher, struct store_idle *idle, bool at_once) MUST_CHECK;
/* See store_clean(). */
enum removal dispatcher_clean(struct dispatcher *dispatcher, bool at_once) MUST_CHECK;

/* Other content from now on, for all. */
void dispatcher_use_model(struct dispatcher *dispatcher, struct model *model);
const struct model *dispatcher_model(const struct dispatcher *dispatcher);
/* Opens the transaction if none is open: the caller's own writes to the store then belong to it and
 * are committed with what the turns write.  False: the store failed. */
bool dispatcher_write(struct dispatcher *dispatcher) MUST_CHECK;
/* Commits what is open now. */
bool dispatcher_flush(struct dispatcher *dispatcher);
size_t dispatcher_awake(const struct dispatcher *dispatcher); /* conversations in memory */

#endif
