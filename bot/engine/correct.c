/* "No, the other one": a value that was shown is changed, what was computed from it is forgotten,
 * and the flow goes on from where it was asked, without asking again what is still known. */
#include "bot/engine/turn.h"

static const struct str nothing = {"", 0};

struct cleared {
	struct str name[32];
	size_t n;
	bool hit;
};

static bool is_cleared(const struct cleared *c, struct str name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->name[i], name))
			return true;
	return false;
}

static void note_hit(void *self, struct str name, struct str field)
{
	struct cleared *c = self;

	(void)field;
	c->hit |= is_cleared(c, name);
}

/* Whether the slot was computed by its step from something that is forgotten. */
static bool depends(const struct frame *f, const struct slot_value *v, struct cleared *c)
{
	const struct step *step = &f->flow->step[v->step];

	c->hit = false;
	if (v->origin == ORIGIN_CALL)
		for (size_t i = 0; i < step->n_send; i++)
			expr_names(step->send[i].expr, note_hit, c);
	else if (v->origin == ORIGIN_SET)
		for (size_t i = 0; i < step->n_set; i++)
			if (str_eq(step->set[i].name, v->name))
				expr_names(step->set[i].expr, note_hit, c);
	return c->hit;
}

static void forget_computed(struct frame *f, struct str name)
{
	struct cleared c = {{name}, 1, false};

	for (bool again = true; again && c.n < 32;) {
		again = false;
		for (size_t i = 0; i < f->n_slots; i++) {
			struct slot_value *v = &f->slot[i];

			if (v->step >= f->flow->n_steps || is_cleared(&c, v->name) ||
				!depends(f, v, &c))
				continue;
			c.name[c.n++] = v->name;
			clear_slot(f, v->name);
			again = true;
			break;
		}
	}
}

/* The question that a shown slot is asked at, as it would stand on screen now. */
static bool question_at(struct turn_state *t, const struct frame *f, const struct slot *slot,
	struct frame *at, struct question *q)
{
	const struct step *step = slot ? flow_step(f->flow, slot->ask_at) : NULL;

	if (!step)
		return false;
	*at = *f;
	at->step = step->index;
	at->step_name = step->name;
	*q = question_of(t, at);
	return true;
}

static const struct value *list_of_one(struct turn_state *t, const struct value *item)
{
	struct value_builder b = value_build(t->arena);

	value_push(&b, item);
	return value_list(&b);
}

static const struct value *named_value(struct turn_state *t, const struct frame *at,
	const struct question *q, const struct reading *reading)
{
	size_t *index = arena_array(t->arena, size_t, q->n + 1), n = 0;
	const struct value *now = get_slot(at, step_of(at)->into);

	if (!q->n_items)
		return NULL;
	switch (answer_pick(model_intents(t->model), reading, q->option, q->n_items, index, &n)) {
	case PICK_ONE:
		return step_of(at)->many ? list_of_one(t, q->item[index[0]]) : q->item[index[0]];
	case PICK_OTHER:
		if (q->n_items == 2 && now)
			return q->item[value_eq(now, q->item[0]) ? 1 : 0];
		return NULL;
	default:
		return NULL;
	}
}

static void resume_after(
	struct turn_state *t, struct frame *f, const struct slot *slot, const struct value *value)
{
	const struct step *asked = flow_step(f->flow, slot->ask_at);
	const struct value *old = get_slot(f, slot->name);
	struct str was = old ? shown(t, old) : nothing;

	t->trace.corrected = slot->name;
	t->trace.corrected_from = was;
	t->trace.corrected_to = shown(t, value);
	f->step = asked->index;
	f->step_name = asked->name;
	set_slot(t, f, slot->name, value, ORIGIN_BUYER);
	forget_computed(f, slot->name);
	f->wait = WAIT_NONE;
	f->replaying = true;
	take(t, f, &asked->then, "then", nothing);
	if (repair(t, "repair/corrected", "what", value))
		lend(t, top(t), "old", value_text(t->arena, was));
}

static void ask_anew(struct turn_state *t, struct frame *f, const struct slot *slot)
{
	const struct step *asked = flow_step(f->flow, slot->ask_at);
	const struct value *now = get_slot(f, slot->name);

	t->trace.corrected = slot->name;
	t->trace.corrected_from = now ? shown(t, now) : nothing;
	clear_slot(f, slot->name);
	forget_computed(f, slot->name);
	f->step = asked->index;
	f->step_name = asked->name;
	f->wait = WAIT_NONE;
	f->replaying = true;
	t->question_frame = 0; /* what it was made of is forgotten */
	add_visit(t, f, f->step_name, "corrected", nothing);
}

/* Which of the shown values is meant when none is named: the one whose name is said, else the
 * order. */
static const struct slot *meant_slot(const struct frame *f, const struct reading *reading)
{
	const struct step *step = step_of(f);
	const struct slot *found = NULL;

	for (size_t i = 0; i < step->n_shows; i++) {
		const struct slot *slot = flow_slot(f->flow, step->shows[i]);

		if (!slot || !flow_step(f->flow, slot->ask_at))
			continue;
		if (str_find(reading->text, slot->name) >= 0)
			return slot;
		if (!found || (slot->is == SLOT_ORDER && found->is != SLOT_ORDER))
			found = slot;
	}
	return found;
}

bool correct(struct turn_state *t, struct frame *f, const struct reading *reading, bool said_no)
{
	const struct step *step = step_of(f);
	const struct slot *slot;
	struct question q;
	struct frame at;

	t->trace.level = LEVEL_CORRECTION;
	for (size_t i = 0; i < step->n_shows; i++) {
		const struct value *value;

		slot = flow_slot(f->flow, step->shows[i]);
		if (!question_at(t, f, slot, &at, &q))
			continue;
		value = named_value(t, &at, &q, reading);
		if (value &&
			!(get_slot(f, slot->name) && value_eq(value, get_slot(f, slot->name)))) {
			resume_after(t, f, slot, value);
			return true;
		}
	}
	slot = meant_slot(f, reading);
	if (!said_no && !answer_corrects(model_intents(t->model), reading))
		return false;
	if (!slot || !question_at(t, f, slot, &at, &q))
		return false;
	if (f->committed || (step_of(&at)->verb == VERB_CHOOSE && q.n_items < 2)) {
		if (!repair(t, "repair/cannot_correct", "what", get_slot(f, slot->name)))
			ask_again(t, f);
		return true;
	}
	ask_anew(t, f, slot);
	return true;
}
