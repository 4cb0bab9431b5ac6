/* language.json. */
#include "intents/language.h"

struct loader {
	struct language *language;
	const struct json_doc *doc;
	struct lexicon *lexicon;
	struct arena *arena;
	struct diags *diags;
};

static bool need(struct loader *l, const struct json *node, enum json_type type)
{
	if (json_is(node, type))
		return true;
	json_error(l->diags, l->doc, node, "I002", ((struct str){0}), "expected %s, found %s",
		json_type_name(type), json_type_name(json_type(node)));
	return false;
}

/* The words of @text as numbers in the arena. */
static const uint32_t *words_of(struct loader *l, struct str text, size_t *n)
{
	uint32_t *word = NULL;

	*n = 0;
	for (struct str rest = str_trim(text); rest.n; rest = str_trim(rest)) {
		struct str one = str_cut(&rest, ' ');

		word = arena_grow(l->arena, word, *n, uint32_t);
		word[(*n)++] = lexicon_add(l->lexicon, one);
	}
	return word;
}

static void flag_word(struct loader *l, struct str text, uint32_t flag)
{
	lexicon_at(l->lexicon, lexicon_add(l->lexicon, text))->flags |= flag;
}

static void read_words(struct loader *l, const struct json *node, uint32_t flag)
{
	if (!need(l, node, JSON_ARRAY))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (!need(l, m, JSON_TEXT))
			continue;
		if (str_find(json_text(m), S(" ")) >= 0)
			json_error(l->diags, l->doc, m, "I042", ((struct str){0}),
				"'%.*s' is more than one word", STR(json_text(m)));
		else
			flag_word(l, json_text(m), flag);
	}
}

static void read_runs(struct loader *l, const struct json *node, uint32_t kind)
{
	struct runs *runs = &l->language->runs[kind];

	if (!need(l, node, JSON_ARRAY))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct run run = {0};
		struct str text;
		long star;
		const uint32_t *word;
		size_t n;

		if (!need(l, m, JSON_TEXT))
			continue;
		text = json_text(m);
		star = str_find(text, S("*"));
		if (star >= 0) {
			run.ending = arena_str(l->arena, str_sub(text, (size_t)star + 1, text.n));
			text.n = (size_t)star;
		}
		word = words_of(l, text, &n);
		if (!n || n > max_run_words) {
			json_error(l->diags, l->doc, m, "I042", ((struct str){0}),
				"expected one to %d words", max_run_words);
			continue;
		}
		for (size_t i = 0; i < n; i++)
			run.word[i] = word[i];
		run.n = n;
		runs->run = arena_grow(l->arena, runs->run, runs->n, struct run);
		runs->run[runs->n++] = run;
		lexicon_at(l->lexicon, word[0])->flags |= 1u << kind;
	}
}

/* {"first": 1, "last": -1} */
static void read_numbers(struct loader *l, const struct json *node, uint32_t flag)
{
	if (!need(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		int64_t value;
		struct word *word;

		if (!json_int(m, &value) || value < -1000 || value > 1000000) {
			json_error(l->diags, l->doc, m, "I042", ((struct str){0}),
				"expected a whole number");
			continue;
		}
		word = lexicon_at(l->lexicon, lexicon_add(l->lexicon, json_key(m)));
		word->flags |= flag | WORD_TARGET;
		word->value = (int32_t)value;
	}
}

static int32_t currency_place(struct loader *l, struct str code)
{
	struct language *language = l->language;

	for (size_t i = 0; i < language->n_currencies; i++)
		if (str_eq(language->currency[i], code))
			return (int32_t)i;
	language->currency = arena_grow(l->arena, language->currency, language->n_currencies,
		struct str);
	language->currency[language->n_currencies] = arena_str(l->arena, code);
	return (int32_t)language->n_currencies++;
}

static void read_currencies(struct loader *l, const struct json *node, uint32_t flag)
{
	if (!need(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct word *word;

		if (!need(l, m, JSON_TEXT))
			continue;
		word = lexicon_at(l->lexicon, lexicon_add(l->lexicon, json_key(m)));
		word->flags |= flag;
		word->value = currency_place(l, json_text(m));
	}
}

static void read_shorthand(struct loader *l, const struct json *node, uint32_t unused)
{
	(void)unused;
	if (!need(l, node, JSON_OBJECT))
		return;
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct word *word;
		const uint32_t *opened;
		uint32_t number;
		size_t n;

		if (!need(l, m, JSON_TEXT))
			continue;
		opened = words_of(l, json_text(m), &n);
		number = lexicon_add(l->lexicon, json_key(m));
		word = lexicon_at(l->lexicon, number);
		word->opened = opened;
		word->n_opened = n;
		word->shorthand = true;
	}
}

/* An ending begins with an apostrophe or is written n't; all else is a whole word. */
static bool is_ending(struct str key)
{
	return str_starts(key, S("'")) || str_is(key, "n't");
}

static void read_contractions(struct loader *l, const struct json *node, uint32_t unused)
{
	struct language *language = l->language;

	read_shorthand(l, node, unused);
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		struct ending *ending;

		if (!is_ending(json_key(m)) || !json_is(m, JSON_TEXT))
			continue;
		language->ending = arena_grow(l->arena, language->ending, language->n_endings,
			struct ending);
		ending = &language->ending[language->n_endings++];
		ending->text = arena_str(l->arena, json_key(m));
		ending->opened = words_of(l, json_text(m), &ending->n_opened);
	}
}

static void read_code(struct loader *l, const struct json *node, uint32_t unused)
{
	(void)unused;
	if (need(l, node, JSON_TEXT))
		l->language->code = arena_str(l->arena, json_text(node));
}

static void read_name(struct loader *l, const struct json *node, uint32_t unused)
{
	(void)unused;
	if (need(l, node, JSON_TEXT))
		l->language->name = arena_str(l->arena, json_text(node));
}

static const struct member {
	const char *key;
	void (*read)(struct loader *l, const struct json *node, uint32_t with);
	uint32_t with;
} member[] = {
	{"language", read_code, 0},
	{"name", read_name, 0},
	{"shorthand", read_shorthand, 0},
	{"contractions", read_contractions, 0},
	{"emoji", read_shorthand, 0},
	{"stop_words", read_words, WORD_STOP},
	{"polite", read_words, WORD_POLITE | WORD_STOP},
	{"question_words", read_words, WORD_QUESTION},
	{"angry", read_words, WORD_ANGRY},
	{"ordinary", read_words, 0},
	{"order_words", read_words, WORD_ORDER},
	{"ago", read_words, WORD_AGO},
	{"negators", read_runs, RUN_NEGATOR},
	{"inability", read_runs, RUN_INABILITY},
	{"clause_breaks", read_runs, RUN_BREAK},
	{"yes", read_runs, RUN_YES},
	{"no", read_runs, RUN_NO},
	{"unsure", read_runs, RUN_UNSURE},
	{"skip", read_runs, RUN_SKIP},
	{"all", read_runs, RUN_ALL},
	{"neither", read_runs, RUN_NEITHER},
	{"other", read_runs, RUN_OTHER},
	{"corrections", read_runs, RUN_CORRECTION},
	{"conditions", read_runs, RUN_CONDITION},
	{"ordinals", read_numbers, WORD_ORDINAL},
	{"numbers", read_numbers, WORD_NUMBER},
	{"months", read_numbers, WORD_MONTH},
	{"weekdays", read_numbers, WORD_WEEKDAY},
	{"days", read_numbers, WORD_DAY},
	{"units", read_numbers, WORD_UNIT},
	{"currencies", read_currencies, WORD_CURRENCY},
};

enum { n_members = sizeof(member) / sizeof(*member) };

static const struct member *find_member(struct str key)
{
	for (size_t i = 0; i < n_members; i++)
		if (str_is(key, member[i].key))
			return &member[i];
	return NULL;
}

static void refuse_member(struct loader *l, const struct json *node)
{
	struct str known[n_members];

	for (size_t i = 0; i < n_members; i++)
		known[i] = str_of(member[i].key);
	json_error_key(l->diags, l->doc, node, "I003",
		diag_nearest(l->arena, json_key(node), known, n_members),
		"unknown member '%.*s' of a language", STR(json_key(node)));
}

void language_read(struct language *language, const struct json *node, const struct json_doc *doc,
	struct lexicon *lexicon, struct arena *arena, struct diags *diags)
{
	struct loader l = {language, doc, lexicon, arena, diags};

	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		const struct member *known = find_member(json_key(m));

		if (known)
			known->read(&l, m, known->with);
		else if (!str_is(json_key(m), "$schema"))
			refuse_member(&l, m);
	}
}

static bool run_fits(const struct run *run, const uint32_t *word, const struct str *text, size_t n)
{
	if (run->n + (run->ending.n != 0) > n)
		return false;
	for (size_t i = 0; i < run->n; i++)
		if (run->word[i] != word[i])
			return false;
	return !run->ending.n || str_ends(text[run->n], run->ending);
}

size_t run_at(const struct runs *runs, const uint32_t *word, const struct str *text, size_t n)
{
	size_t longest = 0;

	for (size_t i = 0; i < runs->n; i++)
		if (runs->run[i].n > longest && run_fits(&runs->run[i], word, text, n))
			longest = runs->run[i].n;
	return longest;
}
