/* Conversations that nobody has written in for long go. */
#include "bot/dispatch/dispatcher_inside.h"

enum { session_arena = 1 << 20, short_journal = 1024 };

struct removing {
	struct names names; /* of those that go */
	struct arena *arena;
};

/* What the store does not see of it: it is somebody else's, or something was asked of the shop. */
static bool is_under_way(const struct session *session)
{
	return session->owner != OWNER_BOT || session->n_watched || session_waits_for_call(session);
}

static bool is_busy(struct dispatcher *d, struct str conversation)
{
	const struct room *room = rooms_find(&d->rooms, conversation);

	return room && (room->leaving || (room->host && !room_may_sleep(room)));
}

/* A session that cannot be read is one that nobody can go on with. */
static bool may_go(void *self, struct str conversation, struct str bytes)
{
	struct removing *removing = self;
	struct dispatcher *d = removing->names.dispatcher;
	const struct session *session;

	if (is_busy(d, conversation))
		return false;
	arena_reset(removing->arena);
	session = bytes.n ? session_decode(removing->arena, bytes) : NULL;
	if (session && is_under_way(session))
		return false;
	if (d->setup.erased)
		d->setup.erased(d->setup.self, conversation);
	names_add(&removing->names, conversation);
	return true;
}

static void tell_those_who_show(struct dispatcher *d, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		struct room *room = room_of(d, names->name[i]);

		room_sleep(room);
		room->told = 0;
		tell_forgotten(room);
	}
}

/* Nothing is open, and the store would not be waited for. */
static bool is_at_rest(const struct dispatcher *d)
{
	return !d->open.n && !d->writing && d->flight == FLIGHT_NONE &&
	       !store_is_at_work(d->setup.store);
}

static enum removal prepare(struct dispatcher *d, bool at_once)
{
	if (!at_once && !is_at_rest(d))
		return REMOVAL_LATER;
	return dispatcher_flush(d) && !d->writing ? REMOVAL_DONE : REMOVAL_FAILED;
}

enum removal dispatcher_remove_idle(struct dispatcher *d, struct store_idle *idle, bool at_once)
{
	enum removal removal = prepare(d, at_once);
	struct removing removing = {.names = {.dispatcher = d}};

	if (removal != REMOVAL_DONE)
		return removal;
	arena_reset(d->scratch);
	removing.arena = arena_new(session_arena);
	idle->may_go = may_go;
	idle->self = &removing;
	if (store_remove_idle(d->setup.store, idle) != STORE_OK) {
		removal = REMOVAL_FAILED;
		dispatcher_complain(
			d, "old conversations cannot be removed", store_error(d->setup.store));
	}
	arena_free(removing.arena);
	if (removal == REMOVAL_DONE)
		tell_those_who_show(d, &removing.names);
	/* And what has become long of the log is written back. */
	round_fold_aside(d, FOLD_ALL, short_journal);
	return removal;
}

/* Of all that was written until the first call, in small steps whatever else there is to do. */
static enum removal empty_journal(struct dispatcher *d)
{
	bool is_clear = store_journal(d->setup.store) <= short_journal;

	if (!d->clean_mark)
		d->clean_mark = store_mark(d->setup.store);
	if (!is_clear && store_clear_aside(d->setup.store, d->clean_mark, &is_clear) != STORE_OK) {
		dispatcher_complain(
			d, "the journal cannot be emptied", store_error(d->setup.store));
		return REMOVAL_FAILED;
	}
	return is_clear ? REMOVAL_DONE : REMOVAL_LATER;
}

enum removal dispatcher_clean(struct dispatcher *d, bool at_once)
{
	enum removal removal = empty_journal(d);

	if (removal == REMOVAL_DONE)
		removal = prepare(d, at_once);
	if (removal != REMOVAL_LATER)
		d->clean_mark = 0;
	if (removal != REMOVAL_DONE || store_clean(d->setup.store) == STORE_OK)
		return removal;
	dispatcher_complain(d, "what was removed has copies left", store_error(d->setup.store));
	return REMOVAL_FAILED;
}
