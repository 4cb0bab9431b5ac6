/* Tokens: exchanged for a code, refreshed, looked up.  A new pair makes the old refresh token void;
 * the old access token lives until its time is over.  By the clock on the wall. */
#include "adapters/order/shop_wire/parts.h"

enum {
	BAD_CODE = 36004004,
	BAD_REFRESH = 36004001,
	CODE_LIFE = 30 * MINUTE,
	ACCESS_LIFE = 7 * DAY,
	REFRESH_LIFE = 365 * DAY,
};

#define SHOP_ID "7495540735365777507"
#define SHOP_CIPHER "GCP_JfDemoAAAAD8mXkq3vYb0tTq5Jr2Zc9K"
#define OPEN_ID "7010736057180325637"

struct str wire_shop_id(void)
{
	return S(SHOP_ID);
}

struct str wire_shop_cipher(void)
{
	return S(SHOP_CIPHER);
}

struct str wire_new_code(struct wire *wire, int64_t now_ms, struct arena *arena)
{
	struct str code = {0};
	struct sql_query *q;
	char hex[65];

	if (!wire_begin(wire, "hand"))
		return code;
	make_secret(wire, "code", hex);
	code = arena_printf(arena, "TTP_%.40s", hex);
	q = sql_query(wire->sql, "insert into wire_code(code, until) values (?, ?)");
	sql_bind_text(q, code);
	sql_bind_int(q, now_ms / 1000 + CODE_LIFE);
	(void)sql_run(q);
	return wire_end(wire) ? code : (struct str){0};
}

void wire_expire_tokens(struct wire *wire, int64_t now_ms, bool refresh_too)
{
	struct sql_query *q;

	if (!wire_begin(wire, "hand"))
		return;
	q = sql_query(wire->sql, "update wire_token set access_until = min(access_until, ?1),"
				 " refresh_until = iif(?2, min(refresh_until, ?1), refresh_until)");
	sql_bind_int(q, now_ms / 1000);
	sql_bind_bool(q, refresh_too);
	(void)sql_run(q);
	(void)wire_end(wire);
}

enum token_state token_look_up(struct wire *wire, struct str token, int64_t now)
{
	struct sql_query *q;
	int64_t until;

	sql_clear(wire->sql);
	q = sql_query(wire->sql, "select access_until from wire_token where access = ?");
	sql_bind_text(q, token);
	until = sql_number(q);
	return !until ? TOKEN_UNKNOWN : until <= now ? TOKEN_EXPIRED : TOKEN_GOOD;
}

/* The token host's own errors are told with 200. */
static bool knows_app(struct visit *v)
{
	if (!str_eq(visit_param(v, "app_key"), v->wire->setup.app_key))
		return visit_refuse(v, 36009004, "Invalid credentials. `app_key` is invalid.");
	if (!digest_same(visit_param(v, "app_secret"), v->wire->setup.app_secret))
		return visit_refuse(v, 36009004, "Invalid credentials. `app_secret` is invalid.");
	return true;
}

/* The platform's own kit sends "authorized_code" when it refreshes, too. */
static bool has_grant(struct visit *v, bool refresh)
{
	struct str grant = visit_param(v, "grant_type");

	return str_is(grant, "authorized_code") || (refresh && str_is(grant, "refresh_token")) ||
	       visit_refuse(v, 36009004, "Invalid parameter. `grant_type` is invalid.");
}

static void write_scopes(struct visit *v)
{
	struct str rest = str_of(v->wire->scopes);

	json_out_key(v->out, "granted_scopes");
	json_out_open(v->out, '[');
	while (rest.n)
		json_out_text(v->out, str_cut(&rest, ' '));
	if (!v->wire->scopes[0])
		for (size_t i = 0; i < n_wire_endpoints; i++)
			if (wire_endpoint[i].scope[0] &&
				(!i || wire_endpoint[i].scope != wire_endpoint[i - 1].scope))
				json_out_text(v->out, str_of(wire_endpoint[i].scope));
	json_out_close(v->out, ']');
}

static void give_pair(struct visit *v)
{
	int64_t now = v->request->now_ms / 1000;
	struct str access, refresh;
	struct sql_query *q;
	char hex[65];

	make_secret(v->wire, "access", hex);
	access = arena_printf(v->arena, "TTP_%s", hex);
	make_secret(v->wire, "refresh", hex);
	refresh = arena_printf(v->arena, "TTP_%s", hex);
	q = sql_query(v->sql, "insert into wire_token(access, refresh, access_until, refresh_until)"
			      " values (?, ?, ?, ?)");
	sql_bind_text(q, access);
	sql_bind_text(q, refresh);
	sql_bind_int(q, now + ACCESS_LIFE);
	sql_bind_int(q, now + REFRESH_LIFE);
	(void)sql_run(q);
	json_out_start(v->out, '{');
	json_out_member(v->out, "access_token", access);
	json_out_member_int(v->out, "access_token_expire_in", now + ACCESS_LIFE);
	json_out_member(v->out, "refresh_token", refresh);
	json_out_member_int(v->out, "refresh_token_expire_in", now + REFRESH_LIFE);
	json_out_member(v->out, "open_id", S(OPEN_ID));
	json_out_member(v->out, "seller_name", S("Juniper & Finch"));
	json_out_member(v->out, "seller_base_region", S("US"));
	json_out_member_int(v->out, "user_type", 0);
	write_scopes(v);
	json_out_close(v->out, '}');
}

void token_get(struct visit *v)
{
	struct sql_query *q;

	if (!knows_app(v) || !has_grant(v, false))
		return;
	q = sql_query(v->sql, "delete from wire_code where code = ? and until > ?");
	sql_bind_text(q, visit_param(v, "auth_code"));
	sql_bind_int(q, v->request->now_ms / 1000);
	if (sql_run(q))
		give_pair(v);
	else
		(void)visit_refuse(v, BAD_CODE, "Invalid auth code.");
}

void token_refresh(struct visit *v)
{
	struct sql_query *q;

	if (!knows_app(v) || !has_grant(v, true))
		return;
	q = sql_query(v->sql, "update wire_token set refresh = 'used ' || access"
			      " where refresh = ? and refresh_until > ?");
	sql_bind_text(q, visit_param(v, "refresh_token"));
	sql_bind_int(q, v->request->now_ms / 1000);
	if (sql_run(q))
		give_pair(v);
	else
		(void)visit_refuse(v, BAD_REFRESH, "The refresh token is invalid or has expired.");
}

void shops_list(struct visit *v)
{
	json_out_start(v->out, '{');
	json_out_key(v->out, "shops");
	json_out_open(v->out, '[');
	json_out_open(v->out, '{');
	json_out_member(v->out, "id", S(SHOP_ID));
	json_out_member(v->out, "name", S("Juniper & Finch"));
	json_out_member(v->out, "region", S("US"));
	json_out_member(v->out, "seller_type", S("LOCAL"));
	json_out_member(v->out, "cipher", S(SHOP_CIPHER));
	json_out_member(v->out, "code", S("USLCJF2025"));
	json_out_close(v->out, '}');
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}

void seller_shops(struct visit *v)
{
	json_out_start(v->out, '{');
	json_out_key(v->out, "shops");
	json_out_open(v->out, '[');
	json_out_open(v->out, '{');
	json_out_member(v->out, "id", S(SHOP_ID));
	json_out_member(v->out, "region", S("US"));
	json_out_close(v->out, '}');
	json_out_close(v->out, ']');
	json_out_close(v->out, '}');
}
