/* From the tree of a phrase to what PCRE2 matches. */
#include "bot/base/text.h"
#include "intents/phrase.h"

static void emit_literal(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool plain = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9');

		if (!plain)
			buf_addc(out, '\\');
		buf_addc(out, (char)c);
	}
}

static void emit(const struct node *node, size_t begun, struct buf *out);

static void emit_word(const struct node *word, size_t begun, struct buf *out)
{
	if (!begun)
		buf_addc(out, ' ');
	emit_literal(str_sub(word->text, begun, word->text.n), out);
	if (word->kind == NODE_PREFIX)
		buf_adds(out, "[^ ]*+");
}

/* The first character of the word that @node begins with; empty: it may begin otherwise. */
static struct str initial_of(const struct node *node)
{
	size_t n = 0;

	while (node->kind == NODE_SEQUENCE && node->n_kids)
		node = node->kid[0];
	if (node->kind != NODE_WORD && node->kind != NODE_PREFIX)
		return (struct str){0};
	if (node->text.n)
		text_decode(node->text, &n);
	return str_sub(node->text, 0, n);
}

struct initials {
	struct str of[64];
	size_t n;
};

static bool add_initial(struct initials *initials, struct str initial)
{
	for (size_t i = 0; i < initials->n; i++)
		if (str_eq(initials->of[i], initial))
			return true;
	if (!initial.n || initials->n == sizeof(initials->of) / sizeof(initials->of[0]))
		return false;
	initials->of[initials->n++] = initial;
	return true;
}

/* False: it is not worth while, or some may begin otherwise. */
static bool find_initials(const struct node *choice, struct initials *initials)
{
	enum { many = 8 };

	if (choice->n_kids < many)
		return false;
	for (size_t i = 0; i < choice->n_kids; i++)
		if (!add_initial(initials, initial_of(choice->kid[i])))
			return false;
	return true;
}

/* Those that begin with @initial, in their order. */
static void emit_initial(const struct node *choice, struct str initial, struct buf *out)
{
	const char *before = "(?:";

	emit_literal(initial, out);
	for (size_t i = 0; i < choice->n_kids; i++) {
		if (!str_eq(initial_of(choice->kid[i]), initial))
			continue;
		buf_adds(out, before);
		emit(choice->kid[i], initial.n, out);
		before = "|";
	}
	buf_addc(out, ')');
}

/* PCRE2 tries one alternative after another; of those that begin alike only the first character,
 * when it is another one.  No two that begin differently fit at one place. */
static void emit_initials(
	const struct node *choice, const struct initials *initials, struct buf *out)
{
	const char *before = "(?: (?:";

	for (size_t i = 0; i < initials->n; i++) {
		buf_adds(out, before);
		emit_initial(choice, initials->of[i], out);
		before = "|";
	}
	buf_adds(out, "))");
}

static void emit_choice(const struct node *choice, struct buf *out)
{
	struct initials initials = {.n = 0};

	if (find_initials(choice, &initials)) {
		emit_initials(choice, &initials, out);
		return;
	}
	buf_adds(out, "(?:");
	for (size_t i = 0; i < choice->n_kids; i++) {
		if (i)
			buf_addc(out, '|');
		emit(choice->kid[i], 0, out);
	}
	buf_addc(out, ')');
}

/* Every element brings the blank before it, so that what follows it must be a blank.  Of what
 * begins with a word, the blank and @begun bytes of it may stand there already; else 0. */
static void emit(const struct node *node, size_t begun, struct buf *out)
{
	switch (node->kind) {
	case NODE_WORD:
	case NODE_PREFIX:
		emit_word(node, begun, out);
		break;
	case NODE_SEQUENCE:
		for (size_t i = 0; i < node->n_kids; i++)
			emit(node->kid[i], i ? 0 : begun, out);
		break;
	case NODE_CHOICE:
		emit_choice(node, out);
		break;
	case NODE_OPTIONAL:
		emit_choice(node->kid[0], out);
		buf_addc(out, '?');
		break;
	case NODE_GAP:
		buf_adds(out, "(?: [^ ]++)");
		if (node->most)
			buf_addf(out, "{0,%u}?", node->most);
		else
			buf_adds(out, "*?");
		break;
	case NODE_NAMED:
		emit_choice(node->kid[0], out);
		break;
	case NODE_ENTITY:
		buf_addf(
			out, "(?<%.*s>(?: [^ ]++){1,5}?)(?C%u)", STR(node->text), node->entity + 1);
		break;
	}
}

void phrase_expression(const struct phrase_tree *tree, struct buf *out)
{
	if (tree->whole)
		buf_adds(out, "\\A");
	if (tree->captures)
		buf_adds(out, "(?J)"); /* one name may stand in two choices */
	emit(tree->root, 0, out);
	buf_adds(out, tree->whole ? "(?= ) \\z" : "(?= )"); /* a word ends here */
}
