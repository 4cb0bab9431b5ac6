/* A shop that answers later: the demo shop behind a door that takes a call with ORDER_LATER and
 * lets the test say when, and how, it is answered. */
#ifndef TENSTEP_TESTS_LATE_SHOP_H
#define TENSTEP_TESTS_LATE_SHOP_H

#include "adapters/order/sandbox/sandbox.h"

enum { max_late_calls = 64, max_late_bytes = 1 << 20 };

/* A call as it came, copied. */
struct late_call {
	struct order_request request;
	bool answered;
};

struct late_shop {
	struct order_api api; /* first */
	struct order_api *behind;
	const char *late; /* operations that begin with this are answered later; "": all */
	struct arena *arena;
	struct late_call call[max_late_calls];
	unsigned n_calls;
	bool inside; /* call() is running: nothing may be answered now */
};

static inline enum order_outcome late_shop_call(struct order_api *api,
	const struct order_request *request, struct arena *arena, struct order_answer *answer)
{
	struct late_shop *shop = (struct late_shop *)api;
	struct order_request *copy;

	if (!shop->late || !str_starts(request->operation, str_of(shop->late)))
		return shop->behind->call(shop->behind, request, arena, answer);
	assert_in_range(shop->n_calls, 0, max_late_calls - 1);
	copy = &shop->call[shop->n_calls++].request;
	*copy = *request;
	copy->operation = arena_str(shop->arena, request->operation);
	copy->buyer = arena_str(shop->arena, request->buyer);
	copy->who = arena_str(shop->arena, request->who);
	copy->key = arena_str(shop->arena, request->key);
	copy->args = request->args ? value_copy(shop->arena, request->args) : NULL;
	return ORDER_LATER;
}

static inline bool late_shop_next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct late_shop *shop = (struct late_shop *)api;

	return shop->behind->next_notice(shop->behind, after, arena, notice);
}

static inline void late_shop_notice_taken(struct order_api *api, int64_t id)
{
	struct late_shop *shop = (struct late_shop *)api;

	shop->behind->notice_taken(shop->behind, id);
}

static inline void late_shop_free(struct order_api *api)
{
	struct late_shop *shop = (struct late_shop *)api;

	shop->behind->free(shop->behind);
	arena_free(shop->arena);
}

static inline void late_shop_init(struct late_shop *shop, struct order_api *behind)
{
	*shop = (struct late_shop){
		.api = {.call = late_shop_call,
			.next_notice = late_shop_next_notice,
			.notice_taken = late_shop_notice_taken,
			.free = late_shop_free},
		.behind = behind,
		.arena = arena_new(max_late_bytes),
	};
}

/* Answers the call number @i now with what the shop behind says; @lose: it does it and says
 * nothing. */
static inline void late_shop_perform(struct late_shop *shop, unsigned i, bool lose)
{
	const struct order_request *request = &shop->call[i].request;
	struct order_answer answer = {.value = &value_none};
	enum order_outcome outcome =
		shop->behind->call(shop->behind, request, shop->arena, &answer);

	shop->call[i].answered = true;
	shop->api.answered(shop->api.answered_self, request->who, request->number, request->key,
		lose ? ORDER_UNKNOWN : outcome, lose ? &value_none : answer.value);
}

/* Answers it so, and the shop behind hears nothing of it. */
static inline void late_shop_answer(
	struct late_shop *shop, unsigned i, enum order_outcome outcome, const struct value *value)
{
	const struct order_request *request = &shop->call[i].request;

	shop->call[i].answered = true;
	shop->api.answered(shop->api.answered_self, request->who, request->number, request->key,
		outcome, value);
}

#endif
