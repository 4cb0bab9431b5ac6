/* Rasa's REST channel, served: a message in, and what was said since the last answer out. */
#include "bot/web/rasa_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "adapters/rasa/rasa.h"
#include "bot/base/digest.h"
#include "bot/base/table.h"
#include "bot/common/rate.h"
#include "bot/dispatch/errand.h"
#include "bot/dispatch/transcript.h"
#include "bot/web/page_origin.h"

enum {
	wait_ms = 8000, /* for the shop; what comes later is in the next answer */
	page_posts = 200,
	max_body_bytes = 64 << 10,
	max_scratch_bytes = 4 << 20,
	max_out_bytes = 4 << 20,
	message_burst = 20,
	max_waiting = 16, /* messages of one sender */
	max_senders = 20 * 1000,
	names_at_once = 100 * 1000,
};

/* A message that waits for its answer. */
struct asked {
	struct sender *sender;
	struct exchange *exchange;
	struct errand *errand; /* NULL: another of the same sender is before it */
	struct str text, choice, label, id;
	bool lines; /* ?stream=true */
	struct asked *prev, *next;
	char bytes[]; /* of the texts */
};

/* Messages of one sender are taken one after another, so that each answer is its own. */
struct sender {
	struct rasa_server *server;
	struct asked *waiting; /* the first is under way */
	unsigned n_waiting;
	uint32_t told; /* the last post that an answer had; 0: none since the start */
	UT_hash_handle hh;
	char name[]; /* "rasa:SENDER" */
};

struct rasa_server {
	struct rasa_setup setup;
	struct rate *messages;  /* by conversation */
	struct sender *senders; /* the one heard of longest ago first */
	struct arena *arena;
	struct buf out;
};

static const struct str prefix = S("rasa:");

struct rasa_server *rasa_server_new(const struct rasa_setup *setup)
{
	struct rasa_server *server = calloc(1, sizeof *server);

	if (!server)
		abort();
	server->setup = *setup;
	server->messages =
		rate_new(setup->config->messages_per_minute, message_burst, names_at_once);
	server->arena = arena_new(max_scratch_bytes);
	buf_init(&server->out, max_out_bytes);
	return server;
}

/* --- answers --- */

static void answer(
	struct rasa_server *server, struct exchange *exchange, unsigned status, struct str type)
{
	static const struct str headers[] = {
		S("Cache-Control: no-store"), S("WWW-Authenticate: Bearer")};
	struct http_answer a = {
		.status = status,
		.type = type,
		.body = buf_str(&server->out),
		.headers = headers,
		.n_headers = status == 401 ? 2 : 1,
	};
	char digits[8];

	snprintf(digits, sizeof digits, "%u", status);
	metrics_add(server->setup.metrics, "tenstep_requests_total", "rasa", digits, 1);
	exchange_answer(exchange, &a);
}

static void refuse(
	struct rasa_server *server, struct exchange *exchange, unsigned status, const char *reason)
{
	buf_clear(&server->out);
	rasa_error(&server->out, str_of(reason));
	answer(server, exchange, status, S("application/json"));
}

static struct str name_of(const struct sender *sender)
{
	return (struct str){sender->name, sender->hh.keylen};
}

static struct str recipient_of(const struct sender *sender)
{
	return str_sub(name_of(sender), prefix.n, sender->hh.keylen);
}

static void write_posts(const struct asked *asked, const struct posts *posts)
{
	struct rasa_server *server = asked->sender->server;
	struct str recipient = recipient_of(asked->sender);

	buf_clear(&server->out);
	if (!asked->lines)
		rasa_write(&server->out, recipient, posts->post, posts->n);
	for (size_t i = 0; asked->lines && i < posts->n; i++)
		rasa_write_line(&server->out, recipient, &posts->post[i]);
}

static void answer_posts(const struct asked *asked, const struct posts *posts)
{
	struct rasa_server *server = asked->sender->server;

	write_posts(asked, posts);
	if (server->out.over)
		refuse(server, asked->exchange, 500, "there is too much to be sent at once");
	else
		answer(server, asked->exchange, 200,
			asked->lines ? S("text/event-stream") : S("application/json"));
}

/* --- one after another --- */

static void end(struct asked *asked)
{
	DL_DELETE(asked->sender->waiting, asked);
	asked->sender->n_waiting--;
	free(asked);
}

/* All since the last answer: what was said in between, by a person or because something became due,
 * has no other way. */
static struct posts posts_since(const struct sender *sender, uint32_t n)
{
	struct rasa_server *server = sender->server;
	uint32_t after = sender->told && sender->told < n ? sender->told : n;

	return transcript_page(
		server->setup.dispatcher, name_of(sender), after, page_posts, server->arena);
}

/* The same answer again, for a message that came again: up to what was said next. */
static struct posts posts_before_next(const struct sender *sender, uint32_t n)
{
	struct posts posts = transcript_page(sender->server->setup.dispatcher, name_of(sender), n,
		page_posts, sender->server->arena);
	size_t own = 0;

	while (own < posts.n && posts.post[own].who != POST_BUYER)
		own++;
	posts.n = own;
	return posts;
}

static void answer_taken(struct asked *asked, uint32_t n)
{
	struct posts posts = posts_since(asked->sender, n);

	if (posts.n)
		asked->sender->told = posts.post[posts.n - 1].n;
	answer_posts(asked, &posts);
}

static void answer_again(const struct asked *asked)
{
	uint32_t n = transcript_of_message(
		asked->sender->server->setup.dispatcher, name_of(asked->sender), asked->id);
	struct posts posts = {0};

	if (n)
		posts = posts_before_next(asked->sender, n);
	answer_posts(asked, &posts);
}

static void start_next(struct sender *sender);

static void over(void *self, enum taken taken, uint32_t n)
{
	struct asked *asked = self;
	struct sender *sender = asked->sender;

	arena_reset(sender->server->arena);
	switch (taken) {
	case TAKEN:
		answer_taken(asked, n);
		break;
	case TAKEN_BEFORE:
		answer_again(asked);
		break;
	case TAKEN_STALE:
	case TAKEN_NOT:
		refuse(sender->server, asked->exchange, 503,
			"this could not be stored; nothing was done");
		break;
	}
	end(asked);
	start_next(sender);
}

static void start_next(struct sender *sender)
{
	struct rasa_setup *setup = &sender->server->setup;
	struct errand_setup errand = {setup->loop, setup->dispatcher, wait_ms};
	struct asked *asked = sender->waiting;
	struct letter letter = {.conversation = name_of(sender), .channel = S("rasa")};

	if (!asked || asked->errand)
		return;
	letter.event.kind = asked->choice.n ? EVENT_PRESS : EVENT_TEXT;
	letter.event.text = asked->choice.n ? asked->choice : asked->text;
	letter.event.id = asked->id;
	letter.label = asked->label;
	asked->errand = errand_start(&errand, &letter, over, asked);
}

/* --- senders --- */

/* The one heard of longest ago goes, if nothing of it is under way. */
static void make_room(struct rasa_server *server)
{
	struct sender *oldest = server->senders;

	if (HASH_COUNT(server->senders) < max_senders || oldest->waiting)
		return;
	HASH_DEL(server->senders, oldest);
	free(oldest);
}

static struct sender *sender_of(struct rasa_server *server, struct str name)
{
	struct sender *sender;

	HASH_FIND(hh, server->senders, name.p, name.n, sender);
	if (sender) {
		HASH_DEL(server->senders, sender);
	} else {
		make_room(server);
		sender = calloc(1, sizeof *sender + name.n + 1);
		if (!sender)
			abort();
		sender->server = server;
		memcpy(sender->name, name.p, name.n);
	}
	HASH_ADD_KEYPTR(hh, server->senders, sender->name, name.n, sender);
	return sender;
}

static struct str keep(char **at, struct str text)
{
	struct str kept = {*at, text.n};

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return kept;
}

static struct asked *add(struct sender *sender, struct exchange *exchange,
	const struct rasa_message *message, struct str label)
{
	struct asked *asked = calloc(1,
		sizeof *asked + message->text.n + message->choice.n + label.n + message->id.n + 1);
	char *at;

	if (!asked)
		abort();
	at = asked->bytes;
	asked->sender = sender;
	asked->exchange = exchange;
	asked->text = keep(&at, message->text);
	asked->choice = keep(&at, message->choice);
	asked->label = keep(&at, label);
	asked->id = keep(&at, message->id);
	DL_APPEND(sender->waiting, asked);
	sender->n_waiting++;
	return asked;
}

void rasa_server_free(struct rasa_server *server)
{
	struct sender *sender, *next_sender;
	struct asked *asked, *next;

	if (!server)
		return;
	HASH_ITER(hh, server->senders, sender, next_sender)
	{
		DL_FOREACH_SAFE(sender->waiting, asked, next)
		{
			errand_drop(asked->errand);
			refuse(server, asked->exchange, 503, "the server stops");
			end(asked);
		}
		HASH_DEL(server->senders, sender);
		free(sender);
	}
	rate_free(server->messages);
	arena_free(server->arena);
	buf_release(&server->out);
	free(server);
}

/* --- requests --- */

/* Without a token this machine is trusted, but not the pages that its browsers show. */
static bool may_ask(const struct rasa_server *server, const struct http_head *head)
{
	struct str token = server->setup.config->rasa_token.bytes;
	struct buf given;
	bool good;

	if (head->origin.n && !page_is_allowed(server->setup.config, head))
		return false;
	if (!token.n)
		return head_is_local(head);
	if (digest_same(bearer_of(head), token))
		return true;
	buf_init(&given, 1000);
	good = http_field(head->query, "token", &given) && digest_same(buf_str(&given), token);
	buf_release(&given);
	return good;
}

static struct str label_of(struct rasa_server *server, struct str name, struct str choice)
{
	struct str label;

	return transcript_choice(server->setup.dispatcher, name, 0, choice, server->arena, &label)
		       ? label
		       : choice;
}

static bool wants_lines(const struct http_head *head)
{
	struct buf value;
	bool wants;

	buf_init(&value, 10);
	wants = http_field(head->query, "stream", &value) &&
		str_eq_nocase(buf_str(&value), S("true"));
	buf_release(&value);
	return wants;
}

static void take(struct rasa_server *server, struct exchange *exchange,
	const struct http_head *head, const struct rasa_message *message)
{
	struct str name =
		arena_printf(server->arena, "%.*s%.*s", STR(prefix), STR(message->sender));
	struct str label = message->choice.n ? label_of(server, name, message->choice) : S("");
	struct sender *sender;

	if (!rate_take(server->messages, name, loop_steady_ms(server->setup.loop), NULL)) {
		metrics_add(
			server->setup.metrics, "tenstep_refused_total", "message", "too_fast", 1);
		refuse(server, exchange, 429, "that was very quick; please wait a moment");
		return;
	}
	sender = sender_of(server, name);
	if (sender->n_waiting >= max_waiting) {
		refuse(server, exchange, 429, "too many messages of this sender are waiting");
		return;
	}
	add(sender, exchange, message, label)->lines = wants_lines(head);
	start_next(sender);
}

static void webhook(struct rasa_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct rasa_message message;
	struct buf error;

	if (!may_ask(server, head)) {
		metrics_add(
			server->setup.metrics, "tenstep_refused_total", "request", "bad_token", 1);
		refuse(server, exchange, 401, "a token is needed");
		return;
	}
	buf_init(&error, 300);
	if (rasa_read(body, server->arena, &message, &error))
		take(server, exchange, head, &message);
	else
		refuse(server, exchange, 400, error.n ? error.p : "");
	buf_release(&error);
}

static bool is_status(const struct http_head *head)
{
	return str_is(head->path, "/webhooks/rest/") || str_is(head->path, "/webhooks/rest");
}

static bool is_webhook(const struct http_head *head)
{
	return str_is(head->path, "/webhooks/rest/webhook");
}

struct http_plan rasa_plan(struct rasa_server *server, const struct http_head *head)
{
	bool post = str_is(head->method, "POST");

	(void)server;
	if (is_webhook(head))
		return post ? (struct http_plan){.max_body_bytes = max_body_bytes}
			    : (struct http_plan){.refuse = 405};
	if (!is_status(head))
		return (struct http_plan){.refuse = 404};
	return (struct http_plan){.refuse = post ? 405 : 0};
}

void rasa_request(struct rasa_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	arena_reset(server->arena);
	if (is_webhook(head)) {
		webhook(server, exchange, head, body);
		return;
	}
	buf_clear(&server->out);
	buf_adds(&server->out, "{\"status\":\"ok\"}");
	answer(server, exchange, 200, S("application/json"));
}
