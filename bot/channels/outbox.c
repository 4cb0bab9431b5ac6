/* Posts on their way to messaging platforms: accounts, and what the outbox is told. */
#include "bot/channels/outbox.h"

#include <stdlib.h>

#include "bot/channels/outbox_parts.h"

enum {
	max_round_bytes = 8 << 20,
	max_typing_bytes = 256 << 10,
	typing_per_minute = 15,
	names_at_once = 20 * 1000,
	clock_leap_ms = 5000,
	longest_wait_ms = 25 * 3600 * 1000,
};

/* --- accounts --- */

static struct sender *sender_of(const struct outbox *outbox, struct str conversation)
{
	struct str rest = conversation, name = str_cut(&rest, ':');

	for (size_t i = 0; rest.n && i < outbox->setup.n_seats; i++)
		if (str_eq(outbox->sender[i].seat->account.name, name))
			return &outbox->sender[i];
	return NULL;
}

const struct channel_seat *outbox_seat(const struct outbox *outbox, struct str conversation)
{
	const struct sender *sender = outbox ? sender_of(outbox, conversation) : NULL;

	return sender ? sender->seat : NULL;
}

struct outbox_account outbox_account(const struct outbox *outbox, size_t seat)
{
	const struct sender *sender = &outbox->sender[seat];

	return (struct outbox_account){
		.under_way = sender->under_way,
		.lost = sender->lost_wait > 0,
		.free_ms = sender->free_ms > outbox_now(outbox) ? sender->free_ms : 0,
		.error_ms = sender->error_ms,
		.error = sender->error,
	};
}

/* --- what is told to it --- */

void outbox_wake(struct outbox *outbox)
{
	outbox->woken = true;
	if (outbox->dispatcher)
		loop_timer_start(outbox->setup.loop, &outbox->timer, 0, outbox_run_round, outbox);
}

void outbox_expect(struct outbox *outbox, struct str conversation)
{
	store_wake_peer(outbox->setup.store, conversation, outbox_now(outbox));
	outbox_wake(outbox); /* when nothing is said, the mark is taken away again */
}

void outbox_posted(struct outbox *outbox, struct str conversation)
{
	(void)conversation;
	outbox_wake(outbox);
}

/* False: the platform has no such sign, or it may not be shown now. */
static bool typing_call(const struct outbox *outbox, const struct sender *sender,
	const struct store_peer *peer, struct arena *arena, struct channel_call *call)
{
	const struct outbox_setup *setup = &outbox->setup;
	const struct channel_seat *seat = sender->seat;
	struct channel_peer to = outbox_peer(peer, outbox_now(outbox));

	return !outbox_window_is_over(outbox, sender, peer) &&
	       seat->codec->typing(&seat->account, &to, arena, call) &&
	       (!setup->authorise || setup->authorise(setup->authorise_self, seat, call, arena));
}

void outbox_typing(struct outbox *outbox, struct str conversation)
{
	const struct sender *sender = sender_of(outbox, conversation);
	struct channel_call call;
	struct store_peer peer;
	struct arena *arena;

	if (!sender->seat->codec->typing || sender->free_ms > outbox_now(outbox) ||
		!rate_take(outbox->typing, conversation, loop_steady_ms(outbox->setup.loop), NULL))
		return;
	arena = arena_new(max_typing_bytes);
	if (store_peer(outbox->setup.store, conversation, arena, &peer) == STORE_OK &&
		typing_call(outbox, sender, &peer, arena, &call))
		outbox_send_call(outbox, NULL, &call);
	arena_free(arena);
}

/* --- the door --- */

static void open_sender(struct outbox *outbox, size_t i)
{
	struct sender *sender = &outbox->sender[i];
	unsigned per_s;

	sender->seat = &outbox->setup.seat[i];
	per_s = sender->seat->codec->limits.per_s;
	if (per_s)
		sender->rate = rate_new(per_s * 60, per_s, 1);
}

struct outbox *outbox_new(const struct outbox_setup *setup)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox)
		abort();
	outbox->setup = *setup;
	outbox->sender = calloc(setup->n_seats + 1, sizeof(*outbox->sender));
	if (!outbox->sender)
		abort();
	for (size_t i = 0; i < setup->n_seats; i++)
		open_sender(outbox, i);
	outbox->typing = rate_new(typing_per_minute, 1, names_at_once);
	outbox->arena = arena_new(max_round_bytes);
	return outbox;
}

static void complain(struct outbox *outbox, const char *what)
{
	LOG(outbox->setup.log, LOG_ERROR, outbox_now(outbox), what,
		log_word("error", str_of(store_error(outbox->setup.store))));
}

/* What was on its way when the program ended need not wait for long: where the platform knows a
 * repeat it may be repeated, where it can be asked it is asked when nothing can linger any more. */
static void release_claims(struct outbox *outbox, const struct sender *sender)
{
	bool resends = sender->seat->codec->resends;
	int64_t at_ms = outbox_now(outbox) + (resends ? 0 : outbox_linger_ms);

	if (!resends && !outbox_can_trace(outbox, sender))
		return;
	if (!dispatcher_flush(outbox->dispatcher) ||
		store_release_claims(outbox->setup.store, sender->seat->account.name, at_ms) !=
			STORE_OK)
		complain(outbox, "the outbox cannot be read");
}

static void hasten(struct outbox *outbox, const struct sender *sender, int64_t after_ms,
	int64_t by_ms, int64_t least_ms)
{
	if (!dispatcher_flush(outbox->dispatcher) ||
		store_hasten_peers(outbox->setup.store, sender->seat->account.name, after_ms, by_ms,
			least_ms) != STORE_OK)
		complain(outbox, "what waits for the outbox cannot be read");
}

/* How long something was tried is no question of the calendar. */
static void move_tries(struct outbox *outbox, const struct sender *sender, int64_t by_ms)
{
	if (!dispatcher_flush(outbox->dispatcher) ||
		store_move_tries(outbox->setup.store, sender->seat->account.name, by_ms) !=
			STORE_OK)
		complain(outbox, "what is tried by the outbox cannot be read");
}

void outbox_watch_clock(struct outbox *outbox)
{
	int64_t ahead = loop_ahead_ms(outbox->setup.loop), leap = ahead - outbox->ahead_ms;
	int64_t now = outbox_now(outbox);

	outbox->ahead_ms = ahead;
	if (leap > -clock_leap_ms && leap < clock_leap_ms)
		return;
	for (size_t i = 0; i < outbox->setup.n_seats; i++) {
		struct sender *sender = &outbox->sender[i];

		move_tries(outbox, sender, leap);
		if (leap > 0)
			continue;
		if (sender->free_ms > now)
			sender->free_ms += leap;
		hasten(outbox, sender, now, -leap, now);
	}
}

/* Nothing waits for more than a day: the clock was set back while nobody looked. */
static void hasten_after_absence(struct outbox *outbox, const struct sender *sender)
{
	int64_t now = outbox_now(outbox);

	hasten(outbox, sender, now + longest_wait_ms, INT64_MAX / 2, now + outbox_linger_ms);
}

void outbox_start(struct outbox *outbox, struct dispatcher *dispatcher)
{
	outbox->dispatcher = dispatcher;
	outbox->ahead_ms = loop_ahead_ms(outbox->setup.loop);
	for (size_t i = 0; i < outbox->setup.n_seats; i++) {
		release_claims(outbox, &outbox->sender[i]);
		hasten_after_absence(outbox, &outbox->sender[i]);
	}
	outbox_wake(outbox);
}

void outbox_free(struct outbox *outbox)
{
	struct parcel *parcel, *next;

	if (!outbox)
		return;
	loop_timer_stop(outbox->setup.loop, &outbox->timer);
	HASH_ITER(hh, outbox->parcels, parcel, next)
	{
		http_client_forget(outbox->setup.client, parcel);
		HASH_DEL(outbox->parcels, parcel);
		free(parcel);
	}
	http_client_forget(outbox->setup.client, outbox);
	for (size_t i = 0; i < outbox->setup.n_seats; i++)
		rate_free(outbox->sender[i].rate);
	rate_free(outbox->typing);
	arena_free(outbox->arena);
	free(outbox->sender);
	free(outbox);
}
