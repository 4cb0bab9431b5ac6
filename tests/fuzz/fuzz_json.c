/* The JSON scanner with every set of flags: no crash; what is accepted is well-formed, points into
 * the text, and is accepted again after it was written. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
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
	return 0;
}
