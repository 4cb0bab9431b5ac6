/* Numbers and texts in the bytes of a row. */
#include "adapters/store/row_bytes.h"

void row_put_text(struct buf *out, struct str text)
{
	row_put(out, text.n, 4);
	buf_add(out, text);
}

size_t row_take_count(struct row_reader *r, size_t shortest)
{
	size_t n = row_take(r, 4);

	r->good = r->good && n <= r->in.n / shortest;
	return r->good ? n : 0;
}
