/* A parsed expression: the tree that expr.c grows, expr_eval.c evaluates and reads through. */
#ifndef TENSTEP_FLOWS_EXPR_NODE_H
#define TENSTEP_FLOWS_EXPR_NODE_H

#include "bot/base/buf.h"
#include "flows/expr.h"
#include "flows/shape.h"

enum { max_arguments = 3 };

enum node_kind {
	NODE_LITERAL,
	NODE_NAME,
	NODE_FIELD,
	NODE_ITEM,
	NODE_LIST,
	NODE_FUNCTION,
	NODE_OR,
	NODE_AND,
	NODE_NOT,
	NODE_IS_SET,
	NODE_IS_NOT_SET,
	NODE_SAME,
	NODE_OTHER,
	NODE_LESS,
	NODE_LESS_OR_SAME,
	NODE_MORE,
	NODE_MORE_OR_SAME,
	NODE_IN,
	NODE_PLUS,
	NODE_MINUS,
};

struct node {
	enum node_kind kind;
	size_t at, n;    /* in the expression's text; of NODE_FIELD the field's name */
	unsigned may_be; /* as far as it can be known from the text */
	struct str name; /* NODE_NAME, NODE_FIELD */
	const struct value *literal;
	const struct function *function;
	const struct node *const *part; /* operands, arguments, elements */
	size_t n_parts;
};

struct expr {
	struct str text;
	const struct source *source;
	size_t offset;
	const struct node *root;
};

typedef const struct value *function_call(const struct value *const *argument, struct arena *arena);

/* What a call's value looks like: its list, one item of it, or nothing that is known. */
enum result_shape { RESULT_PLAIN, RESULT_ITEM, RESULT_LIST };

/* What the second argument is to the list that comes first: one that may be an item of it; the name
 * of a field of its items, which a third one is compared with. */
enum second_argument { SECOND_PLAIN, SECOND_ITEM, SECOND_FIELD };

struct function {
	const char *name;
	unsigned n_arguments;
	unsigned takes[max_arguments];
	unsigned may_be;
	enum result_shape shape;
	function_call *call;
	enum second_argument second;
	/* A written text that it can do nothing with is a finding; NULL: it takes any. */
	bool (*takes_text)(struct str text);
	const char *as_in;
};

extern const struct function expr_function[];
extern const unsigned n_expr_functions;

/* Two values are the same when what identifies them is; list_has() looks for such a one. */
bool same_value(const struct value *a, const struct value *b);
bool list_has(const struct value *list, const struct value *wanted);
/* A number, or a text that is one. */
bool value_number(const struct value *v, int64_t *number);
/* Amounts of one currency, in its smallest unit; a record counts as what identifies it. */
bool values_in_order(const struct value *a, const struct value *b, int64_t *x, int64_t *y);

#endif
