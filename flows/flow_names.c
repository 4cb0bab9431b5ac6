/* Names that do not exist.
 *
 *   F021  an unknown flow
 *   F022  an unknown intent
 *   F023  an unknown slot
 *   F024  an unknown name in a condition or a text
 *   F025  a field that the record does not have
 *   F026  an argument that the operation does not know
 *   F027  an argument that the operation needs
 *   F028  an unknown event
 *   F029  a slot lent to a flow that does not take it
 *   F030  an unknown list
 */
#include "flows/flow_check.h"

#include "flows/operation.h"

/* Names that could have been meant. */
struct names {
	struct arena *arena;
	struct str *name;
	size_t n;
};

static void add_name(struct names *names, struct str name)
{
	names->name = arena_grow(names->arena, names->name, names->n, struct str);
	names->name[names->n++] = name;
}

static void add_cstrs(struct names *names, const char *const *name)
{
	for (; name && *name; name++)
		add_name(names, str_of(*name));
}

static void add_slots(struct names *names, const struct flow *flow)
{
	for (size_t i = 0; i < flow->n_slots; i++)
		add_name(names, flow->slot[i].name);
}

static struct str nearest(struct check *c, struct str name, const struct names *names)
{
	return diag_nearest(c->arena, name, names->name, names->n);
}

/* A slot that was announced under another name is missed at every place. */
static bool is_told(struct check *c, struct str name)
{
	return missed_before(&c->missed, "name", name);
}

/* Flows and intents. */

static const struct flow *check_flow_name(struct check *c, const struct json *at, struct str name)
{
	const struct flow *flow = flow_set_find(c->set, name);
	struct names known = {c->arena};
	struct str hint;

	if (flow || missed_before(&c->missed_flows, "flow", name))
		return flow;
	for (size_t i = 0; i < flow_set_count(c->set); i++)
		add_name(&known, flow_set_at(c->set, i)->name);
	hint = nearest(c, name, &known);
	if (!hint.n && flow_step(c->flow, name))
		hint = arena_printf(c->arena,
			"a step of this flow is named without the arrow: \"%.*s\"", STR(name));
	found(c, at, "F021", hint, "unknown flow '%.*s'", STR(name));
	return NULL;
}

bool intent_exists(const struct check *c, struct str name)
{
	for (size_t i = 0; i < c->n_intents; i++)
		if (str_eq(c->intent[i], name))
			return true;
	return false;
}

static struct str nearest_intent(struct check *c, struct str name)
{
	return diag_nearest(c->arena, name, c->intent, c->n_intents);
}

static void check_starts(struct check *c)
{
	const struct json *list = json_get(json_root(c->flow->doc), "starts_on");

	for (const struct json *m = json_first(list); m; m = json_next(m)) {
		struct str intent = json_text(m);

		if (str_starts(intent, S("not ")))
			intent = str_trim(str_sub(intent, 4, intent.n));
		if (!intent_exists(c, intent))
			found(c, m, "F022", nearest_intent(c, intent), "unknown intent '%.*s'",
				STR(intent));
	}
}

/* Slots. */

static const struct slot *check_slot_name(struct check *c, const struct json *at, struct str name)
{
	const struct slot *slot = flow_slot(c->flow, name);
	struct names known = {c->arena};
	struct str hint;

	if (slot || is_told(c, name))
		return slot;
	add_slots(&known, c->flow);
	hint = nearest(c, name, &known);
	found(c, at, "F023", hint.n ? hint : S("every slot is announced under \"slots\""),
		"unknown slot '%.*s'", STR(name));
	return NULL;
}

static void check_slot_key(struct check *c, const struct binding *binding)
{
	struct names known = {c->arena};
	struct str hint;

	if (flow_slot(c->flow, binding->name) || is_told(c, binding->name))
		return;
	add_slots(&known, c->flow);
	hint = nearest(c, binding->name, &known);
	found_key(c, binding->at, "F023",
		hint.n ? hint : S("every slot is announced under \"slots\""), "unknown slot '%.*s'",
		STR(binding->name));
}

/* Conditions and texts. */

struct reading {
	struct check *c;
	const struct flow *flow; /* whose slots are in scope */
	const struct shape *slot_shape;
	bool of_item;      /* "show" of a choice: the fields of an item come first … */
	struct shape item; /* … if they are known; if not, any name may be one of them */
};

static void found_at(struct check *c, struct stretch at, const char *code, struct str hint,
	const char *what, struct str name)
{
	diag_add(c->diags, DIAG_ERROR, code, json_source(c->flow->doc), at.offset, at.length, hint,
		"%s '%.*s'", what, STR(name));
}

static void unknown_name(struct reading *r, struct str name, struct stretch at)
{
	struct names known = {r->c->arena};
	struct str hint;

	if (r->flow == r->c->flow && is_told(r->c, name))
		return;
	add_cstrs(&known, r->item.field);
	add_slots(&known, r->flow);
	add_cstrs(&known, builtin_variable);
	for (size_t i = 0; i < flow_set_n_lists(r->c->set); i++)
		add_name(&known, flow_set_list_name(r->c->set, i));
	hint = nearest(r->c, name, &known);
	found_at(r->c, at, "F024",
		hint.n ? hint : S("a slot, a named list, or me, now, message, recent_order …"),
		"unknown name", name);
}

static struct shape read_name(void *self, struct str name, struct stretch at)
{
	struct reading *r = self;
	const struct slot *slot = flow_slot(r->flow, name);
	struct shape shape;
	bool known;

	if (r->item.field && shape_has(r->item, name))
		return shape_of_field(r->item, name);
	if (slot)
		return r->slot_shape[slot - r->flow->slot];
	if (flow_set_list(r->c->set, name))
		return shape_choices;
	shape = shape_of_builtin(name, &known);
	if (!known && (!r->of_item || r->item.field))
		unknown_name(r, name, at);
	return shape;
}

static void no_field(void *self, struct str field, struct shape of, struct stretch at)
{
	struct reading *r = self;
	struct names known = {r->c->arena};

	if (of.list) {
		found_at(r->c, at, "F025", S("take one of it, as in orders[1] or first(orders)"),
			"a list has no field", field);
		return;
	}
	add_cstrs(&known, of.field);
	found_at(r->c, at, "F025", nearest(r->c, field, &known), "there is no field", field);
}

static struct reading reading_of(struct check *c)
{
	return (struct reading){.c = c, .flow = c->flow, .slot_shape = c->slot_shape};
}

static void compared(void *self, const struct comparison *comparison)
{
	const struct reading *r = self;

	check_comparison(r->c, r->flow, comparison);
}

static struct shape check_expr_in(struct reading *r, const struct expr *expr)
{
	struct expr_reader reader = {
		.name = read_name, .no_field = no_field, .compared = compared, .self = r};

	return expr_read(expr, &reader);
}

static struct shape check_expr(struct check *c, const struct expr *expr)
{
	struct reading r = reading_of(c);

	return check_expr_in(&r, expr);
}

static void filtered(void *self, struct shape what, struct str filter, struct stretch at)
{
	const struct reading *r = self;

	check_filter(r->c, what, filter, at);
}

static void check_text(struct check *c, const struct template *template)
{
	struct reading r = reading_of(c);
	struct expr_reader reader = {.name = read_name,
		.no_field = no_field,
		.compared = compared,
		.filtered = filtered,
		.self = &r};

	template_read(template, &reader);
}

static void check_show(struct check *c, const struct template *show, struct shape item)
{
	struct reading r = reading_of(c);
	struct expr_reader reader = {.name = read_name,
		.no_field = no_field,
		.compared = compared,
		.filtered = filtered,
		.self = &r};

	r.of_item = true;
	r.item = item;
	template_read(show, &reader);
}

/* Bindings. */

static void check_values(struct check *c, const struct binding *binding, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_expr(c, binding[i].expr);
}

/* Who the buyer is, is found out by the program; a flow can end that. */
static void check_forgets(struct check *c, const struct binding *buyer)
{
	if (!binding_forgets(buyer))
		found_key(c, buyer->at, "F023", S("\"buyer\": \"none\" ends the proof"),
			"'buyer' is set by the program; a flow can only forget it");
}

static void check_set(struct check *c, const struct binding *set, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct slot *slot = flow_slot(c->flow, set[i].name);

		if (str_is(set[i].name, "buyer"))
			check_forgets(c, &set[i]);
		else
			check_slot_key(c, &set[i]);
		if (slot)
			check_value(c, &set[i], c->slot_shape[slot - c->flow->slot]);
	}
	check_values(c, set, n);
}

static void check_lent(struct check *c, const struct flow *to, const struct binding *with, size_t n)
{
	check_values(c, with, n);
	for (size_t i = 0; to && i < n; i++) {
		const struct slot *slot = flow_slot(to, with[i].name);
		struct names known = {c->arena};

		if (slot && slot->lent)
			continue;
		for (size_t k = 0; k < to->n_slots; k++)
			if (to->slot[k].lent)
				add_name(&known, to->slot[k].name);
		if (slot)
			found_key(c, with[i].at, "F029", S("say \"lent\": true at the slot there"),
				"the flow '%.*s' does not let its slot '%.*s' be lent",
				STR(to->name), STR(with[i].name));
		else
			found_key(c, with[i].at, "F029", nearest(c, with[i].name, &known),
				"the flow '%.*s' has no slot '%.*s'", STR(to->name),
				STR(with[i].name));
	}
}

static void check_gives(struct check *c, const struct step *step, const struct flow *sub)
{
	struct reading r = {.c = c, .flow = sub};

	for (size_t i = 0; i < step->n_gives; i++)
		check_slot_key(c, &step->gives[i]);
	if (!sub)
		return;
	r.slot_shape = slot_shapes(c, sub);
	for (size_t i = 0; i < step->n_gives; i++)
		check_expr_in(&r, step->gives[i].expr);
}

static void check_target(struct check *c, const struct target *target)
{
	if (target->kind == TARGET_FLOW)
		check_lent(c, check_flow_name(c, target->at, target->name), target->with,
			target->n_with);
}

/* Operations and events. */

static bool takes(const struct operation *op, struct str name)
{
	for (const struct argument *a = op->argument; a->name; a++)
		if (str_is(name, a->name))
			return true;
	return false;
}

static void check_send(struct check *c, const struct step *step)
{
	struct names known = {c->arena};

	for (const struct argument *a = step->op->argument; a->name; a++) {
		bool sent = false;

		add_name(&known, str_of(a->name));
		for (size_t i = 0; i < step->n_send; i++)
			sent |= str_is(step->send[i].name, a->name);
		if (a->required && !sent)
			found(c, member(step, "call"), "F027", S("it belongs into 'send'"),
				"'%s' needs '%s'", step->op->name, a->name);
	}
	for (size_t i = 0; i < step->n_send; i++) {
		const char *const *word =
			closed_words(step->op->closed_argument, step->send[i].name);

		if (word)
			check_value(c, &step->send[i], (struct shape){.word = word});
		if (!takes(step->op, step->send[i].name))
			found_key(c, step->send[i].at, "F026",
				nearest(c, step->send[i].name, &known), "'%s' takes no '%.*s'",
				step->op->name, STR(step->send[i].name));
	}
	check_values(c, step->send, step->n_send);
}

static void check_event(struct check *c, const struct json *at, struct str name)
{
	static const char *const event[] = {
		"refund.updated", "order.updated", "return.updated", "call.settled", NULL};
	struct names known = {c->arena};
	struct str hint;

	add_cstrs(&known, event);
	for (size_t i = 0; i < known.n; i++)
		if (str_eq(known.name[i], name))
			return;
	hint = nearest(c, name, &known);
	found(c, at, "F028",
		hint.n ? hint
		       : S("refund.updated, order.updated, return.updated, call.settled, or a "
			   "time: 15m"),
		"unknown event '%.*s'", STR(name));
}

static void check_watch(struct check *c, const struct step *step)
{
	const struct json *at = member(step, "watch");

	check_expr(c, step->watch->of);
	if (step->watch->stop)
		return;
	check_event(c, json_get(at, "event"), step->watch->event);
	(void)check_flow_name(c, json_get(at, "starts"), step->watch->starts);
}

/* One step. */

static void check_question(struct check *c, const struct step *step)
{
	const struct json *shows = json_first(member(step, "shows"));

	if (step->into.n)
		(void)check_slot_name(c, member(step, "into"), step->into);
	for (size_t i = 0; i < step->n_shows; i++, shows = json_next(shows))
		(void)check_slot_name(c, shows, step->shows[i]);
	if (step->verb == VERB_CHOOSE)
		check_show(c, step->show, shape_item(check_expr(c, step->from)));
	if (step->fallback)
		check_expr(c, step->fallback);
}

static void check_said(struct check *c, const struct step *step)
{
	for (size_t i = 0; i < step->n_text; i++)
		check_text(c, step->text[i]);
	check_text(c, step->again);
	check_text(c, step->why);
	check_expr(c, step->card);
	for (size_t i = 0; i < step->n_offers; i++)
		check_text(c, step->offer[i].label);
	check_text(c, step->summary);
	check_text(c, step->only_once);
}

/* What else than an intent may be meant by a key of "on". */
static struct str hint_for_on(struct check *c, const struct step *step, struct str key)
{
	struct names known = {c->arena};

	for (size_t i = 0; i < c->n_intents; i++)
		add_name(&known, c->intent[i]);
	if (step->verb == VERB_CONFIRM)
		add_name(&known, S("no"));
	add_name(&known, S("no_match"));
	add_name(&known, S("no_reply 15m"));
	return nearest(c, key, &known);
}

static void check_reactions(struct check *c, const struct step *step, const struct on *on)
{
	if ((on->kind == ON_INTENT || on->kind == ON_NOT_INTENT) && !intent_exists(c, on->key))
		found_key(c, on->at, "F022", hint_for_on(c, step, on->key), "unknown intent '%.*s'",
			STR(on->key));
	for (size_t i = 0; i < on->n_items; i++) {
		check_text(c, on->item[i].say);
		if (on->item[i].save.n)
			(void)check_slot_name(
				c, json_get(on->item[i].at, "save"), on->item[i].save);
	}
}

static void check_subflow(struct check *c, const struct step *step)
{
	const struct flow *sub =
		check_flow_name(c, member(step, verb_name[step->verb]), step->flow);

	check_lent(c, sub, step->with, step->n_with);
	check_gives(c, step, sub);
}

static void check_step(struct check *c, const struct step *step)
{
	struct edges edges = step_edges(step, c->arena);

	check_said(c, step);
	check_question(c, step);
	check_set(c, step->set, step->n_set);
	check_values(c, step->note_with, step->n_note_with);
	for (size_t i = 0; i < step->n_branches; i++) {
		check_expr(c, step->branch[i].when);
		check_set(c, step->branch[i].set, step->branch[i].n_set);
	}
	if (step->verb == VERB_CALL)
		check_send(c, step);
	if (step->verb == VERB_RUN)
		check_subflow(c, step);
	if (step->watch)
		check_watch(c, step);
	if (step->wait_event.n)
		check_event(c, member(step, "wait"), step->wait_event);
	for (size_t i = 0; i < step->n_on; i++)
		check_reactions(c, step, &step->on[i]);
	for (size_t i = 0; i < edges.n; i++)
		check_target(c, &edges.edge[i].target);
}

static void check_slot(struct check *c, const struct slot *slot)
{
	struct names known = {c->arena};

	for (size_t i = 0; i < slot->n_must; i++)
		check_expr(c, slot->must[i]);
	if (flow_set_list(c->set, slot->name))
		found_key(c, slot_place(c->flow, slot), "F015",
			S("in this flow the name would only mean the slot"),
			"there is a list '%.*s' already", STR(slot->name));
	if (!slot->from.n || flow_set_list(c->set, slot->from) || is_told(c, slot->from))
		return;
	for (size_t i = 0; i < flow_set_n_lists(c->set); i++)
		add_name(&known, flow_set_list_name(c->set, i));
	found(c, json_get(slot_place(c->flow, slot), "from"), "F030",
		nearest(c, slot->from, &known), "unknown list '%.*s'", STR(slot->from));
}

void check_names(struct check *c)
{
	check_starts(c);
	for (size_t i = 0; i < c->flow->n_slots; i++)
		check_slot(c, &c->flow->slot[i]);
	for (size_t i = 0; i < c->flow->n_steps; i++)
		check_step(c, &c->flow->step[i]);
}
