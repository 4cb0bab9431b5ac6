/* Posts on their way to messaging platforms. */
#include "bot/app/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "adapters/store/store_peers.h"
#include "bot/app/outbox_next.h"
#include "bot/app/rate.h"

enum {
	max_under_way = 16, /* requests of one account */
	claim_ms = 30 * 1000,
	give_up_ms = 24 * 3600 * 1000,
	store_wait_ms = 10 * 1000, /* when the store fails */
	later_ms = 10 * 1000,      /* when a request cannot be authorised */
	linger_ms = 5 * 1000,      /* a request may be on its way still: not asked about before */
	asking_ms = 500,
	lost_first_ms = 60 * 1000,
	lost_longest_ms = 10 * 60 * 1000,
	longest_sleep_ms = 60 * 1000,
	max_round_bytes = 8 << 20,
	max_answer_bytes = 256 << 10,
	max_error_bytes = 300,
	max_cards = 64, /* of one round */
	typing_per_minute = 15,
	names_at_once = 20 * 1000,
};

/* An account that sends. */
struct sender {
	const struct channel_seat *seat;
	struct rate *rate; /* NULL: no limit */
	unsigned under_way;
	int64_t free_ms;   /* nothing goes out before */
	int64_t lost_wait; /* 0: it is not lost */
	int64_t error_ms;
	char error[max_error_bytes];
};

/* A request on its way. */
struct parcel {
	struct outbox *outbox;
	struct sender *sender;
	UT_hash_handle hh;
	int64_t post; /* 0: it tells who has the conversation */
	int64_t owner;
	bool last, optional;
	char conversation[];
};

struct outbox {
	struct outbox_setup setup;
	struct dispatcher *dispatcher; /* NULL: not started */
	struct sender *sender;
	struct parcel *parcels;
	struct rate *typing;
	struct loop_timer timer;
	bool woken;          /* during the round */
	struct arena *arena; /* of one round, or of one answer */
	int64_t card[max_cards];
	size_t n_cards;
};

static int64_t now_of(const struct outbox *outbox)
{
	return loop_now_ms(outbox->setup.loop);
}

static void wake(struct outbox *outbox);

/* --- accounts --- */

static const char *name_of(const struct sender *sender)
{
	return sender->seat->account.name.p;
}

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
		.free_ms = sender->free_ms > now_of(outbox) ? sender->free_ms : 0,
		.error_ms = sender->error_ms,
		.error = sender->error,
	};
}

static void count(const struct sender *sender, struct outbox *outbox, const char *result)
{
	metrics_add(
		outbox->setup.metrics, "tenstep_channel_sends_total", name_of(sender), result, 1);
}

static void note_error(struct sender *sender, struct outbox *outbox, struct str why)
{
	snprintf(sender->error, sizeof(sender->error), "%.*s", STR(why));
	sender->error_ms = now_of(outbox);
}

/* The longer of the two limits for one conversation. */
static int64_t gap_ms(const struct channel_limits *limits)
{
	int64_t gap = limits->per_peer_per_s ? 1000 / limits->per_peer_per_s : 0;

	return gap > limits->per_peer_ms ? gap : limits->per_peer_ms;
}

/* --- what cannot be shown --- */

static void see_open_card(void *self, const struct store_card *card)
{
	struct str *conversation = self;

	if (str_eq(card->conversation, *conversation))
		conversation->n = 0;
}

static bool has_open_card(struct outbox *outbox, struct str conversation)
{
	struct str searched = conversation;

	return store_cards(outbox->setup.store, false, see_open_card, &searched) != STORE_OK ||
	       !searched.n;
}

/* One card a conversation: whoever takes it sees all that was said. */
static void add_card(struct outbox *outbox, const struct store_peer *peer, struct str why)
{
	struct value_builder card = value_build(outbox->arena);

	if (outbox->n_cards == max_cards || has_open_card(outbox, peer->conversation))
		return;
	value_put_text(&card, "channel", peer->account);
	value_put_text(&card, "summary",
		arena_printf(
			outbox->arena, "the buyer does not get what is said here: %.*s", STR(why)));
	outbox->card[outbox->n_cards++] = store_add_card(outbox->setup.store, peer->conversation,
		S("delivery"), now_of(outbox) / 1000, value_record(&card));
}

static void tell_cards(struct outbox *outbox)
{
	struct store_card card;

	for (size_t i = 0; i < outbox->n_cards; i++)
		if (outbox->setup.handed_off && store_card(outbox->setup.store, outbox->card[i],
							outbox->arena, &card) == STORE_OK)
			outbox->setup.handed_off(outbox->setup.self, &card);
	outbox->n_cards = 0;
}

/* The next post is begun anew. */
static void go_past(struct store_peer *peer, int64_t post)
{
	peer->shown = post > peer->shown ? post : peer->shown;
	peer->part = peer->tries = peer->unclear = peer->since_ms = 0;
	peer->claimed = false;
}

static void give_up(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why)
{
	store_add_dead_letter(outbox->setup.store, &(struct store_dead_letter){
							   .conversation = peer->conversation,
							   .account = peer->account,
							   .post = post,
							   .at_ms = now_of(outbox),
							   .why = why,
						   });
	add_card(outbox, peer, why);
	go_past(peer, post);
	peer->error = why;
	peer->next_ms = now_of(outbox);
	note_error(sender, outbox, why);
	count(sender, outbox, "dead");
	LOG(outbox->setup.log, LOG_ERROR, now_of(outbox), "a post is given up",
		log_word("channel", peer->account), log_id("conversation", peer->conversation),
		log_int("post", post), log_word("error", why));
}

/* --- how it ended --- */

static uint64_t salt_of(const struct store_peer *peer, int64_t now_ms)
{
	return str_hash(peer->conversation) ^ (uint64_t)now_ms * UINT64_C(0x9E3779B97F4A7C15);
}

static void arrived(struct outbox *outbox, const struct parcel *parcel, struct store_peer *peer)
{
	if (!parcel->optional)
		peer->sent_ms = now_of(outbox);
	peer->error = S("");
	peer->next_ms = now_of(outbox);
	parcel->sender->lost_wait = 0;
	if (!parcel->post) {
		peer->owner = parcel->owner;
		go_past(peer, peer->shown);
	} else if (parcel->last) {
		go_past(peer, parcel->post);
	} else {
		peer->part++;
		peer->tries = peer->unclear = 0;
		peer->claimed = false;
	}
}

static void try_again(struct outbox *outbox, struct store_peer *peer, int64_t wait_ms)
{
	peer->claimed = false;
	peer->next_ms = outbox_again_ms(
		now_of(outbox), peer->tries, wait_ms, salt_of(peer, now_of(outbox)));
}

static bool can_trace(const struct outbox *outbox, const struct sender *sender)
{
	static const struct channel_call nothing = {.optional = true};

	return outbox->setup.trace && outbox->setup.trace(outbox->setup.authorise_self,
					      sender->seat, S(""), &nothing) != OUTBOX_TRACE_NONE;
}

/* Perhaps it was shown. */
static void be_unsure(struct outbox *outbox, struct sender *sender, struct store_peer *peer,
	int64_t post, struct str why)
{
	peer->claimed = false;
	peer->unclear++;
	if (sender->seat->codec->resends || !post)
		try_again(outbox, peer, -1);
	else if (can_trace(outbox, sender))
		peer->next_ms = now_of(outbox) + linger_ms;
	else if (peer->unclear > 1)
		give_up(outbox, sender, peer, post,
			arena_printf(
				outbox->arena, "twice without a clear answer: %.*s", STR(why)));
	else
		peer->next_ms = now_of(outbox) + claim_ms;
}

static void lose_account(struct outbox *outbox, struct sender *sender, struct store_peer *peer)
{
	int64_t wait = sender->lost_wait ? 2 * sender->lost_wait : lost_first_ms;

	sender->lost_wait = wait < lost_longest_ms ? wait : lost_longest_ms;
	sender->free_ms = now_of(outbox) + sender->lost_wait;
	peer->claimed = false;
	peer->next_ms = sender->free_ms;
}

static const char *const verdict_word[] = {
	[CHANNEL_SENT] = "sent",
	[CHANNEL_AGAIN] = "again",
	[CHANNEL_UNCLEAR] = "unclear",
	[CHANNEL_NEVER] = "never",
	[CHANNEL_LOST] = "lost",
};

static struct channel_judgement judge(
	const struct parcel *parcel, const struct http_result *result, struct arena *arena)
{
	const struct channel_seat *seat = parcel->sender->seat;
	struct channel_answer answer = {
		.status = result->status,
		.body = result->body,
		.type = result->type,
		.retry_after_ms = result->retry_after_ms,
	};
	struct channel_judgement judgement = {
		.verdict = CHANNEL_UNCLEAR, .wait_ms = -1, .why = str_of(result->error)};

	if (result->outcome == HTTP_ANSWERED)
		judgement = seat->codec->judge(&seat->account, &answer, arena);
	else if (result->outcome == HTTP_NOT_SENT)
		judgement.verdict = CHANNEL_AGAIN;
	if (parcel->optional && judgement.verdict != CHANNEL_LOST)
		judgement.verdict = CHANNEL_SENT;
	return judgement;
}

static void apply(struct outbox *outbox, const struct parcel *parcel, struct store_peer *peer,
	const struct channel_judgement *judgement)
{
	struct sender *sender = parcel->sender;

	count(sender, outbox, verdict_word[judgement->verdict]);
	if (judgement->verdict != CHANNEL_SENT) {
		peer->error = judgement->why;
		note_error(sender, outbox, judgement->why);
		LOG(outbox->setup.log, LOG_WARNING, now_of(outbox), "a post was not sent",
			log_word("channel", peer->account),
			log_id("conversation", peer->conversation), log_int("post", parcel->post),
			log_int("tries", peer->tries),
			log_word("verdict", str_of(verdict_word[judgement->verdict])),
			log_word("error", judgement->why));
	}
	switch (judgement->verdict) {
	case CHANNEL_SENT:
		arrived(outbox, parcel, peer);
		break;
	case CHANNEL_AGAIN:
		try_again(outbox, peer, judgement->wait_ms);
		break;
	case CHANNEL_UNCLEAR:
		be_unsure(outbox, sender, peer, parcel->post, judgement->why);
		break;
	case CHANNEL_NEVER:
		if (parcel->post)
			give_up(outbox, sender, peer, parcel->post, judgement->why);
		else
			arrived(outbox, parcel, peer); /* who has it is not told, then */
		break;
	case CHANNEL_LOST:
		lose_account(outbox, sender, peer);
		break;
	}
}

static void ended(void *self, const struct http_result *result)
{
	struct parcel *parcel = self;
	struct outbox *outbox = parcel->outbox;
	struct str conversation = str_of(parcel->conversation);
	struct channel_judgement judgement;
	struct store_peer peer;

	arena_reset(outbox->arena);
	HASH_DEL(outbox->parcels, parcel);
	parcel->sender->under_way--;
	judgement = judge(parcel, result, outbox->arena);
	/* A conversation that was forgotten meanwhile has no row any more. */
	if (dispatcher_write(outbox->dispatcher) &&
		store_peer(outbox->setup.store, conversation, outbox->arena, &peer) == STORE_OK) {
		apply(outbox, parcel, &peer, &judgement);
		store_put_peer(outbox->setup.store, &peer);
	}
	free(parcel);
	wake(outbox);
}

/* --- what leaves --- */

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
	int64_t now = now_of(outbox), wait = 0;

	if (peer->sent_ms + gap_ms(&sender->seat->codec->limits) > now) {
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
	int64_t now = now_of(outbox);
	struct parcel *parcel = parcel_new(round, peer);

	peer->claimed = true;
	peer->tries++;
	peer->since_ms = peer->since_ms ? peer->since_ms : now;
	peer->next_ms = now + claim_ms;
	parcel->optional = call->optional;
	add_leaving(round, parcel, call);
	return parcel;
}

static bool window_is_over(const struct round *round, const struct store_peer *peer)
{
	int64_t window = round->sender->seat->codec->limits.window_ms;

	return window && now_of(round->outbox) - peer->heard_ms > window;
}

/* The platform is told who has the conversation, once all is shown that was said before.  False:
 * the store failed. */
static bool tell_owner(struct round *round, struct store_peer *peer)
{
	struct outbox *outbox = round->outbox;
	const struct channel_seat *seat = round->sender->seat;
	struct channel_peer to = outbox_peer(peer, now_of(outbox));
	struct channel_call call;
	struct parcel *parcel;
	int64_t owner;

	peer->next_ms = 0;
	peer->claimed = false;
	if (!seat->codec->owner)
		return true;
	owner = dispatcher_standing(outbox->dispatcher, peer->conversation).owner != OWNER_BOT;
	if (!dispatcher_write(outbox->dispatcher)) /* what was open may be committed now */
		return false;
	if (owner == peer->owner ||
		!seat->codec->owner(&seat->account, &to, owner != 0, outbox->arena, &call))
		return true;
	peer->next_ms = now_of(outbox);
	if (may_leave(round, peer, &call)) {
		parcel = claim(round, peer, &call);
		parcel->owner = owner;
	}
	return true;
}

/* It was shown after all. */
static void skip_part(
	struct outbox *outbox, struct store_peer *peer, const struct outbox_next *next)
{
	if (next->last) {
		go_past(peer, next->post);
	} else {
		peer->part++;
		peer->tries = peer->unclear = 0;
		peer->claimed = false;
	}
	peer->error = S("");
	peer->next_ms = now_of(outbox);
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
		count(round->sender, outbox, "there");
		skip_part(outbox, peer, next);
		return false;
	case OUTBOX_ASKING:
		peer->next_ms = now_of(outbox) + asking_ms;
		return false;
	}
	return true;
}

static void send_post(struct round *round, struct store_peer *peer, struct outbox_next *next)
{
	struct outbox *outbox = round->outbox;
	struct parcel *parcel;

	if (window_is_over(round, peer)) {
		give_up(outbox, round->sender, peer, next->post,
			S("the platform's time for answers is over"));
	} else if (peer->since_ms && now_of(outbox) - peer->since_ms > give_up_ms) {
		give_up(outbox, round->sender, peer, next->post,
			arena_printf(outbox->arena, "tried for a day: %.*s", STR(peer->error)));
	} else if (is_missing(round, peer, next) && may_leave(round, peer, &next->call)) {
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
	be_unsure(round->outbox, round->sender, peer, post, S("the program ended"));
	peer->next_ms = now_of(round->outbox);
	return peer->shown < post;
}

/* One conversation that is due and has nothing under way. */
static void look_at(struct round *round, struct store_peer *peer)
{
	struct outbox *outbox = round->outbox;
	struct outbox_next next = outbox_next(outbox->setup.store, round->sender->seat, peer,
		outbox->setup.secret, now_of(outbox), outbox->arena);

	switch (next.kind) {
	case OUTBOX_NOTHING:
		if (!tell_owner(round, peer))
			return;
		break;
	case OUTBOX_POST:
		if (may_repeat(round, peer, next.post))
			send_post(round, peer, &next);
		break;
	case OUTBOX_BROKEN:
		peer->next_ms = now_of(outbox) + store_wait_ms;
		break;
	}
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
	int64_t now = now_of(outbox);
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
	for (size_t i = 0; i < round->n_due && i < room && sender->free_ms <= now; i++)
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

static void send_call(struct outbox *outbox, const struct leaving *leaving)
{
	const struct channel_call *call = &leaving->call;
	struct http_call http = {
		.method = call->method,
		.url = call->url,
		.headers = call->headers,
		.n_headers = call->n_headers,
		.body = call->body,
		.changes = true,
		.max_answer_bytes = max_answer_bytes,
	};

	if (leaving->parcel)
		http_client_call(outbox->setup.client, &http, ended, leaving->parcel);
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
	round->next_ms = now_of(round->outbox) + store_wait_ms;
}

static void run_round(void *self);

static void sleep_until(struct outbox *outbox, int64_t at_ms)
{
	int64_t wait = at_ms ? at_ms - now_of(outbox) : longest_sleep_ms;

	if (wait > longest_sleep_ms)
		wait = longest_sleep_ms;
	loop_timer_start(
		outbox->setup.loop, &outbox->timer, wait > 0 ? wait : 0, run_round, outbox);
}

/* Whatever is due and may leave does; all claims of a round are one commit. */
static void run_round(void *self)
{
	struct outbox *outbox = self;
	struct round round = {.outbox = outbox};

	arena_reset(outbox->arena);
	outbox->woken = false;
	if (dispatcher_write(outbox->dispatcher))
		for (size_t i = 0; i < outbox->setup.n_seats; i++)
			look_at_account(&round, &outbox->sender[i]);
	if (dispatcher_flush(outbox->dispatcher)) {
		for (size_t i = 0; i < round.n; i++)
			send_call(outbox, &round.leaving[i]);
		tell_cards(outbox);
	} else {
		take_back(&round);
	}
	if (!outbox->woken)
		sleep_until(outbox, round.next_ms);
}

/* --- what is told to it --- */

static void wake(struct outbox *outbox)
{
	outbox->woken = true;
	if (outbox->dispatcher)
		loop_timer_start(outbox->setup.loop, &outbox->timer, 0, run_round, outbox);
}

void outbox_expect(struct outbox *outbox, struct str conversation)
{
	store_wake_peer(outbox->setup.store, conversation, now_of(outbox));
	wake(outbox); /* when nothing is said, the mark is taken away again */
}

void outbox_posted(struct outbox *outbox, struct str conversation)
{
	(void)conversation;
	wake(outbox);
}

void outbox_typing(struct outbox *outbox, struct str conversation)
{
	struct sender *sender = sender_of(outbox, conversation);
	struct leaving leaving = {NULL};
	struct arena *arena;
	struct channel_peer to;
	struct store_peer peer;

	if (!sender->seat->codec->typing || sender->free_ms > now_of(outbox) ||
		!rate_take(outbox->typing, conversation, loop_steady_ms(outbox->setup.loop), NULL))
		return;
	arena = arena_new(max_answer_bytes);
	if (store_peer(outbox->setup.store, conversation, arena, &peer) == STORE_OK) {
		to = outbox_peer(&peer, now_of(outbox));
		if (!window_is_over(&(struct round){.outbox = outbox, .sender = sender}, &peer) &&
			sender->seat->codec->typing(
				&sender->seat->account, &to, arena, &leaving.call) &&
			(!outbox->setup.authorise ||
				outbox->setup.authorise(outbox->setup.authorise_self, sender->seat,
					&leaving.call, arena)))
			send_call(outbox, &leaving);
	}
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

/* What was on its way when the program ended need not wait for long: where the platform knows a
 * repeat it may be repeated, where it can be asked it is asked when nothing can linger any more. */
static void release_claims(struct outbox *outbox, const struct sender *sender)
{
	bool resends = sender->seat->codec->resends;
	int64_t at_ms = now_of(outbox) + (resends ? 0 : linger_ms);

	if (!resends && !can_trace(outbox, sender))
		return;
	if (!dispatcher_flush(outbox->dispatcher) ||
		store_release_claims(outbox->setup.store, sender->seat->account.name, at_ms) !=
			STORE_OK)
		LOG(outbox->setup.log, LOG_ERROR, now_of(outbox), "the outbox cannot be read",
			log_word("error", str_of(store_error(outbox->setup.store))));
}

void outbox_start(struct outbox *outbox, struct dispatcher *dispatcher)
{
	outbox->dispatcher = dispatcher;
	for (size_t i = 0; i < outbox->setup.n_seats; i++)
		release_claims(outbox, &outbox->sender[i]);
	wake(outbox);
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
