/* The value of an expression, and reading through it. */
#include <assert.h>

#include "flows/expr_node.h"
#include "flows/written.h"

struct evaluation {
	struct scope scope;
	struct arena *arena;
};

static const struct value *node_eval(const struct node *node, const struct evaluation *e);

static bool truth(const struct value *v)
{
	return v->type == VALUE_BOOL ? v->yes : value_is_set(v);
}

static const struct value *compared(
	enum node_kind how, const struct value *a, const struct value *b)
{
	int64_t x, y;

	if (!values_in_order(a, b, &x, &y))
		return &value_none;
	switch (how) {
	case NODE_LESS:
		return value_bool(x < y);
	case NODE_LESS_OR_SAME:
		return value_bool(x <= y);
	case NODE_MORE:
		return value_bool(x > y);
	default:
		return value_bool(x >= y);
	}
}

static const struct value *eval_function(const struct node *node, const struct evaluation *e)
{
	const struct value *argument[max_arguments];

	assert(node->n_parts <= max_arguments);
	for (size_t i = 0; i < node->n_parts; i++)
		argument[i] = node_eval(node->part[i], e);
	return node->function->call(argument, e->arena);
}

static const struct value *eval_list(const struct node *node, const struct evaluation *e)
{
	struct value_builder b = value_build(e->arena);

	for (size_t i = 0; i < node->n_parts; i++)
		value_push(&b, node_eval(node->part[i], e));
	return value_list(&b);
}

static const struct value *eval_item(const struct value *list, const struct value *index)
{
	int64_t position;

	if (list->type != VALUE_LIST || !value_number(index, &position) || position < 1)
		return &value_none;
	return value_at(list, (size_t)position - 1);
}

static const struct value *eval_sum(
	enum node_kind kind, const struct value *a, const struct value *b, struct arena *arena)
{
	int64_t x, y, sum;

	if (!value_number(a, &x) || !value_number(b, &y))
		return &value_none;
	if (kind == NODE_PLUS ? __builtin_add_overflow(x, y, &sum)
			      : __builtin_sub_overflow(x, y, &sum))
		return &value_none;
	return value_int(arena, sum);
}

static const struct value *eval_name(const struct node *node, const struct evaluation *e)
{
	const struct value *v =
		e->scope.look_up ? e->scope.look_up(e->scope.self, node->name) : NULL;

	return v ? v : &value_none;
}

static const struct value *part_eval(
	const struct node *node, size_t part, const struct evaluation *e)
{
	return node_eval(node->part[part], e);
}

static const struct value *node_eval(const struct node *node, const struct evaluation *e)
{
	switch (node->kind) {
	case NODE_LITERAL:
		return node->literal;
	case NODE_NAME:
		return eval_name(node, e);
	case NODE_FIELD:
		return value_get_str(part_eval(node, 0, e), node->name);
	case NODE_ITEM:
		return eval_item(part_eval(node, 0, e), part_eval(node, 1, e));
	case NODE_LIST:
		return eval_list(node, e);
	case NODE_FUNCTION:
		return eval_function(node, e);
	case NODE_OR:
		return value_bool(truth(part_eval(node, 0, e)) || truth(part_eval(node, 1, e)));
	case NODE_AND:
		return value_bool(truth(part_eval(node, 0, e)) && truth(part_eval(node, 1, e)));
	case NODE_NOT:
		return value_bool(!truth(part_eval(node, 0, e)));
	case NODE_IS_SET:
		return value_bool(value_is_set(part_eval(node, 0, e)));
	case NODE_IS_NOT_SET:
		return value_bool(!value_is_set(part_eval(node, 0, e)));
	case NODE_SAME:
		return value_bool(same_value(part_eval(node, 0, e), part_eval(node, 1, e)));
	case NODE_OTHER:
		return value_bool(!same_value(part_eval(node, 0, e), part_eval(node, 1, e)));
	case NODE_LESS:
	case NODE_LESS_OR_SAME:
	case NODE_MORE:
	case NODE_MORE_OR_SAME:
		return compared(node->kind, part_eval(node, 0, e), part_eval(node, 1, e));
	case NODE_IN:
		return value_bool(list_has(part_eval(node, 1, e), part_eval(node, 0, e)));
	case NODE_PLUS:
	case NODE_MINUS:
		return eval_sum(node->kind, part_eval(node, 0, e), part_eval(node, 1, e), e->arena);
	}
	return &value_none;
}

const struct value *expr_eval(const struct expr *expr, struct scope scope, struct arena *arena)
{
	struct evaluation e = {.scope = scope, .arena = arena};

	return node_eval(expr->root, &e);
}

bool expr_true(const struct expr *expr, struct scope scope, struct arena *arena)
{
	return truth(expr_eval(expr, scope, arena));
}

/* Reading through. */

struct str expr_text(const struct expr *expr)
{
	return expr->text;
}

static void node_names(const struct node *node, struct str field,
	void (*each)(void *self, struct str name, struct str field), void *self)
{
	if (node->kind == NODE_NAME)
		each(self, node->name, field);
	for (size_t i = 0; i < node->n_parts; i++)
		node_names(
			node->part[i], node->kind == NODE_FIELD ? node->name : S(""), each, self);
}

void expr_names(const struct expr *expr,
	void (*each)(void *self, struct str name, struct str field), void *self)
{
	node_names(expr->root, S(""), each, self);
}

static bool node_proves(const struct node *node, struct str name, bool outcome)
{
	const struct node *const *part = node->part;

	switch (node->kind) {
	case NODE_NAME:
		return outcome && str_eq(node->name, name);
	case NODE_IS_SET:
		return outcome && part[0]->kind == NODE_NAME && str_eq(part[0]->name, name);
	case NODE_IS_NOT_SET:
		return !outcome && part[0]->kind == NODE_NAME && str_eq(part[0]->name, name);
	case NODE_NOT:
		return node_proves(part[0], name, !outcome);
	case NODE_AND:
	case NODE_OR:
		/* A true "and" has both sides true, a false "or" both false; else only one of them
		 * is known. */
		if ((node->kind == NODE_AND) == outcome)
			return node_proves(part[0], name, outcome) ||
			       node_proves(part[1], name, outcome);
		return node_proves(part[0], name, outcome) && node_proves(part[1], name, outcome);
	default:
		return false;
	}
}

bool expr_proves_set(const struct expr *expr, struct str name, bool outcome)
{
	return node_proves(expr->root, name, outcome);
}

const struct value *expr_literal(const struct expr *expr)
{
	return expr && expr->root->kind == NODE_LITERAL ? expr->root->literal : NULL;
}

/* Reading through it. */

static struct stretch place_of(const struct expr *expr, const struct node *node)
{
	return written_at(expr->source, expr->offset, expr->text, node->at, node->n);
}

struct subject {
	struct shape shape;
	struct str name, field; /* see struct comparison */
};

static struct subject subject_of(const struct node *node, struct shape shape)
{
	if (node->kind == NODE_NAME)
		return (struct subject){.shape = shape, .name = node->name};
	if (node->kind != NODE_FIELD)
		return (struct subject){.shape = shape};
	if (node->part[0]->kind != NODE_NAME)
		return (struct subject){.shape = shape, .field = node->name};
	return (struct subject){shape, node->part[0]->name, node->name};
}

static void report(const struct expr *expr, struct subject subject, const struct node *other,
	bool by_size, const struct expr_reader *reader)
{
	struct comparison comparison = {
		.with = subject.shape,
		.name = subject.name,
		.field = subject.field,
		.by_size = by_size,
	};

	if (other->kind != NODE_LITERAL || !reader->compared)
		return;
	comparison.literal = other->literal;
	comparison.at = place_of(expr, other);
	reader->compared(reader->self, &comparison);
}

/* x is "a", "a" is x, x in ["a", "b"], "a" in x: each of what is written. */
static void read_comparison(const struct expr *expr, const struct node *node,
	const struct shape *shape, const struct expr_reader *reader)
{
	const struct node *left = node->part[0], *right = node->part[1];
	bool by_size = node->kind != NODE_SAME && node->kind != NODE_OTHER && node->kind != NODE_IN;

	if (left->kind == NODE_LITERAL) {
		report(expr,
			subject_of(right, node->kind == NODE_IN ? shape_item(shape[1]) : shape[1]),
			left, by_size, reader);
		return;
	}
	if (node->kind == NODE_IN && right->kind == NODE_LIST)
		for (size_t i = 0; i < right->n_parts; i++)
			report(expr, subject_of(left, shape[0]), right->part[i], false, reader);
	report(expr, subject_of(left, shape[0]), right, by_size, reader);
}

static struct shape read_field(
	struct shape of, struct str field, struct stretch at, const struct expr_reader *reader)
{
	if (!of.field || (!of.list && shape_has(of, field)))
		return shape_of_field(of, field);
	reader->no_field(reader->self, field, of, at);
	return shape_unknown;
}

static struct stretch between_quotes(struct stretch text)
{
	return (struct stretch){text.offset + 1, text.length - 2};
}

/* has(order.can, "cancel"), only(items, "id", "x"), join(items, "title"). */
static void read_arguments(const struct expr *expr, const struct node *node,
	const struct shape *shape, const struct expr_reader *reader)
{
	const struct node *second = node->n_parts > 1 ? node->part[1] : NULL;
	struct subject item = {shape_item(shape[0])};

	if (!second || second->kind != NODE_LITERAL)
		return;
	if (node->function->second == SECOND_ITEM) {
		report(expr, subject_of(node->part[0], item.shape), second, false, reader);
	} else if (node->function->second == SECOND_FIELD) {
		item.field = value_text_of(second->literal);
		item.shape = read_field(
			item.shape, item.field, between_quotes(place_of(expr, second)), reader);
		if (node->n_parts > 2)
			report(expr, item, node->part[2], false, reader);
	}
}

static struct shape read_function(const struct expr *expr, const struct node *node,
	const struct shape *shape, const struct expr_reader *reader)
{
	read_arguments(expr, node, shape, reader);
	switch (node->function->shape) {
	case RESULT_LIST:
		return shape[0];
	case RESULT_ITEM:
		return shape_item(shape[0]);
	case RESULT_PLAIN:
		break;
	}
	return shape_unknown;
}

static struct shape node_read(
	const struct expr *expr, const struct node *node, const struct expr_reader *reader)
{
	struct shape shape[max_arguments] = {{0}}, one;

	for (size_t i = node->n_parts; i-- > 0;) {
		one = node_read(expr, node->part[i], reader);
		if (i < max_arguments)
			shape[i] = one;
	}
	switch (node->kind) {
	case NODE_NAME:
		return reader->name(reader->self, node->name, place_of(expr, node));
	case NODE_FIELD:
		return read_field(shape[0], node->name, place_of(expr, node), reader);
	case NODE_ITEM:
		return shape_item(shape[0]);
	case NODE_FUNCTION:
		return read_function(expr, node, shape, reader);
	case NODE_SAME:
	case NODE_OTHER:
	case NODE_IN:
	case NODE_LESS:
	case NODE_LESS_OR_SAME:
	case NODE_MORE:
	case NODE_MORE_OR_SAME:
		read_comparison(expr, node, shape, reader);
		return shape_unknown;
	default:
		return shape_unknown;
	}
}

struct shape expr_read(const struct expr *expr, const struct expr_reader *reader)
{
	return expr ? node_read(expr, expr->root, reader) : shape_unknown;
}
