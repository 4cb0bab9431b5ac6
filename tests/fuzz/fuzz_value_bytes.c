/* Values read from bytes: no crash, no memory beyond a multiple of the input, and what is accepted
 * is written back byte for byte. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "bot/base/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 24);
	struct str bytes = {(const char *)data, size}, rest = bytes;
	const struct value *value, *copy;
	struct buf out;

	if (value_decode(arena, &rest, &value)) {
		assert(rest.n <= size && rest.p == bytes.p + (size - rest.n));
		buf_init(&out, size);
		value_encode(value, &out);
		assert(!out.over && str_eq(buf_str(&out), str_sub(bytes, 0, size - rest.n)));
		buf_clear(&out);
		out.max = SIZE_MAX / 4;
		value_show(value, &out);
		buf_release(&out);
		copy = value_copy(arena, value);
		assert(value_eq(value, copy) && value_eq(copy, value));
	} else {
		assert(value->type == VALUE_NONE && str_eq(rest, bytes));
	}
	assert(arena_used(arena) <= 400 * size + 1024);
	arena_free(arena);
	return 0;
}
