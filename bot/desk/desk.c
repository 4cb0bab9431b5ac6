/* The desk: who comes in, and where requests go. */
#include "bot/desk/desk.h"

#include <stdlib.h>
#include <string.h>

#include "bot/desk/desk_ask.h"

enum {
	max_request_bytes = 16 << 10,
	max_answer_bytes = 8 << 20,
	max_scratch_bytes = 8 << 20,
};

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
		ask_refuse(ask, 401, "unauthorized", S("the token is missing or wrong"));
		return false;
	case GATE_LOCKED:
		metrics_add(desk->setup.metrics, "tenstep_refused_total", "desk", "guessing", 1);
		ask_refuse(ask, 429, "too_many", S("too many wrong tokens; wait a minute"));
		return false;
	}
	return false;
}

static void list(struct ask *ask, void (*all)(struct ask *ask))
{
	if (str_is(ask->question->method, "GET"))
		all(ask);
	else
		ask_refuse_method(ask);
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
		list(ask, ask_list_cards);
	else if (str_is(kind, "sends") && !id_text.n && !name.n)
		list(ask, ask_list_sends);
	else if (str_is(kind, "channels") && !id_text.n && !name.n)
		list(ask, ask_list_channels);
	else if (str_is(kind, "promises") && !id_text.n && !name.n)
		list(ask, ask_list_promises);
	else if (str_is(kind, "cards") && str_int(id_text, &id) && id > 0)
		ask_card(ask, id, name);
	else if (str_is(kind, "sends") && str_int(id_text, &id) && str_is(name, "again"))
		ask_send_again(ask, id);
	else
		ask_refuse_path(ask);
}

void desk_ask(struct desk *desk, const struct desk_question *question, desk_answer_function *answer,
	void *self)
{
	struct ask ask = {.desk = desk, .question = question, .answer = answer, .self = self};

	arena_reset(desk->arena);
	if (!desk->setup.config->desk_token.bytes.n)
		ask_refuse(&ask, 404, "not_found", S("there is no desk here"));
	else if (is_let_in(&ask))
		route(&ask);
}

struct http_plan desk_plan(struct desk *desk, const struct http_head *head)
{
	static const char *const wanted[] = {"x-file-name", NULL};
	size_t most = str_ends(head->path, S("/picture")) ? desk_picture_bytes : max_request_bytes;

	(void)desk;
	return (struct http_plan){
		.max_body_bytes = str_is(head->method, "POST") ? most : 0, .wanted = wanted};
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
			.body = body,
			.file_name = http_header(head, "x-file-name")},
		answer_exchange, exchange);
}

void desk_handed_off(struct desk *desk, const struct store_card *card)
{
	arena_reset(desk->late);
	desk_count(desk, arena_cstr(desk->late, card->queue), "asked");
	LOG(desk->setup.log, LOG_INFO, loop_now_ms(desk->setup.loop), "a person is needed",
		log_int("card", card->id), log_id("conversation", card->conversation));
	queue_look(desk->queue);
}

/* --- what a buyer is told --- */

/* Names of days are there in English only; elsewhere a day is written as ISO 8601 has it. */
static struct str opening_text(
	struct desk *desk, int64_t opens_at, const struct words *words, struct arena *arena)
{
	struct buf when;
	struct str text;

	buf_init(&when, 100);
	if (strcmp(words->tag, "en") == 0)
		desk_when(desk->setup.config, desk_now(desk), opens_at, &when);
	else
		desk_when_plain(desk->setup.config, opens_at, &when);
	text = words_with(words, WORD_BACK_AT, buf_str(&when), arena);
	buf_release(&when);
	return text;
}

struct str desk_waiting_text(
	struct desk *desk, struct str conversation, const struct words *words, struct arena *arena)
{
	const struct serve_config *config = desk->setup.config;
	size_t place = queue_place(desk->queue, conversation);
	int64_t opens_at;

	if (config->waiting.n)
		return config->waiting;
	if (!desk_open(config, desk_now(desk), &opens_at))
		return opens_at ? opening_text(desk, opens_at, words, arena)
				: words_get(words, WORD_NOBODY);
	if (place <= 1)
		return words_get(words, WORD_YOU_ARE_NEXT);
	return words_with(words, WORD_PLACE, arena_printf(arena, "%zu", place), arena);
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
	desk_end_acts(desk);
	queue_free(desk->queue);
	webhook_free(desk->webhook);
	arena_free(desk->arena);
	arena_free(desk->late);
	buf_release(&desk->json);
	free(desk);
}
