/* A buyer has what they said erased.  Where the journal is long it is emptied first, beside the
 * turns (store_clear_aside()); until then nobody goes on with that conversation, and all others go
 * on. */
#include "bot/dispatch/dispatcher_inside.h"

#include <stdlib.h>
#include <utlist.h>

enum {
	short_journal = 1024, /* rows: folded sooner than anybody notices */
	step_ms = 5,
};

struct leaving {
	struct leaving *prev, *next;
	struct room *room;
	taken_function *done; /* NULL: nobody waits for it any more */
	void *self;
	int64_t mark;     /* all of it was written before */
	bool is_clearing; /* the journal's files */
};

static void finish(struct dispatcher *d, struct leaving *leaving, enum taken taken)
{
	DL_DELETE(d->leaving, leaving);
	if (leaving->done)
		leaving->done(leaving->self, taken, 0);
	free(leaving);
}

static struct leaving *first_of(struct dispatcher *d, const struct room *room)
{
	struct leaving *leaving;

	DL_FOREACH(d->leaving, leaving)
	if (leaving->room == room)
		break;
	return leaving;
}

/* Everybody who asked for it. */
static void finish_all_of(struct dispatcher *d, struct room *room, enum taken taken)
{
	struct leaving *leaving;

	room->leaving = false;
	while ((leaving = first_of(d, room)))
		finish(d, leaving, taken);
}

static bool erase(struct dispatcher *d, struct room *room)
{
	if (store_forget(d->setup.store, room_name(room)) != STORE_OK) {
		dispatcher_complain(
			d, "a conversation cannot be erased", store_error(d->setup.store));
		return false;
	}
	LOG(d->setup.log, LOG_INFO, dispatcher_now(d), "conversation erased",
		log_id("conversation", room_name(room)));
	room->told = 0;
	if (d->setup.erased)
		d->setup.erased(d->setup.self, room_name(room));
	return true;
}

static void let_go(struct dispatcher *d, struct room *room)
{
	bool good = dispatcher_flush(d) && !d->writing && erase(d, room);

	if (good)
		tell_forgotten(room);
	finish_all_of(d, room, good ? TAKEN : TAKEN_NOT);
}

/* True: it can be erased without anybody waiting for it. */
static bool is_prepared(struct dispatcher *d, struct leaving *leaving, bool *good)
{
	bool is_clear = false;

	*good = true;
	if (!leaving->is_clearing && store_journal(d->setup.store) <= short_journal)
		return true;
	leaving->is_clearing = true;
	*good = store_clear_aside(d->setup.store, leaving->mark, &is_clear) == STORE_OK;
	if (!*good)
		dispatcher_complain(
			d, "a conversation cannot be erased", store_error(d->setup.store));
	return is_clear;
}

static void go_on(void *self)
{
	struct dispatcher *d = self;
	bool good = true;

	if (d->leaving && is_prepared(d, d->leaving, &good))
		let_go(d, d->leaving->room);
	else if (!good)
		finish_all_of(d, d->leaving->room, TAKEN_NOT);
	if (d->leaving)
		loop_timer_start(d->setup.loop, &d->leaving_timer, step_ms, go_on, d);
}

static void hold(struct room *room, taken_function *done, void *self)
{
	struct dispatcher *d = room->dispatcher;
	struct leaving *leaving = calloc(1, sizeof *leaving);

	if (!leaving)
		abort();
	room_sleep(room);
	room->leaving = true;
	*leaving = (struct leaving){
		.room = room, .done = done, .self = self, .mark = store_mark(d->setup.store)};
	DL_APPEND(d->leaving, leaving);
}

void dispatcher_forget(
	struct dispatcher *d, struct str conversation, taken_function *done, void *self)
{
	struct room *room = room_of(d, conversation);

	if (!dispatcher_flush(d) || d->writing) {
		if (done)
			done(self, TAKEN_NOT, 0);
		return;
	}
	hold(room, done, self);
	if (d->leaving->room == room)
		go_on(d);
}

void leaving_forget_done(struct dispatcher *d, const void *self)
{
	struct leaving *leaving;

	DL_FOREACH(d->leaving, leaving)
	if (leaving->self == self)
		leaving->done = NULL;
}

void leaving_free(struct dispatcher *d)
{
	loop_timer_stop(d->setup.loop, &d->leaving_timer);
	while (d->leaving) {
		struct room *room = d->leaving->room;

		(void)erase(d, room);
		finish_all_of(d, room, TAKEN_NOT);
	}
}
