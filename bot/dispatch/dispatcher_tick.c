/* What happens by itself, once a second and when the program starts. */
#include "bot/dispatch/dispatcher_inside.h"

#include <time.h>

enum { tick_ms = 1000, fold_idle = 1024, clock_leap_ms = 5000 };

void names_add(void *self, struct str name)
{
	struct names *names = self;
	struct arena *arena = names->dispatcher->scratch;

	if (arena_over(arena))
		return;
	names->name = arena_grow(arena, names->name, names->n, struct str);
	names->name[names->n++] = arena_str(arena, name);
}

static void wake_named(struct dispatcher *d, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		(void)room_wake(room_of(d, names->name[i]), S(""), S(""));
}

static void add_due(void *self, struct str name, int64_t due_ms)
{
	(void)due_ms;
	names_add(self, name);
}

/* Sleeping conversations with something due soon. */
static void wake_due(struct dispatcher *d)
{
	struct names names = {.dispatcher = d};

	arena_reset(d->scratch);
	if (store_due(d->setup.store, dispatcher_now(d) + 2 * tick_ms, add_due, &names) != STORE_OK)
		dispatcher_complain(d, "the timers cannot be read", store_error(d->setup.store));
	wake_named(d, &names);
}

/* Ids of messages that nobody repeats any more; a bounded amount each time. */
static void expire(struct dispatcher *d)
{
	static const int64_t keep_ms = (int64_t)30 * 24 * 3600 * 1000;

	if (store_expire(d->setup.store, dispatcher_now(d) - keep_ms) != STORE_OK)
		dispatcher_complain(
			d, "old message ids cannot be forgotten", store_error(d->setup.store));
}

static void tidy(struct dispatcher *d)
{
	rooms_sleep_idle(d);
	expire(d);
	if (store_journal(d->setup.store))
		round_fold_aside(d, FOLD_ALL, fold_idle);
}

static void look(struct dispatcher *d)
{
	hear_shop(d);
	wake_due(d);
}

/* Milliseconds that the wall clock is ahead of the steady one; not as the loop has them, which read
 * them at different moments. */
static int64_t clock_ahead_ms(void)
{
	struct timespec wall, steady;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &steady);
	return (int64_t)(wall.tv_sec - steady.tv_sec) * 1000 +
	       (wall.tv_nsec - steady.tv_nsec) / 1000000;
}

/* What waits for a time of the day waits as much longer or shorter; whoever looks for the reason
 * finds it here. */
static void watch_clock(struct dispatcher *d)
{
	int64_t ahead = clock_ahead_ms(), leap = ahead - d->clock_ahead_ms;

	d->clock_ahead_ms = ahead;
	if (leap > -clock_leap_ms && leap < clock_leap_ms)
		return;
	LOG(d->setup.log, LOG_WARNING, dispatcher_now(d),
		leap < 0 ? "the clock was set back: what was due waits as much longer"
			 : "the clock was set forward: what was to wait is due as much sooner",
		log_int("seconds", ((leap < 0 ? -leap : leap) + 500) / 1000));
}

/* Nothing is taken while they are gone. */
static void watch_files(struct dispatcher *d)
{
	bool was_gone = d->is_gone;

	d->is_gone = store_watch_files(d->setup.store) != STORE_OK;
	if (d->is_gone)
		d->is_sick = true;
	if (d->is_gone && !was_gone)
		dispatcher_complain(d, "the store takes nothing", store_error(d->setup.store));
}

static void tick(void *self);

static void tick_again(struct dispatcher *d)
{
	metrics_set(d->setup.metrics, "tenstep_conversations_active", NULL, NULL,
		(double)d->rooms.n_awake);
	loop_timer_start(d->setup.loop, &d->tick, tick_ms, tick, d);
}

static void tick(void *self)
{
	struct dispatcher *d = self;

	watch_clock(d);
	watch_files(d);
	look(d);
	if (!d->open.n && !d->writing && d->flight == FLIGHT_NONE)
		tidy(d);
	tick_again(d);
}

/* Who was waiting for the program to start is heard before it tidies up. */
void dispatcher_first_tick(void *self)
{
	struct dispatcher *d = self;

	d->clock_ahead_ms = clock_ahead_ms();
	look(d);
	tick_again(d);
}

void recover_calls(struct dispatcher *d)
{
	struct names names = {.dispatcher = d};
	struct store_effect *open = NULL;
	size_t n = 0;

	arena_reset(d->scratch);
	if (store_effects(d->setup.store, EFFECTS_OPEN, d->scratch, &open, &n) != STORE_OK) {
		dispatcher_complain(
			d, "what was under way cannot be read", store_error(d->setup.store));
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (open[i].conversation.n) /* else it was erased, and nobody is told */
			names_add(&names, open[i].conversation);
	wake_named(d, &names);
}
