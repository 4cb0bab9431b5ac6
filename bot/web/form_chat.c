/* The chat for browsers without JavaScript. */
#include "bot/web/form_chat.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/net/address.h"
#include "adapters/widget/form.h"
#include "bot/base/digest.h"
#include "bot/base/text.h"
#include "bot/dispatch/errand.h"
#include "bot/dispatch/transcript.h"
#include "bot/web/page_origin.h"
#include "bot/web/ticket.h"

enum {
	page_posts = 50,
	max_page_bytes = 2 << 20,
	max_text_bytes = 4000,
	max_field_bytes = 24 << 10, /* more than may be said, to tell so on the page */
	max_id_bytes = 60,
	content_digits = 12,
	wait_ms = 8000, /* for the shop, before the page comes without its answer */
	cookie_life_s = 30 * 24 * 3600,
};

static const char cookie_name[] = "tenstep_chat";

struct form_chat {
	struct lobby *lobby;
	struct sending *sending;
};

/* A request while it is looked at, or a message on its way. */
struct caller {
	struct exchange *exchange;
	struct str token, conversation;
	const struct words *words; /* of the language that the browser asks for */
	bool tls;
};

struct sending {
	struct form_chat *form;
	struct caller caller;
	struct errand *errand;
	struct str written;
	struct sending *prev, *next;
	char text[]; /* token, conversation, written */
};

struct form_chat *form_chat_new(struct lobby *lobby)
{
	struct form_chat *form = calloc(1, sizeof *form);

	if (!form)
		abort();
	form->lobby = lobby;
	return form;
}

/* --- plain answers --- */

static void answer_plain(struct exchange *exchange, unsigned status, const char *text)
{
	static const struct str headers[] = {S("Cache-Control: no-store")};
	struct http_answer a = {
		.status = status,
		.type = S("text/plain; charset=utf-8"),
		.body = str_of(text),
		.headers = headers,
		.n_headers = 1,
	};

	exchange_answer(exchange, &a);
}

static struct str cookie_line(const struct caller *caller, struct arena *arena)
{
	return arena_printf(arena,
		"Set-Cookie: %s=%.*s; Path=/chat; Max-Age=%d; HttpOnly; SameSite=Strict%s",
		cookie_name, STR(caller->token), cookie_life_s, caller->tls ? "; Secure" : "");
}

/* Post, redirect, get: reloading the page that follows sends nothing again. */
static void answer_see_page(
	struct form_chat *form, struct exchange *exchange, uint32_t n, bool end_cookie)
{
	struct str headers[3] = {S("Cache-Control: no-store")};
	struct http_answer a = {.status = 303, .headers = headers, .n_headers = 2};

	headers[1] =
		n ? arena_printf(form->lobby->arena, "Location: /chat/form#p%lu", (unsigned long)n)
		  : S("Location: /chat/form");
	if (end_cookie)
		headers[a.n_headers++] = arena_printf(
			form->lobby->arena, "Set-Cookie: %s=; Path=/chat; Max-Age=0", cookie_name);
	exchange_answer(exchange, &a);
}

/* --- the page --- */

static struct str policy_line(const struct serve_config *config, struct arena *arena)
{
	struct str images = S("'self'");

	for (size_t i = 0; i < config->n_image_origins; i++)
		images =
			arena_printf(arena, "%.*s %.*s", STR(images), STR(config->image_origin[i]));
	return arena_printf(arena,
		"Content-Security-Policy: default-src 'none'; style-src 'self'; img-src %.*s; "
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		STR(images));
}

struct file_view {
	struct lobby *lobby;
	struct str conversation;
};

static void file_url(void *self, struct str file, struct buf *out)
{
	struct file_view *view = self;

	uploads_address(view->lobby->uploads, view->conversation, file, out);
}

static struct str waiting_text(struct lobby *lobby, const struct caller *caller)
{
	struct str text = {0};

	if (lobby->waiting_text)
		text = lobby->waiting_text(
			lobby->self, caller->conversation, caller->words, lobby->arena);
	return text.n ? text : words_get(caller->words, WORD_WAITING);
}

static struct str who_has_it(
	struct lobby *lobby, const struct caller *caller, const struct standing *standing)
{
	switch (standing->owner) {
	case OWNER_BOT:
		break;
	case OWNER_QUEUE:
		return waiting_text(lobby, caller);
	case OWNER_PERSON:
		return words_with(caller->words, WORD_WITH_PERSON,
			standing->person.n ? standing->person
					   : words_get(caller->words, WORD_PERSON),
			lobby->arena);
	}
	return (struct str){0};
}

static struct str made(
	struct arena *arena, void (*make)(struct str from, struct buf *out), struct str from)
{
	struct str text;
	struct buf out;

	buf_init(&out, ticket_max_bytes);
	make(from, &out);
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void make_id(struct str from, struct buf *out)
{
	(void)from;
	ticket_chance(out);
}

static void answer_html(
	struct lobby *lobby, const struct caller *caller, unsigned status, struct str html)
{
	struct str headers[] = {
		S("Cache-Control: no-store"),
		policy_line(lobby->config, lobby->arena),
		caller->token.n ? cookie_line(caller, lobby->arena) : S(""),
	};
	struct http_answer a = {
		.status = status,
		.type = S("text/html; charset=utf-8"),
		.body = html,
		.headers = headers,
		.n_headers = caller->token.n ? 3 : 2,
	};

	exchange_answer(caller->exchange, &a);
}

/* What a page shows besides the conversation. */
struct told {
	unsigned status;
	struct str error, written;
	uint32_t before; /* older posts than this are wanted; 0: the newest */
};

static struct posts page_of(struct form_chat *form, const struct caller *caller,
	const struct standing *standing, uint32_t before)
{
	struct posts posts = transcript_page(form->lobby->dispatcher, caller->conversation, before,
		-page_posts, form->lobby->arena);

	transcript_hide(&posts, standing);
	return posts;
}

static void answer_page(
	struct form_chat *form, const struct caller *caller, const struct told *told)
{
	struct lobby *lobby = form->lobby;
	struct dispatcher *dispatcher = lobby->dispatcher;
	struct standing standing = dispatcher_standing(dispatcher, caller->conversation);
	struct posts posts = page_of(form, caller, &standing, told->before);
	struct file_view files = {lobby, caller->conversation};
	struct frame_view frame = {
		lobby->config->image_origin, lobby->config->n_image_origins, file_url, &files};
	struct form_view view = {
		.words = caller->words,
		.title = lobby->config->title,
		.greeting = lobby_greeting(lobby),
		.csrf = made(lobby->arena, form_csrf, caller->token),
		.id = made(lobby->arena, make_id, S("")),
		.error = told->error,
		.waiting = who_has_it(lobby, caller, &standing),
		.written = told->written,
		.post = posts.post,
		.n_posts = posts.n,
		.older = posts.n && posts.post[0].n > 1 && !posts.hidden,
		.sealed = standing.sealed,
		.newest = !told->before,
		.view = &frame,
	};
	struct buf html;

	buf_init(&html, max_page_bytes);
	form_page(&html, &view);
	answer_html(lobby, caller, told->status, buf_str(&html));
	buf_release(&html);
}

/* --- GET --- */

static struct str field(struct str form, const char *name, size_t max_bytes, struct arena *arena)
{
	struct str text = {0};
	struct buf out;

	buf_init(&out, max_bytes);
	if (http_field(form, name, &out))
		text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* A buyer's token ("b.") is good with a signed identity only, and there is none here. */
static bool is_ours(const struct lobby *lobby, struct str token)
{
	return ticket_is_sound(lobby->ticket_secret, token) && !ticket_is_buyers(token);
}

/* Somebody followed a link from another site: a SameSite=Strict cookie is not sent along with that,
 * and a new one would replace it.  From a page of our own it is. */
static bool comes_from_elsewhere(const struct http_head *head)
{
	return str_is(http_header(head, "sec-fetch-site"), "cross-site") &&
	       str_find(head->query, S("here=1")) < 0;
}

static void answer_come_again(struct form_chat *form, struct exchange *exchange)
{
	struct str headers[] = {
		S("Cache-Control: no-store"),
		policy_line(form->lobby->config, form->lobby->arena),
		S("Refresh: 0; url=/chat/form?here=1"),
	};
	struct http_answer a = {
		.status = 200,
		.type = S("text/html; charset=utf-8"),
		.body = S("<!doctype html><html lang=\"en\"><title>Chat</title>"
			  "<p><a href=\"/chat/form?here=1\">Open the chat</a></p></html>\n"),
		.headers = headers,
		.n_headers = 3,
	};

	exchange_answer(exchange, &a);
}

static void get(struct form_chat *form, struct caller *caller, const struct http_head *head)
{
	struct arena *arena = form->lobby->arena;
	struct told told = {.status = 200};
	int64_t before;

	if (!caller->token.n && comes_from_elsewhere(head)) {
		answer_come_again(form, caller->exchange);
		return;
	}
	if (!caller->token.n) {
		caller->token = made(arena, ticket_new, form->lobby->ticket_secret);
		caller->conversation = ticket_conversation(caller->token, arena);
	}
	if (str_int(field(head->query, "before", 20, arena), &before) && before > 1 &&
		before <= UINT32_MAX)
		told.before = (uint32_t)before;
	answer_page(form, caller, &told);
}

/* --- POST --- */

static void refuse(struct form_chat *form, const struct caller *caller, unsigned status,
	const char *code, struct str error, struct str written)
{
	struct told told = {.status = status, .error = error, .written = written};

	metrics_add(form->lobby->metrics, "tenstep_refused_total", "message", code, 1);
	answer_page(form, caller, &told);
}

static void end(struct sending *sending)
{
	DL_DELETE(sending->form->sending, sending);
	free(sending);
}

static void sent(void *self, enum taken taken, uint32_t n)
{
	struct sending *sending = self;
	struct form_chat *form = sending->form;

	arena_reset(form->lobby->arena);
	if (taken == TAKEN || taken == TAKEN_BEFORE)
		answer_see_page(form, sending->caller.exchange, n, false);
	else
		refuse(form, &sending->caller, 503, "stored_not",
			words_get(sending->caller.words, WORD_NOT_STORED), sending->written);
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

static struct sending *sending_new(
	struct form_chat *form, const struct caller *caller, struct str written)
{
	struct sending *sending = calloc(
		1, sizeof *sending + caller->token.n + caller->conversation.n + written.n + 1);
	char *at;

	if (!sending)
		abort();
	at = sending->text;
	sending->form = form;
	sending->caller = *caller;
	sending->caller.token = keep(&at, caller->token);
	sending->caller.conversation = keep(&at, caller->conversation);
	sending->written = keep(&at, written);
	DL_APPEND(form->sending, sending);
	return sending;
}

static void give(struct form_chat *form, const struct caller *caller, struct letter *letter,
	struct str written)
{
	struct sending *sending = sending_new(form, caller, written);
	struct errand_setup setup = {form->lobby->loop, form->lobby->dispatcher, wait_ms};

	letter->conversation = caller->conversation;
	letter->channel = S("widget");
	sending->errand = errand_start(&setup, letter, sent, sending);
}

/* The page's id and what was sent with it: the same twice is one message, but a page that a browser
 * kept and that is sent with other words is another. */
static struct str message_id(struct str id, struct str content, struct arena *arena)
{
	char hex[65];

	digest_hex(digest_of(content), hex);
	return arena_printf(arena, "%.*s:%.*s", STR(id), content_digits, hex);
}

static bool is_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i], small = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(small >= 'a' && small <= 'z') && c != '_' &&
			c != '-' && c != ':')
			return false;
	}
	return id.n && id.n <= max_id_bytes - 1 - content_digits;
}

static bool may_speak(struct form_chat *form, const struct caller *caller,
	const struct http_head *head, struct str written)
{
	struct lobby *lobby = form->lobby;
	int64_t now_ms = loop_steady_ms(lobby->loop), left_ms = 0;
	char party[ADDRESS_TEXT];
	struct str error;

	if (!dispatcher_standing(lobby->dispatcher, caller->conversation).known &&
		!rate_take(
			lobby->newcomers, address_party_name(head->address, party), now_ms, NULL)) {
		refuse(form, caller, 429, "too_many", words_get(caller->words, WORD_TOO_MANY),
			written);
		return false;
	}
	if (rate_take(lobby->messages, caller->conversation, now_ms, &left_ms))
		return true;
	error = words_with(caller->words, WORD_TOO_FAST,
		arena_printf(lobby->arena, "%lld", (long long)(left_ms / 1000 + 1)), lobby->arena);
	refuse(form, caller, 429, "too_fast", error, written);
	return false;
}

/* Forms end their lines with CR LF (HTML, "constructing the entry list"); nobody else here does. */
static struct str with_plain_ends(struct str text, struct arena *arena)
{
	char *plain = arena_cstr(arena, text), *to = plain;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
			*to++ = text.p[i];
	return str_trim((struct str){plain, (size_t)(to - plain)});
}

static bool is_sayable(struct form_chat *form, const struct caller *caller, struct str text)
{
	if (!text.n) {
		refuse(form, caller, 400, "empty", words_get(caller->words, WORD_EMPTY), S(""));
		return false;
	}
	if (text.n > max_text_bytes) {
		refuse(form, caller, 400, "too_long", words_get(caller->words, WORD_TOO_LONG),
			text);
		return false;
	}
	if (text_valid_up_to(text) < text.n || memchr(text.p, 0, text.n)) {
		refuse(form, caller, 400, "bad_text", words_get(caller->words, WORD_UNREAD), S(""));
		return false;
	}
	return true;
}

static void say(struct form_chat *form, const struct caller *caller, const struct http_head *head,
	struct str body, struct str id)
{
	struct arena *arena = form->lobby->arena;
	struct str text = with_plain_ends(field(body, "text", max_field_bytes, arena), arena);
	struct letter letter = {.event = {.kind = EVENT_TEXT, .text = text}};

	if (!is_sayable(form, caller, text) || !may_speak(form, caller, head, text))
		return;
	letter.event.id = message_id(id, text, arena);
	give(form, caller, &letter, text);
}

static void press(struct form_chat *form, const struct caller *caller, const struct http_head *head,
	struct str body, struct str id)
{
	struct arena *arena = form->lobby->arena;
	struct str choice = field(body, "choice", 1000, arena);
	struct letter letter = {.event = {.kind = EVENT_PRESS, .text = choice}};
	struct standing standing =
		dispatcher_standing(form->lobby->dispatcher, caller->conversation);
	int64_t n;

	if (!str_int(field(body, "post", 20, arena), &n) || n < 1 || n > UINT32_MAX ||
		!transcript_shows(form->lobby->dispatcher, caller->conversation, (uint32_t)n,
			&standing, arena) ||
		!transcript_choice(form->lobby->dispatcher, caller->conversation, (uint32_t)n,
			choice, arena, &letter.label)) {
		refuse(form, caller, 400, "bad_choice", words_get(caller->words, WORD_NO_BUTTON),
			S(""));
		return;
	}
	if (!may_speak(form, caller, head, S("")))
		return;
	letter.event.id = message_id(id, choice, arena);
	give(form, caller, &letter, S(""));
}

static void erased(void *self, enum taken taken, uint32_t n)
{
	struct sending *sending = self;
	struct form_chat *form = sending->form;
	struct caller *caller = &sending->caller;

	(void)n;
	arena_reset(form->lobby->arena);
	if (taken == TAKEN)
		answer_see_page(form, caller->exchange, 0, true);
	else
		refuse(form, caller, 503, "stored_not", words_get(caller->words, WORD_NOT_ERASED),
			S(""));
	end(sending);
}

static void forget(struct form_chat *form, const struct caller *caller)
{
	struct sending *sending = sending_new(form, caller, S(""));

	dispatcher_forget(form->lobby->dispatcher, sending->caller.conversation, erased, sending);
}

/* Without a referrer, as all our pages ask for, browsers write "null" for the origin of a form (the
 * Fetch standard, "append a request Origin header"); the cookie and the page's own value decide. */
static bool page_may_post(const struct lobby *lobby, const struct http_head *head)
{
	return !head->origin.n || str_is(head->origin, "null") ||
	       page_is_allowed(lobby->config, head);
}

static void act(struct form_chat *form, const struct caller *caller, const struct http_head *head,
	struct str body)
{
	struct arena *arena = form->lobby->arena;
	struct str id = field(body, "id", 100, arena);
	struct buf choice;

	buf_init(&choice, 1000);
	if (str_is(field(body, "forget", 10, arena), "1"))
		forget(form, caller);
	else if (!is_id(id))
		refuse(form, caller, 400, "bad_form", words_get(caller->words, WORD_NOT_READ),
			S(""));
	else if (http_field(body, "choice", &choice))
		press(form, caller, head, body, id);
	else
		say(form, caller, head, body, id);
	buf_release(&choice);
}

static void post(struct form_chat *form, const struct caller *caller, const struct http_head *head,
	struct str body)
{
	struct arena *arena = form->lobby->arena;

	if (!str_starts(head->content_type, S("application/x-www-form-urlencoded"))) {
		answer_plain(caller->exchange, 415, "only the chat's own form is taken here\n");
		return;
	}
	/* No page, and no new cookie: who posts from elsewhere must not end a chat that there is.
	 */
	if (!page_may_post(form->lobby, head) || !caller->token.n) {
		answer_plain(caller->exchange, 403,
			"Nothing was sent: this chat needs its cookie. Please open /chat/form "
			"again, and allow cookies for this site.\n");
		return;
	}
	if (!form_csrf_ok(caller->token, field(body, "csrf", 100, arena))) {
		refuse(form, caller, 403, "bad_form", words_get(caller->words, WORD_STALE),
			with_plain_ends(field(body, "text", max_field_bytes, arena), arena));
		return;
	}
	act(form, caller, head, body);
}

void form_chat_request(struct form_chat *form, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct arena *arena = form->lobby->arena;
	struct str token = http_cookie(head->cookie, cookie_name);
	struct caller caller = {
		.exchange = exchange,
		.words = words_asked(head->accept_language),
		.tls = head->tls,
	};

	arena_reset(arena);
	if (is_ours(form->lobby, token)) {
		caller.token = arena_str(arena, token);
		caller.conversation = ticket_conversation(caller.token, arena);
	}
	if (str_is(head->method, "POST"))
		post(form, &caller, head, body);
	else
		get(form, &caller, head);
}

void form_chat_free(struct form_chat *form)
{
	struct sending *sending, *next;

	if (!form)
		return;
	DL_FOREACH_SAFE(form->sending, sending, next)
	{
		errand_drop(sending->errand);
		dispatcher_forget_done(form->lobby->dispatcher, sending);
		answer_see_page(form, sending->caller.exchange, 0, false);
		end(sending);
	}
	free(form);
}
