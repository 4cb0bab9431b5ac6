/* Reading single values of a flow file: names, times, texts, expressions, targets. */
#include "flows/loader.h"

#include <assert.h>

#include "bot/base/date.h"
#include "bot/base/text.h"

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
		if (!is_letter(part.p[i]) && part.p[i] != '_' &&
			!(part.p[i] >= '0' && part.p[i] <= '9'))
			return false;
	return true;
}

bool name_is_good(struct str name, bool flow)
{
	long slash = flow ? str_find(name, S("/")) : -1;

	if (slash < 0)
		return part_is_good(name);
	return part_is_good(str_sub(name, 0, (size_t)slash)) &&
	       part_is_good(str_sub(name, (size_t)slash + 1, name.n));
}

bool is_one_of(struct str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

/* TARGET_NONE when it is no reserved word. */
static enum target_kind reserved_target(struct str word)
{
	for (enum target_kind kind = TARGET_NONE; kind <= TARGET_BACK; kind++)
		if (target_word[kind] && str_is(word, target_word[kind]))
			return kind;
	return TARGET_NONE;
}

bool is_reserved_target(struct str word)
{
	return reserved_target(word) != TARGET_NONE;
}

bool want(struct loader *l, const struct json *node, enum json_type type)
{
	struct str key = json_key(node);

	if (json_type(node) == type)
		return true;
	if (key.n)
		wrong(l, node, "F003", S(""), "'%.*s' must be %s, not %s", STR(key),
			json_type_name(type), json_type_name(json_type(node)));
	else
		wrong(l, node, "F003", S(""), "this must be %s, not %s", json_type_name(type),
			json_type_name(json_type(node)));
	return false;
}

struct str nearest_of(struct loader *l, struct str name, const char *const *words, size_t n)
{
	struct str known[max_names];

	assert(n <= max_names);
	for (size_t i = 0; i < n; i++)
		known[i] = str_of(words[i]);
	return diag_nearest(l->arena, name, known, n);
}

/* Unless there is one near it, all that it could be: "one of: a, b, c". */
struct str nearest_or_all(struct loader *l, struct str name, const char *const *words, size_t n)
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

void check_keys(struct loader *l, const struct json *object, const char *const *known, size_t n)
{
	for (const struct json *m = json_first(object); m; m = json_next(m))
		if (!is_one_of(json_key(m), known, n))
			wrong_key(l, m, "F002", nearest_or_all(l, json_key(m), known, n),
				"unknown key '%.*s'", STR(json_key(m)));
}

/* The place of @word in @words, or -1 and a finding. */
int read_word(struct loader *l, const struct json *node, const char *const *words, size_t n)
{
	if (!want(l, node, JSON_TEXT))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_is(json_text(node), words[i]))
			return (int)i;
	wrong(l, node, "F011", nearest_or_all(l, json_text(node), words, n),
		"unknown word '%.*s' for '%.*s'", STR(json_text(node)), STR(json_key(node)));
	return -1;
}

bool read_bool(struct loader *l, const struct json *node)
{
	return want(l, node, JSON_BOOL) && json_bool(node);
}

struct str read_text(struct loader *l, const struct json *node)
{
	if (!want(l, node, JSON_TEXT))
		return S("");
	if (!str_trim(json_text(node)).n)
		wrong(l, node, "F016", S(""), "this text is empty");
	return json_text(node);
}

struct str read_name(struct loader *l, const struct json *node, bool flow)
{
	if (!want(l, node, JSON_TEXT))
		return S("");
	if (!name_is_good(json_text(node), flow))
		wrong(l, node, "F008",
			flow && str_starts(json_text(node), S("->"))
				? S("a flow is named here, without the arrow")
				: S(name_rule),
			"'%.*s' cannot be a name", STR(json_text(node)));
	return json_text(node);
}

bool time_is_good(struct str text, int64_t *ms)
{
	return date_duration_ms(text, ms) && *ms > 0 && *ms <= max_time_ms;
}

int64_t read_duration(struct loader *l, const struct json *node)
{
	int64_t ms = 0;

	if (json_is(node, JSON_NUMBER)) {
		wrong(l, node, "F009", S("as in \"8s\", \"15m\", \"2h\", \"3d\" or \"1h30m\""),
			"a time needs its unit");
		return 0;
	}
	if (want(l, node, JSON_TEXT) && !time_is_good(json_text(node), &ms))
		wrong(l, node, "F009", S(time_hint), "'%.*s' is not a time", STR(json_text(node)));
	return ms;
}

/* Texts with holes, expressions, bindings. */

static size_t inside(struct loader *l, const struct json *text)
{
	return json_where(l->doc, text).offset + 1;
}

const struct template *read_template(struct loader *l, const struct json *node)
{
	struct str text = read_text(l, node);

	if (!text.n)
		return NULL;
	return template_parse(l->arena, text, json_source(l->doc), inside(l, node), l->diags);
}

/* A number or a truth value may stand for itself, without quotes. */
const struct expr *read_expr(struct loader *l, const struct json *node)
{
	struct stretch where = json_where(l->doc, node);
	struct str text;

	if (json_is(node, JSON_NUMBER) || json_is(node, JSON_BOOL)) {
		text = str_sub(json_source(l->doc)->text, where.offset, where.length);
		return expr_parse(l->arena, text, json_source(l->doc), where.offset, l->diags);
	}
	if (!want(l, node, JSON_TEXT))
		return NULL;
	return expr_parse(
		l->arena, json_text(node), json_source(l->doc), inside(l, node), l->diags);
}

const struct binding *read_bindings(struct loader *l, const struct json *node, size_t *n)
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

static struct str hint_for_place(struct loader *l, struct str word)
{
	if (name_is_good(str_trim(word), false))
		return arena_printf(
			l->arena, "without blanks around it: \"%.*s\"", STR(str_trim(word)));
	if (str_find(word, S(" ")) >= 0)
		return S("to say something write {\"say\": \"…\"}");
	if (!text_is_ascii(word))
		return S("a name is " name_rule);
	return S("a step, \"-> flow\", end, pause, wait_on or back");
}

/* Its name cannot be one: that is told where the step is. */
static bool is_step_of_bad_name(struct loader *l, struct str word)
{
	const struct json *step = json_first(json_get(json_root(l->doc), "steps"));

	while (step && !str_eq(json_key(step), word))
		step = json_next(step);
	return step != NULL;
}

static void read_target_word(struct loader *l, const struct json *node, struct target *target)
{
	struct str word = json_text(node);

	target->kind = reserved_target(word);
	if (target->kind != TARGET_NONE)
		return;
	if (str_starts(word, S("->"))) {
		target->kind = TARGET_FLOW;
		target->name = str_trim(str_sub(word, 2, word.n));
		if (!name_is_good(target->name, true))
			wrong(l, node, "F010", S("as in \"-> return_item\""),
				"no flow is named behind the arrow");
		return;
	}
	if (!name_is_good(word, false)) {
		if (!is_step_of_bad_name(l, word))
			wrong(l, node, "F010", hint_for_place(l, word),
				"'%.*s' is not a place to go to", STR(text_clip(word, 60)));
		return;
	}
	target->kind = TARGET_STEP;
	target->name = word;
	look_up_later(l, target);
}

void read_with(struct loader *l, const struct json *with, struct target *target)
{
	target->with = read_bindings(l, with, &target->n_with);
	if (target->kind != TARGET_FLOW && target->kind != TARGET_NONE)
		wrong_key(l, with, "F010", S("only another flow is lent slots: \"-> flow\""),
			"a step of the same flow needs no 'with'");
}

/* A word, or {"then": word, "with": {…}}. */
void read_target(struct loader *l, const struct json *node, struct target *target)
{
	const struct json *word = node, *with = NULL;

	if (json_is(node, JSON_OBJECT)) {
		CHECK_KEYS(l, node, "then", "with");
		word = json_get(node, "then");
		with = json_get(node, "with");
		if (!word) {
			wrong(l, node, "F004", S("{\"then\": \"-> flow\", \"with\": {…}}"),
				"'then' is missing here");
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
