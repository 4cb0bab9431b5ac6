/* Buyers who wait for a person: told what is true, once, whatever happens meanwhile. */
#include "tests/unit/desk/desk_person.h"

#include <sys/resource.h>

#include "tests/unit/store_path.h"

/* A card knows the second that it was written in, not when in it: one second may be none. */
enum { SOON_S = 2 };

/* "No agent on line, no fallback." */
static void nobody__is_told__once(void **state)
{
	struct world *w = *state;
	struct buyer a;
	size_t bubbles;

	w->config.nobody_after_s = SOON_S;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	while (a.owner != OWNER_BOT)
		turn(w, 20);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "nobody could answer yet"));
	bubbles = a.n;
	expect(call(w, "GET", "/desk/cards", ""), 200, "\"state\":\"with_bot\"");
	restart(w);
	turn(w, 1500);
	expect(call(w, "GET", "/desk/cards/1", ""), 200, "\"owner\":\"bot\"");
	assert_int_equal(dispatcher_standing(w->dispatcher, S("widget:a")).last, bubbles);
	/* The message is kept: a person may still come. */
	expect(claim(w, 1, 1, "Mai"), 200, "\"state\":\"person\"");
}

static void nobody__is_told__after_a_restart_too(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	w->config.nobody_after_s = SOON_S;
	restart(w);
	meet(w, &a, "widget:a");
	while (!last_of(&a, POST_BOT))
		turn(w, 20);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "nobody could answer yet"));
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The same world, but what it stores is in a file; NULL: in memory again. */
static void store_in_file(struct world *w, const char *path)
{
	struct buf error;

	close_desk(w);
	store_close(w->store);
	w->shop->free(w->shop);
	loop_free(w->loop);
	w->loop = loop_new();
	buf_init(&error, 400);
	assert_int_equal(store_open(path, &w->store, &error), STORE_OK);
	buf_release(&error);
	w->shop = shop_with_hours(w->sandbox, &w->config, w->loop);
	open_desk(w);
}

/* And not only after a restart. */
static void nobody__is_told__when_the_disk_is_not_full_any_more(void **state)
{
	struct world *w = *state;
	char path[max_store_path];
	struct buyer a;

	store_path_fresh(path, "desk-queue");
	signal(SIGXFSZ, SIG_IGN);
	w->config.nobody_after_s = SOON_S;
	store_in_file(w, path);
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	assert_int_equal(a.owner, OWNER_QUEUE);
	limit_files(1);
	turn(w, 3500);
	limit_files(RLIM_INFINITY);
	assert_int_equal(a.owner, OWNER_QUEUE);
	turn(w, 6000);
	assert_int_equal(a.owner, OWNER_BOT);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "nobody could answer yet"));
	assert_true(metrics_value(w->metrics, "tenstep_handoffs_total", "orders", "nobody") == 1);
	store_in_file(w, NULL); /* the file is closed */
	store_path_remove(path);
	signal(SIGXFSZ, SIG_DFL);
}

static void nobody__is_not_told__to_whom_a_person_came(void **state)
{
	struct world *w = *state;
	struct buyer a;
	size_t said;

	w->config.nobody_after_s = SOON_S;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	turn(w, 5);
	said = a.n;
	turn(w, 2600);
	assert_int_equal(a.n, said);
	assert_int_equal(a.owner, OWNER_PERSON);
}

/* Whoever asks again has one card, the newest. */
static void asking_again__replaces__the_older_card(void **state)
{
	struct world *w = *state;
	struct buyer a;
	const struct answer *answer;

	w->config.nobody_after_s = SOON_S;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	while (a.owner != OWNER_BOT)
		turn(w, 20);
	write_text(&a, "Keep waiting");
	while (a.owner != OWNER_QUEUE)
		turn(w, 5);
	turn(w, 5);
	answer = call(w, "GET", "/desk/cards", "");
	expect(answer, 200, "\"id\":2");
	assert_null(strstr(answer->text, "\"id\":1,"));
	expect(claim(w, 1, 1, "Mai"), 409, "closed");
	expect(claim(w, 2, 1, "Mai"), 200, "\"person\":\"Mai\"");
}

/* "Bot time counted in staff response time." */
static void waiting__counts__from_the_hand_off(void **state)
{
	struct world *w = *state;
	struct buyer a;
	struct store_card card;
	char waited[40];
	int64_t asked;

	meet(w, &a, "widget:a");
	write_text(&a, "hello");
	turn(w, 1100);
	asked = loop_now_ms(w->loop) / 1000;
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	assert_int_equal(store_card(w->store, 1, w->arena, &card), STORE_OK);
	assert_true(card.at >= asked && card.claimed >= card.at);
	snprintf(waited, sizeof(waited), "\"waited_s\":%lld,", (long long)(card.claimed - card.at));
	turn(w, 1100); /* it does not grow under a person */
	expect(call(w, "GET", "/desk/cards", ""), 200, waited);
}

static void closed_desk__is_honest__about_the_time(void **state)
{
	struct world *w = *state;
	struct buyer a;
	int64_t now = loop_now_ms(w->loop) / 1000;
	int today = (int)((now / 86400 + 3) % 7); /* 1 January 1970 was a Thursday */

	for (int i = 0; i < 7; i++)
		w->config.hours[i] = (struct opening){0, 0};
	w->config.hours[(today + 3) % 7] = (struct opening){9 * 60, 18 * 60};
	meet(w, &a, "widget:a");
	write_text(&a, "I want to talk to a person");
	turn(w, 20);
	assert_int_equal(a.owner, OWNER_BOT);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "Nobody is at the desk right now"));
	write_text(&a, "yes");
	while (a.owner != OWNER_QUEUE)
		turn(w, 5);
	assert_non_null(strstr(a.waiting, "Nobody is at the desk now. People are back "));
	assert_non_null(strstr(a.waiting, "day at 09:00; your message is kept."));
	expect(call(w, "GET", "/desk/cards", ""), 200, "\"open\":false");
	w->config.waiting = S("As the shop says.");
	hear_owner(&a, OWNER_QUEUE, S(""));
	assert_string_equal(a.waiting, "As the shop says.");
}

/* Dealt with by mail: nobody is left waiting for ever. */
static void closing__sends_whoever_waits__back_to_the_bot(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(call(w, "POST", "/desk/cards/1/close", "{\"person\":\"Mai\",\"version\":2}"), 409,
		"changed");
	expect(call(w, "POST", "/desk/cards/1/close", "{\"person\":\"Mai\",\"version\":1}"), 200,
		"\"state\":\"closed\"");
	turn(w, 5);
	assert_int_equal(a.owner, OWNER_BOT);
	expect(call(w, "POST", "/desk/cards/1/close", "{\"person\":\"Mai\",\"version\":2}"), 409,
		"closed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(nobody__is_told__once),
		TEST(nobody__is_told__after_a_restart_too),
		TEST(nobody__is_told__when_the_disk_is_not_full_any_more),
		TEST(nobody__is_not_told__to_whom_a_person_came),
		TEST(asking_again__replaces__the_older_card),
		TEST(waiting__counts__from_the_hand_off),
		TEST(closed_desk__is_honest__about_the_time),
		TEST(closing__sends_whoever_waits__back_to_the_bot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
