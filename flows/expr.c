/* The little language of conditions.
 *
 *   condition  = both {"or" both}
 *   both       = negation {"and" negation}
 *   negation   = "not" negation | comparison
 *   comparison = sum | sum "is" ["not"] (sum | "set") | sum ("=" | "!=" | "<" | "<=" | ">" | ">=" |
 * "in") sum sum        = value {("+" | "-") value} value      = primary {"." name | "[" condition
 * "]"} primary    = name | text | number | "true" | "false" | "none" | "(" condition ")" | function
 * "(" [condition {"," condition}] ")" | "[" [condition {"," condition}] "]"
 *
 * Two values are the same when what identifies them is: a record counts as its number or, without
 * one, its id; the text "12" is the number 12; money is the same when the amounts of one currency
 * are.
 *
 *   F101  the expression ends too early, or is empty
 *   F102  something stands where something else should
 *   F103  a text without its closing quote
 *   F104  an unknown function
 *   F105  a function with too few or too many arguments
 *   F106  a position that no list has: the first one is 1
 *   F107  values of types that cannot go together
 *   F108  an expression that is too long or too deep
 *   F109  a number that is too large
 *   F110  a text that the function can do nothing with
 */
#include "bot/base/text.h"
#include "flows/expr_node.h"
#include "flows/written.h"

enum { max_length = 2000, max_depth = 40 };

/* Tokens. */

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_TEXT, TOKEN_NUMBER, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	size_t at, n;
	struct str text; /* as written; of a text what is between the quotes */
};

struct parser {
	struct arena *arena;
	struct str text;
	const struct source *source;
	size_t offset;
	struct diags *diags;
	size_t at;
	unsigned depth;
	bool failed;        /* one finding an expression is enough */
	struct token token; /* the one that has not been taken yet */
};

__attribute__((format(printf, 6, 7))) static const struct node *fail(struct parser *p,
	const char *code, size_t at, size_t n, struct str hint, const char *format, ...)
{
	struct stretch place;
	va_list ap;

	if (p->failed)
		return NULL;
	p->failed = true;
	place = written_at(p->source, p->offset, p->text, at, n);
	va_start(ap, format);
	diag_addv(p->diags, DIAG_ERROR, code, p->source, place.offset, place.length, hint, format,
		ap);
	va_end(ap);
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t sign_length(struct str rest)
{
	static const char *const two[] = {"!=", "<=", ">=", "==", "&&", "||"};
	size_t n = 1;

	for (size_t i = 0; i < sizeof(two) / sizeof(*two); i++)
		if (str_starts(rest, str_of(two[i])))
			return 2;
	while (n < rest.n && ((unsigned char)rest.p[n] & 0xC0) == 0x80)
		n++;
	return n;
}

static void read_text(struct parser *p, char quote)
{
	size_t start = p->at++;

	while (p->at < p->text.n && p->text.p[p->at] != quote)
		p->at++;
	if (p->at == p->text.n) {
		fail(p, "F103", start, p->text.n - start,
			arena_printf(p->arena, "close it with %c", quote), "this text never ends");
		p->token = (struct token){.at = start};
		return;
	}
	p->at++;
	p->token = (struct token){
		TOKEN_TEXT, start, p->at - start, str_sub(p->text, start + 1, p->at - start - 2)};
}

static void advance(struct parser *p)
{
	enum token_kind kind = TOKEN_SIGN;
	size_t start, n = 0;
	char c;

	while (p->at < p->text.n && is_blank(p->text.p[p->at]))
		p->at++;
	start = p->at;
	p->token = (struct token){.kind = TOKEN_END, .at = start};
	if (start == p->text.n || p->failed)
		return;
	c = p->text.p[start];
	if (c == '"' || c == '\'') {
		read_text(p, c);
		return;
	}
	if (is_name_start(c) || is_digit(c)) {
		kind = is_digit(c) ? TOKEN_NUMBER : TOKEN_NAME;
		while (start + n < p->text.n &&
			(is_name_start(p->text.p[start + n]) || is_digit(p->text.p[start + n])))
			n++;
	} else {
		n = sign_length(str_sub(p->text, start, p->text.n));
	}
	p->token = (struct token){kind, start, n, str_sub(p->text, start, n)};
	p->at = start + n;
}

static bool at_word(const struct parser *p, const char *word)
{
	return (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_SIGN) &&
	       str_is(p->token.text, word);
}

static bool take(struct parser *p, const char *word)
{
	if (!at_word(p, word))
		return false;
	advance(p);
	return true;
}

static struct str cure(const struct parser *p)
{
	static const struct {
		const char *slip, *right;
	} known[] = {
		{"==", "write = or is"},
		{"&&", "write and"},
		{"||", "write or"},
		{"!", "write not"},
		{"*", "there is only + and -"},
		{"/", "there is only + and -"},
		{"|", "a filter belongs into a text with holes, not into a condition"},
		{"{", "names stand here without braces"},
		{"AND", "write and"},
		{"OR", "write or"},
		{"NOT", "write not"},
		{"IS", "write is"},
		{"equals", "write = or is"},
		{"contains", "write has(list, value)"},
		{"empty", "write count(x) = 0, or x is not set"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (p->token.kind != TOKEN_TEXT && str_is(p->token.text, known[i].slip))
			return str_of(known[i].right);
	if (p->token.kind == TOKEN_SIGN && !text_is_ascii(p->token.text))
		return S("a name is letters a to z, digits and _; other texts stand in quotes");
	return S("");
}

static const struct node *expected(struct parser *p, const char *what)
{
	if (p->token.kind == TOKEN_END)
		return fail(p, "F101", p->token.at, 0, S(""), "%s is missing here", what);
	return fail(p, "F102", p->token.at, p->token.n, cure(p), "expected %s, not '%.*s'", what,
		STR(str_sub(p->text, p->token.at, p->token.n)));
}

/* Nodes. */

static struct node *node_new(struct parser *p, enum node_kind kind, size_t at, unsigned may_be)
{
	struct node *node = arena_new_of(p->arena, struct node);

	*node = (struct node){.kind = kind, .at = at, .may_be = may_be};
	return node;
}

static const struct node *node_of_parts(struct parser *p, enum node_kind kind, unsigned may_be,
	const struct node *a, const struct node *b)
{
	struct node *node;
	const struct node **part;

	if (!a || (!b && kind != NODE_NOT && kind != NODE_IS_SET && kind != NODE_IS_NOT_SET))
		return NULL;
	node = node_new(p, kind, a->at, may_be);
	part = arena_array(p->arena, const struct node *, 2);
	part[0] = a;
	part[1] = b;
	node->part = part;
	node->n_parts = b ? 2 : 1;
	node->n = p->token.at - node->at;
	return node;
}

static const char *name_of_type(unsigned may_be)
{
	static const char *const name[] = {
		"none", "true or false", "a number", "a text", "a list", "a record"};

	for (unsigned i = 0; i < 6; i++)
		if (may_be & (1u << i))
			return name[i];
	return "nothing";
}

/* What would be right in place of an operand of the wrong type. */
static struct str cure_of_operand(const struct node *node)
{
	switch (node->kind) {
	case NODE_PLUS:
		return S("texts are put together where they are said: \"{one}: {other}\"");
	case NODE_LESS:
	case NODE_LESS_OR_SAME:
	case NODE_MORE:
	case NODE_MORE_OR_SAME:
		return S("as in 50, now - days(30) or money(\"50.00 USD\")");
	default:
		return S("");
	}
}

/* The first operand of @node that surely is not one of @may_be is a finding. */
static const struct node *wants(
	struct parser *p, const struct node *node, unsigned may_be, const char *what)
{
	for (size_t i = 0; node && i < node->n_parts; i++)
		if (!(node->part[i]->may_be & may_be))
			return fail(p, "F107", node->part[i]->at, node->part[i]->n,
				cure_of_operand(node), "%s, not %s", what,
				name_of_type(node->part[i]->may_be));
	return node;
}

/* Values. */

static const struct node *parse_condition(struct parser *p);

static const struct node *parse_literal(
	struct parser *p, const struct value *value, unsigned may_be)
{
	struct node *node = node_new(p, NODE_LITERAL, p->token.at, may_be);

	node->literal = value;
	node->n = p->token.n;
	advance(p);
	return node;
}

static const struct node *parse_number(struct parser *p)
{
	int64_t number;

	for (size_t i = 0; i < p->token.n; i++)
		if (!is_digit(p->token.text.p[i]))
			return expected(p, "a number or a name");
	if (!str_int(p->token.text, &number))
		return fail(p, "F109", p->token.at, p->token.n, S("at most 18 digits"),
			"this number is too large");
	return parse_literal(p, value_int(p->arena, number), MAY_BE_NUMBER);
}

/* Elements up to @close, whose opening has been taken. */
static const struct node *const *parse_elements(struct parser *p, const char *close, size_t *n)
{
	const struct node **element = NULL;

	*n = 0;
	if (take(p, close))
		return element;
	do {
		const struct node *one = parse_condition(p);

		if (!one)
			return NULL;
		element = arena_grow(p->arena, element, *n, const struct node *);
		element[(*n)++] = one;
	} while (take(p, ","));
	if (!take(p, close))
		expected(p, str_is(str_of(close), ")") ? "')'" : "']'");
	return element;
}

static struct str all_names(struct parser *p, const struct str *name)
{
	struct str all;
	struct buf out;

	buf_init(&out, 500);
	for (size_t i = 0; i < n_expr_functions; i++)
		buf_addf(&out, "%s%.*s", i ? ", " : "", STR(name[i]));
	all = arena_str(p->arena, buf_str(&out));
	buf_release(&out);
	return all;
}

static const struct function *function_find(struct parser *p, struct token name)
{
	struct str *known = arena_array(p->arena, struct str, n_expr_functions), hint;

	for (size_t i = 0; i < n_expr_functions; i++) {
		if (str_is(name.text, expr_function[i].name))
			return &expr_function[i];
		known[i] = str_of(expr_function[i].name);
	}
	hint = diag_nearest(p->arena, name.text, known, n_expr_functions);
	if (!hint.n)
		hint = arena_printf(p->arena, "there are: %.*s", STR(all_names(p, known)));
	fail(p, "F104", name.at, name.n, hint, "unknown function '%.*s'", STR(name.text));
	return NULL;
}

static const struct node *check_arguments(
	struct parser *p, const struct node *call, struct token name)
{
	const struct function *f = call->function;

	if (call->n_parts != f->n_arguments)
		return fail(p, "F105", name.at, name.n, S(""), "'%s' takes %u argument%s, not %zu",
			f->name, f->n_arguments, f->n_arguments == 1 ? "" : "s", call->n_parts);
	for (size_t i = 0; i < call->n_parts; i++)
		if (!(call->part[i]->may_be & f->takes[i]))
			return fail(p, "F107", call->part[i]->at, call->part[i]->n, S(""),
				"'%s' takes %s here, not %s", f->name, name_of_type(f->takes[i]),
				name_of_type(call->part[i]->may_be));
	if (f->takes_text && call->part[0]->kind == NODE_LITERAL &&
		!f->takes_text(call->part[0]->literal->text))
		return fail(p, "F110", call->part[0]->at, call->part[0]->n,
			arena_printf(p->arena, "as in %s", f->as_in),
			"'%s' can do nothing with this text", f->name);
	return call;
}

/* The name and the bracket have been taken. */
static const struct node *parse_call(struct parser *p, struct token name)
{
	const struct function *f = function_find(p, name);
	struct node *node;

	if (!f)
		return NULL;
	node = node_new(p, NODE_FUNCTION, name.at, f->may_be | MAY_BE_NONE);
	node->function = f;
	node->part = parse_elements(p, ")", &node->n_parts);
	node->n = p->token.at - name.at;
	return p->failed ? NULL : check_arguments(p, node, name);
}

static bool is_reserved(struct str word)
{
	static const char *const reserved[] = {"or", "and", "not", "is", "in", "set"};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (str_is(word, reserved[i]))
			return true;
	return false;
}

static const struct node *parse_name(struct parser *p)
{
	struct token name = p->token;
	struct node *node;

	if (str_is(name.text, "true"))
		return parse_literal(p, &value_true, MAY_BE_BOOL);
	if (str_is(name.text, "false"))
		return parse_literal(p, &value_false, MAY_BE_BOOL);
	if (str_is(name.text, "none"))
		return parse_literal(p, &value_none, MAY_BE_ANY);
	if (is_reserved(name.text))
		return expected(p, "a value");
	advance(p);
	if (take(p, "("))
		return parse_call(p, name);
	node = node_new(p, NODE_NAME, name.at, MAY_BE_ANY);
	node->name = name.text;
	node->n = name.n;
	return node;
}

static const struct node *parse_list(struct parser *p)
{
	struct node *node = node_new(p, NODE_LIST, p->token.at, MAY_BE_LIST);

	advance(p);
	node->part = parse_elements(p, "]", &node->n_parts);
	node->n = p->token.at - node->at;
	return p->failed ? NULL : node;
}

static const struct node *parse_primary(struct parser *p)
{
	const struct node *inner;

	switch (p->token.kind) {
	case TOKEN_TEXT:
		return parse_literal(p, value_text(p->arena, p->token.text), MAY_BE_TEXT);
	case TOKEN_NUMBER:
		return parse_number(p);
	case TOKEN_NAME:
		return parse_name(p);
	case TOKEN_SIGN:
		if (at_word(p, "["))
			return parse_list(p);
		if (!take(p, "("))
			return expected(p, "a value");
		inner = parse_condition(p);
		if (inner && !take(p, ")"))
			return expected(p, "')'");
		return inner;
	case TOKEN_END:
		break;
	}
	return expected(p, "a value");
}

static const struct node *parse_field(struct parser *p, const struct node *of)
{
	struct node *node;
	const struct node **part;

	if (p->token.kind != TOKEN_NAME)
		return expected(p, "the name of a field");
	node = node_new(p, NODE_FIELD, p->token.at, MAY_BE_ANY);
	part = arena_array(p->arena, const struct node *, 1);
	part[0] = of;
	node->part = part;
	node->n_parts = 1;
	node->name = p->token.text;
	node->n = p->token.n;
	advance(p);
	return node;
}

static const struct node *parse_position(struct parser *p, const struct node *of)
{
	const struct node *index = parse_condition(p), *node;

	if (!index)
		return NULL;
	if (index->kind == NODE_LITERAL && index->may_be == MAY_BE_NUMBER &&
		index->literal->number < 1)
		return fail(p, "F106", index->at, index->n, S("the first one is 1"),
			"no list has a position 0");
	if (!(index->may_be & MAY_BE_NUMBER))
		return fail(p, "F107", index->at, index->n, S(""), "a position is a number, not %s",
			name_of_type(index->may_be));
	if (!take(p, "]"))
		return expected(p, "']'");
	node = node_of_parts(p, NODE_ITEM, MAY_BE_ANY, of, index);
	return node;
}

static const struct node *parse_value(struct parser *p)
{
	const struct node *node = parse_primary(p);

	while (node && !p->failed) {
		if (take(p, "."))
			node = parse_field(p, node);
		else if (take(p, "["))
			node = parse_position(p, node);
		else
			break;
	}
	return node;
}

static const struct node *parse_sum(struct parser *p)
{
	const struct node *sum = parse_value(p);

	while (sum && (at_word(p, "+") || at_word(p, "-"))) {
		enum node_kind kind = at_word(p, "+") ? NODE_PLUS : NODE_MINUS;

		advance(p);
		sum = node_of_parts(p, kind, MAY_BE_NUMBER | MAY_BE_NONE, sum, parse_value(p));
		sum = wants(p, sum, MAY_BE_NUMBER,
			kind == NODE_PLUS ? "'+' adds numbers" : "'-' subtracts numbers");
	}
	return sum;
}

/* Comparing what can never be the same is a slip: count(x) is true, "a" is ["a"]. */
static const struct node *check_same(struct parser *p, const struct node *node)
{
	unsigned a, b, scalar = MAY_BE_NUMBER | MAY_BE_TEXT;

	if (!node)
		return NULL;
	a = node->part[0]->may_be & ~(unsigned)MAY_BE_NONE;
	b = node->part[1]->may_be & ~(unsigned)MAY_BE_NONE;
	if ((a & b) || ((a & (scalar | MAY_BE_RECORD)) && (b & (scalar | MAY_BE_RECORD))))
		return node;
	return fail(p, "F107", node->part[1]->at, node->part[1]->n, S(""), "%s is never %s",
		name_of_type(a), name_of_type(b));
}

static const struct node *parse_is(struct parser *p, const struct node *left)
{
	bool negated = take(p, "not");

	if (take(p, "set"))
		return node_of_parts(
			p, negated ? NODE_IS_NOT_SET : NODE_IS_SET, MAY_BE_BOOL, left, NULL);
	return check_same(p, node_of_parts(p, negated ? NODE_OTHER : NODE_SAME, MAY_BE_BOOL, left,
				     parse_sum(p)));
}

static const struct node *check_in(struct parser *p, const struct node *node)
{
	if (node && !(node->part[1]->may_be & MAY_BE_LIST))
		return fail(p, "F107", node->part[1]->at, node->part[1]->n,
			S("as in: x in [\"a\", \"b\"]"), "'in' looks into a list, not into %s",
			name_of_type(node->part[1]->may_be));
	return node;
}

static const struct node *parse_comparison(struct parser *p)
{
	static const struct {
		const char *sign;
		enum node_kind kind;
	} by_size[] = {
		{"<", NODE_LESS},
		{"<=", NODE_LESS_OR_SAME},
		{">", NODE_MORE},
		{">=", NODE_MORE_OR_SAME},
	};
	const struct node *left = parse_sum(p);

	if (!left)
		return NULL;
	if (take(p, "is"))
		return parse_is(p, left);
	if (take(p, "="))
		return check_same(p, node_of_parts(p, NODE_SAME, MAY_BE_BOOL, left, parse_sum(p)));
	if (take(p, "!="))
		return check_same(p, node_of_parts(p, NODE_OTHER, MAY_BE_BOOL, left, parse_sum(p)));
	if (take(p, "in"))
		return check_in(p, node_of_parts(p, NODE_IN, MAY_BE_BOOL, left, parse_sum(p)));
	for (size_t i = 0; i < sizeof(by_size) / sizeof(*by_size); i++)
		if (take(p, by_size[i].sign))
			return wants(p,
				node_of_parts(p, by_size[i].kind, MAY_BE_BOOL | MAY_BE_NONE, left,
					parse_sum(p)),
				MAY_BE_NUMBER | MAY_BE_RECORD,
				"only numbers, times and money are more or less");
	return left;
}

static const char needs_condition[] = "a condition is wanted here";

static const struct node *parse_negation(struct parser *p)
{
	const struct node *node;

	if (!take(p, "not"))
		return parse_comparison(p);
	if (++p->depth > max_depth)
		return fail(
			p, "F108", p->token.at, p->token.n, S(""), "this expression is too deep");
	node = node_of_parts(p, NODE_NOT, MAY_BE_BOOL, parse_negation(p), NULL);
	p->depth--;
	return wants(p, node, MAY_BE_BOOL | MAY_BE_RECORD, needs_condition);
}

static const struct node *parse_both(struct parser *p)
{
	const struct node *node = parse_negation(p);

	while (node && take(p, "and"))
		node = wants(p, node_of_parts(p, NODE_AND, MAY_BE_BOOL, node, parse_negation(p)),
			MAY_BE_BOOL | MAY_BE_RECORD, needs_condition);
	return node;
}

static const struct node *parse_condition(struct parser *p)
{
	const struct node *node;

	if (++p->depth > max_depth)
		return fail(
			p, "F108", p->token.at, p->token.n, S(""), "this expression is too deep");
	node = parse_both(p);
	while (node && take(p, "or"))
		node = wants(p, node_of_parts(p, NODE_OR, MAY_BE_BOOL, node, parse_both(p)),
			MAY_BE_BOOL | MAY_BE_RECORD, needs_condition);
	p->depth--;
	return p->failed ? NULL : node;
}

const struct expr *expr_parse(struct arena *arena, struct str text, const struct source *source,
	size_t offset, struct diags *diags)
{
	struct parser p = {
		.arena = arena, .text = text, .source = source, .offset = offset, .diags = diags};
	const struct node *root;
	struct expr *expr;

	if (text.n > max_length) {
		fail(&p, "F108", 0, text.n, S("at most 2,000 bytes"),
			"this expression is too long");
		return NULL;
	}
	advance(&p);
	root = parse_condition(&p);
	if (root && p.token.kind != TOKEN_END)
		expected(&p, "the end or 'and', 'or', 'is', 'in'");
	if (!root || p.failed)
		return NULL;
	expr = arena_new_of(arena, struct expr);
	*expr = (struct expr){.text = text, .source = source, .offset = offset, .root = root};
	return expr;
}
