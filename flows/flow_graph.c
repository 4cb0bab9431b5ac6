/* Flows as pictures.  Both languages are written from one walk: a table says how each kind of node
 * looks in each. */
#include "flows/flow_graph.h"

#include "bot/base/text.h"
#include "flows/expr.h"
#include "flows/flow_edge.h"
#include "flows/operation.h"
#include "flows/template.h"

enum { max_label = 60, max_scratch = 16 << 20 };

/* What a node stands for; the verbs come first. */
enum look { LOOK_OTHER_FLOW = N_VERBS, LOOK_PLACE, LOOK_INTENT, LOOK_FLOW, N_LOOKS };

static const struct {
	const char *dot;          /* attributes */
	const char *open, *close; /* Mermaid's brackets */
} look[N_LOOKS] = {
	[VERB_SAY] = {"shape=box, style=rounded", "(", ")"},
	[VERB_ASK] = {"shape=parallelogram", "[/", "/]"},
	[VERB_CHOOSE] = {"shape=trapezium", "[/", "\\]"},
	[VERB_CONFIRM] = {"shape=hexagon", "{{", "}}"},
	[VERB_IF] = {"shape=diamond", "{", "}"},
	[VERB_SET] = {"shape=note", "[", "]"},
	[VERB_CALL] = {"shape=cylinder", "[(", ")]"},
	[VERB_RUN] = {"shape=box, peripheries=2", "[[", "]]"},
	[VERB_GO] = {"shape=cds", ">", "]"},
	[VERB_HANDOFF] = {"shape=house", "((", "))"},
	[VERB_WAIT] = {"shape=box, style=dotted", "([", "])"},
	[VERB_WATCH] = {"shape=note", "[", "]"},
	[VERB_NOTE] = {"shape=note", "[", "]"},
	[VERB_END] = {"shape=doublecircle", "(((", ")))"},
	[LOOK_OTHER_FLOW] = {"shape=cds", ">", "]"},
	[LOOK_PLACE] = {"shape=circle", "((", "))"},
	[LOOK_INTENT] = {"shape=plaintext", "([", "])"},
	[LOOK_FLOW] = {"shape=box", "[", "]"},
};

enum line { LINE_PLAIN, LINE_DASHED, LINE_DOTTED, N_LINES };
static const struct {
	const char *dot, *mermaid;
} line[N_LINES] = {
	[LINE_PLAIN] = {"", "-->"},
	[LINE_DASHED] = {", style=dashed", "-.->"},
	[LINE_DOTTED] = {", style=dotted", "-.->"},
};

struct drawing {
	enum graph_format format;
	struct buf *out;
	struct arena *arena;
	struct str *drawn; /* nodes besides the steps that are there already, by kind and name */
	size_t n_drawn;
};

/* Writing. */

/* A kind in front keeps steps, flows and words such as "end", which Mermaid cannot have as a name,
 * apart. */
static void write_id(const struct drawing *d, const char *kind, struct str name)
{
	if (d->format == GRAPH_DOT) {
		buf_addf(d->out, "\"%s %.*s\"", kind, STR(name));
		return;
	}
	buf_addf(d->out, "%s_", kind);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '/' || name.p[i] == ' ')
			buf_adds(d->out, "__");
		else
			buf_addc(d->out, name.p[i]);
}

static void write_character(const struct drawing *d, char c)
{
	if (c == '\n' || c == '\t' || c == '\r')
		buf_addc(d->out, ' ');
	else if (d->format == GRAPH_DOT && (c == '"' || c == '\\'))
		buf_addf(d->out, "\\%c", c);
	else if (d->format == GRAPH_MERMAID && c &&
		 (c == '"' || c == '<' || c == '>' || c == '#' || c == '&' || c == '`'))
		buf_addf(d->out, "#%d;", c);
	else
		buf_addc(d->out, c);
}

static void write_label(const struct drawing *d, struct str label)
{
	struct str clipped = text_clip(label, max_label);

	for (size_t i = 0; i < clipped.n; i++)
		write_character(d, clipped.p[i]);
	if (clipped.n < label.n)
		buf_adds(d->out, "…");
}

static void write_node(const struct drawing *d, enum look as, const char *kind, struct str name,
	struct str title, struct str text)
{
	buf_adds(d->out, d->format == GRAPH_DOT ? "\t" : "    ");
	write_id(d, kind, name);
	buf_addf(d->out, "%s\"", d->format == GRAPH_DOT ? " [label=" : look[as].open);
	write_label(d, title);
	if (text.n) {
		buf_adds(d->out, d->format == GRAPH_DOT ? "\\n" : "<br/>");
		write_label(d, text);
	}
	if (d->format == GRAPH_DOT)
		buf_addf(d->out, "\", %s];\n", look[as].dot);
	else
		buf_addf(d->out, "\"%s\n", look[as].close);
}

static void write_edge(const struct drawing *d, const char *from_kind, struct str from,
	const char *to_kind, struct str to, enum line as, struct str label)
{
	buf_adds(d->out, d->format == GRAPH_DOT ? "\t" : "    ");
	write_id(d, from_kind, from);
	buf_addf(d->out, " %s ", d->format == GRAPH_DOT ? "->" : line[as].mermaid);
	if (d->format == GRAPH_MERMAID && label.n) {
		buf_adds(d->out, "|\"");
		write_label(d, label);
		buf_adds(d->out, "\"| ");
	}
	write_id(d, to_kind, to);
	if (d->format == GRAPH_DOT) {
		buf_adds(d->out, " [label=\"");
		write_label(d, label);
		buf_addf(d->out, "\"%s];\n", line[as].dot);
	} else {
		buf_addc(d->out, '\n');
	}
}

static void write_head(const struct drawing *d, struct str title)
{
	if (d->format == GRAPH_DOT) {
		buf_adds(d->out, "digraph \"");
		write_label(d, title);
		buf_adds(d->out, "\" {\n\tnode [fontname=\"sans-serif\"];\n"
			"\tedge [fontname=\"sans-serif\", fontsize=10];\n");
	} else {
		buf_adds(d->out, "flowchart TD\n");
	}
}

static void write_tail(const struct drawing *d)
{
	if (d->format == GRAPH_DOT)
		buf_adds(d->out, "}\n");
}

/* Draws a node that several edges share when the first of them needs it. */
static void write_node_once(
	struct drawing *d, enum look as, const char *kind, struct str name, struct str title)
{
	struct str key = arena_printf(d->arena, "%s %.*s", kind, STR(name));

	for (size_t i = 0; i < d->n_drawn; i++)
		if (str_eq(d->drawn[i], key))
			return;
	d->drawn = arena_grow(d->arena, d->drawn, d->n_drawn, struct str);
	d->drawn[d->n_drawn++] = key;
	write_node(d, as, kind, name, title, S(""));
}

/* One flow. */

static struct str text_of_step(struct arena *arena, const struct step *step)
{
	if (step->n_text && step->text[0])
		return template_text(step->text[0]);
	switch (step->verb) {
	case VERB_CALL:
		return str_of(step->op->name);
	case VERB_RUN:
	case VERB_GO:
		return step->flow;
	case VERB_HANDOFF:
		return step->queue;
	case VERB_WAIT:
		return step->wait_event.n ? step->wait_event
					  : json_text(json_get(step->at, "wait"));
	case VERB_WATCH:
		return step->watch->stop ? S("stop watching") : step->watch->event;
	case VERB_NOTE:
		return step->note;
	case VERB_END:
		return step->outcome;
	case VERB_SET:
		return arena_printf(arena, "%.*s", STR(step->set[0].name));
	case VERB_IF:
	case VERB_SAY:
	case VERB_ASK:
	case VERB_CHOOSE:
	case VERB_CONFIRM:
	case N_VERBS:
		break;
	}
	return S("");
}

static struct str label_of_reaction(
	struct arena *arena, const struct on *on, const struct reaction *reaction)
{
	const char *negated = on->kind == ON_NOT_INTENT ? "not " : "";

	if (on->n_items > 1)
		return arena_printf(
			arena, "%s%.*s (%td)", negated, STR(on->key), reaction - on->item + 1);
	return arena_printf(arena, "%s%.*s", negated, STR(on->key));
}

static struct str label_of_edge(
	struct arena *arena, const struct step *step, const struct edge *edge)
{
	switch (edge->kind) {
	case EDGE_THEN:
		return step->verb == VERB_CONFIRM ? S("yes") : S("");
	case EDGE_BRANCH:
		return expr_text(edge->branch->when);
	case EDGE_ELSE:
		return S("else");
	case EDGE_SKIP:
		return S("skip");
	case EDGE_OFFER:
		return template_text(edge->offer->label);
	case EDGE_ON:
		return label_of_reaction(arena, edge->on, edge->reaction);
	case EDGE_GO:
		break;
	}
	return S("");
}

static enum line line_of_edge(const struct step *step, const struct edge *edge)
{
	if (edge->kind == EDGE_OFFER && step->verb == VERB_SAY)
		return LINE_DASHED;
	return edge->kind == EDGE_ON ? LINE_DOTTED : LINE_PLAIN;
}

static void draw_edge(struct drawing *d, const struct flow *flow, const struct step *step,
	const struct edge *edge)
{
	struct str label = label_of_edge(d->arena, step, edge), name = edge->target.name;
	const char *kind = "flow";

	switch (edge->target.kind) {
	case TARGET_STEP:
		kind = "step";
		name = flow->step[edge->target.step].name;
		break;
	case TARGET_FLOW:
		write_node_once(d, LOOK_OTHER_FLOW, kind, name, name);
		break;
	case TARGET_END:
	case TARGET_PAUSE:
	case TARGET_WAIT_ON:
	case TARGET_BACK:
		kind = "place";
		name = str_of(target_word[edge->target.kind]);
		write_node_once(d, LOOK_PLACE, kind, name, name);
		break;
	case TARGET_NONE:
		return;
	}
	write_edge(d, "step", step->name, kind, name, line_of_edge(step, edge), label);
}

static void draw_starts(struct drawing *d, const struct flow *flow)
{
	struct str first = flow->step[flow->first].name;

	write_node(d, LOOK_INTENT, "start", flow->name, flow->title.n ? flow->title : flow->name,
		S(""));
	write_edge(d, "start", flow->name, "step", first, LINE_PLAIN, S(""));
	for (size_t i = 0; i < flow->n_starts_on; i++) {
		write_node_once(d, LOOK_INTENT, "intent", flow->starts_on[i], flow->starts_on[i]);
		write_edge(
			d, "intent", flow->starts_on[i], "start", flow->name, LINE_DOTTED, S(""));
	}
}

static void draw_step(struct drawing *d, const struct flow *flow, const struct step *step)
{
	struct edges edges = step_edges(step, d->arena);

	for (size_t i = 0; i < edges.n; i++)
		draw_edge(d, flow, step, &edges.edge[i]);
	if (step->watch && !step->watch->stop) {
		write_node_once(
			d, LOOK_OTHER_FLOW, "flow", step->watch->starts, step->watch->starts);
		write_edge(d, "step", step->name, "flow", step->watch->starts, LINE_DOTTED,
			step->watch->event);
	}
}

void flow_graph(const struct flow *flow, enum graph_format format, struct buf *out)
{
	struct drawing d = {.format = format, .out = out, .arena = arena_new(max_scratch)};

	write_head(&d, flow->name);
	for (size_t i = 0; i < flow->n_steps; i++)
		write_node(&d, (enum look)flow->step[i].verb, "step", flow->step[i].name,
			flow->step[i].name, text_of_step(d.arena, &flow->step[i]));
	draw_starts(&d, flow);
	for (size_t i = 0; i < flow->n_steps; i++)
		draw_step(&d, flow, &flow->step[i]);
	write_tail(&d);
	arena_free(d.arena);
}

/* All flows. */

static void draw_link(
	struct drawing *d, const struct flow *from, struct str to, enum line as, const char *label)
{
	struct str key =
		arena_printf(d->arena, "link %.*s %s %.*s", STR(from->name), label, STR(to));

	for (size_t i = 0; i < d->n_drawn; i++)
		if (str_eq(d->drawn[i], key))
			return;
	d->drawn = arena_grow(d->arena, d->drawn, d->n_drawn, struct str);
	d->drawn[d->n_drawn++] = key;
	write_edge(d, "flow", from->name, "flow", to, as, str_of(label));
}

static void draw_links(struct drawing *d, const struct flow *flow, const struct step *step)
{
	struct edges edges = step_edges(step, d->arena);

	if (step->verb == VERB_RUN)
		draw_link(d, flow, step->flow, LINE_PLAIN, "runs");
	if (step->watch && !step->watch->stop)
		draw_link(d, flow, step->watch->starts, LINE_DOTTED, "promises");
	for (size_t i = 0; i < edges.n; i++)
		if (edges.edge[i].target.kind == TARGET_FLOW)
			draw_link(d, flow, edges.edge[i].target.name,
				edges.edge[i].kind == EDGE_OFFER ? LINE_DASHED : LINE_PLAIN,
				edges.edge[i].kind == EDGE_OFFER ? "offers" : "");
}

void flow_set_graph(const struct flow_set *set, enum graph_format format, struct buf *out)
{
	struct drawing d = {.format = format, .out = out, .arena = arena_new(max_scratch)};

	write_head(&d, S("flows"));
	for (size_t i = 0; i < flow_set_count(set); i++) {
		const struct flow *flow = flow_set_at(set, i);

		write_node(&d, LOOK_FLOW, "flow", flow->name, flow->name, flow->title);
		for (size_t k = 0; k < flow->n_starts_on; k++) {
			write_node_once(
				&d, LOOK_INTENT, "intent", flow->starts_on[k], flow->starts_on[k]);
			write_edge(&d, "intent", flow->starts_on[k], "flow", flow->name,
				LINE_DOTTED, S(""));
		}
	}
	for (size_t i = 0; i < flow_set_count(set); i++)
		for (size_t k = 0; k < flow_set_at(set, i)->n_steps; k++)
			draw_links(&d, flow_set_at(set, i), &flow_set_at(set, i)->step[k]);
	write_tail(&d);
	arena_free(d.arena);
}
