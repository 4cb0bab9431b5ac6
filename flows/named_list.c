/* One file becomes a named list of choices.
 *
 *   F018  a choice without id or label, or not written as one
 *   F015  two choices of one id, or with one label
 */
#include "flows/flow_load.h"

static const char shape_of_choice[] =
	"{\"id\": \"late\", \"label\": \"It takes too long\", \"words\": [\"delay\"]}";

static bool is_known(const struct json *member, const char *const *known, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(json_key(member), known[i]))
			return true;
	return false;
}

static void check_keys(const struct json_doc *doc, const struct json *object,
	const char *const *known, size_t n, struct arena *arena, struct diags *diags)
{
	struct str name[8];

	for (size_t i = 0; i < n; i++)
		name[i] = str_of(known[i]);
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!is_known(m, known, n))
			json_error_key(diags, doc, m, "F002",
				diag_nearest(arena, json_key(m), name, n), "unknown key '%.*s'",
				STR(json_key(m)));
}

static void check_words(const struct json_doc *doc, const struct json *words, struct diags *diags)
{
	if (!json_is(words, JSON_ARRAY)) {
		json_error(diags, doc, words, "F003", S(""), "'words' must be a list");
		return;
	}
	for (const struct json *m = json_first(words); m; m = json_next(m))
		if (!json_is(m, JSON_TEXT) || !str_trim(json_text(m)).n)
			json_error(
				diags, doc, m, "F003", S(""), "a word of a choice must be a text");
}

static void check_choice(const struct json_doc *doc, const struct json *choice, struct arena *arena,
	struct diags *diags)
{
	static const char *const keys[] = {"id", "label", "words"};

	if (!json_is(choice, JSON_OBJECT) || !str_trim(json_text(json_get(choice, "id"))).n ||
		!str_trim(json_text(json_get(choice, "label"))).n) {
		json_error(diags, doc, choice, "F018", str_of(shape_of_choice),
			"a choice needs an id and a label");
		return;
	}
	check_keys(doc, choice, keys, 3, arena, diags);
	if (json_get(choice, "words"))
		check_words(doc, json_get(choice, "words"), diags);
	for (const struct json *before = json_first(json_get(json_root(doc), "choices"));
		before != choice; before = json_next(before)) {
		struct str id = json_text(json_get(choice, "id")),
			   label = json_text(json_get(choice, "label"));

		if (str_eq(json_text(json_get(before, "id")), id)) {
			json_error(diags, doc, json_get(choice, "id"), "F015",
				S("each id stands once in its list"),
				"there is a choice '%.*s' already", STR(id));
			return;
		}
		if (str_eq_nocase(json_text(json_get(before, "label")), label)) {
			json_error(diags, doc, json_get(choice, "label"), "F015",
				S("who sees two buttons of one label cannot tell which is which"),
				"there is a choice with the label '%.*s' already", STR(label));
			return;
		}
	}
}

const struct named_list *named_list_load(
	const struct json_doc *doc, struct arena *arena, struct diags *diags)
{
	static const char *const keys[] = {"list", "about", "choices", "$schema"};
	const struct json *root = json_root(doc), *name = json_get(root, "list"),
			  *choices = json_get(root, "choices");
	struct named_list *list = arena_new_of(arena, struct named_list);

	check_keys(doc, root, keys, 4, arena, diags);
	if (!json_is(name, JSON_TEXT) || !name_is_good(json_text(name), false))
		json_error(diags, doc, name, "F008",
			S("letters, digits and _, beginning with a letter"),
			"this cannot be the name of a list");
	if (!json_is(choices, JSON_ARRAY) || !json_count(choices)) {
		json_error(diags, doc, choices ? choices : name, "F018", str_of(shape_of_choice),
			"a list needs 'choices'");
		return NULL;
	}
	for (const struct json *m = json_first(choices); m; m = json_next(m))
		check_choice(doc, m, arena, diags);
	*list = (struct named_list){json_text(name), value_from_json(arena, choices), doc};
	return list;
}
