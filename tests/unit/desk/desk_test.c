/* The desk with a real dispatcher, the demo shop, the shipped flows and a store: what a person and
 * a buyer see of each other.  The cases are those that other chats got wrong. */
#include "tests/unit/desk/desk_person.h"

static void list__shows_who_waits__oldest_first(void **state)
{
	struct world *w = *state;
	struct buyer a, b;
	const struct answer *answer;

	expect(call(w, "GET", "/desk/cards", ""), 200, "\"cards\":[]");
	meet(w, &a, "widget:a");
	meet(w, &b, "widget:b");
	ask_for_person(&a);
	ask_for_person(&b);
	answer = call(w, "GET", "/desk/cards", "");
	expect(answer, 200, "\"state\":\"waiting\"");
	assert_true(strstr(answer->text, "widget:a") < strstr(answer->text, "widget:b"));
	expect(answer, 200, "\"queue\":\"orders\"");
	expect(answer, 200, "\"last_said\":\"I want to talk to a person\"");
	expect(answer, 200, "\"last\":{");
	assert_true(metrics_value(w->metrics, "tenstep_handoff_queue_length", "orders", NULL) == 2);
}

static void metrics__count__what_became_of_hand_offs(void **state)
{
	struct world *w = *state;
	struct buyer a, b;

	meet(w, &a, "widget:a");
	meet(w, &b, "widget:b");
	ask_for_person(&a);
	ask_for_person(&b);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	turn(w, 5);
	assert_true(metrics_value(w->metrics, "tenstep_handoff_queue_length", "orders", NULL) == 1);
	assert_true(metrics_value(w->metrics, "tenstep_handoffs_total", "orders", "asked") == 2);
	assert_true(metrics_value(w->metrics, "tenstep_handoffs_total", "orders", "claimed") == 1);
	expect(claim(w, 2, 1, "Mai"), 200, "");
	turn(w, 5);
	assert_true(metrics_value(w->metrics, "tenstep_handoff_queue_length", "orders", NULL) == 0);
}

/* "Hand-off with no word to the visitor." */
static void hand_off__is_told__to_the_buyer(void **state)
{
	struct world *w = *state;
	struct buyer a, b;

	meet(w, &a, "widget:a");
	meet(w, &b, "widget:b");
	ask_for_person(&a);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "bringing in a person"));
	assert_string_equal(a.waiting, "You are next. A person will join as soon as one is free.");
	ask_for_person(&b);
	assert_string_equal(
		b.waiting, "You are number 2. A person will join as soon as one is free.");
	expect(claim(w, 1, 1, "Mai"), 200, "\"state\":\"person\"");
	turn(w, 5);
	hear_owner(&b, OWNER_QUEUE, S(""));
	assert_string_equal(b.waiting, "You are next. A person will join as soon as one is free.");
}

/* "Bot keeps answering after take-over": on every way in. */
static void bot__is_silent__while_a_person_has_it(void **state)
{
	struct world *w = *state;
	struct buyer a;
	size_t said;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "\"person\":\"Mai\"");
	turn(w, 5);
	assert_int_equal(a.owner, OWNER_PERSON);
	assert_string_equal(last_of(&a, POST_NOTE)->note, "joined");
	said = count_of(&a, POST_BOT);
	write_text(&a, "cancel my order");
	write_text(&a, "stop");
	write_text(&a, "hello");
	write_text(&a, "");
	write_event(&a, (struct event){.kind = EVENT_PRESS, .text = S("yes")});
	write_event(&a, (struct event){.kind = EVENT_PRESS, .text = S("-> cancel_order")});
	write_event(&a,
		(struct event){
			.kind = EVENT_ATTACHMENT, .text = S("image"), .reference = S("file-1")});
	write_event(&a, (struct event){.kind = EVENT_BUYER, .name = S("b1")});
	write_event(&a, (struct event){.kind = EVENT_TICK});
	turn(w, 50);
	assert_int_equal(count_of(&a, POST_BOT), said);
	restart(w);
	turn(w, 50);
	assert_int_equal(dispatcher_standing(w->dispatcher, S("widget:a")).owner, OWNER_PERSON);
	meet(w, &a, "widget:a");
	write_text(&a, "still there?");
	turn(w, 50);
	assert_int_equal(count_of(&a, POST_BOT), 0);
	assert_int_equal(count_of(&a, POST_BUYER), 1);
	expect(call(w, "GET", "/desk/cards/1", ""), 200, "still there?");
}

/* "Agent sees stale or missing messages." */
static void show__has__every_line_in_order(void **state)
{
	struct world *w = *state;
	struct buyer a;
	const struct answer *answer;
	const char *at;
	char key[20];

	meet(w, &a, "widget:a");
	write_text(&a, "hello");
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	write_text(&a, "one more thing");
	expect(say(w, "r1", "I am here"), 200, "\"n\":");
	answer = call(w, "GET", "/desk/cards/1", "");
	expect(answer, 200, "\"owner\":\"person\"");
	at = answer->text;
	for (unsigned n = 1; n <= a.n; n++) {
		snprintf(key, sizeof(key), "{\"n\":%u,", n);
		at = strstr(at, key);
		assert_non_null(at);
	}
	expect(answer, 200, "one more thing");
	expect(answer, 200, "I am here");
	snprintf(key, sizeof(key), "%zu", a.n - 1);
	{
		char path[60];

		snprintf(path, sizeof(path), "/desk/cards/1?after=%s", key);
		answer = call(w, "GET", path, "");
		expect(answer, 200, "I am here");
		assert_null(strstr(answer->text, "one more thing"));
	}
}

static void reply__reaches_the_buyer__once(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(say(w, "r1", "too early"), 409, "not_yours");
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(say(w, "r1", "Hello, this is Mai"), 200, "\"repeated\":false");
	expect(say(w, "r1", "Hello, this is Mai"), 200, "\"repeated\":true");
	assert_int_equal(count_of(&a, POST_PERSON), 1);
	assert_string_equal(last_of(&a, POST_PERSON)->name, "Mai");
	assert_string_equal(last_of(&a, POST_PERSON)->text, "Hello, this is Mai");
	expect(call(w, "POST", "/desk/cards/1/reply",
		       "{\"person\":\"Eve\",\"id\":\"e1\",\"text\":\"not mine\"}"),
		409, "\"person\":\"Mai\"");
	restart(w);
	expect(say(w, "r1", "Hello, this is Mai"), 200, "\"repeated\":true");
	expect(say(w, "r2", "And again"), 200, "\"repeated\":false");
}

static void typing__is_shown__by_who_has_it(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(call(w, "POST", "/desk/cards/1/typing", "{\"person\":\"Mai\"}"), 409, "not_yours");
	assert_int_equal(a.typing, 0);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(call(w, "POST", "/desk/cards/1/typing", "{\"person\":\"Mai\"}"), 200, "{}");
	assert_int_equal(a.typing, 1);
}

/* Compare-and-set: fifty people press at once. */
static void claim__has_one_winner__of_fifty(void **state)
{
	static struct answer answer[50];
	struct world *w = *state;
	struct buyer a;
	unsigned winners = 0, losers = 0;
	char winner[40] = "";

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	for (int i = 0; i < 50; i++) {
		char body[100];

		snprintf(body, sizeof(body), "{\"person\":\"P%d\",\"version\":1}", i);
		begin(w, "POST", "/desk/cards/1/claim", body, &answer[i]);
	}
	turn(w, 20);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(answer[i].times, 1);
		if (answer[i].status == 200) {
			winners++;
			snprintf(winner, sizeof(winner), "\"person\":\"P%d\"", i);
		}
	}
	assert_int_equal(winners, 1);
	for (int i = 0; i < 50; i++)
		if (answer[i].status == 409 && strstr(answer[i].text, winner))
			losers++;
	assert_int_equal(losers, 49);
	turn(w, 5);
	assert_int_equal(count_of(&a, POST_NOTE), 1);
}

static void claim__is_refused__with_an_old_version(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(claim(w, 1, 2, "Mai"), 409, "\"code\":\"changed\"");
	expect(claim(w, 9, 1, "Mai"), 404, "no_card");
	expect(claim(w, 1, 1, "Mai"), 200, "\"version\":2");
	expect(claim(w, 1, 1, "Mai"), 200, "\"version\":2"); /* the answer had been lost */
	expect(claim(w, 1, 2, "Eve"), 409, "Mai has it");
}

/* "Unclear who speaks next after the person is done." */
static void hand_back__says__who_speaks_next(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Eve\"}"), 409, "not_yours");
	expect(call(w, "POST", "/desk/cards/1/back",
		       "{\"person\":\"Mai\",\"text\":\"All done, bye\"}"),
		200, "\"state\":\"closed\"");
	turn(w, 5);
	assert_int_equal(a.owner, OWNER_BOT);
	assert_string_equal(last_of(&a, POST_PERSON)->text, "All done, bye");
	assert_string_equal(last_of(&a, POST_NOTE)->note, "handed_back");
	assert_int_equal(a.told[a.n - 1].who, POST_BOT); /* the bot has the last word */
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Mai\"}"), 200, "closed");
	expect(say(w, "late", "too late"), 409, "closed");
	expect(call(w, "GET", "/desk/cards", ""), 200, "\"cards\":[]");
	expect(call(w, "GET", "/desk/cards?all=1", ""), 200, "\"state\":\"closed\"");
	write_text(&a, "show my orders");
	assert_int_equal(a.told[a.n - 1].who, POST_BOT);
}

/* What the assistant could not find out was left to a person; when they are done, so is that. */
static void hand_back__finishes__what_was_left_to_a_person(void **state)
{
	struct world *w = *state;
	struct store_verdict human = {.state = EFFECT_HUMAN, .now = 2, .evidence = S("no answer")};
	struct store_effect found, effect = {
					   .key = S("k"),
					   .conversation = S("widget:a"),
					   .operation = S("orders.cancel"),
					   .slot = S("orders.cancel A-1"),
					   .claimed = 1,
				   };
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	assert_true(dispatcher_write(w->dispatcher));
	assert_int_equal(store_claim_effect(w->store, &effect, w->arena, &found), STORE_OK);
	store_settle_effect(w->store, effect.key, &human);
	dispatcher_flush(w->dispatcher);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Mai\"}"), 200, "closed");
	assert_int_equal(store_find_effect(w->store, effect.key, w->arena, &found), STORE_OK);
	assert_int_equal(found.state, EFFECT_CLOSED);
	assert_true(str_find(found.evidence, S("UTC: finished by Mai")) > 0);
}

static void leave_to_person(struct world *w, const char *key, const char *order)
{
	struct store_verdict human = {.state = EFFECT_HUMAN, .now = 2, .evidence = S("no answer")};
	struct value_builder args = value_build(w->arena), made = value_build(w->arena);
	struct store_effect found, effect = {
					   .key = str_of(key),
					   .conversation = S("widget:a"),
					   .operation = S("orders.cancel"),
					   .slot = arena_printf(w->arena, "cancel %s", order),
					   .claimed = 1,
				   };

	value_put_text(&args, "order", str_of(order));
	value_put(&made, "args", value_record(&args));
	effect.args = value_record(&made);
	assert_true(dispatcher_write(w->dispatcher));
	assert_int_equal(store_claim_effect(w->store, &effect, w->arena, &found), STORE_OK);
	store_settle_effect(w->store, effect.key, &human);
	dispatcher_flush(w->dispatcher);
}

static void settle__says_what_became_of_it__and_the_buyer_is_told(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(call(w, "POST", "/desk/cards/1/settle", "{\"person\":\"Mai\",\"outcome\":\"done\"}"),
		409, "nothing_left");
	leave_to_person(w, "k1", "A-1001");
	leave_to_person(w, "k2", "A-1002");
	expect(call(w, "GET", "/desk/cards/1", ""), 200, "\"order\":\"A-1002\"");
	expect(call(w, "POST", "/desk/cards/1/settle",
		       "{\"person\":\"Mai\",\"outcome\":\"so so\"}"),
		422, "'outcome' is");
	expect(call(w, "POST", "/desk/cards/1/settle", "{\"person\":\"Mai\",\"outcome\":\"done\"}"),
		409, "which");
	expect(call(w, "POST", "/desk/cards/1/settle",
		       "{\"person\":\"Mai\",\"outcome\":\"done\",\"order\":\"A-1001\"}"),
		200, "\"outcome\":\"done\"");
	turn(w, 5);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "order A-1001 is done"));
	/* Told when the person has handed back, not in the middle of what they say. */
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(call(w, "POST", "/desk/cards/1/settle", "{\"person\":\"Eve\",\"outcome\":\"done\"}"),
		409, "not_yours");
	expect(call(w, "POST", "/desk/cards/1/settle",
		       "{\"person\":\"Mai\",\"outcome\":\"refused\",\"because\":\"It was "
		       "packed.\"}"),
		200, "\"order\":\"A-1002\"");
	turn(w, 5);
	assert_null(strstr(last_of(&a, POST_BOT)->text, "A-1002"));
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Mai\"}"), 200, "closed");
	turn(w, 5);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "A-1002 was not done. It was packed."));
}

static void card__put_back__is_for_somebody_else(void **state)
{
	struct world *w = *state;
	struct buyer a, b;

	meet(w, &a, "widget:a");
	meet(w, &b, "widget:b");
	ask_for_person(&a);
	ask_for_person(&b);
	expect(call(w, "POST", "/desk/cards/1/queue", "{\"person\":\"Mai\"}"), 200,
		"\"version\":1"); /* nobody has it: nothing to do */
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(call(w, "POST", "/desk/cards/1/queue", "{\"person\":\"Eve\"}"), 409, "not_yours");
	expect(call(w, "POST", "/desk/cards/1/queue",
		       "{\"person\":\"Mai\",\"text\":\"My shift is over\"}"),
		200, "\"state\":\"waiting\"");
	turn(w, 5);
	assert_int_equal(a.owner, OWNER_QUEUE);
	assert_string_equal(last_of(&a, POST_PERSON)->text, "My shift is over");
	assert_string_equal(last_of(&a, POST_NOTE)->note, "put_back");
	expect(call(w, "POST", "/desk/cards/1/queue", "{\"person\":\"Mai\"}"), 200,
		"\"version\":3"); /* the answer had been lost */
	expect(call(w, "GET", "/desk/cards", ""), 200, "\"id\":1,\"version\":3");
	expect(say(w, "late", "too late"), 409, "not_yours");
	assert_true(
		str_starts(desk_waiting_text(w->desk, S("widget:a"), words_of(S("en")), w->arena),
			S("You are next")));
	restart(w);
	turn(w, 5);
	expect(call(w, "GET", "/desk/cards/1", ""), 200, "\"owner\":\"queue\"");
	expect(claim(w, 1, 3, "Eve"), 200, "\"version\":4");
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Eve\"}"), 200, "closed");
	expect(call(w, "POST", "/desk/cards/1/queue", "{\"person\":\"Eve\"}"), 409, "closed");
}

static void hand_back__goes_to__a_named_step(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Mai\",\"to\":\"cancel_ordr\"}"),
		422, "\"nearest\":[\"cancel_order\"");
	expect(call(w, "POST", "/desk/cards/1/back",
		       "{\"person\":\"Mai\",\"to\":\"review/nothing\"}"),
		422, "\"review/");
	assert_int_equal(a.owner, OWNER_PERSON);
	expect(call(w, "POST", "/desk/cards/1/back", "{\"person\":\"Mai\",\"to\":\"review\"}"), 200,
		"closed");
	turn(w, 5);
	assert_int_equal(a.owner, OWNER_BOT);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "chat"));
}

static void forgotten_conversation__leaves__the_desk(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	dispatcher_forget(w->dispatcher, S("widget:a"), NULL, NULL);
	turn(w, 5);
	expect(call(w, "GET", "/desk/cards?all=1", ""), 200, "\"cards\":[]");
	expect(claim(w, 1, 1, "Mai"), 404, "no_card");
	assert_true(metrics_value(w->metrics, "tenstep_handoff_queue_length", "orders", NULL) == 0);
}

static void requests__are_refused__with_a_reason(void **state)
{
	static const struct {
		const char *method, *path, *body;
		unsigned status;
		const char *code;
	} known[] = {
		{"GET", "/desk/", "", 404, "not_found"},
		{"GET", "/desk/nothing", "", 404, "not_found"},
		{"GET", "/desk/cards/x", "", 404, "not_found"},
		{"GET", "/desk/cards/-1", "", 404, "not_found"},
		{"GET", "/desk/cards/99999999999999999999", "", 404, "not_found"},
		{"GET", "/desk/cards/1/claim", "", 405, "method"},
		{"POST", "/desk/cards", "{}", 405, "method"},
		{"POST", "/desk/cards/1/eat", "{}", 404, "not_found"},
		{"POST", "/desk/cards/1/claim/x", "{}", 404, "not_found"},
		{"POST", "/desk/cards/1/claim", "{", 400, "bad_json"},
		{"POST", "/desk/cards/1/claim", "{}", 422, "bad_field"},
		{"POST", "/desk/cards/1/reply", "{\"person\":\"Mai\",\"text\":\"x\"}", 422,
			"'id' is missing"},
		{"POST", "/desk/cards/1/back", "{\"person\":\"Mai\"}", 404, "no_card"},
		{"GET", "/desk/sends/1/again", "", 405, "method"},
		{"POST", "/desk/sends/1/again", "", 404, "no_send"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		expect(call(w, known[i].method, known[i].path, known[i].body), known[i].status,
			known[i].code);
}

static unsigned status_with(struct world *w, const char *authorization)
{
	struct answer answer = {0};

	desk_ask(w->desk,
		&(struct desk_question){.method = S("GET"),
			.path = S("/desk/cards"),
			.authorization = str_of(authorization),
			.address = S("203.0.113.7")},
		take_answer, &answer);
	return answer.status;
}

static void desk__asks__for_its_token(void **state)
{
	struct world *w = *state;

	assert_int_equal(status_with(w, "Bearer desk-token"), 200);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(status_with(w, ""), 401);
		assert_int_equal(status_with(w, "Bearer wrong"), 401);
	}
	assert_int_equal(status_with(w, "Bearer desk-token"), 429);
	w->config.desk_token.bytes = S("");
	assert_int_equal(call(w, "GET", "/desk/cards", "")->status, 404);
}

/* What is not committed is not answered with success. */
static void unfinished_requests__are_answered__at_the_end(void **state)
{
	struct world *w = *state;
	static struct answer answer;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	begin(w, "POST", "/desk/cards/1/claim", "{\"person\":\"Mai\",\"version\":1}", &answer);
	assert_int_equal(answer.times, 0);
	restart(w);
	assert_int_equal(answer.times, 1);
	assert_int_equal(answer.status, 503);
}

static double counted(const struct world *w, const char *name, const char *flow, const char *step)
{
	return metrics_value(w->metrics, name, flow, step);
}

static void metrics__count__steps_and_what_was_not_understood(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	write_text(&a, "where is my order?");
	assert_int_equal(counted(w, "tenstep_step_visits_total", "order_status", "who"), 1);
	assert_int_equal(counted(w, "tenstep_step_visits_total", "account", "ask_order"), 1);
	assert_int_equal(counted(w, "tenstep_unmatched_total", "account", "ask_order"), 0);
	write_text(&a, "xyzzy plugh foo bar");
	assert_int_equal(counted(w, "tenstep_unmatched_total", "account", "ask_order"), 1);
	assert_int_equal(counted(w, "tenstep_reprompts_total", "account", "ask_order"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(list__shows_who_waits__oldest_first),
		TEST(metrics__count__what_became_of_hand_offs),
		TEST(metrics__count__steps_and_what_was_not_understood),
		TEST(hand_off__is_told__to_the_buyer),
		TEST(bot__is_silent__while_a_person_has_it),
		TEST(show__has__every_line_in_order),
		TEST(reply__reaches_the_buyer__once),
		TEST(settle__says_what_became_of_it__and_the_buyer_is_told),
		TEST(card__put_back__is_for_somebody_else),
		TEST(typing__is_shown__by_who_has_it),
		TEST(claim__has_one_winner__of_fifty),
		TEST(claim__is_refused__with_an_old_version),
		TEST(hand_back__says__who_speaks_next),
		TEST(hand_back__finishes__what_was_left_to_a_person),
		TEST(hand_back__goes_to__a_named_step),
		TEST(forgotten_conversation__leaves__the_desk),
		TEST(requests__are_refused__with_a_reason),
		TEST(desk__asks__for_its_token),
		TEST(unfinished_requests__are_answered__at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
