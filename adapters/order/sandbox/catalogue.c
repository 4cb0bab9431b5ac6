/* What the shop sells, and what it says of itself.  All of it is invented. */
#include "adapters/order/sandbox/shop.h"

#include "bot/base/date.h"

static const struct product {
	const char *sku, *title, *variant;
	int64_t price;
	bool final_sale;
} product[] = {
	{"dress-m", "Blue dress", "M", 2990, false},
	{"dress-s", "Blue dress", "S", 2990, false},
	{"shoes-42", "Running shoes", "size 42", 6450, false},
	{"shoes-39", "Running shoes", "size 39", 6450, false},
	{"kettle", "Electric kettle", "cream", 3900, false},
	{"mug", "Stoneware mug", "moss green", 1250, false},
	{"lamp", "Desk lamp", "brass", 4575, false},
	{"blanket", "Wool blanket", "grey", 7900, false},
	{"backpack", "Canvas backpack", "olive", 5800, false},
	{"scarf", "Silk scarf", "red", 2400, false},
	{"headphones", "Wireless headphones", "black", 8900, false},
	{"earbuds", "In-ear headphones", "white", 3500, true},
	{"jacket-l", "Rain jacket", "yellow, L", 7250, false},
	{"teapot", "Glass teapot", "1 litre", 3350, false},
	{"candle", "Beeswax candles", "set of four", 1800, false},
	{"planter", "Hanging planter", "terracotta", 2150, false},
	{"notebook", "Linen notebook", "A5", 1400, false},
	{"puzzle", "Jigsaw puzzle", "1,000 pieces", 1995, false},
	{"speaker", "Bluetooth speaker", "mint", 4900, false},
	{"sheets", "Linen bed sheets", "queen", 9900, false},
	{"ring", "Engraved silver ring", "size 7", 5400, true},
	{"socks", "Merino socks", "three pairs", 2100, false},
};

void catalogue_seed(struct sql *sql)
{
	for (size_t i = 0; i < sizeof(product) / sizeof(product[0]); i++) {
		struct sql_query *q =
			sql_query(sql, "insert into product(sku, title, variant, price, final_sale)"
				       " values (?, ?, ?, ?, ?)");

		sql_bind_text(q, str_of(product[i].sku));
		sql_bind_text(q, str_of(product[i].title));
		sql_bind_text(q, str_of(product[i].variant));
		sql_bind_int(q, product[i].price);
		sql_bind_bool(q, product[i].final_sale);
		(void)sql_run(q);
	}
}

/* The shop itself */

enum { OPENS = 9 * HOUR, CLOSES = 17 * HOUR }; /* of the day, UTC, Monday to Friday */

static bool is_open(int64_t at)
{
	struct date d = date_of(at);
	int64_t second = d.hour * HOUR + d.minute * MINUTE + d.second;

	return d.weekday != 0 && d.weekday != 6 && second >= OPENS && second < CLOSES;
}

static int64_t next_opening(int64_t at)
{
	struct date d = date_of(at);
	int64_t opening = at - (d.hour * HOUR + d.minute * MINUTE + d.second) + OPENS;

	while (opening <= at || !is_open(opening))
		opening += DAY;
	return opening;
}

enum order_outcome shop_info(struct call *call)
{
	struct value_builder b = value_build(call->arena);
	int64_t now = call->shop->now;

	value_put_text(&b, "name", S("Juniper & Finch"));
	value_put_text(&b, "policy_cancel",
		S("An order can be cancelled until it leaves our warehouse. In the first hour that "
		  "always"
		  " works at once. While an order is being packed the seller may have to agree, "
		  "within 24"
		  " hours. What has been shipped can be returned once it has arrived."));
	value_put_text(&b, "policy_refund",
		S("Money always goes back the way it was paid. A cancelled order is refunded as "
		  "soon as the"
		  " cancellation is approved, a return as soon as we have received and checked the "
		  "parcel."
		  " How long your bank then needs is up to the bank."));
	value_put_text(&b, "policy_return",
		S("Everything can be returned within 30 days after delivery, except earphones and "
		  "engraved"
		  " pieces. You have seven days to send the parcel once a return is accepted. If "
		  "the fault is"
		  " ours, the shipping is refunded too."));
	value_put_text(&b, "hours", S("Monday to Friday, 9:00 to 17:00 UTC"));
	value_put(&b, "open", value_bool(is_open(now)));
	if (!is_open(now))
		value_put_int(&b, "opens_at", next_opening(now));
	call->answer = value_record(&b);
	return ORDER_OK;
}
