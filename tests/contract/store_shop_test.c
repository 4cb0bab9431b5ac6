/* What the shop tells and what was promised to tell on. */
#include "tests/contract/store_home.h"

#include "adapters/store/store_chats.h"

struct seen {
	char text[1000];
};

static void add(struct seen *seen, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct seen *seen, const char *format, ...)
{
	size_t used = strlen(seen->text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(seen->text + used, sizeof(seen->text) - used, format, ap);
	va_end(ap);
}

/* Promises */

static void see_promise(void *self, const struct store_promise *p)
{
	add(self, "%.*s %.*s %.*s made %lld kept %lld@%lld ended %lld news %lld looked %lld|",
		STR(p->conversation), STR(p->event), STR(p->of), (long long)p->made_ms,
		(long long)p->kept, (long long)p->kept_ms, (long long)p->ended_ms,
		(long long)p->news_ms, (long long)p->looked_ms);
}

static const char *promises(struct home *home, bool all)
{
	static struct seen seen;

	seen.text[0] = '\0';
	assert_int_equal(store_promises(home->store, all, see_promise, &seen), STORE_OK);
	return seen.text;
}

static const struct store_watch refund_of_1 = {{"refund.updated", 14}, {"O-1", 3}};

static void promise__lives_from_the_watch_to_its_end(void **state)
{
	static const struct store_watch both[] = {
		{{"refund.updated", 14}, {"O-1", 3}}, {{"buyer", 5}, {"b-1", 3}}};
	struct home *home = *state;

	begin(home);
	store_set_watches(home->store, S("c"), both, 2, 1000);
	store_set_watches(home->store, S("c"), both, 2, 2000);
	commit(home);
	assert_string_equal(promises(home, false),
		"c refund.updated O-1 made 1000 kept 0@0 ended 0 news 0 looked 0|");
	begin(home);
	store_set_watches(home->store, S("c"), NULL, 0, 3000);
	store_set_watches(home->store, S("c"), both, 1, 4000);
	commit(home);
	reopen(home);
	assert_string_equal(promises(home, false),
		"c refund.updated O-1 made 4000 kept 0@0 ended 0 news 0 looked 0|");
	assert_string_equal(promises(home, true),
		"c refund.updated O-1 made 1000 kept 0@0 ended 3000 news 0 looked 0|"
		"c refund.updated O-1 made 4000 kept 0@0 ended 0 news 0 looked 0|");
}

static void promise__kept_by_the_turn_that_ended_it(void **state)
{
	struct home *home = *state;

	begin(home);
	store_set_watches(home->store, S("c"), &refund_of_1, 1, 1000);
	store_set_watches(home->store, S("d"), &refund_of_1, 1, 1000);
	commit(home);
	begin(home);
	store_set_watches(home->store, S("c"), NULL, 0, 5000);
	store_keep_promise(home->store, S("c"), S("refund.updated"), S("O-1"), 5000);
	store_keep_promise(home->store, S("c"), S("refund.updated"), S("O-2"), 5000);
	commit(home);
	assert_string_equal(promises(home, true),
		"c refund.updated O-1 made 1000 kept 1@5000 ended 5000 news 0 looked 0|"
		"d refund.updated O-1 made 1000 kept 0@0 ended 0 news 0 looked 0|");
}

static void promise__knows_of_news_that_nobody_took_and_of_the_last_look(void **state)
{
	struct store_order order = {.number = S("O-1"), .looked_ms = 7000};
	struct home *home = *state;

	begin(home);
	store_set_watches(home->store, S("c"), &refund_of_1, 1, 1000);
	(void)store_add_notice(home->store, 9, S("refund.updated"), S("b"), S("O-1"), &value_none);
	(void)store_add_notice(home->store, 8, S("order.updated"), S("b"), S("O-1"), &value_none);
	store_put_order(home->store, &order);
	commit(home);
	assert_string_equal(promises(home, false),
		"c refund.updated O-1 made 1000 kept 0@0 ended 0 news 9000 looked 7000|");
}

static void promise__of_a_forgotten_conversation_is_gone(void **state)
{
	struct home *home = *state;

	begin(home);
	store_set_watches(home->store, S("c"), &refund_of_1, 1, 1000);
	commit(home);
	assert_int_equal(store_forget(home->store, S("c")), STORE_OK);
	assert_string_equal(promises(home, true), "");
}

/* Notices */

static const struct value *fields(struct home *home, const char *order)
{
	struct value_builder b = value_build(home->arena);

	value_put_text(&b, "order", str_of(order));
	value_put(&b, "amount", value_money(home->arena, S("9.90"), S("USD")));
	return value_record(&b);
}

static void notice__comes_again_until_it_is_taken(void **state)
{
	struct store_notice notice;
	struct home *home = *state;
	int64_t first, second;

	begin(home);
	first = store_add_notice(
		home->store, 5, S("refund.updated"), S("b-1"), S("O-1"), fields(home, "O-1"));
	second = store_add_notice(
		home->store, 6, S("order.updated"), S("b-2"), S("O-2"), fields(home, "O-2"));
	commit(home);
	reopen(home);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_next_notice(home->store, 0, home->arena, &notice), STORE_OK);
		assert_int_equal(notice.id, first);
		assert_int_equal(notice.at, 5);
		assert_true(str_is(notice.event, "refund.updated") && str_is(notice.buyer, "b-1"));
		assert_true(value_eq(notice.fields, fields(home, "O-1")));
	}
	begin(home);
	store_take_notice(home->store, first);
	commit(home);
	assert_int_equal(store_next_notice(home->store, 0, home->arena, &notice), STORE_OK);
	assert_int_equal(notice.id, second);
	assert_int_equal(store_next_notice(home->store, second, home->arena, &notice), STORE_NONE);
}

/* Orders */

static void see_order(void *self, const struct store_order *o)
{
	add(self, "%.*s@%lld ", STR(o->number), (long long)o->look_ms);
}

static const char *due(struct home *home, int64_t until_ms, int limit)
{
	static struct seen seen;

	seen.text[0] = '\0';
	assert_int_equal(
		store_orders_due(home->store, until_ms, limit, see_order, &seen), STORE_OK);
	return seen.text;
}

static void put(struct home *home, const char *number, int64_t looked_ms)
{
	struct store_order order = {.number = str_of(number),
		.buyer = S("b-1"),
		.status = S("DELIVERED"),
		.refund = S("approved"),
		.returned = S("R-1 send_it"),
		.looked_ms = looked_ms};

	store_put_order(home->store, &order);
}

static void order__is_kept_as_the_buyer_knows_it(void **state)
{
	struct home *home = *state;
	struct store_order order;

	begin(home);
	put(home, "O-1", 1000);
	put(home, "O-1", 2000);
	commit(home);
	assert_int_equal(store_order(home->store, S("O-1"), home->arena, &order), STORE_OK);
	assert_true(str_is(order.buyer, "b-1") && str_is(order.status, "DELIVERED"));
	assert_true(str_is(order.refund, "approved") && str_is(order.returned, "R-1 send_it"));
	assert_int_equal(order.looked_ms, 2000);
	assert_int_equal(order.look_ms, 0);
	assert_int_equal(store_order(home->store, S("O-2"), home->arena, &order), STORE_NONE);
}

static void look__is_planned_for_known_orders_and_the_soonest_time(void **state)
{
	struct home *home = *state;

	begin(home);
	put(home, "O-1", 1000);
	put(home, "O-2", 1000);
	store_look_at(home->store, S("O-1"), 5000);
	store_look_at(home->store, S("O-1"), 9000);
	store_look_at(home->store, S("O-2"), 4000);
	store_look_at(home->store, S("O-3"), 100);
	commit(home);
	reopen(home);
	assert_string_equal(due(home, 3999, 10), "");
	assert_string_equal(due(home, 9000, 10), "O-2@4000 O-1@5000 ");
	assert_string_equal(due(home, 9000, 1), "O-2@4000 ");
	begin(home);
	put(home, "O-2", 9000);
	commit(home);
	assert_string_equal(due(home, 9000, 10), "O-1@5000 ");
}

static void look__is_planned_for_what_is_watched_and_was_long_not_seen(void **state)
{
	static const struct store_watch watch[] = {
		{{"refund.updated", 14}, {"O-1", 3}}, {{"return.updated", 14}, {"O-2", 3}}};
	struct home *home = *state;

	begin(home);
	put(home, "O-1", 1000);
	put(home, "O-2", 5000);
	put(home, "O-3", 1000);
	store_set_watches(home->store, S("c"), watch, 2, 1000);
	store_look_at_watched(home->store, 5000, 8000);
	commit(home);
	assert_string_equal(due(home, 9000, 10), "O-1@8000 ");
}

static void look__that_found_nothing_new__is_noted_for_what_is_watched(void **state)
{
	static const struct store_watch watch[] = {
		{{"refund.updated", 14}, {"O-1", 3}}, {{"return.updated", 14}, {"O-2", 3}}};
	struct home *home = *state;
	struct store_order order;

	begin(home);
	for (int i = 1; i <= 3; i++)
		put(home, i == 1 ? "O-1" : i == 2 ? "O-2" : "O-3", 1000);
	store_set_watches(home->store, S("c"), watch, 2, 1000);
	store_look_at(home->store, S("O-2"), 3000);
	store_note_looked(home->store, 5000);
	commit(home);
	assert_int_equal(store_order(home->store, S("O-1"), home->arena, &order), STORE_OK);
	assert_int_equal(order.looked_ms, 5000);
	assert_int_equal(store_order(home->store, S("O-2"), home->arena, &order), STORE_OK);
	assert_int_equal(order.looked_ms, 1000);
	assert_int_equal(store_order(home->store, S("O-3"), home->arena, &order), STORE_OK);
	assert_int_equal(order.looked_ms, 1000);
}

/* Messages of the shop's server, and cursors */

static void hook__is_known_once_told_and_forgotten_by_age(void **state)
{
	struct home *home = *state;

	begin(home);
	assert_true(store_know_hook(home->store, S("7380066284010030890"), 1000));
	assert_false(store_know_hook(home->store, S("7380066284010030890"), 2000));
	assert_true(store_know_hook(home->store, S("7380066284010030891"), 5000));
	commit(home);
	assert_int_equal(store_expire(home->store, 4000), STORE_OK);
	begin(home);
	assert_true(store_know_hook(home->store, S("7380066284010030890"), 6000));
	assert_false(store_know_hook(home->store, S("7380066284010030891"), 6000));
	store_rollback(home->store);
}

static void expire__keeps_orders_that_somebody_waits_for(void **state)
{
	struct home *home = *state;
	struct store_order order;

	begin(home);
	put(home, "O-1", 1000);
	put(home, "O-2", 1000);
	put(home, "O-3", 5000);
	store_set_watches(home->store, S("c"), &refund_of_1, 1, 1000);
	commit(home);
	assert_int_equal(store_expire(home->store, 4000), STORE_OK);
	assert_int_equal(store_order(home->store, S("O-1"), home->arena, &order), STORE_OK);
	assert_int_equal(store_order(home->store, S("O-2"), home->arena, &order), STORE_NONE);
	assert_int_equal(store_order(home->store, S("O-3"), home->arena, &order), STORE_OK);
}

static void cursor__is_where_it_was_left(void **state)
{
	struct home *home = *state;
	struct str value;

	assert_int_equal(store_cursor(home->store, S("chat"), home->arena, &value), STORE_NONE);
	assert_int_equal(value.n, 0);
	begin(home);
	store_set_cursor(home->store, S("chat"), S("17"));
	store_set_cursor(home->store, S("chat"), S("18"));
	commit(home);
	reopen(home);
	assert_int_equal(store_cursor(home->store, S("chat"), home->arena, &value), STORE_OK);
	assert_true(str_is(value, "18"));
}

/* Chats */

static void see_chat(void *self, const struct store_chat *c)
{
	add(self, "%.*s@%lld ", STR(c->conversation), (long long)c->read_ms);
}

static void chat__is_kept_and_found_when_it_is_to_be_read(void **state)
{
	struct store_chat got, chat = {.conversation = S("chat:7"),
				       .account = S("chat"),
				       .peer = S("7"),
				       .awaited = S("m1"),
				       .read_ms = 500};
	struct home *home = *state;
	struct seen seen = {{0}};

	begin(home);
	store_put_chat(home->store, &chat);
	chat.conversation = S("chat:8");
	chat.read_ms = 0;
	store_put_chat(home->store, &chat);
	commit(home);
	reopen(home);
	assert_int_equal(
		store_chats_due(home->store, S("chat"), 499, 9, see_chat, &seen), STORE_OK);
	assert_int_equal(
		store_chats_due(home->store, S("other"), 900, 9, see_chat, &seen), STORE_OK);
	assert_string_equal(seen.text, "");
	assert_int_equal(
		store_chats_due(home->store, S("chat"), 500, 9, see_chat, &seen), STORE_OK);
	assert_string_equal(seen.text, "chat:7@500 ");
	begin(home);
	chat = (struct store_chat){.conversation = S("chat:7"),
		.account = S("chat"),
		.peer = S("7"),
		.buyer = S("b-1"),
		.buyer_name = S("Ann"),
		.silent = true,
		.last = S("m1"),
		.tries = 2};
	store_put_chat(home->store, &chat);
	commit(home);
	assert_int_equal(store_chat(home->store, S("chat:7"), home->arena, &got), STORE_OK);
	assert_true(str_is(got.buyer, "b-1") && str_is(got.buyer_name, "Ann") && got.silent);
	assert_true(str_is(got.last, "m1") && !got.awaited.n && !got.read_ms && got.tries == 2);
	assert_true(str_is(got.account, "chat") && str_is(got.peer, "7"));
	assert_int_equal(store_forget(home->store, S("chat:7")), STORE_OK);
	assert_int_equal(store_chat(home->store, S("chat:7"), home->arena, &got), STORE_OK);
	assert_true(str_is(got.last, "m1") && !got.buyer.n && !got.buyer_name.n && !got.tries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(promise__lives_from_the_watch_to_its_end),
		T(promise__kept_by_the_turn_that_ended_it),
		T(promise__knows_of_news_that_nobody_took_and_of_the_last_look),
		T(promise__of_a_forgotten_conversation_is_gone),
		T(notice__comes_again_until_it_is_taken),
		T(order__is_kept_as_the_buyer_knows_it),
		T(look__is_planned_for_known_orders_and_the_soonest_time),
		T(look__is_planned_for_what_is_watched_and_was_long_not_seen),
		T(look__that_found_nothing_new__is_noted_for_what_is_watched),
		T(hook__is_known_once_told_and_forgotten_by_age),
		T(expire__keeps_orders_that_somebody_waits_for),
		T(chat__is_kept_and_found_when_it_is_to_be_read),
		T(cursor__is_where_it_was_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
