/* What the shop says by itself: answers that come later, and notices for those who were promised to
 * hear of them. */
#include "bot/dispatch/dispatcher_inside.h"

#include "bot/host/pending.h"

/* The conversation was erased meanwhile: nobody is told, the journal of effects is kept. */
static void settle_alone(
	struct dispatcher *d, struct str key, enum order_outcome outcome, const struct value *value)
{
	struct store_verdict verdict = {
		.state = outcome == ORDER_OK ? EFFECT_DONE : EFFECT_REFUSED,
		.answer = value,
		.now = dispatcher_now(d) / 1000,
	};

	if (key.n && (outcome == ORDER_OK || outcome == ORDER_REFUSED) && round_begin(d))
		store_settle_effect(d->setup.store, key, &verdict);
}

static void hear_late(struct room *room, const struct late_answer *answer)
{
	struct dispatcher *d = room->dispatcher;
	const struct host_turn *turn;

	if (!room_dare(room, answer->key))
		return;
	room_expect_posts(room);
	turn = host_answer(room->host, answer, dispatcher_now(d));
	room_survived(room);
	turn_check(room, turn);
	turn_collect(room, turn);
	room_set_timer(room);
}

void hear_answer(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct late_answer answer = {number, key, outcome, value};
	struct dispatcher *d = self;
	struct room *room = room_of(d, who);
	uint32_t last = 0;

	if (d->failed && !d->is_telling)
		(void)dispatcher_flush(d);
	if (room->leaving)
		settle_alone(d, key, outcome, value);
	else if (!room->host && store_last_post(d->setup.store, who, &last) != STORE_OK)
		round_fail(d, store_error(d->setup.store)); /* it is asked for again */
	else if (!room->host && !last)
		settle_alone(d, key, outcome, value);
	else if (room_wake(room, S(""), S("")))
		hear_late(room, &answer);
	round_count_turn(d);
}

static enum effect_state state_of(struct dispatcher *d, struct str key, int64_t *doubt)
{
	struct arena *arena = arena_new(1 << 20);
	struct store_effect effect = {.state = EFFECT_FAILED};

	if (store_find_effect(d->setup.store, key, arena, &effect) != STORE_OK)
		effect.state = EFFECT_FAILED;
	*doubt = effect.doubt;
	arena_free(arena);
	return effect.state;
}

enum settled dispatcher_settle(struct dispatcher *d, struct str conversation, struct str key,
	bool done, const struct value *value)
{
	int64_t doubt;

	if (!dispatcher_flush(d))
		return SETTLED_FAILED;
	if (state_of(d, key, &doubt) != EFFECT_HUMAN)
		return SETTLED_NOT;
	if (!done && doubt && dispatcher_now(d) / 1000 - doubt < pending_linger_s)
		return SETTLED_TOO_EARLY;
	hear_answer(d, conversation, 0, key, done ? ORDER_OK : ORDER_REFUSED, value);
	if (!dispatcher_flush(d))
		return SETTLED_FAILED;
	return state_of(d, key, &doubt) == (done ? EFFECT_DONE : EFFECT_REFUSED) ? SETTLED
										 : SETTLED_FAILED;
}

/* A promise is kept when the buyer was written to. */
static void note_kept(
	struct room *room, const struct order_notice *notice, const struct host_turn *turn)
{
	struct dispatcher *d = room->dispatcher;

	if (turn && turn->n_posts && round_begin(d))
		store_keep_promise(d->setup.store, room_name(room), notice->event,
			value_get_text(notice->fields, "order"), dispatcher_now(d));
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

		if (!room_wake(room, S(""), S(""))) {
			all = false;
			continue;
		}
		room_pass_time(room);
		if (!room_dare(room, notice->event))
			continue;
		room_expect_posts(room);
		turn = host_notice(room->host, notice, &wait);
		room_survived(room);
		all = all && !wait;
		if (!wait)
			turn_check(room, turn);
		note_kept(room, notice, turn);
		turn_collect(room, turn);
		room_set_timer(room);
	}
	return all;
}

static void hear_notice(struct dispatcher *d, const struct order_notice *notice)
{
	struct names names = {.dispatcher = d};
	struct str order = value_get_text(notice->fields, "order");

	if (store_watching(d->setup.store, notice->event, order, names_add, &names) != STORE_OK ||
		store_watching(d->setup.store, S("buyer"), notice->buyer, names_add, &names) !=
			STORE_OK) {
		dispatcher_complain(d, "the promises cannot be read", store_error(d->setup.store));
		return;
	}
	if (give_notice(d, &names, notice) && !d->failed)
		batch_add(&d->open, NEWS_NOTICE, NULL)->notice = notice->id;
}

void hear_shop(struct dispatcher *d)
{
	struct order_api *shop = d->setup.shop;
	struct order_notice notice;
	int64_t after = 0;

	if (shop->advance && !shop->advance(shop, dispatcher_now(d) / 1000))
		dispatcher_complain(d, "the shop's storage failed", "");
	arena_reset(d->scratch);
	while (!arena_over(d->scratch) && shop->next_notice(shop, after, d->scratch, &notice)) {
		after = notice.id;
		hear_notice(d, &notice);
	}
}
