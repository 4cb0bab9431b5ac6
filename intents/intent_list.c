/* Lists of words and parts of phrases: read, and looked up by phrases that name them. */
#include <string.h>

#include "intents/intent_loader.h"

static struct word_list *find_list(struct intent_set *set, struct str name, bool part)
{
	for (size_t i = 0; i < set->n_lists; i++)
		if (set->list[i].is_part == part && str_eq(set->list[i].name, name))
			return &set->list[i];
	return NULL;
}

static void add_list_words(
	struct loader *l, const struct json *words, const struct node ***kid, size_t *n)
{
	if (!loader_need(l, words, JSON_ARRAY))
		return;
	for (const struct json *m = json_first(words); m; m = json_next(m)) {
		struct phrase_error error;
		const struct node *node;

		if (!loader_need(l, m, JSON_TEXT))
			continue;
		if (!phrase_parse_words(json_text(m), l->set->lexicon, l->arena, &node, &error)) {
			loader_report_phrase(l, m, false, &error);
			continue;
		}
		*kid = arena_grow(l->arena, *kid, *n, const struct node *);
		(*kid)[(*n)++] = node;
	}
}

/* What a name in a phrase leads to. */
static const struct node *choice_of(struct loader *l, const struct word_list *list,
	const struct node **kid, size_t n)
{
	return phrase_choice(l->arena, kid, n, (size_t)(list - l->set->list) + 1);
}

/* "en-GB": words of a region. */
static bool is_region(struct str key)
{
	return key.n == 5 && key.p[2] == '-';
}

static struct word_list *add_named(
	struct loader *l, const struct json *object, const char *key, bool part)
{
	struct intent_set *set = l->set;
	const struct json *name = json_get(object, key);
	const struct word_list *before;

	if (!loader_need_name(l, name))
		return NULL;
	before = find_list(set, json_text(name), part);
	if (before) {
		loader_refuse_second(l, name, key, before->doc);
		return NULL;
	}
	set->list = arena_grow(l->arena, set->list, set->n_lists, struct word_list);
	set->list[set->n_lists] = (struct word_list){
		.name = json_text(name),
		.node = object,
		.doc = l->doc,
		.is_part = part,
	};
	return &set->list[set->n_lists++];
}

void loader_read_list(struct loader *l, const struct json *object)
{
	static const char *const known[] = {"list", "about", "words"};
	struct word_list *list = add_named(l, object, "list", false);
	const struct node **kid = NULL;
	size_t n = 0;

	for (const struct json *m = json_first(object); m; m = json_next(m)) {
		if (str_is(json_key(m), "words") || is_region(json_key(m)))
			add_list_words(l, m, &kid, &n);
		else if (!loader_knows(json_key(m), known, 3))
			loader_refuse_member(l, m, known, 3, "a list");
	}
	if (!n)
		json_error(l->diags, l->doc, object, "I002", no_hint, "a list without words");
	if (list)
		list->choice = choice_of(l, list, kid, n);
}

void loader_read_part(struct loader *l, const struct json *object)
{
	static const char *const known[] = {"part", "about", "phrases"};

	add_named(l, object, "part", true);
	if (!json_get(object, "phrases"))
		json_error(l->diags, l->doc, object, "I002", no_hint, "a part without phrases");
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!loader_knows(json_key(m), known, 3))
			loader_refuse_member(l, m, known, 3, "a part");
}

static const struct node *named_list(void *to, struct str name)
{
	struct loader *l = to;
	struct word_list *list = find_list(l->set, name, false);

	if (!list)
		return NULL;
	list->used = true;
	return list->choice;
}

void loader_parse_part(struct loader *l, struct word_list *part)
{
	const struct json *phrases = json_get(part->node, "phrases");
	const struct json_doc *doc = l->doc;
	struct phrase_names names = loader_names(l);
	const struct node **kid = NULL;
	size_t n = 0;

	l->doc = part->doc;
	part->busy = true;
	if (phrases && loader_need(l, phrases, JSON_ARRAY))
		for (const struct json *m = json_first(phrases); m; m = json_next(m)) {
			struct phrase_error error;
			struct phrase_tree tree;

			if (!loader_need(l, m, JSON_TEXT))
				continue;
			if (!phrase_parse(json_text(m), &names, l->set->lexicon, l->arena, &tree,
				    &error)) {
				loader_report_phrase(l, m, false, &error);
				continue;
			}
			kid = arena_grow(l->arena, kid, n, const struct node *);
			kid[n++] = tree.root;
		}
	l->doc = doc;
	part->busy = false;
	part->choice = choice_of(l, part, kid, n);
}

static const struct node *named_part(void *to, struct str name)
{
	struct loader *l = to;
	struct word_list *part = find_list(l->set, name, true);

	if (!part)
		return NULL;
	part->used = true;
	if (part->busy) {
		json_error(l->diags, part->doc, part->node, "I010", no_hint,
			"part '%.*s' uses itself", STR(name));
		return phrase_choice(l->arena, NULL, 0, 0);
	}
	if (!part->choice)
		loader_parse_part(l, part);
	return part->choice;
}

struct phrase_names loader_names(struct loader *l)
{
	return (struct phrase_names){named_list, named_part, entity_type_of, l};
}

/* What an unknown name may have meant; the hint is the name until then. */
static struct str hint_for_name(struct loader *l, const struct phrase_error *error)
{
	struct str name = error->hint, *known;
	size_t n = 0;

	if (strcmp(error->code, "I008") == 0) {
		known = arena_array(l->arena, struct str, ENTITY_CAPTURE);
		for (; n < ENTITY_CAPTURE; n++)
			known[n] = str_of(entity_name[n]);
	} else if (strcmp(error->code, "I007") == 0 || strcmp(error->code, "I009") == 0) {
		bool part = error->code[3] == '9';

		known = arena_array(l->arena, struct str, l->set->n_lists);
		for (size_t i = 0; i < l->set->n_lists; i++)
			if (l->set->list[i].is_part == part)
				known[n++] = l->set->list[i].name;
	} else {
		return error->hint;
	}
	name = diag_nearest(l->arena, name, known, n);
	if (!name.n && error->code[3] == '8')
		name = S("order_number, ordinal, number, money, date, email, phone, url");
	return name;
}

static bool is_name(const struct phrase_error *error)
{
	return strcmp(error->code, "I007") == 0 || strcmp(error->code, "I008") == 0 ||
	       strcmp(error->code, "I009") == 0;
}

void loader_report_phrase(
	struct loader *l, const struct json *node, bool key, const struct phrase_error *error)
{
	struct stretch where = key ? json_where_key(l->doc, node) : json_where(l->doc, node);
	struct str text = key ? json_key(node) : json_text(node);

	if (is_name(error) && missed_before(&l->missed, error->code, error->hint))
		return;
	if (where.length == text.n + 2) { /* no escapes: the place inside it is known */
		where.offset += 1 + error->offset;
		where.length = error->length;
	}
	diag_add(l->diags, DIAG_ERROR, error->code, json_source(l->doc), where.offset, where.length,
		hint_for_name(l, error), "%.*s", STR(error->message));
}
