/* Skeletons of conversation tests for edges that no test took. */
#include "bot/chats/chat_missing.h"

#include "flows/operation.h"

struct way {
	const struct cover_flow *flow;
	const struct intent_set *intents;
	struct arena *arena;
	const struct cover_edge **edge; /* from the first step to the missing edge, that one last */
	size_t n;
};

static const struct step *target_of(const struct cover_flow *flow, const struct cover_edge *edge)
{
	return flow_step(flow->flow, edge->to);
}

/* The shortest way to @last, breadth first; false if its step is not reached inside the flow. */
static bool find_way(struct way *way, const struct cover_edge *last)
{
	const struct flow *flow = way->flow->flow;
	const struct cover_edge **came =
		arena_array(way->arena, const struct cover_edge *, flow->n_steps);
	unsigned *queue = arena_array(way->arena, unsigned, flow->n_steps + 1), at;
	bool *seen = arena_array(way->arena, bool, flow->n_steps);
	size_t head = 0, tail = 0, n = 1;

	seen[flow->first] = true;
	queue[tail++] = flow->first;
	while (head < tail && !seen[last->from]) {
		unsigned from = queue[head++];

		for (size_t i = 0; i < way->flow->n_edges; i++) {
			const struct cover_edge *edge = &way->flow->edge[i];
			const struct step *to =
				edge->from == from ? target_of(way->flow, edge) : NULL;

			if (!to || seen[to->index])
				continue;
			seen[to->index] = true;
			came[to->index] = edge;
			queue[tail++] = to->index;
		}
	}
	if (!seen[last->from])
		return false;
	for (at = last->from; at != flow->first; at = came[at]->from)
		n++;
	way->edge = arena_array(way->arena, const struct cover_edge *, n);
	way->n = n;
	way->edge[--n] = last;
	for (at = last->from; at != flow->first; at = came[at]->from)
		way->edge[--n] = came[at];
	return true;
}

static struct str example_of(const struct intent_set *intents, struct str name)
{
	const struct intent *intent = intent_set_find(intents, name);
	const struct example *list;

	return intent && intent_examples(intents, intent, &list) ? list[0].text : name;
}

/* "on refused #2" -> "refused" */
static struct str key_of(struct str how)
{
	struct str key = str_sub(how, 3, how.n);
	long count = str_find(key, S(" #"));

	return count < 0 ? key : str_sub(key, 0, (size_t)count);
}

static bool is_question(const struct step *step)
{
	return step->verb == VERB_ASK || step->verb == VERB_CHOOSE || step->verb == VERB_CONFIRM;
}

/* What the shop must answer for the way to be taken; the usual answer needs no line. */
static void print_api(const struct way *way, struct buf *out)
{
	for (size_t i = 0; i < way->n; i++) {
		const struct step *step = &way->flow->flow->step[way->edge[i]->from];
		struct str key = key_of(way->edge[i]->how);

		if (step->verb != VERB_CALL || !str_starts(way->edge[i]->how, S("on ")))
			continue;
		if (str_is(key, "slow"))
			key = S("slow 10s");
		buf_addf(out, "api: %s -> %.*s\n", step->op->name, STR(key));
	}
}

/* How the conversation comes to the flow. */
static void print_beginning(const struct way *way, const struct cover_edge *last, struct buf *out)
{
	const struct flow *flow = way->flow->flow;

	if (last->from == no_step && str_starts(last->how, S("starts on ")))
		buf_addf(out, "> %.*s\n",
			STR(example_of(way->intents, str_sub(last->how, 10, last->how.n))));
	else if (last->from == no_step)
		buf_addf(out, "# watch for something that starts it, then:\nevent: refund.updated "
			      "{ order: A-1001 }\n");
	else if (flow->n_starts_on && flow->kind != FLOW_REPAIR)
		buf_addf(out, "> %.*s\n", STR(example_of(way->intents, flow->starts_on[0])));
	else
		buf_addf(out, "start: %.*s/%.*s\n", STR(flow->name),
			STR(flow->step[flow->first].name));
}

static void print_reply(
	const struct way *way, const struct step *step, struct str how, struct buf *out)
{
	struct str key = key_of(how);
	int64_t times = 1;
	long count = str_find(how, S(" #"));

	if (count > 0 && !str_int(str_sub(how, (size_t)count + 2, how.n), &times))
		times = 1;
	if (str_starts(how, S("offer "))) {
		buf_addf(out, "> [%.*s]\n", STR(str_sub(how, 6, how.n)));
	} else if (str_is(how, "skip")) {
		buf_adds(out, "> skip\n");
	} else if (str_is(how, "then")) {
		buf_adds(out, step->verb == VERB_CONFIRM  ? "> yes\n"
			      : step->verb == VERB_CHOOSE ? "> 1\n"
							  : "> (an answer)\n");
	} else if (str_is(key, "no")) {
		buf_adds(out, "> no\n");
	} else if (str_starts(key, S("no_reply "))) {
		buf_addf(out, "after %.*s\n", STR(str_sub(key, 9, key.n)));
	} else {
		for (int64_t i = 0; i < times; i++)
			buf_addf(out, "> %.*s\n",
				STR(str_is(key, "no_match") ? S("hmpf")
							    : example_of(way->intents, key)));
	}
}

static void print_edge(const struct way *way, const struct cover_edge *edge, struct buf *out)
{
	const struct flow *flow = way->flow->flow;
	const struct step *step = &flow->step[edge->from];

	if (step->verb == VERB_IF)
		buf_addf(out, "# %.*s: %.*s\n", STR(step->name), STR(edge->how));
	else if (step->verb == VERB_RUN)
		buf_addf(out, "# %.*s runs %.*s: %.*s\n", STR(step->name), STR(step->flow),
			STR(edge->how));
	else if (is_question(step) || str_starts(edge->how, S("offer "))) {
		buf_addf(out, "< ...\n< %.*s/%.*s\n", STR(flow->name), STR(step->name));
		print_reply(way, step, edge->how, out);
	}
}

static void print_test(struct way *way, const struct cover_edge *last, struct buf *out)
{
	const struct flow *flow = way->flow->flow;
	bool inside = last->from != no_step;
	const struct step *to = target_of(way->flow, last);

	way->n = 0;
	if (inside && !find_way(way, last))
		return;
	buf_addf(out, "test: %.*s%s%.*s, %.*s\nbuyer: buyer-open, verified\n", STR(flow->name),
		inside ? "/" : "", STR(inside ? flow->step[last->from].name : (struct str){0}),
		STR(last->how));
	print_api(way, out);
	print_beginning(way, last, out);
	for (size_t i = 0; i < way->n; i++)
		print_edge(way, way->edge[i], out);
	if (to && (to->n_text || is_question(to)))
		buf_addf(out, "< ...\n< %.*s/%.*s\n< ...\n", STR(flow->name), STR(to->name));
	else
		buf_addf(out, "# leads to: %.*s\n", STR(last->to));
	buf_addc(out, '\n');
}

void chat_missing_print(
	const struct chat_cover *cover, const struct intent_set *intents, struct buf *out)
{
	struct arena *arena = arena_new(16 << 20);

	for (size_t i = 0; i < cover->n_flows; i++) {
		struct way way = {.flow = &cover->flow[i], .intents = intents, .arena = arena};

		for (size_t k = 0; k < way.flow->n_edges; k++) {
			if (!way.flow->edge[k].hits)
				print_test(&way, &way.flow->edge[k], out);
			arena_reset(arena);
		}
	}
	arena_free(arena);
}
