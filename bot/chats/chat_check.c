/* Names in conversation tests. */
#include "bot/chats/chat_check.h"

#include <string.h>
#include <unistd.h>

#include "bot/chats/chat_judge.h"
#include "bot/chats/chat_scan.h"
#include "bot/engine/trace.h"
#include "flows/operation.h"

struct checker {
	const struct chat_file *file;
	const struct chat_test *test;
	const struct chat_names *names;
	struct arena *arena; /* for hints */
	struct diags *diags;
};

/* Nothing else is told (flows/OPERATIONS.md). */
static const char *const known_event[] = {
	"refund.updated", "order.updated", "return.updated", "call.settled"};

enum { n_known_events = sizeof known_event / sizeof *known_event };

static struct chat_at at_of(const struct checker *c, struct str word, struct chat_at fallback)
{
	struct str text = c->file->source->text;

	/* Words that had no escapes are slices of the file. */
	if (word.p >= text.p && word.p + word.n <= text.p + text.n)
		return (struct chat_at){(size_t)(word.p - text.p), word.n};
	return fallback;
}

static void complain(struct checker *c, const char *code, struct str word, struct chat_at at,
	struct str hint, const char *what)
{
	at = at_of(c, word, at);
	diag_add(c->diags, DIAG_ERROR, code, c->file->source, at.offset, at.length, hint,
		"unknown %s '%.*s'", what, STR(word));
}

static struct str nearest_or_all(
	struct checker *c, struct str word, const struct str *known, size_t n)
{
	struct str near = diag_nearest(c->arena, word, known, n);

	return near.n ? near : diag_one_of(c->arena, known, n);
}

static struct str nearest_of(struct checker *c, struct str word, const char *const *list, size_t n)
{
	struct str *name = arena_array(c->arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++)
		name[i] = str_of(list[i]);
	return nearest_or_all(c, word, name, n);
}

enum chat_ref chat_ref_find(const struct flow_set *flows, struct str ref, const struct flow **flow,
	const struct step **step)
{
	struct str flow_name, step_name;

	*step = NULL;
	*flow = flow_set_find(flows, ref);
	if (*flow)
		return REF_FLOW;
	if (!chat_ref_split(ref, &flow_name, &step_name))
		return REF_UNKNOWN_FLOW;
	*flow = flow_set_find(flows, flow_name);
	if (!*flow)
		return REF_UNKNOWN_FLOW;
	*step = flow_step(*flow, step_name);
	return *step ? REF_STEP : REF_UNKNOWN_STEP;
}

static struct str near_flow(struct checker *c, struct str word)
{
	size_t n = flow_set_count(c->names->flows);
	struct str *name = arena_array(c->arena, struct str, n + 1), near, flow, step;

	for (size_t i = 0; i < n; i++)
		name[i] = flow_set_at(c->names->flows, i)->name;
	near = diag_nearest(c->arena, word, name, n);
	if (!near.n && chat_ref_split(word, &flow, &step))
		near = diag_nearest(c->arena, flow, name, n);
	return near;
}

static struct str near_step(struct checker *c, const struct flow *flow, struct str ref)
{
	struct str *name = arena_array(c->arena, struct str, flow->n_steps + 1), flow_name, step;

	for (size_t i = 0; i < flow->n_steps; i++)
		name[i] = flow->step[i].name;
	if (!chat_ref_split(ref, &flow_name, &step))
		return (struct str){0};
	return diag_nearest(c->arena, step, name, flow->n_steps);
}

/* Flows of which the test loads another version may have steps that are not known here. */
static bool other_version(const struct chat_test *test, const struct flow *flow)
{
	for (size_t i = 0; i < test->n_turns; i++)
		if ((test->turn[i].what == CHAT_LOAD || test->turn[i].what == CHAT_PUBLISH) &&
			str_eq(test->turn[i].name, flow->name))
			return true;
	return false;
}

static void check_ref(struct checker *c, struct str ref, struct chat_at at, bool flow_alone)
{
	const struct flow *flow;
	const struct step *step;

	if (!ref.n || str_is(ref, "engine") || chat_has_hole(c->test, ref))
		return;
	switch (chat_ref_find(c->names->flows, ref, &flow, &step)) {
	case REF_STEP:
		break;
	case REF_FLOW:
		if (!flow_alone)
			complain(c, "C031", ref, at, S("write 'flow/step'"), "step");
		break;
	case REF_UNKNOWN_FLOW:
		complain(c, "C030", ref, at, near_flow(c, ref), "flow");
		break;
	case REF_UNKNOWN_STEP:
		if (!other_version(c->test, flow))
			complain(c, "C031", ref, at,
				flow_alone && (str_ends(ref, S("/...")) || str_ends(ref, S("/*")))
					? arena_printf(c->arena, "'%.*s' alone is any step of it",
						  STR(flow->name))
					: near_step(c, flow, ref),
				"step");
		break;
	}
}

static void check_flow(struct checker *c, struct str name, struct chat_at at)
{
	if (name.n && !chat_has_hole(c->test, name) && !flow_set_find(c->names->flows, name))
		complain(c, "C030", name, at, near_flow(c, name), "flow");
}

static struct str near_intent(struct checker *c, struct str word)
{
	size_t n = intent_set_count(c->names->intents);
	struct str *name = arena_array(c->arena, struct str, n + 1);

	for (size_t i = 0; i < n; i++)
		name[i] = intent_set_at(c->names->intents, i)->name;
	name[n] = S("none");
	return diag_nearest(c->arena, word, name, n + 1);
}

/* "a", "a, b", "a|b", "not a", "none" */
static void check_intents(struct checker *c, struct str list, struct chat_at at)
{
	while (list.n) {
		struct str name = str_sub(list, 0, 0);

		while (list.n && list.p[0] != ',' && list.p[0] != '|') {
			name.n++;
			list.p++;
			list.n--;
		}
		list = str_sub(list, 1, list.n);
		name = str_trim(name);
		if (str_starts(name, S("not ")))
			name = str_trim(str_sub(name, 4, name.n));
		if (!str_is(name, "none") && !chat_has_hole(c->test, name) &&
			!intent_set_find(c->names->intents, name))
			complain(c, "C032", name, at, near_intent(c, name), "intent");
	}
}

static void check_decision(struct checker *c, struct str wanted, struct chat_at at)
{
	for (int i = 0; i < 4; i++)
		if (str_is(wanted, decision_name[i]))
			return;
	check_intents(c, wanted, at);
}

static void check_event(struct checker *c, struct str name, struct chat_at at)
{
	if (!name.n || chat_has_hole(c->test, name))
		return;
	for (size_t i = 0; i < n_known_events; i++)
		if (str_is(name, known_event[i]))
			return;
	complain(c, "C039", name, at, nearest_of(c, name, known_event, n_known_events), "event");
}

static const struct operation *check_operation(
	struct checker *c, struct str name, struct chat_at at)
{
	const struct operation *op = operation_find(name);
	const char **list;

	if (op || !name.n || chat_has_hole(c->test, name))
		return op;
	list = arena_array(c->arena, const char *, n_operations + 1);
	for (unsigned i = 0; i < n_operations; i++)
		list[i] = operation[i].name;
	complain(c, "C033", name, at, nearest_of(c, name, list, n_operations), "operation");
	return NULL;
}

static void check_arguments(
	struct checker *c, const struct operation *op, const struct value *args, struct chat_at at)
{
	const char *list[8];
	size_t n = 0;

	if (!op || !args || args->type != VALUE_RECORD)
		return;
	while (n < 8 && op->argument[n].name) {
		list[n] = op->argument[n].name;
		n++;
	}
	for (size_t i = 0; i < args->record.n; i++) {
		struct str name = args->record.field[i].name;
		size_t k = 0;

		while (k < n && !str_is(name, list[k]))
			k++;
		if (k == n)
			complain(c, "C040", name, at, nearest_of(c, name, list, n), "argument");
	}
}

/* A slot's name, or a slot of the flow named in front of a path ("order.number" is a field of
 * "order"). */
static void check_slot(struct checker *c, struct str path, struct chat_at at)
{
	size_t n_flows = flow_set_count(c->names->flows), n = 0, k = 0;
	struct str *name, root = path;

	while (k < path.n && path.p[k] != '.' && path.p[k] != '[')
		k++;
	root.n = k;
	for (size_t i = 0; i < n_flows; i++)
		n += flow_set_at(c->names->flows, i)->n_slots;
	name = arena_array(c->arena, struct str, n + 1);
	n = 0;
	for (size_t i = 0; i < n_flows; i++) {
		const struct flow *flow = flow_set_at(c->names->flows, i);

		for (size_t s = 0; s < flow->n_slots; s++) {
			if (str_eq(flow->slot[s].name, root))
				return;
			name[n++] = flow->slot[s].name;
		}
	}
	for (size_t i = 0; i < c->test->n_turns; i++)
		if (c->test->turn[i].what == CHAT_LOAD)
			return;
	complain(c, "C036", root, at, diag_nearest(c->arena, root, name, n), "slot");
}

static void check_word(
	struct checker *c, struct str word, struct chat_at at, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(word, list[i]))
			return;
	if (!chat_has_hole(c->test, word))
		complain(c, "C042", word, at, nearest_of(c, word, list, n), "word");
}

static void check_fact(struct checker *c, const struct chat_fact *fact)
{
	switch (fact->kind) {
	case FACT_INTENT:
		check_intents(c, fact->name, fact->at);
		break;
	case FACT_DECISION:
		check_decision(c, fact->name, fact->at);
		break;
	case FACT_HEARD:
		check_word(c, fact->name, fact->at, chat_level_word, N_LEVELS);
		break;
	case FACT_AT:
		check_ref(c, fact->name, fact->at, true);
		break;
	case FACT_OPEN:
	case FACT_DIGRESSION:
	case FACT_ENDED:
		check_flow(c, fact->name, fact->at);
		break;
	case FACT_SLOT:
	case FACT_CORRECTED:
		check_slot(c, fact->name, fact->at);
		break;
	case FACT_CALLED:
		check_arguments(c, check_operation(c, fact->name, fact->at), fact->value, fact->at);
		break;
	case FACT_WATCHING:
		check_event(c, fact->name, fact->at);
		break;
	case FACT_OWNER:
		check_word(c, fact->name, fact->at, owner_name, 3);
		break;
	case FACT_SCORE:
	case FACT_LEAD:
	case FACT_FIXED:
	case FACT_BUTTONS:
	case FACT_CARD:
	case FACT_TRIES:
	case FACT_HANDOFF:
	case FACT_NOTE:
	case FACT_LANGUAGE:
	case FACT_SAID:
	case N_FACT_KINDS:
		break;
	}
}

/* The file of another version; the shipped one does for "publish". */
static void check_version(struct checker *c, const struct chat_turn *turn)
{
	const struct flow *flow = flow_set_find(c->names->flows, turn->name);
	const char *path =
		chat_version_path(c->arena, c->file->source->name, turn->name, turn->number);

	check_flow(c, turn->name, turn->at);
	if (!flow || flow->version == turn->number || access(path, R_OK) == 0)
		return;
	diag_add(c->diags, DIAG_ERROR, "C041", c->file->source, turn->at.offset, turn->at.length,
		arena_printf(c->arena, "the shipped one is version %u", flow->version),
		"there is no '%s'", path);
}

static void check_buyer(struct checker *c, struct str id, struct chat_at at)
{
	struct str name;

	struct str *known;
	size_t n;

	if (!id.n || !c->names->demo || chat_has_hole(c->test, id) ||
		sandbox_buyer(c->names->demo, id, c->arena, &name))
		return;
	n = sandbox_buyers(c->names->demo, c->arena, &known);
	complain(c, "C035", id, at, nearest_or_all(c, id, known, n), "buyer");
}

/* Where a slot stands behind the step that the test begins at. */
static struct chat_at slot_at(const struct checker *c, struct str slot, struct chat_at step)
{
	struct str text = c->file->source->text;
	struct str rest = str_sub(text, step.offset + step.length, text.n), line = rest;
	long at = str_find(str_cut(&line, '\n'), slot);

	if (at < 0)
		return step;
	return (struct chat_at){step.offset + step.length + (size_t)at, slot.n};
}

/* What a test that begins in the middle begins with. */
static void check_start(struct checker *c, const struct chat_turn *turn)
{
	const struct flow *flow;
	const struct step *step;

	check_ref(c, turn->name, turn->at, false);
	if (!turn->value || turn->value->type != VALUE_RECORD ||
		chat_ref_find(c->names->flows, turn->name, &flow, &step) != REF_STEP)
		return;
	for (size_t i = 0; i < turn->value->record.n; i++) {
		struct str name = turn->value->record.field[i].name;
		struct str *known = arena_array(c->arena, struct str, flow->n_slots + 1);

		if (flow_slot(flow, name) || chat_has_hole(c->test, name))
			continue;
		for (size_t k = 0; k < flow->n_slots; k++)
			known[k] = flow->slot[k].name;
		complain(c, "C036", name, slot_at(c, name, turn->at),
			nearest_or_all(c, name, known, flow->n_slots), "slot");
	}
}

static void check_turn(struct checker *c, const struct chat_turn *turn)
{
	switch (turn->what) {
	case CHAT_BUYER:
		check_buyer(c, turn->name, turn->at);
		break;
	case CHAT_EVENT:
		check_event(c, turn->name, turn->at);
		break;
	case CHAT_START:
		check_start(c, turn);
		break;
	case CHAT_AGENT_HANDS_BACK:
		check_ref(c, turn->text, turn->at, false);
		break;
	case CHAT_API:
		check_operation(c, turn->name, turn->at);
		break;
	case CHAT_LOAD:
	case CHAT_PUBLISH:
		check_version(c, turn);
		break;
	default:
		break;
	}
	for (size_t i = 0; i < turn->n_speeches; i++)
		check_ref(c, turn->speech[i].ref, turn->speech[i].at, true);
	for (size_t i = 0; i < turn->n_facts; i++)
		check_fact(c, &turn->fact[i]);
}

static void check_rule(struct checker *c, const struct chat_rule *rule)
{
	switch (rule->kind) {
	case RULE_NEVER:
		if (!str_is(rule->name, "handoff") && !str_is(rule->name, "fault") &&
			!operation_find(rule->name))
			check_ref(c, rule->name, rule->at, true);
		break;
	case RULE_ENDED:
		check_flow(c, rule->name, rule->at);
		break;
	case RULE_AT:
		check_ref(c, rule->name, rule->at, true);
		break;
	case RULE_NOTHING_OPEN:
	case RULE_HANDOFF:
	case RULE_TURNS:
		break;
	}
}

static void check_settings(struct checker *c)
{
	const struct chat_test *test = c->test;
	bool known = !test->shop.n || chat_has_hole(test, test->shop);

	for (size_t i = 0; i < c->names->n_shops; i++)
		known = known || str_eq(test->shop, c->names->shop[i]);
	if (!known)
		complain(c, "C034", test->shop, test->shop_at,
			diag_nearest(c->arena, test->shop, c->names->shop, c->names->n_shops),
			"fixture");
	check_buyer(c, test->buyer, test->buyer_at);
	if (test->language.n && !str_eq(test->language, intent_set_language(c->names->intents)))
		complain(c, "C037", test->language, test->language_at,
			arena_printf(c->arena, "'tenstep test --lang %.*s' tests that language",
				STR(test->language)),
			"language");
	if (test->each == EACH_EXAMPLE || test->each == EACH_COUNTER_EXAMPLE)
		check_intents(c, test->each_of, test->each_at);
}

static bool is_column(const struct chat_test *test, struct str name)
{
	for (size_t i = 0; i < test->n_columns; i++)
		if (str_eq(name, test->column[i]))
			return true;
	return false;
}

/* "{phrase}" in a test that has columns, but not that one. */
static void check_holes(struct checker *c, struct str text, struct chat_at at)
{
	for (size_t i = 0; c->test->n_columns && i < text.n; i++) {
		struct str rest = str_sub(text, i + 1, text.n), name;
		size_t room = rest.n;

		if (text.p[i] != '{')
			continue;
		name = str_cut(&rest, '}');
		if (name.n < room && scan_is_name(name) && !is_column(c->test, name))
			complain(c, "C014", name, at,
				diag_nearest(c->arena, name, c->test->column, c->test->n_columns),
				"column");
	}
}

static void check_test(struct checker *c)
{
	check_settings(c);
	for (size_t i = 0; i < c->test->n_turns; i++) {
		const struct chat_turn *turn = &c->test->turn[i];

		check_turn(c, turn);
		check_holes(c, turn->text, turn->at);
		for (size_t k = 0; k < turn->n_speeches; k++) {
			check_holes(c, turn->speech[k].ref, turn->speech[k].at);
			check_holes(c, turn->speech[k].words, turn->speech[k].words_at);
		}
		for (size_t k = 0; k < turn->n_facts; k++)
			check_holes(c, turn->fact[k].name, turn->fact[k].at);
	}
	for (size_t i = 0; i < c->test->n_rules; i++)
		check_rule(c, &c->test->rule[i]);
}

void chat_check(const struct chat_file *file, const struct chat_names *names, struct diags *diags)
{
	for (size_t i = 0; i < file->n_tests; i++) {
		struct checker c = {file, &file->test[i], names, diags->arena, diags};

		check_test(&c);
	}
}

const char *chat_version_path(
	struct arena *arena, const char *test_file, struct str flow, int64_t version)
{
	const char *slash = strrchr(test_file, '/');
	int folder = slash ? (int)(slash - test_file) + 1 : 0;
	char *path = arena_cstr(arena, arena_printf(arena, "%.*s%.*s.v%lld.json", folder, test_file,
					       STR(flow), (long long)version));

	for (char *p = path + folder; *p; p++)
		if (*p == '/')
			*p = '-';
	return path;
}

static bool speaks_in(const struct chat_test *test, struct str flow)
{
	struct str name, step;

	for (size_t i = 0; i < test->n_turns; i++)
		for (size_t k = 0; k < test->turn[i].n_speeches; k++)
			if (chat_ref_split(test->turn[i].speech[k].ref, &name, &step) &&
				str_eq(name, flow))
				return true;
	return false;
}

static const struct chat_turn *starts_in(const struct chat_test *test, struct str flow)
{
	struct str name, step;

	for (size_t i = 0; i < test->n_turns; i++)
		if (test->turn[i].what == CHAT_START &&
			chat_ref_split(test->turn[i].name, &name, &step) && str_eq(name, flow))
			return &test->turn[i];
	return NULL;
}

void chat_check_starts(const struct chat_file *const *file, size_t n_files,
	const struct chat_names *names, struct diags *diags)
{
	for (size_t f = 0; f < flow_set_count(names->flows); f++) {
		struct str flow = flow_set_at(names->flows, f)->name;
		/* Only the engine starts a repair flow, and often there is no other way to it. */
		enum flow_kind kind = flow_set_at(names->flows, f)->kind;
		const struct chat_turn *last = NULL;
		const struct source *source = NULL;
		size_t n = 0, n_started = 0;

		for (size_t i = 0; i < n_files; i++)
			for (size_t k = 0; k < file[i]->n_tests; k++) {
				const struct chat_turn *start = starts_in(&file[i]->test[k], flow);

				n += start || speaks_in(&file[i]->test[k], flow);
				n_started += start != NULL;
				source = start ? file[i]->source : source;
				last = start ? start : last;
			}
		if (last && n_started * 2 > n && n > 1 && kind != FLOW_REPAIR)
			diag_add(diags, DIAG_WARNING, "C038", source, last->at.offset,
				last->at.length, S("tests that come the buyer's way find more"),
				"%zu of %zu tests of '%.*s' begin in the middle", n_started, n,
				STR(flow));
	}
}
