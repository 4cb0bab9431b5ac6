/* Rounds: what is due is looked at, claimed on disk, and sent. */
#include <stdlib.h>
#include <string.h>

#include "bot/channels/channel_http.h"
#include "bot/channels/outbox_parts.h"

enum {
	max_under_way = 16, /* requests of one account */
	give_up_ms = 24 * 3600 * 1000,
	store_wait_ms = 10 * 1000, /* when the store fails */
	later_ms = 10 * 1000,      /* when a request cannot be authorised */
	asking_ms = 500,
	longest_sleep_ms = 60 * 1000,
};

/* The longer of the two limits for one conversation. */
static int64_t gap_ms(const struct channel_limits *limits)
{
	int64_t gap = limits->per_peer_per_s ? 1000 / limits->per_peer_per_s : 0;

	return gap > limits->per_peer_ms ? gap : limits->per_peer_ms;
}

/* --- what may leave --- */

struct leaving {
	struct parcel *parcel; /* NULL: nobody waits for its answer */
	struct channel_call call;
};

struct round {
	struct outbox *outbox;
	struct sender *sender; /* whose conversations are looked at */
	struct store_peer *due;
	size_t n_due;
	struct leaving *leaving;
	size_t n;
	int64_t next_ms; /* of the next round */
	bool failed;     /* the store did: nothing more can be written */
};

static bool is_under_way(const struct outbox *outbox, struct str conversation)
{
	struct parcel *parcel;

	HASH_FIND(hh, outbox->parcels, conversation.p, conversation.n, parcel);
	return parcel != NULL;
}

static void pick(void *self, const struct store_peer *peer)
{
	struct round *round = self;
	struct arena *arena = round->outbox->arena;
	struct store_peer *copy;

	if (is_under_way(round->outbox, peer->conversation))
		return;
	round->due = arena_grow(arena, round->due, round->n_due, struct store_peer);
	copy = &round->due[round->n_due++];
	*copy = *peer;
	copy->conversation = arena_str(arena, peer->conversation);
	copy->account = arena_str(arena, peer->account);
	copy->peer = arena_str(arena, peer->peer);
	copy->ticket = arena_str(arena, peer->ticket);
	copy->error = arena_str(arena, peer->error);
}

static struct parcel *parcel_new(struct round *round, const struct store_peer *peer)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel) + peer->conversation.n + 1);

	if (!parcel)
		abort();
	parcel->outbox = round->outbox;
	parcel->sender = round->sender;
	memcpy(parcel->conversation, peer->conversation.p, peer->conversation.n);
	HASH_ADD_KEYPTR(
		hh, round->outbox->parcels, parcel->conversation, peer->conversation.n, parcel);
	parcel->sender->under_way++;
	return parcel;
}

/* False: not now; the conversation waits. */
static bool may_leave(struct round *round, struct store_peer *peer, struct channel_call *call)
{
	struct outbox *outbox = round->outbox;
	struct sender *sender = round->sender;
	int64_t now = outbox_now(outbox), wait = 0;

	if (peer->sent_ms <= now && peer->sent_ms + gap_ms(&sender->seat->codec->limits) > now) {
		peer->next_ms = peer->sent_ms + gap_ms(&sender->seat->codec->limits);
		return false;
	}
	if (sender->rate && !rate_take(sender->rate, sender->seat->account.name,
				    loop_steady_ms(outbox->setup.loop), &wait)) {
		sender->free_ms = now + (wait > 0 ? wait : 1);
		return false;
	}
	if (outbox->setup.authorise && !outbox->setup.authorise(outbox->setup.authorise_self,
					       sender->seat, call, outbox->arena)) {
		peer->next_ms = now + later_ms;
		return false;
	}
	return true;
}

/* Since when it is tried; not since a day to come, when the clock was wrong. */
static int64_t tried_since(const struct store_peer *peer, int64_t now_ms)
{
	return peer->since_ms && peer->since_ms < now_ms ? peer->since_ms : now_ms;
}

static void add_leaving(struct round *round, struct parcel *parcel, const struct channel_call *call)
{
	round->leaving = arena_grow(round->outbox->arena, round->leaving, round->n, struct leaving);
	round->leaving[round->n++] = (struct leaving){parcel, *call};
}

/* What goes beside a request and is not waited for. */
static void add_manners(struct round *round, const struct outbox_next *next)
{
	const struct outbox_setup *setup = &round->outbox->setup;

	for (size_t i = 0; i < next->n_manners; i++) {
		struct channel_call call = next->manner[i];

		if (!setup->authorise || setup->authorise(setup->authorise_self,
						 round->sender->seat, &call, round->outbox->arena))
			add_leaving(round, NULL, &call);
	}
}

/* Written down, and on the list of what leaves after the commit. */
static struct parcel *claim(
	struct round *round, struct store_peer *peer, const struct channel_call *call)
{
	struct outbox *outbox = round->outbox;
	int64_t now = outbox_now(outbox);
	struct parcel *parcel = parcel_new(round, peer);

	peer->claimed = true;
	peer->tries++;
	peer->since_ms = tried_since(peer, now);
	peer->next_ms = now + outbox_claim_ms;
	parcel->optional = call->optional;
	add_leaving(round, parcel, call);
	return parcel;
}

bool outbox_window_is_over(
	const struct outbox *outbox, const struct sender *sender, const struct store_peer *peer)
{
	int64_t window = sender->seat->codec->limits.window_ms;

	return window && outbox_now(outbox) - peer->heard_ms > window;
}

/* The platform is told who has the conversation, once all is shown that was said before. */
static void tell_owner(struct round *round, struct store_peer *peer)
{
	struct outbox *outbox = round->outbox;
	const struct channel_seat *seat = round->sender->seat;
	struct channel_peer to = outbox_peer(peer, outbox_now(outbox));
	struct channel_call call;
	struct parcel *parcel;
	int64_t owner;

	peer->next_ms = 0;
	peer->claimed = false;
	if (!seat->codec->owner)
		return;
	owner = dispatcher_standing(outbox->dispatcher, peer->conversation).owner != OWNER_BOT;
	round->failed = !dispatcher_write(outbox->dispatcher); /* what was open may be committed */
	if (round->failed || owner == peer->owner ||
		!seat->codec->owner(&seat->account, &to, owner != 0, outbox->arena, &call))
		return;
	peer->next_ms = outbox_now(outbox);
	if (may_leave(round, peer, &call)) {
		parcel = claim(round, peer, &call);
		parcel->owner = owner;
	}
}

/* It was shown after all. */
static void skip_part(
	struct outbox *outbox, struct store_peer *peer, const struct outbox_next *next)
{
	if (next->last) {
		outbox_go_past(peer, next->post);
	} else {
		peer->part++;
		peer->tries = peer->unclear = 0;
		peer->claimed = false;
	}
	peer->error = S("");
	peer->next_ms = outbox_now(outbox);
}

/* What may have been shown is looked for before it is sent again.  False: it is not to be sent now.
 */
static bool is_missing(struct round *round, struct store_peer *peer, const struct outbox_next *next)
{
	struct outbox *outbox = round->outbox;
	enum outbox_trace trace = OUTBOX_TRACE_NONE;

	if (peer->unclear && outbox->setup.trace && !next->call.optional)
		trace = outbox->setup.trace(
			outbox->setup.authorise_self, round->sender->seat, peer->peer, &next->call);
	switch (trace) {
	case OUTBOX_TRACE_NONE:
	case OUTBOX_ABSENT:
		return true;
	case OUTBOX_THERE:
		outbox_count(round->sender, outbox, "there");
		skip_part(outbox, peer, next);
		return false;
	case OUTBOX_ASKING:
		peer->next_ms = outbox_now(outbox) + asking_ms;
		return false;
	}
	return true;
}

/* False: it is not to be sent now, or not at all. */
static bool is_let_in(struct round *round, struct store_peer *peer, const struct outbox_next *next)
{
	struct outbox *outbox = round->outbox;
	const struct outbox_setup *setup = &outbox->setup;
	enum outbox_leave leave = OUTBOX_LEAVE;

	if (setup->leave)
		leave = setup->leave(setup->authorise_self, round->sender->seat, peer->peer);
	switch (leave) {
	case OUTBOX_LEAVE:
		return true;
	case OUTBOX_LEAVE_NOT:
		outbox_give_up(outbox, round->sender, peer, next->post,
			S("the platform lets nobody write in this conversation now"));
		return false;
	case OUTBOX_LEAVE_ASKED:
		peer->next_ms = outbox_now(outbox) + asking_ms;
		return false;
	}
	return false;
}

static bool is_too_late(const struct outbox *outbox, const struct store_peer *peer)
{
	return peer->since_ms && outbox_now(outbox) - peer->since_ms > give_up_ms;
}

/* Bringing a picture is repeated until the platform has it: nobody sees it yet. */
static void wait_for_picture(
	struct round *round, struct store_peer *peer, const struct outbox_next *next)
{
	struct outbox *outbox = round->outbox;

	if (is_too_late(outbox, peer)) {
		outbox_give_up(outbox, round->sender, peer, next->post,
			S("a picture could not be brought to the platform for a day"));
	} else if (is_let_in(round, peer, next)) {
		peer->since_ms = tried_since(peer, outbox_now(outbox));
		peer->next_ms = outbox_now(outbox) + asking_ms;
	}
}

static void send_post(struct round *round, struct store_peer *peer, struct outbox_next *next)
{
	struct outbox *outbox = round->outbox;
	struct parcel *parcel;

	if (outbox_window_is_over(outbox, round->sender, peer)) {
		outbox_give_up(outbox, round->sender, peer, next->post,
			S("the platform's time for answers is over"));
	} else if (is_too_late(outbox, peer)) {
		outbox_give_up(outbox, round->sender, peer, next->post,
			arena_printf(outbox->arena, "tried for a day: %.*s", STR(peer->error)));
	} else if (is_missing(round, peer, next) && is_let_in(round, peer, next) &&
		   may_leave(round, peer, &next->call)) {
		add_manners(round, next);
		parcel = claim(round, peer, &next->call);
		parcel->post = next->post;
		parcel->last = next->last;
	}
}

/* It was on its way when the program ended.  False: that was once too often. */
static bool may_repeat(struct round *round, struct store_peer *peer, int64_t post)
{
	if (!peer->claimed)
		return true;
	outbox_be_unsure(round->outbox, round->sender, peer, post, S("the program ended"));
	peer->tries = 0; /* that says nothing of the platform */
	peer->next_ms = outbox_now(round->outbox);
	return peer->shown < post;
}

/* One conversation that is due and has nothing under way. */
static void look_at(struct round *round, struct store_peer *peer)
{
	struct outbox *outbox = round->outbox;
	struct outbox_next next = outbox_next(
		&outbox->setup, round->sender->seat, peer, outbox_now(outbox), outbox->arena);

	switch (next.kind) {
	case OUTBOX_NOTHING:
		tell_owner(round, peer);
		break;
	case OUTBOX_POST:
		if (may_repeat(round, peer, next.post))
			send_post(round, peer, &next);
		break;
	case OUTBOX_LATER:
		wait_for_picture(round, peer, &next);
		break;
	case OUTBOX_NEVER:
		outbox_give_up(outbox, round->sender, peer, next.post, next.why);
		break;
	case OUTBOX_BROKEN:
		peer->next_ms = outbox_now(outbox) + store_wait_ms;
		break;
	}
	if (!round->failed)
		store_put_peer(outbox->setup.store, peer);
}

static void sooner(struct round *round, int64_t at_ms)
{
	if (at_ms && (!round->next_ms || at_ms < round->next_ms))
		round->next_ms = at_ms;
}

static void look_at_account(struct round *round, struct sender *sender)
{
	struct outbox *outbox = round->outbox;
	int64_t now = outbox_now(outbox);
	size_t room = max_under_way - sender->under_way;

	if (sender->free_ms > now) {
		sooner(round, sender->free_ms);
		return;
	}
	if (!room)
		return;
	round->sender = sender;
	round->n_due = 0;
	round->due = NULL;
	if (store_peers_due(outbox->setup.store, sender->seat->account.name, now,
		    max_under_way + (int)sender->under_way, pick, round) != STORE_OK)
		sooner(round, now + store_wait_ms);
	for (size_t i = 0; i < round->n_due && i < room && sender->free_ms <= now && !round->failed;
		i++)
		look_at(round, &round->due[i]);
	if (sender->free_ms > now)
		sooner(round, sender->free_ms);
	else if (sender->under_way < max_under_way) /* else the first that ends wakes us */
		sooner(round, store_peers_next(outbox->setup.store, sender->seat->account.name));
}

static void ignore(void *self, const struct http_result *result)
{
	(void)self, (void)result;
}

void outbox_send_call(struct outbox *outbox, struct parcel *parcel, const struct channel_call *call)
{
	struct http_call http = channel_http(call);

	http.max_answer_bytes = outbox_answer_bytes;
	if (parcel)
		http_client_call(outbox->setup.client, &http, outbox_ended, parcel);
	else
		http_client_call(outbox->setup.client, &http, ignore, outbox);
}

/* Nothing of this round was stored. */
static void take_back(struct round *round)
{
	for (size_t i = 0; i < round->n; i++) {
		struct parcel *parcel = round->leaving[i].parcel;

		if (!parcel)
			continue;
		HASH_DEL(round->outbox->parcels, parcel);
		parcel->sender->under_way--;
		free(parcel);
	}
	round->outbox->n_cards = 0;
	round->next_ms = outbox_now(round->outbox) + store_wait_ms;
}

static void sleep_until(struct outbox *outbox, int64_t at_ms)
{
	int64_t wait = at_ms ? at_ms - outbox_now(outbox) : longest_sleep_ms;

	if (wait > longest_sleep_ms)
		wait = longest_sleep_ms;
	loop_timer_start(
		outbox->setup.loop, &outbox->timer, wait > 0 ? wait : 0, outbox_run_round, outbox);
}

void outbox_run_round(void *self)
{
	struct outbox *outbox = self;
	struct round round = {.outbox = outbox};

	arena_reset(outbox->arena);
	outbox->woken = false;
	outbox_watch_clock(outbox);
	if (dispatcher_write(outbox->dispatcher))
		for (size_t i = 0; i < outbox->setup.n_seats && !round.failed; i++)
			look_at_account(&round, &outbox->sender[i]);
	if (dispatcher_flush(outbox->dispatcher) && !round.failed) {
		for (size_t i = 0; i < round.n; i++)
			outbox_send_call(outbox, round.leaving[i].parcel, &round.leaving[i].call);
		outbox_tell_cards(outbox);
	} else {
		take_back(&round);
	}
	if (!outbox->woken)
		sleep_until(outbox, round.next_ms);
}
