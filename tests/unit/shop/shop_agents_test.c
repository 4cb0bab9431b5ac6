/* Who answers a buyer beside us: what tells them from us, and what becomes of the conversation. */
#include "tests/unit/desk/desk_world.h"

#include "adapters/store/store_peers.h"
#include "bot/shop/shop_agents.h"

struct shop {
	struct world *w;
	struct shop_agents *agents;
	struct channel_seat seat;
	struct str value[TIKTOK_CHAT_VALUES];
	unsigned n_told;
};

static void told(void *self, const struct store_card *card)
{
	struct shop *shop = self;

	assert_true(str_is(card->person, "Juniper"));
	shop->n_told++;
}

static void open_shop(struct shop *shop, struct world *w)
{
	struct shop_agents_setup setup = {.loop = w->loop,
		.store = w->store,
		.seat = &shop->seat,
		.metrics = w->metrics,
		.handed_off = told,
		.self = shop};

	*shop = (struct shop){.w = w, .seat = {&tiktok_chat, {S("chat"), shop->value}}};
	shop->agents = shop_agents_new(&setup);
	shop_agents_start(shop->agents, w->dispatcher);
	assert_true(dispatcher_flush(w->dispatcher));
}

static struct tiktok_message message_of(struct shop *shop, const char *id, const char *name)
{
	return (struct tiktok_message){.id = str_of(id),
		.at_s = loop_now_ms(shop->w->loop) / 1000,
		.name = str_of(name),
		.by_agent = true};
}

static enum shop_agents_found look(struct shop *shop, struct tiktok_message message)
{
	return shop_agents_look(shop->agents, S("t1"), &message, 1);
}

static enum owner owner_of(struct shop *shop)
{
	return dispatcher_standing(shop->w->dispatcher, S("chat:t1")).owner;
}

static void know(struct shop *shop, const char *id)
{
	assert_true(dispatcher_write(shop->w->dispatcher));
	shop_agents_know(shop->agents, S("t1"), str_of(id));
	assert_true(dispatcher_flush(shop->w->dispatcher));
}

static void message__is_ours__when_its_id_was_given_for_one(void **state)
{
	struct shop shop;
	struct buyer a;
	struct tiktok_message old, card;

	open_shop(&shop, *state);
	meet(shop.w, &a, "chat:t1");
	write_text(&a, "hello");
	know(&shop, "m1");
	assert_int_equal(look(&shop, message_of(&shop, "m1", "Juniper")), SHOP_AGENTS_NOBODY);
	old = message_of(&shop, "m0", "Juniper");
	old.at_s -= 60; /* of before it was looked at for the first time */
	assert_int_equal(look(&shop, old), SHOP_AGENTS_NOBODY);
	card = message_of(&shop, "m2", "Juniper");
	card.by_agent = false;
	assert_int_equal(look(&shop, card), SHOP_AGENTS_NOBODY);
	assert_int_equal(owner_of(&shop), OWNER_BOT);
	assert_int_equal(shop.n_told, 0);
	shop_agents_free(shop.agents);
}

static void message__of_nobody_else__is_a_persons__once(void **state)
{
	struct shop shop;
	struct buyer a;

	open_shop(&shop, *state);
	meet(shop.w, &a, "chat:t1");
	write_text(&a, "hello");
	assert_int_equal(look(&shop, message_of(&shop, "m2", "Juniper")), SHOP_AGENTS_TAKEN);
	assert_int_equal(owner_of(&shop), OWNER_PERSON);
	assert_int_equal(shop.n_told, 1);
	assert_int_equal(look(&shop, message_of(&shop, "m2", "Juniper")), SHOP_AGENTS_NOBODY);
	assert_int_equal(look(&shop, message_of(&shop, "m3", "Juniper")), SHOP_AGENTS_NOBODY);
	assert_int_equal(shop.n_told, 1);
	turn(shop.w, 5);
	assert_string_equal(last_of(&a, POST_NOTE)->note, "joined");
	write_text(&a, "show my orders");
	assert_int_equal(a.told[a.n - 1].who, POST_BUYER);
	shop_agents_free(shop.agents);
}

static void message__is_waited_about__while_one_of_ours_is_on_its_way(void **state)
{
	struct store_peer peer = {.conversation = S("chat:t1"),
		.account = S("chat"),
		.peer = S("t1"),
		.claimed = true};
	struct shop shop;
	struct buyer a;

	open_shop(&shop, *state);
	meet(shop.w, &a, "chat:t1");
	write_text(&a, "hello");
	assert_true(dispatcher_write(shop.w->dispatcher));
	store_hear_peer(shop.w->store, &peer);
	store_put_peer(shop.w->store, &peer);
	assert_true(dispatcher_flush(shop.w->dispatcher));
	assert_int_equal(look(&shop, message_of(&shop, "m2", "Juniper")), SHOP_AGENTS_LATER);
	assert_int_equal(owner_of(&shop), OWNER_BOT);
	know(&shop, "m2"); /* it was that one */
	assert_int_equal(look(&shop, message_of(&shop, "m2", "Juniper")), SHOP_AGENTS_NOBODY);
	shop_agents_free(shop.agents);
}

static void note_read(void *self, struct str peer)
{
	assert_true(str_is(peer, "t1"));
	++*(int *)self;
}

static void webhook__is_looked_into__when_ours_would_be_known(void **state)
{
	struct shop shop;
	int n = 0;

	open_shop(&shop, *state);
	shop_agents_hear(shop.agents, S("t1"), S("m1"));
	shop_agents_hear(shop.agents, S("t1"), S("m2"));
	shop_agents_due(shop.agents, note_read, &n);
	assert_int_equal(n, 0);
	know(&shop, "m1");
	turn(shop.w, 2600);
	shop_agents_due(shop.agents, note_read, &n);
	assert_int_equal(n, 1);
	shop_agents_due(shop.agents, note_read, &n);
	assert_int_equal(n, 1);
	shop_agents_free(shop.agents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(message__is_ours__when_its_id_was_given_for_one),
		TEST(message__of_nobody_else__is_a_persons__once),
		TEST(message__is_waited_about__while_one_of_ours_is_on_its_way),
		TEST(webhook__is_looked_into__when_ours_would_be_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
