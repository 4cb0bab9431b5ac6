/* Slots that are read and never filled, or filled and never read.
 *
 *   F050  a slot that is read, and nothing ever fills it
 *   F051  a slot that is never read (a warning)
 */
#include "flows/flow_check.h"

struct use {
	const struct flow *flow;
	bool *filled, *read; /* by the slot's place in the flow */
};

static void mark(const struct use *use, bool *marks, struct str name)
{
	const struct slot *slot = flow_slot(use->flow, name);

	if (slot)
		marks[slot - use->flow->slot] = true;
}

static void mark_read(void *self, struct str name, struct str field)
{
	struct use *use = self;

	(void)field;
	mark(use, use->read, name);
}

/* "fact": "none" forgets a value; that fills nothing. */
static void fill(struct use *use, const struct binding *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!set[i].expr || !str_is(str_trim(expr_text(set[i].expr)), "none"))
			mark(use, use->filled, set[i].name);
}

static void look_at_step(struct use *use, const struct step *step, struct arena *arena)
{
	step_reads(step, arena, mark_read, use);
	for (size_t i = 0; i < step->n_shows; i++)
		mark(use, use->read, step->shows[i]);
	fill(use, step->set, step->n_set);
	mark(use, use->filled, step->into);
	mark(use, use->filled, step->save);
	for (size_t i = 0; i < step->n_gives; i++)
		mark(use, use->filled, step->gives[i].name);
	for (size_t i = 0; i < step->n_branches; i++)
		fill(use, step->branch[i].set, step->branch[i].n_set);
	for (size_t i = 0; i < step->n_on; i++)
		for (size_t k = 0; k < step->on[i].n_items; k++)
			mark(use, use->filled, step->on[i].item[k].save);
}

/* Whoever runs this flow may take its slots home with "gives". */
static void look_at_callers(struct use *use, const struct check *c)
{
	for (size_t i = 0; i < flow_set_count(c->set); i++) {
		const struct flow *caller = flow_set_at(c->set, i);

		for (size_t k = 0; k < caller->n_steps; k++)
			if (str_eq(caller->step[k].flow, use->flow->name))
				bindings_read(caller->step[k].gives, caller->step[k].n_gives,
					mark_read, use);
	}
}

/* Slots of the flows that the engine starts by name are read by it when the flow has ended. */
static bool engine_reads(const struct flow *flow, struct str slot)
{
	return engine_starts(flow->name) && (str_is(slot, "picked") || str_is(slot, "answer"));
}

static bool is_asked(const struct flow *flow, struct str slot)
{
	for (size_t i = 0; i < flow->n_steps; i++)
		if (str_eq(flow->step[i].into, slot))
			return true;
	return false;
}

const struct json *slot_place(const struct flow *flow, const struct slot *slot)
{
	const struct json *m = json_first(json_get(json_root(flow->doc), "slots"));

	for (; m; m = json_next(m))
		if (str_eq(json_key(m), slot->name))
			return m;
	for (size_t i = 0; i < flow->n_steps; i++)
		if (str_eq(flow->step[i].save, slot->name))
			return member(&flow->step[i], "save");
	return NULL;
}

void check_slots(struct check *c)
{
	struct use use = {
		.flow = c->flow,
		.filled = arena_array(c->arena, bool, c->flow->n_slots + 1),
		.read = arena_array(c->arena, bool, c->flow->n_slots + 1),
	};

	for (size_t i = 0; i < c->flow->n_steps; i++)
		look_at_step(&use, &c->flow->step[i], c->arena);
	look_at_callers(&use, c);
	for (size_t i = 0; i < c->flow->n_slots; i++) {
		const struct slot *slot = &c->flow->slot[i];

		for (size_t k = 0; k < slot->n_must; k++)
			if (slot->must[k])
				expr_names(slot->must[k], mark_read, &use);
		if (use.read[i] && !use.filled[i] && !slot->lent)
			found_key(c, slot_place(c->flow, slot), "F050",
				S("fill it: \'into\', \'save\', \'set\', \'gives\' or \"lent\""),
				"the slot '%.*s' is read, and nothing fills it", STR(slot->name));
		else if (!use.read[i] && !slot->lent && !engine_reads(c->flow, slot->name) &&
			 slot->is != SLOT_PHOTOS) /* a person sees them in the chat */
			warn_at(c, c->flow->doc,
				json_where_key(c->flow->doc, slot_place(c->flow, slot)), "F051",
				is_asked(c->flow, slot->name)
					? S("say it in a text, look at it in a condition, or "
					    "put it into the 'summary' of a hand-off")
					: S("leave it out"),
				"the slot '%.*s' is never read", STR(slot->name));
	}
}
