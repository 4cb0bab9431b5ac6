/* The beginning of a chat on the website: who it is, and what of the transcript is shown. */
#include "bot/web/visitor_parts.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/net/address.h"
#include "bot/dispatch/transcript.h"
#include "bot/web/ticket.h"

enum {
	unread_patience_ms = 20 * 1000, /* a browser comes again after 9 s */
	unread_forgotten_ms = 60 * 1000,
	page_posts = 50,
	max_gap = 200, /* more missing posts than this: the screen begins anew */
	look_again_ms = 30 * 60 * 1000,
};

/* --- what is on the screen --- */

static struct posts read_page(struct visitor *visitor, uint32_t after, int limit)
{
	return transcript_page(visitor->lobby->dispatcher, str_of(visitor->conversation), after,
		limit, visitor->lobby->arena);
}

/* The posts that the widget does not have: all of them if they are few, else the last page.  What
 * is sealed is not to stay on the screen either. */
static struct posts missing_posts(
	struct visitor *visitor, const struct frame_in *hello, const struct standing *standing)
{
	uint32_t last = standing->last;

	if (hello->has_after && hello->after <= last && last - hello->after <= max_gap &&
		!standing->sealed)
		return read_page(visitor, hello->after, max_gap);
	return read_page(visitor, 0, -page_posts);
}

static size_t most_at_once(const struct visitor *visitor)
{
	return listener_at_once(&visitor->lobby->config->limits);
}

static bool is_too_much(const struct visitor *visitor)
{
	const struct buf *frame = &visitor->lobby->frame;

	return frame->over || frame->n > most_at_once(visitor);
}

/* The newest of them, as many as may be said at once; one in any case. */
static struct posts newest_of(struct visitor *visitor, struct posts posts)
{
	struct frame_view view = visitor_view(visitor);
	size_t n_bytes = 0, n = 0;

	for (; n < posts.n; n++) {
		frame_post(visitor_blank(visitor), &posts.post[posts.n - 1 - n], &view);
		n_bytes += visitor->lobby->frame.n;
		if (n && n_bytes > most_at_once(visitor))
			break;
	}
	return (struct posts){.post = posts.post + (posts.n - n), .n = n};
}

static bool begins_later(const struct posts *page)
{
	return page->n && page->post[0].n > 1 && !page->hidden;
}

static struct standing standing_of(struct visitor *visitor)
{
	return dispatcher_standing(visitor->lobby->dispatcher, str_of(visitor->conversation));
}

static void write_older(struct visitor *visitor, const struct posts *page)
{
	struct frame_view view = visitor_view(visitor);

	frame_older(visitor_blank(visitor), page->post, page->n, begins_later(page), &view);
}

void visitor_older(struct visitor *visitor, const struct frame_in *frame)
{
	struct standing standing = standing_of(visitor);
	struct posts page = {0};

	if (frame->n > 1)
		page = read_page(visitor, frame->n, -page_posts);
	transcript_hide(&page, &standing);
	write_older(visitor, &page);
	if (is_too_much(visitor)) {
		page = newest_of(visitor, page);
		write_older(visitor, &page);
	}
	visitor_put(visitor);
}

static void write_welcome(
	struct visitor *visitor, struct frame_welcome *w, const struct posts *page)
{
	struct frame_view view = visitor_view(visitor);

	w->older = begins_later(page);
	w->post = page->post;
	w->n_posts = page->n < page_posts ? page->n : page_posts;
	frame_welcome(visitor_blank(visitor), w, &view);
}

/* Of what is too much the last page is shown, or what of it may be said at once. */
static void lessen(struct visitor *visitor, struct frame_welcome *w, struct posts *page)
{
	struct posts newest = newest_of(visitor, *page);
	size_t n = newest.n < page_posts ? newest.n : page_posts;

	if (newest.n < page->n)
		*page = (struct posts){.post = newest.post + (newest.n - n), .n = n};
	write_welcome(visitor, w, page);
}

/* Who has no proof yet may have made one meanwhile. */
static void look_later(struct visitor *visitor, const struct standing *standing)
{
	int64_t now = loop_now_ms(visitor->lobby->loop);

	visitor->look_ms = standing->proof_ends_ms < INT64_MAX ? standing->proof_ends_ms + 1
							       : now + look_again_ms;
}

static void welcome(
	struct visitor *visitor, const struct frame_in *hello, struct str new_token, bool known)
{
	struct standing standing = standing_of(visitor);
	struct posts page = missing_posts(visitor, hello, &standing);
	struct frame_welcome w = {
		.token = new_token,
		.known = known,
		.sealed = standing.sealed,
		.last = standing.last,
		.owner = str_of(owner_name[standing.owner]),
		.person = standing.person,
		.name = standing.buyer_name,
	};

	transcript_hide(&page, &standing);
	write_welcome(visitor, &w, &page);
	if (is_too_much(visitor) || page.n > page_posts)
		lessen(visitor, &w, &page);
	visitor->shown = w.n_posts ? page.post[w.n_posts - 1].n : standing.last;
	visitor->sealed = standing.sealed;
	look_later(visitor, &standing);
	visitor_put(visitor);
	for (size_t i = w.n_posts; i < page.n; i++)
		visitor_put_post(visitor, &page.post[i]);
	if (standing.owner == OWNER_QUEUE)
		visitor_hear_owner(visitor, standing.owner, standing.person);
}

/* What is new to a screen that does not show all. */
static void show_unsealed(struct visitor *visitor, const struct standing *standing)
{
	struct posts page = read_page(visitor, visitor->shown, max_gap);

	transcript_hide(&page, standing);
	for (size_t i = 0; i < page.n; i++)
		visitor_put_post(visitor, &page.post[i]);
}

void visitor_look(struct visitor *visitor)
{
	static const struct frame_in anew;
	struct standing standing = standing_of(visitor);

	look_later(visitor, &standing);
	if (standing.unread)
		return;
	if (standing.sealed != visitor->sealed)
		welcome(visitor, &anew, S(""), true);
	else if (standing.sealed)
		show_unsealed(visitor, &standing);
}

/* --- who it is --- */

static void enter(struct visitor *visitor, struct str conversation)
{
	visitor->conversation = calloc(1, conversation.n + 1);
	if (!visitor->conversation)
		abort();
	memcpy(visitor->conversation, conversation.p, conversation.n);
}

bool lobby_read_identity(
	struct lobby *lobby, struct str token, struct identity *identity, struct buf *error)
{
	struct str secret[2];
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		if (lobby->config->identity[i].bytes.n)
			secret[n++] = lobby->config->identity[i].bytes;
	return n && identity_read(token, secret, n, loop_now_ms(lobby->loop) / 1000, lobby->arena,
			    identity, error);
}

bool visitor_read_identity(struct visitor *visitor, struct str token, struct identity *identity)
{
	struct lobby *lobby = visitor->lobby;
	struct buf error;
	bool good;

	buf_init(&error, 300);
	good = lobby_read_identity(lobby, token, identity, &error);
	if (!good) {
		LOG(lobby->log, LOG_WARNING, loop_now_ms(lobby->loop), "identity refused",
			log_word("why", error.n ? buf_str(&error) : S("no secret is configured")));
		visitor_put_error(visitor, "bad_identity",
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
	visitor_put_error(
		visitor, "too_many", "too many new chats from your address; please wait a minute");
	visitor_leave(visitor, 1013, "too many new chats");
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
		visitor_put_error(visitor, "stored_not", "this chat cannot be read just now");
		visitor_leave(visitor, 1013, "not read");
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

void visitor_hello(struct visitor *visitor, const struct frame_in *hello)
{
	struct lobby *lobby = visitor->lobby;
	struct frame_in anew = *hello;
	struct identity identity;

	if (visitor->conversation) {
		visitor_put_error(visitor, "bad_hello", "this connection has said hello already");
		return;
	}
	loop_timer_stop(lobby->loop, &visitor->timer);
	visitor->words = words_of(hello->lang);
	if (hello->identity.n && visitor_read_identity(visitor, hello->identity, &identity)) {
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
		visitor_listen(visitor);
}
