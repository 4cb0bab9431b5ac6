/* The order service as the shop wants it seen: shop.info with the desk's opening hours, and news
 * that keep quiet at night. */
#include "bot/shop/shop_hours.h"

#include <stdlib.h>

#include "bot/desk/desk.h"

struct hours {
	struct order_api api; /* first: this is what callers hold */
	struct order_api *shop;
	const struct serve_config *config;
	struct loop *loop;
};

/* Who is there is then ours to say, and not the order service's. */
static bool has_desk(const struct serve_config *config)
{
	return config->desk_token.bytes.n || config->has_hours;
}

static bool is_about_hours(struct str name)
{
	return str_is(name, "open") || str_is(name, "opens_at");
}

static const struct value *with_hours(
	const struct hours *hours, const struct value *info, struct arena *arena)
{
	struct value_builder b = value_build(arena);
	int64_t opens_at = 0;
	bool open = desk_open(hours->config, loop_now_ms(hours->loop) / 1000, &opens_at);

	for (size_t i = 0; info->type == VALUE_RECORD && i < info->record.n; i++)
		if (!is_about_hours(info->record.field[i].name))
			value_put(&b, arena_cstr(arena, info->record.field[i].name),
				info->record.field[i].value);
	value_put(&b, "open", value_bool(open));
	if (!open && opens_at)
		value_put_int(&b, "opens_at", opens_at);
	return value_record(&b);
}

static enum order_outcome call(struct order_api *api, const struct order_request *request,
	struct arena *arena, struct order_answer *answer)
{
	struct hours *hours = (struct hours *)api;
	enum order_outcome outcome = hours->shop->call(hours->shop, request, arena, answer);

	if (outcome == ORDER_OK && has_desk(hours->config) &&
		str_is(request->operation, "shop.info"))
		answer->value = with_hours(hours, answer->value, arena);
	return outcome;
}

static bool next_notice(
	struct order_api *api, int64_t after, struct arena *arena, struct order_notice *notice)
{
	struct hours *hours = (struct hours *)api;
	int64_t ends_at;

	if (desk_quiet(hours->config, loop_now_ms(hours->loop) / 1000, &ends_at))
		return false; /* it is there still when the night is over */
	return hours->shop->next_notice(hours->shop, after, arena, notice);
}

static void notice_taken(struct order_api *api, int64_t id)
{
	struct hours *hours = (struct hours *)api;

	hours->shop->notice_taken(hours->shop, id);
}

static bool advance(struct order_api *api, int64_t to_unix)
{
	struct hours *hours = (struct hours *)api;

	return !hours->shop->advance || hours->shop->advance(hours->shop, to_unix);
}

static int64_t next_due(struct order_api *api)
{
	struct hours *hours = (struct hours *)api;

	return hours->shop->next_due ? hours->shop->next_due(hours->shop) : 0;
}

/* The hours are a matter of shop.info alone, which no shop asks anybody for. */
static void hand_on(void *self, struct str who, unsigned number, struct str key,
	enum order_outcome outcome, const struct value *value)
{
	struct hours *hours = self;

	if (hours->api.answered)
		hours->api.answered(hours->api.answered_self, who, number, key, outcome, value);
}

static void release(struct order_api *api)
{
	struct hours *hours = (struct hours *)api;

	hours->shop->answered = NULL;
	free(api);
}

struct order_api *shop_with_hours(
	struct order_api *shop, const struct serve_config *config, struct loop *loop)
{
	struct hours *hours = calloc(1, sizeof *hours);
	int64_t ends_at;

	if (!hours)
		abort();
	(void)desk_quiet(config, 0, &ends_at); /* the zone is set before there are threads */
	*hours = (struct hours){
		.api = {call, next_notice, notice_taken, advance, next_due, .free = release},
		.shop = shop,
		.config = config,
		.loop = loop,
	};
	shop->answered = hand_on;
	shop->answered_self = hours;
	return &hours->api;
}
