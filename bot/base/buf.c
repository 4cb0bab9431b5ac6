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

bool buf_make_room(struct buf *buf, size_t n)
{
	size_t cap = buf->cap ? buf->cap : 256;

	if (buf->over || n > buf->max - buf->n) {
		buf->over = true;
		return false;
	}
	while (cap < buf->n + n + 1)
		cap *= 2;
	if (cap - 1 > buf->max)
		cap = buf->max + 1;
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

	(void)!buf_make_room(buf, n < most ? n : most);
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
	if (!buf_fits(buf, (size_t)n)) {
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
