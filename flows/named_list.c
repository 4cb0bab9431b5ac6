/* One file becomes a named list of choices.
 *
 *   F018  a choice without id or label, or not written as one; more than can be offered
 *   F015  two choices of one id, or with one label or word
 */
#include <stdlib.h>

#include "bot/base/missed.h"
#include "bot/base/text.h"
#include "flows/flow_load.h"
#include "flows/operation.h"

/* What the engine offers and hears (bot/engine/say.c): label, id and words of a choice are 24, of
 * at most 80 bytes each. */
enum { max_choices = 30, max_choice_words = 22, max_word_bytes = 80, max_label = 80 };
enum { max_scratch = 32 << 20 }; /* for the words of a file of at most 1 MiB */

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
		json_error(diags, doc, words, "F003", S("as in \"words\": [\"delay\"]"),
			"'words' must be a list");
		return;
	}
	for (const struct json *m = json_first(words); m; m = json_next(m))
		if (!json_is(m, JSON_TEXT) || !str_trim(json_text(m)).n)
			json_error(
				diags, doc, m, "F003", S(""), "a word of a choice must be a text");
		else if (json_text(m).n > max_word_bytes)
			json_error(diags, doc, m, "F018", S("nobody types that much"),
				"a word has at most %d bytes", max_word_bytes);
}

static bool is_choice(const struct json *choice)
{
	return str_trim(json_text(json_get(choice, "id"))).n &&
	       str_trim(json_text(json_get(choice, "label"))).n;
}

static void check_label(const struct json_doc *doc, const struct json *label, struct diags *diags)
{
	if (str_find(json_text(label), S("\n")) >= 0)
		json_error(diags, doc, label, "F018", S("it stands on a button"),
			"a label is one line");
	else if (str_find(json_text(label), S("{")) >= 0)
		json_error(diags, doc, label, "F018",
			S("a list whose labels change comes from the shop: show it with \"show\""),
			"a label is said as it stands, without holes");
	else if (text_length(json_text(label)) > max_label)
		json_error(diags, doc, label, "F018", S("a few words that fit on a button"),
			"a label has at most %d characters", max_label);
}

/* Who writes one as a text writes all of them so. */
static void no_choice(const struct json_doc *doc, const struct json *choice, struct missed *missed)
{
	if (!missed_before(missed, "choice", S("")))
		json_error(missed->diags, doc, choice, "F018", str_of(shape_of_choice),
			"a choice needs an id and a label");
}

static void check_choice(const struct json_doc *doc, const struct json *choice, struct arena *arena,
	struct missed *missed, struct diags *diags)
{
	static const char *const keys[] = {"id", "label", "words"};

	if (!json_is(choice, JSON_OBJECT) || !is_choice(choice)) {
		no_choice(doc, choice, missed);
		return;
	}
	check_keys(doc, choice, keys, 3, arena, diags);
	if (json_get(choice, "words"))
		check_words(doc, json_get(choice, "words"), diags);
	check_label(doc, json_get(choice, "label"), diags);
}

/* The engine offers no more, and hears no more words for one. */
static void check_counts(
	const struct json_doc *doc, const struct json *choices, struct diags *diags)
{
	const struct json *choice = json_first(choices);

	for (size_t i = 0; choice; choice = json_next(choice), i++) {
		const struct json *words = json_get(choice, "words");

		if (i == max_choices)
			json_error(diags, doc, choice, "F018",
				S("ask in two steps, the first one for the kind"),
				"a list has at most %d choices", max_choices);
		if (json_count(words) > max_choice_words)
			json_error(diags, doc, words, "F018", S("leave out what differs little"),
				"a choice has at most %d words", max_choice_words);
	}
}

/* What names a choice: its id, or what a buyer may type, which the id is too. */
struct entry {
	struct str name; /* as it is compared */
	const struct json *at, *choice;
	size_t n; /* its place in the file */
};

struct entries {
	struct arena *arena;
	struct entry *entry;
	size_t n;
};

/* Letters and digits alone, as answers are compared; what has none is compared as it stands. */
static struct str bare(struct arena *arena, struct str text)
{
	struct str rest = text_normalise(arena, text_repaired(arena, text)).text, letters;
	struct buf out;
	size_t n;

	buf_init(&out, rest.n + 1);
	for (; rest.n; rest = str_sub(rest, n, rest.n)) {
		int32_t c = text_decode(rest, &n);

		if (text_is_letter(c) || text_is_digit(c))
			buf_add(&out, str_sub(rest, 0, n));
	}
	letters = out.n ? arena_str(arena, buf_str(&out)) : text;
	buf_release(&out);
	return letters;
}

static void add_entry(
	struct entries *all, const struct json *choice, const struct json *at, struct str name)
{
	all->entry = arena_grow(all->arena, all->entry, all->n, struct entry);
	all->entry[all->n] = (struct entry){name, at, choice, all->n};
	all->n++;
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = str_cmp(x->name, y->name);

	return c ? c : x->n < y->n ? -1 : 1;
}

static bool is_label(const struct entry *entry)
{
	return entry->at == json_get(entry->choice, "label");
}

static void said_twice(const struct json_doc *doc, const struct entry *first,
	const struct entry *second, struct diags *diags)
{
	if (str_eq(json_text(json_get(first->choice, "id")),
		    json_text(json_get(second->choice, "id"))))
		return; /* said once is enough */
	if (is_label(first) && is_label(second))
		json_error(diags, doc, second->at, "F015",
			S("who sees two buttons of one label cannot tell which is which"),
			"there is a choice with the label '%.*s' already",
			STR(json_text(second->at)));
	else
		json_error(diags, doc, second->at, "F015",
			S("what means two choices picks neither"),
			"'%.*s' means the choice '%.*s' already", STR(json_text(second->at)),
			STR(json_text(json_get(first->choice, "id"))));
}

static void same_id(const struct json_doc *doc, const struct entry *first,
	const struct entry *second, struct diags *diags)
{
	(void)first;
	json_error(diags, doc, second->at, "F015", S("each id stands once in its list"),
		"there is a choice '%.*s' already", STR(second->name));
}

static void find_twice(const struct json_doc *doc, struct entries *all,
	void (*told)(const struct json_doc *doc, const struct entry *first,
		const struct entry *second, struct diags *diags),
	struct diags *diags)
{
	if (all->n)
		qsort(all->entry, all->n, sizeof(*all->entry), by_name);
	for (size_t first = 0, i = 1; i < all->n; i++) {
		if (!str_eq(all->entry[i].name, all->entry[first].name))
			first = i;
		else if (all->entry[i].choice != all->entry[i - 1].choice) /* once for a choice */
			told(doc, &all->entry[first], &all->entry[i], diags);
	}
}

/* What names two choices. */
static void check_entries(const struct json_doc *doc, struct diags *diags)
{
	struct arena *arena = arena_new(max_scratch);
	struct entries id = {.arena = arena}, said = {.arena = arena};

	for (const struct json *c = json_first(json_get(json_root(doc), "choices")); c;
		c = json_next(c)) {
		const struct json *label = json_get(c, "label");

		if (!is_choice(c))
			continue;
		add_entry(&id, c, json_get(c, "id"), json_text(json_get(c, "id")));
		add_entry(&said, c, label, bare(arena, json_text(label)));
		add_entry(&said, c, json_get(c, "id"), bare(arena, json_text(json_get(c, "id"))));
		for (const struct json *m = json_first(json_get(c, "words")); m; m = json_next(m))
			add_entry(&said, c, m, bare(arena, json_text(m)));
	}
	find_twice(doc, &id, same_id, diags);
	find_twice(doc, &said, said_twice, diags);
	arena_free(arena);
}

const struct named_list *named_list_load(
	const struct json_doc *doc, struct arena *arena, struct diags *diags)
{
	static const char *const keys[] = {"list", "about", "choices", "$schema"};
	const struct json *root = json_root(doc), *name = json_get(root, "list"),
			  *choices = json_get(root, "choices");
	struct named_list *list = arena_new_of(arena, struct named_list);
	struct missed missed = {.diags = diags};

	check_keys(doc, root, keys, 4, arena, diags);
	if (!json_is(name, JSON_TEXT) || !name_is_good(json_text(name), false))
		json_error(diags, doc, name, "F008",
			S("letters a to z, digits and _, beginning with a letter"),
			"this cannot be the name of a list");
	for (const char *const *builtin = builtin_variable; *builtin; builtin++)
		if (str_is(json_text(name), *builtin))
			json_error(diags, doc, name, "F008",
				S("every flow may read that name already; take another one"),
				"'%s' cannot be the name of a list", *builtin);
	if (!json_is(choices, JSON_ARRAY) || !json_count(choices)) {
		json_error(diags, doc, choices ? choices : name, "F018", str_of(shape_of_choice),
			"a list needs 'choices'");
		return NULL;
	}
	for (const struct json *m = json_first(choices); m; m = json_next(m))
		check_choice(doc, m, arena, &missed, diags);
	missed_end(&missed);
	check_counts(doc, choices, diags);
	check_entries(doc, diags);
	*list = (struct named_list){json_text(name), value_from_json(arena, choices), doc};
	return list;
}
