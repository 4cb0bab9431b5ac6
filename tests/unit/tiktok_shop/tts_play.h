/* A job played against a script: which requests it makes, what each is answered, how it ends. */
#ifndef TENSTEP_TESTS_UNIT_TIKTOK_SHOP_TTS_PLAY_H
#define TENSTEP_TESTS_UNIT_TIKTOK_SHOP_TTS_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/order/tiktok_shop/tts_job.h"
#include "tests/unit/value_of.h"

enum { NOTHING_CAME = 0, NOT_SENT = 1 }; /* instead of a status */

struct exchange {
	const char *request; /* "GET /path?name=value&…": what must come, from its beginning */
	const char *has;     /* in its body or query; NULL: anything */
	unsigned status;
	const char *answer; /* JSON; or NOTHING_CAME, NOT_SENT above */
};

static const int64_t PLAY_NOW = 1740823200; /* 1 March 2025, 10:00 UTC */

struct play {
	struct arena *arena;
	struct tts_setup setup;
	const char *buyer, *key;
	bool again;
	int64_t since, now, step_s; /* step_s: passes with each exchange */
	struct tts_job *job;
	struct tts_end end;
	size_t n_changes; /* that were sent */
	unsigned last_look;
};

static inline struct play play_new(void)
{
	return (struct play){
		.arena = arena_new(32 << 20),
		.setup = {.market = TTS_US,
			.policy = {.cancel = true, .approve = true, .create_return = true},
			.n_looks = 4},
		.buyer = "7494000000000000001",
		.key = "chat-1/cancel 1",
		.now = PLAY_NOW,
	};
}

static inline void play_free(struct play *p)
{
	arena_free(p->arena);
}

static inline const struct value *play_value(struct play *p, const char *json)
{
	return value_of(p->arena, json);
}

static inline struct str play_shown(struct play *p, const struct tts_request *r)
{
	struct buf text;
	struct str shown;

	buf_init(&text, 1 << 16);
	buf_addf(&text, "%s %.*s", r->method, STR(r->path));
	for (size_t i = 0; i < r->n_params; i++)
		buf_addf(&text, "%c%.*s=%.*s", i ? '&' : '?', STR(r->param[i].name),
			STR(r->param[i].value));
	buf_addf(&text, " %.*s", STR(r->body));
	shown = arena_str(p->arena, buf_str(&text));
	buf_release(&text);
	return shown;
}

static inline void play_check(struct play *p, const struct exchange *e, size_t at)
{
	const struct tts_request *request = tts_job_request(p->job);
	struct str shown = play_shown(p, request);

	if (!str_starts(shown, str_of(e->request)) ||
		(e->has && str_find(shown, str_of(e->has)) < 0))
		fail_msg("exchange %zu: expected '%s' with '%s', got '%.*s'", at, e->request,
			e->has ? e->has : "", STR(shown));
	p->n_changes += request->changes;
	p->last_look = request->look;
}

static inline void play_answer(struct play *p, const struct exchange *e, struct tts_answer *answer)
{
	*answer = (struct tts_answer){.data = &value_none};
	if (e->status == NOTHING_CAME)
		answer->meaning = TTS_UNCLEAR;
	else if (e->status == NOT_SENT)
		answer->meaning = TTS_NOT_SENT;
	else
		tts_answer_read(p->arena, e->status, str_of(e->answer), answer);
}

static inline enum order_outcome play(struct play *p, const char *operation, const char *args,
	const struct exchange *exchange, size_t n)
{
	struct order_request request = {.operation = str_of(operation),
		.buyer = str_of(p->buyer),
		.who = S("chat-1"),
		.args = play_value(p, args),
		.key = str_of(p->key),
		.again = p->again,
		.since = p->since};
	struct tts_answer answer;
	enum tts_step step;
	size_t at = 0;

	p->n_changes = 0;
	p->last_look = 0;
	p->job = tts_job_new(p->arena, &p->setup, &request);
	step = tts_job_next(p->job, NULL, p->now);
	while (step == TTS_SEND) {
		if (at == n)
			fail_msg("one request more: '%.*s'",
				STR(play_shown(p, tts_job_request(p->job))));
		play_check(p, &exchange[at], at);
		play_answer(p, &exchange[at++], &answer);
		p->now += p->step_s;
		step = tts_job_next(p->job, &answer, p->now);
	}
	if (at < n)
		fail_msg("ended before exchange %zu, '%s', with outcome %d", at,
			exchange[at].request, (int)tts_job_end(p->job).outcome);
	p->end = tts_job_end(p->job);
	return p->end.outcome;
}

#define PLAY(p, operation, args, ...)                                                              \
	play((p), (operation), (args), (const struct exchange[]){__VA_ARGS__},                     \
		sizeof((const struct exchange[]){__VA_ARGS__}) / sizeof(struct exchange))

static inline void play_expect(struct play *p, const char *field, const char *wanted)
{
	struct str got = value_get_text(p->end.value, field);

	if (!str_is(got, wanted))
		fail_msg("%s: expected '%s', got '%.*s'", field, wanted, STR(got));
}

/* --- answers --- */

#define OK(data) "{\"code\":0,\"message\":\"Success\",\"request_id\":\"2026\",\"data\":" data "}"
#define NO(code) "{\"code\":" #code ",\"message\":\"no\",\"request_id\":\"2026\",\"data\":null}"
#define NUMBER "576461413038785752"
#define BUYER "7494000000000000001"
#define LINE(id, title)                                                                            \
	"{\"id\":\"" id "\",\"product_name\":\"" title                                             \
	"\",\"sku_name\":\"Blue, M\",\"sku_id\":\"1729\",\"sale_price\":\"29.90\","                \
	"\"currency\":\"USD\",\"display_status\":\"AWAITING_SHIPMENT\"}"
#define LINE_1 "576461413038785801"
#define LINE_2 "576461413038785802"
#define ORDER_WITH(status, more)                                                                   \
	"{\"id\":\"" NUMBER "\",\"status\":\"" status "\",\"user_id\":\"" BUYER                    \
	"\",\"create_time\":1740700000,\"paid_time\":1740700100,"                                  \
	"\"payment_method_name\":\"Visa\","                                                        \
	"\"payment\":{\"currency\":\"USD\",\"total_amount\":\"64.80\"},"                           \
	"\"line_items\":[" LINE(LINE_1, "Blue dress") "," LINE(LINE_2, "Mug") "]" more "}"
#define ORDER(status) OK("{\"orders\":[" ORDER_WITH(status, "") "]}")
#define NO_ORDERS OK("{\"orders\":[]}")
#define CANCELLATION(id, role, status)                                                             \
	"{\"cancel_id\":\"" id "\",\"order_id\":\"" NUMBER "\",\"role\":\"" role                   \
	"\",\"cancel_type\":\"BUYER_CANCEL\",\"cancel_status\":\"" status                          \
	"\",\"create_time\":1740800000,\"update_time\":1740801000,"                                \
	"\"seller_next_action_response\":[{\"action\":\"SELLER_RESPOND_CANCEL\","                  \
	"\"deadline\":1740900000}],"                                                               \
	"\"refund_amount\":{\"currency\":\"USD\",\"refund_total\":\"64.80\"}}"
#define CANCELLATIONS(list)                                                                        \
	OK("{\"cancellations\":[" list "],\"next_page_token\":\"\",\"total_count\":1}")
#define RETURN_AT(id, status, created)                                                             \
	"{\"return_id\":\"" id "\",\"order_id\":\"" NUMBER                                         \
	"\",\"return_type\":\"RETURN_AND_REFUND\",\"return_status\":\"" status                     \
	"\",\"role\":\"BUYER\",\"create_time\":" #created ",\"update_time\":1740802000,"           \
	"\"refund_amount\":{\"currency\":\"USD\",\"refund_total\":\"29.90\"},"                     \
	"\"return_reason\":\"ecom_order_delivered_refund_and_return_reason_damaged\","             \
	"\"return_line_items\":[{\"order_line_item_id\":\"" LINE_1                                 \
	"\",\"product_name\":\"Blue dress\"}]}"
#define RETURN(id, status) RETURN_AT(id, status, 1740801000)
#define RETURNS(list)                                                                              \
	OK("{\"return_orders\":[" list "],\"next_page_token\":\"\",\"total_count\":1}")
#define MAY(type, yes, more)                                                                       \
	OK("{\"sku_eligibility\":[{\"sku_id\":\"1729\",\"line_item_eligibility\":[{"               \
	   "\"request_type\":\"" type "\",\"eligible\":" yes                                       \
	   ",\"order_line_items_ids\":[\"" LINE_1 "\",\"" LINE_2 "\"]" more "}]}]}")
#define REFUND(amount)                                                                             \
	OK("{\"order_refund_amount\":{\"currency\":\"USD\",\"refund_total\":\"" amount "\"}}")
#define CANCELLED_NOW(id)                                                                          \
	OK("{\"cancel_id\":\"" id "\",\"cancel_status\":\"CANCELLATION_REQUEST_SUCCESS\"}")

/* --- requests --- */

#define GET_ORDER "GET /order/202309/orders?ids=" NUMBER
#define FIND_CANCELLATIONS "POST /return_refund/202309/cancellations/search"
#define FIND_RETURNS "POST /return_refund/202309/returns/search"
#define ELIGIBILITY "GET /return_refund/202512/orders/" NUMBER "/aftersale_eligibility"
#define OLD_ELIGIBILITY "GET /return_refund/202309/orders/" NUMBER "/aftersale_eligibility"
#define CALCULATE "POST /return_refund/202309/refunds/calculate"
#define CANCEL "POST /return_refund/202309/cancellations {"
#define CREATE "POST /return_refund/202309/returns?idempotency_key="

#define READ_ORDER(status)                                                                         \
	{                                                                                          \
		GET_ORDER, NULL, 200, ORDER(status)                                                \
	}
#define READ_CANCELLATIONS(list)                                                                   \
	{                                                                                          \
		FIND_CANCELLATIONS, NUMBER, 200, CANCELLATIONS(list)                               \
	}
#define READ_RETURNS(list)                                                                         \
	{                                                                                          \
		FIND_RETURNS, NUMBER, 200, RETURNS(list)                                           \
	}
#define MAY_CANCEL                                                                                 \
	{                                                                                          \
		ELIGIBILITY, "request_types=CANCEL", 200, MAY("CANCEL", "true", "")                \
	}
#define MAY_RETURN                                                                                 \
	{                                                                                          \
		ELIGIBILITY, "request_types=RETURN_AND_REFUND", 200,                               \
			MAY("RETURN_AND_REFUND", "true", "")                                       \
	}

#endif
