/* What is not kept for ever. */
#include "bot/retention/retention.h"

#include <stdlib.h>

#include "bot/retention/calendar.h"
#include "bot/retention/strays.h"

enum {
	step_ms = 100,
	rest_ms = 60 * 1000, /* between two looks at the calendar */
	round_ms = 3600 * 1000,
	step_conversations = 8,
	most_put_off = 100, /* steps: as long as there is something else to do */
	max_calendar_bytes = 100,
};

enum stage { RESTING, REMOVING, CLEANING, SWEEPING };

struct retention {
	struct retention_setup setup;
	struct loop_timer timer;
	struct calendar calendar;
	int64_t written_ms; /* the calendar, when it was last */
	int64_t looked_ms;  /* steady: at the calendar; 0: not yet */
	struct store_clock_set forward, back;
	enum stage stage;
	int64_t next_ms; /* steady: of the next round */
	struct store_idle idle;
	unsigned put_off;
	struct strays strays;
};

static int64_t now_ms(const struct retention *r)
{
	return loop_now_ms(r->setup.loop);
}

/* --- the calendar --- */

static struct store_clock_set clock_set_read(struct str text)
{
	struct store_clock_set read = {0};
	struct str mark = str_cut(&text, ' ');

	if (!str_int(mark, &read.mark) || !str_int(text, &read.at_s))
		return (struct store_clock_set){0};
	return read;
}

static void read_calendar(struct retention *r)
{
	struct arena *arena = arena_new(1 << 16);
	struct str kept;

	if (store_cursor(r->setup.store, S("calendar"), arena, &kept) == STORE_OK)
		r->calendar = calendar_read(kept);
	if (store_cursor(r->setup.store, S("clock set forward"), arena, &kept) == STORE_OK)
		r->forward = clock_set_read(kept);
	if (store_cursor(r->setup.store, S("clock set back"), arena, &kept) == STORE_OK)
		r->back = clock_set_read(kept);
	arena_free(arena);
}

static void write_clock_set(struct retention *r, struct str name, const struct store_clock_set *set)
{
	struct buf text;

	buf_init(&text, max_calendar_bytes);
	buf_addf(&text, "%lld %lld", (long long)set->mark, (long long)set->at_s);
	store_set_cursor(r->setup.store, name, buf_str(&text));
	buf_release(&text);
}

/* Often enough that a start can tell a leap from the time that it was away. */
static void write_calendar(struct retention *r)
{
	struct buf text;

	if (!dispatcher_write(r->setup.dispatcher))
		return;
	buf_init(&text, max_calendar_bytes);
	calendar_show(&r->calendar, &text);
	store_set_cursor(r->setup.store, S("calendar"), buf_str(&text));
	buf_release(&text);
	write_clock_set(r, S("clock set forward"), &r->forward);
	write_clock_set(r, S("clock set back"), &r->back);
	r->written_ms = now_ms(r);
}

static void tell_leap(struct retention *r)
{
	LOG(r->setup.log, r->setup.conversations_s ? LOG_WARNING : LOG_INFO, now_ms(r),
		"the date has leapt, or nobody looked at it: nothing is removed by its age before "
		"it has gone on for some days",
		log_int("days", calendar_wait_ms / calendar_hour_ms / 24));
}

/* What is written so far has dates of another calendar.  A program that was away has seen no more
 * than that time has passed. */
static void note_leap(struct retention *r, int64_t leap_ms)
{
	struct store_clock_set set = {store_mark(r->setup.store), now_ms(r) / 1000};
	int64_t passed_ms = loop_steady_ms(r->setup.loop) - r->looked_ms;

	if (leap_ms < 0) {
		r->back = set;
		if (r->forward.at_s > set.at_s)
			r->forward.at_s = set.at_s;
	} else if (r->looked_ms ? leap_ms - passed_ms > calendar_forward_ms
				: leap_ms > calendar_away_ms) {
		r->forward = set;
	}
}

static void stop_round(struct retention *r)
{
	strays_stop(&r->strays);
	r->stage = RESTING;
}

/* False: today nothing is old. */
static bool look_at_calendar(struct retention *r)
{
	int64_t last_ms = r->calendar.last_ms;
	bool leapt = calendar_look(&r->calendar, now_ms(r));

	if (leapt && last_ms) {
		tell_leap(r);
		note_leap(r, now_ms(r) - last_ms);
	}
	r->looked_ms = loop_steady_ms(r->setup.loop);
	if (leapt)
		stop_round(r);
	if (leapt || now_ms(r) - r->written_ms >= round_ms)
		write_calendar(r);
	return calendar_is_sure(&r->calendar);
}

/* --- conversations --- */

static void begin_removing(struct retention *r)
{
	r->idle = (struct store_idle){
		.before = now_ms(r) / 1000 - r->setup.conversations_s,
		.now_ms = now_ms(r),
		.most = step_conversations,
		.forward = r->forward,
		.back = r->back,
	};
	r->put_off = 0;
	r->stage = REMOVING;
}

static void tell_removed(struct retention *r)
{
	if (r->idle.n_gone)
		LOG(r->setup.log, LOG_INFO, now_ms(r),
			"conversations were removed that nobody had written in for long",
			log_int("removed", (int64_t)r->idle.n_gone),
			log_int("held", (int64_t)r->idle.n_held));
	metrics_set(
		r->setup.metrics, "tenstep_conversations_held", NULL, NULL, (double)r->idle.n_held);
}

/* Where there is always something else to do, now and then it is done all the same. */
static bool is_later(struct retention *r, enum removal removal)
{
	if (removal != REMOVAL_LATER) {
		r->put_off = 0;
		return false;
	}
	r->put_off++;
	return true;
}

/* Tried again in the next round. */
static void end_round(struct retention *r)
{
	if (r->stage == REMOVING || r->stage == CLEANING)
		tell_removed(r);
	stop_round(r);
}

static void remove_some(struct retention *r)
{
	size_t before = r->idle.n_gone;
	enum removal removal =
		dispatcher_remove_idle(r->setup.dispatcher, &r->idle, r->put_off >= most_put_off);

	if (is_later(r, removal))
		return;
	metrics_add(r->setup.metrics, "tenstep_conversations_removed_total", NULL, NULL,
		(double)(r->idle.n_gone - before));
	if (removal == REMOVAL_FAILED)
		end_round(r);
	else if (r->idle.is_over)
		r->stage = CLEANING;
}

/* --- uploads --- */

static void begin_sweeping(struct retention *r)
{
	r->stage = SWEEPING;
	strays_begin(&r->strays, now_ms(r) - r->setup.uploads_s * 1000);
}

static void sweep_some(struct retention *r)
{
	size_t before = r->strays.n_removed;
	bool more = strays_step(&r->strays);

	metrics_add(r->setup.metrics, "tenstep_uploads_removed_total", NULL, NULL,
		(double)(r->strays.n_removed - before));
	if (more)
		return;
	if (r->strays.n_removed)
		LOG(r->setup.log, LOG_INFO, now_ms(r),
			"uploads were removed that no message had named",
			log_int("files", (int64_t)r->strays.n_removed));
	r->stage = RESTING;
}

/* --- a round --- */

static void after_conversations(struct retention *r)
{
	if (r->setup.uploads_s)
		begin_sweeping(r);
	else
		r->stage = RESTING;
}

static void clean(struct retention *r)
{
	enum removal removal = dispatcher_clean(r->setup.dispatcher, r->put_off >= most_put_off);

	if (is_later(r, removal))
		return;
	if (removal == REMOVAL_FAILED) {
		end_round(r);
		return;
	}
	tell_removed(r);
	after_conversations(r);
}

static void begin_round(struct retention *r)
{
	r->next_ms = loop_steady_ms(r->setup.loop) + round_ms;
	if (r->setup.conversations_s)
		begin_removing(r);
	else
		after_conversations(r);
}

static void go_on(struct retention *r)
{
	switch (r->stage) {
	case RESTING:
		if (loop_steady_ms(r->setup.loop) >= r->next_ms)
			begin_round(r);
		break;
	case REMOVING:
		remove_some(r);
		break;
	case CLEANING:
		clean(r);
		break;
	case SWEEPING:
		sweep_some(r);
		break;
	}
}

static void tick(void *self)
{
	struct retention *r = self;

	if (look_at_calendar(r))
		go_on(r);
	loop_timer_start(
		r->setup.loop, &r->timer, r->stage == RESTING ? rest_ms : step_ms, tick, r);
}

struct retention *retention_new(const struct retention_setup *setup)
{
	struct retention *r = calloc(1, sizeof *r);

	if (!r)
		abort();
	r->setup = *setup;
	r->strays = (struct strays){.uploads = setup->uploads, .store = setup->store};
	read_calendar(r);
	loop_timer_start(setup->loop, &r->timer, step_ms, tick, r);
	return r;
}

void retention_free(struct retention *r)
{
	if (!r)
		return;
	loop_timer_stop(r->setup.loop, &r->timer);
	strays_stop(&r->strays);
	free(r);
}
