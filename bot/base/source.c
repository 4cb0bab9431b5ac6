/* A file that was read, and where in it something stands. */
#include "bot/base/source.h"

#include <string.h>

#include "bot/base/text.h"

struct place source_place(const struct source *source, size_t offset)
{
	struct place place = {.line = 1};
	const char *text = source->text.p, *end;

	if (offset > source->text.n)
		offset = source->text.n;
	while (place.line_offset < offset
		&& (end = memchr(text + place.line_offset, '\n', offset - place.line_offset))) {
		place.line++;
		place.line_offset = (size_t)(end - text) + 1;
	}
	end = source->text.n > place.line_offset
		? memchr(text + place.line_offset, '\n', source->text.n - place.line_offset) : NULL;
	place.line_text.p = text + place.line_offset;
	place.line_text.n = (end ? (size_t)(end - text) : source->text.n) - place.line_offset;
	if (place.line_text.n && place.line_text.p[place.line_text.n - 1] == '\r')
		place.line_text.n--;
	place.column = 1 + (unsigned)text_width(
		str_sub(place.line_text, 0, offset - place.line_offset));
	return place;
}
