/* Fields of a request's body: their types are the platform's, and what is not known is left alone.
 */
#include "adapters/order/shop_wire/parts.h"

enum { MAX_LIST = 100, MAX_PIECES = 64 };

static const struct json *member(const struct visit *v, const char *name)
{
	const struct json *node = v->body ? json_get(v->body, name) : NULL;

	return node && !json_is(node, JSON_NULL) ? node : NULL;
}

bool body_text(struct visit *v, const char *name, struct str *text)
{
	const struct json *node = member(v, name);

	*text = json_text(node);
	return !node || json_is(node, JSON_TEXT) || visit_bad(v, name, "must be a string.");
}

bool body_text_needed(struct visit *v, const char *name, struct str *text)
{
	if (!body_text(v, name, text))
		return false;
	return text->n || visit_bad(v, name, "is needed.");
}

bool body_int(struct visit *v, const char *name, int64_t fallback, int64_t *number)
{
	const struct json *node = member(v, name);

	*number = fallback;
	return !node || json_int(node, number) || visit_bad(v, name, "must be a whole number.");
}

bool body_bool(struct visit *v, const char *name, int *yes)
{
	const struct json *node = member(v, name);

	*yes = -1;
	if (!node)
		return true;
	if (!json_is(node, JSON_BOOL))
		return visit_bad(v, name, "must be true or false.");
	*yes = json_bool(node);
	return true;
}

static struct str written(struct visit *v, struct json *list)
{
	struct buf text;
	struct str json;

	buf_init(&text, 1 << 16);
	json_write(list, &text);
	json = arena_str(v->arena, buf_str(&text));
	buf_release(&text);
	return json;
}

bool body_list(struct visit *v, const char *name, translate_function *translate, struct str *json)
{
	const struct json *node = member(v, name), *each;
	struct json *list;
	bool good = true;

	*json = (struct str){0};
	if (!node)
		return true;
	if (!json_is(node, JSON_ARRAY) || json_count(node) > MAX_LIST)
		return visit_bad(v, name, "must be an array of at most 100 strings.");
	list = json_new_array();
	for (each = json_first(node); each && good; each = json_next(each)) {
		struct str text = json_text(each);

		good = json_is(each, JSON_TEXT) || visit_bad(v, name, "must hold strings.");
		if (good)
			json_push_text(list, translate ? translate(v, text) : text);
	}
	if (good && json_count(node))
		*json = written(v, list);
	json_free(list);
	return good;
}

bool body_range(struct visit *v, const char *name, struct time_range *range)
{
	const char *from = arena_printf(v->arena, "%s_ge", name).p;
	const char *to = arena_printf(v->arena, "%s_lt", name).p;

	return body_int(v, from, 0, &range->from) && body_int(v, to, INT64_MAX, &range->to);
}

/* --- which of an order's pieces --- */

struct pieces {
	struct str id[MAX_PIECES], sku[MAX_PIECES];
	bool taken[MAX_PIECES];
	size_t n;
};

static void read_pieces(struct visit *v, struct str number, struct pieces *pieces)
{
	struct sql_query *q = sql_query(v->sql,
		"select id, sku from item where order_number = ? and cancellation is null"
		" order by position");

	pieces->n = 0;
	sql_bind_text(q, number);
	while (pieces->n < MAX_PIECES && sql_next(q)) {
		pieces->id[pieces->n] = sql_copy(q, v->arena, "id");
		pieces->sku[pieces->n] = sql_copy(q, v->arena, "sku");
		pieces->taken[pieces->n++] = false;
	}
	sql_end(q);
}

static bool take_line(struct visit *v, struct pieces *pieces, struct str id)
{
	struct str item = item_of_id(v->arena, id);

	for (size_t i = 0; i < pieces->n; i++)
		if (str_eq(pieces->id[i], item)) {
			pieces->taken[i] = true;
			return true;
		}
	return visit_bad(v, "order_line_item_ids", "names what is not of this order.");
}

static bool take_sku(struct visit *v, struct pieces *pieces, const struct json *node)
{
	struct str sku = sku_of_id(v, json_text(json_get(node, "sku_id")));
	int64_t quantity = 1;

	if (json_get(node, "quantity") && !json_int(json_get(node, "quantity"), &quantity))
		return visit_bad(v, "quantity", "must be a whole number.");
	for (size_t i = 0; i < pieces->n && quantity > 0; i++)
		if (sku.n && str_eq(pieces->sku[i], sku) && !pieces->taken[i]) {
			pieces->taken[i] = true;
			quantity--;
		}
	return quantity == 0 || visit_bad(v, "skus", "names more than is in this order.");
}

static bool take_named(struct visit *v, struct pieces *pieces)
{
	const struct json *lines = member(v, "order_line_item_ids"), *skus = member(v, "skus");

	if ((lines && !json_is(lines, JSON_ARRAY)) || (skus && !json_is(skus, JSON_ARRAY)))
		return visit_bad(v, lines ? "order_line_item_ids" : "skus", "must be an array.");
	for (const struct json *each = json_first(lines); each; each = json_next(each))
		if (!take_line(v, pieces, json_text(each)))
			return false;
	for (const struct json *each = json_first(skus); each; each = json_next(each))
		if (!take_sku(v, pieces, each))
			return false;
	return true;
}

bool body_items(struct visit *v, struct str number, struct chosen *chosen)
{
	struct pieces *pieces = arena_new_of(v->arena, struct pieces);

	read_pieces(v, number, pieces);
	if (!take_named(v, pieces))
		return false;
	chosen->n = 0;
	for (size_t i = 0; i < pieces->n; i++)
		if (pieces->taken[i])
			chosen->item[chosen->n++] = pieces->id[i];
	if (!chosen->n)
		for (size_t i = 0; i < pieces->n; i++)
			chosen->item[chosen->n++] = pieces->id[i];
	chosen->all = chosen->n == pieces->n;
	return true;
}
