/* One file becomes a flow.  What each verb may carry is one table (step_key); everything else is read the same
 * way: take a member, say what is wrong with it if it is not what it should be, go on.
 *
 *   F002  an unknown key
 *   F003  something of the wrong type
 *   F004  something that must be there is not
 *   F005  a step without a verb
 *   F006  a step with two verbs
 *   F007  a key that this verb does not take
 *   F008  a name that cannot be one
 *   F009  a time that cannot be read
 *   F010  a target that cannot be one
 *   F011  an unknown word where only a few can stand
 *   F012  a step that does not exist
 *   F013  an operation that does not exist
 *   F014  an "on" key that this verb never meets
 *   F016  something empty
 *   F017  "moves" from a version that is not an older one
 *   F019  more than a flow can hold
 *   F046  a reaction that is never used, because the one before it leaves
 */
#include "flows/flow_load.h"

#include <assert.h>

#include "bot/base/date.h"
#include "flows/expr.h"
#include "flows/operation.h"
#include "flows/template.h"

/* The proof over the graph keeps a bit for each slot (flow_proof.c). */
enum { max_slots = 60, max_steps = 1000, max_names = 64 };

struct loader {
	const struct json_doc *doc;
	struct arena *arena;
	struct diags *diags;
	struct flow *flow;
	struct slot *slot;
	struct step *step;
	struct target **target;         /* all targets that are steps: their names are looked up at the end */
	size_t n_targets;
	const struct json **said;       /* texts of reactions that may be meant as targets */
	size_t n_said;
};

#define wrong(l, node, code, hint, ...) json_error((l)->diags, (l)->doc, (node), (code), (hint), __VA_ARGS__)
#define wrong_key(l, node, code, hint, ...) json_error_key((l)->diags, (l)->doc, (node), (code), (hint), __VA_ARGS__)

/* Names and types. */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool part_is_good(struct str part)
{
	if (!part.n || part.n > max_names || !is_letter(part.p[0]))
		return false;
	for (size_t i = 1; i < part.n; i++)
		if (!is_letter(part.p[i]) && part.p[i] != '_' && !(part.p[i] >= '0' && part.p[i] <= '9'))
			return false;
	return true;
}

bool name_is_good(struct str name, bool flow)
{
	long slash = flow ? str_find(name, S("/")) : -1;

	if (slash < 0)
		return part_is_good(name);
	return part_is_good(str_sub(name, 0, (size_t)slash))
		&& part_is_good(str_sub(name, (size_t)slash + 1, name.n));
}

static bool is_one_of(struct str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

static bool is_reserved_target(struct str word)
{
	static const char *const reserved[] = {"end", "pause", "wait_on", "back"};

	return is_one_of(word, reserved, 4);
}

static bool want(struct loader *l, const struct json *node, enum json_type type)
{
	struct str key = json_key(node);

	if (json_type(node) == type)
		return true;
	if (key.n)
		wrong(l, node, "F003", S(""), "'%.*s' must be %s, not %s", STR(key), json_type_name(type),
			json_type_name(json_type(node)));
	else
		wrong(l, node, "F003", S(""), "this must be %s, not %s", json_type_name(type),
			json_type_name(json_type(node)));
	return false;
}

static struct str nearest_of(struct loader *l, struct str name, const char *const *words, size_t n)
{
	struct str known[max_names];

	assert(n <= max_names);
	for (size_t i = 0; i < n; i++)
		known[i] = str_of(words[i]);
	return diag_nearest(l->arena, name, known, n);
}

/* Unless there is one near it, all that it could be: "one of: a, b, c". */
static struct str nearest_or_all(struct loader *l, struct str name, const char *const *words, size_t n)
{
	struct str hint = nearest_of(l, name, words, n);
	struct buf all;

	if (hint.n)
		return hint;
	buf_init(&all, 2048);
	for (size_t i = 0; i < n; i++)
		buf_addf(&all, "%s%s", i ? ", " : "one of: ", words[i]);
	hint = arena_str(l->arena, buf_str(&all));
	buf_release(&all);
	return hint;
}

static void check_keys(struct loader *l, const struct json *object, const char *const *known, size_t n)
{
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!is_one_of(json_key(m), known, n))
			wrong_key(l, m, "F002", nearest_or_all(l, json_key(m), known, n), "unknown key '%.*s'",
				STR(json_key(m)));
}
#define CHECK_KEYS(l, object, ...) do {                                           \
	static const char *const known_[] = {__VA_ARGS__};                       \
	check_keys((l), (object), known_, sizeof(known_) / sizeof(*known_));     \
} while (0)

/* The place of @word in @words, or -1 and a finding. */
static int read_word(struct loader *l, const struct json *node, const char *const *words, size_t n)
{
	if (!want(l, node, JSON_TEXT))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_is(json_text(node), words[i]))
			return (int)i;
	wrong(l, node, "F011", nearest_or_all(l, json_text(node), words, n), "unknown word '%.*s' for '%.*s'",
		STR(json_text(node)), STR(json_key(node)));
	return -1;
}

static bool read_bool(struct loader *l, const struct json *node)
{
	return want(l, node, JSON_BOOL) && json_bool(node);
}

static struct str read_text(struct loader *l, const struct json *node)
{
	if (!want(l, node, JSON_TEXT))
		return S("");
	if (!str_trim(json_text(node)).n)
		wrong(l, node, "F016", S(""), "this text is empty");
	return json_text(node);
}

static const char name_rule[] = "letters, digits and _, beginning with a letter";

static struct str read_name(struct loader *l, const struct json *node, bool flow)
{
	if (!want(l, node, JSON_TEXT))
		return S("");
	if (!name_is_good(json_text(node), flow))
		wrong(l, node, "F008", str_of(name_rule), "'%.*s' cannot be a name", STR(json_text(node)));
	return json_text(node);
}

static int64_t read_duration(struct loader *l, const struct json *node)
{
	int64_t ms = 0;

	if (!want(l, node, JSON_TEXT))
		return 0;
	if (!date_duration_ms(json_text(node), &ms) || ms <= 0)
		wrong(l, node, "F009", S("as in 8s, 15m, 2h, 3d or 1h30m"), "'%.*s' is not a time",
			STR(json_text(node)));
	return ms;
}

/* Texts with holes, expressions, bindings. */

static size_t inside(struct loader *l, const struct json *text)
{
	return json_where(l->doc, text).offset + 1;
}

static const struct template *read_template(struct loader *l, const struct json *node)
{
	struct str text = read_text(l, node);

	if (!text.n)
		return NULL;
	return template_parse(l->arena, text, json_source(l->doc), inside(l, node), l->diags);
}

/* A number or a truth value may stand for itself, without quotes. */
static const struct expr *read_expr(struct loader *l, const struct json *node)
{
	struct stretch where = json_where(l->doc, node);
	struct str text;

	if (json_is(node, JSON_NUMBER) || json_is(node, JSON_BOOL)) {
		text = str_sub(json_source(l->doc)->text, where.offset, where.length);
		return expr_parse(l->arena, text, json_source(l->doc), where.offset, l->diags);
	}
	if (!want(l, node, JSON_TEXT))
		return NULL;
	return expr_parse(l->arena, json_text(node), json_source(l->doc), inside(l, node), l->diags);
}

static const struct binding *read_bindings(struct loader *l, const struct json *node, size_t *n)
{
	struct binding *binding;

	*n = 0;
	if (!want(l, node, JSON_OBJECT))
		return NULL;
	binding = arena_array(l->arena, struct binding, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m))
		binding[(*n)++] = (struct binding){json_key(m), read_expr(l, m), m};
	return binding;
}

/* Targets. */

static void look_up_later(struct loader *l, struct target *target)
{
	l->target = arena_grow(l->arena, l->target, l->n_targets, struct target *);
	l->target[l->n_targets++] = target;
}

static void read_target_word(struct loader *l, const struct json *node, struct target *target)
{
	struct str word = json_text(node);
	static const struct {
		const char *word;
		enum target_kind kind;
	} reserved[] = {
		{"end", TARGET_END}, {"pause", TARGET_PAUSE}, {"wait_on", TARGET_WAIT_ON}, {"back", TARGET_BACK},
	};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (str_is(word, reserved[i].word)) {
			target->kind = reserved[i].kind;
			return;
		}
	if (str_starts(word, S("->"))) {
		target->kind = TARGET_FLOW;
		target->name = str_trim(str_sub(word, 2, word.n));
		if (!name_is_good(target->name, true))
			wrong(l, node, "F010", S("as in \"-> return_item\""), "no flow is named behind the arrow");
		return;
	}
	if (!name_is_good(word, false)) {
		wrong(l, node, "F010",
			str_find(word, S(" ")) >= 0 ? S("to say something write {\"say\": \"…\"}")
				: S("a step, \"-> flow\", end, pause, wait_on or back"),
			"'%.*s' is not a place to go to", STR(str_sub(word, 0, 60)));
		return;
	}
	target->kind = TARGET_STEP;
	target->name = word;
	look_up_later(l, target);
}

static void read_with(struct loader *l, const struct json *with, struct target *target)
{
	target->with = read_bindings(l, with, &target->n_with);
	if (target->kind != TARGET_FLOW && target->kind != TARGET_NONE)
		wrong_key(l, with, "F010", S("only another flow is lent slots: \"-> flow\""),
			"a step of the same flow needs no 'with'");
}

/* A word, or {"then": word, "with": {…}}. */
static void read_target(struct loader *l, const struct json *node, struct target *target)
{
	const struct json *word = node, *with = NULL;

	if (json_is(node, JSON_OBJECT)) {
		CHECK_KEYS(l, node, "then", "with");
		word = json_get(node, "then");
		with = json_get(node, "with");
		if (!word) {
			wrong(l, node, "F004", S("{\"then\": \"-> flow\", \"with\": {…}}"), "'then' is missing here");
			return;
		}
	}
	if (!want(l, word, JSON_TEXT))
		return;
	target->at = word;
	read_target_word(l, word, target);
	if (with)
		read_with(l, with, target);
}

/* Reactions: what stands behind a key of "on". */

static void read_reaction_object(struct loader *l, const struct json *node, struct reaction *reaction)
{
	const struct json *say = json_get(node, "say"), *save = json_get(node, "save");
	const struct json *then = json_get(node, "then"), *with = json_get(node, "with");

	CHECK_KEYS(l, node, "say", "save", "then", "with");
	if (say)
		reaction->say = read_template(l, say);
	if (save)
		reaction->save = read_name(l, save, false);
	if (then)
		read_target(l, then, &reaction->target);
	if (with && then)
		read_with(l, with, &reaction->target);
	if (!say && !save && !then)
		wrong(l, node, "F016", S("it may 'say', 'save' and go on with 'then'"), "this does nothing");
}

/* One item of a list: a text is said, unless it is "-> flow". */
static void read_item(struct loader *l, const struct json *node, struct reaction *reaction)
{
	if (json_is(node, JSON_OBJECT)) {
		read_reaction_object(l, node, reaction);
	} else if (want(l, node, JSON_TEXT) && str_starts(json_text(node), S("->"))) {
		read_target(l, node, &reaction->target);
	} else if (json_is(node, JSON_TEXT)) {
		reaction->say = read_template(l, node);
		l->said = arena_grow(l->arena, l->said, l->n_said, const struct json *);
		l->said[l->n_said++] = node;
	}
}

static void read_reactions(struct loader *l, const struct json *node, struct on *on)
{
	size_t n = json_is(node, JSON_ARRAY) ? json_count(node) : 1;
	struct reaction *item = arena_array(l->arena, struct reaction, n + 1);

	on->item = item;
	on->n_items = 1;
	item->at = node;
	if (json_is(node, JSON_OBJECT)) {
		read_reaction_object(l, node, item);
	} else if (!json_is(node, JSON_ARRAY)) {
		read_target(l, node, &item->target);
	} else {
		on->n_items = 0;
		for (const struct json *m = json_first(node); m; m = json_next(m)) {
			if (on->n_items && item[on->n_items - 1].target.kind != TARGET_NONE)
				wrong(l, m, "F046", S("put it in front of the one that leaves"),
					"this is never used: the one before it leaves");
			item[on->n_items].at = m;
			read_item(l, m, &item[on->n_items++]);
		}
		if (!on->n_items)
			wrong(l, node, "F016", S(""), "this list is empty");
	}
}

/* What a step of each verb can meet. */
static const struct {
	const char *outcome[5];
	bool any_outcome, silence, words;       /* of a subflow; no_reply; no_match and intents */
} meets[N_VERBS] = {
	[VERB_ASK] = {.silence = true, .words = true},
	[VERB_CHOOSE] = {.silence = true, .words = true},
	[VERB_CONFIRM] = {.outcome = {"no"}, .silence = true, .words = true},
	[VERB_CALL] = {.outcome = {"refused", "failed", "unknown", "slow"}},
	[VERB_RUN] = {.any_outcome = true},
	[VERB_HANDOFF] = {.outcome = {"nobody", "back"}, .silence = true},
	[VERB_WAIT] = {.silence = true},
};

static bool is_outcome(enum verb verb, struct str key)
{
	for (size_t i = 0; meets[verb].outcome[i]; i++)
		if (str_is(key, meets[verb].outcome[i]))
			return true;
	return meets[verb].any_outcome;
}

static void read_no_reply(struct loader *l, const struct json *node, struct on *on)
{
	struct str time = str_trim(str_sub(on->key, S("no_reply").n, on->key.n));

	on->kind = ON_NO_REPLY;
	if (!date_duration_ms(time, &on->after_ms) || on->after_ms <= 0)
		wrong_key(l, node, "F009", S("as in \"no_reply 15m\""), "'%.*s' does not say after which time",
			STR(on->key));
}

static struct str hint_for_on(struct loader *l, enum verb verb, struct str key)
{
	const char *known[max_names];
	size_t n = 0;

	if (verb == VERB_CONFIRM && str_is(key, "yes"))
		return S("where a yes leads is said by 'then'");
	while (meets[verb].outcome[n]) {
		known[n] = meets[verb].outcome[n];
		n++;
	}
	if (meets[verb].words)
		known[n++] = "no_match";
	if (meets[verb].silence)
		known[n++] = "no_reply 15m";
	return nearest_or_all(l, key, known, n);
}

static void read_on_key(struct loader *l, const struct json *node, enum verb verb, struct on *on)
{
	bool silence = str_is(on->key, "no_reply") || str_starts(on->key, S("no_reply "));
	bool known;

	if (silence) {
		known = meets[verb].silence;
		read_no_reply(l, node, on);
	} else if (is_outcome(verb, on->key)) {
		known = true;
		on->kind = ON_OUTCOME;
	} else if (str_is(on->key, "no_match")) {
		known = meets[verb].words;
		on->kind = ON_NO_MATCH;
	} else {
		known = meets[verb].words && !(verb == VERB_CONFIRM && str_is(on->key, "yes"));
		on->kind = ON_INTENT;
		if (str_starts(on->key, S("not "))) {
			on->kind = ON_NOT_INTENT;
			on->key = str_trim(str_sub(on->key, 4, on->key.n));
		}
	}
	if (!known)
		wrong_key(l, node, "F014", hint_for_on(l, verb, json_key(node)), "'%s' never meets '%.*s'",
			verb_name[verb], STR(json_key(node)));
}

static void read_on(struct loader *l, const struct json *node, struct step *step)
{
	struct on *on;

	if (!want(l, node, JSON_OBJECT))
		return;
	step->on = on = arena_array(l->arena, struct on, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m), on++, step->n_on++) {
		on->key = json_key(m);
		on->at = m;
		read_on_key(l, m, step->verb, on);
		read_reactions(l, m, on);
	}
}

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
	if (!want(l, node, JSON_TEXT))
		return;
	if (date_duration_ms(json_text(node), &step->wait_ms) && step->wait_ms > 0)
		return;
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
			wrong(l, node, "F004", S("{\"event\": …, \"of\": …, \"starts\": …} or {\"stop\": …}"),
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
	for (const struct json *m = json_first(node); m; m = json_next(m), offer++, step->n_offers++) {
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
		wrong(l, node, "F016", S("the slots that the question shows"), "this list is empty");
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
	unsigned verbs;         /* bits of the verbs that take it */
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

/* What a step cannot do without, besides its verb.  Where "then" is missing is found with the dead ends. */
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

/* The verb of a step: the one that does not ride along; when there are only such, the first of set, watch, note. */
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
				"a step has one verb, and this one has '%s' already", verb_name[*found]);
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
	wrong_key(l, node, "F002", nearest_or_all(l, json_key(node), known, n), "'%s' knows no '%.*s'",
		verb_name[verb], STR(json_key(node)));
}

static void read_member(struct loader *l, const struct json *node, struct step *step)
{
	for (size_t i = 0; i < n_step_keys; i++) {
		if (!str_is(json_key(node), step_key[i].name))
			continue;
		if (step_key[i].verbs & (1u << step->verb))
			step_key[i].read(l, node, step);
		else
			wrong_key(l, node, "F007", verbs_that_take(l, step_key[i].verbs), "'%s' takes no '%s'",
				verb_name[step->verb], step_key[i].name);
		return;
	}
	unknown_step_key(l, node, step->verb);
}

static void check_needed(struct loader *l, const struct json *node, enum verb verb)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (needed[i].verb == verb && !json_get(node, needed[i].key))
			wrong_key(l, node, "F004", str_of(needed[i].what), "the step '%.*s' has no '%s'",
				STR(json_key(node)), needed[i].key);
	if (verb == VERB_ASK && !json_get(node, "into") && !json_get(node, "offer") && !json_get(node, "on"))
		wrong_key(l, node, "F004", S("the slot that takes the answer"), "the step '%.*s' has no 'into'",
			STR(json_key(node)));
}

static void read_step(struct loader *l, const struct json *node, struct step *step)
{
	step->name = json_key(node);
	step->index = (unsigned)(step - l->step);
	step->at = node;
	if (!name_is_good(step->name, false))
		wrong_key(l, node, "F008", str_of(name_rule), "'%.*s' cannot be a name", STR(step->name));
	else if (is_reserved_target(step->name))
		wrong_key(l, node, "F008", S("end, pause, wait_on and back have a meaning of their own"),
			"a step cannot be called '%.*s'", STR(step->name));
	if (!want(l, node, JSON_OBJECT))
		return;
	if (!find_verb(l, node, &step->verb))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_member(l, m, step);
	check_needed(l, node, step->verb);
}

static void read_steps(struct loader *l, const struct json *node)
{
	size_t n = json_count(node);

	if (!want(l, node, JSON_OBJECT))
		return;
	if (!n)
		wrong(l, node, "F016", S(""), "a flow needs a step");
	if (n > max_steps) {
		wrong_key(l, node, "F019", S("make two flows of it"), "a flow has at most %d steps", max_steps);
		return;
	}
	l->flow->step = l->step = arena_array(l->arena, struct step, n + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_step(l, m, &l->step[l->flow->n_steps++]);
}

/* Slots. */

static bool is_builtin(struct str name)
{
	for (const char *const *known = builtin_variable; *known; known++)
		if (str_is(name, *known))
			return true;
	return false;
}

/* Who the buyer is: no flow may say so, or every check of it would be worth nothing. */
static bool is_proof(struct str name)
{
	return str_is(name, "me") || str_is(name, "buyer");
}

/* What the engine lends a repair flow may be called like what it sets anyway ("misses"). */
static void check_slot_name(struct loader *l, const struct json *at, struct str name, bool lent)
{
	static const char *const words[] = {"or", "and", "not", "is", "in", "set", "true", "false", "none"};

	if (!name_is_good(name, false))
		wrong_key(l, at, "F008", str_of(name_rule), "'%.*s' cannot be a name", STR(name));
	else if (is_one_of(name, words, sizeof(words) / sizeof(*words)))
		wrong_key(l, at, "F008", S("it is a word of conditions"), "a slot cannot be called '%.*s'", STR(name));
	else if (is_builtin(name) && (!lent || is_proof(name)))
		wrong_key(l, at, "F008", S("it can be read without a slot"),
			"'%.*s' is set by the program, not by flows", STR(name));
}

static void read_must(struct loader *l, const struct json *node, struct slot *slot)
{
	const struct expr **must;

	if (!want(l, node, JSON_ARRAY))
		return;
	slot->must = must = arena_array(l->arena, const struct expr *, json_count(node) + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		must[slot->n_must++] = read_expr(l, m);
}

static void read_slot(struct loader *l, const struct json *node, struct slot *slot)
{
	const struct json *m;
	int type;

	slot->name = json_key(node);
	check_slot_name(l, node, slot->name, json_bool(json_get(node, "lent")));
	if (!want(l, node, JSON_OBJECT))
		return;
	CHECK_KEYS(l, node, "is", "ask_at", "must", "optional", "private", "from", "lent");
	if ((m = json_get(node, "is"))) {
		type = read_word(l, m, slot_type_name, N_SLOT_TYPES);
		slot->is = type < 0 ? SLOT_ANY : (enum slot_type)type;
	}
	if ((m = json_get(node, "ask_at")))
		slot->ask_at = read_name(l, m, false);
	if ((m = json_get(node, "from")))
		slot->from = read_name(l, m, false);
	if ((m = json_get(node, "must")))
		read_must(l, m, slot);
	if ((m = json_get(node, "optional")))
		slot->optional = read_bool(l, m);
	if ((m = json_get(node, "private")))
		slot->private = read_bool(l, m);
	if ((m = json_get(node, "lent")))
		slot->lent = read_bool(l, m);
}

/* Where the answer of a call is saved is a slot, whether it was announced or not. */
static void add_saved_slots(struct loader *l)
{
	for (size_t i = 0; i < l->flow->n_steps; i++) {
		const struct step *step = &l->step[i];

		if (step->verb != VERB_CALL || !step->save.n || flow_slot(l->flow, step->save))
			continue;
		check_slot_name(l, json_get(step->at, "save"), step->save, false);
		l->slot[l->flow->n_slots++] = (struct slot){.name = step->save};
	}
}

static void read_slots(struct loader *l, const struct json *node, size_t n_steps)
{
	size_t n = node && json_is(node, JSON_OBJECT) ? json_count(node) : 0;

	l->flow->slot = l->slot = arena_array(l->arena, struct slot, n + n_steps + 1);
	if (!node || !want(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_slot(l, m, &l->slot[l->flow->n_slots++]);
}

/* The flow's own members. */

static const struct str *read_texts_of(struct loader *l, const struct json *node, size_t *n)
{
	struct str *text;

	*n = 0;
	if (!want(l, node, JSON_ARRAY))
		return NULL;
	text = arena_array(l->arena, struct str, json_count(node) + 1);
	for (const struct json *m = json_first(node); m; m = json_next(m))
		text[(*n)++] = read_text(l, m);
	return text;
}

static void read_while_open(struct loader *l, const struct json *node)
{
	static const char *const questions[] = {"answer_then_return", "refuse"};
	static const char *const tasks[] = {"ask_first", "switch"};
	const struct json *m;

	if (!want(l, node, JSON_OBJECT))
		return;
	CHECK_KEYS(l, node, "questions", "other_tasks");
	if ((m = json_get(node, "questions")) && read_word(l, m, questions, 2) == 1)
		l->flow->questions = OPEN_REFUSE;
	if ((m = json_get(node, "other_tasks")) && read_word(l, m, tasks, 2) == 1)
		l->flow->other_tasks = OPEN_SWITCH;
}

static void read_version(struct loader *l, const struct json *node)
{
	int64_t version;

	l->flow->version = 1;
	if (!node || !want(l, node, JSON_NUMBER))
		return;
	if (!json_int(node, &version) || version < 1 || version > 1000000)
		wrong(l, node, "F003", S(""), "'version' must be a whole number from 1 on");
	else
		l->flow->version = (unsigned)version;
}

static void read_heading(struct loader *l, const struct json *root)
{
	static const char *const kinds[] = {"task", "info", "anytime", "repair"};
	const struct json *m;
	int kind = 0;

	l->flow->name = read_name(l, json_get(root, "flow"), true);
	if ((m = json_get(root, "kind")))
		kind = read_word(l, m, kinds, 4);
	l->flow->kind = kind < 0 ? FLOW_TASK : (enum flow_kind)kind;
	read_version(l, json_get(root, "version"));
	if ((m = json_get(root, "title")))
		l->flow->title = read_text(l, m);
	else if (l->flow->kind == FLOW_TASK || l->flow->kind == FLOW_INFO)
		wrong(l, json_get(root, "flow"), "F004", S("as in \"Cancel an order\"; buyers read it"),
			"this flow has no 'title'");
	if ((m = json_get(root, "about")))
		l->flow->about = read_text(l, m);
	if ((m = json_get(root, "starts_on")))
		l->flow->starts_on = read_texts_of(l, m, &l->flow->n_starts_on);
	if ((m = json_get(root, "while_open")))
		read_while_open(l, m);
}

/* Looking up the steps that were named. */

static struct str nearest_step(struct loader *l, struct str name)
{
	struct str *known = arena_array(l->arena, struct str, l->flow->n_steps + 1);

	for (size_t i = 0; i < l->flow->n_steps; i++)
		known[i] = l->step[i].name;
	return diag_nearest(l->arena, name, known, l->flow->n_steps);
}

static const struct step *find_step(struct loader *l, const struct json *node, struct str name)
{
	const struct step *step = flow_step(l->flow, name);

	if (!step)
		wrong(l, node, "F012", nearest_step(l, name), "unknown step '%.*s'", STR(name));
	return step;
}

static void find_targets(struct loader *l)
{
	for (size_t i = 0; i < l->n_targets; i++) {
		const struct step *step = find_step(l, l->target[i]->at, l->target[i]->name);

		if (step)
			l->target[i]->step = step->index;
	}
	for (size_t i = 0; i < l->n_said; i++) {
		struct str text = json_text(l->said[i]);

		if (is_reserved_target(text) || flow_step(l->flow, text))
			wrong(l, l->said[i], "F010", arena_printf(l->arena, "write {\"then\": \"%.*s\"}", STR(text)),
				"in a list a text is said, and '%.*s' is a place to go to", STR(text));
	}
}

static void find_first(struct loader *l, const struct json *root)
{
	const struct json *first = json_get(root, "first");
	const struct step *step;

	if (!first) {
		wrong(l, json_get(root, "flow"), "F004", S("the name of the step that it begins with"),
			"this flow has no 'first'");
		return;
	}
	if (!want(l, first, JSON_TEXT))
		return;
	step = find_step(l, first, json_text(first));
	if (step)
		l->flow->first = step->index;
}

static void find_ask_at(struct loader *l, const struct json *slots)
{
	for (const struct json *m = json_first(slots); m; m = json_next(m)) {
		const struct json *ask_at = json_get(m, "ask_at");

		if (json_is(ask_at, JSON_TEXT))
			(void)find_step(l, ask_at, json_text(ask_at));
	}
}

/* Where chats on older versions go on. */

static void add_restart(struct loader *l, const struct json *node, unsigned version)
{
	unsigned *restart = (unsigned *)l->flow->restart;

	if (!str_is(json_text(node), "restart")) {
		wrong(l, node, "F011", S("\"restart\", or {\"old step\": \"new step\"}"), "unknown word '%.*s'",
			STR(json_text(node)));
		return;
	}
	restart = arena_grow(l->arena, restart, l->flow->n_restart, unsigned);
	restart[l->flow->n_restart++] = version;
	l->flow->restart = restart;
}

static void add_moves(struct loader *l, const struct json *node, unsigned version)
{
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct move *move = arena_grow(l->arena, (struct move *)l->flow->move, l->flow->n_moves, struct move);

		l->flow->move = move;
		move[l->flow->n_moves] = (struct move){.version = version, .from = json_key(m)};
		move[l->flow->n_moves++].to = read_name(l, m, false);
		if (json_is(m, JSON_TEXT))
			(void)find_step(l, m, json_text(m));
	}
}

static void read_moves(struct loader *l, const struct json *node)
{
	int64_t version;

	if (!want(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (!str_int(json_key(m), &version) || version < 1 || version >= l->flow->version) {
			wrong_key(l, m, "F017", arena_printf(l->arena, "this is version %u", l->flow->version),
				"'%.*s' is no older version of this flow", STR(json_key(m)));
			continue;
		}
		if (json_is(m, JSON_TEXT))
			add_restart(l, m, (unsigned)version);
		else if (want(l, m, JSON_OBJECT))
			add_moves(l, m, (unsigned)version);
	}
}

const struct flow *flow_load(const struct json_doc *doc, struct arena *arena, struct diags *diags)
{
	struct loader l = {.doc = doc, .arena = arena, .diags = diags};
	const struct json *root = json_root(doc), *steps = json_get(root, "steps");

	l.flow = arena_new_of(arena, struct flow);
	l.flow->doc = doc;
	CHECK_KEYS(&l, root, "flow", "kind", "version", "title", "about", "starts_on", "first", "slots", "steps",
		"while_open", "moves", "$schema");
	read_heading(&l, root);
	if (!steps) {
		wrong(&l, json_get(root, "flow"), "F004", S(""), "this flow has no 'steps'");
		return NULL;
	}
	read_slots(&l, json_get(root, "slots"), json_count(steps));
	read_steps(&l, steps);
	add_saved_slots(&l);
	if (l.flow->n_slots > max_slots)
		wrong_key(&l, json_get(root, "slots") ? json_get(root, "slots") : steps, "F019",
			S("make two flows of it"), "a flow has at most %d slots", max_slots);
	find_first(&l, root);
	find_targets(&l);
	find_ask_at(&l, json_get(root, "slots"));
	if (json_get(root, "moves"))
		read_moves(&l, json_get(root, "moves"));
	return l.flow->n_steps ? l.flow : NULL;
}
