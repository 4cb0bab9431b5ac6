/* The desk: its HTTP API. */
#include "bot/app/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/app/desk_gate.h"
#include "bot/app/desk_json.h"
#include "bot/app/desk_place.h"
#include "bot/app/desk_queue.h"
#include "bot/app/desk_webhook.h"

enum {
	max_request_bytes = 16 << 10,
	max_answer_bytes = 8 << 20,
	max_scratch_bytes = 8 << 20,
	max_listed = 500,
	max_transcript = 500, /* posts of one answer */
	max_queue_bytes = 40,
};

struct desk {
	struct desk_setup setup;
	struct desk_gate gate;
	struct webhook *webhook;
	struct queue *queue;
	struct act *acts;    /* what waits for its commit */
	struct arena *arena; /* of the request that is looked at … */
	struct arena *late;  /* … and of one that is answered while it is */
	struct buf json;
};

/* One request while it is looked at. */
struct ask {
	struct desk *desk;
	const struct desk_question *question;
	desk_answer_function *answer;
	void *self;
	struct desk_body body;
	struct store_card card;
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

static int64_t now_of(const struct desk *desk)
{
	return loop_now_ms(desk->setup.loop) / 1000;
}

static void count(const struct desk *desk, const char *queue, const char *result)
{
	metrics_add(desk->setup.metrics, "tenstep_handoffs_total", queue, result, 1);
}

/* --- answering --- */

static void send(struct desk *desk, desk_answer_function *answer, void *self, unsigned status,
	struct json *json)
{
	buf_clear(&desk->json);
	json_write(json, &desk->json);
	json_free(json);
	if (desk->json.over)
		answer(self, 500,
			S("{\"error\":{\"code\":\"too_long\",\"message\":\"the answer is too "
			  "long\"}}"));
	else
		answer(self, status, buf_str(&desk->json));
}

static void reply(const struct ask *ask, unsigned status, struct json *json)
{
	send(ask->desk, ask->answer, ask->self, status, json);
}

static void refuse(const struct ask *ask, unsigned status, const char *code, struct str message)
{
	reply(ask, status, desk_error_json(code, message));
}

static void refuse_store(const struct ask *ask)
{
	refuse(ask, 503, "not_stored", S("nothing was done: the store failed"));
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
	reply(ask, 409, json);
}

static struct json *card_json(
	const struct desk *desk, const struct store_card *card, struct arena *arena)
{
	return desk_card_json(card, queue_state(desk->queue, card), now_of(desk), arena);
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
	json = card_json(desk, &card, desk->late);
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
		count(desk, act->queue, act->done_as);
		LOG(desk->setup.log, LOG_INFO, loop_now_ms(desk->setup.loop), "a card changed",
			log_int("card", act->card), log_word("how", str_of(act->done_as)));
		queue_look(desk->queue);
	}
	send(desk, act->answer, act->self, status, json);
	act_free(act);
}

static void take(const struct ask *ask, enum agent_action action, struct str id, struct str text,
	struct str place, const char *done_as)
{
	struct letter letter = {
		.conversation = ask->card.conversation,
		.event = {.kind = EVENT_AGENT,
			.action = action,
			.id = id,
			.text = text,
			.reference = place,
			.name = ask->body.person},
	};

	dispatcher_take(ask->desk->setup.dispatcher, &letter, act_ended, act_new(ask, done_as));
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
		refuse(ask, 409, "closed", S("this card is closed"));
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
		refuse(ask, 409, "closed", S("this card is closed"));
		return;
	}
	/* An answer that got lost is asked for again: the same claim is the same. */
	if (str_eq(ask->card.person, ask->body.person) &&
		ask->card.version == ask->body.version + 1) {
		reply(ask, 200, card_json(desk, &ask->card, desk->arena));
		return;
	}
	if (ask->card.person.n || standing.owner == OWNER_PERSON) {
		refuse_taken(ask, "taken",
			ask->card.person.n ? ask->card.person
					   : arena_str(desk->arena, standing.person));
		return;
	}
	if (!dispatcher_write(desk->setup.dispatcher)) {
		refuse_store(ask);
		return;
	}
	if (!store_claim_card(desk->setup.store, ask->card.id, ask->body.version, ask->body.person,
		    now_of(desk))) {
		refuse_taken(ask, "changed", S(""));
		return;
	}
	metrics_observe(desk->setup.metrics, "tenstep_handoff_wait_seconds",
		arena_cstr(desk->arena, ask->card.queue), (double)(now_of(desk) - ask->card.at));
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

	/* A repeat is harmless, also after the conversation was handed back. */
	if (!store_knows(desk->setup.store, ask->card.conversation, mid) && !has_it(ask))
		return;
	take(ask, AGENT_SAID, mid, ask->body.text, S(""), NULL);
}

static void refuse_place(const struct ask *ask, const struct desk_place_fault *fault)
{
	struct json *json = desk_error_json("no_such_place", fault->message);
	struct json *nearest = json_new_array();

	for (size_t i = 0; i < fault->n_nearest; i++)
		json_push_text(nearest, fault->nearest[i]);
	json_put(json, "nearest", nearest);
	reply(ask, 422, json);
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

/* The last words are a turn of their own, committed together with the hand-back. */
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

static void hand_back(struct ask *ask)
{
	struct desk *desk = ask->desk;

	if (ask->card.closed && str_eq(ask->card.person, ask->body.person)) {
		reply(ask, 200, card_json(desk, &ask->card, desk->arena)); /* was done before */
		return;
	}
	if (!has_it(ask) || !is_place(ask))
		return;
	if (!dispatcher_write(desk->setup.dispatcher)) {
		refuse_store(ask);
		return;
	}
	store_close_card(desk->setup.store, ask->card.id, now_of(desk));
	say_goodbye(ask);
	take(ask, AGENT_HANDED_BACK,
		arena_printf(desk->arena, "back:%lld:%lld", (long long)ask->card.id,
			(long long)ask->card.version),
		S(""), ask->body.to, "handed_back");
}

static void type(struct ask *ask)
{
	if (!has_it(ask))
		return;
	dispatcher_typing(ask->desk->setup.dispatcher, ask->card.conversation, POST_PERSON, NULL);
	reply(ask, 200, json_new_object());
}

static void closed(struct ask *ask)
{
	struct desk *desk = ask->desk;

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_card(desk->setup.store, ask->card.id, desk->arena, &ask->card) != STORE_OK) {
		refuse_store(ask);
		return;
	}
	count(desk, arena_cstr(desk->arena, ask->card.queue), "closed");
	queue_look(desk->queue);
	reply(ask, 200, card_json(desk, &ask->card, desk->arena));
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
		refuse_store(ask);
		return;
	}
	store_close_card(desk->setup.store, ask->card.id, now_of(desk));
	if (standing.owner == OWNER_QUEUE)
		take(ask, AGENT_NOBODY,
			arena_printf(desk->arena, "close:%lld", (long long)ask->card.id), S(""),
			S(""), "closed");
	else
		closed(ask);
}

struct listing {
	const struct desk *desk;
	struct json *array;
	struct json **one; /* those of the array, to be added to */
	size_t n;
};

static void list_post(void *self, const struct post *post)
{
	struct listing *listing = self;

	json_push(listing->array, desk_post_json(post));
	listing->n++;
}

static int64_t number_in(struct str query, const char *name)
{
	int64_t number = 0;

	while (query.n) {
		struct str value = str_cut(&query, '&'), key = str_cut(&value, '=');

		if (str_is(key, name) && str_int(value, &number))
			return number;
	}
	return 0;
}

static void show(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct standing standing =
		dispatcher_standing(desk->setup.dispatcher, ask->card.conversation);
	int64_t after = number_in(ask->question->query, "after");
	struct listing listing = {.desk = desk, .array = json_new_array()};
	struct json *json = card_json(desk, &ask->card, desk->arena);

	json_put_text(json, "owner", str_of(owner_name[standing.owner]));
	json_put_int(json, "last", standing.last);
	dispatcher_posts(desk->setup.dispatcher, ask->card.conversation,
		after > 0 && after < UINT32_MAX ? (uint32_t)after : 0,
		after > 0 ? max_transcript : -max_transcript, list_post, &listing);
	json_put(json, "posts", listing.array);
	reply(ask, 200, json);
}

static const struct card_act {
	const char *method, *name; /* behind /desk/cards/ID */
	unsigned needed, allowed;
	void (*run)(struct ask *ask);
} card_act[] = {
	{"GET", "", 0, 0, show},
	{"POST", "claim", DESK_PERSON | DESK_VERSION, 0, claim},
	{"POST", "reply", DESK_PERSON | DESK_TEXT | DESK_ID, 0, say},
	{"POST", "back", DESK_PERSON, DESK_TO | DESK_TEXT, hand_back},
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
		refuse(ask, 405, "method", S("this is not how this is asked for"));
	else
		refuse(ask, 404, "not_found", S("there is nothing of that name"));
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
		refuse(ask, 400, "bad_json", why);
		return false;
	case DESK_BAD_FIELD:
		refuse(ask, 422, "bad_field", why);
		return false;
	}
	return false;
}

static void ask_card(struct ask *ask, int64_t id, struct str name)
{
	struct desk *desk = ask->desk;
	const struct card_act *act = find_act(ask, name);

	if (!act || !read_body(ask, act->needed, act->allowed))
		return;
	/* What others do in the same round is decided first. */
	if (!dispatcher_flush(desk->setup.dispatcher)) {
		refuse_store(ask);
		return;
	}
	switch (store_card(desk->setup.store, id, desk->arena, &ask->card)) {
	case STORE_OK:
		act->run(ask);
		break;
	case STORE_NONE:
		refuse(ask, 404, "no_card", S("there is no card of that number"));
		break;
	default:
		refuse_store(ask);
	}
}

/* --- all cards, all sends --- */

static void list_last(void *self, const struct post *post)
{
	json_put((struct json *)self, "last", desk_post_json(post));
}

static void list_card(void *self, const struct store_card *card)
{
	struct listing *listing = self;
	struct json *one;

	if (listing->n < max_listed) {
		one = card_json(listing->desk, card, listing->desk->arena);
		listing->one[listing->n] = one;
		json_push(listing->array, one);
	}
	listing->n++;
}

/* The last line of each, once the cards are read. */
static void add_last(const struct listing *listing)
{
	for (size_t i = 0; i < listing->n && i < max_listed; i++)
		dispatcher_posts(listing->desk->setup.dispatcher,
			json_text(json_get(listing->one[i], "conversation")), 0, -1, list_last,
			listing->one[i]);
}

static void list_cards(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct listing listing = {.desk = desk,
		.array = json_new_array(),
		.one = arena_array(desk->arena, struct json *, max_listed)};
	struct json *json = json_new_object();
	int64_t opens_at;
	bool all = number_in(ask->question->query, "all") == 1;

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_cards(desk->setup.store, all, list_card, &listing) != STORE_OK) {
		json_free(listing.array);
		json_free(json);
		refuse_store(ask);
		return;
	}
	add_last(&listing);
	json_put_int(json, "now", now_of(desk));
	json_put_bool(json, "open", desk_open(desk->setup.config, now_of(desk), &opens_at));
	json_put_int(json, "opens_at", opens_at);
	json_put_bool(json, "more", listing.n > max_listed);
	json_put(json, "cards", listing.array);
	reply(ask, 200, json);
}

static void list_send(void *self, const struct store_send *send)
{
	struct listing *listing = self;

	if (!send->sent && listing->n++ < max_listed)
		json_push(listing->array, desk_send_json(send));
}

static void list_sends(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct listing listing = {.desk = desk, .array = json_new_array()};
	struct json *json = json_new_object();

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_sends(desk->setup.store, true, list_send, &listing) != STORE_OK) {
		json_free(listing.array);
		json_free(json);
		refuse_store(ask);
		return;
	}
	json_put(json, "sends", listing.array);
	reply(ask, 200, json);
}

struct find_send {
	int64_t id;
	bool is_dead;
};

static void find_dead(void *self, const struct store_send *send)
{
	struct find_send *find = self;

	if (send->id == find->id && send->dead)
		find->is_dead = true;
}

static void send_again(struct ask *ask, int64_t id)
{
	struct desk *desk = ask->desk;
	struct find_send find = {.id = id};

	if (!str_is(ask->question->method, "POST")) {
		refuse(ask, 405, "method", S("this is not how this is asked for"));
		return;
	}
	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_sends(desk->setup.store, true, find_dead, &find) != STORE_OK) {
		refuse_store(ask);
		return;
	}
	if (!find.is_dead) {
		refuse(ask, 404, "no_send", S("nothing of that number was given up"));
		return;
	}
	if (!dispatcher_write(desk->setup.dispatcher)) {
		refuse_store(ask);
		return;
	}
	store_mark_send(desk->setup.store, id, 0, loop_now_ms(desk->setup.loop), 0, 0, S(""));
	webhook_wake(desk->webhook);
	reply(ask, 200, json_new_object());
}

/* --- the way in --- */

static bool is_let_in(const struct ask *ask)
{
	const struct desk_question *q = ask->question;
	struct desk *desk = ask->desk;

	switch (desk_gate_check(&desk->gate, desk->setup.config->desk_token.bytes, q->authorization,
		q->address, loop_steady_ms(desk->setup.loop))) {
	case GATE_OPEN:
		return true;
	case GATE_WRONG:
		metrics_add(desk->setup.metrics, "tenstep_refused_total", "desk", "token", 1);
		refuse(ask, 401, "unauthorized", S("the token is missing or wrong"));
		return false;
	case GATE_LOCKED:
		metrics_add(desk->setup.metrics, "tenstep_refused_total", "desk", "guessing", 1);
		refuse(ask, 429, "too_many", S("too many wrong tokens; wait a minute"));
		return false;
	}
	return false;
}

static void list(struct ask *ask, void (*all)(struct ask *ask))
{
	if (str_is(ask->question->method, "GET"))
		all(ask);
	else
		refuse(ask, 405, "method", S("this is not how this is asked for"));
}

static void route(struct ask *ask)
{
	struct str rest = ask->question->path, kind, id_text, name;
	int64_t id;

	str_cut(&rest, '/'); /* what is before the first one: nothing */
	str_cut(&rest, '/'); /* "desk" */
	kind = str_cut(&rest, '/');
	id_text = str_cut(&rest, '/');
	name = rest;
	if (str_is(kind, "cards") && !id_text.n && !name.n)
		list(ask, list_cards);
	else if (str_is(kind, "sends") && !id_text.n && !name.n)
		list(ask, list_sends);
	else if (str_is(kind, "cards") && str_int(id_text, &id) && id > 0)
		ask_card(ask, id, name);
	else if (str_is(kind, "sends") && str_int(id_text, &id) && str_is(name, "again"))
		send_again(ask, id);
	else
		refuse(ask, 404, "not_found", S("there is nothing of that name"));
}

void desk_ask(struct desk *desk, const struct desk_question *question, desk_answer_function *answer,
	void *self)
{
	struct ask ask = {.desk = desk, .question = question, .answer = answer, .self = self};

	arena_reset(desk->arena);
	if (!desk->setup.config->desk_token.bytes.n)
		refuse(&ask, 404, "not_found", S("there is no desk here"));
	else if (is_let_in(&ask))
		route(&ask);
}

struct http_plan desk_plan(struct desk *desk, const struct http_head *head)
{
	(void)desk;
	return (struct http_plan){
		.max_body_bytes = str_is(head->method, "POST") ? max_request_bytes : 0};
}

static void answer_exchange(void *self, unsigned status, struct str json)
{
	const struct str header[] = {S("Cache-Control: no-store"),
		status == 429 ? S("Retry-After: 60") : S("WWW-Authenticate: Bearer")};

	exchange_answer(self, &(struct http_answer){
				      .status = status,
				      .type = S("application/json"),
				      .body = json,
				      .headers = header,
				      .n_headers = status == 401 || status == 429 ? 2 : 1,
			      });
}

void desk_request(
	struct desk *desk, struct exchange *exchange, const struct http_head *head, struct str body)
{
	desk_ask(desk,
		&(struct desk_question){.method = head->method,
			.path = head->path,
			.query = head->query,
			.authorization = head->authorization,
			.address = head->address,
			.body = body},
		answer_exchange, exchange);
}

void desk_handed_off(struct desk *desk, const struct store_card *card)
{
	arena_reset(desk->late);
	count(desk, arena_cstr(desk->late, card->queue), "asked");
	LOG(desk->setup.log, LOG_INFO, loop_now_ms(desk->setup.loop), "a person is needed",
		log_int("card", card->id), log_id("conversation", card->conversation));
	queue_look(desk->queue);
}

/* --- what a buyer is told --- */

struct str desk_waiting_text(struct desk *desk, struct str conversation, struct arena *arena)
{
	const struct serve_config *config = desk->setup.config;
	size_t place = queue_place(desk->queue, conversation);
	int64_t opens_at;
	struct buf when;
	struct str text;

	if (config->waiting.n)
		return config->waiting;
	if (desk_open(config, now_of(desk), &opens_at)) {
		if (place <= 1)
			return S("You are next. A person will join as soon as one is free.");
		return arena_printf(arena,
			"You are number %zu. A person will join as soon as one is free.", place);
	}
	if (!opens_at)
		return S("Nobody is at the desk now. Your message is kept and will be read.");
	buf_init(&when, 100);
	desk_when(config, now_of(desk), opens_at, &when);
	text = arena_printf(arena,
		"Nobody is at the desk now. People are back %.*s; your message is kept.",
		STR(buf_str(&when)));
	buf_release(&when);
	return text;
}

/* --- the door --- */

struct desk *desk_new(const struct desk_setup *setup)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	int64_t opens_at;

	if (!desk)
		abort();
	desk->setup = *setup;
	desk->arena = arena_new(max_scratch_bytes);
	desk->late = arena_new(max_scratch_bytes);
	buf_init(&desk->json, max_answer_bytes);
	(void)desk_open(setup->config, 0, &opens_at); /* the zone is set before there are threads */
	desk->webhook = webhook_new(setup);
	desk->queue = queue_new(setup, desk->webhook);
	return desk;
}

void desk_free(struct desk *desk)
{
	if (!desk)
		return;
	while (desk->acts) {
		dispatcher_forget_done(desk->setup.dispatcher, desk->acts);
		act_ended(desk->acts, TAKEN_NOT, 0);
	}
	queue_free(desk->queue);
	webhook_free(desk->webhook);
	arena_free(desk->arena);
	arena_free(desk->late);
	buf_release(&desk->json);
	free(desk);
}
