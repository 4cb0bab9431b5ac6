/* Random events against the shipped content: a turn never fails, every message is answered, no
 * dangerous call is made for nobody, and a session survives its bytes after each turn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/common/content.h"
#include "bot/engine/step.h"
#include "flows/operation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a byte of input may say or press, besides raw bytes. */
static const char *const phrase[] = {
	"cancel my order",
	"yes",
	"no",
	"A-1001",
	"the second one",
	"no, the other one",
	"stop",
	"back",
	"where is my refund",
	"i want to talk to a person",
	"return it",
	"why",
	"start over",
	"help",
	"hi",
	"thanks",
	"3",
	"skip",
	"jo@example.com",
	"do not cancel my order",
	"how long does it take",
	"the blue dress",
	"what did you say",
	"bla bla bla",
	"all of them",
	"none of these",
	"both",
	"my parcel has not arrived",
	"show my orders",
	"5",
	"1Z999AA10123456784",
	"ok",
};
enum { n_phrases = sizeof(phrase) / sizeof(phrase[0]), max_events = 60 };

static const char *const order_json =
	"{\"number\":\"A-1001\",\"status\":\"AWAITING_SHIPMENT\",\"status_text\":\"being "
	"prepared\","
	"\"first_item\":\"Blue dress\",\"total\":{\"amount\":\"29.90\",\"currency\":\"USD\"},"
	"\"paid_with\":\"Visa\",\"can\":[\"cancel\"],\"items\":[{\"id\":\"1\",\"title\":\"Blue "
	"dress\","
	"\"may\":true,\"price\":{\"amount\":\"29.90\",\"currency\":\"USD\"}}],\"answer\":\"yes\","
	"\"id\":\"X1\",\"name\":\"Jo\",\"state\":\"done\",\"label\":\"damaged\",\"at\":1700000000,"
	"\"refund\":{\"amount\":\"29.90\",\"currency\":\"USD\"},\"order\":\"A-1001\",\"open\":"
	"true}";

struct world {
	struct arena *arena;
	struct model *model;
	const struct value *record, *list;
};

static struct world *world(void)
{
	static struct world w;
	struct arena *arena;
	struct diags diags;
	struct source source = {"order", str_of(order_json)};
	struct json_doc *doc;
	struct value_builder b;

	if (w.model)
		return &w;
	w.arena = arena = arena_new(64 << 20);
	diags_init(&diags, arena);
	w.model = content_model(content_open(NULL, "en", NULL, &diags), &diags, NULL);
	doc = json_parse(&source, 0, NULL, &diags);
	if (!w.model || !doc) {
		fputs("the shipped content does not load\n", stderr);
		abort();
	}
	w.record = value_from_json(arena, json_root(doc));
	json_doc_free(doc);
	b = value_build(arena);
	value_push(&b, w.record);
	value_push(&b, w.record);
	w.list = value_list(&b);
	return &w;
}

static const struct value *answer_for(
	const struct world *w, const struct operation *op, unsigned how)
{
	if (how & 1)
		return &value_none;
	return op->gives_list ? w->list : w->record;
}

/* What must hold whatever happened. */
static void check(const struct turn *turn, const struct event *event)
{
	bool spoke = false;

	for (size_t i = 0; i < turn->n_effects; i++) {
		const struct effect *e = &turn->effect[i];

		spoke |= e->kind == EFFECT_SAY || e->kind == EFFECT_CALL;
		if (e->kind == EFFECT_CALL && e->call.op->needs_buyer && !e->call.buyer.n)
			abort();
	}
	if (event->kind == EVENT_TEXT && !spoke && turn->session->owner != OWNER_PERSON &&
		turn->trace.level != LEVEL_BUSY)
		abort();
	if (turn->session->n_frames > max_frames || turn->session->n_parked > max_parked)
		abort();
}

static struct session *through_bytes(struct arena *arena, const struct session *session)
{
	struct buf bytes;
	struct session *again;

	buf_init(&bytes, 4 << 20);
	session_encode(session, &bytes);
	again = session_decode(arena, buf_str(&bytes));
	if (!again)
		abort();
	buf_release(&bytes);
	return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = world();
	struct arena *arena[2] = {arena_new(4 << 20), arena_new(4 << 20)};
	struct session *session = session_new(arena[0], S("fuzz"), S("test"), S("en"));
	const struct operation *pending = NULL;
	unsigned number = 0, side = 1;
	int64_t now = 1740823200000;

	for (size_t i = 0, n = 0; i + 1 < size && n < max_events; i += 2, n++) {
		unsigned kind = data[i] % 16, arg = data[i + 1];
		struct event event = {.kind = EVENT_TEXT, .now_ms = now += 1000};
		struct turn turn;

		event.text = str_of(phrase[arg % n_phrases]);
		if (pending && kind == 12) {
			event = (struct event){
				.kind = EVENT_AGAIN, .now_ms = now, .call = number + (arg & 1)};
		} else if (pending && kind < 12) {
			event = (struct event){.kind = EVENT_ANSWER,
				.now_ms = now,
				.call = number,
				.outcome = kind < 9 ? OUTCOME_OK : kind - 8,
				.value = answer_for(w, pending, arg)};
			pending = NULL;
		} else if (kind == 10) {
			event.kind = EVENT_TICK;
			event.now_ms = now += (int64_t)arg * 60000;
		} else if (kind == 11) {
			event.kind = EVENT_NOTICE;
			event.name = arg & 1 ? S("refund.updated") : S("order.updated");
			event.value = w->record;
		} else if (kind == 12) {
			event.kind = EVENT_PRESS;
			if (arg & 1 && session->n_offered)
				event.text = session->offered[arg % session->n_offered].choice.id;
		} else if (kind == 13) {
			event.kind = EVENT_ATTACHMENT;
			event.text = S("image");
		} else if (kind == 14) {
			event.kind = EVENT_AGENT;
			event.action = arg % 4;
		} else if (kind == 15) {
			event.text = (struct str){(const char *)data + i, size - i};
		} else if (kind == 9) {
			event.kind = EVENT_BUYER;
			event.name = arg & 1 ? S("buyer-open") : S("");
		}
		turn = step(w->model, session, &event, arena[side]);
		check(&turn, &event);
		for (size_t k = 0; k < turn.n_effects; k++)
			if (turn.effect[k].kind == EFFECT_CALL) {
				pending = turn.effect[k].call.op;
				number = turn.effect[k].call.number;
			}
		session = through_bytes(arena[side], turn.session);
		side ^= 1;
		arena_reset(arena[side]);
	}
	arena_free(arena[0]);
	arena_free(arena[1]);
	return 0;
}
