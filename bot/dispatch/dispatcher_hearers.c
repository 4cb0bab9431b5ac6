/* Those who show a conversation, and the courier who shows it elsewhere: what they are told. */
#include "bot/dispatch/dispatcher_inside.h"

void tell_done(const struct news *news, enum taken taken)
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

	if (post->who != POST_BUYER && courier->posted && room_is_carried(room->dispatcher, room))
		courier->posted(courier->self, room_name(room));
}

void tell_post(struct room *room, const struct post *post)
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

	if (courier->owner && room_is_carried(room->dispatcher, room))
		courier->owner(courier->self, room_name(room), owner);
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->owner)
		h->owner(h->self, owner, person);
}

static void tell_typing(struct room *room, enum post_who who, const struct hearer *but)
{
	const struct courier *courier = &room->dispatcher->setup.courier;

	if (who != POST_BUYER && courier->typing && room_is_carried(room->dispatcher, room))
		courier->typing(courier->self, room_name(room));
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->typing && h != but)
		h->typing(h->self, who);
}

static void tell_sealed(struct room *room)
{
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->sealed)
		h->sealed(h->self);
}

void tell_forgotten(struct room *room)
{
	const struct courier *courier = &room->dispatcher->setup.courier;

	if (courier->forgotten && room_is_carried(room->dispatcher, room))
		courier->forgotten(courier->self, room_name(room));
	FOR_HEARERS(room->dispatcher, room, h)
	if (h->forgotten)
		h->forgotten(h->self);
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
		dispatcher_complain(d, "the cards cannot be read", store_error(d->setup.store));
}

void tell_news(struct dispatcher *d, const struct news *news)
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
	case NEWS_SEALED:
		tell_sealed(news->room);
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

void dispatcher_hear(struct dispatcher *d, struct str conversation, struct hearer *hearer)
{
	struct room *room = room_of(d, conversation);

	round_settle(d, room);
	if (!room->hearers &&
		store_last_post(d->setup.store, conversation, &room->told) != STORE_OK)
		dispatcher_complain(
			d, "a conversation cannot be read", store_error(d->setup.store));
	hearer->room = room;
	hearer->inside[0] = NULL;
	hearer->inside[1] = room->hearers;
	if (room->hearers)
		room->hearers->inside[0] = hearer;
	room->hearers = hearer;
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
