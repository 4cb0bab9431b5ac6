/* Texts with holes: no crash; what is refused has a finding inside the text; what is accepted fills,
 * and what it says is well-formed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "bot/base/text.h"
#include "flows/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct value *look_up(const void *self, struct str name)
{
	struct arena *arena = (struct arena *)self;
	struct value_builder b = value_build(arena);

	switch (name.n % 4) {
	case 0:
		return value_int(arena, name.n > 4 ? INT64_MIN : (int64_t)name.n * 100000);
	case 1:
		return value_text(arena, name);
	case 2:
		value_push(&b, value_text(arena, name));
		value_push(&b, value_text(arena, S("caf\xc3\xa9")));
		return value_list(&b);
	default:
		return value_money(arena, name, S("EUR"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = {"fuzz", {(const char *)data, size}};
	struct arena *arena = arena_new(1 << 20);
	const struct template *template;
	struct diags diags;
	struct buf out;

	if (text_valid_up_to(source.text) == size) {
		diags_init(&diags, arena);
		template = template_parse(arena, source.text, &source, 0, &diags);
		assert((diags.n == 0) == (template != NULL));
		for (size_t i = 0; i < diags.n; i++)
			assert(diags.item[i].offset + diags.item[i].length <= size);
		buf_init(&out, 1 << 20);
		if (template)
			template_render(template, (struct scope){look_up, arena}, arena, &out);
		assert(text_valid_up_to(buf_str(&out)) == out.n);
		buf_release(&out);
	}
	arena_free(arena);
	return 0;
}
