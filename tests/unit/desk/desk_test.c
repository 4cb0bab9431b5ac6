/* The desk with a real dispatcher, the demo shop, the shipped flows and a store: what a person and
 * a buyer see of each other.  The cases are those that other chats got wrong. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bot/base/digest.h"
#include "bot/web/uploads.h"
#include "tests/unit/desk/desk_world.h"

struct answer {
	unsigned times, status;
	char text[20000];
};

/* --- a person --- */

static void take_answer(void *self, unsigned status, struct str json)
{
	struct answer *answer = self;

	answer->times++;
	answer->status = status;
	put(answer->text, sizeof(answer->text), json);
}

static void begin(struct world *w, const char *method, const char *path, const char *body,
	struct answer *answer)
{
	struct str query = str_of(path), only = str_cut(&query, '?');

	memset(answer, 0, sizeof(*answer));
	desk_ask(w->desk,
		&(struct desk_question){.method = str_of(method),
			.path = only,
			.query = query,
			.authorization = S("Bearer desk-token"),
			.address = S("127.0.0.1"),
			.body = str_of(body)},
		take_answer, answer);
}

static struct answer *call(struct world *w, const char *method, const char *path, const char *body)
{
	static struct answer answer;

	begin(w, method, path, body, &answer);
	while (!answer.times)
		turn(w, 2);
	assert_int_equal(answer.times, 1);
	return &answer;
}

static void expect(const struct answer *answer, unsigned status, const char *part)
{
	if (answer->status != status || !strstr(answer->text, part))
		fail_msg("not %u with %s: %u %s", status, part, answer->status, answer->text);
}

static struct answer *claim(struct world *w, int card, int version, const char *person)
{
	char path[60], body[100];

	snprintf(path, sizeof(path), "/desk/cards/%d/claim", card);
	snprintf(body, sizeof(body), "{\"person\":\"%s\",\"version\":%d}", person, version);
	return call(w, "POST", path, body);
}

static struct answer *say(struct world *w, const char *id, const char *text)
{
	char body[300];

	snprintf(
		body, sizeof(body), "{\"person\":\"Mai\",\"id\":\"%s\",\"text\":\"%s\"}", id, text);
	return call(w, "POST", "/desk/cards/1/reply", body);
}

/* --- the cases --- */

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

/* --- pictures --- */

static const char png[] = "\x89PNG\r\n\x1a\n, and more of it";

static struct uploads *open_uploads(struct world *w, char folder[40])
{
	snprintf(folder, 40, "/tmp/tenstep-desk-XXXXXX");
	assert_non_null(mkdtemp(folder));
	w->uploads = uploads_new(folder, S("secret"));
	restart(w);
	return w->uploads;
}

static void close_uploads(struct world *w, const char *folder, const char *const *conversation)
{
	close_desk(w);
	for (; *conversation; conversation++)
		uploads_forget(w->uploads, str_of(*conversation));
	assert_int_equal(rmdir(folder), 0); /* nothing of them is left */
	uploads_free(w->uploads);
	w->uploads = NULL;
	open_desk(w);
}

/* What a reply calls the picture. */
static const char *bring(struct world *w, const char *path, struct str bytes)
{
	static char file[100];
	static struct answer answer;

	answer = (struct answer){.times = 0};
	desk_ask(w->desk,
		&(struct desk_question){.method = S("POST"),
			.path = str_of(path),
			.authorization = S("Bearer desk-token"),
			.address = S("127.0.0.1"),
			.body = bytes,
			.file_name = S("la%20bel.png")},
		take_answer, &answer);
	assert_int_equal(answer.times, 1);
	if (answer.status != 201)
		return answer.text;
	assert_int_equal(sscanf(answer.text, "{\"file\":\"%99[^\"]\"}", file), 1);
	return file;
}

static struct answer *show_file(struct world *w, const char *id, const char *file)
{
	char body[300];

	snprintf(
		body, sizeof(body), "{\"person\":\"Mai\",\"id\":\"%s\",\"file\":\"%s\"}", id, file);
	return call(w, "POST", "/desk/cards/1/reply", body);
}

static void picture__reaches_the_buyer__once(void **state)
{
	static const char *const talks[] = {"widget:a", NULL};
	struct world *w = *state;
	struct buyer a;
	char folder[40];
	const char *file;

	open_uploads(w, folder);
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	file = bring(w, "/desk/cards/1/picture", (struct str){png, sizeof png - 1});
	assert_true(str_ends(str_of(file), S(".png")));
	expect(show_file(w, "p1", file), 409, "not_yours");
	expect(claim(w, 1, 1, "Mai"), 200, "");
	expect(show_file(w, "p1", file), 200, "\"repeated\":false");
	expect(show_file(w, "p1", file), 200, "\"repeated\":true");
	assert_int_equal(count_of(&a, POST_PERSON), 1);
	assert_string_equal(last_of(&a, POST_PERSON)->file, "la bel.png");
	assert_string_equal(last_of(&a, POST_PERSON)->text, "");
	expect(call(w, "POST", "/desk/cards/1/reply",
		       arena_printf(w->arena,
			       "{\"person\":\"Mai\",\"id\":\"p2\",\"text\":\"Look\",\"file\":\"%"
			       "s\"}",
			       file)
			       .p),
		200, "");
	assert_string_equal(last_of(&a, POST_PERSON)->file, "la bel.png");
	assert_string_equal(last_of(&a, POST_PERSON)->text, "Look");
	close_uploads(w, folder, talks);
}

static void picture__is_refused__with_a_reason(void **state)
{
	static const char *const talks[] = {"widget:a", NULL};
	struct world *w = *state;
	struct buyer a, b;
	char folder[40];

	open_uploads(w, folder);
	meet(w, &a, "widget:a");
	meet(w, &b, "telegram:b");
	ask_for_person(&a);
	ask_for_person(&b);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	assert_non_null(strstr(bring(w, "/desk/cards/1/picture", S("hello")), "bad_type"));
	assert_non_null(strstr(bring(w, "/desk/cards/1/picture", S("%PDF-1.4 x")), "bad_type"));
	assert_non_null(strstr(bring(w, "/desk/cards/1/picture", S("")), "bad_type"));
	assert_non_null(strstr(bring(w, "/desk/cards/9/picture", S("GIF89a")), "no_card"));
	/* A channel that shows none, and says so before anything is stored. */
	assert_non_null(strstr(bring(w, "/desk/cards/2/picture", S("GIF89a")), "no_pictures"));
	expect(show_file(w, "p1", "f0000000000000000000000.png"), 422, "no_file");
	expect(show_file(w, "p1", "../../etc/passwd"), 422, "no_file");
	expect(call(w, "POST", "/desk/cards/1/reply", "{\"person\":\"Mai\",\"id\":\"p1\"}"), 422,
		"'text' is missing");
	expect(call(w, "GET", "/desk/cards/1/picture", ""), 405, "method");
	assert_int_equal(count_of(&a, POST_PERSON), 0);
	(void)bring(w, "/desk/cards/1/picture", S("GIF89a"));
	close_uploads(w, folder, talks);
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

/* "No agent on line, no fallback." */
static void nobody__is_told__once(void **state)
{
	struct world *w = *state;
	struct buyer a;
	size_t bubbles;

	w->config.nobody_after_s = 1;
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
	w->config.nobody_after_s = 1;
	restart(w);
	meet(w, &a, "widget:a");
	while (!last_of(&a, POST_BOT))
		turn(w, 20);
	assert_non_null(strstr(last_of(&a, POST_BOT)->text, "nobody could answer yet"));
}

static void nobody__is_not_told__to_whom_a_person_came(void **state)
{
	struct world *w = *state;
	struct buyer a;
	size_t said;

	w->config.nobody_after_s = 1;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	expect(claim(w, 1, 1, "Mai"), 200, "");
	turn(w, 5);
	said = a.n;
	turn(w, 1600);
	assert_int_equal(a.n, said);
	assert_int_equal(a.owner, OWNER_PERSON);
}

/* Whoever asks again has one card, the newest. */
static void asking_again__replaces__the_older_card(void **state)
{
	struct world *w = *state;
	struct buyer a;
	const struct answer *answer;

	w->config.nobody_after_s = 1;
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

static void forgotten_conversation__leaves__the_desk(void **state)
{
	struct world *w = *state;
	struct buyer a;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	assert_true(dispatcher_forget(w->dispatcher, S("widget:a")));
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

/* --- the webhook --- */

/* What the receiver got; shared with its process. */
struct post_office {
	atomic_uint n;
	atomic_uint status[16]; /* of the n-th answer; 0: 200 */
	char request[16][6000];
	int port;
	pid_t process;
};

static bool read_request(int from, char *text, size_t size)
{
	size_t n = 0, wanted = 0;

	memset(text, 0, size);
	while (n < size - 1 && (!wanted || n < wanted)) {
		ssize_t got = recv(from, text + n, size - 1 - n, 0);
		const char *end, *length;

		if (got <= 0)
			return false;
		n += (size_t)got;
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end && length)
			wanted = (size_t)(end + 4 - text) + strtoul(length + 16, NULL, 10);
	}
	return true;
}

static void receive_posts(int listening, struct post_office *office)
{
	static char text[6000];

	for (;;) {
		int to = accept(listening, NULL, NULL);
		unsigned status = office->n < 16 ? office->status[office->n] : 0;

		if (to < 0)
			_exit(0);
		if (read_request(to, text, sizeof(text)) && office->n < 16) {
			char line[100];

			memcpy(office->request[office->n], text, sizeof(text));
			office->n++;
			if (status != 1) {
				snprintf(line, sizeof(line),
					"HTTP/1.1 %u X\r\nContent-Length: 0\r\n%s\r\n",
					status ? status : 200,
					status == 429 ? "Retry-After: 3\r\n" : "");
				(void)!send(to, line, strlen(line), MSG_NOSIGNAL);
			}
		}
		close(to);
	}
}

static struct post_office *open_office(struct world *w)
{
	struct post_office *office = mmap(
		NULL, sizeof(*office), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	pid_t process;

	assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listening, 8), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &n), 0);
	office->port = ntohs(address.sin_port);
	process = fork();
	if (process == 0) {
		alarm(longest_test_s);
		receive_posts(listening, office);
	}
	office->process = process; /* the memory is shared: the child must not write this */
	close(listening);
	w->config.webhook_url = arena_printf(w->arena, "http://127.0.0.1:%d/hook", office->port);
	w->config.webhook_secret.bytes = S("a secret of at least 24 bytes");
	restart(w);
	return office;
}

static void close_office(struct post_office *office)
{
	kill(office->process, SIGKILL);
	waitpid(office->process, NULL, 0);
	munmap(office, sizeof(*office));
}

static void until_posts(struct world *w, struct post_office *office, unsigned n)
{
	while (office->n < n)
		turn(w, 10);
	while (http_client_under_way(w->client))
		turn(w, 5);
	turn(w, 5);
}

static void header_of(const char *request, const char *name, char *value, size_t size)
{
	const char *at = strstr(request, name);

	assert_non_null(at);
	at += strlen(name) + 2;
	snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
}

/* "Nobody is told that a chat waits." */
static void webhook__tells__that_somebody_waits(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	char id[100], timestamp[30], signature[100];
	struct digest digest;
	struct buf whole, wanted;
	struct buyer a;
	const char *body;

	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	assert_int_equal(strncmp(office->request[0], "POST /hook HTTP/1.1\r\n", 21), 0);
	header_of(office->request[0], "webhook-id", id, sizeof(id));
	header_of(office->request[0], "webhook-timestamp", timestamp, sizeof(timestamp));
	header_of(office->request[0], "webhook-signature", signature, sizeof(signature));
	body = strstr(office->request[0], "\r\n\r\n") + 4;
	assert_non_null(strstr(body, "\"type\":\"handoff.created\""));
	assert_non_null(strstr(body, "\"last_said\":\"I want to talk to a person\""));
	buf_init(&whole, 20000);
	buf_init(&wanted, 200);
	buf_addf(&whole, "%s.%s.%s", id, timestamp, body);
	digest = digest_hmac(w->config.webhook_secret.bytes, buf_str(&whole));
	buf_adds(&wanted, "v1,");
	base64_encode((struct str){(const char *)digest.byte, 32}, &wanted);
	assert_string_equal(signature, wanted.p);
	buf_release(&whole);
	buf_release(&wanted);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"sends\":[]");
	restart(w); /* what arrived is not sent again */
	turn(w, 100);
	assert_int_equal(office->n, 1);
	assert_true(
		metrics_value(w->metrics, "tenstep_webhook_sends_total", "delivered", NULL) == 1);
	close_office(office);
}

static void webhook__tries_again__until_it_arrives(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	char first[100], second[100];
	struct buyer a;

	office->status[0] = 500;
	office->status[1] = 1; /* hangs up without a word */
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"error\":\"answered 500\"");
	restart(w); /* it is not forgotten */
	until_posts(w, office, 2);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"tries\":2");
	header_of(office->request[0], "webhook-id", first, sizeof(first));
	header_of(office->request[1], "webhook-id", second, sizeof(second));
	assert_string_equal(first, second);
	close_office(office);
}

static void webhook__waits__as_long_as_it_is_told(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	struct buyer a;
	int64_t now;

	office->status[0] = 429;
	meet(w, &a, "widget:a");
	now = loop_now_ms(w->loop);
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"tries\":1");
	until_posts(w, office, 2);
	assert_true(loop_now_ms(w->loop) - now >= 3000);
	close_office(office);
}

static void webhook__keeps_dead_letters__and_sends_them_again(void **state)
{
	struct world *w = *state;
	struct post_office *office = open_office(w);
	struct buyer a;

	office->status[0] = 410;
	meet(w, &a, "widget:a");
	ask_for_person(&a);
	until_posts(w, office, 1);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"state\":\"dead\"");
	assert_true(metrics_value(w->metrics, "tenstep_webhook_sends_total", "dead", NULL) == 1);
	restart(w);
	turn(w, 50);
	assert_int_equal(office->n, 1);
	expect(call(w, "POST", "/desk/sends/1/again", ""), 200, "{}");
	until_posts(w, office, 2);
	expect(call(w, "GET", "/desk/sends", ""), 200, "\"sends\":[]");
	close_office(office);
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
		TEST(picture__reaches_the_buyer__once),
		TEST(picture__is_refused__with_a_reason),
		TEST(settle__says_what_became_of_it__and_the_buyer_is_told),
		TEST(card__put_back__is_for_somebody_else),
		TEST(typing__is_shown__by_who_has_it),
		TEST(claim__has_one_winner__of_fifty),
		TEST(claim__is_refused__with_an_old_version),
		TEST(hand_back__says__who_speaks_next),
		TEST(hand_back__finishes__what_was_left_to_a_person),
		TEST(hand_back__goes_to__a_named_step),
		TEST(nobody__is_told__once),
		TEST(nobody__is_told__after_a_restart_too),
		TEST(nobody__is_not_told__to_whom_a_person_came),
		TEST(asking_again__replaces__the_older_card),
		TEST(waiting__counts__from_the_hand_off),
		TEST(closed_desk__is_honest__about_the_time),
		TEST(closing__sends_whoever_waits__back_to_the_bot),
		TEST(forgotten_conversation__leaves__the_desk),
		TEST(requests__are_refused__with_a_reason),
		TEST(desk__asks__for_its_token),
		TEST(unfinished_requests__are_answered__at_the_end),
		TEST(webhook__tells__that_somebody_waits),
		TEST(webhook__tries_again__until_it_arrives),
		TEST(webhook__waits__as_long_as_it_is_told),
		TEST(webhook__keeps_dead_letters__and_sends_them_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
