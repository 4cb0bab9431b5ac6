/* What a turn made: posts, changes of hands, cards, and what is counted of it. */
#include "bot/dispatch/dispatcher_inside.h"

#include <string.h>

enum { max_channel_bytes = 33 };

/* The channel that a conversation's name begins with. */
static const char *channel_of(const struct room *room, char word[max_channel_bytes])
{
	static const char *const channel[] = {"widget", "directline", "rasa"};
	struct str rest = room_name(room), account = str_cut(&rest, ':');

	for (size_t i = 0; i < sizeof channel / sizeof *channel; i++)
		if (str_starts(room_name(room), str_of(channel[i])))
			return channel[i];
	if (!room_is_carried(room->dispatcher, room) || account.n >= max_channel_bytes)
		return "other";
	memcpy(word, account.p, account.n);
	word[account.n] = '\0';
	return word;
}

static void count_post(struct room *room, const struct post *post)
{
	struct series **series = &room->messages[post->who != POST_BUYER];
	char word[max_channel_bytes];

	if (!*series)
		*series = metrics_series(room->dispatcher->setup.metrics, "tenstep_messages_total",
			channel_of(room, word), post->who == POST_BUYER ? "in" : "out");
	series_add(*series, 1);
}

static void add_owner(struct room *room)
{
	struct news *news = batch_add(&room->dispatcher->open, NEWS_OWNER, room);

	news->owner = room->owner;
	news->person = arena_str(room->dispatcher->open.arena, str_of(room->person));
}

static void count_trace(struct dispatcher *d, const struct trace *trace)
{
	if (trace->level == LEVEL_NO_MATCH)
		visits_count_named(d->setup.metrics, "tenstep_unmatched_total", trace->at_flow,
			trace->at_step);
	for (size_t i = 0; i < trace->n_visits; i++)
		visits_count(&d->visits, d->setup.metrics, &trace->visit[i]);
}

static void count_turn(struct dispatcher *d, const struct host_turn *turn)
{
	if (!d->setup.metrics)
		return;
	for (size_t i = 0; i < turn->n_traces; i++)
		count_trace(d, &turn->trace[i]);
	for (size_t i = 0; i < turn->n_effects; i++)
		if (turn->effect[i].kind == EFFECT_SAY && turn->effect[i].say.again)
			visits_count_named(d->setup.metrics, "tenstep_reprompts_total",
				turn->effect[i].flow, turn->effect[i].step);
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

void turn_collect(struct room *room, const struct host_turn *turn)
{
	struct dispatcher *d = room->dispatcher;
	const struct session *session = host_session(room->host);

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
	if (session->owner != room->owner) {
		room->owner = session->owner;
		if (room->owner != OWNER_PERSON)
			room_set_person(room, (struct str){0});
		add_owner(room);
	}
	if (session->former.n && !room->sealed)
		batch_add(&d->open, NEWS_SEALED, room);
	room->sealed = session->former.n;
	if (session_waits_for_call(session))
		batch_add(&d->open, NEWS_TYPING, room);
}

void turn_check(struct room *room, const struct host_turn *turn)
{
	if (turn || !host_error(room->host)[0])
		return;
	round_fail(room->dispatcher, host_error(room->host));
	room->touched = true; /* taken up again from the store */
}
