/* Unicode: validity, width, normalising with a map back to the original bytes.  utf8proc does the
 * tables; nothing else in the program includes it. */
#ifndef TENSTEP_BASE_TEXT_H
#define TENSTEP_BASE_TEXT_H

#include "bot/base/arena.h"

/* The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629), or s.n. */
size_t text_valid_up_to(struct str s);
bool text_is_ascii(struct str s);

/* Columns of a terminal that @s takes; a control or broken byte counts as one. */
size_t text_width(struct str s);

/* Characters (code points); broken bytes count as one each. */
size_t text_length(struct str s);

/* The longest head of @s that is at most @max_bytes long and does not end inside a character. */
struct str text_clip(struct str s, size_t max_bytes);

/* UTF-16 units that it takes; a broken byte counts as one. */
size_t text_utf16(struct str s);

/* Bytes of the first grapheme cluster of @s (UAX 29, as of utf8proc's tables): what people take for
 * one sign, never less than a whole character.  0 when @s is empty. */
size_t text_cluster(struct str s);

/* Decodes one code point at s.p, *n is its length; a broken byte gives U+FFFD and length 1. */
int32_t text_decode(struct str s, size_t *n);
/* Appends @c as UTF-8 at @p (room for 4 bytes) and returns the number of bytes. */
size_t text_encode(int32_t c, char *p);

/* A copy of @s in @arena that is well-formed: each broken byte becomes U+FFFD. */
struct str text_repaired(struct arena *arena, struct str s);

bool text_is_letter(int32_t c);      /* categories L* and M* */
bool text_is_digit(int32_t c);       /* category Nd */
bool text_is_blank(int32_t c);       /* categories Z*, tab, line ends */

/* Normalised text and, for each of its bytes, where in the original it came from. */
struct mapped_text {
	struct str text;
	const uint32_t *from;    /* text.n + 1 offsets into the original; the last is its length */
};

/* Its digits of ASCII and nothing else: a phone number as it is compared. */
struct str text_digits(struct arena *arena, struct str s);

/* NFKC, case fold, zero-width characters and bidi controls dropped, curly quotes made straight,
 * other controls made blanks.  Runs of blanks are kept as they are.  @s must be well-formed. */
struct mapped_text text_normalise(struct arena *arena, struct str s);

/* The same with combining marks dropped too ("café" -> "cafe").  Only ever shortens the text. */
struct mapped_text text_unaccented(struct arena *arena, struct str normalised);

#endif
