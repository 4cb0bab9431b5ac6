/* What fills a slot must be what the slot holds.
 *
 *   F039  a slot that is filled with something that it does not hold, or never can be filled there
 */
#include "flows/flow_check.h"

/* What comes: of a list what its items are. */
struct filling {
	const char *what; /* "the order that was picked" */
	bool list, text;  /* else a record … */
	bool order;       /* … an order; */
	bool known;       /* that it is one, or that it is none */
};

static bool is_order(struct shape shape)
{
	return shape.field && shape_has(shape, S("first_item"));
}

static bool holds(enum slot_type type, const struct filling *filling)
{
	switch (type) {
	case SLOT_ANY:
		return true;
	case SLOT_TEXT:
		return filling->text;
	case SLOT_LIST:
		return filling->list;
	case SLOT_ORDER:
		return !filling->list && (filling->text || filling->order || !filling->known);
	case SLOT_CHOICE:
		return !filling->list && !filling->text;
	case SLOT_NUMBER:
	case SLOT_EMAIL:
	case SLOT_PHONE:
	case SLOT_DATE:
	case SLOT_MONEY:
	case SLOT_RATING:
	case SLOT_YES_NO:
	case SLOT_PHOTOS:
	case N_SLOT_TYPES:
		break;
	}
	return false;
}

static const char *right_type(const struct filling *filling)
{
	if (filling->text)
		return "say \"is\": \"text\" at the slot";
	if (filling->list)
		return "say \"is\": \"list\" at the slot";
	return filling->order ? "say \"is\": \"order\" at the slot"
			      : "say \"is\": \"choice\" at the slot, or \"any\"";
}

static void check_fits(
	struct check *c, const struct json *at, struct str name, const struct filling *filling)
{
	const struct slot *slot = flow_slot(c->flow, name);

	if (!slot || holds(slot->is, filling))
		return;
	found(c, at, "F039", str_of(right_type(filling)),
		"%s does not go into '%.*s', whose type is '%s'", filling->what, STR(name),
		slot_type_name[slot->is]);
}

/* An answer in words is read by the slot's type; two types are never read. */
static void check_ask(struct check *c, const struct step *step)
{
	const struct slot *slot = flow_slot(c->flow, step->into);

	if (slot && (slot->is == SLOT_CHOICE || slot->is == SLOT_LIST))
		found(c, member(step, "into"), "F039",
			S("let the buyer pick: \"choose\", with \"from\""),
			"an 'ask' never fills '%.*s', whose type is '%s'", STR(slot->name),
			slot_type_name[slot->is]);
}

static void check_list_of_slot(struct check *c, const struct step *step)
{
	const struct slot *slot = flow_slot(c->flow, step->into);
	struct str from = step->from ? str_trim(expr_text(step->from)) : S("");

	if (!slot || !slot->from.n || !from.n || flow_slot(c->flow, from) ||
		!flow_set_list(c->set, from) || !flow_set_list(c->set, slot->from) ||
		str_eq(from, slot->from))
		return;
	found(c, member(step, "from"), "F039",
		arena_printf(c->arena, "one of the two: \"from\": \"%.*s\"", STR(slot->from)),
		"'%.*s' holds a choice of the list '%.*s', not of '%.*s'", STR(slot->name),
		STR(slot->from), STR(from));
}

static void check_choose(struct check *c, const struct step *step, struct shape from)
{
	struct filling filling = {
		.what = "what is picked",
		.list = step->many,
		.order = is_order(from),
		.known = from.field != NULL,
	};

	if ((from.field || from.may_be) && !from.list) {
		found(c, member(step, "from"), "F039",
			S("a list: what orders.list gave, order.items, a named list"),
			"there is nothing to choose from: this is no list");
		return;
	}
	check_fits(c, member(step, "into"), step->into, &filling);
	check_list_of_slot(c, step);
}

static void check_save(struct check *c, const struct step *step)
{
	struct filling filling = {.what = "the answer",
		.list = step->op->gives_list,
		.order = is_order((struct shape){.field = step->op->gives}),
		.known = true};

	if (step->save.n)
		check_fits(c, member(step, "save"), step->save, &filling);
}

static void check_kept_message(struct check *c, const struct on *on)
{
	static const struct filling message = {.what = "a message", .text = true};

	for (size_t i = 0; i < on->n_items; i++)
		if (on->item[i].save.n)
			check_fits(c, json_get(on->item[i].at, "save"), on->item[i].save, &message);
}

/* A correction goes back to the question that fills the slot, not to another one. */
static void check_ask_at(struct check *c, const struct slot *slot)
{
	const struct step *ask_at = flow_step(c->flow, slot->ask_at), *asks = NULL;

	for (size_t i = 0; i < c->flow->n_steps; i++)
		if (str_eq(c->flow->step[i].into, slot->name))
			asks = &c->flow->step[i];
	if (!ask_at || !asks || !ask_at->into.n || str_eq(ask_at->into, slot->name))
		return;
	found(c, json_get(slot_place(c->flow, slot), "ask_at"), "F039",
		arena_printf(c->arena, "did you mean '%.*s'?", STR(asks->name)),
		"the step '%.*s' asks for '%.*s', not for '%.*s'", STR(ask_at->name),
		STR(ask_at->into), STR(slot->name));
}

void check_fills(struct check *c)
{
	for (size_t i = 0; i < c->flow->n_slots; i++)
		check_ask_at(c, &c->flow->slot[i]);
	for (size_t i = 0; i < c->flow->n_steps; i++) {
		const struct step *step = &c->flow->step[i];

		if (step->verb == VERB_ASK)
			check_ask(c, step);
		if (step->verb == VERB_CHOOSE)
			check_choose(c, step, shape_of_value(c, step->from));
		if (step->verb == VERB_CALL)
			check_save(c, step);
		for (size_t k = 0; k < step->n_on; k++)
			check_kept_message(c, &step->on[k]);
	}
}
