/* What a request has to pass before anything is looked at: the platform's checks in its order.
 * Messages begin as the platform's do and name the parameter in back-ticks. */
#include "adapters/order/shop_wire/parts.h"

enum {
	TOO_MANY = 36009002,
	GENERAL = 36009004, /* many things; their messages tell them apart */
	NO_PATH = 36009009,
	NO_METHOD = 36009010,
	NO_VERSION = 36009014,
	BAD_FORMAT = 36009022,
	NO_MULTIPART = 36009023,
	EXPIRED = 105002,
	NO_SCOPE = 105005,
	BAD_SIGN = 106001,
	BAD_CIPHER = 106011,
	NO_CIPHER_GIVEN = 106013,
	MAX_AGE_S = 300,
	MAX_AHEAD_S = 30,
};

/* --- faults --- */

bool visit_fail(struct visit *v, unsigned status, int code, const char *format, ...)
{
	va_list ap;
	struct buf text;

	buf_init(&text, 1000);
	va_start(ap, format);
	buf_addfv(&text, format, ap);
	va_end(ap);
	v->fault = (struct fault){status, code, arena_str(v->arena, buf_str(&text))};
	buf_release(&text);
	return false;
}

bool visit_refuse(struct visit *v, int code, const char *message)
{
	v->fault = (struct fault){200, code, str_of(message)};
	return false;
}

bool visit_bad(struct visit *v, const char *parameter, const char *why)
{
	return visit_fail(v, 400, GENERAL, "Invalid parameter. `%s` %s", parameter, why);
}

/* --- the query --- */

static const struct tts_param *find_param(const struct visit *v, const char *name)
{
	for (size_t i = 0; i < v->request->n_params; i++)
		if (str_is(v->request->param[i].name, name))
			return &v->request->param[i];
	return NULL;
}

struct str visit_param(const struct visit *v, const char *name)
{
	const struct tts_param *param = find_param(v, name);

	return param ? param->value : (struct str){0};
}

bool visit_has_param(const struct visit *v, const char *name)
{
	return find_param(v, name);
}

/* --- one check after the other --- */

static bool has_path(struct visit *v)
{
	struct str path = v->request->path;

	switch (endpoint_find(v->request->method, path, &v->endpoint, v->id, &v->version)) {
	case FOUND:
		return true;
	case FOUND_NO_PATH:
		return visit_fail(v, 404, NO_PATH,
			"Invalid path. No API is at `%.*s`; check the path and its version.",
			STR(str_sub(path, 0, 200)));
	case FOUND_NO_METHOD:
		return visit_fail(v, 405, NO_METHOD,
			"Invalid method. `%.*s` is not supported by this API.",
			STR(str_sub(v->request->method, 0, 20)));
	case FOUND_NO_VERSION:
		break;
	}
	return visit_fail(v, 400, NO_VERSION,
		"Invalid API version. This API does not exist in the version of `%.*s`.",
		STR(str_sub(path, 0, 200)));
}

static bool has_key(struct visit *v)
{
	if (str_eq(visit_param(v, "app_key"), v->wire->setup.app_key))
		return true;
	return visit_fail(v, 401, GENERAL, "Invalid credentials. `app_key` is %s.",
		visit_has_param(v, "app_key") ? "invalid" : "missing");
}

static bool has_time(struct visit *v)
{
	int64_t now = v->request->now_ms / 1000, at;

	if (!str_int(visit_param(v, "timestamp"), &at))
		return visit_fail(v, 400, GENERAL,
			"Invalid timestamp. `timestamp` is needed, in Unix seconds.");
	if (at < 0)
		return visit_fail(v, 400, GENERAL, "Invalid timestamp. `timestamp` is below 0.");
	if (at < now - MAX_AGE_S)
		return visit_fail(v, 400, GENERAL,
			"Invalid timestamp. `timestamp` is more than 5 minutes old.");
	if (at > now + MAX_AHEAD_S)
		return visit_fail(v, 400, GENERAL,
			"Invalid timestamp. `timestamp` is more than 30 seconds ahead.");
	return true;
}

static bool is_multipart(struct str type)
{
	return str_eq_nocase(str_trim(str_cut(&type, ';')), S("multipart/form-data"));
}

static bool is_signed(struct visit *v)
{
	const struct wire_request *r = v->request;
	struct str given = visit_param(v, "sign");
	struct str body = is_multipart(r->content_type) ? (struct str){0} : r->body;

	if (!given.n)
		return visit_fail(v, 401, GENERAL, "Missing credentials. `sign` is needed.");
	if (!tts_sign_is(v->wire->setup.app_secret, r->path, r->param, r->n_params, body, given))
		return visit_fail(v, 401, BAD_SIGN, "Invalid credentials. `sign` is invalid.");
	return true;
}

static bool has_token(struct visit *v)
{
	struct str token = v->request->token;

	if (!token.n)
		return visit_fail(v, 401, GENERAL,
			"Invalid credentials. The header `x-tts-access-token` is missing.");
	switch (token_look_up(v->wire, token, v->request->now_ms / 1000)) {
	case TOKEN_GOOD:
		return true;
	case TOKEN_EXPIRED:
		return visit_fail(v, 401, EXPIRED,
			"Expired credentials. The `x-tts-access-token` has expired; refresh it.");
	case TOKEN_UNKNOWN:
		break;
	}
	return visit_fail(v, 401, GENERAL,
		"Invalid credentials. The header `x-tts-access-token` is invalid.");
}

static bool has_scope(struct visit *v)
{
	struct str rest = str_of(v->wire->scopes);

	if (!rest.n)
		return true;
	while (rest.n)
		if (str_is(str_cut(&rest, ' '), v->endpoint->scope))
			return true;
	return visit_fail(v, 401, NO_SCOPE,
		"Access denied. The app has no authorization for the scope `%s`.",
		v->endpoint->scope);
}

static bool has_cipher(struct visit *v)
{
	struct str cipher = visit_param(v, "shop_cipher");

	if (v->endpoint->flags & NO_CIPHER)
		return !visit_has_param(v, "shop_cipher") ||
		       visit_fail(v, 400, GENERAL,
			       "Unexpected identifier. `shop_cipher` must not be given here.");
	if (!cipher.n)
		return visit_fail(
			v, 400, NO_CIPHER_GIVEN, "Missing identifier. `shop_cipher` is needed.");
	return str_eq(cipher, wire_shop_cipher()) ||
	       visit_fail(v, 400, BAD_CIPHER,
		       "Invalid identifier. `shop_cipher` does not belong to this token.");
}

/* A bucket that holds what two seconds bring: bursts below a second are told at once. */
static bool has_room(struct visit *v)
{
	struct wire *wire = v->wire;
	double per_s = wire->setup.per_s, most = 2 * per_s;
	int64_t gone = v->request->now_ms - wire->filled_ms;

	if (!wire->setup.per_s)
		return true;
	if (gone > 0) {
		wire->room += per_s * (double)gone / 1000;
		wire->filled_ms = v->request->now_ms;
	}
	if (wire->room > most)
		wire->room = most;
	if (wire->room < 1)
		return visit_fail(v, 429, TOO_MANY, "Too many requests. Please try again later.");
	wire->room -= 1;
	return true;
}

static bool read_json(struct visit *v)
{
	static const struct json_limits limits = {1 << 20, 10 * 1000, 16};
	struct source *source = arena_new_of(v->arena, struct source);

	*source = (struct source){"body", v->request->body};
	v->doc = json_parse(source, 0, &limits, NULL);
	if (!v->doc || !json_is(json_root(v->doc), JSON_OBJECT))
		return visit_fail(
			v, 400, BAD_FORMAT, "Invalid body. The body is not a JSON object.");
	v->body = json_root(v->doc);
	return true;
}

static bool has_body(struct visit *v)
{
	struct str type = v->request->content_type;

	if (v->endpoint->flags & UPLOADS)
		return is_multipart(type) ||
		       visit_fail(v, 400, NO_MULTIPART,
			       "Invalid body. `Content-Type` must be multipart/form-data.");
	if (!v->request->body.n || str_is(str_of(v->endpoint->method), "GET"))
		return true;
	if (!str_eq_nocase(str_trim(str_cut(&type, ';')), S("application/json")))
		return visit_fail(v, 400, BAD_FORMAT,
			"Invalid body. `Content-Type` must be application/json.");
	return read_json(v);
}

static bool has_fair_key(struct visit *v)
{
	return !(v->endpoint->flags & KEYED) || visit_param(v, "idempotency_key").n <= 255 ||
	       visit_bad(v, "idempotency_key", "has more than 255 characters.");
}

bool gate_pass(struct visit *v)
{
	static bool (*const check[])(struct visit *) = {has_path, has_key, has_time, is_signed,
		has_token, has_scope, has_cipher, has_room, has_body, has_fair_key};
	size_t n = sizeof(check) / sizeof(check[0]);

	if (!has_path(v))
		return false;
	if (v->endpoint->flags & UNSIGNED)
		return true;
	for (size_t i = 1; i < n; i++)
		if (!check[i](v))
			return false;
	return true;
}
