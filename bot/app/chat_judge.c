/* Whether a turn went as a conversation test says. */
#include "bot/app/chat_judge.h"

#include "flows/template.h"

enum { max_shown = 4000 };

const char *const chat_failure_name[N_FAILURE_KINDS] = {
	[FAIL_DECISION] = "decision", [FAIL_STEP] = "step", [FAIL_SLOT] = "slot", [FAIL_CALL] = "call",
	[FAIL_TEXT] = "text", [FAIL_TIMING] = "timing", [FAIL_CANNOT] = "cannot",
};

const char *const chat_level_word[N_LEVELS] = {
	[LEVEL_NOBODY] = "nobody", [LEVEL_PERSON] = "person", [LEVEL_SAFETY] = "safety",
	[LEVEL_ANSWER] = "answer", [LEVEL_BUTTON] = "button", [LEVEL_ON] = "on",
	[LEVEL_CORRECTION] = "correction", [LEVEL_INTENT] = "intent", [LEVEL_CLARIFY] = "clarify",
	[LEVEL_NO_MATCH] = "no_match", [LEVEL_BUSY] = "busy", [LEVEL_REFUSED] = "refused",
};

void chat_fail(struct chat_failures *to, enum chat_failure_kind kind, struct chat_at at,
	struct str expected, struct str got)
{
	to->item = arena_grow(to->arena, to->item, to->n, struct chat_failure);
	to->item[to->n++] = (struct chat_failure){
		.kind = kind, .at = at,
		.expected = arena_str(to->arena, expected), .got = arena_str(to->arena, got)};
}

/* --- comparing --- */

static struct str printed(const struct value *v, char *room, size_t size)
{
	struct buf out;
	struct str text;

	buf_init(&out, size - 1);
	value_print(v, &out);
	for (size_t i = 0; i < out.n; i++)
		room[i] = out.p[i];
	text = (struct str){room, out.n};
	buf_release(&out);
	return text;
}

static bool named_so(struct str expected, const struct value *record)
{
	static const char *const field[] = {"number", "id", "label", "title"};

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (value_get_text(record, field[i]).n
			&& chat_pattern_matches(expected, value_get_text(record, field[i])))
			return true;
	return false;
}

bool chat_value_matches(const struct value *expected, const struct value *got)
{
	char room[512];

	if (!expected || (expected->type == VALUE_TEXT && str_is(expected->text, "*")))
		return value_is_set(got);
	switch (expected->type) {
	case VALUE_TEXT:
		if (got->type == VALUE_RECORD)
			return named_so(expected->text, got);
		if (got->type == VALUE_TEXT)
			return chat_pattern_matches(expected->text, got->text);
		return chat_pattern_matches(expected->text, printed(got, room, sizeof(room)));
	case VALUE_RECORD:
		for (size_t i = 0; i < expected->record.n; i++)
			if (!chat_value_matches(expected->record.field[i].value,
					value_get_str(got, expected->record.field[i].name)))
				return false;
		return got->type == VALUE_RECORD;
	case VALUE_LIST:
		if (got->type != VALUE_LIST || got->list.n != expected->list.n)
			return false;
		for (size_t i = 0; i < got->list.n; i++)
			if (!chat_value_matches(expected->list.item[i], got->list.item[i]))
				return false;
		return true;
	case VALUE_INT:
		/* "1001" written bare may be an id. */
		if (got->type == VALUE_TEXT)
			return chat_pattern_matches(printed(expected, room, sizeof(room)), got->text);
		return value_eq(expected, got);
	case VALUE_NONE:
		return !value_is_set(got);
	case VALUE_BOOL:
		return value_eq(expected, got);
	}
	return false;
}

bool chat_label_matches(struct str expected, struct str label)
{
	long cut;

	if (chat_pattern_matches(expected, label))
		return true;
	for (size_t from = 0; (cut = str_find(str_sub(label, from, label.n), S(" · "))) >= 0;) {
		from += (size_t)cut;
		if (chat_pattern_matches(expected, str_sub(label, 0, from)))
			return true;
		from += S(" · ").n;
	}
	return false;
}

static bool compare(int64_t got, enum chat_compare how, int64_t wanted)
{
	switch (how) {
	case COMPARE_EQ:
		return got == wanted;
	case COMPARE_LT:
		return got < wanted;
	case COMPARE_LE:
		return got <= wanted;
	case COMPARE_GT:
		return got > wanted;
	case COMPARE_GE:
		return got >= wanted;
	}
	return false;
}

static const char *const compare_word[] = {"=", "<", "<=", ">", ">="};

/* --- speech --- */

static bool speaks(struct str ref, const struct seen_bubble *b, struct arena *arena)
{
	if (str_eq(ref, b->flow))
		return true;            /* any step of that flow */
	return str_eq(ref, arena_printf(arena, "%.*s/%.*s", STR(b->flow), STR(b->step)));
}

static bool same_step(const struct seen_bubble *a, const struct seen_bubble *b)
{
	return str_eq(a->flow, b->flow) && str_eq(a->step, b->step);
}

/* Several bubbles of one step are one: [from, to) of the bubbles. */
struct group {
	size_t from, to;
};

static size_t group_bubbles(const struct seen *seen, struct group *group)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->n_bubbles; i++)
		if (i && same_step(&seen->bubble[i], &seen->bubble[i - 1]))
			group[n - 1].to = i + 1;
		else
			group[n++] = (struct group){i, i + 1};
	return n;
}

static struct str group_text(const struct seen *seen, struct group g, struct arena *arena)
{
	struct str text = seen->bubble[g.from].text;

	for (size_t i = g.from + 1; i < g.to; i++)
		text = arena_printf(arena, "%.*s %.*s", STR(text), STR(seen->bubble[i].text));
	return text;
}

static bool words_match(const struct chat_speech *speech, struct str text)
{
	switch (speech->how) {
	case WORDS_ANY:
	case WORDS_NOTED:
		return true;
	case WORDS_PATTERN:
		return chat_pattern_matches(speech->words, text);
	case WORDS_EXACT:
		return str_eq(str_trim(speech->words), str_trim(text));
	}
	return false;
}

/* Whether the lines from @i on can be the groups from @k on, words aside. */
static bool lines_fit(const struct chat_turn *turn, size_t i, const struct seen *seen,
	const struct group *group, size_t n, size_t k, size_t *at, struct arena *arena)
{
	if (i == turn->n_speeches)
		return k == n;
	if (!turn->speech[i].ref.n) {
		for (size_t skip = k; skip <= n; skip++)
			if (lines_fit(turn, i + 1, seen, group, n, skip, at, arena))
				return true;
		return false;
	}
	if (k == n || !speaks(turn->speech[i].ref, &seen->bubble[group[k].from], arena))
		return false;
	at[i] = k;
	return lines_fit(turn, i + 1, seen, group, n, k + 1, at, arena);
}

static struct str wanted_steps(const struct chat_turn *turn, struct arena *arena)
{
	struct str text = {0};

	for (size_t i = 0; i < turn->n_speeches; i++)
		text = arena_printf(arena, "%.*s%s%.*s", STR(text), i ? ", " : "",
			STR(turn->speech[i].ref.n ? turn->speech[i].ref : S("...")));
	return text;
}

static struct str seen_steps(const struct seen *seen, const struct group *group, size_t n,
	struct arena *arena)
{
	struct str text = {0};

	for (size_t k = 0; k < n; k++) {
		const struct seen_bubble *b = &seen->bubble[group[k].from];

		text = arena_printf(arena, "%.*s%s%.*s/%.*s", STR(text), k ? ", " : "", STR(b->flow),
			STR(b->step));
	}
	return n ? text : S("nothing said");
}

static void judge_speech(const struct chat_turn *turn, const struct seen *seen,
	struct chat_failures *failures, struct chat_failures *notes)
{
	struct group *group = arena_array(failures->arena, struct group, seen->n_bubbles + 1);
	size_t *at = arena_array(failures->arena, size_t, turn->n_speeches + 1);
	size_t n = group_bubbles(seen, group);

	if (!turn->n_speeches)
		return;
	if (!lines_fit(turn, 0, seen, group, n, 0, at, failures->arena)) {
		chat_fail(failures, FAIL_STEP, turn->speech[0].at,
			wanted_steps(turn, failures->arena),
			seen_steps(seen, group, n, failures->arena));
		return;
	}
	for (size_t i = 0; i < turn->n_speeches; i++) {
		const struct chat_speech *speech = &turn->speech[i];
		struct chat_failures *to = speech->how == WORDS_NOTED ? notes : failures;
		struct str text;

		if (!speech->ref.n)
			continue;
		text = group_text(seen, group[at[i]], failures->arena);
		if (speech->how == WORDS_NOTED ? chat_pattern_matches(speech->words, text)
					       : words_match(speech, text))
			continue;
		chat_fail(to, FAIL_TEXT, speech->at, speech->words, text);
		to->item[to->n - 1].words_at = speech->words_at;
	}
}

/* --- facts --- */

static struct str nothing_or(struct str s, const char *nothing)
{
	return s.n ? s : str_of(nothing);
}

static bool alternatives_hold(struct str wanted, const struct seen *seen)
{
	while (wanted.n) {
		struct str one = str_trim(str_cut(&wanted, '|'));
		bool negated = str_starts(one, S("not "));
		struct str intent = negated ? str_trim(str_sub(one, 4, one.n)) : one;

		if (str_is(one, decision_name[seen->decision]))
			return true;
		if (seen->decision == DECIDE_ACCEPT && str_eq(intent, seen->intent)
			&& negated == seen->negated)
			return true;
		/* What a negation keeps out is kept out just as well when nothing is understood. */
		if (negated && !(seen->decision == DECIDE_ACCEPT && str_eq(intent, seen->intent)))
			return true;
	}
	return false;
}

static const struct value *path_value(const struct value *v, struct str path)
{
	while (path.n && v) {
		size_t i = 0;

		if (path.p[0] == '.')
			path = str_sub(path, 1, path.n);
		if (path.p[0] == '[') {
			int64_t index = 0;
			struct str inside = str_sub(path, 1, path.n);
			struct str digits = str_cut(&inside, ']');

			if (!str_int(digits, &index) || index < 1)
				return NULL;
			v = value_at(v, (size_t)index - 1);
			path = inside;
			continue;
		}
		while (i < path.n && path.p[i] != '.' && path.p[i] != '[')
			i++;
		v = value_get_str(v, str_sub(path, 0, i));
		path = str_sub(path, i, path.n);
	}
	return v;
}

/* The slot in the uppermost open flow that has one of that name. */
static const struct value *slot_value(const struct chat_scene *scene, struct str path)
{
	size_t n = 0;
	struct str name;

	while (n < path.n && path.p[n] != '.' && path.p[n] != '[')
		n++;
	name = str_sub(path, 0, n);
	for (size_t k = scene->session->n_frames; k-- > 0;) {
		const struct frame *f = &scene->session->frame[k];
		const struct flow *flow = model_flow(scene->model, f->flow_name);

		for (size_t i = 0; i < f->n_slots; i++)
			if (str_eq(f->slot[i].name, name))
				return path_value(f->slot[i].value, str_sub(path, n, path.n));
		if (flow && flow_slot(flow, name))
			return &value_none;
	}
	return &value_none;
}

static const struct frame *open_frame(const struct chat_scene *scene)
{
	return scene->session->n_frames ? &scene->session->frame[scene->session->n_frames - 1] : NULL;
}

static struct str where_open(const struct chat_scene *scene, struct arena *arena)
{
	const struct frame *f = open_frame(scene);

	if (!f)
		return S("nothing open");
	return arena_printf(arena, "%.*s/%.*s", STR(f->flow_name), STR(f->step_name));
}

static bool is_at(const struct chat_scene *scene, struct str ref, struct arena *arena)
{
	const struct frame *f = open_frame(scene);

	return f && (str_eq(ref, f->flow_name) || str_eq(ref, where_open(scene, arena)));
}

static int64_t tries_of(const struct chat_scene *scene)
{
	const struct frame *f = open_frame(scene);

	for (size_t i = 0; f && i < f->n_counters; i++)
		if (str_is(f->counter[i].key, "no_match"))
			return f->counter[i].n + 1;
	return scene->session->misses + 1;
}

static const struct seen_bubble *bubble_with_buttons(const struct seen *seen)
{
	for (size_t i = seen->n_bubbles; i-- > 0;)
		if (seen->bubble[i].n_choices)
			return &seen->bubble[i];
	return NULL;
}

static struct str labels_of(const struct seen_bubble *b, struct arena *arena)
{
	struct str text = {0};

	for (size_t i = 0; b && i < b->n_choices; i++)
		text = arena_printf(arena, "%.*s%s%.*s", STR(text), i ? " | " : "",
			STR(b->choice[i].label));
	return nothing_or(text, "no buttons");
}

static bool buttons_hold(const struct chat_fact *fact, const struct seen *seen)
{
	const struct seen_bubble *b = bubble_with_buttons(seen);

	if (fact->negated)
		return b == NULL;
	if (!b || b->n_choices < fact->n_items || (b->n_choices > fact->n_items && !fact->and_more))
		return false;
	for (size_t i = 0; i < fact->n_items; i++)
		if (!chat_label_matches(fact->item[i], b->choice[i].label))
			return false;
	return true;
}

static bool fixes_hold(const struct chat_fact *fact, const struct seen *seen)
{
	if (fact->negated)
		return seen->n_fixes == 0;
	for (size_t i = 0; i + 1 < fact->n_items; i += 2) {
		bool found = false;

		for (size_t k = 0; k < seen->n_fixes; k++)
			found |= str_eq_nocase(seen->fix[k].from, fact->item[i])
				&& str_eq_nocase(seen->fix[k].to, fact->item[i + 1]);
		if (!found)
			return false;
	}
	return true;
}

static struct str fixes_of(const struct seen *seen, struct arena *arena)
{
	struct str text = {0};

	for (size_t i = 0; i < seen->n_fixes; i++)
		text = arena_printf(arena, "%.*s%s%.*s -> %.*s", STR(text), i ? ", " : "",
			STR(seen->fix[i].from), STR(seen->fix[i].to));
	return nothing_or(text, "nothing fixed");
}

static bool call_fits(const struct chat_fact *fact, const struct seen_call *call)
{
	if (fact->name.n && !str_eq(call->op, fact->name))
		return false;
	if (fact->value && !chat_value_matches(fact->value, call->args))
		return false;
	return !fact->to.n || (call->answered && str_is(fact->to, outcome_name[call->outcome]));
}

static int64_t count_calls(const struct chat_fact *fact, const struct chat_scene *scene)
{
	const struct seen_call *call = fact->in_all ? scene->all : scene->seen->call;
	size_t n = fact->in_all ? scene->n_all : scene->seen->n_calls;
	int64_t count = 0;

	for (size_t i = 0; i < n; i++)
		if ((call[i].made || fact->in_all || fact->to.n) && call_fits(fact, &call[i]))
			count++;
	return count;
}

static struct str calls_of(const struct chat_fact *fact, const struct chat_scene *scene,
	struct arena *arena)
{
	const struct seen_call *call = fact->in_all ? scene->all : scene->seen->call;
	size_t n = fact->in_all ? scene->n_all : scene->seen->n_calls;
	struct str text = {0};

	for (size_t i = 0; i < n; i++) {
		struct buf args;

		buf_init(&args, max_shown);
		value_show(call[i].args, &args);
		text = arena_printf(arena, "%.*s%s%.*s %.*s -> %s", STR(text), i ? ", " : "",
			STR(call[i].op), STR(buf_str(&args)),
			call[i].answered ? outcome_name[call[i].outcome] : "under way");
		buf_release(&args);
	}
	return nothing_or(text, "nothing called");
}

static bool calls_hold(const struct chat_fact *fact, const struct chat_scene *scene)
{
	int64_t n = count_calls(fact, scene);

	if (fact->negated)
		return n == 0;
	return fact->number < 0 ? n >= 1 : n == fact->number;
}

static bool item_fits(const struct seen_item *list, size_t n, const struct chat_fact *fact)
{
	for (size_t i = 0; i < n; i++) {
		if (fact->name.n && !str_eq(list[i].name, fact->name))
			continue;
		if (fact->value && !chat_value_matches(fact->value, list[i].value))
			continue;
		if (fact->kind == FACT_ENDED && fact->to.n && !str_eq(fact->to, list[i].outcome))
			continue;
		return true;
	}
	return false;
}

static struct str items_of(const struct seen_item *list, size_t n, struct arena *arena)
{
	struct str text = {0};

	for (size_t i = 0; i < n; i++) {
		struct buf value;

		buf_init(&value, max_shown);
		if (list[i].value)
			value_show(list[i].value, &value);
		text = arena_printf(arena, "%.*s%s%.*s %.*s%.*s", STR(text), i ? ", " : "",
			STR(list[i].name), STR(list[i].outcome), STR(buf_str(&value)));
		buf_release(&value);
	}
	return nothing_or(text, "none");
}

static bool watching_holds(const struct chat_fact *fact, const struct session *s)
{
	for (size_t i = 0; i < s->n_watched; i++)
		if ((!fact->name.n || str_eq(s->watched[i].event, fact->name))
			&& (!fact->from.n || str_eq(s->watched[i].of, fact->from)))
			return true;
	return false;
}

static struct str watched_of(const struct session *s, struct arena *arena)
{
	struct str text = {0};

	for (size_t i = 0; i < s->n_watched; i++)
		text = arena_printf(arena, "%.*s%s%.*s of %.*s", STR(text), i ? ", " : "",
			STR(s->watched[i].event), STR(s->watched[i].of));
	return nothing_or(text, "not watching");
}

static const struct value *last_card(const struct seen *seen)
{
	for (size_t i = seen->n_bubbles; i-- > 0;)
		if (seen->bubble[i].card)
			return seen->bubble[i].card;
	return NULL;
}

static bool is_open_flow(const struct session *s, struct str name)
{
	for (size_t i = 0; i < s->n_frames; i++)
		if (str_eq(s->frame[i].flow_name, name))
			return true;
	return false;
}

static bool corrected_holds(const struct chat_fact *fact, const struct seen *seen)
{
	if (fact->negated)
		return !seen->corrected.n;
	return str_eq(seen->corrected, fact->name)
		&& (!fact->from.n || chat_label_matches(fact->from, seen->corrected_from))
		&& (!fact->to.n || chat_label_matches(fact->to, seen->corrected_to));
}

static struct str value_text_shown(const struct value *v, struct arena *arena)
{
	struct buf out;
	struct str text;

	buf_init(&out, max_shown);
	if (v && value_is_set(v))
		value_show(v, &out);
	text = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return nothing_or(text, "not set");
}

struct verdict {
	bool holds;
	enum chat_failure_kind kind;
	struct str got;
};

static struct verdict judge_fact(const struct chat_fact *f, const struct chat_scene *scene,
	struct arena *a)
{
	const struct seen *seen = scene->seen;
	const struct session *s = scene->session;
	const struct value *v;
	bool same;

	switch (f->kind) {
	case FACT_INTENT:
		same = str_is(f->name, "none") ? !seen->intent.n : str_eq(f->name, seen->intent);
		return (struct verdict){same != f->negated, FAIL_DECISION,
			nothing_or(seen->intent, "none")};
	case FACT_DECISION:
		return (struct verdict){alternatives_hold(f->name, seen) != f->negated, FAIL_DECISION,
			arena_printf(a, "%s %s%.*s", decision_name[seen->decision],
				seen->negated ? "not " : "", STR(seen->intent))};
	case FACT_HEARD:
		same = str_is(f->name, chat_level_word[seen->level]);
		return (struct verdict){same != f->negated, FAIL_DECISION,
			str_of(chat_level_word[seen->level])};
	case FACT_SCORE:
		return (struct verdict){compare(seen->score, f->compare, f->number), FAIL_DECISION,
			arena_printf(a, "%d", seen->score)};
	case FACT_LEAD:
		return (struct verdict){compare(seen->lead, f->compare, f->number), FAIL_DECISION,
			arena_printf(a, "%d", seen->lead)};
	case FACT_FIXED:
		return (struct verdict){fixes_hold(f, seen), FAIL_DECISION, fixes_of(seen, a)};
	case FACT_BUTTONS:
		return (struct verdict){buttons_hold(f, seen), FAIL_TEXT,
			labels_of(bubble_with_buttons(seen), a)};
	case FACT_CARD:
		v = last_card(seen);
		same = v && (!f->value || chat_value_matches(f->value, v));
		return (struct verdict){same != f->negated, FAIL_TEXT, value_text_shown(v, a)};
	case FACT_SLOT:
		v = slot_value(scene, f->name);
		same = v && (f->value ? chat_value_matches(f->value, v) : value_is_set(v));
		return (struct verdict){same != f->negated, FAIL_SLOT, value_text_shown(v, a)};
	case FACT_AT:
		if (!f->name.n)
			return (struct verdict){!s->n_frames, FAIL_STEP, where_open(scene, a)};
		return (struct verdict){is_at(scene, f->name, a) != f->negated, FAIL_STEP,
			where_open(scene, a)};
	case FACT_OPEN:
		if (!f->name.n)
			return (struct verdict){!s->n_frames, FAIL_STEP, where_open(scene, a)};
		return (struct verdict){is_open_flow(s, f->name) != f->negated, FAIL_STEP,
			where_open(scene, a)};
	case FACT_DIGRESSION:
		same = f->name.n ? str_eq(f->name, seen->digression) : seen->digression.n != 0;
		return (struct verdict){same != f->negated, FAIL_DECISION,
			nothing_or(seen->digression, "no digression")};
	case FACT_TRIES:
		return (struct verdict){compare(tries_of(scene), f->compare, f->number), FAIL_DECISION,
			arena_printf(a, "%lld", (long long)tries_of(scene))};
	case FACT_CORRECTED:
		return (struct verdict){corrected_holds(f, seen), FAIL_SLOT,
			seen->corrected.n ? arena_printf(a, "%.*s %.*s -> %.*s", STR(seen->corrected),
				STR(seen->corrected_from), STR(seen->corrected_to))
					  : S("nothing corrected")};
	case FACT_CALLED:
		return (struct verdict){calls_hold(f, scene), FAIL_CALL, calls_of(f, scene, a)};
	case FACT_HANDOFF:
		return (struct verdict){item_fits(seen->handoff, seen->n_handoffs, f) != f->negated,
			FAIL_STEP, items_of(seen->handoff, seen->n_handoffs, a)};
	case FACT_WATCHING:
		return (struct verdict){watching_holds(f, s) != f->negated, FAIL_SLOT, watched_of(s, a)};
	case FACT_NOTE:
		return (struct verdict){item_fits(seen->note, seen->n_notes, f) != f->negated, FAIL_CALL,
			items_of(seen->note, seen->n_notes, a)};
	case FACT_ENDED:
		return (struct verdict){item_fits(seen->ended, seen->n_ended, f) != f->negated, FAIL_STEP,
			items_of(seen->ended, seen->n_ended, a)};
	case FACT_OWNER:
		same = str_is(f->name, owner_name[s->owner]);
		return (struct verdict){same != f->negated, FAIL_DECISION, str_of(owner_name[s->owner])};
	case FACT_LANGUAGE:
		return (struct verdict){str_eq(f->name, s->language) != f->negated, FAIL_DECISION,
			s->language};
	case FACT_SAID:
		return (struct verdict){(seen->n_bubbles != 0) != f->negated, FAIL_STEP,
			seen->n_bubbles ? seen->bubble[0].text : S("nothing said")};
	case N_FACT_KINDS:
		break;
	}
	return (struct verdict){true, FAIL_CANNOT, S("")};
}

static struct str wanted_fact(const struct chat_fact *f, struct arena *arena)
{
	if (f->kind == FACT_SCORE || f->kind == FACT_LEAD || f->kind == FACT_TRIES)
		return arena_printf(arena, "%s %lld", compare_word[f->compare], (long long)f->number);
	return S("");           /* the report shows the line as it is written */
}

void chat_judge_turn(const struct chat_turn *turn, const struct chat_scene *scene,
	struct chat_failures *failures, struct chat_failures *notes)
{
	judge_speech(turn, scene->seen, failures, notes);
	for (size_t i = 0; i < turn->n_facts; i++) {
		const struct chat_fact *fact = &turn->fact[i];
		struct verdict verdict = judge_fact(fact, scene, failures->arena);

		if (!verdict.holds)
			chat_fail(failures, verdict.kind, fact->at,
				wanted_fact(fact, failures->arena), verdict.got);
	}
}

/* --- the whole test --- */

static bool never_met(const struct chat_rule *rule, const struct chat_scene *scene,
	struct arena *arena, struct str *got)
{
	const struct seen *seen = scene->seen;

	if (str_is(rule->name, "handoff")) {
		*got = items_of(seen->handoff, seen->n_handoffs, arena);
		return seen->n_handoffs == 0;
	}
	if (str_is(rule->name, "fault")) {
		*got = seen->fault;
		return seen->fault.n == 0;
	}
	for (size_t i = 0; i < seen->n_calls; i++)
		if (str_eq(seen->call[i].op, rule->name)) {
			*got = S("it was called");
			return false;
		}
	for (size_t i = 0; i < seen->n_visits; i++) {
		const struct visit *v = &seen->visit[i];

		if (str_eq(v->flow, rule->name)
			|| str_eq(rule->name, arena_printf(arena, "%.*s/%.*s", STR(v->flow), STR(v->step)))) {
			*got = arena_printf(arena, "%.*s/%.*s was entered", STR(v->flow), STR(v->step));
			return false;
		}
	}
	return true;
}

void chat_judge_never(const struct chat_test *test, const struct chat_scene *scene,
	struct chat_failures *failures)
{
	for (size_t i = 0; i < test->n_rules; i++) {
		struct str got = {0};

		if (test->rule[i].kind == RULE_NEVER
			&& !never_met(&test->rule[i], scene, failures->arena, &got))
			chat_fail(failures, FAIL_STEP, test->rule[i].at, S(""), got);
	}
}

static bool has_ended(const struct chat_rule *rule, const struct chat_scene *scene)
{
	for (size_t i = 0; i < scene->n_ended; i++) {
		const struct seen_item *e = &scene->ended[i];

		if (!str_eq(e->name, rule->name))
			continue;
		if (str_is(rule->to, "finished")
			? !str_is(e->outcome, "stopped") && !str_is(e->outcome, "failed")
			: str_eq(rule->to, e->outcome))
			return true;
	}
	return false;
}

void chat_judge_end(const struct chat_test *test, const struct chat_scene *scene,
	struct chat_failures *failures)
{
	struct arena *arena = failures->arena;

	for (size_t i = 0; i < test->n_rules; i++) {
		const struct chat_rule *rule = &test->rule[i];

		switch (rule->kind) {
		case RULE_NEVER:
			break;
		case RULE_ENDED:
			if (!has_ended(rule, scene))
				chat_fail(failures, FAIL_STEP, rule->at, S(""),
					items_of(scene->ended, scene->n_ended, arena));
			break;
		case RULE_NOTHING_OPEN:
			if (scene->session->n_frames)
				chat_fail(failures, FAIL_STEP, rule->at, S(""), where_open(scene, arena));
			break;
		case RULE_AT:
			if (!is_at(scene, rule->name, arena))
				chat_fail(failures, FAIL_STEP, rule->at, S(""), where_open(scene, arena));
			break;
		case RULE_HANDOFF:
			if (!scene->handed_off)
				chat_fail(failures, FAIL_STEP, rule->at, S(""), S("no handoff"));
			break;
		case RULE_TURNS:
			if (scene->buyer_turns > rule->number)
				chat_fail(failures, FAIL_TIMING, rule->at, S(""),
					arena_printf(arena, "%u turns", scene->buyer_turns));
			break;
		}
	}
}
