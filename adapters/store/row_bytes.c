/* Numbers and texts in the bytes of a row. */
#include "adapters/store/row_bytes.h"

void row_put(struct buf *out, uint64_t number, unsigned width)
{
	char bytes[8];

	for (unsigned i = 0; i < width; i++)
		bytes[i] = (char)(number >> 8 * i);
	buf_add(out, (struct str){bytes, width});
}

void row_put_text(struct buf *out, struct str text)
{
	row_put(out, text.n, 4);
	buf_add(out, text);
}

struct str row_take_bytes(struct row_reader *r, size_t n)
{
	struct str taken = str_sub(r->in, 0, n);

	r->good = r->good && taken.n == n;
	r->in = r->good ? str_sub(r->in, n, r->in.n) : (struct str){"", 0};
	return taken;
}

uint64_t row_take(struct row_reader *r, unsigned width)
{
	struct str bytes = row_take_bytes(r, width);
	uint64_t number = 0;

	for (unsigned i = 0; r->good && i < width; i++)
		number |= (uint64_t)(unsigned char)bytes.p[i] << 8 * i;
	return number;
}

struct str row_take_text(struct row_reader *r)
{
	return row_take_bytes(r, row_take(r, 4));
}

size_t row_take_count(struct row_reader *r, size_t shortest)
{
	size_t n = row_take(r, 4);

	r->good = r->good && n <= r->in.n / shortest;
	return r->good ? n : 0;
}
