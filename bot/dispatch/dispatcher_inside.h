/* What the parts of the dispatcher share: dispatcher.c (letters, beginning and end),
 * dispatcher_round.c, dispatcher_room.c, dispatcher_turn.c, dispatcher_hearers.c,
 * dispatcher_shop.c, dispatcher_tick.c, dispatcher_idle.c and dispatcher_forget.c.  Nobody else
 * includes this. */
#ifndef TENSTEP_DISPATCH_DISPATCHER_INSIDE_H
#define TENSTEP_DISPATCH_DISPATCHER_INSIDE_H

#include "bot/dispatch/batch.h"
#include "bot/dispatch/deaths.h"
#include "bot/dispatch/room.h"
#include "bot/dispatch/visits.h"
#include "bot/host/workbench.h"

/* A commit that the store was asked for and that is not told yet. */
enum flight { FLIGHT_NONE, FLIGHT_UNDER_WAY, FLIGHT_GOOD, FLIGHT_FAILED };

struct dispatcher {
	struct dispatcher_setup setup;
	struct rooms rooms;
	struct workbench *bench;
	struct visits visits;
	/* What waits for a commit to begin; what waits for one to be over; what is being told. */
	struct batch open, flying, telling;
	enum flight flight;
	struct loop_wake landed; /* sent by the store's second thread */
	bool writing;            /* a transaction is open */
	bool failed;             /* and will not be committed */
	bool is_sick;            /* the last commit failed */
	bool is_gone;            /* the store's files are */
	int64_t clock_ahead_ms;  /* the wall clock, of the steady one */
	int64_t proven_ms;       /* steady: the last look at the store, or commit */
	bool is_telling;
	size_t n_turns; /* in the open transaction */
	unsigned n_doublings; /* of how many end it, since the loop slept */
	int64_t last_card;
	struct hearer *next_hearer; /* while one is being called */
	struct leaving *leaving;    /* who is to be erased, the first first */
	struct loop_timer leaving_timer;
	int64_t clean_mark; /* what was removed was written before; 0: nothing is being cleaned */
	struct loop_timer tick;
	struct arena *scratch;
	struct buf error;
};

/* Milliseconds of the wall clock. */
static inline int64_t dispatcher_now(const struct dispatcher *d)
{
	return loop_now_ms(d->setup.loop);
}

static inline struct room *room_of(struct dispatcher *d, struct str name)
{
	return rooms_make(&d->rooms, name, d);
}

void dispatcher_complain(struct dispatcher *d, const char *what, const char *error);

/* --- dispatcher_round.c: one transaction for the turns of a round of the loop --- */

/* Opens it if none is open; false: the store failed, and nothing of this round will be kept. */
bool round_begin(struct dispatcher *d) MUST_CHECK;
/* It will not be committed: all of it is rolled back.  @error is logged, the first of a round. */
void round_fail(struct dispatcher *d, const char *error);
/* Another turn is in it; commits when there are enough. */
void round_count_turn(struct dispatcher *d);
/* What is read for somebody outside must be on disk: commits if @room (NULL: none) is in it. */
void round_settle(struct dispatcher *d, const struct room *room);
/* Begins to fold the journal beside the turns, where it holds nobody up; a failure is logged. */
void round_fold_aside(struct dispatcher *d, enum store_fold what, size_t max_rows);
/* How a host opens it, and commits before a call of its leaves. */
struct host_commit round_commit(struct dispatcher *d);
void round_before_sleep(void *dispatcher); /* for loop_before_sleep() */
void round_landed(void *dispatcher);       /* the commit under way is over */

/* --- dispatcher_room.c: awake and asleep --- */

/* Takes the conversation up; what a kill had interrupted is gone on with.  @channel and @language
 * are of a new one.  False: logged. */
bool room_wake(struct room *room, struct str channel, struct str language);
void room_sleep(struct room *room);
/* Awake, and all of it is in the store. */
bool room_may_sleep(const struct room *room) MUST_CHECK;
/* Those not used for 20 s sleep; rooms with nothing in them are freed. */
void rooms_sleep_idle(struct dispatcher *d);
/* The turns of what is due by now. */
void room_pass_time(struct room *room);
/* For what is due next. */
void room_set_timer(struct room *room);
/* Begins what the program may die of, named @what; false: it has too often.  Else room_survived()
 * follows. */
bool room_dare(struct room *room, struct str what) MUST_CHECK;
void room_survived(struct room *room);
/* Whether the courier carries it. */
bool room_is_carried(const struct dispatcher *d, const struct room *room);
/* Before anything of a turn is written: a kill in the middle of it is known by this. */
void room_expect_posts(struct room *room);

/* --- dispatcher_turn.c: what a turn made --- */

/* To be told after the commit.  NULL: nothing came of it, or it could not be stored. */
void turn_collect(struct room *room, const struct host_turn *turn);
/* The round fails if the turn came to nothing because of the store. */
void turn_check(struct room *room, const struct host_turn *turn);

/* --- dispatcher_hearers.c: telling, after the commit --- */

void tell_news(struct dispatcher *d, const struct news *news);
void tell_done(const struct news *news, enum taken taken);
/* Hearers have each post once, in order. */
void tell_post(struct room *room, const struct post *post);
void tell_forgotten(struct room *room);

/* --- dispatcher_shop.c: what the shop says by itself --- */

void hear_shop(struct dispatcher *d); /* its notices */
/* For order_api.answered; @self: the dispatcher. */
void hear_answer(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value);

/* --- dispatcher_tick.c: once a second, and when the program starts --- */

void dispatcher_first_tick(void *dispatcher); /* the others follow */
/* Wakes conversations with a call whose outcome a kill left open. */
void recover_calls(struct dispatcher *d);

/* --- dispatcher_forget.c: what a buyer has erased --- */

void leaving_forget_done(struct dispatcher *d, const void *self);
/* Erases those that still wait for it; nobody is told. */
void leaving_free(struct dispatcher *d);

/* Names of conversations, in the scratch arena until it is reset. */
struct names {
	struct dispatcher *dispatcher;
	struct str *name;
	size_t n;
};
void names_add(void *names, struct str name);

#endif
