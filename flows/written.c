/* Where a part of a text that was read from JSON stands in its file. */
#include "flows/written.h"

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 0;
}

/* Bytes of UTF-8 that an escape \uXXXX becomes; *raw: how long it is (both halves of a pair). */
static size_t escaped_length(struct str raw_text, size_t *raw)
{
	unsigned c = 0;

	for (size_t i = 2; i < 6 && i < raw_text.n; i++)
		c = c * 16 + hex_digit(raw_text.p[i]);
	*raw = c >= 0xD800 && c < 0xDC00 ? 12 : 6;
	return *raw == 12 ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
}

/* How far into @raw the first @index bytes of what it says reach. */
static size_t raw_offset(struct str raw, size_t index)
{
	size_t at = 0, said = 0;

	while (said < index && at < raw.n) {
		size_t length = 1, becomes = 1;

		if (raw.p[at] == '\\') {
			length = 2;
			if (at + 1 < raw.n && raw.p[at + 1] == 'u')
				becomes = escaped_length(str_sub(raw, at, raw.n), &length);
		}
		at += length;
		said += becomes;
	}
	return at < raw.n ? at : raw.n;
}

struct stretch written_at(
	const struct source *source, size_t offset, struct str text, size_t at, size_t n)
{
	struct str raw = str_sub(source->text, offset, source->text.n);
	size_t from, to;

	if (str_starts(raw, text))
		return (struct stretch){offset + at, n};
	from = raw_offset(raw, at);
	to = raw_offset(raw, at + n);
	return (struct stretch){offset + from, to - from};
}
