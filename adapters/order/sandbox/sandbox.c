/* The demo shop's life and its front door: who may call what, and how a call ends. */
#include "adapters/order/sandbox/shop.h"

#include <stdlib.h>

enum { SCRATCH_MAX = 1 << 20, KEEP_EVERY_S = 60 };

static const struct operation_entry {
	const char *name;
	operation_function *run;
	bool needs_buyer;
	bool writes;
} operations[] = {
	{"shop.info", shop_info, false, false},
	{"buyers.verify", buyers_verify, false, false},
	{"orders.list", orders_list, true, false},
	{"orders.get", orders_get, true, false},
	{"orders.can_cancel", orders_can_cancel, true, false},
	{"orders.cancel", orders_cancel, true, true},
	{"orders.track", orders_track, true, false},
	{"refunds.status", refunds_status, true, false},
	{"returns.can_return", returns_can_return, true, false},
	{"returns.reasons", returns_reasons, true, false},
	{"returns.create", returns_create, true, true},
	{"returns.list", returns_list, true, false},
	{"returns.status", returns_status, true, false},
	{"returns.set_tracking", returns_set_tracking, true, true},
};

static const struct operation_entry *find_operation(struct str name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (str_is(name, operations[i].name))
			return &operations[i];
	return NULL;
}

/* Answering */

enum order_outcome call_refuse(struct call *call, const char *why, struct str why_text)
{
	struct value_builder b = value_build(call->arena);

	value_put_text(&b, "why", str_of(why));
	value_put_text(&b, "why_text", why_text);
	call->answer = value_record(&b);
	return ORDER_REFUSED;
}

enum order_outcome call_not_found(struct call *call, const char *what)
{
	return call_refuse(call, "not_found",
		arena_printf(call->arena, "there is no %s with that number among yours", what));
}

struct str call_text(const struct call *call, const char *argument)
{
	const struct value *v = value_get(call->request->args, argument);

	if (v && v->type == VALUE_RECORD) {
		const struct value *number = value_get(v, "number");

		v = value_is_set(number) ? number : value_get(v, "id");
	}
	return str_trim(value_text_of(v));
}

/* Runs the operation in a transaction of its own: what a call changes is there as a whole or not at
 * all. */
static enum order_outcome perform(struct call *call, const struct operation_entry *entry)
{
	struct sandbox *shop = call->shop;
	bool keyed = entry->writes && call->request->key.n;
	enum order_outcome outcome;

	if (sql_begin(shop->sql) != SQL_OK)
		return ORDER_FAILED;
	shop->silent = true;
	if (keyed && answer_recall(call)) {
		outcome = ORDER_OK;
	} else {
		outcome = entry->run(call);
		if (keyed && outcome == ORDER_OK)
			answer_remember(call);
	}
	shop->silent = false;
	if (entry->writes)
		clock_keep(shop);
	if (sql_commit(shop->sql) == SQL_OK)
		return outcome;
	shop->kept_now = 0;
	return ORDER_FAILED;
}

/* A misbehaviour's refusal: its code and text, with any further fields. */
static enum order_outcome refuse_as_scripted(struct call *call, const struct sandbox_behaviour *as)
{
	struct value_builder b = value_build(call->arena);

	value_put_text(&b, "why", as->why);
	if (as->why_text.n)
		value_put_text(&b, "why_text", as->why_text);
	if (as->answer && as->answer->type == VALUE_RECORD)
		for (size_t i = 0; i < as->answer->record.n; i++) {
			const struct field *f = &as->answer->record.field[i];

			if (!str_is(f->name, "why") && !str_is(f->name, "why_text"))
				value_put(&b, arena_cstr(call->arena, f->name),
					value_copy(call->arena, f->value));
		}
	call->answer = value_record(&b);
	return ORDER_REFUSED;
}

static enum order_outcome behave(
	struct call *call, const struct operation_entry *entry, const struct sandbox_behaviour *as)
{
	enum order_outcome lost = entry->writes ? ORDER_UNKNOWN : ORDER_FAILED;

	switch (as->act) {
	case SANDBOX_NORMAL:
		return perform(call, entry);
	case SANDBOX_ANSWER:
		call->answer = as->answer ? value_copy(call->arena, as->answer) : &value_none;
		return ORDER_OK;
	case SANDBOX_REFUSE:
		return refuse_as_scripted(call, as);
	case SANDBOX_FAIL:
		return ORDER_FAILED;
	case SANDBOX_LOSE_REQUEST:
		return lost;
	case SANDBOX_LOSE_ANSWER:
		(void)perform(call, entry);
		return lost;
	}
	return ORDER_FAILED;
}

static enum order_outcome sandbox_call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct sandbox *shop = (struct sandbox *)api;
	struct call call = {
		.shop = shop, .request = request, .arena = arena, .answer = &value_none};
	const struct operation_entry *entry = find_operation(request->operation);
	const struct sandbox_behaviour *as;
	enum order_outcome outcome;

	*answer = (struct order_answer){.value = &value_none};
	if (!entry)
		return ORDER_FAILED;
	if (entry->needs_buyer && !request->buyer.n) {
		outcome = call_not_found(&call, "order");
		answer->value = call.answer;
		return outcome;
	}
	as = script_take(shop->script, request->operation);
	if (as) {
		outcome = behave(&call, entry, as);
		answer->took_ms = as->slow_ms;
	} else {
		outcome = perform(&call, entry);
	}
	if (outcome == ORDER_OK || outcome == ORDER_REFUSED)
		answer->value = call.answer;
	arena_reset(shop->scratch);
	return outcome;
}

/* The clock's door */

static bool is_nothing_due(struct sandbox *shop, int64_t to)
{
	int64_t due;

	sql_clear(shop->sql);
	due = clock_next(shop);
	return !due || due > to;
}

/* While nothing happens the time itself is kept now and then: to write it means to wait for the
 * disk. */
static bool sandbox_advance(struct order_api *api, int64_t to)
{
	struct sandbox *shop = (struct sandbox *)api;
	int64_t before = shop->now;

	if (to <= shop->now)
		return true;
	if (to - shop->kept_now < KEEP_EVERY_S && is_nothing_due(shop, to)) {
		shop->now = to;
		return true;
	}
	if (sql_begin(shop->sql) != SQL_OK)
		return false;
	clock_run(shop, to);
	arena_reset(shop->scratch);
	if (sql_commit(shop->sql) == SQL_OK)
		return true;
	shop->now = before;
	shop->kept_now = 0;
	return false;
}

static int64_t sandbox_next_due(struct order_api *api)
{
	return clock_next((struct sandbox *)api);
}

/* Life */

static void sandbox_free(struct order_api *api)
{
	struct sandbox *shop = (struct sandbox *)api;

	if (!shop)
		return;
	script_free(shop->script);
	sql_close(shop->sql);
	arena_free(shop->scratch);
	free(shop);
}

static struct sandbox *sandbox_new(struct sql *sql)
{
	struct sandbox *shop = calloc(1, sizeof(*shop));

	if (!shop)
		abort();
	shop->api = (struct order_api){
		.call = sandbox_call,
		.next_notice = notice_next,
		.notice_taken = notice_taken,
		.advance = sandbox_advance,
		.next_due = sandbox_next_due,
		.free = sandbox_free,
	};
	shop->sql = sql;
	shop->script = script_new();
	shop->scratch = arena_new(SCRATCH_MAX);
	return shop;
}

/* Makes and fills the tables in one transaction: a shop is whole or not there. */
static bool fill(struct sandbox *shop, struct str fixture, int64_t now, struct buf *error)
{
	bool known;

	if (sql_begin(shop->sql) != SQL_OK) {
		buf_adds(error, sql_error(shop->sql));
		return false;
	}
	schema_create(shop->sql);
	shop->silent = true;
	known = seed_fixture(shop, fixture, now);
	shop->silent = false;
	arena_reset(shop->scratch);
	if (!known) {
		sql_rollback(shop->sql);
		buf_addf(error, "unknown shop '%.*s'", STR(fixture));
		return false;
	}
	if (sql_commit(shop->sql) == SQL_OK)
		return true;
	buf_addf(error, "cannot make the demo shop: %s", sql_error(shop->sql));
	return false;
}

static bool take_up(struct sandbox *shop, int64_t now, struct buf *error)
{
	if (!schema_known(shop->sql, error))
		return false;
	shop->now = shop->kept_now = meta_get(shop->sql, "now");
	if (sandbox_advance(&shop->api, now))
		return true;
	buf_addf(error, "cannot move the demo shop on: %s", sql_error(shop->sql));
	return false;
}

struct sandbox *sandbox_create(const char *path, int64_t now, struct buf *error)
{
	return sandbox_create_as(path, S("demo"), now, error);
}

struct sandbox *sandbox_create_as(
	const char *path, struct str fixture, int64_t now, struct buf *error)
{
	struct sandbox *shop;
	struct sql *sql;
	bool ready;

	if (sql_open(path, &sql, error) != SQL_OK)
		return NULL;
	shop = sandbox_new(sql);
	if (sql_number(sql_query(sql, "select count(*) from sqlite_schema")) == 0)
		ready = fill(shop, fixture, now, error);
	else
		ready = take_up(shop, now, error);
	if (ready)
		return shop;
	sandbox_free(&shop->api);
	return NULL;
}

struct sandbox *sandbox_open(struct str fixture, int64_t now, struct buf *error)
{
	struct sandbox *shop;
	struct sql *sql;

	if (sql_open(NULL, &sql, error) != SQL_OK)
		return NULL;
	shop = sandbox_new(sql);
	if (fill(shop, fixture, now, error))
		return shop;
	sandbox_free(&shop->api);
	return NULL;
}

struct sandbox *sandbox_copy(const struct sandbox *sandbox, struct buf *error)
{
	struct sandbox *shop;
	struct sql *sql;

	if (sql_open(NULL, &sql, error) != SQL_OK)
		return NULL;
	shop = sandbox_new(sql);
	shop->now = sandbox->now;
	if (sql_copy_all(sql, sandbox->sql) == SQL_OK)
		return shop;
	buf_addf(error, "cannot copy the demo shop: %s", sql_error(sql));
	sandbox_free(&shop->api);
	return NULL;
}

struct order_api *sandbox_api(struct sandbox *sandbox)
{
	return &sandbox->api;
}

int64_t sandbox_now(const struct sandbox *sandbox)
{
	return sandbox->now;
}

const char *sandbox_error(const struct sandbox *sandbox)
{
	return sql_error(sandbox->sql);
}

bool sandbox_script(struct sandbox *sandbox, struct str operation,
	const struct sandbox_behaviour *behaviour, size_t n)
{
	if (!find_operation(operation))
		return false;
	for (size_t i = 0; i < n; i++)
		script_add(sandbox->script, operation, &behaviour[i]);
	return true;
}

void sandbox_script_clear(struct sandbox *sandbox)
{
	script_clear(sandbox->script);
}

void sandbox_watch(struct sandbox *sandbox, struct shop_watcher watcher)
{
	sandbox->watcher = watcher;
}

void shop_changed(struct sandbox *shop, enum shop_thing thing, struct str number, int64_t id)
{
	if (shop->watcher.changed)
		shop->watcher.changed(shop->watcher.self, thing, number, id);
}

struct sql *sandbox_sql(struct sandbox *sandbox)
{
	return sandbox->sql;
}
