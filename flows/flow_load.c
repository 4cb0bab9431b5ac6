/* One file becomes a flow.  Everything is read the same way: take a member, say what is wrong with
 * it if it is not what it should be, go on.  The findings, also those of loader.c, load_on.c and
 * load_step.c:
 *
 *   F002  an unknown key
 *   F003  something of the wrong type
 *   F004  something that must be there is not
 *   F005  a step without a verb
 *   F006  a step with two verbs
 *   F007  a key that this verb does not take
 *   F008  a name that cannot be one
 *   F009  a time that cannot be read
 *   F010  a target that cannot be one
 *   F011  an unknown word where only a few can stand
 *   F012  a step that does not exist
 *   F013  an operation that does not exist
 *   F014  an "on" key that this verb never meets
 *   F016  something empty
 *   F017  "moves" from a version that is not an older one
 *   F019  more than a flow can hold
 *   F046  a reaction that is never used, because the one before it leaves
 */
#include "flows/loader.h"
#include "flows/operation.h"

/* Slots. */

static bool is_builtin(struct str name)
{
	for (const char *const *known = builtin_variable; *known; known++)
		if (str_is(name, *known))
			return true;
	return false;
}

/* Who the buyer is: no flow may say so, or every check of it would be worth nothing. */
static bool is_proof(struct str name)
{
	return str_is(name, "me") || str_is(name, "buyer");
}

/* What the engine lends a repair flow may be called like what it sets anyway ("misses"). */
static void check_slot_name(struct loader *l, const struct json *at, struct str name, bool lent)
{
	static const char *const words[] = {
		"or", "and", "not", "is", "in", "set", "true", "false", "none"};

	if (!name_is_good(name, false))
		wrong_key(l, at, "F008", S(name_rule), "'%.*s' cannot be a name", STR(name));
	else if (is_one_of(name, words, sizeof(words) / sizeof(*words)))
		wrong_key(l, at, "F008", S("it is a word of conditions"),
			"a slot cannot be called '%.*s'", STR(name));
	else if (is_builtin(name) && (!lent || is_proof(name)))
		wrong_key(l, at, "F008", S("it can be read without a slot"),
			"'%.*s' is set by the program, not by flows", STR(name));
}

static void read_must(struct loader *l, const struct json *node, struct slot *slot)
{
	const struct expr **must;

	if (!want(l, node, JSON_ARRAY))
		return;
	slot->must = must = arena_array(l->arena, const struct expr *, json_count(node) + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		must[slot->n_must++] = read_expr(l, m);
}

static void read_slot(struct loader *l, const struct json *node, struct slot *slot)
{
	const struct json *m;
	int type;

	slot->name = json_key(node);
	check_slot_name(l, node, slot->name, json_bool(json_get(node, "lent")));
	if (!want(l, node, JSON_OBJECT))
		return;
	CHECK_KEYS(l, node, "is", "ask_at", "must", "optional", "private", "from", "lent");
	if ((m = json_get(node, "is"))) {
		type = read_word(l, m, slot_type_name, N_SLOT_TYPES);
		slot->is = type < 0 ? SLOT_ANY : (enum slot_type)type;
	}
	if ((m = json_get(node, "ask_at")))
		slot->ask_at = read_name(l, m, false);
	if ((m = json_get(node, "from")))
		slot->from = read_name(l, m, false);
	if ((m = json_get(node, "must")))
		read_must(l, m, slot);
	if ((m = json_get(node, "optional")))
		slot->optional = read_bool(l, m);
	if ((m = json_get(node, "private")))
		slot->private = read_bool(l, m);
	if ((m = json_get(node, "lent")))
		slot->lent = read_bool(l, m);
}

/* Where the answer of a call is saved is a slot, whether it was announced or not. */
static void add_saved_slots(struct loader *l)
{
	for (size_t i = 0; i < l->flow->n_steps; i++) {
		const struct step *step = &l->step[i];

		if (step->verb != VERB_CALL || !step->save.n || flow_slot(l->flow, step->save))
			continue;
		check_slot_name(l, json_get(step->at, "save"), step->save, false);
		l->slot[l->flow->n_slots++] = (struct slot){.name = step->save};
	}
}

static void read_slots(struct loader *l, const struct json *node, size_t n_steps)
{
	size_t n = node && json_is(node, JSON_OBJECT) ? json_count(node) : 0;

	l->flow->slot = l->slot = arena_array(l->arena, struct slot, n + n_steps + 1);
	if (!node || !want(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_slot(l, m, &l->slot[l->flow->n_slots++]);
}

/* The flow's own members. */

static const struct str *read_texts_of(struct loader *l, const struct json *node, size_t *n)
{
	struct str *text;

	*n = 0;
	if (!want(l, node, JSON_ARRAY))
		return NULL;
	text = arena_array(l->arena, struct str, json_count(node) + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		text[(*n)++] = read_text(l, m);
	return text;
}

static void read_while_open(struct loader *l, const struct json *node)
{
	static const char *const questions[] = {"answer_then_return", "refuse"};
	static const char *const tasks[] = {"ask_first", "switch"};
	const struct json *m;

	if (!want(l, node, JSON_OBJECT))
		return;
	CHECK_KEYS(l, node, "questions", "other_tasks");
	if ((m = json_get(node, "questions")) && read_word(l, m, questions, 2) == 1)
		l->flow->questions = OPEN_REFUSE;
	if ((m = json_get(node, "other_tasks")) && read_word(l, m, tasks, 2) == 1)
		l->flow->other_tasks = OPEN_SWITCH;
}

static void read_version(struct loader *l, const struct json *node)
{
	int64_t version;

	l->flow->version = 1;
	if (!node || !want(l, node, JSON_NUMBER))
		return;
	if (!json_int(node, &version) || version < 1 || version > 1000000)
		wrong(l, node, "F003", S(""), "'version' must be a whole number from 1 on");
	else
		l->flow->version = (unsigned)version;
}

static void read_heading(struct loader *l, const struct json *root)
{
	static const char *const kinds[] = {"task", "info", "anytime", "repair"};
	const struct json *m;
	int kind = 0;

	l->flow->name = read_name(l, json_get(root, "flow"), true);
	if ((m = json_get(root, "kind")))
		kind = read_word(l, m, kinds, 4);
	l->flow->kind = kind < 0 ? FLOW_TASK : (enum flow_kind)kind;
	read_version(l, json_get(root, "version"));
	if ((m = json_get(root, "title")))
		l->flow->title = read_text(l, m);
	else if (l->flow->kind == FLOW_TASK || l->flow->kind == FLOW_INFO)
		wrong(l, json_get(root, "flow"), "F004",
			S("as in \"Cancel an order\"; buyers read it"), "this flow has no 'title'");
	if ((m = json_get(root, "about")))
		l->flow->about = read_text(l, m);
	if ((m = json_get(root, "starts_on")))
		l->flow->starts_on = read_texts_of(l, m, &l->flow->n_starts_on);
	if ((m = json_get(root, "while_open")))
		read_while_open(l, m);
}

/* Looking up the steps that were named. */

static struct str nearest_step(struct loader *l, struct str name)
{
	struct str *known = arena_array(l->arena, struct str, l->flow->n_steps + 1);

	for (size_t i = 0; i < l->flow->n_steps; i++)
		known[i] = l->step[i].name;
	return diag_nearest(l->arena, name, known, l->flow->n_steps);
}

/* @otherwise: the hint when no step is called nearly so. */
static const struct step *find_step(
	struct loader *l, const struct json *node, struct str name, struct str otherwise)
{
	const struct step *step = flow_step(l->flow, name);
	struct str hint;

	if (step)
		return step;
	hint = nearest_step(l, name);
	wrong(l, node, "F012", hint.n ? hint : otherwise, "unknown step '%.*s'", STR(name));
	return NULL;
}

static void find_targets(struct loader *l)
{
	for (size_t i = 0; i < l->n_targets; i++) {
		struct str name = l->target[i]->name;
		const struct step *step = find_step(l, l->target[i]->at, name,
			arena_printf(l->arena, "if another flow is meant, write \"-> %.*s\"",
				STR(name)));

		if (step)
			l->target[i]->step = step->index;
	}
	for (size_t i = 0; i < l->n_said; i++) {
		struct str text = json_text(l->said[i]);

		if (is_reserved_target(text) || flow_step(l->flow, text))
			wrong(l, l->said[i], "F010",
				arena_printf(l->arena, "write {\"then\": \"%.*s\"}", STR(text)),
				"in a list a text is said, and '%.*s' is a place to go to",
				STR(text));
	}
}

static void find_first(struct loader *l, const struct json *root)
{
	const struct json *first = json_get(root, "first");
	const struct step *step;

	if (!first) {
		wrong(l, json_get(root, "flow"), "F004",
			S("the name of the step that it begins with"), "this flow has no 'first'");
		return;
	}
	if (!want(l, first, JSON_TEXT))
		return;
	step = find_step(l, first, json_text(first), S(""));
	if (step)
		l->flow->first = step->index;
}

static void find_ask_at(struct loader *l, const struct json *slots)
{
	for (const struct json *m = json_first(slots); m; m = json_next(m)) {
		const struct json *ask_at = json_get(m, "ask_at");

		if (json_is(ask_at, JSON_TEXT))
			(void)find_step(l, ask_at, json_text(ask_at), S(""));
	}
}

/* Where chats on older versions go on. */

static void add_restart(struct loader *l, const struct json *node, unsigned version)
{
	unsigned *restart = (unsigned *)l->flow->restart;

	if (!str_is(json_text(node), "restart")) {
		wrong(l, node, "F011", S("\"restart\", or {\"old step\": \"new step\"}"),
			"unknown word '%.*s'", STR(json_text(node)));
		return;
	}
	restart = arena_grow(l->arena, restart, l->flow->n_restart, unsigned);
	restart[l->flow->n_restart++] = version;
	l->flow->restart = restart;
}

static void add_moves(struct loader *l, const struct json *node, unsigned version)
{
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct move *move = arena_grow(
			l->arena, (struct move *)l->flow->move, l->flow->n_moves, struct move);

		l->flow->move = move;
		move[l->flow->n_moves] = (struct move){.version = version, .from = json_key(m)};
		move[l->flow->n_moves++].to = read_name(l, m, false);
		if (json_is(m, JSON_TEXT))
			(void)find_step(l, m, json_text(m), S(""));
	}
}

static void read_moves(struct loader *l, const struct json *node)
{
	int64_t version;

	if (!want(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (!str_int(json_key(m), &version) || version < 1 || version >= l->flow->version) {
			wrong_key(l, m, "F017",
				arena_printf(l->arena, "this is version %u", l->flow->version),
				"'%.*s' is no older version of this flow", STR(json_key(m)));
			continue;
		}
		if (json_is(m, JSON_TEXT))
			add_restart(l, m, (unsigned)version);
		else if (want(l, m, JSON_OBJECT))
			add_moves(l, m, (unsigned)version);
	}
}

const struct flow *flow_load(const struct json_doc *doc, struct arena *arena, struct diags *diags)
{
	struct loader l = {.doc = doc, .arena = arena, .diags = diags};
	const struct json *root = json_root(doc), *steps = json_get(root, "steps");

	l.flow = arena_new_of(arena, struct flow);
	l.flow->doc = doc;
	CHECK_KEYS(&l, root, "flow", "kind", "version", "title", "about", "starts_on", "first",
		"slots", "steps", "while_open", "moves", "$schema");
	read_heading(&l, root);
	if (!steps) {
		wrong(&l, json_get(root, "flow"), "F004", S(""), "this flow has no 'steps'");
		return NULL;
	}
	read_slots(&l, json_get(root, "slots"), json_count(steps));
	read_steps(&l, steps);
	if (!l.flow->n_steps)
		return NULL;
	add_saved_slots(&l);
	if (l.flow->n_slots > max_slots)
		wrong_key(&l, json_get(root, "slots") ? json_get(root, "slots") : steps, "F019",
			S("make two flows of it"), "a flow has at most %d slots", max_slots);
	find_first(&l, root);
	find_targets(&l);
	find_ask_at(&l, json_get(root, "slots"));
	if (json_get(root, "moves"))
		read_moves(&l, json_get(root, "moves"));
	return l.flow;
}
