/* What a platform brought becomes letters to conversations. */
#include <stdlib.h>
#include <utlist.h>

#include "adapters/channel/channel_fit.h"
#include "adapters/store/store_peers.h"
#include "bot/base/text.h"
#include "bot/channels/channels_parts.h"
#include "bot/dispatch/transcript.h"

enum {
	max_arena_bytes = 64 << 20, /* of one request with all that it leads to */
	max_text_bytes = 16 << 10,  /* of a message; the engine takes what it can of it */
};

/* --- the end of a request --- */

void channels_end_intake(struct intake *intake)
{
	struct channels *channels = intake->channels;

	DL_DELETE(channels->intakes, intake);
	if (intake->answer)
		intake->answer(intake->self, !intake->failed, &intake->taken);
	arena_free(intake->arena);
	free(intake);
}

static void stored(void *self, enum taken taken, uint32_t n)
{
	struct intake *intake = self;

	(void)n;
	intake->failed = intake->failed || taken == TAKEN_NOT;
	if (!--intake->waiting)
		channels_end_intake(intake);
}

/* --- letters --- */

static void count_event(const struct intake *intake, const char *what)
{
	metrics_add(intake->channels->setup.outbox.metrics, "tenstep_channel_events_total",
		intake->seat->account.name.p, what, 1);
}

static void give(struct intake *intake, struct letter *letter)
{
	intake->waiting++;
	dispatcher_take(intake->channels->dispatcher, letter, stored, intake);
}

/* What later answers need is stored with the message, before anything follows from it. */
static bool hear(struct intake *intake, struct str conversation, const struct channel_event *event)
{
	struct channels *channels = intake->channels;

	if (!dispatcher_write(channels->dispatcher)) {
		intake->failed = true;
		return false;
	}
	store_hear_peer(channels->setup.outbox.store, &(struct store_peer){
							      .conversation = conversation,
							      .account = intake->seat->account.name,
							      .peer = event->peer,
							      .ticket = event->ticket,
							      .heard_ms = channels_now(channels),
						      });
	return true;
}

static void find_buyer(struct intake *intake, const struct channel_event *event, struct str *buyer,
	struct str *name)
{
	const struct channels_setup *setup = &intake->channels->setup;

	*buyer = event->buyer;
	*name = event->user_name;
	if (!buyer->n && setup->vouch)
		*buyer = setup->vouch(setup->self, intake->seat, event->peer, name, intake->arena);
}

/* The platform vouches for them: said again only when it is news. */
static void vouch(
	struct intake *intake, const struct letter *letter, const struct channel_event *event)
{
	struct letter letter_of_buyer = *letter;
	struct standing standing;
	struct str buyer, name;

	find_buyer(intake, event, &buyer, &name);
	if (!buyer.n)
		return;
	standing = dispatcher_standing(intake->channels->dispatcher, letter->conversation);
	if (str_eq(standing.buyer, buyer))
		return;
	letter_of_buyer.event = (struct event){.kind = EVENT_BUYER, .name = buyer};
	if (name.n) {
		struct value_builder b = value_build(intake->arena);

		value_put_text(&b, "name", name);
		letter_of_buyer.event.value = value_record(&b);
	}
	give(intake, &letter_of_buyer);
}

static struct str said(const struct intake *intake, struct str text)
{
	return text_repaired(intake->arena, text_clip(str_trim(text), max_text_bytes));
}

/* A button of ours is looked up; one that never was is passed over. */
static bool press_of(
	struct intake *intake, struct letter *letter, const struct channel_event *event)
{
	struct channel_handle handle;
	struct posts posts;
	const struct value *choice;

	if (!channel_handle_read(event->text, &handle))
		return false;
	posts = transcript_page(intake->channels->dispatcher, letter->conversation, handle.post - 1,
		1, intake->arena);
	if (!posts.n || posts.post[0].n != handle.post || posts.post[0].who != POST_BOT)
		return false;
	choice = value_at(value_get(posts.post[0].body, "choices"), handle.choice);
	letter->event.kind = EVENT_PRESS;
	letter->event.text = value_get_text(choice, "id");
	letter->label = value_get_text(choice, "label");
	return letter->event.text.n > 0;
}

/* "2", "2." or "2)": the second of what was numbered in the bot's last words. */
static bool numbered_choice(
	struct intake *intake, struct letter *letter, const struct channel_event *event)
{
	struct str digits = str_trim(event->text);
	const struct value *choice;
	struct posts posts;
	int64_t number;

	if (str_ends(digits, S(".")) || str_ends(digits, S(")")))
		digits.n--;
	if (digits.n > 2 || !str_int(digits, &number) || number < 1)
		return false;
	posts = transcript_page(
		intake->channels->dispatcher, letter->conversation, 0, -1, intake->arena);
	if (!posts.n || posts.post[0].who != POST_BOT ||
		!channel_is_numbered(&intake->seat->codec->limits, &posts.post[0]))
		return false;
	choice = value_at(value_get(posts.post[0].body, "choices"), (size_t)number - 1);
	if (!value_is_set(choice))
		return false;
	letter->event.kind = EVENT_PRESS;
	letter->event.text = value_get_text(choice, "id");
	letter->label = value_get_text(choice, "label");
	return true;
}

static void put_file(
	struct intake *intake, struct letter *letter, const struct channel_event *event)
{
	struct value_builder file = value_build(intake->arena);

	value_put_text(&file, "id", said(intake, event->file.id));
	value_put_text(&file, "name",
		said(intake, event->file.name.n ? event->file.name : event->file.kind));
	value_put_text(&file, "type", said(intake, event->file.type));
	value_put_int(&file, "bytes", event->file.bytes);
	letter->event.kind = EVENT_ATTACHMENT;
	letter->event.text = event->file.kind;
	letter->event.reference = said(intake, event->file.id);
	letter->file = value_record(&file);
}

/* Whether nobody has answered what the buyer said last. */
static bool is_unanswered(const struct intake *intake, struct str conversation)
{
	struct posts posts =
		transcript_page(intake->channels->dispatcher, conversation, 0, -1, intake->arena);

	return posts.n && posts.post[posts.n - 1].who == POST_BUYER;
}

/* What is written beside a picture is said after it. */
static void give_caption(
	struct intake *intake, const struct letter *letter, const struct channel_event *event)
{
	struct letter caption = *letter;
	struct str text = said(intake, event->text);

	if (!text.n)
		return;
	caption.file = NULL;
	caption.event = (struct event){.kind = EVENT_TEXT,
		.text = text,
		.id = arena_printf(intake->arena, "%.*s.text", STR(letter->event.id))};
	give(intake, &caption);
}

static const char *take_event(
	struct intake *intake, struct letter *letter, const struct channel_event *event)
{
	switch (event->kind) {
	case CHANNEL_EDITED:
		if (!is_unanswered(intake, letter->conversation))
			return "edit_late";
		letter->event.text = said(intake, event->text);
		break;
	case CHANNEL_TEXT:
		if (numbered_choice(intake, letter, event))
			break;
		letter->event.text = said(intake, event->text);
		if (!letter->event.text.n)
			return "empty";
		break;
	case CHANNEL_PRESS:
		if (!press_of(intake, letter, event))
			return "button";
		break;
	case CHANNEL_ATTACHMENT:
		put_file(intake, letter, event);
		break;
	case CHANNEL_CLOSED:
		letter->event.kind = EVENT_END;
		break;
	}
	give(intake, letter);
	if (event->kind == CHANNEL_ATTACHMENT)
		give_caption(intake, letter, event);
	return "taken";
}

static bool may_speak(struct intake *intake, struct str conversation)
{
	struct channels *channels = intake->channels;

	if (rate_take(channels->messages, conversation, loop_steady_ms(channels->setup.outbox.loop),
		    NULL))
		return true;
	metrics_add(
		channels->setup.outbox.metrics, "tenstep_refused_total", "message", "too_fast", 1);
	return false;
}

/* What is too much for one conversation is dropped and acknowledged: a platform that is told to
 * bring it again would at last bring nothing of anybody. */
static void take_one(struct intake *intake, const struct channel_event *event)
{
	struct str account = intake->seat->account.name;
	struct letter letter = {
		.conversation =
			arena_printf(intake->arena, "%.*s:%.*s", STR(account), STR(event->peer)),
		.channel = account,
		.language = event->language,
		.event = {.kind = EVENT_TEXT, .id = event->id},
	};

	if (!intake->calm && !may_speak(intake, letter.conversation))
		count_event(intake, "too_fast");
	else if (hear(intake, letter.conversation, event)) {
		vouch(intake, &letter, event);
		if (dispatcher_write(intake->channels->dispatcher))
			count_event(intake, take_event(intake, &letter, event));
		else
			intake->failed = true;
	}
}

static struct intake *intake_new(struct channels *channels, const struct channel_seat *seat,
	channels_answer_function *answer, void *self)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (!intake)
		abort();
	*intake = (struct intake){.channels = channels,
		.seat = seat,
		.arena = arena_new(max_arena_bytes),
		.answer = answer,
		.self = self,
		.waiting = 1};
	DL_APPEND(channels->intakes, intake);
	return intake;
}

static void take_all(struct intake *intake)
{
	if (intake->taken.why)
		count_event(intake, intake->taken.why);
	for (size_t i = 0; i < intake->taken.n_events && !arena_over(intake->arena); i++)
		take_one(intake, &intake->taken.event[i]);
	intake->failed = intake->failed || arena_over(intake->arena);
	if (!--intake->waiting)
		channels_end_intake(intake);
}

void channels_give(struct channels *channels, const struct channel_seat *seat,
	const struct channel_request *request, channels_answer_function *answer, void *self)
{
	struct intake *intake = intake_new(channels, seat, answer, self);

	intake->taken = seat->codec->take(&seat->account, request, intake->arena);
	take_all(intake);
}

void channels_hear(struct channels *channels, const struct channel_seat *seat,
	const struct channel_taken *taken, channels_answer_function *answer, void *self)
{
	struct intake *intake = intake_new(channels, seat, answer, self);

	intake->taken = *taken;
	intake->calm = true;
	take_all(intake);
}

void channels_forget(struct channels *channels, const void *self)
{
	struct intake *intake;

	DL_FOREACH(channels->intakes, intake)
	if (intake->self == self)
		intake->answer = NULL;
}
