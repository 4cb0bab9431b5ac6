/* The slow findings: what reads well but does not do what its author thinks.
 *
 *   I012  a word that normalising never leaves as it stands
 *   I013  a gap at either end of a phrase      I014  an optional word there
 *   I017  a regex without a word, or with a repeat in a repeat
 *   I019  the same phrase twice
 *   I030  an example that is not understood    I031  a counter-example that is not honoured
 *   I032  a danger intent with fewer than five counter-examples
 *   I033  an intent without phrases, or without examples
 *   I034  an intent that no flow listens to: understood, and answered by "I did not understand"
 *   I035  a list or part that nothing uses     I036  a list word without content
 *   I037  a phrase of words without content
 *   I038  a phrase that only ever loses to another intent
 *   I039  a phrase that PCRE2 gives up on
 *   I040  an entity in 'takes' that no message can have
 *   I041  a language without yes or no
 *   (I016, a regex that PCRE2 refuses, is found by intent_load.c)
 */
#include <string.h>

#include "intents/message.h"

enum { danger_counters = 5, reading_bytes = 256 * 1024, pump_bytes = 250 };

struct checker {
	struct intent_set *set;
	struct diags *diags;
	struct arena *arena; /* emptied after each reading */
	struct context context;
};

static const struct str no_hint;

/* @offset and @length are within the phrase. */
static void report(struct checker *c, enum severity severity, const char *code,
	const struct phrase *phrase, size_t offset, size_t length, struct str hint,
	struct str message)
{
	bool key = str_eq(json_key(phrase->node), phrase->text) &&
		   !str_eq(json_text(phrase->node), phrase->text);
	struct stretch where = key ? json_where_key(phrase->doc, phrase->node)
				   : json_where(phrase->doc, phrase->node);

	if (where.length == phrase->text.n + 2) {
		where.offset += 1 + offset;
		where.length = length;
	}
	diag_add(c->diags, severity, code, json_source(phrase->doc), where.offset, where.length,
		hint, "%.*s", STR(message));
}

/* --- the form of phrases --- */

/* U+2010 … U+2027: what editors make of hyphens, quotes and dots. */
static bool is_typeset(struct str text, size_t i)
{
	return i + 2 < text.n && memcmp(text.p + i, "\xE2\x80", 2) == 0 &&
	       (unsigned char)text.p[i + 2] >= 0x90 && (unsigned char)text.p[i + 2] <= 0xA7;
}

static bool is_plain_word(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if ((c >= 'A' && c <= 'Z') || strchr("'\"`-_,;!?/\\#&~^", c) || is_typeset(text, i))
			return false;
	}
	return true;
}

static struct str opened_words(struct checker *c, const struct word *word)
{
	struct buf out;
	struct str text;

	buf_init(&out, 256);
	buf_adds(&out, "write: ");
	for (size_t i = 0; i < word->n_opened; i++) {
		if (i)
			buf_addc(&out, ' ');
		buf_add(&out, lexicon_at(c->set->lexicon, word->opened[i])->text);
	}
	text = arena_str(c->diags->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

#define plain_words "words are lower case, without apostrophes and hyphens: do not, re order"

static void check_word(struct checker *c, const struct phrase *phrase, const struct node *node)
{
	const struct word *word = lexicon_at(c->set->lexicon, node->word);

	if (!is_plain_word(node->text))
		report(c, DIAG_ERROR, "I012", phrase, node->offset, node->length,
			str_find(node->text, S("\xE2\x80\xA6")) >= 0
				? S("a gap is written with dots: .. or ... or ....")
				: S(plain_words),
			arena_printf(
				c->arena, "'%.*s' never stands so in a message", STR(node->text)));
	else if (node->kind == NODE_WORD && word->shorthand && word->n_opened)
		report(c, DIAG_ERROR, "I012", phrase, node->offset, node->length,
			opened_words(c, word),
			arena_printf(c->arena, "'%.*s' is spelt out before it is matched",
				STR(node->text)));
}

/* Lists and parts are checked where they are written. */
static void check_words(struct checker *c, const struct phrase *phrase, const struct node *node)
{
	if (node->kind == NODE_WORD || node->kind == NODE_PREFIX)
		check_word(c, phrase, node);
	if (node->kind != NODE_NAMED)
		for (size_t i = 0; i < node->n_kids; i++)
			check_words(c, phrase, node->kid[i]);
}

static void check_end(struct checker *c, const struct phrase *phrase, const struct node *node)
{
	if (node->kind == NODE_GAP)
		report(c, DIAG_ERROR, "I013", phrase, node->offset, node->length, no_hint,
			S("a gap at either end of a phrase says nothing"));
	else if (node->kind == NODE_OPTIONAL)
		report(c, DIAG_ERROR, "I014", phrase, node->offset, node->length, no_hint,
			S("what may be missing at either end of a phrase changes nothing"));
}

static bool has_content(const struct intent_set *set, const struct node *node)
{
	if (node->kind == NODE_ENTITY)
		return true;
	if (node->kind == NODE_WORD || node->kind == NODE_PREFIX)
		return !(lexicon_at(set->lexicon, node->word)->flags &
			 (WORD_STOP | WORD_POLITE));
	for (size_t i = 0; i < node->n_kids; i++)
		if (has_content(set, node->kid[i]))
			return true;
	return false;
}

static void check_form(struct checker *c, const struct phrase *phrase)
{
	const struct node *root = phrase->tree.root;

	if (!root)
		return;
	check_words(c, phrase, root);
	if (phrase->tree.whole)
		return;
	check_end(c, phrase, root->kid[0]);
	if (root->n_kids > 1)
		check_end(c, phrase, root->kid[root->n_kids - 1]);
	if (root->n_kids == 1 && !has_content(c->set, root))
		report(c, DIAG_WARNING, "I037", phrase, 0, phrase->text.n,
			S("add a word that says what is wanted, or make it the whole message: = … "
			  "="),
			S("a phrase of a word that stands in any message"));
}

static void check_twins(struct checker *c)
{
	struct intent_set *set = c->set;
	size_t n_slots = 64, at;
	uint32_t *slot;

	while (n_slots < set->n_phrases * 2)
		n_slots *= 2;
	slot = arena_array(c->arena, uint32_t, n_slots);
	for (size_t i = 0; i < set->n_phrases; i++) {
		const struct phrase *phrase = &set->phrase[i];

		for (at = str_hash(phrase->text) & (n_slots - 1); slot[at];
			at = (at + 1) & (n_slots - 1)) {
			const struct phrase *twin = &set->phrase[slot[at] - 1];

			if (!str_eq(twin->text, phrase->text))
				continue;
			report(c, DIAG_WARNING, "I019", phrase, 0, phrase->text.n, no_hint,
				arena_printf(c->arena, "the same phrase stands in '%.*s'",
					STR(set->intent[twin->intent].intent.name)));
			break;
		}
		if (!slot[at])
			slot[at] = (uint32_t)i + 1;
	}
	arena_reset(c->arena);
}

/* --- raw regexes --- */

static bool is_repeat(struct str s, size_t i)
{
	return i < s.n && (s.p[i] == '*' || s.p[i] == '+' ||
				  (s.p[i] == '{' && str_find(str_sub(s, i, s.n), S(",}")) > 0));
}

/* "(a+)+" and "(\w+\s*)*": a group that repeats without limit and holds such a repeat itself. */
static bool has_nested_repeat(struct str s)
{
	bool inner[32] = {false};
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '[') {
			while (++i < s.n && s.p[i] != ']')
				i += s.p[i] == '\\';
		} else if (s.p[i] == '(' && depth < 31) {
			inner[++depth] = false;
		} else if (s.p[i] == ')' && depth) {
			bool nested = inner[depth--];

			if (nested && is_repeat(s, i + 1) && !(i + 2 < s.n && s.p[i + 2] == '+'))
				return true;
			inner[depth] = inner[depth] || nested || is_repeat(s, i + 1);
			continue;
		}
		if (is_repeat(s, i + 1))
			inner[depth] = true;
	}
	return false;
}

/* Three letters in a row that stand for themselves. */
static bool has_literal(struct str s)
{
	size_t run = 0;

	for (size_t i = 0; i < s.n && run < 3; i++) {
		if (s.p[i] == '\\') {
			run = 0;
			i++;
		} else if (s.p[i] == '[' || (s.p[i] == '(' && i + 1 < s.n && s.p[i + 1] == '?')) {
			char close = s.p[i] == '[' ? ']' : s.p[i + 2] == '<' ? '>' : ':';

			while (i < s.n && s.p[i] != close)
				i++;
			run = 0;
		} else {
			run = s.p[i] >= 'a' && s.p[i] <= 'z' ? run + 1 : 0;
		}
	}
	return run >= 3;
}

static void check_regex(struct checker *c, const struct phrase *phrase)
{
	if (has_nested_repeat(phrase->text))
		report(c, DIAG_ERROR, "I017", phrase, 0, phrase->text.n,
			S("give the inner repeat a limit, {1,20}, or make it possessive, ++"),
			S("a repeat inside a repeat can take for ever"));
	else if (!has_literal(phrase->text))
		report(c, DIAG_ERROR, "I017", phrase, 0, phrase->text.n, no_hint,
			S("a regex without a single word would be tried on every message"));
}

/* --- texts made to hurt --- */

/* A sentence that the phrase matches: of each choice the first. */
static void add_witness(const struct node *node, struct buf *out)
{
	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX:
		buf_addc(out, ' ');
		buf_add(out, node->text);
		break;
	case NODE_ENTITY:
		buf_adds(out, node->entity == ENTITY_ORDER_NUMBER ? " #10042" : " x");
		break;
	case NODE_SEQUENCE:
		for (size_t i = 0; i < node->n_kids; i++)
			add_witness(node->kid[i], out);
		break;
	case NODE_CHOICE:
	case NODE_NAMED:
		if (node->n_kids)
			add_witness(node->kid[0], out);
		break;
	case NODE_OPTIONAL:
	case NODE_GAP:
		break;
	}
}

static unsigned gaps_without_end(const struct node *node)
{
	unsigned n = node->kind == NODE_GAP && !node->most;

	for (size_t i = 0; i < node->n_kids; i++)
		n += gaps_without_end(node->kid[i]);
	return n;
}

/* The letters of a regex, which it asks for, after many that it may take or leave. */
static void add_letters(struct str regex, struct buf *out)
{
	buf_adds(out, " aaaaaaaa aaaaaaaa ");
	for (size_t i = 0; i < regex.n && out->n < pump_bytes / 2; i++) {
		if (regex.p[i] == '\\')
			i++;
		else if (regex.p[i] >= 'a' && regex.p[i] <= 'z')
			buf_addc(out, regex.p[i]);
		else if (out->p[out->n - 1] != ' ')
			buf_addc(out, ' ');
	}
}

/* The phrase's own beginning again and again, and no end. */
static void pump(struct checker *c, const struct phrase *phrase)
{
	struct buf text;
	size_t begin, end;
	struct str head;

	if (!phrase_ready(c->set, phrase, NULL))
		return;
	buf_init(&text, 4096);
	if (phrase->tree.root)
		for (size_t i = 0; i + 1 < phrase->tree.root->n_kids; i++)
			add_witness(phrase->tree.root->kid[i], &text);
	else
		add_letters(phrase->text, &text);
	head = arena_str(c->arena, buf_str(&text));
	while (head.n && text.n + head.n < pump_bytes)
		buf_add(&text, head);
	buf_addc(&text, ' ');
	if (pattern_match(c->set->matcher, phrase->pattern, buf_str(&text), 0, &begin, &end) ==
		MATCH_GAVE_UP)
		report(c, DIAG_ERROR, "I039", phrase, 0, phrase->text.n,
			S("use fewer gaps without limit (....)"),
			S("PCRE2 gives up on a message made of this phrase's own words"));
	buf_release(&text);
	arena_reset(c->arena);
}

static void check_cost(struct checker *c, const struct phrase *phrase)
{
	if (!phrase->tree.root || gaps_without_end(phrase->tree.root) >= 2)
		pump(c, phrase);
}

/* --- examples --- */

static const struct reading *read_text(struct checker *c, struct str text)
{
	arena_reset(c->arena);
	return understand(c->set, text, &c->context, c->arena);
}

/* What came out, in words. */
static struct str outcome(struct checker *c, const struct reading *reading)
{
	struct buf out;
	struct str text;

	buf_init(&out, 512);
	buf_adds(&out, decision_name[reading->decision]);
	for (size_t i = 0; i < reading->n_top; i++)
		buf_addf(&out, "%s %s%.*s (%d)", i ? "," : "",
			reading->candidate[i].negated ? "not " : "",
			STR(reading->candidate[i].intent->name), reading->candidate[i].score);
	text = arena_str(c->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static bool is_top(const struct reading *reading, const struct intent *intent, bool negated)
{
	return reading->n_top && reading->candidate[0].intent == intent &&
	       reading->candidate[0].negated == negated;
}

static bool among_top(const struct reading *reading, const struct intent *intent)
{
	for (size_t i = 0; i < reading->n_top; i++)
		if (reading->candidate[i].intent == intent && !reading->candidate[i].negated)
			return true;
	return false;
}

static bool starts_by_itself(const struct intent *intent)
{
	return intent->kind == INTENT_INFO || intent->kind == INTENT_TASK ||
	       intent->kind == INTENT_DANGER;
}

/* A danger intent may be asked back ("do you want to …?"): a typing error does that. */
static bool example_holds(const struct reading *reading, const struct intent *intent)
{
	if (!is_top(reading, intent, false))
		return false;
	return reading->decision == DECIDE_ACCEPT || !starts_by_itself(intent) ||
	       (intent->kind == INTENT_DANGER && reading->decision == DECIDE_CONFIRM);
}

static void check_example(struct checker *c, const struct intent_entry *entry, size_t i)
{
	const struct reading *reading = read_text(c, entry->example[i].text);

	if (!example_holds(reading, &entry->intent))
		json_error(c->diags, entry->doc, entry->example_node[i], "I030",
			S("'tenstep explain' shows what nearly matched"),
			"this example of %.*s comes out as: %.*s", STR(entry->intent.name),
			STR(outcome(c, reading)));
}

static bool nothing_starts(const struct reading *reading)
{
	return reading->decision != DECIDE_ACCEPT || reading->candidate[0].negated ||
	       !starts_by_itself(reading->candidate[0].intent);
}

/* @wanted: "none", "not x", "x". */
static bool is_honoured(struct checker *c, const struct reading *reading, struct str wanted)
{
	bool negated = str_starts(wanted, S("not "));

	if (str_is(wanted, "none"))
		return nothing_starts(reading);
	if (negated)
		return is_top(reading, intent_set_find(c->set, str_sub(wanted, 4, wanted.n)), true);
	if (reading->decision == DECIDE_ACCEPT)
		return is_top(reading, intent_set_find(c->set, wanted), false);
	return among_top(reading, intent_set_find(c->set, wanted));
}

static void check_counter(struct checker *c, const struct intent_entry *entry, size_t i)
{
	const struct reading *reading = read_text(c, entry->counter[i].text);

	for (struct str rest = entry->counter[i].wanted; rest.n;)
		if (is_honoured(c, reading, str_trim(str_cut(&rest, '|'))))
			return;
	json_error_key(c->diags, entry->doc, entry->counter_node[i], "I031", no_hint,
		"wanted %.*s, but this comes out as: %.*s", STR(entry->counter[i].wanted),
		STR(outcome(c, reading)));
}

/* What a phrase keeps under a name of its own: {order:which}, (?<which>…). */
static bool phrases_keep(const struct checker *c, struct str name)
{
	struct str in_phrase = arena_join(c->arena, S(":"), name, S("}")),
		   in_regex = arena_join(c->arena, S("<"), name, S(">"));

	for (size_t i = 0; i < c->set->n_phrases; i++)
		if (str_find(c->set->phrase[i].text, in_phrase) >= 0 ||
			str_find(c->set->phrase[i].text, in_regex) >= 0)
			return true;
	return false;
}

static void check_takes(struct checker *c, const struct intent_entry *entry)
{
	struct str known[ENTITY_CAPTURE], hint;
	unsigned type;

	for (size_t i = 0; i < ENTITY_CAPTURE; i++)
		known[i] = str_of(entity_name[i]);
	for (size_t i = 0; i < entry->n_takes; i++) {
		if (entity_type_of(entry->takes_name[i], &type) ||
			phrases_keep(c, entry->takes_name[i]))
			continue;
		hint = diag_nearest(c->arena, entry->takes_name[i], known, ENTITY_CAPTURE);
		json_error(c->diags, entry->doc, entry->takes_node[i], "I040",
			hint.n ? hint
			       : S("order_number, ordinal, number, money, date, email, phone, url, or "
				   "a name that a phrase gives: {number:which}"),
			"no message has an entity '%.*s'", STR(entry->takes_name[i]));
	}
}

void intent_set_unheard(
	const struct intent_set *set, const struct intent *intent, struct diags *diags)
{
	const struct intent_entry *entry = &set->intent[intent->index];
	struct stretch where = json_where(entry->doc, json_get(entry->node, "intent"));

	if (intent->kind == INTENT_ANSWER)
		return;
	diag_add(diags, DIAG_WARNING, "I034", json_source(entry->doc), where.offset, where.length,
		S("name it in the 'starts_on' of a flow, or in the 'on' of a step"),
		"no flow listens to the intent '%.*s'", STR(intent->name));
}

static void check_intent(struct checker *c, const struct intent_entry *entry)
{
	const struct json *name = json_get(entry->node, "intent");

	if (!entry->n_phrases)
		json_error(c->diags, entry->doc, name, "I033", no_hint,
			"intent '%.*s' has no phrase: nobody can say it", STR(entry->intent.name));
	if (!entry->n_examples)
		json_error(c->diags, entry->doc, name, "I033",
			S("add \"examples\": messages that must be understood"),
			"intent '%.*s' has no example", STR(entry->intent.name));
	if (entry->intent.kind == INTENT_DANGER && entry->n_counters < danger_counters)
		json_error(c->diags, entry->doc, name, "I032",
			S("add a plain negation, a past tense, a condition, a question about the "
			  "rule "
			  "and a complaint"),
			"danger intent '%.*s' has %zu counter-examples of the five it needs",
			STR(entry->intent.name), entry->n_counters);
	for (size_t i = 0; i < entry->n_examples; i++)
		check_example(c, entry, i);
	for (size_t i = 0; i < entry->n_counters; i++)
		check_counter(c, entry, i);
	for (size_t i = 0; i < entry->n_unless; i++)
		check_form(c, &entry->unless[i].phrase);
	check_takes(c, entry);
}

/* --- phrases that lose --- */

/* A sentence made of the phrase itself must not be accepted as something else. */
static void check_hidden(struct checker *c, const struct phrase *phrase)
{
	const struct intent *intent = &c->set->intent[phrase->intent].intent;
	const struct reading *reading;
	struct buf text;
	struct str witness;

	if (!phrase->tree.root || !starts_by_itself(intent) || phrase->strength < STRENGTH_STRONG)
		return;
	buf_init(&text, 2048);
	add_witness(phrase->tree.root, &text);
	witness = str_trim(buf_str(&text));
	reading = read_text(c, witness);
	if (reading->decision == DECIDE_ACCEPT && !reading->candidate[0].negated &&
		reading->candidate[0].intent != intent &&
		starts_by_itself(reading->candidate[0].intent))
		report(c, DIAG_WARNING, "I038", phrase, 0, phrase->text.n, no_hint,
			arena_printf(c->arena, "\"%.*s\" is accepted as %.*s", STR(witness),
				STR(reading->candidate[0].intent->name)));
	buf_release(&text);
}

/* --- lists, language --- */

static bool is_stop(const struct intent_set *set, const struct node *node)
{
	return node->n_kids == 1 && node->kid[0]->kind == NODE_WORD &&
	       !has_content(set, node->kid[0]);
}

/* As in a phrase, but told where the word stands. */
static void check_list_words(struct checker *c, const struct word_list *list)
{
	for (const struct json *words = json_first(list->node); words; words = json_next(words))
		for (const struct json *m = json_first(words); m; m = json_next(m))
			if (!is_plain_word(json_text(m)))
				json_error(c->diags, list->doc, m, "I012", S(plain_words),
					"'%.*s' never stands so in a message", STR(json_text(m)));
}

static void check_list(struct checker *c, const struct word_list *list)
{
	const struct json *name = json_get(list->node, list->is_part ? "part" : "list");

	if (!list->used) {
		struct stretch where = json_where(list->doc, name);

		diag_add(c->diags, DIAG_WARNING, "I035", json_source(list->doc), where.offset,
			where.length, no_hint, "no phrase uses %s '%.*s'",
			list->is_part ? "part" : "list", STR(list->name));
	}
	if (!list->is_part)
		check_list_words(c, list);
	for (size_t i = 0; !list->is_part && i < list->choice->n_kids; i++) {
		const struct node *word = list->choice->kid[i];
		struct stretch where = json_where(list->doc, name);

		if (is_stop(c->set, word))
			diag_add(c->diags, DIAG_WARNING, "I036", json_source(list->doc),
				where.offset, where.length, no_hint,
				"list '%.*s' holds '%.*s', which stands in any message",
				STR(list->name), STR(word->kid[0]->text));
	}
}

static void check_language(struct checker *c)
{
	const struct language *language = &c->set->language;

	if (!language->runs[RUN_YES].n || !language->runs[RUN_NO].n)
		diag_add(c->diags, DIAG_ERROR, "I041", NULL, 0, 0,
			S("add \"yes\" and \"no\" to language.json"),
			"language '%.*s' cannot say yes or no", STR(language->code));
}

/* What was compiled here was compiled without JIT: faster for one use, slower for many. */
static void forget_patterns(struct intent_set *set)
{
	for (size_t i = 0; i < set->n_patterns; i++) {
		pattern_release(&set->pattern[i]);
		set->pattern[i] = (struct pattern){0};
	}
}

void intent_set_check(struct intent_set *set, struct diags *diags)
{
	struct checker c = {.set = set, .diags = diags, .arena = arena_new(reading_bytes)};
	bool jit = matcher_jit(set->matcher, false);
	size_t n_errors = diags->n_errors;
	bool sound;

	check_language(&c);
	for (size_t i = 0; i < set->n_lists; i++)
		check_list(&c, &set->list[i]);
	check_twins(&c);
	for (size_t i = 0; i < set->n_phrases; i++) {
		if (!set->phrase[i].tree.root)
			check_regex(&c, &set->phrase[i]);
		check_form(&c, &set->phrase[i]);
		check_cost(&c, &set->phrase[i]);
		check_hidden(&c, &set->phrase[i]);
		arena_reset(c.arena);
	}
	/* A word that is wrong is taken for one that buyers use: then other messages go wrong too. */
	sound = diags->n_errors == n_errors;
	for (size_t i = 0; sound && i < set->n_intents; i++)
		check_intent(&c, &set->intent[i]);
	forget_patterns(set);
	matcher_jit(set->matcher, jit);
	arena_free(c.arena);
}
