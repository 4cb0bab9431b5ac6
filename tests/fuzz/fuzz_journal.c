/* Rows of the journal read from bytes: no crash, no memory beyond a multiple of the input, and what
 * is accepted is written back byte for byte. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "adapters/store/journal_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 24);
	struct str bytes = {(const char *)data, size};
	struct journal_row row;
	struct buf out;

	if (journal_row_decode(arena, bytes, &row)) {
		buf_init(&out, size);
		journal_row_encode(&row, &out);
		assert(!out.over && str_eq(buf_str(&out), bytes));
		buf_release(&out);
		for (size_t i = 1; i < row.n_posts; i++)
			assert(row.post[i].n == row.post[i - 1].n + 1);
	}
	assert(arena_used(arena) <= 10 * size + 1024);
	arena_free(arena);
	return 0;
}
