/* Requests to the demo shop's wire form.  The input is a few requests, separated by a line "--": a
 * line "METHOD PATH?QUERY", and the body behind it.  Each is signed well, so that it reaches the
 * shop.  Whatever comes, every answer is strict JSON in the envelope, a refusal has changed
 * nothing, and no order gives back more than was paid. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/order/sandbox/shop.h"
#include "adapters/order/shop_wire/wire.h"
#include "bot/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PARAMS = 24, MAX_REQUESTS = 8 };

static const int64_t NOW = 1740823200;
static const struct str key = {"appk", 4}, secret = {"sandbox_secret_123", 18};

static struct sandbox *made;

struct fuzzed {
	struct sandbox *sandbox;
	struct wire *wire;
	struct arena *arena;
	struct buf out;
	struct str token;
};

static struct json_doc *answered(struct fuzzed *f, const struct wire_request *request)
{
	static const struct json_limits limits = {16 << 20, 1 << 20, 32};
	struct source *source = arena_new_of(f->arena, struct source);
	struct wire_answer answer;
	struct json_doc *doc;
	int64_t code;

	wire_answer(f->wire, request, &f->out, &answer);
	*source = (struct source){"answer", answer.body};
	doc = json_parse(source, 0, &limits, NULL);
	assert(doc && json_int(json_get(json_root(doc), "code"), &code) && code == answer.code);
	assert(json_text(json_get(json_root(doc), "request_id")).n == 34);
	assert(json_text(json_get(json_root(doc), "message")).n);
	assert(!answer.code == (json_get(json_root(doc), "data") != NULL));
	assert(!answer.code || !answer.changed);
	assert(answer.status >= 200 && answer.status < 500);
	return doc;
}

static void get_token(struct fuzzed *f)
{
	struct str code = wire_new_code(f->wire, NOW * 1000, f->arena);
	struct tts_param param[] = {{S("app_key"), key}, {S("app_secret"), secret},
		{S("auth_code"), code}, {S("grant_type"), S("authorized_code")}};
	struct wire_request r = {.method = S("GET"),
		.path = S("/api/v2/token/get"),
		.param = param,
		.n_params = 4,
		.now_ms = NOW * 1000};
	struct json_doc *doc = answered(f, &r);

	f->token = arena_str(
		f->arena, json_text(json_get(json_get(json_root(doc), "data"), "access_token")));
	json_doc_free(doc);
}

static void open_shop(struct fuzzed *f)
{
	struct wire_setup setup = {.app_key = key,
		.app_secret = secret,
		.chance = S("no chance"),
		.image_url = S("h:")};
	struct buf error;

	buf_init(&error, 1000);
	buf_init(&f->out, 16 << 20);
	f->arena = arena_new(16 << 20);
	if (!made)
		made = sandbox_open(S("demo"), NOW, &error); /* once: a copy is much quicker */
	setup.sandbox = f->sandbox = sandbox_copy(made, &error);
	assert(f->sandbox);
	f->wire = wire_new(&setup, &error);
	assert(f->wire);
	buf_release(&error);
	get_token(f);
}

static void close_shop(struct fuzzed *f)
{
	wire_free(f->wire);
	sandbox_api(f->sandbox)->free(sandbox_api(f->sandbox));
	buf_release(&f->out);
	arena_free(f->arena);
}

static size_t read_query(struct str query, struct tts_param *param)
{
	size_t n = 0;

	while (query.n && n < MAX_PARAMS - 4) {
		struct str value = str_cut(&query, '&');

		param[n].name = str_cut(&value, '=');
		param[n++].value = value;
	}
	return n;
}

static void ask(struct fuzzed *f, struct str text)
{
	struct tts_param param[MAX_PARAMS];
	struct str query = str_cut(&text, '\n'), method = str_cut(&query, ' ');
	struct str path = str_cut(&query, '?');
	struct wire_request r = {.method = method,
		.path = path,
		.param = param,
		.token = f->token,
		.content_type = str_find(path, S("upload")) >= 0
					? S("multipart/form-data; boundary=b")
					: S("application/json"),
		.body = text,
		.now_ms = NOW * 1000};
	char sign[65];

	r.n_params = read_query(query, param);
	param[r.n_params++] = (struct tts_param){S("app_key"), key};
	param[r.n_params++] = (struct tts_param){S("timestamp"), S("1740823200")};
	if (!str_starts(path, S("/authorization/")) && !str_starts(path, S("/seller/")))
		param[r.n_params++] = (struct tts_param){S("shop_cipher"), wire_shop_cipher()};
	tts_sign(secret, path, param, r.n_params,
		str_find(path, S("upload")) >= 0 ? (struct str){0} : text, sign);
	param[r.n_params++] = (struct tts_param){S("sign"), str_of(sign)};
	json_doc_free(answered(f, &r));
}

static void check_money(struct fuzzed *f)
{
	assert(sql_number(sql_query(f->sandbox->sql,
		       "select count(*) from orders where paid < (select coalesce(sum(amount), 0)"
		       " from refund where order_number = number and state <> 'rejected')")) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct fuzzed f;

	open_shop(&f);
	for (int i = 0; i < MAX_REQUESTS && rest.n; i++) {
		long end = str_find(rest, S("\n--\n"));
		struct str one = end < 0 ? rest : str_sub(rest, 0, (size_t)end);

		ask(&f, one);
		rest = end < 0 ? (struct str){0} : str_sub(rest, (size_t)end + 4, rest.n);
		check_money(&f);
	}
	assert(wire_advance(f.wire, NOW + 5 * DAY));
	check_money(&f);
	close_shop(&f);
	return 0;
}
