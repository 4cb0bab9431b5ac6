/* Direct Line: what clients send, into the dispatcher, and its id when it is on disk. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bot/dispatch/transcript.h"
#include "bot/web/directline_parts.h"

struct directline_sending {
	struct directline_server *server;
	struct exchange *exchange;
	struct str conversation, origin, mid;
	struct directline_sending *prev, *next;
	char text[]; /* of the three */
};

/* --- answers after the commit --- */

static void answer_id(struct directline_server *server, struct exchange *exchange,
	struct str conversation, struct str origin, uint32_t n, struct arena *arena)
{
	buf_clear(&server->out);
	directline_id(&server->out, conversation, n);
	directline_answer(server, exchange, origin, 200, arena);
}

static void end(struct directline_sending *sending)
{
	DL_DELETE(sending->server->sending, sending);
	free(sending);
}

static void refuse_unstored(const struct directline_sending *sending)
{
	directline_fault(sending->server, sending->exchange, sending->origin, 503,
		directline_code(503), S("this could not be stored; nothing was done"),
		sending->server->late);
}

static void taken(void *self, enum taken taken, uint32_t n)
{
	struct directline_sending *sending = self;
	struct directline_server *server = sending->server;

	arena_reset(server->late);
	if (taken == TAKEN_BEFORE && !n)
		n = transcript_of_message(server->setup.dispatcher,
			directline_name(sending->conversation, server->late), sending->mid);
	if (taken == TAKEN || taken == TAKEN_BEFORE)
		answer_id(server, sending->exchange, sending->conversation, sending->origin, n,
			server->late);
	else
		refuse_unstored(sending);
	end(sending);
}

static struct str keep(char **at, struct str text)
{
	struct str kept = {*at, text.n};

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return kept;
}

static struct directline_sending *sending_new(const struct directline_ask *ask, struct str mid)
{
	struct str conversation = ask->route.conversation, origin = ask->head->origin;
	struct directline_sending *sending =
		calloc(1, sizeof *sending + conversation.n + origin.n + mid.n + 1);
	char *at;

	if (!sending)
		abort();
	at = sending->text;
	sending->server = ask->server;
	sending->exchange = ask->exchange;
	sending->conversation = keep(&at, conversation);
	sending->origin = keep(&at, origin);
	sending->mid = keep(&at, mid);
	DL_APPEND(ask->server->sending, sending);
	return sending;
}

void directline_drop_sending(struct directline_server *server)
{
	struct directline_sending *sending, *next;

	DL_FOREACH_SAFE(server->sending, sending, next)
	{
		dispatcher_forget_done(server->setup.dispatcher, sending);
		refuse_unstored(sending);
		end(sending);
	}
}

/* --- letters --- */

/* The shop's server vouched for the buyer when it asked for the token; the engine is told once. */
static void vouch(const struct directline_ask *ask, struct str name)
{
	struct dispatcher *dispatcher = ask->server->setup.dispatcher;
	struct str buyer = str_sub(ask->grant.token.user, S("dl_").n, ask->grant.token.user.n);
	struct letter letter = {
		.conversation = name,
		.channel = S("directline"),
		.event = {.kind = EVENT_BUYER, .name = buyer},
	};

	if (buyer.n && !str_eq(dispatcher_standing(dispatcher, name).buyer, buyer))
		dispatcher_take(dispatcher, &letter, NULL, NULL);
}

static void address(const struct directline_ask *ask, struct letter *letter)
{
	letter->conversation = directline_name(ask->route.conversation, ask->server->arena);
	letter->channel = S("directline");
	vouch(ask, letter->conversation);
}

void directline_give(const struct directline_ask *ask, struct letter *letter)
{
	address(ask, letter);
	dispatcher_take(
		ask->server->setup.dispatcher, letter, taken, sending_new(ask, letter->event.id));
}

void directline_give_along(const struct directline_ask *ask, struct letter *letter)
{
	address(ask, letter);
	dispatcher_take(ask->server->setup.dispatcher, letter, NULL, NULL);
}

bool directline_slow_enough(const struct directline_ask *ask)
{
	struct directline_server *server = ask->server;

	if (rate_take(server->messages, ask->route.conversation, loop_steady_ms(server->setup.loop),
		    NULL))
		return true;
	metrics_add(server->setup.metrics, "tenstep_refused_total", "message", "too_fast", 1);
	directline_refuse(ask, 429, "that was very quick; please wait a moment");
	return false;
}

/* A client without our buttons' values writes their labels. */
void directline_say(const struct directline_ask *ask, const struct directline_activity *activity)
{
	struct directline_server *server = ask->server;
	struct str choice = transcript_choice_called(server->setup.dispatcher,
		directline_name(ask->route.conversation, server->arena), activity->text,
		server->arena);
	struct letter letter = {.event = {.id = activity->id}, .label = activity->text};

	letter.event.kind = choice.n ? EVENT_PRESS : EVENT_TEXT;
	letter.event.text = choice.n ? choice : activity->text;
	directline_give(ask, &letter);
}

static void take_press(const struct directline_ask *ask, const struct directline_activity *activity)
{
	struct directline_server *server = ask->server;
	struct letter letter = {.event = {.kind = EVENT_PRESS, .id = activity->id}};

	letter.event.text = activity->choice;
	if (!transcript_choice(server->setup.dispatcher,
		    directline_name(ask->route.conversation, server->arena), activity->post,
		    activity->choice, server->arena, &letter.label))
		directline_refuse(ask, 400, "there is no such button in that post");
	else
		directline_give(ask, &letter);
}

/* Accepted, and nothing to be stored. */
static void answer_nothing(const struct directline_ask *ask)
{
	answer_id(ask->server, ask->exchange, ask->route.conversation, ask->head->origin, 0,
		ask->server->arena);
}

static void take_activity(
	const struct directline_ask *ask, const struct directline_activity *activity)
{
	switch (activity->kind) {
	case DIRECTLINE_TEXT:
		directline_say(ask, activity);
		break;
	case DIRECTLINE_PRESS:
		take_press(ask, activity);
		break;
	case DIRECTLINE_FILE: /* we fetch nothing from addresses that strangers name */
		directline_refuse(ask, 502, "files are taken by upload only");
		break;
	case DIRECTLINE_TYPING:
		directline_stream_typing(ask->server, ask->route.conversation);
		answer_nothing(ask);
		break;
	case DIRECTLINE_EVENT:
	case DIRECTLINE_OTHER:
		answer_nothing(ask);
		break;
	}
}

void directline_post(struct directline_ask *ask)
{
	struct directline_server *server = ask->server;
	struct directline_activity activity;
	struct buf error;

	if (!directline_slow_enough(ask))
		return;
	buf_init(&error, 300);
	if (directline_activity_read(ask->body, server->arena, &activity, &error)) {
		directline_stream_user(server, ask->route.conversation,
			ask->grant.token.user.n ? ask->grant.token.user : activity.from);
		take_activity(ask, &activity);
	} else {
		directline_refuse(ask, 400, error.n ? error.p : "");
	}
	buf_release(&error);
}
