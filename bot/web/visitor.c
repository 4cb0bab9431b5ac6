/* A buyer in the website's chat. */
#include "bot/web/visitor.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/net/address.h"
#include "adapters/widget/identity.h"
#include "adapters/widget/widget_frame.h"
#include "bot/dispatch/transcript.h"
#include "bot/web/ticket.h"

enum {
	hello_ms = 5000,
	unread_patience_ms = 20 * 1000, /* a browser comes again after 9 s */
	unread_forgotten_ms = 60 * 1000,
	max_frame_bytes = 512 << 10,
	max_scratch_bytes = 4 << 20,
	page_posts = 50,
	calm_frames = 120, /* that are no messages: so many at once, */
	calm_per_s = 20,   /* and so many a second */
	calm_debt = 120,   /* who goes on so long after being told is closed */
	max_gap = 200,     /* more missing posts than this: the screen begins anew */
};

/* A message on its way to the disk. */
struct sent {
	struct visitor *visitor;
	struct sent *prev, *next;
	char id[]; /* as the widget gave it */
};

struct visitor {
	struct lobby *lobby;
	struct socket *socket;
	struct loop_timer timer; /* until hello */
	struct hearer hearer;
	struct sent *sent;
	uint32_t shown;           /* the last post that was sent */
	int64_t verified_until;   /* Unix seconds; 0: anonymous */
	int64_t calm_at_ms, calm; /* thousandths of frames that it may still send */
	bool leaving;
	char *conversation;        /* NULL: no hello yet */
	const struct words *words; /* of the page's language */
};

struct str lobby_greeting(const struct lobby *lobby)
{
	return lobby->config->greeting.n ? lobby->config->greeting : buf_str(lobby->opening);
}

void lobby_open(struct lobby *lobby)
{
	lobby->arena = arena_new(max_scratch_bytes);
	buf_init(&lobby->frame, max_frame_bytes);
}

void lobby_close(struct lobby *lobby)
{
	arena_free(lobby->arena);
	buf_release(&lobby->frame);
}

/* --- writing --- */

static struct buf *blank(struct visitor *visitor)
{
	buf_clear(&visitor->lobby->frame);
	return &visitor->lobby->frame;
}

static void put(struct visitor *visitor)
{
	const struct buf *frame = &visitor->lobby->frame;

	if (!visitor->leaving && !frame->over)
		(void)socket_send(visitor->socket, buf_str(frame));
}

static void leave(struct visitor *visitor, unsigned code, const char *reason)
{
	visitor->leaving = true;
	socket_close(visitor->socket, code, reason);
}

static void put_error(struct visitor *visitor, const char *code, const char *text)
{
	frame_error(blank(visitor), code, text);
	put(visitor);
}

static void put_refused(
	struct visitor *visitor, struct str id, const char *code, const char *text, int64_t wait_ms)
{
	metrics_add(visitor->lobby->metrics, "tenstep_refused_total", "message", code, 1);
	frame_refused(blank(visitor), id, code, text, wait_ms);
	put(visitor);
}

static void file_url(void *self, struct str file, struct buf *out)
{
	struct visitor *visitor = self;

	uploads_address(visitor->lobby->uploads, str_of(visitor->conversation), file, out);
}

static struct frame_view view_of(struct visitor *visitor)
{
	const struct serve_config *config = visitor->lobby->config;

	return (struct frame_view){
		config->image_origin, config->n_image_origins, file_url, visitor};
}

/* --- what the dispatcher tells --- */

static void hear_post(void *self, const struct post *post)
{
	struct visitor *visitor = self;
	struct frame_view view = view_of(visitor);

	if (post->n <= visitor->shown)
		return;
	visitor->shown = post->n;
	frame_post(blank(visitor), post, &view);
	put(visitor);
}

static struct str waiting_text(struct visitor *visitor)
{
	struct lobby *lobby = visitor->lobby;

	if (!lobby->waiting_text)
		return S("");
	return lobby->waiting_text(
		lobby->self, str_of(visitor->conversation), visitor->words, lobby->arena);
}

static void hear_owner(void *self, enum owner owner, struct str person)
{
	struct visitor *visitor = self;

	frame_owner(blank(visitor), str_of(owner_name[owner]), person,
		owner == OWNER_QUEUE ? waiting_text(visitor) : S(""));
	put(visitor);
}

static void hear_typing(void *self, enum post_who who)
{
	struct visitor *visitor = self;

	if (who == POST_BUYER) /* another tab of theirs */
		return;
	frame_typing(blank(visitor), post_who_name[who]);
	put(visitor);
}

static void hear_forgotten(void *self)
{
	struct visitor *visitor = self;

	frame_simple(blank(visitor), "forgotten");
	put(visitor);
	leave(visitor, 1000, "forgotten");
}

/* --- hello --- */

static struct posts read_page(struct visitor *visitor, uint32_t after, int limit)
{
	return transcript_page(visitor->lobby->dispatcher, str_of(visitor->conversation), after,
		limit, visitor->lobby->arena);
}

/* The posts that the widget does not have: all of them if they are few, else the last page. */
static struct posts missing_posts(
	struct visitor *visitor, const struct frame_in *hello, uint32_t last)
{
	if (hello->has_after && hello->after <= last && last - hello->after <= max_gap)
		return read_page(visitor, hello->after, max_gap);
	return read_page(visitor, 0, -page_posts);
}

static void welcome(
	struct visitor *visitor, const struct frame_in *hello, struct str new_token, bool known)
{
	struct lobby *lobby = visitor->lobby;
	struct standing standing =
		dispatcher_standing(lobby->dispatcher, str_of(visitor->conversation));
	struct posts page = missing_posts(visitor, hello, standing.last);
	struct frame_view view = view_of(visitor);
	struct frame_welcome w = {
		.token = new_token,
		.known = known,
		.older = page.n && page.post[0].n > 1,
		.last = standing.last,
		.owner = str_of(owner_name[standing.owner]),
		.person = standing.person,
		.name = standing.buyer_name,
		.post = page.post,
		.n_posts = page.n < page_posts ? page.n : page_posts,
	};

	visitor->shown = w.n_posts ? page.post[w.n_posts - 1].n : standing.last;
	frame_welcome(blank(visitor), &w, &view);
	put(visitor);
	for (size_t i = w.n_posts; i < page.n; i++)
		hear_post(visitor, &page.post[i]);
	if (standing.owner == OWNER_QUEUE)
		hear_owner(visitor, standing.owner, standing.person);
}

static void enter(struct visitor *visitor, struct str conversation)
{
	visitor->conversation = calloc(1, conversation.n + 1);
	if (!visitor->conversation)
		abort();
	memcpy(visitor->conversation, conversation.p, conversation.n);
}

static void listen_to(struct visitor *visitor)
{
	visitor->hearer = (struct hearer){
		.post = hear_post,
		.owner = hear_owner,
		.typing = hear_typing,
		.forgotten = hear_forgotten,
		.self = visitor,
	};
	dispatcher_hear(
		visitor->lobby->dispatcher, str_of(visitor->conversation), &visitor->hearer);
}

static bool read_identity(struct visitor *visitor, struct str token, struct identity *identity)
{
	struct lobby *lobby = visitor->lobby;
	struct str secret[2];
	size_t n = 0;
	struct buf error;
	bool good;

	for (size_t i = 0; i < 2; i++)
		if (lobby->config->identity[i].bytes.n)
			secret[n++] = lobby->config->identity[i].bytes;
	buf_init(&error, 300);
	good = n && identity_read(token, secret, n, loop_now_ms(lobby->loop) / 1000, lobby->arena,
			    identity, &error);
	if (!good) {
		LOG(lobby->log, LOG_WARNING, loop_now_ms(lobby->loop), "identity refused",
			log_word("why", n ? buf_str(&error) : S("no secret is configured")));
		put_error(visitor, "bad_identity",
			error.n ? error.p : "no identities are expected here");
	}
	buf_release(&error);
	return good;
}

/* The engine is told who writes, once. */
static void vouch(struct visitor *visitor, const struct identity *identity)
{
	struct lobby *lobby = visitor->lobby;
	struct standing standing =
		dispatcher_standing(lobby->dispatcher, str_of(visitor->conversation));
	struct value_builder known = value_build(lobby->arena);
	struct letter letter = {
		.conversation = str_of(visitor->conversation),
		.channel = S("widget"),
		.event = {.kind = EVENT_BUYER, .name = identity->buyer},
	};

	visitor->verified_until = identity->expires;
	if (str_eq(standing.buyer, identity->buyer))
		return;
	value_put_text(&known, "name", identity->name);
	letter.event.value = value_record(&known);
	dispatcher_take(lobby->dispatcher, &letter, NULL, NULL);
}

static bool may_begin(struct visitor *visitor)
{
	struct lobby *lobby = visitor->lobby;
	char text[ADDRESS_TEXT];

	if (rate_take(lobby->newcomers, address_party_name(socket_address(visitor->socket), text),
		    loop_steady_ms(lobby->loop), NULL))
		return true;
	put_error(
		visitor, "too_many", "too many new chats from your address; please wait a minute");
	leave(visitor, 1013, "too many new chats");
	return false;
}

/* After so long it is damaged: they begin anew, which is better than never. */
static bool is_damaged(struct lobby *lobby, struct str conversation)
{
	uint64_t chat = str_hash(conversation);
	struct unread *unread = &lobby->unread[chat % lobby_unread];
	int64_t now_ms = loop_steady_ms(lobby->loop);

	if (unread->chat != chat || now_ms - unread->last_ms > unread_forgotten_ms)
		*unread = (struct unread){.chat = chat, .since_ms = now_ms};
	unread->last_ms = now_ms;
	return now_ms - unread->since_ms >= unread_patience_ms;
}

/* What cannot be read is not gone: their token stays theirs. */
static bool may_be_read(struct visitor *visitor, const struct standing *standing)
{
	if (standing->unread) {
		put_error(visitor, "stored_not", "this chat cannot be read just now");
		leave(visitor, 1013, "not read");
	}
	return !standing->unread;
}

static void hello_anonymous(struct visitor *visitor, const struct frame_in *hello)
{
	struct lobby *lobby = visitor->lobby;
	bool sound = ticket_is_sound(lobby->ticket_secret, hello->token) &&
		     !ticket_is_buyers(hello->token);
	struct str conversation = ticket_conversation(hello->token, lobby->arena);
	struct standing standing = {.last = 0};
	struct buf token;

	if (sound)
		standing = dispatcher_standing(lobby->dispatcher, conversation);
	if (standing.unread && is_damaged(lobby, conversation))
		sound = false;
	else if (!may_be_read(visitor, &standing))
		return;
	/* Under a token of ours nothing may have been said yet; what was said and is gone is
	 * missed. */
	if (sound && (standing.known || !hello->has_after || !hello->after)) {
		metrics_add(lobby->metrics, "tenstep_reconnects_total", "widget", NULL, 1);
		enter(visitor, conversation);
		welcome(visitor, hello, S(""), true);
		return;
	}
	if (!may_begin(visitor))
		return;
	buf_init(&token, ticket_max_bytes);
	ticket_new(lobby->ticket_secret, &token);
	enter(visitor, ticket_conversation(buf_str(&token), lobby->arena));
	welcome(visitor, hello, buf_str(&token), !hello->token.n || !hello->has_after);
	buf_release(&token);
}

static void hello_verified(
	struct visitor *visitor, const struct frame_in *hello, const struct identity *identity)
{
	struct lobby *lobby = visitor->lobby;
	struct standing standing;
	struct str conversation;
	struct buf token;
	bool same;

	buf_init(&token, ticket_max_bytes);
	ticket_of_buyer(lobby->ticket_secret, identity->buyer, &token);
	same = str_eq(buf_str(&token), hello->token);
	conversation = ticket_conversation(buf_str(&token), lobby->arena);
	standing = dispatcher_standing(lobby->dispatcher, conversation);
	if (may_be_read(visitor, &standing)) {
		enter(visitor, conversation);
		vouch(visitor, identity);
		welcome(visitor, hello, same ? S("") : buf_str(&token), same || !hello->token.n);
	}
	buf_release(&token);
}

static void take_hello(struct visitor *visitor, const struct frame_in *hello)
{
	struct lobby *lobby = visitor->lobby;
	struct frame_in anew = *hello;
	struct identity identity;

	if (visitor->conversation) {
		put_error(visitor, "bad_hello", "this connection has said hello already");
		return;
	}
	loop_timer_stop(lobby->loop, &visitor->timer);
	visitor->words = words_of(hello->lang);
	if (hello->identity.n && read_identity(visitor, hello->identity, &identity)) {
		if (!ticket_is_buyers(hello->token))
			anew.has_after = false; /* another conversation than the one on screen */
		hello_verified(visitor, &anew, &identity);
	} else {
		if (ticket_is_buyers(hello->token)) { /* signed out: their screen is cleared */
			anew.has_after = true;
			anew.after = 1;
		}
		hello_anonymous(visitor, &anew);
	}
	if (visitor->conversation)
		listen_to(visitor);
}

/* --- messages --- */

static void acknowledge(void *self, enum taken taken, uint32_t n)
{
	struct sent *sent = self;
	struct visitor *visitor = sent->visitor;

	switch (taken) {
	case TAKEN:
	case TAKEN_BEFORE:
		frame_ack(blank(visitor), str_of(sent->id), n);
		put(visitor);
		break;
	case TAKEN_STALE:
	case TAKEN_NOT:
		put_error(visitor, "stored_not", "this could not be stored; it is sent again");
		leave(visitor, 1013, "not stored");
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
	put_refused(
		visitor, id, "too_fast", "that was very quick; it is sent in a moment", wait_ms);
	return false;
}

static void take_text(struct visitor *visitor, const struct frame_in *frame)
{
	struct letter letter = {.event = {.kind = EVENT_TEXT, .text = frame->text}};

	give(visitor, frame, &letter);
}

static void take_press(struct visitor *visitor, const struct frame_in *frame)
{
	struct lobby *lobby = visitor->lobby;
	struct letter letter = {.event = {.kind = EVENT_PRESS, .text = frame->choice}};

	if (!transcript_choice(lobby->dispatcher, str_of(visitor->conversation), frame->n,
		    frame->choice, lobby->arena, &letter.label)) {
		put_refused(visitor, frame->id, "bad_choice", "that button is not there", 0);
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
		put_refused(visitor, frame->id, "bad_file", "that file is not there", 0);
		return;
	}
	letter.event.text = value_get_text(file, "kind");
	letter.event.reference = frame->file;
	give(visitor, frame, &letter);
}

static void take_older(struct visitor *visitor, const struct frame_in *frame)
{
	struct frame_view view = view_of(visitor);
	struct posts page = {0};

	if (frame->n > 1)
		page = read_page(visitor, frame->n, -page_posts);
	frame_older(blank(visitor), page.post, page.n, page.n && page.post[0].n > 1, &view);
	put(visitor);
}

/* The page's visitor signed in, or their token was renewed.  Somebody else than before is another
 * conversation: the widget comes again with a hello. */
static void take_identity(struct visitor *visitor, const struct frame_in *frame)
{
	struct lobby *lobby = visitor->lobby;
	struct identity identity;
	struct buf token;

	if (!read_identity(visitor, frame->identity, &identity))
		return;
	buf_init(&token, ticket_max_bytes);
	ticket_of_buyer(lobby->ticket_secret, identity.buyer, &token);
	if (str_eq(ticket_conversation(buf_str(&token), lobby->arena),
		    str_of(visitor->conversation)))
		visitor->verified_until = identity.expires;
	else
		leave(visitor, 1000, "another conversation");
	buf_release(&token);
}

static void take_forget(struct visitor *visitor)
{
	struct lobby *lobby = visitor->lobby;
	struct str conversation =
		arena_str(lobby->arena, str_of(visitor->conversation)); /* hearers may leave */

	if (!dispatcher_forget(lobby->dispatcher, conversation)) {
		put_error(visitor, "stored_not", "this could not be erased; please try again");
		return;
	}
	LOG(lobby->log, LOG_INFO, loop_now_ms(lobby->loop), "conversation erased",
		log_id("conversation", conversation));
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
	put_error(visitor, "bad_identity", "the signed identity has expired; a new one is needed");
	leave(visitor, 1008, "identity expired");
	return false;
}

static void take_frame(struct visitor *visitor, const struct frame_in *frame)
{
	switch (frame->kind) {
	case FRAME_HELLO:
		take_hello(visitor, frame);
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
		take_older(visitor, frame);
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
		frame_simple(blank(visitor), "pong");
		put(visitor);
		break;
	}
}

/* --- the socket --- */

static void hello_did_not_come(void *self)
{
	leave(self, 4001, "no hello");
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
		put_refused(visitor, refusal->id, refusal->code, error->n ? error->p : "", 0);
	else
		put_error(visitor, "bad_frame", error->n ? error->p : "");
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
	put_error(visitor, "too_fast", "that was very much at once");
	if (visitor->calm < -1000 * calm_debt)
		leave(visitor, 1008, "too much at once");
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
		put_error(visitor, "bad_hello", "hello comes first");
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
	DL_FOREACH_SAFE(visitor->sent, sent, next)
	{
		dispatcher_forget_done(lobby->dispatcher, sent);
		free(sent);
	}
	free(visitor->conversation);
	free(visitor);
	socket_keep(socket, NULL);
}

bool lobby_conversation(struct lobby *lobby, struct str token, struct str *conversation)
{
	if (!ticket_is_sound(lobby->ticket_secret, token))
		return false;
	*conversation = ticket_conversation(token, lobby->arena);
	return dispatcher_is_heard(lobby->dispatcher, *conversation) ||
	       dispatcher_standing(lobby->dispatcher, *conversation).known;
}
