/* Why a message was understood as it was, and what nearly matched. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/text.h"
#include "intents/message.h"

enum { most_misses = 5, most_lacked = 6 };

/* --- near misses: how much of a phrase's tree is there --- */

static bool has_word(const struct message *m, const struct node *node)
{
	for (unsigned i = 0; i < m->n_tokens; i++) {
		struct str text = m->token[i].text;

		if (node->kind == NODE_WORD ? str_eq(text, node->text)
			: str_starts(text, node->text))
			return true;
	}
	return false;
}

static bool has_entity(const struct message *m, const struct node *node)
{
	for (size_t i = 0; i < m->n_entities; i++)
		if (m->entity[i].type == node->entity)
			return true;
	return false;
}

/* Whether the message has what @node needs, wherever it stands. */
static bool is_there(const struct message *m, const struct node *node)
{
	switch (node->kind) {
	case NODE_WORD: case NODE_PREFIX:
		return has_word(m, node);
	case NODE_ENTITY:
		return has_entity(m, node);
	case NODE_SEQUENCE:
		for (size_t i = 0; i < node->n_kids; i++)
			if (!is_there(m, node->kid[i]))
				return false;
		return true;
	case NODE_CHOICE:
		for (size_t i = 0; i < node->n_kids; i++)
			if (is_there(m, node->kid[i]))
				return true;
		return false;
	case NODE_NAMED:
		return is_there(m, node->kid[0]);
	case NODE_OPTIONAL: case NODE_GAP:
		break;
	}
	return true;
}

static bool is_needed(const struct node *node)
{
	return node->kind != NODE_OPTIONAL && node->kind != NODE_GAP;
}

/* A stop word that is there says little about what the buyer nearly said. */
static unsigned weight(const struct message *m, const struct node *node)
{
	return node_has_content(m->set, node) ? 3 : 1;
}

struct miss {
	const struct phrase *phrase;
	unsigned there, lacking;        /* weights of elements */
};

static struct miss measure(const struct message *m, const struct phrase *phrase)
{
	struct miss miss = {.phrase = phrase};
	const struct node *root = phrase->tree.root;

	for (size_t i = 0; i < root->n_kids; i++) {
		if (!is_needed(root->kid[i]))
			continue;
		if (is_there(m, root->kid[i]))
			miss.there += weight(m, root->kid[i]);
		else
			miss.lacking += weight(m, root->kid[i]);
	}
	return miss;
}

/* At least a word of content is there, and not more is lacking than there.  A whole-message phrase
 * that has all its words failed because of the others: no near miss. */
static bool is_near(const struct miss *miss)
{
	return miss->there >= 3 && miss->lacking <= miss->there
		&& !(miss->phrase->tree.whole && !miss->lacking);
}

static struct miss nearest_of(const struct message *m, const struct intent_entry *entry)
{
	struct miss best = {0};

	for (unsigned i = 0; i < entry->n_phrases; i++) {
		const struct phrase *phrase = &m->set->phrase[entry->first_phrase + i];
		struct miss miss;

		if (!phrase->tree.root)
			continue;
		miss = measure(m, phrase);
		if (!is_near(&miss))
			continue;
		if (!best.phrase || miss.lacking < best.lacking
			|| (miss.lacking == best.lacking && miss.there > best.there))
			best = miss;
	}
	return best;
}

static bool is_listed(struct str list, struct str word)
{
	while (list.n)
		if (str_eq(str_trim(str_cut(&list, ',')), word))
			return true;
	return false;
}

static void add_words(const struct node *node, struct buf *out, unsigned *n)
{
	if (*n >= most_lacked)
		return;
	switch (node->kind) {
	case NODE_WORD: case NODE_PREFIX: case NODE_ENTITY: case NODE_NAMED:
		if (is_listed(buf_str(out), node->text))
			return;
		if ((*n)++)
			buf_adds(out, ", ");
		if (node->kind == NODE_ENTITY)
			buf_addf(out, "{%.*s}", STR(node->text));
		else
			buf_add(out, node->text);
		return;
	case NODE_CHOICE: case NODE_SEQUENCE:
		for (size_t i = 0; i < node->n_kids; i++)
			add_words(node->kid[i], out, n);
		return;
	case NODE_OPTIONAL: case NODE_GAP:
		return;
	}
}

static struct str lacked_words(const struct message *m, const struct miss *miss)
{
	const struct node *root = miss->phrase->tree.root;
	struct buf out;
	struct str text;
	unsigned n = 0;

	buf_init(&out, 512);
	for (size_t i = 0; i < root->n_kids; i++)
		if (is_needed(root->kid[i]) && !is_there(m, root->kid[i]))
			add_words(root->kid[i], &out, &n);
	if (!n)
		buf_adds(&out, "nothing, but not in this order or not near enough");
	text = arena_str(m->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static bool is_candidate(const struct reading *reading, const struct intent *intent)
{
	for (size_t i = 0; i < reading->n_candidates; i++)
		if (reading->candidate[i].intent == intent)
			return true;
	return false;
}

static int by_nearness(const void *a, const void *b)
{
	const struct miss *x = a, *y = b;

	if (x->lacking != y->lacking)
		return x->lacking < y->lacking ? -1 : 1;
	if (x->there != y->there)
		return x->there > y->there ? -1 : 1;
	return x->phrase->number < y->phrase->number ? -1 : 1;
}

void misses_explain(struct message *m, struct reading *reading)
{
	struct intent_set *set = m->set;
	struct miss *miss = arena_array(m->arena, struct miss, set->n_intents);
	struct candidate *candidate;
	size_t n = 0;

	for (size_t i = 0; i < set->n_intents; i++) {
		if (is_candidate(reading, &set->intent[i].intent))
			continue;
		miss[n] = nearest_of(m, &set->intent[i]);
		n += miss[n].phrase != NULL;
	}
	qsort(miss, n, sizeof(*miss), by_nearness);
	if (n > most_misses)
		n = most_misses;
	candidate = arena_array(m->arena, struct candidate, reading->n_candidates + n);
	if (reading->n_candidates)
		memcpy(candidate, reading->candidate, reading->n_candidates * sizeof(*candidate));
	for (size_t i = 0; i < n; i++)
		candidate[reading->n_candidates++] = (struct candidate){
			.intent = &set->intent[miss[i].phrase->intent].intent,
			.phrase = miss[i].phrase->text,
			.lacked = lacked_words(m, &miss[i]),
		};
	reading->candidate = candidate;
}

/* --- printing --- */

enum { name_width = 16, max_phrase_shown = 100 };

/* An author's phrase, cut where a line gets too long to read. */
static void print_phrase(struct str phrase, struct buf *out)
{
	struct str shown = text_clip(phrase, max_phrase_shown);

	buf_addf(out, "\"%.*s%s\"", STR(shown), shown.n < phrase.n ? "…" : "");
}

static bool is_private(const struct entity *entity)
{
	return entity->type == ENTITY_EMAIL || entity->type == ENTITY_PHONE;
}

/* @text with the private entities of the message replaced by their kind. */
static void print_masked(const struct reading *reading, struct str text, bool mask,
	struct buf *out)
{
	while (mask && text.n) {
		const struct entity *first = NULL;
		long at = -1;

		for (size_t i = 0; i < reading->n_entities; i++) {
			const struct entity *entity = &reading->entity[i];
			long here = is_private(entity) && entity->raw.n
				? str_find(text, entity->raw) : -1;

			if (here >= 0 && (at < 0 || here < at)) {
				at = here;
				first = entity;
			}
		}
		if (at < 0)
			break;
		buf_add(out, str_sub(text, 0, (size_t)at));
		buf_addf(out, "<%.*s>", STR(first->name));
		text = str_sub(text, (size_t)at + first->raw.n, text.n);
	}
	buf_add(out, text);
}

static bool overlaps_private(const struct reading *reading, const struct token *token)
{
	for (size_t i = 0; i < reading->n_entities; i++) {
		const struct entity *entity = &reading->entity[i];
		size_t from = (size_t)(entity->raw.p - reading->raw.p);

		if (is_private(entity) && token->from < from + entity->raw.n && token->to > from)
			return true;
	}
	return false;
}

static void print_text(const struct reading *reading, bool mask, struct buf *out)
{
	buf_adds(out, "text     ");
	for (size_t i = 0; i < reading->n_tokens; i++) {
		const struct token *token = &reading->token[i];

		if (i)
			buf_addc(out, ' ');
		if (mask && overlaps_private(reading, token))
			buf_adds(out, "***");
		else
			buf_add(out, token->text);
	}
	for (size_t i = 0; i < reading->n_fixes; i++)
		buf_addf(out, "%s%.*s→%.*s", i ? ", " : "        fixed ",
			STR(reading->fix[i].from), STR(reading->fix[i].to));
	buf_addc(out, '\n');
}

static void print_entities(const struct reading *reading, bool mask, struct buf *out)
{
	buf_adds(out, "entities ");
	for (size_t i = 0; i < reading->n_entities; i++) {
		const struct entity *entity = &reading->entity[i];

		buf_addf(out, "%s%.*s ", i ? ", " : "", STR(entity->name));
		if (mask && is_private(entity))
			buf_adds(out, "***");
		else
			value_show(entity->value, out);
	}
	buf_adds(out, reading->n_entities ? "\n" : "–\n");
}

static void print_name(const struct candidate *candidate, struct buf *out)
{
	struct str name = candidate->intent->name;
	size_t n = name.n + (candidate->negated ? 4 : 0);

	buf_addf(out, "%s%.*s", candidate->negated ? "not " : "", STR(name));
	do
		buf_addc(out, ' ');
	while (++n < name_width);
}

static void print_candidate(const struct candidate *candidate, struct buf *out)
{
	print_name(candidate, out);
	if (!candidate->n_parts) {
		buf_adds(out, "–  closest phrase ");
		print_phrase(candidate->phrase, out);
		buf_addf(out, " lacks: %.*s\n", STR(candidate->lacked));
		return;
	}
	buf_addf(out, "%d %.*s ", candidate->part[0].points, STR(candidate->part[0].why));
	print_phrase(candidate->phrase, out);
	for (size_t i = 1; i < candidate->n_parts; i++)
		buf_addf(out, "%s%+d %.*s", i == 1 ? "\n                " : "   ",
			candidate->part[i].points, STR(candidate->part[i].why));
	buf_addf(out, "   = %d\n", candidate->score);
}

static void print_decision(const struct reading *reading, struct buf *out)
{
	buf_addf(out, "decision %s", decision_name[reading->decision]);
	for (size_t i = 0; i < reading->n_top; i++)
		buf_addf(out, "%s%s%.*s (%d)", i ? ", " : " ",
			reading->candidate[i].negated ? "not " : "",
			STR(reading->candidate[i].intent->name), reading->candidate[i].score);
	if (reading->second)
		buf_addf(out, ", then %.*s", STR(reading->second->name));
	buf_addc(out, '\n');
}

void reading_explain(const struct reading *reading, bool mask, struct buf *out)
{
	buf_adds(out, "raw      \"");
	print_masked(reading, reading->raw, mask, out);
	buf_adds(out, "\"\n");
	print_text(reading, mask, out);
	print_entities(reading, mask, out);
	for (size_t i = 0; i < reading->n_candidates; i++)
		print_candidate(&reading->candidate[i], out);
	print_decision(reading, out);
	buf_addf(out, "cost     %u phrases tried", reading->n_tried);
	if (reading->n_faults)
		buf_addf(out, ", %u gave up", reading->n_faults);
	if (reading->too_long)
		buf_adds(out, ", too long: the rest was not read");
	buf_addc(out, '\n');
}
