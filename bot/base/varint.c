/* Numbers of more than one byte, and texts. */
#include "bot/base/varint.h"

void varint_put_long(struct buf *out, uint64_t number)
{
	char byte[varint_max_bytes];

	buf_add(out, (struct str){byte, (size_t)(varint_write(byte, number) - byte)});
}

/* Long ones, and any for which there must be more memory. */
ASIDE void put_in_two(struct buf *out, struct str text)
{
	if (!buf_fits(out, text.n + 1))
		return;
	varint_put(out, text.n);
	buf_add(out, text);
}

void varint_put_text(struct buf *out, struct str text)
{
	char *p;

	if (text.n > 0x7F || !buf_has_room(out, text.n + 1)) {
		put_in_two(out, text);
		return;
	}
	p = out->p + out->n;
	out->n += text.n + 1;
	*p++ = (char)text.n;
	p[text.n] = 0;
	if (text.n)
		memcpy(p, text.p, text.n);
}

bool varint_take_long(struct str *bytes, uint64_t *number)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < bytes->n && i < varint_max_bytes; i++) {
		unsigned char byte = (unsigned char)bytes->p[i];

		if (i == varint_max_bytes - 1 && byte > 1)
			return false; /* more than 64 bits */
		sum |= (uint64_t)(byte & 0x7F) << 7 * i;
		if (byte > 0x7F)
			continue;
		if (!byte && i)
			return false; /* zeros in front */
		*bytes = str_sub(*bytes, i + 1, bytes->n);
		*number = sum;
		return true;
	}
	return false;
}
