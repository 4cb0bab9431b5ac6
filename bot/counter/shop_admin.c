/* What people do by hand in the demo shop: below /shop/, for whoever has the admin's token. */
#include "bot/counter/shop_server.h"

#include <string.h>

#include "bot/base/date.h"
#include "bot/base/digest.h"
#include "bot/base/json_out.h"
#include "bot/base/percent.h"
#include "bot/web/assets.h"

enum { max_admin_body = 64 << 10 };

bool shop_admin_owns(const struct http_head *head)
{
	return str_is(head->path, "/") || str_starts(head->path, S("/shop/")) ||
	       str_starts(head->path, S("/images/")) || str_is(head->path, "/open/authorize") || str_is(head->path, "/favicon.ico");
}

struct http_plan shop_admin_plan(struct shop_server *server, const struct http_head *head)
{
	(void)server, (void)head;
	return (struct http_plan){.max_body_bytes = max_admin_body};
}

/* --- answers --- */

static void answer(struct shop_server *server, struct exchange *exchange, unsigned status)
{
	static const struct str headers[] = {S("Cache-Control: no-store")};
	struct http_answer a = {
		.status = status,
		.type = S("application/json"),
		.body = buf_str(&server->out),
		.headers = headers,
		.n_headers = 1,
	};

	exchange_answer(exchange, &a);
}

static void refuse(
	struct shop_server *server, struct exchange *exchange, unsigned status, const char *why)
{
	buf_clear(&server->out);
	json_out_start(&server->out, '{');
	json_out_member(&server->out, "error", str_of(why));
	json_out_close(&server->out, '}');
	answer(server, exchange, status);
}

/* --- the calls --- */

struct admin_call {
	struct shop_server *server;
	struct exchange *exchange;
	const struct http_head *head;
	const struct json *body;
	struct arena *arena;
	struct buf *out; /* an object has been opened */
	const char *why; /* NULL: it was done */
	unsigned status;
};

static void wrong(struct admin_call *call, unsigned status, const char *why)
{
	call->status = status;
	call->why = why;
}

static struct str text_of(const struct admin_call *call, const char *name)
{
	return json_text(json_get(call->body, name));
}

static void do_step(struct admin_call *call)
{
	struct shop_server *server = call->server;
	struct str name = text_of(call, "step"), number;
	int step = 0;
	bool did;

	while (step < N_SHOP_STEP && !str_is(name, shop_step_name[step]))
		step++;
	if (step == N_SHOP_STEP) {
		wrong(call, 400, "there is no such step");
		return;
	}
	if (!wire_begin(server->wire, "hand")) {
		wrong(call, 500, "the shop's storage failed");
		return;
	}
	number = wire_order_number(server->wire, text_of(call, "order"), call->arena);
	did = number.n && shop_step(server->sandbox, number, (enum shop_step)step);
	if (!wire_end(server->wire))
		wrong(call, 500, "the shop's storage failed");
	else if (!number.n)
		wrong(call, 404, "there is no such order");
	else if (!did)
		wrong(call, 409, "the order is in no state for that");
}

static void do_order(struct admin_call *call)
{
	struct shop_server *server = call->server;
	struct str number = {0};
	bool made;

	if (!wire_begin(server->wire, "hand")) {
		wrong(call, 500, "the shop's storage failed");
		return;
	}
	made = shop_order(server->sandbox, text_of(call, "buyer"), text_of(call, "goods"),
		call->arena, &number);
	if (!wire_end(server->wire))
		wrong(call, 500, "the shop's storage failed");
	else if (!made)
		wrong(call, 404, "there is no such buyer, or the shop does not sell that");
	json_out_member(call->out, "number", number);
	json_out_member(call->out, "order_id", wire_order_id(call->arena, number));
}

/* A text is wrapped as the platform wraps it. */
static struct str content_of(const struct admin_call *call)
{
	struct str text = text_of(call, "text"), content = text_of(call, "content");
	struct buf out;

	if (content.n)
		return content;
	buf_init(&out, max_admin_body);
	json_out_start(&out, '{');
	json_out_member(&out, "content", text);
	json_out_close(&out, '}');
	content = arena_str(call->arena, buf_str(&out));
	buf_release(&out);
	return content;
}

static void do_say(struct admin_call *call)
{
	struct shop_server *server = call->server;
	struct str type = text_of(call, "type"), content = content_of(call);
	struct str role = text_of(call, "role");
	int64_t talk, id = 0;

	if (!wire_begin(server->wire, "hand")) {
		wrong(call, 500, "the shop's storage failed");
		return;
	}
	talk = talk_with(server->sandbox, text_of(call, "buyer"));
	if (talk)
		id = talk_say(server->sandbox, talk,
			role.n ? arena_cstr(call->arena, role) : "BUYER", type.n ? type : S("TEXT"),
			content);
	if (!wire_end(server->wire))
		wrong(call, 500, "the shop's storage failed");
	else if (!talk)
		wrong(call, 404, "there is no such buyer");
	json_out_member_int(call->out, "message", id);
}

static void do_clock(struct admin_call *call)
{
	struct shop_server *server = call->server;
	int64_t to = 0, ms = 0;

	if (text_of(call, "advance").n) {
		if (!date_duration_ms(text_of(call, "advance"), &ms)) {
			wrong(call, 400, "\"advance\" is a duration like \"2h\" or \"3d\"");
			return;
		}
		to = shop_server_now(server) + ms / 1000;
	} else if (!json_int(json_get(call->body, "now"), &to)) {
		wrong(call, 400, "\"advance\" or \"now\" is needed");
		return;
	}
	if (!shop_server_set_clock(server, to))
		wrong(call, 409, "the shop's clock only goes forward");
	json_out_member_int(call->out, "now", shop_server_now(server));
}

static bool read_rule(struct admin_call *call, struct mischief_rule *rule)
{
	struct str operation = text_of(call, "operation"), act = text_of(call, "act");
	int64_t count = 1, ms = 0, permille = 0;
	const struct json *n = json_get(call->body, "count"), *m = json_get(call->body, "ms"),
			  *p = json_get(call->body, "permille");

	*rule = (struct mischief_rule){0};
	for (int i = 1; i < N_MISCHIEF; i++)
		if (str_is(act, mischief_name[i]))
			rule->act = (enum mischief_act)i;
	if (!operation.n || operation.n >= sizeof rule->operation || (n && !json_int(n, &count)) ||
		(m && !json_int(m, &ms)) || (p && !json_int(p, &permille)) || count < 0 ||
		permille < 0 || permille > 1000)
		return false;
	memcpy(rule->operation, operation.p, operation.n);
	rule->count = (unsigned)count;
	rule->permille = (unsigned)permille;
	rule->ms = ms;
	return true;
}

static void do_misbehave(struct admin_call *call)
{
	struct mischief_rule rule;

	if (json_bool(json_get(call->body, "clear"))) {
		mischiefs_clear(call->server->mischiefs);
		return;
	}
	if (!read_rule(call, &rule) || !mischiefs_add(call->server->mischiefs, &rule))
		wrong(call, 400, "\"operation\", \"act\", \"count\", \"ms\", \"permille\"");
}

static void do_webhook(struct admin_call *call)
{
	const struct json *off = json_get(call->body, "off");

	if (off)
		shop_hooks_switch(call->server->hooks, !json_bool(off));
	if (json_get(call->body, "address"))
		wire_set_webhook(call->server->wire, text_of(call, "address"));
}

static void do_code(struct admin_call *call)
{
	json_out_member(call->out, "auth_code",
		wire_new_code(call->server->wire, loop_now_ms(call->server->loop), call->arena));
}

static void do_expire(struct admin_call *call)
{
	wire_expire_tokens(call->server->wire, loop_now_ms(call->server->loop),
		json_bool(json_get(call->body, "refresh_too")));
}

static void do_scopes(struct admin_call *call)
{
	wire_set_scopes(call->server->wire, text_of(call, "scopes"));
}

static void do_silence(struct admin_call *call)
{
	const struct json *on = json_get(call->body, "on");

	if (!wire_set_silent(call->server->wire, text_of(call, "buyer"), !on || json_bool(on)))
		wrong(call, 404, "there is no such buyer");
}

static void write_rules(struct admin_call *call)
{
	const struct mischief_rule *rule;
	size_t n = mischiefs_list(call->server->mischiefs, &rule);

	json_out_key(call->out, "rules");
	json_out_open(call->out, '[');
	for (size_t i = 0; i < n; i++) {
		json_out_open(call->out, '{');
		json_out_member(call->out, "operation", str_of(rule[i].operation));
		json_out_member(call->out, "act", str_of(mischief_name[rule[i].act]));
		json_out_member_int(call->out, "count", rule[i].count);
		json_out_close(call->out, '}');
	}
	json_out_close(call->out, ']');
	json_out_key(call->out, "operations");
	json_out_open(call->out, '[');
	for (size_t i = 0; wire_operation_name(i); i++)
		json_out_text(call->out, str_of(wire_operation_name(i)));
	json_out_close(call->out, ']');
}

static void do_state(struct admin_call *call)
{
	call->out->n = 0;
	wire_overview(call->server->wire, call->out);
	call->out->n--; /* the bracket: more follows */
	write_rules(call);
}

static void do_talk(struct admin_call *call)
{
	call->out->n = 0;
	wire_talk(call->server->wire, text_of(call, "buyer"), call->out);
	call->out->n--;
}

static const struct {
	const char *path;
	void (*run)(struct admin_call *call);
} route[] = {
	{"/shop/admin/state", do_state},
	{"/shop/admin/talk", do_talk},
	{"/shop/admin/step", do_step},
	{"/shop/admin/order", do_order},
	{"/shop/admin/say", do_say},
	{"/shop/admin/silence", do_silence},
	{"/shop/admin/clock", do_clock},
	{"/shop/admin/misbehave", do_misbehave},
	{"/shop/admin/webhook", do_webhook},
	{"/shop/admin/code", do_code},
	{"/shop/admin/expire", do_expire},
	{"/shop/admin/scopes", do_scopes},
};

/* --- who may --- */

static bool may(const struct shop_server *server, const struct http_head *head)
{
	struct str given = head->authorization, scheme = str_cut(&given, ' ');

	return str_eq_nocase(scheme, S("bearer")) &&
	       digest_same(str_trim(given), server->admin_token.bytes);
}

static void run(struct admin_call *call, void (*what)(struct admin_call *call))
{
	struct shop_server *server = call->server;

	buf_clear(&server->out);
	json_out_start(&server->out, '{');
	what(call);
	json_out_close(&server->out, '}');
	if (call->why)
		refuse(server, call->exchange, call->status, call->why);
	else
		answer(server, call->exchange, 200);
	shop_hooks_pump(server->hooks);
}

/* --- what needs no token --- */

static bool answer_page(struct exchange *exchange, const struct http_head *head)
{
	bool root = str_is(head->path, "/");
	struct str headers[] = {str_of(asset_page_policy), S("Cache-Control: no-cache")};
	struct http_answer a = {.status = 200, .headers = headers, .n_headers = 2};
	struct asset asset;

	if (!str_is(head->method, "GET") || !asset_find(root ? S("/shop/") : head->path, &asset) ||
		!asset.shop)
		return false;
	a.type = asset.type;
	a.body = asset.bytes;
	a.body_is_static = true;
	exchange_answer(exchange, &a);
	return true;
}

static bool is_picture_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') ||
			    (name.p[i] >= '0' && name.p[i] <= '9') || name.p[i] == '.'))
			return false;
	return name.n > 34 && name.n <= 40;
}

static bool answer_picture(
	struct shop_server *server, struct exchange *exchange, const struct http_head *head)
{
	static const struct str headers[] = {
		S("Content-Security-Policy: default-src 'none'; sandbox")};
	struct str name = str_sub(head->path, S("/images/").n, head->path.n), type = name;
	struct http_answer a = {.status = 200, .headers = headers, .n_headers = 1};

	if (!str_starts(head->path, S("/images/")) || !is_picture_name(name) ||
		!shop_picture(server, name, &server->out))
		return false;
	(void)str_cut(&type, '.');
	a.type = str_is(type, "jpg") ? S("image/jpeg")
				     : arena_printf(server->scratch, "image/%.*s", STR(type));
	a.body = buf_str(&server->out);
	exchange_answer(exchange, &a);
	return true;
}

/* The seller agrees at once: the browser is sent on with a code. */
static bool answer_authorize(
	struct shop_server *server, struct exchange *exchange, const struct http_head *head)
{
	struct str line, code, headers[1];
	struct http_answer a = {.status = 200, .type = S("text/plain; charset=utf-8")};
	struct buf state;

	if (!str_is(head->path, "/open/authorize"))
		return false;
	code = wire_new_code(server->wire, loop_now_ms(server->loop), server->scratch);
	buf_init(&state, 200);
	if (!http_field(head->query, "state", &state))
		buf_clear(&state);
	if (server->redirect_to) {
		struct buf encoded;

		buf_init(&encoded, 700);
		percent_encode(buf_str(&state), &encoded);
		line = arena_printf(server->scratch, "Location: %s%ccode=%.*s&state=%.*s",
			server->redirect_to, strchr(server->redirect_to, '?') ? '&' : '?',
			STR(code), STR(buf_str(&encoded)));
		buf_release(&encoded);
		headers[0] = line;
		a = (struct http_answer){.status = 302, .headers = headers, .n_headers = 1};
	} else {
		a.body = arena_printf(server->scratch, "%.*s\n", STR(code));
	}
	buf_release(&state);
	exchange_answer(exchange, &a);
	return true;
}

void shop_admin_request(struct shop_server *server, struct exchange *exchange,
	const struct http_head *head, struct str body)
{
	struct source source = {"body", body.n ? body : S("{}")};
	struct admin_call call = {.server = server,
		.exchange = exchange,
		.head = head,
		.arena = server->scratch,
		.out = &server->out};
	struct json_doc *doc;

	arena_reset(server->scratch);
	if (answer_page(exchange, head) || answer_picture(server, exchange, head) ||
		answer_authorize(server, exchange, head))
		return;
	if (!may(server, head)) {
		refuse(server, exchange, 401, "the admin's token is needed");
		return;
	}
	doc = json_parse(&source, 0, NULL, NULL);
	call.body = doc ? json_root(doc) : NULL;
	(void)shop_server_now(server);
	for (size_t i = 0; i < sizeof route / sizeof *route; i++)
		if (str_is(head->path, route[i].path) && str_is(head->method, "POST")) {
			if (doc)
				run(&call, route[i].run);
			else
				refuse(server, exchange, 400, "the body is no JSON");
			json_doc_free(doc);
			return;
		}
	json_doc_free(doc);
	refuse(server, exchange, 404, "there is nothing here");
}
