/* The dispatcher: order, commits, what is told when, sleep and failures.  The shipped content, the
 * demo shop and a real store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "adapters/order/sandbox/sandbox.h"
#include "bot/common/content.h"
#include "bot/dispatch/dispatcher.h"

enum { max_heard = 64 };

struct world {
	struct loop *loop;
	struct store *store;
	struct order_api *shop;
	struct content *content;
	struct model *model;
	struct dispatcher *dispatcher;
	struct arena *arena;
	char path[64];
	unsigned n_cards;
};

/* What one hearer and one writer were told, in order. */
struct ear {
	struct hearer hearer;
	uint32_t n[max_heard];
	enum post_who who[max_heard];
	char text[max_heard][200];
	size_t n_posts;
	enum owner owner;
	char person[32];
	bool forgotten;
};

struct receipt {
	unsigned times;
	enum taken taken;
	uint32_t n;
};

static void hear_post(void *self, const struct post *post)
{
	struct ear *ear = self;

	assert_true(ear->n_posts < max_heard);
	ear->n[ear->n_posts] = post->n;
	ear->who[ear->n_posts] = post->who;
	snprintf(ear->text[ear->n_posts++], sizeof ear->text[0], "%.*s",
		STR(value_get_text(post->body, "text")));
}

static void hear_owner(void *self, enum owner owner, struct str person)
{
	struct ear *ear = self;

	ear->owner = owner;
	snprintf(ear->person, sizeof ear->person, "%.*s", STR(person));
}

static void hear_forgotten(void *self)
{
	((struct ear *)self)->forgotten = true;
}

static void receive(void *self, enum taken taken, uint32_t n)
{
	struct receipt *receipt = self;

	receipt->times++;
	receipt->taken = taken;
	receipt->n = n;
}

static void count_card(void *self, const struct store_card *card)
{
	(void)card;
	((struct world *)self)->n_cards++;
}

static void open_dispatcher(struct world *w)
{
	struct dispatcher_setup setup = {
		.loop = w->loop,
		.store = w->store,
		.shop = w->shop,
		.model = w->model,
		.language = S("en"),
		.seed = 1,
		.max_awake = 600,
		.handed_off = count_card,
		.self = w,
	};

	w->dispatcher = dispatcher_new(&setup);
}

static void open_store(struct world *w, const char *path)
{
	struct buf error;

	buf_init(&error, 400);
	assert_int_equal(store_open(path, &w->store, &error), STORE_OK);
	buf_release(&error);
}

static void open_world(struct world *w)
{
	struct diags diags;
	struct buf error;

	*w = (struct world){.arena = arena_new(1 << 20)};
	buf_init(&error, 400);
	diags_init(&diags, w->arena);
	w->loop = loop_new();
	w->content = content_open(SOURCE_DIR, "en", NULL, &diags);
	w->model = content_model(w->content, &diags, NULL);
	assert_non_null(w->model);
	w->shop = sandbox_api(sandbox_open(S("demo"), loop_now_ms(w->loop) / 1000, &error));
	snprintf(w->path, sizeof w->path, "/tmp/tenstep-dispatcher-%d.db", (int)getpid());
	unlink(w->path);
	open_store(w, w->path);
	open_dispatcher(w);
	buf_release(&error);
}

static void close_world(struct world *w)
{
	char log[80];

	dispatcher_free(w->dispatcher);
	store_close(w->store);
	w->shop->free(w->shop);
	loop_free(w->loop);
	model_unref(w->model);
	content_free(w->content);
	arena_free(w->arena);
	unlink(w->path);
	snprintf(log, sizeof log, "%s-wal", w->path);
	unlink(log);
}

static void listen_to(struct world *w, struct ear *ear, const char *conversation)
{
	*ear = (struct ear){.hearer = {.post = hear_post,
				    .owner = hear_owner,
				    .forgotten = hear_forgotten,
				    .self = ear}};
	dispatcher_hear(w->dispatcher, str_of(conversation), &ear->hearer);
}

static void give(
	struct world *w, const char *conversation, struct event event, struct receipt *receipt)
{
	struct letter letter = {
		.conversation = str_of(conversation), .channel = S("widget"), .event = event};

	dispatcher_take(w->dispatcher, &letter, receipt ? receive : NULL, receipt);
}

static void say(struct world *w, const char *conversation, const char *id, const char *text,
	struct receipt *receipt)
{
	give(w, conversation,
		(struct event){.kind = EVENT_TEXT, .id = str_of(id), .text = str_of(text)},
		receipt);
}

static void take__tells__nothing_before_the_commit(void **state)
{
	struct receipt receipt = {0};
	struct world w;
	struct ear ear;

	(void)state;
	open_world(&w);
	listen_to(&w, &ear, "widget:a");
	say(&w, "widget:a", "s:1", "what can you do?", &receipt);
	assert_int_equal(ear.n_posts, 0);
	assert_int_equal(receipt.times, 0);
	assert_true(dispatcher_flush(w.dispatcher));
	assert_int_equal(receipt.times, 1);
	assert_int_equal(receipt.taken, TAKEN);
	assert_int_equal(receipt.n, 1);
	assert_true(ear.n_posts >= 2);
	assert_int_equal(ear.who[0], POST_BUYER);
	assert_string_equal(ear.text[0], "what can you do?");
	assert_int_equal(ear.who[1], POST_BOT);
	for (uint32_t i = 0; i < ear.n_posts; i++)
		assert_int_equal(ear.n[i], i + 1);
	dispatcher_unhear(w.dispatcher, &ear.hearer);
	close_world(&w);
}

static void take__does_once__what_comes_twice(void **state)
{
	struct receipt first = {0}, second = {0}, third = {0};
	struct world w;
	struct ear ear;
	size_t n;

	(void)state;
	open_world(&w);
	listen_to(&w, &ear, "widget:a");
	say(&w, "widget:a", "s:1", "hello", &first);
	say(&w, "widget:a", "s:1", "hello", &second); /* before the commit */
	dispatcher_flush(w.dispatcher);
	n = ear.n_posts;
	say(&w, "widget:a", "s:1", "hello", &third);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(first.taken, TAKEN);
	assert_int_equal(second.taken, TAKEN_BEFORE);
	assert_int_equal(third.taken, TAKEN_BEFORE);
	assert_int_equal(ear.n_posts, n);
	/* The same id of another conversation is another message. */
	say(&w, "widget:b", "s:1", "hello", &third);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(third.taken, TAKEN);
	dispatcher_unhear(w.dispatcher, &ear.hearer);
	close_world(&w);
}

static void count_posts(void *self, const struct post *post)
{
	uint32_t *last = self;

	assert_int_equal(post->n, *last + 1);
	*last = post->n;
}

static void take__goes_on__after_a_restart(void **state)
{
	struct receipt receipt = {0};
	struct standing standing;
	struct world w;
	uint32_t last = 0, before;

	(void)state;
	open_world(&w);
	give(&w, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")}, NULL);
	say(&w, "widget:a", "s:1", "cancel my order", &receipt);
	dispatcher_flush(w.dispatcher);
	before = dispatcher_standing(w.dispatcher, S("widget:a")).last;
	dispatcher_free(w.dispatcher);
	store_close(w.store);
	open_store(&w, w.path);
	open_dispatcher(&w);
	standing = dispatcher_standing(w.dispatcher, S("widget:a"));
	assert_true(standing.known);
	assert_int_equal(standing.last, before);
	assert_string_equal(arena_cstr(w.arena, standing.buyer), "buyer-open");
	say(&w, "widget:a", "s:1", "cancel my order", &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(receipt.taken, TAKEN_BEFORE);
	say(&w, "widget:a", "s:2", "the first one", &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(receipt.taken, TAKEN);
	dispatcher_posts(w.dispatcher, S("widget:a"), 0, 1000, count_posts, &last);
	assert_true(last > before + 1);
	close_world(&w);
}

static struct event agent(enum agent_action action, const char *who, const char *text)
{
	static unsigned n;
	static char id[16];

	snprintf(id, sizeof id, "d:%u", ++n);
	return (struct event){.kind = EVENT_AGENT,
		.action = action,
		.id = str_of(id),
		.name = str_of(who),
		.text = str_of(text)};
}

static void a_person__takes_over__and_the_bot_is_silent(void **state)
{
	struct receipt receipt = {0};
	struct world w;
	struct ear ear;
	size_t n;

	(void)state;
	open_world(&w);
	listen_to(&w, &ear, "widget:a");
	give(&w, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")}, NULL);
	give(&w, "widget:a", agent(AGENT_SAID, "Mai", "too early"), &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(receipt.taken, TAKEN_STALE);
	give(&w, "widget:a", agent(AGENT_CLAIMED, "Mai", ""), &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(receipt.taken, TAKEN);
	assert_int_equal(ear.owner, OWNER_PERSON);
	assert_string_equal(ear.person, "Mai");
	assert_int_equal(ear.who[ear.n_posts - 1], POST_NOTE);
	give(&w, "widget:a", agent(AGENT_CLAIMED, "Tom", ""), &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(receipt.taken, TAKEN_STALE);

	n = ear.n_posts;
	say(&w, "widget:a", "s:1", "cancel my order", &receipt);
	give(&w, "widget:a", (struct event){.kind = EVENT_PRESS, .id = S("s:2"), .text = S("yes")},
		&receipt);
	give(&w, "widget:a",
		(struct event){.kind = EVENT_ATTACHMENT,
			.id = S("s:3"),
			.text = S("image"),
			.reference = S("f1.jpg")},
		&receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(ear.n_posts, n + 3);
	for (size_t i = n; i < ear.n_posts; i++)
		assert_int_equal(ear.who[i], POST_BUYER);

	give(&w, "widget:a", agent(AGENT_SAID, "Mai", "I see it"), &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(ear.who[ear.n_posts - 1], POST_PERSON);
	assert_string_equal(ear.text[ear.n_posts - 1], "I see it");
	give(&w, "widget:a", agent(AGENT_HANDED_BACK, "Mai", ""), &receipt);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(ear.owner, OWNER_BOT);
	n = ear.n_posts;
	say(&w, "widget:a", "s:4", "hello", &receipt);
	dispatcher_flush(w.dispatcher);
	assert_true(ear.n_posts > n + 1);
	dispatcher_unhear(w.dispatcher, &ear.hearer);
	close_world(&w);
}

static void handing_off__makes_one_card__after_the_commit(void **state)
{
	struct world w;
	struct ear ear;

	(void)state;
	open_world(&w);
	listen_to(&w, &ear, "widget:a");
	give(&w, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")}, NULL);
	say(&w, "widget:a", "s:1", "I want to talk to a person", NULL);
	assert_int_equal(w.n_cards, 0);
	dispatcher_flush(w.dispatcher);
	if (ear.owner != OWNER_QUEUE) { /* outside the demo shop's hours a message is offered */
		say(&w, "widget:a", "s:2", "yes", NULL);
		dispatcher_flush(w.dispatcher);
	}
	assert_int_equal(ear.owner, OWNER_QUEUE);
	assert_int_equal(w.n_cards, 1);
	dispatcher_unhear(w.dispatcher, &ear.hearer);
	close_world(&w);
}

static void forget__erases__and_tells_those_who_listen(void **state)
{
	struct world w;
	struct ear ear;

	(void)state;
	open_world(&w);
	listen_to(&w, &ear, "widget:a");
	say(&w, "widget:a", "s:1", "hello", NULL);
	assert_true(dispatcher_forget(w.dispatcher, S("widget:a")));
	assert_true(ear.forgotten);
	assert_false(dispatcher_standing(w.dispatcher, S("widget:a")).known);
	say(&w, "widget:a", "s:1", "hello again", NULL);
	dispatcher_flush(w.dispatcher);
	assert_int_equal(ear.n[ear.n_posts - 2] + 1, ear.n[ear.n_posts - 1]);
	assert_int_equal(
		dispatcher_standing(w.dispatcher, S("widget:a")).last, ear.n[ear.n_posts - 1]);
	dispatcher_unhear(w.dispatcher, &ear.hearer);
	close_world(&w);
}

static void many_conversations__sleep_and_wake__with_all_they_had(void **state)
{
	struct receipt receipt = {0};
	struct world w;
	char name[32];

	(void)state;
	open_world(&w);
	for (int round = 1; round <= 3; round++) {
		for (int i = 0; i < 700; i++) {
			char id[16];

			snprintf(name, sizeof name, "widget:%d", i);
			snprintf(id, sizeof id, "s:%d", round);
			say(&w, name, id, round == 1 ? "hello" : "what can you do?", &receipt);
		}
		assert_true(dispatcher_flush(w.dispatcher));
	}
	assert_int_equal(receipt.times, 3 * 700);
	assert_in_range(dispatcher_awake(w.dispatcher), 1, 640);
	for (int i = 0; i < 700; i++) {
		uint32_t last = 0;

		snprintf(name, sizeof name, "widget:%d", i);
		dispatcher_posts(w.dispatcher, str_of(name), 0, 1000, count_posts, &last);
		assert_in_range(last, 6, 20);
	}
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take__tells__nothing_before_the_commit),
		cmocka_unit_test(take__does_once__what_comes_twice),
		cmocka_unit_test(take__goes_on__after_a_restart),
		cmocka_unit_test(a_person__takes_over__and_the_bot_is_silent),
		cmocka_unit_test(handing_off__makes_one_card__after_the_commit),
		cmocka_unit_test(forget__erases__and_tells_those_who_listen),
		cmocka_unit_test(many_conversations__sleep_and_wake__with_all_they_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
