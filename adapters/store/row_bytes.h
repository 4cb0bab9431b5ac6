/* Numbers and texts in the bytes of a row of the journal: the lowest byte first; a text is its
 * length (4 bytes) and its bytes. */
#ifndef TENSTEP_ADAPTERS_STORE_ROW_BYTES_H
#define TENSTEP_ADAPTERS_STORE_ROW_BYTES_H

#include "bot/base/buf.h"

void row_put(struct buf *out, uint64_t number, unsigned width);
void row_put_text(struct buf *out, struct str text);

/* The first fault empties the input, so everything after it fails as well. */
struct row_reader {
	struct str in;
	bool good;
};

uint64_t row_take(struct row_reader *r, unsigned width);
/* Slices of the input. */
struct str row_take_bytes(struct row_reader *r, size_t n);
struct str row_take_text(struct row_reader *r);
/* How many things follow, of which each takes at least @shortest bytes. */
size_t row_take_count(struct row_reader *r, size_t shortest);

#endif
