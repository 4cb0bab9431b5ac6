/* Conversations are taken up from the store and put to sleep again; what each is about to do is
 * noted, so that what the program dies of is known. */
#include "bot/dispatch/dispatcher_inside.h"

enum { idle_ms = 20 * 1000 };

bool room_dare(struct room *room, struct str what)
{
	struct dispatcher *d = room->dispatcher;

	if (deaths_enough_of(d->setup.deaths, room_name(room), what)) {
		LOG(d->setup.log, LOG_ERROR, dispatcher_now(d),
			"left alone: the program died of it before",
			log_id("conversation", room_name(room)), log_word("what", what));
		return false;
	}
	deaths_begin(d->setup.deaths, room_name(room), what);
	return true;
}

void room_survived(struct room *room)
{
	deaths_end(room->dispatcher->setup.deaths);
}

bool room_is_carried(const struct dispatcher *d, const struct room *room)
{
	const struct courier *courier = &d->setup.courier;

	return courier->carries && courier->carries(courier->self, room_name(room));
}

void room_expect_posts(struct room *room)
{
	struct dispatcher *d = room->dispatcher;

	if (room_is_carried(d, room) && round_begin(d))
		d->setup.courier.expect(d->setup.courier.self, room_name(room));
}

static void due(void *self);

void room_set_timer(struct room *room)
{
	struct dispatcher *d = room->dispatcher;
	int64_t at;

	loop_timer_stop(d->setup.loop, &room->timer);
	if (room->host && !deaths_enough_of(d->setup.deaths, room_name(room), S("time")) &&
		host_next_due(room->host, &at))
		loop_timer_start(d->setup.loop, &room->timer,
			at > dispatcher_now(d) ? at - dispatcher_now(d) : 0, due, room);
}

void room_sleep(struct room *room)
{
	loop_timer_stop(room->dispatcher->setup.loop, &room->timer);
	rooms_drop_host(&room->dispatcher->rooms, room);
}

bool room_may_sleep(const struct room *room)
{
	return !room->touched && !room->flying && !host_is_calling(room->host) &&
	       !session_waits_for_call(host_session(room->host));
}

/* Room for one more: the one used longest ago goes, if it can. */
static void make_room(struct dispatcher *d)
{
	struct room *room = d->rooms.awake;

	if (d->rooms.n_awake >= d->setup.max_awake && room && room_may_sleep(room))
		room_sleep(room);
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
		.now_ms = dispatcher_now(d),
		.seed = d->setup.seed ^ str_hash(room_name(room)),
		.commit = round_commit(d),
		.bench = d->bench,
		.served = true,
	};
	struct host *host;

	buf_clear(&d->error);
	host = host_open(&setup, &d->error);
	if (!host)
		dispatcher_complain(d, "a conversation cannot be taken up",
			d->error.n ? d->error.p : "unknown");
	return host;
}

static void find_person(void *self, const struct store_card *card)
{
	struct room *room = self;

	if (str_eq(card->conversation, room_name(room)) && card->person.n)
		room_set_person(room, card->person);
}

static void note_standing(struct room *room)
{
	struct dispatcher *d = room->dispatcher;

	room->owner = host_session(room->host)->owner;
	room->sealed = host_session(room->host)->former.n;
	room_set_person(room, (struct str){0});
	if (room->owner == OWNER_PERSON &&
		store_cards(d->setup.store, false, find_person, room) != STORE_OK)
		dispatcher_complain(d, "the cards cannot be read", store_error(d->setup.store));
}

bool room_wake(struct room *room, struct str channel, struct str language)
{
	struct dispatcher *d = room->dispatcher;
	struct host *host;

	if (room->host)
		return true;
	if (room->leaving)
		return false;
	if (!room_dare(room, S("wake")))
		return false;
	make_room(d);
	host = open_host(room, channel, language);
	if (!host) {
		room_survived(room);
		return false;
	}
	rooms_take_host(&d->rooms, room, host);
	room->used_ms = dispatcher_now(d);
	room->told = room->hearers ? room->told : 0;
	note_standing(room);
	if (!host_taken_up(host))
		metrics_add(d->setup.metrics, "tenstep_conversations_started_total",
			channel.n ? "" : "unknown", NULL, 1);
	if (host_may_recover(host))
		room_expect_posts(room);
	turn_collect(room, host_recover(host, dispatcher_now(d)));
	room_survived(room);
	room_set_timer(room);
	return true;
}

void room_pass_time(struct room *room)
{
	const struct host_turn *turn;
	int64_t at;

	if (!room_dare(room, S("time")))
		return;
	if (host_next_due(room->host, &at) && at <= dispatcher_now(room->dispatcher))
		room_expect_posts(room);
	turn = host_advance(room->host, dispatcher_now(room->dispatcher));
	room_survived(room);
	turn_check(room, turn);
	turn_collect(room, turn);
}

static void due(void *self)
{
	struct room *room = self;

	if (!room->host)
		return;
	room_pass_time(room);
	room_set_timer(room);
}

static void free_if_empty(struct room *room)
{
	if (!room->hearers && !room->host && !room->touched && !room->flying && !room->leaving)
		rooms_free(&room->dispatcher->rooms, room);
}

void rooms_sleep_idle(struct dispatcher *d)
{
	struct room *room, *next;

	HASH_ITER(hh, d->rooms.by_name, room, next)
	{
		if (room->host && dispatcher_now(d) - room->used_ms > idle_ms && room_may_sleep(room))
			room_sleep(room);
		free_if_empty(room);
	}
}
