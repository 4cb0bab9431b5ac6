/* All flows and named lists of the content.
 *
 *   F001  a file that is neither a flow nor a list
 *   F015  two flows or two lists of one name
 *   F020  two flows that start on one intent
 */
#include "flows/flow_set.h"

#include <stdlib.h>
#include <string.h>

#include "flows/flow_load.h"

enum { max_bytes = 64 * 1024 * 1024 };

/* One intent and the flow that it starts; sorted by intent. */
struct start {
	struct str intent;
	bool negated;
	const struct flow *flow;
	const struct json *at;
};

struct flow_set {
	struct arena *arena; /* all that the flows are made of */
	struct json_doc **doc;
	size_t n_docs;
	const struct flow **flow; /* in order of the source names */
	const struct flow **by_name;
	size_t n_flows;
	const struct named_list **list;
	const struct named_list **list_by_name;
	size_t n_lists;
	struct start *start;
	size_t n_starts;
};

/* Reading. */

static const struct json *name_of(const struct json_doc *doc, const char *key)
{
	return json_get(json_root(doc), key);
}

static void add_file(struct flow_set *set, const struct source *source, struct diags *diags)
{
	struct json_doc *doc = json_parse(source, JSON_AUTHORED, NULL, diags);

	if (!doc)
		return;
	set->doc[set->n_docs++] = doc;
	if (name_of(doc, "flow")) {
		const struct flow *flow = flow_load(doc, set->arena, diags);

		if (flow)
			set->flow[set->n_flows++] = flow;
	} else if (name_of(doc, "list")) {
		const struct named_list *list = named_list_load(doc, set->arena, diags);

		if (list)
			set->list[set->n_lists++] = list;
	} else {
		json_error(diags, doc, json_root(doc), "F001",
			json_is(json_root(doc), JSON_ARRAY)
				? S("a file holds one flow or one list, not several")
				: S("it begins with {\"flow\": \"name\", … or {\"list\": \"name\", "
				    "…"),
			"this is neither a flow nor a list");
	}
}

static int by_source_name(const void *a, const void *b)
{
	return strcmp(
		(*(const struct source *const *)a)->name, (*(const struct source *const *)b)->name);
}

static void add_files(
	struct flow_set *set, const struct source *sources, size_t n, struct diags *diags)
{
	const struct source **order = arena_array(set->arena, const struct source *, n + 1);

	set->doc = arena_array(set->arena, struct json_doc *, n + 1);
	set->flow = arena_array(set->arena, const struct flow *, n + 1);
	set->list = arena_array(set->arena, const struct named_list *, n + 1);
	for (size_t i = 0; i < n; i++)
		order[i] = &sources[i];
	qsort(order, n, sizeof(*order), by_source_name);
	for (size_t i = 0; i < n; i++)
		add_file(set, order[i], diags);
}

/* Indexes. */

/* Any order will do to find things by: mostly the lengths decide. */
static int rank(struct str a, struct str b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

static int by_flow_name(const void *a, const void *b)
{
	return rank((*(const struct flow *const *)a)->name, (*(const struct flow *const *)b)->name);
}

static int by_list_name(const void *a, const void *b)
{
	return rank((*(const struct named_list *const *)a)->name,
		(*(const struct named_list *const *)b)->name);
}

static int by_intent(const void *a, const void *b)
{
	const struct start *x = a, *y = b;
	int c = rank(x->intent, y->intent);

	return c ? c : (int)x->negated - (int)y->negated;
}

static void twice(const struct json_doc *doc, const char *key, const struct json_doc *first,
	struct str name, struct diags *diags)
{
	json_error(diags, doc, name_of(doc, key), "F015",
		arena_printf(diags->arena, "the other one is in %s", json_source(first)->name),
		"there is a %s '%.*s' already", key, STR(name));
}

static void index_flows(struct flow_set *set, struct diags *diags)
{
	set->by_name = arena_array(set->arena, const struct flow *, set->n_flows + 1);
	memcpy(set->by_name, set->flow, set->n_flows * sizeof(*set->flow));
	qsort(set->by_name, set->n_flows, sizeof(*set->by_name), by_flow_name);
	for (size_t i = 1; i < set->n_flows; i++)
		if (str_eq(set->by_name[i]->name, set->by_name[i - 1]->name))
			twice(set->by_name[i]->doc, "flow", set->by_name[i - 1]->doc,
				set->by_name[i]->name, diags);
}

static void index_lists(struct flow_set *set, struct diags *diags)
{
	set->list_by_name = arena_array(set->arena, const struct named_list *, set->n_lists + 1);
	memcpy(set->list_by_name, set->list, set->n_lists * sizeof(*set->list));
	qsort(set->list_by_name, set->n_lists, sizeof(*set->list_by_name), by_list_name);
	for (size_t i = 1; i < set->n_lists; i++)
		if (str_eq(set->list_by_name[i]->name, set->list_by_name[i - 1]->name))
			twice(set->list_by_name[i]->doc, "list", set->list_by_name[i - 1]->doc,
				set->list_by_name[i]->name, diags);
}

static void add_start(struct flow_set *set, const struct flow *flow, const struct json *at)
{
	struct str intent = json_text(at);
	bool negated = str_starts(intent, S("not "));

	if (negated)
		intent = str_trim(str_sub(intent, 4, intent.n));
	set->start = arena_grow(set->arena, set->start, set->n_starts, struct start);
	set->start[set->n_starts++] = (struct start){intent, negated, flow, at};
}

static void index_starts(struct flow_set *set, struct diags *diags)
{
	for (size_t i = 0; i < set->n_flows; i++)
		for (const struct json *m = json_first(name_of(set->flow[i]->doc, "starts_on")); m;
			m = json_next(m))
			add_start(set, set->flow[i], m);
	if (set->n_starts)
		qsort(set->start, set->n_starts, sizeof(*set->start), by_intent);
	for (size_t i = 1; i < set->n_starts; i++) {
		const struct start *one = &set->start[i - 1], *two = &set->start[i];

		/* A flow that is there twice is told once. */
		if (by_intent(one, two) == 0 && !str_eq(one->flow->name, two->flow->name))
			json_error(diags, two->flow->doc, two->at, "F020",
				arena_printf(diags->arena,
					"an intent starts one flow; the other is in %s",
					json_source(one->flow->doc)->name),
				"'%.*s' starts the flow '%.*s' already", STR(json_text(two->at)),
				STR(one->flow->name));
	}
}

struct flow_set *flow_set_load(const struct source *sources, size_t n, struct diags *diags)
{
	struct arena *arena = arena_new(max_bytes);
	struct flow_set *set = arena_new_of(arena, struct flow_set);
	size_t n_errors = diags->n_errors;

	set->arena = arena;
	add_files(set, sources, n, diags);
	index_flows(set, diags);
	index_lists(set, diags);
	index_starts(set, diags);
	if (diags->n_errors == n_errors)
		return set;
	flow_set_free(set);
	return NULL;
}

void flow_set_free(struct flow_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n_docs; i++)
		json_doc_free(set->doc[i]);
	arena_free(set->arena);
}

/* Finding. */

size_t flow_set_count(const struct flow_set *set)
{
	return set->n_flows;
}

const struct flow *flow_set_at(const struct flow_set *set, size_t index)
{
	return index < set->n_flows ? set->flow[index] : NULL;
}

static int flow_name_cmp(const void *key, const void *flow)
{
	return rank(*(const struct str *)key, (*(const struct flow *const *)flow)->name);
}

const struct flow *flow_set_find(const struct flow_set *set, struct str name)
{
	const struct flow **found =
		bsearch(&name, set->by_name, set->n_flows, sizeof(*set->by_name), flow_name_cmp);

	return found ? *found : NULL;
}

const struct flow *flow_set_started_by(const struct flow_set *set, struct str intent, bool negated)
{
	struct start wanted = {.intent = intent, .negated = negated};
	const struct start *found;

	if (!set->n_starts)
		return NULL;
	found = bsearch(&wanted, set->start, set->n_starts, sizeof(*set->start), by_intent);
	return found ? found->flow : NULL;
}

static bool step_hears(const struct step *step, struct str intent)
{
	for (size_t i = 0; i < step->n_on; i++)
		if ((step->on[i].kind == ON_INTENT || step->on[i].kind == ON_NOT_INTENT) &&
			str_eq(step->on[i].key, intent))
			return true;
	return false;
}

bool flow_set_hears(const struct flow_set *set, struct str intent)
{
	if (flow_set_started_by(set, intent, false) || flow_set_started_by(set, intent, true))
		return true;
	for (size_t i = 0; i < flow_set_count(set); i++) {
		const struct flow *flow = flow_set_at(set, i);

		for (size_t k = 0; k < flow->n_steps; k++)
			if (step_hears(&flow->step[k], intent))
				return true;
	}
	return false;
}

static int list_name_cmp(const void *key, const void *list)
{
	return rank(*(const struct str *)key, (*(const struct named_list *const *)list)->name);
}

const struct value *flow_set_list(const struct flow_set *set, struct str name)
{
	const struct named_list **found = bsearch(
		&name, set->list_by_name, set->n_lists, sizeof(*set->list_by_name), list_name_cmp);

	return found ? (*found)->choices : NULL;
}

size_t flow_set_n_lists(const struct flow_set *set)
{
	return set->n_lists;
}

struct str flow_set_list_name(const struct flow_set *set, size_t index)
{
	return set->list[index]->name;
}

const struct json_doc *flow_set_list_doc(const struct flow_set *set, size_t index)
{
	return set->list[index]->doc;
}
