/* People of the shop who answer a buyer in Seller Center. */
#include "bot/shop/shop_agents.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/store/store_peers.h"

enum {
	max_scratch_bytes = 256 << 10,
	max_heard = 64,     /* webhooks that wait; what has no place comes with the list */
	recorded_ms = 2500, /* by then the answer to a message of ours was heard */
	max_name_bytes = 60,
};

struct heard {
	char peer[tiktok_chat_id_bytes + 1], message[tiktok_chat_id_bytes + 1];
	int64_t due_ms; /* steady; 0: free */
};

struct shop_agents {
	struct shop_agents_setup setup;
	struct dispatcher *dispatcher; /* NULL: not started */
	bool is_loaded;
	int64_t since_s; /* what was written before is nobody's */
	struct heard heard[max_heard];
	struct arena *arena; /* of one call */
};

static int64_t now_of(const struct shop_agents *agents)
{
	return loop_now_ms(agents->setup.loop);
}

static struct str conversation_of(const struct shop_agents *agents, struct str peer)
{
	return arena_printf(
		agents->arena, "%.*s:%.*s", STR(agents->setup.seat->account.name), STR(peer));
}

/* --- which are ours --- */

static struct str mark_of(const struct shop_agents *agents, struct str message)
{
	return arena_printf(agents->arena, "sent:%.*s", STR(message));
}

void shop_agents_know(struct shop_agents *agents, struct str peer, struct str message)
{
	arena_reset(agents->arena);
	if (message.n && message.n <= tiktok_chat_id_bytes)
		store_know(agents->setup.store, conversation_of(agents, peer),
			mark_of(agents, message), now_of(agents));
}

static struct str letter_id(const struct shop_agents *agents, struct str message)
{
	return arena_printf(agents->arena, "agent:%.*s", STR(message));
}

/* What cannot be looked for is nobody's: it comes again. */
static bool is_ours(const struct shop_agents *agents, struct str conversation, struct str message)
{
	return store_knows(agents->setup.store, conversation, mark_of(agents, message)) !=
	       STORE_NONE;
}

bool shop_agents_knows(struct shop_agents *agents, struct str peer, struct str message)
{
	arena_reset(agents->arena);
	return is_ours(agents, conversation_of(agents, peer), message);
}

/* Who wrote it was given the conversation, and may have handed it back since. */
static bool was_taken(const struct shop_agents *agents, struct str conversation, struct str message)
{
	return store_knows(agents->setup.store, conversation, letter_id(agents, message)) !=
	       STORE_NONE;
}

/* Its id is not known yet, or not known whether it is there at all. */
static bool is_under_way(const struct shop_agents *agents, struct str conversation)
{
	struct store_peer peer;

	return store_peer(agents->setup.store, conversation, agents->arena, &peer) == STORE_OK &&
	       (peer.claimed || peer.unclear);
}

/* --- taking over --- */

struct search {
	struct arena *arena;
	struct str conversation;
	struct store_card card; /* id 0: none */
};

static void see_card(void *self, const struct store_card *card)
{
	struct search *search = self;

	if (!str_eq(card->conversation, search->conversation))
		return;
	search->card = *card;
	search->card.person = arena_str(search->arena, card->person);
}

static int64_t add_card(struct shop_agents *agents, struct str conversation, struct str name)
{
	struct value_builder card = value_build(agents->arena);

	value_put_text(&card, "channel", agents->setup.seat->account.name);
	value_put_text(&card, "summary",
		arena_printf(agents->arena,
			"answered in Seller Center; `tenstep inbox back CARD --person \"%.*s\"` "
			"gives the conversation back to the assistant",
			STR(name)));
	return store_add_card(agents->setup.store, conversation, S("seller_center"),
		now_of(agents) / 1000, value_record(&card));
}

/* The card of the conversation becomes theirs, or one is made.  0: somebody has it. */
static int64_t claim_card(struct shop_agents *agents, struct str conversation, struct str name)
{
	struct search search = {.arena = agents->arena, .conversation = conversation};

	if (store_cards(agents->setup.store, false, see_card, &search) != STORE_OK ||
		search.card.person.n)
		return 0;
	if (!search.card.id) {
		search.card.id = add_card(agents, conversation, name);
		search.card.version = 1;
	}
	return store_claim_card(agents->setup.store, search.card.id, search.card.version, name,
		       now_of(agents) / 1000)
		       ? search.card.id
		       : 0;
}

static void tell_card(struct shop_agents *agents, int64_t id)
{
	struct store_card card;

	if (agents->setup.handed_off &&
		store_card(agents->setup.store, id, agents->arena, &card) == STORE_OK)
		agents->setup.handed_off(agents->setup.self, &card);
}

/* As the desk takes it: one line, and not too long. */
static struct str person_of(const struct tiktok_message *message)
{
	struct str name = str_trim(message->name);
	bool good = name.n > 0 && name.n <= max_name_bytes;

	for (size_t i = 0; i < name.n; i++)
		good = good && (unsigned char)name.p[i] >= ' ' && name.p[i] != 0x7f;
	return good ? name : S("Seller Center");
}

static void take_over(
	struct shop_agents *agents, struct str conversation, const struct tiktok_message *message)
{
	struct letter letter = {.conversation = conversation,
		.channel = agents->setup.seat->account.name,
		.event = {.kind = EVENT_AGENT,
			.action = AGENT_CLAIMED,
			.id = letter_id(agents, message->id),
			.name = person_of(message)}};
	int64_t card;

	if (!dispatcher_write(agents->dispatcher))
		return;
	card = claim_card(agents, conversation, letter.event.name);
	if (!card)
		return;
	dispatcher_take(agents->dispatcher, &letter, NULL, NULL);
	if (!dispatcher_flush(agents->dispatcher))
		return;
	metrics_add(agents->setup.metrics, "tenstep_channel_events_total",
		agents->setup.seat->account.name.p, "agent", 1);
	LOG(agents->setup.log, LOG_INFO, now_of(agents), "a person answers in Seller Center",
		log_int("card", card), log_id("conversation", conversation));
	tell_card(agents, card);
}

static const struct tiktok_message *find_agent(const struct shop_agents *agents,
	struct str conversation, const struct tiktok_message *message, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (message[i].by_agent && message[i].at_s >= agents->since_s &&
			!is_ours(agents, conversation, message[i].id) &&
			!was_taken(agents, conversation, message[i].id))
			return &message[i];
	return NULL;
}

/* The first start says from when on.  False: it cannot be read when that was. */
static bool load_since(struct shop_agents *agents)
{
	struct str name = arena_printf(
			   agents->arena, "agents %.*s", STR(agents->setup.seat->account.name)),
		   since;
	enum store_status status;

	if (agents->is_loaded)
		return true;
	status = store_cursor(agents->setup.store, name, agents->arena, &since);
	if (status != STORE_OK && status != STORE_NONE)
		return false;
	agents->is_loaded = true;
	if (str_int(since, &agents->since_s))
		return true;
	agents->since_s = now_of(agents) / 1000;
	if (dispatcher_write(agents->dispatcher))
		store_set_cursor(agents->setup.store, name,
			arena_printf(agents->arena, "%lld", (long long)agents->since_s));
	return true;
}

enum shop_agents_found shop_agents_look(
	struct shop_agents *agents, struct str peer, const struct tiktok_message *message, size_t n)
{
	const struct tiktok_message *found;
	struct str conversation;

	arena_reset(agents->arena);
	if (!load_since(agents))
		return SHOP_AGENTS_LATER;
	conversation = conversation_of(agents, peer);
	found = find_agent(agents, conversation, message, n);
	if (!found || dispatcher_standing(agents->dispatcher, conversation).owner == OWNER_PERSON)
		return SHOP_AGENTS_NOBODY;
	if (is_under_way(agents, conversation))
		return SHOP_AGENTS_LATER;
	take_over(agents, conversation, found);
	return SHOP_AGENTS_TAKEN;
}

/* --- webhooks --- */

/* It may be ours, and be quicker than the answer that tells its id. */
void shop_agents_hear(struct shop_agents *agents, struct str peer, struct str message)
{
	if (peer.n > tiktok_chat_id_bytes || message.n > tiktok_chat_id_bytes)
		return;
	for (size_t i = 0; i < max_heard; i++) {
		struct heard *heard = &agents->heard[i];

		if (heard->due_ms)
			continue;
		*heard = (struct heard){.due_ms = loop_steady_ms(agents->setup.loop) + recorded_ms};
		memcpy(heard->peer, peer.p, peer.n);
		memcpy(heard->message, message.p, message.n);
		return;
	}
}

void shop_agents_due(struct shop_agents *agents, shop_agents_read *read, void *self)
{
	for (size_t i = 0; i < max_heard; i++) {
		struct heard *heard = &agents->heard[i];
		struct str conversation;

		if (!heard->due_ms || loop_steady_ms(agents->setup.loop) < heard->due_ms)
			continue;
		heard->due_ms = 0;
		arena_reset(agents->arena);
		conversation = conversation_of(agents, str_of(heard->peer));
		if (!is_ours(agents, conversation, str_of(heard->message)))
			read(self, str_of(heard->peer));
	}
}

/* --- the door --- */

struct shop_agents *shop_agents_new(const struct shop_agents_setup *setup)
{
	struct shop_agents *agents = calloc(1, sizeof *agents);

	if (!agents)
		abort();
	agents->setup = *setup;
	agents->arena = arena_new(max_scratch_bytes);
	return agents;
}

void shop_agents_start(struct shop_agents *agents, struct dispatcher *dispatcher)
{
	agents->dispatcher = dispatcher;
	(void)load_since(agents); /* else later */
}

void shop_agents_free(struct shop_agents *agents)
{
	if (!agents)
		return;
	arena_free(agents->arena);
	free(agents);
}
