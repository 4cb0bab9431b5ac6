/* The shop's people and their stories.  Orders are placed in the past and the shop's own clock then
 * runs up to now, with the buyers acting at their moments: every state that a seeded shop shows was
 * reached by the rules that hold afterwards.  All names, addresses and goods are invented. */
#include "adapters/order/sandbox/shop.h"

#include <assert.h>

#define H(n) ((int64_t)(n)*HOUR)
#define D(n) ((int64_t)(n)*DAY)

static const struct person {
	const char *id, *given, *family, *email, *phone, *postcode, *city;
} person[] = {
	{"buyer-open", "Maya", "Okafor", "maya.okafor@example.com", "+1 503 555 0142", "97214",
		"Portland"},
	{"buyer-transit", "Liam", "Brandt", "liam.brandt@example.net", "+1 312 555 0178", "60622",
		"Chicago"},
	{"buyer-refund", "Sofia", "Reyes", "sofia.reyes@example.org", "+1 512 555 0163", "78704",
		"Austin"},
	{"buyer-mixed", "Noah", "Lindqvist", "noah.lindqvist@example.com", "+1 718 555 0119",
		"11215", "Brooklyn"},
	{"buyer-new", "Ivy", "Tanaka", "ivy.tanaka@example.net", "+1 206 555 0187", "98103",
		"Seattle"},
};

/* Something that a buyer did: asked to cancel, asked for a return (of the first item, or of all),
 * told the tracking number. */
struct deed {
	int64_t ago;
	enum { NOTHING, CANCEL, RETURN_FIRST, RETURN_ALL, SEND } what;
	const char *reason;
};

enum { NEVER = -1, DEEDS = 2 };

/* Zero means the usual: paid after three minutes, shipped after thirty hours, four days on the
 * road, by Visa, with shipping and tax, cancelled freely, returned with a label, a seller who
 * agrees. */
struct story {
	const char *in; /* fixtures, separated by blanks */
	const char *number, *buyer;
	const char *goods; /* skus; after a bar the next parcel */
	int64_t ago;
	int64_t paid_after, ships_after, second_after, travels;
	const char *paid_with;
	const char *may_cancel, *may_return, *seller;
	bool cod;
	bool plain; /* free shipping, no tax */
	struct deed deed[DEEDS];
};

#define OPEN_ORDERS "demo two_open_orders one_open_order"
#define MIXED "demo many_orders"

static const struct story story[] = {
	/* Maya: two to cancel, one to return */
	{OPEN_ORDERS, "A-1001", "buyer-open", "dress-m", H(5), .ships_after = D(4), .plain = true},
	{"demo two_open_orders", "A-1002", "buyer-open", "shoes-42", H(26), .ships_after = D(5),
		.paid_with = "Mastercard ••1881", .plain = true},
	{"demo", "A-1003", "buyer-open", "kettle mug", D(9), .plain = true},

	/* Liam: on its way */
	{"demo", "A-1101", "buyer-transit", "lamp", D(3), .ships_after = H(20), .travels = D(5),
		.paid_with = "PayPal"},

	/* Sofia: money on its way, a parcel to send back */
	{"demo", "A-1201", "buyer-refund", "blanket", H(30), .ships_after = D(4),
		.deed = {{H(26), CANCEL, "changed_mind"}}},
	{"demo", "A-1202", "buyer-refund", "headphones", D(12), .paid_with = "Mastercard ••7730",
		.deed = {{D(2), RETURN_ALL, "changed_mind"}}},

	/* Noah: everything odd */
	{MIXED, "A-1301", "buyer-mixed", "speaker", 20 * MINUTE},
	{MIXED, "A-1302", "buyer-mixed", "teapot mug mug", H(7), .paid_after = NEVER},
	{MIXED, "A-1303", "buyer-mixed", "sheets", H(9), .ships_after = D(3), .cod = true},
	{MIXED, "A-1304", "buyer-mixed", "backpack notebook", H(20), .ships_after = D(3),
		.may_cancel = "ask"},
	{MIXED, "A-1305", "buyer-mixed", "jacket-l", H(28), .ships_after = D(5),
		.may_cancel = "ask", .seller = "silent",
		.deed = {{H(3), CANCEL, "ordered_by_mistake"}}},
	{MIXED, "A-1306", "buyer-mixed", "ring", H(40), .ships_after = D(9), .may_cancel = "never"},
	{MIXED, "A-1307", "buyer-mixed", "planter candle | lamp", D(2), .second_after = D(4),
		.paid_with = "PayPal"},
	{MIXED, "A-1308", "buyer-mixed", "puzzle", H(51), .ships_after = H(49)},
	{MIXED, "A-1309", "buyer-mixed", "shoes-42 socks", D(4)},
	{MIXED, "A-1310", "buyer-mixed", "dress-s scarf earbuds mug", D(8)},
	{MIXED, "A-1311", "buyer-mixed", "blanket", D(10), .cod = true},
	{MIXED, "A-1312", "buyer-mixed", "kettle", D(11), .seller = "silent",
		.deed = {{H(8), RETURN_ALL, "damaged"}}},
	{MIXED, "A-1313", "buyer-mixed", "headphones", D(14), .may_return = "address",
		.deed = {{D(4), RETURN_ALL, "changed_mind"}, {D(1), SEND}}},
	{MIXED, "A-1314", "buyer-mixed", "teapot candle", D(16), .seller = "no",
		.deed = {{D(5), RETURN_FIRST, "not_as_described"}}},
	{MIXED, "A-1315", "buyer-mixed", "backpack", D(19),
		.deed = {{D(10), RETURN_ALL, "does_not_fit"}}},
	{MIXED, "A-1316", "buyer-mixed", "shoes-39", D(21),
		.deed = {{D(14), RETURN_ALL, "does_not_fit"}, {D(12), SEND}}},
	{MIXED, "A-1317", "buyer-mixed", "scarf", D(3), .paid_after = NEVER},
	{MIXED, "A-1318", "buyer-mixed", "speaker", D(15), .ships_after = D(3),
		.paid_with = "PayPal", .deed = {{D(14), CANCEL, "better_price"}}},
	{MIXED, "A-1319", "buyer-mixed", "dress-m", D(34)},
	{MIXED, "A-1320", "buyer-mixed", "lamp", D(41)},
	{MIXED, "A-1321", "buyer-mixed", "mug mug mug mug", D(55)},
	{MIXED, "A-1322", "buyer-mixed", "puzzle notebook", D(68)},
	{MIXED, "A-1323", "buyer-mixed", "jacket-l", D(80), .paid_with = "PayPal"},
	{MIXED, "A-1324", "buyer-mixed", "socks socks", D(97)},
	{MIXED, "A-1325", "buyer-mixed", "kettle", D(110), .ships_after = NEVER},
	{MIXED, "A-1326", "buyer-mixed", "candle", D(131)},
	{MIXED, "A-1327", "buyer-mixed", "planter | sheets", D(150)},
	{MIXED, "A-1328", "buyer-mixed", "earbuds", D(171)},
	{MIXED, "A-1329", "buyer-mixed", "teapot", D(190), .cod = true},
	{MIXED, "A-1330", "buyer-mixed", "notebook", D(205)},

	/* One situation each, for tests: always Maya's A-1001 */
	{"unpaid", "A-1001", "buyer-open", "dress-m", H(5), .paid_after = NEVER, .plain = true},
	{"on_hold", "A-1001", "buyer-open", "dress-m", 20 * MINUTE, .plain = true},
	{"ask_seller", "A-1001", "buyer-open", "dress-m", H(20), .ships_after = D(4),
		.may_cancel = "ask", .plain = true},
	{"seller_declines", "A-1001", "buyer-open", "dress-m", H(20), .ships_after = D(4),
		.may_cancel = "ask", .seller = "no", .plain = true},
	{"made_to_order", "A-1001", "buyer-open", "ring", H(20), .ships_after = D(9),
		.may_cancel = "never", .plain = true},
	{"cancel_pending", "A-1001", "buyer-open", "dress-m", H(28), .ships_after = D(5),
		.may_cancel = "ask", .seller = "silent", .plain = true,
		.deed = {{H(3), CANCEL, "ordered_by_mistake"}}},
	{"partly_shipped", "A-1001", "buyer-open", "dress-m | lamp", D(2), .second_after = D(4),
		.plain = true},
	{"packed", "A-1001", "buyer-open", "dress-m", D(2), .ships_after = D(2) - H(2),
		.plain = true},
	{"shipped", "A-1001", "buyer-open", "dress-m", D(4), .plain = true},
	{"delivered", "A-1001", "buyer-open", "dress-m", D(8), .plain = true},
	{"delivered_three", "A-1001", "buyer-open", "dress-m mug earbuds", D(8), .plain = true},
	{"window_over", "A-1001", "buyer-open", "dress-m", D(45), .plain = true},
	{"return_waiting", "A-1001", "buyer-open", "dress-m", D(9), .seller = "silent",
		.plain = true, .deed = {{H(8), RETURN_ALL, "damaged"}}},
	{"return_to_send", "A-1001", "buyer-open", "dress-m", D(9), .plain = true,
		.deed = {{D(1), RETURN_ALL, "changed_mind"}}},
	{"return_on_its_way", "A-1001", "buyer-open", "dress-m", D(9), .plain = true,
		.deed = {{D(2), RETURN_ALL, "changed_mind"}, {D(1), SEND}}},
	{"return_declined", "A-1001", "buyer-open", "dress-m", D(9), .seller = "no", .plain = true,
		.deed = {{D(1), RETURN_ALL, "damaged"}}},
	{"return_refunded", "A-1001", "buyer-open", "dress-m", D(20), .plain = true,
		.deed = {{D(12), RETURN_ALL, "changed_mind"}, {D(11), SEND}}},
	{"refund_running", "A-1001", "buyer-open", "dress-m", H(30), .ships_after = D(4),
		.plain = true, .deed = {{H(26), CANCEL, "changed_mind"}}},
	{"refund_paid", "A-1001", "buyer-open", "dress-m", D(6), .ships_after = D(4), .plain = true,
		.deed = {{D(5), CANCEL, "changed_mind"}}},
	{"cancelled_unpaid", "A-1001", "buyer-open", "dress-m", D(3), .paid_after = NEVER,
		.plain = true},
	{"cancel_overtaken", "A-1001", "buyer-open", "dress-m", H(20), .may_cancel = "ask",
		.seller = "silent", .plain = true, .deed = {{H(3), CANCEL, "ordered_by_mistake"}}},
	{"cash_on_delivery", "A-1001", "buyer-open", "dress-m", H(9), .ships_after = D(3),
		.cod = true, .plain = true},
};

static const struct sandbox_fixture fixture[] = {
	{"demo", "the whole shop: five buyers, 36 orders"},
	{"no_orders", "nobody has ordered anything"},
	{"one_open_order", "A-1001 can be cancelled"},
	{"two_open_orders", "A-1001 and A-1002 can be cancelled"},
	{"unpaid", "A-1001 waits for payment"},
	{"on_hold", "A-1001 was placed 20 minutes ago"},
	{"ask_seller", "A-1001 can be cancelled if the seller agrees; he will, after five hours"},
	{"seller_declines", "the same, and the seller will say no"},
	{"made_to_order", "A-1001 cannot be cancelled"},
	{"cancel_pending",
		"the seller was asked to cancel A-1001 and keeps silent: approved in 21 hours"},
	{"cancel_overtaken", "the same, but the parcel leaves in ten hours, which declines it"},
	{"cash_on_delivery", "A-1001 can be cancelled and was not paid yet"},
	{"partly_shipped", "one of two parcels of A-1001 is on its way"},
	{"packed", "A-1001 waits for the carrier"},
	{"shipped", "A-1001 is in transit"},
	{"delivered", "A-1001 arrived and can be returned"},
	{"delivered_three", "A-1001 holds a dress, a mug and earphones, which cannot be returned"},
	{"window_over", "A-1001 arrived too long ago"},
	{"return_waiting", "R-5001 of A-1001 waits for a silent seller: accepted in 40 hours"},
	{"return_to_send", "R-5001 of A-1001 is accepted, the buyer has to send it"},
	{"return_on_its_way", "R-5001 of A-1001 travels back"},
	{"return_declined", "the seller declined R-5001 of A-1001"},
	{"return_refunded", "R-5001 of A-1001 is paid out"},
	{"refund_running", "A-1001 was cancelled, its refund is approved"},
	{"refund_paid", "A-1001 was cancelled, its refund is paid out"},
	{"cancelled_unpaid", "A-1001 was never paid and ended by itself"},
	{"many_orders", "only buyer-mixed has orders, thirty of them"},
	{"crowd", "fifty buyers, each with four orders and goods that carry the buyer's name"},
};

size_t sandbox_fixtures(const struct sandbox_fixture **list)
{
	*list = fixture;
	return sizeof(fixture) / sizeof(fixture[0]);
}

static bool fixture_known(struct str name)
{
	for (size_t i = 0; i < sizeof(fixture) / sizeof(fixture[0]); i++)
		if (str_is(name, fixture[i].name))
			return true;
	return false;
}

static bool belongs(const struct story *s, struct str name)
{
	struct str in = str_of(s->in);

	while (in.n)
		if (str_eq(str_cut(&in, ' '), name))
			return true;
	return false;
}

/* Placing an order */

static void add_person(struct sql *sql, const struct person *p)
{
	struct sql_query *q =
		sql_query(sql, "insert into buyer(id, given, family, email, phone, postcode, city)"
			       " values (?, ?, ?, ?, ?, ?, ?)");

	sql_bind_text(q, str_of(p->id));
	sql_bind_text(q, str_of(p->given));
	sql_bind_text(q, str_of(p->family));
	sql_bind_text(q, str_of(p->email));
	sql_bind_text(q, str_of(p->phone));
	sql_bind_text(q, str_of(p->postcode));
	sql_bind_text(q, str_of(p->city));
	(void)sql_run(q);
}

enum { SHIPPING = 495, TAX_PERCENT = 8, BASKET_MAX = 16 };

struct basket {
	struct {
		struct str sku;
		int64_t price, tax, parcel;
	} item[BASKET_MAX];
	size_t n;
	int64_t subtotal, tax, parcels;
};

static int64_t price_of(struct sql *sql, struct str sku)
{
	struct sql_query *q = sql_query(sql, "select price from product where sku = ?");

	sql_bind_text(q, sku);
	return sql_number(q);
}

static struct basket fill_basket(struct sql *sql, const struct story *s)
{
	struct basket basket = {.parcels = 1};
	struct str goods = str_of(s->goods);

	while (goods.n) {
		struct str sku = str_cut(&goods, ' ');
		int64_t price, tax;

		if (str_is(sku, "|")) {
			basket.parcels++;
			continue;
		}
		assert(basket.n < BASKET_MAX);
		price = price_of(sql, sku);
		tax = s->plain ? 0 : (price * TAX_PERCENT + 50) / 100;
		basket.item[basket.n].sku = sku;
		basket.item[basket.n].price = price;
		basket.item[basket.n].tax = tax;
		basket.item[basket.n++].parcel = basket.parcels;
		basket.subtotal += price;
		basket.tax += tax;
	}
	return basket;
}

static const char *or_else(const char *text, const char *usual)
{
	return text ? text : usual;
}

struct timetable {
	int64_t placed, paid, ships, second, travels; /* paid, ships: NEVER */
};

static struct timetable timetable_of(const struct story *s, int64_t now)
{
	struct timetable t = {.placed = now - s->ago, .paid = NEVER, .ships = NEVER};

	t.travels = s->travels ? s->travels : D(4);
	if (s->paid_after != NEVER)
		t.paid = t.placed + (s->paid_after ? s->paid_after : 3 * MINUTE);
	if (s->ships_after != NEVER)
		t.ships = t.placed + (s->ships_after ? s->ships_after : H(30));
	t.second = s->second_after ? t.placed + s->second_after : t.ships + H(20);
	return t;
}

static void add_order(struct sandbox *shop, const struct story *s, const struct basket *basket,
	const struct timetable *t)
{
	int64_t shipping = s->plain ? 0 : SHIPPING;
	int64_t ships = t->ships == NEVER ? t->placed + D(2) : t->ships;
	struct sql_query *q = sql_query(shop->sql,
		"insert into orders(number, buyer, status, created, paid_with, cod, subtotal, "
		"shipping, tax,"
		" total, paid, may_cancel, may_return, seller, ship_by, deliver_by)"
		" values (?, ?, 'UNPAID', ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)");

	sql_bind_text(q, str_of(s->number));
	sql_bind_text(q, str_of(s->buyer));
	sql_bind_int(q, t->placed);
	sql_bind_text(
		q, str_of(s->cod ? "cash on delivery" : or_else(s->paid_with, "Visa ••4242")));
	sql_bind_bool(q, s->cod);
	sql_bind_int(q, basket->subtotal);
	sql_bind_int(q, shipping);
	sql_bind_int(q, basket->tax);
	sql_bind_int(q, basket->subtotal + shipping + basket->tax);
	sql_bind_text(q, str_of(or_else(s->may_cancel, "free")));
	sql_bind_text(q, str_of(or_else(s->may_return, "label")));
	sql_bind_text(q, str_of(or_else(s->seller, "yes")));
	sql_bind_int(q, ships + D(1));
	sql_bind_int(q, ships + COLLECT_AFTER + t->travels + D(1));
	(void)sql_run(q);
}

static void add_item(struct sandbox *shop, struct str number, const struct basket *basket, size_t i)
{
	struct sql_query *q = sql_query(shop->sql,
		"insert into item(id, order_number, position, sku, price, tax, parcel)"
		" values (?, ?, ?, ?, ?, ?, ?)");

	sql_bind_text(q, arena_printf(shop->scratch, "%.*s-%zu", STR(number), i + 1));
	sql_bind_text(q, number);
	sql_bind_int(q, (int64_t)i + 1);
	sql_bind_text(q, basket->item[i].sku);
	sql_bind_int(q, basket->item[i].price);
	sql_bind_int(q, basket->item[i].tax);
	sql_bind_int(q, basket->item[i].parcel);
	(void)sql_run(q);
}

static int64_t add_parcel(
	struct sandbox *shop, struct str number, int64_t position, const struct timetable *t)
{
	int64_t id =
		sql_number(sql_query(shop->sql, "select coalesce(max(id), 0) + 1 from parcel"));
	struct sql_query *q = sql_query(shop->sql,
		"insert into parcel(id, order_number, position, carrier, tracking, travels)"
		" values (?, ?, ?, ?, ?, ?)");
	struct str tracking = arena_printf(shop->scratch, "RW%.*s%04lldUS",
		STR(str_sub(number, 2, number.n)), (long long)(id * 7919 % 10000));

	sql_bind_int(q, id);
	sql_bind_text(q, number);
	sql_bind_int(q, position);
	sql_bind_text(q, S("Redwood Parcel"));
	sql_bind_text(q, tracking);
	sql_bind_int(q, t->travels);
	(void)sql_run(q);
	return id;
}

static void place(struct sandbox *shop, const struct story *s, int64_t now)
{
	struct timetable t = timetable_of(s, now);
	struct basket basket = fill_basket(shop->sql, s);
	struct str number = str_of(s->number);

	add_order(shop, s, &basket, &t);
	for (size_t i = 0; i < basket.n; i++)
		add_item(shop, number, &basket, i);
	if (t.paid == NEVER)
		clock_plan(shop, t.placed + PAY_WITHIN, "lapse", number, 0);
	else
		clock_plan(shop, t.paid, "pay", number, 0);
	for (int64_t position = 1; position <= basket.parcels; position++) {
		int64_t id = add_parcel(shop, number, position, &t);

		if (t.paid != NEVER && t.ships != NEVER)
			clock_plan(shop, position == 1 ? t.ships : t.second, "ship", number, id);
	}
}

/* What buyers did */

static const struct value *arguments(
	struct sandbox *shop, const struct story *s, const struct deed *deed)
{
	struct value_builder b = value_build(shop->scratch);
	struct value_builder items = value_build(shop->scratch);
	size_t n = deed->what == RETURN_FIRST ? 1 : fill_basket(shop->sql, s).n;
	struct sql_query *q;

	if (deed->what == SEND) {
		q = sql_query(shop->sql, "select id from returns where order_number = ?");
		sql_bind_text(q, str_of(s->number));
		value_put_text(&b, "return",
			arena_printf(shop->scratch, "R-%lld", (long long)sql_number(q)));
		value_put_text(
			&b, "number", arena_printf(shop->scratch, "RW90%sUS", s->number + 2));
		return value_record(&b);
	}
	for (size_t i = 0; i < n; i++)
		value_push(&items, value_text(shop->scratch, arena_printf(shop->scratch, "%s-%zu",
								     s->number, i + 1)));
	value_put_text(&b, "order", str_of(s->number));
	value_put_text(&b, "reason", str_of(deed->reason));
	value_put(&b, "items", value_list(&items));
	return value_record(&b);
}

static void perform(struct sandbox *shop, const struct story *s, const struct deed *deed)
{
	struct order_request request = {
		.buyer = str_of(s->buyer), .args = arguments(shop, s, deed)};
	struct call call = {.shop = shop, .request = &request, .arena = shop->scratch};
	enum order_outcome outcome;

	if (deed->what == CANCEL)
		outcome = orders_cancel(&call);
	else if (deed->what == SEND)
		outcome = returns_set_tracking(&call);
	else
		outcome = returns_create(&call);
	assert(outcome == ORDER_OK || sql_status(shop->sql) != SQL_OK);
	arena_reset(shop->scratch);
}

/* How long ago the next deed after the clock's time was; NEVER: there is none. */
static int64_t next_deed(struct str name, int64_t now, int64_t after)
{
	int64_t next = NEVER;

	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++)
		for (size_t k = 0; k < DEEDS; k++) {
			const struct deed *deed = &story[i].deed[k];

			if (deed->what != NOTHING && now - deed->ago > after && deed->ago > next &&
				belongs(&story[i], name))
				next = deed->ago;
		}
	return next;
}

static void perform_all(struct sandbox *shop, struct str name, int64_t ago)
{
	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++)
		for (size_t k = 0; k < DEEDS; k++)
			if (story[i].deed[k].what != NOTHING && story[i].deed[k].ago == ago &&
				belongs(&story[i], name))
				perform(shop, &story[i], &story[i].deed[k]);
}

static void live_through(struct sandbox *shop, struct str name, int64_t now)
{
	int64_t ago;

	while ((ago = next_deed(name, now, shop->now)) != NEVER) {
		clock_run(shop, now - ago);
		perform_all(shop, name, ago);
	}
	clock_run(shop, now);
}

/* The crowd: everything that is shown of a buyer's order carries a word of that buyer. */

static void add_canary(struct sql *sql, struct str sku, struct str title)
{
	struct sql_query *q = sql_query(sql, "insert into product(sku, title, variant, price, "
					     "final_sale) values (?, ?, '', 1999, 0)");

	sql_bind_text(q, sku);
	sql_bind_text(q, title);
	(void)sql_run(q);
}

static void add_crowd(struct sandbox *shop, int64_t now)
{
	static const struct story kind[] = {
		{.ago = H(5), .ships_after = D(4)},
		{.ago = H(20), .ships_after = D(4), .may_cancel = "ask"},
		{.ago = D(4)},
		{.ago = D(8)},
	};
	enum { KINDS = sizeof(kind) / sizeof(kind[0]), CROWD = 50 };
	struct arena *arena = shop->scratch;

	for (int i = 1; i <= CROWD; i++) {
		const char *id = arena_printf(arena, "crowd-%02d", i).p;
		const char *family = arena_printf(arena, "Canary%02d", i).p;
		struct str sku = arena_printf(arena, "canary-%02d", i);
		struct person p = {id, "Robin", family,
			arena_printf(arena, "canary%02d@example.com", i).p,
			arena_printf(arena, "+1 415 555 %04d", 7000 + i).p,
			arena_printf(arena, "%05d", 94100 + i).p,
			arena_printf(arena, "Canary%02dville", i).p};

		add_person(shop->sql, &p);
		add_canary(shop->sql, sku, arena_printf(arena, "Canary%02d teapot", i));
		for (int k = 0; k < KINDS; k++) {
			struct story s = kind[k];

			s.number = arena_printf(arena, "A-%d", 5000 + i * 10 + k).p;
			s.buyer = id;
			s.goods = arena_printf(arena, "%.*s %.*s", STR(sku), STR(sku)).p;
			place(shop, &s, now);
		}
	}
	arena_reset(arena);
}

static int64_t beginning(struct str name, int64_t now)
{
	int64_t first = D(10);

	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++)
		if (belongs(&story[i], name) && story[i].ago > first)
			first = story[i].ago;
	return now - first;
}

bool seed_fixture(struct sandbox *shop, struct str name, int64_t now)
{
	if (!fixture_known(name))
		return false;
	shop->now = beginning(name, now);
	catalogue_seed(shop->sql);
	for (size_t i = 0; i < sizeof(person) / sizeof(person[0]); i++)
		add_person(shop->sql, &person[i]);
	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++)
		if (belongs(&story[i], name))
			place(shop, &story[i], now);
	if (str_is(name, "crowd"))
		add_crowd(shop, now);
	live_through(shop, name, now);
	return true;
}

/* By hand: an order of now, which nobody ships unless he is told to. */

static bool sells(struct sql *sql, struct str goods)
{
	size_t n = 0;

	while (goods.n) {
		struct str sku = str_cut(&goods, ' ');

		if (!price_of(sql, sku) || ++n == BASKET_MAX)
			return false;
	}
	return n;
}

static bool has_buyer(struct sql *sql, struct str buyer)
{
	struct sql_query *q = sql_query(sql, "select count(*) from buyer where id = ?");

	sql_bind_text(q, buyer);
	return sql_number(q);
}

bool shop_order(struct sandbox *shop, struct str buyer, struct str goods, struct arena *arena,
	struct str *number)
{
	struct story s = {.paid_after = NEVER, .ships_after = NEVER};
	int64_t next = sql_number(sql_query(
		shop->sql, "select coalesce(max(cast(substr(number, 3) as integer)), 1000) + 1 from orders"));

	if (!has_buyer(shop->sql, buyer) || !sells(shop->sql, goods))
		return false;
	*number = arena_printf(arena, "A-%lld", (long long)next);
	s.number = number->p;
	s.buyer = arena_cstr(arena, buyer);
	s.goods = arena_cstr(arena, goods);
	place(shop, &s, shop->now);
	shop_changed(shop, SHOP_ORDER, *number, 0);
	return true;
}
