/* Steps: what each verb may carry is one table (step_key). */

#include "flows/loader.h"
#include "flows/operation.h"

/* The members of a step. */

static void read_texts(struct loader *l, const struct json *node, struct step *step)
{
	size_t n = json_is(node, JSON_ARRAY) ? json_count(node) : 1;
	const struct template **text = arena_array(l->arena, const struct template *, n + 1);

	step->text = text;
	if (!json_is(node, JSON_ARRAY)) {
		text[step->n_text++] = read_template(l, node);
		return;
	}
	for (const struct json *m = json_first(node); m; m = json_next(m))
		text[step->n_text++] = read_template(l, m);
	if (!n)
		wrong(l, node, "F016", S(""), "there is nothing to say");
}

static void read_branch(struct loader *l, const struct json *node, struct branch *branch)
{
	const struct json *when = json_get(node, "when"), *set = json_get(node, "set");
	const struct json *then = json_get(node, "then"), *with = json_get(node, "with");

	if (!want(l, node, JSON_OBJECT))
		return;
	CHECK_KEYS(l, node, "when", "set", "then", "with");
	if (when)
		branch->when = read_expr(l, when);
	else
		wrong(l, node, "F004", S("what must be true"), "'when' is missing here");
	if (set)
		branch->set = read_bindings(l, set, &branch->n_set);
	if (then)
		read_target(l, then, &branch->then);
	else
		wrong(l, node, "F004", S("where it goes on"), "'then' is missing here");
	if (with && then)
		read_with(l, with, &branch->then);
}

static void read_branches(struct loader *l, const struct json *node, struct step *step)
{
	struct branch *branch;

	if (!want(l, node, JSON_ARRAY))
		return;
	step->branch = branch = arena_array(l->arena, struct branch, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_branch(l, m, &branch[step->n_branches++]);
	if (!step->n_branches)
		wrong(l, node, "F016", S(""), "there is nothing to decide");
}

static void read_set(struct loader *l, const struct json *node, struct step *step)
{
	step->set = read_bindings(l, node, &step->n_set);
	if (json_is(node, JSON_OBJECT) && !step->n_set)
		wrong(l, node, "F016", S(""), "there is nothing to set");
}

static void read_call(struct loader *l, const struct json *node, struct step *step)
{
	const char *known[max_names];

	if (!want(l, node, JSON_TEXT))
		return;
	step->op = operation_find(json_text(node));
	for (unsigned i = 0; i < n_operations; i++)
		known[i] = operation[i].name;
	if (!step->op)
		wrong(l, node, "F013", nearest_or_all(l, json_text(node), known, n_operations),
			"unknown operation '%.*s'", STR(json_text(node)));
}

static void read_flow_name(struct loader *l, const struct json *node, struct step *step)
{
	step->flow = read_name(l, node, true);
}

static void read_queue(struct loader *l, const struct json *node, struct step *step)
{
	step->queue = read_name(l, node, false);
}

static void read_wait(struct loader *l, const struct json *node, struct step *step)
{
	struct str text = json_text(node);

	/* An event begins with a letter: what begins with a digit was to be a time. */
	if (json_is(node, JSON_NUMBER) || (text.n && text.p[0] >= '0' && text.p[0] <= '9'))
		step->wait_ms = read_duration(l, node);
	else if (want(l, node, JSON_TEXT))
		step->wait_event = read_text(l, node);
}

static void read_watch_stop(struct loader *l, const struct json *stop, struct watch *watch)
{
	watch->stop = true;
	if (!str_is(json_text(stop), "all"))
		watch->of = read_expr(l, stop);
}

static void read_watch(struct loader *l, const struct json *node, struct step *step)
{
	static const char *const parts[] = {"event", "of", "starts"};
	struct watch *watch;

	if (!want(l, node, JSON_OBJECT))
		return;
	step->watch = watch = arena_new_of(l->arena, struct watch);
	if (json_get(node, "stop")) {
		CHECK_KEYS(l, node, "stop");
		read_watch_stop(l, json_get(node, "stop"), watch);
		return;
	}
	CHECK_KEYS(l, node, "event", "of", "starts", "stop");
	for (size_t i = 0; i < 3; i++)
		if (!json_get(node, parts[i]))
			wrong(l, node, "F004",
				S("{\"event\": …, \"of\": …, \"starts\": …} or {\"stop\": …}"),
				"'%s' is missing here", parts[i]);
	if (json_get(node, "event"))
		watch->event = read_text(l, json_get(node, "event"));
	if (json_get(node, "of"))
		watch->of = read_expr(l, json_get(node, "of"));
	if (json_get(node, "starts"))
		watch->starts = read_name(l, json_get(node, "starts"), true);
}

static void read_note(struct loader *l, const struct json *node, struct step *step)
{
	step->note = read_name(l, node, false);
}

static void read_outcome(struct loader *l, const struct json *node, struct step *step)
{
	step->outcome = read_name(l, node, false);
}

static void read_offer(struct loader *l, const struct json *node, struct step *step)
{
	struct offer *offer;

	if (!want(l, node, JSON_OBJECT))
		return;
	step->offer = offer = arena_array(l->arena, struct offer, json_count(node));
	for (const struct json *m = json_first(node); m;
		m = json_next(m), offer++, step->n_offers++) {
		if (!str_trim(json_key(m)).n)
			wrong_key(l, m, "F016", S(""), "a button needs a label");
		offer->label = template_parse(l->arena, json_key(m), json_source(l->doc),
			json_where_key(l->doc, m).offset + 1, l->diags);
		read_target(l, m, &offer->target);
	}
	if (!step->n_offers)
		wrong(l, node, "F016", S(""), "there is nothing to offer");
}

static void read_card(struct loader *l, const struct json *node, struct step *step)
{
	step->card = read_expr(l, node);
}

static void read_again(struct loader *l, const struct json *node, struct step *step)
{
	step->again = read_template(l, node);
}

static void read_why(struct loader *l, const struct json *node, struct step *step)
{
	step->why = read_template(l, node);
}

static void read_default(struct loader *l, const struct json *node, struct step *step)
{
	step->fallback = read_expr(l, node);
}

static void read_skip(struct loader *l, const struct json *node, struct step *step)
{
	read_target(l, node, &step->skip);
}

static void read_into(struct loader *l, const struct json *node, struct step *step)
{
	step->into = read_name(l, node, false);
}

static void read_from(struct loader *l, const struct json *node, struct step *step)
{
	step->from = read_expr(l, node);
}

static void read_show(struct loader *l, const struct json *node, struct step *step)
{
	step->show = read_template(l, node);
}

static void read_many(struct loader *l, const struct json *node, struct step *step)
{
	step->many = read_bool(l, node);
}

static void read_shows(struct loader *l, const struct json *node, struct step *step)
{
	struct str *slot;

	if (!want(l, node, JSON_ARRAY))
		return;
	step->shows = slot = arena_array(l->arena, struct str, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m))
		slot[step->n_shows++] = read_name(l, m, false);
	if (!step->n_shows)
		wrong(l, node, "F016", S("the slots that the question shows"),
			"this list is empty");
}

static void read_else(struct loader *l, const struct json *node, struct step *step)
{
	read_target(l, node, &step->otherwise);
}

static void read_send(struct loader *l, const struct json *node, struct step *step)
{
	step->send = read_bindings(l, node, &step->n_send);
}

static void read_save(struct loader *l, const struct json *node, struct step *step)
{
	step->save = read_name(l, node, false);
}

static void read_within(struct loader *l, const struct json *node, struct step *step)
{
	step->within_ms = read_duration(l, node);
}

static void read_only_once(struct loader *l, const struct json *node, struct step *step)
{
	step->only_once = read_template(l, node);
}

static void read_no_return(struct loader *l, const struct json *node, struct step *step)
{
	step->point_of_no_return = read_bool(l, node);
}

static void read_step_with(struct loader *l, const struct json *node, struct step *step)
{
	if (step->verb == VERB_NOTE)
		step->note_with = read_bindings(l, node, &step->n_note_with);
	else
		step->with = read_bindings(l, node, &step->n_with);
}

static void read_note_with(struct loader *l, const struct json *node, struct step *step)
{
	step->note_with = read_bindings(l, node, &step->n_note_with);
}

static void read_gives(struct loader *l, const struct json *node, struct step *step)
{
	step->gives = read_bindings(l, node, &step->n_gives);
}

static void read_summary(struct loader *l, const struct json *node, struct step *step)
{
	step->summary = read_template(l, node);
}

static void read_then(struct loader *l, const struct json *node, struct step *step)
{
	read_target(l, node, &step->then);
}

#define V(verb) (1u << VERB_##verb)
enum {
	QUESTIONS = V(ASK) | V(CHOOSE) | V(CONFIRM),
	ALL = (1u << N_VERBS) - 1,
	GOES_ON = ALL & ~(V(IF) | V(GO) | V(END)),
};

static const struct step_key {
	const char *name;
	unsigned verbs; /* bits of the verbs that take it */
	void (*read)(struct loader *l, const struct json *node, struct step *step);
} step_key[] = {
	{"say", V(SAY), read_texts},
	{"ask", V(ASK), read_texts},
	{"choose", V(CHOOSE), read_texts},
	{"confirm", V(CONFIRM), read_texts},
	{"if", V(IF), read_branches},
	{"set", ALL, read_set},
	{"call", V(CALL), read_call},
	{"run", V(RUN), read_flow_name},
	{"go", V(GO), read_flow_name},
	{"handoff", V(HANDOFF), read_queue},
	{"wait", V(WAIT), read_wait},
	{"watch", ALL, read_watch},
	{"note", ALL, read_note},
	{"end", V(END), read_outcome},
	{"offer", V(SAY) | V(ASK) | V(CHOOSE), read_offer},
	{"card", V(SAY) | V(CONFIRM), read_card},
	{"again", QUESTIONS, read_again},
	{"why", QUESTIONS, read_why},
	{"skip", V(ASK) | V(CHOOSE), read_skip},
	{"into", V(ASK) | V(CHOOSE), read_into},
	{"from", V(CHOOSE), read_from},
	{"show", V(CHOOSE), read_show},
	{"default", V(CHOOSE), read_default},
	{"many", V(CHOOSE), read_many},
	{"shows", V(CONFIRM), read_shows},
	{"else", V(IF), read_else},
	{"send", V(CALL), read_send},
	{"save", V(CALL), read_save},
	{"within", V(CALL), read_within},
	{"only_once", V(CALL), read_only_once},
	{"point_of_no_return", V(CALL), read_no_return},
	{"with", V(RUN) | V(GO) | V(NOTE), read_step_with},
	{"note_with", ALL & ~V(NOTE), read_note_with},
	{"gives", V(RUN), read_gives},
	{"summary", V(HANDOFF), read_summary},
	{"on", QUESTIONS | V(CALL) | V(RUN) | V(HANDOFF) | V(WAIT), read_on},
	{"then", GOES_ON, read_then},
};
enum { n_step_keys = sizeof(step_key) / sizeof(*step_key) };

/* What a step cannot do without, besides its verb.  Where "then" is missing is found with the dead
 * ends. */
static const struct {
	enum verb verb;
	const char *key, *what;
} needed[] = {
	{VERB_CHOOSE, "from", "the list to pick from"},
	{VERB_CHOOSE, "into", "the slot that takes what was picked"},
	{VERB_IF, "else", "where it goes when nothing is true"},
};

/* Steps. */

static bool rides_along(enum verb verb)
{
	return verb == VERB_SET || verb == VERB_NOTE || verb == VERB_WATCH;
}

static bool key_is_verb(struct str key, enum verb *verb)
{
	for (*verb = 0; *verb < N_VERBS; (*verb)++)
		if (str_is(key, verb_name[*verb]))
			return true;
	return false;
}

static bool no_verb(struct loader *l, const struct json *node)
{
	struct str hint = {0};

	for (const struct json *m = json_first(node); m && !hint.n; m = json_next(m))
		hint = nearest_of(l, json_key(m), verb_name, N_VERBS);
	wrong_key(l, node, "F005", hint.n ? hint : nearest_or_all(l, S(""), verb_name, N_VERBS),
		"the step '%.*s' has no verb", STR(json_key(node)));
	return false;
}

/* The verb of a step: the one that does not ride along; when there are only such, the first of set,
 * watch, note. */
static bool find_verb(struct loader *l, const struct json *node, enum verb *found)
{
	static const enum verb riders[] = {VERB_SET, VERB_WATCH, VERB_NOTE};
	const struct json *first = NULL;
	enum verb verb;

	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (!key_is_verb(json_key(m), &verb) || rides_along(verb))
			continue;
		if (first) {
			wrong_key(l, m, "F006", S("make a step of its own for it"),
				"a step has one verb, and this one has '%s' already",
				verb_name[*found]);
			return false;
		}
		first = m;
		*found = verb;
	}
	for (size_t i = 0; !first && i < 3; i++)
		if (json_get(node, verb_name[riders[i]])) {
			*found = riders[i];
			return true;
		}
	return first != NULL || no_verb(l, node);
}

static struct str verbs_that_take(struct loader *l, unsigned verbs)
{
	struct buf out;
	struct str text;

	buf_init(&out, 512);
	for (unsigned i = 0; i < N_VERBS; i++)
		if (verbs & (1u << i))
			buf_addf(&out, "%s'%s'", out.n ? ", " : "it belongs to ", verb_name[i]);
	text = arena_str(l->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void unknown_step_key(struct loader *l, const struct json *node, enum verb verb)
{
	const char *known[n_step_keys];
	size_t n = 0;

	for (size_t i = 0; i < n_step_keys; i++)
		if (step_key[i].verbs & (1u << verb))
			known[n++] = step_key[i].name;
	wrong_key(l, node, "F002", nearest_or_all(l, json_key(node), known, n),
		"'%s' knows no '%.*s'", verb_name[verb], STR(json_key(node)));
}

static void read_member(struct loader *l, const struct json *node, struct step *step)
{
	for (size_t i = 0; i < n_step_keys; i++) {
		if (!str_is(json_key(node), step_key[i].name))
			continue;
		if (step_key[i].verbs & (1u << step->verb))
			step_key[i].read(l, node, step);
		else
			wrong_key(l, node, "F007", verbs_that_take(l, step_key[i].verbs),
				"'%s' takes no '%s'", verb_name[step->verb], step_key[i].name);
		return;
	}
	unknown_step_key(l, node, step->verb);
}

static void check_needed(struct loader *l, const struct json *node, enum verb verb)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (needed[i].verb == verb && !json_get(node, needed[i].key))
			wrong_key(l, node, "F004", str_of(needed[i].what),
				"the step '%.*s' has no '%s'", STR(json_key(node)), needed[i].key);
	if (verb == VERB_ASK && !json_get(node, "into") && !json_get(node, "offer") &&
		!json_get(node, "on"))
		wrong_key(l, node, "F004", S("the slot that takes the answer"),
			"the step '%.*s' has no 'into'", STR(json_key(node)));
}

static void read_step(struct loader *l, const struct json *node, struct step *step)
{
	step->name = json_key(node);
	step->index = (unsigned)(step - l->step);
	step->at = node;
	if (!name_is_good(step->name, false))
		wrong_key(l, node, "F008", S(name_rule), "'%.*s' cannot be a name",
			STR(step->name));
	else if (is_reserved_target(step->name))
		wrong_key(l, node, "F008",
			S("end, pause, wait_on and back have a meaning of their own"),
			"a step cannot be called '%.*s'", STR(step->name));
	if (!want(l, node, JSON_OBJECT))
		return;
	if (!find_verb(l, node, &step->verb))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_member(l, m, step);
	check_needed(l, node, step->verb);
}

void read_steps(struct loader *l, const struct json *node)
{
	size_t n = json_count(node);

	if (!want(l, node, JSON_OBJECT))
		return;
	if (!n)
		wrong(l, node, "F016", S(""), "a flow needs a step");
	if (n > max_steps) {
		wrong_key(l, node, "F019", S("make two flows of it"), "a flow has at most %d steps",
			max_steps);
		return;
	}
	l->flow->step = l->step = arena_array(l->arena, struct step, n + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_step(l, m, &l->step[l->flow->n_steps++]);
}
