/* One round of the loop: the transaction that its turns share, and what is told after the commit.
 */
#include "bot/dispatch/dispatcher_inside.h"

enum {
	/* Turns of one commit.  More cost the disk no less, and whoever waits more: what this batch is
	 * told leaves in the network's thread while the next one is thought about. */
	max_batch = 32,
	fold_above = 16384, /* rows of the journal: then a few are moved after each commit */
	fold_step = 512,
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

static bool end(struct dispatcher *d)
{
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

/* While the next turns are thought about. */
static void fold_some(struct dispatcher *d)
{
	if (store_journal(d->setup.store) > fold_above && !d->writing &&
		store_fold_aside(d->setup.store, fold_step) != STORE_OK)
		dispatcher_complain(d, "the journal cannot be folded", store_error(d->setup.store));
}

static void swap_batches(struct dispatcher *d)
{
	struct batch was = d->open;

	d->open = d->telling;
	d->telling = was;
	d->bench->posts = d->open.arena;
}

static void untouch(struct dispatcher *d)
{
	for (size_t i = 0; i < d->telling.n; i++)
		if (d->telling.news[i].room)
			d->telling.news[i].room->touched = false;
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

	room->touched = false;
	room_sleep(room);
	if (room->hearers && store_posts(d->setup.store, room_name(room), room->told, 1 << 20,
				     tell_again, room) != STORE_OK)
		dispatcher_complain(
			d, "the transcript cannot be read", store_error(d->setup.store));
}

static void tell_failed(struct dispatcher *d, struct batch *batch)
{
	struct room *room, *next;

	for (size_t i = 0; i < batch->safe; i++)
		tell_news(d, &batch->news[i]);
	for (size_t i = batch->safe; i < batch->n; i++)
		if (batch->news[i].kind == NEWS_DONE)
			tell_done(&batch->news[i], TAKEN_NOT);
	HASH_ITER(hh, d->rooms.by_name, room, next)
	if (room->touched)
		undo_room(room);
}

bool dispatcher_flush(struct dispatcher *d)
{
	bool good;

	if (d->is_telling) { /* asked by somebody who is told: only the disk is meant */
		if (d->failed || !d->writing || !end(d))
			return !d->failed;
		d->open.safe = d->open.n;
		return true;
	}
	good = end(d);
	fold_some(d);
	d->n_turns = 0;
	if (good && !d->open.n)
		return true;
	d->is_telling = true;
	swap_batches(d);
	if (good) {
		untouch(d);
		for (size_t i = 0; i < d->telling.n; i++)
			tell_news(d, &d->telling.news[i]);
	} else {
		d->failed = false;
		tell_failed(d, &d->telling);
	}
	batch_clear(&d->telling);
	d->is_telling = false;
	return good;
}

void round_count_turn(struct dispatcher *d)
{
	if (++d->n_turns >= max_batch && !d->is_telling)
		(void)dispatcher_flush(d);
}

void round_settle(struct dispatcher *d, const struct room *room)
{
	if (room && room->touched)
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

void round_before_sleep(void *self)
{
	struct dispatcher *d = self;

	for (int round = 0; round < 8 && (d->writing || d->failed || d->open.n); round++)
		(void)dispatcher_flush(d);
}
