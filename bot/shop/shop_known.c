/* What a buyer knows of an order. */
#include "bot/shop/shop_known.h"

/* --- one order --- */

struct str known_order_of(const struct value *args)
{
	const struct value *order = value_get(args, "order");
	struct str number = value_text_of(order);

	return number.n ? number : value_get_text(order, "number");
}

static struct store_order load(struct store *store, struct str number, struct str buyer,
	int64_t now_ms, struct arena *arena)
{
	struct store_order known;

	if (store_order(store, number, arena, &known) != STORE_OK)
		known = (struct store_order){.looked_ms = now_ms};
	known.number = number;
	if (buyer.n)
		known.buyer = buyer;
	return known;
}

static void put_if(struct str *known, struct str now)
{
	if (now.n)
		*known = now;
}

/* --- what answers teach --- */

struct lesson {
	struct store *store;
	struct str order, buyer;
	int64_t now_ms;
	struct arena *arena;
};

typedef void learn_function(const struct lesson *lesson, const struct value *value);

static void learn_order(const struct lesson *lesson, const struct value *value)
{
	struct str number = value_get_text(value, "number");
	struct store_order known;

	if (!number.n)
		return;
	known = load(lesson->store, number, lesson->buyer, lesson->now_ms, lesson->arena);
	put_if(&known.status, value_get_text(value, "status"));
	store_put_order(lesson->store, &known);
}

static void learn_orders(const struct lesson *lesson, const struct value *value)
{
	for (size_t i = 0; i < value_count(value); i++)
		learn_order(lesson, value_at(value, i));
}

static void learn_refund(const struct lesson *lesson, const struct value *value)
{
	struct store_order known;

	if (!lesson->order.n)
		return;
	known = load(lesson->store, lesson->order, lesson->buyer, lesson->now_ms, lesson->arena);
	put_if(&known.refund, value_get_text(value, "state"));
	store_put_order(lesson->store, &known);
}

static struct str return_mark(const struct value *of_return, struct arena *arena)
{
	return arena_printf(arena, "%.*s %.*s", STR(value_get_text(of_return, "id")),
		STR(value_get_text(of_return, "state")));
}

/* A return's money is the order's refund. */
static struct str refund_of_return(struct str state)
{
	if (str_is(state, "waiting_seller") || str_is(state, "approved") || str_is(state, "paid") ||
		str_is(state, "rejected"))
		return state;
	return S("");
}

static void learn_return(const struct lesson *lesson, const struct value *value)
{
	struct str number = value_get_text(value, "order");
	struct store_order known;

	number = number.n ? number : lesson->order;
	if (!number.n || !value_get_text(value, "id").n)
		return;
	known = load(lesson->store, number, lesson->buyer, lesson->now_ms, lesson->arena);
	known.returned = return_mark(value, lesson->arena);
	store_put_order(lesson->store, &known);
}

/* Newest first: the oldest is learnt first, so that the newest stays. */
static void learn_returns(const struct lesson *lesson, const struct value *value)
{
	for (size_t i = value_count(value); i-- > 0;)
		learn_return(lesson, value_at(value, i));
}

static void learn_created(const struct lesson *lesson, const struct value *value)
{
	struct store_order known;

	learn_return(lesson, value);
	if (!lesson->order.n)
		return;
	known = load(lesson->store, lesson->order, lesson->buyer, lesson->now_ms, lesson->arena);
	put_if(&known.refund, refund_of_return(value_get_text(value, "state")));
	store_put_order(lesson->store, &known);
}

static void learn_cancelled(const struct lesson *lesson, const struct value *value)
{
	bool done = str_is(value_get_text(value, "state"), "done");
	struct store_order known;

	if (!lesson->order.n)
		return;
	known = load(lesson->store, lesson->order, lesson->buyer, lesson->now_ms, lesson->arena);
	known.refund = done ? S("approved") : S("waiting_seller");
	if (done)
		known.status = S("CANCELLED");
	store_put_order(lesson->store, &known);
}

static const struct {
	const char *operation;
	learn_function *learn;
	bool writes;
} lesson_of[] = {
	{"orders.list", learn_orders, false},
	{"orders.get", learn_order, false},
	{"refunds.status", learn_refund, false},
	{"returns.list", learn_returns, false},
	{"returns.status", learn_return, false},
	{"orders.cancel", learn_cancelled, true},
	{"returns.create", learn_created, true},
	{"returns.set_tracking", learn_return, true},
};
enum { n_lessons = sizeof lesson_of / sizeof *lesson_of };

bool known_writes(struct str operation)
{
	for (size_t i = 0; i < n_lessons; i++)
		if (str_is(operation, lesson_of[i].operation))
			return lesson_of[i].writes;
	return false;
}

void known_learn(struct store *store, struct str operation, struct str order, struct str buyer,
	const struct value *value, int64_t now_ms, struct arena *arena)
{
	struct lesson lesson = {store, order, buyer, now_ms, arena};

	for (size_t i = 0; i < n_lessons && buyer.n; i++)
		if (str_is(operation, lesson_of[i].operation))
			lesson_of[i].learn(&lesson, value);
}

/* --- what is news --- */

struct publishing {
	struct store *store;
	struct store_order *known;
	int64_t now; /* Unix seconds */
	struct arena *arena;
	unsigned n;
};

static void publish(struct publishing *p, const char *event, struct value_builder *fields)
{
	(void)store_add_notice(p->store, p->now, str_of(event), p->known->buyer, p->known->number,
		value_record(fields));
	p->n++;
}

static void put_known(struct value_builder *b, const char *name, const struct value *from)
{
	const struct value *value = value_get(from, name);

	if (value_is_set(value))
		value_put(b, name, value);
}

/* The latest of the times that a refund has gone through. */
static int64_t time_of_refund(const struct value *refund, int64_t now)
{
	static const char *const field[] = {"paid", "approved", "requested"};

	for (size_t i = 0; i < sizeof field / sizeof *field; i++)
		if (value_get_int(refund, field[i]))
			return value_get_int(refund, field[i]);
	return now;
}

static struct value_builder fields_of(const struct publishing *p, int64_t at)
{
	struct value_builder b = value_build(p->arena);

	value_put_text(&b, "order", p->known->number);
	value_put_int(&b, "at", at);
	return b;
}

/* That it began is told by whoever began it; that nothing is known any more is no news. */
static void publish_refund(struct publishing *p, const struct value *refund)
{
	struct str state = value_get_text(refund, "state");
	struct value_builder b;

	if (!state.n || str_is(state, "none") || str_eq(state, p->known->refund))
		return;
	b = fields_of(p, time_of_refund(refund, p->now));
	value_put_text(&b, "state", state);
	put_known(&b, "amount", refund);
	put_known(&b, "paid_with", refund);
	p->known->refund = state;
	publish(p, "refund.updated", &b);
}

/* What was never told is not told as a change. */
static void publish_order(struct publishing *p, const struct value *order)
{
	struct str status = value_get_text(order, "status");
	bool told = p->known->status.n > 0;
	struct value_builder b;

	if (!status.n || str_eq(status, p->known->status))
		return;
	p->known->status = status;
	if (!told)
		return;
	b = fields_of(p, p->now);
	value_put_text(&b, "status", status);
	put_known(&b, "status_text", order);
	publish(p, "order.updated", &b);
}

static void publish_return(struct publishing *p, const struct value *newest)
{
	struct value_builder b;
	struct str mark;
	bool told;

	if (!value_get_text(newest, "id").n)
		return;
	mark = return_mark(newest, p->arena);
	told = p->known->returned.n > 0;
	if (str_eq(mark, p->known->returned))
		return;
	p->known->returned = mark;
	if (!told)
		return;
	b = fields_of(p, p->now);
	value_put_text(&b, "return", value_get_text(newest, "id"));
	put_known(&b, "state", newest);
	put_known(&b, "state_text", newest);
	publish(p, "return.updated", &b);
}

unsigned known_publish(struct store *store, struct store_order *known,
	const struct known_view *view, int64_t now_ms, struct arena *arena)
{
	struct publishing p = {store, known, now_ms / 1000, arena, 0};

	publish_refund(&p, view->refund);
	publish_order(&p, view->order);
	publish_return(&p, value_at(view->returns, 0));
	return p.n;
}
