/* Values from and to JSON. */
#include "bot/base/value.h"

enum { max_depth = 32 };

/* Not a whole number that an int64 and a double agree on: its digits, as a text. */
static const struct value *number_from_json(struct arena *arena, const struct json *node)
{
	const struct value *value;
	struct buf digits;
	int64_t number;

	if (json_int(node, &number))
		return value_int(arena, number);
	buf_init(&digits, 64);
	json_write(node, &digits);
	value = value_text(arena, buf_str(&digits));
	buf_release(&digits);
	return value;
}

static const struct value *from_json(struct arena *arena, const struct json *node, unsigned depth);

static const struct value *list_from_json(struct arena *arena, const struct json *node,
	unsigned depth)
{
	struct value_builder b = value_build(arena);

	for (node = json_first(node); node; node = json_next(node))
		value_push(&b, from_json(arena, node, depth));
	return value_list(&b);
}

/* Not through value_put(): the scanner has made sure that no name comes twice, and looking for it
 * again would take time that grows with the square of the members. */
static const struct value *record_from_json(struct arena *arena, const struct json *node,
	unsigned depth)
{
	size_t n = json_count(node), i = 0;
	struct value_builder b = value_build(arena);

	b.field = arena_array(arena, struct field, n);
	b.n = n;
	for (node = json_first(node); node; node = json_next(node))
		b.field[i++] = (struct field){arena_str(arena, json_key(node)),
			from_json(arena, node, depth)};
	return value_record(&b);
}

static const struct value *from_json(struct arena *arena, const struct json *node, unsigned depth)
{
	switch (json_type(node)) {
	case JSON_NULL:
		return &value_none;
	case JSON_BOOL:
		return value_bool(json_bool(node));
	case JSON_NUMBER:
		return number_from_json(arena, node);
	case JSON_TEXT:
		return value_text(arena, json_text(node));
	case JSON_ARRAY:
		return depth < max_depth ? list_from_json(arena, node, depth + 1) : &value_none;
	case JSON_OBJECT:
		return depth < max_depth ? record_from_json(arena, node, depth + 1) : &value_none;
	}
	return &value_none;
}

const struct value *value_from_json(struct arena *arena, const struct json *node)
{
	return node ? from_json(arena, node, 0) : &value_none;
}

/* JSON's keys end with a zero byte. */
static void put(struct json *object, struct str name, struct json *tree)
{
	struct buf key;

	buf_init(&key, name.n);
	buf_add(&key, name);
	json_put(object, buf_str(&key).p, tree);
	buf_release(&key);
}

static struct json *to_json(const struct value *v, unsigned depth)
{
	struct json *tree;

	if (!v || ((v->type == VALUE_LIST || v->type == VALUE_RECORD) && depth >= max_depth))
		return json_new_null();
	switch (v->type) {
	case VALUE_NONE:
		break;
	case VALUE_BOOL:
		return json_new_bool(v->yes);
	case VALUE_INT:
		return json_new_int(v->number);
	case VALUE_TEXT:
		return json_new_text(v->text);
	case VALUE_LIST:
		tree = json_new_array();
		for (size_t i = 0; i < v->list.n; i++)
			json_push(tree, to_json(v->list.item[i], depth + 1));
		return tree;
	case VALUE_RECORD:
		tree = json_new_object();
		for (size_t i = 0; i < v->record.n; i++)
			put(tree, v->record.field[i].name,
				to_json(v->record.field[i].value, depth + 1));
		return tree;
	}
	return json_new_null();
}

struct json *value_to_json(const struct value *v)
{
	return to_json(v, 0);
}

void value_show(const struct value *v, struct buf *out)
{
	struct json *tree = value_to_json(v);

	json_write(tree, out);
	json_free(tree);
}
