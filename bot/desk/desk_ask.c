/* Answering a request at the desk. */
#include "bot/desk/desk_ask.h"

int64_t desk_now(const struct desk *desk)
{
	return loop_now_ms(desk->setup.loop) / 1000;
}

void desk_send(struct desk *desk, desk_answer_function *answer, void *self, unsigned status,
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

void ask_reply(const struct ask *ask, unsigned status, struct json *json)
{
	desk_send(ask->desk, ask->answer, ask->self, status, json);
}

void ask_refuse(const struct ask *ask, unsigned status, const char *code, struct str message)
{
	ask_reply(ask, status, desk_error_json(code, message));
}

void ask_refuse_store(const struct ask *ask)
{
	ask_refuse(ask, 503, "not_stored", S("nothing was done: the store failed"));
}

struct json *ask_card_json(
	const struct desk *desk, const struct store_card *card, struct arena *arena)
{
	return desk_card_json(card, queue_state(desk->queue, card), desk_now(desk), arena);
}

void ask_refuse_method(const struct ask *ask)
{
	ask_refuse(ask, 405, "method", S("this is not how this is asked for"));
}

void ask_refuse_path(const struct ask *ask)
{
	ask_refuse(ask, 404, "not_found", S("there is nothing of that name"));
}

int64_t ask_number(const struct ask *ask, const char *name)
{
	struct str query = ask->question->query;
	int64_t number = 0;

	while (query.n) {
		struct str value = str_cut(&query, '&'), key = str_cut(&value, '=');

		if (str_is(key, name) && str_int(value, &number))
			return number;
	}
	return 0;
}
