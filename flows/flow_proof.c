/* The proof: no path from any start reaches a dangerous operation without the account step and
 * without a confirmation that shows what is sent.
 *
 *   F060  a dangerous call that can be reached without the account step
 *   F061  a dangerous call that can be reached without a confirmation
 *   F062  a dangerous call that sends something which the confirmation did not show, or which was
 * changed since F063  a dangerous call without "only_once" F064  a call that needs the buyer and
 * can be reached without the account step (a warning: the engine refuses it, and the buyer is told;
 * it just never works)
 *
 * It is a forward data flow over the steps of all flows.  A fact holds at a step when it holds on
 * every path that leads there, so facts are met with "and".  The facts are bits of one word:
 *
 *   verified   gained where buyers.verify says ok, where a condition has proved that "buyer" (or
 * "me") is set, and where a subflow comes back with an outcome all of whose ends have gained it. It
 * is lost where a flow forgets the buyer, and on coming back from a flow that does; the flow text
 * cannot see the proof expire, and the engine asks again where a call is made. a yes, and one bit
 * for each slot: gained on the `then` edge of a `confirm`, for the slots that it `shows`.  These
 * belong to the open flow and to this moment.  Lost on leaving for another flow, on running one, on
 * a button that was left behind under `say`, and on entering any step that waits for the buyer:
 * whatever comes between the yes and the deed may have changed what the yes was about.  That also
 * covers every way in which a conversation comes back to a flow later (after `pause`, after
 * silence, after another question): it comes back to a question, and a question has no yes.  One
 * slot's bit is lost when something is put into the slot.
 *
 * Where flows are entered:
 *   with nothing: from an intent, by the engine, by something watched, and at the steps that
 * "moves" names (what the old version had asked is not known); with `verified` if it held there: by
 * `run`, `go`, "-> flow", and by a button whose flow is "-> flow".
 *
 * What a subflow gains does not depend on who runs it, because of what they had nothing is lost in
 * it, or all of it: so it is worked out first, for each outcome, as if it had been started with
 * nothing (gains_of), and then used at each `run`. */
#include "flows/flow_check.h"

#include "flows/operation.h"

typedef uint64_t facts;

enum { nowhere = -1 };
static const facts verified = (facts)1 << 63, a_yes = (facts)1 << 62, every_fact = ~(facts)0;

/* One way from a step to a step, to another flow's first step, or out of the flow. */
struct arc {
	int to; /* a step's number among all, or nowhere */
	facts keep, gain;
	int sub;            /* run: the flow whose outcome this is, or nowhere */
	struct str outcome; /* of @sub; on leaving the flow, of this one */
	bool crosses;       /* into another flow */
	bool ends;          /* leaves the flow, with @outcome */
};

struct node {
	const struct step *step;
	int flow;
	facts keep_on_entry; /* what entering the step leaves */
	struct arc *arc;
	size_t n_arcs;
	facts in; /* holds on every path to it */
};

/* What a flow has gained wherever it ends with that outcome. */
struct gain {
	struct str outcome;
	facts facts;
};

struct home {
	const struct flow *flow;
	int base;   /* its first step's number among all */
	bool alone; /* may begin with nothing */
	bool forgets; /* the buyer: itself, or a flow that it runs or leads to */
	facts entry;
	struct gain *gain;
	size_t n_gains;
};

struct proof {
	struct check *c;
	struct home *home;
	int n_homes;
	struct node *node;
	int n_nodes;
};

/* Building the graph. */

static facts slot_fact(const struct flow *flow, struct str name)
{
	const struct slot *slot = flow_slot(flow, name);

	return slot ? (facts)1 << (slot - flow->slot) : 0;
}

static bool is_buyer(const struct binding *set)
{
	return str_is(set->name, "buyer");
}

static facts facts_of_set(const struct flow *flow, const struct binding *set, size_t n)
{
	facts all = 0;

	for (size_t i = 0; i < n; i++)
		all |= is_buyer(&set[i]) ? verified : slot_fact(flow, set[i].name);
	return all;
}

static struct arc *add_arc(struct proof *p, struct node *node, struct arc arc)
{
	node->arc = arena_grow(p->c->arena, node->arc, node->n_arcs, struct arc);
	node->arc[node->n_arcs] = arc;
	return &node->arc[node->n_arcs++];
}

static int home_of(const struct proof *p, struct str name)
{
	const struct flow *flow = flow_set_find(p->c->set, name);

	return flow ? (int)flow_index(p->c, flow) : nowhere;
}

static int first_of(const struct proof *p, int home)
{
	return home == nowhere ? nowhere : p->home[home].base + (int)p->home[home].flow->first;
}

static bool proves_buyer(const struct expr *when, bool outcome)
{
	return expr_proves_set(when, S("buyer"), outcome) ||
	       expr_proves_set(when, S("me"), outcome);
}

/* Taking a branch says that its condition was true and those before it false; "else", that all were
 * false. */
static facts gained_by_branch(const struct step *step, const struct branch *taken)
{
	for (const struct branch *b = step->branch; b < step->branch + step->n_branches; b++) {
		if (proves_buyer(b->when, b == taken))
			return verified;
		if (b == taken)
			return 0;
	}
	return 0;
}

static facts gained_by_confirm(const struct flow *flow, const struct step *step)
{
	facts gained = a_yes;

	for (size_t i = 0; i < step->n_shows; i++)
		gained |= slot_fact(flow, step->shows[i]);
	return gained;
}

static void after_call(
	const struct flow *flow, const struct step *step, const struct edge *edge, struct arc *arc)
{
	if (edge->kind == EDGE_THEN && str_is(str_of(step->op->name), "buyers.verify"))
		arc->gain |= verified;
	if (step->save.n && !(edge->kind == EDGE_ON && str_is(edge->on->key, "slow")))
		arc->keep &= ~slot_fact(flow, step->save);
}

/* What an edge keeps and gains, by the verb that it leaves. */
static struct arc arc_of_edge(const struct proof *p, const struct flow *flow,
	const struct step *step, const struct edge *edge)
{
	struct arc arc = {.to = nowhere, .keep = every_fact, .sub = nowhere};

	if (edge->kind == EDGE_ON)
		arc.keep &= ~slot_fact(flow, edge->reaction->save);
	if (edge->kind == EDGE_OFFER)
		arc.keep &= verified;
	if (edge->kind == EDGE_BRANCH)
		arc.keep &= ~facts_of_set(flow, edge->branch->set, edge->branch->n_set);
	if (edge->kind == EDGE_BRANCH || edge->kind == EDGE_ELSE)
		arc.gain |= gained_by_branch(step, edge->branch);
	if (step->verb == VERB_CALL)
		after_call(flow, step, edge, &arc);
	if (step->verb == VERB_CONFIRM && edge->kind == EDGE_THEN)
		arc.gain |= gained_by_confirm(flow, step);
	if (step->verb == VERB_RUN) {
		arc.keep &= verified;
		arc.sub = home_of(p, step->flow);
		arc.outcome = edge->kind == EDGE_ON ? edge->on->key : S("done");
	}
	return arc;
}

static void add_edge(struct proof *p, struct node *node, const struct edge *edge)
{
	const struct home *home = &p->home[node->flow];
	struct arc arc = arc_of_edge(p, home->flow, node->step, edge);

	switch (edge->target.kind) {
	case TARGET_STEP:
		arc.to = home->base + (int)edge->target.step;
		break;
	case TARGET_FLOW:
		arc.to = first_of(p, home_of(p, edge->target.name));
		arc.keep &= verified;
		arc.gain &= verified;
		arc.crosses = true;
		break;
	case TARGET_END:
		arc.ends = true;
		if (arc.sub == nowhere)
			arc.outcome = S("done");
		break;
	case TARGET_PAUSE: /* comes back to a question, and that is where it was */
	case TARGET_BACK:
	case TARGET_WAIT_ON:
	case TARGET_NONE:
		return;
	}
	add_arc(p, node, arc);
}

/* "No, the other one" said at a confirmation goes back to where the shown slot is asked for. */
static void add_corrections(struct proof *p, struct node *node)
{
	const struct home *home = &p->home[node->flow];

	for (size_t i = 0; i < node->step->n_shows; i++) {
		const struct slot *slot = flow_slot(home->flow, node->step->shows[i]);
		const struct step *ask_at = slot ? flow_step(home->flow, slot->ask_at) : NULL;

		if (ask_at)
			add_arc(p, node,
				(struct arc){
					home->base + (int)ask_at->index, verified, .sub = nowhere});
	}
}

static void build_node(struct proof *p, struct node *node)
{
	const struct home *home = &p->home[node->flow];
	const struct step *step = node->step;
	struct edges edges = step_edges(step, p->c->arena);

	node->keep_on_entry = ~facts_of_set(home->flow, step->set, step->n_set);
	if (verb_waits(step->verb))
		node->keep_on_entry &= verified;
	for (size_t i = 0; i < edges.n; i++)
		add_edge(p, node, &edges.edge[i]);
	add_corrections(p, node);
	if (step->verb == VERB_END)
		add_arc(p, node,
			(struct arc){nowhere, every_fact, .sub = nowhere, .outcome = step->outcome,
				.ends = true});
	if (step->verb == VERB_RUN)
		add_arc(p, node,
			(struct arc){first_of(p, home_of(p, step->flow)), verified, .sub = nowhere,
				.crosses = true});
}

static bool set_forgets(const struct binding *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_buyer(&set[i]))
			return true;
	return false;
}

static bool step_forgets(const struct step *step)
{
	bool forgets = set_forgets(step->set, step->n_set);

	for (size_t i = 0; i < step->n_branches; i++)
		forgets |= set_forgets(step->branch[i].set, step->branch[i].n_set);
	return forgets;
}

static void add_home(struct proof *p, int index)
{
	const struct flow *flow = flow_set_at(p->c->set, (size_t)index);
	struct home *home = &p->home[index];

	*home = (struct home){
		.flow = flow, .base = p->n_nodes, .alone = flow_starts_alone(p->c, flow)};
	for (size_t i = 0; i < flow->n_steps; i++) {
		p->node[p->n_nodes++] = (struct node){.step = &flow->step[i], .flow = index};
		home->forgets |= step_forgets(&flow->step[i]);
	}
}

static bool leads_to_forgetting(const struct proof *p, const struct home *home)
{
	for (size_t i = 0; i < home->flow->n_steps; i++) {
		const struct node *node = &p->node[home->base + (int)i];

		for (size_t k = 0; k < node->n_arcs; k++)
			if (node->arc[k].crosses && node->arc[k].to != nowhere &&
				p->home[p->node[node->arc[k].to].flow].forgets)
				return true;
	}
	return false;
}

static void spread_forgetting(struct proof *p)
{
	for (bool more = true; more;) {
		more = false;
		for (int i = 0; i < p->n_homes; i++)
			if (!p->home[i].forgets && leads_to_forgetting(p, &p->home[i]))
				p->home[i].forgets = more = true;
	}
}

static void build(struct proof *p)
{
	size_t n_steps = 0;

	p->n_homes = (int)flow_set_count(p->c->set);
	for (int i = 0; i < p->n_homes; i++)
		n_steps += flow_set_at(p->c->set, (size_t)i)->n_steps;
	p->home = arena_array(p->c->arena, struct home, (size_t)p->n_homes + 1);
	p->node = arena_array(p->c->arena, struct node, n_steps + 1);
	for (int i = 0; i < p->n_homes; i++)
		add_home(p, i);
	for (int i = 0; i < p->n_nodes; i++)
		build_node(p, &p->node[i]);
	spread_forgetting(p);
}

/* The data flow. */

/* Until it is known better, an outcome has gained everything: facts only ever go down. */
static facts gains_of(const struct proof *p, int home, struct str outcome)
{
	if (home == nowhere)
		return 0;
	for (size_t i = 0; i < p->home[home].n_gains; i++)
		if (str_eq(p->home[home].gain[i].outcome, outcome))
			return p->home[home].gain[i].facts;
	return every_fact;
}

static facts along(const struct proof *p, const struct node *node, const struct arc *arc, facts in)
{
	facts out = (in & node->keep_on_entry & arc->keep) | arc->gain;

	if (arc->sub != nowhere && p->home[arc->sub].forgets)
		out &= ~verified;
	if (arc->sub != nowhere)
		out |= gains_of(p, arc->sub, arc->outcome) & verified;
	return out;
}

/* The facts at each step of one flow, when it is entered with @entry. */
static void flow_through(struct proof *p, const struct home *home, facts entry)
{
	struct node *node = &p->node[home->base];
	bool more = true;

	for (size_t i = 0; i < home->flow->n_steps; i++)
		node[i].in = every_fact;
	node[home->flow->first].in = entry;
	for (size_t i = 0; i < home->flow->n_moves; i++)
		if (move_target(home->flow, &home->flow->move[i]))
			node[move_target(home->flow, &home->flow->move[i])->index].in = 0;
	while (more) {
		more = false;
		for (size_t i = 0; i < home->flow->n_steps; i++)
			for (size_t k = 0; k < node[i].n_arcs; k++) {
				const struct arc *arc = &node[i].arc[k];
				struct node *to = arc->to == nowhere ? NULL : &p->node[arc->to];
				facts out = to ? to->in & along(p, &node[i], arc, node[i].in) : 0;

				if (!to || arc->crosses || out == to->in)
					continue;
				to->in = out;
				more = true;
			}
	}
}

/* Takes what holds at an end of the flow into what its outcome has gained; true if that is less
 * than before. */
static bool lower_gain(struct proof *p, struct home *home, struct str outcome, facts out)
{
	for (size_t i = 0; i < home->n_gains; i++)
		if (str_eq(home->gain[i].outcome, outcome)) {
			facts before = home->gain[i].facts;

			home->gain[i].facts &= out;
			return home->gain[i].facts != before;
		}
	home->gain = arena_grow(p->c->arena, home->gain, home->n_gains, struct gain);
	home->gain[home->n_gains++] = (struct gain){outcome, out};
	return true;
}

static bool lower_gains(struct proof *p, struct home *home)
{
	bool lower = false;

	flow_through(p, home, 0);
	for (size_t i = 0; i < home->flow->n_steps; i++) {
		const struct node *node = &p->node[home->base + (int)i];

		for (size_t k = 0; k < node->n_arcs; k++)
			if (node->arc[k].ends)
				lower |= lower_gain(p, home,
					node->arc[k].sub == nowhere ? node->arc[k].outcome
								    : S("done"),
					along(p, node, &node->arc[k], node->in));
	}
	return lower;
}

static bool lower_entries(struct proof *p, const struct home *home)
{
	bool lower = false;

	flow_through(p, home, home->entry);
	for (size_t i = 0; i < home->flow->n_steps; i++) {
		const struct node *node = &p->node[home->base + (int)i];

		for (size_t k = 0; k < node->n_arcs; k++) {
			const struct arc *arc = &node->arc[k];
			struct home *other;
			facts out;

			if (!arc->crosses || arc->to == nowhere)
				continue;
			other = &p->home[p->node[arc->to].flow];
			out = along(p, node, arc, node->in);
			lower |= (other->entry & out) != other->entry;
			other->entry &= out;
		}
	}
	return lower;
}

static void solve(struct proof *p)
{
	bool lower = true;

	while (lower) {
		lower = false;
		for (int i = 0; i < p->n_homes; i++)
			lower |= lower_gains(p, &p->home[i]);
	}
	for (int i = 0; i < p->n_homes; i++)
		p->home[i].entry = p->home[i].alone ? 0 : verified;
	for (lower = true; lower;) {
		lower = false;
		for (int i = 0; i < p->n_homes; i++)
			lower |= lower_entries(p, &p->home[i]);
	}
}

/* A path that shows a fact to be missing: the shortest one, found in the graph of (step, does the
 * fact hold). */

struct search {
	const struct proof *p;
	facts fact;
	int *before; /* of state node * 2 + holds: the state it was reached from; -1 fresh, -2 an
			entry */
	int *queue;
	int n_queued;
};
enum { fresh = -1, entry_state = -2 };

static void reach(struct search *s, int state, int from)
{
	if (s->before[state] != fresh)
		return;
	s->before[state] = from;
	s->queue[s->n_queued++] = state;
}

static void reach_entries(struct search *s)
{
	for (int i = 0; i < s->p->n_homes; i++) {
		const struct home *home = &s->p->home[i];

		if (home->alone)
			reach(s, (home->base + (int)home->flow->first) * 2, entry_state);
		for (size_t k = 0; k < home->flow->n_moves; k++)
			if (move_target(home->flow, &home->flow->move[k]))
				reach(s,
					(home->base +
						(int)move_target(home->flow, &home->flow->move[k])
							->index) *
						2,
					entry_state);
	}
}

static void spread(struct search *s, int state)
{
	const struct node *node = &s->p->node[state / 2];

	for (size_t k = 0; k < node->n_arcs; k++) {
		const struct arc *arc = &node->arc[k];
		facts out = along(s->p, node, arc, state % 2 ? s->fact : 0) & s->fact;

		if (arc->to != nowhere)
			reach(s, arc->to * 2 + (out != 0), state);
	}
}

static void print_path(const struct search *s, int state, struct buf *out)
{
	const struct node *node = &s->p->node[state / 2];

	if (s->before[state] >= 0) {
		print_path(s, s->before[state], out);
		buf_adds(out, " → ");
	}
	if (s->before[state] < 0 || s->p->node[s->before[state] / 2].flow != node->flow)
		buf_addf(out, "%.*s/", STR(s->p->home[node->flow].flow->name));
	buf_add(out, node->step->name);
}

static struct str path_without(struct proof *p, int target, facts fact)
{
	size_t n = (size_t)p->n_nodes * 2;
	struct search s = {
		p, fact, arena_array(p->c->arena, int, n), arena_array(p->c->arena, int, n), 0};
	struct buf out;
	struct str path;

	for (size_t i = 0; i < n; i++)
		s.before[i] = fresh;
	reach_entries(&s);
	for (int i = 0; i < s.n_queued && s.before[target * 2] == fresh; i++)
		spread(&s, s.queue[i]);
	if (s.before[target * 2] == fresh)
		return p->node[target].step->name;
	buf_init(&out, 3000);
	print_path(&s, target * 2, &out);
	path = arena_str(p->c->arena, buf_str(&out));
	buf_release(&out);
	return path;
}

/* The findings. */

static const char account_hint[] =
	"run the account step before it, or look with an 'if' whether \"buyer is set\"";

static void check_verified(struct proof *p, int at)
{
	const struct step *step = p->node[at].step;
	struct stretch where = json_where(p->c->flow->doc, member(step, "call"));

	diag_add(p->c->diags, step->op->dangerous ? DIAG_ERROR : DIAG_WARNING,
		step->op->dangerous ? "F060" : "F064", json_source(p->c->flow->doc), where.offset,
		where.length, str_of(account_hint),
		"'%s' can be reached without the account step: %.*s", step->op->name,
		STR(path_without(p, at, verified)));
}

struct sent {
	struct proof *p;
	int at;
	struct str argument;
	const struct json *place;
	facts in;
};

/* What can be sent without being shown: free notes, which are private and optional, and what no
 * flow can change. */
static bool needs_no_showing(const struct sent *s, struct str name)
{
	static const char *const constant[] = {"me", "buyer", "channel"};
	const struct slot *slot = flow_slot(s->p->c->flow, name);

	if (slot)
		return slot->optional && slot->private;
	for (size_t i = 0; i < sizeof(constant) / sizeof(*constant); i++)
		if (str_is(name, constant[i]))
			return true;
	return flow_set_list(s->p->c->set, name) != NULL;
}

static void check_sent_name(void *self, struct str name, struct str field)
{
	struct sent *s = self;
	struct check *c = s->p->c;
	facts fact = slot_fact(c->flow, name);

	(void)field;
	if (needs_no_showing(s, name) || (s->in & fact))
		return;
	if (!fact)
		found(c, s->place, "F062",
			S("put it into a slot, and let the confirmation show that"),
			"'%.*s' is sent as '%.*s', and no confirmation can show it", STR(name),
			STR(s->argument));
	else
		found(c, s->place, "F062",
			arena_printf(c->arena,
				"\"shows\": [\"%.*s\", …], and unchanged since",
				STR(name)),
			"'%.*s' is sent as nobody has confirmed it: %.*s", STR(name),
			STR(path_without(s->p, s->at, fact)));
}

static void check_sent(struct proof *p, int at, facts in)
{
	const struct step *step = p->node[at].step;

	for (size_t i = 0; i < step->n_send; i++) {
		struct sent sent = {p, at, step->send[i].name, step->send[i].at, in};

		expr_names(step->send[i].expr, check_sent_name, &sent);
	}
}

static void check_dangerous(struct proof *p, int at, facts in)
{
	const struct step *step = p->node[at].step;

	if (!step->only_once)
		found(p->c, member(step, "call"), "F063",
			S("\"only_once\": \"cancel {order.number}\": one decision, one call"),
			"'%s' cannot be undone and has no 'only_once'", step->op->name);
	if (!(in & a_yes))
		found(p->c, member(step, "call"), "F061",
			S("a 'confirm' right before it; any question in between undoes the yes"),
			"'%s' can be reached without a confirmation: %.*s", step->op->name,
			STR(path_without(p, at, a_yes)));
	else
		check_sent(p, at, in);
}

static void check_call(struct proof *p, int at)
{
	const struct node *node = &p->node[at];
	facts in = node->in & node->keep_on_entry;

	p->c->flow = p->home[node->flow].flow;
	if ((node->step->op->dangerous || node->step->op->needs_buyer) && !(in & verified))
		check_verified(p, at);
	if (node->step->op->dangerous)
		check_dangerous(p, at, in);
}

void check_proof(struct check *c)
{
	struct proof p = {.c = c};

	build(&p);
	solve(&p);
	for (int i = 0; i < p.n_nodes; i++)
		if (p.node[i].step->verb == VERB_CALL)
			check_call(&p, i);
}
