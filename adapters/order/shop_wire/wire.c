/* A request's way through: the gate, the shop in one transaction, the envelope. */
#include "adapters/order/shop_wire/parts.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/date.h"

enum { MAX_DATA = 8 << 20, MAX_SCRATCH = 16 << 20, MAX_KEY = 255 };

/* --- ids that nobody can guess, made of a secret and a number that grows --- */

static int64_t next_number(struct wire *wire)
{
	int64_t n = meta_get(wire->sql, "wire_number") + 1;

	meta_set(wire->sql, "wire_number", n);
	return n;
}

void make_secret(struct wire *wire, const char *what, char hex[65])
{
	struct str text = arena_printf(wire->arena, "%s %lld", what, (long long)next_number(wire));

	digest_hex(digest_hmac(wire->setup.chance, text), hex);
}

/* 14 digits of the time and 20 of chance, 34 in all. */
static void make_request_id(struct wire *wire, int64_t now_ms, char id[36])
{
	struct date d = date_of(now_ms / 1000);
	char hex[65];
	struct buf text;
	const struct str piece[] = {S("request"), wire->setup.chance,
		arena_printf(wire->arena, "%lld %u", (long long)now_ms, ++wire->n_requests)};

	digest_hex(digest_of_pieces(piece, 3), hex);
	for (int i = 0; i < 20; i++)
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	buf_init(&text, 40);
	buf_addf(&text, "%04lld%02u%02u%02u%02u%02u%.20s", (long long)d.year, d.month, d.day,
		d.hour, d.minute, d.second, hex);
	memcpy(id, text.p, 35);
	buf_release(&text);
}

/* --- the envelope --- */

static void write_envelope(
	struct buf *out, int code, struct str message, const char *request_id, struct str data)
{
	buf_clear(out);
	json_out_start(out, '{');
	json_out_member_int(out, "code", code);
	json_out_member(out, "message", message);
	json_out_member(out, "request_id", str_of(request_id));
	if (data.n) {
		json_out_key(out, "data");
		buf_add(out, data);
	}
	json_out_close(out, '}');
}

void wire_error(struct wire *wire, int64_t now_ms, int code, const char *message, struct buf *out)
{
	char id[36];

	make_request_id(wire, now_ms, id);
	write_envelope(out, code, str_of(message), id, (struct str){0});
	arena_reset(wire->arena);
}

/* --- answers that are given again --- */

static void bind_key(struct visit *v, struct sql_query *q)
{
	sql_bind_text(q, v->request->path);
	sql_bind_text(q, visit_param(v, "idempotency_key"));
}

static bool recall(struct visit *v)
{
	struct sql_query *q =
		sql_query(v->sql, "select data from wire_key where path = ? and key = ?");
	bool found;

	bind_key(v, q);
	found = sql_next(q);
	if (found)
		buf_add(v->out, sql_text(q, "data"));
	sql_end(q);
	return found;
}

static void remember(struct visit *v)
{
	struct sql_query *q =
		sql_query(v->sql, "insert into wire_key(path, key, data) values (?, ?, ?)");

	bind_key(v, q);
	sql_bind_text(q, buf_str(v->out));
	(void)sql_run(q);
}

/* --- the shop --- */

static void answer_in_transaction(struct visit *v)
{
	bool keyed = (v->endpoint->flags & KEYED) && visit_param(v, "idempotency_key").n;

	if (keyed && recall(v))
		return;
	v->endpoint->answer(v);
	if (keyed && !v->fault.code)
		remember(v);
}

bool wire_begin(struct wire *wire, const char *cause)
{
	wire->cause = cause;
	wire->n_changes = 0;
	wire->first_effect = 0;
	return sql_begin(wire->sql) == SQL_OK;
}

/* What the ledger is told is read back: only what was committed is there. */
static void tell_effects(struct wire *wire)
{
	struct sql_query *q =
		sql_query(wire->sql, "select line from wire_effect where n >= ? order by n");

	if (!wire->n_changes || !wire->effect) {
		sql_end(q);
		return;
	}
	sql_bind_int(q, wire->first_effect);
	while (sql_next(q))
		wire->effect(wire->effect_self, sql_text(q, "line"));
	sql_end(q);
}

bool wire_end(struct wire *wire)
{
	bool good = sql_commit(wire->sql) == SQL_OK;

	if (good)
		tell_effects(wire);
	wire->request_id = NULL;
	wire->cause = "clock";
	arena_reset(wire->setup.sandbox->scratch);
	return good;
}

/* Nothing is written while nothing happens: the time itself is kept when something does. */
bool wire_advance(struct wire *wire, int64_t to)
{
	struct sandbox *shop = wire->setup.sandbox;
	int64_t due;

	if (to <= shop->now)
		return true;
	sql_clear(wire->sql);
	due = clock_next(shop);
	if (!due || due > to) {
		shop->now = to;
		return true;
	}
	if (!wire_begin(wire, "clock"))
		return false;
	clock_run(shop, to);
	return wire_end(wire);
}

static void serve(struct visit *v)
{
	struct wire *wire = v->wire;

	if (!wire_begin(wire, v->endpoint->name)) {
		(void)visit_fail(v, 500, 36009003, "Internal error. Please try again later.");
		return;
	}
	answer_in_transaction(v);
	if (v->fault.code) {
		sql_rollback(wire->sql);
		wire->n_changes = 0;
		arena_reset(v->shop->scratch);
	} else if (!wire_end(wire)) {
		(void)visit_fail(v, 500, 36009003, "Internal error. Please try again later.");
	}
}

void wire_answer(struct wire *wire, const struct wire_request *request, struct buf *out,
	struct wire_answer *answer)
{
	struct visit v = {
		.wire = wire,
		.shop = wire->setup.sandbox,
		.sql = wire->sql,
		.request = request,
		.arena = wire->arena,
		.out = &wire->data,
	};
	struct str message = S("Success");

	*answer = (struct wire_answer){.status = 200, .operation = ""};
	buf_clear(&wire->data);
	make_request_id(wire, request->now_ms, answer->request_id);
	wire->request_id = answer->request_id;
	wire->n_changes = 0;
	if (gate_pass(&v))
		serve(&v);
	if (v.endpoint) {
		answer->operation = v.endpoint->name;
		if (v.endpoint->flags & UNSIGNED)
			message = S("success");
	}
	if (v.fault.code) {
		answer->status = v.fault.status;
		answer->code = v.fault.code;
		write_envelope(
			out, v.fault.code, v.fault.message, answer->request_id, (struct str){0});
	} else {
		write_envelope(out, 0, message, answer->request_id,
			wire->data.n ? buf_str(&wire->data) : S("{}"));
	}
	answer->changed = wire->n_changes;
	answer->body = buf_str(out);
	json_doc_free(v.doc);
	wire->request_id = NULL;
	arena_reset(wire->arena);
}

/* --- life --- */

/* Beside the shop's own tables, in the same file and the same transactions. */
static const char tables[] =
	"create table if not exists wire_key(path text not null, key text not null,"
	" data text not null, primary key (path, key)) strict, without rowid;"
	"create table if not exists wire_token(access text primary key, refresh text not null "
	"unique,"
	" access_until integer not null, refresh_until integer not null) strict, without rowid;"
	"create table if not exists wire_code(code text primary key, until integer not null)"
	" strict, without rowid;"
	"create table if not exists wire_hook(event_type text primary key, address text not null,"
	" created integer not null, updated integer not null) strict, without rowid;"
	"create table if not exists wire_event(id integer primary key, type integer not null,"
	" at integer not null, data text not null, tries integer not null, next_at integer,"
	" state text not null) strict;"
	"create index if not exists wire_event_due on wire_event(state, next_at);"
	"create table if not exists wire_effect(n integer primary key, line text not null) strict;";

static const char views[] =
	"create temp view if not exists wire_order as select rowid as row, *,"
	" max(created, coalesce(changed, 0), coalesce(paid_at, 0), coalesce(delivered, 0),"
	"  coalesce(completed, 0), coalesce(cancelled, 0),"
	"  coalesce((select max(updated) from cancellation c where c.order_number = number), 0))"
	"  as updated,"
	" (select created from cancellation c where c.order_number = number and c.state = 'pending'"
	"  and c.role = 'BUYER') as asked_to_cancel"
	" from orders;"
	"create temp view if not exists wire_cancellation as select cancellation.*, buyer,"
	" exists(select 1 from due where what in ('cancel_deadline') and subject = cancellation.id)"
	"  or orders.may_cancel = 'ask' as reviewed"
	" from cancellation join orders on number = order_number;"
	"create temp view if not exists wire_parcel as select parcel.id as row, parcel.*,"
	" orders.status as order_status, orders.paid_at as created,"
	" max(coalesce(orders.paid_at, 0), coalesce(shipped, 0), coalesce(collected, 0),"
	"  coalesce(parcel.delivered, 0)) as updated,"
	" case when orders.status = 'CANCELLED' then 'CANCELLED'"
	"  when parcel.delivered is not null then 'COMPLETED'"
	"  when collected is not null then 'FULFILLING' else 'PROCESSING' end as package_status"
	" from parcel join orders on number = order_number"
	" where shipped is not null;"; /* in the US a package is not told before it has left */

static bool make_tables(struct wire *wire)
{
	if (sql_begin(wire->sql) != SQL_OK)
		return false;
	sql_script(wire->sql, tables);
	sql_script(wire->sql, views);
	/* What was under way when the process ended is tried again. */
	(void)sql_run(sql_query(wire->sql,
		"update wire_event set state = 'waiting', next_at = at where state = 'under way'"));
	return sql_commit(wire->sql) == SQL_OK;
}

static void keep_texts(struct wire *wire)
{
	struct wire_setup *setup = &wire->setup;

	setup->app_key = arena_str(wire->kept, setup->app_key);
	setup->app_secret = arena_str(wire->kept, setup->app_secret);
	setup->chance = arena_str(wire->kept, setup->chance);
	setup->image_url = arena_str(wire->kept, setup->image_url);
	wire_set_scopes(wire, setup->scopes);
}

struct wire *wire_new(const struct wire_setup *setup, struct buf *error)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		abort();
	wire->setup = *setup;
	wire->kept = arena_new(1 << 16);
	wire->arena = arena_new(MAX_SCRATCH);
	buf_init(&wire->data, MAX_DATA);
	wire->sql = sandbox_sql(setup->sandbox);
	wire->cause = "clock";
	wire->room = 2.0 * setup->per_s;
	keep_texts(wire);
	if (make_tables(wire)) {
		sandbox_watch(setup->sandbox, (struct shop_watcher){events_changed, wire});
		return wire;
	}
	buf_addf(error, "cannot make the shop's tables: %s", sql_error(wire->sql));
	wire_free(wire);
	return NULL;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	sandbox_watch(wire->setup.sandbox, (struct shop_watcher){0});
	buf_release(&wire->data);
	arena_free(wire->arena);
	arena_free(wire->kept);
	free(wire);
}

void wire_set_scopes(struct wire *wire, struct str scopes)
{
	size_t n = scopes.n < sizeof(wire->scopes) ? scopes.n : sizeof(wire->scopes) - 1;

	if (n)
		memcpy(wire->scopes, scopes.p, n);
	wire->scopes[n] = '\0';
}

void wire_effects(struct wire *wire, wire_effect_function *function, void *self)
{
	wire->effect = function;
	wire->effect_self = self;
}
