/* A message that the program dies of: tried three times, then put before a person.  The program
 * dies for real, in a child. */
#include "tests/unit/dispatch/ground.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bot/dispatch/deaths.h"

struct world {
	struct ground g;
	struct deaths *deaths;
};

static char store_path[max_store_path], deaths_path[64];
static int deadly_signal;
static enum taken was;

static enum order_outcome die(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	(void)api;
	(void)request;
	(void)arena;
	(void)answer;
	if (deadly_signal == SIGABRT)
		abort();
	raise(deadly_signal);
	return ORDER_FAILED;
}

static void open_world(struct world *w)
{
	struct dispatcher_setup setup;

	ground_open(&w->g, "demo", store_path);
	setup = ground_setup(&w->g);
	setup.deaths = w->deaths = deaths_open(deaths_path);
	w->g.dispatcher = dispatcher_new(&setup);
}

static void close_world(struct world *w)
{
	dispatcher_free(w->g.dispatcher);
	w->g.dispatcher = NULL;
	deaths_close(w->deaths);
	ground_close(&w->g);
}

static void receive(void *self, enum taken taken, uint32_t n)
{
	(void)self;
	(void)n;
	was = taken;
}

static void give(struct world *w, const char *conversation, struct event event)
{
	struct letter letter = {
		.conversation = str_of(conversation), .channel = S("widget"), .event = event};

	was = TAKEN_NOT;
	dispatcher_take(w->g.dispatcher, &letter, receive, NULL);
	assert_true(dispatcher_flush(w->g.dispatcher));
}

static void say(struct world *w, const char *conversation, const char *id, const char *text)
{
	give(w, conversation,
		(struct event){.kind = EVENT_TEXT, .id = str_of(id), .text = str_of(text)});
}

/* Nobody else hears of the signals: neither cmocka nor a sanitizer. */
static void be_a_program(void)
{
	static const int each[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		signal(each[i], SIG_DFL);
}

/* A program of its own that starts, is told the same, and dies; the signal, or 0. */
static int live_and_die(const char *id)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct world w;

		be_a_program();
		open_world(&w);
		w.g.shop->call = die;
		say(&w, "widget:a", id, "show my orders");
		_exit(was == TAKEN ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int set_up(void **state)
{
	struct world w;

	(void)state;
	store_path_fresh(store_path, "deaths");
	snprintf(deaths_path, sizeof deaths_path, "/tmp/tenstep-deaths-%d", (int)getpid());
	unlink(deaths_path);
	open_world(&w);
	give(&w, "widget:a", (struct event){.kind = EVENT_BUYER, .name = S("buyer-open")});
	say(&w, "widget:a", "t:1", "hello");
	close_world(&w);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_path_remove(store_path);
	unlink(deaths_path);
	return 0;
}

static void count_card(void *self, const struct store_card *card)
{
	++*(unsigned *)self;
	assert_non_null(strstr(card->json.p, "show my orders"));
}

struct seen {
	char all[4000];
	uint32_t last;
};

static void see(void *self, const struct post *post)
{
	struct seen *seen = self;
	size_t n = strlen(seen->all);

	snprintf(seen->all + n, sizeof seen->all - n, "%s: %.*s\n", post_who_name[post->who],
		STR(value_get_text(post->body, "text")));
	seen->last = post->n;
}

static void expect_set_aside(void)
{
	struct seen seen = {.last = 0};
	unsigned cards = 0;
	struct world w;

	open_world(&w);
	dispatcher_posts(w.g.dispatcher, S("widget:a"), 0, 100, see, &seen);
	assert_non_null(strstr(seen.all, "buyer: show my orders\nbot: I am sorry"));
	assert_int_equal(store_cards(w.g.store, false, count_card, &cards), STORE_OK);
	assert_int_equal(cards, 1);
	say(&w, "widget:a", "t:2", "show my orders"); /* sent again by the widget */
	assert_int_equal(was, TAKEN_BEFORE);
	say(&w, "widget:a", "t:3", "show my orders"); /* here nothing is wrong with the words */
	assert_int_equal(was, TAKEN);
	assert_int_equal(dispatcher_standing(w.g.dispatcher, S("widget:a")).owner, OWNER_BOT);
	close_world(&w);
}

static void message__that_kills_three_times__goes_to_a_person(void **state)
{
	static const int each[] = {SIGABRT, SIGSEGV, SIGFPE};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		deadly_signal = each[i];
		assert_int_not_equal(live_and_die("t:2"), 0);
	}
	assert_int_equal(live_and_die("t:2"), 0);
	expect_set_aside();
}

static void other_messages__are_tried_all_the_same(void **state)
{
	(void)state;
	deadly_signal = SIGABRT;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(live_and_die("t:2"), SIGABRT);
	assert_int_equal(live_and_die("t:3"), SIGABRT);
}

static void timer__that_kills_three_times__is_left_alone(void **state)
{
	struct deaths *deaths;

	(void)state;
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();
		int status;

		if (!child) {
			be_a_program();
			deaths = deaths_open(deaths_path);
			deaths_begin(deaths, S("widget:a"), S("wake"));
			deaths_end(deaths);
			deaths_begin(deaths, S("widget:a"), S("time"));
			raise(SIGBUS);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
	}
	deaths = deaths_open(deaths_path);
	assert_true(deaths_enough_of(deaths, S("widget:a"), S("time")));
	assert_false(deaths_enough_of(deaths, S("widget:a"), S("wake")));
	assert_false(deaths_enough_of(deaths, S("widget:b"), S("time")));
	deaths_close(deaths);
}

static void idle_program__that_dies__is_not_noted(void **state)
{
	struct deaths *deaths;

	(void)state;
	for (int i = 0; i < 4; i++) {
		pid_t child = fork();

		if (!child) {
			be_a_program();
			deaths = deaths_open(deaths_path);
			deaths_begin(deaths, S("widget:a"), S("t:2"));
			deaths_end(deaths);
			abort();
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	deaths = deaths_open(deaths_path);
	assert_false(deaths_enough_of(deaths, S("widget:a"), S("t:2")));
	deaths_close(deaths);
}

static void file__with_anything_in_it__is_read(void **state)
{
	FILE *file = fopen(deaths_path, "w");
	struct deaths *deaths;

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 3000; i++)
		fprintf(file, "%016x %016x\n%s", i, i,
			i % 3 ? "" : "nonsense\n0123456789abcdeg 0\n");
	fputs("0123456789abcdef 01", file);
	fclose(file);
	deaths = deaths_open(deaths_path);
	assert_true(deaths_are_kept(deaths));
	assert_false(deaths_enough_of(deaths, S("widget:a"), S("time")));
	deaths_close(deaths);
	deaths = deaths_open("/nonexistent/deaths");
	assert_false(deaths_are_kept(deaths));
	deaths_begin(deaths, S("widget:a"), S("time"));
	deaths_close(deaths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(message__that_kills_three_times__goes_to_a_person),
		TEST(other_messages__are_tried_all_the_same),
		TEST(timer__that_kills_three_times__is_left_alone),
		TEST(idle_program__that_dies__is_not_noted),
		TEST(file__with_anything_in_it__is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
