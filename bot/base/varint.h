/* Numbers in few bytes: seven bits each, the lowest first; the top bit says that more follow.  In
 * sight, because a turn writes and reads hundreds, nearly all of a single byte. */
#ifndef TENSTEP_BASE_VARINT_H
#define TENSTEP_BASE_VARINT_H

#include "bot/base/buf.h"

enum { varint_max_bytes = 10 };

/* @to has room for varint_max_bytes.  Where the next byte goes. */
static inline char *varint_write(char *to, uint64_t number)
{
	for (; number > 0x7F; number >>= 7)
		*to++ = (char)(number | 0x80);
	*to++ = (char)number;
	return to;
}

void varint_put_long(struct buf *out, uint64_t number);

IN_PLACE void varint_put(struct buf *out, uint64_t number)
{
	if (number <= 0x7F)
		buf_addc(out, (char)number);
	else
		varint_put_long(out, number);
}

/* A text behind its length. */
void varint_put_text(struct buf *out, struct str text);

/* Cuts a number off @bytes.  There is one way only to write it, and anything else is refused. */
IN_PLACE bool varint_take(struct str *bytes, uint64_t *number) MUST_CHECK;
bool varint_take_long(struct str *bytes, uint64_t *number) MUST_CHECK;

IN_PLACE bool varint_is_short(struct str bytes)
{
	return bytes.n && (unsigned char)*bytes.p <= 0x7F;
}

IN_PLACE uint64_t varint_take_short(struct str *bytes)
{
	bytes->n--;
	return (unsigned char)*bytes->p++;
}

IN_PLACE bool varint_take(struct str *bytes, uint64_t *number)
{
	if (!varint_is_short(*bytes))
		return varint_take_long(bytes, number);
	*number = varint_take_short(bytes);
	return true;
}

#endif
