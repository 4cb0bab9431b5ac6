/* A demo shop in its wire form, for a test: asked with a good signature, answered in JSON. */
#ifndef TENSTEP_TESTS_UNIT_SHOP_WIRE_UNDER_TEST_H
#define TENSTEP_TESTS_UNIT_SHOP_WIRE_UNDER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/order/shop_wire/wire.h"
#include "bot/base/json.h"

enum { MINUTES = 60, HOURS = 3600, DAYS = 86400 };

static const int64_t NOW = 1740823200; /* of the shop */
#define WALL ((int64_t)1767225600)     /* of the gateway */
#define KEY "appk"
#define SECRET "sandbox_secret_123"

struct under_test {
	struct sandbox *sandbox;
	struct wire *wire;
	struct arena *arena;
	struct buf out;
	struct wire_answer answer;
	struct source source;
	struct json_doc *doc; /* of the last answer */
	const struct json *data;
	char token[80], refresh[80];
	/* what the next request is like */
	int64_t wall;
	const char *cipher, *content_type;
};

static inline void parse_answer(struct under_test *t)
{
	json_doc_free(t->doc);
	t->source = (struct source){"answer", t->answer.body};
	t->doc = json_parse(&t->source, 0, &(struct json_limits){16 << 20, 1 << 20, 32}, NULL);
	assert_non_null(t->doc);
	t->data = json_get(json_root(t->doc), "data");
}

/* "page_size=2&sort_order=ASC", nothing encoded. */
static inline size_t split_query(const char *query, struct tts_param *param)
{
	struct str rest = str_of(query);
	size_t n = 0;

	while (rest.n) {
		struct str value = str_cut(&rest, '&');

		param[n].name = str_cut(&value, '=');
		param[n++].value = value;
	}
	return n;
}

static inline void send(struct under_test *t, const struct wire_request *request)
{
	wire_answer(t->wire, request, &t->out, &t->answer);
	parse_answer(t);
}

static inline int ask(struct under_test *t, const char *method, const char *path, const char *query,
	const char *body)
{
	struct tts_param param[24];
	struct wire_request r = {.method = str_of(method),
		.path = str_of(path),
		.param = param,
		.token = str_of(t->token),
		.content_type = str_of(t->content_type),
		.body = str_of(body),
		.now_ms = t->wall * 1000};
	char timestamp[24], sign[65];

	snprintf(timestamp, sizeof timestamp, "%lld", (long long)t->wall);
	r.n_params = split_query(query, param);
	param[r.n_params++] = (struct tts_param){S("app_key"), S(KEY)};
	param[r.n_params++] = (struct tts_param){S("timestamp"), str_of(timestamp)};
	if (t->cipher)
		param[r.n_params++] = (struct tts_param){S("shop_cipher"), str_of(t->cipher)};
	tts_sign(S(SECRET), r.path, param, r.n_params, r.body, sign);
	param[r.n_params++] = (struct tts_param){S("sign"), str_of(sign)};
	send(t, &r);
	return t->answer.code;
}

static inline int post(struct under_test *t, const char *path, const char *query, const char *body)
{
	return ask(t, "POST", path, query, body);
}

static inline void good(struct under_test *t, int code)
{
	if (code || t->answer.status != 200)
		fail_msg("%s: %u %.*s", t->answer.operation, t->answer.status, STR(t->answer.body));
}

/* A text inside the data: "cancellations.0.cancel_id". */
static inline const struct json *at(struct under_test *t, const char *path)
{
	struct str rest = str_of(path);
	const struct json *node = t->data;

	while (rest.n && node) {
		struct str step = str_cut(&rest, '.');
		int64_t index;

		if (str_int(step, &index)) {
			node = json_first(node);
			while (index-- && node)
				node = json_next(node);
		} else {
			node = json_get(node, arena_cstr(t->arena, step));
		}
	}
	return node;
}

static inline const char *text_at(struct under_test *t, const char *path)
{
	return arena_cstr(t->arena, json_text(at(t, path)));
}

static inline int64_t int_at(struct under_test *t, const char *path)
{
	int64_t number = -1;

	return json_int(at(t, path), &number) ? number : -1;
}

static inline const char *print(struct under_test *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static inline const char *print(struct under_test *t, const char *format, ...)
{
	char text[2000];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return arena_cstr(t->arena, str_of(text));
}

static inline const char *order_id(struct under_test *t, int number)
{
	return print(t, "57646141303%07d", number);
}

static inline void exchange_code(struct under_test *t)
{
	struct str code = wire_new_code(t->wire, t->wall * 1000, t->arena);
	struct tts_param param[4] = {{S("app_key"), S(KEY)}, {S("app_secret"), S(SECRET)},
		{S("auth_code"), code}, {S("grant_type"), S("authorized_code")}};
	struct wire_request r = {.method = S("GET"),
		.path = S("/api/v2/token/get"),
		.param = param,
		.n_params = 4,
		.now_ms = t->wall * 1000};

	send(t, &r);
	good(t, t->answer.code);
	snprintf(t->token, sizeof t->token, "%s", text_at(t, "access_token"));
	snprintf(t->refresh, sizeof t->refresh, "%s", text_at(t, "refresh_token"));
}

static inline struct under_test open_wire(const char *fixture)
{
	struct under_test t = {
		.wall = WALL, .cipher = wire_shop_cipher().p, .content_type = "application/json"};
	struct wire_setup setup = {.app_key = S(KEY),
		.app_secret = S(SECRET),
		.chance = S("not by chance at all"),
		.image_url = S("http://127.0.0.1:1/images")};
	struct buf error;

	buf_init(&error, 1000);
	buf_init(&t.out, 16 << 20);
	t.arena = arena_new(16 << 20);
	setup.sandbox = t.sandbox = sandbox_open(str_of(fixture), NOW, &error);
	assert_non_null(t.sandbox);
	t.wire = wire_new(&setup, &error);
	if (!t.wire)
		fail_msg("%.*s", STR(buf_str(&error)));
	buf_release(&error);
	exchange_code(&t);
	return t;
}

static inline void close_wire(struct under_test *t)
{
	json_doc_free(t->doc);
	wire_free(t->wire);
	sandbox_api(t->sandbox)->free(sandbox_api(t->sandbox));
	buf_release(&t->out);
	arena_free(t->arena);
}

/* By hand, as whoever drives a demo does. */
static inline bool step(struct under_test *t, const char *number, enum shop_step what)
{
	bool did;

	assert_true(wire_begin(t->wire, "hand"));
	did = shop_step(t->sandbox, str_of(number), what);
	assert_true(wire_end(t->wire));
	return did;
}

static inline void later(struct under_test *t, int64_t seconds)
{
	assert_true(wire_advance(t->wire, sandbox_now(t->sandbox) + seconds));
}

#endif
