/* Text that grows, up to a ceiling. */
#ifndef TENSTEP_BASE_BUF_H
#define TENSTEP_BASE_BUF_H

#include <stdarg.h>

#include "bot/base/str.h"

/* The text is p[0..n), always followed by a zero byte once anything was added.  What would go past
 * @max is dropped and sets @over; a character is never cut in two (whole calls are dropped). */
struct buf {
	char *p;
	size_t n, cap, max;
	bool over;
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf);    /* keeps the memory */
/* Room for @n bytes at once, for whoever knows about how many will come. */
void buf_reserve(struct buf *buf, size_t n);
void buf_add(struct buf *buf, struct str s);
void buf_adds(struct buf *buf, const char *zero_terminated);
void buf_addc(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addfv(struct buf *buf, const char *format, va_list ap);
struct str buf_str(const struct buf *buf);

#endif
