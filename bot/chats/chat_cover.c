/* Which steps and edges of the flows the tests took. */
#include "bot/chats/chat_cover.h"

#include "bot/base/text.h"
#include "bot/chats/chat_file.h"
#include "flows/expr.h"
#include "flows/template.h"

static struct str target_text(struct arena *arena, const struct target *target)
{
	if (target->kind == TARGET_NONE)
		return S("stays");
	if (target->kind == TARGET_FLOW)
		return arena_printf(arena, "-> %.*s", STR(target->name));
	return target->kind == TARGET_STEP ? target->name : str_of(target_word[target->kind]);
}

static void add_edge(struct chat_cover *cover, struct cover_flow *flow, unsigned from,
	struct str how, struct str to, const struct json *at)
{
	flow->edge = arena_grow(cover->arena, flow->edge, flow->n_edges, struct cover_edge);
	flow->edge[flow->n_edges++] = (struct cover_edge){from, how, to, at, 0};
}

static void add_on(struct chat_cover *cover, struct cover_flow *flow, const struct step *step,
	const struct on *on)
{
	const char *negation = on->kind == ON_NOT_INTENT ? "not " : "";

	for (size_t i = 0; i < on->n_items; i++) {
		struct str how = arena_printf(cover->arena, "on %s%.*s", negation, STR(on->key));

		if (i)
			how = arena_printf(cover->arena, "%.*s #%zu", STR(how), i + 1);
		add_edge(cover, flow, step->index, how,
			target_text(cover->arena, &on->item[i].target), on->at ? on->at : step->at);
	}
}

/* Whether "then" is taken by anything: a step that ends or branches has none. */
static bool has_then(const struct step *step)
{
	return step->verb != VERB_IF && step->verb != VERB_END && step->verb != VERB_GO;
}

static void add_step(struct chat_cover *cover, struct cover_flow *flow, const struct step *step)
{
	struct arena *arena = cover->arena;

	if (step->verb == VERB_GO)
		add_edge(cover, flow, step->index, S("then"),
			arena_printf(arena, "-> %.*s", STR(step->flow)), step->at);
	else if (has_then(step))
		add_edge(cover, flow, step->index, S("then"),
			step->then.kind == TARGET_NONE ? S("end") : target_text(arena, &step->then),
			step->then.at ? step->then.at : step->at);
	for (size_t i = 0; i < step->n_branches; i++)
		add_edge(cover, flow, step->index,
			arena_printf(arena, "when %.*s", STR(expr_text(step->branch[i].when))),
			target_text(arena, &step->branch[i].then), step->branch[i].then.at);
	if (step->verb == VERB_IF)
		add_edge(cover, flow, step->index, S("else"), target_text(arena, &step->otherwise),
			step->otherwise.at);
	if (step->skip.kind != TARGET_NONE)
		add_edge(cover, flow, step->index, S("skip"), target_text(arena, &step->skip),
			step->skip.at);
	for (size_t i = 0; i < step->n_on; i++)
		add_on(cover, flow, step, &step->on[i]);
	for (size_t i = 0; i < step->n_offers; i++)
		add_edge(cover, flow, step->index,
			arena_printf(arena, "offer %.*s", STR(template_text(step->offer[i].label))),
			target_text(arena, &step->offer[i].target), step->offer[i].target.at);
}

static bool watched_for(const struct flow_set *set, const struct flow *flow)
{
	for (size_t i = 0; i < flow_set_count(set); i++) {
		const struct flow *other = flow_set_at(set, i);

		for (size_t k = 0; k < other->n_steps; k++)
			if (other->step[k].watch &&
				str_eq(other->step[k].watch->starts, flow->name))
				return true;
	}
	return false;
}

static void add_entrances(
	struct chat_cover *cover, struct cover_flow *flow, const struct flow_set *set)
{
	struct str first = flow->flow->step[flow->flow->first].name;

	for (size_t i = 0; i < flow->flow->n_starts_on; i++)
		add_edge(cover, flow, no_step,
			arena_printf(cover->arena, "starts on %.*s", STR(flow->flow->starts_on[i])),
			first, NULL);
	if (watched_for(set, flow->flow))
		add_edge(cover, flow, no_step, S("watch"), first, NULL);
}

struct chat_cover *chat_cover_new(const struct flow_set *flows, struct arena *arena)
{
	struct chat_cover *cover = arena_new_of(arena, struct chat_cover);
	size_t n = flow_set_count(flows);

	*cover = (struct chat_cover){arena, arena_array(arena, struct cover_flow, n + 1), n};
	for (size_t i = 0; i < n; i++) {
		struct cover_flow *flow = &cover->flow[i];

		flow->flow = flow_set_at(flows, i);
		flow->entered = arena_array(arena, unsigned, flow->flow->n_steps + 1);
		add_entrances(cover, flow, flows);
		for (size_t k = 0; k < flow->flow->n_steps; k++)
			add_step(cover, flow, &flow->flow->step[k]);
	}
	return cover;
}

static struct cover_flow *find_flow(struct chat_cover *cover, struct str name)
{
	for (size_t i = 0; i < cover->n_flows; i++)
		if (str_eq(cover->flow[i].flow->name, name))
			return &cover->flow[i];
	return NULL;
}

static void count_edge(struct cover_flow *flow, unsigned from, struct str how)
{
	for (size_t i = 0; i < flow->n_edges; i++)
		if (flow->edge[i].from == from && str_eq(flow->edge[i].how, how))
			flow->edge[i].hits++;
}

static void count_visit(struct chat_cover *cover, const struct visit *visit)
{
	struct cover_flow *to = find_flow(cover, visit->flow), *from = to;
	struct str flow_name, step_name = visit->from, how = visit->how;
	const struct step *step = to ? flow_step(to->flow, visit->step) : NULL;

	if (step)
		to->entered[step->index]++;
	if (str_ends(how, S(" #1")))
		how.n -= 3;
	if (!visit->from.n) {
		if (to)
			count_edge(to, no_step, how);
		return;
	}
	if (chat_ref_split(visit->from, &flow_name, &step_name))
		from = find_flow(cover, flow_name);
	step = from ? flow_step(from->flow, step_name) : NULL;
	if (step)
		count_edge(from, step->index, how);
}

void chat_cover_add(struct chat_cover *cover, const struct trace *trace)
{
	for (size_t i = 0; i < trace->n_visits; i++)
		count_visit(cover, &trace->visit[i]);
}

struct cover_sum cover_sum_of(const struct cover_flow *flow)
{
	struct cover_sum sum = {.steps = flow->flow->n_steps, .edges = flow->n_edges};

	for (size_t i = 0; i < flow->flow->n_steps; i++)
		sum.steps_taken += flow->entered[i] > 0;
	for (size_t i = 0; i < flow->n_edges; i++)
		sum.edges_taken += flow->edge[i].hits > 0;
	return sum;
}

struct cover_sum cover_sum_all(const struct chat_cover *cover)
{
	struct cover_sum all = {0};

	for (size_t i = 0; i < cover->n_flows; i++) {
		struct cover_sum sum = cover_sum_of(&cover->flow[i]);

		all.steps += sum.steps;
		all.steps_taken += sum.steps_taken;
		all.edges += sum.edges;
		all.edges_taken += sum.edges_taken;
	}
	return all;
}

unsigned cover_percent(struct cover_sum sum)
{
	size_t all = sum.steps + sum.edges;

	return all ? (unsigned)((sum.steps_taken + sum.edges_taken) * 100 / all) : 100;
}

static unsigned percent(size_t taken, size_t all)
{
	return all ? (unsigned)(taken * 100 / all) : 100;
}

static void print_row(struct str name, struct cover_sum sum, size_t width, struct buf *out)
{
	buf_addf(out, "%.*s%*s %4zu/%-4zu %3u %%   %4zu/%-4zu %3u %%\n", STR(name),
		(int)(width - text_width(name)), "", sum.steps_taken, sum.steps,
		percent(sum.steps_taken, sum.steps), sum.edges_taken, sum.edges,
		percent(sum.edges_taken, sum.edges));
}

/* "flows/guide/05_cancel.json:12: " */
static void print_place(const struct flow *flow, const struct json *at, struct buf *out)
{
	const struct source *source;

	if (!flow->doc)
		return;
	source = json_source(flow->doc);
	if (!at)
		at = json_get(json_root(flow->doc), "flow");
	buf_addf(out, "%s:%u: ", source->name,
		at ? source_place(source, json_where(flow->doc, at).offset).line : 1);
}

static void print_missed(const struct cover_flow *flow, struct buf *out)
{
	for (size_t i = 0; i < flow->flow->n_steps; i++) {
		const struct step *step = &flow->flow->step[i];

		if (flow->entered[i])
			continue;
		print_place(flow->flow, step->at, out);
		buf_addf(out, "step %.*s/%.*s\n", STR(flow->flow->name), STR(step->name));
	}
	for (size_t i = 0; i < flow->n_edges; i++) {
		const struct cover_edge *edge = &flow->edge[i];

		if (edge->hits)
			continue;
		print_place(flow->flow, edge->at, out);
		buf_addf(out, "edge %.*s", STR(flow->flow->name));
		if (edge->from != no_step)
			buf_addf(out, "/%.*s", STR(flow->flow->step[edge->from].name));
		buf_addf(out, ": %.*s => %.*s\n", STR(edge->how), STR(edge->to));
	}
}

void chat_cover_print(const struct chat_cover *cover, struct buf *out)
{
	struct cover_sum all = cover_sum_all(cover);
	size_t width = 20;

	for (size_t i = 0; i < cover->n_flows; i++)
		if (text_width(cover->flow[i].flow->name) > width)
			width = text_width(cover->flow[i].flow->name);
	buf_addf(out, "%-*s      steps            edges\n", (int)width, "coverage");
	for (size_t i = 0; i < cover->n_flows; i++)
		print_row(cover->flow[i].flow->name, cover_sum_of(&cover->flow[i]), width, out);
	print_row(S("all"), all, width, out);
	if (all.steps == all.steps_taken && all.edges == all.edges_taken)
		return;
	buf_addf(out, "\nnever taken:\n");
	for (size_t i = 0; i < cover->n_flows; i++)
		print_missed(&cover->flow[i], out);
}
