/* One round of the loop: the transaction that its turns share, and what is told after the commit.
 */
#include "bot/dispatch/dispatcher_inside.h"

enum {
	/* Turns of one commit.  While the loop comes to its sleep now and then, more cost whoever
	 * waits more than they spare the disk: half of a hundred are told while the disk is at work
	 * for the other half.  Where it does not, hundreds wait for longer than a batch takes, and
	 * twice as many spare all of them that. */
	usual_batch = 64,
	max_doublings = 1,
	max_waiting = 256, /* while the one before is under way */
	min_flight = 3,    /* fewer are sooner on the disk when nobody is asked to do it */
	/* Rows of the journal: with more a few are moved after each commit.  Several of a
	 * conversation are moved as one, so of each that talks so many may wait.  What waits is
	 * memory that no cache holds, and blocks of the journal's files that are written for the
	 * first time: a tenth is lost where 65,536 wait for a hundred.  So many are 60 MB, and up
	 * to 150 in each of the files. */
	rows_of_each = 16,
	min_unfolded = 8192,
	max_unfolded = 65536,
	fold_step = 1024,
	probe_ms = 1000, /* between two looks at whether the store takes anything */
};

void round_fail(struct dispatcher *d, const char *error)
{
	if (!d->failed)
		dispatcher_complain(d, "the store failed", error);
	d->failed = d->is_sick = true;
}

bool round_begin(struct dispatcher *d)
{
	if (d->writing || d->failed)
		return !d->failed;
	if (store_begin(d->setup.store) == STORE_OK)
		d->writing = true;
	else
		round_fail(d, store_error(d->setup.store));
	return d->writing;
}

bool dispatcher_write(struct dispatcher *d)
{
	return round_begin(d);
}

/* --- the commit that is under way --- */

static void over(void *self)
{
	struct dispatcher *d = self;

	loop_wake_send(&d->landed);
}

/* To come by round_before_sleep() again. */
void round_landed(void *self)
{
	(void)self;
}

static bool is_flying(struct dispatcher *d)
{
	return d->flight == FLIGHT_UNDER_WAY && !store_commit_is_over(d->setup.store);
}

/* It is over then.  One that failed takes with it what is open. */
static void land(struct dispatcher *d)
{
	if (d->flight != FLIGHT_UNDER_WAY)
		return;
	d->flight = FLIGHT_GOOD;
	if (store_commit_end(d->setup.store) != STORE_OK) {
		d->flight = FLIGHT_FAILED;
		round_fail(d, store_error(d->setup.store));
	}
	d->is_sick = d->failed;
	d->proven_ms = loop_steady_ms(d->setup.loop);
}

/* --- the one that is open --- */

static bool end(struct dispatcher *d)
{
	land(d);
	if (!d->writing)
		return !d->failed;
	d->writing = false;
	if (d->failed)
		store_rollback(d->setup.store);
	else if (store_commit(d->setup.store) != STORE_OK)
		round_fail(d, store_error(d->setup.store));
	else
		d->is_sick = false;
	d->proven_ms = loop_steady_ms(d->setup.loop);
	return !d->failed;
}

static bool open_for_host(void *self)
{
	return round_begin(self);
}

/* A call is about to leave: what led to it has to be on disk first. */
static bool commit_for_host(void *self)
{
	struct dispatcher *d = self;

	if (!end(d))
		return false;
	d->open.safe = d->open.n;
	return round_begin(d);
}

struct host_commit round_commit(struct dispatcher *d)
{
	return (struct host_commit){open_for_host, commit_for_host, d};
}

void round_fold_aside(struct dispatcher *d, enum store_fold what, size_t max_rows)
{
	if (store_fold_aside(d->setup.store, what, max_rows) != STORE_OK)
		dispatcher_complain(d, "the journal cannot be folded", store_error(d->setup.store));
}

static size_t may_wait(const struct dispatcher *d)
{
	size_t rows = rows_of_each * store_unfolded(d->setup.store);

	return rows < min_unfolded ? min_unfolded : rows > max_unfolded ? max_unfolded : rows;
}

/* While the next turns are thought about. */
static void fold_some(struct dispatcher *d)
{
	if (store_journal(d->setup.store) > may_wait(d))
		round_fold_aside(d, FOLD_OLDER, fold_step);
}

/* --- telling --- */

/* @to is empty, and @from is then. */
static void move(struct batch *from, struct batch *to)
{
	struct batch was = *from;

	*from = *to;
	*to = was;
}

static void tell_again(void *self, const struct post *post)
{
	tell_post(self, post);
}

/* After a commit that failed: nothing of it happened.  What an earlier commit of the same batch
 * stored is told from the store. */
static void undo_room(struct room *room)
{
	struct dispatcher *d = room->dispatcher;

	room->touched = room->flying = false;
	room_sleep(room);
	if (room->hearers && store_posts(d->setup.store, room_name(room), room->told, 1 << 20,
				     tell_again, room) != STORE_OK)
		dispatcher_complain(
			d, "the transcript cannot be read", store_error(d->setup.store));
}

static void tell(struct dispatcher *d, struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		tell_news(d, &batch->news[i]);
	batch_clear(batch);
}

static void tell_failed(struct dispatcher *d, struct batch *batch)
{
	for (size_t i = 0; i < batch->safe; i++)
		tell_news(d, &batch->news[i]);
	for (size_t i = batch->safe; i < batch->n; i++)
		if (batch->news[i].kind == NEWS_DONE)
			tell_done(&batch->news[i], TAKEN_NOT);
	batch_clear(batch);
}

static void undo_rooms(struct dispatcher *d)
{
	struct room *room, *next;

	HASH_ITER(hh, d->rooms.by_name, room, next)
	if (room->touched || room->flying)
		undo_room(room);
}

/* A room may be in the next batch as well. */
static void mark(struct batch *batch, bool flying)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->news[i].room)
			batch->news[i].room->flying = flying;
}

static void untouch(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->news[i].room)
			batch->news[i].room->touched = false;
}

/* The open batch too is over then, well or not, and so is the one before it. */
static void tell_all(struct dispatcher *d, bool good)
{
	bool is_first_good = d->flight != FLIGHT_FAILED;

	d->is_telling = true;
	d->flight = FLIGHT_NONE;
	d->failed = false;
	move(&d->open, &d->telling);
	d->bench->posts = d->open.arena;
	if (is_first_good) {
		mark(&d->flying, false);
		tell(d, &d->flying);
	} else {
		tell_failed(d, &d->flying);
	}
	if (good) {
		untouch(&d->telling);
		tell(d, &d->telling);
	} else {
		tell_failed(d, &d->telling);
		undo_rooms(d);
	}
	d->is_telling = false;
}

bool dispatcher_flush(struct dispatcher *d)
{
	bool good = end(d);

	if (d->is_telling) { /* asked by somebody who is told: only the disk is meant */
		if (good)
			d->open.safe = d->open.n;
		return good;
	}
	if (good)
		fold_some(d);
	d->n_turns = 0;
	if (!good || d->open.n || d->flying.n)
		tell_all(d, good);
	d->flight = FLIGHT_NONE;
	return good;
}

/* The open batch takes off; the one that has landed is told while the disk is at work. */
static void take_off(struct dispatcher *d)
{
	d->is_telling = true;
	mark(&d->flying, false);
	move(&d->flying, &d->telling);
	move(&d->open, &d->flying);
	d->bench->posts = d->open.arena;
	untouch(&d->flying);
	mark(&d->flying, true);
	d->writing = false;
	d->n_turns = 0;
	d->flight = FLIGHT_UNDER_WAY;
	store_commit_begin(d->setup.store, over, d);
	if (!is_flying(d)) /* at once: an error is still there to be read */
		land(d);
	tell(d, &d->telling);
	d->is_telling = false;
}

/* False: there is nothing to do until the commit under way is over. */
static bool go_on(struct dispatcher *d)
{
	if (is_flying(d))
		return false;
	land(d);
	if (d->failed || !d->writing || d->n_turns < min_flight) {
		(void)dispatcher_flush(d);
		return true;
	}
	fold_some(d);
	take_off(d);
	return true;
}

void round_count_turn(struct dispatcher *d)
{
	if (++d->n_turns < (size_t)usual_batch << d->n_doublings || d->is_telling)
		return;
	if (go_on(d))
		d->n_doublings += d->n_doublings < max_doublings;
	else if (d->n_turns >= max_waiting)
		(void)dispatcher_flush(d);
}

void round_settle(struct dispatcher *d, const struct room *room)
{
	if (room && (room->touched || room->flying))
		(void)dispatcher_flush(d);
}

bool dispatcher_ready(struct dispatcher *d)
{
	int64_t now = loop_steady_ms(d->setup.loop);

	if (now - d->proven_ms < probe_ms || d->is_telling || !dispatcher_flush(d))
		return !d->is_sick;
	d->proven_ms = now;
	d->is_sick = store_probe(d->setup.store) != STORE_OK;
	if (d->is_sick)
		dispatcher_complain(d, "the store takes nothing", store_error(d->setup.store));
	return !d->is_sick;
}

static bool has_something_to_do(const struct dispatcher *d)
{
	return d->writing || d->failed || d->open.n || d->flight != FLIGHT_NONE;
}

void round_before_sleep(void *self)
{
	struct dispatcher *d = self;

	d->n_doublings = 0;
	for (int round = 0; round < 8 && has_something_to_do(d) && go_on(d); round++)
		;
}
