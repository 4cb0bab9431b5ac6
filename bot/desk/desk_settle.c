/* What was left to a person: a call to the shop of which the assistant could not find out what
 * became of it.  Whoever looked says so by name, and the buyer is told. */
#include "bot/desk/desk_ask.h"

/* Calls of one conversation. */
struct left {
	struct store_effect *effect;
	size_t n;
};

/* What a call was made with is kept as {call, args, buyer} (bot/host/host_keep.c). */
static struct str order_of(const struct store_effect *effect)
{
	return value_get_text(value_get(effect->args, "args"), "order");
}

/* False: the store cannot be read. */
static bool find_left(const struct ask *ask, struct left *left)
{
	struct desk *desk = ask->desk;
	struct store_effect *all = NULL;
	size_t n = 0;

	*left = (struct left){.n = 0};
	if (store_effects(desk->setup.store, EFFECTS_DOUBTFUL, desk->arena, &all, &n) != STORE_OK)
		return false;
	left->effect = arena_array(desk->arena, struct store_effect, n + 1);
	for (size_t i = 0; i < n; i++)
		if (all[i].state == EFFECT_HUMAN && !all[i].untold &&
			str_eq(all[i].conversation, ask->card.conversation))
			left->effect[left->n++] = all[i];
	return true;
}

struct json *ask_left_json(const struct ask *ask)
{
	struct json *list = json_new_array();
	struct left left;

	(void)find_left(ask, &left);
	for (size_t i = 0; i < left.n; i++) {
		const struct store_effect *effect = &left.effect[i];
		struct json *one = json_new_object();

		json_put_text(one, "operation", effect->operation);
		json_put_text(one, "order", order_of(effect));
		json_put_int(one, "since", effect->claimed);
		json_put_text(one, "evidence", str_trim(effect->evidence));
		json_push(list, one);
	}
	return list;
}

/* The one that is meant; NULL: it was told why there is none. */
static const struct store_effect *choose(const struct ask *ask, const struct left *left)
{
	const struct store_effect *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < left->n; i++)
		if (!ask->body.order.n || str_eq(order_of(&left->effect[i]), ask->body.order)) {
			found = &left->effect[i];
			n++;
		}
	if (n == 1)
		return found;
	if (!n)
		ask_refuse(ask, 409, "nothing_left",
			S("nothing of this conversation, or of that order, is left to a person"));
	else
		ask_refuse(ask, 409, "which", S("several are left; name the order"));
	return NULL;
}

static bool may_settle(const struct ask *ask)
{
	if (!str_is(ask->body.outcome, "done") && !str_is(ask->body.outcome, "refused")) {
		ask_refuse(ask, 422, "bad_field", S("'outcome' is \"done\" or \"refused\""));
		return false;
	}
	if (!ask->card.person.n || str_eq(ask->card.person, ask->body.person))
		return true;
	ask_refuse(ask, 409, "not_yours",
		arena_printf(ask->desk->arena, "%.*s has it", STR(ask->card.person)));
	return false;
}

static void answer(const struct ask *ask, const struct store_effect *effect)
{
	struct desk *desk = ask->desk;
	struct json *json = ask_card_json(desk, &ask->card, desk->arena);
	struct json *settled = json_new_object();

	json_put_text(settled, "operation", effect->operation);
	json_put_text(settled, "order", order_of(effect));
	json_put_text(settled, "outcome", ask->body.outcome);
	json_put(json, "settled", settled);
	LOG(desk->setup.log, LOG_INFO, loop_now_ms(desk->setup.loop),
		"a person has found out what became of a call", log_int("card", ask->card.id),
		log_word("operation", effect->operation), log_word("outcome", ask->body.outcome));
	ask_reply(ask, 200, json);
}

void ask_settle(struct ask *ask)
{
	struct desk *desk = ask->desk;
	struct value_builder value = value_build(desk->arena);
	const struct store_effect *effect;
	struct left left;

	if (!may_settle(ask))
		return;
	if (!find_left(ask, &left)) {
		ask_refuse_store(ask);
		return;
	}
	effect = choose(ask, &left);
	if (!effect)
		return;
	value_put_text(&value, "by", ask->body.person);
	if (ask->body.because.n)
		value_put_text(&value, "why_text", ask->body.because);
	switch (dispatcher_settle(desk->setup.dispatcher, ask->card.conversation, effect->key,
		str_is(ask->body.outcome, "done"), value_record(&value))) {
	case SETTLED:
		answer(ask, effect);
		break;
	case SETTLED_TOO_EARLY:
		ask_refuse(ask, 409, "too_early",
			S("it may still be carried out; look again in five minutes"));
		break;
	case SETTLED_NOT:
		ask_refuse(ask, 409, "nothing_left", S("somebody was quicker"));
		break;
	case SETTLED_FAILED:
		ask_refuse_store(ask);
		break;
	}
}
