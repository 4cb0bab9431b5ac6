/* Percent signs of addresses and forms (RFC 3986 section 2.1). */
#ifndef TENSTEP_BASE_PERCENT_H
#define TENSTEP_BASE_PERCENT_H

#include "bot/base/buf.h"

/* The byte that "%XY" at @at stands for, or -1. */
int percent_byte(struct str s, size_t at);
/* Appends @s decoded, "+" as a blank; false at a broken percent sign. */
bool percent_decode_form(struct str s, struct buf *out) MUST_CHECK;
/* Appends @s with all but unreserved characters encoded. */
void percent_encode(struct str s, struct buf *out);
/* A field of a query or of an application/x-www-form-urlencoded body (WHATWG URL section 5.1),
 * decoded into @out (cleared first); false if absent or badly encoded. */
bool percent_field(struct str form, const char *name, struct buf *out) MUST_CHECK;

#endif
