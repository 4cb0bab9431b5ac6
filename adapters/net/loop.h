/* A loop: sockets, timers, signals, and what is done before it sleeps.  libev behind a door: nothing
 * else includes ev.h.  A loop belongs to one thread, all but loop_wake_send(). */
#ifndef TENSTEP_ADAPTERS_NET_LOOP_H
#define TENSTEP_ADAPTERS_NET_LOOP_H

#include "bot/base/str.h"

struct loop;

struct loop *loop_new(void) MUST_CHECK;
void loop_free(struct loop *loop); /* NULL is fine; what still watches is let go */
/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Unix time in ms of this turn of the loop; steady time in ms (never goes back, any origin). */
int64_t loop_now_ms(const struct loop *loop);
int64_t loop_steady_ms(const struct loop *loop);
/* Milliseconds that loop_now_ms() is ahead of loop_steady_ms(), both as they are just now: it
 * changes when the clock is set, and not when the turn is a long one. */
int64_t loop_ahead_ms(struct loop *loop);

typedef void loop_function(void *self);

/* Called each time before the loop sleeps, in the order of registration: what came in during this
 * turn is committed here.  At most 8; for the life of the loop. */
void loop_before_sleep(struct loop *loop, loop_function *function, void *self);

/* Once, before the loop sleeps, when all that loop_before_sleep() named is done: what that has
 * begun is rounded off.  The caller's memory, zeroed at first; asking again before it was called
 * changes nothing. */
struct loop_finish {
	struct loop_finish *next;
	loop_function *function; /* NULL: not asked for */
	void *self;
};
void loop_finish(
	struct loop *loop, struct loop_finish *finish, loop_function *function, void *self);
void loop_finish_not(struct loop *loop, struct loop_finish *finish); /* fine when not asked for */

/* One-shot timers; zeroed memory of the caller's that must not move while the timer runs.  Starting
 * a running one moves it.  Firing is not more than a millisecond early.  10,000 of them cost
 * nothing while they wait (a heap). */
struct loop_timer {
	void *inside[10];
};
void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t after_ms,
	loop_function *function, void *self);
void loop_timer_stop(struct loop *loop, struct loop_timer *timer); /* fine when not running */

/* A descriptor; the caller's memory as above. */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void loop_io_function(void *self, int descriptor, unsigned ready);
struct loop_io {
	void *inside[8];
};
void loop_io_start(struct loop *loop, struct loop_io *io, int descriptor, unsigned wanted,
	loop_io_function *function, void *self);
void loop_io_stop(struct loop *loop, struct loop_io *io);

/* Another thread wakes the loop: @function is called in the loop's thread, once for any number of
 * sends before it.  The caller's memory as above, and not let go before the other thread has. */
struct loop_wake {
	void *inside[9];
};
void loop_wake_start(
	struct loop *loop, struct loop_wake *wake, loop_function *function, void *self);
void loop_wake_send(struct loop_wake *wake);
void loop_wake_stop(struct loop_wake *wake);

/* @inner is run inside @loop from now on, by its thread, as if what it watches were @loop's; its
 * timers go on, and what is to be rounded off (loop_finish()) is, with @loop's own.  A foreign
 * library's timers are looked at once a second, or when something else comes.  One inner loop at a
 * time; nobody else runs it meanwhile. */
void loop_take_in(struct loop *loop, struct loop *inner);
bool loop_has_taken_in(const struct loop *loop);
void loop_let_out(
	struct loop *loop); /* not from inside a callback of the inner loop's descriptors */

/* A signal is delivered inside the loop.  At most 8 different ones, for the life of the loop. */
void loop_signal(struct loop *loop, int signal, loop_function *function, void *self);

/* The struct ev_loop, for the listener's guest library only. */
void *loop_foreign(struct loop *loop);

#endif
