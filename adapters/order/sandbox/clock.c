/* The shop's own clock: what is planned, and letting it happen in the order of its time. */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

/* What may be planned.  Each function looks at the state that it finds and does nothing if it no
 * longer applies, so a plan that was overtaken does no harm. */
static const struct planned {
	const char *what;
	void (*of_order)(struct sandbox *shop, struct str number);
	void (*of_row)(struct sandbox *shop, int64_t id);
} planned[] = {
	{"pay", order_paid, NULL},
	{"lapse", order_lapsed, NULL},
	{"release", order_released, NULL},
	{"ship", NULL, parcel_shipped},
	{"collect", NULL, parcel_collected},
	{"deliver", NULL, parcel_delivered},
	{"late", order_not_shipped, NULL},
	{"complete", order_completed, NULL},
	{"cancel_answer", NULL, cancellation_answered},
	{"cancel_deadline", NULL, cancellation_silent},
	{"refund_approve", NULL, refund_checked},
	{"refund_pay", NULL, refund_paid_out},
	{"return_answer", NULL, return_answered},
	{"return_silent", NULL, return_silent},
	{"return_not_sent", NULL, return_not_sent},
	{"return_arrived", NULL, return_arrived},
};

static const struct planned *find_planned(struct str what)
{
	for (size_t i = 0; i < sizeof(planned) / sizeof(planned[0]); i++)
		if (str_is(what, planned[i].what))
			return &planned[i];
	return NULL;
}

void clock_plan(
	struct sandbox *shop, int64_t at, const char *what, struct str number, int64_t subject)
{
	struct sql_query *q = sql_query(
		shop->sql, "insert into due(at, what, order_number, subject) values (?, ?, ?, ?)");

	assert(find_planned(str_of(what)));
	sql_bind_int(q, at);
	sql_bind_text(q, str_of(what));
	sql_bind_text(q, number);
	sql_bind_int(q, subject);
	(void)sql_run(q);
}

void clock_forget_order(struct sandbox *shop, struct str number)
{
	struct sql_query *q = sql_query(shop->sql,
		"delete from due where order_number = ?"
		" and what in ('pay', 'lapse', 'release', 'ship', 'collect', 'late')");

	sql_bind_text(q, number);
	(void)sql_run(q);
}

struct due {
	int64_t id, at, subject;
	struct str number;
	const struct planned *planned;
};

static bool take_due(struct sandbox *shop, int64_t to, struct due *due)
{
	struct sql_query *q =
		sql_query(shop->sql, "select * from due where at <= ? order by at, id limit 1");
	bool found;

	sql_bind_int(q, to);
	found = sql_next(q);
	if (found)
		*due = (struct due){
			.id = sql_int(q, "id"),
			.at = sql_int(q, "at"),
			.subject = sql_int(q, "subject"),
			.number = sql_copy(q, shop->scratch, "order_number"),
			.planned = find_planned(sql_text(q, "what")),
		};
	sql_end(q);
	if (!found)
		return false;
	q = sql_query(shop->sql, "delete from due where id = ?");
	sql_bind_int(q, due->id);
	(void)sql_run(q);
	return true;
}

void clock_run(struct sandbox *shop, int64_t to)
{
	struct due due;

	while (take_due(shop, to, &due)) {
		/* What was planned for a moment that has passed happens now, not in the past. */
		if (due.at > shop->now)
			shop->now = due.at;
		assert(due.planned);
		if (due.planned->of_order)
			due.planned->of_order(shop, due.number);
		else
			due.planned->of_row(shop, due.subject);
		arena_reset(shop->scratch);
	}
	shop->now = to;
	clock_keep(shop);
}

void clock_keep(struct sandbox *shop)
{
	if (shop->kept_now == shop->now)
		return;
	meta_set(shop->sql, "now", shop->now);
	shop->kept_now = shop->now;
}

int64_t clock_next(struct sandbox *shop)
{
	return sql_number(sql_query(shop->sql, "select min(at) from due"));
}
