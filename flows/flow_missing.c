/* What may happen at a step and is not provided for.
 *
 *   F032  a dead end: a step that does not say where it goes on
 *   F040  an outcome that may come, and nothing is said about it
 *   F041  an outcome that never comes
 *   F042  a question that keeps asking whatever is answered
 *   F043  "wait_on" where nothing is waited for
 *   F044  "slow" that does not come back to the waiting call
 */
#include "flows/flow_check.h"

#include "flows/operation.h"

static const struct on *outcome(const struct step *step, const char *key)
{
	return step_on(step, ON_OUTCOME, str_of(key));
}

static bool is_near(struct check *c, struct str key, struct str wanted)
{
	return diag_nearest(c->arena, key, &wanted, 1).n > 0;
}

/* It is there, misspelt: that is a finding of its own. */
static bool is_misspelt(struct check *c, const struct step *step, struct str key)
{
	for (size_t i = 0; i < step->n_on; i++)
		if (step->on[i].kind == ON_INTENT && !intent_exists(c, step->on[i].key) &&
			is_near(c, step->on[i].key, key))
			return true;
	return false;
}

static void needs(struct check *c, const struct step *step, const char *key, const char *why)
{
	if (!outcome(step, key) && !is_misspelt(c, step, str_of(key)))
		found(c, member(step, verb_name[step->verb]), "F040",
			arena_printf(c->arena, "\"on\": {\"%s\": …}: %s", key, why),
			"'%.*s' does not say what to do on '%s'", STR(step->name), key);
}

static void never_comes(struct check *c, const struct step *step, const char *key, const char *why)
{
	const struct on *on = outcome(step, key);

	if (on)
		found_key(c, on->at, "F041", str_of(why), "'%s' never comes here", key);
}

static void check_then(struct check *c, const struct step *step)
{
	bool answered_by_offers = step->verb == VERB_ASK && !step->into.n;

	if (step->then.kind != TARGET_NONE || step->verb == VERB_IF || step->verb == VERB_GO ||
		step->verb == VERB_END || answered_by_offers)
		return;
	found_key(c, step->at, "F032", S("say it with 'then'; \"end\" finishes the flow"),
		"the step '%.*s' does not say where it goes on", STR(step->name));
}

static void check_call(struct check *c, const struct step *step)
{
	needs(c, step, "failed", "the shop could not be asked");
	if (step->op->writes) {
		needs(c, step, "refused", "the shop said no");
		needs(c, step, "unknown", "it was sent, and no answer came; it may have been done");
	} else {
		never_comes(c, step, "unknown",
			"it only reads: without an answer nothing has happened, which is 'failed'");
	}
	if (str_is(str_of(step->op->name), "buyers.verify"))
		needs(c, step, "refused", "the two facts do not belong together");
	if (outcome(step, "slow") && !step->within_ms)
		found_key(c, outcome(step, "slow")->at, "F044", S("\"within\": \"8s\""),
			"without 'within' a call is never slow");
}

static bool is_among(struct str word, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

static void check_outcome(struct check *c, const struct flow *sub, const struct on *on,
	const struct str *may_be, size_t n)
{
	if (str_is(on->key, "done")) {
		found_key(c, on->at, "F041", S("it is left out here"),
			"where 'done' leads is said by 'then'");
		return;
	}
	if (is_among(on->key, may_be, n))
		return;
	found_key(c, on->at, "F041", diag_nearest(c->arena, on->key, may_be, n),
		"'%.*s' never ends with '%.*s'", STR(sub->name), STR(on->key));
}

/* Of the outcomes that never come one is near to it. */
static bool outcome_is_misspelt(struct check *c, const struct step *step, struct str wanted,
	const struct str *may_be, size_t n)
{
	for (size_t i = 0; i < step->n_on; i++)
		if (!is_among(step->on[i].key, may_be, n) && is_near(c, step->on[i].key, wanted))
			return true;
	return false;
}

static void check_run(struct check *c, const struct step *step)
{
	const struct flow *sub = flow_set_find(c->set, step->flow);
	const struct str *may_be;
	size_t n;

	if (!sub)
		return;
	may_be = flow_outcomes(c, sub, &n);
	for (size_t i = 0; i < n; i++)
		if (!str_is(may_be[i], "done") && !step_on(step, ON_OUTCOME, may_be[i]) &&
			!outcome_is_misspelt(c, step, may_be[i], may_be, n))
			found(c, member(step, "run"), "F040",
				arena_printf(c->arena, "\"on\": {\"%.*s\": …}", STR(may_be[i])),
				"'%.*s' does not say what to do when '%.*s' ends with '%.*s'",
				STR(step->name), STR(sub->name), STR(may_be[i]));
	for (size_t i = 0; i < step->n_on; i++)
		check_outcome(c, sub, &step->on[i], may_be, n);
}

/* Said again and again, with no last item that leaves. */
static void check_no_match(struct check *c, const struct step *step)
{
	for (size_t i = 0; i < step->n_on; i++) {
		const struct on *on = &step->on[i];

		if (on->kind == ON_NO_MATCH && on->item[on->n_items - 1].target.kind == TARGET_NONE)
			found_key(c, on->at, "F042",
				S("let the last one leave: \"-> person\" or {\"then\": \"…\"}"),
				"who is not understood here never gets out of '%.*s'",
				STR(step->name));
	}
}

/* Waiting calls: what is said meanwhile must come back to them, and nothing else can. */

struct meanwhile {
	struct check *c;
	bool *meanwhile; /* steps on the way from a slow call back to it */
};

static bool only_speaks(const struct step *step)
{
	return (step->verb == VERB_SAY || step->verb == VERB_NOTE) && !step->n_set;
}

static void follow_slow(struct meanwhile *m, const struct step *call)
{
	const struct on *slow = outcome(call, "slow");
	const struct flow *flow = m->c->flow;
	struct target target;

	if (!slow || slow->item[slow->n_items - 1].target.kind == TARGET_NONE)
		return;
	target = slow->item[slow->n_items - 1].target;
	for (size_t i = 0; i <= flow->n_steps && target.kind == TARGET_STEP &&
			   only_speaks(&flow->step[target.step]);
		i++) {
		m->meanwhile[target.step] = true;
		target = flow->step[target.step].then;
	}
	if (target.kind != TARGET_WAIT_ON)
		found_key(m->c, slow->at, "F044",
			S("what is said meanwhile ends with \"then\": \"wait_on\""),
			"the answer is still on its way, and 'slow' does not come back to '%.*s'",
			STR(call->name));
}

static void check_wait_on(struct meanwhile *m, const struct step *step)
{
	struct edges edges = step_edges(step, m->c->arena);

	for (size_t i = 0; i < edges.n; i++) {
		const struct edge *edge = &edges.edge[i];
		bool slow = edge->kind == EDGE_ON && str_is(edge->on->key, "slow");

		if (edge->target.kind == TARGET_WAIT_ON && !slow && !m->meanwhile[step->index])
			found(m->c, edge->target.at, "F043",
				S("it belongs to what is said while a call is \"slow\""),
				"nothing is waited for here");
		if (edge->target.kind == TARGET_STEP && !slow && m->meanwhile[edge->target.step] &&
			!m->meanwhile[step->index])
			found(m->c, edge->target.at, "F043",
				arena_printf(m->c->arena, "'%.*s' goes back to a call that is slow",
					STR(edge->target.name)),
				"nothing is waited for when '%.*s' goes there", STR(step->name));
	}
}

void check_edges(struct check *c)
{
	struct meanwhile m = {c, arena_array(c->arena, bool, c->flow->n_steps + 1)};

	for (size_t i = 0; i < c->flow->n_steps; i++) {
		const struct step *step = &c->flow->step[i];

		check_then(c, step);
		check_no_match(c, step);
		if (step->verb == VERB_CONFIRM)
			needs(c, step, "no", "the buyer may say no");
		if (step->verb == VERB_HANDOFF)
			needs(c, step, "nobody", "there may be nobody to answer");
		if (step->verb == VERB_RUN)
			check_run(c, step);
		if (step->verb != VERB_CALL)
			continue;
		check_call(c, step);
		follow_slow(&m, step);
	}
	for (size_t i = 0; i < c->flow->n_steps; i++)
		check_wait_on(&m, &c->flow->step[i]);
}
