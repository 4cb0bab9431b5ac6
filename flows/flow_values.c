/* Comparing a value with what it can never be: it is never true, and nobody sees why.
 *
 *   F036  a choice that its list does not have (a warning)
 *   F037  a word that is none of the few that the field or argument may hold
 *   F038  a value of another type
 *   F047  a filter that is not made for such a value
 */
#include "flows/flow_check.h"

static struct str nearest_or_all(struct check *c, struct str text, const struct str *word, size_t n)
{
	struct str hint = diag_nearest(c->arena, text, word, n);

	for (size_t i = 0; i < n && !hint.n; i++)
		if (str_eq_nocase(word[i], text))
			hint = arena_printf(c->arena, "did you mean '%.*s'?", STR(word[i]));
	return hint.n ? hint : diag_one_of(c->arena, word, n);
}

static bool is_among(struct str text, const struct str *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word[i], text))
			return true;
	return false;
}

static void found_value(
	struct check *c, struct stretch at, const char *code, struct str hint, struct str message)
{
	diag_add(c->diags, DIAG_ERROR, code, json_source(c->flow->doc), at.offset, at.length, hint,
		"%.*s", STR(message));
}

/* The named list that a slot is picked from: the slot says it, or the one question that fills it.
 */
static struct str list_of(struct check *c, const struct flow *flow, const struct slot *slot)
{
	struct str list = slot->from;
	unsigned n = 0;

	if (list.n || slot->lent)
		return list;
	for (size_t i = 0; i < flow->n_steps; i++) {
		const struct step *step = &flow->step[i];

		if (!str_eq(step->into, slot->name) && !str_eq(step->save, slot->name))
			continue;
		n++;
		list = step->verb == VERB_CHOOSE && step->from && !step->many
			       ? str_trim(expr_text(step->from))
			       : S("");
	}
	return n == 1 && !flow_slot(flow, list) && flow_set_list(c->set, list) ? list : S("");
}

/* A slot that is picked from a named list: "reason is 'late'". */
static void check_choice(
	struct check *c, const struct flow *flow, const struct comparison *comparison)
{
	const struct slot *slot = flow_slot(flow, comparison->name);
	struct str name = slot ? list_of(c, flow, slot) : S("");
	const struct value *list = name.n ? flow_set_list(c->set, name) : NULL;
	bool label = str_is(comparison->field, "label");
	struct str text = value_text_of(comparison->literal), *known, hint;
	size_t n = value_count(list ? list : &value_none);

	if (!n || (comparison->field.n && !str_is(comparison->field, "id") && !label))
		return;
	known = arena_array(c->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		known[i] = value_get_text(value_at(list, i), label ? "label" : "id");
	if (is_among(text, known, n))
		return;
	hint = diag_nearest(c->arena, text, known, n);
	if (!hint.n)
		hint = label ? diag_one_of(c->arena, known, n)
			     : S("it is compared by its id, not by its label");
	warn_at(c, c->flow->doc, comparison->at, "F036", hint,
		"the list '%.*s' has no choice '%.*s'", STR(name), STR(text));
}

static void check_word(struct check *c, const char *const *word, struct str name, struct str text,
	struct stretch at)
{
	struct str *known;
	size_t n = 0;

	while (word[n])
		n++;
	known = arena_array(c->arena, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		known[i] = str_of(word[i]);
	if (is_among(text, known, n))
		return;
	found_value(c, at, "F037", nearest_or_all(c, text, known, n),
		name.n ? arena_printf(c->arena, "'%.*s' is never '%.*s'", STR(name), STR(text))
		       : arena_printf(c->arena, "this is never '%.*s'", STR(text)));
}

/* Types. */

static const char *type_of_literal(const struct value *literal)
{
	switch (literal->type) {
	case VALUE_BOOL:
		return "true or false";
	case VALUE_INT:
		return "a number";
	default:
		return "a text";
	}
}

/* What it is, and what would be right; NULL: it may well be what is written there. */
static const char *never(const struct comparison *comparison, const char **hint)
{
	const struct value *literal = comparison->literal;
	struct shape with = comparison->with;
	int64_t number;

	if (literal->type == VALUE_NONE)
		return NULL;
	if (with.list) {
		*hint = literal->type == VALUE_INT ? "as in count(x) = 0" : "as in has(x, \"a\")";
		return "a list";
	}
	if (shape_is_money(with)) {
		*hint = "as in money(\"50.00 USD\")";
		return "an amount of money";
	}
	if (with.may_be == MAY_BE_BOOL && literal->type != VALUE_BOOL) {
		*hint = "true and false stand without quotes";
		return "true or false";
	}
	if (with.may_be == MAY_BE_NUMBER &&
		(literal->type == VALUE_BOOL ||
			(literal->type == VALUE_TEXT && !str_int(literal->text, &number)))) {
		*hint = "a number, or a time: now - days(30)";
		return "a number or a time";
	}
	if (with.may_be == MAY_BE_TEXT && literal->type == VALUE_BOOL) {
		*hint = "a text stands in quotes; whether there is one asks 'is set'";
		return "a text";
	}
	return NULL;
}

/* Names of flows and of their outcomes, which the engine tells. */

static void check_told_flow(struct check *c, struct str text, struct stretch at)
{
	size_t n = flow_set_count(c->set);
	struct str *known = arena_array(c->arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++)
		known[i] = flow_set_at(c->set, i)->name;
	if (!is_among(text, known, n))
		found_value(c, at, "F037", diag_nearest(c->arena, text, known, n),
			arena_printf(c->arena, "no flow has the name '%.*s'", STR(text)));
}

static void check_told_outcome(struct check *c, struct str text, struct stretch at)
{
	struct str *known = NULL;
	size_t n = 0;

	for (size_t i = 0; i < flow_set_count(c->set); i++) {
		size_t n_more;
		const struct str *more = flow_outcomes(c, flow_set_at(c->set, i), &n_more);

		for (size_t k = 0; k < n_more; k++) {
			if (is_among(more[k], known, n))
				continue;
			known = arena_grow(c->arena, known, n, struct str);
			known[n++] = more[k];
		}
	}
	if (!is_among(text, known, n))
		found_value(c, at, "F037", diag_nearest(c->arena, text, known, n),
			arena_printf(c->arena, "no flow ends with '%.*s'", STR(text)));
}

static bool check_told(
	struct check *c, const struct flow *flow, const struct comparison *comparison)
{
	struct str text = comparison->literal->text;

	if (flow_slot(flow, comparison->name)) /* lent under the same name, as "current" is */
		return false;
	if (str_is(comparison->name, "current") && str_is(comparison->field, "flow"))
		check_told_flow(c, text, comparison->at);
	else if (str_is(comparison->name, "outcome") && !comparison->field.n)
		check_told_outcome(c, text, comparison->at);
	else
		return false;
	return true;
}

void check_comparison(struct check *c, const struct flow *flow, const struct comparison *comparison)
{
	bool text = comparison->literal->type == VALUE_TEXT;
	struct str name = comparison->field.n ? comparison->field : comparison->name;
	const char *hint = "", *is = never(comparison, &hint);

	if (is && name.n)
		found_value(c, comparison->at, "F038", str_of(hint),
			arena_printf(c->arena, "'%.*s' is %s, never %s", STR(name), is,
				type_of_literal(comparison->literal)));
	else if (is)
		found_value(c, comparison->at, "F038", str_of(hint),
			arena_printf(c->arena, "%s is never %s", is,
				type_of_literal(comparison->literal)));
	else if (text && comparison->with.word)
		check_word(
			c, comparison->with.word, name, comparison->literal->text, comparison->at);
	else if (text && !check_told(c, flow, comparison))
		check_choice(c, flow, comparison);
}

/* Filters. */

static const char *kind_of(struct shape what)
{
	if (what.list)
		return "a list";
	if (shape_is_money(what))
		return "an amount of money";
	if (what.field)
		return "a record";
	if (what.may_be == MAY_BE_NUMBER)
		return "a number or a time";
	if (what.may_be == MAY_BE_TEXT)
		return "a text";
	return what.may_be == MAY_BE_BOOL ? "true or false" : NULL; /* NULL: not known */
}

static bool suits(struct shape what, struct str filter)
{
	bool number = !what.list && !what.field && what.may_be == MAY_BE_NUMBER;

	if (str_is(filter, "money"))
		return shape_is_money(what);
	if (str_is(filter, "date") || str_is(filter, "time") || str_is(filter, "when"))
		return number;
	if (str_is(filter, "days") || str_is(filter, "plural"))
		return number || what.may_be == MAY_BE_TEXT; /* a text may be a number */
	if (str_is(filter, "list"))
		return what.list;
	return true;
}

void check_filter(struct check *c, struct shape what, struct str filter, struct stretch at)
{
	const char *kind = kind_of(what);

	if (kind && !suits(what, filter))
		found_value(c, at, "F047", S("leave it out, or take a field that it is made for"),
			arena_printf(c->arena, "'%.*s' can do nothing with %s", STR(filter), kind));
}

void check_value(struct check *c, const struct binding *binding, struct shape shape)
{
	struct comparison into = {
		.with = shape,
		.name = binding->name,
		.literal = expr_literal(binding->expr),
		.at = json_where(c->flow->doc, binding->at),
	};

	if (into.literal)
		check_comparison(c, c->flow, &into);
}
