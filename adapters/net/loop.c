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
	slow_look_us =
		100 * 1000, /* something came in between: two clocks are not compared by it */
};

/* What stands in the caller's memory; libev's part first, so that its pointer is ours. */
struct timer {
	ev_timer watcher;
	loop_function *function;
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
	int64_t turn_us; /* steady: what libev takes for now */
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

static void before_sleep(struct ev_loop *ev, ev_prepare *watcher, int ready)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)ready;
	for (size_t i = 0; i < loop->n_first; i++)
		loop->first[i].function(loop->first[i].self);
	while (loop->finish)
		call_finish(loop, loop->finish);
}

static void after_sleep(struct ev_loop *ev, ev_check *watcher, int ready)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)ready;
	loop->turn_us = steady_us();
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

static void timer_fired(struct ev_loop *ev, ev_timer *watcher, int ready)
{
	(void)ev;
	(void)ready;
	((struct timer *)(void *)watcher)->function(watcher->data);
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

void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t after_ms,
	loop_function *function, void *self)
{
	struct timer *t = (struct timer *)(void *)timer;

	loop_timer_stop(loop, timer);
	notice_time(loop);
	ev_timer_init(&t->watcher, timer_fired, after_ms > 0 ? (double)after_ms / 1000 : 0., 0.);
	t->watcher.data = self;
	t->function = function;
	ev_timer_start(loop->ev, &t->watcher);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
	ev_timer_stop(loop->ev, &((struct timer *)(void *)timer)->watcher);
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
