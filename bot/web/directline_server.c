/* Bot Framework Direct Line 3.0, served: tokens, conversations, and what was said. */
#include "bot/web/directline_server.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/net/address.h"
#include "bot/dispatch/transcript.h"
#include "bot/web/directline_parts.h"
#include "bot/web/ticket.h"

enum {
	page_posts = 200,
	max_scratch_bytes = 4 << 20,
	max_out_bytes = 4 << 20,
	message_burst = 20,
	names_at_once = 100 * 1000,
};

/* --- life --- */

struct directline_server *directline_server_new(const struct directline_setup *setup)
{
	struct directline_server *server = calloc(1, sizeof *server);
	const struct serve_config *config = setup->config;

	if (!server)
		abort();
	server->setup = *setup;
	server->messages = rate_new(config->messages_per_minute, message_burst, names_at_once);
	server->newcomers = rate_new(
		config->conversations_per_minute, config->conversations_per_minute, names_at_once);
	server->tokens = token_shelf_new();
	server->arena = arena_new(max_scratch_bytes);
	server->late = arena_new(max_scratch_bytes);
	buf_init(&server->out, max_out_bytes);
	return server;
}

void directline_server_free(struct directline_server *server)
{
	if (!server)
		return;
	directline_drop_sending(server);
	rate_free(server->messages);
	rate_free(server->newcomers);
	token_shelf_free(server->tokens);
	arena_free(server->arena);
	arena_free(server->late);
	buf_release(&server->out);
	free(server);
}

/* --- answers --- */

static void count(struct directline_server *server, unsigned status)
{
	char digits[8];

	snprintf(digits, sizeof digits, "%u", status);
	metrics_add(server->setup.metrics, "tenstep_requests_total", "directline", digits, 1);
}

void directline_answer(struct directline_server *server, struct exchange *exchange,
	struct str origin, unsigned status, struct arena *arena)
{
	struct str headers[directline_n_cors + 2] = {S("Cache-Control: no-store")};
	struct http_answer a = {
		.status = status,
		.type = S("application/json"),
		.body = buf_str(&server->out),
		.headers = headers,
		.n_headers = 1,
	};

	if (status == 401) /* RFC 9110 section 15.5.2 */
		headers[a.n_headers++] = S("WWW-Authenticate: Bearer");
	if (origin.n) {
		directline_cors(origin, arena, headers + a.n_headers);
		a.n_headers += directline_n_cors;
	}
	count(server, status);
	exchange_answer(exchange, &a);
}

void directline_fault(struct directline_server *server, struct exchange *exchange,
	struct str origin, unsigned status, const char *code, struct str message,
	struct arena *arena)
{
	buf_clear(&server->out);
	directline_error(&server->out, code, message);
	directline_answer(server, exchange, origin, status, arena);
}

static void answer(const struct directline_ask *ask, unsigned status)
{
	directline_answer(
		ask->server, ask->exchange, ask->head->origin, status, ask->server->arena);
}

void directline_refuse(const struct directline_ask *ask, unsigned status, const char *message)
{
	directline_fault(ask->server, ask->exchange, ask->head->origin, status,
		directline_code(status), str_of(message), ask->server->arena);
}

/* --- how posts look --- */

struct str directline_name(struct str conversation, struct arena *arena)
{
	return arena_printf(arena, "directline:%.*s", STR(conversation));
}

struct str directline_base(struct directline_server *server, const struct http_head *head)
{
	return arena_printf(
		server->arena, "%s://%.*s", head->tls ? "https" : "http", STR(head->host));
}

static void file_url(void *self, struct str file, struct buf *out)
{
	struct directline_look *look = self;

	buf_add(out, look->base);
	uploads_address(look->server->setup.uploads, look->name, file, out);
}

void directline_look(struct directline_look *look, struct directline_server *server,
	struct str conversation, struct str user, struct str base, struct arena *arena)
{
	*look = (struct directline_look){
		.view =
			{
				.conversation = conversation,
				.user = user,
				.bot_name = server->setup.config->title,
				.file_url = file_url,
				.self = look,
			},
		.server = server,
		.base = base,
		.name = directline_name(conversation, arena),
	};
}

/* --- tokens and conversations --- */

static struct str make_token(
	struct directline_server *server, const struct directline_token *wanted, int64_t life_s)
{
	struct directline_token token = *wanted;
	struct str text;
	struct buf out;

	token.expires = loop_now_ms(server->setup.loop) / 1000 + life_s;
	buf_init(&out, 4096);
	directline_token_make(&token, server->setup.token_secret, &out);
	text = arena_str(server->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static struct str stream_url(
	const struct directline_ask *ask, const struct directline_token *token, uint32_t after)
{
	struct directline_server *server = ask->server;
	struct directline_token credential = *token;
	struct str text;
	struct buf out;

	credential.use = DIRECTLINE_STREAM;
	buf_init(&out, 8192);
	directline_stream_url(&out, ask->head->tls, ask->head->host, token->conversation, after,
		make_token(server, &credential, directline_stream_life_s));
	text = arena_str(server->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void answer_conversation(const struct directline_ask *ask, unsigned status,
	const struct directline_token *token, struct str stream)
{
	struct directline_server *server = ask->server;
	struct str text = make_token(server, token, directline_token_life_s);

	buf_clear(&server->out);
	directline_conversation(
		&server->out, token->conversation, text, directline_token_life_s, stream);
	answer(ask, status);
}

static struct str new_conversation(struct directline_server *server)
{
	struct str text;
	struct buf out;

	buf_init(&out, ticket_max_bytes);
	ticket_chance(&out);
	text = arena_str(server->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* Of whoever has the token; for the secret's holder what the body says. */
static bool read_start(const struct directline_ask *ask, struct directline_token *token)
{
	struct directline_server *server = ask->server;
	struct directline_start start;
	struct buf error;
	bool good;

	buf_init(&error, 300);
	good = directline_start_read(
		ask->body, ask->grant.who == ASKER_SECRET, server->arena, &start, &error);
	if (!good)
		directline_refuse(ask, 400, error.n ? error.p : "");
	buf_release(&error);
	if (!good)
		return false;
	if (ask->grant.who == ASKER_TOKEN)
		*token = ask->grant.token;
	else
		*token = (struct directline_token){
			.conversation = new_conversation(server),
			.user = ask->grant.who == ASKER_SECRET ? start.user : S(""),
			.origin = ask->grant.who == ASKER_SECRET ? start.origin : S(""),
		};
	return true;
}

static bool may_begin(const struct directline_ask *ask)
{
	struct directline_server *server = ask->server;
	char party[ADDRESS_TEXT];

	if (ask->grant.who == ASKER_SECRET ||
		rate_take(server->newcomers, address_party_name(ask->head->address, party),
			loop_steady_ms(server->setup.loop), NULL))
		return true;
	metrics_add(server->setup.metrics, "tenstep_refused_total", "connection", "too_many", 1);
	directline_refuse(ask, 429, "too many new chats from this address");
	return false;
}

static void generate(struct directline_ask *ask)
{
	struct directline_token token;

	if (may_begin(ask) && read_start(ask, &token))
		answer_conversation(ask, 200, &token, S(""));
}

static void refresh(struct directline_ask *ask)
{
	answer_conversation(ask, 200, &ask->grant.token, S(""));
}

static void start(struct directline_ask *ask)
{
	struct directline_server *server = ask->server;
	struct directline_token token;
	struct standing standing;

	if (!read_start(ask, &token))
		return;
	standing = dispatcher_standing(
		server->setup.dispatcher, directline_name(token.conversation, server->arena));
	answer_conversation(ask, standing.known ? 200 : 201, &token, stream_url(ask, &token, 0));
}

static bool read_watermark(const struct directline_ask *ask, uint32_t *after)
{
	struct buf text;
	bool good;

	buf_init(&text, 40);
	*after = 0;
	good = !http_field(ask->head->query, "watermark", &text) ||
	       directline_watermark(buf_str(&text), after);
	buf_release(&text);
	if (!good)
		directline_refuse(ask, 400, "this watermark was not made here");
	return good;
}

/* Whose conversation it is, said again. */
static struct directline_token token_of(const struct directline_ask *ask)
{
	if (ask->grant.who == ASKER_TOKEN)
		return ask->grant.token;
	return (struct directline_token){.conversation = ask->route.conversation};
}

static void reconnect(struct directline_ask *ask)
{
	struct directline_token token = token_of(ask);
	uint32_t after;

	if (!read_watermark(ask, &after))
		return;
	metrics_add(ask->server->setup.metrics, "tenstep_reconnects_total", "directline", NULL, 1);
	answer_conversation(ask, 200, &token, stream_url(ask, &token, after));
}

static void get(struct directline_ask *ask)
{
	struct directline_server *server = ask->server;
	struct directline_look look;
	struct posts posts;
	uint32_t after;

	if (!read_watermark(ask, &after))
		return;
	directline_look(&look, server, ask->route.conversation, ask->grant.token.user,
		directline_base(server, ask->head), server->arena);
	posts = transcript_page(
		server->setup.dispatcher, look.name, after, page_posts, server->arena);
	buf_clear(&server->out);
	directline_activities(&server->out, posts.post, posts.n, after, &look.view);
	if (server->out.over)
		directline_refuse(ask, 500, "there is too much to be sent at once");
	else
		answer(ask, 200);
}

static void stream_by_http(struct directline_ask *ask)
{
	directline_refuse(ask, 400, "a stream is opened as a WebSocket");
}

/* --- which path leads where --- */

static const struct {
	unsigned who; /* may ask */
	void (*handle)(struct directline_ask *ask);
} handler[] = {
	[ROUTE_GENERATE] = {ASKER_SECRET | ASKER_PAGE, generate},
	[ROUTE_REFRESH] = {ASKER_TOKEN, refresh},
	[ROUTE_START] = {ASKER_SECRET | ASKER_TOKEN, start},
	[ROUTE_RECONNECT] = {ASKER_SECRET | ASKER_TOKEN, reconnect},
	[ROUTE_GET] = {ASKER_SECRET | ASKER_TOKEN, get},
	[ROUTE_POST] = {ASKER_SECRET | ASKER_TOKEN, directline_post},
	[ROUTE_UPLOAD] = {ASKER_SECRET | ASKER_TOKEN, directline_upload},
	[ROUTE_STREAM] = {ASKER_SECRET | ASKER_TOKEN, stream_by_http},
};

static unsigned judge(struct directline_ask *ask)
{
	unsigned status = directline_grant(ask->server, ask->head, &ask->grant);

	if (status)
		return status;
	if (!(handler[ask->route.kind].who & ask->grant.who))
		return 401;
	if (ask->grant.who == ASKER_TOKEN && ask->route.conversation.n &&
		!str_eq(ask->grant.token.conversation, ask->route.conversation))
		return 404; /* another's */
	return 0;
}

static const char *reason_of(unsigned status)
{
	switch (status) {
	case 403:
		return "the token has expired";
	case 404:
		return "this token opens no such conversation";
	default:
		return "a good bearer is needed: the secret, or a token for this call";
	}
}

static void act(struct directline_ask *ask)
{
	unsigned status = judge(ask);

	if (status)
		directline_refuse(ask, status, reason_of(status));
	else
		handler[ask->route.kind].handle(ask);
}

static void answer_preflight(const struct directline_ask *ask)
{
	buf_clear(&ask->server->out);
	answer(ask, 204);
}

void directline_request(struct directline_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct directline_ask ask = {server, exchange, head, body};

	arena_reset(server->arena);
	ask.route = directline_route(head->method, head->path);
	if (!directline_page_is_fine(server, head)) {
		metrics_add(
			server->setup.metrics, "tenstep_refused_total", "connection", "origin", 1);
		directline_fault(server, exchange, S(""), 403, "Forbidden",
			S("this page may not talk to this server"), server->arena);
		return;
	}
	switch (ask.route.kind) {
	case ROUTE_NONE:
		directline_refuse(&ask, 404, "there is nothing here");
		break;
	case ROUTE_WRONG_METHOD:
		directline_refuse(&ask, 405, "another method is needed here");
		break;
	case ROUTE_PREFLIGHT:
		answer_preflight(&ask);
		break;
	case ROUTE_GENERATE:
	case ROUTE_REFRESH:
	case ROUTE_START:
	case ROUTE_RECONNECT:
	case ROUTE_GET:
	case ROUTE_POST:
	case ROUTE_UPLOAD:
	case ROUTE_STREAM:
		act(&ask);
		break;
	}
}

/* A file is not read for a stranger. */
struct http_plan directline_plan(struct directline_server *server, const struct http_head *head)
{
	struct directline_route route = directline_route(head->method, head->path);

	(void)server;
	return (struct http_plan){.max_body_bytes = directline_max_activity_bytes,
		.judge = route.kind == ROUTE_UPLOAD};
}

struct http_plan directline_judge(struct directline_server *server, const struct http_head *head)
{
	static const char *const wanted[] = {"content-disposition", "x-file-name", NULL};
	struct directline_ask ask = {.server = server, .head = head};

	ask.route = directline_route(head->method, head->path);
	arena_reset(server->arena);
	return (struct http_plan){
		.max_body_bytes = directline_max_upload(server, head),
		.refuse = judge(&ask),
		.wanted = wanted,
	};
}
