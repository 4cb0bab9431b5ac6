/* "on": what else may happen at a step, and what is done about it. */
#include "flows/loader.h"

/* Reactions: what stands behind a key of "on". */

static void read_reaction_object(
	struct loader *l, const struct json *node, struct reaction *reaction)
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
		wrong(l, node, "F016", S("it may 'say', 'save' and go on with 'then'"),
			"this does nothing");
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
	bool any_outcome, silence, words; /* of a subflow; no_reply; no_match and intents */
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
	if (!time_is_good(time, &on->after_ms))
		wrong_key(l, node, "F009", S("as in \"no_reply 15m\", and at most 366d"),
			"'%.*s' does not say after which time", STR(on->key));
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
		wrong_key(l, node, "F014", hint_for_on(l, verb, json_key(node)),
			"'%s' never meets '%.*s'", verb_name[verb], STR(json_key(node)));
}

void read_on(struct loader *l, const struct json *node, struct step *step)
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
