/* From the JSON files of a language folder to a compiled set.  Two rounds: first what can be
 * referred to (language, lists, names of intents), then what refers (parts, phrases, unless).
 *
 *   I001  a file's object is neither intent, list, part nor language
 *   I002  a member is missing or has the wrong type
 *   I003  unknown member
 *   I004  a name that is no name
 *   I005  two intents, lists or parts of one name; two languages
 *   I006  a phrase that can not be read
 *   I007  unknown list      I008  unknown entity      I009  unknown part
 *   I010  a part that uses itself
 *   I011  a phrase that no word is needed for
 *   I015  unknown intent
 *   I016  a regex that PCRE2 refuses
 *   I018  unknown kind or strength
 *   I020  no language.json
 *   I042  a value of language.json that makes no sense
 */

#include "intents/intent_loader.h"

enum { set_arena_bytes = 64 * 1024 * 1024, max_name = 40 };

static const struct {
	const char *name;
	enum intent_kind kind;
} kind_row[] = {
	{"info", INTENT_INFO},
	{"task", INTENT_TASK},
	{"danger", INTENT_DANGER},
	{"safety", INTENT_SAFETY},
	{"smalltalk", INTENT_SMALLTALK},
	{"answer", INTENT_ANSWER},
};

static const struct {
	const char *name;
	enum strength strength;
} strength_row[] = {
	{"weak", STRENGTH_WEAK},
	{"normal", STRENGTH_NORMAL},
	{"strong", STRENGTH_STRONG},
};

/* --- findings --- */

bool loader_need(struct loader *l, const struct json *node, enum json_type type)
{
	if (json_is(node, type))
		return true;
	json_error(l->diags, l->doc, node, "I002", no_hint, "expected %s, found %s",
		json_type_name(type), json_type_name(json_type(node)));
	return false;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
			s.p[i] != '_')
			return false;
	return s.n && s.n <= max_name && s.p[0] >= 'a';
}

bool loader_need_name(struct loader *l, const struct json *node)
{
	if (!loader_need(l, node, JSON_TEXT))
		return false;
	if (is_name(json_text(node)))
		return true;
	json_error(l->diags, l->doc, node, "I004", S("names are lower case letters, digits and _"),
		"'%.*s' is no name", STR(json_text(node)));
	return false;
}

void loader_refuse_member(struct loader *l, const struct json *member, const char *const *known,
	size_t n, const char *of)
{
	struct str names[16];

	for (size_t i = 0; i < n; i++)
		names[i] = str_of(known[i]);
	json_error_key(l->diags, l->doc, member, "I003",
		diag_nearest(l->arena, json_key(member), names, n), "unknown member '%.*s' of %s",
		STR(json_key(member)), of);
}

void loader_refuse_second(struct loader *l, const struct json *name, const char *what,
	const struct json_doc *first)
{
	struct str hint = S("the other one is in this file");

	if (l->copy == l->doc)
		return;
	l->copy = l->doc;
	if (first != l->doc)
		hint = arena_printf(l->arena, "the other one is in %s", json_source(first)->name);
	json_error(l->diags, l->doc, name, "I005", hint, "a second %s '%.*s'", what,
		STR(json_text(name)));
}

/* The member that says what an object is: the first but "$schema", which is for editors. */
static const struct json *head_of(const struct json *object)
{
	const struct json *first = json_first(object);

	return first && str_is(json_key(first), "$schema") ? json_next(first) : first;
}

bool loader_knows(struct str key, const char *const *known, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(key, known[i]))
			return true;
	return str_is(key, "$schema");
}

/* --- phrases --- */

static bool parse_phrase(struct loader *l, const struct json *node, bool key, struct phrase *phrase)
{
	struct phrase_names names = loader_names(l);
	struct phrase_error error;

	phrase->text = key ? json_key(node) : json_text(node);
	phrase->node = node;
	phrase->doc = l->doc;
	if (phrase_parse(phrase->text, &names, l->set->lexicon, l->arena, &phrase->tree, &error))
		return true;
	loader_report_phrase(l, node, key, &error);
	return false;
}

/* There is room: see make_room_for_phrases(). */
static void phrase_add(struct loader *l, struct phrase phrase)
{
	struct intent_set *set = l->set;

	phrase.number = (unsigned)set->n_phrases;
	set->phrase[set->n_phrases++] = phrase;
}

static bool read_strength(struct loader *l, const struct json *member, enum strength *strength)
{
	struct str known[3];

	for (size_t i = 0; i < 3; i++) {
		known[i] = str_of(strength_row[i].name);
		if (str_eq(json_key(member), known[i])) {
			*strength = strength_row[i].strength;
			return true;
		}
	}
	json_error_key(l->diags, l->doc, member, "I018",
		diag_nearest(l->arena, json_key(member), known, 3), "unknown strength '%.*s'",
		STR(json_key(member)));
	return false;
}

/* "text", or {"weak": "text"}. */
static void read_phrase(struct loader *l, const struct json *node, unsigned intent)
{
	struct phrase phrase = {.intent = intent};
	bool given = json_is(node, JSON_OBJECT) && json_count(node) == 1;

	if (given) {
		node = json_first(node);
		if (!read_strength(l, node, &phrase.strength))
			return;
	}
	if (!loader_need(l, node, JSON_TEXT) || !parse_phrase(l, node, false, &phrase))
		return;
	if (!given)
		phrase.strength = phrase_strength(l->set, &phrase.tree);
	phrase_add(l, phrase);
}

static void read_phrases(struct loader *l, const struct json *node, unsigned intent)
{
	if (!loader_need(l, node, JSON_ARRAY))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		read_phrase(l, m, intent);
}

static void read_regexes(struct loader *l, const struct json *node, unsigned intent)
{
	if (!loader_need(l, node, JSON_ARRAY))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m))
		if (loader_need(l, m, JSON_TEXT))
			phrase_add(l, (struct phrase){
					      .text = json_text(m),
					      .intent = intent,
					      .strength = STRENGTH_STRONG,
					      .node = m,
					      .doc = l->doc,
				      });
}

/* --- intents --- */

static void read_takes(struct loader *l, const struct json *node, struct intent_entry *entry)
{
	if (!loader_need(l, node, JSON_ARRAY))
		return;
	entry->takes_name = arena_array(l->arena, struct str, json_count(node));
	entry->takes_node = arena_array(l->arena, const struct json *, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		unsigned type;

		if (!loader_need_name(l, m))
			continue;
		if (entity_type_of(json_text(m), &type))
			entry->takes |= 1u << type;
		entry->takes_node[entry->n_takes] = m;
		entry->takes_name[entry->n_takes++] = json_text(m);
	}
}

static void read_examples(struct loader *l, const struct json *node, struct intent_entry *entry)
{
	if (!loader_need(l, node, JSON_ARRAY))
		return;
	entry->example = arena_array(l->arena, struct example, json_count(node));
	entry->example_node = arena_array(l->arena, const struct json *, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (!loader_need(l, m, JSON_TEXT))
			continue;
		entry->example_node[entry->n_examples] = m;
		entry->example[entry->n_examples++] = (struct example){json_text(m), {0}};
	}
}

static void read_counters(struct loader *l, const struct json *node, struct intent_entry *entry)
{
	if (!loader_need(l, node, JSON_OBJECT))
		return;
	entry->counter = arena_array(l->arena, struct example, json_count(node));
	entry->counter_node = arena_array(l->arena, const struct json *, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (!loader_need(l, m, JSON_TEXT))
			continue;
		entry->counter_node[entry->n_counters] = m;
		entry->counter[entry->n_counters++] = (struct example){json_key(m), json_text(m)};
	}
}

static void read_kind(struct loader *l, const struct json *node, struct intent_entry *entry)
{
	enum { n_kinds = sizeof(kind_row) / sizeof(*kind_row) };
	struct str known[n_kinds], hint;

	entry->intent.kind = INTENT_TASK;
	if (!node || !loader_need(l, node, JSON_TEXT))
		return;
	for (size_t i = 0; i < n_kinds; i++) {
		known[i] = str_of(kind_row[i].name);
		if (str_eq(json_text(node), known[i])) {
			entry->intent.kind = kind_row[i].kind;
			return;
		}
	}
	hint = diag_nearest(l->arena, json_text(node), known, n_kinds);
	json_error(l->diags, l->doc, node, "I018",
		hint.n ? hint : S("one of: info, task, danger, safety, smalltalk, answer"),
		"unknown kind '%.*s'", STR(json_text(node)));
}

static void announce_intent(struct loader *l, const struct json *object)
{
	struct intent_set *set = l->set;
	const struct json *name = json_get(object, "intent");
	const struct intent *before;
	struct intent_entry *entry;

	if (!loader_need_name(l, name))
		return;
	before = intent_set_find(set, json_text(name));
	if (before) {
		loader_refuse_second(l, name, "intent", set->intent[before->index].doc);
		return;
	}
	set->intent = arena_grow(l->arena, set->intent, set->n_intents, struct intent_entry);
	entry = &set->intent[set->n_intents];
	*entry = (struct intent_entry){.node = object, .doc = l->doc};
	entry->intent.name = json_text(name);
	entry->intent.index = (unsigned)set->n_intents++;
}

static void read_about(struct loader *l, const struct json *object, struct intent_entry *entry)
{
	const struct json *about = json_get(object, "about"), *label = json_get(object, "label");

	if (!about)
		json_error(l->diags, l->doc, json_get(object, "intent"), "I002",
			S("add \"about\": one sentence that says what the buyer wants"),
			"intent '%.*s' lacks \"about\"", STR(entry->intent.name));
	else if (loader_need(l, about, JSON_TEXT))
		entry->intent.about = json_text(about);
	entry->intent.label = entry->intent.about;
	if (label && loader_need(l, label, JSON_TEXT))
		entry->intent.label = json_text(label);
}

/* Of all intents, read well or not. */
static void make_room_for_phrases(struct loader *l)
{
	size_t most = 0;

	for (size_t i = 0; i < l->set->n_intents; i++)
		for (const struct json *m = json_first(l->set->intent[i].node); m; m = json_next(m))
			if (str_is(json_key(m), "phrases") || str_is(json_key(m), "regex"))
				most += json_count(m);
	l->set->phrase = arena_raw(l->arena, most * sizeof(*l->set->phrase));
}

static void read_intent(struct loader *l, struct intent_entry *entry)
{
	static const char *const known[] = {"intent", "about", "label", "kind", "phrases", "unless",
		"takes", "regex", "examples", "counter_examples"};
	const struct json *object = entry->node;
	unsigned index = entry->intent.index;

	l->doc = entry->doc;
	read_about(l, object, entry);
	read_kind(l, json_get(object, "kind"), entry);
	entry->first_phrase = (unsigned)l->set->n_phrases;
	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		struct str key = json_key(m);

		if (str_is(key, "phrases")) {
			read_phrases(l, m, index);
		} else if (str_is(key, "regex")) {
			read_regexes(l, m, index);
		} else if (str_is(key, "takes")) {
			read_takes(l, m, entry);
		} else if (str_is(key, "examples")) {
			read_examples(l, m, entry);
		} else if (str_is(key, "counter_examples")) {
			read_counters(l, m, entry);
		} else if (!loader_knows(key, known, sizeof(known) / sizeof(*known))) {
			loader_refuse_member(
				l, m, known, sizeof(known) / sizeof(*known), "an intent");
		}
	}
	entry->n_phrases = (unsigned)l->set->n_phrases - entry->first_phrase;
}

/* --- names of other intents --- */

static void report_intent(struct loader *l, const struct json *node, struct str name)
{
	struct str *known;

	if (missed_before(&l->missed, "I015", name))
		return;
	known = arena_array(l->arena, struct str, l->set->n_intents);
	for (size_t i = 0; i < l->set->n_intents; i++)
		known[i] = l->set->intent[i].intent.name;
	json_error(l->diags, l->doc, node, "I015",
		diag_nearest(l->arena, name, known, l->set->n_intents), "unknown intent '%.*s'",
		STR(name));
}

static void read_unless(struct loader *l, struct intent_entry *entry)
{
	const struct json *node = json_get(entry->node, "unless");

	l->doc = entry->doc;
	if (!node || !loader_need(l, node, JSON_OBJECT))
		return;
	entry->unless = arena_array(l->arena, struct unless, json_count(node));
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct unless *unless = &entry->unless[entry->n_unless];
		const struct intent *instead;

		if (!loader_need(l, m, JSON_TEXT))
			continue;
		instead = intent_set_find(l->set, json_text(m));
		if (!instead && !str_is(json_text(m), "none")) {
			report_intent(l, m, json_text(m));
			continue;
		}
		unless->instead = instead ? (int)instead->index : -1;
		unless->phrase.intent = entry->intent.index;
		if (parse_phrase(l, m, true, &unless->phrase))
			entry->n_unless++;
	}
}

static void check_counters(struct loader *l, const struct intent_entry *entry)
{
	l->doc = entry->doc;
	for (size_t i = 0; i < entry->n_counters; i++) {
		for (struct str rest = entry->counter[i].wanted; rest.n;) {
			struct str one = str_trim(str_cut(&rest, '|'));

			if (str_starts(one, S("not ")))
				one = str_sub(one, 4, one.n);
			if (!str_is(one, "none") && !intent_set_find(l->set, one))
				report_intent(l, entry->counter_node[i], one);
		}
	}
}

/* --- files --- */

static void read_object(struct loader *l, const struct json *object)
{
	static const char *const known[] = {"intent", "list", "part", "language"};
	const struct json *first = json_is(object, JSON_OBJECT) ? head_of(object) : NULL;
	struct str key = first ? json_key(first) : no_hint;

	if (!first) {
		json_error(l->diags, l->doc, object, "I001", no_hint,
			"expected an intent, a list, a part or a language");
	} else if (str_is(key, "intent")) {
		announce_intent(l, object);
	} else if (str_is(key, "list")) {
		loader_read_list(l, object);
	} else if (str_is(key, "part")) {
		loader_read_part(l, object);
	} else if (str_is(key, "language")) {
		if (l->set->has_language)
			json_error_key(
				l->diags, l->doc, first, "I005", no_hint, "a second language");
		l->set->has_language = true;
	} else {
		struct str names[4];

		for (size_t i = 0; i < 4; i++)
			names[i] = str_of(known[i]);
		json_error_key(l->diags, l->doc, first, "I001",
			diag_nearest(l->arena, key, names, 4),
			"the first key must be intent, list, part or language, not '%.*s'",
			STR(key));
	}
}

static void each_object(struct loader *l, void (*read)(struct loader *, const struct json *))
{
	for (size_t i = 0; i < l->set->n_docs; i++) {
		const struct json *root = json_root(l->set->doc[i]);

		l->doc = l->set->doc[i];
		if (!json_is(root, JSON_ARRAY)) {
			read(l, root);
			continue;
		}
		for (const struct json *m = json_first(root); m; m = json_next(m))
			read(l, m);
	}
}

static void read_if_language(struct loader *l, const struct json *object)
{
	const struct json *head = json_is(object, JSON_OBJECT) ? head_of(object) : NULL;

	if (head && str_is(json_key(head), "language"))
		language_read(
			&l->set->language, object, l->doc, l->set->lexicon, l->arena, l->diags);
}

static void parse_files(struct loader *l, const struct source *sources, size_t n)
{
	static const struct json_limits limits = {.bytes = 16 * 1024 * 1024, .nodes = 1000000};

	l->set->doc = arena_array(l->arena, struct json_doc *, n);
	for (size_t i = 0; i < n; i++) {
		struct json_doc *doc = json_parse(&sources[i], JSON_AUTHORED, &limits, l->diags);

		if (doc)
			l->set->doc[l->set->n_docs++] = doc;
	}
}

/* Patterns lie in one array: they change while all else is constant. */
static void give_patterns(struct intent_set *set)
{
	size_t n = set->n_phrases, at = 0;

	for (size_t i = 0; i < set->n_intents; i++)
		n += set->intent[i].n_unless;
	set->pattern = arena_array(set->arena, struct pattern, n);
	set->n_patterns = n;
	for (size_t i = 0; i < set->n_phrases; i++)
		set->phrase[i].pattern = &set->pattern[at++];
	for (size_t i = 0; i < set->n_intents; i++)
		for (size_t u = 0; u < set->intent[i].n_unless; u++)
			set->intent[i].unless[u].phrase.pattern = &set->pattern[at++];
}

static void check_needs(struct loader *l)
{
	for (size_t i = 0; i < l->set->n_phrases; i++) {
		const struct phrase *phrase = &l->set->phrase[i];

		if (phrase->tree.root && !phrase->n_triggers)
			json_error(l->diags, phrase->doc, phrase->node, "I011", no_hint,
				"phrase \"%.*s\" needs no word at all: it would match everything",
				STR(phrase->text));
	}
}

static void check_regexes(struct loader *l)
{
	for (size_t i = 0; i < l->set->n_phrases; i++) {
		const struct phrase *phrase = &l->set->phrase[i];
		struct pattern_error error;
		struct stretch where;

		if (phrase->tree.root || phrase_ready(l->set, phrase, &error))
			continue;
		where = json_where(phrase->doc, phrase->node);
		if (where.length == phrase->text.n + 2) {
			where.offset += 1 + error.offset;
			where.length = 0;
		}
		diag_add(l->diags, DIAG_ERROR, "I016", json_source(phrase->doc), where.offset,
			where.length, no_hint, "%s", error.message);
	}
}

static void finish(struct loader *l, struct str dictionary, bool jit)
{
	struct intent_set *set = l->set;

	lexicon_seal(set->lexicon, dictionary);
	index_build(set);
	check_needs(l);
	give_patterns(set);
	set->repair = repair_new(set->lexicon, set->arena);
	set->matcher = matcher_new(jit);
	check_regexes(l);
	set->tried = arena_array(set->arena, uint32_t, set->n_phrases + 1);
	set->fired = arena_array(set->arena, struct fired, lexicon_n_keys(set->lexicon) + 1);
	set->fired_keys = arena_array(set->arena, uint64_t, intent_set_key_groups(set));
	set->scratch = arena_new_of(set->arena, struct message);
	set->picking = arena_new(256 * 1024);
}

static struct intent_set *set_new(void)
{
	struct arena *arena = arena_new(set_arena_bytes);
	struct intent_set *set = arena_new_of(arena, struct intent_set);

	set->arena = arena;
	set->lexicon = lexicon_new(arena, ENTITY_CAPTURE + 2);
	return set;
}

static void read_objects(struct loader *l)
{
	each_object(l, read_if_language);
	each_object(l, read_object);
	if (!l->set->has_language)
		diag_add(l->diags, DIAG_ERROR, "I020", NULL, 0, 0,
			S("add language.json: {\"language\": \"en\", …}"),
			"the pack has no language");
}

static void read_what_refers(struct loader *l)
{
	struct intent_set *set = l->set;

	make_room_for_phrases(l);
	for (size_t i = 0; i < set->n_intents; i++)
		read_intent(l, &set->intent[i]);
	for (size_t i = 0; i < set->n_intents; i++) {
		read_unless(l, &set->intent[i]);
		check_counters(l, &set->intent[i]);
	}
	missed_end(&l->missed);
}

struct intent_set *intent_set_load(const struct source *sources, size_t n, struct str dictionary,
	bool jit, struct diags *diags)
{
	struct intent_set *set = set_new();
	struct loader l = {
		.set = set, .arena = set->arena, .diags = diags, .missed = {.diags = diags}};
	size_t errors = diags->n_errors;

	parse_files(&l, sources, n);
	/* What a file that cannot be read would have named is not missed beside it. */
	if (diags->n_errors == errors)
		read_objects(&l);
	if (diags->n_errors == errors)
		read_what_refers(&l);
	if (diags->n_errors == errors)
		finish(&l, dictionary, jit);
	if (diags->n_errors == errors)
		return set;
	intent_set_free(set);
	return NULL;
}
