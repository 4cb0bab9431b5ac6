/* Unicode: whatever the bytes, repairing gives well-formed text; normalising it gives well-formed
 * text whose map never runs backwards and stays inside the original. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "bot/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_map(struct mapped_text m, struct str original)
{
	assert(text_valid_up_to(m.text) == m.text.n);
	assert(m.from[m.text.n] == original.n);
	for (size_t i = 0; i < m.text.n; i++) {
		assert(m.from[i] < original.n && m.from[i] <= m.from[i + 1]);
		assert(((unsigned char)original.p[m.from[i]] & 0xC0) != 0x80);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 24);
	struct str raw = {(const char *)data, size}, text = text_repaired(arena, raw);
	struct mapped_text normal, plain;

	assert(text_valid_up_to(text) == text.n);
	assert(text_length(text) == text_length(raw));
	assert(text_width(text) <= 2 * text_length(text));
	for (size_t max = 0; max < 12; max++) {
		struct str head = text_clip(text, max);

		assert(head.n <= max && text_valid_up_to(head) == head.n);
	}
	normal = text_normalise(arena, text);
	check_map(normal, text);
	plain = text_unaccented(arena, normal.text);
	check_map(plain, normal.text);
	assert(plain.text.n <= normal.text.n);
	arena_free(arena);
	return 0;
}
