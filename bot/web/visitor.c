/* A buyer in the website's chat: what they send. */
#include "bot/web/visitor_parts.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "bot/dispatch/transcript.h"
#include "bot/web/ticket.h"

enum {
	hello_ms = 5000,
	max_frame_bytes = 512 << 10,
	max_scratch_bytes = 4 << 20,
	calm_frames = 120, /* that are no messages: so many at once, */
	calm_per_s = 20,   /* and so many a second */
	calm_debt = 120,   /* who goes on so long after being told is closed */
};

struct sent {
	struct visitor *visitor;
	struct sent *prev, *next;
	char id[]; /* as the widget gave it */
};

struct str lobby_greeting(const struct lobby *lobby)
{
	return lobby->config->greeting.n ? lobby->config->greeting : buf_str(lobby->opening);
}

void lobby_open(struct lobby *lobby)
{
	lobby->arena = arena_new(max_scratch_bytes);
	buf_init(&lobby->frame, max_frame_bytes);
	lobby->posts = post_memo_new();
}

void lobby_close(struct lobby *lobby)
{
	arena_free(lobby->arena);
	buf_release(&lobby->frame);
	post_memo_free(lobby->posts);
}

/* --- messages --- */

static void acknowledge(void *self, enum taken taken, uint32_t n)
{
	struct sent *sent = self;
	struct visitor *visitor = sent->visitor;

	switch (taken) {
	case TAKEN:
	case TAKEN_BEFORE:
		frame_ack(visitor_blank(visitor), str_of(sent->id), n);
		visitor_put(visitor);
		break;
	case TAKEN_STALE:
	case TAKEN_NOT:
		visitor_put_error(
			visitor, "stored_not", "this could not be stored; it is sent again");
		visitor_leave(visitor, 1013, "not stored");
		break;
	}
	DL_DELETE(visitor->sent, sent);
	free(sent);
}

static void give(struct visitor *visitor, const struct frame_in *frame, struct letter *letter)
{
	struct sent *sent = calloc(1, sizeof *sent + frame->id.n + 1);

	if (!sent)
		abort();
	sent->visitor = visitor;
	memcpy(sent->id, frame->id.p, frame->id.n);
	DL_APPEND(visitor->sent, sent);
	letter->conversation = str_of(visitor->conversation);
	letter->channel = S("widget");
	letter->event.id = frame->id;
	dispatcher_take(visitor->lobby->dispatcher, letter, acknowledge, sent);
}

static bool slow_enough(struct visitor *visitor, struct str id)
{
	struct lobby *lobby = visitor->lobby;
	int64_t wait_ms = 0;

	if (rate_take(lobby->messages, str_of(visitor->conversation), loop_steady_ms(lobby->loop),
		    &wait_ms))
		return true;
	visitor_put_refused(
		visitor, id, "too_fast", "that was very quick; it is sent in a moment", wait_ms);
	return false;
}

static void take_text(struct visitor *visitor, const struct frame_in *frame)
{
	struct letter letter = {.event = {.kind = EVENT_TEXT, .text = frame->text}};

	give(visitor, frame, &letter);
}

/* The label of a button that is sealed says what only the former buyer may know. */
static bool may_press(struct visitor *visitor, uint32_t n)
{
	struct lobby *lobby = visitor->lobby;
	struct str conversation = str_of(visitor->conversation);
	struct standing standing;

	if (!visitor->sealed)
		return true;
	standing = dispatcher_standing(lobby->dispatcher, conversation);
	return transcript_shows(lobby->dispatcher, conversation, n, &standing, lobby->arena);
}

static void take_press(struct visitor *visitor, const struct frame_in *frame)
{
	struct lobby *lobby = visitor->lobby;
	struct letter letter = {.event = {.kind = EVENT_PRESS, .text = frame->choice}};

	if (!may_press(visitor, frame->n) ||
		!transcript_choice(lobby->dispatcher, str_of(visitor->conversation), frame->n,
			frame->choice, lobby->arena, &letter.label)) {
		visitor_put_refused(
			visitor, frame->id, "bad_choice", "that button is not there", 0);
		return;
	}
	give(visitor, frame, &letter);
}

static void take_file(struct visitor *visitor, const struct frame_in *frame)
{
	struct lobby *lobby = visitor->lobby;
	const struct value *file = uploads_find(
		lobby->uploads, str_of(visitor->conversation), frame->file, lobby->arena);
	struct letter letter = {.event = {.kind = EVENT_ATTACHMENT}, .file = file};

	if (!file) {
		visitor_put_refused(visitor, frame->id, "bad_file", "that file is not there", 0);
		return;
	}
	letter.event.text = value_get_text(file, "kind");
	letter.event.reference = frame->file;
	give(visitor, frame, &letter);
}

/* The page's visitor signed in, or their token was renewed.  Somebody else than before is another
 * conversation: the widget comes again with a hello. */
static void take_identity(struct visitor *visitor, const struct frame_in *frame)
{
	struct lobby *lobby = visitor->lobby;
	struct identity identity;
	struct buf token;

	if (!visitor_read_identity(visitor, frame->identity, &identity))
		return;
	buf_init(&token, ticket_max_bytes);
	ticket_of_buyer(lobby->ticket_secret, identity.buyer, &token);
	if (str_eq(ticket_conversation(buf_str(&token), lobby->arena),
		    str_of(visitor->conversation)))
		visitor->verified_until = identity.expires;
	else
		visitor_leave(visitor, 1000, "another conversation");
	buf_release(&token);
}

/* That it was is told to all who hear. */
static void hear_erased(void *self, enum taken taken, uint32_t n)
{
	(void)n;
	if (taken != TAKEN)
		visitor_put_error(self, "stored_not", "this could not be erased; please try again");
}

static void take_forget(struct visitor *visitor)
{
	struct lobby *lobby = visitor->lobby;
	struct str conversation =
		arena_str(lobby->arena, str_of(visitor->conversation)); /* hearers may leave */

	dispatcher_forget(lobby->dispatcher, conversation, hear_erased, visitor);
}

static bool is_message(enum frame_kind kind)
{
	return kind == FRAME_SAY || kind == FRAME_PRESS || kind == FRAME_FILE;
}

/* A proof of who writes lasts as long as the token says, and a minute for the clocks. */
static bool still_verified(struct visitor *visitor)
{
	int64_t now = loop_now_ms(visitor->lobby->loop) / 1000;

	if (!visitor->verified_until || now <= visitor->verified_until + identity_skew_s)
		return true;
	visitor_put_error(
		visitor, "bad_identity", "the signed identity has expired; a new one is needed");
	visitor_leave(visitor, 1008, "identity expired");
	return false;
}

static void take_frame(struct visitor *visitor, const struct frame_in *frame)
{
	switch (frame->kind) {
	case FRAME_HELLO:
		visitor_hello(visitor, frame);
		break;
	case FRAME_SAY:
		take_text(visitor, frame);
		break;
	case FRAME_PRESS:
		take_press(visitor, frame);
		break;
	case FRAME_FILE:
		take_file(visitor, frame);
		break;
	case FRAME_TYPING:
		dispatcher_typing(visitor->lobby->dispatcher, str_of(visitor->conversation),
			POST_BUYER, &visitor->hearer);
		break;
	case FRAME_OLDER:
		visitor_older(visitor, frame);
		break;
	case FRAME_READ:
		break; /* nobody asks yet; kept in the protocol for the desk */
	case FRAME_IDENTITY:
		take_identity(visitor, frame);
		break;
	case FRAME_FORGET:
		take_forget(visitor);
		break;
	case FRAME_PING:
		frame_simple(visitor_blank(visitor), "pong");
		visitor_put(visitor);
		if (loop_now_ms(visitor->lobby->loop) >= visitor->look_ms)
			visitor_look(visitor);
		break;
	}
}

/* --- the socket --- */

static void hello_did_not_come(void *self)
{
	visitor_leave(self, 4001, "no hello");
}

void visitor_opened(struct lobby *lobby, struct socket *socket)
{
	struct visitor *visitor = calloc(1, sizeof *visitor);

	if (!visitor)
		abort();
	visitor->lobby = lobby;
	visitor->socket = socket;
	visitor->calm = 1000 * calm_frames;
	visitor->calm_at_ms = loop_steady_ms(lobby->loop);
	socket_keep(socket, visitor);
	loop_timer_start(lobby->loop, &visitor->timer, hello_ms, hello_did_not_come, visitor);
}

static void refuse_frame(
	struct visitor *visitor, const struct frame_refusal *refusal, const struct buf *error)
{
	if (refusal->code)
		visitor_put_refused(
			visitor, refusal->id, refusal->code, error->n ? error->p : "", 0);
	else
		visitor_put_error(visitor, "bad_frame", error->n ? error->p : "");
}

/* What a frame that is no message weighs: one that is answered at length, more. */
static int64_t weight_of(bool read, const struct frame_in *frame)
{
	return !read                           ? 2
	       : is_message(frame->kind)       ? 0
	       : frame->kind == FRAME_OLDER    ? 10
	       : frame->kind == FRAME_IDENTITY ? 10
					       : 1;
}

static bool is_calm(struct visitor *visitor, int64_t weight)
{
	int64_t now = loop_steady_ms(visitor->lobby->loop);

	visitor->calm += (now - visitor->calm_at_ms) * calm_per_s;
	if (visitor->calm > 1000 * calm_frames)
		visitor->calm = 1000 * calm_frames;
	visitor->calm_at_ms = now;
	visitor->calm -= 1000 * weight;
	if (visitor->calm >= 0)
		return true;
	visitor_put_error(visitor, "too_fast", "that was very much at once");
	if (visitor->calm < -1000 * calm_debt)
		visitor_leave(visitor, 1008, "too much at once");
	return false;
}

void visitor_message(struct lobby *lobby, struct socket *socket, struct str text)
{
	struct visitor *visitor = socket_kept(socket);
	struct frame_refusal refusal = {0};
	struct frame_in frame;
	struct buf error;
	bool read;

	if (!visitor || visitor->leaving)
		return;
	arena_reset(lobby->arena);
	buf_init(&error, 300);
	read = frame_read(text, lobby->arena, &frame, &refusal, &error);
	if (!is_calm(visitor, weight_of(read, &frame)))
		;
	else if (!read)
		refuse_frame(visitor, &refusal, &error);
	else if (!visitor->conversation && frame.kind != FRAME_HELLO)
		visitor_put_error(visitor, "bad_hello", "hello comes first");
	else if (!is_message(frame.kind) ||
		 (still_verified(visitor) && slow_enough(visitor, frame.id)))
		take_frame(visitor, &frame);
	buf_release(&error);
}

void visitor_closed(struct lobby *lobby, struct socket *socket)
{
	struct visitor *visitor = socket_kept(socket);
	struct sent *sent, *next;

	if (!visitor)
		return;
	loop_timer_stop(lobby->loop, &visitor->timer);
	dispatcher_unhear(lobby->dispatcher, &visitor->hearer);
	dispatcher_forget_done(lobby->dispatcher, visitor);
	DL_FOREACH_SAFE(visitor->sent, sent, next)
	{
		dispatcher_forget_done(lobby->dispatcher, sent);
		free(sent);
	}
	free(visitor->conversation);
	free(visitor);
	socket_keep(socket, NULL);
}

static bool is_of(struct lobby *lobby, struct str token, struct str signed_identity)
{
	struct identity identity;
	struct buf own, error;
	bool is;

	buf_init(&own, ticket_max_bytes);
	buf_init(&error, 300);
	is = signed_identity.n && lobby_read_identity(lobby, signed_identity, &identity, &error);
	if (is)
		ticket_of_buyer(lobby->ticket_secret, identity.buyer, &own);
	is = is && str_eq(buf_str(&own), token);
	buf_release(&own);
	buf_release(&error);
	return is;
}

bool lobby_conversation(
	struct lobby *lobby, struct str token, struct str identity, struct str *conversation)
{
	if (!ticket_is_sound(lobby->ticket_secret, token) ||
		(ticket_is_buyers(token) && !is_of(lobby, token, identity)))
		return false;
	*conversation = ticket_conversation(token, lobby->arena);
	return dispatcher_is_heard(lobby->dispatcher, *conversation) ||
	       dispatcher_standing(lobby->dispatcher, *conversation).known;
}
