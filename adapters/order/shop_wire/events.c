/* Webhooks out, and the ledger: each change of the shop becomes a line of what was done and, where
 * somebody wants to be told, an event that is posted until it is taken or given up. */
#include "adapters/order/shop_wire/parts.h"

enum { BAD = 36009004, MAX_ADDRESS = 255, MAX_LINE = 1 << 20 };

enum event_type {
	EVENT_ORDER = 1,
	EVENT_CANCELLATION = 11,
	EVENT_RETURN = 12,
	EVENT_CONVERSATION = 13,
	EVENT_MESSAGE = 14,
	EVENT_AFTERSALES = 64,
	EVENT_REFUND = 67,
};

/* The topics that an address may be set for.  Those without a number are never sent here; 64 and 67
 * have no name that is known and go to the address of the app's page alone. */
static const struct topic {
	const char *name;
	int type;
} topic[] = {
	{"ORDER_STATUS_CHANGE", EVENT_ORDER},
	{"RECIPIENT_ADDRESS_UPDATE", 0},
	{"PACKAGE_UPDATE", 0},
	{"PRODUCT_STATUS_CHANGE", 0},
	{"SELLER_DEAUTHORIZATION", 0},
	{"UPCOMING_AUTHORIZATION_EXPIRATION", 0},
	{"CANCELLATION_STATUS_CHANGE", EVENT_CANCELLATION},
	{"RETURN_STATUS_CHANGE", EVENT_RETURN},
	{"NEW_CONVERSATION", EVENT_CONVERSATION},
	{"NEW_MESSAGE", EVENT_MESSAGE},
	{"PRODUCT_INFORMATION_CHANGE", 0},
	{"PRODUCT_CREATION", 0},
	{"PRODUCT_CATEGORY_CHANGE", 0},
	{"NEW_MESSAGE_LISTENER", 0},
	{"INVOICE_STATUS_CHANGE", 0},
	{"PRODUCT_AUDIT_STATUS_CHANGE", 0},
};
enum { N_TOPICS = sizeof(topic) / sizeof(topic[0]) };

static const struct topic *find_topic(struct str name)
{
	for (size_t i = 0; i < N_TOPICS; i++)
		if (str_is(name, topic[i].name))
			return &topic[i];
	return NULL;
}

/* --- who wants to be told --- */

#define ALL "*" /* the app's own address */

static struct str address_for(struct wire *wire, int type, struct arena *arena)
{
	struct sql_query *q = sql_query(wire->sql,
		"select address from wire_hook where event_type in (?, '" ALL "')"
		" order by event_type = '" ALL "' limit 1");
	struct str address = {0}, name = S(ALL);

	for (size_t i = 0; i < N_TOPICS; i++)
		if (topic[i].type == type)
			name = str_of(topic[i].name);
	sql_bind_text(q, name);
	if (sql_next(q))
		address = sql_copy(q, arena, "address");
	sql_end(q);
	return address;
}

static void set_address(struct wire *wire, struct str name, struct str address)
{
	struct sql_query *q = sql_query(wire->sql,
		"insert into wire_hook(event_type, address, created, updated) values (?, ?, ?3, ?3)"
		" on conflict(event_type) do update set address = excluded.address,"
		" updated = excluded.updated");

	sql_bind_text(q, name);
	sql_bind_text(q, address);
	sql_bind_int(q, wire->setup.sandbox->now);
	(void)sql_run(q);
}

static void drop_address(struct wire *wire, struct str name)
{
	struct sql_query *q = sql_query(wire->sql, "delete from wire_hook where event_type = ?");

	sql_bind_text(q, name);
	(void)sql_run(q);
}

void wire_set_webhook(struct wire *wire, struct str address)
{
	if (!wire_begin(wire, "hand"))
		return;
	if (address.n)
		set_address(wire, S(ALL), address);
	else
		drop_address(wire, S(ALL));
	(void)wire_end(wire);
}

void webhooks_list(struct visit *v)
{
	struct sql_query *q = sql_query(v->sql,
		"select * from wire_hook where event_type <> '" ALL "' order by event_type");
	int64_t n = 0;

	json_out_start(v->out, '{');
	json_out_key(v->out, "webhooks");
	json_out_open(v->out, '[');
	while (sql_next(q)) {
		n++;
		json_out_open(v->out, '{');
		json_out_member(v->out, "event_type", sql_text(q, "event_type"));
		json_out_member(v->out, "address", sql_text(q, "address"));
		json_out_member_int(v->out, "create_time", sql_int(q, "created"));
		json_out_member_int(v->out, "update_time", sql_int(q, "updated"));
		json_out_close(v->out, '}');
	}
	sql_end(q);
	json_out_close(v->out, ']');
	json_out_member_int(v->out, "total_count", n);
	json_out_close(v->out, '}');
}

/* The platform wants https on a domain name; a sandbox that runs beside its client takes http too.
 */
static bool is_address(struct str address)
{
	return address.n <= MAX_ADDRESS &&
	       (str_starts(address, S("https://")) || str_starts(address, S("http://")));
}

static bool read_topic(struct visit *v, struct str *name)
{
	return body_text_needed(v, "event_type", name) &&
	       (find_topic(*name) ||
		       visit_bad(v, "event_type", "is not a topic that can be subscribed to."));
}

void webhooks_put(struct visit *v)
{
	struct str name, address;

	if (!read_topic(v, &name) || !body_text_needed(v, "address", &address))
		return;
	if (is_address(address))
		set_address(v->wire, name, address);
	else
		(void)visit_bad(v, "address", "must be a URL of at most 255 characters.");
}

void webhooks_delete(struct visit *v)
{
	struct str name;

	if (read_topic(v, &name))
		drop_address(v->wire, name);
}

/* --- what is told of each change --- */

struct telling {
	struct wire *wire;
	struct arena *arena;
	struct buf data; /* of the event */
	struct buf line; /* of the ledger */
};

/* The same member in the event and in the ledger. */
static void tell(struct telling *t, const char *key, struct str text)
{
	json_out_member(&t->data, key, text);
	json_out_member(&t->line, key, text);
}

static void tell_id(struct telling *t, const char *key, enum id_kind kind, int64_t own)
{
	tell(t, key, id_of(t->arena, kind, own));
}

static int64_t now_of(const struct telling *t)
{
	return t->wire->setup.sandbox->now;
}

static int about_order(struct telling *t, struct str number)
{
	struct order o;

	if (!order_read(t->wire->setup.sandbox, t->arena, number, &o))
		return 0;
	tell(t, "order_status",
		o.status == CANCELLED ? S("CANCEL") : str_of(order_rule[o.status].wire));
	json_out_member_bool(&t->data, "is_on_hold_order", true);
	json_out_member_int(&t->data, "update_time", now_of(t));
	return o.status == PARTIALLY_SHIPPING ? 0 : EVENT_ORDER; /* not a word of this topic */
}

static int about_cancellation(struct telling *t, int64_t id)
{
	struct sql_query *q = sql_query(
		t->wire->sql, "select state, role, created from cancellation where id = ?");

	sql_bind_int(q, id);
	tell_id(t, "cancel_id", ID_CANCEL, id);
	if (sql_next(q)) {
		tell(t, "cancellations_role", sql_text(q, "role"));
		tell(t, "cancel_status", str_of(cancel_status_of(sql_text(q, "state"))));
		json_out_member_int(&t->data, "create_time", sql_int(q, "created"));
	}
	sql_end(q);
	return EVENT_CANCELLATION;
}

static int about_return(struct telling *t, int64_t id)
{
	struct sql_query *q = sql_query(t->wire->sql, "select * from returns where returns.id = ?");
	struct buf amount;

	sql_bind_int(q, id);
	tell_id(t, "return_id", ID_RETURN, id);
	buf_init(&amount, 32);
	if (sql_next(q)) {
		tell(t, "return_type", sql_text(q, "type"));
		tell(t, "return_role", sql_text(q, "role"));
		tell(t, "return_status",
			str_of(return_status_of(
				sql_text(q, "state"), !sql_is_null(q, "tracking"))));
		json_out_member_int(&t->data, "create_time", sql_int(q, "created"));
		json_out_member_int(&t->data, "update_time", now_of(t));
		money_plain(sql_int(q, "amount"), S(CURRENCY), &amount);
		json_out_member(&t->line, "amount", buf_str(&amount));
	}
	sql_end(q);
	buf_release(&amount);
	return EVENT_RETURN;
}

/* The pieces that the money is for. */
static void write_refunded(
	struct telling *t, struct str number, int64_t of_return, int64_t cancellation)
{
	struct sql_query *q = sql_query(t->wire->sql,
		"select item.id, sku, item.position from item"
		" left join return_item r on r.item = item.id and r.of_return = ?2"
		" left join cancellation c on c.id = ?3"
		" where item.order_number = ?1 and iif(?2, r.of_return is not null,"
		"  iif(c.partial, item.cancellation = c.id, item.cancellation is null))"
		" order by item.position");

	sql_bind_text(q, number);
	sql_bind_int(q, of_return);
	sql_bind_int(q, cancellation);
	json_out_key(&t->data, "line_items");
	json_out_open(&t->data, '[');
	while (sql_next(q)) {
		json_out_open(&t->data, '{');
		json_out_member(&t->data, "main_order_id", wire_order_id(t->arena, number));
		if (of_return)
			out_id(&t->data, "return_line_item_id", ID_RETURN_LINE,
				of_return * 100 + sql_int(q, "position"));
		json_out_member(
			&t->data, "sku_id", id_of_name(t->arena, "sku", sql_text(q, "sku")));
		json_out_close(&t->data, '}');
	}
	sql_end(q);
	json_out_close(&t->data, ']');
}

static int about_payout(struct telling *t, struct str number, int64_t id)
{
	struct sql_query *q = sql_query(t->wire->sql, "select * from refund where refund.id = ?");
	int64_t of_return = 0, cancellation = 0, minor = 0;
	struct buf amount;

	sql_bind_int(q, id);
	if (sql_next(q)) {
		of_return = sql_int(q, "of_return");
		cancellation = sql_int(q, "cancellation");
		minor = sql_int(q, "amount");
	}
	sql_end(q);
	buf_init(&amount, 32);
	money_plain(minor, S(CURRENCY), &amount);
	if (of_return)
		tell_id(t, "aftersales_request_id", ID_RETURN, of_return);
	else
		tell_id(t, "aftersales_request_id", ID_CANCEL, cancellation);
	tell_id(t, "rma_id", ID_REFUND, id);
	tell(t, "refund_status", S("REFUND_SUCCESS"));
	tell(t, "refund_total", buf_str(&amount));
	tell(t, "refund_currency", S(CURRENCY));
	json_out_member_int(&t->data, "refund_timestamp", now_of(t));
	write_refunded(t, number, of_return, cancellation);
	buf_release(&amount);
	return EVENT_REFUND;
}

static void write_sender(struct telling *t, struct str role, struct str buyer)
{
	json_out_key(&t->data, "sender");
	json_out_open(&t->data, '{');
	json_out_member(&t->data, "im_user_id",
		str_is(role, "BUYER") ? id_of_name(t->arena, "im", buyer)
				      : S("7494049642642441623"));
	json_out_member(&t->data, "role", role);
	json_out_close(&t->data, '}');
}

static int about_message(struct telling *t, int64_t id)
{
	struct sql_query *q = sql_query(t->wire->sql, "select m.*, buyer from talk_message m join "
						      "talk on talk.id = m.talk where m.id = ?");

	sql_bind_int(q, id);
	tell_id(t, "message_id", ID_MESSAGE, id);
	if (sql_next(q)) {
		tell_id(t, "conversation_id", ID_TALK, sql_int(q, "talk"));
		tell(t, "type", sql_text(q, "type"));
		tell(t, "content", sql_text(q, "content"));
		json_out_member(&t->line, "role", sql_text(q, "role"));
		json_out_member(&t->data, "index",
			arena_printf(t->arena, "%lld",
				(long long)(sql_int(q, "created") * 1000000 + id)));
		json_out_member_int(&t->data, "create_time", sql_int(q, "created"));
		json_out_member_bool(&t->data, "is_visible", sql_int(q, "visible"));
		write_sender(t, sql_text(q, "role"), sql_text(q, "buyer"));
	}
	sql_end(q);
	return EVENT_MESSAGE;
}

static int about_agent(struct telling *t, int64_t id)
{
	tell_id(t, "conversation_id", ID_TALK, id);
	json_out_member_int(&t->data, "create_time", now_of(t));
	return EVENT_CONVERSATION;
}

static int about(struct telling *t, enum shop_thing thing, struct str number, int64_t id)
{
	switch (thing) {
	case SHOP_ORDER:
		return about_order(t, number);
	case SHOP_CANCELLATION:
		return about_cancellation(t, id);
	case SHOP_RETURN:
		return about_return(t, id);
	case SHOP_PAYOUT:
		return about_payout(t, number, id);
	case SHOP_MESSAGE:
		return about_message(t, id);
	case SHOP_AGENT:
		return about_agent(t, id);
	}
	return 0;
}

/* --- keeping it --- */

static void add_event(struct wire *wire, int type, struct str data)
{
	struct sql_query *q =
		sql_query(wire->sql, "insert into wire_event(type, at, data, tries, next_at, state)"
				     " values (?, ?2, ?, 0, ?2, 'waiting')");

	sql_bind_int(q, type);
	sql_bind_int(q, wire->setup.sandbox->now);
	sql_bind_text(q, data);
	(void)sql_run(q);
}

static void add_effect(struct wire *wire, int64_t n, struct str line)
{
	struct sql_query *q =
		sql_query(wire->sql, "insert into wire_effect(n, line) values (?, ?)");

	sql_bind_int(q, n);
	sql_bind_text(q, line);
	(void)sql_run(q);
}

static void begin_line(struct telling *t, enum shop_thing thing, struct str number, int64_t n)
{
	static const char *const what[] = {
		[SHOP_ORDER] = "order",
		[SHOP_CANCELLATION] = "cancellation",
		[SHOP_RETURN] = "return",
		[SHOP_PAYOUT] = "payout",
		[SHOP_MESSAGE] = "message",
		[SHOP_AGENT] = "agent",
	};
	struct buf *line = &t->line;

	json_out_start(line, '{');
	json_out_member(line, "kind", S("effect"));
	json_out_member_int(line, "n", n);
	json_out_member_int(line, "at", now_of(t));
	json_out_member(line, "what", str_of(what[thing]));
	json_out_member(line, "cause", str_of(t->wire->cause));
	json_out_member_if(line, "request_id", str_of(t->wire->request_id));
	json_out_member_if(line, "order", number);
	json_out_start(&t->data, '{');
	if (number.n)
		tell(t, "order_id", wire_order_id(t->arena, number));
}

/* A return's first review has a topic of its own. */
static void review(struct wire *wire, struct arena *arena, struct str number, int64_t id)
{
	struct sql_query *q = sql_query(wire->sql, "select state from returns where id = ?");
	const char *status = NULL;
	struct buf data;

	sql_bind_int(q, id);
	if (sql_next(q)) {
		if (str_is(sql_text(q, "state"), "waiting_seller"))
			status = "PENDING_REQUEST_REVIEW";
		else if (str_is(sql_text(q, "state"), "send_it"))
			status = "AWAITING_BUYER_RETURN";
	}
	sql_end(q);
	if (!status)
		return;
	buf_init(&data, 1000);
	json_out_start(&data, '{');
	out_id(&data, "aftersales_request_id", ID_RETURN, id);
	json_out_member(&data, "order_id", wire_order_id(arena, number));
	json_out_member(&data, "aftersales_status", str_of(status));
	json_out_member_int(&data, "update_time", wire->setup.sandbox->now);
	json_out_close(&data, '}');
	add_event(wire, EVENT_AFTERSALES, buf_str(&data));
	buf_release(&data);
}

void events_changed(void *self, enum shop_thing thing, struct str number, int64_t id)
{
	struct wire *wire = self;
	struct telling t = {.wire = wire, .arena = arena_new(1 << 16)};
	int64_t n =
		sql_number(sql_query(wire->sql, "select coalesce(max(n), 0) + 1 from wire_effect"));
	int type;

	buf_init(&t.data, MAX_LINE);
	buf_init(&t.line, MAX_LINE);
	begin_line(&t, thing, number, n);
	type = about(&t, thing, number, id);
	json_out_close(&t.data, '}');
	json_out_close(&t.line, '}');
	add_effect(wire, n, buf_str(&t.line));
	if (!wire->n_changes++)
		wire->first_effect = n;
	if (type && address_for(wire, type, t.arena).n)
		add_event(wire, type, buf_str(&t.data));
	if (thing == SHOP_RETURN && address_for(wire, EVENT_AFTERSALES, t.arena).n)
		review(wire, t.arena, number, id);
	buf_release(&t.data);
	buf_release(&t.line);
	arena_free(t.arena);
}

/* --- posting --- */

static void set_state(struct wire *wire, int64_t id, const char *state, int64_t next_at)
{
	struct sql_query *q =
		sql_query(wire->sql, "update wire_event set state = ?, next_at = ? where id = ?");

	sql_bind_text(q, str_of(state));
	sql_bind_time(q, next_at);
	sql_bind_int(q, id);
	(void)sql_run(q);
}

static struct str body_of(struct wire *wire, struct arena *arena, struct sql_query *q)
{
	struct str copy;
	struct buf body;

	buf_init(&body, MAX_LINE);
	json_out_start(&body, '{');
	json_out_member_int(&body, "type", sql_int(q, "type"));
	out_id(&body, "tts_notification_id", ID_EVENT, sql_int(q, "id"));
	json_out_member(&body, "shop_id", wire_shop_id());
	json_out_member_int(&body, "timestamp", wire->setup.sandbox->now);
	json_out_key(&body, "data");
	buf_add(&body, sql_text(q, "data"));
	json_out_close(&body, '}');
	copy = arena_str(arena, buf_str(&body));
	buf_release(&body);
	return copy;
}

static bool read_event(struct wire *wire, struct arena *arena, struct wire_event *event)
{
	struct sql_query *q = sql_query(wire->sql,
		"select * from wire_event where state = 'waiting' and next_at <= ?"
		" order by next_at, id limit 1");
	bool found;

	sql_bind_int(q, wire->setup.sandbox->now);
	found = sql_next(q);
	if (found)
		*event = (struct wire_event){
			.id = sql_int(q, "id"),
			.type = (int)sql_int(q, "type"),
			.tries = (unsigned)sql_int(q, "tries"),
			.body = body_of(wire, arena, q),
		};
	sql_end(q);
	return found;
}

bool wire_next_event(struct wire *wire, struct arena *arena, struct wire_event *event)
{
	bool found;

	if (sql_begin_relaxed(wire->sql) != SQL_OK)
		return false;
	while ((found = read_event(wire, arena, event))) {
		event->address = address_for(wire, event->type, arena);
		set_state(wire, event->id, event->address.n ? "under way" : "dropped", 0);
		if (event->address.n)
			break;
	}
	if (found)
		tts_webhook_sign(
			wire->setup.app_key, wire->setup.app_secret, event->body, event->signature);
	return sql_commit(wire->sql) == SQL_OK && found;
}

void wire_event_done(struct wire *wire, int64_t id, bool taken)
{
	static const int64_t again_after[] = {2 * MINUTE, 30 * MINUTE, 3 * HOUR, 12 * HOUR};
	struct sql_query *q;
	int64_t tries;

	if (sql_begin_relaxed(wire->sql) != SQL_OK)
		return;
	q = sql_query(wire->sql, "update wire_event set tries = tries + 1 where id = ?");
	sql_bind_int(q, id);
	(void)sql_run(q);
	q = sql_query(wire->sql, "select tries from wire_event where id = ?");
	sql_bind_int(q, id);
	tries = sql_number(q);
	if (taken)
		set_state(wire, id, "taken", 0);
	else if (tries > 4)
		set_state(wire, id, "dropped", 0);
	else if (tries > 0)
		set_state(wire, id, "waiting", wire->setup.sandbox->now + again_after[tries - 1]);
	if (sql_commit(wire->sql) != SQL_OK)
		return; /* it comes again after the next start */
}

int64_t wire_next_event_at(struct wire *wire)
{
	sql_clear(wire->sql);
	return sql_number(sql_query(
		wire->sql, "select min(next_at) from wire_event where state = 'waiting'"));
}
