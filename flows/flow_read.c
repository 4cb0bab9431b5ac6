/* A flow read out.  A step that only says a sentence and is over is read where it is led to, and
 * has no number of its own. */
#include "flows/flow_read.h"

#include "bot/base/date.h"
#include "flows/expr.h"
#include "flows/flow_edge.h"
#include "flows/operation.h"
#include "flows/template.h"

enum { max_inline = 160, max_scratch = 16 << 20 };

struct reader {
	const struct flow_set *set;
	const struct flow *flow;
	struct buf *out;
	struct arena *arena;
	unsigned *number; /* of each step; 0: read where it is led to */
	const struct step **order;
	size_t n_order;
};

/* Words. */

static void write(struct reader *r, const char *text)
{
	buf_adds(r->out, text);
}

/* "order.first_item|short" is read "order first item"; what is more than names is left as it is
 * written. */
static void write_hole(struct reader *r, struct str inside)
{
	struct str name = str_cut(&inside, '|');
	bool plain = true;

	for (size_t i = 0; i < name.n; i++)
		plain &= name.p[i] != '(' && name.p[i] != '[' && name.p[i] != '"';
	buf_adds(r->out, "[");
	for (size_t i = 0; i < name.n; i++)
		buf_addc(r->out, plain && (name.p[i] == '.' || name.p[i] == '_') ? ' ' : name.p[i]);
	buf_adds(r->out, "]");
}

/* A sentence that ends inside the quotes needs no full stop behind them. */
static void write_stop(struct reader *r, const struct template *said)
{
	struct str text = template_text(said);

	if (text.n && (text.p[text.n - 1] == '.' || text.p[text.n - 1] == '?' ||
			      text.p[text.n - 1] == '!'))
		return;
	write(r, ".");
}

static void write_said(struct reader *r, const struct template *template)
{
	struct str text = template_text(template);

	buf_adds(r->out, "“");
	while (text.n) {
		size_t n = 0;

		while (n < text.n && text.p[n] != '{' && text.p[n] != '}')
			n++;
		for (size_t i = 0; i < n; i++) /* one line, or it would not be one item any more */
			buf_addc(r->out, text.p[i] == '\n' ? ' ' : text.p[i]);
		text = str_sub(text, n, text.n);
		if (!text.n)
			break;
		if (text.n > 1 && text.p[1] == text.p[0]) { /* {{ and }} */
			buf_addc(r->out, text.p[0]);
			text = str_sub(text, 2, text.n);
		} else {
			text = str_sub(text, 1, text.n);
			write_hole(r, str_cut(&text, '}'));
		}
	}
	buf_adds(r->out, "”");
}

static void write_code(struct reader *r, struct str text)
{
	buf_addf(r->out, "`%.*s`", STR(text));
}

static void write_flow(struct reader *r, struct str name)
{
	const struct flow *flow = flow_set_find(r->set, name);

	if (flow && flow->title.n)
		buf_addf(r->out, "*%.*s*", STR(flow->title));
	else
		write_code(r, name);
}

/* Where it goes on. */

static bool is_short(const struct step *step)
{
	return step->n_text == 1 && template_text(step->text[0]).n <= max_inline;
}

/* Says one thing and is over. */
static bool is_read_inline(const struct flow *flow, const struct step *step)
{
	if (step->index == flow->first)
		return false;
	if (step->verb == VERB_END)
		return true;
	return step->verb == VERB_SAY && is_short(step) && !step->n_offers && !step->card &&
	       !step->watch && !step->n_set && !step->note.n && step->then.kind != TARGET_STEP;
}

static void write_end(struct reader *r, struct str outcome)
{
	if (str_is(outcome, "done"))
		write(r, "this is done");
	else
		buf_addf(r->out, "this ends as *%.*s*", STR(outcome));
}

static void write_target(struct reader *r, const struct target *target);

static void write_step_target(struct reader *r, const struct step *step)
{
	if (r->number[step->index]) {
		buf_addf(r->out, "on to **%u** (*%.*s*)", r->number[step->index], STR(step->name));
	} else if (step->verb == VERB_END) {
		write_end(r, step->outcome);
	} else {
		write_said(r, step->text[0]);
		write(r, ", and ");
		write_target(r, &step->then);
	}
}

static void write_target(struct reader *r, const struct target *target)
{
	switch (target->kind) {
	case TARGET_NONE:
		write(r, "the question stays open");
		break;
	case TARGET_STEP:
		write_step_target(r, &r->flow->step[target->step]);
		break;
	case TARGET_FLOW:
		write(r, "over to ");
		write_flow(r, target->name);
		break;
	case TARGET_END:
		write(r, "this is done");
		break;
	case TARGET_PAUSE:
		write(r, "we pause until the buyer writes again");
		break;
	case TARGET_WAIT_ON:
		write(r, "we go on waiting");
		break;
	case TARGET_BACK:
		write(r, "back to the question before");
		break;
	}
}

static void write_then(struct reader *r, const char *when, const struct target *target)
{
	if (target->kind == TARGET_NONE)
		return;
	buf_addf(r->out, " %s", when);
	write_target(r, target);
	write(r, ".");
}

/* What else may happen. */

static void write_happening(struct reader *r, const struct step *step, const struct on *on)
{
	static const struct {
		const char *key, *words;
	} known[] = {
		{"no", "No"},
		{"refused", "The shop says no"},
		{"failed", "The shop cannot be asked"},
		{"unknown", "No answer, so it may have been done"},
		{"nobody", "Nobody is there"},
		{"back", "The person hands back"},
	};

	if (on->kind == ON_NO_MATCH) {
		write(r, "Not understood");
	} else if (on->kind == ON_NO_REPLY) {
		write(r, "No reply for ");
		date_duration_show(on->after_ms, r->out);
	} else if (on->kind != ON_OUTCOME) {
		buf_addf(r->out, "The buyer means *%s%.*s*",
			on->kind == ON_NOT_INTENT ? "not " : "", STR(on->key));
	} else if (step->verb == VERB_RUN) {
		buf_addf(r->out, "It ends as *%.*s*", STR(on->key));
	} else if (str_is(on->key, "slow")) {
		write(r, "Longer than ");
		date_duration_show(step->within_ms, r->out);
	} else {
		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (str_is(on->key, known[i].key))
				write(r, known[i].words);
	}
}

static void write_reaction(struct reader *r, const struct reaction *reaction)
{
	bool said = reaction->say != NULL;

	if (said)
		write_said(r, reaction->say);
	if (reaction->save.n) {
		buf_addf(r->out, "%sthe message is kept as *%.*s*", said ? ", " : "",
			STR(reaction->save));
		said = true;
	}
	if (reaction->target.kind == TARGET_NONE)
		return;
	if (said)
		write(r, ", and ");
	write_target(r, &reaction->target);
}

static void write_on(struct reader *r, const struct step *step)
{
	for (size_t i = 0; i < step->n_on; i++) {
		const struct on *on = &step->on[i];

		write(r, "\n   - ");
		write_happening(r, step, on);
		write(r, ": ");
		for (size_t k = 0; k < on->n_items; k++) {
			if (k)
				write(r, k == 1 ? "; again: " : "; then: ");
			write_reaction(r, &on->item[k]);
		}
		write(r, ".");
	}
}

static void write_offers(struct reader *r, const struct step *step)
{
	for (size_t i = 0; i < step->n_offers; i++) {
		write(r, "\n   - Button ");
		write_said(r, step->offer[i].label);
		write(r, ": ");
		write_target(r, &step->offer[i].target);
		write(r, ".");
	}
}

static void write_branches(struct reader *r, const struct step *step)
{
	for (size_t i = 0; i < step->n_branches; i++) {
		const struct branch *branch = &step->branch[i];

		buf_addf(r->out, "\n   - %s ", i ? "Or if" : "If");
		write_code(r, expr_text(branch->when));
		write(r, ": ");
		for (size_t k = 0; k < branch->n_set; k++)
			buf_addf(r->out, "*%.*s* becomes `%.*s`, ", STR(branch->set[k].name),
				STR(expr_text(branch->set[k].expr)));
		write_target(r, &branch->then);
		write(r, ".");
	}
	write(r, "\n   - Otherwise: ");
	write_target(r, &step->otherwise);
	write(r, ".");
}

/* What rides along. */

static void write_set(struct reader *r, const struct step *step)
{
	for (size_t i = 0; i < step->n_set; i++) {
		struct str value = expr_text(step->set[i].expr), name = step->set[i].name;

		write(r, i ? " " : "");
		if (str_is(value, "none"))
			buf_addf(r->out, "We forget *%.*s*.", STR(name));
		else
			buf_addf(r->out, "We remember *%.*s*: `%.*s`.", STR(name), STR(value));
	}
}

static void write_watch(struct reader *r, const struct watch *watch)
{
	if (watch->stop && !watch->of) {
		write(r, "We stop watching everything.");
	} else if (watch->stop) {
		buf_addf(r->out, "We stop watching `%.*s`.", STR(expr_text(watch->of)));
	} else {
		buf_addf(r->out, "We watch for `%.*s` of `%.*s` and will tell: ", STR(watch->event),
			STR(expr_text(watch->of)));
		write_flow(r, watch->starts);
		write(r, ".");
	}
}

static void write_riders(struct reader *r, const struct step *step)
{
	if (step->n_set && step->verb != VERB_SET) {
		write(r, " ");
		write_set(r, step);
	}
	if (step->watch && step->verb != VERB_WATCH) {
		write(r, " ");
		write_watch(r, step->watch);
	}
	if (step->note.n && step->verb != VERB_NOTE)
		buf_addf(r->out, " Milestone: *%.*s*.", STR(step->note));
}

/* The verbs. */

static void write_texts(struct reader *r, const struct step *step)
{
	for (size_t i = 0; i < step->n_text; i++) {
		if (i)
			write(r, " ");
		write_said(r, step->text[i]);
	}
	if (step->card)
		buf_addf(r->out, " (with a card of `%.*s`).", STR(expr_text(step->card)));
	else
		write_stop(r, step->text[step->n_text - 1]);
}

static void read_say(struct reader *r, const struct step *step)
{
	write(r, "We say: ");
	write_texts(r, step);
}

static void read_ask(struct reader *r, const struct step *step)
{
	write(r, "We ask: ");
	write_texts(r, step);
	if (step->into.n)
		buf_addf(r->out, " The answer is kept as *%.*s*.", STR(step->into));
}

static void read_choose(struct reader *r, const struct step *step)
{
	write(r, "We ask: ");
	write_texts(r, step);
	buf_addf(r->out, " To pick from: `%.*s`", STR(expr_text(step->from)));
	if (step->show) {
		write(r, ", each shown as ");
		write_said(r, step->show);
	}
	if (step->fallback)
		buf_addf(r->out, ". A first message that names none means `%.*s`, if it is among them",
			STR(expr_text(step->fallback)));
	buf_addf(r->out, ". %s kept as *%.*s*.",
		step->many ? "What is picked (several may be) is" : "The pick is", STR(step->into));
}

static void read_confirm(struct reader *r, const struct step *step)
{
	write(r, "We ask for a clear yes: ");
	write_texts(r, step);
	for (size_t i = 0; i < step->n_shows; i++)
		buf_addf(r->out, "%s*%.*s*",
			i == 0                   ? " The yes is about "
			: i + 1 == step->n_shows ? " and "
						 : ", ",
			STR(step->shows[i]));
	if (step->n_shows)
		write(r, ".");
}

static void read_if(struct reader *r, const struct step *step)
{
	(void)step;
	write(r, "It depends:");
}

static void read_set(struct reader *r, const struct step *step)
{
	write_set(r, step);
}

static void read_call(struct reader *r, const struct step *step)
{
	buf_addf(r->out, "%s: %s (`%s`", step->op->writes ? "We act" : "We ask the shop",
		step->op->about, step->op->name);
	for (size_t i = 0; i < step->n_send; i++)
		buf_addf(r->out, "%s*%.*s* `%.*s`", i ? ", " : " with ", STR(step->send[i].name),
			STR(expr_text(step->send[i].expr)));
	write(r, ").");
	if (step->only_once)
		write(r, " **Once** for one decision.");
	if (step->point_of_no_return)
		write(r, " From here on it cannot be left half done.");
	if (step->save.n)
		buf_addf(r->out, " The answer is kept as *%.*s*.", STR(step->save));
}

static void read_run(struct reader *r, const struct step *step)
{
	write(r, "We go through ");
	write_flow(r, step->flow);
	write(r, " and come back");
	for (size_t i = 0; i < step->n_gives; i++)
		buf_addf(r->out, "%s *%.*s*", i ? "," : " with", STR(step->gives[i].name));
	write(r, ".");
}

static void read_go(struct reader *r, const struct step *step)
{
	write(r, "We go over to ");
	write_flow(r, step->flow);
	write(r, ".");
}

static void read_handoff(struct reader *r, const struct step *step)
{
	buf_addf(r->out, "We bring in a person (queue *%.*s*)", STR(step->queue));
	if (step->summary) {
		write(r, " and tell them: ");
		write_said(r, step->summary);
		write_stop(r, step->summary);
	} else {
		write(r, ".");
	}
}

static void read_wait(struct reader *r, const struct step *step)
{
	if (step->wait_event.n) {
		buf_addf(r->out, "We wait for `%.*s`.", STR(step->wait_event));
		return;
	}
	write(r, "We wait ");
	date_duration_show(step->wait_ms, r->out);
	write(r, ".");
}

static void read_watch(struct reader *r, const struct step *step)
{
	write_watch(r, step->watch);
}

static void read_note(struct reader *r, const struct step *step)
{
	buf_addf(r->out, "We write down the milestone *%.*s*", STR(step->note));
	for (size_t i = 0; i < step->n_note_with; i++)
		buf_addf(r->out, "%s*%.*s*", i ? ", " : " with ", STR(step->note_with[i].name));
	write(r, ".");
}

static void read_end(struct reader *r, const struct step *step)
{
	write(r, "The end: ");
	write_end(r, step->outcome);
	write(r, ".");
}

static void (*const read_verb[N_VERBS])(struct reader *r, const struct step *step) = {
	[VERB_SAY] = read_say,
	[VERB_ASK] = read_ask,
	[VERB_CHOOSE] = read_choose,
	[VERB_CONFIRM] = read_confirm,
	[VERB_IF] = read_if,
	[VERB_SET] = read_set,
	[VERB_CALL] = read_call,
	[VERB_RUN] = read_run,
	[VERB_GO] = read_go,
	[VERB_HANDOFF] = read_handoff,
	[VERB_WAIT] = read_wait,
	[VERB_WATCH] = read_watch,
	[VERB_NOTE] = read_note,
	[VERB_END] = read_end,
};

static void read_step(struct reader *r, const struct step *step)
{
	buf_addf(r->out, "%u. **%.*s.** ", r->number[step->index], STR(step->name));
	read_verb[step->verb](r, step);
	write_riders(r, step);
	write_then(r, step->verb == VERB_CONFIRM ? "Yes: " : "Then ", &step->then);
	write_then(r, "\"Skip\": ", &step->skip);
	if (step->verb == VERB_IF)
		write_branches(r, step);
	write_offers(r, step);
	write_on(r, step);
	write(r, "\n");
}

/* The order of reading is the one that the author wrote them in, the first step first. */

static void number_step(struct reader *r, const struct step *step)
{
	if (r->number[step->index] || is_read_inline(r->flow, step))
		return;
	r->order[r->n_order++] = step;
	r->number[step->index] = (unsigned)r->n_order;
}

static void number_steps(struct reader *r)
{
	r->number = arena_array(r->arena, unsigned, r->flow->n_steps + 1);
	r->order = arena_array(r->arena, const struct step *, r->flow->n_steps + 1);
	number_step(r, &r->flow->step[r->flow->first]);
	for (size_t i = 0; i < r->flow->n_steps; i++)
		number_step(r, &r->flow->step[i]);
}

/* The heading. */

static void read_starts(struct reader *r)
{
	const struct flow *flow = r->flow;

	if (!flow->n_starts_on) {
		write(r, flow->kind == FLOW_REPAIR ? "Started by the program itself.\n"
						   : "Started by other flows.\n");
		return;
	}
	write(r, "Starts when the buyer means ");
	for (size_t i = 0; i < flow->n_starts_on; i++)
		buf_addf(r->out, "%s`%.*s`", i ? " or " : "", STR(flow->starts_on[i]));
	write(r, flow->kind == FLOW_ANYTIME ? ", at every step.\n" : ".\n");
}

static void read_slot(struct reader *r, const struct slot *slot)
{
	buf_addf(r->out, "- *%.*s* (%s)", STR(slot->name), slot_type_name[slot->is]);
	if (slot->ask_at.n)
		buf_addf(r->out, ", asked at *%.*s*", STR(slot->ask_at));
	if (slot->from.n)
		buf_addf(r->out, ", from the list *%.*s*", STR(slot->from));
	if (slot->lent)
		write(r, ", may be brought along");
	if (slot->optional)
		write(r, ", need not be there");
	if (slot->private)
		write(r, ", private: in no log");
	for (size_t i = 0; i < slot->n_must; i++)
		buf_addf(r->out, ", only if `%.*s`", STR(expr_text(slot->must[i])));
	write(r, "\n");
}

static void read_heading(struct reader *r)
{
	const struct flow *flow = r->flow;

	buf_addf(r->out, "# %.*s\n\n", STR(flow->title.n ? flow->title : flow->name));
	buf_addf(r->out, "`%.*s`, version %u. ", STR(flow->name), flow->version);
	if (flow->about.n)
		buf_addf(r->out, "%.*s ", STR(flow->about));
	read_starts(r);
	if (flow->n_slots)
		write(r, "\nIt remembers:\n\n");
	for (size_t i = 0; i < flow->n_slots; i++)
		read_slot(r, &flow->slot[i]);
	write(r, "\n");
}

static void read_while_open(struct reader *r)
{
	if (r->flow->kind != FLOW_TASK)
		return;
	write(r, "\nWhile this is open, ");
	write(r, r->flow->questions == OPEN_REFUSE
			 ? "other questions have to wait"
			 : "other questions are answered and this one is asked again");
	write(r, r->flow->other_tasks == OPEN_SWITCH
			 ? ", and another wish takes its place.\n"
			 : ", and before another wish takes its place we ask.\n");
}

void flow_read(const struct flow_set *set, const struct flow *flow, struct buf *out)
{
	struct reader r = {.set = set, .flow = flow, .out = out, .arena = arena_new(max_scratch)};

	number_steps(&r);
	read_heading(&r);
	for (size_t i = 0; i < r.n_order; i++)
		read_step(&r, r.order[i]);
	read_while_open(&r);
	arena_free(r.arena);
}
