/* One card: show, claim, reply, hand back, put back, close. */
#include "bot/desk/desk_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "bot/base/date.h"
#include "bot/desk/desk_place.h"

enum {
	max_transcript = 500, /* posts of one answer */
	max_queue_bytes = 40,
};

/* One request that is answered after the commit. */
struct act {
	struct desk *desk;
	struct act *next, **back;
	desk_answer_function *answer;
	void *self;
	int64_t card;
	char queue[max_queue_bytes]; /* for metrics, as the next one */
	const char *done_as;         /* NULL: nothing to count */
};

void desk_count(const struct desk *desk, const char *queue, const char *result)
{
	metrics_add(desk->setup.metrics, "tenstep_handoffs_total", queue, result, 1);
}

/* Who has it now, so that whoever was slower need not ask again. */
static void refuse_taken(const struct ask *ask, const char *code, struct str person)
{
	struct arena *arena = ask->desk->arena;
	struct json *json =
		desk_error_json(code, person.n ? arena_printf(arena, "%.*s has it", STR(person))
					       : S("it has changed meanwhile"));

	json_put_text(json, "person", person);
	json_put_int(json, "version", ask->card.version);
	ask_reply(ask, 409, json);
}

/* --- answered after the commit --- */

static struct act *act_new(const struct ask *ask, const char *done_as)
{
	struct act *act = calloc(1, sizeof(*act));

	if (!act)
		abort();
	act->desk = ask->desk;
	act->answer = ask->answer;
	act->self = ask->self;
	act->card = ask->card.id;
	act->done_as = done_as;
	snprintf(act->queue, sizeof(act->queue), "%.*s",
		STR(str_sub(ask->card.queue, 0, max_queue_bytes - 1)));
	act->next = ask->desk->acts;
	act->back = &ask->desk->acts;
	if (act->next)
		act->next->back = &act->next;
	ask->desk->acts = act;
	return act;
}

static void act_free(struct act *act)
{
	*act->back = act->next;
	if (act->next)
		act->next->back = act->back;
	free(act);
}

static struct json *taken_json(const struct act *act, enum taken taken, uint32_t n)
{
	struct desk *desk = act->desk;
	struct store_card card;
	struct json *json;

	arena_reset(desk->late);
	if (store_card(desk->setup.store, act->card, desk->late, &card) != STORE_OK)
		card = (struct store_card){.id = act->card};
	json = ask_card_json(desk, &card, desk->late);
	json_put_int(json, "n", n);
	json_put_bool(json, "repeated", taken == TAKEN_BEFORE);
	return json;
}

static void act_ended(void *self, enum taken taken, uint32_t n)
{
	struct act *act = self;
	struct desk *desk = act->desk;
	struct json *json;
	unsigned status = 200;

	if (taken == TAKEN_NOT) {
		status = 503;
		json = desk_error_json("not_stored", S("nothing was done: the store failed"));
	} else if (taken == TAKEN_STALE) {
		status = 409;
		json = desk_error_json("not_yours", S("somebody else has it now"));
	} else {
		json = taken_json(act, taken, n);
	}
	if (taken == TAKEN && act->done_as) {
		desk_count(desk, act->queue, act->done_as);
		LOG(desk->setup.log, LOG_INFO, loop_now_ms(desk->setup.loop), "a card changed",
			log_int("card", act->card), log_word("how", str_of(act->done_as)));
		queue_look(desk->queue);
	}
	desk_send(desk, act->answer, act->self, status, json);
	act_free(act);
}

static void take_with(const struct ask *ask, enum agent_action action, struct str id,
	struct str text, struct str place, const struct value *file, const char *done_as)
{
	struct letter letter = {
		.conversation = ask->card.conversation,
		.file = file,
		.event = {.kind = EVENT_AGENT,
			.action = action,
			.id = id,
			.text = text,
			.reference = place,
			.name = ask->body.person},
	};

	dispatcher_take(ask->desk->setup.dispatcher, &letter, act_ended, act_new(ask, done_as));
}

static void take(const struct ask *ask, enum agent_action action, struct str id, struct str text,
	struct str place, const char *done_as)
{
	take_with(ask, action, id, text, place, NULL, done_as);
}

/* --- one card --- */

static bool has_it(const struct ask *ask)
{
	struct standing standing =
		dispatcher_standing(ask->desk->setup.dispatcher, ask->card.conversation);

	if (!ask->card.closed && standing.owner == OWNER_PERSON &&
		str_eq(standing.person, ask->body.person) &&
		str_eq(ask->card.person, ask->body.person))
		return true;
	if (ask->card.closed)
		ask_refuse(ask, 409, "closed", S("this card is closed"));
	else
		refuse_taken(ask, "not_yours", arena_str(ask->desk->arena, ask->card.person));
	return false;
}

static void claim(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct standing standing =
		dispatcher_standing(desk->setup.dispatcher, ask->card.conversation);

	if (ask->card.closed) {
		ask_refuse(ask, 409, "closed", S("this card is closed"));
		return;
	}
	/* An answer that got lost is asked for again: the same claim is the same. */
	if (str_eq(ask->card.person, ask->body.person) &&
		ask->card.version == ask->body.version + 1) {
		ask_reply(ask, 200, ask_card_json(desk, &ask->card, desk->arena));
		return;
	}
	if (ask->card.person.n || standing.owner == OWNER_PERSON) {
		refuse_taken(ask, "taken",
			ask->card.person.n ? ask->card.person
					   : arena_str(desk->arena, standing.person));
		return;
	}
	if (!dispatcher_write(desk->setup.dispatcher)) {
		ask_refuse_store(ask);
		return;
	}
	if (!store_claim_card(desk->setup.store, ask->card.id, ask->body.version, ask->body.person,
		    desk_now(desk))) {
		refuse_taken(ask, "changed", S(""));
		return;
	}
	metrics_observe(desk->setup.metrics, "tenstep_handoff_wait_seconds",
		arena_cstr(desk->arena, ask->card.queue), (double)(desk_now(desk) - ask->card.at));
	take(ask, AGENT_CLAIMED,
		arena_printf(desk->arena, "claim:%lld:%lld", (long long)ask->card.id,
			(long long)ask->body.version),
		S(""), S(""), "claimed");
}

static void say(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct str mid = arena_printf(
		desk->arena, "desk:%lld:%.*s", (long long)ask->card.id, STR(ask->body.id));
	enum store_status known = store_knows(desk->setup.store, ask->card.conversation, mid);
	const struct value *file;

	if (known != STORE_OK && known != STORE_NONE) {
		ask_refuse_store(ask);
		return;
	}
	/* A repeat is harmless, also after the conversation was handed back. */
	if (known == STORE_NONE && !has_it(ask))
		return;
	if (ask_file(ask, &file))
		take_with(ask, AGENT_SAID, mid, ask->body.text, S(""), file, NULL);
}

static void refuse_place(const struct ask *ask, const struct desk_place_fault *fault)
{
	struct json *json = desk_error_json("no_such_place", fault->message);
	struct json *nearest = json_new_array();

	for (size_t i = 0; i < fault->n_nearest; i++)
		json_push_text(nearest, fault->nearest[i]);
	json_put(json, "nearest", nearest);
	ask_reply(ask, 422, json);
}

static bool is_place(const struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct desk_place_fault fault;

	if (!ask->body.to.n ||
		desk_place_check(model_flows(dispatcher_model(desk->setup.dispatcher)),
			ask->body.to, desk->arena, &fault))
		return true;
	refuse_place(ask, &fault);
	return false;
}

/* The last words are a turn of their own, committed together with what follows them. */
static void say_goodbye(const struct ask *ask)
{
	struct letter letter = {
		.conversation = ask->card.conversation,
		.event = {.kind = EVENT_AGENT,
			.action = AGENT_SAID,
			.id = arena_printf(ask->desk->arena, "desk:%lld:goodbye:%lld",
				(long long)ask->card.id, (long long)ask->card.version),
			.text = ask->body.text,
			.name = ask->body.person},
	};

	if (ask->body.text.n)
		dispatcher_take(ask->desk->setup.dispatcher, &letter, NULL, NULL);
}

/* With it is finished what the assistant could not find out and left to a person. */
static void close_card(const struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct date at = date_of(desk_now(desk));
	struct str who = ask->body.person;

	store_close_card(desk->setup.store, ask->card.id, desk_now(desk));
	store_finish_effects(desk->setup.store, ask->card.conversation,
		arena_printf(desk->arena, "%04lld-%02u-%02u %02u:%02u:%02u UTC: finished by %.*s",
			(long long)at.year, at.month, at.day, at.hour, at.minute, at.second,
			STR(who.n ? who : S("a person"))),
		desk_now(desk));
}

static void hand_back(struct ask *ask)
{
	struct desk *desk = ask->desk;

	if (ask->card.closed && str_eq(ask->card.person, ask->body.person)) {
		ask_reply(ask, 200,
			ask_card_json(desk, &ask->card, desk->arena)); /* was done before */
		return;
	}
	if (!has_it(ask) || !is_place(ask))
		return;
	if (!dispatcher_write(desk->setup.dispatcher)) {
		ask_refuse_store(ask);
		return;
	}
	close_card(ask);
	say_goodbye(ask);
	take(ask, AGENT_HANDED_BACK,
		arena_printf(desk->arena, "back:%lld:%lld", (long long)ask->card.id,
			(long long)ask->card.version),
		S(""), ask->body.to, "handed_back");
}

/* Somebody else goes on: to the queue again, where the card has kept its place. */
static void put_back(struct ask *ask)
{
	struct desk *desk = ask->desk;

	if (!ask->card.closed && !ask->card.person.n) {
		ask_reply(ask, 200,
			ask_card_json(desk, &ask->card, desk->arena)); /* was done before */
		return;
	}
	if (!has_it(ask))
		return;
	if (!dispatcher_write(desk->setup.dispatcher) ||
		!store_claim_card(desk->setup.store, ask->card.id, ask->card.version, S(""),
			desk_now(desk))) {
		ask_refuse_store(ask);
		return;
	}
	say_goodbye(ask);
	take(ask, AGENT_PUT_BACK,
		arena_printf(desk->arena, "queue:%lld:%lld", (long long)ask->card.id,
			(long long)ask->card.version),
		S(""), S(""), "put_back");
}

static void type(struct ask *ask)
{
	if (!has_it(ask))
		return;
	dispatcher_typing(ask->desk->setup.dispatcher, ask->card.conversation, POST_PERSON, NULL);
	ask_reply(ask, 200, json_new_object());
}

static void closed(struct ask *ask)
{
	struct desk *desk = ask->desk;

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_card(desk->setup.store, ask->card.id, desk->arena, &ask->card) != STORE_OK) {
		ask_refuse_store(ask);
		return;
	}
	desk_count(desk, arena_cstr(desk->arena, ask->card.queue), "closed");
	queue_look(desk->queue);
	ask_reply(ask, 200, ask_card_json(desk, &ask->card, desk->arena));
}

/* Dealt with in another way: by mail, by telephone, or there is nothing to do.  Whoever still waits
 * goes on with the bot. */
static void close_unclaimed(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct standing standing =
		dispatcher_standing(desk->setup.dispatcher, ask->card.conversation);

	if (ask->card.closed || ask->card.person.n || ask->card.version != ask->body.version) {
		refuse_taken(ask, ask->card.closed ? "closed" : "changed", ask->card.person);
		return;
	}
	if (!dispatcher_write(desk->setup.dispatcher)) {
		ask_refuse_store(ask);
		return;
	}
	close_card(ask);
	if (standing.owner == OWNER_QUEUE)
		take(ask, AGENT_NOBODY,
			arena_printf(desk->arena, "close:%lld", (long long)ask->card.id), S(""),
			S(""), "closed");
	else
		closed(ask);
}

static void add_post(void *self, const struct post *post)
{
	json_push(self, desk_post_json(post));
}

static void show(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct standing standing =
		dispatcher_standing(desk->setup.dispatcher, ask->card.conversation);
	int64_t after = ask_number(ask, "after");
	struct json *posts = json_new_array();
	struct json *json = ask_card_json(desk, &ask->card, desk->arena);

	json_put_text(json, "owner", str_of(owner_name[standing.owner]));
	json_put_int(json, "last", standing.last);
	dispatcher_posts(desk->setup.dispatcher, ask->card.conversation,
		after > 0 && after < UINT32_MAX ? (uint32_t)after : 0,
		after > 0 ? max_transcript : -max_transcript, add_post, posts);
	json_put(json, "posts", posts);
	json_put(json, "left", ask_left_json(ask));
	ask_reply(ask, 200, json);
}

static const struct card_act {
	const char *method, *name; /* behind /desk/cards/ID */
	unsigned needed, allowed;
	void (*run)(struct ask *ask);
} card_act[] = {
	{"GET", "", 0, 0, show},
	{"POST", "claim", DESK_PERSON | DESK_VERSION, 0, claim},
	{"POST", "reply", DESK_PERSON | DESK_ID, DESK_TEXT | DESK_FILE, say},
	{"POST", "picture", 0, 0, ask_picture},
	{"POST", "settle", DESK_PERSON | DESK_OUTCOME, DESK_BECAUSE | DESK_ORDER, ask_settle},
	{"POST", "back", DESK_PERSON, DESK_TO | DESK_TEXT, hand_back},
	{"POST", "queue", DESK_PERSON, DESK_TEXT, put_back},
	{"POST", "typing", DESK_PERSON, 0, type},
	{"POST", "close", DESK_PERSON | DESK_VERSION, 0, close_unclaimed},
};
enum { n_card_acts = sizeof(card_act) / sizeof(card_act[0]) };

static const struct card_act *find_act(const struct ask *ask, struct str name)
{
	bool known = false;

	for (size_t i = 0; i < n_card_acts; i++) {
		if (!str_is(name, card_act[i].name))
			continue;
		known = true;
		if (str_is(ask->question->method, card_act[i].method))
			return &card_act[i];
	}
	if (known)
		ask_refuse_method(ask);
	else
		ask_refuse_path(ask);
	return NULL;
}

static bool read_body(struct ask *ask, unsigned needed, unsigned allowed)
{
	struct str why;

	if (!(needed | allowed))
		return true;
	switch (desk_body_read(
		ask->question->body, needed, allowed, ask->desk->arena, &ask->body, &why)) {
	case DESK_READ:
		return true;
	case DESK_NO_JSON:
		ask_refuse(ask, 400, "bad_json", why);
		return false;
	case DESK_BAD_FIELD:
		ask_refuse(ask, 422, "bad_field", why);
		return false;
	}
	return false;
}

void ask_card(struct ask *ask, int64_t id, struct str name)
{
	struct desk *desk = ask->desk;
	const struct card_act *act = find_act(ask, name);

	if (!act || !read_body(ask, act->needed, act->allowed))
		return;
	/* What others do in the same round is decided first. */
	if (!dispatcher_flush(desk->setup.dispatcher)) {
		ask_refuse_store(ask);
		return;
	}
	switch (store_card(desk->setup.store, id, desk->arena, &ask->card)) {
	case STORE_OK:
		act->run(ask);
		break;
	case STORE_NONE:
		ask_refuse(ask, 404, "no_card", S("there is no card of that number"));
		break;
	default:
		ask_refuse_store(ask);
	}
}

void desk_end_acts(struct desk *desk)
{
	while (desk->acts) {
		dispatcher_forget_done(desk->setup.dispatcher, desk->acts);
		act_ended(desk->acts, TAKEN_NOT, 0);
	}
}
