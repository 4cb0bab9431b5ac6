/* Ids: the platform's are decimal digits, 17 to 19 of them.  Those of the shop's numbered things
 * hold that number (order 576461413030001001 is A-1001); those of names are made of the name's
 * digest. */
#include "adapters/order/shop_wire/parts.h"

static const struct id_rule {
	int64_t base, most; /* own numbers from 0 to most */
} id_rule[N_ID_KIND] = {
	[ID_ORDER] = {576461413030000000, 9999999},
	[ID_LINE] = {576461420000000000, 999999999}, /* order × 100 + position */
	[ID_PACKAGE] = {1155700000000000000, 999999999},
	[ID_CANCEL] = {4035318500000000000, 999999999},
	[ID_CANCEL_LINE] = {4035400000000000000, 99999999999}, /* cancellation × 100 + position */
	[ID_RETURN] = {4035319600000000000, 999999999},
	[ID_RETURN_LINE] = {4035500000000000000, 99999999999}, /* return × 100 + position */
	[ID_TALK] = {7494560100000000000, 999999999},
	[ID_MESSAGE] = {7494560200000000000, 9999999999},
	[ID_EVENT] = {7380066284000000000, 999999999},
	[ID_REFUND] = {4035610000000000000, 999999999},
};

int64_t id_number(enum id_kind kind, int64_t own)
{
	return id_rule[kind].base + own;
}

struct str id_of(struct arena *arena, enum id_kind kind, int64_t own)
{
	return arena_printf(arena, "%lld", (long long)id_number(kind, own));
}

bool id_own(enum id_kind kind, struct str id, int64_t *own)
{
	int64_t number;

	if (id.n < 17 || !str_int(id, &number))
		return false;
	*own = number - id_rule[kind].base;
	return *own >= 0 && *own <= id_rule[kind].most;
}

/* "A-1001" -> 1001 */
static int64_t order_own(struct str number)
{
	int64_t own = 0;

	return str_int(str_sub(number, 2, number.n), &own) ? own : 0;
}

struct str wire_order_id(struct arena *arena, struct str number)
{
	return id_of(arena, ID_ORDER, order_own(number));
}

struct str number_of_id(struct arena *arena, struct str id)
{
	int64_t own;

	return id_own(ID_ORDER, id, &own) ? arena_printf(arena, "A-%lld", (long long)own)
					  : (struct str){0};
}

struct str wire_order_number(struct wire *wire, struct str id, struct arena *arena)
{
	struct str number = number_of_id(arena, id);
	struct order o;

	if (!number.n)
		number = order_number_of(arena, id);
	return order_read(wire->setup.sandbox, arena, number, &o) ? o.number : (struct str){0};
}

/* "A-1001-2" <-> …100102 */
struct str id_of_item(struct arena *arena, struct str item)
{
	struct str rest = str_sub(item, 2, item.n), number = str_cut(&rest, '-');
	int64_t order = 0, position = 0;

	if (!str_int(number, &order) || !str_int(rest, &position))
		return (struct str){0};
	return id_of(arena, ID_LINE, order * 100 + position);
}

struct str item_of_id(struct arena *arena, struct str id)
{
	int64_t own;

	if (!id_own(ID_LINE, id, &own))
		return (struct str){0};
	return arena_printf(arena, "A-%lld-%lld", (long long)(own / 100), (long long)(own % 100));
}

struct str id_of_name(struct arena *arena, const char *kind, struct str name)
{
	static const struct {
		const char *kind, *head;
	} head[] = {{"user", "7494"}, {"im", "7495"}, {"sku", "1729"}, {"product", "1728"}};
	const struct str piece[] = {str_of(kind), name};
	struct digest digest = digest_of_pieces(piece, 2);
	const char *first = "7000";
	uint64_t number = 0;

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		if (str_is(str_of(kind), head[i].kind))
			first = head[i].head;
	for (int i = 0; i < 7; i++)
		number = number << 8 | digest.byte[i];
	return arena_printf(
		arena, "%s%015llu", first, (unsigned long long)(number % 1000000000000000));
}

struct str wire_user_id(struct arena *arena, struct str buyer)
{
	return id_of_name(arena, "user", buyer);
}

/* There are few names: each is tried. */
static struct str find_name(
	struct visit *v, struct sql_query *names, const char *kind, struct str id)
{
	struct str found = {0};

	while (!found.n && sql_next(names))
		if (str_eq(id_of_name(v->arena, kind, sql_text(names, "name")), id))
			found = sql_copy(names, v->arena, "name");
	sql_end(names);
	return found;
}

struct str buyer_of_id(struct visit *v, struct str id)
{
	return find_name(v, sql_query(v->sql, "select id as name from buyer"), "user", id);
}

struct str sku_of_id(struct visit *v, struct str id)
{
	return find_name(v, sql_query(v->sql, "select sku as name from product"), "sku", id);
}

/* "dress-m" is shown by dress.svg. */
struct str picture_of(struct arena *arena, struct str sku)
{
	struct str name = str_cut(&sku, '-');

	return arena_printf(arena, "https://juniper-finch.example/pictures/%.*s.svg", STR(name));
}

/* What is none becomes a text that nothing is called. */
static struct str own_text(struct visit *v, enum id_kind kind, struct str id)
{
	int64_t own;

	return id_own(kind, id, &own) ? arena_printf(v->arena, "%lld", (long long)own) : S("-");
}

struct str as_number(struct visit *v, struct str id)
{
	struct str number = number_of_id(v->arena, id);

	return number.n ? number : S("-");
}

struct str as_buyer(struct visit *v, struct str id)
{
	struct str buyer = buyer_of_id(v, id);

	return buyer.n ? buyer : S("-");
}

struct str as_cancellation(struct visit *v, struct str id)
{
	return own_text(v, ID_CANCEL, id);
}

struct str as_return(struct visit *v, struct str id)
{
	return own_text(v, ID_RETURN, id);
}
