/* The phrase notation. */
#include "intents/phrase.h"

#include <assert.h>
#include <string.h>

enum { max_depth = 8 };

struct reader {
	struct str text;
	size_t at;
	const struct node **open;       /* a stack: what the sequences that are being read hold so far */
	size_t n_open;
	unsigned depth;
	bool captures;
	const struct phrase_names *names;
	struct lexicon *lexicon;
	struct arena *arena;
	struct phrase_error *error;
};

static bool refuse(struct reader *r, const char *code, size_t offset, size_t length,
	const char *message, struct str hint)
{
	*r->error = (struct phrase_error){
		.code = code,
		.offset = offset,
		.length = length,
		.message = arena_printf(r->arena, message,
			STR(str_sub(r->text, offset, length))),
		.hint = hint,
	};
	return false;
}

/* Sorts of byte; none: it belongs to a word. */
enum { SIGN = 1, BLANK = 2 | SIGN, ROW_END = 4 | SIGN };

static const unsigned char sort_of[256] = {
	[0] = ROW_END,
	[' '] = BLANK,
	['\t'] = BLANK,
	['|'] = ROW_END,
	[')'] = ROW_END,
	[']'] = ROW_END,
	['='] = ROW_END,
	['('] = SIGN,
	['['] = SIGN,
	['{'] = SIGN,
	['}'] = SIGN,
	['<'] = SIGN,
	['>'] = SIGN,
	['*'] = SIGN,
	['.'] = SIGN,
	['@'] = SIGN,
};

static char peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : 0;
}

static bool is_at(const struct reader *r, unsigned sort)
{
	return (sort_of[(unsigned char)peek(r)] & sort) == sort;
}

static void skip_blanks(struct reader *r)
{
	while (is_at(r, BLANK))
		r->at++;
}

static struct node *node_new(struct reader *r, enum node_kind kind, size_t offset)
{
	struct node *node = arena_raw(r->arena, sizeof(*node));

	*node = (struct node){
		.kind = kind, .offset = (uint32_t)offset, .length = (uint32_t)(r->at - offset)};
	return node;
}

static void add_kid(struct reader *r, struct node *node, const struct node *kid)
{
	node->kid = arena_grow(r->arena, node->kid, node->n_kids, const struct node *);
	node->kid[node->n_kids++] = kid;
}

/* Each takes up a byte of the text at least. */
static void push(struct reader *r, const struct node *node)
{
	assert(r->n_open < max_phrase_bytes);
	r->open[r->n_open++] = node;
}

/* What was pushed since there were @from becomes the kids of @node. */
static void take_kids(struct reader *r, struct node *node, size_t from)
{
	size_t n = r->n_open - from;

	r->n_open = from;
	node->n_kids = (uint32_t)n;
	if (!n)
		return;
	node->kid = arena_raw(r->arena, n * sizeof(*node->kid));
	memcpy(node->kid, r->open + from, n * sizeof(*node->kid));
}

static bool read_choice(struct reader *r, const struct node **out);

static bool read_word(struct reader *r, const struct node **out)
{
	size_t begin = r->at;
	struct node *node;

	while (!is_at(r, SIGN))
		r->at++;
	if (r->at == begin)
		return refuse(r, "I006", begin, 1, "'%.*s' does not belong here",
			peek(r) == '*' ? S("it stands right behind a word: (photo*|picture*)")
				       : (struct str){0});
	if (r->at - begin > max_phrase_word)
		return refuse(r, "I006", begin, r->at - begin, "word too long: '%.*s'",
			(struct str){0});
	node = node_new(r, NODE_WORD, begin);
	node->text = str_sub(r->text, begin, r->at - begin);
	node->word = lexicon_add(r->lexicon, node->text);
	if (peek(r) == '*') {
		r->at++;
		node->kind = NODE_PREFIX;
		node->length++;
	}
	node->key = lexicon_key(r->lexicon, node->word, node->kind == NODE_PREFIX);
	*out = node;
	return true;
}

static bool read_gap(struct reader *r, const struct node **out)
{
	static const unsigned most[] = {2, 5, 0};
	size_t begin = r->at, n;
	struct node *node;

	while (peek(r) == '.')
		r->at++;
	n = r->at - begin;
	if (n < 2 || n > 4)
		return refuse(r, "I006", begin, n, "'%.*s' is no gap",
			S("write .. for up to 2 words, ... for up to 5, .... for any number"));
	node = node_new(r, NODE_GAP, begin);
	node->most = most[n - 2];
	*out = node;
	return true;
}

static struct str read_name(struct reader *r)
{
	size_t begin = r->at;

	while ((peek(r) >= 'a' && peek(r) <= 'z') || (peek(r) >= '0' && peek(r) <= '9')
		|| peek(r) == '_')
		r->at++;
	return str_sub(r->text, begin, r->at - begin);
}

static bool read_named(struct reader *r, const struct node **out)
{
	size_t begin = r->at;
	bool part = peek(r) == '<';
	const struct node *meant;
	struct node *node;
	struct str name;

	r->at++;
	name = read_name(r);
	if (part && peek(r) != '>')
		return refuse(r, "I006", begin, 1, "'%.*s' without '>'", (struct str){0});
	r->at += part;
	if (part)
		meant = r->names->part ? r->names->part(r->names->to, name) : NULL;
	else
		meant = r->names->list ? r->names->list(r->names->to, name) : NULL;
	if (!meant)
		return refuse(r, part ? "I009" : "I007", begin, r->at - begin,
			part ? "unknown part '%.*s'" : "unknown list '%.*s'", name);
	node = node_new(r, NODE_NAMED, begin);
	node->text = str_sub(r->text, begin, r->at - begin);
	add_kid(r, node, meant);
	*out = node;
	return true;
}

static bool read_entity(struct reader *r, const struct node **out)
{
	size_t begin = r->at++;
	struct str type = read_name(r), name = type;
	unsigned number = 0;
	struct node *node;

	if (peek(r) == ':') {
		r->at++;
		name = read_name(r);
	}
	if (peek(r) != '}' || !name.n || name.n > 31)
		return refuse(r, "I006", begin, r->at - begin, "'%.*s' is no entity",
			S("write {type} or {type:name}"));
	r->at++;
	if (!r->names->entity(type, &number))
		return refuse(r, "I008", begin + 1, type.n, "unknown entity '%.*s'", type);
	node = node_new(r, NODE_ENTITY, begin);
	node->text = name;
	node->entity = number;
	node->key = number + 1;
	r->captures = true;
	*out = node;
	return true;
}

static bool read_bracket(struct reader *r, const struct node **out)
{
	size_t begin = r->at;
	char open = peek(r), close = open == '(' ? ')' : ']';
	const struct node *choice = NULL;
	struct node *node;

	if (++r->depth > max_depth)
		return refuse(r, "I006", begin, 1, "brackets nested too deep", (struct str){0});
	r->at++;
	if (!read_choice(r, &choice))
		return false;
	if (peek(r) != close)
		return refuse(r, "I006", begin, 1, "'%.*s' is never closed", (struct str){0});
	r->at++;
	r->depth--;
	if (open == '(') {
		*out = choice;
		return true;
	}
	node = node_new(r, NODE_OPTIONAL, begin);
	add_kid(r, node, choice);
	*out = node;
	return true;
}

static bool read_element(struct reader *r, const struct node **out)
{
	switch (peek(r)) {
	case '.':
		return read_gap(r, out);
	case '@': case '<':
		return read_named(r, out);
	case '{':
		return read_entity(r, out);
	case '(': case '[':
		return read_bracket(r, out);
	}
	return read_word(r, out);
}

/* Pushes what stands in a row. */
static bool read_row(struct reader *r)
{
	for (skip_blanks(r); !is_at(r, ROW_END); skip_blanks(r)) {
		const struct node *kid;

		if (!read_element(r, &kid))
			return false;
		push(r, kid);
	}
	return true;
}

static bool read_sequence(struct reader *r, const struct node **out)
{
	struct node *sequence = node_new(r, NODE_SEQUENCE, r->at);
	size_t from = r->n_open;

	if (!read_row(r))
		return false;
	take_kids(r, sequence, from);
	*out = sequence;
	return true;
}

/* Most are a single word, which needs no sequence around it. */
static bool read_alternative(struct reader *r)
{
	size_t begin = r->at, from = r->n_open;
	struct node *sequence;

	if (!read_row(r))
		return false;
	if (r->n_open - from < 2)
		return true;
	sequence = node_new(r, NODE_SEQUENCE, begin);
	take_kids(r, sequence, from);
	push(r, sequence);
	return true;
}

static bool read_choice(struct reader *r, const struct node **out)
{
	size_t begin = r->at, from = r->n_open;
	struct node *choice = node_new(r, NODE_CHOICE, begin);

	for (;;) {
		size_t before = r->n_open;

		if (!read_alternative(r))
			return false;
		if (r->n_open == before)
			return refuse(r, "I006", begin ? begin - 1 : 0, r->at - begin + 1,
				"an empty choice in '%.*s'", S("write [a|b] for what may be left out"));
		choice->length = (uint32_t)(r->at - begin);
		if (peek(r) != '|')
			break;
		r->at++;
	}
	take_kids(r, choice, from);
	*out = choice;
	return true;
}

bool phrase_parse(struct str text, const struct phrase_names *names, struct lexicon *lexicon,
	struct arena *arena, struct phrase_tree *tree, struct phrase_error *error)
{
	const struct node *open[max_phrase_bytes];
	struct reader r = {.text = text, .open = open, .names = names, .lexicon = lexicon,
		.arena = arena, .error = error};

	*tree = (struct phrase_tree){0};
	if (text.n > max_phrase_bytes)
		return refuse(&r, "I006", 0, 20, "phrase too long: '%.*s …'", (struct str){0});
	skip_blanks(&r);
	if (peek(&r) == '=') {
		tree->whole = true;
		r.at++;
	}
	if (!read_sequence(&r, &tree->root))
		return false;
	if (tree->whole && peek(&r) == '=') {
		r.at++;
		skip_blanks(&r);
	} else if (tree->whole) {
		return refuse(&r, "I006", 0, 1, "'%.*s' without its twin at the end",
			S("write = whole message ="));
	}
	if (r.at < text.n)
		return refuse(&r, "I006", r.at, 1, "'%.*s' does not belong here",
			peek(&r) == '|' ? S("put choices in brackets: (a|b)") : (struct str){0});
	if (!tree->root->n_kids)
		return refuse(&r, "I006", 0, text.n, "an empty phrase", (struct str){0});
	tree->captures = r.captures;
	return true;
}

bool phrase_parse_words(struct str text, struct lexicon *lexicon, struct arena *arena,
	const struct node **node, struct phrase_error *error)
{
	struct reader r = {.text = text, .lexicon = lexicon, .arena = arena, .error = error};
	struct node *sequence = node_new(&r, NODE_SEQUENCE, 0);

	for (skip_blanks(&r); r.at < text.n; skip_blanks(&r)) {
		const struct node *kid;

		if (!read_word(&r, &kid))
			return false;
		add_kid(&r, sequence, kid);
	}
	if (!sequence->n_kids)
		return refuse(&r, "I006", 0, text.n, "an empty word", (struct str){0});
	*node = sequence;
	return true;
}

const struct node *phrase_choice(
	struct arena *arena, const struct node **kid, size_t n, size_t number)
{
	struct node *choice = arena_raw(arena, sizeof(*choice));

	*choice = (struct node){.kind = NODE_CHOICE,
		.kid = kid,
		.n_kids = (uint32_t)n,
		.word = (uint32_t)number};
	return choice;
}
