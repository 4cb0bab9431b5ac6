/* Text that grows, up to a ceiling. */
#include "bot/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){.max = max_bytes};
}

void buf_release(struct buf *buf)
{
	free(buf->p);
	buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
	buf->n = 0;
	buf->over = false;
	if (buf->p)
		buf->p[0] = 0;
}

/* Room for @n more bytes and a zero; false when that would pass the ceiling. */
static bool make_room(struct buf *buf, size_t n)
{
	size_t cap = buf->cap ? buf->cap : 256;

	if (buf->over || n > buf->max - buf->n) {
		buf->over = true;
		return false;
	}
	if (n < buf->cap - buf->n) /* nearly always */
		return true;
	while (cap < buf->n + n + 1)
		cap *= 2;
	if (cap != buf->cap) {
		buf->p = realloc(buf->p, cap);
		if (!buf->p) {
			fputs("tenstep: out of memory\n", stderr);
			abort();
		}
		buf->cap = cap;
	}
	return true;
}

void buf_reserve(struct buf *buf, size_t n)
{
	size_t most = buf->max - buf->n;

	(void)make_room(buf, n < most ? n : most);
}

void buf_add(struct buf *buf, struct str s)
{
	if (!make_room(buf, s.n))
		return;
	if (s.n)
		memcpy(buf->p + buf->n, s.p, s.n);
	buf->n += s.n;
	buf->p[buf->n] = 0;
}

void buf_adds(struct buf *buf, const char *zero_terminated)
{
	buf_add(buf, str_of(zero_terminated));
}

void buf_addc(struct buf *buf, char c)
{
	if (!make_room(buf, 1))
		return;
	buf->p[buf->n++] = c;
	buf->p[buf->n] = 0;
}

/* Mostly it fits where there is room already, and is done at once. */
void buf_addfv(struct buf *buf, const char *format, va_list ap)
{
	size_t room = buf->cap - buf->n;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(buf->p ? buf->p + buf->n : NULL, room, format, again);
	va_end(again);
	assert(n >= 0);
	if (!make_room(buf, (size_t)n)) {
		if (room)
			buf->p[buf->n] = 0;
		return;
	}
	if ((size_t)n >= room)
		vsnprintf(buf->p + buf->n, (size_t)n + 1, format, ap);
	buf->n += (size_t)n;
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_addfv(buf, format, ap);
	va_end(ap);
}

struct str buf_str(const struct buf *buf)
{
	return (struct str){buf->p ? buf->p : "", buf->n};
}
