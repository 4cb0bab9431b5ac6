/* Whether a turn went as a conversation test says. */
#include "bot/chats/chat_judge_parts.h"

const char *const chat_failure_name[N_FAILURE_KINDS] = {
	[FAIL_DECISION] = "decision",
	[FAIL_STEP] = "step",
	[FAIL_SLOT] = "slot",
	[FAIL_CALL] = "call",
	[FAIL_TEXT] = "text",
	[FAIL_TIMING] = "timing",
	[FAIL_CANNOT] = "cannot",
};

const char *const chat_level_word[N_LEVELS] = {
	[LEVEL_NOBODY] = "nobody",
	[LEVEL_PERSON] = "person",
	[LEVEL_SAFETY] = "safety",
	[LEVEL_ANSWER] = "answer",
	[LEVEL_BUTTON] = "button",
	[LEVEL_ON] = "on",
	[LEVEL_CORRECTION] = "correction",
	[LEVEL_INTENT] = "intent",
	[LEVEL_CLARIFY] = "clarify",
	[LEVEL_NO_MATCH] = "no_match",
	[LEVEL_BUSY] = "busy",
	[LEVEL_REFUSED] = "refused",
};

void chat_fail(struct chat_failures *to, enum chat_failure_kind kind, struct chat_at at,
	struct str expected, struct str got)
{
	to->item = arena_grow(to->arena, to->item, to->n, struct chat_failure);
	to->item[to->n++] = (struct chat_failure){
		.kind = kind,
		.at = at,
		.expected = arena_str(to->arena, expected),
		.got = arena_str(to->arena, got),
	};
}

void judge_fail(struct judge *j, enum chat_failure_kind kind, const struct chat_fact *fact,
	struct str expected, struct str got)
{
	chat_fail(j->failures, kind, fact->at, expected, got);
}

struct str judge_none_if_empty(struct str text)
{
	return text.n ? text : S("none");
}

struct str judge_shown(struct judge *j, const struct value *value)
{
	struct buf out;
	struct str text;

	if (!value || value->type != VALUE_RECORD)
		return seen_name(j->arena, value);
	buf_init(&out, max_words_bytes);
	for (size_t i = 0; i < value->record.n; i++)
		buf_addf(&out, "%s%.*s: %.*s", i ? ", " : "{ ", STR(value->record.field[i].name),
			STR(seen_name(j->arena, value->record.field[i].value)));
	buf_adds(&out, value->record.n ? " }" : "{}");
	text = arena_str(j->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

/* --- what was said --- */

bool chat_label_matches(struct str expected, struct str label)
{
	const struct str cut = S(" · ");
	struct str rest = label;
	size_t n = 0;
	long at;

	if (chat_pattern_matches(expected, label))
		return true;
	while ((at = str_find(rest, cut)) >= 0) {
		n += (size_t)at;
		if (chat_pattern_matches(expected, str_sub(label, 0, n)))
			return true;
		n += cut.n;
		rest = str_sub(label, n, label.n);
	}
	return false;
}

static const struct seen_bubble *last_with_choices(const struct seen *seen)
{
	for (size_t i = seen->n_bubbles; i-- > 0;)
		if (seen->bubble[i].n_choices)
			return &seen->bubble[i];
	return NULL;
}

static struct str join_labels(struct judge *j, const struct seen_bubble *bubble)
{
	struct buf out;
	struct str text;

	buf_init(&out, max_words_bytes);
	for (size_t i = 0; bubble && i < bubble->n_choices; i++)
		buf_addf(&out, "%s%.*s", i ? " | " : "buttons ", STR(bubble->choice[i].label));
	text = out.n ? arena_str(j->arena, buf_str(&out)) : S("no buttons");
	buf_release(&out);
	return text;
}

static struct str join_items(struct judge *j, const struct chat_fact *fact)
{
	struct buf out;
	struct str text;

	buf_init(&out, max_words_bytes);
	buf_adds(&out, fact->negated ? "no buttons" : "buttons");
	for (size_t i = 0; i < fact->n_items; i++)
		buf_addf(&out, "%s %.*s", i ? " |" : "", STR(fact->item[i]));
	buf_adds(&out, fact->and_more ? " | ..." : "");
	text = arena_str(j->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void judge_buttons(struct judge *j, const struct chat_fact *fact)
{
	const struct seen_bubble *bubble = last_with_choices(j->seen);
	size_t n = bubble ? bubble->n_choices : 0;
	bool good = fact->negated    ? n == 0
		    : fact->and_more ? n >= fact->n_items
				     : n == fact->n_items;

	for (size_t i = 0; good && i < fact->n_items; i++)
		good = chat_label_matches(fact->item[i], bubble->choice[i].label);
	if (!good)
		judge_fail(j, FAIL_TEXT, fact, join_items(j, fact), join_labels(j, bubble));
}

static void judge_card(struct judge *j, const struct chat_fact *fact)
{
	const struct value *card = NULL;

	for (size_t i = 0; i < j->seen->n_bubbles; i++)
		if (j->seen->bubble[i].card)
			card = j->seen->bubble[i].card;
	if (fact->negated ? card != NULL : !card || !chat_value_matches(fact->value, card))
		judge_fail(j, FAIL_TEXT, fact,
			fact->negated ? S("no card")
				      : arena_printf(j->arena, "card %.*s",
						STR(judge_shown(j, fact->value))),
			card ? arena_printf(j->arena, "card %.*s", STR(judge_shown(j, card)))
			     : S("no card"));
}

struct str judge_step_name(struct judge *j, const struct seen_bubble *bubble)
{
	return bubble->step.n
		       ? arena_printf(j->arena, "%.*s/%.*s", STR(bubble->flow), STR(bubble->step))
		       : bubble->flow;
}

struct str judge_steps(struct judge *j)
{
	struct buf out;
	struct str text;

	buf_init(&out, max_words_bytes);
	for (size_t i = 0; i < j->seen->n_bubbles; i++)
		buf_addf(&out, "%s%.*s", i ? ", " : "",
			STR(judge_step_name(j, &j->seen->bubble[i])));
	text = arena_str(j->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void judge_said(struct judge *j, const struct chat_fact *fact)
{
	if (j->seen->n_bubbles)
		judge_fail(j, FAIL_STEP, fact, S("nothing said"), judge_steps(j));
}

/* --- where it stands --- */

static const struct frame *top_frame(const struct chat_scene *scene)
{
	return scene->session->n_frames ? &scene->session->frame[scene->session->n_frames - 1]
					: NULL;
}

struct str judge_place(struct arena *arena, const struct chat_scene *scene)
{
	const struct frame *top = top_frame(scene);

	return top ? arena_printf(arena, "at %.*s/%.*s", STR(top->flow_name), STR(top->step_name))
		   : S("nothing open");
}

bool judge_ref_is(struct str ref, struct str flow, struct str step)
{
	struct str flow_name, rest;

	if (str_eq(ref, flow))
		return true;
	return chat_ref_split(ref, &flow_name, &rest) && str_eq(flow_name, flow) &&
	       str_eq(rest, step);
}

bool judge_stands_at(const struct chat_scene *scene, struct str ref)
{
	const struct frame *top = top_frame(scene);

	return top && judge_ref_is(ref, top->flow_name, top->step_name);
}

static void judge_at(struct judge *j, const struct chat_fact *fact)
{
	if (judge_stands_at(j->scene, fact->name) == fact->negated)
		judge_fail(j, FAIL_STEP, fact,
			arena_printf(j->arena, "%sat %.*s", fact->negated ? "not " : "",
				STR(fact->name)),
			judge_place(j->arena, j->scene));
}

static bool is_open(const struct chat_scene *scene, struct str flow)
{
	for (size_t i = 0; i < scene->session->n_frames; i++)
		if (str_eq(scene->session->frame[i].flow_name, flow))
			return true;
	return false;
}

static void judge_open(struct judge *j, const struct chat_fact *fact)
{
	bool open = fact->name.n ? is_open(j->scene, fact->name) : j->scene->session->n_frames > 0;

	if (open == fact->negated)
		judge_fail(j, FAIL_STEP, fact,
			fact->name.n ? arena_printf(j->arena, "%sopen %.*s",
					       fact->negated ? "not " : "", STR(fact->name))
				     : S("nothing open"),
			judge_place(j->arena, j->scene));
}

/* --- slots --- */

static const struct value *frame_slot(const struct frame *frame, struct str name)
{
	for (size_t i = 0; i < frame->n_slots; i++)
		if (str_eq(frame->slot[i].name, name))
			return frame->slot[i].value;
	return &value_none;
}

/* The value of the uppermost flow that has such a slot; NULL if none has. */
static const struct value *find_slot(const struct chat_scene *scene, struct str name)
{
	for (size_t i = scene->session->n_frames; i-- > 0;) {
		const struct frame *frame = &scene->session->frame[i];
		const struct flow *flow =
			frame->flow ? frame->flow : model_flow(scene->model, frame->flow_name);

		if (value_is_set(frame_slot(frame, name)) || (flow && flow_slot(flow, name)))
			return frame_slot(frame, name);
	}
	return NULL;
}

/* "order.items[1].title" from the slot's value on. */
static const struct value *follow(const struct value *value, struct str path)
{
	while (path.n && value) {
		struct str name = path;
		int64_t index;
		size_t n = 1;

		while (n < path.n && path.p[n] != '.' && path.p[n] != '[')
			n++;
		name = str_sub(path, 1, n - 1);
		if (path.p[0] == '[' && str_ends(name, S("]")) &&
			str_int(str_sub(name, 0, name.n - 1), &index))
			value = index > 0 ? value_at(value, (size_t)index - 1) : &value_none;
		else
			value = value_get_str(value, name);
		path = str_sub(path, n, path.n);
	}
	return value;
}

static void judge_slot(struct judge *j, const struct chat_fact *fact)
{
	size_t n = 0;
	const struct value *value;
	struct str root = fact->name, expected, got;

	while (n < fact->name.n && fact->name.p[n] != '.' && fact->name.p[n] != '[')
		n++;
	root.n = n;
	value = find_slot(j->scene, root);
	expected = fact->value ? arena_printf(j->arena, "%.*s = %.*s", STR(fact->name),
					 STR(judge_shown(j, fact->value)))
			       : arena_printf(j->arena, "%.*s is %sset", STR(fact->name),
					 fact->negated ? "not " : "");
	if (!value) {
		judge_fail(j, FAIL_SLOT, fact, expected,
			arena_printf(j->arena, "no open flow has a slot '%.*s' (%.*s)", STR(root),
				STR(judge_place(j->arena, j->scene))));
		return;
	}
	value = follow(value, str_sub(fact->name, n, fact->name.n));
	if (fact->value ? chat_value_matches(fact->value, value)
			: value_is_set(value) != fact->negated)
		return;
	got = seen_name(j->arena, value);
	judge_fail(j, FAIL_SLOT, fact, expected,
		arena_printf(j->arena, "%.*s = %.*s", STR(fact->name), STR(got)));
}

/* How often the open question was tried: misses cost a try, detours do not. */
static int64_t tries(const struct chat_scene *scene)
{
	const struct frame *top = top_frame(scene);

	for (size_t i = 0; top && i < top->n_counters; i++)
		if (top->counter[i].step == top->step && str_is(top->counter[i].key, "no_match"))
			return 1 + (int64_t)top->counter[i].n;
	return 1 + (int64_t)scene->session->misses;
}

/* --- all of them --- */

static void judge_word(
	struct judge *j, const struct chat_fact *fact, const char *what, struct str got)
{
	if (!str_eq(fact->name, got))
		judge_fail(j, FAIL_DECISION, fact,
			arena_printf(j->arena, "%s %.*s", what, STR(fact->name)),
			arena_printf(j->arena, "%s %.*s", what, STR(got)));
}

static void judge_fact(struct judge *j, const struct chat_fact *fact)
{
	const struct seen *seen = j->seen;

	switch (fact->kind) {
	case FACT_INTENT:
		judge_intent(j, fact);
		break;
	case FACT_DECISION:
		judge_decision(j, fact);
		break;
	case FACT_HEARD:
		judge_heard(j, fact);
		break;
	case FACT_SCORE:
		judge_number(j, fact, FAIL_DECISION, "score", seen->score);
		break;
	case FACT_LEAD:
		judge_number(j, fact, FAIL_DECISION, "lead", seen->lead);
		break;
	case FACT_FIXED:
		judge_fixed(j, fact);
		break;
	case FACT_BUTTONS:
		judge_buttons(j, fact);
		break;
	case FACT_CARD:
		judge_card(j, fact);
		break;
	case FACT_SLOT:
		judge_slot(j, fact);
		break;
	case FACT_AT:
		judge_at(j, fact);
		break;
	case FACT_OPEN:
		judge_open(j, fact);
		break;
	case FACT_DIGRESSION:
		judge_digression(j, fact);
		break;
	case FACT_TRIES:
		judge_number(j, fact, FAIL_SLOT, "tries", tries(j->scene));
		break;
	case FACT_CORRECTED:
		judge_corrected(j, fact);
		break;
	case FACT_CALLED:
		judge_called(j, fact);
		break;
	case FACT_HANDOFF:
		judge_item(j, fact, "handoff", seen->handoff, seen->n_handoffs);
		break;
	case FACT_WATCHING:
		judge_watching(j, fact);
		break;
	case FACT_NOTE:
		judge_item(j, fact, "note", seen->note, seen->n_notes);
		break;
	case FACT_ENDED:
		judge_item(j, fact, "ended", seen->ended, seen->n_ended);
		break;
	case FACT_OWNER:
		judge_word(j, fact, "owner", str_of(owner_name[j->scene->session->owner]));
		break;
	case FACT_LANGUAGE:
		judge_word(j, fact, "language", j->scene->session->language);
		break;
	case FACT_SAID:
		judge_said(j, fact);
		break;
	case N_FACT_KINDS:
		break;
	}
}

/* A fault of the content fails the test, except where the flow that tells the buyer is expected. */
static void judge_fault(struct judge *j, const struct chat_turn *turn)
{
	if (!j->seen->fault.n)
		return;
	for (size_t i = 0; i < turn->n_speeches; i++)
		if (str_starts(turn->speech[i].ref, S("repair/error")) ||
			str_starts(turn->speech[i].ref, S("repair/limit")))
			return;
	chat_fail(j->failures, FAIL_STEP, turn->at, S("no fault in the content"), j->seen->fault);
}

void chat_judge_turn(const struct chat_turn *turn, const struct chat_scene *scene,
	struct chat_failures *failures, struct chat_failures *notes)
{
	struct judge j = {scene, scene->seen, failures, failures->arena};

	if (turn->n_speeches)
		judge_speeches(&j, turn, notes);
	for (size_t i = 0; i < turn->n_facts; i++)
		judge_fact(&j, &turn->fact[i]);
	judge_fault(&j, turn);
}
