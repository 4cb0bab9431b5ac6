/* The dispatcher: order, commits, what is told when, sleep and failures.  The shipped content, the
 * demo shop and a real store. */
#include "tests/unit/dispatch/ground.h"

#include "bot/dispatch/transcript.h"

#include <signal.h>
#include <sys/resource.h>

enum { max_heard = 64 };

static char store_path[max_store_path];
static unsigned n_cards;
static int n_proving;

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
	unsigned n_sealed;
	size_t n_posts_then;
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

static void hear_sealed(void *self)
{
	struct ear *ear = self;

	ear->n_sealed++;
	ear->n_posts_then = ear->n_posts;
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
	(void)self;
	(void)card;
	n_cards++;
}

static const struct ear *to_be_told; /* of what is erased */
static unsigned n_erased;

static void erase_more(void *self, struct str conversation)
{
	(void)self;
	assert_true(str_is(conversation, "widget:a"));
	assert_false(to_be_told->forgotten);
	n_erased++;
}

static void open_dispatcher(struct ground *g)
{
	struct dispatcher_setup setup = ground_setup(g);

	setup.max_awake = 600;
	setup.handed_off = count_card;
	setup.erased = erase_more;
	g->dispatcher = dispatcher_new(&setup);
}

static void open_world(struct ground *g)
{
	n_cards = 0;
	store_path_fresh(store_path, "dispatcher");
	ground_open(g, "demo", store_path);
	open_dispatcher(g);
}

static void close_world(struct ground *g)
{
	ground_close(g);
	store_path_remove(store_path);
}

static int set_up(void **state)
{
	struct ground *g = calloc(1, sizeof(*g));

	open_world(g);
	*state = g;
	return 0;
}

static int tear_down(void **state)
{
	close_world(*state);
	free(*state);
	return 0;
}

static void listen_to(struct ground *g, struct ear *ear, const char *conversation)
{
	*ear = (struct ear){.hearer = {.post = hear_post,
				    .owner = hear_owner,
				    .sealed = hear_sealed,
				    .forgotten = hear_forgotten,
				    .self = ear}};
	dispatcher_hear(g->dispatcher, str_of(conversation), &ear->hearer);
}

static void give(
	struct ground *g, const char *conversation, struct event event, struct receipt *receipt)
{
	struct letter letter = {
		.conversation = str_of(conversation), .channel = S("widget"), .event = event};

	dispatcher_take(g->dispatcher, &letter, receipt ? receive : NULL, receipt);
}

static void say(struct ground *g, const char *conversation, const char *id, const char *text,
	struct receipt *receipt)
{
	give(g, conversation,
		(struct event){.kind = EVENT_TEXT, .id = str_of(id), .text = str_of(text)},
		receipt);
}

static void take__tells__nothing_before_the_commit(void **state)
{
	struct receipt receipt = {0};
	struct ground *g = *state;
	struct ear ear;

	listen_to(g, &ear, "widget:a");
	say(g, "widget:a", "s:1", "what can you do?", &receipt);
	assert_int_equal(ear.n_posts, 0);
	assert_int_equal(receipt.times, 0);
	assert_true(dispatcher_flush(g->dispatcher));
	assert_int_equal(receipt.times, 1);
	assert_int_equal(receipt.taken, TAKEN);
	assert_int_equal(receipt.n, 1);
	assert_true(ear.n_posts >= 2);
	assert_int_equal(ear.who[0], POST_BUYER);
	assert_string_equal(ear.text[0], "what can you do?");
	assert_int_equal(ear.who[1], POST_BOT);
	for (uint32_t i = 0; i < ear.n_posts; i++)
		assert_int_equal(ear.n[i], i + 1);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

static void take__does_once__what_comes_twice(void **state)
{
	struct receipt first = {0}, second = {0}, third = {0};
	struct ground *g = *state;
	struct ear ear;
	size_t n;

	listen_to(g, &ear, "widget:a");
	say(g, "widget:a", "s:1", "hello", &first);
	say(g, "widget:a", "s:1", "hello", &second); /* before the commit */
	dispatcher_flush(g->dispatcher);
	n = ear.n_posts;
	say(g, "widget:a", "s:1", "hello", &third);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(first.taken, TAKEN);
	assert_int_equal(second.taken, TAKEN_BEFORE);
	assert_int_equal(third.taken, TAKEN_BEFORE);
	assert_int_equal(ear.n_posts, n);
	/* The same id of another conversation is another message. */
	say(g, "widget:b", "s:1", "hello", &third);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(third.taken, TAKEN);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

static struct posts posts_shown(struct ground *g, const char *conversation)
{
	struct standing standing = dispatcher_standing(g->dispatcher, str_of(conversation));
	struct posts posts = transcript_page(g->dispatcher, str_of(conversation), 0, -50, g->arena);

	transcript_hide(&posts, &standing);
	return posts;
}

static void prove(struct ground *g, const char *conversation)
{
	static const char *const line[] = {"where is my order", "A-1001", "okafor"};
	char id[20];

	for (size_t i = 0; i < 3; i++) {
		snprintf(id, sizeof id, "s:%d", ++n_proving);
		say(g, conversation, id, line[i], NULL);
		dispatcher_flush(g->dispatcher);
	}
}

static void goodbye__seals__all_but_its_answer__and_hearers_are_told(void **state)
{
	struct ground *g = *state;
	struct posts posts;
	struct ear ear;
	size_t n;

	listen_to(g, &ear, "widget:a");
	prove(g, "widget:a");
	assert_false(dispatcher_standing(g->dispatcher, S("widget:a")).sealed);
	n = posts_shown(g, "widget:a").n;
	assert_true(n > 6);
	say(g, "widget:a", "s:bye", "bye, thanks for A-1001", NULL);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(ear.n_sealed, 1);
	assert_int_equal(ear.n_posts_then, n + 2); /* after what the turn said */
	posts = posts_shown(g, "widget:a");
	assert_int_equal(posts.n, 1);
	assert_true(posts.hidden);
	assert_int_equal(posts.post[0].who, POST_BOT);
	prove(g, "widget:a");
	assert_false(dispatcher_standing(g->dispatcher, S("widget:a")).sealed);
	assert_int_equal(posts_shown(g, "widget:a").n, ear.n_posts);
	assert_int_equal(ear.n_sealed, 1);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

static void goodbye__that_comes_with_what_was_said_before__seals_that(void **state)
{
	struct ground *g = *state;

	prove(g, "widget:a");
	say(g, "widget:a", "s:a", "show order A-1001", NULL); /* all in one millisecond, perhaps */
	say(g, "widget:a", "s:b", "bye", NULL);
	say(g, "widget:a", "s:c", "hello", NULL);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(posts_shown(g, "widget:a").post[0].who, POST_BOT);
	assert_int_equal(posts_shown(g, "widget:a").post[1].who, POST_BUYER);
	assert_string_equal(
		arena_cstr(
			g->arena, value_get_text(posts_shown(g, "widget:a").post[1].body, "text")),
		"hello");
	assert_true(posts_shown(g, "widget:a").n >= 3);
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
	struct ground *g = *state;
	uint32_t last = 0, before;

	give(g, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")}, NULL);
	say(g, "widget:a", "s:1", "cancel my order", &receipt);
	dispatcher_flush(g->dispatcher);
	before = dispatcher_standing(g->dispatcher, S("widget:a")).last;
	ground_restart(g, store_path);
	open_dispatcher(g);
	standing = dispatcher_standing(g->dispatcher, S("widget:a"));
	assert_true(standing.known);
	assert_int_equal(standing.last, before);
	assert_string_equal(arena_cstr(g->arena, standing.buyer), "buyer-open");
	say(g, "widget:a", "s:1", "cancel my order", &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(receipt.taken, TAKEN_BEFORE);
	say(g, "widget:a", "s:2", "the first one", &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(receipt.taken, TAKEN);
	dispatcher_posts(g->dispatcher, S("widget:a"), 0, 1000, count_posts, &last);
	assert_true(last > before + 1);
}

static void end_loop(void *loop)
{
	loop_stop(loop);
}

static void run_for(struct ground *g, int64_t ms)
{
	struct loop_timer timer = {0};

	loop_timer_start(g->loop, &timer, ms, end_loop, g->loop);
	loop_run(g->loop);
}

static void start__lets_what_waits_be_heard__before_the_journal_is_folded(void **state)
{
	struct receipt receipt = {0};
	struct ground *g = *state;

	say(g, "widget:a", "s:1", "hello", &receipt);
	dispatcher_flush(g->dispatcher);
	assert_true(store_journal(g->store) > 0);
	dispatcher_free(g->dispatcher);
	loop_free(g->loop);
	g->loop = loop_new();
	open_dispatcher(g);
	run_for(g, 0);
	assert_true(store_journal(g->store) > 0);
	for (int i = 0; i < 100 && store_journal(g->store); i++)
		run_for(g, 300);
	assert_int_equal(store_journal(g->store), 0);
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
	struct ground *g = *state;
	struct ear ear;
	size_t n;

	listen_to(g, &ear, "widget:a");
	give(g, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")}, NULL);
	give(g, "widget:a", agent(AGENT_SAID, "Mai", "too early"), &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(receipt.taken, TAKEN_STALE);
	give(g, "widget:a", agent(AGENT_CLAIMED, "Mai", ""), &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(receipt.taken, TAKEN);
	assert_int_equal(ear.owner, OWNER_PERSON);
	assert_string_equal(ear.person, "Mai");
	assert_int_equal(ear.who[ear.n_posts - 1], POST_NOTE);
	give(g, "widget:a", agent(AGENT_CLAIMED, "Tom", ""), &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(receipt.taken, TAKEN_STALE);

	n = ear.n_posts;
	say(g, "widget:a", "s:1", "cancel my order", &receipt);
	give(g, "widget:a", (struct event){.kind = EVENT_PRESS, .id = S("s:2"), .text = S("yes")},
		&receipt);
	give(g, "widget:a",
		(struct event){.kind = EVENT_ATTACHMENT,
			.id = S("s:3"),
			.text = S("image"),
			.reference = S("f1.jpg")},
		&receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(ear.n_posts, n + 3);
	for (size_t i = n; i < ear.n_posts; i++)
		assert_int_equal(ear.who[i], POST_BUYER);

	give(g, "widget:a", agent(AGENT_SAID, "Mai", "I see it"), &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(ear.who[ear.n_posts - 1], POST_PERSON);
	assert_string_equal(ear.text[ear.n_posts - 1], "I see it");
	give(g, "widget:a", agent(AGENT_HANDED_BACK, "Mai", ""), &receipt);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(ear.owner, OWNER_BOT);
	n = ear.n_posts;
	say(g, "widget:a", "s:4", "hello", &receipt);
	dispatcher_flush(g->dispatcher);
	assert_true(ear.n_posts > n + 1);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

static void handing_off__makes_one_card__after_the_commit(void **state)
{
	struct ground *g = *state;
	struct ear ear;

	listen_to(g, &ear, "widget:a");
	give(g, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")}, NULL);
	say(g, "widget:a", "s:1", "I want to talk to a person", NULL);
	assert_int_equal(n_cards, 0);
	dispatcher_flush(g->dispatcher);
	if (ear.owner != OWNER_QUEUE) { /* outside the demo shop's hours a message is offered */
		say(g, "widget:a", "s:2", "yes", NULL);
		dispatcher_flush(g->dispatcher);
	}
	assert_int_equal(ear.owner, OWNER_QUEUE);
	assert_int_equal(n_cards, 1);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

static void forget__erases__and_tells_those_who_listen(void **state)
{
	struct ground *g = *state;
	struct ear ear;

	listen_to(g, &ear, "widget:a");
	say(g, "widget:a", "s:1", "hello", NULL);
	to_be_told = &ear;
	n_erased = 0;
	dispatcher_forget(g->dispatcher, S("widget:a"), NULL, NULL);
	assert_int_equal(n_erased, 1);
	assert_true(ear.forgotten);
	assert_false(dispatcher_standing(g->dispatcher, S("widget:a")).known);
	say(g, "widget:a", "s:1", "hello again", NULL);
	dispatcher_flush(g->dispatcher);
	assert_int_equal(ear.n[ear.n_posts - 2] + 1, ear.n[ear.n_posts - 1]);
	assert_int_equal(
		dispatcher_standing(g->dispatcher, S("widget:a")).last, ear.n[ear.n_posts - 1]);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

struct waiting {
	struct ground *g;
	const struct receipt *for_it;
	struct loop_timer look;
	unsigned looks;
};

static void look_at_receipt(void *self)
{
	struct waiting *waiting = self;

	assert_true(waiting->looks++ < 2000);
	if (waiting->for_it->times)
		loop_stop(waiting->g->loop);
	else
		loop_timer_start(waiting->g->loop, &waiting->look, 5, look_at_receipt, waiting);
}

static void run_until(struct ground *g, const struct receipt *receipt)
{
	struct waiting waiting = {.g = g, .for_it = receipt};

	look_at_receipt(&waiting);
	loop_run(g->loop);
}

/* More than is folded while somebody waits. */
static void fill_journal(struct ground *g)
{
	for (int i = 0; i < 1500; i++) {
		char name[32], id[16];

		snprintf(name, sizeof name, "widget:%d", i % 300);
		snprintf(id, sizeof id, "s:%d", i);
		say(g, name, id, "hello", NULL);
	}
	assert_true(dispatcher_flush(g->dispatcher));
	assert_true(store_journal(g->store) > 1024);
}

static void forget__where_much_is_going_on__holds_that_conversation_only(void **state)
{
	struct receipt erased = {0}, twice = {0}, gone = {0}, held = {0}, other = {0};
	struct ground *g = *state;
	struct ear ear;

	listen_to(g, &ear, "widget:a");
	to_be_told = &ear;
	n_erased = 0;
	say(g, "widget:a", "s:1", "hello", NULL);
	fill_journal(g);
	dispatcher_forget(g->dispatcher, S("widget:a"), receive, &erased);
	dispatcher_forget(g->dispatcher, S("widget:a"), receive, &twice);
	dispatcher_forget(g->dispatcher, S("widget:a"), receive, &gone);
	dispatcher_forget_done(g->dispatcher, &gone);
	assert_int_equal(erased.times, 0);
	assert_false(ear.forgotten);
	say(g, "widget:a", "s:2", "hello", &held);
	say(g, "widget:b", "s:1", "hello", &other);
	assert_true(dispatcher_flush(g->dispatcher));
	assert_int_equal(held.taken, TAKEN_NOT);
	assert_int_equal(other.taken, TAKEN);
	run_until(g, &erased);
	assert_int_equal(erased.taken, TAKEN);
	assert_int_equal(twice.taken, TAKEN);
	assert_int_equal(twice.times, 1);
	assert_int_equal(gone.times, 0);
	assert_int_equal(n_erased, 1);
	assert_true(ear.forgotten);
	assert_true(dispatcher_standing(g->dispatcher, S("widget:b")).known);
	assert_false(dispatcher_standing(g->dispatcher, S("widget:a")).known);
	say(g, "widget:a", "s:2", "hello", &held);
	assert_true(dispatcher_flush(g->dispatcher));
	assert_int_equal(held.taken, TAKEN);
	dispatcher_unhear(g->dispatcher, &ear.hearer);
}

static void forget__is_done__when_the_program_ends_before(void **state)
{
	struct receipt erased = {0};
	struct ground *g = *state;
	struct ear ear = {.n_posts = 0};

	to_be_told = &ear;
	n_erased = 0;
	say(g, "widget:a", "s:1", "hello", NULL);
	fill_journal(g);
	dispatcher_forget(g->dispatcher, S("widget:a"), receive, &erased);
	assert_int_equal(erased.times, 0);
	dispatcher_forget_done(g->dispatcher, &erased);
	ground_restart(g, store_path);
	open_dispatcher(g);
	assert_int_equal(n_erased, 1);
	assert_false(dispatcher_standing(g->dispatcher, S("widget:a")).known);
}

static void many_conversations__sleep_and_wake__with_all_they_had(void **state)
{
	struct receipt receipt = {0};
	struct ground *g = *state;
	char name[32];

	for (int round = 1; round <= 3; round++) {
		for (int i = 0; i < 700; i++) {
			char id[16];

			snprintf(name, sizeof name, "widget:%d", i);
			snprintf(id, sizeof id, "s:%d", round);
			say(g, name, id, round == 1 ? "hello" : "what can you do?", &receipt);
		}
		assert_true(dispatcher_flush(g->dispatcher));
	}
	assert_int_equal(receipt.times, 3 * 700);
	assert_in_range(dispatcher_awake(g->dispatcher), 1, 640);
	for (int i = 0; i < 700; i++) {
		uint32_t last = 0;

		snprintf(name, sizeof name, "widget:%d", i);
		dispatcher_posts(g->dispatcher, str_of(name), 0, 1000, count_posts, &last);
		assert_in_range(last, 6, 20);
	}
}

/* --- commits under way --- */

enum { n_many = 100 };

struct many {
	struct ground *g;
	struct receipt receipt[n_many];
	struct loop_timer look;
	unsigned looks;
};

/* 32 turns are a batch: the first takes off when the last of them is taken. */
static void say_many(struct many *many, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		char name[16], id[16];

		snprintf(name, sizeof name, "widget:%u", i % 10);
		snprintf(id, sizeof id, "s:%u", i);
		say(many->g, name, id, i % 2 ? "hello" : "thanks", &many->receipt[i]);
	}
}

static unsigned count_told(const struct many *many)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_many; i++) {
		assert_true(many->receipt[i].times <= 1);
		n += many->receipt[i].times;
	}
	return n;
}

static void stop_when_told(void *self)
{
	struct many *many = self;

	if (count_told(many) == n_many || ++many->looks > 2000)
		loop_stop(many->g->loop);
	else
		loop_timer_start(many->g->loop, &many->look, 10, stop_when_told, many);
}

static void run_until_told(struct many *many)
{
	loop_timer_start(many->g->loop, &many->look, 0, stop_when_told, many);
	loop_run(many->g->loop);
	assert_int_equal(count_told(many), n_many);
}

static void many_turns__are_told__in_order__by_the_loop_alone(void **state)
{
	struct many *many = calloc(1, sizeof *many);
	struct ear ear;
	size_t n;

	many->g = *state;
	listen_to(many->g, &ear, "widget:3");
	say_many(many, 0, n_many);
	assert_true(count_told(many) < n_many);
	run_until_told(many);
	for (unsigned i = 0; i < n_many; i++)
		assert_int_equal(many->receipt[i].taken, TAKEN);
	assert_true(ear.n_posts >= n_many / 10);
	for (n = 0; n < ear.n_posts; n++)
		assert_int_equal(ear.n[n], n + 1);
	dispatcher_unhear(many->g->dispatcher, &ear.hearer);
	free(many);
}

/* Who asks how a conversation stands while it is being committed waits for that. */
static void standing__is_of_what_is_on_the_disk(void **state)
{
	struct many *many = calloc(1, sizeof *many);

	many->g = *state;
	say_many(many, 0, 32);
	assert_int_equal(count_told(many), 0);
	assert_true(dispatcher_standing(many->g->dispatcher, S("widget:3")).last >= 3);
	assert_int_equal(count_told(many), 32);
	free(many);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The second batch stands on the first: neither is taken, and both may be said again. */
static void full_disk__undoes__the_batch_under_way__and_the_one_after(void **state)
{
	struct many *many = calloc(1, sizeof *many);
	struct ear ear;
	size_t before;

	many->g = *state;
	signal(SIGXFSZ, SIG_IGN);
	listen_to(many->g, &ear, "widget:3");
	say(many->g, "widget:3", "s:first", "hello", NULL);
	assert_true(dispatcher_flush(many->g->dispatcher));
	before = ear.n_posts;
	limit_files(1);
	say_many(many, 0, 32);
	say_many(many, 32, 40);
	assert_false(dispatcher_flush(many->g->dispatcher));
	limit_files(RLIM_INFINITY);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(many->receipt[i].times, 1);
		assert_int_equal(many->receipt[i].taken, TAKEN_NOT);
	}
	assert_int_equal(ear.n_posts, before);
	assert_int_equal(dispatcher_standing(many->g->dispatcher, S("widget:3")).last, before);
	memset(many->receipt, 0, sizeof many->receipt);
	say_many(many, 0, n_many);
	run_until_told(many);
	for (unsigned i = 0; i < n_many; i++)
		assert_int_equal(many->receipt[i].taken, TAKEN);
	for (size_t n = 0; n < ear.n_posts; n++)
		assert_int_equal(ear.n[n], n + 1);
	dispatcher_unhear(many->g->dispatcher, &ear.hearer);
	signal(SIGXFSZ, SIG_DFL);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(take__tells__nothing_before_the_commit),
		TEST(take__does_once__what_comes_twice),
		TEST(goodbye__seals__all_but_its_answer__and_hearers_are_told),
		TEST(goodbye__that_comes_with_what_was_said_before__seals_that),
		TEST(take__goes_on__after_a_restart),
		TEST(a_person__takes_over__and_the_bot_is_silent),
		TEST(handing_off__makes_one_card__after_the_commit),
		TEST(forget__erases__and_tells_those_who_listen),
		TEST(forget__where_much_is_going_on__holds_that_conversation_only),
		TEST(forget__is_done__when_the_program_ends_before),
		TEST(start__lets_what_waits_be_heard__before_the_journal_is_folded),
		TEST(many_conversations__sleep_and_wake__with_all_they_had),
		TEST(many_turns__are_told__in_order__by_the_loop_alone),
		TEST(standing__is_of_what_is_on_the_disk),
		TEST(full_disk__undoes__the_batch_under_way__and_the_one_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
