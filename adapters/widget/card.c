/* Cards: kinds, steps, JSON. */
#include "adapters/widget/card.h"

#include "adapters/widget/content.h"
#include "bot/base/json_out.h"

enum { max_orders = 10, max_items = 50 };

const char *const step_state_name[3] = {
	[STEP_DONE] = "done", [STEP_NOW] = "now", [STEP_NEXT] = "next"};

static bool has(const struct value *card, const char *name)
{
	return value_get_text(card, name).n > 0;
}

static const struct value *orders_of(const struct value *card)
{
	if (card && card->type == VALUE_RECORD)
		card = value_get(card, "orders");
	return card && card->type == VALUE_LIST ? card : NULL;
}

enum card_kind card_kind_of(const struct value *card)
{
	const struct value *orders = orders_of(card);

	if (orders)
		return card_kind_of(value_at(orders, 0)) == CARD_ORDER ? CARD_ORDERS : CARD_NONE;
	if (!card || card->type != VALUE_RECORD)
		return CARD_NONE;
	if (has(card, "number") && has(card, "status"))
		return CARD_ORDER;
	if (!has(card, "state"))
		return CARD_NONE;
	if (has(card, "id"))
		return has(card, "order") ? CARD_RETURN : CARD_NONE;
	return value_get_text(value_get(card, "amount"), "amount").n ? CARD_REFUND : CARD_NONE;
}

/* --- steps --- */

/* By the state's wire word: the texts of the way, how many are behind, and whether the next is
 * under way. */
struct way {
	enum card_kind kind;
	const char *state;
	const char *const *text;
	unsigned n_done;
	bool under_way;
};

static const char *const bought[] = {"Ordered", "Paid", "Packed", "On its way", "Delivered", NULL};
static const char *const called_off[] = {"Ordered", "Cancelled", NULL};
static const char *const refunded[] = {"Requested", "Approved", "Paid out", NULL};
static const char *const refused[] = {"Requested", "Declined", NULL};
static const char *const sent_back[] = {
	"Requested", "Accepted", "Sent back", "Received", "Paid out", NULL};
static const char *const closed[] = {"Requested", "Closed", NULL};

static const struct way way_of[] = {
	{CARD_ORDER, "UNPAID", bought, 1, true},
	{CARD_ORDER, "ON_HOLD", bought, 2, false},
	{CARD_ORDER, "AWAITING_SHIPMENT", bought, 2, true},
	{CARD_ORDER, "AWAITING_COLLECTION", bought, 3, false},
	{CARD_ORDER, "PARTIALLY_SHIPPING", bought, 3, true},
	{CARD_ORDER, "IN_TRANSIT", bought, 3, true},
	{CARD_ORDER, "DELIVERED", bought, 5, false},
	{CARD_ORDER, "COMPLETED", bought, 5, false},
	{CARD_ORDER, "CANCELLED", called_off, 2, false},
	{CARD_REFUND, "waiting_seller", refunded, 0, true},
	{CARD_REFUND, "requested", refunded, 1, true},
	{CARD_REFUND, "approved", refunded, 2, true},
	{CARD_REFUND, "paid", refunded, 3, false},
	{CARD_REFUND, "rejected", refused, 2, false},
	{CARD_RETURN, "waiting_seller", sent_back, 1, true},
	{CARD_RETURN, "send_it", sent_back, 2, true},
	{CARD_RETURN, "on_its_way", sent_back, 3, true},
	{CARD_RETURN, "approved", sent_back, 4, true},
	{CARD_RETURN, "paid", sent_back, 5, false},
	{CARD_RETURN, "rejected", refused, 2, false},
	{CARD_RETURN, "closed", closed, 2, false},
};

static const struct way *find_way(const struct value *card)
{
	enum card_kind kind = card_kind_of(card);
	struct str state = value_get_text(card, kind == CARD_ORDER ? "status" : "state");

	for (size_t i = 0; i < sizeof(way_of) / sizeof(*way_of); i++)
		if (way_of[i].kind == kind && str_is(state, way_of[i].state))
			return &way_of[i];
	return NULL;
}

size_t card_steps(const struct value *card, struct card_step step[card_max_steps])
{
	const struct way *way = find_way(card);
	bool cash = value_bool_of(value_get(card, "cod")); /* paid last, at the door */
	size_t n = 0;

	for (unsigned i = 0; way && way->text[i]; i++) {
		if (cash && way->text == bought && i == 1)
			continue;
		step[n].text = way->text[i];
		step[n++].state = i < way->n_done                      ? STEP_DONE
				  : i == way->n_done && way->under_way ? STEP_NOW
								       : STEP_NEXT;
	}
	return n;
}

/* --- JSON --- */

static void write_money(struct buf *out, const char *key, const struct value *money)
{
	json_out_key(out, key);
	json_out_open(out, '{');
	json_out_member(out, "amount", value_get_text(money, "amount"));
	json_out_member(out, "currency", value_get_text(money, "currency"));
	json_out_close(out, '}');
}

static void write_item(struct buf *out, const struct value *item, const struct frame_view *view)
{
	struct str image = value_get_text(item, "image");
	const struct value *price = value_get(item, "price");

	json_out_open(out, '{');
	json_out_member(out, "title", value_get_text(item, "title"));
	json_out_member_if(out, "variant", value_get_text(item, "variant"));
	if (value_get_int(item, "quantity") > 0)
		json_out_member_int(out, "quantity", value_get_int(item, "quantity"));
	if (content_may_show(view, image))
		json_out_member(out, "image", image);
	if (value_get_text(price, "amount").n)
		write_money(out, "price", price);
	json_out_close(out, '}');
}

static void write_items(struct buf *out, const struct value *items, const struct frame_view *view)
{
	json_out_key(out, "items");
	json_out_open(out, '[');
	for (size_t i = 0; i < items->list.n && i < max_items; i++)
		if (items->list.item[i]->type == VALUE_RECORD)
			write_item(out, items->list.item[i], view);
	json_out_close(out, ']');
}

static void write_steps(struct buf *out, const struct value *card)
{
	struct card_step step[card_max_steps];
	size_t n = card_steps(card, step);

	if (!n)
		return;
	json_out_key(out, "steps");
	json_out_open(out, '[');
	for (size_t i = 0; i < n; i++) {
		json_out_open(out, '{');
		json_out_member(out, "text", str_of(step[i].text));
		json_out_member(out, "state", str_of(step_state_name[step[i].state]));
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

enum form { FORM_TEXT, FORM_MONEY, FORM_TIME, FORM_LINK, FORM_ITEMS };

#define IN(kind) (1u << (kind))

/* The fields of all cards, in the order of PROTOCOL.md. */
static const struct {
	const char *name;
	enum form form;
	unsigned kinds;
} field_of[] = {
	{"number", FORM_TEXT, IN(CARD_ORDER)},
	{"id", FORM_TEXT, IN(CARD_RETURN)},
	{"order", FORM_TEXT, IN(CARD_REFUND) | IN(CARD_RETURN)},
	{"status", FORM_TEXT, IN(CARD_ORDER)},
	{"status_text", FORM_TEXT, IN(CARD_ORDER)},
	{"state", FORM_TEXT, IN(CARD_REFUND) | IN(CARD_RETURN)},
	{"state_text", FORM_TEXT, IN(CARD_REFUND) | IN(CARD_RETURN)},
	{"created", FORM_TIME, IN(CARD_ORDER)},
	{"items", FORM_ITEMS, IN(CARD_ORDER) | IN(CARD_RETURN)},
	{"total", FORM_MONEY, IN(CARD_ORDER)},
	{"amount", FORM_MONEY, IN(CARD_REFUND)},
	{"refund", FORM_MONEY, IN(CARD_RETURN)},
	{"paid_with", FORM_TEXT, IN(CARD_ORDER) | IN(CARD_REFUND)},
	{"carrier", FORM_TEXT, IN(CARD_ORDER)},
	{"tracking", FORM_TEXT, IN(CARD_ORDER) | IN(CARD_RETURN)},
	{"ship_by", FORM_TIME, IN(CARD_ORDER)},
	{"deliver_by", FORM_TIME, IN(CARD_ORDER)},
	{"delivered", FORM_TIME, IN(CARD_ORDER)},
	{"cancelled", FORM_TIME, IN(CARD_ORDER)},
	{"requested", FORM_TIME, IN(CARD_REFUND)},
	{"approved", FORM_TIME, IN(CARD_REFUND)},
	{"paid", FORM_TIME, IN(CARD_REFUND)},
	{"deadline", FORM_TIME, IN(CARD_REFUND) | IN(CARD_RETURN)},
	{"why", FORM_TEXT, IN(CARD_REFUND)},
	{"label", FORM_LINK, IN(CARD_RETURN)},
	{"address", FORM_TEXT, IN(CARD_RETURN)},
	{"next", FORM_TEXT, IN(CARD_RETURN)},
};

static void write_field(struct buf *out, const char *name, enum form form,
	const struct value *value, const struct frame_view *view)
{
	struct str text = value_text_of(value);

	switch (form) {
	case FORM_TEXT:
		json_out_member_if(out, name, text);
		return;
	case FORM_MONEY:
		if (value_get_text(value, "amount").n)
			write_money(out, name, value);
		return;
	case FORM_TIME:
		if (value_int_of(value))
			json_out_member_int(out, name, value_int_of(value));
		return;
	case FORM_LINK:
		if (content_is_web(text))
			json_out_member(out, name, text);
		return;
	case FORM_ITEMS:
		if (value && value->type == VALUE_LIST)
			write_items(out, value, view);
		return;
	}
}

static void write_orders(struct buf *out, const struct value *orders, const struct frame_view *view)
{
	json_out_open(out, '{');
	json_out_member(out, "card", S("orders"));
	json_out_key(out, "orders");
	json_out_open(out, '[');
	for (size_t i = 0; i < orders->list.n && i < max_orders; i++)
		if (card_kind_of(orders->list.item[i]) == CARD_ORDER)
			card_write(orders->list.item[i], view, out);
	json_out_close(out, ']');
	json_out_close(out, '}');
}

static void write_one(struct buf *out, const struct value *card, enum card_kind kind,
	const struct frame_view *view)
{
	static const char *const name[] = {
		[CARD_ORDER] = "order", [CARD_REFUND] = "refund", [CARD_RETURN] = "return"};

	json_out_open(out, '{');
	json_out_member(out, "card", str_of(name[kind]));
	for (size_t i = 0; i < sizeof(field_of) / sizeof(*field_of); i++)
		if (field_of[i].kinds & IN(kind))
			write_field(out, field_of[i].name, field_of[i].form,
				value_get(card, field_of[i].name), view);
	write_steps(out, card);
	json_out_close(out, '}');
}

void card_write(const struct value *card, const struct frame_view *view, struct buf *out)
{
	enum card_kind kind = card_kind_of(card);

	switch (kind) {
	case CARD_NONE:
		json_out_value(out, NULL);
		return;
	case CARD_ORDERS:
		write_orders(out, orders_of(card), view);
		return;
	case CARD_ORDER:
	case CARD_REFUND:
	case CARD_RETURN:
		write_one(out, card, kind, view);
		return;
	}
}
