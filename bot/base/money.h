/* Money as decimal strings plus ISO 4217 code; never a double. */
#ifndef TENSTEP_BASE_MONEY_H
#define TENSTEP_BASE_MONEY_H

#include "bot/base/buf.h"

/* Digits after the point of a currency (ISO 4217 minor unit): 0 for JPY, VND …; 2 by default. */
unsigned money_digits(struct str currency);

/* "29.9" USD -> 2990.  False unless it is a plain decimal that fits: no sign but '-', no exponent,
 * not more digits after the point than the currency has (zeros may follow). */
bool money_minor(struct str amount, struct str currency, int64_t *minor) MUST_CHECK;
/* "100.00 USD" -> 10000 and the slice "USD".  False: no amount above nothing in a currency. */
bool money_parse(struct str text, struct str *currency, int64_t *minor) MUST_CHECK;
/* 2990 USD -> "29.90". */
void money_plain(int64_t minor, struct str currency, struct buf *out);
/* As people read it: "$29.90", "£5.00", "€12.00", "¥1,200", "1,234.00 CHF".  An amount that is no
 * decimal is shown as it stands. */
void money_show(struct str amount, struct str currency, struct buf *out);

#endif
