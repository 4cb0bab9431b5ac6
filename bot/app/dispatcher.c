/* All conversations of the server. */
#include "bot/app/dispatcher.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bot/app/batch.h"
#include "bot/app/deaths.h"
#include "bot/app/room.h"
#include "bot/app/workbench.h"

enum {
	usual_awake = 20000,
	max_batch = 256, /* turns of one commit */
	max_gather_ms = 2,
	idle_ms = 20 * 1000,
	tick_ms = 1000,
	fold_above = 16384, /* rows of the journal: then a few are moved after each commit */
	fold_step = 512,
	fold_idle = 1024,
	max_scratch_bytes = 4 << 20,
	max_error_bytes = 400,
	max_label_bytes = 101,
	probe_ms = 1000, /* between two looks at whether the store takes anything */
};

struct dispatcher {
	struct dispatcher_setup setup;
	struct rooms rooms;
	struct workbench *bench;
	struct batch open, telling; /* what waits for the commit; what is being told */
	bool writing;               /* a transaction is open */
	bool failed;                /* and will not be committed */
	bool is_sick;               /* the last commit failed */
	int64_t proven_ms;          /* steady: the last look at the store, or commit */
	bool is_telling;
	size_t n_turns;    /* in the open transaction */
	size_t n_gathered; /* of them when the loop was last about to sleep */
	int64_t gather_ms; /* steady: since then more are waited for */
	struct loop_timer again;
	int64_t last_card;
	struct hearer *next_hearer; /* while one is being called */
	struct loop_timer tick;
	struct arena *scratch;
	struct buf error;
};

static int64_t now_of(const struct dispatcher *d)
{
	return loop_now_ms(d->setup.loop);
}

static void complain(struct dispatcher *d, const char *what, const char *error)
{
	LOG(d->setup.log, LOG_ERROR, now_of(d), what, log_word("error", str_of(error)));
}

/* --- the transaction --- */

static void fail(struct dispatcher *d, const char *error)
{
	if (!d->failed)
		complain(d, "the store failed", error);
	d->failed = d->is_sick = true;
}

static bool begin(struct dispatcher *d)
{
	if (d->writing || d->failed)
		return !d->failed;
	if (store_begin(d->setup.store) == STORE_OK)
		d->writing = true;
	else
		fail(d, store_error(d->setup.store));
	return d->writing;
}

static bool open_for_host(void *self)
{
	return begin(self);
}

static bool end(struct dispatcher *d)
{
	if (!d->writing)
		return !d->failed;
	d->writing = false;
	if (d->failed)
		store_rollback(d->setup.store);
	else if (store_commit(d->setup.store) != STORE_OK)
		fail(d, store_error(d->setup.store));
	else
		d->is_sick = false;
	d->proven_ms = loop_steady_ms(d->setup.loop);
	return !d->failed;
}

/* A call is about to leave: what led to it has to be on disk first. */
static bool commit_for_host(void *self)
{
	struct dispatcher *d = self;

	if (!end(d))
		return false;
	d->open.safe = d->open.n;
	return begin(d);
}

bool dispatcher_write(struct dispatcher *d)
{
	return begin(d);
}

/* --- what the program died of --- */

/* Begins what the program may die of; false: it has too often. */
static bool dare(struct room *room, struct str what)
{
	struct dispatcher *d = room->dispatcher;

	if (deaths_enough_of(d->setup.deaths, room_name(room), what)) {
		LOG(d->setup.log, LOG_ERROR, now_of(d), "left alone: the program died of it before",
			log_id("conversation", room_name(room)), log_word("what", what));
		return false;
	}
	deaths_begin(d->setup.deaths, room_name(room), what);
	return true;
}

static void survived(struct room *room)
{
	deaths_end(room->dispatcher->setup.deaths);
}

/* --- waking and sleeping --- */

static void due(void *self);

static void set_timer(struct room *room)
{
	struct dispatcher *d = room->dispatcher;
	int64_t at;

	loop_timer_stop(d->setup.loop, &room->timer);
	if (room->host && !deaths_enough_of(d->setup.deaths, room_name(room), S("time")) &&
		host_next_due(room->host, &at))
		loop_timer_start(d->setup.loop, &room->timer, at > now_of(d) ? at - now_of(d) : 0,
			due, room);
}

static void find_person(void *self, const struct store_card *card)
{
	struct room *room = self;

	if (str_eq(card->conversation, room_name(room)) && card->person.n)
		room_set_person(room, card->person);
}

static void note_owner(struct room *room)
{
	struct dispatcher *d = room->dispatcher;

	room->owner = host_session(room->host)->owner;
	room_set_person(room, (struct str){0});
	if (room->owner == OWNER_PERSON &&
		store_cards(d->setup.store, false, find_person, room) != STORE_OK)
		complain(d, "the cards cannot be read", store_error(d->setup.store));
}

static void collect(struct room *room, const struct host_turn *turn);

static void put_to_sleep(struct room *room)
{
	loop_timer_stop(room->dispatcher->setup.loop, &room->timer);
	rooms_drop_host(&room->dispatcher->rooms, room);
}

static bool may_sleep(const struct room *room)
{
	return !room->touched && !host_is_calling(room->host) &&
	       !session_waits_for_call(host_session(room->host));
}

/* Room for one more: the one used longest ago goes, if it can. */
static void make_room(struct dispatcher *d)
{
	struct room *room = d->rooms.awake;

	if (d->rooms.n_awake >= d->setup.max_awake && room && may_sleep(room))
		put_to_sleep(room);
}

static struct host *open_host(struct room *room, struct str channel, struct str language)
{
	struct dispatcher *d = room->dispatcher;
	struct host_setup setup = {
		.model = d->setup.model,
		.shop = d->setup.shop,
		.store = d->setup.store,
		.conversation = room_name(room),
		.channel = channel,
		.language = language.n ? language : d->setup.language,
		.now_ms = now_of(d),
		.seed = d->setup.seed ^ str_hash(room_name(room)),
		.commit = {open_for_host, commit_for_host, d},
		.bench = d->bench,
		.served = true,
	};
	struct host *host;

	buf_clear(&d->error);
	host = host_open(&setup, &d->error);
	if (!host)
		complain(d, "a conversation cannot be taken up",
			d->error.n ? d->error.p : "unknown");
	return host;
}

static bool is_carried(const struct dispatcher *d, const struct room *room)
{
	const struct courier *courier = &d->setup.courier;

	return courier->carries && courier->carries(courier->self, room_name(room));
}

/* Before anything of a turn is written: a kill in the middle of it is known by this. */
static void expect_posts(struct room *room)
{
	struct dispatcher *d = room->dispatcher;

	if (is_carried(d, room) && begin(d))
		d->setup.courier.expect(d->setup.courier.self, room_name(room));
}

/* Takes the conversation up; what a kill had interrupted is gone on with. */
static bool wake(struct room *room, struct str channel, struct str language)
{
	struct dispatcher *d = room->dispatcher;
	struct host *host;

	if (room->host)
		return true;
	if (!dare(room, S("wake")))
		return false;
	make_room(d);
	host = open_host(room, channel, language);
	if (!host) {
		survived(room);
		return false;
	}
	rooms_take_host(&d->rooms, room, host);
	room->used_ms = now_of(d);
	room->told = room->hearers ? room->told : 0;
	note_owner(room);
	if (!host_taken_up(host))
		metrics_add(d->setup.metrics, "tenstep_conversations_started_total",
			channel.n ? "" : "unknown", NULL, 1);
	if (session_waits_for_call(host_session(host)))
		expect_posts(room);
	collect(room, host_recover(host));
	survived(room);
	set_timer(room);
	return true;
}

static struct room *room_of(struct dispatcher *d, struct str name)
{
	return rooms_make(&d->rooms, name, d);
}

/* --- what a turn made --- */

enum { max_channel_bytes = 33 };

/* The channel that a conversation's name begins with. */
static const char *channel_of(const struct room *room, char word[max_channel_bytes])
{
	static const char *const channel[] = {"widget", "directline", "rasa"};
	struct str rest = room_name(room), account = str_cut(&rest, ':');

	for (size_t i = 0; i < sizeof channel / sizeof *channel; i++)
		if (str_starts(room_name(room), str_of(channel[i])))
			return channel[i];
	if (!is_carried(room->dispatcher, room) || account.n >= max_channel_bytes)
		return "other";
	memcpy(word, account.p, account.n);
	word[account.n] = '\0';
	return word;
}

static void count_post(struct room *room, const struct post *post)
{
	char word[max_channel_bytes];

	metrics_add(room->dispatcher->setup.metrics, "tenstep_messages_total",
		channel_of(room, word), post->who == POST_BUYER ? "in" : "out", 1);
}

static void add_owner(struct room *room)
{
	struct news *news = batch_add(&room->dispatcher->open, NEWS_OWNER, room);

	news->owner = room->owner;
	news->person = arena_str(room->dispatcher->open.arena, str_of(room->person));
}

/* Names of flows and steps are the content's: there are as many series as steps. */
static void count_at(struct dispatcher *d, const char *name, struct str flow, struct str step)
{
	char label[2][max_label_bytes];

	snprintf(label[0], sizeof label[0], "%.*s", STR(flow));
	snprintf(label[1], sizeof label[1], "%.*s", STR(step));
	metrics_add(d->setup.metrics, name, label[0], label[1], 1);
}

static void count_trace(struct dispatcher *d, const struct trace *trace)
{
	if (trace->level == LEVEL_NO_MATCH)
		count_at(d, "tenstep_unmatched_total", trace->at_flow, trace->at_step);
	for (size_t i = 0; i < trace->n_visits; i++)
		count_at(
			d, "tenstep_step_visits_total", trace->visit[i].flow, trace->visit[i].step);
}

static void count_turn(struct dispatcher *d, const struct host_turn *turn)
{
	if (!d->setup.metrics)
		return;
	for (size_t i = 0; i < turn->n_traces; i++)
		count_trace(d, &turn->trace[i]);
	for (size_t i = 0; i < turn->n_effects; i++)
		if (turn->effect[i].kind == EFFECT_SAY && turn->effect[i].say.again)
			count_at(d, "tenstep_reprompts_total", turn->effect[i].flow,
				turn->effect[i].step);
}

static void collect_effects(struct room *room, const struct host_turn *turn)
{
	struct dispatcher *d = room->dispatcher;

	for (size_t i = 0; i < turn->n_effects; i++)
		if (turn->effect[i].kind == EFFECT_HANDOFF)
			batch_add(&d->open, NEWS_CARD, room);
}

/* By what came of them; one whose outcome becomes known later is counted twice. */
static void count_calls(struct dispatcher *d, const struct host_turn *turn)
{
	for (size_t i = 0; i < turn->n_calls; i++)
		if (turn->call[i].answered)
			metrics_add(d->setup.metrics, "tenstep_actions_total",
				turn->call[i].op->name, outcome_name[turn->call[i].outcome], 1);
}

/* NULL: nothing came of it, or it could not be stored. */
static void collect(struct room *room, const struct host_turn *turn)
{
	struct dispatcher *d = room->dispatcher;

	if (turn) {
		for (size_t i = 0; i < turn->n_posts; i++) {
			batch_add_post(&d->open, room, &turn->post[i]);
			count_post(room, &turn->post[i]);
		}
		collect_effects(room, turn);
		count_turn(d, turn);
		count_calls(d, turn);
	}
	if (d->writing)
		room->touched = true;
	if (host_session(room->host)->owner != room->owner) {
		room->owner = host_session(room->host)->owner;
		if (room->owner != OWNER_PERSON)
			room_set_person(room, (struct str){0});
		add_owner(room);
	}
	if (session_waits_for_call(host_session(room->host)))
		batch_add(&d->open, NEWS_TYPING, room);
}

/* A turn that came to nothing because of the store. */
static void check_host(struct room *room, const struct host_turn *turn)
{
	if (turn || !host_error(room->host)[0])
		return;
	fail(room->dispatcher, host_error(room->host));
	room->touched = true; /* taken up again from the store */
}

static void pass_time(struct room *room)
{
	const struct host_turn *turn;
	int64_t at;

	if (!dare(room, S("time")))
		return;
	if (host_next_due(room->host, &at) && at <= now_of(room->dispatcher))
		expect_posts(room);
	turn = host_advance(room->host, now_of(room->dispatcher));
	survived(room);
	check_host(room, turn);
	collect(room, turn);
}

static void due(void *self)
{
	struct room *room = self;

	if (!room->host)
		return;
	pass_time(room);
	set_timer(room);
}

/* --- telling --- */

static void tell_done(const struct news *news, enum taken taken)
{
	if (news->done)
		news->done(news->self, taken, news->n);
}

/* A hearer may leave, and take others with it, while it is told. */
#define FOR_HEARERS(d, room, h)                                                                    \
	for (struct hearer *h = (room)->hearers; h && ((d)->next_hearer = h->inside[1], true);     \
		h = (d)->next_hearer)

/* The courier asks the transcript what is new, however often it is told. */
static void tell_courier(struct room *room, const struct post *post)
{
	const struct courier *courier = &room->dispatcher->setup.courier;

	if (post->who != POST_BUYER && courier->posted && is_carried(room->dispatcher, room))
		courier->posted(courier->self, room_name(room));
}

static void tell_post(struct room *room, const struct post *post)
{
	tell_courier(room, post);
	if (post->n <= room->told)
		return;
	room->told = post->n;
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->post)
		h->post(h->self, post);
}

static void tell_owner(struct room *room, enum owner owner, struct str person)
{
	const struct courier *courier = &room->dispatcher->setup.courier;

	if (courier->owner && is_carried(room->dispatcher, room))
		courier->owner(courier->self, room_name(room), owner);
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->owner)
		h->owner(h->self, owner, person);
}

static void tell_typing(struct room *room, enum post_who who, const struct hearer *but)
{
	const struct courier *courier = &room->dispatcher->setup.courier;

	if (who != POST_BUYER && courier->typing && is_carried(room->dispatcher, room))
		courier->typing(courier->self, room_name(room));
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->typing && h != but)
		h->typing(h->self, who);
}

struct find_card {
	struct dispatcher *dispatcher;
	struct room *room;
};

static void hand_off(void *self, const struct store_card *card)
{
	struct find_card *find = self;
	struct dispatcher *d = find->dispatcher;

	if (card->id <= d->last_card || !str_eq(card->conversation, room_name(find->room)))
		return;
	d->last_card = card->id;
	if (d->setup.handed_off)
		d->setup.handed_off(d->setup.self, card);
}

static void tell_card(struct dispatcher *d, struct room *room)
{
	struct find_card find = {d, room};

	if (store_cards(d->setup.store, false, hand_off, &find) != STORE_OK)
		complain(d, "the cards cannot be read", store_error(d->setup.store));
}

static void tell(struct dispatcher *d, const struct news *news)
{
	switch (news->kind) {
	case NEWS_DONE:
		tell_done(news, news->taken);
		break;
	case NEWS_POST:
		tell_post(news->room, &news->post);
		break;
	case NEWS_OWNER:
		tell_owner(news->room, news->owner, news->person);
		break;
	case NEWS_CARD:
		tell_card(d, news->room);
		break;
	case NEWS_TYPING:
		tell_typing(news->room, POST_BOT, NULL);
		break;
	case NEWS_NOTICE:
		d->setup.shop->notice_taken(d->setup.shop, news->notice);
		break;
	}
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
	put_to_sleep(room);
	if (room->hearers && store_posts(d->setup.store, room_name(room), room->told, 1 << 20,
				     tell_again, room) != STORE_OK)
		complain(d, "the transcript cannot be read", store_error(d->setup.store));
}

static void tell_failed(struct dispatcher *d, struct batch *batch)
{
	struct room *room, *next;

	for (size_t i = 0; i < batch->safe; i++)
		tell(d, &batch->news[i]);
	for (size_t i = batch->safe; i < batch->n; i++)
		if (batch->news[i].kind == NEWS_DONE)
			tell_done(&batch->news[i], TAKEN_NOT);
	HASH_ITER(hh, d->rooms.by_name, room, next)
	if (room->touched)
		undo_room(room);
}

static void swap_batches(struct dispatcher *d)
{
	struct batch was = d->open;

	d->open = d->telling;
	d->telling = was;
}

static void untouch(struct dispatcher *d)
{
	for (size_t i = 0; i < d->telling.n; i++)
		if (d->telling.news[i].room)
			d->telling.news[i].room->touched = false;
}

/* While the next turns are thought about. */
static void fold_some(struct dispatcher *d)
{
	if (store_journal(d->setup.store) > fold_above && !d->writing &&
		store_fold_aside(d->setup.store, fold_step) != STORE_OK)
		complain(d, "the journal cannot be folded", store_error(d->setup.store));
}

/* Commits, and tells what was committed. */
static bool flush(struct dispatcher *d)
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
	d->n_turns = d->n_gathered = 0;
	if (good && !d->open.n)
		return true;
	d->is_telling = true;
	swap_batches(d);
	if (good) {
		untouch(d);
		for (size_t i = 0; i < d->telling.n; i++)
			tell(d, &d->telling.news[i]);
	} else {
		d->failed = false;
		tell_failed(d, &d->telling);
	}
	batch_clear(&d->telling);
	d->is_telling = false;
	return good;
}

bool dispatcher_flush(struct dispatcher *d)
{
	return flush(d);
}

bool dispatcher_ready(struct dispatcher *d)
{
	int64_t now = loop_steady_ms(d->setup.loop);

	if (now - d->proven_ms < probe_ms || d->is_telling || !flush(d))
		return !d->is_sick;
	d->proven_ms = now;
	d->is_sick = store_probe(d->setup.store) != STORE_OK;
	if (d->is_sick)
		complain(d, "the store takes nothing", store_error(d->setup.store));
	return !d->is_sick;
}

static void nothing(void *self)
{
	(void)self;
}

/* A commit costs the same for one turn and for many: as long as a round of the loop brings more,
 * the next round is waited for.  It does not sleep. */
static bool may_gather(struct dispatcher *d)
{
	int64_t now = loop_steady_ms(d->setup.loop);

	if (d->failed || d->n_turns <= d->n_gathered || d->n_turns >= max_batch)
		return false;
	if (!d->n_gathered)
		d->gather_ms = now;
	if (now - d->gather_ms > max_gather_ms)
		return false;
	d->n_gathered = d->n_turns;
	loop_timer_start(d->setup.loop, &d->again, 0, nothing, NULL);
	return true;
}

static void before_sleep(void *self)
{
	struct dispatcher *d = self;

	if (may_gather(d))
		return;
	for (int round = 0; round < 8 && (d->writing || d->failed || d->open.n); round++)
		(void)flush(d);
}

/* --- letters --- */

static struct news *add_done(
	struct dispatcher *d, enum taken taken, taken_function *done, void *self)
{
	struct news *news = batch_add(&d->open, NEWS_DONE, NULL);

	news->taken = taken;
	news->done = done;
	news->self = self;
	return news;
}

static bool is_stale(const struct room *room, const struct event *event)
{
	enum owner owner = host_session(room->host)->owner;

	if (event->kind != EVENT_AGENT)
		return false;
	switch (event->action) {
	case AGENT_CLAIMED:
		return owner == OWNER_PERSON;
	case AGENT_SAID:
	case AGENT_HANDED_BACK:
	case AGENT_PUT_BACK:
		return owner != OWNER_PERSON;
	case AGENT_NOBODY:
		return owner != OWNER_QUEUE;
	}
	return true;
}

/* The number that the buyer's message has in the transcript. */
static uint32_t number_of(const struct host_turn *turn)
{
	return turn && turn->n_posts ? turn->post[0].n : 0;
}

/* The event's turn; a message that the program died of is put before a person. */
static const struct host_turn *hear_letter(struct room *room, const struct letter *letter)
{
	struct host_said said = {.label = letter->label, .file = letter->file};
	const struct host_turn *turn;

	if (!dare(room, letter->event.id.n ? letter->event.id : S("message")))
		return host_set_aside(room->host, &letter->event, &said);
	turn = host_turn_said(room->host, &letter->event, &said);
	survived(room);
	return turn;
}

static enum taken take(struct room *room, const struct letter *letter, uint32_t *n)
{
	struct dispatcher *d = room->dispatcher;
	const struct host_turn *turn;

	if (letter->event.id.n && store_knows(d->setup.store, room_name(room), letter->event.id)) {
		metrics_add(d->setup.metrics, "tenstep_duplicates_dropped_total", NULL, NULL, 1);
		return TAKEN_BEFORE;
	}
	if (is_stale(room, &letter->event))
		return TAKEN_STALE;
	pass_time(room);
	if (letter->event.kind == EVENT_AGENT && letter->event.action == AGENT_CLAIMED)
		room_set_person(room, letter->event.name);
	expect_posts(room);
	turn = hear_letter(room, letter);
	check_host(room, turn);
	*n = number_of(turn);
	collect(room, turn);
	return turn && !d->failed ? TAKEN : TAKEN_NOT;
}

void dispatcher_take(
	struct dispatcher *d, const struct letter *letter, taken_function *done, void *self)
{
	struct room *room = room_of(d, letter->conversation);
	enum taken taken = TAKEN_NOT;
	struct news *news;
	uint32_t n = 0;

	if (!d->failed && wake(room, letter->channel, letter->language)) {
		rooms_use(&d->rooms, room, now_of(d));
		taken = take(room, letter, &n);
		set_timer(room);
	}
	news = add_done(d, taken, done, self);
	news->room = taken == TAKEN ? room : NULL;
	news->n = n;
	if (++d->n_turns >= max_batch && !d->is_telling)
		(void)flush(d);
}

void dispatcher_forget_done(struct dispatcher *d, void *self)
{
	batch_forget(&d->open, self);
	batch_forget(&d->telling, self);
}

/* --- answers of the shop that come later --- */

/* The conversation was erased meanwhile: nobody is told, the journal of effects is kept. */
static void settle_alone(
	struct dispatcher *d, struct str key, enum order_outcome outcome, const struct value *value)
{
	struct store_verdict verdict = {
		.state = outcome == ORDER_OK ? EFFECT_DONE : EFFECT_REFUSED,
		.answer = value,
		.now = now_of(d) / 1000,
	};

	if (key.n && (outcome == ORDER_OK || outcome == ORDER_REFUSED) && begin(d))
		store_settle_effect(d->setup.store, key, &verdict);
}

static void hear_late(struct room *room, const struct late_answer *answer)
{
	struct dispatcher *d = room->dispatcher;
	const struct host_turn *turn;

	if (!dare(room, answer->key))
		return;
	expect_posts(room);
	turn = host_answer(room->host, answer, now_of(d));
	survived(room);
	check_host(room, turn);
	collect(room, turn);
	set_timer(room);
}

static void answered(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct late_answer answer = {number, key, outcome, value};
	struct dispatcher *d = self;
	struct room *room = room_of(d, who);

	if (d->failed && !d->is_telling)
		(void)flush(d);
	if (!room->host && !store_last_post(d->setup.store, who))
		settle_alone(d, key, outcome, value);
	else if (wake(room, S(""), S("")))
		hear_late(room, &answer);
	if (++d->n_turns >= max_batch && !d->is_telling)
		(void)flush(d);
}

/* --- hearers --- */

/* What is read for somebody outside must be on disk. */
static void settle(struct dispatcher *d, const struct room *room)
{
	if (room && room->touched)
		(void)flush(d);
}

void dispatcher_hear(struct dispatcher *d, struct str conversation, struct hearer *hearer)
{
	struct room *room = room_of(d, conversation);

	settle(d, room);
	if (!room->hearers)
		room->told = store_last_post(d->setup.store, conversation);
	hearer->room = room;
	hearer->inside[0] = NULL;
	hearer->inside[1] = room->hearers;
	if (room->hearers)
		room->hearers->inside[0] = hearer;
	room->hearers = hearer;
}

static void free_if_empty(struct room *room)
{
	if (!room->hearers && !room->host && !room->touched)
		rooms_free(&room->dispatcher->rooms, room);
}

void dispatcher_unhear(struct dispatcher *d, struct hearer *hearer)
{
	struct room *room = hearer->room;

	if (!room)
		return;
	if (d->next_hearer == hearer)
		d->next_hearer = hearer->inside[1];
	if (hearer->inside[0])
		hearer->inside[0]->inside[1] = hearer->inside[1];
	else
		room->hearers = hearer->inside[1];
	if (hearer->inside[1])
		hearer->inside[1]->inside[0] = hearer->inside[0];
	hearer->room = NULL;
}

bool dispatcher_is_heard(struct dispatcher *d, struct str conversation)
{
	struct room *room = rooms_find(&d->rooms, conversation);

	return room && room->hearers;
}

struct standing dispatcher_standing(struct dispatcher *d, struct str conversation)
{
	struct room *room = room_of(d, conversation);
	struct standing standing = {.last = 0};
	const struct session *session;

	settle(d, room);
	standing.last = store_last_post(d->setup.store, conversation);
	standing.known = standing.last > 0;
	if (!standing.known && !room->host)
		return standing;
	if (!wake(room, S(""), S("")))
		return standing;
	session = host_session(room->host);
	standing.owner = session->owner;
	standing.person = str_of(room->person);
	standing.buyer = session->buyer;
	standing.buyer_name = session->buyer_name;
	standing.busy = session_waits_for_call(session);
	return standing;
}

void dispatcher_posts(struct dispatcher *d, struct str conversation, uint32_t after, int limit,
	store_post_function *each, void *self)
{
	settle(d, rooms_find(&d->rooms, conversation));
	if (store_posts(d->setup.store, conversation, after, limit, each, self) != STORE_OK)
		complain(d, "the transcript cannot be read", store_error(d->setup.store));
}

void dispatcher_typing(
	struct dispatcher *d, struct str conversation, enum post_who who, struct hearer *but)
{
	struct room *room = rooms_find(&d->rooms, conversation);

	if (!room && d->setup.courier.carries &&
		d->setup.courier.carries(d->setup.courier.self, conversation))
		room = room_of(d, conversation);
	if (room)
		tell_typing(room, who, but);
}

static void tell_forgotten(struct room *room)
{
	const struct courier *courier = &room->dispatcher->setup.courier;

	if (courier->forgotten && is_carried(room->dispatcher, room))
		courier->forgotten(courier->self, room_name(room));
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->forgotten)
		h->forgotten(h->self);
}

bool dispatcher_forget(struct dispatcher *d, struct str conversation)
{
	struct room *room = room_of(d, conversation);

	if (!flush(d) || d->writing)
		return false;
	put_to_sleep(room);
	if (store_forget(d->setup.store, conversation) != STORE_OK) {
		complain(d, "a conversation cannot be erased", store_error(d->setup.store));
		return false;
	}
	room->told = 0;
	tell_forgotten(room);
	return true;
}

/* --- what happens by itself --- */

struct names {
	struct dispatcher *dispatcher;
	struct str *name;
	size_t n;
};

static void add_name(void *self, struct str name)
{
	struct names *names = self;
	struct arena *arena = names->dispatcher->scratch;

	if (arena_over(arena))
		return;
	names->name = arena_grow(arena, names->name, names->n, struct str);
	names->name[names->n++] = arena_str(arena, name);
}

static void add_due(void *self, struct str name, int64_t due_ms)
{
	(void)due_ms;
	add_name(self, name);
}

static void wake_named(struct dispatcher *d, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		(void)wake(room_of(d, names->name[i]), S(""), S(""));
}

/* Sleeping conversations with something due soon. */
static void wake_due(struct dispatcher *d)
{
	struct names names = {.dispatcher = d};

	arena_reset(d->scratch);
	if (store_due(d->setup.store, now_of(d) + 2 * tick_ms, add_due, &names) != STORE_OK)
		complain(d, "the timers cannot be read", store_error(d->setup.store));
	wake_named(d, &names);
}

/* A promise is kept when the buyer was written to. */
static void note_kept(
	struct room *room, const struct order_notice *notice, const struct host_turn *turn)
{
	struct dispatcher *d = room->dispatcher;

	if (turn && turn->n_posts && begin(d))
		store_keep_promise(d->setup.store, room_name(room), notice->event,
			value_get_text(notice->fields, "order"), now_of(d));
}

/* True: everybody whom it concerns has it. */
static bool give_notice(
	struct dispatcher *d, const struct names *names, const struct order_notice *notice)
{
	bool all = true;

	for (size_t i = 0; i < names->n; i++) {
		struct room *room = room_of(d, names->name[i]);
		const struct host_turn *turn;
		bool wait = false;

		if (!wake(room, S(""), S(""))) {
			all = false;
			continue;
		}
		pass_time(room);
		if (!dare(room, notice->event))
			continue;
		expect_posts(room);
		turn = host_notice(room->host, notice, &wait);
		survived(room);
		all = all && !wait;
		if (!wait)
			check_host(room, turn);
		note_kept(room, notice, turn);
		collect(room, turn);
		set_timer(room);
	}
	return all;
}

static void hear_notice(struct dispatcher *d, const struct order_notice *notice)
{
	struct names names = {.dispatcher = d};
	struct str order = value_get_text(notice->fields, "order");

	if (store_watching(d->setup.store, notice->event, order, add_name, &names) != STORE_OK ||
		store_watching(d->setup.store, S("buyer"), notice->buyer, add_name, &names) !=
			STORE_OK) {
		complain(d, "the promises cannot be read", store_error(d->setup.store));
		return;
	}
	if (give_notice(d, &names, notice) && !d->failed)
		batch_add(&d->open, NEWS_NOTICE, NULL)->notice = notice->id;
}

/* What the shop tells: to those who were promised to hear it. */
static void hear_shop(struct dispatcher *d)
{
	struct order_api *shop = d->setup.shop;
	struct order_notice notice;
	int64_t after = 0;

	if (shop->advance && !shop->advance(shop, now_of(d) / 1000))
		complain(d, "the shop's storage failed", "");
	arena_reset(d->scratch);
	while (!arena_over(d->scratch) && shop->next_notice(shop, after, d->scratch, &notice)) {
		after = notice.id;
		hear_notice(d, &notice);
	}
}

static void sleep_idle(struct dispatcher *d)
{
	struct room *room, *next;

	HASH_ITER(hh, d->rooms.by_name, room, next)
	{
		if (room->host && now_of(d) - room->used_ms > idle_ms && may_sleep(room))
			put_to_sleep(room);
		free_if_empty(room);
	}
}

/* Ids of messages that nobody repeats any more; a bounded amount each time. */
static void expire(struct dispatcher *d)
{
	static const int64_t keep_ms = (int64_t)30 * 24 * 3600 * 1000;

	if (store_expire(d->setup.store, now_of(d) - keep_ms, 0) != STORE_OK)
		complain(d, "old message ids cannot be forgotten", store_error(d->setup.store));
}

static void tick(void *self)
{
	struct dispatcher *d = self;

	hear_shop(d);
	wake_due(d);
	if (!d->open.n && !d->writing) {
		sleep_idle(d);
		expire(d);
		if (store_journal(d->setup.store) &&
			store_fold_aside(d->setup.store, fold_idle) != STORE_OK)
			complain(d, "the journal cannot be folded", store_error(d->setup.store));
	}
	metrics_set(d->setup.metrics, "tenstep_conversations_active", NULL, NULL,
		(double)d->rooms.n_awake);
	loop_timer_start(d->setup.loop, &d->tick, tick_ms, tick, d);
}

/* Conversations with a call whose outcome a kill left open. */
static void recover(struct dispatcher *d)
{
	struct names names = {.dispatcher = d};
	struct store_effect *open = NULL;
	size_t n = 0;

	arena_reset(d->scratch);
	if (store_effects(d->setup.store, EFFECTS_OPEN, d->scratch, &open, &n) != STORE_OK) {
		complain(d, "what was under way cannot be read", store_error(d->setup.store));
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (open[i].conversation.n) /* else it was erased, and nobody is told */
			add_name(&names, open[i].conversation);
	wake_named(d, &names);
}

static void note_card(void *self, const struct store_card *card)
{
	struct dispatcher *d = self;

	if (card->id > d->last_card)
		d->last_card = card->id;
}

/* --- the door --- */

struct dispatcher *dispatcher_new(const struct dispatcher_setup *setup)
{
	struct dispatcher *d = calloc(1, sizeof *d);

	if (!d)
		abort();
	d->setup = *setup;
	d->setup.model = model_ref(setup->model);
	if (!d->setup.max_awake)
		d->setup.max_awake = usual_awake;
	d->scratch = arena_new(max_scratch_bytes);
	d->bench = workbench_new();
	buf_init(&d->error, max_error_bytes);
	batch_init(&d->open);
	batch_init(&d->telling);
	if (store_cards(setup->store, true, note_card, d) != STORE_OK)
		complain(d, "the cards cannot be read", store_error(setup->store));
	setup->shop->answered = answered;
	setup->shop->answered_self = d;
	loop_before_sleep(setup->loop, before_sleep, d);
	loop_timer_start(setup->loop, &d->tick, 0, tick, d);
	recover(d);
	return d;
}

void dispatcher_free(struct dispatcher *d)
{
	struct room *room, *next;

	if (!d)
		return;
	(void)flush(d);
	loop_timer_stop(d->setup.loop, &d->tick);
	loop_timer_stop(d->setup.loop, &d->again);
	d->setup.shop->answered = NULL;
	HASH_ITER(hh, d->rooms.by_name, room, next)
	{
		loop_timer_stop(d->setup.loop, &room->timer);
		rooms_free(&d->rooms, room);
	}
	workbench_free(d->bench);
	batch_release(&d->open);
	batch_release(&d->telling);
	arena_free(d->scratch);
	buf_release(&d->error);
	model_unref(d->setup.model);
	free(d);
}

void dispatcher_use_model(struct dispatcher *d, struct model *model)
{
	struct model *before = d->setup.model;
	struct room *room, *next;

	d->setup.model = model_ref(model);
	model_unref(before);
	HASH_ITER(hh, d->rooms.by_name, room, next)
	if (room->host)
		host_use_model(room->host, model);
}

const struct model *dispatcher_model(const struct dispatcher *d)
{
	return d->setup.model;
}

size_t dispatcher_awake(const struct dispatcher *d)
{
	return d->rooms.n_awake;
}
