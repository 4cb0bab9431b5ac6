/* The demo shop's server: requests in, clock, webhooks out. */
#include "bot/app/shop_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "bot/base/percent.h"
#include "bot/app/version.h"

enum {
	max_answer_bytes = 16 << 20,
	max_scratch_bytes = 32 << 20,
	max_error_bytes = 600,
	max_body_bytes = 1 << 20,
	max_upload_bytes = 11 << 20,
	max_params = 64,
	max_param_bytes = 4096,
	tick_ms = 250,
};

static bool complain(const struct buf *error)
{
	fprintf(stderr, "tenstep: %.*s\n", STR(buf_str(error)));
	return false;
}

static const char *path_in(struct shop_server *server, const char *name)
{
	return arena_printf(server->arena, "%s/%s", server->folder, name).p;
}

/* --- the clock --- */

int64_t shop_server_now(struct shop_server *server)
{
	int64_t now = loop_now_ms(server->loop) / 1000 + server->ahead;

	if (!wire_advance(server->wire, now))
		LOG(server->log, LOG_ERROR, loop_now_ms(server->loop), "the shop's clock stands",
			log_word("error", str_of(sandbox_error(server->sandbox))));
	return sandbox_now(server->sandbox);
}

bool shop_server_set_clock(struct shop_server *server, int64_t to)
{
	if (to < shop_server_now(server))
		return false;
	server->ahead = to - loop_now_ms(server->loop) / 1000;
	(void)shop_server_now(server);
	shop_hooks_pump(server->hooks);
	return true;
}

static void tick(void *self)
{
	struct shop_server *server = self;

	(void)shop_server_now(server);
	shop_hooks_pump(server->hooks);
	loop_timer_start(server->loop, &server->tick, tick_ms, tick, server);
}

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

static bool is_wire(const struct http_head *head)
{
	return !shop_admin_owns(head);
}

static struct http_plan plan(void *self, const struct http_head *head)
{
	if (!is_wire(head))
		return shop_admin_plan(self, head);
	return (struct http_plan){.max_body_bytes = str_ends(head->path, S("/images/upload"))
							    ? max_upload_bytes
							    : max_body_bytes};
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

static void answer_text(struct exchange *exchange, unsigned status, struct str text, size_t cut)
{
	static const struct str headers[] = {S("Cache-Control: no-store")};
	struct http_answer a = {
		.status = status,
		.type = S("application/json; charset=utf-8"),
		.body = text,
		.headers = headers,
		.n_headers = 1,
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
		answer_text(h->exchange, h->status, h->text, 0);
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
		answer_text(exchange, fault[i].status, buf_str(&server->out), 0);
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
		answer_text(exchange, 500, buf_str(&server->out), 0);
		return;
	case MISCHIEF_WRONG_ID:
		mischief_change_ids(server->out.p, server->out.n);
		break;
	case MISCHIEF_NO_JSON:
		text = S("<html><body><h1>502 Bad Gateway</h1></body></html>");
		break;
	case MISCHIEF_TRUNCATED:
		answer_text(exchange, answer->status, text, text.n / 2 + 1);
		return;
	default:
		break;
	}
	answer_text(exchange, answer->status, text, 0);
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

static void wire_request(struct shop_server *server, struct exchange *exchange,
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
		answer_text(exchange, 400, buf_str(&server->out), 0);
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

static void request(
	void *self, struct exchange *exchange, const struct http_head *head, struct str body)
{
	struct shop_server *server = self;

	if (is_wire(head))
		wire_request(server, exchange, head, body);
	else
		shop_admin_request(server, exchange, head, body);
}

static bool no_sockets(
	void *self, struct socket *socket, const struct http_head *head, unsigned *status)
{
	(void)self, (void)socket, (void)head;
	*status = 404;
	return false;
}

/* --- opening --- */

static bool make_folder(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return true;
	fprintf(stderr, "tenstep: cannot make the folder '%s': %s\n", path, strerror(errno));
	return false;
}

/* DATA/shop, beside what a chat or a server keeps in DATA. */
static bool open_folder(struct shop_server *server)
{
	char *data = options_data_folder(&server->options);

	if (!data)
		return false;
	server->folder = strdup(arena_printf(server->arena, "%s/shop", data).p);
	free(data);
	if (!server->folder)
		abort();
	return make_folder(server->folder) && make_folder(path_in(server, "images"));
}

static bool open_sandbox(struct shop_server *server, struct buf *error)
{
	int64_t wall = loop_now_ms(server->loop) / 1000;
	int64_t start = server->start ? server->start : wall;

	server->sandbox = sandbox_create_as(path_in(server, "shop.db"),
		str_of(server->fixture ? server->fixture : "demo"), start, error);
	if (!server->sandbox)
		return complain(error);
	server->ahead = sandbox_now(server->sandbox) - wall;
	return true;
}

/* Under DATA/shop/images; one that is there already is the same. */
static void keep_image(void *self, struct str name, struct str bytes)
{
	struct shop_server *server = self;
	const char *path =
		arena_printf(server->scratch, "%s/images/%.*s", server->folder, STR(name)).p;
	FILE *file = fopen(path, "we");

	if (!file || fwrite(bytes.p, 1, bytes.n, file) != bytes.n)
		LOG(server->log, LOG_ERROR, loop_now_ms(server->loop), "a picture was not kept",
			log_word("error", str_of(strerror(errno))));
	if (file)
		fclose(file);
}

bool shop_picture(struct shop_server *server, struct str name, struct buf *out)
{
	const char *path =
		arena_printf(server->scratch, "%s/images/%.*s", server->folder, STR(name)).p;
	FILE *file = fopen(path, "re");
	char piece[16384];
	size_t n;

	buf_clear(out);
	if (!file)
		return false;
	while ((n = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(out, (struct str){piece, n});
	fclose(file);
	return true;
}

static bool open_wire(struct shop_server *server, struct buf *error)
{
	struct secret chance;
	struct wire_setup setup = {
		.sandbox = server->sandbox,
		.app_key = str_of(server->app_key),
		.per_s = server->per_s,
		.keep_image = keep_image,
		.self = server,
	};

	if (!secret_keep(
		    path_in(server, "app.secret"), server->arena, &server->app_secret, error) ||
		!secret_keep(path_in(server, "admin.token"), server->arena, &server->admin_token,
			error) ||
		!secret_keep(path_in(server, "chance.secret"), server->arena, &chance, error))
		return complain(error);
	setup.app_secret = server->app_secret.bytes;
	setup.chance = chance.bytes;
	setup.image_url = arena_printf(server->arena, "%.*s/images", STR(server->address));
	server->wire = wire_new(&setup, error);
	return server->wire || complain(error);
}

static bool open_ledger(struct shop_server *server, struct buf *error)
{
	server->ledger = shop_ledger_open(path_in(server, "ledger.jsonl"), error);
	if (!server->ledger)
		return complain(error);
	wire_effects(server->wire, shop_ledger_effect, server->ledger);
	return true;
}

static void open_hooks(struct shop_server *server)
{
	struct http_client_setup client = {
		.loop = server->loop,
		.user_agent = "tenstep-shop/" TENSTEP_VERSION,
		.allow_loopback = true,
	};
	struct shop_hooks_setup hooks = {
		.loop = server->loop,
		.wire = server->wire,
		.ledger = server->ledger,
		.log = server->log,
	};

	server->client = hooks.client = http_client_new(&client);
	server->hooks = shop_hooks_new(&hooks);
	if (server->webhooks_to)
		wire_set_webhook(server->wire, str_of(server->webhooks_to));
}

static bool open_listener(struct shop_server *server, struct buf *error)
{
	struct listener_setup setup = {
		.loop = server->loop,
		.address = "127.0.0.1",
		.port = server->port,
		.self = server,
		.plan = plan,
		.request = request,
		.open = no_sockets,
	};

	server->listener = listener_open(&setup, error);
	if (!server->listener)
		return complain(error);
	server->address =
		arena_printf(server->arena, "http://127.0.0.1:%d", listener_port(server->listener));
	return true;
}

/* The listener first: its port is in the addresses of pictures. */
static bool open_all(struct shop_server *server, struct buf *error)
{
	if (!open_folder(server))
		return false;
	server->log = server->quiet ? NULL : log_new(stderr, LOG_INFO);
	server->loop = loop_new();
	server->mischiefs = mischiefs_new(server->seed);
	for (size_t i = 0; i < server->n_mischiefs; i++)
		if (!mischiefs_add(server->mischiefs, &server->mischief[i])) {
			buf_addf(error, "the misbehaviour of '%s' cannot be",
				server->mischief[i].operation);
			return complain(error);
		}
	if (!open_sandbox(server, error) || !open_listener(server, error) ||
		!open_wire(server, error) || !open_ledger(server, error))
		return false;
	open_hooks(server);
	return true;
}

bool shop_server_open(struct shop_server *server)
{
	struct buf error;
	bool good;

	signal(SIGPIPE, SIG_IGN);
	umask(0077);
	server->arena = arena_new(1 << 20);
	server->scratch = arena_new(max_scratch_bytes);
	buf_init(&server->out, max_answer_bytes);
	buf_init(&error, max_error_bytes);
	if (!server->app_key)
		server->app_key = "68xu9ks5p4i8j";
	good = open_all(server, &error);
	buf_release(&error);
	return good;
}

/* --- running and closing --- */

static void stop(void *self)
{
	loop_stop(((struct shop_server *)self)->loop);
}

void shop_server_run(struct shop_server *server)
{
	loop_signal(server->loop, SIGTERM, stop, server);
	loop_signal(server->loop, SIGINT, stop, server);
	loop_timer_start(server->loop, &server->tick, 1, tick, server);
	loop_run(server->loop);
}

static void drop_held(struct shop_server *server)
{
	struct held *h, *next;

	DL_FOREACH_SAFE(server->held, h, next)
	{
		loop_timer_stop(server->loop, &h->timer);
		exchange_drop(h->exchange);
		release_held(h);
	}
}

void shop_server_close(struct shop_server *server)
{
	drop_held(server);
	listener_close(server->listener);
	if (server->hooks)
		shop_hooks_switch(server->hooks, false);
	if (server->client)
		http_client_free(server->client);
	shop_hooks_free(server->hooks);
	wire_free(server->wire);
	if (server->sandbox)
		sandbox_api(server->sandbox)->free(sandbox_api(server->sandbox));
	shop_ledger_close(server->ledger);
	mischiefs_free(server->mischiefs);
	loop_free(server->loop);
	log_free(server->log);
	buf_release(&server->out);
	arena_free(server->scratch);
	arena_free(server->arena);
	free(server->folder);
}
