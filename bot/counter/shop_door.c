/* The door of `tenstep shop`: requests to the platform's interface, in; answers, or what a shop
 * that misbehaves gives in their place, out. */
#include <stdlib.h>
#include <utlist.h>

#include "bot/base/date.h"
#include "bot/base/percent.h"
#include "bot/counter/shop_server.h"

enum { max_scratch_bytes = 32 << 20, max_params = 64, max_param_bytes = 4096 };

/* --- requests as the wire form takes them --- */

static struct str decoded(struct str text, struct arena *arena, bool *good)
{
	struct buf out;
	struct str copy;

	buf_init(&out, max_param_bytes);
	*good = percent_decode_form(text, &out) && !out.over && *good;
	copy = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return copy;
}

/* False: a broken percent sign, or too much of it. */
static bool read_query(struct str query, struct arena *arena, struct tts_param *param, size_t *n)
{
	bool good = true;

	*n = 0;
	while (query.n && good) {
		struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');

		if (*n == max_params)
			return false;
		param[*n].name = decoded(name, arena, &good);
		param[(*n)++].value = decoded(value, arena, &good);
	}
	return good;
}

/* --- answers that wait --- */

enum held_what { HELD_REQUEST, HELD_ANSWER, HELD_CLOSE };

struct held {
	struct shop_server *server;
	struct exchange *exchange;
	struct loop_timer timer;
	enum held_what what;
	unsigned status;
	struct str text; /* of the answer */
	struct held *prev, *next;
	/* a request that is done later */
	struct arena *arena;
	struct wire_request request;
	struct str query;
};

/* "Date: Tue, 01 Dec 2026 12:00:00 GMT": who signs by a wrong clock hears by how much. */
static struct str date_header(const struct shop_server *server)
{
	struct date date = date_of(loop_now_ms(server->loop) / 1000);

	return arena_printf(server->scratch, "Date: %.3s, %02u %.3s %04lld %02u:%02u:%02u GMT",
		date_weekday_name[date.weekday], date.day, date_month_name[date.month],
		(long long)date.year, date.hour, date.minute, date.second);
}

static void answer_text(struct shop_server *server, struct exchange *exchange, unsigned status,
	struct str text, size_t cut)
{
	const struct str headers[] = {S("Cache-Control: no-store"), date_header(server)};
	struct http_answer a = {
		.status = status,
		.type = S("application/json; charset=utf-8"),
		.body = text,
		.headers = headers,
		.n_headers = 2,
		.leave_out = cut,
	};

	exchange_answer(exchange, &a);
}

static void handle(struct shop_server *server, struct exchange *exchange,
	const struct wire_request *request, struct str query, struct mischief mischief);

static void release_held(struct held *h)
{
	DL_DELETE(h->server->held, h);
	arena_free(h->arena);
	free(h);
}

static void held_no_more(void *self)
{
	struct held *h = self;
	struct wire_request request = h->request;

	switch (h->what) {
	case HELD_REQUEST:
		request.now_ms = loop_now_ms(h->server->loop);
		handle(h->server, h->exchange, &request, h->query,
			(struct mischief){MISCHIEF_NONE, 0});
		break;
	case HELD_ANSWER:
		answer_text(h->server, h->exchange, h->status, h->text, 0);
		break;
	case HELD_CLOSE:
		exchange_drop(h->exchange);
		break;
	}
	release_held(h);
}

static struct held *hold(
	struct shop_server *server, struct exchange *exchange, enum held_what what, int64_t ms)
{
	struct held *h = calloc(1, sizeof *h);

	if (!h)
		abort();
	h->server = server;
	h->exchange = exchange;
	h->what = what;
	h->arena = arena_new(max_scratch_bytes);
	DL_APPEND(server->held, h);
	loop_timer_start(server->loop, &h->timer, ms, held_no_more, h);
	return h;
}

static void hold_request(struct shop_server *server, struct exchange *exchange,
	const struct wire_request *request, struct str query, int64_t ms)
{
	struct held *h = hold(server, exchange, HELD_REQUEST, ms);
	struct tts_param *param = arena_array(h->arena, struct tts_param, request->n_params + 1);

	for (size_t i = 0; i < request->n_params; i++)
		param[i] = (struct tts_param){arena_str(h->arena, request->param[i].name),
			arena_str(h->arena, request->param[i].value)};
	h->query = arena_str(h->arena, query);
	h->request = (struct wire_request){
		.method = arena_str(h->arena, request->method),
		.path = arena_str(h->arena, request->path),
		.param = param,
		.n_params = request->n_params,
		.token = arena_str(h->arena, request->token),
		.content_type = arena_str(h->arena, request->content_type),
		.body = arena_str(h->arena, request->body),
	};
}

/* --- one request --- */

static void enter(struct shop_server *server, const struct wire_request *request, struct str query,
	const struct wire_answer *answer, const char *operation, enum mischief_act act)
{
	struct ledger_request line = {
		.wall_ms = request->now_ms,
		.shop_now = sandbox_now(server->sandbox),
		.request = request,
		.query = query,
		.answer = answer,
		.operation = operation,
		.mischief = act == MISCHIEF_NONE ? "" : mischief_name[act],
	};

	shop_ledger_request(server->ledger, &line);
	LOG(server->log, LOG_INFO, request->now_ms, "request",
		log_word("operation", str_of(*operation ? operation : "none")),
		log_int("status", answer ? answer->status : 0),
		log_int("code", answer ? answer->code : 0),
		log_word("mischief", str_of(line.mischief)));
}

/* What is not handed to the shop at all. */
static bool refused(struct shop_server *server, struct exchange *exchange,
	const struct wire_request *request, struct str query, enum mischief_act act)
{
	static const struct {
		enum mischief_act act;
		unsigned status;
		int code;
		const char *message;
	} fault[] = {
		{MISCHIEF_ERROR_500, 500, 36009003, "Internal error. Please try again later."},
		{MISCHIEF_ERROR_503, 503, 36009003, "Service unavailable. Please try again later."},
		{MISCHIEF_TOO_MANY, 429, 36009002, "Too many requests. Please try again later."},
	};

	for (size_t i = 0; i < sizeof fault / sizeof *fault; i++) {
		if (fault[i].act != act)
			continue;
		enter(server, request, query, NULL, wire_operation(request), act);
		wire_error(server->wire, request->now_ms, fault[i].code, fault[i].message,
			&server->out);
		answer_text(server, exchange, fault[i].status, buf_str(&server->out), 0);
		return true;
	}
	if (act != MISCHIEF_SWALLOW)
		return false;
	enter(server, request, query, NULL, wire_operation(request), act);
	exchange_drop(exchange);
	return true;
}

/* The shop has done what it was asked for; the client hears of it, or something else. */
static void answer_as(struct shop_server *server, struct exchange *exchange,
	const struct wire_request *request, const struct wire_answer *answer,
	struct mischief mischief)
{
	struct str text = answer->body;
	struct held *h;

	switch (mischief.act) {
	case MISCHIEF_DONE_CLOSE:
		exchange_drop(exchange);
		return;
	case MISCHIEF_DONE_TIMEOUT:
		(void)hold(server, exchange, HELD_CLOSE, mischief.ms);
		return;
	case MISCHIEF_LATE:
		h = hold(server, exchange, HELD_ANSWER, mischief.ms);
		h->status = answer->status;
		h->text = arena_str(h->arena, text);
		return;
	case MISCHIEF_DONE_500:
		wire_error(server->wire, request->now_ms, 36009003,
			"Internal error. Please try again later.", &server->out);
		answer_text(server, exchange, 500, buf_str(&server->out), 0);
		return;
	case MISCHIEF_WRONG_ID:
		mischief_change_ids(server->out.p, server->out.n);
		break;
	case MISCHIEF_NO_JSON:
		text = S("<html><body><h1>502 Bad Gateway</h1></body></html>");
		break;
	case MISCHIEF_TRUNCATED:
		answer_text(server, exchange, answer->status, text, text.n / 2 + 1);
		return;
	default:
		break;
	}
	answer_text(server, exchange, answer->status, text, 0);
}

static void handle(struct shop_server *server, struct exchange *exchange,
	const struct wire_request *request, struct str query, struct mischief mischief)
{
	struct wire_answer answer;

	(void)shop_server_now(server);
	wire_answer(server->wire, request, &server->out, &answer);
	enter(server, request, query, &answer, answer.operation, mischief.act);
	answer_as(server, exchange, request, &answer, mischief);
	if (answer.changed)
		shop_hooks_pump(server->hooks);
}

void shop_door_request(struct shop_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct tts_param param[max_params];
	struct wire_request request = {
		.method = head->method,
		.path = head->path,
		.param = param,
		.token = http_header(head, "x-tts-access-token"),
		.content_type = head->content_type,
		.body = body,
		.now_ms = loop_now_ms(server->loop),
	};
	struct mischief mischief;
	const char *operation;

	arena_reset(server->scratch);
	if (!read_query(head->query, server->scratch, param, &request.n_params)) {
		wire_error(server->wire, request.now_ms, 36009004,
			"Invalid parameter. The query cannot be read.", &server->out);
		answer_text(server, exchange, 400, buf_str(&server->out), 0);
		return;
	}
	request.token = arena_str(server->scratch, request.token);
	operation = wire_operation(&request);
	mischief =
		mischiefs_take(server->mischiefs, str_of(operation), !str_is(head->method, "GET"));
	if (refused(server, exchange, &request, head->query, mischief.act))
		return;
	if (mischief.act == MISCHIEF_SLOW)
		hold_request(server, exchange, &request, head->query, mischief.ms);
	else
		handle(server, exchange, &request, head->query, mischief);
}

/* --- the end --- */

void shop_door_close(struct shop_server *server)
{
	struct held *h, *next;

	DL_FOREACH_SAFE(server->held, h, next)
	{
		loop_timer_stop(server->loop, &h->timer);
		exchange_drop(h->exchange);
		release_held(h);
	}
}
