/* Everything that a reader of the files can get wrong, once they are written as they should be.
 * Each noun has a file:
 *
 *   flow_names.c    F021 … F030  names that do not exist
 *   flow_values.c   F036 … F038  what is compared with what it never is
 *   flow_fill.c     F039  slots that are filled with what they do not hold
 *   flow_missing.c  F032, F040 … F044  what may happen and is not provided for
 *   flow_silence.c  F045  an answer of the buyer, and nothing is said
 *   flow_reach.c    F031, F033, F035  steps without a way in or out
 *   flow_loops.c    F034  loops that never wait
 *   flow_slots.c    F050, F051  slots never filled, never read
 *   flow_proof.c    F060 … F064  the account step and the confirmation before what cannot be undone
 *
 * and here:
 *
 *   F052  a list that nobody uses (a warning)
 *   F053  a flow that nothing starts (a warning) */
#include "flows/flow_check.h"

#include <stdarg.h>

enum { max_bytes = 64 * 1024 * 1024, max_outcomes = 64 };

void warn_at(struct check *c, const struct json_doc *doc, struct stretch where, const char *code,
	struct str hint, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	diag_addv(c->diags, DIAG_WARNING, code, json_source(doc), where.offset, where.length, hint,
		format, ap);
	va_end(ap);
}

size_t flow_index(const struct check *c, const struct flow *flow)
{
	size_t i = 0;

	while (flow_set_at(c->set, i) != flow)
		i++;
	return i;
}

/* How flows begin and end. */

static const char *const engine_flow[] = {
	"session/hello",
	"session/welcome_back",
	"session/prove_again",
	"repair/did_you_mean",
	"repair/ask_first",
	"repair/second_wish",
	"repair/no_match",
	"repair/not_meant",
	"repair/returned",
	"repair/corrected",
	"repair/cannot_correct",
	"repair/too_long",
	"repair/attachment",
	"repair/empty",
	"repair/once",
	"repair/settled",
	"repair/limit",
	"repair/error",
	"repair/changed_while_you_waited",
	"repair/not_verified",
	"handoff/waiting",
	"handoff/back",
	"anytime/stop",
	"anytime/start_over",
	"anytime/back",
	"anytime/repeat",
	"anytime/why",
	"anytime/help",
	"anytime/language",
};
enum { n_engine_flows = sizeof(engine_flow) / sizeof(*engine_flow) };

bool engine_starts(struct str flow)
{
	for (size_t i = 0; i < n_engine_flows; i++)
		if (str_is(flow, engine_flow[i]))
			return true;
	return false;
}

const char *flow_set_missing(const struct flow_set *set, size_t *at)
{
	while (*at < n_engine_flows) {
		const char *name = engine_flow[(*at)++];

		if (!flow_set_find(set, str_of(name)))
			return name;
	}
	return NULL;
}

bool outcome_returns(struct str outcome)
{
	return !str_is(outcome, "stopped") && !str_is(outcome, "restart") &&
	       !str_is(outcome, "back");
}

static size_t add_outcome(struct str *outcome, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(outcome[i], word))
			return n;
	if (n == max_outcomes || !outcome_returns(word))
		return n;
	outcome[n] = word;
	return n + 1;
}

const struct str *flow_outcomes(struct check *c, const struct flow *flow, size_t *n)
{
	struct str *outcome = arena_array(c->arena, struct str, max_outcomes);

	*n = add_outcome(outcome, 0, S("done"));
	for (size_t i = 0; i < flow->n_steps; i++)
		if (flow->step[i].verb == VERB_END)
			*n = add_outcome(outcome, *n, flow->step[i].outcome);
	return outcome;
}

const struct step *move_target(const struct flow *flow, const struct move *move)
{
	return flow_step(flow, move->to);
}

struct usage {
	struct str name;
	bool used;
};

/* Whether any step other than those of the flow itself starts it; *watched: something that is
 * watched does. */
static bool is_led_to(const struct check *c, const struct flow *flow, bool *watched)
{
	bool led = false;

	*watched = false;
	for (size_t i = 0; i < flow_set_count(c->set); i++) {
		const struct flow *other = flow_set_at(c->set, i);

		for (size_t k = 0; k < other->n_steps; k++) {
			struct edges edges = step_edges(&other->step[k], c->arena);

			*watched |= other->step[k].watch &&
				    str_eq(other->step[k].watch->starts, flow->name);
			led |= other != flow && str_eq(other->step[k].flow, flow->name);
			for (size_t e = 0; e < edges.n; e++)
				led |= other != flow && edges.edge[e].target.kind == TARGET_FLOW &&
				       str_eq(edges.edge[e].target.name, flow->name);
		}
	}
	return led;
}

bool flow_starts_alone(const struct check *c, const struct flow *flow)
{
	bool watched, led;

	if (flow->n_starts_on || engine_starts(flow->name))
		return true;
	led = is_led_to(c, flow, &watched);
	return watched || !led;
}

/* What nobody uses. */

static void note_use(void *self, struct str name, struct str field)
{
	struct usage *usage = self;

	(void)field;
	usage->used |= str_eq(name, usage->name);
}

static bool list_is_used(const struct check *c, struct str name)
{
	struct usage usage = {.name = name};

	/* The engine words its own buttons (Yes, No, Skip) by this one. */
	if (str_is(name, "buttons"))
		return true;
	for (size_t i = 0; i < flow_set_count(c->set) && !usage.used; i++) {
		const struct flow *flow = flow_set_at(c->set, i);

		for (size_t k = 0; k < flow->n_slots; k++)
			note_use(&usage, flow->slot[k].from, S(""));
		for (size_t k = 0; k < flow->n_steps && !usage.used; k++)
			step_reads(&flow->step[k], c->arena, note_use, &usage);
	}
	return usage.used;
}

static void check_flow_is_started(struct check *c, const struct flow *flow)
{
	struct str known[n_engine_flows], hint;
	struct stretch where;
	bool watched;

	if (flow->n_starts_on || engine_starts(flow->name) || is_led_to(c, flow, &watched) ||
		watched)
		return;
	for (size_t i = 0; i < n_engine_flows; i++)
		known[i] = str_of(engine_flow[i]);
	hint = diag_nearest(c->arena, flow->name, known, n_engine_flows);
	where = json_where(flow->doc, json_get(json_root(flow->doc), "flow"));
	warn_at(c, flow->doc, where, "F053",
		hint.n ? hint : S("give it 'starts_on', or lead to it from another flow"),
		"nothing starts the flow '%.*s'", STR(flow->name));
}

void check_unused(struct check *c)
{
	for (size_t i = 0; i < flow_set_n_lists(c->set); i++) {
		const struct json_doc *doc = flow_set_list_doc(c->set, i);

		if (!list_is_used(c, flow_set_list_name(c->set, i)))
			warn_at(c, doc, json_where(doc, json_get(json_root(doc), "list")), "F052",
				S("leave it out"), "no flow uses the list '%.*s'",
				STR(flow_set_list_name(c->set, i)));
	}
	for (size_t i = 0; i < flow_set_count(c->set); i++)
		check_flow_is_started(c, flow_set_at(c->set, i));
}

/* A name that is not there leaves other things unread and unreached: they are not told beside it.
 */
static void check_flow(struct check *c, const struct flow *flow)
{
	size_t n_errors = c->diags->n_errors;

	c->flow = flow;
	c->slot_shape = slot_shapes(c, flow);
	check_names(c);
	missed_end(&c->missed);
	check_fills(c);
	check_edges(c);
	c->is_whole = c->diags->n_errors == n_errors;
	check_reach(c);
	if (c->is_whole)
		check_slots(c);
	if (c->diags->n_errors == n_errors)
		check_silence(c);
}

void flow_set_check(const struct flow_set *set, const struct str *intents, size_t n_intents,
	struct diags *diags)
{
	struct check c = {
		.set = set,
		.intent = intents,
		.n_intents = n_intents,
		.diags = diags,
		.arena = arena_new(max_bytes),
		.missed = {.diags = diags},
		.missed_flows = {.diags = diags},
	};

	c.loops = arena_array(c.arena, bool, flow_set_count(set) + 1);
	check_silent_loops(&c);
	for (size_t i = 0; i < flow_set_count(set); i++)
		check_flow(&c, flow_set_at(set, i));
	missed_end(&c.missed_flows);
	if (!diags->n_errors) /* what cannot be read, or is misspelt, might use it */
		check_unused(&c);
	check_proof(&c);
	arena_free(c.arena);
}
