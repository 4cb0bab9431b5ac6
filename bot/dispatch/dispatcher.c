/* All conversations of the server: letters, how a conversation stands, beginning and end. */
#include "bot/dispatch/dispatcher_inside.h"

#include <stdlib.h>

enum {
	usual_awake = 20000,
	max_scratch_bytes = 4 << 20,
	max_error_bytes = 400,
};

void dispatcher_complain(struct dispatcher *d, const char *what, const char *error)
{
	LOG(d->setup.log, LOG_ERROR, dispatcher_now(d), what, log_word("error", str_of(error)));
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

	if (!room_dare(room, letter->event.id.n ? letter->event.id : S("message")))
		return host_set_aside(room->host, &letter->event, &said);
	turn = host_turn_said(room->host, &letter->event, &said);
	room_survived(room);
	return turn;
}

/* What cannot be looked for is not taken for new, and may come again. */
static bool is_new(const struct room *room, struct str id, enum taken *otherwise)
{
	struct dispatcher *d = room->dispatcher;
	enum store_status known =
		id.n ? store_knows(d->setup.store, room_name(room), id) : STORE_NONE;

	*otherwise = known == STORE_OK ? TAKEN_BEFORE : TAKEN_NOT;
	if (known == STORE_OK)
		metrics_add(d->setup.metrics, "tenstep_duplicates_dropped_total", NULL, NULL, 1);
	else if (known != STORE_NONE)
		dispatcher_complain(d, "it cannot be read whether a message was taken before",
			store_error(d->setup.store));
	return known == STORE_NONE;
}

static enum taken take(struct room *room, const struct letter *letter, uint32_t *n)
{
	struct dispatcher *d = room->dispatcher;
	const struct host_turn *turn;
	enum taken otherwise;

	if (!is_new(room, letter->event.id, &otherwise))
		return otherwise;
	if (is_stale(room, &letter->event))
		return TAKEN_STALE;
	room_pass_time(room);
	if (letter->event.kind == EVENT_AGENT && letter->event.action == AGENT_CLAIMED)
		room_set_person(room, letter->event.name);
	room_expect_posts(room);
	turn = hear_letter(room, letter);
	turn_check(room, turn);
	*n = number_of(turn);
	turn_collect(room, turn);
	return turn && !d->failed ? TAKEN : TAKEN_NOT;
}

void dispatcher_take(
	struct dispatcher *d, const struct letter *letter, taken_function *done, void *self)
{
	struct room *room = room_of(d, letter->conversation);
	enum taken taken = TAKEN_NOT;
	struct news *news;
	uint32_t n = 0;

	if (!d->failed && room_wake(room, letter->channel, letter->language)) {
		rooms_use(&d->rooms, room, dispatcher_now(d));
		taken = take(room, letter, &n);
		room_set_timer(room);
	}
	news = add_done(d, taken, done, self);
	news->room = taken == TAKEN ? room : NULL;
	news->n = n;
	round_count_turn(d);
}

void dispatcher_forget_done(struct dispatcher *d, void *self)
{
	batch_forget(&d->open, self);
	batch_forget(&d->flying, self);
	batch_forget(&d->telling, self);
	leaving_forget_done(d, self);
}

/* --- how a conversation stands --- */

struct standing dispatcher_standing(struct dispatcher *d, struct str conversation)
{
	struct room *room = room_of(d, conversation);
	struct standing standing = {.last = 0};
	const struct session *session;

	round_settle(d, room);
	standing.unread = store_last_post(d->setup.store, conversation, &standing.last) != STORE_OK;
	if (standing.unread) {
		dispatcher_complain(
			d, "a conversation cannot be read", store_error(d->setup.store));
		return standing;
	}
	standing.known = standing.last > 0;
	if (!standing.known && !room->host)
		return standing;
	if (!room_wake(room, S(""), S("")))
		return standing;
	session = host_session(room->host);
	standing.owner = session->owner;
	standing.person = str_of(room->person);
	standing.buyer = session->buyer;
	standing.buyer_name = session->buyer_name;
	standing.proof_ends_ms = session_proof_ends_ms(session);
	standing.hides_before_ms = session_hides_before(session, dispatcher_now(d));
	standing.buyer_ms = session->last_buyer_ms;
	standing.sealed = session_is_sealed(session, dispatcher_now(d));
	standing.busy = session_waits_for_call(session);
	return standing;
}

void dispatcher_posts(struct dispatcher *d, struct str conversation, uint32_t after, int limit,
	store_post_function *each, void *self)
{
	round_settle(d, rooms_find(&d->rooms, conversation));
	if (store_posts(d->setup.store, conversation, after, limit, each, self) != STORE_OK)
		dispatcher_complain(
			d, "the transcript cannot be read", store_error(d->setup.store));
}

/* --- beginning and end --- */

static void note_card(void *self, const struct store_card *card)
{
	struct dispatcher *d = self;

	if (card->id > d->last_card)
		d->last_card = card->id;
}

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
	batch_init(&d->flying);
	batch_init(&d->telling);
	d->bench->posts = d->open.arena; /* a post is needed until it is told */
	if (store_cards(setup->store, true, note_card, d) != STORE_OK)
		dispatcher_complain(d, "the cards cannot be read", store_error(setup->store));
	setup->shop->answered = hear_answer;
	setup->shop->answered_self = d;
	loop_before_sleep(setup->loop, round_before_sleep, d);
	loop_wake_start(setup->loop, &d->landed, round_landed, d);
	loop_timer_start(setup->loop, &d->tick, 0, dispatcher_first_tick, d);
	recover_calls(d);
	return d;
}

void dispatcher_free(struct dispatcher *d)
{
	struct room *room, *next;

	if (!d)
		return;
	(void)dispatcher_flush(d);
	leaving_free(d);
	loop_wake_stop(&d->landed);
	loop_timer_stop(d->setup.loop, &d->tick);
	d->setup.shop->answered = NULL;
	HASH_ITER(hh, d->rooms.by_name, room, next)
	{
		loop_timer_stop(d->setup.loop, &room->timer);
		rooms_free(&d->rooms, room);
	}
	visits_forget(&d->visits);
	workbench_free(d->bench);
	batch_release(&d->open);
	batch_release(&d->flying);
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

	visits_forget(&d->visits);
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
