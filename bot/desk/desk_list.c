/* All cards, and what is sent to other programs. */
#include "bot/desk/desk_ask.h"
#include "bot/desk/promise.h"

enum { max_listed = 500 };

struct listing {
	const struct desk *desk;
	struct json *array;
	struct json **one; /* those of the array, to be added to */
	size_t n;
};

static void list_last(void *self, const struct post *post)
{
	json_put((struct json *)self, "last", desk_post_json(post));
}

static void list_card(void *self, const struct store_card *card)
{
	struct listing *listing = self;
	struct json *one;

	if (listing->n < max_listed) {
		one = ask_card_json(listing->desk, card, listing->desk->arena);
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

void ask_list_cards(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct listing listing = {.desk = desk,
		.array = json_new_array(),
		.one = arena_array(desk->arena, struct json *, max_listed)};
	struct json *json = json_new_object();
	int64_t opens_at;
	bool all = ask_number(ask, "all") == 1;

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_cards(desk->setup.store, all, list_card, &listing) != STORE_OK) {
		json_free(listing.array);
		json_free(json);
		ask_refuse_store(ask);
		return;
	}
	add_last(&listing);
	json_put_int(json, "now", desk_now(desk));
	json_put_bool(json, "open", desk_open(desk->setup.config, desk_now(desk), &opens_at));
	json_put_int(json, "opens_at", opens_at);
	json_put_bool(json, "more", listing.n > max_listed);
	json_put(json, "cards", listing.array);
	ask_reply(ask, 200, json);
}

static void list_send(void *self, const struct store_send *send)
{
	struct listing *listing = self;

	if (!send->sent && listing->n++ < max_listed)
		json_push(listing->array, desk_send_json(send));
}

void ask_list_sends(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct listing listing = {.desk = desk, .array = json_new_array()};
	struct json *json = json_new_object();

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_sends(desk->setup.store, true, list_send, &listing) != STORE_OK) {
		json_free(listing.array);
		json_free(json);
		ask_refuse_store(ask);
		return;
	}
	json_put(json, "sends", listing.array);
	ask_reply(ask, 200, json);
}

static const char *why_overdue(enum promise_state state)
{
	return state == PROMISE_UNTOLD    ? "there is news that the buyer was not told"
	       : state == PROMISE_UNASKED ? "the order service was not reached"
					  : "";
}

static void list_promise(void *self, const struct store_promise *promise)
{
	struct listing *listing = self;
	const struct desk *desk = listing->desk;
	enum promise_state state =
		promise_judge(promise, desk->setup.config, loop_now_ms(desk->setup.loop));

	json_push(
		listing->array, desk_promise_json(promise,
					promise_is_overdue(state) ? "overdue" : promise_word[state],
					why_overdue(state)));
	listing->n += promise_is_overdue(state);
}

void ask_list_promises(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct listing listing = {.desk = desk, .array = json_new_array()};
	struct json *json = json_new_object();
	int64_t ends_at;

	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_promises(desk->setup.store, ask_number(ask, "all") == 1, list_promise,
			&listing) != STORE_OK) {
		json_free(listing.array);
		json_free(json);
		ask_refuse_store(ask);
		return;
	}
	json_put_int(json, "now", desk_now(desk));
	if (desk_quiet(desk->setup.config, desk_now(desk), &ends_at))
		json_put_int(json, "quiet_until", ends_at);
	json_put_int(json, "overdue", (int64_t)listing.n);
	json_put(json, "promises", listing.array);
	ask_reply(ask, 200, json);
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

void ask_send_again(struct ask *ask, int64_t id)
{
	struct desk *desk = ask->desk;
	struct find_send find = {.id = id};

	if (!str_is(ask->question->method, "POST")) {
		ask_refuse_method(ask);
		return;
	}
	if (!dispatcher_flush(desk->setup.dispatcher) ||
		store_sends(desk->setup.store, true, find_dead, &find) != STORE_OK) {
		ask_refuse_store(ask);
		return;
	}
	if (!find.is_dead) {
		ask_refuse(ask, 404, "no_send", S("nothing of that number was given up"));
		return;
	}
	if (!dispatcher_write(desk->setup.dispatcher)) {
		ask_refuse_store(ask);
		return;
	}
	store_mark_send(desk->setup.store, id, 0, loop_now_ms(desk->setup.loop), 0, 0, S(""));
	if (!dispatcher_flush(desk->setup.dispatcher)) {
		ask_refuse_store(ask);
		return;
	}
	webhook_wake(desk->webhook);
	ask_reply(ask, 200, json_new_object());
}
