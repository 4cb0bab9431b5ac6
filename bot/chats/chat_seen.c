/* What a turn of a conversation test brought. */
#include "bot/chats/chat_seen.h"

#include "flows/template.h"

enum { max_explain_bytes = 64 << 10, max_name_bytes = 2000 };

/* Two candidates that come to the same are no rivals: one intent, or two that start one flow. */
static bool same_outcome(
	const struct flow_set *flows, const struct candidate *a, const struct candidate *b)
{
	const struct flow *flow = flow_set_started_by(flows, a->intent->name, a->negated);

	if (a->intent == b->intent && a->negated == b->negated)
		return true;
	return flow && flow == flow_set_started_by(flows, b->intent->name, b->negated);
}

static int lead_of(const struct reading *reading, const struct flow_set *flows)
{
	if (!reading->n_candidates)
		return 0;
	for (size_t i = 1; i < reading->n_candidates; i++)
		if (!same_outcome(flows, &reading->candidate[0], &reading->candidate[i]))
			return reading->candidate[0].score - reading->candidate[i].score;
	return reading->candidate[0].score;
}

static void add_reading(struct seen *seen, const struct trace *trace, const struct flow_set *flows)
{
	const struct reading *reading = trace->reading;

	seen->read = true;
	seen->level = trace->level;
	seen->decision = trace->decision;
	seen->intent = arena_str(seen->arena, trace->intent);
	seen->negated = trace->negated;
	seen->score = trace->score;
	seen->lead = lead_of(reading, flows);
	for (size_t i = 0; i < reading->n_fixes; i++) {
		seen->fix = arena_grow(seen->arena, seen->fix, seen->n_fixes, struct fix);
		seen->fix[seen->n_fixes++] =
			(struct fix){arena_str(seen->arena, reading->fix[i].from),
				arena_str(seen->arena, reading->fix[i].to)};
	}
}

static void keep_first(struct seen *seen, struct str *kept, struct str now)
{
	if (!kept->n && now.n)
		*kept = arena_str(seen->arena, now);
}

static void add_trace(struct seen *seen, const struct trace *trace, const struct flow_set *flows)
{
	struct buf text;

	if (trace->reading && !seen->read)
		add_reading(seen, trace, flows);
	else if (!seen->read && seen->level == LEVEL_NOBODY)
		seen->level = trace->level;
	keep_first(seen, &seen->digression, trace->digression);
	if (!seen->corrected.n) {
		keep_first(seen, &seen->corrected, trace->corrected);
		keep_first(seen, &seen->corrected_from, trace->corrected_from);
		keep_first(seen, &seen->corrected_to, trace->corrected_to);
	}
	keep_first(seen, &seen->fault, trace->fault);
	for (size_t i = 0; i < trace->n_visits; i++) {
		const struct visit *v = &trace->visit[i];

		seen->visit = arena_grow(seen->arena, seen->visit, seen->n_visits, struct visit);
		seen->visit[seen->n_visits++] = (struct visit){
			.flow = arena_str(seen->arena, v->flow),
			.step = arena_str(seen->arena, v->step),
			.how = arena_str(seen->arena, v->how),
			.from = arena_str(seen->arena, v->from),
		};
	}
	buf_init(&text, max_explain_bytes);
	buf_add(&text, seen->explain);
	if (trace->reading || trace->n_visits || trace->fault.n)
		trace_explain(trace, false, &text);
	seen->explain = arena_str(seen->arena, buf_str(&text));
	buf_release(&text);
}

static void add_bubble(struct seen *seen, const struct effect *effect)
{
	struct choice *choice = arena_array(seen->arena, struct choice, effect->say.n_choices + 1);
	struct seen_bubble bubble = {
		.flow = effect->flow.n ? arena_str(seen->arena, effect->flow) : S("engine"),
		.step = arena_str(seen->arena, effect->step),
		.text = arena_str(seen->arena, effect->say.text),
		.choice = choice,
		.n_choices = effect->say.n_choices,
		.card = effect->say.card ? value_copy(seen->arena, effect->say.card) : NULL,
	};

	for (size_t i = 0; i < effect->say.n_choices; i++)
		choice[i] = (struct choice){arena_str(seen->arena, effect->say.choice[i].id),
			arena_str(seen->arena, effect->say.choice[i].label)};
	seen->bubble = arena_grow(seen->arena, seen->bubble, seen->n_bubbles, struct seen_bubble);
	seen->bubble[seen->n_bubbles++] = bubble;
}

static void add_item(struct seen *seen, struct seen_item **list, size_t *n, struct str name,
	struct str outcome, const struct value *value)
{
	*list = arena_grow(seen->arena, *list, *n, struct seen_item);
	(*list)[(*n)++] = (struct seen_item){arena_str(seen->arena, name),
		arena_str(seen->arena, outcome), value ? value_copy(seen->arena, value) : NULL};
}

static void add_effect(struct seen *seen, const struct effect *effect)
{
	const struct str none = {0};

	switch (effect->kind) {
	case EFFECT_SAY:
		add_bubble(seen, effect);
		break;
	case EFFECT_HANDOFF:
		add_item(seen, &seen->handoff, &seen->n_handoffs, effect->handoff.queue, none,
			effect->handoff.card);
		break;
	case EFFECT_NOTE:
		add_item(seen, &seen->note, &seen->n_notes, effect->note.name, none,
			effect->note.values);
		break;
	case EFFECT_ENDED:
		add_item(seen, &seen->ended, &seen->n_ended, effect->flow, effect->ended.outcome,
			NULL);
		break;
	case EFFECT_CALL:  /* with their answers in the host's list */
	case EFFECT_WATCH: /* in the session */
		break;
	}
}

static void add_call(struct seen *seen, const struct host_call *call)
{
	struct seen_call *known = NULL;

	for (size_t i = 0; i < seen->n_calls; i++)
		if (seen->call[i].number == call->number)
			known = &seen->call[i];
	if (!known) {
		seen->call = arena_grow(seen->arena, seen->call, seen->n_calls, struct seen_call);
		known = &seen->call[seen->n_calls++];
		*known = (struct seen_call){
			.number = call->number,
			.op = str_of(call->op->name),
			.args = call->args ? value_copy(seen->arena, call->args) : NULL,
			.made = call->made,
		};
	}
	known->answered = known->answered || call->answered;
	if (call->answered)
		known->outcome = call->outcome;
}

void seen_add(struct seen *seen, const struct host_turn *turn, const struct flow_set *flows)
{
	for (size_t i = 0; i < turn->n_traces; i++)
		add_trace(seen, &turn->trace[i], flows);
	for (size_t i = 0; i < turn->n_effects; i++)
		add_effect(seen, &turn->effect[i]);
	for (size_t i = 0; i < turn->n_calls; i++)
		add_call(seen, &turn->call[i]);
}

static void print_name(const struct value *value, struct buf *out)
{
	static const char *const identity[] = {"number", "id", "label", "title"};

	if (!value || value->type == VALUE_NONE) {
		buf_adds(out, "none");
	} else if (value->type == VALUE_LIST) {
		for (size_t i = 0; i < value->list.n; i++) {
			buf_adds(out, i ? ", " : "[");
			print_name(value->list.item[i], out);
		}
		buf_adds(out, value->list.n ? "]" : "[]");
	} else if (value->type == VALUE_RECORD) {
		if (value_is_set(value_get(value, "amount")) &&
			value_is_set(value_get(value, "currency"))) {
			buf_addf(out, "%.*s %.*s", STR(value_get_text(value, "amount")),
				STR(value_get_text(value, "currency")));
			return;
		}
		for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
			if (value_is_set(value_get(value, identity[i]))) {
				print_name(value_get(value, identity[i]), out);
				return;
			}
		value_show(value, out);
	} else if (value->type == VALUE_BOOL) {
		buf_adds(out, value->yes ? "true" : "false");
	} else {
		value_print(value, out);
	}
}

struct str seen_name(struct arena *arena, const struct value *value)
{
	struct buf out;
	struct str name;

	buf_init(&out, max_name_bytes);
	print_name(value, &out);
	name = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return name;
}
