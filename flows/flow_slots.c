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
		if (!binding_forgets(&set[i]))
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

/* What is filled and never read, and so may be the same under another name. */
static struct str nearest_unread(struct check *c, const struct use *use, struct str name)
{
	struct str *unread = arena_array(c->arena, struct str, use->flow->n_slots + 1);
	size_t n = 0;

	for (size_t i = 0; i < use->flow->n_slots; i++)
		if (use->filled[i] && !use->read[i])
			unread[n++] = use->flow->slot[i].name;
	return diag_nearest(c->arena, name, unread, n);
}

static void never_filled(struct check *c, const struct use *use, const struct slot *slot)
{
	struct str hint = nearest_unread(c, use, slot->name);

	found_key(c, slot_place(c->flow, slot), "F050",
		hint.n ? hint : S("fill it: 'into', 'save', 'set', 'gives' or \"lent\""),
		"the slot '%.*s' is read, and nothing fills it", STR(slot->name));
}

static void never_read(struct check *c, const struct slot *slot)
{
	warn_at(c, c->flow->doc, json_where_key(c->flow->doc, slot_place(c->flow, slot)), "F051",
		is_asked(c->flow, slot->name)
			? S("say it in a text, look at it in a condition, or put it into the "
			    "'summary' of a hand-off")
			: S("leave it out"),
		"the slot '%.*s' is never read", STR(slot->name));
}

/* Read, or for somebody else: a person sees photos in the chat. */
static bool may_be_unread(const struct use *use, const struct slot *slot)
{
	return use->read[slot - use->flow->slot] || slot->lent || slot->is == SLOT_PHOTOS ||
	       engine_reads(use->flow, slot->name);
}

void check_slots(struct check *c)
{
	size_t n = c->flow->n_slots, n_errors = c->diags->n_errors;
	struct use use = {
		.flow = c->flow,
		.filled = arena_array(c->arena, bool, n + 1),
		.read = arena_array(c->arena, bool, n + 1),
	};

	for (size_t i = 0; i < c->flow->n_steps; i++)
		look_at_step(&use, &c->flow->step[i], c->arena);
	look_at_callers(&use, c);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < c->flow->slot[i].n_must; k++)
			if (c->flow->slot[i].must[k])
				expr_names(c->flow->slot[i].must[k], mark_read, &use);
	for (size_t i = 0; i < n; i++)
		if (use.read[i] && !use.filled[i] && !c->flow->slot[i].lent)
			never_filled(c, &use, &c->flow->slot[i]);
	/* What is never read may be what was to be filled. */
	for (size_t i = 0; i < n && c->diags->n_errors == n_errors; i++)
		if (!may_be_unread(&use, &c->flow->slot[i]))
			never_read(c, &c->flow->slot[i]);
}
