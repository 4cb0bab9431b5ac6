/* Eight bytes looked at at once: the first of them is the lowest, whatever the byte order. */
#ifndef TENSTEP_BASE_EIGHT_H
#define TENSTEP_BASE_EIGHT_H

#include <stdint.h>
#include <string.h>

#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (uint64_t)(byte))

static inline uint64_t eight_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

/* Whether one of them is less than @byte (at most 0x80); is @byte; is above 0x7F. */
static inline uint64_t eight_has_less(uint64_t word, unsigned char byte)
{
	return (word - EIGHT(byte)) & ~word & EIGHT(0x80);
}
static inline uint64_t eight_has(uint64_t word, unsigned char byte)
{
	return eight_has_less(word ^ EIGHT(byte), 1);
}
static inline uint64_t eight_has_high(uint64_t word)
{
	return word & EIGHT(0x80);
}

/* How many of them come before the first that is what was asked for; @found is the answer of one or
 * more of these three, and not 0.  What a byte borrows only ever touches those behind it. */
static inline size_t eight_before(uint64_t found)
{
	return (size_t)__builtin_ctzll(found) / 8;
}

/* Whether one of them is anything else than 0x20 … 0x7E, or is @but or @nor.  What one byte borrows
 * from the next only matters when the answer is yes already. */
static inline uint64_t eight_has_other(uint64_t word, unsigned char but, unsigned char nor)
{
	return ((word - EIGHT(0x20)) | ((word ^ EIGHT(but)) - EIGHT(1)) |
		       ((word ^ EIGHT(nor)) - EIGHT(1)) | (word + EIGHT(1)) | word) &
	       EIGHT(0x80);
}

#endif
