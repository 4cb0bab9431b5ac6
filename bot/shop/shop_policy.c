/* What the assistant may do by itself, and what is for a person. */
#include "bot/shop/shop_policy.h"

#include <stdlib.h>
#include <utlist.h>

#include "bot/base/money.h"

enum { max_waiting_bytes = 1 << 20 };

/* A call that waits for a fresh look at its order. */
struct waiting {
	struct arena *arena; /* holds the request */
	struct order_request request;
	struct waiting *prev, *next; /* utlist */
};

struct policy {
	struct order_api api; /* first: this is what callers hold */
	struct order_api *shop;
	const struct serve_config *config;
	struct waiting *waiting;
};

/* What holds for an operation. */
struct rule {
	const char *what; /* "cancelling an order" */
	bool allowed;
	const struct policy_bounds *within;
};

static bool is_bounded(const struct policy_bounds *within)
{
	return within->n_limits || within->n_statuses || within->n_markets;
}

static bool rule_of(
	const struct policy *policy, const struct order_request *request, struct rule *rule)
{
	const struct serve_config *c = policy->config;

	if (str_is(request->operation, "orders.cancel"))
		*rule = (struct rule){.what = "cancelling an order",
			.allowed = c->shop.policy.cancel,
			.within = &c->may_cancel};
	else if (str_is(request->operation, "returns.create"))
		*rule = (struct rule){.what = "returning something",
			.allowed = c->shop.policy.create_return,
			.within = &c->may_return};
	else
		return false;
	return true;
}

/* --- for a person --- */

static enum order_outcome for_person(
	struct arena *arena, struct str what, struct order_answer *answer)
{
	struct value_builder b = value_build(arena);

	value_put_text(&b, "why", S("needs_person"));
	value_put_text(&b, "why_text",
		arena_printf(arena, "%.*s is for a person of the shop to decide", STR(what)));
	answer->value = value_record(&b);
	return ORDER_REFUSED;
}

static bool is_named(const struct str *name, size_t n, struct str wanted)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name[i], wanted))
			return true;
	return false;
}

static bool add_price(const struct value *money, int64_t times, struct str currency, int64_t *sum)
{
	int64_t minor;

	if (!str_eq(value_get_text(money, "currency"), currency) || times < 1 || times > 1000000 ||
		!money_minor(value_get_text(money, "amount"), currency, &minor) || minor < 0)
		return false;
	return !__builtin_mul_overflow(minor, times, &minor) &&
	       !__builtin_add_overflow(*sum, minor, sum);
}

static bool is_chosen(const struct value *items, const struct value *item)
{
	struct str id = value_get_text(item, "id");

	for (size_t i = 0; i < value_count(items); i++) {
		const struct value *chosen = items->type == VALUE_LIST ? value_at(items, i) : items;

		if (str_eq(chosen->type == VALUE_RECORD ? value_get_text(chosen, "id")
							: value_text_of(chosen),
			    id))
			return true;
	}
	return false;
}

/* What it is about in money: the whole order, or the items that are to come back.  False: it cannot
 * be told, which is as good as too much. */
static bool amount_of(const struct order_request *request, const struct value *order,
	struct str currency, int64_t *sum)
{
	const struct value *chosen = value_get(request->args, "items");
	const struct value *items = value_get(order, "items");
	int64_t quantity;

	*sum = 0;
	if (!value_is_set(chosen))
		return add_price(value_get(order, "total"), 1, currency, sum);
	for (size_t i = 0; i < value_count(items); i++) {
		const struct value *item = value_at(items, i);

		quantity = value_get_int(item, "quantity");
		if (is_chosen(chosen, item) && !add_price(value_get(item, "price"),
						       quantity > 0 ? quantity : 1, currency, sum))
			return false;
	}
	return *sum > 0;
}

static enum order_outcome judge_amount(const struct rule *rule, const struct order_request *request,
	const struct value *order, struct arena *arena, struct order_answer *answer)
{
	const struct policy_bounds *within = rule->within;
	struct str currency = value_get_text(value_get(order, "total"), "currency"), named;
	int64_t most, sum;
	struct buf words;

	if (!within->n_limits)
		return ORDER_OK;
	for (size_t i = 0; i < within->n_limits; i++) {
		struct str limit = within->limit[i];

		if (!money_parse(limit, &named, &most) || !str_eq(named, currency))
			continue;
		if (amount_of(request, order, currency, &sum) && sum <= most)
			return ORDER_OK;
		buf_init(&words, 200);
		buf_addf(&words, "%s of more than ", rule->what);
		money_show(str_sub(limit, 0, limit.n - 4), currency, &words);
		named = arena_str(arena, buf_str(&words));
		buf_release(&words);
		return for_person(arena, named, answer);
	}
	return for_person(arena,
		arena_printf(arena, "%s paid in %.*s", rule->what,
			STR(currency.n ? currency : S("another currency"))),
		answer);
}

static enum order_outcome judge(const struct rule *rule, const struct order_request *request,
	const struct value *order, struct arena *arena, struct order_answer *answer)
{
	struct str status = value_get_text(order, "status");
	struct str market = value_get_text(order, "market");
	const struct policy_bounds *within = rule->within;

	if (within->n_markets && !is_named(within->market, within->n_markets, market))
		return for_person(arena,
			market.n ? arena_printf(arena, "%s in %.*s", rule->what, STR(market))
				 : arena_printf(
					   arena, "%s in a market that is not known", rule->what),
			answer);
	if (within->n_statuses && !is_named(within->status, within->n_statuses, status))
		return for_person(arena,
			arena_printf(arena, "%s that is %.*s", rule->what,
				STR(value_get_text(order, "status_text"))),
			answer);
	return judge_amount(rule, request, order, arena, answer);
}

/* --- a fresh look first --- */

static enum order_outcome look(struct policy *policy, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct value_builder args = value_build(arena);
	struct order_request get = {
		.operation = S("orders.get"),
		.buyer = request->buyer,
		.who = request->who,
		.number = request->number,
	};

	value_put(&args, "order", value_get(request->args, "order"));
	get.args = value_record(&args);
	return policy->shop->call(policy->shop, &get, arena, answer);
}

/* Nothing has left yet: what could not be asked is surely not done. */
static enum order_outcome decide(struct policy *policy, const struct order_request *request,
	enum order_outcome looked, struct arena *arena, struct order_answer *answer)
{
	int64_t took_ms = answer->took_ms;
	struct rule rule;
	enum order_outcome outcome;

	if (looked == ORDER_REFUSED)
		return looked;
	if (looked != ORDER_OK)
		return ORDER_FAILED;
	if (!rule_of(policy, request, &rule))
		return ORDER_FAILED;
	outcome = judge(&rule, request, answer->value, arena, answer);
	if (outcome != ORDER_OK)
		return outcome;
	outcome = policy->shop->call(policy->shop, request, arena, answer);
	answer->took_ms += took_ms;
	return outcome;
}

static void keep_waiting(struct policy *policy, const struct order_request *request)
{
	struct waiting *w = calloc(1, sizeof *w);

	if (!w)
		abort();
	w->arena = arena_new(max_waiting_bytes);
	w->request = *request;
	w->request.operation = arena_str(w->arena, request->operation);
	w->request.buyer = arena_str(w->arena, request->buyer);
	w->request.who = arena_str(w->arena, request->who);
	w->request.key = arena_str(w->arena, request->key);
	w->request.args = request->args ? value_copy(w->arena, request->args) : NULL;
	DL_APPEND(policy->waiting, w);
}

static void free_waiting(struct policy *policy, struct waiting *w)
{
	DL_DELETE(policy->waiting, w);
	arena_free(w->arena);
	free(w);
}

static struct waiting *find_waiting(struct policy *policy, struct str who, unsigned number)
{
	struct waiting *w;

	DL_FOREACH(policy->waiting, w)
	if (w->request.number == number && str_eq(w->request.who, who))
		return w;
	return NULL;
}

/* --- the api --- */

/* What is asked about again was decided when it first left. */
static enum order_outcome call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct policy *policy = (struct policy *)api;
	enum order_outcome looked;
	struct rule rule;

	if (request->again || !rule_of(policy, request, &rule))
		return policy->shop->call(policy->shop, request, arena, answer);
	if (!rule.allowed)
		return for_person(arena, str_of(rule.what), answer);
	if (!is_bounded(rule.within))
		return policy->shop->call(policy->shop, request, arena, answer);
	looked = look(policy, request, arena, answer);
	if (looked != ORDER_LATER)
		return decide(policy, request, looked, arena, answer);
	keep_waiting(policy, request);
	return ORDER_LATER;
}

static void hand_on(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct policy *policy = self;
	struct order_api *api = &policy->api;

	if (api->answered)
		api->answered(api->answered_self, who, number, key, outcome, value);
}

/* The order was read: what waited for it is judged, and sent or not. */
static void looked_at(struct policy *policy, struct waiting *w, enum order_outcome looked,
	const struct value *order)
{
	struct order_answer answer = {.value = order ? order : &value_none};
	const struct order_request *r = &w->request;
	enum order_outcome outcome = decide(policy, r, looked, w->arena, &answer);

	if (outcome != ORDER_LATER)
		hand_on(policy, r->who, r->number, r->key, outcome, answer.value);
	free_waiting(policy, w);
}

static void answered(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct policy *policy = self;
	struct waiting *w = key.n ? NULL : find_waiting(policy, who, number);

	if (w)
		looked_at(policy, w, outcome, value);
	else
		hand_on(policy, who, number, key, outcome, value);
}

static bool next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct policy *policy = (struct policy *)api;

	return policy->shop->next_notice(policy->shop, after, arena, notice);
}

static void notice_taken(struct order_api *api, int64_t id)
{
	struct policy *policy = (struct policy *)api;

	policy->shop->notice_taken(policy->shop, id);
}

static bool advance(struct order_api *api, int64_t to_unix)
{
	struct policy *policy = (struct policy *)api;

	return !policy->shop->advance || policy->shop->advance(policy->shop, to_unix);
}

static int64_t next_due(struct order_api *api)
{
	struct policy *policy = (struct policy *)api;

	return policy->shop->next_due ? policy->shop->next_due(policy->shop) : 0;
}

static void release(struct order_api *api)
{
	struct policy *policy = (struct policy *)api;
	struct waiting *w, *next;

	policy->shop->answered = NULL;
	DL_FOREACH_SAFE(policy->waiting, w, next)
	free_waiting(policy, w);
	free(policy);
}

struct order_api *shop_with_policy(struct order_api *shop, const struct serve_config *config)
{
	struct policy *policy = calloc(1, sizeof *policy);

	if (!policy)
		abort();
	*policy = (struct policy){
		.api = {.call = call,
			.next_notice = next_notice,
			.notice_taken = notice_taken,
			.advance = advance,
			.next_due = next_due,
			.free = release},
		.shop = shop,
		.config = config,
	};
	shop->answered = answered;
	shop->answered_self = policy;
	return &policy->api;
}
