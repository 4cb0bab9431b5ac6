/* Percent signs of addresses and forms (RFC 3986 section 2.1). */
#ifndef TENSTEP_ADAPTERS_NET_PERCENT_H
#define TENSTEP_ADAPTERS_NET_PERCENT_H

#include "bot/base/buf.h"

/* The byte that "%XY" at @at stands for, or -1. */
int percent_byte(struct str s, size_t at);
/* Appends @s decoded, "+" as a blank; false at a broken percent sign. */
bool percent_decode_form(struct str s, struct buf *out) MUST_CHECK;
/* Appends @s with all but unreserved characters encoded. */
void percent_encode(struct str s, struct buf *out);

#endif
