/* Numbers and texts in the bytes of a row of the journal: the lowest byte first; a text is its
 * length (4 bytes) and its bytes. */
#ifndef TENSTEP_ADAPTERS_STORE_ROW_BYTES_H
#define TENSTEP_ADAPTERS_STORE_ROW_BYTES_H

#include <endian.h>

#include "bot/base/buf.h"

/* @width: at most 8. */
IN_PLACE void row_put(struct buf *out, uint64_t number, unsigned width)
{
	uint64_t bytes = htole64(number);

	buf_add(out, (struct str){(const char *)&bytes, width});
}

/* The same where there is room for it.  Where the next byte goes. */
IN_PLACE char *row_write(char *to, uint64_t number, unsigned width)
{
	uint64_t bytes = htole64(number);

	return (char *)memcpy(to, &bytes, width) + width;
}

IN_PLACE char *row_write_text(char *to, struct str text)
{
	to = row_write(to, text.n, 4);
	return text.n ? (char *)memcpy(to, text.p, text.n) + text.n : to;
}

void row_put_text(struct buf *out, struct str text);

/* The first fault empties the input, so everything after it fails as well. */
struct row_reader {
	struct str in;
	bool good;
};

/* Slices of the input. */
IN_PLACE struct str row_take_bytes(struct row_reader *r, size_t n)
{
	struct str taken = {r->in.p, n};

	if (!r->good || n > r->in.n) {
		r->good = false;
		r->in = taken = (struct str){"", 0};
		return taken;
	}
	r->in.p += n;
	r->in.n -= n;
	return taken;
}

IN_PLACE uint64_t row_take(struct row_reader *r, unsigned width)
{
	struct str bytes = row_take_bytes(r, width);
	uint64_t number = 0;

	if (bytes.n == width)
		memcpy(&number, bytes.p, width);
	return le64toh(number);
}

IN_PLACE struct str row_take_text(struct row_reader *r)
{
	return row_take_bytes(r, row_take(r, 4));
}

/* How many things follow, of which each takes at least @shortest bytes. */
size_t row_take_count(struct row_reader *r, size_t shortest);

#endif
