/* The shop of the configuration as an order API. */
#include "bot/shop/shop_client.h"

#include <stdlib.h>

#include "bot/shop/shop_guess.h"

enum {
	default_read_ms = 7 * 1000,
	default_early_ms = 12 * 1000,
	look_within_ms = 30 * 1000,  /* for the reads of one look; nobody waits for them */
	change_within_ms = 8 * 1000, /* for a change to leave, not for its answer */
	max_call_bytes = 16 << 20,
	list_max = 10,
};

static const int64_t default_look_ms[] = {2000, 5000, 15000, 60000};

/* Who hears the answer. */
struct listener {
	struct listener *next;
	char *who, *key;
	size_t n_who, n_key;
	unsigned number;
};

struct call {
	struct shop_client *client;
	struct call *next, **back;
	struct arena *arena;
	struct order_request request; /* in @arena */
	struct tts_setup setup;       /* of the shop that is asked */
	struct tts_job *job;
	size_t shop;
	int64_t started_ms; /* steady */
	struct loop_timer timer, early_timer;
	bool told_early;
	struct value_builder found; /* of a list over several shops */
	struct listener *listener;
};

struct shop_client {
	struct order_api api; /* first: this is what callers hold */
	struct shop_client_setup setup;
	struct shop_guess *guess;
	struct call *call;
	size_t n_calls;
};

static int64_t now_s(const struct shop_client *client)
{
	return loop_now_ms(client->setup.loop) / 1000;
}

static int64_t steady_ms(const struct shop_client *client)
{
	return loop_steady_ms(client->setup.loop);
}

/* --- listeners --- */

static char *bytes_of(struct str s)
{
	char *copy = malloc(s.n + 1);

	if (!copy)
		abort();
	for (size_t i = 0; i < s.n; i++)
		copy[i] = s.p[i];
	copy[s.n] = 0;
	return copy;
}

static void listen(struct call *call, const struct order_request *request)
{
	struct listener *l = malloc(sizeof *l);

	if (!l)
		abort();
	*l = (struct listener){call->listener, bytes_of(request->who), bytes_of(request->key),
		request->who.n, request->key.n, request->number};
	call->listener = l;
}

static void listener_free(struct listener *l)
{
	free(l->who);
	free(l->key);
	free(l);
}

static void tell(struct shop_client *client, const struct listener *list,
	enum order_outcome outcome, const struct value *value)
{
	for (const struct listener *l = list; l; l = l->next)
		if (client->api.answered)
			client->api.answered(client->api.answered_self,
				(struct str){l->who, l->n_who}, l->number,
				(struct str){l->key, l->n_key}, outcome, value);
}

/* --- a call's life --- */

static struct call *call_new(struct shop_client *client, const struct order_request *request)
{
	struct call *call = calloc(1, sizeof *call);

	if (!call)
		abort();
	call->client = client;
	call->arena = arena_new(max_call_bytes);
	call->started_ms = steady_ms(client);
	call->request = *request;
	call->request.operation = arena_str(call->arena, request->operation);
	call->request.buyer = arena_str(call->arena, request->buyer);
	call->request.who = arena_str(call->arena, request->who);
	call->request.key = arena_str(call->arena, request->key);
	call->request.args = request->args ? value_copy(call->arena, request->args) : &value_none;
	call->found = value_build(call->arena);
	call->next = client->call;
	call->back = &client->call;
	if (call->next)
		call->next->back = &call->next;
	client->call = call;
	client->n_calls++;
	return call;
}

/* The listeners are the caller's from now on. */
static struct listener *call_free(struct call *call)
{
	struct listener *list = call->listener;

	*call->back = call->next;
	if (call->next)
		call->next->back = call->back;
	call->client->n_calls--;
	loop_timer_stop(call->client->setup.loop, &call->timer);
	loop_timer_stop(call->client->setup.loop, &call->early_timer);
	shop_link_forget(call->client->setup.link, call);
	arena_free(call->arena);
	free(call);
	return list;
}

static void listeners_free(struct listener *list)
{
	while (list) {
		struct listener *next = list->next;

		listener_free(list);
		list = next;
	}
}

/* --- which shop --- */

static size_t n_shops(const struct shop_client *client)
{
	const struct tts_grant *grant = shop_grant_now(client->setup.grant);

	return grant ? grant->n_shops : 1; /* the link says what is wrong */
}

static void begin_at(struct call *call, size_t shop)
{
	const struct shop_client *client = call->client;
	const struct tts_grant *grant = shop_grant_now(client->setup.grant);
	const struct shop_account *account = client->setup.account;
	struct str region = account->region;

	if (!region.n && grant && shop < grant->n_shops)
		region = grant->shop[shop].region;
	call->shop = shop;
	call->setup = (struct tts_setup){
		.market = tts_market_of(region),
		.region = arena_str(call->arena, region),
		.about = account->about,
		.policy = account->policy,
		.n_looks = client->setup.n_looks,
	};
	call->job = tts_job_new(call->arena, &call->setup, &call->request);
}

/* --- lists over several shops --- */

static void take_list(struct call *call, const struct value *list)
{
	for (size_t i = 0; i < value_count(list); i++)
		value_push(&call->found, value_at(list, i));
}

static const struct value *newest_of(struct call *call)
{
	struct value_builder *found = &call->found;

	for (size_t i = 1; i < found->n; i++)
		for (size_t k = i; k && value_get_int(found->item[k], "created") >
						value_get_int(found->item[k - 1], "created");
			k--) {
			const struct value *newer = found->item[k];

			found->item[k] = found->item[k - 1];
			found->item[k - 1] = newer;
		}
	if (found->n > list_max)
		found->n = list_max;
	return value_list(found);
}

/* --- the end --- */

static struct str number_of(const struct order_request *request)
{
	const struct value *order = value_get(request->args, "order");
	struct str number = value_get_text(order, "number");

	return number.n ? number : value_text_of(order);
}

static bool is_guess(const struct order_request *request)
{
	return str_is(request->operation, "buyers.verify");
}

static void log_strange(const struct call *call)
{
	const struct value *words = tts_job_strange(call->job);

	for (size_t i = 0; i < value_count(words); i++)
		LOG(call->client->setup.log, LOG_WARNING, loop_now_ms(call->client->setup.loop),
			"a word of the platform is new",
			log_word("operation", call->request.operation),
			log_word("word", value_text_of(value_at(words, i))));
}

static void note_end(const struct call *call, const struct tts_end *end)
{
	const struct shop_client *client = call->client;

	log_strange(call);
	if (is_guess(&call->request) && end->outcome != ORDER_REFUSED)
		shop_guess_give_back(client->guess, call->request.who, number_of(&call->request));
	if (end->outcome == ORDER_UNKNOWN)
		LOG(client->setup.log, LOG_WARNING, loop_now_ms(client->setup.loop),
			"what became of a change is not known",
			log_word("operation", call->request.operation),
			log_id("key", call->request.key));
}

static bool step(struct call *call, const struct tts_answer *answer, struct tts_end *end);

/* True: the job has ended for good, as @end says. */
static bool ended(struct call *call, struct tts_end *end)
{
	bool is_list;

	*end = tts_job_end(call->job);
	is_list = end->outcome == ORDER_OK && end->value->type == VALUE_LIST && end->elsewhere;
	if (is_list)
		take_list(call, end->value);
	if (end->elsewhere && call->shop + 1 < n_shops(call->client)) {
		log_strange(call);
		begin_at(call, call->shop + 1);
		return step(call, NULL, end);
	}
	if (is_list)
		end->value = newest_of(call);
	return true;
}

static void finish(struct call *call, const struct tts_end *end)
{
	struct shop_client *client = call->client;
	struct arena *arena = call->arena;
	struct listener *list;

	note_end(call, end);
	call->arena = NULL; /* the value is in it */
	list = call_free(call);
	tell(client, list, end->outcome, end->value);
	listeners_free(list);
	arena_free(arena);
}

/* --- requests --- */

static void heard(void *self, const struct tts_answer *answer)
{
	struct call *call = self;
	struct tts_end end;

	if (step(call, answer, &end))
		finish(call, &end);
}

static int64_t within_ms(const struct call *call)
{
	const struct shop_client *client = call->client;
	int64_t left = call->started_ms + client->setup.read_ms - steady_ms(client);

	if (tts_job_is_unsure(call->job))
		return look_within_ms;
	if (tts_job_request(call->job)->changes)
		return change_within_ms;
	return left > 1 ? left : 1;
}

static void send(void *self)
{
	struct call *call = self;
	struct shop_send one = {
		.request = tts_job_request(call->job),
		.shop = call->shop,
		.within_ms = within_ms(call),
		.arena = call->arena,
	};

	shop_link_send(call->client->setup.link, &one, heard, call);
}

static void tell_early(void *self)
{
	struct call *call = self;

	if (call->told_early || !tts_job_is_unsure(call->job))
		return;
	call->told_early = true;
	tell(call->client, call->listener, ORDER_UNKNOWN, &value_none);
}

/* Nobody waits through the longer pauses in silence. */
static void plan_early(struct call *call, int64_t pause_ms)
{
	const struct shop_client *client = call->client;
	int64_t at_ms = call->started_ms + client->setup.early_ms, left = at_ms - steady_ms(client);

	if (call->told_early)
		return;
	if (left < pause_ms)
		loop_timer_start(client->setup.loop, &call->early_timer, left > 0 ? left : 0,
			tell_early, call);
}

static void send_soon(struct call *call)
{
	const struct shop_client *client = call->client;
	unsigned look = tts_job_request(call->job)->look;
	int64_t pause_ms = look ? client->setup.look_ms[look - 1] : 0;

	if (tts_job_is_unsure(call->job))
		plan_early(call, pause_ms + client->setup.read_ms);
	if (pause_ms)
		loop_timer_start(client->setup.loop, &call->timer, pause_ms, send, call);
	else
		send(call);
}

/* True: the job has ended. */
static bool step(struct call *call, const struct tts_answer *answer, struct tts_end *end)
{
	switch (tts_job_next(call->job, answer, now_s(call->client))) {
	case TTS_SEND:
		send_soon(call);
		return false;
	case TTS_END:
		break;
	}
	return ended(call, end);
}

/* --- the door --- */

static const struct value *too_many(struct arena *arena)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "why", S("too_many"));
	value_put_text(&b, "why_text",
		S("there were too many tries, please wait an hour or ask for a person"));
	return value_record(&b);
}

static bool may_guess(struct shop_client *client, const struct order_request *request)
{
	return !is_guess(request) ||
	       shop_guess_take(client->guess, request->who, number_of(request), now_s(client));
}

static struct call *under_key(struct shop_client *client, const struct order_request *request)
{
	for (struct call *call = client->call; request->key.n && call; call = call->next)
		if (str_eq(call->request.key, request->key) &&
			str_eq(call->request.operation, request->operation))
			return call;
	return NULL;
}

static enum order_outcome at_once(struct call *call, const struct tts_end *end, struct arena *arena,
	struct order_answer *answer)
{
	note_end(call, end);
	answer->value = value_copy(arena, end->value);
	listeners_free(call_free(call));
	return end->outcome;
}

static enum order_outcome client_call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct shop_client *client = (struct shop_client *)api;
	struct call *call = under_key(client, request);
	struct tts_end end;

	*answer = (struct order_answer){.value = &value_none};
	if (call) {
		listen(call, request);
		return ORDER_LATER;
	}
	if (!may_guess(client, request)) {
		answer->value = too_many(arena);
		return ORDER_REFUSED;
	}
	call = call_new(client, request);
	begin_at(call, 0);
	if (step(call, NULL, &end))
		return at_once(call, &end, arena, answer);
	listen(call, request);
	return ORDER_LATER;
}

static bool next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	(void)api;
	(void)after;
	(void)arena;
	(void)notice;
	return false; /* the platform tells by webhook, and is asked: see promises */
}

static void notice_taken(struct order_api *api, int64_t id)
{
	(void)api;
	(void)id;
}

static void client_free(struct order_api *api)
{
	struct shop_client *client = (struct shop_client *)api;

	while (client->call)
		listeners_free(call_free(client->call));
	shop_guess_free(client->guess);
	free(client);
}

struct order_api *shop_client_new(const struct shop_client_setup *setup)
{
	struct shop_client *client = calloc(1, sizeof *client);

	if (!client)
		abort();
	client->setup = *setup;
	if (!setup->look_ms) {
		client->setup.look_ms = default_look_ms;
		client->setup.n_looks = sizeof(default_look_ms) / sizeof(*default_look_ms);
	}
	if (!setup->read_ms)
		client->setup.read_ms = default_read_ms;
	if (!setup->early_ms)
		client->setup.early_ms = default_early_ms;
	client->guess = shop_guess_new();
	client->api = (struct order_api){
		.call = client_call,
		.next_notice = next_notice,
		.notice_taken = notice_taken,
		.free = client_free,
	};
	return &client->api;
}

size_t shop_client_under_way(const struct order_api *api)
{
	return ((const struct shop_client *)api)->n_calls;
}
