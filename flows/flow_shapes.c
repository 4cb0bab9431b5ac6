/* What is known of the fields of slots, from what fills them: the answer of an operation, an item
 * of a list. */
#include "flows/flow_check.h"

#include "flows/operation.h"

enum {
	rounds = 3
}; /* slot from slot from slot; what is further away is not known, and no finding */

/* Nothing yet, one thing, or several that differ. */
struct guess {
	enum { GUESS_NONE, GUESS_ONE, GUESS_MIXED } state;
	struct shape shape;
};

struct guesser {
	struct check *c;
	const struct flow *flow;
	struct guess *guess;
};

static struct shape shape_of_answer(const struct operation *op)
{
	return (struct shape){.field = op->gives,
		.list = op->gives_list,
		.closed = op->closed,
		.may_be = MAY_BE_RECORD};
}

static struct shape shape_of_order(void)
{
	return shape_of_answer(operation_find(S("orders.get")));
}

static bool same_shape(struct shape a, struct shape b)
{
	size_t n = 0, m = 0;

	if (a.list != b.list || !a.field != !b.field || a.closed != b.closed || a.word != b.word ||
		a.may_be != b.may_be)
		return false;
	while (a.field && a.field[n]) {
		if (!shape_has(b, str_of(a.field[n])))
			return false;
		n++;
	}
	while (b.field && b.field[m])
		m++;
	return n == m;
}

struct shape shape_of_builtin(struct str name, bool *known)
{
	*known = false;
	for (const char *const *builtin = builtin_variable; *builtin; builtin++)
		*known |= str_is(name, *builtin);
	if (str_is(name, "buyer"))
		return shape_buyer;
	if (str_is(name, "recent_order"))
		return shape_of_order();
	if (str_is(name, "current"))
		return shape_current;
	if (str_is(name, "watching"))
		return shape_watching;
	if (str_is(name, "notice"))
		return shape_notice;
	if (str_is(name, "now") || str_is(name, "misses"))
		return (struct shape){.may_be = MAY_BE_NUMBER};
	return shape_unknown;
}

static struct shape shape_of_name(void *self, struct str name, struct stretch at)
{
	const struct guesser *g = self;
	const struct slot *slot = flow_slot(g->flow, name);
	bool known;

	(void)at;
	if (slot)
		return g->guess[slot - g->flow->slot].state == GUESS_ONE
			       ? g->guess[slot - g->flow->slot].shape
			       : shape_unknown;
	if (flow_set_list(g->c->set, name))
		return shape_choices;
	return shape_of_builtin(name, &known);
}

static void no_field(void *self, struct str field, struct shape of, struct stretch at)
{
	(void)self;
	(void)field;
	(void)of;
	(void)at;
}

static struct shape shape_of_expr(struct guesser *g, const struct expr *expr)
{
	struct expr_reader reader = {.name = shape_of_name, .no_field = no_field, .self = g};

	return expr_read(expr, &reader);
}

/* What the type of a slot says settles it, whatever fills it; of a list, or any, it says too
 * little.
 */
static struct shape shape_of_type(const struct check *c, const struct slot *slot)
{
	switch (slot->is) {
	case SLOT_ORDER:
		return shape_of_order();
	case SLOT_MONEY:
		return shape_money;
	case SLOT_CHOICE:
		return slot->from.n && flow_set_list(c->set, slot->from) ? shape_item(shape_choices)
									 : shape_unknown;
	case SLOT_TEXT:
	case SLOT_EMAIL:
	case SLOT_PHONE:
		return (struct shape){.may_be = MAY_BE_TEXT};
	case SLOT_NUMBER:
	case SLOT_DATE:
	case SLOT_RATING:
		return (struct shape){.may_be = MAY_BE_NUMBER};
	case SLOT_YES_NO:
		return (struct shape){.may_be = MAY_BE_BOOL};
	case SLOT_PHOTOS:
		return (struct shape){.list = true};
	case SLOT_ANY:
	case SLOT_LIST:
	case N_SLOT_TYPES:
		break;
	}
	return shape_unknown;
}

static struct guess declared(const struct check *c, const struct slot *slot)
{
	struct shape shape = shape_of_type(c, slot);

	if (shape.may_be || shape.list)
		return (struct guess){GUESS_ONE, shape};
	if (slot->lent)
		return (struct guess){.state = GUESS_MIXED};
	return (struct guess){0};
}

static void fill(struct guesser *g, struct str name, struct shape shape)
{
	const struct slot *slot = flow_slot(g->flow, name);
	struct guess *guess;

	if (!slot || declared(g->c, slot).state != GUESS_NONE)
		return;
	guess = &g->guess[slot - g->flow->slot];
	if (guess->state == GUESS_NONE)
		*guess = (struct guess){GUESS_ONE, shape};
	else if (guess->state == GUESS_ONE && !same_shape(guess->shape, shape))
		guess->state = GUESS_MIXED;
}

static void fill_from(struct guesser *g, const struct binding *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (set[i].expr && !binding_forgets(&set[i]))
			fill(g, set[i].name, shape_of_expr(g, set[i].expr));
}

static void fill_by_step(struct guesser *g, const struct step *step)
{
	fill_from(g, step->set, step->n_set);
	for (size_t i = 0; i < step->n_branches; i++)
		fill_from(g, step->branch[i].set, step->branch[i].n_set);
	if (step->verb == VERB_CALL && step->save.n)
		fill(g, step->save, shape_of_answer(step->op));
	if (step->verb == VERB_CHOOSE)
		fill(g, step->into,
			step->many ? shape_of_expr(g, step->from)
				   : shape_item(shape_of_expr(g, step->from)));
	if (step->verb == VERB_ASK && step->into.n)
		fill(g, step->into, shape_unknown);
	for (size_t i = 0; i < step->n_gives; i++)
		fill(g, step->gives[i].name, shape_unknown);
	for (size_t i = 0; i < step->n_on; i++)
		for (size_t k = 0; k < step->on[i].n_items; k++)
			if (step->on[i].item[k].save.n)
				fill(g, step->on[i].item[k].save, shape_unknown);
}

struct shape shape_of_value(struct check *c, const struct expr *expr)
{
	struct guesser g = {.c = c,
		.flow = c->flow,
		.guess = arena_array(c->arena, struct guess, c->flow->n_slots + 1)};

	for (size_t i = 0; i < c->flow->n_slots; i++)
		g.guess[i] = (struct guess){GUESS_ONE, c->slot_shape[i]};
	return shape_of_expr(&g, expr);
}

const struct shape *slot_shapes(struct check *c, const struct flow *flow)
{
	struct guesser g = {.c = c,
		.flow = flow,
		.guess = arena_array(c->arena, struct guess, flow->n_slots + 1)};
	struct shape *shape = arena_array(c->arena, struct shape, flow->n_slots + 1);

	for (int round = 0; round < rounds; round++) {
		/* What was found in the round before stays; the rest is looked at again in its
		 * light. */
		for (size_t i = 0; i < flow->n_slots; i++)
			if (g.guess[i].state != GUESS_ONE || !g.guess[i].shape.field)
				g.guess[i] = declared(c, &flow->slot[i]);
		for (size_t i = 0; i < flow->n_steps; i++)
			fill_by_step(&g, &flow->step[i]);
	}
	for (size_t i = 0; i < flow->n_slots; i++)
		shape[i] = g.guess[i].state == GUESS_ONE ? g.guess[i].shape : shape_unknown;
	return shape;
}
