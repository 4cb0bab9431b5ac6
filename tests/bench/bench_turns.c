/* How many turns a second the pure engine makes: a whole cancellation on the shipped content,
 * answers of the shop included, each turn with its copy of the session.  Prints turns/s for one
 * core; with an argument, that many conversations.
 *
 *   cmake --preset bench && cmake --build --preset bench && build/bench/tests/bench_turns */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bot/common/content.h"
#include "bot/engine/step.h"
#include "flows/operation.h"

static const char *const orders_json =
	"[{\"number\":\"A-1001\",\"status\":\"AWAITING_SHIPMENT\",\"status_text\":\"being "
	"prepared\",\"created\":1740000000,"
	"\"first_item\":\"Blue dress\",\"n_items\":1,\"items\":[{\"id\":\"1\",\"title\":\"Blue "
	"dress\",\"variant\":\"M\",\"quantity\":1}],"
	"\"total\":{\"amount\":\"29.90\",\"currency\":\"USD\"},\"paid_with\":\"Visa "
	"4242\",\"can\":[\"cancel\"]},"
	"{\"number\":\"A-1002\",\"status\":\"AWAITING_SHIPMENT\",\"status_text\":\"being "
	"prepared\",\"created\":1740000000,"
	"\"first_item\":\"Running "
	"shoes\",\"n_items\":1,\"items\":[{\"id\":\"1\",\"title\":\"Running "
	"shoes\",\"variant\":\"42\",\"quantity\":1}],"
	"\"total\":{\"amount\":\"64.00\",\"currency\":\"USD\"},\"paid_with\":\"Visa "
	"4242\",\"can\":[\"cancel\"]}]";
static const char *const rule_json = "{\"answer\":\"yes\",\"refund\":{\"amount\":\"29.90\","
				     "\"currency\":\"USD\"},\"paid_with\":\"Visa 4242\","
				     "\"id\":\"C-1\",\"state\":\"done\",\"number\":\"A-1001\","
				     "\"open\":true,\"name\":\"the shop\"}";
static const char *const line[] = {
	"hi",
	"pls cacel my order",
	"the dress",
	"changed my mind",
	"how long does the refund take?",
	"no, the other one",
	"yes",
	"thanks",
	"stop",
};
enum { n_lines = sizeof(line) / sizeof(line[0]) };

static const struct value *parse(struct arena *arena, const char *text)
{
	struct source source = {"answer", str_of(text)};
	struct diags diags;
	struct json_doc *doc;

	diags_init(&diags, arena);
	doc = json_parse(&source, 0, NULL, &diags);
	if (!doc)
		abort();
	return value_from_json(arena, json_root(doc));
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct bench {
	struct model *model;
	const struct value *orders, *rule;
	struct arena *side[2];
	unsigned on;
	struct session *session;
	unsigned long turns, calls, steps;
	int64_t now_ms;
};

static unsigned one_step(struct bench *b, struct event event, const struct operation **op)
{
	struct turn turn;
	unsigned number = 0;

	arena_reset(b->side[b->on]);
	event.now_ms = b->now_ms += 1000;
	turn = step(b->model, b->session, &event, b->side[b->on]);
	b->session = turn.session;
	b->on ^= 1;
	b->steps++;
	for (size_t i = 0; i < turn.n_effects; i++)
		if (turn.effect[i].kind == EFFECT_CALL) {
			number = turn.effect[i].call.number;
			*op = turn.effect[i].call.op;
		}
	return number;
}

static void one_turn(struct bench *b, const char *text)
{
	const struct operation *op = NULL;
	unsigned call = one_step(b, (struct event){.kind = EVENT_TEXT, .text = str_of(text)}, &op);

	b->turns++;
	while (call) {
		b->calls++;
		call = one_step(b,
			(struct event){.kind = EVENT_ANSWER,
				.call = call,
				.value = op->gives_list ? b->orders : b->rule},
			&op);
	}
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	struct arena *arena = arena_new(64 << 20);
	struct bench b = {
		.orders = parse(arena, orders_json),
		.rule = parse(arena, rule_json),
		.side = {arena_new(1 << 20), arena_new(1 << 20)},
		.now_ms = 1740823200000,
	};
	struct diags diags;
	double began;

	diags_init(&diags, arena);
	b.model = content_model(content_open(NULL, "en", NULL, &diags), &diags, NULL);
	if (!b.model) {
		fputs("the content does not load\n", stderr);
		return 2;
	}
	began = seconds();
	for (unsigned long i = 0; i < n; i++) {
		arena_reset(b.side[0]);
		b.session = session_new(b.side[0], S("bench"), S("test"), S("en"));
		b.on = 1;
		one_step(&b, (struct event){.kind = EVENT_BUYER, .name = S("buyer-1")},
			&(const struct operation *){NULL});
		for (unsigned k = 0; k < n_lines; k++)
			one_turn(&b, line[k]);
	}
	began = seconds() - began;
	printf("%lu conversations, %lu turns, %lu calls, %lu steps in %.2f s of one core: %.0f "
	       "turns/s, "
	       "%.1f us a turn\n",
		n, b.turns, b.calls, b.steps, began, (double)b.turns / began,
		began * 1e6 / (double)b.turns);
	return 0;
}
