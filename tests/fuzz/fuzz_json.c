/* The JSON scanner with every set of flags: no crash; what is accepted is well-formed, points into
 * the text, and is accepted again after it was written.  Objects read where they stand are the
 * same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json_flat.h"
#include "bot/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const struct json_doc *doc, const struct json *node, size_t size)
{
	struct stretch value = json_where(doc, node), key = json_where_key(doc, node);

	assert(value.length > 0 && value.offset + value.length <= size);
	assert(key.length > 0 && key.offset + key.length <= size);
	assert(key.offset <= value.offset);
	assert(text_valid_up_to(json_text(node)) == json_text(node).n);
	for (node = json_first(node); node; node = json_next(node))
		check_places(doc, node, size);
}

static void check_again(const struct json *root)
{
	struct buf once, twice;
	struct source source = {"again", {0}};
	struct json_doc *doc;

	buf_init(&once, SIZE_MAX / 4);
	buf_init(&twice, SIZE_MAX / 4);
	json_write(root, &once);
	source.text = buf_str(&once);
	doc = json_parse(&source, 0, &(struct json_limits){.bytes = once.n}, NULL);
	assert(doc);
	json_write_indented(json_root(doc), &twice);
	json_doc_free(doc);
	source.text = buf_str(&twice);
	doc = json_parse(&source, 0, &(struct json_limits){.bytes = twice.n}, NULL);
	assert(doc);
	buf_clear(&twice);
	json_write(json_root(doc), &twice);
	assert(str_eq(buf_str(&once), buf_str(&twice)));
	json_doc_free(doc);
	buf_release(&once);
	buf_release(&twice);
}

static void check_member(const struct json_member *member, const struct json *node)
{
	assert(member->type == json_type(node) && str_eq(member->key, json_key(node)));
	if (member->type == JSON_TEXT)
		assert(str_eq(member->value, json_text(node)));
}

/* Read where it stands it is the same, and refused for the same reason. */
static void check_flat(const struct source *source)
{
	static const struct json_limits limits = {.bytes = 1 << 20, .nodes = json_flat_most};
	struct arena *arena = arena_new(1 << 20);
	struct json_flat flat;
	struct diags diags, flat_diags;
	struct json_doc *doc;
	const struct json *node;

	diags_init(&diags, arena);
	diags_init(&flat_diags, arena);
	doc = json_parse(source, 0, &limits, &diags);
	assert(json_flat_read(source, 0, &limits, arena, &flat, &flat_diags) == !!doc);
	assert(flat_diags.n == diags.n);
	if (diags.n)
		assert(str_eq(flat_diags.item[0].message, diags.item[0].message));
	if (doc) {
		node = json_root(doc);
		assert(flat.is_object == json_is(node, JSON_OBJECT));
		assert(flat.n == (flat.is_object ? json_count(node) : 0));
		node = json_first(node);
		for (size_t i = 0; i < flat.n; i++, node = json_next(node))
			check_member(&flat.member[i], node);
	}
	json_doc_free(doc);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = {"fuzz", {(const char *)data, size}};

	for (unsigned flags = 0; flags <= (JSON_AUTHORED | JSON_BIG_AS_TEXT); flags++) {
		struct arena *arena = arena_new(1 << 20);
		struct diags diags;
		struct json_doc *doc;
		struct buf out;

		diags_init(&diags, arena);
		doc = json_parse(&source, flags, NULL, &diags);
		assert(diags.n == (doc ? 0 : 1));
		buf_init(&out, 1 << 20);
		diags_print(&diags, &out, true, 0);
		assert(text_valid_up_to(buf_str(&out)) == out.n);
		buf_release(&out);
		if (doc) {
			check_places(doc, json_root(doc), size);
			check_again(json_root(doc));
		}
		json_doc_free(doc);
		arena_free(arena);
	}
	check_flat(&source);
	return 0;
}
