/* All ways out of a step, and all that it reads. */
#include "flows/flow_edge.h"

#include "flows/expr.h"
#include "flows/template.h"

static size_t most_edges(const struct step *step)
{
	size_t n = 4 + step->n_branches + step->n_offers;

	for (size_t i = 0; i < step->n_on; i++)
		n += step->on[i].n_items;
	return n;
}

static void add(struct edges *edges, struct edge *room, struct edge edge)
{
	if (edge.target.kind != TARGET_NONE)
		room[edges->n++] = edge;
}

static struct target target_of_go(const struct step *step)
{
	if (step->verb != VERB_GO)
		return (struct target){0};
	return (struct target){
		.kind = TARGET_FLOW,
		.name = step->flow,
		.with = step->with,
		.n_with = step->n_with,
		.at = json_get(step->at, "go"),
	};
}

struct edges step_edges(const struct step *step, struct arena *arena)
{
	struct edge *room = arena_array(arena, struct edge, most_edges(step) + 1);
	struct edges edges = {.edge = room};

	for (size_t i = 0; i < step->n_branches; i++)
		add(&edges, room,
			(struct edge){
				EDGE_BRANCH, step->branch[i].then, .branch = &step->branch[i]});
	add(&edges, room, (struct edge){EDGE_THEN, step->then});
	add(&edges, room, (struct edge){EDGE_ELSE, step->otherwise});
	add(&edges, room, (struct edge){EDGE_SKIP, step->skip});
	add(&edges, room, (struct edge){EDGE_GO, target_of_go(step)});
	for (size_t i = 0; i < step->n_offers; i++)
		add(&edges, room,
			(struct edge){EDGE_OFFER, step->offer[i].target, .offer = &step->offer[i]});
	for (size_t i = 0; i < step->n_on; i++)
		for (size_t k = 0; k < step->on[i].n_items; k++)
			add(&edges, room,
				(struct edge){EDGE_ON, step->on[i].item[k].target,
					.on = &step->on[i], .reaction = &step->on[i].item[k]});
	return edges;
}

static void read_expr(const struct expr *expr, name_heard *each, void *self)
{
	if (expr)
		expr_names(expr, each, self);
}

static void read_text(const struct template *text, name_heard *each, void *self)
{
	if (text)
		template_names(text, each, self);
}

bool binding_forgets(const struct binding *binding)
{
	return binding->expr && str_is(str_trim(expr_text(binding->expr)), "none");
}

void bindings_read(const struct binding *binding, size_t n, name_heard *each, void *self)
{
	for (size_t i = 0; i < n; i++)
		read_expr(binding[i].expr, each, self);
}

static void read_texts(const struct step *step, name_heard *each, void *self)
{
	for (size_t i = 0; i < step->n_text; i++)
		read_text(step->text[i], each, self);
	for (size_t i = 0; i < step->n_offers; i++)
		read_text(step->offer[i].label, each, self);
	for (size_t i = 0; i < step->n_on; i++)
		for (size_t k = 0; k < step->on[i].n_items; k++)
			read_text(step->on[i].item[k].say, each, self);
	read_text(step->again, each, self);
	read_text(step->why, each, self);
	read_text(step->show, each, self);
	read_text(step->only_once, each, self);
	read_text(step->summary, each, self);
}

void step_reads(const struct step *step, struct arena *arena, name_heard *each, void *self)
{
	struct edges edges = step_edges(step, arena);

	read_texts(step, each, self);
	read_expr(step->card, each, self);
	read_expr(step->from, each, self);
	read_expr(step->fallback, each, self);
	bindings_read(step->set, step->n_set, each, self);
	bindings_read(step->send, step->n_send, each, self);
	bindings_read(step->note_with, step->n_note_with, each, self);
	if (step->verb == VERB_RUN) /* of go they are on its edge */
		bindings_read(step->with, step->n_with, each, self);
	if (step->watch)
		read_expr(step->watch->of, each, self);
	for (size_t i = 0; i < step->n_branches; i++) {
		read_expr(step->branch[i].when, each, self);
		bindings_read(step->branch[i].set, step->branch[i].n_set, each, self);
	}
	for (size_t i = 0; i < edges.n; i++)
		bindings_read(edges.edge[i].target.with, edges.edge[i].target.n_with, each, self);
}

bool verb_asks(enum verb verb)
{
	return verb == VERB_ASK || verb == VERB_CHOOSE || verb == VERB_CONFIRM;
}

bool verb_waits(enum verb verb)
{
	return verb_asks(verb) || verb == VERB_WAIT || verb == VERB_HANDOFF;
}
