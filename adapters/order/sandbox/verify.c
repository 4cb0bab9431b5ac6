/* Proving a buyer: an order number and something that only the buyer knows, with limits on
 * guessing. */
#include "adapters/order/sandbox/shop.h"

#include "bot/base/text.h"

/* Guesses are counted for every number that is tried, whether such an order exists or not: the
 * limit itself must not tell. */

static void forget_old_misses(struct sandbox *shop)
{
	struct sql_query *q = sql_query(shop->sql, "delete from miss where at <= ?");

	sql_bind_int(q, shop->now - MISS_WINDOW);
	(void)sql_run(q);
}

static bool too_many(struct sandbox *shop, struct str who, struct str number)
{
	struct sql_query *by_who = sql_query(shop->sql, "select count(*) from miss where who = ?");
	struct sql_query *by_order =
		sql_query(shop->sql, "select count(*) from miss where order_number = ?");

	sql_bind_text(by_who, who);
	sql_bind_text(by_order, number);
	return (sql_number(by_who) >= MISSES_A_CONVERSATION) |
	       (sql_number(by_order) >= MISSES_AN_ORDER);
}

static void count_miss(struct sandbox *shop, struct str who, struct str number)
{
	struct sql_query *q =
		sql_query(shop->sql, "insert into miss(who, order_number, at) values (?, ?, ?)");

	sql_bind_text(q, who);
	sql_bind_text(q, number);
	sql_bind_int(q, shop->now);
	(void)sql_run(q);
}

/* Comparing */

/* As people mean it: case, accents, and a full stop at the end do not count. */
static struct str plain(struct arena *arena, struct str s)
{
	struct str text = text_normalise(arena, text_repaired(arena, s)).text;

	text = str_trim(text_unaccented(arena, text).text);
	while (text.n && (text.p[text.n - 1] == '.' || text.p[text.n - 1] == '!'))
		text.n--;
	return text;
}

static bool is_phone(struct arena *arena, struct str fact, struct str phone)
{
	struct str given = text_digits(arena, fact);
	struct str known = text_digits(arena, phone);

	for (size_t i = 0; i < fact.n; i++)
		if (!(fact.p[i] >= '0' && fact.p[i] <= '9') && fact.p[i] != ' ' &&
			fact.p[i] != '-' && fact.p[i] != '+' && fact.p[i] != '(' &&
			fact.p[i] != ')')
			return false;
	return (given.n == 4 || given.n >= 10) && str_ends(known, given);
}

static bool is_postcode(struct str fact, struct str postcode)
{
	struct str main_part = str_cut(&fact, '-'); /* 97214-3301 names a street in 97214 */

	return str_eq_nocase(str_trim(main_part), postcode) && fact.n <= 4;
}

static bool is_name(struct arena *arena, struct str fact, struct str given, struct str family)
{
	struct str full = arena_printf(arena, "%.*s %.*s", STR(given), STR(family));

	return str_eq(fact, plain(arena, family)) || str_eq(fact, plain(arena, full));
}

static bool has(struct str word, char from, char to)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= from && word.p[i] <= to)
			return true;
	return false;
}

/* What a sentence is about: "my phone ends in 0178", "my e-mail is jo@example.com", "it is Okafor".  The only word
 * with an @, else the only one with digits, else the last: one guess a message, never one a word. */
static struct str detail_of(struct str fact)
{
	struct str mail = {0}, number = {0}, last = {0};
	unsigned mails = 0, numbers = 0;

	while (fact.n) {
		struct str word = str_cut(&fact, ' ');

		if (!word.n)
			continue;
		last = word;
		if (has(word, '@', '@')) {
			mail = word;
			mails++;
		} else if (has(word, '0', '9')) {
			number = word;
			numbers++;
		}
	}
	if (mails)
		return mails == 1 ? mail : (struct str){0};
	if (numbers)
		return numbers == 1 ? number : (struct str){0};
	return last;
}

static bool is_one_of(struct arena *arena, struct str fact, struct sql_query *buyer)
{
	return fact.n &&
	       (str_eq(fact, plain(arena, sql_text(buyer, "email"))) |
		       is_phone(arena, fact, sql_text(buyer, "phone")) |
		       is_postcode(fact, sql_text(buyer, "postcode")) |
		       is_name(arena, fact, sql_text(buyer, "given"), sql_text(buyer, "family")));
}

static bool proves(struct arena *arena, struct str written, struct sql_query *buyer)
{
	struct str fact = plain(arena, written);

	return is_one_of(arena, fact, buyer) | is_one_of(arena, detail_of(fact), buyer);
}

enum order_outcome buyers_verify(struct call *call)
{
	struct sandbox *shop = call->shop;
	struct str number = order_number_of(call->arena, call_text(call, "order"));
	struct str fact = call_text(call, "fact");
	struct value_builder b = value_build(call->arena);
	struct sql_query *q;
	bool proven;

	forget_old_misses(shop);
	if (too_many(shop, call->request->who, number))
		return call_refuse(call, "too_many",
			S("there were too many tries, please wait an hour or ask for a person"));
	q = sql_query(shop->sql, "select buyer.* from buyer join orders on orders.buyer = buyer.id "
				 "where number = ?");
	sql_bind_text(q, number);
	proven = sql_next(q) && proves(call->arena, fact, q);
	if (proven) {
		value_put_text(&b, "id", sql_text(q, "id"));
		value_put_text(&b, "name", sql_text(q, "given"));
		call->answer = value_record(&b);
	}
	sql_end(q);
	if (proven)
		return ORDER_OK;
	count_miss(shop, call->request->who, number);
	return call_refuse(
		call, "no_match", S("the order number and the second detail do not go together"));
}
