/* Text that grows, up to a ceiling. */
#ifndef TENSTEP_BASE_BUF_H
#define TENSTEP_BASE_BUF_H

#include <stdarg.h>
#include <string.h>

#include "bot/base/str.h"

/* The text is p[0..n), always followed by a zero byte once anything was added.  What would go past
 * @max is dropped and sets @over; a character is never cut in two (whole calls are dropped). */
struct buf {
	char *p;
	size_t n, cap, max;    /* @cap: at most @max and the zero */
	bool over;
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf);    /* keeps the memory */
/* Room for @n bytes at once, for whoever knows about how many will come. */
void buf_reserve(struct buf *buf, size_t n);
IN_PLACE void buf_add(struct buf *buf, struct str s);
IN_PLACE void buf_adds(struct buf *buf, const char *zero_terminated);
IN_PLACE void buf_addc(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addfv(struct buf *buf, const char *format, va_list ap);
struct str buf_str(const struct buf *buf);

/* Room for @n more bytes and a zero; false when that would pass the ceiling. */
bool buf_make_room(struct buf *buf, size_t n) MUST_CHECK;

/* What follows is a call only when more memory is needed: a turn adds a thousand times. */
IN_PLACE bool buf_has_room(const struct buf *buf, size_t n)
{
	return n < buf->cap - buf->n && !buf->over;
}

IN_PLACE bool buf_fits(struct buf *buf, size_t n)
{
	return buf_has_room(buf, n) || buf_make_room(buf, n);
}

IN_PLACE void buf_add(struct buf *buf, struct str s)
{
	if (!buf_fits(buf, s.n))
		return;
	if (s.n)
		memcpy(buf->p + buf->n, s.p, s.n);
	buf->n += s.n;
	buf->p[buf->n] = 0;
}

IN_PLACE void buf_adds(struct buf *buf, const char *zero_terminated)
{
	buf_add(buf, (struct str){zero_terminated, zero_terminated ? strlen(zero_terminated) : 0});
}

IN_PLACE void buf_addc(struct buf *buf, char c)
{
	if (!buf_fits(buf, 1))
		return;
	buf->p[buf->n++] = c;
	buf->p[buf->n] = 0;
}

#endif
