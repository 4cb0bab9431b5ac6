/* Numbers of more than one byte. */
#include "bot/base/varint.h"

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
