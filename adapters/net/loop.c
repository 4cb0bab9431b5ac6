/* libev behind loop.h. */
#include "adapters/net/loop.h"

#include <assert.h>
#include <ev.h>
#include <stdlib.h>
#include <time.h>
#include <utlist.h>

enum {
	MAX_BEFORE_SLEEP = 8,
	MAX_SIGNALS = 8,
	INNER_RUNS = 4, /* of an inner loop one after the other */
	slow_look_us =
		100 * 1000, /* something came in between: two clocks are not compared by it */
};

/* What stands in the caller's memory; libev's part first, so that its pointer is ours. */
struct timer {
	ev_timer watcher;
	loop_function *function;
	struct loop *loop; /* NULL: it does not run */
	struct timer *prev, *next;
};
struct io {
	ev_io watcher;
	loop_io_function *function;
};
struct wake {
	ev_async watcher;
	loop_function *function;
	struct ev_loop *ev;
};
_Static_assert(sizeof(struct wake) <= sizeof(struct loop_wake), "loop_wake is too small");
_Static_assert(sizeof(struct timer) <= sizeof(struct loop_timer), "loop_timer is too small");
_Static_assert(sizeof(struct io) <= sizeof(struct loop_io), "loop_io is too small");

struct named {
	loop_function *function;
	void *self;
};

struct loop {
	struct ev_loop *ev;
	ev_prepare before_sleep;
	ev_check after_sleep;
	ev_signal signal[MAX_SIGNALS];
	struct named on_signal[MAX_SIGNALS], first[MAX_BEFORE_SLEEP];
	size_t n_signals, n_first;
	struct loop_finish *finish;
	struct timer *timers; /* that run: in ev, or in outer's */
	int64_t turn_us; /* steady: what libev takes for now */

	struct loop *inner; /* NULL: none */
	ev_async again;     /* while there is an inner one: another turn, now */
	bool settled;       /* nothing more is done before it sleeps */

	struct loop *outer; /* that this one runs in; NULL: by itself */
	ev_embed embed;     /* in it, as the next */
	ev_timer sweep;
	bool busy; /* something came: more may be there */
};

static int64_t steady_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void call_finish(struct loop *loop, struct loop_finish *finish)
{
	loop_function *function = finish->function;

	loop_finish_not(loop, finish);
	function(finish->self);
}

static void round_off(struct loop *loop)
{
	while (loop->finish)
		call_finish(loop, loop->finish);
	if (loop->inner && loop->inner->finish) {
		round_off(loop->inner);
		round_off(loop);
	}
}

static void run_inner(struct loop *inner)
{
	inner->busy = false;
	ev_run(inner->ev, EVRUN_NOWAIT);
}

static void run_inner_to_its_end(struct loop *inner)
{
	for (int i = 0; inner->busy && i < INNER_RUNS; i++)
		run_inner(inner);
	if (inner->busy)
		ev_async_send(inner->outer->ev, &inner->outer->again);
}

static void before_sleep(struct ev_loop *ev, ev_prepare *watcher, int ready)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)ready;
	if (loop->inner)
		run_inner_to_its_end(loop->inner);
	for (size_t i = 0; i < loop->n_first; i++)
		loop->first[i].function(loop->first[i].self);
	round_off(loop);
	loop->settled = true;
}

static void after_sleep(struct ev_loop *ev, ev_check *watcher, int ready)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)ready;
	loop->turn_us = steady_us();
	loop->settled = false;
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	assert(loop);
	loop->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	assert(loop->ev);
	loop->turn_us = steady_us();
	ev_prepare_init(&loop->before_sleep, before_sleep);
	ev_check_init(&loop->after_sleep, after_sleep);
	loop->before_sleep.data = loop->after_sleep.data = loop;
	ev_prepare_start(loop->ev, &loop->before_sleep);
	ev_check_start(loop->ev, &loop->after_sleep);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	ev_prepare_stop(loop->ev, &loop->before_sleep);
	ev_check_stop(loop->ev, &loop->after_sleep);
	for (size_t i = 0; i < loop->n_signals; i++)
		ev_signal_stop(loop->ev, &loop->signal[i]);
	ev_loop_destroy(loop->ev);
	free(loop);
}

void loop_run(struct loop *loop)
{
	ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
	ev_break(loop->ev, EVBREAK_ALL);
}

int64_t loop_now_ms(const struct loop *loop)
{
	return (int64_t)(ev_now(loop->ev) * 1000);
}

int64_t loop_steady_ms(const struct loop *loop)
{
	(void)loop;
	return steady_us() / 1000;
}

int64_t loop_ahead_ms(struct loop *loop)
{
	int64_t before, after;

	do {
		before = steady_us();
		ev_now_update(loop->ev);
		after = steady_us();
	} while (after - before > slow_look_us);
	loop->turn_us = before;
	return loop_now_ms(loop) - before / 1000;
}

void loop_before_sleep(struct loop *loop, loop_function *function, void *self)
{
	assert(loop->n_first < MAX_BEFORE_SLEEP);
	loop->first[loop->n_first++] = (struct named){function, self};
}

void loop_finish(struct loop *loop, struct loop_finish *finish, loop_function *function, void *self)
{
	if (finish->function)
		return;
	finish->function = function;
	finish->self = self;
	LL_APPEND(loop->finish, finish);
}

void loop_finish_not(struct loop *loop, struct loop_finish *finish)
{
	if (!finish->function)
		return;
	LL_DELETE(loop->finish, finish);
	finish->function = NULL;
}

/* An inner loop's timers stand in the outer one. */
static struct loop *where_timers_run(struct loop *loop)
{
	return loop->outer ? loop->outer : loop;
}

static void take_timer_out(struct timer *timer)
{
	ev_timer_stop(where_timers_run(timer->loop)->ev, &timer->watcher);
	DL_DELETE(timer->loop->timers, timer);
	timer->loop = NULL;
}

static void timer_fired(struct ev_loop *ev, ev_timer *watcher, int ready)
{
	struct timer *timer = (struct timer *)(void *)watcher;

	(void)ev;
	(void)ready;
	take_timer_out(timer);
	timer->function(watcher->data);
}

/* libev counts from the beginning of the turn; after a long one a timer would come too early. */
static void notice_time(struct loop *loop)
{
	int64_t now = steady_us();

	if (now - loop->turn_us < 500)
		return;
	ev_now_update(loop->ev);
	loop->turn_us = now;
}

static void set_timer(struct timer *timer, double after)
{
	struct loop *where = where_timers_run(timer->loop);

	notice_time(where);
	ev_timer_init(&timer->watcher, timer_fired, after > 0 ? after : 0., 0.);
	ev_timer_start(where->ev, &timer->watcher);
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t after_ms,
	loop_function *function, void *self)
{
	struct timer *t = (struct timer *)(void *)timer;

	loop_timer_stop(loop, timer);
	t->loop = loop;
	DL_APPEND(loop->timers, t);
	t->watcher.data = self;
	t->function = function;
	set_timer(t, (double)after_ms / 1000);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
	struct timer *t = (struct timer *)(void *)timer;

	(void)loop;
	if (t->loop)
		take_timer_out(t);
}

static void io_ready(struct ev_loop *ev, ev_io *watcher, int ready)
{
	struct io *io = (struct io *)(void *)watcher;
	unsigned what = (ready & EV_READ ? LOOP_READ : 0u) | (ready & EV_WRITE ? LOOP_WRITE : 0u);

	(void)ev;
	io->function(watcher->data, watcher->fd, what);
}

void loop_io_start(struct loop *loop, struct loop_io *io, int descriptor, unsigned wanted,
	loop_io_function *function, void *self)
{
	struct io *i = (struct io *)(void *)io;
	int events = (wanted & LOOP_READ ? EV_READ : 0) | (wanted & LOOP_WRITE ? EV_WRITE : 0);

	loop_io_stop(loop, io);
	ev_io_init(&i->watcher, io_ready, descriptor, events);
	i->watcher.data = self;
	i->function = function;
	ev_io_start(loop->ev, &i->watcher);
}

void loop_io_stop(struct loop *loop, struct loop_io *io)
{
	ev_io_stop(loop->ev, &((struct io *)(void *)io)->watcher);
}

static void woken(struct ev_loop *ev, ev_async *watcher, int ready)
{
	(void)ev;
	(void)ready;
	((struct wake *)(void *)watcher)->function(watcher->data);
}

void loop_wake_start(
	struct loop *loop, struct loop_wake *wake, loop_function *function, void *self)
{
	struct wake *w = (struct wake *)(void *)wake;

	ev_async_init(&w->watcher, woken);
	w->watcher.data = self;
	w->function = function;
	w->ev = loop->ev;
	ev_async_start(loop->ev, &w->watcher);
}

void loop_wake_send(struct loop_wake *wake)
{
	struct wake *w = (struct wake *)(void *)wake;

	ev_async_send(w->ev, &w->watcher);
}

void loop_wake_stop(struct loop_wake *wake)
{
	struct wake *w = (struct wake *)(void *)wake;

	ev_async_stop(w->ev, &w->watcher);
}

/* --- a loop in another --- */

/* Instead of libev's own.  Beside our watcher of waking something else came; libev may run an inner
 * loop when the outer one is about to sleep, and that must not sleep on what has come then. */
static void invoke(struct ev_loop *ev)
{
	struct loop *inner = ev_userdata(ev);

	inner->busy = inner->busy || ev_pending_count(ev) > 1;
	ev_invoke_pending(ev);
	if (inner->busy && inner->outer->settled)
		ev_async_send(inner->outer->ev, &inner->outer->again);
}

static void inner_ready(struct ev_loop *ev, ev_embed *watcher, int ready)
{
	(void)ev;
	(void)ready;
	run_inner(watcher->data);
}

static void swept(struct ev_loop *ev, ev_timer *watcher, int ready)
{
	(void)ev;
	(void)ready;
	run_inner(watcher->data);
}

static void once_more(struct ev_loop *ev, ev_async *watcher, int ready)
{
	(void)ev;
	(void)watcher;
	(void)ready;
}

/* Timers that run go on in @outer, or, when that is NULL, in the loop itself. */
static void move_timers(struct loop *loop, struct loop *outer)
{
	struct ev_loop *from = where_timers_run(loop)->ev;
	struct timer *timer;

	loop->outer = outer;
	DL_FOREACH(loop->timers, timer)
	{
		double left = ev_timer_remaining(from, &timer->watcher);

		ev_timer_stop(from, &timer->watcher);
		set_timer(timer, left);
	}
}

void loop_take_in(struct loop *loop, struct loop *inner)
{
	assert(!loop->inner && !inner->outer);
	loop->inner = inner;
	move_timers(inner, loop);
	inner->busy = true; /* what it has begun elsewhere */
	ev_set_userdata(inner->ev, inner);
	ev_set_invoke_pending_cb(inner->ev, invoke);
	ev_async_init(&loop->again, once_more);
	ev_async_start(loop->ev, &loop->again);
	ev_embed_init(&inner->embed, inner_ready, inner->ev);
	inner->embed.data = inner;
	ev_embed_start(loop->ev, &inner->embed);
	ev_timer_init(&inner->sweep, swept, 1., 1.);
	inner->sweep.data = inner;
	ev_timer_start(loop->ev, &inner->sweep);
	ev_async_send(loop->ev, &loop->again);
}

bool loop_has_taken_in(const struct loop *loop)
{
	return loop->inner != NULL;
}

void loop_let_out(struct loop *loop)
{
	struct loop *inner = loop->inner;

	ev_embed_stop(loop->ev, &inner->embed);
	ev_timer_stop(loop->ev, &inner->sweep);
	ev_async_stop(loop->ev, &loop->again);
	ev_set_invoke_pending_cb(inner->ev, ev_invoke_pending);
	move_timers(inner, NULL);
	loop->inner = NULL;
}

/* --- signals --- */

static void signal_came(struct ev_loop *ev, ev_signal *watcher, int ready)
{
	struct named *named = watcher->data;

	(void)ev;
	(void)ready;
	named->function(named->self);
}

void loop_signal(struct loop *loop, int signal, loop_function *function, void *self)
{
	size_t i = loop->n_signals++;

	assert(i < MAX_SIGNALS);
	loop->on_signal[i] = (struct named){function, self};
	ev_signal_init(&loop->signal[i], signal_came, signal);
	loop->signal[i].data = &loop->on_signal[i];
	ev_signal_start(loop->ev, &loop->signal[i]);
}

void *loop_foreign(struct loop *loop)
{
	return loop->ev;
}
